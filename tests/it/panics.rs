//! What a program hands over may panic at any call, and may call back into the jar: nothing is half done, nothing
//! waits for ever, and the next call works.
#![cfg(feature = "psl")]

use crate::common;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use common::{NOW, in_time, policy, url};
use cookiejar::jar::{Clock, CookieChange, ManualClock};
use cookiejar::policy::{Existing, Limits, Settings};
use cookiejar::{
    Cookie, CookiePolicy, DefaultCookiePolicy, PolicyExt, Rejection, RequestContext,
    SharedCookieJar, set_ok_fn,
};
use time::OffsetDateTime;

const THREADS: usize = 8;
const LATEST: i64 = 1_000;

/// Panics at one of its calls, without a message on the terminal.
#[derive(Clone)]
struct Fuse(Arc<AtomicI64>);

impl Fuse {
    fn at(call: i64) -> Self {
        Self(Arc::new(AtomicI64::new(call)))
    }

    fn call(&self) {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            resume_unwind(Box::new("the fuse"));
        }
    }

    fn has_blown(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 1
    }
}

struct Fused<P>(P, Fuse);

impl<P: CookiePolicy> CookiePolicy for Fused<P> {
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.1.call();
        self.0.set_ok(cookie, request)
    }

    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.1.call();
        self.0.return_ok(cookie, request)
    }

    fn domain_return_ok(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.1.call();
        self.0.domain_return_ok(domain, request)
    }

    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.1.call();
        self.0.path_return_ok(path, request)
    }

    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        self.1.call();
        self.0.prepare(cookie, request);
    }

    fn replace_ok(
        &self,
        cookie: &Cookie,
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.1.call();
        self.0.replace_ok(cookie, stored, request)
    }

    fn settings(&self) -> &Settings {
        self.1.call();
        self.0.settings()
    }
}

struct FusedClock(ManualClock, Fuse);

impl Clock for FusedClock {
    fn now(&self) -> OffsetDateTime {
        self.1.call();
        self.0.now()
    }
}

/// Each thread makes calls of all kinds, and makes them again after a panic.
fn many_calls(jar: &SharedCookieJar) {
    let worker = |thread: usize| {
        let urls = [
            "https://acme.com/",
            "https://www.acme.com/",
            "http://localhost/",
        ]
        .map(url);
        for round in 0..6 {
            let url = &urls[(thread + round) % urls.len()];
            let response = [
                ("Set-Cookie", format!("a{round}=1; Max-Age=60")),
                ("Set-Cookie", format!("b{thread}=1; Path=/x")),
                ("Set-Cookie", "c=1; Domain=acme.com".to_owned()),
                ("Set-Cookie", format!("a{}=; Max-Age=0", (round + 3) % 6)),
            ];
            let calls: [&dyn Fn(); 6] = [
                &|| drop(jar.extract_cookies(&response, url)),
                &|| drop(jar.cookie_header(url)),
                &|| _ = jar.set_cookie_str("d=1", url),
                &|| drop(jar.explain(url)),
                &|| drop(jar.remove_for(url, "c")),
                &|| _ = jar.clear_expired_cookies(),
            ];
            for call in calls {
                let _ = catch_unwind(AssertUnwindSafe(call));
            }
        }
    };
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || worker(thread));
        }
    });
}

/// All that can be seen of a jar agrees, and it works.
#[track_caller]
fn assert_whole(jar: &SharedCookieJar, what: &str, call: i64) {
    let cookies = jar.snapshot();
    assert_eq!(jar.len(), cookies.len(), "{what} {call}");
    for cookie in &cookies {
        assert_eq!(jar.get(cookie.id()).as_ref(), Some(cookie), "{what} {call}");
    }
    let acme = url("https://acme.com/");
    assert!(
        jar.set_cookie_str("after=1", &acme).is_ok(),
        "{what} {call}"
    );
    assert_eq!(
        jar.value_for(&acme, "after").as_deref(),
        Some("1"),
        "{what} {call}"
    );
    assert!(jar.clear_host("acme.com").is_ok(), "{what} {call}");
    jar.clear();
    assert!(jar.is_empty(), "{what} {call}");
}

