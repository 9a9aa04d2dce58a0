//! The retrieval algorithm: RFC 6265bis, section 5.8.3.

use cookiejar::{BrowserPolicy, Cookie, PolicyExt, Provenance, Rejection};
use time::Duration;

use super::{context, header, jar, jar_with, must_set};

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn every_condition_of_step_1() {
    use Rejection as R;
    const OK: Result<(), Rejection> = Ok(());
    const BY_EVIL: &str = "https://acme.com/ by:https://evil.com/";
    let rows: &[(&str, &str, &str, Result<(), Rejection>)] = &[
        // condition, field that https://acme.com/ set, request, verdict
        ("host-only: identical", "a=b", "https://acme.com/", OK),
        (
            "host-only: below",
            "a=b",
            "https://www.acme.com/",
            Err(R::HostOnly),
        ),
        (
            "host-only: elsewhere",
            "a=b",
            "https://evil.com/",
            Err(R::DomainMismatch),
        ),
        (
            "host-only: a dot behind",
            "a=b",
            "https://acme.com./",
            Err(R::DomainMismatch),
        ),
        (
            "domain: identical",
            "a=b; Domain=acme.com",
            "https://acme.com/",
            OK,
        ),
        (
            "domain: below",
            "a=b; Domain=acme.com",
            "https://x.www.acme.com/",
            OK,
        ),
        (
            "domain: not at a label",
            "a=b; Domain=acme.com",
            "https://xacme.com/",
            Err(R::DomainMismatch),
        ),
        (
            "domain: above",
            "a=b; Domain=acme.com",
            "https://com/",
            Err(R::DomainMismatch),
        ),
        ("path: identical", "a=b; Path=/x", "https://acme.com/x", OK),
        ("path: below", "a=b; Path=/x", "https://acme.com/x/y", OK),
        (
            "path: with a slash",
            "a=b; Path=/x/",
            "https://acme.com/x/y",
            OK,
        ),
        (
            "path: without it",
            "a=b; Path=/x/",
            "https://acme.com/x",
            Err(R::PathMismatch),
        ),
        (
            "path: not at a segment",
            "a=b; Path=/x",
            "https://acme.com/xy",
            Err(R::PathMismatch),
        ),
        (
            "path: above",
            "a=b; Path=/x",
            "https://acme.com/",
            Err(R::PathMismatch),
        ),
        (
            "path: in its case",
            "a=b; Path=/x",
            "https://acme.com/X",
            Err(R::PathMismatch),
        ),
        (
            "path: as it came",
            "a=b; Path=/%7e",
            "https://acme.com/~",
            Err(R::PathMismatch),
        ),
        (
            "path: a query is not part of it",
            "a=b; Path=/x",
            "https://acme.com/x?/y",
            OK,
        ),
        ("secure: https", "a=b; Secure", "https://acme.com/", OK),
        ("secure: wss", "a=b; Secure", "wss://acme.com/", OK),
        (
            "secure: http",
            "a=b; Secure",
            "http://acme.com/",
            Err(R::InsecureRequest),
        ),
        ("secure: not asked for", "a=b", "http://acme.com/", OK),
        (
            "port: is nothing",
            "a=b; Secure",
            "https://acme.com:8443/",
            OK,
        ),
        ("http-only: HTTP", "a=b; HttpOnly", "https://acme.com/", OK),
        (
            "http-only: a script",
            "a=b; HttpOnly",
            "https://acme.com/ script",
            Err(R::HttpOnly),
        ),
        (
            "http-only: not asked for",
            "a=b",
            "https://acme.com/ script",
            OK,
        ),
        (
            "same-site: nothing known",
            "a=b; SameSite=Strict",
            "https://acme.com/",
            OK,
        ),
        (
            "same-site: the site itself",
            "a=b; SameSite=Strict",
            "https://acme.com/ by:https://www.acme.com/",
            OK,
        ),
        (
            "same-site: the user",
            "a=b; SameSite=Strict",
            "https://acme.com/ by:https://evil.com/ user",
            OK,
        ),
        (
            "same-site: Strict",
            "a=b; SameSite=Strict",
            BY_EVIL,
            Err(R::SameSiteStrict),
        ),
        (
            "same-site: Strict, top-level",
            "a=b; SameSite=Strict",
            "https://acme.com/ by:https://evil.com/ top",
            Err(R::SameSiteStrict),
        ),
        (
            "same-site: another scheme",
            "a=b; SameSite=Strict",
            "https://acme.com/ by:http://acme.com/",
            Err(R::SameSiteStrict),
        ),
        (
            "same-site: Lax",
            "a=b; SameSite=Lax",
            BY_EVIL,
            Err(R::SameSiteLax),
        ),
        (
            "same-site: Lax, top-level",
            "a=b; SameSite=Lax",
            "https://acme.com/ by:https://evil.com/ top",
            OK,
        ),
        (
            "same-site: Lax, unsafe",
            "a=b; SameSite=Lax",
            "https://acme.com/ by:https://evil.com/ top POST",
            Err(R::SameSiteLax),
        ),
        (
            "same-site: Lax, a script",
            "a=b; SameSite=Lax",
            "https://acme.com/ by:https://evil.com/ top script",
            Err(R::SameSiteLax),
        ),
        (
            "same-site: Default",
            "a=b",
            BY_EVIL,
            Err(R::SameSiteDefault),
        ),
        (
            "same-site: Default, unknown",
            "a=b; SameSite=x",
            BY_EVIL,
            Err(R::SameSiteDefault),
        ),
        (
            "same-site: Default, top-level",
            "a=b",
            "https://acme.com/ by:https://evil.com/ top",
            OK,
        ),
        ("same-site: None", "a=b; Secure; SameSite=None", BY_EVIL, OK),
        (
            "same-site: None, unsafe",
            "a=b; Secure; SameSite=None",
            "https://acme.com/ by:https://evil.com/ POST",
            OK,
        ),
    ];
    for (condition, field, request, expected) in rows {
        let mut jar = jar();
        must_set(&mut jar, "https://acme.com/", field);
        let cookie = jar.iter().next().expect("a cookie");
        let verdict = jar.policy().may_return(cookie, &context(request));
        assert_eq!(verdict, *expected, "{condition}: {field} to {request}");
        // The jar sends exactly that, and gives the same reason for the cookies in its reach.
        assert_eq!(
            !header(&jar, request).is_empty(),
            expected.is_ok(),
            "{condition}"
        );
        for explained in jar.explain(context(request)) {
            assert_eq!(explained.verdict, *expected, "{condition}, explained");
        }
    }
}

