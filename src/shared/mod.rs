//! [`SharedCookieJar`]: the only module with locks.
//!
//! It decides nothing and stores nothing itself: it finds the part of the jar that a call is about, locks
//! it, and calls what a plain jar calls. No guard leaves the module, so that none is held across an await.
//!
//! The jar is in *shards*. A domain's shard is chosen by its last two labels, so that a host and all its
//! suffixes but the last label live in one; names of a single label live in the first. One lock for all
//! would make two threads slower than one, because they would hand the lock's cache line to and fro at
//! every request.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicIsize, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use crate::clock::JarClock;
use crate::cookie::Cookie;
use crate::domain;
use crate::jar::{Account, Change, CookieJar, Explanation, Lookup};
use crate::jar::{judge, read_cookies, store_judged};
use crate::message::{CookieHeader, Merge, OutgoingRequest, RequestHeaders, ResponseHeaders};
use crate::policy::CookiePolicy;
#[cfg(feature = "psl")]
use crate::policy::DefaultCookiePolicy;
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::{Sink, Store, Terms, evict_surplus};

mod content;
mod labels;
mod locks;

use labels::SingleLabels;

/// A jar for several threads and tasks: clones share the same cookies, and every call takes `&self`.
///
/// It offers what [`CookieJar`] does, with results that are owned, and answers as it would. Look-ups do not
/// wait for each other, and a write keeps those alone waiting whose site is in the same part of the jar, one
/// of 64 unless told otherwise. No call blocks for longer than another call works, and none
/// keeps a lock when it returns, so that it can be used in async code as it is.
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
/// # Ok::<(), url::ParseError>(())
/// ```
///
/// A limit on all cookies together ([`Limits::total_cookies`](crate::Limits::total_cookies)) counts those
/// of all parts of the jar; a call that finds it exceeded locks the whole.
///
/// The policy is chosen at run time and can be replaced by all who share the jar. A policy that panics
/// leaves the jar whole. A policy must not use the jar that asks it.
///
/// # Panics
///
/// Every call panics if it is made by a policy, a clock or a closure that this very jar is asking.
#[derive(Clone)]
pub struct SharedCookieJar {
    inner: Arc<Inner>,
}

struct Inner {
    shards: Shards,
    /// Chooses shards; its key is random as the stores' are.
    hasher: RandomState,
    /// Those that may have cookies, all of them in the first shard.
    single_labels: SingleLabels,
    /// Numbers the cookies of all shards in the order of their creation.
    numbers: AtomicU64,
    /// How many cookies may be stored before those of all shards have to be counted, where all
    /// together have a limit: no more than the limit has left.
    room: AtomicIsize,
}

/// The only shard of a jar is in the block of memory that the jar has anyway: a crawler has 100,000 such
/// jars (bench `W8`).
enum Shards {
    One(RwLock<Part>),
    Many(Box<[Shard]>),
}

impl Shards {
    fn of(mut parts: impl ExactSizeIterator<Item = Part>) -> Self {
        let only = if parts.len() == 1 { parts.next() } else { None };
        match only {
            Some(part) => Self::One(RwLock::new(part)),
            None => Self::Many(parts.map(|part| Shard(RwLock::new(part))).collect()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(shards) => shards.len(),
        }
    }

    fn lock(&self, place: usize) -> &RwLock<Part> {
        match self {
            Self::One(part) => part,
            Self::Many(shards) => &shards[place].0,
        }
    }
}

/// A part of the jar behind a lock, on cache lines of its own.
#[repr(align(128))]
struct Shard(RwLock<Part>);

/// The policy and the clock are in every part, so that a look-up touches one lock and no counter that all
/// threads share.
#[derive(Clone)]
struct Part {
    store: Store,
    policy: Arc<dyn CookiePolicy>,
    clock: JarClock,
}

/// How many shards a jar has unless told otherwise.
const SHARDS: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Making one.
impl SharedCookieJar {
    /// An empty jar with [`DefaultCookiePolicy::new`].
    #[cfg(feature = "psl")]
    #[cfg_attr(docsrs, doc(cfg(feature = "psl")))]
    #[must_use]
    pub fn new() -> Self {
        Self::with_policy(DefaultCookiePolicy::new())
    }

