//! Sessions in a database: a jar for each key, in memory when it is used, shared by all processes.
//!
//! It knows no threads: an opened database has them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use time::Duration;

use super::PersistError;
use super::attached::{Attached, JarPlace};
use super::database::{Database, Handle};
use super::engine::Engine;
use super::options::{PersistOptions, PersistStatus};
use super::wait::Eventually;
use crate::jar::{Listeners, Queue};
use crate::sessions::SavedSession;
use crate::shared::SharedCookieJar;

mod key;
mod pages;
mod table;

pub use key::SessionKey;
use key::{Named, name_of};
use pages::{PAGE, Pages};
use table::{Session, Table};

/// One jar for each session, in a database: a program that is started again goes on logged in, and many processes have the
/// same sessions.
///
/// A session is loaded when its jar is first asked for; from then on it is in memory, where look-ups stay. What a process
/// changes is written within the [linger](PersistOptions::linger), and what others change is taken in as soon as it is read.
/// Of two changes of one cookie the later one stays everywhere, and of a response all cookies or none. Every call takes
/// `&self`; clones share the sessions.
///
/// ```
/// use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
/// use cookiejar::testing::MemoryEngine;
/// use url::Url;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
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
/// # Ok(())
/// # }
/// ```
pub struct PersistentCookieSessions<K> {
    handle: Arc<Handle>,
    table: Arc<Table>,
    keys: PhantomData<fn(&K)>,
}

impl<K: SessionKey> PersistentCookieSessions<K> {
    /// Opens sessions in a database. None is loaded yet.
    ///
    /// # Errors
    ///
    /// - [`PersistError::Namespace`], [`PersistError::Format`]
    /// - [`PersistError::Engine`]: the database cannot be used or reached
    pub fn open(engine: impl Engine, options: PersistOptions) -> Result<Self, PersistError> {
        Ok(Self {
            handle: Handle::open(engine, options)?,
            table: Arc::default(),
            keys: PhantomData,
        })
    }

    fn database(&self) -> &Arc<Database> {
        &self.handle.database
    }

