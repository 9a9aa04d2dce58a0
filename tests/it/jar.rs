//! The API of the jar: looking, editing, clearing, and calls that have no side effects.

use crate::common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use common::{NOW, built, header, jar, jar_with, names, policy, request, url};
use cookiejar::jar::ChangeCause;
use cookiejar::policy::{AcceptAllPolicy, Limits};
use cookiejar::{
    Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, NotFound, Provenance, Rejection,
};
use time::{Duration, OffsetDateTime};

/// A session cookie for all paths.
#[track_caller]
fn cookie(domain: &str, name: &str) -> Cookie {
    built(Cookie::builder(name, "secret").domain(domain))
}

#[track_caller]
fn lasting(domain: &str, name: &str, expires: OffsetDateTime) -> Cookie {
    built(
        Cookie::builder(name, "secret")
            .domain(domain)
            .expires(expires),
    )
}

/// Everything that can be observed of a jar.
fn seen<P>(jar: &CookieJar<P>) -> Vec<Cookie> {
    jar.iter().cloned().collect()
}

/// Two domains with and without a dot, two paths, two names; created in this order.
fn filled() -> CookieJar {
    let (mut jar, clock) = jar();
    for (domain, path, name) in [
        ("acme.com", "/", "a"),
        (".acme.com", "/", "b"),
        ("acme.com", "/shop", "a"),
        ("b.example", "/", "a"),
        (".acme.com", "/shop", "c"),
    ] {
        let builder = Cookie::builder(name, "secret").domain(domain).path(path);
        assert_eq!(jar.set_cookie(built(builder)), Some(ChangeCause::Stored));
        clock.advance(Duration::milliseconds(1001));
    }
    clock.set(NOW);
    jar
}

#[test]
fn an_empty_jar() {
    let (mut jar, _) = jar();
    assert!(jar.is_empty());
    assert_eq!((jar.len(), jar.iter().len()), (0, 0));
    assert_eq!(jar.get(("acme.com", "/", "a")), None);
    assert!(jar.remove(("acme.com", "/", "a")).is_err());
    assert_eq!(jar.cookie_header(&url("http://acme.com/")), None);
    assert!(jar.cookies_for(&url("http://acme.com/")).is_empty());
    assert!(jar.explain(&url("http://acme.com/")).is_empty());
    assert_eq!(jar.clear_session_cookies(), 0);
    assert_eq!(jar.clear_expired_cookies(), 0);
    assert_eq!(jar.drain().len(), 0);
    jar.clear();
}

#[test]
fn get_knows_domain_path_and_name() {
    let jar = filled();
    // domain, path, name, found
    let rows = [
        ("acme.com", "/", "a", true),
        ("acme.com", "/shop", "a", true),
        (".acme.com", "/", "b", true),
        (".acme.com", "/", "a", false), // the leading dot counts
        ("acme.com", "/", "b", false),
        ("acme.com", "/shop/", "a", false), // paths are compared, not matched
        ("acme.com", "/", "A", false),      // names are case-sensitive
        ("www.acme.com", "/", "a", false),  // domains are not matched either
        ("acme", "/", "a", false),
        ("", "/", "a", false),
        (".", "/", "a", false),
        ("acme.com", "", "a", false),
        ("acme.com", "/", "", false),
    ];
    for (domain, path, name, found) in rows {
        let got = jar.get((domain, path, name));
        assert_eq!(got.is_some(), found, "{domain} {path} {name}");
        if let Some(cookie) = got {
            assert_eq!(
                (cookie.domain(), cookie.path(), cookie.name()),
                (domain, path, name)
            );
        }
    }
}

#[test]
fn cookies_are_listed_as_created_and_sent_longest_path_first() {
    let jar = filled();
    assert_eq!(names(&jar), "a b a a c");
    let domains: Vec<_> = jar.iter().map(Cookie::domain).collect();
    assert_eq!(
        domains,
        [
            "acme.com",
            ".acme.com",
            "acme.com",
            "b.example",
            ".acme.com"
        ]
    );
    let back: Vec<_> = jar.iter().rev().map(Cookie::name).collect();
    assert_eq!(back, ["c", "a", "a", "b", "a"]);
    let sent = jar.cookies_for(&url("http://acme.com/shop"));
    let sent: Vec<_> = sent.iter().map(|c| (c.path(), c.name())).collect();
    assert_eq!(
        sent,
        [("/shop", "a"), ("/shop", "c"), ("/", "a"), ("/", "b")]
    );
}

