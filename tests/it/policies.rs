//! User-defined policies: the questions they are asked, and what they cannot break.

use crate::common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use common::{NOW, built, header, jar_with, names, policy, request, url};
use cookiejar::policy::{AcceptAllPolicy, DomainScope, Existing, Settings};
use cookiejar::{
    Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, PolicyExt, Provenance, Rejection,
    RequestContext,
};
use time::Duration;

const NO: Rejection = Rejection::Custom(&"no");

/// Records every question, and answers no to the configured ones.
#[derive(Default)]
struct Recorder {
    asked: Mutex<Vec<String>>,
    rejects: &'static str,
    settings: Settings,
}

impl Recorder {
    fn rejecting(question: &'static str) -> Self {
        Self {
            rejects: question,
            ..Self::default()
        }
    }

    fn with_scope(scope: DomainScope) -> Self {
        Self {
            settings: Settings::new().domain_scope(scope),
            ..Self::default()
        }
    }

    fn note(&self, question: String, request: &RequestContext<'_>) -> Result<(), Rejection> {
        assert_eq!(request.now(), Some(NOW), "{question}");
        let rejected = question == self.rejects;
        self.asked.lock().expect("no poison").push(question);
        if rejected { Err(NO) } else { Ok(()) }
    }

    /// The questions since the last call, joined by commas.
    fn asked(&self) -> String {
        let mut asked = self.asked.lock().expect("no poison");
        std::mem::take(&mut *asked).join(", ")
    }
}

impl CookiePolicy for Recorder {
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.note(format!("set {}", cookie.name()), request)
    }

    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.note(format!("return {}", cookie.name()), request)
    }

    fn domain_return_ok(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.note(format!("domain {domain}"), request)
    }

    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.note(format!("path {path}"), request)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        let _ = self.note(format!("prepare {}", cookie.name()), request);
        if cookie.name() == "narrow" {
            cookie.set_secure(true);
        }
    }

    fn replace_ok(
        &self,
        _: &Cookie,
        _: Existing<'_>,
        _: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        Ok(())
    }
}

/// Two cookies on one path of a domain, and one on another.
fn fill<P: CookiePolicy>(jar: &mut CookieJar<P>, domain: &str) {
    for (name, path) in [("a", "/x"), ("b", "/x"), ("c", "/")] {
        jar.set_cookie(built(Cookie::builder(name, "1").domain(domain).path(path)));
    }
}

#[test]
fn a_no_ends_its_branch() {
    // what is rejected, what is asked
    let rows = [
        (
            "",
            "domain acme.com, path /x, return a, path /x, return b, path /, return c",
        ),
        ("domain acme.com", "domain acme.com"),
        (
            "path /x",
            "domain acme.com, path /x, path /x, path /, return c",
        ),
        (
            "return a",
            "domain acme.com, path /x, return a, path /x, return b, path /, return c",
        ),
    ];
    for (rejected, asked) in rows {
        let (mut jar, _) = jar_with(Recorder::rejecting(rejected));
        fill(&mut jar, "acme.com");
        let acme = url("http://acme.com/x");
        let kinds: [fn(&CookieJar<Recorder>, &url::Url); 3] = [
            |jar, url| drop(jar.cookie_header(url)),
            |jar, url| drop(jar.cookies_for(url)),
            |jar, url| drop(jar.explain(url)),
        ];
        for ask in kinds {
            ask(&jar, &acme);
            assert_eq!(jar.policy().asked(), asked, "{rejected}");
        }
    }
}

