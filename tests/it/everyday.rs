//! Everyday tasks, in one call each, on both jars.
#![cfg(feature = "psl")]
#![allow(
    clippy::useless_conversion,
    reason = "what the plain jar lends the shared one copies"
)]

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fs;
use std::panic::{RefUnwindSafe, UnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};

use cookiejar::jar::{ChangeCause, CookieChange, ImportOptions};
use cookiejar::policy::{AcceptAllPolicy, Dialect, Limits, PublicSuffixes};
use cookiejar::{
    BrowserPolicy, Cookie, CookieBuilder, CookieJar, CookiePolicy, CookieSessions,
    MozillaCookieJar, NotFound, Provenance, Rejection, RequestContext, SameSite, SharedCookieJar,
    set_ok_fn,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use url::Url;

const NOW: OffsetDateTime = datetime!(2026-11-21 08:00 UTC);

#[track_caller]
fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

/// Runs a test with both kinds of jar, made of one plain jar.
macro_rules! with_both {
    ($made:expr, |$jar:ident| $test:block) => {{
        let mut $jar: CookieJar<_> = $made;
        $jar.set_clock(|| NOW);
        $test
        let mut made: CookieJar<_> = $made;
        made.set_clock(|| NOW);
        // The plain jar's calls take `&mut`.
        #[allow(unused_mut)]
        let mut $jar = SharedCookieJar::from(made);
        $test
    }};
}

fn names<C: Borrow<Cookie>>(cookies: impl IntoIterator<Item = C>) -> Vec<String> {
    let cookies = cookies.into_iter();
    cookies
        .map(|cookie| cookie.borrow().name().to_owned())
        .collect()
}

fn browser() -> CookieJar<BrowserPolicy> {
    let suffixes = PublicSuffixes::parse("com\nexample").expect("a list");
    CookieJar::with_policy(BrowserPolicy::with_suffixes(suffixes))
}

#[test]
fn a_cookie_by_its_name_is_the_first_that_would_be_sent() {
    with_both!(CookieJar::new(), |jar| {
        let cart = url("https://acme.com/shop/cart");
        for text in [
            "a=root; Path=/",
            "a=shop; Path=/shop",
            "a=other; Path=/elsewhere",
            "a=late; Path=/shop; Domain=acme.com",
            "lone",
            "nothing=",
            "gone=1; Max-Age=5",
        ] {
            assert_eq!(
                jar.set_cookie_str(text, &cart),
                Ok(Some(ChangeCause::Stored))
            );
        }
        let value = |cookie: Option<&Cookie>| cookie?.value().map(str::to_owned);
        let found = jar.cookie_for(&cart, "a");
        let found: Option<&Cookie> = found.as_ref().map(Borrow::borrow);
        assert_eq!(value(found).as_deref(), Some("shop"));
        assert!(found.is_some_and(|cookie| cookie.last_access_time().is_none()));

        let rows = [
            ("a", Some("shop")),
            ("lone", Some("")),
            ("nothing", Some("")),
            ("A", None),
            ("", None),
            ("gone", Some("1")),
        ];
        for (name, expected) in rows {
            assert_eq!(
                jar.value_for(&cart, name),
                expected.map(Into::into),
                "{name}"
            );
        }
        let later =
            RequestContext::from(&cart).caused_by(Provenance::new().at(NOW + Duration::seconds(5)));
        assert_eq!(jar.value_for(&later, "gone"), None);

        let removed = jar.remove_for(&cart, "a").expect("a cookie");
        assert_eq!((removed.value(), removed.path()), (Some("shop"), "/shop"));
        assert_eq!(jar.value_for(&cart, "a"), Some("late".into()));
        assert!(jar.remove_for(&cart, "a").is_ok() && jar.remove_for(&cart, "a").is_ok());
        assert_eq!(jar.remove_for(&cart, "a"), Err(NotFound));
        assert!(jar.get(("acme.com", "/elsewhere", "a")).is_some());
    });
}

#[test]
fn names_are_bytes() {
    with_both!(CookieJar::new(), |jar| {
        let here = url("https://acme.com/");
        jar.set_cookie_str(b"\xe9=latin", &here).expect("stored");
        jar.set_cookie_str("\u{e9}=utf", &here).expect("stored");
        assert_eq!(jar.value_for(&here, b"\xe9"), Some("latin".into()));
        assert_eq!(jar.value_for(&here, "\u{e9}"), Some("utf".into()));
        let removed = jar.remove_for(&here, b"\xe9").expect("a cookie");
        assert_eq!((removed.value(), jar.len()), (Some("latin"), 1));
    });
}

#[test]
fn a_cookie_in_a_partition_is_found_and_removed_by_its_own_requests() {
    with_both!(browser(), |jar| {
        let chat = url("https://chat.example/");
        let framed = RequestContext::from(&chat)
            .caused_by(Provenance::new().partition_key("https://shop.example"));
        jar.set_cookie_str("a=framed; Secure; Partitioned", &framed)
            .expect("stored");
        jar.set_cookie_str("b=plain", &chat).expect("stored");
        assert_eq!(jar.value_for(&framed, "a"), Some("framed".into()));
        assert_eq!(jar.value_for(&chat, "a"), None);
        assert_eq!(jar.remove_for(&chat, "a"), Err(NotFound));
        assert_eq!(names(jar.cookies_of_site("chat.example")), ["b"]);
        assert_eq!(jar.clear_site("chat.example"), Ok(1));
        assert_eq!(jar.clear_host("chat.example"), Err(NotFound));
        assert!(jar.remove_for(&framed, "a").is_ok() && jar.is_empty());
    });
}

#[test]
fn a_text_is_read_in_the_policy_s_dialect_and_judged() {
    let here = url("http://acme.com/");
    with_both!(CookieJar::new(), |jar| {
        let rows = [
            ("a=1; Max-Age=10", Ok(Some(ChangeCause::Stored))),
            ("a=2; Max-Age=10", Ok(Some(ChangeCause::Replaced))),
            ("a=; Max-Age=0", Ok(Some(ChangeCause::Removed))),
            ("a=; Max-Age=0", Ok(None)),
            ("=1", Err(Rejection::MissingName)),
            ("a=1; Max-Age=soon", Err(Rejection::InvalidMaxAge)),
            ("a=1\r\nSet-Cookie: b=2", Err(Rejection::ForbiddenOctet)),
            ("a=1; Domain=evil.example", Err(Rejection::DomainMismatch)),
        ];
        for (text, expected) in rows {
            assert_eq!(jar.set_cookie_str(text, &here), expected, "{text}");
        }
        let long = format!("a={}", "x".repeat(70_000));
        assert_eq!(
            jar.set_cookie_str(long, &here),
            Err(Rejection::FieldTooLong)
        );
        assert_eq!(
            jar.set_cookie_str("a=1", &url("data:,x")),
            Err(Rejection::NoHost)
        );
        assert!(jar.is_empty());
    });
    with_both!(browser(), |jar| {
        assert_eq!(
            jar.set_cookie_str("=1", &here),
            Ok(Some(ChangeCause::Stored))
        );
        assert_eq!(
            jar.set_cookie_str("a=1; Secure", &here),
            Err(Rejection::InsecureRequest)
        );
        assert_eq!(jar.value_for(&here, ""), Some("1".into()));
    });
}

#[test]
fn pasted_pairs_become_session_cookies_of_the_host_alone() {
    with_both!(CookieJar::new(), |jar| {
        let page = url("https://www.acme.com/shop/cart");
        let report = jar.insert_pairs(" a=1; b = x=y ;;\tc; =d; a=2;\u{1}e=1; v=\"q\" ", &page);
        assert_eq!((report.stored, report.replaced), (4, 1));
        let rejected: Vec<_> = report
            .rejected
            .iter()
            .map(|one| (one.name(), one.reason))
            .collect();
        let expected = [
            ("", Rejection::MissingName),
            ("\u{1}e", Rejection::ControlCharacter),
        ];
        assert_eq!(rejected, expected);

        for (name, value) in [
            ("a", Some("2")),
            ("b", Some("x=y")),
            ("c", None),
            ("v", Some("\"q\"")),
        ] {
            let cookie = jar.get(("www.acme.com", "/", name)).expect("a cookie");
            assert_eq!(cookie.value(), value);
            assert!(
                cookie.secure() && cookie.discard() && cookie.host_only() && cookie.version() == 0
            );
        }
        let header = jar
            .cookie_header(&url("https://www.acme.com/"))
            .expect("cookies");
        assert_eq!(header, "a=2; b=x=y; c; v=\"q\"");
        assert_eq!(
            jar.insert_pairs("p=1", &url("http://www.acme.com/")).stored,
            1
        );
        assert_eq!(
            jar.value_for(&url("http://www.acme.com/"), "p"),
            Some("1".into())
        );

        assert_eq!(jar.insert_pairs("", &page).stored, 0);
        let long = "a=1;".repeat(20_000);
        let report = jar.insert_pairs(long, &page);
        assert_eq!(report.rejected[0].reason, Rejection::FieldTooLong);
        assert_eq!(
            jar.insert_pairs("a=1", &url("data:,x")).rejected[0].reason,
            Rejection::NoHost
        );
    });
}

#[test]
fn a_pasted_pair_without_an_equals_sign_is_a_value_to_browsers() {
    with_both!(CookieJar::with_policy(BrowserPolicy::new()), |jar| {
        let page = url("https://www.acme.com/");
        assert_eq!(jar.insert_pairs("alone; a=1", &page).stored, 2);
        let cookie = jar.get(("www.acme.com", "/", "")).expect("a cookie");
        assert_eq!(cookie.value(), Some("alone"));
        assert!(jar.get(("www.acme.com", "/", "alone")).is_none());
    });
}

#[test]
fn what_one_jar_sends_another_takes_in() {
    // Text as pasted from browsers: a lone value, and a name with the prefix that requires the path `/`.
    with_both!(browser(), |jar| {
        let page = url("https://acme.com/");
        let pasted = "alone; __Host-sid=31d4; c=3";
        assert_eq!(jar.insert_pairs(pasted, &page).stored, 3);
        assert_eq!(jar.cookie_header(&page).expect("cookies"), pasted);
    });
}

#[test]
fn a_site_is_a_registrable_domain_and_all_below() {
    with_both!(CookieJar::new(), |jar| {
        for (text, from) in [
            ("a=1", "https://www.acme.co.uk/"),
            ("b=1; Domain=acme.co.uk", "https://shop.acme.co.uk/"),
            ("c=1", "https://acme.co.uk/"),
            ("d=1", "https://other.co.uk/"),
            ("e=1", "https://localhost/"),
            ("f=1", "https://127.0.0.1/"),
            ("g=1; Max-Age=1", "https://x.y.acme.co.uk/"),
            ("h=1", "https://b\u{fc}cher.example/"),
            ("i=1", "https://co.uk/"),
        ] {
            assert_eq!(
                jar.set_cookie_str(text, &url(from)),
                Ok(Some(ChangeCause::Stored)),
                "{text}"
            );
        }
        let rows: [(&str, &[&str]); 9] = [
            ("acme.co.uk", &["a", "b", "c", "g"]),
            (".WWW.Acme.Co.Uk", &["a", "b", "c", "g"]),
            ("never.seen.acme.co.uk", &["a", "b", "c", "g"]),
            ("co.uk", &["i"]),
            ("localhost", &["e"]),
            ("127.1", &["f"]),
            ("B\u{fc}cher.example", &["h"]),
            ("uk", &[]),
            ("not a host", &[]),
        ];
        for (host, expected) in rows {
            assert_eq!(names(jar.cookies_of_site(host)), expected, "{host}");
        }
        // The host's own cookies and those for all hosts below it.
        assert_eq!(jar.clear_host("ACME.co.uk"), Ok(2));
        assert_eq!(jar.clear_host(".acme.co.uk"), Err(NotFound));
        assert_eq!(jar.clear_site("mail.acme.co.uk"), Ok(2));
        assert_eq!(jar.clear_site("acme.co.uk"), Err(NotFound));
        assert_eq!(jar.clear_site("uk"), Err(NotFound));
        assert_eq!(jar.clear_host("127.1"), Ok(1));
        assert_eq!(jar.clear_site("b\u{fc}cher.example"), Ok(1));
        assert_eq!(jar.len(), 3);
    });
}

#[test]
fn a_site_is_found_in_a_jar_of_many_too() {
    with_both!(CookieJar::new(), |jar| {
        for number in 0..500 {
            jar.set_cookie_str(
                "a=1",
                &url(&format!("https://h{number}.s{}.com/", number % 50)),
            )
            .expect("stored");
        }
        assert_eq!(jar.cookies_of_site("s7.com").len(), 10);
        assert_eq!(jar.clear_site("s7.com"), Ok(10));
        assert_eq!((jar.len(), jar.cookies_of_site("s7.com").len()), (490, 0));
    });
}

#[test]
fn domains_that_are_given_are_canonicalized() {
    with_both!(CookieJar::new(), |jar| {
        for text in [
            "a=1; Path=/",
            "b=1; Path=/; Domain=b\u{fc}cher.example",
            "c=1; Path=/x",
        ] {
            jar.set_cookie_str(text, &url("https://b\u{fc}cher.example/"))
                .expect("stored");
        }
        assert_eq!(jar.clear_path("B\u{dc}CHER.example", "/x"), Ok(1));
        assert_eq!(jar.clear_domain(".B\u{fc}cher.Example"), Ok(1));
        assert_eq!(jar.clear_domain("..b\u{fc}cher.example"), Err(NotFound));
        assert_eq!(jar.clear_domain("b\u{fc}cher.example"), Ok(1));
        assert!(jar.is_empty());
    });
}

#[test]
fn cookies_are_imported_by_choice_of_what_binds() {
    let cookie = |domain: &str, name: &str, value: &str| {
        Cookie::builder(name, value)
            .domain(domain)
            .build()
            .expect("a cookie")
    };
    let imported = || {
        [
            cookie("acme.com", "a", "theirs"),
            cookie(".com", "b", "1"),
            cookie("acme.com", "c", &"x".repeat(9_000)),
            cookie("new.example", "d", "1"),
        ]
    };
    with_both!(CookieJar::new(), |jar| {
        jar.set_cookie(cookie("acme.com", "a", "mine"));
        let report = jar.import(imported(), &ImportOptions::new());
        assert_eq!((report.stored, report.replaced, report.yielded), (3, 1, 0));
        assert_eq!(report.rejected, []);
        assert_eq!(
            jar.value_for(&url("http://acme.com/"), "a"),
            Some("theirs".into())
        );

        jar.clear();
        jar.set_cookie(cookie("acme.com", "a", "mine"));
        let options = ImportOptions::new()
            .keep_present(true)
            .ask_policy(true)
            .limited(true);
        let report = jar.import(imported(), &options);
        assert_eq!((report.stored, report.replaced, report.yielded), (1, 0, 1));
        let rejected: Vec<_> = report
            .rejected
            .iter()
            .map(|one| (one.name(), one.reason))
            .collect();
        let expected = [
            ("b", Rejection::PublicSuffix),
            ("c", Rejection::PairTooLong),
        ];
        assert_eq!(rejected, expected);
        assert_eq!(
            jar.value_for(&url("http://acme.com/"), "a"),
            Some("mine".into())
        );
        assert_eq!(
            report.to_string(),
            "1 stored, 0 replaced, 0 evicted, 1 yielded, 2 rejected\n\
             b: the domain is a public suffix or above one\n\
             c: the name and the value are too long to be sent",
        );
    });
}

#[test]
fn an_imported_cookie_that_has_expired_deletes_nothing() {
    with_both!(CookieJar::new(), |jar| {
        let expired = Cookie::builder("a", "1")
            .domain("acme.com")
            .expires(NOW - Duration::hours(1));
        let report = jar.import([expired.build().expect("a cookie")], &ImportOptions::new());
        assert_eq!((report.stored, jar.len()), (1, 1));
        assert_eq!(jar.cookie_header(&url("http://acme.com/")), None);
        let many = (0..400).map(|number| {
            let name = format!("n{number}");
            Cookie::builder(&name, "1")
                .domain("acme.com")
                .build()
                .expect("a cookie")
        });
        let report = jar.import(many, &ImportOptions::new().limited(true));
        assert!(report.stored == 400 && report.evicted > 200 && jar.len() <= 180);
    });
}

/// What a jar answers, which of its changes are told except what expired, and which cookies it then has.
type Seen = (String, Vec<String>, Vec<String>);

/// Runs a call on both jars, each without and with cookies that have expired and are not swept yet: it makes no
/// difference.
macro_rules! assert_expired_are_absent {
    ($what:literal, $policy:expr, |$jar:ident| $call:expr) => {{
        let run = |expired: &[(&str, &str)], shares: bool| -> Seen {
            let told = Arc::new(Mutex::new(Vec::new()));
            let sink = {
                let told = Arc::clone(&told);
                move |change: &CookieChange<'_>| {
                    if change.cause != ChangeCause::Expired {
                        let had = change.previous.is_some();
                        let said = format!("{:?} {} {had}", change.cause, change.cookie);
                        told.lock().expect("no panic").push(said);
                    }
                }
            };
            let mut plain = CookieJar::with_policy($policy);
            plain.set_clock(|| NOW);
            let old = |(domain, name): &(&str, &str)| {
                let old = Cookie::builder(name, "old").domain(domain).secure(true);
                let old = old
                    .expires(NOW - Duration::hours(1))
                    .creation_time(NOW - Duration::hours(2));
                old.build().expect("a cookie")
            };
            plain.import(expired.iter().map(old), &ImportOptions::new());
            plain.add_change_sink(Arc::new(sink));
            let (answer, kept) = if shares {
                let $jar = SharedCookieJar::from(plain);
                let answer = format!("{:?}", $call);
                $jar.clear_expired_cookies();
                (answer, $jar.snapshot())
            } else {
                let mut $jar = plain;
                let answer = format!("{:?}", $call);
                $jar.clear_expired_cookies();
                (answer, $jar.iter().cloned().collect())
            };
            let kept = kept
                .iter()
                .map(|cookie| format!("{cookie} {:?}", cookie.creation_time()));
            let told = told.lock().expect("no panic").clone();
            (answer, told, kept.collect())
        };
        let expired = [("acme.com", "a"), ("localhost", "a"), (".acme.com", "b")];
        for shares in [false, true] {
            assert_eq!(
                run(&expired, shares),
                run(&[], shares),
                "{}, {shares}",
                $what
            );
        }
        assert_eq!(run(&expired, true), run(&expired, false), "{}", $what);
    }};
}

