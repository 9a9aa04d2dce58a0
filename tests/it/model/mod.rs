//! The jars against a plain list of cookies with the obvious code.
//!
//! A *program* is a random list of all possible calls of a jar. Each step is taken by a jar
//! and by the model (`list.rs`), which must return the same; at intervals all cookies are compared.
//! `SharedCookieJar` is called by several threads at once, each with its own sites.
//!
//! Each of the two jars takes a million steps in all, or as many as the environment variable
//! `COOKIEJAR_STEPS` says, from the seed `COOKIEJAR_SEED`. A failure names the seed of the program that
//! fails at once:
//!
//! ```sh
//! COOKIEJAR_SEED=7 COOKIEJAR_STEPS=1 cargo test --all-features --test model
//! ```

mod events;
mod list;
mod program;
mod subject;
mod threads;

use std::num::NonZeroUsize;

use cookiejar::SharedCookieJar;
use cookiejar::jar::ManualClock;
use cookiejar::policy::Limits;
use list::{Kept, Model, Present, Seen};
use program::{Program, Rules, Step, World};
use subject::{Jar, PlainJar, Subject};
use time::OffsetDateTime;

const START: i64 = 1_700_000_000;

/// The number of steps in all.
const STEPS: u64 = 1_000_000;

/// The number of steps of a program. Each uses a new jar, so that a failure is quick to replay.
const PROGRAM: usize = 4_000;

/// The number of steps after which all cookies are compared.
const COMPARED: usize = 97;

fn steps() -> u64 {
    let steps = cookiejar_tests::share!("steps of the model", STEPS / 50, of STEPS);
    number_from_env("COOKIEJAR_STEPS", steps)
}

