//! Taking in cookies that were read from a file.

use std::borrow::Cow;
use std::collections::HashSet;

use super::calls::{self, Jar, Open, Room};
use super::extract::check_size;
use super::{Account, aliases};
use crate::cookie::Cookie;
use crate::domain;
use crate::log;
use crate::policy::CookiePolicy;
use crate::rejection::Rejection;
use crate::request::{Provenance, RequestContext};

/// How cookies are taken in that no response has set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admission {
    /// Seconds since the epoch. It is for the policy alone: an expired cookie is stored, not taken
    /// for the deletion of its namesake.
    pub(crate) now: i64,
    /// Whether all cookies of the jar go first.
    pub(crate) clear: bool,
    /// Whether a cookie yields to its namesake in the jar.
    pub(crate) keep_present: bool,
    /// Whether the policy is asked.
    pub(crate) ask_policy: bool,
    /// Whether the policy's limits bind.
    pub(crate) limited: bool,
}

/// Takes in `cookies`, and returns beside the account how many yielded to the cookies with the same identity.
/// The policy is asked about all of them before the jar is touched.
pub(crate) fn admit<J: Jar>(jar: &mut J, cookies: Vec<Cookie>, how: Admission) -> (Account, usize) {
    let (policy, _, room) = jar.rules_and_room("", Some(how.now));
    let mut account = Account::default();
    let mut admitted = Vec::with_capacity(cookies.len());
    for mut cookie in cookies {
        match check(&*policy, &mut cookie, how) {
            Ok(()) => admitted.push(cookie),
            Err(reason) => {
                log::rejected(&cookie.name_bytes(), cookie.domain(), reason);
                account.refuse(&cookie.name_bytes(), reason);
            }
        }
    }
    let plan = room.plan(admitted.iter().map(Cookie::domain), None);
    let yielded = room.open_all(&plan, |open| {
        store(open, &*policy, admitted, how, &mut account)
    });
    room.note_stored(account.stored, &policy.settings().limits);
    (account, yielded)
}

/// Stores what is admitted, and returns how many cookies yielded.
fn store<P: CookiePolicy + ?Sized>(
    open: &mut Open<'_, '_>,
    policy: &P,
    admitted: Vec<Cookie>,
    how: Admission,
    account: &mut Account,
) -> usize {
    if how.clear {
        calls::clear_all(open);
    }
    // At the beginning of time no cookie has expired.
    let mut terms = open.terms(policy.settings(), i64::MIN);
    if !how.limited {
        terms = terms.without_limits();
    }
    let own = own_cookies(&admitted);
    let mut yielded = 0;
    for mut cookie in admitted {
        let alias = aliases::dotless_host(&cookie, how.now, policy, open)
            .filter(|host| !own.contains(&key(host, &cookie)));
        let is_there = || aliases::get(cookie.domain(), &cookie, open).is_some();
        if how.keep_present && (alias.is_some() || is_there()) {
            yielded += 1;
            continue;
        }
        let displaced = aliases::take(alias.into_iter(), &cookie, terms.now, open, account);
        cookie.note_creation(how.now, 0);
        let (store, mut sink) = open.shelf(cookie.domain()).change(&mut *account);
        store.set(cookie, &terms.in_place_of(displaced.as_ref()), &mut sink);
    }
    if account.stored > 0 {
        open.evict_surplus(&terms, account);
    }
    yielded
}

fn check<P: CookiePolicy + ?Sized>(
    policy: &P,
    cookie: &mut Cookie,
    how: Admission,
) -> Result<(), Rejection> {
    if how.ask_policy {
        let (host, path) = (
            sender(policy, cookie).into_owned(),
            cookie.path().to_owned(),
        );
        let port = cookie
            .port()
            .and_then(|ports| ports.split(',').next()?.parse().ok());
        let partition = cookie.partition_key().map(str::to_owned);
        let mut request = RequestContext::new("https", &host, port, &path).at_seconds(how.now);
        if let Some(key) = &partition {
            request = request.caused_by(Provenance::new().partition_key(key));
        }
        if !request.has_host() {
            return Err(Rejection::NoHost);
        }
        policy.prepare(cookie, &request);
        // Most formats forget whether the server said the path, and for the path of everything it makes
        // no difference: an honest `__Host-` cookie passes.
        let said = cookie.path_specified();
        cookie.note_path_specified(said || cookie.path() == "/");
        let verdict = policy.set_ok(cookie, &request);
        cookie.note_path_specified(said);
        verdict?;
    }
    if how.limited {
        check_size(cookie, &policy.settings().limits)?;
    }
    Ok(())
}

/// A host that could have set the cookie: its own, or for a domain one below, from which a
/// public suffix cannot be set. Hosts without dots share `.local`.
fn sender<'c, P: CookiePolicy + ?Sized>(policy: &P, cookie: &'c Cookie) -> Cow<'c, str> {
    let domain = domain::undotted(cookie.domain());
    if cookie.domain() == domain::LOCAL {
        return Cow::Borrowed("host");
    }
    let is_suffix = || policy.settings().suffixes.is_public_suffix(domain);
    let is_alone = cookie.host_only()
        || domain::is_ip_address(domain)
        || (!domain.contains('.') && !is_suffix());
    if is_alone {
        Cow::Borrowed(domain)
    } else {
        Cow::Owned(format!("www.{domain}"))
    }
}

/// What makes a cookie the same one: partition, domain, path and name.
type Key = (Option<String>, String, Vec<u8>, Vec<u8>);

fn key(domain: &str, cookie: &Cookie) -> Key {
    (
        cookie.partition_key().map(str::to_owned),
        domain.to_owned(),
        cookie.path_bytes().into_owned(),
        cookie.name_bytes().into_owned(),
    )
}

/// The cookies of hosts without dots under their own names. A file that has one of these beside the one under the
/// effective name means both.
fn own_cookies(cookies: &[Cookie]) -> HashSet<Key> {
    let of_dotless = |cookie: &&Cookie| domain::is_dotless(cookie.domain());
    let own = cookies.iter().filter(of_dotless);
    own.map(|cookie| key(cookie.domain(), cookie)).collect()
}
