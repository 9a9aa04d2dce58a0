//! Unit tests of web applications: [`TestJar`].
//!
//! It opens no connection: a test calls the application directly, here an `axum` router through `tower`:
//!
//! ```
//! use axum::{Router, routing::get, http::HeaderMap};
//! use cookiejar::testing::TestJar;
//! use http::Request;
//! use time::Duration;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let app = Router::new()
//!     .route("/login", get(|| async { [("Set-Cookie", "sid=31d4; Path=/; Max-Age=3600; Secure; HttpOnly")] }))
//!     .route("/report", get(|headers: HeaderMap| async move { format!("{:?}", headers.get("cookie").is_some()) }));
//!
//! let mut jar = TestJar::new("https://acme.com");
//! jar.call(Request::get("/login").body(String::new())?, |request| app.clone().oneshot(request)).await?;
//! jar.expect("sid").on("/report").secure().http_only().host_only().path("/").lasts(Duration::HOUR);
//! jar.expect_none("sid").on("http://acme.com/report");
//!
//! let page = jar.call(Request::get("/report").body(String::new())?, |request| app.clone().oneshot(request)).await?;
//! assert_eq!(axum::body::to_bytes(page.into_body(), 100).await?, "true");
//!
//! jar.advance(Duration::HOUR);
//! jar.expect_none("sid").on("/report");
//! # Ok(())
//! # }
//! ```
//!
//! # Which clock
//!
//! | the application | the clock to use |
//! |---|---|
//! | sends `Max-Age`, or sets session cookies | the default: it is stopped at the beginning of 2026, so that [`lasts`](Found::lasts) is exact on every run |
//! | computes `Expires` from an injected clock | the default, and [`clock`](TestJar::clock) for the application |
//! | computes `Expires` from the system's clock | [`in_real_time`](TestJar::in_real_time): with a stopped clock its cookies would seem to last longer every day |
//! | responded at a known time, such as a recorded response with `Expires` | [`at`](TestJar::at) that time |
//!
//! [`advance`](TestJar::advance) moves each of them.

use std::fmt;
use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use url::Url;

use crate::clock::Clock;
use crate::headers::ResponseHeaders;
use crate::jar::{CookieJar, ExtractReport, Rejected};
#[cfg(feature = "psl")]
use crate::policy::BrowserPolicy;
use crate::policy::CookiePolicy;

mod clock;
#[cfg(feature = "persist")]
mod engine;
mod expect;
mod why;

pub use clock::TestClock;
#[cfg(feature = "persist")]
pub use engine::{MemoryEngine, check_engine};
pub use expect::{Expect, ExpectNone, Found, NotSent};

/// A jar for a unit test, with a base URL, so that tests can use paths; a clock that is stopped until the test moves it
/// ([by default](self#which-clock)); and assertions.
///
/// Assertions read as sentences, and panic with what was found and why. Only [`value`](Found::value) shows values.
///
/// ```
/// use cookiejar::{Rejection, testing::TestJar};
///
/// let mut jar = TestJar::new("https://www.acme.com");
/// let response = [("Set-Cookie", "sid=31d4; Path=/; Secure"), ("Set-Cookie", "ad=1; Domain=com")];
/// jar.extract_cookies(&response, "/login");
///
/// jar.expect("sid").on("/report").value("31d4").secure().path("/");
/// jar.expect_none("sid").on("http://www.acme.com/").because(Rejection::InsecureRequest);
/// jar.expect_rejected("ad").because(Rejection::PublicSuffix);
/// ```
pub struct TestJar {
    jar: CookieJar<Arc<dyn CookiePolicy>>,
    clock: TestClock,
    base: Url,
    rejections: Vec<RejectedCookie>,
}

struct RejectedCookie {
    url: Url,
    rejected: Rejected,
    /// Whether it would have deleted the cookie with the same id.
    removal: bool,
}

const START: i64 = 1_767_225_600;

/// Constructors, and the time.
impl TestJar {
    /// Creates an empty jar with [`BrowserPolicy::new`] for an application at `base`: it behaves like its users'
    /// browsers, and on the local machine `Secure` cookies need no TLS.
    ///
    /// ```
    /// use cookiejar::{Rejection, testing::TestJar};
    ///
    /// let mut jar = TestJar::new("http://localhost:3000");
    /// let response = [("Set-Cookie", "__Host-sid=31d4; Secure; Path=/"), ("Set-Cookie", "ad=1; SameSite=None")];
    /// jar.extract_cookies(&response, "/login");
    /// jar.expect("__Host-sid").on("/report").secure();
    /// jar.expect_rejected("ad").because(Rejection::SameSiteNoneInsecure);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `base` is not a URL.
    #[cfg(feature = "psl")]
    #[must_use]
    #[track_caller]
    pub fn new(base: &str) -> Self {
        Self::with_policy(base, BrowserPolicy::new())
    }

    /// Creates an empty jar with another policy for an application at `base`.
    ///
    /// # Panics
    ///
    /// Panics if `base` is not a URL.
    #[must_use]
    #[track_caller]
    pub fn with_policy(base: &str, policy: impl CookiePolicy + 'static) -> Self {
        let base = Url::parse(base).unwrap_or_else(|error| {
            panic!("the base of a test jar is a URL, not `{base}`: {error}")
        });
        let policy: Arc<dyn CookiePolicy> = Arc::new(policy);
        let new = Self {
            jar: CookieJar::with_policy(policy),
            clock: TestClock::fixed(START),
            base,
            rejections: Vec::new(),
        };
        let clock = new.clock();
        new.with_clock(clock)
    }

