//! Paths: escaping, the default path, path-match.
//!
//! It knows no request and no cookie, only the bytes of two paths.

/// Escapes a path as RFC 2396 requires, with upper-case escapes: the form in which Python compares paths
/// (CPython: `escape_path`). Returns `None` if nothing changes.
///
/// Bytes are escaped once, as received; `%` is left alone, so that an escape stays an escape.
#[inline]
pub(crate) fn escape(path: &[u8]) -> Option<String> {
    needs_escapes(path).then(|| escaped(path))
}

#[inline]
pub(crate) fn needs_escapes(path: &[u8]) -> bool {
    let plain = path
        .iter()
        .fold(true, |plain, &byte| plain & PLAIN[usize::from(byte)]);
    !plain && needs_escapes_slow(path)
}

#[cold]
fn needs_escapes_slow(path: &[u8]) -> bool {
    !path.iter().all(|&byte| is_path_safe(byte)) || !escapes_are_upper(path)
}

/// The octets that never change. It is a table because every request has a path.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = u8::MAX;
    while byte > 0 {
        plain[byte as usize] = is_path_safe(byte) && byte != b'%';
        byte -= 1;
    }
    plain
};

fn escapes_are_upper(path: &[u8]) -> bool {
    !path
        .windows(3)
        .any(|three| is_escape(three) && three[1..].iter().any(u8::is_ascii_lowercase))
}

fn escaped(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len() + 16);
    each_escaped(path, |byte| out.push(char::from(byte)));
    out
}

#[cold]
pub(crate) fn escaped_len(path: &[u8]) -> usize {
    let mut len = 0;
    each_escaped(path, |_| len += 1);
    len
}

pub(crate) fn each_escaped(path: &[u8], mut push: impl FnMut(u8)) {
    let mut rest = path;
    while let Some((&byte, tail)) = rest.split_first() {
        if is_escape(rest) {
            push(b'%');
            tail[..2]
                .iter()
                .for_each(|hex| push(hex.to_ascii_uppercase()));
            rest = &tail[2..];
            continue;
        }
        if is_path_safe(byte) {
            push(byte);
        } else {
            push(b'%');
            push(upper_hex(byte >> 4));
            push(upper_hex(byte & 15));
        }
        rest = tail;
    }
}

fn is_escape(text: &[u8]) -> bool {
    matches!(text, [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

fn upper_hex(digit: u8) -> u8 {
    match digit {
        0..=9 => b'0' + digit,
        _ => b'A' + digit - 10,
    }
}

/// Whether an octet may appear in a path unescaped (RFC 2396 and RFC 1738), or is the `%` of an escape.
const fn is_path_safe(byte: u8) -> bool {
    matches!(byte,
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~'
        | b'%' | b'/' | b';' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' | b'!' | b'*'
        | b'\'' | b'(' | b')')
}

/// The Netscape rule drops the last slash; RFC 2965, section 3.3.1, keeps it.
pub(crate) fn default_path(request_path: &str, keep_slash: bool) -> &str {
    let end = request_path
        .rfind('/')
        .map_or(0, |slash| slash + usize::from(keep_slash));
    match &request_path[..end] {
        "" => "/",
        path => path,
    }
}

/// The first `len` octets, and the rest of the character they end in.
pub(crate) fn beginning(path: &str, len: usize) -> &str {
    let end = (len..path.len()).find(|end| path.is_char_boundary(*end));
    &path[..end.unwrap_or(path.len())]
}

/// Path-match at the boundary of a segment (RFC 6265, section 5.1.4; CPython: `path_return_ok`).
#[inline]
pub(crate) fn path_match(request_path: &[u8], cookie_path: &[u8]) -> bool {
    // Most comparisons end at the octet after the prefix, so it is checked first.
    let at_boundary = match request_path.get(cookie_path.len()) {
        Some(b'/') | None => true,
        Some(_) => cookie_path.ends_with(b"/"),
    };
    at_boundary && request_path.starts_with(cookie_path)
}

pub(crate) fn prefixes(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let to_slashes = slashes.flat_map(move |(place, _)| {
        // Of two adjacent slashes only the first ends a new prefix.
        let without = (place == 0 || path[place - 1] != b'/').then(|| &path[..place]);
        without.into_iter().chain([&path[..=place]])
    });
    let whole = (!path.ends_with(b"/")).then_some(path);
    to_slashes.chain(whole)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/path.rs"]
mod tests;