fn number_from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn hosts(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Enough hosts for a store with indexes.
fn many_hosts(sites: usize) -> Vec<String> {
    let tops = ["com", "co.uk", "example", "corp"];
    let names = (0..sites).flat_map(|site| {
        let site = format!("s{site}.{}", tops[site % tops.len()]);
        [format!("www.{site}"), format!("a.b.{site}"), site]
    });
    names.collect()
}

fn limits(site: (usize, usize), total: (usize, usize)) -> Limits {
    let mut limits = Limits::new();
    (limits.site_cookies, limits.site_cookies_kept) = site;
    (limits.total_cookies, limits.total_cookies_kept) = total;
    limits
}

const NONE: (usize, usize) = (usize::MAX, usize::MAX);

/// A few hosts, which a store scans.
fn few() -> World {
    let names = [
        "acme.com",
        "www.acme.com",
        "a.b.acme.com",
        "other.example",
        "localhost",
        "www.localhost",
        "127.0.0.1",
        "co.uk",
    ];
    World {
        name: "few",
        rules: Rules::Default,
        limits: vec![Limits::new()],
        hosts: hosts(&names),
        partitions: Vec::new(),
        names: 6,
        longest_life: 200,
        look_ups: 3,
        clearances: 25,
    }
}

/// Sometimes few hosts, sometimes many.
fn many() -> World {
    World {
        name: "many",
        hosts: many_hosts(12),
        names: 3,
        longest_life: 400,
        clearances: 40,
        ..few()
    }
}

/// A host with enough cookies for its own index.
fn hundreds() -> World {
    World {
        name: "hundreds",
        limits: vec![Limits::none()],
        hosts: hosts(&["acme.com"]),
        names: 150,
        longest_life: 500,
        look_ups: 40,
        clearances: 250,
        ..few()
    }
}

/// Sites and headers that are full.
fn crowded_sites() -> World {
    let mut narrow = limits((12, 8), NONE);
    narrow.header_cookies = 5;
    narrow.header_bytes = 30;
    let mut short = limits((20, 20), NONE);
    short.header_bytes = 45;
    World {
        name: "crowded sites",
        limits: vec![narrow, short],
        hosts: hosts(&[
            "acme.com",
            "www.acme.com",
            "shop.acme.com",
            "one.co.uk",
            "www.one.co.uk",
            "two.co.uk",
            "co.uk",
        ]),
        names: 12,
        clearances: 80,
        ..few()
    }
}

/// A jar that is full.
fn crowded_jar() -> World {
    World {
        name: "crowded jar",
        limits: vec![
            limits((14, 10), (40, 34)),
            limits((14, 10), (30, 30)),
            limits((14, 10), NONE),
        ],
        hosts: many_hosts(8),
        names: 4,
        longest_life: 400,
        clearances: 100,
        ..few()
    }
}

/// A jar that is full of sites that are not full, where all small ones count as equally full.
fn full_jar() -> World {
    World {
        name: "full jar",
        limits: vec![
            limits((40, 30), (60, 50)),
            limits(NONE, (50, 50)),
            limits((30, 30), (45, 45)),
        ],
        hosts: many_hosts(20),
        look_ups: 2,
        ..crowded_jar()
    }
}

/// A site with many labels below it: small groups and large ones.
fn crowded_labels() -> World {
    let labels = (0..20).map(|label| format!("z{label}.acme.com"));
    let below = (0..6).map(|label| format!("h{label}.evil.acme.com"));
    World {
        name: "crowded labels",
        limits: vec![limits((40, 30), NONE), limits((50, 50), NONE)],
        hosts: labels
            .chain(below)
            .chain(hosts(&["acme.com", "www.acme.com"]))
            .collect(),
        look_ups: 2,
        ..crowded_sites()
    }
}

/// The rules of browsers, and partitions.
fn browser() -> World {
    World {
        name: "browser",
        rules: Rules::Browser,
        limits: vec![limits((12, 8), NONE), Limits::browsers()],
        hosts: hosts(&[
            "acme.com",
            "www.acme.com",
            "other.example",
            "www.other.example",
            "localhost",
            "www.localhost",
            "127.0.0.1",
            "co.uk",
        ]),
        partitions: hosts(&["https://shop.example", "https://news.example"]),
        clearances: 40,
        ..few()
    }
}

/// Plays a program; returns the difference, if any.
fn play<'w, J>(mut subject: Subject<'w, J>, seed: u64, compared: usize) -> Result<Seen, String>
where
    Subject<'w, J>: Jar,
{
    let world = subject.world;
    let mut model = Model::new(world, START);
    let mut program = Program::new(world, seed);
    for number in 1..=PROGRAM {
        let step = program.step();
        take(&step, &mut subject, &mut model)
            .and_then(|()| match number % compared {
                0 => compare(&subject.cookies(), &model.shown(), subject.len()),
                _ => Ok(()),
            })
            .map_err(|difference| format!("step {number}, {step:?}: {difference}"))?;
    }
    compare(&subject.cookies(), &model.shown(), subject.len())?;
    Ok(model.seen)
}

/// Lets the jar and the model take a step.
fn take<'w, J>(step: &Step, subject: &mut Subject<'w, J>, model: &mut Model) -> Result<(), String>
where
    Subject<'w, J>: Jar,
{
    let ours = subject.apply(step, model.now);
    let theirs = model.apply(step, subject.world, subject)?;
    if ours != theirs {
        return Err(format!("the jar tells {ours:?}, the model {theirs:?}"));
    }
    Ok(())
}

/// Compares all cookies, and their number according to the jar.
fn compare(ours: &[Kept], theirs: &[Kept], len: usize) -> Result<(), String> {
    if len != ours.len() {
        return Err(format!("the jar shows {} cookies of {len}", ours.len()));
    }
    match ours
        .iter()
        .zip(theirs)
        .find(|(ours, theirs)| ours != theirs)
    {
        Some((ours, theirs)) => Err(format!("the jar has {ours:?}, the model {theirs:?}")),
        None if ours.len() != theirs.len() => {
            let (ours, theirs) = (ours.len(), theirs.len());
            Err(format!("the jar has {ours} cookies, the model {theirs}"))
        }
        None => Ok(()),
    }
}

