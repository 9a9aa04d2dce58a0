//! `extract_cookies`: header bytes, attributes, cookie, policy, store.
//!
//! A call first reads and judges all cookies; then it takes the locks that it needs, once, and stores them all: no
//! other call sees half of a response, and a policy that panics in `set_ok` leaves the jar unchanged. Only a response
//! whose cookies take more than 1 MiB is stored in parts.

use std::cell::Cell;

use smallvec::SmallVec;

use super::aliases::Aliases;
use super::calls::{Jar, Open, Room};
use super::response::read_cookies;
use super::{ExtractReport, FieldOutcome, aliases};
use crate::cookie::Cookie;
use crate::headers::ResponseHeaders;
use crate::log;
use crate::policy::{CookiePolicy, Existing, Limits};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::set_cookie::Reader;
use crate::store::{ChangeCause, Sink, Terms};

pub(crate) fn extract_cookies<J: Jar>(
    jar: &mut J,
    response: &(impl ResponseHeaders + ?Sized),
    mut request: RequestContext<'_>,
    tell: impl Tell,
) -> ExtractReport {
    let (policy, now, room) = jar.rules_and_room(request.host(), request.now_seconds());
    request.fix_seconds(now);
    room.teach(&request);
    let settings = policy.settings();
    let mut collector = Collector::new(&*policy, room, &request, now, tell);
    let reader = Reader::new(settings.dialect, &request, now)
        .for_cookies_up_to(settings.limits.cookie_bytes);
    read_cookies(settings, response, &reader, |field, name, cookie| {
        collector.push(field, name, cookie);
    });
    collector.store();
    collector.report
}

pub(crate) fn take_given<'n, J: Jar>(
    jar: &mut J,
    given: impl Iterator<Item = (&'n [u8], Result<Cookie, Rejection>)>,
    request: RequestContext<'_>,
) -> ExtractReport {
    let (policy, now, room) = jar.rules_and_room(request.host(), request.now_seconds());
    let request = request.at_seconds(now);
    let mut collector = Collector::new(&*policy, room, &request, now, ());
    for (name, cookie) in given {
        collector.push(name, name, cookie);
    }
    collector.store();
    collector.report
}

pub(crate) fn set_cookie_if_ok<J: Jar>(
    jar: &mut J,
    mut cookie: Cookie,
    request: RequestContext<'_>,
) -> Result<Option<ChangeCause>, Rejection> {
    let (policy, now, room) = jar.rules_and_room(request.host(), request.now_seconds());
    let request = request.at_seconds(now);
    let judged = judge(&*policy, &mut cookie, &request);
    let domains = std::iter::once(cookie.domain()).chain(request.local_name());
    let plan = room.plan(domains, Some(request.host()));
    let mut cookie = Some(cookie);
    let outcome = judged.and_then(|()| {
        room.open(&plan, |open| {
            let terms = open.terms(policy.settings(), now);
            store_judged(open, &*policy, &mut cookie, &request, &terms, &mut ())
        })
    });
    if outcome == Ok(Some(ChangeCause::Stored)) {
        room.note_stored(1, &policy.settings().limits);
        room.evict_surplus(policy.settings(), now, &mut ());
    }
    if let (Err(reason), Some(cookie)) = (outcome, cookie) {
        log::rejected(&cookie.name_bytes(), request.host(), reason);
    }
    outcome
}

pub(crate) trait Tell {
    fn keep(&self, cookie: &Cookie) -> Option<Box<Cookie>>;

    fn tell(&mut self, outcome: FieldOutcome<'_>);
}

impl Tell for () {
    #[inline]
    fn keep(&self, _: &Cookie) -> Option<Box<Cookie>> {
        None
    }

    #[inline]
    fn tell(&mut self, _: FieldOutcome<'_>) {}
}

impl<F: FnMut(FieldOutcome<'_>)> Tell for F {
    fn keep(&self, cookie: &Cookie) -> Option<Box<Cookie>> {
        Some(Box::new(cookie.clone()))
    }

    fn tell(&mut self, outcome: FieldOutcome<'_>) {
        self(outcome);
    }
}

/// The bytes of cookies that are stored together. No honest response has as many, and the cookies of a hostile one are
/// not all in memory twice.
const TOGETHER: usize = 1 << 20;

struct Collector<'i, 'f, P: ?Sized, R, T> {
    policy: &'i P,
    room: &'i mut R,
    request: &'i RequestContext<'i>,
    now: i64,
    tell: T,
    /// Those of a usual response fit without an allocation.
    batch: SmallVec<[Received<'f>; 4]>,
    bytes: usize,
    report: ExtractReport,
}

struct Received<'f> {
    field: &'f [u8],
    name: &'f [u8],
    cookie: Option<Cookie>,
    kept: Option<Box<Cookie>>,
    outcome: Result<Option<ChangeCause>, Rejection>,
}

impl<'i, 'f, P: CookiePolicy + ?Sized, R: Room, T: Tell> Collector<'i, 'f, P, R, T> {
    fn new(
        policy: &'i P,
        room: &'i mut R,
        request: &'i RequestContext<'i>,
        now: i64,
        tell: T,
    ) -> Self {
        Self {
            policy,
            room,
            request,
            now,
            tell,
            batch: SmallVec::new(),
            bytes: 0,
            report: ExtractReport::default(),
        }
    }

