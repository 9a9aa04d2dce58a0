//! Chains of redirects.

use cookiejar::Provenance;
use cookiejar::redirect::{Credentials, Hop, Redirect, RedirectError, RedirectRules};
use url::Url;

use super::bytes::{Bytes, split};
use super::world::{NOW, at};

type Headers = Vec<(String, Vec<u8>)>;

const STARTS: [&str; 4] = [
    "https://acme.com/a/b?c#d",
    "http://acme.com:8080/",
    "https://user:Secret-7@[::1]/",
    "http://localhost/a",
];

const METHODS: [&str; 4] = ["GET", "POST", "HEAD", "DELETE"];

/// Three octets choose the rules, the first URL, and the method; after a line break come the answers, separated by
/// empty lines: an octet for the status, and the `Location`.
pub fn redirects(data: &[u8]) {
    let mut input = Bytes::new(data);
    let choice = input.byte();
    let limit = usize::from(choice >> 5);
    let rules = rules(choice).limit(limit);
    let url = Url::parse(input.pick(&STARTS)).expect("a URL");
    let method = input.pick(&METHODS);
    input.byte();
    let mut headers = headers();
    let provenance = Provenance::new().at(at(NOW)).top_level_navigation(true);
    let mut hop = Hop::new(url.clone(), method, &headers).caused_by(provenance);
    for answer in split(input.rest(), b"\n\n") {
        let mut answer = Bytes::new(answer);
        let status = answer.pick(&[301, 302, 303, 307, 308, 300, 304, 200]);
        let response = [("Location", answer.rest())];
        let Some(redirect) = Redirect::new(status, &response) else {
            assert!(!matches!(status, 301..=303 | 307 | 308));
            continue;
        };
        let before = headers.clone();
        match rules.follow(&hop, redirect, &mut headers) {
            Err(error) => {
                assert_eq!(headers, before, "an error changes nothing");
                assert!(error != RedirectError::TooMany || hop.redirects() >= limit);
            }
            Ok(next) => {
                check(&hop, &next, status, &headers, choice);
                hop = next;
                // What the jar adds to this hop never goes on.
                headers.push(("Cookie".to_owned(), b"jar=1".to_vec()));
            }
        }
    }
    assert!(hop.redirects() <= limit);
    assert!(is_told(data) || !format!("{hop:?}").contains("Secret-7"));
    let origin = hop.context().origin().to_owned();
    assert!(hop.redirects() == 0 || origin == url.host_str().expect("a host") || choice & 1 == 0);
}

/// Whether the input has the password itself. A URL may have line breaks and tabs anywhere, a host has no capital.
fn is_told(data: &[u8]) -> bool {
    let is_kept = |octet: &u8| !b"\r\n\t".contains(octet);
    let kept: Vec<_> = data.iter().copied().filter(is_kept).collect();
    kept.windows(8).any(|window| window == b"Secret-7")
}

fn rules(choice: u8) -> RedirectRules {
    let has = |bit: u8| choice & 1 << bit != 0;
    RedirectRules::new()
        .unverifiable(has(0))
        .keep_cookie(has(1))
        .resend_body(has(2))
        .all_become_get(has(3))
        .credentials(if has(4) {
            Credentials::SameHost
        } else {
            Credentials::SameOrigin
        })
}

fn headers() -> Headers {
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    vec![
        header("Cookie", "hand=1"),
        header("authorization", "Basic Secret-7"),
        header("Proxy-Authorization", "Basic Secret-7"),
        header("Host", "acme.com"),
        header("Content-Length", "3"),
        header("Accept", "*/*"),
    ]
}

fn check(hop: &Hop, next: &Hop, status: u16, headers: &Headers, choice: u8) {
    let url = next.url();
    assert!(
        matches!(url.scheme(), "http" | "https") && url.has_host(),
        "{url}"
    );
    assert_eq!(next.redirects(), hop.redirects() + 1);
    let has = |name: &str| {
        headers
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    };
    let cookies = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("Cookie"));
    let cookies: Vec<_> = cookies.map(|(_, value)| &**value).collect();
    let stays = hop.url().origin() == url.origin();
    assert!(
        cookies.is_empty() || (cookies == [b"hand=1"] && stays),
        "{url}"
    );
    assert!(choice & 2 != 0 || cookies.is_empty(), "{url}");
    let same_host = hop.url().host() == url.host();
    assert!(
        same_host || !(has("Authorization") || has("Proxy-Authorization")),
        "{url}"
    );
    assert!(!has("Authorization") || hop.url().scheme() == url.scheme() || url.scheme() == "https");
    assert!(stays || !has("Host"), "{url}");
    assert!(!next.body_dropped() || !has("Content-Length"), "{url}");
    assert!(has("Accept"));
    let is_safe = |method: &str| matches!(method, "GET" | "HEAD");
    assert!(next.method() == hop.method() || next.method() == "GET");
    assert!(status != 303 || is_safe(next.method()));
    assert_eq!(next.provenance().clone().into_owned(), *next.provenance());
    assert!(choice & 1 == 0 || next.context().is_unverifiable());
    assert_eq!(next.context().now(), Some(at(NOW)));
}
