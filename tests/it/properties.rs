//! Properties that hold whatever servers send, each tested on generated exchanges.
//!
//! Every property counts the cases it saw, and fails if they were too few to mean anything.

use crate::common;
#[path = "properties/exchange.rs"]
mod exchange;

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use common::{NOW, jar_with, policy, suffixes};
use cookiejar::jar::Clock;
use cookiejar::policy::{AcceptAllPolicy, DomainScope, Existing, Limits, Settings};
use cookiejar::{
    Cookie, CookieHeader, CookieJar, CookiePolicy, DefaultCookiePolicy, PolicyExt, Provenance,
    Rejection, RequestContext,
};
use exchange::{
    Exchange, HOSTS, Step, Target, any_line, any_policy, any_steps, any_target, guards_hosts,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

/// Tests a property on generated cases; `PROPTEST_CASES` sets the share of the full run.
#[track_caller]
fn check<S: Strategy>(strategy: S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let persistence = FileFailurePersistence::WithSource("regressions");
    let config = Config {
        cases: cookiejar_tests::share!("cases of each property", 96, of Config::default().cases),
        source_file: Some(file!()),
        failure_persistence: Some(Box::new(persistence)),
        ..Config::default()
    };
    if let Err(failure) = TestRunner::new(config).run(&strategy, property) {
        panic!("{failure}");
    }
}

/// How often something happened, and in how many cases.
#[derive(Default)]
struct Share {
    yes: Cell<usize>,
    all: Cell<usize>,
}

impl Share {
    fn note(&self, yes: usize, all: usize) {
        self.yes.set(self.yes.get() + yes);
        self.all.set(self.all.get() + all);
    }

    #[track_caller]
    fn at_least(&self, percent: usize, what: &str) {
        let Self { yes, all } = self;
        let (yes, all) = (yes.get(), all.get());
        println!("{what}: {yes} of {all}");
        assert!(
            yes * 100 >= all * percent && all > 0,
            "{what}: {yes} of {all}"
        );
    }
}

/// The host itself, and with `.local` appended if it has no dots: RFC 2965, section 1.
fn host_names(host: &str) -> Vec<String> {
    let mut names = vec![host.to_owned()];
    if !host.contains('.') && !host.starts_with('[') {
        names.push(format!("{host}.local"));
    }
    names
}

fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

/// Whether `host` is the cookie's domain, or below it at the boundary of a label.
fn covers(domain: &str, host: &str) -> bool {
    let bare = domain.strip_prefix('.').unwrap_or(domain);
    host_names(host)
        .iter()
        .any(|name| name == bare || (!is_address(name) && name.ends_with(&format!(".{bare}"))))
}

/// Whether a cookie of this domain could be sent to `host`.
fn reaches(domain: &str, host: &str, guarded: bool) -> bool {
    if guarded && !domain.starts_with('.') {
        host_names(host).iter().any(|name| name == domain)
    } else {
        covers(domain, host)
    }
}

/// Some targets, and all hosts as further targets.
#[derive(Debug, Clone)]
struct Targets(Vec<Target>);

impl Targets {
    fn all(&self) -> impl Iterator<Item = Target> {
        let hosts = HOSTS.into_iter().map(Target::of_host);
        self.0.iter().cloned().chain(hosts)
    }
}

fn exchanges() -> impl Strategy<Value = (DefaultCookiePolicy, Vec<Step>, Targets)> {
    let targets = vec(any_target(), 8).prop_map(Targets);
    (any_policy(), any_steps(), targets)
}

/// The identity of a cookie.
type Identity = (String, Vec<u8>, Vec<u8>);

fn identity(cookie: &Cookie) -> Identity {
    (
        cookie.domain().to_owned(),
        cookie.path_bytes().into_owned(),
        cookie.name_bytes().into_owned(),
    )
}

fn seen<P>(jar: &CookieJar<P>) -> Vec<Cookie> {
    jar.iter().cloned().collect()
}

/// The addresses of cookies in memory: equal for the same cookies in the same order.
fn places<'a>(cookies: impl IntoIterator<Item = &'a Cookie>) -> Vec<*const Cookie> {
    cookies.into_iter().map(std::ptr::from_ref).collect()
}

