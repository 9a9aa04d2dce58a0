//! What all formats share: lines with limits, and the sorting of what is read and written.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read, Write};

use super::error::{LoadError, LoadErrorKind};
use super::options::{Partitions, ReadOptions, WriteOptions};
use super::report::{LeftOut, NotWritten, Reading, Reason, Source, Unwritable, WriteReport};
use crate::cookie::{Cookie, Fields};
use crate::domain;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A line without its line break.
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) text: &'a [u8],
    /// Whether a line break stands behind it.
    pub(super) terminated: bool,
}

/// The lines of a file, each ended by LF, CR LF or CR alone. Only one line at a time is in memory.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    /// What was read up to the last LF, and how much of it was given out.
    buffer: Vec<u8>,
    given: usize,
    number: u64,
    bytes: u64,
    max_line: usize,
    max_bytes: u64,
    /// Whether the file begins with a byte order mark.
    pub(super) has_mark: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R, options: &ReadOptions) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, reader),
            buffer: Vec::new(),
            given: 0,
            number: 0,
            bytes: 0,
            max_line: options.max_line,
            max_bytes: options.max_bytes,
            has_mark: false,
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, LoadError> {
        if self.given == self.buffer.len() && !self.fill()? {
            return Ok(None);
        }
        self.number += 1;
        let rest = &self.buffer[self.given..];
        let (len, line_break) = line_end(rest);
        let text = &rest[..len];
        self.given += len + line_break;
        if len > self.max_line {
            return Err(self.error(LoadErrorKind::LineTooLong));
        }
        Ok(Some(Line {
            number: self.number,
            text,
            terminated: line_break > 0,
        }))
    }

    /// Reads up to the next LF, and tells whether there was anything.
    fn fill(&mut self) -> Result<bool, LoadError> {
        self.buffer.clear();
        self.given = 0;
        let limit = self.max_line as u64 + 2;
        let read = self
            .reader
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut self.buffer)?;
        if self.bytes == 0 && self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.has_mark = true;
            self.given = BYTE_ORDER_MARK.len();
        }
        self.bytes += read as u64;
        if self.bytes > self.max_bytes {
            return Err(self.error(LoadErrorKind::TooLong));
        }
        if read as u64 == limit && self.buffer.last() != Some(&b'\n') {
            self.number += 1;
            return Err(self.error(LoadErrorKind::LineTooLong));
        }
        Ok(read > self.given)
    }

    fn error(&self, kind: LoadErrorKind) -> LoadError {
        LoadError::at(self.number.max(1), kind)
    }
}

/// How long the first line is, and how long the line break behind it.
fn line_end(text: &[u8]) -> (usize, usize) {
    if let Some(line) = text.strip_suffix(b"\n")
        && !line.contains(&b'\r')
    {
        return (line.len(), 1);
    }
    let len = text
        .iter()
        .position(|byte| matches!(byte, b'\r' | b'\n'))
        .unwrap_or(text.len());
    let line_break = match &text[len..] {
        [b'\r', b'\n', ..] => 2,
        [] => 0,
        _ => 1,
    };
    (len, line_break)
}

/// Sorts what was read into cookies and what is left out.
pub(super) struct Intake<'o> {
    options: &'o ReadOptions,
    now: Option<i64>,
    pub(super) reading: Reading,
}

impl<'o> Intake<'o> {
    pub(super) fn new(source: Source, options: &'o ReadOptions) -> Self {
        Self {
            options,
            now: options.now.map(time::OffsetDateTime::unix_timestamp),
            reading: Reading::new(source),
        }
    }

    /// Takes in one line that should be a cookie.
    pub(super) fn take(
        &mut self,
        line: u64,
        cookie: Result<Cookie, Reason>,
    ) -> Result<(), LoadError> {
        let cookie = match cookie {
            Ok(cookie) if cookie.partition_key().is_some() => match self.out_of_partition(cookie) {
                Some(cookie) => cookie,
                None => return self.leave_out(line, Reason::Partitioned),
            },
            Ok(cookie) => cookie,
            Err(reason) if self.options.strict => {
                return Err(LoadError::at(line, LoadErrorKind::Line(reason)));
            }
            Err(reason) => return self.leave_out(line, reason),
        };
        let Reading { cookies, report } = &mut self.reading;
        if !self.options.ignore_discard && cookie.discard() {
            report.session += 1;
        } else if !self.options.ignore_expires && is_expired(&cookie, self.now) {
            report.expired += 1;
        } else {
            cookies.push(cookie);
        }
        Ok(())
    }

    /// Takes in a line that may be the last one, without a line break.
    pub(super) fn take_last(
        &mut self,
        line: &Line<'_>,
        cookie: Result<Cookie, Reason>,
    ) -> Result<(), LoadError> {
        if !line.terminated && cookie.is_ok() {
            self.reading.report.unterminated = Some(line.number);
        }
        self.take(line.number, cookie)
    }

    /// The cookie of a partition as the options want it, if they want it.
    fn out_of_partition(&self, cookie: Cookie) -> Option<Cookie> {
        match &self.options.partitions {
            Partitions::LeaveOut => None,
            Partitions::Plain(key) if cookie.partition_key() == Some(key) => plain(&cookie),
            Partitions::Keep | Partitions::Plain(_) => Some(cookie),
        }
    }

    fn leave_out(&mut self, line: u64, reason: Reason) -> Result<(), LoadError> {
        let left_out = &mut self.reading.report.left_out;
        if left_out.len() >= self.options.max_left_out {
            return Err(LoadError::at(line, LoadErrorKind::TooManyLeftOut));
        }
        left_out.push(LeftOut::new(line, reason));
        Ok(())
    }
}

