//! [`CookieId`]: the identity of a cookie.

use std::borrow::Cow;
use std::fmt;

use super::Cookie;
use crate::domain;

/// The identity of a cookie: partition, domain, path and name. A jar holds one cookie for each id; a new one
/// replaces the old.
///
/// All parts are compared as bytes, and the leading dot of the domain counts: `.acme.com` came with a `Domain`
/// attribute, `acme.com` is host-only.
///
/// ```
/// use cookiejar::{CookieId, CookieJar};
/// use url::Url;
///
/// let mut jar = CookieJar::new();
/// jar.extract_cookies(&[("Set-Cookie", "sid=31d4")], &Url::parse("https://acme.com/")?);
/// assert!(jar.get(("acme.com", "/", "sid")).is_some());
/// assert!(jar.get(CookieId::new("ACME.com", "/", "sid")).is_some());
/// assert!(jar.get((".acme.com", "/", "sid")).is_none());
///
/// let id = jar.iter().next().expect("a cookie").id().into_owned();
/// assert_eq!(jar.remove(id)?.value(), Some("31d4"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CookieId<'a> {
    partition: Option<Cow<'a, str>>,
    domain: Cow<'a, str>,
    path: Cow<'a, [u8]>,
    name: Cow<'a, [u8]>,
}

impl<'a> CookieId<'a> {
    /// Returns the id of a cookie without a partition. The domain is converted to its canonical form; if it is not a
    /// host, no cookie has the id.
    #[must_use]
    pub fn new(
        domain: &'a str,
        path: &'a (impl AsRef<[u8]> + ?Sized),
        name: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Self {
        Self {
            partition: None,
            domain: domain::canonical_stored(domain),
            path: Cow::Borrowed(path.as_ref()),
            name: Cow::Borrowed(name.as_ref()),
        }
    }

    /// Returns the same id in a partition; see [`Cookie::partition_key`].
    #[must_use]
    pub fn in_partition(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.partition = Some(key.into());
        self
    }

    /// Returns the key of the partition, if the cookie is in one.
    #[must_use]
    pub fn partition(&self) -> Option<&str> {
        self.partition.as_deref()
    }

    /// Returns the domain, with a leading dot if the cookie came with a `Domain` attribute.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Returns the same id with owned texts.
    #[must_use]
    pub fn into_owned(self) -> CookieId<'static> {
        CookieId {
            partition: self.partition.map(|key| Cow::Owned(key.into_owned())),
            domain: Cow::Owned(self.domain.into_owned()),
            path: Cow::Owned(self.path.into_owned()),
            name: Cow::Owned(self.name.into_owned()),
        }
    }

    pub(crate) fn under(self, domain: &'a str) -> Self {
        Self {
            domain: Cow::Borrowed(domain),
            ..self
        }
    }

    pub(crate) fn from_parts(
        partition: Option<&'a str>,
        domain: &'a str,
        path: &'a [u8],
        name: &'a [u8],
    ) -> Self {
        Self {
            partition: partition.map(Cow::Borrowed),
            domain: Cow::Borrowed(domain),
            path: Cow::Borrowed(path),
            name: Cow::Borrowed(name),
        }
    }
}

impl Cookie {
    /// Returns the identity of this cookie, which no other cookie in a jar has.
    #[inline]
    #[must_use]
    pub fn id(&self) -> CookieId<'_> {
        CookieId {
            partition: self.partition_key().map(Cow::Borrowed),
            domain: Cow::Borrowed(self.domain()),
            path: self.path_bytes(),
            name: self.name_bytes(),
        }
    }
}

/// An id of domain, path and name, in no partition.
impl<'a, P, N> From<(&'a str, &'a P, &'a N)> for CookieId<'a>
where
    P: AsRef<[u8]> + ?Sized,
    N: AsRef<[u8]> + ?Sized,
{
    fn from((domain, path, name): (&'a str, &'a P, &'a N)) -> Self {
        Self::new(domain, path, name)
    }
}

/// The same id, borrowed.
impl<'a> From<&'a CookieId<'_>> for CookieId<'a> {
    fn from(id: &'a CookieId<'_>) -> Self {
        Self {
            partition: id.partition.as_deref().map(Cow::Borrowed),
            domain: Cow::Borrowed(&id.domain),
            path: Cow::Borrowed(&id.path),
            name: Cow::Borrowed(&id.name),
        }
    }
}

/// Shows path and name as text.
impl fmt::Debug for CookieId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieId")
            .field("partition", &self.partition)
            .field("domain", &self.domain)
            .field("path", &String::from_utf8_lossy(&self.path))
            .field("name", &String::from_utf8_lossy(&self.name))
            .finish()
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/cookie_id.rs"]
mod tests;
