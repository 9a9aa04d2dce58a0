//! An opened database: the three threads around the writer, the reader and the loader.
//!
//! It knows no session and no key. A [`Handle`] keeps it open; the threads do not.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::PersistError;
use super::engine::{self, Database as Connection, Engine, EngineError, FORMAT, Stamp};
use super::loader::{self, Loader};
use super::options::{PersistOptions, PersistStatus};
use super::reader::{self, Ask};
use super::replica::{Replica, random_writer};
use super::wait::{Eventually, Signal};
use super::writer::{Settled, Writer};
use crate::shared::Keeper;

/// How long the reader waits for changes before it asks again.
const READ_WAIT: Duration = Duration::from_secs(1);
/// Pauses between attempts.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long the last handle waits for what is not written yet.
const LAST_FLUSH: Duration = Duration::from_secs(2);
/// How often what is no longer needed is removed.
const PURGE_EVERY: Duration = Duration::from_secs(60 * 60);
/// How many sessions a purge looks at.
const PURGED_SESSIONS: usize = 1_000;

/// What the threads and the handles share.
pub(crate) struct Database {
    pub(crate) replica: Arc<Replica>,
    /// For all who wait for something.
    pub(crate) signal: Arc<Signal>,
    /// For the threads.
    work: Arc<Signal>,
    engine: Box<dyn Engine>,
    options: PersistOptions,
    /// Whether each thread's last call succeeded, by the thread's place in [`THREADS`].
    works: [AtomicBool; 3],
    /// How often loading has failed.
    failures: AtomicU64,
    last_error: Mutex<Option<PersistError>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    process: u32,
}

/// The name of a thread, and what it does.
type Thread = (&'static str, fn(&Database));

const WRITER: usize = 0;
const READER: usize = 1;
const LOADER: usize = 2;
const THREADS: [Thread; 3] = [
    ("cookiejar-writer", write),
    ("cookiejar-reader", read),
    ("cookiejar-loader", load),
];

/// Milliseconds since the epoch.
fn system_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis().try_into().unwrap_or(0))
}

/// Keeps a database open. The last one closes it, after what waits is written or two seconds are over.
pub(crate) struct Handle {
    pub(crate) database: Arc<Database>,
}

impl Handle {
    /// Connects once, so that a database that cannot be used is an error here, and starts the threads.
    pub(crate) fn open(
        engine: impl Engine,
        options: PersistOptions,
    ) -> Result<Arc<Self>, PersistError> {
        if !engine::is_namespace(&options.namespace) {
            return Err(PersistError::Namespace);
        }
        let hello = engine.connect(&options.namespace)?.hello()?;
        if hello.value.format > FORMAT {
            return Err(PersistError::Format(hello.value.format));
        }
        let work = Arc::new(Signal::default());
        let announced = Arc::clone(&work);
        let replica = Arc::new(Replica::new(system_millis, move || announced.raise()));
        reader::stands(&replica, &hello);
        let database = Arc::new(Database {
            replica,
            signal: Arc::default(),
            work,
            engine: Box::new(engine),
            options,
            works: [const { AtomicBool::new(true) }; 3],
            failures: AtomicU64::new(0),
            last_error: Mutex::default(),
            threads: Mutex::default(),
            process: std::process::id(),
        });
        for (name, work) in THREADS {
            let named = thread::Builder::new().name(name.to_owned());
            let of_thread = Arc::clone(&database);
            let started = named.spawn(move || work(&of_thread));
            let started = started.map_err(EngineError::fatal)?;
            database.threads().push(started);
        }
        Ok(Arc::new(Self { database }))
    }
}

impl Keeper for Handle {}
/// A panic elsewhere leaves it as it was: its locks are recovered.
impl UnwindSafe for Handle {}
impl RefUnwindSafe for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        let database = &self.database;
        if database.check().is_err() {
            return;
        }
        let is_ours = database
            .threads()
            .iter()
            .any(|thread| thread.thread().id() == thread::current().id());
        if !is_ours && !thread::panicking() {
            database.flush().wait_at_most(LAST_FLUSH);
        }
        database.close();
    }
}

