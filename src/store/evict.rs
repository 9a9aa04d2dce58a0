//! Which cookies make way when a site has too many, or all sites together.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::fullest::Fullest;
use super::{Bucket, Identity, Sink, Store, Terms};
use crate::cookie::Cookie;

/// Least recently sent first, then oldest: the order among cookies of equal rank.
type Age = (i64, (i64, u64));

fn age(cookie: &Cookie) -> Age {
    (cookie.recency(), cookie.creation_key())
}

/// How many sites one eviction passes over because they were in use.
const SECOND_CHANCES: usize = 32;

impl Store {
    /// Takes cookies of a site away: those whose time is over, and if that is not enough, until as
    /// many are left as a crowded site keeps, first those that are not Secure, then those of the
    /// fullest stored domain.
    pub(super) fn evict(&mut self, site: &str, terms: &Terms<'_>, sink: &mut impl Sink) {
        let &Terms { now, limits, .. } = terms;
        for key in self.site_keys(site) {
            self.retain_in(&key, |cookie| !cookie.is_expired_at(now));
        }
        if self.site_len(site) > limits.site_cookies {
            self.reduce(site, limits.site_cookies_kept, sink);
        }
    }

    /// Takes cookies away until `kept` are left: those whose time is over, then, again and again,
    /// from the site that has the most. The order of the sites has to be kept.
    pub(super) fn evict_from_all(&mut self, kept: usize, now: i64, sink: &mut impl Sink) {
        while self.len > kept
            && let Some(key) = self.first_due(now)
        {
            self.sweep_bucket(&key, now);
        }
        while self.len > kept
            && let Some((site, count)) = self.fullest_site()
        {
            let next = self.fullest().map_or(0, |order| order.second_count());
            let surplus = (self.len - kept).min(count.saturating_sub(next).max(1));
            self.reduce(&site, count - surplus, sink);
        }
    }

    /// The site with the most cookies, and how many these are; among equals, one that has not been
    /// in use lately.
    ///
    /// Sending leaves its mark on the cookies alone, so that the order learns of it here: a site that
    /// was in use since it was last looked at gets a second chance.
    fn fullest_site(&mut self) -> Option<(Arc<str>, usize)> {
        let mut chances = SECOND_CHANCES;
        loop {
            let (site, count, seen) = self.fullest()?.first()?;
            let used = self.site_cookies(&site).map(Cookie::recency).max()?;
            if used <= seen || chances == 0 {
                return Some((site, count));
            }
            chances -= 1;
            self.fullest()?.used(&site, used);
        }
    }

    /// Keeps the order of the sites by their cookies from now on. The first call goes through the
    /// whole store, which is then as full as its limit allows, and no later one does.
    pub(super) fn keep_order(&mut self) {
        if self.index().sites.fullest().is_some() {
            return;
        }
        let mut used: HashMap<Box<str>, i64> = HashMap::new();
        for bucket in self.buckets() {
            let latest = bucket
                .cookies()
                .map(Cookie::recency)
                .max()
                .unwrap_or(i64::MIN);
            let site = used.entry(bucket.site().into()).or_insert(latest);
            *site = latest.max(*site);
        }
        let used = |site: &str| used.get(site).copied().unwrap_or(i64::MIN);
        self.index().sites.keep_order(used);
    }

    /// The order of the sites by their cookies, where it is kept.
    fn fullest(&mut self) -> Option<&mut Fullest> {
        self.indexes.as_deref_mut()?.sites.fullest()
    }

    /// Takes cookies of a site away until `kept` are left, first those that are not Secure, then
    /// those of the fullest stored domain.
    fn reduce(&mut self, site: &str, kept: usize, sink: &mut impl Sink) {
        self.evict_ranked(site, kept, |cookie| !cookie.secure(), sink);
        self.evict_from_fullest(site, kept, sink);
    }

    /// Takes away cookies of one rank, in the order of their age.
    fn evict_ranked(
        &mut self,
        site: &str,
        kept: usize,
        rank: impl Fn(&Cookie) -> bool,
        sink: &mut impl Sink,
    ) {
        let surplus = self.site_len(site).saturating_sub(kept);
        if surplus == 0 {
            return;
        }
        let mut victims: Vec<_> = self
            .site_cookies(site)
            .filter(|cookie| rank(cookie))
            .map(Victim::of)
            .collect();
        victims.sort_unstable_by_key(|victim| victim.age);
        for victim in &victims[..surplus.min(victims.len())] {
            self.evict_one(victim, sink);
        }
    }

    /// Takes away the oldest cookie of whichever stored domain is the fullest, again and again.
    fn evict_from_fullest(&mut self, site: &str, kept: usize, sink: &mut impl Sink) {
        let surplus = self.site_len(site).saturating_sub(kept);
        if surplus == 0 {
            return;
        }
        for victim in from_fullest(self.site_cookies(site), surplus) {
            self.evict_one(&victim, sink);
        }
    }

    fn site_cookies<'s>(&'s self, site: &'s str) -> impl Iterator<Item = &'s Cookie> {
        self.site_buckets(Cow::Borrowed(site))
            .flat_map(Bucket::cookies)
    }

    fn evict_one(&mut self, victim: &Victim, sink: &mut impl Sink) {
        let identity = Identity {
            partition: victim.partition.as_deref(),
            domain: &victim.domain,
            path: &victim.path,
            name: &victim.name,
        };
        if let Some(cookie) = self.remove(identity) {
            sink.evicted(&cookie);
        }
    }
}

/// A cookie that is to go: its identity, and its age.
struct Victim {
    age: Age,
    partition: Option<Box<str>>,
    domain: Box<str>,
    path: Vec<u8>,
    name: Vec<u8>,
}

impl Victim {
    fn of(cookie: &Cookie) -> Self {
        Self {
            age: age(cookie),
            partition: cookie.partition_key().map(Into::into),
            domain: cookie.domain().into(),
            path: cookie.path_bytes().into_owned(),
            name: cookie.name_bytes().into_owned(),
        }
    }
}

/// The first `surplus` victims of taking the oldest cookie of the fullest stored domain again and
/// again. Among equally full ones it is the first in the order of text.
fn from_fullest<'a>(cookies: impl Iterator<Item = &'a Cookie>, surplus: usize) -> Vec<Victim> {
    let mut domains: HashMap<&str, Vec<&Cookie>> = HashMap::new();
    for cookie in cookies {
        domains.entry(cookie.domain()).or_default().push(cookie);
    }
    for cookies in domains.values_mut() {
        cookies.sort_unstable_by_key(|cookie| Reverse(age(cookie)));
    }
    let mut by_size: BinaryHeap<_> = domains
        .iter()
        .map(|(&domain, cookies)| (cookies.len(), Reverse(domain)))
        .collect();
    let mut victims = Vec::with_capacity(surplus);
    while victims.len() < surplus {
        let Some((len, domain)) = by_size.pop() else {
            break;
        };
        let Some(cookie) = domains.get_mut(domain.0).and_then(Vec::pop) else {
            continue;
        };
        victims.push(Victim::of(cookie));
        by_size.push((len - 1, domain));
    }
    victims
}
