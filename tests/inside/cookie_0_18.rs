use time::macros::datetime;

use super::*;
use crate::request::Provenance;

const NOW: OffsetDateTime = datetime!(2026-11-21 08:00 UTC);

fn request() -> RequestContext<'static> {
    RequestContext::new("https", "www.acme.com", None, "/shop/cart")
        .caused_by(Provenance::new().at(NOW))
}

#[test]
fn there_and_back() {
    // Set-Cookie, domain, path, expiry after NOW in seconds
    let rows = [
        ("a=b", "www.acme.com", "/shop", None),
        ("a=b; Path=/", "www.acme.com", "/", None),
        ("a=b; Path=x", "www.acme.com", "/shop", None), // counts as none
        ("a=b; Domain=acme.com", ".acme.com", "/shop", None),
        ("a=b; Domain=.ACME.com", ".acme.com", "/shop", None),
        ("a=b; Max-Age=60", "www.acme.com", "/shop", Some(60)),
        ("a=b; Max-Age=0", "www.acme.com", "/shop", Some(0)),
        (
            "a=b; Max-Age=60; Expires=Sat, 21 Nov 2026 08:00:30 GMT",
            "www.acme.com",
            "/shop",
            Some(60),
        ),
        (
            "a=b; Expires=Sat, 21 Nov 2026 08:00:30 GMT",
            "www.acme.com",
            "/shop",
            Some(30),
        ),
        (
            "a=; Secure; HttpOnly; SameSite=Lax; Partitioned",
            "www.acme.com",
            "/shop",
            None,
        ),
    ];
    for (header, domain, path, expires) in rows {
        let foreign = Foreign::parse(header).expect(header);
        let cookie = from_cookie(&foreign, request()).expect(header);
        assert_eq!((cookie.domain(), cookie.path()), (domain, path), "{header}");
        let expires = expires.map(|seconds| NOW + Duration::seconds(seconds));
        assert_eq!(cookie.expires(), expires, "{header}");
        let back = Foreign::try_from(&cookie).expect(header);
        assert_eq!(
            from_cookie(&back, request()),
            Ok(specified(&cookie)),
            "{header}"
        );
        assert_eq!(
            back.secure().is_some(),
            header.contains("Secure"),
            "{header}"
        );
        assert_eq!(back.http_only().is_some(), cookie.http_only(), "{header}");
        assert_eq!(
            back.same_site().is_some(),
            header.contains("Lax"),
            "{header}"
        );
        assert_eq!(
            back.partitioned().is_some(),
            cookie.partitioned(),
            "{header}"
        );
    }
}

/// The conversion always has a path, and never a leading dot.
fn specified(cookie: &Cookie) -> Cookie {
    let name = cookie.name().to_owned();
    let value = cookie.value().unwrap_or_default().to_owned();
    let mut twin = Cookie::builder(&name, &value)
        .domain(cookie.domain())
        .path(cookie.path())
        .secure(cookie.secure())
        .http_only(cookie.http_only());
    for name in ["SameSite", "Partitioned"] {
        if cookie.has_nonstandard_attr(name) {
            twin = twin.nonstandard_attr(name, cookie.nonstandard_attr(name));
        }
    }
    if let Some(expires) = cookie.expires() {
        twin = twin.expires(expires);
    }
    twin.build().expect("a cookie")
}

#[test]
fn what_is_lost() {
    let lone = Cookie::builder("lone", "")
        .without_value()
        .domain("acme.com")
        .build();
    let foreign = Foreign::try_from(&lone.expect("a cookie")).expect("a cookie");
    assert_eq!((foreign.value(), foreign.domain()), ("", None));
    let bytes = Cookie::builder(&b"n\xe9"[..], &b"\xff"[..])
        .domain("acme.com")
        .build();
    let foreign = Foreign::try_from(&bytes.expect("a cookie")).expect("a cookie");
    assert_eq!(foreign.name_value(), ("n\u{e9}", "\u{ff}"));
}

#[test]
fn what_is_refused() {
    let rejected = |foreign, request| from_cookie(&foreign, request).expect_err("a refusal");
    let nowhere = RequestContext::new("", "", None, "");
    assert_eq!(rejected(Foreign::new("a", "b"), nowhere), Rejection::NoHost);
    assert_eq!(
        rejected(Foreign::new("a", "b\r\nc"), request()),
        Rejection::ForbiddenOctet
    );
    assert_eq!(
        rejected(Foreign::new("", "b"), request()),
        Rejection::MissingName
    );
    let bad_domain = Foreign::build(("a", "b")).domain("a b").build();
    assert_eq!(rejected(bad_domain, request()), Rejection::InvalidDomain);
    let two = Foreign::new("a", "1; admin=1");
    assert_eq!(rejected(two, request()), Rejection::InvalidValue);
}

#[test]
fn what_would_become_an_attribute() {
    let quoted = Cookie::builder("a", "1; Domain=com").version(1);
    let path = Cookie::builder("a", "1").path("/x;Domain=com");
    for (builder, reason) in [
        (quoted, Rejection::InvalidValue),
        (path, Rejection::InvalidPath),
    ] {
        let cookie = builder.domain("acme.com").build().expect("a cookie");
        assert_eq!(Foreign::try_from(&cookie), Err(reason));
    }
}

#[test]
fn a_life_longer_than_all_dates() {
    let foreign = Foreign::build(("a", "b")).max_age(Duration::MAX).build();
    let cookie = from_cookie(&foreign, request()).expect("a cookie");
    assert_eq!(cookie.expires().expect("a date").year(), 9999);
}
