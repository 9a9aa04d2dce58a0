//! Redirects, for clients that follow them themselves.
//!
//! It knows no jar and no client: from what was sent and what came back it computes what to send next. The
//! [guide](crate::guide::redirects) has what happens to each header.

use std::borrow::Cow;

use url::Url;

use crate::headers::RequestHeaders;
use crate::options::options;
use crate::request::Provenance;

mod hop;

use hop::{ByHand, COOKIES, Method};
pub use hop::{Hop, Redirect};

/// How redirects are followed, from a [`Hop`] and the [`Redirect`] that answers it to the next hop.
///
/// The defaults are those of browsers and of Python.
///
/// ```
/// use cookiejar::CookieJar;
/// use cookiejar::redirect::{Hop, Redirect, RedirectRules};
/// use url::Url;
///
/// // A server: each URL with its answer.
/// let answer = |url: &str| match url {
///     "https://acme.com/login" => (302, vec![("Set-Cookie", "sid=31d4"), ("Location", "/report")]),
///     "https://acme.com/report" => (307, vec![("Location", "https://cdn.example/hello")]),
///     _ => (200, vec![]),
/// };
///
/// let mut jar = CookieJar::new();
/// let rules = RedirectRules::new();
/// let mut headers = vec![("Authorization".to_owned(), b"Basic Zm9v".to_vec())];
/// let mut hop = Hop::new(Url::parse("https://acme.com/login")?, "POST", &headers);
/// let mut sent = Vec::new();
/// loop {
///     jar.add_cookie_header_to(&mut headers, hop.context());
///     sent.push(format!("{} {} {}", hop.method(), hop.url(), headers.len()));
///     let (status, response) = answer(hop.url().as_str());
///     jar.extract_cookies(&response, hop.context());
///     let Some(redirect) = Redirect::new(status, &response) else { break };
///     hop = rules.follow(&hop, redirect, &mut headers)?;
/// }
/// assert_eq!(sent, [
///     "POST https://acme.com/login 1",
///     "GET https://acme.com/report 2",    // with the cookie
///     "GET https://cdn.example/hello 0",   // without it, and without the password
/// ]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectRules {
    limit: usize,
    repeats: usize,
    unverifiable: bool,
    all_become_get: bool,
    resend_body: bool,
    keep_cookie: bool,
    credentials: Credentials,
}

/// Which hops receive the `Authorization` of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// No hop.
    Never,
    /// Hops to the same host, over the same scheme or `https`, on any port.
    SameHost,
    /// Hops to the same scheme, host and port.
    #[default]
    SameOrigin,
}

/// Why a redirect cannot be followed. The headers are unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectError {
    /// A 307 or 308 needs the body again, and the rules do not allow sending it twice.
    #[error("the redirect wants the body a second time")]
    BodyNotResent,
    /// `Location` is not a URL, even relative to the hop.
    #[error("the Location is no URL")]
    InvalidLocation,
    /// The chain has visited this URL as often as the rules allow.
    #[error("the redirects go round in a loop")]
    Loop,
    /// The chain is as long as the rules allow.
    #[error("too many redirects")]
    TooMany,
    /// The scheme of `Location` is neither `http` nor `https`.
    #[error("the Location is neither http nor https")]
    UnsupportedScheme,
}

impl Default for RedirectRules {
    fn default() -> Self {
        Self::new()
    }
}

impl RedirectRules {
    /// Returns the default rules.
    #[must_use]
    pub fn new() -> Self {
        Self {
            limit: 10,
            repeats: 4,
            unverifiable: true,
            all_become_get: false,
            resend_body: true,
            keep_cookie: true,
            credentials: Credentials::SameOrigin,
        }
    }

    options! {
        /// Sets how many redirects a chain may have. Defaults to 10 (CPython: `max_redirections`).
        limit: usize;
        /// Sets how often a chain may visit one URL. Defaults to 4 (CPython: `max_repeats`): a site may set a cookie
        /// and redirect to the same URL.
        repeats: usize;
        /// Sets whether a redirected hop counts as an *unverifiable* transaction of the first hop's host.
        /// Defaults to `true`, as in Python; otherwise every hop counts as the user's own.
        ///
        /// > A transaction is unverifiable if the user does not have that option [to approve].
        /// > (RFC 2965, section 3.3.6)
        unverifiable: bool;
        /// Sets whether 301 and 302 turn every method but `GET` and `HEAD` into `GET`, as 303 does. Defaults to
        /// `false`: they turn only `POST` (RFC 9110, sections 15.4.2 and 15.4.3; the Fetch standard).
        all_become_get: bool;
        /// Sets whether the client can send a body again. Defaults to `true`; otherwise a 307 or 308 response
        /// to `POST`, `PUT`, `PATCH` or `DELETE` is [`RedirectError::BodyNotResent`].
        resend_body: bool;
        /// Sets whether a `Cookie` header set by hand is kept for hops with the same scheme, host and port. Defaults to
        /// `true`.
        keep_cookie: bool;
        /// Sets which hops receive `Authorization` and `Proxy-Authorization`. Defaults to
        /// [`Credentials::SameOrigin`].
        credentials: Credentials;
    }

