//! The single-label names that may have cookies, known without a lock.
//!
//! It knows no names and no shards, only hashes.

use std::sync::atomic::{AtomicU64, Ordering};

/// One bit for each hash of a single-label name that may have cookies. Few jars have such cookies,
/// and a request must not lock the first shard to find that out.
///
/// A bit is set under the lock of the first shard, and all are cleared under the locks of all
/// shards, so a stored cookie always has its bit. A look-up first locks the shard of its host and
/// then reads the bits: if it sees a cookie there, it also sees the bits of all cookies that were
/// stored before that one.
#[derive(Debug, Default)]
pub(super) struct DotlessHosts<W = AtomicU64>(W);

/// The storage of the bits.
pub(super) trait Word {
    fn set(&self, bits: u64);
    fn bits(&self) -> u64;
    fn clear(&self);
}

/// The locks order the accesses, so relaxed ones are enough.
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
    /// Records that a name with this hash gets a cookie.
    pub(super) fn note(&self, hash: u64) {
        self.0.set(bit(hash));
    }

    /// Returns `true` if a name with this hash may have cookies. Computes the hash only if any
    /// name may.
    pub(super) fn may_have(&self, hash: impl FnOnce() -> u64) -> bool {
        let bits = self.0.bits();
        bits != 0 && bits & bit(hash()) != 0
    }

    /// Records that no name has cookies.
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
