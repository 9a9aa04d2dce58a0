//! Headers in and out: lists of pairs, the types of `http`, `Merge` and `Cookie2`.

use crate::common;

use common::{built, jar, jar_with, policy, url};
use cookiejar::headers::{HeaderFields, Merge, RequestHeaders, ResponseHeaders};
use cookiejar::policy::Limits;
use cookiejar::{
    BrowserPolicy, Cookie, CookieHeader, CookieJar, CookiePolicy, DefaultCookiePolicy, Rejection,
};

type Headers = Vec<(String, Vec<u8>)>;

#[track_caller]
fn stored(response: &(impl ResponseHeaders + ?Sized)) -> usize {
    let (mut jar, _) = jar();
    jar.extract_cookies(response, &url("http://acme.com/"))
        .stored
}

#[test]
fn lists_of_pairs_are_responses() {
    let owned: Headers = vec![
        ("set-cookie".into(), b"a=1".to_vec()),
        ("SET-COOKIE".into(), b"b=2".to_vec()),
        ("Set-Cookie2".into(), b"c=3; Version=1".to_vec()), // a different header
        ("Cookie".into(), b"d=4".to_vec()),
    ];
    assert_eq!(stored(&owned), 2, "a vector");
    assert_eq!(stored(&owned[..]), 2, "a slice");
    assert_eq!(stored(&&owned), 2, "a reference");
    assert_eq!(stored(&[("Set-Cookie", "a=1")]), 1, "an array of texts");
    assert_eq!(stored(&[("Set-Cookie", b"a=\xff")]), 1, "an array of bytes");
    assert_eq!(
        stored(&[("Set-Cookie", "a=1, b=2")]),
        1,
        "no list with commas"
    );
    assert_eq!(stored(&Vec::<(String, String)>::new()), 0, "nothing");
}

/// The jar's `a=1` and `b=2` merged into a request's headers, each as `name: value`.
#[track_caller]
fn merged(jar: &CookieJar, before: &[(&str, &str)], merge: Merge, to: &str) -> Vec<String> {
    let mut headers: Headers = before
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect();
    jar.merge_cookie_header(&mut headers, &url(to), merge);
    let show = |(name, value): (String, Vec<u8>)| {
        format!("{name}: {}", String::from_utf8(value).expect("UTF-8"))
    };
    headers.into_iter().map(show).collect()
}

/// The request's headers, the merge mode, the URL, and the headers after it.
type MergeRow = (
    &'static [(&'static str, &'static str)],
    Merge,
    &'static str,
    &'static [&'static str],
);

#[test]
fn what_becomes_of_a_header_that_is_there() {
    let (mut jar, _) = jar();
    let acme = "http://acme.com/";
    jar.extract_cookies(&[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], &url(acme));
    let none = "http://other.example/";
    let rows: [MergeRow; 18] = [
        (&[], Merge::Keep, acme, &["Cookie: a=1; b=2"]),
        (&[], Merge::Append, acme, &["Cookie: a=1; b=2"]),
        (&[], Merge::Replace, acme, &["Cookie: a=1; b=2"]),
        (&[], Merge::Keep, none, &[]), // no empty header
        (&[], Merge::Append, none, &[]),
        (&[], Merge::Replace, none, &[]),
        (&[("cookie", "x=9")], Merge::Keep, acme, &["cookie: x=9"]), // as in Python, in any case
        (&[("cookie", "")], Merge::Keep, acme, &["cookie: "]),
        (
            &[("cookie", "x=9")],
            Merge::Append,
            acme,
            &["Cookie: x=9; a=1; b=2"],
        ),
        (
            &[("Cookie", "x=9")],
            Merge::Replace,
            acme,
            &["Cookie: a=1; b=2"],
        ),
        (&[("Cookie", "x=9")], Merge::Append, none, &["Cookie: x=9"]),
        (
            &[("cookie", "x=9"), ("A", "b")],
            Merge::Replace,
            none,
            &["A: b"],
        ), // even with nothing to send
        (
            &[("Cookie", "b=9")],
            Merge::Append,
            acme,
            &["Cookie: b=9; a=1"],
        ), // no duplicates: the request's own stays
        (
            &[("Cookie", " b ; a = 9")],
            Merge::Append,
            acme,
            &["Cookie:  b ; a = 9"],
        ), // nothing to add
        (
            &[("Cookie", "A=9; ab=1")],
            Merge::Append,
            acme,
            &["Cookie: A=9; ab=1; a=1; b=2"],
        ), // other names
        (
            &[("Cookie", "x=a=1")],
            Merge::Append,
            acme,
            &["Cookie: x=a=1; a=1; b=2"],
        ),
        (
            &[("Cookie", "")],
            Merge::Append,
            acme,
            &["Cookie: a=1; b=2"],
        ),
        (
            &[("Cookie", "x=8"), ("Z", "z"), ("cookie", "b=9")],
            Merge::Append,
            acme,
            &["Z: z", "Cookie: x=8; b=9; a=1"], // two fields become one
        ),
    ];
    for (before, merge, to, after) in rows {
        assert_eq!(
            merged(&jar, before, merge, to),
            after,
            "{before:?} {merge:?} {to}"
        );
    }
    assert_eq!(Merge::default(), Merge::Keep);
}

