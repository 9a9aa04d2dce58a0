//! Merges a batch: one script for some sessions, and one version a session.

use std::time::Instant;

use ::redis::Value;

use super::super::engine::{
    Answer, Applied, EngineError, Entry, MAX_RECORD, SessionBatch, Stamp, Version,
};
use super::database::{RedisDatabase, gone};
use super::link::{LEAST, Request};
use super::value::{self, integer, items};
use crate::clock;

/// How long the entries of a session may be together: a server reads a whole command into memory.
const LONGEST: usize = 64 << 20;

/// How many sessions a script merges, which takes about a millisecond, and how long their entries may be together. Half of
/// the time of a script for one session is spent before it begins with the session.
const SESSIONS: usize = 32;
const AT_ONCE: usize = 64 << 10;

impl RedisDatabase {
    pub(super) fn merge(
        &mut self,
        batch: &[SessionBatch<'_>],
    ) -> Result<Answer<Applied>, EngineError> {
        if batch.iter().any(|part| !can_be_stored(part)) {
            return Err(EngineError::refused("an entry is too long"));
        }
        let end = clock::end_of(self.engine.apply_timeout);
        let limit = || end.saturating_duration_since(Instant::now()).max(LEAST);
        let mut request = Request::default();
        let life = self.life();
        let mut rest = batch;
        while !rest.is_empty() {
            let parts;
            (parts, rest) = rest.split_at(at_once(rest));
            self.append(&mut request, parts, &life);
            if request.is_long() {
                self.send(&mut request, limit())?;
            }
        }
        let (replies, standing, history) = self.call(request, limit())?;
        let mut taken = Vec::new();
        let mut refused = false;
        for reply in replies {
            match Merged::parse(reply).ok_or_else(gone)? {
                Merged::At(versions, is_refused) => {
                    taken.push(versions);
                    refused |= is_refused;
                }
                Merged::Ahead(clock) => return Err(EngineError::StampAhead { clock, history }),
            }
        }
        if refused {
            return Err(EngineError::refused(
                "the session's key is another program's",
            ));
        }
        let applied = Applied {
            version: Version::new(standing.version),
            taken: last_in_a_row(&taken, standing.version),
            floor: standing.floor,
        };
        Ok(Answer {
            clock: standing.clock,
            history,
            value: applied,
        })
    }

    fn append(&self, request: &mut Request, parts: &[SessionBatch<'_>], life: &str) {
        let sessions: Vec<_> = parts.iter().map(|part| part.session).collect();
        let entries: usize = parts.iter().map(|part| part.entries.len()).sum();
        let count = 3 + 6 * parts.len() + 3 * entries;
        self.begin_script(request, &self.scripts.merge, &sessions, count);
        request.argument(self.id.as_bytes());
        request.argument(life.as_bytes());
        let latest = parts.iter().flat_map(stamps).max();
        request.argument(latest.map_or_else(String::new, hex).as_bytes());
        for part in parts {
            append_session(request, part);
        }
    }
}

fn append_session(request: &mut Request, part: &SessionBatch<'_>) {
    let owner = part.released;
    let arguments = [
        part.session.to_owned(),
        part.cleared.map_or_else(String::new, hex),
        if part.ended { "1" } else { "" }.to_owned(),
        due(part).map_or_else(String::new, |due| due.to_string()),
        owner.map_or_else(String::new, |owner| owner.to_string()),
        part.entries.len().to_string(),
    ];
    for argument in arguments {
        request.argument(argument.as_bytes());
    }
    for entry in part.entries {
        request.argument(&entry.identity);
        request.argument(value::key(entry).as_bytes());
        request.argument(&value::rest(entry));
    }
}

fn stamps(part: &SessionBatch<'_>) -> impl Iterator<Item = Stamp> {
    let stamps = part.entries.iter().map(|entry| entry.stamp);
    stamps.chain(part.cleared)
}

fn hex(stamp: Stamp) -> String {
    format!("{:016x}", stamp.get())
}

fn length(entry: &Entry) -> (usize, usize) {
    let record = entry.record.as_ref().map_or(0, |record| record.bytes.len());
    (entry.identity.len(), record)
}

fn total(part: &SessionBatch<'_>) -> usize {
    let lengths = part.entries.iter().map(length);
    lengths.map(|(identity, record)| identity + record).sum()
}

fn can_be_stored(part: &SessionBatch<'_>) -> bool {
    let fits = |entry: &Entry| {
        let (identity, record) = length(entry);
        (1..=MAX_RECORD).contains(&identity) && record <= MAX_RECORD
    };
    part.entries.iter().all(fits) && total(part) <= LONGEST
}

fn at_once(parts: &[SessionBatch<'_>]) -> usize {
    let mut length = 0;
    let fits = |part: &&SessionBatch<'_>| {
        length += total(part);
        length <= AT_ONCE
    };
    let first = parts.iter().take(SESSIONS);
    first.take_while(fits).count().max(1)
}

/// Returns the earliest time, in milliseconds, at which something of the batch can be purged.
fn due(part: &SessionBatch<'_>) -> Option<u64> {
    let of_entry = |entry: &Entry| match &entry.record {
        None => Some(entry.stamp.millis()),
        Some(record) => {
            let expires = u64::try_from(record.expires?).unwrap_or(0);
            Some(entry.stamp.millis().max(expires.saturating_mul(1_000)))
        }
    };
    let cleared = part.cleared.map(Stamp::millis);
    let ended = part.ended.then_some(0);
    part.entries
        .iter()
        .filter_map(of_entry)
        .chain(cleared)
        .chain(ended)
        .min()
}

enum Merged {
    /// They are merged, up to a version and with a number of versions taken; or the key of one is another program's.
    At((u64, u64), bool),
    /// A stamp is ahead of this clock.
    Ahead(u64),
}

impl Merged {
    fn parse(reply: Value) -> Option<Self> {
        let parts = items(reply)?;
        let number = |at: usize| parts.get(at).and_then(integer);
        match number(0)? {
            1 => Some(Self::At((number(1)?, number(2)?), number(3)? > 0)),
            2 => Some(Self::Ahead(number(1)?)),
            _ => None,
        }
    }
}

/// Returns how many of the last versions up to `version` the scripts took, each its last ones up to a version.
fn last_in_a_row(taken: &[(u64, u64)], version: u64) -> u64 {
    let mut first = version;
    for (up_to, count) in taken.iter().rev().filter(|(_, count)| *count > 0) {
        if *up_to != first {
            break;
        }
        first = first.saturating_sub(*count);
    }
    version - first
}
