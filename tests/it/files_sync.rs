//! Several programs with one file: each receives the changes of the others, nothing is lost, and nothing reappears.
#![cfg(feature = "psl")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use cookiejar::file::{
    CookieFormat, CookiesTxt, FileCookieJar, LoadError, Lwp, ReadOptions, Reading, SyncError,
    SyncOptions, WriteOptions, WriteReport, cookies_txt,
};
use cookiejar::jar::{ChangeCause, Heard};
use cookiejar::{Cookie, CookieJar, LwpCookieJar, MozillaCookieJar, SharedCookieJar};
use proptest::collection::vec;
use proptest::prelude::*;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-21 8:00 UTC);
const LATER: OffsetDateTime = datetime!(2027-11-21 8:00 UTC);

fn cookie(name: &str, value: &str) -> Cookie {
    let cookie = Cookie::builder(name, value)
        .domain("acme.com")
        .expires(LATER);
    cookie.build().expect("a cookie")
}

fn session(name: &str, value: &str) -> Cookie {
    let cookie = Cookie::builder(name, value).domain("acme.com");
    cookie.build().expect("a cookie")
}

fn jar() -> SharedCookieJar {
    let mut jar = CookieJar::new();
    jar.set_clock(|| NOW);
    jar.into()
}

/// A program with an empty jar.
fn program_as<F: CookieFormat>(file: &Path, format: F) -> FileCookieJar<F> {
    let mut program = FileCookieJar::with_format(jar(), format);
    program.set_filename(Some(file.to_owned()));
    program
}

fn program(file: &Path) -> MozillaCookieJar {
    program_as(file, CookiesTxt)
}

fn shown<F>(program: &FileCookieJar<F>) -> String {
    let mut shown: Vec<_> = program
        .jar()
        .snapshot()
        .iter()
        .map(|cookie| format!("{}={}", cookie.name(), cookie.value().unwrap_or_default()))
        .collect();
    shown.sort();
    shown.join(" ")
}

fn in_file(file: &Path) -> String {
    let all = ReadOptions::new().ignore_discard(true).ignore_expires(true);
    let reading = cookies_txt::read(File::open(file).expect("a file"), &all).expect("cookies");
    let mut jar = program(file);
    jar.set_filename(None);
    for cookie in reading.cookies {
        jar.jar().set_cookie(cookie);
    }
    shown(&jar)
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("cookies.txt")
    }
}

#[test]
fn what_one_changes_the_other_has() {
    let folder = Folder::new();
    let (one, two) = (program(&folder.file()), program(&folder.file()));
    one.jar().extend([cookie("a", "1"), cookie("b", "1")]);
    two.jar().extend([cookie("c", "1")]);
    assert_eq!(
        one.sync()
            .expect("synced")
            .saved
            .expect("saved")
            .report
            .written,
        2
    );
    let synced = two.sync().expect("synced");
    assert_eq!((synced.import.stored, synced.removed), (2, 0));
    let synced = one.sync().expect("synced");
    assert_eq!((synced.import.stored, synced.saved), (1, None)); // nothing to write
    assert_eq!(
        (shown(&one), shown(&two)),
        ("a=1 b=1 c=1".into(), "a=1 b=1 c=1".into())
    );

    one.jar().remove(("acme.com", "/", "a")).expect("removed");
    one.jar().set_cookie(cookie("b", "2"));
    two.jar().set_cookie(cookie("c", "2"));
    for program in [&one, &two, &one] {
        program.sync().expect("synced");
    }
    assert_eq!(
        (shown(&one), shown(&two)),
        ("b=2 c=2".into(), "b=2 c=2".into())
    );
    assert_eq!(in_file(&folder.file()), "b=2 c=2");
    let said = two.sync().expect("synced").to_string();
    assert_eq!(
        said,
        "cookies.txt\n0 stored, 0 replaced, 0 evicted, 0 yielded, 0 rejected, 0 removed\nnothing to write"
    );
}