#[test]
fn overwriting_keeps_the_place() {
    let (mut jar, clock) = jar();
    let url = url("http://acme.com/");
    jar.extract_cookies(&[("Set-Cookie", "a=1"), ("Set-Cookie", "b=1")], &url);
    clock.advance(Duration::hours(1));
    let report = jar.extract_cookies(&[("Set-Cookie", "c=1"), ("Set-Cookie", "a=2")], &url);
    assert_eq!((report.stored, report.replaced), (1, 1));
    assert_eq!(names(&jar), "a b c");
    assert_eq!(header(&jar, "http://acme.com/"), "a=2; b=1; c=1");
    let created: Vec<_> = jar
        .iter()
        .map(|c| c.creation_time().expect("a time"))
        .collect();
    assert_eq!(created, [NOW, NOW, NOW + Duration::hours(1)]);
}

#[test]
fn remove_takes_one_or_changes_nothing() {
    let mut jar = filled();
    let before = seen(&jar);
    for (domain, path, name) in [
        (".acme.com", "/", "a"),
        ("acme.com", "/", "b"),
        ("acme.com", "/shop/", "a"),
        ("www.acme.com", "/", "a"),
        ("", "", ""),
    ] {
        assert!(
            jar.remove((domain, path, name)).is_err(),
            "{domain} {path} {name}"
        );
        assert_eq!(seen(&jar), before);
    }
    // A domain is converted to the form in which it is stored.
    let removed = jar.remove(("ACME.com", "/", "a")).expect("it is there");
    assert_eq!(removed, before[0]);
    assert_eq!(seen(&jar), before[1..]);
    assert_eq!(jar.len(), 4);
    assert!(jar.remove(("acme.com", "/", "a")).is_err());
    let missing = jar
        .clear_domain("nowhere.example")
        .expect_err("nothing there");
    assert_eq!(missing.to_string(), "no such cookie in the jar");
}

#[test]
fn clearing_by_domain_and_path() {
    // what is cleared, how many are removed or `None` for `NotFound`, what is kept
    type Clear = fn(&mut CookieJar) -> Result<usize, NotFound>;
    let rows: [(Clear, Option<usize>, &str); 10] = [
        (|jar| jar.clear_domain("acme.com"), Some(2), "b a c"),
        (|jar| jar.clear_domain(".acme.com"), Some(2), "a a a"),
        (|jar| jar.clear_domain("b.example"), Some(1), "a b a c"),
        (|jar| jar.clear_domain(".b.example"), None, "a b a a c"), // the dot counts
        (|jar| jar.clear_domain("com"), None, "a b a a c"),
        (|jar| jar.clear_domain(""), None, "a b a a c"),
        (
            |jar| jar.clear_path("acme.com", "/shop"),
            Some(1),
            "a b a c",
        ),
        (|jar| jar.clear_path(".acme.com", "/"), Some(1), "a a a c"),
        (|jar| jar.clear_path("acme.com", "/sho"), None, "a b a a c"),
        (
            |jar| jar.clear_path("b.example", "/shop"),
            None,
            "a b a a c",
        ),
    ];
    for (row, (clear, result, left)) in rows.into_iter().enumerate() {
        let mut jar = filled();
        assert_eq!(clear(&mut jar).ok(), result, "row {row}");
        assert_eq!(names(&jar), left, "row {row}");
        assert_eq!(jar.len(), jar.iter().len(), "row {row}");
        if result.is_some() {
            assert_eq!(clear(&mut jar).ok(), None, "row {row}: an emptied place");
        }
    }
}

#[test]
fn clear_takes_all_and_the_order_goes_on() {
    let mut jar = filled();
    jar.clear();
    assert!(jar.is_empty());
    assert_eq!(header(&jar, "http://acme.com/"), "");
    jar.set_cookie(cookie("acme.com", "z"));
    jar.set_cookie(cookie("acme.com", "y"));
    assert_eq!(names(&jar), "z y");
}

