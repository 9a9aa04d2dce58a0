//! Dates, ages and times, wherever they are read.

use cookiejar::file::{ReadOptions, cookies_txt, header_dump, json, lwp};
use cookiejar::policy::Dialect;
use cookiejar::{Cookie, DefaultCookiePolicy, Provenance, RequestContext};
use time::OffsetDateTime;
use url::Url;

use super::checks::check_cookie;
use super::world::{NOW, at, suffixes};

/// The input is a date, an age, and the time of a file.
pub fn dates(data: &[u8]) {
    for dialect in [Dialect::Python, Dialect::Rfc6265bis] {
        if let Some(expires) = attribute(dialect, b"Expires", data) {
            assert!(expires.year() <= 9_999);
            comes_back(dialect, expires);
        }
        if let Some(expires) = attribute(dialect, b"Max-Age", data) {
            assert!(expires.year() <= 9_999);
        }
    }
    files(data);
}

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

fn files(data: &[u8]) {
    let options = ReadOptions::new()
        .at(at(NOW))
        .ignore_discard(true)
        .ignore_expires(true);
    let column = [&b"acme.com\tFALSE\t/\tFALSE\t"[..], data, b"\ta\t1\n"].concat();
    let expires = [
        &b"#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=\"/\"; domain=acme.com; expires=\""[..],
        data,
        b"\"; version=0\n",
    ]
    .concat();
    let text = serde_json::to_string(&String::from_utf8_lossy(data)).expect("a string");
    let objects = [
        format!(r#"[{{"name":"a","value":"1","domain":"acme.com","path":"/","expires":{text}}}]"#),
        format!(
            r#"{{"raw_cookie":"a=1","path":["/",true],"domain":{{"HostOnly":"acme.com"}},"expires":{{"AtUtc":{text}}}}}"#
        ),
        format!(r#"[{{"key":"a","value":"1","domain":"acme.com","path":"/","expires":{text}}}]"#),
    ];
    let dump = [
        b"HTTP/1.1 200\nDate: ",
        data,
        b"\nSet-Cookie: a=1; Max-Age=60\n\n",
    ]
    .concat();
    let url = Url::parse("https://acme.com/").expect("a URL");
    let of_url = options.clone().of_url(&url);
    let policy = || DefaultCookiePolicy::with_suffixes(suffixes());
    let mut readings = vec![
        cookies_txt::read(&*column, &options),
        lwp::read(&*expires, &options),
        header_dump::read_with(&*dump, policy(), &of_url),
    ];
    readings.extend(
        objects
            .iter()
            .map(|object| json::read(object.as_bytes(), &options)),
    );
    for reading in readings.into_iter().flatten() {
        reading.cookies.iter().for_each(check_cookie);
    }
}
