//! A database whose answers are hostile, and one that panics: the jar stays whole, its clock stays right, and
//! nothing waits for ever.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cookiejar::SharedCookieJar;
use cookiejar::persist::engine::{
    Answer, Applied, Changed, ChangedSession, ClaimDatabase, Database, Engine, EngineError, Entry,
    Hello, Loaded, LoadedSession, MAX_AHEAD, Record, SessionBatch, SessionInfo, Stamp, Version,
    WriterId,
};
use cookiejar::persist::{PersistError, Seal, SkipReason};
use cookiejar::testing::MemoryEngine;

use super::{Sessions, header, jar, options, set, until};

const YEAR: u64 = 365 * 86_400_000;

/// What is done to the answers of a database.
trait Twist: Send + Sync + 'static {
    fn call(&self) {}
    fn clock(&self, clock: u64) -> u64 {
        clock
    }
    fn loaded(&self, _: u64, _: &mut Loaded) {}
    fn changed(&self, _: u64, _: Version, _: &mut Changed) {}
    fn said(&self, _: &mut Hello) {}
}

struct Twisted<T>(MemoryEngine, Arc<T>);

impl<T> Clone for Twisted<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), Arc::clone(&self.1))
    }
}

impl<T: Twist> Twisted<T> {
    fn new(twist: T) -> Self {
        Self(MemoryEngine::new(), Arc::new(twist))
    }
}

impl<T: Twist> Engine for Twisted<T> {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        self.1.call();
        Ok(Box::new(Connection(
            self.0.connect(namespace)?,
            Arc::clone(&self.1),
        )))
    }
}

struct Connection<T>(Box<dyn Database>, Arc<T>);

impl<T: Twist> Connection<T> {
    fn twisted<V>(&self, mut answer: Answer<V>) -> Answer<V> {
        answer.clock = self.1.clock(answer.clock);
        answer
    }
}

impl<T: Twist> Database for Connection<T> {
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError> {
        self.1.call();
        let answer = self.0.apply(batch)?;
        Ok(self.twisted(answer))
    }

    fn load(&mut self, sessions: &[&str]) -> Result<Answer<Loaded>, EngineError> {
        self.1.call();
        let mut answer = self.0.load(sessions)?;
        self.1.loaded(answer.clock, &mut answer.value);
        Ok(self.twisted(answer))
    }

    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError> {
        self.1.call();
        let mut answer = self.0.changes(after, wait)?;
        self.1.changed(answer.clock, after, &mut answer.value);
        Ok(self.twisted(answer))
    }

    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<SessionInfo>>, EngineError> {
        self.1.call();
        let answer = self.0.sessions(after, at_most)?;
        Ok(self.twisted(answer))
    }

    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError> {
        self.1.call();
        let answer = self.0.purge(before, at_most)?;
        Ok(self.twisted(answer))
    }

    fn hello(&mut self) -> Result<Answer<Hello>, EngineError> {
        self.1.call();
        let mut answer = self.0.hello()?;
        self.1.said(&mut answer.value);
        Ok(self.twisted(answer))
    }

    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase> {
        None
    }
}

fn record(text: &str) -> Record {
    Record {
        bytes: text.as_bytes().into(),
        ..Record::default()
    }
}

/// An entry of a database that a stranger has filled.
fn hostile(number: usize, stamp: Stamp) -> Entry {
    let identities = [
        "evil.example\0/\0",
        "acme.com\0/\0a=",
        "acme.com\0x\0",
        "\0\0",
        "",
        ".com\0/\0a\n",
    ];
    let records = [
        "",
        "{",
        "null",
        r#"{"value":5}"#,
        r#"{"value":"1;x"}"#,
        r#"{"value":"1\r\n"}"#,
        "[1]",
    ];
    Entry {
        identity: format!("{}{number};", identities[number % identities.len()])
            .into_bytes()
            .into(),
        stamp,
        writer: WriterId::new(number as u64),
        record: Some(record(records[number % records.len()])),
    }
}

struct Million;

impl Million {
    const RECORDS: usize = 1_000_000;
}

