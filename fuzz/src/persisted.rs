//! Two processes and a stranger that share a database, by a program.
//!
//! The writer, the reader and the loader are stepped, without a thread. They are private, so this target is a module
//! of the crate itself, which the packages of the tests and of the targets mount.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use url::Url;

use super::attached::{Attached, FamilyPlace};
use super::engine::{
    Answer, Applied, Changed, Database, Engine, EngineError, Entry, Hello, Loaded, Record,
    SessionBatch, Stamp, WriterId,
};
use super::jar;
use super::loader::{self, Loader, Question};
use super::pending::Place;
use super::reader::{self, Ask};
use super::record;
use super::replica::Replica;
use super::seal::Codec;
use super::state::{Load, Slot, State};
use super::writer::{Batch, Settled, Writer};
use crate::clock::{JarClock, date_time};
use crate::cookie::Cookie;
use crate::jar::Listeners;
use crate::policy::AcceptAllPolicy;
use crate::shared::{Rules, SharedCookieJar, family_of};
use crate::testing::MemoryEngine;

#[allow(dead_code, reason = "the other targets use the rest of it")]
#[path = "bytes.rs"]
mod bytes;

use bytes::{Bytes, split};

const NAMESPACE: &str = "fuzz";
/// 21 November 2026, 8:00 UTC, in milliseconds.
const START: u64 = 1_795_248_000_000;
const STEPS: usize = 120;
const RECORDS: usize = 60;
/// Below the limits of a cookie.
const MOST_OCTETS: usize = 8_000;

const SESSIONS: [&str; 2] = ["=anna", "=bert"];
/// The last is not the session of a family.
const FAMILIES: [&str; 5] = ["@acme.com", "@co.uk", "@localhost", "@", "=anna"];

const HEADERS: [&str; 8] = [
    "a=1; Max-Age=5",
    "a=2; Domain=acme.com; Path=/b",
    "b=3; Expires=Fri, 01 Jan 2038 00:00:00 GMT",
    "a=; Max-Age=0",
    "=nameless",
    "c=\"q\"; Version=1; Max-Age=9; Secure; HttpOnly",
    "\u{e9}=\u{e9}; SameSite=Lax",
    "b=; Max-Age=-1; Domain=acme.com",
];

static URLS: LazyLock<[Url; 4]> = LazyLock::new(|| {
    [
        "https://acme.com/",
        "http://www.acme.com/b",
        "http://acme.co.uk/",
        "http://localhost/",
    ]
    .map(|url| Url::parse(url).expect("a URL"))
});

/// Before the first empty line stands a program, after it are records, separated by empty lines: what a stranger
/// stores. A record that begins with `!` has its identity in its first line, in which `|` is NUL.
///
/// # Panics
///
/// Panics if an invariant does not hold.
pub fn persisted(data: &[u8]) {
    let data = &data[..data.len().min(MOST_OCTETS)];
    let mut parts = split(data, b"\n\n").into_iter();
    let mut program = Bytes::new(parts.next().unwrap_or_default());
    let records = parts.take(RECORDS).map(parse_record).collect();
    let mut world = World::new(program.byte(), records);
    for _ in 0..STEPS {
        if program.is_empty() {
            break;
        }
        world.step(&mut program);
    }
    world.intrude(&mut program, RECORDS);
    world.quiet();
    world.check();
}

/// Returns the identity, and the octets of the record.
fn parse_record(part: &[u8]) -> (Arc<[u8]>, Arc<[u8]>) {
    let Some(part) = part.strip_prefix(b"!") else {
        return (b"acme.com\0/\0a"[..].into(), part.into());
    };
    let end = part.iter().position(|octet| *octet == b'\n');
    let (first, rest) = part.split_at(end.unwrap_or(part.len()));
    let nul = |octet: &u8| if *octet == b'|' { 0 } else { *octet };
    (first.iter().map(nul).collect(), rest.into())
}

struct World {
    engine: MemoryEngine,
    /// The true time, in milliseconds.
    time: Arc<AtomicU64>,
    /// Whether the processes have jars of families, or sessions.
    has_families: bool,
    /// What the stranger has still to store.
    records: std::vec::IntoIter<Stored>,
    processes: [Process; 2],
    writers: u64,
}

