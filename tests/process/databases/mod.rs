//! A database of several processes, of processes that are stopped or killed, and of disks that are full.

use std::env;
use std::fmt;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cookiejar::persist::engine::Engine;
use cookiejar::persist::sqlite::Sqlite;
use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
use cookiejar::{Cookie, SharedCookieJar};
use tempfile::TempDir;
use url::Url;

mod agree;
#[cfg(target_os = "linux")]
mod disk;
mod killed;
mod logins;
mod many;
mod memory;
mod script;
#[cfg(all(feature = "postgres-0_19", feature = "redis-1", unix))]
mod servers;
#[cfg(all(feature = "redis-1", unix))]
mod stopped;
mod storm;

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

/// Where the sessions are: a SQLite file, or a namespace of a server.
#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    #[cfg(feature = "redis-1")]
    Redis {
        address: String,
        namespace: String,
    },
    #[cfg(feature = "postgres-0_19")]
    Postgres {
        address: String,
        namespace: String,
    },
}

impl Place {
    /// Parses what `Display` has written.
    fn parse(text: &str) -> Self {
        #[cfg(feature = "redis-1")]
        if text.starts_with("redis://") {
            let (address, namespace) = text.split_once(' ').expect("a namespace");
            return Self::redis(address, namespace);
        }
        #[cfg(feature = "postgres-0_19")]
        if let Some((address, namespace)) = text.rsplit_once(" namespace=") {
            return Self::postgres(address, namespace);
        }
        Self::File(text.into())
    }

    #[cfg(feature = "postgres-0_19")]
    fn postgres(address: &str, namespace: &str) -> Self {
        Self::Postgres {
            address: address.to_owned(),
            namespace: namespace.to_owned(),
        }
    }

    /// A namespace of the server that no other test uses.
    #[cfg(feature = "postgres-0_19")]
    fn new_in_postgres(address: &str, name: &str) -> Self {
        let engine = cookiejar::persist::postgres::Postgres::config(address);
        let engine = engine.expect("an address");
        engine.create_tables().expect("tables");
        Self::postgres(address, &format!("{name}-{}", std::process::id()))
    }

    #[cfg(feature = "redis-1")]
    fn redis(address: &str, namespace: &str) -> Self {
        Self::Redis {
            address: address.to_owned(),
            namespace: namespace.to_owned(),
        }
    }

    /// A namespace of the server that no other test uses.
    #[cfg(feature = "redis-1")]
    fn new_in_redis(address: &str, name: &str) -> Self {
        Self::redis(address, &format!("{name}-{}", std::process::id()))
    }

    fn engine(&self) -> Arc<dyn Engine> {
        match self {
            Self::File(file) => Arc::new(Sqlite::file(file)),
            #[cfg(feature = "redis-1")]
            Self::Redis { address, .. } => {
                Arc::new(cookiejar::persist::redis::Redis::url(address).expect("a URL"))
            }
            #[cfg(feature = "postgres-0_19")]
            Self::Postgres { address, .. } => {
                let engine = cookiejar::persist::postgres::Postgres::config(address);
                Arc::new(engine.expect("an address"))
            }
        }
    }

    fn namespace(&self) -> &str {
        match self {
            Self::File(_) => "default",
            #[cfg(feature = "redis-1")]
            Self::Redis { namespace, .. } => namespace,
            #[cfg(feature = "postgres-0_19")]
            Self::Postgres { namespace, .. } => namespace,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(f),
            #[cfg(feature = "redis-1")]
            Self::Redis { address, namespace } => write!(f, "{address} {namespace}"),
            #[cfg(feature = "postgres-0_19")]
            Self::Postgres { address, namespace } => write!(f, "{address} namespace={namespace}"),
        }
    }
}

impl From<&PathBuf> for Place {
    fn from(file: &PathBuf) -> Self {
        Self::File(file.clone())
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

fn open(place: impl Into<Place>, linger: Duration) -> Sessions {
    let place = place.into();
    let options = PersistOptions::new()
        .linger(linger)
        .namespace(place.namespace());
    Sessions::open(place.engine(), options).expect("it opens")
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
    let (name, number, place) = (part(), part().parse().expect("a number"), part());
    let place = Place::parse(&place);
    match &*name {
        "killed" => killed::store_for_ever(&place, number),
        "many" => many::change(&place, number),
        "logs_in" => logins::log_in(&place, number),
        "holds" => logins::hold(&place, number),
        "storm" => storm::change(&place, number),
        "ends" => killed::store_and_return(&place),
        #[cfg(all(feature = "redis-1", unix))]
        "stopped" => stopped::show(&place),
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
    fn start(task: &str, number: u64, place: impl Into<Place>) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.args([
            "--exact",
            "databases::child",
            "--nocapture",
            "--test-threads=1",
        ]);
        command.env(CHILD, format!("{task} {number} {}", place.into()));
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