impl Twist for Million {
    fn loaded(&self, clock: u64, loaded: &mut Loaded) {
        let session = loaded.sessions[0].get_or_insert_with(LoadedSession::default);
        session
            .entries
            .extend((0..Self::RECORDS).map(|number| hostile(number, Stamp::at(clock - 1))));
    }
}

#[test]
fn a_million_hostile_records_are_counted_and_few_are_reported() {
    let reports = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&reports);
    let options = options().on_error(move |error| {
        assert!(matches!(error, PersistError::Skipped { .. }), "{error}");
        told.fetch_add(1, Ordering::Relaxed);
    });
    let here = Sessions::open(Twisted::new(Million), options).expect("it opens");
    let anna = jar(&here, "anna");
    assert!(anna.is_empty());
    assert_eq!(here.status().skipped, Million::RECORDS as u64);
    assert!(reports.load(Ordering::Relaxed) <= 64, "{reports:?} reports");
    set(&anna, "a=1");
    here.flush().wait().expect("it is written");
    assert_eq!(header(&anna), "a=1");
}

/// Each answer has a thousand changes, and no answer waits.
#[derive(Default)]
struct Flood(AtomicU64);

impl Twist for Flood {
    fn changed(&self, clock: u64, after: Version, changed: &mut Changed) {
        let round = self.0.fetch_add(1, Ordering::Relaxed);
        let Changed::UpTo(answer) = changed else {
            return;
        };
        let version = Version::new(answer.version.get().max(after.get()));
        answer.version = version;
        let entry = |number: u64| {
            (
                version,
                Entry {
                    identity: format!("acme.com\0/\0n{}", number % 100)
                        .into_bytes()
                        .into(),
                    stamp: Stamp::new(Stamp::at(clock - 1).get() + round % 1_000),
                    writer: WriterId::new(number),
                    record: Some(record(r#"{"value":"flood"}"#)),
                },
            )
        };
        answer.sessions.push(ChangedSession {
            session: "=anna".to_owned(),
            cleared: None,
            entries: (0..1_000).map(entry).collect(),
        });
    }
}

#[test]
fn a_flood_of_changes_stops_no_write_and_no_close() {
    let engine = Twisted::new(Flood::default());
    let here = Sessions::open(engine.clone(), options()).expect("it opens");
    let anna = jar(&here, "anna");
    for round in 0..20 {
        set(&anna, &format!("own={round}"));
        here.flush().wait().expect("it is written");
        assert_eq!(
            anna.value_for(&super::url(), "own").as_deref(),
            Some(&*round.to_string())
        );
    }
    until("the flood comes", || {
        engine.1.0.load(Ordering::Relaxed) > 50
    });
    assert!(anna.len() <= 101, "{} cookies", anna.len());
    here.close().expect("it closes");
}

/// Everything that is read is stamped a year ahead.
struct YearAhead;

impl YearAhead {
    fn entry(clock: u64) -> Entry {
        Entry {
            identity: b"acme.com\0/\0ahead"[..].into(),
            stamp: Stamp::at(clock + YEAR),
            writer: WriterId::new(1),
            record: Some(record(r#"{"value":"1"}"#)),
        }
    }
}

impl Twist for YearAhead {
    fn loaded(&self, clock: u64, loaded: &mut Loaded) {
        for session in &mut loaded.sessions {
            let session = session.get_or_insert_with(LoadedSession::default);
            session.entries.push(Self::entry(clock));
            session.cleared = session.cleared.max(Some(Stamp::at(clock + YEAR)));
        }
    }

    fn changed(&self, clock: u64, after: Version, changed: &mut Changed) {
        if let Changed::UpTo(answer) = changed {
            answer.version = answer.version.max(Version::new(after.get()));
            answer.sessions.push(ChangedSession {
                session: "=anna".to_owned(),
                cleared: Some(Stamp::at(clock + YEAR)),
                entries: vec![(answer.version, Self::entry(clock))],
            });
        }
    }
}

#[test]
fn stamps_a_year_ahead_move_no_clock_and_delete_nothing() {
    let engine = Twisted::new(YearAhead);
    let here = Sessions::open(engine.clone(), options()).expect("it opens");
    let anna = jar(&here, "anna");
    set(&anna, "a=1");
    here.flush().wait().expect("it is written");
    until("changes are read", || here.status().skipped > 2);
    assert_eq!(header(&anna), "a=1");
    let error = here.status().last_error.expect("an error");
    let PersistError::Skipped { reason, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(reason, SkipReason::AheadOfClock);

    let mut database = engine.0.connect("default").expect("it connects");
    let answer = database.load(&["=anna"]).expect("loading");
    let entries = answer
        .value
        .sessions
        .into_iter()
        .flatten()
        .flat_map(|session| session.entries);
    for entry in entries {
        assert!(!entry.stamp.is_ahead_of(answer.clock), "{entry:?}");
    }
}

#[test]
fn a_peer_that_stamps_a_year_ahead_is_rejected_by_the_database() {
    let engine = MemoryEngine::new();
    let mut database = engine.connect("default").expect("it connects");
    let clock = database.hello().expect("hello").clock;
    let entries = [YearAhead::entry(clock)];
    let batch = SessionBatch {
        session: "=anna",
        entries: &entries,
        ..SessionBatch::default()
    };
    let result = database.apply(&[batch]);
    assert!(
        matches!(result, Err(EngineError::StampAhead { .. })),
        "{result:?}"
    );
    let here = super::sessions(&engine);
    assert!(jar(&here, "anna").is_empty());
}

/// A text that would clear a terminal, and never end.
fn hostile_text() -> String {
    format!("a\r\n\x1b[2J\u{202e}{}", "\x07".repeat(1_000_000))
}

#[track_caller]
fn assert_harmless(text: &str) {
    assert!(
        text.starts_with("a\\r\\n\\u{1b}[2J\\u{202e}\\u{7}"),
        "{text:?}"
    );
    assert!(
        !text.chars().any(char::is_control) && text.len() < 300,
        "{text:?}"
    );
}

/// Warns of something else at each connection.
struct Warns;

impl Twist for Warns {
    fn said(&self, hello: &mut Hello) {
        hello.warnings = vec![hostile_text()];
    }
}

#[test]
fn warnings_of_a_server_control_no_terminal() {
    let here = Sessions::open(Twisted::new(Warns), options()).expect("it opens");
    let warnings = here.status().warnings;
    assert_eq!(warnings.len(), 1);
    assert_harmless(&warnings[0]);
}

#[test]
fn errors_of_a_server_control_no_terminal() {
    let nested = || std::io::Error::other(EngineError::fatal("nested"));
    let makers: [fn(String) -> EngineError; 4] = [
        EngineError::fatal,
        EngineError::refused,
        EngineError::unavailable,
        |text| EngineError::fatal(std::io::Error::other(text)),
    ];
    for make in makers {
        let error = make(hostile_text());
        let cause = error.source().expect("a cause");
        assert_harmless(&cause.to_string());
        assert!(cause.source().is_none());
        assert!(format!("{error:?}").len() < 600, "{error:?}");
    }
    // What is harmless stays the error that it is.
    let EngineError::Fatal(cause) = EngineError::fatal(nested()) else {
        panic!("another kind")
    };
    assert!(cause.downcast_ref::<std::io::Error>().is_some());
}

#[test]
fn each_name_that_a_site_sets_is_a_row_until_it_is_purged() {
    const DAY: u64 = 86_400_000;
    let (engine, start) = (MemoryEngine::new(), 20_000 * DAY);
    engine.set_time(start);
    let here = super::sessions(&engine);
    let anna = jar(&here, "anna");
    for round in 0..20 {
        let field = |number| ("Set-Cookie", format!("r{round}n{number}=1"));
        let fields: Vec<_> = (0..150).map(field).collect();
        anna.extract_cookies(&fields, &super::url());
        here.flush().wait().expect("it is written");
    }
    assert!(anna.len() <= 180);
    let mut database = engine.connect("default").expect("it connects");
    let mut rows = || {
        let mut sessions = database.load(&["=anna"]).expect("it loads").value.sessions;
        sessions.remove(0).expect("a session").entries
    };
    let found = rows();
    assert_eq!(found.len(), 20 * 150);
    let records = found.iter().filter(|entry| entry.record.is_some());
    assert_eq!(records.count(), anna.len());
    engine.set_time(start + DAY + 1);
    let mut purging = engine.connect("default").expect("it connects");
    purging.purge(Stamp::at(start + DAY), 10).expect("purged");
    assert_eq!(rows().len(), anna.len());
}

/// Returns another number of sessions than was requested.
struct Miscounts(AtomicUsize);

impl Twist for Miscounts {
    fn loaded(&self, _: u64, loaded: &mut Loaded) {
        let sessions = &mut loaded.sessions;
        match self.0.load(Ordering::Relaxed) {
            0 => {}
            1 => sessions.clear(),
            2 => drop(sessions.pop()),
            3 => sessions.push(None),
            _ => sessions.extend(sessions.clone()),
        }
    }
}

#[test]
fn another_number_of_sessions_than_was_requested_is_an_error() {
    for fault in 1..=4 {
        let engine = Twisted::new(Miscounts(AtomicUsize::new(0)));
        let there = super::sessions(&engine.0);
        for name in ["anna", "bert"] {
            set(&jar(&there, name), "a=1");
        }
        there.close().expect("it is written");
        let here = Sessions::open(engine.clone(), options()).expect("it opens");
        engine.1.0.store(fault, Ordering::Relaxed);
        let names = ["anna", "bert"].map(super::key);
        let loaded = here.load(names.iter().map(Some)).wait();
        let error = loaded.expect_err("a wrong answer");
        assert!(is_wrong(&error), "{fault}: {error:?}");
        let saved = here.snapshot().next().expect("a session");
        assert!(is_wrong(&saved.expect_err("a wrong answer")), "{fault}");

        engine.1.0.store(0, Ordering::Relaxed);
        for name in &names {
            until("it is loaded", || here.jar(name).wait().is_ok());
            assert_eq!(header(&jar(&here, name)), "a=1");
        }
        assert_eq!(here.snapshot().filter_map(Result::ok).count(), 2);
    }
}

fn is_wrong(error: &PersistError) -> bool {
    let PersistError::Engine(EngineError::Fatal(cause)) = error else {
        return false;
    };
    let text = cause.to_string();
    text.starts_with("the engine returned ") && text.ends_with(" were requested")
}

/// A server whose clock is broken.
struct BrokenClock(u64);

impl Twist for BrokenClock {
    fn clock(&self, _: u64) -> u64 {
        self.0
    }
}

#[test]
fn no_clock_of_a_server_stops_a_jar() {
    for clock in [
        0,
        1,
        MAX_AHEAD,
        u64::MAX >> 16,
        (u64::MAX >> 16) + 1,
        u64::MAX - 1,
        u64::MAX,
    ] {
        let engine = Twisted::new(BrokenClock(clock));
        let here = Sessions::open(engine, options()).expect("it opens");
        let anna = jar(&here, "anna");
        set(&anna, "a=1");
        set(&anna, "b=1; Max-Age=60");
        // Whether the database stores it is its own affair: no call panics or waits for ever.
        drop(here.flush());
        // A clock that falls back may number the second cookie before the first.
        let header = header(&anna);
        let mut sent: Vec<_> = header.split("; ").collect();
        sent.sort_unstable();
        assert_eq!(sent, ["a=1", "b=1"], "{clock}");
        drop(anna);
        drop(here);
    }
}

/// Panics at one of the calls, on whichever thread makes it, without a message on the terminal.
struct Fuse(AtomicI64);

impl Twist for Fuse {
    fn call(&self) {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            resume_unwind(Box::new("the fuse"));
        }
    }
}

#[test]
fn an_engine_may_panic_at_any_call() {
    for call in (1..=60).chain((100..=1_000).step_by(100)) {
        let engine = Twisted::new(Fuse(AtomicI64::new(call)));
        let opened = catch_unwind(AssertUnwindSafe(|| {
            Sessions::open(engine.clone(), options())
        }));
        let Ok(here) = opened else { continue };
        let here = here.expect("it opens");
        let has_blown = || engine.1.0.load(Ordering::Relaxed) < 1;
        while !has_blown() {
            many_calls(&here);
        }
        assert_ends(&here, call);
        drop(here);
    }
}

/// Eight threads change a session each.
fn many_calls(here: &Sessions) {
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                let key = format!("s{thread}");
                for round in 0..5 {
                    let Ok(jar) = here.jar(&key).wait() else {
                        return;
                    };
                    set(&jar, &format!("a{round}=1"));
                    let _ = here.flush().wait();
                    assert!(jar.value_for(&super::url(), format!("a{round}")).is_some());
                }
            });
        }
    });
}

