//! Databases that fail, and programs that exit.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cookiejar::SharedCookieJar;
use cookiejar::jar::Persistence;
use cookiejar::persist::engine::EngineError;
use cookiejar::persist::{PersistError, PersistentCookieJar};
use cookiejar::sessions::SavedSession;
use cookiejar::testing::MemoryEngine;
use time::macros::datetime;

use super::altered::Altered;
use super::{Sessions, header, jar, key, options, sessions, set, until};

#[test]
fn an_outage_costs_nothing() {
    let engine = MemoryEngine::new();
    let errors = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&errors);
    let options = options().on_error(move |_| _ = count.fetch_add(1, Ordering::Relaxed));
    let here = Sessions::open(engine.clone(), options).expect("it opens");
    let anna = jar(&here, "anna");
    engine.set_down(true);
    for number in 0..100 {
        set(&anna, &format!("a={number}"));
        set(&anna, &format!("b{}={number}", number % 7));
    }
    until("it is noticed", || !here.status().connected);
    let status = here.status();
    assert_eq!(status.pending, 8, "one entry a cookie");
    assert!(matches!(
        status.last_error,
        Some(PersistError::Engine(EngineError::Unavailable(_)))
    ));
    assert!(header(&anna).starts_with("a=99"), "the jar goes on");

    engine.set_down(false);
    here.flush().wait().expect("it is written");
    until("it is connected again", || here.status().connected);
    assert_eq!(here.status().given_up, 0);
    assert_eq!(header(&jar(&sessions(&engine), "anna")), header(&anna));
    // Once for each thread that failed, not for each attempt.
    assert!(
        (1..=3).contains(&errors.load(Ordering::Relaxed)),
        "{errors:?}"
    );
}

#[test]
fn what_there_is_no_room_for_is_given_up_oldest_first() {
    let engine = MemoryEngine::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    let options = options()
        .max_pending(32)
        .on_error(move |error| hear.lock().expect("no panic").push(error.to_string()));
    let here = Sessions::open(engine.clone(), options).expect("it opens");
    let (anna, bert) = (jar(&here, "anna"), jar(&here, "bert"));
    set(&bert, "before=1");
    here.flush().wait().expect("it is written");
    engine.set_down(true);
    bert.clear();
    for number in 0..100 {
        set(&anna, &format!("c{number}=1"));
    }
    until("there is room", || here.status().pending <= 32);
    let given_up = here.status().given_up;
    assert!(given_up >= 69, "{given_up}");

    engine.set_down(false);
    let flushed = here.flush().wait();
    assert!(
        matches!(flushed, Err(PersistError::GaveUp(number)) if number == here.status().given_up),
        "{flushed:?}"
    );
    let text = "changes were given up";
    assert!(
        heard
            .lock()
            .expect("no panic")
            .iter()
            .any(|error| error.ends_with(text))
    );
    until("memory has what the database has", || {
        !header(&anna).contains("c0=") && header(&bert) == "before=1"
    });
    let stored = header(&jar(&sessions(&engine), "anna"));
    assert!(
        stored.ends_with("c98=1; c99=1"),
        "the latest are there: {stored}"
    );
    assert_eq!(header(&anna), stored);
    assert_eq!(anna.len() as u64, 101 - here.status().given_up);
}

#[test]
fn half_a_response_is_never_given_up() {
    let engine = MemoryEngine::new();
    let here = Sessions::open(engine.clone(), options().max_pending(3)).expect("it opens");
    let anna = jar(&here, "anna");
    engine.set_down(true);
    for number in 0..3 {
        let pair = [format!("a{number}=1"), format!("b{number}=1")];
        let response = pair
            .each_ref()
            .map(|cookie| ("Set-Cookie", cookie.as_str()));
        anna.extract_cookies(&response, &super::url());
    }
    until("the oldest calls are given up", || {
        here.status().pending <= 3
    });
    engine.set_down(false);
    let flushed = here.flush().wait();
    assert!(
        matches!(flushed, Err(PersistError::GaveUp(4))),
        "{flushed:?}"
    );
    assert_eq!(header(&jar(&sessions(&engine), "anna")), "a2=1; b2=1");
}

