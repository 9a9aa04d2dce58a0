//! A connection to one namespace: each call of the contract is a statement or a transaction.

use std::sync::Arc;
use std::time::{Duration, Instant};

use postgres::Row;
use postgres::types::Type;

use super::super::engine::{
    Answer, Applied, Changed, ClaimDatabase, ClaimOwner, Database, EngineError, Granted, Hello,
    History, Loaded, SessionBatch, SessionInfo, Stamp, Version,
};
use super::Postgres;
use super::apply::{self, Part};
use super::session::{Session, begin, column};
use super::worker::Worker;
use super::{claim, listen, purge, read};
use crate::clock;

/// So that an interval of zero keeps no processor busy.
const SHORTEST_POLL: Duration = Duration::from_millis(1);

pub(super) struct PostgresDatabase {
    worker: Worker,
    namespace: Arc<str>,
    engine: Postgres,
}

#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) history: History,
    pub(super) version: u64,
    /// The greater of the row's clock and the server's.
    pub(super) clock: u64,
    pub(super) floor: Stamp,
    pub(super) floor_version: u64,
    format: u32,
    pub(super) token: i64,
}

/// The columns of a [`Standing`], in the places of those of entries.
///
/// The history is that of the server that responds, which a pooler may change. After a crash the server resets its
/// statistics, and may have lost commits that were not synchronous (before version 15, statistics are slow to read).
macro_rules! standing {
    () => {
        concat!(
            "-1::bigint, n.id || convert_to(concat_ws(' ', \
             (SELECT system_identifier FROM pg_control_system()), \
             substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), \
             extract(epoch FROM pg_postmaster_start_time()), \
             CASE WHEN current_setting('server_version_num')::int >= 150000 \
             THEN extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()) END), 'UTF8'), \
             n.floor_version, NULL::bytea, n.version, greatest(n.clock, \
             floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), n.floor_stamp, \
             n.format::bigint, n.token, NULL::bigint, NULL::bytea"
        )
    };
}

pub(super) use standing;

impl Standing {
    pub(super) fn from_row(row: &Row) -> Result<Self, EngineError> {
        let number = |index| column::<i64>(row, index).map(|number| number.max(0).cast_unsigned());
        Ok(Self {
            history: History::new(column(row, 1)?),
            floor_version: number(2)?,
            version: number(4)?,
            clock: number(5)?,
            floor: Stamp::new(number(6)?),
            format: u32::try_from(number(7)?).unwrap_or(u32::MAX),
            token: column(row, 8)?,
        })
    }

    pub(super) fn answer<T>(self, value: T) -> Answer<T> {
        Answer {
            clock: self.clock,
            history: self.history,
            value,
        }
    }
}

pub(super) fn lock(session: &mut Session, namespace: &str) -> Result<Standing, EngineError> {
    const LOCK: &str = concat!(
        "UPDATE cookiejar_namespaces n SET clock = greatest(clock, \
         floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) WHERE namespace = $1 RETURNING ",
        standing!()
    );
    let rows = session.query(LOCK, &[(&namespace, Type::TEXT)])?;
    rows.first().map_or_else(|| Err(gone()), Standing::from_row)
}

/// The tables were emptied, or the server was replaced. A new connection creates the namespace again.
pub(super) fn gone() -> EngineError {
    EngineError::unavailable("the namespace is gone")
}

impl PostgresDatabase {
    pub(super) fn new(engine: &Postgres, worker: Worker, namespace: &str) -> Self {
        Self {
            worker,
            namespace: namespace.into(),
            engine: engine.clone(),
        }
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session, &str) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let namespace = Arc::clone(&self.namespace);
        self.worker.call(self.engine.load_timeout, move |session| {
            work(session, &namespace)
        })
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Session, &str) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let namespace = Arc::clone(&self.namespace);
        let at_most = self.engine.apply_timeout;
        let begin = begin(at_most, self.engine.synchronous_commit);
        self.worker.call(at_most, move |session| {
            session.write(&begin, |session| work(session, &namespace))
        })
    }
}

impl ClaimDatabase for PostgresDatabase {
    fn claim(
        &mut self,
        session: &str,
        owner: ClaimOwner,
        for_at_most: Duration,
    ) -> Result<Answer<Option<Granted>>, EngineError> {
        let name = session.to_owned();
        self.write(move |session, namespace| {
            claim::claim(session, namespace, &name, owner, for_at_most)
        })
    }
}

impl Database for PostgresDatabase {
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError> {
        let parts: Vec<_> = batch.iter().map(Part::new).collect();
        apply::check(&parts)?;
        let budget = self.engine.listen.then(|| Arc::clone(&self.engine.budget));
        self.write(move |session, namespace| {
            let answer = apply::apply(session, namespace, &parts)?;
            if let Some(budget) = &budget
                && answer.value.taken > 0
            {
                listen::notify(session, budget, namespace)?;
            }
            Ok(answer)
        })
    }

    fn load(&mut self, sessions: &[&str]) -> Result<Answer<Loaded>, EngineError> {
        let names: Vec<_> = sessions.iter().map(|name| name.as_bytes().into()).collect();
        self.read(move |session, namespace| read::load(session, namespace, &names))
    }

    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError> {
        let namespace = Arc::clone(&self.namespace);
        let Postgres {
            listen,
            poll,
            load_timeout,
            ..
        } = self.engine;
        self.worker
            .call(wait.saturating_add(load_timeout), move |session| {
                let end = clock::end_of(wait);
                if listen {
                    listen::listen(session)?;
                }
                loop {
                    let answer = read::changes(session, &namespace, after)?;
                    let rest = end.saturating_duration_since(Instant::now());
                    if rest.is_zero() || !read::is_nothing(&answer.value, after) {
                        return Ok(answer);
                    }
                    listen::wait(session, &namespace, rest.min(poll.max(SHORTEST_POLL)))?;
                }
            })
    }

    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<SessionInfo>>, EngineError> {
        let after = after.map(str::to_owned);
        self.read(move |session, namespace| {
            read::sessions(session, namespace, after.as_deref(), at_most)
        })
    }

    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError> {
        self.write(move |session, namespace| purge::purge(session, namespace, before, at_most))
    }

    fn hello(&mut self) -> Result<Answer<Hello>, EngineError> {
        let standing = self.read(lock)?;
        let mut warnings = Vec::new();
        if self.engine.prepared && !self.engine.prepares() {
            warnings.push("a pooler lost prepared statements: set `prepared(false)`".to_owned());
        }
        let hello = Hello {
            version: Version::new(standing.version),
            floor: standing.floor,
            format: standing.format,
            is_exclusive: false,
            warnings,
        };
        Ok(standing.answer(hello))
    }

    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase> {
        Some(self)
    }
}
