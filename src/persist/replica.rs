//! What one process knows of a namespace: which sessions it has in memory, and up to which version it has read.
//!
//! It knows no engine and no thread. The writer, the reader and the loader work on it; a local change touches none of it
//! but [`Replica::announce`].
//!
//! Locks: the state's, then those of a session's cookies, then that of the announcements.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;

use super::engine::{Entry, History, Stamp, Version, WriterId};
use super::pending::{Change, Cookies, Part, Pending, Place};
use super::record;
use super::stamper::Stamper;

/// How long acknowledged changes are kept, in milliseconds, for a database that comes back without them.
const KEPT_AFTER: u64 = 10_000;

pub(crate) struct Replica {
    pub(crate) stamper: Stamper,
    /// Milliseconds since the epoch, by this process's clock.
    clock: Box<dyn Fn() -> u64 + Send + Sync>,
    state: Mutex<State>,
    /// The sessions in which something has begun to wait.
    announced: Mutex<Vec<Arc<str>>>,
    /// Wakes the writer.
    wake: Box<dyn Fn() + Send + Sync>,
    /// Entries that wait or are not known to be read back, in all sessions.
    pending: AtomicUsize,
    /// Nothing waits any more: the database is closed.
    is_closed: AtomicBool,
    /// Number of the last flush that was asked for.
    pub(super) flushes: AtomicU64,
}

#[derive(Default)]
pub(crate) struct State {
    pub(super) history: Option<History>,
    /// Everything up to this version was read. `None` until the database was asked where it stands.
    pub(super) cursor: Option<Version>,
    /// The greatest stamp that was read, or written and passed by the cursor.
    pub(super) read: Stamp,
    /// The greatest floor that was answered.
    pub(super) floor: Stamp,
    pub(super) slots: HashMap<Arc<str>, Slot, RandomState>,
    /// Makes a place for a session that is not in memory, if all are to be.
    follow: Option<Follow>,
    /// Sessions to be loaded.
    pub(super) due: VecDeque<Arc<str>>,
    /// What was written and waits for the cursor, in the order of the versions.
    pub(super) written: VecDeque<(Version, Arc<str>)>,
    /// What the cursor has passed lately.
    recent: VecDeque<Recent>,
    /// Acknowledged changes of sessions that are not in memory any more, to be sent again.
    pub(super) orphans: Vec<Part>,
    /// The stamps that were sent since they were last known not to be too far ahead.
    pub(super) sent: BTreeSet<Stamp>,
    /// The greatest stamp that was sent and may be stored.
    pub(super) sent_up_to: Stamp,
    /// The number of the last flush of which everything is written.
    pub(super) flushed: u64,
    /// How many of the entries that were given up a flush has reported.
    pub(super) reported: u64,
    pub(super) counts: Counts,
}

type Follow = Box<dyn Fn(&Arc<str>) -> Option<Arc<dyn Place>> + Send>;

/// What is counted for the status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Entries that were written.
    pub(crate) written: u64,
    /// Entries that were given up.
    pub(crate) given_up: u64,
    /// Records that are not cookies.
    pub(crate) bad: u64,
}

/// A session that is in memory, or about to be.
pub(crate) struct Slot {
    pub(super) place: Arc<dyn Place>,
    pub(super) load: Load,
    /// Whether the cookies in memory were loaded once.
    pub(super) is_known: bool,
    /// Whether memory has cookies that the database is known to be rid of.
    pub(super) is_stale: bool,
    /// As of which version it was loaded.
    pub(super) as_of: Version,
    /// What was read since the session waits to be loaded.
    pub(super) kept: Vec<Kept>,
}

/// The `cleared` of a session, and entries with the versions at which they were stored.
pub(super) type Kept = (Option<Stamp>, Vec<(Version, Entry)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// It is to be loaded.
    Due,
    /// It was asked for, by the question of this number.
    Asked(u64),
    Done,
}

struct Recent {
    at: u64,
    session: Arc<str>,
    change: Change,
}