#[test]
fn the_scope_says_which_domains_are_asked_about() {
    // scope, host, domains asked about, sorted
    let rows = [
        (
            DomainScope::HostSuffixes,
            "www.acme.com",
            ".acme.com acme.com",
        ),
        (DomainScope::HostSuffixes, "acme.com", ".acme.com acme.com"),
        (DomainScope::HostSuffixes, "xacme.com", ""),
        (DomainScope::HostSuffixes, "foo", "foo foo.local"),
        (DomainScope::HostSuffixes, "1.2.3.4", "1.2.3.4"),
        (DomainScope::HostSuffixes, "5.2.3.4", ""),
        (
            DomainScope::All,
            "xacme.com",
            ".acme.com 1.2.3.4 acme.com foo foo.local",
        ),
    ];
    for (scope, host, expected) in rows {
        let (mut jar, _) = jar_with(Recorder::with_scope(scope));
        for domain in ["acme.com", ".acme.com", "foo", "foo.local", "1.2.3.4"] {
            jar.set_cookie(built(Cookie::builder("a", "1").domain(domain)));
        }
        let _ = jar.cookie_header(&url(&format!("http://{host}/")));
        let asked = jar.policy().asked();
        let mut domains: Vec<_> = asked
            .split(", ")
            .filter_map(|question| question.strip_prefix("domain "))
            .collect();
        domains.sort_unstable();
        assert_eq!(domains.join(" "), expected, "{scope:?} {host}");
    }
}

#[test]
fn setting_asks_once_and_prepares_before() {
    let (mut jar, _) = jar_with(Recorder::rejecting("set b"));
    let acme = request("http://acme.com/");
    let fields = [
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "=unreadable"),
        ("Set-Cookie", "b=1"),
        ("Set-Cookie", "old=1; Max-Age=0"), // is asked about like any other
        ("Set-Cookie", "narrow=1"),
    ];
    let report = jar.extract_cookies(&fields, &acme);
    assert_eq!(
        jar.policy().asked(),
        "prepare a, set a, prepare b, set b, prepare old, set old, prepare narrow, set narrow"
    );
    assert_eq!((report.stored, report.removed), (2, 0));
    assert_eq!(report.rejected[1].reason, NO);
    let narrow = jar.get(("acme.com", "/", "narrow")).expect("a cookie");
    assert!(narrow.secure(), "prepare may change a cookie");

    let _ = jar.set_cookie_if_ok(built(Cookie::builder("d", "1").domain("acme.com")), &acme);
    assert_eq!(jar.policy().asked(), "prepare d, set d");
    let _ = jar.make_cookies(&fields, &acme);
    jar.set_cookie(built(Cookie::builder("e", "1").domain("acme.com")));
    jar.extract_cookies(&fields, request("data:,x"));
    assert_eq!(jar.policy().asked(), "", "nothing is decided here");
}

#[test]
fn expired_cookies_are_not_asked_about() {
    let (mut jar, clock) = jar_with(Recorder::default());
    let short = Cookie::builder("a", "1").domain("acme.com");
    jar.set_cookie(built(short.expires(NOW)));
    clock.advance(Duration::seconds(-1));
    let short = Cookie::builder("a", "1").domain("acme.com");
    jar.set_cookie(built(short.expires(NOW)));
    clock.set(NOW);
    assert_eq!(jar.len(), 1);
    let explained = jar.explain(&url("http://acme.com/"));
    assert_eq!(explained[0].verdict, Err(Rejection::Expired));
    assert_eq!(jar.policy().asked(), "");
}

/// Promises to reject all except the suffixes of the host, and accepts everything.
struct Liar(Settings);

impl CookiePolicy for Liar {
    fn set_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn return_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn domain_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn path_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn settings(&self) -> &Settings {
        &self.0
    }

