//! What a session is made of: entries, and the one rule that merges them.
//!
//! Pure: no I/O, no lock, no clock, no jar.

use std::sync::Arc;

use super::stamp::{Stamp, WriterId};

/// What a database keeps of one cookie: its identity, when and by whom it was changed last, and its record,
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
    /// The cookie's record: JSON, or what a seal made of it. An engine gives back the very same bytes.
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

    /// Whether this entry takes the place of `stored`, one of the same identity.
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

    /// Whether a session that was cleared at `cleared` is rid of this entry: it has a smaller stamp.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// A session by the rules alone.
    #[derive(Debug, Clone, Default, PartialEq)]
    struct Session {
        cleared: Stamp,
        entries: BTreeMap<Arc<[u8]>, Entry>,
    }

    impl Session {
        fn take(&mut self, entry: Entry) {
            let stays = |stored: &Entry| !entry.replaces(stored);
            if entry.is_cleared_by(self.cleared)
                || self.entries.get(&entry.identity).is_some_and(stays)
            {
                return;
            }
            self.entries.insert(Arc::clone(&entry.identity), entry);
        }

        fn clear(&mut self, cleared: Stamp) {
            self.cleared = self.cleared.max(cleared);
            self.entries
                .retain(|_, entry| !entry.is_cleared_by(self.cleared));
        }

        fn merge(mut self, other: &Self) -> Self {
            self.clear(other.cleared);
            for entry in other.entries.values() {
                self.take(entry.clone());
            }
            self
        }
    }

    /// A stamp and a writer give one content: no process uses both twice.
    fn entry((identity, stamp, writer): (u8, u64, u64)) -> Entry {
        let bytes = format!("{identity} {stamp} {writer}").into_bytes();
        let record = Record {
            bytes: bytes.into(),
            ..Record::default()
        };
        Entry {
            identity: [identity].into(),
            stamp: Stamp::new(stamp),
            writer: WriterId::new(writer),
            record: (stamp % 3 > 0).then_some(record),
        }
    }

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        prop::collection::vec((0..4_u8, 0..20_u64, 0..3_u64).prop_map(entry), 0..12)
    }

    fn session() -> impl Strategy<Value = Session> {
        (entries(), 0..20_u64).prop_map(|(entries, cleared)| {
            let mut session = Session::default();
            session.clear(Stamp::new(cleared / 2));
            for entry in entries {
                session.take(entry);
            }
            session.clear(Stamp::new(cleared));
            session
        })
    }

    proptest! {
        #[test]
        fn merging_is_commutative(a in session(), b in session()) {
            prop_assert_eq!(a.clone().merge(&b), b.merge(&a));
        }

        #[test]
        fn merging_is_associative(a in session(), b in session(), c in session()) {
            let left = a.clone().merge(&b).merge(&c);
            prop_assert_eq!(left, a.merge(&b.merge(&c)));
        }

        #[test]
        fn merging_twice_is_merging_once(a in session(), b in session()) {
            let once = a.clone().merge(&b);
            prop_assert_eq!(once.clone().merge(&b), once.clone());
            prop_assert_eq!(a.clone().merge(&a), a);
        }

        #[test]
        fn the_order_of_entries_and_clears_does_not_matter(
            entries in entries(),
            cleared in 0..20_u64,
            place in 0..13_usize,
        ) {
            let mut forward = Session::default();
            for (number, entry) in entries.iter().enumerate() {
                if number == place {
                    forward.clear(Stamp::new(cleared));
                }
                forward.take(entry.clone());
            }
            forward.clear(Stamp::new(cleared));
            let mut backward = Session::default();
            backward.clear(Stamp::new(cleared));
            for entry in entries.iter().rev() {
                backward.take(entry.clone());
            }
            prop_assert_eq!(forward, backward);
        }
    }
}
