//! The lines of a file, with their limits.
//!
//! It knows no format.

use std::io::{self, BufRead, BufReader, Read};
use std::mem;

use memchr::memchr;

use super::error::{LoadError, LoadErrorKind};
use super::options::ReadOptions;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// Whether a text has a CR that ends no line, which no cookie may have.
pub(super) fn has_cr(text: &[u8]) -> bool {
    memchr(b'\r', text).is_some()
}

pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) text: &'a [u8],
    pub(super) terminated: bool,
    pub(super) too_long: bool,
}

/// The lines of a file, each ended by LF or CR LF: a server can put CR alone into files of other programs. Only one line
/// at a time is in memory, and no more of it than the limit.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    taken: usize,
    line: Vec<u8>,
    /// Whether the last line was too long and its end was not found. The next call looks for it, so that no more of a
    /// file is read than requested.
    in_line: bool,
    number: u64,
    bytes: u64,
    max_line: usize,
    max_bytes: u64,
    pub(super) has_mark: bool,
}

struct Found {
    len: usize,
    terminated: bool,
    in_buffer: bool,
}

impl Found {
    fn part_of_line(len: usize) -> Self {
        Self {
            len,
            terminated: false,
            in_buffer: false,
        }
    }
}

struct Piece {
    len: usize,
    line_break: usize,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R, options: &ReadOptions) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, reader),
            taken: 0,
            line: Vec::new(),
            in_line: false,
            number: 0,
            bytes: 0,
            max_line: options.max_line,
            max_bytes: options.max_bytes,
            has_mark: false,
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, LoadError> {
        self.skip_rest()?;
        self.number += 1;
        let Some(found) = self.find()? else {
            return Ok(None);
        };
        let text = if found.in_buffer {
            &self.reader.buffer()[..found.len.min(self.room())]
        } else {
            &self.line[..]
        };
        let before_cr = text.strip_suffix(b"\r");
        let before_cr = before_cr.filter(|_| found.terminated && text.len() == found.len);
        let text = before_cr.unwrap_or(text);
        let too_long = text.len() > self.max_line;
        let mut text = &text[..text.len().min(self.max_line)];
        if self.number == 1
            && let Some(rest) = text.strip_prefix(BYTE_ORDER_MARK)
        {
            self.has_mark = true;
            text = rest;
            if text.is_empty() && !found.terminated {
                return Ok(None);
            }
        }
        Ok(Some(Line {
            number: self.number,
            text,
            terminated: found.terminated,
            too_long,
        }))
    }

    /// The limit, and a CR before the line break.
    fn room(&self) -> usize {
        self.max_line.saturating_add(1)
    }

    fn find(&mut self) -> Result<Option<Found>, LoadError> {
        self.line.clear();
        let mut len = 0;
        loop {
            let Some(piece) = self.next_piece()? else {
                return Ok((len > 0).then_some(Found::part_of_line(len)));
            };
            let buffer = self.reader.buffer();
            let in_buffer = len == 0 && piece.line_break > 0;
            if !in_buffer {
                let room = self.room().saturating_sub(self.line.len());
                self.line.extend_from_slice(&buffer[..piece.len.min(room)]);
            }
            len += piece.len;
            self.count(piece.len + piece.line_break)?;
            self.taken = piece.len + piece.line_break;
            if piece.line_break > 0 {
                return Ok(Some(Found {
                    len,
                    terminated: true,
                    in_buffer,
                }));
            }
            self.reader.consume(mem::take(&mut self.taken));
            if len > self.room() {
                self.in_line = true;
                return Ok(Some(Found::part_of_line(len)));
            }
        }
    }

    fn skip_rest(&mut self) -> Result<(), LoadError> {
        self.reader.consume(mem::take(&mut self.taken));
        while mem::take(&mut self.in_line) {
            let Some(piece) = self.next_piece()? else {
                return Ok(());
            };
            self.in_line = piece.line_break == 0;
            self.reader.consume(piece.len + piece.line_break);
            self.count(piece.len + piece.line_break)?;
        }
        Ok(())
    }

    fn next_piece(&mut self) -> Result<Option<Piece>, LoadError> {
        let buffer = fill(&mut self.reader)?;
        let end = memchr(b'\n', buffer);
        Ok((!buffer.is_empty()).then(|| Piece {
            len: end.unwrap_or(buffer.len()),
            line_break: usize::from(end.is_some()),
        }))
    }

    fn count(&mut self, bytes: usize) -> Result<(), LoadError> {
        self.bytes += bytes as u64;
        if self.bytes > self.max_bytes {
            return Err(LoadError::at(self.number.max(1), LoadErrorKind::TooLong));
        }
        Ok(())
    }
}

fn fill<R: Read>(reader: &mut BufReader<R>) -> io::Result<&[u8]> {
    while let Err(error) = reader.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(reader.buffer())
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/lines.rs"]
mod tests;
