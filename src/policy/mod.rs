//! Step 2: every decision.
//!
//! A policy knows no jar and no store: it judges one cookie and one request at a time.

use std::sync::Arc;

use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::request::RequestContext;

mod accept_all;
mod and;
mod browser;
mod closures;
mod common;
mod default;
mod domain_list;
mod domain_set;
mod existing;
mod questions;
mod sharing;
mod verdicts;

pub use accept_all::AcceptAllPolicy;
pub use and::And;
pub use browser::BrowserPolicy;
pub use closures::{MapReturnOk, MapSetOk, ReturnOkFn, SetOkFn, return_ok_fn, set_ok_fn};
pub use default::{DefaultCookiePolicy, StrictNsDomain};
pub use domain_list::{DomainList, PatternError};
pub use existing::Existing;

use downcast::Downcast;
use questions::pass_on;
pub use verdicts::Verdicts;
pub(crate) use verdicts::{Selection, verdict};

pub use crate::public_suffix::{PublicSuffixes, SuffixListError};
pub use crate::settings::{Dialect, DomainScope, Limits, Protocols, Settings};

mod downcast {
    use std::any::Any;

    /// A supertrait that exposes the concrete type of a policy at run time. Every type implements it.
    pub trait Downcast {
        #[doc(hidden)]
        fn as_any(&self) -> &dyn Any
        where
            Self: 'static;
    }

    impl<T> Downcast for T {
        fn as_any(&self) -> &dyn Any
        where
            Self: 'static,
        {
            self
        }
    }
}

/// Decides which cookies are accepted from a server and which are returned to it.
///
/// # For callers
///
/// A jar calls the policy for you. Outside a jar, call [`set_ok`](Self::set_ok) or
/// [`may_return`](PolicyExt::may_return).
///
/// # For implementers
///
/// `Err` means no, with the reason; it never means that something failed. The jar guarantees:
///
/// - **Setting.** The cookie passed the checks of every [`Cookie`]. Just before [`set_ok`](Self::set_ok),
///   [`prepare`](Self::prepare) was called with the same cookie and request. An expired cookie is judged like
///   any other: a yes deletes its namesake. After a yes, [`replace_ok`](Self::replace_ok) follows, for rules
///   about stored cookies.
/// - **Returning.** For each stored domain in the [`DomainScope`] that the settings promise, the jar asks
///   [`domain_return_ok`](Self::domain_return_ok), then [`path_return_ok`](Self::path_return_ok) for the paths
///   of its cookies, then [`return_ok`](Self::return_ok) for each cookie. A no ends that branch. Each question
///   is complete for its own subject, and `return_ok` may rely on a yes to the other two. The jar may repeat a
///   question. It never asks about expired cookies.
/// - **Time.** [`RequestContext::now`] is set. A policy reads no clock.
///
/// A policy must not use the jar that calls it, and must not wait for another thread that does: a
/// [`SharedCookieJar`](crate::SharedCookieJar) may be locked during a call. A lock that is held only for a look-up is
/// harmless. A policy that calls its shared jar panics. Any policy may panic: the jar is then as it was before the
/// response, or, if `replace_ok` panicked, as it was before the cookie. A response whose cookies take more than 1 MiB
/// is stored in parts; those before the panic stay.
///
/// All seven methods are required, because a wrapper that forgets one would silently lose a protection. [`PolicyExt`]
/// adds a stricter rule on top of a policy, relaxes one, or observes it.
///
/// ```
/// use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy, PolicyExt, Rejection, set_ok_fn};
///
/// let no_trackers = set_ok_fn(|cookie: &Cookie, _| match cookie.name() {
///     "_ga" => Err(Rejection::Custom(&"no trackers here")),
///     _ => Ok(()),
/// });
/// let jar = CookieJar::with_policy(DefaultCookiePolicy::new().and(no_trackers));
/// ```
pub trait CookiePolicy: Downcast + Send + Sync {
    /// Decides whether `cookie` may be stored after a response to `request`.
    ///
    /// # Errors
    ///
    /// Returns the rule that rejects the cookie.
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection>;

    /// Decides whether `cookie`, whose domain and path were already accepted, may be returned with `request`.
    ///
    /// # Errors
    ///
    /// Returns the rule that withholds the cookie.
    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection>;

    /// Decides whether cookies of the stored `domain` may be returned with `request`. A domain with a leading
    /// dot came in a `Domain` attribute; one without is host-only.
    ///
    /// # Errors
    ///
    /// Returns the rule that withholds the cookies of the domain.
    fn domain_return_ok(&self, domain: &str, request: &RequestContext<'_>)
    -> Result<(), Rejection>;

    /// Decides whether cookies of the stored `path` may be returned with `request`.
    ///
    /// # Errors
    ///
    /// Returns the rule that withholds the cookies of the path.
    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection>;

    /// Changes a cookie before it is judged; no other method of a policy can. The jar may also call it with a copy of
    /// a stored cookie, to find out whether it would become a host-only cookie of the host.
    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>);

    /// Decides whether `cookie`, which [`set_ok`](Self::set_ok) accepted, may be stored, given the existing
    /// cookies that it would replace or that a server could mistake it for.
    ///
    /// The jar calls it once for each cookie, including expired ones, and looks nothing up unless the policy uses
    /// `stored`.
    ///
    /// # Errors
    ///
    /// Returns the rule that protects a stored cookie.
    fn replace_ok(
        &self,
        cookie: &Cookie,
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection>;

    /// Returns what the jar needs to know to read headers, look cookies up and enforce limits.
    fn settings(&self) -> &Settings;

    /// Asks the questions about returning for all cookies of a domain. The jar's own: a policy chosen at run time is
    /// then called once a domain (bench `one_site`), and a wrapper without it only takes longer.
    #[doc(hidden)]
    fn return_ok_all<'c>(
        &self,
        cookies: &'c [Cookie],
        request: &RequestContext<'_>,
        verdicts: &mut Verdicts<'c, '_>,
    ) {
        let path_ok = |cookie: &Cookie| self.path_return_ok(cookie.path(), request);
        verdicts.judge(cookies, request, self, path_ok);
    }
}

