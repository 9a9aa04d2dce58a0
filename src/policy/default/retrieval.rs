//! The rules for cookies that are returned (CPython: `domain_return_ok`, `path_return_ok`,
//! `return_ok_*`).

use super::DefaultCookiePolicy;
use super::storage::is_own_host;
use crate::cookie::Cookie;
use crate::domain;
use crate::policy::sharing;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// The schemes over which `Secure` cookies are sent, in lower case.
#[derive(Debug, Clone)]
pub(super) struct SecureProtocols {
    /// Whether https is one, as it nearly always is: each Secure cookie asks (bench `one_site`).
    https: bool,
    others: Vec<Box<str>>,
}

impl SecureProtocols {
    #[inline]
    fn contains(&self, scheme: &str) -> bool {
        match scheme {
            "https" => self.https,
            _ => self.others.iter().any(|other| **other == *scheme),
        }
    }
}

impl<S: AsRef<str>> FromIterator<S> for SecureProtocols {
    fn from_iter<T: IntoIterator<Item = S>>(schemes: T) -> Self {
        let lower = |scheme: S| scheme.as_ref().to_ascii_lowercase().into();
        let mut others: Vec<Box<str>> = schemes.into_iter().map(lower).collect();
        let all = others.len();
        others.retain(|scheme| **scheme != *"https");
        let https = others.len() < all;
        Self { https, others }
    }
}

impl DefaultCookiePolicy {
    /// The host is the domain or below it. Hosts share a domain with a leading dot; one without belongs to the host
    /// alone. A name without dots cannot be shared, so its cookies are its own even without that guard.
    #[inline]
    pub(super) fn domain_in_reach(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        if domain == request.host() {
            return Ok(());
        }
        let bare = domain::undotted(domain);
        let is_within = domain::is_within(request.host(), bare)
            || domain::is_within(request.effective_host(), bare);
        if !is_within {
            return Err(Rejection::DomainMismatch);
        }
        if bare.len() < domain.len() {
            return self.return_ok_shared(bare, request);
        }
        let own = self.host_only || domain::is_dotless(domain);
        if own && !is_own_host(domain, request) {
            return Err(Rejection::HostOnly);
        }
        Ok(())
    }

    /// Cookies for a name that no host may share are sent only to that name, whatever their source.
    #[inline]
    fn return_ok_shared(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let suffixes = &self.settings.suffixes;
        if sharing::is_shared_above(domain, request, suffixes)
            || domain == request.host()
            || self.is_shared(domain, request)
        {
            return Ok(());
        }
        Err(Rejection::PublicSuffix)
    }

    /// A Secure cookie is sent over secure protocols only (CPython: `return_ok_secure`), and to the local
    /// machine if that counts as secure.
    #[inline]
    pub(super) fn return_ok_secure(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        if cookie.secure()
            && !self.secure_protocols.contains(request.scheme())
            && !(self.loopback_is_secure && request.is_loopback())
        {
            return Err(Rejection::InsecureRequest);
        }
        Ok(())
    }

    /// The part of the domain check that depends on the cookie's protocol (CPython: `return_ok_domain`).
    #[inline]
    pub(super) fn return_ok_domain(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        if cookie.version() == 0 {
            let strict = self.strict_ns_domain.non_domain && cookie.host_only();
            if strict && !is_own_host(cookie.domain(), request) {
                return Err(Rejection::NotSameHost);
            }
            return Ok(());
        }
        let domain = cookie.domain();
        let names = [request.effective_host(), request.host()];
        if names
            .into_iter()
            .any(|name| domain::domain_match(name, domain))
        {
            return Ok(());
        }
        Err(Rejection::DomainNotMatched)
    }
}
