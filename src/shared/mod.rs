//! [`SharedCookieJar`]: the only module with locks.
//!
//! It finds the shards for a call, locks them, and calls what a plain jar calls. No guard leaves the module, so that no
//! lock is held across an await.
//!
//! The jar is split into *shards*. A domain's shard is chosen by its last two labels, so that a host and all its
//! suffixes but the last label share one; single-label names are in the first. One lock for all would make two
//! threads slower than one, because the lock's cache line would move between them at every request.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicIsize, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use foldhash::fast::RandomState;

use crate::clock::JarClock;
use crate::cookie::Cookie;
use crate::headers::{CookieHeader, Merge, RequestHeaders, ResponseHeaders};
use crate::jar::calls::{self, Jar};
use crate::jar::{
    ChangeCause, CookieChange, CookieJar, Explanation, ExtractReport, FieldOutcome, Listeners,
    Shelf,
};
use crate::policy::CookiePolicy;
#[cfg(feature = "psl")]
use crate::policy::DefaultCookiePolicy;
use crate::rejection::Rejection;
use crate::request::{OutgoingRequest, RequestContext};

mod call;
mod contents;
mod dotless;
mod everyday;
#[cfg(feature = "persist")]
mod persisted;
mod rules;
mod shards;

use dotless::DotlessHosts;
#[cfg(feature = "persist")]
pub(crate) use persisted::{Keeper, family_of};
pub(crate) use rules::Rules;
#[cfg(feature = "persist")]
pub(crate) use shards::Inner as SharedInner;
use shards::{Inner, Shard, Shards};

/// A jar for several threads and tasks: clones share the same cookies, and every call takes `&self`.
///
/// It offers what [`CookieJar`] does, with the same results, but owned. Look-ups do not wait for each other, and a
/// write blocks only calls for sites in the same shard, one of 64 by default. No call holds a lock after it returns, so
/// that the jar can be used in async code as it is.
///
/// ```
/// use cookiejar::SharedCookieJar;
/// use url::Url;
///
/// let jar = SharedCookieJar::new();
/// let url = Url::parse("https://acme.com/")?;
/// let worker = std::thread::spawn({
///     let (jar, url) = (jar.clone(), url.clone());
///     move || jar.extract_cookies(&[("Set-Cookie", "sid=31d4")], &url)
/// });
/// assert_eq!(worker.join().expect("no panic").stored, 1);
/// assert_eq!(jar.cookie_header(&url).expect("a cookie"), "sid=31d4");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [The guide](crate::guide::sharing) has more.
///
/// # Panics
///
/// Every call panics if it is made by a policy, a clock or a closure that this jar is calling.
#[derive(Clone)]
pub struct SharedCookieJar {
    inner: Arc<Inner>,
    #[cfg(feature = "persist")]
    #[expect(dead_code, reason = "it is there to be dropped")]
    keeper: Option<Arc<dyn persisted::Keeper>>,
}

pub(crate) const SHARDS: NonZeroUsize = NonZeroUsize::new(64).unwrap();

impl SharedCookieJar {
    /// Creates an empty jar with [`DefaultCookiePolicy::new`].
    #[cfg(feature = "psl")]
    #[must_use]
    pub fn new() -> Self {
        Self::with_policy(DefaultCookiePolicy::new())
    }

    /// Creates an empty jar with a policy of your choice.
    #[must_use]
    pub fn with_policy(policy: impl CookiePolicy + 'static) -> Self {
        Self::with_shards(Arc::new(policy), SHARDS)
    }

    /// Creates an empty jar with a policy that may be shared, with `shards` shards. More shards mean less contention; a
    /// jar that one task uses at a time needs only one.
    #[must_use]
    pub fn with_shards(policy: Arc<dyn CookiePolicy>, shards: NonZeroUsize) -> Self {
        let part = Shard {
            shelf: Shelf::default(),
            rules: Rules::new(policy, JarClock::default()),
        };
        let shards = Shards::new(std::iter::repeat_n(part, shards.get()));
        Self::from_shards(shards, RandomState::default(), DotlessHosts::default(), 0)
    }

    pub(crate) fn for_session(rules: &Arc<Rules>, listeners: Listeners) -> Self {
        let part = Shard {
            shelf: Shelf::new(listeners),
            rules: Arc::clone(rules),
        };
        let only = Shards::One(RwLock::new(part));
        Self::from_shards(only, RandomState::default(), DotlessHosts::default(), 0)
    }

    /// Makes a deep copy: the two jars share only the clock and the policy.
    #[must_use]
    pub fn fork(&self) -> Self {
        let _asking = self.inner.enter();
        let parts = self.inner.read_all();
        let shards = Shards::new(parts.iter().map(|part| (**part).clone()));
        let Inner {
            hasher,
            dotless,
            numbers,
            ..
        } = &*self.inner;
        let numbers = numbers.load(Ordering::Relaxed);
        Self::from_shards(shards, hasher.clone(), dotless.clone(), numbers)
    }

    fn from_shards(
        shards: Shards,
        hasher: RandomState,
        dotless: DotlessHosts,
        numbers: u64,
    ) -> Self {
        let numbers = AtomicU64::new(numbers);
        Self {
            inner: Arc::new(Inner {
                shards,
                hasher,
                dotless,
                numbers,
                room: AtomicIsize::new(0),
            }),
            #[cfg(feature = "persist")]
            keeper: None,
        }
    }
}

/// Receiving. The methods of the same names of [`CookieJar`] have the details.
impl SharedCookieJar {
    /// Stores the cookies of a response that the policy accepts.
    pub fn extract_cookies<'r>(
        &self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> ExtractReport {
        calls::extract_cookies(&mut self.call(), response, request.into(), ())
    }

