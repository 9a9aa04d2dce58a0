//! Step 4: which cookies are sent with a request.

use std::collections::BTreeMap;
use std::fmt;

use super::CookieJar;
use super::header;
use crate::cookie::Cookie;
use crate::domain;
use crate::log;
use crate::policy::{CookiePolicy, DomainScope, Limits, Selection, Verdicts, verdict};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::{Bucket, Store, key_of};

/// The verdict on one cookie for one request; see [`CookieJar::explain`].
///
/// `C` is the cookie: borrowed from a plain jar, or owned if the jar is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation<C> {
    /// The cookie.
    pub cookie: C,
    /// `Ok` if it would be sent, or the first rule that withholds it.
    pub verdict: Result<(), Rejection>,
    /// Whether it is a Secure cookie that would be sent without TLS, because the request goes to the same machine.
    pub without_tls: bool,
}

impl Explanation<&Cookie> {
    /// Returns the same with a copy of the cookie.
    #[must_use]
    pub fn cloned(self) -> Explanation<Cookie> {
        Explanation {
            cookie: self.cookie.clone(),
            verdict: self.verdict,
            without_tls: self.without_tls,
        }
    }
}

/// Shows the cookie without its value, and `sent` or the reason.
impl<C: fmt::Display> fmt::Display for Explanation<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.verdict {
            Ok(()) if self.without_tls => {
                write!(f, "{}: sent without TLS, to this very machine", self.cookie)
            }
            Ok(()) => write!(f, "{}: sent", self.cookie),
            Err(reason) => write!(f, "{}: {reason}", self.cookie),
        }
    }
}

/// Queries. These calls change nothing, and no cookie counts as sent.
impl<P: CookiePolicy> CookieJar<P> {
    /// Returns the cookies for a request, in sending order. They do not count as sent.
    #[must_use]
    pub fn cookies_for<'r>(&self, request: impl Into<RequestContext<'r>>) -> Vec<&Cookie> {
        self.looking(request.into(), |lookup| lookup.select().into_vec())
    }

    /// Explains for every cookie of the domains in reach of a request whether it would be sent, or which rule
    /// withholds it, in sending order.
    ///
    /// ```
    /// use cookiejar::{CookieJar, Rejection};
    /// use url::Url;
    ///
    /// let mut jar = CookieJar::new();
    /// let response = [("Set-Cookie", "a=1; Path=/shop"), ("Set-Cookie", "b=2; Secure")];
    /// jar.extract_cookies(&response, &Url::parse("https://acme.com/")?);
    /// let explained = jar.explain(&Url::parse("http://acme.com/shop/cart")?);
    /// assert_eq!(explained[0].verdict, Ok(()));
    /// assert_eq!(explained[1].verdict, Err(Rejection::InsecureRequest));
    /// assert_eq!(explained[1].to_string(), "<Cookie b for acme.com/>: the cookie is Secure and the request is not");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn explain<'r>(&self, request: impl Into<RequestContext<'r>>) -> Vec<Explanation<&Cookie>> {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "lifetimes want the closure"
        )]
        self.looking(request.into(), |lookup| lookup.explain())
    }
}

#[derive(Debug)]
pub(crate) struct Lookup<'s, 'r, P: ?Sized> {
    pub(crate) policy: &'s P,
    pub(crate) stores: &'r [&'s Store],
    pub(crate) request: &'r RequestContext<'r>,
    pub(crate) now: i64,
}

