//! Step 5: which cookies a request gets, in which order, and why the others do not.

use std::collections::BTreeMap;
use std::fmt;

use smallvec::SmallVec;

use super::CookieJar;
use crate::cookie::Cookie;
use crate::domain;
use crate::header::{self, write};
use crate::log;
use crate::message::{CookieHeader, Merge, OutgoingRequest, RequestHeaders};
use crate::policy::{CookiePolicy, DomainScope, Limits};
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::{Bucket, key_of};

/// The cookies that a request gets; the usual number of them needs no block of memory.
type Selection<'s> = SmallVec<[&'s Cookie; 16]>;

/// What a jar has to say about one cookie and one request; see [`CookieJar::explain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation<'a> {
    /// The cookie.
    pub cookie: &'a Cookie,
    /// `Ok` if it would be sent, or the first rule that keeps it back.
    pub verdict: Result<(), Rejection>,
}

/// The cookie without its value, and `sent` or the reason.
impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.verdict {
            Ok(()) => write!(f, "{}: sent", self.cookie),
            Err(reason) => write!(f, "{}: {reason}", self.cookie),
        }
    }
}

/// Sending. None of these calls changes which cookies are stored.
impl<P: CookiePolicy> CookieJar<P> {
    /// The value of the `Cookie` header for a request, for a client of your own; `None` if there is
    /// no cookie for it. The cookies count as sent.
    pub fn cookie_header<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
    ) -> Option<CookieHeader> {
        let (request, now) = self.timed(request.into());
        let selection = self.select(&request, now, self.limits());
        sent(&selection, &request, now)
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
        let present = match merge {
            Merge::Append => Present::of(headers),
            Merge::Keep | Merge::Replace => Present::default(),
        };
        let mut selection = self.select(&request, now, present.leave_of(self.limits()));
        selection.retain(|cookie| fits(cookie, headers) && !present.has(cookie));
        match merge {
            Merge::Keep if headers.has_header("Cookie") => {}
            Merge::Keep | Merge::Append => {
                if let Some(header) = sent(&selection, &request, now) {
                    headers.replace_header("Cookie", Some(present.before(header)));
                }
            }
            Merge::Replace => headers.replace_header("Cookie", sent(&selection, &request, now)),
        }
        self.merge_cookie2(headers, &selection, merge);
    }

    /// The cookies that a request gets, in the order in which they are sent. They do not count as
    /// sent.
    #[must_use]
    pub fn cookies_for<'r>(&self, request: impl Into<RequestContext<'r>>) -> Vec<&Cookie> {
        let (request, now) = self.timed(request.into());
        self.select(&request, now, self.limits()).into_vec()
    }

    /// Says of every cookie of the domains in reach of a request whether it would be sent, or which
    /// rule keeps it back, in the order in which cookies are sent.
    ///
    /// ```
    /// use cookiejar::{CookieJar, Rejection};
    /// use url::Url;
    ///
    /// let mut jar = CookieJar::new();
    /// let response = [("Set-Cookie", "a=1; Path=/shop"), ("Set-Cookie", "b=2; Secure")];
    /// jar.extract_cookies(&response, &Url::parse("https://acme.com/")?);
    /// let explained = jar.explain(&Url::parse("http://acme.com/shop/cart")?);
    /// assert_eq!(explained[0].verdict, Ok(()));
    /// assert_eq!(explained[1].verdict, Err(Rejection::InsecureRequest));
    /// assert_eq!(explained[1].to_string(), "<Cookie b for acme.com/>: the cookie is Secure and the request is not");
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn explain<'r>(&self, request: impl Into<RequestContext<'r>>) -> Vec<Explanation<'_>> {
        let (request, now) = self.timed(request.into());
        let mut explained = Vec::new();
        self.judge(&request, now, |cookie, verdict| {
            explained.push(Explanation { cookie, verdict });
        });
        explained.sort_unstable_by_key(|explanation| explanation.cookie.sending_key());
        let all: Selection<'_> = chosen(&explained).collect();
        let mut kept = fit(all, self.limits()).into_iter().peekable();
        for explanation in explained
            .iter_mut()
            .filter(|explanation| explanation.verdict.is_ok())
        {
            let is_kept = kept
                .next_if(|cookie| std::ptr::eq(*cookie, explanation.cookie))
                .is_some();
            explanation.verdict = if is_kept {
                Ok(())
            } else {
                Err(Rejection::HeaderFull)
            };
        }
        explained
    }

    fn limits(&self) -> Limits {
        self.policy.settings().limits
    }

    /// The cookies for a request, in the one order, as many as the header holds.
    fn select(&self, request: &RequestContext<'_>, now: i64, limits: Limits) -> Selection<'_> {
        let mut selection = Selection::new();
        self.judge(request, now, |cookie, verdict| match verdict {
            Ok(()) => selection.push(cookie),
            Err(reason) => log::withheld(cookie, request, reason),
        });
        selection.sort_unstable_by_key(|cookie| cookie.sending_key());
        fit(selection, limits)
    }

    /// Asks the policy about every cookie of the stored domains in its scope. Those in other
    /// partitions than the request's are in no reach at all.
    fn judge<'s>(
        &'s self,
        request: &RequestContext<'_>,
        now: i64,
        mut tell: impl FnMut(&'s Cookie, Result<(), Rejection>),
    ) {
        if !request.has_host() {
            return;
        }
        match self.policy.settings().domain_scope {
            DomainScope::All => {
                let all = self.store.buckets();
                let in_reach = |bucket: &&Bucket| {
                    let partition = bucket.partition();
                    partition.is_none() || partition == request.partition()
                };
                for bucket in all.filter(in_reach) {
                    self.judge_bucket(bucket, request, now, &mut tell);
                }
            }
            DomainScope::HostSuffixes => {
                for bucket in names_in_scope(request).filter_map(|name| self.store.bucket(name)) {
                    self.judge_bucket(bucket, request, now, &mut tell);
                }
                if let partition @ Some(_) = request.partition() {
                    let keys = names_in_scope(request).map(|name| key_of(name, partition));
                    for bucket in keys.filter_map(|key| self.store.bucket(&key)) {
                        self.judge_bucket(bucket, request, now, &mut tell);
                    }
                }
            }
        }
    }

    /// Asks about each domain of a bucket once, about a path again only after another one.
    fn judge_bucket<'s>(
        &self,
        bucket: &'s Bucket,
        request: &RequestContext<'_>,
        now: i64,
        mut tell: impl FnMut(&'s Cookie, Result<(), Rejection>),
    ) {
        let mut domains: [Option<Result<(), Rejection>>; 2] = [None, None];
        let mut last_path: Option<(&str, Result<(), Rejection>)> = None;
        for cookie in bucket.cookies() {
            let verdict = if cookie.is_expired_at(now) {
                Err(Rejection::Expired)
            } else {
                let domain = &mut domains[usize::from(cookie.domain_specified())];
                domain
                    .get_or_insert_with(|| self.policy.domain_return_ok(cookie.domain(), request))
                    .and_then(|()| match last_path {
                        Some((path, verdict)) if path == cookie.path() => verdict,
                        _ => {
                            let verdict = self.policy.path_return_ok(cookie.path(), request);
                            last_path = Some((cookie.path(), verdict));
                            verdict
                        }
                    })
                    .and_then(|()| self.policy.return_ok(cookie, request))
            };
            tell(cookie, verdict);
        }
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

/// The bare domains that [`DomainScope::HostSuffixes`] promises.
fn names_in_scope<'r>(request: &'r RequestContext<'_>) -> impl Iterator<Item = &'r str> {
    let effective = request.effective_host();
    let local = (effective != request.host()).then_some(effective);
    domain::suffixes(request.host()).chain(local.into_iter().flat_map(domain::suffixes))
}

fn chosen<'s>(explained: &[Explanation<'s>]) -> impl Iterator<Item = &'s Cookie> {
    explained
        .iter()
        .filter(|explanation| explanation.verdict.is_ok())
        .map(|explanation| explanation.cookie)
}

