//! A kill during a save: the file is always one whole generation.
//!
//! A child process, which is this program with a variable in its environment, saves one generation after
//! the other in a loop. `CRASH_KILLS` sets the number of kills per format; the default is
//! small, and CI sets 2,000.
#![cfg(feature = "psl")]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cookiejar::file::{
    CookieFormat, CookiesTxt, FileCookieJar, LoadOptions, Lwp, ReadOptions, SaveError, SaveOptions,
    SaveStep, WriteOptions,
};
use cookiejar::{Cookie, CookieJar};

const CHILD: &str = "COOKIEJAR_CRASH_CHILD";
const COOKIES: usize = 300;

/// A jar whose cookies all have the number of its generation as their value.
fn generation(number: u64) -> CookieJar {
    let value = number.to_string();
    let cookie = |index: usize| {
        let name = format!("cookie{index}");
        let cookie = Cookie::builder(&name, &value).domain("acme.com").build();
        cookie.expect("a cookie")
    };
    (0..COOKIES).map(cookie).collect()
}

fn save<F: CookieFormat + Default>(jar: CookieJar, file: &Path) -> Result<(), SaveError> {
    let options = SaveOptions::from(WriteOptions::new().ignore_discard(true)).filename(file);
    let saved = FileCookieJar::<F>::with_jar(jar).save_with(options)?;
    assert_eq!(saved.report.written, COOKIES);
    Ok(())
}

/// The generation of a file, which must be whole.
fn load<F: CookieFormat + Default>(file: &Path) -> u64 {
    let jar = FileCookieJar::<F>::with_jar(CookieJar::new());
    let options = LoadOptions::from(ReadOptions::new().ignore_discard(true)).filename(file);
    let loaded = jar.load_with(options).expect("a whole file");
    assert_eq!(loaded.report.skipped, []);
    let cookies = jar.jar().snapshot();
    let values: Vec<_> = cookies.iter().filter_map(Cookie::value).collect();
    assert_eq!(values.len(), COOKIES);
    assert!(
        values.iter().all(|value| *value == values[0]),
        "two generations in one file"
    );
    values[0].parse().expect("a number")
}

/// The child process: it reports its first save, and runs until it is killed.
fn save_for_ever<F: CookieFormat + Default>(file: &Path, first: u64) {
    for number in first.. {
        save::<F>(generation(number), file).expect("saved");
        if number == first {
            println!("\nsaved");
        }
    }
}

/// Not a test itself: the child process of the tests below.
#[test]
fn child() {
    let Ok(task) = env::var(CHILD) else { return };
    let mut parts = task.splitn(3, ' ');
    let mut part = || parts.next().expect("a part of the task").to_owned();
    let (format, first, file) = (part(), part().parse().expect("a number"), part());
    let file = Path::new(&file);
    match &*format {
        "cookies.txt" => save_for_ever::<CookiesTxt>(file, first),
        "lwp" => save_for_ever::<Lwp>(file, first),
        #[cfg(feature = "json")]
        "json" => save_for_ever::<cookiejar::file::Json>(file, first),
        other => panic!("no format {other}"),
    }
}

/// A child process that has saved at least once.
fn spawn(format: &str, first: u64, file: &Path) -> Child {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args([
        "--exact",
        "files_crash::child",
        "--nocapture",
        "--test-threads=1",
    ]);
    command.env(CHILD, format!("{format} {first} {}", file.display()));
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a child");
    let output = BufReader::new(child.stdout.take().expect("its output"));
    let mut lines = output.lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "saved"), "the child ended");
    child
}

fn temporary_files(folder: &Path) -> usize {
    let names = fs::read_dir(folder).expect("a folder").flatten();
    let is_temporary = |name: &str| name.to_ascii_lowercase().contains(".tmp");
    names
        .filter(|entry| is_temporary(&entry.file_name().to_string_lossy()))
        .count()
}

