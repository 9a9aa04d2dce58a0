//! Writes pending changes in batches: a state machine that its thread or a test steps.
//!
//! It calls no engine: [`Writer::prepare`] returns a batch, and [`Writer::settle`] processes the result.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::engine::{
    Answer, Applied, EngineError, Entry, MAX_BATCH, SessionBatch, Stamp, WriterId,
};
use super::part::Part;
use super::replica::{Announced, Replica};
use super::state::State;

const SESSIONS: usize = 1_000;

#[derive(Debug)]
pub(crate) struct Writer {
    id: WriterId,
    queue: VecDeque<Arc<str>>,
    halves: Vec<Batch>,
    /// The number of the flush that is complete when the queue is empty.
    flush: u64,
    fatal: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Batch {
    parts: Vec<(Part, Vec<Entry>)>,
}

#[derive(Debug, Clone)]
pub(crate) enum Settled {
    Done,
    /// Continue after a pause, over a new connection.
    Retry(EngineError),
    /// Continue; an entry was given up because the database refused it.
    GaveUp(EngineError),
}

impl Writer {
    pub(crate) fn new(id: WriterId) -> Self {
        Self {
            id,
            queue: VecDeque::new(),
            halves: Vec::new(),
            flush: 0,
            fatal: 0,
        }
    }

    pub(crate) fn reconnect(&mut self, id: WriterId) {
        self.id = id;
    }

    /// Returns the next batch, or `None` if nothing is pending; then all earlier flushes are complete.
    pub(crate) fn prepare(&mut self, replica: &Replica) -> Option<Batch> {
        let batch = self.halves.pop().or_else(|| self.collect(replica));
        let mut state = replica.state();
        match &batch {
            Some(batch) => state.sent.extend(batch.stamps()),
            None => self.note_flushed(replica, &mut state),
        }
        batch
    }

    pub(crate) fn has_work(&self, replica: &Replica) -> bool {
        let has_orphans = !replica.state().orphans.is_empty();
        has_orphans
            || !self.queue.is_empty()
            || !self.halves.is_empty()
            || replica.has_announced()
            || replica.has_touched()
            || Self::has_flush(replica)
    }

    pub(crate) fn has_flush(replica: &Replica) -> bool {
        replica.state().flushed < replica.flushes.load(Ordering::Acquire)
    }

    /// Completes a flush, unless nothing is left only because the database was closed.
    fn note_flushed(&self, replica: &Replica, state: &mut State) {
        replica.front().unwritten_since = None;
        if !replica.is_closed() {
            state.flushed = self.flush;
        }
    }

    fn collect(&mut self, replica: &Replica) -> Option<Batch> {
        if self.queue.is_empty() {
            self.note_flushed(replica, &mut replica.state());
            self.flush = replica.flushes.load(Ordering::Acquire);
            self.follow_announced(replica, &mut replica.state());
        }
        let mut state = replica.state();
        let mut parts = std::mem::take(&mut state.orphans);
        let mut entries = 0;
        let mut collected = HashSet::new();
        while entries < MAX_BATCH
            && parts.len() < SESSIONS
            && let Some(session) = self.queue.pop_front()
        {
            if collected.contains(&session) {
                // A part sent twice would be stored even if the first one was given up.
                self.queue.push_front(session);
                break;
            }
            let Some(slot) = state.find_or_follow(&session) else {
                continue;
            };
            let (mut part, is_cut) = replica.at(&*slot.place, |pending, _| {
                pending.collect(&session, self.id, MAX_BATCH)
            });
            if is_cut {
                self.queue.push_back(session);
            } else {
                part.released = state.next_release(&session);
            }
            entries += part.entries.len();
            if !part.is_touch() {
                collected.insert(Arc::clone(&part.session));
                parts.push(part);
            }
        }
        drop(state);
        let room = SESSIONS.saturating_sub(parts.len());
        parts.extend(replica.take_touched(room).into_iter().map(Part::touch));
        (!parts.is_empty()).then(|| Batch::new(replica, parts))
    }

    /// Queues the announced sessions. Afterward each pending change is that of a known session.
    fn follow_announced(&mut self, replica: &Replica, state: &mut State) {
        let Announced { sessions, since } = replica.take_announced();
        replica.take_posted(state);
        for session in &sessions {
            state.follow(session);
        }
        // Keeps no room of an earlier round.
        let queued = std::mem::take(&mut self.queue);
        self.queue = queued.into_iter().chain(sessions).collect();
        replica.front().note_unwritten(since);
    }

