//! File exchange between this library and the programs that use these formats.
//!
//! Each program visits a loopback server, which is a proxy to it and so answers for every host. The
//! file it saves is read here, and must give the same `Cookie` headers; a file saved here must make
//! the program send the same. A program that is not installed is skipped, with a message; the files
//! that each has written once, with the headers that it then sent, are in `fixtures/written`.
#![cfg(feature = "psl")]

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cookiejar::file::{
    CookieFormat, CookiesTxt, FileCookieJar, LoadOptions, Lwp, ReadOptions, SaveOptions,
    WriteOptions,
};
use cookiejar::{CookieJar, DefaultCookiePolicy, SharedCookieJar};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

/// The time at which the files in `fixtures/written` are read.
const THEN: OffsetDateTime = datetime!(2026-12-01 0:00 UTC);

/// The cookies that each host sets.
const SET: [(&str, &[&[u8]]); 3] = [
    (
        "http://www.acme.test/set",
        &[
            b"sid=31d4; Path=/; HttpOnly",
            b"theme=dark; Domain=acme.test; Path=/; Expires=Tue, 01 Jan 2030 00:00:00 GMT",
            b"cart=a%20b|c; Path=/shop; Expires=Tue, 01 Jan 2030 00:00:00 GMT",
            b"json={\"a\":1}; Path=/",
            b"latin=caf\xe9; Path=/",
            b"utf8=caf\xc3\xa9; Path=/",
            b"empty=; Path=/",
        ],
    ),
    (
        "http://localhost/set",
        &[
            b"local=1; Path=/",
            b"kept=2; Path=/; Expires=Tue, 01 Jan 2030 00:00:00 GMT",
        ],
    ),
    ("http://127.0.0.1/set", &[b"ip=1; Path=/"]),
];

/// The URLs to which the cookies are sent.
const ASKED: [&str; 5] = [
    "http://www.acme.test/",
    "http://www.acme.test/shop/x",
    "http://acme.test/",
    "http://localhost/",
    "http://127.0.0.1/",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    CookiesTxt,
    Lwp,
}

/// A program with a cookie file.
#[derive(Debug, Clone, Copy)]
struct Program {
    name: &'static str,
    kind: Kind,
    command: &'static [&'static str],
    /// Whether it needs files in Python's form: with empty expiries, `.local`, and text in UTF-8.
    python_form: bool,
    /// Whether it needs only `.local`.
    dot_local: bool,
    /// Whether it sends a domain cookie only to the hosts below the domain, not to the domain itself.
    below_only: bool,
    /// Whether it treats session cookies as expired.
    drops_session: bool,
    /// Whether it knows the prefix of `HttpOnly` lines, which it otherwise treats as comments.
    http_only_prefix: bool,
    /// The command that shows that it is installed.
    check: &'static [&'static str],
}

const PROGRAMS: [Program; 6] = [
    Program {
        name: "curl",
        kind: Kind::CookiesTxt,
        command: &["curl"],
        python_form: false,
        dot_local: false,
        below_only: false,
        drops_session: false,
        http_only_prefix: true,
        check: &["curl", "--version"],
    },
    Program {
        name: "wget",
        kind: Kind::CookiesTxt,
        command: &["wget"],
        python_form: false,
        dot_local: false,
        below_only: false,
        drops_session: false,
        http_only_prefix: false,
        check: &["wget", "--version"],
    },
    Program {
        name: "python-mozilla",
        kind: Kind::CookiesTxt,
        command: &["python3", "jar.py", "MozillaCookieJar"],
        python_form: true,
        dot_local: true,
        below_only: false,
        drops_session: false,
        http_only_prefix: true,
        check: &["python3", "-c", "import http.cookiejar"],
    },
    Program {
        name: "python-lwp",
        kind: Kind::Lwp,
        command: &["python3", "jar.py", "LWPCookieJar"],
        python_form: true,
        dot_local: true,
        below_only: false,
        drops_session: false,
        http_only_prefix: true,
        check: &["python3", "-c", "import http.cookiejar"],
    },
    Program {
        name: "perl-lwp",
        kind: Kind::Lwp,
        command: &["perl", "jar.pl", "HTTP::Cookies"],
        python_form: false,
        dot_local: true,
        below_only: true,
        drops_session: false,
        http_only_prefix: true,
        check: &["perl", "-MHTTP::Cookies", "-MLWP::UserAgent", "-e", "1"],
    },
    Program {
        name: "perl-netscape",
        kind: Kind::CookiesTxt,
        command: &["perl", "jar.pl", "HTTP::Cookies::Netscape"],
        python_form: false,
        dot_local: true,
        below_only: true,
        drops_session: true,
        http_only_prefix: true,
        check: &["perl", "-MHTTP::Cookies", "-MLWP::UserAgent", "-e", "1"],
    },
];

