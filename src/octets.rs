//! Octets: their classes, trimming, words without regard to case, and eight octets at a time (SWAR): what can
//! be said of eight octets without looking at them one by one.
//!
//! It knows no header. An answer about eight octets is a word again, with the highest bit of each octet for yes.

/// How many octets are looked at together.
pub(crate) const EIGHT: usize = 8;

/// The octets whose answer can be yes: the highest bit of each.
pub(crate) const YES: u64 = u64::from_ne_bytes([0x80; EIGHT]);
const ONES: u64 = u64::from_ne_bytes([1; EIGHT]);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_found_whatever_stands_beside_them() {
        for other in 0..=u8::MAX {
            let word = [other, b';', other, b'=', b';', other, other, b';'];
            let semicolons = u64::from_le_bytes([0, 0x80, 0, 0, 0x80, 0, 0, 0x80]);
            assert_eq!(equal(word, b';') & semicolons, semicolons, "{other}");
            let is_odd = !(b' '..=b'~').contains(&other);
            for at in 0..EIGHT {
                let mut word = *b"az AZ~09";
                assert_eq!(odd(word), 0);
                word[at] = other;
                assert_eq!(odd(word) != 0, is_odd, "{other}");
            }
        }
    }
}
