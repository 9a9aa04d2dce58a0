//! Claims: one owner at a time, and the next one has the cookies of the last.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use cookiejar::DefaultCookiePolicy;
use cookiejar::persist::engine::{Engine, EngineError, MAX_BATCH};
use cookiejar::persist::{Claim, PersistError, PersistOptions};
use cookiejar::policy::Limits;
use cookiejar::testing::MemoryEngine;

use super::altered::Altered;
use super::{Sessions, header, jar, key, options, sessions, set, until};

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(40);

#[track_caller]
fn claim(sessions: &Sessions, name: &str, time: Duration) -> Option<Claim> {
    sessions.claim(&key(name), time).wait().expect("an answer")
}

/// Waits until a claim is granted.
#[track_caller]
fn granted(sessions: &Sessions, name: &str) -> Claim {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(claim) = claim(sessions, name, LONG) {
            return claim;
        }
        assert!(Instant::now() < end, "{name} stays claimed");
        std::thread::sleep(Duration::from_millis(1));
    }
}

type Open = Box<dyn Fn() -> Sessions>;

/// The engines of this crate that need no server, by name.
fn engines() -> Vec<(&'static str, Open)> {
    let memory = MemoryEngine::new();
    let mut engines: Vec<(_, Open)> = vec![("memory", Box::new(move || sessions(&memory)))];
    #[cfg(feature = "sqlite-system")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let open = move || {
            let file = folder.path().join("jar.db");
            let engine = cookiejar::persist::sqlite::Sqlite::file(file);
            Sessions::open(engine, options()).expect("it opens")
        };
        engines.push(("sqlite", Box::new(open)));
    }
    engines
}

#[test]
fn one_of_all_tasks_and_processes_has_the_claim() {
    for (name, open) in engines() {
        let (here, elsewhere) = (open(), open());
        let first = claim(&here, "anna", LONG).expect("it is free");
        assert!(first.is_held());
        assert!(claim(&elsewhere, "anna", LONG).is_none(), "{name}");
        assert!(claim(&here, "anna", LONG).is_none(), "{name}: another task");
        let bert = claim(&elsewhere, "bert", LONG).expect("another session");
        assert!(bert.token() > first.token());
        let token = first.token();
        first.release();
        let second = granted(&elsewhere, "anna");
        assert!(second.token() > token, "{name}");
    }
}

#[test]
fn the_next_owner_has_the_cookies_of_the_last() {
    for (name, open) in engines() {
        let processes = [open(), open(), open()];
        let mut last = String::new();
        for round in 0..100 {
            let sessions = &processes[round % 3];
            let claim = granted(sessions, "anna");
            let jar = jar(sessions, "anna");
            assert_eq!(header(&jar), last, "{name}, round {round}");
            last = format!("sid={round}");
            set(&jar, &last);
            drop(claim);
        }
    }
}

#[test]
fn a_release_waits_for_the_cookies_it_is_behind() {
    let engine = MemoryEngine::new();
    assert_shared::<Claim>();
    let (here, elsewhere) = (sessions(&engine), sessions(&engine));
    let held = claim(&here, "anna", LONG).expect("it is free");
    engine.refuse(|_| true);
    set(&jar(&here, "anna"), "sid=refused");
    held.release();
    // What is refused is given up, and the claim is released all the same.
    let held = granted(&elsewhere, "anna");
    assert_eq!(here.status().given_up, 1);
    engine.refuse(|_| false);

    engine.lose_answers(1);
    set(&jar(&elsewhere, "anna"), "sid=lost");
    held.release();
    // The write loses its answer, not the next claim.
    elsewhere.flush().wait().expect("it is written again");
    let held = granted(&here, "anna");
    assert_eq!(header(&jar(&here, "anna")), "sid=lost");

    engine.set_down(true);
    for number in 0..5_000 {
        set(
            &jar(&here, "anna"),
            &format!("many{}={number}", number % 150),
        );
    }
    set(&jar(&here, "anna"), "sid=3");
    held.release();
    assert!(elsewhere.claim(&key("anna"), LONG).wait().is_err());
    engine.set_down(false);
    drop(granted(&elsewhere, "anna"));
    assert_eq!(
        header(&jar(&elsewhere, "anna")),
        header(&jar(&here, "anna"))
    );
}

