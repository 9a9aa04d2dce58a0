//! Stores one cookie: as a new one, in exchange for its namesake, or to delete its namesake.

use std::hash::BuildHasher;
use std::sync::atomic::Ordering;

use hashbrown::hash_table::Entry;

use super::{Bucket, ChangeCause, CookieChange, FEW, Indexes, Sink, Slot, Store, Terms};
use super::{evict, key_of, register};
use crate::cookie::Cookie;
use crate::domain;
use crate::public_suffix::PublicSuffixes;

impl Store {
    /// Returns `None` if an expired cookie has no namesake. [`evict_surplus`](super::evict_surplus) enforces the limit
    /// on all sites together.
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
        Some(self.set_even_if_expired(cookie, terms, sink))
    }

    #[inline]
    pub(crate) fn set_even_if_expired(
        &mut self,
        cookie: Cookie,
        terms: &Terms<'_>,
        sink: &mut impl Sink,
    ) -> ChangeCause {
        let now = terms.now;
        let stamp = |cookie: &mut Cookie, _: &Bucket| match terms.displaced {
            Some(displaced) => cookie.stand_in_for(displaced),
            None => cookie.stamp_creation(now, terms.numbers.fetch_add(1, Ordering::Relaxed)),
        };
        let (cause, crowded) = self.put(cookie, terms, stamp, sink);
        if cause == ChangeCause::Stored {
            self.keep_secure_names();
            self.keep_to_limits(crowded.as_deref(), terms, sink);
        }
        cause
    }

    /// `None` if the namesake itself had expired.
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

    /// Returns the site if it may now be over its limit.
    #[inline]
    pub(super) fn put(
        &mut self,
        cookie: Cookie,
        terms: &Terms<'_>,
        stamp: impl FnOnce(&mut Cookie, &Bucket),
        sink: &mut impl Sink,
    ) -> (ChangeCause, Option<Box<str>>) {
        if self.buckets.len() >= FEW {
            self.index();
        }
        self.due = self.due.min(cookie.expiry_key());
        let (bucket, mut counts) = self.bucket_for(&cookie, terms.suffixes);
        counts.note(&cookie, bucket);
        let Some((mut cookie, expired)) = bucket.replace(cookie, terms.now, sink) else {
            return (ChangeCause::Replaced, None);
        };
        cookie.fit();
        stamp(&mut cookie, bucket);
        let cookies = counts.add(&cookie, expired.is_some(), bucket);
        let site = (cookies > terms.limits.site_cookies).then(|| bucket.site().into());
        // The counts are complete, so a sink that panics leaves the store consistent.
        let stored = bucket.insert(cookie);
        if let Some(expired) = &expired {
            sink.changed(&CookieChange::new(ChangeCause::Expired, expired));
        }
        sink.changed(&CookieChange::new(ChangeCause::Stored, stored));
        (ChangeCause::Stored, site)
    }

    #[inline]
    fn bucket_for(
        &mut self,
        cookie: &Cookie,
        suffixes: &PublicSuffixes,
    ) -> (&mut Bucket, Counts<'_>) {
        let bare = domain::undotted(cookie.domain());
        let key = key_of(bare, cookie.partition_key());
        let is_last = |slot: &Slot| slot.bucket.key() == &*key;
        if !self.buckets.get_bucket(self.last).is_some_and(is_last) {
            self.last = self.find_or_add(&key, bare, suffixes);
        }
        let slot = self.buckets.get_bucket_mut(self.last);
        let bucket = &mut slot.expect("it was just found or added").bucket;
        let len = &mut self.len;
        let indexes = self.indexes.as_deref_mut();
        (bucket, Counts { len, indexes })
    }

    fn find_or_add(&mut self, key: &str, bare: &str, suffixes: &PublicSuffixes) -> usize {
        let hash = self.hasher.hash_one(key);
        let entry = self
            .buckets
            .entry(hash, |slot| slot.is(hash, key), |slot| slot.hash);
        let slot = match entry {
            Entry::Occupied(slot) => slot,
            Entry::Vacant(place) => {
                let bucket = Box::new(Bucket::new(key, bare, suffixes));
                if let Some(indexes) = self.indexes.as_deref_mut() {
                    indexes.sites.join(&bucket);
                }
                place.insert(Slot { hash, bucket })
            }
        };
        slot.bucket_index()
    }

    #[inline]
    fn keep_to_limits(&mut self, crowded: Option<&str>, terms: &Terms<'_>, sink: &mut impl Sink) {
        if let Some(site) = crowded
            && self.site_len(site) > terms.limits.site_cookies
        {
            self.evict(site, terms, sink);
        }
        if let Some(small) = terms.ranked
            && self.len >= evict::RANKED_FROM
        {
            self.keep_ranking(small);
        }
    }
}

struct Counts<'s> {
    len: &'s mut usize,
    indexes: Option<&'s mut Indexes>,
}

impl Counts<'_> {
    #[inline]
    fn note(&mut self, cookie: &Cookie, bucket: &mut Bucket) {
        let due = bucket.due().min(cookie.expiry_key());
        register(self.indexes.as_deref_mut(), bucket, due);
        if cookie.secure() {
            self.note_secure(cookie, bucket);
        }
    }

    fn note_secure(&mut self, cookie: &Cookie, bucket: &mut Bucket) {
        bucket.note_secure();
        if let Some(indexes) = self.indexes.as_deref_mut() {
            indexes.has_secure = true;
            if let Some(names) = &mut indexes.secure_names {
                let hash = names.hash_of(cookie);
                names.note(hash, bucket.key());
            }
        }
    }

    /// Returns the number of cookies of the site or, without indexes, of the whole store, which no site exceeds.
    #[inline]
    fn add(&mut self, cookie: &Cookie, for_expired: bool, bucket: &Bucket) -> usize {
        let gone = usize::from(for_expired);
        *self.len = *self.len + 1 - gone;
        match &mut self.indexes {
            Some(Indexes { sites, .. }) => {
                sites.take(bucket.site(), gone);
                sites.add(bucket.site(), cookie.used())
            }
            None => *self.len,
        }
    }
}
