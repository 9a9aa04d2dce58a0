//! The changes that a jar reports, applied to an empty jar, give the same jar.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use cookiejar::jar::Clock;
use cookiejar::jar::{ChangeCause, CookieChange, Heard};
use cookiejar::{Cookie, CookieJar, CookiePolicy, CookieSessions, SharedCookieJar};

use super::program::{Program, Scope, Step, World};
use super::subject::{Jar, PlainJar, Subject};
use super::threads::sites_of;
use super::{PROGRAM, browser, clock, crowded_jar, few, hundreds, many, number_from_env, steps};

type Told = Arc<Mutex<Vec<CookieChange<'static>>>>;

/// A sink that keeps all changes.
fn told() -> (Told, Arc<impl Fn(&CookieChange<'_>) + Send + Sync>) {
    let told = Told::default();
    let sink = {
        let told = Arc::clone(&told);
        move |change: &CookieChange<'_>| {
            told.lock()
                .expect("no panic")
                .push(change.clone().into_owned());
        }
    };
    (told, Arc::new(sink))
}

/// A copy of a jar that knows only the reported changes.
struct Copy(CookieJar<Arc<dyn CookiePolicy>>);

impl Copy {
    fn new(world: &World) -> Self {
        Self(CookieJar::with_policy(world.rules.policy(world.limits[0])))
    }

    fn stored(&self, cookie: &Cookie) -> Option<Cookie> {
        let found = self.0.iter().find(|stored| cookie.is_namesake_of(stored));
        found.cloned()
    }

    /// Applies a change, which must match the copy: no change is reported twice or too late, and none
    /// is missing.
    fn apply(&mut self, change: &CookieChange<'_>) {
        let stored = self.stored(&change.cookie);
        let before = match change.cause {
            ChangeCause::Stored => None,
            ChangeCause::Replaced => change.previous.as_deref(),
            _ => Some(&*change.cookie),
        };
        assert_eq!(stored.as_ref(), before, "{change:?}");
        self.0.apply(change);
    }
}

/// The number of steps of a program whose changes are reported.
fn length() -> usize {
    cookiejar_tests::share!("steps of a program whose changes are heard", PROGRAM / 4, of PROGRAM)
}

/// Plays programs on a jar and compares it with its copy at intervals.
fn follow<'w, J>(
    world: &'w World,
    listening: impl Fn(Arc<dyn cookiejar::jar::ChangeSink>) -> Subject<'w, J>,
    cookies: impl Fn(&J) -> Vec<Cookie>,
) where
    Subject<'w, J>: Jar,
{
    let programs = steps() / (200 * PROGRAM as u64);
    let length = length();
    let first = number_from_env("COOKIEJAR_SEED", 1);
    let mut heard = 0;
    for seed in first..=first + programs {
        let (told, sink) = told();
        let mut subject = listening(sink);
        let mut copy = Copy::new(world);
        let mut program = Program::new(world, seed);
        for number in 0..length {
            let step = program.step();
            if matches!(step, Step::Copy) {
                continue; // another jar, without a listener
            }
            let now = subject.clock.now().unix_timestamp();
            subject.apply(&step, now);
            for change in told.lock().expect("no panic").drain(..) {
                heard += 1;
                copy.apply(&change);
            }
            if number % 31 == 0 {
                let ours: Vec<_> = copy.0.iter().cloned().collect();
                assert_eq!(ours, cookies(&subject.jar), "{}, {step:?}", world.name);
            }
        }
    }
    assert!(heard > length / 2, "{}: {heard} changes", world.name);
}

#[test]
fn the_changes_of_a_plain_jar_make_a_copy_of_it() {
    for world in [few(), many(), hundreds(), browser(), crowded_jar()] {
        let listening = |sink| {
            let mut jar = PlainJar::with_policy(world.rules.policy(world.limits[0]));
            let clock = clock();
            jar.set_clock(clock.clone());
            jar.add_change_sink(sink);
            let world = &world;
            Subject { world, clock, jar }
        };
        follow(&world, listening, |jar| jar.iter().cloned().collect());
    }
}

