//! The exports of browsers and of browser drivers: every variant is the same two cookies.

use std::fs;
use std::path::Path;

use cookiejar::Cookie;
use cookiejar::file::{ReadOptions, cookies_txt};

fn options() -> ReadOptions {
    ReadOptions::new().ignore_discard(true)
}

fn export(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    fs::read(folder.join(name)).expect("a file")
}

#[track_caller]
fn assert_cookies(cookies: &[Cookie], name: &str) {
    let [theme, sid] = cookies else {
        panic!("{name}: {cookies:?}");
    };
    assert_eq!(
        theme.to_string(),
        "<Cookie theme for .acme.test/>",
        "{name}"
    );
    assert_eq!(theme.value(), Some("dark"), "{name}");
    let expires = theme.expires().map(time::OffsetDateTime::unix_timestamp);
    assert_eq!(expires, Some(1_893_456_000), "{name}");
    assert!(!theme.secure() && !theme.http_only(), "{name}");
    assert_eq!(sid.to_string(), "<Cookie sid for www.acme.test/>", "{name}");
    assert!(sid.discard() && sid.secure() && sid.http_only(), "{name}");
}

#[test]
fn cookies_txt_variants() {
    for (name, skipped) in [
        ("extension-crlf.txt", 0),
        ("extension-milliseconds.txt", 0),
        ("pasted.txt", 1),
    ] {
        let reading = cookies_txt::read(&*export(name), &options()).expect("a file");
        assert_eq!(reading.report.skipped.len(), skipped, "{name}");
        assert_cookies(&reading.cookies, name);
    }
}

#[cfg(feature = "json")]
#[test]
fn json_variants() {
    use cookiejar::file::{Source, json};

    for (name, source) in [
        ("cookie-editor.json", Source::BrowserExport),
        ("cookie-store-array.json", Source::CookieStore),
        ("cookie-store-lines.json", Source::CookieStoreLines),
        ("playwright.json", Source::StorageState),
        ("puppeteer.json", Source::BrowserExport),
        ("quick-manager.json", Source::BrowserExport),
        ("selenium.json", Source::BrowserExport),
    ] {
        let reading = json::read(&*export(name), &options()).expect("a file");
        assert_eq!(
            (reading.report.source, reading.report.skipped.len()),
            (source, 0),
            "{name}"
        );
        assert_cookies(&reading.cookies, name);
        let same_site = reading.cookies[0].same_site();
        assert_eq!(same_site, Some(cookiejar::SameSite::Lax), "{name}");
    }
}

/// The files that jars of other languages have saved give the headers that those jars sent.
#[cfg(all(feature = "json", feature = "psl"))]
#[test]
fn saved_jars_make_the_headers_that_their_programs_sent() {
    use cookiejar::file::{Source, load_any};
    use cookiejar::{CookieJar, Provenance, RequestContext};
    use time::macros::datetime;
    use url::Url;

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/written");
    for (name, source) in [
        ("tough-cookie", Source::ToughCookie),
        ("tough-cookie-list", Source::ToughCookie),
        ("tough-cookie-file-store", Source::ToughCookie),
        ("guzzle", Source::Guzzle),
        ("har", Source::Har),
    ] {
        let reading = load_any(folder.join(name), &options()).expect("a file");
        // One cookie of the archive is from a foreign domain.
        let skipped = usize::from(source == Source::Har);
        let report = (reading.report.source, reading.report.skipped.len());
        assert_eq!(report, (source, skipped), "{name}");
        let mut jar = CookieJar::new();
        jar.extend(reading.cookies);
        let record = fs::read_to_string(folder.join(format!("{name}.sent"))).expect("the record");
        for (url, sent) in record.lines().filter_map(|line| line.split_once('\t')) {
            let url = Url::parse(url).expect("a URL");
            let then = Provenance::new().at(datetime!(2026-12-01 0:00 UTC));
            let header = jar.cookie_header(RequestContext::from(&url).caused_by(then));
            let header = header.map_or(String::new(), |header| {
                header.to_str().expect("UTF-8").to_owned()
            });
            // The order of the hosts depends on the program.
            let sorted = |header: &str| {
                let mut cookies: Vec<_> = header.split("; ").map(str::to_owned).collect();
                cookies.sort();
                cookies
            };
            assert_eq!(sorted(&header), sorted(sent), "{name}: {url}");
        }
    }
}
