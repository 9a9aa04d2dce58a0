//! Firefox's `cookies.sqlite`, of each schema from 9 to 17, as created by this test.
#![cfg(feature = "sqlite-system")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use cookiejar::file::{
    Containers, LoadError, LoadErrorKind, Partitions, ReadOptions, Reading, Reason, Skipped,
    Source, firefox,
};
use cookiejar::{Cookie, Rejection};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::common::{NOW, header, jar};

/// A cookie of Firefox, in the units of its newest version.
#[derive(Debug, Clone, Copy)]
struct Row<'a> {
    attributes: &'a str,
    name: &'a str,
    value: &'a str,
    host: &'a str,
    path: &'a str,
    /// Milliseconds.
    expiry: i64,
    /// Microseconds.
    last_access: i64,
    created: i64,
    secure: bool,
    http_only: bool,
    same_site: i64,
}

/// An hour after [`NOW`].
fn later() -> i64 {
    (NOW.unix_timestamp() + 3600) * 1000
}

fn row<'a>(name: &'a str, host: &'a str) -> Row<'a> {
    Row {
        attributes: "",
        name,
        value: "1",
        host,
        path: "/",
        expiry: later(),
        last_access: 1_700_000_000_000_000,
        created: 1_600_000_000_000_000,
        secure: false,
        http_only: false,
        same_site: 256,
    }
}

/// The columns of a version, in order.
fn columns(version: i64) -> Vec<&'static str> {
    let all = [
        ("id INTEGER PRIMARY KEY", 0, 99),
        ("baseDomain TEXT", 0, 10),
        ("originAttributes TEXT NOT NULL DEFAULT ''", 0, 99),
        ("name TEXT", 0, 99),
        ("value TEXT", 0, 99),
        ("host TEXT", 0, 99),
        ("path TEXT", 0, 99),
        ("expiry INTEGER", 0, 99),
        ("lastAccessed INTEGER", 0, 99),
        ("creationTime INTEGER", 0, 99),
        ("isSecure INTEGER", 0, 99),
        ("isHttpOnly INTEGER", 0, 99),
        ("inBrowserElement INTEGER DEFAULT 0", 0, 99),
        ("sameSite INTEGER DEFAULT 0", 9, 99),
        ("rawSameSite INTEGER DEFAULT 0", 10, 14),
        ("schemeMap INTEGER DEFAULT 0", 12, 99),
        ("isPartitionedAttributeSet INTEGER DEFAULT 0", 13, 99),
        ("updateTime INTEGER", 17, 99),
    ];
    let is_there = |(_, first, last): &(_, i64, i64)| (*first..=*last).contains(&version);
    all.into_iter().filter(is_there).map(|row| row.0).collect()
}

fn create(file: &Path, version: i64) -> Connection {
    let connection = Connection::open(file).expect("a database");
    let schema = format!(
        "CREATE TABLE moz_cookies ({}, CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes))",
        columns(version).join(", ")
    );
    connection.execute_batch(&schema).expect("a table");
    connection
        .pragma_update(None, "user_version", version)
        .expect("a version");
    connection
}

/// Inserts a cookie as Firefox of this version would have written it.
fn insert(connection: &Connection, version: i64, row: &Row<'_>) {
    const INSERT: &str = "INSERT INTO moz_cookies (originAttributes, name, value, host, path, expiry, \
         lastAccessed, creationTime, isSecure, isHttpOnly, sameSite) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let same_site = match row.same_site {
        256 if version < 15 => 0,
        other => other,
    };
    let expiry = row.expiry / if version < 16 { 1000 } else { 1 };
    let times = (row.last_access, row.created);
    connection
        .execute(
            INSERT,
            params![
                row.attributes,
                row.name,
                row.value,
                row.host,
                row.path,
                expiry,
                times.0,
                times.1,
                row.secure,
                row.http_only,
                same_site
            ],
        )
        .expect("a row");
    if (10..=14).contains(&version) {
        let raw = "UPDATE moz_cookies SET rawSameSite = sameSite WHERE id = last_insert_rowid()";
        connection.execute_batch(raw).expect("a row");
    }
}

fn profile() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookies.sqlite");
    (folder, file)
}

