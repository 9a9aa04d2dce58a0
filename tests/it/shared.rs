//! `SharedCookieJar` against the plain jar, under threads, and with policies that misbehave.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use cookiejar::jar::{ChangeCause, ManualClock};
use cookiejar::policy::{AcceptAllPolicy, PublicSuffixes, return_ok_fn};
use cookiejar::{
    BrowserPolicy, Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Explanation, PolicyExt,
    Provenance, Rejection, RequestContext, SharedCookieJar, set_ok_fn,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use url::Url;

const NOW: OffsetDateTime = datetime!(2026-11-21 08:00 UTC);

/// xorshift64: data from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("a small number")
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const HOSTS: [&str; 14] = [
    "acme.com",
    "www.acme.com",
    "a.b.acme.com",
    "acme.com.",
    "other.org",
    "x.other.org",
    "shop.co.uk",
    "foo",
    "bar",
    "localhost",
    "foo.local",
    "x.foo.local",
    "127.0.0.1",
    "[::1]",
];

fn set_cookie(random: &mut Random) -> String {
    let domain = random.pick(&[
        "",
        "; Domain=acme.com",
        "; Domain=.local",
        "; Domain=foo",
        "; Domain=other.org",
    ]);
    let path = random.pick(&["", "; Path=/", "; Path=/a", "; Path=/a/b"]);
    let life = random.pick(&["", "; Max-Age=0", "; Max-Age=30", "; Max-Age=300"]);
    let rest = random.pick(&["", "; Secure", "; Version=1", "; HttpOnly"]);
    format!(
        "n{}=v{}{domain}{path}{life}{rest}",
        random.below(6),
        random.below(1000)
    )
}

fn texts(cookies: impl IntoIterator<Item = impl AsRef<Cookie>>) -> Vec<String> {
    cookies
        .into_iter()
        .map(|cookie| cookie.as_ref().display_with_value().to_string())
        .collect()
}

/// `AsRef` for both kinds of results.
struct Shown(Cookie);

impl AsRef<Cookie> for Shown {
    fn as_ref(&self) -> &Cookie {
        &self.0
    }
}

fn shown(cookies: Vec<Cookie>) -> Vec<String> {
    texts(cookies.into_iter().map(Shown))
}

/// The explanations except those of expired cookies.
fn sent_or_kept<C: std::fmt::Display>(explained: Vec<Explanation<C>>) -> Vec<String> {
    let alive = explained
        .into_iter()
        .filter(|one| one.verdict != Err(Rejection::Expired));
    alive.map(|explanation| explanation.to_string()).collect()
}

#[test]
fn it_answers_as_the_plain_jar_does() {
    for (seed, shards) in [(1, 1), (2, 2), (3, 3), (4, 64), (5, 64)] {
        let clock = ManualClock::new(NOW);
        let policy: Arc<dyn CookiePolicy> = match seed {
            5 => Arc::new(AcceptAllPolicy::new()),
            3 => Arc::new(DefaultCookiePolicy::python().rfc2965(true)),
            _ => Arc::new(DefaultCookiePolicy::new()),
        };
        let mut plain = CookieJar::with_policy(Arc::clone(&policy));
        let shared = SharedCookieJar::with_shards(policy, NonZeroUsize::new(shards).expect("some"));
        plain.set_clock(clock.clone());
        shared.set_clock(clock.clone());
        let mut random = Random(seed);
        for _ in 0..4_000 {
            let url = format!(
                "{}://{}{}",
                random.pick(&["http", "https"]),
                random.pick(&HOSTS),
                random.pick(&["/", "/a/b/c"])
            );
            let url = Url::parse(&url).expect("a URL");
            // Expired cookies may be swept earlier in one than in the other.
            let alive = |cookie: &Cookie| !cookie.is_expired(cookiejar::jar::Clock::now(&clock));
            match random.below(12) {
                0..5 => {
                    let response = [
                        ("Set-Cookie", set_cookie(&mut random)),
                        ("Set-Cookie", set_cookie(&mut random)),
                    ];
                    assert_eq!(
                        shared.extract_cookies(&response, &url),
                        plain.extract_cookies(&response, &url)
                    );
                }
                5..9 => {
                    assert_eq!(
                        shared.cookie_header(&url),
                        plain.cookie_header(&url),
                        "{url}"
                    );
                    let ours = sent_or_kept(shared.explain(&url));
                    let theirs = sent_or_kept(plain.explain(&url));
                    assert_eq!(ours, theirs);
                }
                9 => clock.advance(Duration::seconds(
                    i64::try_from(random.below(20)).expect("small"),
                )),
                10 => {
                    plain.retain(alive);
                    shared.retain(alive);
                    let domain = random.pick(&[
                        "acme.com",
                        ".acme.com",
                        "foo",
                        ".foo",
                        "localhost",
                        "127.0.0.1",
                        ".local",
                    ]);
                    match random.below(3) {
                        0 => assert_eq!(shared.clear_domain(domain), plain.clear_domain(domain)),
                        1 => assert_eq!(
                            shared.clear_path(domain, "/a"),
                            plain.clear_path(domain, "/a")
                        ),
                        _ => assert_eq!(
                            shared
                                .remove((domain, "/", "n1"))
                                .map(|cookie| cookie.to_string()),
                            plain
                                .remove((domain, "/", "n1"))
                                .map(|cookie| cookie.to_string())
                        ),
                    }
                }
                _ if random.below(40) == 0 => {
                    shared.clear();
                    plain.clear();
                }
                _ => {
                    plain.retain(alive);
                    shared.retain(alive);
                    assert_eq!(
                        shown(shared.snapshot()),
                        shown(plain.iter().cloned().collect())
                    );
                    assert_eq!(shared.len(), plain.len());
                }
            }
        }
    }
}

#[test]
fn clones_share_and_forks_do_not() {
    let jar = SharedCookieJar::new();
    let url = Url::parse("http://localhost/").expect("a URL");
    let (clone, fork) = (jar.clone(), jar.fork());
    jar.extract_cookies(&[("Set-Cookie", "a=1")], &url);
    assert_eq!(clone.cookie_header(&url).expect("a cookie"), "a=1");
    assert_eq!(fork.cookie_header(&url), None);
    let fork = jar.fork();
    clone.clear();
    assert_eq!(fork.cookie_header(&url).expect("a cookie"), "a=1");
    assert!(jar.is_empty());
}

#[test]
fn a_jar_survives_the_way_there_and_back() {
    let mut plain = CookieJar::new();
    let url = Url::parse("https://acme.com/").expect("a URL");
    plain.extract_cookies(
        &[
            ("Set-Cookie", "b=1"),
            ("Set-Cookie", "a=2; Path=/x"),
            ("Set-Cookie", "c=3"),
        ],
        &url,
    );
    let before = shown(plain.iter().cloned().collect());
    let shared = SharedCookieJar::from(plain);
    assert_eq!(shown(shared.snapshot()), before);
    let back = CookieJar::from(&shared);
    assert_eq!(shown(back.into_iter().collect()), before);
}

#[test]
fn the_clock_of_a_jar_goes_along_there_and_back() {
    let clock = ManualClock::new(datetime!(2001-01-02 03:04:05 UTC));
    let url = Url::parse("https://acme.com/").expect("a URL");
    let mut plain = CookieJar::new();
    plain.set_clock(clock.clone());
    plain.extract_cookies(&[("Set-Cookie", "a=1; Max-Age=60")], &url);

    let shared = SharedCookieJar::from(plain);
    let back = CookieJar::from(&shared);
    assert_eq!(shared.value_for(&url, "a").as_deref(), Some("1"));
    assert!(back.value_for(&url, "a").is_some(), "a minute is left");
    clock.advance(Duration::seconds(61));
    assert_eq!(shared.value_for(&url, "a"), None);
    assert!(back.value_for(&url, "a").is_none(), "it has expired");
}

#[test]
fn whole_jar_calls_run_beside_others() {
    let jar = SharedCookieJar::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let jar = &jar;
            scope.spawn(move || {
                for step in 0..500 {
                    let url =
                        Url::parse(&format!("http://h{}.example/", (thread * 131 + step) % 97))
                            .expect("a URL");
                    jar.extract_cookies(&[("Set-Cookie", "a=1; Max-Age=60")], &url);
                    match step % 50 {
                        0 => drop(jar.set_policy(Arc::new(DefaultCookiePolicy::new()))),
                        1 => drop(jar.fork()),
                        2 => drop(jar.drain()),
                        3 => drop(jar.snapshot()),
                        _ => drop(
                            jar.cookie_header(&Url::parse("http://localhost/").expect("a URL")),
                        ),
                    }
                }
            });
        }
    });
}

