//! The rules of retrieval that both policies have.

use crate::cookie::Cookie;
use crate::path;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// > The user agent MUST evict all expired cookies from the cookie store. (RFC 6265bis, section 5.7; CPython:
/// > `return_ok_expires`)
///
/// Without a time, nothing has expired.
#[inline]
pub(super) fn return_ok_expires(
    cookie: &Cookie,
    request: &RequestContext<'_>,
) -> Result<(), Rejection> {
    if request
        .now_seconds()
        .is_some_and(|now| cookie.is_expired_at(now))
    {
        return Err(Rejection::Expired);
    }
    Ok(())
}

/// A cookie with ports is returned only to these (CPython: `return_ok_port`). Browsers know no ports, but a cookie of a
/// file may have some.
#[inline]
pub(super) fn return_ok_port(
    cookie: &Cookie,
    request: &RequestContext<'_>,
) -> Result<(), Rejection> {
    let Some(ports) = cookie.port().filter(|ports| !ports.is_empty()) else {
        return Ok(());
    };
    let request_port = request.port().to_string();
    if ports.split(',').any(|port| port == request_port) {
        return Ok(());
    }
    Err(Rejection::PortMismatch)
}

/// > The retrieval's URI's path path-matches the cookie's path. (RFC 6265bis, section 5.8.3; CPython: `path_return_ok`)
///
/// `target` is the path of the request: as received for browsers, escaped for Python.
#[inline]
pub(super) fn return_ok_path(path: &[u8], target: &str) -> Result<(), Rejection> {
    if path::path_match(target.as_bytes(), path) {
        return Ok(());
    }
    Err(Rejection::PathMismatch)
}