impl Database {
    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_error(&self) -> MutexGuard<'_, Option<PersistError>> {
        self.last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn options(&self) -> &PersistOptions {
        &self.options
    }

    /// An error if it is closed, or of another process.
    pub(crate) fn check(&self) -> Result<(), PersistError> {
        if self.process != std::process::id() {
            return Err(PersistError::Forked);
        }
        if self.is_closed() {
            return Err(PersistError::Closed);
        }
        Ok(())
    }

    /// A connection for a call that blocks.
    pub(crate) fn connect(&self) -> Result<Box<dyn Connection>, PersistError> {
        self.check()?;
        Ok(self.engine.connect(&self.options.namespace)?)
    }

    pub(crate) fn status(&self) -> PersistStatus {
        let counts = self.replica.state().counts;
        let works = |thread: usize| self.works[thread].load(Ordering::Relaxed);
        PersistStatus {
            connected: works(WRITER) && works(READER) && self.check().is_ok(),
            pending: self.replica.pending(),
            written: counts.written,
            given_up: counts.given_up,
            not_cookies: counts.bad,
            last_error: self.last_error().clone(),
        }
    }

    /// What was changed before the call is stored.
    pub(crate) fn flush(self: &Arc<Self>) -> Eventually<Result<(), PersistError>> {
        let number = self.replica.flushes.fetch_add(1, Ordering::AcqRel) + 1;
        self.work.raise();
        let database = Arc::clone(self);
        Eventually::new(&self.signal, move || {
            let mut state = database.replica.state();
            if state.flushed >= number {
                let given_up = state.counts.given_up;
                return Some(
                    match given_up - std::mem::replace(&mut state.reported, given_up) {
                        0 => Ok(()),
                        unreported => Err(PersistError::GaveUp(unreported)),
                    },
                );
            }
            drop(state);
            database.check().err().map(Err)
        })
    }

    /// How often loading has failed, and the last error.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Acquire)
    }

    pub(crate) fn error(&self) -> PersistError {
        self.last_error().clone().unwrap_or(PersistError::Closed)
    }

    /// Writes what waits, and closes.
    pub(crate) fn close_when_flushed(self: &Arc<Self>) -> Result<(), PersistError> {
        self.check()?;
        let flushed = self.flush().wait();
        self.close();
        flushed
    }

    /// Stops the threads, and lets the jars go. They go on in memory.
    pub(crate) fn close(&self) {
        self.replica.close();
        self.progress();
    }

    fn is_closed(&self) -> bool {
        self.replica.is_closed()
    }

    /// Something has changed, for the threads and for all who wait.
    pub(crate) fn progress(&self) {
        self.work.raise();
        self.signal.raise();
    }

    /// Runs a call of a thread over its connection, which it opens or drops.
    fn call<T>(
        &self,
        thread: usize,
        connection: &mut Option<Box<dyn Connection>>,
        call: impl FnOnce(&mut dyn Connection) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let result = match connection {
            Some(connection) => call(&mut **connection),
            None => self
                .engine
                .connect(&self.options.namespace)
                .and_then(|new| call(&mut **connection.insert(new))),
        };
        match &result {
            Err(EngineError::Unavailable(_) | EngineError::Fatal(_)) => *connection = None,
            _ => self.works[thread].store(true, Ordering::Relaxed),
        }
        result
    }

    /// Takes note of an error of a thread, which pauses.
    fn failed(&self, thread: usize, error: EngineError, pause: &mut Duration) {
        let worked = self.works[thread].swap(false, Ordering::Relaxed);
        self.report(error, worked);
        let end = Instant::now() + *pause;
        *pause = (*pause * 2).min(LONGEST_PAUSE);
        while !self.is_closed() && Instant::now() < end {
            self.work.wait(self.work.changes(), Some(end));
        }
    }

    fn report(&self, error: EngineError, tell: bool) {
        let error = PersistError::Engine(error);
        if let Some(hear) = &self.options.on_error
            && tell
        {
            hear(&error);
        }
        *self.last_error() = Some(error);
        self.signal.raise();
    }
}

