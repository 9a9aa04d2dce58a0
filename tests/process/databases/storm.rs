//! Four processes with a server that is killed twice, one that is killed and one that joins late: all memories and the
//! database converge, and what a process wrote last is there.
//!
//! `COOKIEJAR_STORM=100000 cargo test --release -p cookiejar-tests --all-features --test process storm` makes as many
//! changes a process.

use std::thread;
use std::time::{Duration, Instant};

use cookiejar::persist::engine::EngineError;
use cookiejar::persist::{PersistError, PersistOptions};

use super::agree::{self, Plan};
#[cfg(all(feature = "postgres-0_19", feature = "redis-1", unix))]
use super::servers::{Kind, Server};
use super::{Place, Program, Sessions, folder, jar, set};

const SESSIONS: u32 = 1_000;

fn plan() -> Plan {
    let changes = std::env::var("COOKIEJAR_STORM").ok();
    Plan {
        sessions: SESSIONS,
        shared: 3,
        changes: changes.map_or(6_000, |number| number.parse().expect("a number")),
        pause_after: 16,
        pause: Duration::from_millis(8),
    }
}

/// Opens the sessions, once the server is there.
fn open(place: &Place) -> Sessions {
    let options = PersistOptions::new().linger(Duration::from_millis(5));
    let options = options.namespace(place.namespace());
    loop {
        match Sessions::open(place.engine(), options.clone()) {
            Err(PersistError::Engine(EngineError::Unavailable(_))) => {
                thread::sleep(Duration::from_millis(20));
            }
            sessions => return sessions.expect("it opens"),
        }
    }
}

fn memory(sessions: &Sessions) -> Vec<String> {
    agree::memory(sessions, SESSIONS)
}

/// The child: it begins when it has loaded all sessions.
pub(super) fn change(place: &Place, process: u64) {
    let sessions = open(place);
    memory(&sessions);
    println!("\nbegins");
    agree::change(&sessions, process, &plan());
}

/// The number of the process that is killed.
const KILLED: u64 = 2;

fn run(place: &Place, mut restart: impl FnMut()) {
    let start = |process| Program::start("storm", process, place);
    let mut programs: Vec<_> = (0..4).map(start).collect();
    for program in &mut programs {
        program.expect("begins");
    }
    thread::sleep(Duration::from_millis(300));
    restart();
    thread::sleep(Duration::from_millis(300));
    let killed = usize::try_from(KILLED).expect("small");
    programs[killed].kill();
    programs[killed] = start(4);
    restart();
    programs.push(start(5));

    let written = agree::written(&mut programs);
    let begun = Instant::now();
    let memories = agree::agreed(&mut programs);
    eprintln!("{place}: all have the same after {:?}", begun.elapsed());
    assert_eq!(memory(&open(place)), memories, "the database has it, too");
    agree::check(&memories, &written, Some(KILLED));
}

#[test]
fn a_storm_over_sqlite() {
    let (_folder, file) = folder();
    run(&Place::File(file), || ());
}

#[cfg(all(feature = "postgres-0_19", feature = "redis-1", unix))]
fn with_server(kind: Kind) {
    let mut server = Server::start(kind);
    let place = server.place();
    run(&place, || {
        server.kill();
        thread::sleep(Duration::from_millis(500));
        server.run();
    });
}

#[cfg(all(feature = "postgres-0_19", feature = "redis-1", unix))]
#[test]
fn a_storm_over_redis() {
    let _has_server = cookiejar_tests::server!("COOKIEJAR_REDIS", "a storm over Redis");
    with_server(Kind::Redis);
}

#[cfg(all(feature = "postgres-0_19", feature = "redis-1", unix))]
#[test]
fn a_storm_over_postgres() {
    let _has_server = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "a storm over PostgreSQL");
    with_server(Kind::Postgres);
}

/// Without a server for as many seconds as `COOKIEJAR_OUTAGE` says, at 5,000 changes a second, nothing is given up.
#[cfg(all(feature = "postgres-0_19", feature = "redis-1", unix))]
fn outage(kind: Kind) {
    const SECOND: u64 = 5_000;
    let seconds = std::env::var("COOKIEJAR_OUTAGE").ok();
    let seconds: u64 = seconds.map_or(3, |seconds| seconds.parse().expect("a number"));
    let mut server = Server::start(kind);
    let place = server.place();
    let sessions = open(&place);
    memory(&sessions);
    server.kill();
    let begun = Instant::now();
    for number in 0..seconds * SECOND {
        let key = u32::try_from(number % u64::from(SESSIONS)).expect("small");
        set(
            &jar(&sessions, key),
            &[&format!("a{}={number}", number % 7)],
        );
        let due = Duration::from_micros(number * 1_000_000 / SECOND);
        thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    let pending = sessions.status().pending;
    assert!(pending <= SESSIONS as usize * 7, "one entry a cookie");
    server.run();
    let begun = Instant::now();
    sessions.flush().wait().expect("it is written");
    eprintln!(
        "{kind:?}: {seconds} s without a server, {pending} cookies written after {:?}",
        begun.elapsed()
    );
    assert_eq!(sessions.status().given_up, 0);
    assert_eq!(memory(&open(&place)), memory(&sessions));
}

#[cfg(all(feature = "postgres-0_19", feature = "redis-1", unix))]
#[test]
fn an_outage_of_redis_loses_nothing() {
    let _has_server = cookiejar_tests::server!("COOKIEJAR_REDIS", "an outage of Redis");
    outage(Kind::Redis);
}

#[cfg(all(feature = "postgres-0_19", feature = "redis-1", unix))]
#[test]
fn an_outage_of_postgres_loses_nothing() {
    let _has_server = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "an outage of PostgreSQL");
    outage(Kind::Postgres);
}
