//! [`CookieSessions`]: one jar per session, for crawlers.
//!
//! It decides nothing about cookies.

use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use time::Duration;

use crate::clock::{Clock, JarClock};
use crate::policy::CookiePolicy;
#[cfg(feature = "psl")]
use crate::policy::DefaultCookiePolicy;
use crate::shared::{Rules, SharedCookieJar};

mod changes;
#[cfg(feature = "json")]
mod file;
mod process;
mod request;
mod saved;
mod table;

pub use changes::{SessionChange, SessionChanges};
#[cfg(feature = "persist")]
pub(crate) use file::{load as load_file, save as save_file};
#[cfg(feature = "persist")]
pub(crate) use process::{Jars, process_request, process_response};
pub use request::{GivenCookie, RequestCookies};
pub use saved::SavedSession;
use table::Table;

/// A jar for each session of a crawler: no cookie of one session is ever sent in another (Scrapy:
/// `CookiesMiddleware`).
///
/// A session has a key of any type; all requests without a key share the session `None`. A session is created on first
/// use. All sessions have one policy.
///
/// ```
/// use cookiejar::CookieSessions;
/// use url::Url;
///
/// let url = Url::parse("https://acme.com/")?;
/// let sessions = CookieSessions::new();
/// sessions.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
/// sessions.process_response(&"bert", &[("Set-Cookie", "sid=77aa")], &url);
///
/// let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
/// sessions.process_request(&"bert", &mut headers, &url);
/// assert_eq!(headers, [("Cookie".to_owned(), b"sid=77aa".to_vec())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Clones share the sessions, and every call takes `&self`. No lock is held while a jar works or after a call returns.
/// A task that uses only one session can also use its [`jar`](Self::jar).
pub struct CookieSessions<K> {
    inner: Arc<Inner<K>>,
}

struct Inner<K> {
    table: Table<K>,
    /// Held while a policy or clock is replaced or a listener added, so that all sessions end up with the same ones.
    replacing: Mutex<()>,
    enabled: AtomicBool,
    #[cfg(feature = "tracing")]
    logs_values: AtomicBool,
}

impl<K> CookieSessions<K> {
    /// Creates an empty set of sessions that use [`DefaultCookiePolicy::new`].
    #[cfg(feature = "psl")]
    #[must_use]
    pub fn new() -> Self {
        Self::with_policy(DefaultCookiePolicy::new())
    }

    /// Creates an empty set of sessions that use `policy`.
    #[must_use]
    pub fn with_policy(policy: impl CookiePolicy + 'static) -> Self {
        let inner = Inner {
            table: Table::new(Arc::new(policy)),
            replacing: Mutex::new(()),
            enabled: AtomicBool::new(true),
            #[cfg(feature = "tracing")]
            logs_values: AtomicBool::new(false),
        };
        Self {
            inner: Arc::new(inner),
        }
    }
}

/// The jar of a session.
impl<K: Eq + Hash> CookieSessions<K> {
    /// Returns the jar of a session, and creates the session if it does not exist. All callers share the jar.
    pub fn jar<'k>(&self, key: impl Into<Option<&'k K>>) -> SharedCookieJar
    where
        K: Clone + 'k,
    {
        self.inner.table.used(key.into(), self.now())
    }

    /// Returns the jar of a session, if the session exists. Does not count as using the session; see
    /// [`remove_idle`](Self::remove_idle).
    #[must_use]
    pub fn get<'k>(&self, key: impl Into<Option<&'k K>>) -> Option<SharedCookieJar>
    where
        K: 'k,
    {
        self.inner.table.get(key.into())
    }

    /// Ends a session and returns its jar, if the session exists. The next use of the key creates a new session.
    pub fn remove<'k>(&self, key: impl Into<Option<&'k K>>) -> Option<SharedCookieJar>
    where
        K: 'k,
    {
        self.inner.table.remove(key.into())
    }
}

/// All sessions.
impl<K: Eq + Hash + Clone> CookieSessions<K> {
    /// Keeps the sessions for which `keep` returns `true`, ends the others, and returns their number. Visits sessions in
    /// the order of their creation; a session created meanwhile is kept.
    pub fn retain(&self, mut keep: impl FnMut(Option<&K>, &SharedCookieJar) -> bool) -> usize {
        let all = self.inner.table.in_order().into_iter();
        all.filter(|seen| !keep(seen.key.as_ref(), &seen.jar))
            .filter(|seen| self.inner.table.remove_seen(seen))
            .count()
    }
}

