//! One process: its clock, what it has read, and the sessions with pending changes.
//!
//! It knows no engine and no thread. The writer, the reader and the loader work on it; a local change uses only
//! [`Replica::announce`].
//!
//! Lock order: the state, then the cookies of a session, then the announcements.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::PersistError;
use super::engine::{Entry, History, Stamp, WriterId};
use super::pending::{Cookies, Pending, Place};
use super::seal::{Codec, Skips};
use super::stamper::Stamper;
use super::state::State;
use super::sync::{Mutex, MutexGuard};

pub(crate) struct Replica {
    pub(crate) stamper: Stamper,
    pub(crate) codec: Codec,
    clock: Box<dyn Fn() -> u64 + Send + Sync>,
    state: Mutex<State>,
    /// Sessions with pending changes that the writer does not know yet.
    announced: Mutex<Vec<Arc<str>>>,
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

impl Replica {
    pub(crate) fn new(
        clock: impl Fn() -> u64 + Send + Sync + 'static,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            stamper: Stamper::default(),
            codec: Codec::default(),
            clock: Box::new(clock),
            wake: Box::new(wake),
            state: Mutex::default(),
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

    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        let mut state = self.state();
        let gone = (std::mem::take(&mut state.slots), state.follow.take());
        drop(state);
        drop(gone);
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
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announcements(&self) -> MutexGuard<'_, Vec<Arc<str>>> {
        self.announced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The caller holds the lock of the session's cookies.
    pub(crate) fn announce(&self, session: &Arc<str>, pending: &mut Pending) {
        if !pending.is_announced {
            pending.is_announced = true;
            let mut announced = self.announcements();
            announced.push(Arc::clone(session));
            let is_first = announced.len() == 1;
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

    pub(super) fn take_announced(&self) -> Vec<Arc<str>> {
        std::mem::take(&mut *self.announcements())
    }

    pub(crate) fn has_announced(&self) -> bool {
        !self.announcements().is_empty()
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
        match &state.history {
            Some(known) if known == history => return true,
            None => {
                state.history = Some(history.clone());
                return true;
            }
            Some(_) => state.history = Some(history.clone()),
        }
        self.doubt(state);
        false
    }

    /// A pending entry that is newer stays. Returns `true` if the session was cleared meanwhile and must be loaded.
    pub(super) fn take_in(
        &self,
        skips: &mut Skips,
        session: &str,
        place: &dyn Place,
        cleared: Option<Stamp>,
        entries: &[Entry],
    ) -> bool {
        let decoded = entries
            .iter()
            .map(|entry| skips.decode(&self.codec, session, entry));
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