    /// An empty jar with a policy of your choice.
    #[must_use]
    pub fn with_policy(policy: impl CookiePolicy + 'static) -> Self {
        Self::with_shards(Arc::new(policy), SHARDS)
    }

    /// An empty jar with a policy that may be shared, in so many shards. The more there are, the less do
    /// threads wait for each other; a jar that one task uses at a time wants one, and little memory.
    #[must_use]
    pub fn with_shards(policy: Arc<dyn CookiePolicy>, shards: NonZeroUsize) -> Self {
        let part = Part {
            store: Store::default(),
            policy,
            clock: JarClock::default(),
        };
        let shards = Shards::of(std::iter::repeat_n(part, shards.get()));
        Self::of_shards(shards, RandomState::default(), SingleLabels::default(), 0)
    }

    /// An empty jar for one of many sessions, with what they share.
    pub(crate) fn of_session(policy: &Arc<dyn CookiePolicy>, clock: &JarClock) -> Self {
        let part = Part {
            store: Store::default(),
            policy: Arc::clone(policy),
            clock: clock.clone(),
        };
        let only = Shards::One(RwLock::new(part));
        Self::of_shards(only, RandomState::default(), SingleLabels::default(), 0)
    }

    /// A deep copy: from now on the two jars share nothing but the clock and the policy.
    #[must_use]
    pub fn fork(&self) -> Self {
        let _asking = self.enter();
        let parts = self.read_all();
        let shards = Shards::of(parts.iter().map(|part| (**part).clone()));
        let Inner {
            hasher,
            single_labels,
            numbers,
            ..
        } = &*self.inner;
        let numbers = numbers.load(Ordering::Relaxed);
        Self::of_shards(shards, hasher.clone(), single_labels.clone(), numbers)
    }

    fn of_shards(
        shards: Shards,
        hasher: RandomState,
        single_labels: SingleLabels,
        numbers: u64,
    ) -> Self {
        let numbers = AtomicU64::new(numbers);
        Self {
            inner: Arc::new(Inner {
                shards,
                hasher,
                single_labels,
                numbers,
                room: AtomicIsize::new(0),
            }),
        }
    }
}

/// Taking in; see the calls of the same names of [`CookieJar`].
impl SharedCookieJar {
    /// Takes in the cookies of a response that the policy accepts; see [`CookieJar::extract_cookies`].
    pub fn extract_cookies<'r>(
        &self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> Account {
        self.extract_cookies_with(response, request, |_, _| {})
    }

    /// Takes in the cookies of a response, and tells of each what became of it; see
    /// [`CookieJar::extract_cookies_with`].
    pub fn extract_cookies_with<'r>(
        &self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
        mut tell: impl FnMut(&[u8], Result<Change, Rejection>),
    ) -> Account {
        let _asking = self.enter();
        let (policy, request, now) = self.judging(request.into());
        let terms = Terms::of(policy.settings(), now, &self.inner.numbers);
        let mut account = Account::default();
        read_cookies(
            policy.settings(),
            response,
            &request,
            now,
            |name, cookie| {
                let outcome = match cookie {
                    Ok(mut cookie) => judge(&*policy, &mut cookie, &request).and_then(|()| {
                        self.store_judged(&*policy, cookie, &request, &terms, &mut account)
                    }),
                    Err(reason) => Err(reason),
                };
                account.note(name, outcome, &request);
                tell(name, outcome);
            },
        );
        if account.stored > 0 {
            self.evict_surplus(&terms, &mut account);
        }
        account
    }

    /// The cookies of a response as they are read; see [`CookieJar::make_cookies`].
    #[must_use]
    pub fn make_cookies<'r>(
        &self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> Vec<Cookie> {
        let _asking = self.enter();
        let (policy, request, now) = self.judging(request.into());
        let mut cookies = Vec::new();
        read_cookies(policy.settings(), response, &request, now, |_, cookie| {
            cookies.extend(cookie);
        });
        cookies
    }

