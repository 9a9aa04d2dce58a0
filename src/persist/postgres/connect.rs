//! Connects to a server, and creates tables and namespaces.

use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use postgres::config::SslMode;
use postgres::types::Type;
use postgres::{Client, Config, NoTls, SimpleQueryMessage};

use super::super::engine::{EngineError, FORMAT};
use super::Postgres;
use super::error::{translate, translate_connecting};
use super::session::{Session, column};
use super::worker::Worker;

const SCHEMA: &str = include_str!("schema.sql");

/// The oldest version of the server, as `server_version_num`.
const OLDEST: u32 = 130_000;

/// How long a connection may be silent, and data unacknowledged.
const SILENCE: Duration = Duration::from_secs(10);

pub(super) enum Connector {
    Config(Box<Config>),
    Given(Mutex<Box<dyn FnMut() -> Result<Client, postgres::Error> + Send>>),
}

pub(super) fn parse(config: &str) -> Result<Config, EngineError> {
    let mut config: Config = config.parse().map_err(|error| invalid(&error))?;
    if config.get_ssl_mode() == SslMode::Require {
        let why = "the connection string requires TLS: use `Postgres::with_connector`";
        return Err(EngineError::fatal(why));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
    if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
        config.keepalives_idle(SILENCE);
        config.keepalives_interval(SILENCE / 4);
        config.keepalives_retries(4);
    }
    // The text of the server stays out of the log.
    config.notice_callback(|_| ());
    if config.get_application_name().is_none() {
        config.application_name("cookiejar");
    }
    Ok(config)
}

/// Names the option whose value is not valid. Other errors may quote a part of the password.
fn invalid(error: &postgres::Error) -> EngineError {
    let why = error.source().map(ToString::to_string).unwrap_or_default();
    let why = if why.starts_with("invalid value for option") {
        why
    } else {
        "unknown option, or a value without quotes".to_owned()
    };
    EngineError::fatal(format!("not a connection string: {why}"))
}

impl Postgres {
    pub(super) fn worker(
        &self,
        set_up: impl FnOnce(&mut Session) -> Result<(), EngineError> + Send + 'static,
    ) -> Result<Worker, EngineError> {
        let engine = self.clone();
        Worker::start(&self.stalled, self.connect_timeout, move || {
            let mut session = Session::new(engine.client()?, &engine);
            check_version(&mut session)?;
            if engine.prepares() {
                session.run("SET jit = off")?;
            }
            set_up(&mut session)?;
            Ok(session)
        })
    }

    fn client(&self) -> Result<Client, EngineError> {
        let client = match &*self.connector {
            Connector::Given(connect) => {
                let mut connect = connect.lock().unwrap_or_else(PoisonError::into_inner);
                connect()
            }
            Connector::Config(config) => {
                let mut config = config.clone();
                if config.get_connect_timeout().is_none() {
                    config.connect_timeout(self.connect_timeout);
                }
                config.connect(NoTls)
            }
        };
        client.map_err(translate_connecting)
    }
}

fn check_version(session: &mut Session) -> Result<(), EngineError> {
    let rows = session.client.simple_query("SHOW server_version_num");
    let rows = rows.map_err(translate)?;
    let version = rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
        _ => None,
    });
    if version.is_none_or(|version: u32| version < OLDEST) {
        return Err(EngineError::fatal("the server is older than PostgreSQL 13"));
    }
    Ok(())
}

pub(super) fn create_namespace(session: &mut Session, namespace: &str) -> Result<(), EngineError> {
    const CREATE: &str = "INSERT INTO cookiejar_namespaces \
        (namespace, id, format, version, clock, floor_stamp, floor_version, token) \
        VALUES($1, uuid_send(gen_random_uuid()), $2, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING";
    let format = i32::try_from(FORMAT).map_err(EngineError::fatal)?;
    session.query(CREATE, &[(&namespace, Type::TEXT), (&format, Type::INT4)])?;
    Ok(())
}

/// A role that may not create tables can call it if they exist. The lock is for processes that start together.
pub(super) fn create_tables(session: &mut Session) -> Result<(), EngineError> {
    // `to_regclass` may overlook what another session has just created.
    const EXIST: &str = "SELECT count(*) = 4 FROM pg_class WHERE pg_table_is_visible(oid) AND relname IN \
        ('cookiejar_namespaces', 'cookiejar_sessions', 'cookiejar_cookies', 'cookiejar_claims')";
    let exist = |session: &mut Session| {
        let rows = session.query(EXIST, &[])?;
        rows.first().map_or(Ok(false), |row| column::<bool>(row, 0))
    };
    if exist(session)? {
        return Ok(());
    }
    session.write("BEGIN ISOLATION LEVEL READ COMMITTED", |session| {
        session.run("SELECT pg_advisory_xact_lock(1129007698)")?;
        if exist(session)? {
            return Ok(());
        }
        session.run(SCHEMA)
    })
}
