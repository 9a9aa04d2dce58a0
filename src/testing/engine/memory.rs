//! A database in memory, with faults on demand.
//!
//! It decides when to fail; `namespace.rs` stores and merges.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::namespace::Namespace;
use crate::clock;
use crate::persist::engine::{
    Answer, Applied, Changed, Changes, ClaimDatabase, ClaimOwner, Database, Engine, EngineError,
    Entry, FORMAT, Granted, Hello, History, Loaded, SessionBatch, SessionInfo, Stamp, Version,
};

/// An in-memory engine for tests, which fails on demand.
///
/// Clones share one database, which ends with the last of them and their connections.
///
/// ```
/// use cookiejar::persist::engine::{Engine, EngineError};
/// use cookiejar::testing::MemoryEngine;
///
/// let engine = MemoryEngine::new();
/// let mut database = engine.connect("default")?;
/// engine.lose_answers(1);
/// assert!(matches!(database.apply(&[]), Err(EngineError::Unavailable(_))));
/// assert_eq!(database.apply(&[])?.value.version.get(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryEngine {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    server: Mutex<Server>,
    changed: Condvar,
}

#[derive(Default)]
struct Server {
    namespaces: BTreeMap<String, Namespace>,
    time: Option<u64>,
    is_down: bool,
    failing: u32,
    lost_answers: u32,
    hidden_changes: u32,
    repeated_changes: u32,
    delay: Duration,
    refuses: Option<Refusal>,
    undo_versions: u64,
}

type Refusal = Arc<dyn Fn(&Entry) -> bool + Send + Sync>;

/// The number of versions that [`MemoryEngine::repeat_changes`] returns again.
const REPEATED: u64 = 3;

/// The constructor, and the clock.
impl MemoryEngine {
    /// Creates an empty database with the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the server's clock at `millis` since the Unix epoch. Even so, a namespace's clock never decreases.
    pub fn set_time(&self, millis: u64) {
        self.lock().time = Some(millis);
    }

    fn lock(&self) -> MutexGuard<'_, Server> {
        self.shared.lock()
    }
}

/// Faults on demand.
impl MemoryEngine {
    /// Makes every call fail until the server is up again. Connections survive.
    pub fn set_down(&self, yes: bool) {
        self.lock().is_down = yes;
        self.shared.changed.notify_all();
    }

    /// Makes the next calls fail before they do anything.
    pub fn fail(&self, calls: u32) {
        self.lock().failing = calls;
    }

    /// Makes the next calls of [`Database::apply`] and [`ClaimDatabase::claim`] take effect, then fail.
    pub fn lose_answers(&self, calls: u32) {
        self.lock().lost_answers = calls;
    }

    /// Makes the next calls of [`Database::changes`] see nothing new, as if a notification was lost.
    pub fn hide_changes(&self, calls: u32) {
        self.lock().hidden_changes = calls;
    }

    /// Makes the next calls of [`Database::changes`] return some earlier versions again.
    pub fn repeat_changes(&self, calls: u32) {
        self.lock().repeated_changes = calls;
    }

    /// Makes every call take `delay` longer.
    pub fn set_delay(&self, delay: Duration) {
        self.lock().delay = delay;
    }

    /// Refuses batches that contain an entry for which `refuses` returns `true`.
    pub fn refuse(&self, refuses: impl Fn(&Entry) -> bool + Send + Sync + 'static) {
        self.lock().refuses = Some(Arc::new(refuses));
    }

    /// Sets how many versions are kept for [`lose_versions`](Self::lose_versions) to lose. Defaults to 0.
    pub fn keep_versions(&self, versions: u64) {
        let mut server = self.lock();
        server.undo_versions = versions;
        for namespace in server.namespaces.values_mut() {
            namespace.undo_versions = versions;
        }
    }

    /// Loses the last versions of a namespace and its claims, as a failover can, and begins a new history. Returns the
    /// number of versions lost.
    pub fn lose_versions(&self, namespace: &str, versions: u64) -> u64 {
        let mut server = self.lock();
        let namespace = server.namespaces.get_mut(namespace);
        let lost = namespace.map_or(0, |namespace| namespace.lose_versions(versions));
        drop(server);
        self.shared.changed.notify_all();
        lost
    }

    /// Begins a new history of a namespace without losing anything.
    pub fn change_history(&self, namespace: &str) {
        if let Some(namespace) = self.lock().namespaces.get_mut(namespace) {
            namespace.change_history();
        }
    }

