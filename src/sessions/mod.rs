//! [`CookieSessions`]: one jar a session, for crawlers.
//!
//! It decides nothing about cookies and locks nothing: it finds the jar that a request is about. Here are
//! the sessions themselves; `request.rs` has what a request says of its cookies, `process.rs` the way in and
//! out, `saved.rs` what outlives the program.

use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use time::Duration;

use crate::clock::{Clock, JarClock};
use crate::policy::CookiePolicy;
#[cfg(feature = "psl")]
use crate::policy::DefaultCookiePolicy;
use crate::shared::SharedCookieJar;

mod process;
mod request;
mod saved;

pub use request::{GivenCookie, RequestCookies};
pub use saved::SavedSession;

/// A jar for each session of a crawler: no cookie of one session is ever sent in another (Scrapy:
/// `CookiesMiddleware`).
///
/// A session is named by a key of any kind; the session `None` is that of all who name none. It comes into
/// being when it is first asked for. All sessions have one policy, which can be replaced for all of them.
///
/// ```
/// use cookiejar::CookieSessions;
/// use url::Url;
///
/// let url = Url::parse("https://acme.com/")?;
/// let mut sessions = CookieSessions::new();
/// sessions.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
/// sessions.process_response(&"bert", &[("Set-Cookie", "sid=77aa")], &url);
///
/// let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
/// sessions.process_request(&"bert", &mut headers, &url);
/// assert_eq!(headers, [("Cookie".to_owned(), b"sid=77aa".to_vec())]);
/// # Ok::<(), url::ParseError>(())
/// ```
///
/// It is plain data: a task takes the [`jar`](Self::jar) of its session, which is a [`SharedCookieJar`], and
/// works with that alone.
pub struct CookieSessions<K> {
    unnamed: Option<Session>,
    named: HashTable<Named<K>>,
    /// Keys may come from strangers, so that the hash has a random key.
    hasher: RandomState,
    policy: Arc<dyn CookiePolicy>,
    clock: JarClock,
    /// How many sessions were ever made.
    made: u64,
    enabled: bool,
    #[cfg(feature = "tracing")]
    logs_values: bool,
}

/// A session with its key, and the hash of the key: a table that grows touches no key.
struct Named<K> {
    hash: u64,
    key: K,
    session: Session,
}

impl<K: Eq> Named<K> {
    fn is(&self, hash: u64, key: &K) -> bool {
        self.hash == hash && self.key == *key
    }
}

struct Session {
    jar: SharedCookieJar,
    /// Orders the sessions as they were made.
    number: u64,
    /// Seconds since the epoch.
    last_used: i64,
}

/// Making them.
impl<K> CookieSessions<K> {
    /// No sessions yet, with [`DefaultCookiePolicy::new`] for those to come.
    #[cfg(feature = "psl")]
    #[cfg_attr(docsrs, doc(cfg(feature = "psl")))]
    #[must_use]
    pub fn new() -> Self {
        Self::with_policy(DefaultCookiePolicy::new())
    }

    /// No sessions yet, with a policy of your choice for those to come.
    #[must_use]
    pub fn with_policy(policy: impl CookiePolicy + 'static) -> Self {
        Self {
            unnamed: None,
            named: HashTable::new(),
            hasher: RandomState::default(),
            policy: Arc::new(policy),
            clock: JarClock::default(),
            made: 0,
            enabled: true,
            #[cfg(feature = "tracing")]
            logs_values: false,
        }
    }
}

