//! The implementation of each call, shared by both jars.
//!
//! It does not know locks or shards.

use std::iter;
use std::ops::Deref;
use std::sync::atomic::AtomicU64;

use smallvec::SmallVec;

use super::change::Shelf;
pub(crate) use super::everyday::{
    canonical, clear_host, clear_site, insert_pairs, of_site, remove_for, set_cookie_str,
};
pub(crate) use super::extract::{extract_cookies, set_cookie_if_ok, take_given};
pub(crate) use super::import::{amend, import};
pub(crate) use super::response::make_cookies;
use super::{CookieJar, Lookup, NotFound};
use crate::cookie::{Cookie, CookieId};
use crate::domain;
use crate::headers::{Merge, RequestHeaders};
use crate::policy::{CookiePolicy, Limits, Settings};
use crate::request::{OutgoingRequest, RequestContext};
use crate::store::{ChangeCause, CookieChange, Sink, Store, Terms, evict_surplus};

pub(crate) trait Jar {
    type Policy: CookiePolicy + ?Sized;
    type Room: Room;

    fn look_up<T>(
        &self,
        request: RequestContext<'_>,
        look: impl FnOnce(&Lookup<'_, '_, Self::Policy>) -> T,
    ) -> T;

    /// The time is the clock's unless it is given. No lock is held.
    fn rules<'j>(
        &'j self,
        host: &str,
        now: Option<i64>,
    ) -> (impl Deref<Target = Self::Policy> + use<'j, Self>, i64);

    fn rules_and_room<'j>(
        &'j mut self,
        host: &str,
        now: Option<i64>,
    ) -> (
        impl Deref<Target = Self::Policy> + use<'j, Self>,
        i64,
        &'j mut Self::Room,
    );
}

pub(crate) trait Room {
    type Plan;

    fn now(&self) -> i64;

    /// Plans to open the shelves for cookies of these stored domains and, in a call with a request, those for other
    /// cookies of `host` and the names above it.
    fn plan<'d>(&self, domains: impl Iterator<Item = &'d str>, host: Option<&str>) -> Self::Plan;

    /// Tells the request what the jar knows about its host, if that takes no lock.
    fn teach(&self, _: &RequestContext<'_>) {}

    fn open<T>(&mut self, plan: &Self::Plan, work: impl FnOnce(&mut Open<'_, '_>) -> T) -> T;

    fn open_all<T>(&mut self, plan: &Self::Plan, work: impl FnOnce(&mut Open<'_, '_>) -> T) -> T;

    fn each(&mut self, work: impl FnMut(&mut Shelf));

    fn note_stored(&self, cookies: usize, limits: &Limits);

    fn evict_surplus(&mut self, settings: &Settings, now: i64, sink: &mut impl Sink);
}

pub(crate) struct Open<'o, 's> {
    pub(crate) shelves: &'o mut [(usize, &'s mut Shelf)],
    /// Called only if several shelves are open.
    pub(crate) number_of: &'o dyn Fn(&str) -> usize,
    pub(crate) numbers: &'s AtomicU64,
}

impl<'s> Open<'_, 's> {
    #[inline]
    pub(crate) fn shelf_of(&mut self, cookie: &Cookie) -> &mut Shelf {
        match self.shelves {
            [(_, only)] => only,
            _ => self.shelf(cookie.domain()),
        }
    }

    pub(crate) fn shelf(&mut self, domain: &str) -> &mut Shelf {
        self.shelves[self.index_of(domain)].1
    }

    pub(crate) fn store(&self, domain: &str) -> &Store {
        self.shelves[self.index_of(domain)].1.store()
    }

    fn index_of(&self, domain: &str) -> usize {
        if self.shelves.len() == 1 {
            return 0;
        }
        let number = (self.number_of)(domain);
        let found = self
            .shelves
            .binary_search_by_key(&number, |(number, _)| *number);
        found.expect("the call has planned for the domain")
    }

    pub(crate) fn all(&mut self) -> impl Iterator<Item = &mut Shelf> {
        self.shelves.iter_mut().map(|(_, shelf)| &mut **shelf)
    }

    pub(crate) fn stores(&self) -> impl Iterator<Item = &Store> {
        self.shelves.iter().map(|(_, shelf)| shelf.store())
    }

    pub(crate) fn terms<'t>(&self, settings: &'t Settings, now: i64) -> Terms<'t>
    where
        's: 't,
    {
        Terms::new(settings, now, self.numbers)
    }

    /// Cleans up after a search for what a cookie overlays; see [`Store::forget_gone`].
    #[cold]
    pub(crate) fn forget_gone(&mut self, cookie: &Cookie, terms: &Terms<'_>) {
        let (store, _) = self.shelf_of(cookie).change(());
        store.forget_gone(cookie, terms);
    }

    /// All shelves of the jar must be open.
    pub(crate) fn evict_surplus(&mut self, terms: &Terms<'_>, sink: &mut impl Sink) {
        let stores = self.all().map(|shelf| shelf.change(()));
        let mut stores: SmallVec<[_; 1]> = stores.collect();
        evict_surplus(&mut stores, terms, sink);
    }
}

fn write<R: Room, T>(room: &mut R, domain: &str, work: impl FnOnce(&mut Open<'_, '_>) -> T) -> T {
    let plan = room.plan(iter::once(domain), None);
    room.open(&plan, work)
}