/// Plays programs until all steps are taken.
fn run<'w, J>(world: &'w World, steps: u64, subject: impl Fn() -> Subject<'w, J>) -> Seen
where
    Subject<'w, J>: Jar,
{
    let first = number_from_env("COOKIEJAR_SEED", 1);
    let programs = steps.div_ceil(PROGRAM as u64);
    let mut seen = Seen::default();
    // Far enough from each other that the next first seed gives other programs.
    for seed in (0..programs).map(|number| first.wrapping_add(number * 1_000_003)) {
        match play(subject(), seed, COMPARED) {
            Ok(this) => seen = seen.and(this),
            Err(difference) => {
                // Once more, and compared after each step, so that the failing step is named.
                let difference = play(subject(), seed, 1).err().unwrap_or(difference);
                panic!(
                    "{}: {difference}\nagain: COOKIEJAR_SEED={seed} COOKIEJAR_STEPS=1",
                    world.name
                );
            }
        }
    }
    seen
}

/// Plays programs on a plain jar, for a share of all steps. At some time they must have filled it with `most` cookies.
fn run_plain(world: &World, percent: u64, most: usize) {
    let steps = steps() * percent / 100;
    let seen = run(world, steps.max(1), || {
        let mut jar = PlainJar::with_policy(world.rules.policy(world.limits[0]));
        let clock = clock();
        jar.set_clock(clock.clone());
        Subject { world, clock, jar }
    });
    println!("{}: {seen:?}", world.name);
    assert!(seen.most >= most, "no more than {} cookies", seen.most);
    assert!(seen.sent > 0 && seen.swept > 0, "{seen:?}");
    let has_own_names = world.hosts.iter().any(|host| host == "localhost");
    assert!(seen.displaced > 0 || !has_own_names, "{seen:?}");
    let limited = world.limits.iter().any(|limits| limits.site_cookies < 100);
    assert_eq!(seen.evicted > 0, limited, "{seen:?}");
}

fn clock() -> ManualClock {
    ManualClock::new(OffsetDateTime::from_unix_timestamp(START).expect("a time"))
}

#[test]
fn a_few_hosts() {
    run_plain(&few(), 20, 60);
}

#[test]
fn hosts_that_are_now_few_now_many() {
    run_plain(&many(), 20, 100);
}

#[test]
fn a_host_with_very_many_cookies() {
    run_plain(&hundreds(), 10, 500);
}

#[test]
fn full_sites_and_headers() {
    run_plain(&crowded_sites(), 20, 50);
}

#[test]
fn a_full_jar() {
    run_plain(&crowded_jar(), 10, 40);
    run_plain(&full_jar(), 5, 50);
}

#[test]
fn a_full_site_with_many_labels() {
    run_plain(&crowded_labels(), 10, 40);
}

#[test]
fn the_rules_of_browsers_and_partitions() {
    run_plain(&browser(), 20, 60);
}

#[test]
fn a_shared_jar_asked_by_one() {
    let worlds = [
        (few(), 3),
        (many(), 64),
        (browser(), 2),
        (crowded_sites(), 8),
        (crowded_jar(), 1),
        (crowded_jar(), 64),
        (full_jar(), 16),
    ];
    for (world, shards) in worlds {
        let shards = NonZeroUsize::new(shards).expect("some");
        let steps = steps() / 50;
        let seen = run(&world, steps.max(1), || {
            let policy = world.rules.policy(world.limits[0]);
            let jar = SharedCookieJar::with_shards(policy, shards);
            let clock = clock();
            jar.set_clock(clock.clone());
            Subject {
                world: &world,
                clock,
                jar,
            }
        });
        assert!(seen.sent > 0, "{}: {seen:?}", world.name);
    }
}
