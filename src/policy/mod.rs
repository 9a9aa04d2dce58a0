//! Step 2: every decision.
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
mod domain_list;
mod domain_set;
mod existing;
mod questions;
mod sharing;

pub use accept_all::AcceptAllPolicy;
pub use and::And;
pub use browser::BrowserPolicy;
pub use closures::{MapReturnOk, MapSetOk, ReturnOkFn, SetOkFn, return_ok_fn, set_ok_fn};
pub use default::{DefaultCookiePolicy, StrictNsDomain};
pub use domain_list::{DomainList, PatternError};
pub use existing::Existing;

use downcast::Downcast;
use questions::pass_on;

pub use crate::public_suffix::{PublicSuffixes, SuffixListError};
pub use crate::settings::{Dialect, DomainScope, Limits, Protocols, Settings};

mod downcast {
    use std::any::Any;

    /// Every type: what it is can be asked at run time. Nobody has to implement it.
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
/// # For those who ask
///
/// A jar asks for you. Outside a jar, ask [`set_ok`](Self::set_ok) or
/// [`may_return`](PolicyExt::may_return).
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
/// A policy must not use the jar that asks it, and must not wait for anybody who does: a question is
/// asked while the jar, or the part of a [`SharedCookieJar`](crate::SharedCookieJar) that holds the
/// cookie, is locked. So a policy that waits for another thread which calls the same jar may wait for
/// ever: for its answer on a channel, for its end, or for a lock which that thread holds across a
/// call of the jar. A lock that is held for a look-up alone is harmless. A policy that calls a shared
/// jar itself panics. Any policy may panic: the jar is then as it was before the
/// response, or, where `replace_ok` panicked, before the cookie.
///
/// All seven methods are required, because a policy that wraps another one and forgets a question
/// loses a protection without a word. A wrapper is rarely needed: see [`PolicyExt`] for a stricter
/// rule on top of a policy, for a laxer one, and for one that listens.
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

    /// May change a cookie before it is judged; nothing else of a policy may. The jar may call it with a copy of
    /// a stored cookie, too, to learn whether the host would have that as a host-only one.
    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>);

    /// Whether `cookie`, to which [`set_ok`](Self::set_ok) said yes, may be stored, given the existing
    /// cookies that it would replace, or that a server could mistake it for.
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
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection>;

    /// What the jar has to know to read headers, to look up cookies and to keep within bounds.
    fn settings(&self) -> &Settings;
}

/// What can be done with every [`CookiePolicy`].
///
/// ```
/// use cookiejar::policy::DomainList;
/// use cookiejar::{CookieJar, DefaultCookiePolicy, PolicyExt};
///
/// let policy = DefaultCookiePolicy::new().and(DomainList::block_sites(["ads.example"])?);
/// let jar = CookieJar::with_policy(policy);
/// # Ok::<(), cookiejar::policy::PatternError>(())
/// ```
pub trait PolicyExt: CookiePolicy {
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

    /// This policy with another answer to [`set_ok`](CookiePolicy::set_ok): what `verdict` makes of
    /// this policy's own. It may be laxer, or only listen.
    ///
    /// [`replace_ok`](CookiePolicy::replace_ok), which protects what is stored, is not asked of it.
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
    /// # Ok::<(), url::ParseError>(())
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

    /// This policy with another answer to [`return_ok`](CookiePolicy::return_ok): what `verdict` makes
    /// of this policy's own. It may be laxer, or only listen.
    ///
    /// It is asked after the domain and the path, whose answers stay: a cookie goes to no other host
    /// for it.
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
    /// # Ok::<(), url::ParseError>(())
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

/// Passes every question on.
macro_rules! forward_to_inner {
    ($($(#[$doc:meta])+ $policy:ty),+ $(,)?) => {$(
        $(#[$doc])+
        impl<P: CookiePolicy + ?Sized> CookiePolicy for $policy {
            pass_on!(
                this => (**this);
                set_ok, return_ok, domain_return_ok, path_return_ok, prepare, replace_ok, settings,
            );
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
