//! The groups of a site, which decide the cookies that are evicted first.

use std::collections::{BinaryHeap, HashMap};

use foldhash::fast::RandomState;

use super::Bucket;
use super::evict::{Rank, rank};
use super::ranking::SiteRanking;
use crate::cookie::{Cookie, CookieId, Used};

/// The groups are those of [`Limits::site_cookies_kept`](crate::settings::Limits::site_cookies_kept).
#[derive(Default)]
pub(super) struct Groups<'s> {
    members: Vec<Members<'s>>,
    sizes: Vec<usize>,
}

struct Members<'s> {
    group: usize,
    bucket: &'s Bucket,
    /// Only those with (`true`) or without a leading dot in their domain, or `None` for all.
    dotted: Option<bool>,
}

impl<'s> Members<'s> {
    fn cookies(&self) -> impl Iterator<Item = &'s Cookie> + use<'s> {
        let dotted = self.dotted;
        let is_in =
            move |cookie: &&Cookie| dotted.is_none_or(|yes| yes == cookie.domain_specified());
        self.bucket.cookies().filter(is_in)
    }
}

/// The order of eviction: insecure before Secure, and the least recently used first.
type Age = (bool, Used);

#[derive(Default)]
struct Group {
    insecure: Kind,
    secure: Kind,
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
    pub(super) fn from_buckets(buckets: impl Iterator<Item = &'s Bucket>) -> Self {
        let mut groups = Self::default();
        let mut labels: HashMap<&str, usize, RandomState> = HashMap::default();
        for bucket in buckets {
            match bucket.label() {
                Some(label) => {
                    let group = *labels.entry(label).or_insert(groups.sizes.len());
                    groups.add(group, bucket, None, bucket.len());
                }
                // Only one bucket has the site's own name.
                None => {
                    let dotted = bucket.cookies().filter(|cookie| cookie.domain_specified());
                    let dotted = dotted.count();
                    groups.add(groups.sizes.len(), bucket, Some(true), dotted);
                    groups.add(
                        groups.sizes.len(),
                        bucket,
                        Some(false),
                        bucket.len() - dotted,
                    );
                }
            }
        }
        groups
    }

    fn add(&mut self, group: usize, bucket: &'s Bucket, dotted: Option<bool>, cookies: usize) {
        if group == self.sizes.len() {
            self.sizes.push(0);
        }
        self.sizes[group] += cookies;
        self.members.push(Members {
            group,
            bucket,
            dotted,
        });
    }

    /// Visits no more cookies than necessary.
    pub(super) fn first_victim(&self, small: usize) -> Option<CookieId<'static>> {
        let fullness = |group: usize| match self.sizes[group] {
            0 => 0,
            cookies => cookies.max(small),
        };
        let groups = 0..self.sizes.len();
        let most = groups.clone().map(fullness).max()?;
        let mut fullest = groups.filter(|&group| fullness(group) == most);
        let first = fullest.next()?;
        let group = match fullest.next() {
            None => first,
            Some(second) => self.least_used([first, second].into_iter().chain(fullest))?,
        };
        let members = self.members.iter().filter(|members| members.group == group);
        members
            .flat_map(Members::cookies)
            .min_by_key(|cookie| (cookie.secure(), cookie.used()))
            .map(|cookie| cookie.id().into_owned())
    }

    fn least_used(&self, groups: impl Iterator<Item = usize>) -> Option<usize> {
        let mut latest: Vec<Option<Used>> = vec![None; self.sizes.len()];
        for group in groups {
            latest[group] = Some(SiteRanking::UNKNOWN);
        }
        for members in &self.members {
            if let Some(latest) = &mut latest[members.group] {
                let used = members.cookies().map(Cookie::used).max();
                *latest = used.unwrap_or(*latest).max(*latest);
            }
        }
        let known = latest.into_iter().enumerate();
        known
            .filter_map(|(group, latest)| Some((latest?, group)))
            .min()
            .map(|(_, group)| group)
    }

    /// Each is from the group that ranks highest without those before it.
    pub(super) fn victims(&self, surplus: usize, small: usize) -> Vec<CookieId<'static>> {
        let mut groups: Vec<Group> = self.sizes.iter().map(|_| Group::default()).collect();
        let mut cookies: Vec<(usize, Age, &Cookie)> = Vec::new();
        for members in &self.members {
            for cookie in members.cookies() {
                let age = (cookie.secure(), cookie.used());
                groups[members.group].add(age);
                cookies.push((members.group, age, cookie));
            }
        }
        cookies.sort_unstable_by_key(|&(group, age, _)| (group, age));
        let ranked = groups.iter().enumerate();
        let mut ranks: BinaryHeap<(Rank, usize)> = ranked
            .filter_map(|(group, known)| Some((known.rank(small)?, group)))
            .collect();
        let mut victims = Vec::with_capacity(surplus.min(cookies.len()));
        while victims.len() < surplus
            && let Some((_, group)) = ranks.pop()
        {
            let first = cookies.partition_point(|&(other, ..)| other < group);
            let (.., cookie) = cookies[first + groups[group].gone];
            victims.push(cookie.id().into_owned());
            groups[group].gone += 1;
            let rank = groups[group].rank(small);
            ranks.extend(rank.map(|rank| (rank, group)));
        }
        victims
    }
}
