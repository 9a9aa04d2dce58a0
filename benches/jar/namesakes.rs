//! How time grows with the cookies that one cookie could conflict with: those of its name at other paths, hosts and
//! domains, those of a header to which it is appended, and those of which one has to be evicted for it.
//!
//! Without limits, so that the jar can hold many. A row compares a number of cookies with eight times as many: about 8
//! if time is proportional, 64 if each cookie is compared with all before it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cookiejar::headers::Merge;
use cookiejar::policy::Limits;
use cookiejar::{BrowserPolicy, Cookie, CookieJar};
use cookiejar_benches::data;
use cookiejar_benches::table::{Figure, Row};
use url::Url;

use crate::growth::best_in_turns;
use crate::harness::Harness;
use crate::report::Report;

const FEW: usize = 2_500;
const MANY: usize = 8 * FEW;

/// Between 8 and 64, with room for the machine.
const MOST: f64 = 24.0;

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    if harness.wants("growth, insecure responses") {
        insecure_responses(harness, report);
    }
    if harness.wants("growth, appending") {
        appending(harness, report);
    }
    if harness.wants("growth, evicting") {
        evicting(harness, report);
    }
}

fn jar(limits: Limits) -> CookieJar<BrowserPolicy> {
    CookieJar::with_policy(BrowserPolicy::new().limits(limits))
}

/// The URL and the field of the response with a number.
type Response = fn(usize) -> (String, String);

type Responses = Vec<(Url, [(&'static str, String); 1])>;

fn responses(count: usize, response: Response) -> Responses {
    let each = (0..count).map(|number| {
        let (from, field) = response(number);
        (data::url(&from), [("Set-Cookie", field)])
    });
    each.collect()
}

fn take(jar: &mut CookieJar<BrowserPolicy>, responses: &Responses) -> Duration {
    let start = Instant::now();
    for (from, fields) in responses {
        jar.extract_cookies(black_box(fields), from);
    }
    start.elapsed()
}

/// A response over http looks for `Secure` cookies that it must not replace or shadow.
fn insecure_responses(harness: &mut Harness, report: &mut Report) {
    let kinds: [(&str, &[Response]); 7] = [
        (
            "names of one host",
            &[|n| ("http://acme.com/".into(), format!("a{n}=1"))],
        ),
        (
            "paths of one name",
            &[|n| ("http://acme.com/".into(), format!("a=1; Path=/p{n}"))],
        ),
        (
            "a cookie each of many hosts",
            &[|n| (format!("http://z{n}.acme.com/"), "a=1".into())],
        ),
        (
            "many hosts, and their domain",
            &[
                |n| (format!("http://z{n}.acme.com/"), "a=1".into()),
                |n| {
                    let field = format!("a=1; Domain=acme.com; Path=/p{n}");
                    ("http://evil.acme.com/".into(), field)
                },
            ],
        ),
        (
            "Secure cookies of other hosts",
            &[
                |n| (format!("https://s{n}.acme.com/"), "a=1; Secure".into()),
                |n| (format!("http://z{n}.acme.com/"), "a=1".into()),
            ],
        ),
        (
            "Secure cookies below that are gone",
            &[
                |n| (format!("https://s{n}.acme.com/"), "a=1; Secure".into()),
                |n| (format!("https://s{n}.acme.com/"), "b=1".into()),
                |n| {
                    (
                        format!("https://s{n}.acme.com/"),
                        "a=1; Secure; Max-Age=0".into(),
                    )
                },
                |n| {
                    let field = format!("a=1; Domain=acme.com; Path=/p{n}");
                    ("http://evil.acme.com/".into(), field)
                },
            ],
        ),
        (
            "rejected ones",
            &[
                |n| (format!("https://s{n}.acme.com/"), "a=1; Secure".into()),
                |n| {
                    let field = format!("a=1; Domain=acme.com; Path=/p{n}");
                    ("http://evil.acme.com/".into(), field)
                },
            ],
        ),
    ];
    for (kind, each) in kinds {
        let data = |size: usize| -> Vec<Responses> {
            let share = size / each.len();
            each.iter()
                .map(|response| responses(share, *response))
                .collect()
        };
        let times = best_in_turns(harness.sizes(&[FEW, MANY]), data, |data| {
            let mut jar = jar(Limits::none());
            data.iter().map(|responses| take(&mut jar, responses)).sum()
        });
        ratio(
            report,
            &format!("growth, insecure responses, {kind}"),
            &times,
            MOST,
        );
    }
}

fn appending(harness: &mut Harness, report: &mut Report) {
    let url = data::url("https://acme.com/");
    let filled = |size: usize| {
        let mut jar = jar(Limits::none());
        jar.extend((0..size).map(|number| {
            let name = format!("n{number}");
            let builder = Cookie::builder(&name, "1").domain("acme.com");
            builder.build().expect("a cookie")
        }));
        let own: Vec<_> = (0..size).map(|number| format!("o{number}=1")).collect();
        (jar, own.join("; ").into_bytes())
    };
    let times = best_in_turns(harness.sizes(&[FEW, MANY]), filled, |(jar, own)| {
        let mut headers = vec![("Cookie".to_owned(), own.clone())];
        let start = Instant::now();
        jar.merge_cookie_header(black_box(&mut headers), &url, Merge::Append);
        start.elapsed()
    });
    ratio(report, "growth, appending to as many", &times, MOST);
}

/// If every cookie evicts another one, a jar of eight times the size takes the same time.
fn evicting(harness: &mut Harness, report: &mut Report) {
    let filled = |total: usize| {
        let mut limits = Limits::new();
        limits.total_cookies = total;
        limits.total_cookies_kept = total;
        let mut jar = jar(limits);
        let sites = |number| (format!("http://site{number}.com/"), "a=1".to_owned());
        take(&mut jar, &responses(total, sites));
        let others = |number| (format!("http://other{number}.com/"), "a=1".to_owned());
        (jar, responses(1_000, others))
    };
    let times = best_in_turns(harness.sizes(&[FEW, MANY]), filled, |(jar, others)| {
        take(&mut jar.clone(), others)
    });
    ratio(report, "growth, evicting", &times, 4.0);
}

/// The last time divided by the first.
fn ratio(report: &mut Report, workload: &str, times: &[f64], most: f64) {
    let (Some(few), Some(many)) = (times.first(), times.last()) else {
        return;
    };
    let workload = format!("{workload}, {MANY} by {FEW}");
    report.add(Row::new(workload, Figure::Ratio(many / few)).at_most(Figure::Ratio(most)));
}
