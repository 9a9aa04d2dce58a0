//! Sets a damaged file aside.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::super::engine::EngineError;
use super::Sqlite;
use super::open::OpenError;
use crate::file::lock;

/// The files that SQLite keeps next to a database. They are renamed first: a new file must not find the old one's log.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

const PATIENCE: Duration = Duration::from_secs(5);

impl Sqlite {
    pub(super) fn repair_if_damaged(&self) -> Result<Option<PathBuf>, EngineError> {
        if !self.replace_damaged || self.read_only || !self.is_file_damaged()? {
            return Ok(None);
        }
        let lock = self.lock().map_err(EngineError::unavailable)?;
        // Another process may have done it already.
        let name = if self.is_file_damaged()? {
            Some(self.set_aside().map_err(EngineError::unavailable)?)
        } else {
            None
        };
        self.is_damaged.store(false, Ordering::Relaxed);
        drop(lock);
        Ok(name)
    }

    /// Opening reads the schema. All pages are checked only after a connection has found damage.
    fn is_file_damaged(&self) -> Result<bool, EngineError> {
        match self.open() {
            Ok(connection) => Ok(self.is_damaged.load(Ordering::Relaxed) && !is_whole(&connection)),
            Err(error) if error.is_damage() => Ok(true),
            Err(error @ OpenError::NotOurs(_)) => Err(error.into()),
            // Other errors are reported when the file is opened.
            Err(_) => Ok(false),
        }
    }

    fn lock(&self) -> io::Result<File> {
        let file = lock::open(&beside(&self.file, ".lock"))?;
        let end = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() >= end => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    fn set_aside(&self) -> io::Result<PathBuf> {
        let name = (1..=u32::MAX)
            .map(|number| beside(&self.file, &format!(".damaged-{number}")))
            .find(|name| fs::symlink_metadata(name).is_err())
            .ok_or(io::ErrorKind::AlreadyExists)?;
        for companion in COMPANIONS {
            match fs::rename(beside(&self.file, companion), beside(&name, companion)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.file, &name)?;
        Ok(name)
    }
}

fn is_whole(connection: &Connection) -> bool {
    let check = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    check.is_ok_and(|found| found == "ok")
}

pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    name.into()
}