#[test]
fn a_path_that_is_not_utf8_matches_no_text() {
    let mut jar = jar();
    super::set(&mut jar, "https://acme.com/", b"a=b; Path=/\xe9");
    let cookie = jar.iter().next().expect("a cookie");
    let request = cookiejar::RequestContext::new("https", "acme.com", None, "/\u{e9}");
    let verdict = jar.policy().may_return(cookie, &request);
    assert_eq!(verdict, Err(Rejection::PathMismatch));
}

#[test]
fn what_came_in_by_another_way_is_held_to_the_rules() {
    let mut jar = jar();
    let cookie = |domain| Cookie::builder("a", "b").domain(domain);
    jar.set_cookie(cookie(".com").build().expect("a cookie"));
    let explained = jar.explain(context("https://acme.com/"));
    assert_eq!(explained[0].verdict, Err(Rejection::PublicSuffix));
    let far = cookie("acme.com").partition_key("https://top.com").build();
    let far = far.expect("a cookie");
    let own = context("https://acme.com/");
    assert_eq!(
        jar.policy().may_return(&far, &own),
        Err(Rejection::OtherPartition)
    );
    assert_eq!(
        jar.set_cookie_if_ok(far, &own),
        Err(Rejection::OtherPartition)
    );
    let elsewhere = cookie("www.acme.com").build().expect("a cookie");
    assert_eq!(
        jar.set_cookie_if_ok(elsewhere, &own),
        Err(Rejection::DomainMismatch)
    );
    let old = cookie("acme.com")
        .expires(super::START)
        .build()
        .expect("a cookie");
    let later = own.clone().caused_by(Provenance::new().at(super::START));
    assert_eq!(
        jar.policy().may_return(&old, &later),
        Err(Rejection::Expired)
    );
}

