//! `Set-Cookie` as browsers read it, and what attributes mean there: RFC 6265bis, section 5.6.
//!
//! > Notice that attributes with unrecognized attribute-names are ignored.
//!
//! Attributes unknown to the draft, such as `Version` and `Port`, are dropped: a login must not fail because of
//! their length. `HttpOnly`, `SameSite` and `Partitioned` are kept among the [non-standard
//! attributes](crate::Cookie::nonstandard_attrs), the last one of each.

use std::borrow::Cow;

use super::{Attributes, Pair, Pieces, max_age, octets, set_domain, set_host_only};
use crate::cookie::pack::Bytes;
use crate::cookie::packed::Octets;
use crate::cookie::{Cookie, Fields, Flags, NEVER};
use crate::octets::{Class, is_word};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::{date, path};

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
pub(crate) fn parse(field: &[u8]) -> Attributes<'_, impl Iterator<Item = Pair<'_>> + Clone> {
    let mut pieces = Pieces::new(field);
    let (name, value) = match pieces.next() {
        Some((name, Some(value))) => (name, value),
        Some((value, None)) => (&b""[..], value),
        None => (&b""[..], &b""[..]),
    };
    Attributes {
        name,
        value: Some(Cow::Borrowed(value)),
        pairs: pieces.map(|(key, value)| Pair {
            key,
            value: value.map(Cow::Borrowed),
        }),
        default_version: Some(0),
        class: Class::from_bytes(field),
    }
}

/// Makes the cookie that `attributes` describe in a response to `request`, expired or not (sections 5.6 and
/// 5.7, steps 5 to 12).
pub(super) fn make_cookie<'a>(
    attributes: Attributes<'a, impl Iterator<Item = Pair<'a>> + Clone>,
    request: &RequestContext<'_>,
    now: i64,
) -> Result<Cookie, Rejection> {
    let octets = octets(&attributes);
    if octets == Octets::Forbidden {
        return Err(Rejection::ForbiddenOctet);
    }
    let Attributes {
        name,
        value,
        pairs,
        class,
        ..
    } = attributes;
    let mut draft = Draft::default();
    for pair in pairs {
        draft.take(pair, now);
    }
    let fields = &mut draft.fields;
    fields.name = Cow::Borrowed(name);
    fields.value = value;
    fields.class = class;
    fields.split = true;
    fields.expires = draft.max_age.or(draft.expires).unwrap_or(NEVER);
    fields.flags.set(Flags::CONTROL, octets == Octets::Control);
    fill_in_path(fields, draft.path, request);
    fill_in_domain(fields, draft.domain, request)?;
    fields.pack()
}

#[derive(Default)]
struct Draft<'a> {
    fields: Fields<'a>,
    domain: Option<Bytes<'a>>,
    path: Option<Bytes<'a>>,
    expires: Option<i64>,
    max_age: Option<i64>,
}

impl<'a> Draft<'a> {
    /// Applies one attribute. The last of equal ones counts; an unreadable date or age is ignored, and any age
    /// beats every date.
    fn take(&mut self, Pair { key, value }: Pair<'a>, now: i64) {
        let text = value.as_deref().unwrap_or_default();
        if text.len() > LONGEST_VALUE || key.is_empty() {
            return;
        }
        match key.len() {
            4 if is_word(key, b"Path") => self.path = Some(value.unwrap_or_default()),
            6 if is_word(key, b"Domain") => self.domain = Some(value.unwrap_or_default()),
            6 if is_word(key, b"Secure") => self.fields.flags.set(Flags::SECURE, true),
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

    /// Keeps an attribute in place of an earlier one with its name, so that there are at most three.
    fn keep(&mut self, key: &'a [u8], value: Option<Bytes<'a>>) {
        let attributes = &mut self.fields.attributes;
        attributes.retain(|(earlier, _)| !earlier.eq_ignore_ascii_case(key));
        attributes.push((Cow::Borrowed(key), value));
    }
}

/// > If the attribute-value is empty or if the first character of the attribute-value is not %x2F
/// > ("/"): Let cookie-path be the default-path. (Section 5.6.4)
///
/// The bytes stay as received.
fn fill_in_path<'a>(
    fields: &mut Fields<'a>,
    path: Option<Bytes<'a>>,
    request: &'a RequestContext<'_>,
) {
    match path.filter(|path| path.starts_with(b"/")) {
        Some(path) => {
            fields.path = path;
            fields.flags.set(Flags::PATH_SPECIFIED, true);
        }
        None => {
            fields.path = Cow::Borrowed(path::default_path(request.path(), false).as_bytes());
        }
    }
}

/// Sets the domain to that of the last attribute, or to the request-host only. A leading dot is ignored, and so
/// is an empty domain (sections 5.6.3 and 5.7, steps 7 to 10).
fn fill_in_domain<'a>(
    fields: &mut Fields<'a>,
    domain: Option<Bytes<'a>>,
    request: &'a RequestContext<'_>,
) -> Result<(), Rejection> {
    match domain.filter(|domain| !matches!(&**domain, b"" | b".")) {
        None => set_host_only(fields, request),
        Some(domain) if domain.is_ascii() => set_domain(fields, domain),
        Some(_) => return Err(Rejection::DomainNotAscii),
    }
    Ok(())
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/rfc6265.rs"]
mod tests;
