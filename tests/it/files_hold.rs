//! Whatever a jar holds, its files can be read, and only the cookies that the report names are lost.
#![cfg(feature = "psl")]

use std::borrow::Cow;
use std::io;

use cookiejar::file::{
    LoadError, ReadOptions, Reading, WriteOptions, WriteReport, cookies_txt, lwp,
};
use cookiejar::jar::ManualClock;
use cookiejar::{BrowserPolicy, Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Rejection};
use proptest::prelude::*;
use time::macros::datetime;
use url::Url;

const MIB: usize = 1 << 20;

/// A format with its two functions.
struct Format {
    name: &'static str,
    read: fn(&[u8], &ReadOptions) -> Result<Reading, LoadError>,
    write: fn(&mut Vec<u8>, &[&Cookie], &WriteOptions) -> io::Result<WriteReport>,
}

const FORMATS: &[Format] = &[
    Format {
        name: "cookies.txt",
        read: |file, options| cookies_txt::read(file, options),
        write: |file, cookies, options| cookies_txt::write(file, cookies.iter().copied(), options),
    },
    Format {
        name: "LWP",
        read: |file, options| lwp::read(file, options),
        write: |file, cookies, options| lwp::write(file, cookies.iter().copied(), options),
    },
    #[cfg(feature = "json")]
    Format {
        name: "JSON",
        read: |file, options| cookiejar::file::json::read(file, options),
        write: |file, cookies, options| {
            cookiejar::file::json::write(file, cookies.iter().copied(), options)
        },
    },
];

/// The identity of a cookie.
fn identity(cookie: &Cookie) -> (String, Vec<u8>, Vec<u8>, Option<Vec<u8>>) {
    let value = cookie.value_bytes().map(Cow::into_owned);
    let domain = cookie.domain();
    let domain = domain.strip_suffix(".local").unwrap_or(domain);
    (
        domain.to_owned(),
        cookie.path_bytes().into_owned(),
        cookie.name_bytes().into_owned(),
        value,
    )
}

/// Writes the cookies of a jar in each format and form, and reads them again.
fn assert_files_hold(jar: &CookieJar<impl CookiePolicy>) {
    let cookies: Vec<_> = jar.iter().collect();
    for Format { name, read, write } in FORMATS {
        for python_form in [false, true] {
            let options = WriteOptions::new()
                .ignore_discard(true)
                .ignore_expires(true)
                .python_form(python_form);
            let mut file = Vec::new();
            let report = write(&mut file, &cookies, &options).expect("written to memory");
            let options = ReadOptions::new()
                .ignore_discard(true)
                .ignore_expires(true)
                .python_form(python_form);
            let reading = read(&file, &options).expect("a file that can be read");
            assert_eq!(reading.report.skipped, [], "{name}");
            let mut skipped = report.skipped.iter().peekable();
            let kept = cookies.iter().filter(|cookie| {
                let shown = cookie.to_string();
                skipped.next_if(|left| left.cookie() == shown).is_none()
            });
            let kept: Vec<_> = kept.map(|cookie| identity(cookie)).collect();
            assert_eq!(skipped.next(), None, "{name}");
            let read: Vec<_> = reading.cookies.iter().map(identity).collect();
            assert!(read == kept, "{name}: {} of {}", read.len(), kept.len());
        }
    }
}

#[cfg(feature = "json")]
fn assert_sessions_hold(policy: impl CookiePolicy + 'static, fields: &[Vec<u8>], url: &Url) {
    use cookiejar::CookieSessions;

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sessions.json");
    let sessions = CookieSessions::with_policy(policy);
    let response: Vec<_> = fields.iter().map(|field| ("Set-Cookie", field)).collect();
    for key in 0..3_u8 {
        sessions.process_response(&key, &response, url);
    }
    let saved = sessions.save(&file).expect("saved");
    let loaded = CookieSessions::with_policy(DefaultCookiePolicy::python());
    let report = loaded.load(&file).expect("a file that can be loaded");
    assert_eq!(report.skipped, []);
    assert_eq!(loaded.len(), 3);
    let count = |sessions: &CookieSessions<u8>| -> usize {
        sessions.iter().map(|(_, jar)| jar.len()).sum()
    };
    assert_eq!(count(&loaded), saved.report.written);
    assert_eq!(
        count(&sessions),
        saved.report.written + saved.report.skipped.len()
    );
}

#[cfg(not(feature = "json"))]
fn assert_sessions_hold(_: impl CookiePolicy, _: &[Vec<u8>], _: &Url) {}

