use super::*;
use crate::set_cookie::header_words;
use crate::set_cookie::tests::shown;
use crate::settings::Dialect;

const NOW: i64 = 1_700_000_000;

fn request() -> RequestContext<'static> {
    RequestContext::new("http", "www.acme.com", 8080, "/a/b")
}

fn reader<'r>(request: &'r RequestContext<'r>) -> Reader<'r> {
    Reader::new(Dialect::Python, request, NOW)
}

fn made(field: &str) -> Result<Cookie, Rejection> {
    make_cookie(&parse(field.as_bytes())?, &reader(&request()))
}

fn made2(field: &str) -> Vec<Result<Cookie, Rejection>> {
    header_words::parse(field.as_bytes())
        .map(|attributes| make_cookie(&attributes, &reader(&request())))
        .collect()
}

#[track_caller]
fn cookie(field: &str) -> Cookie {
    made(field).expect("a cookie")
}

#[test]
fn a_cookie_without_attributes() {
    let cookie = cookie("a=b");
    assert_eq!(
        (cookie.name(), cookie.value(), cookie.version()),
        ("a", Some("b"), 0)
    );
    assert_eq!(
        (cookie.domain(), cookie.domain_specified()),
        ("www.acme.com", false)
    );
    assert_eq!((cookie.path(), cookie.path_specified()), ("/a", false));
    assert_eq!((cookie.port(), cookie.port_specified()), (None, false));
    assert_eq!(
        (cookie.expires(), cookie.discard(), cookie.secure()),
        (None, true, false)
    );
}

#[test]
fn lifetimes() {
    // field, seconds until it expires
    let rows = [
        ("a=b; Max-Age=60", Some(60)),
        ("a=b; Max-Age=0", Some(0)),
        ("a=b; Max-Age=-5", Some(-5)),
        ("a=b; Max-Age=10; max-age=20", Some(20)), // the last one counts
        (
            "a=b; Max-Age=10; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
            Some(10),
        ),
        (
            "a=b; Expires=Wed, 15 Nov 2023 22:13:20 GMT; Max-Age=10",
            Some(10),
        ),
        ("a=b; Expires=Wed, 15 Nov 2023 22:13:20 GMT", Some(86_400)),
        (
            "a=b; Expires=\"Wed, 15 Nov 2023 22:13:20 GMT\"",
            Some(86_400),
        ),
        (
            "a=b; Expires=junk; Expires=Wed, 15 Nov 2023 22:13:20 GMT",
            Some(86_400),
        ),
        ("a=b; Expires=junk", None),
        ("a=b; Expires", None),
    ];
    for (field, seconds) in rows {
        assert_eq!(
            cookie(field).expires_seconds(),
            seconds.map(|s| NOW + s),
            "{field}"
        );
    }
    let forever = cookie("a=b; Max-Age=99999999999999999999999");
    assert_eq!(forever.expires_seconds(), Some(date::END_OF_9999));
    assert!(cookie("a=b; Max-Age=-99999999999999999999999").is_expired_at(NOW));
}

#[test]
fn attributes_that_refuse_the_cookie() {
    let rows = [
        ("a=b; Max-Age", Rejection::AttributeWithoutValue),
        ("a=b; Max-Age=", Rejection::InvalidMaxAge),
        ("a=b; Max-Age=+5", Rejection::InvalidMaxAge),
        ("a=b; Max-Age=1_0", Rejection::InvalidMaxAge),
        ("a=b; Max-Age=\"5\"", Rejection::InvalidMaxAge),
        ("a=b; Domain", Rejection::AttributeWithoutValue),
        ("a=b; Path", Rejection::AttributeWithoutValue),
        ("a=b; Version", Rejection::AttributeWithoutValue),
        ("a=b; Version=", Rejection::InvalidVersion),
        ("a=b; Version=-1", Rejection::InvalidVersion),
        ("a=b; Version=1.0", Rejection::InvalidVersion),
        ("a=b; Domain=", Rejection::InvalidDomain),
        ("a=b; Domain=.", Rejection::InvalidDomain),
        ("a=b; Domain=a b", Rejection::InvalidDomain),
        ("a=b\0", Rejection::ForbiddenOctet),
        ("a=b; Expires=\n", Rejection::ForbiddenOctet),
        ("", Rejection::MissingName),
    ];
    for (field, rejection) in rows {
        assert_eq!(made(field), Err(rejection), "{field:?}");
    }
}

