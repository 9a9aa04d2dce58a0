//! Cases: reading the changes of other connections.

use std::time::Duration;

use super::{Case, Changed, Namespace, Stamp, Version, batch, set, tombstone, values};

pub(super) const CASES: &[Case] = &[
    ("versions have no gaps", gapless),
    ("only what is new is answered", news),
    ("an entry that lost is not answered", losers),
    ("only the greatest entry is the last one", latest),
    ("a clear is answered", clears),
    (
        "entries have the versions at which they were stored",
        versions,
    ),
    ("nothing new is an answer", nothing),
    ("a version that is not there yet is too far behind", beyond),
    ("a wait ends with a change of another connection", waiting),
    ("no batch is ever half answered", whole),
];

fn gapless(namespace: &Namespace<'_>) {
    let (mut one, mut other) = (namespace.connect(), namespace.connect());
    let stamp = one.ago(100);
    for number in 1..=6 {
        let database = if number % 2 == 0 {
            &mut one
        } else {
            &mut other
        };
        let stamp = Stamp::new(stamp.get() + number);
        let applied = database.set("s", &[set("a", stamp, "1"), set("b", stamp, "1")]);
        assert_eq!(applied.version.get(), number);
        assert!(applied.taken <= 1);
    }
    let entries = [set("a", stamp, "1")];
    let parts = ["t", "u", "v"].map(|session| batch(session, &entries));
    let applied = one.apply(&parts);
    let taken = applied.version.get() - 6;
    assert!(taken == 1 || taken == 3, "one version a batch or a session");
    assert!(applied.taken == 0 || applied.taken == taken);
    assert_eq!(other.version(), applied.version);
}

fn news(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let first = database.set("s", &[set("a", stamp, "1")]).version;
    let second = database.set("t", &[set("b", stamp, "2")]).version;
    let sessions = |changes: super::Changes| {
        let names = changes.sessions.into_iter().map(|session| session.session);
        names.collect::<Vec<_>>()
    };
    let changes = database.changes(Version::default());
    assert_eq!(changes.version, second);
    assert_eq!(sessions(changes), ["s", "t"]);
    assert_eq!(sessions(database.changes(first)), ["t"]);
}

fn losers(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(5), database.ago(1));
    let first = database.set("s", &[set("a", new, "new")]);
    let lost = database.set("s", &[set("a", old, "old")]);
    assert_eq!((lost.version, lost.taken), (first.version, 0));
    let second = database.set("s", &[set("a", old, "old"), set("b", old, "b")]);
    assert_eq!(second.version.get(), 2);
    let changes = database.changes(first.version);
    let entries = changes.sessions.iter().flat_map(|session| &session.entries);
    let values = values(&entries.map(|(_, entry)| entry.clone()).collect::<Vec<_>>());
    assert_eq!(values, ["b"]);
}

fn latest(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    for number in 1..4 {
        let stamp = Stamp::new(stamp.get() + number);
        database.set("s", &[set("a", stamp, &number.to_string())]);
    }
    database.set("s", &[tombstone("b", stamp)]);
    let changes = database.changes(Version::default());
    let entries = changes.sessions.iter().flat_map(|session| &session.entries);
    let entries: Vec<_> = entries.map(|(_, entry)| entry.clone()).collect();
    let last = |identity: &[u8]| {
        let named = entries.iter().rfind(|entry| *entry.identity == *identity);
        values(&[named.expect("a change").clone()]).concat()
    };
    assert_eq!((last(b"a"), last(b"b")), ("3".to_owned(), "-".to_owned()));
}

fn clears(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(5), database.ago(1));
    let first = database.set("s", &[set("a", old, "1")]).version;
    database.clear("s", new, &[]);
    let changes = database.changes(first);
    let [session] = &changes.sessions[..] else {
        panic!("{changes:?}");
    };
    assert_eq!((&*session.session, session.cleared), ("s", Some(new)));
    assert_eq!(session.entries, []);

    let second = changes.version;
    let newest = database.ago(0);
    database.set("s", &[set("b", newest.max(new), "2")]);
    let changes = database.changes(second);
    assert_eq!(
        changes.sessions[0].cleared,
        Some(new),
        "whether it changed or not"
    );
}

fn versions(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    let first = database.set("s", &[set("a", stamp, "1")]).version;
    let second = database.set("s", &[set("b", stamp, "2")]).version;
    let changes = database.changes(Version::default());
    let entries = changes.sessions.iter().flat_map(|session| &session.entries);
    let versions: Vec<_> = entries.map(|(version, _)| *version).collect();
    assert_eq!(versions, [first, second]);
}

fn nothing(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let version = database.set("s", &[set("a", stamp, "1")]).version;
    let changes = database.changes(version);
    assert_eq!((changes.version, changes.sessions), (version, vec![]));
}

fn beyond(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let version = database.set("s", &[set("a", stamp, "1")]).version;
    let next = Version::new(version.get() + 1);
    assert_eq!(database.changed(next), Changed::TooFarBehind);
}

fn waiting(namespace: &Namespace<'_>) {
    let mut writer = namespace.connect();
    let stamp = writer.ago(0);
    std::thread::scope(|scope| {
        let mut reader = namespace.connect();
        let heard = scope.spawn(move || {
            let wait = Duration::from_secs(5);
            loop {
                let answer = reader.0.changes(Version::default(), wait);
                match answer.expect("changes").value {
                    Changed::UpTo(changes) if changes.sessions.is_empty() => {}
                    Changed::UpTo(changes) => break changes.version,
                    Changed::TooFarBehind => panic!("nothing was purged"),
                }
            }
        });
        let version = writer.set("s", &[set("a", stamp, "1")]).version;
        assert_eq!(heard.join().expect("no panic"), version);
    });
}

/// Two entries of each batch have the same stamp: a reader of all changes sees both or neither.
fn whole(namespace: &Namespace<'_>) {
    const BATCHES: u64 = 60;
    let stamp = namespace.connect().ago(1_000);
    std::thread::scope(|scope| {
        let mut database = namespace.connect();
        scope.spawn(move || {
            for number in 1..=BATCHES {
                let stamp = Stamp::new(stamp.get() + number);
                let entries = [set("a", stamp, "a"), set("b", stamp, "b")];
                while database.0.apply(&[batch("s", &entries)]).is_err() {}
            }
        });
        let mut reader = namespace.connect();
        let mut cursor = Version::default();
        let mut seen = [Stamp::default(); 2];
        while cursor.get() < BATCHES {
            let changes = reader.changes(cursor);
            for (_, entry) in changes.sessions.iter().flat_map(|session| &session.entries) {
                seen[usize::from(*entry.identity == *b"b")] = entry.stamp;
            }
            assert_eq!(seen[0], seen[1]);
            assert!(changes.version >= cursor);
            cursor = changes.version;
        }
        assert_eq!(seen[0], Stamp::new(stamp.get() + BATCHES));
    });
}