    /// Stores a cookie without asking; see [`CookieJar::set_cookie`].
    pub fn set_cookie(&self, cookie: Cookie) -> Change {
        let _asking = self.enter();
        let (policy, now) = {
            let part = self.read(self.place(domain::undotted(cookie.domain())));
            (Arc::clone(&part.policy), part.clock.seconds())
        };
        let terms = Terms::of(policy.settings(), now, &self.inner.numbers);
        let change =
            self.write_for(cookie.domain())
                .store
                .set(cookie, &terms.without_limits(), &mut ());
        self.note_stored(change, &terms);
        change
    }

    /// Stores a cookie if the policy accepts it; see [`CookieJar::set_cookie_if_ok`].
    ///
    /// # Errors
    ///
    /// The rule that refuses the cookie. The jar is then as it was.
    pub fn set_cookie_if_ok<'r>(
        &self,
        mut cookie: Cookie,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<Change, Rejection> {
        let _asking = self.enter();
        let (policy, request, now) = self.judging(request.into());
        judge(&*policy, &mut cookie, &request)?;
        let terms = Terms::of(policy.settings(), now, &self.inner.numbers);
        let change = self.store_judged(&*policy, cookie, &request, &terms, &mut ())?;
        if change == Change::Stored {
            self.evict_surplus(&terms, &mut ());
        }
        Ok(change)
    }

    fn store_judged(
        &self,
        policy: &dyn CookiePolicy,
        cookie: Cookie,
        request: &RequestContext<'_>,
        terms: &Terms<'_>,
        sink: &mut impl Sink,
    ) -> Result<Change, Rejection> {
        let (mut part, beside) = self.write_beside(cookie.domain(), request);
        let stores = (&mut part.store, beside.as_ref().map(|part| &part.store));
        let change = store_judged(policy, stores, cookie, request, terms, sink)?;
        self.note_stored(change, terms);
        Ok(change)
    }

