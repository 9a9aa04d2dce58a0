//! Taking in cookies that were read from a file.

use std::borrow::Cow;

use super::Account;
use super::calls::{self, Jar, Open, Room};
use super::extract::check_size;
use crate::cookie::Cookie;
use crate::domain;
use crate::log;
use crate::policy::{CookiePolicy, Settings};
use crate::rejection::Rejection;
use crate::request::{Provenance, RequestContext};
use crate::store::{Identity, Store};

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
        store(open, policy.settings(), admitted, how, &mut account)
    });
    room.note_stored(account.stored, &policy.settings().limits);
    (account, yielded)
}

/// Stores what is admitted, and returns how many cookies yielded.
fn store(
    open: &mut Open<'_, '_>,
    settings: &Settings,
    admitted: Vec<Cookie>,
    how: Admission,
    account: &mut Account,
) -> usize {
    if how.clear {
        calls::clear_all(open);
    }
    // At the beginning of time no cookie has expired.
    let mut terms = open.terms(settings, i64::MIN);
    if !how.limited {
        terms = terms.without_limits();
    }
    let mut yielded = 0;
    for mut cookie in admitted {
        let shelf = open.shelf(cookie.domain());
        if how.keep_present && has_namesake(shelf.store(), &cookie) {
            yielded += 1;
            continue;
        }
        cookie.note_creation(how.now, 0);
        let (store, mut sink) = shelf.change(&mut *account);
        store.set(cookie, &terms, &mut sink);
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

fn has_namesake(store: &Store, cookie: &Cookie) -> bool {
    let (path, name) = (cookie.path_bytes(), cookie.name_bytes());
    let identity = Identity {
        partition: cookie.partition_key(),
        domain: cookie.domain(),
        path: &path,
        name: &name,
    };
    store.get(identity).is_some()
}
