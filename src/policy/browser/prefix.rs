//! What the prefix of a name promises: RFC 6265bis, section 5.7, steps 20 and 21, and section 5.4.3 of the
//! layered cookies draft.
//!
//! A promise holds for every source of a cookie: the rules apply when it is set, when it is imported from a
//! file with the policy's consent, and when it is returned.

use crate::cookie::Cookie;
use crate::rejection::Rejection;

/// The first octets of most names show that they have no prefix.
#[inline]
pub(super) fn prefix_ok(cookie: &Cookie) -> Result<(), Rejection> {
    if !cookie.name().starts_with("__") {
        return Ok(());
    }
    secure_prefix_ok(cookie)?;
    host_prefix_ok(cookie)?;
    http_prefixes_ok(cookie)
}

/// > The cookie-attribute-list contains an attribute with an attribute-name of "Path", and the cookie's
/// > path is /. (Step 21)
///
/// A server must send the path; an ignored `Path` does not count, as in the layered cookies draft and in browsers.
/// The cookie itself keeps only the path.
pub(super) fn set_ok_said_path(cookie: &Cookie) -> Result<(), Rejection> {
    if !cookie.path_specified() && has_prefix(cookie, "__Host-") {
        return Err(Rejection::HostPrefix);
    }
    Ok(())
}

/// > If the cookie-name begins with a case-insensitive match for the string "__Secure-", abort this
/// > algorithm and ignore the cookie entirely unless the cookie's secure-only-flag is true. (Step 20)
fn secure_prefix_ok(cookie: &Cookie) -> Result<(), Rejection> {
    if has_prefix(cookie, "__Secure-") && !cookie.secure() {
        return Err(Rejection::SecurePrefix);
    }
    Ok(())
}

/// > If the cookie-name begins with a case-insensitive match for the string "__Host-", abort this
/// > algorithm and ignore the cookie entirely unless the cookie meets all the following criteria: The
/// > cookie's secure-only-flag is true. The cookie's host-only-flag is true. \[...\] the cookie's path is
/// > /. (Step 21)
fn host_prefix_ok(cookie: &Cookie) -> Result<(), Rejection> {
    let whole_host = cookie.host_only() && cookie.path() == "/";
    if has_prefix(cookie, "__Host-") && !(cookie.secure() && whole_host) {
        return Err(Rejection::HostPrefix);
    }
    Ok(())
}

/// > If cookie's name, byte-lowercased, starts with `__http-` and cookie is not Http-prefix compatible,
/// > then return null. If cookie's name, byte-lowercased, starts with `__host-http-` and cookie is not
/// > both Host-prefix compatible and Http-prefix compatible, then return null. (Layered cookies,
/// > section 5.4.3)
///
/// Http-prefix compatible means Secure and `HttpOnly`; the first half of the second rule is the rule above.
fn http_prefixes_ok(cookie: &Cookie) -> Result<(), Rejection> {
    if has_prefix(cookie, "__Http-") && !(cookie.secure() && cookie.http_only()) {
        return Err(Rejection::HttpPrefix);
    }
    if has_prefix(cookie, "__Host-Http-") && !cookie.http_only() {
        return Err(Rejection::HostHttpPrefix);
    }
    Ok(())
}

fn has_prefix(cookie: &Cookie, prefix: &str) -> bool {
    let start = cookie.name().as_bytes().get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}
