//! Stamps, which order changes in the server's time, and writers, which decide between equal stamps.
//!
//! Pure: it reads no clock.

use std::fmt;

/// Bits of a stamp below the milliseconds.
const COUNTER_BITS: u32 = 16;

/// How far a stamp may be ahead of the namespace's clock: 60 seconds, in milliseconds.
pub const MAX_AHEAD: u64 = 60_000;

/// When a change was made: milliseconds since the Unix epoch, times 65,536, plus a counter.
///
/// A process gives a change a later stamp than any it has made or seen. So a process that has seen a change stamps
/// after it, even if its clock is behind.
///
/// ```
/// use cookiejar::persist::engine::Stamp;
///
/// let stamp = Stamp::at(1_767_225_600_000);
/// assert_eq!(stamp.get(), 1_767_225_600_000 << 16);
/// assert_eq!(stamp.millis(), 1_767_225_600_000);
/// assert!(stamp < Stamp::new(stamp.get() + 1));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(u64);

impl Stamp {
    /// Creates a stamp from its number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the first stamp of a millisecond.
    #[must_use]
    pub const fn at(millis: u64) -> Self {
        match millis.checked_mul(1 << COUNTER_BITS) {
            Some(number) => Self(number),
            None => Self(u64::MAX),
        }
    }

    /// Returns the number, which orders stamps.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0 >> COUNTER_BITS
    }

    /// Returns `true` if an engine whose namespace has this `clock` rejects the stamp as too far ahead.
    #[must_use]
    pub const fn is_ahead_of(self, clock: u64) -> bool {
        self.0 > Self::at(clock.saturating_add(MAX_AHEAD)).0
    }
}

/// The connection that wrote an entry: 64 random bits, new for each connection. It decides between two entries with
/// the same stamp.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriterId(u64);

impl WriterId {
    /// Creates a writer from its number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number, which orders writers.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the writer as a signed integer with the same order, for databases without unsigned ones.
    #[must_use]
    pub const fn to_signed(self) -> i64 {
        (self.0 ^ (1 << 63)).cast_signed()
    }

    /// Returns the writer for which [`to_signed`](Self::to_signed) returned `number`.
    #[must_use]
    pub const fn from_signed(number: i64) -> Self {
        Self(number.cast_unsigned() ^ (1 << 63))
    }
}

/// Sixteen hexadecimal digits.
impl fmt::Display for WriterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/stamp.rs"]
mod tests;
