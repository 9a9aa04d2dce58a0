//! Waiting for a change of another process.

use std::time::{Duration, Instant};

use super::super::PersistError;
use super::super::wait::Eventually;
use super::{PersistentCookieSessions, SessionKey};
use crate::shared::SharedCookieJar;

impl<K: SessionKey> PersistentCookieSessions<K> {
    /// Waits until `is_so` returns `true` for the jar of a session: a future, or [`wait`](Eventually::wait). Returns the jar, or
    /// `None` after `at_most`.
    ///
    /// It calls `is_so` when the session is loaded, and again whenever changes were read or written.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
    /// use cookiejar::testing::MemoryEngine;
    /// use url::Url;
    ///
    /// let url = Url::parse("https://acme.com/")?;
    /// let engine = MemoryEngine::new();
    /// let open = || PersistentCookieSessions::open(engine.clone(), PersistOptions::new());
    /// let (one, other) = (open()?, open()?); // two processes
    /// let page = url.clone();
    /// let is_logged_in = other.wait_for(
    ///     &7,
    ///     move |jar| jar.cookie_header(&page).is_some(),
    ///     Duration::from_secs(30),
    /// );
    /// one.process_response(&7, &[("Set-Cookie", "sid=31d4")], &url)?;
    /// let jar = is_logged_in.wait()?.expect("the other process logs in");
    /// assert_eq!(jar.cookie_header(&url).expect("a cookie"), "sid=31d4");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`jar`](Self::jar).
    pub fn wait_for<'k>(
        &self,
        key: impl Into<Option<&'k K>>,
        mut is_so: impl FnMut(&SharedCookieJar) -> bool + Send + 'static,
        at_most: Duration,
    ) -> Eventually<Result<Option<SharedCookieJar>, PersistError>>
    where
        K: 'k,
    {
        let database = self.database();
        let end = Instant::now().checked_add(at_most);
        if let Some(end) = end {
            database.wake_at(end);
        }
        let mut loading = self.jar(key);
        let mut loaded = None;
        let of_database = std::sync::Arc::clone(database);
        let looking = Eventually::new(&database.signal, move || {
            if loaded.is_none() {
                match loading.look() {
                    Some(Ok(jar)) => loaded = Some(jar),
                    Some(Err(error)) => return Some(Err(error)),
                    None => {}
                }
            }
            if let Some(jar) = &loaded
                && is_so(jar)
            {
                return Some(Ok(loaded.take()));
            }
            if let Err(error) = of_database.check() {
                return Some(Err(error));
            }
            let is_over = end.is_some_and(|end| Instant::now() >= end);
            is_over.then_some(Ok(None))
        });
        looking.until(end)
    }
}
