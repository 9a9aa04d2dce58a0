//! Notifying the listeners of a jar.
//!
//! It does not know requests or locks. A [`Shelf`] notifies the sink of the call, the log and the listeners of the jar,
//! in this order.

use std::fmt;
use std::sync::Arc;

use super::queue::Outlet;
use crate::cookie::Cookie;
use crate::log::Log;
use crate::store::{CookieChange, Sink, Store, Terms};

/// Receives every change of a jar; see [`CookieJar::add_change_sink`].
///
/// Every closure with the right signature is a sink.
///
/// A sink receives each change exactly once, and the changes of one site in order: the call that makes the change
/// calls the sink, on its thread, while the cookies of that site are locked. So a sink must be quick, and it must not
/// use the jar, directly or by waiting for another thread that does: a call on the same thread panics, as it does in
/// a policy. If a sink panics, the jar stays consistent, without the changes that were still to be made.
///
/// For more than a few operations per change, use the queue of [`changes`](crate::SharedCookieJar::changes).
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use cookiejar::CookieJar;
/// use cookiejar::jar::{ChangeCause, CookieChange};
/// use url::Url;
///
/// let told = Arc::new(Mutex::new(Vec::new()));
/// let mut jar = CookieJar::new();
/// jar.add_change_sink(Arc::new({
///     let told = Arc::clone(&told);
///     move |change: &CookieChange<'_>| told.lock().unwrap().push((change.cause, change.cookie.name().to_owned()))
/// }));
///
/// let url = Url::parse("https://acme.com/")?;
/// jar.extract_cookies(&[("Set-Cookie", "a=1")], &url);
/// jar.extract_cookies(&[("Set-Cookie", "a=1; Max-Age=0")], &url);
/// let expected = [(ChangeCause::Stored, "a".to_owned()), (ChangeCause::Removed, "a".to_owned())];
/// assert_eq!(*told.lock().unwrap(), expected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`CookieJar::add_change_sink`]: crate::CookieJar::add_change_sink
pub trait ChangeSink: Send + Sync {
    /// Receives a change.
    fn changed(&self, change: &CookieChange<'_>);
}

impl<F: Fn(&CookieChange<'_>) + Send + Sync> ChangeSink for F {
    fn changed(&self, change: &CookieChange<'_>) {
        self(change);
    }
}

#[derive(Clone, Default)]
pub(crate) struct Listeners(Option<Arc<Vec<Listener>>>);

#[derive(Clone)]
pub(crate) enum Listener {
    Sink(Arc<dyn ChangeSink>),
    Queue(Arc<dyn Outlet>),
}

impl Listeners {
    pub(crate) fn add(&mut self, listener: Listener) {
        let listeners = Arc::make_mut(self.0.get_or_insert_default());
        listeners.retain(|listener| match listener {
            Listener::Sink(_) => true,
            Listener::Queue(queue) => !queue.is_abandoned(),
        });
        listeners.push(listener);
    }

    /// Costs a jar without listeners one comparison (bench `response`).
    #[inline]
    fn tell(&self, change: &CookieChange<'_>) {
        if let Some(listeners) = &self.0 {
            for listener in &**listeners {
                match listener {
                    Listener::Sink(sink) => sink.changed(change),
                    Listener::Queue(queue) => queue.push(change),
                }
            }
        }
    }
}

impl Sink for &Listeners {
    #[inline]
    fn changed(&mut self, change: &CookieChange<'_>) {
        self.tell(change);
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listeners = self.0.as_ref().map_or(0, |listeners| listeners.len());
        f.debug_tuple("Listeners").field(&listeners).finish()
    }
}

/// A store is changed only through its shelf, so that listeners miss no change.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    store: Store,
    pub(crate) listeners: Listeners,
    #[cfg(feature = "persist")]
    queue: queue::Attached,
}

impl Shelf {
    pub(crate) fn new(listeners: Listeners) -> Self {
        Self {
            listeners,
            ..Self::default()
        }
    }

    pub(super) fn into_parts(self) -> (Store, Listeners) {
        (self.store, self.listeners)
    }

    #[inline]
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn put_back(&mut self, cookie: Cookie, terms: &Terms<'_>) {
        self.store.put_back(cookie, terms, &mut ());
    }

