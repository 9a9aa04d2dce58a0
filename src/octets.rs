//! Octets: classes, trimming, words, and tests of eight at once (SWAR).
//!
//! It knows no header. The result for eight octets is a word; the highest bit of each octet means yes.

pub(crate) const EIGHT: usize = 8;

pub(crate) const YES: u64 = u64::from_ne_bytes([0x80; EIGHT]);
const ONES: u64 = u64::from_ne_bytes([1; EIGHT]);

/// What is known about all octets of a field, so that its parts need not be checked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Printable ASCII and spaces, as nearly all fields are.
    Plain,
    /// No control octet except TAB; octets beyond ASCII in any encoding.
    Text,
    Any,
}

impl Class {
    #[inline]
    pub(crate) fn from_bytes(field: &[u8]) -> Self {
        if is_plain(field) {
            return Self::Plain;
        }
        Self::from_odd(field)
    }

    #[cold]
    fn from_odd(field: &[u8]) -> Self {
        let is_control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
        if field.iter().any(is_control) {
            Self::Any
        } else {
            Self::Text
        }
    }
}

/// The compiler compares sixteen octets at once.
#[inline]
fn is_plain(field: &[u8]) -> bool {
    let is_odd = |byte: &u8| byte.wrapping_sub(b' ') > b'~' - b' ';
    let has_odd = |chunk: &[u8; 16]| chunk.iter().fold(false, |odd, byte| odd | is_odd(byte));
    let Some(last) = field.last_chunk() else {
        return !field.iter().any(is_odd);
    };
    // The remainder, together with some octets that were already checked.
    let (chunks, _) = field.as_chunks();
    !chunks
        .iter()
        .fold(has_odd(last), |odd, chunk| odd | has_odd(chunk))
}

/// Nearly all servers use the spelling given here.
#[inline]
pub(crate) fn is_word<const LEN: usize>(text: &[u8], word: &[u8; LEN]) -> bool {
    match <&[u8; LEN]>::try_from(text) {
        Ok(text) => text == word || is_word_slow(text, word),
        Err(_) => false,
    }
}

/// Most words of equal length differ in the first letter.
#[inline]
fn is_word_slow<const LEN: usize>(text: &[u8; LEN], word: &[u8; LEN]) -> bool {
    let letter = |text: &[u8; LEN]| text.first().map(u8::to_ascii_lowercase);
    letter(text) == letter(word) && text.eq_ignore_ascii_case(word)
}

/// The only white space in cookie headers.
#[inline]
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[inline]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    // Nearly all texts have at most one leading blank, and then no blank at either end.
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

/// An octet that follows a match may be reported, too.
#[inline]
fn equal(word: [u8; EIGHT], octet: u8) -> u64 {
    let difference = u64::from_le_bytes(word) ^ (ONES * u64::from(octet));
    // Only zero becomes negative, but it borrows from the octet after it.
    difference.wrapping_sub(ONES) & !difference & YES
}

#[inline]
fn exactly(word: u64, octet: u8) -> u64 {
    let difference = word ^ (ONES * u64::from(octet));
    // No sum carries into the next octet.
    !(((difference & !YES) + !YES) | difference) & YES
}

/// All octets must be ASCII.
#[inline]
fn at_least(word: u64, octet: u8) -> u64 {
    ((word & !YES) + ONES * u64::from(0x80 - octet)) & YES
}

/// The words overlap by one octet, so that each pair of neighbors is in some word. A name shorter than a word is padded
/// with letters.
#[inline]
fn each_word(name: &[u8], mut look: impl FnMut(u64)) {
    let mut rest = name;
    while rest.len() > EIGHT
        && let Some(word) = rest.first_chunk()
    {
        look(u64::from_le_bytes(*word));
        rest = &rest[EIGHT - 1..];
    }
    let word = name.last_chunk().copied().unwrap_or_else(|| {
        let mut word = [b'a'; EIGHT];
        word[..name.len()].copy_from_slice(name);
        word
    });
    look(u64::from_le_bytes(word));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dots {
    pub(crate) any: bool,
    pub(crate) twins: bool,
}

/// Runs once for every request (bench `domains`, an unknown host).
#[inline]
pub(crate) fn dots(host: &[u8]) -> Dots {
    let (mut any, mut twins) = (0, 0);
    each_word(host, |word| {
        let dots = exactly(word, b'.');
        any |= dots;
        twins |= dots & (dots >> 8);
    });
    Dots {
        any: any != 0,
        twins: twins != 0,
    }
}

/// Lower-case letters, digits, and dots and dashes of which no two are adjacent, as in nearly all names (bench
/// `response`).
#[inline]
pub(crate) fn is_simple_name(name: &[u8]) -> bool {
    let mut others = 0;
    each_word(name, |word| {
        let letters = at_least(word, b'a') & !at_least(word, b'z' + 1);
        let digits = at_least(word, b'0') & !at_least(word, b'9' + 1);
        let between = at_least(word, b'-') & !at_least(word, b'.' + 1);
        others |= !(letters | digits | between) & YES | word & YES | between & (between >> 8);
    });
    others == 0 && !name.is_empty()
}

/// Names and attributes are so short that a library search costs more than it saves.
#[inline]
pub(crate) fn position(text: &[u8], octet: u8) -> Option<usize> {
    position_of_either(text, octet, octet)
}

#[inline]
pub(crate) fn position_of_either(text: &[u8], one: u8, other: u8) -> Option<usize> {
    let mut rest = text;
    while let Some((word, after)) = rest.split_first_chunk() {
        let found = equal(*word, one) | equal(*word, other);
        if found != 0 {
            return Some(text.len() - rest.len() + found.trailing_zeros() as usize / 8);
        }
        rest = after;
    }
    let place = rest.iter().position(|&byte| byte == one || byte == other)?;
    Some(text.len() - rest.len() + place)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/octets.rs"]
mod tests;
