//! The allocations of the two calls, block by block: a look-up that finds nothing allocates
//! nothing, one that finds something only its header, a response one block per new cookie.

use crate::common;
use crate::{ALLOCATOR, ran_alone};

use common::{jar, url};
use cookiejar::{CookieJar, ExtractReport, SharedCookieJar};
use url::Url;

/// The number of blocks that a call allocates; a block that grows counts each time.
#[track_caller]
fn blocks<T>(call: impl FnOnce() -> T) -> (usize, T) {
    let asked = || {
        let stats = ALLOCATOR.stats();
        stats.allocations + stats.reallocations
    };
    let before = asked();
    let result = call();
    (asked() - before, result)
}

/// Ten cookies over three domains, of which five are sent to the URL.
fn ten_cookies() -> (CookieJar, Url) {
    let (mut jar, _) = jar();
    let responses: [(&str, &[&str]); 4] = [
        (
            "https://www.acme.com/",
            &[
                "sid=31d4d96e407aad42; Path=/; Secure; HttpOnly",
                "theme=dark; Path=/; Max-Age=31536000",
                "cart=3; Path=/shop",
            ],
        ),
        (
            "https://www.acme.com/",
            &["id=7; Domain=acme.com; Path=/", "lang=en; Domain=acme.com"],
        ),
        (
            "https://shop.example/",
            &["a=1", "b=2; Path=/x", "c=3; Secure"],
        ),
        ("https://news.example/", &["d=4", "e=5; Max-Age=60"]),
    ];
    for (from, fields) in responses {
        let response: Vec<_> = fields.iter().map(|field| ("Set-Cookie", field)).collect();
        let report = jar.extract_cookies(&response, &url(from));
        assert_eq!(report.stored, fields.len());
    }
    assert_eq!(jar.len(), 10);
    (jar, url("https://www.acme.com/shop/cart?item=7"))
}

#[test]
fn the_counter_counts() {
    if ran_alone("allocations::the_counter_counts") {
        return;
    }
    let (count, boxed) = blocks(|| Box::new(7));
    assert_eq!((count, *boxed), (1, 7));
    assert_eq!(blocks(|| 7).0, 0);
}

#[test]
fn a_look_up_that_finds_nothing_asks_for_none() {
    if ran_alone("allocations::a_look_up_that_finds_nothing_asks_for_none") {
        return;
    }
    let (jar, _) = ten_cookies();
    for other in [
        "https://www.other.example/",
        "https://acme.example/",
        "https://1.2.3.4/",
        "https://a.very.long.name.with.many.labels.other.example/",
        "https://acme.com.evil.example/shop?q=1",
        "https://www.acme.com./", // another host
    ] {
        let url = url(other);
        let (count, header) = blocks(|| jar.cookie_header(&url));
        assert_eq!((count, header), (0, None), "{other}");
        let (count, cookies) = blocks(|| jar.cookies_for(&url).len());
        assert_eq!((count, cookies), (0, 0), "{other}");
        let (count, explained) = blocks(|| jar.explain(&url).len());
        assert_eq!((count, explained), (0, 0), "{other}");
    }
    let (count, cookie) = blocks(|| jar.get(("www.acme.com", "/", "nothing")).is_some());
    assert_eq!((count, cookie), (0, false));
    let (count, cookie) = blocks(|| jar.get(("www.acme.com", "/shop", "cart")).is_some());
    assert_eq!((count, cookie), (0, true));
}

#[test]
fn a_look_up_asks_for_the_header_alone() {
    if ran_alone("allocations::a_look_up_asks_for_the_header_alone") {
        return;
    }
    let (jar, url) = ten_cookies();
    for _ in 0..3 {
        let (count, header) = blocks(|| jar.cookie_header(&url));
        let header = header.expect("five cookies");
        assert_eq!(
            header,
            "cart=3; sid=31d4d96e407aad42; theme=dark; id=7; lang=en"
        );
        assert_eq!(count, 1);
    }
}

#[test]
fn a_header_that_stays_costs_nothing() {
    if ran_alone("allocations::a_header_that_stays_costs_nothing") {
        return;
    }
    let (jar, url) = ten_cookies();
    let mut headers: Vec<(String, Vec<u8>)> = vec![("Cookie".into(), b"own=1".to_vec())];
    let (count, ()) = blocks(|| jar.add_cookie_header_to(&mut headers, &url));
    assert_eq!(count, 0);
    assert_eq!(headers.len(), 1);
}

type Response<'r> = [(&'r str, String)];

