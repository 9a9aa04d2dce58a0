//! `Set-Cookie` as Python reads it, and what the attributes of Netscape, RFC 2109 and RFC 2965 mean there.
//!
//! It does not split at commas, and strips quotes only around a `Version` or an `Expires`.

use std::borrow::Cow;

use super::{Attributes, Pair, Pieces, max_age, octets, set_domain, set_host_only};
use crate::cookie::pack::Bytes;
use crate::cookie::packed::Octets;
use crate::cookie::{Cookie, Fields, Flags, NEVER};
use crate::octets::{Class, is_blank, is_word};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::{date, path};

/// Reads one `Set-Cookie` field (CPython: `parse_ns_headers`).
///
/// ```text
/// set-cookie = name [ "=" value ] *( ";" [ attribute ] )
/// attribute  = key [ "=" value ]
/// ```
///
/// The pieces between semicolons are taken as they are, trimmed of blanks. A piece without a key is ignored,
/// but a cookie must have a name.
#[inline]
pub(crate) fn parse(
    field: &[u8],
) -> Result<Attributes<'_, impl Iterator<Item = Pair<'_>> + Clone>, Rejection> {
    let mut pieces = Pieces::new(field);
    let (name, value) = match pieces.next() {
        Some((name, value)) if !name.is_empty() => (name, value),
        _ => return Err(Rejection::MissingName),
    };
    Ok(Attributes {
        name,
        value: value.map(Cow::Borrowed),
        pairs: pieces.filter(|(key, _)| !key.is_empty()).map(attribute),
        default_version: Some(0),
        class: Class::from_bytes(field),
    })
}

#[inline]
fn attribute<'a>((key, value): (&'a [u8], Option<&'a [u8]>)) -> Pair<'a> {
    let value = match value {
        Some(quoted @ ([b'"', ..] | [.., b'"']))
            if is_word(key, b"Expires") || is_word(key, b"Version") =>
        {
            Some(strip_quotes(quoted))
        }
        value => value,
    };
    Pair {
        key,
        value: value.map(Cow::Borrowed),
    }
}

/// Strips one quote from each end, independently (CPython: `strip_quotes`).
fn strip_quotes(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    text.strip_suffix(b"\"").unwrap_or(text)
}

/// Makes the cookie that `attributes` describe in a response to `request`, expired or not (CPython:
/// `_normalized_cookie_tuples` and `_cookie_from_cookie_tuple`).
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
        default_version,
        class,
    } = attributes;
    let mut draft = Draft::default();
    for pair in pairs.clone() {
        draft.take(pair, now)?;
    }
    draft.fields.name = Cow::Borrowed(name);
    draft.fields.value = value;
    draft.fields.class = class;
    // Header words are split by another grammar and may quote any octet.
    draft.fields.split = default_version.is_some();
    let control = octets == Octets::Control;
    draft.fields.flags.set(Flags::CONTROL, control);
    draft.fill_in(default_version, request)?;
    if draft.fields.attributes.len() <= KEPT {
        return draft.fields.pack();
    }
    draft.fields.attributes.clear();
    draft.fields.pack_with(Some(&|look| {
        let others = pairs
            .clone()
            .filter(|pair| Standard::parse(pair.key).is_none());
        others.for_each(|Pair { key, value }| look(key, value.as_deref()));
    }))
}

/// The number of attributes unknown to Python kept while a cookie is read: as many as need no allocation. If
/// there are more, the field is split again for them; keeping them all would take twelve times the length of a
/// field that consists of them.
const KEPT: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standard {
    Comment,
    CommentUrl,
    Discard,
    Domain,
    Expires,
    MaxAge,
    Path,
    Port,
    Secure,
    Version,
}

impl Standard {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `response`: 1.5 % fewer instructions"
    )]
    fn parse(key: &[u8]) -> Option<Self> {
        let (&letter, _) = key.split_first()?;
        // The length and the first letter leave at most two names.
        Some(match (key.len(), letter.to_ascii_lowercase()) {
            (4, b'p') if is_word(key, b"Path") => Self::Path,
            (4, b'p') if is_word(key, b"Port") => Self::Port,
            (6, b'd') if is_word(key, b"Domain") => Self::Domain,
            (6, b's') if is_word(key, b"Secure") => Self::Secure,
            (7, b'e') if is_word(key, b"Expires") => Self::Expires,
            (7, b'm') if is_word(key, b"Max-Age") => Self::MaxAge,
            (7, b'v') if is_word(key, b"Version") => Self::Version,
            (7, b'c') if is_word(key, b"Comment") => Self::Comment,
            (7, b'd') if is_word(key, b"Discard") => Self::Discard,
            (10, b'c') if is_word(key, b"CommentURL") => Self::CommentUrl,
            _ => return None,
        })
    }
}

#[derive(Default)]
struct Draft<'a> {
    fields: Fields<'a>,
    version: Option<u32>,
    domain: Option<Bytes<'a>>,
    path: Option<Bytes<'a>>,
    expires: Option<i64>,
    has_max_age: bool,
    seen: u16,
}

