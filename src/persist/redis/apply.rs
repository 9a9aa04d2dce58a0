//! Merges a batch: one script and one version a session.

use ::redis::Value;

use super::super::engine::{
    Answer, Applied, EngineError, Entry, MAX_RECORD, SessionBatch, Stamp, Version,
};
use super::database::{RedisDatabase, gone};
use super::link::Request;
use super::value::{self, integer, items};

/// How long the entries of a session may be together: a server reads a whole command into memory.
const LONGEST: usize = 64 << 20;

impl RedisDatabase {
    pub(super) fn merge(
        &mut self,
        batch: &[SessionBatch<'_>],
    ) -> Result<Answer<Applied>, EngineError> {
        if batch.iter().any(|part| !can_be_stored(part)) {
            return Err(EngineError::refused("an entry is too long"));
        }
        let mut request = Request::default();
        let life = self.life();
        for part in batch {
            self.append(&mut request, part, &life);
            if request.is_long() {
                self.send(&mut request)?;
            }
        }
        let (replies, standing, history) = self.call(request, self.engine.apply_timeout)?;
        let mut versions = Vec::new();
        let mut refused = false;
        for reply in replies {
            match Merged::parse(reply).ok_or_else(gone)? {
                Merged::At(version) => versions.extend(version),
                Merged::Ahead(clock) => return Err(EngineError::StampAhead { clock, history }),
                Merged::NotOurs => refused = true,
            }
        }
        if refused {
            return Err(EngineError::refused(
                "the session's key is another program's",
            ));
        }
        let applied = Applied {
            version: Version::new(standing.version),
            taken: last_in_a_row(&versions, standing.version),
            floor: standing.floor,
        };
        Ok(Answer {
            clock: standing.clock,
            history,
            value: applied,
        })
    }

    fn append(&self, request: &mut Request, part: &SessionBatch<'_>, life: &str) {
        let stamps = part.entries.iter().map(|entry| entry.stamp);
        let latest = stamps
            .chain(part.cleared)
            .max()
            .map_or_else(String::new, hex);
        let cleared = part.cleared.map_or_else(String::new, hex);
        let due = due(part).map_or_else(String::new, |due| due.to_string());
        let released = part
            .released
            .map_or_else(String::new, |owner| owner.to_string());
        let arguments: [&[u8]; 8] = [
            self.id.as_bytes(),
            part.session.as_bytes(),
            cleared.as_bytes(),
            if part.ended { b"1" } else { b"" },
            latest.as_bytes(),
            due.as_bytes(),
            life.as_bytes(),
            released.as_bytes(),
        ];
        let count = arguments.len() + 3 * part.entries.len();
        self.begin_script(request, &self.scripts.merge, Some(part.session), count);
        for argument in arguments {
            request.argument(argument);
        }
        for entry in part.entries {
            request.argument(&entry.identity);
            request.argument(value::key(entry).as_bytes());
            request.argument(&value::rest(entry));
        }
    }
}

fn hex(stamp: Stamp) -> String {
    format!("{:016x}", stamp.get())
}

fn can_be_stored(part: &SessionBatch<'_>) -> bool {
    let length = |entry: &Entry| {
        let record = entry.record.as_ref().map_or(0, |record| record.bytes.len());
        (entry.identity.len(), record)
    };
    let fits = |entry: &Entry| {
        let (identity, record) = length(entry);
        (1..=MAX_RECORD).contains(&identity) && record <= MAX_RECORD
    };
    let total = part
        .entries
        .iter()
        .map(|entry| length(entry).0 + length(entry).1);
    part.entries.iter().all(fits) && total.sum::<usize>() <= LONGEST
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
    /// It is merged, at a version of its own if anything was stored.
    At(Option<u64>),
    /// A stamp is ahead of this clock.
    Ahead(u64),
    /// The key is another program's.
    NotOurs,
}

impl Merged {
    fn parse(reply: Value) -> Option<Self> {
        let parts = items(reply)?;
        let number = |at: usize| parts.get(at).and_then(integer);
        match number(0)? {
            1 => Some(Self::At((number(2)? > 0).then_some(number(1)?))),
            2 => Some(Self::Ahead(number(3)?)),
            3 => Some(Self::NotOurs),
            _ => None,
        }
    }
}

/// Returns how many of the last versions up to `version` are in the list.
fn last_in_a_row(versions: &[u64], version: u64) -> u64 {
    let expected = (0..=version).rev();
    let row = versions.iter().rev().zip(expected);
    row.take_while(|(taken, expected)| **taken == *expected)
        .count() as u64
}