#[test]
fn a_policy_that_panics_leaves_the_jar_whole() {
    let panics = set_ok_fn(|cookie: &Cookie, _| match cookie.name() {
        "boom" => panic!("no such rule"),
        _ => Ok(()),
    });
    let jar = SharedCookieJar::with_policy(DefaultCookiePolicy::new().and(panics));
    let url = Url::parse("http://acme.com/").expect("a URL");
    let response = [
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "boom=1"),
        ("Set-Cookie", "b=2"),
    ];
    assert!(catch_unwind(AssertUnwindSafe(|| jar.extract_cookies(&response, &url))).is_err());
    assert!(jar.is_empty(), "a part of the response was stored");
    jar.extract_cookies(&response[..1], &url);
    assert_eq!(jar.cookie_header(&url).expect("a cookie"), "a=1");
    assert!(catch_unwind(AssertUnwindSafe(|| jar.retain(|_| panic!("no such wish")))).is_err());
    assert_eq!(jar.len(), 1);
    assert_eq!(
        jar.remove(("acme.com", "/", "a"))
            .map(|cookie| cookie.name().to_owned())
            .as_deref(),
        Ok("a")
    );
    assert!(jar.remove(("acme.com", "/", "a")).is_err());
}

#[test]
fn a_policy_that_calls_back_panics_with_a_sentence() {
    static JAR: OnceLock<SharedCookieJar> = OnceLock::new();
    let calls = AtomicUsize::new(0);
    let calls_back = return_ok_fn(move |_: &Cookie, _: &RequestContext<'_>| {
        calls.fetch_add(1, Ordering::Relaxed);
        if JAR.get().is_none_or(SharedCookieJar::is_empty) {
            Err(Rejection::Custom(&"empty"))
        } else {
            Ok(())
        }
    });
    let jar = JAR
        .get_or_init(|| SharedCookieJar::with_policy(DefaultCookiePolicy::new().and(calls_back)));
    let url = Url::parse("http://acme.com/").expect("a URL");
    jar.extract_cookies(&[("Set-Cookie", "a=1")], &url);
    let panic = catch_unwind(|| jar.cookie_header(&url)).expect_err("a panic");
    let said = panic.downcast_ref::<&str>().copied().unwrap_or_default();
    assert_eq!(
        said,
        "a cookie jar must not be used by what it calls, such as its policy"
    );
    // The jar is unchanged, and this thread may use it again.
    assert_eq!(jar.len(), 1);
}

