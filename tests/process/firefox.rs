//! A real Firefox: with the cookies of its database, our jar sends exactly what Firefox sends.
#![cfg(all(feature = "psl", feature = "sqlite-system"))]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use cookiejar::file::{ReadOptions, Reading, firefox};
use cookiejar::{
    BrowserPolicy, CookieJar, CookiePolicy, DefaultCookiePolicy, Provenance, RequestContext,
};
use tempfile::TempDir;
use url::Url;

/// The time that a visit may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A page of another site contains pictures of this one.
const FRAMED: &str = "chat.test";

/// The cookies that each path sets.
fn set_by(path: &str) -> &'static [&'static str] {
    match path {
        "/set" => &[
            "plain=1; Max-Age=3600; Path=/",
            "all=2; Max-Age=3600; Path=/; Domain=acme.test",
            "deep=3; Max-Age=3600; Path=/sub",
            "lax=4; Max-Age=3600; Path=/; SameSite=Lax",
            "strict=5; Max-Age=3600; Path=/; SameSite=Strict",
            "http=6; Max-Age=3600; Path=/; HttpOnly",
            "empty=; Max-Age=3600; Path=/",
            "nameless; Max-Age=3600; Path=/",
            "quoted=\"7 8\"; Max-Age=3600; Path=/",
            "long=9; Max-Age=99999999999; Path=/sub/page",
            "old=10; Max-Age=0; Path=/",
            "session=11; Path=/",
        ],
        "/set-local" => &[
            "local=1; Max-Age=3600; Path=/",
            "secure=2; Max-Age=3600; Path=/; Secure; SameSite=None",
            "parted=3; Max-Age=3600; Path=/; Secure; SameSite=None; Partitioned",
        ],
        "/picture" => &["framed=1; Max-Age=3600; Path=/"],
        _ => &[],
    }
}

/// A loopback server that records the `Cookie` of each URL.
struct Server {
    port: u16,
    seen: Arc<Mutex<BTreeMap<String, Option<String>>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(BTreeMap::new()));
        let noted = Arc::clone(&seen);
        // Firefox opens connections ahead of its requests.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let noted = Arc::clone(&noted);
                thread::spawn(move || answer(&stream, port, &noted));
            }
        });
        Self { port, seen }
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// The requests received: each URL with its last `Cookie`.
    fn take(&self) -> BTreeMap<String, Option<String>> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn answer(
    stream: &TcpStream,
    port: u16,
    seen: &Mutex<BTreeMap<String, Option<String>>>,
) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let (mut host, mut cookie) = (String::new(), None);
    for line in lines.take_while(|line| !line.is_empty()) {
        match line.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("host") => value.clone_into(&mut host),
            Some((name, value)) if name.eq_ignore_ascii_case("cookie") => {
                cookie = Some(value.to_owned());
            }
            _ => {}
        }
    }
    let url = format!("http://{host}{path}");
    seen.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(url, cookie);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
    let fields = set_by(&path).iter();
    let fields: String = fields
        .flat_map(|cookie| ["Set-Cookie: ", cookie, "\r\n"])
        .collect();
    let picture = format!("<img src='http://{FRAMED}:{port}/picture'>");
    let body = if path == "/page" {
        &*picture
    } else {
        "<p>page"
    };
    let mut stream = stream;
    write!(
        stream,
        "{head}{fields}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()
}

struct Firefox {
    program: PathBuf,
    profile: TempDir,
}

