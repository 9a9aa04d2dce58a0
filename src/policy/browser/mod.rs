//! [`BrowserPolicy`]: RFC 6265bis, and what browsers do where it leaves room.
//!
//! The rules themselves stand beside it, in the draft's order: `storage.rs` for cookies that are set
//! (section 5.7), `retrieval.rs` for cookies that are returned (section 5.8.3), `prefix.rs` for what a name
//! promises in both directions; `same_site.rs` says what a cross-site request is (section 5.2).

use super::{CookiePolicy, Dialect, DomainScope, Existing, Limits, Settings};
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
/// What it is for: to treat a server of today as the browsers do for which it was made. Headers are
/// read in the draft's [dialect](Dialect::Rfc6265bis), hosts and paths are compared as browsers
/// compare them, `Secure` cookies come from secure requests only and are not overlaid by others,
/// and `SameSite` is enforced from what a [`RequestContext`] [says of
/// who asked](crate::Provenance); a context without a provenance is the
/// user's own request, for which `SameSite` keeps no cookie back.
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

/// Making one.
impl BrowserPolicy {
    /// The rules of browsers, with the public suffix list that is built in.
    #[cfg(feature = "psl")]
    #[cfg_attr(docsrs, doc(cfg(feature = "psl")))]
    #[must_use]
    pub fn new() -> Self {
        Self::with_suffixes(PublicSuffixes::built_in())
    }

    /// The rules of browsers, with a public suffix list of your own, or none.
    ///
    /// Without a list, `Domain=com` is a domain like any other, and all names under one last label
    /// but one (`a.co.uk` and `b.co.uk`) are one site. IP addresses are nobody's to share all the same.
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
#[cfg_attr(docsrs, doc(cfg(feature = "psl")))]
impl Default for BrowserPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// Options.
impl BrowserPolicy {
    options! {
        /// Sets whether a cookie without `SameSite` counts as `SameSite=Lax` (RFC 6265bis, section
        /// 5.8.3: the same-site-flag "Default"). Defaults to `true`, as in the draft and in Chromium;
        /// without it, it counts as `None`.
        lax_by_default, set set_lax_by_default: bool;
        /// Sets whether a cookie without `SameSite` that was created no more than two minutes ago goes
        /// with a cross-site top-level navigation whatever its method (RFC 6265bis, section 5.6.7.2:
        /// "Lax-allowing-unsafe"), which login flows by `POST` need. Defaults to `true`, as in
        /// Chromium. It matters only with [`lax_by_default`](Self::lax_by_default).
        lax_allows_unsafe, set set_lax_allows_unsafe: bool;
        /// Sets whether a `SameSite=None` cookie has to be Secure (RFC 6265bis, section 5.7, step
        /// 19). Defaults to `true`.
        same_site_none_needs_secure, set set_same_site_none_needs_secure: bool;
        /// Sets whether requests to this very machine are secure whatever their scheme: to
        /// `localhost`, names below it, `127.0.0.0/8` and `[::1]` (Secure Contexts, section 3.1).
        /// Defaults to `true`, as in Chromium and Firefox: the `Secure` cookies of a server without
        /// TLS come back, and [`explain`](crate::CookieJar::explain) says why.
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
        /// # Ok::<(), url::ParseError>(())
        /// ```
        loopback_is_secure, set set_loopback_is_secure: bool;
        /// Sets the public suffixes: a `Domain` that is not within the registrable domain of the
        /// request-host is nobody's to share. It is refused, and if it is the request-host itself, the
        /// cookie becomes host-only (RFC 6265bis, section 5.7, step 9); a cookie for it that came in by
        /// another way goes to the host of that very name alone. They also say what a site is. Defaults
        /// to the list that is built in.
        suffixes, set set_suffixes: PublicSuffixes => settings.suffixes;
        /// Sets how much a jar keeps and sends. Defaults to [`Limits::browsers`].
        limits, set set_limits: Limits => settings.limits;
    }
}

impl CookiePolicy for BrowserPolicy {
    /// The rules in the draft's order (RFC 6265bis, section 5.7), those of other drafts behind the
    /// ones that they are like. Steps 2, 5 to 8, 11, 12, 14, 17 and 22 are done when the cookie is made.
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

