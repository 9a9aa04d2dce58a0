//! Roles, missing tables and databases, passwords, and what errors say.

use std::error::Error;

use cookiejar::persist::PersistOptions;
use cookiejar::persist::engine::{Engine, EngineError};
use cookiejar::persist::postgres::Postgres;
use cookiejar::testing::check_engine;

use super::{Sessions, client, engine};
use crate::common::own_postgres::OwnPostgres;

const PASSWORD: &str = "correct-horse";

/// The kind of an error, and the cause's text.
fn fault<T>(result: Result<T, EngineError>) -> (&'static str, String) {
    match result.map(drop).expect_err("it fails") {
        EngineError::Fatal(cause) => ("fatal", cause.to_string()),
        EngineError::Refused(cause) => ("refused", cause.to_string()),
        EngineError::Unavailable(cause) => ("unavailable", cause.to_string()),
        error => panic!("{error:?}"),
    }
}

#[track_caller]
fn assert_fault<T>(result: Result<T, EngineError>, kind: &str, text: &str) {
    let (found, message) = fault(result);
    assert_eq!(found, kind, "{message}");
    assert!(message.contains(text), "{message}");
}

#[test]
fn roles_and_databases() {
    cookiejar_tests::server!("COOKIEJAR_POSTGRES", "a PostgreSQL with roles");
    let server = OwnPostgres::start();
    engine(&server.address());
    let mut admin = client(&server.address());
    let roles = format!(
        "CREATE ROLE worker LOGIN PASSWORD '{PASSWORD}'; CREATE ROLE nobody LOGIN PASSWORD '{PASSWORD}'; \
         CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON cookiejar_namespaces, cookiejar_sessions, \
         cookiejar_cookies, cookiejar_claims TO worker, reader; \
         ALTER ROLE reader SET default_transaction_read_only = on; \
         REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    );
    admin.batch_execute(&roles).expect("roles");
    admin
        .batch_execute("CREATE DATABASE empty")
        .expect("a database");
    let role = |name: &str, database: &str| {
        let port = server.port();
        let url = format!("postgresql://{name}:{PASSWORD}@127.0.0.1:{port}/{database}");
        Postgres::config(&url).expect("a URL")
    };

    // It needs no more than these rights.
    let worker = role("worker", "postgres");
    worker.create_tables().expect("they exist");
    check_engine(&worker);

    let denied = "ERROR: insufficient privilege (SQLSTATE 42501)";
    assert_fault(
        role("nobody", "postgres").connect("default"),
        "fatal",
        denied,
    );
    let read_only = "ERROR: read-only transaction (SQLSTATE 25006)";
    assert_fault(
        role("reader", "postgres").connect("default"),
        "unavailable",
        read_only,
    );

    let empty = role("worker", "empty");
    let missing =
        "ERROR: undefined table; `Postgres::create_tables` creates the tables (SQLSTATE 42P01)";
    assert_fault(empty.connect("default"), "fatal", missing);
    assert_fault(empty.create_tables(), "fatal", denied);
    let none = "FATAL: database \"none\" does not exist (SQLSTATE 3D000)";
    assert_fault(role("worker", "none").connect("default"), "fatal", none);

    wrong_password(&server);
}

fn wrong_password(server: &OwnPostgres) {
    let wrong = "battery-staple";
    let url = format!(
        "postgresql://worker:{wrong}@127.0.0.1:{}/postgres",
        server.port()
    );
    let engine = Postgres::config(&url).expect("a URL");
    let opened = Sessions::open(engine.clone(), PersistOptions::new());
    let error = opened.map(drop).expect_err("the password is wrong");
    let mut texts = vec![
        format!("{error:?}"),
        format!("{error:#?}"),
        format!("{engine:?}"),
    ];
    let mut source: Option<&dyn Error> = Some(&error);
    while let Some(error) = source {
        texts.push(error.to_string());
        source = error.source();
    }
    assert!(
        texts.iter().any(|text| text.contains("SQLSTATE 28P01")),
        "{texts:?}"
    );
    assert!(texts.iter().all(|text| !text.contains(wrong)), "{texts:?}");
}

#[test]
fn a_server_that_is_not_there_is_unavailable() {
    let engine = Postgres::config("host=127.0.0.1 port=1 user=x password=y").expect("an address");
    assert_fault(
        engine.connect("default"),
        "unavailable",
        "error connecting to server",
    );
}

#[test]
fn a_string_that_is_not_valid_is_not_quoted() {
    let unknown = "unknown option, or a value without quotes";
    let rows = [
        ("host=a port=none", "invalid value for option `port`"),
        (
            "host=a connect_timeout=x",
            "invalid value for option `connect_timeout`",
        ),
        // The second half of the password.
        ("host=a password=open sesame=1", unknown),
        ("host=a password='open", unknown),
        ("postgresql://u:sesame@host/?sesame=1", unknown),
        ("postgresql://u:sesame@[", "invalid value for option `host`"),
        ("host=a sslmode=require", "use `Postgres::with_connector`"),
    ];
    for (config, why) in rows {
        let error = Postgres::config(config).expect_err(config);
        let texts = format!("{error:?} {error}");
        assert!(
            !texts.contains("sesame") && !texts.contains("open"),
            "{texts}"
        );
        assert_fault(Err::<(), _>(error), "fatal", why);
    }
}
