//! The one place that reads the time.
//!
//! It knows no cookie and no rule.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
#[cfg(feature = "persist")]
use std::time::Instant;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// A source of the current time for a jar.
///
/// Every jar uses the system clock by default; tests can use a [`ManualClock`]. Any closure that returns a time is a
/// clock.
///
/// ```
/// use cookiejar::CookieJar;
/// use time::macros::datetime;
///
/// let mut jar = CookieJar::new();
/// jar.set_clock(|| datetime!(2026-11-21 08:00 UTC));
/// ```
///
/// The target `wasm32-unknown-unknown` has no system clock: a jar without a custom clock panics there at the first call
/// that needs the time.
pub trait Clock: Send + Sync {
    /// Returns the current time. Fractions of a second are ignored.
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

/// A clock that moves only when told to. Clones share one time.
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
    /// Creates a clock set to `now`.
    #[must_use]
    pub fn new(now: OffsetDateTime) -> Self {
        Self(Arc::new(AtomicI64::new(now.unix_timestamp())))
    }

    /// Moves the clock by `step`, in whole seconds; a negative step moves it back.
    pub fn advance(&self, step: time::Duration) {
        self.0.fetch_add(step.whole_seconds(), Ordering::Relaxed);
    }

    /// Sets the clock to `now`.
    pub fn set(&self, now: OffsetDateTime) {
        self.0.store(now.unix_timestamp(), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        date_time(self.0.load(Ordering::Relaxed))
    }
}

#[derive(Clone, Default)]
pub(crate) enum JarClock {
    #[default]
    System,
    Custom(Arc<dyn Clock>),
}

impl JarClock {
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

/// Seconds since the epoch, by the system clock. A clock set before 1970 reads as the epoch, so that no cookie with a
/// lifetime is lost while it is not set yet.
pub(crate) fn system_seconds() -> i64 {
    #[cfg(test)]
    tests::READINGS.set(tests::READINGS.get() + 1);
    i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX)
}

/// The same in milliseconds, for databases.
#[cfg(feature = "persist")]
pub(crate) fn system_millis() -> u64 {
    u64::try_from(since_epoch().as_millis()).unwrap_or(u64::MAX)
}

/// The end of a wait that begins now, at most a century ahead, so that no `Instant` overflows.
#[cfg(feature = "persist")]
pub(crate) fn end_of(wait: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);
    Instant::now() + wait.min(CENTURY)
}

fn since_epoch() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}

/// Converts seconds since the epoch to a public time, clamped to the range of [`OffsetDateTime`] (years -9999
/// to 9999).
pub(crate) fn date_time(seconds: i64) -> OffsetDateTime {
    const EARLIEST: i64 = time::PrimitiveDateTime::MIN.assume_utc().unix_timestamp();
    const LATEST: i64 = time::PrimitiveDateTime::MAX.assume_utc().unix_timestamp();
    OffsetDateTime::from_unix_timestamp(seconds.clamp(EARLIEST, LATEST))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/clock.rs"]
mod tests;
