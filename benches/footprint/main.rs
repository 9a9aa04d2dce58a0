//! How much memory jars hold, next to the floor and the peers: bytes that were allocated and not
//! freed, which are the same on every machine.
//!
//! The table at the end of the bench `jar` shows the figures, which this bench leaves in the target
//! directory for it. `cargo bench` runs the two in this order.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::PathBuf;

use allocation_counter::measure;
use cookie_store::CookieStore;
use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
use cookiejar::testing::MemoryEngine;
use cookiejar::{CookieJar, CookieSessions};
use cookiejar_benches::data::{self, Response, SITE_COOKIES};
use cookiejar_benches::python::{self, Python};
use serde_json::json;

use crate::floor::Floor;
use crate::subject::{Ours, Subject};

#[path = "../jar/floor.rs"]
#[allow(dead_code, reason = "the bench `jar` uses the rest")]
mod floor;
#[path = "../jar/subject.rs"]
#[allow(dead_code, reason = "the bench `jar` uses the rest")]
mod subject;

fn main() {
    let mut lines = Lines::from_args();
    sites(&mut lines);
    sessions(&mut lines);
    attached(&mut lines);
    one_host(&mut lines);
    print!("{}", lines.text);
    if !lines.is_test {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("footprint.tsv");
        fs::write(file, lines.text).expect("the target directory can be written to");
    }
}

/// A measurement: the workload, the subject, and bytes.
struct Lines {
    text: String,
    filter: Option<String>,
    /// `cargo test --benches` runs everything once, at its smallest size.
    is_test: bool,
}

impl Lines {
    fn from_args() -> Self {
        let mut arguments = std::env::args().skip(1);
        Self {
            text: String::new(),
            filter: arguments.find(|argument| !argument.starts_with('-')),
            is_test: !std::env::args().any(|argument| argument == "--bench"),
        }
    }

    fn wants(&self, workload: &str) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| workload.contains(filter) || filter.contains(workload))
    }

    fn add(&mut self, workload: &str, subject: &str, bytes: f64) {
        let _ = writeln!(self.text, "{workload}\t{subject}\t{bytes:.1}");
    }
}

fn sites(lines: &mut Lines) {
    let sizes: &[usize] = if lines.is_test {
        &[100]
    } else {
        &[100, 10_000, 100_000]
    };
    for &sites in sizes {
        let workload = format!("domains, memory of {sites}, per cookie");
        if !lines.wants(&workload) {
            continue;
        }
        let responses = data::site_responses(sites);
        lines.add(&workload, Ours::NAME, held::<Ours>(&responses));
        lines.add(&workload, Floor::NAME, held::<Floor>(&responses));
        lines.add(
            &workload,
            CookieStore::NAME,
            held::<CookieStore>(&responses),
        );
        // Counting makes Python several times as slow.
        let python = (sites <= 10_000).then(|| held_by_python(lines.is_test, &responses));
        if let Some(Some(bytes)) = python {
            lines.add(&workload, "Python", bytes);
        }
    }
}

/// Bytes per cookie of a jar with these cookies.
fn held<S: Subject>(responses: &[Response]) -> f64 {
    let mut jar = None;
    let info = measure(|| jar = Some(subject::filled::<S>(responses)));
    subject::check(
        &jar.expect("a jar"),
        &data::known_url(responses.len() - 1),
        Some(&responses[responses.len() - 1].cookie_header()),
    );
    per(info.bytes_current, responses.len() * SITE_COOKIES)
}

fn held_by_python(is_test: bool, responses: &[Response]) -> Option<f64> {
    let task = json!({"task": "memory", "fill": python::responses(responses)});
    Python::find(is_test)?.measure(&task).number("memory")
}

