//! Reports on the cookies of one response.

use std::fmt;

use crate::cookie::{Cookie, Readable};
use crate::rejection::Rejection;
use crate::store::{ChangeCause, CookieChange, Sink};

/// The report of [`extract_cookies`](crate::CookieJar::extract_cookies): what changed, and what was rejected, with the
/// reason.
///
/// ```
/// use cookiejar::{CookieJar, Rejection};
/// use url::Url;
///
/// let mut jar = CookieJar::new();
/// let response = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Domain=com"), ("Set-Cookie", "=3")];
/// let report = jar.extract_cookies(&response, &Url::parse("https://acme.com/")?);
/// assert_eq!((report.stored, report.rejected.len()), (1, 2));
/// assert_eq!((report.rejected[0].name(), report.rejected[0].reason), ("b", Rejection::PublicSuffix));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtractReport {
    /// Cookies that are new in the jar.
    pub stored: usize,
    /// Cookies that replaced one with the same id.
    pub replaced: usize,
    /// Cookies that were deleted by an expired one.
    pub removed: usize,
    /// Cookies that were evicted because their site, or the whole jar, had too many.
    pub evicted: usize,
    /// The cookies that were rejected, in the order of the response.
    pub rejected: Vec<Rejected>,
}

/// The outcome for one cookie of a response; see [`extract_cookies_with`](crate::CookieJar::extract_cookies_with).
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldOutcome<'a> {
    /// The bytes of the field. A `Set-Cookie2` field may have several cookies.
    pub field: &'a [u8],
    /// The name as received, empty if the field has none.
    pub name: &'a [u8],
    /// The cookie as the policy saw it, if it could be read.
    pub cookie: Option<&'a Cookie>,
    /// What the cookie changed: `None` if it had expired and deleted no other. Or the rule that rejected it.
    pub outcome: Result<Option<ChangeCause>, Rejection>,
}

/// Omits the field, whose value may be a secret.
impl fmt::Debug for FieldOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldOutcome")
            .field("name", &String::from_utf8_lossy(self.name))
            .field("cookie", &self.cookie)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// A cookie that was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    name: Box<str>,
    /// The rule that rejected it.
    pub reason: Rejection,
}

impl Rejected {
    pub(super) fn new(name: &[u8], reason: Rejection) -> Self {
        let text = String::from_utf8(name.to_vec());
        let name =
            text.unwrap_or_else(|bytes| bytes.into_bytes().into_iter().map(char::from).collect());
        Self {
            name: name.into(),
            reason,
        }
    }

    /// Returns the name, empty if the header had none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Readable(&self.name), self.reason)
    }
}

/// Shows the counts, and a line for each rejected cookie.
impl fmt::Display for ExtractReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            stored,
            replaced,
            removed,
            evicted,
            rejected,
        } = self;
        write!(
            f,
            "{stored} stored, {replaced} replaced, {removed} removed, {evicted} evicted, {} rejected",
            rejected.len()
        )?;
        rejected.iter().try_for_each(|one| write!(f, "\n{one}"))
    }
}

impl ExtractReport {
    pub(super) fn reject(&mut self, name: &[u8], reason: Rejection) {
        self.rejected.push(Rejected::new(name, reason));
    }
}

impl Sink for ExtractReport {
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
