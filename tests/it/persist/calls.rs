//! Calls of sessions in a database: requests and responses, their changes, listing, files, waiting.

use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use cookiejar::headers::Merge;
use cookiejar::jar::{ChangeCause, ChangeOrigin, Heard, ManualClock};
use cookiejar::persist::{PersistError, PersistOptions};
use cookiejar::testing::MemoryEngine;
use cookiejar::{CookieSessions, RequestCookies};
use time::OffsetDateTime;
use time::macros::datetime;

use super::{Sessions, header, jar, key, options, sessions, set, until, url};

type Headers = Vec<(String, Vec<u8>)>;

/// The options of a session's request.
#[track_caller]
fn sent(headers: &Headers) -> &[u8] {
    match headers.as_slice() {
        [] => b"",
        [(name, value)] if name == "Cookie" => value,
        headers => panic!("{headers:?}"),
    }
}

#[test]
fn requests_and_responses_are_processed_as_in_memory() {
    let engine = MemoryEngine::new();
    let in_database = sessions(&engine);
    let in_memory: CookieSessions<String> = CookieSessions::new();
    let anna = key("anna");
    let cases = [
        RequestCookies::new(&anna),
        RequestCookies::new(&anna).cookies([("lang", "de")]),
        RequestCookies::new(&anna).receive(false),
        RequestCookies::new(&anna).merge(Merge::Append),
        RequestCookies::new(&anna).do_not_merge(),
        RequestCookies::new(&anna)
            .do_not_merge()
            .cookies([("once", "1")]),
        RequestCookies::new(None),
    ];
    for (number, cookies) in cases.iter().enumerate() {
        let text = format!("c{number}=1");
        let response = [
            ("Set-Cookie", text.as_str()),
            ("Set-Cookie", "bad=1; Domain=other.example"),
        ];
        let expected = in_memory.process_response(cookies, &response, &url());
        let report = in_database.process_response(cookies, &response, &url());
        assert_eq!(report.expect("it is loaded"), expected, "{cookies:?}");

        let mut headers: [Headers; 2] = Default::default();
        let expected = in_memory.process_request(cookies, &mut headers[0], &url());
        let report = in_database.process_request(cookies, &mut headers[1], &url());
        assert_eq!(report.expect("it is loaded"), expected, "{cookies:?}");
        assert_eq!(sent(&headers[1]), sent(&headers[0]), "{cookies:?}");
    }
    in_database.flush().wait().expect("it is written");
    let mut headers = Headers::new();
    let elsewhere = sessions(&engine);
    elsewhere
        .process_request(&anna, &mut headers, &url())
        .expect("it is loaded");
    assert_eq!(sent(&headers), b"c0=1; c1=1; lang=de; c3=1");

    in_database.close().expect("it is written");
    elsewhere.clone().close().expect("nothing waits");
    let result = elsewhere.process_response(&anna, &[("Set-Cookie", "a=1")], &url());
    assert!(matches!(result, Err(PersistError::Closed)));
    let result = elsewhere.process_request(&anna, &mut headers, &url());
    assert!(matches!(result, Err(PersistError::Closed)));
}

#[test]
fn changes_of_all_sessions_are_heard_with_their_origin() {
    let engine = MemoryEngine::new();
    let (one, other) = (sessions(&engine), sessions(&engine));
    let anna = jar(&one, "anna");
    let mut changes = one.changes(NonZeroUsize::new(100).expect("not zero"));
    set(&anna, "a=1");
    set(&jar(&one, "bert"), "b=1");
    one.flush().wait().expect("it is written");
    set(&jar(&other, "anna"), "a=2");
    other.remove(&key("bert")).expect("it ends");
    set(&one.jar(None).wait().expect("it is loaded"), "n=1");
    until("remote changes are there", || {
        header(&anna) == "a=2" && jar(&one, "bert").is_empty()
    });

    let mut heard = Vec::new();
    while let Some(Heard::Change(change)) = changes.try_next() {
        let name = change.change.cookie.name().to_owned();
        heard.push((change.key, name, change.change.cause, change.change.origin));
    }
    heard.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    let local = |name: Option<&str>, cookie: &str| {
        (
            name.map(key),
            key(cookie),
            ChangeCause::Stored,
            ChangeOrigin::Local,
        )
    };
    let remote = |name: &str, cookie: &str, cause| {
        (Some(key(name)), key(cookie), cause, ChangeOrigin::Remote)
    };
    let expected = [
        local(None, "n"),
        local(Some("anna"), "a"),
        remote("anna", "a", ChangeCause::Replaced),
        local(Some("bert"), "b"),
        remote("bert", "b", ChangeCause::Removed),
    ];
    assert_eq!(heard, expected);

    drop(changes);
    set(&anna, "a=3");
    assert_eq!(header(&anna), "a=3");
}

