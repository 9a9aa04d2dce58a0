//! The assertions of a test, and their messages.

use std::fmt;

use time::Duration;

use super::TestJar;
use crate::cookie::{Cookie, SameSite};
use crate::rejection::Rejection;

/// Assertions.
impl TestJar {
    /// Starts the assertion that a cookie with this name is sent.
    #[must_use = "an expectation asserts nothing before `on`"]
    pub fn expect<'t>(&'t self, name: &'t str) -> Expect<'t> {
        Expect { test: self, name }
    }

    /// Starts the assertion that no cookie with this name is sent.
    #[must_use = "an expectation asserts nothing before `on`"]
    pub fn expect_none<'t>(&'t self, name: &'t str) -> ExpectNone<'t> {
        ExpectNone { test: self, name }
    }

    /// Asserts that a received cookie with this name was rejected.
    ///
    /// # Panics
    ///
    /// Panics if no such cookie was rejected.
    #[track_caller]
    pub fn expect_rejected<'t>(&'t self, name: &'t str) -> NotSent<'t> {
        let reasons: Vec<_> = self
            .rejections(name)
            .map(|rejection| rejection.rejected.reason)
            .collect();
        assert!(
            !reasons.is_empty(),
            "expected that the cookie `{name}` was rejected, but no response had one that was{}",
            self.contents(),
        );
        NotSent {
            test: self,
            name,
            reasons,
        }
    }
}

/// An expected cookie; made by [`TestJar::expect`].
#[derive(Debug, Clone, Copy)]
#[must_use = "an expectation asserts nothing before `on`"]
pub struct Expect<'t> {
    pub(super) test: &'t TestJar,
    pub(super) name: &'t str,
}

impl<'t> Expect<'t> {
    /// Asserts that the cookie is sent with a request for `path`. If several have this name, it picks the first that
    /// is sent.
    ///
    /// # Panics
    ///
    /// Panics if no such cookie is sent.
    #[track_caller]
    pub fn on(self, path: &str) -> Found<'t> {
        let Self { test, name } = self;
        let url = test.url(path);
        let mut verdicts = test.verdicts(name, &url).into_iter();
        match verdicts.find(|(_, verdict)| verdict.is_ok()) {
            Some((cookie, _)) => Found { test, cookie },
            None => panic!(
                "expected the cookie `{name}` with a request for {url}, but it is not sent{}",
                test.why_not(name, &url),
            ),
        }
    }
}

/// The expectation that no cookie with a name is sent; made by [`TestJar::expect_none`].
#[derive(Debug, Clone, Copy)]
#[must_use = "an expectation asserts nothing before `on`"]
pub struct ExpectNone<'t> {
    pub(super) test: &'t TestJar,
    pub(super) name: &'t str,
}

impl<'t> ExpectNone<'t> {
    /// Asserts that no cookie with this name is sent with a request for `path`.
    ///
    /// # Panics
    ///
    /// Panics if one is sent. The message shows it, and rejected removals with the same name and their reasons.
    #[track_caller]
    pub fn on(self, path: &str) -> NotSent<'t> {
        let Self { test, name } = self;
        let url = test.url(path);
        let mut reasons = Vec::new();
        for (cookie, verdict) in test.verdicts(name, &url) {
            match verdict {
                Ok(()) => panic!(
                    "expected no cookie `{name}` with a request for {url}, but this one is sent: {cookie:?}{}",
                    test.rejected(name),
                ),
                Err(reason) => reasons.push(reason),
            }
        }
        NotSent {
            test,
            name,
            reasons,
        }
    }
}

/// A cookie that is withheld or was rejected.
#[derive(Debug, Clone)]
pub struct NotSent<'t> {
    pub(super) test: &'t TestJar,
    pub(super) name: &'t str,
    pub(super) reasons: Vec<Rejection>,
}

impl NotSent<'_> {
    /// Asserts that this rule was the reason.
    ///
    /// # Panics
    ///
    /// Panics if it was another rule, or if no such cookie is in reach of the request.
    #[track_caller]
    pub fn because(&self, reason: Rejection) {
        let Self {
            test,
            name,
            reasons,
        } = self;
        let found = match &reasons[..] {
            [] => format!("there is no such cookie in reach{}", test.contents()),
            reasons if reasons.contains(&reason) => return,
            reasons => {
                let reasons: Vec<_> = reasons.iter().map(ToString::to_string).collect();
                reasons.join(", and ")
            }
        };
        panic!("expected of the cookie `{name}`: {reason}\n  found: {found}");
    }
}