#[test]
fn what_has_expired_and_is_not_swept_yet_makes_no_difference() {
    let cookie = |domain: &str, name: &str| {
        let cookie = Cookie::builder(name, "new").domain(domain).build();
        cookie.expect("a cookie")
    };
    let (a, b) = (cookie("acme.com", "a"), cookie(".acme.com", "b"));
    let at = url("https://acme.com/");
    let options = ImportOptions::new();
    let accept = AcceptAllPolicy::new;
    assert_expired_are_absent!("imported", accept(), |jar| {
        jar.import([b.clone(), a.clone()], &options)
    });
    assert_expired_are_absent!("imported, to yield", accept(), |jar| {
        jar.import([b.clone(), a.clone()], &options.clone().keep_present(true))
    });
    assert_expired_are_absent!(
        "imported as Python writes it",
        CookieJar::new().policy().clone(),
        |jar| {
            let local = cookie("localhost.local", "a");
            (
                jar.import([local.clone()], &options.clone().keep_present(true)),
                jar.import([local], &options),
            )
        }
    );
    let mut most = Limits::none();
    (most.site_cookies, most.site_cookies_kept) = (10, 5);
    let limited = || CookieJar::new().policy().clone().limits(most);
    assert_expired_are_absent!("imported, within limits", limited(), |jar| {
        let many = (0..9).map(|number| cookie("www.acme.com", &format!("n{number}")));
        jar.import(many.chain([a.clone()]), &options.clone().limited(true))
    });
    assert_expired_are_absent!("set", accept(), |jar| jar.set_cookie(a.clone()));
    assert_expired_are_absent!("set if it is ok", browser().policy().clone(), |jar| {
        let http = url("http://acme.com/");
        (
            jar.set_cookie_if_ok(a.clone(), &http),
            jar.set_cookie_str("b=1; Domain=acme.com", &http),
        )
    });
    assert_expired_are_absent!("pairs", browser().policy().clone(), |jar| {
        jar.insert_pairs("a=1; b=2", &at)
    });
    assert_expired_are_absent!("a response", browser().policy().clone(), |jar| {
        jar.extract_cookies(
            &[
                ("Set-Cookie", "a=1"),
                ("Set-Cookie", "b=1; Domain=acme.com"),
            ],
            &at,
        )
    });
    let mut other = CookieJar::with_policy(accept());
    let changes = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&changes);
    other.add_change_sink(Arc::new(move |change: &CookieChange<'_>| {
        heard
            .lock()
            .expect("no panic")
            .push(change.clone().into_owned());
    }));
    other.set_cookie(a);
    other.clear();
    for change in &*changes.lock().expect("no panic") {
        assert_expired_are_absent!("applied", accept(), |jar| jar.apply(change));
    }
}

