//! A queue of the changes in all sessions.

use std::num::NonZeroUsize;

use super::key::Named;
use super::{PersistentCookieSessions, SessionKey};
use crate::jar::{Listener, queue};
use crate::sessions::{SessionChange, SessionChanges};

impl<K: SessionKey> PersistentCookieSessions<K> {
    /// Returns a queue of the changes in all sessions in memory, each with the key of its session; see
    /// [`CookieSessions::changes`](crate::CookieSessions::changes).
    ///
    /// Changes of other processes are [remote](crate::jar::ChangeOrigin::Remote), and so are the cookies of a session when it
    /// is loaded.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// use cookiejar::jar::Heard;
    /// use cookiejar::persist::{PersistOptions, PersistentCookieSessions};
    /// use cookiejar::testing::MemoryEngine;
    /// use url::Url;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let url = Url::parse("https://acme.com/")?;
    /// let sessions = PersistentCookieSessions::open(MemoryEngine::new(), PersistOptions::new())?;
    /// let mut changes = sessions.changes(NonZeroUsize::new(100).expect("not zero"));
    /// sessions.process_response(&7, &[("Set-Cookie", "sid=31d4")], &url)?;
    ///
    /// let Some(Heard::Change(heard)) = changes.try_next() else { panic!("no change") };
    /// assert_eq!((heard.key, heard.change.cookie.value()), (Some(7), Some("31d4")));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn changes(&self, capacity: NonZeroUsize) -> SessionChanges<K> {
        let (sender, changes) = queue(capacity);
        self.table.lock().listen(Box::new(move |name| {
            if sender.is_abandoned() {
                return None;
            }
            let key = match Named::parse(name) {
                Named::Key(key) => Some(key),
                Named::Unnamed | Named::Foreign => None,
            };
            let wrap = move |change| SessionChange {
                key: key.clone(),
                change,
            };
            Some(Listener::Queue(sender.clone().listener(wrap)))
        }));
        changes
    }
}
