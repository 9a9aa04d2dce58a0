//! Reading and removing the cookies of a jar.

use super::{CookieJar, IntoIter, Iter, NotFound, calls};
use crate::cookie::{Cookie, CookieId};

impl<P> CookieJar<P> {
    /// Returns the number of cookies, expired or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store().len()
    }

    /// Returns `true` if the jar has no cookies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the cookie with this id.
    #[must_use]
    pub fn get<'i>(&self, id: impl Into<CookieId<'i>>) -> Option<&Cookie> {
        self.store().get(&id.into())
    }

    /// Iterates over all cookies, expired or not, in order of creation.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.store().in_creation_order().into_iter())
    }

    /// Removes and returns the cookie with this id (Python: `clear` with three arguments).
    ///
    /// # Errors
    ///
    /// If the cookie does not exist.
    pub fn remove<'i>(&mut self, id: impl Into<CookieId<'i>>) -> Result<Cookie, NotFound> {
        calls::remove(&mut self.room, &id.into())
    }

    /// Removes all cookies, including those in partitions (Python: `clear` without arguments).
    pub fn clear(&mut self) {
        calls::clear(&mut self.room);
    }

    /// Removes all cookies in a partition, and returns their number.
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_in(&mut self, partition: &str) -> Result<usize, NotFound> {
        calls::clear_in(&mut self.room, partition)
    }

    /// Removes the cookies of exactly this domain that are in no partition, and returns their number (Python: `clear`
    /// with one argument). A leading dot matters.
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_domain(&mut self, domain: &str) -> Result<usize, NotFound> {
        calls::clear_where(&mut self.room, domain, |_| true)
    }

    /// Removes the cookies of exactly this domain and path that are in no partition, and returns their number
    /// (Python: `clear` with two arguments).
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_path(&mut self, domain: &str, path: impl AsRef<[u8]>) -> Result<usize, NotFound> {
        calls::clear_path(&mut self.room, domain, path.as_ref())
    }

    /// Removes all session cookies, those with [`discard`](Cookie::discard), and returns their number.
    pub fn clear_session_cookies(&mut self) -> usize {
        calls::retain(&mut self.room, |cookie| !cookie.discard())
    }

    /// Removes all expired cookies, and returns their number. This is optional: an expired cookie is never sent, and
    /// later calls remove it.
    pub fn clear_expired_cookies(&mut self) -> usize {
        calls::clear_expired_cookies(&mut self.room)
    }

    /// Keeps the cookies for which `keep` returns `true`, and returns the number removed. Cookies are visited in no
    /// particular order.
    pub fn retain(&mut self, keep: impl FnMut(&Cookie) -> bool) -> usize {
        calls::retain(&mut self.room, keep)
    }

    /// Removes all cookies, and returns them in order of creation.
    pub fn drain(&mut self) -> IntoIter {
        IntoIter(calls::drain(&mut self.room).into_iter())
    }
}
