//! A call on a shared jar: which shards it locks, and in which order.

use std::ops::Deref;
use std::sync::atomic::Ordering;
use std::sync::{Arc, RwLockWriteGuard};

use smallvec::SmallVec;

use super::SharedCookieJar;
use super::rules::Held;
use super::shards::{Asking, Inner, Shard, family, top_label};
use crate::domain;
use crate::jar::calls::{Jar, Open, Room};
use crate::jar::{Lookup, Shelf};
use crate::policy::{CookiePolicy, Limits, Settings};
use crate::request::RequestContext;
use crate::store::{Sink, Store};

pub(super) struct Call<'j> {
    jar: &'j Inner,
    _asking: Asking,
}

pub(crate) struct Plan {
    places: SmallVec<[usize; 4]>,
    labels: SmallVec<[u64; 2]>,
    /// The hash of the last label of the host, which is searched if it may have cookies.
    top_label: Option<u64>,
}

type Locked<'j> = SmallVec<[(usize, RwLockWriteGuard<'j, Shard>); 2]>;

impl SharedCookieJar {
    pub(super) fn call(&self) -> Call<'_> {
        Call {
            jar: &self.inner,
            _asking: self.inner.enter(),
        }
    }
}

impl Inner {
    fn rules_for(&self, host: &str, now: Option<i64>) -> (Held, i64) {
        let rules = Arc::clone(&self.read(self.shard_of(host)).rules);
        let now = rules.now(now);
        (Held(rules), now)
    }
}

impl<'c> Jar for Call<'c> {
    type Policy = dyn CookiePolicy;
    type Room = Self;

    fn look_up<T>(
        &self,
        request: RequestContext<'_>,
        look: impl FnOnce(&Lookup<'_, '_, dyn CookiePolicy>) -> T,
    ) -> T {
        let parts = self.jar.read_for(&request);
        let rules = &*parts[0].rules;
        let now = rules.now(request.now_seconds());
        let several: SmallVec<[&Store; 2]>;
        let stores = match parts.as_slice() {
            [part] => &[part.shelf.store()][..],
            parts => {
                several = parts.iter().map(|part| part.shelf.store()).collect();
                &several
            }
        };
        look(&Lookup {
            policy: &*rules.policy,
            stores,
            request: &request.at_seconds(now),
            now,
        })
    }

    fn rules<'j>(
        &'j self,
        host: &str,
        now: Option<i64>,
    ) -> (impl Deref<Target = dyn CookiePolicy> + use<'j, 'c>, i64) {
        self.jar.rules_for(host, now)
    }

    fn rules_and_room<'j>(
        &'j mut self,
        host: &str,
        now: Option<i64>,
    ) -> (
        impl Deref<Target = dyn CookiePolicy> + use<'j, 'c>,
        i64,
        &'j mut Self,
    ) {
        let (policy, now) = self.jar.rules_for(host, now);
        (policy, now, self)
    }
}

