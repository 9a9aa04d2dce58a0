//! What the jar tells a log (feature `tracing`): what became of each cookie, and never a value.

#![cfg_attr(
    not(feature = "tracing"),
    allow(unused_variables, reason = "there is no log")
)]

use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::Change;

/// An event with fields, or nothing.
macro_rules! event {
    ($($event:tt)+) => {
        #[cfg(feature = "tracing")]
        tracing::debug!(target: "cookiejar", $($event)+)
    };
}

pub(crate) fn changed(name: &[u8], request: &RequestContext<'_>, change: Change) {
    event!(host = request.host(), name = %String::from_utf8_lossy(name), ?change, "cookie received");
}

pub(crate) fn refused(name: &[u8], request: &RequestContext<'_>, reason: Rejection) {
    event!(host = request.host(), name = %String::from_utf8_lossy(name), %reason, "cookie refused");
}

pub(crate) fn evicted(cookie: &Cookie) {
    event!(
        domain = cookie.domain(),
        name = cookie.name(),
        "cookie evicted"
    );
}

pub(crate) fn sent(cookies: usize, request: &RequestContext<'_>) {
    event!(host = request.host(), cookies, "cookies sent");
}

pub(crate) fn withheld(cookie: &Cookie, request: &RequestContext<'_>, reason: Rejection) {
    event!(host = request.host(), domain = cookie.domain(), name = cookie.name(), %reason, "cookie withheld");
}
