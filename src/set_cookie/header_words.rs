//! The grammar of header words, used by `Set-Cookie2` and by the `Set-Cookie3` lines of files.
//!
//! It knows no attribute names. Reading is linear in the input: an unclosed quote is searched for only once,
//! because every later `="` would have closed it.

use std::borrow::Cow;

use super::{Attributes, Pair};
use crate::cookie::pack::Bytes;
use crate::octets::{Class, is_blank};

/// Reads the cookies of one field (CPython: `split_header_words`).
///
/// ```text
/// field     = cookie *( "," cookie )
/// cookie    = pair *( [ ";" ] pair )
/// pair      = token [ "=" ( quoted | value ) ]
/// token     = 1*<any octet except "=", ";", "," and blanks>
/// quoted    = <"> *( <any octet except <"> and "\"> | "\" <any octet> ) <">
/// value     = *<any octet except ";", "," and blanks>
/// ```
///
/// An unclosed quote is part of a value. Everything else is ignored.
pub(crate) fn parse(
    field: &[u8],
) -> impl Iterator<Item = Attributes<'_, Bytes<'_>, impl Iterator<Item = Pair<'_, Bytes<'_>>> + Clone>>
{
    let class = Class::from_bytes(field);
    let mut rest = field;
    std::iter::from_fn(move || {
        let mut pairs = Pairs { rest };
        let first = loop {
            match pairs.next() {
                Some(pair) => break pair,
                // An empty cookie, or the end.
                None => pairs = pairs.after_comma()?,
            }
        };
        rest = pairs.end_of_cookie();
        Some(Attributes {
            name: first.key,
            value: first.value,
            pairs,
            default_version: None,
            class,
        })
    })
}

/// Whether a field is one cookie with a semicolon between any two pairs and a key before any `=`, as programs write it.
pub(crate) fn is_one_cookie(field: &[u8]) -> bool {
    let mut rest = skip_blanks(field);
    let mut has_name = false;
    loop {
        let (pair, after) = raw_pair(rest);
        has_name |= !pair.key.is_empty();
        match skip_blanks(after) {
            _ if pair.key.is_empty() && pair.value.is_some() => return false,
            [] => return has_name,
            [b';', after @ ..] => rest = skip_blanks(after),
            _ => return false,
        }
    }
}

/// The pairs of one cookie, up to a comma or the end. They are split on demand, so that a field of many pairs
/// takes no memory.
#[derive(Debug, Clone)]
struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Pairs<'a> {
    fn after_comma(&self) -> Option<Self> {
        let rest = self.rest.strip_prefix(b",")?;
        Some(Self { rest })
    }

    fn end_of_cookie(&self) -> &'a [u8] {
        let mut pairs = self.clone();
        while pairs.next_raw().is_some() {}
        pairs.rest
    }

    fn next_raw(&mut self) -> Option<RawPair<'a>> {
        let separates = |byte| is_blank(byte) || matches!(byte, b';' | b'=');
        self.rest = split_where(self.rest, |byte| !separates(byte)).1;
        if matches!(self.rest, [] | [b',', ..]) {
            return None;
        }
        let (pair, rest) = raw_pair(self.rest);
        self.rest = rest;
        Some(pair)
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a, Bytes<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_raw().map(Pair::from)
    }
}

struct RawPair<'a> {
    key: &'a [u8],
    value: Option<&'a [u8]>,
    has_escapes: bool,
}

impl<'a> From<RawPair<'a>> for Pair<'a, Bytes<'a>> {
    fn from(raw: RawPair<'a>) -> Self {
        let text = |value| {
            if raw.has_escapes {
                Cow::Owned(unescape(value))
            } else {
                Cow::Borrowed(value)
            }
        };
        Self {
            key: raw.key,
            value: raw.value.map(text),
        }
    }
}

fn raw_pair(text: &[u8]) -> (RawPair<'_>, &[u8]) {
    let (key, rest) = split_where(text, |byte| byte == b'=' || ends_word(byte));
    let mut raw = RawPair {
        key,
        value: None,
        has_escapes: false,
    };
    let [b'=', after @ ..] = skip_blanks(rest) else {
        return (raw, rest);
    };
    let after = skip_blanks(after);
    let (value, rest) = match quoted(after) {
        Some((value, has_escapes, rest)) => {
            raw.has_escapes = has_escapes;
            (value, rest)
        }
        None => split_where(after, ends_word),
    };
    raw.value = Some(value);
    (raw, rest)
}

fn quoted(text: &[u8]) -> Option<(&[u8], bool, &[u8])> {
    let inside = text.strip_prefix(b"\"")?;
    let mut end = 0;
    let mut has_escapes = false;
    loop {
        match inside.get(end)? {
            b'"' => break,
            b'\\' => {
                has_escapes = true;
                end += 2;
            }
            _ => end += 1,
        }
    }
    Some((&inside[..end], has_escapes, &inside[end + 1..]))
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let mut bytes = text.iter().copied();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.extend(if byte == b'\\' {
            bytes.next()
        } else {
            Some(byte)
        });
    }
    out
}

fn ends_word(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b';' | b',')
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    split_where(text, |byte| !is_blank(byte)).1
}

fn split_where(text: &[u8], stop: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    text.split_at(
        text.iter()
            .position(|&byte| stop(byte))
            .unwrap_or(text.len()),
    )
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/header_words.rs"]
mod tests;
