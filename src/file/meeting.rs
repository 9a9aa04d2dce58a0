//! Merges a jar with a file: every cookie of both is merged, and what belongs in each is listed.
//!
//! It knows no disk and no lock. `merge.rs` decides about each cookie.

use std::collections::{HashMap, HashSet};

use super::known::{Hashes, Known};
use super::merge::{InFile, InJar, Last, Side, merge};
use super::options::{ReadOptions, WriteOptions};
use super::partitions::Partitions;
use crate::cookie::Cookie;
use crate::domain;
use crate::jar::Amendment;

pub(super) struct Meeting<'k> {
    known: &'k Known,
    hashes: &'k Hashes,
    read: &'k ReadOptions,
    write: &'k WriteOptions,
    now: i64,
    theirs: HashMap<u64, (Side, Cookie)>,
    order: Vec<u64>,
}

pub(super) struct Decisions {
    stay: HashSet<u64>,
    /// The ids of the cookies that the jar took from the file, or lost because of it.
    pub(super) taken: Vec<u64>,
    pub(super) file_changes: bool,
}

pub(super) struct Merged {
    pub(super) decisions: Decisions,
    pub(super) ours: HashMap<u64, Side>,
    pub(super) for_file: Vec<Cookie>,
}

impl<'k> Meeting<'k> {
    pub(super) fn new(
        (known, hashes): (&'k Known, &'k Hashes),
        cookies: Vec<Cookie>,
        (read, write): (&'k ReadOptions, &'k WriteOptions),
        now: i64,
    ) -> Self {
        let mut meeting = Self {
            known,
            hashes,
            read,
            write,
            now,
            theirs: HashMap::with_capacity(cookies.len()),
            order: Vec::with_capacity(cookies.len()),
        };
        for cookie in cookies {
            let (id, side) = meeting.their_side(&cookie);
            if meeting.theirs.insert(id, (side, cookie)).is_none() {
                meeting.order.push(id);
            }
        }
        meeting
    }

    pub(super) fn their_side(&self, cookie: &Cookie) -> (u64, Side) {
        let is_private = (cookie.discard() && !self.read.ignore_discard)
            || (cookie.partition_key().is_some() && self.read.partitions == Partitions::Skip);
        self.hashes.side(cookie, is_private)
    }

    pub(super) fn domains(&self) -> impl Iterator<Item = &str> {
        self.theirs.values().map(|(_, cookie)| cookie.domain())
    }

    pub(super) fn decide(&self, jar: &[&Cookie]) -> (Amendment, Decisions) {
        let ours = self.sides(jar);
        let mut amendment = Amendment::default();
        let mut decisions = Decisions {
            stay: HashSet::new(),
            taken: Vec::new(),
            file_changes: false,
        };
        let only_ours = jar.iter().map(|cookie| self.hashes.id(cookie));
        let only_ours = only_ours.filter(|id| !self.theirs.contains_key(id));
        for id in self.order.iter().copied().chain(only_ours) {
            let theirs = self.theirs.get(&id);
            let ours = ours.get(&id);
            let last = self.known.last.get(&id).copied().unwrap_or_default();
            let (in_jar, in_file) = merge(
                last,
                ours.map_or(Side::Absent, |ours| ours.0),
                theirs.map_or(Side::Absent, |theirs| theirs.0),
            );
            match (in_jar, ours, theirs) {
                (InJar::Theirs, _, Some((_, cookie))) => amendment.store.push(cookie.clone()),
                (InJar::Goes, Some((_, cookie)), _) => {
                    amendment.remove.push(cookie.id().into_owned());
                }
                _ => {}
            }
            if in_jar != InJar::Stays {
                decisions.taken.push(id);
            }
            if in_file == InFile::Stays {
                decisions.stay.insert(id);
            } else {
                decisions.file_changes |= in_file == InFile::Ours || theirs.is_some();
            }
        }
        (amendment, decisions)
    }

    /// The file gets the jar's cookies that may be shared, in their order, and those that stay there without the jar.
    pub(super) fn close(&self, jar: &[&Cookie], decisions: Decisions) -> Merged {
        let ours = self.sides(jar);
        let is_shared = |id: &u64| matches!(ours.get(id), Some((Side::Shared(_), _)));
        let crossing = jar.iter().filter(|cookie| {
            let own = ours.get(&self.hashes.id(cookie));
            own.is_some_and(|(side, own)| {
                matches!(side, Side::Shared(_)) && std::ptr::eq(*own, **cookie)
            })
        });
        let mut for_file: Vec<_> = crossing.map(|cookie| Cookie::clone(cookie)).collect();
        let staying = self
            .order
            .iter()
            .filter(|id| decisions.stay.contains(id) && !is_shared(id));
        for_file.extend(staying.map(|id| self.theirs[id].1.clone()));
        let ours = ours.into_iter().map(|(id, (side, _))| (id, side));
        Merged {
            decisions,
            ours: ours.collect(),
            for_file,
        }
    }

    /// What was settled even if the file could not be saved.
    pub(super) fn settled(&self, merged: &Merged) -> impl Iterator<Item = (u64, Last)> {
        merged.decisions.taken.iter().map(|id| {
            let last = Last {
                ours: merged.ours.get(id).copied().unwrap_or_default(),
                theirs: self.theirs.get(id).map_or(Side::Absent, |theirs| theirs.0),
            };
            (*id, last)
        })
    }

    pub(super) fn unchanged(&self) -> impl Iterator<Item = (u64, Side)> {
        self.theirs.iter().map(|(id, (side, _))| (*id, *side))
    }

    /// An expired cookie is absent. If `foo` and `foo.local` share a place in the file, the cookie of `foo` takes
    /// precedence, as for the writers.
    fn sides<'c>(&self, jar: &[&'c Cookie]) -> HashMap<u64, (Side, &'c Cookie)> {
        let mut sides = HashMap::with_capacity(jar.len());
        for cookie in jar.iter().filter(|cookie| !cookie.is_expired_at(self.now)) {
            let is_private = cookie.discard() && !self.write.ignore_discard;
            let (id, side) = self.hashes.side(cookie, is_private);
            if !sides.contains_key(&id) || domain::is_dotless(cookie.domain()) {
                sides.insert(id, (side, *cookie));
            }
        }
        sides
    }
}