    pub(crate) fn settle(
        &mut self,
        replica: &Replica,
        batch: Batch,
        result: Result<Answer<Applied>, EngineError>,
    ) -> Settled {
        let mut state = replica.state();
        match result {
            Ok(answer) => {
                self.fatal = 0;
                state.unwritable = None;
                if replica.note(&mut state, answer.clock, &answer.history) {
                    self.forget_releases(&mut state, &batch, |_| true);
                    acknowledge(replica, &mut state, &batch, answer.value);
                } else {
                    self.requeue(replica, &mut state, batch);
                }
                Settled::Done
            }
            Err(EngineError::StampAhead { clock, history }) => {
                self.requeue(replica, &mut state, batch);
                if replica.note(&mut state, clock, &history) {
                    self.restamp(replica, &mut state, clock);
                }
                Settled::Done
            }
            Err(error @ EngineError::Refused(_)) => match batch.halve() {
                Ok(halves) => {
                    self.halves.extend(halves);
                    Settled::Done
                }
                Err(batch) => {
                    give_up(replica, &mut state, &batch);
                    self.forget_releases(&mut state, &batch, Part::is_empty);
                    Settled::GaveUp(error)
                }
            },
            Err(error) => {
                self.requeue(replica, &mut state, batch);
                self.note_fatal(replica, &mut state, &error);
                Settled::Retry(error)
            }
        }
    }

    /// Gives up the oldest unwritten entries if their number exceeds `at_most`, whole calls at a time. Returns the
    /// number of entries. Call it only between two batches: an entry of a batch may be stored although it is given up.
    pub(crate) fn bound(&mut self, replica: &Replica, at_most: usize) -> u64 {
        if !self.halves.is_empty() || replica.pending() <= at_most {
            return 0;
        }
        let mut state = replica.state();
        self.follow_announced(replica, &mut state);
        let mut stamps = Vec::new();
        for slot in state.slots.values() {
            replica.at(&*slot.place, |pending, _| stamps.extend(pending.stamps()));
        }
        if stamps.len() <= at_most {
            return 0;
        }
        // A sixteenth more, so that the next change does not count all of them again.
        let surplus = stamps.len() - at_most + at_most / 16;
        let (_, latest, _) = stamps.select_nth_unstable(surplus - 1);
        let latest = *latest;
        let mut given_up = Vec::new();
        for (session, slot) in &state.slots {
            let gone = replica.at(&*slot.place, |pending, _| pending.give_up_to(latest));
            if gone > 0 {
                given_up.push((Arc::clone(session), gone));
            }
        }
        for (session, gone) in &given_up {
            abandon(&mut state, session, *gone);
        }
        given_up.iter().map(|(_, gone)| *gone as u64).sum()
    }

    /// Handles stamps too far ahead: sets the clock back, and restamps pending changes in their order.
    fn restamp(&mut self, replica: &Replica, state: &mut State, clock: u64) {
        let latest = state.read.max(state.sent_up_to);
        let first = replica.stamper.fall_back(clock, replica.now(), latest);
        state.sent.clear();
        self.follow_announced(replica, state);
        let mut stamps = BTreeSet::new();
        for slot in state.slots.values() {
            replica.at(&*slot.place, |pending, _| stamps.extend(pending.stamps()));
        }
        let ahead: Vec<_> = stamps.range(first..).copied().collect();
        let anew = |stamp: Stamp| match ahead.binary_search(&stamp) {
            Ok(place) => Stamp::new(first.get() + place as u64),
            Err(_) => stamp,
        };
        for slot in state.slots.values() {
            replica.at(&*slot.place, |pending, _| pending.restamp(anew));
        }
    }

    /// Ends flushes with the error of a database that even a new connection cannot use. The writer retries.
    fn note_fatal(&mut self, replica: &Replica, state: &mut State, error: &EngineError) {
        if !matches!(error, EngineError::Fatal(_)) {
            self.fatal = 0;
            return;
        }
        self.fatal += 1;
        if self.fatal > 1 {
            let flushes = replica.flushes.load(Ordering::Acquire);
            state.unwritable = Some((flushes, error.clone()));
        }
    }

    fn forget_releases(&mut self, state: &mut State, batch: &Batch, done: impl Fn(&Part) -> bool) {
        for (part, _) in &batch.parts {
            let Some(owner) = part.released else {
                continue;
            };
            if !done(part) || state.forget_release(&part.session, owner) {
                self.queue.push_back(Arc::clone(&part.session));
            }
        }
    }

