//! How time grows with size: a header twice as long takes twice as long, a jar a thousand times as
//! large answers as fast, and no call pauses.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cookiejar::jar::ManualClock;
use cookiejar::policy::Limits;
use cookiejar::{CookieJar, DefaultCookiePolicy};
use cookiejar_benches::data::{self, Response, Rng};
use cookiejar_benches::table::{Figure, Row};
use cpu_time::ThreadTime;
use time::OffsetDateTime;
use url::Url;

use crate::harness::Harness;
use crate::memory;
use crate::namesakes;
use crate::report::Report;
use crate::subject::{Ours, Subject};

/// The limit for a doubling: twice as much, and a little for the caches.
const DOUBLING: f64 = 2.2;

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    let _heap = large_heap();
    if harness.wants("growth, headers") {
        headers(harness, report);
    }
    if harness.wants("growth, cookies of one host") {
        one_host(harness, report);
    }
    namesakes::run(harness, report);
    if harness.wants("growth, domains") {
        domains(harness, report);
    }
    if harness.wants("growth, mixed calls") {
        mixed_calls(harness, report);
    }
    memory::rows(
        harness,
        report,
        "growth, memory",
        Figure::Bytes(8.0 * 1_048_576.0),
    );
}

/// Makes the allocator keep enough memory below the returned block.
///
/// A process that has just started gets each large block from the system and returns it at once, and at 4 MiB
/// that takes longer than reading a header does. glibc keeps blocks once it has seen one as large being freed,
/// and a block above them keeps them from being returned.
fn large_heap() -> Vec<u8> {
    let block = |mib: usize| black_box(vec![1; mib << 20]);
    drop(block(31));
    let below = [(); 16].map(|()| block(16));
    let above = block(16);
    drop(below);
    above
}

/// The header fields of a response, by its length in bytes.
type Fields = fn(usize) -> Vec<String>;

/// Responses of all kinds that make bad parsers slow, from 64 KiB to 4 MiB.
fn headers(harness: &mut Harness, report: &mut Report) {
    let hostile: [(&str, &str, Fields); 10] = [
        ("a=b; again and again", "Set-Cookie", |len| {
            vec!["a=b;".repeat(len / 4)]
        }),
        ("a=\"b\"; again and again", "Set-Cookie", |len| {
            vec!["a=\"b\";".repeat(len / 6)]
        }),
        ("different attributes", "Set-Cookie", |len| {
            vec![(0..len / 12).fold("n=v".to_owned(), |field, number| {
                field + &format!(";k{number:06}=v;")
            })]
        }),
        ("many fields", "Set-Cookie", |len| {
            (0..len / 40)
                .map(|number| format!("name{number:06}=value; Path=/; Max-Age=86400"))
                .collect()
        }),
        ("blanks in a date", "Set-Cookie", |len| {
            vec![format!(
                "a=b; Expires=Sun, 01{}Jul 2040 12:34:56 GMT",
                " ".repeat(len)
            )]
        }),
        ("dates of digits", "Set-Cookie", |len| {
            vec![format!("a=b; Expires={}", "01 ".repeat(len / 3))]
        }),
        ("quotes and backslashes", "Set-Cookie", |len| {
            vec![format!("a=\"{}", "\\\"\\\\".repeat(len / 4))]
        }),
        ("a=\"b\"; again and again", "Set-Cookie2", |len| {
            vec![format!("a=\"b\";Version=1;{}", "a=\"b\";".repeat(len / 6))]
        }),
        ("many cookies", "Set-Cookie2", |len| {
            vec![(0..len / 24).fold(String::new(), |field, number| {
                field + &format!("name{number:06}=v;Version=1,")
            })]
        }),
        ("quotes and backslashes", "Set-Cookie2", |len| {
            vec![format!("a=\"{};Version=1", "\\\"\\\\".repeat(len / 4))]
        }),
    ];
    for (kind, name, fields) in hostile {
        let sizes = [64, 128, 256, 512, 1_024, 2_048, 4_096].map(|kib| kib * 1_024);
        let sizes = if harness.is_test() {
            &sizes[..2]
        } else {
            &sizes[..]
        };
        let url = data::url("https://www.acme.com/");
        let mut limits = Limits::new();
        limits.field_bytes = usize::MAX;
        limits.cookie_bytes = usize::MAX;
        let policy = DefaultCookiePolicy::new().rfc2965(true).limits(limits);
        let headers = |len| -> Vec<_> {
            let fields = fields(len).into_iter();
            fields.map(|field| (name, field)).collect()
        };
        let times = best_in_turns(sizes, headers, |headers| {
            let mut jar = CookieJar::with_policy(policy.clone());
            let start = Instant::now();
            let account = jar.extract_cookies(black_box(headers), &url);
            let spent = start.elapsed();
            drop((jar, account));
            spent
        });
        doublings(
            report,
            &format!("growth, {name} of {kind}, 64 KiB to 4 MiB"),
            &times,
        );
    }
}

