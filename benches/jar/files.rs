//! 100,000 cookies as `cookies.txt`, loaded into a jar and saved without fsync, from and to
//! memory.
//!
//! The floor has no rules, no limits and no report, and one block of memory per cookie. `cookie_store`
//! has its own JSON format; so has this crate.

use std::collections::HashMap;
use std::hint::black_box;

use cookie_store::{CookieStore, RawCookie};
use cookiejar::CookieJar;
use cookiejar::file::{ReadOptions, WriteOptions, cookies_txt};
use cookiejar_benches::data::{self, Rng};
use cookiejar_benches::python::Measured;
use cookiejar_benches::table::{Figure, Row};
use serde_json::json;

use crate::harness::{Harness, SINGLE_RUNS, single};
use crate::report::Report;

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    let domains = if harness.is_test() { 100 } else { 20_000 };
    if harness.wants("files, cookies.txt") {
        text(harness, report, &List::new(domains, Order::Grouped));
    }
    if harness.wants("files, scattered") {
        scattered(harness, report, &List::new(domains, Order::Scattered));
    }
    if harness.wants("files, JSON") {
        json(harness, report, &List::new(domains, Order::Grouped));
    }
}

fn text(harness: &mut Harness, report: &mut Report, list: &List) {
    let (file, jar, store) = (list.file(), list.jar(), list.store());
    list.check(&jar, &store);
    let records = floor::load(&file);
    let stored = save_store(&store);
    let [load_floor, load, load_peer, save_floor, save, save_peer] = harness.medians(
        SINGLE_RUNS,
        [
            &mut |_| single(|| floor::load(&file)),
            &mut |_| single(|| load(&file)),
            &mut |_| single(|| load_store(&stored)),
            &mut |_| single(|| floor::save(&records)),
            &mut |_| single(|| self::save(&jar)),
            &mut |_| single(|| save_store(&store)),
        ],
    );
    let python = time_python(harness, list);
    let python = |part| python.as_ref().and_then(|measured| measured.time(part));
    report.add(
        row(
            "files, load 100000 cookies from cookies.txt",
            load,
            load_floor,
        )
        .peer(JSON_PEER, load_peer)
        .python(python("load"))
        .at_most_floors(2.0),
    );
    report.add(
        row(
            "files, save 100000 cookies as cookies.txt",
            save,
            save_floor,
        )
        .peer(JSON_PEER, save_peer)
        .python(python("save"))
        .at_most_floors(2.0),
    );
}

fn scattered(harness: &mut Harness, report: &mut Report, list: &List) {
    let (file, jar) = (list.file(), list.jar());
    list.check(&jar, &list.store());
    let records = floor::load(&file);
    let [load_floor, load, save_floor, save] = harness.medians(
        SINGLE_RUNS,
        [
            &mut |_| single(|| floor::load(&file)),
            &mut |_| single(|| load(&file)),
            &mut |_| single(|| floor::save(&records)),
            &mut |_| single(|| self::save(&jar)),
        ],
    );
    report.add(row("files, load scattered domains", load, load_floor));
    report.add(row("files, save scattered domains", save, save_floor));
}

fn json(harness: &mut Harness, report: &mut Report, list: &List) {
    use cookiejar::file::json;

    let (jar, store) = (list.jar(), list.store());
    let write = || {
        let mut out = Vec::new();
        let report = json::write(&mut out, jar.iter(), &WriteOptions::new());
        assert_eq!(report.expect("written to memory").written, list.cookies());
        out
    };
    let load = |file: &[u8]| {
        let reading = json::read(file, &ReadOptions::new()).expect("a file");
        let jar: CookieJar = reading.cookies.into_iter().collect();
        jar
    };
    let (file, stored) = (write(), save_store(&store));
    list.check(&load(&file), &load_store(&stored));
    let [read, written, load_peer, save_peer] = harness.medians(
        SINGLE_RUNS,
        [
            &mut |_| single(|| load(black_box(&file))),
            &mut |_| single(write),
            &mut |_| single(|| load_store(&stored)),
            &mut |_| single(|| save_store(&store)),
        ],
    );
    report.add(
        row("files, load 100000 cookies from JSON", read, None)
            .peer(JSON_PEER, load_peer)
            .faster_than(JSON_PEER, 1.0),
    );
    report.add(
        row("files, save 100000 cookies as JSON", written, None)
            .peer(JSON_PEER, save_peer)
            .faster_than(JSON_PEER, 2.0),
    );
}

const JSON_PEER: &str = "cookie_store (JSON)";

fn row(workload: &str, ours: Option<Figure>, floor: Option<Figure>) -> Row {
    Row::new(workload, ours.expect("a turn at least")).floor(floor)
}

