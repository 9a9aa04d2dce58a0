//! `Set-Cookie` as browsers read it (RFC 6265bis, section 5.6).
//!
//! It splits and trims, and loses nothing: which octets and which lengths refuse a cookie or an
//! attribute is said where the attributes get their meaning.

use std::borrow::Cow;

use super::{Attributes, Pair, Pieces, is_plain};

/// Reads one `Set-Cookie` field, which is always a cookie of some kind.
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
/// The first `=` of a piece divides it, and white space is space and tab.
pub(crate) fn parse(field: &[u8]) -> Attributes<'_, impl Iterator<Item = Pair<'_>> + Clone> {
    let mut pieces = Pieces::of(field);
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
        plain: is_plain(field),
    }
}

#[cfg(test)]
mod tests {
    use super::super::shown;
    use super::*;

    /// A field as `name=value|key=value|key`.
    fn read(field: &str) -> String {
        shown(parse(field.as_bytes()))
    }

    #[test]
    fn fields_in_their_pieces() {
        let rows = [
            ("a=b", "a=b"),
            ("a", "=a"), // a value without a name
            ("=a", "=a"),
            ("a=", "a="),
            ("", "="),
            ("=", "="),
            ("a=b=c", "a=b=c"),
            ("=a=b", "=a=b"),
            (" a = b ;\tPath = / ; Secure", "a=b|Path=/|Secure"),
            ("a=b;;  ;=x;Path=/", "a=b|||=x|Path=/"), // what no attribute is is left to others
            ("a=\"b;c\"", "a=\"b|c\""),               // quotes are no protection
            ("a=b; Expires=\"x\"", "a=b|Expires=\"x\""),
            ("a b = c d", "a b=c d"),
            ("a=\u{b}b\u{b}", "a=\u{b}b\u{b}"), // only space and tab are trimmed
            ("\u{a0}a=b\u{a0}", "\u{a0}a=b\u{a0}"),
            (" ;a=b", "=|a=b"),
        ];
        for (field, expected) in rows {
            assert_eq!(read(field), expected, "{field:?}");
        }
    }

    #[test]
    fn bytes_stay_bytes() {
        let mut attributes = parse(b"\xe9=\xff; \x80=\x81");
        assert_eq!(attributes.name, b"\xe9");
        assert_eq!(attributes.value.as_deref(), Some(&b"\xff"[..]));
        assert_eq!(attributes.pairs.next().expect("an attribute").key, b"\x80");
    }

    #[test]
    fn long_fields_take_linear_time() {
        for unit in [";", "a=b;", "=", " ", ";=", "\t;"] {
            let field = unit.repeat(200_000);
            assert!(parse(field.as_bytes()).pairs.count() <= field.len());
        }
    }
}
