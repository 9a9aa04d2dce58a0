//! The cookie options of a request.

use std::borrow::Cow;
use std::fmt;

use crate::cookie::Cookie;
use crate::headers::Merge;
use crate::options::options;
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::{domain, path};

/// The cookie options of a request: its session, the directions in which it uses the jar, and cookies given
/// with it (Scrapy: `meta` and `cookies` of a `Request`).
///
/// Methods that take one also accept the key of a session, or `None`.
///
/// ```
/// use cookiejar::sessions::GivenCookie;
/// use cookiejar::{CookieSessions, RequestCookies};
/// use url::Url;
///
/// let url = Url::parse("https://acme.com/shop")?;
/// let cookies = RequestCookies::new(&"anna")
///     .cookies([("currency", "EUR"), ("lang", "de")])
///     .cookie(GivenCookie::new("beta", "1").domain("acme.com").path("/"))
///     .receive(false);
/// let sessions = CookieSessions::<&str>::new();
/// let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
/// let report = sessions.process_request(&cookies, &mut headers, &url);
/// assert_eq!(report.stored, 3);
/// assert_eq!(headers[0].1, b"currency=EUR; lang=de; beta=1");
///
/// let report = sessions.process_response(&cookies, &[("Set-Cookie", "sid=31d4")], &url);
/// assert_eq!(report.stored, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RequestCookies<'a, K> {
    pub(super) session: Option<&'a K>,
    pub(super) send: bool,
    pub(super) receive: bool,
    pub(super) merge: Merge,
    pub(super) given: Cow<'a, [GivenCookie<'a>]>,
}

impl<'a, K> RequestCookies<'a, K> {
    /// Creates options for a request of a session, or with `None` for one without a key.
    #[must_use]
    pub fn new(session: impl Into<Option<&'a K>>) -> Self {
        Self {
            session: session.into(),
            send: true,
            receive: true,
            merge: Merge::Replace,
            given: Cow::Borrowed(&[]),
        }
    }

    options! {
        /// Sets whether the session's cookies are sent with the request. Defaults to `true`. If `false`, cookies
        /// [given](Self::cookie) with it are sent but not stored, and without any it is left unchanged.
        send: bool;
        /// Sets whether the cookies of the response are stored in the session's jar. Defaults to `true`.
        receive: bool;
        /// Sets how an existing `Cookie` header of the request is treated. Defaults to [`Merge::Replace`], as in
        /// Scrapy: a header written for one URL is not sent to the next.
        merge: Merge;
    }

    /// Keeps the request and its response out of the jar, in both directions (Scrapy:
    /// `dont_merge_cookies`).
    #[must_use]
    pub fn do_not_merge(self) -> Self {
        self.send(false).receive(false)
    }

    /// Adds a cookie to the request. Before the request is sent, the cookie is checked like a received one,
    /// and stored if it is accepted.
    #[must_use]
    pub fn cookie(mut self, cookie: impl Into<GivenCookie<'a>>) -> Self {
        self.given.to_mut().push(cookie.into());
        self
    }

    /// Adds cookies to the request, such as pairs of name and value; see [`cookie`](Self::cookie).
    #[must_use]
    pub fn cookies<C>(mut self, cookies: impl IntoIterator<Item = C>) -> Self
    where
        C: Into<GivenCookie<'a>>,
    {
        let cookies = cookies.into_iter().map(Into::into);
        self.given.to_mut().extend(cookies);
        self
    }
}

impl<'a, K> From<Option<&'a K>> for RequestCookies<'a, K> {
    fn from(session: Option<&'a K>) -> Self {
        Self::new(session)
    }
}

impl<'a, K> From<&'a K> for RequestCookies<'a, K> {
    fn from(session: &'a K) -> Self {
        Self::new(session)
    }
}

impl<'a, K> From<&'a RequestCookies<'_, K>> for RequestCookies<'a, K> {
    fn from(cookies: &'a RequestCookies<'_, K>) -> Self {
        Self {
            given: Cow::Borrowed(&cookies.given),
            ..*cookies
        }
    }
}

