//! Reading cookies from the fields of a response, by the protocols and the dialect of a policy.
//!
//! It does not know the store.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::calls::Jar;
use crate::cookie::{Cookie, CookieId};
use crate::domain;
use crate::headers::ResponseHeaders;
use crate::policy::{CookiePolicy, Settings};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::set_cookie::{Reader, header_words, python};

pub(crate) fn make_cookies<J: Jar>(
    jar: &J,
    response: &(impl ResponseHeaders + ?Sized),
    request: RequestContext<'_>,
) -> Vec<Cookie> {
    let (policy, now) = jar.rules(request.host(), request.now_seconds());
    let request = request.at_seconds(now);
    let settings = policy.settings();
    let reader = Reader::new(settings.dialect, &request, now);
    let mut cookies = Vec::new();
    read_cookies(settings, response, &reader, |_, _, cookie| {
        cookies.extend(cookie);
    });
    cookies
}

/// First the cookies of `Set-Cookie2`, then those of `Set-Cookie` that have other ids (CPython: `make_cookies`). Each
/// comes with its field and its name as received.
pub(super) fn read_cookies<'f>(
    settings: &Settings,
    response: &'f (impl ResponseHeaders + ?Sized),
    reader: &Reader<'_>,
    mut each: impl FnMut(&'f [u8], &'f [u8], Result<Cookie, Rejection>),
) {
    let (protocols, request) = (settings.protocols, reader.request);
    let none_counts = set_no_cookies(response, request);
    let mut seen = protocols.rfc2965.then(SeenIn2965::default);
    if let Some(seen) = &mut seen {
        read_set_cookie2(settings, response, reader, &mut |field, name, cookie| {
            let cookie = match none_counts {
                Some(reason) if cookie != Err(Rejection::FieldTooLong) => Err(reason),
                _ => cookie,
            };
            // A cookie that only deletes supersedes no other.
            if let Ok(cookie) = &cookie
                && !cookie.is_expired_at(reader.now)
            {
                seen.insert(&id(cookie, settings, request));
            }
            each(field, name, cookie);
        });
    }
    if !protocols.netscape {
        return;
    }
    for field in response.header_values("Set-Cookie") {
        let mut read = read_field(settings, field, reader);
        if let Some(reason) = none_counts
            && read.1 != Err(Rejection::FieldTooLong)
        {
            read.1 = Err(reason);
        }
        if let Ok(cookie) = &mut read.1 {
            if let Err(reason) = cookie.mark_rfc2109(protocols.downgrades_rfc2109()) {
                read.1 = Err(reason);
            } else if seen
                .as_ref()
                .is_some_and(|seen| seen.contains(&id(cookie, settings, request)))
            {
                read.1 = Err(Rejection::SupersededBySetCookie2);
            }
        }
        each(field, read.0, read.1);
    }
}

#[cold]
fn read_set_cookie2<'f>(
    settings: &Settings,
    response: &'f (impl ResponseHeaders + ?Sized),
    reader: &Reader<'_>,
    each: &mut dyn FnMut(&'f [u8], &'f [u8], Result<Cookie, Rejection>),
) {
    for field in response.header_values("Set-Cookie2") {
        if field.len() > settings.limits.field_bytes {
            each(field, b"", Err(Rejection::FieldTooLong));
            continue;
        }
        for attributes in header_words::parse(field) {
            let name = attributes.name;
            each(field, name, python::make_cookie(&attributes, reader));
        }
    }
}

#[inline]
fn read_field<'f>(
    settings: &Settings,
    field: &'f [u8],
    reader: &Reader<'_>,
) -> (&'f [u8], Result<Cookie, Rejection>) {
    if field.len() > settings.limits.field_bytes {
        return (b"", Err(Rejection::FieldTooLong));
    }
    reader.read_field(field)
}

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

/// The ids of a response's `Set-Cookie2` cookies, each as two hashes with keys of their own: the escaped path in an id
/// may be three times as long as the field. Cookies just read are in no partition yet.
#[derive(Default)]
struct SeenIn2965 {
    hashes: HashSet<[u64; 2], RandomState>,
    keys: [RandomState; 2],
}

impl SeenIn2965 {
    fn insert(&mut self, id: &CookieId<'_>) {
        self.hashes.insert(self.hashes_of(id));
    }

    fn contains(&self, id: &CookieId<'_>) -> bool {
        self.hashes.contains(&self.hashes_of(id))
    }

    fn hashes_of(&self, id: &CookieId<'_>) -> [u64; 2] {
        self.keys.each_ref().map(|key| key.hash_one(id))
    }
}

/// A `Domain` that no other host can share means the same as no `Domain`.
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
