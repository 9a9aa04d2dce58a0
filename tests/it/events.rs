//! Notifications of a jar's changes: sinks that misbehave, and the queue.

use crate::common;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use common::{built, in_time, jar, jar_with, url};
use cookiejar::jar::{ChangeCause, ChangeOrigin, ChangeSink, Changes, CookieChange, Heard};
use cookiejar::policy::Limits;
use cookiejar::{
    BrowserPolicy, Cookie, CookieId, CookieJar, Provenance, RequestContext, SharedCookieJar,
};

fn some(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("not zero")
}

/// The causes and the values of the queued changes.
fn waiting(changes: &mut Changes) -> Vec<String> {
    std::iter::from_fn(|| changes.try_next())
        .map(|heard| match heard {
            Heard::Change(change) => {
                let value = change.cookie.value().unwrap_or_default();
                format!("{:?} {}={value}", change.cause, change.cookie.name())
            }
            Heard::Missed(number) => format!("missed {number}"),
        })
        .collect()
}

#[test]
fn every_way_in_which_a_cookie_goes_has_its_cause() {
    let (_, clock) = jar();
    let jar = SharedCookieJar::new();
    jar.set_clock(clock.clone());
    let acme = url("https://acme.com/");
    let mut changes = jar.changes(some(100));
    let set = |fields: &[&str]| {
        let response: Vec<_> = fields.iter().map(|field| ("Set-Cookie", *field)).collect();
        jar.extract_cookies(&response, &acme);
    };
    let mut expect = |expected: &[&str]| assert_eq!(waiting(&mut changes), expected);

    set(&["a=1", "b=2; Max-Age=60", "a=1"]);
    expect(&["Stored a=1", "Stored b=2", "Replaced a=1"]);
    set(&["a=; Max-Age=0", "a=; Max-Age=0"]);
    expect(&["Removed a=1"]);
    clock.advance(time::Duration::minutes(2));
    set(&["b=3"]);
    expect(&["Expired b=2", "Stored b=3"]);
    jar.remove(("acme.com", "/", "b")).expect("a cookie");
    expect(&["Cleared b=3"]);
    assert!(jar.remove(("acme.com", "/", "b")).is_err());
    expect(&[]);
    set(&["a=1", "b=2", "c=3"]);
    jar.retain(|cookie| cookie.name() != "b");
    drop(jar.drain());
    jar.clear();
    let stored = ["Stored a=1", "Stored b=2", "Stored c=3"];
    expect(&[&stored[..], &["Cleared b=2", "Cleared a=1", "Cleared c=3"]].concat());
    // No notification without a change: a rejection, a look-up, a changed copy.
    set(&["a=1; Domain=com"]);
    jar.cookie_header(&acme);
    jar.fork()
        .set_cookie(built(Cookie::builder("a", "1").domain("acme.com")));
    expect(&[]);
}

#[test]
fn a_change_says_what_it_replaced_and_who_made_it() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let (mut jar, _) = jar();
    jar.add_change_sink(Arc::new({
        let told = Arc::clone(&told);
        move |change: &CookieChange<'_>| {
            told.lock()
                .expect("no panic")
                .push(change.clone().into_owned());
        }
    }));
    let acme = url("https://acme.com/");
    for field in ["a=1", "a=2", "a=2", "b=1"] {
        jar.extract_cookies(&[("Set-Cookie", field)], &acme);
    }
    let told: Vec<_> = std::mem::take(&mut *told.lock().expect("no panic"));
    let values = |change: &CookieChange<'_>| {
        let value = |cookie: &Cookie| cookie.value().expect("a value").to_owned();
        (change.previous.as_deref().map(value), value(&change.cookie))
    };
    assert_eq!(values(&told[0]), (None, "1".to_owned()));
    assert_eq!(values(&told[1]), (Some("1".to_owned()), "2".to_owned()));
    assert!(!told[1].is_unchanged() && told[2].is_unchanged());
    assert_eq!(told[0].creation_number(), told[2].creation_number());
    assert!(told[2].creation_number() < told[3].creation_number());
    assert_eq!(told[0].origin, ChangeOrigin::Local);

    // Applied changes keep their origin.
    let copy = SharedCookieJar::new();
    let mut changes = copy.changes(some(10));
    copy.apply(&told[0].clone().remote());
    copy.apply(&told[2].clone().remote());
    let origins = std::iter::from_fn(|| changes.try_next()).map(|heard| match heard {
        Heard::Change(change) => (change.cause, change.origin),
        Heard::Missed(number) => panic!("{number} missed"),
    });
    let expected = [ChangeCause::Stored, ChangeCause::Replaced];
    let expected = expected.map(|cause| (cause, ChangeOrigin::Remote));
    assert_eq!(origins.collect::<Vec<_>>(), expected);
}

