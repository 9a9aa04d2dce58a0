//! W6: 100,000 cookies as `cookies.txt`, loaded into a jar and saved without fsync.
//!
//! A plain program: each figure is the median of some runs, beside that of a *floor*, a minimal
//! hand-written program for the same bytes: no rules, no limits, no report, one block of memory a
//! cookie. `cargo bench --bench files -- --test` runs each once.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cookiejar::CookieJar;
use cookiejar::file::{ReadOptions, WriteOptions, cookies_txt};
use time::OffsetDateTime;

const DOMAINS: usize = 20_000;
const COOKIES: usize = 100_000;
const NOW: i64 = 1_763_712_000;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--test");
    let runs = if quick { 1 } else { 15 };
    let names: Vec<_> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| name.contains(*wanted));
    let file = file(Order::Grouped);
    let now = OffsetDateTime::from_unix_timestamp(NOW).expect("a time");
    println!(
        "{COOKIES} cookies of {DOMAINS} domains, {} bytes",
        file.len()
    );
    let jar = load(&file, now);

    if wanted("load") {
        let floor = median(runs, || floor::load(&file));
        report("load", median(runs, || load(&file, now)), floor);
        let options = ReadOptions::new().at(now);
        let read = median(runs, || cookies_txt::read(&*file, &options));
        report("read alone", read, floor);
    }
    if wanted("scattered") {
        let file = self::file(Order::Scattered);
        let floor = median(runs, || floor::load(&file));
        let ours = median(runs, || load(&file, now));
        report("load scattered", ours, floor);
        let (jar, records) = (load(&file, now), floor::load(&file));
        let floor = median(runs, || floor::save(&records));
        report("save scattered", median(runs, || save(&jar, now)), floor);
    }
    if wanted("save") {
        let records = floor::load(&file);
        let floor = median(runs, || floor::save(&records));
        report("save", median(runs, || save(&jar, now)), floor);
    }
    #[cfg(feature = "json")]
    if wanted("json") {
        let text = json(&jar);
        let options = ReadOptions::new().at(now);
        let read = median(runs, || cookiejar::file::json::read(&*text, &options));
        let write = median(runs, || json(&jar));
        println!(
            "json/{COOKIES}: read {read:.1?}, write {write:.1?}, {} bytes",
            text.len()
        );
    }
}

fn report(what: &str, ours: Duration, floor: Duration) {
    let ratio = ours.as_secs_f64() / floor.as_secs_f64();
    println!("cookies_txt/{what}/{COOKIES}: {ours:.1?}, floor {floor:.1?}, {ratio:.1} x");
}

fn median<T>(runs: usize, mut run: impl FnMut() -> T) -> Duration {
    let mut times: Vec<_> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            let result = black_box(run());
            let time = start.elapsed();
            drop(result);
            time
        })
        .collect();
    times.sort_unstable();
    times[runs / 2]
}

/// How the cookies of one domain stand in the file.
#[derive(Clone, Copy)]
enum Order {
    /// Together, as in the files of curl and of browsers.
    Grouped,
    /// As far apart as can be, so that each look-up of a domain waits for memory.
    Scattered,
}

fn file(order: Order) -> Vec<u8> {
    let mut file = b"# Netscape HTTP Cookie File\n\n".to_vec();
    for number in 0..COOKIES {
        let domain = match order {
            Order::Grouped => number / (COOKIES / DOMAINS),
            Order::Scattered => number % DOMAINS,
        };
        let (dot, flag) = if number % 2 == 0 {
            (".", "TRUE")
        } else {
            ("", "FALSE")
        };
        let secure = if number % 3 == 0 { "TRUE" } else { "FALSE" };
        let line = format!(
            "{dot}www.site{domain}.example\t{flag}\t/\t{secure}\t{}\tname{number}\tvalue-{number:024}\n",
            NOW + 86_400 + i64::try_from(number).expect("a small number"),
        );
        file.extend_from_slice(line.as_bytes());
    }
    file
}

fn load(file: &[u8], now: OffsetDateTime) -> CookieJar {
    let options = ReadOptions::new().at(now);
    let reading = cookies_txt::read(file, &options).expect("a file");
    let mut jar = CookieJar::new();
    jar.set_clock(move || now);
    jar.extend(reading.cookies);
    assert_eq!(jar.len(), COOKIES);
    jar
}

fn save<P>(jar: &CookieJar<P>, now: OffsetDateTime) -> Vec<u8> {
    let mut out = Vec::new();
    let report = cookies_txt::write(&mut out, jar.iter(), &WriteOptions::new().at(now));
    assert_eq!(report.expect("written to memory").written, COOKIES);
    out
}

#[cfg(feature = "json")]
fn json<P>(jar: &CookieJar<P>) -> Vec<u8> {
    let mut out = Vec::new();
    let report = cookiejar::file::json::write(&mut out, jar.iter(), &WriteOptions::new());
    assert_eq!(report.expect("written to memory").written, COOKIES);
    out
}

/// The same answer with nothing else.
mod floor {
    use super::HashMap;

    pub(super) struct Cookie {
        line: Box<[u8]>,
        _expires: i64,
    }

    pub(super) type Jar<'a> = HashMap<&'a [u8], Vec<Cookie>>;

    pub(super) fn load(file: &[u8]) -> Jar<'_> {
        let mut jar = Jar::new();
        for line in file.split(|&byte| byte == b'\n') {
            let mut columns = line.split(|&byte| byte == b'\t');
            let (Some(domain), Some(expires)) = (columns.next(), columns.nth(3)) else {
                continue;
            };
            let digits = expires.iter().map(|digit| i64::from(digit & 15));
            let cookie = Cookie {
                line: line.into(),
                _expires: digits.fold(0, |number, digit| number * 10 + digit),
            };
            jar.entry(domain).or_default().push(cookie);
        }
        jar
    }

    pub(super) fn save(jar: &Jar<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        for cookie in jar.values().flatten() {
            out.extend_from_slice(&cookie.line);
            out.push(b'\n');
        }
        out
    }
}
