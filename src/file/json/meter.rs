//! Counts lines and octets on their way to the parser, and stops it at the limits.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use super::{LoadError, LoadErrorKind, ReadOptions};

/// The counters, shared by the reader inside the parser and those who ask outside.
#[derive(Debug)]
pub(super) struct Meter {
    line: Cell<u64>,
    bytes: Cell<u64>,
    /// At how many octets the present value is too long.
    end_of_value: Cell<u64>,
    max_bytes: u64,
    max_value: u64,
    too_long: Cell<bool>,
}

impl Meter {
    pub(super) fn new(options: &ReadOptions) -> Self {
        let max_value = options.max_line as u64;
        Self {
            line: Cell::new(1),
            bytes: Cell::new(0),
            end_of_value: Cell::new(max_value),
            max_bytes: options.max_bytes,
            max_value,
            too_long: Cell::new(false),
        }
    }

    /// The line that is read, counted from 1.
    pub(super) fn line(&self) -> u64 {
        self.line.get()
    }

    /// A value begins, which may have as many octets as a line.
    pub(super) fn begin_value(&self) {
        self.end_of_value
            .set(self.bytes.get().saturating_add(self.max_value));
    }

    /// A value begins that nobody keeps, of any length.
    pub(super) fn begin_ignored(&self) {
        self.end_of_value.set(u64::MAX);
    }

    fn pass(&self, bytes: &[u8]) -> io::Result<()> {
        let count = self.bytes.get() + bytes.len() as u64;
        self.bytes.set(count);
        if count > self.max_bytes || count > self.end_of_value.get() {
            self.too_long.set(true);
            return Err(io::ErrorKind::InvalidData.into());
        }
        let breaks: u64 = bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum();
        self.line.set(self.line.get() + breaks);
        Ok(())
    }

    /// What an error of the parser means. Its own text may show values.
    pub(super) fn error(&self, error: serde_json::Error) -> LoadError {
        let kind = if self.too_long.get() && self.bytes.get() > self.max_bytes {
            LoadErrorKind::TooLong
        } else if self.too_long.get() {
            LoadErrorKind::LineTooLong
        } else if error.is_io() {
            return LoadError::from(io::Error::from(error));
        } else {
            LoadErrorKind::Syntax
        };
        LoadError::at(self.line(), kind)
    }
}

/// A reader whose octets are counted. The parser asks for one at a time.
pub(super) struct Metered<'m, R> {
    pub(super) reader: R,
    pub(super) meter: &'m Meter,
}

impl<R: BufRead> Read for Metered<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(out)?;
        self.meter.pass(&out[..count])?;
        Ok(count)
    }
}
