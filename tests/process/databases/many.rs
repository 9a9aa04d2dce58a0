//! Four processes with one database: all memories and the database converge, and nothing is lost.

use std::time::Duration;

use super::agree::{self, Plan};
use super::{Place, Program, folder, open};

const PROCESSES: u64 = 4;

fn plan() -> Plan {
    Plan {
        sessions: 40,
        shared: 4,
        changes: if cookiejar_tests::is_thorough() {
            20_000
        } else {
            3_000
        },
        pause_after: 64,
        pause: Duration::from_millis(1),
    }
}

pub(super) fn change(place: &Place, process: u64) {
    agree::change(&open(place, Duration::from_millis(5)), process, &plan());
}

#[test]
fn four_processes_agree_and_lose_nothing() {
    let (_folder, file) = folder();
    run(&Place::File(file));
}

#[cfg(feature = "redis-1")]
#[test]
fn four_processes_agree_and_lose_nothing_in_redis() {
    let address = cookiejar_tests::server!("COOKIEJAR_REDIS", "four processes with one Redis");
    run(&Place::new_in_redis(&address, "many"));
}

#[cfg(feature = "postgres-0_19")]
#[test]
fn four_processes_agree_and_lose_nothing_in_postgres() {
    let address =
        cookiejar_tests::server!("COOKIEJAR_POSTGRES", "four processes with one PostgreSQL");
    run(&Place::new_in_postgres(&address, "many"));
}

fn run(place: &Place) {
    let mut programs: Vec<_> = (0..PROCESSES)
        .map(|process| Program::start("many", process, place))
        .collect();
    let written = agree::written(&mut programs);
    let memories = agree::agreed(&mut programs);
    let stored = agree::memory(&open(place, Duration::ZERO), plan().sessions);
    assert_eq!(stored, memories, "the database has it, too");
    agree::check(&memories, &written, None);
}
