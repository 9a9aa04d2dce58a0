//! The pending changes of one session, and which remote entries they shadow.
//!
//! It knows no database. Callers hold the lock of the session's cookies, so that a local change and its entry here are
//! one step, and so are checking a remote entry and applying it.

use std::sync::Arc;

use super::engine::{Stamp, Version, WriterId};
use super::part::{Change, Part};
use super::recent_stamps::Stamps;
use super::record;
use super::waiting::{Content, Entries, Waiting};
use crate::cookie::Cookie;

pub(crate) trait Cookies {
    fn put(&mut self, identity: &Arc<[u8]>, cookie: Cookie);

    fn remove(&mut self, identity: &[u8]);

    fn identities(&self) -> Vec<Arc<[u8]>>;

    fn all(&self) -> Vec<Arc<Cookie>>;
}

/// The cookies of a session and its pending changes, behind one lock.
pub(crate) trait Place: Send + Sync {
    fn locked(&self, work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies));
}

/// The changes of a session that are not known to be read back yet: one entry per identity.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    entries: Entries,
    clear: Option<Clear>,
    /// The greatest known `cleared`: entries with a smaller stamp are dead.
    cleared: Stamp,
    pub(crate) is_announced: bool,
    /// How often the database had lost changes of the session: what was under way then is sent again.
    losses: u32,
}

#[derive(Debug, Clone, Copy)]
struct Clear {
    stamp: Stamp,
    ended: bool,
    written: Option<Version>,
}

/// Local changes.
impl Pending {
    /// The stamp is not below a known clear, even if the clock fell back.
    pub(crate) fn set(&mut self, cookie: &Cookie, stamp: Stamp) {
        self.entries.set(cookie, stamp.max(self.cleared));
    }

    pub(crate) fn delete(&mut self, cookie: &Cookie, stamp: Stamp) {
        let content = Content::Deleted(record::identity(cookie));
        self.entries.put(content, stamp.max(self.cleared));
    }

