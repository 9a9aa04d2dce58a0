//! The cookies of a domain that has very many of them.
//!
//! A handful of cookies is gone through faster than any index is asked; thousands are not. Only a jar
//! without limits gets here.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::{Identity, shrink};
use crate::cookie::{Cookie, NEVER, SendingKey};

/// Cookies in the order in which they are sent, with an index by identity and one by expiry.
#[derive(Debug, Clone, Default)]
pub(super) struct Many {
    cookies: BTreeMap<SendingKey, Cookie>,
    places: HashTable<Place>,
    hasher: RandomState,
    expiries: BTreeSet<(i64, SendingKey)>,
}

/// Where the cookie of an identity stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    hash: u64,
    key: SendingKey,
}

impl Many {
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

    pub(super) fn get(&self, identity: Identity<'_>) -> Option<&Cookie> {
        self.cookies.get(&self.place(identity)?)
    }

    /// Puts a new cookie into its place.
    pub(super) fn insert(&mut self, cookie: Cookie) {
        let key = cookie.sending_key();
        let hash = Identity::of(&cookie, |identity| self.hash(identity));
        self.places
            .insert_unique(hash, Place { hash, key }, |place| place.hash);
        self.note_expiry(&cookie);
        self.cookies.insert(key, cookie);
    }

    /// Puts a cookie into the place of the one of its name, or gives it back. One whose time is over
    /// counts as none, and goes.
    pub(super) fn replace(&mut self, cookie: Cookie, now: i64) -> Option<Cookie> {
        let place = Identity::of(&cookie, |identity| self.place(identity));
        let Some((key, old)) = place.and_then(|key| Some((key, self.cookies.get_mut(&key)?)))
        else {
            return Some(cookie);
        };
        if old.is_expired_at(now) {
            self.take(key);
            return Some(cookie);
        }
        self.expiries.remove(&(old.expiry_key(), key));
        old.make_way_for(cookie);
        if old.expiry_key() != NEVER {
            self.expiries.insert((old.expiry_key(), key));
        }
        None
    }

    pub(super) fn remove(&mut self, identity: Identity<'_>) -> Option<Cookie> {
        let key = self.place(identity)?;
        self.take(key)
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Cookie) -> bool) {
        let gone: Vec<_> = self
            .cookies
            .iter()
            .filter(|(_, cookie)| !keep(cookie))
            .map(|(key, _)| *key)
            .collect();
        for key in gone {
            self.take(key);
        }
    }

    /// Takes away at most `most` cookies whose time is over, earliest first.
    pub(super) fn sweep(&mut self, now: i64, most: usize) {
        for _ in 0..most {
            match self.expiries.first() {
                Some(&(expiry, key)) if expiry <= now => self.take(key),
                _ => return,
            };
        }
    }

    fn take(&mut self, key: SendingKey) -> Option<Cookie> {
        let cookie = self.cookies.remove(&key)?;
        let hash = Identity::of(&cookie, |identity| self.hash(identity));
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

    fn place(&self, identity: Identity<'_>) -> Option<SendingKey> {
        let hash = self.hash(identity);
        let is = |place: &Place| {
            place.hash == hash
                && self
                    .cookies
                    .get(&place.key)
                    .is_some_and(|cookie| identity.is_of(cookie))
        };
        self.places.find(hash, is).map(|place| place.key)
    }

    fn hash(&self, identity: Identity<'_>) -> u64 {
        // All cookies of a bucket are in one partition.
        let Identity {
            domain, path, name, ..
        } = identity;
        self.hasher.hash_one((domain, path, name))
    }
}
