//! Errors between a jar and its database.

use std::sync::Arc;

use super::engine::EngineError;
use super::seal::SkipReason;
use crate::file::{LoadError, SaveError};

/// Why a call to a database failed.
///
/// Jars continue in memory after any error. No error contains a cookie's value.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PersistError {
    /// The database is already closed.
    #[error("the database is closed")]
    Closed,
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The process was forked, and the child has none of the threads that write and read.
    #[error("the process was forked after the database was opened")]
    Forked,
    /// The database was created by a later version of this crate, in an unknown format.
    #[error("the database has format {0}, which is not known")]
    Format(u32),
    /// The number of changes given up since the last report: the database refused them, the queue was full, or they are
    /// older than the deletions that the database remembers.
    #[error("{0} changes were given up")]
    GaveUp(u64),
    /// A file of sessions was not read.
    #[error("the sessions were not read from the file")]
    Load(#[source] Arc<LoadError>),
    /// The text of a session's key does not parse as the same key.
    #[error("the text of a session's key is not read back as that key")]
    Key,
    /// The engine has no claims.
    #[error("the database has no claims")]
    NoClaims,
    /// Not a namespace: see [`is_namespace`](super::engine::is_namespace).
    #[error("not a namespace: 1 to 64 of A-Z a-z 0-9 . _ -")]
    Namespace,
    /// A file of sessions was not written.
    #[error("the sessions were not saved to the file")]
    Save(#[source] Arc<SaveError>),
    /// A record was skipped when it was read: its cookie is not in the jar.
    #[error("a record of the session {session:?} was skipped: {reason}")]
    Skipped {
        /// The name under which the session is stored.
        session: String,
        /// The reason.
        reason: SkipReason,
    },
}

impl PersistError {
    /// Converts to an engine error. An error that is not one cannot be fixed by retrying.
    pub(super) fn into_engine(self) -> EngineError {
        match self {
            Self::Engine(error) => error,
            error => EngineError::fatal(error),
        }
    }
}