#[test]
fn where_both_changed_a_cookie_the_jar_s_is_taken() {
    let folder = Folder::new();
    let (one, two) = (program(&folder.file()), program(&folder.file()));
    one.jar()
        .extend([cookie("a", "1"), cookie("b", "1"), cookie("c", "1")]);
    for program in [&one, &two] {
        program.sync().expect("synced");
    }
    one.jar().set_cookie(cookie("a", "one"));
    two.jar().set_cookie(cookie("a", "two"));
    one.jar().remove(("acme.com", "/", "b")).expect("removed");
    two.jar().set_cookie(cookie("b", "two"));
    one.jar().set_cookie(cookie("c", "one"));
    two.jar().remove(("acme.com", "/", "c")).expect("removed");
    for program in [&one, &two, &one] {
        program.sync().expect("synced");
    }
    assert_eq!(
        (shown(&one), shown(&two)),
        ("a=two b=two".into(), "a=two b=two".into())
    );
}

#[test]
fn what_was_loaded_or_saved_counts_as_read() {
    let folder = Folder::new();
    let file = folder.file();
    let one = program(&file);
    one.jar()
        .extend([cookie("a", "1"), cookie("b", "1"), cookie("c", "1")]);
    one.save().expect("saved");
    // Deleted after the save, after the load, and after reverting.
    one.jar().remove(("acme.com", "/", "a")).expect("removed");
    one.sync().expect("synced");
    assert_eq!(in_file(&file), "b=1 c=1");
    let two = program(&file);
    two.load().expect("loaded");
    two.jar().remove(("acme.com", "/", "b")).expect("removed");
    two.sync().expect("synced");
    assert_eq!(in_file(&file), "c=1");
    one.revert().expect("loaded");
    one.jar().clear();
    one.jar().set_cookie(cookie("d", "1"));
    one.sync().expect("synced");
    assert_eq!(in_file(&file), "d=1");
    // What others deleted before a load stays deleted.
    two.load().expect("loaded");
    two.sync().expect("synced");
    assert_eq!((shown(&two), in_file(&file)), ("d=1".into(), "d=1".into()));
    // Another file is independent.
    let other = folder.0.path().join("other.txt");
    let options = cookiejar::file::SaveOptions::new().filename(&other);
    two.save_with(options).expect("saved");
    two.jar().clear();
    two.sync().expect("synced");
    assert_eq!(
        (in_file(&file), in_file(&other)),
        (String::new(), "d=1".into())
    );
}

#[test]
fn a_load_that_takes_only_a_part_deletes_nothing() {
    let folder = Folder::new();
    let file = folder.file();
    let one = program(&file);
    let shared = Cookie::builder("x", "1").domain(".com").expires(LATER);
    one.jar()
        .extend([cookie("a", "1"), shared.build().expect("a cookie")]);
    one.save().expect("saved");
    let two = program(&file);
    let options = cookiejar::file::LoadOptions::new().ask_policy(true);
    assert_eq!(
        two.load_with(options)
            .expect("loaded")
            .import
            .rejected
            .len(),
        1
    );
    two.sync().expect("synced");
    assert_eq!(in_file(&file), "a=1 x=1");
}

#[test]
fn without_a_file_nothing_counts_as_deleted() {
    let folder = Folder::new();
    let file = folder.file();
    let one = program(&file);
    one.jar().set_cookie(cookie("a", "1"));
    one.sync().expect("synced");
    fs::remove_file(&file).expect("removed");
    one.sync().expect("synced");
    fs::write(&file, "").expect("written");
    one.sync().expect("synced");
    assert_eq!((shown(&one), in_file(&file)), ("a=1".into(), "a=1".into()));
    // A file with only its magic line is one from which everything was deleted.
    fs::write(&file, "# Netscape HTTP Cookie File\n").expect("written");
    assert_eq!(one.sync().expect("synced").removed, 1);
    assert_eq!(shown(&one), "");
}

