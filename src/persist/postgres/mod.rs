//! PostgreSQL 13 or later as an engine: a server that machines share (feature `postgres-0_19`).
//!
//! ```no_run
//! use cookiejar::persist::postgres::Postgres;
//! use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
//!
//! let engine = Postgres::config("host=db.example user=crawler dbname=crawler")?;
//! engine.create_tables()?;
//! let sessions = PersistentCookieSessions::<String>::open(engine, PersistOptions::new())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The tables
//!
//! [`create_tables`](Postgres::create_tables) creates them, or this SQL does, run by a role that may. They stand in the
//! first schema of the role's `search_path`; a role that uses them needs `SELECT`, `INSERT`, `UPDATE` and `DELETE`.
//! They are a documented interface for programs in other languages:
//!
//! ```sql
#![doc = include_str!("schema.sql")]
//! ```
//!
//! - `session` is the session's name in UTF-8, which may contain NUL. `key` is `sha256(identity)`.
#![doc = include_str!("../columns.md")]
//!
//! The live cookies of the session `7` of a program whose keys are numbers (`=` precedes the text of a key):
//!
//! ```sql
//! SELECT convert_from(substring(identity FOR a - 1), 'UTF8') AS domain,
//!     convert_from(substring(identity FROM a + 1 FOR b - 1), 'UTF8') AS path,
//!     encode(substring(identity FROM a + b + 1), 'escape') AS name,
//!     convert_from(record, 'UTF8') AS record
//! FROM cookiejar_cookies
//! CROSS JOIN LATERAL (SELECT position('\x00' IN identity)) AS first(a)
//! CROSS JOIN LATERAL (SELECT position('\x00' IN substring(identity FROM a + 1))) AS second(b)
//! WHERE namespace = 'default' AND session = convert_to('=7', 'UTF8') AND record IS NOT NULL
//!     AND (expires IS NULL OR expires > extract(epoch FROM now()))
//! ```
//!
//! A program that writes takes the lock of the namespace's row first, and follows the
//! [merge rules](super::engine#the-merge-rules).
//!
//! # Poolers and standbys
//!
//! Statements are prepared once per connection, which a pooler in transaction mode must support, as PgBouncer does
//! from 1.21 on; otherwise set [`prepared(false)`](Postgres::prepared). [`listen`](Postgres::listen) needs a
//! connection that is kept for the session; without it the engine polls, through any pooler. A server that only
//! replicates another is [unavailable](super::engine::EngineError::Unavailable).

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postgres::{Client, Config};

use super::engine::{Database, Engine, EngineError};
use crate::options::options;

mod apply;
mod claim;
mod connect;
mod database;
mod error;
mod listen;
mod purge;
mod read;
mod session;
mod worker;

use connect::Connector;
use listen::Budget;
use worker::Stalled;

/// A PostgreSQL server that holds jars and sessions; see the [module](self).
///
/// Its calls may be made inside a runtime: the client runs on threads of the engine.
#[derive(Clone)]
pub struct Postgres {
    connector: Arc<Connector>,
    connect_timeout: Duration,
    load_timeout: Duration,
    apply_timeout: Duration,
    poll: Duration,
    listen: bool,
    prepared: bool,
    synchronous_commit: bool,
    /// Whether a pooler lost a prepared statement.
    has_lost: Arc<AtomicBool>,
    budget: Arc<Budget>,
    stalled: Arc<Stalled>,
}

