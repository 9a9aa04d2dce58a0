//! The generated input of the properties: related hosts, policies with any of
//! their flags, and exchanges of several steps.

use cookiejar::jar::ManualClock;
use cookiejar::policy::{Limits, StrictNsDomain};
use cookiejar::{
    Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, ExtractReport, Provenance, RequestContext,
};
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use time::Duration;

use crate::common::{jar_with, policy};

/// Relatives, look-alikes, public suffixes, local names, addresses, and names with a trailing dot.
pub(crate) const HOSTS: [&str; 28] = [
    "acme.com",
    "www.acme.com",
    "b.acme.com",
    "a.b.acme.com",
    "xacme.com",
    "acme.com.",
    "www.acme.com.",
    "evil.example",
    "acme.com.evil.example",
    "com",
    "uk",
    "co.uk",
    "co.uk.",
    "acme.co.uk",
    "www.acme.co.uk",
    "other.co.uk",
    "acme.github.io",
    "other.github.io",
    "localhost",
    "foo",
    "foo.local",
    "www.foo.local",
    "sub.foo",
    "local",
    "1.2.3.4",
    "5.1.2.3.4.example",
    "[::1]",
    "[1::1]",
];

/// All of them, and groups of closely related hosts.
const FAMILIES: [&[&str]; 5] = [
    &HOSTS,
    &[
        "acme.com",
        "www.acme.com",
        "a.b.acme.com",
        "xacme.com",
        "acme.com.",
        "com",
    ],
    &[
        "foo",
        "foo.local",
        "www.foo.local",
        "sub.foo",
        "local",
        "localhost",
    ],
    &[
        "acme.co.uk",
        "www.acme.co.uk",
        "other.co.uk",
        "co.uk",
        "co.uk.",
        "uk",
    ],
    &["1.2.3.4", "5.1.2.3.4.example", "[::1]", "[1::1]"],
];

const PATHS: [&str; 7] = ["/", "/a", "/a/", "/a/b", "/ab", "/a/b/c.html", "/%c3%a9"];
const NAMES: [&str; 6] = ["a", "b", "c", "d", "$e", "\u{e9}"];
const VALUES: [Option<&str>; 6] = [
    Some("1"),
    Some("two"),
    Some(""),
    Some("\"q r\""),
    Some("\u{fc}"),
    None,
];
const LIFETIMES: [&str; 9] = [
    "; Max-Age=5",
    "; Max-Age=100",
    "; Max-Age=0",
    "; Max-Age=-1",
    "; Max-Age=x",
    "; Expires=Sat, 21 Nov 2026 07:59:59 GMT",
    "; Expires=Sat, 21-Nov-26 08:00:20 GMT",
    "; Expires=Sun Nov 21 08:00:00 2027",
    "; Expires=never",
];

/// The URL of a request, and the site it comes from if it is unverifiable.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    scheme: &'static str,
    pub(crate) host: &'static str,
    port: Option<u16>,
    path: &'static str,
    image_of: Option<&'static str>,
}

impl Target {
    pub(crate) fn of_host(host: &'static str) -> Self {
        Self {
            scheme: "https",
            host,
            port: None,
            path: "/a/b/c.html",
            image_of: None,
        }
    }

    pub(crate) fn context(&self) -> RequestContext<'static> {
        RequestContext::new(self.scheme, self.host, self.port, self.path)
            .caused_by(self.provenance())
    }

    pub(crate) fn context_at(&self, now: time::OffsetDateTime) -> RequestContext<'static> {
        self.context().caused_by(self.provenance().at(now))
    }

    fn provenance(&self) -> Provenance<'static> {
        match self.image_of {
            Some(page) => Provenance::new().unverifiable(true).origin_host(page),
            None => Provenance::new(),
        }
    }
}

type Hosts = &'static [&'static str];

fn any_host() -> impl Strategy<Value = &'static str> {
    select(&HOSTS[..])
}

pub(crate) fn any_target() -> impl Strategy<Value = Target> {
    target_among(&HOSTS)
}

