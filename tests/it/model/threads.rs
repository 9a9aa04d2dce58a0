//! A shared jar used by several threads at once, each with its own sites.
//!
//! The calls of one thread do not affect the sites of another: each gets the results of a model
//! that is alone, whatever the order in which the jar has served them. The clock stands still while
//! they run and advances between their runs, so that no thread has the time of another.
//!
//! At the same time a writer sets pairs of cookies, and an observer looks at the whole jar: its
//! observations must match some serial order of all calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cookiejar::jar::{ChangeCause, ManualClock};
use cookiejar::{Cookie, SharedCookieJar};
use time::Duration;

use super::list::{Kept, Model, Seen, names_above};
use super::program::{Program, Scope, World};
use super::subject::{Jar, Subject};
use super::{COMPARED, START, clock, compare, few, limits, number_from_env, steps, take};

const WORKERS: usize = 4;

/// The number of steps of a worker before the clock advances.
const RUN: usize = 2_500;

/// The writer and the observer yield the processor to the workers between their rounds.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

/// The sites of one worker: ordinary ones, one of a public suffix, and names of a single label, which are
/// all in one shard of the jar.
pub(crate) fn sites_of(worker: usize) -> World {
    let names = [
        format!("site{worker}.com"),
        format!("www.site{worker}.com"),
        format!("a.b.site{worker}.com"),
        format!("site{worker}.co.uk"),
        format!("www.site{worker}.co.uk"),
        format!("host{worker}"),
        format!("www.host{worker}"),
        format!("10.0.0.{worker}"),
    ];
    World {
        name: "threads",
        limits: vec![limits((16, 12), (usize::MAX, usize::MAX))],
        hosts: names.to_vec(),
        names: 4,
        ..few()
    }
}

/// A worker's view of the jar: the cookies of its own sites.
struct Worker<'w> {
    subject: Subject<'w, SharedCookieJar>,
    model: Model,
    program: Program<'w>,
}

impl<'w> Worker<'w> {
    fn new(world: &'w World, jar: &SharedCookieJar, clock: &ManualClock, seed: u64) -> Self {
        let (jar, clock) = (jar.clone(), clock.clone());
        Self {
            subject: Subject { world, clock, jar },
            model: Model::new(world, START),
            program: Program::new(world, seed),
        }
    }

    fn owns(&self, cookie: &Kept) -> bool {
        let bare = cookie.domain.trim_start_matches('.');
        let hosts = &self.subject.world.hosts;
        hosts
            .iter()
            .any(|host| names_above(host).any(|name| name == bare))
    }

    /// Takes steps, and compares its own cookies at intervals.
    fn run(&mut self, steps: usize) {
        for number in 1..=steps {
            let step = self.program.step();
            let outcome =
                take(&step, &mut self.subject, &mut self.model).and_then(|()| {
                    match number % (5 * COMPARED) {
                        0 => self.compare(),
                        _ => Ok(()),
                    }
                });
            if let Err(difference) = outcome {
                let hosts = &self.subject.world.hosts;
                panic!("{}, step {number}, {step:?}: {difference}", hosts[0]);
            }
        }
    }

    fn compare(&self) -> Result<(), String> {
        let mut ours = self.subject.cookies();
        ours.retain(|cookie| self.owns(cookie) && !cookie.is_expired(self.model.now));
        let len = ours.len();
        compare(&ours, &self.model.shown(), len)
    }
}

/// Decrements the count of workers on drop, also by a panic.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Sets pairs of cookies with a growing number: two on one site, and two on different sites.
fn set_pairs(jar: &SharedCookieJar, from: u64, running: &AtomicUsize) -> u64 {
    let mut number = from;
    while running.load(Ordering::SeqCst) > 0 {
        std::thread::sleep(PAUSE);
        for _ in 0..PAIRS_A_ROUND {
            number += 1;
            for (domain, name) in PAIRS.concat() {
                let change = jar.set_cookie(pair(domain, name, number));
                let expected = match number {
                    1 => Some(ChangeCause::Stored),
                    _ => Some(ChangeCause::Replaced),
                };
                assert_eq!(change, expected);
            }
        }
    }
    number
}

const PAIRS_A_ROUND: usize = 8;

/// In the order in which they are set; the first two are in one shard of the jar.
const PAIRS: [[(&str, &str); 2]; 2] = [
    [("pair.example", "first"), ("www.pair.example", "second")],
    [("left.example", "first"), ("right.example", "second")],
];

fn pair(domain: &str, name: &str, number: u64) -> Cookie {
    let value = number.to_string();
    let builder = Cookie::builder(name, &value).domain(domain);
    builder.build().expect("a cookie")
}

/// The number of one of the cookies in a pair; 0 if it does not exist.
fn number_in(cookies: &[Cookie], (domain, name): (&str, &str)) -> u64 {
    let found = cookies
        .iter()
        .find(|cookie| cookie.domain() == domain && cookie.name() == name);
    found.map_or(0, |cookie| {
        cookie.value().expect("a value").parse().expect("a number")
    })
}

/// Between the two writes of a pair the first one is ahead by one, and never behind.
#[track_caller]
fn assert_in_step(cookies: &[Cookie], [first, second]: [(&str, &str); 2]) -> bool {
    let (first, second) = (number_in(cookies, first), number_in(cookies, second));
    assert!(
        first == second || first == second + 1,
        "{first} and {second}"
    );
    first > second
}

