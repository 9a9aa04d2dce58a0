//! The memory that reading headers takes, and files of headers.

use std::cell::Cell;
use std::io::{self, Read};
use std::sync::Arc;

use cookiejar::file::{ReadOptions, header_dump};
use cookiejar::headers::{HeaderFields, ResponseHeaders};
use cookiejar::policy::{Dialect, Limits};
use cookiejar::{
    BrowserPolicy, Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, SharedCookieJar,
};
use stats_alloc::Region;

use super::ALLOCATOR;
use super::memory::live;
use crate::common::{policy, suffixes, url};

const LEN: usize = 256 << 10;

/// The maximum for any header: three bytes per byte, plus the memory for storing a cookie.
const MOST: usize = 3 * LEN + (64 << 10);

/// The units that headers consist of.
const UNITS: [&[u8]; 15] = [
    b"a=b;",
    b"a;",
    b";",
    b"=",
    b" ",
    b"; ;",
    b"a=\"b\";",
    b"a=\"\\\"\";",
    b"\\\"",
    b"\xe9;",
    b"\xe9=\xff;",
    "é=€;".as_bytes(),
    b"a=\x01;",
    b"HttpOnly; SameSite=Lax;",
    b"<", // escaped in a path
];

fn header(begin: &[u8], unit: &[u8]) -> Vec<u8> {
    let mut header = begin.to_vec();
    while header.len() + unit.len() <= LEN {
        header.extend_from_slice(unit);
    }
    header
}

/// All bytes that `read` allocates, freed or not.
fn allocated(read: impl FnOnce()) -> usize {
    let region = Region::new(ALLOCATOR);
    read();
    region.change().bytes_allocated
}

#[track_caller]
fn assert_most(what: &[u8], read: impl FnOnce()) {
    let asked = allocated(read);
    assert!(asked <= MOST, "{}: {asked}", what.escape_ascii());
}

#[test]
fn a_header_takes_three_bytes_a_byte_at_most() {
    if super::ran_alone("reading::a_header_takes_three_bytes_a_byte_at_most") {
        return;
    }
    let url = url("https://acme.com/");
    for unit in UNITS {
        for begin in [
            &b"a=b;"[..],
            b"a=",
            b"a=b; x=",
            b"a=b; Path=/",
            b"a=b; Path=/; Expires=",
        ] {
            let header = header(begin, unit);
            for dialect in [Dialect::Python, Dialect::Rfc6265bis] {
                assert_most(unit, || {
                    let _ = Cookie::parse_as(dialect, &header, &url);
                });
            }
        }
    }
}

#[test]
fn so_does_a_set_cookie2() {
    if super::ran_alone("reading::so_does_a_set_cookie2") {
        return;
    }
    let url = url("https://acme.com/");
    for unit in UNITS {
        for begin in [
            &b"a=b; Version=1;"[..],
            b"a=b; Version=1; x=\"",
            b"a=b; Version=1; Path=\"/",
        ] {
            let mut header = header(begin, unit);
            header.push(b'"');
            let mut jar = CookieJar::with_policy(DefaultCookiePolicy::python().rfc2965(true));
            assert_most(unit, || {
                jar.extract_cookies(&[("Set-Cookie2", &header)], &url);
            });
        }
    }
}

/// Short fields, which note the memory that is held each time one is read.
struct Fields {
    count: usize,
    peak: Cell<usize>,
}

impl Fields {
    fn new(count: usize) -> Self {
        Self {
            count,
            peak: Cell::new(0),
        }
    }
}

impl HeaderFields for Fields {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let count = if name == "Set-Cookie" { self.count } else { 0 };
        (0..count).map(|_| {
            self.peak.set(self.peak.get().max(live()));
            &b"a=1"[..]
        })
    }
}

impl ResponseHeaders for Fields {
    fn status(&self) -> Option<u16> {
        None
    }
}

const COUNT: usize = 400;

#[test]
fn short_fields_below_a_long_path_are_not_held_together() {
    if super::ran_alone("reading::short_fields_below_a_long_path_are_not_held_together") {
        return;
    }
    // Rejected, accepted, and accepted without limits.
    for (path, limits, rejected) in [
        (100_000, Limits::new(), COUNT),
        (12_000, Limits::new(), 0),
        (100_000, Limits::none(), 0),
    ] {
        let url = url(&format!("https://acme.com/{}/", "a".repeat(path)));
        for tells in [false, true] {
            let jar = SharedCookieJar::with_policy(policy().limits(limits));
            let fields = Fields::new(COUNT);
            let before = live();
            let report = if tells {
                jar.extract_cookies_with(&fields, &url, |_| {})
            } else {
                jar.extract_cookies(&fields, &url)
            };
            assert_eq!(report.rejected.len(), rejected);
            let more = fields.peak.get() - before;
            assert!(more < 3 << 20, "{path} {tells}: {more}");
        }
    }
}