#[test]
fn a_cookie_goes_only_to_its_domain_and_below() {
    let sent = Share::default();
    let below = Share::default();
    check(exchanges(), |(policy, steps, targets)| {
        let guarded = guards_hosts(&policy);
        let Exchange { jar, .. } = Exchange::of(policy, &steps);
        for target in targets.all() {
            let cookies = jar.cookies_for(target.context());
            sent.note(usize::from(!cookies.is_empty()), 1);
            for cookie in cookies {
                let (domain, host) = (cookie.domain(), target.host);
                prop_assert!(covers(domain, host), "{} to {}", domain, host);
                prop_assert!(reaches(domain, host, guarded), "{} to {}", domain, host);
                let bare = domain.trim_start_matches('.');
                if is_address(host) || is_address(bare) {
                    prop_assert_eq!(host, bare);
                }
                below.note(usize::from(host != bare), 1);
            }
        }
        Ok(())
    });
    sent.at_least(7, "requests with cookies");
    below.at_least(10, "cookies sent below their domain");
}

#[test]
fn a_response_changes_nothing_that_its_host_could_not_be_sent() {
    let done = Share::default();
    let foreign = Share::default();
    check(exchanges(), |(policy, steps, _)| {
        let guarded = guards_hosts(&policy);
        let mut exchange = Exchange::new(policy);
        for step in &steps {
            let now = exchange.clock.now();
            let out_of_reach = |jar: &CookieJar<_>, host: &str| -> Vec<Cookie> {
                jar.iter()
                    .filter(|cookie| {
                        !cookie.is_expired(now) && !reaches(cookie.domain(), host, guarded)
                    })
                    .cloned()
                    .collect()
            };
            let Step::Respond(target, lines) = step else {
                exchange.take(step);
                continue;
            };
            let before = out_of_reach(&exchange.jar, target.host);
            let report = exchange.respond(target, lines);
            prop_assert_eq!(
                &before,
                &out_of_reach(&exchange.jar, target.host),
                "{}",
                target.host
            );
            let changes = report.stored + report.replaced + report.removed;
            done.note(changes, lines.len());
            foreign.note(usize::from(!before.is_empty()), 1);
        }
        Ok(())
    });
    done.at_least(25, "cookies that changed the jar");
    foreign.at_least(40, "responses to a jar with cookies out of reach");
}

/// The same decisions without the promise that allows indexed look-ups.
struct Scan {
    policy: DefaultCookiePolicy,
    settings: Settings,
}

impl Scan {
    fn of(policy: &DefaultCookiePolicy) -> Self {
        Self {
            policy: policy.clone(),
            settings: policy.settings().clone().domain_scope(DomainScope::All),
        }
    }
}

impl CookiePolicy for Scan {
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.policy.set_ok(cookie, request)
    }

    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.policy.return_ok(cookie, request)
    }

    fn domain_return_ok(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.policy.domain_return_ok(domain, request)
    }

    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.policy.path_return_ok(path, request)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        self.policy.prepare(cookie, request);
    }

    fn replace_ok(
        &self,
        cookie: &Cookie,
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.policy.replace_ok(cookie, stored, request)
    }
}

#[test]
fn the_index_answers_as_the_scan_does() {
    let sent = Share::default();
    let several = Share::default();
    check(exchanges(), |(policy, steps, targets)| {
        let scan = Exchange::of(Scan::of(&policy), &steps).jar;
        let index = Exchange::of(policy, &steps).jar;
        prop_assert_eq!(seen(&index), seen(&scan));
        for target in targets.all() {
            let header = index.cookie_header(target.context());
            prop_assert_eq!(
                &header,
                &scan.cookie_header(target.context()),
                "{:?}",
                target
            );
            sent.note(usize::from(header.is_some()), 1);
            let cookies = index.cookies_for(target.context());
            several.note(usize::from(cookies.len() > 1), 1);
            prop_assert!(
                cookies.into_iter().eq(scan.cookies_for(target.context())),
                "{:?}",
                target
            );
        }
        Ok(())
    });
    sent.at_least(7, "requests with cookies");
    several.at_least(2, "requests with several cookies");
}

