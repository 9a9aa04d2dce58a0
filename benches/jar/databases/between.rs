//! The time until another process has a change: from the response in one to the jar of the other.

use std::thread;
use std::time::{Duration, Instant};

use cookiejar_benches::data;
use cookiejar_benches::table::{Figure, Row};

use super::place::{KINDS, Kind};
use super::{median, p99};
use crate::harness::Harness;
use crate::report::Report;

pub(crate) fn run(harness: &Harness, report: &mut Report) {
    for kind in KINDS {
        measure(harness, report, &kind);
    }
}

fn measure(harness: &Harness, report: &mut Report, kind: &Kind) {
    let workload = kind.workload("from one process to another");
    let Some(place) = Some(kind)
        .filter(|_| harness.wants(&workload))
        .and_then(Kind::place)
    else {
        return;
    };
    // Each has its own threads and connections, like another process.
    let (one, other) = (
        place.sessions(Duration::ZERO),
        place.sessions(Duration::ZERO),
    );
    let here = one.jar(&7).wait().expect("it is loaded");
    let there = other.jar(&7).wait().expect("it is loaded");
    let url = data::url("https://www.acme.com/");
    let changes: u32 = if harness.is_test() { 3 } else { 200 };
    let times: Vec<_> = (0..changes)
        .map(|number| {
            let value = number.to_string();
            let begin = Instant::now();
            here.extract_cookies(&[("Set-Cookie", format!("a={value}"))], &url);
            while there.value_for(&url, "a").as_deref() != Some(&*value) {
                assert!(
                    begin.elapsed() < Duration::from_secs(10),
                    "it does not come"
                );
                thread::sleep(Duration::from_micros(50));
            }
            let time = begin.elapsed();
            let more = Duration::from_micros(u64::from(number) * 37 % 5_000);
            thread::sleep(kind.pause + more);
            time
        })
        .collect();
    let median = Figure::nanoseconds(median(times.clone()));
    report.add(Row::new(workload.clone(), median).at_most(Figure::Nanoseconds(kind.between)));
    report.add(Row::new(
        format!("{workload}, p99"),
        Figure::nanoseconds(p99(times)),
    ));
}