#[test]
fn a_cookie_is_parsed_without_a_jar() {
    let page = url("http://acme.com/shop/cart");
    let cookie = Cookie::parse("a=1; Max-Age=60; Version=1", &page).expect("a cookie");
    assert_eq!(
        (cookie.path(), cookie.version(), cookie.rfc2109()),
        ("/shop/", 0, true)
    );
    let left = cookie.expires().expect("a time") - OffsetDateTime::now_utc();
    assert!(left <= Duration::seconds(60) && left > Duration::ZERO);

    let at = RequestContext::from(&page).caused_by(Provenance::new().at(NOW));
    let cookie = Cookie::parse(b"a=\xe9; Max-Age=60", &at).expect("a cookie");
    assert_eq!(cookie.expires(), Some(NOW + Duration::seconds(60)));
    assert_eq!(cookie.value_bytes().as_deref(), Some(&b"\xe9"[..]));

    let expired = Cookie::parse("a=1; Max-Age=-1", &at).expect("a cookie");
    assert!(expired.is_expired(NOW));
    for (text, reason) in [
        ("", Rejection::MissingName),
        ("a=1; Max-Age=x", Rejection::InvalidMaxAge),
        ("a=1\n", Rejection::ForbiddenOctet),
    ] {
        assert_eq!(Cookie::parse(text, &at), Err(reason), "{text}");
    }
    assert_eq!(
        Cookie::parse("a=1", &url("data:,x")),
        Err(Rejection::NoHost)
    );
    let nameless =
        Cookie::parse_as(Dialect::Rfc6265bis, "a=1; Max-Age=x; Path=y", &at).expect("a cookie");
    assert_eq!((nameless.path(), nameless.discard()), ("/shop", true));
}