    /// Takes a new cookie off the room that is left, where all together have a limit.
    fn note_stored(&self, change: Change, terms: &Terms<'_>) {
        if change == Change::Stored && terms.limits.total_cookies < usize::MAX {
            self.inner.room.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Keeps to the limit on all cookies together; see [`evict_surplus`].
    ///
    /// While there is room no other shard is looked at. The room is set with all shards locked, by the
    /// policy that the jar then has; what others store meanwhile is taken off twice at worst.
    fn evict_surplus(&self, terms: &Terms<'_>, sink: &mut impl Sink) {
        let Inner { room, .. } = &*self.inner;
        if terms.limits.total_cookies == usize::MAX || room.load(Ordering::Relaxed) >= 0 {
            return;
        }
        let mut parts = self.write_all();
        let mut stores: Vec<_> = parts.iter_mut().map(|part| &mut part.store).collect();
        evict_surplus(&mut stores, terms, sink);
        let len: usize = stores.iter().map(|store| store.len()).sum();
        let limit = parts[0].policy.settings().limits.total_cookies;
        let left = isize::try_from(limit.saturating_sub(len)).unwrap_or(isize::MAX);
        room.store(left, Ordering::Relaxed);
    }

    /// What a cookie in an answer to `request` is judged by. The rules speak without a lock, but for the
    /// one that looks at what is stored.
    fn judging<'r>(
        &self,
        request: RequestContext<'r>,
    ) -> (Arc<dyn CookiePolicy>, RequestContext<'r>, i64) {
        let part = self.read(self.place(request.host()));
        let now = request
            .now_seconds()
            .unwrap_or_else(|| part.clock.seconds());
        (Arc::clone(&part.policy), request.at_seconds(now), now)
    }
}

/// Sending and looking; see the calls of the same names of [`CookieJar`].
impl SharedCookieJar {
    /// The value of the `Cookie` header for a request; see [`CookieJar::cookie_header`].
    pub fn cookie_header<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
    ) -> Option<CookieHeader> {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "lifetimes want the closure"
        )]
        self.look_up(request.into(), |lookup| lookup.cookie_header())
    }

    /// Adds the `Cookie` header to a request that knows its URL; see
    /// [`CookieJar::add_cookie_header`].
    pub fn add_cookie_header(&self, request: &mut impl OutgoingRequest) {
        let context = request.request_context().into_owned();
        self.add_cookie_header_to(request, &context);
    }

    /// Adds the `Cookie` header to the headers of a request; see
    /// [`CookieJar::add_cookie_header_to`].
    pub fn add_cookie_header_to<'r>(
        &self,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
    ) {
        self.merge_cookie_header(headers, request, Merge::Keep);
    }

    /// Adds the `Cookie` header and says what becomes of one that is there; see
    /// [`CookieJar::merge_cookie_header`].
    pub fn merge_cookie_header<'r>(
        &self,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
        merge: Merge,
    ) {
        self.look_up(request.into(), |lookup| lookup.merge_into(headers, merge));
    }

    /// The cookies that a request gets; see [`CookieJar::cookies_for`].
    #[must_use]
    pub fn cookies_for<'r>(&self, request: impl Into<RequestContext<'r>>) -> Vec<Cookie> {
        self.look_up(request.into(), |lookup| {
            lookup.select().into_iter().cloned().collect()
        })
    }

    /// Says of every cookie in reach whether it would be sent, and why not; see
    /// [`CookieJar::explain`].
    #[must_use]
    pub fn explain<'r>(&self, request: impl Into<RequestContext<'r>>) -> Vec<Explanation<Cookie>> {
        let owned = |explanation: Explanation<&Cookie>| explanation.cloned();
        self.look_up(request.into(), |lookup| {
            lookup.explain().into_iter().map(owned).collect()
        })
    }

    /// Locks the shards in which a request's cookies are, and looks there.
    fn look_up<T>(
        &self,
        request: RequestContext<'_>,
        look: impl FnOnce(&Lookup<'_, '_, dyn CookiePolicy>) -> T,
    ) -> T {
        let _asking = self.enter();
        let parts = self.read_for(&request);
        let Part { policy, clock, .. } = &*parts[0];
        let now = request.now_seconds().unwrap_or_else(|| clock.seconds());
        let request = request.at_seconds(now);
        let several: SmallVec<[&Store; 2]>;
        let stores = match parts.as_slice() {
            [part] => &[&part.store][..],
            parts => {
                several = parts.iter().map(|part| &part.store).collect();
                &several
            }
        };
        look(&Lookup {
            policy: &**policy,
            stores,
            request: &request,
            now,
        })
    }
}

#[cfg(feature = "psl")]
#[cfg_attr(docsrs, doc(cfg(feature = "psl")))]
impl Default for SharedCookieJar {
    fn default() -> Self {
        Self::new()
    }
}

/// The jar with its cookies, policy and clock, to be shared from now on.
impl<P: CookiePolicy + 'static> From<CookieJar<P>> for SharedCookieJar {
    fn from(jar: CookieJar<P>) -> Self {
        let (policy, clock, cookies) = jar.into_parts();
        let shared = Self::with_policy(policy);
        for part in &mut shared.write_all() {
            part.clock = clock.clone();
        }
        for cookie in cookies {
            shared.set_cookie(cookie);
        }
        shared
    }
}

/// A plain jar with a copy of the cookies; it shares the policy and the clock.
impl From<&SharedCookieJar> for CookieJar<Arc<dyn CookiePolicy>> {
    fn from(shared: &SharedCookieJar) -> Self {
        let clock = shared.read(0).clock.clone();
        let mut jar = Self::with_policy(shared.policy());
        jar.use_clock(clock);
        jar.extend(shared.snapshot());
        jar
    }
}

/// Shows how many cookies there are, and none of them.
impl fmt::Debug for SharedCookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCookieJar")
            .field("cookies", &self.len())
            .field("shards", &self.inner.shards.len())
            .finish_non_exhaustive()
    }
}
