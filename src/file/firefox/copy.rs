//! A private copy of a database that another program may be writing.
//!
//! It knows the names of SQLite's files, but no table.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::file::error::{LoadError, LoadErrorKind};
use crate::file::target;

const ATTEMPTS: usize = 20;

/// How many names are tried for the folder. A name exists only by chance.
const NAMES: usize = 64;

/// The header of a write-ahead log, whose salts change whenever the log is restarted (SQLite, file format, section
/// 4.1).
const LOG_HEADER: usize = 32;

pub(super) struct PrivateCopy {
    folder: PathBuf,
    bytes: u64,
}

impl PrivateCopy {
    /// Copies the database, and then its log, which has what the database lacks. If a checkpoint starts meanwhile,
    /// the database is complete together with the log, unless the log was restarted.
    pub(super) fn make(database: &Path, max_bytes: u64) -> Result<Self, LoadError> {
        // SQLite looks for the log next to the file, not next to a link to it.
        let database = target::find(database, true)?.path;
        let log = log_of(&database);
        let mut copy = Self {
            folder: make_folder()?,
            bytes: 0,
        };
        for _ in 0..ATTEMPTS {
            let before = State::read(&database, &log)?;
            copy.fill(&database, &log, max_bytes)?;
            if before.is_whole_with(&State::read(&database, &log)?) {
                return Ok(copy);
            }
        }
        Err(io::Error::other("the database changes too often to be copied").into())
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.join("cookies.sqlite")
    }

    fn fill(&mut self, database: &Path, log: &Path, max_bytes: u64) -> Result<(), LoadError> {
        let own = self.database();
        self.bytes = copy(database, &own, max_bytes)?;
        match copy(log, &log_of(&own), max_bytes - self.bytes) {
            Ok(bytes) => self.bytes += bytes,
            Err(error) if error.is_not_found() => remove(&log_of(&own))?,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        // Drop cannot report an error.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[derive(PartialEq, Eq)]
struct State {
    len: u64,
    modified: Option<SystemTime>,
    log: Option<[u8; LOG_HEADER]>,
}

impl State {
    fn read(database: &Path, log: &Path) -> io::Result<Self> {
        let found = fs::metadata(database)?;
        Ok(Self {
            len: found.len(),
            modified: found.modified().ok(),
            log: log_header(log)?,
        })
    }

    /// Either the log has every page that a checkpoint wrote meanwhile, or the database did not change.
    fn is_whole_with(&self, after: &Self) -> bool {
        (self.log.is_some() && self.log == after.log)
            || (self.len, self.modified) == (after.len, after.modified)
    }
}

fn log_header(log: &Path) -> io::Result<Option<[u8; LOG_HEADER]>> {
    let mut header = [0; LOG_HEADER];
    let read = target::open_regular(log).and_then(|mut log| log.read_exact(&mut header));
    match read {
        Ok(()) => Ok(Some(header)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof => Ok(None),
            _ => Err(error),
        },
    }
}

fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn make_folder() -> io::Result<PathBuf> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    for attempt in 0..NAMES {
        // The key is secret.
        let random = RandomState::new().hash_one((attempt, std::process::id()));
        let folder = std::env::temp_dir().join(format!("cookiejar-{random:016x}"));
        match builder.create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|()| folder),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn copy(from: &Path, to: &Path, max_bytes: u64) -> Result<u64, LoadError> {
    let from = target::open_regular(from)?;
    let copied = io::copy(
        &mut from.take(max_bytes.saturating_add(1)),
        &mut create(to)?,
    )?;
    if copied > max_bytes {
        return Err(LoadErrorKind::TooLong.into());
    }
    Ok(copied)
}

fn create(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/firefox_copy.rs"]
mod tests;
