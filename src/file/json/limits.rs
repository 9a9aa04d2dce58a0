//! A reader for the JSON parser that counts lines and octets, stops at the limits, and keeps a copy of a value that
//! is parsed separately.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Read};

use memchr::{memchr_iter, memchr2};
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
    /// The value is longer than allowed, and no more of it is kept.
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

    pub(in crate::file) fn parser<R: Read>(&self, reader: R) -> Result<Parser<'_, R>, LoadError> {
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        let mut reader = BufReader::with_capacity(1 << 16, reader);
        if reader.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
            reader.consume(BYTE_ORDER_MARK.len());
        }
        let progress = self;
        Ok(Deserializer::from_reader(LimitedReader {
            reader,
            progress,
        }))
    }

    pub(in crate::file) fn line(&self) -> u64 {
        self.line.get()
    }

    /// Starts a value, which may have as many octets as a line.
    pub(in crate::file) fn begin_value(&self) {
        self.end_of_value
            .set(self.bytes.get().saturating_add(self.max_value as u64));
    }

    pub(in crate::file) fn begin_ignored(&self) {
        self.end_of_value.set(u64::MAX);
    }

    /// Starts a value of which a copy is kept unless it is too long. If it is an element of an array, the parser has
    /// already read its first octet.
    pub(in crate::file) fn begin_captured(&self, is_element: bool) {
        self.begin_ignored();
        self.capture.set(Capture::On);
        let mut captured = self.captured.borrow_mut();
        captured.clear();
        captured.extend(is_element.then(|| self.last.get()));
    }

    /// Returns the copy of the finished value, or `None` if it was too long. After a number, the parser has read one
    /// more octet.
    pub(in crate::file) fn end_captured(&self) -> Option<Vec<u8>> {
        let is_whole = self.capture.replace(Capture::Off) == Capture::On;
        is_whole.then(|| self.captured.take())
    }

    pub(in crate::file) fn reuse(&self, captured: Vec<u8>) {
        self.captured.replace(captured);
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

    /// Translates an error of the parser, whose own text may reveal values.
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

pub(in crate::file) type Parser<'m, R> = Deserializer<IoRead<LimitedReader<'m, BufReader<R>>>>;

/// A reader whose octets are counted. The parser reads one at a time.
pub(in crate::file) struct LimitedReader<'m, R> {
    reader: R,
    progress: &'m Progress,
}

impl<R: BufRead> LimitedReader<'_, R> {
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
        self.skip_string()?;
        let count = self.reader.read(out)?;
        for &byte in &out[..count] {
            self.progress.pass(byte)?;
        }
        Ok(count)
    }
}
