//! The rules of host names: canonical form, effective host name, domain-match, reach, host
//! suffixes.
//!
//! It knows no request and no cookie. All names here are canonical: lower-case ASCII, IPv6 literals
//! in brackets. IP addresses are matched whole, never by their ends.

use std::borrow::Cow;

use url::Host;

/// The canonical form of a request-host, or `None` for what is no host.
///
/// A name that is canonical already comes back as it is. The rest is the WHATWG URL standard's host
/// parser: IDNA, IPv4 in all its spellings, IPv6. A bare IPv6 address gets its brackets.
pub(crate) fn canonical_host(host: &str) -> Option<Cow<'_, str>> {
    if host.is_empty() {
        return None;
    }
    if is_plain_name(host) {
        return Some(Cow::Borrowed(host));
    }
    let parsed = if host.contains(':') && !host.starts_with('[') {
        Host::parse(&format!("[{host}]"))
    } else {
        Host::parse(host)
    };
    parsed.ok().map(|host| Cow::Owned(host.to_string()))
}

/// The canonical form of a `Domain` attribute without its leading dot.
///
/// A name that IDNA refuses stays as it came, in lower case: it matches no host, and the refusal
/// names the rule that said so.
#[inline]
pub(crate) fn canonical_domain(domain: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(domain) {
        Ok(text)
            if domain
                .iter()
                .all(|byte| matches!(byte, 0..=b'@' | b'['..=0x7f)) =>
        {
            Cow::Borrowed(text)
        }
        Ok(text) if text.is_ascii() => Cow::Owned(text.to_ascii_lowercase()),
        Ok(text) => Cow::Owned(idna::domain_to_ascii(text).unwrap_or_else(|_| text.to_lowercase())),
        Err(_) => Cow::Owned(String::from_utf8_lossy(domain).to_lowercase()),
    }
}

/// Whether `domain` can stand as the domain of a cookie: after at most one dot, something of which
/// a host name or an IP literal is made.
#[inline]
pub(crate) fn is_domain_shaped(domain: &str) -> bool {
    let bare = undotted(domain);
    !bare.is_empty() && bare.bytes().all(|byte| SHAPED[usize::from(byte)])
}

/// The octets of which a domain can be made: a table, because every cookie has a domain.
const SHAPED: [bool; 256] = {
    let mut shaped = [false; 256];
    let mut byte = b'!';
    while byte < 0x7f {
        shaped[byte as usize] = !byte.is_ascii_uppercase()
            && !matches!(
                byte,
                b'/' | b'?' | b'#' | b'@' | b'\\' | b'%' | b'"' | b',' | b';'
            )
            && !matches!(byte, b'<' | b'>' | b'^' | b'|' | b'`' | b'{' | b'}' | b'=');
        byte += 1;
    }
    shaped
};

/// Nothing to do: lower-case letters, digits, `-`, `_` and dots, no Punycode label that IDNA would
/// have to check, no number at the end (which may be an IPv4 address).
fn is_plain_name(host: &str) -> bool {
    let plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    host.bytes().all(plain)
        && !host.split('.').any(|label| label.starts_with("xn--"))
        && !ends_in_number(host.strip_suffix('.').unwrap_or(host))
        && !host.starts_with('.')
}

fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    last.as_bytes().first().is_some_and(u8::is_ascii_digit)
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

/// `host` and every name above it, longest first: `a.b.c`, `b.c`, `c`. An IP address stands alone.
#[inline]
pub(crate) fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    let alone = is_ip_address(host);
    let first = (!host.is_empty()).then_some(host);
    std::iter::successors(first, move |name| {
        let parent = &name[dot_in(name)? + 1..];
        (!alone && !parent.is_empty()).then_some(parent)
    })
}

/// The place of the first dot: names are short, a plain loop finds it before a search has begun.
#[inline]
fn dot_in(name: &str) -> Option<usize> {
    name.bytes().position(|byte| byte == b'.')
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
            ("[::g]", None),
        ];
        for (host, expected) in rows {
            assert_eq!(canonical_host(host).as_deref(), expected, "{host}");
        }
        assert!(matches!(canonical_host("acme.com"), Some(Cow::Borrowed(_))));
    }

    #[test]
    fn domain_attributes_become_canonical() {
        assert!(matches!(
            canonical_domain(b"acme.com"),
            Cow::Borrowed("acme.com")
        ));
        assert_eq!(canonical_domain(b"ACME.com"), "acme.com");
        assert_eq!(
            canonical_domain("Bücher.example".as_bytes()),
            "xn--bcher-kva.example"
        );
        assert!(!is_domain_shaped(&canonical_domain(b"\xff.com")));
    }

    #[test]
    fn the_shape_of_a_domain() {
        for good in [
            "acme.com",
            ".acme.com",
            "localhost",
            ".1.2.3.4",
            "[::1]",
            "a_b",
            "acme.com.",
        ] {
            assert!(is_domain_shaped(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "a b",
            "acme.com/x",
            "\u{e9}.com",
            "a\tb",
            "a=b",
            "ACME.com",
        ] {
            assert!(!is_domain_shaped(bad), "{bad}");
        }
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
