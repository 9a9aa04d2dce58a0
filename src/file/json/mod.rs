//! JSON: the format that loses nothing, and JSON from other programs.
//!
//! The written file is one object with an array of whole cookies, one per line:
//!
//! ```text
//! {"format":"cookiejar","version":1,"cookies":[
//! {"name":"sid","value":"31d4","domain":"acme.com","host_only":true,"path":"/","created":1763712000}
//! ]}
//! ```
//!
//! | field | meaning | omitted if |
//! |---|---|---|
//! | `name` | text | |
//! | `value` | text | the cookie is a name without a value |
//! | `domain` | without a leading dot | |
//! | `host_only` | whether the cookie came without a `Domain` attribute | |
//! | `domain_initial_dot` | whether that attribute began with a dot | false |
//! | `path` | text | |
//! | `path_specified` | whether the server specified it | false |
//! | `port`, `port_specified` | text; whether the server specified it | none; false |
//! | `version` | 0, or 1 for RFC 2965 | 0 |
//! | `secure` | | false |
//! | `expires` | seconds since 1970 | none |
//! | `discard` | whether the cookie ends with the session although it has an `expires` | false |
//! | `comment`, `comment_url` | text | none |
//! | `rfc2109` | whether it was an RFC 2109 cookie | false |
//! | `control_octets` | whether the server sent control octets | false |
//! | `created`, `last_access` | seconds since 1970 | never stored, never sent |
//! | `partition` | the key of the partition, text | in none |
//! | `attributes` | those that Python does not know, such as `["SameSite","Lax"]` and `["HttpOnly"]`, in their order | none |
//!
//! A text is a string, or `{"latin1": string}` if its octets are not UTF-8: the ISO-8859-1 characters for these
//! octets. Cookies are in the order of their creation. Fields not in the table are ignored, so that later versions
//! can add some.
//!
//! # What is read
//!
//! | written by | recognized by |
//! |---|---|
//! | this library | an object with `"format":"cookiejar"` before its `cookies` |
//! | `cookie_store`, its array and its older lines | objects with a `raw_cookie` |
//! | Playwright's storage state | an object with an array of `cookies` |
//! | browser extensions on `chrome.cookies`, Puppeteer, Selenium | an array of objects with a `name` |
//! | the Cookie Quick Manager of Firefox | an array of objects with a `Name raw` |
//! | tough-cookie, and with it http-cookie-agent and others | objects with a `key`: in an array, in the `cookies` of an object, or by domain, path and key as its file stores have them (a domain without dots is recognized if it is `localhost` or follows one with dots) |
//! | Guzzle | objects with a `Name`; with a `Domain`, too, whatever other keys they have |
//!
//! The first object that shows its kind decides for the whole file; one of another kind is skipped and reported.
//! [`ReadReport::source`](super::ReadReport::source) reports the kind. In JSON from other programs, a cookie is
//! host-only if `hostOnly` says so or, without that field, if its domain has no leading dot; a `session` of true
//! makes a session cookie; `no_restriction` is `SameSite=None`. A cookie with a field of the wrong type is skipped
//! and reported, with the line in which it begins. Malformed or truncated JSON is an error, even after whole cookies.
//! A file of only white space has no cookies; strict reading rejects it.
//!
//! # Expiry
//!
//! Under any of the keys `expirationDate`, `expires`, `expiry` and `Expires`:
//!
//! | in the file | verdict |
//! |---|---|
//! | `1893456000`, `1893456000.75` | the whole seconds |
//! | 13 to 15 digits | milliseconds |
//! | `"1893456000"` | a number as text is a number, even if it is all digits |
//! | `"2030-01-01T00:00:00.000Z"`, `"2030-01-01T01:00:00+01:00"`, `"2030-01-01"` | ISO 8601; without a zone it is UTC |
//! | `"Tue, 01 Jan 2030 00:00:00 GMT"` | as in the `Expires` of a header |
//! | missing, `null`, `""`, `"Session"`, `"Infinity"` | a session cookie |
//! | the number `0` or `-1` | in JSON of browsers a session cookie; of Guzzle and tough-cookie, long expired |
//! | another negative number, a date up to 1970-01-01 | long expired |
//! | a time after the year 9999 | the end of the year 9999 |
//! | a day that does not exist, other text, another type | the cookie is skipped |
//!
//! The `maxAge` of tough-cookie counts from `creation`, and takes precedence over `expires`.
//!
//! # Containers
//!
//! A browser keeps the cookies of a container or a private window apart. [`ReadOptions::containers`] reads them;
//! otherwise they are counted and skipped.
//!
//! | `storeId` of extensions, `Store raw` of the Cookie Quick Manager | verdict |
//! |---|---|
//! | missing, `null`, `""` | not in a container, whatever the option |
//! | `"0"`, the store of Chromium, `"firefox-default"` | not in a container |
//! | `"firefox-container-2"` | in container 2 |
//! | `"1"`, Chromium's private windows, `"firefox-private"`, any other | read by [`Containers::All`](super::Containers::All) only |
//!
//! # Partitions
//!
//! A cookie in a partition is sent with requests that name the partition by
//! [`Provenance::partition_key`](crate::Provenance::partition_key); [`ReadOptions::partitions`] has other choices.
//!
//! | in the file | key of the partition |
//! |---|---|
//! | `"partitionKey": "https://shop.example"`, of Playwright and Puppeteer | `https://shop.example` |
//! | `"partitionKey": {"topLevelSite": "https://shop.example"}`, of extensions and CDP, or `sourceOrigin` for `topLevelSite` | `https://shop.example` |
//! | the same with `"hasCrossSiteAncestor": true`, or Playwright's `_crHasCrossSiteAncestor` next to the string, a cookie of another site | `https://shop.example` |
//! | with `false`, a cookie of `shop.example` or a subdomain | `https://shop.example` |
//! | with `true`, a cookie of `shop.example` or a subdomain: a frame of the shop in a frame of another site in a page of the shop | `https://shop.example?hasCrossSiteAncestor=true` |
//! | with `false`, a cookie of another site | `https://shop.example?hasCrossSiteAncestor=false` |
//! | `"firstPartyDomain": "shop.example"`, of Firefox | `shop.example` |
//! | `"partitionKeyOpaque": true`, of CDP | no request can name it: the cookie is skipped |
//! | `"partitionKey": {}` or another type | the cookie is skipped |
//! | `null` or `""` | the cookie is in no partition |
//!
//! ```
//! use cookiejar::file::{ReadOptions, json};
//! use cookiejar::{CookieJar, Provenance, RequestContext};
//! use url::Url;
//!
//! let export = r#"[{"domain": "chat.example", "name": "sid", "path": "/", "secure": true, "value": "31d4",
//!     "partitionKey": {"topLevelSite": "https://shop.example", "hasCrossSiteAncestor": true}}]"#;
//! let reading = json::read(export.as_bytes(), &ReadOptions::new().ignore_discard(true))?;
//! let mut jar = CookieJar::new();
//! jar.extend(reading.cookies);
//!
//! let chat = Url::parse("https://chat.example/")?;
//! assert!(jar.cookie_header(&chat).is_none());
//! let in_shop = RequestContext::from(&chat).caused_by(Provenance::new().partition_key("https://shop.example"));
//! assert_eq!(jar.cookie_header(in_shop).expect("a header"), "sid=31d4");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::io::{self, Read, Write};

