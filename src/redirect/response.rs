//! The response that redirects, and where it sends the client.

use std::borrow::Cow;
use std::fmt;

use url::Url;

use super::RedirectError;
use crate::headers::ResponseHeaders;

/// An answer that sends the client elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Redirect<'a> {
    pub(super) status: u16,
    location: &'a [u8],
}

impl<'a> Redirect<'a> {
    /// The redirect that a response of this status is: 301, 302, 303, 307 or 308 with a `Location`. All
    /// other responses are `None`, and the end of the chain (the Fetch standard: `HTTP-redirect fetch`).
    ///
    /// Of several `Location` fields the first counts.
    #[must_use]
    pub fn new(status: u16, response: &'a (impl ResponseHeaders + ?Sized)) -> Option<Self> {
        let location = response.header_values("Location").next()?;
        matches!(status, 301..=303 | 307 | 308).then_some(Self { status, location })
    }

    /// Where it sends the client that asked for `base`.
    ///
    /// Bytes that are not ASCII count as what they are: they are percent-encoded as they came, and need not
    /// be UTF-8.
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

/// Shows the status, and of the `Location` its length alone: it may hold a password or a token.
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
