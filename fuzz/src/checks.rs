//! The invariants that several targets share.

use std::collections::BTreeMap;

use cookiejar::{Cookie, CookieId, Provenance, RequestContext, SharedCookieJar};
use time::OffsetDateTime;

use super::world::{PlainJar, Rules};

/// A cookie that a door has let in passes every other door, unchanged.
#[track_caller]
pub(crate) fn check_cookie(cookie: &Cookie) {
    assert_eq!(cookie.to_builder().build().as_ref(), Ok(cookie));
    let row = serde_json::to_string(cookie).expect("a row");
    let read: Cookie = serde_json::from_str(&row).expect("its own row");
    assert_eq!(&read, cookie, "{row}");
    check_octets(cookie);
    let (domain, path, name) = (cookie.domain(), cookie.path_bytes(), cookie.name_bytes());
    assert_eq!(CookieId::new(domain, &path, &name).domain(), domain);
    assert!(path.starts_with(b"/"), "{path:?}");
    let named = !name.is_empty() || cookie.value_bytes().is_some_and(|value| !value.is_empty());
    assert!(named, "{cookie:?}");
    let last = cookie.expires().map(OffsetDateTime::year);
    assert!(last.is_none_or(|year| year <= 9_999), "{last:?}");
}

/// No part has CR, LF or NUL, and what a header is made of has no separator.
#[track_caller]
fn check_octets(cookie: &Cookie) {
    let texts = [
        Some(cookie.domain()),
        Some(cookie.path()),
        Some(cookie.name()),
        cookie.value(),
        cookie.port(),
        cookie.comment(),
        cookie.comment_url(),
        cookie.partition_key(),
    ];
    let attributes = cookie.nonstandard_attrs();
    let attributes = attributes.flat_map(|(name, value)| [Some(name), value]);
    for text in texts.into_iter().chain(attributes).flatten() {
        assert!(!text.contains(['\r', '\n', '\0']), "{text:?}");
    }
    assert!(!cookie.name_bytes().contains(&b';'), "{cookie:?}");
    let value = cookie.value_bytes().unwrap_or_default();
    assert!(cookie.version() > 0 || !value.contains(&b';'), "{cookie:?}");
    assert!(is_domain(cookie.domain()), "{cookie:?}");
}

/// A domain, with or without its dot, is a name or an address in canonical form.
fn is_domain(domain: &str) -> bool {
    let bare = domain.strip_prefix('.').unwrap_or(domain);
    let is_octet = |byte: u8| byte.is_ascii_graphic() && !b"/@;,#?%*\\".contains(&byte);
    let is_address = bare.starts_with('[') && bare.ends_with(']');
    !bare.is_empty()
        && bare.bytes().all(is_octet)
        && !bare.bytes().any(|byte| byte.is_ascii_uppercase())
        && (is_address || !bare.contains([':', '[', ']']))
}

/// What a jar has obeys its limits.
#[track_caller]
pub(crate) fn check_limits(cookies: &[Cookie], rules: &Rules) {
    let limits = rules.limits();
    assert!(cookies.len() <= limits.total_cookies, "{}", cookies.len());
    let suffixes = rules.policy.settings().get_suffixes();
    let mut sites: BTreeMap<_, usize> = BTreeMap::new();
    for cookie in cookies {
        let domain = cookie.domain();
        let bare = domain.strip_prefix('.').unwrap_or(domain);
        let site = suffixes.registrable_domain(bare).unwrap_or(bare);
        *sites.entry((site, cookie.partition_key())).or_default() += 1;
        let value = cookie.value_bytes().map_or(0, |value| value.len());
        assert!(cookie.name_bytes().len() + value <= limits.pair_bytes);
    }
    for (site, count) in sites {
        assert!(count <= limits.site_cookies, "{site:?}: {count}");
    }
}

/// Whether `host` is the cookie's domain, or below it at the boundary of a label.
pub(crate) fn covers(domain: &str, host: &str) -> bool {
    let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    let bare = domain.strip_prefix('.').unwrap_or(domain);
    let below = |name: &str| name == bare || (!is_address && name.ends_with(&format!(".{bare}")));
    below(host) || (!host.contains('.') && !is_address && below(&format!("{host}.local")))
}

