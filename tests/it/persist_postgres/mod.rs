//! PostgreSQL as an engine: the contract, and what is particular to a server.

mod engine;
mod fake;
mod faults;
mod hostile;
mod logs;
mod pooler;
mod roles;
mod runtimes;
mod stored;
mod words;

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use cookiejar::persist::engine::{
    Database, Engine, EngineError, Entry, Record, SessionBatch, Stamp, WriterId,
};
use cookiejar::persist::postgres::Postgres;
use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
use cookiejar::{Cookie, SharedCookieJar};
use url::Url;

type Sessions = PersistentCookieSessions<u32>;

/// An engine with tables.
fn engine(address: &str) -> Postgres {
    let engine = Postgres::config(address).expect("an address");
    engine.create_tables().expect("tables");
    engine
}

/// A namespace that no other test uses.
fn namespace() -> String {
    format!("test-{:016x}", RandomState::new().hash_one("test"))
}

fn client(address: &str) -> postgres::Client {
    postgres::Client::connect(address, postgres::NoTls).expect("a server")
}

fn connect(engine: &Postgres, namespace: &str) -> Box<dyn Database> {
    engine.connect(namespace).expect("it connects")
}

fn open(engine: &Postgres, namespace: &str) -> Sessions {
    let options = PersistOptions::new()
        .namespace(namespace)
        .linger(Duration::ZERO);
    Sessions::open(engine.clone(), options).expect("it opens")
}

fn url() -> Url {
    Url::parse("https://acme.com/").expect("a URL")
}

#[track_caller]
fn jar(sessions: &Sessions, key: u32) -> SharedCookieJar {
    sessions.jar(&key).wait().expect("it is loaded")
}

fn set(jar: &SharedCookieJar, cookie: &str) {
    let report = jar.extract_cookies(&[("Set-Cookie", cookie)], &url());
    assert!(report.rejected.is_empty(), "{cookie}");
}

/// The cookies of a jar, `name=value` each, in the order of their names.
fn content(jar: &SharedCookieJar) -> Vec<String> {
    let pair =
        |cookie: &Cookie| format!("{}={}", cookie.name(), cookie.value().unwrap_or_default());
    let mut pairs: Vec<_> = jar.snapshot().iter().map(pair).collect();
    pairs.sort();
    pairs
}

#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn entry(name: &str, stamp: Stamp) -> Entry {
    Entry {
        identity: format!("acme.com\0/\0{name}").into_bytes().into(),
        stamp,
        writer: WriterId::new(7),
        record: Some(Record {
            bytes: (*b"{}").into(),
            ..Record::default()
        }),
    }
}

/// A batch of one cookie in each session, with the stamp of the namespace's clock.
fn apply(database: &mut dyn Database, sessions: &[&str], name: &str) -> Result<(), EngineError> {
    let entries = [entry(name, Stamp::at(database.hello()?.clock))];
    let parts: Vec<_> = sessions
        .iter()
        .map(|session| SessionBatch {
            session,
            entries: &entries,
            ..SessionBatch::default()
        })
        .collect();
    database.apply(&parts).map(drop)
}
