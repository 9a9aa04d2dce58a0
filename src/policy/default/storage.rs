//! The rules for cookies that are set (CPython: `set_ok_*`).

use super::DefaultCookiePolicy;
use crate::cookie::Cookie;
use crate::domain::{self, LOCAL};
use crate::policy::{CookiePolicy, sharing};
use crate::public_suffix::PublicSuffixes;
use crate::rejection::Rejection;
use crate::request::RequestContext;

impl DefaultCookiePolicy {
    #[inline]
    pub(super) fn octets_ok(&self, cookie: &Cookie) -> Result<(), Rejection> {
        if self.reject_control_characters && cookie.has_control_octets() {
            return Err(Rejection::ControlCharacter);
        }
        Ok(())
    }

    /// A Netscape cookie named like an attribute of RFC 2965 could pass for one at servers that
    /// know both (CPython: `set_ok_name`).
    pub(super) fn set_ok_name(&self, cookie: &Cookie) -> Result<(), Rejection> {
        if self.strict_ns_set_initial_dollar
            && cookie.version() == 0
            && cookie.name().starts_with('$')
        {
            return Err(Rejection::DollarName);
        }
        Ok(())
    }

    /// > The value for the Path attribute is not a prefix of the request-URI. (RFC 2965, section
    /// > 3.3.2)
    ///
    /// Netscape cookies may have any path by default (CPython: `set_ok_path`).
    pub(super) fn set_ok_path(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let strict = cookie.version() > 0 || self.strict_ns_set_path;
        if strict && cookie.path_specified() {
            self.path_return_ok(cookie.path(), request)?;
        }
        Ok(())
    }

    /// CPython: `set_ok_domain`.
    pub(super) fn set_ok_domain(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.domain_listed_ok(cookie.domain())?;
        if cookie.host_only() {
            return self.set_ok_own_host(cookie, request);
        }
        let strict = self.strict_ns_domain;
        self.set_ok_shared(cookie, request)?;
        set_ok_embedded_dot(cookie, request)?;
        if cookie.version() == 0 {
            set_ok_within(cookie, request)?;
        }
        if cookie.version() > 0 || strict.rfc2965_match {
            set_ok_domain_match(cookie, request)?;
        }
        if cookie.version() > 0 || strict.no_dots {
            set_ok_host_prefix(cookie, request)?;
        }
        Ok(())
    }

    /// A cookie without a `Domain` belongs to the request-host. A cookie from a header always does; one made by hand
    /// must comply.
    fn set_ok_own_host(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        if self.host_only && !is_own_host(cookie.domain(), request) {
            return Err(Rejection::DomainMismatch);
        }
        Ok(())
    }

    fn set_ok_shared(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let domain = domain::undotted(cookie.domain());
        if self.strict_domain && is_country_second_level(domain::without_root_dot(domain)) {
            return Err(Rejection::CountrySecondLevel);
        }
        if self.is_shared(domain, request) {
            return Ok(());
        }
        sharing::set_ok_unshared(domain, request, &self.settings.suffixes)
    }

    #[inline]
    pub(super) fn narrow_to_host(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        if !cookie.domain_specified() {
            return;
        }
        let domain = domain::undotted(cookie.domain());
        if domain == request.host() && !sharing::is_shared(domain, request, &self.settings.suffixes)
        {
            sharing::make_host_only(cookie);
        }
    }

    /// A host without dots may also use its effective name, and all such hosts share `.local` (RFC 2965, section 1).
    #[inline]
    pub(super) fn is_shared(&self, domain: &str, request: &RequestContext<'_>) -> bool {
        let suffixes = &self.settings.suffixes;
        sharing::is_shared(domain, request, suffixes)
            || (domain::is_dotless(request.host()) && is_shared_locally(domain, request, suffixes))
    }
}

/// The effective name of the host counts, too.
pub(super) fn is_own_host(domain: &str, request: &RequestContext<'_>) -> bool {
    domain == request.host() || domain == request.effective_host()
}

fn is_shared_locally(
    domain: &str,
    request: &RequestContext<'_>,
    suffixes: &PublicSuffixes,
) -> bool {
    let own = suffixes.registrable_domain(request.effective_host());
    domain == domain::undotted(LOCAL) || own.is_some_and(|own| domain::is_within(domain, own))
}

/// Names like `co.uk` (Python: `strict_domain`).
fn is_country_second_level(domain: &str) -> bool {
    const GENERIC: [&str; 21] = [
        "ac", "aero", "biz", "cat", "co", "com", "coop", "edu", "eu", "gov", "info", "int", "jobs",
        "mil", "mobi", "museum", "name", "net", "org", "pro", "travel",
    ];
    domain.split_once('.').is_some_and(|(second, top)| {
        top.len() == 2 && !top.contains('.') && GENERIC.contains(&second)
    })
}

/// > The value for the Domain attribute contains no embedded dots, and the value is not .local.
/// > (RFC 2965, section 3.3.2)
///
/// Hosts with a local effective name are exempt, and so are addresses, which match as a whole.
#[inline]
fn set_ok_embedded_dot(cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
    let domain = domain::without_root_dot(domain::undotted(cookie.domain()));
    let free = request.is_ip_address() || request.effective_host().ends_with(LOCAL);
    if !free && !domain.contains('.') {
        return Err(Rejection::DomainWithoutDot);
    }
    Ok(())
}

/// The Netscape rule: the host, or its effective name, is the domain or below it.
///
/// Python also accepts `foo` from a host `foo.local`: such a cookie is sent to the host `foo` and never to the one
/// that set it.
#[inline]
fn set_ok_within(cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
    let domain = domain::undotted(cookie.domain());
    let names = [request.host(), request.effective_host()];
    if names
        .into_iter()
        .any(|name| domain::is_within(name, domain))
    {
        return Ok(());
    }
    Err(Rejection::DomainMismatch)
}

/// > The effective host name that derives from the request-host does not domain-match the Domain
/// > attribute. (RFC 2965, section 3.3.2)
fn set_ok_domain_match(cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
    if domain::domain_match(request.effective_host(), cookie.domain()) {
        return Ok(());
    }
    Err(Rejection::DomainNotMatched)
}

/// > The request-host is a HDN (not IP address) and has the form HD, where D is the value of the
/// > Domain attribute, and H is a string that contains one or more dots. (RFC 2965, section 3.3.2)
fn set_ok_host_prefix(cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
    let prefix_len = request.host().len().saturating_sub(cookie.domain().len());
    if !request.is_ip_address() && request.host()[..prefix_len].contains('.') {
        return Err(Rejection::HostPrefixWithDot);
    }
    Ok(())
}

/// > The Port attribute has a "port-list", and the request-port was not in the list. (RFC 2965,
/// > section 3.3.2)
///
/// The ports are checked in order, up to the one that matches (CPython: `set_ok_port`).
#[inline]
pub(super) fn set_ok_port(cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
    match cookie.port().filter(|_| cookie.port_specified()) {
        Some(ports) => set_ok_ports(ports, request),
        None => Ok(()),
    }
}

fn set_ok_ports(ports: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
    let request_port = request.port().to_string();
    for port in ports.split(',') {
        if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Rejection::InvalidPort);
        }
        if port == request_port {
            return Ok(());
        }
    }
    Err(Rejection::PortMismatch)
}
