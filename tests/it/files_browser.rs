//! A browser that loads the files written here sends what this jar sends, and vice versa.
//!
//! The browser is a headless Chromium, for which every host is a loopback server that answers with the
//! `Cookie` header that it received. It is driven by Playwright, by Puppeteer and by ChromeDriver. The tests are
//! skipped, with a message, if the browser is not installed; the first two also if
//! `COOKIEJAR_NODE` does not name a folder in which `playwright-core` and `puppeteer-core` are installed.
#![cfg(all(feature = "psl", feature = "json"))]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cookiejar::file::json::{self, Program};
use cookiejar::file::{ReadOptions, WriteOptions};
use cookiejar::policy::PublicSuffixes;
use cookiejar::{BrowserPolicy, Cookie, CookieJar, Provenance, RequestContext};
use url::Url;

/// 60 cookies of all kinds that a browser accepts: the host and the `Set-Cookie`.
const COOKIES: [(&str, &str); 60] = [
    ("http://www.acme.test/x/y", "host=1"),
    ("http://www.acme.test/x/y", "root=1; Path=/"),
    ("http://www.acme.test/x/y", "deep=1; Path=/x/y"),
    ("http://www.acme.test/x/y", "slash=1; Path=/x/"),
    ("http://www.acme.test/x/y", "elsewhere=1; Path=/z"),
    (
        "http://www.acme.test/x/y",
        "domain=1; Domain=acme.test; Path=/",
    ),
    (
        "http://www.acme.test/x/y",
        "dotted=1; Domain=.acme.test; Path=/",
    ),
    (
        "http://www.acme.test/x/y",
        "own=1; Domain=www.acme.test; Path=/",
    ),
    ("http://www.acme.test/x/y", "same=host; Path=/"),
    (
        "http://www.acme.test/x/y",
        "same=domain; Domain=acme.test; Path=/",
    ),
    ("http://www.acme.test/x/y", "same=path"),
    (
        "http://www.acme.test/x/y",
        "kept=1; Path=/; Max-Age=10000000",
    ),
    (
        "http://www.acme.test/x/y",
        "dated=1; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
    ),
    ("http://www.acme.test/x/y", "httponly=1; Path=/; HttpOnly"),
    (
        "http://www.acme.test/x/y",
        "kepthttponly=1; Path=/; HttpOnly; Max-Age=10000000",
    ),
    ("http://www.acme.test/x/y", "lax=1; Path=/; SameSite=Lax"),
    (
        "http://www.acme.test/x/y",
        "strict=1; Path=/; SameSite=Strict",
    ),
    (
        "http://www.acme.test/x/y",
        "strictdomain=1; Domain=acme.test; Path=/; SameSite=Strict",
    ),
    (
        "http://www.acme.test/x/y",
        "oddsite=1; Path=/; SameSite=odd",
    ),
    ("http://www.acme.test/x/y", "empty=; Path=/"),
    ("http://www.acme.test/x/y", "nameless; Path=/"),
    ("http://www.acme.test/x/y", "eq=a=b==; Path=/"),
    ("http://www.acme.test/x/y", "quoted=\"a b\"; Path=/"),
    ("http://www.acme.test/x/y", "quote=\"; Path=/"),
    ("http://www.acme.test/x/y", "backslash=a\\b; Path=/"),
    ("http://www.acme.test/x/y", "json={\"a\":[1,2]}; Path=/"),
    ("http://www.acme.test/x/y", "comma=1,2; Path=/"),
    ("http://www.acme.test/x/y", "blank=a b  c; Path=/"),
    ("http://www.acme.test/x/y", "tilde=~a; Path=/"),
    ("http://www.acme.test/x/y", "percent=%3B%20; Path=/"),
    ("http://www.acme.test/x/y", "pipe=a|b; Path=/"),
    ("http://www.acme.test/x/y", "html=<b>&amp;</b>; Path=/"),
    ("http://www.acme.test/x/y", "utf8=caf\u{e9}; Path=/"),
    ("http://www.acme.test/x/y", "emoji=\u{1f36a}; Path=/"),
    ("http://www.acme.test/x/y", "n\u{e4}me=1; Path=/"),
    ("http://www.acme.test/x/y", "a b=1; Path=/"),
    ("http://www.acme.test/x/y", "a,b=1; Path=/"),
    ("http://www.acme.test/x/y", "a\"b=1; Path=/"),
    ("http://www.acme.test/x/y", "$dollar=1; Path=/"),
    ("http://www.acme.test/x/y", "UPPER=1; Path=/"),
    ("http://www.acme.test/x/y", "upper=2; Path=/"),
    ("http://www.acme.test/x/y", "1=1; Path=/"),
    ("http://www.acme.test/x/y", "constructor=1; Path=/"),
    ("http://www.acme.test/x/y", "toString=1; Path=/"),
    ("http://acme.test/", "parent=1"),
    ("http://acme.test/", "parentdomain=1; Domain=acme.test"),
    ("http://a.www.acme.test/", "below=1"),
    (
        "http://a.www.acme.test/",
        "belowdomain=1; Domain=www.acme.test; Path=/x",
    ),
    ("http://other.test/", "other=1; Path=/"),
    ("http://localhost/", "local=1; Path=/"),
    ("http://localhost/", "secure=1; Path=/; Secure"),
    (
        "http://localhost/",
        "keptsecure=1; Path=/; Secure; HttpOnly; Max-Age=10000000",
    ),
    ("http://localhost/", "none=1; Path=/; Secure; SameSite=None"),
    ("http://localhost/", "__Host-h=1; Path=/; Secure"),
    ("http://localhost/", "__Secure-s=1; Path=/x; Secure"),
    (
        "http://localhost/",
        "partitioned=1; Path=/; Secure; SameSite=None; Partitioned",
    ),
    (
        "http://localhost/",
        "partitionedkept=1; Path=/; Secure; Partitioned; Max-Age=10000000",
    ),
    ("http://127.0.0.1/", "ip=1; Path=/"),
    ("http://127.0.0.1/", "ipdeep=1; Path=/x"),
    ("http://b\u{fc}cher.test/", "idn=1; Path=/"),
];