#[test]
fn the_list_has_last_use_and_size() {
    const START: OffsetDateTime = datetime!(2026-11-21 08:00 UTC);
    let millis = |hours: u64| START.unix_timestamp().unsigned_abs() * 1_000 + hours * 3_600_000;
    let engine = MemoryEngine::new();
    engine.set_time(millis(0));
    let clock = ManualClock::new(START);
    let here = Sessions::open(engine.clone(), options().clock(clock.clone())).expect("it opens");
    for name in ["anna", "bert", "carl"] {
        set(&jar(&here, name), "a=1");
    }
    set(&jar(&here, "bert"), "b=2");
    here.flush().wait().expect("it is written");
    let list = |sessions: &Sessions| -> Vec<_> {
        let listed = sessions.keys().map(|listed| listed.expect("a session"));
        listed
            .map(|listed| (listed.key, listed.cookies, listed.last_used))
            .collect()
    };
    let row = |name: &str, cookies, hours| {
        (
            Some(key(name)),
            cookies,
            START + time::Duration::hours(hours),
        )
    };
    assert_eq!(
        list(&here),
        [row("anna", 1, 0), row("bert", 2, 0), row("carl", 1, 0)]
    );
    let bytes: Vec<_> = here
        .keys()
        .map(|listed| listed.expect("a session").bytes)
        .collect();
    assert!(bytes[0] > 50 && bytes[1] == 2 * bytes[0], "{bytes:?}");

    // Requesting a jar counts as use, which is recorded once an hour.
    for (hours, noted) in [(2, 2), (2, 2), (3, 3)] {
        engine.set_time(millis(hours));
        clock.set(START + time::Duration::hours(hours.cast_signed()));
        jar(&here, "anna");
        here.load([Some(&key("bert"))])
            .wait()
            .expect("it is loaded");
        assert!(here.get(&key("carl")).is_some());
        here.flush().wait().expect("it is written");
        assert_eq!(
            list(&here),
            [row("anna", 1, noted), row("bert", 2, 0), row("carl", 1, 0)]
        );
    }
    engine.set_time(millis(3) + 1_800_000);
    clock.advance(time::Duration::minutes(30));
    jar(&here, "anna");
    here.flush().wait().expect("it is written");
    assert_eq!(list(&here)[0], row("anna", 1, 3));

    // Looking creates nothing.
    jar(&here, "nobody");
    here.flush().wait().expect("it is written");
    assert_eq!(list(&here).len(), 3);
}

#[test]
fn sessions_move_through_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sessions.json");
    let here = sessions(&MemoryEngine::new());
    set(&jar(&here, "anna"), "a=1");
    set(&here.jar(None).wait().expect("it is loaded"), "n=1");
    here.flush().wait().expect("it is written");
    let saved = here.export_to(&file).expect("it is saved");
    assert_eq!(saved.report.written, 2);

    let in_memory: CookieSessions<String> = CookieSessions::new();
    in_memory.load(&file).expect("it is read");
    assert_eq!(header(&in_memory.jar(&key("anna"))), "a=1");
    in_memory.process_response(&key("anna"), &[("Set-Cookie", "b=2")], &url());
    in_memory.save(&file).expect("it is saved");
    let report = here.import_from(&file).expect("it is read");
    assert!(report.skipped.is_empty(), "{report:?}");
    assert_eq!(header(&jar(&here, "anna")), "a=1; b=2");

    std::fs::write(&file, "no JSON").expect("a file");
    assert!(matches!(
        here.import_from(&file),
        Err(PersistError::Load(_))
    ));
    let nowhere = folder.path().join("no folder").join("sessions.json");
    assert!(matches!(
        here.export_to(nowhere),
        Err(PersistError::Save(_))
    ));
    here.clone().close().expect("it is written");
    assert!(matches!(here.import_from(&file), Err(PersistError::Closed)));
    assert!(matches!(here.export_to(&file), Err(PersistError::Closed)));
}

#[test]
fn waiting_ends_with_the_change_of_another_process() {
    let engine = MemoryEngine::new();
    let (one, other) = (sessions(&engine), sessions(&engine));
    let forever = Duration::from_secs(600);
    let waiting = one.wait_for(&key("anna"), |jar| header(jar) == "sid=1", forever);
    let waiter = thread::spawn(move || waiting.wait());
    set(&jar(&other, "anna"), "sid=0");
    set(&jar(&other, "anna"), "sid=1");
    let found = waiter.join().expect("no panic").expect("it is loaded");
    assert_eq!(header(&found.expect("it came")), "sid=1");

    // A change of its own, and one that is already in effect.
    let waiting = one.wait_for(&key("bert"), |jar| header(jar) == "b=1", forever);
    let bert = jar(&one, "bert");
    let waiter = thread::spawn(move || waiting.wait());
    set(&bert, "b=1");
    assert!(
        waiter
            .join()
            .expect("no panic")
            .expect("it is loaded")
            .is_some()
    );
    assert!(
        one.wait_for(&key("bert"), |jar| jar.len() == 1, Duration::ZERO)
            .wait()
            .expect("it is loaded")
            .is_some()
    );

    let waiting = one.wait_for(&key("carl"), |jar| !jar.is_empty(), forever);
    one.close().expect("nothing waits");
    assert!(matches!(waiting.wait(), Err(PersistError::Closed)));
}

#[tokio::test]
async fn waiting_has_an_end_of_its_own() {
    let sessions = Sessions::open(MemoryEngine::new(), PersistOptions::new()).expect("it opens");
    for wait in [Duration::ZERO, Duration::from_millis(20)] {
        let waiting = || sessions.wait_for(&key("anna"), |jar| !jar.is_empty(), wait);
        assert!(waiting().await.expect("it is loaded").is_none());
        assert!(waiting().wait().expect("it is loaded").is_none());
    }
}
