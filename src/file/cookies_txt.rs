//! `cookies.txt`: the format of Netscape, curl, wget and Python's `MozillaCookieJar`.
//!
//! ```text
//! file   = magic *( line LF )
//! magic  = "# Netscape HTTP Cookie File" LF        (or "# HTTP Cookie File")
//! line   = [ "#HttpOnly_" ] domain TAB flag TAB path TAB flag TAB expiry TAB name TAB value
//!        / "#" comment / "$" comment / ""
//! flag   = "TRUE" / "FALSE"
//! expiry = seconds since 1970                      ("0" or "" for a session cookie)
//! ```
//!
//! The first flag says whether the cookie is also sent to subdomains, the second whether it is `Secure`. An empty
//! name with a value stands for a name without a value, as in Python.
//!
//! # What is read
//!
//! Python's reader accepts exactly the format and rejects the file at the first line that differs;
//! [`ReadOptions::strict`] does the same, but for the last column and for files beyond their limit. By default more is
//! read:
//!
//! | in the file | verdict | strictly | Python, if not the same |
//! |---|---|---|---|
//! | nothing, or white space only | no cookies | rejected | |
//! | no magic line | read, if the first line that is not a comment is a cookie | rejected | |
//! | a byte order mark | skipped | rejected | |
//! | LF, CR LF | each ends a line | the same | |
//! | CR alone | skipped with its line | rejected | ends a line |
//! | `#` or `$` after white space or after `#HttpOnly_` | a comment | the same | |
//! | NUL in a line | skipped | rejected | read |
//! | a line longer than [`ReadOptions::max_line`] | skipped | rejected | read |
//! | last line without line break, seven columns | read, and [reported](super::ReadReport::unterminated); see [`ReadOptions::unterminated`] | rejected | read |
//! | the same with fewer columns, or in a file of ours (our comment is line 2) | skipped: it is truncated | rejected | |
//! | `true`, `False` | as `TRUE`, `FALSE` | the first flag as `FALSE`; the second is rejected | the second: not `Secure` |
//! | another word for a flag | skipped | the first flag as `FALSE`; the second is rejected | the second: not `Secure` |
//! | first flag disagrees with the dot of the domain | the flag counts, as for curl | rejected | |
//! | blanks instead of tabs | read; only the value may contain blanks | rejected | |
//! | six columns | an empty value | rejected | |
//! | an eighth column of digits, which is a size | ignored | rejected | |
//! | more columns than that | read if those past the seventh are empty, else skipped | rejected | |
//! | expiry empty or `0` | a session cookie | the same | `0`, and all below one second: long expired |
//! | expiry `-1` | long expired | the same | |
//! | expiry `1.5`, `1.9e9` | the whole seconds | the same | |
//! | expiry `1_000` | skipped | the same as `1000` | |
//! | expiry `nan`, `soon` | skipped | rejected | |
//! | expiry of 13 to 15 digits | milliseconds | the same | seconds |
//! | any other expiry after the year 9999, even with 30 digits | the end of the year 9999 | the same | read as it is |
//! | expiry `1e999`, or only white space | the end of the year 9999; a session cookie | rejected | |
//! | white space before the domain | skipped | rejected | read, and sent to no host |
//! | domain empty, a single dot, or one that no host can match | skipped | rejected | read, and sent to no host |
//! | name with `;` or `=`, or a leading or trailing blank; value with `;` | skipped: it would be sent as another cookie | rejected | read, and sent as another cookie |
//! | domain with a port, as wget writes it | the cookie is sent to this port only | the same | read, and sent to no host |
//! | domain in upper case, international, or an IP address in any spelling | converted to its canonical form | the same | international, IPv6: read as it is |
//! | path that does not begin with a slash | skipped | rejected | read, and sent with no request |
//! | octets that are not UTF-8 | read as they are | the same | rejected, or read in the encoding of the system |
//! | expiry in digits that are not ASCII | skipped | rejected | read |
//! | neither a name nor a value | skipped | rejected | read |
//!
//! # What is lost
//!
//! - most of RFC 2965: version, comments, whether the server named the port, and `Discard` on a cookie with a date
//! - attributes that Python does not know, except the presence of `HttpOnly`
//! - whether the path was specified, and whether the `Domain` attribute itself had a leading dot
//! - creation and last access times; the order of creation is kept
//! - an expiry of exactly 1970-01-01T00:00:00Z, which becomes one second later
//!
//! One port of a host-only cookie follows the host, in Python's form, too: all programs but wget send it to no host. A
//! cookie with other ports, with a tab in its name, value or path, with a semicolon in its value, or without a name is
//! skipped and reported, as is one that does not fit into a line or the file.
//!
//! # What each program writes
//!
//! | program | header | expiry of a session cookie | host-only, dotless | HttpOnly | encoding |
//! |---|---|---|---|---|---|
//! | this library | `# Netscape HTTP Cookie File` | `0` | `foo`, `foo:8000`, `FALSE` | `#HttpOnly_` | the header's bytes |
//! | the same, in Python's form | the same | empty | `foo.local`, `FALSE` | `#HttpOnly_` | UTF-8 of ISO-8859-1 |
//! | curl | `# Netscape HTTP Cookie File` and a comment | `0` | `foo`, `FALSE` | `#HttpOnly_` | the header's bytes |
//! | wget | `# HTTP Cookie File` and a comment | not written, or `0` on request | `foo:8000`, `FALSE` | lost; it ignores such lines: see [`WriteOptions::http_only_prefix`] | the header's bytes |
//! | Python | `# Netscape HTTP Cookie File` and a comment | empty | `foo.local`, `FALSE` | `#HttpOnly_` | UTF-8 of ISO-8859-1 |
//! | `HTTP::Cookies::Netscape` | `# Netscape HTTP Cookie File` and a comment | never written, `0` is expired | `foo.local`, `FALSE` | lost | the header's bytes |
//!
//! [`WriteOptions::python_form`] writes the file for Python, [`WriteOptions::dot_local`] and
//! [`WriteOptions::http_only_prefix`] for programs that read hosts without dots and `HttpOnly` in another way.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::iter;

