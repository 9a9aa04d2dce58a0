//! Reads whole sessions, and the list of sessions.

use ::redis::Value;

use super::super::engine::{Answer, EngineError, Loaded, LoadedSession, SessionInfo, Version};
use super::database::{RedisDatabase, gone};
use super::link::{Request, error_of};
use super::value::{self, cleared, integer, items, octets};

/// The names of the listed sessions as they were when the first page was asked for: their order by last use changes meanwhile.
#[derive(Default)]
pub(super) struct Listing {
    names: std::vec::IntoIter<String>,
    last: Option<String>,
}

impl RedisDatabase {
    pub(super) fn read_sessions(&mut self, names: &[&str]) -> Result<Answer<Loaded>, EngineError> {
        let limit = self.engine.load_timeout;
        let mut snapshot = self.snapshot(
            Request::default(),
            |keys, request| {
                for name in names {
                    request.command(&[b"HGETALL", &keys.session(name)]);
                }
            },
            limit,
        )?;
        let replies = std::mem::take(&mut snapshot.replies);
        if replies.len() != names.len() {
            return Err(gone());
        }
        let loaded = Loaded {
            version: Version::new(snapshot.version),
            sessions: replies.into_iter().map(session).collect::<Result<_, _>>()?,
        };
        Ok(snapshot.answer(loaded))
    }

    pub(super) fn list(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<SessionInfo>>, EngineError> {
        if after.is_none() || after != self.listing.last.as_deref() {
            self.begin_listing(after)?;
        }
        loop {
            let names: Vec<_> = self.listing.names.by_ref().take(at_most).collect();
            let mut request = Request::default();
            for name in &names {
                let arguments = [self.id.as_bytes(), name.as_bytes()];
                self.script(&mut request, &self.scripts.list, Some(name), &arguments);
            }
            let (replies, standing, history) = self.call(request, self.engine.load_timeout)?;
            let is_over = names.is_empty();
            let infos = names.into_iter().zip(replies);
            let infos: Vec<_> = infos
                .filter_map(|(name, reply)| info(name, reply))
                .collect();
            // Sessions that have ended since leave no page empty.
            if is_over || !infos.is_empty() {
                if is_over {
                    self.listing = Listing::default();
                }
                self.listing.last = infos.last().map(|info| info.session.clone());
                return Ok(Answer {
                    clock: standing.clock,
                    history,
                    value: infos,
                });
            }
        }
    }

    fn begin_listing(&mut self, after: Option<&str>) -> Result<(), EngineError> {
        let mut request = Request::default();
        request.command(&[b"ZRANGE", &self.keys.used, b"0", b"-1"]);
        let (mut replies, ..) = self.call(request, self.engine.load_timeout)?;
        let names = items(replies.swap_remove(0)).unwrap_or_default();
        let names = names.into_iter().filter_map(|name| match name {
            Value::BulkString(octets) => String::from_utf8(octets).ok(),
            _ => None,
        });
        let mut names: Vec<_> = names.collect();
        if let Some(at) = names.iter().position(|name| Some(&**name) == after) {
            names.drain(..=at);
        }
        self.listing.names = names.into_iter();
        Ok(())
    }
}

fn session(reply: Value) -> Result<Option<LoadedSession>, EngineError> {
    if let Some(error) = error_of(&reply) {
        // The session's key is another program's. Other sessions are not affected.
        let is_wrong = matches!(&reply, Value::ServerError(error) if error.code() == "WRONGTYPE");
        let entries = vec![value::not_ours(b"")];
        return is_wrong
            .then_some(Some(LoadedSession {
                cleared: None,
                entries,
            }))
            .ok_or(error);
    }
    let fields = items(reply).unwrap_or_default();
    if fields.is_empty() {
        return Ok(None);
    }
    let mut session = LoadedSession::default();
    session.entries.reserve(fields.len() / 2);
    for pair in fields.chunks_exact(2) {
        let [identity, stored] = [&pair[0], &pair[1]].map(|part| octets(part).unwrap_or_default());
        if identity.is_empty() {
            session.cleared = cleared(stored);
        } else {
            session.entries.push(value::entry(identity, stored).1);
        }
    }
    Ok(Some(session))
}

fn info(session: String, reply: Value) -> Option<SessionInfo> {
    let parts = items(reply)?;
    Some(SessionInfo {
        session,
        last_used: integer(parts.get(1)?)?,
        cookies: usize::try_from(integer(parts.get(2)?)?).ok()?,
        bytes: integer(parts.get(3)?)?,
    })
}
