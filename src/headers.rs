//! The header traits, and the value of a `Cookie` header.
//!
//! It knows no cookie.

use std::fmt;

/// Header fields by name, common to requests and responses.
pub trait HeaderFields {
    /// Returns the values of all fields with this name, ignoring case, in order.
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]>;
}

/// The headers of a response.
///
/// Implemented for lists of (name, value) pairs, which have no status, and with feature `http` for
/// `http::Response` and `http::response::Parts`, which have one, and `http::HeaderMap`.
///
/// ```
/// use cookiejar::headers::{HeaderFields, ResponseHeaders};
/// use cookiejar::{CookieJar, Rejection};
/// use url::Url;
///
/// struct Answer {
///     status: u16,
///     headers: Vec<(String, String)>,
/// }
///
/// impl HeaderFields for Answer {
///     fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
///         self.headers.header_values(name)
///     }
/// }
///
/// impl ResponseHeaders for Answer {
///     fn status(&self) -> Option<u16> {
///         Some(self.status)
///     }
/// }
///
/// let headers = vec![("Set-Cookie".to_owned(), "sid=31d4".to_owned())];
/// let of_a_proxy = Answer { status: 407, headers };
/// let report = CookieJar::new().extract_cookies(&of_a_proxy, &Url::parse("https://acme.com/")?);
/// assert_eq!(report.rejected[0].reason, Rejection::IgnoredStatus);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ResponseHeaders: HeaderFields {
    /// Returns the status code, or `None` if the type does not know it. Cookies of interim (1xx) and proxy
    /// (407) responses are not stored, so a wrapper must pass the status on.
    fn status(&self) -> Option<u16>;
}

/// The headers of a request.
///
/// Implemented for `Vec<(String, Vec<u8>)>` and similar lists, and with feature `http` for `http::HeaderMap`,
/// `http::Request` and `http::request::Parts`.
pub trait RequestHeaders: HeaderFields {
    /// Adds a field.
    fn append_header(&mut self, name: &str, value: CookieHeader);

    /// Replaces all fields of this name with one, or removes them if `value` is `None`.
    fn replace_header(&mut self, name: &str, value: Option<CookieHeader>);

    /// Returns `true` if a field can hold these octets. The jar withholds a cookie that a field cannot hold. It
    /// asks only about cookies with control octets.
    fn can_hold(&self, octets: &[u8]) -> bool;
}

pub(crate) trait HeaderFieldsExt: HeaderFields {
    fn has_header(&self, name: &str) -> bool {
        self.header_values(name).next().is_some()
    }
}

impl<T: HeaderFields + ?Sized> HeaderFieldsExt for T {}

/// What happens to a `Cookie` header that a request already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Merge {
    /// The jar's cookies are appended, except those whose names the header already has.
    Append,
    /// The header is kept, and the jar adds nothing, as in Python.
    #[default]
    Keep,
    /// The header is replaced, even when the jar has nothing to send.
    Replace,
}

/// The value of a `Cookie` header.
///
/// It holds bytes, because cookie values may not be UTF-8; see [`to_str`](Self::to_str).
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CookieHeader(Vec<u8>);

impl CookieHeader {
    pub(crate) fn new(value: Vec<u8>) -> Self {
        Self(value)
    }

    /// Returns the bytes, which contain no CR, LF or NUL.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the bytes as an owned vector.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Returns the text if it is UTF-8.
    ///
    /// # Errors
    ///
    /// Returns an error if the bytes of a cookie are not UTF-8.
    pub fn to_str(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(&self.0)
    }
}

/// Shows only the length: the values may be secrets.
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

impl From<CookieHeader> for Vec<u8> {
    fn from(header: CookieHeader) -> Self {
        header.0
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> HeaderFields for [(N, V)] {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        // Nearly all servers use the requested spelling.
        let of_name = move |(field, _): &&(N, V)| {
            let field = field.as_ref();
            field == name || field.eq_ignore_ascii_case(name)
        };
        self.iter().filter(of_name).map(|(_, value)| value.as_ref())
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> ResponseHeaders for [(N, V)] {
    fn status(&self) -> Option<u16> {
        None
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const LEN: usize> HeaderFields for [(N, V); LEN] {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.as_slice().header_values(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const LEN: usize> ResponseHeaders for [(N, V); LEN] {
    fn status(&self) -> Option<u16> {
        None
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> HeaderFields for Vec<(N, V)> {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.as_slice().header_values(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> ResponseHeaders for Vec<(N, V)> {
    fn status(&self) -> Option<u16> {
        None
    }
}

impl<N, V> RequestHeaders for Vec<(N, V)>
where
    N: AsRef<str> + for<'n> From<&'n str>,
    V: AsRef<[u8]> + From<Vec<u8>>,
{
    fn append_header(&mut self, name: &str, value: CookieHeader) {
        self.push((name.into(), value.0.into()));
    }

    fn replace_header(&mut self, name: &str, value: Option<CookieHeader>) {
        self.retain(|(field, _)| !field.as_ref().eq_ignore_ascii_case(name));
        if let Some(value) = value {
            self.append_header(name, value);
        }
    }

    fn can_hold(&self, _: &[u8]) -> bool {
        true
    }
}

impl<T: HeaderFields + ?Sized> HeaderFields for &T {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        (**self).header_values(name)
    }
}

impl<T: ResponseHeaders + ?Sized> ResponseHeaders for &T {
    fn status(&self) -> Option<u16> {
        (**self).status()
    }
}
