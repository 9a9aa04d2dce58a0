//! A reader for the JSON parser that counts lines and octets, stops at the limits, and keeps a copy of a value that
//! is parsed separately.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use memchr::{memchr_iter, memchr2};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Deserializer;
use serde_json::de::IoRead;

use super::{LoadError, LoadErrorKind, ReadOptions};

/// The depth to which arrays and objects may be nested. The parser keeps state for each level that it skips.
const MAX_DEPTH: usize = 256;

#[derive(Debug)]
pub(in crate::file) struct Progress {
    line: Cell<u64>,
    bytes: Cell<u64>,
    end_of_value: Cell<u64>,
    max_bytes: u64,
    max_value: usize,
    fault: Cell<Option<Fault>>,
    place: Cell<Place>,
    last: Cell<u8>,
    capture: Cell<Capture>,
    captured: RefCell<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Bytes,
    Depth,
    Value,
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    in_string: bool,
    /// How many octets of an escape remain: 5 after a backslash, as in `\u00e9`, unless it is a shorter one.
    escape: u8,
    depth: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Capture {
    Off,
    On,
    /// On, and the octets inside the array or object that begins may bypass the parser.
    Ahead,
    TooLong,
}

impl Progress {
    pub(in crate::file) fn new(options: &ReadOptions) -> Self {
        Self {
            line: Cell::new(1),
            bytes: Cell::new(0),
            end_of_value: Cell::new(options.max_line as u64),
            max_bytes: options.max_bytes,
            max_value: options.max_line,
            fault: Cell::new(None),
            place: Cell::default(),
            last: Cell::new(0),
            capture: Cell::new(Capture::Off),
            captured: RefCell::default(),
        }
    }

    pub(in crate::file) fn parser<R: Read>(
        &self,
        mut reader: R,
    ) -> Result<Parser<'_, R>, LoadError> {
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        // A reader may return less than the mark at a time.
        let mut head = Vec::new();
        let len = BYTE_ORDER_MARK.len() as u64;
        reader.by_ref().take(len).read_to_end(&mut head)?;
        if head == BYTE_ORDER_MARK {
            head.clear();
        }
        let reader = BufReader::with_capacity(1 << 16, Cursor::new(head).chain(reader));
        let progress = self;
        Ok(Deserializer::from_reader(LimitedReader {
            reader,
            progress,
        }))
    }

    pub(in crate::file) fn line(&self) -> u64 {
        self.line.get()
    }

    pub(in crate::file) fn begin_value(&self) {
        self.end_of_value
            .set(self.bytes.get().saturating_add(self.max_value as u64));
    }

    pub(in crate::file) fn begin_ignored(&self) {
        self.end_of_value.set(u64::MAX);
    }

    pub(in crate::file) fn begin_captured(&self) {
        self.begin_ignored();
        self.capture.set(Capture::On);
        self.captured.borrow_mut().clear();
    }

    /// The copy is kept unless it is too long. The parser has already read its first octet.
    pub(in crate::file) fn begin_element(&self) {
        self.begin_captured();
        self.captured.borrow_mut().push(self.last.get());
    }

    /// The copy may not be JSON: see [`check`].
    pub(in crate::file) fn begin_element_ahead(&self) {
        self.begin_element();
        self.capture.set(Capture::Ahead);
    }

    /// `None` if the value was too long. After a number, the parser has read one more octet.
    pub(in crate::file) fn end_captured(&self) -> Option<Vec<u8>> {
        let is_whole = self.capture.replace(Capture::Off) != Capture::TooLong;
        is_whole.then(|| self.captured.take())
    }

    pub(in crate::file) fn reuse(&self, captured: Vec<u8>) {
        self.captured.replace(captured);
    }

    /// `None` if `buffer` lacks the end of the text, or the text is beyond the limits.
    fn inside(&self, buffer: &[u8]) -> Option<usize> {
        let close = match self.last.get() {
            b'{' => b'}',
            b'[' => b']',
            _ => return None,
        };
        let depth = MAX_DEPTH.checked_sub(self.place.get().depth)?;
        let len = end_of_value(buffer, depth)?;
        let in_file = self.max_bytes.saturating_sub(self.bytes.get());
        let fits = len + 2 <= self.max_value && (len as u64) < in_file;
        (buffer[len] == close && fits).then_some(len)
    }

    fn bypass(&self, bytes: &[u8]) -> io::Result<()> {
        self.captured.borrow_mut().extend_from_slice(bytes);
        self.skip(bytes)
    }

    fn is_skipping(&self) -> bool {
        let place = self.place.get();
        self.capture.get() == Capture::TooLong && place.in_string && place.escape == 0
    }

    fn skip(&self, bytes: &[u8]) -> io::Result<()> {
        let breaks = memchr_iter(b'\n', bytes).count();
        self.line.set(self.line.get() + breaks as u64);
        self.count(bytes.len())
    }

