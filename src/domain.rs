//! The rules of host names: canonical form, effective host name, domain-match, reach, host
//! suffixes.
//!
//! It knows no request and no cookie. All names here are canonical: lower-case ASCII, IPv6 literals
//! in brackets. IP addresses are matched whole, never by their ends.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use url::Host;

use crate::octets;
use crate::rejection::Rejection;

/// The most octets of a host name, the dot of the root behind it not counted (RFC 1035, section 2.3.4:
/// 255 with the octets that say the lengths of its labels).
const LONGEST: usize = 253;

/// The most octets in which a host may be spelled: four a character in UTF-8. What is longer is not
/// parsed.
const LONGEST_SPELLING: usize = 4 * (LONGEST + 1);

/// The canonical form of a request-host, or `None` for what is no host.
///
/// A name that is canonical already comes back as it is. The rest is the WHATWG URL standard's host
/// parser: IDNA, IPv4 in all its spellings, IPv6. A bare IPv6 address gets its brackets.
#[inline]
pub(crate) fn canonical_host(host: &str) -> Option<Cow<'_, str>> {
    if is_plain_name(host) || host.parse::<Ipv4Addr>().is_ok() {
        return Some(Cow::Borrowed(host));
    }
    canonical_host_slow(host).map(Cow::Owned)
}

#[cold]
fn canonical_host_slow(host: &str) -> Option<String> {
    if host.len() > LONGEST_SPELLING {
        return None;
    }
    let lower = host.to_ascii_lowercase();
    if is_plain_name(&lower) {
        return Some(lower);
    }
    let parsed = if host.contains(':') && !host.starts_with('[') {
        Host::parse(&format!("[{host}]"))
    } else {
        Host::parse(host)
    };
    let host = parsed.ok()?.to_string();
    (labels(&host) != Labels::Unsound).then_some(host)
}

/// The canonical form of a `Domain` attribute without its leading dot, or `None` for what can equal no
/// host that has cookies.
#[inline]
pub(crate) fn canonical_domain(domain: &str) -> Option<Cow<'_, str>> {
    if is_plain_name(domain) {
        return Some(Cow::Borrowed(domain));
    }
    canonical_domain_slow(domain).map(Cow::Owned)
}

/// A `%` is an escape in the host of a URL alone.
#[cold]
fn canonical_domain_slow(domain: &str) -> Option<String> {
    let is_literal = !domain.contains('%');
    canonical_host_slow(domain).filter(|domain| is_literal && is_domain_shaped(domain))
}

/// What the dots of a host say of its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Labels {
    /// It is no host: an empty label other than a last one, or more than 253 octets before the dot of the
    /// root. A host with a dot in front would look like the domain of a cookie that other hosts get, too.
    Unsound,
    /// It is a name of one label; see [`is_dotless`].
    One,
    /// It has several labels, or it is an address, or empty.
    Others,
}

/// Looks at the labels of a host that the URL standard lets pass. Every request asks for it.
#[inline]
pub(crate) fn labels(host: &str) -> Labels {
    let dots = octets::dots(host.as_bytes());
    if dots.twins || without_root_dot(host).len() > LONGEST || host.starts_with('.') {
        Labels::Unsound
    } else if dots.any || host.is_empty() || host.starts_with('[') {
        Labels::Others
    } else {
        Labels::One
    }
}

/// The domain of a cookie in the making, without its leading dot.
#[derive(Debug, Clone, Default)]
pub(crate) enum Domain<'a> {
    /// Nobody said it.
    #[default]
    Missing,
    /// It can equal no host.
    Invalid,
    /// It is in canonical form.
    Name(Cow<'a, str>),
}

impl<'a> Domain<'a> {
    /// Reads a domain without a leading dot.
    #[inline]
    pub(crate) fn parse(text: &'a [u8]) -> Self {
        let text = std::str::from_utf8(text).ok();
        text.and_then(canonical_domain)
            .map_or(Self::Invalid, Self::Name)
    }

