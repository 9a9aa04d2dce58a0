//! The cookies of a domain that has very many of them.
//!
//! Scanning thousands is slower than an index. Only a jar without limits uses this.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::{CookieChange, Sink, is_of, shrink};
use crate::cookie::{Cookie, CookieId, NEVER, SendingKey};

#[derive(Debug, Clone, Default)]
pub(super) struct IndexedCookies {
    cookies: BTreeMap<SendingKey, Cookie>,
    places: HashTable<Place>,
    hasher: RandomState,
    expiries: BTreeSet<(i64, SendingKey)>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    hash: u64,
    key: SendingKey,
}

impl IndexedCookies {
    pub(super) fn cookies(&self) -> impl Iterator<Item = &Cookie> {
        self.cookies.values()
    }

    pub(super) fn into_cookies(self) -> impl Iterator<Item = Cookie> {
        self.cookies.into_values()
    }

    pub(super) fn len(&self) -> usize {
        self.cookies.len()
    }

    pub(super) fn earliest_expiry(&self) -> i64 {
        self.expiries.first().map_or(NEVER, |(expiry, _)| *expiry)
    }

    pub(super) fn get(&self, id: &CookieId<'_>) -> Option<&Cookie> {
        self.cookies.get(&self.place(id)?)
    }

    pub(super) fn insert(&mut self, mut cookie: Cookie) -> &Cookie {
        while self.has_sending_key(cookie.sending_key()) {
            cookie.take_next_place();
        }
        let key = cookie.sending_key();
        let hash = self.hash(&cookie.id());
        self.places
            .insert_unique(hash, Place { hash, key }, |place| place.hash);
        self.note_expiry(&cookie);
        self.cookies.entry(key).or_insert(cookie)
    }

    /// See [`Bucket::replace`](super::Bucket::replace).
    pub(super) fn replace(
        &mut self,
        cookie: Cookie,
        now: i64,
        sink: &mut impl Sink,
    ) -> Option<(Cookie, Option<Cookie>)> {
        let place = self.place(&cookie.id());
        let Some((key, stored)) = place.and_then(|key| Some((key, self.cookies.get_mut(&key)?)))
        else {
            return Some((cookie, None));
        };
        if stored.is_expired_at(now) {
            let expired = self.take(key);
            return Some((cookie, expired));
        }
        let previous = stored.overwrite_with(cookie);
        self.expiries.remove(&(previous.expiry_key(), key));
        if stored.expiry_key() != NEVER {
            self.expiries.insert((stored.expiry_key(), key));
        }
        sink.changed(&CookieChange::replaced(&previous, stored));
        previous.recycle();
        None
    }

    pub(super) fn has_sending_key(&self, key: SendingKey) -> bool {
        self.cookies.contains_key(&key)
    }

    pub(super) fn remove(&mut self, id: &CookieId<'_>) -> Option<Cookie> {
        let key = self.place(id)?;
        self.take(key)
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Cookie) -> bool) -> Vec<Cookie> {
        let gone: Vec<_> = self
            .cookies
            .iter()
            .filter(|(_, cookie)| !keep(cookie))
            .map(|(key, _)| *key)
            .collect();
        gone.into_iter().filter_map(|key| self.take(key)).collect()
    }

    pub(super) fn sweep(&mut self, now: i64, most: usize) -> Vec<Cookie> {
        let mut gone = Vec::new();
        while gone.len() < most
            && let Some(&(expiry, key)) = self.expiries.first()
            && expiry <= now
        {
            gone.extend(self.take(key));
        }
        gone
    }

    fn take(&mut self, key: SendingKey) -> Option<Cookie> {
        let cookie = self.cookies.remove(&key)?;
        let hash = self.hash(&cookie.id());
        if let Ok(place) = self.places.find_entry(hash, |place| place.key == key) {
            place.remove();
            shrink(&mut self.places, |place| place.hash);
        }
        self.expiries.remove(&(cookie.expiry_key(), key));
        Some(cookie)
    }

    fn note_expiry(&mut self, cookie: &Cookie) {
        if cookie.expiry_key() != NEVER {
            self.expiries
                .insert((cookie.expiry_key(), cookie.sending_key()));
        }
    }

    fn place(&self, id: &CookieId<'_>) -> Option<SendingKey> {
        let hash = self.hash(id);
        let is = |place: &Place| {
            place.hash == hash
                && self
                    .cookies
                    .get(&place.key)
                    .is_some_and(|cookie| is_of(id, cookie))
        };
        self.places.find(hash, is).map(|place| place.key)
    }

    fn hash(&self, id: &CookieId<'_>) -> u64 {
        // All cookies of a bucket are in one partition.
        self.hasher.hash_one((id.domain(), id.path(), id.name()))
    }
}
