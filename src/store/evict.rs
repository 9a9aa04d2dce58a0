//! Evicts cookies when a site, or the whole jar, has too many.
//!
//! Cookies are evicted one at a time, each from the group that ranks highest ([`Rank`]). [`Limits::site_cookies_kept`]
//! defines the groups of a site; the groups of a jar are its sites.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::groups::Groups;
use super::ranking::SiteRanking;
use super::{Bucket, ChangeCause, Sink, Store, Terms};
use crate::cookie::{Cookie, Used};
use crate::settings::Limits;

/// The highest rank loses a cookie. All small groups count as equally full; among equals, the one whose latest use is
/// least recent ranks highest.
pub(super) type Rank = (usize, Reverse<Used>);

pub(super) fn rank(cookies: usize, used: Used, small: usize) -> Rank {
    (cookies.max(small), Reverse(used))
}

fn small(limits: &Limits) -> usize {
    let site = match limits.site_cookies {
        usize::MAX => limits.total_cookies,
        limit => limit,
    };
    site / 10
}

/// The number of cookies from which a jar ranks its sites before it is full, if it can hold more than
/// [`RANKED_AT_ONCE`].
pub(super) const RANKED_FROM: usize = 256;

/// The sites of up to this many cookies are ranked within milliseconds, when the jar is first full.
const RANKED_AT_ONCE: usize = 10_000;

pub(super) fn ranked_early(limits: &Limits) -> Option<usize> {
    let total = limits.total_cookies;
    (total > RANKED_AT_ONCE && total < usize::MAX).then(|| small(limits))
}

/// Each store comes with a sink of its own, which hears of a change after `sink`.
pub(crate) fn evict_surplus(
    stores: &mut [(&mut Store, impl Sink)],
    terms: &Terms<'_>,
    sink: &mut impl Sink,
) {
    let Limits {
        total_cookies: total,
        total_cookies_kept: kept,
        ..
    } = terms.limits;
    let mut len: usize = stores.iter().map(|(store, _)| store.len).sum();
    for (store, own) in &mut *stores {
        while len > total
            && let Some(key) = store.first_due(terms.now)
        {
            len -= store.sweep_bucket(&key, terms.now, &mut (&mut *sink, &mut *own));
        }
    }
    if len > total {
        let small = small(&terms.limits);
        evict_from_sites(stores, len - kept.min(total), small, sink);
    }
}

fn evict_from_sites(
    stores: &mut [(&mut Store, impl Sink)],
    mut surplus: usize,
    small: usize,
    sink: &mut impl Sink,
) {
    let mut firsts: BinaryHeap<(Rank, usize)> = BinaryHeap::new();
    for (place, (store, _)) in stores.iter_mut().enumerate() {
        firsts.extend(store.first_rank(small).map(|rank| (rank, place)));
    }
    while surplus > 0
        && let Some((rank, place)) = firsts.pop()
    {
        let (store, own) = &mut stores[place];
        let elsewhere = firsts.peek().map_or(0, |((fullness, _), _)| *fullness);
        let next = store.second_fullness().max(elsewhere);
        // Recorded ranks are upper bounds: a first one that proves exact is the highest.
        if rank.0 > next || store.knows_use_of_first(rank) {
            let gone = store.reduce_first(surplus, next.max(small), small, &mut (&mut *sink, own));
            surplus = surplus.saturating_sub(gone.max(1));
        }
        firsts.extend(store.first_rank(small).map(|rank| (rank, place)));
    }
}

impl Store {
    pub(super) fn evict(&mut self, site: &str, terms: &Terms<'_>, sink: &mut impl Sink) {
        let &Terms { now, limits, .. } = terms;
        let due = |bucket: &&Bucket| bucket.due() <= now;
        let due: Vec<_> = self
            .site_buckets(Cow::Borrowed(site))
            .filter(due)
            .map(Bucket::shared_key)
            .collect();
        for key in due {
            let kept = |cookie: &Cookie| !cookie.is_expired_at(now);
            self.retain_in(&key, kept, ChangeCause::Expired, sink);
        }
        let cookies = self.site_len(site);
        if cookies > limits.site_cookies {
            let kept = limits.site_cookies_kept.min(limits.site_cookies);
            self.reduce(site, cookies - kept, small(&limits), sink);
        }
    }

    pub(super) fn keep_ranking(&mut self, small: usize) {
        if self
            .ranking()
            .is_some_and(|ranking| ranking.small() == small)
        {
            return;
        }
        self.index();
        let mut sites: HashMap<&str, (Arc<str>, usize, Used), RandomState> = HashMap::default();
        for bucket in self.buckets() {
            let site = bucket.site();
            let latest = bucket.cookies().map(Cookie::used).max();
            let latest = latest.unwrap_or(SiteRanking::UNKNOWN);
            let name = || {
                if bucket.key() == site {
                    bucket.shared_key()
                } else {
                    site.into()
                }
            };
            let (_, cookies, used) = sites
                .entry(site)
                .or_insert_with(|| (name(), 0, SiteRanking::UNKNOWN));
            *cookies += bucket.len();
            *used = latest.max(*used);
        }
        let ranking = SiteRanking::new(small, sites.into_values());
        self.index().sites.keep_ranking(ranking);
    }

    fn ranking(&mut self) -> Option<&mut SiteRanking> {
        self.indexes.as_deref_mut()?.sites.ranking()
    }

    /// Sending updates only the cookies, and the ranking reads that use later: the true rank is the recorded one or
    /// lower.
    fn first_rank(&mut self, small: usize) -> Option<Rank> {
        if self.len == 0 {
            return None;
        }
        self.keep_ranking(small);
        self.ranking()?.first().map(|(rank, _)| rank)
    }

    fn knows_use_of_first(&mut self, (_, known): Rank) -> bool {
        let Some((_, site)) = self.ranking().and_then(|ranking| ranking.first()) else {
            return false;
        };
        let cookies = self
            .site_buckets(Cow::Borrowed(&site))
            .flat_map(Bucket::cookies);
        let used = cookies.map(Cookie::used).max();
        let used = used.unwrap_or(SiteRanking::UNKNOWN);
        if known == Reverse(used) {
            return true;
        }
        if let Some(ranking) = self.ranking() {
            ranking.used(&site, used);
        }
        false
    }

    /// Stops when the site is as full as the next, which has `next` cookies. A small site that was used least recently stays
    /// first until it is empty.
    fn reduce_first(
        &mut self,
        surplus: usize,
        next: usize,
        small: usize,
        sink: &mut impl Sink,
    ) -> usize {
        let Some((_, site)) = self.ranking().and_then(|ranking| ranking.first()) else {
            return 0;
        };
        let several = match self.site_len(&site) {
            few if few <= small => few,
            many => many.saturating_sub(next).max(1),
        };
        let gone = several.min(surplus);
        self.reduce(&site, gone, small, sink);
        gone
    }

    fn second_fullness(&mut self) -> usize {
        self.ranking()
            .map_or(0, |ranking| ranking.second_fullness())
    }

    fn reduce(&mut self, site: &str, surplus: usize, small: usize, sink: &mut impl Sink) {
        let groups = Groups::from_buckets(self.site_buckets(Cow::Borrowed(site)));
        let victims = if surplus == 1 {
            // In a full jar every write takes this path, so it must be fast.
            groups.first_victim(small).into_iter().collect()
        } else {
            groups.victims(surplus, small)
        };
        for victim in victims {
            self.remove(&victim, ChangeCause::Evicted, sink);
        }
    }
}