/// A name of one label that is on no list is a separate site, and so is each host below it: the cookies of
/// both are checked, in whichever shard they are.
#[test]
fn an_insecure_cookie_overlays_none_of_the_names_above_its_host() {
    // Set over https, then over http.
    let rows = [
        ("a=1; Secure; Domain=corp", "a=2"),
        ("a=1; Secure", "a=2; Domain=corp"),
    ];
    let policy = || BrowserPolicy::with_suffixes(PublicSuffixes::none());
    let at = |scheme: &str| Url::parse(&format!("{scheme}://www.corp/")).expect("a URL");
    for (secure, insecure) in rows {
        let shared = SharedCookieJar::with_policy(policy());
        let mut plain = CookieJar::with_policy(policy());
        for (scheme, field, expected) in [
            ("https", secure, None),
            ("http", insecure, Some(Rejection::OverlaysSecure)),
        ] {
            let response = [("Set-Cookie", field)];
            let report = shared.extract_cookies(&response, &at(scheme));
            assert_eq!(
                report.rejected.first().map(|rejected| rejected.reason),
                expected,
                "{field}"
            );
            assert_eq!(
                plain.extract_cookies(&response, &at(scheme)),
                report,
                "{field}"
            );
        }
    }
}

#[test]
fn setting_by_hand() {
    let jar = SharedCookieJar::new();
    jar.set_clock(ManualClock::new(NOW));
    let cookie = |value| {
        Cookie::builder("a", value)
            .domain("foo")
            .build()
            .expect("a cookie")
    };
    let url = Url::parse("http://foo/").expect("a URL");
    assert_eq!(jar.set_cookie(cookie("1")), Some(ChangeCause::Stored));
    assert_eq!(
        jar.set_cookie_if_ok(cookie("2"), &url),
        Ok(Some(ChangeCause::Replaced))
    );
    let elsewhere = Url::parse("http://bar/").expect("a URL");
    assert_eq!(
        jar.set_cookie_if_ok(cookie("3"), &elsewhere),
        Err(Rejection::DomainMismatch)
    );
    assert_eq!(
        jar.get(("foo", "/", "a"))
            .and_then(|cookie| cookie.value().map(str::to_owned))
            .as_deref(),
        Some("2")
    );
    assert_eq!(
        jar.get(("foo", "/", "a"))
            .and_then(|cookie| cookie.creation_time()),
        Some(NOW)
    );
}

