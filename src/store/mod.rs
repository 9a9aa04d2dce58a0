//! Step 3: where cookies are kept, by domain, path and name.
//!
//! It knows no policy and no clock: it is told what to keep, how many, and what time it is. Nothing
//! here goes through the whole store but what is asked for the whole.
//!
//! A [`Bucket`] holds the cookies of one bare domain, the dotted and the undotted together, in the
//! order in which they are sent; those of a partition have buckets of their own. Beside the table of
//! buckets stand two indexes: the earliest expiry of each bucket, so that cookies whose time is over
//! are found without a walk, and the count of cookies of each site. A store of a few buckets goes
//! through them, and has no indexes.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::atomic::Ordering;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

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
mod sites;
mod terms;

pub(crate) use bucket::{Bucket, key_of};
pub(crate) use event::Sink;
pub use event::{ChangeCause, ChangeOrigin, CookieChange};
pub(crate) use evict::evict_surplus;
use expiry::register;
use indexes::Indexes;
pub(crate) use terms::Terms;

/// The key of the bucket in which the cookie of an id is, if it is stored.
fn bucket_key<'i>(id: &'i CookieId<'_>) -> Cow<'i, str> {
    key_of(domain::undotted(id.domain()), id.partition())
}

/// Whether an id is that of a cookie in its bucket.
fn is_of(id: &CookieId<'_>, cookie: &Cookie) -> bool {
    cookie.name_part().is(id.name())
        && cookie.path_part().is(id.path())
        && cookie.domain() == id.domain()
}

/// Up to how many buckets are gone through for what the indexes would tell. A crawler has a store for
/// each of 100,000 sessions, and most of them know a handful of hosts (bench `sessions`).
const FEW: usize = 7;

#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    buckets: HashTable<Slot>,
    /// Host names are chosen by attackers, so that the hash has a random key.
    hasher: RandomState,
    /// There once the buckets were more than a few.
    indexes: Option<Box<Indexes>>,
    len: usize,
}

