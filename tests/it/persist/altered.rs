//! An engine whose answers are altered on demand, as no correct engine would.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use cookiejar::persist::engine::{
    Answer, Applied, Changed, ClaimDatabase, Database, Engine, EngineError, Hello, Loaded,
    MAX_AHEAD, SessionBatch, SessionInfo, Stamp, Version,
};
use cookiejar::testing::MemoryEngine;

#[derive(Clone, Default)]
pub(super) struct Altered {
    pub(super) memory: MemoryEngine,
    pub(super) faults: Arc<Faults>,
}

#[derive(Default)]
pub(super) struct Faults {
    /// The format version that is returned, unless it is 0.
    pub(super) format: AtomicU32,
    /// The number of open connections.
    pub(super) connections: AtomicU32,
    /// Storing a batch fails.
    pub(super) is_fatal: AtomicBool,
    /// Sessions are loaded with stamps that are ahead of the clock.
    pub(super) are_stamps_ahead: AtomicBool,
    pub(super) has_no_claims: AtomicBool,
}

impl Engine for Altered {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        let database = self.memory.connect(namespace)?;
        self.faults.connections.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Connection {
            database,
            faults: Arc::clone(&self.faults),
        }))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.faults.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Connection {
    database: Box<dyn Database>,
    faults: Arc<Faults>,
}

impl Database for Connection {
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError> {
        if self.faults.is_fatal.load(Ordering::Relaxed) {
            return Err(EngineError::fatal("the disk is gone"));
        }
        self.database.apply(batch)
    }

    fn load(&mut self, sessions: &[&str]) -> Result<Answer<Loaded>, EngineError> {
        let mut answer = self.database.load(sessions)?;
        if self.faults.are_stamps_ahead.load(Ordering::Relaxed) {
            let ahead = Stamp::new(Stamp::at(answer.clock + MAX_AHEAD).get() + 1);
            let sessions = answer.value.sessions.iter_mut().flatten();
            for entry in sessions.flat_map(|session| &mut session.entries) {
                entry.stamp = ahead;
            }
        }
        Ok(answer)
    }

    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError> {
        self.database.changes(after, wait)
    }

    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<SessionInfo>>, EngineError> {
        self.database.sessions(after, at_most)
    }

    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError> {
        self.database.purge(before, at_most)
    }

    fn hello(&mut self) -> Result<Answer<Hello>, EngineError> {
        let mut answer = self.database.hello()?;
        match self.faults.format.load(Ordering::Relaxed) {
            0 => {}
            format => answer.value.format = format,
        }
        Ok(answer)
    }

    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase> {
        let has_claims = !self.faults.has_no_claims.load(Ordering::Relaxed);
        has_claims.then(|| self.database.claims())?
    }
}