/// Convenience methods for every [`CookiePolicy`].
///
/// ```
/// use cookiejar::policy::DomainList;
/// use cookiejar::{CookieJar, DefaultCookiePolicy, PolicyExt};
///
/// let policy = DefaultCookiePolicy::new().and(DomainList::block_sites(["ads.example"])?);
/// let jar = CookieJar::with_policy(policy);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait PolicyExt: CookiePolicy {
    /// Asks all three questions about returning `cookie` with `request`, for use outside a jar.
    ///
    /// # Errors
    ///
    /// Returns the first rule that withholds the cookie.
    fn may_return(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.domain_return_ok(cookie.domain(), request)?;
        self.path_return_ok(cookie.path(), request)?;
        self.return_ok(cookie, request)
    }

    /// Adds a stricter policy on top of this one: a cookie must pass both.
    ///
    /// Protocols and dialect are those of this policy, and so are the public suffixes if it has any. Both policies
    /// prepare a cookie, this one first. The result has the narrower domain scope and the smaller of each limit.
    fn and<Q: CookiePolicy>(self, stricter: Q) -> And<Self, Q>
    where
        Self: Sized,
    {
        And::new(self, stricter)
    }

    /// Replaces the verdict of [`set_ok`](CookiePolicy::set_ok) with the one that `verdict` returns. The closure may
    /// accept more, or only observe.
    ///
    /// The closure does not see [`replace_ok`](CookiePolicy::replace_ok), which protects stored cookies, or what is
    /// rejected while a header is read. An [`ExtractReport`](crate::jar::ExtractReport) has every rejection.
    ///
    /// ```
    /// use cookiejar::{BrowserPolicy, Cookie, CookieJar, PolicyExt, Rejection};
    /// use url::Url;
    ///
    /// // A server that is known to forget `Secure`.
    /// let policy = BrowserPolicy::new().map_set_ok(|verdict, cookie: &Cookie, request| match verdict {
    ///     Err(Rejection::SameSiteNoneInsecure) if request.host() == "legacy.example" => Ok(()),
    ///     verdict => verdict.inspect_err(|reason| println!("{}: {reason}", cookie.name())),
    /// });
    /// let mut jar = CookieJar::with_policy(policy);
    /// let response = [("Set-Cookie", "a=1; SameSite=None")];
    /// assert_eq!(jar.extract_cookies(&response, &Url::parse("https://legacy.example/")?).stored, 1);
    /// assert_eq!(jar.extract_cookies(&response, &Url::parse("https://other.example/")?).stored, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn map_set_ok<F>(self, verdict: F) -> MapSetOk<Self, F>
    where
        Self: Sized,
        F: Fn(Result<(), Rejection>, &Cookie, &RequestContext<'_>) -> Result<(), Rejection>
            + Send
            + Sync,
    {
        MapSetOk::new(self, verdict)
    }

    /// Replaces the verdict of [`return_ok`](CookiePolicy::return_ok) with the one that `verdict` returns. The
    /// closure may accept more, or only observe.
    ///
    /// The questions about the domain and the path are asked first, and their verdicts are final: the closure does
    /// not see them, and cannot send a cookie to another host. `explain` has every verdict.
    ///
    /// ```
    /// use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy, PolicyExt, Rejection};
    /// use url::Url;
    ///
    /// // A test server whose TLS ends at a proxy.
    /// let policy = DefaultCookiePolicy::new().map_return_ok(|verdict, _: &Cookie, request| match verdict {
    ///     Err(Rejection::InsecureRequest) if request.host() == "staging.example" => Ok(()),
    ///     verdict => verdict,
    /// });
    /// let mut jar = CookieJar::with_policy(policy);
    /// let url = Url::parse("http://staging.example/")?;
    /// jar.extract_cookies(&[("Set-Cookie", "a=1; Secure")], &url);
    /// assert_eq!(jar.cookie_header(&url).expect("a cookie"), "a=1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn map_return_ok<F>(self, verdict: F) -> MapReturnOk<Self, F>
    where
        Self: Sized,
        F: Fn(Result<(), Rejection>, &Cookie, &RequestContext<'_>) -> Result<(), Rejection>
            + Send
            + Sync,
    {
        MapReturnOk::new(self, verdict)
    }
}

impl<P: CookiePolicy + ?Sized> PolicyExt for P {}

/// Forwards every question.
macro_rules! forward_to_inner {
    ($($(#[$doc:meta])* $policy:ty),+ $(,)?) => {$(
        $(#[$doc])*
        impl<P: CookiePolicy + ?Sized> CookiePolicy for $policy {
            pass_on!(
                this => (**this);
                set_ok, return_ok, domain_return_ok, path_return_ok, prepare, replace_ok, settings,
            );

            fn return_ok_all<'c>(
                &self,
                cookies: &'c [Cookie],
                request: &RequestContext<'_>,
                verdicts: &mut Verdicts<'c, '_>,
            ) {
                (**self).return_ok_all(cookies, request, verdicts);
            }
        }
    )+};
}

forward_to_inner! {
    &P,
    Box<P>,
    /// `CookieJar<Arc<dyn CookiePolicy>>` is a jar whose policy is chosen at run time.
    Arc<P>,
}
