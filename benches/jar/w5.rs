//! W5: 100,000 cookies with different expiry times, half of which have expired since the last call.
//! What does the first look-up after that cost, and the next thousand?

use std::hint::black_box;
use std::time::Instant;

use cookiejar::{CookieJar, ManualClock};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::data::{self, Response, Rng, SITE_COOKIES};
use crate::floor::Floor;
use crate::harness::Harness;
use crate::subject::Ours;
use crate::table::{Figure, Row, Table};

const WORKLOAD: &str = "W5 100000 cookies, half expire";

/// When the jars are filled; all clocks here are moved by hand.
const BEGIN: i64 = 1_800_000_000;

/// Each subject goes through all of it so many times, with a new jar.
const ROUNDS: usize = 9;

/// Calls are timed one by one, since there is only one first call: criterion can't.
pub(crate) fn run(harness: &mut Harness, table: &mut Table) {
    if !harness.wants(WORKLOAD) {
        return;
    }
    let (sites, rounds) = if harness.is_test() {
        (200, 1)
    } else {
        (20_000, ROUNDS)
    };
    let data = Data::new(sites);
    data.check();
    let floor = Times::median_of(rounds, || data.time::<(Floor, i64)>());
    let ours = Times::median_of(rounds, || data.time::<(Ours, ManualClock)>());
    table.add(
        Row::new(format!("{WORKLOAD}: first header after"), ours.first)
            .floor(Some(floor.first))
            .at_most_floors(3.0),
    );
    table.add(
        Row::new(format!("{WORKLOAD}: next 1000, median"), ours.after)
            .floor(Some(floor.after))
            .at_most_times(
                3.0,
                &format!("before ({})", ours.before),
                ours.before.number(),
            ),
    );
    table.add(
        Row::new(format!("{WORKLOAD}: first response after"), ours.write).floor(Some(floor.write)),
    );
}

/// A jar whose clock can be moved.
trait Timed {
    fn new() -> Self;
    fn advance(&mut self, seconds: i64);
    fn take(&mut self, response: &Response);
    fn header(&self, url: &Url) -> Option<impl AsRef<[u8]>>;
}

impl Timed for (Ours, ManualClock) {
    fn new() -> Self {
        let begin = OffsetDateTime::from_unix_timestamp(BEGIN).expect("a time");
        let clock = ManualClock::new(begin);
        let mut jar = CookieJar::new();
        jar.set_clock(clock.clone());
        (jar, clock)
    }

    fn advance(&mut self, seconds: i64) {
        self.1.advance(Duration::seconds(seconds));
    }

    fn take(&mut self, response: &Response) {
        self.0.extract_cookies(&response.headers, &response.url);
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
    /// How long until half of the cookies have expired.
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
            for url in urls {
                let (ours, floor) = (ours.header(url), floor.header(url));
                let bytes =
                    |header: Option<&dyn AsRef<[u8]>>| header.map(|bytes| bytes.as_ref().to_vec());
                let ours = bytes(ours.as_ref().map(|header| header as _));
                let floor = bytes(floor.as_ref().map(|header| header as _));
                assert_eq!(ours, floor, "{url}");
            }
            ours.advance(self.half);
            floor.advance(self.half);
        }
    }

    fn time<J: Timed>(&self) -> Times {
        let mut jar: J = self.filled();
        let look_up = |jar: &J, url| {
            let start = Instant::now();
            black_box(jar.header(black_box(url)));
            start.elapsed().as_nanos()
        };
        let before = self.before.iter().map(|url| look_up(&jar, url)).collect();
        jar.advance(self.half);
        let after: Vec<_> = self.after.iter().map(|url| look_up(&jar, url)).collect();
        let start = Instant::now();
        jar.take(black_box(&self.last));
        let write = start.elapsed().as_nanos();
        Times {
            before: median(before),
            first: median(vec![after[0]]),
            after: median(after),
            write: median(vec![write]),
        }
    }
}

#[derive(Clone, Copy)]
struct Times {
    before: Figure,
    first: Figure,
    after: Figure,
    write: Figure,
}

impl Times {
    fn median_of(rounds: usize, round: impl Fn() -> Self) -> Self {
        let rounds: Vec<_> = (0..rounds).map(|_| round()).collect();
        let of = |part: fn(&Self) -> Figure| {
            let mut numbers: Vec<_> = rounds.iter().map(|times| part(times).number()).collect();
            numbers.sort_by(f64::total_cmp);
            Figure::Nanoseconds(numbers[numbers.len() / 2])
        };
        Self {
            before: of(|times| times.before),
            first: of(|times| times.first),
            after: of(|times| times.after),
            write: of(|times| times.write),
        }
    }
}

fn median(mut nanoseconds: Vec<u128>) -> Figure {
    nanoseconds.sort_unstable();
    let middle = nanoseconds[nanoseconds.len() / 2];
    Figure::Nanoseconds(f64::from(u32::try_from(middle).unwrap_or(u32::MAX)))
}
