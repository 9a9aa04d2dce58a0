use super::*;
use crate::rejection::Rejection;

/// The cookies, and the lines skipped with their reasons.
fn shown(dump: &str, url: &str) -> (Vec<String>, Vec<(u64, Reason)>) {
    let mut options = ReadOptions::new().ignore_discard(true);
    if let Ok(url) = Url::parse(url) {
        options = options.of_url(&url);
    }
    let reading = read(dump.as_bytes(), &options).expect("a dump");
    let show = |cookie: &crate::Cookie| {
        let expires = cookie
            .expires_seconds()
            .map_or(String::new(), |seconds| format!(" {seconds}"));
        format!("{}{expires}", cookie.display_with_value())
    };
    let skipped = reading.report.skipped.iter();
    (
        reading.cookies.iter().map(show).collect(),
        skipped.map(|left| (left.line, left.reason)).collect(),
    )
}

#[test]
fn dumps_with_their_verdicts() {
    const DATE: &str = "Date: Thu, 01 Jan 1970 00:00:10 GMT\r\n";
    let rejected = |line, reason| vec![(line, Reason::Rejected(reason))];
    let https = "https://www.acme.com/x/y";
    let rows = [
        (
            format!("HTTP/2 200 \r\nset-cookie: a=1; Max-Age=60\r\n{DATE}SET-COOKIE:b=2; Domain=acme.com; Path=/\r\n\r\n"),
            https,
            vec!["<Cookie a=1 for www.acme.com/x> 70", "<Cookie b=2 for .acme.com/>"],
            vec![],
        ),
        (
            "Set-Cookie: a=1\n\nset-cookie: b=2".into(),
            https,
            vec!["<Cookie a=1 for www.acme.com/x>", "<Cookie b=2 for www.acme.com/x>"],
            vec![],
        ),
        (
            format!("HTTP/1.1 200 OK\nSet-Cookie: a=1\n{DATE}\nHTTP/1.1 200 OK\nSet-Cookie: a=; Max-Age=0\n{DATE}\n"),
            https,
            vec![],
            vec![],
        ),
        (
            "HTTP/1.1 200 OK\nSet-Cookie: a=1; Domain=com\nSet-Cookie: b=1; Max-Age=60\n".into(),
            https,
            vec![],
            vec![(2, Reason::Rejected(Rejection::PublicSuffix)), (3, Reason::Expiry)],
        ),
        (
            "HTTP/1.1 302 Found\nSet-Cookie: a=1\nLocation: //on.acme.com/in\n\nHTTP/1.1 302\nlocation: /on?z\nSet-Cookie: b=1; Domain=www.acme.com\n\nHTTP/1.1 200 OK\nSet-Cookie: c=1\n\n".into(),
            https,
            vec!["<Cookie a=1 for www.acme.com/x>", "<Cookie c=1 for on.acme.com/>"],
            rejected(7, Rejection::DomainMismatch),
        ),
        // A head begins at the start or after an empty line, and not behind bare fields.
        (
            "\n\nHTTP/1.1 200 OK\nSet-Cookie: a=1\nHTTP/1.1 200 OK\nSet-Cookie: b=1\n\nHTTP/1.1 200\nSet-Cookie: c=1\n".into(),
            https,
            vec!["<Cookie a=1 for www.acme.com/x>"],
            vec![(5, Reason::HeaderField)],
        ),
        (
            "HTTP/1.1 200 OK\nSet-Cookie: a=1\n \nHTTP/1.1 200 OK\nSet-Cookie: b=1\n".into(),
            https,
            vec!["<Cookie a=1 for www.acme.com/x>"],
            vec![(3, Reason::HeaderField)],
        ),
        (
            "Set-Cookie: a=1\n\nHTTP/1.1 200 OK\nSet-Cookie: b=1\n".into(),
            https,
            vec!["<Cookie a=1 for www.acme.com/x>"],
            vec![(3, Reason::HeaderField)],
        ),
        (
            "HTTP/1.1 200 OK\nLocation: //bank.example/\nSet-Cookie: a=1\n\nHTTP/1.1 200 OK\nSet-Cookie: b=1\n\n".into(),
            https,
            vec!["<Cookie a=1 for www.acme.com/x>", "<Cookie b=1 for www.acme.com/x>"],
            vec![],
        ),
        (
            "HTTP/1.1 103 Early Hints\nSet-Cookie: a=1\n\nHTTP/1.1 407\nSet-Cookie: b=1\n\nHTTP/1.1 404\nSet-Cookie: c=1\n\n".into(),
            https,
            vec!["<Cookie c=1 for www.acme.com/x>"],
            vec![],
        ),
        (
            "HTTP/1.1 200 OK\nSet-Cookie: a=1\n\n<html>\nSet-Cookie: b=1\n".into(),
            https,
            vec!["<Cookie a=1 for www.acme.com/x>"],
            vec![(4, Reason::HeaderField)],
        ),
        (
            "HTTP/1.1 200 OK\nSet-Cookie: a=1\n\nSet-Cookie: b=1\n".into(),
            https,
            vec!["<Cookie a=1 for www.acme.com/x>"],
            vec![(4, Reason::HeaderField)],
        ),
        (
            "Set-Cookie: a=1; Domain=.acme.com; Path=/\nSet-Cookie: b=1; Domain=acme.com\nSet-Cookie: c=1; Path=/\n".into(),
            "",
            vec!["<Cookie a=1 for .acme.com/>"],
            vec![(2, Reason::UnknownUrl), (3, Reason::UnknownUrl)],
        ),
        (" \r\n".into(), https, vec![], vec![]),
    ];
    for (dump, url, cookies, skipped) in rows {
        let cookies = cookies.into_iter().map(str::to_owned).collect();
        assert_eq!(shown(&dump, url), (cookies, skipped), "{dump}");
    }
}

