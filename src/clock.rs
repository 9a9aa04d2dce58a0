//! The one place that reads the time.
//!
//! It knows no cookie and no rule: a rule takes the time from the
//! [`RequestContext`](crate::RequestContext) that it is given.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// Where a jar takes the time from.
///
/// The default of every jar is the system clock. A test gives it one that stands still, such as a
/// [`ManualClock`]; any closure that returns a time is a clock, too.
///
/// ```
/// use cookiejar::CookieJar;
/// use time::macros::datetime;
///
/// let mut jar = CookieJar::new();
/// jar.set_clock(|| datetime!(2026-11-21 08:00 UTC));
/// ```
///
/// The target `wasm32-unknown-unknown` has no system clock: a jar to which no clock was given panics there at
/// the first call that needs the time. With a clock of its own it never asks the system, and nothing else in a
/// jar needs one.
pub trait Clock: Send + Sync {
    /// The present time. Parts of a second are not looked at.
    fn now(&self) -> OffsetDateTime;
}

impl<F> Clock for F
where
    F: Fn() -> OffsetDateTime + Send + Sync,
{
    fn now(&self) -> OffsetDateTime {
        self()
    }
}

/// A clock that stands still until it is told to move. Clones share the same hands.
///
/// ```
/// use cookiejar::jar::{Clock, ManualClock};
/// use time::{Duration, macros::datetime};
///
/// let clock = ManualClock::new(datetime!(2026-11-21 08:00 UTC));
/// clock.advance(Duration::minutes(5));
/// assert_eq!(clock.now(), datetime!(2026-11-21 08:05 UTC));
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: OffsetDateTime) -> Self {
        Self(Arc::new(AtomicI64::new(now.unix_timestamp())))
    }

    /// Moves the hands by `step`, in whole seconds; a negative step moves them back.
    pub fn advance(&self, step: time::Duration) {
        self.0.fetch_add(step.whole_seconds(), Ordering::Relaxed);
    }

    /// Moves the hands to `now`.
    pub fn set(&self, now: OffsetDateTime) {
        self.0.store(now.unix_timestamp(), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        date_time(self.0.load(Ordering::Relaxed))
    }
}

/// The clock that a jar holds: the system's, read without a detour, or the user's.
#[derive(Clone, Default)]
pub(crate) enum JarClock {
    #[default]
    System,
    Custom(Arc<dyn Clock>),
}

impl JarClock {
    /// Whole seconds since the Unix epoch.
    pub(crate) fn seconds(&self) -> i64 {
        match self {
            Self::System => system_seconds(),
            Self::Custom(clock) => clock.now().unix_timestamp(),
        }
    }
}

impl fmt::Debug for JarClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Custom(_) => "Custom",
        })
    }
}

/// A system clock that stands before 1970 reads as the epoch: every cookie with a lifetime is then
/// still alive, and none is lost to a machine whose clock is not set yet.
pub(crate) fn system_seconds() -> i64 {
    #[cfg(test)]
    tests::READINGS.set(tests::READINGS.get() + 1);
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}

/// The time at the face of the crate for `seconds` since the epoch, clamped to what
/// [`OffsetDateTime`] can show (years -9999 to 9999).
pub(crate) fn date_time(seconds: i64) -> OffsetDateTime {
    const EARLIEST: i64 = time::PrimitiveDateTime::MIN.assume_utc().unix_timestamp();
    const LATEST: i64 = time::PrimitiveDateTime::MAX.assume_utc().unix_timestamp();
    OffsetDateTime::from_unix_timestamp(seconds.clamp(EARLIEST, LATEST))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/clock.rs"]
mod tests;
