//! Cases: loading, and the separation of namespaces.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Case, Changes, Namespace, Stamp, Version, batch, set, tombstone, values};
use crate::persist::engine::FORMAT;

pub(super) const CASES: &[Case] = &[
    ("a new namespace is empty", new),
    ("namespaces are apart", namespaces),
    ("the clock never falls", clock),
    ("all connections are in one history", history),
    ("loading answers in the order of the question", order),
    ("loading answers the version as of which it is", as_of),
    ("tombstones and expired entries are loaded", all_entries),
    ("any text is a session's name", names),
    ("no batch is ever half loaded", whole),
];

fn new(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let hello = database.0.hello().expect("hello").value;
    assert_eq!((hello.version.get(), hello.floor.get()), (0, 0));
    assert_eq!(hello.format, FORMAT);
    assert_eq!(database.find("s"), None);
    assert_eq!(database.listed(), [""; 0]);
    assert_eq!(database.changes(Version::new(0)), Changes::default());
}

fn namespaces(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    database.set("s", &[set("a", stamp, "1")]);
    for suffix in ["2", "-", "_", ".", "A"] {
        let name = format!("{}{suffix}", namespace.name);
        let other = Namespace { name, ..*namespace };
        let mut other = other.connect();
        assert_eq!(other.version().get(), 0, "{suffix}");
        assert_eq!(other.find("s"), None, "{suffix}");
        other.clear("s", stamp, &[tombstone("a", stamp)]);
    }
    assert_eq!(values(&database.entries("s")), ["1"]);
    assert_eq!(database.version().get(), 1);
}

fn clock(namespace: &Namespace<'_>) {
    let (mut one, mut other) = (namespace.connect(), namespace.connect());
    let mut last = 0;
    for _ in 0..20 {
        for database in [&mut one, &mut other] {
            let clock = database.clock();
            assert!(clock >= last, "{clock} after {last}");
            last = clock;
        }
    }
    let applied = one.0.apply(&[]).expect("a batch").clock;
    let loaded = other.0.load(&[]).expect("loading").clock;
    assert!(last <= applied && applied <= loaded);
}

fn history(namespace: &Namespace<'_>) {
    let (mut one, mut other) = (namespace.connect(), namespace.connect());
    let history = one.0.hello().expect("hello").history;
    let stamp = one.ago(0);
    one.set("s", &[set("a", stamp, "1")]);
    assert_eq!(other.0.load(&["s"]).expect("loading").history, history);
    assert_eq!(one.0.apply(&[]).expect("a batch").history, history);
    let again = namespace.connect().0.hello().expect("hello").history;
    assert_eq!(again, history);
}

fn order(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    for name in ["b", "a", "c"] {
        database.set(name, &[set("x", stamp, name)]);
    }
    let asked = ["c", "none", "a", "b", "a"];
    let loaded = database.0.load(&asked).expect("loading").value;
    let values = loaded.sessions.into_iter().map(|session| {
        let entries = session.map(|session| session.entries);
        entries.map(|entries| values(&entries).concat())
    });
    let expected = [Some("c"), None, Some("a"), Some("b"), Some("a")];
    assert_eq!(
        values.collect::<Vec<_>>(),
        expected.map(|value| value.map(str::to_owned))
    );
    assert_eq!(database.0.load(&[]).expect("loading").value.sessions, []);
}

fn as_of(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    for number in 1..4 {
        let version = database
            .set("s", &[set(&number.to_string(), stamp, "")])
            .version;
        let loaded = database.0.load(&["s"]).expect("loading").value;
        assert_eq!(loaded.version, version);
        assert_eq!(database.entries("s").len(), number);
    }
}

fn all_entries(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let mut expired = set("b", stamp, "over");
    if let Some(record) = &mut expired.record {
        record.expires = Some(1);
    }
    database.set("s", &[tombstone("a", stamp), expired]);
    assert_eq!(values(&database.entries("s")), ["-", "over"]);
}

/// Names that an engine would confuse if it quoted or folded them.
const NAMES: [&str; 26] = [
    "",
    "\0",
    "a\0b",
    "a",
    "A",
    "a ",
    " a",
    "a:b",
    "a{b}",
    "%",
    "%00",
    "'",
    "\"",
    "\\",
    "\\0",
    "*",
    "?",
    "é",
    "e\u{301}",
    "\u{10ffff}",
    "-",
    "=a",
    "@a",
    "null",
    "0",
    "00",
];

fn names(namespace: &Namespace<'_>) {
    let long = "x".repeat(1_000);
    let longer = format!("{long}y");
    let names = [&NAMES[..], &[&long, &longer]].concat();
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    for (number, name) in names.iter().enumerate() {
        assert_eq!(database.find(name), None, "{name:?}");
        database.set(name, &[set("x", stamp, &number.to_string())]);
    }
    for (number, name) in names.iter().enumerate() {
        assert_eq!(
            values(&database.entries(name)),
            [number.to_string()],
            "{name:?}"
        );
    }
    let mut listed = database.listed();
    let mut changed: Vec<_> = database
        .changes(Version::default())
        .sessions
        .into_iter()
        .map(|session| session.session)
        .collect();
    let mut expected = names.clone();
    expected.sort_unstable();
    listed.sort_unstable();
    changed.sort_unstable();
    assert_eq!(listed, expected);
    assert_eq!(changed, expected);
}

/// Two entries of each batch have the same stamp: loading returns both or neither.
fn whole(namespace: &Namespace<'_>) {
    let stamp = namespace.connect().ago(1_000);
    let is_written = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mut database = namespace.connect();
        let is_written = &is_written;
        scope.spawn(move || {
            for number in 1..60 {
                let stamp = Stamp::new(stamp.get() + number);
                let entries = [set("a", stamp, "a"), set("b", stamp, "b")];
                let parts = [batch("s", &entries), batch("t", &entries)];
                while database.0.apply(&parts).is_err() {}
            }
            is_written.store(true, Ordering::Release);
        });
        let mut reader = namespace.connect();
        loop {
            let was_written = is_written.load(Ordering::Acquire);
            for session in ["s", "t"] {
                let entries = reader.entries(session);
                let stamps: Vec<_> = entries.iter().map(|entry| entry.stamp).collect();
                assert!(matches!(stamps[..], [] | [_, _]), "{stamps:?}");
                assert_eq!(stamps.first(), stamps.last());
            }
            if was_written {
                break;
            }
        }
    });
}
