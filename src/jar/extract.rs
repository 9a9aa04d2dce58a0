//! `extract_cookies`: header bytes, attributes, cookie, policy, store.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::{Account, CookieJar};
use crate::cookie::Cookie;
use crate::header::{netscape, rfc6265, words};
use crate::message::ResponseHeaders;
use crate::policy::{CookiePolicy, Dialect, Limits, Overlaid, Settings};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::{Change, Sink, Store, Terms, evict_surplus};

impl<P: CookiePolicy> CookieJar<P> {
    /// Takes in the cookies of a response to `request` that the policy accepts, and gives an
    /// account.
    ///
    /// `Set-Cookie` and, where the policy speaks RFC 2965, `Set-Cookie2` are looked at. A cookie
    /// that cannot be read or is refused costs itself only, and stands in the account with its
    /// reason. A request without a host, an interim (1xx) and a proxy's (407) answer set no
    /// cookies.
    ///
    /// ```
    /// use cookiejar::CookieJar;
    /// use http::Response;
    /// use url::Url;
    ///
    /// let response = Response::builder().header("Set-Cookie", "sid=31d4").body(()).expect("a response");
    /// let mut jar = CookieJar::new();
    /// let account = jar.extract_cookies(&response, &Url::parse("https://acme.com/")?);
    /// assert_eq!(account.stored, 1);
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn extract_cookies<'r>(
        &mut self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> Account {
        self.extract_cookies_with(response, request, |_, _| {})
    }

    /// Takes in the cookies of a response as [`extract_cookies`](Self::extract_cookies) does, and tells of
    /// each cookie, in the order in which they are read, its name as it came and what became of it.
    ///
    /// ```
    /// use cookiejar::{Change, CookieJar, Rejection};
    /// use url::Url;
    ///
    /// let mut told = Vec::new();
    /// CookieJar::new().extract_cookies_with(
    ///     &[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Domain=com")],
    ///     &Url::parse("https://acme.com/")?,
    ///     |name, outcome| told.push((name.to_vec(), outcome)),
    /// );
    /// assert_eq!(told, [(b"a".to_vec(), Ok(Change::Stored)), (b"b".to_vec(), Err(Rejection::PublicSuffix))]);
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn extract_cookies_with<'r>(
        &mut self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
        mut tell: impl FnMut(&[u8], Result<Change, Rejection>),
    ) -> Account {
        let (request, now) = self.timed(request.into());
        let Self {
            policy,
            store,
            numbers,
            ..
        } = self;
        let terms = Terms::of(policy.settings(), now, numbers);
        let mut account = Account::default();
        read_cookies(
            policy.settings(),
            response,
            &request,
            now,
            |name, cookie| {
                let outcome = match cookie {
                    Ok(mut cookie) => judge(policy, &mut cookie, &request).and_then(|()| {
                        store_judged(
                            policy,
                            (store, None),
                            cookie,
                            &request,
                            &terms,
                            &mut account,
                        )
                    }),
                    Err(reason) => Err(reason),
                };
                account.note(name, outcome, &request);
                tell(name, outcome);
            },
        );
        if account.stored > 0 {
            evict_surplus(&mut [store], &terms, &mut account);
        }
        account
    }

    /// The cookies of a response to `request` as the policy's protocols and dialect read them,
    /// expired ones included. Nothing is decided, nothing is stored or deleted, and what cannot be
    /// read is left out.
    #[must_use]
    pub fn make_cookies<'r>(
        &self,
        response: &(impl ResponseHeaders + ?Sized),
        request: impl Into<RequestContext<'r>>,
    ) -> Vec<Cookie> {
        let (request, now) = self.timed(request.into());
        let mut cookies = Vec::new();
        read_cookies(
            self.policy.settings(),
            response,
            &request,
            now,
            |_, cookie| cookies.extend(cookie),
        );
        cookies
    }

    /// Stores a cookie if the policy accepts it in an answer to `request`, and tells what became of
    /// it.
    ///
    /// # Errors
    ///
    /// The rule that refuses the cookie. The jar is then as it was.
    pub fn set_cookie_if_ok<'r>(
        &mut self,
        mut cookie: Cookie,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<Change, Rejection> {
        let (request, now) = self.timed(request.into());
        judge(&self.policy, &mut cookie, &request)?;
        let terms = Terms::of(self.policy.settings(), now, &self.numbers);
        let change = store_judged(
            &self.policy,
            (&mut self.store, None),
            cookie,
            &request,
            &terms,
            &mut (),
        )?;
        if change == Change::Stored {
            evict_surplus(&mut [&mut self.store], &terms, &mut ());
        }
        Ok(change)
    }
}

/// Prepares a cookie and asks whether it may be stored, as far as that does not hang on what is stored.
pub(crate) fn judge<P: CookiePolicy + ?Sized>(
    policy: &P,
    cookie: &mut Cookie,
    request: &RequestContext<'_>,
) -> Result<(), Rejection> {
    if !request.has_host() {
        return Err(Rejection::NoHost);
    }
    policy.prepare(cookie, request);
    policy.set_ok(cookie, request)?;
    check_size(cookie, &policy.settings().limits)
}

