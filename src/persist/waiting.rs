//! The pending changes of a session, by the ids of their cookies.
//!
//! An identity is encoded when its entry is sent, not when it is queued: queueing a cookie copies it, and allocates
//! nothing else.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::OccupiedEntry;

use super::engine::{Stamp, Version, WriterId};
use super::part::Change;
use super::record;
use crate::cookie::{Cookie, CookieId};

#[derive(Debug, Default)]
pub(super) struct Entries {
    table: HashTable<Waiting>,
    hasher: RandomState,
}

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) content: Content,
    pub(super) stamp: Stamp,
    /// The connection that first sent it, or the default before that.
    pub(super) writer: WriterId,
    pub(super) written: Option<Version>,
}

#[derive(Debug)]
pub(super) enum Content {
    Set(Arc<Cookie>),
    Deleted(Arc<[u8]>),
}

impl Entries {
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.table.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Waiting> {
        self.table.iter_mut()
    }

    pub(super) fn retain(&mut self, stays: impl FnMut(&mut Waiting) -> bool) {
        self.table.retain(stays);
    }

    pub(super) fn clear(&mut self) {
        self.table.clear();
    }

    /// A session without pending changes needs no memory for them.
    pub(super) fn take_if(&mut self, goes: impl FnMut(&mut Waiting) -> bool) -> Vec<Change> {
        let gone = self.table.extract_if(goes);
        let gone = gone.map(|waiting| waiting.to_change()).collect();
        if self.table.is_empty() {
            self.table = HashTable::new();
        }
        gone
    }

    pub(super) fn set(&mut self, cookie: &Cookie, stamp: Stamp) {
        let id = cookie.id();
        let hash = self.hasher.hash_one(&id);
        let known = self.table.find_mut(hash, |waiting| waiting.is(&id));
        let Some(waiting) = known else {
            let content = Content::Set(Arc::new(cookie.clone()));
            return self.insert(hash, Waiting::new(content, stamp));
        };
        let known = match &mut waiting.content {
            Content::Set(known) => Arc::get_mut(known),
            Content::Deleted(_) => None,
        };
        match known {
            // Its memory is reused, unless a batch has it.
            Some(known) => known.clone_from(cookie),
            None => waiting.content = Content::Set(Arc::new(cookie.clone())),
        }
        waiting.renew(stamp);
    }

    pub(super) fn put(&mut self, content: Content, stamp: Stamp) {
        let Some(id) = content.id() else {
            return;
        };
        let hash = self.hasher.hash_one(&id);
        if let Ok(known) = self.table.find_entry(hash, |waiting| waiting.is(&id)) {
            known.remove();
        }
        self.insert(hash, Waiting::new(content, stamp));
    }

    fn insert(&mut self, hash: u64, waiting: Waiting) {
        let hasher = &self.hasher;
        self.table
            .insert_unique(hash, waiting, |waiting| waiting.hash(hasher));
    }

    pub(super) fn find(&self, identity: &[u8]) -> Option<&Waiting> {
        let id = record::parse(identity)?;
        self.find_id(&id)
    }

    fn find_id(&self, id: &CookieId<'_>) -> Option<&Waiting> {
        let hash = self.hasher.hash_one(id);
        self.table.find(hash, |waiting| waiting.is(id))
    }

    pub(super) fn find_mut(&mut self, identity: &[u8], stamp: Stamp) -> Option<&mut Waiting> {
        let id = record::parse(identity)?;
        let hash = self.hasher.hash_one(&id);
        let is_it = |waiting: &Waiting| waiting.stamp == stamp && waiting.is(&id);
        self.table.find_mut(hash, is_it)
    }

    pub(super) fn has(&self, content: &Content) -> bool {
        let id = content.id();
        id.is_none_or(|id| self.find_id(&id).is_some())
    }

    pub(super) fn remove_if(&mut self, identity: &[u8], goes: impl Fn(&Waiting) -> bool) -> bool {
        let Some(id) = record::parse(identity) else {
            return false;
        };
        let hash = self.hasher.hash_one(&id);
        let is_it = |waiting: &Waiting| waiting.is(&id) && goes(waiting);
        let found = self.table.find_entry(hash, is_it);
        found.map(OccupiedEntry::remove).is_ok()
    }
}

impl Waiting {
    fn new(content: Content, stamp: Stamp) -> Self {
        Self {
            content,
            stamp,
            writer: WriterId::default(),
            written: None,
        }
    }

    fn renew(&mut self, stamp: Stamp) {
        self.stamp = stamp;
        self.writer = WriterId::default();
        self.written = None;
    }

    pub(super) fn key(&self) -> (Stamp, WriterId) {
        (self.stamp, self.writer)
    }

    fn is(&self, id: &CookieId<'_>) -> bool {
        self.content.id().as_ref() == Some(id)
    }

    fn hash(&self, hasher: &RandomState) -> u64 {
        let id = self.content.id();
        id.map_or(0, |id| hasher.hash_one(id))
    }

    pub(super) fn identity(&self) -> Arc<[u8]> {
        match &self.content {
            Content::Set(cookie) => record::identity(cookie),
            Content::Deleted(identity) => Arc::clone(identity),
        }
    }

    pub(super) fn to_change(&self) -> Change {
        Change {
            identity: self.identity(),
            stamp: self.stamp,
            writer: self.writer,
            cookie: match &self.content {
                Content::Set(cookie) => Some(Arc::clone(cookie)),
                Content::Deleted(_) => None,
            },
        }
    }
}

impl Content {
    #[inline]
    fn id(&self) -> Option<CookieId<'_>> {
        match self {
            Self::Set(cookie) => Some(cookie.id()),
            Self::Deleted(identity) => record::parse(identity),
        }
    }
}
