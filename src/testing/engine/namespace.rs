//! A namespace in memory: a literal implementation of the contract's merge rules.
//!
//! It knows no connection, no fault and no clock.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use crate::persist::engine::{
    Applied, Changed, ChangedSession, Changes, ClaimOwner, Entry, Granted, Loaded, LoadedSession,
    SessionBatch, SessionInfo, Stamp, Version,
};

#[derive(Debug, Default)]
pub(super) struct Namespace {
    id: u64,
    /// Increases whenever versions may be assigned again.
    epoch: u64,
    version: u64,
    clock: u64,
    pub(super) floor: Stamp,
    floor_version: u64,
    sessions: BTreeMap<String, Session>,
    /// Sessions as they were before each of the last versions.
    undo: VecDeque<(u64, String, Option<Session>)>,
    pub(super) undo_versions: u64,
    claims: BTreeMap<String, Claim>,
    token: u64,
}

#[derive(Debug, Clone, Copy)]
struct Claim {
    owner: ClaimOwner,
    token: u64,
    /// When it lapses, in milliseconds since the epoch.
    until: u64,
}

#[derive(Debug, Clone, Default)]
struct Session {
    /// `cleared`, after the version at which it was written.
    cleared: Option<(u64, Stamp)>,
    version: u64,
    /// `None` for a session that is not listed.
    last_used: Option<u64>,
    entries: BTreeMap<Arc<[u8]>, (u64, Entry)>,
}

impl Session {
    fn cleared(&self) -> Option<Stamp> {
        self.cleared.map(|(_, cleared)| cleared)
    }

    fn cookies(&self) -> impl Iterator<Item = &Entry> {
        let entries = self.entries.values().map(|(_, entry)| entry);
        entries.filter(|entry| !entry.is_tombstone())
    }

    fn merge(&mut self, batch: &SessionBatch<'_>, version: u64, floor: Stamp) -> bool {
        let mut stored = false;
        if batch.cleared > self.cleared() {
            self.cleared = batch.cleared.map(|cleared| (version, cleared));
            let cleared = batch.cleared.unwrap_or_default();
            self.entries
                .retain(|_, (_, entry)| !entry.is_cleared_by(cleared));
            stored = true;
        }
        let cleared = self.cleared().unwrap_or_default();
        for entry in batch.entries {
            let stays = |(_, stored): &(u64, Entry)| !entry.replaces(stored);
            let loses = entry.stamp < floor
                || entry.is_cleared_by(cleared)
                || self.entries.get(&entry.identity).is_some_and(stays);
            if !loses {
                let identity = Arc::clone(&entry.identity);
                self.entries.insert(identity, (version, entry.clone()));
                stored = true;
            }
        }
        if stored {
            self.version = version;
        }
        stored
    }
}

impl Namespace {
    pub(super) fn new(undo_versions: u64) -> Self {
        Self {
            id: RandomState::new().hash_one("namespace"),
            undo_versions,
            ..Self::default()
        }
    }

    pub(super) fn clock(&mut self, server: u64) -> u64 {
        self.clock = self.clock.max(server);
        self.clock
    }

    pub(super) fn version(&self) -> Version {
        Version::new(self.version)
    }

    pub(super) fn history(&self) -> [u8; 16] {
        (u128::from(self.id) << 64 | u128::from(self.epoch)).to_be_bytes()
    }

    pub(super) fn change_history(&mut self) {
        self.epoch += 1;
    }

