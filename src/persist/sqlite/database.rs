//! A connection to one namespace: each call of the contract is a transaction.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::super::engine::{
    Answer, Applied, Changed, Changes, ClaimDatabase, ClaimOwner, Database, EngineError, Granted,
    Hello, History, Loaded, SessionBatch, SessionInfo, Stamp, Version,
};
use super::Sqlite;
use super::error::{noted, translate};
use super::identity::FileIdentity;
use super::{apply, claims, purge, read};
use crate::clock;

/// Between two polls for changes: soon after the last change, and later.
const ASK_SOON: Duration = Duration::from_millis(10);
const ASK_LATER: Duration = Duration::from_millis(100);

const SOON: Duration = Duration::from_secs(10);

pub(super) struct SqliteDatabase {
    connection: Connection,
    namespace: String,
    history: History,
    path: PathBuf,
    file: FileIdentity,
    last_change: Instant,
    read_only: bool,
    exclusive: bool,
    is_damaged: Arc<AtomicBool>,
    warnings: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) version: u64,
    /// The greater of the row's clock and the system's.
    pub(super) clock: u64,
    pub(super) floor: Stamp,
    pub(super) floor_version: u64,
    pub(super) format: u32,
}

impl SqliteDatabase {
    pub(super) fn new(
        engine: &Sqlite,
        connection: Connection,
        namespace: &str,
        id: Vec<u8>,
        file: FileIdentity,
    ) -> Self {
        let mut history = id;
        history.extend_from_slice(&file.to_bytes());
        Self {
            connection,
            namespace: namespace.to_owned(),
            history: History::new(&history),
            path: engine.file.clone(),
            file,
            last_change: Instant::now(),
            read_only: engine.read_only,
            exclusive: engine.exclusive,
            is_damaged: Arc::clone(&engine.is_damaged),
            warnings: Vec::new(),
        }
    }

    pub(super) fn with_warning(mut self, set_aside: Option<PathBuf>) -> Self {
        let warning =
            |name: PathBuf| format!("the file was damaged, and is {} now", name.display());
        self.warnings.extend(set_aside.map(warning));
        self
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &str, &Standing) -> Result<T, EngineError>,
    ) -> Result<Answer<T>, EngineError> {
        if self.read_only {
            return Err(EngineError::fatal("the file is open for reading only"));
        }
        self.check_file()?;
        let begun = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|error| noted(&self.is_damaged, error))?;
        let done = (|| {
            let standing = standing(&transaction, &self.namespace)?;
            let value = work(&transaction, &self.namespace, &standing)?;
            keep_clock(&transaction, &self.namespace, standing.clock).map_err(translate)?;
            transaction.commit().map_err(translate)?;
            Ok((standing.clock, value))
        })();
        self.answer(done)
    }

    fn read<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &str, &Standing) -> Result<T, rusqlite::Error>,
    ) -> Result<Answer<T>, EngineError> {
        self.check_file()?;
        let begun = self.connection.transaction();
        let transaction = begun.map_err(|error| noted(&self.is_damaged, error))?;
        let done = (|| {
            let standing = standing(&transaction, &self.namespace)?;
            let value = work(&transaction, &self.namespace, &standing)
                .map_err(|error| noted(&self.is_damaged, error))?;
            Ok((standing.clock, value))
        })();
        drop(transaction);
        self.answer(done)
    }

    fn answer<T>(&self, done: Result<(u64, T), EngineError>) -> Result<Answer<T>, EngineError> {
        let history = self.history.clone();
        match done {
            Ok((clock, value)) => Ok(Answer {
                clock,
                history,
                value,
            }),
            Err(EngineError::StampAhead { clock, .. }) => {
                Err(EngineError::StampAhead { clock, history })
            }
            Err(error) => Err(error),
        }
    }

    /// Fails if the name now belongs to another file. The two would share one log, and no other process reads the
    /// file that is open here. It costs one system call, about a microsecond.
    fn check_file(&self) -> Result<(), EngineError> {
        match FileIdentity::read(&self.path) {
            Ok(file) if file == self.file => Ok(()),
            Ok(_) => Err(EngineError::unavailable("the file was replaced by another")),
            Err(error) => Err(EngineError::unavailable(error)),
        }
    }

    fn data_version(&self) -> Result<i64, EngineError> {
        let query = self
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut query| query.query_row([], |row| row.get(0)));
        query.map_err(|error| noted(&self.is_damaged, error))
    }
}

