//! Databases that fail, and programs that end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cookiejar::persist::engine::{Answer, Database, Engine, EngineError};
use cookiejar::persist::{PersistError, PersistentCookieJar};
use cookiejar::testing::MemoryEngine;

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

/// An engine of a later version.
struct Later(MemoryEngine);

struct LaterDatabase(Box<dyn Database>);

impl Engine for Later {
    fn connect(&self, namespace: &str) -> Result<Box<dyn Database>, EngineError> {
        Ok(Box::new(LaterDatabase(self.0.connect(namespace)?)))
    }
}

impl Database for LaterDatabase {
    fn apply(
        &mut self,
        batch: &[cookiejar::persist::engine::SessionBatch<'_>],
    ) -> Result<Answer<cookiejar::persist::engine::Applied>, EngineError> {
        self.0.apply(batch)
    }

    fn load(
        &mut self,
        sessions: &[&str],
    ) -> Result<Answer<cookiejar::persist::engine::Loaded>, EngineError> {
        self.0.load(sessions)
    }

    fn changes(
        &mut self,
        after: cookiejar::persist::engine::Version,
        wait: std::time::Duration,
    ) -> Result<Answer<cookiejar::persist::engine::Changed>, EngineError> {
        self.0.changes(after, wait)
    }

    fn sessions(
        &mut self,
        after: Option<&str>,
        at_most: usize,
    ) -> Result<Answer<Vec<cookiejar::persist::engine::SessionInfo>>, EngineError> {
        self.0.sessions(after, at_most)
    }

    fn purge(
        &mut self,
        before: cookiejar::persist::engine::Stamp,
        at_most: usize,
    ) -> Result<Answer<usize>, EngineError> {
        self.0.purge(before, at_most)
    }

    fn hello(&mut self) -> Result<Answer<cookiejar::persist::engine::Hello>, EngineError> {
        let mut answer = self.0.hello()?;
        answer.value.format = 2;
        Ok(answer)
    }
}

#[test]
fn a_later_format_is_not_touched() {
    let result = Sessions::open(Later(MemoryEngine::new()), options());
    assert!(matches!(result, Err(PersistError::Format(2))));
}