#[test]
fn a_sink_that_panics_leaves_the_jar_whole() {
    let acme = url("https://acme.com/");
    let fields: Vec<_> = (0..6)
        .map(|number| ("Set-Cookie", format!("n{number}=1; Max-Age=60")))
        .collect();
    // The sink panics at each of the changes in turn.
    for bad in 0..12 {
        let heard = AtomicUsize::new(0);
        let jar = SharedCookieJar::new();
        jar.add_change_sink(Arc::new(move |_: &CookieChange<'_>| {
            let number = heard.fetch_add(1, Ordering::Relaxed);
            assert_ne!(number, bad, "a sink that panics");
        }));
        let calls: [&dyn Fn(); 4] = [
            &|| drop(jar.extract_cookies(&fields, &acme)),
            &|| {
                jar.retain(|cookie| cookie.name() == "n0");
            },
            &|| drop(jar.extract_cookies(&fields[..2], &acme)),
            &|| jar.clear(),
        ];
        let mut panics = 0;
        for call in calls {
            panics += usize::from(catch_unwind(AssertUnwindSafe(call)).is_err());
            assert_eq!(jar.len(), jar.snapshot().len(), "after change {bad}");
            let sent = jar.cookies_for(&acme).len();
            assert_eq!(sent, jar.len(), "after change {bad}");
        }
        assert!(panics <= 1);
        let cookie = built(Cookie::builder("after", "1").domain("acme.com"));
        jar.set_cookie(cookie);
        assert!(jar.get(("acme.com", "/", "after")).is_some());
    }
}

#[test]
fn a_sink_that_uses_the_jar_gets_the_panic_of_a_policy() {
    static JAR: OnceLock<SharedCookieJar> = OnceLock::new();
    let jar = JAR.get_or_init(SharedCookieJar::new);
    jar.add_change_sink(Arc::new(|_: &CookieChange<'_>| {
        JAR.get().map(SharedCookieJar::len);
    }));
    let acme = url("https://acme.com/");
    let panic =
        catch_unwind(|| jar.extract_cookies(&[("Set-Cookie", "a=1")], &acme)).expect_err("a panic");
    let said = panic.downcast_ref::<&str>().copied().unwrap_or_default();
    assert_eq!(
        said,
        "a cookie jar must not be used by what it calls, such as its policy"
    );
    assert_eq!(jar.len(), 1);
}

#[test]
fn a_full_queue_says_how_many_changes_were_missed() {
    let jar = SharedCookieJar::new();
    let acme = url("https://acme.com/");
    let mut changes = jar.changes(some(3));
    for number in 0..5 {
        jar.extract_cookies(&[("Set-Cookie", format!("n{number}=1"))], &acme);
    }
    assert_eq!(
        waiting(&mut changes),
        ["missed 2", "Stored n2=1", "Stored n3=1", "Stored n4=1"]
    );
    jar.clear();
    assert_eq!(waiting(&mut changes)[0], "missed 2");
}

#[test]
fn a_queue_ends_with_its_jar_and_a_reader_waits_until_then() {
    let jar = SharedCookieJar::new();
    let acme = url("https://acme.com/");
    let mut changes = jar.changes(some(3));
    assert_eq!(changes.next_within(Duration::ZERO), None);
    let writer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        jar.extract_cookies(&[("Set-Cookie", "a=1")], &acme);
    });
    let wait = Duration::from_secs(60);
    assert!(matches!(changes.next_within(wait), Some(Heard::Change(_))));
    // The jar has been dropped.
    assert_eq!(changes.next_within(wait), None);
    writer.join().expect("no panic");
}

struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_task_is_woken_by_a_change_and_by_the_end() {
    let jar = SharedCookieJar::new();
    let mut changes = jar.changes(some(3));
    let woken = Arc::new(Woken(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    assert!(changes.poll_next(&mut context).is_pending());
    jar.extract_cookies(&[("Set-Cookie", "a=1")], &url("https://acme.com/"));
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    let heard = changes.poll_next(&mut context);
    assert!(matches!(heard, Poll::Ready(Some(Heard::Change(_)))));
    {
        let next = std::pin::pin!(changes.next());
        assert!(next.poll(&mut context).is_pending());
    }
    drop(jar);
    assert_eq!(woken.0.load(Ordering::Relaxed), 2);
    assert_eq!(changes.poll_next(&mut context), Poll::Ready(None));
}

#[test]
fn a_queue_that_nobody_reads_is_let_go() {
    let jar = SharedCookieJar::new();
    for _ in 0..3 {
        drop(jar.changes(some(3)));
    }
    // One that is read stays when another comes.
    let live = [jar.changes(some(3)), jar.changes(some(3))];
    jar.extract_cookies(&[("Set-Cookie", "a=1")], &url("https://acme.com/"));
    for changes in live {
        assert_eq!(format!("{changes:?}"), "Changes { waiting: 1, .. }");
    }
}

#[test]
fn a_plain_jar_that_is_shared_keeps_its_sinks_and_what_has_expired() {
    let (mut jar, clock) = jar();
    let told = Arc::new(AtomicUsize::new(0));
    jar.extract_cookies(
        &[("Set-Cookie", "a=1; Max-Age=60"), ("Set-Cookie", "b=2")],
        &url("https://acme.com/"),
    );
    jar.add_change_sink(Arc::new({
        let told = Arc::clone(&told);
        move |_: &CookieChange<'_>| {
            told.fetch_add(1, Ordering::Relaxed);
        }
    }));
    clock.advance(time::Duration::minutes(2));
    let before: Vec<_> = jar.iter().cloned().collect();
    let shared = SharedCookieJar::from(jar);
    assert_eq!(shared.snapshot(), before);
    assert!(CookieJar::from(&shared).iter().eq(&before));
    assert_eq!(told.load(Ordering::Relaxed), 0);
    shared.clear();
    assert_eq!(told.load(Ordering::Relaxed), 2);
}

/// A listener of twenty lines that mirrors a jar: the ids are all it needs.
#[derive(Default)]
struct Mirror(Mutex<HashMap<CookieId<'static>, Option<Vec<u8>>>>);

impl ChangeSink for Mirror {
    fn changed(&self, change: &CookieChange<'_>) {
        let id = change.cookie.id().into_owned();
        let mut mirror = self.0.lock().expect("no panic");
        if change.cause.is_present() {
            mirror.insert(id, change.cookie.value_bytes().map(Into::into));
        } else {
            mirror.remove(&id);
        }
    }
}

#[test]
fn a_jar_is_mirrored_by_the_ids_of_its_cookies() {
    let mut limits = Limits::browsers();
    limits.site_cookies = 6;
    limits.site_cookies_kept = 4;
    let policy = BrowserPolicy::with_suffixes(common::suffixes()).limits(limits);
    let (mut jar, clock) = jar_with(policy);
    let mirror = Arc::new(Mirror::default());
    jar.add_change_sink(mirror.clone());
    let fields: [&[u8]; 6] = [
        b"a=1; Max-Age=60",
        b"caf\xe9=2",
        b"b=3; Path=/x; Domain=acme.com",
        b"p=4; Secure; Partitioned",
        b"a=; Max-Age=0",
        b"c=5",
    ];
    let mut seen_partition = false;
    for step in 0..400_usize {
        let site = [
            "https://www.acme.com/",
            "https://acme.com/x/y",
            "https://news.example/",
        ][step % 3];
        let site = url(site);
        let partition = Provenance::new().partition_key("https://top.example");
        let request = RequestContext::from(&site).caused_by(partition);
        let field = [
            fields[step * 7 % 6],
            format!("n{}={step}", step % 11).as_bytes(),
        ]
        .concat();
        let field = if step % 2 == 0 {
            field
        } else {
            fields[step % 6].to_vec()
        };
        jar.extract_cookies(&[("Set-Cookie", field)], request);
        seen_partition |= jar.iter().any(|cookie| cookie.partition_key().is_some());
        clock.advance(time::Duration::seconds(7));
        if step % 50 == 49 {
            let id = jar.iter().next().map(|cookie| cookie.id().into_owned());
            jar.remove(id.expect("a cookie")).expect("it is there");
        }
        let own = jar.iter().map(|cookie| {
            let value = cookie.value_bytes().map(Into::into);
            (cookie.id().into_owned(), value)
        });
        assert_eq!(*mirror.0.lock().expect("no panic"), own.collect(), "{step}");
    }
    assert!(seen_partition, "the program has cookies in partitions");
}

#[test]
fn a_change_with_the_number_of_another_cookie_is_applied_as_a_later_one() {
    let acme = url("https://acme.com/");
    let jar = || jar_with(common::policy().limits(Limits::none())).0;
    let first = Arc::new(OnceLock::new());
    let mut source = jar();
    source.add_change_sink(Arc::new({
        let first = Arc::clone(&first);
        move |change: &CookieChange<'_>| _ = first.set(change.clone().into_owned())
    }));
    source.extract_cookies(&[("Set-Cookie", "a=1")], &acme);
    // With few cookies, and with enough to have an index.
    for cookies in [1, 300] {
        let mut target = jar();
        let own: Vec<_> = (0..cookies).map(|number| format!("n{number}")).collect();
        for name in &own {
            target.extract_cookies(&[("Set-Cookie", format!("{name}=1"))], &acme);
        }
        target.apply(&first.get().expect("a change").clone().remote());
        let names = common::names(target.cookies_for(&acme));
        assert_eq!(names, format!("{} a", own.join(" ")));
    }
}

#[test]
fn what_an_applied_change_removes_is_told() {
    let acme = url("https://acme.com/");
    let (mut source, clock) = jar();
    let told: Arc<Mutex<Vec<CookieChange<'static>>>> = Arc::default();
    source.add_change_sink(Arc::new({
        let told = Arc::clone(&told);
        move |change: &CookieChange<'_>| {
            let change = change.clone().into_owned();
            told.lock().expect("no panic").push(change);
        }
    }));
    for field in ["a=1", "a=; Max-Age=0", "b=1; Max-Age=60"] {
        source.extract_cookies(&[("Set-Cookie", field)], &acme);
    }
    let copy = SharedCookieJar::new();
    copy.set_clock(clock.clone());
    let mut changes = copy.changes(some(9));
    let mut apply = |number: usize| {
        let change = told.lock().expect("no panic")[number].clone();
        copy.apply(&change.remote());
        let heard = std::iter::from_fn(|| changes.try_next()).map(|heard| match heard {
            Heard::Change(CookieChange {
                cause,
                origin,
                cookie,
                ..
            }) => {
                assert_eq!(origin, ChangeOrigin::Remote);
                format!("{cause:?} {}", cookie.name())
            }
            Heard::Missed(number) => panic!("{number} missed"),
        });
        heard.collect::<Vec<_>>()
    };
    assert_eq!(apply(0), ["Stored a"]);
    assert_eq!(apply(1), ["Removed a"]);
    assert_eq!(apply(1), [""; 0], "it is gone");
    assert_eq!(apply(2), ["Stored b"]);
    clock.advance(time::Duration::minutes(2));
    assert_eq!(apply(0), ["Stored a"]);
    assert_eq!(apply(2), ["Expired b", "Stored b"]);
}

/// A waker that owns the last handle of a jar, as the task of a simple executor does.
struct Owner(#[expect(dead_code, reason = "it is there to be dropped")] Option<SharedCookieJar>);

impl Wake for Owner {
    fn wake(self: Arc<Self>) {}
}

/// A waker that is dropped uses the jar: the queue drops it without its lock.
#[test]
fn a_waker_that_owns_the_jar_is_dropped_by_the_next_one() {
    in_time("a waker", || {
        let jar = SharedCookieJar::with_policy(common::policy());
        let mut changes = jar.changes(some(4));
        let mut poll = |owned| {
            let waker = Waker::from(Arc::new(Owner(owned)));
            let polled = changes.poll_next(&mut Context::from_waker(&waker));
            polled.is_pending()
        };
        assert!(poll(Some(jar)));
        assert!(poll(None), "the jar goes with its waker");
        assert!(!poll(None), "the queue has ended");
    });
}
