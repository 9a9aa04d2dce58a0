//! Public suffix lists that a program loads, and jars that outlive one: what a jar protects, shows and clears goes by the
//! list in use, whatever list was in use when a cookie was stored.

use std::sync::Arc;

use cookiejar::policy::PublicSuffixes;
use cookiejar::{BrowserPolicy, Cookie, CookieJar, Rejection, SharedCookieJar};

use crate::common::{header, names, url};

const OLD: &str = "io\ncom\n";
/// Anyone can register a name under `platform.io`.
const NEW: &str = "io\ncom\nplatform.io\n";

fn list(rules: &str) -> PublicSuffixes {
    PublicSuffixes::parse(rules).expect("a list")
}

fn policy(rules: &str) -> BrowserPolicy {
    BrowserPolicy::with_suffixes(list(rules))
}

/// A jar with a Secure cookie of a host, and with cookies of some other sites: with many a jar keeps indexes.
fn jar_with_secure(rules: &str, host: &str, others: u32) -> CookieJar<BrowserPolicy> {
    let mut jar = CookieJar::with_policy(policy(rules));
    for number in 0..others {
        let other = url(&format!("https://h{number}.com/"));
        jar.set_cookie_str("x=1", &other).expect("a cookie");
    }
    let set = jar.set_cookie_str("sid=good; Secure", &url(&format!("https://{host}/")));
    set.expect("a cookie");
    jar
}

/// The rules before and after, the host with a Secure cookie, and the host whose http response would shadow it.
const SHADOWS: [(&str, &str, &str, &str); 2] = [
    (OLD, NEW, "www.x.platform.io", "x.platform.io"),
    (NEW, OLD, "www.x.platform.io", "platform.io"),
];

#[test]
fn another_list_lets_http_shadow_no_secure_cookie() {
    for others in [0, 20] {
        for (before, after, host, shadowing) in SHADOWS {
            let mut plain = jar_with_secure(before, host, others);
            let shared = SharedCookieJar::from(plain.clone());
            plain.policy_mut().set_suffixes(list(after));
            shared.set_policy(Arc::new(policy(after)));
            let shadow = format!("sid=evil; Domain={shadowing}");
            let evil = url(&format!("http://{shadowing}/"));
            // Twice: the first look builds what the second one uses.
            for _ in 0..2 {
                let shadowed = plain.set_cookie_str(&shadow, &evil);
                assert_eq!(
                    shadowed,
                    Err(Rejection::OverlaysSecure),
                    "{shadow}, {others}"
                );
                let shadowed = shared.set_cookie_str(&shadow, &evil);
                assert_eq!(
                    shadowed,
                    Err(Rejection::OverlaysSecure),
                    "{shadow}, {others}"
                );
            }
            assert_eq!(header(&plain, &format!("https://{host}/")), "sid=good");
        }
    }
}

#[test]
fn a_site_is_shown_and_cleared_by_the_list_in_use() {
    for others in [0, 20] {
        for (before, after, site, left) in
            [(OLD, NEW, "x.platform.io", 1), (NEW, OLD, "platform.io", 0)]
        {
            let mut plain = jar_with_secure(before, "www.x.platform.io", others);
            for host in ["x.platform.io", "y.platform.io"] {
                let own = url(&format!("https://{host}/"));
                plain.set_cookie_str("own=1", &own).expect("a cookie");
            }
            let shared = SharedCookieJar::from(plain.clone());
            plain.policy_mut().set_suffixes(list(after));
            shared.set_policy(Arc::new(policy(after)));
            let shown = plain.cookies_of_site("www.x.platform.io");
            assert_eq!(shown.len(), 3 - left, "{site}: {}", names(shown));
            assert_eq!(shared.cookies_of_site(site).len(), 3 - left, "{site}");
            assert_eq!(plain.clear_site(site), Ok(3 - left), "{site}");
            assert_eq!(shared.clear_site("www.x.platform.io"), Ok(3 - left));
            for len in [plain.len(), shared.len()] {
                assert_eq!(len, left + others as usize, "{site}, {others}");
            }
        }
    }
}

/// The limit of a site counts a cookie under the site that its host had when it was stored.
#[test]
fn another_list_moves_no_stored_cookie_to_another_site() {
    let mut jar = CookieJar::with_policy(policy(OLD));
    let set = |jar: &mut CookieJar<BrowserPolicy>, host: &str| {
        for number in 0..170 {
            let own = url(&format!("https://{host}/"));
            let set = jar.set_cookie_str(format!("n{number}=1"), &own);
            set.expect("a cookie");
        }
    };
    set(&mut jar, "www.x.platform.io");
    jar.policy_mut().set_suffixes(list(NEW));
    set(&mut jar, "x.platform.io");
    assert_eq!(jar.len(), 340);
    set(&mut jar, "y.x.platform.io");
    let of = |domain: &str| {
        jar.iter()
            .filter(|cookie| cookie.domain() == domain)
            .count()
    };
    assert_eq!(of("www.x.platform.io"), 170);
    assert!(jar.len() <= 170 + 180, "{}", jar.len());
    assert!(jar.iter().all(|cookie: &Cookie| cookie.host_only()));
}
