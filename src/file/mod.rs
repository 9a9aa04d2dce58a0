//! Cookie files: cookies that outlive the program, and that other programs read.
//!
//! A file is read and written by functions on readers and writers, one module a format; a
//! [`FileCookieJar`] adds the filename and Python's `save`, `load` and `revert`. The functions know
//! no jar and no clock: they are told the time.
//!
//! | format | module | jar | who else has it | what it loses |
//! |---|---|---|---|---|
//! | `cookies.txt` | [`cookies_txt`] | [`MozillaCookieJar`] | curl, wget, yt-dlp, browser extensions, Python | RFC 2965, most attributes, creation |
//! | LWP | [`lwp`] | [`LwpCookieJar`] | libwww-perl, Python | creation, attributes that are no words |
#![cfg_attr(
    feature = "json",
    doc = "| JSON (feature `json`) | [`json`] | [`JsonCookieJar`] | `cookie_store`, tough-cookie, Guzzle, Playwright and browser extensions are read | nothing |"
)]
//!
//! Two records of traffic are read: [`header_dump`], as `curl -D` writes it, and, with feature
//! `json`, HTTP archives (module `har`).
//!
//! Cookies of a browser, and what a server adds to them:
//!
//! ```
//! use cookiejar::MozillaCookieJar;
//! use cookiejar::file::{LoadOptions, WriteOptions};
//! use url::Url;
//! # let folder = tempfile::tempdir()?;
//! # let home = folder.path();
//! # std::fs::create_dir(home.join(".netscape"))?;
//! # let line = "example.com\tFALSE\t/\tFALSE\t4102444800\ttheme\tdark\n";
//! # std::fs::write(home.join(".netscape/cookies.txt"), format!("# Netscape HTTP Cookie File\n{line}"))?;
//!
//! let mut cookies = MozillaCookieJar::new(home.join("cookies.txt"));
//! cookies.load_with(LoadOptions::new().filename(home.join(".netscape/cookies.txt")))?;
//!
//! let url = Url::parse("http://example.com/")?;
//! assert_eq!(cookies.jar().cookie_header(&url).expect("a header"), "theme=dark");
//! cookies.jar_mut().extract_cookies(&[("Set-Cookie", "sid=31d4")], &url);
//! cookies.save_with(WriteOptions::new().ignore_discard(true))?; // session cookies, too
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What comes in
//!
//! Every cookie of a file passes the checks of every [`Cookie`], and by choice
//! [a policy's](LoadOptions::ask_policy). A line that is no cookie costs itself only: it stands in
//! the report with its number and the reason, never with a value. [`ReadOptions`] says how much is
//! read, and [`ReadOptions::strict`] takes no more than Python does. All of a file is read before
//! the jar is touched, so that a load that fails changes nothing.
//!
//! # What goes out
//!
//! What a server sends cannot make a file unreadable, nor add a cookie to it: what a format cannot
//! carry is quoted where the format has quotes, and else left out and reported. A file is saved
//! atomically and for its owner alone: see [`FileCookieJar::save_with`].

use std::fmt;
use std::path::{Path, PathBuf};

use crate::clock::date_time;
use crate::cookie::Cookie;
use crate::jar::{Admission, CookieJar, admit};
use crate::policy::{CookiePolicy, DefaultCookiePolicy};

mod atomic;
pub mod cookies_txt;
mod error;
mod format;
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
pub mod har;
pub mod header_dump;
mod intake;
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
pub mod json;
pub mod lwp;
mod options;
mod python;
mod replay;
mod report;
mod target;
mod temporary;

use atomic::RealDisk;
pub use error::{LoadError, LoadErrorKind, MissingFilename, SaveError, SaveStep};
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
pub use format::Json;
pub use format::{CookieFormat, CookiesTxt, Lwp};
pub use options::{LoadOptions, Partitions, ReadOptions, SaveOptions, WriteOptions};
pub use report::{
    LeftOut, Loaded, NotWritten, ReadReport, Reading, Reason, Saved, Source, Unwritable,
    WriteReport,
};

/// Saves cookies to a file, as [`FileCookieJar::save_with`] does, without a jar. A filename in the options is
/// overlooked.
///
/// # Errors
///
/// - the filename is a folder, a device or a pipe, or the file is another user's
/// - the file system refuses a step: the error says which
///
/// The old file is then as it was, and no temporary file is left.
///
/// ```
/// use cookiejar::file::{self, CookiesTxt, WriteOptions};
/// use cookiejar::Cookie;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cookies.txt");
/// let cookie = Cookie::builder("sid", "31d4").domain("acme.com").build()?;
/// let options = WriteOptions::new().ignore_discard(true);
/// file::save(&path, &CookiesTxt, [&cookie], &options)?;
/// assert!(std::fs::read_to_string(path)?.ends_with("\tsid\t31d4\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn save<'c>(
    file: impl AsRef<Path>,
    format: &(impl CookieFormat + ?Sized),
    cookies: impl IntoIterator<Item = &'c Cookie>,
    options: impl Into<SaveOptions>,
) -> Result<Saved, SaveError> {
    let SaveOptions {
        write, any_owner, ..
    } = options.into();
    let mut cookies = cookies.into_iter();
    let (report, durable) = atomic::replace(file.as_ref(), any_owner, &RealDisk, |writer| {
        format.write(writer, &mut cookies, &write)
    })?;
    Ok(Saved { report, durable })
}

