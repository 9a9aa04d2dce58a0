//! The storage model, step by step: RFC 6265bis, section 5.7, preceded by the parsing of section 5.6,
//! and followed by the other drafts.

use cookiejar::policy::PublicSuffixes;
use cookiejar::{BrowserPolicy, Cookie, CookieId, CookiePolicy, Rejection, SameSite};
use time::Duration;

use super::{START, context, header, jar, jar_with, must_set, set, verdict};

const ACME: &str = "https://www.acme.com/a/b";
const PLAIN: &str = "http://www.acme.com/a/b";
const OK: Result<(), Rejection> = Ok(());

/// Step, request, field, verdict.
type Row<'a> = (&'a str, &'a str, &'a [u8], Result<(), Rejection>);

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn every_step_that_looks_at_the_cookie_alone() {
    use Rejection as R;

    let rows: &[Row<'_>] = &[
        (
            "5.6 1: control characters",
            ACME,
            b"a=b\x01",
            Err(R::ControlCharacter),
        ),
        (
            "5.6 1: in the name",
            ACME,
            b"a\x1f=b",
            Err(R::ControlCharacter),
        ),
        (
            "5.6 1: in an attribute",
            ACME,
            b"a=b; x=\x7f",
            Err(R::ControlCharacter),
        ),
        (
            "5.6 1: in the name of one",
            ACME,
            b"a=b; \x08",
            Err(R::ControlCharacter),
        ),
        ("5.6 1: NUL", ACME, b"a=b\0c", Err(R::ForbiddenOctet)),
        ("5.6 1: CR", ACME, b"a=b\rc", Err(R::ForbiddenOctet)),
        ("5.6 1: LF", ACME, b"a=b; Path=/\n", Err(R::ForbiddenOctet)),
        ("5.6 1: but not TAB", ACME, b"a=b\tc", OK),
        ("5.6 1: nor other bytes", ACME, b"a=\x80\xff", OK),
        ("5.6 3: no `=` is no name", ACME, b"a", OK),
        (
            "5.6 5: too long together",
            ACME,
            &pair(1, 4_096),
            Err(R::NameValueTooLong),
        ),
        ("2: both are empty", ACME, b"", Err(R::EmptyPair)),
        ("2: with `=`", ACME, b"=", Err(R::EmptyPair)),
        (
            "2: with white space",
            ACME,
            b" \t= ; Path=/",
            Err(R::EmptyPair),
        ),
        ("2: an empty value alone", ACME, b"a=", OK),
        ("2: an empty name alone", ACME, b"=b", OK),
        ("4: 4,096 octets", ACME, &pair(96, 4_000), OK),
        (
            "4: 4,097 octets",
            ACME,
            &pair(97, 4_000),
            Err(R::NameValueTooLong),
        ),
        (
            "4: without a name",
            ACME,
            &pair(0, 4_097),
            Err(R::NameValueTooLong),
        ),
        (
            "8: a domain is ASCII",
            ACME,
            "a=b; Domain=acmé.com".as_bytes(),
            Err(R::DomainNotAscii),
        ),
        (
            "8: not even UTF-8",
            ACME,
            b"a=b; Domain=\xff",
            Err(R::DomainNotAscii),
        ),
        (
            "9: a public suffix",
            ACME,
            b"a=b; Domain=com",
            Err(R::PublicSuffix),
        ),
        (
            "9: with a dot",
            ACME,
            b"a=b; Domain=.com",
            Err(R::PublicSuffix),
        ),
        (
            "9: in upper case",
            ACME,
            b"a=b; Domain=COM",
            Err(R::PublicSuffix),
        ),
        (
            "9: of two labels",
            "https://a.co.uk/",
            b"a=b; Domain=co.uk",
            Err(R::PublicSuffix),
        ),
        (
            "9: a private one",
            "https://a.github.io/",
            b"a=b; Domain=github.io",
            Err(R::PublicSuffix),
        ),
        (
            "9: that is the host",
            "https://github.io/",
            b"a=b; Domain=github.io",
            OK,
        ),
        (
            "9: an unknown suffix",
            "https://wiki.intranet/",
            b"a=b; Domain=intranet",
            Err(R::PublicSuffix),
        ),
        (
            "9: above a suffix",
            "https://evil.s3.amazonaws.com/",
            b"a=b; Domain=amazonaws.com",
            Err(R::PublicSuffix),
        ),
        (
            "9: of a single label, listed below a wildcard only",
            "https://evil.com.mm/",
            b"a=b; Domain=mm",
            Err(R::PublicSuffix),
        ),
        (
            "9: below an unknown suffix",
            "https://www.corp.internal/",
            b"a=b; Domain=corp.internal",
            OK,
        ),
        ("10: the host", ACME, b"a=b; Domain=www.acme.com", OK),
        ("10: above the host", ACME, b"a=b; Domain=acme.com", OK),
        (
            "10: below the host",
            ACME,
            b"a=b; Domain=x.www.acme.com",
            Err(R::DomainMismatch),
        ),
        (
            "10: beside the host",
            ACME,
            b"a=b; Domain=shop.acme.com",
            Err(R::DomainMismatch),
        ),
        (
            "10: elsewhere",
            ACME,
            b"a=b; Domain=evil.com",
            Err(R::DomainMismatch),
        ),
        (
            "10: not at a label",
            ACME,
            b"a=b; Domain=me.com",
            Err(R::DomainMismatch),
        ),
        (
            "10: two dots",
            ACME,
            b"a=b; Domain=..acme.com",
            Err(R::InvalidDomain),
        ),
        (
            "10: a dot behind",
            ACME,
            b"a=b; Domain=acme.com.",
            Err(R::DomainMismatch),
        ),
        (
            "10: an address",
            "https://1.2.3.4/",
            b"a=b; Domain=1.2.3.4",
            OK,
        ),
        (
            "10: the end of one",
            "https://1.2.3.4/",
            b"a=b; Domain=3.4",
            Err(R::DomainMismatch),
        ),
        (
            "10: an address in IPv6",
            "https://[::1]/",
            b"a=b; Domain=[::1]",
            OK,
        ),
        (
            "10: no host at all",
            ACME,
            b"a=b; Domain=a b",
            Err(R::InvalidDomain),
        ),
        (
            "13: Secure over http",
            PLAIN,
            b"a=b; Secure",
            Err(R::InsecureRequest),
        ),
        (
            "13: with a value",
            PLAIN,
            b"a=b; Secure=no",
            Err(R::InsecureRequest),
        ),
        ("13: over https", ACME, b"a=b; Secure", OK),
        ("13: over wss", "wss://acme.com/", b"a=b; Secure", OK),
        (
            "13: to this very machine",
            "http://localhost/",
            b"a=b; Secure",
            OK,
        ),
        (
            "15: HttpOnly by a script",
            "https://acme.com/ script",
            b"a=b; HttpOnly",
            Err(R::HttpOnly),
        ),
        (
            "15: without HttpOnly",
            "https://acme.com/ script",
            b"a=b",
            OK,
        ),
        (
            "18: Strict, cross-site",
            "https://acme.com/ by:https://evil.com/",
            b"a=b; SameSite=Strict",
            Err(R::CrossSiteResponse),
        ),
        (
            "18: Lax, cross-site",
            "https://acme.com/ by:https://evil.com/",
            b"a=b; SameSite=Lax",
            Err(R::CrossSiteResponse),
        ),
        (
            "18: Default, cross-site",
            "https://acme.com/ by:https://evil.com/",
            b"a=b",
            Err(R::CrossSiteResponse),
        ),
        (
            "18: an unknown value",
            "https://acme.com/ by:https://evil.com/",
            b"a=b; SameSite=x",
            Err(R::CrossSiteResponse),
        ),
        (
            "18: None, cross-site",
            "https://acme.com/ by:https://evil.com/",
            b"a=b; SameSite=None; Secure",
            OK,
        ),
        (
            "18: another scheme",
            "https://acme.com/ by:http://acme.com/",
            b"a=b",
            Err(R::CrossSiteResponse),
        ),
        (
            "18.1: by a script",
            "https://acme.com/ by:https://evil.com/ top script",
            b"a=b",
            Err(R::CrossSiteResponse),
        ),
        (
            "18.2: same-site",
            "https://acme.com/ by:https://www.acme.com/",
            b"a=b; SameSite=Strict",
            OK,
        ),
        (
            "18.2: the user's own",
            "https://acme.com/ by:https://evil.com/ user",
            b"a=b; SameSite=Strict",
            OK,
        ),
        ("18.2: nothing known", ACME, b"a=b; SameSite=Strict", OK),
        (
            "18.3: a navigation",
            "https://acme.com/ by:https://evil.com/ top",
            b"a=b; SameSite=Strict",
            OK,
        ),
        (
            "18.3: with POST",
            "https://acme.com/ by:https://evil.com/ top POST",
            b"a=b; SameSite=Lax",
            OK,
        ),
        (
            "19: None and insecure",
            ACME,
            b"a=b; SameSite=None",
            Err(R::SameSiteNoneInsecure),
        ),
        (
            "19: over http",
            PLAIN,
            b"a=b; SameSite=none",
            Err(R::SameSiteNoneInsecure),
        ),
        ("20: __Secure-", ACME, b"__Secure-a=b", Err(R::SecurePrefix)),
        (
            "20: in any case",
            ACME,
            b"__SeCuRe-a=b",
            Err(R::SecurePrefix),
        ),
        (
            "20: and Secure",
            ACME,
            b"__Secure-a=b; Secure; Domain=acme.com",
            OK,
        ),
        ("20: no prefix", ACME, b"__Secur-a=b", OK),
        ("21: __Host-", ACME, b"__Host-a=b; Secure; Path=/", OK),
        (
            "21: 1, not Secure",
            ACME,
            b"__Host-a=b; Path=/",
            Err(R::HostPrefix),
        ),
        (
            "21: 2, with a domain",
            ACME,
            b"__Host-a=b; Secure; Path=/; Domain=www.acme.com",
            Err(R::HostPrefix),
        ),
        (
            "21: 2, with an empty one",
            ACME,
            b"__Host-a=b; Secure; Path=/; Domain=",
            OK,
        ),
        (
            "21: 3, without a path",
            "https://acme.com/",
            b"__Host-a=b; Secure",
            Err(R::HostPrefix),
        ),
        (
            "21: 3, with another",
            ACME,
            b"__Host-a=b; Secure; Path=/a",
            Err(R::HostPrefix),
        ),
        (
            "21: 3, with none to speak of",
            "https://acme.com/",
            b"__Host-a=b; Secure; Path=a",
            Err(R::HostPrefix),
        ),
        ("21: in any case", ACME, b"__HOST-a=b", Err(R::HostPrefix)),
        (
            "21: of an address",
            "https://1.2.3.4/",
            b"__Host-a=b; Secure; Path=/; Domain=1.2.3.4",
            OK,
        ),
        (
            "22: without a name",
            ACME,
            b"__Secure-a",
            Err(R::NamelessPrefix),
        ),
        (
            "22: with `=`",
            ACME,
            b"=__Host-a; Secure; Path=/",
            Err(R::NamelessPrefix),
        ),
        ("22: in any case", ACME, b"=__hOsT-", Err(R::NamelessPrefix)),
        ("22: __Http-", ACME, b"=__Http-a", Err(R::NamelessPrefix)),
        ("22: no prefix", ACME, b"=a__Host-", OK),
        (
            "1: a pair without a name",
            PLAIN,
            b"=a=b",
            Err(R::NamelessPair),
        ),
        ("1: of `=` alone", PLAIN, b"==", Err(R::NamelessPair)),
        ("22: with a name", ACME, b"a=__Host-b", OK),
        (
            "layered 5.4.3: __Http-",
            ACME,
            b"__Http-a=b; Secure; HttpOnly",
            OK,
        ),
        (
            "layered 5.4.3: not HttpOnly",
            ACME,
            b"__Http-a=b; Secure",
            Err(R::HttpPrefix),
        ),
        (
            "layered 5.4.3: not Secure",
            ACME,
            b"__hTTP-a=b; HttpOnly",
            Err(R::HttpPrefix),
        ),
        (
            "layered 5.4.3: __Host-Http-",
            ACME,
            b"__Host-Http-a=b; Secure; HttpOnly; Path=/",
            OK,
        ),
        (
            "layered 5.4.3: not HttpOnly",
            ACME,
            b"__HOST-HTTP-a=b; Secure; Path=/",
            Err(R::HostHttpPrefix),
        ),
        (
            "layered 5.4.3: no __Host- cookie",
            ACME,
            b"__Host-Http-a=b; Secure; HttpOnly",
            Err(R::HostPrefix),
        ),
        (
            "CHIPS 2.3: Partitioned",
            "https://acme.com/ in:https://top.com",
            b"a=b; Secure; Partitioned",
            OK,
        ),
        (
            "CHIPS 2.3: not Secure",
            "https://acme.com/ in:https://top.com",
            b"a=b; Partitioned",
            Err(R::PartitionedInsecure),
        ),
        (
            "CHIPS 2.3: in no partition",
            ACME,
            b"a=b; Partitioned",
            Err(R::PartitionedInsecure),
        ),
        (
            "CHIPS 2.3: no key",
            "https://acme.com/ in:a\nb",
            b"a=b; Secure; Partitioned",
            Err(R::OtherPartition),
        ),
    ];
    for (step, request, field, expected) in rows {
        let shown = String::from_utf8_lossy(&field[..field.len().min(60)]);
        let report = set(&mut jar(), request, field);
        assert_eq!(verdict(&report), *expected, "step {step}: {shown}");
        assert_eq!(report.stored, usize::from(expected.is_ok()), "step {step}");
    }
}