#[test]
fn separators_at_the_ends_of_a_header_are_not_doubled() {
    let (mut jar, _) = jar();
    let acme = "http://acme.com/";
    jar.extract_cookies(&[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], &url(acme));
    let none = "http://other.example/";
    let rows: [MergeRow; 6] = [
        (
            &[("Cookie", "; ;")],
            Merge::Append,
            acme,
            &["Cookie: a=1; b=2"],
        ), // lone separators are not cookies
        (
            &[("Cookie", " \t")],
            Merge::Append,
            acme,
            &["Cookie: a=1; b=2"],
        ),
        (
            &[("Cookie", ";"), ("Cookie", "x=9"), ("Cookie", "")],
            Merge::Append,
            acme,
            &["Cookie: x=9; a=1; b=2"],
        ),
        (
            &[("Cookie", "x=9;")],
            Merge::Append,
            acme,
            &["Cookie: x=9; a=1; b=2"],
        ),
        (
            &[("Cookie", "x=9 ; ")],
            Merge::Append,
            acme,
            &["Cookie: x=9; a=1; b=2"],
        ),
        (&[("Cookie", "; ;")], Merge::Append, none, &["Cookie: ; ;"]),
    ];
    for (before, merge, to, after) in rows {
        assert_eq!(
            merged(&jar, before, merge, to),
            after,
            "{before:?} {merge:?} {to}"
        );
    }
}

#[test]
fn what_is_appended_keeps_within_the_limits() {
    let mut limits = Limits::new();
    limits.header_cookies = 2;
    let (mut jar, _) = jar_with(policy().limits(limits));
    let acme = "http://acme.com/";
    jar.extract_cookies(&[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], &url(acme));
    let append = |own| merged(&jar, &[("Cookie", own)], Merge::Append, acme);
    assert_eq!(append("x=9"), ["Cookie: x=9; a=1"]);
    assert_eq!(append("x=8; y=9"), ["Cookie: x=8; y=9"]);
    assert_eq!(
        append("a=9"),
        ["Cookie: a=9; b=2"],
        "a double takes no room"
    );
    assert_eq!(
        append("x=7; y=8; z=9"),
        ["Cookie: x=7; y=8; z=9"],
        "what is there stays"
    );
    jar.policy_mut().set_limits({
        let mut limits = Limits::new();
        limits.header_bytes = 11;
        limits
    });
    let append = |own| merged(&jar, &[("Cookie", own)], Merge::Append, acme);
    assert_eq!(append("x=9"), ["Cookie: x=9; a=1"]);
    assert_eq!(append("xx=99999"), ["Cookie: xx=99999"]);
    assert_eq!(
        append("; ; ; ;"),
        ["Cookie: a=1; b=2"],
        "separators take no room"
    );
}