impl<'a> Draft<'a> {
    /// Applies one attribute. The first of equal ones counts; of several `Max-Age` the last counts, as in
    /// Python, and any `Max-Age` beats `Expires`.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `response`: 1.7 % fewer instructions"
    )]
    fn take(&mut self, pair: Pair<'a>, now: i64) -> Result<(), Rejection> {
        let Pair { key, value } = pair;
        let Some(standard) = Standard::parse(key) else {
            // One more shows that there are too many.
            if self.fields.attributes.len() <= KEPT {
                self.fields.attributes.push((Cow::Borrowed(key), value));
            }
            return Ok(());
        };
        if self.has_seen(standard) {
            return Ok(());
        }
        let fields = &mut self.fields;
        match standard {
            Standard::Comment => fields.rare().comment = value,
            Standard::CommentUrl => fields.rare().comment_url = value,
            Standard::Discard => fields
                .flags
                .set(Flags::DISCARD, value.is_none_or(|v| !v.is_empty())),
            Standard::Domain => self.domain = Some(required(value)?),
            Standard::Expires => {
                self.take_expires(value.as_deref());
                return Ok(());
            }
            Standard::MaxAge => return self.take_max_age(&required(value)?, now),
            Standard::Path => self.path = Some(required(value)?),
            // A bare `Port` means the port of the request, which is filled in later.
            Standard::Port => {
                fields.flags.set(Flags::PORT_SPECIFIED, value.is_some());
                fields.rare().port = Some(value.map_or(Cow::Borrowed(b""), without_blanks));
            }
            Standard::Secure => fields.flags.set(Flags::SECURE, true),
            Standard::Version => self.version = Some(version(&required(value)?)?),
        }
        self.settle(standard);
        Ok(())
    }

    /// An unreadable date is ignored, so that a later one counts.
    fn take_expires(&mut self, value: Option<&[u8]>) {
        if let (false, Some(expires)) = (self.has_max_age, value.and_then(date::parse_server_date))
        {
            self.expires = Some(expires.min(date::END_OF_9999));
            self.settle(Standard::Expires);
        }
    }

    fn take_max_age(&mut self, value: &[u8], now: i64) -> Result<(), Rejection> {
        let seconds = max_age(value).ok_or(Rejection::InvalidMaxAge)?;
        self.expires = Some(now.saturating_add(seconds).min(date::END_OF_9999));
        self.has_max_age = true;
        Ok(())
    }

    fn fill_in(
        &mut self,
        default_version: Option<u32>,
        request: &'a RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let version = self.version.or(default_version);
        let fields = &mut self.fields;
        fields.version = version.ok_or(Rejection::MissingVersion)?;
        fields.expires = self.expires.unwrap_or(NEVER);
        fill_in_path(fields, self.path.take(), request);
        match self.domain.take() {
            Some(domain) => set_domain(fields, domain),
            None => set_host_only(fields, request),
        }
        fill_in_port(fields, request);
        Ok(())
    }

    fn has_seen(&self, standard: Standard) -> bool {
        self.seen & (1 << standard as u16) != 0
    }

    fn settle(&mut self, standard: Standard) {
        self.seen |= 1 << standard as u16;
    }
}

fn required(value: Option<Bytes<'_>>) -> Result<Bytes<'_>, Rejection> {
    value.ok_or(Rejection::AttributeWithoutValue)
}

fn version(value: &[u8]) -> Result<u32, Rejection> {
    let version = super::digits(value).ok_or(Rejection::InvalidVersion)?;
    Ok(u32::try_from(version).unwrap_or(u32::MAX))
}

fn without_blanks(text: Bytes<'_>) -> Bytes<'_> {
    if text.iter().any(|&byte| is_blank(byte)) {
        Cow::Owned(
            text.iter()
                .copied()
                .filter(|&byte| !is_blank(byte))
                .collect(),
        )
    } else {
        text
    }
}

/// Sets the path to that of the attribute, escaped, or to the default path. A path that does not begin with a
/// slash is ignored.
#[inline]
fn fill_in_path<'a>(
    fields: &mut Fields<'a>,
    path: Option<Bytes<'a>>,
    request: &'a RequestContext<'_>,
) {
    match path.filter(|path| path.starts_with(b"/")) {
        Some(path) => {
            fields.path = escape(path);
            fields.flags.set(Flags::PATH_SPECIFIED, true);
        }
        None => {
            let default = path::default_path(request.escaped_path(), fields.version != 0);
            fields.path = Cow::Borrowed(default.as_bytes());
        }
    }
}

fn escape(path: Bytes<'_>) -> Bytes<'_> {
    path::escape(&path).map_or(path, |escaped| Cow::Owned(escaped.into_bytes()))
}

/// `Port` without a value means the port of the request (RFC 2965, section 3.2.2).
#[inline]
fn fill_in_port(fields: &mut Fields<'_>, request: &RequestContext<'_>) {
    if fields.port().is_some() && !fields.flags.has(Flags::PORT_SPECIFIED) {
        fields.rare().port = Some(Cow::Owned(request.port().to_string().into_bytes()));
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/python_dialect.rs"]
mod tests;
