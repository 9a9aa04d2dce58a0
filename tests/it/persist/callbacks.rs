//! Sinks and seals that use the handle of their database while a change of another process comes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use cookiejar::jar::CookieChange;
use cookiejar::persist::{Claim, PersistentCookieJar, Seal};
use cookiejar::testing::MemoryEngine;

use super::{Sessions, jar, key, options, sessions, set, until, url};
use crate::common::in_time;

/// What a sink or a seal does with the handle, and how often it has returned.
#[derive(Default)]
struct Calls {
    sessions: OnceLock<Sessions>,
    claim: Mutex<Option<Claim>>,
    begun: AtomicUsize,
    returned: AtomicUsize,
}

impl Calls {
    /// Every call of a handle that need not wait.
    fn call(&self) {
        let Some(sessions) = self.sessions.get() else {
            return;
        };
        let turn = self.begun.fetch_add(1, Ordering::SeqCst);
        let bert = key("bert");
        assert!(sessions.get(&bert).is_some());
        assert!(sessions.status().last_error.is_none());
        assert!(!format!("{sessions:?}").is_empty());
        drop((sessions.flush(), sessions.jar(&bert), sessions.clone()));
        drop(sessions.load([Some(&key(&format!("new{turn}")))]));
        let claim = self.claim.lock().expect("no panic").take();
        assert!(claim.is_none_or(|claim| claim.is_held() && claim.token() > 0));
        self.returned.fetch_add(1, Ordering::SeqCst);
    }

    fn has_returned(&self) -> bool {
        let begun = self.begun.load(Ordering::SeqCst);
        begun > 0 && begun == self.returned.load(Ordering::SeqCst)
    }
}

struct CallingSeal(Arc<Calls>);

impl Seal for CallingSeal {
    fn seal(&self, _: &[u8], value: &[u8]) -> Vec<u8> {
        self.0.call();
        value.to_vec()
    }

    fn open(&self, _: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.call();
        Some(sealed.to_vec())
    }
}

/// Changes come from another process and from here, by many threads, while others load and unload sessions.
fn calls_return(here: &Sessions, there: &Sessions, calls: &Calls) {
    let (ours, theirs) = (jar(here, "anna"), jar(there, "anna"));
    let _bert = jar(here, "bert"); // held, so that it stays in memory
    let claim = here.claim(&key("carl"), Duration::from_secs(600)).wait();
    *calls.claim.lock().expect("no panic") = claim.expect("it is asked");
    assert!(calls.sessions.set(here.clone()).is_ok());
    thread::scope(|scope| {
        for thread in 0..3 {
            let (ours, theirs) = (&ours, &theirs);
            scope.spawn(move || {
                for round in 0..40 {
                    set(theirs, &format!("there{thread}={round}"));
                    set(ours, &format!("here{thread}={round}"));
                    here.unload_idle(time::Duration::ZERO);
                    let _ = here.snapshot().count();
                }
            });
        }
    });
    there.flush().wait().expect("it is written");
    until("the changes come", || {
        let has =
            |thread| ours.value_for(&url(), format!("there{thread}")).as_deref() == Some("39");
        (0..3).all(has)
    });
    here.flush().wait().expect("it is written");
    until("all have returned", || calls.has_returned());
    assert!(calls.claim.lock().expect("no panic").is_none());
    let again = there.claim(&key("carl"), Duration::from_secs(600)).wait();
    assert!(again.expect("it is asked").is_some(), "it was released");
    here.clone().close().expect("it closes");
}

#[test]
fn a_sink_may_use_the_handle_of_its_database() {
    in_time("a sink that uses the handle", || {
        let engine = MemoryEngine::new();
        let (here, there) = (sessions(&engine), sessions(&engine));
        let calls = Arc::new(Calls::default());
        let of_sink = Arc::clone(&calls);
        jar(&here, "anna").add_change_sink(Arc::new(move |_: &CookieChange<'_>| of_sink.call()));
        calls_return(&here, &there, &calls);
    });
}

#[test]
fn a_seal_may_use_the_handle_of_its_database() {
    in_time("a seal that uses the handle", || {
        let (engine, calls) = (MemoryEngine::new(), Arc::new(Calls::default()));
        let sealed = options().seal(CallingSeal(Arc::clone(&calls)));
        let here = Sessions::open(engine.clone(), sealed).expect("it opens");
        calls_return(&here, &sessions(&engine), &calls);
    });
}

/// The sink drops the last handle on the thread that reads.
#[test]
fn a_sink_may_drop_the_last_handle_of_its_database() {
    in_time("a sink that drops the handle", || {
        let engine = MemoryEngine::new();
        let open = || PersistentCookieJar::with(engine.clone(), options().session_cookies(true));
        let (here, there) = (open().expect("it opens"), open().expect("it opens"));
        let last: Arc<Mutex<Option<PersistentCookieJar>>> = Arc::default();
        let (of_sink, returned) = (Arc::clone(&last), Arc::new(AtomicUsize::new(0)));
        let count = Arc::downgrade(&returned);
        here.jar()
            .add_change_sink(Arc::new(move |_: &CookieChange<'_>| {
                drop(of_sink.lock().expect("no panic").take());
                returned.fetch_add(1, Ordering::SeqCst);
            }));
        *last.lock().expect("no panic") = Some(here);
        set(&there.jar(), "a=1");
        there.flush().wait().expect("it is written");
        // The sink goes with the jar.
        until("the jar is gone", || count.strong_count() == 0);
        assert!(last.lock().expect("no panic").is_none());
    });
}
