//! Connections that break or stall, and a server that is killed, emptied, or crashes.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cookiejar::persist::engine::{Engine, EngineError, SessionBatch, Version};
use cookiejar::persist::postgres::Postgres;

use super::{Sessions, apply, client, connect, content, engine, jar, namespace, open, set, until};
use crate::common::own_postgres::OwnPostgres;
use crate::common::proxy::{Mode, Proxy};

const KEYS: u32 = 20;

/// The server's address, and the rest of the connection string.
fn split(address: &str) -> (SocketAddr, String) {
    let field = |name: &str| {
        let mut fields = address.split(' ');
        let value = fields.find_map(|field| field.strip_prefix(name));
        value.expect("the field is there").to_owned()
    };
    let server = format!("{}:{}", field("host="), field("port="));
    let rest = format!("user={} dbname={}", field("user="), field("dbname="));
    (server.parse().expect("an address"), rest)
}

/// An engine behind a proxy, whose calls end soon.
fn behind_proxy(address: &str, most: Duration) -> (Proxy, Postgres) {
    let (server, rest) = split(address);
    let proxy = Proxy::new(server);
    let address = proxy.address();
    let address = format!("host={} port={} {rest}", address.ip(), address.port());
    let engine = engine(&address)
        .connect_timeout(most)
        .load_timeout(most)
        .apply_timeout(most)
        .poll(Duration::from_millis(5));
    (proxy, engine)
}

/// Changes all sessions; each has a cookie of the round.
fn change(sessions: &Sessions, round: u32) {
    for key in 0..KEYS {
        let jar = jar(sessions, key);
        set(&jar, &format!("a={round}"));
        set(&jar, &format!("round{}={round}", round % 7));
    }
}

fn memory(sessions: &Sessions) -> Vec<Vec<String>> {
    (0..KEYS).map(|key| content(&jar(sessions, key))).collect()
}

/// The database has what two processes have in memory, and nothing was given up.
fn check(one: &Sessions, other: &Sessions, direct: &Postgres, namespace: &str) {
    one.flush().wait().expect("it is written");
    let expected = memory(one);
    until("the other process has it", || memory(other) == expected);
    assert_eq!(memory(&open(direct, namespace)), expected);
    assert_eq!(one.status().given_up + other.status().given_up, 0);
}

#[test]
fn connections_that_break_and_stall_lose_no_change() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let (proxy, proxied) = behind_proxy(&address, Duration::from_millis(500));
    let namespace = namespace();
    let (one, other) = (open(&proxied, &namespace), open(&proxied, &namespace));
    memory(&one);
    memory(&other);
    let modes = [Mode::Cut, Mode::Stall, Mode::Reset, Mode::LoseReplies];
    for (round, mode) in (0..).zip(modes.into_iter().cycle().take(8)) {
        change(&one, round);
        proxy.set(mode);
        change(&one, 100 + round);
        let before = proxy.connections();
        until("a connection was opened again", || {
            mode == Mode::Stall || proxy.connections() > before
        });
        if mode == Mode::Stall {
            until("the stall is noticed", || !one.status().connected);
        }
        proxy.set(Mode::Forward);
    }
    check(&one, &other, &engine(&address), &namespace);
}

pub(super) fn is_late<T>(result: Result<T, EngineError>) -> bool {
    let Err(EngineError::Unavailable(cause)) = result else {
        return false;
    };
    cause.to_string() == "the server did not respond in time"
}

#[test]
fn a_stalled_server_ends_no_call_late_and_gets_few_connections() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    let (proxy, engine) = behind_proxy(&address, Duration::from_millis(300));
    let namespace = namespace();
    let open = || connect(&engine, &namespace);
    let mut opened: Vec<_> = (0..5).map(|_| open()).collect();
    proxy.set(Mode::Stall);
    assert!(is_late(opened[0].hello()));
    assert!(is_late(opened[1].load(&["s"])));
    assert!(is_late(opened[2].apply(&[SessionBatch::default()])));
    assert!(is_late(
        opened[3].changes(Version::default(), Duration::from_millis(1))
    ));
    assert!(is_late(opened[4].sessions(None, 1)));
    drop(opened);
    let before = proxy.connections();
    let connect = || engine.connect(&namespace).map(drop);
    for _ in 0..30 {
        assert!(matches!(connect(), Err(EngineError::Unavailable(_))));
    }
    assert!(proxy.connections() - before <= 12, "of 30");
    proxy.set(Mode::Forward);
    until("the server responds", || connect().is_ok());
}

#[test]
fn a_server_killed_twice_loses_no_change() {
    cookiejar_tests::server!("COOKIEJAR_POSTGRES", "a PostgreSQL that is killed");
    let mut server = OwnPostgres::start();
    let engine = engine(&server.address());
    let namespace = namespace();
    let (one, other) = (open(&engine, &namespace), open(&engine, &namespace));
    memory(&one);
    memory(&other);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0.. {
                if is_over.load(Ordering::SeqCst) {
                    break;
                }
                change(&one, round);
                thread::sleep(Duration::from_millis(2));
            }
        });
        for _ in 0..2 {
            let written = one.status().written;
            until("it is written", || one.status().written > written + 100);
            server.kill();
            until("it is noticed", || !one.status().connected);
            server.run();
        }
        let written = one.status().written;
        until("it is written again", || one.status().written > written);
        is_over.store(true, Ordering::SeqCst);
    });
    check(&one, &other, &engine, &namespace);
}

#[test]
fn an_emptied_server_is_filled_again_by_those_who_know() {
    cookiejar_tests::server!("COOKIEJAR_POSTGRES", "a PostgreSQL that is emptied");
    let server = OwnPostgres::start();
    let engine = engine(&server.address());
    let namespace = namespace();
    let (one, other) = (open(&engine, &namespace), open(&engine, &namespace));
    memory(&other);
    change(&one, 1);
    check(&one, &other, &engine, &namespace);
    let before = memory(&one);
    client(&server.address())
        .batch_execute("TRUNCATE cookiejar_namespaces, cookiejar_sessions, cookiejar_cookies")
        .expect("it is emptied");
    until("it is filled again", || {
        memory(&open(&engine, &namespace)) == before
    });
    check(&one, &other, &engine, &namespace);
}

/// A crash of one of its processes makes a server start again, without its last commits if these were not synchronous.
#[test]
fn a_crash_and_a_restart_change_the_history() {
    cookiejar_tests::server!("COOKIEJAR_POSTGRES", "a PostgreSQL that crashes");
    let mut server = OwnPostgres::start();
    let engine = engine(&server.address()).synchronous_commit(false);
    let namespace = namespace();
    let history = || {
        let hello = engine.connect(&namespace)?.hello()?;
        Ok::<_, EngineError>(hello.history)
    };
    let first = history().expect("hello");
    assert_eq!(history().expect("hello"), first);

    let mut victim = client(&server.address());
    let id = victim.query_one("SELECT pg_backend_pid()", &[]);
    let id: i32 = id.expect("a row").get(0);
    let killed = Command::new("kill").args(["-9", &id.to_string()]).status();
    assert!(killed.expect("kill").success());
    until("it has crashed", || {
        victim.is_closed() || victim.simple_query("").is_err()
    });
    let again = || {
        let mut found = None;
        until("it is there again", || {
            found = history().ok();
            found.is_some()
        });
        found.expect("a history")
    };
    let second = again();
    assert_ne!(second, first);

    server.kill();
    server.run();
    let third = again();
    assert_ne!(third, second);
    apply(&mut *connect(&engine, &namespace), &["s"], "a").expect("stored");
    assert_eq!(history().expect("hello"), third);
}
