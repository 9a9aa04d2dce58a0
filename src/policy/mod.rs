//! Step 3: every decision.
//!
//! A policy knows no jar and no store: it is asked about one cookie and one request at a time.

use std::sync::Arc;

use crate::cookie::Cookie;
use crate::public_suffix::PublicSuffixes;
use crate::rejection::Rejection;
use crate::request::RequestContext;

mod accept_all;
mod browser;
mod combine;
mod default;
mod flags;
mod overlaid;

pub use accept_all::AcceptAllPolicy;
pub use browser::BrowserPolicy;
pub use combine::{And, ReturnOkFn, SetOkFn, return_ok_fn, set_ok_fn};
pub use default::{DefaultCookiePolicy, StrictNsDomain};
pub use overlaid::Overlaid;

/// Decides which cookies are accepted from a server and which are returned to it.
///
/// # For those who ask
///
/// A jar asks for you. Outside a jar, ask [`set_ok`](Self::set_ok) or
/// [`may_return`](Self::may_return).
///
/// # For those who answer
///
/// `Err` means no, and why; it never means that something broke. What the jar guarantees:
///
/// - **Setting.** The cookie passed the checks of every [`Cookie`]. Just before
///   [`set_ok`](Self::set_ok), [`prepare`](Self::prepare) was called with the same cookie and
///   request. A cookie that is expired already is asked about like any other: a yes deletes its
///   namesake. If the answer is yes, [`replace_ok`](Self::replace_ok) follows, for rules about what
///   is stored already.
/// - **Returning.** For each stored domain in the [`DomainScope`] that the settings promise,
///   [`domain_return_ok`](Self::domain_return_ok) is asked, then
///   [`path_return_ok`](Self::path_return_ok) for the paths of its cookies, then
///   [`return_ok`](Self::return_ok) for each cookie. A no ends that branch. Each question is
///   complete for its own subject, and `return_ok` may rely on the other two having been answered
///   yes. A question may be asked more than once. Expired cookies are never asked about.
/// - **Time.** [`RequestContext::now`] is there. A policy reads no clock.
///
/// A policy must not use the jar that asks it. It may panic: the jar is then as it was before the
/// cookie.
///
/// These five methods are required, so that a policy which wraps another one cannot forget to pass
/// a question on; `prepare` and `replace_ok` it has to pass on, too. To add a rule to a policy there is no need for a wrapper: see [`and`](Self::and).
///
/// ```
/// use cookiejar::{Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Rejection, set_ok_fn};
///
/// let no_trackers = set_ok_fn(|cookie: &Cookie, _| match cookie.name() {
///     "_ga" => Err(Rejection::Custom("no trackers here")),
///     _ => Ok(()),
/// });
/// let jar = CookieJar::with_policy(DefaultCookiePolicy::new().and(no_trackers));
/// ```
pub trait CookiePolicy: Send + Sync {
    /// Whether `cookie` may be accepted in an answer to `request`.
    ///
    /// # Errors
    ///
    /// The rule that refuses the cookie.
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection>;

    /// Whether `cookie`, whose domain and path are settled, may be returned with `request`.
    ///
    /// # Errors
    ///
    /// The rule that keeps the cookie back.
    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection>;

    /// Whether cookies of the stored `domain` may be returned with `request`. A domain with a
    /// leading dot came with a `Domain` attribute, one without is host-only.
    ///
    /// # Errors
    ///
    /// The rule that keeps the domain's cookies back.
    fn domain_return_ok(&self, domain: &str, request: &RequestContext<'_>)
    -> Result<(), Rejection>;

    /// Whether cookies of the stored `path` may be returned with `request`.
    ///
    /// # Errors
    ///
    /// The rule that keeps the path's cookies back.
    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection>;

    /// What the jar has to know to read headers, to look up cookies and to keep within bounds.
    fn settings(&self) -> &Settings;

    /// May change a cookie before it is judged; nothing else of a policy may. Does nothing by
    /// default.
    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        let _ = (cookie, request);
    }

    /// Whether `cookie`, to which [`set_ok`](Self::set_ok) said yes, may come to stand beside or in
    /// the place of the stored cookies that a server could take it for. Yes by default.
    ///
    /// The jar asks it once for each cookie, expired ones included, and looks nothing up unless the
    /// policy looks at `stored`: a policy that does not care pays nothing.
    ///
    /// # Errors
    ///
    /// The rule that protects what is stored.
    fn replace_ok(
        &self,
        cookie: &Cookie,
        stored: Overlaid<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let _ = (cookie, stored, request);
        Ok(())
    }

