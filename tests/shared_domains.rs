//! Whose a `Domain` is: the guard `suffixes` of both policies, with the list that is built in.
#![cfg(feature = "psl")]

mod common;

use std::sync::Arc;

use common::{jar_with, url};
use cookiejar::{
    BrowserPolicy, Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, PublicSuffixes, Rejection,
};

type AnyPolicy = Arc<dyn CookiePolicy>;

fn default() -> AnyPolicy {
    Arc::new(DefaultCookiePolicy::new().rfc2965(true))
}

fn browser() -> AnyPolicy {
    Arc::new(BrowserPolicy::new())
}

/// The fields in which a server may say the same, in each version that a policy speaks.
fn fields(policy: &AnyPolicy, domain: &str) -> Vec<(&'static str, String)> {
    let mut fields = vec![("Set-Cookie", format!("a=1; Domain={domain}"))];
    if policy.settings().protocols.rfc2965 {
        let version_1 = format!("a=1; Version=1; Domain={domain}");
        fields.push(("Set-Cookie", version_1.clone()));
        fields.push(("Set-Cookie2", version_1));
    }
    fields
}

/// The domain under which the answer of a host stores its cookie, or why it does not.
fn stored(policy: &AnyPolicy, host: &str, field: (&str, &str)) -> Result<String, Rejection> {
    let (mut jar, _) = jar_with(Arc::clone(policy));
    let account = jar.extract_cookies(&[field], &url(&format!("https://{host}/")));
    match account.refused.first() {
        Some(refused) => Err(refused.reason),
        None => Ok(jar.iter().next().expect("a cookie").domain().to_owned()),
    }
}

fn header(jar: &CookieJar<AnyPolicy>, host: &str) -> String {
    common::header(jar, &format!("https://{host}/"))
}

