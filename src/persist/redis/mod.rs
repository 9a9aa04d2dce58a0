//! Redis or Valkey as an engine: sessions for the processes of many machines (feature `redis-1`).
//!
//! ```
//! use cookiejar::persist::redis::Redis;
//!
//! let engine = Redis::url("redis://user:secret@cache.example:6379/0")?;
//! assert!(!format!("{engine:?}").contains("secret"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The server
//!
//! Redis 6.2, Valkey 7.2, or later: the master, not a replica. It should have `maxmemory-policy noeviction`;
//! [`Hello::warnings`](super::engine::Hello::warnings) reports another one. How durable a written batch is depends on
//! its `appendonly` and `appendfsync`.
//!
//! A user of an ACL needs the keys `cookiejar:*` and the commands `info`, `multi`, `exec`, `time`, `script|load`,
//! `evalsha`, `xread`, and those of hashes, sorted sets, streams and expiry.
//!
//! # The stored format
//!
//! It is a documented interface for programs in other languages. All keys of a namespace begin with `cookiejar:{NAMESPACE}:`, so a
//! cluster keeps them in one slot:
//!
//! | key | type | content |
//! |---|---|---|
//! | `..namespace` | hash | `id`, `format`, `version`, `clock`, `floor`, `floor_version`, `trim_at`, `trim_to`, `token` |
//! | `..session:NAME` | hash | the session's entries by identity; under the empty field, `cleared` and its version |
//! | `..used` | sorted set | the names of the listed sessions by last use, in milliseconds since the epoch |
//! | `..old` | sorted set | names of sessions by the time at which something can be purged |
//! | `..claim:NAME` | text | owner and token of a claim; it expires |
//! | `..changes` | stream | the changes of the last minutes, with the id `VERSION-0` |
//!
//! An entry is text, separated by single spaces: 32 hexadecimal digits, which are its stamp and its writer; its version; and for a
//! cookie, the seconds since the epoch at which it was created, expires and was last sent (`-` if unknown), and the
//! record, which may contain spaces. A tombstone ends after the version. An element of the stream has the fields
//! `session`, `cleared` and `entries`: netstrings (`LENGTH:BYTES,`), alternately identities and entries.
//!
//! A program that only reads needs `HGETALL` of the session, and skips the empty field, tombstones and expired
//! entries.
//!
//! # Numbers
//!
//! Numbers in Redis's scripts are doubles, so stamps and writers are compared as text. Versions and milliseconds are
//! exact below 2^53: a million versions a second for 285 years.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::redis::{Connection, IntoConnectionInfo, RedisResult};

use super::engine::{Database, Engine, EngineError};
use crate::options::options;

mod apply;
mod changes;
mod claim;
mod connect;
mod database;
mod error;
mod keys;
mod link;
mod purge;
mod read;
mod value;

use connect::Target;

/// A Redis or Valkey server that holds jars and sessions; see the [module](self).
#[derive(Clone)]
pub struct Redis {
    target: Target,
    connect_timeout: Duration,
    load_timeout: Duration,
    apply_timeout: Duration,
    sessions_expire_after: Option<Duration>,
}

impl Redis {
    /// Names the server: `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or `unix://` with a path. `rediss://` is TLS, and takes
    /// a feature of the crate `redis`. The password appears in no `Debug` output and no error.
    ///
    /// # Errors
    ///
    /// [`EngineError::Fatal`]: it is not such a URL.
    pub fn url(url: &str) -> Result<Self, EngineError> {
        let info = url.into_connection_info().ok();
        let Some(info) = info.filter(|info| info.addr().is_supported()) else {
            return Err(EngineError::fatal(
                "not a URL of a Redis server, or of one with TLS, which takes a feature of the crate `redis`",
            ));
        };
        // A request may be more than one packet, and must not wait for the acknowledgment of the first.
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        Ok(Self::new(Target::Address(Arc::new(
            info.set_tcp_settings(tcp),
        ))))
    }

    /// Connects with a function of yours, for TLS or `Sentinel`. Its own timeouts apply while it connects; the
    /// connection gets those of the engine.
    #[must_use]
    pub fn with_connector(
        connect: impl FnMut() -> RedisResult<Connection> + Send + 'static,
    ) -> Self {
        Self::new(Target::Connector(Arc::new(Mutex::new(connect))))
    }

    fn new(target: Target) -> Self {
        Self {
            target,
            connect_timeout: Duration::from_secs(5),
            load_timeout: Duration::from_secs(5),
            apply_timeout: Duration::from_secs(10),
            sessions_expire_after: None,
        }
    }

    options! {
        /// Sets how long connecting may take. Defaults to 5 seconds.
        connect_timeout: Duration;
        /// Sets how long a call that reads may wait for the server. Defaults to 5 seconds.
        load_timeout: Duration;
        /// Sets how long a batch may take. Defaults to 10 seconds.
        apply_timeout: Duration;
        /// Sets how long the server keeps a session that no process uses, even if no process is running. Defaults to `None`:
        /// forever.
        ///
        /// It should be longer than [`sessions_end_after`](crate::persist::PersistOptions::sessions_end_after) and
        /// [`tombstones`](crate::persist::PersistOptions::tombstones); less than 24 hours counts as 24 hours.
        sessions_expire_after: Option<Duration>;
    }
}

impl Engine for Redis {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        Ok(Box::new(self.open(namespace)?))
    }
}

/// Shows the address without user and password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("server", &self.target)
            .field("connect_timeout", &self.connect_timeout)
            .field("load_timeout", &self.load_timeout)
            .field("apply_timeout", &self.apply_timeout)
            .field("sessions_expire_after", &self.sessions_expire_after)
            .finish()
    }
}