/// The jar of a session.
impl<K: Eq + Hash> CookieSessions<K> {
    /// The jar of a session, which is made if there is none. All who ask for it share it.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    ///
    /// let mut sessions: CookieSessions<u32> = CookieSessions::new();
    /// let jar = sessions.jar(&7);
    /// let jar_of_all_who_name_none = sessions.jar(None);
    /// assert_eq!(sessions.len(), 2);
    /// ```
    pub fn jar<'k>(&mut self, key: impl Into<Option<&'k K>>) -> SharedCookieJar
    where
        K: Clone + 'k,
    {
        self.used(key.into()).jar.clone()
    }

    /// The jar of a session, if there is one. This is no use of it; see [`remove_idle`](Self::remove_idle).
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    ///
    /// let sessions: CookieSessions<u32> = CookieSessions::new();
    /// assert!(sessions.get(&7).is_none());
    /// ```
    #[must_use]
    pub fn get<'k>(&self, key: impl Into<Option<&'k K>>) -> Option<&SharedCookieJar>
    where
        K: 'k,
    {
        let session = match key.into() {
            Some(key) => {
                let hash = self.hasher.hash_one(key);
                let named = self.named.find(hash, |named| named.is(hash, key));
                named.map(|named| &named.session)
            }
            None => self.unnamed.as_ref(),
        };
        session.map(|session| &session.jar)
    }

    /// Ends a session and hands over its jar, if there is one. Those who have the jar keep it; the next
    /// who asks for the session gets a new one.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    ///
    /// let mut sessions = CookieSessions::new();
    /// sessions.jar(&"anna");
    /// assert!(sessions.remove(&"anna").is_some());
    /// assert!(sessions.is_empty());
    /// ```
    pub fn remove<'k>(&mut self, key: impl Into<Option<&'k K>>) -> Option<SharedCookieJar>
    where
        K: 'k,
    {
        let session = match key.into() {
            Some(key) => {
                let hash = self.hasher.hash_one(key);
                let named = self.named.find_entry(hash, |named| named.is(hash, key));
                named.ok().map(|named| named.remove().0.session)
            }
            None => self.unnamed.take(),
        };
        self.shrink();
        session.map(|session| session.jar)
    }

    /// The session of a key, made if there is none, and in use now.
    fn used(&mut self, key: Option<&K>) -> &mut Session
    where
        K: Clone,
    {
        let now = self.clock.seconds();
        let session = self.session(key);
        session.last_used = now;
        session
    }

    /// The session of a key, made if there is none.
    fn session(&mut self, key: Option<&K>) -> &mut Session
    where
        K: Clone,
    {
        let Self {
            unnamed,
            named,
            hasher,
            policy,
            clock,
            made,
            ..
        } = self;
        let mut make = || {
            *made += 1;
            Session {
                jar: SharedCookieJar::of_session(policy, clock),
                number: *made,
                last_used: i64::MIN,
            }
        };
        match key {
            None => unnamed.get_or_insert_with(make),
            Some(key) => {
                let hash = hasher.hash_one(key);
                match named.entry(hash, |named| named.is(hash, key), |named| named.hash) {
                    Entry::Occupied(named) => &mut named.into_mut().session,
                    Entry::Vacant(place) => {
                        let (key, session) = (key.clone(), make());
                        &mut place
                            .insert(Named { hash, key, session })
                            .into_mut()
                            .session
                    }
                }
            }
        }
    }

    /// Gives memory back when the table has become much too large.
    fn shrink(&mut self) {
        let Self { named, .. } = self;
        if named.len() * 8 < named.capacity() {
            named.shrink_to(named.len() * 2, |named| named.hash);
        }
    }
}

/// All sessions.
impl<K: Eq + Hash> CookieSessions<K> {
    /// Keeps the sessions for which `keep` is true, and tells how many went. They are shown in no
    /// particular order.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    ///
    /// let mut sessions = CookieSessions::new();
    /// sessions.jar(&"anna");
    /// sessions.jar(None);
    /// assert_eq!(sessions.retain(|key, _| key.is_some()), 1);
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(Option<&K>, &SharedCookieJar) -> bool) -> usize {
        let before = self.len();
        self.unnamed = self
            .unnamed
            .take()
            .filter(|session| keep(None, &session.jar));
        self.named
            .retain(|named| keep(Some(&named.key), &named.session.jar));
        self.shrink();
        before - self.len()
    }

    /// Ends the sessions that nobody has used for longer than `idle`, and tells their keys in the order in
    /// which they were made.
    ///
    /// A session is used when its jar is asked for, by each request and response that is processed in it,
    /// and for as long as somebody else holds its jar.
    ///
    /// ```
    /// use cookiejar::{CookieSessions, ManualClock};
    /// use time::{Duration, macros::datetime};
    ///
    /// let clock = ManualClock::new(datetime!(2026-11-21 08:00 UTC));
    /// let mut sessions = CookieSessions::new();
    /// sessions.set_clock(clock.clone());
    /// sessions.jar(&"anna");
    /// clock.advance(Duration::minutes(40));
    /// sessions.jar(&"bert");
    /// assert_eq!(sessions.remove_idle(Duration::minutes(30)), [Some("anna")]);
    /// ```
    pub fn remove_idle(&mut self, idle: Duration) -> Vec<Option<K>> {
        let now = self.clock.seconds();
        let is_idle = |session: &mut Session| {
            if session.jar.is_held_elsewhere() {
                session.last_used = now;
            }
            now - session.last_used > idle.whole_seconds()
        };
        let mut gone = Vec::new();
        if let Some(session) = self.unnamed.take_if(is_idle) {
            gone.push((session.number, None));
        }
        let idle = self.named.extract_if(|named| is_idle(&mut named.session));
        gone.extend(idle.map(|named| (named.session.number, Some(named.key))));
        self.shrink();
        gone.sort_unstable_by_key(|(number, _)| *number);
        gone.into_iter().map(|(_, key)| key).collect()
    }
}