#[test]
fn a_status_says_how_far_memory_and_database_are_apart() {
    let engine = MemoryEngine::new();
    let here = sessions(&engine);
    let anna = jar(&here, "anna");
    set(&anna, "a=1");
    here.flush().wait().expect("it is written");
    until("it reads", || here.status().behind.is_none());
    assert_eq!(here.status().oldest_pending, None);

    engine.set_down(true);
    set(&anna, "a=2");
    until("it is behind", || here.status().behind.is_some());
    let first = here.status();
    assert_eq!(first.pending, 1);
    until("both grow", || {
        let status = here.status();
        status.oldest_pending > first.oldest_pending && status.behind > first.behind
    });
    engine.set_down(false);
    here.flush().wait().expect("it is written");
    assert_eq!(here.status().oldest_pending, None);
    until("it reads again", || here.status().behind.is_none());
}

#[test]
fn a_jar_says_whether_it_still_has_its_database() {
    let here = sessions(&MemoryEngine::new());
    let anna = jar(&here, "anna");
    assert_eq!(anna.persistence(), Persistence::Open);
    assert_eq!(anna.fork().persistence(), Persistence::Memory);
    here.close().expect("it is written");
    assert_eq!(anna.persistence(), Persistence::Closed);
    assert_eq!(SharedCookieJar::new().persistence(), Persistence::Memory);
}

#[test]
fn a_session_that_cannot_be_loaded_is_an_error_and_can_be_asked_for_again() {
    let engine = MemoryEngine::new();
    set(&jar(&sessions(&engine), "anna"), "a=1");
    let here = sessions(&engine);
    engine.set_down(true);
    let result = here.jar(&key("anna")).wait();
    assert!(matches!(result, Err(PersistError::Engine(_))), "{result:?}");
    assert!(here.get(&key("anna")).is_none());
    engine.set_down(false);
    until("it is loaded", || here.jar(&key("anna")).wait().is_ok());
    assert_eq!(header(&jar(&here, "anna")), "a=1");
    assert!(Sessions::open(engine.clone(), options()).is_ok());
    engine.set_down(true);
    assert!(Sessions::open(engine, options()).is_err());
}

#[test]
fn an_entry_that_is_refused_costs_itself() {
    let engine = MemoryEngine::new();
    engine.refuse(|entry| entry.identity.ends_with(b"bad"));
    let here = sessions(&engine);
    let anna = jar(&here, "anna");
    let response = ["a=1", "bad=1", "b=2", "c=3"].map(|cookie| ("Set-Cookie", cookie));
    anna.extract_cookies(&response, &super::url());
    set(&jar(&here, "bert"), "a=1");
    let flushed = here.flush().wait();
    assert!(
        matches!(flushed, Err(PersistError::GaveUp(1))),
        "{flushed:?}"
    );
    until("memory has what the database has", || {
        header(&anna) == "a=1; b=2; c=3"
    });
    assert_eq!(here.status().given_up, 1);
    assert_eq!(header(&jar(&sessions(&engine), "anna")), "a=1; b=2; c=3");
    assert_eq!(header(&jar(&sessions(&engine), "bert")), "a=1");
}

#[test]
fn lost_answers_and_notifications_lose_nothing() {
    let engine = MemoryEngine::new();
    let (one, other) = (sessions(&engine), sessions(&engine));
    let (here, there) = (jar(&one, "anna"), jar(&other, "anna"));
    for number in 0..20 {
        engine.lose_answers(1);
        engine.hide_changes(2);
        set(&here, &format!("a={number}"));
        set(&there, &format!("b={number}"));
    }
    one.flush().wait().expect("it is written");
    other.flush().wait().expect("it is written");
    let both = |jar: &_| {
        let header = header(jar);
        header.contains("a=19") && header.contains("b=19")
    };
    until("both have both", || both(&here) && both(&there));
}