    /// Removes a session without a trace, as a full server may do.
    pub fn drop_session(&self, namespace: &str, session: &str) {
        if let Some(namespace) = self.lock().namespaces.get_mut(namespace) {
            namespace.drop_session(session);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    fn time(&self) -> u64 {
        self.time.unwrap_or_else(clock::system_millis)
    }

    fn check(&mut self) -> Result<(), EngineError> {
        if self.is_down {
            return Err(EngineError::unavailable("the server is down"));
        }
        if count_down(&mut self.failing) {
            return Err(EngineError::unavailable("the call failed"));
        }
        Ok(())
    }

    fn namespace(&mut self, name: &str) -> &mut Namespace {
        let undo_versions = self.undo_versions;
        let namespaces = &mut self.namespaces;
        namespaces
            .entry(name.into())
            .or_insert_with(|| Namespace::new(undo_versions))
    }

    fn refuses(&self, batch: &[SessionBatch<'_>]) -> bool {
        let entries = || batch.iter().flat_map(|part| part.entries);
        self.refuses
            .as_ref()
            .is_some_and(|refuses| entries().any(|entry| refuses(entry)))
    }
}

fn nothing_since(version: Version) -> Changed {
    Changed::UpTo(Changes {
        version,
        sessions: Vec::new(),
    })
}

fn count_down(count: &mut u32) -> bool {
    let is_due = *count > 0;
    *count = count.saturating_sub(1);
    is_due
}

impl Engine for MemoryEngine {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        let mut server = self.lock();
        server.check()?;
        server.namespace(namespace);
        Ok(Box::new(Connection {
            shared: Arc::clone(&self.shared),
            namespace: namespace.into(),
        }))
    }
}

struct Connection {
    shared: Arc<Shared>,
    namespace: String,
}

impl Connection {
    fn begin(&self) -> Result<MutexGuard<'_, Server>, EngineError> {
        let delay = self.shared.lock().delay;
        if !delay.is_zero() {
            std::thread::sleep(delay);
        }
        let mut server = self.shared.lock();
        server.check()?;
        Ok(server)
    }

    fn call<T>(&self, ask: impl FnOnce(&mut Server, u64) -> T) -> Result<Answer<T>, EngineError> {
        let mut server = self.begin()?;
        Ok(self.answer(&mut server, ask))
    }

    fn answer<T>(&self, server: &mut Server, ask: impl FnOnce(&mut Server, u64) -> T) -> Answer<T> {
        let time = server.time();
        let clock = server.namespace(&self.namespace).clock(time);
        let value = ask(server, clock);
        let history = server.namespace(&self.namespace).history();
        Answer {
            clock,
            history: History::new(&history),
            value,
        }
    }
}

impl Database for Connection {
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError> {
        let answer = self.call(|server, clock| {
            if server.refuses(batch) {
                return Err(EngineError::refused("the entry is not to be stored"));
            }
            let namespace = server.namespace(&self.namespace);
            let stamps = batch.iter().flat_map(|part| {
                let entries = part.entries.iter().map(|entry| entry.stamp);
                entries.chain(part.cleared)
            });
            if stamps.max().is_some_and(|stamp| stamp.is_ahead_of(clock)) {
                let history = History::new(&namespace.history());
                return Err(EngineError::StampAhead { clock, history });
            }
            let applied = namespace.apply(batch, clock);
            if count_down(&mut server.lost_answers) {
                return Err(EngineError::unavailable("the answer was lost"));
            }
            Ok(applied)
        })?;
        self.shared.changed.notify_all();
        Ok(Answer {
            clock: answer.clock,
            history: answer.history,
            value: answer.value?,
        })
    }

    fn load(&mut self, sessions: &[&str]) -> Result<Answer<Loaded>, EngineError> {
        self.call(|server, _| server.namespace(&self.namespace).load(sessions))
    }

    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError> {
        let end = clock::end_of(wait);
        let mut server = self.begin()?;
        loop {
            let answer = self.answer(&mut server, |server, _| {
                let is_hidden = count_down(&mut server.hidden_changes);
                let is_repeated = count_down(&mut server.repeated_changes);
                let namespace = server.namespace(&self.namespace);
                match (is_hidden, is_repeated) {
                    (true, _) => nothing_since(after),
                    (false, false) => namespace.changes(after),
                    (false, true) => namespace.changes_again(after, REPEATED),
                }
            });
            let rest = end.saturating_duration_since(Instant::now());
            if answer.value != nothing_since(after) || rest.is_zero() {
                return Ok(answer);
            }
            let waited = self.shared.changed.wait_timeout(server, rest);
            (server, _) = waited.unwrap_or_else(PoisonError::into_inner);
            server.check()?;
        }
    }

    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<SessionInfo>>, EngineError> {
        self.call(|server, _| server.namespace(&self.namespace).sessions(after, at_most))
    }

    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError> {
        self.call(|server, _| server.namespace(&self.namespace).purge(before, at_most))
    }

    fn hello(&mut self) -> Result<Answer<Hello>, EngineError> {
        self.call(|server, _| {
            let namespace = server.namespace(&self.namespace);
            Hello {
                version: namespace.version(),
                floor: namespace.floor,
                format: FORMAT,
                is_exclusive: false,
                warnings: Vec::new(),
            }
        })
    }

    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase> {
        Some(self)
    }
}

impl ClaimDatabase for Connection {
    fn claim(
        &mut self,
        session: &str,
        owner: ClaimOwner,
        for_at_most: Duration,
    ) -> Result<Answer<Option<Granted>>, EngineError> {
        let answer = self.call(|server, _| {
            let namespace = server.namespace(&self.namespace);
            let granted = namespace.claim(session, owner, for_at_most);
            (granted, count_down(&mut server.lost_answers))
        })?;
        let (value, is_lost) = answer.value;
        if is_lost {
            return Err(EngineError::unavailable("the answer was lost"));
        }
        Ok(Answer {
            clock: answer.clock,
            history: answer.history,
            value,
        })
    }
}

/// Shows only the number of namespaces, not their contents.
impl fmt::Debug for MemoryEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryEngine")
            .field("namespaces", &self.lock().namespaces.len())
            .finish_non_exhaustive()
    }
}
