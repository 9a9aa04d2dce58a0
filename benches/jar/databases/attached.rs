//! Look-ups and responses of a jar that has a database, and of a jar without one.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cookiejar::SharedCookieJar;
use cookiejar::jar::{ChangeSink, CookieChange};
use cookiejar::persist::PersistentCookieJar;
use cookiejar_benches::data::{self, Response, Rng};
use cookiejar_benches::table::{Figure, Row};
use cpu_time::ThreadTime;

use super::{File, NAME, fill, p99, response, wall};
use crate::harness::{Harness, Pace, ROUNDS};
use crate::header;
use crate::report::Report;
use crate::response as responses;

/// The number of cookies that a response changes.
const COOKIES: f64 = 3.0;

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    header_of_a_few(harness, report);
    header_of_many(harness, report);
    header_on_two_threads(harness, report);
    while_taking_in(harness, report);
    changes(harness, report);
}

/// Changes cookies of another site now and then, so that the threads of the database have work.
struct Busy {
    is_over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Busy {
    fn start(jar: SharedCookieJar) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            let mut rng = Rng::new(5);
            let url = data::url("https://www.busy.example/");
            while !ends.load(Ordering::Relaxed) {
                jar.extract_cookies(&response(&mut rng), &url);
                thread::sleep(Duration::from_millis(1));
            }
        });
        Self {
            is_over,
            thread: Some(thread),
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("no panic");
        }
    }
}

/// The cookies of both jars are spread over the same memory: whether they are close together decides about a look-up
/// among many domains more than what it does.
fn fill_in_turns(jars: [&SharedCookieJar; 2], sites: usize) {
    for response in data::site_responses(sites) {
        for jar in jars {
            jar.extract_cookies(&response.headers, &response.url);
        }
    }
}

/// The time of a header with and without a database.
fn look_ups(
    harness: &mut Harness,
    report: &mut Report,
    workload: &str,
    jars: [&SharedCookieJar; 2],
    urls: &[url::Url],
) {
    let time = |name: &'static str, jar: SharedCookieJar| {
        let urls = urls.to_vec();
        let workload = workload.to_owned();
        move |harness: &mut Harness| {
            let mut urls = urls.iter().cycle();
            harness.time(&workload, name, Pace::Fast, |bencher| {
                bencher.iter(|| urls.next().map(|url| jar.cookie_header(black_box(url))));
            })
        }
    };
    let [plain, attached] = harness.medians(
        ROUNDS,
        [
            &mut time("without a database", jars[0].clone()),
            &mut time("attached", jars[1].clone()),
        ],
    );
    if let (Some(plain), Some(attached)) = (plain, attached) {
        report.add(Row::new(workload, attached).at_most_times(1.05, "without", plain));
    }
}

fn header_of_a_few(harness: &mut Harness, report: &mut Report) {
    let workload = format!("{NAME}, header, 10 cookies over 3 domains");
    if !harness.wants(&workload) {
        return;
    }
    let file = File::new();
    let (plain, attached) = (SharedCookieJar::new(), file.jar(Duration::from_millis(5)));
    for jar in [&plain, &attached.jar()] {
        for response in header::responses() {
            jar.extract_cookies(&response.headers, &response.url);
        }
    }
    let busy = Busy::start(attached.jar());
    look_ups(
        harness,
        report,
        &workload,
        [&plain, &attached.jar()],
        &[header::request()],
    );
    drop(busy);
}

fn header_of_many(harness: &mut Harness, report: &mut Report) {
    let sites = if harness.is_test() { 100 } else { 10_000 };
    let workload = format!("{NAME}, header, {sites} domains");
    if !harness.wants(&workload) {
        return;
    }
    let file = File::new();
    let (plain, attached) = (SharedCookieJar::new(), file.jar(Duration::from_millis(5)));
    fill_in_turns([&plain, &attached.jar()], sites);
    attached.flush().wait().expect("it is written");
    let mut urls: Vec<_> = (0..sites).map(data::known_url).collect();
    Rng::new(9).shuffle(&mut urls);
    let busy = Busy::start(attached.jar());
    look_ups(harness, report, &workload, [&plain, &attached.jar()], &urls);
    drop(busy);
}

