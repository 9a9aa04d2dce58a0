//! Reads the stream of changes. Versions have no gaps: where one is missing, the stream is not the whole history.

use std::time::{Duration, Instant};

use ::redis::Value;

use super::super::engine::{Answer, Changed, ChangedSession, Changes, EngineError, Version};
use super::database::RedisDatabase;
use super::link::{Request, check};
use super::value::{cleared, entry, items, netstring, octets};

/// The number of versions read at once; each may have [`MAX_BATCH`](super::super::engine::MAX_BATCH) entries.
const AT_ONCE: &[u8] = b"128";

impl RedisDatabase {
    pub(super) fn read_changes(
        &mut self,
        after: u64,
        end: Instant,
    ) -> Result<Answer<Changed>, EngineError> {
        let mut known = after;
        loop {
            // Once a newer version is known, the stream has it, or never will.
            let wait = if known > after {
                Duration::ZERO
            } else {
                end.saturating_duration_since(Instant::now())
            };
            let request = self.ask_stream(after, wait);
            let mut snapshot = self.snapshot(
                request,
                |_, _| {},
                wait.saturating_add(self.engine.load_timeout),
            )?;
            let replies = std::mem::take(&mut snapshot.before);
            check(&replies)?;
            let found = replies
                .into_iter()
                .next()
                .and_then(elements)
                .unwrap_or_default();
            let is_lost = after < snapshot.floor_version || after > snapshot.version;
            let changed = match changes(after, found) {
                _ if is_lost => Changed::TooFarBehind,
                Some(changes) if changes.version.get() == after && known > after => {
                    Changed::TooFarBehind
                }
                Some(changes) if changes.version.get() == after && snapshot.version > after => {
                    known = snapshot.version;
                    continue;
                }
                Some(changes) => Changed::UpTo(changes),
                None => Changed::TooFarBehind,
            };
            return Ok(snapshot.answer(changed));
        }
    }

    fn ask_stream(&self, after: u64, wait: Duration) -> Request {
        let mut request = Request::default();
        let millis = wait.as_millis().to_string();
        let from = format!("{after}-0");
        let mut arguments: Vec<&[u8]> = vec![b"XREAD", b"COUNT", AT_ONCE];
        // No milliseconds mean for ever.
        if wait >= Duration::from_millis(1) {
            arguments.extend([&b"BLOCK"[..], millis.as_bytes()]);
        }
        arguments.extend([&b"STREAMS"[..], &self.keys.changes, from.as_bytes()]);
        request.command(&arguments);
        request
    }
}

fn elements(reply: Value) -> Option<Vec<Value>> {
    let first = items(reply)?.into_iter();
    match first.collect::<Vec<_>>().as_mut_slice() {
        // The newer protocol has a map of names and elements.
        [_, elements] => items(std::mem::take(elements)),
        [stream] => items(items(std::mem::take(stream))?.pop()?),
        _ => None,
    }
}

/// Versions must follow `after` without a gap.
fn changes(after: u64, elements: Vec<Value>) -> Option<Changes> {
    let mut version = after;
    let mut sessions = Vec::with_capacity(elements.len());
    for element in elements {
        version = version.checked_add(1)?;
        let parts = items(element)?;
        let id = octets(parts.first()?)?;
        if id != format!("{version}-0").as_bytes() {
            return None;
        }
        sessions.push(session(&items(parts.into_iter().nth(1)?)?)?);
    }
    let version = Version::new(version);
    Some(Changes { version, sessions })
}

fn session(fields: &[Value]) -> Option<ChangedSession> {
    let field = |name: &[u8]| {
        let mut pairs = fields.chunks_exact(2);
        pairs.find_map(|pair| octets(&pair[1]).filter(|_| octets(&pair[0]) == Some(name)))
    };
    let mut log = field(b"entries")?;
    let mut entries = Vec::new();
    while !log.is_empty() {
        let identity = netstring(&mut log)?;
        entries.push(entry(identity, netstring(&mut log)?));
    }
    Some(ChangedSession {
        session: String::from_utf8(field(b"session")?.to_vec()).ok()?,
        cleared: cleared(field(b"cleared")?),
        entries,
    })
}
