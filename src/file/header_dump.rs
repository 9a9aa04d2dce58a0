//! Dumps of response headers, as `curl -D` writes them, and files of `Set-Cookie` lines.
//!
//! ```text
//! dump   = *head / *field
//! head   = "HTTP/" version SP status [ SP reason ] CRLF *field CRLF
//! field  = name ":" value CRLF
//! ```
//!
//! A dump does not contain the URL of the request: [`ReadOptions::of_url`] names it. A policy judges each cookie as
//! if its response arrived now, and a later cookie replaces or deletes an earlier one.
//!
//! | in the file | verdict |
//! |---|---|
//! | `Set-Cookie`, in any case | judged for the URL, at the time of the response's `Date`, else at [`ReadOptions::at`] |
//! | the same without a URL | skipped in a head; without a head, judged for its own `Domain` and `Path`, and skipped if it lacks one |
//! | `Max-Age` if no time is known | skipped |
//! | `Location` of a 3xx response, within its site by the policy's public suffixes | the URL of the next head; so each cookie of `curl -L` belongs to the host that set it |
//! | `Set-Cookie` for a URL longer than 64 KiB, or after a `Location` that cannot be read or is of another site | skipped; see [`ReadOptions::trust_redirects`] |
//! | `Set-Cookie` of a 1xx or 407 response | ignored |
//! | another field | ignored |
//! | a line that is not a field, such as a second status line, and everything after it: the body that `curl -i` prints | skipped, with its first line |
//! | last line without line break | read and reported; see [`ReadOptions::unterminated`] |
//! | nothing, or white space only | no cookies; strict reading rejects it |
//!
//! A body and the trailers after it can look like the head of another response: pass dumps made with `-D`, not with `-i`,
//! and of one URL.

use std::io::Read;
use std::str;

use time::OffsetDateTime;
use url::Url;

use super::error::{LoadError, LoadErrorKind};
use super::lines::{Line, Lines};
use super::options::ReadOptions;
use super::replay::{Replay, is_short};
use super::report::{Reading, Reason, Source};
use crate::clock::date_time;
use crate::date;
use crate::octets::{is_word, trim};
use crate::policy::CookiePolicy;
#[cfg(feature = "psl")]
use crate::policy::DefaultCookiePolicy;
use crate::request::RequestContext;
use crate::set_cookie::{Pair, python};

/// Reads a dump, judged by the default policy.
///
/// # Errors
///
/// Those of [`read_with`].
///
/// ```
/// use cookiejar::file::{ReadOptions, header_dump};
/// use url::Url;
///
/// let dump = "HTTP/2 200\r\ndate: Sat, 21 Nov 2026 08:00:00 GMT\r\nset-cookie: sid=31d4; Max-Age=60\r\n\r\n";
/// let url = Url::parse("https://acme.com/login")?;
/// let reading = header_dump::read(dump.as_bytes(), &ReadOptions::new().of_url(&url))?;
/// assert_eq!(reading.cookies[0].to_string(), "<Cookie sid for acme.com/>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "psl")]
pub fn read(reader: impl Read, options: &ReadOptions) -> Result<Reading, LoadError> {
    read_with(reader, DefaultCookiePolicy::new(), options)
}

/// Reads a dump, judged by a policy of your own.
///
/// # Errors
///
/// - any error of the reader
/// - a file whose first line is neither a status line nor a field
/// - a file beyond its limit
/// - in strict reading, the first cookie that would be skipped
pub fn read_with(
    reader: impl Read,
    policy: impl CookiePolicy,
    options: &ReadOptions,
) -> Result<Reading, LoadError> {
    let mut lines = Lines::new(reader, options);
    let mut dump = Dump::new(policy, options);
    let mut is_blank = true;
    while let Some(line) = lines.next()? {
        let part = Part::parse(line.text);
        if is_blank && part == Part::Other {
            return Err(LoadError::at(line.number, LoadErrorKind::NotThisFormat));
        }
        is_blank &= part == Part::Blank;
        if !dump.push(&line, part)? {
            break;
        }
    }
    if is_blank && options.strict {
        return Err(LoadError::new(LoadErrorKind::NotThisFormat));
    }
    dump.finish()
}

/// Any text with a colon in its first line could be a field.
pub(super) fn recognizes(head: &[u8]) -> bool {
    let options = ReadOptions::new();
    let mut lines = Lines::new(head, &options);
    while let Ok(Some(line)) = lines.next() {
        match Part::parse(line.text) {
            Part::Status(_) => return true,
            Part::Field { name, .. } if is_word(name, b"Set-Cookie") => return true,
            Part::Field { .. } => {}
            Part::Blank if line.number == 1 => {}
            Part::Blank | Part::Other => return false,
        }
    }
    false
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'l> {
    Blank,
    Field { name: &'l [u8], value: &'l [u8] },
    Other,
    Status(u16),
}

