//! The model: a plain list of cookies that is scanned for everything.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use cookiejar::Rejection;
use cookiejar::jar::ChangeCause;
use cookiejar::policy::Limits;

use super::program::{Field, Key, Made, Outcome, Rules, SUFFIXES, Step, Target, World};

/// The parts of a jar's state that the model has to be told, because the jar may choose them: which expired
/// cookies it has swept.
pub(crate) trait Present {
    fn len(&self) -> usize;
    fn has(&self, cookie: &Kept) -> bool;
    /// Whether a write to one site never sweeps others: the jar is split into shards.
    fn is_in_parts(&self) -> bool;
}

/// What the programs have exercised, to prove that they are useful.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// The maximum number of cookies at once.
    pub(crate) most: usize,
    /// Cookies that were evicted.
    pub(crate) evicted: usize,
    pub(crate) sent: usize,
    /// Expired cookies that a write swept out.
    pub(crate) swept: usize,
    /// Dotted cookies that a host-only one has replaced.
    pub(crate) displaced: usize,
}

impl Seen {
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            most: self.most.max(other.most),
            evicted: self.evicted + other.evicted,
            sent: self.sent + other.sent,
            swept: self.swept + other.swept,
            displaced: self.displaced + other.displaced,
        }
    }
}

/// A cookie in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) partition: Option<String>,
    pub(crate) domain: String,
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) expires: Option<i64>,
    pub(crate) discard: bool,
    pub(crate) secure: bool,
    pub(crate) created: i64,
    pub(crate) sent: Option<i64>,
    /// Orders the cookies that were created within one second.
    pub(crate) number: u64,
    /// The site under which it is counted.
    pub(crate) site: Site,
}

/// A registrable domain, and the partition.
type Site = (String, Option<String>);

/// When a cookie was last used, whether it was sent then, and its position in the order of creation.
type Used = (i64, bool, i64, u64);

impl Kept {
    pub(crate) fn is_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    fn is_namesake(&self, other: &Self) -> bool {
        self.name == other.name
            && self.path == other.path
            && self.domain == other.domain
            && self.partition == other.partition
    }

    fn is(&self, key: &Key) -> bool {
        self.name == key.name
            && self.path == key.path
            && self.domain == key.domain
            && self.partition == key.partition
    }

    fn host_only(&self) -> bool {
        !self.domain.starts_with('.')
    }

    fn bare(&self) -> &str {
        bare(&self.domain)
    }

    /// Fills in the site.
    pub(crate) fn of_its_site(mut self) -> Self {
        self.site = (site(self.bare()).to_owned(), self.partition.clone());
        self
    }

    /// The cookies of the site among which this one is evicted: its domain cookies, those of its
    /// host, or those of one label below it.
    fn group(&self) -> String {
        let below = self
            .bare()
            .strip_suffix(&self.site.0)
            .expect("its own site");
        match below.strip_suffix('.') {
            Some(below) => below.rsplit('.').next().expect("a label").to_owned(),
            None if self.host_only() => String::new(),
            None => ".".to_owned(),
        }
    }

    fn used(&self) -> Used {
        let time = self.sent.unwrap_or(self.created);
        (time, self.sent.is_some(), self.created, self.number)
    }
}

pub(crate) struct Model {
    rules: Rules,
    limits: Limits,
    pub(crate) now: i64,
    pub(crate) cookies: Vec<Kept>,
    numbers: u64,
    /// The number of buckets that must still be visited until everything is swept that had expired when the
    /// clock advanced.
    unswept: usize,
    pub(crate) seen: Seen,
}

impl Model {
    pub(crate) fn new(world: &World, now: i64) -> Self {
        Self {
            rules: world.rules,
            limits: world.limits[0],
            now,
            cookies: Vec::new(),
            numbers: 0,
            unswept: 0,
            seen: Seen::default(),
        }
    }

