//! The sessions in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::attached::Attached;
use crate::shared::SharedCookieJar;

/// The jars in memory, without what keeps the database open.
#[derive(Default)]
pub(super) struct Table(Mutex<HashMap<Arc<str>, Session>>);

#[derive(Clone)]
pub(super) struct Session {
    pub(super) jar: SharedCookieJar,
    pub(super) attached: Arc<Attached>,
    /// When its jar was last asked for, in seconds since the epoch.
    pub(super) last_used: i64,
}

impl Table {
    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
