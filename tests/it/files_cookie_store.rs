//! The crate `cookie_store` reads the files written for it, and sends the same headers.
#![cfg(all(feature = "psl", feature = "json"))]

use cookiejar::file::WriteOptions;
use cookiejar::file::json::{self, Program};
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