#[test]
fn a_release_is_behind_every_piece_of_a_long_session() {
    let engine = MemoryEngine::new();
    let open = || {
        let policy = DefaultCookiePolicy::new().limits(Limits::none());
        let options = PersistOptions::with_policy(Arc::new(policy));
        Sessions::open(engine.clone(), options.linger(Duration::ZERO)).expect("it opens")
    };
    let (here, elsewhere) = (open(), open());
    let held = claim(&here, "anna", LONG).expect("it is free");
    engine.set_down(true);
    for number in 0..2 * MAX_BATCH + 1_000 {
        set(&jar(&here, "anna"), &format!("a{number}=1"));
    }
    held.release();
    engine.set_delay(Duration::from_millis(2));
    engine.set_down(false);
    drop(granted(&elsewhere, "anna"));
    assert_eq!(jar(&elsewhere, "anna").len(), 2 * MAX_BATCH + 1_000);
}

fn assert_shared<T: Send + Sync>() {}

#[test]
fn claims_lapse_unless_they_are_renewed() {
    for (name, open) in engines() {
        let (here, elsewhere) = (open(), open());
        let first = claim(&here, "anna", SHORT).expect("it is free");
        let token = first.token();
        until("it lapses", || !first.is_held());
        let second = granted(&elsewhere, "anna");
        assert!(second.token() > token, "{name}");
        let renewed = first.renew(LONG).wait().expect("an answer");
        assert!(!renewed && !first.is_held(), "{name}: it is another's");
        first.release();
        assert!(second.is_held());

        assert!(second.renew(SHORT).wait().expect("an answer"), "{name}");
        assert!(second.renew(LONG).wait().expect("an answer"), "{name}");
        std::thread::sleep(SHORT * 2);
        assert!(second.is_held());
        assert!(claim(&here, "anna", LONG).is_none(), "{name}");

        assert!(second.renew(Duration::ZERO).wait().expect("an answer"));
        std::thread::sleep(SHORT);
        let renewed = second.renew(LONG).wait().expect("an answer");
        assert!(!renewed, "{name}: another could have had it");
        drop(granted(&here, "anna"));
    }
}

#[test]
fn any_time_is_a_time() {
    for (name, open) in engines() {
        let sessions = open();
        let held = claim(&sessions, "anna", Duration::MAX).expect(name);
        assert!(held.is_held());
        assert!(held.renew(Duration::MAX).wait().expect("an answer"));
        drop(claim(&sessions, "bert", Duration::ZERO).expect(name));
    }
}

#[test]
fn a_claim_that_is_not_answered_is_an_error_and_not_left_behind() {
    let engine = MemoryEngine::new();
    let (here, elsewhere) = (sessions(&engine), sessions(&engine));
    jar(&here, "anna");
    engine.set_down(true);
    let error = here
        .claim(&key("anna"), LONG)
        .wait()
        .expect_err("an outage");
    assert!(matches!(
        error,
        PersistError::Engine(EngineError::Unavailable(_))
    ));
    engine.set_down(false);
    let held = granted(&elsewhere, "anna");
    engine.set_down(true);
    assert!(held.renew(LONG).wait().is_err());
    assert!(held.is_held(), "its time is not over");
    engine.set_down(false);
    held.release();

    until("it is connected", || here.status().connected);
    drop(granted(&here, "anna"));
    here.flush().wait().expect("it is released");
    // Granted, but no process knows.
    engine.lose_answers(1);
    assert!(here.claim(&key("anna"), LONG).wait().is_err());
    drop(granted(&elsewhere, "anna"));
}

#[test]
fn a_claim_that_nobody_waits_for_is_released() {
    let engine = MemoryEngine::new();
    let (here, elsewhere) = (sessions(&engine), sessions(&engine));
    engine.set_delay(Duration::from_millis(2));
    for number in 0..50 {
        let asked = here.claim(&key("anna"), LONG);
        if number % 2 == 0 {
            std::thread::sleep(Duration::from_millis(3));
        }
        drop(asked);
        drop(granted(&elsewhere, "anna"));
    }
}

#[test]
fn the_last_handle_releases_its_claims() {
    let engine = MemoryEngine::new();
    let here = sessions(&engine);
    let held = claim(&here, "anna", LONG).expect("it is free");
    set(&jar(&here, "anna"), "sid=1");
    drop(here);
    drop(held);
    let elsewhere = sessions(&engine);
    let held = claim(&elsewhere, "anna", LONG).expect("it was released");
    assert_eq!(header(&jar(&elsewhere, "anna")), "sid=1");

    elsewhere.close().expect("it closes");
    assert!(!held.is_held());
    let renewed = held.renew(LONG).wait();
    assert!(matches!(renewed, Err(PersistError::Closed)), "{renewed:?}");
    let here = sessions(&engine);
    assert!(claim(&here, "anna", LONG).is_none(), "it lapses");
    drop(held);
}