const ASKED: [&str; 12] = [
    "http://www.acme.test/x/y",
    "http://www.acme.test/x",
    "http://www.acme.test/xy",
    "http://www.acme.test/",
    "http://acme.test/x/y",
    "http://a.www.acme.test/x/y",
    "http://b.www.acme.test/",
    "http://other.test/",
    "http://localhost/x",
    "http://localhost/",
    "http://127.0.0.1/x",
    "http://xn--bcher-kva.test/",
];

/// A request of the page in the address bar itself, in the partition of its own site.
fn asked(jar: &CookieJar<BrowserPolicy>, url: &str) -> String {
    let url = Url::parse(url).expect("a URL");
    let key = site_of(&url);
    let context = RequestContext::from(&url).caused_by(Provenance::new().partition_key(&key));
    let header = jar.cookie_header(context);
    header.map_or_else(String::new, |header| {
        String::from_utf8(header.into_bytes()).expect("UTF-8")
    })
}

fn site_of(url: &Url) -> String {
    let host = url.host_str().expect("a host");
    let labels: Vec<_> = host.split('.').collect();
    let is_name = labels
        .last()
        .is_some_and(|label| label.parse::<u8>().is_err());
    let site = match labels.as_slice() {
        [.., second, last] if is_name => format!("{second}.{last}"),
        _ => host.to_owned(),
    };
    format!("{}://{site}", url.scheme())
}

fn jar() -> CookieJar<BrowserPolicy> {
    // `test` is not a public suffix, although the browser treats it as one.
    CookieJar::with_policy(BrowserPolicy::with_suffixes(
        PublicSuffixes::parse("test\n").expect("a list"),
    ))
}

fn full_jar() -> CookieJar<BrowserPolicy> {
    let mut jar = jar();
    for (url, cookie) in COOKIES {
        let url = Url::parse(url).expect("a URL");
        let key = site_of(&url);
        let context = RequestContext::from(&url).caused_by(Provenance::new().partition_key(&key));
        let account = jar.extract_cookies(&[("Set-Cookie", cookie)], context);
        assert_eq!(account.stored, 1, "{cookie}");
    }
    jar
}

/// Answers every request with the received `Cookie` header.
fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    port
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut cookies = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 || line.trim_ascii().is_empty() {
            break;
        }
        if line.len() > 7 && line[..7].eq_ignore_ascii_case(b"cookie:") {
            cookies = line[7..].trim_ascii().to_vec();
        }
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        cookies.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&cookies)
}

fn is_installed(program: &str) -> bool {
    if !cookiejar_tests::is_thorough() {
        cookiejar_tests::skip!("cookies in a browser");
        return false;
    }
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let found = command.status().is_ok_and(|status| status.success());
    if !found {
        cookiejar_tests::skip!("cookies in a browser: {program} is not installed");
    }
    found
}

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/programs")
}