fn target_among(hosts: Hosts) -> impl Strategy<Value = Target> {
    (
        select(&["http", "https", "wss"][..]),
        select(hosts),
        option::weighted(0.1, select(&[80, 8080][..])),
        select(&PATHS[..]),
        option::weighted(0.1, any_host()),
    )
        .prop_map(|(scheme, host, port, path, image_of)| Target {
            scheme,
            host,
            port,
            path,
            image_of,
        })
}

/// The domain that a cookie specifies.
#[derive(Debug, Clone)]
enum DomainWord {
    Absent,
    /// The responding host without its first labels.
    Own(usize),
    Any(&'static str),
}

/// One cookie of a response.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    name: &'static str,
    value: Option<&'static str>,
    domain: DomainWord,
    dot: bool,
    path: Option<&'static str>,
    secure: bool,
    lifetime: Option<&'static str>,
    version: Option<u8>,
    port: Option<&'static str>,
    cookie2: bool,
}

impl Line {
    /// The field, in a response of `host`.
    pub(crate) fn field(&self, host: &str) -> (&'static str, String) {
        let mut text = self.name.to_owned();
        let mut add = |key: &str, value: &str| text.extend([key, value]);
        if let Some(value) = self.value {
            add("=", value);
        }
        let dot = if self.dot { "." } else { "" };
        match self.domain {
            DomainWord::Absent => {}
            DomainWord::Own(labels) => {
                let domain = host.splitn(labels + 1, '.').last().unwrap_or(host);
                add("; Domain=", &[dot, domain].concat());
            }
            DomainWord::Any(domain) => add("; domain=", &[dot, domain].concat()),
        }
        if let Some(path) = self.path {
            add("; Path=", path);
        }
        if self.secure {
            add("; Secure", "");
        }
        add(self.lifetime.unwrap_or_default(), "");
        if let Some(version) = self.version {
            add("; Version=", &version.to_string());
        }
        if let Some(port) = self.port {
            add("; Port=", port);
        }
        let name = if self.cookie2 {
            "Set-Cookie2"
        } else {
            "Set-Cookie"
        };
        (name, text)
    }
}

pub(crate) fn any_line() -> impl Strategy<Value = Line> {
    line_among(&HOSTS)
}

fn line_among(hosts: Hosts) -> impl Strategy<Value = Line> {
    let domain = prop_oneof![
        4 => Just(DomainWord::Absent),
        5 => (0_usize..3).prop_map(DomainWord::Own),
        2 => select(hosts).prop_map(DomainWord::Any),
    ];
    let what = (
        select(&NAMES[..]),
        select(&VALUES[..]),
        domain,
        any::<bool>(),
    );
    let attributes = (
        option::weighted(0.4, select(&["/", "/a", "/a/b", "/a/", "relative"][..])),
        weighted(0.15),
        option::weighted(0.3, select(&LIFETIMES[..])),
        option::weighted(0.1, 0_u8..3),
        option::weighted(0.1, select(&["\"80,443\"", "\"8080\"", "", "\"x\""][..])),
        weighted(0.2),
    );
    (what, attributes).prop_map(|(what, attributes)| {
        let (name, value, domain, dot) = what;
        let (path, secure, lifetime, version, port, cookie2) = attributes;
        Line {
            name,
            value,
            domain,
            dot,
            path,
            secure,
            lifetime,
            version: if cookie2 {
                version.or(Some(1))
            } else {
                version
            },
            port,
            cookie2,
        }
    })
}

/// A cookie of any domain, as a program or a file may add one to a jar.
fn cookie_among(hosts: Hosts) -> impl Strategy<Value = Cookie> {
    let what = (
        select(&NAMES[..]),
        select(hosts),
        any::<bool>(),
        select(&PATHS[..]),
    );
    (
        what,
        weighted(0.2),
        option::weighted(0.2, 1_i64..40),
        weighted(0.1),
    )
        .prop_map(|((name, host, dot, path), secure, seconds, version_1)| {
            let domain = if dot {
                format!(".{host}")
            } else {
                host.to_owned()
            };
            let mut builder = Cookie::builder(name, "planted")
                .domain(&domain)
                .path(path)
                .secure(secure)
                .version(u32::from(version_1));
            if let Some(seconds) = seconds {
                builder = builder.expires(crate::common::NOW + Duration::seconds(seconds));
            }
            builder.build().expect("a cookie")
        })
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Plant(Cookie),
    Respond(Target, Vec<Line>),
    Wait(i64),
}