#[test]
fn a_policy_of_a_known_type_is_changed_in_place() {
    let jar = SharedCookieJar::new();
    let before = jar.policy();
    let strict = jar.update_policy(|policy: &mut DefaultCookiePolicy| {
        policy.set_strict_ns_unverifiable(true);
        policy.settings().get_limits().header_cookies
    });
    assert_eq!(strict, Some(150));
    assert!(!Arc::ptr_eq(&before, &jar.policy()));
    let context = RequestContext::new("https", "ads.example", None, "/");
    let of_a_page = Provenance::new()
        .unverifiable(true)
        .origin_host("news.example");
    let context = context.caused_by(of_a_page);
    let report = jar.extract_cookies(&[("Set-Cookie", "id=1")], &context);
    assert_eq!(report.rejected[0].reason, Rejection::ThirdParty);

    // Another type, also the same one within another.
    assert_eq!(jar.update_policy(|_: &mut AcceptAllPolicy| ()), None);
    let wrapped = SharedCookieJar::with_policy(Arc::new(DefaultCookiePolicy::new()));
    assert_eq!(
        wrapped.update_policy(|_: &mut DefaultCookiePolicy| ()),
        None
    );
}

#[test]
fn no_change_of_a_policy_is_lost() {
    let jar = SharedCookieJar::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let jar = &jar;
            scope.spawn(move || {
                for number in 0..25 {
                    let domain = format!("t{thread}-{number}.example");
                    let updated = jar.update_policy(|policy: &mut DefaultCookiePolicy| {
                        let known = policy.blocked_domains().map(str::to_owned);
                        let all: Vec<_> = known.chain([domain.clone()]).collect();
                        policy.set_blocked_domains(all);
                    });
                    assert_eq!(updated, Some(()));
                }
            });
        }
    });
    let blocked =
        jar.update_policy(|policy: &mut DefaultCookiePolicy| policy.blocked_domains().count());
    assert_eq!(blocked, Some(100));
}

#[test]
fn a_change_of_the_policy_must_not_use_the_jar() {
    let jar = SharedCookieJar::new();
    let update = || jar.update_policy(|_: &mut DefaultCookiePolicy| jar.len());
    assert!(catch_unwind(AssertUnwindSafe(update)).is_err());
    assert_eq!(jar.len(), 0);
}
