//! Sessions in a database: a jar for each key, in memory while in use, shared by all processes.
//!
//! It knows no threads.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use time::Duration;

use super::PersistError;
use super::attached::Attached;
use super::database::{Database, Handle};
use super::engine::Engine;
use super::front::Posted;
use super::options::{PersistOptions, PersistStatus};
use super::wait::Eventually;
use crate::shared::SharedCookieJar;

mod claim;
mod key;
mod listen;
mod pages;
mod process;
mod saved;
mod table;
mod wait_for;

pub use claim::Claim;
pub use key::SessionKey;
pub(super) use key::is_named;
use key::name_of;
pub use saved::ListedSession;
use table::{Session, Table};

/// A jar for each session, in a database that processes can share.
///
/// A session is loaded when its jar is first requested; [the guide](crate::guide::persistence) says when the database
/// and other processes have a change. Every call takes `&self`; clones share the sessions.
///
/// ```
/// use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
/// use cookiejar::testing::MemoryEngine;
/// use url::Url;
///
/// let engine = MemoryEngine::new(); // or `persist::sqlite::Sqlite::file("sessions.db")`
/// let url = Url::parse("https://acme.com/")?;
/// let sessions: PersistentCookieSessions<String> =
///     PersistentCookieSessions::open(engine.clone(), PersistOptions::new())?;
/// let anna = "anna".to_owned();
/// let jar = sessions.jar(&anna).wait()?; // in async code: `.await?`
/// jar.extract_cookies(&[("Set-Cookie", "sid=31d4")], &url);
/// sessions.flush().wait()?;
///
/// let elsewhere: PersistentCookieSessions<String> =
///     PersistentCookieSessions::open(engine, PersistOptions::new())?;
/// assert_eq!(elsewhere.jar(&anna).wait()?.cookie_header(&url).expect("a cookie"), "sid=31d4");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PersistentCookieSessions<K> {
    handle: Arc<Handle>,
    table: Arc<Table>,
    keys: PhantomData<fn(&K)>,
}

impl<K: SessionKey> PersistentCookieSessions<K> {
    /// Opens the sessions of a database. No session is loaded yet.
    ///
    /// # Errors
    ///
    /// - [`PersistError::Namespace`], [`PersistError::Format`]
    /// - [`PersistError::Engine`]: the database cannot be used or reached
    pub fn open(engine: impl Engine, options: PersistOptions) -> Result<Self, PersistError> {
        let handle = Handle::open(engine, options)?;
        let table = Arc::<Table>::default();
        let of_table = Arc::downgrade(&table);
        handle.database.each_hour(move |database| {
            let now = database.options().rules.clock.seconds();
            let due = of_table.upgrade().map(|table| table.due(now));
            for name in due.unwrap_or_default() {
                database.replica.touch(&name);
            }
        });
        Ok(Self {
            handle,
            table,
            keys: PhantomData,
        })
    }

    fn database(&self) -> &Arc<Database> {
        &self.handle.database
    }

