//! The memory that a database costs the sessions of a process: bytes that are allocated and not freed. Those of SQLite
//! itself are not counted.

use std::thread;
use std::time::{Duration, Instant};

use cookiejar::persist::PersistOptions;
use cookiejar::persist::sqlite::Sqlite;
use cookiejar::{CookieSessions, SharedCookieJar};
use url::Url;

use super::{PATIENCE, Sessions};
use crate::memory::live;
use crate::ran_alone;

/// Tables are as full as those of 100,000 sessions.
const COUNT: u32 = 6_250;
const HOSTS: [&str; 2] = ["https://acme.com/", "https://shop.acme.com/"];
const RESPONSE: [(&str, &str); 5] = [
    ("Set-Cookie", "sid=31d4d96e407aad42; HttpOnly"),
    ("Set-Cookie", "theme=dark; Path=/; Max-Age=3600"),
    ("Set-Cookie", "cart=3; Path=/shop; Max-Age=3600"),
    ("Set-Cookie", "lang=en; Path=/; SameSite=Lax"),
    ("Set-Cookie", "seen=1; Path=/"),
];

/// Fills jars, and returns the bytes that their cookies take.
fn fill(jars: impl Iterator<Item = SharedCookieJar>, settle: impl FnOnce()) -> usize {
    let before = live();
    for jar in jars {
        for host in HOSTS {
            let url = Url::parse(host).expect("a URL");
            let report = jar.extract_cookies(&RESPONSE, &url);
            assert_eq!(report.stored, RESPONSE.len());
        }
    }
    settle();
    live() - before
}

#[test]
fn a_session_at_rest_costs_160_bytes_and_its_cookies_nothing() {
    if ran_alone("databases::memory::a_session_at_rest_costs_160_bytes_and_its_cookies_nothing") {
        return;
    }
    let before = live();
    let plain = CookieSessions::new();
    for key in 0..COUNT {
        plain.jar(&key);
    }
    let plain_sessions = live() - before;
    let plain_cookies = fill((0..COUNT).map(|key| plain.jar(&key)), || ());
    drop(plain);

    let folder = tempfile::tempdir().expect("a folder");
    let engine = Sqlite::file(folder.path().join("jar.db"));
    let sessions = Sessions::open(engine, PersistOptions::new()).expect("it opens");
    let before = live();
    let keys: Vec<_> = (0..COUNT).collect();
    for keys in keys.chunks(1_000) {
        sessions.load(keys.iter().map(Some)).wait().expect("loaded");
    }
    let list = keys.capacity() * size_of::<u32>();
    let more = (live() - before - list).saturating_sub(plain_sessions);
    let per_session = more / usize::try_from(COUNT).expect("small");
    assert!(per_session <= 160, "{per_session} bytes more a session");

    let jars = keys.iter().map(|key| sessions.get(key).expect("in memory"));
    let begin = live();
    let settle = || {
        sessions.flush().wait().expect("stored");
        // What was acknowledged is kept for ten seconds.
        let end = Instant::now() + PATIENCE;
        while live() - begin > plain_cookies + plain_cookies / 100 && Instant::now() < end {
            thread::sleep(Duration::from_millis(100));
        }
    };
    let cookies = fill(jars, settle);
    // The queues of the threads keep their room: a constant.
    let count = keys.len() * HOSTS.len() * RESPONSE.len();
    assert!(
        cookies < plain_cookies + count,
        "{cookies} bytes of {count} cookies, {plain_cookies} without a database"
    );
}
