//! What happens to cookies and headers from one hop of a request to the next, for clients that follow
//! redirects themselves.
//!
//! It knows no jar and no client: it is told what was sent and what came back, and says what to send next,
//! if anything. A cookie's way through redirects is this:
//!
//! - the jar is asked at every hop, with the URL of that hop, and takes in the cookies of every answer
//! - a `Cookie` header that the jar wrote never travels to the next hop
//! - one that was set by hand travels while scheme, host and port stay the same, and then no more
//! - every hop that a redirect leads to is an unverifiable transaction of the first hop's host

use std::borrow::Cow;

use url::Url;

use crate::headers::RequestHeaders;
use crate::options::options;
use crate::request::Provenance;

mod hop;
mod response;

pub use hop::Hop;
use hop::{ByHand, COOKIES, Method};
pub use response::Redirect;

/// How redirects are followed: from a [`Hop`] and the [`Redirect`] that answers it to the next hop.
///
/// The defaults are those of browsers and of Python; each setter names its own.
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

/// To which hops the `Authorization` of a request goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// To none.
    Never,
    /// To those of the same host, over the same scheme or `https`, whatever their port.
    SameHost,
    /// To those of the same scheme, host and port.
    #[default]
    SameOrigin,
}

/// Why a redirect cannot be followed. The headers are then as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectError {
    /// A 307 or 308 wants the body again, and the rules say that it is sent once only.
    #[error("the redirect wants the body a second time")]
    BodyNotResent,
    /// `Location` and the URL of the hop make no URL.
    #[error("the Location is no URL")]
    InvalidLocation,
    /// The chain has been at this URL as often as the rules allow.
    #[error("the redirects go round in a loop")]
    Loop,
    /// The chain is as long as the rules allow.
    #[error("too many redirects")]
    TooMany,
    /// `Location` has another scheme than `http` and `https`.
    #[error("the Location is neither http nor https")]
    UnsupportedScheme,
}

impl Default for RedirectRules {
    fn default() -> Self {
        Self::new()
    }
}

impl RedirectRules {
    /// The defaults.
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
        /// Sets how often one URL may be asked for in a chain. Defaults to 4 (CPython: `max_repeats`): once is
        /// too few for a site that sets a cookie and sends the client back to where it was.
        repeats: usize;
        /// Sets whether a hop that is redirected to counts as an *unverifiable* transaction of the first hop's
        /// host. Defaults to `true`, as in Python; without it, every hop counts as the user's own.
        ///
        /// > A transaction is unverifiable if the user does not have that option [to approve].
        /// > (RFC 2965, section 3.3.6)
        unverifiable: bool;
        /// Sets whether 301 and 302 turn every method but `GET` and `HEAD` into `GET`, as 303 does. Defaults to
        /// `false`: they turn `POST` alone (RFC 9110, sections 15.4.2 and 15.4.3; the Fetch standard).
        all_become_get: bool;
        /// Sets whether the client can send a body again. Defaults to `true`; without it, a 307 or 308 answer to
        /// `POST`, `PUT`, `PATCH` or `DELETE` is [`RedirectError::BodyNotResent`].
        resend_body: bool;
        /// Sets whether a `Cookie` header set by hand goes on to hops of the same scheme, host and port.
        /// Defaults to `true`. It never goes to others, nor comes back from there.
        keep_cookie: bool;
        /// Sets to which hops `Authorization` and `Proxy-Authorization` go on. Defaults to
        /// [`Credentials::SameOrigin`].
        credentials: Credentials;
    }

    /// The hop after `hop`, which was answered by `redirect`. The `headers` are those that were sent, and
    /// become those of the next hop, but for the cookies that the jar has for it:
    ///
    /// - the jar's `Cookie` and `Cookie2` are gone; those set by hand stay as the rules say
    /// - `Authorization` and `Proxy-Authorization` stay as the rules say
    /// - `Host` is gone where scheme, host or port changes
    /// - what described the body is gone if the body is dropped
    ///
    /// # Errors
    ///
    /// - [`RedirectError::InvalidLocation`], [`UnsupportedScheme`](RedirectError::UnsupportedScheme): a
    ///   `Location` that no request can go to
    /// - [`RedirectError::Loop`], [`TooMany`](RedirectError::TooMany): a chain longer than the rules allow
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
            provenance: self.next_provenance(hop),
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
    fn next_provenance(&self, hop: &Hop) -> Provenance<'static> {
        let provenance = hop.provenance.clone();
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

/// What says something about a body and means nothing without one (the Fetch standard: `request-body-header
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