pub(crate) fn set_cookie<J: Jar>(
    jar: &mut J,
    cookie: Cookie,
    now: Option<i64>,
) -> Option<ChangeCause> {
    let (policy, now, room) = jar.rules_and_room(domain::undotted(cookie.domain()), now);
    let plan = room.plan(iter::once(cookie.domain()), None);
    let changed = room.open(&plan, |open| {
        let terms = open.terms(policy.settings(), now).without_limits();
        let (store, mut sink) = open.shelf(cookie.domain()).change(());
        store.set(cookie, &terms, &mut sink)
    });
    let stored = usize::from(changed == Some(ChangeCause::Stored));
    room.note_stored(stored, &policy.settings().limits);
    changed
}

/// The shelf is open meanwhile, which in a jar with locks would stop others for as long as the iterator takes.
pub(crate) fn extend<P: CookiePolicy>(
    jar: &mut CookieJar<P>,
    cookies: impl IntoIterator<Item = Cookie>,
) {
    let (policy, now, room) = jar.rules_and_room("", None);
    room.open(&(), |open| {
        let terms = open.terms(policy.settings(), now).without_limits();
        for cookie in cookies {
            let (store, mut sink) = open.shelf_of(&cookie).change(());
            store.set(cookie, &terms, &mut sink);
        }
    });
}

pub(crate) fn apply<J: Jar>(jar: &mut J, change: &CookieChange<'_>) {
    let domain = change.cookie.domain();
    let (policy, now, room) = jar.rules_and_room(domain::undotted(domain), None);
    write(room, domain, |open| {
        let terms = open.terms(policy.settings(), now);
        let (store, mut sink) = open.shelf(domain).change(());
        store.apply(change, &terms, &mut sink);
    });
    let stored = usize::from(change.cause.is_present());
    room.note_stored(stored, &policy.settings().limits);
}

/// Keeps expired cookies, and calls no listeners. The jar must be empty.
pub(crate) fn put_back<J: Jar>(jar: &mut J, cookies: Vec<Cookie>) {
    let (policy, now, room) = jar.rules_and_room("", None);
    let plan = room.plan(cookies.iter().map(Cookie::domain), None);
    room.open_all(&plan, |open| {
        let terms = open.terms(policy.settings(), now);
        for cookie in cookies {
            open.shelf(cookie.domain()).put_back(cookie, &terms);
        }
    });
}

pub(crate) fn merge_cookie_header<J: Jar>(
    jar: &J,
    headers: &mut impl RequestHeaders,
    request: RequestContext<'_>,
    merge: Merge,
) {
    let plan = jar.look_up(request, |lookup| lookup.plan(&*headers, merge));
    plan.apply(headers);
}

pub(crate) fn add_cookie_header<J: Jar>(jar: &J, request: &mut impl OutgoingRequest) {
    let context = request.request_context();
    let plan = jar.look_up(context, |lookup| lookup.plan(&*request, Merge::Keep));
    plan.apply(request);
}

pub(crate) fn remove(room: &mut impl Room, id: &CookieId<'_>) -> Result<Cookie, NotFound> {
    let gone = write(room, id.domain(), |open| {
        let (store, mut sink) = open.shelf(id.domain()).change(());
        store.remove(id, ChangeCause::Cleared, &mut sink)
    });
    gone.ok_or(NotFound)
}

pub(crate) fn clear(room: &mut impl Room) {
    let plan = room.plan(iter::empty(), None);
    room.open_all(&plan, clear_all);
}

pub(crate) fn clear_all(open: &mut Open<'_, '_>) {
    for shelf in open.all() {
        let (store, mut sink) = shelf.change_whole(());
        store.clear(&mut sink);
    }
}

pub(crate) fn clear_where(
    room: &mut impl Room,
    domain: &str,
    of: impl Fn(&Cookie) -> bool,
) -> Result<usize, NotFound> {
    let domain = domain::canonical_stored(domain);
    clear_part(room, &domain, |store, mut sink| {
        store.clear_where(&domain, of, &mut sink)
    })
}

pub(crate) fn clear_part<R: Room>(
    room: &mut R,
    domain: &str,
    clear: impl FnOnce(&mut Store, &mut dyn Sink) -> usize,
) -> Result<usize, NotFound> {
    let gone = write(room, domain, |open| {
        let (store, mut sink) = open.shelf(domain).change(());
        clear(store, &mut sink)
    });
    some(gone)
}

pub(crate) fn clear_path(
    room: &mut impl Room,
    domain: &str,
    path: &[u8],
) -> Result<usize, NotFound> {
    clear_where(room, domain, |cookie| cookie.path_part().is(path))
}

pub(crate) fn clear_in(room: &mut impl Room, partition: &str) -> Result<usize, NotFound> {
    some(retain(room, |cookie| {
        cookie.partition_key() != Some(partition)
    }))
}

pub(crate) fn clear_expired_cookies(room: &mut impl Room) -> usize {
    let now = room.now();
    let mut gone = 0;
    room.each(|shelf| {
        let (store, mut sink) = shelf.change(());
        gone += store.remove_expired(now, &mut sink);
    });
    gone
}

pub(crate) fn retain(room: &mut impl Room, mut keep: impl FnMut(&Cookie) -> bool) -> usize {
    let mut gone = 0;
    room.each(|shelf| {
        let (store, mut sink) = shelf.change(());
        gone += store.retain(&mut keep, &mut sink);
    });
    gone
}

pub(crate) fn drain(room: &mut impl Room) -> Vec<Cookie> {
    let plan = room.plan(iter::empty(), None);
    let mut cookies: Vec<_> = room.open_all(&plan, |open| {
        let taken = open.all().flat_map(|shelf| {
            let (store, mut sink) = shelf.change_whole(());
            store.take_all(&mut sink)
        });
        taken.collect()
    });
    cookies.sort_unstable_by_key(Cookie::creation_key);
    cookies
}

fn some(gone: usize) -> Result<usize, NotFound> {
    match gone {
        0 => Err(NotFound),
        gone => Ok(gone),
    }
}
