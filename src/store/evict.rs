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

use super::ranking::SiteRanking;
use super::{Bucket, ChangeCause, Identity, Sink, Store, Terms};
use crate::cookie::{Cookie, Used};
use crate::policy::Limits;

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
/// time (bench `growth: first eviction`).
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
        firsts.extend(store.first_site(small).map(|(_, rank)| (rank, place)));
    }
    while surplus > 0
        && let Some((_, place)) = firsts.pop()
        && let Some((site, _)) = stores[place].first_site(small)
    {
        let elsewhere = firsts.peek().map_or(0, |((fullness, _), _)| *fullness);
        let next = stores[place].second_fullness().max(elsewhere).max(small);
        let cookies = stores[place].site_len(&site);
        // The next ones all come from the site that ranks highest until another one is as full; a
        // small one that was used least recently stays so to its end.
        let several = match cookies {
            few if few <= small => few,
            many => many.saturating_sub(next).max(1),
        };
        let gone = several.min(surplus);
        stores[place].reduce(&site, gone, small, sink);
        surplus -= gone;
        let first = stores[place].first_site(small);
        firsts.extend(first.map(|(_, rank)| (rank, place)));
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

    /// The site that ranks highest.
    ///
    /// Sending leaves its mark on the cookies alone, so that the ranking learns of it here: a site
    /// ranks as high as it says or lower. Each look at a site pays for a use of it since the last one.
    fn first_site(&mut self, small: usize) -> Option<(Arc<str>, Rank)> {
        if self.len == 0 {
            return None;
        }
        self.keep_ranking(small);
        loop {
            let (rank, site) = self.ranking()?.first()?;
            let cookies = self
                .site_buckets(Cow::Borrowed(&site))
                .flat_map(Bucket::cookies);
            let used = cookies.map(Cookie::used).max()?;
            if rank.1 == Reverse(used) {
                return Some((site, rank));
            }
            self.ranking()?.used(&site, used);
        }
    }

    /// How full the site is that comes after the one that ranks highest.
    fn second_fullness(&mut self) -> usize {
        self.ranking()
            .map_or(0, |ranking| ranking.second_fullness())
    }

    /// Takes so many cookies of a site away.
    fn reduce(&mut self, site: &str, surplus: usize, small: usize, sink: &mut impl Sink) {
        let victims = Groups::of(self.site_buckets(Cow::Borrowed(site))).victims(surplus, small);
        for victim in victims {
            self.evict_one(&victim, sink);
        }
    }

    fn evict_one(&mut self, victim: &Victim, sink: &mut impl Sink) {
        let identity = Identity {
            partition: victim.partition.as_deref(),
            domain: &victim.domain,
            path: &victim.path,
            name: &victim.name,
        };
        self.remove(identity, ChangeCause::Evicted, sink);
    }
}

/// A cookie that is to go: its identity.
struct Victim {
    partition: Option<Box<str>>,
    domain: Box<str>,
    path: Vec<u8>,
    name: Vec<u8>,
}

impl Victim {
    fn of(cookie: &Cookie) -> Self {
        Self {
            partition: cookie.partition_key().map(Into::into),
            domain: cookie.domain().into(),
            path: cookie.path_bytes().into_owned(),
            name: cookie.name_bytes().into_owned(),
        }
    }
}

/// Which cookies of a site make way together.
#[derive(PartialEq, Eq, Hash)]
enum GroupKey<'s> {
    /// The domain cookies of the site's own name.
    Domain,
    /// The host of the site's own name.
    Host,
    /// A label right below the site, with all hosts below.
    Label(&'s str),
}

/// The cookies of a site in their groups.
struct Groups<'s> {
    groups: Vec<Group>,
    /// All cookies, each with its group and its place in the order in which a group loses cookies.
    cookies: Vec<(usize, Age, &'s Cookie)>,
}

/// Insecure ones go before Secure ones, and of these the least recently used first.
type Age = (bool, Used);

/// What is known of a group.
#[derive(Default)]
struct Group {
    insecure: Kind,
    secure: Kind,
    /// How many make way.
    gone: usize,
}

#[derive(Default)]
struct Kind {
    cookies: usize,
    latest: Option<Used>,
}

impl Group {
    fn add(&mut self, (secure, used): Age) {
        let kind = if secure {
            &mut self.secure
        } else {
            &mut self.insecure
        };
        kind.cookies += 1;
        kind.latest = kind.latest.max(Some(used));
    }

    /// The rank among the groups of the site, while there are cookies left.
    fn rank(&self, small: usize) -> Option<Rank> {
        let left = (self.insecure.cookies + self.secure.cookies).checked_sub(self.gone)?;
        let latest = if self.gone < self.insecure.cookies {
            self.insecure.latest.max(self.secure.latest)
        } else {
            self.secure.latest
        };
        (left > 0).then(|| rank(left, latest.unwrap_or(SiteRanking::UNKNOWN), small))
    }
}

impl<'s> Groups<'s> {
    fn of(buckets: impl Iterator<Item = &'s Bucket>) -> Self {
        let mut places: HashMap<GroupKey<'_>, usize, RandomState> = HashMap::default();
        let mut groups: Vec<Group> = Vec::new();
        let mut place_of = |key| {
            *places.entry(key).or_insert_with(|| {
                groups.push(Group::default());
                groups.len() - 1
            })
        };
        let mut cookies = Vec::new();
        for bucket in buckets {
            let label = bucket.label().map(|label| place_of(GroupKey::Label(label)));
            for cookie in bucket.cookies() {
                let place = label.unwrap_or_else(|| {
                    place_of(if cookie.domain_specified() {
                        GroupKey::Domain
                    } else {
                        GroupKey::Host
                    })
                });
                cookies.push((place, (cookie.secure(), cookie.used()), cookie));
            }
        }
        for &(place, age, _) in &cookies {
            groups[place].add(age);
        }
        Self { groups, cookies }
    }

    /// So many cookies, each from the group that ranks highest once those before it are gone.
    fn victims(mut self, surplus: usize, small: usize) -> Vec<Victim> {
        if surplus > 1 {
            let order = |&(place, age, _): &(usize, Age, &Cookie)| (place, age);
            self.cookies.sort_unstable_by_key(order);
        }
        let ranked = self.groups.iter().enumerate();
        let mut ranks: BinaryHeap<(Rank, usize)> = ranked
            .filter_map(|(place, group)| Some((group.rank(small)?, place)))
            .collect();
        let mut victims = Vec::with_capacity(surplus);
        while victims.len() < surplus
            && let Some((_, place)) = ranks.pop()
            && let Some(cookie) = self.next_of(place, surplus)
        {
            victims.push(Victim::of(cookie));
            self.groups[place].gone += 1;
            let rank = self.groups[place].rank(small);
            ranks.extend(rank.map(|rank| (rank, place)));
        }
        victims
    }

    /// The cookie that a group loses next. For a single one no order of all is made: where every write
    /// evicts, it is what a write waits for.
    fn next_of(&self, place: usize, surplus: usize) -> Option<&'s Cookie> {
        let cookies = self.cookies.iter();
        let next = if surplus == 1 {
            cookies
                .filter(|&&(group, ..)| group == place)
                .min_by_key(|&&(_, age, _)| age)
        } else {
            let first = self.cookies.partition_point(|&(group, ..)| group < place);
            self.cookies.get(first + self.groups[place].gone)
        };
        next.map(|&(.., cookie)| cookie)
    }
}
