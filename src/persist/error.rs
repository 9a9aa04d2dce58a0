//! Errors between a jar and its database.

use std::sync::Arc;

use super::engine::EngineError;
use super::seal::SkipReason;
use crate::file::{LoadError, SaveError};

/// Why a call of a database failed.
///
/// Jars continue in memory after any error. No error shows a cookie's value.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PersistError {
    /// The database was closed before.
    #[error("the database is closed")]
    Closed,
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The process was forked: the child has none of the threads that write and read.
    #[error("the process was forked after the database was opened")]
    Forked,
    /// The database was made by a later version of this crate, with a format that is not known.
    #[error("the database has format {0}, which is not known")]
    Format(u32),
    /// The number of changes that were given up since it was last reported: the database refused them, there was no room for
    /// them, or they are older than the deletions that the database remembers.
    #[error("{0} changes were given up")]
    GaveUp(u64),
    /// A file of sessions was not read.
    #[error("the sessions were not read from the file")]
    Load(#[source] Arc<LoadError>),
    /// The text of a session's key is not read back as the key.
    #[error("the text of a session's key is not read back as that key")]
    Key,
    /// Not a namespace: see [`is_namespace`](super::engine::is_namespace).
    #[error("not a namespace: 1 to 64 of A-Z a-z 0-9 . _ -")]
    Namespace,
    /// A file of sessions was not written.
    #[error("the sessions were not saved to the file")]
    Save(#[source] Arc<SaveError>),
    /// A record that was read is skipped: its cookie is not in the jar.
    #[error("a record of the session {session:?} was skipped: {reason}")]
    Skipped {
        /// The name under which the session is stored.
        session: String,
        /// Why.
        reason: SkipReason,
    },
}

impl PersistError {
    /// The error as that of an engine: what is not one cannot be mended by trying again.
    pub(super) fn into_engine(self) -> EngineError {
        match self {
            Self::Engine(error) => error,
            error => EngineError::fatal(error),
        }
    }
}