/// The thread that writes.
fn write(database: &Database) {
    let replica = &*database.replica;
    let mut writer = Writer::new(random_writer());
    let mut connection = None;
    let mut pause = FIRST_PAUSE;
    while !database.is_closed() {
        let changes = database.work.changes();
        if !writer.has_work(replica) {
            database.work.wait(changes, None);
            continue;
        }
        linger(database);
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
                Settled::GaveUp(error) => database.report(error, true),
                Settled::Retry(error) => database.failed(WRITER, error, &mut pause),
            }
        }
        database.progress();
    }
}

/// Lets changes gather, unless a flush waits for them.
fn linger(database: &Database) {
    let end = Instant::now() + database.options.linger;
    while Instant::now() < end && !database.is_closed() {
        let changes = database.work.changes();
        if Writer::has_flush(&database.replica) {
            return;
        }
        database.work.wait(changes, Some(end));
    }
}

/// The thread that reads what others wrote.
fn read(database: &Database) {
    let replica = &*database.replica;
    let mut connection = None;
    let mut pause = FIRST_PAUSE;
    while !database.is_closed() {
        let result = database.call(READER, &mut connection, |connection| {
            match reader::ask(replica) {
                Ask::Hello => reader::stands(replica, &connection.hello()?),
                Ask::Changes(after) => {
                    reader::changed(replica, connection.changes(after, READ_WAIT)?);
                }
            }
            Ok(())
        });
        match result {
            Ok(()) => {
                pause = FIRST_PAUSE;
                database.progress();
            }
            Err(error) => database.failed(READER, error, &mut pause),
        }
    }
}

/// The thread that loads sessions, and removes what is no longer needed.
fn load(database: &Database) {
    let replica = &*database.replica;
    let mut loader = Loader::default();
    let mut connection = None;
    let mut pause = FIRST_PAUSE;
    // Processes that were started together do not purge together.
    let jitter = Duration::from_secs(random_writer().get() % PURGE_EVERY.as_secs());
    let mut purge_at = Instant::now() + jitter;
    while !database.is_closed() {
        let changes = database.work.changes();
        let Some(question) = loader.plan(replica) else {
            if Instant::now() >= purge_at {
                purge_at = Instant::now() + PURGE_EVERY;
                let result = database.call(LOADER, &mut connection, |connection| {
                    purge(connection, database.options.tombstones)
                });
                if let Err(error) = result {
                    database.failed(LOADER, error, &mut pause);
                }
            }
            database.work.wait(changes, Some(purge_at));
            continue;
        };
        let result = database.call(LOADER, &mut connection, |connection| {
            let names: Vec<_> = question.sessions.iter().map(|session| &**session).collect();
            connection.load(&names)
        });
        match result {
            Ok(answer) => {
                pause = FIRST_PAUSE;
                loader::install(replica, &question, answer);
                database.progress();
            }
            Err(error) => {
                loader::failed(replica, &question);
                database.failures.fetch_add(1, Ordering::AcqRel);
                database.failed(LOADER, error, &mut pause);
            }
        }
    }
}

fn purge(connection: &mut dyn Connection, tombstones: Duration) -> Result<(), EngineError> {
    let clock = connection.hello()?.clock;
    let life = u64::try_from(tombstones.as_millis()).unwrap_or(u64::MAX);
    let before = Stamp::at(clock.saturating_sub(life));
    connection.purge(before, PURGED_SESSIONS)?;
    Ok(())
}
