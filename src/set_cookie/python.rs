//! `Set-Cookie` as Python reads it, and what the attributes of Netscape, RFC 2109 and RFC 2965 mean there.
//!
//! It does not split at commas, and strips quotes only around a `Version` or an `Expires`.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{Attributes, DefaultPath, Pair, Pieces, Reader, Value, max_age, octets};
use crate::cookie::pack::{Bytes, Parts, Rare};
use crate::cookie::packed::Octets;
use crate::cookie::{Cookie, Flags, NEVER, UNKNOWN};
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
) -> Result<Attributes<'_, &[u8], impl Iterator<Item = Pair<'_, &[u8]>> + Clone>, Rejection> {
    let mut pieces = Pieces::new(field);
    let (name, value) = match pieces.next() {
        Some((name, value)) if !name.is_empty() => (name, value),
        _ => return Err(Rejection::MissingName),
    };
    Ok(Attributes {
        name,
        value,
        pairs: pieces.filter(|(key, _)| !key.is_empty()).map(attribute),
        default_version: Some(0),
        class: Class::from_bytes(field),
    })
}

#[inline]
fn attribute<'a>((key, value): (&'a [u8], Option<&'a [u8]>)) -> Pair<'a, &'a [u8]> {
    let value = match value {
        Some(quoted @ ([b'"', ..] | [.., b'"']))
            if is_word(key, b"Expires") || is_word(key, b"Version") =>
        {
            Some(strip_quotes(quoted))
        }
        value => value,
    };
    Pair { key, value }
}

/// Strips one quote from each end, independently (CPython: `strip_quotes`).
fn strip_quotes(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    text.strip_suffix(b"\"").unwrap_or(text)
}

/// Also makes expired cookies (CPython: `_normalized_cookie_tuples` and `_cookie_from_cookie_tuple`).
#[inline]
pub(crate) fn make_cookie<'a, V: Value<'a>>(
    attributes: &Attributes<'a, V, impl Iterator<Item = Pair<'a, V>> + Clone>,
    reader: &Reader<'_>,
) -> Result<Cookie, Rejection> {
    let octets = octets(attributes);
    if octets == Octets::Forbidden {
        return Err(Rejection::ForbiddenOctet);
    }
    let mut draft = Draft::new();
    for pair in attributes.pairs.clone() {
        draft.take(pair, reader.now)?;
    }
    draft.flags.set(Flags::CONTROL, octets == Octets::Control);
    draft.pack(attributes, reader)
}

/// The number of attributes unknown to Python kept while a cookie is read: as many as need no allocation. If
/// there are more, the field is split again for them; keeping them all would take eight times the length of a
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

struct Draft<'a, V> {
    flags: Flags,
    version: Option<u32>,
    domain: Option<V>,
    path: Option<V>,
    expires: i64,
    has_max_age: bool,
    /// The attributes that are final, one bit each.
    seen: u16,
    /// `None` for most cookies.
    rare: Option<Box<Rare<'a>>>,
    others: SmallVec<[Kept<'a, V>; KEPT]>,
    has_more: bool,
}

type Kept<'a, V> = (&'a [u8], Option<V>);