fn pair(name: usize, value: usize) -> Vec<u8> {
    [&b"n".repeat(name)[..], b"=", &b"v".repeat(value)].concat()
}

#[test]
fn step_1_some_responses_are_ignored() {
    for status in [100, 103, 199, 407] {
        let response = http::Response::builder()
            .status(status)
            .header("Set-Cookie", "a=b")
            .body(())
            .expect("a response");
        let report = jar().extract_cookies(&response, context(ACME));
        assert_eq!(verdict(&report), Err(Rejection::IgnoredStatus), "{status}");
    }
    for status in [200, 301, 404, 500] {
        let response = http::Response::builder()
            .status(status)
            .header("Set-Cookie", "a=b")
            .body(())
            .expect("a response");
        assert_eq!(jar().extract_cookies(&response, context(ACME)).stored, 1);
    }
}

#[test]
fn steps_5_and_6_the_times_of_a_cookie() {
    // step, field, seconds until it expires, session cookie
    let days = |days: i64| days * 86_400;
    let rows = [
        ("6: no date", "a=b", None),
        ("6: Max-Age", "a=b; Max-Age=60", Some(60)),
        ("6: the last one", "a=b; Max-Age=60; Max-Age=90", Some(90)),
        (
            "6: before Expires",
            "a=b; Max-Age=60; Expires=Fri, 01 Jan 2027 00:00:00 GMT",
            Some(60),
        ),
        (
            "6: Expires",
            "a=b; Expires=Sat, 21 Nov 2026 08:01:00 GMT",
            Some(60),
        ),
        (
            "5.5: 400 days by age",
            "a=b; Max-Age=34560000",
            Some(days(400)),
        ),
        (
            "5.5: more than that",
            "a=b; Max-Age=34560001",
            Some(days(400)),
        ),
        (
            "5.5: far more",
            "a=b; Max-Age=99999999999999999999",
            Some(days(400)),
        ),
        (
            "5.5: by date",
            "a=b; Expires=Fri, 01 Jan 2038 00:00:00 GMT",
            Some(days(400)),
        ),
    ];
    for (step, field, seconds) in rows {
        let mut jar = jar();
        must_set(&mut jar, ACME, field);
        let cookie = jar.iter().next().expect("a cookie");
        let expected = seconds.map(|seconds| START + Duration::seconds(seconds));
        assert_eq!(cookie.expires(), expected, "step {step}");
        assert_eq!(cookie.discard(), seconds.is_none(), "step {step}");
        assert_eq!(cookie.creation_time(), Some(START), "step {step}");
    }
    for gone in [
        "a=b; Max-Age=0",
        "a=b; Max-Age=-1",
        "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ] {
        let mut jar = jar();
        must_set(&mut jar, ACME, "a=x");
        assert_eq!(set(&mut jar, ACME, gone).removed, 1, "{gone}");
        assert!(jar.is_empty(), "{gone}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn steps_7_to_12_and_17_the_parts_of_a_cookie() {
    // step, request, field, stored domain, path
    let rows = [
        ("7: no domain", ACME, "a=b", "www.acme.com", "/a"),
        (
            "7: the last one",
            ACME,
            "a=b; Domain=x.com; Domain=acme.com",
            ".acme.com",
            "/a",
        ),
        (
            "7: an empty one",
            ACME,
            "a=b; Domain=acme.com; Domain=",
            "www.acme.com",
            "/a",
        ),
        (
            "7: a dot is nothing",
            ACME,
            "a=b; Domain=.acme.com",
            ".acme.com",
            "/a",
        ),
        (
            "9: the host is a suffix",
            "https://github.io/",
            "a=b; Domain=github.io",
            "github.io",
            "/",
        ),
        (
            "9: the host is an unknown suffix",
            "https://intranet/",
            "a=b; Domain=intranet",
            "intranet",
            "/",
        ),
        (
            "10: below an unknown suffix",
            "https://x.wiki.intranet/",
            "a=b; Domain=wiki.intranet",
            ".wiki.intranet",
            "/",
        ),
        (
            "10: an address",
            "https://1.2.3.4/",
            "a=b; Domain=1.2.3.4",
            "1.2.3.4",
            "/",
        ),
        (
            "9: localhost",
            "http://localhost/",
            "a=b; Domain=localhost",
            "localhost",
            "/",
        ),
        (
            "10: the host in upper case",
            "https://ACME.com/",
            "a=b",
            "acme.com",
            "/",
        ),
        (
            "10: the host in another script",
            "https://b\u{fc}cher.example/",
            "a=b; Domain=xn--bcher-kva.example",
            ".xn--bcher-kva.example",
            "/",
        ),
        (
            "11: the default-path",
            "https://acme.com/a/b/",
            "a=b",
            "acme.com",
            "/a/b",
        ),
        (
            "11: of one segment",
            "https://acme.com/a",
            "a=b",
            "acme.com",
            "/",
        ),
        ("11: a path", ACME, "a=b; Path=/x/", "www.acme.com", "/x/"),
        (
            "11: anywhere",
            ACME,
            "a=b; Path=/elsewhere",
            "www.acme.com",
            "/elsewhere",
        ),
        (
            "11: the last one",
            ACME,
            "a=b; Path=/x; Path=/y",
            "www.acme.com",
            "/y",
        ),
        (
            "11: that says nothing",
            ACME,
            "a=b; Path=/x; Path=y",
            "www.acme.com",
            "/a",
        ),
        (
            "11: not escaped",
            ACME,
            "a=b; Path=/x y%c3",
            "www.acme.com",
            "/x y%c3",
        ),
    ];
    for (step, request, field, domain, path) in rows {
        let mut jar = jar();
        must_set(&mut jar, request, field);
        let cookie = jar.iter().next().expect("a cookie");
        assert_eq!(
            (cookie.domain(), cookie.path()),
            (domain, path),
            "step {step}"
        );
    }
    let same_site = [
        ("17", "a=b; Secure; SameSite=Strict", Some(SameSite::Strict)),
        ("17", "a=b; Secure; samesite=LAX", Some(SameSite::Lax)),
        ("17", "a=b; Secure; SameSite=None", Some(SameSite::None)),
        (
            "17: the last one",
            "a=b; Secure; SameSite=None; SameSite=Lax",
            Some(SameSite::Lax),
        ),
        (
            "17: unknown",
            "a=b; Secure; SameSite=Strict; SameSite=x",
            None,
        ),
        ("17: absent", "a=b; Secure", None),
    ];
    for (step, field, expected) in same_site {
        let mut jar = jar();
        must_set(&mut jar, ACME, field);
        let cookie = jar.iter().next().expect("a cookie");
        assert_eq!(cookie.same_site(), expected, "step {step}: {field}");
        assert!(cookie.secure(), "step 12");
    }
}

#[test]
fn step_16_an_insecure_cookie_overlays_no_secure_one() {
    const NO: Result<(), Rejection> = Err(Rejection::OverlaysSecure);
    // stored from https://www.acme.com/login/en, then set from http://www.acme.com/, verdict
    let rows = [
        ("a=1; Secure; Path=/", "a=2; Path=/", NO),
        ("a=1; Secure; Path=/", "a=2; Path=/; Domain=acme.com", NO), // 3: vice versa
        ("a=1; Secure; Path=/; Domain=acme.com", "a=2; Path=/", NO), // 3
        ("a=1; Secure; Path=/login", "a=2; Path=/login", NO),        // the draft's own examples
        ("a=1; Secure; Path=/login", "a=2; Path=/login/en", NO),
        ("a=1; Secure; Path=/login", "a=2; Path=/", OK),
        ("a=1; Secure; Path=/login", "a=2; Path=/foo", OK),
        ("a=1; Secure; Path=/login", "a=2; Path=/loginx", OK), // 4: at the boundary of a segment
        ("a=1; Secure; Path=/", "A=2; Path=/", OK),            // 1: another name
        ("a=1; Path=/", "a=2; Path=/", OK),                    // 2: not Secure
        (
            "a=1; Secure; Path=/; Max-Age=10",
            "a=2; Path=/; Max-Age=-1",
            NO,
        ), // a deletion is an overwrite
    ];
    for (stored, new, expected) in rows {
        let mut jar = jar();
        must_set(&mut jar, "https://www.acme.com/login/en", stored);
        let report = set(&mut jar, "http://www.acme.com/", new);
        assert_eq!(verdict(&report), expected, "{stored} then {new}");
        let mut jar = self::jar();
        must_set(&mut jar, "https://www.acme.com/login/en", stored);
        let secure = set(&mut jar, "https://www.acme.com/", new);
        assert_eq!(verdict(&secure), OK, "{stored} then {new}, securely");
    }
    // A host below the domain, and one next to it.
    let mut jar = jar();
    must_set(&mut jar, "https://a.b.acme.com/", "a=1; Secure; Path=/");
    for (request, expected) in [
        ("http://b.acme.com/", NO),
        ("http://acme.com/", NO),
        ("http://c.a.b.acme.com/", NO),
        ("http://c.b.acme.com/", OK),
        ("http://acme.org/", OK),
    ] {
        assert_eq!(
            verdict(&set(&mut jar, request, "a=2")),
            expected,
            "{request}"
        );
    }
    // Among few hosts and among many.
    let mut jar = self::jar();
    must_set(&mut jar, "https://acme.com/", "a=1; Secure");
    for number in 0..100 {
        assert_eq!(
            verdict(&set(&mut jar, "http://acme.com/", "a=2")),
            NO,
            "{number}"
        );
        must_set(&mut jar, &format!("https://host{number}.com/"), "b=1");
    }
    // An expired cookie protects nothing.
    let (mut jar, clock) = jar_with(BrowserPolicy::new());
    must_set(&mut jar, "https://acme.com/", "a=1; Secure; Max-Age=10");
    clock.advance(Duration::seconds(10));
    must_set(&mut jar, "http://acme.com/", "a=2");
}

#[test]
fn step_23_the_cookie_that_is_replaced() {
    let script = "https://acme.com/ script";
    let mut jar = jar();
    must_set(&mut jar, "https://acme.com/", "a=1; HttpOnly");
    must_set(&mut jar, "https://acme.com/", "b=1");
    let report = set(&mut jar, script, "a=2");
    assert_eq!(
        verdict(&report),
        Err(Rejection::OverwritesHttpOnly),
        "step 23.2"
    );
    let report = set(&mut jar, script, "a=2; Max-Age=0");
    assert_eq!(
        verdict(&report),
        Err(Rejection::OverwritesHttpOnly),
        "step 23.2, deleting"
    );
    must_set(&mut jar, script, "a=2; Path=/x"); // another cookie
    must_set(
        &mut jar,
        "https://acme.com/",
        "c=1; HttpOnly; Domain=acme.com",
    );
    must_set(&mut jar, script, "c=2"); // another one: other hosts share the first
    let dotted = Cookie::builder("c", "1")
        .domain(".acme.com")
        .http_only(true);
    let dotted = [dotted.build().expect("a cookie")];
    let own = Cookie::builder("c", "2").domain("acme.com").build();
    let verdict_on = jar.policy().replace_ok(
        &own.expect("a cookie"),
        (&dotted[..]).into(),
        &super::context(script),
    );
    assert_eq!(verdict_on, Ok(()));
    must_set(&mut jar, "https://127.0.0.1/ script", "d=1"); // no other host shares the name
    assert_eq!(set(&mut jar, script, "b=2").replaced, 1);

    let (mut jar, clock) = jar_with(BrowserPolicy::new());
    must_set(&mut jar, "https://acme.com/", "a=1");
    must_set(&mut jar, "https://acme.com/", "b=1");
    clock.advance(Duration::seconds(90));
    assert_eq!(
        set(&mut jar, "https://acme.com/", "a=2; Secure").replaced,
        1
    );
    let cookie = jar.get(("acme.com", "/", "a")).expect("a cookie");
    assert_eq!(cookie.creation_time(), Some(START), "step 23.3");
    assert_eq!(
        header(&jar, "https://acme.com/"),
        "a=2; b=1",
        "step 23.3: its place stays"
    );

    // The host-only-flag is part of the identity.
    must_set(&mut jar, "https://acme.com/", "a=3; Domain=acme.com");
    assert_eq!(header(&jar, "https://acme.com/"), "a=2; b=1; a=3");
    assert_eq!(header(&jar, "https://www.acme.com/"), "a=3");
    // So are the path, the case-sensitive name, and the empty name.
    must_set(&mut jar, "https://acme.com/", "a=4; Path=/x");
    must_set(&mut jar, "https://acme.com/", "A=5");
    must_set(&mut jar, "https://acme.com/", "6");
    must_set(&mut jar, "https://acme.com/", "=7");
    assert_eq!(
        header(&jar, "https://acme.com/x"),
        "a=4; a=2; b=1; a=3; A=5; 7"
    );
}

#[test]
fn partitions_keep_apart() {
    let (top, other) = (
        "https://acme.com/ in:https://top.com",
        "https://acme.com/ in:https://other.com",
    );
    let mut jar = jar();
    must_set(&mut jar, "https://acme.com/", "a=own");
    must_set(&mut jar, top, "a=top; Secure; Partitioned");
    must_set(&mut jar, other, "a=other; Secure; Partitioned");
    must_set(&mut jar, other, "b=shared");
    assert_eq!(jar.len(), 4);
    assert_eq!(header(&jar, "https://acme.com/"), "a=own; b=shared");
    assert_eq!(header(&jar, top), "a=own; a=top; b=shared");
    assert_eq!(header(&jar, other), "a=own; a=other; b=shared");
    assert_eq!(
        header(&jar, "http://acme.com/ in:https://top.com"),
        "a=own; b=shared"
    );

    let partitioned = jar
        .get(CookieId::new("acme.com", "/", "a").in_partition("https://top.com"))
        .expect("a cookie");
    assert_eq!(partitioned.partition_key(), Some("https://top.com"));
    assert_eq!(
        jar.get(("acme.com", "/", "a")).and_then(Cookie::value),
        Some("own")
    );
    // By hand, a cookie is stored only in the request's partition.
    let astray = partitioned.clone();
    let rejected = jar.set_cookie_if_ok(astray, context(other));
    assert_eq!(rejected, Err(Rejection::OtherPartition));
    // Deleting is in the partition, too.
    assert_eq!(
        set(&mut jar, top, "a=x; Secure; Partitioned; Max-Age=0").removed,
        1
    );
    assert_eq!(header(&jar, top), "a=own; b=shared");
    assert!(
        jar.remove(CookieId::new("acme.com", "/", "a").in_partition("https://top.com"))
            .is_err()
    );
    assert_eq!(jar.clear_domain("acme.com"), Ok(2));
    assert_eq!(jar.clear_in("https://other.com"), Ok(1));
    assert!(jar.is_empty() && jar.clear_in("https://other.com").is_err());
    // Without a partition in the request it is an ordinary cookie.
    must_set(&mut jar, "https://acme.com/", "c=1; Secure; Partitioned");
    assert_eq!(header(&jar, "https://acme.com/"), "c=1");
}

#[test]
fn options_of_setting() {
    let policy = BrowserPolicy::new()
        .lax_by_default(false)
        .same_site_none_needs_secure(false);
    let (mut jar, _) = jar_with(policy);
    must_set(&mut jar, "https://acme.com/ by:https://evil.com/", "a=1");
    must_set(
        &mut jar,
        "http://acme.com/ by:https://evil.com/",
        "b=1; SameSite=None",
    );
    let strict = set(
        &mut jar,
        "https://acme.com/ by:https://evil.com/",
        "c=1; SameSite=Lax",
    );
    assert_eq!(verdict(&strict), Err(Rejection::CrossSiteResponse));
    for host in [
        "http://localhost:3000/",
        "http://app.localhost/",
        "http://127.9.9.9/",
        "http://[::1]:1/",
    ] {
        must_set(&mut jar, host, "__Host-s=1; Secure; Path=/");
        assert_eq!(header(&jar, host), "__Host-s=1", "{host}");
        must_set(&mut jar, host, "__Host-s=2; Secure; Path=/");
    }
    let elsewhere = set(&mut jar, "http://acme.com/", "d=1; Secure");
    assert_eq!(verdict(&elsewhere), Err(Rejection::InsecureRequest));
}

#[test]
fn this_very_machine_is_secure_unless_switched_off() {
    let own = "http://localhost:3000/";
    let mut jar = jar();
    must_set(&mut jar, own, "s=1; Secure");
    must_set(&mut jar, own, "p=1");
    let told = |jar: &cookiejar::CookieJar<BrowserPolicy>, request: &str| -> Vec<String> {
        let explained = jar.explain(context(request));
        explained.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        told(&jar, own),
        [
            "<Cookie s for localhost/>: sent without TLS, to this very machine",
            "<Cookie p for localhost/>: sent",
        ]
    );
    let with_tls = told(&jar, "https://localhost:3000/");
    assert_eq!(with_tls[0], "<Cookie s for localhost/>: sent");

    jar.policy_mut().set_loopback_is_secure(false);
    let rejected = set(&mut jar, own, "t=1; Secure");
    assert_eq!(verdict(&rejected), Err(Rejection::InsecureRequest));
    assert_eq!(header(&jar, own), "p=1");
    let explained = jar.explain(context(own));
    assert_eq!(explained[0].verdict, Err(Rejection::InsecureRequest));
    assert!(!explained[0].without_tls);
}

#[test]
fn a_list_is_known_by_what_it_has() {
    // An empty list is an error when parsed; the absence of a list must be requested by name.
    assert!(PublicSuffixes::parse("").is_err());
    assert!(PublicSuffixes::parse("// only a comment\n").is_err());
    let (mut jar, _) = jar_with(BrowserPolicy::with_suffixes(PublicSuffixes::none()));
    must_set(&mut jar, ACME, "a=b; Domain=com");
    let loaded = PublicSuffixes::parse("com\nacme.com\n").expect("a list");
    let (mut jar, _) = jar_with(BrowserPolicy::with_suffixes(loaded));
    let report = set(&mut jar, ACME, "a=b; Domain=ACME.com");
    assert_eq!(verdict(&report), Err(Rejection::PublicSuffix));
    assert_eq!(
        set(&mut jar, "https://x.co.uk/", "a=b; Domain=co.uk").stored,
        1
    );
}
