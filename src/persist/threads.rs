//! The three threads of an opened database: one writes, one reads the changes of other processes, one loads sessions.
//!
//! They know no session and no key.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::PersistError;
use super::claims;
use super::database::Database;
use super::engine::{Database as Connection, EngineError};
use super::hourly;
use super::jar;
use super::loader::{self, Loader};
use super::reader::{self, Ask};
use super::replica::random_writer;
use super::stamper::ClockWatch;
use super::state::State;
use super::wait::Signal;
use super::writer::{Settled, Writer};
use crate::clock;

/// How long the reader waits for changes before it polls again, and how long closing waits for the reader.
const READ_WAIT: Duration = Duration::from_millis(200);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_FATAL_PAUSE: Duration = Duration::from_secs(10);
const PURGE_EVERY: Duration = Duration::from_secs(60 * 60);

pub(super) type Thread = (&'static str, fn(&Database));

pub(super) const WRITER: usize = 0;
pub(super) const READER: usize = 1;
pub(super) const LOADER: usize = 2;
pub(super) const THREADS: [Thread; 3] = [
    ("cookiejar-writer", write),
    ("cookiejar-reader", read),
    ("cookiejar-loader", load),
];

/// A running thread. If it panics, as a callback of the program may, the database is closed, so that nothing waits for it.
pub(super) struct Running {
    /// Dropped before the end is signaled, so that the engine is dropped by then.
    database: Option<Arc<Database>>,
    count: Arc<AtomicUsize>,
    signal: Arc<Signal>,
}

impl Running {
    pub(super) fn new(database: Arc<Database>) -> Self {
        database.running.fetch_add(1, Ordering::AcqRel);
        Self {
            count: Arc::clone(&database.running),
            signal: Arc::clone(&database.signal),
            database: Some(database),
        }
    }

    pub(super) fn run(self, work: fn(&Database)) {
        if let Some(database) = &self.database {
            work(database);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(database) = self.database.take() {
            if thread::panicking() {
                database.close();
            }
            database.replica.let_go();
        }
        self.count.fetch_sub(1, Ordering::AcqRel);
        self.signal.raise();
    }
}

impl Database {
    pub(super) fn call<T>(
        &self,
        thread: usize,
        connection: &mut Option<Box<dyn Connection>>,
        call: impl FnOnce(&mut dyn Connection) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let result = match connection {
            Some(connection) => call(&mut **connection),
            None => self
                .connect()
                .map_err(PersistError::into_engine)
                .and_then(|new| call(&mut **connection.insert(new))),
        };
        match &result {
            Err(EngineError::Unavailable(_) | EngineError::Fatal(_)) => *connection = None,
            _ => self.works[thread].store(true, Ordering::Relaxed),
        }
        result
    }

    /// A database that cannot be used is retried less often, and once for each flush.
    fn failed(
        &self,
        thread: usize,
        error: EngineError,
        pause: &mut Duration,
        mut meanwhile: impl FnMut(),
    ) {
        if self.is_closed() {
            return;
        }
        let is_fatal = matches!(error, EngineError::Fatal(_));
        let worked = self.works[thread].swap(false, Ordering::Relaxed);
        let flushes = || self.replica.flushes.load(Ordering::Acquire);
        let before = flushes();
        self.report(error.into(), worked);
        let end = Instant::now() + jittered(*pause);
        let longest = if is_fatal {
            LONGEST_FATAL_PAUSE
        } else {
            LONGEST_PAUSE
        };
        *pause = (*pause * 2).min(longest);
        while !self.is_closed() && Instant::now() < end && (!is_fatal || flushes() == before) {
            let changes = self.work.changes();
            meanwhile();
            let soon = Instant::now() + LONGEST_PAUSE;
            self.work.wait(changes, Some(end.min(soon)));
        }
    }

    fn bound(&self, writer: &mut Writer) {
        let given_up = writer.bound(&self.replica, self.options.max_pending);
        if given_up > 0 {
            self.report(PersistError::GaveUp(given_up), true);
        }
    }
}

/// Processes that lost a server must not reconnect all at once.
fn jittered(pause: Duration) -> Duration {
    let part = u32::try_from(random_writer().get() % 1_024).unwrap_or(0);
    pause / 2 + pause / 2 * part / 1_024
}

fn write(database: &Database) {
    let replica = &*database.replica;
    let mut writer = Writer::new(random_writer());
    let mut connection = None;
    let mut pause = FIRST_PAUSE;
    let mut clock = ClockWatch::new(replica.now(), Instant::now());
    loop {
        // Counted first, so that closing in between is not missed.
        let changes = database.work.changes();
        if database.is_closed() {
            return;
        }
        if !writer.has_work(replica) {
            database.work.wait(changes, None);
            continue;
        }
        linger(database);
        database.bound(&mut writer);
        if clock.has_parted(replica.now(), Instant::now()) {
            let asked = database.call(WRITER, &mut connection, |connection| {
                reader::stands(replica, &connection.hello()?);
                Ok(())
            });
            if let Err(error) = asked {
                database.failed(WRITER, error, &mut pause, || database.bound(&mut writer));
            }
        }
        while let Some(batch) = writer.prepare(replica) {
            if database.is_closed() {
                return;
            }
            if connection.is_none() {
                writer.reconnect(random_writer());
            }
            let result = database.call(WRITER, &mut connection, |connection| {
                connection.apply(&batch.sessions())
            });
            match writer.settle(replica, batch, result) {
                Settled::Done => pause = FIRST_PAUSE,
                Settled::GaveUp(error) => database.report(error.into(), true),
                Settled::Retry(error) => {
                    database.failed(WRITER, error, &mut pause, || database.bound(&mut writer));
                }
            }
        }
        database.progress();
    }
}

/// Waits for more changes, unless a flush waits for these.
fn linger(database: &Database) {
    let end = clock::end_of(database.options.linger);
    while Instant::now() < end && !database.is_closed() {
        let changes = database.work.changes();
        if Writer::has_flush(&database.replica) {
            return;
        }
        database.work.wait(changes, Some(end));
    }
}

fn read(database: &Database) {
    let replica = &*database.replica;
    let mut connection = None;
    let mut pause = FIRST_PAUSE;
    while !database.is_closed() {
        let result = database.call(READER, &mut connection, |connection| {
            match reader::ask(replica) {
                Ask::Hello => {
                    let hello = connection.hello()?;
                    jar::follow_listed(connection, replica, State::follow)?;
                    reader::begin(replica, &hello);
                }
                Ask::Changes(after) => {
                    reader::changed(replica, connection.changes(after, READ_WAIT)?);
                }
            }
            Ok(())
        });
        match result {
            Ok(()) => {
                pause = FIRST_PAUSE;
                *database.heard() = Instant::now();
                database.report_skips();
                database.progress();
            }
            Err(error) => database.failed(READER, error, &mut pause, || ()),
        }
    }
}

fn load(database: &Database) {
    let replica = &*database.replica;
    let mut loader = Loader::default();
    let mut connection = None;
    let mut pause = FIRST_PAUSE;
    // Spreads out the purges of processes that started together.
    let jitter = Duration::from_secs(random_writer().get() % PURGE_EVERY.as_secs());
    let mut purge_at = Instant::now() + jitter;
    loop {
        let changes = database.work.changes();
        if database.is_closed() {
            return;
        }
        let has_asked = claims::ask(database, &mut connection).unwrap_or_else(|error| {
            database.failed(LOADER, error, &mut pause, || ());
            true
        });
        let Some(question) = loader.plan(replica) else {
            if has_asked {
                continue;
            }
            if Instant::now() >= purge_at {
                purge_at = Instant::now() + PURGE_EVERY;
                database.on_the_hour();
                let result = database.call(LOADER, &mut connection, |connection| {
                    hourly::purge(connection, &database.options)
                });
                if let Err(error) = result {
                    database.failed(LOADER, error, &mut pause, || ());
                }
            }
            let end = database.next_end();
            let end = end.map_or(purge_at, |end| end.min(purge_at));
            database.work.wait(changes, Some(end));
            continue;
        };
        let result = database.call(LOADER, &mut connection, |connection| {
            let names: Vec<_> = question.sessions.iter().map(|session| &**session).collect();
            loader::load(connection, &names)
        });
        match result {
            Ok(answer) => {
                pause = FIRST_PAUSE;
                loader::install(replica, &question, answer);
                database.report_skips();
                database.progress();
            }
            Err(error) => {
                loader::failed(replica, &question);
                database.failures.fetch_add(1, Ordering::AcqRel);
                database.failed(LOADER, error, &mut pause, || ());
            }
        }
    }
}
