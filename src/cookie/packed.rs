//! All text of a cookie in one block of memory.
//!
//! It knows lengths and encodings, not what a text means. Cookies live by the million, so name, value, domain,
//! path and all rare parts share one allocation:
//!
//! ```text
//! text  = ( name [ "=" value ] / value ) domain path *entry
//! entry = NUL kind text [ LF text ]
//! ```
//!
//! The part that is sent in a header is contiguous. NUL and LF can serve as separators because no part contains them
//! (see [`Octets`]). A part that is not UTF-8 is stored as its ISO-8859-1 decoding, and is marked. The form is a
//! function of the bytes: equal bytes have equal texts and marks. The block may be longer than its text; see
//! [`spare`].

use std::borrow::Cow;

use super::spare;
use crate::rejection::Rejection;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) text: &'a str,
    pub(crate) latin1: bool,
}

impl<'a> Part<'a> {
    pub(crate) fn bytes(self) -> Cow<'a, [u8]> {
        if self.latin1 {
            Cow::Owned(
                self.text
                    .chars()
                    .map(|c| u8::try_from(c).unwrap_or(b'?'))
                    .collect(),
            )
        } else {
            Cow::Borrowed(self.text.as_bytes())
        }
    }

    pub(crate) fn byte_len(self) -> usize {
        if self.latin1 {
            self.text.chars().count()
        } else {
            self.text.len()
        }
    }

    pub(crate) fn is(self, bytes: &[u8]) -> bool {
        if self.latin1 {
            *self.bytes() == *bytes
        } else {
            self.text.as_bytes() == bytes
        }
    }

    #[inline]
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        if self.latin1 {
            out.extend_from_slice(&self.bytes());
        } else {
            out.extend_from_slice(self.text.as_bytes());
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    Comment(Part<'a>),
    CommentUrl(Part<'a>),
    Partition(Part<'a>),
    Port(Part<'a>),
    Attribute(Part<'a>, Option<Part<'a>>),
}

/// The kinds of entries; the same letter in the other case marks ISO-8859-1.
const COMMENT: u8 = b'c';
const COMMENT_URL: u8 = b'u';
const PARTITION: u8 = b'k';
const PORT: u8 = b'p';
/// Attributes have the kinds `0` to `3`: one bit for the encoding of the key, one for that of the value.
const ATTRIBUTE: u8 = b'0';
/// The kind of the first of [`COMMON`]; the others follow.
const FIRST_COMMON: u8 = b'4';
/// The attributes that most cookies have, in the usual spelling: one kind encodes key and value (bench `domains,
/// memory`: ten bytes a cookie).
const COMMON: [(&str, Option<&str>); 5] = [
    ("HttpOnly", None),
    ("SameSite", Some("Lax")),
    ("SameSite", Some("Strict")),
    ("SameSite", Some("None")),
    ("Partitioned", None),
];

#[inline]
fn common_kind(key: &[u8], value: Option<&[u8]>) -> Option<u8> {
    let place = match value {
        None if key == b"HttpOnly" => 0,
        Some(value) if key == b"SameSite" => match value {
            _ if value == b"Lax" => 1,
            _ if value == b"Strict" => 2,
            _ if value == b"None" => 3,
            _ => return None,
        },
        None if key == b"Partitioned" => 4,
        _ => return None,
    };
    Some(FIRST_COMMON + place)
}

pub(crate) struct Packed {
    /// UTF-8 after each part; verified once at the end.
    text: Vec<u8>,
    plain: bool,
}

impl Packed {
    /// `plain` promises that all parts are ASCII.
    #[inline]
    pub(crate) fn with_capacity(capacity: usize, plain: bool) -> Self {
        Self {
            text: spare::take(capacity),
            plain,
        }
    }

    /// Returns whether the part is stored as ISO-8859-1.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `response`: 30 instructions a part were the call"
    )]
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        if self.plain {
            self.text.extend_from_slice(bytes);
            return false;
        }
        self.push_any(bytes)
    }

    fn push_any(&mut self, bytes: &[u8]) -> bool {
        if std::str::from_utf8(bytes).is_ok() {
            self.text.extend_from_slice(bytes);
            return false;
        }
        for &byte in bytes {
            let mut utf8 = [0; 2];
            let utf8 = char::from(byte).encode_utf8(&mut utf8);
            self.text.extend_from_slice(utf8.as_bytes());
        }
        true
    }

    #[inline]
    pub(crate) fn part_len(bytes: &[u8], is_plain: bool) -> usize {
        if is_plain || std::str::from_utf8(bytes).is_ok() {
            bytes.len()
        } else {
            bytes.len() + bytes.iter().filter(|byte| !byte.is_ascii()).count()
        }
    }

    #[inline]
    pub(crate) fn push_mark(&mut self, mark: u8) {
        self.text.push(mark);
    }

    #[inline]
    pub(crate) fn end(&self) -> Result<u32, Rejection> {
        u32::try_from(self.text.len()).map_err(|_| Rejection::TooLong)
    }

    #[inline]
    pub(crate) fn into_text(self) -> Box<str> {
        spare::fill(self.text)
    }

    pub(crate) fn push_comment(&mut self, bytes: &[u8]) {
        self.push_single(COMMENT, bytes);
    }

    pub(crate) fn push_comment_url(&mut self, bytes: &[u8]) {
        self.push_single(COMMENT_URL, bytes);
    }

    pub(crate) fn push_partition(&mut self, bytes: &[u8]) {
        self.push_single(PARTITION, bytes);
    }

    pub(crate) fn push_port(&mut self, bytes: &[u8]) {
        self.push_single(PORT, bytes);
    }

    #[inline]
    pub(crate) fn attribute_len(key: &[u8], value: Option<&[u8]>, is_plain: bool) -> usize {
        let len = |part| Self::part_len(part, is_plain);
        match common_kind(key, value) {
            Some(_) => 2,
            None => 2 + len(key) + value.map_or(0, |value| 1 + len(value)),
        }
    }

    fn push_single(&mut self, kind: u8, bytes: &[u8]) {
        let mark = self.begin(kind);
        if self.push(bytes) {
            self.text[mark] = kind.to_ascii_uppercase();
        }
    }

    #[inline]
    pub(crate) fn push_attribute(&mut self, key: &[u8], value: Option<&[u8]>) {
        match common_kind(key, value) {
            Some(kind) => _ = self.begin(kind),
            None => self.push_uncommon(key, value),
        }
    }

    fn push_uncommon(&mut self, key: &[u8], value: Option<&[u8]>) {
        let mark = self.begin(ATTRIBUTE);
        let key_is_latin1 = self.push(key);
        let value_is_latin1 = value.is_some_and(|value| {
            self.push_mark(b'\n');
            self.push(value)
        });
        self.text[mark] += u8::from(key_is_latin1) + 2 * u8::from(value_is_latin1);
    }

    #[inline]
    fn begin(&mut self, kind: u8) -> usize {
        self.text.extend_from_slice(&[0, kind]);
        self.text.len() - 1
    }
}

pub(crate) fn entries(tail: &str) -> impl DoubleEndedIterator<Item = Entry<'_>> {
    // The text before the first NUL is empty.
    tail.split('\0').filter_map(|entry| {
        let (&kind, _) = entry.as_bytes().split_first()?;
        let part = Part {
            text: &entry[1..],
            latin1: kind.is_ascii_uppercase(),
        };
        Some(match kind.to_ascii_lowercase() {
            COMMENT => Entry::Comment(part),
            COMMENT_URL => Entry::CommentUrl(part),
            PARTITION => Entry::Partition(part),
            PORT => Entry::Port(part),
            kind => match COMMON.get(usize::from(kind.wrapping_sub(FIRST_COMMON))) {
                Some((key, value)) => common(key, *value),
                None => attribute(part.text, kind - ATTRIBUTE),
            },
        })
    })
}

