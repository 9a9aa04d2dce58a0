//! [`CookieJar`]: plain data and the calls on it.
//!
//! It decides nothing.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::clock::JarClock;
use crate::cookie::Cookie;
use crate::headers::ResponseHeaders;
use crate::policy::{CookiePolicy, DefaultCookiePolicy};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::Store;
use calls::Room;
use plain::PlainRoom;

mod aliases;
pub(crate) mod calls;
mod change;
mod contents;
mod everyday;
mod extract;
mod header;
mod import;
mod iter;
mod plain;
mod queue;
mod report;
mod response;
mod select;
mod send;

pub use change::ChangeSink;
#[cfg(feature = "persist")]
pub use change::queue::Persistence;
#[cfg(feature = "persist")]
pub(crate) use change::queue::Queue;
pub(crate) use change::{Listener, Listeners, Shelf};
pub(crate) use import::{Amendment, Import};
pub use import::{ImportOptions, ImportReport};
pub use iter::{IntoIter, Iter};
pub(crate) use queue::queue;
pub use queue::{Changes, Heard};
pub use report::{ExtractReport, FieldOutcome, Rejected};
pub use select::Explanation;
pub(crate) use select::Lookup;

pub use crate::clock::{Clock, ManualClock};
pub use crate::cookie::SameSiteError;
pub use crate::store::{ChangeCause, ChangeOrigin, CookieChange};

/// A cookie jar: it stores cookies, and asks its policy about each one that is received or sent.
///
/// A client needs two calls: [`extract_cookies`](Self::extract_cookies) with every response and
/// [`add_cookie_header`](Self::add_cookie_header) or [`cookie_header`](Self::cookie_header) with every request, each
/// with the URL of that hop.
///
/// ```
/// use cookiejar::CookieJar;
/// use url::Url;
///
/// let login = Url::parse("https://www.acme.com/login")?;
/// let mut jar = CookieJar::new();
/// jar.extract_cookies(&[("Set-Cookie", "sid=31d4; Path=/; Secure; HttpOnly")], &login);
///
/// let report = Url::parse("https://www.acme.com/report")?;
/// assert_eq!(jar.cookie_header(&report).expect("a cookie"), "sid=31d4");
/// assert_eq!(jar.cookie_header(&Url::parse("https://evil.example/")?), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An expired cookie is never sent. Cookies are listed in order of creation, and sent longest path first, then earliest
/// created first.
pub struct CookieJar<P = DefaultCookiePolicy> {
    policy: P,
    room: PlainRoom,
}

/// The error of a call that found no cookie to remove (Python: `KeyError`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such cookie in the jar")]
pub struct NotFound;

#[cfg(feature = "psl")]
impl CookieJar {
    /// Creates an empty jar with [`DefaultCookiePolicy::new`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<P: CookiePolicy> CookieJar<P> {
    /// Creates an empty jar with a policy of your choice.
    #[must_use]
    pub fn with_policy(policy: P) -> Self {
        Self {
            policy,
            room: PlainRoom::default(),
        }
    }
}

impl<P> CookieJar<P> {
    /// Returns the policy.
    #[must_use]
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// Returns the policy, to change it while the jar is in use.
    ///
    /// Stored cookies stay; the changed policy decides whether they are sent.
    pub fn policy_mut(&mut self) -> &mut P {
        &mut self.policy
    }

    /// Replaces the policy, and returns the old one.
    pub fn set_policy(&mut self, policy: P) -> P {
        std::mem::replace(&mut self.policy, policy)
    }

    /// Replaces the system clock, mainly for tests.
    pub fn set_clock(&mut self, clock: impl Clock + 'static) {
        self.room.clock = JarClock::Custom(Arc::new(clock));
    }

    pub(crate) fn use_clock(&mut self, clock: JarClock) {
        self.room.clock = clock;
    }

    /// Listeners are not called: the cookies move to another jar.
    pub(crate) fn into_parts(self) -> (P, JarClock, Listeners, Vec<Cookie>) {
        let (store, listeners) = self.room.shelf.into_parts();
        (
            self.policy,
            self.room.clock,
            listeners,
            store.into_cookies(),
        )
    }

    fn store(&self) -> &Store {
        self.room.shelf.store()
    }

    /// Adds a sink, which is called with every later change of the jar; see [`ChangeSink`]. A copy of the jar has no
    /// sinks.
    pub fn add_change_sink(&mut self, sink: Arc<dyn ChangeSink>) {
        self.room.shelf.listeners.add(Listener::Sink(sink));
    }
}

/// Receiving.
impl<P: CookiePolicy> CookieJar<P> {
    /// Stores the cookies of a response to `request` that the policy accepts, and returns a report.
    ///
    /// It reads `Set-Cookie` and, if the policy supports RFC 2965, `Set-Cookie2`. A cookie that cannot be read or is
    /// rejected does not affect the others, and is in the report with its reason. A response to a request without a
    /// host, an interim response (1xx) and a proxy's (407) set no cookies.
    pub fn extract_cookies<'r>(
        &mut self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> ExtractReport {
        calls::extract_cookies(self, response, request.into(), ())
    }

