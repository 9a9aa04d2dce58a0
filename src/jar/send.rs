//! `add_cookie_header` and its kin: the selected cookies into the headers of a request.

use super::CookieJar;
use super::select::{Lookup, Selection, fit};
use crate::cookie::Cookie;
use crate::header::{self, write};
use crate::log;
use crate::message::{CookieHeader, HeaderFieldsExt, Merge, OutgoingRequest, RequestHeaders};
use crate::policy::{CookiePolicy, Limits};
use crate::request::RequestContext;

/// Sending. None of these calls changes which cookies are stored.
impl<P: CookiePolicy> CookieJar<P> {
    /// The value of the `Cookie` header for a request, for a client of your own; `None` if there is
    /// no cookie for it. The cookies count as sent.
    pub fn cookie_header<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
    ) -> Option<CookieHeader> {
        let (request, now) = self.timed(request.into());
        self.look_up(&[&self.store], &request, now).cookie_header()
    }

    /// Adds the `Cookie` header, and `Cookie2` where the policy wants it, to a request that knows
    /// its URL. A header that is there already stays, and the jar adds none of that name.
    ///
    /// ```
    /// use cookiejar::CookieJar;
    /// use http::Request;
    /// use url::Url;
    ///
    /// let mut jar = CookieJar::new();
    /// jar.extract_cookies(&[("Set-Cookie", "sid=31d4")], &Url::parse("https://acme.com/")?);
    /// let mut request = Request::get("https://acme.com/account").body(()).expect("a request");
    /// jar.add_cookie_header(&mut request);
    /// assert_eq!(request.headers()["cookie"], "sid=31d4");
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn add_cookie_header(&self, request: &mut impl OutgoingRequest) {
        let context = request.request_context().into_owned();
        self.add_cookie_header_to(request, &context);
    }

    /// Adds the `Cookie` header, and `Cookie2` where the policy wants it, to the headers of a
    /// request. A header that is there already stays, and the jar adds none of that name.
    pub fn add_cookie_header_to<'r>(
        &self,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
    ) {
        self.merge_cookie_header(headers, request, Merge::Keep);
    }

    /// Adds the `Cookie` header, and `Cookie2` where the policy wants it, to the headers of a
    /// request, and says what becomes of those that it has.
    pub fn merge_cookie_header<'r>(
        &self,
        headers: &mut impl RequestHeaders,
        request: impl Into<RequestContext<'r>>,
        merge: Merge,
    ) {
        let (request, now) = self.timed(request.into());
        self.look_up(&[&self.store], &request, now)
            .merge_into(headers, merge);
    }
}

impl<P: CookiePolicy + ?Sized> Lookup<'_, '_, P> {
    /// The header of the cookies that are sent now.
    pub(crate) fn cookie_header(&self) -> Option<CookieHeader> {
        let mut selection = Selection::new();
        self.select_all(&mut selection);
        let len = fit(&mut selection, self.limits());
        self.send(&selection, len)
    }

    /// Adds that header, and `Cookie2`, to those of a request.
    pub(crate) fn merge_into(&self, headers: &mut impl RequestHeaders, merge: Merge) {
        let present = match merge {
            Merge::Append => Present::of(headers),
            Merge::Keep | Merge::Replace => Present::default(),
        };
        let mut selection = Selection::new();
        self.select_all(&mut selection);
        selection.retain(|cookie| fits(cookie, headers) && !present.has(cookie));
        let len = fit(&mut selection, &present.leave_of(*self.limits()));
        match merge {
            Merge::Keep if headers.has_header("Cookie") => {}
            Merge::Keep | Merge::Append => {
                if let Some(header) = self.send(&selection, len) {
                    headers.replace_header("Cookie", Some(present.before(header)));
                }
            }
            Merge::Replace => headers.replace_header("Cookie", self.send(&selection, len)),
        }
        self.merge_cookie2(headers, &selection, merge);
    }

    /// Writes the header, whose length is known, and leaves the mark of being sent on its cookies.
    fn send(&self, selection: &[&Cookie], len: usize) -> Option<CookieHeader> {
        if selection.is_empty() {
            return None;
        }
        for cookie in selection {
            cookie.note_access(self.now);
        }
        log::sent(selection.len(), self.request);
        Some(CookieHeader::new(write::cookie_header(selection, len)))
    }

    /// Says to a server that does not know yet that RFC 2965 is spoken here (RFC 2965, section
    /// 9.1).
    fn merge_cookie2(
        &self,
        headers: &mut impl RequestHeaders,
        selection: &[&Cookie],
        merge: Merge,
    ) {
        let protocols = self.policy.settings().protocols;
        let wanted = protocols.rfc2965
            && !protocols.hide_cookie2
            && selection.iter().any(|cookie| cookie.version() != 1);
        let header = wanted.then(|| CookieHeader::new(write::COOKIE2.into()));
        if merge == Merge::Replace {
            headers.replace_header("Cookie2", header);
        } else if let (Some(header), false) = (header, headers.has_header("Cookie2")) {
            headers.append_header("Cookie2", header);
        }
    }
}

/// Whether a header of this kind can hold the cookie.
fn fits(cookie: &Cookie, headers: &impl RequestHeaders) -> bool {
    !cookie.has_control_octets() || {
        let mut octets = Vec::new();
        write::write_cookie(cookie, &mut octets);
        headers.can_hold(&octets)
    }
}

/// The `Cookie` header that a request has already, to which the jar's cookies are appended.
#[derive(Default)]
struct Present {
    header: Vec<u8>,
}

impl Present {
    /// The fields, without the separators at their ends: what follows brings its own.
    fn of(headers: &impl RequestHeaders) -> Self {
        let fields = headers.header_values("Cookie").map(without_separators);
        let fields: Vec<_> = fields.filter(|field| !field.is_empty()).collect();
        Self {
            header: fields.join(write::SEPARATOR),
        }
    }

    fn pairs(&self) -> impl Iterator<Item = &[u8]> {
        self.header
            .split(|&byte| byte == b';')
            .map(header::trim)
            .filter(|pair| !pair.is_empty())
    }

    /// Whether a cookie of this one's name is there.
    fn has(&self, cookie: &Cookie) -> bool {
        let name_of = |pair: &'_ [u8]| {
            header::trim(pair.split(|&byte| byte == b'=').next().unwrap_or(pair)).to_vec()
        };
        self.pairs()
            .any(|pair| cookie.name_part().is(&name_of(pair)))
    }

    /// What this leaves of the limits of a header.
    fn leave_of(&self, limits: Limits) -> Limits {
        if self.header.is_empty() {
            return limits;
        }
        Limits {
            header_cookies: limits.header_cookies.saturating_sub(self.pairs().count()),
            header_bytes: limits
                .header_bytes
                .saturating_sub(self.header.len() + write::SEPARATOR.len()),
            ..limits
        }
    }

    /// This header, with the jar's behind it.
    fn before(self, header: CookieHeader) -> CookieHeader {
        if self.header.is_empty() {
            return header;
        }
        CookieHeader::new([&self.header, write::SEPARATOR, header.as_bytes()].concat())
    }
}

fn without_separators(mut field: &[u8]) -> &[u8] {
    while let [b';' | b' ' | b'\t', rest @ ..] | [rest @ .., b';' | b' ' | b'\t'] = field {
        field = rest;
    }
    field
}
