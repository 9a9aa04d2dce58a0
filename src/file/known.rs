//! What a jar last read from its file or wrote to it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::merge::{Last, Side};
use crate::cookie::Cookie;
use crate::domain;

/// The hashes of what the jar and the file had when they were last compared, by the hash of the cookie's id.
///
/// The hashes are keyed at random, so that a server cannot choose cookies with equal hashes; among 100,000 cookies two
/// ids collide with a probability of 3 in 10^10.
#[derive(Clone, Default)]
pub(super) struct Known {
    hashes: Hashes,
    pub(super) last: HashMap<u64, Last>,
}

#[derive(Clone, Default)]
pub(super) struct Hashes {
    state: RandomState,
    /// Whether the file stores the host-only cookies of a host `foo` under `foo.local`.
    dot_local: bool,
}

impl Hashes {
    pub(super) fn id(&self, cookie: &Cookie) -> u64 {
        let dotless = cookie.domain().strip_suffix(domain::LOCAL);
        match dotless.filter(|host| self.dot_local && domain::is_dotless(host)) {
            Some(host) => self.state.hash_one(cookie.id().under(host)),
            None => self.state.hash_one(cookie.id()),
        }
    }

    fn content(&self, cookie: &Cookie) -> u64 {
        let mut state = self.state.build_hasher();
        cookie.hash_content(&mut state);
        state.finish()
    }

    pub(super) fn side(&self, cookie: &Cookie, is_private: bool) -> (u64, Side) {
        let hash = self.content(cookie);
        let side = if is_private {
            Side::Private(hash)
        } else {
            Side::Shared(hash)
        };
        (self.id(cookie), side)
    }

    pub(super) fn contents(&self, cookies: &[Cookie]) -> HashMap<u64, u64> {
        let both = |cookie: &Cookie| (self.id(cookie), self.content(cookie));
        cookies.iter().map(both).collect()
    }
}

impl Known {
    pub(super) fn hashes(&self, dot_local: bool) -> Hashes {
        Hashes {
            state: self.hashes.state.clone(),
            dot_local,
        }
    }

    /// Cookies that are not in the file are still known, so that each counts as deleted, unless the jar has lost it,
    /// too.
    pub(super) fn note_read(&mut self, cookies: impl IntoIterator<Item = (u64, u64)>, anew: bool) {
        if anew {
            self.last.clear();
        }
        for (id, hash) in cookies {
            let (ours, theirs) = (Side::Shared(hash), Side::Shared(hash));
            self.last.insert(id, Last { ours, theirs });
        }
    }

    pub(super) fn note_all(
        &mut self,
        ours: impl IntoIterator<Item = (u64, Side)>,
        theirs: impl IntoIterator<Item = (u64, Side)>,
    ) {
        self.last.clear();
        for (id, side) in ours {
            self.last.entry(id).or_default().ours = side;
        }
        for (id, side) in theirs {
            self.last.entry(id).or_default().theirs = side;
        }
    }

    pub(super) fn forget(&mut self) {
        self.last.clear();
    }
}
