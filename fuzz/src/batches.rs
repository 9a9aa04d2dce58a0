//! Batches into a database, and a follower that only reads its changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cookiejar::persist::engine::{
    Changed, Database, Engine, EngineError, Entry, Record, SessionBatch, Stamp, Version, WriterId,
};
use cookiejar::testing::MemoryEngine;

use super::bytes::Bytes;
use super::world::NOW;

const SESSIONS: [&str; 3] = ["", "=anna", "@acme.com\0"];

/// The input is a program: batches, reads, purges, and steps of the server's clock.
pub fn batches(data: &[u8]) {
    let mut input = Bytes::new(data);
    let engine = MemoryEngine::new();
    let mut now = u64::try_from(NOW).expect("after 1970") * 1_000;
    engine.set_time(now);
    let mut databases = [connect(&engine), connect(&engine)];
    let mut follower = Follower::default();
    let mut purged = Stamp::default();
    for _ in 0..200 {
        if input.is_empty() {
            break;
        }
        let database = &mut *databases[input.below(2)];
        match input.below(8) {
            0 => {
                now += u64::from(input.byte()) * 1_000;
                engine.set_time(now);
            }
            1 => purged = purged.max(purge(database, &mut input, now)),
            2 | 3 => follower.read(database),
            _ => apply(database, &mut input, now),
        }
    }
    let database = &mut *databases[0];
    follower.read(database);
    follower.read(database);
    let loaded = database.load(&SESSIONS).expect("it loads").value;
    assert_eq!(loaded.version, follower.version);
    let hello = database.hello().expect("hello").value;
    for (name, session) in SESSIONS.iter().zip(loaded.sessions) {
        let Some(session) = session else { continue };
        let known = follower.sessions.entry((*name).to_owned()).or_default();
        // A session that was purged may begin anew, above the floor.
        let (cleared, floor) = (session.cleared.unwrap_or_default(), hello.floor);
        assert_eq!(cleared.max(floor), known.cleared.max(floor), "{name}");
        let loaded: Entries = keyed(session.entries);
        for (identity, entry) in &loaded {
            assert_eq!(known.entries.get(identity), Some(entry), "{name}");
        }
        // Purges are not told: what they remove is dead.
        let is_gone = |entry: &&Entry| !loaded.contains_key(&entry.identity);
        for entry in known.entries.values().filter(is_gone) {
            assert!(entry.stamp < purged && is_dead(entry, purged), "{entry:?}");
        }
    }
}

/// A tombstone, or a cookie that had expired before what was purged.
fn is_dead(entry: &Entry, purged: Stamp) -> bool {
    let record = entry.record.as_ref();
    record.is_none_or(|record| {
        let millis = i64::try_from(purged.millis()).expect("a small number");
        record
            .expires
            .is_some_and(|expires| expires * 1_000 <= millis)
    })
}

fn connect(engine: &MemoryEngine) -> Box<dyn Database> {
    engine.connect("fuzz").expect("it connects")
}

type Entries = BTreeMap<Arc<[u8]>, Entry>;

fn keyed(entries: impl IntoIterator<Item = Entry>) -> Entries {
    let entries = entries.into_iter();
    entries
        .map(|entry| (Arc::clone(&entry.identity), entry))
        .collect()
}

/// Up to 128 seconds before the server's time, or up to 127 after it.
fn stamp(input: &mut Bytes<'_>, now: u64) -> Stamp {
    let seconds = u64::from(input.byte()) * 1_000;
    let counter = u64::from(input.byte() & 3);
    Stamp::new(Stamp::at(now + seconds - 128_000).get() + counter)
}

/// A stamp and a writer determine the content: no process uses both twice.
fn entry(input: &mut Bytes<'_>, now: u64) -> Entry {
    let (name, writer) = (input.byte() & 7, u64::from(input.byte() & 3));
    let stamp = stamp(input, now);
    let text = format!("{name} {writer} {}", stamp.get());
    let expires = i64::try_from(stamp.millis() / 1_000).expect("a small number") + 30;
    let record = Record {
        bytes: text.into_bytes().into(),
        expires: (name & 1 == 0).then_some(expires),
        ..Record::default()
    };
    Entry {
        identity: [name].into(),
        stamp,
        writer: WriterId::new(writer),
        record: (stamp.get() & 1 == 0).then_some(record),
    }
}

