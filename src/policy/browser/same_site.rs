//! What a cross-site request is: RFC 6265bis, section 5.2.

use crate::public_suffix::PublicSuffixes;
use crate::request::RequestContext;

/// > The request's current url's origin is same-site with the request's client's "site for cookies"
/// > (which is an origin), or if the request has no client or the request's client is null.
///
/// Two origins are same-site if their schemes and registrable domains are equal (HTML, section 7.1.1.1). A host
/// without a registrable domain, such as an IP address or a public suffix, is a site of its own.
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

/// A WebSocket belongs to the site of the page that opens it: `ws` counts as `http`, and `wss` as `https`.
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

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/same_site.rs"]
mod tests;
