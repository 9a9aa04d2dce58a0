//! `Set-Cookie` as Python's parser for Netscape and RFC 2109 cookies reads it.
//!
//! It knows no commas and no quotes but two: those around a `Version` and an `Expires`.

use std::borrow::Cow;

use super::{Attributes, Pair, Pieces, is_plain, is_word};
use crate::rejection::Rejection;

/// Reads one `Set-Cookie` field (CPython: `parse_ns_headers`).
///
/// ```text
/// set-cookie = name [ "=" value ] *( ";" [ attribute ] )
/// attribute  = key [ "=" value ]
/// ```
///
/// The pieces between the semicolons are taken as they are, less the blanks around them; one
/// without a key is passed over, but a cookie without a name is none.
#[inline]
pub(crate) fn parse(
    field: &[u8],
) -> Result<Attributes<'_, impl Iterator<Item = Pair<'_>> + Clone>, Rejection> {
    let mut pieces = Pieces::of(field);
    let (name, value) = match pieces.next() {
        Some((name, value)) if !name.is_empty() => (name, value),
        _ => return Err(Rejection::MissingName),
    };
    Ok(Attributes {
        name,
        value: value.map(Cow::Borrowed),
        pairs: pieces.filter(|(key, _)| !key.is_empty()).map(attribute),
        default_version: Some(0),
        plain: is_plain(field),
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

/// Takes off one quote at each end, each for itself (CPython: `strip_quotes`).
fn strip_quotes(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    text.strip_suffix(b"\"").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::super::shown;
    use super::*;

    /// A field as `name=value|key=value|key`, with `?` for a name without value.
    #[track_caller]
    fn read(field: &str) -> String {
        match parse(field.as_bytes()) {
            Err(rejection) => format!("{rejection:?}"),
            Ok(attributes) => shown(attributes),
        }
    }

    #[test]
    fn fields_in_their_pieces() {
        let rows = [
            ("a=b", "a=b"),
            ("a", "a"), // a name without a value
            ("a=", "a="),
            ("a=b=c", "a=b=c"),
            (" a = b ;\tPath = / ; Secure", "a=b|Path=/|Secure"),
            ("a=b;;  ;=x;Path=/", "a=b|Path=/"), // a piece without a key is passed over
            ("a=\"b;c\"", "a=\"b|c\""),          // quotes are no protection
            ("a=b; Expires=\"x\"; Version=\"1", "a=b|Expires=x|Version=1"),
            ("a=b; Path=\"/\"", "a=b|Path=\"/\""), // no other attribute loses its quotes
            ("a=b; Comment=c,d", "a=b|Comment=c,d"),
            ("a=\u{b}b\u{b}", "a=\u{b}b\u{b}"), // only space and tab are trimmed
            ("", "MissingName"),
            ("=b", "MissingName"),
            (" ;a=b", "MissingName"),
        ];
        for (field, expected) in rows {
            assert_eq!(read(field), expected, "{field:?}");
        }
    }

    #[test]
    fn bytes_stay_bytes() {
        let mut attributes = parse(b"\xe9=\xff; \x80=\x81").expect("a cookie");
        assert_eq!(attributes.name, b"\xe9");
        assert_eq!(attributes.value.as_deref(), Some(&b"\xff"[..]));
        assert_eq!(attributes.pairs.next().expect("an attribute").key, b"\x80");
    }
}
