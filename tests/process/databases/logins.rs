//! A fleet that logs in to each session once: eight processes with eight tasks each, over any engine.
//!
//! `COOKIEJAR_LOGINS=1000 COOKIEJAR_LOGIN_MILLIS=200 cargo test --release -p cookiejar-tests --all-features --test process
//! logins` is the long form.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use cookiejar::SharedCookieJar;

use super::{PATIENCE, Place, Program, Sessions, content, folder, jar, open, set};

const PROCESSES: u64 = 8;
const TASKS: u32 = 8;

const LINGER: Duration = Duration::from_millis(5);

/// Longer than any pause of a busy machine.
const LEASE: Duration = Duration::from_secs(600);

/// The claim of a process that is killed with it.
const SHORT_LEASE: Duration = Duration::from_secs(3);

fn number_of(variable: &str, default: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.map_or(default, |number| number.parse().expect("a number"))
}

fn sessions() -> u32 {
    let sessions = number_of("COOKIEJAR_LOGINS", 200);
    u32::try_from(sessions).expect("not that many")
}

fn is_logged_in(jar: &SharedCookieJar) -> bool {
    !jar.is_empty()
}

/// Logs in, as a program of a fleet does: look, claim, look again, log in, release.
fn log_in_once(sessions: &Sessions, key: u32, log_in: &impl Fn(&SharedCookieJar)) {
    let jar = jar(sessions, key);
    while !is_logged_in(&jar) {
        match sessions.claim(&key, LEASE).wait() {
            Ok(Some(claim)) => {
                if !is_logged_in(&jar) {
                    log_in(&jar);
                }
                claim.release();
            }
            Ok(None) => {
                let waited = sessions
                    .wait_for(&key, is_logged_in, SHORT_LEASE / 3)
                    .wait();
                waited.expect("the session");
            }
            // The database was busy.
            Err(error) => println!("\nerror {error}"),
        }
    }
}

/// The child: eight tasks, each of which wants all sessions logged in.
pub(super) fn log_in(place: &Place, process: u64) {
    let pause = Duration::from_millis(number_of("COOKIEJAR_LOGIN_MILLIS", 5));
    let fleet = open(place, LINGER);
    thread::scope(|scope| {
        for task in 0..TASKS {
            let fleet = &fleet;
            scope.spawn(move || {
                let all = sessions();
                let task = u32::try_from(process).expect("small") * TASKS + task;
                let tasks = u32::try_from(PROCESSES).expect("small") * TASKS;
                for step in 0..all {
                    // They start at different sessions, and meet.
                    let key = (all * task / tasks + step) % all;
                    log_in_once(fleet, key, &|jar| {
                        println!("\nlogin {key}");
                        thread::sleep(pause);
                        set(jar, &[&format!("sid={task}")]);
                    });
                }
            });
        }
    });
    for key in 0..sessions() {
        println!("\nsees {key} {}", content(&jar(&fleet, key)).concat());
    }
    println!("\nsees .");
}

/// The child: it claims a session, begins to log in, and is killed.
pub(super) fn hold(place: &Place, key: u64) {
    let fleet = open(place, LINGER);
    let key = u32::try_from(key).expect("small");
    let claim = fleet.claim(&key, SHORT_LEASE).wait();
    let _held = claim.expect("an answer").expect("it is free");
    println!("\nlogin {key}");
    thread::sleep(PATIENCE);
}

fn run(place: &Place, with_killed: bool) {
    let mut logins = BTreeMap::<u32, u32>::new();
    if with_killed {
        let mut holder = Program::start("holds", 0, place);
        let key: u32 = holder.expect("login").parse().expect("a key");
        *logins.entry(key).or_default() += 1;
        holder.kill();
    }
    let begun = Instant::now();
    let mut programs: Vec<_> = (0..PROCESSES)
        .map(|process| Program::start("logs_in", process, place))
        .collect();
    let mut all = Vec::new();
    for program in &mut programs {
        let mut sees = Vec::new();
        loop {
            let line = program.output.next().expect("a line").expect("a line");
            match line.split_once(' ') {
                Some(("login", key)) => {
                    *logins.entry(key.parse().expect("a key")).or_default() += 1;
                }
                Some(("sees", ".")) => break,
                Some(("sees", what)) => sees.push(what.to_owned()),
                _ => {}
            }
        }
        all.push(sees);
    }
    let sum: u32 = logins.values().sum();
    eprintln!(
        "{place}: {sum} logins of {} sessions in {:?}",
        sessions(),
        begun.elapsed()
    );
    let twice = logins.iter().filter(|(_, logins)| **logins > 1);
    let twice: Vec<_> = twice.map(|(key, logins)| (*key, *logins)).collect();
    let expected = if with_killed { vec![(0, 2)] } else { vec![] };
    assert_eq!(twice, expected, "more than one login");
    assert_eq!(logins.len(), sessions() as usize);
    assert!(all.iter().all(|sees| *sees == all[0]), "they differ");
    assert!(all[0].iter().all(|sees| sees.contains("sid=")));
}

#[test]
fn each_session_is_logged_in_once_with_sqlite() {
    let (_folder, file) = folder();
    run(&Place::File(file), false);
}

#[test]
fn a_killed_holder_costs_one_more_login_with_sqlite() {
    let (_folder, file) = folder();
    run(&Place::File(file), true);
}

#[cfg(feature = "postgres-0_19")]
#[test]
fn each_session_is_logged_in_once_with_postgres() {
    let address =
        cookiejar_tests::server!("COOKIEJAR_POSTGRES", "logins of a fleet over PostgreSQL");
    run(&Place::new_in_postgres(&address, "logins"), false);
    run(&Place::new_in_postgres(&address, "logins-killed"), true);
}

#[cfg(feature = "redis-1")]
#[test]
fn each_session_is_logged_in_once_with_redis() {
    let address = cookiejar_tests::server!("COOKIEJAR_REDIS", "logins of a fleet over Redis");
    run(&Place::new_in_redis(&address, "logins"), false);
    run(&Place::new_in_redis(&address, "logins-killed"), true);
}
