//! Where else a host-only cookie may be stored.
//!
//! A host that sets or deletes a cookie without `Domain` means its own. Two other stored cookies would also be sent to
//! that host, and could never be replaced: the namesake with a leading dot, if no other host can share the name, and
//! the host-only namesake under the effective name of a host without dots. Python's files have `.127.0.0.1`, and
//! `localhost.local` for `localhost`.

use smallvec::SmallVec;

use super::calls::Open;
use crate::cookie::Cookie;
use crate::domain::{self, LOCAL};
use crate::policy::CookiePolicy;
use crate::request::RequestContext;
use crate::store::{ChangeCause, Sink};

pub(super) type Aliases = SmallVec<[String; 2]>;

/// The policy decides which aliases a host-only cookie has: it would make the dotted one host-only if this host set it,
/// and it sends the other one to this host.
#[inline]
pub(super) fn of<P: CookiePolicy + ?Sized>(
    cookie: &Cookie,
    request: &RequestContext<'_>,
    policy: &P,
    open: &Open<'_, '_>,
) -> Aliases {
    // Few hosts have no registrable domain; it is looked up once for all cookies of a response.
    if request.registrable_len(&policy.settings().suffixes) > 0 {
        return Aliases::new();
    }
    of_lone_host(cookie, request, policy, open)
}

#[cold]
fn of_lone_host<P: CookiePolicy + ?Sized>(
    cookie: &Cookie,
    request: &RequestContext<'_>,
    policy: &P,
    open: &Open<'_, '_>,
) -> Aliases {
    let mut aliases = Aliases::new();
    if cookie.domain() != request.host() {
        return aliases;
    }
    let dotted = [".", cookie.domain()].concat();
    if get(&dotted, cookie, open).is_some_and(|other| is_made_host_only(other, request, policy)) {
        aliases.push(dotted);
    }
    if let Some(local) = request.local_name()
        && get(local, cookie, open).is_some()
        && policy.domain_return_ok(local, request).is_ok()
    {
        aliases.push(local.to_owned());
    }
    aliases
}

fn is_made_host_only<P: CookiePolicy + ?Sized>(
    other: &Cookie,
    request: &RequestContext<'_>,
    policy: &P,
) -> bool {
    let mut prepared = other.clone();
    policy.prepare(&mut prepared, request);
    prepared.host_only()
}

/// Returns the host without dots whose own cookie a loaded one replaces, if the jar has that cookie: a file in
/// Python's format has the effective name of the host instead.
pub(super) fn dotless_host<'c, P: CookiePolicy + ?Sized>(
    cookie: &'c Cookie,
    now: i64,
    policy: &P,
    open: &Open<'_, '_>,
) -> Option<&'c str> {
    let host = cookie.domain().strip_suffix(LOCAL)?;
    if !domain::is_dotless(host) || alive(host, cookie, now, open).is_none() {
        return None;
    }
    let request = RequestContext::new("https", host, None, "/").at_seconds(now);
    let sent = policy.domain_return_ok(cookie.domain(), &request);
    sent.is_ok().then_some(host)
}

fn get<'o>(domain: &str, cookie: &Cookie, open: &'o Open<'_, '_>) -> Option<&'o Cookie> {
    open.store(domain).get(&cookie.id().under(domain))
}

pub(super) fn alive<'o>(
    domain: &str,
    cookie: &Cookie,
    now: i64,
    open: &'o Open<'_, '_>,
) -> Option<&'o Cookie> {
    get(domain, cookie, open).filter(|other| !other.is_expired_at(now))
}

pub(super) fn take<'d>(
    domains: impl Iterator<Item = &'d str>,
    cookie: &Cookie,
    now: i64,
    open: &mut Open<'_, '_>,
    sink: &mut impl Sink,
) -> Option<Cookie> {
    let taken = domains.filter_map(|domain| {
        let (store, mut sink) = open.shelf(domain).change(&mut *sink);
        let id = cookie.id().under(domain);
        let cause = if store.get(&id)?.is_expired_at(now) {
            ChangeCause::Expired
        } else {
            ChangeCause::Removed
        };
        store.remove(&id, cause, &mut sink)
    });
    let alive = taken.filter(|other| !other.is_expired_at(now));
    alive.min_by_key(Cookie::creation_key)
}
