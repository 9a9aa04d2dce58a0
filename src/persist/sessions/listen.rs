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
    /// Changes of other processes, and the cookies of a session when it is loaded, are
    /// [remote](crate::jar::ChangeOrigin::Remote).
    #[must_use]
    pub fn changes(&self, capacity: NonZeroUsize) -> SessionChanges<K> {
        let (sender, changes) = queue(capacity);
        self.table.listen(Box::new(move |name| {
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