impl Firefox {
    /// A new profile, whose test domains resolve to loopback. It sends no other request.
    fn find() -> Option<Self> {
        const PREFERENCES: &str = r#"
            user_pref("network.dns.localDomains", "acme.test,www.acme.test,shop.test,chat.test");
            user_pref("dom.security.https_first", false);
            user_pref("network.captive-portal-service.enabled", false);
            user_pref("network.connectivity-service.enabled", false);
            user_pref("datareporting.policy.dataSubmissionEnabled", false);
            user_pref("app.normandy.enabled", false);
            user_pref("browser.safebrowsing.update.enabled", false);
            user_pref("browser.aboutwelcome.enabled", false);
        "#;
        if !cookiejar_tests::is_thorough() {
            return None;
        }
        let paths = std::env::var_os("PATH")?;
        let names = ["firefox-esr", "firefox"];
        let mut programs =
            std::env::split_paths(&paths).flat_map(|folder| names.map(|name| folder.join(name)));
        let program = programs.find(|program| program.is_file())?;
        let profile = tempfile::tempdir().expect("a folder");
        fs::write(profile.path().join("user.js"), PREFERENCES).expect("written");
        Some(Self { program, profile })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--headless", "--no-remote", "--profile"])
            .arg(self.profile.path());
        command.env("HOME", self.profile.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Loads a page, and exits.
    fn visit(&self, url: &str) {
        let mut command = self.command();
        command
            .arg("--screenshot")
            .arg(self.profile.path().join("page.png"))
            .arg(url);
        let mut child = Running(command.spawn().expect("Firefox"));
        let end = Instant::now() + PATIENCE;
        while child.0.try_wait().expect("its state").is_none() {
            assert!(Instant::now() < end, "Firefox does not end at {url}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn read(&self) -> Reading {
        let file = self.profile.path().join("cookies.sqlite");
        firefox::read(file, &ReadOptions::new()).expect("the cookies of Firefox")
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The `Cookie` of our jar for a request of Firefox: a page, or a picture in one of another site.
fn ours<P: CookiePolicy>(jar: &CookieJar<P>, url: &str) -> Option<String> {
    let url = Url::parse(url).expect("a URL");
    let page = Url::parse("http://shop.test/").expect("a URL");
    let partition = match url.host_str() {
        Some("127.0.0.1") => "http://127.0.0.1",
        Some("chat.test") if url.path() == "/picture" => "http://shop.test",
        Some("chat.test") => "http://chat.test",
        Some("shop.test") => "http://shop.test",
        _ => "http://acme.test",
    };
    let mut provenance = Provenance::new()
        .partition_key(partition)
        .top_level_navigation(true);
    if url.path() == "/picture" {
        provenance = provenance.initiator(&page).top_level_navigation(false);
    }
    let header = jar.cookie_header(RequestContext::from(&url).caused_by(provenance))?;
    Some(header.to_str().expect("a text").to_owned())
}

#[test]
fn our_jar_sends_what_firefox_sends() {
    let Some(firefox) = Firefox::find() else {
        cookiejar_tests::skip!(
            "the database of a real Firefox: it is not asked for, or there is no firefox-esr"
        );
        return;
    };
    let server = Server::start();
    for (host, path) in [
        ("www.acme.test", "/set"),
        ("127.0.0.1", "/set-local"),
        ("shop.test", "/page"),
    ] {
        firefox.visit(&server.url(host, path));
    }
    server.take();
    let reading = firefox.read();
    assert_eq!(reading.report.skipped, []);
    let mut default = CookieJar::with_policy(DefaultCookiePolicy::new());
    // Firefox sends cookies without SameSite with pictures in pages of other sites.
    let mut browser = CookieJar::with_policy(BrowserPolicy::new().lax_by_default(false));
    default.extend(reading.cookies.iter().cloned());
    browser.extend(reading.cookies);

    let pages = [
        ("www.acme.test", "/"),
        ("www.acme.test", "/sub"),
        ("www.acme.test", "/sub/page"),
        ("acme.test", "/"),
        ("127.0.0.1", "/"),
        ("shop.test", "/page"),
        ("chat.test", "/"),
    ];
    let mut sent = 0;
    for (host, path) in pages {
        firefox.visit(&server.url(host, path));
        for (url, theirs) in server.take() {
            if url.ends_with("favicon.ico") {
                continue;
            }
            assert_eq!(ours(&browser, &url), theirs, "{url}");
            // Python gives the same answer over plain http, on loopback, too.
            if host != "127.0.0.1" {
                assert_eq!(ours(&default, &url), theirs, "{url}");
            }
            sent += usize::from(theirs.is_some());
        }
    }
    assert!(sent >= 6, "{sent} requests had cookies");
}

#[test]
fn a_running_firefox_is_read() {
    let Some(firefox) = Firefox::find() else {
        return; // Said above.
    };
    let server = Server::start();
    let mut command = firefox.command();
    command.arg(server.url("www.acme.test", "/set"));
    let mut running = Running(command.spawn().expect("Firefox"));
    let end = Instant::now() + PATIENCE;
    let file = firefox.profile.path().join("cookies.sqlite");
    loop {
        let reading = firefox::read(&file, &ReadOptions::new());
        if reading.is_ok_and(|reading| reading.cookies.len() >= 10) {
            break;
        }
        assert!(Instant::now() < end, "Firefox has not stored its cookies");
        thread::sleep(Duration::from_millis(50));
    }
    assert!(
        running.0.try_wait().expect("its state").is_none(),
        "Firefox is running"
    );
}
