//! Contents and changes of a shared jar.
//!
//! It does not know requests.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::SharedCookieJar;
use crate::cookie::{Cookie, CookieId};
use crate::domain;
use crate::jar::{ChangeSink, Changes, Listener, NotFound, calls, queue};
use crate::store::Bucket;

/// Reading and removing cookies, as [`CookieJar`](crate::CookieJar) does.
impl SharedCookieJar {
    pub(crate) fn show_all<T>(
        &self,
        look: impl FnOnce(&mut dyn Iterator<Item = &Cookie>) -> T,
    ) -> T {
        let _asking = self.inner.enter();
        let parts = self.inner.read_all();
        let buckets = parts.iter().flat_map(|part| part.shelf.store().buckets());
        let mut cookies: Vec<_> = buckets.flat_map(Bucket::cookies).collect();
        cookies.sort_by_cached_key(|cookie| cookie.creation_key());
        look(&mut cookies.into_iter())
    }

    pub(crate) fn is_held_elsewhere(&self) -> bool {
        Arc::strong_count(&self.inner) > 1
    }

    /// Returns the number of cookies, expired or not.
    #[must_use]
    pub fn len(&self) -> usize {
        let _asking = self.inner.enter();
        self.inner
            .places()
            .map(|place| self.inner.read(place).shelf.store().len())
            .sum()
    }

    /// Returns `true` if the jar has no cookies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a copy of the cookie with this id.
    #[must_use]
    pub fn get<'i>(&self, id: impl Into<CookieId<'i>>) -> Option<Cookie> {
        let _asking = self.inner.enter();
        let id = id.into();
        let part = self
            .inner
            .read(self.inner.shard_of(domain::undotted(id.domain())));
        part.shelf.store().get(&id).cloned()
    }

    /// Returns a copy of all cookies, in order of creation. It locks one shard after another.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Cookie> {
        let _asking = self.inner.enter();
        let mut cookies = Vec::new();
        for place in self.inner.places() {
            let part = self.inner.read(place);
            let store = part.shelf.store();
            cookies.extend(store.buckets().flat_map(Bucket::cookies).cloned());
        }
        cookies.sort_unstable_by_key(Cookie::creation_key);
        cookies
    }

    /// Removes and returns the cookie with this id.
    ///
    /// # Errors
    ///
    /// If the cookie does not exist.
    pub fn remove<'i>(&self, id: impl Into<CookieId<'i>>) -> Result<Cookie, NotFound> {
        calls::remove(&mut self.call(), &id.into())
    }

    /// Removes all cookies in a partition, and returns their number.
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_in(&self, partition: &str) -> Result<usize, NotFound> {
        calls::clear_in(&mut self.call(), partition)
    }

    /// Removes all cookies.
    pub fn clear(&self) {
        calls::clear(&mut self.call());
    }

    /// Removes the cookies of exactly this domain, and returns their number. A leading dot matters.
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_domain(&self, domain: &str) -> Result<usize, NotFound> {
        calls::clear_where(&mut self.call(), domain, |_| true)
    }

    /// Removes the cookies of exactly this domain and path, and returns their number.
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_path(&self, domain: &str, path: impl AsRef<[u8]>) -> Result<usize, NotFound> {
        calls::clear_path(&mut self.call(), domain, path.as_ref())
    }

    /// Removes all session cookies, and returns their number.
    pub fn clear_session_cookies(&self) -> usize {
        calls::retain(&mut self.call(), |cookie| !cookie.discard())
    }

    /// Removes all expired cookies, and returns their number.
    pub fn clear_expired_cookies(&self) -> usize {
        calls::clear_expired_cookies(&mut self.call())
    }

    /// Keeps the cookies for which `keep` returns `true`, and returns the number removed. Cookies are visited in no
    /// particular order, one shard after another.
    pub fn retain(&self, keep: impl FnMut(&Cookie) -> bool) -> usize {
        calls::retain(&mut self.call(), keep)
    }

    /// Removes all cookies, and returns them in order of creation.
    #[must_use]
    pub fn drain(&self) -> Vec<Cookie> {
        calls::drain(&mut self.call())
    }

    /// Adds a sink, which is called with every later change of the jar; see [`ChangeSink`]. All clones of the jar
    /// share its sinks; a fork has none.
    pub fn add_change_sink(&self, sink: Arc<dyn ChangeSink>) {
        self.listen(Listener::Sink(sink));
    }

    /// Returns a queue of all later changes of the jar, for another thread or task to read; it holds up to `capacity`
    /// of them.
    ///
    /// Until the queue is dropped, each change costs a copy of the cookie.
    #[must_use]
    pub fn changes(&self, capacity: NonZeroUsize) -> Changes {
        let (sender, changes) = queue(capacity);
        self.listen(Listener::Queue(sender.listener(|change| change)));
        changes
    }

    pub(crate) fn listen(&self, listener: Listener) {
        let _asking = self.inner.enter();
        let mut parts = self.inner.write_all();
        parts[0].shelf.listeners.add(listener);
        let listeners = parts[0].shelf.listeners.clone();
        for part in &mut parts[1..] {
            part.shelf.listeners = listeners.clone();
        }
    }
}
