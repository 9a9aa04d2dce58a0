//! [`CookieJar`]: plain data and the calls on it.
//!
//! It decides nothing: the policy says which cookies pass, the store keeps them. Here stand
//! looking, editing and clearing; `extract.rs` takes cookies in, `select.rs` finds those for a
//! request, `send.rs` sends them.

use std::fmt;
use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::JarClock;
use crate::cookie::{Cookie, CookieId};
use crate::headers::ResponseHeaders;
use crate::policy::{CookiePolicy, DefaultCookiePolicy, Limits, Settings};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::{Sink, Store};
use calls::{Jar, Open, Room};

mod aliases;
pub(crate) mod calls;
mod change;
mod everyday;
mod extract;
mod header;
mod import;
mod queue;
mod report;
mod select;
mod send;

pub use change::ChangeSink;
#[cfg(feature = "persist")]
pub(crate) use change::queue::Queue;
pub(crate) use change::{Listener, Listeners, Shelf};
pub(crate) use import::Import;
pub use import::{ImportOptions, ImportReport};
pub(crate) use queue::queue;
pub use queue::{Changes, Heard};
pub use report::{ExtractReport, FieldOutcome, Rejected};
pub use select::Explanation;
pub(crate) use select::Lookup;

pub use crate::clock::{Clock, ManualClock};
pub use crate::cookie::SameSiteError;
pub use crate::store::{ChangeCause, ChangeOrigin, CookieChange};

/// A jar: it keeps cookies, and asks its policy about each one that comes or goes.
///
/// Two calls are all that a client needs: [`extract_cookies`](Self::extract_cookies) with every
/// response and [`add_cookie_header`](Self::add_cookie_header) (or
/// [`cookie_header`](Self::cookie_header)) with every request, redirects included, each with the
/// URL of that very hop.
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
/// # Ok::<(), url::ParseError>(())
/// ```
///
/// The jar sees cookies that are stored, expired or not, until a later call sweeps them out; it
/// never sends an expired one. Cookies are listed in the order of their creation, and sent longest
/// path first, then earliest created first.
pub struct CookieJar<P = DefaultCookiePolicy> {
    policy: P,
    room: PlainRoom,
}

/// The cookies of a plain jar, all on one shelf, and its clock.
#[derive(Debug, Default)]
pub(crate) struct PlainRoom {
    shelf: Shelf,
    clock: JarClock,
    /// Numbers the cookies in the order of their creation.
    numbers: AtomicU64,
}

/// What was to be cleared or removed is not there (Python: `KeyError`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such cookie in the jar")]
pub struct NotFound;

#[cfg(feature = "psl")]
#[cfg_attr(docsrs, doc(cfg(feature = "psl")))]
impl CookieJar {
    /// An empty jar with [`DefaultCookiePolicy::new`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<P: CookiePolicy> CookieJar<P> {
    /// An empty jar with a policy of your choice.
    #[must_use]
    pub fn with_policy(policy: P) -> Self {
        Self {
            policy,
            room: PlainRoom::default(),
        }
    }
}

impl<P> CookieJar<P> {
    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// The policy, to change it while the jar is in use.
    ///
    /// Cookies that are stored already stay; the changed policy speaks when they are returned.
    pub fn policy_mut(&mut self) -> &mut P {
        &mut self.policy
    }

    /// Puts another policy in the place of the old one, which is given back.
    pub fn set_policy(&mut self, policy: P) -> P {
        std::mem::replace(&mut self.policy, policy)
    }

    /// Replaces the system clock, for tests above all.
    pub fn set_clock(&mut self, clock: impl Clock + 'static) {
        self.room.clock = JarClock::Custom(Arc::new(clock));
    }

    /// Takes the clock of another jar.
    pub(crate) fn use_clock(&mut self, clock: JarClock) {
        self.room.clock = clock;
    }

    /// What the jar is made of, with the cookies in the order of their creation. Nobody is told: they go on as
    /// they are, elsewhere.
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

