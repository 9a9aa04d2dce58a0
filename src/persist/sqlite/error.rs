//! What an error of SQLite means to a jar.

use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Error, ErrorCode, ffi};

use super::super::engine::EngineError;

pub(super) fn is_damage(error: &Error) -> bool {
    // The file is shorter than its header says.
    let is_torn = |error: &ffi::Error| error.extended_code == ffi::SQLITE_IOERR_SHORT_READ;
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || error.sqlite_error().is_some_and(is_torn)
}

pub(super) fn translate(error: Error) -> EngineError {
    if is_damage(&error) {
        return EngineError::fatal(error);
    }
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

pub(super) fn noted(is_damaged: &AtomicBool, error: Error) -> EngineError {
    if is_damage(&error) {
        is_damaged.store(true, Ordering::Relaxed);
    }
    translate(error)
}
