//! The indexes over all buckets, built once there are more than a few.

use std::borrow::Cow;

use super::expiry::Expiries;
use super::overlaid::SecureNames;
use super::sites::Sites;
use super::{Bucket, Store};
use crate::cookie::NEVER;
use crate::public_suffix::PublicSuffixes;

#[derive(Debug, Clone, Default)]
pub(super) struct Indexes {
    pub(super) expiries: Expiries,
    pub(super) sites: Sites,
    /// Whether a Secure cookie was stored.
    pub(super) has_secure: bool,
    /// Present once any site had very many cookies.
    pub(super) secure_names: Option<Box<SecureNames>>,
}

impl Store {
    pub(super) fn index(&mut self) -> &mut Indexes {
        let Self {
            buckets, indexes, ..
        } = self;
        indexes.get_or_insert_with(|| {
            let buckets = buckets.iter().map(|slot| &*slot.bucket);
            Box::new(Indexes::from_buckets(buckets))
        })
    }

    pub(super) fn site_len(&self, site: &str) -> usize {
        match &self.indexes {
            Some(indexes) => indexes.sites.cookies(site),
            None => self
                .site_buckets(Cow::Borrowed(site))
                .map(Bucket::len)
                .sum(),
        }
    }

    /// Returns the buckets of hosts below the one of `key`, which is in `site`, that are in the same site by the list in
    /// use.
    pub(super) fn buckets_below<'s, 'l>(
        &'s self,
        key: &'l str,
        site: &'l str,
        suffixes: &'l PublicSuffixes,
    ) -> impl Iterator<Item = &'s Bucket> + use<'s, 'l> {
        let sites = self.indexes.as_deref().map(|indexes| &indexes.sites);
        let by_site = sites.filter(|sites| sites.are_by(suffixes.id()));
        let names = sites.filter(|_| by_site.is_none()).and_then(Sites::names);
        // Below a host that no other may share with, each is a site of its own.
        let bare = key.split_once('\0').map_or(key, |(bare, _)| bare);
        let is_shared = suffixes.registrable_domain(bare).is_some();
        let names = names.filter(|_| is_shared);
        let is_walked = is_shared && by_site.is_none() && names.is_none();
        let of_site = by_site.into_iter().flat_map(|sites| sites.buckets(site));
        let below = names.into_iter().flat_map(|names| names.below(0, key));
        let others = below
            .filter_map(|(_, key)| self.bucket(&key))
            .chain(is_walked.then(|| self.buckets()).into_iter().flatten())
            .filter(move |bucket| is_below(bucket.key(), key) && bucket.site_by(suffixes) == site);
        of_site
            .filter_map(|key| self.bucket(key))
            .filter(move |bucket| is_below(bucket.key(), key))
            .chain(others)
    }

    /// Returns the buckets that are counted under a site.
    pub(super) fn site_buckets<'s>(
        &'s self,
        site: Cow<'s, str>,
    ) -> impl Iterator<Item = &'s Bucket> {
        let indexed = self.indexes.as_deref();
        let keys = indexed.into_iter().flat_map({
            let site = site.clone();
            move |indexes| indexes.sites.buckets(&site)
        });
        let walked = indexed
            .is_none()
            .then(|| self.buckets().filter(move |bucket| bucket.site() == site));
        keys.filter_map(|key| self.bucket(key))
            .chain(walked.into_iter().flatten())
    }
}

impl Indexes {
    fn from_buckets<'a>(buckets: impl Iterator<Item = &'a Bucket>) -> Self {
        let mut indexes = Self::default();
        for bucket in buckets {
            if bucket.due() != NEVER {
                indexes.expiries.insert(bucket);
            }
            indexes.sites.join(bucket);
            indexes.has_secure |= bucket.may_have_secure();
        }
        indexes
    }
}

fn is_below(key: &str, above: &str) -> bool {
    let below = key.strip_suffix(above);
    below.is_some_and(|below| below.ends_with('.'))
}