fn kill_while_saving<F: CookieFormat + Default>(format: &str) {
    let kills = env::var("CRASH_KILLS").map_or(60, |kills| kills.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(format!("jar.{format}"));
    let (mut generation_before, mut left_behind) = (0, 0);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..kills {
        let mut child = spawn(format, generation_before + 1, &file);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(Duration::from_micros(random % 4_000));
        child.kill().expect("killed");
        child.wait().expect("dead");
        let generation = load::<F>(&file);
        assert!(
            generation > generation_before,
            "an old generation came back"
        );
        generation_before = generation;
        let temporary = temporary_files(folder.path());
        assert!(temporary <= 1, "the next save takes stale files away");
        left_behind += temporary;
    }
    save::<F>(generation(0), &file).expect("saved");
    assert_eq!(temporary_files(folder.path()), 0);
    eprintln!("{format}: {kills} kills, {left_behind} of them while a temporary file was there");
}

#[test]
fn cookies_txt_is_whole_whenever_the_writer_is_killed() {
    kill_while_saving::<CookiesTxt>("cookies.txt");
}

#[test]
fn lwp_is_whole_whenever_the_writer_is_killed() {
    kill_while_saving::<Lwp>("lwp");
}

#[cfg(feature = "json")]
#[test]
fn json_is_whole_whenever_the_writer_is_killed() {
    kill_while_saving::<cookiejar::file::Json>("json");
}

#[test]
fn two_processes_save_against_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookies.txt");
    let mut children = [1, 1 << 32].map(|first| spawn("cookies.txt", first, &file));
    let end = Instant::now() + Duration::from_secs(2);
    let (mut of_first, mut of_second) = (0, 0);
    while Instant::now() < end {
        let counter = if load::<CookiesTxt>(&file) < 1 << 32 {
            &mut of_first
        } else {
            &mut of_second
        };
        *counter += 1;
    }
    for child in &mut children {
        assert!(
            child.try_wait().expect("its state").is_none(),
            "a child failed to save"
        );
        child.kill().expect("killed");
        child.wait().expect("dead");
    }
    assert!(of_first > 0 && of_second > 0, "both of them save");
    save::<CookiesTxt>(generation(0), &file).expect("saved");
    assert_eq!(temporary_files(folder.path()), 0);
}

/// A small disk, which is unmounted when dropped.
#[cfg(target_os = "linux")]
struct SmallDisk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    /// `None` where mounting is not allowed.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(folder.path());
        let mounted = command.stderr(Stdio::null()).status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| Self(folder))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file() {
    fn fill<F: CookieFormat + Default>(disk: &SmallDisk, name: &str) {
        let file = disk.0.path().join(name);
        save::<F>(generation(1), &file).expect("there is room for one");
        let old = fs::read(&file).expect("the file");
        // Less space is left than a second file needs.
        let rest = disk.0.path().join("rest");
        fs::write(
            &rest,
            vec![0; 64 * 1024 - old.len().next_multiple_of(4096) - 8192],
        )
        .expect("filled");
        let error = save::<F>(generation(2), &file).expect_err("no room");
        let SaveError::Io { step, source, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(
            (*step, source.kind()),
            (SaveStep::Write, std::io::ErrorKind::StorageFull)
        );
        assert_eq!(fs::read(&file).expect("the file"), old);
        assert_eq!(temporary_files(disk.0.path()), 0);
        fs::remove_file(rest).expect("removed");
        fs::remove_file(file).expect("removed");
    }
    let Some(disk) = SmallDisk::mount() else {
        cookiejar_tests::skip!("files on a full disk: no tmpfs can be mounted here");
        return;
    };
    fill::<CookiesTxt>(&disk, "cookies.txt");
    fill::<Lwp>(&disk, "lwp");
    #[cfg(feature = "json")]
    fill::<cookiejar::file::Json>(&disk, "json");
}

#[cfg(unix)]
#[test]
fn the_file_is_private_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;

    for umask in ["000", "077", "777"] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cookies.txt");
        let task = format!("cookies.txt 1 {}", file.display());
        let program = env::current_exe().expect("this program");
        let script = format!("umask {umask}; exec \"$0\" --exact files_crash::child --nocapture");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(program).env(CHILD, task);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a child");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines = output.lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "saved"), "the child ended");
        child.kill().expect("killed");
        child.wait().expect("dead");
        let mode = fs::metadata(&file).expect("the file").permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "umask {umask}");
    }
}
