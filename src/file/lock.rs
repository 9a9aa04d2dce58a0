//! A lock on a file next to the cookie file, for programs that share it.
//!
//! It is the operating system's lock on a file (`flock` on Unix), so it ends with its holder, however that ends. The
//! lock file itself stays: if a program removed it, others could hold a lock on a file that no longer has a name.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::target;

/// How long a waiting program sleeps between two attempts. With 50 ms, one of eight programs that do nothing but sync
/// got no turn in three seconds (test `files_sync`).
const PAUSE: Duration = Duration::from_millis(3);

pub(super) struct FileLock {
    _file: File,
}

pub(super) enum NoLock {
    Held,
    Io(io::Error),
}

impl From<io::Error> for NoLock {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl FileLock {
    /// The cookie file need not exist.
    pub(super) fn acquire(target: &Path, wait: Duration) -> Result<Self, NoLock> {
        let file = open(&beside(target))?;
        let begin = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(error.into()),
                Err(TryLockError::WouldBlock) => {}
            }
            let left = wait.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Err(NoLock::Held);
            }
            thread::sleep(PAUSE.min(left));
        }
    }
}

/// `cookies.txt.lock` for `cookies.txt`.
fn beside(target: &Path) -> PathBuf {
    let mut name = OsString::from(target);
    name.push(".lock");
    name.into()
}

/// It must be a regular file and not a link: in a folder that others can write to, another user may have put it there.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        target::flags::of_this_name(&mut options);
    }
    let file = options.open(path)?;
    target::check_regular(&file.metadata()?)?;
    Ok(file)
}