impl Database for SqliteDatabase {
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError> {
        let is_damaged = Arc::clone(&self.is_damaged);
        self.write(|transaction, namespace, standing| {
            if apply::is_ahead(batch, standing.clock) {
                // `answer` fills in the real history.
                let (clock, history) = (standing.clock, History::new(&[]));
                return Err(EngineError::StampAhead { clock, history });
            }
            apply::apply(transaction, namespace, standing, batch)
                .map_err(|error| noted(&is_damaged, error))
        })
    }

    fn load(&mut self, sessions: &[&str]) -> Result<Answer<Loaded>, EngineError> {
        self.read(|transaction, namespace, standing| {
            read::load(transaction, namespace, standing, sessions)
        })
    }

    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError> {
        let end = clock::end_of(wait);
        let nothing = Changed::UpTo(Changes {
            version: after,
            sessions: Vec::new(),
        });
        loop {
            // Read before the changes, so that no change is missed in between.
            let seen = self.data_version()?;
            let answer = self.read(|transaction, namespace, standing| {
                read::changes(transaction, namespace, standing, after)
            })?;
            if answer.value != nothing {
                self.last_change = Instant::now();
                return Ok(answer);
            }
            while self.data_version()? == seen {
                let rest = end.saturating_duration_since(Instant::now());
                if rest.is_zero() {
                    return Ok(answer);
                }
                let is_soon = self.last_change.elapsed() < SOON;
                thread::sleep(rest.min(if is_soon { ASK_SOON } else { ASK_LATER }));
                self.check_file()?;
            }
        }
    }

    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<SessionInfo>>, EngineError> {
        self.read(|transaction, namespace, _| {
            read::sessions(transaction, namespace, after, at_most)
        })
    }

    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError> {
        let is_damaged = Arc::clone(&self.is_damaged);
        self.write(|transaction, namespace, standing| {
            purge::purge(transaction, namespace, standing, before, at_most)
                .map_err(|error| noted(&is_damaged, error))
        })
    }

    fn hello(&mut self) -> Result<Answer<Hello>, EngineError> {
        let exclusive = self.exclusive;
        let hello = |standing: &Standing| Hello {
            version: Version::new(standing.version),
            floor: standing.floor,
            format: standing.format,
            is_exclusive: exclusive,
            warnings: Vec::new(),
        };
        let mut answer = if self.read_only {
            self.read(|_, _, standing| Ok(hello(standing)))
        } else {
            self.write(|_, _, standing| Ok(hello(standing)))
        }?;
        answer.value.warnings.clone_from(&self.warnings);
        Ok(answer)
    }

    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase> {
        Some(self)
    }
}

impl ClaimDatabase for SqliteDatabase {
    fn claim(
        &mut self,
        session: &str,
        owner: ClaimOwner,
        for_at_most: Duration,
    ) -> Result<Answer<Option<Granted>>, EngineError> {
        let is_damaged = Arc::clone(&self.is_damaged);
        self.write(|transaction, namespace, standing| {
            claims::claim(
                transaction,
                namespace,
                standing,
                session,
                owner,
                for_at_most,
            )
            .map_err(|error| noted(&is_damaged, error))
        })
    }
}

fn standing(transaction: &Transaction<'_>, namespace: &str) -> Result<Standing, EngineError> {
    const STANDING: &str = "SELECT version, clock, floor_stamp, floor_version, format \
                            FROM namespaces WHERE namespace = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        let number =
            |index| Ok::<_, rusqlite::Error>(row.get::<_, i64>(index)?.max(0).cast_unsigned());
        Ok(Standing {
            version: number(0)?,
            clock: number(1)?.max(clock::system_millis()),
            floor: Stamp::new(number(2)?),
            floor_version: number(3)?,
            format: row.get(4)?,
        })
    };
    let standing = transaction
        .prepare_cached(STANDING)
        .and_then(|mut query| query.query_row([namespace], read));
    match standing {
        // The file was emptied while it was open.
        Err(rusqlite::Error::QueryReturnedNoRows) => {
            Err(EngineError::unavailable("the namespace is gone"))
        }
        standing => standing.map_err(translate),
    }
}

fn keep_clock(
    transaction: &Transaction<'_>,
    namespace: &str,
    clock: u64,
) -> Result<(), rusqlite::Error> {
    let mut update =
        transaction.prepare_cached("UPDATE namespaces SET clock = ?2 WHERE namespace = ?1")?;
    update.execute(params![namespace, clock.cast_signed()])?;
    Ok(())
}