impl Program {
    fn is_installed(&self) -> bool {
        let [program, arguments @ ..] = self.check else {
            return false;
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let found = command.status().is_ok_and(|status| status.success());
        if !found {
            cookiejar_tests::skip!("files of {}: it is not installed", self.name);
        }
        found
    }

    /// The URLs for which it answers like this library.
    fn asked(&self) -> impl Iterator<Item = &'static str> {
        let below_only = self.below_only;
        ASKED
            .into_iter()
            .filter(move |url| !below_only || *url != "http://acme.test/")
    }

    /// Visits the URLs that set cookies, and saves them.
    fn set(&self, file: &Path, proxy: SocketAddr) {
        let urls = SET.map(|(url, _)| url);
        self.run("set", file, proxy, &urls);
    }

    /// The `Cookie` header that it sends to a URL with the cookies of a file.
    fn send(&self, file: &Path, proxy: SocketAddr, url: &str) -> Vec<u8> {
        self.run("send", file, proxy, &[url])
    }

    fn run(&self, what: &str, file: &Path, proxy: SocketAddr, urls: &[&str]) -> Vec<u8> {
        let proxy = format!("http://{proxy}");
        let mut command = Command::new(self.command[0]);
        command.env("LC_ALL", "C.UTF-8").env("PYTHONUTF8", "1");
        command.env_remove("no_proxy").env_remove("NO_PROXY");
        match (self.name, what) {
            ("curl", "set") => command
                .args(["-sS", "-x", &proxy, "-b", "", "-c"])
                .arg(file),
            ("curl", _) => command.args(["-sS", "-x", &proxy, "-b"]).arg(file),
            ("wget", _) => {
                command.env("http_proxy", &proxy);
                command.args(["-q", "-O", "-", "--keep-session-cookies"]);
                let option = if what == "set" {
                    "--save-cookies"
                } else {
                    "--load-cookies"
                };
                command.arg(option).arg(file)
            }
            _ => {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/programs");
                command.arg(folder.join(self.command[1]));
                command
                    .args(&self.command[2..])
                    .arg(what)
                    .arg(file)
                    .arg(proxy)
            }
        };
        let output = command.args(urls).output().expect("the program runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {complaint}", self.name);
        output.stdout
    }
}

/// Answers every request on every host: with the cookies that the host sets, and the received `Cookie`
/// header as the body.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

fn answer(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).expect("a request");
    let request = String::from_utf8_lossy(&line).into_owned();
    let url = request.split(' ').nth(1).unwrap_or_default();
    let mut cookies = Vec::new();
    loop {
        line.clear();
        reader.read_until(b'\n', &mut line).expect("a header");
        let text = line.trim_ascii_end();
        if text.is_empty() {
            break;
        }
        if text.len() > 7 && text[..7].eq_ignore_ascii_case(b"cookie:") {
            cookies = text[7..].trim_ascii_start().to_vec();
        }
    }
    let mut response = b"HTTP/1.1 200 OK\r\nConnection: close\r\n".to_vec();
    for cookie in SET
        .iter()
        .filter(|(host, _)| *host == url)
        .flat_map(|(_, set)| *set)
    {
        response.extend_from_slice(b"Set-Cookie: ");
        response.extend_from_slice(cookie);
        response.extend_from_slice(b"\r\n");
    }
    let length = format!("Content-Length: {}\r\n\r\n", cookies.len());
    response.extend_from_slice(length.as_bytes());
    response.extend_from_slice(&cookies);
    // A client that has disconnected has read enough.
    let _ = stream.write_all(&response);
}

