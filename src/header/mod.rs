//! Step 1 and step 6: between header bytes and attributes.
//!
//! The readers know no request and no policy: they split bytes and say which piece is which. What
//! an attribute means is said when a [`Cookie`](crate::Cookie) is made of them.

use std::borrow::Cow;

mod eight;
pub(crate) mod netscape;
mod pieces;
pub(crate) mod rfc6265;
pub(crate) mod words;
pub(crate) mod write;

use pieces::Pieces;

/// One cookie as a header has it: its name and value, and the attributes behind them, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a, Pairs> {
    pub(crate) name: &'a [u8],
    /// `None` for a name without `=`.
    pub(crate) value: Option<Cow<'a, [u8]>>,
    /// An iterator of [`Pair`]s, which splits as it goes.
    pub(crate) pairs: Pairs,
    /// The version of a cookie without a `Version` attribute: 0 in `Set-Cookie`, none in
    /// `Set-Cookie2`.
    pub(crate) default_version: Option<u32>,
    /// Whether all octets are plain; see [`is_plain`].
    pub(crate) plain: bool,
}

/// An attribute: a key as it came, and its value if there was a `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) value: Option<Cow<'a, [u8]>>,
}

/// Whether a field is made of printable ASCII and blanks, as nearly all are: none of its parts has then to
/// be looked at again.
#[inline]
pub(crate) fn is_plain(field: &[u8]) -> bool {
    let Some(last) = field.last_chunk() else {
        return field.iter().all(|byte| matches!(byte, b' '..=b'~'));
    };
    // The rest together with some octets that were looked at already.
    let (words, _) = field.as_chunks();
    words
        .iter()
        .fold(eight::odd(*last), |odd, word| odd | eight::odd(*word))
        == 0
}

/// Whether `text` is `word`, whatever its case. Nearly all write it as it is written here.
#[inline]
pub(crate) fn is_word<const LEN: usize>(text: &[u8], word: &[u8; LEN]) -> bool {
    let text = <&[u8; LEN]>::try_from(text);
    text.is_ok_and(|text| text == word || text.eq_ignore_ascii_case(word))
}

/// The two octets of white space in the headers of cookies.
#[inline]
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// `text` without the blanks at both ends.
#[inline]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    // Nearly all have one blank before them at most, and then an octet above all blanks at each end.
    let text = text.strip_prefix(b" ").unwrap_or(text);
    match text {
        [first, .., last] if *first > b' ' && *last > b' ' => text,
        [only] if *only > b' ' => text,
        _ => trim_all(text),
    }
}

fn trim_all(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_blank(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_blank(*last)
    {
        text = rest;
    }
    text
}

/// For the tests of the readers: a cookie as `name=value|key=value|key`.
#[cfg(test)]
fn shown<'a>(attributes: Attributes<'a, impl IntoIterator<Item = Pair<'a>>>) -> String {
    let first = Pair {
        key: attributes.name,
        value: attributes.value,
    };
    let text = |pair: Pair<'_>| {
        let key = String::from_utf8_lossy(pair.key);
        match &pair.value {
            Some(value) => format!("{key}={}", String::from_utf8_lossy(value)),
            None => key.into_owned(),
        }
    };
    let all = std::iter::once(first).chain(attributes.pairs);
    all.map(text).collect::<Vec<_>>().join("|")
}
