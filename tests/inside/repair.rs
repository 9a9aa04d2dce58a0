//! What a process writes again when its database has lost changes, and with which stamps.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::super::engine::{ClaimOwner, Database, Engine, Entry, SessionBatch, Stamp, WriterId};
use super::super::loader::{self, Loader};
use super::super::reader::{self, Ask};
use super::super::record;
use super::super::replica::{Replica, random_writer};
use super::super::seal::{SkipReason, Skips};
use super::super::writer::Writer;
use super::{SharedCookieJar, attached, respond};
use crate::testing::MemoryEngine;

const NAMESPACE: &str = "repaired";
const ANNA: &str = "=anna";
const BERT: &str = "=bert";
/// In milliseconds.
const START: u64 = 1_767_225_600_000;

fn database() -> (MemoryEngine, Arc<AtomicU64>) {
    let engine = MemoryEngine::new();
    engine.set_time(START);
    (engine, Arc::new(AtomicU64::new(START)))
}

struct Process {
    engine: MemoryEngine,
    time: Arc<AtomicU64>,
    replica: Arc<Replica>,
    database: Box<dyn Database>,
    writer: Writer,
    loader: Loader,
    jars: BTreeMap<&'static str, SharedCookieJar>,
}

impl Process {
    /// A process that has loaded these sessions.
    fn new((engine, time): &(MemoryEngine, Arc<AtomicU64>), sessions: &[&'static str]) -> Self {
        let clock = Arc::clone(time);
        let replica = Replica::new(move || clock.load(Ordering::Relaxed), || ());
        let mut process = Self {
            engine: engine.clone(),
            time: Arc::clone(time),
            replica: Arc::new(replica),
            database: engine.connect(NAMESPACE).expect("connects"),
            writer: Writer::new(random_writer()),
            loader: Loader::default(),
            jars: BTreeMap::new(),
        };
        for session in sessions {
            let jar = attached(&process.replica, session);
            process.jars.insert(session, jar);
        }
        process.read();
        process.load();
        process
    }

    fn set_time(&self, millis: u64) {
        self.time.store(START + millis, Ordering::Relaxed);
        self.engine.set_time(START + millis);
    }

    fn respond(&self, session: &str, cookie: &str) {
        respond(&self.jars[session], [cookie]);
    }

    /// Writes all that is pending, and returns it.
    fn write(&mut self) -> Vec<String> {
        let mut written = Vec::new();
        while let Some(batch) = self.writer.prepare(&self.replica) {
            written.extend(batch.sessions().iter().flat_map(shown));
            let result = self.database.apply(&batch.sessions());
            self.writer.settle(&self.replica, batch, result);
        }
        written.sort();
        written
    }

    fn read(&mut self) {
        match reader::ask(&self.replica) {
            Ask::Hello => {
                let answer = self.database.hello().expect("an answer");
                reader::begin(&self.replica, &answer);
            }
            Ask::Changes(after) => {
                let answer = self.database.changes(after, Duration::ZERO);
                reader::changed(&self.replica, answer.expect("an answer"));
            }
        }
    }

    fn load(&mut self) {
        while let Some(question) = self.loader.plan(&self.replica) {
            let sessions: Vec<_> = question.sessions.iter().map(|session| &**session).collect();
            let answer = self.database.load(&sessions).expect("an answer");
            loader::install(&self.replica, &question, answer);
        }
    }

    /// Loads a session of which the database has lost all, and writes what is then pending.
    fn lose(&mut self, session: &'static str) -> Vec<String> {
        self.engine.drop_session(NAMESPACE, session);
        self.replica.state().reload(&session.into());
        self.load();
        self.write()
    }

    /// Notices that another history has begun, and writes what is then pending.
    fn doubt(&mut self) -> Vec<String> {
        self.engine.change_history(NAMESPACE);
        self.read();
        self.write()
    }

    fn names(&self, session: &str) -> Vec<String> {
        let cookies = self.jars[session].snapshot();
        let names = cookies.iter().map(|cookie| cookie.name().to_owned());
        names.collect()
    }
}

/// `=anna a=1 0.0`: the session, the cookie, and its stamp from the start in milliseconds and counter.
fn shown(part: &SessionBatch<'_>) -> Vec<String> {
    let at = |stamp: Stamp| {
        let millis = stamp.millis().wrapping_sub(START).cast_signed();
        format!("{millis}.{}", stamp.get() & 0xffff)
    };
    let entry = |entry: &Entry| {
        let identity = &entry.identity;
        let name = identity.rsplit(|&byte| byte == 0).next().expect("a name");
        let name = String::from_utf8_lossy(name);
        let value = entry.record.as_ref().map(|stored| {
            let cookie = record::decode(identity, &stored.bytes).expect("a cookie");
            cookie.value().unwrap_or_default().to_owned()
        });
        let value = value.map_or("is deleted".to_owned(), |value| format!("= {value}"));
        format!("{} {name} {value} at {}", part.session, at(entry.stamp))
    };
    let clear = part
        .cleared
        .map(|stamp| format!("{} is cleared at {}", part.session, at(stamp)));
    let mut shown: Vec<_> = clear
        .into_iter()
        .chain(part.entries.iter().map(entry))
        .collect();
    if shown.is_empty() {
        shown.push(format!("{} without a change", part.session));
    }
    shown
}

#[test]
fn a_lost_session_is_written_with_its_own_deletions_of_the_last_ten_seconds() {
    let lost_after = |millis| {
        let mut process = Process::new(&database(), &[ANNA, BERT]);
        process.respond(ANNA, "a=1");
        process.respond(ANNA, "b=2");
        process.respond(BERT, "c=3");
        process.set_time(1);
        process.respond(ANNA, "b=; Max-Age=0");
        process.respond(BERT, "c=; Max-Age=0");
        process.write();
        process.set_time(millis);
        process.read();
        process.lose(ANNA)
    };
    let with_deletion = ["=anna a = 1 at 0.0", "=anna b is deleted at 1.0"];
    assert_eq!(lost_after(1), with_deletion);
    assert_eq!(lost_after(10_001), with_deletion);
    // The greatest stamp that was forgotten, of the session of Bert.
    assert_eq!(lost_after(10_002), ["=anna a = 1 at 1.1"]);
    assert_eq!(
        lost_after(0),
        ["=anna a = 1 at 1.1"],
        "the clock was set back"
    );
}

/// A new session is loaded while its first change is under way, and without it: the database has lost it.
#[test]
fn a_change_that_is_lost_before_it_is_acknowledged_is_written_again() {
    let mut process = Process::new(&database(), &[ANNA]);
    let jar = attached(&process.replica, BERT);
    respond(&jar, ["a=1"]);
    let batch = process.writer.prepare(&process.replica).expect("a batch");
    let result = process.database.apply(&batch.sessions());
    process.engine.drop_session(NAMESPACE, BERT);
    process.load();
    process.writer.settle(&process.replica, batch, result);
    process.load();
    assert_eq!(process.write(), ["=bert a = 1 at 0.0"]);
}

#[test]
fn a_lost_session_is_not_written_if_its_deletion_may_be_forgotten() {
    let lost_at = |floor: &dyn Fn(u64) -> u64| {
        let mut process = Process::new(&database(), &[ANNA]);
        process.respond(ANNA, "a=1");
        process.write();
        process.read();
        let mut state = process.replica.state();
        state.floor = Stamp::new(floor(state.read.get()));
        drop(state);
        (process.lose(ANNA), process.names(ANNA))
    };
    let written = (vec!["=anna a = 1 at 0.0".to_owned()], vec!["a".to_owned()]);
    assert_eq!(lost_at(&|read| read - 1), written);
    assert_eq!(lost_at(&|read| read), written);
    assert_eq!(lost_at(&|read| read + 1), (vec![], vec![]));
}

#[test]
fn in_another_history_all_is_written_that_was_known_or_recent() {
    let shared = database();
    let mut process = Process::new(&shared, &[ANNA, BERT]);
    process.respond(ANNA, "a=1");
    process.respond(ANNA, "b=2");
    process.respond(ANNA, "d=4");
    process.set_time(1);
    process.respond(ANNA, "b=; Max-Age=0");
    process.set_time(2);
    process.respond(BERT, "c=3");
    process.write();
    process.read();
    process.replica.state().unregister(BERT);

    // Another process has deleted one, which is its own to write.
    let mut other = Process::new(&shared, &[ANNA]);
    other.set_time(3);
    other.respond(ANNA, "d=; Max-Age=0");
    other.write();
    process.read();
    assert_eq!(process.names(ANNA), ["a"]);

    let written = process.doubt();
    let expected = [
        "=anna a = 1 at 0.0",
        "=anna b is deleted at 1.0",
        "=bert c = 3 at 2.0",
    ];
    assert_eq!(written, expected);
}

#[test]
fn what_the_database_has_refused_is_not_written_with_the_rest() {
    let refused = || {
        let mut process = Process::new(&database(), &[ANNA]);
        process.respond(ANNA, "a=1");
        process.write();
        process.read();
        let is_b = |entry: &Entry| entry.identity.ends_with(b"b");
        process.engine.refuse(is_b);
        process.respond(ANNA, "b=2");
        process.write();
        process.engine.refuse(|_| false);
        process
    };
    let mut process = refused();
    assert!(process.doubt().is_empty());
    process.read();
    process.load();
    assert_eq!(process.names(ANNA), ["a"]);

    let mut process = refused();
    assert!(process.lose(ANNA).is_empty());
    assert!(process.names(ANNA).is_empty());
}

#[test]
fn what_was_read_is_written_with_its_stamp_for_ten_seconds() {
    let read_after = |millis| {
        let shared = database();
        let mut other = Process::new(&shared, &[ANNA]);
        other.respond(ANNA, "a=1");
        other.respond(ANNA, "b=2");
        other.write();
        other.set_time(millis);
        Process::new(&shared, &[ANNA]).doubt()
    };
    let own = ["=anna a = 1 at 0.0", "=anna b = 2 at 0.2"];
    assert_eq!(read_after(10_000), own);
    // Without a time of its own, it must not be older than it is.
    let latest = ["=anna a = 1 at 0.2", "=anna b = 2 at 0.2"];
    assert_eq!(read_after(10_001), latest);
}

#[test]
fn a_cookie_whose_deletion_is_purged_is_gone_when_its_session_is_loaded_again() {
    let shared = database();
    let mut process = Process::new(&shared, &[ANNA]);
    process.respond(ANNA, "a=1");
    process.write();
    process.read();

    let mut other = Process::new(&shared, &[ANNA]);
    other.set_time(1_000);
    other.respond(ANNA, "a=; Max-Age=0");
    other.write();
    other.set_time(100_000);
    let purged = other.database.purge(Stamp::at(START + 50_000), 10);
    assert_eq!(purged.expect("purges").value, 1);

    // It is listed again, as when the jar was opened.
    process.replica.state().follow_empty(&ANNA.into());
    process.read();
    process.read();
    process.load();
    assert!(process.write().is_empty());
    assert!(process.names(ANNA).is_empty());
}

#[test]
fn a_session_is_at_rest_when_it_is_loaded_and_all_is_read_back() {
    let mut process = Process::new(&database(), &[ANNA]);
    let is_at_rest = |process: &Process| process.replica.state().is_at_rest(ANNA);
    assert!(is_at_rest(&process));
    process.respond(ANNA, "a=1");
    assert!(!is_at_rest(&process));
    process.write();
    process.read();
    assert!(is_at_rest(&process));
    process.replica.state().reload(&ANNA.into());
    assert!(!is_at_rest(&process));
    process.load();
    assert!(is_at_rest(&process));
    process.replica.state().unregister(ANNA);
    assert!(is_at_rest(&process), "of a session that is not in memory");
}

/// Else it could be unloaded before its claim is released, and would stay claimed.
#[test]
fn a_session_whose_release_is_posted_is_not_at_rest() {
    let process = Process::new(&database(), &[ANNA]);
    let state = process.replica.state();
    assert!(state.is_at_rest(ANNA));
    process.replica.release(&ANNA.into(), ClaimOwner::new(7));
    assert!(!state.is_at_rest(ANNA));
}

#[test]
fn a_session_whose_changes_were_cleared_by_another_process_is_not_in_a_batch() {
    let shared = database();
    let mut process = Process::new(&shared, &[ANNA]);
    let mut other = Process::new(&shared, &[ANNA]);
    process.respond(ANNA, "a=1");
    other.set_time(1);
    other.jars[ANNA].clear();
    assert_eq!(other.write(), ["=anna is cleared at 1.0"]);
    process.read();
    assert!(process.write().is_empty());
    process.load();
    assert!(process.names(ANNA).is_empty());

    // The clear is known, so nothing has to be loaded if it is read again.
    process.engine.repeat_changes(1);
    process.read();
    assert!(process.loader.plan(&process.replica).is_none());
}

#[test]
fn writers_are_told_apart_by_numbers_of_chance() {
    let writers = [random_writer(), random_writer()];
    assert_ne!(writers[0], writers[1]);
    assert!(!writers.contains(&WriterId::default()), "not sent yet");
}

#[test]
fn cookies_of_two_processes_with_one_number_have_one_order() {
    let shared = database();
    let mut processes = [(); 2].map(|()| Process::new(&shared, &[ANNA]));
    for (process, cookie) in processes.iter_mut().zip(["a=1", "b=2"]) {
        process.respond(ANNA, cookie);
        process.write();
    }
    let headers = processes.map(|mut process| {
        process.read();
        let url = url::Url::parse("https://acme.com/").expect("a URL");
        let header = process.jars[ANNA].cookie_header(&url).expect("cookies");
        header.to_str().expect("a text").to_owned()
    });
    assert_eq!(headers[0], headers[1]);
    assert_eq!(headers[0].len(), "a=1; b=2".len());
}

#[test]
fn a_change_that_is_stamped_anew_is_later_than_one_that_may_be_stored() {
    let shared = database();
    let mut process = Process::new(&shared, &[ANNA]);
    // Its clock is ahead by less than a minute, and it does not learn that the change was stored.
    process.time.store(START + 50_000, Ordering::Relaxed);
    process.respond(ANNA, "a=1");
    let batch = process.writer.prepare(&process.replica).expect("a batch");
    process.engine.lose_answers(1);
    let lost = process.database.apply(&batch.sessions());
    assert!(lost.is_err());
    process.writer.settle(&process.replica, batch, lost);

    // Then its clock is ahead by more.
    process.time.store(START + 70_000, Ordering::Relaxed);
    process.respond(ANNA, "a=2");
    let written = process.write();
    assert_eq!(written[1], "=anna a = 2 at 70000.0", "which is rejected");
    assert!(
        written[0].starts_with("=anna a = 2 at 50000."),
        "{written:?}"
    );
    let other = Process::new(&shared, &[ANNA]);
    assert_eq!(other.jars[ANNA].snapshot()[0].value(), Some("2"));
}

#[test]
fn a_session_in_use_is_work_and_so_is_a_change() {
    let mut process = Process::new(&database(), &[ANNA]);
    let has_work = |process: &Process| process.writer.has_work(&process.replica);
    assert!(!has_work(&process));
    process.replica.touch(&ANNA.into());
    assert!(has_work(&process));
    process.write();
    assert!(!has_work(&process));
    process.respond(ANNA, "a=1");
    assert!(has_work(&process));
    process.write();
    assert!(!has_work(&process));
}

#[test]
fn of_many_skipped_records_all_are_counted_and_64_reported() {
    let mut skips = Skips::default();
    for number in 0..100_usize {
        assert_eq!(skips.count, number as u64);
        assert_eq!(skips.reports.len(), number.min(64));
        skips.add(ANNA, SkipReason::Field);
    }
}
