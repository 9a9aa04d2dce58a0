//! Common tasks in one call each.
//!
//! It does not know locks.

use std::borrow::Cow;

use super::calls::{self, Jar, Room};
use super::{ChangeCause, CookieJar, ExtractReport, Lookup, NotFound};
use crate::cookie::Cookie;
use crate::domain;
use crate::log;
use crate::octets::trim;
use crate::policy::{CookiePolicy, Dialect};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::Store;

/// Cookies by name, as a request would send them.
impl<P: CookiePolicy> CookieJar<P> {
    /// Returns the first cookie with that name that a request would send. It does not count as sent.
    ///
    /// ```
    /// use cookiejar::CookieJar;
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/shop/cart")?;
    /// let mut jar = CookieJar::new();
    /// jar.extract_cookies(&[("Set-Cookie", "lang=de; Path=/"), ("Set-Cookie", "lang=en; Path=/shop")], &url);
    /// assert_eq!(jar.cookie_for(&url, "lang").map(|cookie| cookie.path()), Some("/shop"));
    /// assert_eq!(jar.cookie_for(&url, "sid"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn cookie_for<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
        name: impl AsRef<[u8]>,
    ) -> Option<&Cookie> {
        self.looking(request.into(), |lookup| lookup.named(name.as_ref()))
    }

    /// Returns the value of the cookie that [`cookie_for`](Self::cookie_for) finds, such as a CSRF token. The value of
    /// a cookie without one is `""`.
    #[must_use]
    pub fn value_for<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
        name: impl AsRef<[u8]>,
    ) -> Option<&str> {
        let cookie = self.cookie_for(request, name)?;
        Some(cookie.value().unwrap_or_default())
    }

    /// Removes the cookie that [`cookie_for`](Self::cookie_for) finds. Another one with that name may then be the
    /// first.
    ///
    /// # Errors
    ///
    /// If the request would send no cookie with that name.
    pub fn remove_for<'r>(
        &mut self,
        request: impl Into<RequestContext<'r>>,
        name: impl AsRef<[u8]>,
    ) -> Result<Cookie, NotFound> {
        calls::remove_for(self, request.into(), name.as_ref())
    }
}

/// Cookies from text.
impl<P: CookiePolicy> CookieJar<P> {
    /// Stores the cookie that a text describes, if the policy accepts it in a response to `request`, and returns what
    /// changed; see [`set_cookie`](Self::set_cookie).
    ///
    /// The text is the value of a `Set-Cookie` header, and is read in the policy's [`Dialect`].
    ///
    /// # Errors
    ///
    /// The rule that rejects the cookie, or the reason why the text cannot be read. The jar is then unchanged.
    ///
    /// ```
    /// use cookiejar::jar::ChangeCause;
    /// use cookiejar::{CookieJar, Rejection};
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/")?;
    /// let mut jar = CookieJar::new();
    /// assert_eq!(jar.set_cookie_str("theme=dark; Max-Age=3600", &url), Ok(Some(ChangeCause::Stored)));
    /// assert_eq!(jar.set_cookie_str("theme=dark; Domain=com", &url), Err(Rejection::PublicSuffix));
    /// assert_eq!(jar.value_for(&url, "theme"), Some("dark"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_cookie_str<'r>(
        &mut self,
        text: impl AsRef<[u8]>,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<Option<ChangeCause>, Rejection> {
        calls::set_cookie_str(self, text.as_ref(), request.into())
    }

    /// Stores the cookies of a `Cookie` header that was copied from elsewhere, and returns a report.
    ///
    /// The text is the value of the header, without its name. Each cookie becomes a host-only session cookie of the
    /// host of `request`, with the path `/`, and is Secure if the scheme is. The policy is asked about each.
    ///
    /// ```
    /// use cookiejar::CookieJar;
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/shop")?;
    /// let mut jar = CookieJar::new();
    /// let report = jar.insert_pairs("sid=31d4; theme=dark", &url);
    /// assert_eq!(report.stored, 2);
    ///
    /// let header = jar.cookie_header(&Url::parse("https://acme.com/account")?);
    /// assert_eq!(header.expect("cookies"), "sid=31d4; theme=dark");
    /// assert_eq!(jar.cookie_header(&Url::parse("http://acme.com/")?), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert_pairs<'r>(
        &mut self,
        pairs: impl AsRef<[u8]>,
        request: impl Into<RequestContext<'r>>,
    ) -> ExtractReport {
        calls::insert_pairs(self, pairs.as_ref(), request.into())
    }
}

/// All cookies of a host or a site.
impl<P: CookiePolicy> CookieJar<P> {
    /// Returns the cookies of a host's site that are in no partition, expired or not, in order of creation: those of
    /// its registrable domain, by the policy's public suffixes, and of all hosts below it.
    ///
    /// ```
    /// use cookiejar::CookieJar;
    /// use url::Url;
    ///
    /// let mut jar = CookieJar::new();
    /// for (text, url) in [
    ///     ("a=1", "https://www.acme.co.uk/"),
    ///     ("b=2; Domain=acme.co.uk", "https://shop.acme.co.uk/"),
    ///     ("c=3", "https://other.co.uk/"),
    /// ] {
    ///     jar.set_cookie_str(text, &Url::parse(url)?)?;
    /// }
    /// let names: Vec<_> = jar.cookies_of_site("Shop.Acme.co.uk").iter().map(|cookie| cookie.name()).collect();
    /// assert_eq!(names, ["a", "b"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn cookies_of_site(&self, host: &str) -> Vec<&Cookie> {
        of_site(&self.policy, self.store(), host)
    }

    /// Removes the cookies of a host that are in no partition, both its own and those for all hosts below it, and
    /// returns their number.
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_host(&mut self, host: &str) -> Result<usize, NotFound> {
        calls::clear_host(&mut self.room, host)
    }

    /// Removes the cookies of a host's site that are in no partition, and returns their number; see
    /// [`cookies_of_site`](Self::cookies_of_site).
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_site(&mut self, host: &str) -> Result<usize, NotFound> {
        calls::clear_site(self, host)
    }
}

