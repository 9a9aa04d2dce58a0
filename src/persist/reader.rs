//! Reads the changes of other processes: a state machine that its thread or a test steps.
//!
//! It calls no engine: [`ask`] returns the next request, and [`stands`] and [`changed`] process the results.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::engine::{Answer, Changed, ChangedSession, Changes, Entry, Hello, Version};
use super::replica::Replica;
use super::seal::SkipReason;
use super::state::{Kept, Load, State};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Hello,
    Changes(Version),
}

pub(crate) fn ask(replica: &Replica) -> Ask {
    replica.state().cursor.map_or(Ask::Hello, Ask::Changes)
}

/// Begins to read after a version. Sessions are loaded at this version or a later one, and later versions are read.
/// The caller has listed, after it, those that this process has not loaded.
pub(crate) fn begin(replica: &Replica, answer: &Answer<Hello>) {
    stands(replica, answer);
    let mut state = replica.state();
    if state.cursor.is_none() {
        state.begin_at(answer.value.version);
    }
}

pub(crate) fn stands(replica: &Replica, answer: &Answer<Hello>) {
    let mut state = replica.state();
    replica.note(&mut state, answer.clock, &answer.history);
    state.floor = state.floor.max(answer.value.floor);
    let is_exclusive = answer.value.is_exclusive;
    replica.is_exclusive.store(is_exclusive, Ordering::Relaxed);
}

pub(crate) fn changed(replica: &Replica, answer: Answer<Changed>) {
    let mut state = replica.state();
    if !replica.note(&mut state, answer.clock, &answer.history) {
        return;
    }
    if state.cursor.is_none() {
        return;
    }
    match answer.value {
        Changed::TooFarBehind => state.cursor = None,
        Changed::UpTo(Changes { version, sessions }) => {
            for mut session in sessions {
                skip_ahead(&mut state, answer.clock, &mut session);
                take_in(replica, &mut state, version, session);
            }
            state.advance(replica, version);
        }
    }
}

fn skip_ahead(state: &mut State, clock: u64, changed: &mut ChangedSession) {
    changed.cleared.take_if(|stamp| stamp.is_ahead_of(clock));
    let is_ahead = |(_, entry): &mut (Version, Entry)| entry.stamp.is_ahead_of(clock);
    for _ in changed.entries.extract_if(.., is_ahead) {
        state
            .front()
            .skips
            .add(&changed.session, SkipReason::AheadOfClock);
    }
}

fn take_in(replica: &Replica, state: &mut State, version: Version, changed: ChangedSession) {
    let mut entries = changed.entries;
    entries.retain(|(stored, _)| Some(*stored) > state.cursor);
    let stamps = entries.iter().map(|(_, entry)| entry.stamp);
    for stamp in stamps.chain(changed.cleared) {
        state.note_read(replica, stamp);
    }
    let session: Arc<str> = changed.session.into();
    if state.find_or_follow(&session).is_none() {
        return;
    }
    for (_, entry) in &entries {
        state.note_recent(replica, &session, entry);
    }
    let State { slots, kept, .. } = state;
    let Some(slot) = slots.get_mut(&session) else {
        return;
    };
    entries.retain(|(stored, _)| *stored > slot.as_of);
    let is_due = slot.load != Load::Done;
    if is_due {
        let kept = kept.entry(Arc::clone(&session)).or_default();
        kept.push(Kept {
            version,
            cleared: changed.cleared,
            entries: entries.clone(),
        });
    }
    if !slot.is_known {
        return;
    }
    let entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
    if replica.take_in(&session, &*slot.place, changed.cleared, &entries) {
        slot.is_stale = true;
        slot.load = Load::Due;
        state.due.push_back(session);
    }
}