/// The cookies of a header, sorted, because each program has its own order.
fn sorted(header: &[u8]) -> Vec<Vec<u8>> {
    let mut cookies: Vec<_> = header
        .split(|&byte| byte == b';')
        .map(|cookie| cookie.trim_ascii().to_vec())
        .filter(|cookie| !cookie.is_empty())
        .collect();
    cookies.sort();
    cookies
}

fn header(jar: &SharedCookieJar, url: &str) -> Vec<u8> {
    let url = Url::parse(url).expect("a URL");
    jar.cookie_header(&url)
        .map_or(Vec::new(), cookiejar::CookieHeader::into_bytes)
}

/// The cookies of this library after the same visits.
fn own_jar() -> SharedCookieJar {
    let jar = SharedCookieJar::new();
    for (url, cookies) in SET {
        let headers: Vec<_> = cookies
            .iter()
            .map(|cookie| ("Set-Cookie", *cookie))
            .collect();
        let account = jar.extract_cookies(&headers, &Url::parse(url).expect("a URL"));
        assert_eq!(account.rejected, []);
    }
    jar
}

fn load(program: &Program, file: &Path, now: Option<OffsetDateTime>) -> SharedCookieJar {
    fn load_as<F: CookieFormat + Default>(file: &Path, options: ReadOptions) -> SharedCookieJar {
        let mut jar = CookieJar::<DefaultCookiePolicy>::new();
        if let Some(now) = options.get_now() {
            jar.set_clock(move || now);
        }
        let jar = FileCookieJar::<F>::with_jar(jar);
        let options = LoadOptions::from(options).filename(file);
        let loaded = jar.load_with(options).expect("a file");
        assert_eq!(loaded.report.skipped, []);
        jar.jar()
    }
    let mut options = ReadOptions::new()
        .ignore_discard(true)
        .python_form(program.python_form);
    if let Some(now) = now {
        options = options.at(now);
    }
    match program.kind {
        Kind::CookiesTxt => load_as::<CookiesTxt>(file, options),
        Kind::Lwp => load_as::<Lwp>(file, options),
    }
}

fn save(program: &Program, jar: SharedCookieJar, file: &Path) {
    fn save_as<F: CookieFormat + Default>(jar: SharedCookieJar, options: SaveOptions) {
        let saved = FileCookieJar::<F>::with_jar(jar).save_with(options);
        assert_eq!(saved.expect("saved").report.skipped, []);
    }
    let write = WriteOptions::new()
        .ignore_discard(true)
        .python_form(program.python_form)
        .dot_local(program.dot_local)
        .http_only_prefix(program.http_only_prefix);
    let options = SaveOptions::from(write).filename(file);
    match program.kind {
        Kind::CookiesTxt => save_as::<CookiesTxt>(jar, options),
        Kind::Lwp => save_as::<Lwp>(jar, options),
    }
}

/// The path of the file that a program has written once.
fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/written");
    folder.join(name)
}

#[test]
fn what_programs_save_makes_the_same_headers_here() {
    let (proxy, folder) = (serve(), tempfile::tempdir().expect("a folder"));
    for program in PROGRAMS.iter().filter(|program| program.is_installed()) {
        let file = folder.path().join(program.name);
        program.set(&file, proxy);
        let mut record = Vec::new();
        let jar = load(program, &file, None);
        for url in program.asked() {
            let sent = program.send(&file, proxy, url);
            assert_eq!(
                shown(&header(&jar, url)),
                shown(&sent),
                "{}: {url}",
                program.name
            );
            record.extend_from_slice(&[url.as_bytes(), b"\t", &sent, b"\n"].concat());
        }
        if std::env::var_os("REGENERATE_FIXTURES").is_some() {
            fs::create_dir_all(fixture("")).expect("a folder");
            fs::copy(&file, fixture(program.name)).expect("copied");
            fs::write(fixture(&format!("{}.sent", program.name)), record).expect("written");
        }
    }
}