    /// How many cookies are stored, expired or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store().len()
    }

    /// Whether there are no cookies at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cookie of this id.
    ///
    /// ```
    /// use cookiejar::policy::PublicSuffixes;
    /// use cookiejar::{BrowserPolicy, CookieId, CookieJar, Provenance, RequestContext};
    /// use url::Url;
    ///
    /// let policy = BrowserPolicy::with_suffixes(PublicSuffixes::parse("example")?);
    /// let mut jar = CookieJar::with_policy(policy);
    /// let chat = Url::parse("https://chat.example/")?;
    /// let in_shop = RequestContext::from(&chat).caused_by(Provenance::new().partition_key("https://shop.example"));
    /// jar.extract_cookies(&[("Set-Cookie", "sid=31d4; Secure; Partitioned")], in_shop);
    /// assert!(jar.get(("chat.example", "/", "sid")).is_none());
    /// let id = CookieId::new("chat.example", "/", "sid").in_partition("https://shop.example");
    /// assert!(jar.get(id).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn get<'i>(&self, id: impl Into<CookieId<'i>>) -> Option<&Cookie> {
        self.store().get(&id.into())
    }

    /// All cookies that are stored, expired or not, in the order of their creation.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.store().in_creation_order().into_iter())
    }

    /// Removes the cookie of this id, and returns it (Python: `clear` with three arguments).
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn remove<'i>(&mut self, id: impl Into<CookieId<'i>>) -> Result<Cookie, NotFound> {
        calls::remove(&mut self.room, &id.into())
    }

    /// Takes out all cookies, those in partitions too (Python: `clear` without arguments).
    pub fn clear(&mut self) {
        calls::clear(&mut self.room);
    }

    /// Takes out all cookies in a partition, and tells how many.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_in(&mut self, partition: &str) -> Result<usize, NotFound> {
        calls::clear_in(&mut self.room, partition)
    }

    /// Takes out the cookies of this very domain that are in no partition, and tells how many
    /// (Python: `clear` with one argument). The leading dot counts.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_domain(&mut self, domain: &str) -> Result<usize, NotFound> {
        calls::clear_where(&mut self.room, domain, |_| true)
    }

    /// Takes out the cookies of this very domain and path that are in no partition, and tells how
    /// many (Python: `clear` with two arguments).
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_path(&mut self, domain: &str, path: impl AsRef<[u8]>) -> Result<usize, NotFound> {
        calls::clear_path(&mut self.room, domain, path.as_ref())
    }

    /// Takes out all session cookies, those whose [`discard`](Cookie::discard) is true, and tells
    /// how many.
    pub fn clear_session_cookies(&mut self) -> usize {
        calls::retain(&mut self.room, |cookie| !cookie.discard())
    }

    /// Takes out all cookies whose time is over, and tells how many. There is no need to: an
    /// expired cookie is never sent, and later calls sweep it out.
    pub fn clear_expired_cookies(&mut self) -> usize {
        calls::clear_expired_cookies(&mut self.room)
    }

    /// Keeps the cookies for which `keep` is true, and tells how many went. They are shown in no
    /// particular order.
    pub fn retain(&mut self, keep: impl FnMut(&Cookie) -> bool) -> usize {
        calls::retain(&mut self.room, keep)
    }

    /// Takes out all cookies and hands them over, in the order of their creation.
    pub fn drain(&mut self) -> IntoIter {
        IntoIter(calls::drain(&mut self.room).into_iter())
    }

    /// Tells a sink of every change of what the jar holds from now on; see [`ChangeSink`]. A copy of the jar has
    /// no sinks.
    pub fn add_change_sink(&mut self, sink: Arc<dyn ChangeSink>) {
        self.room.shelf.listeners.add(Listener::Sink(sink));
    }
}

/// Taking in.
impl<P: CookiePolicy> CookieJar<P> {
    /// Takes in the cookies of a response to `request` that the policy accepts, and gives an
    /// report.
    ///
    /// `Set-Cookie` and, where the policy speaks RFC 2965, `Set-Cookie2` are looked at. A cookie
    /// that cannot be read or is refused costs itself only, and stands in the report with its
    /// reason. A request without a host, an interim (1xx) and a proxy's (407) answer set no
    /// cookies.
    ///
    /// ```
    /// use cookiejar::CookieJar;
    /// use http::Response;
    /// use url::Url;
    ///
    /// let response = Response::builder().header("Set-Cookie", "sid=31d4").body(()).expect("a response");
    /// let mut jar = CookieJar::new();
    /// let report = jar.extract_cookies(&response, &Url::parse("https://acme.com/")?);
    /// assert_eq!(report.stored, 1);
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn extract_cookies<'r>(
        &mut self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> ExtractReport {
        calls::extract_cookies(self, response, request.into(), ())
    }

