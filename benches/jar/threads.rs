//! One jar for many threads. 10,000 domains, 90 % look-ups, 10 % responses; calls per second in
//! wall-clock time.

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use cookiejar::SharedCookieJar;
use cookiejar_benches::data::{self, Response, Rng};
use cookiejar_benches::table::{Figure, Row};
use url::Url;

use crate::floor::SharedFloor;
use crate::harness::{Harness, SINGLE_RUNS};
use crate::report::Report;
use crate::subject::{self, Ours, Subject};

const WORKLOAD: &str = "threads, calls on a shared jar";

/// At the end more threads than most machines have processors, so that a thread may be suspended while it
/// holds a lock.
const THREADS: [usize; 3] = [1, 2, 8];

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    if !harness.wants(WORKLOAD) {
        return;
    }
    let (sites, calls) = if harness.is_test() {
        (100, 1_000)
    } else {
        (10_000, 1_000_000)
    };
    let work = Work::new(sites);
    let turns = harness.in_turns(
        SINGLE_RUNS,
        [
            &mut |_| work.shared::<SharedFloor>(calls),
            &mut |_| work.shared::<SharedCookieJar>(calls),
            &mut |_| work.alone(calls),
            // It scans all domains at each call.
            &mut |_| work.shared::<Arc<reqwest::cookie::Jar>>(calls / 4_000),
        ],
    );
    let [floor, ours, plain, reqwest] =
        turns.map(|turns| move |place| median(&turns, place).expect("a turn at least"));
    let scale = floor(1).number() / floor(0).number();
    let scaled = Figure::PerSecond(ours(0).number() * scale);
    for (place, threads) in THREADS.into_iter().enumerate() {
        let plural = if threads == 1 { "" } else { "s" };
        let row = Row::new(format!("{WORKLOAD}, {threads} thread{plural}"), ours(place))
            .floor(Some(floor(place)))
            .peer("reqwest", Some(reqwest(place)));
        report.add(match threads {
            1 => row.at_least_times(0.741, "a plain jar", plain(0)),
            2 => row.at_least_times(0.97, "one thread, scaled as the floor", scaled),
            _ => row.at_least_times(0.95, "two threads", ours(1)),
        });
    }
}

fn median(turns: &[Vec<Figure>], place: usize) -> Option<Figure> {
    Figure::median(turns.iter().map(|rates| rates[place]))
}

/// The data that all threads share.
struct Work {
    /// The initial contents of the jar.
    sites: Vec<Response>,
    /// Drawn beforehand and laid out in order: a client already has the URL of a call, and
    /// waits only for the memory of the jar.
    calls: Vec<Call>,
}

enum Call {
    LookUp(Url),
    /// A response that renews one cookie, as those of most sites do now and then.
    Renew(Response),
}

impl Work {
    fn new(sites: usize) -> Self {
        let sites = data::site_responses(sites);
        let mut rng = Rng::new(7);
        let calls = (0..10 * sites.len()).map(|_| {
            let site = rng.below(sites.len());
            if rng.below(10) == 0 {
                let response = &sites[site];
                Call::Renew(Response::new(
                    response.url.as_str(),
                    response.fields().take(1),
                ))
            } else {
                Call::LookUp(data::known_url(site))
            }
        });
        Self {
            calls: calls.collect(),
            sites,
        }
    }

    fn filled<S: Subject>(&self) -> S {
        let jar: S = subject::filled(&self.sites);
        self.check(&jar);
        jar
    }

    fn check(&self, jar: &impl Subject) {
        for site in (0..self.sites.len()).step_by(self.sites.len() / 10) {
            let header = self.sites[site].cookie_header();
            subject::check(jar, &data::known_url(site), Some(&header));
            subject::check(jar, &data::unknown_url(site), None);
        }
    }

    /// The calls per second on one jar, for each number of threads.
    fn shared<S: Subject + Clone + Send>(&self, calls: usize) -> Vec<Figure> {
        let jar: S = self.filled();
        self.rate(&mut [jar.clone()], calls / 4); // for the caches
        let rates = THREADS.map(|threads| self.rate(&mut vec![jar.clone(); threads], calls));
        self.check(&jar);
        rates.to_vec()
    }

    /// The calls per second on a jar of one thread.
    fn alone(&self, calls: usize) -> Vec<Figure> {
        let mut jar = [self.filled::<Ours>()];
        self.rate(&mut jar, calls / 4);
        vec![self.rate(&mut jar, calls)]
    }

    /// The calls per second of threads that have a clone of a jar each.
    fn rate<S: Subject + Send>(&self, jars: &mut [S], calls: usize) -> Figure {
        let threads = jars.len();
        let each = calls.div_ceil(threads);
        let barrier = &Barrier::new(threads);
        let spans: Vec<_> = thread::scope(|scope| {
            // Each starts elsewhere.
            let start = |(nth, jar)| {
                let first = nth * self.calls.len() / threads;
                scope.spawn(move || self.go(jar, first, each, barrier))
            };
            let threads: Vec<_> = jars.iter_mut().enumerate().map(start).collect();
            let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
            joined.map(|span| span.expect("no panic")).collect()
        });
        let begin = spans.iter().map(|(begin, _)| *begin).min();
        let end = spans.iter().map(|(_, end)| *end).max();
        let (begin, end) = begin.zip(end).expect("a thread at least");
        let calls = u32::try_from(each * spans.len()).expect("a small number");
        Figure::PerSecond(f64::from(calls) / (end - begin).as_secs_f64())
    }

    fn go(
        &self,
        jar: &mut impl Subject,
        first: usize,
        calls: usize,
        barrier: &Barrier,
    ) -> (Instant, Instant) {
        barrier.wait();
        let begin = Instant::now();
        for call in self.calls.iter().cycle().skip(first).take(calls) {
            match call {
                Call::LookUp(url) => drop(black_box(jar.header(black_box(url)))),
                Call::Renew(response) => jar.take(black_box(response)),
            }
        }
        (begin, Instant::now())
    }
}