#[test]
fn a_database_that_lost_its_tail_is_refilled() {
    let engine = MemoryEngine::new();
    engine.keep_versions(100);
    let here = sessions(&engine);
    let anna = jar(&here, "anna");
    set(&anna, "a=1");
    here.flush().wait().expect("it is written");
    set(&anna, "b=2");
    here.flush().wait().expect("it is written");
    until("what is written is read back", || {
        here.status().pending == 0
    });
    assert!(engine.lose_versions("default", 1) == 1);
    until("it is there again", || {
        header(&jar(&sessions(&engine), "anna")) == "a=1; b=2"
    });
    assert_eq!(header(&anna), "a=1; b=2");
}

#[test]
fn a_closed_database_leaves_jars_in_memory() {
    let engine = MemoryEngine::new();
    let here = sessions(&engine);
    let again = here.clone();
    let anna = jar(&here, "anna");
    set(&anna, "a=1");
    here.close().expect("it is written");
    set(&anna, "b=2");
    assert_eq!(header(&anna), "a=1; b=2");
    assert!(matches!(
        again.jar(&key("anna")).wait(),
        Err(PersistError::Closed)
    ));
    assert!(matches!(again.flush().wait(), Err(PersistError::Closed)));
    assert!(matches!(
        again.remove(&key("anna")),
        Err(PersistError::Closed)
    ));
    assert!(matches!(
        again.keys().next(),
        Some(Err(PersistError::Closed))
    ));
    assert!(matches!(
        again.load([Some(&key("anna"))]).wait(),
        Err(PersistError::Closed)
    ));
    assert!(matches!(
        again.snapshot().next(),
        Some(Err(PersistError::Closed))
    ));
    let saved = SavedSession::new(Some(key("anna")), datetime!(2026-11-21 08:00 UTC), []);
    assert!(matches!(again.restore([saved]), Err(PersistError::Closed)));
    assert!(matches!(again.clone().close(), Err(PersistError::Closed)));
    assert_eq!(again.status().pending, 0);
    assert_eq!(header(&jar(&sessions(&engine), "anna")), "a=1");
}

#[test]
fn what_is_closed_has_no_connection() {
    let engine = Altered::default();
    let here = Sessions::open(engine.clone(), options()).expect("it opens");
    set(&jar(&here, "anna"), "a=1");
    let again = here.clone();
    here.close().expect("it is written");
    assert_eq!(engine.faults.connections.load(Ordering::Relaxed), 0);
    drop(again);

    let here = PersistentCookieJar::with(engine.clone(), options()).expect("it opens");
    set(&here.jar(), "a=1; Max-Age=60");
    drop(here);
    assert_eq!(engine.faults.connections.load(Ordering::Relaxed), 0);
}

#[test]
fn a_thread_that_panics_keeps_nobody_waiting() {
    let engine = MemoryEngine::new();
    let options = options().on_error(|_| panic!("what a program hands over may panic"));
    let here = Sessions::open(engine.clone(), options).expect("it opens");
    let anna = jar(&here, "anna");
    engine.set_down(true);
    set(&anna, "a=1");
    assert!(matches!(here.flush().wait(), Err(PersistError::Closed)));
    assert_eq!(anna.persistence(), Persistence::Closed);
    assert_eq!(header(&anna), "a=1");
    drop((anna, here));
}

#[test]
fn the_last_handle_waits_for_no_database_that_is_down() {
    let engine = MemoryEngine::new();
    let here = PersistentCookieJar::with(engine.clone(), options()).expect("it opens");
    engine.set_down(true);
    set(&here.jar(), "a=1; Max-Age=60");
    drop(here);
    engine.set_down(false);
    assert!(
        PersistentCookieJar::with(engine, options())
            .expect("it opens")
            .jar()
            .is_empty()
    );
}

#[test]
fn a_later_format_is_not_touched() {
    let engine = Altered::default();
    engine.faults.format.store(2, Ordering::Relaxed);
    let result = Sessions::open(engine, options());
    assert!(matches!(result, Err(PersistError::Format(2))));
}