/// Looks at the whole jar while the workers run; returns how often it saw a pair between its two
/// writes.
fn observe(jar: &SharedCookieJar, sweeping: bool, running: &AtomicUsize) -> usize {
    let (mut between, mut last) = (0, 0);
    while running.load(Ordering::SeqCst) > 0 {
        std::thread::sleep(PAUSE);
        // Shard after shard is copied: the cookies of one shard are from one time.
        let snapshot = jar.snapshot();
        between += usize::from(assert_in_step(&snapshot, PAIRS[0]));
        assert_is_a_jar(&snapshot);
        let seen = number_in(&snapshot, PAIRS[0][0]);
        assert!(last <= seen, "{seen} after {last}");
        last = seen;

        // A copy of the whole jar is from one time.
        let fork = jar.fork();
        let copy = fork.drain();
        between += usize::from(assert_in_step(&copy, PAIRS[0]));
        between += usize::from(assert_in_step(&copy, PAIRS[1]));
        assert_is_a_jar(&copy);
        assert!(fork.is_empty());

        assert_eq!(jar.retain(|_| true), 0);
        let gone = jar.clear_expired_cookies();
        assert!(
            sweeping || gone == 0,
            "{gone} cookies expired though the clock stands"
        );
    }
    between
}

/// No cookie appears twice, and they are in the order of their creation.
fn assert_is_a_jar(cookies: &[Cookie]) {
    let created: Vec<_> = cookies.iter().map(Cookie::creation_time).collect();
    assert!(created.is_sorted(), "not in the order of creation");
    let mut identities: Vec<_> = cookies
        .iter()
        .map(|cookie| {
            (
                cookie.partition_key(),
                cookie.domain(),
                cookie.path(),
                cookie.name(),
            )
        })
        .collect();
    let len = identities.len();
    identities.sort_unstable();
    identities.dedup();
    assert_eq!(identities.len(), len, "a cookie is there twice");
}

#[test]
fn threads_on_sites_of_their_own() {
    let steps = usize::try_from(steps()).expect("a number");
    let first = number_from_env("COOKIEJAR_SEED", 1);
    let runs = steps.div_ceil(WORKERS * RUN);
    let worlds: Vec<World> = (0..WORKERS).map(sites_of).collect();
    let policy = worlds[0].rules.policy(worlds[0].limits[0]);
    let jar = SharedCookieJar::with_policy(Arc::clone(&policy));
    let clock = clock();
    jar.set_clock(clock.clone());
    let mut workers: Vec<Worker<'_>> = (first..)
        .zip(&worlds)
        .map(|(seed, world)| Worker::new(world, &jar, &clock, seed))
        .collect();
    let (mut pairs, mut between) = (0_u64, 0);
    for number in 0..runs {
        // Expired cookies are swept by writes near them, so if they are left in
        // the jar no thread can tell whether its own are present.
        let sweeping = number % 2 == 1;
        let scope = if sweeping {
            Scope::OwnSitesAlive
        } else {
            Scope::OwnSites
        };
        let seconds = 40;
        clock.advance(Duration::seconds(seconds));
        if !sweeping {
            jar.clear_expired_cookies();
        }
        let running = AtomicUsize::new(WORKERS);
        std::thread::scope(|threads| {
            for worker in &mut workers {
                let running = &running;
                threads.spawn(move || {
                    let _running = Running(running);
                    worker.model.advance(seconds);
                    worker.model.clear_expired();
                    worker.program.set_scope(scope);
                    worker.run(RUN);
                });
            }
            let (jar, running) = (&jar, &running);
            let writer = threads.spawn(move || set_pairs(jar, pairs, running));
            let observer = threads.spawn(move || observe(jar, sweeping, running));
            pairs = writer.join().expect("no panic");
            between += observer.join().expect("no panic");
        });
        together(&jar, &workers, pairs);
        if number % 10 == 9 {
            jar.clear();
            pairs = 0;
            for worker in &mut workers {
                worker.model.cookies.clear();
            }
        }
    }
    let seen = workers
        .iter()
        .map(|worker| worker.model.seen)
        .fold(Seen::default(), Seen::and);
    println!("{runs} runs, {seen:?}, {between} pairs seen between their writes");
    assert!(
        seen.most >= 40 && seen.sent > 0 && seen.evicted > 0,
        "{seen:?}"
    );
}

/// The jar has the cookies of all models and the pairs, and nothing else.
fn together(jar: &SharedCookieJar, workers: &[Worker<'_>], pairs: u64) {
    jar.clear_expired_cookies();
    let snapshot = jar.snapshot();
    for pair in PAIRS {
        assert!(!assert_in_step(&snapshot, pair));
        assert_eq!(number_in(&snapshot, pair[0]), pairs);
    }
    for worker in workers {
        worker.compare().expect("the worker's cookies");
    }
    let kept: usize = workers
        .iter()
        .map(|worker| worker.model.cookies.len())
        .sum();
    let of_pairs = if pairs > 0 { PAIRS.concat().len() } else { 0 };
    assert_eq!(jar.len(), kept + of_pairs);
    assert_eq!(snapshot.len(), jar.len());
}
