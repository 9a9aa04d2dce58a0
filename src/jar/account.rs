//! What became of the cookies of one response.

use std::fmt;

use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::store::{ChangeCause, CookieChange, Sink};

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

/// What became of one cookie of a response; see
/// [`extract_cookies_with`](crate::CookieJar::extract_cookies_with).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldOutcome<'a> {
    /// The bytes of the field. A `Set-Cookie2` field may have several cookies.
    pub field: &'a [u8],
    /// The name as it came, empty where the field has none.
    pub name: &'a [u8],
    /// The cookie as the policy has seen it, if one could be read.
    pub cookie: Option<&'a Cookie>,
    /// What the cookie has changed: nothing if it had expired and there was none to delete. Or the rule that
    /// rejected it.
    pub outcome: Result<Option<ChangeCause>, Rejection>,
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
    pub(super) fn refuse(&mut self, name: &[u8], reason: Rejection) {
        self.refused.push(Refused::new(name, reason));
    }
}

/// Counts what changes.
impl Sink for Account {
    #[inline]
    fn changed(&mut self, change: &CookieChange<'_>) {
        match change.cause {
            ChangeCause::Stored => self.stored += 1,
            ChangeCause::Replaced => self.replaced += 1,
            ChangeCause::Removed => self.removed += 1,
            ChangeCause::Evicted => self.evicted += 1,
            ChangeCause::Cleared | ChangeCause::Expired => {}
        }
    }
}
