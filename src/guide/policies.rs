//! # Writing a policy
//!
//! The flags and lists of [`DefaultCookiePolicy`] are often enough.
//! [`policy_mut`](crate::CookieJar::policy_mut) changes them while the jar is in use.
//!
//! Add a rule of your own with [`and`](PolicyExt::and). It can reject what the first policy accepts, and cannot accept
//! what the first rejects. [`set_ok_fn`] makes a rule for storing, [`return_ok_fn`] one for sending:
//!
//! ```
//! use cookiejar::policy::return_ok_fn;
//! use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy, PolicyExt, Rejection};
//! use url::Url;
//!
//! let by_day = return_ok_fn(|cookie: &Cookie, request| {
//!     let night = request.now().is_some_and(|now| now.hour() < 6);
//!     if night && cookie.name() == "shift" {
//!         return Err(Rejection::Custom(&"the shift begins at six"));
//!     }
//!     Ok(())
//! });
//! let mut jar = CookieJar::with_policy(DefaultCookiePolicy::new().and(by_day));
//!
//! let url = Url::parse("https://acme.com/")?;
//! jar.set_clock(|| time::macros::datetime!(2026-11-21 05:59 UTC));
//! jar.extract_cookies(&[("Set-Cookie", "shift=early")], &url);
//! assert_eq!(jar.cookie_header(&url), None);
//! assert_eq!(jar.explain(&url)[0].verdict, Err(Rejection::Custom(&"the shift begins at six")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A block or allow list is such a rule for any policy. Its patterns are checked: one that no domain can equal is an
//! error. [`And::modify`](crate::policy::And::modify) changes the list while the jar is in use.
//!
//! A rule that accepts what a policy rejects is [`map_set_ok`](PolicyExt::map_set_ok) or
//! [`map_return_ok`](PolicyExt::map_return_ok). To listen to rejections, read the
//! [`ExtractReport`](crate::jar::ExtractReport) of each response, or the log (feature `tracing`).
//!
//! Everything else is a [`CookiePolicy`] of your own. Its seven methods are required, so that a
//! policy which wraps another one passes every question on:
//!
//! ```
//! use cookiejar::policy::{Existing, Settings};
//! use cookiejar::{Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Rejection, RequestContext};
//! use url::Url;
//!
//! /// Cookies are neither taken nor sent without TLS.
//! struct OnlyTls(DefaultCookiePolicy);
//!
//! fn tls_ok(request: &RequestContext<'_>) -> Result<(), Rejection> {
//!     if request.scheme() == "https" { Ok(()) } else { Err(Rejection::Custom(&"no TLS")) }
//! }
//!
//! impl CookiePolicy for OnlyTls {
//!     fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         tls_ok(request)?;
//!         self.0.set_ok(cookie, request)
//!     }
//!
//!     fn domain_return_ok(&self, domain: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         tls_ok(request)?;
//!         self.0.domain_return_ok(domain, request)
//!     }
//!
//!     fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         self.0.path_return_ok(path, request)
//!     }
//!
//!     fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         self.0.return_ok(cookie, request)
//!     }
//!
//!     fn settings(&self) -> &Settings {
//!         self.0.settings()
//!     }
//!
//!     fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
//!         self.0.prepare(cookie, request);
//!     }
//!
//!     fn replace_ok(&self, cookie: &Cookie, stored: Existing<'_>, request: &RequestContext<'_>) -> Result<(), Rejection> {
//!         self.0.replace_ok(cookie, stored, request)
//!     }
//! }
//!
//! let mut jar = CookieJar::with_policy(OnlyTls(DefaultCookiePolicy::new()));
//! jar.extract_cookies(&[("Set-Cookie", "a=1")], &Url::parse("https://acme.com/")?);
//! assert!(jar.cookie_header(&Url::parse("https://acme.com/")?).is_some());
//! assert!(jar.cookie_header(&Url::parse("http://acme.com/")?).is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`CookiePolicy`] has the whole contract. Beyond it:
//!
//! - [`replace_ok`](CookiePolicy::replace_ok) protects what is stored. A wrapper around
//!   [`BrowserPolicy`] that answered it by itself would let plain http overwrite
//!   Secure cookies.
//! - [`Settings`] hold what is not a decision: the protocols, the limits, the public suffixes, and the [`DomainScope`].
//!   A policy that sends cookies to hosts outside their domain needs [`All`](DomainScope::All), the default of a new
//!   [`Settings`].
//! - Where the policy is chosen at run time, use a `CookieJar<Arc<dyn CookiePolicy>>`. [`AcceptAllPolicy`] has no rules
//!   at all.

#![expect(unused_imports, reason = "the links of the text")]

use crate::policy::{AcceptAllPolicy, DomainScope, Settings, return_ok_fn};
use crate::{
    BrowserPolicy, CookiePolicy, DefaultCookiePolicy, PolicyExt, RequestContext, set_ok_fn,
};