#[test]
fn clearing_sessions_and_the_expired() {
    let (mut jar, clock) = jar();
    let soon = NOW + Duration::seconds(10);
    jar.set_cookie(cookie("acme.com", "session"));
    jar.set_cookie(lasting("acme.com", "short", soon));
    jar.set_cookie(lasting("b.example", "shorter", NOW + Duration::seconds(1)));
    jar.set_cookie(lasting("acme.com", "long", NOW + Duration::days(1)));
    let mut discarded = lasting("acme.com", "discarded", soon);
    discarded.set_discard(true); // a session cookie, despite its date
    jar.set_cookie(discarded);
    assert_eq!(jar.clear_expired_cookies(), 0);

    clock.set(soon); // a cookie that expires in this very second has expired
    assert_eq!(jar.len(), 5, "what is stored is seen, expired or not");
    assert_eq!(
        names(jar.cookies_for(&url("http://acme.com/"))),
        "session long"
    );
    let mut other = jar.clone();
    assert_eq!(jar.clear_expired_cookies(), 3);
    assert_eq!(names(&jar), "session long");
    assert_eq!(jar.clear_expired_cookies(), 0);
    assert_eq!(other.clear_session_cookies(), 2);
    assert_eq!(names(&other), "short shorter long");
}

#[test]
fn writes_sweep_a_few_of_the_expired() {
    let (mut jar, clock) = jar();
    for index in 0_i64..20 {
        let domain = format!("d{index}.example");
        jar.set_cookie(lasting(&domain, "a", NOW + Duration::seconds(1 + index)));
    }
    clock.advance(Duration::hours(1));
    assert_eq!(jar.len(), 20, "no look sweeps");
    for round in 0..20 {
        let before = jar.len();
        jar.set_cookie(cookie("acme.com", &format!("n{round}")));
        let swept = before + 1 - jar.len();
        let due = jar
            .iter()
            .filter(|cookie| cookie.expires().is_some())
            .count();
        assert!(swept <= 2, "a write frees a bounded number of buckets");
        assert!(swept >= 1 || due == 0, "a write frees what is due");
    }
    assert_eq!(jar.len(), 20);
    assert!(jar.iter().all(Cookie::discard));
}

#[test]
fn retain_keeps_and_counts() {
    let mut jar = filled();
    assert_eq!(jar.retain(|_| true), 0);
    assert_eq!(jar.retain(|cookie| cookie.name() != "a"), 3);
    assert_eq!(names(&jar), "b c");
    assert_eq!(jar.retain(|_| false), 2);
    assert!(jar.is_empty());
}

#[test]
fn draining_hands_over_in_order() {
    let mut jar = filled();
    let before = seen(&jar);
    let drained: Vec<_> = jar.drain().collect();
    assert_eq!(drained, before);
    assert!(jar.is_empty());
    drop(jar.drain());

    let mut jar = filled();
    drop(jar.drain()); // removed, whether looked at or not
    assert!(jar.is_empty());
    let taken: Vec<_> = filled().into_iter().collect();
    assert_eq!(taken, before);
}

#[test]
fn jars_out_of_cookies() {
    let cookies = seen(&filled());
    // A collected jar has the system clock, which these session cookies do not use.
    let collected: CookieJar<AcceptAllPolicy> = cookies.iter().cloned().collect();
    assert_eq!(seen(&collected), cookies, "the times of creation stay");

    let (mut extended, _) = jar();
    extended.extend([lasting("acme.com", "gone", NOW), cookie("acme.com", "a")]);
    assert_eq!(names(&extended), "a", "an expired cookie is not stored");
    extended.extend(cookies.clone());
    assert_eq!(extended.len(), 5, "namesakes replace");
    let listed: Vec<_> = (&extended).into_iter().map(Cookie::name).collect();
    assert_eq!(listed.len(), 5);
}

#[test]
fn limits_bind_what_servers_send_and_not_what_a_program_sets() {
    let (mut jar, _) = jar();
    jar.extend((0..200).map(|index| cookie("acme.com", &format!("n{index}"))));
    assert_eq!(jar.len(), 200);
    let report = jar.extract_cookies(&[("Set-Cookie", "a=b")], &url("http://acme.com/"));
    assert_eq!((report.stored, report.evicted), (1, 51));
    assert_eq!(jar.len(), 150);
}

