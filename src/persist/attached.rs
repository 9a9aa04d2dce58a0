//! The queue of a jar with a database: it takes the changes of cookies, and applies the changes of other processes.
//!
//! It knows no thread and no engine. It is on the shelf of its cookies, and all of it runs while they are locked.

use std::any::Any;
use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::PersistError;
use super::engine::Stamp;
use super::pending::{Cookies, Pending, Place};
use super::record;
use super::replica::Replica;
use crate::cookie::Cookie;
use crate::jar::{ChangeCause, ChangeOrigin, CookieChange, Listeners, Persistence, Queue};
use crate::shared::{SharedInner, family_of};
use crate::store::{Bucket, Sink, Store, Terms};

const FAMILY: char = '@';

pub(crate) struct Attached {
    replica: Arc<Replica>,
    waiting: Waiting,
}

enum Waiting {
    /// The whole jar is one session.
    Session(Session),
    /// Each session holds the cookies of one family of domains.
    Families(Box<Families>),
}

struct Session {
    name: Arc<str>,
    /// `None` if there is nothing to remember: most sessions are at rest.
    pending: Option<Box<Pending>>,
}

impl Session {
    fn new(name: Arc<str>) -> Self {
        let pending = None;
        Self { name, pending }
    }

    #[inline]
    fn queue(&mut self, replica: &Replica, work: impl FnOnce(&mut Pending)) {
        let pending = self.pending.get_or_insert_default();
        let before = pending.len();
        work(pending);
        replica.count(before, pending);
        replica.announce(&self.name, pending);
    }

    fn with(&mut self, work: impl FnOnce(&mut Pending)) {
        let pending = self.pending.get_or_insert_default();
        work(pending);
        if pending.is_at_rest() {
            self.pending = None;
        }
    }

    fn family(&self) -> &str {
        self.name.strip_prefix(FAMILY).unwrap_or_default()
    }
}

#[derive(Default)]
struct Families {
    /// All families that have ever had cookies on this shelf: clearing the jar clears each of them.
    sessions: HashTable<Session>,
    hasher: RandomState,
    session_cookies: bool,
}

impl Families {
    fn session(&mut self, family: &str) -> &mut Session {
        let hasher = &self.hasher;
        let is_it = |session: &Session| session.family() == family;
        let rehash = |session: &Session| hasher.hash_one(session.family());
        let entry = self.sessions.entry(hasher.hash_one(family), is_it, rehash);
        let new = || Session::new(format!("{FAMILY}{family}").into());
        entry.or_insert_with(new).into_mut()
    }
}

impl Attached {
    pub(crate) fn session(replica: &Arc<Replica>, name: &Arc<str>) -> Self {
        let session = Session::new(Arc::clone(name));
        Self::new(replica, Waiting::Session(session))
    }

    pub(crate) fn families(replica: &Arc<Replica>, session_cookies: bool) -> Self {
        let families = Families {
            session_cookies,
            ..Families::default()
        };
        Self::new(replica, Waiting::Families(Box::new(families)))
    }

    fn new(replica: &Arc<Replica>, waiting: Waiting) -> Self {
        let replica = Arc::clone(replica);
        Self { replica, waiting }
    }

    fn clear(&mut self, stamp: Stamp, ended: bool) {
        let Self { replica, waiting } = self;
        if replica.is_closed() {
            return;
        }
        let clear = |session: &mut Session| {
            session.queue(replica, |pending| pending.clear(stamp, ended));
        };
        match waiting {
            Waiting::Session(session) => clear(session),
            Waiting::Families(families) => families.sessions.iter_mut().for_each(clear),
        }
    }

    fn queue(&mut self, cookie: &Cookie, work: impl FnOnce(&mut Pending)) {
        let Self { replica, waiting } = self;
        waiting.session(cookie.domain()).queue(replica, work);
    }
}

impl Waiting {
    #[inline]
    fn session(&mut self, stored_domain: &str) -> &mut Session {
        match self {
            Self::Session(session) => session,
            Self::Families(families) => families.session(family_of(stored_domain)),
        }
    }

    #[inline]
    fn stores(&self, cookie: &Cookie) -> bool {
        self.stores_session_cookies() || !cookie.discard()
    }

    fn stores_session_cookies(&self) -> bool {
        match self {
            Self::Session(_) => true,
            Self::Families(families) => families.session_cookies,
        }
    }
}

impl Queue for Attached {
    fn begin(&self) -> u64 {
        self.replica.stamp().get()
    }

