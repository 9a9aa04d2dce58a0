//! Dates, ages and times, wherever they are read.

use cookiejar::file::{ReadOptions, cookies_txt, header_dump, json, lwp};
use cookiejar::policy::Dialect;
use cookiejar::{Cookie, DefaultCookiePolicy, Provenance, RequestContext};
use time::OffsetDateTime;
use url::Url;

use super::bytes::Bytes;
use super::checks::check_cookie;
use super::world::{NOW, at, suffixes};

/// The first octet chooses a file; the others are a date, an age, and the time of that file. With `6` or `7` it is the
/// time of all files.
pub fn dates(data: &[u8]) {
    let mut input = Bytes::new(data);
    let choice = input.below(8);
    let data = input.rest();
    for dialect in [Dialect::Python, Dialect::Rfc6265bis] {
        if let Some(expires) = attribute(dialect, b"Expires", data) {
            assert!(expires.year() <= 9_999);
            comes_back(dialect, expires);
        }
        if let Some(expires) = attribute(dialect, b"Max-Age", data) {
            assert!(expires.year() <= 9_999);
        }
    }
    for file in 0..FILES {
        if file == choice || choice >= FILES {
            check_file(file, data);
        }
    }
}

const FILES: usize = 6;

fn attribute(dialect: Dialect, name: &[u8], value: &[u8]) -> Option<OffsetDateTime> {
    let request = RequestContext::new("https", "acme.com", None, "/");
    let request = request.caused_by(Provenance::new().at(at(NOW)));
    let field = [b"a=1; ", name, b"=", value].concat();
    let cookie = Cookie::parse_as(dialect, field, request).ok()?;
    check_cookie(&cookie);
    assert_eq!(cookie.name(), "a");
    assert_eq!(cookie.expires().is_none(), cookie.discard());
    cookie.expires()
}

/// A date in the form of RFC 9110, section 5.6.7, is read as itself.
fn comes_back(dialect: Dialect, date: OffsetDateTime) {
    // Dates before 1970 are past, whatever they are.
    if date.unix_timestamp() <= 0 || date.year() < 1_970 {
        return;
    }
    let weekday = &date.weekday().to_string()[..3];
    let month = &date.month().to_string()[..3];
    let (hour, minute, second) = date.to_hms();
    let text = format!(
        "{weekday}, {:02} {month} {:04} {hour:02}:{minute:02}:{second:02} GMT",
        date.day(),
        date.year()
    );
    let again = attribute(dialect, b"Expires", text.as_bytes());
    assert_eq!(again, Some(date), "{text}");
}

fn check_file(file: usize, date: &[u8]) {
    let options = ReadOptions::new()
        .at(at(NOW))
        .ignore_discard(true)
        .ignore_expires(true);
    let reading = match file {
        0 => {
            let line = [&b"acme.com\tFALSE\t/\tFALSE\t"[..], date, b"\ta\t1\n"].concat();
            cookies_txt::read(&*line, &options)
        }
        1 => {
            let start =
                b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=\"/\"; domain=acme.com; expires=\"";
            lwp::read(&*[&start[..], date, b"\"; version=0\n"].concat(), &options)
        }
        2 => {
            let start = b"HTTP/1.1 200\nDate: ";
            let dump = [&start[..], date, b"\nSet-Cookie: a=1; Max-Age=60\n\n"].concat();
            let url = Url::parse("https://acme.com/").expect("a URL");
            let policy = DefaultCookiePolicy::with_suffixes(suffixes());
            header_dump::read_with(&*dump, policy, &options.of_url(&url))
        }
        _ => json::read(object(file, date).as_bytes(), &options),
    };
    if let Ok(reading) = reading {
        reading.cookies.iter().for_each(check_cookie);
    }
}

/// A cookie in JSON, as one of three programs writes it.
fn object(program: usize, date: &[u8]) -> String {
    let expires = serde_json::to_string(&String::from_utf8_lossy(date)).expect("a string");
    let cookie = r#""value":"1","domain":"acme.com","path":"/","expires":"#;
    match program {
        3 => format!(r#"[{{"name":"a",{cookie}{expires}}}]"#),
        4 => format!(r#"[{{"key":"a",{cookie}{expires}}}]"#),
        _ => format!(
            r#"{{"raw_cookie":"a=1","path":["/",true],"domain":{{"HostOnly":"acme.com"}},"expires":{{"AtUtc":{expires}}}}}"#
        ),
    }
}