#[test]
fn session_cookies_stay_where_they_are() {
    let folder = Folder::new();
    let file = folder.file();
    let whole = || SyncOptions::new().ignore_discard(true);
    let (one, two) = (program(&file), program(&file));
    one.jar().extend([session("one", "1"), cookie("a", "1")]);
    one.sync_with(whole()).expect("synced");
    two.jar().extend([session("two", "1"), cookie("b", "1")]);
    for program in [&two, &two] {
        program.sync().expect("synced");
        assert_eq!(shown(program), "a=1 b=1 two=1");
        assert_eq!(in_file(&file), "a=1 b=1 one=1");
    }
    // The jar has a session cookie, and the file another cookie of that name: each side keeps its own.
    two.jar().set_cookie(session("both", "1"));
    one.jar().set_cookie(cookie("both", "2"));
    for program in [&one, &two, &one, &two] {
        program.sync().expect("synced");
    }
    assert_eq!(shown(&one), "a=1 b=1 both=2 one=1");
    assert_eq!(shown(&two), "a=1 b=1 both=1 two=1");
    // Once they may be shared, they are new to the other side.
    two.sync_with(whole()).expect("synced");
    one.sync_with(whole()).expect("synced");
    assert_eq!(shown(&one), "a=1 b=1 both=1 one=1 two=1");
}

#[test]
fn expired_cookies_are_gone_on_both_sides() {
    let folder = Folder::new();
    let (one, two) = (program(&folder.file()), program(&folder.file()));
    one.jar().extend([cookie("a", "1"), cookie("b", "1")]);
    for program in [&one, &two] {
        program.sync().expect("synced");
        program.jar().set_clock(|| LATER);
    }
    two.jar().set_cookie(
        Cookie::builder("c", "1")
            .domain("acme.com")
            .expires(datetime!(2030-01-01 0:00 UTC))
            .build()
            .expect("a cookie"),
    );
    for program in [&two, &one] {
        program.sync().expect("synced");
    }
    assert_eq!(in_file(&folder.file()), "c=1");
    one.jar().clear_expired_cookies();
    assert_eq!(shown(&one), "c=1");
}

#[test]
fn what_a_format_loses_the_jar_keeps() {
    let folder = Folder::new();
    let (one, two) = (program(&folder.file()), program(&folder.file()));
    let lax = Cookie::builder("a", "1").domain("acme.com").expires(LATER);
    let lax = lax.nonstandard_attr("SameSite", Some("Lax"));
    one.jar().set_cookie(lax.build().expect("a cookie"));
    one.jar().set_cookie(cookie("tab", "1\t2")); // cookies.txt cannot carry it
    for _ in 0..3 {
        assert!(one.sync().is_ok() && two.sync().is_ok());
        let kept = one.jar().get(("acme.com", "/", "a")).expect("a cookie");
        assert!(kept.same_site().is_some());
        assert_eq!(
            (shown(&one), shown(&two)),
            ("a=1 tab=1\t2".into(), "a=1".into())
        );
    }
    two.jar().set_cookie(cookie("a", "2"));
    assert!(two.sync().is_ok() && one.sync().is_ok());
    assert_eq!(shown(&one), "a=2 tab=1\t2");
}

#[test]
fn a_dotless_host_is_the_same_in_the_forms_of_python_and_perl() {
    let folder = Folder::new();
    let file = folder.0.path().join("cookies.lwp");
    let program = || -> LwpCookieJar { program_as(&file, Lwp) };
    let (one, two) = (program(), program());
    let write = WriteOptions::new().dot_local(true);
    let options = || SyncOptions::new().write(write.clone());
    let of_foo = |value| {
        let cookie = Cookie::builder("a", value).domain("foo").expires(LATER);
        cookie.build().expect("a cookie")
    };
    one.jar().set_cookie(of_foo("1"));
    for program in [&one, &two, &one] {
        program.sync_with(options()).expect("synced");
    }
    assert_eq!((shown(&one), shown(&two)), ("a=1".into(), "a=1".into()));
    one.jar().set_cookie(of_foo("2"));
    for program in [&one, &two, &one] {
        program.sync_with(options()).expect("synced");
    }
    assert_eq!((shown(&one), shown(&two)), ("a=2".into(), "a=2".into()));
    one.jar().clear();
    for program in [&one, &two, &one] {
        program.sync_with(options()).expect("synced");
    }
    assert_eq!((shown(&one), shown(&two)), (String::new(), String::new()));
}