/// Every call has an end, and says what happened.
#[track_caller]
fn assert_ends(here: &Sessions, call: i64) {
    for _ in 0..3 {
        match here.flush().wait() {
            Ok(()) | Err(PersistError::Closed) => {}
            Err(error) => panic!("{call}: {error}"),
        }
    }
}

/// Seals nothing, and calls its own part first.
struct Called<T>(Arc<T>);

impl<T: Twist> Seal for Called<T> {
    fn seal(&self, _: &[u8], value: &[u8]) -> Vec<u8> {
        self.0.call();
        value.to_vec()
    }

    fn open(&self, _: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.call();
        Some(sealed.to_vec())
    }
}

#[test]
fn a_seal_may_panic_at_any_call() {
    for call in (1..=60).chain((100..=1_000).step_by(100)) {
        let (engine, fuse) = (MemoryEngine::new(), Arc::new(Fuse(AtomicI64::new(call))));
        let options_here = options().seal(Called(Arc::clone(&fuse)));
        let here = Sessions::open(engine.clone(), options_here).expect("it opens");
        let there = super::sessions(&engine);
        let (mut rounds, has_blown) = (0, || fuse.0.load(Ordering::Relaxed) < 1);
        while !has_blown() && rounds < 100 {
            // What another process writes is opened here.
            many_calls(&there);
            many_calls(&here);
            rounds += 1;
        }
        assert!(has_blown(), "there are fewer than {call} calls");
        assert_ends(&here, call);
        there.flush().wait().expect("the other process goes on");
        drop(here);
    }
}

