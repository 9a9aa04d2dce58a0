//! Jars and sessions in a SQLite file, and in Redis and PostgreSQL if `COOKIEJAR_REDIS` and `COOKIEJAR_POSTGRES` name
//! servers. Code that waits for the disk, a server or other threads is measured in wall-clock time, with files in the
//! temporary folder; the rest in processor time.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use cookiejar::SharedCookieJar;
use cookiejar::persist::sqlite::Sqlite;
use cookiejar::persist::{PersistOptions, PersistentCookieJar, PersistentCookieSessions};
use cookiejar_benches::data::{self, Rng};
use cookiejar_benches::table::{Figure, Row};
use tempfile::TempDir;

use crate::harness::Harness;
use crate::memory;
use crate::report::Report;

mod attached;
mod between;
mod floor;
mod place;
mod postgres;
mod sessions;
mod writing;

/// The start of the name of each workload.
const NAME: &str = "database";

/// How often a measurement that takes a second is repeated.
const RUNS: usize = 3;

type Sessions = PersistentCookieSessions<u32>;

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    attached::run(harness, report);
    writing::run(harness, report);
    sessions::run(harness, report);
    opening(harness, report);
    between::run(harness, report);
    memory::rows(
        harness,
        report,
        "database, memory of an attached session",
        Figure::Bytes(160.0),
    );
}

/// A file in its own folder.
struct File {
    _folder: TempDir,
    path: PathBuf,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("jar.db");
        Self {
            _folder: folder,
            path,
        }
    }

    fn engine(&self) -> Sqlite {
        Sqlite::file(&self.path)
    }

    fn jar(&self, linger: Duration) -> PersistentCookieJar {
        let options = PersistOptions::new().linger(linger).session_cookies(true);
        PersistentCookieJar::with(self.engine(), options).expect("it opens")
    }

    /// Bytes of the file without its log.
    fn bytes(&self) -> f64 {
        let connection = rusqlite::Connection::open(&self.path).expect("a database");
        let number = |pragma: &str| -> u32 {
            connection
                .pragma_query_value(None, pragma, |row| row.get(0))
                .expect("a number")
        };
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        f64::from(number("page_count")) * f64::from(number("page_size"))
    }
}

/// Wall-clock time.
fn wall<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let done = work();
    (begin.elapsed(), done)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The 99th percentile.
fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// Opens a jar of 100,000 cookies, which loads them all.
fn opening(harness: &Harness, report: &mut Report) {
    let sites = if harness.is_test() { 100 } else { 20_000 };
    let workload = format!(
        "{NAME}, opening a jar of {} cookies",
        sites * data::SITE_COOKIES
    );
    if !harness.wants(&workload) {
        return;
    }
    let file = File::new();
    let jar = file.jar(Duration::ZERO);
    fill(&jar.jar(), sites);
    jar.close().expect("it is written");
    let open = || {
        let (time, jar) = wall(|| file.jar(Duration::ZERO).jar());
        assert_eq!(jar.len(), sites * data::SITE_COOKIES);
        time
    };
    let time = median((0..RUNS).map(|_| open()).collect());
    report.add(Row::new(workload, Figure::nanoseconds(time)).at_most(Figure::Nanoseconds(400e6)));
}

fn fill(jar: &SharedCookieJar, sites: usize) {
    for response in data::site_responses(sites) {
        jar.extract_cookies(&response.headers, &response.url);
    }
}

/// The cookies of a login.
fn response(rng: &mut Rng) -> [(&'static str, String); 3] {
    [
        (
            "Set-Cookie",
            format!("sessionid={}; Path=/; HttpOnly; Secure", rng.hex(32)),
        ),
        (
            "Set-Cookie",
            format!(
                "csrftoken={}; Path=/; Max-Age=31449600; SameSite=Lax",
                rng.hex(16)
            ),
        ),
        (
            "Set-Cookie",
            format!("seen={}; Path=/; Max-Age=31536000", rng.hex(8)),
        ),
    ]
}
