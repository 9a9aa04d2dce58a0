//! Step 4: from cookies to the bytes of a `Cookie` header.
//!
//! It knows no request and no policy: which cookies are sent, and in which order, was decided
//! before.

use crate::cookie::Cookie;

/// The `Cookie2` header, by which a client says that it knows RFC 2965 (section 9.1).
pub(crate) const COOKIE2: &str = "$Version=\"1\"";

pub(crate) const SEPARATOR: &[u8] = b"; ";

/// The value of a `Cookie` header (CPython: `_cookie_attrs`).
///
/// ```text
/// cookie  = [ "$Version=" version "; " ] pair *( "; " pair )
/// pair    = ( name [ "=" value ] / value ) [ "; $Path=" path ] [ "; $Domain=" domain ] [ "; $Port" [ "=" ports ] ]
/// ```
///
/// The version is that of the first cookie, and only cookies of a version above 0 have attributes.
/// `len` is what [`header_len`] says of them.
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

/// The length of a header that starts with `first` and whose cookies take `cookies` bytes, each
/// including a separator.
pub(crate) fn header_len(first: &Cookie, cookies: usize) -> usize {
    let version =
        leading_version(&[first]).map_or(0, |version| format!("$Version={version}; ").len());
    (version + cookies).saturating_sub(SEPARATOR.len())
}

/// The number of bytes that `cookie` takes in a header, including a separator.
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

/// Writes a cookie with the attributes that go with it.
#[inline]
pub(crate) fn write_cookie(cookie: &Cookie, out: &mut Vec<u8>) {
    // Netscape values include any quotes already.
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

/// Writes a value of RFC 2965: quoted if it would fall apart otherwise, with its quotes and
/// backslashes escaped.
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

/// Text between quotes must not end them.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn header(cookies: &[&Cookie]) -> String {
        let len = cookies.iter().map(|cookie| cookie_len(cookie)).sum();
        let foretold = cookies.first().map_or(0, |first| header_len(first, len));
        let header = cookie_header(cookies, foretold);
        assert_eq!(header.len(), foretold, "the length foretold");
        String::from_utf8(header).expect("UTF-8")
    }

    fn netscape(name: &str, value: &str) -> Cookie {
        Cookie::builder(name, value)
            .domain("acme.com")
            .build()
            .expect("a cookie")
    }

    fn rfc2965(value: &str) -> Cookie {
        Cookie::builder("v", value)
            .domain("acme.com")
            .version(1)
            .build()
            .expect("a cookie")
    }

    #[test]
    fn netscape_cookies_go_as_they_came() {
        let lone = Cookie::builder("lone", "")
            .without_value()
            .domain("acme.com")
            .build()
            .expect("a cookie");
        let cookies = [
            &netscape("a", "1"),
            &netscape("b", "\"x y\\\""),
            &lone,
            &netscape("c", ""),
        ];
        assert_eq!(header(&cookies), "a=1; b=\"x y\\\"; lone; c=");
        assert_eq!(header(&[]), "");
    }

    #[test]
    fn values_of_version_1_are_quoted_where_they_would_fall_apart() {
        let rows = [
            ("plain", "v=plain"),
            ("a/b:c", "v=a/b:c"),
            ("a b", "v=\"a b\""),
            ("a;b", "v=\"a;b\""),
            ("a,b\t", "v=\"a,b\t\""),
            ("a\"b\\", "v=a\\\"b\\\\"),
            ("a \"b\"", "v=\"a \\\"b\\\"\""),
        ];
        for (value, expected) in rows {
            assert_eq!(
                header(&[&rfc2965(value)]),
                format!("$Version=1; {expected}")
            );
        }
    }

    #[test]
    fn attributes_go_back_as_they_came() {
        let full = Cookie::builder("a", "1")
            .version(1)
            .domain(".acme.com")
            .path("/x")
            .port("80,81");
        let full = full.build().expect("a cookie");
        assert_eq!(
            header(&[&full]),
            "$Version=1; a=1; $Path=\"/x\"; $Domain=\".acme.com\"; $Port=\"80,81\""
        );
        let sly = Cookie::builder("a", "1")
            .version(1)
            .domain("acme.com")
            .path("/\"; b=2")
            .port("80\"; c=\"3");
        assert_eq!(
            header(&[&sly.build().expect("a cookie")]),
            "$Version=1; a=1; $Path=\"/\\\"; b=2\"; $Port=\"80\\\"; c=\\\"3\"",
            "no part ends its quotes"
        );
        let quiet = Cookie::builder("a", "1")
            .version(1)
            .domain(".acme.com")
            .domain_initial_dot(false);
        let quiet = quiet
            .port("80")
            .port_specified(false)
            .build()
            .expect("a cookie");
        assert_eq!(
            header(&[&quiet]),
            "$Version=1; a=1; $Domain=\"acme.com\"; $Port"
        );
        assert_eq!(
            header(&[&netscape("n", "1"), &quiet]),
            "n=1; a=1; $Domain=\"acme.com\"; $Port"
        );
    }
}
