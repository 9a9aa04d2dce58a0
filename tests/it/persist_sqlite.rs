//! SQLite as an engine: the contract, and the properties of a file.
#![cfg(feature = "sqlite")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cookiejar::persist::engine::{
    Changed, Database, Engine, EngineError, Entry, MAX_RECORD, Record, SessionBatch, Stamp,
    Version, WriterId,
};
use cookiejar::persist::sqlite::Sqlite;
use cookiejar::persist::{PersistOptions, PersistentCookieJar};
use cookiejar::testing::check_engine;
use tempfile::TempDir;

#[cfg(unix)]
mod shared_folder;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("jar.db");
    (folder, file)
}

fn connect(file: &Path) -> Box<dyn Database> {
    Sqlite::file(file).connect("default").expect("a database")
}

fn entry(name: &str, stamp: Stamp) -> Entry {
    Entry {
        identity: name.as_bytes().into(),
        stamp,
        writer: WriterId::new(7),
        record: Some(Record {
            bytes: Arc::from(&b"{}"[..]),
            ..Record::default()
        }),
    }
}

/// Stores one cookie in the session `s`.
fn set(database: &mut dyn Database, name: &str) -> Result<(), EngineError> {
    let clock = database.hello()?.clock;
    let entries = [entry(name, Stamp::at(clock))];
    database.apply(&[SessionBatch {
        session: "s",
        entries: &entries,
        ..SessionBatch::default()
    }])?;
    Ok(())
}

fn names(database: &mut dyn Database) -> Vec<String> {
    let loaded = database.load(&["s"]).expect("sessions").value;
    let session = loaded.sessions.into_iter().next().flatten();
    let entries = session.unwrap_or_default().entries;
    let name = |entry: &Entry| String::from_utf8_lossy(&entry.identity).into_owned();
    let mut names: Vec<_> = entries.iter().map(name).collect();
    names.sort_unstable();
    names
}

#[test]
fn the_contract() {
    let (_folder, file) = folder();
    check_engine(&Sqlite::file(file));
}

