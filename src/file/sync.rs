//! Programs that share a file: lock, read, merge, save.
//!
//! `merge.rs` decides about each cookie.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs};

use time::OffsetDateTime;

use super::error::{LoadError, MissingFilename, SaveError};
use super::lock::{FileLock, NoLock};
use super::meeting::Meeting;
use super::options::{ReadOptions, WriteOptions};
use super::partitions::Partitions;
use super::report::{ReadReport, Reading, Saved, Source};
use super::{CookieFormat, FileCookieJar, atomic, target};
use crate::cookie::Cookie;
use crate::jar::ImportReport;
use crate::options::options;

/// Options of [`FileCookieJar::sync_with`].
///
/// ```
/// use std::time::Duration;
///
/// use cookiejar::MozillaCookieJar;
/// use cookiejar::file::SyncOptions;
///
/// # let folder = tempfile::tempdir()?;
/// let cookies = MozillaCookieJar::open(folder.path().join("cookies.txt"))?;
/// let options = SyncOptions::new().ignore_discard(true).wait(Duration::from_secs(1));
/// cookies.sync_with(options)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncOptions {
    read: ReadOptions,
    write: WriteOptions,
    any_owner: bool,
    wait: Duration,
}

impl SyncOptions {
    /// Returns Python's defaults, and a wait of at most ten seconds.
    #[must_use]
    pub fn new() -> Self {
        Self {
            read: ReadOptions::new(),
            write: WriteOptions::new(),
            any_owner: false,
            wait: Duration::from_secs(10),
        }
    }

    options! {
        /// Sets how the file is read. Defaults to [`ReadOptions::new`]. Session cookies that these options skip and
        /// cookies in a partition stay in the file; expired cookies do not.
        read: ReadOptions;
        /// Sets how the file is written. Defaults to [`WriteOptions::new`]. Session cookies that these options skip
        /// stay in the jar.
        write: WriteOptions;
        /// Sets whether a file of another user is replaced by one of ours; see
        /// [`SaveOptions::any_owner`](super::SaveOptions::any_owner). Defaults to `false`.
        any_owner: bool;
        /// Sets how long the jar waits for another program that is syncing. Defaults to ten seconds.
        wait, get get_wait: Duration;
    }

    /// Sets whether session cookies are read and written.
    #[must_use]
    pub fn ignore_discard(mut self, yes: bool) -> Self {
        self.read.ignore_discard = yes;
        self.write.ignore_discard = yes;
        self
    }

    /// Fills in the time of the jar's clock. Expired cookies count on neither side.
    fn at(mut self, now: OffsetDateTime) -> Self {
        let now = *self.read.now.get_or_insert(now);
        self.read.ignore_expires = false;
        self.write.now = Some(now);
        self
    }
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Why a jar and its file could not be synced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The file could not be read. The jar and the file are unchanged.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The file could not be locked. The jar and the file are unchanged.
    #[error("{}: locking the file: {source}", file.display())]
    #[non_exhaustive]
    Lock {
        /// The cookie file.
        file: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// Another program held the lock for as long as [`SyncOptions::wait`] allows. The jar and the file are unchanged.
    #[error("{}: another program is syncing it", file.display())]
    #[non_exhaustive]
    Locked {
        /// The cookie file.
        file: PathBuf,
    },
    /// The jar has no filename.
    #[error(transparent)]
    MissingFilename(#[from] MissingFilename),
    /// The file could not be replaced and is unchanged. The jar has the changes of others; its own are written by the
    /// next call that succeeds.
    #[error(transparent)]
    Save(#[from] SaveError),
}

/// What [`FileCookieJar::sync`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Synced {
    /// What happened to the file's cookies in the jar.
    pub import: ImportReport,
    /// Cookies removed from the jar because others had deleted them.
    pub removed: usize,
    /// The reader's report.
    pub report: ReadReport,
    /// The writer's report, if the file had to be changed.
    pub saved: Option<Saved>,
}

impl fmt::Display for Synced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            import,
            removed,
            report,
            saved,
        } = self;
        write!(f, "{report}\n{import}, {removed} removed")?;
        match saved {
            Some(saved) => write!(f, "\n{saved}"),
            None => f.write_str("\nnothing to write"),
        }
    }
}