#[test]
fn the_builder_makes_what_a_header_says() {
    let page = url("https://acme.com/");
    let at = RequestContext::from(&page).caused_by(Provenance::new().at(NOW));
    let attributes = "Path=/; Secure; SameSite=None; Partitioned";
    let read = Cookie::parse(format!("a=1; {attributes}"), &at).expect("a cookie");
    let begun = |builder: CookieBuilder<'static>| builder.domain("acme.com").path("/").secure(true);
    let made = begun(Cookie::builder("a", "1"))
        .same_site(SameSite::None)
        .partitioned(true);
    assert_eq!(made.build(), Ok(read));
    let taken_away = begun(Cookie::builder("a", "1"))
        .partitioned(true)
        .partitioned(false);
    assert!(!taken_away.build().expect("a cookie").partitioned());

    let now = OffsetDateTime::now_utc();
    let aged = |age| {
        Cookie::builder("a", "1")
            .domain("acme.com")
            .max_age(age)
            .build()
            .expect("a cookie")
    };
    for age in [Duration::ZERO, Duration::MIN, Duration::milliseconds(900)] {
        assert!(aged(age).is_expired(OffsetDateTime::now_utc()), "{age}");
    }
    assert!(!aged(Duration::hours(1)).is_expired(now + Duration::minutes(59)));
    assert_eq!(
        aged(Duration::MAX).expires(),
        Some(datetime!(9999-12-31 23:59:59 UTC))
    );
    assert!(!aged(Duration::hours(1)).discard());
}