impl Postgres {
    /// Names the server, by a connection string (`host=.. user=.. dbname=..`) or a URL (`postgresql://..`).
    ///
    /// Unless the string sets them, a connection that the network lost is closed after about 20 seconds
    /// (`tcp_user_timeout`, `keepalives_idle`), and `application_name` is `cookiejar`.
    ///
    /// # Errors
    ///
    /// [`EngineError::Fatal`] if the string cannot be parsed, or requires TLS, which
    /// [`with_connector`](Self::with_connector) provides. The error does not contain it.
    ///
    /// ```
    /// use cookiejar::persist::postgres::Postgres;
    ///
    /// let engine = Postgres::config("postgresql://crawler:secret@db.example/crawler")?;
    /// assert!(!format!("{engine:?}").contains("secret"));
    /// assert!(Postgres::config("host=db.example port=secret").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn config(config: &str) -> Result<Self, EngineError> {
        let config = connect::parse(config)?;
        Ok(Self::with(Connector::Config(Box::new(config))))
    }

    /// Opens connections with a function, such as one that uses TLS. It is called on threads of the engine.
    ///
    /// Its connections should have `tcp_user_timeout` and `keepalives_idle`.
    #[must_use]
    pub fn with_connector(
        connector: impl FnMut() -> Result<Client, postgres::Error> + Send + 'static,
    ) -> Self {
        Self::with(Connector::Given(Mutex::new(Box::new(connector))))
    }

    fn with(connector: Connector) -> Self {
        Self {
            connector: Arc::new(connector),
            connect_timeout: Duration::from_secs(5),
            load_timeout: Duration::from_secs(5),
            apply_timeout: Duration::from_secs(10),
            poll: Duration::from_millis(100),
            listen: false,
            prepared: true,
            synchronous_commit: true,
            has_lost: Arc::default(),
            budget: Arc::default(),
            stalled: Arc::default(),
        }
    }

    options! {
        /// Sets how long connecting may take. Defaults to 5 seconds.
        connect_timeout: Duration;
        /// Sets how long a call that reads may take. Defaults to 5 seconds.
        load_timeout: Duration;
        /// Sets how long a call that writes may take. Defaults to 10 seconds.
        apply_timeout: Duration;
        /// Sets how often the server is asked for the changes of other processes. Defaults to 100 ms.
        poll: Duration;
        /// Sets whether processes notify each other of changes (`NOTIFY` and `LISTEN` on the channel `cookiejar`), in
        /// addition to polling. Defaults to `false`.
        ///
        /// A process sends at most 20 notifications a second, because each is a lock that all commits of the server
        /// share. All processes of a namespace should have the same setting.
        listen: bool;
        /// Sets whether statements are prepared once per connection. Defaults to `true`. Without it, the server plans
        /// each statement anew, which takes long unless the role has `jit = off`.
        prepared: bool;
        /// Sets whether a batch must be on disk before it counts as written. Defaults to `true`, which leaves it to the
        /// server's `synchronous_commit`. With `false`, a crash of the server may lose the last batches, but never half
        /// of one.
        synchronous_commit: bool;
    }

    /// Creates the tables, unless they exist.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unavailable`] if the server cannot be reached; [`EngineError::Fatal`] if the role may not create
    /// tables, or the server is older than 13.
    pub fn create_tables(&self) -> Result<(), EngineError> {
        self.worker(|_| Ok(()))?
            .call(self.apply_timeout, connect::create_tables)
    }

    fn prepares(&self) -> bool {
        self.prepared && !self.has_lost.load(Ordering::Relaxed)
    }
}

impl Engine for Postgres {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        let name = namespace.to_owned();
        let worker = self.worker(move |session| connect::create_namespace(session, &name))?;
        Ok(Box::new(database::PostgresDatabase::new(
            self, worker, namespace,
        )))
    }
}

/// Shows no password.
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = match &*self.connector {
            Connector::Config(config) => Some(&**config),
            Connector::Given(_) => None,
        };
        f.debug_struct("Postgres")
            .field("hosts", &config.map(Config::get_hosts))
            .field("user", &config.and_then(Config::get_user))
            .field("dbname", &config.and_then(Config::get_dbname))
            .field("connect_timeout", &self.connect_timeout)
            .field("load_timeout", &self.load_timeout)
            .field("apply_timeout", &self.apply_timeout)
            .field("poll", &self.poll)
            .field("listen", &self.listen)
            .field("prepared", &self.prepared)
            .field("synchronous_commit", &self.synchronous_commit)
            .finish_non_exhaustive()
    }
}