#[test]
fn a_line_that_cannot_be_read_is_reported_and_goes() {
    let folder = Folder::new();
    let file = folder.file();
    fs::write(&file, "# Netscape HTTP Cookie File\nnonsense\n").expect("written");
    let synced = program(&file).sync().expect("synced");
    assert_eq!(synced.report.skipped.len(), 1);
    assert!(synced.saved.is_some());
    fs::write(&file, "<html>\n").expect("written");
    let one = program(&file);
    one.jar().set_cookie(cookie("a", "1"));
    let error = one.sync().expect_err("not cookies");
    assert!(matches!(error, SyncError::Load(_)), "{error}");
    assert_eq!(fs::read(&file).expect("the file"), b"<html>\n");
}

#[test]
fn a_lock_that_is_held_ends_the_wait_and_a_free_one_is_taken() {
    let folder = Folder::new();
    let file = folder.file();
    let one = program(&file);
    one.jar().set_cookie(cookie("a", "1"));
    one.sync().expect("synced");
    let lock = File::open(folder.0.path().join("cookies.txt.lock")).expect("the lock file");
    lock.lock().expect("locked");
    let short = SyncOptions::new().wait(Duration::from_millis(20));
    let error = one.sync_with(short.clone()).expect_err("locked");
    assert!(matches!(&error, SyncError::Locked { file: locked, .. } if *locked == file));
    assert!(
        error
            .to_string()
            .ends_with("cookies.txt: another program is syncing it")
    );
    // One waits until the other has finished.
    let waiting = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| program(&file).sync().map(|synced| synced.import.stored));
        std::thread::sleep(Duration::from_millis(30));
        lock.unlock().expect("unlocked");
        waiting.join().expect("no panic")
    });
    assert_eq!(waiting.expect("synced"), 1);
    assert!(one.sync_with(short).is_ok());
    let nameless = MozillaCookieJar::with_jar(jar());
    assert!(matches!(
        nameless.sync(),
        Err(SyncError::MissingFilename(_))
    ));
}

#[cfg(unix)]
#[test]
fn a_lock_file_of_a_stranger_is_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = Folder::new();
    let file = folder.file();
    let lock = folder.0.path().join("cookies.txt.lock");
    let victim = folder.0.path().join("victim");
    symlink(&victim, &lock).expect("a link");
    let error = program(&file).sync().expect_err("a link");
    assert!(matches!(error, SyncError::Lock { .. }), "{error}");
    assert!(!victim.exists());
    fs::remove_file(&lock).expect("removed");
    let pipe = std::process::Command::new("mkfifo").arg(&lock).status();
    assert!(pipe.expect("mkfifo").success());
    assert!(matches!(program(&file).sync(), Err(SyncError::Lock { .. })));
    fs::remove_file(&lock).expect("removed");
    program(&file).sync().expect("synced");
    let mode = fs::metadata(&lock).expect("the lock").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Two paths of one file have one lock.
    let link = folder.0.path().join("link");
    symlink("cookies.txt", &link).expect("a link");
    let held = File::open(&lock).expect("the lock");
    held.lock().expect("locked");
    let short = SyncOptions::new().wait(Duration::from_millis(1));
    let error = program(&link).sync_with(short).expect_err("locked");
    assert!(matches!(error, SyncError::Locked { .. }), "{error}");
}

/// `cookies.txt` on a disk that can become full.
struct Full(Rc<Cell<bool>>);