    /// Applies the call that the jar has just handled.
    pub(crate) fn apply(
        &mut self,
        step: &Step,
        world: &World,
        jar: &dyn Present,
    ) -> Result<Outcome, String> {
        let outcome = match step {
            Step::Advance(seconds) => {
                self.advance(*seconds);
                Outcome::Done
            }
            Step::Clear => {
                self.cookies.clear();
                Outcome::Done
            }
            Step::ClearDomain(domain) => some(
                self.remove_all(|cookie| cookie.domain == *domain && cookie.partition.is_none()),
            ),
            Step::ClearPath(domain, path) => some(self.remove_all(|cookie| {
                cookie.domain == *domain && cookie.path == *path && cookie.partition.is_none()
            })),
            Step::ClearIn(partition) => {
                some(self.remove_all(|cookie| cookie.partition.as_ref() == Some(partition)))
            }
            Step::ClearExpired => Outcome::Count(Some(self.clear_expired())),
            Step::ClearSession => Outcome::Count(Some(self.remove_all(|cookie| cookie.discard))),
            Step::Retain(wish) => Outcome::Count(Some(self.remove_all(|cookie| {
                !wish.keeps(&cookie.name, &cookie.domain, cookie.discard, cookie.secure)
            }))),
            Step::Copy | Step::CopyAside => Outcome::Done,
            Step::SetLimits(index) => {
                self.limits = world.limits[*index];
                Outcome::Done
            }
            Step::Drain(wish) => {
                let all = self.in_creation_order();
                let values = all.iter().map(|cookie| cookie.value.clone()).collect();
                self.put_back(|cookie| {
                    wish.keeps(&cookie.name, &cookie.domain, cookie.discard, cookie.secure)
                });
                Outcome::Cookies(values)
            }
            Step::Restore => {
                self.put_back(|_| true);
                Outcome::Done
            }
            Step::Get(key) => {
                let found = self.cookies.iter().find(|cookie| cookie.is(key));
                Outcome::Cookie(found.map(|cookie| cookie.value.clone()))
            }
            Step::Remove(key) => {
                let place = self.cookies.iter().position(|cookie| cookie.is(key));
                Outcome::Cookie(place.map(|place| self.cookies.remove(place).value))
            }
            Step::Cookies(target) => Outcome::Cookies(
                self.selection(target)
                    .into_iter()
                    .map(|place| self.cookies[place].value.clone())
                    .collect(),
            ),
            Step::Header(target) | Step::Merge(target, true) => Outcome::Header(self.send(target)),
            Step::Merge(_, false) => Outcome::Header(Some("own=1".to_owned())),
            Step::Explain(target) => Outcome::Verdicts(
                self.explain(target)
                    .into_iter()
                    .map(|(place, verdict)| (self.cookies[place].value.clone(), verdict))
                    .collect(),
            ),
            Step::Set(made) => {
                let cookie = self.made(made);
                Outcome::Set(Ok(self.set(cookie, None)))
            }
            Step::SetIfOk(from, made) => {
                let cookie = self.made(made);
                Outcome::Set(match self.judge(cookie, false, from) {
                    Ok(cookie) => {
                        let change = self.set(cookie, Some(self.limits));
                        self.keep_to_total(change == Some(ChangeCause::Stored));
                        Ok(change)
                    }
                    Err(reason) => Err(reason),
                })
            }
            Step::Extract(from, fields) => self.extract(from, fields),
        };
        self.note_swept(step, jar)?;
        Ok(outcome)
    }

    fn in_creation_order(&self) -> Vec<&Kept> {
        let mut cookies: Vec<_> = self.cookies.iter().collect();
        cookies.sort_by_key(|cookie| (cookie.created, cookie.number));
        cookies
    }

    pub(crate) fn clear_expired(&mut self) -> usize {
        let now = self.now;
        self.remove_all(|cookie| cookie.is_expired(now))
    }

    /// The cookies in the order of their creation, as a jar returns them.
    pub(crate) fn shown(&self) -> Vec<Kept> {
        let unnumbered = |cookie: &Kept| Kept {
            number: 0,
            ..cookie.clone()
        };
        self.in_creation_order()
            .into_iter()
            .map(unnumbered)
            .collect()
    }

    /// Advances the time. A write sweeps two buckets, and 64 cookies of one with very many.
    pub(crate) fn advance(&mut self, seconds: i64) {
        self.now += seconds;
        let mut buckets: HashMap<_, usize> = HashMap::new();
        for cookie in &self.cookies {
            let expired = buckets
                .entry((cookie.bare(), &cookie.partition))
                .or_default();
            *expired += usize::from(cookie.is_expired(self.now));
        }
        self.unswept = buckets.values().map(|expired| 1 + expired / 64).sum();
    }