    /// Returns the jar of a session, which is loaded on first use: a future, or [`wait`](Eventually::wait). `None` is
    /// the session without a key. The jar keeps the database open.
    ///
    /// # Errors
    ///
    /// - [`PersistError::Key`]: the key's text does not parse as the same key
    /// - [`PersistError::Engine`]: loading failed; the next call retries
    /// - [`PersistError::Closed`], [`PersistError::Forked`]
    pub fn jar<'k>(
        &self,
        key: impl Into<Option<&'k K>>,
    ) -> Eventually<Result<SharedCookieJar, PersistError>>
    where
        K: 'k,
    {
        let begun = name_of(key.into()).and_then(|name| Ok((self.use_session(&name)?, name)));
        let (session, name) = match begun {
            Ok(begun) => begun,
            Err(error) => return self.ready(Err(error)),
        };
        let mut loading = self.loading(vec![name]);
        let handle = Arc::clone(&self.handle);
        Eventually::new(&self.database().signal, move || {
            let jar = || session.jar.kept_by(Arc::clone(&handle) as _);
            loading().map(|loaded| loaded.map(|()| jar()))
        })
    }

    /// Loads sessions ahead of time, many with one query: a future, or [`wait`](Eventually::wait). This does not count as
    /// using them.
    ///
    /// # Errors
    ///
    /// Those of [`jar`](Self::jar).
    pub fn load<'k>(
        &self,
        keys: impl IntoIterator<Item = Option<&'k K>>,
    ) -> Eventually<Result<(), PersistError>>
    where
        K: 'k,
    {
        let begin = |key| name_of(key).and_then(|name| self.begin(&name).map(|_| name));
        let names: Result<Vec<_>, _> = keys.into_iter().map(begin).collect();
        match names {
            Ok(names) => Eventually::new(&self.database().signal, self.loading(names)),
            Err(error) => self.ready(Err(error)),
        }
    }

    /// Returns the jar of a session if it is in memory. Never waits, and does not count as using the session.
    pub fn get<'k>(&self, key: impl Into<Option<&'k K>>) -> Option<SharedCookieJar>
    where
        K: 'k,
    {
        let name = name_of(key.into()).ok()?;
        self.database().replica.check_fork().ok()?;
        let session = self.table.lock().by_name.get(&name)?.clone();
        let is_loaded = self.database().replica.is_loaded(&name);
        is_loaded.then(|| session.jar.kept_by(Arc::clone(&self.handle) as _))
    }

    /// Ends a session for all processes: removes its cookies, and removes the session from the list. Its jars stay
    /// usable, and a later change creates the session anew.
    ///
    /// # Errors
    ///
    /// [`PersistError::Key`], [`PersistError::Closed`], [`PersistError::Forked`].
    pub fn remove<'k>(&self, key: impl Into<Option<&'k K>>) -> Result<(), PersistError>
    where
        K: 'k,
    {
        let name = name_of(key.into())?;
        let jar = self.begin(&name)?.jar;
        jar.inner().at_family("", |shelf, _| {
            shelf.begin(None);
            shelf.end();
        });
        Ok(())
    }

    /// Frees the memory of sessions whose jar was not requested within `idle`, is not held, and has no pending changes.
    /// Returns their number. They stay in the database. A sink or a seal must not call it.
    pub fn unload_idle(&self, idle: Duration) -> usize {
        if self.database().replica.check_fork().is_err() {
            return 0;
        }
        let now = self.database().options().rules.clock.seconds();
        // A sink may wait for the table, but not for the state.
        let mut state = self.database().replica.state();
        let mut table = self.table.lock();
        let gone: Vec<_> = table
            .by_name
            .extract_if(|name, session| {
                let is_idle = now - session.last_used > idle.whole_seconds();
                is_idle && !session.is_held() && state.is_at_rest(name)
            })
            .collect();
        for (name, _) in &gone {
            state.unregister(name);
        }
        drop((table, state));
        gone.len()
    }

    /// Waits until all changes made before the call are stored: a future, or [`wait`](Eventually::wait).
    ///
    /// # Errors
    ///
    /// - [`PersistError::GaveUp`]: changes were given up since the last report
    /// - [`PersistError::Engine`]: the database cannot be used; each flush tries once
    /// - [`PersistError::Closed`], [`PersistError::Forked`]
    pub fn flush(&self) -> Eventually<Result<(), PersistError>> {
        self.database().flush()
    }

    /// Returns how far memory and the database differ, and recent errors.
    #[must_use]
    pub fn status(&self) -> PersistStatus {
        self.database().status()
    }

    /// Writes all pending changes, however long it takes, and closes the database for all handles. Jars continue in memory.
    ///
    /// # Errors
    ///
    /// - [`PersistError::Closed`]: it is already closed
    /// - [`PersistError::GaveUp`]: changes were given up
    /// - [`PersistError::Engine`]: the database cannot be used, and pending changes are not stored
    pub fn close(self) -> Result<(), PersistError> {
        self.database().close_when_flushed()
    }

    fn ready<T: Clone + Send + 'static>(&self, result: T) -> Eventually<T> {
        Eventually::new(&self.database().signal, move || Some(result.clone()))
    }

    fn begin(&self, name: &Arc<str>) -> Result<Session, PersistError> {
        let database = self.database();
        database.check()?;
        let options = database.options();
        let now = options.rules.clock.seconds();
        let mut table = self.table.lock();
        if let Some(session) = table.by_name.get(name) {
            return Ok(session.clone());
        }
        let jar = SharedCookieJar::for_session(&options.rules, table.listeners(name));
        jar.attach(|| Attached::session(&database.replica, name));
        let place = Arc::clone(jar.inner());
        let registered = Posted::Session(Arc::clone(name), place);
        database.replica.front().post(registered);
        let session = Session::new(jar, now);
        table.by_name.insert(Arc::clone(name), session.clone());
        drop(table);
        database.progress();
        Ok(session)
    }

    /// Like [`begin`](Self::begin), but counts as use, which the database records once an hour.
    fn use_session(&self, name: &Arc<str>) -> Result<Session, PersistError> {
        let session = self.begin(name)?;
        let now = self.database().options().rules.clock.seconds();
        let mut table = self.table.lock();
        if let Some(session) = table.by_name.get_mut(name) {
            session.last_used = now;
            if session.is_due(now) {
                self.database().replica.touch(name);
            }
        }
        Ok(session)
    }

    fn loading(
        &self,
        names: Vec<Arc<str>>,
    ) -> impl FnMut() -> Option<Result<(), PersistError>> + Send + use<K> {
        let database = Arc::clone(self.database());
        let failures = database.failures();
        let mut waits_for = names;
        move || {
            if let Err(error) = database.replica.check_fork() {
                return Some(Err(error));
            }
            waits_for.retain(|name| !database.replica.is_loaded(name));
            if waits_for.is_empty() {
                return Some(Ok(()));
            }
            if let Err(error) = database.check() {
                return Some(Err(error));
            }
            (database.failures() > failures).then(|| Err(database.error()))
        }
    }
}

impl<K> Clone for PersistentCookieSessions<K> {
    fn clone(&self) -> Self {
        Self {
            handle: Arc::clone(&self.handle),
            table: Arc::clone(&self.table),
            keys: PhantomData,
        }
    }
}

impl<K> fmt::Debug for PersistentCookieSessions<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersistentCookieSessions")
            .field("in_memory", &self.table.lock().by_name.len())
            .field("status", &self.handle.database.status())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "inside", feature = "psl"))]
#[path = "../../../tests/inside/forks.rs"]
mod tests;

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/touches.rs"]
mod touches;
