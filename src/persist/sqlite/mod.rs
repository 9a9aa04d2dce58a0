//! SQLite as an engine: one file, for the processes of one machine (feature `sqlite`).
//!
//! ```
//! use cookiejar::persist::engine::{Engine, EngineError};
//! use cookiejar::persist::sqlite::Sqlite;
//!
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("jar.db");
//! let mut database = Sqlite::file(&file).connect("default")?;
//! assert_eq!(database.hello()?.value.version.get(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The file
//!
//! It is created with mode 0600, and so are its companions `-wal` and `-shm`. Any number of processes on one machine
//! may have it open. It must not be on a network file system: SQLite's write-ahead log needs shared memory.
//!
//! The schema is a documented interface for programs in other languages:
//!
//! ```sql
#![doc = include_str!("schema.sql")]
//! ```
//!
//! - `application_id` is 1,129,007,698 (`CKJR`), and `user_version` is 1.
#![doc = include_str!("../columns.md")]
//!
//! A program that only reads skips the rows of `cookies` that have no `record` or have expired.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::engine::{Database, Engine, EngineError};
use crate::options::options;

mod apply;
mod claims;
mod companions;
mod damage;
mod database;
mod error;
mod exclusive;
mod identity;
mod open;
mod purge;
mod read;

/// A SQLite file that holds jars and sessions; see the [module](self).
#[derive(Clone)]
pub struct Sqlite {
    file: PathBuf,
    busy_timeout: Duration,
    full_sync: bool,
    pragmas: Vec<(String, String)>,
    read_only: bool,
    replace_damaged: bool,
    exclusive: bool,
    lock: exclusive::Lock,
    /// Whether a connection found damage after it was opened.
    is_damaged: Arc<AtomicBool>,
}

impl Sqlite {
    /// Names the file. Opening creates it if it does not exist; its folder must exist.
    #[must_use]
    pub fn file(file: impl AsRef<Path>) -> Self {
        Self {
            file: file.as_ref().to_owned(),
            busy_timeout: Duration::from_secs(5),
            full_sync: false,
            pragmas: Vec::new(),
            read_only: false,
            replace_damaged: false,
            exclusive: false,
            lock: exclusive::Lock::default(),
            is_damaged: Arc::default(),
        }
    }

    options! {
        /// Sets how long a call waits for another process that is writing, before the database counts as unavailable.
        /// Defaults to 5 seconds.
        busy_timeout: Duration;
        /// Sets whether a batch must be on disk before it counts as written (`synchronous = FULL`). Defaults to
        /// `false` (`NORMAL`): written batches survive any end of the process; a power failure may lose the last
        /// batches, but never half of one.
        full_sync: bool;
        /// Sets whether the file is opened read-only. Defaults to `false`. A missing file and a write are then errors.
        read_only: bool;
        /// Sets whether a damaged file is set aside and replaced with an empty one. Defaults to `false`: it is an
        /// error.
        ///
        /// The file and its companions are renamed to `NAME.damaged-1`, or the next free number, and
        /// [`Hello::warnings`](super::engine::Hello::warnings) names it. A file of another program, or of a later
        /// version of this one, is not damaged: it is always an error.
        replace_damaged: bool;
        /// Sets whether this program has exclusive use of the file. Defaults to `false`. A cookie that is set again
        /// unchanged is then not written.
        ///
        /// Opening fails if another engine has the file open, and other engines fail to open it later, except
        /// [read-only](Self::read_only) ones. The lock is on the file `NAME.exclusive`, and is released with the last clone
        /// of the engine.
        exclusive: bool;
    }

    /// Sets a pragma on each connection, before anything is read, such as the key of a file of `SQLCipher`. The value
    /// appears in no `Debug` output and no error.
    #[must_use]
    pub fn pragma(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.pragmas.push((name.into(), value.into()));
        self
    }
}

impl Engine for Sqlite {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        if self.exclusive {
            self.lock.take(self)?;
        }
        let mut set_aside = self.repair_if_damaged()?;
        let mut opened = self.open_namespace(namespace);
        if opened.is_err() && self.is_damaged.load(Ordering::Relaxed) {
            // The schema is intact, but what is read next is not.
            set_aside = self.repair_if_damaged()?;
            opened = self.open_namespace(namespace);
        }
        let connection = opened?;
        if !self.exclusive && !self.read_only {
            exclusive::check(&self.file)?;
        }
        Ok(Box::new(connection.with_warning(set_aside)))
    }
}

/// Shows everything but the values of pragmas, which may be keys.
impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pragmas: Vec<_> = self.pragmas.iter().map(|(name, _)| name).collect();
        f.debug_struct("Sqlite")
            .field("file", &self.file)
            .field("busy_timeout", &self.busy_timeout)
            .field("full_sync", &self.full_sync)
            .field("pragmas", &pragmas)
            .field("read_only", &self.read_only)
            .field("replace_damaged", &self.replace_damaged)
            .field("exclusive", &self.exclusive)
            .finish_non_exhaustive()
    }
}
