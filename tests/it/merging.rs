//! Entries and clears that arrive in any order give the same session.

use std::collections::BTreeMap;
use std::sync::Arc;

use cookiejar::persist::engine::{Entry, Record, Stamp, WriterId};
use proptest::prelude::*;

/// A session that applies only the rules.
#[derive(Debug, Clone, Default, PartialEq)]
struct Session {
    cleared: Stamp,
    entries: BTreeMap<Arc<[u8]>, Entry>,
}

impl Session {
    fn take(&mut self, entry: Entry) {
        let stays = |stored: &Entry| !entry.replaces(stored);
        if entry.is_cleared_by(self.cleared) || self.entries.get(&entry.identity).is_some_and(stays)
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

/// A stamp and a writer determine the content: no process uses both twice.
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