    pub(crate) fn clear(&mut self, stamp: Stamp, ended: bool) {
        let unwritten = self.clear.filter(|clear| clear.written.is_none());
        self.entries.clear();
        self.cleared = self.cleared.max(stamp);
        self.clear = Some(Clear {
            stamp: self.cleared,
            ended: ended || unwritten.is_some_and(|clear| clear.ended),
            written: None,
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len() + usize::from(self.clear.is_some())
    }

    pub(crate) fn is_waiting(&self) -> bool {
        let clear = self.clear.is_some_and(|clear| clear.written.is_none());
        clear || self.entries.iter().any(|entry| entry.written.is_none())
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        self.len() == 0 && !self.is_announced && self.cleared == Stamp::default()
    }
}

/// Writing.
impl Pending {
    /// At most `at_most` entries, the oldest if there are more. In that case the second value is `true`, and no call is
    /// split unless it alone has more.
    pub(crate) fn collect(
        &mut self,
        session: &Arc<str>,
        writer: WriterId,
        at_most: usize,
    ) -> (Part, bool) {
        let waiting = self.entries.iter_mut();
        let mut waiting: Vec<_> = waiting.filter(|entry| entry.written.is_none()).collect();
        let is_cut = waiting.len() > at_most;
        if is_cut {
            waiting.sort_unstable_by_key(|entry| entry.stamp);
            let next = waiting[at_most].stamp;
            let whole = waiting.partition_point(|entry| entry.stamp < next);
            waiting.truncate(if whole > 0 { whole } else { at_most });
        }
        let entries = waiting.into_iter().map(|entry| {
            // An entry that was sent keeps its writer: remote entries were compared with it.
            if entry.writer == WriterId::default() {
                entry.writer = writer;
            }
            entry.to_change()
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort_unstable_by(|a, b| a.identity.cmp(&b.identity));
        let clear = self.clear.filter(|clear| clear.written.is_none());
        self.is_announced = is_cut;
        let part = Part {
            session: Arc::clone(session),
            cleared: clear.map(|clear| clear.stamp),
            ended: clear.is_some_and(|clear| clear.ended),
            entries,
            released: None,
            is_orphan: false,
            losses: self.losses,
        };
        (part, is_cut)
    }

    /// Returns the number of entries that were below the floor and are given up.
    pub(crate) fn acknowledge(&mut self, part: &Part, version: Version, floor: Stamp) -> usize {
        let mut given_up = 0;
        let is_valid = part.losses == self.losses;
        for sent in &part.entries {
            if sent.stamp < floor {
                given_up += usize::from(self.remove_sent(sent));
            } else if is_valid
                && let Some(waiting) = self.entries.find_mut(&sent.identity, sent.stamp)
            {
                waiting.written = Some(version);
            }
        }
        if let Some(clear) = &mut self.clear
            && is_valid
            && part.cleared == Some(clear.stamp)
        {
            clear.written = Some(version);
        }
        given_up
    }

    pub(crate) fn give_up(&mut self, part: &Part) -> usize {
        let before = self.len();
        for sent in &part.entries {
            self.remove_sent(sent);
        }
        if part.cleared.is_some() {
            self.give_up_clear(|clear| part.cleared == Some(clear.stamp));
        }
        before - self.len()
    }

    /// Loading the session returns the last stored one.
    fn give_up_clear(&mut self, gives_up: impl FnOnce(&Clear) -> bool) {
        if self.clear.as_ref().is_some_and(gives_up) {
            self.clear = None;
            self.cleared = Stamp::default();
        }
    }

    pub(crate) fn give_up_to(&mut self, latest: Stamp) -> usize {
        let before = self.len();
        self.entries
            .retain(|entry| entry.written.is_some() || entry.stamp > latest);
        self.give_up_clear(|clear| clear.written.is_none() && clear.stamp <= latest);
        before - self.len()
    }

    fn remove_sent(&mut self, sent: &Change) -> bool {
        self.entries
            .remove_if(&sent.identity, |waiting| waiting.stamp == sent.stamp)
    }

    pub(crate) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        let unwritten = |entry: &&Waiting| entry.written.is_none();
        let entries = self.entries.iter().filter(unwritten);
        let clear = self.clear.filter(|clear| clear.written.is_none());
        let clear = clear.map(|clear| clear.stamp);
        entries.map(|entry| entry.stamp).chain(clear)
    }

    pub(crate) fn restamp(&mut self, anew: impl Fn(Stamp) -> Stamp) {
        for entry in self.entries.iter_mut() {
            if entry.written.is_none() {
                entry.stamp = anew(entry.stamp);
            }
        }
        if let Some(clear) = &mut self.clear
            && clear.written.is_none()
        {
            let was_latest = self.cleared == clear.stamp;
            clear.stamp = anew(clear.stamp);
            if was_latest {
                self.cleared = clear.stamp;
            }
        }
    }
}

/// Reading.
impl Pending {
    pub(crate) fn cleared(&self) -> Stamp {
        self.cleared
    }

    pub(crate) fn drop_below(&mut self, cleared: Stamp) {
        self.cleared = self.cleared.max(cleared);
        let cleared = self.cleared;
        self.entries.retain(|entry| entry.stamp >= cleared);
        self.clear.take_if(|clear| clear.stamp < cleared);
    }

    /// Returns whether to apply a remote entry: it is not older than the pending one, which is then removed.
    pub(crate) fn admits(&mut self, identity: &[u8], key: (Stamp, WriterId)) -> bool {
        if key.0 < self.cleared {
            return false;
        }
        let pending = self.entries.find(identity);
        match pending.map(Waiting::key) {
            Some(pending) if pending > key => false,
            // It is the pending entry. It is applied, in case another process has used its stamp and writer.
            Some(pending) if pending == key => true,
            Some(_) => self.entries.remove_if(identity, |_| true),
            None => true,
        }
    }

    pub(crate) fn shadows(&self, identity: &[u8]) -> bool {
        let pending = self.entries.find(identity);
        pending.is_some_and(|waiting| matches!(waiting.content, Content::Set(_)))
    }

    pub(crate) fn pass(&mut self, cursor: Version) -> Vec<Change> {
        let is_past = |written: Option<Version>| written.is_some_and(|version| version <= cursor);
        let past = self.entries.take_if(|waiting| is_past(waiting.written));
        self.clear.take_if(|clear| is_past(clear.written));
        past
    }
}

/// Repair.
impl Pending {
    pub(crate) fn unwrite(&mut self) {
        self.losses = self.losses.wrapping_add(1);
        for waiting in self.entries.iter_mut() {
            waiting.written = None;
        }
        if let Some(clear) = &mut self.clear {
            clear.written = None;
        }
    }

    /// Queues again the changes written up to `as_of` whose loaded entries are older: the database has lost them.
    /// Changes below the floor are forgotten instead, because what came after them may be forgotten. Returns `true` if
    /// anything is queued.
    pub(crate) fn unwrite_lost(
        &mut self,
        as_of: Version,
        floor: Stamp,
        cleared: Option<Stamp>,
        loaded: impl Fn(&Arc<[u8]>) -> Option<(Stamp, WriterId)>,
    ) -> bool {
        let was_stored = |written: Option<Version>| written.is_some_and(|version| version <= as_of);
        let mut is_lost = false;
        self.entries.retain(|waiting| {
            let key = waiting.key();
            if !was_stored(waiting.written) || loaded(&waiting.identity()) >= Some(key) {
                return true;
            }
            waiting.written = None;
            is_lost |= key.0 >= floor;
            key.0 >= floor
        });
        let is_known = self.clear.is_none_or(|clear| was_stored(clear.written));
        let cleared = cleared.unwrap_or_default();
        if is_known && self.cleared > cleared {
            self.clear = None;
            if self.cleared >= floor {
                self.clear_again();
                is_lost = true;
            } else {
                self.cleared = cleared;
            }
        }
        is_lost
    }

    pub(crate) fn write_whole(&mut self, cookies: Vec<Arc<Cookie>>, stamps: Stamps<'_>) {
        for cookie in cookies {
            let stamp = stamps.get(&record::identity(&cookie));
            self.put_if_absent(Content::Set(cookie), stamp);
        }
        if self.cleared > Stamp::default() && self.clear.is_none() {
            self.clear_again();
        }
    }

    fn clear_again(&mut self) {
        self.clear = Some(Clear {
            stamp: self.cleared,
            ended: false,
            written: None,
        });
    }

    /// Does nothing if the cookie has a pending change.
    pub(crate) fn delete_if_absent(&mut self, identity: Arc<[u8]>, stamp: Stamp) {
        self.put_if_absent(Content::Deleted(identity), stamp);
    }

    fn put_if_absent(&mut self, content: Content, stamp: Stamp) {
        if stamp >= self.cleared && !self.entries.has(&content) {
            self.entries.put(content, stamp);
        }
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/pending.rs"]
mod tests;
