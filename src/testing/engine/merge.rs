//! Cases: merging the changes of several writers.

use super::{
    Case, EngineError, Entry, Namespace, Record, SessionBatch, Stamp, Version, WriterId, batch, by,
    set, tombstone, values,
};
use crate::persist::engine::{MAX_AHEAD, MAX_BATCH};

pub(super) const CASES: &[Case] = &[
    ("a record comes back byte for byte", records),
    ("the greater stamp stays, whichever comes first", stamps),
    ("stamps are compared to the last digit", digits),
    ("between equal stamps the greater writer stays", writers),
    ("an entry that is neither greater stays out", equals),
    ("a tombstone is an entry like others", tombstones),
    ("sending a batch again changes nothing", again),
    ("a session may occur twice in a batch", twice),
    ("an empty batch is no change", empty),
    ("`cleared` removes what has a smaller stamp", cleared),
    (
        "a set that waits behind a clear lives by its stamp",
        behind_a_clear,
    ),
    ("what comes after a clear lives by its stamp", after_a_clear),
    ("`cleared` never falls", cleared_falls),
    ("a session can be cleared before it is there", cleared_early),
    (
        "a stamp too far ahead is rejected, and nothing stored",
        ahead,
    ),
    ("`cleared` too far ahead is rejected", cleared_ahead),
    ("an identity may have 12 KB", long_identities),
    ("a record may have 64 KB", long_records),
    ("identities are compared by bytes", identities),
    ("a batch may be as large as a jar makes them", large),
    ("four writers come to the state of the rules", four_writers),
];

fn records(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let every_byte: Vec<u8> = (0..=255).collect();
    let times = [
        (None, None, None),
        (
            Some(1_767_225_600),
            Some(253_402_300_799),
            Some(1_767_225_601),
        ),
        (Some(-1), Some(-62_135_596_800), Some(0)),
    ];
    let entries: Vec<_> = (0_u8..)
        .zip(times)
        .map(|(number, (created, expires, last_access))| Entry {
            identity: [b".acme.com\0/\0", &[number, 0xff][..]].concat().into(),
            stamp,
            writer: WriterId::new(u64::MAX - u64::from(number)),
            record: Some(Record {
                bytes: every_byte.clone().into(),
                created,
                expires,
                last_access,
            }),
        })
        .collect();
    database.set("s", &entries);
    assert_eq!(database.entries("s"), entries);
    assert_eq!(namespace.connect().entries("s"), entries);
}

fn stamps(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(10), database.ago(5));
    database.set("s", &[set("a", old, "old"), set("b", new, "new")]);
    database.set("s", &[set("a", new, "new"), set("b", old, "old")]);
    assert_eq!(values(&database.entries("s")), ["new", "new"]);
}

fn digits(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    for number in [0, 2, 1, 3, 2] {
        let value = number.to_string();
        let stamp = Stamp::new(stamp.get() + number);
        database.set("s", &[set("a", stamp, &value)]);
    }
    assert_eq!(values(&database.entries("s")), ["3"]);
}

fn writers(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let order = [1, 5, 2, 1 << 63, 9, u64::MAX, (1 << 63) + 1];
    for writer in order {
        let value = writer.to_string();
        database.set("s", &[by(writer, set("a", stamp, &value))]);
    }
    assert_eq!(values(&database.entries("s")), [u64::MAX.to_string()]);
    let later = Stamp::new(stamp.get() + 1);
    database.set("s", &[by(0, set("a", later, "later"))]);
    assert_eq!(values(&database.entries("s")), ["later"]);
}

fn equals(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    database.set("s", &[set("a", stamp, "first")]);
    database.set("s", &[set("a", stamp, "second")]);
    assert_eq!(values(&database.entries("s")), ["first"]);
}

fn tombstones(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    let later = |steps| Stamp::new(stamp.get() + steps);
    database.set("s", &[set("a", stamp, "1"), tombstone("b", later(2))]);
    database.set("s", &[tombstone("a", later(1)), set("b", later(1), "1")]);
    assert_eq!(values(&database.entries("s")), ["-", "-"]);
    database.set("s", &[set("a", later(2), "2")]);
    assert_eq!(values(&database.entries("s")), ["2", "-"]);
}

