//! Disks that are full, or read-only.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cookiejar::persist::engine::EngineError;
use cookiejar::persist::sqlite::Sqlite;
use cookiejar::persist::{PersistError, PersistOptions, PersistentCookieJar};
use tempfile::TempDir;

use super::{Sessions, content, folder, jar, open, set, until};

/// A small disk, which is unmounted when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where mounting is not allowed.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let is_mounted = mount(folder.path(), &["-t", "tmpfs", "-o", "size=512k", "tmpfs"]);
        is_mounted.then(|| Self(folder))
    }

    /// Changes the disk, which is busy until the threads of a closed database have ended.
    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        until(&options, || mount(self.0.path(), &["-o", &options]));
    }
}

fn mount(folder: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("mount");
    command.args(arguments).arg(folder);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The threads of a closed database may not have ended yet.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn fill(sessions: &Sessions, from: u32, to: u32) {
    let value = "v".repeat(1_000);
    for key in from..to {
        set(
            &jar(sessions, key),
            &[&format!("a={key}{value}"), &format!("b={key}")],
        );
    }
}

fn check(sessions: &Sessions, to: u32) {
    for key in 0..to {
        let content = content(&jar(sessions, key));
        let [a, b] = &content[..] else {
            panic!("{key}: {content:?}");
        };
        assert!(a.starts_with(&format!("a={key}v")));
        assert_eq!(*b, format!("b={key}"));
    }
}

fn is_unavailable(sessions: &Sessions) -> bool {
    let error = sessions.status().last_error;
    matches!(
        error,
        Some(PersistError::Engine(EngineError::Unavailable(_)))
    )
}

#[test]
fn a_full_disk_costs_memory_until_there_is_room() {
    let Some(disk) = SmallDisk::mount() else {
        cookiejar_tests::skip!("a database on a full disk: no tmpfs can be mounted here");
        return;
    };
    let file = disk.0.path().join("jar.db");
    let sessions = open(&file, Duration::from_millis(5));
    fill(&sessions, 0, 10);
    // A batch is several pages of the log, and each session may be a batch of its own.
    sessions.flush().wait().expect("there is room");
    // The sessions are loaded before the disk is full, so that none has to be read from it.
    for key in 10..1_000 {
        jar(&sessions, key);
    }
    fill(&sessions, 10, 1_000);
    until("the disk is full", || is_unavailable(&sessions));
    let flushed = sessions.flush().wait_at_most(Duration::from_millis(300));
    assert!(flushed.is_none(), "{flushed:?}");
    check(&sessions, 1_000); // in memory
    assert!(!sessions.status().connected);

    disk.remount("size=16m");
    sessions.flush().wait().expect("there is room again");
    assert_eq!(sessions.status().given_up, 0);
    check(&open(&file, Duration::ZERO), 1_000);
}

/// The same if nothing can be mounted: SQLite is told that the file may not grow.
#[test]
fn a_file_that_may_not_grow_is_like_a_full_disk() {
    let (_folder, file) = folder();
    drop(open(&file, Duration::ZERO));
    let engine = Sqlite::file(&file).pragma("max_page_count", "40");
    let options = PersistOptions::new().linger(Duration::ZERO);
    let sessions = Sessions::open(engine, options).expect("it opens");
    for key in 0..300 {
        jar(&sessions, key);
    }
    fill(&sessions, 0, 300);
    until("the file is full", || is_unavailable(&sessions));
    check(&sessions, 300);
    let stored = open(&file, Duration::ZERO);
    for key in 0..300 {
        // Whole responses, or none of them.
        assert!([0, 2].contains(&content(&jar(&stored, key)).len()));
    }
}

#[test]
fn a_disk_that_can_only_be_read_is_an_error_and_an_outage() {
    let Some(disk) = SmallDisk::mount() else {
        cookiejar_tests::skip!(
            "a database on a disk that can only be read: no tmpfs can be mounted here"
        );
        return;
    };
    let file = disk.0.path().join("jar.db");
    let kept = PersistentCookieJar::open(&file).expect("it opens");
    set(&kept.jar(), &["a=1; Max-Age=3600"]);
    kept.close().expect("it is written");
    disk.remount("ro");
    let opened = PersistentCookieJar::open(&file);
    assert!(matches!(opened, Err(PersistError::Engine(_))), "{opened:?}");
    disk.remount("rw");
    assert_eq!(
        content(&PersistentCookieJar::open(&file).expect("it opens").jar()),
        ["a=1"]
    );
}

#[test]
fn a_torn_file_opens_or_is_an_error() {
    let (folder, file) = folder();
    let sessions = open(&file, Duration::ZERO);
    fill(&sessions, 0, 100);
    sessions.close().expect("it is written");
    let whole = fs::read(&file).expect("a file");
    let torn = folder.path().join("torn.db");
    for len in [
        0,
        1,
        99,
        100,
        4_095,
        4_096,
        4_097,
        whole.len() / 2,
        whole.len() - 1,
    ] {
        fs::write(&torn, &whole[..len]).expect("written");
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(folder.path().join(format!("torn.db{end}")));
        }
        match Sessions::open(Sqlite::file(&torn), PersistOptions::new()) {
            Ok(_) if len == 0 => {} // A file that was just created.
            Ok(sessions) => {
                // Whole responses are present; anything else is an error and never half a response.
                for key in 0..100 {
                    if let Ok(jar) = sessions.jar(&key).wait() {
                        assert!([0, 2].contains(&jar.len()), "{len}");
                    }
                }
            }
            Err(PersistError::Engine(EngineError::Fatal(_))) => {}
            Err(error) => panic!("{len}: {error:?}"),
        }
        let replacing = Sqlite::file(&torn).replace_damaged(true);
        let sessions = Sessions::open(replacing, PersistOptions::new()).expect("it is replaced");
        set(&jar(&sessions, 1_000), &["new=1"]);
        let flushed = sessions.flush().wait_at_most(super::PATIENCE);
        assert!(matches!(flushed, Some(Ok(()))), "{len}: {flushed:?}");
    }
}

#[test]
fn files_of_others_and_of_later_versions_are_refused() {
    let (_folder, file) = folder();
    let later = "PRAGMA application_id = 1129007698; PRAGMA user_version = 2; CREATE TABLE t(a)";
    for (schema, why) in [
        (
            "CREATE TABLE moz_cookies(a)",
            "another program wrote the file",
        ),
        (later, "a later version wrote the file"),
    ] {
        let _ = fs::remove_file(&file);
        let connection = rusqlite::Connection::open(&file).expect("a database");
        connection.execute_batch(schema).expect("a schema");
        drop(connection);
        let before = fs::read(&file).expect("a file");
        let error = PersistentCookieJar::open(&file).expect_err("not ours");
        let PersistError::Engine(EngineError::Fatal(cause)) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(cause.to_string(), why);
        assert_eq!(fs::read(&file).expect("a file"), before);
    }
}
