//! What the jar logs (feature `tracing`): every change, every rejection, and what was sent, but never a value.

#![cfg_attr(
    not(feature = "tracing"),
    allow(unused_variables, reason = "there is no log")
)]

use crate::cookie::Cookie;
use crate::headers::{RequestHeaders, ResponseHeaders};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::{CookieChange, Sink};

pub(crate) const IS_ON: bool = cfg!(feature = "tracing");

macro_rules! event {
    ($($event:tt)+) => {
        #[cfg(feature = "tracing")]
        tracing::debug!(target: "cookiejar", $($event)+)
    };
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Log;

impl Sink for Log {
    #[inline]
    fn changed(&mut self, change: &CookieChange<'_>) {
        let CookieChange { cause, cookie, .. } = change;
        event!(
            domain = cookie.domain(),
            name = cookie.name(),
            ?cause,
            "cookie changed"
        );
    }
}

pub(crate) fn rejected(name: &[u8], host: &str, reason: Rejection) {
    event!(host, name = %crate::cookie::Readable(&String::from_utf8_lossy(name)), %reason, "cookie rejected");
}

pub(crate) fn sent(cookies: usize, request: &RequestContext<'_>) {
    event!(host = request.host(), cookies, "cookies sent");
}

pub(crate) fn withheld(cookie: &Cookie, request: &RequestContext<'_>, reason: Rejection) {
    event!(host = request.host(), domain = cookie.domain(), name = cookie.name(), %reason, "cookie withheld");
}

pub(crate) fn sending(
    headers: &impl RequestHeaders,
    request: &RequestContext<'_>,
    with_values: bool,
) {
    #[cfg(feature = "tracing")]
    if tracing::enabled!(target: SESSIONS, tracing::Level::DEBUG) {
        // HTTP/2 can split one header at its semicolons (RFC 9113, section 8.2.3), also those of a quoted value.
        let fields: Vec<_> = headers.header_values("Cookie").collect();
        if !fields.is_empty() {
            let header = fields.join(&b"; "[..]);
            let cookies = pairs(&header)
                .into_iter()
                .map(|pair| shown(pair, with_values));
            let cookies = cookies.collect::<Vec<_>>().join("; ");
            tracing::debug!(target: SESSIONS, url = %url(request), cookies, "Cookie sent");
        }
    }
}

pub(crate) fn receiving(
    response: &(impl ResponseHeaders + ?Sized),
    request: &RequestContext<'_>,
    with_values: bool,
) {
    #[cfg(feature = "tracing")]
    if tracing::enabled!(target: SESSIONS, tracing::Level::DEBUG) {
        let cookies: Vec<_> = response
            .header_values("Set-Cookie")
            .map(|field| shown(field, with_values))
            .collect();
        if !cookies.is_empty() {
            let cookies = cookies.join(" | ");
            tracing::debug!(target: SESSIONS, url = %url(request), cookies, "Set-Cookie received");
        }
    }
}

#[cfg(feature = "tracing")]
const SESSIONS: &str = "cookiejar::sessions";

/// The parts between the semicolons that are outside of every text that could be quoted (RFC 2965, section 3.1).
#[cfg(feature = "tracing")]
fn pairs(field: &[u8]) -> Vec<&[u8]> {
    let (mut pairs, mut start, mut at) = (Vec::new(), 0, 0);
    while at < field.len() {
        match field[at] {
            b';' => {
                pairs.push(&field[start..at]);
                start = at + 1;
            }
            b'"' if begins_value(&field[start..at]) => at = end_of_quoted(field, at),
            _ => {}
        }
        at += 1;
    }
    pairs.push(&field[start..]);
    pairs
}

#[cfg(feature = "tracing")]
fn begins_value(before: &[u8]) -> bool {
    before.trim_ascii_end().ends_with(b"=")
}

/// Returns the place of the last quote. In a Netscape value the first one is like any other octet, so that each quote
/// after a `=` could be the first.
#[cfg(feature = "tracing")]
fn end_of_quoted(field: &[u8], first: usize) -> usize {
    let mut at = first + 1;
    while at < field.len() {
        match field[at] {
            b'\\' => at += 1,
            b'"' if !begins_value(&field[first..at]) => return at,
            _ => {}
        }
        at += 1;
    }
    field.len()
}

/// A text without `=`, or with a quote before it, may be a value without a name.
#[cfg(feature = "tracing")]
fn shown(field: &[u8], with_value: bool) -> String {
    use crate::octets::trim;

    let field = trim(field);
    let end = field.iter().position(|byte| b"=;\"".contains(byte));
    match end {
        _ if with_value => field.escape_ascii().to_string(),
        Some(end) if field[end] == b'=' => trim(&field[..end]).escape_ascii().to_string(),
        _ => "?".to_owned(),
    }
}

/// The query may contain secrets.
#[cfg(feature = "tracing")]
fn url(request: &RequestContext<'_>) -> impl std::fmt::Display {
    let (scheme, host, port) = (request.scheme(), request.host(), request.port());
    format!(
        "{scheme}://{host}:{port}{}",
        crate::cookie::Readable(request.path())
    )
}