fn again(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    let entries = [set("a", stamp, "1"), tombstone("b", stamp)];
    let first = database.clear("s", stamp, &entries);
    let before = database.load("s");
    let second = database.clear("s", stamp, &entries);
    assert_eq!((second.version, second.taken), (first.version, 0));
    assert_eq!(database.load("s"), before);
}

fn twice(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(5), database.ago(1));
    let parts = [[set("a", new, "new")], [set("a", old, "old")]];
    let [first, second] = &parts;
    database.apply(&[batch("s", first), batch("s", second)]);
    database.apply(&[batch("t", second), batch("t", first)]);
    assert_eq!(values(&database.entries("s")), ["new"]);
    assert_eq!(values(&database.entries("t")), ["new"]);
}

fn empty(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let applied = database.apply(&[]);
    assert_eq!((applied.version.get(), applied.taken), (0, 0));
    let applied = database.apply(&[batch("s", &[])]);
    assert_eq!((applied.version.get(), applied.taken), (0, 0));
    assert_eq!(database.find("s"), None);
}

fn cleared(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    let at = |steps| Stamp::new(stamp.get() + steps);
    let entries = [
        set("a", at(1), "1"),
        tombstone("b", at(1)),
        set("c", at(2), "2"),
        set("d", at(3), "3"),
    ];
    database.set("s", &entries);
    database.set("t", &entries);
    database.clear("s", at(2), &[]);
    let session = database.load("s");
    assert_eq!(session.cleared, Some(at(2)));
    assert_eq!(values(&session.entries), ["2", "3"]);
    assert_eq!(database.load("t").cleared, None);
    assert_eq!(database.entries("t").len(), 4);
}

fn behind_a_clear(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    let at = |steps| Stamp::new(stamp.get() + steps);
    let entries = [
        set("a", at(1), "dead"),
        set("b", at(2), "2"),
        set("c", at(3), "3"),
    ];
    database.clear("s", at(2), &entries);
    assert_eq!(values(&database.entries("s")), ["2", "3"]);
}

fn after_a_clear(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    let at = |steps| Stamp::new(stamp.get() + steps);
    database.set("s", &[set("a", stamp, "old")]);
    database.clear("s", at(2), &[]);
    let dead = database.set("s", &[set("a", at(1), "dead"), tombstone("b", at(1))]);
    assert_eq!(dead.taken, 0);
    database.set("s", &[set("c", at(2), "2"), set("d", at(3), "3")]);
    assert_eq!(values(&database.entries("s")), ["2", "3"]);
}

fn cleared_falls(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(5), database.ago(1));
    let first = database.clear("s", new, &[]);
    let second = database.clear("s", old, &[]);
    assert_eq!(database.load("s").cleared, Some(new));
    assert_eq!((second.version, second.taken), (first.version, 0));
}

fn cleared_early(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(5), database.ago(1));
    assert_eq!(database.clear("s", new, &[]).version.get(), 1);
    database.set("s", &[set("a", old, "dead")]);
    let session = database.load("s");
    assert_eq!((session.cleared, session.entries), (Some(new), vec![]));
}

fn ahead(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let soon = Stamp::at(database.clock() + MAX_AHEAD - 1_000);
    database.set("s", &[set("a", soon, "soon")]);
    let version = database.version();
    let far = Stamp::at(database.clock() + MAX_AHEAD + 60_000);
    let now = database.ago(0);
    let entries = [set("b", now, "now"), set("c", far, "far")];
    let result = database.0.apply(&[batch("s", &entries)]);
    let Err(EngineError::StampAhead { clock, history }) = result else {
        panic!("{result:?}");
    };
    assert!(far.is_ahead_of(clock), "{clock}");
    let hello = database.0.hello().expect("hello");
    assert!(clock <= hello.clock);
    assert_eq!(history, hello.history);
    assert_eq!(values(&database.entries("s")), ["soon"]);
    assert_eq!(database.version(), version);
}

