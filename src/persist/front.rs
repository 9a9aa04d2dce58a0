//! What the handles of a database read and post without its state, so that they never wait for a step of its threads: a
//! sink and a seal are called in the middle of one.
//!
//! It knows no cookies. Its lock is the last in the order.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use foldhash::fast::RandomState;

use super::engine::{ClaimOwner, History};
use super::pending::Place;
use super::seal::Skips;

#[derive(Default)]
pub(crate) struct Front {
    pub(super) history: Option<History>,
    pub(crate) counts: Counts,
    pub(crate) skips: Skips,
    /// When the oldest change was queued that the writer has and has not written.
    pub(super) unwritten_since: Option<Instant>,
    /// The registered sessions that are not loaded yet.
    pub(super) loading: HashSet<Arc<str>, RandomState>,
    pub(super) posted: Vec<Posted>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) written: u64,
    pub(crate) given_up: u64,
}

/// What the next use of the state begins with.
pub(crate) enum Posted {
    Session(Arc<str>, Arc<dyn Place>),
    Release(Arc<str>, ClaimOwner),
}

impl Front {
    pub(crate) fn post(&mut self, posted: Posted) {
        if let Posted::Session(session, _) = &posted {
            self.loading.insert(Arc::clone(session));
        }
        self.posted.push(posted);
    }

    /// Opening a jar loads thousands of sessions at once: the memory for their names is freed.
    pub(super) fn note_loaded(&mut self, session: &str) {
        self.loading.remove(session);
        if self.loading.is_empty() {
            self.loading = HashSet::default();
        }
    }

    pub(super) fn note_unwritten(&mut self, since: Option<Instant>) {
        self.unwritten_since = self.unwritten_since.or(since);
    }
}