fn load(file: &[u8]) -> CookieJar {
    let reading = cookies_txt::read(black_box(file), &ReadOptions::new()).expect("a file");
    reading.cookies.into_iter().collect()
}

fn save(jar: &CookieJar) -> Vec<u8> {
    let mut out = Vec::new();
    cookies_txt::write(&mut out, jar.iter(), &WriteOptions::new()).expect("written to memory");
    out
}

fn load_store(file: &[u8]) -> CookieStore {
    cookie_store::serde::json::load(black_box(file)).expect("a file")
}

fn save_store(store: &CookieStore) -> Vec<u8> {
    let mut out = Vec::new();
    cookie_store::serde::json::save(store, &mut out).expect("written to memory");
    out
}

fn time_python(harness: &Harness, list: &List) -> Option<Measured> {
    let python = harness.python()?;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookies.txt");
    std::fs::write(&file, list.file()).expect("a place for a file");
    let task = json!({"task": "files", "file": file, "cookies": list.cookies()});
    Some(python.measure(&task))
}

/// How the cookies of one domain are arranged in the file.
#[derive(Clone, Copy)]
enum Order {
    /// Together, as in the files of curl and of browsers.
    Grouped,
    /// As far apart as possible, so that each look-up of a domain waits for memory.
    Scattered,
}

/// The contents of the file.
struct List(Vec<Entry>);

struct Entry {
    host: String,
    host_only: bool,
    secure: bool,
    expires: i64,
    name: String,
    value: String,
}

/// After the year 2039, which no clock has reached.
const EXPIRES: i64 = 2_210_000_000;

impl List {
    fn new(domains: usize, order: Order) -> Self {
        let mut rng = Rng::new(6);
        let mut entry = |number: usize| {
            let domain = match order {
                Order::Grouped => number / data::SITE_COOKIES,
                Order::Scattered => number % domains,
            };
            Entry {
                host: format!("www.site{domain}.example"),
                host_only: rng.below(2) == 0,
                secure: rng.below(3) == 0,
                expires: EXPIRES + i64::try_from(number).expect("a small number"),
                name: format!("name{number}"),
                value: rng.hex(30),
            }
        };
        Self((0..domains * data::SITE_COOKIES).map(&mut entry).collect())
    }

    fn cookies(&self) -> usize {
        self.0.len()
    }

    fn file(&self) -> Vec<u8> {
        let mut file = "# Netscape HTTP Cookie File\n\n".to_owned();
        file.extend(self.0.iter().map(Entry::line));
        file.into_bytes()
    }

    fn jar(&self) -> CookieJar {
        load(&self.file())
    }

    fn store(&self) -> CookieStore {
        let mut store = CookieStore::default();
        for entry in &self.0 {
            let cookie = RawCookie::parse(entry.field()).expect("a good cookie");
            let url = data::url(&format!("https://{}/", entry.host));
            store.insert_raw(&cookie, &url).expect("a good cookie");
        }
        store
    }

    /// Everything that is loaded and saved contains this.
    fn check(&self, jar: &CookieJar, store: &CookieStore) {
        let file = self.file();
        let saved_by_floor = floor::save(&floor::load(&file));
        for saved in [save(jar), save(&load(&file)), saved_by_floor] {
            assert_eq!(sorted_lines(&saved), sorted_lines(&file));
        }
        let stored = load_store(&save_store(store));
        assert_eq!(stored.iter_unexpired().count(), self.cookies());
    }
}

fn sorted_lines(file: &[u8]) -> Vec<&[u8]> {
    let lines = file.split(|&byte| byte == b'\n');
    let mut lines: Vec<_> = lines.filter(|line| line.contains(&b'\t')).collect();
    lines.sort_unstable();
    lines
}

impl Entry {
    fn line(&self) -> String {
        let flag = |yes| if yes { "TRUE" } else { "FALSE" };
        let dot = if self.host_only { "" } else { "." };
        let Self {
            host,
            expires,
            name,
            value,
            ..
        } = self;
        let (subdomains, secure) = (flag(!self.host_only), flag(self.secure));
        format!("{dot}{host}\t{subdomains}\t/\t{secure}\t{expires}\t{name}\t{value}\n")
    }

    fn field(&self) -> String {
        let Self {
            host, name, value, ..
        } = self;
        let domain = if self.host_only {
            String::new()
        } else {
            format!("; Domain={host}")
        };
        let secure = if self.secure { "; Secure" } else { "" };
        let lives = self.expires - EXPIRES + 1_000_000;
        format!("{name}={value}; Path=/; Max-Age={lives}{domain}{secure}")
    }
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