/// A jar with RFC 2965 enabled and one cookie of each version, on separate paths.
fn both_versions(change: impl Fn(DefaultCookiePolicy) -> DefaultCookiePolicy) -> CookieJar {
    let (mut jar, _) = jar_with(change(policy().rfc2965(true)));
    for (name, version) in [("v0", 0), ("v1", 1)] {
        let path = format!("/{name}");
        let cookie = Cookie::builder(name, "x").version(version);
        jar.set_cookie(built(cookie.domain("acme.com").path(&path)));
    }
    jar
}

#[test]
fn cookie2_tells_servers_that_rfc_2965_is_spoken() {
    let both = both_versions(|policy| policy);
    let cookie2 = "Cookie2: $Version=\"1\"";
    let at = |name: &str| format!("http://acme.com/{name}");
    let keep = |jar: &CookieJar, before: &[(&str, &str)], name: &str| {
        merged(jar, before, Merge::Keep, &at(name))
    };
    let netscape = "Cookie: v0=x";
    assert_eq!(keep(&both, &[], "v0"), [netscape, cookie2]);
    assert_eq!(
        keep(&both, &[], "v1"),
        ["Cookie: $Version=1; v1=x; $Path=\"/v1\""], // the server knows already
    );
    assert_eq!(keep(&both, &[], "other"), [""; 0], "no cookie, no Cookie2");
    let hidden = both_versions(|policy| policy.hide_cookie2(true));
    assert_eq!(keep(&hidden, &[], "v0"), [netscape]);
    let off = both_versions(|policy| policy.rfc2965(false));
    assert_eq!(keep(&off, &[], "v0"), [netscape]);
    let own = [("cookie2", "own")];
    assert_eq!(keep(&both, &own, "v0"), ["cookie2: own", netscape]);
    assert_eq!(
        keep(&both, &[("Cookie", "own=1")], "v0"),
        ["Cookie: own=1", cookie2], // as in Python, each header separately
    );
    let replace = |name| merged(&both, &own, Merge::Replace, &at(name));
    assert_eq!(replace("v0"), [netscape, cookie2]);
    assert_eq!(replace("other"), [""; 0]);
}

/// A user-defined list that cannot hold the octet 1.
struct Picky(Headers);

impl HeaderFields for Picky {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.header_values(name)
    }
}

impl RequestHeaders for Picky {
    fn append_header(&mut self, name: &str, value: CookieHeader) {
        self.0.append_header(name, value);
    }

    fn replace_header(&mut self, name: &str, value: Option<CookieHeader>) {
        self.0.replace_header(name, value);
    }

    fn can_hold(&self, octets: &[u8]) -> bool {
        !octets.contains(&1)
    }
}

#[test]
fn a_cookie_that_no_field_can_hold_is_skipped() {
    let (mut jar, _) = jar_with(DefaultCookiePolicy::python());
    let acme = url("http://acme.com/");
    let fields = [
        ("Set-Cookie", "a=\x01"),
        ("Set-Cookie", "b=\x02"),
        ("Set-Cookie", "c=3"),
    ];
    assert_eq!(jar.extract_cookies(&fields, &acme).stored, 3);
    let mut picky = Picky(Vec::new());
    jar.add_cookie_header_to(&mut picky, &acme);
    assert_eq!(picky.0, [("Cookie".to_owned(), b"b=\x02; c=3".to_vec())]);
    let header = jar.cookie_header(&acme).expect("cookies");
    assert_eq!(
        header, "a=\x01; b=\x02; c=3",
        "a client of your own decides for itself"
    );
}

