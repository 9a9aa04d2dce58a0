use super::*;
use crate::cookie::SameSite;
use crate::request::RequestContext;
use crate::set_cookie::tests::shown;
use crate::settings::Dialect;

const NOW: i64 = 1_700_000_000;

fn made(field: &[u8]) -> Result<Cookie, Rejection> {
    let request = RequestContext::new("http", "www.acme.com", 8080, "/a/b");
    make_cookie(
        parse(field),
        &Reader::new(Dialect::Rfc6265bis, &request, NOW),
    )
}

#[track_caller]
fn cookie(field: &str) -> Cookie {
    made(field.as_bytes()).expect("a cookie")
}

#[test]
fn names_and_values() {
    // field, name, value
    let rows = [
        ("a=b", "a", "b"),
        ("a", "", "a"),
        ("=a", "", "a"),
        ("a=", "a", ""),
        (" a b = c d ", "a b", "c d"),
        ("a=\"b\"", "a", "\"b\""),
    ];
    for (field, name, value) in rows {
        let cookie = cookie(field);
        assert_eq!(
            (cookie.name(), cookie.value()),
            (name, Some(value)),
            "{field}"
        );
        assert_eq!((cookie.version(), cookie.port()), (0, None), "{field}");
    }
    for (field, reason) in [
        ("", Rejection::EmptyPair),
        ("=", Rejection::EmptyPair),
        (" = ", Rejection::EmptyPair),
        ("; Path=/", Rejection::EmptyPair),
        ("=a=b", Rejection::NamelessPair),
        ("==", Rejection::NamelessPair),
        ("__host-a", Rejection::NamelessPrefix),
        ("= __Secure-a", Rejection::NamelessPrefix),
    ] {
        assert_eq!(made(field.as_bytes()), Err(reason), "{field:?}");
    }
}

#[test]
fn lifetimes() {
    // field, seconds until it expires
    let rows = [
        ("a=b; Max-Age=60", Some(60)),
        ("a=b; Max-Age=0", Some(0)),
        ("a=b; Max-Age=-0", Some(0)),
        ("a=b; Max-Age=-5", Some(-5)),
        ("a=b; Max-Age=10; max-age=20", Some(20)), // the last one counts
        ("a=b; Max-Age=10; Max-Age=x", Some(10)),  // the last valid one
        ("a=b; Max-Age=", None),
        ("a=b; Max-Age", None),
        ("a=b; Max-Age=+5", None),
        ("a=b; Max-Age=5.0", None),
        ("a=b; Max-Age=\"5\"", None),
        ("a=b; Max-Age=-", None),
        (
            "a=b; Max-Age=x; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
            Some(86_400),
        ),
        (
            "a=b; Max-Age=10; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
            Some(10),
        ),
        (
            "a=b; Expires=Wed, 15 Nov 2023 22:13:20 GMT; Max-Age=10",
            Some(10),
        ),
        ("a=b; Expires=15 Nov 2023 22:13:20 +0100", Some(86_400)), // zones are ignored
        (
            "a=b; Expires=\"Wed, 15 Nov 2023 22:13:20 GMT\"",
            Some(86_400),
        ), // quotes delimit
        (
            "a=b; Expires=Tue, 14 Nov 2023 22:13:20 GMT; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
            Some(86_400),
        ),
        (
            "a=b; Expires=Wed, 15 Nov 2023 22:13:20 GMT; Expires=junk",
            Some(86_400),
        ),
        ("a=b; Expires=junk", None),
        ("a=b; Expires", None),
    ];
    for (field, seconds) in rows {
        let expected = seconds.map(|seconds| NOW + seconds);
        assert_eq!(cookie(field).expires_seconds(), expected, "{field}");
    }
    let forever = cookie("a=b; Max-Age=99999999999999999999999");
    assert_eq!(forever.expires_seconds(), Some(date::END_OF_9999));
    assert!(cookie("a=b; Max-Age=-99999999999999999999999").is_expired_at(NOW));
}

#[test]
fn domains() {
    // field, stored domain
    let rows = [
        ("a=b", "www.acme.com"),
        ("a=b; Domain=acme.com", ".acme.com"),
        ("a=b; Domain=.acme.com", ".acme.com"),
        ("a=b; DOMAIN = ACME.com ", ".acme.com"),
        ("a=b; Domain=x.com; Domain=acme.com", ".acme.com"), // the last one counts
        ("a=b; Domain=acme.com; Domain=", "www.acme.com"),   // even if it is empty
        ("a=b; Domain", "www.acme.com"),
        ("a=b; Domain=.", "www.acme.com"),
    ];
    for (field, domain) in rows {
        assert_eq!(cookie(field).domain(), domain, "{field}");
    }
    let international = "a=b; Domain=b\u{fc}cher.example".as_bytes();
    assert_eq!(made(international), Err(Rejection::DomainNotAscii));
    assert_eq!(made(b"a=b; Domain=\xff"), Err(Rejection::DomainNotAscii));
    assert_eq!(made(b"a=b; Domain=a b"), Err(Rejection::InvalidDomain));
}

#[test]
fn paths() {
    // field, path, whether the server specified it
    let rows = [
        ("a=b", "/a", false),
        ("a=b; Path=/x y%c3", "/x y%c3", true), // unchanged
        ("a=b; Path=/x; path=/y", "/y", true),
        ("a=b; Path=/x; Path=y", "/a", false), // the last one counts, and is not a path
        ("a=b; Path=/x; Path", "/a", false),
        ("a=b; Path=", "/a", false),
        ("a=b; Path=\"/\"", "/a", false),
    ];
    for (field, path, specified) in rows {
        let cookie = cookie(field);
        assert_eq!(
            (cookie.path(), cookie.path_specified()),
            (path, specified),
            "{field}"
        );
    }
}

