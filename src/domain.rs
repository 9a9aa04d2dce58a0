//! Host names: canonical form, effective host name, domain-match, reach, suffixes of a host.
//!
//! It knows no request and no cookie. All names here are canonical: lower-case ASCII, with IPv6 literals in brackets.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use idna::AsciiDenyList;
use url::Host;

use crate::octets;
use crate::rejection::Rejection;

/// The maximum length of a host name without its trailing dot (RFC 1035, section 2.3.4: 255 octets, including
/// the length octets of its labels).
pub(crate) const LONGEST: usize = 253;

/// The maximum length of a host as written: four octets per character in UTF-8. A longer spelling is not
/// parsed.
const LONGEST_SPELLING: usize = 4 * (LONGEST + 1);

/// Returns a canonical name as is. The host parser of the WHATWG URL standard reads all others: IDNA, IPv4 in all its
/// spellings, IPv6. A bare IPv6 address gets brackets.
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

/// `None` if no host with cookies can equal it. The leading dot is already removed.
#[inline]
pub(crate) fn canonical_domain(domain: &str) -> Option<Cow<'_, str>> {
    if is_plain_name(domain) {
        return Some(Cow::Borrowed(domain));
    }
    canonical_domain_slow(domain).map(Cow::Owned)
}

/// A `Domain` is no part of a URL, so that a `%` in it is not an escape.
#[cold]
fn canonical_domain_slow(domain: &str) -> Option<String> {
    if domain.len() > LONGEST_SPELLING || domain.contains('%') {
        return None;
    }
    let ascii = if domain.is_ascii() {
        Cow::Borrowed(domain)
    } else {
        idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::URL).ok()?
    };
    canonical_host_slow(&ascii).filter(|domain| is_domain_shaped(domain))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Labels {
    /// Not a host: an empty label other than the last, or more than 253 octets before the trailing dot. With a
    /// leading dot it would look like the domain of a cookie that other hosts share.
    Unsound,
    One,
    Others,
}

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

#[derive(Debug, Clone, Default)]
pub(crate) enum Domain<'a> {
    #[default]
    Missing,
    Invalid,
    Name(Cow<'a, str>),
}

impl<'a> Domain<'a> {
    #[inline]
    pub(crate) fn parse(text: &'a [u8]) -> Self {
        let text = std::str::from_utf8(text).ok();
        text.and_then(canonical_domain)
            .map_or(Self::Invalid, Self::Name)
    }

    #[inline]
    pub(crate) fn parse_dotted(text: Cow<'a, [u8]>) -> (Self, bool) {
        let dotted = text.starts_with(b".");
        let domain = match text {
            Cow::Borrowed(text) => Self::parse(&text[usize::from(dotted)..]),
            Cow::Owned(text) => Domain::parse(&text[usize::from(dotted)..]).into_owned(),
        };
        (domain, dotted)
    }

    #[inline]
    pub(crate) fn from_host(host: &'a str) -> Self {
        if is_domain_shaped(host) {
            Self::Name(Cow::Borrowed(host))
        } else {
            Self::Invalid
        }
    }

    #[inline]
    pub(crate) fn name(&self) -> Result<&str, Rejection> {
        match self {
            Self::Missing => Err(Rejection::MissingDomain),
            Self::Invalid => Err(Rejection::InvalidDomain),
            Self::Name(name) => Ok(name),
        }
    }

    pub(crate) fn borrowed(&self) -> Domain<'_> {
        match self {
            Self::Missing => Domain::Missing,
            Self::Invalid => Domain::Invalid,
            Self::Name(name) => Domain::Name(Cow::Borrowed(name)),
        }
    }

    pub(crate) fn into_owned(self) -> Domain<'static> {
        match self {
            Self::Missing => Domain::Missing,
            Self::Invalid => Domain::Invalid,
            Self::Name(name) => Domain::Name(Cow::Owned(name.into_owned())),
        }
    }
}

/// The URL standard accepts octets that are invalid in host names; with them, a file or header would be misread.
#[inline]
fn is_domain_shaped(domain: &str) -> bool {
    octets::is_simple_name(domain.as_bytes()) || is_domain_shaped_slow(domain)
}

