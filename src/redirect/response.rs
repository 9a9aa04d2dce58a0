//! The response that redirects, and where it sends the client.

use std::borrow::Cow;
use std::fmt;

use url::Url;

use super::RedirectError;
use crate::headers::ResponseHeaders;

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

    /// Returns the target for a client that requested `base`.
    ///
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