#[test]
fn flags_and_the_rest() {
    let all = cookie("a=b; secure=no; HTTPONLY=no; SameSite=Strict; samesite=LAX; Partitioned");
    assert!(all.secure() && all.http_only() && all.partitioned());
    assert_eq!(all.same_site(), Some(SameSite::Lax));
    assert_eq!(cookie("a=b; SameSite=Strict; SameSite=x").same_site(), None); // the last one
    assert_eq!(cookie("a=b; SameSite").same_site(), None);
    let names = |cookie: &Cookie| -> Vec<_> {
        let names = cookie.nonstandard_attrs().map(|(name, _)| name.to_owned());
        names.collect()
    };
    assert_eq!(names(&all), ["HTTPONLY", "samesite", "Partitioned"]);
    let old =
        cookie("a=b; Version=1; Port=\"80\"; Comment=c; Discard; ;=x; Max-Age=5; Priority=High");
    assert_eq!(names(&old), [""; 0]);
    assert_eq!((old.version(), old.port(), old.comment()), (0, None, None));
    assert!(!old.discard());
}

#[test]
fn long_values_of_attributes_count_for_nothing() {
    let long = |len: usize| format!("a=b; Path=/x; Path=/{}", "y".repeat(len - 1));
    assert_eq!(cookie(&long(1_025)).path(), "/x");
    assert_eq!(cookie(&long(1_024)).path().len(), 1_024);
    let domain = format!("a=b; Domain=acme.com; Domain={}", "y".repeat(1_025));
    assert_eq!(cookie(&domain).domain(), ".acme.com");
    let secure = format!("a=b; Secure={}", "y".repeat(1_025));
    assert!(!cookie(&secure).secure());
}

#[test]
fn attributes_that_are_not_the_draft_s_do_not_count() {
    let field = ["a=b", &"; SameSite=Lax; x=yyyyyyyyyyyyyyyy".repeat(1_800)].concat();
    let cookie = cookie(&field);
    assert_eq!(cookie.same_site(), Some(SameSite::Lax));
    assert!(!cookie.is_longer_than(30));
}

#[test]
fn control_octets_are_noted_wherever_they_stand() {
    let long = format!("a=b; x=\x01{}", "y".repeat(1_025));
    for field in [
        "a=\x01",
        "\x01=a",
        "a=b; Path=/\x02",
        "a=b; Secure=\x7f",
        "a=b;=\x01",
        &long,
    ] {
        assert!(cookie(field).has_control_octets(), "{field:?}");
    }
    assert!(!cookie("a=b\tc; d=\t").has_control_octets());
    for field in [&b"a=b\0"[..], b"a=b; x=\r", b"a\n=b"] {
        assert_eq!(made(field), Err(Rejection::ForbiddenOctet), "{field:?}");
    }
}

#[test]
fn any_bytes_come_back() {
    let cookie = made(b"\xe9=\xff\x80; k=\xe8; Path=/\xe9").expect("a cookie");
    assert_eq!(&*cookie.name_bytes(), b"\xe9");
    assert_eq!(cookie.value_bytes().as_deref(), Some(&b"\xff\x80"[..]));
    assert_eq!(&*cookie.path_bytes(), b"/\xe9");
}

#[test]
fn many_attributes_take_linear_time() {
    for unit in ["; x=y", "; Path=/x", ";", "; Expires=x", "; SameSite=Lax"] {
        let field = ["a=b", &unit.repeat(100_000)].concat();
        assert_eq!(cookie(&field).name(), "a");
    }
}

/// A field as `name=value|key=value|key`.
fn split(field: &str) -> String {
    shown(parse(field.as_bytes()))
}

#[test]
fn fields_in_their_pieces() {
    let rows = [
        ("a=b", "a=b"),
        ("a", "=a"), // a value without a name
        ("=a", "=a"),
        ("a=", "a="),
        ("", "="),
        ("=", "="),
        ("a=b=c", "a=b=c"),
        ("=a=b", "=a=b"),
        (" a = b ;\tPath = / ; Secure", "a=b|Path=/|Secure"),
        ("a=b;;  ;=x;Path=/", "a=b|||=x|Path=/"), // the splitter leaves invalid attributes to its callers
        ("a=\"b;c\"", "a=\"b|c\""),               // quotes do not protect
        ("a=b; Expires=\"x\"", "a=b|Expires=\"x\""),
        ("a b = c d", "a b=c d"),
        ("a=\u{b}b\u{b}", "a=\u{b}b\u{b}"), // only space and tab are trimmed
        ("\u{a0}a=b\u{a0}", "\u{a0}a=b\u{a0}"),
        (" ;a=b", "=|a=b"),
    ];
    for (field, expected) in rows {
        assert_eq!(split(field), expected, "{field:?}");
    }
}

#[test]
fn bytes_stay_bytes() {
    let mut attributes = parse(b"\xe9=\xff; \x80=\x81");
    assert_eq!(attributes.name, b"\xe9");
    assert_eq!(attributes.value, Some(&b"\xff"[..]));
    assert_eq!(attributes.pairs.next().expect("an attribute").key, b"\x80");
}

#[test]
fn long_fields_take_linear_time() {
    for unit in [";", "a=b;", "=", " ", ";=", "\t;"] {
        let field = unit.repeat(200_000);
        assert!(parse(field.as_bytes()).pairs.count() <= field.len());
    }
}
