//! What of the sessions outlives the program.

use std::hash::Hash;
#[cfg(feature = "json")]
use std::path::Path;

use time::OffsetDateTime;

use super::CookieSessions;
use super::table::Seen;
use crate::clock::date_time;
use crate::cookie::Cookie;
#[cfg(feature = "json")]
use crate::file::{LoadError, ReadOptions, ReadReport, SaveError, SaveOptions, Saved};

/// A session as it is saved: plain data, made by [`CookieSessions::snapshot`] and taken by
/// [`CookieSessions::restore`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedSession<K> {
    /// The key, or `None` for the session of all who name none.
    pub key: Option<K>,
    /// When the session was last used, to the second.
    pub last_used: OffsetDateTime,
    /// All cookies in the order of their creation, session cookies included.
    pub cookies: Vec<Cookie>,
}

impl<K> SavedSession<K> {
    /// A session to be restored.
    ///
    /// ```
    /// use cookiejar::sessions::SavedSession;
    /// use cookiejar::{Cookie, CookieSessions};
    /// use time::macros::datetime;
    ///
    /// let cookie = Cookie::builder("sid", "31d4").domain("acme.com").build()?;
    /// let saved = SavedSession::new(Some("anna"), datetime!(2026-11-21 08:00 UTC), [cookie]);
    /// let sessions = CookieSessions::new();
    /// sessions.restore([saved]);
    /// assert_eq!(sessions.jar(&"anna").len(), 1);
    /// # Ok::<(), cookiejar::Rejection>(())
    /// ```
    #[must_use]
    pub fn new(
        key: Option<K>,
        last_used: OffsetDateTime,
        cookies: impl IntoIterator<Item = Cookie>,
    ) -> Self {
        Self {
            key,
            last_used,
            cookies: cookies.into_iter().collect(),
        }
    }
}

/// Saving and restoring.
impl<K: Eq + Hash + Clone> CookieSessions<K> {
    /// A copy of all sessions with all their cookies that are not expired, session cookies included: a
    /// crawler that is started again goes on logged in. In the order in which the sessions were made.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/")?;
    /// let before = CookieSessions::new();
    /// before.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
    ///
    /// let after = CookieSessions::new();
    /// after.restore(before.snapshot());
    /// assert_eq!(after.jar(&"anna").cookie_header(&url).expect("a cookie"), "sid=31d4");
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Vec<SavedSession<K>> {
        let now = self.now();
        let save = |seen: Seen<K>| {
            let mut cookies = seen.jar.snapshot();
            cookies.retain(|cookie| !cookie.is_expired_at(now));
            SavedSession {
                key: seen.key,
                last_used: date_time(seen.last_used),
                cookies,
            }
        };
        self.inner.table.in_order().into_iter().map(save).collect()
    }

    /// Puts saved sessions beside those that there are. Where a session is there already, a saved cookie
    /// replaces its namesake. Restoring does not count as using a session. Expired cookies are skipped. No policy is asked, as in Python's `load`; the policy speaks when they are returned.
    pub fn restore(&self, saved: impl IntoIterator<Item = SavedSession<K>>) {
        for SavedSession {
            key,
            last_used,
            cookies,
        } in saved
        {
            let now = self.now();
            let last_used = last_used.unix_timestamp();
            let jar = self.inner.table.used(key.as_ref(), last_used);
            for cookie in cookies
                .into_iter()
                .filter(|cookie| !cookie.is_expired_at(now))
            {
                jar.set_cookie(cookie);
            }
        }
    }
}

/// A file of sessions.
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
impl<K: Eq + Hash + Clone> CookieSessions<K> {
    /// Saves the [`snapshot`](Self::snapshot) to a JSON file, session cookies included, atomically and for
    /// its owner alone, as [`FileCookieJar::save_with`](crate::file::FileCookieJar::save_with) does.
    ///
    /// A cookie is written as in the format of [`json`](crate::file::json), which loses nothing. One for which the file or a line
    /// of it has no room, by what [`WriteOptions`](crate::file::WriteOptions) says by default, is skipped and reported.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    /// use url::Url;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions.json");
    /// let url = Url::parse("https://acme.com/")?;
    /// let before: CookieSessions<String> = CookieSessions::new();
    /// before.process_response(&"anna".to_owned(), &[("Set-Cookie", "sid=31d4")], &url);
    /// before.save(&path)?;
    ///
    /// let after: CookieSessions<String> = CookieSessions::new();
    /// after.load(&path)?;
    /// assert_eq!(after.jar(&"anna".to_owned()).cookie_header(&url).expect("a cookie"), "sid=31d4");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - a key that is no JSON, or is `null`, which is the session of all who name none
    /// - the filename is a folder, a device or a pipe
    /// - the file system refuses a step: the error says which
    ///
    /// The old file is then as it was, and no temporary file is left.
    pub fn save(&self, file: impl AsRef<Path>) -> Result<Saved, SaveError>
    where
        K: serde::Serialize,
    {
        self.save_with(file, SaveOptions::new())
    }

    /// Saves as [`save`](Self::save) does, with limits of your own: of the options,
    /// [`max_bytes`](crate::file::WriteOptions::max_bytes), [`max_line`](crate::file::WriteOptions::max_line) and
    /// [`any_owner`](SaveOptions::any_owner) count.
    ///
    /// Cookies for which there is no room, or no line long enough, are skipped and reported, so that a file
    /// that was saved can be loaded with the same limits.
    ///
    /// # Errors
    ///
    /// Those of [`save`](Self::save), and sessions that have no room even without their cookies.
    pub fn save_with(
        &self,
        file: impl AsRef<Path>,
        options: impl Into<SaveOptions>,
    ) -> Result<Saved, SaveError>
    where
        K: serde::Serialize,
    {
        super::file::save(file.as_ref(), &self.snapshot(), &options.into())
    }

    /// Reads a file that [`save`](Self::save) has written, and [restores](Self::restore) its sessions.
    ///
    /// An entry that is not a valid cookie is skipped and reported, without its contents. Expired cookies are
    /// passed over. The file may have as many bytes as [`ReadOptions`] says by default.
    ///
    /// # Errors
    ///
    /// - the file cannot be read, or is too long
    /// - it is no JSON, no file of sessions, or one with keys of another type
    /// - a version that is not known
    ///
    /// The sessions are then as they were.
    pub fn load(&self, file: impl AsRef<Path>) -> Result<ReadReport, LoadError>
    where
        K: serde::de::DeserializeOwned,
    {
        self.load_with(file, &ReadOptions::new())
    }

    /// Loads as [`load`](Self::load) does, with options of your own. Session cookies are read whatever they
    /// say.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    /// use cookiejar::file::{ReadOptions, WriteOptions};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions.json");
    /// let sessions: CookieSessions<String> = CookieSessions::new();
    /// sessions.save_with(&path, &WriteOptions::new().max_bytes(1 << 30))?;
    /// sessions.load_with(&path, &ReadOptions::new().max_bytes(1 << 30))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), and in strict reading the first entry that would be skipped.
    pub fn load_with(
        &self,
        file: impl AsRef<Path>,
        options: &ReadOptions,
    ) -> Result<ReadReport, LoadError>
    where
        K: serde::de::DeserializeOwned,
    {
        let mut options = options.clone().ignore_discard(true);
        let now = self.now();
        options.now.get_or_insert_with(|| date_time(now));
        let (saved, report) = super::file::load(file.as_ref(), &options)?;
        self.restore(saved);
        Ok(report)
    }
}