    /// The jar of a session, loaded when it is first asked for: a future, or [`wait`](Eventually::wait). `None` is the
    /// session of all who name none. The jar keeps the database open.
    ///
    /// # Errors
    ///
    /// - [`PersistError::Key`]: the key's text is not read back as the key
    /// - [`PersistError::Engine`]: loading failed; asking again tries again
    /// - [`PersistError::Closed`], [`PersistError::Forked`]
    pub fn jar<'k>(
        &self,
        key: impl Into<Option<&'k K>>,
    ) -> Eventually<Result<SharedCookieJar, PersistError>>
    where
        K: 'k,
    {
        let begun = name_of(key.into()).and_then(|name| Ok((self.begin(&name)?, name)));
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

    /// Loads sessions ahead of time: a future, or [`wait`](Eventually::wait). Many sessions are one question to the
    /// database.
    ///
    /// # Errors
    ///
    /// As [`jar`](Self::jar).
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

    /// The jar of a session that is in memory. It never waits.
    pub fn get<'k>(&self, key: impl Into<Option<&'k K>>) -> Option<SharedCookieJar>
    where
        K: 'k,
    {
        let name = name_of(key.into()).ok()?;
        self.database().replica.check_fork().ok()?;
        let session = self.table.lock().get(&name)?.clone();
        let is_loaded = self.database().replica.state().is_loaded(&name);
        is_loaded.then(|| session.jar.kept_by(Arc::clone(&self.handle) as _))
    }

    /// Ends a session, here and everywhere: its cookies go, and it is not listed any more. Jars of it stay usable, and a later
    /// change makes the session anew.
    ///
    /// # Errors
    ///
    /// [`PersistError::Key`], [`PersistError::Closed`], [`PersistError::Forked`].
    pub fn remove<'k>(&self, key: impl Into<Option<&'k K>>) -> Result<(), PersistError>
    where
        K: 'k,
    {
        let name = name_of(key.into())?;
        let Session { jar, attached, .. } = self.begin(&name)?;
        jar.at_family("", |shelf, _| {
            attached.end();
            shelf.begin(None);
            let (store, mut sink) = shelf.change_whole(());
            store.clear(&mut sink);
        });
        Ok(())
    }

    /// Frees the memory of sessions whose jar was not asked for in `idle`, that nobody holds and of which nothing waits to be
    /// written. Returns their number. They stay in the database.
    pub fn unload_idle(&self, idle: Duration) -> usize {
        if self.database().replica.check_fork().is_err() {
            return 0;
        }
        let now = self.database().options().rules.clock.seconds();
        let mut table = self.table.lock();
        let mut state = self.database().replica.state();
        let before = table.len();
        table.retain(|name, session| {
            let is_idle = now - session.last_used > idle.whole_seconds();
            // The table and the place of the session hold the jar.
            let is_free = is_idle && session.jar.holders() <= 2 && state.is_at_rest(name);
            if is_free {
                state.unregister(name);
            }
            !is_free
        });
        before - table.len()
    }

    /// The keys of all sessions in the database, page by page. Each page blocks.
    ///
    /// Sessions of other kinds in the same namespace are skipped.
    ///
    /// # Errors
    ///
    /// [`PersistError::Engine`], [`PersistError::Closed`], [`PersistError::Forked`]. An error is the last item.
    pub fn keys(&self) -> impl Iterator<Item = Result<Option<K>, PersistError>> + use<K> {
        let pages = Pages::new(self.database());
        pages.filter_map(|info| match info.map(|info| Named::parse(&info.session)) {
            Ok(Named::Foreign) => None,
            Ok(Named::Unnamed) => Some(Ok(None)),
            Ok(Named::Key(key)) => Some(Ok(Some(key))),
            Err(error) => Some(Err(error)),
        })
    }

    /// All sessions as the database has them, page by page, without what has expired. Each page blocks.
    ///
    /// Call [`flush`](Self::flush) before, if what waits is to be in it.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    pub fn snapshot(&self) -> impl Iterator<Item = Result<SavedSession<K>, PersistError>> + use<K> {
        let mut pages = Pages::new(self.database());
        let now = self.database().options().rules.clock.seconds();
        std::iter::from_fn(move || {
            loop {
                let info = match pages.next()? {
                    Ok(info) => info,
                    Err(error) => return Some(Err(error)),
                };
                match Named::parse(&info.session) {
                    Named::Foreign => {}
                    Named::Unnamed => return Some(pages.saved(None, &info, now)),
                    Named::Key(key) => return Some(pages.saved(Some(key), &info, now)),
                }
            }
        })
    }

    /// Puts saved sessions beside those that there are; a saved cookie takes the place of its namesake. It blocks until the
    /// sessions are loaded. Returns the number of sessions.
    ///
    /// # Errors
    ///
    /// As [`jar`](Self::jar). Sessions before the one at fault are restored.
    pub fn restore(
        &self,
        saved: impl IntoIterator<Item = SavedSession<K>>,
    ) -> Result<usize, PersistError> {
        let now = self.database().options().rules.clock.seconds();
        let mut restored = 0;
        let mut saved = saved.into_iter().peekable();
        while saved.peek().is_some() {
            let page: Vec<_> = saved.by_ref().take(PAGE).collect();
            self.load(page.iter().map(|session| session.key.as_ref()))
                .wait()?;
            for SavedSession { key, cookies, .. } in page {
                let jar = self.jar(key.as_ref()).wait()?;
                for cookie in cookies {
                    if !cookie.is_expired_at(now) {
                        jar.set_cookie(cookie);
                    }
                }
                restored += 1;
            }
        }
        Ok(restored)
    }

    /// What was changed before the call is stored: a future, or [`wait`](Eventually::wait).
    pub fn flush(&self) -> Eventually<Result<(), PersistError>> {
        self.database().flush()
    }

    /// How it is going.
    #[must_use]
    pub fn status(&self) -> PersistStatus {
        self.database().status()
    }

    /// Writes what waits, however long it takes, and closes the database for all handles. Jars go on in memory.
    ///
    /// # Errors
    ///
    /// - [`PersistError::Closed`]: it is closed already
    /// - [`PersistError::GaveUp`]: something was given up meanwhile
    pub fn close(self) -> Result<(), PersistError> {
        self.database().close_when_flushed()
    }

    fn ready<T: Clone + Send + 'static>(&self, result: T) -> Eventually<T> {
        Eventually::new(&self.database().signal, move || Some(result.clone()))
    }

    /// The session of a name, which is to be loaded if it is not in memory.
    fn begin(&self, name: &Arc<str>) -> Result<Session, PersistError> {
        let database = self.database();
        database.check()?;
        let options = database.options();
        let now = options.rules.clock.seconds();
        let mut table = self.table.lock();
        if let Some(session) = table.get_mut(name) {
            session.last_used = now;
            return Ok(session.clone());
        }
        let jar = SharedCookieJar::for_session(&options.rules, Listeners::default());
        let attached = Attached::session(&database.replica, name);
        let queue: Arc<dyn Queue> = Arc::clone(&attached) as _;
        jar.attach(&queue);
        let place = Arc::new(JarPlace::new(&jar, &attached, name));
        database.replica.state().register(name, place);
        let session = Session {
            jar,
            attached,
            last_used: now,
        };
        table.insert(Arc::clone(name), session.clone());
        drop(table);
        database.progress();
        Ok(session)
    }

    /// Looks whether sessions are loaded, or loading has failed.
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
            let state = database.replica.state();
            waits_for.retain(|name| !state.is_loaded(name));
            drop(state);
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
            .field("in_memory", &self.table.lock().len())
            .field("status", &self.handle.database.status())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/forks.rs"]
mod tests;
