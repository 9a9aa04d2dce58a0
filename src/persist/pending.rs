//! What waits in one session to be written, and what that means for what is read.
//!
//! It knows no database and takes no lock: whoever calls it holds the lock of the session's cookies. So a local change
//! and its entry here are one step, and so are the judgment of a remote entry and its taking in.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::engine::{Stamp, Version, WriterId};
use super::part::{Change, Part};
use crate::cookie::Cookie;

/// The cookies of a session, as far as a database is concerned.
pub(crate) trait Cookies {
    /// Replaces the cookie with the same id, or removes it if this one has expired.
    fn put(&mut self, identity: &Arc<[u8]>, cookie: Cookie);

    fn remove(&mut self, identity: &[u8]);

    /// What is there of what a database is to have.
    fn identities(&self) -> Vec<Arc<[u8]>>;

    /// All cookies that a database is to have.
    fn all(&self) -> Vec<(Arc<[u8]>, Arc<Cookie>)>;
}

/// Where the cookies of a session are, and what waits beside them.
pub(crate) trait Place: Send + Sync {
    /// Works on them, and nobody else does at the same time.
    fn locked(&self, work: &mut dyn FnMut(&mut Pending, &mut dyn Cookies));
}

/// The changes of a session that are not known to be read back yet: one entry an identity.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    entries: HashMap<Arc<[u8]>, Waiting, RandomState>,
    /// A clear that waits.
    clear: Option<Clear>,
    /// The greatest `cleared` that is known: entries with a smaller stamp are dead.
    cleared: Stamp,
    /// Whether the writer has been told of the session.
    pub(crate) is_announced: bool,
}

/// A cookie that was set, or deleted.
#[derive(Debug, Clone)]
struct Waiting {
    stamp: Stamp,
    /// Which connection it was first sent by; none before it was.
    writer: WriterId,
    cookie: Option<Arc<Cookie>>,
    /// At which version it was written.
    written: Option<Version>,
}

#[derive(Debug, Clone, Copy)]
struct Clear {
    stamp: Stamp,
    /// Whether the session ends.
    ended: bool,
    written: Option<Version>,
}

/// Local changes.
impl Pending {
    /// A cookie was set, or deleted. That is later than a clear that is known, although a clock that fell back may
    /// say otherwise.
    pub(crate) fn set(&mut self, identity: Arc<[u8]>, stamp: Stamp, cookie: Option<Arc<Cookie>>) {
        let waiting = Waiting {
            stamp: stamp.max(self.cleared),
            writer: WriterId::default(),
            cookie,
            written: None,
        };
        self.entries.insert(identity, waiting);
    }

    /// All cookies of the session went, and all that waits.
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

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len() + usize::from(self.clear.is_some())
    }

    /// Whether something waits to be written.
    pub(crate) fn is_waiting(&self) -> bool {
        let clear = self.clear.is_some_and(|clear| clear.written.is_none());
        clear || self.entries.values().any(|entry| entry.written.is_none())
    }
}

/// Writing.
impl Pending {
    /// What waits, for the next batch: at most `at_most` entries, the oldest if there are more, and then no call
    /// is cut in two unless it has more itself. Returns `true` beside it if something had to wait.
    pub(crate) fn collect(
        &mut self,
        session: &Arc<str>,
        writer: WriterId,
        at_most: usize,
    ) -> (Part, bool) {
        let waiting = self.entries.iter_mut();
        let mut waiting: Vec<_> = waiting
            .filter(|(_, entry)| entry.written.is_none())
            .collect();
        let is_cut = waiting.len() > at_most;
        if is_cut {
            waiting.sort_unstable_by_key(|(_, entry)| entry.stamp);
            let next = waiting[at_most].1.stamp;
            let whole = waiting.partition_point(|(_, entry)| entry.stamp < next);
            waiting.truncate(if whole > 0 { whole } else { at_most });
        }
        waiting.sort_unstable_by_key(|(identity, _)| Arc::clone(identity));
        let entries = waiting.into_iter().map(|(identity, entry)| {
            // What was sent once keeps its writer: remote entries were judged by it.
            if entry.writer == WriterId::default() {
                entry.writer = writer;
            }
            Change {
                identity: Arc::clone(identity),
                stamp: entry.stamp,
                writer: entry.writer,
                cookie: entry.cookie.clone(),
            }
        });
        let entries = entries.collect();
        let clear = self.clear.filter(|clear| clear.written.is_none());
        self.is_announced = is_cut;
        let part = Part {
            session: Arc::clone(session),
            cleared: clear.map(|clear| clear.stamp),
            ended: clear.is_some_and(|clear| clear.ended),
            entries,
            is_orphan: false,
        };
        (part, is_cut)
    }

