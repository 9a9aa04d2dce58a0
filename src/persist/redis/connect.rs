//! Opens a connection: checks the server, loads the scripts, and creates the namespace.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ::redis::{
    Client, Connection, ConnectionAddr, ConnectionInfo, RedisConnectionInfo, RedisResult, Value,
};

use super::super::engine::{EngineError, FORMAT};
use super::super::replica::random_writer;
use super::Redis;
use super::database::{RedisDatabase, Scripts};
use super::keys::Keys;
use super::link::{LEAST, Link, Request, check};
use super::{error, value};
use crate::clock;

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

/// In the order in which `load` sends them.
const SCRIPTS: [&[u8]; 5] = [
    script!("open.lua"),
    script!("merge.lua"),
    script!("purge.lua"),
    script!("list.lua"),
    script!("claim.lua"),
];

const SECTIONS: [&[u8]; 2] = [b"server", b"memory"];

impl Redis {
    pub(super) fn open(&self, namespace: &str) -> Result<RedisDatabase, EngineError> {
        let end = clock::end_of(self.connect_timeout);
        let rest = || end.saturating_duration_since(Instant::now()).max(LEAST);
        let mut link = self.dial()?;
        let mut request = Request::default();
        if let (Link::Own(..), Target::Address(info)) = (&link, &self.target) {
            introduce(&mut request, info.redis_settings());
        }
        let introduction = request.commands();
        ask_server(&mut request);
        let mut introduced = link.ask(request, rest())?;
        let replies = introduced.split_off(introduction);
        check(&introduced)?;
        let texts: Vec<_> = replies.iter().map(text).collect();
        let (info, scripts) = texts.split_at(SECTIONS.len());
        check(&replies[..1])?;
        check_version(&info[0])?;
        check(&replies)?;
        let run_id = field(&info[0], "run_id").unwrap_or_default().to_owned();
        let warning = warning(&info[1]);
        let keys = Keys::new(namespace);
        let scripts = Scripts::new(scripts);
        let mut database = RedisDatabase::new(self.clone(), link, keys, scripts, run_id, warning);
        let id = format!("{}{}", random_writer(), random_writer());
        database.create_namespace(&id, FORMAT, rest())?;
        Ok(database)
    }

    fn dial(&self) -> Result<Link, EngineError> {
        let connection = match &self.target {
            Target::Address(info) => match info.addr() {
                ConnectionAddr::Tcp(host, port) => {
                    return Link::open((host, *port), self.connect_timeout);
                }
                _ => Client::open((**info).clone())
                    .and_then(|client| client.get_connection_with_timeout(self.connect_timeout)),
            },
            Target::Connector(connect) => {
                let mut connect = connect.lock().unwrap_or_else(PoisonError::into_inner);
                connect()
            }
        };
        connection.map(Link::Given).map_err(error::translate)
    }
}

fn introduce(request: &mut Request, settings: &RedisConnectionInfo) {
    let user = settings.username().map(str::as_bytes);
    let password = settings.password().map(str::as_bytes);
    let mut hello: Vec<&[u8]> = Vec::new();
    if settings.protocol().supports_resp3() {
        hello.extend([&b"HELLO"[..], b"3"]);
    }
    if let Some(password) = password {
        hello.extend([&b"AUTH"[..], user.unwrap_or(b"default"), password]);
    }
    if !hello.is_empty() {
        request.command(&hello);
    }
    if settings.db() != 0 {
        request.command(&[b"SELECT", settings.db().to_string().as_bytes()]);
    }
}

fn ask_server(request: &mut Request) {
    for section in SECTIONS {
        request.command(&[b"INFO", section]);
    }
    for script in SCRIPTS {
        request.command(&[b"SCRIPT", b"LOAD", script]);
    }
}

fn text(reply: &Value) -> String {
    match reply {
        Value::VerbatimString { text, .. } => text.clone(),
        reply => String::from_utf8_lossy(value::octets(reply).unwrap_or_default()).into_owned(),
    }
}

fn warning(memory: &str) -> Option<String> {
    let policy = field(memory, "maxmemory_policy").filter(|policy| *policy != "noeviction")?;
    Some(format!(
        "the server's maxmemory-policy is {policy}: it may drop sessions when it is full"
    ))
}

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
