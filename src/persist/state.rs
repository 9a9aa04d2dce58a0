//! The sessions that one process has in memory, and the version up to which it has read.
//!
//! It knows no engine and no thread.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, PoisonError};

use foldhash::fast::RandomState;

use super::engine::{ClaimOwner, EngineError, Entry, Stamp, Version};
use super::front::{Front, Posted};
use super::part::{Change, Part};
use super::pending::Place;
use super::recent_stamps::RecentStamps;
use super::replica::Replica;
use super::sync::{Mutex, MutexGuard};

/// How long acknowledged changes are kept, in milliseconds, in case a database restarts without them.
const KEPT_AFTER: u64 = 10_000;

#[derive(Default)]
pub(crate) struct State {
    pub(super) front: Arc<Mutex<Front>>,
    /// The version up to which everything was read; `None` until the database has returned its version.
    pub(super) cursor: Option<Version>,
    pub(super) read: Stamp,
    pub(super) floor: Stamp,
    pub(super) slots: HashMap<Arc<str>, Slot, RandomState>,
    /// Creates a place for a session that is not in memory, if all sessions are followed.
    pub(super) follow: Option<Follow>,
    pub(super) due: VecDeque<Arc<str>>,
    pub(super) kept: HashMap<Arc<str>, Vec<Kept>, RandomState>,
    pub(super) written: VecDeque<(Version, Arc<str>)>,
    pub(super) recent: VecDeque<Recent>,
    pub(super) recent_stamps: RecentStamps,
    pub(super) orphans: Vec<Part>,
    pub(super) releases: HashMap<Arc<str>, Vec<ClaimOwner>>,
    pub(super) sent: BTreeSet<Stamp>,
    pub(super) sent_up_to: Stamp,
    pub(super) flushed: u64,
    /// Why nothing can be written, and the number of the last flush before the attempt.
    pub(super) unwritable: Option<(u64, EngineError)>,
    pub(super) reported: u64,
}

type Follow = Box<dyn Fn(&Arc<str>) -> Option<Arc<dyn Place>> + Send>;

pub(crate) struct Slot {
    pub(super) place: Arc<dyn Place>,
    pub(super) load: Load,
    pub(super) is_known: bool,
    pub(super) is_empty: bool,
    pub(super) is_stale: bool,
    pub(super) as_of: Version,
}

pub(super) struct Kept {
    pub(super) version: Version,
    pub(super) cleared: Option<Stamp>,
    pub(super) entries: Vec<(Version, Entry)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    Due,
    Asked(u32),
    Done,
}

pub(super) struct Recent {
    pub(super) at: u64,
    pub(super) session: Arc<str>,
    pub(super) change: Change,
}

impl State {
    pub(super) fn front(&self) -> MutexGuard<'_, Front> {
        self.front.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes that are read from now on are kept for the session.
    pub(crate) fn register(&mut self, session: &Arc<str>, place: Arc<dyn Place>) {
        self.front().loading.insert(Arc::clone(session));
        let slot = Slot {
            place,
            load: Load::Due,
            is_known: false,
            is_empty: false,
            is_stale: false,
            as_of: Version::default(),
        };
        self.slots.insert(Arc::clone(session), slot);
        self.due.push_back(Arc::clone(session));
    }

    pub(crate) fn follow_all(
        &mut self,
        place: impl Fn(&Arc<str>) -> Option<Arc<dyn Place>> + Send + 'static,
    ) {
        self.follow = Some(Box::new(place));
    }

    pub(crate) fn find_or_follow(&mut self, session: &Arc<str>) -> Option<&mut Slot> {
        if !self.slots.contains_key(session) {
            let place = self.follow.as_ref().and_then(|follow| follow(session))?;
            self.register(session, place);
        }
        self.slots.get_mut(session)
    }

    pub(crate) fn follow(&mut self, session: &Arc<str>) {
        self.find_or_follow(session);
    }

    pub(crate) fn follow_empty(&mut self, session: &Arc<str>) {
        if let Some(slot) = self.find_or_follow(session) {
            slot.is_empty = !slot.is_known;
        }
    }

    pub(crate) fn follows_all(&self) -> bool {
        self.follow.is_some()
    }

    pub(crate) fn unregister(&mut self, session: &str) -> Option<Arc<dyn Place>> {
        self.kept.remove(session);
        self.front().note_loaded(session);
        self.slots.remove(session).map(|slot| slot.place)
    }

