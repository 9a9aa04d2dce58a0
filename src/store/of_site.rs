//! All cookies of a site, or of a host. Cookies in a partition belong to separate sites.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Bucket, ChangeCause, Sink, Store};
use crate::cookie::Cookie;

impl Store {
    pub(crate) fn of_site(&self, site: &str) -> Vec<&Cookie> {
        let buckets = self.site_buckets(Cow::Owned(site.to_owned()));
        let mut cookies: Vec<_> = buckets.flat_map(Bucket::cookies).collect();
        cookies.sort_unstable_by_key(|cookie| cookie.creation_key());
        cookies
    }

    pub(crate) fn clear_bucket(&mut self, domain: &str, sink: &mut impl Sink) -> usize {
        self.retain_in(domain, |_| false, ChangeCause::Cleared, sink)
    }

    pub(crate) fn clear_site(&mut self, site: &str, sink: &mut impl Sink) -> usize {
        let buckets = self.site_buckets(Cow::Borrowed(site));
        let domains: Vec<_> = buckets.map(Bucket::shared_key).collect();
        let clear = |domain: &Arc<str>| self.clear_bucket(domain, sink);
        domains.iter().map(clear).sum()
    }
}
