//! How many cookies each site has, and in which buckets.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Bucket;
use super::fullest::Fullest;

/// The sites (registrable domains, in one partition or in none) that have cookies.
#[derive(Debug, Clone, Default)]
pub(super) struct Sites {
    sites: HashMap<Box<str>, Site, RandomState>,
    /// Kept from the first write on for which all sites together had a limit.
    fullest: Option<Box<Fullest>>,
}

#[derive(Debug, Clone, Default)]
struct Site {
    cookies: usize,
    domains: BTreeSet<Arc<str>>,
}

impl Sites {
    /// Begins to keep the order of the sites by their cookies. `used` says when each was last in use.
    pub(super) fn keep_order(&mut self, used: impl Fn(&str) -> i64) {
        let mut fullest = Box::<Fullest>::default();
        for (name, site) in &self.sites {
            fullest.grown(name, site.cookies, used(name));
        }
        self.fullest = Some(fullest);
    }

    /// The order of the sites by their cookies, if it is kept.
    pub(super) fn fullest(&mut self) -> Option<&mut Fullest> {
        self.fullest.as_deref_mut()
    }

    /// A bucket is there now, with the cookies that it has.
    pub(super) fn join(&mut self, bucket: &Bucket) {
        let domain = bucket.shared_key();
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
        site.domains.remove(bucket.key());
        if site.domains.is_empty() {
            self.sites.remove(bucket.site());
            if self.sites.len() * 8 < self.sites.capacity() {
                self.sites.shrink_to(self.sites.len() * 2);
            }
        }
    }

    /// A site has one cookie more: tells how many that makes.
    pub(super) fn add(&mut self, name: &str, now: i64) -> usize {
        let Some(site) = self.sites.get_mut(name) else {
            return 0;
        };
        site.cookies += 1;
        if let Some(fullest) = &mut self.fullest {
            fullest.grown(name, site.cookies, now);
        }
        site.cookies
    }

    /// A site has so many cookies less.
    pub(super) fn take(&mut self, name: &str, gone: usize) {
        let Some(site) = self.sites.get_mut(name).filter(|_| gone > 0) else {
            return;
        };
        site.cookies = site.cookies.saturating_sub(gone);
        if let Some(fullest) = &mut self.fullest {
            fullest.shrunk(name, site.cookies);
        }
    }

    pub(super) fn cookies(&self, site: &str) -> usize {
        self.sites.get(site).map_or(0, |site| site.cookies)
    }

    /// The keys of the buckets that a site's cookies are in.
    pub(super) fn buckets<'s>(
        &'s self,
        site: &str,
    ) -> impl Iterator<Item = &'s Arc<str>> + use<'s> {
        let site = self.sites.get(site);
        site.into_iter().flat_map(|site| &site.domains)
    }
}
