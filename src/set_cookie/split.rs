//! Splitting a field into pieces: what both readers of `Set-Cookie` do first.
//!
//! It knows no attribute: it finds semicolons and the first equals sign between them.

use crate::octets::{self, EIGHT, trim};

/// The pieces of a field between semicolons, each as a key and, after the first `=`, a value, both trimmed of
/// blanks.
#[derive(Debug, Clone)]
pub(super) struct Pieces<'a> {
    field: &'a [u8],
    marks: Marks<'a>,
    start: Option<usize>,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(field: &'a [u8]) -> Self {
        Self {
            field,
            marks: Marks::new(field),
            start: Some(0),
        }
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
        let start = self.start?;
        let mut equals = None;
        let end = loop {
            match self.marks.next() {
                Some(place) => match self.field[place] {
                    b';' => {
                        self.start = Some(place + 1);
                        break place;
                    }
                    b'=' if equals.is_none() => equals = Some(place),
                    _ => {}
                },
                None => {
                    self.start = None;
                    break self.field.len();
                }
            }
        };
        let text = |from: usize, to: usize| trim(&self.field[from..to]);
        Some(match equals {
            Some(equals) => (text(start, equals), Some(text(equals + 1, end))),
            None => (text(start, end), None),
        })
    }
}

/// The positions of all `;` and `=` in a field, in order, and of some other octets.
///
/// Most pieces have a dozen octets, too few for a library search to pay off. Eight octets are examined in one
/// word, and the matches in a word are kept for the following pieces (bench `response`).
#[derive(Debug, Clone)]
struct Marks<'a> {
    rest: &'a [u8],
    base: usize,
    /// The marks in the current word that were not returned yet: the highest bit of each octet.
    found: u64,
}

impl<'a> Marks<'a> {
    fn new(field: &'a [u8]) -> Self {
        Self {
            rest: field,
            base: 0_usize.wrapping_sub(EIGHT),
            found: 0,
        }
    }

    /// Returns the next eight octets, padded with NULs at the end.
    #[inline]
    fn next_word(&mut self) -> Option<[u8; EIGHT]> {
        let word = match self.rest.split_first_chunk() {
            Some((word, rest)) => {
                self.rest = rest;
                *word
            }
            None if self.rest.is_empty() => return None,
            None => {
                let mut word = [0; EIGHT];
                word[..self.rest.len()].copy_from_slice(self.rest);
                self.rest = &[];
                word
            }
        };
        self.base = self.base.wrapping_add(EIGHT);
        Some(word)
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            let word = self.next_word()?;
            self.found = octets::equal(word, b';') | octets::equal(word, b'=');
        }
        let octet = self.found.trailing_zeros() as usize / 8;
        self.found &= self.found - 1;
        Some(self.base + octet)
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/split.rs"]
mod tests;
