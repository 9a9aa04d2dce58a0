//! Listening to the changes of all sessions.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::CookieSessions;
use super::table::KeyedListener;
use crate::jar::{ChangeSink, Changes, CookieChange, Listener, queue};

/// A change in the jar of a session; see [`CookieSessions::changes`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionChange<K> {
    /// The key of the session, or `None` for the session without a key.
    pub key: Option<K>,
    /// The change.
    pub change: CookieChange<'static>,
}

/// The changes of all sessions, for another thread or task to read; created by [`CookieSessions::changes`].
pub type SessionChanges<K> = Changes<SessionChange<K>>;

/// Listening.
impl<K> CookieSessions<K> {
    /// Adds a sink that is called for every change in the jar of any existing or future session; see
    /// [`ChangeSink`].
    ///
    /// The sink does not receive the key of the session; [`changes`](Self::changes) includes it. It must not use the
    /// jar of any session.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// use cookiejar::CookieSessions;
    /// use cookiejar::jar::CookieChange;
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/")?;
    /// let sessions = CookieSessions::new();
    /// let changes = Arc::new(AtomicUsize::new(0));
    /// sessions.add_change_sink(Arc::new({
    ///     let changes = Arc::clone(&changes);
    ///     move |_: &CookieChange<'_>| _ = changes.fetch_add(1, Ordering::Relaxed)
    /// }));
    /// sessions.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
    /// sessions.process_response(&"bert", &[("Set-Cookie", "sid=77aa")], &url);
    /// assert_eq!(changes.load(Ordering::Relaxed), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_change_sink(&self, sink: Arc<dyn ChangeSink>) {
        let _replacing = self.replace();
        let listener = Listener::Sink(sink);
        for jar in self.inner.table.listen(&listener) {
            jar.listen(listener.clone());
        }
    }
}

impl<K: Eq + Hash + Clone + Send + Sync + 'static> CookieSessions<K> {
    /// Returns a queue of the changes in the jars of all sessions from now on, future sessions included, each
    /// with the key of its session. The queue holds `capacity` changes; see [`Changes`].
    ///
    /// The changes of one session arrive in order. The end of a session is not a change: its jar keeps its cookies, and
    /// its changes are still queued. The queue ends when all sessions and their jars have been dropped.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// use cookiejar::CookieSessions;
    /// use cookiejar::jar::Heard;
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/")?;
    /// let sessions = CookieSessions::new();
    /// let mut changes = sessions.changes(NonZeroUsize::new(100).expect("not zero"));
    /// sessions.process_response(&"anna", &[("Set-Cookie", "sid=31d4")], &url);
    ///
    /// let Some(Heard::Change(heard)) = changes.try_next() else { panic!("no change") };
    /// assert_eq!((heard.key, heard.change.cookie.value()), (Some("anna"), Some("31d4")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn changes(&self, capacity: NonZeroUsize) -> SessionChanges<K> {
        let (sender, changes) = queue(capacity);
        let listener: KeyedListener<K> = Arc::new(move |key| {
            let key = key.cloned();
            let wrap = move |change| SessionChange {
                key: key.clone(),
                change,
            };
            let is_read = !sender.is_abandoned();
            is_read.then(|| Listener::Queue(sender.clone().listener(wrap)))
        });
        let _replacing = self.replace();
        for (key, jar) in self.inner.table.listen_keyed(&listener) {
            if let Some(listener) = listener(key.as_ref()) {
                jar.listen(listener);
            }
        }
        changes
    }
}