/// A jar with a file in the format of [`cookies_txt`].
#[doc(alias = "NetscapeCookieJar")]
pub type MozillaCookieJar<P = DefaultCookiePolicy> = FileCookieJar<CookiesTxt, P>;

/// A jar with a file in the format of [`lwp`].
#[doc(alias = "LWPCookieJar")]
pub type LwpCookieJar<P = DefaultCookiePolicy> = FileCookieJar<Lwp, P>;

/// A jar with a file in the format of [`json`].
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
pub type JsonCookieJar<P = DefaultCookiePolicy> = FileCookieJar<Json, P>;

/// A jar with a filename.
///
/// Nothing is read before [`load`](Self::load) or [`revert`](Self::revert), and nothing is written
/// before [`save`](Self::save) (Python's `delayload` is a hint that its formats ignore). The jar
/// inside is [`jar`](Self::jar) and [`jar_mut`](Self::jar_mut).
///
/// ```
/// use cookiejar::file::LoadErrorKind;
/// use cookiejar::{Cookie, MozillaCookieJar};
/// use time::macros::datetime;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cookies.txt");
/// let mut cookies = MozillaCookieJar::new(&path);
/// let missing = cookies.load().expect_err("no such file");
/// assert!(matches!(missing.kind(), LoadErrorKind::Io(error) if error.kind() == std::io::ErrorKind::NotFound));
///
/// let cookie = Cookie::builder("sid", "31d4").domain("acme.com").expires(datetime!(2100-01-01 0:00 UTC));
/// cookies.jar_mut().set_cookie(cookie.build()?);
/// assert_eq!(cookies.save()?.report.written, 1);
///
/// cookies.jar_mut().clear();
/// assert_eq!(cookies.revert()?.account.stored, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileCookieJar<F, P = DefaultCookiePolicy> {
    jar: CookieJar<P>,
    filename: Option<PathBuf>,
    format: F,
}

#[cfg(feature = "psl")]
#[cfg_attr(docsrs, doc(cfg(feature = "psl")))]
impl<F: Default> FileCookieJar<F> {
    /// An empty jar with [`DefaultCookiePolicy::new`] and a filename. There need not be such a file.
    #[must_use]
    pub fn new(filename: impl Into<PathBuf>) -> Self {
        let mut jar = Self::with_jar(CookieJar::new());
        jar.set_filename(Some(filename.into()));
        jar
    }
}

impl<F: Default, P> FileCookieJar<F, P> {
    /// A jar that is there already, with its policy and its clock, without a filename.
    #[must_use]
    pub fn with_jar(jar: CookieJar<P>) -> Self {
        Self::with_format(jar, F::default())
    }
}

impl<F, P> FileCookieJar<F, P> {
    /// A jar that is there already, with a format of your own, without a filename.
    #[must_use]
    pub fn with_format(jar: CookieJar<P>, format: F) -> Self {
        Self {
            jar,
            filename: None,
            format,
        }
    }

    /// The filename, if there is one.
    #[must_use]
    pub fn filename(&self) -> Option<&Path> {
        self.filename.as_deref()
    }

    /// Changes the filename, or takes it away. No file is touched.
    pub fn set_filename(&mut self, filename: Option<PathBuf>) {
        self.filename = filename;
    }

    /// The jar.
    #[must_use]
    pub fn jar(&self) -> &CookieJar<P> {
        &self.jar
    }

    /// The jar, to use and change it.
    pub fn jar_mut(&mut self) -> &mut CookieJar<P> {
        &mut self.jar
    }

    /// The jar alone.
    #[must_use]
    pub fn into_jar(self) -> CookieJar<P> {
        self.jar
    }

    fn resolve(&self, other: Option<&PathBuf>) -> Result<PathBuf, MissingFilename> {
        other
            .or(self.filename.as_ref())
            .cloned()
            .ok_or(MissingFilename)
    }
}

impl<F: CookieFormat, P: CookiePolicy> FileCookieJar<F, P> {
    /// Adds the cookies of the jar's file, without expired and session cookies; a loaded cookie
    /// takes the place of its namesake.
    ///
    /// # Errors
    ///
    /// Those of [`load_with`](Self::load_with).
    pub fn load(&mut self) -> Result<Loaded, LoadError> {
        self.load_with(LoadOptions::new())
    }