#[test]
fn values_of_same_site_have_a_text() {
    for value in [SameSite::Lax, SameSite::None, SameSite::Strict] {
        assert_eq!(value.to_string().parse(), Ok(value));
        assert_eq!(value.to_string().to_uppercase().parse(), Ok(value));
    }
    for text in ["", "laxer", " Lax", "Default"] {
        assert!(text.parse::<SameSite>().is_err(), "{text}");
    }
    assert_eq!(format!("{:>6}", SameSite::Lax), "   Lax");
}

#[test]
fn what_panics_leaves_the_jars_usable_by_their_types() {
    fn is_unwind_safe<T: UnwindSafe + RefUnwindSafe>() {}
    is_unwind_safe::<CookieJar>();
    is_unwind_safe::<CookieJar<Arc<dyn CookiePolicy>>>();
    is_unwind_safe::<SharedCookieJar>();
    is_unwind_safe::<CookieSessions<String>>();
    is_unwind_safe::<MozillaCookieJar>();

    let panics = set_ok_fn(|_: &Cookie, _: &RequestContext<'_>| panic!("a policy that panics"));
    let policy: Arc<dyn CookiePolicy> = Arc::new(panics);
    let jar = SharedCookieJar::with_policy(policy);
    let cookie = Cookie::builder("a", "1").domain("acme.com").build();
    jar.set_cookie(cookie.expect("a cookie"));
    let here = url("https://acme.com/");
    assert!(catch_unwind(|| jar.set_cookie_str("b=2", &here)).is_err());
    assert_eq!(names(jar.snapshot()), ["a"]);
}

#[test]
fn a_shared_jar_is_collected_and_extended() {
    let cookie = |name: &str| {
        Cookie::builder(name, "1")
            .domain("acme.com")
            .build()
            .expect("a cookie")
    };
    let mut jar: SharedCookieJar = ["a", "b"].map(cookie).into_iter().collect();
    jar.extend(["b", "c"].map(cookie));
    (&jar).extend([cookie("d")]);
    assert_eq!(names(jar.snapshot()), ["a", "b", "c", "d"]);
}

#[test]
fn words_and_lists_have_a_text() {
    assert_eq!(ChangeCause::Replaced.to_string(), "replaced");
    let list: PublicSuffixes = "com\nco.uk".parse().expect("a list");
    assert!(list.is_public_suffix("co.uk"));
    assert!("".parse::<PublicSuffixes>().is_err());
}

#[cfg(feature = "serde")]
#[test]
fn a_cookie_is_serialized_as_its_record_and_read_through_the_checks() {
    let cookies = [
        Cookie::parse(
            b"\xe9=\xff; HttpOnly; Max-Age=60; Path=/x",
            &url("http://acme.com/"),
        ),
        Cookie::builder("a", "")
            .domain(".b\u{fc}cher.example")
            .version(1)
            .port("80,81")
            .build(),
        Cookie::builder("lone", "")
            .without_value()
            .domain("localhost")
            .partition_key("https://x.example")
            .build(),
    ];
    for cookie in cookies {
        let cookie = cookie.expect("a cookie");
        let value = serde_json::to_value(&cookie).expect("a record");
        assert_eq!(
            serde_json::from_value::<Cookie>(value).expect("a cookie"),
            cookie
        );
        let text = serde_json::to_vec(&cookie).expect("a record");
        assert_eq!(
            serde_json::from_reader::<_, Cookie>(&*text).expect("a cookie"),
            cookie
        );
    }
    let record = |name: &str, value: &str, domain: &str| serde_json::json!({"name": name, "value": value, "domain": domain, "host_only": true, "path": "/"});
    let rows = [
        (record("a", "1\n", "acme.com"), Rejection::ForbiddenOctet),
        (record("a=b", "1", "acme.com"), Rejection::InvalidName),
        (
            record("a", "secret", "*.acme.com"),
            Rejection::InvalidDomain,
        ),
    ];
    for (record, reason) in rows {
        let error = serde_json::from_value::<Cookie>(record).expect_err("not a cookie");
        assert_eq!(error.to_string(), reason.to_string());
    }
    assert!(serde_json::from_str::<Cookie>("{\"name\":\"a\"}").is_err());
}

/// The names of the public methods that the files of a folder define for a type.
fn methods(folder: &str, of: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../src")
        .join(folder);
    let mut names = BTreeSet::new();
    for file in fs::read_dir(folder).expect("a folder") {
        let text = fs::read_to_string(file.expect("a file").path()).expect("a text");
        let mut is_inside = false;
        for line in text.lines() {
            if line.starts_with("impl") {
                let of = [format!(" {of} {{"), format!(" {of}<P> {{")];
                is_inside = !line.contains(" for ") && of.iter().any(|end| line.ends_with(end));
            }
            let name = line.strip_prefix("    pub fn ").filter(|_| is_inside);
            names.extend(
                name.and_then(|rest| rest.split(['<', '(']).next())
                    .map(str::to_owned),
            );
        }
    }
    names
}

#[test]
fn both_jars_have_the_same_calls() {
    let plain = methods("jar", "CookieJar");
    let shared = methods("shared", "SharedCookieJar");
    assert!(
        plain.len() > 35 && shared.len() > 35,
        "the methods were not found"
    );
    let only = |ours: &BTreeSet<String>, theirs: &BTreeSet<String>| -> Vec<String> {
        ours.difference(theirs).cloned().collect()
    };
    // A shared jar cannot return references: it returns copies of cookies, and its policy is replaced.
    assert_eq!(only(&plain, &shared), ["iter", "policy_mut"]);
    let of_sharing = only(&shared, &plain);
    let known = [
        "changes",
        "fork",
        "persistence",
        "snapshot",
        "update_policy",
        "with_shards",
    ];
    assert!(
        of_sharing.iter().all(|name| known.contains(&&**name)),
        "{of_sharing:?}"
    );
}
