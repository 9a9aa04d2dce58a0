//! Files of unknown format: each is recognized, and a file that could have two formats is an error.
#![cfg(feature = "psl")]

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use cookiejar::file::{self, LoadErrorKind, ReadOptions, Reading, Source};
use cookiejar::policy::AcceptAllPolicy;

fn options() -> ReadOptions {
    ReadOptions::new().ignore_discard(true).ignore_expires(true)
}

fn read(file: impl AsRef<[u8]>) -> Reading {
    let file = file.as_ref();
    file::read_any(file, &options()).unwrap_or_else(|error| {
        panic!("{error}: {}", file.escape_ascii());
    })
}

/// Returns one octet at a time, after an interruption.
struct Slow<'f>(&'f [u8], bool);

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = into.len().min(1);
        (&mut self.0).take(len as u64).read(into)
    }
}

#[test]
fn the_pieces_that_a_reader_returns_do_not_matter() {
    let cookie = r#"{"name":"a","value":"1","domain":"acme.com","path":"/"}"#;
    let files = [
        "acme.com\tFALSE\t/\tFALSE\t0\ta\t1\n".to_owned(),
        "#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=\"/\"; domain=acme.com; version=0\n".to_owned(),
        "Set-Cookie: a=1; Domain=acme.com; Path=/\n".to_owned(),
        #[cfg(feature = "json")]
        format!("[{cookie}]"),
    ];
    for file in files {
        for mark in ["", "\u{feff}"] {
            let file = format!("{mark}{file}");
            let whole = read(&file);
            assert_eq!(whole.cookies.len(), 1, "{file}");
            let slow = file::read_any(Slow(file.as_bytes(), false), &options());
            let slow = slow.unwrap_or_else(|error| panic!("{error}: {file}"));
            assert_eq!(slow.cookies, whole.cookies);
            assert_eq!(slow.report, whole.report);
        }
    }
}

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(folder);
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "sent"))
        .collect();
    paths.sort();
    paths
}

/// The format of the fixture, by its name.
fn expected(name: &str) -> Source {
    match name.split('.').next().expect("a name") {
        "curl"
        | "wget"
        | "python-mozilla"
        | "perl-netscape"
        | "extension-crlf"
        | "extension-milliseconds"
        | "pasted" => Source::CookiesTxt,
        "python-lwp" | "perl-lwp" => Source::Lwp,
        "guzzle" => Source::Guzzle,
        "tough-cookie" | "tough-cookie-list" | "tough-cookie-file-store" => Source::ToughCookie,
        "cookie-editor" | "puppeteer" | "quick-manager" | "selenium" => Source::BrowserExport,
        "cookie-store-array" => Source::CookieStore,
        "cookie-store-lines" => Source::CookieStoreLines,
        "playwright" => Source::StorageState,
        "curl-dump" => Source::HeaderDump,
        "har" => Source::Har,
        other => panic!("{other}: say what it is"),
    }
}

#[test]
fn every_fixture_is_what_it_is_and_nothing_else() {
    for path in ["exports", "written"].into_iter().flat_map(fixtures) {
        let name = path.file_name().expect("a name").to_str().expect("UTF-8");
        let expected = expected(name);
        let is_json = !matches!(
            expected,
            Source::CookiesTxt | Source::HeaderDump | Source::Lwp
        );
        if is_json && cfg!(not(feature = "json")) {
            continue;
        }
        let page = url::Url::parse("http://www.acme.test/set").expect("a URL");
        let reading = file::load_any(&path, &options().of_url(&page)).expect(name);
        assert_eq!(reading.report.source, expected, "{name}");
        assert!(reading.cookies.len() >= 2, "{name}");
    }
}

