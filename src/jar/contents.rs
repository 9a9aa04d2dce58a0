//! Looking into a jar, and clearing.

use super::{CookieJar, IntoIter, Iter, NotFound, calls};
use crate::cookie::{Cookie, CookieId};

impl<P> CookieJar<P> {
    /// How many cookies are stored, expired or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store().len()
    }

    /// Whether there are no cookies at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cookie of this id.
    ///
    /// ```
    /// use cookiejar::policy::PublicSuffixes;
    /// use cookiejar::{BrowserPolicy, CookieId, CookieJar, Provenance, RequestContext};
    /// use url::Url;
    ///
    /// let policy = BrowserPolicy::with_suffixes(PublicSuffixes::parse("example")?);
    /// let mut jar = CookieJar::with_policy(policy);
    /// let chat = Url::parse("https://chat.example/")?;
    /// let in_shop = RequestContext::from(&chat).caused_by(Provenance::new().partition_key("https://shop.example"));
    /// jar.extract_cookies(&[("Set-Cookie", "sid=31d4; Secure; Partitioned")], in_shop);
    /// assert!(jar.get(("chat.example", "/", "sid")).is_none());
    /// let id = CookieId::new("chat.example", "/", "sid").in_partition("https://shop.example");
    /// assert!(jar.get(id).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn get<'i>(&self, id: impl Into<CookieId<'i>>) -> Option<&Cookie> {
        self.store().get(&id.into())
    }

    /// All cookies that are stored, expired or not, in the order of their creation.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.store().in_creation_order().into_iter())
    }

    /// Removes the cookie of this id, and returns it (Python: `clear` with three arguments).
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn remove<'i>(&mut self, id: impl Into<CookieId<'i>>) -> Result<Cookie, NotFound> {
        calls::remove(&mut self.room, &id.into())
    }

    /// Takes out all cookies, those in partitions too (Python: `clear` without arguments).
    pub fn clear(&mut self) {
        calls::clear(&mut self.room);
    }

    /// Takes out all cookies in a partition, and tells how many.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_in(&mut self, partition: &str) -> Result<usize, NotFound> {
        calls::clear_in(&mut self.room, partition)
    }

    /// Takes out the cookies of this very domain that are in no partition, and tells how many
    /// (Python: `clear` with one argument). The leading dot counts.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_domain(&mut self, domain: &str) -> Result<usize, NotFound> {
        calls::clear_where(&mut self.room, domain, |_| true)
    }

    /// Takes out the cookies of this very domain and path that are in no partition, and tells how
    /// many (Python: `clear` with two arguments).
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_path(&mut self, domain: &str, path: impl AsRef<[u8]>) -> Result<usize, NotFound> {
        calls::clear_path(&mut self.room, domain, path.as_ref())
    }

    /// Takes out all session cookies, those whose [`discard`](Cookie::discard) is true, and tells
    /// how many.
    pub fn clear_session_cookies(&mut self) -> usize {
        calls::retain(&mut self.room, |cookie| !cookie.discard())
    }

    /// Takes out all cookies whose time is over, and tells how many. There is no need to: an
    /// expired cookie is never sent, and later calls sweep it out.
    pub fn clear_expired_cookies(&mut self) -> usize {
        calls::clear_expired_cookies(&mut self.room)
    }

    /// Keeps the cookies for which `keep` is true, and tells how many went. They are shown in no
    /// particular order.
    pub fn retain(&mut self, keep: impl FnMut(&Cookie) -> bool) -> usize {
        calls::retain(&mut self.room, keep)
    }

    /// Takes out all cookies and hands them over, in the order of their creation.
    pub fn drain(&mut self) -> IntoIter {
        IntoIter(calls::drain(&mut self.room).into_iter())
    }
}