/// The calls for a request agree with each other, in both jars, and send only what they may.
#[track_caller]
pub(crate) fn check_request(
    plain: &PlainJar,
    shared: &SharedCookieJar,
    rules: &Rules,
    request: &RequestContext<'_>,
) {
    let now = request.now().expect("a fixed time");
    let cookies = plain.cookies_for(request);
    let limits = rules.limits();
    assert!(cookies.len() <= limits.header_cookies);
    for cookie in &cookies {
        check_sent(cookie, rules, request);
        assert!(!cookie.is_expired(now), "{cookie}");
    }
    let explained = plain.explain(request).into_iter();
    let sent = explained.filter(|explained| explained.verdict.is_ok());
    assert!(sent.map(|sent| sent.cookie).eq(cookies.iter().copied()));

    let header = plain.cookie_header(request);
    assert_eq!(header, shared.cookie_header(request));
    assert!(
        shared
            .cookies_for(request)
            .iter()
            .eq(cookies.iter().copied())
    );
    assert_eq!(header.is_some(), !cookies.is_empty());
    let Some(header) = header else { return };
    assert!(header.as_bytes().len() <= limits.header_bytes);
    check_header(header.as_bytes(), &cookies, rules);

    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    plain.add_cookie_header_to(&mut headers, request);
    let added = headers.iter().find(|(name, _)| name == "Cookie");
    assert_eq!(added.map(|(_, value)| &**value), Some(header.as_bytes()));
}

#[track_caller]
fn check_sent(cookie: &Cookie, rules: &Rules, request: &RequestContext<'_>) {
    let (domain, host) = (cookie.domain(), request.host());
    assert!(!rules.paths || covers(domain, host), "{domain} to {host}");
    if rules.host_only && cookie.host_only() {
        assert!(
            domain == host || domain == request.effective_host(),
            "{domain} to {host}"
        );
    }
    let secure = matches!(request.scheme(), "https" | "wss") || request.is_loopback();
    assert!(!rules.secure || secure || !cookie.secure(), "{cookie}");
    let path = cookie.path_bytes();
    let under = |given: &str| given.as_bytes().starts_with(&path);
    let follows = under(request.path()) || under(request.escaped_path());
    assert!(!rules.paths || follows, "{path:?} to {}", request.path());
    let partition = cookie.partition_key();
    assert!(
        partition.is_none() || partition == request.partition(),
        "{cookie}"
    );
}

/// A header has no line break, and is made of its cookies.
#[track_caller]
fn check_header(header: &[u8], cookies: &[&Cookie], rules: &Rules) {
    let text = header.escape_ascii();
    assert!(
        !header.iter().any(|octet| b"\r\n\0".contains(octet)),
        "{text}"
    );
    if rules.no_controls {
        let is_control = |octet: &u8| octet.is_ascii_control() && *octet != b'\t';
        assert!(!header.iter().any(is_control), "{text}");
        assert!(http::HeaderValue::from_bytes(header).is_ok(), "{text}");
    }
    let split = header.split(|octet| *octet == b';');
    if cookies.iter().all(|cookie| cookie.version() == 0) {
        // A server that splits at semicolons sees exactly these.
        let pairs = split.map(|pair| pair.strip_prefix(b" ").unwrap_or(pair));
        assert!(
            pairs.eq(cookies.iter().map(|cookie| pair(cookie))),
            "{text}"
        );
    } else if cookies.iter().all(|cookie| is_rfc2965(cookie)) {
        let pairs = top_level(header);
        let names = pairs
            .iter()
            .map(|pair| pair.split(|octet| *octet == b'=').next());
        let names = names.flatten().filter(|name| !name.starts_with(b"$"));
        assert!(
            names.eq(cookies
                .iter()
                .map(|cookie| cookie.name_bytes().into_owned())),
            "{text}"
        );
    }
}

fn pair(cookie: &Cookie) -> Vec<u8> {
    let (name, value) = (cookie.name_bytes(), cookie.value_bytes());
    match value {
        None => name.into_owned(),
        Some(value) if name.is_empty() => value.into_owned(),
        Some(value) => [&name, &b"="[..], &value].concat(),
    }
}

/// A cookie of RFC 2965 whose name is a token that is not mistaken for an attribute or a quote.
fn is_rfc2965(cookie: &Cookie) -> bool {
    let name = cookie.name_bytes();
    cookie.version() > 0 && !name.is_empty() && !name.iter().any(|octet| b"$\"\\".contains(octet))
}

/// Splits at the semicolons outside quotes, and trims blanks, as a server of RFC 2965 does.
fn top_level(header: &[u8]) -> Vec<&[u8]> {
    let (mut quoted, mut escaped, mut start) = (false, false, 0);
    let mut parts = Vec::new();
    for (at, octet) in header.iter().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                parts.push(&header[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    assert!(!quoted, "{}", header.escape_ascii());
    parts.push(&header[start..]);
    let is_blank = |octet: &&u8| matches!(octet, b' ' | b'\t');
    let blanks = |part: &[u8]| part.iter().take_while(is_blank).count();
    parts.iter().map(|part| &part[blanks(part)..]).collect()
}

/// Returns a request at a time.
pub(crate) fn request<'a>(
    scheme: &'a str,
    host: &'a str,
    path: &'a str,
    provenance: Provenance<'a>,
    now: OffsetDateTime,
) -> RequestContext<'a> {
    RequestContext::new(scheme, host, None, path).caused_by(provenance.at(now))
}
