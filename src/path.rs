//! The rules of paths: escaping, the default path, path-match.
//!
//! It knows no request and no cookie, only the bytes of two paths.

/// A path with everything escaped that RFC 2396 wants escaped, and all escapes in upper case: the
/// form in which Python compares paths (CPython: `escape_path`). `None` where that is the path as it
/// is.
///
/// The bytes are escaped once, as they came; `%` is left alone, so that an escape stays what it is.
#[inline]
pub(crate) fn escape(path: &[u8]) -> Option<String> {
    let plain = path
        .iter()
        .fold(true, |plain, &byte| plain & PLAIN[usize::from(byte)]);
    if plain { None } else { escape_odd(path) }
}

fn escape_odd(path: &[u8]) -> Option<String> {
    let clean = path.iter().all(|&byte| is_path_safe(byte)) && escapes_are_upper(path);
    (!clean).then(|| escaped(path))
}

/// The octets that stay what they are wherever they stand: a table, because every request has a path.
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
    let mut rest = path;
    while let Some((&byte, tail)) = rest.split_first() {
        if is_escape(rest) {
            out.push('%');
            out.extend(
                tail[..2]
                    .iter()
                    .map(|hex| char::from(hex.to_ascii_uppercase())),
            );
            rest = &tail[2..];
            continue;
        }
        if is_path_safe(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(upper_hex));
        }
        rest = tail;
    }
    out
}

/// Whether `text` begins with a `%` and two hexadecimal digits.
fn is_escape(text: &[u8]) -> bool {
    matches!(text, [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

fn upper_hex(digit: u8) -> char {
    char::from(match digit {
        0..=9 => b'0' + digit,
        _ => b'A' + digit - 10,
    })
}

/// What may stand in a path unescaped (RFC 2396 and RFC 1738, with `%` for what is escaped
/// already).
const fn is_path_safe(byte: u8) -> bool {
    matches!(byte,
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~'
        | b'%' | b'/' | b';' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' | b'!' | b'*'
        | b'\'' | b'(' | b')')
}

/// The path of a cookie that names none: the request's path up to its last slash.
///
/// The Netscape rule leaves that slash out, RFC 2965 section 3.3.1 keeps it.
pub(crate) fn default_path(request_path: &str, keep_slash: bool) -> &str {
    let end = request_path
        .rfind('/')
        .map_or(0, |slash| slash + usize::from(keep_slash));
    match &request_path[..end] {
        "" => "/",
        path => path,
    }
}

/// Path-match at the boundary of a segment (RFC 6265, section 5.1.4; CPython: `path_return_ok`).
#[inline]
pub(crate) fn path_match(request_path: &[u8], cookie_path: &[u8]) -> bool {
    // The octet behind the prefix is looked at first: it ends most comparisons.
    let at_boundary = match request_path.get(cookie_path.len()) {
        Some(b'/') | None => true,
        Some(_) => cookie_path.ends_with(b"/"),
    };
    at_boundary && request_path.starts_with(cookie_path)
}

/// The paths that a path [matches](path_match), each once.
pub(crate) fn prefixes(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let to_slashes = slashes.flat_map(move |(place, _)| {
        // That before the second of two slashes ends in the first one, and was that one's.
        let without = (place == 0 || path[place - 1] != b'/').then(|| &path[..place]);
        without.into_iter().chain([&path[..=place]])
    });
    let whole = (!path.ends_with(b"/")).then_some(path);
    to_slashes.chain(whole)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/path.rs"]
mod tests;
