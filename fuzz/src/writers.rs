//! Cookies of any content, written in each format and read back.

use std::io;

use cookiejar::Cookie;
use cookiejar::file::json::{self, Program};
use cookiejar::file::{
    LoadError, ReadOptions, Reading, Source, WriteOptions, WriteReport, cookies_txt, lwp,
    read_any_with,
};
use cookiejar::policy::AcceptAllPolicy;
use url::Url;

use super::bytes::Bytes;
use super::checks::check_cookie;
use super::world::{HOSTS, at};

struct Format {
    source: Source,
    read: fn(&[u8], &ReadOptions) -> Result<Reading, LoadError>,
    write: fn(&mut Vec<u8>, &[Cookie], &WriteOptions) -> io::Result<WriteReport>,
}

const FORMATS: [Format; 3] = [
    Format {
        source: Source::CookiesTxt,
        read: |file, options| cookies_txt::read(file, options),
        write: |file, cookies, options| cookies_txt::write(file, cookies, options),
    },
    Format {
        source: Source::Lwp,
        read: |file, options| lwp::read(file, options),
        write: |file, cookies, options| lwp::write(file, cookies, options),
    },
    Format {
        source: Source::Json,
        read: |file, options| json::read(file, options),
        write: |file, cookies, options| json::write(file, cookies, options),
    },
];

const PROGRAMS: [Program; 5] = [
    Program::CookieStore,
    Program::Extension,
    Program::Playwright,
    Program::Puppeteer,
    Program::Selenium,
];

/// The formats, the programs, and the lines alone.
const WAYS: usize = FORMATS.len() + PROGRAMS.len() + 1;

/// The first octet chooses a format or a program, with `0` all of them; the others make up to eight cookies.
pub fn writers(data: &[u8]) {
    let mut input = Bytes::new(data);
    let choice = input.byte();
    let is_chosen = |number| choice == b'0' || usize::from(choice) % WAYS == number;
    let mut cookies = Vec::new();
    while !input.is_empty() && cookies.len() < 8 {
        if let Some(cookie) = cookie(&mut input) {
            check_cookie(&cookie);
            cookies.push(cookie);
        }
    }
    for (number, format) in FORMATS.iter().enumerate() {
        if is_chosen(number) {
            in_format(format, &cookies);
        }
    }
    for (number, program) in (FORMATS.len()..).zip(PROGRAMS) {
        if is_chosen(number) {
            for_program(program, &cookies);
        }
    }
    if is_chosen(WAYS - 1) {
        lines(&cookies);
    }
}

fn cookie(input: &mut Bytes<'_>) -> Option<Cookie> {
    let dot = if input.flag() { "." } else { "" };
    let domain = format!("{dot}{}", input.pick(&HOSTS));
    let path = [b"/", input.text()].concat();
    let (name, value, choice) = (input.text(), input.text(), input.byte());
    let has = |bit: u8| choice & 1 << bit != 0;
    let port = String::from_utf8_lossy(if has(0) { input.text() } else { b"" });
    let (key, text) = if has(1) {
        (input.text(), input.text())
    } else {
        (&b""[..], &b""[..])
    };
    let (key, text) = (String::from_utf8_lossy(key), String::from_utf8_lossy(text));
    let mut builder = Cookie::builder(name, value)
        .domain(&domain)
        .path(&path)
        .path_specified(has(2))
        .secure(has(3))
        .version(input.pick(&[0, 0, 1, 9, 10, 123_456]));
    if has(4) {
        builder = builder.without_value();
    }
    if has(0) {
        builder = builder
            .port(&port)
            .comment(text.as_bytes())
            .comment_url(key.as_bytes());
    }
    if has(1) {
        builder = builder.nonstandard_attr(&key, (!text.is_empty()).then_some(&text));
    }
    if has(5) {
        builder = builder
            .nonstandard_attr("SameSite", Some(&text))
            .http_only(true);
    }
    if has(6) {
        let seconds = (i64::from(input.byte()) << 32) + i64::from(input.byte()) - 1;
        builder = builder
            .expires(at(seconds.min(253_402_300_799)))
            .discard(input.flag());
    }
    if has(7) {
        builder = builder.partition_key("https://shop.example");
    }
    builder.build().ok()
}

fn write_all() -> WriteOptions {
    WriteOptions::new()
        .ignore_discard(true)
        .ignore_expires(true)
}

fn read_all() -> ReadOptions {
    ReadOptions::new().ignore_discard(true).ignore_expires(true)
}

/// What is written is recognized, read without a loss, and written as the same octets again.
fn in_format(format: &Format, cookies: &[Cookie]) {
    let write = |cookies: &[Cookie]| {
        let mut file = Vec::new();
        let report = (format.write)(&mut file, cookies, &write_all()).expect("memory");
        (file, report)
    };
    let (file, report) = write(cookies);
    let reading = (format.read)(&file, &read_all()).expect("a file of ours");
    assert_eq!(reading.report.skipped, []);
    assert_eq!(reading.cookies.len(), report.written);
    assert_eq!(report.written + report.skipped.len(), cookies.len());
    reading.cookies.iter().for_each(check_cookie);
    let (again, report) = write(&reading.cookies);
    assert_eq!(
        again.escape_ascii().to_string(),
        file.escape_ascii().to_string()
    );
    assert_eq!(report.skipped, []);
    if format.source == Source::Json {
        assert_eq!(reading.cookies, cookies);
    }
    let any = read_any_with(&*file, AcceptAllPolicy::new(), &read_all()).expect("a file of ours");
    assert_eq!(any.report.source, format.source);
    assert_eq!(any.cookies, reading.cookies);
}

fn for_program(program: Program, cookies: &[Cookie]) {
    let page = Url::parse("https://localhost/").expect("a URL");
    let mut file = Vec::new();
    let options = write_all().of_url(&page);
    let report = json::write_for(&mut file, cookies, program, &options).expect("memory");
    let reading = json::read(&*file, &read_all().of_url(&page)).expect("a file of ours");
    assert_eq!(reading.report.skipped, [], "{program:?}");
    assert_eq!(reading.cookies.len(), report.written, "{program:?}");
    reading.cookies.iter().for_each(check_cookie);
    // Those that are written alone are written beside others.
    let alone = |cookie: &&Cookie| {
        let report = json::write_for(io::sink(), [*cookie], program, &options);
        report.expect("nowhere").written == 1
    };
    let kept = cookies.iter().filter(alone);
    assert!(
        kept.map(place).eq(reading.cookies.iter().map(place)),
        "{program:?}"
    );
}

fn place(cookie: &Cookie) -> (&str, &str, bool) {
    (cookie.domain(), cookie.path(), cookie.secure())
}

/// A line alone is the line of the file.
fn lines(cookies: &[Cookie]) {
    for cookie in cookies {
        let Ok(line) = cookies_txt::format_line(cookie) else {
            continue;
        };
        let text = line.escape_ascii().to_string();
        let end = line.iter().position(|octet| *octet == b'\n');
        assert!(end.is_none_or(|end| end + 1 == line.len()), "{text}");
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let read = cookies_txt::parse_line(line)
            .expect("a line of ours")
            .expect("a cookie");
        assert_eq!(read.domain(), cookie.domain(), "{text}");
        assert_eq!(read.name_bytes(), cookie.name_bytes(), "{text}");
    }
}