/// Runs a script that visits the URLs, and returns the header of each.
fn headers(command: &mut Command) -> Vec<(String, String)> {
    let output = command.output().expect("it runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text
        .lines()
        .map(|line| line.split_once('\t').expect("a tab"));
    lines
        .map(|(url, header)| (url.to_owned(), header.to_owned()))
        .collect()
}

/// The cookies of a header, sorted by text: a browser may order cookies that were set at once in any way.
fn sorted(header: &str) -> Vec<&str> {
    let mut cookies: Vec<_> = header.split("; ").collect();
    cookies.sort_unstable();
    cookies
}

fn write(
    jar: &CookieJar<BrowserPolicy>,
    program: Program,
    file: &Path,
    options: WriteOptions,
) -> usize {
    let report = json::write_for(
        File::create(file).expect("a file"),
        jar.iter(),
        program,
        &options.ignore_discard(true),
    );
    report.expect("written").skipped.len()
}

fn read(file: &Path, options: ReadOptions) -> CookieJar<BrowserPolicy> {
    let reading = json::read(
        File::open(file).expect("a file"),
        &options.ignore_discard(true),
    );
    let reading = reading.expect("the browser's file");
    assert_eq!(reading.report.skipped, []);
    let mut jar = jar();
    jar.extend(reading.cookies);
    jar
}

#[test]
fn there_are_sixty_cookies_and_none_is_refused() {
    assert_eq!(full_jar().len(), COOKIES.len());
}

#[test]
fn a_browser_sends_what_this_jar_sends() {
    let Some(modules) = std::env::var_os("COOKIEJAR_NODE") else {
        cookiejar_tests::skip!("cookies in a browser: COOKIEJAR_NODE is not set");
        return;
    };
    if !is_installed("chromium") || !is_installed("node") {
        return;
    }
    let (port, folder) = (serve(), tempfile::tempdir().expect("a folder"));
    let jar = full_jar();
    for (kind, program) in [
        ("playwright", Program::Playwright),
        ("puppeteer", Program::Puppeteer),
    ] {
        let (file, out) = (
            folder.path().join("in.json"),
            folder.path().join("out.json"),
        );
        assert_eq!(write(&jar, program, &file, WriteOptions::new()), 0);
        let mut command = Command::new("node");
        command.current_dir(&modules);
        command
            .arg(programs().join("browser.mjs"))
            .arg(kind)
            .arg(&file)
            .arg(&out)
            .arg(port.to_string())
            .args(ASKED);
        let sent = headers(&mut command);
        assert_eq!(sent.len(), ASKED.len());
        let back = read(&out, ReadOptions::new());
        for (url, sent) in sent {
            assert_eq!(sorted(&asked(&jar, &url)), sorted(&sent), "{kind}: {url}");
            assert_eq!(
                sorted(&asked(&back, &url)),
                sorted(&sent),
                "{kind} back: {url}"
            );
        }
        assert_eq!(back.len(), jar.len(), "{kind}");
    }
}

#[test]
fn a_driven_browser_sends_what_this_jar_sends_to_the_page() {
    if !is_installed("chromedriver") || !is_installed("python3") {
        return;
    }
    let (port, folder) = (serve(), tempfile::tempdir().expect("a folder"));
    let page = Url::parse(ASKED[0]).expect("a URL");
    // A driver accepts the cookies of the page's site, and those with the attributes that it knows.
    let mut jar = full_jar();
    jar.retain(|cookie: &Cookie| {
        let domain = cookie.domain();
        let is_of_page = domain == "www.acme.test"
            || (domain.starts_with('.')
                && "www.acme.test".ends_with(domain.trim_start_matches('.')));
        is_of_page && !cookie.name().is_empty()
    });
    let (file, out) = (
        folder.path().join("in.json"),
        folder.path().join("out.json"),
    );
    assert_eq!(
        write(
            &jar,
            Program::Selenium,
            &file,
            WriteOptions::new().of_url(&page)
        ),
        0
    );
    let mut command = Command::new("python3");
    let urls = &ASKED[..7];
    command
        .env("PYTHONUTF8", "1")
        .arg(programs().join("driver.py"));
    command
        .arg(&file)
        .arg(&out)
        .arg(port.to_string())
        .args(urls);
    let sent = headers(&mut command);
    assert_eq!(sent.len(), urls.len());
    for (url, sent) in sent {
        assert_eq!(sorted(&asked(&jar, &url)), sorted(&sent), "{url}");
    }
    // The driver shows only the cookies of the page.
    let back = read(&out, ReadOptions::new());
    assert_eq!(
        sorted(&asked(&back, ASKED[0])),
        sorted(&asked(&jar, ASKED[0]))
    );
    fs::remove_file(out).expect("removed");
}
