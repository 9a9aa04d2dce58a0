//! Writing the selected cookies into the headers of a request.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::header;
use super::select::{Lookup, fit};
use super::{CookieJar, calls};
use crate::cookie::Cookie;
use crate::headers::{CookieHeader, HeaderFieldsExt, Merge, RequestHeaders};
use crate::log;
use crate::octets;
use crate::policy::{CookiePolicy, Limits, Selection};
use crate::request::{OutgoingRequest, RequestContext};

/// Sending. None of these calls changes which cookies are stored.
impl<P: CookiePolicy> CookieJar<P> {
    /// Returns the value of the `Cookie` header for a request, for a client of your own, or `None` if no cookie
    /// matches. The cookies count as sent.
    pub fn cookie_header<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
    ) -> Option<CookieHeader> {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "lifetimes want the closure"
        )]
        self.looking(request.into(), |lookup| lookup.cookie_header())
    }

    /// Adds the `Cookie` header, and `Cookie2` if the policy wants it, to a request that knows its URL. An existing
    /// header stays, and the jar does not add another.
    pub fn add_cookie_header(&self, request: &mut impl OutgoingRequest) {
        calls::add_cookie_header(self, request);
    }

    /// Adds the `Cookie` header, and `Cookie2` if the policy wants it, to the headers of a request. An existing
    /// header stays, and the jar does not add another.
    pub fn add_cookie_header_to<'r>(
        &self,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
    ) {
        calls::merge_cookie_header(self, headers, request.into(), Merge::Keep);
    }

    /// Adds the `Cookie` header, and `Cookie2` if the policy wants it, to the headers of a request; `merge` decides
    /// about existing ones.
    pub fn merge_cookie_header<'r>(
        &self,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
        merge: Merge,
    ) {
        calls::merge_cookie_header(self, headers, request.into(), merge);
    }
}

impl<P: CookiePolicy + ?Sized> Lookup<'_, '_, P> {
    pub(crate) fn cookie_header(&self) -> Option<CookieHeader> {
        let mut selection = Selection::new();
        self.select_all(&mut selection);
        if selection.is_empty() {
            return None;
        }
        let len = fit(&mut selection, self.limits());
        self.send(&selection, len)
    }

    pub(crate) fn plan(&self, headers: &impl RequestHeaders, merge: Merge) -> HeaderPlan {
        let present = match merge {
            Merge::Append => ExistingHeader::read(headers),
            Merge::Keep | Merge::Replace => ExistingHeader::default(),
        };
        let mut selection = Selection::new();
        self.select_all(&mut selection);
        let is_sent = |cookie: &Cookie| can_hold(cookie, headers) && !present.has(cookie);
        if !selection.iter().all(|cookie| is_sent(cookie)) {
            selection.retain(|cookie| is_sent(cookie));
        }
        let len = fit(&mut selection, &present.remaining(*self.limits()));
        let cookie = match merge {
            Merge::Keep if headers.has_header("Cookie") => Planned::Stays,
            Merge::Keep | Merge::Append => match self.send(&selection, len) {
                Some(header) => Planned::Becomes(Some(present.before(header))),
                None => Planned::Stays,
            },
            Merge::Replace => Planned::Becomes(self.send(&selection, len)),
        };
        let cookie2 = self.plan_cookie2(headers, &selection, merge);
        HeaderPlan { cookie, cookie2 }
    }

    fn send(&self, selection: &[&Cookie], len: usize) -> Option<CookieHeader> {
        if selection.is_empty() {
            return None;
        }
        for cookie in selection {
            cookie.note_access(self.now);
        }
        log::sent(selection.len(), self.request);
        Some(CookieHeader::new(header::cookie_header(selection, len)))
    }

    /// Announces RFC 2965 to a server that does not know yet that it is supported (RFC 2965, section 9.1).
    fn plan_cookie2(
        &self,
        headers: &impl RequestHeaders,
        selection: &[&Cookie],
        merge: Merge,
    ) -> Planned {
        let protocols = self.policy.settings().protocols;
        let wanted = protocols.rfc2965
            && !protocols.hide_cookie2
            && selection.iter().any(|cookie| cookie.version() != 1);
        let header = wanted.then(|| CookieHeader::new(header::COOKIE2.into()));
        let stays = match merge {
            Merge::Replace => false,
            Merge::Append | Merge::Keep => header.is_none() || headers.has_header("Cookie2"),
        };
        if stays {
            Planned::Stays
        } else {
            Planned::Becomes(header)
        }
    }
}

/// The changes to the headers of a request, to be applied when no lock is held.
pub(crate) struct HeaderPlan {
    cookie: Planned,
    cookie2: Planned,
}

enum Planned {
    Stays,
    Becomes(Option<CookieHeader>),
}

impl HeaderPlan {
    pub(crate) fn apply(self, headers: &mut impl RequestHeaders) {
        for (name, planned) in [("Cookie", self.cookie), ("Cookie2", self.cookie2)] {
            if let Planned::Becomes(header) = planned {
                headers.replace_header(name, header);
            }
        }
    }
}

#[inline]
fn can_hold(cookie: &Cookie, headers: &impl RequestHeaders) -> bool {
    !cookie.has_control_octets() || {
        let mut octets = Vec::new();
        header::write_cookie(cookie, &mut octets);
        headers.can_hold(&octets)
    }
}

#[derive(Default)]
struct ExistingHeader {
    header: Vec<u8>,
    /// The names of its cookies: many may be appended to many.
    names: HashSet<Box<[u8]>, RandomState>,
}

impl ExistingHeader {
    /// Joins the fields, without the separators at their ends: what is appended has its own.
    fn read(headers: &impl RequestHeaders) -> Self {
        let fields = headers.header_values("Cookie").map(without_separators);
        let fields: Vec<_> = fields.filter(|field| !field.is_empty()).collect();
        let header = fields.join(header::SEPARATOR);
        let name_of = |pair: &[u8]| {
            let name = pair.split(|&byte| byte == b'=').next();
            octets::trim(name.unwrap_or(pair)).into()
        };
        Self {
            names: Self::pairs_of(&header).map(name_of).collect(),
            header,
        }
    }

    fn pairs(&self) -> impl Iterator<Item = &[u8]> {
        Self::pairs_of(&self.header)
    }

    fn pairs_of(header: &[u8]) -> impl Iterator<Item = &[u8]> {
        header
            .split(|&byte| byte == b';')
            .map(octets::trim)
            .filter(|pair| !pair.is_empty())
    }

    #[inline]
    fn has(&self, cookie: &Cookie) -> bool {
        !self.names.is_empty() && self.names.contains(&*cookie.name_bytes())
    }

    fn remaining(&self, limits: Limits) -> Limits {
        if self.header.is_empty() {
            return limits;
        }
        Limits {
            header_cookies: limits.header_cookies.saturating_sub(self.pairs().count()),
            header_bytes: limits
                .header_bytes
                .saturating_sub(self.header.len() + header::SEPARATOR.len()),
            ..limits
        }
    }

    fn before(self, header: CookieHeader) -> CookieHeader {
        if self.header.is_empty() {
            return header;
        }
        CookieHeader::new([&self.header, header::SEPARATOR, header.as_bytes()].concat())
    }
}

fn without_separators(mut field: &[u8]) -> &[u8] {
    while let [b';' | b' ' | b'\t', rest @ ..] | [rest @ .., b';' | b' ' | b'\t'] = field {
        field = rest;
    }
    field
}
