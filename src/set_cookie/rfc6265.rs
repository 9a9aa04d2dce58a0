//! `Set-Cookie` as browsers read it, and what attributes mean there: RFC 6265bis, section 5.6.
//!
//! > Notice that attributes with unrecognized attribute-names are ignored.
//!
//! Attributes unknown to the draft, such as `Version` and `Port`, are dropped: a login must not fail because of
//! their length. `HttpOnly`, `SameSite` and `Partitioned` are kept among the [non-standard
//! attributes](crate::Cookie::nonstandard_attrs), the last one of each.

use smallvec::SmallVec;

use super::{Attributes, DefaultPath, Pair, Pieces, Reader, max_age, octets};
use crate::cookie::pack::Parts;
use crate::cookie::packed::Octets;
use crate::cookie::{Cookie, Flags, NEVER, UNKNOWN};
use crate::date;
use crate::octets::{Class, is_word};
use crate::rejection::Rejection;

/// > If the attribute-value is longer than 1024 octets, ignore the cookie-av string. (Section 5.6)
const LONGEST_VALUE: usize = 1_024;

/// Reads one `Set-Cookie` field. Every field is a cookie of some kind.
///
/// ```text
/// set-cookie-string   = name-value-pair *( ";" cookie-av )
/// name-value-pair     = [ name "=" ] value
/// cookie-av           = attribute-name [ "=" attribute-value ]
/// ```
///
/// > If the name-value-pair string lacks a %x3D ("=") character, then the name string is empty, and
/// > the value string is the value of name-value-pair.
///
/// The first `=` of a piece separates name and value, and white space is space and tab.
pub(crate) fn parse(
    field: &[u8],
) -> Attributes<'_, &[u8], impl Iterator<Item = Pair<'_, &[u8]>> + Clone> {
    let mut pieces = Pieces::new(field);
    let (name, value) = match pieces.next() {
        Some((name, Some(value))) => (name, value),
        Some((value, None)) => (&b""[..], value),
        None => (&b""[..], &b""[..]),
    };
    Attributes {
        name,
        value: Some(value),
        pairs: pieces.map(|(key, value)| Pair { key, value }),
        default_version: Some(0),
        class: Class::from_bytes(field),
    }
}

/// Sections 5.6 and 5.7, steps 5 to 12.
#[inline]
pub(super) fn make_cookie<'a>(
    attributes: Attributes<'a, &'a [u8], impl Iterator<Item = Pair<'a, &'a [u8]>> + Clone>,
    reader: &Reader<'_>,
) -> Result<Cookie, Rejection> {
    let octets = octets(&attributes);
    if octets == Octets::Forbidden {
        return Err(Rejection::ForbiddenOctet);
    }
    let mut draft = Draft::new();
    for pair in attributes.pairs {
        draft.take(pair, reader.now);
    }
    draft.flags.set(Flags::CONTROL, octets == Octets::Control);
    let attribute = domain_of(draft.domain)?.map(|text| reader.domain(text));
    draft.flags.set(
        Flags::DOMAIN_INITIAL_DOT,
        attribute.as_ref().is_some_and(|(_, has_dot)| *has_dot),
    );
    draft.flags.set(Flags::PATH_SPECIFIED, has_path(draft.path));
    let parts = Parts {
        name: attributes.name,
        value: attributes.value,
        domain: attribute
            .as_ref()
            .map_or(&reader.host().domain, |(domain, _)| domain),
        dotted: attribute.is_some(),
        path: path_or_default(draft.path, reader),
        escapes_path: false,
        rare: None,
        version: 0,
        flags: draft.flags,
        expires: draft.max_age.or(draft.expires).unwrap_or(NEVER),
        created: UNKNOWN,
        last_access: 0,
        class: attributes.class,
        split: true,
    };
    parts.pack(draft.kept.iter().copied())
}

struct Draft<'a> {
    flags: Flags,
    domain: Option<&'a [u8]>,
    path: Option<&'a [u8]>,
    expires: Option<i64>,
    max_age: Option<i64>,
    kept: SmallVec<[Kept<'a>; 3]>,
}

type Kept<'a> = (&'a [u8], Option<&'a [u8]>);

impl<'a> Draft<'a> {
    #[inline]
    fn new() -> Self {
        Self {
            flags: Flags::NONE,
            domain: None,
            path: None,
            expires: None,
            max_age: None,
            kept: SmallVec::new(),
        }
    }

    /// The last of equal attributes counts; an unreadable date or age is ignored, and any age beats every date.
    #[inline]
    fn take(&mut self, Pair { key, value }: Pair<'a, &'a [u8]>, now: i64) {
        let text = value.unwrap_or_default();
        if text.len() > LONGEST_VALUE || key.is_empty() {
            return;
        }
        match key.len() {
            4 if is_word(key, b"Path") => self.path = Some(text),
            6 if is_word(key, b"Domain") => self.domain = Some(text),
            6 if is_word(key, b"Secure") => self.flags.set(Flags::SECURE, true),
            7 if is_word(key, b"Expires") => {
                self.expires = date::parse_cookie_date(text).or(self.expires);
            }
            7 if is_word(key, b"Max-Age") => {
                let end = |seconds: i64| now.saturating_add(seconds).min(date::END_OF_9999);
                self.max_age = max_age(text).map(end).or(self.max_age);
            }
            8 if is_word(key, b"HttpOnly") => self.keep(key, value),
            8 if is_word(key, b"SameSite") => self.keep(key, value),
            11 if is_word(key, b"Partitioned") => self.keep(key, value),
            _ => {}
        }
    }

    /// Replaces an earlier attribute with its name, so that there are at most three.
    #[inline]
    fn keep(&mut self, key: &'a [u8], value: Option<&'a [u8]>) {
        self.kept
            .retain(|(earlier, _)| !earlier.eq_ignore_ascii_case(key));
        self.kept.push((key, value));
    }
}

/// > If the attribute-value is empty or if the first character of the attribute-value is not %x2F
/// > ("/"): Let cookie-path be the default-path. (Section 5.6.4)
///
/// The bytes stay as received.
#[inline]
fn path_or_default<'t>(attribute: Option<&'t [u8]>, reader: &'t Reader<'_>) -> &'t [u8] {
    match attribute.filter(|_| has_path(attribute)) {
        Some(path) => path,
        None => reader.default_path(DefaultPath::Rfc6265),
    }
}

#[inline]
fn has_path(attribute: Option<&[u8]>) -> bool {
    attribute.is_some_and(|path| path.starts_with(b"/"))
}

/// An empty domain counts as absent. A leading dot is ignored (sections 5.6.3 and 5.7, steps 7 to 10).
#[inline]
fn domain_of(attribute: Option<&[u8]>) -> Result<Option<&[u8]>, Rejection> {
    match attribute {
        None | Some(b"" | b".") => Ok(None),
        Some(domain) if domain.is_ascii() => Ok(Some(domain)),
        Some(_) => Err(Rejection::DomainNotAscii),
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/rfc6265.rs"]
mod tests;