#[test]
fn the_age_exception_of_lax_by_default() {
    let post = "https://acme.com/ by:https://evil.com/ top POST";
    let fields = ["a=1", "b=1; SameSite=Lax"];
    let (mut jar, clock) = jar_with(BrowserPolicy::new());
    for field in fields {
        must_set(&mut jar, "https://acme.com/", field);
    }
    assert_eq!(header(&jar, post), "a=1");
    assert_eq!(
        header(&jar, "https://acme.com/ by:https://evil.com/ POST"),
        ""
    );
    clock.advance(Duration::seconds(120));
    assert_eq!(header(&jar, post), "a=1");
    // Overwriting it does not reset its creation time.
    must_set(&mut jar, "https://acme.com/", "a=2");
    clock.advance(Duration::seconds(1));
    assert_eq!(header(&jar, post), "");

    let (mut jar, _) = jar_with(BrowserPolicy::new().lax_allows_unsafe(false));
    must_set(&mut jar, "https://acme.com/", "a=1");
    assert_eq!(header(&jar, post), "");
    let (mut jar, _) = jar_with(BrowserPolicy::new().lax_by_default(false));
    must_set(&mut jar, "https://acme.com/", "a=1");
    assert_eq!(header(&jar, post), "a=1");
    assert_eq!(
        header(&jar, "https://acme.com/ by:https://evil.com/"),
        "a=1"
    );
}

#[test]
fn steps_2_to_4_the_cookie_string() {
    let (mut jar, clock) = jar_with(BrowserPolicy::new());
    for field in [
        "short=1",
        "long=2; Path=/a/b",
        "=nameless",
        "empty=",
        "q=\"x y\"",
        "=a b; Path=/a",
    ] {
        must_set(&mut jar, "https://acme.com/", field);
    }
    clock.advance(Duration::seconds(5));
    // Step 2: longer paths first, then earlier ones; step 4: the name, if any, with its `=`.
    assert_eq!(
        header(&jar, "https://acme.com/a/b/c"),
        "long=2; a b; short=1; nameless; empty=; q=\"x y\""
    );
    // Step 3.
    let used = |jar: &cookiejar::CookieJar<_>, path, name| {
        jar.get(("acme.com", path, name))
            .and_then(Cookie::last_access_time)
    };
    assert_eq!(
        used(&jar, "/", "short"),
        Some(super::START + Duration::seconds(5))
    );
    must_set(&mut jar, "https://acme.com/", "unused=1; Path=/x");
    assert_eq!(used(&jar, "/x", "unused"), None);
    // Bytes are sent as they were received.
    super::set(&mut jar, "https://bytes.example/", b"\xe9=\xff");
    let sent = jar
        .cookie_header(context("https://bytes.example/"))
        .expect("a cookie");
    assert_eq!(sent.as_bytes(), b"\xe9=\xff");
}

/// A cookie that was made while the clock was ahead is not in its first two minutes for ever.
#[test]
fn a_clock_set_back_does_not_keep_a_cookie_young() {
    let (mut jar, clock) = jar_with(BrowserPolicy::new());
    let url = |text| url::Url::parse(text).expect("a URL");
    let bank = url("https://bank.com/");
    clock.advance(Duration::days(365));
    jar.extract_cookies(&[("Set-Cookie", "sid=31d4; Secure")], &bank);
    clock.advance(-Duration::days(365));
    for _ in 0..3 {
        clock.advance(Duration::days(30));
        assert_eq!(jar.cookie_header(forged(&bank)), None);
    }
}

/// A form that another site sends.
fn forged(url: &url::Url) -> cookiejar::RequestContext<'_> {
    let provenance = Provenance::new()
        .initiator_parts("https", "evil.example")
        .top_level_navigation(true);
    let request = cookiejar::RequestContext::from(url).method("POST");
    request.caused_by(provenance)
}

/// Browsers know no ports, but files do.
#[test]
fn a_cookie_with_ports_is_sent_to_these_only() {
    let (mut jar, _) = jar_with(BrowserPolicy::new());
    let cookie = Cookie::builder("sid", "31d4")
        .domain("localhost")
        .port("8000");
    jar.set_cookie(cookie.build().expect("a cookie"));
    assert_eq!(header(&jar, "http://localhost:8000/"), "sid=31d4");
    let rejected = jar.explain(&url::Url::parse("http://localhost:9000/").expect("a URL"));
    assert_eq!(rejected[0].verdict, Err(Rejection::PortMismatch));
}
