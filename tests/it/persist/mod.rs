//! Jars and sessions in a database, with the threads that write, read and load.
//!
//! Nothing here measures time: the tests wait for slow operations, and fail after a far too long time.

mod altered;
mod callbacks;
mod calls;
mod claims;
mod faults;
mod hostile;
mod jar;
mod order;
#[cfg(all(
    feature = "sqlite-system",
    feature = "reqwest-0_13",
    feature = "tower",
    feature = "ureq-3"
))]
mod runtimes;
mod seal;
mod sessions;

use std::time::{Duration, Instant};

use cookiejar::SharedCookieJar;
use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
use cookiejar::testing::MemoryEngine;
use url::Url;

type Sessions = PersistentCookieSessions<String>;

fn url() -> Url {
    Url::parse("https://acme.com/").expect("a URL")
}

fn options() -> PersistOptions {
    PersistOptions::new().linger(Duration::ZERO)
}

fn sessions(engine: &MemoryEngine) -> Sessions {
    Sessions::open(engine.clone(), options()).expect("it opens")
}

fn key(text: &str) -> String {
    text.to_owned()
}

/// The jar of a session.
#[track_caller]
fn jar(sessions: &Sessions, name: &str) -> SharedCookieJar {
    sessions.jar(&key(name)).wait().expect("it is loaded")
}

fn set(jar: &SharedCookieJar, cookie: &str) {
    let report = jar.extract_cookies(&[("Set-Cookie", cookie)], &url());
    assert!(report.rejected.is_empty(), "{cookie}");
}

/// The `Cookie` header of a request.
fn header(jar: &SharedCookieJar) -> String {
    let header = jar.cookie_header(&url());
    header.map_or_else(String::new, |header| {
        String::from_utf8_lossy(header.as_bytes()).into_owned()
    })
}

/// Waits until a condition holds.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
