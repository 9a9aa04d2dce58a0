//! A jar with a filename: Python's `save`, `load` and `revert`.
//!
//! It knows no format. The locks are those of the shared jar, and one for what was last read or written, never held
//! together with another; no lock is held while reading a file or waiting for the disk.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::atomic;
#[cfg(feature = "json")]
use super::format::Json;
use super::format::{CookieFormat, CookiesTxt, Lwp};
use super::known::Known;
use super::{
    LoadError, LoadOptions, Loaded, MissingFilename, ReadOptions, Reading, SaveError, SaveOptions,
    Saved,
};
use crate::clock::date_time;
use crate::cookie::Cookie;
use crate::jar::Import;
use crate::shared::SharedCookieJar;

/// A jar with a file in the format of [`cookies_txt`](super::cookies_txt).
#[doc(alias = "NetscapeCookieJar")]
pub type MozillaCookieJar = FileCookieJar<CookiesTxt>;

/// A jar with a file in the format of [`lwp`](super::lwp).
#[doc(alias = "LWPCookieJar")]
pub type LwpCookieJar = FileCookieJar<Lwp>;

/// A jar with a file in the format of [`json`](super::json).
#[cfg(feature = "json")]
pub type JsonCookieJar = FileCookieJar<Json>;

/// A jar with a filename.
///
/// [`jar`](Self::jar) returns a handle to the [`SharedCookieJar`] inside. Apart from [`open`](Self::open), nothing is
/// read before [`load`](Self::load), [`revert`](Self::revert) or [`sync`](Self::sync), and nothing is written before
/// [`save`](Self::save) or `sync` (Python's `delayload` is a hint that its formats ignore).
///
/// ```
/// use cookiejar::file::LoadErrorKind;
/// use cookiejar::{Cookie, MozillaCookieJar};
/// use time::macros::datetime;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cookies.txt");
/// let cookies = MozillaCookieJar::new(&path);
/// let missing = cookies.load().expect_err("no such file");
/// assert!(matches!(missing.kind(), LoadErrorKind::Io(error) if error.kind() == std::io::ErrorKind::NotFound));
///
/// let cookie = Cookie::builder("sid", "31d4").domain("acme.com").expires(datetime!(2100-01-01 0:00 UTC));
/// cookies.jar().set_cookie(cookie.build()?);
/// assert_eq!(cookies.save()?.report.written, 1);
///
/// cookies.jar().clear();
/// assert_eq!(cookies.revert()?.import.stored, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileCookieJar<F> {
    jar: SharedCookieJar,
    filename: Option<PathBuf>,
    format: F,
    loaded: Option<Loaded>,
    known: Mutex<Known>,
}

#[cfg(feature = "psl")]
impl<F: Default> FileCookieJar<F> {
    /// Returns an empty jar with [`DefaultCookiePolicy::new`](crate::DefaultCookiePolicy::new) and a filename. The
    /// file need not exist.
    #[must_use]
    pub fn new(filename: impl Into<PathBuf>) -> Self {
        let mut cookies = Self::default();
        cookies.set_filename(Some(filename.into()));
        cookies
    }
}

#[cfg(feature = "psl")]
impl<F: CookieFormat + Default> FileCookieJar<F> {
    /// Returns a jar as [`new`](Self::new) does, and loads the file if it exists, without expired and session
    /// cookies. [`loaded`](Self::loaded) is the report.
    ///
    /// # Errors
    ///
    /// Those of [`load_with`](Self::load_with), except that a missing file is not an error.
    pub fn open(filename: impl Into<PathBuf>) -> Result<Self, LoadError> {
        let mut cookies = Self::new(filename);
        cookies.loaded = match cookies.load() {
            Err(error) if error.is_not_found() => None,
            loaded => Some(loaded?),
        };
        Ok(cookies)
    }
}

impl<F: Default> FileCookieJar<F> {
    /// Wraps an existing jar, shared or plain, with its policy and its clock. It has no filename yet.
    #[must_use]
    pub fn with_jar(jar: impl Into<SharedCookieJar>) -> Self {
        Self::with_format(jar, F::default())
    }
}

