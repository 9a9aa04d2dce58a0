//! The stamps of what was read or acknowledged in the last seconds.
//!
//! A process in doubt about the database writes what it knows. Cookies in memory have no stamp, and a new one would win
//! over a change that another process could not send yet. So each recent one is written with its own stamp, and an
//! older one with the greatest stamp that was forgotten.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::engine::Stamp;

type OfSession = HashMap<Arc<[u8]>, Stamp, RandomState>;

#[derive(Default)]
pub(super) struct RecentStamps {
    sessions: HashMap<Arc<str>, OfSession, RandomState>,
    /// In the order in which they were noted.
    order: VecDeque<Noted>,
    /// The greatest stamp that is no longer in `sessions`.
    forgotten: Stamp,
}

struct Noted {
    at: u64,
    session: Arc<str>,
    identity: Arc<[u8]>,
    stamp: Stamp,
}

#[derive(Clone, Copy)]
pub(crate) struct Stamps<'r> {
    recent: Option<&'r OfSession>,
    others: Stamp,
}

impl Stamps<'_> {
    /// Returns the stamp of a cookie, or a later one.
    pub(crate) fn get(self, identity: &[u8]) -> Stamp {
        let recent = self.recent.and_then(|recent| recent.get(identity));
        recent.copied().unwrap_or(self.others)
    }
}

impl RecentStamps {
    /// `now` is in milliseconds, by this process's clock.
    pub(super) fn note(
        &mut self,
        now: u64,
        session: &Arc<str>,
        identity: &Arc<[u8]>,
        stamp: Stamp,
    ) {
        let of_session = self.sessions.entry(Arc::clone(session)).or_default();
        let latest = of_session.entry(Arc::clone(identity)).or_default();
        *latest = stamp.max(*latest);
        self.order.push_back(Noted {
            at: now,
            session: Arc::clone(session),
            identity: Arc::clone(identity),
            stamp,
        });
    }

    pub(super) fn note_old(&mut self, stamp: Stamp) {
        self.forgotten = self.forgotten.max(stamp);
    }

    /// Forgets what was noted more than `kept` milliseconds before `now`, or after it: the clock was set back.
    pub(super) fn forget_old(&mut self, now: u64, kept: u64) {
        while let Some(oldest) = self.order.front()
            && (now.saturating_sub(oldest.at) > kept || oldest.at > now)
            && let Some(oldest) = self.order.pop_front()
        {
            self.forget(&oldest);
        }
        if self.order.is_empty() {
            // A process at rest needs no memory for them.
            *self = Self {
                forgotten: self.forgotten,
                ..Self::default()
            };
        }
    }

    fn forget(&mut self, noted: &Noted) {
        self.note_old(noted.stamp);
        let Some(of_session) = self.sessions.get_mut(&noted.session) else {
            return;
        };
        if of_session.get(&noted.identity) == Some(&noted.stamp) {
            of_session.remove(&noted.identity);
        }
        if of_session.is_empty() {
            self.sessions.remove(&noted.session);
        }
    }

    pub(super) fn of_session(&self, session: &str) -> Stamps<'_> {
        Stamps {
            recent: self.sessions.get(session),
            others: self.forgotten,
        }
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/recent_stamps.rs"]
mod tests;
