//! The order of creation, which is the same in all processes.

use cookiejar::persist::engine::{Database, Engine, Entry, Record, SessionBatch, Stamp, WriterId};
use cookiejar::testing::MemoryEngine;

use super::{header, jar, sessions, set, until};

/// The time at which the cookies of these tests were created.
const CREATED: i64 = 1_767_225_600;

/// A cookie that another process has stored, with its position in the order of creation.
fn stored(name: &str, value: &str, stamp: u64, order: u64) -> Entry {
    let bytes = format!(
        r#"{{"name":"{name}","value":"{value}","domain":"acme.com","host_only":true,"path":"/","created":{CREATED},"order":{order}}}"#
    );
    Entry {
        identity: format!("acme.com\0/\0{name}").into_bytes().into(),
        stamp: Stamp::new(stamp),
        writer: WriterId::new(1),
        record: Some(Record {
            bytes: bytes.into_bytes().into(),
            ..Record::default()
        }),
    }
}

fn store(database: &mut Box<dyn Database>, entry: Entry) {
    let batch = SessionBatch {
        session: "=anna",
        entries: &[entry],
        ..SessionBatch::default()
    };
    database.apply(&[batch]).expect("it is stored");
}

#[test]
fn equal_numbers_end_by_identity() {
    let engine = MemoryEngine::new();
    let mut database = engine.connect("default").expect("it connects");
    let here = sessions(&engine);
    let anna = jar(&here, "anna");
    for (number, name) in ["d", "b", "e", "a", "c"].into_iter().enumerate() {
        store(&mut database, stored(name, "1", 1, 7));
        until("it is read", || anna.len() == number + 1);
    }
    let fresh = jar(&sessions(&engine), "anna");
    assert_eq!(header(&fresh), "a=1; b=1; c=1; d=1; e=1");
    assert_eq!(header(&anna), header(&fresh));
}

#[test]
fn hundreds_of_equal_numbers_lose_no_cookie() {
    let engine = MemoryEngine::new();
    let mut database = engine.connect("default").expect("it connects");
    let names: Vec<_> = (100..400).map(|number| format!("c{number}")).collect();
    for name in &names {
        store(&mut database, stored(name, "1", 1, 7));
    }
    let anna = jar(&sessions(&engine), "anna");
    assert_eq!(anna.len(), names.len());
    for name in &names {
        assert!(
            anna.get(("acme.com", "/", name.as_str())).is_some(),
            "{name}"
        );
    }
}

#[test]
fn the_place_of_a_cookie_that_is_otherwise_the_same_is_taken_over() {
    let engine = MemoryEngine::new();
    let mut database = engine.connect("default").expect("it connects");
    let here = sessions(&engine);
    let anna = jar(&here, "anna");
    store(&mut database, stored("a", "1", 1, 9));
    store(&mut database, stored("b", "1", 1, 7));
    until("both are read", || header(&anna) == "b=1; a=1");
    store(&mut database, stored("a", "1", 2, 5));
    until("its earlier place is known", || header(&anna) == "a=1; b=1");
    assert_eq!(header(&jar(&sessions(&engine), "anna")), "a=1; b=1");
}

#[test]
fn a_number_far_ahead_moves_no_clock() {
    let engine = MemoryEngine::new();
    let mut database = engine.connect("default").expect("it connects");
    let clock = database.hello().expect("hello").clock;
    store(
        &mut database,
        stored("a", "1", Stamp::at(clock).get(), u64::MAX),
    );
    let here = sessions(&engine);
    let anna = jar(&here, "anna");
    for cookie in ["d=1", "c=1", "b=1"] {
        set(&anna, cookie);
    }
    here.flush().wait().expect("it is written");
    assert_eq!(header(&anna), "a=1; d=1; c=1; b=1");
    assert_eq!(
        header(&jar(&sessions(&engine), "anna")),
        "a=1; d=1; c=1; b=1"
    );

    let latest = Stamp::at(database.hello().expect("hello").clock + 1_000);
    let loaded = database.load(&["=anna"]).expect("loading").value;
    let entries = loaded
        .sessions
        .into_iter()
        .flatten()
        .flat_map(|session| session.entries);
    for entry in entries.filter(|entry| !entry.identity.ends_with(b"a")) {
        assert!(entry.stamp < latest, "{entry:?}");
    }
}
