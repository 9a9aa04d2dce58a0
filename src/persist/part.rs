//! The part of a batch for one session: its changes, or a note that the session is in use.

use std::sync::Arc;

use super::engine::{ClaimOwner, Stamp, WriterId};
use crate::cookie::Cookie;

#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) session: Arc<str>,
    pub(crate) cleared: Option<Stamp>,
    pub(crate) ended: bool,
    pub(crate) entries: Vec<Change>,
    pub(crate) released: Option<ClaimOwner>,
    pub(crate) is_orphan: bool,
    /// See [`Pending`](super::pending::Pending).
    pub(crate) losses: u32,
}

impl Part {
    pub(crate) fn touch(session: Arc<str>) -> Self {
        Self {
            session,
            cleared: None,
            ended: false,
            entries: Vec::new(),
            released: None,
            is_orphan: false,
            losses: 0,
        }
    }

    pub(crate) fn is_touch(&self) -> bool {
        self.is_empty() && self.released.is_none()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cleared.is_none() && self.entries.is_empty()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) identity: Arc<[u8]>,
    pub(crate) stamp: Stamp,
    pub(crate) writer: WriterId,
    pub(crate) cookie: Option<Arc<Cookie>>,
}
