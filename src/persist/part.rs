//! The part of a batch for one session: its changes, or a note that the session is in use.

use std::sync::Arc;

use super::engine::{Stamp, WriterId};
use crate::cookie::Cookie;

/// What a batch changes in one session.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) session: Arc<str>,
    pub(crate) cleared: Option<Stamp>,
    pub(crate) ended: bool,
    pub(crate) entries: Vec<Change>,
    /// Whether the session was not in memory when this part was queued again.
    pub(crate) is_orphan: bool,
}

impl Part {
    /// Creates a note that a session is in use, without changes.
    pub(crate) fn touch(session: Arc<str>) -> Self {
        Self {
            session,
            cleared: None,
            ended: false,
            entries: Vec::new(),
            is_orphan: false,
        }
    }

    pub(crate) fn is_touch(&self) -> bool {
        self.cleared.is_none() && self.entries.is_empty()
    }
}

/// A cookie that was set or deleted, with its stamp and writer.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) identity: Arc<[u8]>,
    pub(crate) stamp: Stamp,
    pub(crate) writer: WriterId,
    pub(crate) cookie: Option<Arc<Cookie>>,
}
