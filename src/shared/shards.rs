//! The shards of a shared jar, and their locks.

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicIsize, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::dotless::DotlessHosts;
use super::rules::Rules;
use crate::jar::Shelf;
use crate::policy::DomainScope;
use crate::request::RequestContext;

pub(crate) struct Inner {
    pub(super) shards: Shards,
    /// Chooses shards; its key is random, like those of the stores.
    pub(super) hasher: RandomState,
    /// The hosts without dots that may have cookies, all in the first shard.
    pub(super) dotless: DotlessHosts,
    pub(super) numbers: AtomicU64,
    /// The number of cookies that may be stored before those of all shards must be counted, if all together have a
    /// limit: at most what the limit leaves.
    pub(super) room: AtomicIsize,
}

/// A single shard is in the jar's own allocation: a crawler has 100,000 such jars (bench `sessions`).
pub(super) enum Shards {
    One(RwLock<Shard>),
    Many(Box<[Padded]>),
}

impl Shards {
    pub(super) fn new(mut parts: impl ExactSizeIterator<Item = Shard>) -> Self {
        let only = if parts.len() == 1 { parts.next() } else { None };
        match only {
            Some(part) => Self::One(RwLock::new(part)),
            None => Self::Many(parts.map(|part| Padded(RwLock::new(part))).collect()),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(shards) => shards.len(),
        }
    }

    fn lock(&self, place: usize) -> &RwLock<Shard> {
        match self {
            Self::One(part) => part,
            Self::Many(shards) => &shards[place].0,
        }
    }
}

/// A shard behind a lock, on cache lines of its own.
#[repr(align(128))]
pub(super) struct Padded(RwLock<Shard>);

/// Every shard has the rules, so that a look-up touches one lock and no counter that all threads share.
#[derive(Clone)]
pub(super) struct Shard {
    pub(super) shelf: Shelf,
    pub(super) rules: Arc<Rules>,
}

impl Inner {
    pub(super) fn places(&self) -> std::ops::Range<usize> {
        0..self.shards.len()
    }

    pub(super) fn shard_of(&self, name: &str) -> usize {
        let Self { shards, hasher, .. } = self;
        match family(name) {
            Some(family) if shards.len() > 1 => {
                let others = shards.len() as u64 - 1;
                1 + usize::try_from(hasher.hash_one(family) % others).unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Takes no lock: `true` means only that cookies may be stored there.
    pub(super) fn may_have(&self, hash: impl FnOnce() -> u64) -> bool {
        self.dotless.may_have(hash)
    }

    pub(super) fn hash_of(&self, label: &str) -> u64 {
        self.hasher.hash_one(label)
    }

    pub(super) fn read(&self, place: usize) -> RwLockReadGuard<'_, Shard> {
        // A panic while the lock was held left the store consistent: see `Store::retain_in`.
        self.shards
            .lock(place)
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self, place: usize) -> RwLockWriteGuard<'_, Shard> {
        self.shards
            .lock(place)
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Every call locks in ascending order, so that no two threads wait for each other.
    pub(super) fn write_these(
        &self,
        places: impl Iterator<Item = usize>,
    ) -> SmallVec<[(usize, RwLockWriteGuard<'_, Shard>); 2]> {
        places.map(|place| (place, self.write(place))).collect()
    }

    pub(super) fn read_for(
        &self,
        request: &RequestContext<'_>,
    ) -> SmallVec<[RwLockReadGuard<'_, Shard>; 2]> {
        let host = request.host();
        let home = self.shard_of(host);
        let part = self.read(home);
        if part.rules.policy.settings().domain_scope == DomainScope::All {
            drop(part);
            return self.read_all();
        }
        // All names above a host are in its family, except the single-label one; the effective host name is in
        // another family.
        let beside = match family(host) {
            Some(_) => self.may_have(|| self.hash_of(top_label(host))).then_some(0),
            None => Some(self.shard_of(request.effective_host())),
        };
        match beside {
            // Every call takes several locks in this order.
            Some(beside) if beside < home => {
                drop(part);
                [beside, home].map(|place| self.read(place)).into()
            }
            Some(beside) if beside > home => [part, self.read(beside)].into(),
            _ => SmallVec::from_iter([part]),
        }
    }

    pub(super) fn read_all(&self) -> SmallVec<[RwLockReadGuard<'_, Shard>; 2]> {
        self.places().map(|place| self.read(place)).collect()
    }

    pub(super) fn write_all(&self) -> Vec<RwLockWriteGuard<'_, Shard>> {
        self.places().map(|place| self.write(place)).collect()
    }

    pub(super) fn enter(&self) -> Asking {
        let jar = std::ptr::from_ref(self).addr();
        ASKING.with_borrow_mut(|asking| {
            assert!(
                !asking.contains(&jar),
                "a cookie jar must not be used by what it calls, such as its policy"
            );
            asking.push(jar);
        });
        Asking
    }
}

thread_local! {
    /// The jars that this thread is calling: one, unless a policy uses another jar.
    static ASKING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// A call in progress; a nested call on the same jar would wait for its own lock.
pub(super) struct Asking;

impl Drop for Asking {
    fn drop(&mut self) {
        ASKING.with_borrow_mut(Vec::pop);
    }
}

pub(super) fn family(name: &str) -> Option<&str> {
    let last_dot = last_dot_in(name)?;
    Some(last_dot_in(&name[..last_dot]).map_or(name, |dot| &name[dot + 1..]))
}

pub(super) fn top_label(name: &str) -> &str {
    last_dot_in(name).map_or(name, |dot| &name[dot + 1..])
}

/// Labels are short, so a plain loop finds it before a search has begun.
#[inline]
fn last_dot_in(name: &str) -> Option<usize> {
    name.bytes().rposition(|byte| byte == b'.')
}
