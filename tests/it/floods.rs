//! Floods hurt only the flooder: whatever one part of a site sets, or many sites set, the cookies of a host that has
//! a few, or is in use, are kept and sent.
#![cfg(feature = "psl")]

use crate::common;

use std::num::NonZeroUsize;
use std::sync::Arc;

use common::{NOW, suffixes, url};
use cookiejar::jar::ManualClock;
use cookiejar::policy::Limits;
use cookiejar::{BrowserPolicy, CookieJar, CookiePolicy, DefaultCookiePolicy, SharedCookieJar};
use time::Duration;

type PlainJar = CookieJar<Arc<dyn CookiePolicy>>;

/// The two jars side by side: they must keep the same cookies.
struct Jars {
    plain: PlainJar,
    shared: SharedCookieJar,
    clock: ManualClock,
    /// Whether the clock advances with each response.
    moving: bool,
}

impl Jars {
    fn new(policy: impl CookiePolicy + 'static, moving: bool) -> Self {
        let policy: Arc<dyn CookiePolicy> = Arc::new(policy);
        let clock = ManualClock::new(NOW);
        let mut plain = CookieJar::with_policy(Arc::clone(&policy));
        plain.set_clock(clock.clone());
        let shared = SharedCookieJar::with_shards(policy, NonZeroUsize::new(64).expect("some"));
        shared.set_clock(clock.clone());
        Self {
            plain,
            shared,
            clock,
            moving,
        }
    }

    /// Stores the response of a host, which must be accepted.
    #[track_caller]
    fn set(&mut self, host: &str, field: &str) {
        let url = url(&format!("https://{host}/"));
        let response = [("Set-Cookie", field)];
        let plain = self.plain.extract_cookies(&response, &url);
        let shared = self.shared.extract_cookies(&response, &url);
        assert_eq!(plain, shared, "{host}: {field:.40}");
        assert_eq!((plain.stored, plain.rejected.len()), (1, 0), "{field:.40}");
        if self.moving {
            self.clock.advance(Duration::seconds(1));
        }
    }

    /// The header of a request to a host.
    #[track_caller]
    fn header(&self, host: &str) -> String {
        let url = url(&format!("https://{host}/"));
        let text = |header: Option<cookiejar::CookieHeader>| {
            header.map_or_else(String::new, |header| {
                header.to_str().expect("UTF-8").to_owned()
            })
        };
        let plain = text(self.plain.cookie_header(&url));
        assert_eq!(plain, text(self.shared.cookie_header(&url)), "{host}");
        plain
    }

    /// Both jars have the same cookies.
    #[track_caller]
    fn assert_alike(&self) {
        let shared = self.shared.snapshot();
        let plain: Vec<_> = self.plain.iter().cloned().collect();
        assert_eq!(plain.len(), shared.len());
        assert!(
            plain
                .iter()
                .zip(&shared)
                .all(|(plain, shared)| plain == shared)
        );
    }

    /// A host's own cookies are all present, and sent in a header that servers accept.
    #[track_caller]
    fn assert_sent(&self, host: &str, count: usize, when: &str) {
        let header = self.header(host);
        let sent = header.split("; ").filter(|pair| pair.starts_with("own"));
        assert_eq!(sent.count(), count, "{when}: {header:.200}");
        assert!(header.len() <= 8_190, "{when}: {} bytes", header.len());
        assert!(header.split("; ").count() <= 150, "{when}");
    }
}

/// Whether the clock advances with each response: a clock that stands still is for thorough runs.
fn clocks() -> impl Iterator<Item = bool> {
    let count = cookiejar_tests::share!("clocks of each flood", 1, of 2);
    [true, false].into_iter().take(count)
}

/// Every policy that has limits, with every clock.
fn every_jar() -> impl Iterator<Item = (String, Jars)> {
    clocks().flat_map(|moving| {
        let default = DefaultCookiePolicy::with_suffixes(suffixes());
        let browser = BrowserPolicy::with_suffixes(suffixes());
        [
            (
                format!("default, moving {moving}"),
                Jars::new(default, moving),
            ),
            (
                format!("browser, moving {moving}"),
                Jars::new(browser, moving),
            ),
        ]
    })
}

fn secure(yes: bool) -> &'static str {
    if yes { "; Secure" } else { "" }
}

/// A victim: the number of host-only cookies of `www.acme.com`, and whether they are Secure.
const VICTIMS: [(usize, bool); 4] = [(2, false), (49, true), (2, true), (49, false)];

#[track_caller]
fn set_own(jars: &mut Jars, host: &str, (count, is_secure): (usize, bool)) {
    for number in 0..count {
        let field = format!("own{number}=1{}", secure(is_secure));
        jars.set(host, &field);
    }
}