/// A full crawler, per cookie: sessions, jars, cookies, indexes, keys. Each session has the five cookies
/// that a site sends after a login.
fn sessions(lines: &mut Lines) {
    let sessions: u32 = if lines.is_test { 100 } else { 100_000 };
    for hosts in [1, 2, 5] {
        let plural = if hosts == 1 { "" } else { "s" };
        let workload =
            format!("sessions, memory of 100000, 5 cookies of {hosts} host{plural}, per cookie");
        if lines.wants(&workload) {
            lines.add(&workload, Ours::NAME, held_by_sessions(sessions, hosts));
        }
    }
}

fn held_by_sessions(count: u32, hosts: usize) -> f64 {
    const FIELDS: [(&str, &str); 5] = [
        (
            "Set-Cookie",
            "sessionid=5b6f1a0c9d3e4f27a8b1c2d3e4f50617; Path=/; HttpOnly; Secure",
        ),
        (
            "Set-Cookie",
            "csrftoken=JbV0m9qk3FzXc7Ty; Path=/; Max-Age=31449600; SameSite=Lax",
        ),
        ("Set-Cookie", "lang=de; Path=/; Max-Age=31536000"),
        ("Set-Cookie", "currency=EUR; Path=/shop"),
        ("Set-Cookie", "seen=1"),
    ];
    let urls: Vec<_> = (0..hosts)
        .map(|host| data::url(&format!("https://www.site{host}.example/shop/cart")))
        .collect();
    let sessions = CookieSessions::new();
    let info = measure(|| {
        for number in 0..count {
            for (field, url) in FIELDS.iter().zip(urls.iter().cycle()) {
                sessions.process_response(&number, std::slice::from_ref(field), url);
            }
        }
    });
    let cookies: usize = sessions.iter().map(|(_, jar)| jar.len()).sum();
    assert_eq!(Ok(cookies), usize::try_from(count).map(|count| 5 * count));
    per(info.bytes_current, cookies)
}

/// The bytes that a database adds to a session: empty sessions with one, minus the same number without. Cookies
/// with no pending writes add nothing.
fn attached(lines: &mut Lines) {
    let workload = "database, memory of an attached session";
    if !lines.wants(workload) {
        return;
    }
    let keys: Vec<u32> = (0..if lines.is_test { 100 } else { 100_000 }).collect();
    let plain = CookieSessions::new();
    let without = measure(|| {
        for key in &keys {
            black_box(plain.jar(key));
        }
    });
    let (engine, options) = (MemoryEngine::new(), PersistOptions::new());
    let sessions = PersistentCookieSessions::<u32>::open(engine, options).expect("it opens");
    // The allocations of this thread: the jars, and what attaches them. What waits to be loaded is not counted twice.
    let with = measure(|| {
        for keys in keys.chunks(1_000) {
            let loaded = sessions.load(keys.iter().map(Some)).wait();
            loaded.expect("they are loaded");
        }
    });
    let more = with.bytes_current - without.bytes_current;
    lines.add(workload, Ours::NAME, per(more, keys.len()));
}

/// The peak of memory while one host sets `count` different cookies.
fn one_host(lines: &mut Lines) {
    let workload = "growth, memory, 10^6 cookies of one host, at most";
    if !lines.wants(workload) {
        return;
    }
    let cookies = if lines.is_test { 1_000 } else { 1_000_000 };
    let url = data::url("https://www.acme.com/");
    let info = measure(|| {
        let mut jar = CookieJar::new();
        for number in 0..cookies {
            jar.extract_cookies(
                &[("Set-Cookie", format!("name{number}=value; Max-Age=86400"))],
                &url,
            );
        }
        assert!(jar.len() <= 180, "{} cookies", jar.len());
        black_box(jar);
    });
    let most = i64::try_from(info.bytes_max).expect("a small number");
    lines.add(workload, Ours::NAME, per(most, 1));
}

fn per(bytes: i64, cookies: usize) -> f64 {
    let bytes = u32::try_from(bytes).expect("less than 4 GiB");
    f64::from(bytes) / f64::from(u32::try_from(cookies).expect("a million at most"))
}
