//! Finds the stored cookies that a server could confuse with a new one, by domain, path and name.
//!
//! A cookie overlays others on its own domain, above it and below it. The first two are a few names; the
//! domains below are scanned. Secure cookies of a very large site are indexed instead, because each cookie
//! of an insecure response needs them.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::reversed::ReversedKeys;
use super::{Bucket, Store, Terms, key_of};
use crate::cookie::Cookie;
use crate::domain;
use crate::path;
use crate::settings::Which;

/// The number of cookies of one site from which the Secure ones are indexed. Only a jar without limits
/// reaches it.
pub(super) const VERY_MANY: usize = 2_048;

/// An index of the Secure cookies of a store, by name and path.
///
/// A removed cookie keeps its entry until the next look-up of its name ([`Store::forget_gone`]), or until
/// the index is rebuilt.
#[derive(Debug, Clone, Default)]
pub(super) struct SecureNames {
    /// The keys of the buckets, each under the hash of name and path.
    places: ReversedKeys,
    hasher: RandomState,
}

impl SecureNames {
    pub(super) fn from_buckets<'s>(buckets: impl Iterator<Item = &'s Bucket>) -> Self {
        let mut names = Self::default();
        for bucket in buckets {
            for cookie in bucket.cookies().filter(|cookie| cookie.secure()) {
                let hash = names.hash_of(cookie);
                names.note(hash, bucket.key());
            }
        }
        names
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn hash_of(&self, cookie: &Cookie) -> u64 {
        self.hash(&cookie.name_bytes(), &cookie.path_bytes())
    }

    fn hash(&self, name: &[u8], path: &[u8]) -> u64 {
        self.hasher.hash_one((name, path))
    }

    pub(super) fn note(&mut self, hash: u64, key: &str) {
        self.places.insert(hash, key);
    }
}

impl Store {
    /// See [`Existing`](crate::policy::Existing).
    pub(crate) fn any_overlaid(
        &self,
        cookie: &Cookie,
        host: &str,
        terms: &Terms<'_>,
        which: Which,
        is_such: &mut dyn FnMut(&Cookie) -> bool,
    ) -> bool {
        let mut is_such = |stored: &Cookie| !stored.is_expired_at(terms.now) && is_such(stored);
        if which == Which::Namesake {
            let namesake = self.get(&cookie.id());
            return namesake.is_some_and(is_such);
        }
        let may_match = |bucket: &&Bucket| which == Which::All || bucket.may_have_secure();
        if which == Which::Secure && !self.may_have_secure() {
            return false;
        }
        let (bare, partition) = (domain::undotted(cookie.domain()), cookie.partition_key());
        let key = key_of(bare, partition);
        let site = match self.bucket(&key) {
            Some(bucket) => Cow::Borrowed(bucket.site_by(terms.suffixes)),
            None => Cow::Owned(key_of(terms.suffixes.site(bare), partition).into_owned()),
        };
        let bucket_of = |name: &str| self.bucket(&key_of(name, partition));
        // A name of one label and the hosts below it are separate sites if no list has the name: above the
        // host all sites count, elsewhere only the cookie's own.
        let of_host = domain::suffixes(host).filter_map(bucket_of);
        let of_domain = domain::suffixes(bare)
            .take_while(|name| !domain::is_within(host, name))
            .filter_map(bucket_of)
            .filter(|bucket| bucket.site_by(terms.suffixes) == site);
        if of_host
            .chain(of_domain)
            .filter(may_match)
            .any(|bucket| bucket.any_overlaid(cookie, &mut is_such))
        {
            return true;
        }
        let is_in_site = |bucket: &&Bucket| bucket.site_by(terms.suffixes) == site;
        match self.secure_names().filter(|_| which == Which::Secure) {
            Some(names) => self.any_secure_below(names, cookie, is_in_site, &mut is_such),
            None => self
                .buckets_below(&key, &site, terms.suffixes)
                .filter(may_match)
                .filter(|bucket| !domain::is_within(host, bucket.bare()))
                .any(|bucket| bucket.any_overlaid(cookie, &mut is_such)),
        }
    }

    /// Most jars that are used without TLS have no Secure cookie (bench `response`).
    #[inline]
    fn may_have_secure(&self) -> bool {
        match &self.indexes {
            Some(indexes) => indexes.has_secure,
            None => self.buckets().any(Bucket::may_have_secure),
        }
    }

    fn any_secure_below(
        &self,
        names: &SecureNames,
        cookie: &Cookie,
        is_in_site: impl Fn(&&Bucket) -> bool,
        is_such: &mut dyn FnMut(&Cookie) -> bool,
    ) -> bool {
        let key = key_of(domain::undotted(cookie.domain()), cookie.partition_key());
        let (name, path) = (cookie.name_bytes(), cookie.path_bytes());
        path::prefixes(&path).any(|path| {
            let mut below = names.places.below(names.hash(&name, path), &key);
            below.any(|(_, below)| {
                let bucket = self.bucket(&below).filter(&is_in_site);
                bucket.is_some_and(|bucket| bucket.any_of(&name, path, &mut *is_such))
            })
        })
    }

    /// Indexes the keys if the last look-up for `cookie` scanned them. Removes the stale entries that it passed before
    /// the first Secure cookie that still exists, so that no later look-up passes them.
    pub(crate) fn forget_gone(&mut self, cookie: &Cookie, terms: &Terms<'_>) {
        let now = terms.now;
        if let Some(indexes) = self.indexes.as_deref_mut() {
            indexes.sites.serve(terms.suffixes.id());
        }
        let Some(names) = self.secure_names() else {
            return;
        };
        let key = key_of(domain::undotted(cookie.domain()), cookie.partition_key());
        let (name, path) = (cookie.name_bytes(), cookie.path_bytes());
        let mut gone = Vec::new();
        for path in path::prefixes(&path) {
            let is_there = |key: &str| {
                let mut is_such = |stored: &Cookie| stored.secure() && !stored.is_expired_at(now);
                self.bucket(key)
                    .is_some_and(|bucket| bucket.any_of(&name, path, &mut is_such))
            };
            let below = names.places.below(names.hash(&name, path), &key);
            gone.extend(
                below
                    .take_while(|(_, key)| !is_there(key))
                    .map(|(entry, _)| entry.clone()),
            );
        }
        if let Some(names) = self
            .indexes
            .as_deref_mut()
            .and_then(|all| all.secure_names.as_mut())
        {
            for entry in gone {
                names.places.remove(&entry);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn secure_names_len(&self) -> usize {
        self.secure_names().map_or(0, SecureNames::len)
    }

    fn secure_names(&self) -> Option<&SecureNames> {
        self.indexes.as_deref()?.secure_names.as_deref()
    }

    /// Rebuilds an index of which most entries may be stale.
    #[inline]
    pub(super) fn keep_secure_names(&mut self) {
        let Some(indexes) = self.indexes.as_deref() else {
            return;
        };
        let is_good = match &indexes.secure_names {
            Some(names) => names.len() <= 2 * self.len + VERY_MANY,
            None => !indexes.sites.has_very_many(),
        };
        if !is_good {
            let names = SecureNames::from_buckets(self.buckets());
            self.index().secure_names = Some(Box::new(names));
        }
    }
}