    /// Reads a domain with or without a leading dot, and tells whether it has one.
    #[inline]
    pub(crate) fn parse_dotted(text: Cow<'a, [u8]>) -> (Self, bool) {
        let dotted = text.starts_with(b".");
        let domain = match text {
            Cow::Borrowed(text) => Self::parse(&text[usize::from(dotted)..]),
            Cow::Owned(text) => Domain::parse(&text[usize::from(dotted)..]).into_owned(),
        };
        (domain, dotted)
    }

    /// The domain of a cookie that belongs to a canonical `host` alone.
    #[inline]
    pub(crate) fn from_host(host: &'a str) -> Self {
        if is_domain_shaped(host) {
            Self::Name(Cow::Borrowed(host))
        } else {
            Self::Invalid
        }
    }

    /// The domain as it is stored, but for its leading dot.
    #[inline]
    pub(crate) fn name(&self) -> Result<&str, Rejection> {
        match self {
            Self::Missing => Err(Rejection::MissingDomain),
            Self::Invalid => Err(Rejection::InvalidDomain),
            Self::Name(name) => Ok(name),
        }
    }

    fn into_owned(self) -> Domain<'static> {
        match self {
            Self::Missing => Domain::Missing,
            Self::Invalid => Domain::Invalid,
            Self::Name(name) => Domain::Name(Cow::Owned(name.into_owned())),
        }
    }
}

/// Whether a canonical host can stand as the domain of a cookie. The URL standard lets through what no
/// host name has; in a file or a header it would be read as something else.
#[inline]
fn is_domain_shaped(domain: &str) -> bool {
    octets::is_simple_name(domain.as_bytes()) || is_domain_shaped_slow(domain)
}

#[cold]
fn is_domain_shaped_slow(domain: &str) -> bool {
    !domain.is_empty() && domain.bytes().all(|byte| SHAPED[usize::from(byte)])
}

/// The octets of which a domain can be made.
const SHAPED: [bool; 256] = {
    let mut shaped = [false; 256];
    let mut byte = b'!';
    while byte < 0x7f {
        shaped[byte as usize] = !byte.is_ascii_uppercase()
            && !matches!(
                byte,
                b'/' | b'?' | b'#' | b'@' | b'\\' | b'%' | b'"' | b',' | b';' | b'*'
            )
            && !matches!(byte, b'<' | b'>' | b'^' | b'|' | b'`' | b'{' | b'}' | b'=');
        byte += 1;
    }
    shaped
};

/// Whether there is nothing to do: lower-case letters, digits, `-`, `_` and dots, no empty label, no
/// Punycode label that IDNA would have to check, no number at the end (which may be an IPv4 address).
#[inline]
fn is_plain_name(host: &str) -> bool {
    let name = without_root_dot(host);
    (octets::is_simple_name(host.as_bytes()) || is_plain_name_slow(host))
        && !host.starts_with('.')
        && name.len() <= LONGEST
        && !ends_in_number(name)
}

/// The same where there is `_`, or `-` or a dot beside another one.
#[cold]
fn is_plain_name_slow(host: &str) -> bool {
    let is_punycode = |label: &str| label.starts_with("xn--");
    !host.is_empty()
        && host.bytes().all(|byte| PLAIN[usize::from(byte)])
        && labels(host) != Labels::Unsound
        && !host.split('.').any(is_punycode)
}

/// The octets of which nearly all names are made.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 0x80 {
        plain[byte as usize] = matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        byte += 1_u8;
    }
    plain
};

fn ends_in_number(host: &str) -> bool {
    let dot = host.bytes().rposition(|byte| byte == b'.');
    let last = dot.map_or(0, |dot| dot + 1);
    host.as_bytes().get(last).is_some_and(u8::is_ascii_digit)
}

/// Whether a canonical host or domain is an IP address: an IPv6 literal in brackets, or a name
/// whose last label is a number, which in a canonical name only an IPv4 address has.
#[inline]
pub(crate) fn is_ip_address(host: &str) -> bool {
    let bytes = host.as_bytes();
    match bytes.last() {
        Some(b']') => bytes[0] == b'[',
        Some(b'0'..=b'9') => {
            let digits = bytes
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            digits == bytes.len() || bytes[bytes.len() - digits - 1] == b'.'
        }
        _ => false,
    }
}