use memchr::{memchr_iter, memrchr};

use super::error::LoadError;
use super::line_reader::{self, LineFormat};
use super::line_writer::{domain_for, write_lines};
use super::lines::{Line, has_cr};
use super::options::{ReadOptions, WriteOptions};
use super::python;
use super::report::{Reading, Reason, Source, Unwritable, WriteReport};
use crate::cookie::{Cookie, Fields, Flags, NEVER};
use crate::date;
use crate::domain::Domain;
use crate::octets;
use crate::rejection::Rejection;

const MAGIC: &[u8] = b"# Netscape HTTP Cookie File";
/// Line 2 of the files that are written here. All their lines end in a line break.
const OWN_COMMENT: &[u8] = b"# A generated file: changes may be lost.";
const HTTP_ONLY_PREFIX: &[u8] = b"#HttpOnly_";
const HTTP_ONLY: &str = "HttpOnly";

/// Reads a file.
///
/// A line that is not a cookie is skipped and reported, without its contents; so are expired and session cookies,
/// unless the options ask for them.
///
/// # Errors
///
/// - any error of the reader
/// - a file without the magic line whose first line is not a cookie
/// - a file beyond its limit
/// - in strict reading, the first line that would be skipped
///
/// ```
/// use cookiejar::file::{ReadOptions, Reason, cookies_txt};
///
/// let file = "# Netscape HTTP Cookie File\n\
///     #HttpOnly_.acme.com\tTRUE\t/\tTRUE\t1893456000\tsid\t31d4\n\
///     .acme.com\tTRUE\t/\tFALSE\tsoon\ttheme\tdark\n";
/// let reading = cookies_txt::read(file.as_bytes(), &ReadOptions::new())?;
/// assert!(reading.cookies[0].http_only());
/// let skipped = &reading.report.skipped[0];
/// assert_eq!((skipped.line, skipped.reason), (3, Reason::Expiry));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(reader: impl Read, options: &ReadOptions) -> Result<Reading, LoadError> {
    line_reader::read::<CookiesTxtLines>(reader, options)
}

pub(super) fn recognizes(head: &[u8]) -> bool {
    line_reader::recognizes::<CookiesTxtLines>(head)
}

/// Reads one line without its line break, as libcurl exchanges them, or returns `None` for a comment or an empty
/// line. Session and expired cookies are returned, too.
///
/// # Errors
///
/// The reason why the line is not a cookie.
///
/// ```
/// use cookiejar::file::cookies_txt;
///
/// let cookie = cookies_txt::parse_line(b"acme.com\tFALSE\t/\tFALSE\t0\tsid\t31d4")?;
/// assert_eq!(cookie.expect("a cookie").value(), Some("31d4"));
/// assert_eq!(cookies_txt::parse_line(b"# none")?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse_line(line: &[u8]) -> Result<Option<Cookie>, Reason> {
    if is_comment(line) {
        return Ok(None);
    }
    parse(line, &ReadOptions::new(), &mut LastDomain::default()).map(Some)
}