    /// Records the cookies that the jar has swept, which must be all expired ones in the end.
    fn note_swept(&mut self, step: &Step, jar: &dyn Present) -> Result<(), String> {
        if !matches!(step, Step::Extract(..) | Step::Set(_) | Step::SetIfOk(..)) {
            return Ok(());
        }
        let now = self.now;
        self.seen.most = self.seen.most.max(self.cookies.len());
        let before = self.cookies.len();
        self.cookies
            .retain(|cookie| !cookie.is_expired(now) || jar.has(cookie));
        self.seen.swept += before - self.cookies.len();
        let left = self
            .cookies
            .iter()
            .filter(|cookie| cookie.is_expired(now))
            .count();
        if self.unswept == 0 && left > 0 && !jar.is_in_parts() {
            return Err(format!("{left} expired cookies are not swept out"));
        }
        Ok(())
    }

    fn remove_all(&mut self, of: impl Fn(&Kept) -> bool) -> usize {
        let before = self.cookies.len();
        self.cookies.retain(|cookie| !of(cookie));
        before - self.cookies.len()
    }

    /// Removes all cookies and adds those that are kept: in the order of creation, and expired ones are not
    /// stored again.
    fn put_back(&mut self, keep: impl Fn(&Kept) -> bool) {
        let mut cookies: Vec<_> = self.in_creation_order().into_iter().cloned().collect();
        cookies.retain(|cookie| keep(cookie) && !cookie.is_expired(self.now));
        for cookie in &mut cookies {
            self.numbers += 1;
            cookie.number = self.numbers;
        }
        self.cookies = cookies;
    }

    fn made(&self, made: &Made) -> Kept {
        Kept {
            partition: made.partition.clone(),
            domain: made.domain.clone(),
            path: made.path.to_owned(),
            name: made.name.clone(),
            value: made.value.clone(),
            expires: made.expires.map(|seconds| self.now + seconds),
            discard: made.discard || made.expires.is_none(),
            secure: made.secure,
            created: self.now + made.created.unwrap_or(0),
            sent: None,
            number: 0,
            site: Site::default(),
        }
    }

    fn extract(&mut self, from: &Target, fields: &[Field]) -> Outcome {
        let (mut stored, mut replaced, mut removed) = (0, 0, 0);
        let mut rejected = Vec::new();
        let evicted_before = self.seen.evicted;
        for field in fields {
            let domain = match &field.domain {
                Some(domain) => format!(".{}", bare(domain)),
                None => from.host.clone(),
            };
            let default_path = || match from.path.rsplit_once('/') {
                Some(("", _)) | None => "/",
                Some((path, _)) => path,
            };
            let cookie = Kept {
                partition: None,
                domain,
                path: field.path.unwrap_or_else(default_path).to_owned(),
                name: field.name.clone(),
                value: field.value.clone(),
                expires: field.max_age.map(|seconds| self.now + seconds),
                discard: field.max_age.is_none(),
                secure: field.secure,
                created: self.now,
                sent: None,
                number: 0,
                site: Site::default(),
            };
            match self.judge(cookie, field.partitioned, from) {
                Ok(cookie) => {
                    let (own, dotted) = self.namesakes(&cookie);
                    match self.set(cookie, Some(self.limits)) {
                        Some(ChangeCause::Stored) => stored += 1,
                        Some(ChangeCause::Replaced) => replaced += 1,
                        Some(ChangeCause::Removed) => removed += usize::from(own),
                        _ => {}
                    }
                    removed += usize::from(dotted);
                }
                Err(reason) => rejected.push((field.name.clone(), reason)),
            }
        }
        self.keep_to_total(stored > 0);
        Outcome::ExtractReport {
            stored,
            replaced,
            removed,
            evicted: self.seen.evicted - evicted_before,
            rejected,
        }
    }

