//! Which cookies make way when a site has too many, or all sites together: one rank for both.
//!
//! Cookies make way one at a time, each from the group that ranks highest ([`Rank`]). The groups of a
//! site are its own domain cookies, its own host, and each label below it with all hosts below that;
//! those of a jar are its sites. So whoever floods pays: a group loses cookies only while no other one
//! is fuller, and a small one only while none is larger than small and none was used less recently.

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

/// The place of a group among others; the highest one has to give a cookie. The fuller a group, the
/// higher, with all small ones equally full; among equals the one whose latest cookie was used least
/// recently.
pub(super) type Rank = (usize, Reverse<Used>);

/// The rank of a group of `cookies`, where one of up to `small` is as full as any other.
pub(super) fn rank(cookies: usize, used: Used, small: usize) -> Rank {
    (cookies.max(small), Reverse(used))
}

/// How many cookies a group may have to count as no fuller than others: a tenth of what a site may
/// have.
fn small(limits: &Limits) -> usize {
    let site = match limits.site_cookies {
        usize::MAX => limits.total_cookies,
        limit => limit,
    };
    site / 10
}

/// From how many cookies on a jar ranks its sites before it is full, if it can hold
/// [`RANKED_AT_ONCE`].
pub(super) const RANKED_FROM: usize = 256;

/// The sites of so many cookies are ranked within milliseconds, once the jar is full for the first
/// time.
const RANKED_AT_ONCE: usize = 10_000;

/// Whether the sites are to be ranked before there are too many cookies, and [`small`].
pub(super) fn ranked_early(limits: &Limits) -> Option<usize> {
    let total = limits.total_cookies;
    (total > RANKED_AT_ONCE && total < usize::MAX).then(|| small(limits))
}

/// Where the stores of a jar have more cookies than it may have altogether, takes away some whose
/// time is over; if that is not enough, takes away as many as the limits say from the sites that rank
/// highest.
pub(crate) fn evict_surplus(stores: &mut [&mut Store], terms: &Terms<'_>, sink: &mut impl Sink) {
    let Limits {
        total_cookies: total,
        total_cookies_kept: kept,
        ..
    } = terms.limits;
    let mut len: usize = stores.iter().map(|store| store.len).sum();
    for store in &mut *stores {
        while len > total
            && let Some(key) = store.first_due(terms.now)
        {
            len -= store.sweep_bucket(&key, terms.now, sink);
        }
    }
    if len > total {
        let small = small(&terms.limits);
        evict_from_sites(stores, len - kept.min(total), small, sink);
    }
}

/// Takes so many cookies away, of which none has expired.
fn evict_from_sites(
    stores: &mut [&mut Store],
    mut surplus: usize,
    small: usize,
    sink: &mut impl Sink,
) {
    let mut firsts: BinaryHeap<(Rank, usize)> = BinaryHeap::new();
    for (place, store) in stores.iter_mut().enumerate() {
        firsts.extend(store.first_rank(small).map(|rank| (rank, place)));
    }
    while surplus > 0
        && let Some((rank, place)) = firsts.pop()
    {
        let store = &mut *stores[place];
        let elsewhere = firsts.peek().map_or(0, |((fullness, _), _)| *fullness);
        let next = store.second_fullness().max(elsewhere);
        // Ranks are no higher than they say: one that proves to be as high is the highest.
        if rank.0 > next || store.knows_use_of_first(rank) {
            let gone = store.reduce_first(surplus, next.max(small), small, sink);
            surplus = surplus.saturating_sub(gone.max(1));
        }
        firsts.extend(store.first_rank(small).map(|rank| (rank, place)));
    }
}

impl Store {
    /// Takes cookies of a site away: those whose time is over, and if that is not enough, until as
    /// many are left as a crowded site keeps.
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

    /// Ranks the sites from now on.
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

    /// The ranks of the sites, where they are kept.
    fn ranking(&mut self) -> Option<&mut SiteRanking> {
        self.indexes.as_deref_mut()?.sites.ranking()
    }

    /// The rank of the site that ranks highest, as far as is known.
    ///
    /// Sending leaves its mark on the cookies alone, so that the ranking hears of it only when it asks: a
    /// site ranks as high as it says or lower.
    fn first_rank(&mut self, small: usize) -> Option<Rank> {
        if self.len == 0 {
            return None;
        }
        self.keep_ranking(small);
        self.ranking()?.first().map(|(rank, _)| rank)
    }

    /// Learns when the site that ranks highest was last used. Returns `true` if that was known.
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

    /// Takes cookies of the site away that ranks highest, until another one with `next` cookies is as full,
    /// and returns how many. A small one that was used least recently stays so to its end.
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

    /// How full the site is that comes after the one that ranks highest.
    fn second_fullness(&mut self) -> usize {
        self.ranking()
            .map_or(0, |ranking| ranking.second_fullness())
    }

    /// Takes so many cookies of a site away.
    fn reduce(&mut self, site: &str, surplus: usize, small: usize, sink: &mut impl Sink) {
        let groups = Groups::from_buckets(self.site_buckets(Cow::Borrowed(site)));
        let victims = if surplus == 1 {
            // Where every write evicts, it is what a write waits for.
            groups.first_victim(small).into_iter().collect()
        } else {
            groups.victims(surplus, small)
        };
        for victim in victims {
            self.remove(&victim, ChangeCause::Evicted, sink);
        }
    }
}
