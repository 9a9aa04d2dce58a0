//! Properties that hold whatever servers send.

use cookiejar::{BrowserPolicy, Cookie, CookieJar};
use proptest::prelude::*;

use super::{context, header, jar, set};

const HOSTS: [&str; 6] = [
    "acme.com",
    "www.acme.com",
    "a.www.acme.com",
    "shop.acme.com",
    "evil.org",
    "www.evil.org",
];

/// A `Set-Cookie` field made of the pieces that rules check.
fn field() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        4 => "[ab]",
        1 => Just(String::new()),
        1 => Just("__Host-a".to_owned()),
        1 => Just("__secure-a".to_owned()),
    ];
    let attribute = prop_oneof![
        3 => Just("Secure"),
        1 => Just("HttpOnly"),
        1 => Just("Path=/"),
        1 => Just("Path=/x"),
        1 => Just("Domain=acme.com"),
        1 => Just("Domain=www.acme.com"),
        1 => Just("Domain=evil.org"),
        1 => Just("Domain=com"),
        1 => Just("Max-Age=0"),
        1 => Just("Max-Age=99"),
        1 => Just("SameSite=None"),
        1 => Just("SameSite=Strict"),
    ];
    let attributes = proptest::collection::vec(attribute, 0..5);
    (name, "[0-9]{1,3}", attributes).prop_map(|(name, value, attributes)| {
        let mut field = format!("{name}={value}");
        for attribute in attributes {
            field.push_str("; ");
            field.push_str(attribute);
        }
        field
    })
}

/// A response: its URL, and its field.
fn response(schemes: &'static [&'static str]) -> impl Strategy<Value = (String, String)> {
    let url = (
        proptest::sample::select(schemes),
        proptest::sample::select(&HOSTS[..]),
        proptest::sample::select(&["/", "/x", "/x/y"][..]),
    );
    (
        url.prop_map(|(scheme, host, path)| format!("{scheme}://{host}{path}")),
        field(),
    )
}

fn filled(responses: &[(String, String)]) -> CookieJar<BrowserPolicy> {
    let mut jar = jar();
    for (url, field) in responses {
        set(&mut jar, url, field);
    }
    jar
}

/// All Secure cookies with all their attributes.
fn secure_cookies(jar: &CookieJar<BrowserPolicy>) -> Vec<Cookie> {
    jar.iter()
        .filter(|cookie| cookie.secure())
        .cloned()
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        cookiejar_tests::share!("cases of each property of browsers", 96, of 256)
    ))]

    #[test]
    fn an_http_response_leaves_every_secure_cookie_as_it_was(
        before in proptest::collection::vec(response(&["https", "http"]), 0..30),
        after in proptest::collection::vec(response(&["http"]), 1..10),
    ) {
        let mut jar = filled(&before);
        let known = secure_cookies(&jar);
        for (url, field) in &after {
            set(&mut jar, url, field);
        }
        prop_assert_eq!(secure_cookies(&jar), known);
    }

    #[test]
    fn a_host_only_cookie_reaches_its_own_host_alone(
        responses in proptest::collection::vec(response(&["https", "http"]), 0..30),
        host in proptest::sample::select(&HOSTS[..]),
    ) {
        let jar = filled(&responses);
        for sent in jar.cookies_for(context(&format!("https://{host}/x/y"))) {
            let domain = sent.domain();
            prop_assert!(domain == host || domain.starts_with('.'), "{domain} at {host}");
        }
    }

    #[test]
    fn nothing_of_one_site_changes_what_another_is_answered(
        responses in proptest::collection::vec(response(&["https", "http"]), 0..60),
    ) {
        let of_acme = |url: &str| url.contains("acme.com");
        let alone: Vec<_> = responses.iter().filter(|(url, _)| of_acme(url)).cloned().collect();
        let (alone, together) = (filled(&alone), filled(&responses));
        for host in HOSTS.into_iter().filter(|host| of_acme(host)) {
            for request in [format!("https://{host}/x/y"), format!("http://{host}/")] {
                prop_assert_eq!(header(&alone, &request), header(&together, &request));
            }
        }
    }

    #[test]
    fn a_script_sees_and_changes_nothing_that_is_http_only(
        before in proptest::collection::vec(response(&["https"]), 0..30),
        after in proptest::collection::vec(response(&["https"]), 1..10),
    ) {
        let mut jar = filled(&before);
        let hidden = |jar: &CookieJar<BrowserPolicy>| -> Vec<Cookie> {
            jar.iter().filter(|cookie| cookie.http_only()).cloned().collect()
        };
        let known = hidden(&jar);
        for (url, field) in &after {
            let script = format!("{url} script");
            set(&mut jar, &script, field);
            prop_assert!(jar.cookies_for(context(&script)).iter().all(|cookie| !cookie.http_only()));
        }
        prop_assert_eq!(hidden(&jar), known);
    }

    #[test]
    fn what_is_sent_comes_back_as_the_same_bytes(field in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut jar = jar();
        let report = set(&mut jar, "https://acme.com/", &field);
        prop_assert_eq!(report.rejected.len() + jar.len(), 1);
        if let Some(sent) = jar.cookie_header(context("https://acme.com/")) {
            let mut other = self::jar();
            set(&mut other, "https://acme.com/", &sent);
            let again = other.cookie_header(context("https://acme.com/"));
            prop_assert_eq!(again.as_ref(), Some(&sent));
        }
    }
}
