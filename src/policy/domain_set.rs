//! The lists of blocked and allowed domains.
//!
//! Lists of a hundred thousand entries are common (ad blocking), so entries are looked up, never scanned.

use std::borrow::Cow;
use std::fmt;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Place;

use crate::domain::{self, LOCAL};

#[derive(Clone, Default)]
pub(super) struct DomainSet {
    /// By bare name, so that one look-up finds both kinds of entries.
    entries: HashTable<Entry>,
    hasher: RandomState,
    /// The length of the shortest bare name. Most parent names of hosts are shorter and need no look-up (bench
    /// `header with a block list`).
    shortest: usize,
}

#[derive(Debug, Clone)]
struct Entry {
    dotted: Box<str>,
    /// An entry without a dot: the host itself.
    host: bool,
    /// An entry with a dot: the domain and everything below it.
    domain: bool,
}

impl DomainSet {
    pub(super) fn new<D: AsRef<str>>(domains: impl IntoIterator<Item = D>) -> Self {
        let mut list = Self {
            shortest: usize::MAX,
            ..Self::default()
        };
        for entry in domains {
            list.add(entry.as_ref());
        }
        list
    }

    fn add(&mut self, entry: &str) {
        let bare = domain::undotted(entry);
        let is_domain = bare.len() < entry.len();
        // A text that is not a host is not a cookie's domain either, and matches nothing.
        let bare =
            domain::canonical_domain(bare).unwrap_or_else(|| Cow::Owned(bare.to_ascii_lowercase()));
        let Self {
            entries,
            hasher,
            shortest,
        } = self;
        *shortest = bare.len().min(*shortest);
        let hash = hasher.hash_one(&*bare);
        let place = entries.entry(
            hash,
            |entry| entry.bare() == bare,
            |entry| hasher.hash_one(entry.bare()),
        );
        let entry = match place {
            Place::Occupied(entry) => entry.into_mut(),
            Place::Vacant(place) => {
                let entry = Entry {
                    dotted: [".", &bare].concat().into(),
                    host: false,
                    domain: false,
                };
                place.insert(entry).into_mut()
            }
        };
        entry.host |= !is_domain;
        entry.domain |= is_domain;
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().flat_map(Entry::texts)
    }

    #[inline]
    pub(super) fn blocks(&self, domain: &str) -> bool {
        !self.entries.is_empty()
            && self.has(domain, |entry, dotted| {
                entry.host || (dotted && entry.domain)
            })
    }

    /// A host without dots is also looked up under its effective name.
    pub(super) fn allows(&self, domain: &str) -> bool {
        self.has(domain, Entry::is_as_it_is)
    }

    fn has(&self, domain: &str, is_such: impl Fn(&Entry, bool) -> bool) -> bool {
        let bare = domain::undotted(domain);
        let dotted = bare.len() < domain.len();
        let mut names = domain::suffixes(bare).take_while(|name| name.len() >= self.shortest);
        names
            .next()
            .and_then(|name| self.get(name))
            .is_some_and(|entry| is_such(entry, dotted))
            || names.any(|name| self.get(name).is_some_and(|entry| entry.domain))
            || (domain::is_dotless(domain)
                && self.has(&[domain, LOCAL].concat(), Entry::is_as_it_is))
    }

    fn get(&self, name: &str) -> Option<&Entry> {
        let hash = self.hasher.hash_one(name);
        self.entries.find(hash, |entry| entry.bare() == name)
    }
}

impl Entry {
    fn bare(&self) -> &str {
        &self.dotted[1..]
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let host = self.host.then(|| self.bare());
        host.into_iter().chain(self.domain.then_some(&*self.dotted))
    }

    fn is_as_it_is(&self, dotted: bool) -> bool {
        if dotted { self.domain } else { self.host }
    }
}

impl fmt::Debug for DomainSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/domain_set.rs"]
mod tests;
