//! A connection to one namespace.

use std::time::Duration;

use ::redis::Value;

use super::super::engine::{
    Answer, Applied, Changed, ClaimDatabase, Database, EngineError, Hello, History, Loaded,
    SessionBatch, SessionInfo, Stamp, Version,
};
use super::Redis;
use super::connect::field;
use super::keys::{Keys, SHORTEST_LIFE_MILLIS};
use super::link::{Link, Request, check};
use super::read::Listing;
use super::value::{hex, integer, items, octets};
use crate::clock;

pub(super) struct Scripts {
    pub(super) open: Vec<u8>,
    pub(super) merge: Vec<u8>,
    pub(super) purge: Vec<u8>,
    pub(super) list: Vec<u8>,
    pub(super) claim: Vec<u8>,
}

impl Scripts {
    /// Takes the names in the order of [`SCRIPTS`](super::connect).
    pub(super) fn new(names: &[String]) -> Self {
        let mut names = names.iter().map(|name| name.clone().into_bytes());
        let mut next = || names.next().unwrap_or_default();
        Self {
            open: next(),
            merge: next(),
            purge: next(),
            list: next(),
            claim: next(),
        }
    }
}

pub(super) struct RedisDatabase {
    pub(super) engine: Redis,
    link: Link,
    pub(super) keys: Keys,
    pub(super) scripts: Scripts,
    pub(super) id: String,
    run_id: String,
    warning: Option<String>,
    pub(super) listing: Listing,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) version: u64,
    pub(super) clock: u64,
    pub(super) floor: Stamp,
    pub(super) format: u32,
}

impl RedisDatabase {
    pub(super) fn new(
        engine: Redis,
        link: Link,
        keys: Keys,
        scripts: Scripts,
        run_id: String,
        warning: Option<String>,
    ) -> Self {
        Self {
            engine,
            link,
            keys,
            scripts,
            id: String::new(),
            run_id,
            warning,
            listing: Listing::default(),
        }
    }

    /// The given id counts only if there is no namespace.
    pub(super) fn create_namespace(
        &mut self,
        id: &str,
        format: u32,
        limit: Duration,
    ) -> Result<(), EngineError> {
        let mut request = Request::default();
        let open = &self.scripts.open;
        self.script(
            &mut request,
            open,
            None,
            &[b"", id.as_bytes(), format.to_string().as_bytes()],
        );
        let reply = self.link.ask(request, limit)?.swap_remove(0);
        check(std::slice::from_ref(&reply))?;
        let parts = items(reply).unwrap_or_default();
        let id = parts.get(1).and_then(octets);
        let id = id.ok_or_else(|| EngineError::fatal("the server does not run scripts"))?;
        self.id = String::from_utf8_lossy(id).into_owned();
        Ok(())
    }

    pub(super) fn script(
        &self,
        request: &mut Request,
        script: &[u8],
        session: Option<&str>,
        arguments: &[&[u8]],
    ) {
        let sessions = [session.unwrap_or_default()];
        self.begin_script(request, script, &sessions, arguments.len());
        for argument in arguments {
            request.argument(argument);
        }
    }

    pub(super) fn begin_script(
        &self,
        request: &mut Request,
        script: &[u8],
        sessions: &[&str],
        arguments: usize,
    ) {
        let keys = self.keys.of_script(sessions);
        request.begin(3 + keys.len() + arguments);
        request.argument(b"EVALSHA");
        request.argument(script);
        request.argument(keys.len().to_string().as_bytes());
        for key in keys {
            request.argument(&key);
        }
    }

    pub(super) fn send(
        &mut self,
        request: &mut Request,
        limit: Duration,
    ) -> Result<(), EngineError> {
        self.link.send(request, limit)
    }

    pub(super) fn call(
        &mut self,
        mut request: Request,
        limit: Duration,
    ) -> Result<(Vec<Value>, Standing, History), EngineError> {
        let open = &self.scripts.open;
        self.script(&mut request, open, None, &[self.id.as_bytes()]);
        request.command(&[b"INFO", b"replication"]);
        let mut replies = self.link.ask(request, limit)?;
        let mut last = replies.split_off(replies.len() - 2);
        check(&replies)?;
        check(&last)?;
        let history = self.history(&last[1]);
        let parts = items(last.swap_remove(0)).unwrap_or_default();
        let standing = (|| {
            Some(Standing {
                version: integer(parts.get(3)?)?,
                clock: integer(parts.get(4)?)?,
                floor: Stamp::new(hex(octets(parts.get(5)?)?)?),
                format: integer(parts.get(2)?)?.try_into().ok()?,
            })
        })();
        Ok((replies, standing.ok_or_else(gone)?, history))
    }

