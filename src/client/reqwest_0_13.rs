//! The jar of `reqwest` 0.13, async and blocking (feature `reqwest-0_13`).
//!
//! [`SharedCookieJar`] is a [`CookieStore`]: pass it to `cookie_provider`, and reqwest asks it at every hop,
//! with the URL of that hop. Keep a clone to inspect it.
//!
//! ```
//! use std::sync::Arc;
//! use cookiejar::SharedCookieJar;
//! use reqwest::Client;
//!
//! # fn client() -> reqwest::Result<Client> {
//! let jar = SharedCookieJar::new();
//! let client = Client::builder().cookie_provider(Arc::new(jar.clone())).build()?;
//! # Ok(client)
//! # }
//! ```
//!
//! # What reqwest does not pass on
//!
//! - *The status.* The cookies of a proxy's 407 are stored as the site's.
//! - *Who asked for the URL.* Each hop counts as the user's own request, even after a redirect.
//!   [`ProvenanceJar`] fixes what holds for all requests of a client.
//! - *The method.* Each request counts as a `GET`.
//! - *`Cookie2`.* A jar that uses RFC 2965 stores and sends such cookies, but cannot announce it to the server.
//!
//! # A `Cookie` header set by hand
//!
//! reqwest does not ask the jar for a request that has one. With a client that follows redirects itself, put cookies
//! into the jar by [`set_cookie`](SharedCookieJar::set_cookie), not into headers.
//!
//! The layer of feature `tower` passes all of this on.

use ::http::HeaderMap;
use ::http::header::{COOKIE, HeaderValue};
use reqwest::cookie::CookieStore;
use url::Url;

use crate::headers::{HeaderFields, ResponseHeaders};
use crate::request::{Provenance, RequestContext};
use crate::shared::SharedCookieJar;

/// For clients without a cookie provider that pass each response to the jar themselves.
impl HeaderFields for reqwest::Response {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers().header_values(name)
    }
}

impl ResponseHeaders for reqwest::Response {
    fn status(&self) -> Option<u16> {
        Some(reqwest::Response::status(self).as_u16())
    }
}

/// Each hop counts as the user's own request.
impl CookieStore for SharedCookieJar {
    fn set_cookies(&self, fields: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let fields: Vec<_> = fields.map(|value| ("Set-Cookie", value)).collect();
        self.extract_cookies(&fields, url);
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        cookies(self, RequestContext::from(url))
    }
}

/// Going through a map withholds cookies that no value can hold.
fn cookies(jar: &SharedCookieJar, request: RequestContext<'_>) -> Option<HeaderValue> {
    let mut headers = HeaderMap::new();
    jar.add_cookie_header_to(&mut headers, request);
    headers.remove(COOKIE)
}

/// A jar with a fixed provenance for all requests of a client, such as the page whose parts it loads.
///
/// ```
/// use std::sync::Arc;
/// use cookiejar::{Provenance, SharedCookieJar};
/// use cookiejar::client::reqwest_0_13::ProvenanceJar;
/// use reqwest::Client;
///
/// # fn client(jar: SharedCookieJar) -> reqwest::Result<Client> {
/// let of_the_page = Provenance::new().unverifiable(true).origin_host("news.example");
/// let jar = ProvenanceJar::new(jar, of_the_page);
/// let client = Client::builder().cookie_provider(Arc::new(jar)).build()?;
/// # Ok(client)
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ProvenanceJar {
    jar: SharedCookieJar,
    provenance: Provenance<'static>,
}

impl ProvenanceJar {
    /// Creates a jar for a client whose requests all have this provenance. reqwest's trait does not pass the
    /// method on: each request counts as using a safe one.
    #[must_use]
    pub fn new<'p>(jar: SharedCookieJar, provenance: impl Into<Provenance<'p>>) -> Self {
        let provenance = provenance.into().into_owned();
        Self { jar, provenance }
    }

    /// Returns the jar.
    #[must_use]
    pub fn jar(&self) -> &SharedCookieJar {
        &self.jar
    }

    fn request<'a>(&'a self, url: &'a Url) -> RequestContext<'a> {
        RequestContext::from(url).caused_by(&self.provenance)
    }
}

/// Each hop has the fixed provenance.
impl CookieStore for ProvenanceJar {
    fn set_cookies(&self, fields: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let fields: Vec<_> = fields.map(|value| ("Set-Cookie", value)).collect();
        self.jar.extract_cookies(&fields, self.request(url));
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        cookies(&self.jar, self.request(url))
    }
}