/// All sessions, whatever their keys.
impl<K> CookieSessions<K> {
    /// Ends the sessions that have not been used for longer than `idle`, and returns their keys in the order
    /// of creation.
    ///
    /// Calling [`jar`](Self::jar) and processing a request or response count as using the session, which also
    /// stays in use while any clone of its jar exists.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    /// use cookiejar::jar::ManualClock;
    /// use time::{Duration, macros::datetime};
    ///
    /// let clock = ManualClock::new(datetime!(2026-11-21 08:00 UTC));
    /// let sessions = CookieSessions::new();
    /// sessions.set_clock(clock.clone());
    /// sessions.jar(&"anna");
    /// clock.advance(Duration::minutes(40));
    /// sessions.jar(&"bert");
    /// assert_eq!(sessions.remove_idle(Duration::minutes(30)), [Some("anna")]);
    /// ```
    pub fn remove_idle(&self, idle: Duration) -> Vec<Option<K>> {
        let now = self.now();
        let latest = now.saturating_sub(idle.whole_seconds());
        self.inner.table.take_idle(latest, now)
    }

    /// Returns the sessions and their jars, in the order of their creation.
    pub fn iter(&self) -> impl Iterator<Item = (Option<K>, SharedCookieJar)> + use<K>
    where
        K: Clone,
    {
        let sessions = self.inner.table.in_order().into_iter();
        sessions.map(|seen| (seen.key, seen.jar))
    }

    /// Returns the number of sessions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.table.len()
    }

    /// Returns `true` if no sessions exist.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends all sessions.
    pub fn clear(&self) {
        self.inner.table.clear();
    }

    /// Returns the policy of all sessions.
    #[must_use]
    pub fn policy(&self) -> Arc<dyn CookiePolicy> {
        Arc::clone(&self.inner.table.rules().policy)
    }

    /// Replaces the policy of all existing and future sessions, and returns the old one.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use cookiejar::{CookieSessions, DefaultCookiePolicy};
    /// use url::Url;
    ///
    /// let url = Url::parse("https://ads.example/")?;
    /// let sessions = CookieSessions::new();
    /// let jar = sessions.jar(&"anna");
    /// sessions.set_policy(Arc::new(DefaultCookiePolicy::new().block_domains(["ads.example"])));
    /// assert_eq!(jar.extract_cookies(&[("Set-Cookie", "a=1")], &url).stored, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taken as by the call of the same name of a jar"
    )]
    pub fn set_policy(&self, policy: Arc<dyn CookiePolicy>) -> Arc<dyn CookiePolicy> {
        let change = |old: &Rules| Rules::new(Arc::clone(&policy), old.clock.clone());
        let old = self.replace_rules(change, |jar| _ = jar.set_policy(Arc::clone(&policy)));
        Arc::clone(&old.policy)
    }

    /// Replaces the clock of all existing and future sessions. Defaults to the system clock.
    pub fn set_clock(&self, clock: impl Clock + 'static) {
        let clock = JarClock::Custom(Arc::new(clock));
        let change = |old: &Rules| Rules::new(Arc::clone(&old.policy), clock.clone());
        self.replace_rules(change, |jar| jar.use_clock(&clock));
    }

    /// Returns `true` if requests and responses are processed; see [`set_enabled`](Self::set_enabled).
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.inner.enabled.load(Ordering::Relaxed)
    }

    /// Sets whether requests and responses are processed; if not, they are left unchanged (Scrapy:
    /// `COOKIES_ENABLED`). Defaults to `true`. The jars work either way.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    /// use url::Url;
    ///
    /// let sessions = CookieSessions::new();
    /// sessions.set_enabled(false);
    /// let url = Url::parse("https://acme.com/")?;
    /// let report = sessions.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
    /// assert_eq!((report.stored, sessions.len()), (0, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_enabled(&self, yes: bool) {
        self.inner.enabled.store(yes, Ordering::Relaxed);
    }

    /// Sets whether the log of sent and received cookies shows their values, which may be secrets. Defaults to
    /// `false`: it shows only the names.
    ///
    /// The log has a debug record, with the target `cookiejar::sessions`, for each request with a `Cookie` header and
    /// each response with `Set-Cookie` (Scrapy: `COOKIES_DEBUG`).
    #[cfg(feature = "tracing")]
    pub fn set_logs_values(&self, yes: bool) {
        self.inner.logs_values.store(yes, Ordering::Relaxed);
    }

    fn now(&self) -> i64 {
        self.inner.table.clock().seconds()
    }

    /// Calls `change_own` for each jar that has separate rules.
    fn replace_rules(
        &self,
        change: impl Fn(&Rules) -> Arc<Rules>,
        change_own: impl Fn(&SharedCookieJar),
    ) -> Arc<Rules> {
        let _replacing = self.replace();
        let old = self.inner.table.rules();
        let new = change(&old);
        for jar in self.inner.table.set_rules(&new) {
            if !jar.follow(&old, &new) {
                change_own(&jar);
            }
        }
        old
    }

    fn replace(&self) -> impl Drop + '_ {
        self.inner
            .replacing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Clones share the sessions.
impl<K> Clone for CookieSessions<K> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

#[cfg(feature = "psl")]
impl<K> Default for CookieSessions<K> {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the number of sessions, but not their contents.
impl<K> fmt::Debug for CookieSessions<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieSessions")
            .field("sessions", &self.len())
            .field("enabled", &self.is_enabled())
            .field("clock", &self.inner.table.rules().clock)
            .finish_non_exhaustive()
    }
}