fn common(key: &'static str, value: Option<&'static str>) -> Entry<'static> {
    let part = |text| Part {
        text,
        latin1: false,
    };
    Entry::Attribute(part(key), value.map(part))
}

fn attribute(text: &str, encodings: u8) -> Entry<'_> {
    let (key, value) = match text.split_once('\n') {
        Some((key, value)) => (key, Some(value)),
        None => (text, None),
    };
    Entry::Attribute(
        Part {
            text: key,
            latin1: encodings & 1 != 0,
        },
        value.map(|text| Part {
            text,
            latin1: encodings & 2 != 0,
        }),
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Octets {
    /// No control octet but TAB.
    Plain,
    /// A control octet other than TAB, CR, LF and NUL.
    Control,
    /// CR, LF or NUL, which no cookie can contain.
    Forbidden,
}

impl Octets {
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        // Almost all parts are decided here, in a loop without branches.
        let suspects = bytes
            .iter()
            .map(|&byte| u8::from(byte < b' ') | u8::from(byte == 0x7f));
        if suspects.fold(0, |found, suspect| found | suspect) == 0 {
            return Self::Plain;
        }
        bytes
            .iter()
            .map(|&byte| Self::from_octet(byte))
            .max()
            .unwrap_or(Self::Plain)
    }

    fn from_octet(byte: u8) -> Self {
        match byte {
            b'\r' | b'\n' | 0 => Self::Forbidden,
            b'\t' => Self::Plain,
            1..=31 | 0x7f => Self::Control,
            _ => Self::Plain,
        }
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/packed.rs"]
mod tests;
