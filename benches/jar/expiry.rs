//! 100,000 cookies with different expiry times, half of which have expired since the last call.
//! The cost of the first look-up after that, and of the next thousand.

use std::hint::black_box;
use std::time::Instant;

use cookiejar::jar::ManualClock;
use cookiejar::{BrowserPolicy, CookieJar};
use cookiejar_benches::data::{self, Response, Rng, SITE_COOKIES};
use cookiejar_benches::python::{self, Expected, Python};
use cookiejar_benches::table::{Figure, Row};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::floor::Floor;
use crate::harness::Harness;
use crate::report::Report;
use crate::subject::{Measured, Ours, Subject as _};

const WORKLOAD: &str = "expiry, 100000 cookies, half expire";

/// The time when the jars are filled; all clocks here are moved by hand.
const BEGIN: i64 = 1_800_000_000;

/// Rounds of each subject, each with a new jar.
const ROUNDS: usize = 9;

/// Calls are timed one by one, since only one call is the first: criterion can't do that.
pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    if !harness.wants(WORKLOAD) {
        return;
    }
    let data = Data::new(if harness.is_test() { 200 } else { 20_000 });
    data.check();
    let turns = harness.in_turns(
        ROUNDS,
        [
            &mut |_| data.time::<(Floor, i64)>(),
            &mut |_| data.time::<(Ours, ManualClock)>(),
            &mut |_| data.time::<(CookieJar<BrowserPolicy>, ManualClock)>(),
        ],
    );
    let [floor, ours, browser] = turns.map(|turns| Times::median(&turns));
    let python = harness.python().map(|python| data.time_python(python));
    let python = |part| python.as_ref().and_then(|measured| measured.time(part));
    report.add(
        Row::new(format!("{WORKLOAD}: first header after"), ours.first)
            .floor(Some(floor.first))
            .python(python("first"))
            .at_most_floors(2.0),
    );
    report.add(
        Row::new(format!("{WORKLOAD}: next 1000, median"), ours.after)
            .floor(Some(floor.after))
            .python(python("after"))
            .at_most_times(1.5, "before", ours.before),
    );
    report.add(
        Row::new(
            format!("{WORKLOAD}: next 1000, median, with BrowserPolicy"),
            browser.after,
        )
        .at_most_times(1.15, "the default policy", ours.after),
    );
    report.add(
        Row::new(format!("{WORKLOAD}: first response after"), ours.write)
            .floor(Some(floor.write))
            .python(python("write")),
    );
}

/// A jar whose clock can be moved.
trait Timed {
    fn new() -> Self;
    fn advance(&mut self, seconds: i64);
    fn take(&mut self, response: &Response);
    fn header(&self, url: &Url) -> Option<impl AsRef<[u8]>>;
}

impl<P: Measured> Timed for (CookieJar<P>, ManualClock) {
    fn new() -> Self {
        let begin = OffsetDateTime::from_unix_timestamp(BEGIN).expect("a time");
        let clock = ManualClock::new(begin);
        let mut jar = CookieJar::with_policy(P::new());
        jar.set_clock(clock.clone());
        (jar, clock)
    }

    fn advance(&mut self, seconds: i64) {
        self.1.advance(Duration::seconds(seconds));
    }

    fn take(&mut self, response: &Response) {
        self.0.take(response);
    }

    fn header(&self, url: &Url) -> Option<impl AsRef<[u8]>> {
        self.0.cookie_header(url)
    }
}

impl Timed for (Floor, i64) {
    fn new() -> Self {
        (Floor::default(), BEGIN)
    }

    fn advance(&mut self, seconds: i64) {
        self.1 += seconds;
    }

    fn take(&mut self, response: &Response) {
        self.0.take_at(response, self.1);
    }

    fn header(&self, url: &Url) -> Option<impl AsRef<[u8]>> {
        self.0.header_at(url, self.1)
    }
}

struct Data {
    responses: Vec<Response>,
    /// The time until half of the cookies have expired.
    half: i64,
    before: Vec<Url>,
    after: Vec<Url>,
    last: Response,
}