    /// Asks all three questions about returning `cookie` with `request`, for use outside a jar.
    ///
    /// # Errors
    ///
    /// The first rule that keeps the cookie back.
    fn may_return(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.domain_return_ok(cookie.domain(), request)?;
        self.path_return_ok(cookie.path(), request)?;
        self.return_ok(cookie, request)
    }

    /// This policy and a stricter one on top of it: a cookie passes if both let it pass.
    ///
    /// Protocols and dialect are those of this policy, and so are its public suffixes if it has
    /// any. Both policies prepare a cookie, this one first. The domain scope is the narrower one,
    /// each limit the smaller one.
    fn and<Q: CookiePolicy>(self, stricter: Q) -> And<Self, Q>
    where
        Self: Sized,
    {
        And::new(self, stricter)
    }
}

/// What a jar takes from its policy beside decisions.
///
/// It begins with [`new`](Self::new) and is changed by the methods that are named like its fields:
///
/// ```
/// use cookiejar::{DomainScope, Limits, Settings};
///
/// let settings = Settings::new().domain_scope(DomainScope::HostSuffixes).limits(Limits::none());
/// assert!(settings.protocols.netscape);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Which protocols are spoken.
    pub protocols: Protocols,
    /// How `Set-Cookie` is read.
    pub dialect: Dialect,
    /// How much a jar keeps and sends.
    pub limits: Limits,
    /// Which stored domains the policy has to be asked about.
    pub domain_scope: DomainScope,
    /// The public suffixes: the policy's own rules use them, and the jar counts cookies by them.
    pub suffixes: PublicSuffixes,
}

impl Settings {
    /// Netscape cookies alone, read as Python does; no limits, no public suffixes, and the policy
    /// is asked about every stored domain.
    #[must_use]
    pub fn new() -> Self {
        Self {
            protocols: Protocols::new(),
            dialect: Dialect::Python,
            limits: Limits::none(),
            domain_scope: DomainScope::All,
            suffixes: PublicSuffixes::none(),
        }
    }

    /// Sets which protocols are spoken.
    #[must_use]
    pub fn protocols(mut self, protocols: Protocols) -> Self {
        self.protocols = protocols;
        self
    }

    /// Sets how `Set-Cookie` is read.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Sets how much a jar keeps and sends.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets which stored domains the policy has to be asked about.
    #[must_use]
    pub fn domain_scope(mut self, scope: DomainScope) -> Self {
        self.domain_scope = scope;
        self
    }

    /// Sets the public suffixes.
    #[must_use]
    pub fn suffixes(mut self, suffixes: PublicSuffixes) -> Self {
        self.suffixes = suffixes;
        self
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// Which protocols a jar speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Protocols {
    /// Whether Netscape cookies are read, from `Set-Cookie`. Defaults to `true`.
    pub netscape: bool,
    /// Whether RFC 2965 cookies are read, from `Set-Cookie2`. Defaults to `false`.
    pub rfc2965: bool,
    /// Whether RFC 2109 cookies (a `Set-Cookie` with `Version=1`) are taken for Netscape cookies.
    /// Defaults to `None`: if and only if `rfc2965` is off.
    pub rfc2109_as_netscape: Option<bool>,
    /// Whether the `Cookie2` header stays unsent. Defaults to `false`.
    pub hide_cookie2: bool,
}

impl Protocols {
    /// Netscape cookies alone.
    #[must_use]
    pub fn new() -> Self {
        Self {
            netscape: true,
            rfc2965: false,
            rfc2109_as_netscape: None,
            hide_cookie2: false,
        }
    }

    /// Whether RFC 2109 cookies become Netscape cookies.
    #[must_use]
    pub fn downgrades_rfc2109(&self) -> bool {
        self.rfc2109_as_netscape.unwrap_or(!self.rfc2965)
    }
}

impl Default for Protocols {
    fn default() -> Self {
        Self::new()
    }
}

/// How `Set-Cookie` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// As Python's `http.cookiejar` reads Netscape and RFC 2109 cookies.
    Python,
    /// As browsers read it: RFC 6265bis, section 5.6.
    Rfc6265bis,
}