    fn count(&self, bytes: usize) -> io::Result<()> {
        let count = self.bytes.get() + bytes as u64;
        self.bytes.set(count);
        if count > self.max_bytes {
            return self.fail(Fault::Bytes);
        }
        if count > self.end_of_value.get() {
            return self.fail(Fault::Value);
        }
        Ok(())
    }

    fn fail(&self, fault: Fault) -> io::Result<()> {
        self.fault.set(Some(fault));
        Err(io::ErrorKind::InvalidData.into())
    }

    fn pass(&self, byte: u8) -> io::Result<()> {
        self.count(1)?;
        self.last.set(byte);
        if byte == b'\n' {
            self.line.set(self.line.get() + 1);
        }
        if self.capture.get() == Capture::On {
            let mut captured = self.captured.borrow_mut();
            if captured.len() == self.max_value {
                self.capture.set(Capture::TooLong);
            } else {
                captured.push(byte);
            }
        }
        let place = self.place.get().after(byte);
        self.place.set(place);
        if place.depth > MAX_DEPTH {
            return self.fail(Fault::Depth);
        }
        Ok(())
    }

    /// The parser's own text may reveal values.
    pub(in crate::file) fn error(&self, error: serde_json::Error) -> LoadError {
        let kind = match self.fault.get() {
            Some(Fault::Bytes) => LoadErrorKind::TooLong,
            Some(Fault::Value) => LoadErrorKind::LineTooLong,
            None if error.is_io() => return LoadError::from(io::Error::from(error)),
            Some(Fault::Depth) | None => LoadErrorKind::Syntax,
        };
        LoadError::at(self.line(), kind)
    }
}

impl Place {
    #[inline]
    fn after(mut self, byte: u8) -> Self {
        if self.escape == 5 && byte != b'u' {
            self.escape = 0;
        } else if self.escape > 0 {
            self.escape -= 1;
        } else if self.in_string {
            self.in_string = byte != b'"';
            self.escape = if byte == b'\\' { 5 } else { 0 };
        } else {
            match byte {
                b'"' => self.in_string = true,
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self
    }
}

/// Fails as the parser would have if a value that bypassed it, begun in `line`, is not JSON.
pub(in crate::file) fn check(line: u64, text: &[u8]) -> Result<(), LoadError> {
    if serde_json::from_slice::<IgnoredAny>(text).is_ok() {
        return Ok(());
    }
    let progress = Progress::new(&ReadOptions::new().max_bytes(u64::MAX));
    progress.line.set(line);
    progress.begin_ignored();
    let read = IgnoredAny::deserialize(&mut progress.parser(text)?);
    read.map_or_else(|error| Err(progress.error(error)), |_| Ok(()))
}

/// `None` if the end is missing, or if arrays and objects are nested beyond `depth`.
fn end_of_value(text: &[u8], depth: usize) -> Option<usize> {
    let (mut at, mut open) = (0, 0);
    loop {
        match text.get(at)? {
            b'"' => at = end_of_string(text, at + 1)?,
            b'[' | b'{' if open == depth => return None,
            b'[' | b'{' => open += 1,
            b']' | b'}' if open == 0 => return Some(at),
            b']' | b'}' => open -= 1,
            _ => {}
        }
        at += 1;
    }
}

fn end_of_string(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

pub(in crate::file) type Parser<'m, R> =
    Deserializer<IoRead<LimitedReader<'m, BufReader<Chain<Cursor<Vec<u8>>, R>>>>>;

/// The parser reads one octet at a time.
pub(in crate::file) struct LimitedReader<'m, R> {
    reader: R,
    progress: &'m Progress,
}

impl<R: BufRead> LimitedReader<'_, R> {
    /// The parser, which takes one octet at a time, receives an empty array or object. Beyond the limits and the buffer
    /// it receives all.
    fn bypass_inside(&mut self) -> io::Result<()> {
        let buffer = self.reader.fill_buf()?;
        let Some(len) = self.progress.inside(buffer) else {
            return Ok(());
        };
        self.progress.bypass(&buffer[..len])?;
        self.reader.consume(len);
        Ok(())
    }

    fn skip_string(&mut self) -> io::Result<()> {
        while self.progress.is_skipping() {
            let buffer = self.reader.fill_buf()?;
            let end = memchr2(b'"', b'\\', buffer);
            let skipped = end.unwrap_or(buffer.len());
            let is_over = end.is_some() || buffer.is_empty();
            self.progress.skip(&buffer[..skipped])?;
            self.reader.consume(skipped);
            if is_over {
                break;
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for LimitedReader<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.progress.capture.get() == Capture::Ahead {
            self.progress.capture.set(Capture::On);
            self.bypass_inside()?;
        }
        self.skip_string()?;
        let count = self.reader.read(out)?;
        for &byte in &out[..count] {
            self.progress.pass(byte)?;
        }
        Ok(count)
    }
}
