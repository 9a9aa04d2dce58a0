//! Which single-label names may have cookies, known without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

/// One bit for each hash of a single-label name that may have cookies: hardly any jar has such cookies, and no
/// request should lock the first shard to learn that.
///
/// A bit is set while the lock of the first shard is held, and all are cleared while the locks of all shards are: no
/// stored cookie ever lacks its bit. A look-up locks the home shard of its request before it reads the bits: if it
/// sees a cookie there, it also sees the bits of the cookies stored before that one.
#[derive(Debug, Default)]
pub(super) struct DotlessHosts<W = AtomicU64>(W);

pub(super) trait Word {
    fn set(&self, bits: u64);
    fn bits(&self) -> u64;
    fn clear(&self);
}

/// The locks order accesses to the bits, so that nothing else has to.
impl Word for AtomicU64 {
    fn set(&self, bits: u64) {
        self.fetch_or(bits, Ordering::Relaxed);
    }

    fn bits(&self) -> u64 {
        self.load(Ordering::Relaxed)
    }

    fn clear(&self) {
        self.store(0, Ordering::Relaxed);
    }
}

impl<W: Word> DotlessHosts<W> {
    pub(super) fn note(&self, hash: u64) {
        self.0.set(bit(hash));
    }

    /// `hash` is called only if any name may have cookies.
    pub(super) fn may_have(&self, hash: impl FnOnce() -> u64) -> bool {
        let bits = self.0.bits();
        bits != 0 && bits & bit(hash()) != 0
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

impl Clone for DotlessHosts {
    fn clone(&self) -> Self {
        Self(AtomicU64::new(self.0.bits()))
    }
}

fn bit(hash: u64) -> u64 {
    1 << (hash % 64)
}
