//! Opens a connection: checks the server, loads the scripts, and creates the namespace.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ::redis::{Client, Connection, ConnectionInfo, RedisResult, Value};

use super::super::engine::{EngineError, FORMAT};
use super::super::replica::random_writer;
use super::Redis;
use super::database::{RedisDatabase, Scripts};
use super::keys::Keys;
use super::link::{Link, Request, check};
use super::{error, value};

/// What to connect to.
#[derive(Clone)]
pub(super) enum Target {
    Address(Arc<ConnectionInfo>),
    Connector(Arc<Mutex<dyn FnMut() -> RedisResult<Connection> + Send>>),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(info) => {
                write!(f, "{}/{}", info.addr(), info.redis_settings().db())
            }
            Self::Connector(_) => f.write_str("a connector"),
        }
    }
}

macro_rules! script {
    ($file:literal) => {
        concat!(include_str!("namespace.lua"), include_str!($file)).as_bytes()
    };
}

impl Redis {
    fn dial(&self) -> Result<Link, EngineError> {
        let connection = match &self.target {
            Target::Address(info) => Client::open((**info).clone())
                .and_then(|client| client.get_connection_with_timeout(self.connect_timeout)),
            Target::Connector(connect) => {
                let mut connect = connect.lock().unwrap_or_else(PoisonError::into_inner);
                connect()
            }
        };
        connection.map(Link::new).map_err(error::translate)
    }

    pub(super) fn open(&self, namespace: &str) -> Result<RedisDatabase, EngineError> {
        let mut link = self.dial()?;
        let mut request = Request::default();
        for section in ["server", "replication", "memory"] {
            request.command(&[b"INFO", section.as_bytes()]);
        }
        for script in [
            script!("open.lua"),
            script!("merge.lua"),
            script!("purge.lua"),
            script!("list.lua"),
            script!("claim.lua"),
        ] {
            request.command(&[b"SCRIPT", b"LOAD", script]);
        }
        let replies = link.ask(request, self.connect_timeout)?;
        let text = |at: usize| match &replies[at] {
            Value::VerbatimString { text, .. } => text.clone(),
            reply => String::from_utf8_lossy(value::octets(reply).unwrap_or_default()).into_owned(),
        };
        let (server, memory) = (text(0), text(2));
        check(&replies)?;
        check_version(&server)?;
        let scripts = Scripts {
            open: text(3).into_bytes(),
            merge: text(4).into_bytes(),
            purge: text(5).into_bytes(),
            list: text(6).into_bytes(),
            claim: text(7).into_bytes(),
        };
        let run_id = field(&server, "run_id").unwrap_or_default();
        let policy = field(&memory, "maxmemory_policy").filter(|policy| *policy != "noeviction");
        let warning = |policy| {
            format!(
                "the server's maxmemory-policy is {policy}: it may drop sessions when it is full"
            )
        };
        let mut database = RedisDatabase::new(
            self.clone(),
            link,
            Keys::new(namespace),
            scripts,
            run_id.to_owned(),
            policy.map(warning),
        );
        let id = format!("{}{}", random_writer(), random_writer());
        database.create_namespace(&id, FORMAT)?;
        Ok(database)
    }
}

/// A field of `INFO`.
pub(super) fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = info.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

fn check_version(server: &str) -> Result<(), EngineError> {
    let (name, version, least) = match field(server, "valkey_version") {
        Some(version) => ("Valkey", version, (7, 2)),
        None => (
            "Redis",
            field(server, "redis_version").unwrap_or_default(),
            (6, 2),
        ),
    };
    let mut numbers = version
        .split('.')
        .map_while(|number| number.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found >= least {
        return Ok(());
    }
    let (major, minor) = least;
    Err(EngineError::fatal(format!(
        "{name} {} is too old: {major}.{minor} or later is needed",
        if version.is_empty() {
            "of an unknown version"
        } else {
            version
        }
    )))
}