#[test]
fn what_is_no_dump_is_an_error() {
    let strict = ReadOptions::new().strict(true);
    for (file, options) in [
        ("<html>\n", &ReadOptions::new()),
        ("acme.com\tFALSE\n", &ReadOptions::new()),
        (": x\n", &ReadOptions::new()),
        ("", &strict),
    ] {
        let error = read(file.as_bytes(), options).expect_err("no dump");
        assert!(
            matches!(error.kind(), LoadErrorKind::NotThisFormat),
            "{file}"
        );
    }
    let error = read(&b"Set-Cookie: a=1"[..], &strict).expect_err("torn");
    let is_reason = matches!(error.kind(), LoadErrorKind::Line(Reason::Unterminated));
    assert!(is_reason, "{error}");
}

#[test]
fn an_unknown_time_is_no_time_of_creation() {
    let url = Url::parse("https://acme.com/").expect("a URL");
    let options = ReadOptions::new().ignore_discard(true).of_url(&url);
    let reading = read(&b"Set-Cookie: a=1\n"[..], &options).expect("a dump");
    assert_eq!(reading.cookies[0].creation_time(), None);
    let options = options.at(time::macros::datetime!(2026-11-21 8:00 UTC));
    let reading = read(&b"Set-Cookie: a=1; Max-Age=60\n"[..], &options).expect("a dump");
    assert_eq!(reading.cookies[0].creation_time(), options.now);
}

/// Reads a dump in which `acme.com` redirects to `location`, whose cookies may be another host's, and that redirects to a
/// bank. Returns the cookies and the lines of those with an unknown URL.
fn through(location: &[u8], trust: bool) -> (Vec<String>, Vec<u64>) {
    let dump = [
        b"HTTP/1.1 302\nLocation: ",
        location,
        b"\n\nHTTP/1.1 302\nSet-Cookie: a=1; Domain=acme.com; Path=/\nSet-Cookie: b=1\nLocation: y\n\n\
          HTTP/1.1 200\nSet-Cookie: c=1; Domain=acme.com; Path=/\n\n\
          HTTP/1.1 302\nSet-Cookie: d=1\nLocation: https://bank.example/\n\nHTTP/1.1 200\nSet-Cookie: e=1\n\n",
    ]
    .concat();
    let acme = Url::parse("https://acme.com/").expect("a URL");
    let options = ReadOptions::new()
        .ignore_discard(true)
        .of_url(&acme)
        .trust_redirects(trust)
        .max_line(1 << 20);
    let reading = read(&dump[..], &options).expect("a dump");
    let skipped = reading.report.skipped.iter();
    let unknown = skipped.filter(|left| left.reason == Reason::UnknownUrl);
    (
        reading.cookies.iter().map(ToString::to_string).collect(),
        unknown.map(|left| left.line).collect(),
    )
}

#[test]
fn a_redirect_that_cannot_be_read_leaves_no_url_in_force() {
    let begin = "https://evil.example/";
    let long = |len: usize| format!("{begin}{}", "x".repeat(len - begin.len()));
    let bank = "<Cookie e for bank.example/>";
    let read = ["b", "d"].map(|name| format!("<Cookie {name} for evil.example/>"));
    let whole = (vec![read[0].clone(), read[1].clone(), bank.into()], vec![]);
    assert_eq!(through(begin.as_bytes(), true), whole);
    assert_eq!(through(long(64 << 10).as_bytes(), true), whole);
    let lost = (vec![bank.to_owned()], vec![5, 6, 10, 13]);
    for location in [
        long((64 << 10) + 1).as_bytes(),
        long(2 << 20).as_bytes(), // a line that is too long
        b"https://evil.example/\xe9",
        b"https://",
        b"https://evil.example:port/",
    ] {
        assert_eq!(through(location, true), lost);
    }
}