#[test]
fn first_of_equal_attributes() {
    let cookie =
        cookie("a=b; Path=/x; path=/y; Secure; Domain=acme.com; domain=evil.example; Port; Port=1");
    assert_eq!(cookie.path(), "/x");
    assert_eq!(cookie.domain(), ".acme.com");
    assert_eq!(
        (cookie.port(), cookie.port_specified()),
        (Some("8080"), false)
    );
}

#[test]
fn domains_and_paths() {
    let dotted = cookie("a=b; Domain=.ACME.com");
    assert_eq!(
        (dotted.domain(), dotted.domain_initial_dot()),
        (".acme.com", true)
    );
    let bare = cookie("a=b; Domain=Acme.com");
    assert_eq!(
        (bare.domain(), bare.domain_initial_dot()),
        (".acme.com", false)
    );
    assert_eq!(
        cookie("a=b; Domain=b\u{fc}cher.example").domain(),
        ".xn--bcher-kva.example"
    );
    assert_eq!(cookie("a=b; Path=/x y%c3").path(), "/x%20y%C3");
    for none in ["a=b; Path=", "a=b; Path=x", "a=b; Path=\"/\""] {
        assert_eq!(
            (cookie(none).path(), cookie(none).path_specified()),
            ("/a", false),
            "{none}"
        );
    }
    assert_eq!(cookie("a=b; Version=1").path(), "/a/");
}

#[test]
fn flags_and_the_rest() {
    let all =
        cookie("a=b; Secure=; Discard; HttpOnly; SameSite=lax; Comment=c; CommentURL=u; x=1; X=2");
    assert!(all.secure() && all.discard() && all.http_only());
    assert_eq!(all.same_site(), Some(crate::cookie::SameSite::Lax));
    assert_eq!((all.comment(), all.comment_url()), (Some("c"), Some("u")));
    assert_eq!(all.nonstandard_attr("x"), Some("2")); // looked up case-insensitively, the last one counts
    let names: Vec<_> = all.nonstandard_attrs().map(|(name, _)| name).collect();
    assert_eq!(names, ["HttpOnly", "SameSite", "x", "X"]);
    assert!(!cookie("a=b; Max-Age=5; Discard=").discard());
    assert!(cookie("a=b; Max-Age=5; Discard=x").discard());
}

#[test]
fn ports_lose_their_blanks() {
    assert_eq!(cookie("a=b; Port= 80, 81\t,82").port(), Some("80,81,82"));
    assert_eq!(cookie("a=b; Port=").port(), Some(""));
}

#[test]
fn a_port_without_a_value_is_that_of_the_request_and_no_other_is_made_up() {
    // attributes, ports
    let rows = [
        ("Comment=c", None), // it restricts no port
        ("Comment=c; Port", Some("8080")),
        ("Port=\"80,8080\"", Some("80,8080")),
    ];
    for (attributes, ports) in rows {
        let made = made2(&format!("a=1; Version=1; {attributes}"));
        let cookie = made[0].as_ref().expect("a cookie");
        assert_eq!(cookie.port(), ports, "{attributes}");
    }
}

#[test]
fn the_end_of_an_address_and_the_root_are_no_names_above_the_host() {
    // host, attribute, domain
    let rows = [
        ("www.acme.com", "acme.com", Ok(".acme.com")),
        ("127.0.0.1", "127.0.0.1", Ok(".127.0.0.1")),
        ("127.0.0.1", "0.1", Ok(".0.0.0.1")), // another address
        ("www.acme.com.", "acme.com.", Ok(".acme.com.")),
        ("www.acme.com.", ".", Err(Rejection::InvalidDomain)),
    ];
    for (host, attribute, domain) in rows {
        let request = RequestContext::new("http", host, None, "/");
        let field = format!("a=b; Domain={attribute}");
        let attributes = parse(field.as_bytes()).expect("attributes");
        let made = make_cookie(&attributes, &reader(&request));
        let made = made.map(|cookie| cookie.domain().to_owned());
        assert_eq!(made, domain.map(str::to_owned), "{host}");
    }
}