    /// Takes in the cookies of a response as [`extract_cookies`](Self::extract_cookies) does, and tells of
    /// each cookie, in the order in which they are read, what became of it.
    ///
    /// All are stored before the first one is told of. The closure is called without a lock, and yet must not
    /// use the jar.
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
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn extract_cookies_with<'r>(
        &mut self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
        tell: impl FnMut(FieldOutcome<'_>),
    ) -> ExtractReport {
        calls::extract_cookies(self, response, request.into(), tell)
    }

    /// The cookies of a response to `request` as the policy's protocols and dialect read them,
    /// expired ones included. Nothing is decided, nothing is stored or deleted, and what cannot be
    /// read is left out.
    #[must_use]
    pub fn make_cookies<'r>(
        &self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> Vec<Cookie> {
        calls::make_cookies(self, response, request.into())
    }

    /// Stores a cookie if the policy accepts it in an answer to `request`, and returns what that
    /// was; see [`set_cookie`](Self::set_cookie).
    ///
    /// # Errors
    ///
    /// The rule that refuses the cookie. The jar is then as it was.
    pub fn set_cookie_if_ok<'r>(
        &mut self,
        cookie: Cookie,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<Option<ChangeCause>, Rejection> {
        calls::set_cookie_if_ok(self, cookie, request.into())
    }

    /// Stores a cookie without asking whether it may be (Python: `set_cookie`), and returns what that
    /// was: nothing if the cookie has expired and there is none with the same name, domain and path for it to
    /// delete.
    pub fn set_cookie(&mut self, cookie: Cookie) -> Option<ChangeCause> {
        calls::set_cookie(self, cookie)
    }

    /// Takes a change of another jar over as it is: the cookie keeps its creation time and its place in the
    /// order of creation, no policy is asked, and no limit binds.
    ///
    /// Who applies all changes of a jar, in their order, to an empty one has a copy of it; only when a cookie
    /// was last sent is no change. The sinks of this jar hear of the change, with its origin.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::sync::{Arc, Mutex};
    ///
    /// use cookiejar::CookieJar;
    /// use cookiejar::jar::CookieChange;
    /// use url::Url;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let mut jar = CookieJar::new();
    /// jar.add_change_sink(Arc::new(move |change: &CookieChange<'_>| {
    ///     sender.send(change.clone().into_owned()).expect("a receiver");
    /// }));
    /// let url = Url::parse("https://acme.com/")?;
    /// jar.extract_cookies(&[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], &url);
    ///
    /// let mut copy = CookieJar::new();
    /// for change in receiver.try_iter() {
    ///     copy.apply(&change);
    /// }
    /// assert!(copy.iter().eq(&jar));
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn apply(&mut self, change: &CookieChange<'_>) {
        calls::apply(self, change);
    }

    /// Looks, and returns what is borrowed from the jar.
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

impl<P: CookiePolicy> Jar for CookieJar<P> {
    type Policy = P;
    type Room = PlainRoom;

    fn look_up<T>(
        &self,
        request: RequestContext<'_>,
        look: impl FnOnce(&Lookup<'_, '_, P>) -> T,
    ) -> T {
        self.looking(request, look)
    }

    fn rules<'j>(
        &'j self,
        _: &str,
        now: Option<i64>,
    ) -> (impl Deref<Target = P> + use<'j, P>, i64) {
        (&self.policy, now.unwrap_or_else(|| self.room.now()))
    }

    fn rules_and_room<'j>(
        &'j mut self,
        _: &str,
        now: Option<i64>,
    ) -> (impl Deref<Target = P> + use<'j, P>, i64, &'j mut PlainRoom) {
        let now = now.unwrap_or_else(|| self.room.now());
        (&self.policy, now, &mut self.room)
    }
}