    fn prepare(&self, _: &mut Cookie, _: &RequestContext<'_>) {}

    fn replace_ok(
        &self,
        _: &Cookie,
        _: Existing<'_>,
        _: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        Ok(())
    }
}

#[test]
fn a_policy_that_lies_leaks_nothing_out_of_scope() {
    let settings = Settings::new().domain_scope(DomainScope::HostSuffixes);
    let (mut jar, _) = jar_with(Liar(settings));
    for (name, domain) in [
        ("own", "acme.com"),
        ("dotted", ".acme.com"),
        ("below", "www.acme.com"),
        ("other", "evil.example"),
        ("alike", "xacme.com"),
        ("address", "1.2.3.4"),
        ("part", "3.4"),
    ] {
        jar.set_cookie(built(Cookie::builder(name, "1").domain(domain)));
    }
    let sent = |host: &str| names(jar.cookies_for(&url(&format!("http://{host}/"))));
    assert_eq!(sent("acme.com"), "own dotted");
    assert_eq!(sent("www.acme.com"), "own dotted below");
    assert_eq!(sent("1.2.3.4"), "address");
    assert_eq!(sent("xacme.com"), "alike");
    assert_eq!(sent("com"), "");
}

/// Panics at the configured question, about the cookie `boom` or its domain or path.
struct Fragile {
    at: &'static str,
    settings: Settings,
}

impl Fragile {
    fn panic_at(&self, question: &str, about: &str) {
        assert!(question != self.at || !about.contains("boom"), "boom");
    }
}

impl CookiePolicy for Fragile {
    fn set_ok(&self, cookie: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.panic_at("set", cookie.name());
        Ok(())
    }

    fn return_ok(&self, cookie: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.panic_at("return", cookie.name());
        Ok(())
    }

    fn domain_return_ok(&self, domain: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.panic_at("domain", domain);
        Ok(())
    }

    fn path_return_ok(&self, path: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.panic_at("path", path);
        Ok(())
    }

    fn settings(&self) -> &Settings {
        self.panic_at("settings", "boom");
        &self.settings
    }

    fn prepare(&self, cookie: &mut Cookie, _: &RequestContext<'_>) {
        if self.at == "prepare" && cookie.name() == "boom" {
            cookie.set_value("half done").expect("a value");
            panic!("boom");
        }
    }

    fn replace_ok(
        &self,
        _: &Cookie,
        _: Existing<'_>,
        _: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        Ok(())
    }
}

/// A jar whose policy panics at one question, with three cookies in it.
fn fragile(at: &'static str) -> CookieJar<Fragile> {
    let (mut jar, _) = jar_with(Fragile {
        at: "nothing",
        settings: Settings::new(),
    });
    jar.set_cookie(built(Cookie::builder("a", "1").domain("acme.com")));
    let boom = Cookie::builder("boom", "1");
    jar.set_cookie(built(boom.domain("boom.acme.com").path("/boom")));
    jar.set_cookie(built(Cookie::builder("boom", "1").domain("acme.com")));
    jar.policy_mut().at = at;
    jar
}

/// All observable state of a jar is consistent.
#[track_caller]
fn assert_whole(jar: &mut CookieJar<Fragile>, left: &str) {
    jar.policy_mut().at = "nothing";
    assert_eq!(names(&*jar), left);
    assert_eq!(jar.len(), jar.iter().len());
    for cookie in &*jar {
        let found = jar.get((cookie.domain(), cookie.path(), cookie.name()));
        assert_eq!(found, Some(cookie));
    }
    assert_eq!(
        jar.cookies_for(&url("http://acme.com/boom")).len(),
        jar.len()
    );
    assert_eq!(jar.clear_session_cookies(), left.split(' ').count());
    assert!(jar.is_empty());
}

#[test]
fn a_policy_that_panics_when_setting_leaves_the_jar_whole() {
    let fields = [
        ("Set-Cookie", "b=1"),
        ("Set-Cookie", "boom=2"),
        ("Set-Cookie", "c=1"),
    ];
    for at in ["set", "prepare"] {
        let mut jar = fragile(at);
        let result = catch_unwind(AssertUnwindSafe(|| {
            jar.extract_cookies(&fields, &url("http://acme.com/"))
        }));
        assert!(result.is_err(), "{at}");
        let boom = jar.get(("acme.com", "/", "boom")).and_then(Cookie::value);
        assert_eq!(boom, Some("1"), "{at}: as it was before the response");
        assert_whole(&mut jar, "a boom boom");

        let mut jar = fragile(at);
        let cookie = built(Cookie::builder("boom", "2").domain("acme.com"));
        let result = catch_unwind(AssertUnwindSafe(|| {
            jar.set_cookie_if_ok(cookie, &url("http://acme.com/"))
        }));
        assert!(result.is_err(), "{at}");
        assert_whole(&mut jar, "a boom boom");
    }
}

#[test]
fn a_policy_that_panics_when_returning_leaves_the_jar_whole() {
    for at in ["domain", "path", "return", "settings"] {
        let mut jar = fragile(at);
        let acme = url("http://acme.com/");
        let kinds: [fn(&CookieJar<Fragile>, &url::Url); 4] = [
            |jar, url| drop(jar.cookie_header(url)),
            |jar, url| drop(jar.cookies_for(url)),
            |jar, url| drop(jar.explain(url)),
            |jar, url| {
                let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
                jar.add_cookie_header_to(&mut headers, url);
            },
        ];
        for ask in kinds {
            assert!(
                catch_unwind(AssertUnwindSafe(|| ask(&jar, &acme))).is_err(),
                "{at}"
            );
        }
        assert!(
            jar.iter().all(|cookie| cookie.last_access_time().is_none()),
            "{at}: nothing was sent"
        );
        assert_whole(&mut jar, "a boom boom");
    }
}

/// Answers each question differently, so that forwarding can be detected.
struct Outspoken(Settings);

impl CookiePolicy for Outspoken {
    fn set_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Err(Rejection::Custom(&"set"))
    }

