//! An opened database: the state that its handles and its [threads](super::threads) share.
//!
//! It knows no session and no key. A [`Handle`] keeps it open; the threads do not.

use std::collections::BTreeSet;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::PersistError;
use super::claims::Questions;
use super::engine::{self, Answer, Database as Connection, Engine, EngineError, FORMAT, Hello};
use super::options::{PersistOptions, PersistStatus};
use super::reader;
use super::replica::Replica;
use super::threads::{READER, Running, THREADS, WRITER};
use super::wait::{Eventually, Signal};
use crate::clock;
use crate::shared::Keeper;

const LAST_FLUSH: Duration = Duration::from_secs(2);

/// The longest silence of a reader that keeps up: the reader's wait and an engine's timeout are shorter.
const MOST_SILENCE: Duration = Duration::from_secs(10);
const MOST_WARNINGS: usize = 32;

type Hourly = Box<dyn Fn(&Database) + Send + Sync>;

pub(crate) struct Database {
    pub(crate) replica: Arc<Replica>,
    pub(crate) signal: Arc<Signal>,
    pub(super) work: Arc<Signal>,
    engine: Box<dyn Engine>,
    pub(super) options: PersistOptions,
    /// Whether each thread's last call succeeded, in the order of [`THREADS`].
    pub(super) works: [AtomicBool; 3],
    pub(super) failures: AtomicU64,
    last_error: Mutex<Option<PersistError>>,
    warnings: Mutex<Vec<String>>,
    heard: Mutex<Instant>,
    threads: Mutex<Vec<ThreadId>>,
    pub(super) running: Arc<AtomicUsize>,
    ends: Mutex<BTreeSet<Instant>>,
    pub(super) questions: Questions,
    hourly: OnceLock<Hourly>,
}

/// Keeps a database open. Dropping the last one writes pending changes, for at most two seconds, and closes the
/// database.
pub(crate) struct Handle {
    pub(crate) database: Arc<Database>,
}

impl Handle {
    /// Connects once, to report an unusable database here, and starts the threads.
    pub(crate) fn open(
        engine: impl Engine,
        options: PersistOptions,
    ) -> Result<Arc<Self>, PersistError> {
        if !engine::is_namespace(&options.namespace) {
            return Err(PersistError::Namespace);
        }
        let (_, hello) = connect(&engine, &options.namespace)?;
        let work = Arc::new(Signal::default());
        let announced = Arc::clone(&work);
        let replica = Arc::new(
            Replica::new(clock::system_millis, move || announced.raise())
                .with_codec(options.codec()),
        );
        reader::begin(&replica, &hello);
        let database = Arc::new(Database {
            replica,
            signal: Arc::default(),
            work,
            engine: Box::new(engine),
            options,
            works: [const { AtomicBool::new(true) }; 3],
            failures: AtomicU64::new(0),
            last_error: Mutex::default(),
            warnings: Mutex::default(),
            heard: Mutex::new(Instant::now()),
            threads: Mutex::default(),
            running: Arc::default(),
            ends: Mutex::default(),
            questions: Questions::default(),
            hourly: OnceLock::new(),
        });
        database.warn(&hello.value.warnings);
        let handle = Arc::new(Self { database });
        for (name, work) in THREADS {
            let named = thread::Builder::new().name(name.to_owned());
            let of_thread = Arc::clone(&handle.database);
            let running = Running::new(of_thread);
            let started = named.spawn(move || running.run(work));
            let started = started.map_err(EngineError::fatal)?;
            handle.database.threads().push(started.thread().id());
        }
        Ok(handle)
    }
}

/// Connects, and rejects a later format: a later version of the program may have upgraded the database in the meantime.
fn connect(
    engine: &dyn Engine,
    namespace: &str,
) -> Result<(Box<dyn Connection>, Answer<Hello>), PersistError> {
    let mut connection = engine.connect(namespace)?;
    let hello = connection.hello()?;
    if hello.value.format > FORMAT {
        return Err(PersistError::Format(hello.value.format));
    }
    Ok((connection, hello))
}

impl Keeper for Handle {}
/// A panic cannot break it: its locks are recovered.
impl UnwindSafe for Handle {}
impl RefUnwindSafe for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        let database = &self.database;
        if database.check().is_err() {
            return;
        }
        let end = Instant::now() + LAST_FLUSH;
        let waits = !database.is_on_own_thread() && !thread::panicking();
        if waits {
            database.flush().wait_at_most(LAST_FLUSH);
        }
        database.close();
        if waits {
            database.wait_for_threads(Some(end));
        }
    }
}

impl Database {
    fn threads(&self) -> MutexGuard<'_, Vec<ThreadId>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_error(&self) -> MutexGuard<'_, Option<PersistError>> {
        self.last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn heard(&self) -> MutexGuard<'_, Instant> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn options(&self) -> &PersistOptions {
        &self.options
    }

    pub(crate) fn check(&self) -> Result<(), PersistError> {
        self.replica.check()
    }