    /// The rules in the draft's order (RFC 6265bis, section 5.8.3), that of partitioned cookies
    /// behind them. Before them stand those that no cookie from a header breaks, which one that came in
    /// by another way may.
    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        version_ok(cookie)?;
        octets_ok(cookie)?;
        prefix::prefix_ok(cookie)?;
        retrieval::return_ok_expires(cookie, request)?;
        retrieval::return_ok_path_bytes(cookie)?;
        self.secure_ok(cookie, request)?;
        http_only_ok(cookie, request)?;
        self.return_ok_same_site(cookie, request)?;
        partition_ok(cookie, request)
    }

    fn domain_return_ok(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.return_ok_domain(domain, request)
    }

    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        retrieval::return_ok_path(path, request)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the draft changes in a cookie before it judges it: the end of its time, its domain, and
    /// the partition.
    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        storage::limit_lifetime(cookie, request);
        self.narrow_to_host(cookie, request);
        storage::put_into_partition(cookie, request);
    }

    /// Steps 16 and 23 (RFC 6265bis, section 5.7). Of a secure request, nothing stored is looked at.
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

/// The rules that speak in both directions, and what they share.
impl BrowserPolicy {
    /// > If the request-uri does not denote a "secure" connection (as defined by the user agent), and
    /// > the cookie's secure-only-flag is true, then abort this algorithm and ignore the cookie
    /// > entirely. (Section 5.7, step 13; likewise section 5.8.3)
    fn secure_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        if cookie.secure() && !self.is_secure(request) {
            return Err(Rejection::InsecureRequest);
        }
        Ok(())
    }

    fn is_secure(&self, request: &RequestContext<'_>) -> bool {
        matches!(request.scheme(), "https" | "wss")
            || (self.loopback_is_secure && request.is_loopback())
    }

    fn is_same_site(&self, request: &RequestContext<'_>) -> bool {
        same_site::is_same_site(request, &self.settings.suffixes)
    }

    /// What is enforced for a cookie (section 5.6.7); `Default` is `None` unless it is `Lax`.
    fn enforcement(&self, cookie: &Cookie) -> Enforcement {
        match cookie.same_site() {
            None if self.lax_by_default => Enforcement::Default,
            None | Some(SameSite::None) => Enforcement::None,
            Some(SameSite::Lax) => Enforcement::Lax,
            Some(SameSite::Strict) => Enforcement::Strict,
        }
    }
}

/// How much a cookie keeps to its own site (section 5.6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Enforcement {
    /// As `Lax`, for a cookie that did not say it.
    Default,
    Lax,
    None,
    Strict,
}

/// Servers of today know no quotes: they would split `$Version=1; a="1; b=2"`, which is one cookie of RFC
/// 2965, at its semicolons.
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
/// The same goes for the whole header (section 5.6, step 1). CR, LF and NUL can be in no cookie.
fn octets_ok(cookie: &Cookie) -> Result<(), Rejection> {
    if cookie.has_control_octets() {
        return Err(Rejection::ControlCharacter);
    }
    Ok(())
}

/// > If the cookie was received from a "non-HTTP" API and the cookie's http-only-flag is true, abort
/// > this algorithm and ignore the cookie entirely. (Section 5.7, step 15; likewise section 5.8.3)
fn http_only_ok(cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
    if cookie.http_only() && request.is_from_script() {
        return Err(Rejection::HttpOnly);
    }
    Ok(())
}

/// > Otherwise only include the cookie if the cookie's partition-key is same-site with the retrieval's
/// > cookie-partition-key. (CHIPS, section 2.4)
///
/// A jar offers no other. One made by hand is held to it, too.
fn partition_ok(cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
    let partition = cookie.partition_key();
    if partition.is_some() && partition != request.partition() {
        return Err(Rejection::OtherPartition);
    }
    Ok(())
}