#[test]
fn a_domain_that_is_nobodys_to_share() {
    // host, Domain
    let refused = [
        ("acme.com", "com"),
        ("a.acme.co.uk", "co.uk"),
        ("a.acme.co.uk", "uk"),
        ("x.github.io", "github.io"),
        ("x.github.io", "io"),
        ("evil.com.mm", "mm"), // the list has names below it only
        ("evil.com.mm", "com.mm"),
        ("com.mm", "mm"),
        ("a.corp", "corp"),
        ("wiki.intranet", "intranet"),
        ("app.localhost", "localhost"),
        ("x.y.localhost", "localhost"),
        ("www.acme.internal", "internal"),
        ("evil.s3.amazonaws.com", "amazonaws.com"),
        ("s3.amazonaws.com", "amazonaws.com"),
        ("evil.s3.amazonaws.com", "s3.amazonaws.com"),
        ("evil.foo.kawasaki.jp", "kawasaki.jp"),
        ("foo.kawasaki.jp", "kawasaki.jp"),
        ("evil.foo.kawasaki.jp", "foo.kawasaki.jp"),
        ("www.city.kawasaki.jp", "kawasaki.jp"),
        ("acme.com.", "com."),
        ("a.corp.", "corp."),
        ("foo.local", "local"),
        ("x.foo.local", "local"),
    ];
    let own = [
        "com",
        "co.uk",
        "github.io",
        "com.mm",
        "mm",
        "corp",
        "localhost",
        "s3.amazonaws.com",
        "foo.kawasaki.jp",
        "corp.",
        "local",
        "127.0.0.1",
        "[::1]",
    ];
    let shared = [
        ("www.acme.com", "acme.com"),
        ("www.acme.com", "www.acme.com"),
        ("acme.com", "acme.com"),
        ("a.b.acme.co.uk", "acme.co.uk"),
        ("a.x.github.io", "x.github.io"),
        ("www.corp.internal", "corp.internal"),
        ("corp.internal", "corp.internal"),
        ("www.amazonaws.com", "amazonaws.com"),
        ("a.evil.s3.amazonaws.com", "evil.s3.amazonaws.com"),
        ("x.foo.kawasaki.jp", "x.foo.kawasaki.jp"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("www.foo.local", "foo.local"),
        ("a.app.localhost", "app.localhost"),
        ("www.acme.com.", "acme.com."),
    ];
    for policy in [default(), browser()] {
        for dot in ["", "."] {
            for (host, domain) in refused {
                for (name, field) in fields(&policy, &format!("{dot}{domain}")) {
                    let outcome = stored(&policy, host, (name, &field));
                    assert_eq!(
                        outcome,
                        Err(Rejection::PublicSuffix),
                        "{host} {name}: {field}"
                    );
                }
            }
            for host in own {
                for (name, field) in fields(&policy, &format!("{dot}{host}")) {
                    let outcome = stored(&policy, host, (name, &field));
                    assert_eq!(outcome.as_deref(), Ok(host), "{host} {name}: {field}");
                }
            }
            for (host, domain) in shared {
                let field = format!("a=1; Domain={dot}{domain}");
                let outcome = stored(&policy, host, ("Set-Cookie", &field));
                assert_eq!(outcome, Ok(format!(".{domain}")), "{host} {field}");
            }
        }
    }
}

#[test]
fn hosts_without_dots_share_local() {
    let policy = default();
    for (name, field) in fields(&policy, ".local") {
        let (mut jar, _) = jar_with(Arc::clone(&policy));
        let account = jar.extract_cookies(&[(name, &*field)], &url("https://foo/"));
        assert_eq!(account.refused, [], "{name}: {field}");
        for (host, gets) in [
            ("foo", true),
            ("bar", true),
            ("foo.local", false),
            ("x.foo.local", false),
            ("127.0.0.1", false),
            ("[::1]", false),
        ] {
            assert_eq!(
                !header(&jar, host).is_empty(),
                gets,
                "{name}: {field} {host}"
            );
        }
    }
    let outcome = stored(&browser(), "foo", ("Set-Cookie", "a=1; Domain=.local"));
    assert_eq!(outcome, Err(Rejection::DomainMismatch));
}

#[test]
fn with_and_without_domain_is_one_cookie() {
    for policy in [default(), browser()] {
        for host in ["localhost", "127.0.0.1", "[::1]", "github.io", "corp", "mm"] {
            let url = url(&format!("https://{host}/"));
            let with = fields(&policy, host);
            for (name, field) in &with {
                let both: [&[(&str, &str)]; 2] = [
                    &[(name, field), ("Set-Cookie", "a=2")],
                    &[("Set-Cookie", "a=2"), (name, field)],
                ];
                for fields in both {
                    let (mut jar, _) = jar_with(Arc::clone(&policy));
                    for field in fields {
                        jar.extract_cookies(&[*field], &url);
                    }
                    assert_eq!(jar.len(), 1, "{host} {fields:?}");
                    for delete in ["a=; Max-Age=0", &format!("a=; Max-Age=0; Domain={host}")] {
                        let mut jar = jar.clone();
                        jar.extract_cookies(&[("Set-Cookie", delete)], &url);
                        assert!(jar.is_empty(), "{host} {fields:?} {delete}");
                    }
                }
            }
        }
    }
}

#[test]
fn none_switches_the_guard_off() {
    let without = PublicSuffixes::none();
    let default: AnyPolicy = Arc::new(DefaultCookiePolicy::with_suffixes(without.clone()));
    let browser: AnyPolicy = Arc::new(BrowserPolicy::with_suffixes(without));
    let python: AnyPolicy = Arc::new(DefaultCookiePolicy::python());
    // host, Domain, stored under by default and in Python, and by `BrowserPolicy`
    let rows = [
        ("a.co.uk", "co.uk", Ok(".co.uk"), Ok(".co.uk")),
        ("localhost", "localhost", Ok(".localhost"), Ok(".localhost")),
        ("127.0.0.1", "127.0.0.1", Ok(".127.0.0.1"), Ok("127.0.0.1")),
        ("[::1]", "[::1]", Ok(".[::1]"), Ok("[::1]")),
        (
            "a.corp",
            "corp",
            Err(Rejection::DomainWithoutDot),
            Ok(".corp"),
        ),
        ("foo.local", "local", Ok(".local"), Ok(".local")),
        (
            "x.s3.amazonaws.com",
            "amazonaws.com",
            Ok(".amazonaws.com"),
            Ok(".amazonaws.com"),
        ),
    ];
    for (host, domain, by_default, by_browsers) in rows {
        let field = format!("a=1; Domain={domain}");
        for (policy, expected) in [
            (&default, by_default),
            (&python, by_default),
            (&browser, by_browsers),
        ] {
            let outcome = stored(policy, host, ("Set-Cookie", &field));
            let outcome = outcome.as_deref().map_err(|reason| *reason);
            assert_eq!(outcome, expected, "{host} {field}");
        }
    }
}

#[test]
fn an_insecure_neighbour_overlays_nothing() {
    let (mut jar, _) = jar_with(browser());
    jar.extract_cookies(
        &[("Set-Cookie", "sid=bank; Secure")],
        &url("https://bank.corp/"),
    );
    let evil = url("http://evil.corp/");
    let account = jar.extract_cookies(&[("Set-Cookie", "sid=evil; Domain=corp")], &evil);
    assert_eq!(account.refused[0].reason, Rejection::PublicSuffix);
    assert_eq!(header(&jar, "bank.corp"), "sid=bank");
}

#[test]
fn a_cookie_that_came_by_another_way_goes_to_that_very_name() {
    // stored domain, hosts that get it, hosts that do not
    let rows: [(&str, &[&str], &[&str]); 9] = [
        (".co.uk", &["co.uk"], &["bank.co.uk", "www.bank.co.uk"]),
        (".com", &["com"], &["acme.com"]),
        (".mm", &["mm"], &["com.mm", "bank.com.mm"]),
        (".corp", &["corp"], &["a.corp", "b.a.corp"]),
        (".localhost", &["localhost"], &["app.localhost"]),
        (".127.0.0.1", &["127.0.0.1"], &[]),
        (".[::1]", &["[::1]"], &[]),
        (
            ".amazonaws.com",
            &["amazonaws.com", "www.amazonaws.com"],
            &["s3.amazonaws.com", "console.s3.amazonaws.com"],
        ),
        (
            ".corp.internal",
            &["corp.internal", "www.corp.internal"],
            &[],
        ),
    ];
    for policy in [default(), browser()] {
        for (domain, gets, lacks) in rows {
            let (mut jar, _) = jar_with(Arc::clone(&policy));
            let cookie = Cookie::builder("a", "1").domain(domain).build();
            jar.set_cookie(cookie.expect("a cookie"));
            for host in gets {
                assert_eq!(header(&jar, host), "a=1", "{domain} {host}");
            }
            for host in lacks {
                let explained = jar.explain(&url(&format!("https://{host}/")));
                let verdicts: Vec<_> = explained.iter().map(|told| told.verdict).collect();
                assert_eq!(verdicts, [Err(Rejection::PublicSuffix)], "{domain} {host}");
                assert_eq!(header(&jar, host), "", "{domain} {host}");
            }
        }
    }
}

#[test]
fn a_stricter_policy_speaks_of_what_a_laxer_one_took() {
    let (mut jar, _) = jar_with(Arc::new(DefaultCookiePolicy::python()) as AnyPolicy);
    jar.extract_cookies(
        &[("Set-Cookie", "a=1; Domain=co.uk")],
        &url("https://evil.co.uk/"),
    );
    assert_eq!(header(&jar, "bank.co.uk"), "a=1");
    for policy in [default(), browser()] {
        jar.set_policy(policy);
        assert_eq!(header(&jar, "bank.co.uk"), "");
        assert_eq!(header(&jar, "co.uk"), "a=1");
    }
}