/// How much a jar keeps and sends. `usize::MAX` is no limit.
///
/// Limits bind [`extract_cookies`](crate::CookieJar::extract_cookies) and
/// [`set_cookie_if_ok`](crate::CookieJar::set_cookie_if_ok), and what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Cookies that one site (registrable domain) may have. Defaults to 180.
    pub site_cookies: usize,
    /// Cookies that a site keeps when it had more than that. Defaults to 150.
    ///
    /// Expired ones go first; if that is not enough, those that are not Secure, then those of the
    /// site's fullest stored domain; among equals the least recently sent, then the oldest.
    pub site_cookies_kept: usize,
    /// Cookies that a jar may have altogether. Defaults to no limit.
    ///
    /// Expired ones go first, then those of whichever site has the most, as there: no site loses a
    /// cookie as long as another one has more. Among equals it is the site that was in use least
    /// recently.
    pub total_cookies: usize,
    /// Cookies that a jar keeps when it had more than that. Defaults to no limit.
    pub total_cookies_kept: usize,
    /// Bytes of a cookie's name, value and the `=` between them. Defaults to 8,190.
    pub pair_bytes: usize,
    /// Cookies in one `Cookie` header. Defaults to 150.
    pub header_cookies: usize,
    /// Bytes of the value of one `Cookie` header. Defaults to 8,190, which is what servers read.
    ///
    /// When it is full, host-only cookies stay before `Domain` cookies, then those with the longest
    /// path; one that does not fit is passed over.
    pub header_bytes: usize,
}

impl Limits {
    /// The limits that are on by default.
    #[must_use]
    pub fn new() -> Self {
        Self {
            site_cookies: 180,
            site_cookies_kept: 150,
            total_cookies: usize::MAX,
            total_cookies_kept: usize::MAX,
            pair_bytes: 8_190,
            header_cookies: 150,
            header_bytes: 8_190,
        }
    }

    /// The numbers of Chromium and Firefox, which are the same: 180 cookies a site, then down to
    /// 150, and 3,300 altogether, then down to 3,000.
    ///
    /// Browsers send what they have, so that the limits of the header are off, and with them that of
    /// a pair: RFC 6265bis has its own.
    #[must_use]
    pub fn browsers() -> Self {
        Self {
            total_cookies: 3_300,
            total_cookies_kept: 3_000,
            pair_bytes: usize::MAX,
            header_cookies: usize::MAX,
            header_bytes: usize::MAX,
            ..Self::new()
        }
    }

    /// No limits.
    #[must_use]
    pub fn none() -> Self {
        Self {
            site_cookies: usize::MAX,
            site_cookies_kept: usize::MAX,
            total_cookies: usize::MAX,
            total_cookies_kept: usize::MAX,
            pair_bytes: usize::MAX,
            header_cookies: usize::MAX,
            header_bytes: usize::MAX,
        }
    }

    /// The smaller one of each two limits.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            site_cookies: self.site_cookies.min(other.site_cookies),
            site_cookies_kept: self.site_cookies_kept.min(other.site_cookies_kept),
            total_cookies: self.total_cookies.min(other.total_cookies),
            total_cookies_kept: self.total_cookies_kept.min(other.total_cookies_kept),
            pair_bytes: self.pair_bytes.min(other.pair_bytes),
            header_cookies: self.header_cookies.min(other.header_cookies),
            header_bytes: self.header_bytes.min(other.header_bytes),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// Which stored domains a policy has to be asked about: a promise that lets the jar look cookies up
/// instead of going through them.
///
/// A promise that is not kept loses cookies, and never leaks one: the jar asks every question all
/// the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DomainScope {
    /// All of them, as in Python. Each request then costs time for each domain in the jar.
    All,
    /// The policy refuses every stored domain but the request-host, its effective host name, and
    /// what is above them, each with and without a leading dot.
    HostSuffixes,
}

/// Passes every question on.
macro_rules! forward_to_inner {
    ($($(#[$doc:meta])+ $policy:ty),+ $(,)?) => {$(
        $(#[$doc])+
        impl<P: CookiePolicy + ?Sized> CookiePolicy for $policy {
            fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
                (**self).set_ok(cookie, request)
            }

            fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
                (**self).return_ok(cookie, request)
            }

            fn domain_return_ok(&self, domain: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
                (**self).domain_return_ok(domain, request)
            }

            fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
                (**self).path_return_ok(path, request)
            }

            fn settings(&self) -> &Settings {
                (**self).settings()
            }

            fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
                (**self).prepare(cookie, request);
            }

            fn replace_ok(
                &self,
                cookie: &Cookie,
                stored: Overlaid<'_>,
                request: &RequestContext<'_>,
            ) -> Result<(), Rejection> {
                (**self).replace_ok(cookie, stored, request)
            }

            fn may_return(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
                (**self).may_return(cookie, request)
            }
        }
    )+};
}

forward_to_inner! {
    /// Passes every question on.
    &P,
    /// Passes every question on.
    Box<P>,
    /// Passes every question on. `CookieJar<Arc<dyn CookiePolicy>>` is the jar whose policy is
    /// chosen at run time.
    Arc<P>,
}