    /// Stores the cookies of a response as [`extract_cookies`](Self::extract_cookies) does, and calls `tell` with the
    /// outcome for each cookie, in the order in which they are read.
    ///
    /// All cookies are stored before the first call, or in parts if they take more than 1 MiB. The closure must not use
    /// the jar.
    ///
    /// ```
    /// use cookiejar::jar::ChangeCause;
    /// use cookiejar::{CookieJar, Rejection};
    /// use url::Url;
    ///
    /// let mut told = Vec::new();
    /// CookieJar::new().extract_cookies_with(
    ///     &[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Domain=com")],
    ///     &Url::parse("https://acme.com/")?,
    ///     |field| told.push((field.field.to_vec(), field.outcome)),
    /// );
    /// let expected = [
    ///     (b"a=1".to_vec(), Ok(Some(ChangeCause::Stored))),
    ///     (b"b=2; Domain=com".to_vec(), Err(Rejection::PublicSuffix)),
    /// ];
    /// assert_eq!(told, expected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn extract_cookies_with<'r>(
        &mut self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
        tell: impl FnMut(FieldOutcome<'_>),
    ) -> ExtractReport {
        calls::extract_cookies(self, response, request.into(), tell)
    }

    /// Returns the cookies of a response to `request` as the policy's protocols and dialect read them, including
    /// expired ones. It neither judges cookies nor changes the jar, and leaves out what cannot be read.
    #[must_use]
    pub fn make_cookies<'r>(
        &self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> Vec<Cookie> {
        calls::make_cookies(self, response, request.into())
    }

    /// Stores a cookie if the policy accepts it in a response to `request`, and returns what changed; see
    /// [`set_cookie`](Self::set_cookie).
    ///
    /// # Errors
    ///
    /// The rule that rejects the cookie. The jar is then unchanged.
    pub fn set_cookie_if_ok<'r>(
        &mut self,
        cookie: Cookie,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<Option<ChangeCause>, Rejection> {
        calls::set_cookie_if_ok(self, cookie, request.into())
    }

    /// Stores a cookie without asking the policy (Python: `set_cookie`), and returns what changed: `None` if the
    /// cookie has expired and the jar has no cookie with the same name, domain and path to delete.
    pub fn set_cookie(&mut self, cookie: Cookie) -> Option<ChangeCause> {
        calls::set_cookie(self, cookie, None)
    }

    /// Applies a change of another jar as it is: the cookie keeps its creation time and its position in the order of
    /// creation, no policy is asked, and no limit applies.
    ///
    /// Applying all changes of a jar, in order, to an empty one makes a copy of it, except for the times of last
    /// access. The sinks of this jar receive the change, with its origin.
    pub fn apply(&mut self, change: &CookieChange<'_>) {
        calls::apply(self, change);
    }

    fn looking<'s, T>(
        &'s self,
        request: RequestContext<'_>,
        look: impl FnOnce(&Lookup<'s, '_, P>) -> T,
    ) -> T {
        let now = request.now_seconds().unwrap_or_else(|| self.room.now());
        look(&Lookup {
            policy: &self.policy,
            stores: &[self.store()],
            request: &request.at_seconds(now),
            now,
        })
    }
}

/// The jar stays consistent and usable if a policy, a clock or a sink of any type panics.
impl<P> UnwindSafe for CookieJar<P> {}

impl<P> RefUnwindSafe for CookieJar<P> {}

impl<P: CookiePolicy + Default> Default for CookieJar<P> {
    fn default() -> Self {
        Self::with_policy(P::default())
    }
}

/// Makes a deep copy: the two jars share only the clock.
impl<P: Clone> Clone for CookieJar<P> {
    fn clone(&self) -> Self {
        Self {
            policy: self.policy.clone(),
            room: PlainRoom {
                shelf: self.room.shelf.clone(),
                clock: self.room.clock.clone(),
                numbers: self.room.numbers.load(Ordering::Relaxed).into(),
            },
        }
    }
}

/// Shows the numbers of cookies and domains, but no contents.
impl<P> fmt::Debug for CookieJar<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieJar")
            .field("cookies", &self.store().len())
            .field("domains", &self.store().domains())
            .field("clock", &self.room.clock)
            .finish_non_exhaustive()
    }
}

/// Stores the cookies as [`set_cookie`](CookieJar::set_cookie) does, all at the time of the call.
impl<P: CookiePolicy> Extend<Cookie> for CookieJar<P> {
    fn extend<T: IntoIterator<Item = Cookie>>(&mut self, cookies: T) {
        calls::extend(self, cookies);
    }
}

impl<P: CookiePolicy + Default> FromIterator<Cookie> for CookieJar<P> {
    fn from_iter<T: IntoIterator<Item = Cookie>>(cookies: T) -> Self {
        let mut jar = Self::default();
        jar.extend(cookies);
        jar
    }
}
