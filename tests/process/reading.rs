//! The memory that reading a header takes.

use cookiejar::policy::Dialect;
use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy};
use stats_alloc::Region;

use super::ALLOCATOR;
use crate::common::url;

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
#[track_caller]
fn assert_most(what: &[u8], read: impl FnOnce()) {
    let region = Region::new(ALLOCATOR);
    read();
    let asked = region.change().bytes_allocated;
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