    /// Sets the time at which the clock is stopped. Defaults to the beginning of 2026.
    #[must_use]
    pub fn at(self, now: OffsetDateTime) -> Self {
        self.with_clock(TestClock::fixed(now.unix_timestamp()))
    }

    /// Uses the system's time, for an application that computes `Expires` from it.
    ///
    /// ```
    /// use cookiejar::testing::TestJar;
    /// use time::{Duration, OffsetDateTime, format_description::well_known::Rfc2822};
    ///
    /// let mut jar = TestJar::new("https://acme.com").in_real_time();
    /// let expires = OffsetDateTime::now_utc() + Duration::HOUR;
    /// let field = format!("sid=31d4; Expires={}", expires.format(&Rfc2822)?);
    /// jar.extract_cookies(&[("Set-Cookie", field)], "/");
    /// jar.expect("sid").on("/").lasts(Duration::HOUR);
    /// jar.advance(Duration::HOUR);
    /// jar.expect_none("sid").on("/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn in_real_time(self) -> Self {
        self.with_clock(TestClock::system())
    }

    fn with_clock(mut self, clock: TestClock) -> Self {
        self.jar.set_clock(clock.clone());
        self.clock = clock;
        self
    }

    /// Returns the test's current time.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Advances the clock.
    pub fn advance(&mut self, step: Duration) {
        self.clock.advance(step);
    }

    /// Returns the clock, for an application that accepts one.
    #[must_use]
    pub fn clock(&self) -> TestClock {
        self.clock.clone()
    }

    /// Returns the jar itself.
    #[must_use]
    pub fn jar(&self) -> &CookieJar<Arc<dyn CookiePolicy>> {
        &self.jar
    }

    /// Returns the jar itself, for changing its cookies.
    pub fn jar_mut(&mut self) -> &mut CookieJar<Arc<dyn CookiePolicy>> {
        &mut self.jar
    }

    /// Resolves a path, or any URL reference, against the base URL.
    ///
    /// # Panics
    ///
    /// Panics if `path` is not a URL reference.
    #[must_use]
    #[track_caller]
    pub fn url(&self, path: &str) -> Url {
        match self.base.join(path) {
            Ok(url) => url,
            Err(error) => panic!("`{path}` is no path and no URL: {error}"),
        }
    }
}

/// Calls of the application. A path is relative to the base URL; an absolute URL works, too.
impl TestJar {
    /// Stores the cookies of a response to a request for `path`; see [`CookieJar::extract_cookies`].
    ///
    /// # Panics
    ///
    /// Panics if `path` is not a URL reference.
    #[track_caller]
    pub fn extract_cookies(
        &mut self,
        response: &(impl ResponseHeaders + ?Sized),
        path: &str,
    ) -> ExtractReport {
        let url = self.url(path);
        let mut removals = self.jar.make_cookies(response, &url);
        let now = self.now().unix_timestamp();
        removals.retain(|cookie| cookie.is_expired_at(now));
        let report = self.jar.extract_cookies(response, &url);
        let rejections = report.rejected.iter().map(|rejected| RejectedCookie {
            url: url.clone(),
            rejected: rejected.clone(),
            removal: removals
                .iter()
                .any(|cookie| cookie.name() == rejected.name()),
        });
        self.rejections.extend(rejections);
        report
    }

    /// Returns the `Cookie` header of a request for `path`, or an empty string.
    ///
    /// # Panics
    ///
    /// Panics if `path` is not a URL reference.
    #[must_use]
    #[track_caller]
    pub fn cookie_header(&self, path: &str) -> String {
        let header = self.jar.cookie_header(&self.url(path));
        header.map_or_else(String::new, |header| {
            String::from_utf8_lossy(header.as_bytes()).into_owned()
        })
    }

    /// Sends a request with the cookies of the jar through `send`, and stores those of the response. The target of
    /// the request may be a path. Redirects are not followed.
    ///
    /// See the [example of the module](self).
    ///
    /// # Errors
    ///
    /// Those of `send`. The jar is then unchanged.
    ///
    /// # Panics
    ///
    /// Panics if the target is not a URL reference.
    #[cfg(feature = "http")]
    pub async fn call<B, R, E, F, Fut>(
        &mut self,
        mut request: http::Request<B>,
        send: F,
    ) -> Result<http::Response<R>, E>
    where
        F: FnOnce(http::Request<B>) -> Fut,
        Fut: Future<Output = Result<http::Response<R>, E>>,
    {
        let target = request.uri().to_string();
        let url = self.url(&target);
        self.jar.add_cookie_header_to(&mut request, &url);
        let response = send(request).await?;
        self.extract_cookies(&response, &target);
        Ok(response)
    }
}

/// Shows the cookies without their values.
impl fmt::Debug for TestJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestJar")
            .field("base", &self.base.as_str())
            .field("now", &self.now())
            .field("cookies", &self.jar.iter().collect::<Vec<_>>())
            .field("rejected", &self.rejections.len())
            .finish_non_exhaustive()
    }
}
