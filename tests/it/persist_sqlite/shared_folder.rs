//! A file in a sticky folder that others can write to: a stranger who is quick gets no companion of it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cookiejar::persist::engine::Engine;
use cookiejar::persist::sqlite::Sqlite;
use tempfile::TempDir;

use super::{connect, names, set};

const STRANGER: u32 = 65_534;
const VALUE: &str = "m4rk3rV4lue";
const ENDINGS: [&str; 3] = ["-journal", "-wal", "-shm"];

fn shared_folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).expect("changed");
    let file = folder.path().join("jar.db");
    (folder, file)
}

fn companion(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.to_owned().into_os_string();
    name.push(ending);
    name.into()
}

/// The inodes of the companions, which are all there, private, and of the file's owner.
#[track_caller]
fn companions(file: &Path) -> [u64; 3] {
    let owner = fs::metadata(file).expect("the file").uid();
    ENDINGS.map(|ending| {
        let found = fs::symlink_metadata(companion(file, ending)).expect(ending);
        assert!(found.is_file(), "{ending}");
        assert_eq!(
            (found.mode() & 0o777, found.uid()),
            (0o600, owner),
            "{ending}"
        );
        found.ino()
    })
}

#[test]
fn companions_in_a_shared_folder_are_there_from_the_first_transaction_on() {
    let (folder, file) = shared_folder();
    let mut database = connect(&file);
    let first = companions(&file);
    set(&mut *database, "a").expect("stored");
    let mut other = connect(&file);
    set(&mut *other, "b").expect("stored");
    drop((database, other));
    assert_eq!(companions(&file), first, "the last connection removes none");

    let engine = Sqlite::file(&file).exclusive(true);
    let mut exclusive = engine.connect("default");
    set(&mut **exclusive.as_mut().expect("it opens"), "c").expect("stored");
    drop((exclusive, engine));
    assert_eq!(names(&mut *connect(&file)), ["a", "b", "c"]);
    assert_eq!(companions(&file), first);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 5);

    // A file of before has none of them.
    for ending in ENDINGS {
        fs::remove_file(companion(&file, ending)).expect("removed");
    }
    drop(connect(&file));
    companions(&file);
}

#[test]
fn a_companion_that_more_users_can_read_than_the_file_is_not_opened() {
    for ending in ENDINGS {
        let (_folder, file) = shared_folder();
        drop(connect(&file));
        let readable = companion(&file, ending);
        fs::set_permissions(&readable, Permissions::from_mode(0o644)).expect("changed");
        let connected = Sqlite::file(&file).connect("default");
        let error = connected.map(drop).expect_err(ending);
        assert!(
            format!("{error:?}").contains("more users may read"),
            "{error:?}"
        );
    }
}

/// A stranger who creates a companion at any moment at which it is not there, from when the file is there or has its
/// first page, and removes it again or leaves it.
fn grab(file: &Path, ending: &str, turn: usize, over: &AtomicBool) -> Vec<File> {
    let (removes, waits) = (turn % 2 == 1, turn % 4 < 2);
    let name = companion(file, ending);
    let mut grabbed = Vec::new();
    while !over.load(Ordering::Relaxed) && grabbed.len() < 500 {
        if fs::metadata(file).is_ok_and(|found| waits && found.len() == 0) {
            continue;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o666);
        if let Ok(own) = options.open(&name) {
            let _ = std::os::unix::fs::fchown(&own, Some(STRANGER), None);
            let _ = own.set_permissions(Permissions::from_mode(0o666));
            if removes {
                thread::sleep(Duration::from_micros(200));
                let is_own = fs::metadata(&name).is_ok_and(|found| found.uid() == STRANGER);
                if is_own {
                    let _ = fs::remove_file(&name);
                }
            }
            grabbed.push(own);
        }
    }
    grabbed
}

fn holds_value(file: &File) -> bool {
    let mut octets = vec![0; 1 << 20];
    let length = file.read_at(&mut octets, 0).unwrap_or(0);
    let mut parts = octets[..length].windows(VALUE.len());
    parts.any(|part| part == VALUE.as_bytes())
}

#[test]
fn a_companion_of_a_stranger_gets_no_cookie() {
    let probe = tempfile::NamedTempFile::new().expect("a file");
    if chown(probe.path(), Some(STRANGER), None).is_err() {
        eprintln!("skipped: only root can give a file away");
        return;
    }
    let mut written = 0;
    for turn in 0..60 {
        let (_folder, file) = shared_folder();
        let over = AtomicBool::new(false);
        let grabbed = thread::scope(|scope| {
            let ending = ENDINGS[turn / 4 % 3];
            let stranger = scope.spawn(|| grab(&file, ending, turn, &over));
            // Opens and closes again and again: the last connection leaves no gap either.
            for _ in 0..4 {
                if let Ok(mut database) = Sqlite::file(&file).connect("default") {
                    written += usize::from(set(&mut *database, VALUE).is_ok());
                }
            }
            over.store(true, Ordering::Relaxed);
            stranger.join().expect("no panic")
        });
        let leaked = grabbed.iter().filter(|file| holds_value(file)).count();
        assert_eq!(leaked, 0, "turn {turn}: of {} companions", grabbed.len());
    }
    assert!(written > 0, "nothing was written");
}
