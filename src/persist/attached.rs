//! A jar with a database: queues the changes of its cookies, and applies the changes of other processes.
//!
//! It knows no thread and no engine. Everything here runs while the cookies are locked; the lock of the queue is
//! taken under that lock.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::PersistError;
use super::engine::Stamp;
use super::pending::{Cookies, Pending, Place};
use super::record;
use super::replica::Replica;
use crate::cookie::Cookie;
use crate::jar::{ChangeCause, ChangeOrigin, CookieChange, Persistence, Queue, Shelf};
use crate::shared::{SharedCookieJar, family_of};
use crate::store::{Bucket, Sink, Terms};

const FAMILY: char = '@';

pub(crate) struct Attached {
    replica: Arc<Replica>,
    waiting: Mutex<Waiting>,
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

    fn with<T>(&mut self, work: impl FnOnce(&Arc<str>, &mut Pending) -> T) -> T {
        let pending = self.pending.get_or_insert_default();
        let result = work(&self.name, pending);
        if pending.is_at_rest() {
            self.pending = None;
        }
        result
    }

    fn family(&self) -> &str {
        self.name.strip_prefix(FAMILY).unwrap_or_default()
    }
}

#[derive(Default)]
struct Families {
    /// All families that have ever had cookies: clearing the jar clears each of them.
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
    pub(crate) fn session(replica: &Arc<Replica>, name: &Arc<str>) -> Arc<Self> {
        let session = Session::new(Arc::clone(name));
        Self::new(replica, Waiting::Session(session))
    }

    pub(crate) fn families(replica: &Arc<Replica>, session_cookies: bool) -> Arc<Self> {
        let families = Families {
            session_cookies,
            ..Families::default()
        };
        Self::new(replica, Waiting::Families(Box::new(families)))
    }

