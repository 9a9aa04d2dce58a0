//! The clock of one process: a hybrid logical clock in the server's time.
//!
//! It knows no cookie and reads no clock. All jars of a database share it, each under the lock of its own cookies, so
//! it has no lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Instant;

use super::stamp::Stamp;

#[derive(Debug, Default)]
pub(crate) struct Stamper {
    last: Arc<AtomicU64>,
    /// Milliseconds by which the namespace's clock is ahead of this process's.
    offset: AtomicI64,
}

/// How far a clock is set ahead when it falls back, in stamps: pending changes are restamped within this gap, in their
/// order. A quarter of a second.
pub(super) const ROOM: u64 = 1 << 24;

impl Stamper {
    /// `local` is in milliseconds, by this process's clock. The stamp is greater than all made or seen before.
    pub(crate) fn stamp(&self, local: u64) -> Stamp {
        let clock = Stamp::at(self.clock(local)).get();
        let next = |last: u64| last.saturating_add(1).max(clock);
        let update = |last| Some(next(last));
        match self
            .last
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, update)
        {
            Ok(last) | Err(last) => Stamp::new(next(last)),
        }
    }

    pub(crate) fn clock(&self, local: u64) -> u64 {
        local.saturating_add_signed(self.offset.load(Ordering::Relaxed))
    }

    /// Returns the counter for the order of creation: the first cookie of a call gets the call's stamp, the others
    /// the numbers after it.
    pub(crate) fn numbers(&self) -> &Arc<AtomicU64> {
        &self.last
    }

    pub(crate) fn see(&self, stamp: Stamp) {
        self.last.fetch_max(stamp.get(), Ordering::AcqRel);
    }

    pub(crate) fn set_clock(&self, clock: u64, local: u64) {
        let ahead = i128::from(clock) - i128::from(local);
        let offset = i64::try_from(ahead).unwrap_or(0);
        self.offset.store(offset, Ordering::Relaxed);
    }

    /// Falls back from stamps that were rejected as too far ahead, to `clock` or to just after `latest`. Returns the
    /// first stamp of the gap in which pending changes are restamped. Later stamps are greater.
    pub(crate) fn fall_back(&self, clock: u64, local: u64, latest: Stamp) -> Stamp {
        self.set_clock(clock, local);
        let first = latest.get().saturating_add(1).max(Stamp::at(clock).get());
        self.last
            .store(first.saturating_add(ROOM), Ordering::Release);
        Stamp::new(first)
    }
}

/// How many milliseconds a clock may drift from the monotonic one: more means that the machine slept, or the clock was set.
const MOST_PARTED: u64 = 1_000;

#[derive(Debug)]
pub(crate) struct ClockWatch {
    millis: u64,
    at: Instant,
}

impl ClockWatch {
    pub(crate) fn new(millis: u64, at: Instant) -> Self {
        Self { millis, at }
    }

    pub(crate) fn has_parted(&mut self, millis: u64, at: Instant) -> bool {
        let passed = at.saturating_duration_since(self.at).as_millis();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        let expected = self.millis.saturating_add(passed);
        *self = Self { millis, at };
        expected.abs_diff(millis) > MOST_PARTED
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/stamper.rs"]
mod tests;