    /// Returns the hop after `hop`, which was answered by `redirect`. It turns `headers`, those that were sent,
    /// into those of the next hop, without the jar's cookies for it:
    ///
    /// - it removes the jar's `Cookie` and `Cookie2`, and keeps those set by hand as the rules say
    /// - it keeps `Authorization` and `Proxy-Authorization` as the rules say
    /// - it removes `Host` if scheme, host or port changes
    /// - it removes the headers that describe the body if the body is dropped
    ///
    /// # Errors
    ///
    /// - [`RedirectError::InvalidLocation`], [`UnsupportedScheme`](RedirectError::UnsupportedScheme): no
    ///   request can go to the `Location`
    /// - [`RedirectError::Loop`], [`TooMany`](RedirectError::TooMany): the chain is longer than the rules allow
    /// - [`RedirectError::BodyNotResent`]: see [`resend_body`](Self::resend_body)
    pub fn follow(
        &self,
        hop: &Hop,
        redirect: Redirect<'_>,
        headers: &mut impl RequestHeaders,
    ) -> Result<Hop, RedirectError> {
        if hop.redirects() >= self.limit {
            return Err(RedirectError::TooMany);
        }
        let url = redirect.target(&hop.url)?;
        self.check_repeats(hop, &url)?;
        let method = self.next_method(&hop.method, redirect.status)?;
        let next = Hop {
            body_dropped: hop.body_dropped || method != hop.method || redirect.status == 303,
            provenance: self.next_provenance(hop, &url),
            by_hand: self.next_by_hand(hop, &url),
            visited: [&hop.visited[..], std::slice::from_ref(&hop.url)].concat(),
            method,
            url,
        };
        self.change_headers(headers, hop, &next);
        Ok(next)
    }

    fn check_repeats(&self, hop: &Hop, next: &Url) -> Result<(), RedirectError> {
        let urls = hop.visited.iter().chain([&hop.url]);
        if urls.filter(|url| *url == next).count() >= self.repeats {
            return Err(RedirectError::Loop);
        }
        Ok(())
    }

    fn next_method(&self, method: &Method, status: u16) -> Result<Method, RedirectError> {
        let becomes_get = match status {
            303 => true,
            301 | 302 => self.all_become_get || method == "POST",
            _ => false,
        };
        if becomes_get && !matches!(&**method, "GET" | "HEAD") {
            return Ok(Cow::Borrowed("GET"));
        }
        let has_body = matches!(&**method, "POST" | "PUT" | "PATCH" | "DELETE");
        if matches!(status, 307 | 308) && has_body && !self.resend_body {
            return Err(RedirectError::BodyNotResent);
        }
        Ok(method.clone())
    }

    /// CPython: `redirect_request`, with `origin_req_host=req.origin_req_host, unverifiable=True`.
    fn next_provenance(&self, hop: &Hop, next: &Url) -> Provenance<'static> {
        let provenance = hop.provenance.clone().redirected_to(next);
        if !self.unverifiable {
            return provenance;
        }
        provenance
            .unverifiable(true)
            .origin_host(hop.context().origin())
            .into_owned()
    }

    fn next_by_hand(&self, hop: &Hop, next: &Url) -> ByHand {
        if self.keep_cookie && same_origin(&hop.url, next) {
            hop.by_hand.clone()
        } else {
            ByHand::new()
        }
    }

    fn change_headers(&self, headers: &mut impl RequestHeaders, hop: &Hop, next: &Hop) {
        let mut remove = |names: &[&str]| {
            for name in names {
                headers.replace_header(name, None);
            }
        };
        remove(&COOKIES);
        if !same_origin(&hop.url, &next.url) {
            remove(&["Host"]);
        }
        if !self.credentials.go_on(&hop.url, &next.url) {
            remove(&["Authorization", "Proxy-Authorization"]);
        }
        if next.body_dropped {
            remove(&OF_THE_BODY);
        }
        for (name, value) in &next.by_hand {
            headers.append_header(name, value.clone());
        }
    }
}

impl Credentials {
    fn go_on(self, from: &Url, to: &Url) -> bool {
        match self {
            Self::Never => false,
            Self::SameHost => {
                let scheme_stays = from.scheme() == to.scheme() || to.scheme() == "https";
                from.host() == to.host() && scheme_stays
            }
            Self::SameOrigin => same_origin(from, to),
        }
    }
}

/// The headers that describe a body and mean nothing without one (the Fetch standard: `request-body-header
/// name`, and how the body is framed).
const OF_THE_BODY: [&str; 6] = [
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-Type",
    "Transfer-Encoding",
];

/// Same scheme, host and port (RFC 6454, section 5).
fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/redirect.rs"]
mod tests;
