//! How many cookies each site has, and in which buckets.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Bucket;

/// The sites (registrable domains) that have cookies.
#[derive(Debug, Clone, Default)]
pub(super) struct Sites {
    sites: HashMap<Box<str>, Site, RandomState>,
}

#[derive(Debug, Clone, Default)]
struct Site {
    cookies: usize,
    domains: BTreeSet<Arc<str>>,
}

impl Sites {
    /// A bucket is there now, with the cookies that it has.
    pub(super) fn join(&mut self, bucket: &Bucket) {
        let domain = bucket.shared_domain();
        match self.sites.get_mut(bucket.site()) {
            Some(site) => {
                site.cookies += bucket.len();
                site.domains.insert(domain);
            }
            None => {
                let site = Site {
                    cookies: bucket.len(),
                    domains: BTreeSet::from([domain]),
                };
                self.sites.insert(bucket.site().into(), site);
            }
        }
    }

    /// A bucket is empty and goes.
    pub(super) fn leave(&mut self, bucket: &Bucket) {
        let Some(site) = self.sites.get_mut(bucket.site()) else {
            return;
        };
        site.domains.remove(bucket.domain());
        if site.domains.is_empty() {
            self.sites.remove(bucket.site());
            if self.sites.len() * 8 < self.sites.capacity() {
                self.sites.shrink_to(self.sites.len() * 2);
            }
        }
    }

    /// A site has one cookie more: tells how many that makes.
    pub(super) fn add(&mut self, site: &str) -> usize {
        self.sites.get_mut(site).map_or(0, |site| {
            site.cookies += 1;
            site.cookies
        })
    }

    /// A site has so many cookies less.
    pub(super) fn take(&mut self, site: &str, gone: usize) {
        if let Some(site) = self.sites.get_mut(site) {
            site.cookies = site.cookies.saturating_sub(gone);
        }
    }

    pub(super) fn cookies(&self, site: &str) -> usize {
        self.sites.get(site).map_or(0, |site| site.cookies)
    }

    /// The bare domains that a site's cookies are stored under.
    pub(super) fn domains(&self, site: &str) -> Vec<Arc<str>> {
        self.sites
            .get(site)
            .map_or_else(Vec::new, |site| site.domains.iter().cloned().collect())
    }
}