#[test]
fn a_cookie_header_is_bytes() {
    let (mut jar, _) = jar();
    let acme = url("http://acme.com/");
    jar.extract_cookies(&[("Set-Cookie", "a=1")], &acme);
    let header = jar.cookie_header(&acme).expect("a cookie");
    assert_eq!(header, *"a=1");
    assert_eq!(header.as_ref(), b"a=1");
    assert_eq!(header.to_str(), Ok("a=1"));
    assert_eq!(header.clone().into_bytes(), b"a=1");
    assert_eq!(jar.policy().settings().get_limits(), Limits::new());
}

#[cfg(feature = "http")]
mod http_types {
    use cookiejar::headers::Merge;
    use cookiejar::{Rejection, RequestContext};
    use http::header::{COOKIE, HeaderValue};
    use http::{HeaderMap, Request, Response};

    use super::common::{NOW, jar, jar_with, names, policy, url};
    use super::stored;
    use cookiejar::DefaultCookiePolicy;

    #[test]
    fn responses_parts_and_maps() {
        let response = |status: u16| {
            Response::builder()
                .status(status)
                .header("Set-Cookie", "a=1")
                .header(
                    "set-cookie",
                    HeaderValue::from_bytes(b"b=\xff").expect("a value"),
                )
                .body("no matter")
                .expect("a response")
        };
        assert_eq!(
            stored(response(200).headers()),
            2,
            "a map, which has no status"
        );
        assert_eq!(stored(response(407).headers()), 2);
        // status, cookies that count
        for (status, expected) in [
            (100, 0),
            (101, 0),
            (103, 0),
            (199, 0),
            (200, 2),
            (302, 2),
            (401, 2),
            (404, 2),
            (407, 0), // the proxy's, not the site's
            (500, 2),
        ] {
            assert_eq!(stored(&response(status)), expected, "{status}");
            let (parts, _) = response(status).into_parts();
            assert_eq!(stored(&parts), expected, "{status}");
        }
    }

    #[test]
    fn a_cookie_of_a_proxy_is_rejected_in_either_header() {
        let too_long = format!("a=1; Version=1; x={}", "y".repeat(65_536));
        let rows = [
            ("a=1; Version=1", Rejection::IgnoredStatus),
            (&too_long, Rejection::FieldTooLong), // it is not even read
        ];
        for name in ["Set-Cookie", "Set-Cookie2"] {
            for (field, reason) in rows {
                let response = Response::builder().status(407).header(name, field);
                let response = response.body(()).expect("a response");
                let mut jar = jar_with(policy().rfc2965(true)).0;
                let report = jar.extract_cookies(&response, &url("http://acme.com/"));
                assert_eq!(report.rejected[0].reason, reason, "{name}");
                assert!(jar.is_empty());
            }
        }
    }

    #[test]
    fn requests_and_parts_know_their_url() {
        let (mut jar, _) = jar();
        jar.extract_cookies(&[("Set-Cookie", "a=1; Secure")], &url("https://acme.com/"));
        // target, Host header, whether the cookie is sent
        let rows = [
            ("https://acme.com/x", None, true),
            ("https://acme.com:8443/x", None, true),
            ("http://acme.com/x", None, false), // it is Secure
            ("https://other.example/x", Some("acme.com"), false), // the target counts
            ("/x", Some("acme.com"), false),    // without a scheme it is http
            ("/x", None, false),
        ];
        for (target, host, sent) in rows {
            let mut request = Request::get(target);
            if let Some(host) = host {
                request = request.header("Host", host);
            }
            let mut request = request.body(()).expect("a request");
            jar.add_cookie_header(&mut request);
            assert_eq!(request.headers().contains_key(COOKIE), sent, "{target}");
            request.headers_mut().remove(COOKIE);
            let (mut parts, ()) = request.into_parts();
            jar.add_cookie_header(&mut parts);
            assert_eq!(parts.headers.contains_key(COOKIE), sent, "{target}");
        }
        let request = Request::get("/x")
            .header("Host", "acme.com")
            .body(())
            .expect("a request");
        let context = RequestContext::from_request(request.uri(), request.headers(), "https")
            .caused_by(cookiejar::Provenance::new().at(NOW));
        assert_eq!(
            names(jar.cookies_for(&context)),
            "a",
            "unless the caller knows the scheme"
        );
    }