/// Stores a response of three cookies, and returns the number of blocks that this allocates.
fn blocks_for_three(
    sid: &str,
    theme: &str,
    take: &mut dyn FnMut(&Response<'_>) -> ExtractReport,
) -> (usize, ExtractReport) {
    let response = [
        ("Date", "Sat, 21 Nov 2026 08:00:00 GMT".to_owned()),
        (
            "Set-Cookie",
            format!("sid={sid}; Path=/; Secure; HttpOnly; SameSite=Lax"),
        ),
        (
            "Set-Cookie",
            format!("theme={theme}; Path=/; Expires=Sun, 21 Nov 2027 08:00:00 GMT"),
        ),
        (
            "Set-Cookie",
            "id=8; Domain=.acme.com; Path=/; Max-Age=3600".to_owned(),
        ),
    ];
    blocks(|| take(&response))
}

#[test]
fn a_response_of_cookies_that_are_there_asks_for_none() {
    if ran_alone("allocations::a_response_of_cookies_that_are_there_asks_for_none") {
        return;
    }
    let (mut jar, url) = ten_cookies();
    let shared = SharedCookieJar::from(jar.clone());
    let plain = &mut |response: &Response<'_>| jar.extract_cookies(response, &url);
    let shared = &mut |response: &Response<'_>| shared.extract_cookies(response, &url);
    for take in [
        plain as &mut dyn FnMut(&Response<'_>) -> ExtractReport,
        shared,
    ] {
        let (count, report) = blocks_for_three("94d1e8a2c5f06b7e", "light", take);
        assert_eq!((report.replaced, report.stored), (3, 0));
        // One block per cookie, and the list of the blocks that the thread keeps.
        assert!(count <= 4, "{count} blocks for three cookies");
        // The kept blocks are those of other texts.
        blocks_for_three("94d1e8a2c5f06b7e", "light", take);
        // The same again, with values of the same length, and shorter ones, for which a block is long enough.
        for (sid, theme) in [
            ("94d1e8a2c5f06b7e", "light"),
            ("94d1e8a2c5f06b7e", "light"),
            ("5c8e17f3a90b2d46", "night"),
            ("94d1e8a2c5f0", "sky"),
            ("5c8e17f3a90b2d46", "night"),
        ] {
            let (count, report) = blocks_for_three(sid, theme, take);
            assert_eq!((report.replaced, report.stored), (3, 0));
            assert_eq!(count, 0, "{sid} {theme}");
        }
    }
}

#[test]
fn a_new_cookie_asks_for_one_block() {
    if ran_alone("allocations::a_new_cookie_asks_for_one_block") {
        return;
    }
    let (mut jar, url) = ten_cookies();
    blocks_for_three("94d1e8a2c5f06b7e", "light", &mut |response| {
        jar.extract_cookies(response, &url)
    });
    let new = [("Set-Cookie", "fresh=94d1e8a2c5f06b7e; Path=/")];
    let (count, report) = blocks(|| jar.extract_cookies(&new, &url));
    assert_eq!(report.stored, 1);
    // Its own block, and one for the list of the host.
    assert!(count <= 2, "{count} blocks for a new cookie");
}

#[test]
fn a_response_that_changes_nothing_asks_for_none() {
    if ran_alone("allocations::a_response_that_changes_nothing_asks_for_none") {
        return;
    }
    let (mut jar, url) = ten_cookies();
    let none = [("Date", "Sat, 21 Nov 2026 08:00:00 GMT")];
    let (count, report) = blocks(|| jar.extract_cookies(&none, &url));
    assert_eq!((count, report), (0, ExtractReport::default()));
    let unread = [("Set-Cookie2", "a=1; Version=1")]; // ignored while `rfc2965` is off
    let (count, report) = blocks(|| jar.extract_cookies(&unread, &url));
    assert_eq!((count, report), (0, ExtractReport::default()));
}

#[test]
fn a_request_asks_for_its_header_alone() {
    if ran_alone("allocations::a_request_asks_for_its_header_alone") {
        return;
    }
    let (jar, url) = ten_cookies();
    let request = |uri: &str| {
        let mut request = http::Request::get(uri).body(()).expect("a request");
        // The map of the request always allocates room for its headers once.
        request.headers_mut().reserve(4);
        request
    };
    for _ in 0..3 {
        let mut request = request(url.as_str());
        let (count, ()) = blocks(|| jar.add_cookie_header(&mut request));
        let header = &request.headers()["cookie"];
        assert_eq!(
            header,
            "cart=3; sid=31d4d96e407aad42; theme=dark; id=7; lang=en"
        );
        assert_eq!(count, 1);
    }
    for other in [
        "https://www.other.example/",
        "https://1.2.3.4/",
        "https://acme.com.evil.example/shop?q=1",
    ] {
        let mut request = request(other);
        let (count, ()) = blocks(|| jar.add_cookie_header(&mut request));
        assert_eq!((count, request.headers().len()), (0, 0), "{other}");
    }
}