#[cold]
fn is_domain_shaped_slow(domain: &str) -> bool {
    !domain.is_empty() && domain.bytes().all(|byte| SHAPED[usize::from(byte)])
}

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

/// Whether `host` is already canonical: lower-case letters, digits, `-`, `_` and dots, no empty label, no
/// Punycode label that IDNA would have to check, and no number at the end, which may be an IPv4 address.
#[inline]
pub(crate) fn is_plain_name(host: &str) -> bool {
    let name = without_root_dot(host);
    (octets::is_simple_name(host.as_bytes()) || is_plain_name_slow(host))
        && !host.starts_with('.')
        && name.len() <= LONGEST
        && !ends_in_number(name)
}

#[cold]
fn is_plain_name_slow(host: &str) -> bool {
    let is_punycode = |label: &str| label.starts_with("xn--");
    !host.is_empty()
        && host.bytes().all(|byte| PLAIN[usize::from(byte)])
        && labels(host) != Labels::Unsound
        && !host.split('.').any(is_punycode)
}

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

/// Secure Contexts, section 3.1; RFC 6761, section 6.3.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = without_root_dot(host);
    match name {
        "localhost" | "[::1]" => true,
        _ if is_ip_address(name) => name.starts_with("127."),
        _ => name.ends_with(".localhost"),
    }
}

/// The suffix that makes a host without dots its *effective host name* (RFC 2965, section 1).
pub(crate) const LOCAL: &str = ".local";

/// Whether the effective host name of `host` is `host` followed by `.local` (RFC 2965, section 1).
#[inline]
pub(crate) fn is_dotless(host: &str) -> bool {
    !host.is_empty() && dot_in(host).is_none() && !host.starts_with('[')
}

/// Keeps the leading dot. A domain that no cookie can have is returned unchanged.
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

#[inline]
pub(crate) fn undotted(domain: &str) -> &str {
    domain.strip_prefix('.').unwrap_or(domain)
}

#[inline]
pub(crate) fn without_root_dot(domain: &str) -> &str {
    domain.strip_suffix('.').unwrap_or(domain)
}

/// A suffix at a label boundary. `domain` has no leading dot.
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

/// Returns `name` as the end of `host`, if it is the host or, at a label boundary, above it.
#[inline]
pub(crate) fn above<'h>(host: &'h str, name: &[u8]) -> Option<&'h str> {
    let start = host.len().checked_sub(name.len())?;
    let above = host.get(start..)?;
    let at_boundary = start == 0 || host.as_bytes()[start - 1] == b'.';
    (at_boundary && above.as_bytes() == name && !name.is_empty()).then_some(above)
}

/// Whether host name `a` domain-matches `b` (RFC 2965, section 1).
///
/// > A is a HDN string and has the form NB, where N is a non-empty name string, B has the form .B',
/// > and B' is a HDN string. (So, x.y.com domain-matches .Y.com but not Y.com.)
///
/// The relation is not symmetric. CPython: `domain_match`; this one is anchored at the end.
pub(crate) fn domain_match(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let Some(b_name) = b.strip_prefix('.') else {
        return false;
    };
    is_host_name(a) && is_host_name(b_name) && a.len() > b.len() && a.ends_with(b)
}

/// Whether Python considers `text` a host domain name (HDN): not an IP address, and no dot at either end.
fn is_host_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && !text.ends_with('.') && !is_ip_address(text)
}

/// Returns the reach of a host (RFC 2965, section 1): `.B` for a host name `A.B` where `A` has no dots and `B`
/// has one or is `local`; otherwise the host itself. The result is a slice of `host`.
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

/// Iterates over `host` and every name above it, longest first: `a.b.c`, `b.c`, `c`. An IP address yields only
/// itself, and so does a text longer than any host, so that looking up every name stays linear.
#[inline]
pub(crate) fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    let alone = is_ip_address(host) || host.len() > LONGEST + 1;
    let first = (!host.is_empty()).then_some(host);
    std::iter::successors(first, move |name| {
        let parent = &name[dot_in(name)? + 1..];
        (!alone && !parent.is_empty()).then_some(parent)
    })
}

#[inline]
fn dot_in(name: &str) -> Option<usize> {
    octets::position(name.as_bytes(), b'.')
}

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/domain.rs"]
mod tests;