/// The pieces of a field: octets that formats quote, escape or lengthen.
fn octet() -> impl Strategy<Value = u8> {
    prop::sample::select(&b"ax\"\\ ,#$%\t\x01\x7f\x80\xc3\xa9\xff"[..])
}

/// A part of any length up to 1 MiB; most are short.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![
        6 => 0..20_usize,
        2 => 3_000..70_000_usize,
        1 => 300_000..MIB,
    ];
    let unit = prop::collection::vec(octet(), 1..6);
    (unit, len).prop_map(|(unit, len)| unit.iter().copied().cycle().take(len).collect())
}

fn field() -> impl Strategy<Value = Vec<u8>> {
    let attribute = prop_oneof![
        part().prop_map(|path| [b"Path=/", &*path].concat()),
        part().prop_map(|value| [b"x=", &*value].concat()),
        part(),
        part().prop_map(|value| [b"Comment=", &*value].concat()),
        part().prop_map(|value| [b"Version=1; Port=\"80\"; CommentURL=", &*value].concat()),
        Just(b"HttpOnly; SameSite=Lax; Max-Age=1000".to_vec()),
    ];
    let attributes = prop::collection::vec(attribute, 0..3);
    (part(), part(), attributes).prop_map(|(name, value, attributes)| {
        let mut field = [b"n", &*name, b"=", &value].concat();
        for attribute in attributes {
            field.extend_from_slice(b"; ");
            field.extend(attribute);
        }
        field.truncate(MIB);
        field
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cookiejar_tests::share!("jars written and read", 4, of 24)))]

    #[test]
    fn what_is_written_can_be_read(fields in prop::collection::vec(field(), 1..5), dotless in any::<bool>()) {
        let url = if dotless { "http://intranet/a/b" } else { "http://www.acme.com/a/b" };
        let url = Url::parse(url).expect("a URL");
        let response: Vec<_> = fields.iter().map(|field| ("Set-Cookie", field)).collect();
        let clock = ManualClock::new(datetime!(2026-11-21 08:00 UTC));
        let policies: [Box<dyn CookiePolicy>; 3] = [
            Box::new(DefaultCookiePolicy::python()),
            Box::new(DefaultCookiePolicy::new()),
            Box::new(BrowserPolicy::new()),
        ];
        for policy in policies {
            let mut jar = CookieJar::with_policy(policy);
            jar.set_clock(clock.clone());
            jar.extract_cookies(&response, &url);
            assert_files_hold(&jar);
        }
        assert_sessions_hold(DefaultCookiePolicy::python(), &fields, &url);
        assert_sessions_hold(DefaultCookiePolicy::new(), &fields, &url);
    }
}

/// One field of 345 KiB must not cost the cookies of others.
#[test]
fn a_cookie_that_no_line_holds_costs_itself() {
    let long = "\u{e9}".repeat(345 * 1024 / 2);
    let url = Url::parse("https://acme.com/").expect("a URL");
    for field in [format!("long=1; Path=/{long}"), format!("long=1; x={long}")] {
        let response = [("Set-Cookie", "sid=31d4"), ("Set-Cookie", field.as_str())];
        let mut careful = CookieJar::new();
        let account = careful.extract_cookies(&response, &url);
        assert_eq!(account.rejected[0].reason, Rejection::FieldTooLong);
        assert_eq!(careful.len(), 1);

        let mut careless = CookieJar::with_policy(DefaultCookiePolicy::python());
        assert_eq!(careless.extract_cookies(&response, &url).stored, 2);
        assert_files_hold(&careless);
    }
}

/// The limits of one policy also hold in the other jar, and a browser's login does not fail because of attributes.
#[test]
fn attributes_that_browsers_do_not_know_do_not_count() {
    let url = Url::parse("https://acme.com/").expect("a URL");
    let field = format!("sid=31d4; Path=/; x={}", "y".repeat(60_000));
    let jar = cookiejar::SharedCookieJar::with_policy(BrowserPolicy::new());
    assert_eq!(
        jar.extract_cookies(&[("Set-Cookie", &field)], &url).stored,
        1
    );
    let jar = cookiejar::SharedCookieJar::new();
    let account = jar.extract_cookies(&[("Set-Cookie", &field)], &url);
    assert_eq!(account.rejected[0].reason, Rejection::CookieTooLong);
    let field = format!("sid=31d4; Path=/; x={}", "y".repeat(66_000));
    let jar = cookiejar::SharedCookieJar::with_policy(BrowserPolicy::new());
    let account = jar.extract_cookies(&[("Set-Cookie", &field)], &url);
    assert_eq!(account.rejected[0].reason, Rejection::FieldTooLong);
}