/// Writes cookies, in the order of the iterator.
///
/// # Errors
///
/// Any error of the writer.
///
/// ```
/// use cookiejar::Cookie;
/// use cookiejar::file::{WriteOptions, cookies_txt};
/// use time::macros::datetime;
///
/// let cookie = Cookie::builder("sid", "31d4").domain(".acme.com").expires(datetime!(2030-01-01 0:00 UTC));
/// let mut file = Vec::new();
/// let report = cookies_txt::write(&mut file, [&cookie.build()?], &WriteOptions::new())?;
/// assert_eq!(report.written, 1);
/// assert!(file.ends_with(b"\n.acme.com\tTRUE\t/\tFALSE\t1893456000\tsid\t31d4\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write<'c>(
    writer: impl Write,
    cookies: impl IntoIterator<Item = &'c Cookie>,
    options: &WriteOptions,
) -> io::Result<WriteReport> {
    let header = [MAGIC, b"\n", OWN_COMMENT, b"\n\n"].concat();
    write_lines(writer, cookies, options, header, b"", |cookie, out| {
        push_line(cookie, options, out)?;
        out.push(b'\n');
        Ok(())
    })
}

/// Writes one line without a line break, as libcurl exchanges them, even if the cookie has expired.
///
/// # Errors
///
/// The reason why no line can carry the cookie.
pub fn format_line(cookie: &Cookie) -> Result<Vec<u8>, Unwritable> {
    let mut line = Vec::new();
    push_line(cookie, &WriteOptions::new(), &mut line)?;
    Ok(line)
}

#[derive(Default)]
struct CookiesTxtLines {
    is_ours: bool,
    last: LastDomain,
}

impl LineFormat for CookiesTxtLines {
    const SOURCE: Source = Source::CookiesTxt;

    /// CPython: `NETSCAPE_MAGIC_RGX`.
    fn is_magic(line: &[u8]) -> bool {
        line.starts_with(MAGIC) || line.starts_with(b"# HTTP Cookie File")
    }

    fn is_comment(&mut self, line: &Line<'_>, _: &ReadOptions) -> bool {
        self.is_ours |= line.number == 2 && line.text == OWN_COMMENT;
        is_comment(line.text)
    }

    fn cookies<'l>(
        &mut self,
        line: &Line<'l>,
        options: &'l ReadOptions,
    ) -> impl Iterator<Item = Result<Cookie, Reason>> {
        let cookie = if line.too_long {
            Err(Reason::TooLong)
        } else if line.terminated || (!self.is_ours && is_complete(line.text, options)) {
            parse(line.text, options, &mut self.last)
        } else {
            Err(Reason::Unterminated)
        };
        iter::once(cookie)
    }
}

fn is_comment(line: &[u8]) -> bool {
    let line = line.strip_prefix(HTTP_ONLY_PREFIX).unwrap_or(line);
    matches!(python::trim_start(line), [] | [b'#' | b'$', ..])
}

/// The last column can still be too short.
fn is_complete(line: &[u8], options: &ReadOptions) -> bool {
    if !options.unterminated || options.strict {
        return false;
    }
    match memchr_iter(b'\t', line).count() {
        0..=4 => words(line).is_some_and(|columns| !columns[6].is_empty()),
        5 => false,
        _ => true,
    }
}

fn parse(line: &[u8], options: &ReadOptions, last: &mut LastDomain) -> Result<Cookie, Reason> {
    if has_cr(line) {
        return Err(Reason::Rejected(Rejection::ForbiddenOctet));
    }
    let mut fields = Fields::default();
    let line = match line.strip_prefix(HTTP_ONLY_PREFIX) {
        Some(line) => {
            let key = Cow::Borrowed(HTTP_ONLY.as_bytes());
            fields.attributes.push((key, None));
            line
        }
        None => line,
    };
    if line.first().is_some_and(u8::is_ascii_whitespace) {
        return Err(Reason::Rejected(Rejection::InvalidDomain));
    }
    let [domain, below, path, secure, expiry, name, value] = columns(line, options.strict)?;
    if options.strict {
        let below = below == b"TRUE";
        if below != domain.starts_with(b".") {
            return Err(Reason::DotAndFlag);
        }
        fill_in_domain(&mut fields, domain, below, last);
        fields.flags.set(Flags::SECURE, strict_flag(secure)?);
        fields.expires = parse_strict_expiry(expiry).ok_or(Reason::Expiry)?;
    } else {
        fill_in_domain(&mut fields, domain.trim_ascii_end(), flag(below)?, last);
        fields.flags.set(Flags::SECURE, flag(secure)?);
        fields.expires = parse_expiry(expiry.trim_ascii()).ok_or(Reason::Expiry)?;
    }
    let text = |bytes| options.text(Cow::Borrowed(bytes));
    fields.path = text(path);
    if name.is_empty() && !value.is_empty() {
        fields.name = text(value);
    } else if !name.is_empty() {
        fields.name = text(name);
        fields.value = Some(text(value));
    }
    Ok(fields.pack()?)
}

