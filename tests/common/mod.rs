//! What the integration tests share: a fixed time, a short suffix list, a jar whose clock stands
//! still.
#![allow(dead_code, reason = "each test binary uses its part of it")]

#[cfg(unix)]
pub(crate) mod own_postgres;
pub(crate) mod proxy;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use cookiejar::jar::ManualClock;
use cookiejar::policy::{Existing, PublicSuffixes, Settings};
use cookiejar::{
    Cookie, CookieBuilder, CookieJar, CookiePolicy, DefaultCookiePolicy, Provenance, Rejection,
    RequestContext,
};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 08:00 UTC);

#[track_caller]
pub(crate) fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

/// A request for a URL, at [`NOW`].
#[track_caller]
pub(crate) fn request(text: &str) -> RequestContext<'static> {
    RequestContext::from(&url(text))
        .into_owned()
        .caused_by(Provenance::new().at(NOW))
}

/// A short list, so that no test depends on the built-in one.
pub(crate) fn suffixes() -> PublicSuffixes {
    PublicSuffixes::parse("com\nexample\nuk\nco.uk\nio\ngithub.io\n").expect("a list")
}

/// The default policy with the short suffix list.
pub(crate) fn policy() -> DefaultCookiePolicy {
    DefaultCookiePolicy::with_suffixes(suffixes())
}

/// A jar whose clock shows [`NOW`] until it is moved.
pub(crate) fn jar_with<P: CookiePolicy>(policy: P) -> (CookieJar<P>, ManualClock) {
    let clock = ManualClock::new(NOW);
    let mut jar = CookieJar::with_policy(policy);
    jar.set_clock(clock.clone());
    (jar, clock)
}

/// A jar with the default policy.
pub(crate) fn jar() -> (CookieJar, ManualClock) {
    jar_with(policy())
}

/// Runs `work` on a thread of its own: a deadlock fails the test instead of stopping it.
#[track_caller]
pub(crate) fn in_time<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (done, told) = mpsc::channel();
    thread::spawn(move || done.send(catch_unwind(AssertUnwindSafe(work))));
    match told.recv_timeout(Duration::from_secs(300)) {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(error) => panic!("{what} waits for ever: {error}"),
    }
}

#[track_caller]
pub(crate) fn built(builder: CookieBuilder<'_>) -> Cookie {
    builder.build().expect("a cookie")
}

/// The header that a jar has for a URL, as text; empty if it has none.
#[track_caller]
pub(crate) fn header<P: CookiePolicy>(jar: &CookieJar<P>, request_url: &str) -> String {
    let header = jar.cookie_header(&url(request_url));
    header.map_or_else(String::new, |header| {
        header.to_str().expect("UTF-8").to_owned()
    })
}

/// The names of cookies, joined by spaces.
pub(crate) fn names<'a>(cookies: impl IntoIterator<Item = &'a Cookie>) -> String {
    let names: Vec<_> = cookies.into_iter().map(Cookie::name).collect();
    names.join(" ")
}

/// The minimal wrapper of a policy that compiles.
pub(crate) struct Wrapper<P>(pub(crate) P);

impl<P: CookiePolicy> CookiePolicy for Wrapper<P> {
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.set_ok(cookie, request)
    }

    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.return_ok(cookie, request)
    }

    fn domain_return_ok(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.0.domain_return_ok(domain, request)
    }

    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.path_return_ok(path, request)
    }

    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        self.0.prepare(cookie, request);
    }

    fn replace_ok(
        &self,
        cookie: &Cookie,
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.0.replace_ok(cookie, stored, request)
    }

    fn settings(&self) -> &Settings {
        self.0.settings()
    }
}