/// Without limits one host may have tens of thousands of cookies, each of which has to be inserted
/// in order.
fn one_host(harness: &mut Harness, report: &mut Report) {
    let url = data::url("https://www.acme.com/");
    let field = |number| format!("name{number}=value; Path=/; Max-Age=86400");
    let responses = |cookies| -> Vec<_> {
        let fields = (0..cookies).map(field);
        fields.map(|field| [("Set-Cookie", field)]).collect()
    };
    let sizes = harness.sizes(&[5_000, 10_000, 20_000, 40_000]);
    let times = best_in_turns(sizes, responses, |responses| {
        let mut jar = CookieJar::with_policy(DefaultCookiePolicy::python());
        let start = Instant::now();
        for response in responses {
            jar.extract_cookies(black_box(response), &url);
        }
        let spent = start.elapsed();
        assert_eq!(jar.len(), responses.len());
        spent
    });
    doublings(report, "growth, cookies of one host, 5000 to 40000", &times);
}

/// A request among a million domains that do not match it, and the longest pause meanwhile.
fn domains(harness: &mut Harness, report: &mut Report) {
    let most = if harness.is_test() { 10_000 } else { 1_000_000 };
    let url = data::known_url(0);
    let (mut few, mut pauses) = (0.0, Vec::new());
    let mut many = 0.0;
    // A pause at the same call in both runs is not chance.
    for _ in 0..2 {
        let mut jar = Ours::new();
        let mut calls = Vec::with_capacity(most);
        for site in 0..most {
            let response = Response::new(data::known_url(site).as_str(), ["sid=31d4d96e; Path=/"]);
            let start = ThreadTime::now();
            jar.take(&response);
            calls.push(nanoseconds(start.elapsed()));
            if site == 1_000 {
                few = request_time(&jar, &url);
            }
        }
        many = request_time(&jar, &url);
        lower_each(&mut pauses, calls);
    }
    let slowest = Figure::Nanoseconds(pauses.into_iter().max().map_or(0.0, f64::from));
    report.add(
        Row::new("growth, slowest call while 10^6 domains come", slowest)
            .at_most(Figure::Nanoseconds(5e7)),
    );
    let row = Row::new(
        "growth, request among 10^6 domains",
        Figure::Nanoseconds(many),
    );
    report.add(row.at_most_times(3.0, "among 10^3", Figure::Nanoseconds(few)));
}

fn request_time(jar: &Ours, url: &Url) -> f64 {
    const CALLS: u32 = 1_000;
    let best = best_of(Duration::from_millis(50), || {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(jar.header(black_box(url)));
        }
        start.elapsed()
    });
    best / f64::from(CALLS)
}