use super::error::{LoadError, LoadErrorKind};
use super::line_writer::write_lines;
use super::options::{ReadOptions, WriteOptions};
use super::report::{Reading, WriteReport};
use crate::cookie::{Cookie, Row};

macro_rules! scalars {
    ($visitor:ident => $result:expr) => {
        scalars! {
            $visitor => $result;
            visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str)
        }

        fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
            let $visitor = self;
            $result
        }
    };
    ($visitor:ident => $result:expr; $($visit:ident($value:ty)),+) => {$(
        fn $visit<E: serde::de::Error>(self, _: $value) -> Result<(), E> {
            let $visitor = self;
            $result
        }
    )+};
}

mod any;
mod expiry;
pub(super) mod foreign;
pub(super) mod limits;
pub(super) mod parse;
pub(super) mod partition;
mod program;
mod tough_cookie;

pub(super) use any::{read_any, recognizes};
pub use program::{Program, StorageState, write_for};

const FORMAT: &str = "cookiejar";
pub(crate) const VERSION: u64 = 1;

/// Reads a file of any of these kinds.
///
/// An entry that is not a valid cookie is skipped and reported, without its contents. Session cookies are skipped
/// unless [`ignore_discard`](ReadOptions::ignore_discard) is set, and expired ones if [`at`](ReadOptions::at) is set.
///
/// # Errors
///
/// - any error of the reader
/// - input that is not JSON, or not of a kind above
/// - an unknown version
/// - a cookie or a file beyond its limit
/// - in strict reading, the first cookie that would be skipped
///
/// ```
/// use cookiejar::file::{ReadOptions, Source, json};
///
/// let export = r#"[{"domain": ".acme.com", "hostOnly": false, "httpOnly": true, "name": "sid",
///     "path": "/", "sameSite": "lax", "secure": true, "session": true, "value": "31d4"}]"#;
/// let reading = json::read(export.as_bytes(), &ReadOptions::new().ignore_discard(true))?;
/// assert_eq!(reading.report.source, Source::BrowserExport);
/// assert!(reading.cookies[0].http_only() && reading.cookies[0].discard());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(reader: impl Read, options: &ReadOptions) -> Result<Reading, LoadError> {
    parse::read(reader, options, None)
}

/// Writes cookies, in the order of the iterator.
///
/// # Errors
///
/// Any error of the writer.
///
/// ```
/// use cookiejar::Cookie;
/// use cookiejar::file::{ReadOptions, WriteOptions, json};
///
/// let cookie = Cookie::builder("sid", b"\xe9").domain(".acme.com").http_only(true).build()?;
/// let mut file = Vec::new();
/// json::write(&mut file, [&cookie], &WriteOptions::new().ignore_discard(true))?;
/// let reading = json::read(&*file, &ReadOptions::new().ignore_discard(true))?;
/// assert_eq!(reading.cookies, [cookie]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write<'c>(
    writer: impl Write,
    cookies: impl IntoIterator<Item = &'c Cookie>,
    options: &WriteOptions,
) -> io::Result<WriteReport> {
    let header = format!("{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"cookies\":[");
    write_lines(
        writer,
        cookies,
        options,
        header.into(),
        b"\n]}\n",
        |cookie, out| {
            let is_first = out.last() == Some(&b'[');
            out.extend_from_slice(if is_first { b"\n" } else { b",\n" });
            push_record(cookie, out);
            Ok(())
        },
    )
}

fn push_record(cookie: &Cookie, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &Row::from(cookie))
        .expect("a record of texts and numbers, written to memory");
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/json.rs"]
mod tests;
