//! The sessions whose use a process records once an hour.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::super::{PersistOptions, PersistentCookieSessions};
use crate::persist::engine::Engine;
use crate::policy::AcceptAllPolicy;
use crate::testing::MemoryEngine;

const START: i64 = 1_767_225_600;

/// The time of the process and of the database, in seconds.
struct Time {
    engine: MemoryEngine,
    seconds: Arc<AtomicI64>,
}

impl Time {
    fn set(&self, minutes: i64) {
        let seconds = START + 60 * minutes;
        self.seconds.store(seconds, Ordering::Relaxed);
        self.engine.set_time(seconds.unsigned_abs() * 1_000);
    }

    /// When the database last recorded each session's use, in minutes.
    fn last_uses(&self) -> Vec<(String, u64)> {
        let mut database = self.engine.connect("default").expect("it connects");
        let listed = database.sessions(None, 9).expect("a page").value;
        let minutes = |millis| millis / 60_000 - START.unsigned_abs() / 60;
        listed
            .into_iter()
            .map(|info| (info.session, minutes(info.last_used)))
            .collect()
    }
}

#[test]
fn a_session_in_use_is_recorded_once_an_hour() {
    let time = Time {
        engine: MemoryEngine::new(),
        seconds: Arc::new(AtomicI64::new(START)),
    };
    time.set(0);
    let clock = {
        let seconds = Arc::clone(&time.seconds);
        move || {
            let seconds = seconds.load(Ordering::Relaxed);
            time::OffsetDateTime::from_unix_timestamp(seconds).expect("a time")
        }
    };
    let open = || {
        let options = PersistOptions::with_policy(Arc::new(AcceptAllPolicy::new()));
        let options = options.clock(clock.clone());
        PersistentCookieSessions::<String>::open(time.engine.clone(), options).expect("it opens")
    };
    let [held, asked, loaded] = ["held", "asked", "loaded"].map(str::to_owned);
    let earlier = open();
    for key in [&held, &asked, &loaded] {
        let jar = earlier.jar(key).wait().expect("it is loaded");
        let cookie = crate::Cookie::builder("a", "1").domain("acme.com").build();
        jar.set_cookie(cookie.expect("a cookie"));
    }
    earlier.close().expect("it is written");

    let sessions = open();
    sessions.load([Some(&loaded)]).wait().expect("it is loaded");
    let _jar = sessions.jar(&held).wait().expect("it is loaded");
    sessions.jar(&asked).wait().expect("it is loaded");
    // The hour of the thread, as the clock shows it; the minutes recorded after it.
    let hour = |minutes, expected: [u64; 3]| {
        sessions.flush().wait().expect("it is written");
        time.set(minutes);
        sessions.database().on_the_hour();
        sessions.flush().wait().expect("it is written");
        let names = ["=asked", "=held", "=loaded"].map(str::to_owned);
        let expected: Vec<_> = names.into_iter().zip(expected).collect();
        let mut last_uses = time.last_uses();
        last_uses.sort();
        assert_eq!(last_uses, expected, "at {minutes}");
    };
    hour(59, [0, 0, 0]);
    hour(60, [0, 60, 0]);
    sessions.jar(&asked).wait().expect("it is loaded");
    hour(61, [60, 60, 0]);
    sessions.jar(&asked).wait().expect("it is loaded");
    hour(119, [60, 60, 0]);
    hour(120, [120, 120, 0]);
}
