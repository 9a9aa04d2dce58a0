//! The guard `suffixes` of both policies: which `Domain` no host may share.
//!
//! It concerns only the request-host and the names above it; other domains do not match the host anyway.

use crate::cookie::Cookie;
use crate::domain;
use crate::public_suffix::PublicSuffixes;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// An address has no registrable domain.
#[inline]
pub(super) fn is_shared(
    domain: &str,
    request: &RequestContext<'_>,
    suffixes: &PublicSuffixes,
) -> bool {
    suffixes.is_none()
        || request
            .registrable_domain(suffixes)
            .is_some_and(|own| domain::is_within(domain, own))
}

/// The name is known to be the request-host or above it.
#[inline]
pub(super) fn is_shared_above(
    domain: &str,
    request: &RequestContext<'_>,
    suffixes: &PublicSuffixes,
) -> bool {
    let own = || request.registrable_len(suffixes);
    suffixes.is_none() || (1..=domain.len()).contains(&own())
}

/// Rejects a `domain` that is not shared. Other rules reject a domain that is neither the request's nor a known
/// suffix.
pub(super) fn set_ok_unshared(
    domain: &str,
    request: &RequestContext<'_>,
    suffixes: &PublicSuffixes,
) -> Result<(), Rejection> {
    if domain::is_within(request.host(), domain) || suffixes.is_public_suffix(domain) {
        return Err(Rejection::PublicSuffix);
    }
    Ok(())
}

pub(super) fn make_host_only(cookie: &mut Cookie) {
    let domain = domain::undotted(cookie.domain()).to_owned();
    // The domain came from a cookie, so it is valid without its dot.
    let _ = cookie.set_domain(&domain);
}
