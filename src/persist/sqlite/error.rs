//! What an error of SQLite means to a jar.

use rusqlite::{Error, ErrorCode};

use super::super::engine::EngineError;

/// Whether the file itself is at fault, and no attempt will help.
pub(super) fn is_damage(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// The error as the contract names it. No text of SQLite's shows a value that was bound.
pub(super) fn translate(error: Error) -> EngineError {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::SchemaChanged,
        ) => EngineError::unavailable(error),
        Some(ErrorCode::TooBig | ErrorCode::ConstraintViolation) => EngineError::refused(error),
        _ => EngineError::fatal(error),
    }
}
