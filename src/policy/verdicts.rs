//! The verdicts on the cookies of a domain, asked for in the order of the questions about returning.

use std::fmt;

use smallvec::SmallVec;

use super::CookiePolicy;
use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// Receives the verdicts on the cookies of one domain after another.
#[doc(hidden)]
pub struct Verdicts<'c, 'w> {
    pub(crate) returned: &'w mut Selection<'c>,
    pub(crate) withheld: Option<&'w mut Withheld<'w>>,
}

/// The cookies that are returned with a request; the usual number needs no allocation.
pub(crate) type Selection<'c> = SmallVec<[&'c Cookie; 16]>;

pub(crate) type Withheld<'w> = dyn FnMut(&Cookie, Rejection) + 'w;

impl fmt::Debug for Verdicts<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&*self.returned).finish()
    }
}

/// The verdicts on a domain without and with a leading dot, once they were asked for.
type Domains = [Option<Result<(), Rejection>>; 2];

impl<'c> Verdicts<'c, '_> {
    /// Asks `policy` about the cookies of a domain, and `path_ok` about their paths: octets, because a slice of text is
    /// checked at both ends (bench `one_site`).
    #[inline]
    pub(super) fn judge<P: CookiePolicy + ?Sized>(
        &mut self,
        cookies: &'c [Cookie],
        request: &RequestContext<'_>,
        policy: &P,
        path_ok: impl Fn(&Cookie) -> Result<(), Rejection>,
    ) {
        let mut domains = [None, None];
        // Without a time, nothing has expired.
        let now = request.now_seconds().unwrap_or(i64::MIN);
        for cookie in cookies {
            match verdict_by(policy, cookie, request, now, &mut domains, &path_ok) {
                Ok(()) => self.returned.push(cookie),
                Err(reason) => {
                    if let Some(withheld) = &mut self.withheld {
                        withheld(cookie, reason);
                    }
                }
            }
        }
    }
}

pub(crate) fn verdict<P: CookiePolicy + ?Sized>(
    policy: &P,
    cookie: &Cookie,
    request: &RequestContext<'_>,
    now: i64,
    domains: &mut Domains,
) -> Result<(), Rejection> {
    let path_ok = |cookie: &Cookie| policy.path_return_ok(cookie.path(), request);
    verdict_by(policy, cookie, request, now, domains, path_ok)
}

#[inline]
fn verdict_by<P: CookiePolicy + ?Sized>(
    policy: &P,
    cookie: &Cookie,
    request: &RequestContext<'_>,
    now: i64,
    domains: &mut Domains,
    path_ok: impl Fn(&Cookie) -> Result<(), Rejection>,
) -> Result<(), Rejection> {
    if cookie.is_expired_at(now) {
        return Err(Rejection::Expired);
    }
    let domain = &mut domains[usize::from(cookie.domain_specified())];
    (*domain.get_or_insert_with(|| policy.domain_return_ok(cookie.domain(), request)))?;
    path_ok(cookie)?;
    policy.return_ok(cookie, request)
}
