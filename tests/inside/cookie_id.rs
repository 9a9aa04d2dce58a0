use super::*;

#[test]
fn the_domain_is_canonical_and_its_dot_counts() {
    let id = |domain| CookieId::new(domain, "/", "a");
    assert_eq!(id("ACME.com"), id("acme.com"));
    assert_eq!(id(".B\u{fc}cher.Example"), id(".xn--bcher-kva.example"));
    assert_eq!(id("::1"), id("[::1]"));
    assert_ne!(id(".acme.com"), id("acme.com"));
    assert_eq!(id("x.de:8080").domain(), "x.de:8080"); // no cookie has it
}

#[test]
fn an_id_is_that_of_its_cookie() {
    let cookie = Cookie::builder(b"caf\xe9", "1")
        .domain(".acme.com")
        .path("/a")
        .secure(true)
        .partition_key("https://top.example")
        .build()
        .expect("a cookie");
    let id = CookieId::new(".acme.com", "/a", b"caf\xe9").in_partition("https://top.example");
    assert_eq!(cookie.id(), id);
    assert_eq!(CookieId::from(&id), id.clone().into_owned());
    assert_ne!(cookie.id(), CookieId::new(".acme.com", "/a", b"caf\xe9"));
}