#[test]
fn a_policy_may_panic_at_any_question() {
    in_time("a policy", || {
        for call in 1..=LATEST {
            let fuse = Fuse::at(call);
            let jar = SharedCookieJar::with_policy(Fused(policy(), fuse.clone()));
            many_calls(&jar);
            assert!(fuse.has_blown(), "there are fewer than {call} questions");
            assert_whole(&jar, "question", call);
        }
    });
}

#[test]
fn a_clock_may_panic_at_any_reading() {
    in_time("a clock", || {
        for call in 1..=LATEST {
            let fuse = Fuse::at(call);
            let jar = SharedCookieJar::with_policy(policy());
            jar.set_clock(FusedClock(ManualClock::new(NOW), fuse.clone()));
            while !fuse.has_blown() {
                many_calls(&jar);
            }
            assert_whole(&jar, "reading", call);
        }
    });
}

#[test]
fn a_sink_may_panic_at_any_change() {
    in_time("a sink", || {
        for call in 1..=LATEST {
            let fuse = Fuse::at(call);
            let jar = SharedCookieJar::with_policy(policy());
            let sink = fuse.clone();
            jar.add_change_sink(Arc::new(move |_: &CookieChange<'_>| sink.call()));
            while !fuse.has_blown() {
                many_calls(&jar);
            }
            assert_whole(&jar, "change", call);
        }
    });
}

const SENTENCE: &str = "a cookie jar must not be used by what it calls, such as its policy";

/// The panic of a jar that is called by what it calls.
#[track_caller]
fn sentence(jar: &'static SharedCookieJar) {
    let acme = url("https://acme.com/");
    let calls: [&(dyn Fn() + Sync); 3] = [
        &|| drop(jar.extract_cookies(&[("Set-Cookie", "b=1")], &acme)),
        &|| drop(jar.cookie_header(&acme)),
        &|| _ = jar.set_cookie_str("c=1", &acme),
    ];
    let mut said = 0;
    for call in calls {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
            assert_eq!(panic.downcast_ref::<&str>(), Some(&SENTENCE));
            said += 1;
        }
    }
    assert!(said > 0, "nothing called back");
}

/// Every call back into the jar: reading, writing, and its policy.
fn call_back(jar: &OnceLock<SharedCookieJar>) {
    static TURN: AtomicI64 = AtomicI64::new(0);
    let Some(jar) = jar.get() else { return };
    let acme = url("https://acme.com/");
    match TURN.fetch_add(1, Ordering::Relaxed) % 6 {
        0 => _ = jar.len(),
        1 => drop(jar.cookie_header(&acme)),
        2 => drop(jar.extract_cookies(&[("Set-Cookie", "x=1")], &acme)),
        3 => jar.clear(),
        4 => drop(jar.snapshot()),
        _ => drop(jar.explain(&acme)),
    }
}

#[test]
fn who_calls_back_gets_a_sentence_and_waits_for_nothing() {
    in_time("a policy that calls back", || {
        static JAR: OnceLock<SharedCookieJar> = OnceLock::new();
        struct CallsBack(DefaultCookiePolicy);
        impl CookiePolicy for CallsBack {
            fn set_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
                call_back(&JAR);
                Ok(())
            }
            fn return_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
                call_back(&JAR);
                Ok(())
            }
            fn domain_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
                call_back(&JAR);
                Ok(())
            }
            fn path_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
                call_back(&JAR);
                Ok(())
            }
            fn prepare(&self, _: &mut Cookie, _: &RequestContext<'_>) {
                call_back(&JAR);
            }
            fn replace_ok(
                &self,
                _: &Cookie,
                _: Existing<'_>,
                _: &RequestContext<'_>,
            ) -> Result<(), Rejection> {
                call_back(&JAR);
                Ok(())
            }
            fn settings(&self) -> &Settings {
                self.0.settings()
            }
        }
        let jar = JAR.get_or_init(|| SharedCookieJar::with_policy(CallsBack(policy())));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| (0..50).for_each(|_| sentence_or_nothing(jar)));
            }
        });
        sentence(jar);
    });
    in_time("a sink that calls back", || {
        static JAR: OnceLock<SharedCookieJar> = OnceLock::new();
        let jar = JAR.get_or_init(|| SharedCookieJar::with_policy(policy()));
        jar.add_change_sink(Arc::new(|_: &CookieChange<'_>| call_back(&JAR)));
        sentence(jar);
    });
    in_time("a clock that calls back", || {
        static JAR: OnceLock<SharedCookieJar> = OnceLock::new();
        let jar = JAR.get_or_init(|| SharedCookieJar::with_policy(policy()));
        jar.set_clock(|| {
            if let Some(jar) = JAR.get() {
                let _ = jar.len();
            }
            NOW
        });
        let acme = url("https://acme.com/");
        let _ = catch_unwind(AssertUnwindSafe(|| {
            jar.extract_cookies(&[("Set-Cookie", "a=1")], &acme)
        }));
        let _ = catch_unwind(AssertUnwindSafe(|| jar.cookie_header(&acme)));
        jar.set_clock(ManualClock::new(NOW));
        assert_whole(jar, "after a clock", 0);
    });
}

fn sentence_or_nothing(jar: &SharedCookieJar) {
    let acme = url("https://acme.com/");
    let _ = catch_unwind(AssertUnwindSafe(|| {
        jar.extract_cookies(&[("Set-Cookie", "a=1")], &acme)
    }));
    let _ = catch_unwind(AssertUnwindSafe(|| jar.cookie_header(&acme)));
}

/// A program's clock may be wrong in every way: nothing panics, and no cookie outlives the time that its server gave it.
#[test]
fn any_clock_is_safe() {
    let times = [
        i64::MIN,
        -377_705_116_800,
        -62_135_596_801,
        -1,
        0,
        1,
        1_767_225_600,
        253_402_300_799,
        253_402_300_800,
        i64::MAX,
    ];
    let at = |seconds: i64| {
        let (earliest, latest) = (-377_705_116_800, 253_402_300_799);
        OffsetDateTime::from_unix_timestamp(seconds.clamp(earliest, latest)).expect("a time")
    };
    let acme = url("https://acme.com/");
    for from in times {
        for to in times {
            let clock = ManualClock::new(at(from));
            let jar = SharedCookieJar::with_policy(policy());
            jar.set_clock(clock.clone());
            let response = [
                ("Set-Cookie", "a=1; Max-Age=60"),
                ("Set-Cookie", "b=1"),
                ("Set-Cookie", "c=1; Max-Age=-1"),
            ];
            jar.extract_cookies(&response, &acme);
            clock.set(at(to));
            let sent = jar
                .cookie_header(&acme)
                .map(|header| String::from_utf8_lossy(header.as_bytes()).into_owned());
            let sent = sent.unwrap_or_default();
            assert!(
                sent.contains("b=1") && !sent.contains("c=1"),
                "{from} {to}: {sent}"
            );
            let over = at(to).unix_timestamp() >= at(from).unix_timestamp().saturating_add(60);
            assert!(!over || !sent.contains("a=1"), "{from} {to}: {sent}");
            jar.extract_cookies(&response, &acme);
            jar.clear_expired_cookies();
            assert_eq!(jar.len(), jar.snapshot().len());
        }
    }
}

/// A response with more than 1 MiB of cookies is stored in parts.
#[test]
fn a_policy_that_panics_leaves_a_response_out_up_to_its_last_mebibyte() {
    const LEN: usize = 8_000;
    for (count, most) in [(100, 0), (300, 300)] {
        let policy = policy().limits(Limits::none());
        let jar = SharedCookieJar::with_policy(policy.and(set_ok_fn(|cookie: &Cookie, _| {
            if cookie.name() == "last" {
                resume_unwind(Box::new("a policy"));
            }
            Ok(())
        })));
        let field = |number| format!("n{number}={}", "x".repeat(LEN));
        let mut fields: Vec<_> = (0..count)
            .map(|number| ("Set-Cookie", field(number)))
            .collect();
        fields.push(("Set-Cookie", "last=1".to_owned()));
        let extract = || jar.extract_cookies(&fields, &url("https://acme.com/"));
        assert!(catch_unwind(AssertUnwindSafe(extract)).is_err());
        let stored = jar.len();
        assert!(
            stored <= most && (count - stored) * LEN < 1 << 20,
            "{count}: {stored}"
        );
    }
}
