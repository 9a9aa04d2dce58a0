//! Redis as an engine: the contract, and the properties of a server.
#![cfg(all(feature = "redis-1", feature = "psl"))]

use std::io::{self, BufRead};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cookiejar::SharedCookieJar;
use cookiejar::persist::engine::{
    Database, Engine, EngineError, Entry, Record, SessionBatch, Stamp, WriterId,
};
use cookiejar::persist::redis::Redis;
use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
use cookiejar::testing::check_engine;
use cookiejar_tests::server;
use url::Url;

mod errors;
mod faults;
mod hostile;
mod jars;
mod stored;

type Sessions = PersistentCookieSessions<String>;

#[test]
fn the_contract() {
    let address = server!("COOKIEJAR_REDIS", "the contract with Redis");
    check_engine(&engine(&address));
}

#[test]
fn the_contract_over_a_connector_and_the_newer_protocol() {
    let address = server!("COOKIEJAR_REDIS", "the contract with Redis, RESP3");
    let client = redis::Client::open(format!("{address}/0?protocol=resp3")).expect("a URL");
    check_engine(&Redis::with_connector(move || client.get_connection()));
}

fn engine(address: &str) -> Redis {
    Redis::url(address).expect("a URL")
}

/// An engine of a server behind this address.
fn engine_at(address: SocketAddr) -> Redis {
    engine(&format!("redis://{address}"))
}

fn socket(address: &str) -> SocketAddr {
    let host = address.strip_prefix("redis://").expect("an address");
    host.parse().expect("an address")
}

/// A namespace that no other test uses.
fn namespace() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("it-{}-{number}", std::process::id())
}

fn key(namespace: &str, name: &str) -> String {
    format!("cookiejar:{{{namespace}}}:{name}")
}

fn raw(address: &str) -> redis::Connection {
    let client = redis::Client::open(address).expect("a URL");
    client.get_connection().expect("a connection")
}

/// Sends a command.
#[track_caller]
fn send<T: redis::FromRedisValue>(connection: &mut redis::Connection, command: &[&str]) -> T {
    let mut all = redis::cmd(command[0]);
    for argument in &command[1..] {
        all.arg(*argument);
    }
    all.query(connection).expect("a reply")
}

#[track_caller]
fn connect(engine: &Redis, namespace: &str) -> Box<dyn Database> {
    engine.connect(namespace).expect("a database")
}

fn entry(name: &str, stamp: Stamp) -> Entry {
    Entry {
        identity: format!("acme.com\0/\0{name}").into_bytes().into(),
        stamp,
        writer: WriterId::new(7),
        record: Some(Record {
            bytes: Arc::from(&b"{}"[..]),
            ..Record::default()
        }),
    }
}

fn batch<'a>(session: &'a str, entries: &'a [Entry]) -> SessionBatch<'a> {
    SessionBatch {
        session,
        entries,
        ..SessionBatch::default()
    }
}

/// Stores one entry, and returns the version.
fn set(database: &mut dyn Database, session: &str, name: &str) -> Result<u64, EngineError> {
    let stamp = Stamp::at(database.hello()?.clock);
    let applied = database.apply(&[batch(session, &[entry(name, stamp)])])?;
    Ok(applied.value.version.get())
}

fn options(namespace: &str) -> PersistOptions {
    PersistOptions::new()
        .linger(Duration::ZERO)
        .namespace(namespace)
}

#[track_caller]
fn open(engine: &Redis, namespace: &str) -> Sessions {
    Sessions::open(engine.clone(), options(namespace)).expect("it opens")
}

#[track_caller]
fn jar(sessions: &Sessions, name: &str) -> SharedCookieJar {
    let jar = sessions.jar(&name.to_owned()).wait();
    jar.expect("it is loaded")
}

fn url() -> Url {
    Url::parse("https://acme.com/").expect("a URL")
}

#[track_caller]
fn cookie(jar: &SharedCookieJar, cookie: &str) {
    let report = jar.extract_cookies(&[("Set-Cookie", cookie)], &url());
    assert!(report.rejected.is_empty(), "{report}");
}

fn value(jar: &SharedCookieJar, name: &str) -> Option<String> {
    jar.value_for(&url(), name)
}

/// Waits until a condition holds.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A server of the test's own, which keeps nothing. It is killed when this is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        Self::start_at(address, options)
    }

    fn start_at(address: SocketAddr, options: &[&str]) -> Self {
        let port = address.port().to_string();
        let child = Command::new("redis-server")
            .args([
                "--bind",
                "127.0.0.1",
                "--port",
                &port,
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .args([
                "--dir",
                "/tmp",
                "--repl-diskless-sync",
                "yes",
                "--repl-diskless-sync-delay",
                "0",
            ])
            .args([
                "--repl-diskless-load",
                "swapdb",
                "--dbfilename",
                &format!("none-{port}.rdb"),
            ])
            .args(options)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server");
        until("the server listens", || {
            std::net::TcpStream::connect(address).is_ok()
        });
        Self { child, address }
    }

    fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Reads the words of a command.
fn read_command(reader: &mut impl BufRead) -> io::Result<Vec<String>> {
    fn number(reader: &mut impl BufRead) -> io::Result<usize> {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let digits = line.trim_end().get(1..).unwrap_or_default();
        digits.parse().map_err(io::Error::other)
    }
    let mut words = Vec::new();
    for _ in 0..number(reader)? {
        let mut word = vec![0; number(reader)? + 2];
        reader.read_exact(&mut word)?;
        words.push(String::from_utf8_lossy(&word).trim_end().to_owned());
    }
    Ok(words)
}