    /// Judges a cookie as far as that does not depend on stored cookies.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `response`: 40 of 130 instructions a cookie were the call and a copy for it"
    )]
    fn push(&mut self, field: &'f [u8], name: &'f [u8], mut read: Result<Cookie, Rejection>) {
        let judged = match &mut read {
            Ok(cookie) => judge(self.policy, cookie, self.request),
            Err(reason) => Err(*reason),
        };
        let cookie = read.ok();
        self.bytes += size_of::<Received<'_>>() + cookie.as_ref().map_or(0, Cookie::text_len);
        self.batch.push(Received {
            field,
            name,
            cookie,
            kept: None,
            outcome: judged.map(|()| None),
        });
        if self.bytes >= TOGETHER {
            self.store();
        }
    }

    fn store(&mut self) {
        if self.batch.iter().any(|received| received.outcome.is_ok()) {
            let before = self.report.stored;
            self.store_accepted();
            self.keep_to_total(self.report.stored - before);
        }
        for received in &self.batch {
            let &Received {
                field,
                name,
                outcome,
                ..
            } = received;
            if let Err(reason) = outcome {
                log::rejected(name, self.request.host(), reason);
                self.report.reject(name, reason);
            }
            self.tell.tell(FieldOutcome {
                field,
                name,
                cookie: received.cookie.as_ref().or(received.kept.as_deref()),
                outcome,
            });
        }
        self.batch.clear();
        self.bytes = 0;
    }

    fn keep_to_total(&mut self, stored: usize) {
        if stored > 0 {
            let settings = self.policy.settings();
            self.room.note_stored(stored, &settings.limits);
            self.room
                .evict_surplus(settings, self.now, &mut self.report);
        }
    }

    fn store_accepted(&mut self) {
        let Self {
            policy,
            request,
            tell,
            batch,
            report,
            ..
        } = self;
        let accepted = batch.iter().filter(|received| received.outcome.is_ok());
        let cookies = accepted.filter_map(|received| received.cookie.as_ref());
        let domains = cookies.map(Cookie::domain).chain(request.local_name());
        let plan = self.room.plan(domains, Some(request.host()));
        let now = self.now;
        self.room.open(&plan, |open| {
            let terms = open.terms(policy.settings(), now);
            for received in batch {
                if let (Ok(_), Some(cookie)) = (received.outcome, &received.cookie) {
                    received.kept = tell.keep(cookie);
                    let cookie = &mut received.cookie;
                    received.outcome = store_judged(open, *policy, cookie, request, &terms, report);
                }
            }
        });
    }
}

fn judge<P: CookiePolicy + ?Sized>(
    policy: &P,
    cookie: &mut Cookie,
    request: &RequestContext<'_>,
) -> Result<(), Rejection> {
    if !request.has_host() {
        return Err(Rejection::NoHost);
    }
    policy.prepare(cookie, request);
    policy.set_ok(cookie, request)?;
    check_size(cookie, &policy.settings().limits)
}

#[inline]
pub(super) fn check_size(cookie: &Cookie, limits: &Limits) -> Result<(), Rejection> {
    if cookie.pair_len() > limits.pair_bytes {
        return Err(Rejection::PairTooLong);
    }
    if cookie.is_longer_than(limits.cookie_bytes) {
        return Err(Rejection::CookieTooLong);
    }
    Ok(())
}

/// A rejected cookie stays in `judged`.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "bench `response`: 30 of 80 instructions a cookie were the call"
)]
fn store_judged<P: CookiePolicy + ?Sized>(
    open: &mut Open<'_, '_>,
    policy: &P,
    judged: &mut Option<Cookie>,
    request: &RequestContext<'_>,
    terms: &Terms<'_>,
    sink: &mut impl Sink,
) -> Result<Option<ChangeCause>, Rejection> {
    let Some(cookie) = judged.as_ref() else {
        return Ok(None);
    };
    let aliases = aliases::of(cookie, request, policy, open);
    replace_ok(open, policy, cookie, &aliases, request, terms)?;
    if !aliases.is_empty() {
        return Ok(store_over(open, &aliases, judged, terms, sink));
    }
    let (store, mut sink) = open.shelf_of(cookie).change(sink);
    Ok(judged
        .take()
        .and_then(|cookie| store.set(cookie, terms, &mut sink)))
}

#[inline]
fn replace_ok<P: CookiePolicy + ?Sized>(
    open: &mut Open<'_, '_>,
    policy: &P,
    cookie: &Cookie,
    aliases: &Aliases,
    request: &RequestContext<'_>,
    terms: &Terms<'_>,
) -> Result<(), Rejection> {
    let has_looked = Cell::new(false);
    let look = |which, is_such: &mut dyn FnMut(&Cookie) -> bool| {
        has_looked.set(true);
        let mut others = aliases
            .iter()
            .filter_map(|domain| aliases::alive(domain, cookie, terms.now, open));
        others.any(&mut *is_such)
            || open
                .stores()
                .any(|store| store.any_overlaid(cookie, request.host(), terms, which, is_such))
    };
    let verdict = policy.replace_ok(cookie, Existing::lazy(&look), request);
    if has_looked.get() {
        open.forget_gone(cookie, terms);
    }
    verdict
}

#[cold]
fn store_over(
    open: &mut Open<'_, '_>,
    aliases: &Aliases,
    judged: &mut Option<Cookie>,
    terms: &Terms<'_>,
    sink: &mut impl Sink,
) -> Option<ChangeCause> {
    let cookie = judged.take()?;
    let domains = aliases.iter().map(String::as_str);
    let displaced = aliases::take(domains, &cookie, terms.now, open, sink);
    let terms = terms.in_place_of(displaced.as_ref());
    let (store, mut sink) = open.shelf_of(&cookie).change(sink);
    let changed = store.set(cookie, &terms, &mut sink);
    changed.or(displaced.as_ref().map(|_| ChangeCause::Removed))
}
