//! One process: its clock, what it has read, and the sessions with pending changes.
//!
//! It knows no engine and no thread. The writer, the reader and the loader work on it; a local change uses only
//! [`Replica::announce`].
//!
//! Lock order: the state, then the cookies of a session, then the announcements or the front. A handle takes only the
//! last two: a sink and a seal, which are called under the others, may use it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::PersistError;
use super::engine::{ClaimOwner, Entry, History, Stamp, WriterId};
use super::front::{Front, Posted};
use super::pending::{Cookies, Pending, Place};
use super::seal::Codec;
use super::stamper::Stamper;
use super::state::State;
use super::sync::{Mutex, MutexGuard, TryLockError};
use crate::cookie::Cookie;

pub(crate) struct Replica {
    pub(crate) stamper: Stamper,
    pub(crate) codec: Codec,
    clock: Box<dyn Fn() -> u64 + Send + Sync>,
    state: Mutex<State>,
    front: Arc<Mutex<Front>>,
    announced: Mutex<Announced>,
    touched: Mutex<Vec<Arc<str>>>,
    wake: Box<dyn Fn() + Send + Sync>,
    /// The number of entries that are not written or not read back, in all sessions.
    pending: AtomicUsize,
    is_closed: AtomicBool,
    /// How often a session cookie was set and not queued.
    pub(super) left_out: AtomicU64,
    pub(super) is_exclusive: AtomicBool,
    /// The process that opened the database; a fork of it has none of the threads.
    pub(super) process: AtomicU32,
    pub(super) flushes: AtomicU64,
}

/// Sessions with pending changes that the writer does not know yet.
#[derive(Default)]
pub(super) struct Announced {
    pub(super) sessions: Vec<Arc<str>>,
    pub(super) since: Option<Instant>,
}

impl Replica {
    pub(crate) fn new(
        clock: impl Fn() -> u64 + Send + Sync + 'static,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let state = State::default();
        Self {
            front: Arc::clone(&state.front),
            stamper: Stamper::default(),
            codec: Codec::default(),
            clock: Box::new(clock),
            wake: Box::new(wake),
            state: Mutex::new(state),
            announced: Mutex::default(),
            touched: Mutex::default(),
            pending: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
            left_out: AtomicU64::new(0),
            is_exclusive: AtomicBool::new(false),
            process: AtomicU32::new(std::process::id()),
            flushes: AtomicU64::new(0),
        }
    }

    pub(crate) fn with_codec(self, codec: Codec) -> Self {
        Self { codec, ..self }
    }

    /// Waits for no step of a thread: the last handle may be dropped in one. Then the threads [let go](Self::let_go).
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        match self.state.try_lock() {
            Ok(state) => self.empty(state),
            Err(TryLockError::Poisoned(error)) => self.empty(error.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// Drops the sessions of a closed database.
    pub(super) fn let_go(&self) {
        if self.is_closed() {
            self.empty(self.state());
        }
    }

    fn empty(&self, mut state: MutexGuard<'_, State>) {
        let posted = std::mem::take(&mut self.front().posted);
        let gone = (std::mem::take(&mut state.slots), state.follow.take());
        drop(state);
        drop((gone, posted));
        self.take_announced();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    /// Call it before taking a lock: another thread may have held the lock at the time of the fork.
    pub(crate) fn check_fork(&self) -> Result<(), PersistError> {
        if self.process.load(Ordering::Relaxed) == std::process::id() {
            Ok(())
        } else {
            Err(PersistError::Forked)
        }
    }

    pub(crate) fn check(&self) -> Result<(), PersistError> {
        self.check_fork()?;
        if self.is_closed() {
            return Err(PersistError::Closed);
        }
        Ok(())
    }

    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }

    pub(crate) fn age(&self, stamp: Stamp) -> Duration {
        let clock = self.stamper.clock(self.now());
        Duration::from_millis(clock.saturating_sub(stamp.millis()))
    }

    /// The caller holds the lock of the cookies that it changes.
    pub(crate) fn stamp(&self) -> Stamp {
        self.stamper.stamp(self.now())
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.take_posted(&mut state);
        state
    }

    pub(super) fn take_posted(&self, state: &mut State) {
        let posted = std::mem::take(&mut self.front().posted);
        for posted in posted {
            match posted {
                Posted::Session(session, place) => state.register(&session, place),
                Posted::Release(session, owner) => state.release(self, &session, owner),
            }
        }
    }

    pub(crate) fn front(&self) -> MutexGuard<'_, Front> {
        self.front.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_loaded(&self, session: &str) -> bool {
        !self.is_closed() && !self.front().loading.contains(session)
    }

    pub(crate) fn is_all_loaded(&self) -> bool {
        self.front().loading.is_empty()
    }

    pub(crate) fn release(&self, session: &Arc<str>, owner: ClaimOwner) {
        let release = Posted::Release(Arc::clone(session), owner);
        self.front().post(release);
        (self.wake)();
    }

    fn announcements(&self) -> MutexGuard<'_, Announced> {
        self.announced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The caller holds the lock of the session's cookies.
    pub(crate) fn announce(&self, session: &Arc<str>, pending: &mut Pending) {
        if !pending.is_announced {
            pending.is_announced = true;
            let mut announced = self.announcements();
            announced.sessions.push(Arc::clone(session));
            let is_first = announced.sessions.len() == 1;
            announced.since.get_or_insert_with(Instant::now);
            drop(announced);
            if is_first {
                (self.wake)();
            }
        }
    }

    pub(crate) fn touch(&self, session: &Arc<str>) {
        self.touches().push(Arc::clone(session));
        (self.wake)();
    }

    fn touches(&self) -> MutexGuard<'_, Vec<Arc<str>>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_touched(&self) -> bool {
        !self.touches().is_empty()
    }

    pub(super) fn take_touched(&self, at_most: usize) -> Vec<Arc<str>> {
        let mut touched = self.touches();
        let left = touched.len().saturating_sub(at_most);
        touched.split_off(left)
    }

    pub(crate) fn count(&self, before: usize, pending: &Pending) {
        let after = pending.len();
        if after != before {
            self.pending
                .fetch_add(after.wrapping_sub(before), Ordering::Relaxed);
        }
    }

    pub(crate) fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }

