//! `extract_cookies`: header bytes, attributes, cookie, policy, store.
//!
//! A call reads and judges all that it is given first; then it takes the locks that it needs, once, and stores
//! all: nobody sees half of a response, and a policy that panics in `set_ok` leaves the jar as it was.

use std::cell::Cell;
use std::collections::HashSet;

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::aliases::Aliases;
use super::calls::{Jar, Open, Room};
use super::{ExtractReport, FieldOutcome, aliases};
use crate::cookie::{Cookie, CookieId};
use crate::domain;
use crate::headers::ResponseHeaders;
use crate::log;
use crate::policy::{CookiePolicy, Dialect, Existing, Limits, Settings};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::set_cookie::header_words;
use crate::store::{ChangeCause, Sink, Terms};

/// Takes in the cookies of a response.
pub(crate) fn extract_cookies<J: Jar>(
    jar: &mut J,
    response: &(impl ResponseHeaders + ?Sized),
    mut request: RequestContext<'_>,
    tell: impl Tell,
) -> ExtractReport {
    let (policy, now, room) = jar.rules_and_room(request.host(), request.now_seconds());
    request.fix_seconds(now);
    let settings = policy.settings();
    let mut intake = Intake::new(&*policy, room, &request, now, tell);
    read_cookies(settings, response, &request, now, |field, name, cookie| {
        intake.push(field, name, cookie);
    });
    intake.store();
    intake.report
}

/// Takes in cookies that come with a request, each under the name that it was given.
pub(crate) fn take_given<'n, J: Jar>(
    jar: &mut J,
    given: impl Iterator<Item = (&'n [u8], Result<Cookie, Rejection>)>,
    request: RequestContext<'_>,
) -> ExtractReport {
    let (policy, now, room) = jar.rules_and_room(request.host(), request.now_seconds());
    let request = request.at_seconds(now);
    let mut intake = Intake::new(&*policy, room, &request, now, ());
    for (name, cookie) in given {
        intake.push(name, name, cookie);
    }
    intake.store();
    intake.report
}

/// Reads the cookies of a response and decides nothing.
pub(crate) fn make_cookies<J: Jar>(
    jar: &J,
    response: &(impl ResponseHeaders + ?Sized),
    request: RequestContext<'_>,
) -> Vec<Cookie> {
    let (policy, now) = jar.rules(request.host(), request.now_seconds());
    let request = request.at_seconds(now);
    let mut cookies = Vec::new();
    read_cookies(
        policy.settings(),
        response,
        &request,
        now,
        |_, _, cookie| cookies.extend(cookie),
    );
    cookies
}

/// Stores a cookie if the policy accepts it.
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

/// Hears what became of each field of a response, or does not care.
pub(crate) trait Tell {
    /// Keeps a copy of a cookie to tell of it once it is stored.
    fn keep(&self, cookie: &Cookie) -> Option<Box<Cookie>>;

    fn tell(&mut self, outcome: FieldOutcome<'_>);
}

/// Does not care.
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

/// How many cookies of one response are stored together. No honest response has as many, and what a hostile
/// one has is not all in memory twice.
const TOGETHER: usize = 4_096;

/// Gathers the cookies that a call takes in, and stores them together.
struct Intake<'i, 'f, P: ?Sized, R, T> {
    policy: &'i P,
    room: &'i mut R,
    request: &'i RequestContext<'i>,
    now: i64,
    tell: T,
    /// Those of the usual response fit in without a block of memory.
    batch: SmallVec<[Received<'f>; 4]>,
    report: ExtractReport,
}

/// A cookie that came, and what has become of it so far.
struct Received<'f> {
    field: &'f [u8],
    name: &'f [u8],
    /// The cookie, if one was read, until it is stored.
    cookie: Option<Cookie>,
    /// A copy of it to tell of later.
    kept: Option<Box<Cookie>>,
    outcome: Result<Option<ChangeCause>, Rejection>,
}

impl<'i, 'f, P: CookiePolicy + ?Sized, R: Room, T: Tell> Intake<'i, 'f, P, R, T> {
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
            report: ExtractReport::default(),
        }
    }

    /// Judges a cookie as far as that does not depend on what is stored.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `W2`: 40 of 130 instructions a cookie were the call and a copy for it"
    )]
    fn push(&mut self, field: &'f [u8], name: &'f [u8], mut read: Result<Cookie, Rejection>) {
        let judged = match &mut read {
            Ok(cookie) => judge(self.policy, cookie, self.request),
            Err(reason) => Err(*reason),
        };
        self.batch.push(Received {
            field,
            name,
            cookie: read.ok(),
            kept: None,
            outcome: judged.map(|()| None),
        });
        if self.batch.len() == TOGETHER {
            self.store();
        }
    }

    /// Stores the cookies of the batch that were accepted, and reports what became of each.
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

/// Prepares a cookie and asks whether it may be stored, as far as that does not depend on what is stored.
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

/// Checks a cookie against the limits on its size.
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

