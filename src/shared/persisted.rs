//! What a database needs from a shared jar: a queue next to its cookies, and their lock.
//!
//! It does not know databases.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::SharedCookieJar;
use super::shards::{Inner, family, top_label};
use crate::domain;
use crate::jar::{Persistence, Queue, Shelf};
use crate::store::Terms;

pub(crate) trait Keeper: Send + Sync + UnwindSafe + RefUnwindSafe {}

/// Cookies of different families need not share a shard.
pub(crate) fn family_of(stored_domain: &str) -> &str {
    let bare = domain::undotted(stored_domain);
    family(bare).unwrap_or_else(|| top_label(bare))
}

impl SharedCookieJar {
    /// Returns whether the changes of the jar are still saved to its database, if it has one.
    ///
    /// ```
    /// use cookiejar::SharedCookieJar;
    /// use cookiejar::jar::Persistence;
    /// use cookiejar::persist::{PersistOptions, PersistentCookieJar};
    /// use cookiejar::testing::MemoryEngine;
    ///
    /// let persistent = PersistentCookieJar::with(MemoryEngine::new(), PersistOptions::new())?;
    /// let jar = persistent.jar();
    /// assert_eq!(jar.persistence(), Persistence::Open);
    /// persistent.close()?;
    /// assert_eq!(jar.persistence(), Persistence::Closed);
    /// assert_eq!(SharedCookieJar::new().persistence(), Persistence::Memory);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn persistence(&self) -> Persistence {
        let _asking = self.inner.enter();
        self.inner.read(0).shelf.persistence()
    }

    pub(crate) fn attach<Q: Queue>(&self, queue: impl Fn() -> Q) {
        for part in &mut self.inner.write_all() {
            part.shelf.attach(Box::new(queue()));
        }
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    pub(crate) fn kept_by(&self, keeper: Arc<dyn Keeper>) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            keeper: Some(keeper),
        }
    }

    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.inner)
    }
}

impl Inner {
    pub(crate) fn at_family<T>(
        &self,
        family: &str,
        work: impl FnOnce(&mut Shelf, &Terms<'_>) -> T,
    ) -> T {
        let _asking = self.enter();
        let place = self.shard_of(family);
        let mut part = self.write(place);
        let rules = Arc::clone(&part.rules);
        let now = rules.clock.seconds();
        if place == 0 && !family.is_empty() {
            self.dotless.note(self.hash_of(family));
        }
        let before = part.shelf.store().len();
        let numbers = part.shelf.numbers();
        let numbers = numbers.as_deref().unwrap_or(&self.numbers);
        let result = work(
            &mut part.shelf,
            &Terms::new(rules.policy.settings(), now, numbers),
        );
        let more = part.shelf.store().len().saturating_sub(before);
        let more = isize::try_from(more).unwrap_or(isize::MAX);
        self.room.fetch_sub(more, Ordering::Relaxed);
        result
    }
}
