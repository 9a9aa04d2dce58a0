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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_the_paths_that_match() {
        for path in [
            "", "/", "/a", "/a/", "/a/b", "//", "/a//b/", "a", "a/b", "///a",
        ] {
            let found: Vec<_> = prefixes(path.as_bytes()).collect();
            let matching: Vec<_> = (0..=path.len())
                .map(|end| &path.as_bytes()[..end])
                .filter(|prefix| path_match(path.as_bytes(), prefix))
                .collect();
            assert_eq!(found, matching, "{path}");
        }
    }

    #[test]
    fn escape_leaves_clean_paths_where_they_are() {
        for clean in [
            "/",
            "/a/b.html",
            "/%C3%A9",
            "/a;b=c:d@e&f+g$h,i!j*k'l(m)~",
            "/%zz",
            "/%",
        ] {
            assert_eq!(escape(clean.as_bytes()), None, "{clean}");
        }
    }

    #[test]
    fn escape_encodes_bytes_once_and_raises_the_case_of_escapes() {
        let rows: &[(&[u8], &str)] = &[
            (b"/a b", "/a%20b"),
            (b"/%c3%a9", "/%C3%A9"),
            (b"/%2f%2F", "/%2F%2F"),
            (b"/\xe9", "/%E9"),           // a byte as it came, not its UTF-8
            ("/é".as_bytes(), "/%C3%A9"), // UTF-8 stays UTF-8
            (b"/%e", "/%e"),              // cut short: no escape
            (b"/%e\xff", "/%e%FF"),
            (b"/\"<>|[]^`{}\\", "/%22%3C%3E%7C%5B%5D%5E%60%7B%7D%5C"),
        ];
        for (path, expected) in rows {
            assert_eq!(
                escape(path).as_deref().map_or(*path, str::as_bytes),
                expected.as_bytes()
            );
        }
    }

    #[test]
    fn default_path_stops_before_the_last_slash() {
        let rows = [
            ("/", "/", "/"),
            ("/a", "/", "/"),
            ("/a/", "/a", "/a/"),
            ("/a/b", "/a", "/a/"),
            ("/a/b/c.html", "/a/b", "/a/b/"),
        ];
        for (request, netscape, rfc2965) in rows {
            assert_eq!(default_path(request, false), netscape, "{request}");
            assert_eq!(default_path(request, true), rfc2965, "{request}");
        }
    }

    #[test]
    fn path_match_ends_at_a_segment() {
        let rows = [
            ("/", "/", true),
            ("/a", "/", true),
            ("/a", "/a", true),
            ("/a/", "/a", true),
            ("/a/b", "/a", true),
            ("/a/b", "/a/", true),
            ("/ab", "/a", false), // not at a boundary
            ("/a", "/a/", false), // the cookie's path is longer
            ("/b", "/a", false),
        ];
        for (request, cookie, expected) in rows {
            assert_eq!(
                path_match(request.as_bytes(), cookie.as_bytes()),
                expected,
                "{request} {cookie}"
            );
        }
    }
}
