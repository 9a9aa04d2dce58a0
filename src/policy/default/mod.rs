//! [`DefaultCookiePolicy`]: its flags and its lists.
//!
//! The rules are in files next to this one, in the order in which they run.

use super::common;
use super::domain_set::DomainSet;
use super::questions::agree_to;
use super::{CookiePolicy, DomainScope, Limits, Protocols, Settings, Verdicts};
use crate::cookie::Cookie;
use crate::options::options;
use crate::public_suffix::PublicSuffixes;
use crate::rejection::Rejection;
use crate::request::RequestContext;

mod retrieval;
mod storage;

use retrieval::SecureProtocols;

/// The rules of Netscape, RFC 2109 and RFC 2965 as implemented in Python's `http.cookiejar`, with four guards that
/// Python lacks.
///
/// The flags are Python's, with Python's names and defaults. Each has a method of that name, to build a policy, and one
/// with `set_` before it, to change a policy in use through [`policy_mut`](crate::CookieJar::policy_mut). The
/// [guide](crate::guide::defaults) has the reason for each default.
///
/// ```
/// use cookiejar::policy::StrictNsDomain;
/// use cookiejar::{CookieJar, DefaultCookiePolicy};
///
/// let policy = DefaultCookiePolicy::new()
///     .rfc2965(true)
///     .strict_ns_domain(StrictNsDomain::STRICT)
///     .block_domains(["ads.example", ".ads.example"]);
/// assert!(policy.is_blocked("www.ads.example"));
/// let jar = CookieJar::with_policy(policy);
/// ```
#[derive(Debug, Clone)]
pub struct DefaultCookiePolicy {
    settings: Settings,
    strict_domain: bool,
    strict_rfc2965_unverifiable: bool,
    strict_ns_unverifiable: bool,
    strict_ns_domain: StrictNsDomain,
    strict_ns_set_initial_dollar: bool,
    strict_ns_set_path: bool,
    secure_protocols: SecureProtocols,
    loopback_is_secure: bool,
    blocked_domains: DomainSet,
    allowed_domains: Option<DomainSet>,
    host_only: bool,
    reject_control_characters: bool,
}

/// How strict the domain rules for Netscape cookies are (Python: `strict_ns_domain`).
///
/// ```
/// use cookiejar::policy::StrictNsDomain;
///
/// let mut strict = StrictNsDomain::STRICT;
/// strict.rfc2965_match = true;
/// assert!(strict.no_dots && strict.non_domain);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct StrictNsDomain {
    /// When setting: the part of the host before the domain has no dot, so that `a.b.acme.com` sets no cookie
    /// for `.acme.com`.
    #[doc(alias = "DomainStrictNoDots")]
    pub no_dots: bool,
    /// When returning: a cookie that came without `Domain` is returned only to the host that set it.
    #[doc(alias = "DomainStrictNonDomain")]
    pub non_domain: bool,
    /// When setting: the host domain-matches the domain as RFC 2965 defines it.
    #[doc(alias = "DomainRFC2965Match")]
    pub rfc2965_match: bool,
}

impl StrictNsDomain {
    /// None of the three; the default.
    #[doc(alias = "DomainLiberal")]
    pub const LIBERAL: Self = Self {
        no_dots: false,
        non_domain: false,
        rfc2965_match: false,
    };

    /// `no_dots` and `non_domain`.
    #[doc(alias = "DomainStrict")]
    pub const STRICT: Self = Self {
        no_dots: true,
        non_domain: true,
        rfc2965_match: false,
    };
}

impl DefaultCookiePolicy {
    /// Creates a policy with Python's defaults, all guards, and the built-in public suffix list.
    #[cfg(feature = "psl")]
    #[must_use]
    pub fn new() -> Self {
        Self::with_suffixes(PublicSuffixes::built_in())
    }

    /// Creates a policy with Python's defaults, all guards, and another public suffix list, or none.
    #[must_use]
    pub fn with_suffixes(suffixes: PublicSuffixes) -> Self {
        Self {
            host_only: true,
            reject_control_characters: true,
            ..Self::python().suffixes(suffixes).limits(Limits::new())
        }
    }

    /// Creates a policy with Python's defaults and no guards, for programs that need Python's decisions.
    ///
    /// Python's mistakes are not reproduced: the [guide](crate::guide) lists every difference.
    #[must_use]
    pub fn python() -> Self {
        Self {
            settings: Settings::new().domain_scope(DomainScope::HostSuffixes),
            strict_domain: false,
            strict_rfc2965_unverifiable: true,
            strict_ns_unverifiable: false,
            strict_ns_domain: StrictNsDomain::LIBERAL,
            strict_ns_set_initial_dollar: false,
            strict_ns_set_path: false,
            secure_protocols: ["https", "wss"].into_iter().collect(),
            loopback_is_secure: false,
            blocked_domains: DomainSet::default(),
            allowed_domains: None,
            host_only: false,
            reject_control_characters: false,
        }
    }
}

