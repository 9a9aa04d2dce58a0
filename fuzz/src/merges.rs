//! Two histories of one session, merged in different orders.

use std::collections::BTreeMap;
use std::sync::Arc;

use cookiejar::persist::engine::{
    Database, Engine, Entry, LoadedSession, Record, SessionBatch, Stamp, WriterId,
};
use cookiejar::testing::MemoryEngine;

use super::bytes::Bytes;

/// A change of one history.
#[derive(Debug, Clone)]
struct Change {
    cleared: Option<Stamp>,
    entries: Vec<Entry>,
}

/// The input is a list of changes; the first octet of each says which history it is of.
pub fn merges(data: &[u8]) {
    let mut input = Bytes::new(data);
    let mut histories: [Vec<Change>; 2] = Default::default();
    while !input.is_empty() {
        let history = input.below(2);
        histories[history].push(change(&mut input));
    }
    let [one, other] = &histories;
    let forward = merged(one.iter().chain(other));
    let backward = merged(other.iter().chain(one));
    assert_eq!(forward, backward);
    assert_eq!(forward, merged(one.iter().rev().chain(other.iter().rev())));
    assert_eq!(forward, merged(one.iter().chain(other).chain(one)));
    assert_eq!(forward, at_once(one.iter().chain(other)));
    let sides = [merged(one), merged(other)].map(|session| Change {
        cleared: session.cleared,
        entries: session.entries,
    });
    assert_eq!(forward, merged(sides.iter().rev()));
}

fn change(input: &mut Bytes<'_>) -> Change {
    let choice = input.byte();
    let mut entries = BTreeMap::new();
    for _ in 0..choice & 3 {
        let entry = entry(input);
        entries.insert(Arc::clone(&entry.identity), entry);
    }
    Change {
        cleared: (choice & 0b1100 == 0b1100).then(|| Stamp::new(u64::from(input.byte() & 31))),
        entries: entries.into_values().collect(),
    }
}

/// A stamp and a writer determine the content: no process uses both twice.
fn entry(input: &mut Bytes<'_>) -> Entry {
    let (name, stamp, writer) = (input.byte() & 3, input.byte() & 31, input.byte() & 3);
    let record = Record {
        bytes: [name, stamp, writer].into(),
        ..Record::default()
    };
    Entry {
        identity: [name].into(),
        stamp: Stamp::new(u64::from(stamp)),
        writer: WriterId::new(u64::from(writer)),
        record: (stamp % 3 > 0).then_some(record),
    }
}

fn batch(change: &Change) -> SessionBatch<'_> {
    SessionBatch {
        session: "=anna",
        cleared: change.cleared,
        entries: &change.entries,
        ..SessionBatch::default()
    }
}

/// The session after the changes, one batch each.
fn merged<'c>(changes: impl IntoIterator<Item = &'c Change>) -> LoadedSession {
    let mut database = database();
    for change in changes {
        database.apply(&[batch(change)]).expect("it is stored");
    }
    load(&mut *database)
}

/// The session after the changes, all in one batch.
fn at_once<'c>(changes: impl IntoIterator<Item = &'c Change>) -> LoadedSession {
    let batch: Vec<_> = changes.into_iter().map(batch).collect();
    let mut database = database();
    database.apply(&batch).expect("it is stored");
    load(&mut *database)
}

fn database() -> Box<dyn Database> {
    MemoryEngine::new().connect("fuzz").expect("it connects")
}

fn load(database: &mut dyn Database) -> LoadedSession {
    let mut loaded = database.load(&["=anna"]).expect("it loads").value;
    let mut session = loaded.sessions.remove(0).unwrap_or_default();
    session.cleared = session
        .cleared
        .filter(|cleared| *cleared > Stamp::default());
    session.entries.sort_by(|a, b| a.identity.cmp(&b.identity));
    session
}