#[test]
fn what_is_sent_is_what_is_shown_unexpired_and_allowed_in_the_one_order() {
    let sent = Share::default();
    let expired = Share::default();
    check(
        (exchanges(), 0_i64..60),
        |((policy, steps, targets), wait)| {
            let Exchange { jar, clock } = Exchange::of(policy, &steps);
            clock.advance(time::Duration::seconds(wait));
            let now = clock.now();
            for target in targets.all() {
                let request = target.context_at(now);
                let mut allowed: Vec<_> = jar
                    .iter()
                    .filter(|cookie| !cookie.is_expired(now))
                    .filter(|cookie| jar.policy().may_return(cookie, &request).is_ok())
                    .collect();
                // A stable sort, and `iter` is in the order of creation.
                allowed.sort_by_key(|cookie| Reverse(cookie.path_bytes().len()));
                let cookies = jar.cookies_for(&request);
                prop_assert_eq!(
                    places(cookies.iter().copied()),
                    places(allowed.iter().copied())
                );
                sent.note(allowed.len(), jar.len());

                let written = jar.cookie_header(&request).map(CookieHeader::into_bytes);
                if allowed.iter().all(|cookie| cookie.version() == 0) {
                    let pair = |cookie: &&Cookie| match cookie.value_bytes() {
                        Some(value) => [&cookie.name_bytes()[..], b"=", &value].concat(),
                        None => cookie.name_bytes().into_owned(),
                    };
                    let pairs: Vec<_> = allowed.iter().map(pair).collect();
                    let expected = (!pairs.is_empty()).then(|| pairs.join(&b"; "[..]));
                    prop_assert_eq!(written, expected);
                }
            }
            expired.note(
                usize::from(jar.iter().any(|cookie| cookie.is_expired(now))),
                1,
            );
            Ok(())
        },
    );
    sent.at_least(1, "cookies sent, of those in the jar");
    expired.at_least(1, "jars with expired cookies");
}

#[test]
fn a_refused_or_failed_call_changes_nothing() {
    let failed = Share::default();
    let rejected = Share::default();
    check(
        (exchanges(), any_target(), any_line(), any_steps()),
        |((policy, steps, targets), target, line, more)| {
            let Exchange { mut jar, .. } = Exchange::of(policy, &steps);
            let answers = |jar: &CookieJar| -> Vec<_> {
                targets
                    .all()
                    .map(|target| jar.cookie_header(target.context()))
                    .collect()
            };
            let before = (seen(&jar), answers(&jar));

            let (name, path) = ("a", "/a");
            for host in HOSTS {
                for domain in [host.to_owned(), format!(".{host}")] {
                    let is_there = |cookie: &Cookie| {
                        (cookie.domain(), cookie.path(), cookie.name()) == (&*domain, path, name)
                    };
                    if !before.0.iter().any(is_there) {
                        prop_assert!(jar.remove((&*domain, path, name)).is_err());
                    }
                    let on_path =
                        |cookie: &Cookie| cookie.domain() == domain && cookie.path() == path;
                    if !before.0.iter().any(on_path) {
                        prop_assert!(jar.clear_path(&domain, path).is_err());
                    }
                    if !before.0.iter().any(|cookie| cookie.domain() == domain) {
                        prop_assert!(jar.clear_domain(&domain).is_err());
                    }
                }
            }
            prop_assert_eq!(&before, &(seen(&jar), answers(&jar)));

            // A rejected cookie of a response, and the same cookie made by hand.
            let field = [line.field(target.host)];
            let made = jar.make_cookies(&field, target.context());
            let report = jar.clone().extract_cookies(&field, target.context());
            let changes = report.stored + report.replaced + report.removed;
            rejected.note(report.rejected.len(), changes + report.rejected.len());
            if changes == 0 && !report.rejected.is_empty() {
                prop_assert_eq!(
                    jar.extract_cookies(&field, target.context()),
                    report.clone()
                );
                prop_assert_eq!(&before, &(seen(&jar), answers(&jar)));
            }
            for step in more {
                let Step::Plant(cookie) = step else { continue };
                let result = jar
                    .clone()
                    .set_cookie_if_ok(cookie.clone(), target.context());
                failed.note(usize::from(result.is_err()), 1);
                if let Err(reason) = result {
                    prop_assert_eq!(jar.set_cookie_if_ok(cookie, target.context()), Err(reason));
                    prop_assert_eq!(&before, &(seen(&jar), answers(&jar)));
                }
            }
            // A comma in a date makes two cookies of one `Set-Cookie2`.
            if let ([cookie], 1) = (&made[..], changes + report.rejected.len()) {
                let by_hand = jar
                    .clone()
                    .set_cookie_if_ok(cookie.clone(), target.context());
                let reason = report.rejected.first().map(|rejected| rejected.reason);
                prop_assert_eq!(by_hand.err(), reason);
            }
            Ok(())
        },
    );
    rejected.at_least(20, "refused cookies");
    failed.at_least(50, "cookies made by hand that were rejected");
}

