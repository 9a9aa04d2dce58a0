//! Cookie files: cookies that outlive the program, and that other programs read.
//!
//! A module per format has functions on readers and writers, which know no jar and no clock; a [`FileCookieJar`] adds
//! the filename and Python's `save`, `load` and `revert`.
//!
//! | format | module | jar |
//! |---|---|---|
//! | `cookies.txt` | [`cookies_txt`] | [`MozillaCookieJar`] |
//! | LWP | [`lwp`] | [`LwpCookieJar`] |
#![cfg_attr(
    feature = "json",
    doc = "| JSON of this library and of other programs (feature `json`) | [`json`] | [`JsonCookieJar`] |"
)]
//!
//! [`read_any_with`] recognizes the format of a file. Also read are [dumps of headers](header_dump), HTTP archives (module
//! `har`, feature `json`) and the cookies of a Firefox profile (module `firefox`, feature `sqlite`).
//! [The guide](crate::guide::files#every-format) says which programs use each format, and what it loses.
//!
//! Loads the cookies of a browser, and adds what a server sets:
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
//! let cookies = MozillaCookieJar::new(home.join("cookies.txt"));
//! cookies.load_with(LoadOptions::new().filename(home.join(".netscape/cookies.txt")))?;
//!
//! let url = Url::parse("http://example.com/")?;
//! assert_eq!(cookies.jar().cookie_header(&url).expect("a header"), "theme=dark");
//! cookies.jar().extract_cookies(&[("Set-Cookie", "sid=31d4")], &url);
//! cookies.save_with(WriteOptions::new().ignore_discard(true))?; // session cookies, too
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A line that is not a cookie is skipped and reported with its number and the reason, never with a value. A load that
//! fails changes nothing, and a save replaces the file as a whole. What a format cannot carry is skipped and reported.
//! Programs that share a file call [`FileCookieJar::sync`]. The [guide](crate::guide::files) has each default and its
//! reason.

use std::fs::File;
use std::path::Path;

use crate::cookie::Cookie;

mod any;
pub(crate) mod atomic;
pub(crate) mod collector;
pub mod cookies_txt;
mod error;
#[cfg(feature = "sqlite-system")]
pub mod firefox;
mod format;
#[cfg(feature = "json")]
pub mod har;
pub mod header_dump;
mod jar;
#[cfg(feature = "json")]
pub mod json;
mod known;
mod line_reader;
mod line_writer;
mod lines;
pub(crate) mod lock;
pub mod lwp;
mod meeting;
mod merge;
mod options;
mod partitions;
mod python;
mod replay;
mod report;
mod sync;
pub(crate) mod target;
mod temporary;

#[cfg(feature = "psl")]
pub use any::read_any;
pub use any::read_any_with;
use atomic::RealDisk;
pub use error::{LoadError, LoadErrorKind, MissingFilename, SaveError, SaveStep};
#[cfg(feature = "json")]
pub use format::Json;
pub use format::{CookieFormat, CookiesTxt, Lwp};
#[cfg(feature = "json")]
pub use jar::JsonCookieJar;
pub use jar::{FileCookieJar, LwpCookieJar, MozillaCookieJar};
pub use options::{LoadOptions, ReadOptions, SaveOptions, WriteOptions};
pub use partitions::{Containers, Partitions};
pub use report::{
    Loaded, NotWritten, ReadReport, Reading, Reason, Saved, Skipped, Source, Unwritable,
    WriteReport,
};
pub use sync::{SyncError, SyncOptions, Synced};

/// Saves cookies to a file, as [`FileCookieJar::save_with`] does, without a jar. A filename in the options is
/// ignored.
///
/// # Errors
///
/// Those of [`FileCookieJar::save_with`].
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

/// Loads the cookies of a file without a jar; [`CookieJar::import`](crate::CookieJar::import) accepts them.
///
/// # Errors
///
/// - the file cannot be read, or is longer than [`ReadOptions::max_bytes`]
/// - it is not of this format: see the format's `read`
///
/// ```
/// use cookiejar::file::{self, CookiesTxt, ReadOptions};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cookies.txt");
/// # std::fs::write(&path, "# Netscape HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t4102444800\tsid\t31d4\n")?;
/// let reading = file::load(&path, &CookiesTxt, &ReadOptions::new())?;
/// assert_eq!(reading.cookies[0].name(), "sid");
/// assert!(reading.report.skipped.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn load(
    file: impl AsRef<Path>,
    format: &(impl CookieFormat + ?Sized),
    options: &ReadOptions,
) -> Result<Reading, LoadError> {
    open_and(file.as_ref(), options, |opened| {
        format.read(opened, options)
    })
}

/// Loads a file of any format, as [`read_any`] reads it; with feature `sqlite` also Firefox's database.
///
/// # Errors
///
/// - the file cannot be read, or is longer than [`ReadOptions::max_bytes`]
/// - those of [`read_any`], and of the reader of Firefox's database
#[cfg(feature = "psl")]
pub fn load_any(file: impl AsRef<Path>, options: &ReadOptions) -> Result<Reading, LoadError> {
    let file = file.as_ref();
    #[cfg(feature = "sqlite-system")]
    if firefox::recognizes(file) {
        return firefox::read(file, options);
    }
    open_and(file, options, |opened| read_any(opened, options))
}

fn open_and(
    file: &Path,
    options: &ReadOptions,
    read: impl FnOnce(&mut File) -> Result<Reading, LoadError>,
) -> Result<Reading, LoadError> {
    let open = || -> Result<File, LoadError> {
        let opened = target::open_regular(file)?;
        if opened.metadata()?.len() > options.max_bytes {
            return Err(LoadErrorKind::TooLong.into());
        }
        Ok(opened)
    };
    open()
        .and_then(|mut opened| read(&mut opened))
        .map_err(|error| error.in_file(file))
}
