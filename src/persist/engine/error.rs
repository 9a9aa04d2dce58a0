//! Errors of an engine.

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;

use super::History;
use crate::cookie::Readable;

/// The maximum length of a server's text in an error or a warning, in characters.
const LONGEST: usize = 256;

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
        Self::Fatal(harmless(cause.into()))
    }

    /// Creates an [`EngineError::Refused`] from an error or a text.
    #[must_use]
    pub fn refused(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Refused(harmless(cause.into()))
    }

    /// Creates an [`EngineError::Unavailable`] from an error or a text.
    #[must_use]
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(harmless(cause.into()))
    }
}

/// Replaces an error whose text, which may be the server's, could control a terminal or is too long.
fn harmless(cause: Box<dyn Error + Send + Sync>) -> Cause {
    let is_harmless = |error: &dyn Error| {
        let text = error.to_string();
        text.chars().count() <= 2 * LONGEST && Readable(&text).to_string() == text
    };
    let mut chain = successors(Some(&*cause as &dyn Error), |&error| error.source());
    if chain.all(is_harmless) {
        return cause.into();
    }
    Arc::from(Box::<dyn Error + Send + Sync>::from(shown(
        &cause.to_string(),
    )))
}

/// Returns the beginning of a server's text, with control characters escaped.
pub(in crate::persist) fn shown(text: &str) -> String {
    let beginning: String = text.chars().take(LONGEST + 1).collect();
    let shown = Readable(&beginning).to_string();
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}..", &shown[..end]),
        None => shown,
    }
}
