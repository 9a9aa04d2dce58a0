//! Looking into a shared jar, clearing, and listening to its changes.
//!
//! It knows no request.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::SharedCookieJar;
use crate::cookie::{Cookie, CookieId};
use crate::domain;
use crate::jar::{ChangeSink, Changes, Listener, NotFound, calls, queue};
use crate::store::Bucket;

/// Looking into the jar and clearing; see the calls of the same names of [`CookieJar`](crate::CookieJar).
impl SharedCookieJar {
    /// Shows all cookies, in the order of their creation, and nobody changes one meanwhile.
    pub(crate) fn show_all<T>(
        &self,
        look: impl FnOnce(&mut dyn Iterator<Item = &Cookie>) -> T,
    ) -> T {
        let _asking = self.enter();
        let parts = self.read_all();
        let buckets = parts.iter().flat_map(|part| part.shelf.store().buckets());
        let mut cookies: Vec<_> = buckets.flat_map(Bucket::cookies).collect();
        cookies.sort_by_cached_key(|cookie| cookie.creation_key());
        look(&mut cookies.into_iter())
    }

    /// Whether there are clones of this handle.
    pub(crate) fn is_held_elsewhere(&self) -> bool {
        Arc::strong_count(&self.inner) > 1
    }

    /// How many cookies are stored, expired or not.
    #[must_use]
    pub fn len(&self) -> usize {
        let _asking = self.enter();
        self.places()
            .map(|place| self.read(place).shelf.store().len())
            .sum()
    }

    /// Whether there are no cookies at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A copy of the cookie of this id; see [`CookieJar::get`](crate::CookieJar::get).
    #[must_use]
    pub fn get<'i>(&self, id: impl Into<CookieId<'i>>) -> Option<Cookie> {
        let _asking = self.enter();
        let id = id.into();
        let part = self.read(self.shard_of(domain::undotted(id.domain())));
        part.shelf.store().get(&id).cloned()
    }

    /// A copy of all cookies, in the order of their creation. Shard after shard is locked, each for as long
    /// as it takes to copy it: no other call waits for the whole.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Cookie> {
        let _asking = self.enter();
        let mut cookies = Vec::new();
        for place in self.places() {
            let part = self.read(place);
            let store = part.shelf.store();
            cookies.extend(store.buckets().flat_map(Bucket::cookies).cloned());
        }
        cookies.sort_unstable_by_key(Cookie::creation_key);
        cookies
    }

    /// Removes the cookie of this id, and returns it.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn remove<'i>(&self, id: impl Into<CookieId<'i>>) -> Result<Cookie, NotFound> {
        calls::remove(&mut self.call(), &id.into())
    }

    /// Takes out all cookies in a partition, and tells how many.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_in(&self, partition: &str) -> Result<usize, NotFound> {
        calls::clear_in(&mut self.call(), partition)
    }

    /// Takes out all cookies.
    pub fn clear(&self) {
        calls::clear(&mut self.call());
    }

    /// Takes out the cookies of this very domain, and tells how many. The leading dot counts.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_domain(&self, domain: &str) -> Result<usize, NotFound> {
        calls::clear_where(&mut self.call(), domain, |_| true)
    }

    /// Takes out the cookies of this very domain and path, and tells how many.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn clear_path(&self, domain: &str, path: impl AsRef<[u8]>) -> Result<usize, NotFound> {
        calls::clear_path(&mut self.call(), domain, path.as_ref())
    }

    /// Takes out all session cookies, and tells how many.
    pub fn clear_session_cookies(&self) -> usize {
        calls::retain(&mut self.call(), |cookie| !cookie.discard())
    }

    /// Takes out all cookies whose time is over, and tells how many.
    pub fn clear_expired_cookies(&self) -> usize {
        calls::clear_expired_cookies(&mut self.call())
    }

    /// Keeps the cookies for which `keep` is true, and tells how many went. They are shown in no particular
    /// order, shard after shard.
    pub fn retain(&self, keep: impl FnMut(&Cookie) -> bool) -> usize {
        calls::retain(&mut self.call(), keep)
    }

    /// Takes out all cookies and hands them over, in the order of their creation.
    #[must_use]
    pub fn drain(&self) -> Vec<Cookie> {
        calls::drain(&mut self.call())
    }

    /// Tells a sink of every change of what the jar holds from now on; see [`ChangeSink`]. All who share the jar
    /// share its sinks; a fork has none.
    pub fn add_change_sink(&self, sink: Arc<dyn ChangeSink>) {
        self.listen(Listener::Sink(sink));
    }

    /// Returns a queue of the changes of what the jar holds from now on, for another thread or task to read; it
    /// holds `capacity` of them.
    ///
    /// All that the jar does costs a copy of each changed cookie from now on, until the queue is dropped.
    #[must_use]
    pub fn changes(&self, capacity: NonZeroUsize) -> Changes {
        let (sender, changes) = queue(capacity);
        self.listen(Listener::Queue(sender.listener(|change| change)));
        changes
    }

    pub(crate) fn listen(&self, listener: Listener) {
        let _asking = self.enter();
        let mut parts = self.write_all();
        parts[0].shelf.listeners.add(listener);
        let listeners = parts[0].shelf.listeners.clone();
        for part in &mut parts[1..] {
            part.shelf.listeners = listeners.clone();
        }
    }
}
