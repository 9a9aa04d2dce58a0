//! Step 4: from cookies to the bytes of a `Cookie` header.
//!
//! It does not know requests or policies.

use crate::cookie::Cookie;

/// The `Cookie2` header, by which a client announces that it supports RFC 2965 (section 9.1).
pub(crate) const COOKIE2: &str = "$Version=\"1\"";

pub(crate) const SEPARATOR: &[u8] = b"; ";

/// Writes the value of a `Cookie` header (CPython: `_cookie_attrs`).
///
/// ```text
/// cookie  = [ "$Version=" version "; " ] pair *( "; " pair )
/// pair    = ( name [ "=" value ] / value ) [ "; $Path=" path ] [ "; $Domain=" domain ] [ "; $Port" [ "=" ports ] ]
/// ```
///
/// The version is that of the first cookie, and only cookies of a version above 0 have attributes. `len` is the
/// cookies' [`header_len`].
pub(crate) fn cookie_header(cookies: &[&Cookie], len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len);
    if let Some(version) = leading_version(cookies) {
        out.extend_from_slice(format!("$Version={version}; ").as_bytes());
    }
    for (index, cookie) in cookies.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(SEPARATOR);
        }
        write_cookie(cookie, &mut out);
    }
    out
}

fn leading_version(cookies: &[&Cookie]) -> Option<u32> {
    cookies
        .first()
        .map(|cookie| cookie.version())
        .filter(|&version| version > 0)
}

pub(crate) fn header_len(first: &Cookie, cookies: usize) -> usize {
    let version =
        leading_version(&[first]).map_or(0, |version| format!("$Version={version}; ").len());
    (version + cookies).saturating_sub(SEPARATOR.len())
}

#[inline]
pub(crate) fn cookie_len(cookie: &Cookie) -> usize {
    let len = match cookie.version() {
        0 => cookie.pair_len(),
        _ => written_len(cookie),
    };
    len + SEPARATOR.len()
}

fn written_len(cookie: &Cookie) -> usize {
    let mut out = Vec::new();
    write_cookie(cookie, &mut out);
    out.len()
}

#[inline]
pub(crate) fn write_cookie(cookie: &Cookie, out: &mut Vec<u8>) {
    // Netscape values already include any quotes.
    match cookie.pair().filter(|_| cookie.version() == 0) {
        Some(pair) => out.extend_from_slice(pair),
        None => write_parts(cookie, out),
    }
}

fn write_parts(cookie: &Cookie, out: &mut Vec<u8>) {
    cookie.name_part().write(out);
    if let Some(value) = cookie.value_part() {
        if !cookie.is_nameless() {
            out.push(b'=');
        }
        if cookie.version() == 0 {
            value.write(out);
        } else {
            write_value(&value.bytes(), out);
        }
    }
    if cookie.version() > 0 {
        write_attributes(cookie, out);
    }
}

fn write_value(value: &[u8], out: &mut Vec<u8>) {
    let quoted = value
        .iter()
        .any(|byte| matches!(byte, b';' | b',' | b' ' | b'\t'));
    if quoted {
        out.push(b'"');
    }
    write_escaped(value, out);
    if quoted {
        out.push(b'"');
    }
}

fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
}

fn write_attributes(cookie: &Cookie, out: &mut Vec<u8>) {
    if cookie.path_specified() {
        out.extend_from_slice(b"; $Path=\"");
        write_escaped(&cookie.path_part().bytes(), out);
        out.push(b'"');
    }
    if let Some(bare) = cookie.domain().strip_prefix('.') {
        // The dot is sent only if it was received (RFC 2965, section 3.3.4).
        let domain = if cookie.domain_initial_dot() {
            cookie.domain()
        } else {
            bare
        };
        out.extend_from_slice(format!("; $Domain=\"{domain}\"").as_bytes());
    }
    if let Some(port) = cookie.port() {
        out.extend_from_slice(b"; $Port");
        if cookie.port_specified() {
            out.extend_from_slice(b"=\"");
            write_escaped(port.as_bytes(), out);
            out.push(b'"');
        }
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/header.rs"]
mod tests;