/// The hash of a domain beside its bucket, so that a look-up touches only the bucket that it finds.
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

    /// How many bare domains have cookies.
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

    /// All cookies in the order of their creation.
    pub(crate) fn in_creation_order(&self) -> Vec<&Cookie> {
        let mut cookies: Vec<_> = self.buckets().flat_map(Bucket::cookies).collect();
        // With the keys beside the cookies, a sort of 100,000 does not wait for memory.
        cookies.sort_by_cached_key(|cookie| cookie.creation_key());
        cookies
    }

    /// Stores a cookie, or deletes its namesake if it is expired, and returns what that was: nothing if an
    /// expired one has no namesake. Where its site has too many cookies after that, as many are kept as the
    /// limits say; see [`Limits`](crate::settings::Limits). Whether all sites together have too many is a question of its own:
    /// [`evict_surplus`].
    #[inline]
    pub(crate) fn set(
        &mut self,
        cookie: Cookie,
        terms: &Terms<'_>,
        sink: &mut impl Sink,
    ) -> Option<ChangeCause> {
        let now = terms.now;
        self.sweep(now, sink);
        if cookie.is_expired_at(now) {
            return self.remove_namesake(&cookie, now, sink);
        }
        let stamp = |cookie: &mut Cookie, _: &Bucket| match terms.displaced {
            Some(displaced) => cookie.stand_in_for(displaced),
            None => cookie.stamp_creation(now, terms.numbers.fetch_add(1, Ordering::Relaxed)),
        };
        let (cause, crowded) = self.put(cookie, terms, stamp, sink);
        self.keep_secure_names();
        if let Some(site) = crowded
            && self.site_len(&site) > terms.limits.site_cookies
        {
            self.evict(&site, terms, sink);
        }
        if let Some(small) = terms.ranked
            && self.len >= evict::RANKED_FROM
        {
            self.keep_ranking(small);
        }
        Some(cause)
    }

    /// Deletes the namesake of an expired cookie. One that has expired itself counts as none.
    fn remove_namesake(
        &mut self,
        cookie: &Cookie,
        now: i64,
        sink: &mut impl Sink,
    ) -> Option<ChangeCause> {
        let gone = self.take(&cookie.id())?;
        let was_expired = gone.is_expired_at(now);
        let cause = if was_expired {
            ChangeCause::Expired
        } else {
            ChangeCause::Removed
        };
        sink.changed(&CookieChange::new(cause, &gone));
        (!was_expired).then_some(cause)
    }

    /// Puts a cookie into its bucket, and returns its site if that may have too many now. `stamp` gives a
    /// new cookie its place in the order of creation.
    #[inline]
    fn put(
        &mut self,
        cookie: Cookie,
        terms: &Terms<'_>,
        stamp: impl FnOnce(&mut Cookie, &Bucket),
        sink: &mut impl Sink,
    ) -> (ChangeCause, Option<Box<str>>) {
        if self.buckets.len() >= FEW {
            self.index();
        }
        let Self {
            buckets,
            hasher,
            indexes,
            len,
        } = self;
        let mut indexes = indexes.as_deref_mut();
        let &Terms {
            now,
            suffixes,
            limits,
            ..
        } = terms;
        let bare = domain::undotted(cookie.domain());
        let key = key_of(bare, cookie.partition_key());
        let hash = hasher.hash_one(&*key);
        let entry = buckets.entry(hash, |slot| slot.is(hash, &key), |slot| slot.hash);
        let bucket = match entry {
            Entry::Occupied(slot) => &mut slot.into_mut().bucket,
            Entry::Vacant(slot) => {
                let site = &key[bare.len() - suffixes.site(bare).len()..];
                let bucket = Box::new(Bucket::new(&key, site));
                if let Some(Indexes { sites, .. }) = &mut indexes {
                    sites.join(&bucket);
                }
                &mut slot.insert(Slot { hash, bucket }).into_mut().bucket
            }
        };
        if let Some(names) = indexes
            .as_deref_mut()
            .and_then(|all| all.secure_names.as_mut())
            && cookie.secure()
        {
            let hash = names.hash_of(&cookie);
            names.note(hash, &key);
        }
        let due = bucket.due().min(cookie.expiry_key());
        register(indexes.as_deref_mut(), bucket, due);
        let Some((mut cookie, expired)) = bucket.replace(cookie, now, sink) else {
            return (ChangeCause::Replaced, None);
        };
        let gone = usize::from(expired.is_some());
        *len = *len + 1 - gone;
        stamp(&mut cookie, bucket);
        let used = cookie.used();
        let crowded = match indexes {
            Some(Indexes { sites, .. }) => {
                sites.take(bucket.site(), gone);
                sites.add(bucket.site(), used) > limits.site_cookies
            }
            // No site has more cookies than all sites together.
            None => *len > limits.site_cookies,
        };
        let site = crowded.then(|| bucket.site().into());
        // All is counted: a sink that panics finds the store whole.
        let stored = bucket.insert(cookie);
        if let Some(expired) = &expired {
            sink.changed(&CookieChange::new(ChangeCause::Expired, expired));
        }
        sink.changed(&CookieChange::new(ChangeCause::Stored, stored));
        (ChangeCause::Stored, site)
    }

    /// Removes a cookie for this cause.
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

    /// Removes a cookie and leaves it to the caller to tell of it.
    fn take(&mut self, id: &CookieId<'_>) -> Option<Cookie> {
        self.change_bucket(&bucket_key(id), |bucket| bucket.remove(id))
            .flatten()
    }

    /// Changes the bucket of a bare domain, and mends the indexes after that; an empty bucket goes.
    /// When the bucket is due stays as it is: too early at worst, which the next sweep finds out.
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
            // Not as soon as there are few: a store must not build its indexes again and again.
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

/// Gives memory back when a table has become much too large.
fn shrink<T>(table: &mut HashTable<T>, hash: impl Fn(&T) -> u64) {
    if table.len() * 8 < table.capacity() {
        table.shrink_to(table.len() * 2, hash);
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/store.rs"]
mod tests;
