//! The crate `cookie_store` reads the files written for it, and sends the same headers.
#![cfg(all(feature = "psl", feature = "json"))]

use cookiejar::file::json::{self, Program};
use cookiejar::file::{Unwritable, WriteOptions};
use cookiejar::policy::PublicSuffixes;
use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy};
use url::Url;

#[test]
fn cookie_store_sends_what_this_jar_sends() {
    let mut jar =
        CookieJar::with_policy(DefaultCookiePolicy::with_suffixes(PublicSuffixes::none()));
    let set = [
        ("https://www.acme.test/x/y", "sid=31d4; Secure; HttpOnly"),
        (
            "https://www.acme.test/x/y",
            "theme=dark; Domain=acme.test; Path=/; SameSite=Lax",
        ),
        (
            "https://www.acme.test/x/y",
            "json={\"a\":1,\"b\":[2]}; Path=/",
        ),
        (
            "https://www.acme.test/x/y",
            "quoted=\"a b\"; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
        ),
        ("https://www.acme.test/x/y", "eq=a=b==; Path=/x"),
        ("https://www.acme.test/x/y", "empty=; Path=/"),
        (
            "https://www.acme.test/x/y",
            "utf8=caf\u{e9}; Path=/; Max-Age=100000000",
        ),
        ("https://www.acme.test/x/y", "percent=a%20b; Path=/"),
        ("http://127.0.0.1/", "ip=1"),
        ("http://localhost/", "local=1; Path=/"),
    ];
    for (url, cookie) in set {
        let url = Url::parse(url).expect("a URL");
        assert_eq!(
            jar.extract_cookies(&[("Set-Cookie", cookie)], &url).stored,
            1,
            "{cookie}"
        );
    }
    let mut file = Vec::new();
    let options = WriteOptions::new().ignore_discard(true);
    let report =
        json::write_for(&mut file, jar.iter(), Program::CookieStore, &options).expect("written");
    assert_eq!((report.written, report.skipped), (set.len(), vec![]));
    let store = cookie_store::serde::json::load_all(&*file).expect("their file");
    for url in [
        "https://www.acme.test/x/y",
        "http://www.acme.test/x",
        "https://www.acme.test/",
        "https://acme.test/",
        "https://a.www.acme.test/",
        "http://127.0.0.1/",
        "http://localhost/",
    ] {
        let url = Url::parse(url).expect("a URL");
        let mut theirs: Vec<_> = store
            .get_request_values(&url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let shown =
            |cookie: &&Cookie| format!("{}={}", cookie.name(), cookie.value().unwrap_or_default());
        let mut ours: Vec<_> = jar.cookies_for(&url).iter().map(shown).collect();
        theirs.sort();
        ours.sort();
        assert_eq!(theirs, ours, "{url}");
    }
}

/// The crate trims the ends of a name by Unicode, and one name that it rejects makes it reject the file.
#[test]
fn a_name_with_a_blank_at_an_end_is_not_written_for_cookie_store() {
    let mut jar =
        CookieJar::with_policy(DefaultCookiePolicy::with_suffixes(PublicSuffixes::none()));
    let url = Url::parse("https://evil.acme.test/").expect("a URL");
    let names = [
        "good",
        "in\u{a0}side",
        "\u{feff}",
        "\u{a0}",
        "\u{2003}__Host-sid",
        "\u{85}a",
        "a\u{3000}",
        "\u{2028}a",
    ];
    for name in names {
        let field = format!("{name}=x; Domain=acme.test; Path=/");
        let report = jar.extract_cookies(&[("Set-Cookie", field)], &url);
        assert_eq!(report.stored, 1, "{name:?}");
    }
    let mut file = Vec::new();
    let options = WriteOptions::new().ignore_discard(true);
    let report =
        json::write_for(&mut file, jar.iter(), Program::CookieStore, &options).expect("written");
    let reasons: Vec<_> = report.skipped.iter().map(|left| left.reason).collect();
    assert_eq!(reasons, [Unwritable::Blank; 5]);
    let store = cookie_store::serde::json::load_all(&*file).expect("their file");
    let mut read: Vec<_> = store.iter_any().map(|cookie| cookie.name()).collect();
    read.sort_unstable();
    assert_eq!(read, ["good", "in\u{a0}side", "\u{feff}"]);
}