#[cfg(unix)]
#[test]
fn the_file_and_its_companions_are_private() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, file) = folder();
    let mut database = connect(&file);
    set(&mut *database, "a").expect("stored");
    let found: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(found.len(), 3, "the file, its log and its index");
    for file in found {
        let mode = file
            .expect("a file")
            .metadata()
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// A process loses its locks on a file when it closes any handle of it. Without them another process that closes the
/// database removes the log that is in use.
#[cfg(target_os = "linux")]
#[test]
fn a_second_connection_leaves_the_locks_of_the_first() {
    use std::os::unix::fs::MetadataExt;

    let (_folder, file) = folder();
    let mut databases = [connect(&file), connect(&file)];
    set(&mut *databases[0], "a").expect("stored");
    let inode = fs::metadata(&file).expect("a file").ino();
    let locks = fs::read_to_string("/proc/locks").expect("the system's list");
    assert!(locks.contains(&format!(":{inode} ")), "{locks}");
}

#[cfg(unix)]
#[test]
fn an_empty_file_becomes_private() {
    use std::os::unix::fs::PermissionsExt;

    let (_folder, file) = folder();
    fs::write(&file, "").expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("changed");
    let _database = connect(&file);
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn what_a_stranger_put_into_a_shared_folder_is_not_opened() {
    use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};

    const STRANGER: u32 = 65_534;

    let (folder, file) = folder();
    let other = folder.path().join("other");
    fs::write(&other, "").expect("a file");
    if chown(&other, Some(STRANGER), None).is_err() {
        eprintln!("skipped: only root can give a file away");
        return;
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).expect("changed");
    let denied = |name: &Path, why: &str| {
        let error = Sqlite::file(&file).connect("default").map(|_| ());
        let Err(EngineError::Unavailable(cause)) = error else {
            panic!("{}: {error:?}", name.display());
        };
        assert_eq!(cause.to_string(), why, "{}", name.display());
    };
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = file.clone().into_os_string();
        name.push(ending);
        let name = PathBuf::from(name);
        fs::write(&name, "").expect("a file");
        chown(&name, Some(STRANGER), None).expect("given");
        denied(&name, "the file belongs to another user");
        fs::remove_file(&name).expect("removed");
        let _ = fs::remove_file(&file);
    }
    symlink(&other, &file).expect("a link");
    lchown(&file, Some(STRANGER), None).expect("given");
    denied(&file, "a link of another user in a shared folder");
    assert_eq!(fs::metadata(&other).expect("a file").len(), 0);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("changed");
    drop(connect(&file));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_an_error_at_once() {
    for ending in ["", "-wal", ".exclusive"] {
        let (_folder, file) = folder();
        let mut name = file.clone().into_os_string();
        name.push(ending);
        let made = std::process::Command::new("mkfifo").arg(&name).status();
        assert!(made.expect("mkfifo").success());
        for exclusive in [false, true] {
            let error = Sqlite::file(&file).exclusive(exclusive).connect("default");
            let Err(EngineError::Unavailable(cause)) = error.map(|_| ()) else {
                panic!("{}", name.display());
            };
            assert_eq!(
                cause.to_string(),
                "not a regular file",
                "{}",
                name.display()
            );
        }
    }
}

#[test]
fn a_file_outlives_its_connections() {
    let (_folder, file) = folder();
    set(&mut *connect(&file), "a").expect("stored");
    assert_eq!(names(&mut *connect(&file)), ["a"]);
    let mut other = Sqlite::file(&file).connect("other").expect("a database");
    assert_eq!(names(&mut *other), [""; 0]);
}

#[test]
fn a_change_wakes_the_reader() {
    let (_folder, file) = folder();
    let (mut reader, mut writer) = (connect(&file), connect(&file));
    let waiting =
        std::thread::spawn(move || reader.changes(Version::new(0), Duration::from_secs(5)));
    set(&mut *writer, "a").expect("stored");
    let answer = waiting.join().expect("no panic").expect("changes");
    let Changed::UpTo(changes) = answer.value else {
        panic!("{answer:?}");
    };
    assert_eq!(changes.version.get(), 1);
    assert_eq!(changes.sessions[0].session, "s");
}

#[test]
fn a_file_that_is_not_ours_stays_as_it_is() {
    let later = "PRAGMA application_id = 1129007698; PRAGMA user_version = 2; CREATE TABLE t(a)";
    let twisted = "PRAGMA application_id = 1129007698; PRAGMA user_version = 1; CREATE TABLE t(a)";
    let schema = include_str!("../../src/persist/sqlite/schema.sql");
    let ours = format!("PRAGMA application_id = 1129007698; PRAGMA user_version = 1; {schema}");
    let changed = |change| format!("{ours} {change}");
    let rows = [
        ("CREATE TABLE t(a)", "another program wrote the file"),
        (
            "PRAGMA application_id = 9",
            "another program wrote the file",
        ),
        (later, "a later version wrote the file"),
        (twisted, "the file has another schema"),
        (
            &changed("CREATE INDEX slow ON cookies(hex(record))"),
            "the file has another schema",
        ),
        (
            &changed("ALTER TABLE cookies ADD slow AS (hex(record))"),
            "the file has another schema",
        ),
    ];
    for (sql, why) in rows {
        let (folder, file) = folder();
        let other = rusqlite::Connection::open(&file).expect("a file");
        other.execute_batch(sql).expect("a schema");
        drop(other);
        let before = fs::read(&file).expect("a file");
        let error = Sqlite::file(&file).replace_damaged(true).connect("default");
        let Err(EngineError::Fatal(cause)) = error.map(|_| ()) else {
            panic!("{sql}");
        };
        assert_eq!(cause.to_string(), why, "{sql}");
        assert_eq!(fs::read(&file).expect("a file"), before, "{sql}");
        assert_eq!(
            fs::read_dir(folder.path()).expect("a folder").count(),
            1,
            "{sql}"
        );
    }
}

#[test]
fn a_file_that_is_only_read() {
    let (_folder, file) = folder();
    let watch = Sqlite::file(&file).read_only(true);
    assert!(matches!(
        watch.connect("default"),
        Err(EngineError::Unavailable(_))
    ));
    assert!(!file.exists());
    set(&mut *connect(&file), "a").expect("stored");
    let mut watcher = watch.connect("default").expect("a database");
    assert_eq!(names(&mut *watcher), ["a"]);
    assert!(matches!(watcher.apply(&[]), Err(EngineError::Fatal(_))));
    assert!(matches!(
        watch.connect("other"),
        Err(EngineError::Unavailable(_))
    ));
}

#[test]
fn a_damaged_file_is_an_error_or_set_aside() {
    let (folder, file) = folder();
    let (first, second) = (
        b"SQLite format 3\0 and then nonsense".repeat(200),
        vec![7; 5_000],
    );
    for (number, bytes) in [first, second].into_iter().enumerate() {
        fs::write(&file, &bytes).expect("a file");
        let error = Sqlite::file(&file).connect("default").map(|_| ());
        assert!(matches!(error, Err(EngineError::Fatal(_))), "{error:?}");
        assert_eq!(fs::read(&file).expect("a file"), bytes);

        let engine = Sqlite::file(&file).replace_damaged(true);
        let mut database = engine.connect("default").expect("a database");
        let aside = folder.path().join(format!("jar.db.damaged-{}", number + 1));
        assert_eq!(fs::read(&aside).expect("a file"), bytes);
        let warnings = database.hello().expect("an answer").value.warnings;
        assert!(warnings[0].contains("damaged"), "{warnings:?}");
        set(&mut *database, "a").expect("stored");
    }
}

#[test]
fn a_copy_that_was_made_in_use_is_a_backup() {
    let (folder, file) = folder();
    let open = |file: &Path| {
        let options = PersistOptions::new().linger(Duration::ZERO);
        PersistentCookieJar::with(Sqlite::file(file), options).expect("it opens")
    };
    let url = url::Url::parse("https://acme.com/").expect("a URL");
    let jar = open(&file);
    let set = |cookie: &str| {
        jar.jar().extract_cookies(&[("Set-Cookie", cookie)], &url);
        jar.flush().wait().expect("it is written");
    };
    set("a=1; Max-Age=3600");
    let copy = folder.path().join("copy.db");
    let connection = rusqlite::Connection::open(&file).expect("a connection");
    let name = copy.to_str().expect("a name");
    connection
        .execute("VACUUM INTO ?1", [name])
        .expect("a copy");
    set("b=2; Max-Age=3600");

    let copied = open(&copy).jar();
    assert_eq!(copied.cookie_header(&url).expect("a cookie"), "a=1");
    assert_eq!(jar.jar().cookie_header(&url).expect("cookies"), "a=1; b=2");
}

#[test]
fn an_exclusive_file_is_for_one_engine() {
    let (_folder, file) = folder();
    let exclusive = || Sqlite::file(&file).exclusive(true);
    let rejected = |engine: Sqlite| {
        let result = engine.connect("default").map(|_| ());
        assert!(
            matches!(result, Err(EngineError::Unavailable(_))),
            "{result:?}"
        );
    };
    let open = |engine| PersistentCookieJar::with(engine, PersistOptions::new());
    let jar = open(exclusive()).expect("it opens");
    rejected(Sqlite::file(&file));
    rejected(exclusive());
    let reader = Sqlite::file(&file).read_only(true).connect("default");
    assert!(reader.is_ok());
    drop(reader);

    // An unchanged cookie that is set again is not written.
    let url = url::Url::parse("https://acme.com/").expect("a URL");
    let expires = "Expires=Fri, 01 Jan 2100 00:00:00 GMT";
    let receive = |value: &str| {
        let cookie = format!("a={value}; {expires}");
        jar.jar().extract_cookies(&[("Set-Cookie", cookie)], &url);
        jar.flush().wait().expect("it is written");
        jar.status().written
    };
    assert_eq!(["1", "1", "2", "2", "1"].map(receive), [1, 1, 2, 2, 3]);
    jar.close().expect("it is written");

    // An earlier connection keeps out an exclusive one.
    let shared = open(Sqlite::file(&file)).expect("the lock ended with the jar");
    rejected(exclusive());
    shared.close().expect("nothing waits");
    assert_eq!(open(exclusive()).expect("it opens").jar().len(), 1);
}

#[test]
fn a_jar_says_that_its_file_was_set_aside() {
    let (_folder, file) = folder();
    fs::write(&file, [7; 5_000]).expect("a file");
    let engine = Sqlite::file(&file).replace_damaged(true);
    let jar = PersistentCookieJar::with(engine, PersistOptions::new()).expect("it opens");
    let warnings = jar.status().warnings;
    assert!(warnings[0].contains("jar.db.damaged-1"), "{warnings:?}");
}

#[test]
fn damage_met_later_is_set_aside_at_the_next_connection() {
    let (folder, file) = folder();
    let engine = Sqlite::file(&file).replace_damaged(true);
    let mut database = engine.connect("default").expect("a database");
    for number in 0..300 {
        set(
            &mut *database,
            &format!("a name that fills the pages {number}"),
        )
        .expect("stored");
    }
    drop(database);
    let mut bytes = fs::read(&file).expect("a file");
    let (from, until) = (4_096 * 3, bytes.len());
    bytes[from..until].fill(0xA5);
    fs::write(&file, bytes).expect("a file");

    let mut database = engine.connect("default").expect("the schema is whole");
    let error = database.load(&["s"]);
    assert!(matches!(error, Err(EngineError::Fatal(_))), "{error:?}");
    drop(database);
    let mut database = engine.connect("default").expect("a database");
    assert_eq!(names(&mut *database), [""; 0]);
    assert!(folder.path().join("jar.db.damaged-1").exists());
}

#[cfg(unix)]
#[test]
fn a_file_that_was_replaced_is_another_history() {
    let (folder, file) = folder();
    let mut old = connect(&file);
    set(&mut *old, "a").expect("stored");
    let before = old.hello().expect("an answer").history;
    fs::rename(&file, folder.path().join("moved.db")).expect("moved");
    let mut new = connect(&file);
    assert_ne!(new.hello().expect("an answer").history, before);
    let error = old.changes(Version::new(1), Duration::ZERO);
    assert!(
        matches!(error, Err(EngineError::Unavailable(_))),
        "{error:?}"
    );
    assert!(matches!(
        set(&mut *old, "b"),
        Err(EngineError::Unavailable(_))
    ));
    assert_eq!(names(&mut *new), [""; 0]);
}

#[test]
fn four_processes_worth_of_threads_take_every_version_once() {
    let (_folder, file) = folder();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let file = file.clone();
            std::thread::spawn(move || {
                let mut database = connect(&file);
                for number in 0..50 {
                    set(&mut *database, &format!("{thread}/{number}")).expect("stored");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
    let mut database = connect(&file);
    assert_eq!(
        database.hello().expect("an answer").value.version.get(),
        200
    );
    assert_eq!(names(&mut *database).len(), 200);
}

#[test]
fn nothing_shows_a_key() {
    let engine = Sqlite::file("jar.db").pragma("key", "hunter2");
    let shown = format!("{engine:?}");
    assert!(
        shown.contains("key") && !shown.contains("hunter2"),
        "{shown}"
    );
}

/// The value of a pragma may be the key of a cipher.
#[test]
fn the_value_of_a_pragma_is_in_no_error() {
    const VALUE: &str = "m4rk3rV4lue";
    for exclusive in [false, true] {
        for (name, value, fails) in [
            ("index", VALUE.to_owned(), true), // a word of SQL
            ("no such", VALUE.to_owned(), true),
            ("", VALUE.to_owned(), true),
            ("key", format!("{VALUE}\0"), true),
            ("key", VALUE.to_owned(), false),
            ("journal_mode", VALUE.to_owned(), false),
        ] {
            let (_folder, file) = folder();
            drop(connect(&file));
            let engine = Sqlite::file(&file)
                .pragma(name, &value)
                .exclusive(exclusive);
            let connected = engine.connect("default").map(drop);
            assert_eq!(connected.is_err(), fails, "{name}");
            let error = connected
                .as_ref()
                .err()
                .map(|error| error as &dyn std::error::Error);
            let chain = std::iter::successors(error, |&error| error.source());
            let mut texts: Vec<_> = chain
                .flat_map(|error| [error.to_string(), format!("{error:?} {error:#?}")])
                .collect();
            let prefix = format!("the pragma `{name}` failed: ");
            let named = texts.iter().any(|text| text.starts_with(&prefix));
            texts.push(format!("{engine:?}"));
            let text = texts.join("\n");
            assert_eq!(named, fails, "{name}: {text}");
            assert!(!text.contains(VALUE), "{name}: {text}");
        }
    }
}

#[test]
fn a_row_that_is_not_ours_costs_itself_only() {
    let (_folder, file) = folder();
    set(&mut *connect(&file), "a").expect("stored");
    let other = rusqlite::Connection::open(&file).expect("a file");
    let rows = "INSERT INTO cookies VALUES('default', 's', 'text', 'x', 1.5, 1, 'a', 'b', NULL, 'text');\
                INSERT INTO cookies VALUES('default', 's', x'62', 5, 5, 1, 0, 0, 0, zeroblob(2000000));";
    other.execute_batch(rows).expect("rows");
    let mut database = connect(&file);
    assert_eq!(names(&mut *database), ["a", "b", "text"]);
    let loaded = database.load(&["s"]).expect("sessions").value;
    let session = loaded.sessions[0].as_ref().expect("a session");
    let long = session
        .entries
        .iter()
        .find(|entry| *entry.identity == *b"b");
    let record = long
        .and_then(|entry| entry.record.clone())
        .expect("a record");
    assert!(record.bytes.is_empty(), "a record of 2 MB is not read");
}

#[test]
fn a_session_that_is_not_ours_costs_itself_only() {
    let (_folder, file) = folder();
    let mut database = connect(&file);
    set(&mut *database, "a").expect("stored");
    let other = rusqlite::Connection::open(&file).expect("a file");
    let rows = "INSERT INTO sessions VALUES('default', 'text', 'x', 'x', 'x');\
                INSERT INTO sessions VALUES('default', x'ff', 5, NULL, 1);\
                INSERT INTO sessions VALUES('default', CAST(x'ff' AS TEXT), 5, NULL, 1);\
                INSERT INTO cookies VALUES('default', 's', x'62', 5, 5, 'x', 0, 0, 0, x'00');\
                UPDATE sessions SET cleared = -1 WHERE session = 's';";
    other.execute_batch(rows).expect("rows");
    set(&mut *database, "c").expect("stored");
    let answer = database
        .changes(Version::new(0), Duration::ZERO)
        .expect("changes");
    let Changed::UpTo(changes) = answer.value else {
        panic!("{answer:?}");
    };
    let entries = changes.sessions.iter().flat_map(|session| &session.entries);
    let found = entries
        .filter(|(_, entry)| matches!(&*entry.identity, b"a" | b"c"))
        .count();
    assert_eq!(found, 2);
    let listed = database.sessions(None, 2).expect("sessions").value;
    let listed: Vec<_> = listed.iter().map(|info| &*info.session).collect();
    assert_eq!(listed, ["s", "text"]);
    database.load(&["text"]).expect("a session");
    let before = Stamp::new(u64::MAX >> 2);
    database.purge(before, 100).expect("purged");
}

#[test]
fn a_record_that_is_too_long_is_refused() {
    let (_folder, file) = folder();
    let mut database = connect(&file);
    let clock = database.hello().expect("hello").clock;
    let mut long = entry("long", Stamp::at(clock));
    long.record.as_mut().expect("a record").bytes = vec![b'x'; MAX_RECORD + 1].into();
    let entries = [entry("a", Stamp::at(clock)), long];
    let result = database.apply(&[SessionBatch {
        session: "s",
        entries: &entries,
        ..SessionBatch::default()
    }]);
    assert!(matches!(result, Err(EngineError::Refused(_))), "{result:?}");
    assert_eq!(names(&mut *database), [""; 0]);
}

#[test]
fn a_watcher_says_hello_and_an_emptied_file_is_unavailable() {
    let (_folder, file) = folder();
    let mut database = connect(&file);
    set(&mut *database, "a").expect("stored");
    let mut watcher = Sqlite::file(&file)
        .read_only(true)
        .connect("default")
        .expect("a database");
    let version = watcher.hello().expect("hello").value.version;
    assert_eq!(version, database.hello().expect("hello").value.version);
    let other = rusqlite::Connection::open(&file).expect("the file");
    other
        .execute("DELETE FROM namespaces", [])
        .expect("emptied");
    for database in [&mut database, &mut watcher] {
        let result = database.hello();
        let Err(EngineError::Unavailable(cause)) = result else {
            panic!("{result:?}")
        };
        assert_eq!(cause.to_string(), "the namespace is gone");
    }
}

#[cfg(unix)]
#[test]
fn a_link_of_a_stranger_behind_our_own_link_is_not_followed() {
    use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};

    let base = tempfile::tempdir().expect("a folder");
    let (shared, theirs, home) = (
        base.path().join("tmp"),
        base.path().join("theirs"),
        base.path().join("home"),
    );
    for folder in [&shared, &theirs, &home] {
        fs::create_dir(folder).expect("a folder");
    }
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).expect("changed");
    if chown(&theirs, Some(65_534), None).is_err() {
        eprintln!("skipped: only root can give a file away");
        return;
    }
    // Ours: ~/.cache -> /tmp/cache-anna. Theirs: /tmp/cache-anna -> their own folder.
    let (stolen, cache) = (shared.join("cache-anna"), home.join(".cache"));
    symlink(&theirs, &stolen).expect("a link");
    lchown(&stolen, Some(65_534), None).expect("given");
    symlink(&stolen, &cache).expect("a link");

    let save = |file: &std::path::Path| {
        let cookies = cookiejar::MozillaCookieJar::new(file);
        cookies.jar().set_cookie(crate::common::built(
            cookiejar::Cookie::builder("sid", "1")
                .domain("acme.com")
                .max_age(time::Duration::DAY),
        ));
        cookies.save()
    };
    save(&stolen.join("cookies.txt")).expect_err("the chapter's case");
    let saved = save(&cache.join("cookies.txt"));
    let database = Sqlite::file(cache.join("jar.db"))
        .connect("default")
        .map(|_| ());
    let found: Vec<_> = fs::read_dir(&theirs)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert!(
        found.is_empty(),
        "in the stranger's folder: {found:?} ({saved:?}, {database:?})"
    );
}
