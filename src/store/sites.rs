//! The number of cookies of each site, and the buckets that hold them.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::overlaid::VERY_MANY;
use super::ranking::SiteRanking;
use super::reversed::ReversedKeys;
use super::{Bucket, shrink};
use crate::cookie::Used;
use crate::public_suffix::NO_ID;

#[derive(Debug, Clone, Default)]
pub(super) struct Sites {
    table: HashTable<Slot>,
    hasher: RandomState,
    ranking: Option<Box<SiteRanking>>,
    very_many: bool,
    /// The list by which all of them are sites, unless there are `names`.
    list: u32,
    /// The keys of all buckets, whatever their sites, once two lists were in use.
    names: Option<Box<ReversedKeys>>,
    /// The place of the site that was last counted, unless the table changed.
    last: usize,
}

/// A site with the hash of its name: a growing table neither reads a million names nor moves more than
/// this (bench `growth: slowest call while 10^6 domains come`).
#[derive(Debug, Clone)]
struct Slot {
    hash: u64,
    site: Box<Site>,
}

#[derive(Debug, Clone)]
struct Site {
    cookies: usize,
    /// The length of the site's name, which every key ends with.
    name_len: usize,
    keys: Keys,
}

/// The keys of the buckets of a site. Most sites have one bucket, for which a B-tree would allocate a node
/// of eleven (bench `domains, memory`).
#[derive(Debug, Clone)]
enum Keys {
    One(Arc<str>),
    Several(BTreeSet<Arc<str>>),
}

impl Sites {
    pub(super) fn keep_ranking(&mut self, ranking: SiteRanking) {
        self.ranking = Some(Box::new(ranking));
    }

    pub(super) fn ranking(&mut self) -> Option<&mut SiteRanking> {
        self.ranking.as_deref_mut()
    }

    pub(super) fn has_very_many(&self) -> bool {
        self.very_many
    }

    /// Whether all buckets of a site by that list are those that are counted under it.
    #[inline]
    pub(super) fn are_by(&self, list: u32) -> bool {
        self.list == list && list != NO_ID && self.names.is_none()
    }

    pub(super) fn names(&self) -> Option<&ReversedKeys> {
        self.names.as_deref()
    }

    /// Prepares for look-ups by that list.
    #[inline]
    pub(super) fn serve(&mut self, list: u32) {
        if !self.are_by(list) && self.names.is_none() {
            self.index_names();
        }
    }

    #[cold]
    fn index_names(&mut self) {
        let mut names = Box::<ReversedKeys>::default();
        for slot in &self.table {
            for key in slot.site.keys.iter() {
                names.insert(0, key);
            }
        }
        self.names = Some(names);
    }

    pub(super) fn join(&mut self, bucket: &Bucket) {
        if self.table.is_empty() {
            self.list = bucket.list();
        }
        self.serve(bucket.list());
        if let Some(names) = &mut self.names {
            names.insert(0, bucket.key());
        }
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
                self.last = place.insert(Slot { hash, site }).bucket_index();
            }
        }
    }

    pub(super) fn leave(&mut self, bucket: &Bucket) {
        if let Some(names) = &mut self.names {
            names.remove_key(0, bucket.key());
        }
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

    pub(super) fn buckets<'s>(
        &'s self,
        site: &str,
    ) -> impl Iterator<Item = &'s Arc<str>> + use<'s> {
        let site = self.site(site);
        site.into_iter().flat_map(|site| site.keys.iter())
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    fn site(&self, name: &str) -> Option<&Site> {
        let hash = self.hasher.hash_one(name);
        let slot = self.table.find(hash, |slot| slot.is(hash, name))?;
        Some(&slot.site)
    }

    fn site_mut(&mut self, name: &str) -> Option<&mut Site> {
        let is_last = |slot: &Slot| slot.site.name() == name;
        if !self.table.get_bucket(self.last).is_some_and(is_last) {
            let hash = self.hasher.hash_one(name);
            let found = self
                .table
                .find_bucket_index(hash, |slot| slot.is(hash, name));
            self.last = found?;
        }
        let slot = self.table.get_bucket_mut(self.last)?;
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

    /// Returns `false` for the last key, which it keeps.
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