    fn return_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Err(Rejection::Custom(&"return"))
    }

    fn domain_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Err(Rejection::Custom(&"domain"))
    }

    fn path_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Err(Rejection::Custom(&"path"))
    }

    fn settings(&self) -> &Settings {
        &self.0
    }

    fn prepare(&self, cookie: &mut Cookie, _: &RequestContext<'_>) {
        cookie.set_secure(true);
    }

    fn replace_ok(
        &self,
        _: &Cookie,
        _: Existing<'_>,
        _: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        Err(Rejection::Custom(&"replace"))
    }
}

/// Makes every cookie of a host its own.
struct Narrowing(DefaultCookiePolicy);

impl CookiePolicy for Narrowing {
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.set_ok(cookie, request)
    }

    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.return_ok(cookie, request)
    }

    fn domain_return_ok(&self, domain: &str, of: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.domain_return_ok(domain, of)
    }

    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.path_return_ok(path, request)
    }

    fn settings(&self) -> &Settings {
        self.0.settings()
    }

    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        cookie.set_domain(request.host()).expect("a domain");
    }

    fn replace_ok(
        &self,
        cookie: &Cookie,
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.0.replace_ok(cookie, stored, request)
    }
}

/// Only a host without a registrable domain, whose name no other host can share, takes the namesake with a dot.
#[test]
fn a_policy_that_narrows_every_cookie_replaces_no_domain_cookie() {
    for (host, left) in [("acme.com", 2), ("intranet", 1)] {
        let (mut jar, _) = jar_with(Narrowing(policy()));
        jar.set_cookie(built(Cookie::builder("a", "1").domain(&format!(".{host}"))));
        let set = jar.set_cookie_str("a=2", request(&format!("https://{host}/")));
        assert!(set.is_ok(), "{host}: {set:?}");
        assert_eq!(jar.len(), left, "{host}");
    }
}

#[track_caller]
fn forwards_everything(policy: impl CookiePolicy) {
    let request = request("http://acme.com/");
    let mut cookie = built(Cookie::builder("a", "1").domain("acme.com"));
    let no = |word| Err(Rejection::Custom(word));
    let stored = Existing::default();
    assert_eq!(policy.set_ok(&cookie, &request), no(&"set"));
    assert_eq!(policy.return_ok(&cookie, &request), no(&"return"));
    assert_eq!(policy.domain_return_ok("acme.com", &request), no(&"domain"));
    assert_eq!(policy.path_return_ok("/", &request), no(&"path"));
    assert_eq!(policy.replace_ok(&cookie, stored, &request), no(&"replace"));
    assert_eq!(policy.may_return(&cookie, &request), no(&"domain"));
    policy.prepare(&mut cookie, &request);
    assert!(cookie.secure());
    assert_eq!(
        policy.settings().get_domain_scope(),
        DomainScope::HostSuffixes
    );
}