fn apply(database: &mut dyn Database, input: &mut Bytes<'_>, now: u64) {
    let before = database.hello().expect("hello").value;
    let parts: Vec<_> = (0..=input.below(3)).map(|_| part(input, now)).collect();
    let batch: Vec<_> = parts.iter().map(Part::batch).collect();
    let ahead = parts
        .iter()
        .flat_map(Part::stamps)
        .any(|stamp| stamp.is_ahead_of(now));
    let applied = match database.apply(&batch) {
        Ok(applied) => applied.value,
        Err(EngineError::StampAhead { clock, .. }) => {
            assert!(ahead && clock == now);
            assert_eq!(
                database.hello().expect("hello").value.version,
                before.version
            );
            return;
        }
        Err(error) => panic!("{error}"),
    };
    assert!(!ahead);
    assert_eq!(applied.version.get(), before.version.get() + applied.taken);
    assert_eq!(applied.floor, before.floor);
    let again = database.apply(&batch).expect("merged twice").value;
    assert_eq!((again.version, again.taken), (applied.version, 0));
}

struct Part {
    session: &'static str,
    cleared: Option<Stamp>,
    ended: bool,
    entries: Vec<Entry>,
}

impl Part {
    fn batch(&self) -> SessionBatch<'_> {
        SessionBatch {
            session: self.session,
            cleared: self.cleared,
            ended: self.ended,
            entries: &self.entries,
            ..SessionBatch::default()
        }
    }

    fn stamps(&self) -> impl Iterator<Item = Stamp> {
        let entries = self.entries.iter().map(|entry| entry.stamp);
        entries.chain(self.cleared)
    }
}

fn part(input: &mut Bytes<'_>, now: u64) -> Part {
    let (session, choice) = (input.pick(&SESSIONS), input.byte());
    let entries = (0..choice >> 5)
        .map(|_| entry(input, now))
        .collect::<Vec<_>>();
    Part {
        session,
        cleared: (choice & 3 == 3).then(|| stamp(input, now)),
        ended: choice & 4 != 0,
        entries: keyed(entries).into_values().collect(),
    }
}

/// Returns the time before which dead entries are removed.
fn purge(database: &mut dyn Database, input: &mut Bytes<'_>, now: u64) -> Stamp {
    let before = database.hello().expect("hello").value;
    let (stamp, at_most) = (stamp(input, now), input.below(4));
    let sessions = database.purge(stamp, at_most).expect("it purges").value;
    assert!(sessions <= at_most);
    let after = database.hello().expect("hello").value;
    assert_eq!(after.version, before.version);
    assert!(after.floor >= before.floor && after.floor <= before.floor.max(stamp));
    stamp
}

/// What is known of a session from changes alone.
#[derive(Default)]
struct Followed {
    cleared: Stamp,
    entries: Entries,
}

#[derive(Default)]
struct Follower {
    version: Version,
    sessions: BTreeMap<String, Followed>,
}

impl Follower {
    fn read(&mut self, database: &mut dyn Database) {
        let answer = database
            .changes(self.version, Duration::ZERO)
            .expect("changes");
        let Changed::UpTo(changes) = answer.value else {
            return self.reload(database);
        };
        assert!(changes.version >= self.version);
        self.version = changes.version;
        for told in changes.sessions {
            let session = self.sessions.entry(told.session).or_default();
            session.cleared = session.cleared.max(told.cleared.unwrap_or_default());
            for (_, entry) in told.entries {
                let stays = |stored: &Entry| !entry.replaces(stored);
                if !session.entries.get(&entry.identity).is_some_and(stays) {
                    session.entries.insert(Arc::clone(&entry.identity), entry);
                }
            }
            let cleared = session.cleared;
            session
                .entries
                .retain(|_, entry| !entry.is_cleared_by(cleared));
        }
    }

    fn reload(&mut self, database: &mut dyn Database) {
        let loaded = database.load(&SESSIONS).expect("it loads").value;
        self.version = loaded.version;
        self.sessions.clear();
        for (name, session) in SESSIONS.iter().zip(loaded.sessions) {
            let session = session.unwrap_or_default();
            let followed = Followed {
                cleared: session.cleared.unwrap_or_default(),
                entries: keyed(session.entries),
            };
            self.sessions.insert((*name).to_owned(), followed);
        }
    }
}