    #[inline]
    pub(crate) fn change<S: Sink>(&mut self, sink: S) -> (&mut Store, impl Sink + use<'_, S>) {
        #[cfg(feature = "persist")]
        let sink = (sink, &mut self.queue);
        (&mut self.store, (sink, (Log, &self.listeners)))
    }

    /// A database records the removal of all cookies as one change.
    #[inline]
    pub(crate) fn change_whole<S: Sink>(
        &mut self,
        sink: S,
    ) -> (&mut Store, impl Sink + use<'_, S>) {
        #[cfg(feature = "persist")]
        self.queue.clear(false);
        (&mut self.store, (sink, (Log, &self.listeners)))
    }
}

#[cfg(feature = "persist")]
pub(crate) mod queue {
    use std::any::Any;
    use std::fmt;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use super::{CookieChange, Listeners, Log, Shelf, Sink, Store};

    /// Where the changes of a jar are saved; see
    /// [`SharedCookieJar::persistence`](crate::SharedCookieJar::persistence).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Persistence {
        /// The database was closed: changes stay in memory.
        Closed,
        /// This process is a fork of the one that opened the database: changes stay in memory.
        Forked,
        /// The jar has no database.
        Memory,
        /// Changes are saved to a database.
        Open,
    }

    pub(crate) trait Queue: Any + Send + Sync {
        fn begin(&self) -> u64;

        fn changed(&mut self, stamp: u64, change: &CookieChange<'_>);

        /// All cookies were removed, and the session may be `ended`.
        fn cleared(&mut self, stamp: u64, ended: bool);

        fn numbers(&self) -> Arc<AtomicU64>;

        fn persistence(&self) -> Persistence;
    }

    /// One pointer, because most shelves have no queue.
    #[derive(Default)]
    pub(super) struct Attached(Option<Box<Attachment>>);

    struct Attachment {
        queue: Box<dyn Queue>,
        stamp: u64,
    }

    impl Attached {
        pub(super) fn clear(&mut self, ended: bool) {
            if let Some(Attachment { queue, stamp }) = self.0.as_deref_mut() {
                queue.cleared(*stamp, ended);
            }
        }
    }

    impl Sink for &mut Attached {
        #[inline]
        fn changed(&mut self, change: &CookieChange<'_>) {
            if let Some(Attachment { queue, stamp }) = self.0.as_deref_mut() {
                queue.changed(*stamp, change);
            }
        }
    }

    impl fmt::Debug for Attached {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_tuple("Attached").field(&self.0.is_some()).finish()
        }
    }

    impl Shelf {
        pub(crate) fn attach(&mut self, queue: Box<dyn Queue>) {
            self.queue = Attached(Some(Box::new(Attachment { queue, stamp: 0 })));
        }

        /// Returns the stamp, which is `stamp` if another shelf has one already.
        #[inline]
        pub(crate) fn begin(&mut self, stamp: Option<u64>) -> Option<u64> {
            let attachment = self.queue.0.as_mut()?;
            attachment.stamp = stamp.unwrap_or_else(|| attachment.queue.begin());
            Some(attachment.stamp)
        }

        #[inline]
        pub(crate) fn numbers(&self) -> Option<Arc<AtomicU64>> {
            Some(self.queue.0.as_ref()?.queue.numbers())
        }

        pub(crate) fn persistence(&self) -> Persistence {
            let attachment = self.queue.0.as_ref();
            attachment.map_or(Persistence::Memory, |attachment| {
                attachment.queue.persistence()
            })
        }

        pub(crate) fn end(&mut self) {
            self.queue.clear(true);
            self.store.clear(&mut (Log, &self.listeners));
        }

        /// Changes of another process are applied to these parts.
        pub(crate) fn split(&mut self) -> (&mut Store, &Listeners, Option<&mut dyn Queue>) {
            let queue = self
                .queue
                .0
                .as_mut()
                .map(|attachment| &mut *attachment.queue);
            (&mut self.store, &self.listeners, queue)
        }
    }
}

/// Copies the cookies, without listeners.
impl Clone for Shelf {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            listeners: Listeners::default(),
            #[cfg(feature = "persist")]
            queue: queue::Attached::default(),
        }
    }
}