    /// The policy's verdict on a cookie in a response to a request, as far as these programs need it.
    fn judge(&self, mut cookie: Kept, partitioned: bool, from: &Target) -> Result<Kept, Rejection> {
        let bare = cookie.bare().to_owned();
        let browser = self.rules == Rules::Browser;
        let shared = is_shared(&bare, &from.host);
        if !cookie.host_only() && bare == from.host && !shared {
            cookie.domain.clone_from(&bare);
        }
        if browser && partitioned {
            cookie.partition.clone_from(&from.partition);
        }
        let local = !from.host.contains('.');
        if cookie.host_only() {
            if bare != from.host {
                return Err(Rejection::DomainMismatch);
            }
        } else if !shared && (is_within(&from.host, &bare) || SUFFIXES.contains(&bare.as_str())) {
            return Err(Rejection::PublicSuffix);
        } else if !browser && !bare.contains('.') && !local && !is_address(&from.host) {
            return Err(Rejection::DomainWithoutDot);
        } else if !is_within(&from.host, &bare) {
            return Err(Rejection::DomainMismatch);
        }
        if !browser {
            return Ok(cookie);
        }
        if cookie.secure && !self.is_secure(from) {
            return Err(Rejection::InsecureRequest);
        }
        if partitioned && !cookie.secure {
            return Err(Rejection::PartitionedInsecure);
        }
        if cookie.partition.is_some() && cookie.partition != from.partition {
            return Err(Rejection::OtherPartition);
        }
        let overlays = |stored: &Kept| {
            stored.secure
                && !stored.is_expired(self.now)
                && stored.name == cookie.name
                && stored.partition == cookie.partition
                && (is_within(&bare, stored.bare()) || is_within(stored.bare(), &bare))
                && (site(&bare) == site(stored.bare()) || is_within(&from.host, stored.bare()))
                && path_matches(&cookie.path, &stored.path)
        };
        if !cookie.secure && !self.is_secure(from) && self.cookies.iter().any(overlays) {
            return Err(Rejection::OverlaysSecure);
        }
        Ok(cookie)
    }

    /// Stores a cookie, or deletes its namesake if it has expired.
    fn set(&mut self, cookie: Kept, limits: Option<Limits>) -> Option<ChangeCause> {
        let now = self.now;
        let mut cookie = cookie.of_its_site();
        self.unswept = self.unswept.saturating_sub(2);
        // The judged cookie is the host's own, and replaces the dotted one if no other host shares it.
        let dotted = limits.and_then(|_| self.dotted_namesake(&cookie));
        let dotted = dotted.map(|place| self.cookies.remove(place));
        let dotted = dotted.filter(|dotted| !dotted.is_expired(now));
        let place = self
            .cookies
            .iter()
            .position(|stored| cookie.is_namesake(stored));
        let alive = place.filter(|&place| !self.cookies[place].is_expired(now));
        if cookie.is_expired(now) {
            if let Some(place) = place {
                self.cookies.remove(place);
            }
            return (alive.is_some() || dotted.is_some()).then_some(ChangeCause::Removed);
        }
        let site = cookie.site.clone();
        let change = if let Some(place) = alive {
            let old = &self.cookies[place];
            (cookie.created, cookie.sent) = (old.created, old.sent);
            cookie.number = old.number;
            self.cookies[place] = cookie;
            ChangeCause::Replaced
        } else {
            if let Some(place) = place {
                self.cookies.remove(place);
            }
            self.numbers += 1;
            cookie.number = self.numbers;
            if let Some(dotted) = dotted {
                self.seen.displaced += 1;
                (cookie.created, cookie.sent) = (dotted.created, dotted.sent);
                cookie.number = dotted.number;
            }
            self.cookies.push(cookie);
            ChangeCause::Stored
        };
        if let Some(limits) = limits {
            let mut alive = match change {
                ChangeCause::Stored => self.alive_of(&site).count(),
                _ => 0,
            };
            if alive > limits.site_cookies {
                while alive > limits.site_cookies_kept {
                    let victim = self.next_victim(&site);
                    self.cookies.remove(victim);
                    self.seen.evicted += 1;
                    alive -= 1;
                }
            }
        }
        Some(change)
    }

