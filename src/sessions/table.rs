//! The sessions, in a sharded map with a lock per shard.
//!
//! It knows no cookie. A lock is held while a session is found, created or removed, and never while a jar, a policy, a
//! clock or a closure of the caller runs, so that each of them may use the sessions. No thread holds two locks.

use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::clock::JarClock;
use crate::jar::{Listener, Listeners};
use crate::policy::CookiePolicy;
use crate::shared::{Rules, SharedCookieJar};

/// Few sessions are looked up at the same time, and an empty table is small.
const SHARDS: usize = 16;

pub(super) struct Table<K> {
    shards: [Shard<K>; SHARDS],
    /// Randomly keyed, because keys may come from untrusted input.
    hasher: RandomState,
    made: AtomicU64,
}

/// Aligned so that no two shards share a cache line.
#[repr(align(128))]
struct Shard<K>(RwLock<Part<K>>);

/// A part of the map, with the template of its next session under the same lock: a session that is created while the
/// policy is replaced either exists already or gets the new one.
struct Part<K> {
    sessions: HashTable<Named<K>>,
    template: Template<K>,
}

struct Template<K> {
    rules: Arc<Rules>,
    /// Listeners that do not receive the key of the session.
    listeners: Listeners,
    keyed: Vec<KeyedListener<K>>,
}

/// `None` once the queue is abandoned.
pub(super) type KeyedListener<K> = Arc<dyn Fn(Option<&K>) -> Option<Listener> + Send + Sync>;

/// A session with its key and the hash of the key, so that a growing table reads no key.
struct Named<K> {
    hash: u64,
    key: Option<K>,
    session: Session,
}

pub(super) struct Session {
    pub(super) jar: SharedCookieJar,
    number: u64,
    /// Seconds since the epoch.
    last_used: AtomicI64,
}

pub(super) struct Seen<K> {
    pub(super) key: Option<K>,
    pub(super) jar: SharedCookieJar,
    pub(super) last_used: i64,
    number: u64,
}

impl<K> Table<K> {
    pub(super) fn new(policy: Arc<dyn CookiePolicy>) -> Self {
        let rules = Rules::new(policy, JarClock::default());
        let shard = |_| {
            Shard(RwLock::new(Part {
                sessions: HashTable::new(),
                template: Template {
                    rules: Arc::clone(&rules),
                    listeners: Listeners::default(),
                    keyed: Vec::new(),
                },
            }))
        };
        Self {
            shards: std::array::from_fn(shard),
            hasher: RandomState::default(),
            made: AtomicU64::new(0),
        }
    }

    pub(super) fn len(&self) -> usize {
        let lens = self.shards.iter().map(|shard| shard.read().sessions.len());
        lens.sum()
    }

    pub(super) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.shards[0].read().template.rules)
    }

    /// Copies the clock, which is free for that of the system, and not the rules, whose count all threads share (bench
    /// `sessions`).
    pub(super) fn clock(&self) -> JarClock {
        self.shards[0].read().template.rules.clock.clone()
    }

    pub(super) fn set_rules(&self, rules: &Arc<Rules>) -> Vec<SharedCookieJar> {
        self.change_template(
            |template| template.rules = Arc::clone(rules),
            |named| named.session.jar.clone(),
        )
    }

    pub(super) fn listen(&self, listener: &Listener) -> Vec<SharedCookieJar> {
        self.change_template(
            |template| template.listeners.add(listener.clone()),
            |named| named.session.jar.clone(),
        )
    }

    pub(super) fn listen_keyed(
        &self,
        listener: &KeyedListener<K>,
    ) -> Vec<(Option<K>, SharedCookieJar)>
    where
        K: Clone,
    {
        self.change_template(
            |template| {
                template.keyed.retain(|other| other(None).is_some());
                template.keyed.push(Arc::clone(listener));
            },
            |named| (named.key.clone(), named.session.jar.clone()),
        )
    }

    fn change_template<T>(
        &self,
        change: impl Fn(&mut Template<K>),
        see: impl Fn(&Named<K>) -> T,
    ) -> Vec<T> {
        let mut seen = Vec::new();
        for shard in &self.shards {
            let mut part = shard.write();
            change(&mut part.template);
            seen.extend(part.sessions.iter().map(&see));
        }
        seen
    }

    pub(super) fn clear(&self) {
        for shard in &self.shards {
            let gone = std::mem::take(&mut shard.write().sessions);
            // Jars are dropped without the lock.
            drop(gone);
        }
    }

    pub(super) fn take_idle(&self, latest: i64, now: i64) -> Vec<Option<K>> {
        let mut gone = Vec::new();
        for shard in &self.shards {
            let mut part = shard.write();
            let idle = part
                .sessions
                .extract_if(|named| named.session.is_idle(latest, now));
            gone.extend(idle);
            part.shrink();
        }
        gone.sort_unstable_by_key(|named| named.session.number);
        gone.into_iter().map(|named| named.key).collect()
    }
}

