//! Without limits time grows as the number of cookies does, and no faster.
//!
//! What is looked at is the ratio of two runs, the second of eight times the cookies: about eight where
//! time is in proportion, sixty-four where each cookie is held against all before it.
#![cfg(feature = "psl")]

use crate::common;

use std::time::{Duration, Instant};

use common::{NOW, suffixes, url};
use cookiejar::headers::Merge;
use cookiejar::jar::ManualClock;
use cookiejar::policy::Limits;
use cookiejar::{BrowserPolicy, Cookie, CookieJar};

const FEW: usize = 2_500;
const MANY: usize = 8 * FEW;

/// Between the two, with room for the machine.
const MOST: f64 = 24.0;

/// Runs both sizes in turns, and compares the shortest time of each.
#[track_caller]
fn assert_in_proportion(what: &str, run: impl Fn(usize) -> Duration) {
    let _quiet = super::quiet();
    let mut best = [Duration::MAX; 2];
    for _ in 0..12 {
        for (size, best) in [FEW, MANY].into_iter().zip(&mut best) {
            *best = run(size).min(*best);
        }
        let ratio = best[1].as_secs_f64() / best[0].as_secs_f64();
        if ratio <= MOST {
            return;
        }
    }
    panic!("{what}: {best:?}");
}

fn jar() -> CookieJar<BrowserPolicy> {
    let policy = BrowserPolicy::with_suffixes(suffixes()).limits(Limits::none());
    let mut jar = CookieJar::with_policy(policy);
    jar.set_clock(ManualClock::new(NOW));
    jar
}

/// What a response sets: its URL, and the field.
type Answer = fn(usize) -> (String, String);

/// Answers, each of which sets a cookie; the time that they take.
fn take(jar: &mut CookieJar<BrowserPolicy>, count: usize, answer: Answer) -> Duration {
    let answers: Vec<_> = (0..count)
        .map(|number| {
            let (from, field) = answer(number);
            (url(&from), [("Set-Cookie", field)])
        })
        .collect();
    let start = Instant::now();
    for (from, fields) in &answers {
        jar.extract_cookies(fields, from);
    }
    start.elapsed()
}

#[test]
fn insecure_answers_look_for_secure_namesakes_by_name() {
    let kinds: [(&str, &[Answer]); 7] = [
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
            "refused ones",
            &[
                |n| (format!("https://s{n}.acme.com/"), "a=1; Secure".into()),
                |n| {
                    let field = format!("a=1; Domain=acme.com; Path=/p{n}");
                    ("http://evil.acme.com/".into(), field)
                },
            ],
        ),
    ];
    for (what, answers) in kinds {
        assert_in_proportion(what, |size| {
            let mut jar = jar();
            let mut spent = Duration::ZERO;
            for answer in answers {
                spent += take(&mut jar, size / answers.len(), *answer);
            }
            assert!(jar.len() >= size / answers.len());
            spent
        });
    }
}

#[test]
fn many_cookies_are_appended_to_many() {
    assert_in_proportion("append", |size| {
        let mut jar = jar();
        jar.extend((0..size).map(|number| {
            let name = format!("n{number}");
            let builder = Cookie::builder(&name, "1").domain("acme.com");
            builder.build().expect("a cookie")
        }));
        let own: Vec<_> = (0..size).map(|number| format!("o{number}=1")).collect();
        let mut headers = vec![("Cookie".to_owned(), own.join("; ").into_bytes())];
        let start = Instant::now();
        jar.merge_cookie_header(&mut headers, &url("https://acme.com/"), Merge::Append);
        let spent = start.elapsed();
        assert_eq!(headers[0].1.split(|&byte| byte == b';').count(), 2 * size);
        spent
    });
}

/// Where every cookie evicts another one, the work hangs neither on how many there are nor on how
/// many sites.
#[test]
fn a_set_that_evicts_costs_the_same_in_a_large_jar() {
    let filled = |total: usize| {
        let mut limits = Limits::new();
        limits.total_cookies = total;
        limits.total_cookies_kept = total;
        let mut jar =
            CookieJar::with_policy(BrowserPolicy::with_suffixes(suffixes()).limits(limits));
        jar.set_clock(ManualClock::new(NOW));
        take(&mut jar, total, |n| {
            (format!("http://site{n}.com/"), "a=1".into())
        });
        assert_eq!(jar.len(), total);
        jar
    };
    // The same number of sets in either jar: the ratio would be eight.
    let jars = [filled(FEW), filled(MANY)];
    let mut best = [Duration::MAX; 2];
    for _ in 0..12 {
        for (jar, best) in jars.iter().zip(&mut best) {
            let mut jar = jar.clone();
            let len = jar.len();
            let spent = take(&mut jar, 1_000, |n| {
                (format!("http://other{n}.com/"), "a=1".into())
            });
            assert_eq!(jar.len(), len);
            *best = spent.min(*best);
        }
        if best[1] < best[0] * 4 {
            return;
        }
    }
    panic!("{best:?}");
}
