//! Four processes with a server that is killed twice, one that is killed and one that joins late: all memories and the
//! database converge, and what a process wrote last is there.
//!
//! `COOKIEJAR_STORM=100000 cargo test --release -p cookiejar-tests --all-features --test process storm` makes as many
//! changes a process.

use std::collections::{BTreeMap, BTreeSet};
use std::io::stdin;
use std::thread;
use std::time::{Duration, Instant};

use cookiejar::CookieId;
use cookiejar::persist::engine::EngineError;
use cookiejar::persist::{PersistError, PersistOptions};

#[cfg(all(feature = "postgres-0_19", feature = "redis-1", unix))]
use super::servers::{Kind, Server};
use super::{Place, Program, Sessions, content, folder, jar, set, until};

const SESSIONS: u32 = 1_000;

/// The names of cookies that all processes change; each process also has its own.
const SHARED: u64 = 3;

fn changes() -> u64 {
    let set = std::env::var("COOKIEJAR_STORM").ok();
    set.map_or(6_000, |number| number.parse().expect("a number"))
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

fn keys() -> Vec<u32> {
    (0..SESSIONS).collect()
}

fn memory(sessions: &Sessions) -> Vec<String> {
    until("they are loaded", || {
        sessions.load(keys().iter().map(Some)).wait().is_ok()
    });
    let of = |key| {
        let content = content(&jar(sessions, key));
        content.into_iter().map(move |pair| format!("{key} {pair}"))
    };
    (0..SESSIONS).flat_map(of).collect()
}

/// The child: it makes its changes, prints what it wrote last, and then its contents for each line of input.
pub(super) fn change(place: &Place, process: u64) {
    let sessions = open(place);
    memory(&sessions);
    println!("\nbegins");
    let mut random = 0x9e37_79b9_7f4a_7c15 ^ (process << 32);
    let mut last = BTreeMap::new();
    for number in 0..changes() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let key = u32::try_from(random % u64::from(SESSIONS)).expect("small");
        let name = match (random >> 16) % (SHARED + 1) {
            SHARED => format!("own{process}"),
            shared => format!("shared{shared}"),
        };
        let jar = jar(&sessions, key);
        let value = format!("{process}.{number}");
        if (random >> 24).is_multiple_of(8) {
            if jar.remove(CookieId::new("acme.com", "/", &name)).is_ok() {
                last.insert((key, name), "-".to_owned());
            }
        } else {
            set(&jar, &[&format!("{name}={value}")]);
            last.insert((key, name), value);
        }
        if number % 16 == 0 {
            // So that they overlap with each other and with the outages.
            thread::sleep(Duration::from_millis(8));
        }
    }
    sessions.flush().wait().expect("it is written");
    for ((key, name), value) in &last {
        println!("\nlast {key} {name} {value}");
    }
    println!("\nwritten {}", sessions.status().given_up);
    for _ in stdin().lines().map_while(Result::ok) {
        for line in memory(&sessions) {
            println!("\nhas {line}");
        }
        println!("\nhas .");
    }
}

fn ask(program: &mut Program) -> Vec<String> {
    program.say("what do you have");
    let mut lines = Vec::new();
    loop {
        match program.expect("has") {
            line if line == "." => return lines,
            line => lines.push(line),
        }
    }
}

/// The last writes, by session and name.
type Written = BTreeMap<(String, String), BTreeSet<String>>;

fn hear(program: &mut Program, written: &mut Written) {
    loop {
        let line = program.output.next().expect("a line").expect("a line");
        let parts: Vec<_> = line.split(' ').collect();
        match parts[..] {
            ["last", key, name, value] => {
                let values = written
                    .entry((key.to_owned(), name.to_owned()))
                    .or_default();
                values.insert(value.to_owned());
            }
            ["written", given_up] => {
                assert_eq!(given_up, "0");
                return;
            }
            _ => {}
        }
    }
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

    let mut written = Written::new();
    for program in &mut programs {
        hear(program, &mut written);
    }
    let begun = Instant::now();
    let mut memories = Vec::new();
    until("all have the same", || {
        let all: Vec<_> = programs.iter_mut().map(ask).collect();
        memories.clone_from(&all[0]);
        all.iter().all(|memory| *memory == all[0])
    });
    eprintln!("{place}: all have the same after {:?}", begun.elapsed());
    assert_eq!(memory(&open(place)), memories, "the database has it, too");
    check(&memories, &written);
}

/// What the killed process wrote is not known, except for cookies that only it wrote.
fn check(memories: &[String], written: &Written) {
    let of_killed = format!("{KILLED}.");
    let mut stored = BTreeMap::new();
    for line in memories {
        let (key, pair) = line.split_once(' ').expect("a key");
        let (name, value) = pair.split_once('=').expect("a pair");
        stored.insert((key.to_owned(), name.to_owned()), value.to_owned());
    }
    for (place, values) in written {
        let is_shared = place.1.starts_with("shared");
        let found = stored.remove(place).unwrap_or_else(|| "-".to_owned());
        let is_killeds = is_shared && (found == "-" || found.starts_with(&of_killed));
        assert!(
            values.contains(&found) || is_killeds,
            "{place:?} is {found}, and was written as {values:?}"
        );
    }
    stored.retain(|_, value| !value.starts_with(&of_killed));
    assert!(stored.is_empty(), "no process wrote {stored:?}");
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