#[test]
fn a_url_that_is_too_long_is_not_replaced_by_the_claim_of_a_cookie() {
    let long = format!("https://acme.com/{}", "x".repeat(64 << 10));
    let (cookies, skipped) = shown("Set-Cookie: a=1; Domain=acme.com; Path=/\n", &long);
    assert_eq!((cookies, skipped), (vec![], vec![(1, Reason::UnknownUrl)]));
}

/// No server says to which host the next response belongs, unless it is of its own site.
#[test]
fn a_redirect_to_another_site_leaves_no_url_in_force() {
    let all = (vec![], vec![5, 6, 10, 13, 17]);
    for location in [
        "https://evil.example/",
        "//acme.com.evil.example/",
        "https://com/",
        "https://127.0.0.1/",
        "data:x",
    ] {
        assert_eq!(through(location.as_bytes(), false), all, "{location}");
    }
    let of_acme = |host: &str| {
        let cookie = |name, host: &str| format!("<Cookie {name} for {host}/>");
        let names = [
            ("a", ".acme.com"),
            ("b", host),
            ("c", ".acme.com"),
            ("d", host),
        ];
        names.map(|(name, host)| cookie(name, host)).to_vec()
    };
    for location in ["http://acme.com:8080/", "https://x.y.acme.com/"] {
        let host = Url::parse(location).expect("a URL");
        let host = host.host_str().expect("a host");
        let read = through(location.as_bytes(), false);
        assert_eq!(read, (of_acme(host), vec![17]), "{location}");
    }
}

/// Without a list of suffixes and at an address, a site is a host.
#[test]
fn a_host_without_a_site_is_its_own() {
    let read = |from: &str, to: &str, policy: DefaultCookiePolicy| {
        let dump = format!("HTTP/1.1 302\nLocation: {to}\n\nHTTP/1.1 200\nSet-Cookie: a=1\n\n");
        let options = ReadOptions::new()
            .ignore_discard(true)
            .of_url(&Url::parse(from).expect("a URL"));
        let reading = read_with(dump.as_bytes(), policy, &options).expect("a dump");
        reading.cookies.len()
    };
    for (from, to, expected) in [
        ("http://127.0.0.1/", "http://127.0.0.1:8000/", 1),
        ("http://127.0.0.1/", "http://1.0.0.1/", 0),
        ("http://[::1]/", "http://[::2]/", 0),
        ("http://localhost/", "https://localhost/", 1),
        ("https://a.github.io/", "https://b.github.io/", 0),
        ("https://github.io/", "https://b.github.io/", 0),
    ] {
        assert_eq!(
            read(from, to, DefaultCookiePolicy::new()),
            expected,
            "{from} {to}"
        );
    }
    let unlisted = || DefaultCookiePolicy::new().suffixes(crate::policy::PublicSuffixes::none());
    assert_eq!(
        read("https://a.acme.com/", "https://a.acme.com/", unlisted()),
        1
    );
    assert_eq!(
        read("https://a.acme.com/", "https://b.acme.com/", unlisted()),
        0
    );
}

#[test]
fn without_a_url_no_cookie_of_a_response_is_read() {
    let set = "Set-Cookie: sid=evil; Domain=bank.example; Path=/\r\n";
    let head = format!("HTTP/1.1 200 OK\r\n{set}\r\n");
    let unknown = |line| (vec![], vec![(line, Reason::UnknownUrl)]);
    assert_eq!(shown(&head, ""), unknown(2));
    for location in ["/on", "https://", "https://bank.example/"] {
        let dump = format!("HTTP/1.1 302\r\nLocation: {location}\r\n\r\n{head}");
        assert_eq!(shown(&dump, ""), unknown(5), "{location}");
    }
    // Bare lines say where they belong, and no head can follow.
    let bare = "<Cookie sid=evil for .bank.example/>".to_owned();
    let skipped = vec![(3, Reason::HeaderField)];
    assert_eq!(
        shown(&format!("{set}\r\n{head}"), ""),
        (vec![bare], skipped)
    );
    let trusting = ReadOptions::new()
        .ignore_discard(true)
        .trust_redirects(true);
    let dump = format!("HTTP/1.1 302\r\nLocation: https://bank.example/\r\n\r\n{head}");
    let reading = read(dump.as_bytes(), &trusting).expect("a dump");
    assert_eq!(reading.cookies.len(), 1);
}