#[test]
fn explain_says_what_is_sent_and_why_not() {
    let limits = (0_usize..5, 0_usize..60).prop_map(|(cookies, bytes)| {
        let mut limits = Limits::none();
        if cookies > 0 {
            (limits.header_cookies, limits.header_bytes) = (cookies, bytes);
        }
        limits
    });
    let sent = Share::default();
    let full = Share::default();
    check(
        (exchanges(), limits),
        |((policy, steps, targets), limits)| {
            let Exchange { mut jar, clock } = Exchange::of(policy, &steps);
            jar.policy_mut().set_limits(limits);
            let now = clock.now();
            for target in targets.all() {
                let request = target.context_at(now);
                let explained = jar.explain(&request);
                let chosen = explained
                    .iter()
                    .filter(|e| e.verdict.is_ok())
                    .map(|e| e.cookie);
                let cookies = jar.cookies_for(&request);
                prop_assert_eq!(places(chosen), places(cookies.iter().copied()));

                let mut in_reach: Vec<_> = jar
                    .iter()
                    .filter(|cookie| covers(cookie.domain(), target.host))
                    .collect();
                in_reach.sort_by_key(|cookie| Reverse(cookie.path_bytes().len()));
                prop_assert_eq!(places(explained.iter().map(|e| e.cookie)), places(in_reach));
                for explanation in &explained {
                    let allowed = jar.policy().may_return(explanation.cookie, &request);
                    match explanation.verdict {
                        Err(Rejection::Expired) => prop_assert!(explanation.cookie.is_expired(now)),
                        Ok(()) | Err(Rejection::HeaderFull) => prop_assert_eq!(allowed, Ok(())),
                        Err(reason) => prop_assert_eq!(allowed, Err(reason)),
                    }
                }
                let full_ones = explained
                    .iter()
                    .filter(|e| e.verdict == Err(Rejection::HeaderFull));
                full.note(full_ones.count(), explained.len());
                sent.note(cookies.len(), explained.len());
                let bytes = jar
                    .cookie_header(&request)
                    .map_or(0, |header| header.as_bytes().len());
                prop_assert!(
                    cookies.len() <= limits.header_cookies && bytes <= limits.header_bytes
                );
            }
            Ok(())
        },
    );
    sent.at_least(20, "cookies explained as sent");
    full.at_least(2, "cookies for which the header was full");
}