/// A database of the newest version.
fn profile_with(rows: &[Row<'_>]) -> (TempDir, PathBuf) {
    let (folder, file) = profile();
    let connection = create(&file, 17);
    for row in rows {
        insert(&connection, 17, row);
    }
    (folder, file)
}

fn options() -> ReadOptions {
    ReadOptions::new().at(NOW)
}

#[track_caller]
fn read(file: &Path, options: &ReadOptions) -> Reading {
    firefox::read(file, options).expect("a database of Firefox")
}

#[track_caller]
fn error(file: &Path, options: &ReadOptions) -> LoadError {
    let error = firefox::read(file, options).expect_err("no database of Firefox");
    assert_eq!(error.file(), Some(file));
    error
}

/// The cookies with their partitions.
fn shown(reading: &Reading) -> Vec<String> {
    let show = |cookie: &Cookie| {
        let key = cookie.partition_key().map(|key| format!(" in {key}"));
        let name = cookie.name();
        format!("{name} {}{}", cookie.domain(), key.unwrap_or_default())
    };
    reading.cookies.iter().map(show).collect()
}

fn skipped(reading: &Reading) -> Vec<(u64, Reason)> {
    let skipped = reading.report.skipped.iter();
    skipped
        .map(|Skipped { line, reason, .. }| (*line, *reason))
        .collect()
}

fn seconds(time: Option<OffsetDateTime>) -> Option<i64> {
    time.map(OffsetDateTime::unix_timestamp)
}

#[test]
fn every_schema_is_read_alike() {
    for version in 9..=17 {
        let (_folder, file) = profile();
        let connection = create(&file, version);
        let rows = [
            Row {
                path: "/cart",
                secure: true,
                http_only: true,
                same_site: 2,
                ..row("sid", ".acme.com")
            },
            Row {
                value: "a b=c",
                same_site: 1,
                created: 1_600_000_001_000_000,
                ..row("lax", "www.acme.com")
            },
            Row {
                secure: true,
                same_site: 0,
                created: 1_600_000_002_000_000,
                ..row("none", "www.acme.com")
            },
            Row {
                created: 1_600_000_003_000_000,
                ..row("unset", "www.acme.com")
            },
            Row {
                expiry: NOW.unix_timestamp() * 1000,
                ..row("old", "www.acme.com")
            },
        ];
        for row in &rows {
            insert(&connection, version, row);
        }
        let reading = read(&file, &options());
        assert_eq!(reading.report.source, Source::Firefox);
        assert_eq!((reading.report.expired, reading.report.session), (1, 0));
        let [sid, lax, none, unset] = &reading.cookies[..] else {
            panic!("{version}: {:?}", reading.cookies);
        };
        assert_eq!(sid.domain(), ".acme.com");
        assert!(!sid.host_only() && lax.host_only());
        assert_eq!(sid.path(), "/cart");
        assert!(sid.secure() && sid.http_only() && !lax.secure() && !lax.http_only());
        assert_eq!(lax.value(), Some("a b=c"));
        assert_eq!(
            seconds(sid.expires()),
            Some(NOW.unix_timestamp() + 3600),
            "{version}"
        );
        assert!(!sid.discard());
        assert_eq!(seconds(sid.creation_time()), Some(1_600_000_000));
        assert_eq!(seconds(sid.last_access_time()), Some(1_700_000_000));
        let sites = [sid, lax, none, unset].map(|cookie| cookie.nonstandard_attr("SameSite"));
        let as_written = (version >= 15).then_some("None"); // earlier versions never wrote None
        assert_eq!(
            sites,
            [Some("Strict"), Some("Lax"), as_written, None],
            "{version}"
        );
        assert!(!sid.partitioned());
    }
}

/// Versions 10 to 14 have two columns: the attribute of the server, and the value that Firefox derived from it.
#[test]
fn what_the_server_said_counts() {
    let (_folder, file) = profile();
    let connection = create(&file, 12);
    insert(&connection, 12, &row("a", "acme.com"));
    let lax_by_default = "UPDATE moz_cookies SET sameSite = 1, rawSameSite = 0";
    connection.execute_batch(lax_by_default).expect("a row");
    let reading = read(&file, &options());
    assert_eq!(reading.cookies[0].same_site(), None);
}

#[test]
fn cookies_are_sent_in_the_order_of_their_creation() {
    let rows = [
        Row {
            created: 1_600_000_000_000_003,
            ..row("third", "acme.com")
        },
        Row {
            created: 1_600_000_000_000_001,
            ..row("first", "acme.com")
        },
        Row {
            created: 1_600_000_000_000_002,
            ..row("second", "acme.com")
        },
        Row {
            path: "/a",
            created: 1_600_000_000_000_009,
            ..row("longer", "acme.com")
        },
        Row {
            name: "",
            value: "nameless",
            created: 1_600_000_000_000_004,
            ..row("", "acme.com")
        },
    ];
    let (_folder, file) = profile_with(&rows);
    let (mut jar, _clock) = jar();
    jar.extend(read(&file, &options()).cookies);
    assert_eq!(
        header(&jar, "http://acme.com/a/b"),
        "longer=1; first=1; second=1; third=1; nameless"
    );
}

#[test]
fn partitions_are_kept_and_containers_are_asked_for() {
    let partition = "^partitionKey=%28https%2Cshop.example%29";
    let rows = [
        row("plain", "chat.example"),
        Row {
            attributes: partition,
            ..row("part", "chat.example")
        },
        Row {
            attributes: "^userContextId=2",
            ..row("two", "chat.example")
        },
        Row {
            attributes: "^userContextId=3",
            ..row("three", "chat.example")
        },
        Row {
            attributes: "^privateBrowsingId=1",
            ..row("private", "chat.example")
        },
    ];
    let (_folder, file) = profile_with(&rows);
    let partitioned = "part chat.example in https://shop.example";
    let table = [
        (options(), vec!["plain chat.example", partitioned], 2),
        (
            options().partitions(Partitions::Plain("https://shop.example".into())),
            vec!["plain chat.example", "part chat.example"],
            2,
        ),
        (
            options().containers(Containers::One(2)),
            vec!["two chat.example"],
            3,
        ),
        (
            options().containers(Containers::All),
            vec![
                "plain chat.example",
                partitioned,
                "two chat.example",
                "three chat.example",
            ],
            0,
        ),
    ];
    for (options, expected, others) in table {
        let reading = read(&file, &options);
        assert_eq!(shown(&reading), expected);
        assert_eq!(reading.report.other_containers, others, "{options:?}");
        assert_eq!(skipped(&reading), [(5, Reason::Partitioned)]);
    }
    let reading = read(&file, &options().partitions(Partitions::Skip));
    assert_eq!(
        skipped(&reading),
        [(5, Reason::Partitioned), (2, Reason::Partitioned)]
    );
}

#[cfg(feature = "psl")]
#[test]
fn load_any_recognizes_a_database() {
    let rows = [
        row("plain", "acme.com"),
        Row {
            attributes: "^userContextId=2",
            ..row("two", "acme.com")
        },
    ];
    let (folder, file) = profile_with(&rows);
    let reading = cookiejar::file::load_any(&file, &options()).expect("a database of Firefox");
    assert_eq!(shown(&reading), ["plain acme.com"]);
    let told = reading.report.to_string();
    assert_eq!(told, "a Firefox database, 1 of other containers skipped");

    let other = folder.path().join("other.sqlite");
    let connection = Connection::open(&other).expect("a database");
    connection
        .execute_batch("CREATE TABLE t(a)")
        .expect("a table");
    let error = cookiejar::file::load_any(&other, &options()).expect_err("of another program");
    assert!(matches!(error.kind(), LoadErrorKind::NotThisFormat));
}

#[test]
fn rows_that_are_no_cookies_cost_themselves_only() {
    let long = "v".repeat(200);
    let rows = [
        row("good", "acme.com"),
        Row {
            value: "a;b",
            ..row("semicolon", "acme.com")
        },
        Row {
            value: "a\r\nX: b",
            ..row("break", "acme.com")
        },
        row("nowhere", ""),
        row("nothing", "*.acme.com"),
        Row {
            path: "cart",
            ..row("path", "acme.com")
        },
        Row {
            value: &long,
            ..row("long", "acme.com")
        },
        row("blob", "acme.com"),
        row("soon", "acme.com"),
        Row {
            attributes: "x",
            ..row("attributes", "acme.com")
        },
        row("forever", "acme.com"),
    ];
    let (_folder, file) = profile_with(&rows);
    let connection = Connection::open(&file).expect("a database");
    connection
        .execute_batch(
            "UPDATE moz_cookies SET value = x'00' WHERE name = 'blob';
             UPDATE moz_cookies SET expiry = 'soon' WHERE name = 'soon';
             UPDATE moz_cookies SET expiry = 9223372036854775807, creationTime = -9223372036854775808,
                 lastAccessed = 9223372036854775807 WHERE name = 'forever'",
        )
        .expect("rows");
    let options = options().max_line(100);
    let reading = read(&file, &options);
    assert_eq!(shown(&reading), ["good acme.com", "forever acme.com"]);
    assert_eq!(
        reading.cookies[1].expires().map(OffsetDateTime::year),
        Some(9999)
    );
    let rejected = Reason::Rejected;
    let expected = [
        (2, rejected(Rejection::InvalidValue)),
        (3, rejected(Rejection::ForbiddenOctet)),
        (4, rejected(Rejection::InvalidDomain)),
        (5, rejected(Rejection::InvalidDomain)),
        (6, rejected(Rejection::InvalidPath)),
        (7, Reason::TooLong),
        (8, Reason::Field),
        (9, Reason::Expiry),
        (10, Reason::Field),
    ];
    assert_eq!(skipped(&reading), expected);

    let strict = error(&file, &options.clone().strict(true));
    assert_eq!(strict.line(), Some(2));
    let few = error(&file, &options.max_skipped(3));
    assert!(matches!(few.kind(), LoadErrorKind::TooManySkipped), "{few}");
}

#[test]
fn what_is_not_firefox_s_is_another_format() {
    let columns = "id INTEGER PRIMARY KEY, originAttributes TEXT, name TEXT, value TEXT, host TEXT, path TEXT, \
                   expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER, isSecure INTEGER, isHttpOnly INTEGER";
    let rows = [
        "CREATE TABLE cookies (a)".to_owned(),
        "CREATE TABLE moz_cookies (a)".into(),
        // libsoup's
        "CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, name TEXT, value TEXT, host TEXT, path TEXT, \
         expiry INTEGER, lastAccessed INTEGER, isSecure INTEGER, isHttpOnly INTEGER, sameSite INTEGER)"
            .into(),
        format!("CREATE TABLE t ({columns}); CREATE VIEW moz_cookies AS SELECT * FROM t"),
        "CREATE VIEW moz_cookies AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
         SELECT id, '' originAttributes, id name, '' value, 'a.com' host, '/' path, 0 expiry, 0 lastAccessed,
             0 creationTime, 0 isSecure, 0 isHttpOnly FROM n"
            .into(),
        format!(
            "CREATE TABLE moz_cookies ({})",
            columns.replace("value TEXT", "value TEXT AS (hex(zeroblob(500000000)))")
        ),
    ];
    for schema in rows {
        let (_folder, file) = profile();
        Connection::open(&file)
            .expect("a database")
            .execute_batch(&schema)
            .expect("a schema");
        let error = error(&file, &options());
        assert!(
            matches!(error.kind(), LoadErrorKind::NotThisFormat),
            "{schema}: {error}"
        );
    }
    let (_folder, file) = profile();
    fs::write(&file, "# Netscape HTTP Cookie File\n".repeat(100)).expect("written");
    let error = error(&file, &options());
    assert!(
        matches!(error.kind(), LoadErrorKind::NotThisFormat),
        "{error}"
    );
}

#[test]
fn missing_empty_and_large_files() {
    let (folder, file) = profile();
    let missing = error(&file, &options());
    assert_eq!(
        std::io::Error::from(missing).kind(),
        std::io::ErrorKind::NotFound
    );
    let path = folder.path().to_owned();
    assert!(matches!(
        error(&path, &options()).kind(),
        LoadErrorKind::Io(_)
    ));

    fs::write(&file, "").expect("written");
    assert_eq!(read(&file, &options()).report.source, Source::Empty);
    let strict = error(&file, &options().strict(true));
    assert!(matches!(strict.kind(), LoadErrorKind::NotThisFormat));

    fs::remove_file(&file).expect("removed");
    drop(create(&file, 17));
    let len = fs::metadata(&file).expect("a file").len();
    assert_eq!(read(&file, &options().max_bytes(len)).cookies, []);
    let long = error(&file, &options().max_bytes(len - 1));
    assert!(matches!(long.kind(), LoadErrorKind::TooLong), "{long}");
}

/// Changes every octet of a small database, one at a time: cookies or an error, and never more cookies than
/// bytes.
#[test]
fn damage_is_an_error_or_costs_single_rows() {
    let rows: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|name| row(name, "acme.com"))
        .collect();
    let (_folder, file) = profile_with(&rows);
    let whole = fs::read(&file).expect("a file");
    let step = if cookiejar_tests::is_thorough() {
        1
    } else {
        37
    };
    for at in (0..whole.len()).step_by(step) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        fs::write(&file, damaged).expect("written");
        if let Ok(reading) = firefox::read(&file, &options()) {
            assert!(reading.cookies.len() + skipped(&reading).len() <= 3, "{at}");
        }
    }
    for len in (0..whole.len()).step_by(step * 8) {
        fs::write(&file, &whole[..len]).expect("written");
        let _ = firefox::read(&file, &options());
    }
}

