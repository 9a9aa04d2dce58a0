//! The JSON of other programs: each record is of one kind, and of one container.
#![cfg(all(feature = "json", feature = "psl"))]

use cookiejar::Cookie;
use cookiejar::file::json::{self, Program};
use cookiejar::file::{self, Containers, ReadOptions, Reading, Reason, Source, WriteOptions};

use crate::common::{NOW, url};

fn all() -> ReadOptions {
    ReadOptions::new().ignore_discard(true)
}

/// By the reader of JSON, and by the one of any file.
#[track_caller]
fn read_twice(file: &str, options: &ReadOptions) -> Reading {
    let by_name = json::read(file.as_bytes(), options).expect(file);
    let by_look = file::read_any(file.as_bytes(), options).expect(file);
    assert_eq!(by_name, by_look, "{file}");
    by_name
}

fn shown(reading: &Reading) -> Vec<String> {
    reading.cookies.iter().map(Cookie::to_string).collect()
}

fn skipped(reading: &Reading) -> Vec<(u64, Reason)> {
    let skipped = reading.report.skipped.iter();
    skipped.map(|left| (left.line, left.reason)).collect()
}

/// The attributes of a header are fields of a record of Guzzle, and a list in one of tough-cookie.
#[test]
fn no_field_of_a_record_makes_it_one_of_another_kind() {
    let quick_manager = [
        ("Name raw", "sid"),
        ("Host raw", "https://.bank.example/"),
        ("Content raw", "evil"),
        ("Expires raw", "4102444800"),
        ("Send for raw", "true"),
    ];
    let attributes = [
        &quick_manager[..],
        &[
            ("Name raw", "sid"),
            ("Content raw", "evil"),
            ("Expires raw", "4102444800"),
        ],
        &[("key", "sid"), ("hostOnly", "")],
        &[("raw_cookie", "sid=evil; Domain=bank.example")],
        &[
            ("storeId", "firefox-default"),
            ("partitionKey", "https://bank.example"),
        ],
        &[
            ("format", "cookiejar"),
            ("cookies", "x"),
            ("storeType", "x"),
        ],
    ];
    let bank = all().of_url(&url("https://bank.example/"));
    for attributes in attributes {
        let fields = |(key, value): &(_, _)| format!(r#","{key}":"{value}""#);
        let fields: String = attributes.iter().map(fields).collect();
        let guzzle = |name: &str, fields: &str| {
            format!(
                r#"{{"Name":"{name}","Value":"1","Domain":"evil.example","Path":"/","Max-Age":null,"Expires":4102444800,"Secure":false,"Discard":false,"HttpOnly":false{fields}}}"#
            )
        };
        let (good, odd) = (guzzle("good", ""), guzzle("odd", &fields));
        let extensions: Vec<_> = attributes
            .iter()
            .map(|(key, value)| format!(r#""{key}={value}""#))
            .collect();
        let tough = |name: &str, extensions: &str| {
            format!(
                r#"{{"key":"{name}","value":"1","domain":"evil.example","path":"/","hostOnly":true,"extensions":[{extensions}]}}"#
            )
        };
        let tough = (tough("good", ""), tough("odd", &extensions.join(",")));
        let files = [
            format!("[{good},{odd}]"),
            format!("[{odd},{good}]"),
            format!("{{\"cookies\":[{odd},{good}]}}"),
            format!("[{},{}]", tough.1, tough.0),
            format!(
                r#"{{"evil.example":{{"/":{{"raw_cookie":{}}},"/Name raw":{{"name":{}}}}}}}"#,
                tough.1, tough.0
            ),
        ];
        for file in files {
            for options in [&all(), &bank] {
                let mut cookies = shown(&read_twice(&file, options));
                cookies.sort();
                let both = [
                    "<Cookie good for evil.example/>",
                    "<Cookie odd for evil.example/>",
                ];
                assert_eq!(cookies, both, "{file}");
            }
        }
    }
}

#[test]
fn a_record_of_another_program_than_the_first_is_skipped() {
    let browser = r#"{"name":"a","value":"1","domain":"acme.com"}"#;
    let store = r#"{"raw_cookie":"a=1","path":["/",false],"domain":{"HostOnly":"acme.com"},"expires":"SessionEnd"}"#;
    let quick_manager = r#"{"Name raw":"a","Content raw":"1","Host raw":"https://acme.com/","Expires raw":"0","This domain only raw":"true"}"#;
    let tough = r#"{"key":"a","value":"1","domain":"acme.com"}"#;
    let guzzle = r#"{"Name":"a","Value":"1","Domain":"acme.com"}"#;
    let kinds = [
        (browser, Source::BrowserExport),
        (store, Source::CookieStore),
        (quick_manager, Source::BrowserExport),
        (tough, Source::ToughCookie),
        (guzzle, Source::Guzzle),
    ];
    for (first, source) in kinds {
        for (second, _) in kinds.into_iter().filter(|(second, _)| *second != first) {
            let file = format!("[{first},\n{second},\n{first}]");
            let reading = read_twice(&file, &all());
            assert_eq!(reading.report.source, source, "{file}");
            assert_eq!(shown(&reading), ["<Cookie a for acme.com/>"; 2], "{file}");
            assert_eq!(skipped(&reading), [(2, Reason::Field)], "{file}");
        }
    }
    let file = format!(r#"{{"acme.com":{{"/":{{"a":{tough},"b":{browser}}}}}}}"#);
    assert_eq!(skipped(&read_twice(&file, &all())), [(1, Reason::Field)]);
}

#[test]
fn an_expired_cookie_of_another_program_stays_expired() {
    let ends = [
        r#""1970-01-01T00:00:00.000Z""#,
        r#""Thu, 01 Jan 1970 00:00:00 GMT""#,
        r#""1969-12-31T23:59:59Z""#,
    ];
    // Guzzle compares a number, or its text, with the time, and has `null` for a session cookie.
    let guzzle = ["0", "-1", "\"0\"", "\"-1\"", "-2"];
    let rows = [
        (
            &ends[..],
            r#"[{"key":"a","value":"1","domain":"acme.com","expires":END}]"#,
        ),
        (
            &["0", "-1"],
            r#"[{"key":"a","value":"1","domain":"acme.com","expires":END}]"#,
        ),
        (
            &ends,
            r#"[{"name":"a","value":"1","domain":"acme.com","expires":END}]"#,
        ),
        (
            &["-2"],
            r#"[{"name":"a","value":"1","domain":"acme.com","expires":END}]"#,
        ),
        (
            &ends,
            r#"[{"Name":"a","Value":"1","Domain":"acme.com","Expires":END}]"#,
        ),
        (
            &guzzle,
            r#"[{"Name":"a","Value":"1","Domain":"acme.com","Expires":END}]"#,
        ),
        (
            &[ends[0], ends[2]],
            r#"[{"raw_cookie":"a=1","path":["/",true],"domain":{"HostOnly":"acme.com"},"expires":{"AtUtc":END}}]"#,
        ),
    ];
    for (ends, record) in rows {
        for end in ends {
            let reading = read_twice(&record.replace("END", end), &all().at(NOW));
            assert_eq!(reading.report.expired, 1, "{end} {record}");
        }
    }
}

#[test]
fn a_writer_makes_no_session_cookie_of_an_expired_one() {
    let page = url("https://acme.com/");
    let programs = [
        Program::CookieStore,
        Program::Extension,
        Program::Playwright,
        Program::Puppeteer,
        Program::Selenium,
    ];
    for end in [
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "Mon, 01 Jan 1900 00:00:00 GMT",
    ] {
        let cookie = Cookie::parse(
            format!("a=1; Path=/; Domain=acme.com; Expires={end}"),
            &page,
        );
        let cookie = cookie.expect("a cookie");
        assert!(cookie.is_expired(NOW) && !cookie.discard());
        for program in programs {
            let mut file = Vec::new();
            let report = json::write_for(&mut file, [&cookie], program, &WriteOptions::new());
            assert_eq!(report.expect("written").written, 1);
            let file = String::from_utf8(file).expect("UTF-8");
            let reading = read_twice(&file, &all().at(NOW));
            assert_eq!(reading.report.expired, 1, "{file}");
            // Playwright rejects all cookies of a call if one has a negative time.
            assert!(!file.contains("\":-") && !file.contains("\":0"), "{file}");
        }
    }
}

/// A record of an extension and one of the Cookie Quick Manager.
fn in_store(store: &str) -> [String; 2] {
    [
        format!(r#"{{"name":"a","value":"1","domain":"acme.com","storeId":{store}}}"#),
        format!(
            r#"{{"Name raw":"a","Content raw":"1","Host raw":"https://acme.com/","Expires raw":"0","Store raw":{store}}}"#
        ),
    ]
}

#[test]
fn a_cookie_of_a_container_or_a_private_window_is_read_on_request_only() {
    let two = "\"firefox-container-2\"";
    let rows = [
        ("null", [true, true, true]),
        ("\"\"", [true, true, true]),
        ("\"0\"", [true, false, true]),
        ("0", [true, false, true]),
        ("\"firefox-default\"", [true, false, true]),
        ("\"firefox-container-0\"", [true, false, true]),
        (two, [false, true, true]),
        ("\"firefox-container-3\"", [false, false, true]),
        ("\"firefox-container-\"", [false, false, true]),
        ("\"firefox-private\"", [false, false, true]),
        ("\"1\"", [false, false, true]),
        ("{}", [false, false, true]),
    ];
    let asked = [Containers::None, Containers::One(2), Containers::All];
    for (store, expected) in rows {
        for record in in_store(store) {
            for (containers, expected) in asked.into_iter().zip(expected) {
                // As for the database of Firefox, strict reading does not count them as faults.
                let options = all().containers(containers).strict(true);
                let reading = read_twice(&format!("[{record}]"), &options);
                let counts = (reading.cookies.len(), reading.report.other_containers);
                let expected = (usize::from(expected), usize::from(!expected));
                assert_eq!(counts, expected, "{record} {containers:?}");
            }
        }
    }
    // Only browsers have stores: a server names no container.
    let guzzle = r#"[{"Name":"a","Value":"1","Domain":"acme.com","storeId":"1","Store raw":"1"}]"#;
    assert_eq!(shown(&read_twice(guzzle, &all())).len(), 1);
}