/// Whether a canonical host is this very machine (Secure Contexts, section 3.1; RFC 6761, section
/// 6.3).
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = without_root_dot(host);
    match name {
        "localhost" | "[::1]" => true,
        _ if is_ip_address(name) => name.starts_with("127."),
        _ => name.ends_with(".localhost"),
    }
}

/// The suffix that RFC 2965 section 1 gives to a host without dots to make its *effective host
/// name*.
pub(crate) const LOCAL: &str = ".local";

/// Whether the effective host name of `host` is `host` followed by `.local` (RFC 2965, section 1).
#[inline]
pub(crate) fn is_dotless(host: &str) -> bool {
    !host.is_empty() && dot_in(host).is_none() && !host.starts_with('[')
}

/// The form in which a domain is stored, with its leading dot if it has one. What no cookie can have stays as it
/// is.
pub(crate) fn canonical_stored(domain: &str) -> Cow<'_, str> {
    let bare = undotted(domain);
    match canonical_domain(bare) {
        Some(Cow::Owned(canonical)) if bare.len() < domain.len() => {
            Cow::Owned(format!(".{canonical}"))
        }
        Some(Cow::Owned(canonical)) => Cow::Owned(canonical),
        _ => Cow::Borrowed(domain),
    }
}

/// A stored domain without the one leading dot that says that it came with a `Domain` attribute.
#[inline]
pub(crate) fn undotted(domain: &str) -> &str {
    domain.strip_prefix('.').unwrap_or(domain)
}

/// A name without the one trailing dot of the DNS root.
#[inline]
pub(crate) fn without_root_dot(domain: &str) -> &str {
    domain.strip_suffix('.').unwrap_or(domain)
}

/// Whether `host` is `domain` or below it: ends with it at the boundary of a label. `domain` has no
/// leading dot.
#[inline]
pub(crate) fn is_within(host: &str, domain: &str) -> bool {
    let (host_bytes, domain_bytes) = (host.as_bytes(), domain.as_bytes());
    match host_bytes.len().checked_sub(domain_bytes.len()) {
        Some(0) => host_bytes == domain_bytes,
        Some(more) => {
            host_bytes[more - 1] == b'.'
                && host_bytes[more..] == *domain_bytes
                && !domain.is_empty()
                && !is_ip_address(host)
        }
        None => false,
    }
}

/// Whether host name `a` domain-matches `b`, as RFC 2965 section 1 has it.
///
/// > A is a HDN string and has the form NB, where N is a non-empty name string, B has the form .B',
/// > and B' is a HDN string. (So, x.y.com domain-matches .Y.com but not Y.com.)
///
/// The relation is not symmetric. CPython: `domain_match`; ours is anchored at the end.
pub(crate) fn domain_match(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let Some(b_name) = b.strip_prefix('.') else {
        return false;
    };
    is_host_name(a) && is_host_name(b_name) && a.len() > b.len() && a.ends_with(b)
}

/// A host domain name (HDN), as Python has it: no IP address, and no dot at either end.
fn is_host_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && !text.ends_with('.') && !is_ip_address(text)
}

/// The reach of a host, as RFC 2965 section 1 has it: `.B` for a host name `A.B` where `A` has no
/// dots and `B` has one or is `local`; the host itself otherwise. The result is a slice of `host`.
pub(crate) fn reach(host: &str) -> &str {
    let Some(dot) = host.find('.') else {
        return host;
    };
    let parent = &host[dot + 1..];
    if is_host_name(host) && (parent.contains('.') || parent == "local") {
        &host[dot..]
    } else {
        host
    }
}

/// `host` and every name above it, longest first: `a.b.c`, `b.c`, `c`. An IP address stands alone, and so
/// does what is longer than any host: whoever looks each of them up takes a time that is linear in the
/// text.
#[inline]
pub(crate) fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    let alone = is_ip_address(host) || host.len() > LONGEST + 1;
    let first = (!host.is_empty()).then_some(host);
    std::iter::successors(first, move |name| {
        let parent = &name[dot_in(name)? + 1..];
        (!alone && !parent.is_empty()).then_some(parent)
    })
}

