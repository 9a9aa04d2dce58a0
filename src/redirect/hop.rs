//! One request of a chain, and its response.

use std::borrow::Cow;
use std::fmt;

use url::Url;

use super::RedirectError;
use crate::headers::{CookieHeader, RequestHeaders, ResponseHeaders};
use crate::request::{Provenance, RequestContext};

/// One request in a chain of redirects: where it goes, how, and what cookies depend on.
#[derive(Clone, PartialEq, Eq)]
pub struct Hop {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) body_dropped: bool,
    pub(super) provenance: Provenance<'static>,
    pub(super) by_hand: ByHand,
    pub(super) visited: Vec<Url>,
}

pub(super) type Method = Cow<'static, str>;

pub(super) type ByHand = Vec<(&'static str, CookieHeader)>;

impl Hop {
    /// Creates the first request of a chain from its URL, its method, and its headers *before* the jar adds its
    /// own: a `Cookie` among them was set by hand.
    #[must_use]
    pub fn new(url: Url, method: &str, headers: &impl RequestHeaders) -> Self {
        let by_hand = COOKIES.iter().flat_map(|&name| {
            let values = headers.header_values(name);
            values.map(move |value| (name, CookieHeader::new(value.to_vec())))
        });
        Self {
            by_hand: by_hand.collect(),
            method: Cow::Owned(method.to_owned()),
            body_dropped: false,
            provenance: Provenance::new(),
            visited: Vec::new(),
            url,
        }
    }

    /// Sets who asked for the first request, from where and when. It holds for every hop, except that a redirect is
    /// [unverifiable](super::RedirectRules::unverifiable). Defaults to [`Provenance::new`].
    #[must_use]
    pub fn caused_by<'p>(mut self, provenance: impl Into<Provenance<'p>>) -> Self {
        self.provenance = provenance.into().into_owned();
        self
    }

    /// Returns who asked for this hop, from where and when.
    #[must_use]
    pub fn provenance(&self) -> &Provenance<'static> {
        &self.provenance
    }

    /// Returns the context of this hop, for the jar.
    #[must_use]
    pub fn context(&self) -> RequestContext<'_> {
        RequestContext::from(&self.url)
            .method(&self.method)
            .caused_by(&self.provenance)
    }

    /// Returns where the request goes.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns `true` if the body of the first request must not be sent.
    #[must_use]
    pub fn body_dropped(&self) -> bool {
        self.body_dropped
    }

    /// Returns how many redirects led here.
    #[must_use]
    pub fn redirects(&self) -> usize {
        self.visited.len()
    }
}

/// Shows the URLs without user info, query and fragment, and no values of cookies.
impl fmt::Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let visited: Vec<_> = self.visited.iter().map(shown).collect();
        f.debug_struct("Hop")
            .field("url", &shown(&self.url))
            .field("method", &self.method)
            .field("body_dropped", &self.body_dropped)
            .field("provenance", &self.provenance)
            .field("by_hand", &self.by_hand)
            .field("visited", &visited)
            .finish()
    }
}

pub(super) const COOKIES: [&str; 2] = ["Cookie", "Cookie2"];

fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail on URLs without user info.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// A response that sends the client elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Redirect<'a> {
    pub(super) status: u16,
    location: &'a [u8],
}

impl<'a> Redirect<'a> {
    /// Returns the redirect in a response with status 301, 302, 303, 307 or 308 and a `Location`, or `None` for
    /// all other responses, which end the chain (the Fetch standard: `HTTP-redirect fetch`).
    ///
    /// The first of several `Location` fields counts.
    #[must_use]
    pub fn new(status: u16, response: &'a (impl ResponseHeaders + ?Sized)) -> Option<Self> {
        let location = response.header_values("Location").next()?;
        matches!(status, 301..=303 | 307 | 308).then_some(Self { status, location })
    }

    /// Bytes that are not ASCII are percent-encoded as received; they need not be UTF-8.
    pub(super) fn target(&self, base: &Url) -> Result<Url, RedirectError> {
        let location = match std::str::from_utf8(self.location) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(percent_encoded(self.location)),
        };
        let url = base
            .join(&location)
            .map_err(|_| RedirectError::InvalidLocation)?;
        match url.scheme() {
            "http" | "https" => Ok(url),
            _ => Err(RedirectError::UnsupportedScheme),
        }
    }
}

/// Shows the status and the length of the `Location`, which may contain a password or a token.
impl fmt::Debug for Redirect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redirect")
            .field("status", &self.status)
            .field("location_len", &self.location.len())
            .finish()
    }
}

fn percent_encoded(location: &[u8]) -> String {
    let encoded = |&byte: &u8| match byte {
        0x80.. => format!("%{byte:02X}"),
        _ => char::from(byte).to_string(),
    };
    location.iter().map(encoded).collect()
}
