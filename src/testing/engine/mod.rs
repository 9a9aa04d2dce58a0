//! Tests of the database contract, and an in-memory database.
//!
//! They test only what [`persist::engine`](crate::persist::engine) requires.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use crate::persist::engine::{
    Answer, Applied, Changed, Changes, ClaimDatabase, ClaimOwner, Database, Engine, EngineError,
    Entry, Granted, LoadedSession, Record, SessionBatch, Stamp, Version, WriterId,
};

mod changes;
mod claims;
mod load;
mod memory;
mod merge;
mod namespace;
mod purge;
mod sessions;

pub use memory::MemoryEngine;

/// Runs the tests of the [contract](crate::persist::engine) against an engine, each case in a namespace of its own.
///
/// Their random names begin with `check-`, and they are not removed. Several checks of one database may run at the same
/// time. The cases of claims are for engines that have [claims](Database::claims).
///
/// ```
/// use cookiejar::testing::{MemoryEngine, check_engine};
///
/// check_engine(&MemoryEngine::new());
/// ```
///
/// # Panics
///
/// Panics if the engine breaks the contract; the message names the case.
pub fn check_engine(engine: &dyn Engine) {
    let run = RandomState::new().hash_one("check");
    let groups = [
        merge::CASES,
        load::CASES,
        changes::CASES,
        purge::CASES,
        sessions::CASES,
        claims::CASES,
    ];
    for (number, (name, case)) in groups.iter().copied().flatten().enumerate() {
        let named = Named(name);
        case(&Namespace {
            engine,
            name: format!("check-{run:016x}-{number}"),
        });
        std::mem::forget(named);
    }
}

type Case = (&'static str, fn(&Namespace<'_>));

struct Named(&'static str);

impl Drop for Named {
    fn drop(&mut self) {
        eprintln!("the engine breaks the contract: {}", self.0);
    }
}

struct Namespace<'e> {
    engine: &'e dyn Engine,
    name: String,
}

impl Namespace<'_> {
    #[track_caller]
    fn connect(&self) -> Connection {
        let database = self.engine.connect(&self.name);
        Connection(database.expect("the engine connects"))
    }
}

struct Connection(Box<dyn Database>);

impl Connection {
    #[track_caller]
    fn clock(&mut self) -> u64 {
        self.0.hello().expect("hello").clock
    }

    #[track_caller]
    fn version(&mut self) -> Version {
        self.0.hello().expect("hello").value.version
    }

    #[track_caller]
    fn floor(&mut self) -> Stamp {
        self.0.hello().expect("hello").value.floor
    }

    #[track_caller]
    fn ago(&mut self, millis: u64) -> Stamp {
        Stamp::at(self.clock() - millis)
    }

    #[track_caller]
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Applied {
        self.0.apply(batch).expect("the batch is stored").value
    }

    #[track_caller]
    fn set(&mut self, session: &str, entries: &[Entry]) -> Applied {
        self.apply(&[batch(session, entries)])
    }

    #[track_caller]
    fn clear(&mut self, session: &str, cleared: Stamp, entries: &[Entry]) -> Applied {
        self.apply(&[SessionBatch {
            cleared: Some(cleared),
            ..batch(session, entries)
        }])
    }

    #[track_caller]
    fn load(&mut self, session: &str) -> LoadedSession {
        self.find(session).expect("the session is there")
    }

    #[track_caller]
    fn find(&mut self, session: &str) -> Option<LoadedSession> {
        let loaded = self.0.load(&[session]).expect("loading").value;
        let [session] = <[_; 1]>::try_from(loaded.sessions).expect("one answer for each session");
        session.map(|mut session| {
            session.entries.sort_by(|a, b| a.identity.cmp(&b.identity));
            session
        })
    }

    #[track_caller]
    fn entries(&mut self, session: &str) -> Vec<Entry> {
        self.find(session).unwrap_or_default().entries
    }

    #[track_caller]
    fn changes(&mut self, after: Version) -> Changes {
        match self.changed(after) {
            Changed::UpTo(changes) => changes,
            Changed::TooFarBehind => panic!("version {after} is not too far behind"),
        }
    }

    #[track_caller]
    fn changed(&mut self, after: Version) -> Changed {
        let answer = self.0.changes(after, Duration::ZERO);
        answer.expect("changes").value
    }

    #[track_caller]
    fn purge(&mut self, before: Stamp) -> usize {
        self.0.purge(before, 1_000).expect("purging").value
    }

    #[track_caller]
    fn listed(&mut self) -> Vec<String> {
        let Answer { value, .. } = self.0.sessions(None, 1_000).expect("sessions");
        value.into_iter().map(|info| info.session).collect()
    }
}

fn batch<'a>(session: &'a str, entries: &'a [Entry]) -> SessionBatch<'a> {
    SessionBatch {
        session,
        entries,
        ..SessionBatch::default()
    }
}

fn set(identity: &str, stamp: Stamp, value: &str) -> Entry {
    Entry {
        identity: identity.as_bytes().into(),
        stamp,
        writer: WriterId::new(1),
        record: Some(Record {
            bytes: Arc::from(value.as_bytes()),
            ..Record::default()
        }),
    }
}

fn tombstone(identity: &str, stamp: Stamp) -> Entry {
    Entry {
        record: None,
        ..set(identity, stamp, "")
    }
}

fn by(writer: u64, entry: Entry) -> Entry {
    Entry {
        writer: WriterId::new(writer),
        ..entry
    }
}

fn values(entries: &[Entry]) -> Vec<String> {
    let value = |entry: &Entry| match &entry.record {
        Some(record) => String::from_utf8_lossy(&record.bytes).into_owned(),
        None => "-".to_owned(),
    };
    entries.iter().map(value).collect()
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/engine.rs"]
mod tests;