impl<K> Clone for RequestCookies<'_, K> {
    fn clone(&self) -> Self {
        Self {
            given: self.given.clone(),
            ..*self
        }
    }
}

/// Shows everything but the values of the cookies, which may be secrets.
impl<K: fmt::Debug> fmt::Debug for RequestCookies<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            session,
            send,
            receive,
            merge,
            given,
        } = self;
        f.debug_struct("RequestCookies")
            .field("session", session)
            .field("send", send)
            .field("receive", receive)
            .field("merge", merge)
            .field("cookies", given)
            .finish()
    }
}

/// A cookie given with a request: a name, a value, and optional attributes.
///
/// Each part is taken literally. Unset attributes default as in a `Set-Cookie` from the server of the request, except
/// that over a secure protocol the cookie is Secure.
///
/// ```
/// use cookiejar::sessions::GivenCookie;
///
/// let cookie = GivenCookie::new("currency", "EUR").domain("acme.com").path("/shop").secure(true);
/// let pair = GivenCookie::from(("lang", "de"));
/// ```
#[derive(Clone, Copy)]
pub struct GivenCookie<'a> {
    pub(super) name: &'a [u8],
    value: &'a [u8],
    domain: Option<&'a str>,
    path: Option<&'a str>,
    secure: Option<bool>,
}

impl<'a> GivenCookie<'a> {
    /// Creates a cookie for the host of the request, below the folder of its path.
    #[must_use]
    pub fn new(
        name: &'a (impl AsRef<[u8]> + ?Sized),
        value: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Self {
        Self {
            name: name.as_ref(),
            value: value.as_ref(),
            domain: None,
            path: None,
            secure: None,
        }
    }

    /// Sets the domain: the cookie is then sent to that host and all below it. Defaults to the host of the
    /// request only.
    #[must_use]
    pub fn domain(mut self, domain: &'a str) -> Self {
        self.domain = Some(domain);
        self
    }

    /// Sets the path. Defaults to that of the request up to its last slash; so does a path that does not
    /// begin with a slash.
    #[must_use]
    pub fn path(mut self, path: &'a str) -> Self {
        self.path = Some(path);
        self
    }

    /// Sets whether the cookie is sent over secure protocols only. Defaults to `true` if the request uses one.
    #[must_use]
    pub fn secure(mut self, yes: bool) -> Self {
        self.secure = Some(yes);
        self
    }

    pub(super) fn build(&self, request: &RequestContext<'_>) -> Result<Cookie, Rejection> {
        let Self {
            name,
            value,
            domain,
            path,
            secure,
        } = *self;
        let domain = match domain {
            Some(domain) => Cow::Owned(format!(".{}", domain::undotted(domain))),
            None => Cow::Borrowed(request.host()),
        };
        let said_path = path.filter(|path| path.starts_with('/'));
        let path = match said_path {
            Some(path) => path::escape(path.as_bytes()).map_or(Cow::Borrowed(path), Cow::Owned),
            None => Cow::Borrowed(path::default_path(request.escaped_path(), false)),
        };
        let is_secure = matches!(request.scheme(), "https" | "wss");
        Cookie::builder(name, value)
            .domain(&domain)
            .domain_initial_dot(self.domain.is_some_and(|domain| domain.starts_with('.')))
            .path(&*path)
            .path_specified(said_path.is_some())
            .secure(secure.unwrap_or(is_secure))
            .build()
    }
}

impl<'a, N, V> From<(&'a N, &'a V)> for GivenCookie<'a>
where
    N: AsRef<[u8]> + ?Sized,
    V: AsRef<[u8]> + ?Sized,
{
    fn from((name, value): (&'a N, &'a V)) -> Self {
        Self::new(name, value)
    }
}

/// Shows everything but the value, which may be a secret.
impl fmt::Debug for GivenCookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenCookie")
            .field("name", &String::from_utf8_lossy(self.name))
            .field("domain", &self.domain)
            .field("path", &self.path)
            .field("secure", &self.secure)
            .finish_non_exhaustive()
    }
}