#[test]
fn texts_are_what_their_first_line_says() {
    let rows = [
        ("", Source::Empty),
        ("\u{feff} \r\n\t", Source::Empty),
        ("# HTTP Cookie File\n", Source::CookiesTxt),
        (
            "# mine\n\n#HttpOnly_a.com\tFALSE\t/\tFALSE\t0\ta\t1\n",
            Source::CookiesTxt,
        ),
        ("a.com FALSE / FALSE 0 a 1", Source::CookiesTxt),
        ("[::1]\tFALSE\t/\tFALSE\t0\ta\t1\n", Source::CookiesTxt), // not an array
        ("foo:80\tFALSE\t/\tFALSE\t0\ta\t1\n", Source::CookiesTxt), // not a field
        ("#LWP-Cookies-1.0\n", Source::Lwp),
        ("Set-Cookie3: a=1; path=\"/\"; domain=a.com\n", Source::Lwp), // not a field of a dump
        ("HTTP/1.1 200 OK\r\n\r\n", Source::HeaderDump),
        ("\nHTTP/2 200\n", Source::HeaderDump),
        (
            "server: x\ndate: today\nset-cookie: a=1; Domain=a.com; Path=/\n",
            Source::HeaderDump,
        ),
    ];
    for (text, source) in rows {
        assert_eq!(read(text).report.source, source, "{text}");
    }
    let json = [
        ("[]", Source::Empty),
        ("\u{feff}\n [\n {\"name\":\"a\"} ]", Source::BrowserExport),
        ("{\"cookies\":[]}", Source::StorageState),
        (
            "{\"format\":\"cookiejar\",\"version\":1,\"cookies\":[]}",
            Source::Json,
        ),
        (
            "{\"log\":{\"version\":\"1.2\",\"entries\":[]}}",
            Source::Har,
        ),
        (
            "{\"x\":{},\"log\":{\"entries\":[],\"pages\":[]},\"y\":1}",
            Source::Har,
        ),
        ("{\"log\":[{}],\"cookies\":[]}", Source::StorageState), // not an archive
        ("{\"log\":\"x\",\"cookies\":[]}", Source::StorageState),
        (
            "{\"log\":{\"level\":1},\"cookies\":[]}",
            Source::StorageState,
        ),
        (
            "{\"raw_cookie\":\"a=1\"}\n{\"raw_cookie\":\"b=1\"}",
            Source::CookieStoreLines,
        ),
    ];
    for (text, source) in json.into_iter().filter(|_| cfg!(feature = "json")) {
        assert_eq!(read(text).report.source, source, "{text}");
    }
}

#[test]
fn an_unknown_format_is_an_error_that_names_what_was_looked_for() {
    let files = [
        "<html>\n",
        "a.com\tFALSE\t/\tsoon\n",
        "# only a comment\n",
        "Title: a text with a colon\nand another line\n",
        "import os:\n",
        "Set-Cookie3:\n",
        "SQLite format 3\0",
        "[section]\nkey = 1\n",
        "[1, 2]",
        "{}",
        "{\"log\":{\"level\":1}}",
        "[{\"id\":1}]",
        "\u{feff}\u{feff}{\"cookies\":[]}",
    ];
    for file in files
        .map(str::to_owned)
        .into_iter()
        .chain([" ".repeat(1 << 17)])
    {
        let error = file::read_any(file.as_bytes(), &options()).expect_err("unknown");
        let LoadErrorKind::Unrecognized { looked_for, .. } = error.kind() else {
            panic!("{error}: {file}");
        };
        assert!(
            looked_for.contains(&Source::CookiesTxt) && looked_for.contains(&Source::HeaderDump)
        );
        assert_eq!(looked_for.contains(&Source::Har), cfg!(feature = "json"));
    }
    let error = file::read_any(&b""[..], &options().strict(true)).expect_err("strict");
    assert!(
        matches!(error.kind(), LoadErrorKind::Unrecognized { .. }),
        "{error}"
    );
    let said = error.to_string();
    assert!(
        said.starts_with("not a known format; looked for cookies.txt, an LWP file, "),
        "{said}"
    );
}

