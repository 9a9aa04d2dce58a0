//! [`CookieJar`]: plain data and the calls on it.
//!
//! It decides nothing: the policy says which cookies pass, the store keeps them. Here stand
//! looking, editing and clearing; `extract.rs` takes cookies in, `select.rs` finds those for a
//! request, `send.rs` sends them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::{Clock, JarClock};
use crate::cookie::Cookie;
use crate::policy::{CookiePolicy, DefaultCookiePolicy};
use crate::request::RequestContext;
use crate::store::{Identity, Store, Terms};

mod account;
mod extract;
mod load;
mod select;
mod send;

pub use account::{Account, Refused};
pub(crate) use extract::{judge, read_cookies, store_judged};
pub(crate) use load::Admission;
pub use select::Explanation;
pub(crate) use select::Lookup;

pub use crate::store::Change;

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
/// let account = Url::parse("https://www.acme.com/account")?;
/// assert_eq!(jar.cookie_header(&account).expect("a cookie"), "sid=31d4");
/// assert_eq!(jar.cookie_header(&Url::parse("https://evil.example/")?), None);
/// # Ok::<(), url::ParseError>(())
/// ```
///
/// The jar sees cookies that are stored, expired or not, until a later call sweeps them out; it
/// never sends an expired one. Cookies are listed in the order of their creation, and sent longest
/// path first, then earliest created first.
pub struct CookieJar<P = DefaultCookiePolicy> {
    policy: P,
    store: Store,
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
            store: Store::default(),
            clock: JarClock::default(),
            numbers: AtomicU64::new(0),
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
        self.clock = JarClock::Custom(Arc::new(clock));
    }

    /// Takes the clock of another jar.
    pub(crate) fn use_clock(&mut self, clock: JarClock) {
        self.clock = clock;
    }

    /// What the jar is made of.
    pub(crate) fn into_parts(mut self) -> (P, JarClock, Vec<Cookie>) {
        let cookies = self.store.take_all();
        (self.policy, self.clock, cookies)
    }

    /// How many cookies are stored, expired or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether there are no cookies at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cookie of this very domain, path and name that is in no partition. The leading dot of a
    /// domain counts.
    #[must_use]
    pub fn get(
        &self,
        domain: &str,
        path: impl AsRef<[u8]>,
        name: impl AsRef<[u8]>,
    ) -> Option<&Cookie> {
        self.store.get(Identity {
            partition: None,
            domain,
            path: path.as_ref(),
            name: name.as_ref(),
        })
    }

    /// The cookie of this very domain, path and name in a partition; see
    /// [`Cookie::partition_key`].
    ///
    /// ```
    /// use cookiejar::{BrowserPolicy, CookieJar, Provenance, PublicSuffixes, RequestContext};
    /// use url::Url;
    ///
    /// let chat = Url::parse("https://chat.example/")?;
    /// let in_shop = RequestContext::from(&chat).caused_by(Provenance::new().partition_key("https://shop.example"));
    /// let mut jar = CookieJar::with_policy(BrowserPolicy::with_suffixes(PublicSuffixes::parse("example")?));
    /// jar.extract_cookies(&[("Set-Cookie", "sid=31d4; Secure; Partitioned")], &in_shop);
    ///
    /// assert!(jar.get_in("https://shop.example", "chat.example", "/", "sid").is_some());
    /// assert!(jar.get("chat.example", "/", "sid").is_none());
    /// assert!(jar.cookie_header(&in_shop).is_some());
    /// assert!(jar.cookie_header(&chat).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn get_in(
        &self,
        partition: &str,
        domain: &str,
        path: impl AsRef<[u8]>,
        name: impl AsRef<[u8]>,
    ) -> Option<&Cookie> {
        self.store.get(Identity {
            partition: Some(partition),
            domain,
            path: path.as_ref(),
            name: name.as_ref(),
        })
    }

    /// All cookies that are stored, expired or not, in the order of their creation.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.store.in_creation_order().into_iter())
    }

    /// Takes the cookie of this very domain, path and name that is in no partition out of the jar
    /// (Python: `clear` with three arguments).
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn remove(
        &mut self,
        domain: &str,
        path: impl AsRef<[u8]>,
        name: impl AsRef<[u8]>,
    ) -> Result<Cookie, NotFound> {
        self.store
            .remove(Identity {
                partition: None,
                domain,
                path: path.as_ref(),
                name: name.as_ref(),
            })
            .ok_or(NotFound)
    }

    /// Takes the cookie of this very domain, path and name in a partition out of the jar.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn remove_in(
        &mut self,
        partition: &str,
        domain: &str,
        path: impl AsRef<[u8]>,
        name: impl AsRef<[u8]>,
    ) -> Result<Cookie, NotFound> {
        self.store
            .remove(Identity {
                partition: Some(partition),
                domain,
                path: path.as_ref(),
                name: name.as_ref(),
            })
            .ok_or(NotFound)
    }

    /// Takes out all cookies, those in partitions too (Python: `clear` without arguments).
    pub fn clear(&mut self) {
        self.store.clear();
    }

    /// Takes out all cookies in a partition, and tells how many.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_in(&mut self, partition: &str) -> Result<usize, NotFound> {
        let kept = |cookie: &Cookie| cookie.partition_key() != Some(partition);
        match self.store.retain(kept) {
            0 => Err(NotFound),
            gone => Ok(gone),
        }
    }

    /// Takes out the cookies of this very domain that are in no partition, and tells how many
    /// (Python: `clear` with one argument). The leading dot counts.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_domain(&mut self, domain: &str) -> Result<usize, NotFound> {
        self.store.clear_where(domain, |_| true).ok_or(NotFound)
    }

    /// Takes out the cookies of this very domain and path that are in no partition, and tells how
    /// many (Python: `clear` with two arguments).
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_path(&mut self, domain: &str, path: impl AsRef<[u8]>) -> Result<usize, NotFound> {
        let path = path.as_ref();
        let of_path = |cookie: &Cookie| cookie.path_part().is(path);
        self.store.clear_where(domain, of_path).ok_or(NotFound)
    }

    /// Takes out all session cookies, those whose [`discard`](Cookie::discard) is true, and tells
    /// how many.
    pub fn clear_session_cookies(&mut self) -> usize {
        self.store.retain(|cookie| !cookie.discard())
    }

    /// Takes out all cookies whose time is over, and tells how many. There is no need to: an
    /// expired cookie is never sent, and later calls sweep it out.
    pub fn clear_expired_cookies(&mut self) -> usize {
        self.store.remove_expired(self.clock.seconds())
    }

    /// Keeps the cookies for which `keep` is true, and tells how many went. They are shown in no
    /// particular order.
    pub fn retain(&mut self, keep: impl FnMut(&Cookie) -> bool) -> usize {
        self.store.retain(keep)
    }

    /// Takes out all cookies and hands them over, in the order of their creation.
    pub fn drain(&mut self) -> IntoIter {
        IntoIter(self.store.take_all().into_iter())
    }

    /// A look-up in `stores` for a request with its time filled in.
    fn look_up<'s, 'r>(
        &'s self,
        stores: &'r [&'s Store],
        request: &'r RequestContext<'r>,
        now: i64,
    ) -> Lookup<'s, 'r, P> {
        Lookup {
            policy: &self.policy,
            stores,
            request,
            now,
        }
    }

    /// The context of a request with the time at which it is judged.
    #[inline]
    fn timed<'a>(&self, request: RequestContext<'a>) -> (RequestContext<'a>, i64) {
        let now = request
            .now_seconds()
            .unwrap_or_else(|| self.clock.seconds());
        (request.at_seconds(now), now)
    }
}

impl<P: CookiePolicy> CookieJar<P> {
    /// Stores a cookie without asking whether it may be (Python: `set_cookie`), and tells what
    /// became of it. An expired one deletes its namesake.
    pub fn set_cookie(&mut self, cookie: Cookie) -> Change {
        let now = self.clock.seconds();
        let terms = Terms::of(self.policy.settings(), now, &self.numbers).without_limits();
        self.store.set(cookie, &terms, &mut ())
    }
}

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
            store: self.store.clone(),
            clock: self.clock.clone(),
            numbers: AtomicU64::new(self.numbers.load(Ordering::Relaxed)),
        }
    }
}

/// Shows how many cookies and domains there are, and none of them.
impl<P> fmt::Debug for CookieJar<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieJar")
            .field("cookies", &self.store.len())
            .field("domains", &self.store.domains())
            .field("clock", &self.clock)
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
