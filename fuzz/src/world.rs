//! The hosts, policies and times of the targets.

use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};

use cookiejar::jar::ManualClock;
use cookiejar::policy::{AcceptAllPolicy, Limits, PublicSuffixes, StrictNsDomain};
use cookiejar::{BrowserPolicy, CookieJar, CookiePolicy, DefaultCookiePolicy, SharedCookieJar};
use time::OffsetDateTime;

/// 21 November 2026, 8:00 UTC.
pub(crate) const NOW: i64 = 1_795_248_000;

pub(crate) fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).expect("a time")
}

/// Relatives, look-alikes, public suffixes, local names, addresses, and a name with a trailing dot.
pub(crate) const HOSTS: [&str; 16] = [
    "acme.com",
    "www.acme.com",
    "a.b.acme.com",
    "xacme.com",
    "acme.com.",
    "com",
    "co.uk",
    "acme.co.uk",
    "www.acme.co.uk",
    "evil.example",
    "localhost",
    "foo",
    "foo.local",
    "1.2.3.4",
    "5.1.2.3.4.example",
    "[::1]",
];

pub(crate) const PATHS: [&str; 6] = ["/", "/a", "/a/", "/a/b", "/ab", "/%c3%a9"];

/// A policy, and what it promises.
pub(crate) struct Rules {
    pub(crate) policy: Arc<dyn CookiePolicy>,
    /// It sends no control octet but TAB.
    pub(crate) no_controls: bool,
    /// It sends Secure cookies over TLS, and to loopback, only.
    pub(crate) secure: bool,
    /// It sends host-only cookies to their own host only.
    pub(crate) host_only: bool,
    /// It compares paths.
    pub(crate) paths: bool,
}

impl Rules {
    fn new(policy: impl CookiePolicy + 'static) -> Self {
        Self {
            policy: Arc::new(policy),
            no_controls: true,
            secure: true,
            host_only: true,
            paths: true,
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.policy.settings().get_limits()
    }
}

pub(crate) const POLICIES: usize = 8;

static RULES: LazyLock<[Rules; POLICIES]> = LazyLock::new(|| {
    let default = || DefaultCookiePolicy::with_suffixes(suffixes());
    let browser = || BrowserPolicy::with_suffixes(suffixes());
    let strict = default()
        .rfc2965(true)
        .strict_domain(true)
        .strict_ns_domain(StrictNsDomain::STRICT)
        .strict_ns_set_path(true)
        .strict_ns_unverifiable(true);
    let mut tiny = Limits::new();
    tiny.site_cookies = 5;
    tiny.site_cookies_kept = 3;
    tiny.total_cookies = 8;
    tiny.total_cookies_kept = 6;
    tiny.pair_bytes = 40;
    tiny.cookie_bytes = 120;
    tiny.field_bytes = 200;
    tiny.header_cookies = 3;
    tiny.header_bytes = 60;
    let lax = browser()
        .lax_allows_unsafe(true)
        .lax_by_default(true)
        .loopback_is_secure(true);
    [
        Rules::new(default()),
        Rules {
            no_controls: false,
            host_only: false,
            ..Rules::new(DefaultCookiePolicy::python())
        },
        Rules::new(default().rfc2965(true)),
        Rules::new(strict),
        Rules::new(browser()),
        Rules::new(lax),
        Rules {
            no_controls: false,
            secure: false,
            host_only: false,
            paths: false,
            ..Rules::new(AcceptAllPolicy::new())
        },
        Rules::new(default().limits(tiny)),
    ]
});

pub(crate) fn rules(index: usize) -> &'static Rules {
    &RULES[index % POLICIES]
}

/// A short list, so that no result depends on the built-in one.
pub(crate) fn suffixes() -> PublicSuffixes {
    static LIST: LazyLock<PublicSuffixes> = LazyLock::new(|| {
        PublicSuffixes::parse("com\nexample\nuk\nco.uk\nio\ngithub.io\n").expect("a list")
    });
    LIST.clone()
}

pub(crate) type PlainJar = CookieJar<Arc<dyn CookiePolicy>>;

/// Returns the two jars, with one clock.
pub(crate) fn jars(policy: &Arc<dyn CookiePolicy>) -> (PlainJar, SharedCookieJar, ManualClock) {
    let clock = ManualClock::new(at(NOW));
    let mut plain = CookieJar::with_policy(Arc::clone(policy));
    plain.set_clock(clock.clone());
    let shards = NonZeroUsize::new(3).expect("more than 0");
    let shared = SharedCookieJar::with_shards(Arc::clone(policy), shards);
    shared.set_clock(clock.clone());
    (plain, shared, clock)
}
