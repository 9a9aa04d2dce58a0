//! Options and status of an opened database.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::PersistError;
use super::seal::{Codec, Seal};
use crate::clock::{Clock, JarClock};
use crate::options::options;
use crate::policy::CookiePolicy;
#[cfg(feature = "psl")]
use crate::policy::DefaultCookiePolicy;
use crate::shared::Rules;

/// How jars use a database.
#[derive(Clone)]
pub struct PersistOptions {
    pub(crate) rules: Arc<Rules>,
    pub(crate) namespace: String,
    pub(crate) linger: Duration,
    pub(crate) session_cookies: bool,
    pub(crate) tombstones: Duration,
    pub(crate) sessions_end_after: Option<Duration>,
    pub(crate) max_pending: usize,
    pub(crate) seal: Option<Arc<dyn Seal>>,
    pub(crate) on_error: Option<OnError>,
}

type OnError = Arc<dyn Fn(&PersistError) + Send + Sync>;

impl PersistOptions {
    /// Creates the default options, with [`DefaultCookiePolicy::new`].
    #[cfg(feature = "psl")]
    #[must_use]
    pub fn new() -> Self {
        Self::with_policy(Arc::new(DefaultCookiePolicy::new()))
    }

    /// Creates the default options, with another policy for all jars.
    #[must_use]
    pub fn with_policy(policy: Arc<dyn CookiePolicy>) -> Self {
        Self {
            rules: Rules::new(policy, JarClock::default()),
            namespace: "default".to_owned(),
            linger: Duration::from_millis(50),
            session_cookies: false,
            tombstones: Duration::from_secs(24 * 60 * 60),
            sessions_end_after: None,
            max_pending: 1_000_000,
            seal: None,
            on_error: None,
        }
    }

    /// Sets the clock by which cookies expire. Defaults to the system's. Merging does not use it.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        let policy = Arc::clone(&self.rules.policy);
        self.rules = Rules::new(policy, JarClock::Custom(Arc::new(clock)));
        self
    }

    pub(super) fn codec(&self) -> Codec {
        Codec {
            namespace: self.namespace.clone(),
            seal: self.seal.clone(),
        }
    }

    /// Sets the namespace. Programs with different namespaces share nothing. Defaults to `default`.
    #[must_use]
    pub fn namespace(mut self, name: impl Into<String>) -> Self {
        self.namespace = name.into();
        self
    }

    options! {
        /// Sets how long a change waits for others, to be written together. Defaults to 50 ms. A killed program loses
        /// its changes of that time; zero writes at once.
        linger: Duration;
        /// Sets whether a [`PersistentCookieJar`](super::PersistentCookieJar) stores session cookies. Defaults to
        /// `false`, as in browsers. Sessions always store them.
        session_cookies: bool;
        /// Sets how long deletions are remembered: a process that was disconnected for longer gives up its older
        /// changes. Defaults to 24 hours.
        tombstones: Duration;
        /// Sets how long a session may be unused before it ends, by the database's clock. Defaults to `None`: forever.
        ///
        /// A session is used when it is changed or its [`jar`](super::PersistentCookieSessions::jar) is requested, and
        /// while a process holds its jar; use is recorded once an hour. Less than two hours counts as two. One process
        /// with this option ends the session for all.
        sessions_end_after: Option<Duration>;
        /// Sets how many changes may be pending, one per cookie. Defaults to 1,000,000. While a database cannot be
        /// reached, the oldest changes beyond that are given up, whole calls at a time: they are counted and reported,
        /// and the next flush fails.
        max_pending: usize;
    }

    /// Sets a cipher for the records of cookies. By default they are not encrypted.
    ///
    /// A record that it cannot decrypt is skipped, counted and reported.
    #[must_use]
    pub fn seal(mut self, seal: impl Seal + 'static) -> Self {
        self.seal = Some(Arc::new(seal));
        self
    }

    /// Sets a callback for errors of the database. It is called on threads of the database, once per outage, and must not wait
    /// for the database.
    #[must_use]
    pub fn on_error(mut self, hear: impl Fn(&PersistError) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(hear));
        self
    }
}

#[cfg(feature = "psl")]
impl Default for PersistOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for PersistOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersistOptions")
            .field("namespace", &self.namespace)
            .field("linger", &self.linger)
            .field("session_cookies", &self.session_cookies)
            .field("tombstones", &self.tombstones)
            .field("sessions_end_after", &self.sessions_end_after)
            .field("max_pending", &self.max_pending)
            .finish_non_exhaustive()
    }
}

/// How far memory and the database differ, and recent errors.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PersistStatus {
    /// Whether the last call of the writing thread and that of the reading thread succeeded.
    pub connected: bool,
    /// Changes that are not written, or not known to be stored.
    pub pending: usize,
    /// The age of the oldest unwritten change.
    pub oldest_pending: Option<Duration>,
    /// The time since the database last returned the changes of other processes; `None` while it responds.
    pub behind: Option<Duration>,
    /// The number of changes written.
    pub written: u64,
    /// The number of changes given up.
    pub given_up: u64,
    /// The number of records skipped when read; see [`SkipReason`](super::SkipReason).
    pub skipped: u64,
    /// How often a session cookie was set and stayed in memory only, because a
    /// [`PersistentCookieJar`](super::PersistentCookieJar) does not [store](PersistOptions::session_cookies) them.
    pub left_out: u64,
    /// Warnings for an operator, found when a connection was opened, such as the new name of a damaged file.
    pub warnings: Vec<String>,
    /// The last error.
    pub last_error: Option<PersistError>,
}
