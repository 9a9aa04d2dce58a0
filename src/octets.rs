//! Octets: their classes, trimming, words without regard to case, and eight octets at a time (SWAR): what can
//! be said of eight octets without looking at them one by one.
//!
//! It knows no header. An answer about eight octets is a word again, with the highest bit of each octet for yes.

/// How many octets are looked at together.
pub(crate) const EIGHT: usize = 8;

/// The octets whose answer can be yes: the highest bit of each.
pub(crate) const YES: u64 = u64::from_ne_bytes([0x80; EIGHT]);
const ONES: u64 = u64::from_ne_bytes([1; EIGHT]);

/// What is known of all octets of a field, so that none of its parts has to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Printable ASCII and blanks, as nearly all fields are.
    Plain,
    /// No control octet but TAB; octets beyond ASCII in any encoding.
    Text,
    /// Nothing is known.
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

#[inline]
fn is_plain(field: &[u8]) -> bool {
    let Some(last) = field.last_chunk() else {
        return field.iter().all(|byte| matches!(byte, b' '..=b'~'));
    };
    // The rest together with some octets that were looked at already.
    let (words, _) = field.as_chunks();
    words
        .iter()
        .fold(odd(*last), |found, word| found | odd(*word))
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

/// Which octets are `octet`. One that follows such an octet may be among them, too.
#[inline]
pub(crate) fn equal(word: [u8; EIGHT], octet: u8) -> u64 {
    let difference = u64::from_le_bytes(word) ^ (ONES * u64::from(octet));
    // Zero alone becomes negative, but takes one from the octet behind it.
    difference.wrapping_sub(ONES) & !difference & YES
}

/// Whether some octet is none of printable ASCII and blank.
#[inline]
pub(crate) fn odd(word: [u8; EIGHT]) -> u64 {
    let word = u64::from_le_bytes(word);
    let below_blank = !((word | YES) - ONES * u64::from(b' '));
    // Only an octet that is no ASCII takes one to its neighbour.
    let above_tilde = word | word.wrapping_add(ONES);
    (below_blank | above_tilde) & YES
}

/// Which octets are `octet`, and no others.
#[inline]
fn exactly(word: u64, octet: u8) -> u64 {
    let difference = word ^ (ONES * u64::from(octet));
    // No sum reaches the octet behind it.
    !(((difference & !YES) + !YES) | difference) & YES
}

/// Which octets of ASCII are `octet` or above it.
#[inline]
fn at_least(word: u64, octet: u8) -> u64 {
    ((word & !YES) + ONES * u64::from(0x80 - octet)) & YES
}

/// Shows a name in words: each octet is in one of them, and so is each pair of neighbours. One that is shorter
/// than a word has letters behind it.
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

/// The dots of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dots {
    /// Whether there are any.
    pub(crate) any: bool,
    /// Whether two stand side by side.
    pub(crate) twins: bool,
}

/// Looks for the dots of a host, as every request does (bench `W3`, an unknown host).
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

/// Whether a name is made of lower-case letters, digits, and dots and dashes of which no two stand side by
/// side, as nearly all are (bench `W2`).
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

/// The first place of an octet. Names are short: a search is over before it has begun.
#[inline]
pub(crate) fn position(text: &[u8], octet: u8) -> Option<usize> {
    let (words, rest) = text.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let found = equal(*word, octet);
        if found != 0 {
            return Some(index * EIGHT + found.trailing_zeros() as usize / 8);
        }
    }
    let place = rest.iter().position(|&other| other == octet)?;
    Some(text.len() - rest.len() + place)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/octets.rs"]
mod tests;
