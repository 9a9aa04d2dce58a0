//! The rules for cookies that are returned: RFC 6265bis, section 5.8.3.

use super::{BrowserPolicy, Enforcement};
use crate::cookie::Cookie;
use crate::domain;
use crate::policy::sharing;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// > Deployment experience has shown a cookie age of 2 minutes or less to be a reasonable limit.
/// > (Section 5.6.7.2)
const YOUNG: i64 = 120;

impl BrowserPolicy {
    /// > Either: The cookie's host-only-flag is true and the canonicalized host of the retrieval's URI
    /// > is identical to the cookie's domain. Or: The cookie's host-only-flag is false and the
    /// > canonicalized host of the retrieval's URI domain-matches the cookie's domain.
    ///
    /// A domain that no host may share, because the list changed or the cookie came from another source,
    /// matches only the host with that name.
    #[inline]
    pub(super) fn return_ok_domain(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let Some(bare) = domain.strip_prefix('.') else {
            return own_host(domain, request);
        };
        if !domain::is_within(request.host(), bare) {
            return Err(Rejection::DomainMismatch);
        }
        let suffixes = &self.settings.suffixes;
        if sharing::is_shared_above(bare, request, suffixes) || bare == request.host() {
            return Ok(());
        }
        Err(Rejection::PublicSuffix)
    }

    /// > If the cookie's same-site-flag is not "None" and the retrieval's same-site status is
    /// > "cross-site", then exclude the cookie unless all of the following conditions are met: The
    /// > retrieval's type is "HTTP". The same-site-flag is "Lax" or "Default". The HTTP request
    /// > associated with the retrieval uses a "safe" method. [It] is a top-level [navigation].
    #[inline]
    pub(super) fn return_ok_same_site(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let enforcement = self.enforcement(cookie);
        if enforcement == Enforcement::None || self.is_same_site(request) {
            return Ok(());
        }
        let navigation = request.is_top_level_navigation() && !request.is_from_script();
        match enforcement {
            Enforcement::Strict => Err(Rejection::SameSiteStrict),
            _ if navigation && request.has_safe_method() => Ok(()),
            Enforcement::Default if navigation && self.is_young(cookie, request) => Ok(()),
            Enforcement::Default => Err(Rejection::SameSiteDefault),
            Enforcement::Lax | Enforcement::None => Err(Rejection::SameSiteLax),
        }
    }

    /// RFC 6265bis, section 5.6.7.2.
    fn is_young(&self, cookie: &Cookie, request: &RequestContext<'_>) -> bool {
        let age = cookie
            .created_seconds()
            .zip(request.now_seconds())
            .map(|(created, now)| now.saturating_sub(created));
        self.lax_allows_unsafe && age.is_some_and(|age| (0..=YOUNG).contains(&age))
    }
}

fn own_host(domain: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
    if domain == request.host() {
        return Ok(());
    }
    if domain::is_within(request.host(), domain) {
        return Err(Rejection::HostOnly);
    }
    Err(Rejection::DomainMismatch)
}

/// A path that is not UTF-8 never matches one that is. The question about the path takes text, so it cannot detect
/// this.
#[inline]
pub(super) fn return_ok_path_bytes(cookie: &Cookie) -> Result<(), Rejection> {
    if cookie.path_part().latin1 {
        return Err(Rejection::PathMismatch);
    }
    Ok(())
}