#[test]
fn a_clone_is_deep() {
    let (mut jar, clock) = jar_with(policy());
    jar.set_cookie(cookie("acme.com", "a"));
    let mut copy = jar.clone();
    copy.set_cookie(cookie("acme.com", "b"));
    copy.policy_mut().set_blocked_domains(["acme.com"]);
    assert_eq!(names(&jar), "a");
    assert_eq!(header(&jar, "http://acme.com/"), "a=secret");
    assert_eq!(header(&copy, "http://acme.com/"), "");
    jar.clear();
    assert_eq!(names(&copy), "a b");
    clock.advance(Duration::hours(1));
    copy.set_cookie(cookie("acme.com", "c"));
    let created = copy
        .get(("acme.com", "/", "c"))
        .and_then(Cookie::creation_time);
    assert_eq!(
        created,
        Some(NOW + Duration::hours(1)),
        "but the clock is the same"
    );
}

#[test]
fn debug_shows_counts_and_no_value() {
    let mut jar = filled();
    let shown = format!("{jar:?}");
    assert!(
        shown.contains("cookies: 5") && shown.contains("domains: 2"),
        "{shown}"
    );
    let url = url("http://acme.com/shop");
    let report = jar.extract_cookies(&[("Set-Cookie", "bad=secret; Domain=com")], &url);
    let header = jar.cookie_header(&url).expect("cookies");
    for shown in [
        shown,
        format!("{:?}", jar.iter()),
        format!("{report:?}"),
        format!("{header:?}"),
        format!("{:?} {}", jar.explain(&url), jar.explain(&url)[0]),
        format!("{:?}", Cookie::builder("a", "b").domain("acme.com").build()),
        format!("{:?}", jar.drain()),
    ] {
        assert!(!shown.contains("secret"), "{shown}");
    }
    let shown = cookie("acme.com", "a").display_with_value().to_string();
    assert_eq!(
        shown, "<Cookie a=secret for acme.com/>",
        "unless it is asked for"
    );
}

#[test]
fn the_policy_can_be_changed_and_replaced() {
    let (mut jar, _) = jar();
    jar.set_cookie(cookie("acme.com", "a"));
    jar.policy_mut().set_blocked_domains(["acme.com"]);
    assert!(jar.policy().is_blocked("acme.com"));
    assert_eq!(header(&jar, "http://acme.com/"), "");
    assert_eq!(jar.len(), 1, "what is stored stays");
    let old = jar.set_policy(policy());
    assert!(old.is_blocked("acme.com"));
    assert_eq!(header(&jar, "http://acme.com/"), "a=secret");
}

#[test]
fn the_policy_can_be_chosen_at_run_time() {
    let strict: Arc<dyn CookiePolicy> = Arc::new(policy().block_domains(["acme.com"]));
    let open: Arc<dyn CookiePolicy> = Arc::new(AcceptAllPolicy::new());
    let (mut jar, _) = jar_with(strict);
    let field = [("Set-Cookie", "a=b; Domain=elsewhere.example")];
    let url = url("http://acme.com/");
    let report = jar.extract_cookies(&field, &url);
    assert_eq!(report.rejected[0].reason, Rejection::DomainMismatch);
    let strict = jar.set_policy(Arc::clone(&open));
    assert_eq!(jar.extract_cookies(&field, &url).stored, 1);
    assert_eq!(header(&jar, "http://acme.com/"), "a=b");
    jar.set_policy(strict);
    assert_eq!(
        header(&jar, "http://acme.com/"),
        "",
        "the new policy speaks when returning"
    );
    let copy = jar.clone();
    assert_eq!(copy.len(), 1);
}

#[test]
fn make_cookies_only_reads() {
    let (mut jar, _) = jar();
    jar.set_cookie(cookie("acme.com", "a"));
    let before = seen(&jar);
    let fields = [
        ("Set-Cookie", "a=1; Max-Age=0"),  // would delete the one in the jar
        ("Set-Cookie", "b=1; Domain=com"), // would be rejected
        ("Set-Cookie", "c=1; Max-Age=x"),  // invalid
        ("Set-Cookie", "d=1; Version=1"),  // is downgraded
        ("Set-Cookie2", "e=1; Version=1"), // is ignored
    ];
    let made = jar.make_cookies(&fields, &url("http://acme.com/"));
    assert_eq!(names(&made), "a b d");
    assert_eq!(made[0].expires(), Some(NOW));
    assert!(made[0].is_expired(NOW), "expired ones are returned, too");
    assert_eq!((made[2].version(), made[2].rfc2109()), (0, true));
    assert!(made.iter().all(|cookie| cookie.creation_time().is_none()));
    assert_eq!(seen(&jar), before);
    assert!(jar.make_cookies(&fields, &url("data:,x")).is_empty());
}

