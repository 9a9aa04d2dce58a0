//! All cookies of a site, or of a host. Cookies in a partition belong to separate sites.

use std::sync::Arc;

use super::{Bucket, ChangeCause, Sink, Store};
use crate::cookie::Cookie;
use crate::public_suffix::PublicSuffixes;

impl Store {
    pub(crate) fn of_site(&self, site: &str, suffixes: &PublicSuffixes) -> Vec<&Cookie> {
        let buckets = self.buckets_of(site, suffixes);
        let mut cookies: Vec<_> = buckets.into_iter().flat_map(Bucket::cookies).collect();
        cookies.sort_unstable_by_key(|cookie| cookie.creation_key());
        cookies
    }

    pub(crate) fn clear_bucket(&mut self, domain: &str, sink: &mut impl Sink) -> usize {
        self.retain_in(domain, |_| false, ChangeCause::Cleared, sink)
    }

    /// The site is one by that list.
    fn buckets_of<'s>(&'s self, site: &str, suffixes: &PublicSuffixes) -> Vec<&'s Bucket> {
        let own = self.bucket(site).into_iter();
        let below = self.buckets_below(site, site, suffixes);
        own.chain(below).collect()
    }

    pub(crate) fn clear_site(
        &mut self,
        site: &str,
        suffixes: &PublicSuffixes,
        sink: &mut impl Sink,
    ) -> usize {
        let buckets = self.buckets_of(site, suffixes).into_iter();
        let domains: Vec<_> = buckets.map(Bucket::shared_key).collect();
        let clear = |domain: &Arc<str>| self.clear_bucket(domain, sink);
        domains.iter().map(clear).sum()
    }
}
