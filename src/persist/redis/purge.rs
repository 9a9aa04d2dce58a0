//! Removes old entries that are no longer needed, and raises the floor: one script a session.

use ::redis::Value;

use super::super::engine::{Answer, EngineError, Stamp};
use super::database::RedisDatabase;
use super::link::Request;
use super::value::{integer, items};

/// How often a call looks for sessions: many may have nothing to remove yet.
const ROUNDS: usize = 16;

impl RedisDatabase {
    pub(super) fn remove_old(
        &mut self,
        before: Stamp,
        at_most: usize,
    ) -> Result<Answer<usize>, EngineError> {
        let limit = self.engine.load_timeout;
        let (_, mut standing, mut history) = self.call(Request::default(), limit)?;
        let before = before.min(Stamp::at(standing.clock));
        let mut purged = 0;
        for _ in 0..ROUNDS {
            let names = self.due(before, at_most.saturating_sub(purged))?;
            if names.is_empty() {
                break;
            }
            let mut request = Request::default();
            self.append_purges(&mut request, &names, before);
            let replies;
            (replies, standing, history) = self.call(request, limit)?;
            let removed = |reply| items(reply)?.get(1).and_then(integer);
            purged += replies
                .into_iter()
                .filter_map(removed)
                .filter(|removed| *removed > 0)
                .count();
        }
        Ok(Answer {
            clock: standing.clock,
            history,
            value: purged,
        })
    }

    fn append_purges(&self, request: &mut Request, names: &[Vec<u8>], before: Stamp) {
        let (stamp, millis) = (
            format!("{:016x}", before.get()),
            before.millis().to_string(),
        );
        let life = self.life();
        for name in names {
            let session = String::from_utf8_lossy(name);
            let arguments = [
                self.id.as_bytes(),
                name,
                stamp.as_bytes(),
                millis.as_bytes(),
                life.as_bytes(),
            ];
            self.script(request, &self.scripts.purge, Some(&session), &arguments);
        }
    }

    fn due(&mut self, before: Stamp, at_most: usize) -> Result<Vec<Vec<u8>>, EngineError> {
        let most = before.millis().to_string();
        let count = at_most.min(1_000).to_string();
        let mut request = Request::default();
        let (old, least): (_, &[u8]) = (&self.keys.old, b"-inf");
        request.command(&[
            b"ZRANGEBYSCORE",
            old,
            least,
            most.as_bytes(),
            b"LIMIT",
            b"0",
            count.as_bytes(),
        ]);
        let (mut replies, ..) = self.call(request, self.engine.load_timeout)?;
        let names = items(replies.swap_remove(0)).unwrap_or_default();
        let name = |name| match name {
            Value::BulkString(octets) => Some(octets),
            _ => None,
        };
        Ok(names.into_iter().filter_map(name).collect())
    }
}