#[test]
fn set_cookie2_wants_a_version() {
    let made = made2("a=1; Version=1; Port, b=2, c=\"3\\\"\"; Version=\"1\"; Path=/");
    let [first, second, third] = made.as_slice() else {
        panic!("three cookies")
    };
    let first = first.as_ref().expect("a cookie");
    assert_eq!(
        (first.version(), first.path(), first.port()),
        (1, "/a/", Some("8080"))
    );
    assert_eq!(*second, Err(Rejection::MissingVersion));
    assert_eq!(third.as_ref().expect("a cookie").value(), Some("3\""));
}

#[test]
fn any_bytes_come_back() {
    let attributes = parse(b"\xe9=\xff\x80; k=\xe8; Path=/\xe9").expect("attributes");
    let cookie = make_cookie(&attributes, &reader(&request())).expect("a cookie");
    assert_eq!(&*cookie.name_bytes(), b"\xe9");
    assert_eq!(cookie.value_bytes().as_deref(), Some(&b"\xff\x80"[..]));
    assert_eq!(
        (cookie.name(), cookie.value()),
        ("\u{e9}", Some("\u{ff}\u{80}"))
    );
    assert_eq!(cookie.nonstandard_attr("k"), Some("\u{e8}"));
    assert_eq!(cookie.path(), "/%E9");
}

#[test]
fn control_octets_are_noted_wherever_they_stand() {
    for field in [
        "a=\x01",
        "\x01=a",
        "a=b; Path=/\x02",
        "a=b; Secure=\x7f",
        "a=b; Expires=\x01",
        "a=b; \x01",
    ] {
        assert!(cookie(field).has_control_octets(), "{field:?}");
    }
    assert!(!cookie("a=b\tc; d=\t").has_control_octets());
}

#[test]
fn many_attributes_take_linear_time() {
    let field = ["a=b", &"; x=y".repeat(100_000)].concat();
    assert_eq!(cookie(&field).nonstandard_attrs().count(), 100_000);
}

/// A field as `name=value|key=value|key`, with `?` for a name without value.
#[track_caller]
fn split(field: &str) -> String {
    match parse(field.as_bytes()) {
        Err(rejection) => format!("{rejection:?}"),
        Ok(attributes) => shown(attributes),
    }
}

#[test]
fn fields_in_their_pieces() {
    let rows = [
        ("a=b", "a=b"),
        ("a", "a"), // a name without a value
        ("a=", "a="),
        ("a=b=c", "a=b=c"),
        (" a = b ;\tPath = / ; Secure", "a=b|Path=/|Secure"),
        ("a=b;;  ;=x;Path=/", "a=b|Path=/"), // a piece without a key is ignored
        ("a=\"b;c\"", "a=\"b|c\""),          // quotes do not protect
        ("a=b; Expires=\"x\"; Version=\"1", "a=b|Expires=x|Version=1"),
        ("a=b; Path=\"/\"", "a=b|Path=\"/\""), // no other attribute loses its quotes
        ("a=b; Comment=c,d", "a=b|Comment=c,d"),
        ("a=\u{b}b\u{b}", "a=\u{b}b\u{b}"), // only space and tab are trimmed
        ("", "MissingName"),
        ("=b", "MissingName"),
        (" ;a=b", "MissingName"),
    ];
    for (field, expected) in rows {
        assert_eq!(split(field), expected, "{field:?}");
    }
}

#[test]
fn bytes_stay_bytes() {
    let mut attributes = parse(b"\xe9=\xff; \x80=\x81").expect("a cookie");
    assert_eq!(attributes.name, b"\xe9");
    assert_eq!(attributes.value, Some(&b"\xff"[..]));
    assert_eq!(attributes.pairs.next().expect("an attribute").key, b"\x80");
}
