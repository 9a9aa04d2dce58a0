//! The header with a block list of 100,000 domains, which is looked up and not scanned.

use std::hint::black_box;

use cookiejar::{CookieJar, DefaultCookiePolicy};
use cookiejar_benches::table::{Figure, Row};

use crate::harness::{Harness, Pace, ROUNDS};
use crate::header;
use crate::report::Report;
use crate::subject::{self, Ours, Subject};

const WORKLOAD: &str = "header with a block list of 100000 domains";

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    if !harness.wants(WORKLOAD) {
        return;
    }
    let blocked = (0..100_000).map(|number| match number % 2 {
        0 => format!("ads{number}.example"),
        _ => format!(".tracker{number}.example"),
    });
    let policy = DefaultCookiePolicy::new().block_domains(blocked);
    let [without, with] = harness.medians(
        ROUNDS,
        [
            &mut |harness| time(harness, "without", DefaultCookiePolicy::new()),
            &mut |harness| time(harness, "with", policy.clone()),
        ],
    );
    if let (Some(without), Some(with)) = (without, with) {
        report.add(Row::new(WORKLOAD, with).at_most_times(1.15, "without", without));
    }
}

fn time(harness: &mut Harness, subject: &str, policy: DefaultCookiePolicy) -> Option<Figure> {
    let mut jar: Ours = CookieJar::with_policy(policy);
    for response in header::responses() {
        jar.take(&response);
    }
    let url = header::request();
    subject::check(&jar, &url, Some(header::HEADER));
    harness.time(WORKLOAD, subject, Pace::Fast, |bencher| {
        bencher.iter(|| jar.header(black_box(&url)));
    })
}