fn columns(line: &[u8], strict: bool) -> Result<[&[u8]; 7], Reason> {
    let mut columns = [&b""[..]; 7];
    let mut found = 0;
    let mut rest = Some(line);
    while let Some(text) = rest {
        let end = octets::position(text, b'\t');
        let column = &text[..end.unwrap_or(text.len())];
        rest = end.map(|end| &text[end + 1..]);
        let is_size = || found == 7 && column.iter().all(u8::is_ascii_digit);
        match columns.get_mut(found) {
            Some(place) => *place = column,
            None if strict || !(column.is_empty() || is_size()) => {
                return Err(Reason::Columns(memchr_iter(b'\t', line).count() + 1));
            }
            None => {}
        }
        found += 1;
    }
    match found {
        7.. => Ok(columns),
        6 if !strict => Ok(columns),
        _ if !strict => words(line).ok_or(Reason::Columns(found)),
        _ => Err(Reason::Columns(found)),
    }
}

/// The seventh column is the rest of the line.
fn words(line: &[u8]) -> Option<[&[u8]; 7]> {
    let mut columns = [&b""[..]; 7];
    let mut rest = line.trim_ascii_end();
    for column in &mut columns[..6] {
        let end = rest.iter().position(u8::is_ascii_whitespace);
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        *column = word;
        rest = after.trim_ascii_start();
    }
    columns[6] = rest;
    (!columns[5].is_empty()).then_some(columns)
}

fn flag(text: &[u8]) -> Result<bool, Reason> {
    strict_flag(text).or_else(|_| strict_flag(&text.trim_ascii().to_ascii_uppercase()))
}

/// Python reads every other word as `FALSE`, which would send a `Secure` cookie unprotected.
fn strict_flag(text: &[u8]) -> Result<bool, Reason> {
    match text {
        b"TRUE" => Ok(true),
        b"FALSE" => Ok(false),
        _ => Err(Reason::Flag),
    }
}

/// `below` says whether the cookie is also sent to subdomains, with or without a leading dot.
fn fill_in_domain<'a>(
    fields: &mut Fields<'a>,
    domain: &'a [u8],
    below: bool,
    last: &'a mut LastDomain,
) {
    let bare = domain.strip_prefix(b".").unwrap_or(domain);
    let (bare, port) = split_port(bare);
    fields.dotted = below;
    fields.flags.set(Flags::DOMAIN_INITIAL_DOT, below);
    if let Some(port) = port {
        fields.rare().port = Some(Cow::Borrowed(port));
    }
    fields.domain = last.parse(bare);
}

/// The domain of the line before, which most lines repeat (bench `files`).
#[derive(Default)]
struct LastDomain(Option<(Vec<u8>, Domain<'static>)>);

impl LastDomain {
    fn parse(&mut self, text: &[u8]) -> Domain<'_> {
        if !matches!(&self.0, Some((last, _)) if last == text) {
            self.0 = Some((text.to_vec(), Domain::parse(text).into_owned()));
        }
        let last = self.0.as_ref();
        last.map_or(Domain::Missing, |(_, domain)| domain.borrowed())
    }
}

/// Removes the port that wget appends to the host of a cookie that it sends to this port only.
fn split_port(domain: &[u8]) -> (&[u8], Option<&[u8]>) {
    let Some(colon) = memrchr(b':', domain) else {
        return (domain, None);
    };
    let (host, port) = (&domain[..colon], &domain[colon + 1..]);
    let is_host = !host.contains(&b':') || host.ends_with(b"]");
    if is_host && !port.is_empty() && port.iter().all(u8::is_ascii_digit) {
        (host, Some(port))
    } else {
        (domain, None)
    }
}

/// Seconds since 1970, or [`NEVER`] for a session cookie.
pub(super) fn parse_expiry(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return Some(NEVER);
    }
    parse_seconds(text).map(session_or)
}