    /// Stores the cookies of a response, and calls `tell` with the outcome for each.
    pub fn extract_cookies_with<'r>(
        &self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
        tell: impl FnMut(FieldOutcome<'_>),
    ) -> ExtractReport {
        calls::extract_cookies(&mut self.call(), response, request.into(), tell)
    }

    /// Returns the cookies of a response as they are read.
    #[must_use]
    pub fn make_cookies<'r>(
        &self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> Vec<Cookie> {
        calls::make_cookies(&self.call(), response, request.into())
    }

    /// Stores a cookie without asking the policy.
    pub fn set_cookie(&self, cookie: Cookie) -> Option<ChangeCause> {
        calls::set_cookie(&mut self.call(), cookie, None)
    }

    /// Stores a cookie if the policy accepts it.
    ///
    /// # Errors
    ///
    /// The rule that rejects the cookie. The jar is then unchanged.
    pub fn set_cookie_if_ok<'r>(
        &self,
        cookie: Cookie,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<Option<ChangeCause>, Rejection> {
        calls::set_cookie_if_ok(&mut self.call(), cookie, request.into())
    }

    pub(crate) fn take_given<'n>(
        &self,
        given: impl Iterator<Item = (&'n [u8], Result<Cookie, Rejection>)>,
        request: RequestContext<'_>,
    ) -> ExtractReport {
        calls::take_given(&mut self.call(), given, request)
    }

    /// Applies a change of another jar as it is.
    pub fn apply(&self, change: &CookieChange<'_>) {
        calls::apply(&mut self.call(), change);
    }
}

/// Sending and queries. The methods of the same names of [`CookieJar`] have the details.
impl SharedCookieJar {
    /// Returns the value of the `Cookie` header for a request.
    pub fn cookie_header<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
    ) -> Option<CookieHeader> {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "lifetimes want the closure"
        )]
        self.call()
            .look_up(request.into(), |lookup| lookup.cookie_header())
    }

    /// Adds the `Cookie` header to a request that knows its URL.
    pub fn add_cookie_header(&self, request: &mut impl OutgoingRequest) {
        calls::add_cookie_header(&self.call(), request);
    }

    /// Adds the `Cookie` header to the headers of a request.
    pub fn add_cookie_header_to<'r>(
        &self,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
    ) {
        calls::merge_cookie_header(&self.call(), headers, request.into(), Merge::Keep);
    }

    /// Adds the `Cookie` header; `merge` decides about an existing one.
    pub fn merge_cookie_header<'r>(
        &self,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
        merge: Merge,
    ) {
        calls::merge_cookie_header(&self.call(), headers, request.into(), merge);
    }

    /// Returns the cookies for a request.
    #[must_use]
    pub fn cookies_for<'r>(&self, request: impl Into<RequestContext<'r>>) -> Vec<Cookie> {
        self.call().look_up(request.into(), |lookup| {
            lookup.select().into_iter().cloned().collect()
        })
    }

    /// Explains for every cookie in reach whether it would be sent, or why not.
    #[must_use]
    pub fn explain<'r>(&self, request: impl Into<RequestContext<'r>>) -> Vec<Explanation<Cookie>> {
        let owned = |explanation: Explanation<&Cookie>| explanation.cloned();
        self.call().look_up(request.into(), |lookup| {
            lookup.explain().into_iter().map(owned).collect()
        })
    }
}

#[cfg(feature = "psl")]
impl Default for SharedCookieJar {
    fn default() -> Self {
        Self::new()
    }
}

/// Stores the cookies as [`set_cookie`](SharedCookieJar::set_cookie) does.
impl Extend<Cookie> for SharedCookieJar {
    fn extend<T: IntoIterator<Item = Cookie>>(&mut self, cookies: T) {
        (&*self).extend(cookies);
    }
}

/// Does the same through a reference, like all calls of a shared jar.
impl Extend<Cookie> for &SharedCookieJar {
    fn extend<T: IntoIterator<Item = Cookie>>(&mut self, cookies: T) {
        for cookie in cookies {
            self.set_cookie(cookie);
        }
    }
}

#[cfg(feature = "psl")]
impl FromIterator<Cookie> for SharedCookieJar {
    fn from_iter<T: IntoIterator<Item = Cookie>>(cookies: T) -> Self {
        let mut jar = Self::new();
        jar.extend(cookies);
        jar
    }
}

/// Makes a shared jar with the same cookies, expired or not, policy, clock and change sinks.
impl<P: CookiePolicy + 'static> From<CookieJar<P>> for SharedCookieJar {
    fn from(jar: CookieJar<P>) -> Self {
        let (policy, clock, listeners, cookies) = jar.into_parts();
        let shared = Self::with_policy(policy);
        shared.use_clock(&clock);
        for part in &mut shared.inner.write_all() {
            part.shelf.listeners = listeners.clone();
        }
        calls::put_back(&mut shared.call(), cookies);
        shared
    }
}

/// Makes a plain jar with a copy of the cookies, expired or not; it shares the policy and the clock.
impl From<&SharedCookieJar> for CookieJar<Arc<dyn CookiePolicy>> {
    fn from(shared: &SharedCookieJar) -> Self {
        let clock = shared.inner.read(0).rules.clock.clone();
        let mut jar = Self::with_policy(shared.policy());
        jar.use_clock(clock);
        calls::put_back(&mut jar, shared.snapshot());
        jar
    }
}

/// Shows the numbers of cookies and shards, but no contents.
impl fmt::Debug for SharedCookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCookieJar")
            .field("cookies", &self.len())
            .field("shards", &self.inner.shards.len())
            .finish_non_exhaustive()
    }
}
