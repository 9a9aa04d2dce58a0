//! How much memory the jar holds, beside the floor and `cookie_store`: bytes that were asked for and
//! not given back.
//!
//! The figures stand in the table at the end of the bench `jar`, for which they are left in the
//! target directory. `cargo bench` runs the two in this order.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::PathBuf;

use allocation_counter::measure;
use cookie_store::CookieStore;
use cookiejar::CookieJar;

use crate::data::{Response, SITE_COOKIES};
use crate::floor::Floor;
use crate::subject::{Ours, Subject};

#[path = "../jar/data.rs"]
#[allow(dead_code, reason = "the bench `jar` uses the rest")]
mod data;
#[path = "../jar/floor.rs"]
#[allow(dead_code, reason = "the bench `jar` uses the rest")]
mod floor;
#[path = "../jar/subject.rs"]
#[allow(dead_code, reason = "the bench `jar` uses the rest")]
mod subject;

fn main() {
    // `cargo test --benches` runs everything once, at its smallest size.
    let is_test = !std::env::args().any(|argument| argument == "--bench");
    let mut lines = String::new();
    let sizes: &[usize] = if is_test {
        &[100]
    } else {
        &[100, 10_000, 100_000]
    };
    for &sites in sizes {
        let responses = data::site_responses(sites);
        let workload = format!("W3 memory, {sites} domains, per cookie");
        let held = [
            (Ours::NAME, held::<Ours>(&responses)),
            (Floor::NAME, held::<Floor>(&responses)),
            (CookieStore::NAME, held::<CookieStore>(&responses)),
        ];
        for (subject, bytes) in held {
            let _ = writeln!(lines, "{workload}\t{subject}\t{bytes:.1}");
        }
    }
    let cookies = if is_test { 1_000 } else { 1_000_000 };
    let most = most_of_one_host(cookies);
    let _ = writeln!(
        lines,
        "growth: memory, 10^6 cookies of one host, at most\t{}\t{most}",
        Ours::NAME
    );
    print!("{lines}");
    if !is_test {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("footprint.tsv");
        fs::write(file, lines).expect("the target directory can be written to");
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
    let bytes = u32::try_from(info.bytes_current).expect("less than 4 GiB");
    f64::from(bytes)
        / f64::from(u32::try_from(responses.len() * SITE_COOKIES).expect("a million at most"))
}

/// The most bytes at any time while one host sets so many different cookies.
fn most_of_one_host(cookies: usize) -> u64 {
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
    info.bytes_max
}