/// Checks a cookie against the limits on its size.
pub(super) fn check_size(cookie: &Cookie, limits: &Limits) -> Result<(), Rejection> {
    if cookie.pair_len() > limits.pair_bytes {
        return Err(Rejection::PairTooLong);
    }
    if cookie.is_longer_than(limits.cookie_bytes) {
        return Err(Rejection::CookieTooLong);
    }
    Ok(())
}

/// Stores a cookie that was judged, if the cookies that it would overlay do not stand in its way: those in
/// the store, and in the one beside it where a jar has several.
pub(crate) fn store_judged<P: CookiePolicy + ?Sized>(
    policy: &P,
    (store, beside): (&mut Store, Option<&Store>),
    cookie: Cookie,
    request: &RequestContext<'_>,
    terms: &Terms<'_>,
    sink: &mut impl Sink,
) -> Result<Change, Rejection> {
    let look = |is_such: &mut dyn FnMut(&Cookie) -> bool| {
        let mut stores = [Some(&*store), beside].into_iter().flatten();
        stores.any(|store| {
            let mut overlaid = store.overlaid_by(&cookie, request.host(), terms);
            overlaid.any(&mut *is_such)
        })
    };
    policy.replace_ok(&cookie, Overlaid::lazy(&look), request)?;
    Ok(store.set(cookie, terms, sink))
}

/// Reads all cookies of a response, each with its name as it came: first those of `Set-Cookie2`,
/// then those of `Set-Cookie` that are not the same (CPython: `make_cookies`).
pub(crate) fn read_cookies(
    settings: &Settings,
    response: &(impl ResponseHeaders + ?Sized),
    request: &RequestContext<'_>,
    now: i64,
    mut each: impl FnMut(&[u8], Result<Cookie, Rejection>),
) {
    let protocols = settings.protocols;
    let none_counts = set_no_cookies(response, request);
    let is_too_long = |field: &[u8]| field.len() > settings.limits.field_bytes;
    let mut twins = Twins::default();
    if protocols.rfc2965 {
        for field in response.header_values("Set-Cookie2") {
            if is_too_long(field) {
                each(b"", Err(Rejection::FieldTooLong));
                continue;
            }
            for attributes in words::parse(field) {
                let name = attributes.name;
                let cookie = none_counts.map_or_else(
                    || Dialect::Python.make_cookie(attributes, request, now),
                    Err,
                );
                // One that only deletes stands in nobody's way.
                let lasting = cookie
                    .as_ref()
                    .ok()
                    .filter(|cookie| !cookie.is_expired_at(now));
                twins.extend(lasting.map(identity));
                each(name, cookie);
            }
        }
    }
    if protocols.netscape {
        for field in response.header_values("Set-Cookie") {
            if is_too_long(field) {
                each(b"", Err(Rejection::FieldTooLong));
                continue;
            }
            let (name, mut cookie) = read_field(settings.dialect, field, request, now);
            if let Some(reason) = none_counts {
                cookie = Err(reason);
            }
            if let Ok(read) = &mut cookie {
                if let Err(reason) = read.mark_rfc2109(protocols.downgrades_rfc2109()) {
                    cookie = Err(reason);
                } else if !twins.is_empty() && twins.contains(&identity(read)) {
                    cookie = Err(Rejection::SupersededBySetCookie2);
                }
            }
            each(name, cookie);
        }
    }
}

/// Reads one `Set-Cookie` field: the name as it came, and the cookie.
#[inline]
fn read_field<'f>(
    dialect: Dialect,
    field: &'f [u8],
    request: &RequestContext<'_>,
    now: i64,
) -> (&'f [u8], Result<Cookie, Rejection>) {
    match dialect {
        Dialect::Python => match netscape::parse(field) {
            Ok(attributes) => (
                attributes.name,
                dialect.make_cookie(attributes, request, now),
            ),
            Err(reason) => (b"", Err(reason)),
        },
        Dialect::Rfc6265bis => {
            let attributes = rfc6265::parse(field);
            (
                attributes.name,
                dialect.make_cookie(attributes, request, now),
            )
        }
    }
}

/// Why no cookie of this response counts, if so.
fn set_no_cookies(
    response: &(impl ResponseHeaders + ?Sized),
    request: &RequestContext<'_>,
) -> Option<Rejection> {
    match response.status() {
        Some(100..=199 | 407) => Some(Rejection::IgnoredStatus),
        _ if !request.has_host() => Some(Rejection::NoHost),
        _ => None,
    }
}

/// The cookies of a response's `Set-Cookie2` fields: domain, path and name.
type Twins = HashSet<(Box<str>, Box<[u8]>, Box<[u8]>), RandomState>;

fn identity(cookie: &Cookie) -> (Box<str>, Box<[u8]>, Box<[u8]>) {
    (
        cookie.domain().into(),
        cookie.path_bytes().into(),
        cookie.name_bytes().into(),
    )
}
