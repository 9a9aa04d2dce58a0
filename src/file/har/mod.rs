//! HTTP archives (HAR), which browsers and proxies save: the cookies that their responses set.
//!
//! A policy judges each `Set-Cookie` for the URL and at the time of its entry, and a later one replaces or deletes an
//! earlier one. The policy's limits apply: [`read`] applies the rules of browsers, with their 400 days. An archive that
//! was saved without sensitive data has no cookies.
//!
//! | in the file | verdict |
//! |---|---|
//! | `Set-Cookie` among the headers of a response | judged |
//! | the same with `Partitioned` | skipped: the archive does not say in which partition the browser keeps it |
//! | `cookies` of a response | ignored: the headers say more |
//! | an entry without a `startedDateTime` or a URL, or with a URL longer than 64 KiB | its cookies are skipped |
//! | a 1xx or 407 response | sets no cookies |
//! | `cookies` of a request or, if it has no such list, its `Cookie` headers | ignored, or with [`ReadOptions::requests`] read: a cookie that no response of the archive has set is read as recorded; if only its name and value are known, it is a host-only session cookie of path `/` |
//! | a sent cookie that a response has set | its value is the request's: a script can have changed it |
//! | a header, or the cookies of an entry together, longer than [`ReadOptions::max_line`] | skipped |
//! | nothing, or white space only | no cookies; strict reading rejects it |
//!
//! Bodies of any length are ignored.

use std::io::Read;

use url::Url;

use super::error::{LoadError, LoadErrorKind};
use super::json::foreign::{self, Kind, Object};
use super::json::limits::Progress;
use super::options::ReadOptions;
use super::replay::{Replay, is_short};
use super::report::{Reading, Reason, Source};
use crate::clock::date_time;
use crate::cookie::Cookie;
use crate::date;
use crate::octets::is_word;
#[cfg(feature = "psl")]
use crate::policy::BrowserPolicy;
use crate::policy::CookiePolicy;
use crate::rejection::Rejection;
use crate::request::{Provenance, RequestContext};
use crate::set_cookie::{Pair, python};

pub(super) mod walk;

use walk::Entry;

/// Reads an archive, judged by the rules of browsers.
///
/// # Errors
///
/// Those of [`read_with`].
///
/// ```
/// use cookiejar::file::{ReadOptions, har};
///
/// let archive = r#"{"log": {"entries": [{"startedDateTime": "2026-11-21T08:00:00.000Z",
///     "request": {"url": "https://acme.com/login"},
///     "response": {"status": 200, "headers": [{"name": "set-cookie", "value": "sid=31d4; Max-Age=60"}]}}]}}"#;
/// let reading = har::read(archive.as_bytes(), &ReadOptions::new())?;
/// assert_eq!(reading.cookies[0].to_string(), "<Cookie sid for acme.com/>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "psl")]
pub fn read(reader: impl Read, options: &ReadOptions) -> Result<Reading, LoadError> {
    read_with(reader, BrowserPolicy::new(), options)
}

/// Reads an archive, judged by a policy of your own.
///
/// # Errors
///
/// - any error of the reader
/// - input that is not JSON, or not an archive
/// - a file beyond its limit
/// - in strict reading, the first cookie that would be skipped
pub fn read_with(
    reader: impl Read,
    policy: impl CookiePolicy,
    options: &ReadOptions,
) -> Result<Reading, LoadError> {
    let progress = Progress::new(options);
    let mut parser = progress.parser(reader)?;
    let mut replay = Replay::new(Source::Har, policy, options);
    let is_empty = parser.end().is_ok();
    if is_empty && options.strict {
        return Err(LoadErrorKind::NotThisFormat.into());
    }
    if !is_empty {
        walk::read(parser, &progress, options, &mut |entry| {
            entry.judge(&mut replay, options)
        })?;
    }
    replay.finish()
}