    /// Queues a batch and the halves again. Parts of sessions that are not in memory are sent unchanged.
    fn requeue(&mut self, replica: &Replica, state: &mut State, batch: Batch) {
        let batches = std::mem::take(&mut self.halves).into_iter();
        for (part, _) in batches.chain([batch]).flat_map(|batch| batch.parts) {
            match state.slots.get(&part.session) {
                _ if part.is_touch() => replica.touch(&part.session),
                Some(slot) if !part.is_orphan => {
                    replica.at(&*slot.place, |pending, _| pending.is_announced = true);
                    self.queue.push_front(part.session);
                }
                _ if part.is_orphan => state.orphans.push(part),
                _ => {}
            }
        }
    }
}

fn acknowledge(replica: &Replica, state: &mut State, batch: &Batch, applied: Applied) {
    let Applied {
        version,
        taken,
        floor,
    } = applied;
    state.floor = state.floor.max(floor);
    for (part, _) in batch.parts.iter().filter(|(part, _)| !part.is_touch()) {
        let Some(slot) = state.slots.get(&part.session) else {
            continue;
        };
        let given_up = replica.at(&*slot.place, |pending, _| {
            pending.acknowledge(part, version, floor)
        });
        // What was loaded meanwhile was not compared with the changes: the database may have lost them.
        let is_loaded_since = slot.as_of >= version;
        state
            .written
            .push_back((version, Arc::clone(&part.session)));
        state.front().counts.written += part.entries.len() as u64;
        if given_up > 0 {
            abandon(state, &part.session, given_up);
        } else if is_loaded_since {
            state.reload(&part.session);
        }
    }
    // Versions between two of ours are ours: their changes are in memory. Those of orphans are not.
    let read_up_to = state
        .cursor
        .and_then(|cursor| cursor.get().checked_add(taken));
    let has_orphans = batch.parts.iter().any(|(part, _)| part.is_orphan);
    if read_up_to == Some(version.get()) && !has_orphans {
        state.advance(replica, version);
    } else {
        state.pass(replica);
    }
}

/// Counts given-up entries, and schedules their session for loading: memory holds changes that the database does not have.
fn abandon(state: &mut State, session: &Arc<str>, given_up: usize) {
    state.front().counts.given_up += given_up as u64;
    if let Some(slot) = state.slots.get_mut(session) {
        slot.is_stale = true;
    }
    state.reload(session);
}

fn give_up(replica: &Replica, state: &mut State, batch: &Batch) {
    for (part, _) in batch.parts.iter().filter(|(part, _)| !part.is_touch()) {
        let Some(slot) = state.slots.get(&part.session) else {
            continue;
        };
        let given_up = replica.at(&*slot.place, |pending, _| pending.give_up(part));
        abandon(state, &part.session, given_up);
    }
}

impl Batch {
    fn new(replica: &Replica, parts: Vec<Part>) -> Self {
        let encoded = parts.into_iter().map(|part| {
            let encode = |change| replica.codec.encode(&part.session, change);
            let entries = part.entries.iter().map(encode).collect();
            (part, entries)
        });
        Self {
            parts: encoded.collect(),
        }
    }

    pub(crate) fn sessions(&self) -> Vec<SessionBatch<'_>> {
        let parts = self.parts.iter();
        let session = parts.map(|(part, entries)| SessionBatch {
            session: &part.session,
            cleared: part.cleared,
            ended: part.ended,
            entries,
            released: part.released,
        });
        session.collect()
    }

    fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.parts.iter().flat_map(|(part, _)| {
            let entries = part.entries.iter().map(|change| change.stamp);
            entries.chain(part.cleared)
        })
    }

    fn halve(mut self) -> Result<[Self; 2], Self> {
        if self.parts.len() > 1 {
            let second = self.parts.split_off(self.parts.len() / 2);
            return Ok([Self { parts: second }, self]);
        }
        let Some((part, entries)) = self.parts.first_mut() else {
            return Err(self);
        };
        if entries.len() + usize::from(part.cleared.is_some()) < 2 {
            return Err(self);
        }
        // The clear is in the first half, alone if the batch has one entry.
        let place = entries.len() / 2;
        let second = Part {
            session: Arc::clone(&part.session),
            cleared: None,
            ended: false,
            entries: part.entries.split_off(place),
            released: part.released.take(),
            is_orphan: part.is_orphan,
            losses: part.losses,
        };
        let second = vec![(second, entries.split_off(place))];
        Ok([Self { parts: second }, self])
    }
}