#[test]
fn pointers_forward_everything() {
    let outspoken = || Outspoken(Settings::new().domain_scope(DomainScope::HostSuffixes));
    forwards_everything(outspoken());
    let one = outspoken();
    let reference: &Outspoken = &one;
    forwards_everything(reference);
    forwards_everything(Box::new(outspoken()));
    forwards_everything(Arc::new(outspoken()));
    forwards_everything(Arc::new(outspoken()) as Arc<dyn CookiePolicy>);
}

#[test]
fn a_policy_that_accepts_all_returns_all() {
    let (mut jar, _) = jar_with(AcceptAllPolicy::new());
    let fields = [
        (
            "Set-Cookie",
            "a=1; Domain=elsewhere.example; Path=/deep; Secure",
        ),
        ("Set-Cookie2", "b=2; Version=1; Port=\"1\""),
        ("Set-Cookie", "c=3; Domain=com"),
        ("Set-Cookie", "d=\x01"),
    ];
    let report = jar.extract_cookies(&fields, request("http://acme.com/"));
    assert_eq!((report.stored, report.rejected.len()), (4, 0));
    let mine = jar.cookies_for(request("http://third.example:99/"));
    assert_eq!(mine.len(), 4, "wherever they came from");
}

#[test]
fn a_policy_that_is_asked_about_all_domains_sees_no_other_partition() {
    let (mut jar, _) = jar_with(AcceptAllPolicy::new());
    for (name, partition) in [("a", None), ("b", Some("own")), ("c", Some("other"))] {
        let mut cookie = built(Cookie::builder(name, "1").domain("acme.com"));
        cookie.set_partition_key(partition).expect("a key");
        jar.set_cookie(cookie);
    }
    let sent = |provenance: Provenance<'static>| {
        names(jar.cookies_for(request("http://acme.com/").caused_by(provenance)))
    };
    assert_eq!(sent(Provenance::new()), "a");
    assert_eq!(sent(Provenance::new().partition_key("own")), "a b");
}

#[test]
fn the_default_policy_withholds_what_has_expired_at_the_time_of_the_request() {
    let expired = built(Cookie::builder("a", "1").domain("acme.com").expires(NOW));
    let acme = RequestContext::new("http", "acme.com", None, "/");
    assert_eq!(
        policy().return_ok(&expired, &acme),
        Ok(()),
        "without a time"
    );
    let at = |now| acme.clone().caused_by(Provenance::new().at(now));
    let verdict = |now| policy().return_ok(&expired, &at(now));
    assert_eq!(verdict(NOW - Duration::SECOND), Ok(()));
    assert_eq!(verdict(NOW), Err(Rejection::Expired));
}

#[test]
fn a_stricter_policy_stands_on_top() {
    let no_trackers = cookiejar::set_ok_fn(|cookie: &Cookie, _: &RequestContext<'_>| {
        if cookie.name() == "_ga" {
            Err(NO)
        } else {
            Ok(())
        }
    });
    let (mut jar, _) = jar_with(policy().and(no_trackers));
    let fields = [
        ("Set-Cookie", "_ga=1"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=1; Domain=com"),
    ];
    let report = jar.extract_cookies(&fields, &url("http://acme.com/"));
    let reasons: Vec<_> = report
        .rejected
        .iter()
        .map(|rejected| rejected.reason)
        .collect();
    assert_eq!(reasons, [NO, Rejection::PublicSuffix]);
    assert_eq!(header(&jar, "http://acme.com/"), "a=1");
}

#[test]
fn an_allow_list_that_is_removed_allows_every_domain() {
    let mut policy = policy();
    policy.set_allowed_domains(["acme.com"]);
    assert!(policy.is_not_allowed("other.com") && !policy.is_not_allowed("acme.com"));
    policy.allow_all_domains();
    assert!(!policy.is_not_allowed("other.com"));
    assert!(policy.allowed_domains().is_none());
}