/// An identity and a record.
type Stored = (Arc<[u8]>, Arc<[u8]>);

/// The first writer of a process: those of the stranger are below it.
const OWN_WRITERS: u64 = 16;

impl World {
    fn new(mode: u8, records: Vec<Stored>) -> Self {
        let engine = MemoryEngine::new();
        engine.set_time(START);
        engine.keep_versions(4);
        let time = Arc::new(AtomicU64::new(START));
        let has_families = mode & 1 == 1;
        let process = |writer| Process::new(&engine, &time, has_families, WriterId::new(writer));
        Self {
            processes: [process(OWN_WRITERS), process(OWN_WRITERS + 1)],
            writers: OWN_WRITERS + 2,
            records: records.into_iter(),
            engine,
            time,
            has_families,
        }
    }

    fn names(&self) -> &'static [&'static str] {
        if self.has_families {
            &FAMILIES
        } else {
            &SESSIONS
        }
    }

    fn writer(&mut self) -> WriterId {
        self.writers += 1;
        WriterId::new(self.writers)
    }

    fn pass(&self, millis: u64) {
        let now = self.time.fetch_add(millis, Ordering::Relaxed) + millis;
        self.engine.set_time(now);
    }

    fn step(&mut self, program: &mut Bytes<'_>) {
        let writer = self.writer();
        let number = program.below(2);
        let process = &mut self.processes[number];
        match program.below(16) {
            0 | 1 => process.change(program),
            2 | 3 => process.write(writer),
            4 | 5 => process.read(),
            6 | 7 => process.load(),
            8 => process.run(writer),
            9 | 10 => self.intrude(program, 4),
            11 => self.pass(u64::from(program.byte()) * 100),
            12 => self.fault(program),
            13 => self.lose(program),
            14 => {
                process.skew(program.byte());
                let millis = u64::from(program.byte()) * 20;
                let now = self.time.load(Ordering::Relaxed);
                // Only what fails on purpose fails.
                let _ = process
                    .database
                    .purge(Stamp::at(now - millis), program.below(4));
            }
            _ if program.flag() => {
                let at_most = program.below(4);
                process.bound(at_most);
            }
            _ => self.restart(number, writer),
        }
    }

    fn restart(&mut self, number: usize, writer: WriterId) {
        self.engine.fail(0);
        self.processes[number] = Process::new(&self.engine, &self.time, self.has_families, writer);
    }

    /// The stranger stores its next records, under stamps of its own.
    fn intrude(&mut self, program: &mut Bytes<'_>, at_most: usize) {
        let now = self.time.load(Ordering::Relaxed);
        let (session, choice) = (program.pick(self.names()), program.byte());
        let stamp = |octet: u8| Stamp::at(now + 100_000 - u64::from(octet ^ 0xa0) * 1_000);
        let mut entries = BTreeMap::new();
        for (identity, bytes) in self.records.by_ref().take(at_most) {
            let octet = program.byte();
            let record = Record {
                bytes,
                ..Record::default()
            };
            let entry = Entry {
                identity: Arc::clone(&identity),
                stamp: stamp(octet),
                writer: WriterId::new(u64::from(choice & 3)),
                record: (octet & 7 != 7).then_some(record),
            };
            entries.insert(identity, entry);
        }
        let entries: Vec<_> = entries.into_values().collect();
        let batch = SessionBatch {
            session,
            cleared: (choice & 0b1100 == 0b1100).then(|| stamp(program.byte())),
            ended: choice & 16 != 0,
            entries: &entries,
            ..SessionBatch::default()
        };
        self.engine.fail(0);
        let mut database = self.engine.connect(NAMESPACE).expect("it connects");
        match database.apply(&[batch]) {
            Ok(_)
            | Err(
                EngineError::StampAhead { .. }
                | EngineError::Unavailable(_)
                | EngineError::Refused(_),
            ) => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn fault(&self, program: &mut Bytes<'_>) {
        let calls = 1 + u32::from(program.byte() & 1);
        match program.below(5) {
            0 => self.engine.lose_answers(calls),
            1 => self.engine.hide_changes(calls),
            2 => self.engine.repeat_changes(calls),
            3 => self.engine.fail(calls),
            _ => {
                let rest = program.byte() % 3;
                let is_refused = move |entry: &Entry| entry.identity.len() % 3 == usize::from(rest);
                self.engine.refuse(is_refused);
            }
        }
    }

    fn lose(&self, program: &mut Bytes<'_>) {
        match program.below(3) {
            0 => {
                self.engine
                    .lose_versions(NAMESPACE, u64::from(program.byte() & 3));
            }
            1 => self.engine.change_history(NAMESPACE),
            _ => {
                let session = program.pick(self.names());
                self.engine.drop_session(NAMESPACE, session);
                // Processes notice it when they load it.
                for process in &self.processes {
                    process.replica.state().reload(&session.into());
                }
            }
        }
    }

    /// Nothing fails any more, and all processes work until nothing is left to do.
    fn quiet(&mut self) {
        for fault in [
            MemoryEngine::lose_answers,
            MemoryEngine::hide_changes,
            MemoryEngine::repeat_changes,
            MemoryEngine::fail,
        ] {
            fault(&self.engine, 0);
        }
        self.engine.refuse(|_| false);
        // Others have to read what the last one has written.
        let mut rounds_at_rest = 0;
        for round in 0.. {
            assert!(round < 60, "it does not come to rest");
            self.pass(20);
            for number in 0..self.processes.len() {
                let writer = self.writer();
                self.processes[number].run(writer);
            }
            let is_at_rest = self.processes.iter().all(Process::is_at_rest);
            rounds_at_rest = if is_at_rest { rounds_at_rest + 1 } else { 0 };
            if rounds_at_rest > 4 {
                break;
            }
        }
    }

    /// Each process has what the database has, and keeps nothing else.
    fn check(&self) {
        let now = (self.time.load(Ordering::Relaxed) / 1_000).cast_signed();
        let mut database = self.engine.connect(NAMESPACE).expect("it connects");
        let names = self.names();
        let loaded = database.load(names).expect("it loads").value;
        for (name, stored) in names.iter().zip(loaded.sessions) {
            let entries = stored.unwrap_or_default().entries;
            let expected: Rows = entries
                .iter()
                .filter_map(|entry| self.stored(name, entry))
                .filter(|cookie| !cookie.is_expired_at(now))
                .map(|cookie| row(&cookie))
                .collect();
            for process in &self.processes {
                let cookies = process.cookies(name);
                let live = cookies.iter().filter(|cookie| !cookie.is_expired_at(now));
                let rows: Rows = live.map(row).collect();
                assert_eq!(rows, expected, "{name}");
                cookies.iter().for_each(check_cookie);
            }
        }
        self.processes.iter().for_each(Process::check);
    }

    /// The cookie of an entry, if it is one and belongs to the session.
    fn stored(&self, name: &str, entry: &Entry) -> Option<Cookie> {
        let cookie = Codec::default().decode(name, entry).ok()??;
        let is_own = |family: &str| family_of(cookie.domain()) == family;
        (!self.has_families || name.strip_prefix('@').is_some_and(is_own)).then_some(cookie)
    }
}

type Rows = BTreeMap<Arc<[u8]>, String>;

/// The whole cookie but for its creation: if its record does not say when, it is the time of loading.
fn row(cookie: &Cookie) -> (Arc<[u8]>, String) {
    let builder = cookie.to_builder().creation_time(date_time(1));
    let bytes = record::encode(&builder.build().expect("a cookie")).bytes;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (record::identity(cookie), text)
}

/// A cookie that was let in passes every other door, unchanged, and can be sent.
fn check_cookie(cookie: &Cookie) {
    assert_eq!(cookie.to_builder().build().as_ref(), Ok(cookie));
    let (identity, record) = (record::identity(cookie), record::encode(cookie));
    let read = record::decode(&identity, &record.bytes);
    assert!(read.is_ok_and(|read| read == *cookie), "{cookie:?}");
    let (path, name) = (cookie.path_bytes(), cookie.name_bytes());
    let value = cookie.value_bytes().unwrap_or_default();
    for part in [cookie.domain().as_bytes(), &path, &name, &value] {
        let breaks = part.iter().any(|octet| b"\r\n\0".contains(octet));
        assert!(!breaks, "{cookie:?}");
    }
    assert!(
        path.starts_with(b"/") && !name.contains(&b';'),
        "{cookie:?}"
    );
}

/// What a process has heard from the database, and has not processed.
enum Heard {
    Stands(Answer<Hello>),
    Changed(Answer<Changed>),
}

type Writing = (Batch, Option<Result<Answer<Applied>, EngineError>>);
type Loading = (Question, Option<Result<Answer<Loaded>, EngineError>>);

struct Process {
    replica: Arc<Replica>,
    /// By how much its clock is ahead, in milliseconds.
    skew: Arc<AtomicU64>,
    database: Box<dyn Database>,
    writer: Writer,
    loader: Loader,
    writing: Option<Writing>,
    heard: Option<Heard>,
    loading: Option<Loading>,
    /// The jar of each session, or of all.
    jars: Vec<(Arc<str>, SharedCookieJar)>,
}

/// The replica and its jars hold each other until it is closed.
impl Drop for Process {
    fn drop(&mut self) {
        self.replica.close();
    }
}

impl Process {
    fn new(
        engine: &MemoryEngine,
        time: &Arc<AtomicU64>,
        has_families: bool,
        writer: WriterId,
    ) -> Self {
        let skew = Arc::new(AtomicU64::new(0));
        let millis = {
            let (time, skew) = (Arc::clone(time), Arc::clone(&skew));
            move || time.load(Ordering::Relaxed) + skew.load(Ordering::Relaxed)
        };
        let now = {
            let time = Arc::clone(time);
            move || date_time((time.load(Ordering::Relaxed) / 1_000).cast_signed())
        };
        let rules = Rules::new(
            Arc::new(AcceptAllPolicy::new()),
            JarClock::Custom(Arc::new(now)),
        );
        let mut new = Self {
            replica: Arc::new(Replica::new(millis, || ())),
            skew,
            database: engine.connect(NAMESPACE).expect("it connects"),
            writer: Writer::new(writer),
            loader: Loader::default(),
            writing: None,
            heard: None,
            loading: None,
            jars: Vec::new(),
        };
        if has_families {
            new.follow(&rules);
        } else {
            for name in SESSIONS {
                new.open(name, &rules);
            }
        }
        new
    }

    fn open(&mut self, name: &str, rules: &Arc<Rules>) {
        let name: Arc<str> = name.into();
        let jar = SharedCookieJar::for_session(rules, Listeners::default());
        jar.attach(|| Attached::session(&self.replica, &name));
        let place = Arc::clone(jar.inner());
        self.replica.state().register(&name, place);
        self.jars.push((name, jar));
    }

    fn follow(&mut self, rules: &Arc<Rules>) {
        let jar = SharedCookieJar::for_session(rules, Listeners::default());
        jar.attach(|| Attached::families(&self.replica, true));
        self.jars.push(("".into(), jar.clone()));
        let inner = Arc::clone(jar.inner());
        let mut state = self.replica.state();
        state.follow_all(move |session: &Arc<str>| {
            let place = FamilyPlace::new(&inner, session)?;
            Some(Arc::new(place) as Arc<dyn Place>)
        });
        let listed = self.database.sessions(None, 100).map(|answer| answer.value);
        for info in listed.unwrap_or_default() {
            state.follow_empty(&info.session.as_str().into());
        }
    }

    fn skew(&self, octet: u8) {
        let millis = [0, 0, 0, 300, 20_000, 59_000, 62_000, 3_600_000];
        let millis = millis[usize::from(octet & 7)];
        self.skew.store(millis, Ordering::Relaxed);
    }

    /// A call of the program.
    fn change(&self, program: &mut Bytes<'_>) {
        let (name, jar) = &self.jars[program.below(self.jars.len())];
        let is_loaded = if name.is_empty() {
            self.replica.is_all_loaded()
        } else {
            self.replica.is_loaded(name)
        };
        if !is_loaded {
            return;
        }
        let url = &URLS[program.below(URLS.len())];
        match program.below(12) {
            0 => jar.clear(),
            1 => drop(jar.clear_domain(".acme.com")),
            2 => drop(jar.clear_session_cookies()),
            3 => drop(jar.retain(|cookie| cookie.name() != "a")),
            4 => drop(jar.clear_expired_cookies()),
            5 | 6 => {
                let two = [program.pick(&HEADERS), program.pick(&HEADERS)];
                jar.extract_cookies(&two.map(|header| ("Set-Cookie", header)), url);
            }
            _ => {
                let header = program.pick(&HEADERS);
                jar.extract_cookies(&[("Set-Cookie", header)], url);
            }
        }
    }

    fn write(&mut self, next: WriterId) {
        let replica = &*self.replica;
        match self.writing.take() {
            None => self.writing = self.writer.prepare(replica).map(|batch| (batch, None)),
            Some((batch, None)) => {
                let result = self.database.apply(&batch.sessions());
                self.writing = Some((batch, Some(result)));
            }
            Some((batch, Some(result))) => {
                if let Settled::Retry(_) = self.writer.settle(replica, batch, result) {
                    self.writer.reconnect(next);
                }
            }
        }
    }

    fn read(&mut self) {
        let replica = &*self.replica;
        match self.heard.take() {
            Some(Heard::Stands(answer)) => reader::begin(replica, &answer),
            Some(Heard::Changed(answer)) => reader::changed(replica, answer),
            None => {
                let database = &mut *self.database;
                self.heard = match reader::ask(replica) {
                    Ask::Hello => {
                        let answer = database.hello();
                        let listed = jar::follow_listed(database, replica, State::follow);
                        listed.and(answer).ok().map(Heard::Stands)
                    }
                    Ask::Changes(after) => {
                        let answer = database.changes(after, Duration::ZERO);
                        answer.ok().map(Heard::Changed)
                    }
                };
            }
        }
    }

    fn load(&mut self) {
        let replica = &*self.replica;
        match self.loading.take() {
            None => self.loading = self.loader.plan(replica).map(|question| (question, None)),
            Some((question, None)) => {
                let names: Vec<_> = question.sessions.iter().map(|name| &**name).collect();
                let answer = self.database.load(&names);
                self.loading = Some((question, Some(answer)));
            }
            Some((question, Some(Ok(answer)))) => {
                loader::install(replica, &question, answer);
            }
            Some((question, Some(Err(_)))) => loader::failed(replica, &question),
        }
    }

    /// Three steps of each machine.
    fn run(&mut self, writer: WriterId) {
        for _ in 0..3 {
            self.write(writer);
            self.read();
            self.load();
        }
    }

    fn bound(&mut self, at_most: usize) {
        if self.writing.is_none() {
            self.writer.bound(&self.replica, at_most);
        }
    }

    fn is_at_rest(&self) -> bool {
        let state = self.replica.state();
        let is_done = |slot: &Slot| slot.load == Load::Done;
        self.writing.is_none()
            && self.loading.is_none()
            && state.slots.values().all(is_done)
            && self.replica.pending() == 0
            && state.orphans.is_empty()
    }

    fn cookies(&self, name: &str) -> Vec<Cookie> {
        let Some(family) = name.strip_prefix('@') else {
            let own = self.jars.iter().find(|(session, _)| **session == *name);
            return own.map_or_else(Vec::new, |(_, jar)| jar.snapshot());
        };
        let mut cookies = self.jars[0].1.snapshot();
        cookies.retain(|cookie| family_of(cookie.domain()) == family);
        cookies
    }

    /// At rest, nothing is kept but the sessions.
    fn check(&self) {
        let state = self.replica.state();
        assert!(state.slots.len() <= FAMILIES.len());
        assert!(state.kept.is_empty());
        assert!(state.written.is_empty() && state.releases.is_empty());
        assert!(state.front().skips.reports.len() <= 64);
    }
}
