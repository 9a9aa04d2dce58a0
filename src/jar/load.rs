//! Taking in cookies that were read from a file.

use std::borrow::Cow;

use super::extract::check_size;
use super::{Account, CookieJar, Refused};
use crate::cookie::Cookie;
use crate::domain;
use crate::policy::CookiePolicy;
use crate::rejection::Rejection;
use crate::request::{Provenance, RequestContext};
use crate::store::{Identity, Terms, evict_surplus};

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

impl<P> CookieJar<P> {
    /// The time by the jar's clock, in seconds since the epoch.
    pub(crate) fn now_seconds(&self) -> i64 {
        self.clock.seconds()
    }
}

impl<P: CookiePolicy> CookieJar<P> {
    /// Takes in `cookies`, and tells beside the account how many yielded to namesakes. The policy
    /// is asked about all of them before the jar is touched.
    pub(crate) fn admit(&mut self, cookies: Vec<Cookie>, how: Admission) -> (Account, usize) {
        let mut account = Account::default();
        let mut admitted = Vec::with_capacity(cookies.len());
        for mut cookie in cookies {
            match self.check(&mut cookie, how) {
                Ok(()) => admitted.push(cookie),
                Err(reason) => {
                    let name = cookie.name_bytes();
                    account.refused.push(Refused::new(&name, reason));
                }
            }
        }
        if how.clear {
            self.clear();
        }
        // At the beginning of time no cookie is expired.
        let terms = Terms::of(self.policy.settings(), i64::MIN, &self.numbers);
        let terms = if how.limited {
            terms
        } else {
            terms.without_limits()
        };
        let mut yielded = 0;
        for mut cookie in admitted {
            if how.keep_present && self.has_namesake(&cookie) {
                yielded += 1;
                continue;
            }
            cookie.note_creation(how.now, 0);
            let change = self.store.set(cookie, &terms, &mut account);
            account.count(change);
        }
        if account.stored > 0 {
            evict_surplus(&mut [&mut self.store], &terms, &mut account);
        }
        (account, yielded)
    }

    fn check(&self, cookie: &mut Cookie, how: Admission) -> Result<(), Rejection> {
        if how.ask_policy {
            let (host, path) = (self.sender(cookie).into_owned(), cookie.path().to_owned());
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
            self.policy.prepare(cookie, &request);
            // Most formats forget whether the server said the path, and for the path of everything it makes
            // no difference: an honest `__Host-` cookie passes.
            let said = cookie.path_specified();
            cookie.note_path_specified(said || cookie.path() == "/");
            let verdict = self.policy.set_ok(cookie, &request);
            cookie.note_path_specified(said);
            verdict?;
        }
        if how.limited {
            check_size(cookie, &self.policy.settings().limits)?;
        }
        Ok(())
    }

    /// A host that could have set the cookie: its own, or for a domain one below, from which a
    /// public suffix cannot be set. Hosts without dots share `.local`.
    fn sender<'c>(&self, cookie: &'c Cookie) -> Cow<'c, str> {
        let domain = domain::undotted(cookie.domain());
        if cookie.domain() == domain::LOCAL {
            return Cow::Borrowed("host");
        }
        let is_suffix = || self.policy.settings().suffixes.is_public_suffix(domain);
        let is_alone = cookie.host_only()
            || domain::is_ip_address(domain)
            || (!domain.contains('.') && !is_suffix());
        if is_alone {
            Cow::Borrowed(domain)
        } else {
            Cow::Owned(format!("www.{domain}"))
        }
    }

    fn has_namesake(&self, cookie: &Cookie) -> bool {
        let (path, name) = (cookie.path_bytes(), cookie.name_bytes());
        let identity = Identity {
            partition: cookie.partition_key(),
            domain: cookie.domain(),
            path: &path,
            name: &name,
        };
        self.store.get(identity).is_some()
    }
}