/// Two threads look up in one jar: processor time of a look-up.
fn header_on_two_threads(harness: &mut Harness, report: &mut Report) {
    let (sites, look_ups) = if harness.is_test() {
        (100, 100)
    } else {
        (10_000, 200_000)
    };
    let workload = format!("{NAME}, header, two threads, {sites} domains");
    if !harness.wants(&workload) {
        return;
    }
    let file = File::new();
    let (plain, attached) = (SharedCookieJar::new(), file.jar(Duration::from_millis(5)));
    fill_in_turns([&plain, &attached.jar()], sites);
    attached.flush().wait().expect("it is written");
    let mut urls: Vec<_> = (0..sites).map(data::known_url).collect();
    Rng::new(9).shuffle(&mut urls);
    let one = |jar: &SharedCookieJar, first: usize| {
        let begin = ThreadTime::now();
        for url in urls.iter().cycle().skip(first).take(look_ups) {
            black_box(jar.cookie_header(black_box(url)));
        }
        begin.elapsed()
    };
    let both = |jar: &SharedCookieJar| {
        let time: Duration = thread::scope(|scope| {
            let threads = [0, sites / 2].map(|first| scope.spawn(move || one(jar, first)));
            threads
                .map(|thread| thread.join().expect("no panic"))
                .iter()
                .sum()
        });
        let look_ups = u32::try_from(2 * look_ups).expect("a small number");
        Figure::nanoseconds(time / look_ups)
    };
    let jar = attached.jar();
    let busy = Busy::start(jar.clone());
    let [plain, attached] = harness.medians(
        ROUNDS,
        [&mut |_| Some(both(&plain)), &mut |_| Some(both(&jar))],
    );
    drop(busy);
    if let (Some(plain), Some(attached)) = (plain, attached) {
        report.add(Row::new(workload, attached).at_most_times(1.05, "without", plain));
    }
}

/// Another process stores 100,000 cookies, which this one loads: the wall-clock time of a look-up meanwhile.
fn while_taking_in(harness: &Harness, report: &mut Report) {
    let sites = if harness.is_test() { 20 } else { 20_000 };
    let workload = format!("{NAME}, header, p99 while {} cookies come in", 5 * sites);
    if !harness.wants(&workload) {
        return;
    }
    let file = File::new();
    let (here, there) = (file.jar(Duration::ZERO), file.jar(Duration::ZERO));
    let jar = here.jar();
    for response in header::responses() {
        jar.extract_cookies(&response.headers, &response.url);
    }
    fill(&there.jar(), sites);
    let (url, mut times) = (header::request(), Vec::new());
    let end = Instant::now() + Duration::from_secs(60);
    while jar.len() < sites * data::SITE_COOKIES && Instant::now() < end {
        for _ in 0..100 {
            times.push(wall(|| black_box(jar.cookie_header(&url))).0);
            // A client does other work, too.
            thread::sleep(Duration::from_micros(20));
        }
    }
    let time = Figure::nanoseconds(p99(times));
    report.add(Row::new(workload, time).at_most(Figure::Nanoseconds(1e6)));
}

/// Counts changes, and does nothing else.
#[derive(Default)]
struct Count(AtomicU64);

impl ChangeSink for Count {
    fn changed(&self, _: &CookieChange<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The cost that a database and a sink add to a changed cookie.
fn changes(harness: &mut Harness, report: &mut Report) {
    let workload = format!("{NAME}, response with 3 cookies");
    if !harness.wants(&workload) {
        return;
    }
    let file = File::new();
    let open: PersistentCookieJar = file.jar(Duration::from_millis(50));
    let plain = SharedCookieJar::new();
    let heard = SharedCookieJar::new();
    heard.add_change_sink(Arc::new(Count::default()));
    let time = |name: &'static str, jar: SharedCookieJar| {
        let rounds: Vec<Response> = responses::rounds()
            .into_iter()
            .map(|(round, _)| round)
            .collect();
        let workload = workload.clone();
        move |harness: &mut Harness| {
            let mut rounds = rounds.iter().cycle();
            harness.time(&workload, name, Pace::Fast, |bencher| {
                bencher.iter(|| {
                    rounds
                        .next()
                        .map(|round| jar.extract_cookies(black_box(&round.headers), &round.url))
                });
            })
        }
    };
    let [plain, heard, attached] = harness.medians(
        ROUNDS,
        [
            &mut time("without a database", plain),
            &mut time("with a sink that counts", heard),
            &mut time("attached", open.jar()),
        ],
    );
    let (Some(plain), Some(heard), Some(attached)) = (plain, heard, attached) else {
        return;
    };
    let more = |figure: Figure| Figure::Nanoseconds((figure.number() - plain.number()) / COOKIES);
    let row = |what: &str, figure, most| {
        report.add(
            Row::new(format!("{workload}, {what}, more a cookie"), more(figure)).at_most(most),
        );
    };
    let mut row = row;
    row("attached", attached, Figure::Nanoseconds(120.0));
    row("with a sink that counts", heard, Figure::Nanoseconds(5.0));
}
