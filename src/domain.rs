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

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/domain.rs"]
mod tests;
