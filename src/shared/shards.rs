//! Where things are in a shared jar, and the locks.

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicIsize, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::SharedCookieJar;
use super::dotless::DotlessHosts;
use super::rules::Rules;
use crate::jar::Shelf;
use crate::policy::DomainScope;
use crate::request::RequestContext;

pub(super) struct Inner {
    pub(super) shards: Shards,
    /// Chooses shards; its key is random as the stores' are.
    pub(super) hasher: RandomState,
    /// Those that may have cookies, all of them in the first shard.
    pub(super) dotless: DotlessHosts,
    /// Numbers the cookies of all shards in the order of their creation.
    pub(super) numbers: AtomicU64,
    /// How many cookies may be stored before those of all shards have to be counted, where all
    /// together have a limit: no more than the limit has left.
    pub(super) room: AtomicIsize,
}

/// The only shard of a jar is in the block of memory that the jar has anyway: a crawler has 100,000 such
/// jars (bench `sessions`).
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

/// A part of the jar behind a lock, on cache lines of its own.
#[repr(align(128))]
pub(super) struct Padded(RwLock<Shard>);

/// The rules are in every part, so that a look-up touches one lock and no counter that all
/// threads share.
#[derive(Clone)]
pub(super) struct Shard {
    pub(super) shelf: Shelf,
    pub(super) rules: Arc<Rules>,
}

impl SharedCookieJar {
    pub(super) fn places(&self) -> std::ops::Range<usize> {
        0..self.inner.shards.len()
    }

    /// The shard of a bare domain.
    pub(super) fn shard_of(&self, name: &str) -> usize {
        let Inner { shards, hasher, .. } = &*self.inner;
        match family(name) {
            Some(family) if shards.len() > 1 => {
                let others = shards.len() as u64 - 1;
                1 + usize::try_from(hasher.hash_one(family) % others).unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Whether cookies may be stored under a name of a single label, which has this hash, as far as can be said
    /// without a lock.
    pub(super) fn may_have(&self, hash: impl FnOnce() -> u64) -> bool {
        self.inner.dotless.may_have(hash)
    }

    pub(super) fn hash_of(&self, label: &str) -> u64 {
        self.inner.hasher.hash_one(label)
    }

    pub(super) fn read(&self, place: usize) -> RwLockReadGuard<'_, Shard> {
        // A panic while the lock was held left the store whole: see `Store::retain_in`.
        self.inner
            .shards
            .lock(place)
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self, place: usize) -> RwLockWriteGuard<'_, Shard> {
        self.inner
            .shards
            .lock(place)
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks these shards, which come in their order. All who lock several do it in this order, so that no two
    /// threads wait for each other.
    pub(super) fn write_these(
        &self,
        places: impl Iterator<Item = usize>,
    ) -> SmallVec<[(usize, RwLockWriteGuard<'_, Shard>); 2]> {
        places.map(|place| (place, self.write(place))).collect()
    }

    /// The shards that a request may get cookies from: nearly always one. The first is one in any case.
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
        // All names above a host are in its family, but for the one of a single label; the effective host
        // name is in another one.
        let beside = match family(host) {
            Some(_) => self.may_have(|| self.hash_of(top_label(host))).then_some(0),
            None => Some(self.shard_of(request.effective_host())),
        };
        match beside {
            // All who take several locks take them in this order.
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

    /// Notes that this thread is inside a call on this jar.
    pub(super) fn enter(&self) -> Asking {
        let jar = Arc::as_ptr(&self.inner).addr();
        ASKING.with_borrow_mut(|asking| {
            assert!(
                !asking.contains(&jar),
                "a cookie policy must not use the jar that asks it"
            );
            asking.push(jar);
        });
        Asking
    }
}

thread_local! {
    /// The jars inside which this thread is: one, but for a policy that uses another jar.
    static ASKING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Being inside a call, which would wait for its own lock if it came back.
pub(super) struct Asking;

impl Drop for Asking {
    fn drop(&mut self) {
        ASKING.with_borrow_mut(Vec::pop);
    }
}

/// The last two labels of a name, or `None` for a name of a single label.
pub(super) fn family(name: &str) -> Option<&str> {
    let last_dot = last_dot_in(name)?;
    Some(last_dot_in(&name[..last_dot]).map_or(name, |dot| &name[dot + 1..]))
}

/// The last label of a name.
pub(super) fn top_label(name: &str) -> &str {
    last_dot_in(name).map_or(name, |dot| &name[dot + 1..])
}

/// The place of the last dot: labels are short, a plain loop finds it before a search has begun.
#[inline]
fn last_dot_in(name: &str) -> Option<usize> {
    name.bytes().rposition(|byte| byte == b'.')
}
