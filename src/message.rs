//! Where the bytes come from and where they go: the two header traits, and what a `Cookie` header
//! is.
//!
//! It knows no cookie. A client that has its own header type implements one trait for what it
//! receives and one for what it sends.

use std::fmt;

/// The headers of a response.
///
/// Implemented for lists of (name, value) pairs, which have no status, and with feature `http` for
/// `http::Response` and `http::response::Parts`, which have one, and `http::HeaderMap`.
pub trait ResponseHeaders {
    /// The values of all fields of this name, in any case, in their order.
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]>;

    /// The status code, if the type knows it. The cookies of interim (1xx) and of proxies' (407)
    /// answers are not stored.
    fn status(&self) -> Option<u16> {
        None
    }
}

/// The headers of a request.
///
/// Implemented for `Vec<(String, Vec<u8>)>` and its like, and with feature `http` for
/// `http::HeaderMap`, `http::Request` and `http::request::Parts`.
pub trait RequestHeaders {
    /// The values of all fields of this name, in any case, in their order.
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]>;

    /// Adds a field.
    fn append_header(&mut self, name: &str, value: CookieHeader);

    /// Puts one field in the place of all of this name, or with `None` takes them away.
    fn replace_header(&mut self, name: &str, value: Option<CookieHeader>);

    /// Whether a field can hold these octets. A cookie that no field can hold is left out. Only
    /// asked about control octets; by default yes.
    fn can_hold(&self, octets: &[u8]) -> bool {
        let _ = octets;
        true
    }

    /// Whether there is a field of this name.
    fn has_header(&self, name: &str) -> bool {
        self.header_values(name).next().is_some()
    }
}

/// A request that knows its own URL: one to which
/// [`add_cookie_header`](crate::CookieJar::add_cookie_header) can add without being told.
pub trait OutgoingRequest: RequestHeaders {
    /// The context of the request.
    fn request_context(&self) -> crate::RequestContext<'_>;
}

/// What becomes of a `Cookie` header that a request has before the jar adds its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Merge {
    /// The jar's cookies go behind those of the header, but for those whose name stands there
    /// already.
    Append,
    /// The header stays, and the jar adds nothing, as in Python.
    #[default]
    Keep,
    /// The header goes, also when the jar has nothing to send.
    Replace,
}

/// The value of a `Cookie` header.
///
/// It is bytes, because the value of a cookie may be any; [`to_str`](Self::to_str) is for the rest.
///
/// ```
/// use cookiejar::CookieJar;
/// use url::Url;
///
/// let url = Url::parse("https://acme.com/")?;
/// let mut jar = CookieJar::new();
/// jar.extract_cookies(&[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], &url);
/// let header = jar.cookie_header(&url).expect("two cookies");
/// assert_eq!(header, "a=1; b=2");
/// assert_eq!(header.as_bytes(), b"a=1; b=2");
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CookieHeader(Vec<u8>);

impl CookieHeader {
    pub(crate) fn new(value: Vec<u8>) -> Self {
        Self(value)
    }

    /// The bytes. There is no CR, LF or NUL among them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, to own.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The text, where it is UTF-8.
    ///
    /// # Errors
    ///
    /// For a header with a cookie whose bytes are not UTF-8.
    pub fn to_str(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(&self.0)
    }
}

/// Shows the length alone: the values may be secrets.
impl fmt::Debug for CookieHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieHeader")
            .field("len", &self.0.len())
            .finish_non_exhaustive()
    }
}

impl AsRef<[u8]> for CookieHeader {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<str> for CookieHeader {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for CookieHeader {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

/// The values in a list of (name, value) pairs.
fn values_in<'a, N, V>(list: &'a [(N, V)], name: &'a str) -> impl Iterator<Item = &'a [u8]>
where
    N: AsRef<str>,
    V: AsRef<[u8]>,
{
    // Nearly all write it as it is asked for.
    let of_name = move |(field, _): &&(N, V)| {
        let field = field.as_ref();
        field == name || field.eq_ignore_ascii_case(name)
    };
    list.iter().filter(of_name).map(|(_, value)| value.as_ref())
}

impl<N: AsRef<str>, V: AsRef<[u8]>> ResponseHeaders for [(N, V)] {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values_in(self, name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const LEN: usize> ResponseHeaders for [(N, V); LEN] {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values_in(self, name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> ResponseHeaders for Vec<(N, V)> {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values_in(self, name)
    }
}

impl<N, V> RequestHeaders for Vec<(N, V)>
where
    N: AsRef<str> + for<'n> From<&'n str>,
    V: AsRef<[u8]> + From<Vec<u8>>,
{
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values_in(self, name)
    }

    fn append_header(&mut self, name: &str, value: CookieHeader) {
        self.push((name.into(), value.0.into()));
    }

    fn replace_header(&mut self, name: &str, value: Option<CookieHeader>) {
        self.retain(|(field, _)| !field.as_ref().eq_ignore_ascii_case(name));
        if let Some(value) = value {
            self.append_header(name, value);
        }
    }
}

impl<T: ResponseHeaders + ?Sized> ResponseHeaders for &T {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        (**self).header_values(name)
    }

    fn status(&self) -> Option<u16> {
        (**self).status()
    }
}
