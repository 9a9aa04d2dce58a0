//! SQLite as the database of several processes, of processes that are killed, and of disks that are full.

use std::env;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use cookiejar::persist::sqlite::Sqlite;
use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
use cookiejar::{Cookie, SharedCookieJar};
use tempfile::TempDir;
use url::Url;

#[cfg(target_os = "linux")]
mod disk;
mod killed;
mod many;
mod script;

type Sessions = PersistentCookieSessions<u32>;

const CHILD: &str = "COOKIEJAR_DATABASE_CHILD";

/// The time that a busy machine may take.
const PATIENCE: Duration = Duration::from_secs(120);

fn url() -> Url {
    Url::parse("https://acme.com/").expect("a URL")
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("jar.db");
    (folder, file)
}

fn open(file: &Path, linger: Duration) -> Sessions {
    Sessions::open(Sqlite::file(file), PersistOptions::new().linger(linger)).expect("it opens")
}

#[track_caller]
fn jar(sessions: &Sessions, key: u32) -> SharedCookieJar {
    sessions.jar(&key).wait().expect("it is loaded")
}

/// Stores the cookies of one response.
fn set(jar: &SharedCookieJar, cookies: &[&str]) {
    let fields: Vec<_> = cookies
        .iter()
        .map(|cookie| ("Set-Cookie", *cookie))
        .collect();
    let report = jar.extract_cookies(&fields, &url());
    assert!(report.rejected.is_empty(), "{report}");
}

/// The cookies of a jar, `name=value` each, in the order of their names.
fn content(jar: &SharedCookieJar) -> Vec<String> {
    let cookies = jar.snapshot();
    let pair =
        |cookie: &Cookie| format!("{}={}", cookie.name(), cookie.value().unwrap_or_default());
    let mut pairs: Vec<_> = cookies.iter().map(pair).collect();
    pairs.sort();
    pairs
}

/// Waits until a condition holds.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Not a test itself: the child process of the tests here.
#[test]
fn child() {
    let Ok(task) = env::var(CHILD) else { return };
    let mut parts = task.splitn(3, ' ');
    let mut part = || parts.next().expect("a part of the task").to_owned();
    let (name, number, file) = (part(), part().parse().expect("a number"), part());
    let file = Path::new(&file);
    match &*name {
        "killed" => killed::store_for_ever(file, number),
        "many" => many::change(file, number),
        "ends" => killed::store_and_return(file),
        other => panic!("no task {other}"),
    }
}

/// A child process, which is this program with a variable in its environment. It is killed when this is dropped.
struct Program {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(task: &str, number: u64, file: &Path) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.args([
            "--exact",
            "databases::child",
            "--nocapture",
            "--test-threads=1",
        ]);
        command.env(CHILD, format!("{task} {number} {}", file.display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a child");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self {
            child,
            input,
            output,
        }
    }

    /// The rest of the next line that starts with a word; `None` at the end.
    fn next(&mut self, word: &str) -> Option<String> {
        let mut lines = self.output.by_ref().map_while(Result::ok);
        lines.find_map(|line| line.strip_prefix(word).map(|rest| rest.trim().to_owned()))
    }

    #[track_caller]
    fn expect(&mut self, word: &str) -> String {
        self.next(word)
            .unwrap_or_else(|| panic!("the child ended before {word}"))
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("the child hears");
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
