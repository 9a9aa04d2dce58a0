//! Four processes with one database: all memories and the database converge, and nothing is lost.

use std::collections::BTreeMap;
use std::io::stdin;
use std::time::Duration;

use cookiejar::CookieId;

use super::{Place, Program, Sessions, content, folder, jar, open, set, until};

const PROCESSES: u64 = 4;
const SESSIONS: u32 = 40;

/// The names of cookies that all processes change; each process also has its own.
const SHARED: u64 = 4;

fn changes() -> u64 {
    if cookiejar_tests::is_thorough() {
        20_000
    } else {
        3_000
    }
}

/// Everything that a process has in memory, one line each.
fn memory(sessions: &Sessions) -> Vec<String> {
    let of = |key| {
        let content = content(&jar(sessions, key));
        content.into_iter().map(move |pair| format!("{key} {pair}"))
    };
    (0..SESSIONS).flat_map(of).collect()
}

/// The child: it makes its changes, prints its last writes, and then prints its contents for each line of input.
pub(super) fn change(place: &Place, process: u64) {
    let sessions = open(place, Duration::from_millis(5));
    let mut random = 0x9e37_79b9_7f4a_7c15 ^ (process << 32);
    let mut last = BTreeMap::new();
    for number in 0..changes() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let key = u32::try_from(random % u64::from(SESSIONS)).expect("small");
        let name = match (random >> 8) % (SHARED + 1) {
            SHARED => format!("own{process}"),
            shared => format!("shared{shared}"),
        };
        let jar = jar(&sessions, key);
        let value = format!("{process}.{number}");
        if (random >> 16).is_multiple_of(8) {
            // There may be nothing to remove.
            let removed = jar.remove(CookieId::new("acme.com", "/", &name)).is_ok();
            if removed {
                last.insert((key, name), "-".to_owned());
            }
        } else {
            set(&jar, &[&format!("{name}={value}")]);
            last.insert((key, name), value);
        }
        if number % 64 == 0 {
            // So that the four overlap.
            std::thread::sleep(Duration::from_millis(1));
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

#[test]
fn four_processes_agree_and_lose_nothing() {
    let (_folder, file) = folder();
    agree(&Place::File(file));
}

#[cfg(feature = "redis-1")]
#[test]
fn four_processes_agree_and_lose_nothing_in_redis() {
    let address = cookiejar_tests::server!("COOKIEJAR_REDIS", "four processes with one Redis");
    agree(&Place::new_in_redis(&address, "many"));
}

#[cfg(feature = "postgres-0_19")]
#[test]
fn four_processes_agree_and_lose_nothing_in_postgres() {
    let address =
        cookiejar_tests::server!("COOKIEJAR_POSTGRES", "four processes with one PostgreSQL");
    agree(&Place::new_in_postgres(&address, "many"));
}

fn agree(place: &Place) {
    let mut programs: Vec<_> = (0..PROCESSES)
        .map(|process| Program::start("many", process, place))
        .collect();
    // The last write of each, by session and name.
    let mut written: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for program in &mut programs {
        let given_up = loop {
            let line = program.output.next().expect("a line").expect("a line");
            let parts: Vec<_> = line.split(' ').collect();
            match parts[..] {
                ["last", key, name, value] => {
                    let values = written
                        .entry((key.to_owned(), name.to_owned()))
                        .or_default();
                    values.push(value.to_owned());
                }
                ["written", given_up] => break given_up.to_owned(),
                _ => {}
            }
        };
        assert_eq!(given_up, "0");
    }
    let mut memories = Vec::new();
    until("all have the same", || {
        let all: Vec<_> = programs.iter_mut().map(ask).collect();
        memories.clone_from(&all[0]);
        all.iter().all(|memory| *memory == all[0])
    });
    assert_eq!(
        memory(&open(place, Duration::ZERO)),
        memories,
        "the database has it, too"
    );

    let mut stored = BTreeMap::new();
    for line in &memories {
        let (key, pair) = line.split_once(' ').expect("a key");
        let (name, value) = pair.split_once('=').expect("a pair");
        stored.insert((key.to_owned(), name.to_owned()), value.to_owned());
    }
    for (place, values) in &written {
        let found = stored.remove(place).unwrap_or_else(|| "-".to_owned());
        // With one writer there is one value.
        assert!(
            values.contains(&found),
            "{place:?} is {found}, and was written as {values:?}"
        );
    }
    assert!(stored.is_empty(), "no process wrote {stored:?}");
}