#[test]
fn a_claimed_session_stays_in_memory() {
    let engine = MemoryEngine::new();
    let here = sessions(&engine);
    let held = claim(&here, "anna", LONG).expect("it is free");
    let idle = time::Duration::seconds(-1);
    assert_eq!(here.unload_idle(idle), 0);
    assert!(here.get(&key("anna")).is_some());
    engine.set_down(true);
    held.release();
    assert_eq!(here.unload_idle(idle), 0, "the release is not written");
    engine.set_down(false);
    here.flush().wait().expect("it is released");
    until("it is unloaded", || here.unload_idle(idle) == 1);
}

#[test]
fn another_history_leaves_a_claim_in_doubt() {
    let engine = MemoryEngine::new();
    let (here, elsewhere) = (sessions(&engine), sessions(&engine));
    let held = claim(&here, "anna", LONG).expect("it is free");
    engine.change_history("default");
    until("it is noticed", || !held.is_held());
    assert!(held.renew(LONG).wait().expect("an answer"));
    until("the history is known", || held.is_held());

    // A fail-over loses it.
    engine.lose_versions("default", 0);
    let other = granted(&elsewhere, "anna");
    until("it is noticed", || !held.is_held());
    assert!(!held.renew(LONG).wait().expect("an answer"));
    assert!(other.token() > held.token());

    for _ in 0..50 {
        let asked = elsewhere.claim(&key("bert"), LONG);
        engine.change_history("default");
        let held = asked.wait().expect("an answer").expect("it is free");
        drop(held);
        elsewhere.flush().wait().expect("it is released");
    }
}

#[test]
fn an_engine_without_claims_says_so() {
    let engine = Altered::default();
    engine.faults.has_no_claims.store(true, Ordering::Relaxed);
    let here = Sessions::open(engine, options()).expect("it opens");
    let error = here.claim(&key("anna"), LONG).wait().expect_err("none");
    assert!(matches!(error, PersistError::NoClaims));
    assert_eq!(error.to_string(), "the database has no claims");
    set(&jar(&here, "anna"), "a=1");
    here.flush().wait().expect("everything else works");
}

#[test]
fn of_many_tasks_one_at_a_time_logs_in() {
    for (name, open) in engines() {
        let processes = [open(), open()];
        let (is_inside, logins) = (AtomicBool::new(false), AtomicU32::new(0));
        let begin = Barrier::new(16);
        std::thread::scope(|scope| {
            for task in 0..16 {
                let (is_inside, logins, begin) = (&is_inside, &logins, &begin);
                let sessions = processes[task % 2].clone();
                scope.spawn(move || {
                    begin.wait();
                    let jar = jar(&sessions, "anna");
                    while header(&jar).is_empty() {
                        let Some(claim) = claim(&sessions, "anna", LONG) else {
                            let is_so = |jar: &cookiejar::SharedCookieJar| !header(jar).is_empty();
                            let waited = sessions.wait_for(&key("anna"), is_so, LONG).wait();
                            waited.expect("the session");
                            continue;
                        };
                        assert!(!is_inside.swap(true, Ordering::SeqCst), "{name}");
                        if header(&jar).is_empty() {
                            logins.fetch_add(1, Ordering::SeqCst);
                            set(&jar, "sid=1");
                        }
                        is_inside.store(false, Ordering::SeqCst);
                        claim.release();
                    }
                });
            }
        });
        assert_eq!(logins.into_inner(), 1, "{name}");
    }
}

#[test]
fn a_claim_is_a_future() {
    let engine: Arc<dyn Engine> = Arc::new(MemoryEngine::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let here = Sessions::open(engine, options()).expect("it opens");
        let held = here.claim(&key("anna"), LONG).await.expect("an answer");
        let held = held.expect("it is free");
        let other = here.claim(&key("anna"), LONG).await.expect("an answer");
        assert!(other.is_none());
        assert!(held.renew(LONG).await.expect("an answer"));
        held.release();
        here.flush().await.expect("it is released");
        assert!(
            here.claim(&key("anna"), LONG)
                .await
                .expect("an answer")
                .is_some()
        );
    });
}