    pub(crate) fn is_at_rest(&self, session: &str) -> bool {
        let Some(slot) = self.slots.get(session) else {
            return !self.front().loading.contains(session);
        };
        let mut waits = 0;
        slot.place.locked(&mut |pending, _| waits = pending.len());
        let is_posted =
            |posted: &Posted| matches!(posted, Posted::Release(of, _) if **of == *session);
        slot.load == Load::Done
            && waits == 0
            && !self.releases.contains_key(session)
            && !self.front().posted.iter().any(is_posted)
    }

    pub(super) fn reload(&mut self, session: &Arc<str>) {
        if let Some(slot) = self.slots.get_mut(session) {
            slot.load = Load::Due;
            self.due.push_back(Arc::clone(session));
        }
    }

    pub(super) fn begin_at(&mut self, version: Version) {
        self.cursor = Some(version);
        self.kept.clear();
        for (session, slot) in &mut self.slots {
            slot.load = Load::Due;
            self.due.push_back(Arc::clone(session));
        }
    }

    pub(super) fn advance(&mut self, replica: &Replica, version: Version) {
        let Some(cursor) = &mut self.cursor else {
            return;
        };
        *cursor = version.max(*cursor);
        self.pass(replica);
    }

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
                // The result of loading is older than this, or was compared with it.
                waiting_to_load.push((version, session));
            }
        }
        for written in waiting_to_load.into_iter().rev() {
            self.written.push_front(written);
        }
        self.forget_old(replica.now());
    }

    /// Notes a stamp that was read: no later one of this process may be smaller, not even if its clock is set back.
    pub(super) fn note_read(&mut self, replica: &Replica, stamp: Stamp) {
        replica.stamper.see(stamp);
        self.read = self.read.max(stamp);
    }

    pub(super) fn note_recent(&mut self, replica: &Replica, session: &Arc<str>, entry: &Entry) {
        if replica.age(entry.stamp).as_millis() > u128::from(KEPT_AFTER) {
            self.recent_stamps.note_old(entry.stamp);
        } else {
            let now = replica.now();
            self.recent_stamps
                .note(now, session, &entry.identity, entry.stamp);
        }
    }

    fn forget_old(&mut self, now: u64) {
        self.recent_stamps.forget_old(now, KEPT_AFTER);
        while let Some(oldest) = self.recent.front()
            && (now.saturating_sub(oldest.at) > KEPT_AFTER || oldest.at > now)
        {
            self.recent.pop_front();
        }
        if self.recent.is_empty() {
            self.recent = VecDeque::new();
        }
    }

    fn pass_session(&mut self, replica: &Replica, session: &Arc<str>, place: &dyn Place) {
        let Some(cursor) = self.cursor else {
            return;
        };
        let at = replica.now();
        for change in replica.at(place, |pending, _| pending.pass(cursor)) {
            self.read = self.read.max(change.stamp);
            self.recent_stamps
                .note(at, session, &change.identity, change.stamp);
            self.recent.push_back(Recent {
                at,
                session: Arc::clone(session),
                change,
            });
        }
    }

    /// Records which of the sent stamps may be stored: those that were not too far ahead.
    pub(super) fn note_sent(&mut self, clock: u64) {
        while let Some(&stamp) = self.sent.first()
            && !stamp.is_ahead_of(clock)
        {
            self.sent.pop_first();
            self.sent_up_to = self.sent_up_to.max(stamp);
        }
    }

    pub(crate) fn release(&mut self, replica: &Replica, session: &Arc<str>, owner: ClaimOwner) {
        if let Some(slot) = self.slots.get(session) {
            let releases = self.releases.entry(Arc::clone(session));
            releases.or_default().push(owner);
            replica.at(&*slot.place, |pending, _| {
                replica.announce(session, pending);
            });
        }
    }

    pub(super) fn next_release(&self, session: &str) -> Option<ClaimOwner> {
        self.releases.get(session)?.first().copied()
    }

    /// Removes a release that is stored. Returns whether the session has more of them.
    pub(super) fn forget_release(&mut self, session: &str, owner: ClaimOwner) -> bool {
        let Some(releases) = self.releases.get_mut(session) else {
            return false;
        };
        releases.retain(|release| *release != owner);
        let has_more = !releases.is_empty();
        if !has_more {
            self.releases.remove(session);
        }
        has_more
    }
}
