//! The rules for cookies that are set: RFC 6265bis, section 5.7, step by step.

use super::{BrowserPolicy, Enforcement};
use crate::cookie::{Cookie, SameSite};
use crate::domain;
use crate::policy::{Existing, sharing};
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// > If the sum of the lengths of cookie-name and cookie-value is more than 4096 octets, abort this
/// > algorithm and ignore the cookie entirely. (Step 4)
const LONGEST_NAME_AND_VALUE: usize = 4_096;

/// > The cookie-age-limit [...] SHOULD be 400 days in the future or sooner. (Section 5.5)
const LONGEST_LIFETIME: i64 = 400 * 86_400;

/// > Let cookie-age-limit be the maximum age of the cookie. [...] If the expiry-time is more than
/// > cookie-age-limit, the user agent MUST set the expiry time to cookie-age-limit in seconds.
/// > (Sections 5.6.1 and 5.6.2)
pub(super) fn limit_lifetime(cookie: &mut Cookie, request: &RequestContext<'_>) {
    if let Some(now) = request.now_seconds() {
        cookie.cap_expiry(now.saturating_add(LONGEST_LIFETIME));
    }
}

/// > Otherwise, set partition-key to cookie-partition-key. (CHIPS, section 2.3)
///
/// If the client names no partition, the cookie is kept like all others.
pub(super) fn put_into_partition(cookie: &mut Cookie, request: &RequestContext<'_>) {
    if let Some(key) = request.partition()
        && cookie.partitioned()
        && cookie.partition_key().is_none()
    {
        // An invalid key leaves the cookie without a partition; `set_ok_partitioned` then rejects it.
        let _ = cookie.set_partition_key(Some(key));
    }
}

/// Step 4, see [`LONGEST_NAME_AND_VALUE`].
pub(super) fn set_ok_size(cookie: &Cookie) -> Result<(), Rejection> {
    if cookie.name_and_value_len() > LONGEST_NAME_AND_VALUE {
        return Err(Rejection::NameValueTooLong);
    }
    Ok(())
}

impl BrowserPolicy {
    /// > If the domain-attribute is identical to the canonicalized request-host: Let the
    /// > domain-attribute be the empty string. (Step 9, for public suffixes)
    ///
    /// The layered cookies draft says the same about IP addresses (section 5.4.3), and Chromium does the same
    /// for single-label names.
    pub(super) fn narrow_to_host(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        let domain = domain::undotted(cookie.domain());
        if cookie.domain_specified() && domain == request.host() && self.has_name_to_itself(request)
        {
            sharing::make_host_only(cookie);
        }
    }

    fn has_name_to_itself(&self, request: &RequestContext<'_>) -> bool {
        request.is_ip_address()
            || !sharing::is_shared(request.host(), request, &self.settings.suffixes)
    }

    /// > If the user agent is configured to reject "public suffixes" and the domain-attribute is a
    /// > public suffix: [...] abort this algorithm and ignore the cookie entirely. (Step 9)
    ///
    /// As in Chromium, this includes names above the registrable domain of the request-host.
    pub(super) fn set_ok_public_suffix(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let (domain, suffixes) = (domain::undotted(cookie.domain()), &self.settings.suffixes);
        if cookie.host_only() || sharing::is_shared(domain, request, suffixes) {
            return Ok(());
        }
        sharing::set_ok_unshared(domain, request, suffixes)
    }

    /// > If the cookie's "same-site-flag" is not "None": If the cookie was received from a "same-site"
    /// > request [...], skip the remaining substeps and continue processing the cookie. If the cookie
    /// > was received from a request which is navigating a top-level traversable, skip the remaining
    /// > substeps and continue processing the cookie. Abort this algorithm and ignore the newly created
    /// > cookie entirely. (Step 18)
    ///
    /// A script in a cross-site document can set no such cookie, wherever the document is shown (step 18.1).
    pub(super) fn set_ok_same_site(
        &self,
        cookie: &Cookie,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        if self.enforcement(cookie) == Enforcement::None || self.is_same_site(request) {
            return Ok(());
        }
        if request.is_top_level_navigation() && !request.is_from_script() {
            return Ok(());
        }
        Err(Rejection::CrossSiteResponse)
    }

