//! LWP files: verdicts of odd lines, and the written lines.

use super::*;
use crate::file::LoadErrorKind;

const HEADER: &str = "#LWP-Cookies-2.0\n";

const AMBIGUOUS: &str = "the line may be more than one cookie";

fn all() -> ReadOptions {
    ReadOptions::new().ignore_discard(true).ignore_expires(true)
}

fn written(cookies: &[&Cookie], options: WriteOptions) -> (String, WriteReport) {
    let mut file = Vec::new();
    let options = options.ignore_discard(true);
    let report = write(&mut file, cookies.iter().copied(), &options).expect("written");
    (String::from_utf8(file).expect("UTF-8"), report)
}

#[test]
fn a_port_that_begins_with_an_underscore_comes_back() {
    let builder = Cookie::builder("sid", "1").domain("acme.com").port("_80");
    let cookie = builder.build().expect("a cookie");
    let (file, _) = written(&[&cookie], WriteOptions::new());
    let reading = read(file.as_bytes(), &all()).expect("a file");
    assert_eq!(reading.cookies[0].port(), Some("_80"), "{file}");
    let (file, _) = written(&[&cookie], WriteOptions::new().python_form(true));
    assert!(file.contains("; port=_80;"), "{file}");
}

#[test]
fn all_that_the_format_has_comes_back() {
    let cookie = Cookie::builder("sid", r#"a "b" \c, d;"#)
        .domain(".acme.com")
        .domain_initial_dot(false)
        .path("/x y")
        .port("80,81")
        .secure(true)
        .expires(time::macros::datetime!(2030-01-01 12:00 UTC))
        .discard(true)
        .comment("why")
        .comment_url("http://acme.com/why")
        .nonstandard_attr("HttpOnly", None)
        .nonstandard_attr("SameSite", Some("Lax"))
        .version(1)
        .build()
        .expect("a cookie");
    let (file, _) = written(&[&cookie], WriteOptions::new());
    let line = r#"Set-Cookie3: sid="a \"b\" \\c, d;"; path="/x y"; domain=".acme.com"; path_spec; port_spec; secure; expires="2030-01-01 12:00:00Z"; discard; port="80,81"; comment=why; commenturl="http://acme.com/why"; HttpOnly; SameSite=Lax; version=1"#;
    assert_eq!(file, format!("{HEADER}{line}\n"));
    let reading = read(file.as_bytes(), &all()).expect("a file");
    assert_eq!(reading.cookies, [cookie]);
}

#[test]
fn lines_with_their_verdicts() {
    let end = r#"path="/"; domain=acme.com; version=0"#;
    let rows = [
        (
            format!("Set-Cookie3: a=1; {end}"),
            Ok("<Cookie a=1 for acme.com/>"),
        ),
        (
            format!("Set-Cookie3:a=1;{end}"),
            Ok("<Cookie a=1 for acme.com/>"),
        ),
        (
            format!("Set-Cookie3: lone; {end}"),
            Ok("<Cookie lone for acme.com/>"),
        ),
        (
            r#"Set-Cookie3: a=""; PATH="/x"; Domain=".Acme.com""#.into(),
            Ok("<Cookie a= for .acme.com/x>"),
        ),
        (
            r#"Set-Cookie3: a=1; path="/"; domain="acme.com"; port="_80""#.into(),
            Ok("<Cookie a=1 for acme.com:80/>"),
        ),
        (
            "Set-Cookie3: a=1; path=/".into(),
            Err("the domain is missing"),
        ),
        (
            "Set-Cookie3: a=1; path=/; domain".into(),
            Err("the domain is missing"),
        ),
        (
            "Set-Cookie3: a=1; path=/; domain=.".into(),
            Err("the domain is no host name"),
        ),
        (
            "Set-Cookie3: a=1; domain=acme.com".into(),
            Err("the path does not begin with a slash"),
        ),
        (
            format!("Set-Cookie3: a=1; expires=soon; {end}"),
            Ok("<Cookie a=1 for acme.com/>"),
        ),
        (
            format!("Set-Cookie3: a=1; expires; {end}"),
            Ok("<Cookie a=1 for acme.com/>"),
        ),
        (
            "Set-Cookie3: a=1; path=/; domain=acme.com; version=x".into(),
            Err("Version is no number"),
        ),
        (
            format!("Set-Cookie3: a=1; port_spec; {end}"),
            Ok("<Cookie a=1 for acme.com/>"),
        ),
        ("Set-Cookie3:".into(), Err("not a Set-Cookie3 line")),
        ("Set-Cookie: a=1".into(), Err("not a Set-Cookie3 line")),
        ("Set-Cookie3: ,".into(), Err(AMBIGUOUS)),
        ("Set-Cookie3: ;".into(), Err(AMBIGUOUS)),
    ];
    for (line, expected) in rows {
        assert_eq!(
            verdict(&line),
            expected.map_err(str::to_owned).map(str::to_owned),
            "{line}"
        );
    }
}

fn verdict(line: &str) -> Result<String, String> {
    let options = all();
    let line = Line {
        number: 1,
        text: line.as_bytes(),
        terminated: true,
        too_long: false,
    };
    match LwpLines.cookies(&line, &options).next() {
        None => Ok(String::new()),
        Some(Ok(cookie)) => Ok(cookie.display_with_value().to_string()),
        Some(Err(reason)) => Err(reason.to_string()),
    }
}

#[test]
fn a_line_that_may_be_two_cookies_is_skipped() {
    let end = r#"path="/"; domain=acme.com; version=0"#;
    let rows = [
        // Each key of the format once, in any case; an attribute as often as a server sent it.
        (
            format!("Set-Cookie3: a=1; {end}; Domain=bank.example"),
            Err(AMBIGUOUS),
        ),
        (format!("Set-Cookie3: a=1; PATH=/x; {end}"), Err(AMBIGUOUS)),
        (
            format!("Set-Cookie3: a=1; secure; {end}; secure"),
            Err(AMBIGUOUS),
        ),
        (
            format!("Set-Cookie3: a=1; port=80; port=81; {end}"),
            Err(AMBIGUOUS),
        ),
        (format!("Set-Cookie3: a=1; version; {end}"), Err(AMBIGUOUS)),
        (
            format!("Set-Cookie3: a=1; expires; expires; {end}"),
            Err(AMBIGUOUS),
        ),
        (
            format!("Set-Cookie3: a=1; path_spec; path_spec; {end}"),
            Err(AMBIGUOUS),
        ),
        (
            format!("Set-Cookie3: a=1; x; x=\"y, domain=b.c\"; {end}"),
            Ok("<Cookie a=1 for acme.com/>"),
        ),
        // Pairs with a semicolon between them, of one cookie.
        (
            format!("Set-Cookie3: a=1; x domain=bank.example; {end}"),
            Err(AMBIGUOUS),
        ),
        (format!("Set-Cookie3: a=1; {end} x"), Err(AMBIGUOUS)),
        (format!("Set-Cookie3: a=1; x, b=2; {end}"), Err(AMBIGUOUS)),
        (format!("Set-Cookie3: a=1; {end},"), Err(AMBIGUOUS)),
        (format!("Set-Cookie3: a=1; =secure; {end}"), Err(AMBIGUOUS)),
    ];
    for (line, expected) in rows {
        assert_eq!(
            verdict(&line),
            expected.map_err(str::to_owned).map(str::to_owned),
            "{line}"
        );
    }
}

#[test]
fn dates_with_their_verdicts() {
    let rows = [
        (
            "2030-01-01 00:00:00Z",
            Some(1_893_456_000),
            Some(1_893_456_000),
        ),
        ("soon", None, None),
        ("2030-02-31", None, None),
        ("1969-12-31", Some(-86_400), Some(-86_400)),
    ];
    for (text, seconds, strictly) in rows {
        let never = |seconds: i64| (seconds != NEVER).then_some(seconds);
        assert_eq!(
            expires(text.as_bytes(), false).map(never),
            Ok(seconds),
            "{text}"
        );
        assert_eq!(
            expires(text.as_bytes(), true).map(never),
            Ok(strictly),
            "{text}"
        );
    }
    let fraction = b"2030-01-01 00:00:00.5Z";
    assert_eq!(expires(fraction, false), Ok(1_893_456_000));
    assert_eq!(expires(fraction, true), Err(Reason::Expiry));
}

#[test]
fn a_last_line_without_a_break_is_whole_up_to_its_version() {
    let line = r#"Set-Cookie3: a=1; path="/"; domain=acme.com; discard; version=0"#;
    let rows = [
        (line.to_owned(), 1),
        (line.replace("=0", "=\"12\""), 1),
        (line.replace("=0", "=\"12"), 0),
        (line.replace("=0", "="), 0),
        (line.replace("=0", ""), 0),
        (line.replace("; version=0", ""), 0),
        (line.replace("a=1", "a=\"1"), 0), // the rest was part of the value
        (line.replace("a=1", r#"a="\"1""#), 1),
        (line.replace("discard", "x=\"y"), 0),
        (format!("{line}, b=2; path=/"), 0),
        (format!("{line}, b=2; path=/; domain=x.com; version=1"), 0),
    ];
    for (line, cookies) in rows {
        let file = format!("{HEADER}{line}");
        let reading = read(file.as_bytes(), &all()).expect("a file");
        assert_eq!(reading.cookies.len(), cookies, "{line}");
        let unterminated = (cookies > 0).then_some(2);
        assert_eq!(reading.report.unterminated, unterminated, "{line}");
        assert_eq!(
            reading.report.skipped.len(),
            usize::from(cookies == 0),
            "{line}"
        );
        let options = all().unterminated(false);
        let reading = read(file.as_bytes(), &options).expect("a file");
        assert_eq!(reading.cookies.len(), 0, "{line}");
        let error = read(file.as_bytes(), &all().strict(true)).expect_err("no line break");
        let is_reason = matches!(error.kind(), LoadErrorKind::Line(Reason::Unterminated));
        assert!(is_reason, "{line}: {error}");
    }
}

#[test]
fn strict_reading_is_python_s() {
    let cookie = "Set-Cookie3: a=1; path=\"/\"; domain=acme.com; version=0\n";
    let rows = [
        (format!("{HEADER}oops\nSet-Cookie3:\n{cookie}"), Ok(1)),
        (
            format!("{HEADER}{}", cookie.replace("; v", "; port_spec; v")),
            Err("line 2: port_spec without a port"),
        ),
        (
            format!("{HEADER}{}", cookie.replace("; v", "; port_spec=1; v")),
            Ok(1),
        ),
        (
            format!(
                "{HEADER}{}",
                cookie.replace("; v", "; port=80; port_spec; v")
            ),
            Ok(1),
        ),
        // It believes the writer of the file.
        (
            format!(
                "{HEADER}{}",
                cookie.replace("; v", "; x, b=2; path=/; domain=b.c; v")
            ),
            Ok(2),
        ),
        (
            format!("{HEADER}{}", cookie.replace("; v", "; y domain=b.c; v")),
            Ok(1),
        ),
        (
            format!("{HEADER}{}", cookie.replace("=0", "=x")),
            Err("line 2: Version is no number"),
        ),
        (cookie.to_owned(), Err("line 1: not a file of this format")),
        (String::new(), Err("not a file of this format")),
    ];
    for (file, expected) in rows {
        let read = read(file.as_bytes(), &all().strict(true))
            .map(|reading| reading.cookies.len())
            .map_err(|error| error.to_string());
        assert_eq!(read, expected.map_err(str::to_owned), "{file:?}");
    }
}

#[test]
fn files_with_their_verdicts() {
    const A: &str = "Set-Cookie3: a=1; path=\"/\"; domain=acme.com; discard; version=0\n";
    let two = "Set-Cookie3: a=1; path=/; domain=x.com, b=2; path=/; domain=y.com\n";
    let rows = [
        (format!("{HEADER}{A}"), Ok((1, 0))),
        (format!("#LWP-Cookies-1.0\n\n# x\n{A}"), Ok((1, 0))),
        (A.to_owned(), Ok((1, 0))),
        (two.to_owned(), Err("line 1: not a file of this format")),
        (format!("{HEADER}{two}{A}"), Ok((1, 1))),
        (
            format!("\u{feff}{HEADER}{A}").replace('\n', "\r\n"),
            Ok((1, 0)),
        ),
        (
            format!("{HEADER}{A}").replace('\n', "\r"),
            Err("not a file of this format"),
        ),
        (
            format!("{HEADER}{A}{}", A.replace("=1", "=\"1\r\"")),
            Ok((1, 1)),
        ),
        (
            format!("{HEADER}{A}{}", A.replace('\n', "\r\r\n")),
            Ok((1, 1)),
        ),
        (format!("{HEADER}oops\n{A}"), Ok((1, 1))),
        (format!("{HEADER}{A}{}", A.trim_end()), Ok((2, 0))),
        (format!("{HEADER}{A}{}", &A[..A.len() - 3]), Ok((1, 1))), // torn
        (HEADER.to_owned(), Ok((0, 0))),
        (String::new(), Ok((0, 0))),
        (" \r\n".to_owned(), Ok((0, 0))),
        (
            "#LWP-Cookies-2".to_owned(),
            Err("not a file of this format"),
        ),
        (
            "oops\n".to_owned(),
            Err("line 1: not a file of this format"),
        ),
    ];
    for (file, expected) in rows {
        let read = read(file.as_bytes(), &all())
            .map(|reading| (reading.cookies.len(), reading.report.skipped.len()))
            .map_err(|error| error.to_string());
        assert_eq!(read, expected.map_err(str::to_owned), "{file:?}");
    }
}

#[test]
fn names_that_are_no_words_are_skipped() {
    let build = |name: &str| Cookie::builder(name, "1").domain("acme.com").build();
    for name in ["a b", "a,b", "a\tb", "a\u{a0}b", "a\u{2028}b", "a\x1fb", ""] {
        let cookie = build(name).expect("a cookie");
        let (file, report) = written(&[&cookie], WriteOptions::new());
        assert_eq!(file, HEADER, "{name:?}");
        assert_eq!(report.skipped[0].reason, Unwritable::Name);
    }
    for name in ["a", "\"a\"", "é", "$x", "a:b"] {
        let (file, report) = written(&[&build(name).expect("a cookie")], WriteOptions::new());
        assert_eq!(report.written, 1, "{name:?}");
        let reading = read(file.as_bytes(), &all()).expect("a file");
        assert_eq!(reading.cookies[0].name(), name);
    }
}

#[test]
fn attributes_cannot_pass_for_the_format_s_own() {
    let cookie = Cookie::builder("a", "1")
        .domain("acme.com")
        .nonstandard_attr("Domain", Some("evil.example"))
        .nonstandard_attr("port_spec", None)
        .nonstandard_attr("x; domain=evil.example", None)
        .nonstandard_attr("y", Some("\"; domain=\"evil.example"))
        .build()
        .expect("a cookie");
    let (file, _) = written(&[&cookie], WriteOptions::new());
    let reading = read(file.as_bytes(), &all()).expect("a file");
    let [read] = reading.cookies.as_slice() else {
        panic!("{file}");
    };
    assert_eq!(read.domain(), "acme.com");
    assert!(!read.port_specified());
    let attributes: Vec<_> = read.nonstandard_attrs().collect();
    assert_eq!(attributes, [("y", Some("\"; domain=\"evil.example"))]);
}

#[test]
fn python_s_form_is_turned_and_turned_back() {
    let cookie = Cookie::builder("n", b"\xe9")
        .domain("foo")
        .build()
        .expect("a cookie");
    let (file, _) = written(&[&cookie], WriteOptions::new().python_form(true));
    assert!(
        file.contains("n=\"é\"; path=\"/\"; domain=\"foo.local\""),
        "{file}"
    );
    let reading = read(file.as_bytes(), &all().python_form(true)).expect("a file");
    assert_eq!(
        reading.cookies[0].value_bytes().as_deref(),
        Some(&b"\xe9"[..])
    );
}