impl<F> FileCookieJar<F> {
    /// Wraps an existing jar, with a format of your own. It has no filename yet.
    #[must_use]
    pub fn with_format(jar: impl Into<SharedCookieJar>, format: F) -> Self {
        Self {
            jar: jar.into(),
            filename: None,
            format,
            loaded: None,
            known: Mutex::default(),
        }
    }

    /// Returns the filename, if any.
    #[must_use]
    pub fn filename(&self) -> Option<&Path> {
        self.filename.as_deref()
    }

    /// Changes or removes the filename. No file is touched.
    pub fn set_filename(&mut self, filename: Option<PathBuf>) {
        self.filename = filename;
        self.known().forget();
    }

    /// Returns a handle to the jar. All handles share its cookies.
    #[must_use]
    pub fn jar(&self) -> SharedCookieJar {
        self.jar.clone()
    }

    /// Returns the report of [`open`](Self::open), or `None` if the file did not exist.
    #[must_use]
    pub fn loaded(&self) -> Option<&Loaded> {
        self.loaded.as_ref()
    }

    pub(super) fn resolve(&self, other: Option<&PathBuf>) -> Result<PathBuf, MissingFilename> {
        other
            .or(self.filename.as_ref())
            .cloned()
            .ok_or(MissingFilename)
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn shared(&self) -> &SharedCookieJar {
        &self.jar
    }

    pub(super) fn format(&self) -> &F {
        &self.format
    }

    fn is_own(&self, file: &Path) -> bool {
        self.filename.as_deref() == Some(file)
    }

    pub(super) fn now(&self) -> time::OffsetDateTime {
        date_time(self.jar.now_seconds())
    }
}

impl<F: CookieFormat> FileCookieJar<F> {
    /// Adds the cookies of the jar's file, without expired and session cookies; a loaded cookie
    /// replaces one of the same partition, domain, path and name.
    ///
    /// # Errors
    ///
    /// Those of [`load_with`](Self::load_with).
    pub fn load(&self) -> Result<Loaded, LoadError> {
        self.load_with(LoadOptions::new())
    }

    /// Adds the cookies of the jar's file, or of another one that the options name; see
    /// [`CookieJar::import`](crate::CookieJar::import).
    ///
    /// # Errors
    ///
    /// - no file is named
    /// - it cannot be read, or is not of this format: see the format's `read`
    ///
    /// The jar is then unchanged.
    pub fn load_with(&self, options: impl Into<LoadOptions>) -> Result<Loaded, LoadError> {
        self.take_in(options.into(), false)
    }

    /// Replaces all cookies of the jar with those of its file, without expired and session cookies.
    ///
    /// # Errors
    ///
    /// Those of [`revert_with`](Self::revert_with).
    pub fn revert(&self) -> Result<Loaded, LoadError> {
        self.revert_with(LoadOptions::new())
    }

    /// Replaces all cookies of the jar with those of its file, or of another one that the options name. Other handles
    /// see either the old cookies or the new ones.
    ///
    /// # Errors
    ///
    /// Those of [`load_with`](Self::load_with). The jar is then unchanged.
    pub fn revert_with(&self, options: impl Into<LoadOptions>) -> Result<Loaded, LoadError> {
        self.take_in(options.into(), true)
    }

    /// Saves the jar to its file, without expired and session cookies.
    ///
    /// # Errors
    ///
    /// Those of [`save_with`](Self::save_with).
    pub fn save(&self) -> Result<Saved, SaveError> {
        self.save_with(SaveOptions::new())
    }

