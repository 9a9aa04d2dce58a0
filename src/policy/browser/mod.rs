//! [`BrowserPolicy`]: RFC 6265bis, and what browsers do where it leaves a choice.

use super::common;
use super::{CookiePolicy, Dialect, DomainScope, Existing, Limits, Settings, Verdicts};
use crate::cookie::{Cookie, SameSite};
use crate::options::options;
use crate::public_suffix::PublicSuffixes;
use crate::rejection::Rejection;
use crate::request::RequestContext;

mod prefix;
mod retrieval;
mod same_site;
mod storage;

/// The rules of browsers: RFC 6265bis (draft-ietf-httpbis-rfc6265bis-22), the cookie prefixes
/// `__Http-` and `__Host-Http-` of the layered cookies draft
/// (draft-ietf-httpbis-layered-cookies-02), and partitioned cookies (CHIPS,
/// draft-cutler-httpbis-partitioned-cookies-01).
///
/// [The guide](crate::guide::browsers) compares it with the default policy. `SameSite` is enforced from the
/// [provenance](crate::Provenance) of a request; without one it withholds nothing.
///
/// ```
/// use cookiejar::policy::PublicSuffixes;
/// use cookiejar::{BrowserPolicy, CookieJar, Rejection};
/// use url::Url;
///
/// let policy = BrowserPolicy::with_suffixes(PublicSuffixes::parse("com")?);
/// let mut jar = CookieJar::with_policy(policy);
/// let response = [
///     ("Set-Cookie", "sid=31d4; Secure; HttpOnly; SameSite=Lax"),
///     ("Set-Cookie", "__Host-id=7; Secure; Path=/; Domain=acme.com"),
/// ];
/// let report = jar.extract_cookies(&response, &Url::parse("https://www.acme.com/login")?);
/// assert_eq!(report.stored, 1);
/// assert_eq!(report.rejected[0].reason, Rejection::HostPrefix);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BrowserPolicy {
    settings: Settings,
    lax_allows_unsafe: bool,
    lax_by_default: bool,
    loopback_is_secure: bool,
    same_site_none_needs_secure: bool,
}

impl BrowserPolicy {
    /// Creates the policy with the built-in public suffix list.
    #[cfg(feature = "psl")]
    #[must_use]
    pub fn new() -> Self {
        Self::with_suffixes(PublicSuffixes::built_in())
    }

    /// Creates the policy with another public suffix list, or none.
    ///
    /// Without a list, `Domain=com` is a domain like any other, and names that share their last two labels (`a.co.uk`
    /// and `b.co.uk`) are one site.
    #[must_use]
    pub fn with_suffixes(suffixes: PublicSuffixes) -> Self {
        let settings = Settings::new()
            .dialect(Dialect::Rfc6265bis)
            .limits(Limits::browsers())
            .domain_scope(DomainScope::HostSuffixes)
            .suffixes(suffixes);
        Self {
            settings,
            lax_allows_unsafe: true,
            lax_by_default: true,
            loopback_is_secure: true,
            same_site_none_needs_secure: true,
        }
    }
}

