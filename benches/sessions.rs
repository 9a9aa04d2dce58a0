//! W8: the time that it takes to make one of 100,000 sessions.
//!
//! `cargo bench --bench sessions` prints the figures and fails where one is over the bar. `sessions_memory.rs`
//! has the memory.

use std::hash::Hash;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cookiejar::CookieSessions;

const SESSIONS: u32 = 100_000;
const THOUSAND: usize = 1_000;
const RUNS: u32 = 20;
const BAR: Duration = Duration::from_nanos(200);

fn main() {
    let mut good = print_making("u32", |number| number);
    good &= print_making("String", |number| format!("session-{number}"));
    assert!(good, "a figure is over its bar");
}

/// The time that it takes to make an empty session, with its place in the table, the growth of the table and
/// the key. Each thousand is timed for itself, and the best of some runs counts for each: what it takes
/// while no other program has the processor.
fn print_making<K: Hash + Eq + Clone>(kind: &str, key: impl Fn(u32) -> K) -> bool {
    let keys: Vec<_> = (0..SESSIONS).map(key).collect();
    let mut best = vec![Duration::MAX; keys.len().div_ceil(THOUSAND)];
    for _ in 0..RUNS {
        let mut sessions = CookieSessions::new();
        for (keys, best) in keys.chunks(THOUSAND).zip(&mut best) {
            let begin = Instant::now();
            for key in keys {
                black_box(sessions.jar(key));
            }
            *best = begin.elapsed().min(*best);
        }
        assert_eq!(sessions.len(), keys.len());
    }
    let time = best.iter().sum::<Duration>() / SESSIONS;
    println!("an empty session, key {kind}: {time:?} (bar {BAR:?})");
    time <= BAR
}
