//! Cases: the list of sessions.

use super::{Case, Namespace, SessionBatch, Stamp, batch, set, tombstone};
use crate::persist::engine::SessionInfo;

pub(super) const CASES: &[Case] = &[
    ("pages answer each session", pages),
    ("a session's cookies and bytes are counted", counts),
    ("every batch uses its sessions", used),
    ("a touch makes no session and takes no version", touch),
    ("a session that has ended is off the list", ended),
    ("a session with cookies does not end", ended_in_vain),
    ("a session without a cookie was never listed", unlisted),
];

fn pages(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let mut names: Vec<_> = (0..25).map(|number| format!("session {number}")).collect();
    let entries = [set("a", stamp, "1")];
    let parts: Vec<_> = names.iter().map(|name| batch(name, &entries)).collect();
    database.apply(&parts);
    let mut found: Vec<String> = Vec::new();
    loop {
        let after = found.last().map(String::as_str);
        let page = database.0.sessions(after, 10).expect("sessions").value;
        assert!(page.len() <= 10);
        if page.is_empty() {
            break;
        }
        found.extend(page.into_iter().map(|info| info.session));
    }
    found.sort_unstable();
    names.sort_unstable();
    assert_eq!(found, names);
}

fn counts(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    let entries = [
        set("a", stamp, "12"),
        set("b", stamp, "345"),
        tombstone("c", stamp),
    ];
    database.set("s", &entries);
    let infos = database.0.sessions(None, 10).expect("sessions");
    let clock = infos.clock;
    let [info] = &infos.value[..] else {
        panic!("{infos:?}");
    };
    let SessionInfo {
        session,
        last_used,
        cookies,
        bytes,
    } = info;
    assert_eq!((&**session, *cookies, *bytes), ("s", 2, 5));
    // The engine may store it in seconds.
    assert!(
        *last_used <= clock && *last_used > clock - 60_000,
        "{last_used} at {clock}"
    );
}

fn used(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let (old, new) = (database.ago(5), database.ago(1));
    let last_used = |database: &mut super::Connection| {
        let infos = database.0.sessions(None, 10).expect("sessions").value;
        infos[0].last_used
    };
    database.set("s", &[set("a", new, "1")]);
    let first = last_used(&mut database);
    let lost = [set("a", old, "lost")];
    for entries in [&lost[..], &[]] {
        database.set("s", entries);
        assert!(last_used(&mut database) >= first);
    }
}

fn touch(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(0);
    let version = database.set("s", &[set("a", stamp, "1")]).version;
    let applied = database.apply(&[batch("s", &[]), batch("t", &[])]);
    assert_eq!((applied.version, applied.taken), (version, 0));
    assert_eq!(database.listed(), ["s"]);
    assert_eq!(database.find("t"), None);
    assert_eq!(database.changes(version).sessions, []);
}

fn end(session: &str, cleared: Stamp) -> SessionBatch<'_> {
    SessionBatch {
        cleared: Some(cleared),
        ended: true,
        ..batch(session, &[])
    }
}

fn ended(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    let at = |steps| Stamp::new(stamp.get() + steps);
    database.set("s", &[set("a", stamp, "1"), tombstone("b", stamp)]);
    database.apply(&[end("s", at(1))]);
    assert_eq!(database.listed(), [""; 0]);
    let session = database.load("s");
    assert_eq!((session.cleared, session.entries), (Some(at(1)), vec![]));
    database.apply(&[batch("s", &[])]);
    database.set("s", &[tombstone("a", at(2))]);
    assert_eq!(
        database.listed(),
        [""; 0],
        "neither a touch nor a tombstone begins one"
    );
    database.set("s", &[set("a", at(3), "2")]);
    assert_eq!(database.listed(), ["s"]);
}

fn ended_in_vain(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    let at = |steps| Stamp::new(stamp.get() + steps);
    database.set("s", &[set("a", at(2), "newer")]);
    database.apply(&[end("s", at(1))]);
    assert_eq!(database.listed(), ["s"]);
}

fn unlisted(namespace: &Namespace<'_>) {
    let mut database = namespace.connect();
    let stamp = database.ago(5);
    database.set("s", &[tombstone("a", stamp)]);
    database.clear("t", stamp, &[]);
    assert_eq!(database.listed(), [""; 0]);
    database.set("s", &[set("b", stamp, "1")]);
    database.set("s", &[tombstone("b", Stamp::new(stamp.get() + 1))]);
    assert_eq!(database.listed(), ["s"], "an empty session stays one");
}
