//! Loading sessions: all, a thousand, and one at first touch. And the bytes of the file per cookie.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cookiejar_benches::data::{self, Rng};
use cookiejar_benches::table::{Figure, Row};

use super::place::{KINDS, Kind, Place};
use super::{RUNS, Sessions, median, response, wall};
use crate::harness::Harness;
use crate::report::Report;

const TOUCHES: u32 = 1_000;

/// Five cookies per session, as two responses of a site set them.
const COOKIES: u32 = 5;

pub(crate) fn run(harness: &Harness, report: &mut Report) {
    let count = if harness.is_test() { 1_000 } else { 100_000 };
    for kind in KINDS {
        if harness.wants(&kind.workload("sessions"))
            && let Some(place) = kind.place()
        {
            fill(&place, count);
            measure(report, &kind, &place, count);
        }
    }
}

fn measure(report: &mut Report, kind: &Kind, place: &Place, count: u32) {
    let per_cookie = place.bytes() / f64::from(count * COOKIES);
    let name = |what: &str| kind.workload(&format!("sessions of {COOKIES} cookies, {what}"));
    let row = Row::new(name("bytes a cookie"), Figure::Bytes(per_cookie));
    report.add(match kind.bytes_a_cookie {
        Some(bytes) => row.at_most(Figure::Bytes(bytes)),
        None => row,
    });
    let all = median((0..RUNS).map(|_| load(place, 0, count)).collect());
    report.add(
        Row::new(name(&format!("load {count}")), Figure::nanoseconds(all))
            .at_most(Figure::Nanoseconds(kind.load_all)),
    );
    let thousand = median((0..RUNS).map(|_| load(place, 0, 1_000)).collect());
    report.add(
        Row::new(name("load 1000"), Figure::nanoseconds(thousand))
            .at_most(Figure::Nanoseconds(50e6)),
    );
    let alone = median(touches(place, count, false));
    report.add(
        Row::new(name("first touch"), Figure::nanoseconds(alone))
            .at_most(Figure::Nanoseconds(kind.first_touch)),
    );
    let busy = median(touches(place, count, true));
    report.add(
        Row::new(
            name("first touch beside 5,000 changes/s"),
            Figure::nanoseconds(busy),
        )
        .at_most(Figure::Nanoseconds(3.0 * kind.first_touch)),
    );
}

fn fill(place: &Place, count: u32) {
    let sessions = place.sessions(Duration::ZERO);
    let keys: Vec<_> = (0..count).collect();
    sessions
        .load(keys.iter().map(Some))
        .wait()
        .expect("they are loaded");
    let url = data::url("https://www.acme.com/shop/cart");
    let mut rng = Rng::new(13);
    for key in &keys {
        let jar = sessions.get(key).expect("it is in memory");
        jar.extract_cookies(&response(&mut rng), &url);
        let more = [
            "lang=de; Path=/; Max-Age=31536000",
            "currency=EUR; Path=/shop",
        ];
        jar.extract_cookies(&more.map(|field| ("Set-Cookie", field)), &url);
    }
    sessions.close().expect("it is written");
}

fn load(place: &Place, from: u32, to: u32) -> Duration {
    let sessions = place.sessions(Duration::ZERO);
    let keys: Vec<_> = (from..to).collect();
    let (time, loaded) = wall(|| sessions.load(keys.iter().map(Some)).wait());
    loaded.expect("they are loaded");
    assert_eq!(
        sessions.get(&from).expect("in memory").len(),
        COOKIES as usize
    );
    time
}

/// The time of each first touch, through the loader's thread; another session changes meanwhile, so that the writer's
/// thread has work.
fn touches(place: &Place, count: u32, is_busy: bool) -> Vec<Duration> {
    let sessions = place.sessions(Duration::from_millis(5));
    let is_over = Arc::new(AtomicBool::new(!is_busy));
    let writer = change(sessions.clone(), Arc::clone(&is_over), count);
    let mut rng = Rng::new(17);
    let mut keys: Vec<_> = (0..count).collect();
    rng.shuffle(&mut keys);
    let keys = &keys[..(TOUCHES.min(count / 2) as usize)];
    let touch = |key| {
        let (time, jar) = wall(|| sessions.jar(key).wait());
        assert_eq!(jar.expect("it is loaded").len(), COOKIES as usize);
        time
    };
    let times = keys.iter().map(touch).collect();
    is_over.store(true, Ordering::Relaxed);
    writer.join().expect("no panic");
    times
}

/// About 5,000 changes per second, in other sessions.
fn change(sessions: Sessions, is_over: Arc<AtomicBool>, first: u32) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let url = data::url("https://www.acme.com/shop/cart");
        let mut rng = Rng::new(19);
        let jars: Vec<_> = (first..first + 100)
            .map(|key| sessions.jar(&key).wait().expect("it is loaded"))
            .collect();
        while !is_over.load(Ordering::Relaxed) {
            for jar in &jars[rng.below(90)..][..10] {
                jar.extract_cookies(&response(&mut rng), &url);
            }
            thread::sleep(Duration::from_millis(6));
        }
    })
}