    fn new(replica: &Arc<Replica>, waiting: Waiting) -> Arc<Self> {
        Arc::new(Self {
            replica: Arc::clone(replica),
            waiting: Mutex::new(waiting),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn end(&self) {
        let stamp = self.replica.stamp();
        self.for_all(|pending| pending.clear(stamp, true));
    }

    fn for_all(&self, mut work: impl FnMut(&mut Pending)) {
        if self.replica.is_closed() {
            return;
        }
        let mut clear = |session: &mut Session| {
            session.with(|name, pending| self.queue(name, pending, &mut work));
        };
        match &mut *self.lock() {
            Waiting::Session(session) => clear(session),
            Waiting::Families(families) => families.sessions.iter_mut().for_each(clear),
        }
    }

    /// Changes the pending changes of a session, and tells the writer.
    fn queue(&self, session: &Arc<str>, pending: &mut Pending, work: impl FnOnce(&mut Pending)) {
        let before = pending.len();
        work(pending);
        self.replica.count(before, pending);
        self.replica.announce(session, pending);
    }
}

impl Waiting {
    fn session(&mut self, stored_domain: &str) -> &mut Session {
        match self {
            Self::Session(session) => session,
            Self::Families(families) => families.session(family_of(stored_domain)),
        }
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

    fn changed(&self, stamp: u64, change: &CookieChange<'_>) {
        let is_told = change.origin == ChangeOrigin::Remote || change.cause == ChangeCause::Expired;
        if is_told || self.replica.is_closed() {
            return;
        }
        if self.replica.is_exclusive.load(Ordering::Relaxed) && change.is_unchanged() {
            return;
        }
        let stamp = Stamp::new(stamp);
        let cookie = &*change.cookie;
        let mut waiting = self.lock();
        let keeps_all = waiting.stores_session_cookies();
        let keeps = |cookie: &Cookie| keeps_all || !cookie.discard();
        let mut queue = |cookie: &Cookie, is_set: bool| {
            waiting.session(cookie.domain()).with(|name, pending| {
                self.queue(name, pending, |pending| {
                    if is_set {
                        pending.set(cookie, stamp);
                    } else {
                        pending.delete(cookie, stamp);
                    }
                });
            });
        };
        let previous = change.previous.as_deref();
        let previous = previous.filter(|previous| keeps(previous));
        if let Some(previous) = previous
            && previous.id() != cookie.id()
        {
            queue(previous, false);
        }
        let is_set = change.cause.is_present();
        if keeps(cookie) {
            queue(cookie, is_set);
            return;
        }
        // A session cookie that is not stored may replace one that is.
        if previous.is_some() {
            queue(cookie, false);
        }
        if is_set {
            self.replica.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn cleared(&self, stamp: u64) {
        self.for_all(|pending| pending.clear(Stamp::new(stamp), false));
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

pub(crate) struct JarPlace {
    jar: SharedCookieJar,
    attached: Arc<Attached>,
}

pub(crate) struct FamilyPlace {
    place: JarPlace,
    session: Arc<str>,
}

impl JarPlace {
    pub(crate) fn new(jar: &SharedCookieJar, attached: &Arc<Attached>) -> Self {
        Self {
            jar: jar.clone(),
            attached: Arc::clone(attached),
        }
    }

    fn locked_family(
        &self,
        family: Option<&str>,
        work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies),
    ) {
        self.jar
            .at_family(family.unwrap_or_default(), |shelf, terms| {
                let mut waiting = self.attached.lock();
                let mut cookies = ShelfCookies {
                    shelf,
                    terms,
                    family,
                    session_cookies: waiting.stores_session_cookies(),
                };
                let session = waiting.session(family.unwrap_or_default());
                session.with(|_, pending| work(pending, &mut cookies));
            });
    }
}

impl Place for JarPlace {
    fn locked(&self, work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies)) {
        self.locked_family(None, work);
    }
}

impl FamilyPlace {
    /// Returns `None` for the session of something else.
    pub(crate) fn new(
        jar: &SharedCookieJar,
        attached: &Arc<Attached>,
        session: &Arc<str>,
    ) -> Option<Self> {
        session.starts_with(FAMILY).then(|| Self {
            place: JarPlace::new(jar, attached),
            session: Arc::clone(session),
        })
    }
}

impl Place for FamilyPlace {
    fn locked(&self, work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies)) {
        self.place
            .locked_family(self.session.strip_prefix(FAMILY), work);
    }
}

struct ShelfCookies<'s> {
    shelf: &'s mut Shelf,
    terms: &'s Terms<'s>,
    family: Option<&'s str>,
    session_cookies: bool,
}

impl ShelfCookies<'_> {
    /// Iterates over the cookies that belong in the database. A shelf may hold many families, a bucket only one.
    fn cookies(&self) -> impl Iterator<Item = &Cookie> {
        let buckets = self.shelf.store().buckets().filter(|bucket| {
            self.family
                .is_none_or(|family| family_of(bucket.domain()) == family)
        });
        let cookies = buckets.flat_map(Bucket::cookies);
        cookies.filter(|cookie| self.session_cookies || !cookie.discard())
    }

    fn has(&self, cookie: &Cookie) -> bool {
        let family = self.family;
        family.is_none_or(|family| family_of(cookie.domain()) == family)
            && (self.session_cookies || !cookie.discard())
    }
}

impl Cookies for ShelfCookies<'_> {
    fn put(&mut self, identity: &Arc<[u8]>, cookie: Cookie) {
        if cookie.is_expired_at(self.terms.now) {
            return self.remove(identity);
        }
        let id = record::parse(identity);
        let stored = id.and_then(|id| self.shelf.store().get(&id));
        let family = self.family;
        let is_foreign = family.is_some_and(|family| family_of(cookie.domain()) != family);
        let is_there = stored.is_some_and(|stored| {
            *stored == cookie && stored.creation_key() == cookie.creation_key()
        });
        if is_there || is_foreign {
            return;
        }
        let change = CookieChange {
            cause: ChangeCause::Stored,
            cookie: Cow::Owned(cookie),
            previous: None,
            origin: ChangeOrigin::Remote,
        };
        let (store, mut sink) = self.shelf.change_remotely();
        store.apply(&change, &self.terms.with_shared_numbers(), &mut sink);
    }

    fn remove(&mut self, identity: &[u8]) {
        let Some(id) = record::parse(identity) else {
            return;
        };
        let stored = self.shelf.store().get(&id);
        if stored.is_some_and(|cookie| self.has(cookie)) {
            let (store, sink) = self.shelf.change_remotely();
            store.remove(&id, ChangeCause::Removed, &mut Remote(sink));
        }
    }

    fn identities(&self) -> Vec<Arc<[u8]>> {
        self.cookies().map(record::identity).collect()
    }

    fn all(&self) -> Vec<Arc<Cookie>> {
        self.cookies()
            .map(|cookie| Arc::new(cookie.clone()))
            .collect()
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