/// Lets `flood` set its cookies, and checks after some of them whether the victim has all of its own.
#[track_caller]
fn assert_survives(what: &str, looks: &[usize], flood: impl Fn(&mut Jars, usize)) {
    let count = cookiejar_tests::share!("victims of each flood", 2, of VICTIMS.len());
    for &victim in &VICTIMS[..count] {
        for (name, mut jars) in every_jar() {
            set_own(&mut jars, "www.acme.com", victim);
            let last = *looks.last().expect("a look");
            for number in 1..=last {
                flood(&mut jars, number);
                if looks.contains(&number) {
                    let when = format!("{what}, {name}, {victim:?} after {number}");
                    jars.assert_sent("www.acme.com", victim.0, &when);
                    jars.assert_alike();
                    assert!(jars.plain.len() <= 180, "{when}: {}", jars.plain.len());
                }
            }
        }
    }
}

/// A flood of domain cookies, which reach the victim.
fn domain_cookie(jars: &mut Jars, number: usize, is_secure: bool, bytes: usize) {
    let name = format!("e{number}");
    let value = "x".repeat(bytes.saturating_sub(name.len() + 1).max(1));
    let field = format!("{name}={value}; Domain=acme.com{}", secure(is_secure));
    jars.set("evil.acme.com", &field);
}

#[test]
fn domain_cookies_do_not_drive_out_the_host_only_ones_of_another_host() {
    for (is_secure, bytes) in [(false, 1), (true, 1), (false, 4_000), (true, 4_000)] {
        let what = format!("secure {is_secure}, {bytes} bytes");
        assert_survives(&what, &[150, 179, 500], |jars, number| {
            domain_cookie(jars, number, is_secure, bytes);
        });
    }
}

#[test]
fn five_thousand_domain_cookies_do_not() {
    assert_survives("5,000 of them", &[5_000], |jars, number| {
        domain_cookie(jars, number, number % 2 == 0, 1);
    });
}

#[test]
fn hosts_below_one_label_count_together() {
    for is_secure in [false, true] {
        let what = format!("hosts below evil, secure {is_secure}");
        assert_survives(&what, &[200, 2_000], |jars, number| {
            let field = format!("a=1{}", secure(is_secure));
            jars.set(&format!("h{number}.evil.acme.com"), &field);
        });
    }
}

#[test]
fn two_floods_at_once_pay_both() {
    assert_survives("both", &[200, 2_000], |jars, number| {
        domain_cookie(jars, number, true, 40);
        jars.set(&format!("h{number}.evil.acme.com"), "a=1; Secure");
    });
}

#[test]
fn a_host_prefix_helps_no_flood_and_harms_no_victim() {
    for (name, mut jars) in every_jar() {
        jars.set("www.acme.com", "__Host-own=1; Secure; Path=/");
        jars.set("www.acme.com", "own=1");
        for number in 0..500 {
            let host = format!("h{number}.evil.acme.com");
            jars.set(&host, "__Host-a=1; Secure; Path=/");
        }
        let header = jars.header("www.acme.com");
        assert_eq!(header, "__Host-own=1; own=1", "{name}");
    }
}

#[test]
fn a_host_in_use_keeps_up_to_a_tenth_of_the_limit_among_many_hosts() {
    for (count, is_secure) in [(1, false), (5, true), (18, false), (18, true)] {
        for (name, mut jars) in every_jar() {
            set_own(&mut jars, "www.acme.com", (count, is_secure));
            for number in 1..=2_000 {
                if number % 10 == 0 {
                    jars.header("www.acme.com");
                }
                jars.set(&format!("z{number}.acme.com"), "a=1; Secure");
                if [200, 2_000].contains(&number) {
                    let when = format!("{name}, {count} after {number}");
                    jars.assert_sent("www.acme.com", count, &when);
                    jars.assert_alike();
                }
            }
        }
    }
}

/// A host that is not in use has no part of the limit, and one that is in use has a tenth of it.
#[test]
fn many_hosts_evict_what_a_host_does_not_use_and_what_it_has_beyond_a_tenth() {
    for (name, mut jars) in every_jar().filter(|(name, _)| name.ends_with("moving true")) {
        set_own(&mut jars, "unused.acme.com", (2, true));
        set_own(&mut jars, "www.acme.com", (30, true));
        for number in 0..12 * 17 {
            jars.header("www.acme.com");
            jars.set(
                &format!("h{}.acme.com", number % 12),
                &format!("f{number}=1"),
            );
        }
        jars.assert_sent("unused.acme.com", 0, &name);
        jars.assert_sent("www.acme.com", 18, &name);
    }
}

