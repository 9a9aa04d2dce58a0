//! Databases that fail, and programs that end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cookiejar::persist::engine::EngineError;
use cookiejar::persist::{PersistError, PersistentCookieJar};
use cookiejar::testing::MemoryEngine;

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
    assert!(matches!(again.clone().close(), Err(PersistError::Closed)));
    assert_eq!(again.status().pending, 0);
    assert_eq!(header(&jar(&sessions(&engine), "anna")), "a=1");
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
    until("it is noticed", || !here.status().connected);
    // Meanwhile a later version of the program has taken the database over.
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
    assert_eq!(there.status().not_cookies, 1);
    set(&anna, "b=2");
    there.flush().wait().expect("the clock is as it was");
    assert_eq!(header(&jar(&sessions(&engine.memory), "anna")), "a=1; b=2");
}