#[test]
fn clearing_takes_what_a_filter_takes() {
    let expired = Share::default();
    let steps = (any_policy(), any_steps(), 0_i64..110);
    check(steps, |(policy, steps, wait)| {
        let Exchange { mut jar, clock } = Exchange::of(policy, &steps);
        clock.advance(time::Duration::seconds(wait));
        let now = clock.now();
        let all = seen(&jar);
        let without = |gone: &dyn Fn(&Cookie) -> bool| -> Vec<_> {
            all.iter().filter(|cookie| !gone(cookie)).cloned().collect()
        };

        let left = without(&Cookie::discard);
        let mut other = jar.clone();
        prop_assert_eq!(other.clear_session_cookies(), all.len() - left.len());
        prop_assert_eq!(seen(&other), left);

        let left = without(&|cookie| cookie.name() == "a");
        let mut other = jar.clone();
        prop_assert_eq!(
            other.retain(|cookie| cookie.name() != "a"),
            all.len() - left.len()
        );
        prop_assert_eq!(seen(&other), left);

        for domain in all.iter().map(Cookie::domain) {
            let left = without(&|cookie| cookie.domain() == domain);
            let mut other = jar.clone();
            prop_assert_eq!(
                other.clear_domain(domain).ok(),
                Some(all.len() - left.len())
            );
            prop_assert_eq!(seen(&other), left);
        }

        let left = without(&|cookie| cookie.is_expired(now));
        let gone = all.len() - left.len();
        prop_assert_eq!(jar.clear_expired_cookies(), gone);
        prop_assert_eq!(jar.len(), left.len());
        prop_assert_eq!(seen(&jar), left);
        prop_assert_eq!(jar.clear_expired_cookies(), 0);
        expired.note(gone, all.len());
        Ok(())
    });
    expired.at_least(2, "cookies whose time was over");
}

#[test]
fn overwriting_keeps_the_place_and_the_time() {
    let replaced = Share::default();
    check((any_policy(), any_steps()), |(policy, steps)| {
        let mut exchange = Exchange::new(policy);
        let order = |jar: &CookieJar| -> Vec<_> {
            jar.iter()
                .map(|cookie| (identity(cookie), cookie.creation_time()))
                .collect()
        };
        // The second time there is much to overwrite.
        for step in steps.iter().chain(&steps) {
            let Step::Respond(target, lines) = step else {
                exchange.take(step);
                continue;
            };
            for line in lines {
                exchange.clock.advance(time::Duration::milliseconds(1001));
                // The sweep of a write may remove others.
                exchange.jar.clear_expired_cookies();
                let before = order(&exchange.jar);
                let report = exchange.respond(target, std::slice::from_ref(line));
                let after = order(&exchange.jar);
                replaced.note(report.replaced, 1);
                if report.removed == 0 {
                    let kept = after.len() - report.stored;
                    prop_assert_eq!(&after[..kept], &before[..]);
                }
            }
        }
        Ok(())
    });
    replaced.at_least(10, "cookies that replaced others");
}

/// A flood of cookies from one host.
#[derive(Debug, Clone)]
struct Flood {
    host: usize,
    first: usize,
    cookies: usize,
    secure: bool,
    whole_site: bool,
    path: &'static str,
    value_len: usize,
}

fn any_flood() -> impl Strategy<Value = Flood> {
    let names = (0_usize..3, 0_usize..300, 20_usize..140);
    let attributes = (
        any::<bool>(),
        any::<bool>(),
        select(&["/", "/a", "/a/b"][..]),
        0_usize..130,
    );
    (names, attributes).prop_map(
        |((host, first, cookies), (secure, whole_site, path, value_len))| Flood {
            host,
            first,
            cookies,
            secure,
            whole_site,
            path,
            value_len,
        },
    )
}

impl Flood {
    fn fields(&self, site: &str) -> impl Iterator<Item = (&'static str, String)> {
        let Self {
            first,
            cookies,
            path,
            value_len,
            ..
        } = *self;
        let domain = if self.whole_site {
            format!("; Domain={site}")
        } else {
            String::new()
        };
        let secure = if self.secure { "; Secure" } else { "" };
        (first..first + cookies).map(move |index| {
            let value = "v".repeat(value_len);
            (
                "Set-Cookie",
                format!("n{index}={value}; Path={path}{domain}{secure}"),
            )
        })
    }
}

/// The number of cookies of each site.
fn site_counts(jar: &CookieJar) -> BTreeMap<String, usize> {
    let list = suffixes();
    let mut counts = BTreeMap::new();
    for cookie in jar {
        let domain = cookie.domain().trim_start_matches('.');
        let site = list.registrable_domain(domain).unwrap_or(domain);
        *counts.entry(site.to_owned()).or_default() += 1;
    }
    counts
}