pub(super) fn parse_seconds(text: &[u8]) -> Option<i64> {
    if let Some(seconds) = short_number(text) {
        return Some(seconds.min(date::END_OF_9999));
    }
    let is_number = |byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.iter().all(|&byte| is_number(byte)) {
        return None;
    }
    let number = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(whole_seconds(number))
}

fn short_number(text: &[u8]) -> Option<i64> {
    let text = (text.len() <= 12).then_some(text)?;
    text.iter().try_fold(0, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        Some(number * 10 + digit)
    })
}

/// Like [`parse_expiry`], for what Python accepts as a number.
fn parse_strict_expiry(text: &[u8]) -> Option<i64> {
    match text {
        b"" => Some(NEVER),
        _ => python::float(text).map(|number| session_or(whole_seconds(number))),
    }
}

fn session_or(seconds: i64) -> i64 {
    if seconds == 0 { NEVER } else { seconds }
}

/// The whole seconds of a date in seconds or, from 13 digits on, in milliseconds; clamped to the end of the year
/// 9999.
#[allow(
    clippy::cast_possible_truncation,
    reason = "`as` takes off the fraction and clamps, which is what is wanted"
)]
pub(super) fn whole_seconds(number: f64) -> i64 {
    const MILLISECONDS: std::ops::Range<f64> = 1e12..1e15;
    let seconds = if MILLISECONDS.contains(&number) {
        number / 1000.0
    } else {
        number
    };
    (seconds as i64).min(date::END_OF_9999)
}

fn push_line(cookie: &Cookie, options: &WriteOptions, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    if cookie.partition_key().is_some() {
        return Err(Unwritable::Partitioned);
    }
    let text = |bytes| options.text(bytes);
    let (name, path) = (text(cookie.name_bytes()), text(cookie.path_bytes()));
    let value = cookie.value_bytes().map(text);
    // A name without a value is written in the value column.
    let (name, value) = match value {
        None => (Cow::Borrowed(&b""[..]), name),
        Some(_) if name.is_empty() => return Err(Unwritable::Nameless),
        Some(value) => (name, value),
    };
    check_octets(&name, &value, &path)?;
    if cookie.http_only() && options.http_only_prefix {
        out.extend_from_slice(HTTP_ONLY_PREFIX);
    }
    push_domain(cookie, options, out)?;
    push_flag(cookie.domain_specified(), out);
    out.extend_from_slice(&path);
    push_flag(cookie.secure(), out);
    push_expiry(cookie, options, out);
    for part in [&name, &value] {
        out.push(b'\t');
        out.extend_from_slice(part);
    }
    Ok(())
}

/// A port is written as by wget.
fn push_domain(
    cookie: &Cookie,
    options: &WriteOptions,
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let domain = domain_for(cookie, options);
    if domain.starts_with('$') {
        return Err(Unwritable::Domain);
    }
    out.extend_from_slice(domain.as_bytes());
    let Some(port) = cookie.port().filter(|ports| !ports.is_empty()) else {
        return Ok(());
    };
    if cookie.domain_specified() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Unwritable::Port);
    }
    out.push(b':');
    out.extend_from_slice(port.as_bytes());
    Ok(())
}

/// With a tab, a part would be two columns. With a semicolon, a value read back would be a cookie of version 0.
fn check_octets(name: &[u8], value: &[u8], path: &[u8]) -> Result<(), Unwritable> {
    let has_tab = |part: &[u8]| octets::position(part, b'\t').is_some();
    if has_tab(name) || has_tab(path) {
        return Err(Unwritable::Tab);
    }
    match octets::position_of_either(value, b'\t', b';') {
        Some(_) if has_tab(value) => Err(Unwritable::Tab),
        Some(_) => Err(Unwritable::Semicolon),
        None => Ok(()),
    }
}

fn push_expiry(cookie: &Cookie, options: &WriteOptions, out: &mut Vec<u8>) {
    match cookie.expires_seconds() {
        // Zero would mean a session cookie.
        Some(0) => out.push(b'1'),
        Some(seconds) => push_number(seconds.min(date::END_OF_9999), out),
        None if options.python_form => {}
        None => out.push(b'0'),
    }
}

fn push_number(number: i64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        let pair = (rest % 100) as u8;
        rest /= 100;
        start -= 2;
        digits[start] = b'0' + pair / 10;
        digits[start + 1] = b'0' + pair % 10;
        if rest == 0 {
            start += usize::from(pair < 10);
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[start..]);
}

fn push_flag(yes: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if yes { b"\tTRUE\t" } else { b"\tFALSE\t" });
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/cookies_txt.rs"]
mod tests;
