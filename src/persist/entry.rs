//! The entries of a session, and the one rule that merges them.
//!
//! Pure: no I/O, no lock, no clock, no jar.

use std::fmt;
use std::sync::Arc;

use super::stamp::{Stamp, WriterId};

/// A cookie in a database: its identity, when and by which connection it was last changed, and its record, or no
/// record if it was deleted (a *tombstone*).
///
/// Of two entries with the same identity, the one with the greater (stamp, writer) wins. The order in which entries
/// are merged, how often, and by which process do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What identifies the cookie, as bytes: domain, path, name, and the partition's key if the cookie has one,
    /// separated by NUL. No part contains NUL. Up to 16 KiB, or more if the engine supports it.
    pub identity: Arc<[u8]>,
    /// When it was changed. All changes of one call have the same stamp.
    pub stamp: Stamp,
    /// The connection that changed it.
    pub writer: WriterId,
    /// The cookie, or `None` for a tombstone.
    pub record: Option<Record>,
}

/// A cookie as a database stores it: its bytes, and the times that the database itself needs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The cookie's record: JSON, possibly encrypted, without what the identity says. An engine returns the same bytes.
    pub bytes: Arc<[u8]>,
    /// When the cookie was created, in seconds since the Unix epoch.
    pub created: Option<i64>,
    /// When it expires, in seconds since the Unix epoch; `None` for a session cookie.
    pub expires: Option<i64>,
    /// When it was last sent, in seconds since the Unix epoch.
    pub last_access: Option<i64>,
}

/// Shows the length of the bytes, which hold the cookie's value.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("bytes", &self.bytes.len())
            .field("created", &self.created)
            .field("expires", &self.expires)
            .field("last_access", &self.last_access)
            .finish()
    }
}

impl Entry {
    /// Returns the key that decides between two entries with the same identity: the greater wins.
    #[must_use]
    pub fn key(&self) -> (Stamp, WriterId) {
        (self.stamp, self.writer)
    }

    /// Returns `true` if this entry replaces `stored`, which has the same identity.
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

    /// Returns `true` if clearing the session at `cleared` removes this entry, because its stamp is smaller.
    #[must_use]
    pub fn is_cleared_by(&self, cleared: Stamp) -> bool {
        self.stamp < cleared
    }

    /// Returns `true` for a tombstone.
    #[must_use]
    pub fn is_tombstone(&self) -> bool {
        self.record.is_none()
    }
}