/// Pages that all point to one page: SQLite would read on for ages.
#[test]
fn a_tree_that_leads_to_one_leaf_again_and_again_ends() {
    let value = "v".repeat(400);
    let names: Vec<_> = (0..200).map(|number| format!("cookie{number}")).collect();
    let rows: Vec<_> = names
        .iter()
        .map(|name| Row {
            value: &value,
            ..row(name, "acme.com")
        })
        .collect();
    let (_folder, file) = profile_with(&rows);
    let connection = Connection::open(&file).expect("a database");
    let number = |query: &str| {
        let number: i64 = connection
            .query_row(query, [], |row| row.get(0))
            .expect("a number");
        usize::try_from(number).expect("not negative")
    };
    let (size, root) = (
        number("PRAGMA page_size"),
        number("SELECT rootpage FROM sqlite_schema WHERE name = 'moz_cookies'"),
    );
    drop(connection);
    let mut bytes = fs::read(&file).expect("a file");
    let page = &mut bytes[(root - 1) * size..root * size];
    assert_eq!(page[0], 5, "an inner page of a table");
    let cells = usize::from(u16::from_be_bytes([page[3], page[4]]));
    assert!(cells > 5);
    let place = |page: &[u8], cell: usize| {
        usize::from(u16::from_be_bytes([
            page[12 + 2 * cell],
            page[13 + 2 * cell],
        ]))
    };
    let first = place(page, 0);
    let leaf: [u8; 4] = page[first..first + 4].try_into().expect("four");
    for cell in 1..cells {
        let at = place(page, cell);
        page[at..at + 4].copy_from_slice(&leaf);
    }
    fs::write(&file, &bytes).expect("written");
    // The bytes could hold the same leaf some twenty times; the rows are only repeated.
    let reading = firefox::read(&file, &options());
    assert!(reading.is_ok_and(|reading| reading.cookies.len() <= 400));

    // An inner page whose every cell points to an inner page whose every cell points to ..
    let count = bytes.len() / size;
    let inner = bytes[(root - 1) * size..root * size].to_vec();
    bytes.resize((count + 8) * size, 0);
    bytes[28..32].copy_from_slice(&u32::try_from(count + 8).expect("few").to_be_bytes());
    let mut child = u32::from_be_bytes(leaf);
    for level in 0..8 {
        let mut page = inner.clone();
        for cell in 0..cells {
            let at = place(&page, cell);
            page[at..at + 4].copy_from_slice(&child.to_be_bytes());
        }
        page[8..12].copy_from_slice(&child.to_be_bytes());
        let number = if level == 7 { root } else { count + 1 + level };
        bytes[(number - 1) * size..number * size].copy_from_slice(&page);
        child = u32::try_from(number).expect("few");
    }
    fs::write(&file, &bytes).expect("written");
    let error = error(&file, &options());
    assert!(matches!(error.kind(), LoadErrorKind::Syntax), "{error}");
}