impl<'a, V: Value<'a>> Draft<'a, V> {
    #[inline]
    fn new() -> Self {
        Self {
            flags: Flags::NONE,
            version: None,
            domain: None,
            path: None,
            expires: NEVER,
            has_max_age: false,
            seen: 0,
            rare: None,
            others: SmallVec::new(),
            has_more: false,
        }
    }

    /// The first of equal attributes counts; of several `Max-Age` the last counts, as in Python, and any `Max-Age`
    /// beats `Expires`.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `response`: 1.7 % fewer instructions"
    )]
    fn take(&mut self, pair: Pair<'a, V>, now: i64) -> Result<(), Rejection> {
        let Pair { key, value } = pair;
        let Some(standard) = Standard::parse(key) else {
            self.keep(key, value);
            return Ok(());
        };
        if self.has_seen(standard) {
            return Ok(());
        }
        match standard {
            Standard::Comment => self.rare().comment = value.map(V::into),
            Standard::CommentUrl => self.rare().comment_url = value.map(V::into),
            Standard::Discard => self
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
                self.flags.set(Flags::PORT_SPECIFIED, value.is_some());
                let port = value.map_or(Cow::Borrowed(&b""[..]), V::into);
                self.rare().port = Some(without_blanks(port));
            }
            Standard::Secure => self.flags.set(Flags::SECURE, true),
            Standard::Version => self.version = Some(version(&required(value)?)?),
        }
        self.settle(standard);
        Ok(())
    }

    #[inline]
    fn keep(&mut self, key: &'a [u8], value: Option<V>) {
        if self.others.len() < KEPT {
            self.others.push((key, value));
        } else {
            self.has_more = true;
        }
    }

    fn rare(&mut self) -> &mut Rare<'a> {
        self.rare.get_or_insert_default()
    }

    /// An unreadable date is ignored, so that a later one counts.
    fn take_expires(&mut self, value: Option<&[u8]>) {
        if let (false, Some(expires)) = (self.has_max_age, value.and_then(date::parse_server_date))
        {
            self.expires = expires.min(date::END_OF_9999);
            self.settle(Standard::Expires);
        }
    }

    #[inline]
    fn take_max_age(&mut self, value: &[u8], now: i64) -> Result<(), Rejection> {
        let seconds = max_age(value).ok_or(Rejection::InvalidMaxAge)?;
        self.expires = now.saturating_add(seconds).min(date::END_OF_9999);
        self.has_max_age = true;
        Ok(())
    }

    #[inline]
    fn pack(
        &mut self,
        attributes: &Attributes<'a, V, impl Iterator<Item = Pair<'a, V>> + Clone>,
        reader: &Reader<'_>,
    ) -> Result<Cookie, Rejection> {
        let version = self.version.or(attributes.default_version);
        let version = version.ok_or(Rejection::MissingVersion)?;
        self.fill_in_port(reader.request);
        let attribute = self.domain.as_deref().map(|text| reader.domain(text));
        // A path that does not begin with a slash is ignored.
        let path = self.path.as_deref().filter(|path| path.starts_with(b"/"));
        let has_path = path.is_some();
        let path = path.unwrap_or_else(|| {
            reader.default_path(match version {
                0 => DefaultPath::Netscape,
                _ => DefaultPath::Rfc2965,
            })
        });
        let mut flags = self.flags;
        flags.set(
            Flags::DOMAIN_INITIAL_DOT,
            attribute.as_ref().is_some_and(|(_, has_dot)| *has_dot),
        );
        flags.set(Flags::PATH_SPECIFIED, has_path);
        let parts = Parts {
            name: attributes.name,
            value: attributes.value.as_deref(),
            domain: attribute
                .as_ref()
                .map_or(&reader.host().domain, |(domain, _)| domain),
            dotted: attribute.is_some(),
            path,
            escapes_path: has_path && path::needs_escapes(path),
            rare: self.rare.as_deref(),
            version,
            flags,
            expires: self.expires,
            created: UNKNOWN,
            last_access: 0,
            class: attributes.class,
            // Header words are split by another grammar and may quote any octet.
            split: attributes.default_version.is_some(),
        };
        if self.has_more {
            return pack_with_all(&parts, attributes.pairs.clone());
        }
        let others = self.others.iter();
        parts.pack(others.map(|(key, value)| (*key, value.as_deref())))
    }

    /// `Port` without a value means the port of the request (RFC 2965, section 3.2.2).
    #[inline]
    fn fill_in_port(&mut self, request: &RequestContext<'_>) {
        if let Some(rare) = &mut self.rare
            && rare.port.is_some()
            && !self.flags.has(Flags::PORT_SPECIFIED)
        {
            rare.port = Some(Cow::Owned(request.port().to_string().into_bytes()));
        }
    }

    fn has_seen(&self, standard: Standard) -> bool {
        self.seen & (1 << standard as u16) != 0
    }

    fn settle(&mut self, standard: Standard) {
        self.seen |= 1 << standard as u16;
    }
}

#[cold]
fn pack_with_all<'a, V: Value<'a>>(
    parts: &Parts<'_>,
    pairs: impl Iterator<Item = Pair<'a, V>> + Clone,
) -> Result<Cookie, Rejection> {
    let others = pairs.filter(|pair| Standard::parse(pair.key).is_none());
    parts.pack(others.map(|pair| (pair.key, pair.value)))
}

fn required<V>(value: Option<V>) -> Result<V, Rejection> {
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

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/python_dialect.rs"]
mod tests;