impl<F: CookieFormat> FileCookieJar<F> {
    /// Synchronizes the jar and its file, for programs that share the file. Session cookies stay where they are.
    ///
    /// # Errors
    ///
    /// Those of [`sync_with`](Self::sync_with).
    ///
    /// ```
    /// use cookiejar::MozillaCookieJar;
    /// use url::Url;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cookies.txt");
    /// let url = Url::parse("https://acme.com/")?;
    /// let (one, other) = (MozillaCookieJar::open(&path)?, MozillaCookieJar::open(&path)?);
    /// one.jar().set_cookie_str("theme=dark; Max-Age=3600", &url)?;
    /// other.jar().set_cookie_str("lang=en; Max-Age=3600", &url)?;
    /// for cookies in [&one, &other, &one] {
    ///     cookies.sync()?;
    /// }
    /// assert_eq!(one.jar().len(), 2);
    ///
    /// one.jar().clear();
    /// one.sync()?;
    /// other.sync()?;
    /// assert!(other.jar().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sync(&self) -> Result<Synced, SyncError> {
        self.sync_with(SyncOptions::new())
    }

    /// Synchronizes the jar and its file: under a lock it reads the file, merges, and saves the file if it has to
    /// change.
    ///
    /// A change on one side since the jar last loaded, saved or synced its file is applied to the other; if both
    /// changed a cookie, the jar's wins. [The guide](crate::guide::files#several-programs-one-file) says what counts as
    /// deleted, and which cookies stay on their side. No policy is asked, as in [`load`](Self::load).
    ///
    /// The lock is on the file `NAME.lock` next to the file, which is created and stays. It excludes only programs that
    /// ask for it, by `sync` or with `flock`.
    ///
    /// The jar is not locked during disk I/O: changes between the merge and the end of saving are synced the next
    /// time.
    ///
    /// # Errors
    ///
    /// - no file is named
    /// - another program holds the lock for longer than [`SyncOptions::wait`]
    /// - the lock file cannot be created, or is not a regular file
    /// - the file cannot be read, or is not of this format
    /// - it cannot be replaced; see [`save_with`](Self::save_with)
    pub fn sync_with(&self, options: SyncOptions) -> Result<Synced, SyncError> {
        let file = self.resolve(None)?;
        let options = options.at(self.now());
        let _lock = lock(&file, options.any_owner, options.wait)?;
        let found = self.find(&file, &options.read)?;
        Ok(self.meet(&file, found, &options)?)
    }

    fn meet(
        &self,
        file: &Path,
        found: Option<Reading>,
        options: &SyncOptions,
    ) -> Result<Synced, SaveError> {
        let SyncOptions { read, write, .. } = options;
        let mut known = self.known().clone();
        if found.is_none() {
            known.forget();
        }
        let must_save = found
            .as_ref()
            .is_none_or(|found| !found.report.skipped.is_empty());
        let Reading { cookies, report } = found.unwrap_or_else(|| Reading::new(Source::Empty));
        let hashes = known.hashes(write.python_form || write.dot_local);
        let now = read.now.map_or(0, OffsetDateTime::unix_timestamp);
        let meeting = Meeting::new((&known, &hashes), cookies, (read, write), now);
        let (import, removed, merged) = self.shared().amend(
            meeting.domains(),
            now,
            |jar| meeting.decide(jar),
            |jar, decisions| meeting.close(jar, decisions),
        );
        let mut saved = None;
        if must_save || merged.decisions.file_changes {
            let put = self.put(file, &merged.for_file, options);
            let (done, text) = put.inspect_err(|_| {
                self.known().last.extend(meeting.settled(&merged));
            })?;
            let written = self.as_read(&text, read);
            let written = written.iter().map(|cookie| meeting.their_side(cookie));
            self.known().note_all(merged.ours, written);
            saved = Some(done);
        } else {
            self.known().note_all(merged.ours, meeting.unchanged());
        }
        Ok(Synced {
            import,
            removed,
            report,
            saved,
        })
    }

    fn find(&self, file: &Path, options: &ReadOptions) -> Result<Option<Reading>, LoadError> {
        if fs::metadata(file).is_ok_and(|found| found.len() == 0) {
            return Ok(None);
        }
        let all = options
            .clone()
            .ignore_discard(true)
            .partitions(Partitions::Keep);
        match super::load(file, self.format(), &all) {
            Err(error) if error.is_not_found() => Ok(None),
            reading => reading.map(Some),
        }
    }

    fn put(
        &self,
        file: &Path,
        cookies: &[Cookie],
        options: &SyncOptions,
    ) -> Result<(Saved, Vec<u8>), SaveError> {
        let all = options
            .write
            .clone()
            .ignore_discard(true)
            .ignore_expires(true);
        let mut text = Vec::new();
        let report = self.format().write(&mut text, &mut cookies.iter(), &all);
        let saved = atomic::replace_by(file, options.any_owner, &text, report)?;
        Ok((saved, text))
    }
}

fn lock(file: &Path, any_owner: bool, wait: Duration) -> Result<FileLock, SyncError> {
    let lock = target::find(file, any_owner)
        .map_err(NoLock::from)
        .and_then(|target| FileLock::acquire(&target.path, wait));
    let file = file.to_owned();
    lock.map_err(|why| match why {
        NoLock::Held => SyncError::Locked { file },
        NoLock::Io(source) => SyncError::Lock { file, source },
    })
}