#[cfg(feature = "psl")]
impl Default for DefaultCookiePolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// Python's flags.
impl DefaultCookiePolicy {
    options! {
        /// Sets whether Netscape cookies are used. Defaults to `true`.
        netscape, set set_netscape: bool => settings.protocols.netscape;
        /// Sets whether RFC 2965 cookies are used. Defaults to `false`.
        rfc2965, set set_rfc2965: bool => settings.protocols.rfc2965;
        /// Sets whether RFC 2109 cookies are treated as Netscape cookies. Defaults to `None`: they are if `rfc2965` is
        /// off.
        rfc2109_as_netscape, set set_rfc2109_as_netscape: Option<bool> => settings.protocols.rfc2109_as_netscape;
        /// Sets whether the `Cookie2` header is withheld. Defaults to `false`. Without `rfc2965` it is never
        /// sent.
        hide_cookie2, set set_hide_cookie2: bool => settings.protocols.hide_cookie2;
        /// Sets whether second-level names such as `co` and `ac` under a two-letter name are rejected as domains.
        /// Defaults to `false`; the [public suffixes](Self::suffixes) include more of them.
        strict_domain, set set_strict_domain: bool;
        /// Sets whether third parties can neither set nor get RFC 2965 cookies in unverifiable transactions (RFC
        /// 2965, section 3.3.6). Defaults to `true`.
        strict_rfc2965_unverifiable, set set_strict_rfc2965_unverifiable: bool;
        /// Sets the same for Netscape cookies. Defaults to `false`.
        strict_ns_unverifiable, set set_strict_ns_unverifiable: bool;
        /// Sets how strict the domain rules for Netscape cookies are. Defaults to
        /// [`StrictNsDomain::LIBERAL`].
        strict_ns_domain, set set_strict_ns_domain: StrictNsDomain;
        /// Sets whether Netscape cookies whose name begins with `$` are rejected. Defaults to `false`.
        strict_ns_set_initial_dollar, set set_strict_ns_set_initial_dollar: bool;
        /// Sets whether Netscape cookies, too, are rejected if their `Path` does not path-match the request.
        /// Defaults to `false`.
        strict_ns_set_path, set set_strict_ns_set_path: bool;
        /// Sets whether `Secure` cookies are sent to the local machine over any protocol, as in browsers: to
        /// `localhost`, names below it, `127.0.0.0/8` and `[::1]`. Defaults to `false`.
        loopback_is_secure, set set_loopback_is_secure: bool;
        /// Sets whether a cookie that came without `Domain` is returned only to its own host: a guard. Defaults
        /// to `true`; Python also sends it to the hosts below.
        host_only, set set_host_only: bool;
        /// Sets whether a cookie with a control octet other than TAB in a name, a value or an attribute is
        /// rejected, and withheld if it came from another source: a guard. Defaults to `true`. CR, LF and NUL
        /// are always rejected.
        reject_control_characters, set set_reject_control_characters: bool;
        /// Sets the public suffixes: a guard. A `Domain` outside the registrable domain of the request-host is
        /// rejected; if it is the request-host itself, the cookie becomes host-only. A cookie for such a domain from
        /// another source is sent only to the host with that name. Hosts without dots may still share `.local`.
        /// Defaults to the built-in list.
        suffixes, set set_suffixes: PublicSuffixes => settings.suffixes;
        /// Sets how much a jar keeps and sends: a guard. Defaults to [`Limits::new`].
        limits, set set_limits: Limits => settings.limits;
    }

    /// Sets the schemes over which `Secure` cookies are sent. Defaults to `https` and `wss`.
    #[must_use]
    pub fn secure_protocols<S: AsRef<str>>(mut self, schemes: impl IntoIterator<Item = S>) -> Self {
        self.set_secure_protocols(schemes);
        self
    }

    /// Changes [`secure_protocols`](Self::secure_protocols).
    pub fn set_secure_protocols<S: AsRef<str>>(&mut self, schemes: impl IntoIterator<Item = S>) {
        self.secure_protocols = schemes.into_iter().collect();
    }
}

/// The lists. Both apply when a cookie is set and when it is returned; an entry means what it does in a
/// [`DomainList`](super::DomainList).
impl DefaultCookiePolicy {
    /// Sets the block list. Defaults to an empty one.
    #[must_use]
    pub fn block_domains<D: AsRef<str>>(mut self, domains: impl IntoIterator<Item = D>) -> Self {
        self.set_blocked_domains(domains);
        self
    }

    /// Sets the allow list: all other domains are rejected. Defaults to no list, which allows everything; an empty
    /// list allows nothing.
    #[must_use]
    pub fn allow_domains<D: AsRef<str>>(mut self, domains: impl IntoIterator<Item = D>) -> Self {
        self.set_allowed_domains(domains);
        self
    }

    /// Changes the block list.
    pub fn set_blocked_domains<D: AsRef<str>>(&mut self, domains: impl IntoIterator<Item = D>) {
        self.blocked_domains = DomainSet::new(domains);
    }

