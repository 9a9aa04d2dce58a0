//! Step 3: where cookies are kept, by domain, path and name.
//!
//! It knows no policy and no clock: the caller says what to keep, how much of it, and what time it
//! is. Only a call about the whole store visits the whole store.
//!
//! A [`Bucket`] holds the cookies of one bare domain, with and without a leading dot, in the order
//! in which they are sent. Each partition has its own buckets. Two indexes accompany the table of
//! buckets: the earliest expiry of each bucket, which finds expired cookies without a walk, and the
//! number of cookies of each site. A store with only a few buckets walks them instead.

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

/// The key of the bucket that holds the cookie with this id, if it is stored.
fn bucket_key<'i>(id: &'i CookieId<'_>) -> Cow<'i, str> {
    key_of(domain::undotted(id.domain()), id.partition())
}

/// Returns `true` if a cookie of the id's bucket has this id.
fn is_of(id: &CookieId<'_>, cookie: &Cookie) -> bool {
    cookie.name_part().is(id.name())
        && cookie.path_part().is(id.path())
        && cookie.domain() == id.domain()
}

/// A store with fewer buckets has no indexes. A crawler has a store for each of 100,000 sessions,
/// and most of them know a handful of hosts (bench `sessions`).
const FEW: usize = 7;

#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    buckets: HashTable<Slot>,
    /// Attackers choose host names, so the hash has a random key.
    hasher: RandomState,
    /// Kept while there are more than a few buckets.
    indexes: Option<Box<Indexes>>,
    len: usize,
}

/// A bucket and the hash of its key: a look-up touches only the bucket that it finds.
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

    /// The number of bare domains with cookies.
    pub(crate) fn domains(&self) -> usize {
        self.buckets.len()
    }

    /// The bucket of a key, such as a bare domain.
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

    /// All cookies, in creation order.
    pub(crate) fn in_creation_order(&self) -> Vec<&Cookie> {
        let mut cookies: Vec<_> = self.buckets().flat_map(Bucket::cookies).collect();
        // With cached keys, sorting 100,000 cookies does not wait for memory.
        cookies.sort_by_cached_key(|cookie| cookie.creation_key());
        cookies
    }

    /// Removes a cookie and reports the cause.
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

    /// Removes a cookie; the caller reports it.
    fn take(&mut self, id: &CookieId<'_>) -> Option<Cookie> {
        self.change_bucket(&bucket_key(id), |bucket| bucket.remove(id))
            .flatten()
    }

    /// Changes the bucket of a bare domain, then updates the indexes, and removes the bucket if
    /// it is empty. Does not update when the bucket is due: at worst that is too early, and the
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
            // Half of `FEW`, so that a store does not rebuild its indexes over and
            // over.
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

/// Releases memory once a table is much too large.
fn shrink<T>(table: &mut HashTable<T>, hash: impl Fn(&T) -> u64) {
    if table.len() * 8 < table.capacity() {
        table.shrink_to(table.len() * 2, hash);
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/store.rs"]
mod tests;