#[test]
fn an_expired_cookie_deletes_its_namesake() {
    let (mut jar, clock) = jar();
    let expired = |name| lasting("acme.com", name, NOW);
    jar.set_cookie(cookie("acme.com", "a"));
    jar.set_cookie(cookie(".acme.com", "a"));
    jar.set_cookie(cookie("acme.com", "b"));
    assert_eq!(jar.set_cookie(expired("c")), None);
    assert_eq!(jar.set_cookie(expired("a")), Some(ChangeCause::Removed));
    assert_eq!(jar.set_cookie(expired("a")), None);
    assert_eq!(names(&jar), "a b", "the one with a dot is another");
    let acme = request("http://acme.com/");
    assert_eq!(
        jar.set_cookie_if_ok(expired("b"), &acme),
        Ok(Some(ChangeCause::Removed))
    );
    assert_eq!(
        jar.set_cookie_if_ok(cookie("acme.com", "b"), &acme),
        Ok(Some(ChangeCause::Stored))
    );
    assert_eq!(
        jar.set_cookie_if_ok(cookie("acme.com", "b"), &acme),
        Ok(Some(ChangeCause::Replaced))
    );
    let report = jar.extract_cookies(&[("Set-Cookie", "b=; Max-Age=-1")], &acme);
    assert_eq!((report.removed, report.stored), (1, 0));
    // A cookie that the policy rejects deletes nothing.
    let field = [("Set-Cookie", "a=; Domain=acme.com; Max-Age=0")];
    let evil = jar.extract_cookies(&field, request("http://evil.example/"));
    assert_eq!(evil.rejected[0].reason, Rejection::DomainMismatch);
    assert_eq!(names(&jar), "a");
    clock.advance(Duration::hours(1));
    assert_eq!(jar.set_cookie(lasting("b.example", "late", NOW)), None);
}

#[test]
fn a_context_with_a_time_wins_over_the_clock() {
    let (mut jar, _) = jar();
    let later = NOW + Duration::days(1);
    let acme = url("http://acme.com/");
    let then = cookiejar::RequestContext::from(&acme).caused_by(Provenance::new().at(later));
    jar.extract_cookies(&[("Set-Cookie", "a=b; Max-Age=60")], &then);
    let stored = jar.get(("acme.com", "/", "a")).expect("a cookie");
    assert_eq!(stored.creation_time(), Some(later));
    assert_eq!(stored.expires(), Some(later + Duration::seconds(60)));
    assert_eq!(names(jar.cookies_for(&acme)), "a");
    let past = cookiejar::RequestContext::from(&acme)
        .caused_by(Provenance::new().at(later + Duration::seconds(60)));
    assert_eq!(jar.cookie_header(&past), None);
    assert_eq!(jar.explain(&past)[0].verdict, Err(Rejection::Expired));
    assert_eq!(
        names(&jar.make_cookies(&[("Set-Cookie", "a=b")], &then)),
        "a"
    );
    let expires = lasting("acme.com", "x", NOW + Duration::hours(1));
    assert_eq!(jar.set_cookie_if_ok(expires, &then), Ok(None));
}

#[test]
fn sending_leaves_a_mark_and_looking_does_not() {
    let (mut jar, clock) = jar();
    let url = url("http://acme.com/");
    jar.extract_cookies(
        &[("Set-Cookie", "a=b"), ("Set-Cookie", "c=d; Path=/x")],
        &url,
    );
    let stamps = |jar: &CookieJar| -> Vec<_> { jar.iter().map(Cookie::last_access_time).collect() };
    clock.advance(Duration::seconds(5));
    let _ = jar.cookies_for(&url);
    let _ = jar.explain(&url);
    let _ = jar.get(("acme.com", "/", "a"));
    let _ = jar.make_cookies(&[("Set-Cookie", "a=b")], &url);
    let mut kept: Vec<(String, Vec<u8>)> = vec![("Cookie".into(), b"own=1".to_vec())];
    jar.add_cookie_header_to(&mut kept, &url); // the request keeps its own header
    assert_eq!(stamps(&jar), [None, None]);

    let before = seen(&jar);
    assert!(jar.cookie_header(&url).is_some());
    assert_eq!(stamps(&jar), [Some(NOW + Duration::seconds(5)), None]);
    assert_eq!(seen(&jar), before, "the mark is no part of equality");
    clock.advance(Duration::seconds(5));
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    jar.add_cookie_header_to(&mut headers, &url);
    assert_eq!(stamps(&jar), [Some(NOW + Duration::seconds(10)), None]);
}