impl CookieFormat for Full {
    fn read(&self, reader: &mut dyn Read, options: &ReadOptions) -> Result<Reading, LoadError> {
        cookies_txt::read(reader, options)
    }

    fn write(
        &self,
        writer: &mut dyn Write,
        cookies: &mut dyn Iterator<Item = &Cookie>,
        options: &WriteOptions,
    ) -> io::Result<WriteReport> {
        if self.0.get() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        cookies_txt::write(writer, cookies, options)
    }
}

#[test]
fn after_a_failure_nothing_is_forgotten() {
    let folder = Folder::new();
    let file = folder.file();
    let is_full = Rc::new(Cell::new(false));
    let (one, two) = (program_as(&file, Full(Rc::clone(&is_full))), program(&file));
    two.jar()
        .extend([cookie("a", "1"), cookie("b", "1"), cookie("c", "1")]);
    two.sync().expect("synced");
    one.sync().expect("synced");
    two.jar().remove(("acme.com", "/", "a")).expect("removed");
    two.jar().set_cookie(cookie("b", "2"));
    two.sync().expect("synced");
    one.jar().remove(("acme.com", "/", "c")).expect("removed");
    is_full.set(true);
    let before = fs::read(&file).expect("the file");
    let error = one.sync().expect_err("full");
    assert!(matches!(error, SyncError::Save(_)), "{error}");
    assert_eq!(
        (shown(&one), fs::read(&file).expect("the file")),
        ("b=2".into(), before)
    );
    // Others continue meanwhile, with the very cookies that were read.
    two.jar().extend([cookie("a", "3"), cookie("b", "3")]);
    two.sync().expect("synced");
    is_full.set(false);
    one.sync().expect("synced");
    two.sync().expect("synced");
    assert_eq!(
        (shown(&one), shown(&two)),
        ("a=3 b=3".into(), "a=3 b=3".into())
    );
}

#[test]
fn the_changes_of_a_sync_are_told() {
    let folder = Folder::new();
    let (one, two) = (program(&folder.file()), program(&folder.file()));
    let mut changes = two
        .jar()
        .changes(std::num::NonZeroUsize::new(16).expect("a number"));
    one.jar().extend([cookie("a", "1"), cookie("b", "1")]);
    assert!(one.sync().is_ok() && two.sync().is_ok());
    one.jar().set_cookie(cookie("a", "2"));
    one.jar().remove(("acme.com", "/", "b")).expect("removed");
    assert!(one.sync().is_ok() && two.sync().is_ok());
    let mut told = Vec::new();
    while let Some(Heard::Change(change)) = changes.try_next() {
        told.push((change.cookie.name().to_owned(), change.cause));
    }
    let expected = [
        ("a", ChangeCause::Stored),
        ("b", ChangeCause::Stored),
        ("b", ChangeCause::Cleared),
        ("a", ChangeCause::Replaced),
    ];
    assert_eq!(told, expected.map(|(name, cause)| (name.to_owned(), cause)));
}

/// Python ignores the lock, so it runs between two syncs.
#[test]
fn what_python_saves_between_two_syncs_is_taken_over() {
    const PROGRAM: &str = "\
import http.cookiejar, sys
jar = http.cookiejar.MozillaCookieJar(sys.argv[1])
jar.load()
jar.clear('acme.com', '/', 'b')
for cookie in list(jar):
    cookie.value += '!'
    jar.set_cookie(cookie)
jar.save()";
    let folder = Folder::new();
    let (one, two) = (program(&folder.file()), program(&folder.file()));
    one.jar().extend([cookie("a", "1"), cookie("b", "1")]);
    one.sync().expect("synced");
    one.jar().set_cookie(cookie("c", "1"));
    let mut python = std::process::Command::new("python3");
    let python = python.args(["-c", PROGRAM]).arg(folder.file()).status();
    if !python.is_ok_and(|status| status.success()) {
        cookiejar_tests::skip!("a file that Python saves between two syncs: there is no python3");
        return;
    }
    for program in [&one, &two] {
        let synced = program.sync().expect("synced");
        assert_eq!(synced.report.skipped, []);
        assert_eq!(shown(program), "a=1! c=1");
    }
}