impl<K: Eq + Hash> Table<K> {
    pub(super) fn get(&self, key: Option<&K>) -> Option<SharedCookieJar> {
        let hash = self.hash(key);
        let part = self.shard(hash).read();
        Some(part.find(hash, key)?.jar.clone())
    }

    pub(super) fn used(&self, key: Option<&K>, now: i64) -> SharedCookieJar
    where
        K: Clone,
    {
        let hash = self.hash(key);
        let shard = self.shard(hash);
        if let Some(session) = shard.read().find(hash, key) {
            session.use_at(now);
            return session.jar.clone();
        }
        let mut part = shard.write();
        let Part { sessions, template } = &mut *part;
        match sessions.entry(hash, |named| named.is(hash, key), |named| named.hash) {
            // Another thread created it first.
            Entry::Occupied(named) => {
                let session = &named.get().session;
                session.use_at(now);
                session.jar.clone()
            }
            Entry::Vacant(place) => {
                let session = Session {
                    jar: template.jar(key),
                    number: self.made.fetch_add(1, Ordering::Relaxed),
                    last_used: AtomicI64::new(now),
                };
                let jar = session.jar.clone();
                let key = key.cloned();
                place.insert(Named { hash, key, session });
                jar
            }
        }
    }

    pub(super) fn remove(&self, key: Option<&K>) -> Option<SharedCookieJar> {
        Some(self.take_if(key, |_| true)?.jar)
    }

    pub(super) fn remove_seen(&self, seen: &Seen<K>) -> bool {
        let key = seen.key.as_ref();
        self.take_if(key, |session| session.number == seen.number)
            .is_some()
    }

    fn take_if(&self, key: Option<&K>, wanted: impl Fn(&Session) -> bool) -> Option<Session> {
        let hash = self.hash(key);
        let mut part = self.shard(hash).write();
        let is_it = |named: &Named<K>| named.is(hash, key) && wanted(&named.session);
        let named = part.sessions.find_entry(hash, is_it).ok()?.remove().0;
        part.shrink();
        Some(named.session)
    }

    fn hash(&self, key: Option<&K>) -> u64 {
        key.map_or(0, |key| self.hasher.hash_one(key))
    }

    /// Selects a shard by bits of the hash that its table does not use first.
    fn shard(&self, hash: u64) -> &Shard<K> {
        &self.shards[usize::try_from(hash >> 32).unwrap_or(0) % SHARDS]
    }
}

impl<K: Clone> Table<K> {
    pub(super) fn in_order(&self) -> Vec<Seen<K>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(shard.read().sessions.iter().map(Seen::new));
        }
        all.sort_unstable_by_key(|seen| seen.number);
        all
    }
}

impl<K> Shard<K> {
    fn read(&self) -> RwLockReadGuard<'_, Part<K>> {
        // No code that can panic runs while a part is half changed.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Part<K>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K> Template<K> {
    fn jar(&self, key: Option<&K>) -> SharedCookieJar {
        let mut listeners = self.listeners.clone();
        for listener in self.keyed.iter().filter_map(|listener| listener(key)) {
            listeners.add(listener);
        }
        SharedCookieJar::for_session(&self.rules, listeners)
    }
}

impl<K> Part<K> {
    fn shrink(&mut self) {
        let Self { sessions, .. } = self;
        if sessions.len() * 8 < sessions.capacity() {
            sessions.shrink_to(sessions.len() * 2, |named| named.hash);
        }
    }
}

impl<K: Eq> Part<K> {
    fn find(&self, hash: u64, key: Option<&K>) -> Option<&Session> {
        let named = self.sessions.find(hash, |named| named.is(hash, key))?;
        Some(&named.session)
    }
}

impl<K: Eq> Named<K> {
    fn is(&self, hash: u64, key: Option<&K>) -> bool {
        self.hash == hash && self.key.as_ref() == key
    }
}

impl Session {
    fn use_at(&self, now: i64) {
        self.last_used.fetch_max(now, Ordering::Relaxed);
    }

    /// A session is in use while any other clone of its jar exists.
    fn is_idle(&self, latest: i64, now: i64) -> bool {
        if self.jar.is_held_elsewhere() {
            self.use_at(now);
        }
        self.last_used.load(Ordering::Relaxed) < latest
    }
}

impl<K: Clone> Seen<K> {
    fn new(named: &Named<K>) -> Self {
        let Session {
            jar,
            number,
            last_used,
        } = &named.session;
        Self {
            key: named.key.clone(),
            jar: jar.clone(),
            last_used: last_used.load(Ordering::Relaxed),
            number: *number,
        }
    }
}
