//! Sessions that are no longer used, over a database in memory.

use std::time::Duration;

use super::super::engine::{Engine, Entry, Record, WriterId};
use super::*;
use crate::testing::MemoryEngine;

const START: u64 = 1_767_225_600_000;
const DAY: u64 = 86_400_000;

fn entry(name: &str, millis: u64) -> Entry {
    Entry {
        identity: format!("acme.com\0/\0{name}").into_bytes().into(),
        stamp: Stamp::at(millis),
        writer: WriterId::new(1),
        record: Some(Record::default()),
    }
}

fn set(database: &mut dyn Database, session: &str, entries: &[Entry]) {
    let batch = SessionBatch {
        session,
        entries,
        ..SessionBatch::default()
    };
    database.apply(&[batch]).expect("it is stored");
}

fn listed(database: &mut dyn Database) -> Vec<String> {
    let listed = database.sessions(None, 100).expect("a page").value;
    listed.into_iter().map(|info| info.session).collect()
}

#[test]
fn a_session_ends_when_nobody_has_used_it() {
    let engine = MemoryEngine::new();
    engine.set_time(START);
    let mut database = engine.connect("default").expect("it connects");
    let database = &mut *database;
    for name in ["-", "=anna", "=bert", "@acme.com"] {
        set(database, name, &[entry("a", START)]);
    }
    engine.set_time(START + 9 * DAY);
    set(database, "=bert", &[]);
    engine.set_time(START + 10 * DAY);
    end_unused(database, Duration::from_millis(11 * DAY)).expect("none ends");
    assert_eq!(listed(database), ["-", "=anna", "=bert", "@acme.com"]);

    end_unused(database, Duration::from_millis(5 * DAY)).expect("two end");
    assert_eq!(
        listed(database),
        ["=bert", "@acme.com"],
        "touched, and not one of these"
    );
    let loaded = database.load(&["=anna"]).expect("it loads").value;
    let anna = loaded.sessions[0].as_ref().expect("it is remembered");
    assert!(anna.entries.is_empty());
}

#[test]
fn a_change_made_while_a_session_ends_stays() {
    let engine = MemoryEngine::new();
    engine.set_time(START);
    let mut database = engine.connect("default").expect("it connects");
    let database = &mut *database;
    set(database, "=anna", &[entry("old", START + MAX_AHEAD)]);
    let listed_then = database.sessions(None, 100).expect("a page").value;
    engine.set_time(START + DAY);
    set(database, "=anna", &[entry("new", START + DAY)]);
    database
        .apply(&[end(&listed_then[0], START + DAY)])
        .expect("it is stored");
    let loaded = database.load(&["=anna"]).expect("it loads").value;
    let anna = loaded.sessions[0].as_ref().expect("it is there");
    assert_eq!(anna.entries, [entry("new", START + DAY)]);
    assert_eq!(listed(database), ["=anna"]);
}

#[test]
fn a_life_is_two_hours_at_least() {
    let engine = MemoryEngine::new();
    engine.set_time(START);
    let mut database = engine.connect("default").expect("it connects");
    set(&mut *database, "=anna", &[entry("a", START)]);
    let options =
        PersistOptions::with_policy(std::sync::Arc::new(crate::policy::AcceptAllPolicy::new()))
            .sessions_end_after(Some(Duration::from_secs(1)));
    engine.set_time(START + DAY / 12);
    purge(&mut *database, &options).expect("it works");
    assert_eq!(listed(&mut *database), ["=anna"]);
    engine.set_time(START + DAY / 12 + 1);
    purge(&mut *database, &options).expect("it works");
    assert!(listed(&mut *database).is_empty());
}