    pub(crate) fn connect(&self) -> Result<Box<dyn Connection>, PersistError> {
        self.check()?;
        let (connection, hello) = connect(&*self.engine, &self.options.namespace)?;
        self.warn(&hello.value.warnings);
        Ok(connection)
    }

    fn warn(&self, warnings: &[String]) {
        let mut known = self.warnings();
        for warning in warnings.iter().map(|warning| engine::shown(warning)) {
            if known.len() < MOST_WARNINGS && !known.contains(&warning) {
                known.push(warning);
            }
        }
    }

    fn warnings(&self) -> MutexGuard<'_, Vec<String>> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn status(&self) -> PersistStatus {
        if let Err(error) = self.replica.check_fork() {
            return PersistStatus {
                last_error: Some(error),
                ..PersistStatus::default()
            };
        }
        let (counts, skipped) = {
            let front = self.replica.front();
            (front.counts, front.skips.count)
        };
        let works = |thread: usize| self.works[thread].load(Ordering::Relaxed);
        let silence = self.heard().elapsed();
        let is_current = works(READER) && silence < MOST_SILENCE;
        PersistStatus {
            connected: works(WRITER) && works(READER) && self.check().is_ok(),
            pending: self.replica.pending(),
            oldest_pending: self.replica.oldest_pending(),
            behind: (!is_current).then_some(silence),
            written: counts.written,
            given_up: counts.given_up,
            skipped,
            left_out: self.replica.left_out.load(Ordering::Relaxed),
            warnings: self.warnings().clone(),
            last_error: self.last_error().clone(),
        }
    }

    pub(crate) fn flush(self: &Arc<Self>) -> Eventually<Result<(), PersistError>> {
        let number = self.replica.flushes.fetch_add(1, Ordering::AcqRel) + 1;
        self.work.raise();
        let database = Arc::clone(self);
        Eventually::new(&self.signal, move || {
            if let Err(error) = database.replica.check_fork() {
                return Some(Err(error));
            }
            let mut state = database.replica.state();
            if state.flushed >= number {
                let given_up = database.replica.front().counts.given_up;
                return Some(
                    match given_up - std::mem::replace(&mut state.reported, given_up) {
                        0 => Ok(()),
                        unreported => Err(PersistError::GaveUp(unreported)),
                    },
                );
            }
            let unwritable = state.unwritable.clone();
            drop(state);
            match unwritable {
                Some((flushes, error)) if flushes >= number => Some(Err(error.into())),
                _ => database.check().err().map(Err),
            }
        })
    }

    pub(crate) fn wake_at(&self, end: Instant) {
        self.ends().insert(end);
        self.work.raise();
    }

    /// Wakes all waiters within a second after `end`. Many ends are one.
    pub(crate) fn wake_soon_after(&self, end: Instant) {
        let later = end + Duration::from_secs(1);
        let is_due = self.ends().range(end..=later).next().is_some();
        if !is_due {
            self.wake_at(later);
        }
    }

    fn ends(&self) -> MutexGuard<'_, BTreeSet<Instant>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn next_end(&self) -> Option<Instant> {
        let mut ends = self.ends();
        let left = ends.split_off(&Instant::now());
        let passed = std::mem::replace(&mut *ends, left);
        let next = ends.first().copied();
        drop(ends);
        if !passed.is_empty() {
            self.signal.raise();
        }
        next
    }

    pub(crate) fn each_hour(&self, work: impl Fn(&Self) + Send + Sync + 'static) {
        // Each database is opened by one type, which sets this once.
        let _ = self.hourly.set(Box::new(work));
    }

    pub(super) fn on_the_hour(&self) {
        if let Some(work) = self.hourly.get() {
            work(self);
        }
    }

    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Acquire)
    }

    pub(crate) fn error(&self) -> PersistError {
        self.last_error().clone().unwrap_or(PersistError::Closed)
    }

    pub(crate) fn close_when_flushed(self: &Arc<Self>) -> Result<(), PersistError> {
        self.check()?;
        let flushed = self.flush().wait();
        self.close();
        if !self.is_on_own_thread() {
            self.wait_for_threads(None);
        }
        flushed
    }

    fn is_on_own_thread(&self) -> bool {
        self.threads().contains(&thread::current().id())
    }

    fn wait_for_threads(&self, end: Option<Instant>) {
        loop {
            let changes = self.signal.changes();
            let is_over = end.is_some_and(|end| Instant::now() >= end);
            if self.running.load(Ordering::Acquire) == 0 || is_over {
                return;
            }
            self.signal.wait(changes, end);
        }
    }

    pub(crate) fn close(&self) {
        self.replica.close();
        self.progress();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.replica.is_closed()
    }

    pub(crate) fn progress(&self) {
        self.work.raise();
        self.signal.raise();
    }

    pub(crate) fn report_skips(&self) {
        let reports = std::mem::take(&mut self.replica.front().skips.reports);
        for error in reports {
            self.report(error, true);
        }
    }

    pub(super) fn report(&self, error: PersistError, tell: bool) {
        if let Some(hear) = &self.options.on_error
            && tell
        {
            hear(&error);
        }
        *self.last_error() = Some(error);
        self.signal.raise();
    }
}
