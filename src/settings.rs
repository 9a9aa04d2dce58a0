//! What a jar takes from its policy beside decisions.
//!
//! It knows no rule: protocols, dialect, limits, scope and suffixes are facts that others act on.

use crate::options::options;
use crate::public_suffix::PublicSuffixes;

/// What a jar takes from its policy beside decisions.
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

    options! {
        /// Sets which protocols are spoken. Defaults to [`Protocols::new`].
        protocols, get get_protocols: Protocols;
        /// Sets how `Set-Cookie` is read. Defaults to [`Dialect::Python`].
        dialect, get get_dialect: Dialect;
        /// Sets how much a jar keeps and sends. Defaults to [`Limits::none`].
        limits, get get_limits: Limits;
        /// Sets which stored domains the policy has to be asked about. Defaults to [`DomainScope::All`].
        domain_scope, get get_domain_scope: DomainScope;
        /// Sets the public suffixes: the policy's own rules use them, and the jar counts cookies by them.
        /// Defaults to [`PublicSuffixes::none`].
        suffixes, get get_suffixes: &PublicSuffixes;
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// Which protocols a jar speaks.
///
/// The flags are independent of each other; they are read and changed as fields:
///
/// ```
/// use cookiejar::policy::{Protocols, Settings};
///
/// let mut protocols = Protocols::new();
/// protocols.rfc2965 = true;
/// let settings = Settings::new().protocols(protocols);
/// # let _ = settings;
/// ```
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
/// [`set_cookie_if_ok`](crate::CookieJar::set_cookie_if_ok), and what is sent. A site in a partition counts as a
/// site of its own.
///
/// The numbers are independent of each other; they are read and changed as fields:
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
    /// Cookies that a site keeps when it had more than that, no more than it may have. Defaults to
    /// 150.
    ///
    /// Expired ones go first; if that is not enough, cookies go one at a time from the group that ranks
    /// highest. The groups are the `Domain` cookies of the site's own name, those of the host of that
    /// name, and those of each label below it with all hosts below that. The fuller a group, the higher
    /// it ranks, where all with at most a tenth of the site's limit count as equally full; among equals
    /// it is the one whose latest cookie was sent or stored least recently. Within a group insecure
    /// cookies go before Secure ones, then the least recently sent; times are whole seconds, and among
    /// equals what was never sent goes first, then the older.
    ///
    /// So a flood costs those who flood: a group loses cookies only while no other one is fuller.
    pub site_cookies_kept: usize,
    /// Cookies that a jar may have altogether, counted after each response. Defaults to no limit.
    ///
    /// Expired ones go first, then cookies of the site that ranks highest, as the groups of a site do:
    /// the fullest, where all sites with at most a tenth of [`site_cookies`](Self::site_cookies) (or
    /// of this number, if that has no limit) count as equally full, and among equals the one in use
    /// least recently.
    pub total_cookies: usize,
    /// Cookies that a jar keeps when it had more than that, no more than it may have. Defaults to no
    /// limit.
    pub total_cookies_kept: usize,
    /// Bytes of a cookie's name, value and the `=` between them. Defaults to 8,190.
    pub pair_bytes: usize,
    /// Bytes of a cookie altogether, as a jar keeps it: name, value, domain, path and attributes, with two
    /// more for each attribute. Defaults to 12,288: the longest pair and 4 KiB for the rest.
    pub cookie_bytes: usize,
    /// Bytes of one `Set-Cookie` field, or of one `Set-Cookie2` field with all its cookies. Defaults to 64 KiB.
    ///
    /// A longer field is rejected unread.
    pub field_bytes: usize,
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
            cookie_bytes: 12_288,
            field_bytes: 65_536,
            header_cookies: 150,
            header_bytes: 8_190,
        }
    }

    /// The numbers of Chromium and Firefox, which are the same: 180 cookies a site, then down to
    /// 150, and 3,300 altogether, then down to 3,000.
    ///
    /// The limits of the header are on. Browsers send what they have, and a site of which one host
    /// sets many large `Domain` cookies answers all requests with an error until its user takes them
    /// away; a program has no user who does. The limit of a pair is off: RFC 6265bis has its own.
    #[must_use]
    pub fn browsers() -> Self {
        Self {
            total_cookies: 3_300,
            total_cookies_kept: 3_000,
            pair_bytes: usize::MAX,
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
            cookie_bytes: usize::MAX,
            field_bytes: usize::MAX,
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

/// Which of the cookies that a new one would replace or shadow a policy asks a store for; others may be
/// shown, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    Namesake,
    Secure,
}