impl Entry {
    pub(super) fn judge<P: CookiePolicy>(
        self,
        replay: &mut Replay<'_, P>,
        options: &ReadOptions,
    ) -> Result<(), LoadError> {
        for line in &self.too_long {
            replay.collector.push(*line, Err(Reason::TooLong))?;
        }
        let time = self.time.as_deref().map(str::as_bytes);
        let time = time.and_then(date::parse_iso_date).map(date_time);
        let url = self.url.as_deref().and_then(|url| Url::parse(url).ok());
        let (Some(url), Some(time)) = (url, time) else {
            return self.skip(replay, Reason::Field);
        };
        if !is_short(&url) {
            return self.skip(replay, Reason::UnknownUrl);
        }
        let request = RequestContext::from(&url).caused_by(Provenance::new().at(time));
        self.judge_request(replay, options, &url, &request)?;
        if matches!(self.status, Some(100..=199 | 407)) {
            return Ok(());
        }
        for (line, field) in &self.set {
            // Some programs join several fields with line breaks.
            for field in field.split('\n') {
                if is_partitioned(field.as_bytes()) {
                    replay.collector.push(*line, Err(Reason::Partitioned))?;
                } else {
                    replay.set(*line, field.as_bytes(), &request, Some(time))?;
                }
            }
        }
        Ok(())
    }

    fn skip<P: CookiePolicy>(
        &self,
        replay: &mut Replay<'_, P>,
        reason: Reason,
    ) -> Result<(), LoadError> {
        let set = self.set.iter().map(|(line, _)| *line);
        let mut lines = set.chain(self.cookies.iter().map(|(line, _)| *line));
        lines.try_for_each(|line| replay.collector.push(line, Err(reason)))
    }

    fn judge_request<P: CookiePolicy>(
        &self,
        replay: &mut Replay<'_, P>,
        options: &ReadOptions,
        url: &Url,
        request: &RequestContext<'_>,
    ) -> Result<(), LoadError> {
        let own = options.clone().of_url(url);
        for (line, object) in &self.cookies {
            match sent_object(object, url, &own) {
                Ok(cookie) => replay.sent(*line, cookie, request)?,
                Err(reason) => replay.collector.push(*line, Err(reason))?,
            }
        }
        let fields = self.sent.iter().filter(|_| self.cookies.is_empty());
        for (line, field) in fields {
            for pair in field
                .split(';')
                .map(str::trim_ascii)
                .filter(|pair| !pair.is_empty())
            {
                match sent_pair(pair, url) {
                    Ok(cookie) => replay.sent(*line, cookie, request)?,
                    Err(reason) => replay.collector.push(*line, Err(reason.into()))?,
                }
            }
        }
        Ok(())
    }
}

fn is_partitioned(field: &[u8]) -> bool {
    python::parse(field).is_ok_and(|cookie| {
        let mut pairs = cookie.pairs;
        pairs.any(|Pair { key, .. }| is_word(key, b"Partitioned"))
    })
}

fn sent_object(object: &Object, url: &Url, options: &ReadOptions) -> Result<Cookie, Reason> {
    let is_whole = object.contains_key("domain");
    let cookie = foreign::cookie(object, Kind::Browser, options)?;
    if is_whole {
        return Ok(cookie);
    }
    let name = cookie.name_bytes();
    let cookie = match cookie.value_bytes() {
        Some(value) => host_only(&name, Some(&value), url),
        None => host_only(&name, None, url),
    };
    Ok(cookie?)
}

fn sent_pair(pair: &str, url: &Url) -> Result<Cookie, Rejection> {
    match pair.split_once('=') {
        Some((name, value)) => host_only(name.as_bytes(), Some(value.as_bytes()), url),
        None => host_only(pair.as_bytes(), None, url),
    }
}

fn host_only(name: &[u8], value: Option<&[u8]>, url: &Url) -> Result<Cookie, Rejection> {
    let mut cookie = Cookie::builder(name, value.unwrap_or_default())
        .domain(url.host_str().unwrap_or_default())
        .path("/")
        .path_specified(true)
        .secure(matches!(url.scheme(), "https" | "wss"));
    if value.is_none() {
        cookie = cookie.without_value();
    }
    cookie.build()
}

#[cfg(all(test, feature = "inside", feature = "psl"))]
#[path = "../../../tests/inside/har.rs"]
mod tests;
