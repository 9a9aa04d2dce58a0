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
        (b"/\xe9", "/%E9"),           // the byte as sent, not its UTF-8
        ("/é".as_bytes(), "/%C3%A9"), // UTF-8 stays UTF-8
        (b"/%e", "/%e"),              // truncated: not an escape
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
