//! Step 3: stores cookies, by domain, path and name.
//!
//! It knows no policy and no clock. Only operations on the whole store scan the whole store.
//!
//! A [`Bucket`] holds the cookies of one bare domain, dotted and undotted together, in the order in which
//! they are sent; each partition has separate buckets. Two indexes complement the table of buckets: the
//! earliest expiry of each bucket, so that expired cookies are found without a scan, and the number of
//! cookies of each site. A store of a few buckets scans them and has no indexes.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::cookie::{Cookie, CookieId, NEVER};
use crate::domain;

mod apply;
mod bucket;
mod clear;
mod event;
mod evict;
mod expiry;
mod groups;
mod indexed;
mod indexes;
mod of_site;
mod overlaid;
mod ranking;
mod reversed;
mod set;
mod sites;
mod terms;

pub(crate) use bucket::{Bucket, key_of};
pub(crate) use event::Sink;
pub use event::{ChangeCause, ChangeOrigin, CookieChange};
pub(crate) use evict::evict_surplus;
use expiry::register;
use indexes::Indexes;
pub(crate) use terms::Terms;

fn bucket_key<'i>(id: &'i CookieId<'_>) -> Cow<'i, str> {
    key_of(domain::undotted(id.domain()), id.partition())
}

fn is_of(id: &CookieId<'_>, cookie: &Cookie) -> bool {
    cookie.name_part().is(id.name())
        && cookie.path_part().is(id.path())
        && cookie.domain() == id.domain()
}

/// The number of buckets up to which a store scans them instead of building indexes. A crawler has a store
/// for each of 100,000 sessions, and most of them hold a handful of hosts (bench `sessions`).
const FEW: usize = 7;

#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    buckets: HashTable<Slot>,
    /// Randomly keyed, because attackers choose host names.
    hasher: RandomState,
    /// Present once there have been more than a few buckets.
    indexes: Option<Box<Indexes>>,
    len: usize,
    /// No bucket is due earlier, so that most writes look for none (bench `response`).
    due: i64,
    /// The place of the bucket that the last cookie was stored in, unless the table changed: most cookies of a
    /// response go to the same bucket (benches `domains`, filling, and `response`).
    last: usize,
}

/// A bucket with the hash of its key, so that a look-up touches only the bucket that it finds.
#[derive(Debug, Clone)]
struct Slot {
    hash: u64,
    bucket: Box<Bucket>,
}

impl Store {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn domains(&self) -> usize {
        self.buckets.len()
    }

    #[inline]
    pub(crate) fn bucket(&self, key: &str) -> Option<&Bucket> {
        let hash = self.hasher.hash_one(key);
        let slot = self.buckets.find(hash, |slot| slot.is(hash, key))?;
        Some(&slot.bucket)
    }

    #[inline]
    pub(crate) fn buckets(&self) -> impl Iterator<Item = &Bucket> {
        self.buckets.iter().map(|slot| &*slot.bucket)
    }

    pub(crate) fn get(&self, id: &CookieId<'_>) -> Option<&Cookie> {
        self.bucket(&bucket_key(id))?.get(id)
    }

    pub(crate) fn in_creation_order(&self) -> Vec<&Cookie> {
        // With the keys at hand, a sort of 100,000 cookies does not wait for memory; one number is compared
        // without a branch (bench `files`).
        let mut cookies = Vec::with_capacity(self.len);
        let all = self.buckets().flat_map(Bucket::cookies);
        cookies.extend(all.map(|cookie| {
            let (created, number) = cookie.creation_key();
            (i128::from(created) << 64 | i128::from(number), cookie)
        }));
        cookies.sort_unstable_by_key(|(key, _)| *key);
        cookies.into_iter().map(|(_, cookie)| cookie).collect()
    }

    pub(crate) fn remove(
        &mut self,
        id: &CookieId<'_>,
        cause: ChangeCause,
        sink: &mut impl Sink,
    ) -> Option<Cookie> {
        let gone = self.take(id)?;
        sink.changed(&CookieChange::new(cause, &gone));
        Some(gone)
    }

    fn take(&mut self, id: &CookieId<'_>) -> Option<Cookie> {
        self.change_bucket(&bucket_key(id), |bucket| bucket.remove(id))
            .flatten()
    }

    /// Removes the bucket if it is now empty. Leaves the time when the bucket is due: it is too early at worst, and the
    /// next sweep corrects it.
    fn change_bucket<T>(
        &mut self,
        domain: &str,
        change: impl FnOnce(&mut Bucket) -> T,
    ) -> Option<T> {
        let Self {
            buckets,
            hasher,
            indexes,
            len,
            ..
        } = self;
        let hash = hasher.hash_one(domain);
        let mut slot = buckets
            .find_entry(hash, |slot| slot.is(hash, domain))
            .ok()?;
        let bucket = &mut slot.get_mut().bucket;
        let before = bucket.len();
        let result = change(bucket);
        let gone = before - bucket.len();
        *len -= gone;
        if let Some(Indexes { sites, .. }) = indexes.as_deref_mut() {
            sites.take(bucket.site(), gone);
        }
        if bucket.is_empty() {
            register(indexes.as_deref_mut(), bucket, NEVER);
            if let Some(Indexes { sites, .. }) = indexes.as_deref_mut() {
                sites.leave(bucket);
            }
            slot.remove();
            shrink(buckets, |slot| slot.hash);
            // Half of `FEW`, so that a store does not rebuild its indexes again and again.
            if buckets.len() <= FEW / 2 {
                *indexes = None;
            }
        }
        Some(result)
    }
}

impl Slot {
    #[inline]
    fn is(&self, hash: u64, key: &str) -> bool {
        self.hash == hash && self.bucket.key() == key
    }
}

fn shrink<T>(table: &mut HashTable<T>, hash: impl Fn(&T) -> u64) {
    if table.len() * 8 < table.capacity() {
        table.shrink_to(table.len() * 2, hash);
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/store.rs"]
mod tests;
