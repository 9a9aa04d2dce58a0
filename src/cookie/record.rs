//! The crate's view of a cookie.

use std::cmp::{Ordering, Reverse};
use std::hash::{Hash, Hasher};
use std::sync::atomic;

use super::pack::check_name;
use super::packed::{self, Entry, Part};
use super::{Cookie, Flags, NEVER, SendingKey, UNKNOWN, Used, spare};
use crate::rejection::Rejection;
use crate::{domain, path};

impl Cookie {
    #[inline]
    pub(crate) fn name_part(&self) -> Part<'_> {
        let text = &self.text[..self.ends.name as usize];
        Part {
            text,
            latin1: self.flags.has(Flags::NAME_LATIN1),
        }
    }

    #[inline]
    pub(crate) fn value_part(&self) -> Option<Part<'_>> {
        let latin1 = self.flags.has(Flags::VALUE_LATIN1);
        self.flags.has(Flags::HAS_VALUE).then(|| {
            let start = self.ends.name as usize + usize::from(!self.is_nameless());
            let text = &self.text[start..self.ends.value as usize];
            Part { text, latin1 }
        })
    }

    /// Returns the name, the `=` and the value in one piece, as sent in a header, if they are stored as the
    /// bytes received.
    #[inline]
    pub(crate) fn pair(&self) -> Option<&[u8]> {
        (!self.is_latin1()).then(|| &self.text.as_bytes()[..self.ends.value as usize])
    }

    #[inline]
    fn is_latin1(&self) -> bool {
        self.flags.has(Flags::NAME_LATIN1.or(Flags::VALUE_LATIN1))
    }

    #[inline]
    pub(crate) fn path_part(&self) -> Part<'_> {
        let text = &self.text[self.ends.domain as usize..self.ends.path as usize];
        Part {
            text,
            latin1: self.flags.has(Flags::PATH_LATIN1),
        }
    }

    #[inline]
    pub(crate) fn path_octets(&self) -> &[u8] {
        &self.text.as_bytes()[self.ends.domain as usize..self.ends.path as usize]
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = Entry<'_>> {
        packed::entries(&self.packed()[self.ends.path as usize..])
    }

    pub(super) fn find<'a, T>(&'a self, part: impl FnMut(Entry<'a>) -> Option<T>) -> Option<T> {
        self.entries().find_map(part)
    }

    pub(super) fn last_attr(&self, name: &str) -> Option<(Part<'_>, Option<Part<'_>>)> {
        self.entries().rev().find_map(|entry| match entry {
            Entry::Attribute(key, value) if key.text.eq_ignore_ascii_case(name) => {
                Some((key, value))
            }
            _ => None,
        })
    }

    /// Whether a server could mistake this cookie for `stored` (RFC 6265bis, section 5.7, step 16).
    pub(crate) fn overlays(&self, stored: &Self) -> bool {
        let domains = || {
            (
                domain::undotted(self.domain()),
                domain::undotted(stored.domain()),
            )
        };
        let is_within =
            |(ours, theirs)| domain::is_within(ours, theirs) || domain::is_within(theirs, ours);
        self.has_name_of(stored)
            && is_within(domains())
            && path::path_match(&self.path_bytes(), &stored.path_bytes())
            && self.partition_key() == stored.partition_key()
    }

    /// Most names differ in length, which decides at once.
    #[inline]
    pub(super) fn has_name_of(&self, other: &Self) -> bool {
        let name = |cookie: &'_ Self| cookie.flags & Flags::NAME_LATIN1;
        self.ends.name == other.ends.name
            && self.name_octets() == other.name_octets()
            && name(self) == name(other)
    }

    #[inline]
    pub(super) fn has_place_of(&self, other: &Self) -> bool {
        let path = |cookie: &'_ Self| cookie.flags & Flags::PATH_LATIN1;
        self.place_octets() == other.place_octets() && path(self) == path(other)
    }

    /// Two different cookies rarely have equal lengths, and comparing them reads no text (bench `response`).
    #[inline]
    pub(super) fn may_be_namesake_of(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.ends, other.ends);
        ours.name == theirs.name
            && ours.domain - ours.value == theirs.domain - theirs.value
            && ours.path - ours.domain == theirs.path - theirs.domain
    }

    #[inline]
    fn name_octets(&self) -> &[u8] {
        &self.text.as_bytes()[..self.ends.name as usize]
    }

    #[inline]
    fn place_octets(&self) -> &[u8] {
        &self.text.as_bytes()[self.ends.value as usize..self.ends.path as usize]
    }

    pub(super) fn find_partition_key(&self) -> Option<&str> {
        self.find(|entry| {
            if let Entry::Partition(part) = entry {
                Some(part.text)
            } else {
                None
            }
        })
    }

    #[inline]
    pub(crate) fn has_control_octets(&self) -> bool {
        self.flags.has(Flags::CONTROL)
    }

    #[inline]
    pub(crate) fn text_len(&self) -> usize {
        self.text.len()
    }

    #[inline]
    pub(crate) fn is_longer_than(&self, limit: usize) -> bool {
        self.packed().len() > limit && self.packed().len() - self.latin1_excess() > limit
    }

    #[cold]
    fn latin1_excess(&self) -> usize {
        let excess = |part: Part<'_>| part.text.len() - part.byte_len();
        let entries = self.entries().map(|entry| match entry {
            Entry::Comment(part)
            | Entry::CommentUrl(part)
            | Entry::Partition(part)
            | Entry::Port(part) => excess(part),
            Entry::Attribute(key, value) => excess(key) + value.map_or(0, excess),
        });
        let value = self.value_part().map_or(0, excess);
        excess(self.name_part()) + value + excess(self.path_part()) + entries.sum::<usize>()
    }

    #[inline]
    pub(crate) fn pair_len(&self) -> usize {
        if self.is_latin1() {
            self.latin1_pair_len()
        } else {
            self.ends.value as usize
        }
    }

    fn latin1_pair_len(&self) -> usize {
        let value = self.value_part().map_or(0, Part::byte_len);
        self.name_part().byte_len() + usize::from(self.has_equals()) + value
    }

    pub(crate) fn name_and_value_len(&self) -> usize {
        self.pair_len() - usize::from(self.has_equals())
    }

    fn has_equals(&self) -> bool {
        self.flags.has(Flags::HAS_VALUE) && !self.is_nameless()
    }

    #[inline]
    pub(crate) fn is_nameless(&self) -> bool {
        self.ends.name == 0
    }

    pub(crate) fn expires_seconds(&self) -> Option<i64> {
        (self.expires != NEVER).then_some(self.expires)
    }

    #[inline]
    pub(crate) fn expiry_key(&self) -> i64 {
        self.expires
    }

    pub(crate) fn created_seconds(&self) -> Option<i64> {
        (self.created != UNKNOWN).then_some(self.created)
    }

    #[inline]
    pub(crate) fn is_expired_at(&self, now: i64) -> bool {
        self.expires != NEVER && self.expires <= now
    }

    pub(crate) fn cap_expiry(&mut self, latest: i64) {
        if self.expires != NEVER {
            self.expires = self.expires.min(latest);
        }
    }

    pub(crate) fn creation_key(&self) -> (i64, u64) {
        (self.created, self.sequence)
    }

    /// The order of sending (RFC 6265, section 5.4).
    #[inline]
    pub(crate) fn sending_key(&self) -> SendingKey {
        (
            Reverse(self.ends.path - self.ends.domain),
            self.created,
            self.sequence,
        )
    }

    /// Two processes may assign equal numbers; then the ids decide, the same way in every process.
    #[inline]
    pub(crate) fn cmp_sending(&self, other: &Self) -> Ordering {
        match self.sending_key().cmp(&other.sending_key()) {
            Ordering::Equal => self.cmp_ids(other),
            by_key => by_key,
        }
    }

    #[cold]
    fn cmp_ids(&self, other: &Self) -> Ordering {
        self.id().cmp(&other.id())
    }

    pub(crate) fn stamp_creation(&mut self, now: i64, sequence: u64) {
        if self.created == UNKNOWN {
            self.created = now;
        }
        self.sequence = sequence;
    }

    pub(crate) fn take_next_place(&mut self) {
        self.sequence = self.sequence.wrapping_add(1);
    }

    #[cfg(feature = "persist")]
    pub(crate) fn cap_place(&mut self, latest: u64) {
        self.sequence = self.sequence.min(latest);
    }

    /// Leaves out the padding of the block.
    #[inline]
    pub(super) fn packed(&self) -> &str {
        &self.text[..self.ends.text as usize]
    }

    #[inline]
    pub(crate) fn fit(&mut self) {
        if self.text.len() > self.ends.text as usize {
            let text = self.packed().into();
            spare::keep(std::mem::replace(&mut self.text, text));
        }
    }

    pub(crate) fn recycle(self) {
        spare::keep(self.text);
    }

    #[inline]
    pub(crate) fn overwrite_with(&mut self, cookie: Self) -> Self {
        let mut cookie = cookie;
        cookie.stand_in_for(self);
        std::mem::replace(self, cookie)
    }

    #[inline]
    pub(crate) fn stand_in_for(&mut self, other: &Self) {
        self.created = other.created;
        self.sequence = other.sequence;
        self.last_access = other.last_access_seconds().into();
    }

    #[inline]
    pub(crate) fn last_access_seconds(&self) -> u32 {
        self.last_access.load(atomic::Ordering::Relaxed)
    }

    /// The order of last use. Times are whole seconds; among equals, cookies never sent come first, then the older
    /// ones.
    #[inline]
    pub(crate) fn used(&self) -> Used {
        match self.last_access_seconds() {
            0 => (self.created, false, self.creation_key()),
            seconds => (i64::from(seconds), true, self.creation_key()),
        }
    }

    /// The store is relaxed, because the time affects only the order of eviction. It is written at most once a second,
    /// so that look-ups that change nothing share the memory between threads (benches `domains`, `threads`).
    #[inline]
    pub(crate) fn note_access(&self, now: i64) {
        let seconds = u32::try_from(now.max(0)).unwrap_or(u32::MAX);
        if self.last_access_seconds() != seconds {
            self.last_access.store(seconds, atomic::Ordering::Relaxed);
        }
    }

    /// CPython: `_process_rfc2109_cookies`. The name must be valid in the resulting version.
    #[inline]
    pub(crate) fn mark_rfc2109(&mut self, as_netscape: bool) -> Result<(), Rejection> {
        if self.version == 0 {
            return Ok(());
        }
        if self.version == 1 {
            self.flags.set(Flags::RFC2109, true);
            self.version = u32::from(!as_netscape);
        }
        check_name(&self.name_part().bytes(), self.version)
    }

    /// Hashes everything that makes cookies equal except the time of creation.
    pub(crate) fn hash_content(&self, state: &mut impl Hasher) {
        let Self {
            text: _,
            ends,
            expires,
            version,
            flags,
            created: _,
            sequence: _,
            last_access: _,
        } = self;
        (self.packed(), ends, expires, version, flags).hash(state);
    }

    pub(crate) fn note_path_specified(&mut self, yes: bool) {
        self.flags.set(Flags::PATH_SPECIFIED, yes);
    }
}