impl Data {
    fn new(sites: usize) -> Self {
        let mut rng = Rng::new(5);
        let cookies = i64::try_from(sites * SITE_COOKIES).expect("a small number");
        let mut max_ages: Vec<_> = (1..=cookies).collect();
        rng.shuffle(&mut max_ages);
        let lives = max_ages.chunks(SITE_COOKIES).enumerate();
        let responses = lives
            .map(|(site, max_ages)| {
                let fields = max_ages.iter().enumerate().map(|(number, max_age)| {
                    format!("c{number}={}; Path=/; Max-Age={max_age}", rng.hex(16))
                });
                Response::new(data::known_url(site).as_str(), fields)
            })
            .collect();
        let mut urls = || {
            (0..1_000)
                .map(|_| data::known_url(rng.below(sites)))
                .collect()
        };
        Self {
            responses,
            half: cookies / 2,
            before: urls(),
            after: urls(),
            last: Response::new(data::known_url(0).as_str(), ["c0=1; Path=/"]),
        }
    }

    fn filled<J: Timed>(&self) -> J {
        let mut jar = J::new();
        for response in &self.responses {
            jar.take(response);
        }
        jar
    }

    fn check(&self) {
        let (mut ours, mut floor) = (
            self.filled::<(Ours, ManualClock)>(),
            self.filled::<(Floor, i64)>(),
        );
        for urls in [&self.before, &self.after] {
            let expected = expected(&floor, urls);
            assert_eq!(expected, self::expected(&ours, urls));
            ours.advance(self.half);
            floor.advance(self.half);
        }
    }

    fn time<J: Timed>(&self) -> Times {
        let mut jar: J = self.filled();
        let look_ups = |jar: &J, urls: &[Url]| -> Vec<_> {
            let header = |url| jar.header(black_box(url));
            urls.iter().map(|url| timed(|| header(url))).collect()
        };
        let median = |times: &[Figure]| Figure::median(times.iter().copied()).expect("a time");
        let before = look_ups(&jar, &self.before);
        jar.advance(self.half);
        let after = look_ups(&jar, &self.after);
        let write = timed(|| jar.take(black_box(&self.last)));
        Times {
            before: median(&before),
            first: after[0],
            after: median(&after),
            write,
        }
    }

    /// The same with fewer look-ups, each of which scans the whole jar.
    fn time_python(&self, python: &Python) -> python::Measured {
        let mut floor = self.filled::<(Floor, i64)>();
        let before = python::requests(&expected(&floor, &self.before[..5]));
        floor.advance(self.half);
        let after = python::requests(&expected(&floor, &self.after[..5]));
        python.measure(&json!({
            "task": "expiry",
            "begin": BEGIN,
            "half": self.half,
            "fill": python::responses(&self.responses),
            "before": before,
            "after": after,
            "last": python::response(&self.last),
        }))
    }
}

fn timed<T>(call: impl FnOnce() -> T) -> Figure {
    let start = Instant::now();
    black_box(call());
    Figure::nanoseconds(start.elapsed())
}

/// The headers that a jar returns.
fn expected(jar: &impl Timed, urls: &[Url]) -> Vec<Expected> {
    let text = |header: &[u8]| String::from_utf8(header.to_vec()).expect("a text");
    urls.iter()
        .map(|url| {
            (
                url.clone(),
                jar.header(url).map(|header| text(header.as_ref())),
            )
        })
        .collect()
}

#[derive(Clone, Copy)]
struct Times {
    before: Figure,
    first: Figure,
    after: Figure,
    write: Figure,
}

impl Times {
    fn median(turns: &[Self]) -> Self {
        let of = |part: fn(&Self) -> Figure| {
            Figure::median(turns.iter().map(part)).expect("a turn at least")
        };
        Self {
            before: of(|times| times.before),
            first: of(|times| times.first),
            after: of(|times| times.after),
            write: of(|times| times.write),
        }
    }
}