    pub(super) fn apply(&mut self, batch: &[SessionBatch<'_>], clock: u64) -> Applied {
        let version = self.version + 1;
        let mut taken = 0;
        for part in batch {
            self.release(part);
            let existing = self.sessions.remove(part.session);
            let before = (self.undo_versions > 0).then(|| existing.clone());
            let existed = existing.is_some();
            let mut session = existing.unwrap_or_default();
            if session.merge(part, version, self.floor) {
                taken = 1;
                let undo = before.map(|before| (version, part.session.into(), before));
                self.undo.extend(undo);
            } else if !existed {
                continue;
            }
            let has_cookies = session.cookies().next().is_some();
            if part.ended && !has_cookies {
                session.last_used = None;
            } else if session.last_used.is_some() || has_cookies {
                session.last_used = Some(clock);
            }
            self.sessions.insert(part.session.into(), session);
        }
        self.version += taken;
        let kept = self.undo_versions;
        while let Some((oldest, ..)) = self.undo.front()
            && oldest + kept <= self.version
        {
            self.undo.pop_front();
        }
        Applied {
            version: self.version(),
            taken,
            floor: self.floor,
        }
    }

    fn release(&mut self, part: &SessionBatch<'_>) {
        let claim = self.claims.get(part.session);
        if claim.is_some_and(|claim| Some(claim.owner) == part.released) {
            self.claims.remove(part.session);
        }
    }

    pub(super) fn claim(
        &mut self,
        session: &str,
        owner: ClaimOwner,
        for_at_most: Duration,
    ) -> Option<Granted> {
        let held = self.claims.get(session);
        let held = held.filter(|claim| claim.until > self.clock);
        let token = match held {
            Some(claim) if claim.owner == owner => claim.token,
            Some(_) => return None,
            None => {
                self.token = (self.token + 1).max(self.clock * 1_000);
                self.token
            }
        };
        let millis = u64::try_from(for_at_most.as_millis()).unwrap_or(u64::MAX);
        let until = self.clock.saturating_add(millis);
        let claim = Claim {
            owner,
            token,
            until,
        };
        self.claims.insert(session.into(), claim);
        Some(Granted {
            token,
            version: self.version(),
        })
    }

    pub(super) fn load(&self, names: &[&str]) -> Loaded {
        let load = |name: &&str| {
            let session = self.sessions.get(*name)?;
            let entries = session.entries.values();
            Some(LoadedSession {
                cleared: session.cleared(),
                entries: entries.map(|(_, entry)| entry.clone()).collect(),
            })
        };
        Loaded {
            version: self.version(),
            sessions: names.iter().map(load).collect(),
        }
    }

    pub(super) fn changes(&self, after: Version) -> Changed {
        let after = after.get();
        if after < self.floor_version || after > self.version {
            return Changed::TooFarBehind;
        }
        let mut changed: BTreeMap<(u64, &str), ChangedSession> = BTreeMap::new();
        let sessions = self.sessions.iter();
        for (name, session) in sessions.filter(|(_, session)| session.version > after) {
            let cleared = session.cleared.map(|(version, _)| (version, None));
            let entries = session.entries.values();
            let entries = entries.map(|(version, entry)| (*version, Some(entry)));
            for (version, entry) in entries.chain(cleared) {
                if version <= after {
                    continue;
                }
                let part = changed.entry((version, name));
                let part = part.or_insert_with(|| ChangedSession {
                    session: name.clone(),
                    cleared: session.cleared(),
                    entries: Vec::new(),
                });
                let stored = entry.map(|entry| (Version::new(version), entry.clone()));
                part.entries.extend(stored);
            }
        }
        Changed::UpTo(Changes {
            version: self.version(),
            sessions: changed.into_values().collect(),
        })
    }

    pub(super) fn changes_again(&self, after: Version, versions: u64) -> Changed {
        let earlier = after.get().saturating_sub(versions);
        let earlier = earlier.max(self.floor_version).min(after.get());
        self.changes(Version::new(earlier))
    }

    pub(super) fn sessions(&self, after: Option<&str>, at_most: usize) -> Vec<SessionInfo> {
        let behind = |(name, _): &(&String, &Session)| after.is_none_or(|after| ***name > *after);
        let listed = |(name, session): (&String, &Session)| {
            let cookies = session.cookies();
            let bytes =
                |entry: &Entry| entry.record.as_ref().map_or(0, |record| record.bytes.len());
            Some(SessionInfo {
                session: name.clone(),
                last_used: session.last_used?,
                cookies: session.cookies().count(),
                bytes: cookies.map(|entry| bytes(entry) as u64).sum(),
            })
        };
        let sessions = self.sessions.iter().filter(behind);
        sessions.filter_map(listed).take(at_most).collect()
    }

    pub(super) fn purge(&mut self, before: Stamp, at_most: usize) -> usize {
        let clock = self.clock;
        self.claims.retain(|_, claim| claim.until > clock);
        let before = before.min(Stamp::at(self.clock));
        let millis = i128::from(before.millis());
        let is_old = |entry: &Entry| {
            let expires = entry.record.as_ref().map(|record| record.expires);
            let is_over = expires.is_none_or(|expires| {
                expires.is_some_and(|expires| i128::from(expires) * 1_000 < millis)
            });
            entry.stamp < before && is_over
        };
        let mut purged = 0;
        let Self {
            sessions,
            floor,
            floor_version,
            ..
        } = self;
        let mut note = |version: u64, stamp: Stamp| {
            *floor = Stamp::new(stamp.get() + 1).max(*floor);
            *floor_version = version.max(*floor_version);
        };
        sessions.retain(|_, session| {
            if purged >= at_most {
                return true;
            }
            let mut some = false;
            session.entries.retain(|_, (version, entry)| {
                let gone = is_old(entry);
                if gone {
                    note(*version, entry.stamp);
                    some = true;
                }
                !gone
            });
            let is_over = session.last_used.is_none() && session.entries.is_empty();
            let gone = match session.cleared {
                Some((version, cleared)) if is_over && cleared < before => {
                    note(version, cleared);
                    true
                }
                None => is_over,
                Some(_) => false,
            };
            purged += usize::from(some || gone);
            !gone
        });
        if purged > 0 {
            self.undo.clear();
        }
        purged
    }

    /// Restores the state before the last versions, as far as it is kept, and forgets all claims.
    pub(super) fn lose_versions(&mut self, versions: u64) -> u64 {
        let from = self.version;
        let until = self.version.saturating_sub(versions);
        while let Some((version, name, session)) = self.undo.pop_back() {
            if version <= until {
                self.undo.push_back((version, name, session));
                break;
            }
            self.version = version - 1;
            match session {
                Some(session) => self.sessions.insert(name, session),
                None => self.sessions.remove(&name),
            };
        }
        self.claims.clear();
        self.change_history();
        from - self.version
    }

    pub(super) fn drop_session(&mut self, name: &str) {
        self.sessions.remove(name);
    }
}