    #[test]
    fn maps_take_the_header_as_any_other() {
        let (mut jar, _) = jar_with(policy().rfc2965(true));
        let acme = url("http://acme.com/");
        jar.extract_cookies(&[("Set-Cookie", "a=1")], &acme);
        let mut headers = HeaderMap::new();
        jar.add_cookie_header_to(&mut headers, &acme);
        assert_eq!(headers["cookie"], "a=1");
        assert_eq!(headers["cookie2"], "$Version=\"1\"");
        assert!(headers["cookie"].is_sensitive(), "no log shows it");
        jar.add_cookie_header_to(&mut headers, &acme);
        assert_eq!(headers.len(), 2, "what is there stays");
        headers.insert(COOKIE, HeaderValue::from_static("x=8"));
        headers.append(COOKIE, HeaderValue::from_static("y=9"));
        jar.merge_cookie_header(&mut headers, &acme, Merge::Append);
        assert_eq!(headers.get_all(COOKIE).iter().count(), 1);
        assert_eq!(headers["cookie"], "x=8; y=9; a=1");
        let other = url("http://other.example/");
        jar.merge_cookie_header(&mut headers, &other, Merge::Replace);
        assert!(headers.is_empty());
    }

    #[test]
    fn maps_hold_no_control_octets() {
        let (mut jar, _) = jar_with(DefaultCookiePolicy::python());
        let acme = url("http://acme.com/");
        let fields = [
            ("Set-Cookie", "a=\x01"),
            ("Set-Cookie", "b=\t2"),
            ("Set-Cookie", "c=\u{e9}"),
        ];
        assert_eq!(jar.extract_cookies(&fields, &acme).stored, 3);
        let mut headers = HeaderMap::new();
        jar.add_cookie_header_to(&mut headers, &acme);
        assert_eq!(headers["cookie"].as_bytes(), "b=2; c=\u{e9}".as_bytes());
        let whole = jar.cookie_header(&acme).expect("cookies");
        assert!(HeaderValue::try_from(whole).is_err());
    }

    #[test]
    fn a_request_with_its_own_header_keeps_it() {
        let (mut jar, _) = jar();
        jar.extract_cookies(&[("Set-Cookie", "a=1")], &url("http://acme.com/"));
        let mut request = Request::get("http://acme.com/")
            .header("Cookie", "own=1")
            .body(())
            .expect("a request");
        jar.add_cookie_header(&mut request);
        assert_eq!(request.headers()["cookie"], "own=1");
    }
}

/// Names are told apart by their length and first letter before they are compared.
#[test]
fn an_attribute_that_resembles_a_known_one_is_not_taken_for_it() {
    const RESEMBLING: &str = "a=1; Pass=/x; Port_=\"1\"; Poor=\"1\"; Dorman=evil.com; Screen; \
        Exports=Thu, 01 Jan 1970 00:00:10 GMT; Min-Age=0; Virtual=x; Comfort=c; Distant; CommentURI=u; \
        HttpOnce; SameSide=Strict; Partitioner; Pass=/y";
    fn shown(policy: impl CookiePolicy, field: &str) -> Vec<String> {
        let mut jar = CookieJar::with_policy(policy);
        jar.extract_cookies(&[("Set-Cookie", field)], &url("https://www.acme.com/"));
        let of_cookie = |cookie: &Cookie| {
            let times = (cookie.expires(), cookie.discard());
            let place = (cookie.domain(), cookie.path(), cookie.port());
            let notes = (cookie.version(), cookie.comment(), cookie.comment_url());
            let flags = (cookie.secure(), cookie.http_only(), cookie.partitioned());
            format!(
                "{times:?} {place:?} {notes:?} {flags:?} {:?}",
                cookie.same_site()
            )
        };
        jar.iter().map(of_cookie).collect()
    }

    let browsers = || BrowserPolicy::with_suffixes(common::suffixes());
    let python = shown(policy(), RESEMBLING);
    assert_eq!(
        python.len(),
        1,
        "no attribute deletes or rejects the cookie"
    );
    assert_eq!(python, shown(policy(), "a=1"));
    let browser = shown(browsers(), RESEMBLING);
    assert_eq!(
        browser.len(),
        1,
        "no attribute deletes or rejects the cookie"
    );
    assert_eq!(browser, shown(browsers(), "a=1"));
    let mut jar = CookieJar::with_policy(browsers());
    jar.extract_cookies(&[("Set-Cookie", RESEMBLING)], &url("https://www.acme.com/"));
    let cookie = jar.iter().next().expect("a cookie");
    assert_eq!(
        cookie.nonstandard_attrs().count(),
        0,
        "browsers keep none of them"
    );
    // What is no session cookie can show that `Discard` was not read.
    let lasting = "a=1; Expires=Fri, 31 Dec 2100 00:00:00 GMT";
    let distant = shown(policy(), &format!("{lasting}; Distant"));
    assert_eq!(distant, shown(policy(), lasting));
}