    /// Changes the allow list.
    pub fn set_allowed_domains<D: AsRef<str>>(&mut self, domains: impl IntoIterator<Item = D>) {
        self.allowed_domains = Some(DomainSet::new(domains));
    }

    /// Removes the allow list (Python: `set_allowed_domains(None)`).
    pub fn allow_all_domains(&mut self) {
        self.allowed_domains = None;
    }

    /// Iterates over the block list, in canonical form and in no particular order.
    pub fn blocked_domains(&self) -> impl Iterator<Item = &str> {
        self.blocked_domains.iter()
    }

    /// Returns the allow list, if it is set, in canonical form and in no particular order.
    #[must_use]
    pub fn allowed_domains(&self) -> Option<impl Iterator<Item = &str>> {
        self.allowed_domains.as_ref().map(DomainSet::iter)
    }

    /// Returns `true` if the stored `domain` is on the block list.
    #[inline]
    #[must_use]
    pub fn is_blocked(&self, domain: &str) -> bool {
        self.blocked_domains.blocks(domain)
    }

    /// Returns `true` if an allow list is set and the stored `domain` is not on it.
    #[inline]
    #[must_use]
    pub fn is_not_allowed(&self, domain: &str) -> bool {
        self.allowed_domains
            .as_ref()
            .is_some_and(|list| !list.allows(domain))
    }

    #[inline]
    fn domain_listed_ok(&self, domain: &str) -> Result<(), Rejection> {
        if self.is_blocked(domain) {
            return Err(Rejection::BlockedDomain);
        }
        if self.is_not_allowed(domain) {
            return Err(Rejection::DomainNotAllowed);
        }
        Ok(())
    }
}

impl CookiePolicy for DefaultCookiePolicy {
    /// The rules, in Python's order (CPython: `set_ok`).
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.version_ok(cookie)?;
        self.verifiability_ok(cookie, request)?;
        self.octets_ok(cookie)?;
        self.set_ok_name(cookie)?;
        self.set_ok_path(cookie, request)?;
        self.set_ok_domain(cookie, request)?;
        storage::set_ok_port(cookie, request)
    }

    /// The rules, in Python's order (CPython: `return_ok`).
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `one_site`: 7 % of the instructions were the call"
    )]
    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.version_ok(cookie)?;
        self.verifiability_ok(cookie, request)?;
        self.octets_ok(cookie)?;
        self.return_ok_secure(cookie, request)?;
        common::return_ok_expires(cookie, request)?;
        common::return_ok_port(cookie, request)?;
        self.return_ok_domain(cookie, request)
    }

    #[inline]
    fn domain_return_ok(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.domain_in_reach(domain, request)?;
        self.domain_listed_ok(domain)
    }

    #[inline]
    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        common::return_ok_path(path.as_bytes(), request.escaped_path())
    }

    #[inline]
    fn return_ok_all<'c>(
        &self,
        cookies: &'c [Cookie],
        request: &RequestContext<'_>,
        verdicts: &mut Verdicts<'c, '_>,
    ) {
        let target = request.escaped_path();
        let path_ok = |cookie: &Cookie| common::return_ok_path(cookie.path_octets(), target);
        verdicts.judge(cookies, request, self, path_ok);
    }

    #[inline]
    fn settings(&self) -> &Settings {
        &self.settings
    }

    /// If no other host may share a `Domain`, and it is the request-host, the cookie becomes host-only (RFC
    /// 6265, section 5.3, step 5, for public suffixes).
    #[inline]
    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        self.narrow_to_host(cookie, request);
    }

    // Python protects no stored cookie: http may replace a Secure cookie.
    agree_to!(replace_ok);
}

/// The two rules for both directions.
impl DefaultCookiePolicy {
    /// The protocol of a cookie must be on (CPython: `set_ok_version`, `return_ok_version`).
    #[inline]
    fn version_ok(&self, cookie: &Cookie) -> Result<(), Rejection> {
        let Protocols {
            netscape, rfc2965, ..
        } = self.settings.protocols;
        match cookie.version() {
            0 if !netscape => Err(Rejection::NetscapeOff),
            1.. if !rfc2965 => Err(Rejection::Rfc2965Off),
            _ => Ok(()),
        }
    }

    /// > An unverifiable transaction is to a third-party host if its request-host U does not
    /// > domain-match the reach R of the request-host O in the origin transaction. (RFC 2965,
    /// > section 3.3.6)
    ///
    /// Such a transaction neither sets nor gets cookies of the protocols for which the flag is on (CPython:
    /// `set_ok_verifiability`, `return_ok_verifiability`).
    #[inline]
    fn verifiability_ok(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let strict = match cookie.version() {
            0 => self.strict_ns_unverifiable,
            _ => self.strict_rfc2965_unverifiable,
        };
        if strict && request.is_unverifiable() && request.is_third_party() {
            return Err(Rejection::ThirdParty);
        }
        Ok(())
    }
}