/// Stores a cookie that was judged, if the policy lets it overlay what is stored. One that is rejected stays
/// where it is.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "bench `W2`: 30 of 80 instructions a cookie were the call"
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

/// Asks the policy whether a cookie may overlay what is stored.
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
        let others = aliases
            .iter()
            .filter_map(|domain| aliases::get(domain, cookie, open));
        let mut others = others.filter(|other| !other.is_expired_at(terms.now));
        others.any(&mut *is_such)
            || open
                .stores()
                .any(|store| store.any_overlaid(cookie, request.host(), terms, which, is_such))
    };
    let verdict = policy.replace_ok(cookie, Existing::lazy(&look), request);
    if has_looked.get() {
        open.forget_gone(cookie, terms.now);
    }
    verdict
}

/// Stores a cookie and removes those that its host would get beside it.
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

/// Reads all cookies of a response, each with its field and its name as they came: first those of `Set-Cookie2`,
/// then those of `Set-Cookie` that are not the same (CPython: `make_cookies`).
fn read_cookies<'f>(
    settings: &Settings,
    response: &'f (impl ResponseHeaders + ?Sized),
    request: &RequestContext<'_>,
    now: i64,
    mut each: impl FnMut(&'f [u8], &'f [u8], Result<Cookie, Rejection>),
) {
    let protocols = settings.protocols;
    let none_counts = set_no_cookies(response, request);
    let mut seen = SeenIn2965::default();
    if protocols.rfc2965 {
        read_set_cookie2(settings, response, request, now, |field, name, cookie| {
            let cookie = match none_counts {
                Some(reason) if cookie != Err(Rejection::FieldTooLong) => Err(reason),
                _ => cookie,
            };
            // One that only deletes stands in nobody's way.
            let lasting = cookie
                .as_ref()
                .ok()
                .filter(|cookie| !cookie.is_expired_at(now));
            seen.extend(lasting.map(|cookie| id(cookie, settings, request).into_owned()));
            each(field, name, cookie);
        });
    }
    if !protocols.netscape {
        return;
    }
    for field in response.header_values("Set-Cookie") {
        let mut read = read_field(settings, field, request, now);
        if let Some(reason) = none_counts
            && read.1 != Err(Rejection::FieldTooLong)
        {
            read.1 = Err(reason);
        }
        if let Ok(cookie) = &mut read.1 {
            if let Err(reason) = cookie.mark_rfc2109(protocols.downgrades_rfc2109()) {
                read.1 = Err(reason);
            } else if !seen.is_empty() && seen.contains(&id(cookie, settings, request)) {
                read.1 = Err(Rejection::SupersededBySetCookie2);
            }
        }
        each(field, read.0, read.1);
    }
}

/// Reads the cookies of a response's `Set-Cookie2` fields.
fn read_set_cookie2<'f>(
    settings: &Settings,
    response: &'f (impl ResponseHeaders + ?Sized),
    request: &RequestContext<'_>,
    now: i64,
    mut each: impl FnMut(&'f [u8], &'f [u8], Result<Cookie, Rejection>),
) {
    for field in response.header_values("Set-Cookie2") {
        if field.len() > settings.limits.field_bytes {
            each(field, b"", Err(Rejection::FieldTooLong));
            continue;
        }
        for attributes in header_words::parse(field) {
            let name = attributes.name;
            let cookie = Dialect::Python.make_cookie(attributes, request, now);
            each(field, name, cookie);
        }
    }
}

/// Reads one `Set-Cookie` field: the name as it came, and the cookie.
#[inline]
fn read_field<'f>(
    settings: &Settings,
    field: &'f [u8],
    request: &RequestContext<'_>,
    now: i64,
) -> (&'f [u8], Result<Cookie, Rejection>) {
    if field.len() > settings.limits.field_bytes {
        return (b"", Err(Rejection::FieldTooLong));
    }
    settings.dialect.read_field(field, request, now)
}

/// Why no cookie of this response counts, if so.
fn set_no_cookies(
    response: &(impl ResponseHeaders + ?Sized),
    request: &RequestContext<'_>,
) -> Option<Rejection> {
    match response.status() {
        Some(100..=199 | 407) => Some(Rejection::IgnoredStatus),
        _ if !request.has_host() => Some(Rejection::NoHost),
        _ => None,
    }
}

/// The cookies of a response's `Set-Cookie2` fields. Nothing that is read is in a partition yet.
type SeenIn2965 = HashSet<CookieId<'static>, RandomState>;

/// Which cookie it will be. A `Domain` that the host has to itself means the same as none.
fn id<'c>(cookie: &'c Cookie, settings: &Settings, request: &RequestContext<'_>) -> CookieId<'c> {
    let (list, bare) = (&settings.suffixes, domain::undotted(cookie.domain()));
    let is_own_alone =
        bare == request.host() && !list.is_none() && request.registrable_domain(list).is_none();
    if is_own_alone {
        cookie.id().under(bare)
    } else {
        cookie.id()
    }
}