    /// Notes that a part was written, and returns the number of entries that were below the floor and are given up.
    pub(crate) fn acknowledge(&mut self, part: &Part, version: Version, floor: Stamp) -> usize {
        let mut given_up = 0;
        for sent in &part.entries {
            let Some(waiting) = self.sent(sent) else {
                continue;
            };
            if sent.stamp < floor {
                self.entries.remove(&sent.identity);
                given_up += 1;
            } else {
                waiting.written = Some(version);
            }
        }
        if let Some(clear) = &mut self.clear
            && part.cleared == Some(clear.stamp)
        {
            clear.written = Some(version);
        }
        given_up
    }

    /// Gives up what is in a part. Returns the number of entries.
    pub(crate) fn give_up(&mut self, part: &Part) -> usize {
        let before = self.len();
        for sent in &part.entries {
            if self.sent(sent).is_some() {
                self.entries.remove(&sent.identity);
            }
        }
        if part.cleared.is_some() {
            self.give_up_clear(|clear| part.cleared == Some(clear.stamp));
        }
        before - self.len()
    }

    /// The session is as if it had not been cleared: loading it says when it last was.
    fn give_up_clear(&mut self, gives_up: impl FnOnce(&Clear) -> bool) {
        if self.clear.as_ref().is_some_and(gives_up) {
            self.clear = None;
            self.cleared = Stamp::default();
        }
    }

    /// Gives up what is not written and was made up to a stamp. Returns the number of entries.
    pub(crate) fn give_up_to(&mut self, latest: Stamp) -> usize {
        let before = self.len();
        self.entries
            .retain(|_, entry| entry.written.is_some() || entry.stamp > latest);
        self.give_up_clear(|clear| clear.written.is_none() && clear.stamp <= latest);
        before - self.len()
    }

    /// What was sent, unless it was changed since.
    fn sent(&mut self, sent: &Change) -> Option<&mut Waiting> {
        let waiting = self.entries.get_mut(&sent.identity)?;
        (waiting.stamp == sent.stamp).then_some(waiting)
    }

