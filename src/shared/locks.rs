//! Where things are in a shared jar, and the locks.

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLockReadGuard, RwLockWriteGuard};

use smallvec::SmallVec;

use super::{Inner, Part, SharedCookieJar};
use crate::domain;
use crate::jar::names_in_scope;
use crate::policy::DomainScope;
use crate::request::RequestContext;

impl SharedCookieJar {
    pub(super) fn places(&self) -> std::ops::Range<usize> {
        0..self.inner.shards.len()
    }

    /// The shard of a bare domain.
    pub(super) fn place(&self, name: &str) -> usize {
        let Inner { shards, hasher, .. } = &*self.inner;
        match family(name) {
            Some(family) if shards.len() > 1 => {
                let others = shards.len() as u64 - 1;
                1 + usize::try_from(hasher.hash_one(family) % others).unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// The bit of a name of a single label.
    fn single_label_bit(&self, label: &str) -> u64 {
        1 << (self.inner.hasher.hash_one(label) % 64)
    }

    /// Whether cookies may be stored under a name, as far as can be said without a lock.
    fn may_have(&self, name: &str) -> bool {
        let stored = self.inner.single_labels.load(Ordering::Relaxed);
        family(name).is_some() || stored & self.single_label_bit(name) != 0
    }

    pub(super) fn read(&self, place: usize) -> RwLockReadGuard<'_, Part> {
        // A panic while the lock was held left the store whole: see `Store::retain_in`.
        self.inner
            .shards
            .lock(place)
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self, place: usize) -> RwLockWriteGuard<'_, Part> {
        self.inner
            .shards
            .lock(place)
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The shard in which a cookie of this stored domain is or will be.
    pub(super) fn write_for(&self, domain: &str) -> RwLockWriteGuard<'_, Part> {
        let bare = domain::undotted(domain);
        let part = self.write(self.place(bare));
        if family(bare).is_none() {
            // While the lock is held, so that `clear` does not take the bit of what comes after it.
            self.inner
                .single_labels
                .fetch_or(self.single_label_bit(bare), Ordering::Relaxed);
        }
        part
    }

    /// The same for a cookie that a response to `request` sets, and the shard in which other cookies of the
    /// request's host and the names above it may be: those of a single label are apart from all others.
    pub(super) fn write_beside(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> (
        RwLockWriteGuard<'_, Part>,
        Option<RwLockReadGuard<'_, Part>>,
    ) {
        let own = self.place(domain::undotted(domain));
        let host = request.host();
        let top = host.rsplit('.').next().unwrap_or(host);
        // Always in the same order, so that no two threads wait for each other.
        match self.place(host) {
            _ if own != 0 && self.may_have(top) => {
                let beside = self.read(0);
                (self.write_for(domain), Some(beside))
            }
            home if own == 0 && home != 0 => {
                let part = self.write_for(domain);
                (part, Some(self.read(home)))
            }
            _ => (self.write_for(domain), None),
        }
    }

    /// The shards that a request may get cookies from: nearly always one. The first is one in any case.
    pub(super) fn read_for(
        &self,
        request: &RequestContext<'_>,
    ) -> SmallVec<[RwLockReadGuard<'_, Part>; 3]> {
        let home = self.place(request.host());
        let part = self.read(home);
        if part.policy.settings().domain_scope == DomainScope::All {
            drop(part);
            return self.read_all();
        }
        let names = names_in_scope(request).filter(|name| self.may_have(name));
        let mut places: SmallVec<[usize; 4]> = names.map(|name| self.place(name)).collect();
        if places.iter().all(|&place| place == home) {
            return SmallVec::from_iter([part]);
        }
        drop(part);
        // All who take several locks take them in this order.
        places.push(home);
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| self.read(place)).collect()
    }

    pub(super) fn read_all(&self) -> SmallVec<[RwLockReadGuard<'_, Part>; 3]> {
        self.places().map(|place| self.read(place)).collect()
    }

    pub(super) fn write_all(&self) -> Vec<RwLockWriteGuard<'_, Part>> {
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
fn family(name: &str) -> Option<&str> {
    let mut dots = name.rmatch_indices('.').map(|(dot, _)| dot);
    dots.next()?;
    Some(dots.next().map_or(name, |dot| &name[dot + 1..]))
}
