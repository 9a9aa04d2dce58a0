//! Errors of an engine.

use std::error::Error;
use std::sync::Arc;

use super::History;

/// Why a call to an engine failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The database cannot be used: the file is damaged, or belongs to another program or a later version, or permission is
    /// missing. The jar reports it, and retries less and less often.
    #[error("the database is not usable")]
    Fatal(#[source] Cause),
    /// Something in the batch cannot be stored, now or later.
    #[error("the database refused an entry")]
    Refused(#[source] Cause),
    /// A stamp in the batch is more than [`MAX_AHEAD`](super::MAX_AHEAD) ahead of the namespace's clock. The jar
    /// corrects its own clock by this one, restamps what was not stored, and sends it again.
    #[error("a stamp is too far ahead of the database's clock")]
    StampAhead {
        /// The namespace's clock that the stamp was compared with, in milliseconds since the Unix epoch.
        clock: u64,
        /// The namespace's history.
        history: History,
    },
    /// The database cannot be reached, responded too late, or is too busy. The jar retries.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
}

/// An error from an engine's library.
pub type Cause = Arc<dyn Error + Send + Sync>;

impl EngineError {
    /// Creates an [`EngineError::Fatal`] from an error or a text.
    #[must_use]
    pub fn fatal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Fatal(cause.into().into())
    }

    /// Creates an [`EngineError::Refused`] from an error or a text.
    #[must_use]
    pub fn refused(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Refused(cause.into().into())
    }

    /// Creates an [`EngineError::Unavailable`] from an error or a text.
    #[must_use]
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into().into())
    }
}
