//! The sessions in memory, and the listeners for their changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::jar::{Listener, Listeners};
use crate::shared::SharedCookieJar;

/// How often a session in use is recorded, in seconds.
const TOUCH_EVERY: i64 = 60 * 60;

#[derive(Default)]
pub(super) struct Table(Mutex<Sessions>);

#[derive(Default)]
pub(super) struct Sessions {
    pub(super) by_name: HashMap<Arc<str>, Session>,
    listeners: Vec<NamedListener>,
}

pub(super) type NamedListener = Box<dyn Fn(&str) -> Option<Listener> + Send>;

#[derive(Clone)]
pub(super) struct Session {
    pub(super) jar: SharedCookieJar,
    /// When its jar was last requested, in seconds since the epoch.
    pub(super) last_used: i64,
    /// When the database last recorded that it is in use.
    touched: i64,
}

impl Table {
    pub(super) fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The jars' locks are taken without the table's: a sink may wait for that.
    pub(super) fn listen(&self, listener: NamedListener) {
        let mut sessions = self.lock();
        let by_name = sessions.by_name.iter();
        let jars = by_name.map(|(name, session)| (listener(name), session.jar.clone()));
        let jars: Vec<_> = jars.collect();
        sessions.listeners.retain(|other| other("").is_some());
        sessions.listeners.push(listener);
        drop(sessions);
        for (listener, jar) in jars {
            if let Some(listener) = listener {
                jar.listen(listener);
            }
        }
    }

    pub(super) fn due(&self, now: i64) -> Vec<Arc<str>> {
        let mut sessions = self.lock();
        let due = sessions.by_name.iter_mut().filter_map(|(name, session)| {
            (session.is_used() && session.is_due(now)).then(|| Arc::clone(name))
        });
        due.collect()
    }
}

impl Sessions {
    pub(super) fn listeners(&self, name: &str) -> Listeners {
        let mut listeners = Listeners::default();
        for listener in self.listeners.iter().filter_map(|listener| listener(name)) {
            listeners.add(listener);
        }
        listeners
    }
}

impl Session {
    pub(super) fn new(jar: SharedCookieJar, now: i64) -> Self {
        Self {
            jar,
            last_used: now,
            touched: i64::MIN,
        }
    }

    /// Whether its jar is held, or was requested since that was recorded. Loading it is no use.
    fn is_used(&self) -> bool {
        let is_requested = self.touched > i64::MIN && self.last_used > self.touched;
        is_requested || self.is_held()
    }

    pub(super) fn is_held(&self) -> bool {
        self.jar.holders() > 2
    }

    pub(super) fn is_due(&mut self, now: i64) -> bool {
        let is_due = now >= self.touched.saturating_add(TOUCH_EVERY);
        if is_due {
            self.touched = now;
        }
        is_due
    }
}
