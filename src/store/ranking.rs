//! Ranks the sites for eviction, only if the whole jar has a limit.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::evict::{Rank, rank};
use crate::cookie::Used;

/// The sites in the order of their rank; see [`Rank`].
///
/// The count of a site is always exact; its last use may be later than recorded.
#[derive(Debug, Clone)]
pub(super) struct SiteRanking {
    order: BTreeSet<(Rank, Arc<str>)>,
    sites: HashMap<Arc<str>, (usize, Used), RandomState>,
    small: usize,
}

impl SiteRanking {
    /// Earlier than every use: the site has lost cookies since its last use was determined.
    pub(super) const UNKNOWN: Used = (i64::MIN, false, (i64::MIN, 0));

    pub(super) fn new(
        small: usize,
        sites: impl ExactSizeIterator<Item = (Arc<str>, usize, Used)>,
    ) -> Self {
        let mut order = Vec::with_capacity(sites.len());
        let mut known = HashMap::with_capacity_and_hasher(sites.len(), RandomState::default());
        for (name, cookies, used) in sites {
            order.push((rank(cookies, used, small), Arc::clone(&name)));
            known.insert(name, (cookies, used));
        }
        Self {
            // Collecting sorts first, and then builds the tree in one pass.
            order: order.into_iter().collect(),
            sites: known,
            small,
        }
    }

    pub(super) fn small(&self) -> usize {
        self.small
    }

    pub(super) fn grown(&mut self, site: &str, cookies: usize, used: Used) {
        self.set(site, |(_, before)| (cookies, before.max(used)));
    }

    pub(super) fn shrunk(&mut self, site: &str, cookies: usize) {
        self.set(site, |_| (cookies, Self::UNKNOWN));
    }

    pub(super) fn used(&mut self, site: &str, used: Used) {
        self.set(site, |(cookies, _)| (cookies, used));
    }

    pub(super) fn first(&self) -> Option<(Rank, Arc<str>)> {
        self.order.last().cloned()
    }

    pub(super) fn second_fullness(&self) -> usize {
        let second = self.order.iter().nth_back(1);
        second.map_or(0, |((fullness, _), _)| *fullness)
    }

    fn set(&mut self, site: &str, change: impl FnOnce((usize, Used)) -> (usize, Used)) {
        let (name, old) = match self.sites.get_key_value(site) {
            Some((name, known)) => (Arc::clone(name), *known),
            None => (site.into(), (0, Self::UNKNOWN)),
        };
        let new = change(old);
        let place = (rank(old.0, old.1, self.small), name);
        self.order.remove(&place);
        let (_, name) = place;
        if new.0 == 0 {
            self.sites.remove(site);
            if self.sites.len() * 8 < self.sites.capacity() {
                self.sites.shrink_to(self.sites.len() * 2);
            }
            return;
        }
        match self.sites.get_mut(site) {
            Some(known) => *known = new,
            None => {
                self.sites.insert(Arc::clone(&name), new);
            }
        }
        self.order.insert((rank(new.0, new.1, self.small), name));
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/ranking.rs"]
mod tests;