#[test]
fn an_appended_header_counts_towards_the_limit_with_its_separator() {
    for (header_bytes, expected) in [(10, "own=1; a=1"), (9, "own=1")] {
        let mut limits = Limits::none();
        limits.header_bytes = header_bytes;
        let (mut jar, _) = jar_with(policy().limits(limits));
        let acme = url("http://acme.com/");
        jar.extract_cookies(&[("Set-Cookie", "a=1")], &acme);
        let mut headers: Headers = vec![("Cookie".into(), b"own=1".to_vec())];
        jar.merge_cookie_header(&mut headers, &acme, Merge::Append);
        assert_eq!(headers[0].1, expected.as_bytes());
    }
}

#[test]
fn a_rejected_cookie_of_the_whole_domain_supersedes_none_of_the_host() {
    let python = DefaultCookiePolicy::python;
    // policy, host
    let rows = [
        (policy(), "acme.com"),
        (python(), "acme.com"),
        (python(), "127.0.0.1"),
    ];
    for (policy, host) in rows {
        let (mut jar, _) = jar_with(policy.rfc2965(true));
        let whole = format!("a=1; Version=1; Domain=\".{host}\"");
        let fields = [("Set-Cookie2", whole.as_str()), ("Set-Cookie", "a=2")];
        let report = jar.extract_cookies(&fields, &url(&format!("http://{host}/")));
        let superseded = Rejection::SupersededBySetCookie2;
        assert!(
            report
                .rejected
                .iter()
                .all(|rejected| rejected.reason != superseded)
        );
        let values = jar.iter().map(|cookie| (cookie.domain(), cookie.value()));
        assert!(
            values.into_iter().any(|stored| stored == (host, Some("2"))),
            "{host}"
        );
    }
}

#[test]
fn the_version_of_the_first_cookie_counts_towards_the_limit() {
    let www = url("http://www.acme.com/x");
    let fields = [
        (
            "Set-Cookie2",
            "a=1; Version=1; Domain=\".acme.com\"; Path=\"/x\"",
        ),
        ("Set-Cookie", "b=2; Path=/"),
    ];
    let sent = |header_bytes| {
        let mut limits = Limits::none();
        limits.header_bytes = header_bytes;
        let (mut jar, _) = jar_with(policy().rfc2965(true).limits(limits));
        jar.extract_cookies(&fields, &www);
        let header = jar.cookie_header(&www).expect("cookies");
        header.to_str().expect("a text").to_owned()
    };
    let whole = sent(usize::MAX);
    assert!(whole.starts_with("$Version=1; a=1"), "{whole}");
    assert_eq!(sent(whole.len()), whole);
    assert_eq!(sent(whole.len() - 1), "b=2", "the host's own is kept first");
}
