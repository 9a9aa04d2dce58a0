//! Which names of a single label may have cookies, told without a lock.
//!
//! It knows no name and no shard: it is given hashes.

use std::sync::atomic::{AtomicU64, Ordering};

/// One bit for each hash of a name of a single label that may have cookies: nearly no jar has such cookies,
/// and no request shall lock the first shard to learn that.
///
/// A bit is set while the lock of the first shard is held, and all are cleared while the locks of all
/// shards are: none is ever missing for a cookie that is there. Who looks a request's cookies up holds
/// the lock of its home shard first, and asks then: whoever stored a cookie there that is seen now had
/// set the bits of those stored before.
#[derive(Debug, Default)]
pub(super) struct DotlessHosts<W = AtomicU64>(W);

/// What the bits are kept in.
pub(super) trait Word {
    fn set(&self, bits: u64);
    fn bits(&self) -> u64;
    fn clear(&self);
}

/// The locks put the bits into their order, so that nothing else has to.
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
    /// A name of this hash gets a cookie.
    pub(super) fn note(&self, hash: u64) {
        self.0.set(bit(hash));
    }

    /// Whether a name of this hash may have cookies; the hash is asked for only if any name may.
    pub(super) fn may_have(&self, hash: impl FnOnce() -> u64) -> bool {
        let bits = self.0.bits();
        bits != 0 && bits & bit(hash()) != 0
    }

    /// No name has cookies any more.
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
