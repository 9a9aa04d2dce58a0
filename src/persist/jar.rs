//! A jar whose cookies live in a database.
//!
//! The cookies of a family of domains (those with the same last two labels) are one session of the database, so that no
//! session holds all cookies of a large jar.

use std::fmt;
#[cfg(all(feature = "sqlite-system", feature = "psl"))]
use std::path::Path;
use std::sync::Arc;

use super::PersistError;
use super::attached::{Attached, FamilyPlace};
use super::database::Handle;
use super::engine::{Database as Connection, Engine, EngineError};
use super::options::{PersistOptions, PersistStatus};
use super::pending::Place;
use super::replica::Replica;
use super::state::State;
use super::wait::Eventually;
use crate::shared::SharedCookieJar;

const PAGE: usize = 1_000;

/// A jar whose cookies live in a database that processes can share.
///
/// The jar itself is a [`SharedCookieJar`]. Its cookies are in memory; [the guide](crate::guide::persistence) says when
/// the database and other processes have a change. Clones of a handle share the jar.
///
/// Session cookies stay in memory, as in browsers; [`session_cookies(true)`](PersistOptions::session_cookies) stores
/// them, too.
///
/// The database stays open as long as a handle, or a [`jar`](Self::jar) of it, exists. Dropping the last of them writes
/// pending changes, for at most two seconds. A program that ends by `process::exit` or a signal loses at most the
/// changes of one linger.
///
/// ```
/// use cookiejar::persist::{PersistOptions, PersistentCookieJar};
/// use cookiejar::testing::MemoryEngine;
/// use url::Url;
///
/// let engine = MemoryEngine::new(); // or a file, see `open`
/// let url = Url::parse("https://acme.com/")?;
/// let jar = PersistentCookieJar::with(engine.clone(), PersistOptions::new())?;
/// jar.jar().extract_cookies(&[("Set-Cookie", "sid=31d4; Max-Age=3600")], &url);
/// jar.close()?;
///
/// let again = PersistentCookieJar::with(engine, PersistOptions::new())?;
/// assert_eq!(again.jar().cookie_header(&url).expect("a cookie"), "sid=31d4");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PersistentCookieJar {
    handle: Arc<Handle>,
    jar: SharedCookieJar,
}

impl PersistentCookieJar {
    /// Opens or creates a SQLite file, with [`DefaultCookiePolicy::new`](crate::DefaultCookiePolicy::new). Session cookies
    /// are not stored.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be used.
    #[cfg(all(feature = "sqlite-system", feature = "psl"))]
    pub fn open(file: impl AsRef<Path>) -> Result<Self, PersistError> {
        Self::with(super::sqlite::Sqlite::file(file), PersistOptions::new())
    }

    /// Opens a jar in any database, and loads its cookies.
    ///
    /// # Errors
    ///
    /// Those of [`PersistentCookieSessions::open`](super::PersistentCookieSessions::open).
    pub fn with(engine: impl Engine, options: PersistOptions) -> Result<Self, PersistError> {
        let handle = Handle::open(engine, options)?;
        let options = handle.database.options();
        let jar =
            SharedCookieJar::with_shards(Arc::clone(&options.rules.policy), crate::shared::SHARDS);
        jar.use_clock(&options.rules.clock);
        let replica = &handle.database.replica;
        jar.attach(|| Attached::families(replica, options.session_cookies));
        let inner = Arc::clone(jar.inner());
        let place = move |session: &Arc<str>| {
            let place = FamilyPlace::new(&inner, session)?;
            Some(Arc::new(place) as Arc<dyn Place>)
        };
        replica.state().follow_all(place);
        let jar = jar.kept_by(Arc::clone(&handle) as _);
        let opened = Self { handle, jar };
        opened.load_all()?;
        Ok(opened)
    }

    fn load_all(&self) -> Result<(), PersistError> {
        let database = &self.handle.database;
        let mut connection = database.connect()?;
        follow_listed(&mut *connection, &database.replica, State::follow_empty)?;
        let (failures, shared) = (database.failures(), Arc::clone(database));
        let loaded = Eventually::new(&database.signal, move || {
            if shared.replica.is_all_loaded() {
                return Some(Ok(()));
            }
            shared
                .check()
                .err()
                .map(Err)
                .or_else(|| (shared.failures() > failures).then(|| Err(shared.error())))
        });
        database.progress();
        loaded.wait()
    }

    /// Returns the jar, which keeps the database open.
    #[must_use]
    pub fn jar(&self) -> SharedCookieJar {
        self.jar.clone()
    }

    /// Waits until all changes made before the call are stored: a future, or [`wait`](Eventually::wait).
    ///
    /// # Errors
    ///
    /// Those of [`PersistentCookieSessions::flush`](super::PersistentCookieSessions::flush).
    pub fn flush(&self) -> Eventually<Result<(), PersistError>> {
        self.handle.database.flush()
    }

    /// Returns how far memory and the database differ, and recent errors.
    #[must_use]
    pub fn status(&self) -> PersistStatus {
        self.handle.database.status()
    }

    /// Writes all pending changes, however long it takes, and closes the database for all handles. Their jars continue in
    /// memory.
    ///
    /// # Errors
    ///
    /// Those of [`PersistentCookieSessions::close`](super::PersistentCookieSessions::close).
    pub fn close(self) -> Result<(), PersistError> {
        self.handle.database.close_when_flushed()
    }
}

impl fmt::Debug for PersistentCookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersistentCookieJar")
            .field("jar", &self.jar)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// Loads the sessions that the database lists, if all are followed. A process that missed changes does not learn of
/// them otherwise.
pub(super) fn follow_listed(
    connection: &mut dyn Connection,
    replica: &Replica,
    follow: impl Fn(&mut State, &Arc<str>),
) -> Result<(), EngineError> {
    if !replica.state().follows_all() {
        return Ok(());
    }
    let mut after: Option<String> = None;
    loop {
        let page = connection.sessions(after.as_deref(), PAGE)?.value;
        let Some(last) = page.last() else {
            return Ok(());
        };
        let mut state = replica.state();
        for info in &page {
            follow(&mut state, &info.session.as_str().into());
        }
        drop(state);
        after = Some(last.session.clone());
    }
}