/// The header of the cookies that are sent now, which leaves its mark on them.
fn sent(selection: &[&Cookie], request: &RequestContext<'_>, now: i64) -> Option<CookieHeader> {
    if selection.is_empty() {
        return None;
    }
    for cookie in selection {
        cookie.note_access(now);
    }
    log::sent(selection.len(), request);
    Some(CookieHeader::new(write::cookie_header(selection)))
}

/// Whether a header of this kind can hold the cookie.
fn fits(cookie: &Cookie, headers: &impl RequestHeaders) -> bool {
    !cookie.has_control_octets() || {
        let mut octets = Vec::new();
        write::write_cookie(cookie, &mut octets);
        headers.can_hold(&octets)
    }
}

/// As many cookies as a header holds, in the order in which they came. When it is full, the host's
/// own cookies stay before those of domains, then those with the longest path; one that does not
/// fit is passed over.
fn fit(selection: Selection<'_>, limits: Limits) -> Selection<'_> {
    let Limits {
        header_cookies,
        header_bytes,
        ..
    } = limits;
    if selection.len() <= header_cookies && header_len(&selection) <= header_bytes {
        return selection;
    }
    // Of equal rank they stand in the right order already.
    let mut ranked: Vec<usize> = (0..selection.len()).collect();
    ranked.sort_by_key(|&index| selection[index].domain_specified());
    let mut kept: BTreeMap<usize, &Cookie> = BTreeMap::new();
    let mut bytes = 0;
    for index in ranked {
        let cookie = selection[index];
        let first = kept
            .first_key_value()
            .filter(|(leader, _)| **leader < index)
            .map_or(cookie, |(_, leader)| leader);
        let with_cookie = bytes + write::cookie_len(cookie);
        if kept.len() < header_cookies && write::header_len(first, with_cookie) <= header_bytes {
            kept.insert(index, cookie);
            bytes = with_cookie;
        }
    }
    kept.into_values().collect()
}

/// How long the header of a selection is.
fn header_len(selection: &[&Cookie]) -> usize {
    let cookies = selection
        .iter()
        .map(|cookie| write::cookie_len(cookie))
        .sum();
    selection
        .first()
        .map_or(0, |first| write::header_len(first, cookies))
}

/// The `Cookie` header that a request has already, to which the jar's cookies are appended.
#[derive(Default)]
struct Present {
    header: Vec<u8>,
}

impl Present {
    fn of(headers: &impl RequestHeaders) -> Self {
        let fields: Vec<_> = headers.header_values("Cookie").collect();
        Self {
            header: fields.join(&b"; "[..]),
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