fn cleared_ahead(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let far = Stamp::at(database.clock() + MAX_AHEAD + 60_000);
    let result = database.0.apply(&[SessionBatch {
        cleared: Some(far),
        ..batch("s", &[])
    }]);
    assert!(matches!(result, Err(EngineError::StampAhead { .. })));
    assert_eq!(database.find("s"), None);
}

fn long_identities(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let long = "x".repeat(12_288);
    let entries = [
        set(&format!("{long}a"), stamp, "a"),
        set(&format!("{long}b"), stamp, "b"),
    ];
    database.set("s", &entries);
    assert_eq!(database.entries("s"), entries);
    assert_eq!(
        database.changes(Version::default()).sessions[0]
            .entries
            .len(),
        2
    );
}

fn long_records(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let entries = [set("a", database.ago(0), &"x".repeat(65_536))];
    database.set("s", &entries);
    assert_eq!(database.entries("s"), entries);
}

fn identities(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let names = [
        "A",
        "a",
        "a ",
        "a\0",
        "a\0b",
        "a%",
        "a\u{e9}",
        "ae\u{301}",
        "'",
        "\"",
        "\\",
        "*",
        ":",
    ];
    let mut entries: Vec<_> = names.iter().map(|name| set(name, stamp, name)).collect();
    entries.sort_by(|a, b| a.identity.cmp(&b.identity));
    database.set("s", &entries);
    assert_eq!(database.entries("s"), entries);
}

fn large(namespace: &Namespace<'_>) {
    const ENTRIES: usize = 20_000;
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let name = |number| format!("acme.com\0/\0{number:06}");
    let entries: Vec<_> = (0..ENTRIES)
        .map(|number| set(&name(number), stamp, "value"))
        .collect();
    for part in entries.chunks(MAX_BATCH) {
        database.set("s", part);
    }
    assert_eq!(database.entries("s"), entries);
    let changes = database.changes(Version::default());
    let told = changes.sessions.iter().map(|session| session.entries.len());
    assert_eq!(told.sum::<usize>(), ENTRIES);

    let names: Vec<_> = (0..1_000).map(|number| number.to_string()).collect();
    let parts: Vec<_> = names
        .iter()
        .map(|name| batch(name, &entries[..1]))
        .collect();
    database.apply(&parts);
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let loaded = database.0.load(&names).expect("loading").value;
    let has_one = |session: &Option<super::LoadedSession>| {
        session
            .as_ref()
            .is_some_and(|session| session.entries.len() == 1)
    };
    assert!(loaded.sessions.iter().all(has_one));
}

/// Four independent writers: in any order of batches, the state follows the rules.
fn four_writers(namespace: &Namespace<'_>) {
    let stamp = namespace.connect().ago(1_000);
    let entry = |writer: u64, round: u64, name: u64| {
        let stamp = Stamp::new(stamp.get() + (round * 7 + writer * 3 + name) % 23);
        let value = format!("{writer} {}", stamp.get());
        by(writer, set(&name.to_string(), stamp, &value))
    };
    let written =
        |writer| (0..25).map(move |round| [0, 1, 2].map(|name| entry(writer, round, name)));
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let mut database = namespace.connect();
            scope.spawn(move || {
                for mut entries in written(writer) {
                    entries.sort_by(|a, b| a.identity.cmp(&b.identity));
                    while let Err(error) = database.0.apply(&[batch("s", &entries)]) {
                        assert!(matches!(error, EngineError::Unavailable(_)), "{error:?}");
                    }
                }
            });
        }
    });
    let all = || (0..4).flat_map(written).flatten();
    let expected = ["0", "1", "2"].map(|name| {
        let of_name = all().filter(|entry| *entry.identity == *name.as_bytes());
        of_name.max_by_key(Entry::key).expect("entries")
    });
    assert_eq!(namespace.connect().entries("s"), expected);
}