impl Room for Call<'_> {
    type Plan = Plan;

    fn now(&self) -> i64 {
        self.jar.read(0).rules.clock.seconds()
    }

    fn plan<'d>(&self, domains: impl Iterator<Item = &'d str>, host: Option<&str>) -> Plan {
        let mut plan = Plan::new();
        if let Some(host) = host {
            plan.lock(self.jar.shard_of(host));
        }
        // Nearly all cookies that a host sets are in its own family, whose shard is planned already.
        let own = host.and_then(family);
        for bare in domains.map(domain::undotted) {
            if !own.is_some_and(|family| domain::is_within(bare, family)) {
                plan.add(self.jar, bare);
            }
        }
        if let Some(host) = host {
            plan.look_above(self.jar, host);
        }
        plan.places.sort_unstable();
        plan
    }

    fn open<T>(&mut self, plan: &Plan, work: impl FnOnce(&mut Open<'_, '_>) -> T) -> T {
        let jar = self.jar;
        let mut parts = jar.write_these(plan.places.iter().copied());
        // Checked while the lock is held: what another call stores later does not count.
        if plan.top_label.is_some_and(|hash| jar.may_have(|| hash)) {
            drop(parts);
            parts = jar.write_these([0].into_iter().chain(plan.places.iter().copied()));
        }
        self.work_on(&mut parts, plan, work)
    }

    fn open_all<T>(&mut self, plan: &Plan, work: impl FnOnce(&mut Open<'_, '_>) -> T) -> T {
        let mut parts = self.jar.write_these(self.jar.places());
        let result = self.work_on(&mut parts, plan, work);
        if parts.iter().all(|(_, part)| part.shelf.store().len() == 0) {
            self.jar.dotless.clear();
        }
        result
    }

    fn each(&mut self, mut work: impl FnMut(&mut Shelf)) {
        for place in self.jar.places() {
            let mut part = self.jar.write(place);
            #[cfg(feature = "persist")]
            part.shelf.begin(None);
            work(&mut part.shelf);
        }
    }

    fn note_stored(&self, cookies: usize, limits: &Limits) {
        if cookies > 0 && limits.total_cookies < usize::MAX {
            let cookies = isize::try_from(cookies).unwrap_or(isize::MAX);
            self.jar.room.fetch_sub(cookies, Ordering::Relaxed);
        }
    }

    /// While room remains, no other shard is locked. The room is set with all shards locked, by the policy that the
    /// jar has then; what other calls store meanwhile is subtracted twice at worst.
    fn evict_surplus(&mut self, settings: &Settings, now: i64, sink: &mut impl Sink) {
        let room = &self.jar.room;
        if settings.limits.total_cookies == usize::MAX || room.load(Ordering::Relaxed) >= 0 {
            return;
        }
        let mut parts = self.jar.write_these(self.jar.places());
        self.work_on(&mut parts, &Plan::new(), |open| {
            let terms = open.terms(settings, now);
            open.evict_surplus(&terms, sink);
        });
        let len: usize = parts.iter().map(|(_, part)| part.shelf.store().len()).sum();
        let limit = parts[0].1.rules.policy.settings().limits.total_cookies;
        let left = isize::try_from(limit.saturating_sub(len)).unwrap_or(isize::MAX);
        room.store(left, Ordering::Relaxed);
    }
}

impl Call<'_> {
    fn work_on<T>(
        &self,
        parts: &mut Locked<'_>,
        plan: &Plan,
        work: impl FnOnce(&mut Open<'_, '_>) -> T,
    ) -> T {
        // Set while the lock is held, so that `clear` spares the bits of cookies stored after it.
        for hash in &plan.labels {
            self.jar.dotless.note(*hash);
        }
        #[cfg(feature = "persist")]
        let numbers = parts.first().and_then(|(_, part)| part.shelf.numbers());
        #[cfg(feature = "persist")]
        parts
            .iter_mut()
            .fold(None, |stamp, (_, part)| part.shelf.begin(stamp));
        let shelves = parts
            .iter_mut()
            .map(|(place, part)| (*place, &mut part.shelf));
        let mut shelves: SmallVec<[(usize, &mut Shelf); 2]> = shelves.collect();
        work(&mut Open {
            shelves: &mut shelves,
            number_of: &|domain| self.jar.shard_of(domain::undotted(domain)),
            #[cfg(feature = "persist")]
            numbers: numbers.as_deref().unwrap_or(&self.jar.numbers),
            #[cfg(not(feature = "persist"))]
            numbers: &self.jar.numbers,
        })
    }
}

impl Plan {
    fn new() -> Self {
        Self {
            places: SmallVec::new(),
            labels: SmallVec::new(),
            top_label: None,
        }
    }

    fn add(&mut self, jar: &Inner, bare: &str) {
        self.lock(jar.shard_of(bare));
        if family(bare).is_none() {
            self.labels.push(jar.hash_of(bare));
        }
    }

    /// Single-label names have a shard of their own.
    fn look_above(&mut self, jar: &Inner, host: &str) {
        if !self.places.contains(&0) {
            self.top_label = Some(jar.hash_of(top_label(host)));
        }
    }

    fn lock(&mut self, place: usize) {
        if !self.places.contains(&place) {
            self.places.push(place);
        }
    }
}