    /// The position of the cookie that differs from a host-only one only in its leading dot, if that domain
    /// cannot be shared.
    fn dotted_namesake(&self, cookie: &Kept) -> Option<usize> {
        let host = &cookie.domain;
        let is_own_alone = cookie.host_only() && !is_shared(host, host);
        let dotted = Kept {
            domain: format!(".{host}"),
            ..cookie.clone()
        };
        let found = self
            .cookies
            .iter()
            .position(|stored| dotted.is_namesake(stored));
        found.filter(|_| is_own_alone)
    }

    /// Whether a judged cookie has an unexpired namesake: its own, or a dotted one.
    fn namesakes(&self, cookie: &Kept) -> (bool, bool) {
        let alive = |stored: &Kept| !stored.is_expired(self.now);
        let own = self
            .cookies
            .iter()
            .find(|stored| cookie.is_namesake(stored));
        let dotted = self
            .dotted_namesake(cookie)
            .map(|place| &self.cookies[place]);
        (own.is_some_and(alive), dotted.is_some_and(alive))
    }

    /// The unexpired cookies of a site, each with its position.
    fn alive_of(&self, site: &Site) -> impl Iterator<Item = (usize, &Kept)> {
        let of_site = |cookie: &Kept| !cookie.is_expired(self.now) && cookie.site == *site;
        self.cookies
            .iter()
            .enumerate()
            .filter(move |(_, cookie)| of_site(cookie))
    }

    /// The position of the cookie that a site loses first: of the group that ranks highest, insecure
    /// before Secure, the least recently used.
    fn next_victim(&self, site: &Site) -> usize {
        let places = self.highest(self.alive_of(site), Kept::group);
        let order = |&place: &usize| (self.cookies[place].secure, self.cookies[place].used());
        places.into_iter().min_by_key(order).expect("a cookie")
    }

    /// The positions of the cookies in the group that loses one: the fullest, where all small ones
    /// count as equally full, and among equals the one whose latest use is the least recent.
    fn highest<'c, K: Ord>(
        &self,
        cookies: impl Iterator<Item = (usize, &'c Kept)>,
        group: impl Fn(&Kept) -> K,
    ) -> Vec<usize> {
        let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for (place, cookie) in cookies {
            groups.entry(group(cookie)).or_default().push(place);
        }
        let site = match self.limits.site_cookies {
            usize::MAX => self.limits.total_cookies,
            limit => limit,
        };
        let rank = |places: &Vec<usize>| {
            let used = places.iter().map(|&place| self.cookies[place].used());
            (places.len().max(site / 10), Reverse(used.max()))
        };
        groups.into_values().max_by_key(rank).expect("a group")
    }

    /// Enforces the limit on all cookies after some were stored: expired ones are removed first, and then those of the
    /// site that ranks highest, again and again.
    fn keep_to_total(&mut self, stored: bool) {
        let (total, kept) = (self.limits.total_cookies, self.limits.total_cookies_kept);
        let now = self.now;
        let expired = |cookie: &Kept| cookie.is_expired(now);
        let alive = self
            .cookies
            .iter()
            .filter(|cookie| !expired(cookie))
            .count();
        if !stored || alive <= total {
            return;
        }
        self.cookies.retain(|cookie| !expired(cookie));
        while self.cookies.len() > kept {
            let sites = self.highest(self.cookies.iter().enumerate(), |cookie| {
                cookie.site.clone()
            });
            let site = self.cookies[sites[0]].site.clone();
            let victim = self.next_victim(&site);
            self.cookies.remove(victim);
            self.seen.evicted += 1;
        }
    }

    /// The positions of all cookies in reach of a request, in the order in which they are sent, with
    /// the reasons for withholding them.
    fn explain(&self, target: &Target) -> Vec<(usize, Result<(), Rejection>)> {
        let in_reach = |cookie: &Kept| {
            is_within(&target.host, cookie.bare())
                && (cookie.partition.is_none() || cookie.partition == target.partition)
        };
        let mut explained: Vec<_> = (0..self.cookies.len())
            .filter(|&place| in_reach(&self.cookies[place]))
            .map(|place| (place, self.verdict(&self.cookies[place], target)))
            .collect();
        explained.sort_by_key(|&(place, _)| {
            let cookie = &self.cookies[place];
            (Reverse(cookie.path.len()), cookie.created, cookie.number)
        });
        self.fill(&mut explained);
        explained
    }

