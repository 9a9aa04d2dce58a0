//! What all writers share.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, Write};

use foldhash::fast::RandomState;

use super::collector::is_expired;
use super::options::{ReadOptions, WriteOptions};
use super::report::{NotWritten, Unwritable, WriteReport};
use crate::cookie::{Cookie, CookieId};
use crate::domain;

/// `line` appends a cookie with its line break, or returns why it cannot: on error, everything it appended is truncated
/// away. `end` follows the last one.
pub(super) fn write_lines<'c>(
    mut writer: impl Write,
    cookies: impl IntoIterator<Item = &'c Cookie>,
    options: &WriteOptions,
    mut out: Vec<u8>,
    end: &[u8],
    mut line: impl FnMut(&Cookie, &mut Vec<u8>) -> Result<(), Unwritable>,
) -> io::Result<WriteReport> {
    const CHUNK: usize = 1 << 16;
    let mut room = options
        .max_bytes
        .saturating_sub((out.len() + end.len()) as u64);
    let now = options.now.map(time::OffsetDateTime::unix_timestamp);
    let mut report = WriteReport::default();
    out.reserve(CHUNK);
    let cookies: Vec<_> = cookies.into_iter().collect();
    let dotless = dotless_in(&cookies, options, now);
    for cookie in cookies {
        if let Some(skipped) = unwanted(cookie, options, now, &mut report) {
            *skipped += 1;
            continue;
        }
        let before = out.len();
        let written = if !dotless.is_empty() && dotless.contains(&cookie.id()) {
            Err(Unwritable::DotlessHost)
        } else {
            line(cookie, &mut out)
        };
        match written.and_then(|()| options.check_room(out.len() - before, room)) {
            Ok(()) => {
                report.written += 1;
                room -= (out.len() - before) as u64;
            }
            Err(reason) => {
                out.truncate(before);
                report.skipped.push(NotWritten::new(cookie, reason));
            }
        }
        if out.len() >= CHUNK {
            writer.write_all(&out)?;
            out.clear();
        }
    }
    out.extend_from_slice(end);
    writer.write_all(&out)?;
    Ok(report)
}

fn unwanted<'r>(
    cookie: &Cookie,
    options: &WriteOptions,
    now: Option<i64>,
    report: &'r mut WriteReport,
) -> Option<&'r mut usize> {
    if !options.ignore_discard && cookie.discard() {
        Some(&mut report.session)
    } else if !options.ignore_expires && is_expired(cookie, now) {
        Some(&mut report.expired)
    } else {
        None
    }
}

/// A stored cookie with one of these ids would be written and read as the same cookie; the host's own takes precedence.
fn dotless_in(
    cookies: &[&Cookie],
    options: &WriteOptions,
    now: Option<i64>,
) -> HashSet<CookieId<'static>, RandomState> {
    if !options.python_form && !options.dot_local {
        return HashSet::default();
    }
    let is_wanted = |cookie: &&&Cookie| {
        (options.ignore_discard || !cookie.discard())
            && (options.ignore_expires || !is_expired(cookie, now))
    };
    let dotless = cookies
        .iter()
        .filter(|cookie| domain::is_dotless(cookie.domain()))
        .filter(is_wanted);
    dotless
        .map(|cookie| {
            let effective = domain_for(cookie, options);
            cookie.id().under(&effective).into_owned()
        })
        .collect()
}

impl WriteOptions {
    pub(super) fn text<'b>(&self, bytes: Cow<'b, [u8]>) -> Cow<'b, [u8]> {
        if self.python_form {
            to_python(bytes)
        } else {
            bytes
        }
    }
}

impl ReadOptions {
    pub(super) fn text<'b>(&self, bytes: Cow<'b, [u8]>) -> Cow<'b, [u8]> {
        if self.python_form {
            from_python(bytes)
        } else {
            bytes
        }
    }
}

/// Python's text is UTF-8: each byte is an ISO-8859-1 character.
fn to_python(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return bytes;
    }
    let text: String = bytes.iter().copied().map(char::from).collect();
    Cow::Owned(text.into_bytes())
}

/// Text that cannot come from a header is returned unchanged.
fn from_python(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return bytes;
    }
    let octets = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.chars().map(|c| u8::try_from(c).ok()).collect());
    octets.map_or(bytes, Cow::Owned)
}

/// If asked for, a host without dots gets its effective host name, as in files of Python and libwww-perl.
pub(super) fn domain_for<'c>(cookie: &'c Cookie, options: &WriteOptions) -> Cow<'c, str> {
    let domain = cookie.domain();
    if (options.python_form || options.dot_local) && domain::is_dotless(domain) {
        Cow::Owned([domain, domain::LOCAL].concat())
    } else {
        Cow::Borrowed(domain)
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/line_writer.rs"]
mod tests;
