//! Step 1: from the header bytes of a response, and its request, to a cookie.
//!
//! It knows no policy and no store: defaults are filled in, and only unreadable input is rejected. What an attribute
//! means depends on the dialect; what counts as a number or domain does not.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;

use crate::clock::system_seconds;
use crate::cookie::Cookie;
use crate::cookie::pack::Bytes;
use crate::cookie::packed::Octets;
use crate::domain::{self, Domain};
use crate::octets::Class;
use crate::path;
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::settings::Dialect;

pub(crate) mod header_words;
pub(crate) mod python;
pub(crate) mod rfc6265;
mod split;

use split::Pieces;

#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a, V, Pairs> {
    pub(crate) name: &'a [u8],
    pub(crate) value: Option<V>,
    pub(crate) pairs: Pairs,
    /// The version of a cookie without a `Version` attribute: 0 in `Set-Cookie`, none in `Set-Cookie2`.
    pub(crate) default_version: Option<u32>,
    pub(crate) class: Class,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair<'a, V> {
    pub(crate) key: &'a [u8],
    pub(crate) value: Option<V>,
}

/// A value: a part of the field or, if that is quoted and has escapes, a copy without them.
pub(crate) trait Value<'a>: Clone + Deref<Target = [u8]> + Into<Bytes<'a>> {}

impl<'a> Value<'a> for &'a [u8] {}

impl<'a> Value<'a> for Bytes<'a> {}

#[derive(Debug)]
pub(crate) struct Reader<'r> {
    dialect: Dialect,
    pub(crate) request: &'r RequestContext<'r>,
    pub(crate) now: i64,
    longest_path: usize,
    /// The request-host as a domain, checked once for all cookies.
    host: OnceCell<HostDomain<'r>>,
    default_paths: [OnceCell<&'r str>; 3],
}

/// The rules for the path of a cookie without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DefaultPath {
    Netscape,
    Rfc2965,
    Rfc6265,
}

#[derive(Debug)]
struct HostDomain<'r> {
    domain: Domain<'r>,
    is_plain: bool,
}

impl<'r> Reader<'r> {
    #[inline]
    pub(crate) fn new(dialect: Dialect, request: &'r RequestContext<'r>, now: i64) -> Self {
        Self {
            dialect,
            request,
            now,
            longest_path: usize::MAX,
            host: OnceCell::new(),
            default_paths: [const { OnceCell::new() }; 3],
        }
    }

    /// Cuts a default path to one octet more than `limit`: cookies that are too long because of it are rejected all the
    /// same, and have no long copies of it.
    #[inline]
    pub(crate) fn for_cookies_up_to(mut self, limit: usize) -> Self {
        self.longest_path = limit.saturating_add(1);
        self
    }

    /// Also returns the name as received.
    #[inline]
    pub(crate) fn read_field<'f>(&self, field: &'f [u8]) -> (&'f [u8], Result<Cookie, Rejection>) {
        match self.dialect {
            Dialect::Python => match python::parse(field) {
                Ok(attributes) => (attributes.name, python::make_cookie(&attributes, self)),
                Err(reason) => (b"", Err(reason)),
            },
            Dialect::Rfc6265bis => {
                let attributes = rfc6265::parse(field);
                (attributes.name, rfc6265::make_cookie(attributes, self))
            }
        }
    }

    #[inline]
    fn host(&self) -> &HostDomain<'r> {
        self.host.get_or_init(|| {
            let host = self.request.host();
            let is_plain = domain::is_plain_name(host);
            let domain = if is_plain {
                Domain::Name(Cow::Borrowed(host))
            } else {
                Domain::from_host(host)
            };
            HostDomain { domain, is_plain }
        })
    }

    #[inline]
    fn default_path(&self, rule: DefaultPath) -> &'r [u8] {
        let path = self.default_paths[rule as usize].get_or_init(|| {
            let path = match rule {
                DefaultPath::Rfc6265 => self.request.path(),
                DefaultPath::Netscape | DefaultPath::Rfc2965 => self.request.escaped_path(),
            };
            let path = path::default_path(path, rule == DefaultPath::Rfc2965);
            path::beginning(path, self.longest_path)
        });
        path.as_bytes()
    }

    /// Also returns whether there is a leading dot.
    #[inline]
    fn domain<'t>(&'t self, text: &'t [u8]) -> (Domain<'t>, bool) {
        let name = text.strip_prefix(b".").unwrap_or(text);
        // Nearly all are the host or above it, and then as canonical as the host.
        let domain = match domain::above(self.request.host(), name) {
            Some(name) if self.host().is_plain => Domain::Name(Cow::Borrowed(name)),
            _ => Domain::parse(name),
        };
        (domain, name.len() < text.len())
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
        let (_, cookie) = Reader::new(dialect, request, now).read_field(text);
        let mut cookie = cookie?;
        cookie.mark_rfc2109(as_netscape)?;
        Ok(cookie)
    }
}

#[inline]
fn octets<'a, V: Value<'a>>(
    attributes: &Attributes<'a, V, impl Iterator<Item = Pair<'a, V>> + Clone>,
) -> Octets {
    match attributes.class {
        Class::Plain | Class::Text => Octets::Plain,
        Class::Any => octets_of_all(attributes),
    }
}

/// Checks the parts, not the whole field: what is between them is not part of a cookie.
#[cold]
fn octets_of_all<'a, V: Value<'a>>(
    attributes: &Attributes<'a, V, impl Iterator<Item = Pair<'a, V>> + Clone>,
) -> Octets {
    let of = |value: &Option<V>| Octets::from_bytes(value.as_deref().unwrap_or_default());
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
    let push = |number: i64, byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    };
    text.first()?;
    text.iter().try_fold(0, push)
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/set_cookie.rs"]
mod tests;