#[test]
fn what_is_saved_here_makes_programs_send_the_same_headers() {
    let (proxy, folder) = (serve(), tempfile::tempdir().expect("a folder"));
    for program in PROGRAMS.iter().filter(|program| program.is_installed()) {
        let file = folder.path().join(program.name);
        let jar = own_jar();
        save(program, jar.clone(), &file);
        if program.drops_session {
            jar.clear_session_cookies();
        }
        for url in program.asked() {
            let sent = program.send(&file, proxy, url);
            assert_eq!(
                shown(&sent),
                shown(&header(&jar, url)),
                "{}: {url}",
                program.name
            );
        }
    }
}

#[test]
fn what_programs_have_saved_once_makes_the_headers_that_they_sent() {
    for program in PROGRAMS {
        let jar = load(&program, &fixture(program.name), Some(THEN));
        assert!(!jar.is_empty(), "{}", program.name);
        let record = fs::read(fixture(&format!("{}.sent", program.name))).expect("the record");
        for line in record
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let tab = line.iter().position(|&byte| byte == b'\t').expect("a tab");
            let url = std::str::from_utf8(&line[..tab]).expect("a URL");
            assert_eq!(
                shown(&header(&jar, url)),
                shown(&line[tab + 1..]),
                "{}: {url}",
                program.name
            );
        }
    }
}

/// Sorted, and in a form that shows all octets.
fn shown(header: &[u8]) -> Vec<String> {
    let cookies = sorted(header);
    cookies
        .iter()
        .map(|cookie| cookie.escape_ascii().to_string())
        .collect()
}

/// `curl -D` writes the headers of the responses; judged here, they give the same `Cookie` headers.
#[test]
fn the_header_dumps_of_curl_make_the_same_headers() {
    let curl = PROGRAMS[0];
    if !curl.is_installed() {
        return;
    }
    let (proxy, folder) = (
        format!("http://{}", serve()),
        tempfile::tempdir().expect("a folder"),
    );
    let mut jar = SharedCookieJar::new();
    for (url, _) in SET {
        let file = folder.path().join("headers");
        let mut command = Command::new("curl");
        command
            .args(["-sS", "-x", &proxy, "-o", "-", "-D"])
            .arg(&file)
            .arg(url);
        assert!(command.status().expect("curl runs").success());
        let options = ReadOptions::new()
            .ignore_discard(true)
            .of_url(&Url::parse(url).expect("a URL"));
        let dump = fs::File::open(&file).expect("a dump");
        let reading = cookiejar::file::header_dump::read(dump, &options).expect("a dump");
        assert_eq!(reading.report.skipped, []);
        if std::env::var_os("REGENERATE_FIXTURES").is_some() && url == SET[0].0 {
            fs::copy(&file, fixture("curl-dump")).expect("copied");
        }
        jar.extend(reading.cookies);
    }
    let own = own_jar();
    for url in ASKED {
        assert_eq!(
            shown(&header(&jar, url)),
            shown(&header(&own, url)),
            "{url}"
        );
    }
}

#[test]
fn the_first_lines_are_as_documented() {
    let rows = [
        ("curl", "# Netscape HTTP Cookie File"),
        ("wget", "# HTTP Cookie File"),
        ("python-mozilla", "# Netscape HTTP Cookie File"),
        ("python-lwp", "#LWP-Cookies-2.0"),
        ("perl-lwp", "#LWP-Cookies-1.0"),
        ("perl-netscape", "# Netscape HTTP Cookie File"),
    ];
    for (name, expected) in rows {
        let mut text = Vec::new();
        let mut file = fs::File::open(fixture(name)).expect("a file");
        file.read_to_end(&mut text).expect("read");
        let first = text.split(|&byte| byte == b'\n').next().expect("a line");
        assert_eq!(
            OsStr::new(&String::from_utf8_lossy(first).into_owned()),
            expected,
            "{name}"
        );
    }
}
