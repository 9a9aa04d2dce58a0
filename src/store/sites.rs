//! How many cookies each site has, and in which buckets.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::overlaid::VERY_MANY;
use super::ranking::SiteRanking;
use super::{Bucket, shrink};
use crate::cookie::Used;

/// The sites (registrable domains, in one partition or in none) that have cookies.
#[derive(Debug, Clone, Default)]
pub(super) struct Sites {
    table: HashTable<Slot>,
    hasher: RandomState,
    /// Kept where all sites together have a limit that is near, or was.
    ranking: Option<Box<SiteRanking>>,
    /// Whether some site had very many cookies.
    very_many: bool,
}

/// The hash of a name beside its site: a table that grows neither looks for a million names nor moves
/// more than this (bench `growth: slowest call while 10^6 domains come`).
#[derive(Debug, Clone)]
struct Slot {
    hash: u64,
    site: Box<Site>,
}

#[derive(Debug, Clone)]
struct Site {
    cookies: usize,
    /// How much of the end of each key is the name of the site.
    name_len: usize,
    keys: Keys,
}

/// The keys of the buckets of a site. Most sites have one bucket, for which a B-tree has a node of eleven (bench
/// `domains, memory`).
#[derive(Debug, Clone)]
enum Keys {
    One(Arc<str>),
    Several(BTreeSet<Arc<str>>),
}

impl Sites {
    /// Keeps the ranks of the sites from now on.
    pub(super) fn keep_ranking(&mut self, ranking: SiteRanking) {
        self.ranking = Some(Box::new(ranking));
    }

    /// The ranks of the sites, if they are kept.
    pub(super) fn ranking(&mut self) -> Option<&mut SiteRanking> {
        self.ranking.as_deref_mut()
    }

    /// Whether some site has or had so many cookies that they are not gone through.
    pub(super) fn has_very_many(&self) -> bool {
        self.very_many
    }

    /// A bucket is there now, with the cookies that it has.
    pub(super) fn join(&mut self, bucket: &Bucket) {
        let (name, key) = (bucket.site(), bucket.shared_key());
        let hash = self.hasher.hash_one(name);
        let entry = self
            .table
            .entry(hash, |slot| slot.is(hash, name), |slot| slot.hash);
        match entry {
            Entry::Occupied(mut slot) => {
                let site = &mut slot.get_mut().site;
                site.cookies += bucket.len();
                site.keys.insert(key);
            }
            Entry::Vacant(place) => {
                let site = Box::new(Site {
                    cookies: bucket.len(),
                    name_len: name.len(),
                    keys: Keys::One(key),
                });
                place.insert(Slot { hash, site });
            }
        }
    }

    /// A bucket is empty and goes.
    pub(super) fn leave(&mut self, bucket: &Bucket) {
        let name = bucket.site();
        let hash = self.hasher.hash_one(name);
        let Ok(mut slot) = self.table.find_entry(hash, |slot| slot.is(hash, name)) else {
            return;
        };
        if !slot.get_mut().site.keys.remove(bucket.key()) {
            slot.remove();
            shrink(&mut self.table, |slot| slot.hash);
        }
    }

    /// Counts one cookie more for a site, last used then, and returns how many it has.
    pub(super) fn add(&mut self, name: &str, used: Used) -> usize {
        let Some(site) = self.site_mut(name) else {
            return 0;
        };
        site.cookies += 1;
        let cookies = site.cookies;
        self.very_many |= cookies >= VERY_MANY;
        if let Some(ranking) = &mut self.ranking {
            ranking.grown(name, cookies, used);
        }
        cookies
    }

    /// Subtracts `gone` from a site's count.
    pub(super) fn take(&mut self, name: &str, gone: usize) {
        if gone == 0 {
            return;
        }
        let Some(site) = self.site_mut(name) else {
            return;
        };
        site.cookies = site.cookies.saturating_sub(gone);
        let cookies = site.cookies;
        if let Some(ranking) = &mut self.ranking {
            ranking.shrunk(name, cookies);
        }
    }

    pub(super) fn cookies(&self, site: &str) -> usize {
        self.site(site).map_or(0, |site| site.cookies)
    }

    /// The keys of the buckets that a site's cookies are in.
    pub(super) fn buckets<'s>(
        &'s self,
        site: &str,
    ) -> impl Iterator<Item = &'s Arc<str>> + use<'s> {
        let site = self.site(site);
        site.into_iter().flat_map(|site| site.keys.iter())
    }

    fn site(&self, name: &str) -> Option<&Site> {
        let hash = self.hasher.hash_one(name);
        let slot = self.table.find(hash, |slot| slot.is(hash, name))?;
        Some(&slot.site)
    }

    fn site_mut(&mut self, name: &str) -> Option<&mut Site> {
        let hash = self.hasher.hash_one(name);
        let slot = self.table.find_mut(hash, |slot| slot.is(hash, name))?;
        Some(&mut slot.site)
    }
}

impl Slot {
    fn is(&self, hash: u64, name: &str) -> bool {
        self.hash == hash && self.site.name() == name
    }
}

impl Site {
    fn name(&self) -> &str {
        let key = self.keys.first();
        &key[key.len() - self.name_len..]
    }
}

impl Keys {
    fn first(&self) -> &str {
        match self {
            Self::One(key) => key,
            Self::Several(keys) => keys.first().map_or("", |key| key),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Arc<str>> {
        let (one, several) = match self {
            Self::One(key) => (Some(key), None),
            Self::Several(keys) => (None, Some(keys)),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }

    fn insert(&mut self, key: Arc<str>) {
        match self {
            Self::One(first) => *self = Self::Several(BTreeSet::from([Arc::clone(first), key])),
            Self::Several(keys) => _ = keys.insert(key),
        }
    }

    /// Removes a key. The last one stays: returns `false` if it is the one to be removed.
    fn remove(&mut self, key: &str) -> bool {
        match self {
            Self::One(_) => false,
            Self::Several(keys) if keys.len() == 1 => false,
            Self::Several(keys) => {
                keys.remove(key);
                true
            }
        }
    }
}