#[cfg(feature = "psl")]
impl Default for BrowserPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// Options.
impl BrowserPolicy {
    options! {
        /// Sets whether a cookie without `SameSite` counts as `SameSite=Lax` (RFC 6265bis, section 5.8.3: the
        /// same-site-flag "Default"). Defaults to `true`, as in Chromium; otherwise it counts as `None`.
        lax_by_default, set set_lax_by_default: bool;
        /// Sets whether a cookie without `SameSite` that was created within the last two minutes is sent with a
        /// cross-site top-level navigation by any method (RFC 6265bis, section 5.6.7.2: "Lax-allowing-unsafe"), as some
        /// logins by `POST` need. Defaults to `true`, as in Chromium. A cookie of a file without creation times counts
        /// as created when it is loaded.
        lax_allows_unsafe, set set_lax_allows_unsafe: bool;
        /// Sets whether a `SameSite=None` cookie must be Secure (RFC 6265bis, section 5.7, step 19). Defaults
        /// to `true`.
        same_site_none_needs_secure, set set_same_site_none_needs_secure: bool;
        /// Sets whether requests to the local machine are secure whatever their scheme: to `localhost`, names
        /// below it, `127.0.0.0/8` and `[::1]` (Secure Contexts, section 3.1). Defaults to `true`, as in
        /// Chromium and Firefox: the `Secure` cookies of a server without TLS are returned, and
        /// [`explain`](crate::CookieJar::explain) says why.
        ///
        /// ```
        /// use cookiejar::policy::PublicSuffixes;
        /// use cookiejar::{BrowserPolicy, CookieJar, Rejection};
        /// use url::Url;
        ///
        /// let server = Url::parse("http://127.0.0.1:8080/")?;
        /// let rules = BrowserPolicy::with_suffixes(PublicSuffixes::none());
        /// let mut jar = CookieJar::with_policy(rules);
        /// jar.extract_cookies(&[("Set-Cookie", "sid=31d4; Secure")], &server);
        /// assert_eq!(jar.cookie_header(&server).expect("a cookie"), "sid=31d4");
        /// let why = jar.explain(&server)[0].to_string();
        /// assert_eq!(why, "<Cookie sid for 127.0.0.1/>: sent without TLS, to this very machine");
        ///
        /// jar.policy_mut().set_loopback_is_secure(false);
        /// assert_eq!(jar.explain(&server)[0].verdict, Err(Rejection::InsecureRequest));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        loopback_is_secure, set set_loopback_is_secure: bool;
        /// Sets the public suffixes, which act as in [`DefaultCookiePolicy::suffixes`] (RFC 6265bis, section 5.7, step
        /// 9) and define what a site is. Defaults to the built-in list.
        ///
        /// [`DefaultCookiePolicy::suffixes`]: crate::DefaultCookiePolicy::suffixes
        suffixes, set set_suffixes: PublicSuffixes => settings.suffixes;
        /// Sets how much a jar keeps and sends. Defaults to [`Limits::browsers`].
        limits, set set_limits: Limits => settings.limits;
    }
}

impl CookiePolicy for BrowserPolicy {
    /// The rules in the draft's order (RFC 6265bis, section 5.7), with those of other drafts after similar
    /// ones. Steps 2, 5 to 8, 11, 12, 14, 17 and 22 were done when the cookie was made.
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        version_ok(cookie)?;
        octets_ok(cookie)?;
        storage::set_ok_size(cookie)?;
        self.set_ok_public_suffix(cookie, request)?;
        storage::set_ok_domain(cookie, request)?;
        self.secure_ok(cookie, request)?;
        http_only_ok(cookie, request)?;
        self.set_ok_same_site(cookie, request)?;
        self.set_ok_same_site_none(cookie)?;
        prefix::set_ok_said_path(cookie)?;
        prefix::prefix_ok(cookie)?;
        storage::set_ok_partitioned(cookie, request)?;
        partition_ok(cookie, request)
    }

    /// The rules in the draft's order (RFC 6265bis, section 5.8.3), then that of partitioned cookies. Before them are
    /// rules that every cookie from a header satisfies, but a cookie from another source may break.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `one_site`: 7 % of the instructions were the call"
    )]
    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        version_ok(cookie)?;
        octets_ok(cookie)?;
        prefix::prefix_ok(cookie)?;
        common::return_ok_expires(cookie, request)?;
        common::return_ok_port(cookie, request)?;
        retrieval::return_ok_path_bytes(cookie)?;
        self.secure_ok(cookie, request)?;
        http_only_ok(cookie, request)?;
        self.return_ok_same_site(cookie, request)?;
        partition_ok(cookie, request)
    }

    #[inline]
    fn domain_return_ok(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.return_ok_domain(domain, request)
    }

    #[inline]
    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        common::return_ok_path(path.as_bytes(), request.path())
    }

    #[inline]
    fn return_ok_all<'c>(
        &self,
        cookies: &'c [Cookie],
        request: &RequestContext<'_>,
        verdicts: &mut Verdicts<'c, '_>,
    ) {
        let target = request.path();
        let path_ok = |cookie: &Cookie| common::return_ok_path(cookie.path_octets(), target);
        verdicts.judge(cookies, request, self, path_ok);
    }

    #[inline]
    fn settings(&self) -> &Settings {
        &self.settings
    }

    #[inline]
    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        storage::limit_lifetime(cookie, request);
        self.narrow_to_host(cookie, request);
        storage::put_into_partition(cookie, request);
    }

    /// Steps 16 and 23 (RFC 6265bis, section 5.7). For a secure request no stored cookie is looked up.
    #[inline]
    fn replace_ok(
        &self,
        cookie: &Cookie,
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.replace_ok_secure(cookie, stored, request)?;
        self.replace_ok_http_only(cookie, stored, request)
    }
}

