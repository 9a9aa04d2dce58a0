//! A database with hostile records, and a jar that loads them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cookiejar::persist::engine::{Engine, Entry, MAX_BATCH, Record, SessionBatch, Stamp, WriterId};
use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
use cookiejar::testing::MemoryEngine;
use cookiejar::{Cookie, SharedCookieJar};

use super::bytes::split;
use super::checks::check_cookie;
use super::world::{NOW, at, rules};

type Sessions = PersistentCookieSessions<String>;

/// Records separated by empty lines. One that begins with `!` is stored under the identity in its first line, in
/// which `|` is NUL; another under its own identity.
pub fn persisted(data: &[u8]) {
    let engine = MemoryEngine::new();
    engine.set_time(u64::try_from(NOW).expect("after 1970") * 1_000);
    let entries = entries(data);
    store(&engine, &entries);

    let sessions = open(&engine);
    let jar = jar(&sessions);
    let loaded = jar.snapshot();
    for cookie in &loaded {
        check_cookie(cookie);
        let own = entries
            .iter()
            .find(|entry| *entry.identity == *identity(cookie));
        let record = own
            .and_then(|entry| entry.record.as_ref())
            .expect("its entry");
        // A record need not repeat what the identity says.
        let Ok(read) = serde_json::from_slice::<Cookie>(&record.bytes) else {
            continue;
        };
        if read.partition_key() != cookie.partition_key() {
            continue;
        }
        // A cookie without a creation time gets one.
        let created = cookie.creation_time().expect("it is in a jar");
        let read = match read.creation_time() {
            Some(_) => read,
            None => {
                let builder = read.to_builder().creation_time(created);
                builder.build().expect("a cookie")
            }
        };
        assert_eq!(read, *cookie);
    }
    let skipped = usize::try_from(sessions.status().skipped).expect("a small number");
    assert!(loaded.len() + skipped <= entries.len(), "{skipped} skipped");

    // What the jar writes itself comes back.
    let cookie = Cookie::builder("own", "1")
        .domain("acme.com")
        .build()
        .expect("a cookie");
    jar.set_cookie(cookie);
    sessions.flush().wait().expect("it is written");
    let mut before = jar.snapshot();
    sessions.close().expect("it closes");
    let again = open(&engine);
    let mut reloaded = self::jar(&again).snapshot();
    for cookies in [&mut before, &mut reloaded] {
        cookies.sort_by_cached_key(identity);
    }
    let rows = |cookies: &[Cookie]| -> Vec<_> { cookies.iter().map(row).collect() };
    assert_eq!(rows(&before), rows(&reloaded));
    again.close().expect("it closes");
}

fn entries(data: &[u8]) -> Vec<Entry> {
    let mut entries = BTreeMap::new();
    for part in split(data, b"\n\n") {
        let (identity, bytes) = match part.strip_prefix(b"!") {
            Some(part) => {
                let end = part
                    .iter()
                    .position(|octet| *octet == b'\n')
                    .unwrap_or(part.len());
                let (first, rest) = part.split_at(end);
                let nul = |octet: &u8| if *octet == b'|' { 0 } else { *octet };
                (first.iter().map(nul).collect(), rest)
            }
            None => match serde_json::from_slice::<Cookie>(part) {
                Ok(cookie) => (identity(&cookie), part),
                Err(_) => (b"acme.com\0/\0a".to_vec(), part),
            },
        };
        entries.insert(identity, bytes);
    }
    let entries = entries.into_iter().take(MAX_BATCH);
    let entry = |(identity, bytes): (Vec<u8>, &[u8])| Entry {
        identity: identity.into(),
        stamp: Stamp::new(1),
        writer: WriterId::new(1),
        record: Some(Record {
            bytes: bytes.into(),
            ..Record::default()
        }),
    };
    entries.map(entry).collect()
}

/// Domain, path, name, and the partition's key if there is one, separated by NUL.
fn identity(cookie: &Cookie) -> Vec<u8> {
    let id = cookie.id();
    let mut parts = vec![id.domain().as_bytes(), id.path(), id.name()];
    parts.extend(id.partition().map(str::as_bytes));
    parts.join(&0)
}

/// The whole cookie but for its creation: if its record does not say when, it is the time of loading.
fn row(cookie: &Cookie) -> String {
    let builder = cookie.to_builder().creation_time(at(NOW));
    serde_json::to_string(&builder.build().expect("a cookie")).expect("a row")
}

fn store(engine: &MemoryEngine, entries: &[Entry]) {
    let batch = SessionBatch {
        session: "=anna",
        entries,
        ..SessionBatch::default()
    };
    let mut database = engine.connect("default").expect("it connects");
    database.apply(&[batch]).expect("it is stored");
}

fn open(engine: &MemoryEngine) -> Sessions {
    let options = PersistOptions::with_policy(Arc::clone(&rules(0).policy))
        .session_cookies(true)
        .linger(Duration::ZERO);
    Sessions::open(engine.clone(), options).expect("it opens")
}

fn jar(sessions: &Sessions) -> SharedCookieJar {
    sessions
        .jar(&"anna".to_owned())
        .wait()
        .expect("it is loaded")
}
