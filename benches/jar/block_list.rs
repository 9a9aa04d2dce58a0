//! W1 with a block list of 100,000 domains, which is looked up and not gone through.

use std::hint::black_box;

use cookiejar::{CookieJar, DefaultCookiePolicy};

use crate::harness::{Harness, Pace};
use crate::subject::{self, Ours, Subject};
use crate::table::{Figure, Row, Table};
use crate::w1;

const WORKLOAD: &str = "W1 with a block list of 100000 domains";

pub(crate) fn run(harness: &mut Harness, table: &mut Table) {
    if !harness.wants(WORKLOAD) {
        return;
    }
    let without = time(harness, "without", DefaultCookiePolicy::new());
    let blocked = (0..100_000).map(|number| match number % 2 {
        0 => format!("ads{number}.example"),
        _ => format!(".tracker{number}.example"),
    });
    let policy = DefaultCookiePolicy::new().block_domains(blocked);
    let with = time(harness, "with", policy);
    if let (Some(without), Some(with)) = (without, with) {
        let reference = format!("without ({})", Figure::Nanoseconds(without));
        table.add(
            Row::new(WORKLOAD, Figure::Nanoseconds(with)).at_most_times(1.3, &reference, without),
        );
    }
}

fn time(harness: &mut Harness, subject: &str, policy: DefaultCookiePolicy) -> Option<f64> {
    let mut jar: Ours = CookieJar::with_policy(policy);
    for response in w1::responses() {
        jar.take(&response);
    }
    let url = w1::request();
    subject::check(&jar, &url, Some(w1::HEADER));
    harness.time(WORKLOAD, subject, Pace::Fast, |bencher| {
        bencher.iter(|| jar.header(black_box(&url)));
    })
}
