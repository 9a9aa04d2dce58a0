//! What a jar reads from its policy besides decisions.
//!
//! It knows no rule.

use crate::options::options;
use crate::public_suffix::PublicSuffixes;

/// What a jar reads from its policy besides decisions.
///
/// ```
/// use cookiejar::policy::{DomainScope, Limits, Settings};
///
/// let settings = Settings::new().domain_scope(DomainScope::HostSuffixes).limits(Limits::none());
/// assert!(settings.get_protocols().netscape);
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) protocols: Protocols,
    pub(crate) dialect: Dialect,
    pub(crate) limits: Limits,
    pub(crate) domain_scope: DomainScope,
    pub(crate) suffixes: PublicSuffixes,
}

impl Settings {
    /// Returns the minimum: Netscape cookies only, read as Python reads them; no limits and no public suffixes;
    /// and the policy is asked about every stored domain.
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

    options! {
        /// Sets which protocols the jar speaks. Defaults to [`Protocols::new`].
        protocols, get get_protocols: Protocols;
        /// Sets how `Set-Cookie` is read. Defaults to [`Dialect::Python`].
        dialect, get get_dialect: Dialect;
        /// Sets how much a jar keeps and sends. Defaults to [`Limits::none`].
        limits, get get_limits: Limits;
        /// Sets which stored domains the policy is asked about. Defaults to [`DomainScope::All`].
        domain_scope, get get_domain_scope: DomainScope;
        /// Sets the public suffixes, which the policy's rules use and by which the jar counts cookies. Defaults
        /// to [`PublicSuffixes::none`].
        suffixes, get get_suffixes: &PublicSuffixes;
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
    /// Whether RFC 2109 cookies (a `Set-Cookie` with `Version=1`) are treated as Netscape cookies. Defaults to
    /// `None`: they are if `rfc2965` is off.
    pub rfc2109_as_netscape: Option<bool>,
    /// Whether the `Cookie2` header is withheld. Defaults to `false`.
    pub hide_cookie2: bool,
}

impl Protocols {
    /// Returns the default: Netscape cookies only.
    #[must_use]
    pub fn new() -> Self {
        Self {
            netscape: true,
            rfc2965: false,
            rfc2109_as_netscape: None,
            hide_cookie2: false,
        }
    }

    /// Returns `true` if RFC 2109 cookies become Netscape cookies.
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
    /// As Python's `http.cookiejar` does, Netscape and RFC 2109 cookies alike.
    Python,
    /// As browsers do (RFC 6265bis, section 5.6).
    Rfc6265bis,
}

/// How much a jar keeps and sends. `usize::MAX` means no limit.
///
/// [The guide](crate::guide::defaults) has the reasons, and the calls to which they apply. A site in a partition counts
/// as a separate site.
///
/// The numbers are set as fields:
///
/// ```
/// use cookiejar::DefaultCookiePolicy;
/// use cookiejar::policy::Limits;
///
/// let mut limits = Limits::new();
/// limits.site_cookies = 50;
/// limits.site_cookies_kept = 40;
/// let policy = DefaultCookiePolicy::new().limits(limits);
/// # let _ = policy;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Cookies that one site (registrable domain) may have. Defaults to 180.
    pub site_cookies: usize,
    /// Cookies that a site keeps once it exceeds `site_cookies`; at most that number. Defaults to 150.
    ///
    /// Expired cookies are evicted first, then one cookie at a time from the group that ranks highest. The
    /// groups of a site are the `Domain` cookies of its own name, those of the host with that name, and, for
    /// each label below it, those of all hosts below that label. Fuller groups rank higher, but all groups with
    /// at most a tenth of the site's limit count as equally full; among equals, the group whose latest cookie
    /// was sent or stored least recently ranks highest. Within a group, insecure cookies are evicted before
    /// Secure ones, then the least recently sent. Times are whole seconds; among equals, cookies that were
    /// never sent are evicted first, then the older ones.
    pub site_cookies_kept: usize,
    /// Cookies that a jar may have in total, counted after each response. Defaults to no limit.
    ///
    /// Expired cookies are evicted first, then cookies of the site that ranks highest. Sites rank as groups do:
    /// the fuller, the higher, but all sites with at most a tenth of [`site_cookies`](Self::site_cookies) (or
    /// of this number, if that has no limit) count as equally full, and among equals the site used least
    /// recently ranks highest.
    pub total_cookies: usize,
    /// Cookies that a jar keeps once it exceeds `total_cookies`; at most that number. Defaults to no limit.
    pub total_cookies_kept: usize,
    /// Bytes of a cookie's name, value and the `=` between them. Defaults to 8,190.
    pub pair_bytes: usize,
    /// Bytes of a whole cookie as stored: name, value, domain, path and attributes, plus two for each
    /// attribute. Defaults to 12,288: the longest pair, and 4 KiB for the rest.
    ///
    /// A policy sees a default path that is longer than this without its end.
    pub cookie_bytes: usize,
    /// Bytes of one `Set-Cookie` field, or of one `Set-Cookie2` field with all its cookies. Defaults to 64 KiB.
    ///
    /// A longer field is rejected without being read.
    pub field_bytes: usize,
    /// Cookies in one `Cookie` header. Defaults to 150.
    pub header_cookies: usize,
    /// Bytes in the value of one `Cookie` header. Defaults to 8,190, which is what servers accept.
    ///
    /// If not all cookies fit, host-only cookies are kept before `Domain` cookies, then those with the longest
    /// path. A cookie that does not fit is withheld, and shorter ones after it may still be sent.
    pub header_bytes: usize,
}

