//! The keys of buckets in an order in which everything below a domain is adjacent.

use std::collections::BTreeSet;

/// Reversed keys, each under a hash.
#[derive(Debug, Clone, Default)]
pub(super) struct ReversedKeys(BTreeSet<Place>);

pub(super) type Place = (u64, Box<[u8]>);

impl ReversedKeys {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn insert(&mut self, hash: u64, key: &str) {
        self.0.insert((hash, reversed(key)));
    }

    pub(super) fn remove(&mut self, place: &Place) {
        self.0.remove(place);
    }

    pub(super) fn remove_key(&mut self, hash: u64, key: &str) {
        self.0.remove(&(hash, reversed(key)));
    }

    pub(super) fn below(&self, hash: u64, key: &str) -> impl Iterator<Item = (&Place, String)> {
        let first = [&reversed(key)[..], b"."].concat().into_boxed_slice();
        let end = first.clone();
        self.0
            .range((hash, first)..)
            .take_while(move |(other, place)| *other == hash && place.starts_with(&end))
            .filter_map(|entry| {
                let key = entry.1.iter().rev().copied().collect();
                Some((entry, String::from_utf8(key).ok()?))
            })
    }
}

fn reversed(key: &str) -> Box<[u8]> {
    key.bytes().rev().collect()
}
