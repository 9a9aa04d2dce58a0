use super::*;

#[test]
fn nothing_is_known_unless_it_was_said() {
    let context = RequestContext::new("https", "acme.com", None, "/");
    assert!(!context.has_initiator() && context.has_safe_method());
    assert!(!context.is_top_level_navigation() && !context.is_by_the_user());
    assert!(!context.is_from_script());
    assert_eq!(
        (context.initiator_host(), context.partition()),
        (None, None)
    );
}

#[test]
fn an_initiator_is_canonical() {
    let context = RequestContext::new("https", "acme.com", None, "/");
    let page = Url::parse("HTTPS://Www.B\u{fc}cher.Example:8443/x").expect("a URL");
    let by_url = Provenance::new().initiator(&page);
    let by_parts = Provenance::new().initiator_parts("HTTPS", "www.b\u{fc}cher.example");
    assert_eq!(by_url, by_parts);
    let by_url = context.clone().caused_by(by_url);
    assert_eq!(by_url.initiator_scheme(), Some("https"));
    assert_eq!(by_url.initiator_host(), Some("www.xn--bcher-kva.example"));
    let opaque = Url::parse("data:,").expect("a URL");
    let context = context.caused_by(Provenance::new().initiator(&opaque));
    assert_eq!(context.initiator_host(), Some(""));
}

#[test]
fn a_provenance_replaces_everything_but_a_time_that_it_does_not_fix() {
    let first = Provenance::new()
        .unverifiable(true)
        .partition_key("https://acme.com")
        .at(OffsetDateTime::UNIX_EPOCH);
    let context = RequestContext::new("https", "acme.com", None, "/").caused_by(&first);
    assert!(context.is_unverifiable() && context.partition().is_some());
    let context = context.caused_by(Provenance::new());
    assert!(!context.is_unverifiable() && context.partition().is_none());
    assert_eq!(context.now(), Some(OffsetDateTime::UNIX_EPOCH));
}

#[test]
fn the_method_is_the_target_s_own() {
    let post = RequestContext::new("https", "acme.com", None, "/").method("POST");
    assert!(!post.caused_by(Provenance::new()).has_safe_method());
}

#[test]
fn third_parties() {
    // host, origin, third party
    let rows = [
        ("www.acme.com", "www.acme.com", false),
        ("shop.acme.com", "www.acme.com", false), // within the reach .acme.com
        ("www.acme.com", "acme.com", true),       // the reach of acme.com is acme.com
        ("acme.com", "www.acme.com", true),
        ("acme.com", "evil.example", true),
        ("a.co.uk", "b.co.uk", false), // the reach .co.uk, public suffix or not
        ("1.2.3.4", "1.2.3.4", false),
        ("5.2.3.4", "1.2.3.4", true),
        ("foo", "foo", false),
        ("acme.com", "a b", true), // an origin that is not a host
    ];
    for (host, origin, third) in rows {
        let context = RequestContext::new("http", host, None, "/")
            .caused_by(Provenance::new().origin_host(origin));
        assert_eq!(context.is_third_party(), third, "{host} {origin}");
    }
    let own = RequestContext::new("http", "acme.com", None, "/");
    assert!(!own.is_third_party());
}

#[test]
fn borrowing_and_owning_change_nothing() {
    let provenance = Provenance::new()
        .unverifiable(true)
        .origin_host("b.example")
        .initiator_parts("https", "c.example")
        .partition_key("https://d.example")
        .from_script(true)
        .at(OffsetDateTime::UNIX_EPOCH);
    assert_eq!(Provenance::from(&provenance), provenance);
    assert_eq!(Provenance::from(&provenance).into_owned(), provenance);
}
