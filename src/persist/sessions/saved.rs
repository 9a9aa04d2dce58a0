//! The list of sessions in the database, and sessions as data.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use super::super::PersistError;
use super::super::engine::SessionInfo;
use super::key::Named;
use super::pages::{PAGE, Pages};
use super::{PersistentCookieSessions, SessionKey};
use crate::clock::date_time;
use crate::file::{ReadOptions, ReadReport, SaveOptions, Saved};
use crate::sessions::{SavedSession, load_file, save_file};

/// A session in a database; see [`PersistentCookieSessions::keys`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedSession<K> {
    /// The key, or `None` for the session without a key.
    pub key: Option<K>,
    /// When it was last changed or requested, by the database's clock. Requests are recorded once an hour.
    pub last_used: OffsetDateTime,
    /// The number of its cookies, including expired ones.
    pub cookies: usize,
    /// The total length of their records, in bytes.
    pub bytes: u64,
}

impl<K: SessionKey> ListedSession<K> {
    fn new(info: &SessionInfo) -> Option<Self> {
        let key = match Named::parse(&info.session) {
            Named::Foreign => return None,
            Named::Unnamed => None,
            Named::Key(key) => Some(key),
        };
        let last_used = i64::try_from(info.last_used / 1_000).unwrap_or(i64::MAX);
        Some(Self {
            key,
            last_used: date_time(last_used),
            cookies: info.cookies,
            bytes: info.bytes,
        })
    }
}

/// The stored sessions.
impl<K: SessionKey> PersistentCookieSessions<K> {
    /// Lists all sessions in the database, page by page, each with its last use and its size. Each page blocks.
    ///
    /// Sessions of other kinds in the same namespace are skipped.
    ///
    /// ```
    /// use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
    /// use cookiejar::testing::MemoryEngine;
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/")?;
    /// let sessions = PersistentCookieSessions::open(MemoryEngine::new(), PersistOptions::new())?;
    /// sessions.process_response(&7, &[("Set-Cookie", "sid=31d4")], &url)?;
    /// sessions.flush().wait()?;
    /// let listed: Vec<_> = sessions.keys().collect::<Result<_, _>>()?;
    /// assert_eq!((listed[0].key, listed[0].cookies), (Some(7), 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PersistError::Engine`], [`PersistError::Closed`], [`PersistError::Forked`]. An error is the last item.
    pub fn keys(&self) -> impl Iterator<Item = Result<ListedSession<K>, PersistError>> + use<K> {
        let pages = Pages::new(self.database());
        pages.filter_map(|info| info.map(|info| ListedSession::new(&info)).transpose())
    }

    /// Iterates over all stored sessions, page by page, without expired cookies. Each page blocks.
    ///
    /// Pending changes are not included: call [`flush`](Self::flush) first.
    ///
    /// # Errors
    ///
    /// Those of [`keys`](Self::keys).
    pub fn snapshot(&self) -> impl Iterator<Item = Result<SavedSession<K>, PersistError>> + use<K> {
        let mut pages = Pages::new(self.database());
        let now = self.database().options().rules.clock.seconds();
        std::iter::from_fn(move || {
            loop {
                let info = match pages.next()? {
                    Ok(info) => info,
                    Err(error) => return Some(Err(error)),
                };
                if let Some(listed) = ListedSession::new(&info) {
                    return Some(pages.saved(&info.session, listed, now));
                }
            }
        })
    }

    /// Adds saved sessions to those in the database; a saved cookie replaces the one with the same id. Blocks until the
    /// sessions are loaded. Returns the number of sessions.
    ///
    /// # Errors
    ///
    /// Those of [`jar`](Self::jar). Sessions before the failed one are restored.
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

    /// Saves the [`snapshot`](Self::snapshot) to a JSON file that [`CookieSessions::load`] reads. Blocks.
    ///
    /// ```
    /// use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
    /// use cookiejar::testing::MemoryEngine;
    /// use url::Url;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions.json");
    /// let url = Url::parse("https://acme.com/")?;
    /// let open = || PersistentCookieSessions::<u32>::open(MemoryEngine::new(), PersistOptions::new());
    /// let sessions = open()?;
    /// sessions.process_response(&7, &[("Set-Cookie", "sid=31d4")], &url)?;
    /// sessions.flush().wait()?;
    /// sessions.export_to(&path)?;
    ///
    /// let elsewhere = open()?;
    /// elsewhere.import_from(&path)?;
    /// assert_eq!(elsewhere.jar(&7).wait()?.cookie_header(&url).expect("a cookie"), "sid=31d4");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`PersistError::Save`], for the reasons of [`CookieSessions::save`]
    /// - those of [`keys`](Self::keys)
    ///
    /// [`CookieSessions::load`]: crate::CookieSessions::load
    /// [`CookieSessions::save`]: crate::CookieSessions::save
    pub fn export_to(&self, file: impl AsRef<Path>) -> Result<Saved, PersistError>
    where
        K: Serialize,
    {
        let sessions: Vec<_> = self.snapshot().collect::<Result<_, _>>()?;
        save_file(file.as_ref(), &sessions, &SaveOptions::new())
            .map_err(|error| PersistError::Save(Arc::new(error)))
    }

    /// Reads a file written by [`export_to`](Self::export_to) or [`CookieSessions::save`], and
    /// [restores](Self::restore) its sessions. Blocks.
    ///
    /// # Errors
    ///
    /// - [`PersistError::Load`], for the reasons of [`CookieSessions::load`]: nothing is restored
    /// - those of [`restore`](Self::restore)
    ///
    /// [`CookieSessions::load`]: crate::CookieSessions::load
    /// [`CookieSessions::save`]: crate::CookieSessions::save
    pub fn import_from(&self, file: impl AsRef<Path>) -> Result<ReadReport, PersistError>
    where
        K: DeserializeOwned,
    {
        self.database().check()?;
        let mut options = ReadOptions::new().ignore_discard(true);
        let now = self.database().options().rules.clock.seconds();
        options.now.get_or_insert_with(|| date_time(now));
        let (sessions, report) = load_file(file.as_ref(), &options)
            .map_err(|error| PersistError::Load(Arc::new(error)))?;
        self.restore(sessions)?;
        Ok(report)
    }
}