    /// Adds the cookies of a file, by choice another one than the jar's own.
    ///
    /// Limits of the policy bind only where the options say so, and the policy is asked only then.
    /// An expired cookie that is read by choice is stored: it deletes nothing, and goes with a later
    /// sweep.
    ///
    /// # Errors
    ///
    /// - no file is named
    /// - it cannot be read, is a device or a pipe, or is not of this format: see the format's `read`
    ///
    /// The jar is then as it was.
    pub fn load_with(&mut self, options: impl Into<LoadOptions>) -> Result<Loaded, LoadError> {
        self.take_in(options.into(), false)
    }

    /// Puts the cookies of the jar's file in the place of all that the jar has, without expired and
    /// session cookies.
    ///
    /// # Errors
    ///
    /// Those of [`revert_with`](Self::revert_with).
    pub fn revert(&mut self) -> Result<Loaded, LoadError> {
        self.revert_with(LoadOptions::new())
    }

    /// Puts the cookies of a file, by choice another one than the jar's own, in the place of all
    /// that the jar has.
    ///
    /// # Errors
    ///
    /// Those of [`load_with`](Self::load_with). The jar is then as it was.
    pub fn revert_with(&mut self, options: impl Into<LoadOptions>) -> Result<Loaded, LoadError> {
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

    /// Saves the jar to a file, by choice another one than the jar's own.
    ///
    /// A temporary file in the same folder takes the cookies; the disk takes it (fsync); then it is renamed,
    /// and the disk takes the folder. Several programs can save the same file: the last one wins.
    ///
    /// On Unix the file has mode 0600 from its first moment, and a temporary file of our own user that a
    /// killed program has left behind goes with a later save; one that is being written stays. In a folder
    /// that others can write, nothing that they put there blocks a save, and a symbolic link of a stranger
    /// is not followed if the folder is sticky, as `/tmp` is. Where the filename is another symbolic link, the
    /// file behind it is replaced. A file of another user is an error unless
    /// [`any_owner`](SaveOptions::any_owner) says otherwise; root keeps its owner, unless a stranger can have
    /// put it there.
    ///
    /// On other systems the rights of the folder say who may read the file, and a temporary file that a
    /// killed program has left behind stays. [`Saved::durable`] is then `false`.
    ///
    /// # Errors
    ///
    /// - no file is named
    /// - it is a folder, a device or a pipe, or another user's
    /// - the file system refuses a step: the error says which
    ///
    /// The old file is then as it was, and no temporary file is left.
    pub fn save_with(&self, options: impl Into<SaveOptions>) -> Result<Saved, SaveError> {
        let options = options.into();
        let file = self.resolve(options.filename.as_ref())?;
        let mut options = options;
        options.write.now.get_or_insert_with(|| self.now());
        save(file, &self.format, self.jar.iter(), options)
    }

    fn take_in(&mut self, options: LoadOptions, clear: bool) -> Result<Loaded, LoadError> {
        let file = self.resolve(options.filename.as_ref())?;
        let mut read = options.read;
        let now = *read.now.get_or_insert_with(|| self.now());
        let reading = self
            .read(&file, &read)
            .map_err(|error| error.in_file(&file))?;
        let how = Admission {
            now: now.unix_timestamp(),
            clear,
            keep_present: options.keep_present && !clear,
            ask_policy: options.ask_policy,
            limited: options.limited,
        };
        let (account, yielded) = admit(&mut self.jar, reading.cookies, how);
        Ok(Loaded {
            account,
            yielded,
            report: reading.report,
        })
    }

    fn read(&self, file: &Path, options: &ReadOptions) -> Result<Reading, LoadError> {
        let mut opened = target::open_regular(file)?;
        if opened.metadata()?.len() > options.max_bytes {
            return Err(LoadErrorKind::TooLong.into());
        }
        self.format.read(&mut opened, options)
    }

    fn now(&self) -> time::OffsetDateTime {
        date_time(self.jar.now_seconds())
    }
}

impl<F: Default, P: CookiePolicy + Default> Default for FileCookieJar<F, P> {
    fn default() -> Self {
        Self::with_jar(CookieJar::default())
    }
}

/// A deep copy with the same filename.
impl<F: Clone, P: Clone> Clone for FileCookieJar<F, P> {
    fn clone(&self) -> Self {
        Self {
            jar: self.jar.clone(),
            filename: self.filename.clone(),
            format: self.format.clone(),
        }
    }
}

/// Shows the filename, and how many cookies there are.
impl<F, P> fmt::Debug for FileCookieJar<F, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCookieJar")
            .field("filename", &self.filename)
            .field("jar", &self.jar)
            .finish_non_exhaustive()
    }
}