/// Firefox is running: its writer is in the middle of a transaction, and its committed changes are in the log.
#[test]
fn a_database_in_use_is_read_and_left_alone() {
    let (folder, file) = profile();
    let writer = create(&file, 17);
    let mode: String = writer
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .expect("a mode");
    assert_eq!(mode, "wal");
    writer
        .pragma_update(None, "wal_autocheckpoint", 0)
        .expect("set");
    insert(&writer, 17, &row("latest", "acme.com"));
    writer.execute_batch("BEGIN IMMEDIATE").expect("begun");
    insert(&writer, 17, &row("uncommitted", "acme.com"));

    let files = || -> Vec<_> {
        let entries = fs::read_dir(folder.path()).expect("a folder").flatten();
        let mut all: Vec<_> = entries
            .filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"))
            .map(|entry| (entry.file_name(), fs::read(entry.path()).expect("a file")))
            .collect();
        all.sort();
        all
    };
    let before = files();
    assert_eq!(shown(&read(&file, &options())), ["latest acme.com"]);
    assert_eq!(files(), before);
    writer.execute_batch("COMMIT").expect("Firefox goes on");
    assert_eq!(read(&file, &options()).cookies.len(), 2);

    #[cfg(unix)]
    {
        let link = folder.path().join("link.sqlite");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        assert_eq!(
            read(&link, &options()).cookies.len(),
            2,
            "the log is beside the file"
        );
    }
}

