//! A jar with a database: queues the changes of its cookies, and applies the changes of other processes.
//!
//! It knows no thread and no engine. Everything here runs while the cookies are locked; the lock of the queue is
//! taken under that lock.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::PersistError;
use super::engine::Stamp;
use super::pending::{Cookies, Pending, Place};
use super::record;
use super::replica::Replica;
use crate::cookie::Cookie;
use crate::jar::{ChangeCause, ChangeOrigin, CookieChange, Persistence, Queue, Shelf};
use crate::shared::{SharedCookieJar, family_of};
use crate::store::{Bucket, Sink, Terms};

pub(crate) const FAMILY: char = '@';

pub(crate) struct Attached {
    replica: Arc<Replica>,
    waiting: Mutex<Waiting>,
}

enum Waiting {
    Session(Arc<str>, Pending),
    Families {
        pending: HashMap<Arc<str>, Pending>,
        session_cookies: bool,
    },
}

impl Attached {
    pub(crate) fn session(replica: &Arc<Replica>, name: &Arc<str>) -> Arc<Self> {
        let waiting = Waiting::Session(Arc::clone(name), Pending::default());
        Self::new(replica, waiting)
    }

    pub(crate) fn families(replica: &Arc<Replica>, session_cookies: bool) -> Arc<Self> {
        let waiting = Waiting::Families {
            pending: HashMap::new(),
            session_cookies,
        };
        Self::new(replica, waiting)
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
        let mut count = |session: &Arc<str>, pending: &mut Pending| {
            let before = pending.len();
            work(pending);
            self.replica.count(before, pending);
            self.replica.announce(session, pending);
        };
        match &mut *self.lock() {
            Waiting::Session(name, pending) => count(name, pending),
            Waiting::Families { pending, .. } => {
                for (name, pending) in pending {
                    count(name, pending);
                }
            }
        }
    }

    fn wait(&self, stamp: Stamp, cookie: &Cookie, is_set: bool) {
        let content = is_set.then(|| Arc::new(cookie.clone()));
        let set = |name: &Arc<str>, pending: &mut Pending| {
            let before = pending.len();
            pending.set(record::identity(cookie), stamp, content);
            self.replica.count(before, pending);
            self.replica.announce(name, pending);
        };
        match &mut *self.lock() {
            Waiting::Session(name, pending) => set(name, pending),
            Waiting::Families { pending, .. } => {
                let name = session_of(cookie.domain());
                let pending = pending.entry(Arc::clone(&name)).or_default();
                set(&name, pending);
            }
        }
    }

    fn stores_session_cookies(&self) -> bool {
        match &*self.lock() {
            Waiting::Session(..) => true,
            Waiting::Families {
                session_cookies, ..
            } => *session_cookies,
        }
    }
}

fn session_of(stored_domain: &str) -> Arc<str> {
    format!("{FAMILY}{}", family_of(stored_domain)).into()
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
        let cookie = &change.cookie;
        let keeps = |cookie: &Cookie| !cookie.discard() || self.stores_session_cookies();
        if let Some(previous) = &change.previous
            && keeps(previous)
            && record::identity(previous) != record::identity(cookie)
        {
            self.wait(stamp, previous, false);
        }
        // A session cookie that is not stored may replace one that is.
        let was_kept = change
            .previous
            .as_ref()
            .is_some_and(|previous| keeps(previous));
        if keeps(cookie) {
            self.wait(stamp, cookie, change.cause.is_present());
        } else if was_kept {
            self.wait(stamp, cookie, false);
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
    session: Arc<str>,
}

impl JarPlace {
    pub(crate) fn new(jar: &SharedCookieJar, attached: &Arc<Attached>, session: &Arc<str>) -> Self {
        Self {
            jar: jar.clone(),
            attached: Arc::clone(attached),
            session: Arc::clone(session),
        }
    }
}

impl Place for JarPlace {
    fn locked(&self, work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies)) {
        let family = self.session.strip_prefix(FAMILY);
        self.jar
            .at_family(family.unwrap_or_default(), |shelf, terms| {
                let mut cookies = ShelfCookies {
                    shelf,
                    terms,
                    family,
                    session_cookies: self.attached.stores_session_cookies(),
                };
                match &mut *self.attached.lock() {
                    Waiting::Session(_, pending) => work(pending, &mut cookies),
                    Waiting::Families { pending, .. } => {
                        let pending = pending.entry(Arc::clone(&self.session)).or_default();
                        work(pending, &mut cookies);
                    }
                }
            });
    }
}

struct ShelfCookies<'s> {
    shelf: &'s mut Shelf,
    terms: &'s Terms<'s>,
    /// The family of domains of the session, or `None` for all domains.
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

    fn all(&self) -> Vec<(Arc<[u8]>, Arc<Cookie>)> {
        let pair = |cookie: &Cookie| (record::identity(cookie), Arc::new(cookie.clone()));
        self.cookies().map(pair).collect()
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
