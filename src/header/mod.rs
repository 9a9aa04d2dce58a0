//! Step 1 and step 6: between header bytes and attributes.
//!
//! The readers know no request and no policy: they split bytes and say which piece is which. What
//! an attribute means is said when a [`Cookie`](crate::Cookie) is made of them.

use std::borrow::Cow;

use smallvec::SmallVec;

pub(crate) mod netscape;
pub(crate) mod rfc6265;
pub(crate) mod words;
pub(crate) mod write;

/// One cookie as a header has it: its name and value, and the attributes behind them, in their
/// order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Attributes<'a> {
    pub(crate) name: &'a [u8],
    /// `None` for a name without `=`.
    pub(crate) value: Option<Cow<'a, [u8]>>,
    pub(crate) pairs: Pairs<'a>,
    /// The version of a cookie without a `Version` attribute: 0 in `Set-Cookie`, none in
    /// `Set-Cookie2`.
    pub(crate) default_version: Option<u32>,
}

/// The attributes of one cookie; the usual number of them needs no block of memory.
pub(crate) type Pairs<'a> = SmallVec<[Pair<'a>; 8]>;

/// An attribute: a key as it came, and its value if there was a `=`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) value: Option<Cow<'a, [u8]>>,
}

/// The two octets of white space in the headers of cookies.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// `text` without the blanks at both ends.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let Some(start) = text.iter().position(|&byte| !is_blank(byte)) else {
        return b"";
    };
    let end = text
        .iter()
        .rposition(|&byte| !is_blank(byte))
        .map_or(start, |last| last + 1);
    &text[start..end]
}
