//! Loads sessions: a state machine that its thread or a test steps.
//!
//! It calls no engine: [`Loader::plan`] returns the sessions to request, and [`install`] processes the result.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::engine::{Answer, Database, EngineError, Entry, Loaded, LoadedSession, Stamp, Version};
use super::pending::{Cookies, Pending};
use super::replica::Replica;
use super::seal::SkipReason;
use super::state::{Kept, Load, Slot, State};
use crate::cookie::Cookie;

const SESSIONS: usize = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Loader {
    asked: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Question {
    number: u32,
    pub(crate) sessions: Vec<Arc<str>>,
}

impl Loader {
    /// Nothing is loaded until the version from which changes are read is known.
    pub(crate) fn plan(&mut self, replica: &Replica) -> Option<Question> {
        let mut state = replica.state();
        state.cursor?;
        self.asked = self.asked.wrapping_add(1);
        let mut sessions = Vec::new();
        while sessions.len() < SESSIONS
            && let Some(session) = state.due.pop_front()
        {
            if let Some(slot) = state.slots.get_mut(&session)
                && slot.load == Load::Due
            {
                slot.load = Load::Asked(self.asked);
                sessions.push(session);
            }
        }
        if state.due.is_empty() {
            state.due.shrink_to(SESSIONS);
        }
        let number = self.asked;
        (!sessions.is_empty()).then_some(Question { number, sessions })
    }
}

/// Rejects a result that is not one for each session, because it does not say which are missing.
pub(super) fn load(
    connection: &mut dyn Database,
    sessions: &[&str],
) -> Result<Answer<Loaded>, EngineError> {
    let answer = connection.load(sessions)?;
    let (asked, found) = (sessions.len(), answer.value.sessions.len());
    if found == asked {
        return Ok(answer);
    }
    let error = format!("the engine returned {found} sessions, but {asked} were requested");
    Err(EngineError::fatal(error))
}

pub(crate) fn failed(replica: &Replica, question: &Question) {
    let mut state = replica.state();
    for session in &question.sessions {
        if let Some(slot) = state.slots.get(session)
            && slot.load == Load::Asked(question.number)
        {
            state.reload(session);
        }
    }
}

pub(crate) fn install(
    replica: &Replica,
    question: &Question,
    answer: Answer<Loaded>,
) -> Vec<Arc<str>> {
    let mut state = replica.state();
    if !replica.note(&mut state, answer.clock, &answer.history) {
        return Vec::new();
    }
    let Loaded { version, sessions } = answer.value;
    let mut installed = Vec::new();
    for (session, mut loaded) in question.sessions.iter().zip(sessions) {
        skip_ahead(&mut state, answer.clock, session, &mut loaded);
        let Some(mut slot) = state.slots.remove(session) else {
            continue;
        };
        if slot.load == Load::Asked(question.number) {
            install_session(replica, &mut state, session, &mut slot, loaded, version);
            installed.push(Arc::clone(session));
        }
        state.slots.insert(Arc::clone(session), slot);
    }
    state.pass(replica);
    installed
}

/// Skips entries with stamps too far ahead of the database's clock, which no correct engine stores: our clock would
/// follow them.
fn skip_ahead(state: &mut State, clock: u64, session: &str, loaded: &mut Option<LoadedSession>) {
    let Some(LoadedSession { cleared, entries }) = loaded else {
        return;
    };
    cleared.take_if(|stamp| stamp.is_ahead_of(clock));
    for _ in entries.extract_if(.., |entry| entry.stamp.is_ahead_of(clock)) {
        state.front().skips.add(session, SkipReason::AheadOfClock);
    }
}

fn install_session(
    replica: &Replica,
    state: &mut State,
    session: &Arc<str>,
    slot: &mut Slot,
    loaded: Option<LoadedSession>,
    version: Version,
) {
    if loaded.is_none() {
        replica.restore(state, session, slot);
    }
    let loaded = loaded.unwrap_or_default();
    repeat_lost(replica, state.floor, session, slot, &loaded, version);
    let kept = state.kept.remove(session).unwrap_or_default();
    let LoadedSession { cleared, entries } = brought_up(loaded, kept, version);
    for entry in &entries {
        state.note_read(replica, entry.stamp);
        state.note_recent(replica, session, entry);
    }
    if let Some(cleared) = cleared {
        state.note_read(replica, cleared);
    }
    let decoded = entries.iter().map(|entry| replica.decode(session, entry));
    let cookies: Vec<_> = decoded.collect();
    replica.at(&*slot.place, |pending, shelf| {
        pending.drop_below(cleared.unwrap_or_default());
        apply(pending, shelf, &entries, cookies, slot.is_empty);
    });
    slot.as_of = version;
    slot.is_known = true;
    slot.is_empty = false;
    slot.is_stale = false;
    slot.load = Load::Done;
    replica.front().note_loaded(session);
}

/// A pending change that is newer stays.
fn apply(
    pending: &mut Pending,
    shelf: &mut dyn Cookies,
    entries: &[Entry],
    cookies: Vec<Option<Cookie>>,
    is_empty: bool,
) {
    let mut judged = HashSet::new();
    for (entry, cookie) in entries.iter().zip(cookies) {
        judged.insert(&entry.identity);
        match cookie {
            _ if !pending.admits(&entry.identity, entry.key()) => {
                // A pending entry is newer, and already in memory; otherwise the database has lost a clear.
                if !pending.shadows(&entry.identity) {
                    shelf.remove(&entry.identity);
                }
            }
            Some(cookie) => shelf.put(&entry.identity, cookie),
            None => shelf.remove(&entry.identity),
        }
    }
    // Opening a jar loads thousands of families: looking for cookies that cannot exist would take most of the time.
    if is_empty {
        return;
    }
    for identity in shelf.identities() {
        if !judged.contains(&identity) && !pending.shadows(&identity) {
            shelf.remove(&identity);
        }
    }
}

fn repeat_lost(
    replica: &Replica,
    floor: Stamp,
    session: &Arc<str>,
    slot: &Slot,
    loaded: &LoadedSession,
    version: Version,
) {
    replica.at(&*slot.place, |pending, _| {
        let entries = loaded.entries.iter();
        let keys: HashMap<_, _> = match pending.len() {
            0 => HashMap::new(),
            _ => entries
                .map(|entry| (&entry.identity, entry.key()))
                .collect(),
        };
        let key = |identity: &Arc<[u8]>| keys.get(identity).copied();
        if pending.unwrite_lost(version, floor, loaded.cleared, key) {
            replica.announce(session, pending);
        }
    });
}

fn brought_up(loaded: LoadedSession, kept: Vec<Kept>, version: Version) -> LoadedSession {
    let mut cleared = loaded.cleared;
    let named = loaded.entries.into_iter();
    let mut entries: HashMap<_, _> = named
        .map(|entry| (Arc::clone(&entry.identity), entry))
        .collect();
    // What was read before the session was loaded is in the result, unless the database has lost it.
    for read in kept.into_iter().filter(|read| read.version > version) {
        cleared = cleared.max(read.cleared);
        let later = read
            .entries
            .into_iter()
            .filter(|(stored, _)| *stored > version);
        for (_, entry) in later {
            entries.insert(Arc::clone(&entry.identity), entry);
        }
    }
    let mut entries: Vec<_> = entries.into_values().collect();
    entries.retain(|entry| !entry.is_cleared_by(cleared.unwrap_or_default()));
    LoadedSession { cleared, entries }
}