/// All sessions, whatever their keys.
impl<K> CookieSessions<K> {
    /// The sessions and their jars, in the order in which they were made.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    ///
    /// let mut sessions = CookieSessions::new();
    /// for key in ["bert", "anna"] {
    ///     sessions.jar(&key);
    /// }
    /// let keys: Vec<_> = sessions.iter().map(|(key, _)| key).collect();
    /// assert_eq!(keys, [Some(&"bert"), Some(&"anna")]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (Option<&K>, &SharedCookieJar)> {
        let sessions = self.in_order().into_iter();
        sessions.map(|(key, session)| (key, &session.jar))
    }

    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.named.len() + usize::from(self.unnamed.is_some())
    }

    /// Whether there are no sessions at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends all sessions.
    pub fn clear(&mut self) {
        self.unnamed = None;
        self.named = HashTable::new();
    }

    /// The policy of all sessions.
    #[must_use]
    pub fn policy(&self) -> Arc<dyn CookiePolicy> {
        Arc::clone(&self.policy)
    }

    /// Puts another policy in the place of the old one, for all sessions that there are and for those to
    /// come, and gives the old one back.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use cookiejar::{CookieSessions, DefaultCookiePolicy};
    /// use url::Url;
    ///
    /// let url = Url::parse("https://ads.example/")?;
    /// let mut sessions = CookieSessions::new();
    /// let jar = sessions.jar(&"anna");
    /// sessions.set_policy(Arc::new(DefaultCookiePolicy::new().block_domains(["ads.example"])));
    /// assert_eq!(jar.extract_cookies(&[("Set-Cookie", "a=1")], &url).stored, 0);
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn set_policy(&mut self, policy: Arc<dyn CookiePolicy>) -> Arc<dyn CookiePolicy> {
        for (_, session) in self.all() {
            session.jar.set_policy(Arc::clone(&policy));
        }
        std::mem::replace(&mut self.policy, policy)
    }

    /// Replaces the system clock, for all sessions that there are and for those to come.
    pub fn set_clock(&mut self, clock: impl Clock + 'static) {
        self.clock = JarClock::Custom(Arc::new(clock));
        for (_, session) in self.all() {
            session.jar.use_clock(&self.clock);
        }
    }

    /// Whether requests and responses are processed; see [`set_enabled`](Self::set_enabled).
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Switches the processing of requests and responses off, so that they pass as they are, or on again
    /// (Scrapy: `COOKIES_ENABLED`). Defaults to `true`. The jars can be used all the same.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    /// use url::Url;
    ///
    /// let mut sessions = CookieSessions::new();
    /// sessions.set_enabled(false);
    /// let url = Url::parse("https://acme.com/")?;
    /// let account = sessions.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
    /// assert_eq!((account.stored, sessions.len()), (0, 0));
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn set_enabled(&mut self, yes: bool) {
        self.enabled = yes;
    }

    /// Sets whether the log of what is sent and received shows the values of cookies, which may be secrets.
    /// Defaults to `false`: it shows the names.
    ///
    /// The log has one record of level debug and target `cookiejar::sessions` for each request that is sent
    /// with a `Cookie` header and for each response with `Set-Cookie` (Scrapy: `COOKIES_DEBUG`).
    #[cfg(feature = "tracing")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
    pub fn set_logs_values(&mut self, yes: bool) {
        self.logs_values = yes;
    }

    /// The sessions in no particular order.
    fn all(&self) -> impl Iterator<Item = (Option<&K>, &Session)> {
        let unnamed = self.unnamed.iter().map(|session| (None, session));
        let named = self.named.iter();
        let named = named.map(|named| (Some(&named.key), &named.session));
        unnamed.chain(named)
    }

    /// The sessions in the order in which they were made.
    fn in_order(&self) -> Vec<(Option<&K>, &Session)> {
        let mut sessions: Vec<_> = self.all().collect();
        sessions.sort_unstable_by_key(|(_, session)| session.number);
        sessions
    }
}

#[cfg(feature = "psl")]
#[cfg_attr(docsrs, doc(cfg(feature = "psl")))]
impl<K> Default for CookieSessions<K> {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows how many sessions there are, and none of them.
impl<K> fmt::Debug for CookieSessions<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieSessions")
            .field("sessions", &self.len())
            .field("enabled", &self.enabled)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
