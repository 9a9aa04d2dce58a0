//! The entries of a session, and the one rule that merges them.
//!
//! Pure: no I/O, no lock, no clock, no jar.

use std::sync::Arc;

use super::stamp::{Stamp, WriterId};

/// A cookie in a database: its identity, when and by whom it was changed last, and its record,
/// or nothing if it was deleted (a *tombstone*).
///
/// Of two entries of one identity the one with the greater (stamp, writer) stays. It does not matter in which
/// order, how often or by whom entries are merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What makes two cookies the same one, as bytes: domain, path and name, and the partition's key where
    /// the cookie has one, with NUL between them. No part holds a NUL. Up to 16 KiB, and more for an engine
    /// that can.
    pub identity: Arc<[u8]>,
    /// When it was changed: one stamp for all changes of one call.
    pub stamp: Stamp,
    /// Which connection changed it.
    pub writer: WriterId,
    /// The cookie, or `None` for a tombstone.
    pub record: Option<Record>,
}

/// A cookie as a database keeps it: its bytes, and the times that the database itself needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The cookie's record: JSON, or JSON that was sealed. An engine returns the same bytes.
    pub bytes: Arc<[u8]>,
    /// When the cookie was created, in seconds since the Unix epoch.
    pub created: Option<i64>,
    /// When it expires, in seconds since the Unix epoch; `None` for a session cookie.
    pub expires: Option<i64>,
    /// When it was last sent, in seconds since the Unix epoch.
    pub last_access: Option<i64>,
}

impl Entry {
    /// What decides between two entries of one identity: the greater stays.
    #[must_use]
    pub fn key(&self) -> (Stamp, WriterId) {
        (self.stamp, self.writer)
    }

    /// Whether this entry replaces `stored`, one of the same identity.
    ///
    /// ```
    /// use cookiejar::persist::engine::{Entry, Stamp, WriterId};
    ///
    /// let entry = |stamp, writer| Entry {
    ///     identity: Vec::new().into(),
    ///     stamp: Stamp::new(stamp),
    ///     writer: WriterId::new(writer),
    ///     record: None,
    /// };
    /// assert!(entry(2, 1).replaces(&entry(1, 9)));
    /// assert!(entry(2, 2).replaces(&entry(2, 1)));
    /// assert!(!entry(2, 2).replaces(&entry(2, 2)));
    /// ```
    #[must_use]
    pub fn replaces(&self, stored: &Self) -> bool {
        self.key() > stored.key()
    }

    /// Whether clearing the session at `cleared` removes this entry: it has a smaller stamp.
    #[must_use]
    pub fn is_cleared_by(&self, cleared: Stamp) -> bool {
        self.stamp < cleared
    }

    /// Whether this is a tombstone.
    #[must_use]
    pub fn is_tombstone(&self) -> bool {
        self.record.is_none()
    }
}
