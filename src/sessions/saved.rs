//! What of the sessions outlives the program.

use std::hash::Hash;

use time::OffsetDateTime;

use super::CookieSessions;
use crate::clock::date_time;
use crate::cookie::Cookie;

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
    /// use cookiejar::{Cookie, CookieSessions, SavedSession};
    /// use time::macros::datetime;
    ///
    /// let cookie = Cookie::builder("sid", "31d4").domain("acme.com").build()?;
    /// let saved = SavedSession::new(Some("anna"), datetime!(2026-11-21 08:00 UTC), [cookie]);
    /// let mut sessions = CookieSessions::new();
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
    /// let mut before = CookieSessions::new();
    /// before.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
    ///
    /// let mut after = CookieSessions::new();
    /// after.restore(before.snapshot());
    /// assert_eq!(after.jar(&"anna").cookie_header(&url).expect("a cookie"), "sid=31d4");
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Vec<SavedSession<K>> {
        let now = self.clock.seconds();
        let save = |(key, session): (Option<&K>, &super::Session)| {
            let mut cookies = session.jar.snapshot();
            cookies.retain(|cookie| !cookie.is_expired_at(now));
            SavedSession {
                key: key.cloned(),
                last_used: date_time(session.last_used),
                cookies,
            }
        };
        self.in_order().into_iter().map(save).collect()
    }

    /// Puts saved sessions beside those that there are. Where a session is there already, a saved cookie
    /// takes the place of its namesake. To be restored is no use of a session. Cookies whose time is over are left out. No policy is asked, as in
    /// Python's `load`; the policy speaks when they are returned.
    pub fn restore(&mut self, saved: impl IntoIterator<Item = SavedSession<K>>) {
        for SavedSession {
            key,
            last_used,
            cookies,
        } in saved
        {
            let now = self.clock.seconds();
            let session = self.session(key.as_ref());
            session.last_used = session.last_used.max(last_used.unix_timestamp());
            for cookie in cookies
                .into_iter()
                .filter(|cookie| !cookie.is_expired_at(now))
            {
                session.jar.set_cookie(cookie);
            }
        }
    }
}
