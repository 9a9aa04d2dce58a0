//! A jar in a database.

use std::time::Duration;

use cookiejar::SharedCookieJar;
use cookiejar::persist::{PersistError, PersistentCookieJar};
use cookiejar::testing::MemoryEngine;
use url::Url;

use super::{header, options, set, until, url};

fn open(engine: &MemoryEngine) -> PersistentCookieJar {
    PersistentCookieJar::with(engine.clone(), options()).expect("it opens")
}

#[test]
fn a_jar_outlives_the_program_with_its_order() {
    let engine = MemoryEngine::new();
    let jar = open(&engine);
    for cookie in [
        "b=2; Max-Age=3600",
        "a=1; Max-Age=3600; Domain=acme.com",
        "c=3; Max-Age=3600; Path=/",
    ] {
        set(&jar.jar(), cookie);
    }
    let other = Url::parse("http://localhost/").expect("a URL");
    jar.jar()
        .extract_cookies(&[("Set-Cookie", "l=1; Max-Age=60")], &other);
    assert_eq!(header(&jar.jar()), "b=2; a=1; c=3");
    jar.close().expect("it is written");

    let again = open(&engine).jar();
    assert_eq!(header(&again), "b=2; a=1; c=3");
    assert_eq!(again.cookie_header(&other).expect("a cookie"), "l=1");
    assert_eq!(again.len(), 4);
}

/// A process that missed changes loads all sessions, not only those that it knows.
#[test]
fn a_family_created_while_changes_were_missed_is_loaded() {
    let engine = MemoryEngine::new();
    let (here, there) = (open(&engine), open(&engine));
    engine.hide_changes(u32::MAX);
    set(&there.jar(), "a=1; Max-Age=60");
    there.flush().wait_at_most(Duration::ZERO);
    until("it is written", || there.status().written > 0);
    engine.change_history("default");
    engine.hide_changes(0);
    until("it is loaded", || header(&here.jar()) == "a=1");
}

#[test]
fn a_jar_keeps_its_database_open() {
    let engine = MemoryEngine::new();
    let jar: SharedCookieJar = open(&engine).jar();
    set(&jar, "a=1; Max-Age=3600");
    drop(jar);
    assert_eq!(header(&open(&engine).jar()), "a=1");
}

#[test]
fn session_cookies_stay_in_memory_unless_asked() {
    let engine = MemoryEngine::new();
    let jar = open(&engine);
    set(&jar.jar(), "kept=1; Max-Age=3600");
    set(&jar.jar(), "gone=1; Max-Age=3600");
    set(&jar.jar(), "gone=session cookie");
    set(&jar.jar(), "other=session cookie");
    assert_eq!(
        header(&jar.jar()),
        "kept=1; gone=session cookie; other=session cookie"
    );
    assert_eq!(jar.status().left_out, 2);
    jar.close().expect("it is written");
    assert_eq!(header(&open(&engine).jar()), "kept=1");

    let keeping = || {
        PersistentCookieJar::with(
            engine.clone(),
            options().namespace("other").session_cookies(true),
        )
    };
    let jar = keeping().expect("it opens");
    set(&jar.jar(), "a=session cookie");
    assert_eq!(jar.status().left_out, 0);
    drop(jar);
    assert_eq!(
        header(&keeping().expect("it opens").jar()),
        "a=session cookie"
    );
}

#[test]
fn two_processes_share_a_jar() {
    let engine = MemoryEngine::new();
    let (one, other) = (open(&engine), open(&engine));
    set(&one.jar(), "a=1; Max-Age=3600");
    until("the other hears of it", || header(&other.jar()) == "a=1");
    set(&other.jar(), "b=2; Max-Age=3600");
    set(&other.jar(), "session=1");
    until("and answers", || header(&one.jar()) == "a=1; b=2");

    one.jar().clear();
    until(
        "a clear reaches the other, but for what it keeps to itself",
        || header(&other.jar()) == "session=1",
    );
    set(&one.jar(), "c=3; Max-Age=3600");
    until("and what comes after it", || {
        header(&other.jar()) == "session=1; c=3"
    });
    one.flush().wait().expect("it is written");
    assert_eq!(header(&open(&engine).jar()), "c=3");
}

#[test]
fn namespaces_are_apart() {
    let engine = MemoryEngine::new();
    set(&open(&engine).jar(), "a=1; Max-Age=3600");
    let other = PersistentCookieJar::with(engine.clone(), options().namespace("other"));
    assert!(other.expect("it opens").jar().is_empty());
    let result = PersistentCookieJar::with(engine, options().namespace("no/namespace"));
    assert!(matches!(result, Err(PersistError::Namespace)));
}

#[cfg(feature = "sqlite-system")]
#[test]
fn a_file_is_a_jar() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("jar.db");
    let open = || PersistentCookieJar::open(&file).expect("it opens").jar();
    let jar = open();
    set(&jar, "sid=31d4; Max-Age=3600");
    assert_eq!(jar.cookie_header(&url()).expect("a cookie"), "sid=31d4");
    drop(jar);
    assert_eq!(header(&open()), "sid=31d4");

    let (one, other) = (open(), open());
    set(&one, "theme=dark; Max-Age=3600");
    until("another connection hears of it", || {
        header(&other) == "sid=31d4; theme=dark"
    });
}

#[test]
fn a_wait_may_be_as_long_as_a_duration() {
    let engine = cookiejar::testing::MemoryEngine::new();
    let options = cookiejar::persist::PersistOptions::new()
        .linger(std::time::Duration::MAX)
        .tombstones(std::time::Duration::MAX)
        .sessions_end_after(Some(std::time::Duration::MAX));
    let jar = cookiejar::persist::PersistentCookieJar::with(engine, options).expect("it opens");
    set(&jar.jar(), "theme=dark; Max-Age=3600");
    let flushed = jar.flush().wait_at_most(std::time::Duration::MAX);
    flushed.expect("it ends").expect("it is written");
}

#[cfg(feature = "sqlite")]
#[test]
fn a_file_may_be_waited_for_as_long_as_a_duration() {
    use cookiejar::persist::sqlite::Sqlite;

    let folder = tempfile::tempdir().expect("a folder");
    let engine = Sqlite::file(folder.path().join("jar.db")).busy_timeout(Duration::MAX);
    let jar = PersistentCookieJar::with(engine, options()).expect("it opens");
    set(&jar.jar(), "theme=dark; Max-Age=3600");
    jar.flush().wait().expect("it is written");
}