impl Replica {
    pub(crate) fn new(
        clock: impl Fn() -> u64 + Send + Sync + 'static,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            stamper: Stamper::default(),
            clock: Box::new(clock),
            wake: Box::new(wake),
            state: Mutex::default(),
            announced: Mutex::default(),
            pending: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
            flushes: AtomicU64::new(0),
        }
    }

    /// From now on changes stay in memory. The sessions are let go.
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

    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// The stamp of a call that changes cookies, taken while they are locked.
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

    /// Tells the writer of a session in which something waits. The lock of its cookies is held.
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

    /// Counts the entries that came or went since there were `before`.
    pub(crate) fn count(&self, before: usize, pending: &Pending) {
        let after = pending.len();
        self.pending
            .fetch_add(after.wrapping_sub(before), Ordering::Relaxed);
    }

    /// How many entries wait or are not known to be read back.
    pub(crate) fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }

    /// The sessions that were announced, which are not any more.
    pub(super) fn take_announced(&self) -> Vec<Arc<str>> {
        std::mem::take(&mut *self.announcements())
    }

    pub(crate) fn has_announced(&self) -> bool {
        !self.announcements().is_empty()
    }

    /// Works on the cookies of a session and what waits beside them.
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

    /// Takes note of the clock and the history of an answer. Returns `false` if another history has begun: then
    /// nothing that was known counts, and the answer neither.
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

    /// Another history has begun: what is known is written whole, and everything loaded anew.
    fn doubt(&self, state: &mut State) {
        state.cursor = None;
        state.written.clear();
        let read = state.read;
        for (session, slot) in &mut state.slots {
            slot.as_of = Version::default();
            slot.kept.clear();
            self.at(&*slot.place, |pending, cookies| {
                pending.unwrite();
                if slot.is_known && !slot.is_stale {
                    pending.write_whole(cookies.all(), read);
                }
            });
            // Only the slot itself is needed below.
            slot.load = Load::Due;
            state.due.push_back(Arc::clone(session));
        }
        state.repeat_recent(self);
        for (session, slot) in &state.slots {
            self.at(&*slot.place, |pending, _| {
                if pending.is_waiting() {
                    self.announce(session, pending);
                }
            });
        }
    }

    /// A session that was known is not there: it is written whole, unless what is known is so old that its deletion
    /// may be forgotten.
    pub(super) fn restore(&self, state: &mut State, session: &Arc<str>, slot: &Slot) {
        if !slot.is_known || slot.is_stale || state.read < state.floor {
            return;
        }
        let recent = state.recent.iter();
        let deleted: Vec<_> = recent
            .filter(|recent| recent.session == *session && recent.change.cookie.is_none())
            .map(|recent| recent.change.clone())
            .collect();
        self.at(&*slot.place, |pending, cookies| {
            pending.unwrite();
            pending.write_whole(cookies.all(), state.read);
            for Change {
                identity, stamp, ..
            } in deleted
            {
                pending.add_if_absent(identity, stamp, None);
            }
            if pending.is_waiting() {
                self.announce(session, pending);
            }
        });
    }

    /// Takes in what was read of a session, if nothing that waits is newer. Returns `true` if the session was
    /// cleared meanwhile, and has to be loaded.
    pub(super) fn take_in(
        &self,
        counts: &mut Counts,
        place: &dyn Place,
        cleared: Option<Stamp>,
        entries: &[Entry],
    ) -> bool {
        let cookies: Vec<_> = entries.iter().map(|entry| decode(entry, counts)).collect();
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

/// The cookie of an entry; a record that is not one counts as a deletion.
pub(super) fn decode(entry: &Entry, counts: &mut Counts) -> Option<crate::cookie::Cookie> {
    let record = entry.record.as_ref()?;
    let cookie = record::decode(&entry.identity, &record.bytes);
    counts.bad += u64::from(cookie.is_err());
    cookie.ok()
}

impl State {
    /// Registers a session, to be loaded. What is read from now on is kept for it.
    pub(crate) fn register(&mut self, session: &Arc<str>, place: Arc<dyn Place>) {
        let slot = Slot {
            place,
            load: Load::Due,
            is_known: false,
            is_stale: false,
            as_of: Version::default(),
            kept: Vec::new(),
        };
        self.slots.insert(Arc::clone(session), slot);
        self.due.push_back(Arc::clone(session));
    }

    /// All sessions are to be in memory, those that others begin included.
    pub(crate) fn follow_all(
        &mut self,
        place: impl Fn(&Arc<str>) -> Option<Arc<dyn Place>> + Send + 'static,
    ) {
        self.follow = Some(Box::new(place));
    }

    /// The slot of a session, which is made if all are to be in memory.
    pub(crate) fn find_or_follow(&mut self, session: &Arc<str>) -> Option<&mut Slot> {
        if !self.slots.contains_key(session) {
            let place = self.follow.as_ref().and_then(|follow| follow(session))?;
            self.register(session, place);
        }
        self.slots.get_mut(session)
    }

    /// Whether all sessions are in memory as the database has them.
    pub(crate) fn is_all_known(&self) -> bool {
        self.slots.values().all(|slot| slot.is_known)
    }

    /// Forgets a session, of which nothing waits.
    pub(crate) fn unregister(&mut self, session: &str) -> Option<Arc<dyn Place>> {
        self.slots.remove(session).map(|slot| slot.place)
    }

    /// Whether a session is in memory as the database has it.
    pub(crate) fn is_loaded(&self, session: &str) -> bool {
        let slot = self.slots.get(session);
        slot.is_some_and(|slot| slot.is_known)
    }

    /// Whether a session is in memory as the database has it, and nothing of it waits.
    pub(crate) fn is_at_rest(&self, session: &str) -> bool {
        let Some(slot) = self.slots.get(session) else {
            return true;
        };
        let mut waits = 0;
        slot.place.locked(&mut |pending, _| waits = pending.len());
        slot.load == Load::Done && waits == 0
    }

    /// Lets a session be loaded anew.
    pub(super) fn reload(&mut self, session: &Arc<str>) {
        if let Some(slot) = self.slots.get_mut(session) {
            slot.load = Load::Due;
            self.due.push_back(Arc::clone(session));
        }
    }

    /// The answer to where the database stands: everything from here on is read, and everything before loaded.
    pub(super) fn begin_at(&mut self, version: Version) {
        self.cursor = Some(version);
        for (session, slot) in &mut self.slots {
            slot.load = Load::Due;
            slot.kept.clear();
            self.due.push_back(Arc::clone(session));
        }
    }

    /// Moves the cursor, and takes out of the sessions what was written up to there.
    pub(super) fn advance(&mut self, replica: &Replica, version: Version) {
        let Some(cursor) = &mut self.cursor else {
            return;
        };
        *cursor = version.max(*cursor);
        self.pass(replica);
    }

    /// Takes out of the sessions what was written up to the cursor.
    pub(super) fn pass(&mut self, replica: &Replica) {
        let Some(cursor) = self.cursor else {
            return;
        };
        let mut waiting_to_load = Vec::new();
        while let Some(&(version, _)) = self.written.front()
            && version <= cursor
            && let Some((_, session)) = self.written.pop_front()
        {
            let Some(slot) = self.slots.get(&session) else {
                continue;
            };
            if slot.load == Load::Done {
                let place = Arc::clone(&slot.place);
                self.pass_session(replica, &session, &*place);
            } else {
                // What comes of loading is older than this, or was judged with it.
                waiting_to_load.push((version, session));
            }
        }
        for written in waiting_to_load.into_iter().rev() {
            self.written.push_front(written);
        }
    }

    fn pass_session(&mut self, replica: &Replica, session: &Arc<str>, place: &dyn Place) {
        let Some(cursor) = self.cursor else {
            return;
        };
        let at = replica.now();
        for change in replica.at(place, |pending, _| pending.pass(cursor)) {
            self.read = self.read.max(change.stamp);
            self.recent.push_back(Recent {
                at,
                session: Arc::clone(session),
                change,
            });
        }
        while let Some(oldest) = self.recent.front()
            && (oldest.at + KEPT_AFTER < at || oldest.at > at)
        {
            self.recent.pop_front();
        }
    }

    /// Lets what was acknowledged lately wait again: a database may have come back without it. Cookies that are in
    /// memory wait already.
    fn repeat_recent(&mut self, replica: &Replica) {
        for recent in &self.recent {
            let change = recent.change.clone();
            match self.slots.get(&recent.session) {
                Some(slot) if change.cookie.is_none() => replica.at(&*slot.place, |pending, _| {
                    pending.add_if_absent(change.identity, change.stamp, None);
                }),
                Some(_) => {}
                None => self.orphans.push(Part {
                    session: Arc::clone(&recent.session),
                    cleared: None,
                    ended: false,
                    entries: vec![change],
                    is_orphan: true,
                }),
            }
        }
    }

    /// Which of the stamps that were sent may be stored: those that were not too far ahead.
    fn note_sent(&mut self, clock: u64) {
        while let Some(&stamp) = self.sent.first()
            && !stamp.is_ahead_of(clock)
        {
            self.sent.pop_first();
            self.sent_up_to = self.sent_up_to.max(stamp);
        }
    }
}

/// The writer of a new connection.
pub(crate) fn random_writer() -> WriterId {
    use std::hash::BuildHasher;
    WriterId::new(std::hash::RandomState::new().hash_one("writer"))
}
