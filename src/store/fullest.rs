//! Which site has the most cookies: kept only where all sites together have a limit.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

/// The sites in the order of how many cookies they have; among equals, the one that was in use least
/// recently is the fuller one.
#[derive(Debug, Clone, Default)]
pub(super) struct Fullest {
    ranks: BTreeSet<(Rank, Arc<str>)>,
    sites: HashMap<Arc<str>, Rank, RandomState>,
}

/// How many cookies a site has, and when it got its last one or was last seen in use.
type Rank = (usize, Reverse<i64>);

impl Fullest {
    /// A site has got a cookie, which makes so many.
    pub(super) fn grown(&mut self, site: &str, cookies: usize, now: i64) {
        self.set(site, |_| (cookies, Reverse(now)));
    }

    /// A site has lost cookies, which leaves so many.
    pub(super) fn shrunk(&mut self, site: &str, cookies: usize) {
        self.set(site, |(_, used)| (cookies, used));
    }

    /// A site turns out to have been in use at that time.
    pub(super) fn used(&mut self, site: &str, time: i64) {
        self.set(site, |(cookies, _)| (cookies, Reverse(time)));
    }

    /// The site with the most cookies, how many these are, and when it was last seen in use.
    pub(super) fn first(&self) -> Option<(Arc<str>, usize, i64)> {
        let ((cookies, Reverse(used)), site) = self.ranks.last()?;
        Some((Arc::clone(site), *cookies, *used))
    }

    /// How many cookies the next site has after the one with the most.
    pub(super) fn second_count(&self) -> usize {
        let second = self.ranks.iter().nth_back(1);
        second.map_or(0, |((cookies, _), _)| *cookies)
    }

    fn set(&mut self, site: &str, change: impl FnOnce(Rank) -> Rank) {
        let (name, old) = match self.sites.get_key_value(site) {
            Some((name, rank)) => (Arc::clone(name), *rank),
            None => (site.into(), (0, Reverse(i64::MIN))),
        };
        let new = change(old);
        let place = (old, name);
        self.ranks.remove(&place);
        let (_, name) = place;
        if new.0 == 0 {
            self.sites.remove(site);
            if self.sites.len() * 8 < self.sites.capacity() {
                self.sites.shrink_to(self.sites.len() * 2);
            }
            return;
        }
        match self.sites.get_mut(site) {
            Some(rank) => *rank = new,
            None => {
                self.sites.insert(Arc::clone(&name), new);
            }
        }
        self.ranks.insert((new, name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(fullest: &Fullest) -> Option<(String, usize)> {
        let (site, cookies, _) = fullest.first()?;
        Some((site.to_string(), cookies))
    }

    #[test]
    fn the_fullest_comes_first_and_among_equals_the_one_that_was_not_used() {
        let mut fullest = Fullest::default();
        for (site, cookies, now) in [("a", 1, 10), ("a", 2, 20), ("b", 1, 30), ("b", 2, 40)] {
            fullest.grown(site, cookies, now);
        }
        assert_eq!(first(&fullest), Some(("a".to_owned(), 2)));
        assert_eq!(fullest.second_count(), 2);
        fullest.used("a", 50);
        assert_eq!(first(&fullest), Some(("b".to_owned(), 2)));
        fullest.shrunk("b", 1);
        assert_eq!(first(&fullest), Some(("a".to_owned(), 2)));
        assert_eq!(fullest.second_count(), 1);
        fullest.shrunk("a", 0);
        fullest.shrunk("b", 0);
        assert_eq!(first(&fullest), None);
        assert!(fullest.sites.is_empty() && fullest.ranks.is_empty());
    }
}