const SITES: [(&str, [&str; 3]); 3] = [
    ("acme.com", ["acme.com", "www.acme.com", "a.b.acme.com"]),
    (
        "other.co.uk",
        ["other.co.uk", "www.other.co.uk", "x.www.other.co.uk"],
    ),
    ("1.2.3.4", ["1.2.3.4", "1.2.3.4", "1.2.3.4"]),
];

#[test]
fn limits_hold_and_sites_are_apart() {
    let evictions = Share::default();
    let full = Share::default();
    let floods = vec((0..SITES.len(), any_flood()), 1..8);
    check(floods, |floods| {
        let Exchange { mut jar, clock } = Exchange::new(policy());
        let request = |host| RequestContext::new("https", host, None, "/a/b/c");
        for (site, flood) in floods {
            let (name, hosts) = SITES[site];
            let others = |jar: &CookieJar| -> Vec<_> {
                let others = SITES.into_iter().filter(|(other, _)| *other != name);
                others
                    .flat_map(|(_, hosts)| hosts)
                    .map(|host| jar.cookie_header(request(host)))
                    .collect()
            };
            let before = others(&jar);
            let mut evicted = 0;
            for field in flood.fields(name) {
                clock.advance(time::Duration::milliseconds(1001));
                let report = jar.extract_cookies(&[field], request(hosts[flood.host]));
                prop_assert!(report.rejected.is_empty());
                if report.evicted > 0 {
                    prop_assert_eq!(report.evicted, 31);
                    prop_assert_eq!(site_counts(&jar)[name], 150);
                }
                evicted += report.evicted;
            }
            evictions.note(usize::from(evicted > 0), 1);
            for (site, count) in site_counts(&jar) {
                prop_assert!(count <= 180, "{} has {}", site, count);
            }
            prop_assert_eq!(&before, &others(&jar));
            for host in hosts {
                let sent = jar.cookies_for(request(host));
                let header = jar.cookie_header(request(host));
                let bytes = header.map_or(0, |header| header.as_bytes().len());
                prop_assert!(
                    sent.len() <= 150 && bytes <= 8_190,
                    "{} {}",
                    sent.len(),
                    bytes
                );
                let explained = jar.explain(request(host));
                let is_full = explained
                    .iter()
                    .any(|e| e.verdict == Err(Rejection::HeaderFull));
                full.note(usize::from(is_full), 1);
            }
        }
        prop_assert_eq!(jar.len(), site_counts(&jar).values().sum::<usize>());
        Ok(())
    });
    evictions.at_least(10, "floods with an eviction");
    full.at_least(5, "requests whose header was full");
}

/// Pieces of headers, well-formed or not, in any order.
fn hostile_bytes() -> impl Strategy<Value = Vec<u8>> {
    const TOKENS: [&[u8]; 44] = [
        b"a",
        b"b",
        b"=",
        b"=",
        b";",
        b"; ",
        b",",
        b"\"",
        b"\\",
        b" ",
        b"\t",
        b"\r",
        b"\n",
        b"\0",
        b"\x01",
        b"\x7f",
        b"\x80",
        b"\xe9",
        b"\xc3\xa9",
        b"\xef\xbc\x8e",
        b"$",
        b"%",
        b"%0d%0a",
        b"; Domain=",
        b"acme.com",
        b".",
        b"[::1]",
        b"xn--",
        b"; Path=",
        b"/",
        b"; Version=",
        b"1",
        b"; Expires=",
        b"Sat, 21 Nov 2026 08:00:01 GMT",
        b"Nov",
        b"08:00",
        b"; Max-Age=",
        b"-",
        b"99999999999999999999",
        b"; Port=",
        b"80",
        b"; Secure",
        b"; Comment=",
        b"; CommentURL=",
    ];
    let piece = prop_oneof![
        12 => select(&TOKENS[..]).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..4),
    ];
    (
        prop::option::weighted(0.7, Just(b"n=v".to_vec())),
        vec(piece, 0..16),
    )
        .prop_map(|(start, pieces)| {
            let mut bytes = start.unwrap_or_default();
            bytes.extend(pieces.concat());
            bytes
        })
}