#[test]
fn urls_without_a_host_give_and_get_nothing() {
    let (mut jar, _) = jar_with(AcceptAllPolicy::new());
    jar.set_cookie(cookie("acme.com", "a"));
    for text in [
        "file:///etc/hosts",
        "data:,x",
        "mailto:a@b.example",
        "about:blank",
    ] {
        let url = url(text);
        let report = jar.extract_cookies(&[("Set-Cookie", "a=new"), ("Set-Cookie", "b=1")], &url);
        assert_eq!(report.rejected.len(), 2, "{text}");
        assert!(
            report
                .rejected
                .iter()
                .all(|rejected| rejected.reason == Rejection::NoHost),
            "{text}"
        );
        assert_eq!(jar.cookie_header(&url), None, "{text}");
        assert!(jar.explain(&url).is_empty(), "{text}");
        let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
        jar.add_cookie_header_to(&mut headers, &url);
        assert!(headers.is_empty(), "{text}");
        let by_hand = jar.set_cookie_if_ok(cookie("acme.com", "c"), &url);
        assert_eq!(by_hand, Err(Rejection::NoHost), "{text}");
    }
    assert_eq!(names(&jar), "a");
}

#[test]
fn hosts_without_dots_are_stored_under_their_own_name() {
    let hosts = ["foo", "foo.local", "www.foo.local", "sub.foo", "local"];
    // responding host, Domain, stored under or `-`, the hosts to which it is sent
    let rows = [
        ("foo", "", "foo", "foo"),
        ("foo", "; Domain=foo", "foo", "foo"), // a single label cannot be shared
        (
            "foo",
            "; Domain=foo.local",
            ".foo.local",
            "foo foo.local www.foo.local",
        ),
        ("foo", "; Domain=.local", ".local", "foo local"), // hosts without dots share it
        ("foo.local", "; Domain=.local", "-", ""),
        ("local", "; Domain=.local", "local", "local"),
        ("foo.local", "", "foo.local", "foo foo.local"), // the effective name of `foo`
        ("foo.local", "; Domain=foo", "-", ""),          // it would not be sent back
        ("sub.foo", "; Domain=foo", "-", ""),            // the same
        ("local", "", "local", "local"),
    ];
    for (from, domain, stored, back) in rows {
        let (mut jar, _) = jar();
        let field = format!("a=1; Path=/{domain}");
        let from_url = url(&format!("http://{from}/"));
        jar.extract_cookies(&[("Set-Cookie", &field)], &from_url);
        let found = jar.iter().next().map_or("-", Cookie::domain);
        assert_eq!(found, stored, "{from} {field}");
        let gets = |host: &&str| header(&jar, &format!("http://{host}/")) == "a=1";
        let got: Vec<_> = hosts.into_iter().filter(gets).collect();
        assert_eq!(got.join(" "), back, "{from} {field}");
    }
}

#[test]
fn bytes_come_back_as_they_came() {
    let (mut jar, _) = jar();
    let url = url("http://acme.com/");
    let fields: [(&str, &[u8]); 3] = [
        ("Set-Cookie", b"\xe9=1"),     // ISO-8859-1
        ("Set-Cookie", b"\xc3\xa9=2"), // UTF-8
        ("Set-Cookie", b"v=\xff\x80"),
    ];
    assert_eq!(
        jar.extract_cookies(&fields, &url).stored,
        3,
        "two names that look the same"
    );
    let sent = jar.cookie_header(&url).expect("cookies");
    assert_eq!(sent.as_bytes(), b"\xe9=1; \xc3\xa9=2; v=\xff\x80");
    assert!(sent.to_str().is_err());
    let latin1 = jar.get(("acme.com", "/", b"\xe9")).expect("the first");
    let utf8 = jar.get(("acme.com", "/", "\u{e9}")).expect("the second");
    assert_eq!((latin1.value(), utf8.value()), (Some("1"), Some("2")));
    assert_eq!((latin1.name(), utf8.name()), ("\u{e9}", "\u{e9}"));
    assert_ne!(latin1.name_bytes(), utf8.name_bytes());
    assert!(jar.remove(("acme.com", "/", b"\xe9")).is_ok());
    assert_eq!(
        jar.extract_cookies(&[("Set-Cookie", "\u{e9}=3")], &url)
            .replaced,
        1
    );
    assert_eq!(
        jar.cookie_header(&url).expect("two").as_bytes(),
        b"\xc3\xa9=3; v=\xff\x80"
    );
}

