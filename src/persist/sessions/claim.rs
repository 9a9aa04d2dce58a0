//! Claims, so that one process logs in and the others wait for its cookies.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::PersistError;
use super::super::claims::{Held, PATIENCE};
use super::super::database::Handle;
use super::super::engine::EngineError;
use super::super::wait::Eventually;
use super::{PersistentCookieSessions, SessionKey, name_of};

impl<K: SessionKey> PersistentCookieSessions<K> {
    /// Claims a session for at most `for_at_most`: a future, or [`wait`](Eventually::wait). Returns `None` if it is
    /// claimed already, by another process or by another call of this one.
    ///
    /// When the claim is granted, the session is in memory, with all cookies that the last owner stored before it
    /// released the claim. So a program looks for its cookie, claims, looks again, logs in, and releases; who gets no
    /// claim waits with [`wait_for`](Self::wait_for).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cookiejar::persist::{PersistError, PersistOptions, PersistentCookieSessions};
    /// use cookiejar::testing::MemoryEngine;
    /// use cookiejar::SharedCookieJar;
    /// use url::Url;
    ///
    /// const A_MINUTE: Duration = Duration::from_secs(60);
    ///
    /// /// Returns the jar of a session that is logged in.
    /// fn logged_in(
    ///     sessions: &PersistentCookieSessions<u32>,
    ///     key: u32,
    ///     url: &Url,
    ///     log_in: impl Fn(&SharedCookieJar),
    /// ) -> Result<SharedCookieJar, PersistError> {
    ///     let jar = sessions.jar(&key).wait()?;
    ///     while jar.cookie_header(url).is_none() {
    ///         if let Some(claim) = sessions.claim(&key, A_MINUTE).wait()? {
    ///             if jar.cookie_header(url).is_none() {
    ///                 log_in(&jar);
    ///             }
    ///             claim.release();
    ///         } else {
    ///             let url = url.clone();
    ///             let is_logged_in = move |jar: &SharedCookieJar| jar.cookie_header(&url).is_some();
    ///             sessions.wait_for(&key, is_logged_in, A_MINUTE).wait()?;
    ///         }
    ///     }
    ///     Ok(jar)
    /// }
    ///
    /// # let url = Url::parse("https://acme.com/")?;
    /// # let engine = MemoryEngine::new();
    /// # let open = || PersistentCookieSessions::open(engine.clone(), PersistOptions::new());
    /// # let (one, other) = (open()?, open()?);
    /// # let log_in = |jar: &SharedCookieJar| {
    /// #     jar.extract_cookies(&[("Set-Cookie", "sid=31d4")], &url);
    /// # };
    /// logged_in(&one, 7, &url, log_in)?;
    /// # let log_in = |_: &SharedCookieJar| panic!("there is a cookie");
    /// logged_in(&other, 7, &url, log_in)?; // in another process: with the same cookie
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// `for_at_most` is capped to 1 millisecond and 366 days. A claim whose process ends without releasing it lapses
    /// after that time. A server that fails over to another may lose a claim, and grant it to
    /// two: what must not be done twice needs the [token](Claim::token).
    ///
    /// # Errors
    ///
    /// - [`PersistError::NoClaims`]: the engine has no claims
    /// - [`PersistError::Engine`]: the database cannot be reached, or did not answer within 15 seconds
    /// - those of [`jar`](Self::jar)
    pub fn claim<'k>(
        &self,
        key: impl Into<Option<&'k K>>,
        for_at_most: Duration,
    ) -> Eventually<Result<Option<Claim>, PersistError>>
    where
        K: 'k,
    {
        let database = Arc::clone(self.database());
        let begun = name_of(key.into()).and_then(|name| Ok((self.begin(&name)?, name)));
        let (session, name) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                let mut error = Some(error);
                return Eventually::new(&database.signal, move || error.take().map(Err));
            }
        };
        let held = Arc::new(Held::new(&database, name, session.jar));
        let mut question = held.ask(for_at_most);
        let end = Instant::now() + PATIENCE;
        database.wake_soon_after(end);
        let failures = database.failures();
        let mut claim = Some(Claim {
            held,
            handle: Arc::clone(&self.handle),
        });
        let of_waiter = Arc::clone(&database);
        let looking = Eventually::new(&database.signal, move || {
            if let Err(error) = of_waiter.check() {
                return Some(Err(error));
            }
            match claim.as_ref()?.held.begin(&mut question) {
                Some(Ok(is_granted)) => Some(Ok(claim.take().filter(|_| is_granted))),
                Some(Err(error)) => Some(Err(error)),
                None if of_waiter.failures() > failures => Some(Err(of_waiter.error())),
                None => (Instant::now() >= end).then(|| Err(too_late())),
            }
        });
        looking.until(Some(end))
    }
}

fn too_late() -> PersistError {
    EngineError::unavailable("the database did not answer in time").into()
}

/// A session that is claimed, until it is released or dropped; see [`claim`](PersistentCookieSessions::claim).
///
/// It keeps the database open. Its release is stored in one transaction with the cookies that were set before.
#[must_use = "dropping a claim releases it"]
pub struct Claim {
    held: Arc<Held>,
    handle: Arc<Handle>,
}

impl Claim {
    /// Returns the fencing token: greater than those of all earlier claims of the namespace, and below 2^53.
    ///
    /// A process may continue after its claim has lapsed. A service that rejects tokens below the greatest that it was
    /// sent is safe from that.
    #[must_use]
    pub fn token(&self) -> u64 {
        self.held.token()
    }

    /// Returns whether the claim is still held: its time is not over, and the database was not restarted since. In the
    /// second case, [`renew`](Self::renew) finds out.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.is_held()
    }

    /// Holds the claim for at most `for_at_most` from now: a future, or [`wait`](Eventually::wait). Returns `false` if
    /// the claim has lapsed; then another may have been granted it.
    ///
    /// # Errors
    ///
    /// [`PersistError::Engine`], [`PersistError::Closed`], [`PersistError::Forked`]. The claim then lapses when its time
    /// is over, unless it was renewed nevertheless.
    pub fn renew(&self, for_at_most: Duration) -> Eventually<Result<bool, PersistError>> {
        let database = Arc::clone(&self.handle.database);
        let (held, question) = (Arc::downgrade(&self.held), self.held.ask(for_at_most));
        let end = Instant::now() + PATIENCE;
        database.wake_soon_after(end);
        let of_waiter = Arc::clone(&database);
        let looking = Eventually::new(&database.signal, move || {
            if let Err(error) = of_waiter.check() {
                return Some(Err(error));
            }
            let Some(held) = held.upgrade() else {
                return Some(Ok(false));
            };
            let is_over = Instant::now() >= end;
            let renewed = held.renew(&question);
            renewed.or_else(|| is_over.then(|| Err(too_late())))
        });
        looking.until(Some(end))
    }

    /// Releases the claim, as dropping it does: others are granted it when the changes of the session are stored.
    pub fn release(self) {}
}

/// The handle is dropped after that: the last one waits until the release is stored.
impl Drop for Claim {
    fn drop(&mut self) {
        self.held.end();
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("token", &self.token())
            .finish_non_exhaustive()
    }
}