/// The rules for both directions, and what they share.
impl BrowserPolicy {
    /// > If the request-uri does not denote a "secure" connection (as defined by the user agent), and
    /// > the cookie's secure-only-flag is true, then abort this algorithm and ignore the cookie
    /// > entirely. (Section 5.7, step 13; likewise section 5.8.3)
    #[inline]
    fn secure_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        if cookie.secure() && !self.is_secure(request) {
            return Err(Rejection::InsecureRequest);
        }
        Ok(())
    }

    #[inline]
    fn is_secure(&self, request: &RequestContext<'_>) -> bool {
        matches!(request.scheme(), "https" | "wss")
            || (self.loopback_is_secure && request.is_loopback())
    }

    #[inline]
    fn is_same_site(&self, request: &RequestContext<'_>) -> bool {
        same_site::is_same_site(request, &self.settings.suffixes)
    }

    /// `Default` is `None` unless it counts as `Lax` (section 5.6.7).
    #[inline]
    fn enforcement(&self, cookie: &Cookie) -> Enforcement {
        match cookie.same_site() {
            None if self.lax_by_default => Enforcement::Default,
            None | Some(SameSite::None) => Enforcement::None,
            Some(SameSite::Lax) => Enforcement::Lax,
            Some(SameSite::Strict) => Enforcement::Strict,
        }
    }
}

/// How strictly a cookie is confined to its own site (section 5.6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Enforcement {
    /// Like `Lax`, for a cookie without the attribute.
    Default,
    Lax,
    None,
    Strict,
}

/// Today's servers do not know quotes: they would split `$Version=1; a="1; b=2"`, one RFC 2965 cookie, at its
/// semicolons.
#[inline]
fn version_ok(cookie: &Cookie) -> Result<(), Rejection> {
    if cookie.version() > 0 {
        return Err(Rejection::Rfc2965Off);
    }
    Ok(())
}

/// > If the cookie-name or the cookie-value contains a %x00-08 / %x0A-1F / %x7F character (CTL
/// > characters excluding HTAB), abort this algorithm and ignore the cookie entirely. (Section 5.7, step
/// > 3)
///
/// The same applies to the whole header (section 5.6, step 1). No cookie contains CR, LF or NUL.
#[inline]
fn octets_ok(cookie: &Cookie) -> Result<(), Rejection> {
    if cookie.has_control_octets() {
        return Err(Rejection::ControlCharacter);
    }
    Ok(())
}

/// > If the cookie was received from a "non-HTTP" API and the cookie's http-only-flag is true, abort
/// > this algorithm and ignore the cookie entirely. (Section 5.7, step 15; likewise section 5.8.3)
#[inline]
fn http_only_ok(cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
    if cookie.http_only() && request.is_from_script() {
        return Err(Rejection::HttpOnly);
    }
    Ok(())
}

/// > Otherwise only include the cookie if the cookie's partition-key is same-site with the retrieval's
/// > cookie-partition-key. (CHIPS, section 2.4)
///
/// A jar offers only such cookies. A cookie made by hand must comply, too.
#[inline]
fn partition_ok(cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
    let partition = cookie.partition_key();
    if partition.is_some() && partition != request.partition() {
        return Err(Rejection::OtherPartition);
    }
    Ok(())
}
