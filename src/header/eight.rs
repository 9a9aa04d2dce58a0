//! Eight octets at a time: what can be said of a word without looking at its octets one by one.
//!
//! It knows no header. An answer is a word again, with the highest bit of each octet for yes.

/// How many octets are looked at together.
pub(super) const EIGHT: usize = 8;

/// The octets whose answer can be yes: the highest bit of each.
pub(super) const YES: u64 = u64::from_ne_bytes([0x80; EIGHT]);
const ONES: u64 = u64::from_ne_bytes([1; EIGHT]);

/// Which octets are `octet`. One that follows such an octet may be among them, too.
#[inline]
pub(super) fn equal(word: [u8; EIGHT], octet: u8) -> u64 {
    let difference = u64::from_le_bytes(word) ^ (ONES * u64::from(octet));
    // Zero alone becomes negative, but takes one from the octet behind it.
    difference.wrapping_sub(ONES) & !difference & YES
}

/// Whether some octet is none of printable ASCII and blank.
#[inline]
pub(super) fn odd(word: [u8; EIGHT]) -> u64 {
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