impl Limits {
    /// Returns the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self {
            site_cookies: 180,
            site_cookies_kept: 150,
            total_cookies: usize::MAX,
            total_cookies_kept: usize::MAX,
            pair_bytes: 8_190,
            cookie_bytes: 12_288,
            field_bytes: 65_536,
            header_cookies: 150,
            header_bytes: 8_190,
        }
    }

    /// Returns the numbers of Chromium and Firefox, which agree: 180 cookies per site, then evicted down to
    /// 150, and 3,300 in total, then down to 3,000.
    ///
    /// The header limits stay on. Browsers send whatever they have; if one host sets many large `Domain` cookies, its
    /// whole site responds with errors until a user deletes them. The pair limit is off, because RFC 6265bis has its
    /// own.
    #[must_use]
    pub fn browsers() -> Self {
        Self {
            total_cookies: 3_300,
            total_cookies_kept: 3_000,
            pair_bytes: usize::MAX,
            ..Self::new()
        }
    }

    /// Returns no limits.
    #[must_use]
    pub fn none() -> Self {
        Self {
            site_cookies: usize::MAX,
            site_cookies_kept: usize::MAX,
            total_cookies: usize::MAX,
            total_cookies_kept: usize::MAX,
            pair_bytes: usize::MAX,
            cookie_bytes: usize::MAX,
            field_bytes: usize::MAX,
            header_cookies: usize::MAX,
            header_bytes: usize::MAX,
        }
    }

    /// Returns the smaller of each pair of limits.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            site_cookies: self.site_cookies.min(other.site_cookies),
            site_cookies_kept: self.site_cookies_kept.min(other.site_cookies_kept),
            total_cookies: self.total_cookies.min(other.total_cookies),
            total_cookies_kept: self.total_cookies_kept.min(other.total_cookies_kept),
            pair_bytes: self.pair_bytes.min(other.pair_bytes),
            cookie_bytes: self.cookie_bytes.min(other.cookie_bytes),
            field_bytes: self.field_bytes.min(other.field_bytes),
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

/// Which stored domains a policy must be asked about: a promise that lets the jar look cookies up instead of
/// scanning them.
///
/// A false promise loses cookies but never leaks one, because the jar still asks every question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DomainScope {
    /// All of them, as in Python. The cost of each request then grows with the domains in the jar.
    All,
    /// The policy rejects every stored domain except the request-host, its effective host name, and the names
    /// above them, each with and without a leading dot.
    HostSuffixes,
}

/// Which of the cookies that a new one would replace or shadow the policy asks about. Others may be shown, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    Namesake,
    Secure,
}
