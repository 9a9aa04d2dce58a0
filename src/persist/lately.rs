//! The stamps of what was read or acknowledged in the last seconds.
//!
//! After a failure of the server, each process writes what it knows, with the stamps of its cookies: a change that another
//! process could not send yet is later than they are. Cookies in memory have no stamp. This has those of the last
//! seconds, and for all others the greatest stamp that it has forgotten.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::engine::Stamp;

type OfSession = HashMap<Arc<[u8]>, Stamp, RandomState>;

#[derive(Default)]
pub(super) struct Lately {
    stamps: HashMap<Arc<str>, OfSession, RandomState>,
    order: VecDeque<Noted>,
    forgotten: Stamp,
}

struct Noted {
    at: u64,
    session: Arc<str>,
    identity: Arc<[u8]>,
    stamp: Stamp,
}

#[derive(Clone, Copy)]
pub(crate) struct Stamps<'l> {
    lately: Option<&'l OfSession>,
    others: Stamp,
}

impl Stamps<'_> {
    /// Returns the stamp of a cookie, or a later one.
    pub(crate) fn of(self, identity: &[u8]) -> Stamp {
        let lately = self.lately.and_then(|lately| lately.get(identity));
        lately.copied().unwrap_or(self.others)
    }
}

impl Lately {
    /// Notes an entry at `now`, in milliseconds by this process's clock.
    pub(super) fn note(
        &mut self,
        now: u64,
        session: &Arc<str>,
        identity: &Arc<[u8]>,
        stamp: Stamp,
    ) {
        let of_session = self.stamps.entry(Arc::clone(session)).or_default();
        let latest = of_session.entry(Arc::clone(identity)).or_default();
        *latest = stamp.max(*latest);
        self.order.push_back(Noted {
            at: now,
            session: Arc::clone(session),
            identity: Arc::clone(identity),
            stamp,
        });
    }

    /// Notes an entry that needs no stamp of its own: it is old.
    pub(super) fn note_old(&mut self, stamp: Stamp) {
        self.forgotten = self.forgotten.max(stamp);
    }

    /// Forgets what was noted more than `kept` milliseconds before `now`, or after it.
    pub(super) fn forget_old(&mut self, now: u64, kept: u64) {
        while let Some(oldest) = self.order.front()
            && (oldest.at + kept < now || oldest.at > now)
            && let Some(oldest) = self.order.pop_front()
        {
            self.forget(&oldest);
        }
        if self.order.is_empty() {
            self.order = VecDeque::new();
        }
    }

    fn forget(&mut self, noted: &Noted) {
        self.note_old(noted.stamp);
        if let Some(of_session) = self.stamps.get_mut(&noted.session) {
            if of_session.get(&noted.identity) == Some(&noted.stamp) {
                of_session.remove(&noted.identity);
            }
            if of_session.is_empty() {
                self.stamps.remove(&noted.session);
            }
        }
    }

    pub(super) fn stamps(&self, session: &str) -> Stamps<'_> {
        Stamps {
            lately: self.stamps.get(session),
            others: self.forgotten,
        }
    }
}
