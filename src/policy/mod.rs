//! Step 3: every decision.
//!
//! A policy knows no jar and no store: it is asked about one cookie and one request at a time.

use std::sync::Arc;

use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::request::RequestContext;

mod accept_all;
mod and;
mod browser;
mod closures;
mod default;
mod flags;
mod overlaid;
mod settings;

pub use accept_all::AcceptAllPolicy;
pub use and::And;
pub use browser::BrowserPolicy;
pub use closures::{ReturnOkFn, SetOkFn, return_ok_fn, set_ok_fn};
pub use default::{DefaultCookiePolicy, StrictNsDomain};
pub use overlaid::Overlaid;
pub use settings::{Dialect, DomainScope, Limits, Protocols, Settings};

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