impl<'s, P: CookiePolicy + ?Sized> Lookup<'s, '_, P> {
    pub(crate) fn select(&self) -> Selection<'s> {
        let mut selection = Selection::new();
        self.select_all(&mut selection);
        fit(&mut selection, self.limits());
        selection
    }

    pub(crate) fn select_all(&self, selection: &mut Selection<'s>) {
        let mut log = |cookie: &Cookie, reason| log::withheld(cookie, self.request, reason);
        let mut verdicts = Verdicts {
            returned: selection,
            withheld: log::IS_ON.then_some(&mut log),
        };
        let mut is_sorted = true;
        self.each_bucket(|bucket| {
            let before = verdicts.returned.len();
            for cookies in bucket.slices() {
                self.policy
                    .return_ok_all(cookies, self.request, &mut verdicts);
            }
            // Those of one bucket are in sending order already.
            if let Some(last) = before.checked_sub(1)
                && let Some(next) = verdicts.returned.get(before)
            {
                is_sorted &= verdicts.returned[last].cmp_sending(next).is_lt();
            }
        });
        if !is_sorted {
            selection.sort_unstable_by(|cookie, other| cookie.cmp_sending(other));
        }
    }

    pub(crate) fn explain(&self) -> Vec<Explanation<&'s Cookie>> {
        let mut explained = Vec::new();
        self.each_bucket(|bucket| {
            let mut domains = [None, None];
            explained.extend(bucket.cookies().map(|cookie| Explanation {
                cookie,
                verdict: verdict(self.policy, cookie, self.request, self.now, &mut domains),
                without_tls: false,
            }));
        });
        explained.sort_unstable_by(|one, other| one.cookie.cmp_sending(other.cookie));
        let chosen = explained
            .iter()
            .filter(|explanation| explanation.verdict.is_ok());
        let mut chosen: Selection<'_> = chosen.map(|explanation| explanation.cookie).collect();
        fit(&mut chosen, self.limits());
        let mut kept = chosen.into_iter().peekable();
        for explanation in explained
            .iter_mut()
            .filter(|explanation| explanation.verdict.is_ok())
        {
            if kept
                .next_if(|cookie| std::ptr::eq(*cookie, explanation.cookie))
                .is_none()
            {
                explanation.verdict = Err(Rejection::HeaderFull);
            }
        }
        if self.request.is_loopback() && !matches!(self.request.scheme(), "https" | "wss") {
            for explanation in &mut explained {
                explanation.without_tls =
                    explanation.verdict.is_ok() && explanation.cookie.secure();
            }
        }
        explained
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.policy.settings().limits
    }

    /// Partitions other than the request's are not in the scope.
    fn each_bucket(&self, mut each: impl FnMut(&'s Bucket)) {
        if !self.request.has_host() {
            return;
        }
        let own_partition = self.request.partition();
        for store in self.stores {
            match self.policy.settings().domain_scope {
                DomainScope::All => {
                    let in_reach = |bucket: &&Bucket| {
                        bucket.partition().is_none() || bucket.partition() == own_partition
                    };
                    store.buckets().filter(in_reach).for_each(&mut each);
                }
                DomainScope::HostSuffixes => self.each_above_host(store, &mut each),
            }
        }
    }

    fn each_above_host(&self, store: &'s Store, each: &mut impl FnMut(&'s Bucket)) {
        for name in domain::suffixes(self.request.host()) {
            self.each_named(name, store, &mut *each);
        }
        if let Some(local) = self.request.local_name() {
            self.each_above_local(local, store, each);
        }
    }

    /// The host `local` is a suffix of its own effective name.
    #[cold]
    fn each_above_local(&self, local: &str, store: &'s Store, each: &mut dyn FnMut(&'s Bucket)) {
        let host = self.request.host();
        for name in domain::suffixes(local).filter(|name| *name != host) {
            self.each_named(name, store, &mut *each);
        }
    }

    #[inline]
    fn each_named(&self, name: &str, store: &'s Store, mut each: impl FnMut(&'s Bucket)) {
        if let Some(bucket) = store.bucket(name) {
            if name.len() == self.request.host().len() {
                bucket.teach(self.request);
            }
            each(bucket);
        }
        let key = |partition| key_of(name, Some(partition));
        let partitioned = self
            .request
            .partition()
            .and_then(|own| store.bucket(&key(own)));
        if let Some(bucket) = partitioned {
            each(bucket);
        }
    }
}

/// Keeps the order, and returns the length of the header; see [`Limits::header_bytes`].
pub(super) fn fit(selection: &mut Selection<'_>, limits: &Limits) -> usize {
    let len = header_len(selection);
    if selection.len() <= limits.header_cookies && len <= limits.header_bytes {
        return len;
    }
    *selection = first_of(selection, limits);
    header_len(selection)
}

fn first_of<'s>(selection: &[&'s Cookie], limits: &Limits) -> Selection<'s> {
    // Those of equal rank are in the right order already.
    let mut ranked: Vec<usize> = (0..selection.len()).collect();
    ranked.sort_by_key(|&index| selection[index].domain_specified());
    let mut kept: BTreeMap<usize, &Cookie> = BTreeMap::new();
    let mut bytes = 0;
    for index in ranked {
        let cookie = selection[index];
        let first = kept
            .first_key_value()
            .filter(|(leader, _)| **leader < index)
            .map_or(cookie, |(_, leader)| leader);
        let with_cookie = bytes + header::cookie_len(cookie);
        if kept.len() < limits.header_cookies
            && header::header_len(first, with_cookie) <= limits.header_bytes
        {
            kept.insert(index, cookie);
            bytes = with_cookie;
        }
    }
    kept.into_values().collect()
}

fn header_len(selection: &[&Cookie]) -> usize {
    let cookies = selection
        .iter()
        .map(|cookie| header::cookie_len(cookie))
        .sum();
    selection
        .first()
        .map_or(0, |first| header::header_len(first, cookies))
}