#[test]
fn a_panic_in_a_callback_leaves_the_count_right() {
    let mut jar = filled();
    let mut asked = 0;
    let result = catch_unwind(AssertUnwindSafe(|| {
        jar.retain(|_| {
            asked += 1;
            assert!(asked < 3, "the third question");
            false
        })
    }));
    assert!(result.is_err());
    assert_eq!(jar.len(), jar.iter().len());
    let left = jar.len();
    assert_eq!(jar.drain().len(), left);
    assert!(jar.is_empty());
    assert_eq!(
        jar.set_cookie(cookie("acme.com", "a")),
        Some(ChangeCause::Stored)
    );
    assert_eq!(jar.len(), 1);
}

#[test]
fn the_types_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<CookieJar>();
    shared::<CookieJar<Arc<dyn CookiePolicy>>>();
    shared::<Cookie>();
    shared::<CookieJar<&DefaultCookiePolicy>>();
}

/// Those in partitions and those with bytes that are not UTF-8, too.
#[test]
fn every_cookie_that_is_shown_can_be_found_and_removed_by_its_id() {
    let policy = cookiejar::BrowserPolicy::with_suffixes(common::suffixes());
    let (mut jar, _) = jar_with(policy);
    let acme = url("https://www.acme.com/a/b");
    let in_top = Provenance::new().partition_key("https://top.example");
    let in_top = cookiejar::RequestContext::from(&acme).caused_by(in_top);
    let fields: [&[u8]; 5] = [
        b"a=1",
        b"a=2; Domain=acme.com; Path=/",
        b"caf\xe9=3; Path=/\xff",
        b"=nameless",
        b"p=4; Secure; Partitioned",
    ];
    let fields = fields.map(|field| ("Set-Cookie", field));
    assert_eq!(jar.extract_cookies(&fields, in_top).stored, 5);
    let shared = cookiejar::SharedCookieJar::from(jar);
    let ids: Vec<_> = shared
        .snapshot()
        .iter()
        .map(|cookie| cookie.id().into_owned())
        .collect();
    for id in &ids {
        assert_eq!(shared.get(id).expect("it is shown").id(), *id);
    }
    let mut plain = cookiejar::CookieJar::from(&shared);
    for id in ids {
        assert_eq!(shared.remove(&id).expect("it is shown").id(), id);
        assert!(shared.get(&id).is_none());
        assert_eq!(plain.remove(&id).expect("it is shown").id(), id);
        assert!(plain.remove(id).is_err());
    }
    assert!(shared.is_empty() && plain.is_empty());
}

/// Replaced cookies leave blocks of memory that later ones reuse. The rest of a longer
/// text is not part of the cookie.
#[test]
fn a_cookie_in_a_recycled_block_is_the_same_as_one_of_its_own() {
    let fields = |value: &str| {
        [
            format!("plain={value}"),
            format!("latin\u{e9}=\u{e9}{value}; Path=/; HttpOnly; SameSite=Lax; Priority=High"),
            format!("secure={value}; Secure; Partitioned; Comment={value}"),
        ]
    };
    let set = move |jar: &mut CookieJar, value: &str| {
        for field in fields(value) {
            // Text that is not UTF-8 is kept as a longer text.
            let field: Vec<u8> = field
                .chars()
                .map(|c| u8::try_from(c).expect("a byte"))
                .collect();
            jar.extract_cookies(&[("Set-Cookie", field)], &url("https://acme.com/"));
        }
    };
    for lengths in [
        [40, 39],
        [40, 10],
        [40, 8],
        [10, 40],
        [0, 31],
        [1_100, 1_090],
        [32, 0],
    ] {
        let (mut recycled, _) = jar();
        for length in lengths.into_iter().cycle().take(7) {
            set(&mut recycled, &"x".repeat(length));
        }
        let value = "x".repeat(lengths[0]);
        set(&mut recycled, &value);
        let expected: Vec<_> = std::thread::spawn({
            let value = value.clone();
            move || {
                // A new thread has no kept blocks.
                let (mut fresh, _) = jar();
                set(&mut fresh, &value);
                fresh.iter().cloned().collect()
            }
        })
        .join()
        .expect("no panic");
        let cookies: Vec<_> = recycled.iter().cloned().collect();
        assert_eq!(cookies, expected, "{lengths:?}");
        assert!(recycled.iter().eq(&expected), "{lengths:?}");
        for (cookie, expected) in recycled.iter().zip(&expected) {
            assert_eq!(cookie.value_bytes(), expected.value_bytes());
            assert_eq!(cookie.comment(), expected.comment());
            let attributes =
                |cookie: &Cookie| format!("{:?}", cookie.nonstandard_attrs().collect::<Vec<_>>());
            assert_eq!(attributes(cookie), attributes(expected));
        }
        let (mut other, _) = jar();
        other.extend(cookies);
        assert!(other.iter().eq(&expected), "{lengths:?}");
    }
}

