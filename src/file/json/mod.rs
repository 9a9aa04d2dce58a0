//! JSON: the format that loses nothing, and the JSON of others.
//!
//! What is written is one object with an array of whole cookies, a line each:
//!
//! ```text
//! {"format":"cookiejar","version":1,"cookies":[
//! {"name":"sid","value":"31d4","domain":"acme.com","host_only":true,"path":"/","created":1763712000}
//! ]}
//! ```
//!
//! | field | meaning | left away if |
//! |---|---|---|
//! | `name` | text | |
//! | `value` | text | the cookie is a name without a value |
//! | `domain` | without a leading dot | |
//! | `host_only` | whether the cookie came without a `Domain` attribute | |
//! | `domain_initial_dot` | whether that attribute began with a dot | false |
//! | `path` | text | |
//! | `path_specified` | whether the server said it | false |
//! | `port`, `port_specified` | text; whether the server said it | none; false |
//! | `version` | 0 or, by RFC 2965, 1 | 0 |
//! | `secure` | | false |
//! | `expires` | seconds since 1970 | none |
//! | `discard` | whether the cookie ends with the session although it has an `expires` | false |
//! | `comment`, `comment_url` | text | none |
//! | `rfc2109` | whether it was one by RFC 2109 | false |
//! | `control_octets` | whether the server sent control octets | false |
//! | `created`, `last_access` | seconds since 1970 | never stored, never sent |
//! | `attributes` | those that Python does not know, such as `["SameSite","Lax"]` and `["HttpOnly"]`, in their order | none |
//!
//! A text is a string. One whose octets are not UTF-8 is `{"latin1": string}`, the ISO-8859-1
//! characters for these octets. Cookies stand in the order of their creation. A field that is not
//! in the table is passed over, so that later versions may add some; the key of a partition is none
//! yet.
//!
//! # What is read
//!
//! | who writes it | how it is known |
//! |---|---|
//! | this library | an object with `"format":"cookiejar"` before its `cookies` |
//! | `cookie_store`, its array and its older lines | objects with a `raw_cookie` |
//! | Playwright's storage state | an object with an array of `cookies` |
//! | browser extensions on `chrome.cookies`, Puppeteer, Selenium | an array of objects with a `name` |
//! | the Cookie Quick Manager of Firefox | an array of objects with a `Name raw` |
//!
//! [`ReadReport::source`](super::ReadReport::source) says which it was. In these, a cookie is
//! host-only if `hostOnly` says so or, where nothing does, if its domain has no leading dot; an
//! expiry of 0 or -1 and a `session` of true make a session cookie; 13 digits and more are
//! milliseconds; `no_restriction` is `SameSite=None`. A cookie with a field of the wrong type is
//! left out and reported, with the line in which it begins. What is no JSON, or ends too early, is
//! an error, also where whole cookies stand before.

use std::io::{self, Read, Write};

use super::error::{LoadError, LoadErrorKind};
use super::intake::write_lines;
use super::options::{ReadOptions, WriteOptions};
use super::report::{Reading, WriteReport};
use crate::cookie::Cookie;

mod foreign;
mod meter;
mod parse;
mod record;

use record::Record;

const FORMAT: &str = "cookiejar";
const VERSION: u64 = 1;

/// Reads a file, of whichever kind it is.
///
/// A cookie that is none is left out and reported; nothing it says is shown. Expired and session
/// cookies are passed over unless the options say otherwise.
///
/// # Errors
///
/// - the reader's own
/// - what is no JSON, or none of the kinds above
/// - a version that is not known
/// - a cookie or a file beyond its limit
/// - in strict reading, the first cookie that would be left out
///
/// ```
/// use cookiejar::file::{ReadOptions, Source, json};
///
/// let export = r#"[{"domain": ".acme.com", "hostOnly": false, "httpOnly": true, "name": "sid",
///     "path": "/", "sameSite": "lax", "secure": true, "session": true, "value": "31d4"}]"#;
/// let reading = json::read(export.as_bytes(), &ReadOptions::new().ignore_discard(true))?;
/// assert_eq!(reading.report.source, Source::BrowserExport);
/// assert!(reading.cookies[0].http_only() && reading.cookies[0].discard());
/// # Ok::<(), cookiejar::file::LoadError>(())
/// ```
pub fn read(reader: impl Read, options: &ReadOptions) -> Result<Reading, LoadError> {
    parse::read(reader, options)
}

/// Writes cookies, each at the place where it comes.
///
/// # Errors
///
/// The writer's own.
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
    mut writer: impl Write,
    cookies: impl IntoIterator<Item = &'c Cookie>,
    options: &WriteOptions,
) -> io::Result<WriteReport> {
    let header = format!("{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"cookies\":[");
    let mut separator = "\n";
    let report = write_lines(
        &mut writer,
        cookies,
        options,
        header.into(),
        |cookie, out| {
            out.extend_from_slice(separator.as_bytes());
            separator = ",\n";
            serde_json::to_writer(out, &Record::from(cookie))
                .expect("a record of texts and numbers, written to memory");
            Ok(())
        },
    )?;
    writer.write_all(b"\n]}\n")?;
    Ok(report)
}

fn push_record(cookie: &Cookie, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &Record::from(cookie))
        .expect("a record of texts and numbers, written to memory");
}
