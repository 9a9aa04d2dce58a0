//! Reads the formats that store cookies in lines.
//!
//! It knows no format: `cookies_txt.rs` and `lwp.rs` define what a line is.

use std::io::Read;

use super::collector::Collector;
use super::error::{LoadError, LoadErrorKind};
use super::lines::{Line, Lines, has_cr};
use super::options::ReadOptions;
use super::report::{Reading, Reason, Source};
use crate::cookie::Cookie;

pub(super) trait LineFormat: Default {
    const SOURCE: Source;

    fn is_magic(line: &[u8]) -> bool;

    /// Called once for every line but the magic one, in order.
    fn is_comment(&mut self, line: &Line<'_>, options: &ReadOptions) -> bool;

    /// A line without cookies yields a single error.
    fn cookies<'l>(
        &mut self,
        line: &Line<'l>,
        options: &'l ReadOptions,
    ) -> impl Iterator<Item = Result<Cookie, Reason>>;
}

/// Without the magic line, the first line that is not a comment must be a cookie.
pub(super) fn read<F: LineFormat>(
    reader: impl Read,
    options: &ReadOptions,
) -> Result<Reading, LoadError> {
    let mut format = F::default();
    let mut lines = Lines::new(reader, options);
    let mut collector = Collector::new(F::SOURCE, options);
    let (mut recognized, mut is_blank) = (false, true);
    while let Some(line) = lines.next()? {
        let is_first = line.number == 1;
        is_blank &= line.text.trim_ascii().is_empty();
        if is_first && is_magic::<F>(&line) {
            recognized = true;
        } else if is_first && options.strict {
            return Err(LoadError::at(line.number, LoadErrorKind::NotThisFormat));
        } else if !format.is_comment(&line, options) {
            let mut cookies = format.cookies(&line, options).peekable();
            recognized |= matches!(cookies.peek(), Some(Ok(_)));
            if !recognized {
                return Err(LoadError::at(line.number, LoadErrorKind::NotThisFormat));
            }
            cookies.try_for_each(|cookie| collector.push_last(&line, cookie))?;
        }
    }
    if (!recognized && !is_blank) || (options.strict && (!recognized || lines.has_mark)) {
        return Err(LoadError::new(LoadErrorKind::NotThisFormat));
    }
    Ok(collector.reading)
}

/// In a file with CR as its only line break all lines would be part of the magic line.
fn is_magic<F: LineFormat>(line: &Line<'_>) -> bool {
    F::is_magic(line.text) && !has_cr(line.text)
}

pub(super) fn recognizes<F: LineFormat>(head: &[u8]) -> bool {
    let options = ReadOptions::new();
    let mut format = F::default();
    let mut lines = Lines::new(head, &options);
    while let Ok(Some(line)) = lines.next() {
        if line.number == 1 && is_magic::<F>(&line) {
            return true;
        }
        if !format.is_comment(&line, &options) {
            return matches!(format.cookies(&line, &options).next(), Some(Ok(_)));
        }
    }
    false
}
