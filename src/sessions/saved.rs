//! Saving and restoring sessions.

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

/// A saved session: plain data, created by [`CookieSessions::snapshot`] and restored by
/// [`CookieSessions::restore`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedSession<K> {
    /// The key, or `None` for the session without a key.
    pub key: Option<K>,
    /// When the session was last used, to the second.
    pub last_used: OffsetDateTime,
    /// All cookies in the order of their creation, session cookies included.
    pub cookies: Vec<Cookie>,
}

impl<K> SavedSession<K> {
    /// Creates a session to restore.
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
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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
    /// Returns a copy of all sessions in the order of their creation, without expired cookies but with session
    /// cookies, so that a restarted crawler stays logged in.
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

    /// Adds saved sessions to the existing ones. If a session already exists, a saved cookie replaces its namesake.
    /// Does not count as using a session. Skips expired cookies. Does not ask the policy, as in Python's `load`.
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
impl<K: Eq + Hash + Clone> CookieSessions<K> {
    /// Saves the [`snapshot`](Self::snapshot) to a JSON file, session cookies included, as
    /// [`FileCookieJar::save_with`](crate::file::FileCookieJar::save_with) does.
    ///
    /// Cookies are written in the format of [`json`](crate::file::json), which is lossless. A cookie that exceeds the
    /// default limits of [`WriteOptions`](crate::file::WriteOptions) on the file or a line is skipped and reported.
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
    /// - a key that cannot be written as JSON, or is `null`, which denotes the session without a key
    /// - two keys with the same text, because serialization omits what distinguishes them
    /// - those of [`FileCookieJar::save_with`](crate::file::FileCookieJar::save_with)
    pub fn save(&self, file: impl AsRef<Path>) -> Result<Saved, SaveError>
    where
        K: serde::Serialize,
    {
        self.save_with(file, SaveOptions::new())
    }

    /// Saves like [`save`](Self::save), with custom limits: only the options
    /// [`max_bytes`](crate::file::WriteOptions::max_bytes), [`max_line`](crate::file::WriteOptions::max_line) and
    /// [`any_owner`](SaveOptions::any_owner) apply.
    ///
    /// Cookies that exceed the limits are skipped and reported.
    ///
    /// # Errors
    ///
    /// Those of [`save`](Self::save), and sessions that exceed the limits even without their cookies.
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

    /// Reads a file written by [`save`](Self::save), and [restores](Self::restore) its sessions.
    ///
    /// An entry that is not a valid cookie is skipped and reported, without its contents. Expired cookies are
    /// skipped. The default of [`ReadOptions`] limits the size of the file.
    ///
    /// # Errors
    ///
    /// - the file cannot be read, or is too long
    /// - it is not JSON, not a file of sessions, or has keys of another type
    /// - an unknown version
    /// - a session that is in it twice
    ///
    /// On error the sessions are unchanged.
    pub fn load(&self, file: impl AsRef<Path>) -> Result<ReadReport, LoadError>
    where
        K: serde::de::DeserializeOwned,
    {
        self.load_with(file, &ReadOptions::new())
    }

    /// Loads like [`load`](Self::load), with custom options. Session cookies are read even if
    /// `ignore_discard` is not set.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), and in strict mode the first entry that would be skipped.
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