    /// > If the cookie's "same-site-flag" is "None", abort this algorithm and ignore the cookie entirely
    /// > unless the cookie's secure-only-flag is true. (Step 19)
    pub(super) fn set_ok_same_site_none(&self, cookie: &Cookie) -> Result<(), Rejection> {
        let insecure_none = cookie.same_site() == Some(SameSite::None) && !cookie.secure();
        if self.same_site_none_needs_secure && insecure_none {
            return Err(Rejection::SameSiteNoneInsecure);
        }
        Ok(())
    }

    /// > If the cookie's secure-only-flag is false, and the request-uri does not denote a "secure"
    /// > connection (as defined by the user agent), then abort this algorithm and ignore the cookie
    /// > entirely if the cookie store contains one or more cookies that meet all of the following
    /// > criteria: Their name matches the name of the newly-created cookie. Their secure-only-flag is
    /// > true. [...] (Step 16)
    ///
    /// `stored` was selected by the other criteria.
    pub(super) fn replace_ok_secure(
        &self,
        cookie: &Cookie,
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let harmless = cookie.secure() || self.is_secure(request);
        if !harmless && stored.any_secure() {
            return Err(Rejection::OverlaysSecure);
        }
        Ok(())
    }

    /// > If the newly-created cookie was received from a "non-HTTP" API and the old-cookie's http-only-flag
    /// > is true, abort this algorithm and ignore the newly created cookie entirely. (Step 23.2)
    ///
    /// If no other host shares its name, a host-only cookie also replaces one with a leading dot.
    pub(super) fn replace_ok_http_only(
        &self,
        cookie: &Cookie,
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let hides = |cookie: &Cookie| stored.any_namesake(cookie, Cookie::http_only);
        let dotted = || {
            let mut dotted = cookie.clone();
            let domain = format!(".{}", cookie.domain());
            cookie.host_only()
                && self.has_name_to_itself(request)
                && dotted.set_domain(&domain).is_ok()
                && hides(&dotted)
        };
        if request.is_from_script() && (hides(cookie) || dotted()) {
            return Err(Rejection::OverwritesHttpOnly);
        }
        Ok(())
    }
}

/// > If the canonicalized request-host does not domain-match the domain-attribute: Abort this algorithm
/// > and ignore the cookie entirely. (Step 10)
///
/// A cookie without a domain belongs to the request-host. A cookie from a header always does; one made by hand must
/// comply.
pub(super) fn set_ok_domain(
    cookie: &Cookie,
    request: &RequestContext<'_>,
) -> Result<(), Rejection> {
    let matches = match cookie.domain().strip_prefix('.') {
        Some(domain) => domain::is_within(request.host(), domain),
        None => cookie.domain() == request.host(),
    };
    if !matches {
        return Err(Rejection::DomainMismatch);
    }
    Ok(())
}

/// > If the cookie-attribute-list does contain an attribute with an attribute-name of "Partitioned"
/// > and the secure-only-flag is false, abort these steps and ignore the cookie entirely. (CHIPS,
/// > section 2.3)
///
/// If the client names a partition, the cookie must be in one.
pub(super) fn set_ok_partitioned(
    cookie: &Cookie,
    request: &RequestContext<'_>,
) -> Result<(), Rejection> {
    let astray = request.partition().is_some() && cookie.partition_key().is_none();
    let suspect = !cookie.secure() || astray;
    match suspect && cookie.partitioned() {
        false => Ok(()),
        true if astray => Err(Rejection::OtherPartition),
        true => Err(Rejection::PartitionedInsecure),
    }
}
