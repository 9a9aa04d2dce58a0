//! Step 1: from the header bytes of a response, and its request, to a cookie.
//!
//! A reader splits bytes into pieces; then a cookie is built from them. Neither step knows a policy or a store:
//! defaults are filled in, and only unreadable input is rejected. What an attribute means depends on the
//! dialect; what counts as a number or domain does not.

use std::borrow::Cow;

use crate::clock::system_seconds;
use crate::cookie::pack::Bytes;
use crate::cookie::packed::Octets;
use crate::cookie::{Cookie, Fields, Flags};
use crate::domain::Domain;
use crate::octets::Class;
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::settings::Dialect;

pub(crate) mod header_words;
pub(crate) mod python;
pub(crate) mod rfc6265;
mod split;

use split::Pieces;

/// One cookie of a header: its name and value, and the attributes after them, in order.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a, Pairs> {
    pub(crate) name: &'a [u8],
    pub(crate) value: Option<Cow<'a, [u8]>>,
    pub(crate) pairs: Pairs,
    /// The version of a cookie without a `Version` attribute: 0 in `Set-Cookie`, none in `Set-Cookie2`.
    pub(crate) default_version: Option<u32>,
    pub(crate) class: Class,
}

/// An attribute: a key as received, and its value if it had a `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) value: Option<Cow<'a, [u8]>>,
}

impl Dialect {
    #[inline]
    pub(crate) fn make_cookie<'a>(
        self,
        attributes: Attributes<'a, impl Iterator<Item = Pair<'a>> + Clone>,
        request: &RequestContext<'_>,
        now: i64,
    ) -> Result<Cookie, Rejection> {
        match self {
            Self::Python => python::make_cookie(attributes, request, now),
            Self::Rfc6265bis => rfc6265::make_cookie(attributes, request, now),
        }
    }

    #[inline]
    pub(crate) fn read_field<'f>(
        self,
        field: &'f [u8],
        request: &RequestContext<'_>,
        now: i64,
    ) -> (&'f [u8], Result<Cookie, Rejection>) {
        match self {
            Self::Python => match python::parse(field) {
                Ok(attributes) => (attributes.name, self.make_cookie(attributes, request, now)),
                Err(reason) => (b"", Err(reason)),
            },
            Self::Rfc6265bis => {
                let attributes = rfc6265::parse(field);
                (attributes.name, self.make_cookie(attributes, request, now))
            }
        }
    }
}

/// Cookies from a text.
impl Cookie {
    /// Parses the value of a `Set-Cookie` header as Python does, in a response to `request`.
    ///
    /// Asks no policy, and also returns expired cookies. `Max-Age` counts from the time of the context, or else
    /// from the system clock's.
    ///
    /// # Errors
    ///
    /// - [`Rejection::NoHost`]: the request has no host that could own the cookie
    /// - a text that is not a cookie: see [`CookieBuilder::build`](crate::CookieBuilder::build)
    /// - a `Max-Age` or `Version` that is not a number, or an attribute without a value that needs one
    ///
    /// ```
    /// use cookiejar::{Cookie, Rejection};
    /// use url::Url;
    ///
    /// let url = Url::parse("https://www.acme.com/shop/cart")?;
    /// let cookie = Cookie::parse("theme=dark; Domain=acme.com; Secure", &url)?;
    /// assert_eq!((cookie.domain(), cookie.path()), (".acme.com", "/shop"));
    /// assert_eq!(Cookie::parse("=dark", &url), Err(Rejection::MissingName));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse<'r>(
        text: impl AsRef<[u8]>,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<Self, Rejection> {
        Self::parse_as(Dialect::Python, text, request)
    }

    /// Parses the value of a `Set-Cookie` header in a dialect; see [`parse`](Self::parse).
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse). The dialect of browsers ignores an attribute whose number is
    /// unreadable.
    ///
    /// ```
    /// use cookiejar::Cookie;
    /// use cookiejar::policy::Dialect;
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/")?;
    /// let cookie = Cookie::parse_as(Dialect::Rfc6265bis, "=dark; Max-Age=soon", &url)?;
    /// assert_eq!((cookie.name(), cookie.value(), cookie.discard()), ("", Some("dark"), true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_as<'r>(
        dialect: Dialect,
        text: impl AsRef<[u8]>,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<Self, Rejection> {
        let request = request.into();
        let now = request.now_seconds().unwrap_or_else(system_seconds);
        Self::read(dialect, text.as_ref(), &request, now, true)
    }

    /// Reads a text, and optionally turns an RFC 2109 cookie into a Netscape cookie.
    pub(crate) fn read(
        dialect: Dialect,
        text: &[u8],
        request: &RequestContext<'_>,
        now: i64,
        as_netscape: bool,
    ) -> Result<Self, Rejection> {
        if !request.has_host() {
            return Err(Rejection::NoHost);
        }
        let (_, cookie) = dialect.read_field(text, request, now);
        let mut cookie = cookie?;
        cookie.mark_rfc2109(as_netscape)?;
        Ok(cookie)
    }
}

#[inline]
fn octets<'a>(attributes: &Attributes<'a, impl Iterator<Item = Pair<'a>> + Clone>) -> Octets {
    match attributes.class {
        Class::Plain | Class::Text => Octets::Plain,
        Class::Any => octets_of_all(attributes),
    }
}

/// Checks the parts, not the whole field: what is between them is not part of a cookie.
#[cold]
fn octets_of_all<'a>(
    attributes: &Attributes<'a, impl Iterator<Item = Pair<'a>> + Clone>,
) -> Octets {
    let of = |value: &Option<Bytes<'_>>| Octets::from_bytes(value.as_deref().unwrap_or_default());
    let pairs = attributes
        .pairs
        .clone()
        .map(|pair| Octets::from_bytes(pair.key).max(of(&pair.value)));
    pairs.fold(
        Octets::from_bytes(attributes.name).max(of(&attributes.value)),
        Octets::max,
    )
}

#[inline]
fn max_age(value: &[u8]) -> Option<i64> {
    match value.strip_prefix(b"-") {
        Some(value) => digits(value).map(|seconds| -seconds),
        None => digits(value),
    }
}

#[inline]
fn digits(text: &[u8]) -> Option<i64> {
    let all_digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let push = |number: i64, digit: &u8| {
        number
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    };
    all_digits.then(|| text.iter().fold(0, push))
}

#[inline]
fn set_domain<'a>(fields: &mut Fields<'a>, domain: Bytes<'a>) {
    let (domain, has_dot) = Domain::parse_dotted(domain);
    fields.domain = domain;
    fields.dotted = true;
    fields.flags.set(Flags::DOMAIN_INITIAL_DOT, has_dot);
}

#[inline]
fn set_host_only<'a>(fields: &mut Fields<'a>, request: &'a RequestContext<'_>) {
    fields.domain = Domain::from_host(request.host());
}

/// For the tests of the readers: a cookie as `name=value|key=value|key`.
#[cfg(test)]
fn shown<'a>(attributes: Attributes<'a, impl IntoIterator<Item = Pair<'a>>>) -> String {
    let first = Pair {
        key: attributes.name,
        value: attributes.value,
    };
    let text = |pair: Pair<'_>| {
        let key = String::from_utf8_lossy(pair.key);
        match &pair.value {
            Some(value) => format!("{key}={}", String::from_utf8_lossy(value)),
            None => key.into_owned(),
        }
    };
    let all = std::iter::once(first).chain(attributes.pairs);
    all.map(text).collect::<Vec<_>>().join("|")
}