impl<'l> Part<'l> {
    fn parse(line: &'l [u8]) -> Self {
        if line.trim_ascii().is_empty() {
            return Self::Blank;
        }
        if let Some(rest) = line.strip_prefix(b"HTTP/") {
            let status = rest.split(|&byte| byte == b' ').nth(1);
            let status = status.and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
            return Self::Status(status.unwrap_or(0));
        }
        let is_token =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        match line.iter().position(|&byte| byte == b':') {
            Some(colon) if colon > 0 && line[..colon].iter().all(is_token) => Self::Field {
                name: &line[..colon],
                value: trim(&line[colon + 1..]),
            },
            _ => Self::Other,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Among fields with no status line before them.
    Bare,
    BehindHead,
    InHead,
    Start,
}

struct Dump<'o, P> {
    replay: Replay<'o, P>,
    options: &'o ReadOptions,
    place: Place,
    status: u16,
    /// The URL of the request that the head answers, if it is known.
    target: Option<Url>,
    is_redirect: bool,
    next: Option<Url>,
    date: Option<OffsetDateTime>,
    waiting: Vec<(u64, Vec<u8>)>,
    octets: usize,
}

impl<'o, P: CookiePolicy> Dump<'o, P> {
    fn new(policy: P, options: &'o ReadOptions) -> Self {
        Self {
            replay: Replay::new(Source::HeaderDump, policy, options),
            options,
            place: Place::Start,
            status: 0,
            target: options.url.clone().filter(is_short),
            is_redirect: false,
            next: None,
            date: None,
            waiting: Vec::new(),
            octets: 0,
        }
    }

    fn push(&mut self, line: &Line<'_>, part: Part<'_>) -> Result<bool, LoadError> {
        match (part, self.place) {
            (Part::Blank, Place::InHead) if line.text.is_empty() => {
                self.end_head()?;
                self.place = Place::BehindHead;
            }
            (Part::Blank, Place::Bare | Place::BehindHead | Place::Start) => {}
            (Part::Field { name, value }, Place::Bare | Place::InHead) => {
                self.field(line, name, value)?;
            }
            (Part::Field { name, value }, Place::Start) => {
                self.place = Place::Bare;
                self.field(line, name, value)?;
            }
            (Part::Status(status), Place::BehindHead | Place::Start) => {
                self.place = Place::InHead;
                self.status = status;
            }
            _ => {
                let reason = Err(Reason::HeaderField);
                self.replay.collector.push(line.number, reason)?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn field(&mut self, line: &Line<'_>, name: &[u8], value: &[u8]) -> Result<(), LoadError> {
        if is_word(name, b"Set-Cookie") && line.too_long {
            self.replay
                .collector
                .push(line.number, Err(Reason::TooLong))?;
        } else if is_word(name, b"Set-Cookie") {
            if !line.terminated && (self.options.strict || !self.options.unterminated) {
                let torn = Err(Reason::Unterminated);
                return self.replay.collector.push(line.number, torn);
            }
            if !line.terminated {
                self.replay.collector.reading.report.unterminated = Some(line.number);
            }
            self.octets += value.len() + size_of::<(u64, Vec<u8>)>();
            self.waiting.push((line.number, value.to_vec()));
            if self.octets > self.options.max_line {
                self.judge()?;
            }
        } else if is_word(name, b"Date") {
            self.date = date::parse_server_date(value).map(date_time);
        } else if is_word(name, b"Location") && matches!(self.status, 300..=399) {
            let location = str::from_utf8(value).ok().filter(|_| !line.too_long);
            self.is_redirect = true;
            self.next = self.redirected(location);
        }
        Ok(())
    }

    fn redirected(&self, location: Option<&str>) -> Option<Url> {
        let base = self.target.as_ref();
        let url = Url::options().base_url(base).parse(location?).ok()?;
        let is_trusted = self.options.trust_redirects
            || base.is_some_and(|base| self.replay.is_one_site(base, &url));
        (is_trusted && is_short(&url)).then_some(url)
    }

    fn end_head(&mut self) -> Result<(), LoadError> {
        self.judge()?;
        if std::mem::take(&mut self.is_redirect) {
            self.target = self.next.take();
        }
        self.date = None;
        self.status = 0;
        Ok(())
    }

    fn judge(&mut self) -> Result<(), LoadError> {
        self.octets = 0;
        let waiting = std::mem::take(&mut self.waiting);
        if matches!(self.status, 100..=199 | 407) || waiting.is_empty() {
            return Ok(());
        }
        let known = self.target.as_ref().map(RequestContext::from);
        let is_own = self.place == Place::Bare && self.options.url.is_none();
        let time = self.date.or(self.options.now);
        for (line, field) in waiting {
            let own = is_own.then(|| own_request(&field)).flatten();
            match known.as_ref().or(own.as_ref()) {
                Some(request) => self.replay.set(line, &field, request, time)?,
                None => self.replay.collector.push(line, Err(Reason::UnknownUrl))?,
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Reading, LoadError> {
        self.judge()?;
        self.replay.finish()
    }
}

fn own_request(field: &[u8]) -> Option<RequestContext<'static>> {
    let cookie = python::parse(field).ok()?;
    let pairs = cookie.pairs;
    let value_of = |name: &str| {
        let mut pairs = pairs.clone();
        let pair = pairs.find(|Pair { key, .. }| key.eq_ignore_ascii_case(name.as_bytes()))?;
        String::from_utf8(pair.value?.to_vec()).ok()
    };
    let (domain, path) = (value_of("Domain")?, value_of("Path")?);
    let host = domain.strip_prefix('.').unwrap_or(&domain);
    path.starts_with('/')
        .then(|| RequestContext::new("https", host, None, &path).into_owned())
}

#[cfg(all(test, feature = "inside", feature = "psl"))]
#[path = "../../tests/inside/header_dump.rs"]
mod tests;
