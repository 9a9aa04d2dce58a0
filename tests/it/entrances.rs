//! Every entrance for a cookie that no server set, against the rules that all of them share: it
//! is one cookie on the wire, and its domain is a host.
#![cfg(all(feature = "cookie-0_18", feature = "json", feature = "psl"))]

use crate::common;

use std::fs;
use std::sync::Arc;

use common::{NOW, jar_with, request, url};
use cookiejar::client::cookie_0_18::from_cookie;
use cookiejar::file::{
    LoadOptions, ReadOptions, Reading, Reason, Unwritable, WriteOptions, cookies_txt, json, lwp,
    read_any,
};
use cookiejar::jar::ImportReport;
use cookiejar::policy::{AcceptAllPolicy, DomainList};
use cookiejar::sessions::GivenCookie;
use cookiejar::{
    BrowserPolicy, Cookie, CookieJar, CookiePolicy, CookieSessions, DefaultCookiePolicy,
    JsonCookieJar, MozillaCookieJar, Rejection, RequestContext, RequestCookies,
};
use serde_json::{Value, json};

/// The input of an entrance.
#[derive(Debug, Clone, Copy)]
struct Given<'a> {
    name: &'a str,
    value: &'a str,
    domain: &'a str,
    version: u32,
}

/// An entrance and its name. `None` if it cannot express the input.
type Door = (
    &'static str,
    fn(Given<'_>) -> Option<Result<Cookie, Rejection>>,
);

const DOORS: &[Door] = &[
    ("builder", |given| Some(build(given))),
    ("to_builder", by_another_builder),
    ("set_value", by_set_value),
    ("set_version", by_set_version),
    ("set_domain", by_set_domain),
    ("set_path", by_set_path),
    ("GivenCookie", by_session),
    ("cookies.txt", |given| {
        let line = cookies_txt_line(given)?;
        let file = format!("# Netscape HTTP Cookie File\n{line}\n");
        Some(only(cookies_txt::read(file.as_bytes(), &all())))
    }),
    ("cookies.txt, strictly", |given| {
        let line = cookies_txt_line(given)?;
        let file = format!("# Netscape HTTP Cookie File\n{line}\n");
        Some(only_strictly(&cookies_txt::read(
            file.as_bytes(),
            &all().strict(true),
        )))
    }),
    ("cookies.txt, Python's form", |given| {
        let line = cookies_txt_line(given)?;
        let file = format!("# Netscape HTTP Cookie File\n{line}\n");
        let options = all().python_form(true);
        Some(only(cookies_txt::read(file.as_bytes(), &options)))
    }),
    ("cookies_txt::parse_line", |given| {
        let line = cookies_txt_line(given)?;
        Some(match cookies_txt::parse_line(line.as_bytes()) {
            Ok(cookie) => Ok(cookie.expect("no comment")),
            Err(Reason::Rejected(reason)) => Err(reason),
            Err(reason) => panic!("{reason}"),
        })
    }),
    ("LWP", |given| {
        let file = lwp_file(given)?;
        Some(only(lwp::read(file.as_bytes(), &all())))
    }),
    ("LWP, strictly", |given| {
        let file = lwp_file(given)?;
        let options = all().strict(true);
        Some(only_strictly(&lwp::read(file.as_bytes(), &options)))
    }),
    ("JSON", |given| {
        let record = record(given);
        let file = format!(r#"{{"format":"cookiejar","version":1,"cookies":[{record}]}}"#);
        Some(only(json::read(file.as_bytes(), &all())))
    }),
    #[cfg(feature = "serde")]
    ("serde", |given| Some(by_serde(given))),
    ("Cookie::parse", by_parse),
    ("saved sessions", |given| Some(by_saved_session(given))),
    ("chrome.cookies", |given| {
        (given.version == 0).then(|| of_json(&json!([browser_record(given)])))
    }),
    ("storage state", |given| {
        let file = json!({"cookies": [browser_record(given)], "origins": []});
        (given.version == 0).then(|| of_json(&file))
    }),
    ("Guzzle", |given| {
        let (name, value, domain) = (given.name, given.value, given.domain);
        let file = json!([{"Name": name, "Value": value, "Domain": domain, "Path": "/"}]);
        (given.version == 0).then(|| of_json(&file))
    }),
    ("tough-cookie", |given| {
        let (name, value, domain) = (given.name, given.value, given.domain);
        let file = json!([{"key": name, "value": value, "domain": domain, "path": "/"}]);
        (given.version == 0).then(|| of_json(&file))
    }),
    ("Cookie Quick Manager", by_quick_manager),
    ("cookie_store", by_cookie_store),
    ("crate cookie", by_foreign_cookie),
    ("read_any, cookies.txt", |given| {
        let line = cookies_txt_line(given)?;
        let file = format!("# Netscape HTTP Cookie File\n{line}\n");
        Some(only(read_any(file.as_bytes(), &all())))
    }),
    ("read_any, LWP", |given| {
        let file = lwp_file(given)?;
        Some(only(read_any(file.as_bytes(), &all())))
    }),
    ("read_any, JSON", |given| {
        let record = record(given);
        let file = format!(r#"{{"format":"cookiejar","version":1,"cookies":[{record}]}}"#);
        Some(only(read_any(file.as_bytes(), &all())))
    }),
    ("read_any, storage state", |given| {
        let file = json!({"cookies": [browser_record(given)], "origins": []});
        (given.version == 0).then(|| only(read_any(file.to_string().as_bytes(), &all())))
    }),
    #[cfg(feature = "sqlite-system")]
    ("Firefox", by_firefox),
];

#[cfg(feature = "sqlite-system")]
fn by_firefox(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    const SCHEMA: &str = "PRAGMA user_version = 17; CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, \
        originAttributes TEXT NOT NULL DEFAULT '', name TEXT, value TEXT, host TEXT, path TEXT, expiry INTEGER, \
        lastAccessed INTEGER, creationTime INTEGER, isSecure INTEGER, isHttpOnly INTEGER, sameSite INTEGER)";
    const INSERT: &str =
        "INSERT INTO moz_cookies VALUES(1, '', ?1, ?2, ?3, '/', 4102444800000, 0, 0, 0, 0, 256)";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies.sqlite");
    let database = rusqlite::Connection::open(&path).expect("a database");
    database.execute_batch(SCHEMA).expect("a table");
    let row = [given.name, given.value, given.domain];
    database.execute(INSERT, row).expect("a row");
    (given.version == 0).then(|| only(cookiejar::file::firefox::read(&path, &all())))
}

fn build(given: Given<'_>) -> Result<Cookie, Rejection> {
    Cookie::builder(given.name, given.value)
        .domain(given.domain)
        .version(given.version)
        .build()
}

/// A valid cookie.
fn sound(version: u32) -> Cookie {
    let cookie = Cookie::builder("a", "1").domain("acme.com");
    cookie.version(version).build().expect("a cookie")
}

fn by_another_builder(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let mut cookie = sound(1);
    if let Err(reason) = cookie.set_value(given.value) {
        return (given.name == "a").then_some(Err(reason));
    }
    let builder = cookie.to_builder().domain(given.domain);
    (given.name == "a").then(|| builder.version(given.version).build())
}

fn by_set_value(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let value = if given.name.is_empty() { "x" } else { "1" };
    let mut cookie = build(Given { value, ..given }).ok()?;
    Some(cookie.set_value(given.value).map(|()| cookie))
}

fn by_set_version(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let version = 1 - given.version.min(1);
    let mut cookie = build(Given { version, ..given }).ok()?;
    Some(cookie.set_version(given.version).map(|()| cookie))
}

fn by_set_domain(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let domain = "other.example";
    let mut cookie = build(Given { domain, ..given }).ok()?;
    Some(cookie.set_domain(given.domain).map(|()| cookie))
}

/// Every setter checks the whole cookie.
fn by_set_path(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let mut cookie = build(given).ok()?;
    Some(cookie.set_path("/").map(|()| cookie))
}

fn by_session(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let sessions = CookieSessions::<&str>::with_policy(AcceptAllPolicy::new());
    let cookie = GivenCookie::new(given.name, given.value)
        .domain(given.domain)
        .path("/");
    let cookies = RequestCookies::new(&"anna").cookie(cookie);
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    let account = sessions.process_request(&cookies, &mut headers, &url("http://acme.com/"));
    (given.version == 0).then(|| match account.rejected.first() {
        Some(rejected) => Err(rejected.reason),
        None => Ok(sessions.jar(&"anna").snapshot().remove(0)),
    })
}

fn all() -> ReadOptions {
    ReadOptions::new().ignore_discard(true).ignore_expires(true)
}

fn only(reading: Result<Reading, cookiejar::file::LoadError>) -> Result<Cookie, Rejection> {
    let mut reading = reading.expect("a file");
    match reading.report.skipped.as_slice() {
        [] => Ok(reading.cookies.remove(0)),
        [skipped] => match skipped.reason {
            Reason::Rejected(reason) => Err(reason),
            reason => panic!("{reason}"),
        },
        more => panic!("{more:?}"),
    }
}

/// In strict reading the whole file is rejected.
fn only_strictly(
    reading: &Result<Reading, cookiejar::file::LoadError>,
) -> Result<Cookie, Rejection> {
    match reading {
        Ok(reading) => Ok(reading.cookies[0].clone()),
        Err(error) => match error.kind() {
            cookiejar::file::LoadErrorKind::Line(Reason::Rejected(reason)) => Err(*reason),
            kind => panic!("{kind:?}"),
        },
    }
}

/// A line break ends a line, a tab a column, an empty name column means a cookie without a name, and wget's port is
/// not part of the domain.
fn cookies_txt_line(given: Given<'_>) -> Option<String> {
    let Given {
        name,
        value,
        domain,
        version,
    } = given;
    let sayable = version == 0
        && !name.is_empty()
        && !format!("{name}{value}{domain}").contains(['\t', '\n'])
        && !value.ends_with('\r');
    let has_port = domain.ends_with(":80");
    let below = if domain.starts_with('.') {
        "TRUE"
    } else {
        "FALSE"
    };
    (sayable && !has_port).then(|| format!("{domain}\t{below}\t/\tFALSE\t\t{name}\t{value}"))
}

/// A name is a word.
fn lwp_file(given: Given<'_>) -> Option<String> {
    let Given {
        name,
        value,
        domain,
        version,
    } = given;
    let is_word = !name.is_empty() && !name.contains(['=', ';', ',', ' ', '\t']);
    let is_line = !format!("{name}{value}{domain}").contains('\n');
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    (is_word && is_line).then(|| {
        format!(
            "#LWP-Cookies-2.0\nSet-Cookie3: {name}=\"{value}\"; path=\"/\"; domain=\"{domain}\"; \
             discard; version={version}\n"
        )
    })
}

fn of_json(file: &Value) -> Result<Cookie, Rejection> {
    only(json::read(file.to_string().as_bytes(), &all()))
}

fn bare(domain: &str) -> &str {
    domain.strip_prefix('.').unwrap_or(domain)
}

fn record(given: Given<'_>) -> Value {
    json!({
        "name": given.name,
        "value": given.value,
        "domain": bare(given.domain),
        "host_only": !given.domain.starts_with('.'),
        "path": "/",
        "version": given.version,
    })
}

/// Its errors are texts, which end with the reason.
#[cfg(feature = "serde")]
fn by_serde(given: Given<'_>) -> Result<Cookie, Rejection> {
    let reasons = [
        Rejection::EmptyPair,
        Rejection::ForbiddenOctet,
        Rejection::InvalidDomain,
        Rejection::InvalidName,
        Rejection::InvalidValue,
        Rejection::NamelessPair,
        Rejection::NamelessPrefix,
    ];
    serde_json::from_value(record(given)).map_err(|error: serde_json::Error| {
        let text = error.to_string();
        let said = |reason: &&Rejection| text.ends_with(&reason.to_string());
        *reasons
            .iter()
            .find(said)
            .unwrap_or_else(|| panic!("{text}"))
    })
}

/// A header ends a name at `=`, a value at `;`, and both at blanks.
fn by_parse(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let Given {
        name,
        value,
        domain,
        version,
    } = given;
    let is_word =
        |text: &str| !text.contains([';', '=', '"']) && text.trim_matches([' ', '\t']) == text;
    let text = format!("{name}={value}; Domain={domain}");
    (version == 0 && !name.is_empty() && is_word(name) && is_word(value))
        .then(|| Cookie::parse(text, &url("http://acme.com/")))
}

fn by_saved_session(given: Given<'_>) -> Result<Cookie, Rejection> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sessions.json");
    let session = json!({"session": "anna", "last_used": 0, "cookies": [record(given)]});
    let file = json!({"format": "cookiejar-sessions", "version": 1, "sessions": [session]});
    fs::write(&path, file.to_string()).expect("a file");
    let sessions = CookieSessions::<String>::new();
    let report = sessions.load(&path).expect("sessions");
    match report.skipped.first().map(|skipped| skipped.reason) {
        None => Ok(sessions.jar(&"anna".to_owned()).snapshot().remove(0)),
        Some(Reason::Rejected(reason)) => Err(reason),
        Some(reason) => panic!("{reason}"),
    }
}

fn browser_record(given: Given<'_>) -> Value {
    json!({"name": given.name, "value": given.value, "domain": given.domain, "path": "/"})
}

/// The host is in a URL.
fn by_quick_manager(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let file = json!([{
        "Name raw": given.name,
        "Content raw": given.value,
        "Host raw": format!("https://{}/", given.domain),
        "Path raw": "/",
        "Expires raw": "0",
        "This domain only raw": (!given.domain.starts_with('.')).to_string(),
    }]);
    (given.version == 0 && !given.domain.contains('/')).then(|| of_json(&file))
}

/// The pair is in a `Set-Cookie`, which is split as one.
fn by_cookie_store(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let pair = format!("{}={}", given.name, given.value);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric();
    let kind = if given.domain.starts_with('.') {
        "Suffix"
    } else {
        "HostOnly"
    };
    let file = json!([{
        "raw_cookie": pair,
        "path": ["/", true],
        "domain": {kind: given.domain},
        "expires": "SessionEnd",
    }]);
    (given.version == 0
        && given.name.bytes().all(is_plain)
        && !given.name.is_empty()
        && !given.value.contains([';', ' ']))
    .then(|| of_json(&file))
}

/// It has no cookies without a name, and its domains have no dot.
fn by_foreign_cookie(given: Given<'_>) -> Option<Result<Cookie, Rejection>> {
    let foreign = cookie_0_18::Cookie::build((given.name.to_owned(), given.value.to_owned()))
        .domain(given.domain.to_owned())
        .path("/");
    (given.version == 0 && !given.name.is_empty())
        .then(|| from_cookie(&foreign.build(), &url("http://acme.com/")))
}

/// Tries every entrance and returns the number of those that could express the input.
#[track_caller]
fn at_every_door(given: Given<'_>, check: impl Fn(&str, Result<Cookie, Rejection>)) -> usize {
    let asked = DOORS
        .iter()
        .filter_map(|(door, enter)| Some((door, enter(given)?)))
        .map(|(door, entered)| check(door, entered));
    asked.count()
}

/// Name, value, version, and why it is rejected.
const TWO_COOKIES: &[(&str, &str, u32, Rejection)] = &[
    ("a;b", "1", 0, Rejection::InvalidName),
    ("a;b", "1", 1, Rejection::InvalidName),
    ("a; admin=1; b", "1", 0, Rejection::InvalidName),
    ("a=b", "1", 0, Rejection::InvalidName), // the cookie `a`
    ("a=", "1", 1, Rejection::InvalidName),
    ("=a", "1", 0, Rejection::InvalidName),
    (" a", "1", 0, Rejection::InvalidName), // the cookie `a` again
    ("a ", "1", 0, Rejection::InvalidName),
    ("\ta", "1", 0, Rejection::InvalidName),
    (" ", "1", 0, Rejection::InvalidName),
    ("a,b", "1", 1, Rejection::InvalidName), // a comma separates cookies of RFC 2965
    ("a", "1; admin=1", 0, Rejection::InvalidValue),
    ("a", ";", 0, Rejection::InvalidValue),
    ("a", "\"1;\"", 0, Rejection::InvalidValue), // quotes do not protect
    ("", "a=b", 0, Rejection::NamelessPair),
    ("", "=", 0, Rejection::NamelessPair),
    ("", "a=b", 1, Rejection::NamelessPair),
    ("", "a; b", 0, Rejection::InvalidValue),
    ("", "a; b", 1, Rejection::InvalidValue),
    ("", "__Host-a", 0, Rejection::NamelessPrefix),
    ("", "__hOST-", 0, Rejection::NamelessPrefix),
    ("", "__secure-a", 0, Rejection::NamelessPrefix),
    ("", "__HTTP-a", 0, Rejection::NamelessPrefix),
    ("", " \t__Host-a", 0, Rejection::NamelessPrefix), // parsed without the blanks
    ("", " ", 0, Rejection::EmptyPair),
    ("", "", 0, Rejection::EmptyPair),
];

#[test]
fn nothing_can_become_two_cookies() {
    for &(name, value, version, reason) in TWO_COOKIES {
        let given = Given {
            name,
            value,
            domain: "acme.com",
            version,
        };
        let asked = at_every_door(given, |door, entered| {
            assert_eq!(entered, Err(reason), "{door}: {given:?}");
        });
        assert!(asked >= 3, "{given:?} was asked at {asked} doors");
    }
}

/// No header and no file can hold these octets.
const FORBIDDEN: &[(&str, &str)] = &[
    ("a\rb", "1"),
    ("a\nb", "1"),
    ("a\0b", "1"),
    ("a", "1\r"),
    ("a", "1\r\nSet-Cookie: b=2"),
    ("a", "\n.acme.com\tTRUE\t/\tFALSE\t0\tb\t2"),
    ("a", "1\0"),
    ("", "x\ny"),
];

#[test]
fn line_breaks_and_nul_get_in_at_no_door() {
    for &(name, value) in FORBIDDEN {
        for version in [0, 1] {
            let given = Given {
                name,
                value,
                domain: "acme.com",
                version,
            };
            let asked = at_every_door(given, |door, entered| {
                assert_eq!(entered, Err(Rejection::ForbiddenOctet), "{door}: {given:?}");
            });
            assert!(asked >= 3, "{given:?} was asked at {asked} doors");
        }
    }
}

/// Name, value, version, and the header.
const ONE_COOKIE: &[(&str, &str, u32, &str)] = &[
    ("a", "1", 0, "a=1"),
    ("a", "b=c", 0, "a=b=c"),
    ("a b", "1", 0, "a b=1"), // spaces inside a name
    ("a,b", "1,2", 0, "a,b=1,2"),
    ("", "foo", 0, "foo"),
    ("", "a__Host-", 0, "a__Host-"),
    ("a", "1; admin=1", 1, "$Version=1; a=\"1; admin=1\""),
    ("a", "1", 1, "$Version=1; a=1"),
];

#[test]
fn what_is_one_cookie_comes_in_at_every_door() {
    for &(name, value, version, header) in ONE_COOKIE {
        let given = Given {
            name,
            value,
            domain: "acme.com",
            version,
        };
        let asked = at_every_door(given, |door, entered| {
            let cookie = entered.unwrap_or_else(|reason| panic!("{door}: {given:?}: {reason}"));
            let (mut jar, _) = jar_with(AcceptAllPolicy::new());
            let domain_and_path = ["; $Domain=\"acme.com\"", "; $Path=\"/\""];
            jar.set_cookie(cookie);
            let sent = common::header(&jar, "http://acme.com/");
            let sent = domain_and_path
                .iter()
                .fold(sent, |sent, attribute| sent.replace(attribute, ""));
            assert_eq!(sent, header, "{door}: {given:?}");
        });
        assert!(asked >= 4, "{given:?} was asked at {asked} doors");
    }
}

#[test]
fn a_setter_that_refuses_changes_nothing() {
    let mut cookie = sound(1);
    cookie
        .set_value("1; admin=1")
        .expect("a value of version 1");
    let before = cookie.clone();
    assert_eq!(cookie.set_version(0), Err(Rejection::InvalidValue));
    assert_eq!(cookie.set_domain("x..de"), Err(Rejection::InvalidDomain));
    assert_eq!(cookie, before);
    cookie.set_value("1").expect("a value");
    assert_eq!(cookie.set_version(0), Ok(()));
}

/// The result for a domain without its dot, or the reason for its rejection.
const DOMAINS: [(&str, Result<&str, Rejection>); 31] = {
    const INVALID: Result<&str, Rejection> = Err(Rejection::InvalidDomain);
    [
        ("acme.com", Ok("acme.com")),
        ("ACME.com", Ok("acme.com")),
        ("acme.com.", Ok("acme.com.")), // another host
        ("localhost", Ok("localhost")),
        ("b\u{fc}cher.example", Ok("xn--bcher-kva.example")),
        ("1.2.3.4", Ok("1.2.3.4")),
        ("1.2.3", Ok("1.2.0.3")),
        ("127.1", Ok("127.0.0.1")),
        ("0x7f.1", Ok("127.0.0.1")),
        ("2130706433", Ok("127.0.0.1")),
        ("::1", Ok("[::1]")),
        ("[::1]", Ok("[::1]")),
        ("[0:0:0::0:1]", Ok("[::1]")),
        ("2001:DB8::0001", Ok("[2001:db8::1]")),
        ("::ffff:1.2.3.4", Ok("[::ffff:102:304]")),
        ("", INVALID),
        (".", INVALID),
        ("..", INVALID),
        ("x.de:80", INVALID),
        ("[::1]:80", INVALID),
        ("*.x.de", INVALID),
        ("x..de", INVALID),
        (".x.de", INVALID), // with its own dot before it, two
        ("x.de..", INVALID),
        ("foo.123", INVALID),
        ("256.1.1.1", INVALID),
        ("1.2.3.4.5", INVALID),
        ("::g", INVALID),
        ("a b", INVALID),
        ("%61cme.com", INVALID),
        ("xn--a", INVALID),
    ]
};

/// The entrances for cookies from servers, too.
fn by_header(policy: impl CookiePolicy, domain: &str) -> Result<Cookie, Rejection> {
    let (mut jar, _) = jar_with(policy);
    let response = [("Set-Cookie", format!("a=1; Domain={domain}"))];
    let request = request("http://acme.com/");
    let mut made = jar.make_cookies(&response, &request);
    let account = jar.extract_cookies(&response, &request);
    made.pop().ok_or_else(|| account.rejected[0].reason)
}

#[test]
fn a_domain_is_a_host_at_every_door() {
    for (text, expected) in DOMAINS {
        for dot in ["", "."] {
            let domain = [dot, text].concat();
            if dot.is_empty() && text.starts_with('.') {
                continue; // a domain with its dot
            }
            let given = Given {
                name: "a",
                value: "1",
                domain: &domain,
                version: 0,
            };
            let asked = at_every_door(given, |door, entered| {
                let found = entered.as_ref().map(|cookie| bare(cookie.domain()));
                assert_eq!(found, expected.as_ref().copied(), "{door}: {domain:?}");
                let keeps_dots = !["Cookie::parse", "GivenCookie", "crate cookie"].contains(&door);
                if let (Ok(cookie), true) = (&entered, keeps_dots) {
                    assert_eq!(cookie.host_only(), dot.is_empty(), "{door}: {domain:?}");
                }
            });
            assert!(asked >= 12, "{domain:?} was asked at {asked} doors");

            let python = by_header(AcceptAllPolicy::new(), &domain);
            let found = python.as_ref().map(|cookie| bare(cookie.domain()));
            assert_eq!(found, expected.as_ref().copied(), "Set-Cookie: {domain:?}");
            // Browsers treat an empty `Domain` and a lone dot as absent, and accept only ASCII.
            let browser = by_header(BrowserPolicy::new(), &domain);
            let found = browser.as_ref().map(|cookie| bare(cookie.domain()));
            let expected = match text {
                "" => Ok("acme.com"),
                _ if !text.is_ascii() => Err(&Rejection::DomainNotAscii),
                _ => expected.as_ref().copied(),
            };
            assert_eq!(found, expected, "browsers: {domain:?}");
        }
    }
}

/// A database record that equals one in our JSON, when a session is loaded and when another process has
/// changed it: either both entrances accept it as a cookie or neither does.
#[cfg(feature = "persist")]
#[track_caller]
fn in_databases(
    engine: &Arc<dyn cookiejar::persist::engine::Engine>,
    namespace: &str,
    given: Given<'_>,
    expected: &Result<Cookie, Rejection>,
) {
    use cookiejar::persist::engine::{Entry, Record, SessionBatch, Stamp, WriterId};
    use cookiejar::persist::{PersistError, PersistOptions, PersistentCookieSessions, SkipReason};

    // A database identifies a cookie by its domain in canonical form.
    let domain = expected.as_ref().map_or(given.domain, Cookie::domain);
    let identity = format!("{domain}\0/\0{}", given.name);
    let entry = Entry {
        identity: identity.into_bytes().into(),
        stamp: Stamp::new(1),
        writer: WriterId::new(1),
        record: Some(Record {
            bytes: record(given).to_string().into_bytes().into(),
            ..Record::default()
        }),
    };
    let open = || {
        let options = PersistOptions::new().namespace(namespace);
        PersistentCookieSessions::<String>::open(Arc::clone(engine), options).expect("it opens")
    };
    let anna = "anna".to_owned();
    let (before, held) = (open(), |sessions: &PersistentCookieSessions<String>| {
        sessions.jar(&anna).wait().expect("it is loaded")
    });
    let jar = held(&before);
    assert!(jar.is_empty());
    let batch = SessionBatch {
        session: "=anna",
        entries: &[entry],
        ..SessionBatch::default()
    };
    let mut database = engine.connect(namespace).expect("it connects");
    database.apply(&[batch]).expect("it is stored");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while jar.is_empty() && before.status().skipped == 0 {
        assert!(std::time::Instant::now() < end, "{given:?}");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let after = open();
    for (sessions, jar) in [(&before, jar), (&after, held(&after))] {
        let cookies = jar.snapshot();
        let parts = |cookie: &Cookie| {
            (
                cookie.id().into_owned(),
                cookie.value_bytes().map(Vec::from),
            )
        };
        let expected_parts = expected.as_ref().ok().map(parts);
        assert_eq!(cookies.first().map(parts), expected_parts, "{given:?}");
        // A skipped record is counted before it is reported.
        while expected.is_err() && sessions.status().last_error.is_none() {
            assert!(std::time::Instant::now() < end, "{given:?}");
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let status = sessions.status();
        let reason = status.last_error.map(|error| match error {
            PersistError::Skipped { reason, .. } => reason,
            error => panic!("{given:?}: {error}"),
        });
        let expected = expected.as_ref().err();
        let expected = expected.map(|reason| SkipReason::Rejected(*reason));
        assert_eq!(reason, expected, "{given:?}");
        assert_eq!(status.skipped, u64::from(expected.is_some()), "{given:?}");
    }
}

#[cfg(feature = "persist")]
#[test]
fn records_of_databases_pass_the_same_checks() {
    pass_the_same_checks(&(Arc::new(cookiejar::testing::MemoryEngine::new()) as _));
}

#[cfg(feature = "sqlite-system")]
#[test]
fn records_of_sqlite_pass_the_same_checks() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookies.db");
    pass_the_same_checks(&(Arc::new(cookiejar::persist::sqlite::Sqlite::file(file)) as _));
}

#[cfg(feature = "redis-1")]
#[test]
fn records_of_redis_pass_the_same_checks() {
    let address = cookiejar_tests::server!("COOKIEJAR_REDIS", "records of Redis at every door");
    let engine = cookiejar::persist::redis::Redis::url(&address).expect("a URL");
    pass_the_same_checks(&(Arc::new(engine) as _));
}

#[cfg(feature = "postgres-0_19")]
#[test]
fn records_of_postgresql_pass_the_same_checks() {
    let address =
        cookiejar_tests::server!("COOKIEJAR_POSTGRES", "records of PostgreSQL at every door");
    let engine = cookiejar::persist::postgres::Postgres::config(&address).expect("a configuration");
    engine.create_tables().expect("tables");
    pass_the_same_checks(&(Arc::new(engine) as _));
}

#[cfg(feature = "persist")]
fn pass_the_same_checks(engine: &Arc<dyn cookiejar::persist::engine::Engine>) {
    use std::hash::{BuildHasher, RandomState};

    let given = |(name, value, domain, version)| Given {
        name,
        value,
        domain,
        version,
    };
    let mut all: Vec<_> = TWO_COOKIES
        .iter()
        .map(|(name, value, version, _)| given((*name, *value, "acme.com", *version)))
        .chain(
            ONE_COOKIE
                .iter()
                .map(|(name, value, version, _)| given((*name, *value, "acme.com", *version))),
        )
        .collect();
    all.extend(
        DOMAINS
            .iter()
            .map(|(domain, _)| given(("a", "1", *domain, 0))),
    );
    let forbidden = FORBIDDEN
        .iter()
        .map(|(name, value)| given((*name, *value, "acme.com", 0)));
    all.extend(forbidden);
    let run = RandomState::new().hash_one("doors");
    for (number, given) in all.into_iter().enumerate() {
        let file = format!(
            r#"{{"format":"cookiejar","version":1,"cookies":[{}]}}"#,
            record(given)
        );
        let namespace = format!("doors-{run:016x}-{number}");
        in_databases(
            engine,
            &namespace,
            given,
            &only(json::read(file.as_bytes(), &self::all())),
        );
    }
}

#[test]
fn a_domain_that_is_missing_is_said_to_be() {
    assert_eq!(
        Cookie::builder("a", "1").build(),
        Err(Rejection::MissingDomain)
    );
    let file = "#LWP-Cookies-2.0\nSet-Cookie3: a=1; path=\"/\"; version=0\n";
    let entered = only(lwp::read(file.as_bytes(), &all()));
    assert_eq!(entered, Err(Rejection::MissingDomain));
    // wget writes the port of a cookie that is sent to this port only.
    let cookie = cookies_txt::parse_line(b"x.de:8080\tFALSE\t/\tFALSE\t0\ta\t1");
    let cookie = cookie.expect("a line").expect("a cookie");
    assert_eq!((cookie.domain(), cookie.port()), ("x.de", Some("8080")));
}

#[test]
fn lists_know_every_spelling_of_a_host() {
    for (text, expected) in DOMAINS {
        let dotted = format!(".{text}");
        let patterns = if text.starts_with('.') {
            vec![&*dotted]
        } else {
            vec![text, &*dotted]
        };
        for pattern in patterns {
            let list = DomainList::block([pattern]);
            assert_eq!(list.is_ok(), expected.is_ok(), "{pattern}");
            if let (Ok(list), Ok(domain)) = (list, expected) {
                let name = domain.strip_suffix('.').unwrap_or(domain); // a list blocks both
                assert!(
                    list.patterns().all(|pattern| bare(pattern) == name),
                    "{pattern}"
                );
            }
        }
        let Ok(domain) = expected else { continue };
        let policy = DefaultCookiePolicy::new()
            .block_domains([text])
            .allow_domains([text]);
        assert!(policy.is_blocked(domain), "{text}");
        assert!(!policy.is_not_allowed(domain), "{text}");
        let policy = DefaultCookiePolicy::new().block_domains([format!(".{text}")]);
        assert!(policy.is_blocked(&format!(".{domain}")), "{text}");
    }
}

#[test]
fn what_is_no_host_has_no_cookies() {
    let label = "a".repeat(61) + ".";
    let longest = label.repeat(4) + "comxx"; // 253 octets
    let hosts = [
        ("acme.com".to_owned(), true),
        ("acme.com.".to_owned(), true),
        (longest.clone(), true),
        (longest.clone() + ".", true),
        (longest + "x", false),
        ("a.".repeat(127), true), // 254 octets, the last of which is the dot of the root
        ("a.".repeat(127) + "a", false),
        ("a.".repeat(200_000) + "com", false),
        ("x..acme.com".to_owned(), false),
        (".acme.com".to_owned(), false),
        ("acme.com..".to_owned(), false),
    ];
    for (host, is_host) in hosts {
        let shown = &host[..host.len().min(20)];
        let of_parts = RequestContext::new("http", &host, None, "/");
        assert_eq!(of_parts.has_host(), is_host, "{shown}");
        let Ok(url) = url::Url::parse(&format!("http://{host}/")) else {
            continue;
        };
        assert_eq!(RequestContext::from(&url).has_host(), is_host, "{shown}");
        let mut jar = CookieJar::new();
        let account = jar.extract_cookies(&[("Set-Cookie", "a=1")], &url);
        let rejected = account.rejected.first().map(|rejected| rejected.reason);
        assert_eq!(rejected, (!is_host).then_some(Rejection::NoHost), "{shown}");
    }
}

/// Cookies that break a rule of browsers, and the rule; or none, for valid ones.
fn of_browsers() -> Vec<(Cookie, Option<Rejection>)> {
    use Rejection as R;
    let of = |name: &str, secure: bool, http_only: bool, domain: &str, path: &str| {
        Cookie::builder(name, "1")
            .domain(domain)
            .path(path)
            .secure(secure)
            .http_only(http_only)
            .build()
            .expect("a cookie")
    };
    let mut rows = vec![
        (of("__Host-a", true, false, "acme.com", "/"), None),
        (
            of("__HOST-a", false, false, "acme.com", "/"),
            Some(R::HostPrefix),
        ),
        (
            of("__Host-a", true, false, ".acme.com", "/"),
            Some(R::HostPrefix),
        ),
        (
            of("__host-a", true, false, "acme.com", "/x"),
            Some(R::HostPrefix),
        ),
        (of("__Secure-a", true, false, ".acme.com", "/x"), None),
        (
            of("__secure-a", false, false, "acme.com", "/"),
            Some(R::SecurePrefix),
        ),
        (of("__Http-a", true, true, ".acme.com", "/x"), None),
        (
            of("__HTTP-a", true, false, "acme.com", "/"),
            Some(R::HttpPrefix),
        ),
        (
            of("__Http-a", false, true, "acme.com", "/"),
            Some(R::HttpPrefix),
        ),
        (of("__Host-Http-a", true, true, "acme.com", "/"), None),
        (
            of("__Host-Http-a", true, true, ".acme.com", "/"),
            Some(R::HostPrefix),
        ),
        (
            of("__host-HTTP-a", true, false, "acme.com", "/"),
            Some(R::HostHttpPrefix),
        ),
        (
            of("a\u{1}", false, false, "acme.com", "/"),
            Some(R::ControlCharacter),
        ),
    ];
    let lone = Cookie::builder("__Host-a", "")
        .without_value()
        .domain("acme.com");
    rows.push((lone.build().expect("a cookie"), Some(R::HostPrefix)));
    let nameless = Cookie::builder("", "foo").domain("acme.com");
    rows.push((nameless.build().expect("a cookie"), None));
    for version in [1, 2] {
        let old = sound(0).to_builder().version(version).build();
        rows.push((old.expect("a cookie"), Some(R::Rfc2965Off)));
    }
    rows
}

#[test]
fn browsers_neither_take_nor_load_nor_send_what_breaks_a_promise() {
    for (cookie, reason) in of_browsers() {
        let verdict = reason.map_or(Ok(()), Err);
        let at = format!("https://acme.com{}", cookie.path());
        let (mut jar, _) = jar_with(BrowserPolicy::new());
        let set = jar.set_cookie_if_ok(cookie.clone(), request(&at));
        assert_eq!(set.map(|_| ()), verdict, "set: {cookie}");

        let (mut jar, _) = jar_with(BrowserPolicy::new());
        jar.set_cookie(cookie.clone());
        let explained = jar.explain(request(&at));
        assert_eq!(explained[0].verdict, verdict, "sent: {cookie}");

        // Whether the path was specified guarantees nothing, and most files do not record it.
        for said in [true, false] {
            let cookie = common::built(cookie.to_builder().path_specified(said));
            let account = loaded(&cookie);
            let rejected = account.rejected.first().map(|rejected| rejected.reason);
            assert_eq!(rejected, reason, "loaded: {cookie:?}");
        }
    }
    let unsaid = Cookie::builder("__Host-a", "1")
        .domain("acme.com")
        .secure(true);
    let (mut jar, _) = jar_with(BrowserPolicy::new());
    let set = jar.set_cookie_if_ok(
        unsaid.build().expect("a cookie"),
        request("https://acme.com/"),
    );
    assert_eq!(set, Err(Rejection::HostPrefix), "a server says the path");
}

/// The results for a cookie in a file of a jar whose policy is asked.
fn loaded(cookie: &Cookie) -> ImportReport {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies.json");
    let mut file = Vec::new();
    let options = WriteOptions::new().ignore_discard(true);
    json::write(&mut file, [cookie], &options).expect("written");
    fs::write(&path, file).expect("a file");
    let mut jar = CookieJar::with_policy(BrowserPolicy::new());
    jar.set_clock(|| NOW);
    let mut jar = JsonCookieJar::with_jar(jar);
    jar.set_filename(Some(path));
    jar.load_with(LoadOptions::from(all()).ask_policy(true))
        .expect("loaded")
        .import
}

#[test]
fn an_honest_host_cookie_comes_back_from_our_own_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let acme = url("https://acme.com/");
    let mut jar = CookieJar::with_policy(BrowserPolicy::new());
    let response = [
        ("Set-Cookie", "__Host-sid=31d4; Secure; Path=/; Max-Age=60"),
        (
            "Set-Cookie",
            "__Host-Http-a=1; Secure; HttpOnly; Path=/; Max-Age=60",
        ),
    ];
    assert_eq!(jar.extract_cookies(&response, &acme).stored, 2);
    let mut saved = MozillaCookieJar::with_jar(jar);
    saved.set_filename(Some(folder.path().join("cookies.txt")));
    saved.save().expect("saved");
    let mut jar = MozillaCookieJar::with_jar(CookieJar::with_policy(BrowserPolicy::new()));
    jar.set_filename(Some(folder.path().join("cookies.txt")));
    let options = LoadOptions::new().ask_policy(true);
    assert_eq!(jar.load_with(options).expect("loaded").import.stored, 2);
    let header = jar.jar().cookie_header(&acme).expect("cookies");
    assert_eq!(header, "__Host-sid=31d4; __Host-Http-a=1");
    let cookies = jar.jar().snapshot();
    let cookie = cookies.first().expect("a cookie");
    assert!(!cookie.path_specified(), "asking changes nothing");
}

#[test]
fn control_octets_are_read_from_files_and_not_sent() {
    let given = Given {
        name: "a",
        value: "\u{1}",
        domain: "acme.com",
        version: 0,
    };
    let asked = at_every_door(given, |door, entered| {
        // Cookies given to a session are judged like received ones; here by a policy without rules.
        let cookie = entered.unwrap_or_else(|reason| panic!("{door}: {reason}"));
        let acme = || request("http://acme.com/");
        let verdict = |policy: &dyn CookiePolicy| policy.return_ok(&cookie, &acme());
        let rejected = Err(Rejection::ControlCharacter);
        assert_eq!(verdict(&BrowserPolicy::new()), rejected, "{door}");
        assert_eq!(verdict(&DefaultCookiePolicy::new()), rejected, "{door}");
        assert_eq!(verdict(&DefaultCookiePolicy::python()), Ok(()), "{door}");
    });
    assert_eq!(asked, DOORS.len());
}

#[test]
fn a_nameless_cookie_is_one_whichever_way_it_is_spelled() {
    let (mut jar, _) = jar_with(BrowserPolicy::new());
    let acme = request("https://acme.com/");
    for field in ["foo", "=foo", "=bar"] {
        jar.extract_cookies(&[("Set-Cookie", field)], &acme);
        assert_eq!(jar.len(), 1, "{field}");
    }
    assert_eq!(jar.cookie_header(&acme).expect("a cookie"), "bar");

    // In `cookies.txt` an empty name is Python's name without a value, so the writer skips it.
    let nameless: Vec<_> = jar.iter().cloned().collect();
    let mut file = Vec::new();
    let options = WriteOptions::new().ignore_discard(true);
    let report = cookies_txt::write(&mut file, &nameless, &options).expect("written");
    assert_eq!(report.skipped[0].reason, Unwritable::Nameless);
    let read = cookies_txt::parse_line(b"acme.com\tFALSE\t/\tFALSE\t0\t\tfoo");
    let lone = read.expect("a line").expect("a cookie");
    assert_eq!((lone.name(), lone.value()), ("foo", None));

    // The browsers' own JSON is unambiguous.
    let browser = json!([{"name": "", "value": "foo", "domain": "acme.com", "path": "/"}]);
    let cookie = of_json(&browser).expect("a cookie");
    assert_eq!((cookie.name(), cookie.value()), ("", Some("foo")));
}

#[test]
fn cookies_txt_leaves_out_what_it_would_split() {
    let mut cookie = sound(1);
    cookie
        .set_value("1; admin=1")
        .expect("a value of version 1");
    let options = WriteOptions::new().ignore_discard(true);
    for options in [options.clone(), options.python_form(true)] {
        let mut file = Vec::new();
        let report = cookies_txt::write(&mut file, [&cookie], &options).expect("written");
        assert_eq!(report.written, 0);
        assert_eq!(report.skipped[0].reason, Unwritable::Semicolon);
    }
    assert_eq!(
        cookies_txt::format_line(&cookie),
        Err(Unwritable::Semicolon)
    );
}
