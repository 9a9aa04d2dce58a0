//! Which site loses a cookie first. Kept only if there is a limit on all sites together.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::evict::{Rank, rank};
use crate::cookie::Used;

/// The sites, ordered by [`Rank`].
///
/// The number of cookies of a site is exact; its last use may be later than recorded.
#[derive(Debug, Clone)]
pub(super) struct SiteRanking {
    order: BTreeSet<(Rank, Arc<str>)>,
    sites: HashMap<Arc<str>, (usize, Used), RandomState>,
    small: usize,
}

impl SiteRanking {
    /// Earlier than every use: the site has lost cookies since it was last examined.
    pub(super) const UNKNOWN: Used = (i64::MIN, false, (i64::MIN, 0));

    /// Ranks sites, each given by its name, its number of cookies and its latest use.
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
            // `collect` sorts first and then builds the tree in one go.
            order: order.into_iter().collect(),
            sites: known,
            small,
        }
    }

    /// The size up to which sites count as equally full.
    pub(super) fn small(&self) -> usize {
        self.small
    }

    /// Records that `site` gained a cookie with this use and now has `cookies`.
    pub(super) fn grown(&mut self, site: &str, cookies: usize, used: Used) {
        self.set(site, |(_, before)| (cookies, before.max(used)));
    }

    /// Records that `site` lost cookies, perhaps the one used last, and now has `cookies`.
    pub(super) fn shrunk(&mut self, site: &str, cookies: usize) {
        self.set(site, |_| (cookies, Self::UNKNOWN));
    }

    /// Records when a site was last used.
    pub(super) fn used(&mut self, site: &str, used: Used) {
        self.set(site, |(cookies, _)| (cookies, used));
    }

    /// The site with the highest recorded rank.
    pub(super) fn first(&self) -> Option<(Rank, Arc<str>)> {
        self.order.last().cloned()
    }

    /// The fullness of the site that ranks second.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: i64) -> Used {
        (time, false, (time, 0))
    }

    fn first(ranking: &SiteRanking) -> Option<(String, usize)> {
        let (_, site) = ranking.first()?;
        Some((site.to_string(), ranking.sites[&site].0))
    }

    #[test]
    fn the_fullest_comes_first_and_among_equals_the_one_that_was_not_used() {
        let mut ranking = SiteRanking::new(1, [("a".into(), 1, at(10))].into_iter());
        for (site, cookies, now) in [("a", 2, 20), ("b", 1, 30), ("b", 2, 40)] {
            ranking.grown(site, cookies, at(now));
        }
        assert_eq!(first(&ranking), Some(("a".to_owned(), 2)));
        assert_eq!(ranking.second_fullness(), 2);
        ranking.used("a", at(50));
        assert_eq!(first(&ranking), Some(("b".to_owned(), 2)));
        ranking.shrunk("b", 1);
        assert_eq!(first(&ranking), Some(("a".to_owned(), 2)));
        assert_eq!(ranking.second_fullness(), 1);
        ranking.shrunk("a", 0);
        ranking.shrunk("b", 0);
        assert_eq!(first(&ranking), None);
        assert!(ranking.sites.is_empty() && ranking.order.is_empty());
    }

    #[test]
    fn small_sites_are_equally_full_and_a_use_that_is_older_changes_nothing() {
        let sites = [("a".into(), 3, at(30)), ("b".into(), 1, at(20))];
        let mut ranking = SiteRanking::new(3, sites.into_iter());
        assert_eq!(first(&ranking), Some(("b".to_owned(), 1)));
        ranking.grown("b", 2, at(40));
        assert_eq!(first(&ranking), Some(("a".to_owned(), 3)));
        ranking.grown("b", 3, at(10));
        assert_eq!(first(&ranking), Some(("a".to_owned(), 3)));
        ranking.grown("b", 4, at(50));
        assert_eq!(first(&ranking), Some(("b".to_owned(), 4)));
        // A site that has lost cookies is examined first.
        ranking.shrunk("b", 3);
        assert_eq!(first(&ranking), Some(("b".to_owned(), 3)));
    }
}