pub(crate) fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    select(&FAMILIES[..]).prop_flat_map(steps_among)
}

fn steps_among(hosts: Hosts) -> impl Strategy<Value = Vec<Step>> {
    let response = (target_among(hosts), vec(line_among(hosts), 1..5));
    let step = prop_oneof![
        8 => response.prop_map(|(target, lines)| Step::Respond(target, lines)),
        2 => cookie_among(hosts).prop_map(Step::Plant),
        1 => (0_i64..15).prop_map(Step::Wait),
    ];
    vec(step, 1..14)
}

/// Flags as in Python, and the guards except the limits, most of them at their defaults.
pub(crate) fn any_policy() -> impl Strategy<Value = DefaultCookiePolicy> {
    let strict = || (weighted(0.15), weighted(0.15), weighted(0.15));
    let lists = (
        option::weighted(0.1, any_host()),
        option::weighted(0.05, vec(any_host(), 0..12)),
    );
    let protocols = (
        weighted(0.4),
        select(&[None, None, Some(true), Some(false)][..]),
        weighted(0.97),
    );
    (
        any::<bool>(),
        strict(),
        strict(),
        strict(),
        protocols,
        lists,
    )
        .prop_map(
            |(python, ns_domain, ns, others, protocols, (blocked, allowed))| {
                let base = if python {
                    DefaultCookiePolicy::python()
                } else {
                    policy()
                };
                let mut strict = StrictNsDomain::LIBERAL;
                (strict.no_dots, strict.non_domain, strict.rfc2965_match) = ns_domain;
                let (rfc2965, rfc2109, netscape) = protocols;
                let mut policy = base
                    .limits(Limits::none())
                    .strict_ns_domain(strict)
                    .strict_ns_set_initial_dollar(ns.0)
                    .strict_ns_set_path(ns.1)
                    .strict_ns_unverifiable(ns.2)
                    .strict_domain(others.0)
                    .strict_rfc2965_unverifiable(!others.1)
                    .netscape(netscape)
                    .rfc2965(rfc2965)
                    .rfc2109_as_netscape(rfc2109)
                    .block_domains(blocked);
                if let Some(allowed) = allowed {
                    policy.set_allowed_domains(allowed);
                }
                policy
            },
        )
}

/// Whether a policy of [`any_policy`] sends host-only cookies to their own host only: policies that
/// do not follow Python do, and have public suffixes.
pub(crate) fn guards_hosts(policy: &DefaultCookiePolicy) -> bool {
    !policy.settings().get_suffixes().is_none()
}

/// The exchange so far.
pub(crate) struct Exchange<P> {
    pub(crate) jar: CookieJar<P>,
    pub(crate) clock: ManualClock,
}

impl<P: CookiePolicy> Exchange<P> {
    pub(crate) fn new(policy: P) -> Self {
        let (jar, clock) = jar_with(policy);
        Self { jar, clock }
    }

    pub(crate) fn of(policy: P, steps: &[Step]) -> Self {
        let mut exchange = Self::new(policy);
        for step in steps {
            exchange.take(step);
        }
        exchange
    }

    /// Takes a step; a response has a report.
    pub(crate) fn take(&mut self, step: &Step) -> Option<ExtractReport> {
        match step {
            Step::Plant(cookie) => {
                self.jar.set_cookie(cookie.clone());
                None
            }
            Step::Respond(target, lines) => Some(self.respond(target, lines)),
            Step::Wait(seconds) => {
                self.clock.advance(Duration::seconds(*seconds));
                None
            }
        }
    }

    pub(crate) fn respond(&mut self, target: &Target, lines: &[Line]) -> ExtractReport {
        let fields: Vec<_> = lines.iter().map(|line| line.field(target.host)).collect();
        self.jar.extract_cookies(&fields, target.context())
    }
}