    /// One transaction with the time, the namespace's state, and the history; `before` are requests outside of it.
    pub(super) fn snapshot(
        &mut self,
        before: Request,
        requests: impl FnOnce(&Keys, &mut Request),
        limit: Duration,
    ) -> Result<Snapshot, EngineError> {
        let mut request = before;
        request.command(&[b"MULTI"]);
        request.command(&[b"TIME"]);
        let fields: [&[u8]; 6] = [
            b"HMGET",
            &self.keys.namespace,
            b"id",
            b"version",
            b"clock",
            b"floor_version",
        ];
        request.command(&fields);
        request.command(&[b"INFO", b"replication"]);
        requests(&self.keys, &mut request);
        request.command(&[b"EXEC"]);
        let mut replies = self.link.ask(request, limit)?;
        check(&replies)?;
        let mut replies_within = replies.pop().and_then(items).ok_or_else(gone)?;
        let queued = replies_within.len() + 1;
        replies.truncate(replies.len().saturating_sub(queued));
        let rest = replies_within.split_off(3.min(replies_within.len()));
        check(&replies_within)?;
        let [time, state, info] = <[Value; 3]>::try_from(replies_within).map_err(|_| gone())?;
        let history = self.history(&info);
        let state = items(state).unwrap_or_default();
        let is_ours = state.first().and_then(octets) == Some(self.id.as_bytes());
        let number = |at: usize| {
            state
                .get(at)
                .and_then(integer)
                .filter(|_| is_ours)
                .ok_or_else(gone)
        };
        let time = items(time).unwrap_or_default();
        let part = |at: usize| time.get(at).and_then(integer).unwrap_or(0);
        let millis = part(0)
            .saturating_mul(1_000)
            .saturating_add(part(1) / 1_000);
        Ok(Snapshot {
            version: number(1)?,
            clock: number(2)?.max(millis),
            floor_version: number(3)?,
            history,
            before: replies,
            replies: rest,
        })
    }

    /// The server, what it replicates, and the namespace: a version can be assigned twice only if one of them changes.
    fn history(&self, replication: &Value) -> History {
        let info = match replication {
            Value::VerbatimString { text, .. } => text.as_str(),
            reply => std::str::from_utf8(octets(reply).unwrap_or_default()).unwrap_or_default(),
        };
        let replicated = field(info, "master_replid").unwrap_or_default();
        History::new(format!("{} {replicated} {}", self.id, self.run_id).as_bytes())
    }

    /// How long the server keeps a session, in milliseconds; empty for ever.
    pub(super) fn life(&self) -> String {
        let life = self.engine.sessions_expire_after;
        life.map_or_else(String::new, |life| {
            life.as_millis()
                .clamp(SHORTEST_LIFE_MILLIS, u128::from(u32::MAX) * 1_000)
                .to_string()
        })
    }
}

pub(super) struct Snapshot {
    pub(super) version: u64,
    pub(super) clock: u64,
    pub(super) floor_version: u64,
    pub(super) history: History,
    pub(super) before: Vec<Value>,
    pub(super) replies: Vec<Value>,
}

impl Snapshot {
    pub(super) fn answer<T>(self, value: T) -> Answer<T> {
        Answer {
            clock: self.clock,
            history: self.history,
            value,
        }
    }
}

/// The namespace was deleted: a new connection creates it, with another id.
pub(super) fn gone() -> EngineError {
    EngineError::unavailable("the namespace is gone")
}

impl Database for RedisDatabase {
    fn apply(&mut self, batch: &[SessionBatch<'_>]) -> Result<Answer<Applied>, EngineError> {
        self.merge(batch)
    }

    fn load(&mut self, sessions: &[&str]) -> Result<Answer<Loaded>, EngineError> {
        self.read_sessions(sessions)
    }

    fn changes(&mut self, after: Version, wait: Duration) -> Result<Answer<Changed>, EngineError> {
        self.read_changes(after.get(), clock::end_of(wait))
    }

    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<SessionInfo>>, EngineError> {
        self.list(after, at_most)
    }

    fn purge(&mut self, before: Stamp, at_most: usize) -> Result<Answer<usize>, EngineError> {
        self.remove_old(before, at_most)
    }

    fn hello(&mut self) -> Result<Answer<Hello>, EngineError> {
        let (_, standing, history) = self.call(Request::default(), self.engine.load_timeout)?;
        let hello = Hello {
            version: Version::new(standing.version),
            floor: standing.floor,
            format: standing.format,
            is_exclusive: false,
            warnings: self.warning.iter().cloned().collect(),
        };
        Ok(Answer {
            clock: standing.clock,
            history,
            value: hello,
        })
    }

    fn claims(&mut self) -> Option<&mut dyn ClaimDatabase> {
        Some(self)
    }
}
