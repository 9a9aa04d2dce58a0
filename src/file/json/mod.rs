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
//! | `partition` | the key of the partition, text | in none |
//! | `attributes` | those that Python does not know, such as `["SameSite","Lax"]` and `["HttpOnly"]`, in their order | none |
//!
//! A text is a string. One whose octets are not UTF-8 is `{"latin1": string}`, the ISO-8859-1
//! characters for these octets. Cookies stand in the order of their creation. A field that is not
//! in the table is passed over, so that later versions may add some.
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
pub(crate) mod sessions;

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
            push_record(cookie, out);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::report::{Reason, Source};

    fn all() -> ReadOptions {
        ReadOptions::new().ignore_discard(true).ignore_expires(true)
    }

    /// The kind, the cookies, and the lines left out with their reasons.
    type Shown = (Source, Vec<String>, Vec<(u64, Reason)>);

    fn shown(file: &str) -> Result<Shown, String> {
        let reading = read(file.as_bytes(), &all()).map_err(|error| error.to_string())?;
        let show = |cookie: &Cookie| {
            let attributes: Vec<_> = cookie
                .nonstandard_attrs()
                .map(|(name, value)| format!(" {name}={}", value.unwrap_or_default()))
                .collect();
            format!(
                "{} {} {}{}",
                cookie.display_with_value(),
                cookie.expires_seconds().unwrap_or(0),
                if cookie.secure() { "S" } else { "-" },
                attributes.concat()
            )
        };
        let left_out = reading.report.left_out.iter();
        Ok((
            reading.report.source,
            reading.cookies.iter().map(show).collect(),
            left_out.map(|left| (left.line, left.reason)).collect(),
        ))
    }

    #[test]
    fn a_whole_cookie_is_written_and_comes_back() {
        let cookie = Cookie::builder("s\u{e9}d", b"\xff\"\\")
            .domain(".acme.com")
            .domain_initial_dot(false)
            .path("/x")
            .port("80")
            .port_specified(false)
            .secure(true)
            .expires(time::macros::datetime!(2030-01-01 0:00 UTC))
            .discard(true)
            .comment("c")
            .comment_url("u")
            .rfc2109(true)
            .nonstandard_attr("SameSite", Some("Lax"))
            .nonstandard_attr("HttpOnly", None)
            .nonstandard_attr("x", Some(""))
            .version(1)
            .creation_time(time::macros::datetime!(2026-11-21 8:00 UTC))
            .build()
            .expect("a cookie");
        cookie.note_access(1_800_000_000);
        let mut file = Vec::new();
        let options = WriteOptions::new().ignore_discard(true);
        write(&mut file, [&cookie], &options).expect("written");
        let record = r#"{"name":"séd","value":{"latin1":"ÿ\"\\"},"domain":"acme.com","host_only":false,"path":"/x","path_specified":true,"port":"80","version":1,"secure":true,"expires":1893456000,"discard":true,"comment":"c","comment_url":"u","rfc2109":true,"created":1795248000,"last_access":1800000000,"attributes":[["SameSite","Lax"],["HttpOnly"],["x",""]]}"#;
        assert_eq!(
            String::from_utf8(file.clone()).expect("UTF-8"),
            format!("{{\"format\":\"cookiejar\",\"version\":1,\"cookies\":[\n{record}\n]}}\n")
        );
        let reading = read(&*file, &all()).expect("a file");
        let [read] = reading.cookies.as_slice() else {
            panic!("one cookie");
        };
        assert_eq!(read, &cookie);
        assert_eq!(read.last_access_time(), cookie.last_access_time());
        assert_eq!(reading.report.source, Source::Json);
    }

    #[test]
    fn the_json_of_others_is_known() {
        let session = "<Cookie a=1 for acme.com/> 0 -".to_owned();
        let rows = [
            (
                r#"[{"name":"a","value":"1","domain":"acme.com","expires":-1,"httpOnly":true,"sameSite":"Lax","secure":true,"path":"/"}]"#,
                Source::BrowserExport,
                "<Cookie a=1 for acme.com/> 0 S HttpOnly= SameSite=Lax".to_owned(),
            ),
            (
                r#"[{"domain":".acme.com","expirationDate":1893456000.75,"hostOnly":false,"httpOnly":false,"name":"a","path":"/x","sameSite":"no_restriction","secure":false,"session":false,"storeId":"0","value":"1","id":1}]"#,
                Source::BrowserExport,
                "<Cookie a=1 for .acme.com/x> 1893456000 - SameSite=None".to_owned(),
            ),
            (
                r#"[{"domain":"acme.com","hostOnly":false,"name":"a","value":"1","sameSite":null,"session":true,"expirationDate":5}]"#,
                Source::BrowserExport,
                "<Cookie a=1 for .acme.com/> 0 -".to_owned(),
            ),
            (
                r#"[{"domain":"acme.com","name":"a","value":"1","expiry":1893456000123,"sameSite":"unspecified"}]"#,
                Source::BrowserExport,
                "<Cookie a=1 for acme.com/> 1893456000 -".to_owned(),
            ),
            (
                r#"[{"Host raw":"https://.acme.com/","Name raw":"a","Path raw":"/","Content raw":"1","Expires raw":"1893456000","Send for raw":"true","HTTP only raw":"true","SameSite raw":"strict","This domain only raw":"false"}]"#,
                Source::BrowserExport,
                "<Cookie a=1 for .acme.com/> 1893456000 S HttpOnly= SameSite=Strict".to_owned(),
            ),
            (
                r#"{"cookies":[{"name":"a","value":"1","domain":"acme.com","path":"/","expires":-1}],"origins":[{"origin":"x"}]}"#,
                Source::StorageState,
                session.clone(),
            ),
            (
                r#"{"url":"https://acme.com","version":"x","cookies":[{"name":"a","value":"1","domain":"acme.com"}]}"#,
                Source::StorageState,
                session.clone(),
            ),
            (
                r#"[{"raw_cookie":"a=1; SameSite=None; Secure; Path=/; Expires=Tue, 03 Aug 2100 00:38:37 GMT","path":["/",true],"domain":{"HostOnly":"acme.com"},"expires":{"AtUtc":"2100-08-03T00:38:37Z"}}]"#,
                Source::CookieStore,
                "<Cookie a=1 for acme.com/> 4120936717 S SameSite=None".to_owned(),
            ),
            (
                "{\"raw_cookie\":\"a=1; Domain=acme.com\",\"path\":[\"/x\",false],\"domain\":{\"Suffix\":\"acme.com\"},\"expires\":\"SessionEnd\"}\n",
                Source::CookieStoreLines,
                "<Cookie a=1 for .acme.com/x> 0 -".to_owned(),
            ),
        ];
        for (file, source, cookie) in rows {
            assert_eq!(shown(file), Ok((source, vec![cookie], vec![])), "{file}");
        }
        assert_eq!(shown("[]"), Ok((Source::BrowserExport, vec![], vec![])));
    }

    #[test]
    fn a_cookie_that_is_none_costs_itself() {
        let good = r#"{"name":"a","value":"1","domain":"acme.com"}"#;
        let file = format!(
            "\u{feff}[{good},\n{{\"name\":1}},\n3,\n {good},\n{{\"name\":\"b\",\"value\":\"1\",\"domain\":\"\"}}]"
        );
        let (_, cookies, left_out) = shown(&file).expect("a file");
        let no_domain = Reason::Rejected(crate::Rejection::InvalidDomain);
        assert_eq!(cookies.len(), 2);
        assert_eq!(
            left_out,
            [(2, Reason::Field), (3, Reason::Field), (5, no_domain)]
        );
        let ours = r#"{"format":"cookiejar","version":1,"cookies":[
            {"name":"a","value":"1","domain":"acme.com","host_only":true,"path":"/","to come":[]},
            {"name":"a","value":"1","domain":"acme.com","path":"/"},
            {"name":{"latin1":"€"},"domain":"acme.com","host_only":true,"path":"/"},
            {"name":"a","domain":"acme.com","host_only":true,"path":"/","attributes":[[]]}]}"#;
        let (_, cookies, left_out) = shown(ours).expect("a file");
        assert_eq!(cookies.len(), 1);
        assert_eq!(
            left_out,
            [(3, Reason::Field), (4, Reason::Field), (5, Reason::Field)]
        );
    }

    #[test]
    fn what_is_no_such_file_is_an_error_without_a_value() {
        let rows = [
            ("", "not a file of this format"),
            ("3", "line 1: not a file of this format"),
            ("\"secret\"", "line 1: not a file of this format"),
            ("null", "line 1: not a file of this format"),
            ("{}", "line 1: not a file of this format"),
            ("[3]", "line 1: not a file of this format"),
            ("{\"cookies\":\"secret\"}", "line 1: not well-formed"),
            (
                "[{\"name\":\"a\"},\n{\"name\":\"secret",
                "line 2: not well-formed",
            ),
            ("[] []", "line 1: not well-formed"),
            (
                "{\"format\":\"cookiejar\",\"version\":2,\"cookies\":[]}",
                "line 1: a version that is not known",
            ),
            (
                "{\"format\":\"cookiejar\",\"cookies\":[]}",
                "line 1: a version that is not known",
            ),
            ("\0\0", "line 1: not well-formed"),
        ];
        for (file, expected) in rows {
            assert_eq!(shown(file), Err(expected.to_owned()), "{file}");
        }
    }

    #[test]
    fn limits_end_the_reading() {
        let error = |file: &str, options: &ReadOptions| {
            let error = read(file.as_bytes(), options).expect_err("too long");
            error.to_string()
        };
        let long = format!("[{{\"name\":\"{}\"}}]", "x".repeat(100));
        assert_eq!(
            error(&long, &all().max_line(50)),
            "line 1: the line is longer than allowed"
        );
        assert_eq!(
            error(&long, &all().max_bytes(50)),
            "line 1: the file is longer than allowed"
        );
        let ignored = format!("{{\"origins\":[\"{}\"],\"cookies\":[]}}", "x".repeat(100));
        assert!(read(ignored.as_bytes(), &all().max_line(50)).is_ok());
    }
}