    /// How long the oldest unwritten change has waited.
    pub(super) fn oldest_pending(&self) -> Option<Duration> {
        let since = self.front().unwritten_since;
        let since = since.or_else(|| self.announcements().since);
        let has_pending = self.pending() > 0;
        since.filter(|_| has_pending).map(|since| since.elapsed())
    }

    pub(super) fn take_announced(&self) -> Announced {
        std::mem::take(&mut *self.announcements())
    }

    pub(crate) fn has_announced(&self) -> bool {
        !self.announcements().sessions.is_empty()
    }

    pub(super) fn at<T>(
        &self,
        place: &dyn Place,
        work: impl FnOnce(&mut Pending, &mut dyn Cookies) -> T,
    ) -> T {
        let mut work = Some(work);
        let mut result = None;
        place.locked(&mut |pending, cookies| {
            let before = pending.len();
            result = work.take().map(|work| work(pending, cookies));
            self.count(before, pending);
        });
        result.expect("a place runs the work once")
    }

    /// Returns `false` if another history has begun: then the result is no more valid than everything known before.
    pub(super) fn note(&self, state: &mut State, clock: u64, history: &History) -> bool {
        self.stamper.set_clock(clock, self.now());
        state.note_sent(clock);
        let known = self.front().history.replace(history.clone());
        let is_same = known.is_none_or(|known| known == *history);
        if !is_same {
            self.doubt(state);
        }
        is_same
    }

    /// A skipped record counts as a deletion.
    pub(super) fn decode(&self, session: &str, entry: &Entry) -> Option<Cookie> {
        let decoded = self.codec.decode(session, entry);
        decoded.unwrap_or_else(|reason| {
            self.front().skips.add(session, reason);
            None
        })
    }

    /// A pending entry that is newer stays. Returns `true` if the session was cleared meanwhile and must be loaded.
    pub(super) fn take_in(
        &self,
        session: &str,
        place: &dyn Place,
        cleared: Option<Stamp>,
        entries: &[Entry],
    ) -> bool {
        let decoded = entries.iter().map(|entry| self.decode(session, entry));
        let cookies: Vec<_> = decoded.collect();
        self.at(place, |pending, shelf| {
            let was_cleared = cleared.is_some_and(|cleared| cleared > pending.cleared());
            pending.drop_below(cleared.unwrap_or_default());
            for (entry, cookie) in entries.iter().zip(cookies) {
                if pending.admits(&entry.identity, entry.key()) {
                    match cookie {
                        Some(cookie) => shelf.put(&entry.identity, cookie),
                        None => shelf.remove(&entry.identity),
                    }
                }
            }
            was_cleared
        })
    }
}

pub(crate) fn random_writer() -> WriterId {
    use std::hash::BuildHasher;
    WriterId::new(std::hash::RandomState::new().hash_one("writer"))
}