impl Room for PlainRoom {
    type Plan = ();

    #[inline]
    fn now(&self) -> i64 {
        self.clock.seconds()
    }

    fn plan<'d>(&self, _: impl Iterator<Item = &'d str>, _: Option<&str>) {}

    fn open<T>(&mut self, (): &(), work: impl FnOnce(&mut Open<'_, '_>) -> T) -> T {
        work(&mut Open {
            shelves: &mut [(0, &mut self.shelf)],
            number_of: &|_| 0,
            numbers: &self.numbers,
        })
    }

    fn open_all<T>(&mut self, plan: &(), work: impl FnOnce(&mut Open<'_, '_>) -> T) -> T {
        self.open(plan, work)
    }

    fn each(&mut self, mut work: impl FnMut(&mut Shelf)) {
        work(&mut self.shelf);
    }

    fn note_stored(&self, _: usize, _: &Limits) {}

    fn evict_surplus(&mut self, settings: &Settings, now: i64, sink: &mut impl Sink) {
        if self.shelf.store().len() > settings.limits.total_cookies {
            self.open(&(), |open| {
                let terms = open.terms(settings, now);
                open.evict_surplus(&terms, sink);
            });
        }
    }
}

/// A policy, a clock or a sink that panics leaves the jar whole, whatever they are: the jar stays usable.
impl<P> UnwindSafe for CookieJar<P> {}

impl<P> RefUnwindSafe for CookieJar<P> {}

impl<P: CookiePolicy + Default> Default for CookieJar<P> {
    fn default() -> Self {
        Self::with_policy(P::default())
    }
}

/// A deep copy: the two jars share nothing but the clock.
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

/// Shows how many cookies and domains there are, and none of them.
impl<P> fmt::Debug for CookieJar<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieJar")
            .field("cookies", &self.store().len())
            .field("domains", &self.store().domains())
            .field("clock", &self.room.clock)
            .finish_non_exhaustive()
    }
}

/// Stores the cookies as [`set_cookie`](CookieJar::set_cookie) does.
impl<P: CookiePolicy> Extend<Cookie> for CookieJar<P> {
    fn extend<T: IntoIterator<Item = Cookie>>(&mut self, cookies: T) {
        for cookie in cookies {
            self.set_cookie(cookie);
        }
    }
}

impl<P: CookiePolicy + Default> FromIterator<Cookie> for CookieJar<P> {
    fn from_iter<T: IntoIterator<Item = Cookie>>(cookies: T) -> Self {
        let mut jar = Self::default();
        jar.extend(cookies);
        jar
    }
}

/// The cookies of a jar in the order of their creation; made by [`CookieJar::iter`].
#[derive(Debug, Clone)]
pub struct Iter<'a>(std::vec::IntoIter<&'a Cookie>);

/// The cookies that were a jar's, in the order of their creation; made by [`CookieJar::drain`] and
/// by taking a jar apart.
#[derive(Debug)]
pub struct IntoIter(std::vec::IntoIter<Cookie>);

/// Hands an iterator's calls to the one inside.
macro_rules! iterate_inner {
    ($([$($lifetime:lifetime)?] $iter:ty => $item:ty;)+) => {$(
        impl<$($lifetime)?> Iterator for $iter {
            type Item = $item;

            fn next(&mut self) -> Option<Self::Item> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<$($lifetime)?> DoubleEndedIterator for $iter {
            fn next_back(&mut self) -> Option<Self::Item> {
                self.0.next_back()
            }
        }

        impl<$($lifetime)?> ExactSizeIterator for $iter {}

        impl<$($lifetime)?> std::iter::FusedIterator for $iter {}
    )+};
}

iterate_inner! {
    ['a] Iter<'a> => &'a Cookie;
    [] IntoIter => Cookie;
}

impl<'a, P> IntoIterator for &'a CookieJar<P> {
    type Item = &'a Cookie;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<P> IntoIterator for CookieJar<P> {
    type Item = Cookie;
    type IntoIter = IntoIter;

    fn into_iter(mut self) -> IntoIter {
        self.drain()
    }
}
