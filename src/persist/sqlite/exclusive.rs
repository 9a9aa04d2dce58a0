//! Exclusive use of a file by one program.
//!
//! The lock of a second file keeps later engines out. Earlier engines hold a lock of SQLite's, as every connection to a
//! file with a write-ahead log does. An engine checks the first lock after it has taken the second, and an exclusive one
//! does the reverse: at least one of two sees the other.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::OpenFlags;

use super::super::engine::EngineError;
use super::Sqlite;
use super::damage::beside;
use super::open::OpenError;
use crate::file::{lock, target};

#[derive(Clone, Default)]
pub(super) struct Lock(Arc<Mutex<Option<File>>>);

impl Lock {
    pub(super) fn take(&self, engine: &Sqlite) -> Result<(), EngineError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() {
            return Ok(());
        }
        let lock = lock::open(&lock_of(&engine.file)).map_err(EngineError::unavailable)?;
        lock.try_lock().map_err(refused)?;
        engine.check_trusted()?;
        check_alone(engine)?;
        *held = Some(lock);
        Ok(())
    }
}

pub(super) fn check(file: &Path) -> Result<(), EngineError> {
    match target::open_regular(&lock_of(file)) {
        Ok(lock) => lock.try_lock_shared().map_err(refused),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(EngineError::unavailable(error)),
    }
}

fn lock_of(file: &Path) -> std::path::PathBuf {
    beside(file, ".exclusive")
}

fn refused(error: TryLockError) -> EngineError {
    match error {
        TryLockError::Error(error) => EngineError::unavailable(error),
        TryLockError::WouldBlock => {
            EngineError::unavailable("another engine has the file for itself")
        }
    }
}

fn check_alone(engine: &Sqlite) -> Result<(), OpenError> {
    if !engine.file.exists() {
        return Ok(());
    }
    engine.create_companions()?;
    let probe = engine.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    probe.busy_timeout(Duration::ZERO)?;
    probe.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let looked = probe.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    match looked {
        // Other errors are reported when the file is opened.
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
            Err(error.into())
        }
        _ => Ok(()),
    }
}
