//! URLs and hosts, and domains in canonical form.

use cookiejar::policy::{DomainList, PublicSuffixes};
use cookiejar::{
    BrowserPolicy, Cookie, CookieId, CookieJar, CookiePolicy, DefaultCookiePolicy, Provenance,
    Rejection, RequestContext,
};
use http::{HeaderMap, HeaderValue, Uri};
use url::Url;

use super::bytes::Bytes;
use super::checks::check_cookie;
use super::world::{NOW, at, suffixes};

/// The first octet chooses what the others are: a URL, a URI, a header, a host, a scheme and a path, a domain with a
/// list of suffixes. With `6` or `7` they are all of these.
pub fn hosts(data: &[u8]) {
    let mut input = Bytes::new(data);
    let choice = input.below(8);
    let text = &*String::from_utf8_lossy(input.rest());
    for (number, part) in PARTS.iter().enumerate() {
        if number == choice || choice >= PARTS.len() {
            part(text);
        }
    }
}

const PARTS: [fn(&str); 6] = [
    url,
    uri,
    header,
    |text| check(&RequestContext::new("https", text, None, "/a")),
    |text| check(&RequestContext::new(text, "acme.com", 1, text)),
    |text| {
        domain(text);
        facts(text);
        list(text);
    },
];

fn url(text: &str) {
    if let Ok(url) = Url::parse(text) {
        let request = RequestContext::from(&url);
        check(&request);
        if matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
            let host = url.host_str().expect("a host");
            let parts = RequestContext::new(url.scheme(), host, url.port(), url.path());
            assert_eq!(request, parts);
        }
    }
}

fn uri(text: &str) {
    if let Ok(uri) = text.parse::<Uri>() {
        check(&RequestContext::from(&uri));
    }
}

fn header(text: &str) {
    if let Ok(host) = HeaderValue::from_str(text) {
        let headers = HeaderMap::from_iter([(http::header::HOST, host)]);
        check(&RequestContext::from_request(
            &Uri::from_static("/a"),
            &headers,
            "https",
        ));
    }
}

/// A host in canonical form stays as it is, and its own cookies come back to it.
fn check(request: &RequestContext<'_>) {
    let (host, path) = (request.host(), request.path());
    assert!(path.starts_with('/') && request.escaped_path().starts_with('/'));
    assert!(
        request
            .escaped_path()
            .bytes()
            .all(|octet| octet.is_ascii_graphic())
    );
    assert!(!path.contains(['?', '#']) || request.has_host(), "{path}");
    assert_eq!(RequestContext::from(request), *request);
    assert_eq!(request.clone().into_owned(), *request);
    assert_eq!(request.has_host(), !host.is_empty());
    if !request.has_host() {
        return;
    }
    assert!(host.len() <= 254, "{host}");
    assert!(!host.starts_with('.'), "{host}");
    assert!(
        !host
            .bytes()
            .any(|octet| octet.is_ascii_uppercase() || octet <= b' ' || octet > b'~')
    );
    assert!(!host.contains(['/', '@', '?', '#', '\\']), "{host}");
    assert!(
        host.starts_with('[') || !host.contains([':', '[', ']']),
        "{host}"
    );
    let again = RequestContext::new(request.scheme(), host, request.port(), path);
    assert_eq!(again.host(), host);
    let effective = request.effective_host();
    assert!(
        effective == host || effective.strip_suffix(".local") == Some(host),
        "{effective}"
    );
    let suffixes = suffixes();
    let site = suffixes.registrable_domain(host).unwrap_or(host);
    assert!(host.ends_with(site), "{site} of {host}");
    comes_back(
        DefaultCookiePolicy::with_suffixes(suffixes.clone()),
        request,
    );
    comes_back(BrowserPolicy::with_suffixes(suffixes), request);
}

fn comes_back(policy: impl CookiePolicy, request: &RequestContext<'_>) {
    let request = &request.clone().caused_by(Provenance::new().at(at(NOW)));
    let mut jar = CookieJar::with_policy(policy);
    let report = jar.extract_cookies(&[("Set-Cookie", "a=1; Path=/")], request);
    // The URL standard has hosts that no cookie can have as its domain.
    if request
        .host()
        .contains(['"', '%', '*', ',', ';', '=', '`', '{', '}'])
    {
        assert_eq!(report.rejected[0].reason, Rejection::InvalidDomain);
        return;
    }
    assert_eq!(report.stored, 1, "{request:?}");
    let header = jar.cookie_header(request).expect("its own cookie");
    assert_eq!(header, "a=1");
    let cookie = jar.iter().next().expect("a cookie").clone();
    check_cookie(&cookie);
    assert_eq!(cookie.domain(), request.host());
    let host = request.host();
    assert_eq!(jar.cookies_of_site(host).len(), 1, "{host}");
    assert_eq!(jar.clear_host(host), Ok(1), "{host}");
    jar.set_cookie(cookie);
    assert_eq!(jar.clear_site(host), Ok(1), "{host}");
}

fn domain(text: &str) {
    let id = CookieId::new(text, "/", "a");
    assert_eq!(CookieId::new(id.domain(), "/", "a"), id);
    let Ok(cookie) = Cookie::builder("a", "1").domain(text).build() else {
        return;
    };
    check_cookie(&cookie);
    assert_eq!(cookie.id(), id);
    let mut set = Cookie::builder("a", "1")
        .domain("acme.com")
        .build()
        .expect("a cookie");
    set.set_domain(text).expect("the builder took it");
    assert_eq!(set.domain(), cookie.domain());
    let host = cookie.domain().trim_start_matches('.');
    let request = RequestContext::new("https", host, None, "/");
    assert_eq!(request.host(), host, "no host can equal the domain");
}

fn facts(text: &str) {
    let provenance = Provenance::new()
        .initiator_parts(text, text)
        .origin_host(text);
    let request = RequestContext::new("https", "acme.com", None, "/").caused_by(&provenance);
    assert_eq!(Provenance::from(&provenance), provenance);
    assert!(request.has_initiator());
    let third_party = request.is_third_party();
    assert!(
        third_party || request.origin().ends_with("acme.com"),
        "{}",
        request.origin()
    );
}

fn list(text: &str) {
    let lists = [DomainList::block([text]), DomainList::block_sites([text])];
    let requested = RequestContext::new("https", text, None, "/");
    for list in lists.into_iter().flatten() {
        // A pattern that is taken can speak.
        let domain = CookieId::new(text, "/", "a");
        let verdict = list.domain_return_ok(domain.domain(), &requested);
        assert!(verdict.is_err(), "{text}");
    }
    let Ok(suffixes) = PublicSuffixes::parse(text) else {
        return;
    };
    for host in ["a.b.acme.com", "com", "1.2.3.4", "[::1]"] {
        let site = suffixes.registrable_domain(host);
        assert!(site.is_none_or(|site| host.ends_with(site)), "{site:?}");
        assert!(!(suffixes.is_public_suffix(host) && site == Some(host)) || site.is_some());
    }
}