impl<'s, P: CookiePolicy + ?Sized> Lookup<'s, '_, P> {
    pub(crate) fn named(&self, name: &[u8]) -> Option<&'s Cookie> {
        let mut cookies = self.select().into_iter();
        cookies.find(|cookie| cookie.name_part().is(name))
    }
}

pub(crate) fn remove_for<J: Jar>(
    jar: &mut J,
    request: RequestContext<'_>,
    name: &[u8],
) -> Result<Cookie, NotFound> {
    let found = jar.look_up(request, |lookup| lookup.named(name).cloned());
    let found = found.ok_or(NotFound)?;
    let (_, _, room) = jar.rules_and_room(domain::undotted(found.domain()), None);
    calls::remove(room, &found.id())
}

pub(crate) fn set_cookie_str<J: Jar>(
    jar: &mut J,
    text: &[u8],
    request: RequestContext<'_>,
) -> Result<Option<ChangeCause>, Rejection> {
    let (policy, now) = jar.rules(request.host(), request.now_seconds());
    let settings = policy.settings();
    let request = request.at_seconds(now);
    let read = if text.len() > settings.limits.field_bytes {
        Err(Rejection::FieldTooLong)
    } else {
        let as_netscape = settings.protocols.downgrades_rfc2109();
        Cookie::read(settings.dialect, text, &request, now, as_netscape)
    };
    drop(policy);
    let cookie = read.inspect_err(|reason| log::rejected(b"", request.host(), *reason))?;
    calls::set_cookie_if_ok(jar, cookie, request)
}

pub(crate) fn insert_pairs<J: Jar>(
    jar: &mut J,
    pairs: &[u8],
    request: RequestContext<'_>,
) -> ExtractReport {
    let (policy, now) = jar.rules(request.host(), request.now_seconds());
    let (dialect, limits) = (policy.settings().dialect, policy.settings().limits);
    drop(policy);
    let request = request.at_seconds(now);
    let given = RequestContext::from(&request);
    if pairs.len() > limits.field_bytes {
        let too_long = (&b""[..], Err(Rejection::FieldTooLong));
        return calls::take_given(jar, std::iter::once(too_long), given);
    }
    let read = |(name, value): (_, _)| {
        let is_missing = <[u8]>::is_empty(name) && dialect == Dialect::Python;
        let cookie = (!is_missing).then(|| pair(name, value, &request));
        (name, cookie.unwrap_or(Err(Rejection::MissingName)))
    };
    calls::take_given(jar, split_pairs(pairs, dialect).map(read), given)
}

/// A part without `=` is a name without a value to Python and a value without a name to browsers (RFC 6265bis, section
/// 5.6, step 3).
fn split_pairs(pairs: &[u8], dialect: Dialect) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    let pieces = pairs.split(|&octet| octet == b';').map(trim);
    let pieces = pieces.filter(|piece| !piece.is_empty());
    pieces.map(move |piece| {
        let equals = memchr::memchr(b'=', piece);
        match equals {
            Some(equals) => (trim(&piece[..equals]), Some(trim(&piece[equals + 1..]))),
            None if dialect == Dialect::Rfc6265bis => (&b""[..], Some(piece)),
            None => (piece, None),
        }
    })
}

fn pair(
    name: &[u8],
    value: Option<&[u8]>,
    request: &RequestContext<'_>,
) -> Result<Cookie, Rejection> {
    if !request.has_host() {
        return Err(Rejection::NoHost);
    }
    let builder = Cookie::builder(name, value.unwrap_or_default())
        .domain(request.host())
        .path("/")
        .secure(matches!(request.scheme(), "https" | "wss"));
    match value {
        Some(_) => builder.build(),
        None => builder.without_value().build(),
    }
}

pub(crate) fn of_site<'s>(
    policy: &(impl CookiePolicy + ?Sized),
    store: &'s Store,
    host: &str,
) -> Vec<&'s Cookie> {
    let host = canonical(host);
    let suffixes = &policy.settings().suffixes;
    store.of_site(suffixes.site(&host), suffixes)
}

pub(crate) fn clear_host(room: &mut impl Room, host: &str) -> Result<usize, NotFound> {
    let host = canonical(host);
    calls::clear_part(room, &host, |store, mut sink| {
        store.clear_bucket(&host, &mut sink)
    })
}

pub(crate) fn clear_site<J: Jar>(jar: &mut J, host: &str) -> Result<usize, NotFound> {
    let host = canonical(host);
    let (policy, _, room) = jar.rules_and_room(&host, None);
    let suffixes = &policy.settings().suffixes;
    let site = suffixes.site(&host);
    calls::clear_part(room, site, |store, mut sink| {
        store.clear_site(site, suffixes, &mut sink)
    })
}

/// Text that is not a host is returned as is: it has no cookies.
pub(crate) fn canonical(host: &str) -> Cow<'_, str> {
    let host = domain::undotted(host);
    domain::canonical_host(host).unwrap_or(Cow::Borrowed(host))
}
