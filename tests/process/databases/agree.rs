//! Processes that change the same cookies: what each wrote last, and what all of them have in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::io::stdin;
use std::thread;
use std::time::Duration;

use cookiejar::CookieId;

use super::{Program, Sessions, content, jar, set, until};

/// What each process does.
pub(super) struct Plan {
    pub(super) sessions: u32,
    /// The number of names of cookies that all processes change; each process also has its own.
    pub(super) shared: u64,
    pub(super) changes: u64,
    /// The number of changes between two pauses, so that the processes overlap.
    pub(super) pause_after: u64,
    pub(super) pause: Duration,
}

/// Everything that a process has in memory, one line each.
pub(super) fn memory(sessions: &Sessions, count: u32) -> Vec<String> {
    let keys: Vec<_> = (0..count).collect();
    until("they are loaded", || {
        sessions.load(keys.iter().map(Some)).wait().is_ok()
    });
    let of = |key| {
        let content = content(&jar(sessions, key));
        content.into_iter().map(move |pair| format!("{key} {pair}"))
    };
    keys.iter().copied().flat_map(of).collect()
}

/// The child: it makes its changes, prints what it wrote last, and then its contents for each line of input.
pub(super) fn change(sessions: &Sessions, process: u64, plan: &Plan) {
    let last = make_changes(sessions, process, plan);
    sessions.flush().wait().expect("it is written");
    for ((key, name), value) in &last {
        println!("\nlast {key} {name} {value}");
    }
    println!("\nwritten {}", sessions.status().given_up);
    for _ in stdin().lines().map_while(Result::ok) {
        for line in memory(sessions, plan.sessions) {
            println!("\nhas {line}");
        }
        println!("\nhas .");
    }
}

/// Returns the last value of each cookie; `-` if it was removed.
fn make_changes(sessions: &Sessions, process: u64, plan: &Plan) -> BTreeMap<(u32, String), String> {
    let mut random = 0x9e37_79b9_7f4a_7c15 ^ (process << 32);
    let mut last = BTreeMap::new();
    for number in 0..plan.changes {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let key = u32::try_from(random % u64::from(plan.sessions)).expect("small");
        let shared = (random >> 16) % (plan.shared + 1);
        let name = if shared == plan.shared {
            format!("own{process}")
        } else {
            format!("shared{shared}")
        };
        let jar = jar(sessions, key);
        let value = format!("{process}.{number}");
        if (random >> 24).is_multiple_of(8) {
            // There may be nothing to remove.
            if jar.remove(CookieId::new("acme.com", "/", &name)).is_ok() {
                last.insert((key, name), "-".to_owned());
            }
        } else {
            set(&jar, &[&format!("{name}={value}")]);
            last.insert((key, name), value);
        }
        if number.is_multiple_of(plan.pause_after) {
            thread::sleep(plan.pause);
        }
    }
    last
}

/// The last values of each process, by session and name.
type Written = BTreeMap<(String, String), BTreeSet<String>>;

/// Waits until all processes have made their changes, and returns what they wrote last.
pub(super) fn written(programs: &mut [Program]) -> Written {
    let mut written = Written::new();
    for program in programs {
        hear(program, &mut written);
    }
    written
}

fn hear(program: &mut Program, written: &mut Written) {
    loop {
        let line = program.output.next().expect("a line").expect("a line");
        let parts: Vec<_> = line.split(' ').collect();
        match parts[..] {
            ["last", key, name, value] => {
                let place = (key.to_owned(), name.to_owned());
                let values = written.entry(place).or_default();
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

/// Waits until all processes have the same in memory, and returns it.
pub(super) fn agreed(programs: &mut [Program]) -> Vec<String> {
    let mut memories = Vec::new();
    until("all have the same", || {
        let all: Vec<_> = programs.iter_mut().map(ask).collect();
        memories.clone_from(&all[0]);
        all.iter().all(|memory| *memory == all[0])
    });
    memories
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

/// Checks that what is stored is what a process wrote last. What a killed process wrote is not known, except for cookies
/// that only it wrote.
pub(super) fn check(memories: &[String], written: &Written, killed: Option<u64>) {
    let is_killeds = |value: &str| {
        let process = value.split_once('.').map(|(process, _)| process);
        killed.is_some() && process == killed.map(|killed| killed.to_string()).as_deref()
    };
    let mut stored = BTreeMap::new();
    for line in memories {
        let (key, pair) = line.split_once(' ').expect("a key");
        let (name, value) = pair.split_once('=').expect("a pair");
        stored.insert((key.to_owned(), name.to_owned()), value.to_owned());
    }
    for (place, values) in written {
        let found = stored.remove(place).unwrap_or_else(|| "-".to_owned());
        let may_be_killeds = killed.is_some() && place.1.starts_with("shared");
        assert!(
            values.contains(&found) || may_be_killeds && (found == "-" || is_killeds(&found)),
            "{place:?} is {found}, and was written as {values:?}"
        );
    }
    stored.retain(|_, value| !is_killeds(value));
    assert!(stored.is_empty(), "no process wrote {stored:?}");
}
