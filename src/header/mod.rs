//! Step 1 and step 6: between header bytes and attributes.
//!
//! The readers know no request and no policy: they split bytes and say which piece is which. What
//! an attribute means is said when a [`Cookie`](crate::Cookie) is made of them.

use std::borrow::Cow;

pub(crate) mod netscape;
pub(crate) mod rfc6265;
pub(crate) mod words;
pub(crate) mod write;

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

/// Whether a field is made of printable ASCII, blanks and tabs, as nearly all are: none of its parts has
/// then to be looked at again. One pass without branches.
pub(crate) fn is_plain(field: &[u8]) -> bool {
    let odd = |byte: u8| u8::from(!(b' '..=b'~').contains(&byte)) & u8::from(byte != b'\t');
    field.iter().fold(0, |found, &byte| found | odd(byte)) == 0
}

/// The pieces of a field between its semicolons, each as a key and, behind the first `=`, a value, both
/// without the blanks around them.
#[derive(Debug, Clone)]
pub(crate) struct Pieces<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Pieces<'a> {
    pub(crate) fn of(field: &'a [u8]) -> Self {
        Self { rest: Some(field) }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        let end = memchr::memchr(b';', rest);
        self.rest = end.map(|end| &rest[end + 1..]);
        let piece = &rest[..end.unwrap_or(rest.len())];
        Some(match memchr::memchr(b'=', piece) {
            Some(equals) => (trim(&piece[..equals]), Some(trim(&piece[equals + 1..]))),
            None => (trim(piece), None),
        })
    }
}

/// The two octets of white space in the headers of cookies.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// `text` without the blanks at both ends.
pub(crate) fn trim(mut text: &[u8]) -> &[u8] {
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
