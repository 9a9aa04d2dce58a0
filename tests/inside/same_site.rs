use super::*;
use crate::request::Provenance;

#[test]
fn a_site_is_a_scheme_and_a_registrable_domain() {
    let suffixes = PublicSuffixes::parse("com\nco.uk\ngithub.io").expect("a list");
    // initiator, request, same site
    let rows = [
        (("https", "acme.com"), ("https", "acme.com"), true),
        (("https", "www.acme.com"), ("https", "shop.acme.com"), true),
        (("https", "acme.com"), ("https", "evil.com"), false),
        (("http", "acme.com"), ("https", "acme.com"), false), // schemes count
        (("https", "acme.com"), ("wss", "acme.com"), true),
        (("http", "acme.com"), ("wss", "acme.com"), false),
        (("https", "a.co.uk"), ("https", "b.co.uk"), false),
        (("https", "a.github.io"), ("https", "b.github.io"), false),
        (("https", "a.github.io"), ("https", "github.io"), false),
        (("https", "github.io"), ("https", "github.io"), true),
        (("https", "1.2.3.4"), ("https", "1.2.3.4"), true),
        (("https", "5.2.3.4"), ("https", "1.2.3.4"), false),
        (("https", "a.intranet"), ("https", "b.intranet"), false), // by the rule `*`
        (("https", "a.b.intranet"), ("https", "b.intranet"), true),
        (("https", "localhost"), ("https", "localhost"), true),
        (("data", ""), ("https", "acme.com"), false), // an opaque origin
        (("https", "a b"), ("https", "acme.com"), false),
    ];
    for ((from_scheme, from_host), (scheme, host), expected) in rows {
        let page = Provenance::new().initiator_parts(from_scheme, from_host);
        let request = RequestContext::new(scheme, host, None, "/").caused_by(&page);
        assert_eq!(
            is_same_site(&request, &suffixes),
            expected,
            "{from_host} {host}"
        );
        let typed = request.clone().caused_by(page.clone().by_the_user(true));
        assert!(is_same_site(&typed, &suffixes));
    }
    let own = RequestContext::new("https", "acme.com", None, "/");
    assert!(is_same_site(&own, &suffixes));
}