/// Calls every kind of call of a jar, from whichever thread it is called on.
#[derive(Default)]
struct CallsBack(OnceLock<SharedCookieJar>, AtomicUsize);

impl Twist for CallsBack {
    fn call(&self) {
        let Some(jar) = self.0.get() else { return };
        let turn = self.1.fetch_add(1, Ordering::Relaxed);
        match turn % 5 {
            0 => assert_eq!(jar.len(), jar.snapshot().len()),
            1 => drop(jar.cookie_header(&super::url())),
            // A change here is a change to write: not at each call.
            2 if turn < 200 => set(jar, &format!("back{turn}=1")),
            3 => drop(jar.explain(&super::url())),
            _ => _ = jar.clear_expired_cookies(),
        }
    }
}

fn goes_on(here: &Sessions, calls: &CallsBack) {
    let anna = jar(here, "anna");
    assert!(calls.0.set(anna.clone()).is_ok());
    for round in 0..50 {
        set(&anna, &format!("a={round}"));
        here.flush().wait().expect("it is written");
    }
    let value = anna.value_for(&super::url(), "a");
    assert_eq!(value.as_deref(), Some("49"));
    assert!(calls.1.load(Ordering::Relaxed) >= 50);
    assert_eq!(here.status().skipped, 0);
}

#[test]
fn an_engine_may_call_the_jar() {
    let engine = Twisted::new(CallsBack::default());
    let here = Sessions::open(engine.clone(), options()).expect("it opens");
    goes_on(&here, &engine.1);
    here.close().expect("it closes");
}

#[test]
fn a_seal_may_call_the_jar() {
    let (engine, calls) = (MemoryEngine::new(), Arc::new(CallsBack::default()));
    let sealed = options().seal(Called(Arc::clone(&calls)));
    let here = Sessions::open(engine.clone(), sealed).expect("it opens");
    goes_on(&here, &calls);
    // What another process writes is opened while the jar is asked.
    let there = super::sessions(&engine);
    let anna = jar(&there, "anna");
    set(&anna, "there=1");
    there.flush().wait().expect("it is written");
    let of_here = jar(&here, "anna");
    until("the change comes", || {
        of_here.value_for(&super::url(), "there").is_some()
    });
    here.close().expect("it closes");
}