    fn changed(&mut self, stamp: u64, change: &CookieChange<'_>) {
        let is_told = change.origin == ChangeOrigin::Remote || change.cause == ChangeCause::Expired;
        let is_exclusive = self.replica.is_exclusive.load(Ordering::Relaxed);
        if is_told || self.replica.is_closed() || (is_exclusive && change.is_unchanged()) {
            return;
        }
        let stamp = Stamp::new(stamp);
        let cookie = &*change.cookie;
        let previous = change.previous.as_deref();
        let previous = previous.filter(|previous| self.waiting.stores(previous));
        if let Some(previous) = previous
            && !previous.is_namesake_of(cookie)
        {
            self.queue(previous, |pending| pending.delete(previous, stamp));
        }
        match (change.cause.is_present(), self.waiting.stores(cookie)) {
            (true, true) => self.queue(cookie, |pending| pending.set(cookie, stamp)),
            (false, true) => self.queue(cookie, |pending| pending.delete(cookie, stamp)),
            (is_set, false) => {
                // A session cookie that is not stored may replace one that is.
                if previous.is_some() {
                    self.queue(cookie, |pending| pending.delete(cookie, stamp));
                }
                if is_set {
                    self.replica.left_out.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    fn cleared(&mut self, stamp: u64, ended: bool) {
        self.clear(Stamp::new(stamp), ended);
    }

    fn numbers(&self) -> Arc<AtomicU64> {
        Arc::clone(self.replica.stamper.numbers())
    }

    fn persistence(&self) -> Persistence {
        match self.replica.check() {
            Ok(()) => Persistence::Open,
            Err(PersistError::Forked) => Persistence::Forked,
            Err(_) => Persistence::Closed,
        }
    }
}

/// The cookies of a session that is a whole jar.
impl Place for SharedInner {
    fn locked(&self, work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies)) {
        at(self, None, work);
    }
}

pub(crate) struct FamilyPlace {
    jar: Arc<SharedInner>,
    session: Arc<str>,
}

impl FamilyPlace {
    /// Returns `None` for the session of something else.
    pub(crate) fn new(jar: &Arc<SharedInner>, session: &Arc<str>) -> Option<Self> {
        session.starts_with(FAMILY).then(|| Self {
            jar: Arc::clone(jar),
            session: Arc::clone(session),
        })
    }
}

impl Place for FamilyPlace {
    fn locked(&self, work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies)) {
        at(&self.jar, self.session.strip_prefix(FAMILY), work);
    }
}

fn at(
    jar: &SharedInner,
    family: Option<&str>,
    work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies),
) {
    jar.at_family(family.unwrap_or_default(), |shelf, terms| {
        let (store, listeners, queue) = shelf.split();
        let queue: Option<&mut dyn Any> = queue.map(|queue| queue as _);
        let attached: Option<&mut Attached> = queue.and_then(|queue| queue.downcast_mut());
        let waiting = &mut attached.expect("the jar of a place is attached").waiting;
        let mut cookies = ShelfCookies {
            store,
            listeners,
            terms,
            family,
            session_cookies: waiting.stores_session_cookies(),
        };
        let session = waiting.session(family.unwrap_or_default());
        session.with(|pending| work(pending, &mut cookies));
    });
}

struct ShelfCookies<'s> {
    store: &'s mut Store,
    listeners: &'s Listeners,
    terms: &'s Terms<'s>,
    family: Option<&'s str>,
    session_cookies: bool,
}

impl ShelfCookies<'_> {
    /// A shelf may hold many families, a bucket only one.
    fn cookies(&self) -> impl Iterator<Item = &Cookie> {
        let buckets = self.store.buckets();
        let own = buckets.filter(|bucket| self.has_domain(bucket.domain()));
        let cookies = own.flat_map(Bucket::cookies);
        cookies.filter(|cookie| self.session_cookies || !cookie.discard())
    }

    fn has_domain(&self, domain: &str) -> bool {
        self.family.is_none_or(|family| family_of(domain) == family)
    }

    fn has(&self, cookie: &Cookie) -> bool {
        self.has_domain(cookie.domain()) && (self.session_cookies || !cookie.discard())
    }
}

impl Cookies for ShelfCookies<'_> {
    fn put(&mut self, identity: &Arc<[u8]>, cookie: Cookie) {
        if cookie.is_expired_at(self.terms.now) {
            return self.remove(identity);
        }
        let id = record::parse(identity);
        let stored = id.and_then(|id| self.store.get(&id));
        let is_there = stored.is_some_and(|stored| {
            *stored == cookie && stored.creation_key() == cookie.creation_key()
        });
        if is_there || !self.has_domain(cookie.domain()) {
            return;
        }
        let change = CookieChange {
            cause: ChangeCause::Stored,
            cookie: Cow::Owned(cookie),
            previous: None,
            origin: ChangeOrigin::Remote,
        };
        let terms = self.terms.with_shared_numbers();
        self.store.apply(&change, &terms, &mut &*self.listeners);
    }

    fn remove(&mut self, identity: &[u8]) {
        let Some(id) = record::parse(identity) else {
            return;
        };
        let stored = self.store.get(&id);
        if stored.is_some_and(|cookie| self.has(cookie)) {
            let mut sink = Remote(self.listeners);
            self.store.remove(&id, ChangeCause::Removed, &mut sink);
        }
    }

    fn identities(&self) -> Vec<Arc<[u8]>> {
        self.cookies().map(record::identity).collect()
    }

    fn all(&self) -> Vec<Arc<Cookie>> {
        let cookies = self.cookies();
        cookies.map(|cookie| Arc::new(cookie.clone())).collect()
    }
}

struct Remote<S>(S);

impl<S: Sink> Sink for Remote<S> {
    fn changed(&mut self, change: &CookieChange<'_>) {
        self.0.changed(&change.clone().remote());
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/look_ups.rs"]
mod tests;