/// The place of the first dot.
#[inline]
fn dot_in(name: &str) -> Option<usize> {
    octets::position(name.as_bytes(), b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_become_canonical() {
        let rows = [
            ("www.acme.com", Some("www.acme.com")),
            ("WWW.Acme.COM", Some("www.acme.com")),
            ("acme.com.", Some("acme.com.")), // another host
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("my_host", Some("my_host")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("0x7f.1", Some("127.0.0.1")),
            ("[::1]", Some("[::1]")),
            ("::1", Some("[::1]")),
            ("[0:0::1]", Some("[::1]")),
            ("", None),
            ("a b", None),
            ("foo.123", None), // the URL standard: a number at the end is IPv4 or nothing
            ("1.2.3", Some("1.2.0.3")),
            ("127.1", Some("127.0.0.1")),
            ("[::g]", None),
            ("[0:0:0:0:0:FFFF:7F00:1]", Some("[::ffff:7f00:1]")),
            ("::ffff:127.0.0.1", Some("[::ffff:7f00:1]")),
            ("r3---sn.acme.com", Some("r3---sn.acme.com")),
            ("xn--a", None), // no Punycode
            (".acme.com", None),
            ("x..acme.com", None),
            ("acme.com..", None),
            (".", None),
            ("acme.com:80", None),
        ];
        for (host, expected) in rows {
            assert_eq!(canonical_host(host).as_deref(), expected, "{host}");
        }
        assert!(matches!(canonical_host("acme.com"), Some(Cow::Borrowed(_))));
    }

    #[test]
    fn a_host_has_at_most_253_octets() {
        let host = |len: usize| "a.".repeat(len / 2) + &"b".repeat(len % 2);
        for (len, dot, is_host) in [
            (253, "", true),
            (253, ".", true),
            (255, "", false),
            (255, ".", false),
            (LONGEST_SPELLING + 1, "", false),
        ] {
            let name = host(len) + dot;
            assert_eq!(canonical_host(&name).is_some(), is_host, "{len} {dot}");
            assert_eq!(labels(&name) != Labels::Unsound, is_host, "{len} {dot}");
            assert_eq!(canonical_host(&name.to_uppercase()).is_some(), is_host);
        }
        // 254 octets, the last of which is the dot of the root.
        assert_eq!(labels(&host(254)), Labels::Others);
        assert_eq!(labels(&(host(252) + "aa")), Labels::Unsound);
    }

    #[test]
    fn domain_attributes_become_canonical() {
        // text without its leading dot, domain
        let rows: &[(&[u8], Result<&str, Rejection>)] = &[
            (b"acme.com", Ok("acme.com")),
            (b"ACME.com", Ok("acme.com")),
            (b"acme.com.", Ok("acme.com.")),
            (b"localhost", Ok("localhost")),
            (b"a_b", Ok("a_b")),
            ("Bücher.example".as_bytes(), Ok("xn--bcher-kva.example")),
            (b"1.2.3.4", Ok("1.2.3.4")),
            (b"1.2.3", Ok("1.2.0.3")),
            (b"127.1", Ok("127.0.0.1")),
            (b"0x7F000001", Ok("127.0.0.1")),
            (b"::1", Ok("[::1]")),
            (b"[0:0::1]", Ok("[::1]")),
            (b"::FFFF:1.2.3.4", Ok("[::ffff:102:304]")),
            (b"", Err(Rejection::InvalidDomain)),
            (b".", Err(Rejection::InvalidDomain)),
            (b".acme.com", Err(Rejection::InvalidDomain)),
            (b"acme..com", Err(Rejection::InvalidDomain)),
            (b"acme.com..", Err(Rejection::InvalidDomain)),
            (b"acme.com:80", Err(Rejection::InvalidDomain)),
            (b"[::1]:80", Err(Rejection::InvalidDomain)),
            (b"*.acme.com", Err(Rejection::InvalidDomain)),
            (b"%61cme.com", Err(Rejection::InvalidDomain)),
            (b"foo.123", Err(Rejection::InvalidDomain)),
            (b"1.2.3.4.5", Err(Rejection::InvalidDomain)),
            (b"a b", Err(Rejection::InvalidDomain)),
            (b"a\tb", Err(Rejection::InvalidDomain)),
            (b"a=b", Err(Rejection::InvalidDomain)),
            (b"acme.com/x", Err(Rejection::InvalidDomain)),
            (b"xn--a", Err(Rejection::InvalidDomain)),
            (b"\xff.com", Err(Rejection::InvalidDomain)),
        ];
        for (text, expected) in rows {
            let shown = String::from_utf8_lossy(text);
            assert_eq!(Domain::parse(text).name(), *expected, "{shown}");
            let dotted = [b".", *text].concat();
            let (domain, is_dotted) = Domain::parse_dotted(Cow::Owned(dotted));
            assert_eq!((domain.name(), is_dotted), (*expected, true), "{shown}");
        }
        assert!(matches!(
            Domain::parse(b"acme.com"),
            Domain::Name(Cow::Borrowed(_))
        ));
        assert_eq!(
            Domain::from_host("a*b").name(),
            Err(Rejection::InvalidDomain)
        );
        assert_eq!(Domain::default().name(), Err(Rejection::MissingDomain));
    }

    #[test]
    fn what_is_longer_than_a_host_has_nothing_above_it() {
        let long = "a.".repeat(100_000);
        assert_eq!(suffixes(&long).count(), 1);
        assert_eq!(suffixes(&"a.".repeat(126)).count(), 126);
    }

    #[test]
    fn ip_addresses_are_known_by_their_end() {
        for ip in ["127.0.0.1", "[::1]", "1.2.3.4"] {
            assert!(is_ip_address(ip), "{ip}");
        }
        for name in [
            "acme.com",
            "a1",
            "acme.com2",
            "",
            "localhost",
            "1.2.3.4.in-addr.arpa",
        ] {
            assert!(!is_ip_address(name), "{name}");
        }
    }

    #[test]
    fn loopback_hosts() {
        for host in [
            "localhost",
            "localhost.",
            "www.localhost",
            "127.0.0.1",
            "127.255.0.9",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "notlocalhost",
            "localhost.com",
            "128.0.0.1",
            "127.acme.com",
            "[::2]",
            "[::ffff:7f00:1]",
            "0.0.0.0",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn within_is_at_the_boundary_of_a_label() {
        let rows = [
            ("www.acme.com", "acme.com", true),
            ("acme.com", "acme.com", true),
            ("xacme.com", "acme.com", false),
            ("acme.com", "www.acme.com", false),
            ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "3.4", false), // an address is matched whole
            ("acme.com", "", false),
            ("acme.com.", "acme.com", false),
        ];
        for (host, domain, expected) in rows {
            assert_eq!(is_within(host, domain), expected, "{host} {domain}");
        }
    }

    #[test]
    fn domain_match_as_rfc2965_has_it() {
        let rows = [
            ("x.y.com", ".y.com", true),
            ("x.y.com", "y.com", false),
            ("y.com", ".y.com", false), // N must not be empty
            ("y.com", "y.com", true),
            ("a.b.c.com", ".c.com", true),
            (".c.com", "a.b.c.com", false), // not symmetric
            ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", ".3.4", false),
            ("foo.local", ".local", true),
            ("x.y.com.evil.net", ".y.com", false), // anchored at the end
        ];
        for (a, b, expected) in rows {
            assert_eq!(domain_match(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn reach_as_rfc2965_has_it() {
        let rows = [
            ("www.acme.com", ".acme.com"),
            ("acme.com", "acme.com"),
            ("acme.local", ".local"),
            ("foo", "foo"),
            ("1.2.3.4", "1.2.3.4"),
            ("www.acme.com.", "www.acme.com."),
            ("", ""),
        ];
        for (host, expected) in rows {
            assert_eq!(reach(host), expected, "{host}");
        }
    }

    #[test]
    fn suffixes_go_up_to_the_last_label() {
        assert_eq!(suffixes("a.b.c").collect::<Vec<_>>(), ["a.b.c", "b.c", "c"]);
        assert_eq!(suffixes("foo").collect::<Vec<_>>(), ["foo"]);
        assert_eq!(suffixes("1.2.3.4").collect::<Vec<_>>(), ["1.2.3.4"]);
        assert_eq!(suffixes("a.b.").collect::<Vec<_>>(), ["a.b.", "b."]);
        assert_eq!(suffixes("").count(), 0);
    }
}