/// Is set on drop, also by a panic.
struct Flag<'a>(&'a AtomicBool);

impl Drop for Flag<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// All cookies are changed together, and the log is checkpointed and restarted again and again: no read is torn.
#[test]
fn a_reading_is_of_one_moment() {
    let (_folder, file) = profile();
    let writer = create(&file, 17);
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 20",
        )
        .expect("a log");
    for index in 0..40 {
        insert(&writer, 17, &row(&format!("cookie{index}"), "acme.com"));
    }
    writer
        .execute_batch("UPDATE moz_cookies SET value = '0'")
        .expect("set");
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let ended = Flag(&ended);
        let is_over = ended.0;
        scope.spawn(move || {
            let padding = "p".repeat(500);
            for number in 1.. {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
                let value = format!("{number}{padding}");
                writer
                    .execute("UPDATE moz_cookies SET value = ?", [value])
                    .expect("changed");
            }
        });
        let (mut read, mut last) = (0, 0);
        while read < 25 {
            // While it changes too often for a copy, reading returns an error.
            let Ok(reading) = firefox::read(&file, &options()) else {
                continue;
            };
            read += 1;
            assert_eq!(reading.cookies.len(), 40);
            let values: Vec<_> = reading
                .cookies
                .iter()
                .map(|cookie| cookie.value())
                .collect();
            assert!(values.iter().all(|value| *value == values[0]), "{values:?}");
            let number = values[0]
                .expect("a value")
                .trim_end_matches('p')
                .parse()
                .expect("a number");
            assert!(number >= last, "{number} after {last}");
            last = number;
        }
    });
}

