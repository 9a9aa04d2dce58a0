//! Who may use a `Domain`: the guard `suffixes` of both policies, with the built-in list.
#![cfg(feature = "psl")]

use crate::common;

use std::num::NonZeroUsize;
use std::sync::Arc;

use common::{jar_with, url};
use cookiejar::policy::PublicSuffixes;
use cookiejar::{
    BrowserPolicy, Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Provenance, Rejection,
    RequestContext, SharedCookieJar,
};

type AnyPolicy = Arc<dyn CookiePolicy>;

fn default() -> AnyPolicy {
    Arc::new(DefaultCookiePolicy::new().rfc2965(true))
}

fn browser() -> AnyPolicy {
    Arc::new(BrowserPolicy::new())
}

/// The fields in which a server may express the same, in each version that a policy supports.
fn fields(policy: &AnyPolicy, domain: &str) -> Vec<(&'static str, String)> {
    let mut fields = vec![("Set-Cookie", format!("a=1; Domain={domain}"))];
    if policy.settings().get_protocols().rfc2965 {
        let version_1 = format!("a=1; Version=1; Domain={domain}");
        fields.push(("Set-Cookie", version_1.clone()));
        fields.push(("Set-Cookie2", version_1));
    }
    fields
}

/// The domain under which the cookie of a host's response is stored, or why it is rejected.
fn stored(policy: &AnyPolicy, host: &str, field: (&str, &str)) -> Result<String, Rejection> {
    let (mut jar, _) = jar_with(Arc::clone(policy));
    let report = jar.extract_cookies(&[field], &url(&format!("https://{host}/")));
    match report.rejected.first() {
        Some(rejected) => Err(rejected.reason),
        None => Ok(jar.iter().next().expect("a cookie").domain().to_owned()),
    }
}

fn header(jar: &CookieJar<AnyPolicy>, host: &str) -> String {
    common::header(jar, &format!("https://{host}/"))
}

