//! What became of the cookies of one response.

use std::fmt;

use crate::cookie::Cookie;
use crate::log;
use crate::rejection::Rejection;
use crate::request::RequestContext;
use crate::store::{Change, Sink};

/// The account that [`extract_cookies`](crate::CookieJar::extract_cookies) gives of a response: how
/// many cookies changed the jar, and which were refused, why.
///
/// ```
/// use cookiejar::{CookieJar, Rejection};
/// use url::Url;
///
/// let mut jar = CookieJar::new();
/// let response = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Domain=com"), ("Set-Cookie", "=3")];
/// let account = jar.extract_cookies(&response, &Url::parse("https://acme.com/")?);
/// assert_eq!((account.stored, account.refused.len()), (1, 2));
/// assert_eq!((account.refused[0].name(), account.refused[0].reason), ("b", Rejection::PublicSuffix));
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Cookies that are new in the jar.
    pub stored: usize,
    /// Cookies that took the place of their namesakes.
    pub replaced: usize,
    /// Cookies that were deleted by expired ones of their name.
    pub removed: usize,
    /// Cookies that made way because their site had too many, or all sites together.
    pub evicted: usize,
    /// The cookies that were refused, in the order of the response.
    pub refused: Vec<Refused>,
}

/// A cookie that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    name: Box<str>,
    /// The rule that refused it.
    pub reason: Rejection,
}

impl Refused {
    pub(super) fn new(name: &[u8], reason: Rejection) -> Self {
        let text = String::from_utf8(name.to_vec());
        let name =
            text.unwrap_or_else(|bytes| bytes.into_bytes().into_iter().map(char::from).collect());
        Self {
            name: name.into(),
            reason,
        }
    }

    /// The name, empty where the header had none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The name and the reason.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.reason)
    }
}

impl Account {
    /// Notes what became of the cookie of this name.
    #[inline]
    pub(crate) fn note(
        &mut self,
        name: &[u8],
        outcome: Result<Change, Rejection>,
        request: &RequestContext<'_>,
    ) {
        match outcome {
            Ok(change) => {
                log::changed(name, request, change);
                self.count(change);
            }
            Err(reason) => {
                log::refused(name, request, reason);
                self.refused.push(Refused::new(name, reason));
            }
        }
    }

    #[inline]
    pub(super) fn count(&mut self, change: Change) {
        match change {
            Change::Nothing => {}
            Change::Removed => self.removed += 1,
            Change::Replaced => self.replaced += 1,
            Change::Stored => self.stored += 1,
        }
    }
}

impl Sink for Account {
    fn evicted(&mut self, cookie: &Cookie) {
        log::evicted(cookie);
        self.evicted += 1;
    }
}
