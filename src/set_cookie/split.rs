//! Splitting a field into pieces: what both readers of `Set-Cookie` do first.
//!
//! It knows no attribute: it finds semicolons and the first equals sign between them.

use crate::octets::{position, position_of_either, trim};

/// The pieces of a field between semicolons, each as a key and, after the first `=`, a value, both trimmed of
/// blanks.
#[derive(Debug, Clone)]
pub(super) struct Pieces<'a> {
    /// What was not split yet, if there is another piece.
    rest: Option<&'a [u8]>,
}

impl<'a> Pieces<'a> {
    #[inline]
    pub(super) fn new(field: &'a [u8]) -> Self {
        Self { rest: Some(field) }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `response`: 55 of 190 instructions a piece were the call"
    )]
    fn next(&mut self) -> Option<Self::Item> {
        let text = self.rest?;
        let (key, value) = match position_of_either(text, b';', b'=') {
            Some(place) if text[place] == b'=' => (&text[..place], &text[place + 1..]),
            place => {
                let (key, rest) = split_at(text, place);
                self.rest = rest;
                return Some((trim(key), None));
            }
        };
        let (value, rest) = split_at(value, position(value, b';'));
        self.rest = rest;
        Some((trim(key), Some(trim(value))))
    }
}

#[inline]
fn split_at(text: &[u8], place: Option<usize>) -> (&[u8], Option<&[u8]>) {
    match place {
        Some(place) => (&text[..place], Some(&text[place + 1..])),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::octets::EIGHT;

    fn assert_plain_split(field: &[u8]) {
        let plain = field.split(|&byte| byte == b';').map(|piece| {
            let mut halves = piece.splitn(2, |&byte| byte == b'=');
            (halves.next().map(trim), halves.next().map(trim))
        });
        let pieces = Pieces::new(field).map(|(key, value)| (Some(key), value));
        assert!(pieces.eq(plain), "{}", field.escape_ascii());
    }

    /// Equals splitting at each mark in turn, wherever a word ends: tries all fields of five octets, including the
    /// neighbors of the marks and octets that differ from marks in the highest bit, at all positions in a word.
    #[test]
    fn pieces_are_those_of_a_plain_split() {
        const OCTETS: [u8; 9] = *b";= \ta:<\xbb\xbd";
        for number in 0..9_usize.pow(5) {
            let octet = |place| OCTETS[number / 9_usize.pow(place) % 9];
            let octets: [u8; 5] = [0, 1, 2, 3, 4].map(octet);
            let before = number % EIGHT;
            let mut field = vec![b'a'; before];
            field.extend(octets);
            assert_plain_split(&field);
            field.extend([b';'; EIGHT]);
            field.extend(octets);
            assert_plain_split(&field);
        }
    }
}
