//! Eight processes with one file: each adds, changes and deletes cookies for a while, and one after the other is killed
//! while it holds the lock. Nothing is lost, and nothing that was deleted comes back.
//!
//! A child process is this program with a variable in its environment.
#![cfg(feature = "psl")]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cookiejar::file::{LoadOptions, SyncOptions};
use cookiejar::{Cookie, MozillaCookieJar};
use time::macros::datetime;

use cookiejar_tests::is_thorough;

const CHILD: &str = "COOKIEJAR_SYNC_CHILD";
const PROCESSES: usize = 8;

/// The number of cookies that a process has at a time.
const SLOTS: usize = 12;

fn domain(process: usize) -> String {
    format!("p{process}.example")
}

/// The cookies of a domain: each name with its value, which grows with each change. No name is reused.
fn held(cookies: &MozillaCookieJar, domain: &str) -> BTreeMap<String, u64> {
    let cookies = cookies.jar().snapshot();
    let own = cookies.iter().filter(|cookie| cookie.domain() == domain);
    own.map(|cookie| {
        let value = cookie.value().expect("a value").parse();
        (cookie.name().to_owned(), value.expect("a number"))
    })
    .collect()
}

/// The state of another process as last seen.
#[derive(Default)]
struct Seen {
    now: BTreeMap<String, u64>,
    gone: BTreeSet<String>,
}

impl Seen {
    fn look(&mut self, now: BTreeMap<String, u64>) {
        for (name, value) in &now {
            assert!(!self.gone.contains(name), "{name} has come back");
            let before = self.now.get(name);
            assert!(
                before.is_none_or(|before| before <= value),
                "{name} is older than before"
            );
        }
        let gone = self.now.keys().filter(|name| !now.contains_key(*name));
        self.gone.extend(gone.cloned());
        self.now = now;
    }
}

fn random_slot(random: u64) -> usize {
    usize::try_from(random % SLOTS as u64).expect("a small number")
}

/// The child: changes cookies of its own domain, syncs, and checks those of the others. At the end it prints
/// its cookies.
fn work(process: usize, file: &Path, time: Duration) {
    let cookies = MozillaCookieJar::open(file).expect("opened");
    let own = domain(process);
    let mut expected = BTreeMap::new();
    let mut others: Vec<_> = (0..PROCESSES).map(|_| Seen::default()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(process as u64 + 1);
    let begin = Instant::now();
    let mut step = 0_u64;
    while begin.elapsed() < time {
        step += 1;
        for _ in 0..3 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let oldest: Option<&String> = expected.keys().nth(random_slot(random));
            match (random >> 32) % 3 {
                0 if expected.len() < SLOTS => {
                    expected.insert(format!("c{step}-{}", random % 1_000_000), step);
                }
                1 => {
                    if let Some(name) = oldest.cloned() {
                        expected.remove(&name);
                        cookies.jar().remove((&*own, "/", &*name)).expect("own");
                    }
                }
                _ => {
                    if let Some(name) = oldest.cloned() {
                        expected.insert(name, step);
                    }
                }
            }
            for (name, value) in expected.iter().filter(|(_, value)| **value == step) {
                let value = value.to_string();
                let cookie = Cookie::builder(name, &value).domain(&own);
                let cookie = cookie.expires(datetime!(2100-01-01 0:00 UTC)).build();
                cookies.jar().set_cookie(cookie.expect("a cookie"));
            }
        }
        let patient = SyncOptions::new().wait(Duration::from_secs(60));
        cookies.sync_with(patient).expect("synced");
        assert_eq!(held(&cookies, &own), expected, "its own cookies");
        for (other, seen) in others
            .iter_mut()
            .enumerate()
            .filter(|(other, _)| *other != process)
        {
            seen.look(held(&cookies, &domain(other)));
        }
    }
    for (name, value) in &expected {
        println!("\ncookie {name} {value}");
    }
    println!("\nsteps {step}");
}

/// Not a test itself: the child process of the test below.
#[test]
fn child() {
    let Ok(task) = env::var(CHILD) else { return };
    let mut parts = task.splitn(3, ' ');
    let mut part = || parts.next().expect("a part of the task");
    let (process, millis, file) = (part(), part(), part());
    let time = Duration::from_millis(millis.parse().expect("a number"));
    match process {
        "hold" => {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false);
            let lock = options.open(format!("{file}.lock")).expect("the lock file");
            lock.lock().expect("locked");
            println!("\nlocked");
            std::thread::sleep(time);
        }
        number => work(number.parse().expect("a number"), Path::new(file), time),
    }
}

fn spawn(process: &str, file: &Path, time: Duration) -> Child {
    let mut command = Command::new(env::current_exe().expect("this program"));
    let arguments = [
        "--exact",
        "files_sync::child",
        "--nocapture",
        "--test-threads=1",
    ];
    command.args(arguments);
    command.env(
        CHILD,
        format!("{process} {} {}", time.as_millis(), file.display()),
    );
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("a child")
}

/// Waits until some child holds the lock, and kills it there.
fn hold_and_be_killed(file: &Path) {
    use std::io::{BufRead, BufReader};

    let mut child = spawn("hold", file, Duration::from_secs(600));
    let output = BufReader::new(child.stdout.take().expect("its output"));
    let mut lines = output.lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "locked"), "the child ended");
    child.kill().expect("killed");
    child.wait().expect("ended");
}

#[test]
fn eight_processes_lose_nothing_and_nothing_comes_back() {
    let _quiet = crate::quiet();
    let time = Duration::from_secs(if is_thorough() { 60 } else { 3 });
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookies.txt");
    let children: Vec<_> = (0..PROCESSES)
        .map(|process| spawn(&process.to_string(), &file, time))
        .collect();
    let begin = Instant::now();
    while begin.elapsed() < time {
        hold_and_be_killed(&file);
        std::thread::sleep(time / 10);
    }
    let mut expected = BTreeMap::new();
    for (process, child) in children.into_iter().enumerate() {
        let output = child.wait_with_output().expect("its output");
        let (said, error) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{said}\n{error}");
        let own = said.lines().filter_map(|line| line.strip_prefix("cookie "));
        let own = own.filter_map(|line| line.split_once(' '));
        let own: BTreeMap<_, u64> = own
            .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
            .collect();
        let steps = said.lines().find_map(|line| line.strip_prefix("steps "));
        let steps: u64 = steps.expect("the steps").parse().expect("a number");
        assert!(steps > 1, "process {process} has done nothing");
        expected.insert(domain(process), own);
    }
    let cookies = MozillaCookieJar::new(&file);
    let loaded = cookies.load_with(LoadOptions::new()).expect("a whole file");
    assert_eq!(loaded.report.skipped, []);
    for (domain, own) in &expected {
        assert_eq!(held(&cookies, domain), *own, "{domain}");
    }
    let count: usize = expected.values().map(BTreeMap::len).sum();
    assert_eq!(cookies.jar().len(), count);
    assert!(File::open(folder.path().join("cookies.txt.lock")).is_ok());
}