/// The cookie in no partition.
fn plain(cookie: &Cookie) -> Option<Cookie> {
    let mut fields = Fields::from(cookie);
    fields.rare().partition = None;
    let is_partitioned = |key: &[u8]| key.eq_ignore_ascii_case(b"Partitioned");
    fields.attributes.retain(|(key, _)| !is_partitioned(key));
    fields.pack().ok()
}

fn is_expired(cookie: &Cookie, now: Option<i64>) -> bool {
    now.is_some_and(|now| cookie.is_expired_at(now))
}

/// Writes the cookies that the options want, a line each. `line` appends one to what is to be
/// written, line break included, or says why it cannot; what it has appended then goes again.
pub(super) fn write_lines<'c>(
    mut writer: impl Write,
    cookies: impl IntoIterator<Item = &'c Cookie>,
    options: &WriteOptions,
    mut out: Vec<u8>,
    mut line: impl FnMut(&Cookie, &mut Vec<u8>) -> Result<(), Unwritable>,
) -> io::Result<WriteReport> {
    const CHUNK: usize = 1 << 16;
    let now = options.now.map(time::OffsetDateTime::unix_timestamp);
    let mut report = WriteReport::default();
    out.reserve(CHUNK);
    for cookie in cookies {
        if !options.ignore_discard && cookie.discard() {
            report.session += 1;
            continue;
        }
        if !options.ignore_expires && is_expired(cookie, now) {
            report.expired += 1;
            continue;
        }
        let before = out.len();
        match line(cookie, &mut out) {
            Ok(()) => report.written += 1,
            Err(reason) => {
                out.truncate(before);
                report.left_out.push(NotWritten::new(cookie, reason));
            }
        }
        if out.len() >= CHUNK {
            writer.write_all(&out)?;
            out.clear();
        }
    }
    writer.write_all(&out)?;
    Ok(report)
}

/// Python's text of header bytes, in UTF-8: each byte is an ISO-8859-1 character.
pub(super) fn to_python(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return bytes;
    }
    let text: String = bytes.iter().copied().map(char::from).collect();
    Cow::Owned(text.into_bytes())
}

/// The header bytes of Python's text; what no header can have been stays as it is.
pub(super) fn from_python(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return bytes;
    }
    let octets = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.chars().map(|c| u8::try_from(c).ok()).collect());
    octets.map_or(bytes, Cow::Owned)
}

/// The domain of a cookie: by choice as Python and libwww-perl store it, who have the effective host
/// name of a host without dots.
pub(super) fn domain_for<'c>(cookie: &'c Cookie, options: &WriteOptions) -> Cow<'c, str> {
    let domain = cookie.domain();
    if (options.python_form || options.dot_local) && domain::is_dotless(domain) {
        Cow::Owned([domain, domain::LOCAL].concat())
    } else {
        Cow::Borrowed(domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(u64, String, bool)> {
        let options = ReadOptions::new();
        let mut lines = Lines::new(text, &options);
        let mut all = Vec::new();
        while let Some(line) = lines.next().expect("a line") {
            let text = String::from_utf8(line.text.to_vec()).expect("UTF-8");
            all.push((line.number, text, line.terminated));
        }
        all
    }

    #[test]
    fn every_line_break_ends_a_line() {
        let line = |number, text: &str, terminated| (number, text.to_owned(), terminated);
        assert_eq!(
            lines(b"a\nb\r\n\rc\r\n\nd"),
            [
                line(1, "a", true),
                line(2, "b", true),
                line(3, "", true),
                line(4, "c", true),
                line(5, "", true),
                line(6, "d", false)
            ]
        );
        assert_eq!(lines(b"a\rb\r"), [line(1, "a", true), line(2, "b", true)]);
        assert_eq!(lines(b"\xef\xbb\xbfa\n"), [line(1, "a", true)]);
        assert_eq!(lines(b"\xef\xbb\xbf"), []);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn limits_are_kept_to_the_byte() {
        let options = ReadOptions::new().max_line(3).max_bytes(9);
        let all = |text: &[u8]| {
            let mut lines = Lines::new(text, &options);
            let mut count = 0;
            loop {
                match lines.next() {
                    Ok(Some(_)) => count += 1,
                    Ok(None) => return Ok(count),
                    Err(error) => return Err(error.to_string()),
                }
            }
        };
        assert_eq!(all(b"abc\r\nabc"), Ok(2));
        assert_eq!(all(b"abc\nab\nab"), Ok(3));
        let too_long = Err("line 2: the line is longer than allowed".to_owned());
        assert_eq!(all(b"a\nabcd\n"), too_long);
        assert_eq!(all(b"a\nabcdefg"), too_long);
        let file_too_long = Err("line 3: the file is longer than allowed".to_owned());
        assert_eq!(
            all(b"abc\nab\nabc").map_err(|_| ()),
            file_too_long.map_err(|_: String| ())
        );
    }

    #[test]
    fn python_s_text_is_turned_and_turned_back() {
        let turned = |bytes: &'static [u8]| to_python(Cow::Borrowed(bytes)).into_owned();
        assert_eq!(turned(b"\xe9"), "é".as_bytes());
        assert_eq!(turned("é".as_bytes()), "Ã©".as_bytes());
        for bytes in [&b"abc"[..], b"\xe9", "é".as_bytes(), b"\xff\x80a"] {
            let there = to_python(Cow::Borrowed(bytes));
            assert_eq!(from_python(there), bytes);
        }
        let not_a_header = "€".as_bytes();
        assert_eq!(from_python(Cow::Borrowed(not_a_header)), not_a_header);
    }
}