#[test]
fn a_jar_in_use_loses_nothing_to_its_syncs() {
    let folder = Folder::new();
    let (one, two) = (program(&folder.file()), program(&folder.file()));
    std::thread::scope(|scope| {
        let jars = [one.jar(), two.jar()];
        for (number, jar) in jars.into_iter().enumerate() {
            scope.spawn(move || {
                for value in 0..400 {
                    jar.set_cookie(cookie(
                        &format!("{number}-{}", value % 40),
                        &value.to_string(),
                    ));
                    if value % 8 == 0 {
                        std::thread::yield_now();
                    }
                }
            });
        }
        for program in [&one, &two] {
            scope.spawn(move || {
                for _ in 0..15 {
                    program.sync().expect("synced");
                }
            });
        }
    });
    for program in [&one, &two, &one] {
        program.sync().expect("synced");
    }
    assert_eq!(shown(&one), shown(&two));
    assert_eq!(one.jar().len(), 80);
    for cookie in one.jar().snapshot() {
        let last: u32 = cookie.value().expect("a value").parse().expect("a number");
        assert!(last >= 360, "{cookie:?}");
    }
}

/// The actions of a program.
#[derive(Debug, Clone)]
enum Step {
    Set(usize),
    Delete(usize),
    Sync,
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let step = prop_oneof![
        3 => (0..4_usize).prop_map(Step::Set),
        2 => (0..4_usize).prop_map(Step::Delete),
        3 => Just(Step::Sync),
    ];
    vec((0..3_usize, step), 0..40)
}

/// Three programs and a map of the last writes: a program that has changed a cookie since its last sync writes
/// it, and reads all others.
fn agrees_with_a_map<F: CookieFormat + Copy>(format: F, steps: &[(usize, Step)]) {
    let folder = Folder::new();
    let programs = [(); 3].map(|()| program_as(&folder.file(), format));
    let mut written = BTreeMap::new();
    let mut at_last_sync = [(); 3].map(|()| BTreeMap::new());
    let name = |number: usize| format!("c{number}");
    let held = |program: &FileCookieJar<F>| -> BTreeMap<String, String> {
        let cookies = program.jar().snapshot();
        let pairs = cookies.iter();
        let pairs = pairs.map(|cookie| (cookie.name(), cookie.value().unwrap_or_default()));
        pairs
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    };
    for (value, (who, step)) in steps.iter().enumerate() {
        let program = &programs[*who];
        match step {
            Step::Set(number) => {
                program
                    .jar()
                    .set_cookie(cookie(&name(*number), &value.to_string()));
            }
            Step::Delete(number) => {
                let _ = program.jar().remove(("acme.com", "/", &*name(*number)));
            }
            Step::Sync => {
                let (now, before) = (held(program), &at_last_sync[*who]);
                for number in 0..4 {
                    let name = name(number);
                    if now.get(&name) != before.get(&name) {
                        match now.get(&name) {
                            Some(value) => written.insert(name, value.clone()),
                            None => written.remove(&name),
                        };
                    }
                }
                program.sync().expect("synced");
                assert_eq!(held(program), written);
                at_last_sync[*who].clone_from(&written);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn programs_agree_with_a_map(steps in steps()) {
        agrees_with_a_map(CookiesTxt, &steps);
        agrees_with_a_map(Lwp, &steps);
        #[cfg(feature = "json")]
        {
            use cookiejar::file::json::Program;

            agrees_with_a_map(cookiejar::file::Json, &steps);
            agrees_with_a_map(Program::Playwright, &steps);
            agrees_with_a_map(Program::CookieStore, &steps);
        }
    }
}
