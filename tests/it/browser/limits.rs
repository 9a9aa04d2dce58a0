//! Limits and eviction: RFC 6265bis, section 5.7, at the end.

use cookiejar::policy::Limits;
use cookiejar::{BrowserPolicy, Cookie, CookieJar, Rejection};
use time::Duration;

use super::{header, jar, jar_with, must_set};

fn limits(site: (usize, usize), total: (usize, usize)) -> Limits {
    let mut limits = Limits::browsers();
    (limits.site_cookies, limits.site_cookies_kept) = site;
    (limits.total_cookies, limits.total_cookies_kept) = total;
    limits
}

fn names(jar: &CookieJar<BrowserPolicy>) -> Vec<&str> {
    jar.iter().map(Cookie::name).collect()
}

#[test]
fn the_order_in_which_cookies_of_a_site_make_way() {
    let policy = BrowserPolicy::new().limits(limits((5, 2), (usize::MAX, usize::MAX)));
    let (mut jar, clock) = jar_with(policy);
    let url = "https://acme.com/";
    for field in [
        "old=1; Max-Age=3",
        "s1=1; Secure",
        "i1=1",
        "s2=1; Secure",
        "i2=1; Path=/x",
    ] {
        must_set(&mut jar, url, field);
        clock.advance(Duration::seconds(1));
    }
    assert_eq!(header(&jar, url), "s1=1; i1=1; s2=1"); // used, except i2
    clock.advance(Duration::seconds(1));
    must_set(&mut jar, url, "n=1");
    // Evicting the expired one was enough.
    assert_eq!(names(&jar), ["s1", "i1", "s2", "i2", "n"]);
    must_set(&mut jar, url, "m=1; Secure");
    // 2. Insecure ones, the least recently used first; 3. any, in the same order.
    assert_eq!(names(&jar), ["s2", "m"]);
}

#[test]
fn partitions_are_counted_for_themselves() {
    let policy = BrowserPolicy::new().limits(limits((3, 2), (usize::MAX, usize::MAX)));
    let (mut jar, _) = jar_with(policy);
    must_set(&mut jar, "https://acme.com/", "own=1");
    for n in 0..20 {
        let field = format!("p{n}=1; Secure; Partitioned");
        must_set(&mut jar, "https://acme.com/ in:https://top.com", &field);
    }
    assert!(jar.get(("acme.com", "/", "own")).is_some());
    assert!(jar.len() <= 4, "{}", jar.len());
}

#[test]
fn all_sites_together_have_a_limit_and_the_fullest_pays() {
    let policy = BrowserPolicy::new().limits(limits((50, 40), (60, 50)));
    let (mut jar, clock) = jar_with(policy);
    for n in 0..5 {
        must_set(
            &mut jar,
            "https://modest.com/",
            &format!("m{n}=1; Max-Age=9999"),
        );
    }
    must_set(&mut jar, "https://brief.com/", "gone=1; Max-Age=5");
    clock.advance(Duration::seconds(10));
    for flood in 0..5 {
        for n in 0..50 {
            let url = format!("https://flood{flood}.com/");
            must_set(&mut jar, &url, &format!("f{n}=1; Secure"));
            assert!(jar.len() <= 60, "{}", jar.len());
        }
    }
    assert_eq!(
        header(&jar, "https://modest.com/"),
        "m0=1; m1=1; m2=1; m3=1; m4=1"
    );
    assert!(jar.get(("brief.com", "/", "gone")).is_none());
}

#[test]
fn among_sites_that_are_equally_full_the_one_in_use_stays() {
    let policy = BrowserPolicy::new().limits(limits((50, 40), (10, 10)));
    let (mut jar, clock) = jar_with(policy);
    for n in 0..10 {
        must_set(&mut jar, &format!("https://site{n}.com/"), "a=1");
        clock.advance(Duration::seconds(1));
    }
    assert_eq!(header(&jar, "https://site0.com/"), "a=1");
    assert_eq!(header(&jar, "https://site2.com/"), "a=1");
    for n in 10..15 {
        clock.advance(Duration::seconds(1));
        must_set(&mut jar, &format!("https://site{n}.com/"), "a=1");
    }
    let mut left: Vec<_> = jar.iter().map(Cookie::domain).collect();
    left.sort_unstable();
    let expected = [0, 2, 7, 8, 9, 10, 11, 12, 13, 14].map(|n| format!("site{n}.com"));
    let mut expected: Vec<_> = expected.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(left, expected);
}

#[test]
fn the_numbers_of_browsers() {
    let mut jar = jar();
    for n in 0..181 {
        must_set(&mut jar, "https://acme.com/", &format!("a{n}=1"));
    }
    assert_eq!(jar.len(), 150);
    for site in 0..30 {
        for n in 0..150 {
            let url = format!("https://site{site}.com/");
            must_set(&mut jar, &url, &format!("a{n}=1"));
            assert!(jar.len() <= 3_300);
        }
    }
    assert!(jar.len() >= 3_000, "{}", jar.len());
    must_set(
        &mut jar,
        "https://big.com/",
        &format!("a={}", "x".repeat(4_000)),
    );
    must_set(
        &mut jar,
        "https://big.com/",
        &format!("b={}", "x".repeat(4_000)),
    );
    must_set(
        &mut jar,
        "https://big.com/",
        &format!("c={}", "x".repeat(4_000)),
    );
    // Browsers send all their cookies; servers accept no more than this.
    assert_eq!(
        header(&jar, "https://big.com/").len(),
        "a=; b=".len() + 8_000
    );
    let explained = jar.explain(super::context("https://big.com/"));
    assert_eq!(explained[2].verdict, Err(Rejection::HeaderFull));
}
