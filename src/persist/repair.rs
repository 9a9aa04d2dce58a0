//! Repair: a database restarted without its last changes, and the process writes what it knows.
//!
//! It knows no engine: the replica detects the loss, and repairs are queued like any change.

use std::sync::Arc;

use super::engine::Version;
use super::part::{Change, Part};
use super::replica::Replica;
use super::state::{Load, Slot, State};

impl Replica {
    /// Handles a new history: writes everything known, and reloads everything.
    pub(super) fn doubt(&self, state: &mut State) {
        state.cursor = None;
        state.written.clear();
        state.kept.clear();
        for (session, slot) in &mut state.slots {
            slot.as_of = Version::default();
            self.at(&*slot.place, |pending, cookies| {
                pending.unwrite();
                if slot.is_known && !slot.is_stale {
                    pending.write_whole(cookies.all(), state.recent_stamps.of_session(session));
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

    /// Writes the whole of a session that the database has lost, unless it is so old that its deletion may be
    /// forgotten.
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
            pending.write_whole(cookies.all(), state.recent_stamps.of_session(session));
            for Change {
                identity, stamp, ..
            } in deleted
            {
                pending.delete_if_absent(identity, stamp);
            }
            if pending.is_waiting() {
                self.announce(session, pending);
            }
        });
    }
}

impl State {
    /// The database may have restarted without recent changes. Cookies in memory are queued already.
    fn repeat_recent(&mut self, replica: &Replica) {
        for recent in &self.recent {
            let change = recent.change.clone();
            match self.slots.get(&recent.session) {
                Some(slot) if change.cookie.is_none() => replica.at(&*slot.place, |pending, _| {
                    pending.delete_if_absent(change.identity, change.stamp);
                }),
                Some(_) => {}
                None => self.orphans.push(Part {
                    session: Arc::clone(&recent.session),
                    cleared: None,
                    ended: false,
                    entries: vec![change],
                    released: None,
                    is_orphan: true,
                    losses: 0,
                }),
            }
        }
    }
}
