//! The grammar of header words, in which `Set-Cookie2` and the `Set-Cookie3` lines of files are
//! written.
//!
//! It knows no name of any attribute. Reading is linear in the input: a quote that is never closed
//! is looked for once, because every later `="` would have closed it.

use std::borrow::Cow;

use super::{Attributes, Pair};
use crate::octets::{is_blank, is_plain};

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
/// A quote that is not closed is part of a value. Everything else is passed over.
pub(crate) fn parse(
    field: &[u8],
) -> impl Iterator<Item = Attributes<'_, impl Iterator<Item = Pair<'_>> + Clone>> {
    let plain = is_plain(field);
    let mut rest = field;
    std::iter::from_fn(move || {
        let (pairs, after) = group(rest)?;
        rest = after;
        let mut pairs = pairs.into_iter();
        let first = pairs.next()?;
        Some(Attributes {
            name: first.key,
            value: first.value,
            pairs,
            default_version: None,
            plain,
        })
    })
}

/// The next group of pairs, which a comma or the end closes, and what follows it. Empty groups are
/// passed over.
fn group(text: &[u8]) -> Option<(Vec<Pair<'_>>, &[u8])> {
    let mut pairs = Vec::new();
    let mut rest = skip_blanks(text);
    while let Some(&byte) = rest.first() {
        rest = match byte {
            b',' if pairs.is_empty() => &rest[1..],
            b',' => return Some((pairs, &rest[1..])),
            b';' | b'=' => &rest[1..],
            _ => {
                let (word, after) = pair(rest);
                pairs.push(word);
                after
            }
        };
        rest = skip_blanks(rest);
    }
    (!pairs.is_empty()).then_some((pairs, rest))
}

fn pair(text: &[u8]) -> (Pair<'_>, &[u8]) {
    let (key, rest) = split_where(text, |byte| byte == b'=' || ends_word(byte));
    let (value, rest) = match skip_blanks(rest) {
        [b'=', after @ ..] => {
            let (value, rest) = value(skip_blanks(after));
            (Some(value), rest)
        }
        _ => (None, rest),
    };
    (Pair { key, value }, rest)
}

fn value(text: &[u8]) -> (Cow<'_, [u8]>, &[u8]) {
    quoted(text).unwrap_or_else(|| {
        let (value, rest) = split_where(text, ends_word);
        (Cow::Borrowed(value), rest)
    })
}

/// A quoted string without its quotes and backslashes, if one begins here and is closed.
fn quoted(text: &[u8]) -> Option<(Cow<'_, [u8]>, &[u8])> {
    let inside = text.strip_prefix(b"\"")?;
    let mut end = 0;
    let mut escapes = false;
    loop {
        match inside.get(end)? {
            b'"' => break,
            b'\\' => {
                escapes = true;
                end += 2;
            }
            _ => end += 1,
        }
    }
    let (value, rest) = (&inside[..end], &inside[end + 1..]);
    let value = if escapes {
        Cow::Owned(unescape(value))
    } else {
        Cow::Borrowed(value)
    };
    Some((value, rest))
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

#[cfg(test)]
mod tests {
    use super::super::shown;
    use super::*;

    /// The cookies of a field, each as `name=value|key=value|key`, joined by ` + `.
    fn read(field: &str) -> String {
        parse(field.as_bytes())
            .map(shown)
            .collect::<Vec<_>>()
            .join(" + ")
    }

    #[test]
    fn fields_in_their_words() {
        let rows = [
            ("a=b", "a=b"),
            ("a", "a"),
            ("a=", "a="),
            (
                "a=b; Port=\"80,81\"; Discard, c=d",
                "a=b|Port=80,81|Discard + c=d",
            ),
            ("a = \"b c\" ; d", "a=b c|d"),
            ("a b c", "a|b|c"), // blanks separate as semicolons do
            ("a=b c=d", "a=b|c=d"),
            (r#"a="x\"y\\z\q""#, r#"a=x"y\zq"#),
            (r#"a="open; b=c"#, r#"a="open|b=c"#), // a quote that is never closed is part of the value
            (r#"a="x"y"#, "a=x|y"),
            (r#"a="x\"#, r#"a="x\"#),
            ("a=b=c", "a=b=c"),
            (",, a=b ,;, c=d ,", "a=b + c=d"),
            ("==;; a", "a"),
            ("", ""),
            (" ; , = ", ""),
            ("a=\u{b}b", "a=\u{b}b"), // a vertical tab is no blank
        ];
        for (field, expected) in rows {
            assert_eq!(read(field), expected, "{field:?}");
        }
    }

    #[test]
    fn long_fields_take_linear_time() {
        for unit in ["a=\"b;", "\"\\", "a=\"\\\";", ",", "a ", "\\\"", "= "] {
            let field = unit.repeat(200_000);
            assert!(
                parse(field.as_bytes())
                    .map(|cookie| cookie.pairs.count())
                    .sum::<usize>()
                    <= field.len()
            );
        }
    }
}