#[test]
fn the_limit_on_a_whole_cookie_does_not_count_what_fills_its_block() {
    let mut limits = Limits::new();
    // Name, `=`, value, domain, path.
    limits.cookie_bytes = "a=".len() + 20 + "acme.com/".len();
    let (mut jar, _) = jar_with(policy().limits(limits));
    let acme = url("https://acme.com/");
    let mut set = |length: usize| {
        let field = format!("a={}", "x".repeat(length));
        let report = jar.extract_cookies(&[("Set-Cookie", field)], &acme);
        report.rejected.first().map(|rejected| rejected.reason)
    };
    for _ in 0..3 {
        assert_eq!(set(20), None);
        assert_eq!(set(21), Some(Rejection::CookieTooLong));
        assert_eq!(set(19), None);
        assert_eq!(set(5), None);
    }
}

#[test]
fn text_for_people_has_no_control_characters_of_servers() {
    let (mut jar, _) = jar();
    let acme = url("https://acme.com/");
    // ESC, the eight-bit control sequence introducer, and a change of the writing direction.
    let response = [
        ("Set-Cookie", "\u{1b}[31mred=1"),
        ("Set-Cookie", "a\u{9b}31mb=2"),
        ("Set-Cookie", "c\u{202e}d=\u{9b}3"),
        ("Set-Cookie", "\u{fc}=4"),
    ];
    let report = jar.extract_cookies(&response, &acme).to_string();
    let shown: Vec<_> = jar.iter().map(Cookie::to_string).collect();
    let with_values: Vec<_> = jar
        .iter()
        .map(|cookie| cookie.display_with_value().to_string())
        .collect();
    let explained: Vec<_> = jar.explain(&acme).iter().map(ToString::to_string).collect();
    for text in [report.clone()]
        .iter()
        .chain(&shown)
        .chain(&with_values)
        .chain(&explained)
    {
        let plain = |c: char| matches!(c, ' '..='~' | '\n' | '\u{fc}');
        assert!(text.chars().all(plain), "{text:?}");
    }
    assert!(report.contains(r"\u{1b}[31mred: "), "{report}");
    assert_eq!(
        shown,
        [
            r"<Cookie a\u{9b}31mb for acme.com/>",
            r"<Cookie c\u{202e}d for acme.com/>",
            "<Cookie \u{fc} for acme.com/>",
        ]
    );
}

#[test]
fn each_field_of_a_response_is_told_with_its_cookie_and_what_it_changed() {
    let (mut jar, _) = jar_with(policy());
    let fields = ["a=1", "a=2", "b=3; Domain=com", "c=4; Max-Age=0"];
    let mut told = Vec::new();
    let report = jar.extract_cookies_with(
        &fields.map(|field| ("Set-Cookie", field)),
        &url("http://www.acme.com/"),
        |field| {
            let value = field.cookie.and_then(Cookie::value).map(str::to_owned);
            told.push((field.name.to_vec(), value, field.outcome));
        },
    );
    let expected = [
        ("a", "1", Ok(Some(ChangeCause::Stored))),
        ("a", "2", Ok(Some(ChangeCause::Replaced))),
        ("b", "3", Err(Rejection::PublicSuffix)),
        ("c", "4", Ok(None)), // there was none to delete
    ];
    let expected = expected
        .map(|(name, value, outcome)| (name.as_bytes().to_vec(), Some(value.to_owned()), outcome));
    assert_eq!(told, expected);
    assert_eq!((report.stored, report.replaced), (1, 1));
}
