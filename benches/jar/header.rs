//! The `Cookie` header for a parsed URL. A jar of 10 cookies over 3 domains, 5 of which match.

use std::hint::black_box;

use cookie_store::CookieStore;
use cookiejar::{BrowserPolicy, CookieJar};
use cookiejar_benches::data::{self, Response};
use cookiejar_benches::table::{Figure, Row};
use http::Request;
use http::header::COOKIE;
use url::Url;

use crate::floor::Floor;
use crate::harness::{Harness, Pace, ROUNDS};
use crate::report::Report;
use crate::subject::{self, Ours, OursDyn, Subject};

const WORKLOAD: &str = "header, 10 cookies over 3 domains";

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    if !harness.wants(WORKLOAD) {
        return;
    }
    requests(harness, report);
    let [floor, ours, dynamic, browser, peer, reqwest] = harness.medians(
        ROUNDS,
        [
            &mut time::<Floor>,
            &mut time::<Ours>,
            &mut time::<OursDyn>,
            &mut time::<CookieJar<BrowserPolicy>>,
            &mut time::<CookieStore>,
            &mut time::<reqwest::cookie::Jar>,
        ],
    );
    if let Some(ours) = ours {
        let row = row(WORKLOAD, ours, floor)
            .peer(CookieStore::NAME, peer)
            .peer("reqwest", reqwest)
            .python(python(harness))
            .faster_than(CookieStore::NAME, 4.0);
        report.add(row);
    }
    if let Some(ours) = dynamic {
        report.add(row("header with a dyn policy", ours, floor));
    }
    if let (Some(ours), Some(browser)) = (ours, browser) {
        let row = Row::new("header with BrowserPolicy", browser).floor(floor);
        report.add(row.at_most_times(1.15, "the default policy", ours));
    }
}

/// The same as a call on a request, from which the header is then removed.
fn requests(harness: &mut Harness, report: &mut Report) {
    let [floor, ours, peer] = harness.medians(
        ROUNDS,
        [
            &mut |harness| time_requests(harness, subject::add_header::<Floor>),
            &mut |harness| {
                time_requests(harness, |jar: &Ours, _, request| {
                    jar.add_cookie_header(request);
                })
            },
            &mut |harness| time_requests(harness, subject::add_header::<CookieStore>),
        ],
    );
    if let Some(ours) = ours {
        let row = row("header, added to a request", ours, floor).peer(CookieStore::NAME, peer);
        report.add(row.faster_than(CookieStore::NAME, 4.0));
    }
}

fn time_requests<S: Subject>(
    harness: &mut Harness,
    add: impl Fn(&S, &Url, &mut Request<()>),
) -> Option<Figure> {
    let jar: S = subject::filled(&responses());
    let url = request();
    let mut request = Request::new(());
    *request.uri_mut() = url.as_str().parse().expect("a URL");
    let mut added = || {
        add(&jar, black_box(&url), &mut request);
        request.headers_mut().remove(COOKIE).expect("a header")
    };
    assert!(!S::SORTS || added() == HEADER);
    let name = format!("{WORKLOAD}, added to a request");
    harness.time(&name, S::NAME, Pace::Fast, |bencher| {
        bencher.iter(&mut added);
    })
}

fn row(workload: &str, ours: Figure, floor: Option<Figure>) -> Row {
    Row::new(workload, ours).floor(floor).at_most_floors(2.0)
}

fn time<S: Subject>(harness: &mut Harness) -> Option<Figure> {
    let jar: S = subject::filled(&responses());
    let url = request();
    subject::check(&jar, &url, Some(HEADER));
    harness.time(WORKLOAD, S::NAME, Pace::Fast, |bencher| {
        bencher.iter(|| jar.header(black_box(&url)));
    })
}

fn python(harness: &Harness) -> Option<Figure> {
    let requests = vec![(request(), Some(HEADER.to_owned()))];
    harness
        .python()?
        .headers(&responses(), &[("header", requests)])
        .time("header")
}

/// The contents of the jar.
pub(crate) fn responses() -> [Response; 3] {
    [
        Response::new(
            "https://www.acme.com/account/login",
            [
                "sid=31d4d96e407aad42; Path=/; Secure; HttpOnly; SameSite=Lax",
                "csrftoken=9b1a2f0c77; Path=/account; Expires=Sun, 01 Jul 2040 12:34:56 GMT; Secure; SameSite=Strict",
                "basket=3; Path=/shop; Max-Age=86400",
            ],
        ),
        Response::new(
            "https://www.acme.com/account/login",
            [
                "_ga=GA1.2.1873482.1700000000; Domain=acme.com; Path=/; Expires=Mon, 02 Jul 2040 08:00:00 GMT",
                "consent=yes; Domain=acme.com; Path=/; Max-Age=31536000; SameSite=Lax",
                "lang=en-GB; Domain=acme.com; Path=/",
            ],
        ),
        Response::new(
            "https://cdn.tracker.net/pixel",
            [
                "id=77aa02e1; Domain=tracker.net; Path=/; Max-Age=31536000; Secure; SameSite=None",
                "seen=1; Domain=tracker.net; Path=/",
                "group=b; Domain=tracker.net; Path=/; Max-Age=3600",
                "t=1700000000; Domain=tracker.net; Path=/pixel",
            ],
        ),
    ]
}

/// The URL to which five of them are sent.
pub(crate) fn request() -> Url {
    data::url("https://www.acme.com/account/orders")
}

pub(crate) const HEADER: &str = "csrftoken=9b1a2f0c77; sid=31d4d96e407aad42; \
    _ga=GA1.2.1873482.1700000000; consent=yes; lang=en-GB";