#[test]
fn a_format_that_became_a_later_one_is_not_touched() {
    let engine = Altered::default();
    let here = Sessions::open(engine.clone(), options()).expect("it opens");
    let anna = jar(&here, "anna");
    engine.memory.set_down(true);
    set(&anna, "a=1");
    // The loader's connection stays, because it is unused meanwhile.
    let connections = || engine.faults.connections.load(Ordering::Relaxed);
    until("writer and reader notice it", || connections() <= 1);
    // Meanwhile a later version of the program has migrated the database.
    engine.faults.format.store(2, Ordering::Relaxed);
    engine.memory.set_down(false);
    let flushed = here.flush().wait();
    assert!(
        matches!(&flushed, Err(PersistError::Engine(EngineError::Fatal(cause))) if cause.to_string().contains("format 2")),
        "{flushed:?}"
    );
    assert!(matches!(
        here.keys().next(),
        Some(Err(PersistError::Format(2)))
    ));
    assert!(sessions(&engine.memory).keys().next().is_none());
    assert_eq!(header(&anna), "a=1", "the jar goes on");
}

#[test]
fn a_database_that_is_not_usable_keeps_nobody_waiting() {
    let engine = Altered::default();
    let heard = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&heard);
    let options = options().on_error(move |_| _ = count.fetch_add(1, Ordering::Relaxed));
    let here = Sessions::open(engine.clone(), options).expect("it opens");
    let anna = jar(&here, "anna");
    engine.faults.is_fatal.store(true, Ordering::Relaxed);
    set(&anna, "a=1");
    let fatal = |result: &Result<(), PersistError>| {
        matches!(result, Err(PersistError::Engine(EngineError::Fatal(_))))
    };
    let flushed = here.flush().wait();
    assert!(fatal(&flushed), "{flushed:?}");
    assert_eq!(
        heard.load(Ordering::Relaxed),
        1,
        "once, not for each attempt"
    );
    assert_eq!(here.status().pending, 1, "it may become usable");

    engine.faults.is_fatal.store(false, Ordering::Relaxed);
    until("it is written", || here.flush().wait().is_ok());
    assert_eq!(header(&jar(&sessions(&engine.memory), "anna")), "a=1");

    engine.faults.is_fatal.store(true, Ordering::Relaxed);
    set(&anna, "a=2");
    let closed = here.close();
    assert!(fatal(&closed), "{closed:?}");
}

#[test]
fn an_entry_that_no_engine_may_store_is_skipped() {
    let engine = Altered::default();
    let here = sessions(&engine.memory);
    set(&jar(&here, "anna"), "a=1");
    here.flush().wait().expect("it is written");

    engine
        .faults
        .are_stamps_ahead
        .store(true, Ordering::Relaxed);
    let there = Sessions::open(engine.clone(), options()).expect("it opens");
    let anna = jar(&there, "anna");
    assert_eq!(header(&anna), "");
    assert_eq!(there.status().skipped, 1);
    set(&anna, "b=2");
    there.flush().wait().expect("the clock is as it was");
    assert_eq!(header(&jar(&sessions(&engine.memory), "anna")), "a=1; b=2");
}

/// A change that waits to be written is older than what another process has read last, but newer than the value that this
/// process repeats after a failure.
#[test]
fn a_change_on_its_way_wins_over_what_others_repeat() {
    let engine = MemoryEngine::new();
    let slow = options().linger(Duration::from_secs(600));
    let here = Sessions::open(engine.clone(), slow).expect("it opens");
    let there = sessions(&engine);
    let (anna, of_others) = (jar(&here, "anna"), jar(&there, "anna"));
    set(&anna, "a=1");
    here.flush().wait().expect("it is written");
    until("it is read", || header(&of_others) == "a=1");

    set(&anna, "a=2");
    std::thread::sleep(Duration::from_millis(5));
    set(&of_others, "b=1");
    there.flush().wait().expect("it is written");
    engine.change_history("default");
    set(&of_others, "c=1");
    there.flush().wait().expect("it is written");
    here.flush().wait().expect("it is written");
    for jar in [&anna, &of_others] {
        until("both agree", || header(jar) == "a=2; b=1; c=1");
    }
}