fn has_forbidden(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

/// Every text of a cookie; none contains CR, LF or NUL.
#[track_caller]
fn look_at(cookie: &Cookie) {
    let texts = [
        Some(cookie.name()),
        cookie.value(),
        cookie.port(),
        Some(cookie.domain()),
    ];
    let rare = [Some(cookie.path()), cookie.comment(), cookie.comment_url()];
    for text in texts.into_iter().chain(rare).flatten() {
        assert!(!has_forbidden(text.as_bytes()), "{text:?}");
    }
    for (name, value) in cookie.nonstandard_attrs() {
        assert!(!has_forbidden(name.as_bytes()) && cookie.has_nonstandard_attr(name));
        assert!(!has_forbidden(value.unwrap_or_default().as_bytes()));
    }
    let shown = format!("{cookie} {cookie:?} {}", cookie.display_with_value());
    assert!(!has_forbidden(shown.as_bytes()), "{shown:?}");
    assert!(cookie.path().starts_with('/') && !cookie.domain().is_empty());
    let _ = (cookie.expires(), cookie.same_site(), cookie.http_only());
    let _ = (
        cookie.partitioned(),
        cookie.is_expired(NOW),
        cookie.nonstandard_attr("x"),
    );
}

/// No header of a jar contains CR, LF or NUL.
fn clean_headers<P: CookiePolicy>(jar: &CookieJar<P>) -> bool {
    ["acme.com", "www.acme.com", "[::1]"]
        .into_iter()
        .all(|host| {
            let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
            jar.add_cookie_header_to(
                &mut headers,
                RequestContext::new("https", host, None, "/a/b")
                    .caused_by(Provenance::new().at(NOW)),
            );
            headers.iter().all(|(_, value)| !has_forbidden(value))
        })
}

#[test]
fn random_bytes_do_no_harm() {
    let stored = Share::default();
    let policies: [Box<dyn CookiePolicy>; 5] = [
        Box::new(AcceptAllPolicy::new()),
        Box::new(DefaultCookiePolicy::python()),
        Box::new(DefaultCookiePolicy::python().rfc2965(true).netscape(false)),
        Box::new(policy()),
        Box::new(policy().rfc2965(true).rfc2109_as_netscape(Some(false))),
    ];
    check(vec(hostile_bytes(), 1..4), |fields| {
        let request = RequestContext::new("https", "www.acme.com", None, "/a/b")
            .caused_by(Provenance::new().at(NOW));
        for policy in &policies {
            let (mut jar, _) = jar_with(policy);
            for name in ["Set-Cookie", "Set-Cookie2"] {
                let fields: Vec<_> = fields.iter().map(|value| (name, value)).collect();
                jar.make_cookies(&fields, &request).iter().for_each(look_at);
                let report = jar.extract_cookies(&fields, &request);
                let done = report.stored + report.replaced + report.removed;
                stored.note(done, done + report.rejected.len());
                for rejected in &report.rejected {
                    let _ = (rejected.name(), rejected.to_string());
                }
            }
            jar.iter().for_each(look_at);
            for explanation in jar.explain(&request) {
                let _ = explanation.to_string();
            }
            prop_assert!(clean_headers(&jar));
        }
        Ok(())
    });
    // About 17 of 100; a run of few cases deviates from that.
    stored.at_least(8, "cookies of random bytes that were accepted");
}

#[test]
fn nothing_forbidden_passes_the_builder_and_the_setters() {
    let built = Share::default();
    check((vec(hostile_bytes(), 4), 0_usize..8), |(texts, part)| {
        let text = String::from_utf8_lossy(&texts[0]).into_owned();
        let bytes = |index: usize, of: usize, default: &'static [u8]| {
            if part == of {
                texts[index].clone()
            } else {
                default.to_vec()
            }
        };
        let (name, value) = (bytes(1, 0, b"a"), bytes(2, 1, b"b"));
        let path = [&b"/"[..], &bytes(3, 2, b"")].concat();
        let mut builder = Cookie::builder(&name, &value)
            .domain("acme.com")
            .path(&path)
            .version(1);
        match part {
            3 => builder = builder.domain(&text),
            4 => builder = builder.port(&text),
            5 => builder = builder.comment(&text).comment_url(&texts[1]),
            6 => builder = builder.nonstandard_attr(&text, Some(&text)),
            _ => {}
        }
        let (mut jar, _) = jar_with(AcceptAllPolicy::new());
        let cookie = builder.build();
        built.note(usize::from(cookie.is_ok()), 1);
        if let Ok(cookie) = cookie {
            look_at(&cookie);
            jar.set_cookie(cookie.clone());
            let mut other = cookie.clone();
            let results = [
                other.set_value(&texts[0]),
                other.set_domain(&text),
                other.set_path(&texts[1]),
                other.set_nonstandard_attr(&text, None),
            ];
            look_at(&other);
            if results.iter().all(Result::is_err) {
                prop_assert_eq!(&other, &cookie, "a rejected change changes nothing");
            }
            prop_assert_ne!(jar.set_cookie(other), None);
        }
        prop_assert!(clean_headers(&jar));
        Ok(())
    });
    built.at_least(30, "cookies made by hand of random bytes");
}

