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