#[test]
fn a_whole_jar_comes_in() {
    let names: Vec<_> = (0..2_000).map(|number| format!("cookie{number}")).collect();
    let rows: Vec<_> = names.iter().map(|name| row(name, "acme.com")).collect();
    let (_folder, file) = profile_with(&rows);
    let (mut jar, _clock) = jar();
    jar.extend(read(&file, &options()).cookies);
    assert_eq!(jar.len(), 2_000);
}

#[test]
fn no_text_of_a_profile_controls_a_terminal() {
    use cookiejar::file::{firefox, load_any};

    let schemas = [
        "CREATE VIEW moz_cookies AS SELECT * FROM \"a\u{1b}[2J\u{202e}\"",
        "CREATE VIEW moz_cookies AS SELECT \"b\u{1b}[2J\"() AS name FROM (SELECT 1)",
        "CREATE TABLE t(a); CREATE VIEW moz_cookies AS SELECT \"c\u{1b}[2J\".a FROM t",
        "CREATE TABLE moz_cookies(name TEXT, value TEXT, \"d\u{1b}[2J\" TEXT)",
        "CREATE TABLE moz_cookies(name, value, host, path, originAttributes, expiry, creationTime, lastAccessed, isSecure, isHttpOnly, sameSite AS (\"e\u{1b}[2J\"(1)))",
    ];
    let mut errors = 0;
    for schema in schemas {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cookies.sqlite");
        let connection = Connection::open(&file).expect("a file");
        let made = connection.execute_batch(schema);
        drop(connection);
        if made.is_err() {
            eprintln!("not made: {schema:?}");
            continue;
        }
        for read in [
            firefox::read(&file, &ReadOptions::new()),
            load_any(&file, &ReadOptions::new()),
        ] {
            if let Err(error) = read {
                errors += 1;
                let mut next: Option<&dyn std::error::Error> = Some(&error);
                while let Some(error) = next {
                    let text = error.to_string();
                    assert!(
                        !text.chars().any(|c| c.is_control() || c == '\u{202e}'),
                        "{schema:?}: {text:?}"
                    );
                    next = error.source();
                }
            }
        }
    }
    assert!(errors > 0);
}