#[test]
fn what_could_be_two_formats_is_an_error_that_names_both() {
    let texts = [
        (
            "# Netscape HTTP Cookie File\nSet-Cookie3: a=1; path=\"/\"; domain=a.com\n",
            [Source::CookiesTxt, Source::Lwp],
        ),
        (
            "#LWP-Cookies-2.0\na.com\tFALSE\t/\tFALSE\t0\ta\t1\n",
            [Source::CookiesTxt, Source::Lwp],
        ),
        (
            "Set-Cookie3: a=1; path=\"/\"; domain=a.com\nSet-Cookie: a=1\n",
            [Source::Lwp, Source::HeaderDump],
        ),
        (
            "a:1\tFALSE\t/\tFALSE\t0\ta\t1\nSet-Cookie: a=1\n",
            [Source::CookiesTxt, Source::HeaderDump],
        ),
    ];
    let json = [
        (
            r#"[{"name":"a","key":"a","value":"1","domain":"a.com"}]"#,
            [Source::BrowserExport, Source::ToughCookie],
        ),
        (
            r#"{"cookies":[{},{"key":"a","raw_cookie":"a=1"}]}"#,
            [Source::CookieStore, Source::ToughCookie],
        ),
        (
            r#"{"log":{"entries":[]},"cookies":[]}"#,
            [Source::Har, Source::StorageState],
        ),
        (
            r#"{"cookies":[],"log":{"entries":[]}}"#,
            [Source::StorageState, Source::Har],
        ),
        (
            r#"{"a.com":{"/":{}},"log":{"entries":[]}}"#,
            [Source::ToughCookie, Source::Har],
        ),
    ];
    let json = json.into_iter().filter(|_| cfg!(feature = "json"));
    for (file, both) in texts.into_iter().chain(json) {
        let error = file::read_any(file.as_bytes(), &options()).expect_err("two formats");
        let LoadErrorKind::Ambiguous { candidates, .. } = error.kind() else {
            panic!("{error}: {file}");
        };
        assert_eq!(candidates[..], both, "{file}");
    }
    let error = file::read_any(texts[0].0.as_bytes(), &options()).expect_err("two formats");
    assert_eq!(
        error.to_string(),
        "the format is ambiguous: cookies.txt or an LWP file"
    );
}

#[test]
fn the_error_of_the_format_s_own_reader_is_the_error() {
    let small = options().max_bytes(80_000);
    let file = format!("# Netscape HTTP Cookie File\n{}", "#\n".repeat(50_000));
    let error = file::read_any(file.as_bytes(), &small).expect_err("too long");
    assert!(matches!(error.kind(), LoadErrorKind::TooLong), "{error}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies");
    let missing = file::load_any(&path, &small).expect_err("missing");
    assert_eq!(missing.file(), Some(&*path));
    fs::write(&path, file).expect("written");
    let error = file::load_any(&path, &small).expect_err("too long");
    assert!(matches!(error.kind(), LoadErrorKind::TooLong), "{error}");
    if cfg!(feature = "json") {
        let torn = file::read_any(&b"{\"cookies\":[{\"name\""[..], &small).expect_err("torn");
        assert!(matches!(torn.kind(), LoadErrorKind::Syntax), "{torn}");
    }
}

#[test]
fn a_policy_of_one_s_own_judges_records() {
    let dump = "HTTP/1.1 200 OK\nSet-Cookie: a=1; Domain=com\n\n";
    let options = options().of_url(&url::Url::parse("https://acme.com/").expect("a URL"));
    let stored = |reading: Reading| (reading.cookies.len(), reading.report.skipped.len());
    let judged = file::read_any(dump.as_bytes(), &options).expect("a dump");
    assert_eq!(stored(judged), (0, 1));
    let accepted = file::read_any_with(dump.as_bytes(), AcceptAllPolicy::new(), &options);
    assert_eq!(stored(accepted.expect("a dump")), (1, 0));
}

#[test]
fn the_report_says_what_was_read_and_what_was_not() {
    let file = "# Netscape HTTP Cookie File\n\
        a.com\tFALSE\t/\tFALSE\t0\ta\tsecret\n\
        a.com\tFALSE\t/\tFALSE\t1\tb\tsecret\n\
        a.com\tFALSE\t/\tFALSE\t1\tc\tsecret\n\
        a.com\tsecret\n\
        a.com\tFALSE\t/\tFALSE\t4102444800\td\tsecret";
    let options = ReadOptions::new().at(time::macros::datetime!(2026-11-21 8:00 UTC));
    let reading = file::read_any(file.as_bytes(), &options).expect("a file");
    assert_eq!(
        reading.report.to_string(),
        "cookies.txt, 1 session cookie skipped, 2 expired cookies skipped\n\
        line 6: read, although it has no line break\n\
        line 5: 7 columns expected, 2 found"
    );
}
