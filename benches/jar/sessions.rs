//! The time to create one of 100,000 sessions, each with its own jar, and their
//! memory.

use std::hash::Hash;
use std::hint::black_box;
use std::time::Duration;

use cookiejar::CookieSessions;
use cookiejar_benches::table::{Figure, Row};
use cpu_time::ThreadTime;

use crate::harness::Harness;
use crate::memory;
use crate::report::Report;

const WORKLOAD: &str = "sessions, an empty one of 100000";
const THOUSAND: usize = 1_000;
const RUNS: usize = 20;

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    if harness.wants(WORKLOAD) {
        making(harness, report, "u32", |number| number);
        making(harness, report, "String", |number| {
            format!("session-{number}")
        });
    }
    memory::rows(harness, report, "sessions, memory", Figure::Bytes(250.0));
}

/// The time to create an empty session, including its entry in the table, the growth of the table
/// and the key. Each thousand is timed separately, and the best of some runs counts for each: the time
/// while no other program has the processor.
fn making<K: Hash + Eq + Clone>(
    harness: &mut Harness,
    report: &mut Report,
    kind: &str,
    key: impl Fn(u32) -> K,
) {
    let (sessions, runs) = if harness.is_test() {
        (1_000, 1)
    } else {
        (100_000, RUNS)
    };
    let keys: Vec<_> = (0..sessions).map(key).collect();
    let mut best = vec![Duration::MAX; keys.len().div_ceil(THOUSAND)];
    for _ in 0..runs {
        let sessions = CookieSessions::new();
        for (keys, best) in keys.chunks(THOUSAND).zip(&mut best) {
            let begin = ThreadTime::now();
            for key in keys {
                black_box(sessions.jar(key));
            }
            *best = begin.elapsed().min(*best);
        }
        assert_eq!(sessions.len(), keys.len());
    }
    let time = Figure::nanoseconds(best.iter().sum::<Duration>() / sessions);
    report
        .add(Row::new(format!("{WORKLOAD}, key {kind}"), time).at_most(Figure::Nanoseconds(120.0)));
}