#[test]
fn a_long_path_costs_each_field_no_more_than_a_cookie_may_have() {
    if super::ran_alone("reading::a_long_path_costs_each_field_no_more_than_a_cookie_may_have") {
        return;
    }
    let of = |policy: Arc<dyn CookiePolicy>, name: &str, field: &str, path: usize| {
        let url = url(&format!("https://acme.com/{}/", "a".repeat(path)));
        let fields = vec![(name, field); 1_000];
        let mut jar = CookieJar::with_policy(policy);
        allocated(|| {
            jar.extract_cookies(&fields, &url);
        })
    };
    let policies = || -> [Arc<dyn CookiePolicy>; 2] {
        [
            Arc::new(policy().rfc2965(true)),
            Arc::new(BrowserPolicy::with_suffixes(suffixes())),
        ]
    };
    for (name, field) in [("Set-Cookie", "a=1"), ("Set-Cookie2", "a=1; Version=1")] {
        for (one, same) in policies().into_iter().zip(policies()) {
            let (long, longer) = (of(one, name, field, 50_000), of(same, name, field, 500_000));
            assert!(longer <= long + (64 << 10), "{name}: {long} {longer}");
        }
    }
}

/// A file, which notes the memory that is held each time it is read.
struct Noted<'t> {
    rest: &'t [u8],
    peak: &'t Cell<usize>,
}

impl Read for Noted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.peak.set(self.peak.get().max(live()));
        self.rest.read(buffer)
    }
}

#[test]
fn fields_without_octets_are_not_held_together() {
    if super::ran_alone("reading::fields_without_octets_are_not_held_together") {
        return;
    }
    let peak_of = |text: &str, read: fn(Noted<'_>, &ReadOptions)| {
        let peak = Cell::new(0);
        let before = live();
        let rest = text.as_bytes();
        read(
            Noted { rest, peak: &peak },
            &ReadOptions::new().max_line(1_000),
        );
        peak.get() - before
    };
    // Those of an early response count for nothing.
    let dump = format!("HTTP/1.1 103\n{}", "Set-Cookie:\n".repeat(100_000));
    let of_dump = peak_of(&dump, |file, options| {
        header_dump::read_with(file, policy(), options).expect("it is read");
    });
    assert!(of_dump < 1 << 20, "{of_dump}");
    #[cfg(feature = "json")]
    {
        use cookiejar::file::har;

        let header = vec![r#"{"name":"Set-Cookie","value":""}"#; 100_000].join(",");
        let archive = format!(
            r#"{{"log":{{"entries":[{{"response":{{"status":103,"headers":[{header}]}}}}]}}}}"#
        );
        let of_archive = peak_of(&archive, |file, options| {
            let _ = har::read_with(file, policy(), options);
        });
        assert!(of_archive < 1 << 20, "{of_archive}");
    }
}

/// Octets that a path has as they are, and a context also escaped.
const ESCAPED: usize = 20_000;

/// A cookie has the path once; a context would have it three times as long.
const FIELD: usize = 2 * ESCAPED;

#[test]
fn cookies_of_a_head_have_one_context() {
    if super::ran_alone("reading::cookies_of_a_head_have_one_context") {
        return;
    }
    let long = url(&format!("https://acme.com/{}/", "[".repeat(ESCAPED)));
    let options = ReadOptions::new().of_url(&long);
    let dump = "Set-Cookie: a=1\n".repeat(1_000);
    let bytes = allocated(|| {
        let policy = BrowserPolicy::with_suffixes(suffixes());
        header_dump::read_with(dump.as_bytes(), policy, &options).expect("it is read");
    });
    assert!(bytes < 1_000 * FIELD, "{bytes}");
}

#[cfg(feature = "json")]
#[test]
fn cookies_of_an_entry_have_one_context() {
    use cookiejar::file::har;

    if super::ran_alone("reading::cookies_of_an_entry_have_one_context") {
        return;
    }
    let path = "[".repeat(ESCAPED);
    let set = vec![r#"{"name":"Set-Cookie","value":"a=1"}"#; 1_000].join(",");
    let cookies = vec![r#"{"name":"a","value":"1"}"#; 1_000].join(",");
    for (request, response) in [
        (
            String::new(),
            format!(r#","response":{{"status":200,"headers":[{set}]}}"#),
        ),
        (format!(r#","cookies":[{cookies}]"#), String::new()),
        (
            format!(
                r#","headers":[{{"name":"Cookie","value":"{}"}}]"#,
                "a=1;".repeat(1_000)
            ),
            String::new(),
        ),
    ] {
        let archive = format!(
            r#"{{"log":{{"entries":[{{"startedDateTime":"2026-11-21T08:00:00.000Z",
            "request":{{"url":"https://acme.com/{path}/"{request}}}{response}}}]}}}}"#
        );
        let options = ReadOptions::new().requests(true).ignore_discard(true);
        let bytes = allocated(|| {
            let policy = BrowserPolicy::with_suffixes(suffixes());
            har::read_with(archive.as_bytes(), policy, &options).expect("it is read");
        });
        assert!(bytes < 1_000 * FIELD, "{bytes}");
    }
}

/// Each appends to the URL of the one before it.
#[test]
fn redirects_of_a_dump_are_linear() {
    if super::ran_alone("reading::redirects_of_a_dump_are_linear") {
        return;
    }
    let head = format!("HTTP/1.1 302\nLocation: {}/\n\n", "x".repeat(1_000));
    let read = |heads: usize| {
        let dump = head.repeat(heads);
        let options = ReadOptions::new().of_url(&url("https://acme.com/"));
        allocated(|| {
            header_dump::read_with(dump.as_bytes(), policy(), &options).expect("it is read");
        })
    };
    let (few, many) = (read(200), read(800));
    assert!(many < 5 * few, "{few} {many}");
}
