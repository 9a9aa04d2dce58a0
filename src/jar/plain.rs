//! A plain jar as a [`Jar`]: its policy and clock, and all cookies on one shelf.

use std::ops::Deref;
use std::sync::atomic::AtomicU64;

use super::calls::{Jar, Open, Room};
use super::{CookieJar, Lookup, Shelf};
use crate::clock::JarClock;
use crate::policy::{CookiePolicy, Limits, Settings};
use crate::request::RequestContext;
use crate::store::Sink;

#[derive(Debug, Default)]
pub(crate) struct PlainRoom {
    pub(super) shelf: Shelf,
    pub(super) clock: JarClock,
    pub(super) numbers: AtomicU64,
}

impl<P: CookiePolicy> Jar for CookieJar<P> {
    type Policy = P;
    type Room = PlainRoom;

    fn look_up<T>(
        &self,
        request: RequestContext<'_>,
        look: impl FnOnce(&Lookup<'_, '_, P>) -> T,
    ) -> T {
        self.looking(request, look)
    }

    fn rules<'j>(
        &'j self,
        _: &str,
        now: Option<i64>,
    ) -> (impl Deref<Target = P> + use<'j, P>, i64) {
        (&self.policy, now.unwrap_or_else(|| self.room.now()))
    }

    fn rules_and_room<'j>(
        &'j mut self,
        _: &str,
        now: Option<i64>,
    ) -> (impl Deref<Target = P> + use<'j, P>, i64, &'j mut PlainRoom) {
        let now = now.unwrap_or_else(|| self.room.now());
        (&self.policy, now, &mut self.room)
    }
}

impl Room for PlainRoom {
    type Plan = ();

    #[inline]
    fn now(&self) -> i64 {
        self.clock.seconds()
    }

    #[inline]
    fn teach(&self, request: &RequestContext<'_>) {
        if let Some(bucket) = self.shelf.store().bucket(request.host()) {
            bucket.teach(request);
        }
    }

    fn plan<'d>(&self, _: impl Iterator<Item = &'d str>, _: Option<&str>) {}

    fn open<T>(&mut self, (): &(), work: impl FnOnce(&mut Open<'_, '_>) -> T) -> T {
        work(&mut Open {
            shelves: &mut [(0, &mut self.shelf)],
            number_of: &|_| 0,
            numbers: &self.numbers,
        })
    }

    fn open_all<T>(&mut self, plan: &(), work: impl FnOnce(&mut Open<'_, '_>) -> T) -> T {
        self.open(plan, work)
    }

    fn each(&mut self, mut work: impl FnMut(&mut Shelf)) {
        work(&mut self.shelf);
    }

    fn note_stored(&self, _: usize, _: &Limits) {}

    fn evict_surplus(&mut self, settings: &Settings, now: i64, sink: &mut impl Sink) {
        if self.shelf.store().len() > settings.limits.total_cookies {
            self.open(&(), |open| {
                let terms = open.terms(settings, now);
                open.evict_surplus(&terms, sink);
            });
        }
    }
}