#[test]
fn the_changes_of_a_shared_jar_make_a_copy_of_it() {
    for world in [few(), browser(), crowded_jar()] {
        let listening = |sink| {
            let policy = world.rules.policy(world.limits[0]);
            let jar = SharedCookieJar::with_policy(policy);
            let clock = clock();
            jar.set_clock(clock.clone());
            jar.add_change_sink(sink);
            let world = &world;
            Subject { world, clock, jar }
        };
        follow(&world, listening, SharedCookieJar::snapshot);
    }
}

#[test]
fn the_changes_of_four_threads_make_a_copy_in_one_and_in_four() {
    let worlds: Vec<World> = (0..4).map(sites_of).collect();
    let policy = worlds[0].rules.policy(worlds[0].limits[0]);
    let jar = SharedCookieJar::with_policy(Arc::clone(&policy));
    let (told, sink) = told();
    let clock = clock();
    jar.set_clock(clock.clone());
    jar.add_change_sink(sink);
    std::thread::scope(|threads| {
        for (seed, world) in worlds.iter().enumerate() {
            let (jar, clock) = (jar.clone(), clock.clone());
            threads.spawn(move || {
                let mut subject = Subject { world, clock, jar };
                let mut program = Program::new(world, seed as u64);
                program.set_scope(Scope::OwnSites);
                for _ in 0..length() {
                    subject.apply(&program.step(), super::START);
                }
            });
        }
    });
    let told = told.lock().expect("no panic");
    let mut copy = Copy::new(&worlds[0]);
    told.iter().for_each(|change| copy.apply(change));
    assert_eq!(copy.0.iter().cloned().collect::<Vec<_>>(), jar.snapshot());
    assert!(told.len() > length(), "{} changes", told.len());

    // Each thread applies the changes of some sites.
    let together = SharedCookieJar::with_policy(policy);
    std::thread::scope(|threads| {
        for world in &worlds {
            let (told, together) = (&told, &together);
            threads.spawn(move || {
                let is_own = |change: &&CookieChange<'_>| {
                    let bare = change.cookie.domain().trim_start_matches('.');
                    world.hosts.iter().any(|host| host.ends_with(bare))
                };
                told.iter()
                    .filter(is_own)
                    .for_each(|change| together.apply(change));
            });
        }
    });
    assert_eq!(together.snapshot(), jar.snapshot());
}

#[test]
fn the_changes_of_sessions_on_four_threads_make_copies_of_their_jars() {
    const SESSIONS: u64 = 7;
    let worlds: Vec<World> = (0..4).map(sites_of).collect();
    let sessions = CookieSessions::<u64>::with_policy(worlds[0].rules.policy(worlds[0].limits[0]));
    let clock = clock();
    sessions.set_clock(clock.clone());
    let key = |number: u64| Some(number % SESSIONS).filter(|key| *key > 0);
    // Some sessions exist before, the others are created while a listener is attached.
    for number in 0..SESSIONS / 2 {
        sessions.jar(key(number).as_ref());
    }
    let mut changes = sessions.changes(NonZeroUsize::MAX);
    std::thread::scope(|threads| {
        for (seed, world) in worlds.iter().enumerate() {
            let (sessions, clock) = (sessions.clone(), clock.clone());
            threads.spawn(move || {
                let mut program = Program::new(world, seed as u64);
                program.set_scope(Scope::OwnSites);
                for number in 0..length() as u64 {
                    let mut subject = Subject {
                        world,
                        clock: clock.clone(),
                        jar: sessions.jar(key(number / 5).as_ref()),
                    };
                    subject.apply(&program.step(), super::START);
                }
            });
        }
    });
    let mut copies = HashMap::new();
    let mut heard = 0;
    while let Some(Heard::Change(told)) = changes.try_next() {
        heard += 1;
        let copy: &mut Copy = copies
            .entry(told.key)
            .or_insert_with(|| Copy::new(&worlds[0]));
        copy.apply(&told.change);
    }
    assert!(heard > length(), "{heard} changes");
    assert_eq!(sessions.len() as u64, SESSIONS);
    for (key, jar) in sessions.iter() {
        let copy: Vec<_> = copies[&key].0.iter().cloned().collect();
        assert_eq!(copy, jar.snapshot(), "{key:?}");
    }
}