/// A million calls of all kinds on a jar of 10,000 sites, while time passes.
fn mixed_calls(harness: &mut Harness, report: &mut Report) {
    let (calls, sites) = if harness.is_test() {
        (10_000, 100)
    } else {
        (1_000_000, 10_000)
    };
    let responses = data::site_responses(sites);
    let urls: Vec<_> = (0..sites).map(data::known_url).collect();
    let mut times = Vec::new();
    // A pause caused by the jar occurs at the same call of each run; the machine's pauses do not.
    for _ in 0..3 {
        let mut rng = Rng::new(6);
        let clock = ManualClock::new(OffsetDateTime::UNIX_EPOCH);
        let mut jar = Ours::new();
        jar.set_clock(clock.clone());
        let mut run = Vec::with_capacity(calls);
        for call in 0..calls {
            if call % 100 == 0 {
                clock.advance(time::Duration::SECOND);
            }
            let (site, kind) = (rng.below(sites), rng.below(100));
            let short_lived = [(
                "Set-Cookie",
                format!("c{kind}=v; Max-Age={}", rng.below(5_000)),
            )];
            let start = Instant::now();
            match kind {
                0..60 => drop(black_box(jar.header(&urls[site]))),
                60..80 => jar.take(&responses[site]),
                80..95 => drop(jar.extract_cookies(&short_lived, &urls[site])),
                95..98 => drop(black_box(jar.explain(&urls[site]))),
                _ => drop(jar.clear_domain(urls[site].host_str().unwrap_or_default())),
            }
            run.push(nanoseconds(start.elapsed()));
        }
        lower_each(&mut times, run);
    }
    times.sort_unstable();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    let ratio = Figure::Ratio(f64::from(slowest) / f64::from(median));
    report.add(
        Row::new("growth, 10^6 mixed calls, slowest / median", ratio)
            .at_most(Figure::Ratio(1_000.0)),
    );
}

/// Prints t(2n) / t(n) for each doubling, and puts the worst one into the table.
fn doublings(report: &mut Report, workload: &str, times: &[f64]) {
    let ratios: Vec<_> = times.windows(2).map(|pair| pair[1] / pair[0]).collect();
    let shown: Vec<_> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    println!(
        "{workload}: t(2n)/t(n) = {}; at last {}",
        shown.join(" "),
        Figure::Nanoseconds(times.last().copied().unwrap_or_default())
    );
    let worst = ratios.into_iter().fold(0.0, f64::max);
    report.add(
        Row::new(
            format!("{workload}, worst t(2n)/t(n)"),
            Figure::Ratio(worst),
        )
        .at_most(Figure::Ratio(DOUBLING)),
    );
}

/// The shortest time of each size. They take turns, so that a bad moment of the machine hits all of them, and long
/// ones, because the allocator has to adapt to a size.
pub(crate) fn best_in_turns<T>(
    sizes: &[usize],
    data: impl Fn(usize) -> T,
    run: impl Fn(&T) -> Duration,
) -> Vec<f64> {
    let mut best = vec![f64::MAX; sizes.len()];
    for _ in 0..8 {
        for (&size, best) in sizes.iter().zip(&mut best) {
            let data = data(size);
            *best = best.min(best_of(Duration::from_millis(150), || run(&data)));
        }
    }
    best
}

/// The shortest of the runs that fit into a time, at least three, in wall-clock time: other work of the machine
/// only makes them longer, which the count of a thread's own time does not guarantee.
fn best_of(time: Duration, mut run: impl FnMut() -> Duration) -> f64 {
    let begin = Instant::now();
    let mut best = Duration::MAX;
    let mut runs = 0;
    while runs < 3 || begin.elapsed() < time {
        best = best.min(run());
        runs += 1;
    }
    best.as_secs_f64() * 1e9
}

fn lower_each(all: &mut Vec<u32>, run: Vec<u32>) {
    if all.is_empty() {
        *all = run;
    } else {
        for (lowest, this) in all.iter_mut().zip(run) {
            *lowest = this.min(*lowest);
        }
    }
}

fn nanoseconds(spent: Duration) -> u32 {
    u32::try_from(spent.as_nanos()).unwrap_or(u32::MAX)
}