#[test]
fn a_domain_that_is_nobodys_to_share() {
    // host, Domain
    let rejected = [
        ("acme.com", "com"),
        ("a.acme.co.uk", "co.uk"),
        ("a.acme.co.uk", "uk"),
        ("x.github.io", "github.io"),
        ("x.github.io", "io"),
        ("evil.com.mm", "mm"), // the list has only names below it
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
            for (host, domain) in rejected {
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
        let report = jar.extract_cookies(&[(name, &*field)], &url("https://foo/"));
        assert_eq!(report.rejected, [], "{name}: {field}");
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
    let report = jar.extract_cookies(&[("Set-Cookie", "sid=evil; Domain=corp")], &evil);
    assert_eq!(report.rejected[0].reason, Rejection::PublicSuffix);
    assert_eq!(header(&jar, "bank.corp"), "sid=bank");
}

#[test]
fn a_cookie_that_came_by_another_way_goes_to_that_very_name() {
    // stored domain, hosts to which it is sent, hosts to which it is not
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

/// A planted cookie, and the domain under which it is stored.
fn planted(domain: &str, name: &str, value: &str) -> Cookie {
    let cookie = Cookie::builder(name, value).domain(domain).build();
    cookie.expect("a cookie")
}

/// The cookies of a jar, in the order of creation: `domain/path name=value`.
fn content(jar: &CookieJar<AnyPolicy>) -> String {
    let shown = |cookie: &Cookie| {
        let value = cookie.value().unwrap_or_default();
        format!(
            "{}{} {}={value}",
            cookie.domain(),
            cookie.path(),
            cookie.name()
        )
    };
    jar.iter().map(shown).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_host_only_cookie_takes_the_place_of_the_dotted_namesake() {
    let without: AnyPolicy = Arc::new(BrowserPolicy::with_suffixes(PublicSuffixes::none()));
    let rows = [
        (default(), "localhost"),
        (default(), "127.0.0.1"),
        (default(), "[::1]"),
        (default(), "co.uk"),
        (default(), "corp"),
        (browser(), "localhost"),
        (browser(), "127.0.0.1"),
        (browser(), "github.io"),
        (without.clone(), "127.0.0.1"),
        (without, "[::1]"),
    ];
    for (policy, host) in rows {
        let (mut jar, _) = jar_with(policy);
        jar.set_cookie(planted(&format!(".{host}"), "a", "old"));
        jar.set_cookie(planted(&format!(".{host}"), "b", "other"));
        let server = url(&format!("https://{host}/"));
        jar.extract_cookies(&[("Set-Cookie", "a=deep; Path=/x")], &server);
        assert_eq!(jar.len(), 3, "{host}: another path is another cookie");

        let mut deleted = jar.clone();
        deleted.extract_cookies(&[("Set-Cookie", "a=; Max-Age=0; Path=/")], &server);
        let left = format!(".{host}/ b=other, {host}/x a=deep");
        assert_eq!(content(&deleted), left, "{host}");

        for value in ["new", "newer"] {
            jar.extract_cookies(&[("Set-Cookie", format!("a={value}; Path=/"))], &server);
            assert_eq!(header(&jar, host), format!("a={value}; b=other"), "{host}");
        }
        jar.set_cookie(planted(&format!(".{host}"), "a", "again"));
        assert_eq!(
            jar.len(),
            4,
            "{host}: what is stored without asking is kept"
        );
        jar.extract_cookies(&[("Set-Cookie", "a=last; Path=/")], &server);
        let all = format!("{host}/ a=last, .{host}/ b=other, {host}/x a=deep");
        assert_eq!(content(&jar), all, "{host}");
        jar.set_cookie(planted(&format!(".{host}"), "a", "again"));
        let server = format!("https://{host}/");
        let outcome = jar.set_cookie_if_ok(planted(host, "a", "by hand"), &url(&server));
        assert!(outcome.is_ok(), "{host}");
        assert_eq!(content(&jar), all.replace("last", "by hand"), "{host}");
    }
}

#[test]
fn where_the_dotted_domain_is_shared_there_are_two_cookies() {
    let python: AnyPolicy = Arc::new(DefaultCookiePolicy::python());
    let without: AnyPolicy = Arc::new(BrowserPolicy::with_suffixes(PublicSuffixes::none()));
    for (policy, host) in [
        (default(), "acme.com"),
        (browser(), "acme.com"),
        (default(), "corp.internal"),
        (python.clone(), "localhost"),
        (python, "127.0.0.1"),
        (without, "localhost"),
    ] {
        let (mut jar, _) = jar_with(policy);
        jar.set_cookie(planted(&format!(".{host}"), "a", "1"));
        let server = url(&format!("https://{host}/"));
        jar.extract_cookies(&[("Set-Cookie", "a=2")], &server);
        assert_eq!(header(&jar, host), "a=1; a=2", "{host}");
        jar.extract_cookies(&[("Set-Cookie", "a=; Max-Age=0")], &server);
        assert_eq!(header(&jar, host), "a=1", "{host}");
    }
}

#[test]
fn a_dotted_namesake_is_protected_as_if_it_were_host_only() {
    let dotted =
        |builder: cookiejar::CookieBuilder<'_>| builder.domain(".corp").build().expect("a cookie");
    let (mut jar, _) = jar_with(browser());
    jar.set_cookie(dotted(Cookie::builder("sid", "1").secure(true)));
    jar.set_cookie(dotted(Cookie::builder("hid", "1").http_only(true)));
    let over_http = jar.extract_cookies(&[("Set-Cookie", "sid=2")], &url("http://corp/"));
    assert_eq!(over_http.rejected[0].reason, Rejection::OverlaysSecure);
    let script = Provenance::new().from_script(true);
    let corp = url("https://corp/");
    let by_script = RequestContext::from(&corp).caused_by(script);
    let by_script = jar.extract_cookies(&[("Set-Cookie", "hid=2")], by_script);
    assert_eq!(by_script.rejected[0].reason, Rejection::OverwritesHttpOnly);
    assert_eq!(header(&jar, "corp"), "sid=1; hid=1");
}

/// Hosts and the cookies they set, in order.
type Answers = &'static [(&'static str, &'static str)];

/// Jars of one and of many shards, which behave alike.
fn jars(policy: &AnyPolicy) -> Vec<SharedCookieJar> {
    let parts = [1, 2, 3, 64].map(|parts| NonZeroUsize::new(parts).expect("some"));
    let jar = |parts| SharedCookieJar::with_shards(Arc::clone(policy), parts);
    parts.into_iter().map(jar).collect()
}

#[test]
fn a_host_without_dots_has_one_cookie_under_both_of_its_names() {
    let python: AnyPolicy = Arc::new(DefaultCookiePolicy::python());
    // policy, the responses of hosts, what `foo` gets, what `foo.local` gets
    let rows: [(AnyPolicy, Answers, &str, &str); 9] = [
        (
            default(),
            &[("foo.local", "a=1"), ("foo.local", "b=1"), ("foo", "a=2")],
            "a=2; b=1",
            "b=1",
        ),
        (
            default(),
            &[("foo", "a=1"), ("foo.local", "a=2")],
            "a=1; a=2",
            "a=2",
        ), // not the reverse
        (
            default(),
            &[("foo", "a=1"), ("foo.local", "a=2"), ("foo", "a=3")],
            "a=3",
            "",
        ),
        (
            default(),
            &[("foo.local", "a=1"), ("foo", "a=; Max-Age=0")],
            "",
            "",
        ),
        (
            default(),
            &[
                ("foo", "a=1"),
                ("foo.local", "a=2"),
                ("foo", "a=; Max-Age=0"),
            ],
            "",
            "",
        ),
        (
            default(),
            &[("foo.local", "a=1; Domain=foo.local"), ("foo", "a=2")],
            "a=1; a=2", // one for all hosts below
            "a=1",
        ),
        (
            default(),
            &[
                ("foo.local", "a=1"),
                ("foo", "a=2; Path=/x"),
                ("bar", "a=3"),
            ],
            "a=1",
            "a=1",
        ),
        (python, &[("foo.local", "a=1"), ("foo", "a=2")], "a=2", ""),
        (
            browser(),
            &[("foo.local", "a=1"), ("foo", "a=2")],
            "a=2",
            "a=1",
        ),
    ];
    for (policy, answers, foo, foo_local) in &rows {
        let (mut jar, _) = jar_with(Arc::clone(policy));
        let shared = jars(policy);
        for (host, field) in *answers {
            let server = url(&format!("https://{host}/"));
            jar.extract_cookies(&[("Set-Cookie", field)], &server);
            for jar in &shared {
                jar.extract_cookies(&[("Set-Cookie", field)], &server);
            }
        }
        assert_eq!(header(&jar, "foo"), *foo, "{answers:?}");
        assert_eq!(header(&jar, "foo.local"), *foo_local, "{answers:?}");
        for jar in &shared {
            for (host, expected) in [("foo", foo), ("foo.local", foo_local)] {
                let got = jar.cookie_header(&url(&format!("https://{host}/")));
                let got = got.map(|header| header.to_str().expect("ASCII").to_owned());
                assert_eq!(got.as_deref().unwrap_or_default(), *expected, "{answers:?}");
            }
        }
    }
}

#[test]
fn both_names_of_a_host_can_be_in_use_at_once() {
    let policy = default();
    for jar in jars(&policy) {
        std::thread::scope(|scope| {
            for host in ["foo", "foo.local", "bar", "bar.local"] {
                let jar = &jar;
                scope.spawn(move || {
                    let server = url(&format!("https://{host}/"));
                    for value in 0..300 {
                        let field = format!("a={value}; Path=/");
                        jar.extract_cookies(&[("Set-Cookie", &field)], &server);
                        let _ = jar.cookie_header(&server);
                    }
                });
            }
        });
        for host in ["foo", "bar"] {
            let server = url(&format!("https://{host}/"));
            jar.extract_cookies(&[("Set-Cookie", "a=last; Path=/")], &server);
            assert_eq!(jar.cookie_header(&server).expect("a cookie"), "a=last");
        }
        assert_eq!(jar.len(), 2);
    }
}
