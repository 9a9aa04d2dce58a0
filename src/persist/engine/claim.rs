//! Claims of sessions.

use std::fmt;
use std::time::Duration;

use super::{Answer, EngineError, Version};

/// The longest time that a claim is granted for at once: 366 days.
pub const MAX_CLAIM: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The claims of a namespace, an optional part of the contract; see [`Database::claims`](super::Database::claims).
///
/// A session has at most one claim. A claim has an owner and a token, and ends at the earlier of two times: it *lapses*
/// when the time it was granted for is over, by the server's clock; or it is released by a batch. An ended claim leaves
/// nothing behind that a call returns. Claims are apart from sessions: a claim creates no session, takes no version, and
/// is no use of a session.
///
/// A namespace has one more number, its last token, which never decreases, whatever is released, lapses or is
/// [purged](super::Database::purge). A new token is the greater of two numbers: the last one plus 1; and the
/// namespace's clock, in milliseconds, times 1,000. So tokens increase even when a database loses its last claims. They
/// are below 2^53.
///
/// A batch releases a claim by [`SessionBatch::released`](super::SessionBatch::released), in the transaction that
/// stores its entries.
pub trait ClaimDatabase {
    /// Grants the claim on a session to `owner` for `for_at_most`, unless another owner has it.
    ///
    /// If `owner` has it already, the call renews it: it ends `for_at_most` from now, even if that is sooner, and keeps
    /// its token. A claim that has lapsed is not renewed: its owner is granted a new one, with a new token, if no other
    /// owner has it.
    ///
    /// `for_at_most` is from 1 millisecond to [`MAX_CLAIM`]; an engine ignores its part below milliseconds. The session
    /// need not exist. Of concurrent calls with different owners, exactly one is granted the claim.
    ///
    /// # Errors
    ///
    /// - [`EngineError::Refused`]: the session's name cannot be stored
    /// - [`EngineError::Unavailable`]: the claim may or may not be granted
    /// - [`EngineError::Fatal`]
    fn claim(
        &mut self,
        session: &str,
        owner: ClaimOwner,
        for_at_most: Duration,
    ) -> Result<Answer<Option<Granted>>, EngineError>;
}

/// A granted claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// Greater than every earlier token of the namespace.
    pub token: u64,
    /// The namespace's version when the claim was granted.
    pub version: Version,
}

/// The owner of a claim: 128 random bits, new for each claim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimOwner(u128);

impl ClaimOwner {
    /// Creates an owner from its number.
    #[must_use]
    pub const fn new(number: u128) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }
}

/// Thirty-two hexadecimal digits.
///
/// ```
/// use cookiejar::persist::engine::ClaimOwner;
///
/// assert_eq!(ClaimOwner::new(0x2a).to_string(), "0000000000000000000000000000002a");
/// ```
impl fmt::Display for ClaimOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
