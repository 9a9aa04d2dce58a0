//! What a cross-site request is: RFC 6265bis, section 5.2.

use crate::public_suffix::PublicSuffixes;
use crate::request::RequestContext;

/// > The request's current url's origin is same-site with the request's client's "site for cookies"
/// > (which is an origin), or if the request has no client or the request's client is null.
///
/// Two origins are of one site if their schemes and their registrable domains are the same (HTML,
/// section 7.1.1.1); a host without one, such as an IP address or a public suffix, stands for
/// itself.
pub(super) fn is_same_site(request: &RequestContext<'_>, suffixes: &PublicSuffixes) -> bool {
    let (Some(scheme), Some(host)) = (request.initiator_scheme(), request.initiator_host()) else {
        return true;
    };
    if request.is_by_the_user() {
        return true;
    }
    is_same_scheme(scheme, request.scheme())
        && !host.is_empty()
        && (host == request.host() || suffixes.site(host) == suffixes.site(request.host()))
}

/// A WebSocket is of the site of the page that opens it: `ws` is `http`, and `wss` is `https`.
fn is_same_scheme(a: &str, b: &str) -> bool {
    fn of_pages(scheme: &str) -> &str {
        match scheme {
            "ws" => "http",
            "wss" => "https",
            other => other,
        }
    }
    of_pages(a) == of_pages(b)
}

#[cfg(test)]
mod tests {
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
}