/// A cookie that is sent, found by [`Expect::on`]. Each assertion returns it, for chaining, and panics if it does not
/// hold: the message has what was found.
///
/// ```
/// use cookiejar::{SameSite, testing::TestJar};
/// use time::Duration;
///
/// let mut jar = TestJar::new("https://acme.com");
/// let field = "sid=31d4; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax";
/// jar.extract_cookies(&[("Set-Cookie", field)], "/login");
/// jar.expect("sid")
///     .on("/report")
///     .value("31d4")
///     .host_only()
///     .path("/")
///     .secure()
///     .http_only()
///     .same_site(SameSite::Lax)
///     .lasts(Duration::HOUR);
/// ```
#[derive(Clone, Copy)]
pub struct Found<'t> {
    test: &'t TestJar,
    cookie: &'t Cookie,
}

impl<'t> Found<'t> {
    /// Returns the cookie, for properties without an assertion.
    #[must_use]
    pub fn cookie(&self) -> &'t Cookie {
        self.cookie
    }

    /// Asserts the value.
    #[track_caller]
    pub fn value(&self, value: &str) -> &Self {
        let found = self.cookie.value().unwrap_or_default();
        let of = || format!("the value `{value}`, found `{found}`");
        self.expect(found == value, of)
    }

    /// Asserts that the cookie is Secure.
    #[track_caller]
    pub fn secure(&self) -> &Self {
        self.expect(self.cookie.secure(), || "Secure".to_owned())
    }

    /// Asserts that the cookie is `HttpOnly`.
    #[track_caller]
    pub fn http_only(&self) -> &Self {
        self.expect(self.cookie.http_only(), || "HttpOnly".to_owned())
    }

    /// Asserts the `SameSite` attribute.
    #[track_caller]
    pub fn same_site(&self, same_site: SameSite) -> &Self {
        let found = self.cookie.same_site();
        let of = || match found {
            Some(found) => format!("SameSite={same_site:?}, found {found:?}"),
            None => format!("SameSite={same_site:?}, found none"),
        };
        self.expect(found == Some(same_site), of)
    }

    /// Asserts that the cookie is host-only.
    #[track_caller]
    pub fn host_only(&self) -> &Self {
        self.expect(self.cookie.host_only(), || "no Domain".to_owned())
    }

    /// Asserts that the cookie is sent to `domain` and all hosts below it; a leading dot is ignored.
    #[track_caller]
    pub fn domain(&self, domain: &str) -> &Self {
        let found = self.cookie.domain().strip_prefix('.');
        let bare = domain.strip_prefix('.').unwrap_or(domain);
        self.expect(found == Some(bare), || format!("Domain={bare}"))
    }

    /// Asserts the path.
    #[track_caller]
    pub fn path(&self, path: &str) -> &Self {
        self.expect(self.cookie.path() == path, || format!("Path={path}"))
    }

    /// Asserts that this is a session cookie.
    #[track_caller]
    pub fn session(&self) -> &Self {
        self.expect(self.cookie.discard(), || "a session cookie".to_owned())
    }

    /// Asserts the remaining lifetime of the cookie, to the second. [In real time](TestJar::in_real_time), the
    /// seconds since the test began are tolerated.
    #[track_caller]
    pub fn lasts(&self, lifetime: Duration) -> &Self {
        let found = self
            .cookie
            .expires()
            .map(|expires| expires - self.test.now());
        let of = || match found {
            Some(found) => format!("a lifetime of {lifetime}, found {found}"),
            None => format!("a lifetime of {lifetime}, found none"),
        };
        let missing = found.map(|found| lifetime - found);
        let holds = missing
            .is_some_and(|missing| (Duration::ZERO..=self.test.clock.elapsed()).contains(&missing));
        self.expect(holds, of)
    }

    #[track_caller]
    fn expect(&self, holds: bool, of: impl FnOnce() -> String) -> &Self {
        assert!(
            holds,
            "expected of the cookie `{}`: {}\n  found: {:?}",
            self.cookie.name(),
            of(),
            self.cookie,
        );
        self
    }
}

/// Shows the cookie without its value.
impl fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Found").field(self.cookie).finish()
    }
}
