//! Why a call of an engine failed.

use std::error::Error;
use std::sync::Arc;

use super::History;

/// Why a call of an engine failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The database cannot be used: a damaged file, the file of another program or of a later version, no permission. The jar
    /// reports it, and tries again ever less often.
    #[error("the database is not usable")]
    Fatal(#[source] Cause),
    /// Something in the batch cannot be stored, and never will be.
    #[error("the database refused an entry")]
    Refused(#[source] Cause),
    /// A stamp of the batch is more than [`MAX_AHEAD`](super::MAX_AHEAD) after the namespace's clock. The jar
    /// corrects its own clock by this one, stamps anew what was not stored, and sends it again.
    #[error("a stamp is too far ahead of the database's clock")]
    StampAhead {
        /// The namespace's clock by which it was judged, in milliseconds since the Unix epoch.
        clock: u64,
        /// The namespace's history.
        history: History,
    },
    /// The database cannot be reached, answered too late, or is too busy. The jar tries again.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
}

/// What an engine's library reported.
pub type Cause = Arc<dyn Error + Send + Sync>;

impl EngineError {
    /// An [`EngineError::Fatal`], from an error or a text.
    #[must_use]
    pub fn fatal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Fatal(cause.into().into())
    }

    /// An [`EngineError::Refused`], from an error or a text.
    #[must_use]
    pub fn refused(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Refused(cause.into().into())
    }

    /// An [`EngineError::Unavailable`], from an error or a text.
    ///
    /// ```
    /// use std::error::Error;
    ///
    /// use cookiejar::persist::engine::EngineError;
    ///
    /// let error = EngineError::unavailable("connection reset");
    /// assert_eq!(error.to_string(), "the database is not available");
    /// assert_eq!(error.source().expect("a cause").to_string(), "connection reset");
    /// ```
    #[must_use]
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into().into())
    }
}