#[test]
fn requests_of_random_text_do_no_harm() {
    let hosts = Share::default();
    check(
        (
            hostile_bytes(),
            ".{0,12}",
            "[A-Za-z0-9-]{1,6}([.][a-z0-9]{1,4}){0,2}",
        ),
        |(bytes, any, host)| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for (host, path) in [(&*text, &*any), (&*any, &*text), (&*host, &*text)] {
                let request = RequestContext::new(&any, host, None, path)
                    .caused_by(Provenance::new().origin_host(&text).at(NOW));
                prop_assert!(request.path().starts_with('/'));
                prop_assert!(request.escaped_path().is_ascii());
                prop_assert!(
                    !request
                        .host()
                        .bytes()
                        .any(|byte| byte <= b' ' || byte.is_ascii_uppercase())
                );
                let _ = (
                    request.is_third_party(),
                    request.is_ip_address(),
                    request.effective_host(),
                );
                hosts.note(usize::from(request.has_host()), 1);
                let (mut jar, _) = jar_with(policy());
                let report = jar.extract_cookies(&[("Set-Cookie", "a=b")], request.clone());
                match report.rejected.first().map(|rejected| rejected.reason) {
                    None => prop_assert!(request.has_host()),
                    Some(Rejection::NoHost) => prop_assert!(!request.has_host()),
                    // The URL standard allows an equals sign in a host.
                    Some(reason) => prop_assert_eq!(reason, Rejection::InvalidDomain),
                }
                prop_assert_eq!(jar.cookies_for(request).len(), report.stored);
            }
            Ok(())
        },
    );
    hosts.at_least(20, "texts that are hosts");
}

/// Bytes of a name or value that have no special meaning to any parser.
fn plain_bytes(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    let byte = any::<u8>().prop_filter("no separator, no control", |byte| {
        !matches!(byte, 0..=b' ' | b';' | b'=' | 0x7f)
    });
    vec(byte, len)
}

#[test]
fn bytes_come_back_as_they_came() {
    let foreign = Share::default();
    check((plain_bytes(1..8), plain_bytes(0..12)), |(name, value)| {
        let pair = [&name[..], b"=", &value].concat();
        foreign.note(usize::from(std::str::from_utf8(&pair).is_err()), 1);
        let (mut jar, _) = jar_with(policy());
        let request =
            RequestContext::new("http", "acme.com", None, "/").caused_by(Provenance::new().at(NOW));
        let report = jar.extract_cookies(&[("Set-Cookie", &pair)], &request);
        prop_assert_eq!(report.stored, 1);
        let header = jar.cookie_header(&request).map(CookieHeader::into_bytes);
        prop_assert_eq!(header, Some(pair));
        let cookie = jar.get(("acme.com", "/", &name));
        let stored = cookie.and_then(Cookie::value_bytes);
        prop_assert_eq!(stored.as_deref(), Some(&value[..]));
        Ok(())
    });
    foreign.at_least(50, "pairs that are not UTF-8");
}