    /// Saves the jar to its file, or to another one that the options name.
    ///
    /// The file is formatted in memory, while others can read the jar but not change it.
    ///
    /// The cookies are written to a temporary file in the same folder, which is synced to disk (fsync) and renamed;
    /// then the folder is synced. If several programs save the same file, the last one wins; [`sync`](Self::sync)
    /// merges instead.
    ///
    /// On Unix the file has mode 0600 from the start. A later save removes a temporary file that a killed program of
    /// the same user left behind, but not one that is being written. If the filename is a symbolic link, the file it
    /// points to is replaced. [The guide](crate::guide::files) says what becomes of files and links of other users.
    ///
    /// On other systems the permissions of the folder decide who may read the file, a temporary file that a killed
    /// program left behind stays, and [`Saved::durable`] is `false`.
    ///
    /// # Errors
    ///
    /// - no file is named
    /// - it is a folder, a device or a pipe, or belongs to another user
    /// - a step of saving fails: the error names it
    ///
    /// The old file is then unchanged, and no temporary file is left.
    pub fn save_with(&self, options: impl Into<SaveOptions>) -> Result<Saved, SaveError> {
        let SaveOptions {
            mut write,
            filename,
            any_owner,
            ..
        } = options.into();
        let file = self.resolve(filename.as_ref())?;
        write.now.get_or_insert_with(|| self.now());
        let mut text = Vec::new();
        let hashes = self.known().hashes(write.python_form || write.dot_local);
        let (report, ours) = self.jar.show_all(|cookies| {
            let mut ours = Vec::new();
            let mut noted = cookies.inspect(|cookie| {
                ours.push(hashes.side(cookie, cookie.discard() && !write.ignore_discard));
            });
            let report = self.format.write(&mut text, &mut noted, &write);
            (report, ours)
        });
        let saved = atomic::replace_by(&file, any_owner, &text, report)?;
        if self.is_own(&file) {
            let mut read = ReadOptions::new().python_form(write.python_form);
            read.url.clone_from(&write.url);
            let written = self.as_read(&text, &read);
            let written = written.iter().map(|cookie| hashes.side(cookie, false));
            self.known().note_all(ours, written);
        }
        Ok(saved)
    }

    pub(super) fn as_read(&self, mut text: &[u8], options: &ReadOptions) -> Vec<Cookie> {
        let all = options.clone().ignore_discard(true).ignore_expires(true);
        let all = all.max_bytes(u64::MAX).max_line(usize::MAX);
        let reading = self.format.read(&mut text, &all);
        reading.map_or(Vec::new(), |reading| reading.cookies)
    }

    fn take_in(&self, options: LoadOptions, clear: bool) -> Result<Loaded, LoadError> {
        let file = self.resolve(options.filename.as_ref())?;
        let mut read = options.read;
        let now = *read.now.get_or_insert_with(|| self.now());
        let Reading { cookies, report } = super::load(&file, &self.format, &read)?;
        let hashes = self.known().hashes(read.python_form);
        let noted = self.is_own(&file).then(|| hashes.contents(&cookies));
        let how = Import {
            options: &options.import,
            now: Some(now.unix_timestamp()),
            clear,
        };
        let import = self.jar.import_as(cookies, how);
        if let Some(noted) = noted {
            let is_whole = import.stored + import.replaced == noted.len() && import.evicted == 0;
            self.known()
                .note_read(noted.into_iter().filter(|_| is_whole), clear || !is_whole);
        }
        Ok(Loaded { import, report })
    }
}

#[cfg(feature = "psl")]
impl<F: Default> Default for FileCookieJar<F> {
    fn default() -> Self {
        Self::with_jar(SharedCookieJar::new())
    }
}

/// Another handle to the same jar, with its own filename.
impl<F: Clone> Clone for FileCookieJar<F> {
    fn clone(&self) -> Self {
        Self {
            jar: self.jar.clone(),
            filename: self.filename.clone(),
            format: self.format.clone(),
            loaded: self.loaded.clone(),
            known: Mutex::new(self.known().clone()),
        }
    }
}

/// Shows the filename and the number of cookies.
impl<F> fmt::Debug for FileCookieJar<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCookieJar")
            .field("filename", &self.filename)
            .field("jar", &self.jar)
            .finish_non_exhaustive()
    }
}