    /// For browsers, this very machine is secure.
    fn is_secure(&self, target: &Target) -> bool {
        let host = &target.host;
        let is_loopback = host == "localhost" || host.ends_with(".localhost") || is_address(host);
        target.https || (self.rules == Rules::Browser && is_loopback)
    }

    fn verdict(&self, cookie: &Kept, target: &Target) -> Result<(), Rejection> {
        if cookie.is_expired(self.now) {
            Err(Rejection::Expired)
        } else if cookie.host_only() && cookie.domain != target.host {
            Err(Rejection::HostOnly)
        } else if cookie.bare() != target.host && !is_shared(cookie.bare(), &target.host) {
            Err(Rejection::PublicSuffix)
        } else if !path_matches(target.path, &cookie.path) {
            Err(Rejection::PathMismatch)
        } else if cookie.secure && !self.is_secure(target) {
            Err(Rejection::InsecureRequest)
        } else {
            Ok(())
        }
    }

    /// Leaves out the cookies that do not fit into a header: the host's own are added first, and one that does not fit
    /// is skipped.
    fn fill(&self, explained: &mut [(usize, Result<(), Rejection>)]) {
        let (mut count, mut bytes) = (0, 0);
        for own in [true, false] {
            for (place, verdict) in explained.iter_mut() {
                let cookie = &self.cookies[*place];
                if verdict.is_err() || cookie.host_only() != own {
                    continue;
                }
                let separator = if count == 0 { 0 } else { "; ".len() };
                let with = bytes + separator + cookie.name.len() + 1 + cookie.value.len();
                if count < self.limits.header_cookies && with <= self.limits.header_bytes {
                    (count, bytes) = (count + 1, with);
                } else {
                    *verdict = Err(Rejection::HeaderFull);
                }
            }
        }
    }

    /// The positions of the cookies that are sent with a request.
    fn selection(&self, target: &Target) -> Vec<usize> {
        self.explain(target)
            .into_iter()
            .filter(|(_, verdict)| verdict.is_ok())
            .map(|(place, _)| place)
            .collect()
    }

    fn send(&mut self, target: &Target) -> Option<String> {
        let places = self.selection(target);
        let mut pairs = Vec::new();
        for place in places {
            let cookie = &mut self.cookies[place];
            cookie.sent = Some(self.now);
            self.seen.sent += 1;
            pairs.push(format!("{}={}", cookie.name, cookie.value));
        }
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// A count; 0 is an error.
fn some(count: usize) -> Outcome {
    Outcome::Count((count > 0).then_some(count))
}

fn bare(domain: &str) -> &str {
    domain.strip_prefix('.').unwrap_or(domain)
}

/// No name in these programs starts with a digit.
fn is_address(host: &str) -> bool {
    host.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// Whether a host is a domain or below it.
fn is_within(host: &str, domain: &str) -> bool {
    match host.strip_suffix(domain) {
        Some("") => true,
        Some(below) => below.as_bytes().ends_with(b".") && !is_address(host),
        None => false,
    }
}

/// A host and all names above it; an address has none.
pub(crate) fn names_above(host: &str) -> impl Iterator<Item = &str> {
    let below = if is_address(host) { "" } else { host };
    let dots = below
        .match_indices('.')
        .map(move |(dot, _)| &below[dot + 1..]);
    std::iter::once(host).chain(dots)
}

/// The registrable domain: one label more than the longest public suffix; for a name that matches
/// no list, the suffix is the last label.
fn site(name: &str) -> &str {
    let mut below = name;
    for above in names_above(name) {
        if SUFFIXES.contains(&above) || !above.contains('.') {
            break;
        }
        below = above;
    }
    if is_address(name) || SUFFIXES.contains(&name) {
        return name;
    }
    below
}

/// Whether a domain is within the host's own registrable domain, which an address, a suffix and a name of
/// a single label lack.
fn is_shared(domain: &str, host: &str) -> bool {
    let has_own = host.contains('.') && !is_address(host) && !SUFFIXES.contains(&host);
    has_own && is_within(domain, site(host))
}

fn path_matches(request_path: &str, cookie_path: &str) -> bool {
    match request_path.strip_prefix(cookie_path) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || cookie_path.ends_with('/'),
        None => false,
    }
}