    /// The stamps of what is not written yet.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        let unwritten = |entry: &&Waiting| entry.written.is_none();
        let entries = self.entries.values().filter(unwritten);
        let clear = self.clear.filter(|clear| clear.written.is_none());
        let clear = clear.map(|clear| clear.stamp);
        entries.map(|entry| entry.stamp).chain(clear)
    }

    /// Stamps anew what is not written yet.
    pub(crate) fn restamp(&mut self, anew: impl Fn(Stamp) -> Stamp) {
        for entry in self.entries.values_mut() {
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
    /// The greatest `cleared` that is known.
    pub(crate) fn cleared(&self) -> Stamp {
        self.cleared
    }

    /// Drops what a clear at `cleared` is rid of.
    pub(crate) fn drop_below(&mut self, cleared: Stamp) {
        self.cleared = self.cleared.max(cleared);
        let cleared = self.cleared;
        self.entries.retain(|_, entry| entry.stamp >= cleared);
        self.clear.take_if(|clear| clear.stamp < cleared);
    }

    /// Whether a remote entry is to be taken in: it is not older than what waits. If it is, what waits for that
    /// identity is dropped.
    pub(crate) fn admits(&mut self, identity: &[u8], key: (Stamp, WriterId)) -> bool {
        if key.0 < self.cleared {
            return false;
        }
        match self.entries.get(identity) {
            Some(waiting) if (waiting.stamp, waiting.writer) > key => false,
            // It is the one that waits: it is taken in, in case another process has used its stamp and writer.
            Some(waiting) if (waiting.stamp, waiting.writer) == key => true,
            Some(_) => {
                self.entries.remove(identity);
                true
            }
            None => true,
        }
    }

    /// The identities that have a cookie here.
    pub(crate) fn shadows(&self, identity: &[u8]) -> bool {
        let waiting = self.entries.get(identity);
        waiting.is_some_and(|waiting| waiting.cookie.is_some())
    }

    /// Takes out what was written up to a version that has been read, so that nothing older can come any more.
    pub(crate) fn pass(&mut self, cursor: Version) -> Vec<Change> {
        let is_past = |written: Option<Version>| written.is_some_and(|version| version <= cursor);
        let mut past = Vec::new();
        self.entries.retain(|identity, waiting| {
            let stays = !is_past(waiting.written);
            if !stays {
                past.push(Change {
                    identity: Arc::clone(identity),
                    stamp: waiting.stamp,
                    writer: waiting.writer,
                    cookie: waiting.cookie.take(),
                });
            }
            stays
        });
        if self.entries.is_empty() {
            // A session that was written once is like one that never was.
            self.entries.shrink_to_fit();
        }
        self.clear.take_if(|clear| is_past(clear.written));
        past
    }
}

/// Repair.
impl Pending {
    /// Nothing counts as written any more: another history has begun.
    pub(crate) fn unwrite(&mut self) {
        for waiting in self.entries.values_mut() {
            waiting.written = None;
        }
        if let Some(clear) = &mut self.clear {
            clear.written = None;
        }
    }

    /// Lets what was written up to a version wait again, if what was loaded as of that version is older: the database has
    /// lost it. What is below the floor is dropped instead, because its deletion may be forgotten. Returns `true` if
    /// something was lost.
    pub(crate) fn unwrite_lost(
        &mut self,
        as_of: Version,
        floor: Stamp,
        cleared: Option<Stamp>,
        loaded: impl Fn(&Arc<[u8]>) -> Option<(Stamp, WriterId)>,
    ) -> bool {
        let was_stored = |written: Option<Version>| written.is_some_and(|version| version <= as_of);
        let mut is_lost = false;
        self.entries.retain(|identity, waiting| {
            let key = (waiting.stamp, waiting.writer);
            if !was_stored(waiting.written) || loaded(identity) >= Some(key) {
                return true;
            }
            waiting.written = None;
            is_lost |= key.0 >= floor;
            key.0 >= floor
        });
        let is_known = self.clear.is_none_or(|clear| was_stored(clear.written));
        if is_known
            && self.cleared >= floor
            && Some(self.cleared) > cleared.or(Some(Stamp::default()))
        {
            self.clear = None;
            self.clear_again();
            is_lost = true;
        }
        is_lost
    }

    /// Lets all cookies wait that do not yet, with the stamp up to which was read, and the last clear.
    pub(crate) fn write_whole(&mut self, cookies: Vec<(Arc<[u8]>, Arc<Cookie>)>, read: Stamp) {
        for (identity, cookie) in cookies {
            self.add_if_absent(identity, read, Some(cookie));
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

    /// Lets an older change wait again.
    pub(crate) fn add_if_absent(
        &mut self,
        identity: Arc<[u8]>,
        stamp: Stamp,
        cookie: Option<Arc<Cookie>>,
    ) {
        if stamp >= self.cleared && !self.entries.contains_key(&identity) {
            self.set(identity, stamp, cookie);
        }
    }
}