/// The `Domain` cookies of a site are one group, whichever host sets them: those that are not Secure go first.
#[test]
fn domain_cookies_of_any_host_evict_the_insecure_ones_of_the_site() {
    for (name, mut jars) in every_jar() {
        jars.set("www.acme.com", "own1=1; Domain=acme.com");
        jars.set("www.acme.com", "own2=1; Domain=acme.com; Secure");
        for number in 0..200 {
            jars.set("evil.acme.com", &format!("e{number}=1; Domain=acme.com"));
        }
        jars.assert_sent("www.acme.com", 1, &name);
        let kept = jars.plain.get((".acme.com", "/", "own2"));
        assert!(kept.is_some(), "{name}");
    }
}

/// The default limits, plus a limit on all cookies together.
fn with_total(total: usize, kept: usize) -> Limits {
    let mut limits = Limits::new();
    limits.total_cookies = total;
    limits.total_cookies_kept = kept;
    limits
}

/// The limits of browsers on all cookies together, for both policies.
fn every_jar_with_a_total() -> impl Iterator<Item = (String, Jars)> {
    clocks().flat_map(|moving| {
        let default =
            DefaultCookiePolicy::with_suffixes(suffixes()).limits(with_total(3_300, 3_000));
        let browser = BrowserPolicy::with_suffixes(suffixes());
        [
            (
                format!("default, moving {moving}"),
                Jars::new(default, moving),
            ),
            (
                format!("browser, moving {moving}"),
                Jars::new(browser, moving),
            ),
        ]
    })
}

#[test]
fn a_site_in_use_stays_among_thousands() {
    for (name, mut jars) in every_jar_with_a_total() {
        set_own(&mut jars, "victim.com", (5, false));
        for number in 1..=3_600 {
            if number % 100 == 0 {
                jars.header("victim.com");
            }
            jars.set(&format!("site{number}.com"), "a=1");
        }
        jars.assert_sent("victim.com", 5, &name);
        jars.assert_alike();
        assert!(jars.plain.len() <= 3_300);
    }
}

#[test]
fn sites_under_one_public_suffix_do_not_drive_out_a_small_one() {
    for (name, mut jars) in every_jar_with_a_total() {
        // The victim is not in use meanwhile: each of the others has more than a tenth of what a site may have.
        set_own(&mut jars, "victim.com", (5, false));
        for page in 0..60 {
            for number in 0..150 {
                jars.set(&format!("page{page}.github.io"), &format!("a{number}=1"));
            }
        }
        jars.assert_sent("victim.com", 5, &name);
        jars.assert_alike();
        assert!((3_000..=3_300).contains(&jars.plain.len()), "{name}");
    }
}

#[test]
fn a_total_limit_is_one_count_for_a_whole_shared_jar() {
    for (name, mut jars) in every_jar_with_a_total() {
        for number in 0..100 {
            jars.set("acme.com", &format!("a{number}=1"));
        }
        assert_eq!(jars.shared.len(), 100, "{name}");
    }
}

#[test]
fn a_total_limit_that_comes_later_counts_what_is_there() {
    let (_, mut jars) = every_jar().next().expect("a jar");
    for number in 0..100 {
        jars.set(&format!("site{number}.com"), "a=1");
    }
    let policy = DefaultCookiePolicy::with_suffixes(suffixes()).limits(with_total(50, 40));
    let policy: Arc<dyn CookiePolicy> = Arc::new(policy);
    jars.plain.set_policy(Arc::clone(&policy));
    jars.shared.set_policy(policy);
    jars.set("site100.com", "a=1");
    assert_eq!(jars.shared.len(), 40);
    jars.assert_alike();
}

/// A limit is enforced, even if the policy protects more cookies than it allows.
#[test]
fn no_more_is_kept_than_there_may_be() {
    let mut limits = with_total(120, usize::MAX);
    limits.site_cookies = 50;
    let policy = DefaultCookiePolicy::with_suffixes(suffixes()).limits(limits);
    let mut jars = Jars::new(policy, true);
    for number in 0..300 {
        let host = format!("site{}.com", number % 4);
        jars.set(&host, &format!("a{number}=1"));
    }
    assert_eq!(jars.plain.len(), 120);
    for number in 0..60 {
        jars.set("one.com", &format!("a{number}=1"));
    }
    let of_one = jars
        .plain
        .iter()
        .filter(|cookie| cookie.domain() == "one.com");
    assert!(of_one.count() <= 50);
    jars.assert_alike();
}
