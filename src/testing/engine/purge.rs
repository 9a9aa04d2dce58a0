//! Cases: purging, and the floor that it raises.

use super::{
    Case, Changed, Connection, Entry, Namespace, SessionBatch, Stamp, Version, batch, set,
    tombstone, values,
};

pub(super) const CASES: &[Case] = &[
    ("old tombstones are removed, and nothing else", tombstones),
    ("entries that expired long ago are removed", expired),
    ("an entry below the floor is ignored", below_the_floor),
    (
        "a version below the floor's is too far behind",
        too_far_behind,
    ),
    ("what removes nothing moves no floor", nothing),
    ("the floor never falls", falls),
    ("no client's clock purges what is still to come", future),
    ("a call purges no more sessions than it may", at_most),
    (
        "an ended session goes, and what it cleared stays dead",
        ended,
    ),
    ("a session that is listed stays, with its `cleared`", listed),
];

/// In milliseconds; all stamps here are older than this, or a tenth as old.
const OLD: u64 = 10_000;

fn purge(database: &mut Connection) -> usize {
    let before = database.ago(OLD);
    database.purge(before)
}

fn tombstones(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(OLD + 1_000), database.ago(OLD / 10));
    let entries = [
        tombstone("a", old),
        tombstone("b", new),
        set("c", old, "old"),
        set("d", new, "new"),
    ];
    database.set("s", &entries);
    assert_eq!(purge(&mut database), 1);
    assert_eq!(values(&database.entries("s")), ["-", "old", "new"]);
    assert_eq!(purge(&mut database), 0);
}

fn expiring(entry: Entry, expires: Option<u64>) -> Entry {
    let record = entry.record.map(|mut record| {
        record.expires = expires.map(u64::cast_signed);
        record
    });
    Entry { record, ..entry }
}

fn expired(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(OLD + 1_000), database.ago(OLD / 10));
    let now = database.clock() / 1_000;
    let long_over = now - OLD / 1_000 - 5;
    let entries = [
        expiring(set("a", old, "long over"), Some(long_over)),
        expiring(set("b", old, "just over"), Some(now - 1)),
        expiring(set("c", old, "alive"), Some(now + 1_000)),
        expiring(set("d", old, "session cookie"), None),
        expiring(set("e", new, "over, but young"), Some(long_over)),
    ];
    database.set("s", &entries);
    assert_eq!(purge(&mut database), 1);
    let expected = ["just over", "alive", "session cookie", "over, but young"];
    assert_eq!(values(&database.entries("s")), expected);
    assert!(database.floor() > old);
}

fn below_the_floor(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let gone = database.ago(OLD + 1_000);
    database.set("s", &[tombstone("a", gone)]);
    purge(&mut database);
    let floor = database.floor();
    assert!(gone < floor && floor <= database.ago(OLD - 1_000));

    let older = Stamp::new(gone.get() - 1);
    let entries = [set("a", older, "older"), set("b", floor, "at the floor")];
    let applied = database.set("s", &entries);
    assert_eq!(applied.floor, floor);
    assert_eq!(values(&database.entries("s")), ["at the floor"]);
    let applied = database.set("t", &entries[..1]);
    assert_eq!((applied.floor, applied.taken), (floor, 0));
    assert_eq!(database.entries("t"), []);
}

fn too_far_behind(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(OLD + 1_000), database.ago(OLD / 10));
    let first = database.set("s", &[set("a", old, "1")]).version;
    let gone = database.set("s", &[tombstone("a", Stamp::new(old.get() + 1))]);
    database.set("s", &[set("b", new, "2")]);
    let newest = database.version();
    purge(&mut database);
    assert_eq!(database.changed(first), Changed::TooFarBehind);
    assert_eq!(database.changed(Version::default()), Changed::TooFarBehind);
    assert_eq!(database.changes(newest).version, newest);
    assert!(gone.version < newest);
}

fn nothing(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let old = database.ago(OLD + 1_000);
    database.set("s", &[set("a", old, "1")]);
    assert_eq!(purge(&mut database), 0);
    assert_eq!(database.floor(), Stamp::default());
    assert_eq!(database.changes(Version::default()).version.get(), 1);
}

fn falls(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let old = database.ago(OLD + 1_000);
    database.set("s", &[tombstone("a", old)]);
    purge(&mut database);
    let floor = database.floor();
    assert_eq!(database.purge(Stamp::new(old.get() - 10)), 0);
    assert_eq!(database.floor(), floor);
    assert_eq!(database.purge(Stamp::default()), 0);
    assert_eq!(database.floor(), floor);
}

fn future(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let soon = Stamp::at(database.clock() + 30_000);
    database.set("s", &[tombstone("a", soon)]);
    assert_eq!(database.purge(Stamp::new(i64::MAX.cast_unsigned())), 0);
    assert_eq!(values(&database.entries("s")), ["-"]);
    assert_eq!(database.floor(), Stamp::default());
}

fn at_most(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let old = database.ago(OLD + 1_000);
    let entries = [tombstone("a", old), tombstone("b", old)];
    let names: Vec<_> = (0..10).map(|number| number.to_string()).collect();
    let parts: Vec<_> = names.iter().map(|name| batch(name, &entries)).collect();
    database.apply(&parts);
    let before = database.ago(OLD);
    let mut purged = Vec::new();
    for _ in 0..5 {
        purged.push(database.0.purge(before, 4).expect("purging").value);
    }
    assert!(purged.iter().all(|purged| *purged <= 4), "{purged:?}");
    assert_eq!(purged.iter().sum::<usize>(), 10);
    assert!(names.iter().all(|name| database.entries(name).is_empty()));
}

fn ended(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let old = database.ago(OLD + 1_000);
    let cleared = Stamp::new(old.get() + 5);
    let first = database.set("s", &[set("a", old, "1")]).version;
    database.apply(&[SessionBatch {
        cleared: Some(cleared),
        ended: true,
        ..batch("s", &[])
    }]);
    assert_eq!(database.load("s").cleared, Some(cleared));
    assert_eq!(purge(&mut database), 1);
    assert_eq!(database.find("s"), None);
    assert!(database.floor() > cleared);
    assert_eq!(database.changed(first), Changed::TooFarBehind);
    database.set("s", &[set("a", Stamp::new(old.get() + 1), "dead")]);
    assert_eq!(database.entries("s"), []);
}

fn listed(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let old = database.ago(OLD + 1_000);
    let later = Stamp::new(old.get() + 1);
    database.clear("s", old, &[set("a", later, "1")]);
    database.set("s", &[tombstone("a", Stamp::new(old.get() + 2))]);
    assert_eq!(purge(&mut database), 1);
    let session = database.load("s");
    assert_eq!((session.cleared, session.entries), (Some(old), vec![]));
    assert_eq!(database.listed(), ["s"]);
}
