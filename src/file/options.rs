//! How files are read and written: every option, with its default.
//!
//! It knows no format. A format ignores the options that do not apply to it.

use std::path::PathBuf;

use time::OffsetDateTime;
use url::Url;

use super::partitions::{Containers, Partitions};
use super::report::Unwritable;
use crate::jar::ImportOptions;
use crate::options::options;

const MAX_BYTES: u64 = 256 << 20;

const MAX_LINE: usize = 1 << 20;

/// Options of the functions that read a format.
///
/// ```
/// use cookiejar::file::{ReadOptions, cookies_txt};
/// use time::macros::datetime;
///
/// let file = "# Netscape HTTP Cookie File\nacme.com\tFALSE\t/\tFALSE\t0\tsid\t31d4\n";
/// let now = datetime!(2026-11-21 08:00 UTC);
/// let reading = cookies_txt::read(file.as_bytes(), &ReadOptions::new().at(now))?;
/// assert_eq!((reading.cookies.len(), reading.report.session), (0, 1));
///
/// let options = ReadOptions::new().at(now).ignore_discard(true);
/// assert_eq!(cookies_txt::read(file.as_bytes(), &options)?.cookies.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    pub(crate) ignore_discard: bool,
    pub(crate) ignore_expires: bool,
    pub(crate) now: Option<OffsetDateTime>,
    pub(crate) strict: bool,
    pub(crate) python_form: bool,
    pub(crate) unterminated: bool,
    pub(crate) partitions: Partitions,
    pub(crate) containers: Containers,
    pub(crate) url: Option<Url>,
    pub(crate) trust_redirects: bool,
    pub(crate) requests: bool,
    pub(crate) max_bytes: u64,
    pub(crate) max_line: usize,
    pub(crate) max_skipped: usize,
}

impl ReadOptions {
    /// Returns Python's defaults: neither session cookies nor expired ones are read.
    #[must_use]
    pub fn new() -> Self {
        Self {
            ignore_discard: false,
            ignore_expires: false,
            now: None,
            strict: false,
            python_form: false,
            unterminated: true,
            partitions: Partitions::Keep,
            containers: Containers::None,
            url: None,
            trust_redirects: false,
            requests: false,
            max_bytes: MAX_BYTES,
            max_line: MAX_LINE,
            max_skipped: 10_000,
        }
    }

    options! {
        /// Sets whether session cookies are read, too (Python: `ignore_discard`). Defaults to `false`.
        ignore_discard, get get_ignore_discard: bool;
        /// Sets whether expired cookies are read, too (Python: `ignore_expires`). Defaults to `false`.
        ignore_expires, get get_ignore_expires: bool;
        /// Sets whether a file is rejected exactly if Python would reject it: each format lists its exceptions.
        /// Defaults to `false`.
        ///
        /// The first line that would be skipped is then the error.
        strict, get get_strict: bool;
        /// Sets whether Python wrote the file. Defaults to `false`.
        ///
        /// Python decodes headers as ISO-8859-1 and writes that as UTF-8; this option reverses it.
        python_form, get get_python_form: bool;
        /// Sets whether a last line without a line break is read if it is complete (see each format), and named in
        /// the report. Defaults to `true`, because exporters write such lines; `false` skips them, because a
        /// truncated file can have one, too. Strict reading rejects them.
        unterminated, get get_unterminated: bool;
        /// Sets what happens to cookies in a partition. Defaults to [`Partitions::Keep`].
        partitions, get get_partitions: &Partitions;
        /// Sets whether the cookies of containers and private windows are read. Defaults to [`Containers::None`].
        containers, get get_containers: Containers;
        /// Sets whether a `Location` in a header dump may lead to another site. Defaults to `false`: the cookies after
        /// it are skipped. With `true`, every server of the chain is trusted for all sites, because it can forge the
        /// next response.
        trust_redirects, get get_trust_redirects: bool;
        /// Sets whether the cookies that requests in a HAR sent are read, too. Defaults to `false`.
        requests, get get_requests: bool;
        /// Sets how many bytes the file may have. Defaults to 256 MiB.
        max_bytes, get get_max_bytes: u64;
        /// Sets how many bytes a line may have, or one cookie in JSON. Defaults to 1 MiB. A longer one is
        /// skipped.
        max_line, get get_max_line: usize;
        /// Sets how many lines may be skipped before reading stops with an error. Defaults to 10,000.
        max_skipped, get get_max_skipped: usize;
    }

    /// Fixes the time at which cookies count as expired. Without it a [`FileCookieJar`](super::FileCookieJar) uses
    /// its jar's clock, and the functions treat no cookie as expired.
    #[must_use]
    pub fn at(mut self, now: OffsetDateTime) -> Self {
        self.now = Some(now);
        self
    }

    /// Returns the time that [`at`](Self::at) fixed.
    #[must_use]
    pub fn get_now(&self) -> Option<OffsetDateTime> {
        self.now
    }

    /// Names the page that cookies without a domain come from: those in JSON from other programs become host-only
    /// cookies of its host, and those in a header dump are judged as if it had set them. Without it they are skipped.
    /// A URL without a host counts as no URL. See also [`trust_redirects`](Self::trust_redirects).
    #[must_use]
    pub fn of_url(mut self, url: &Url) -> Self {
        self.url = page(url);
        self
    }

    /// Returns the URL that [`of_url`](Self::of_url) named, without user, password, query and fragment.
    #[must_use]
    pub fn get_url(&self) -> Option<&Url> {
        self.url.as_ref()
    }
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self::new()
    }
}

fn page(url: &Url) -> Option<Url> {
    url.host_str().filter(|host| !host.is_empty())?;
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}

/// Options of the functions that write a format.
///
/// ```
/// use cookiejar::Cookie;
/// use cookiejar::file::{WriteOptions, cookies_txt};
///
/// let cookie = Cookie::builder("sid", "31d4").domain("localhost").build()?;
/// let mut file = Vec::new();
/// let options = WriteOptions::new().ignore_discard(true).python_form(true);
/// cookies_txt::write(&mut file, [&cookie], &options)?;
/// assert!(file.ends_with(b"localhost.local\tFALSE\t/\tFALSE\t\tsid\t31d4\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOptions {
    pub(crate) ignore_discard: bool,
    pub(crate) ignore_expires: bool,
    pub(crate) now: Option<OffsetDateTime>,
    pub(crate) python_form: bool,
    pub(crate) dot_local: bool,
    pub(crate) http_only_prefix: bool,
    pub(crate) url: Option<Url>,
    pub(crate) max_bytes: u64,
    pub(crate) max_line: usize,
}

impl WriteOptions {
    /// Returns Python's defaults: neither session cookies nor expired ones are written.
    #[must_use]
    pub fn new() -> Self {
        Self {
            ignore_discard: false,
            ignore_expires: false,
            now: None,
            python_form: false,
            dot_local: false,
            http_only_prefix: true,
            url: None,
            max_bytes: MAX_BYTES,
            max_line: MAX_LINE,
        }
    }

    options! {
        /// Sets whether session cookies are written, too (Python: `ignore_discard`). Defaults to `false`.
        ignore_discard, get get_ignore_discard: bool;
        /// Sets whether expired cookies are written, too (Python: `ignore_expires`). Defaults to `false`.
        ignore_expires, get get_ignore_expires: bool;
        /// Sets whether the file is written for Python. Defaults to `false`.
        ///
        /// In Python's form the expiry of a session cookie is empty in `cookies.txt`, the host-only cookies of hosts
        /// without dots are stored under `.local`, and octets beyond ASCII are written as the UTF-8 of their
        /// ISO-8859-1 characters. It does not apply to JSON.
        python_form, get get_python_form: bool;
        /// Sets whether the host-only cookies of a host `foo` without dots are stored under `foo.local`, as
        /// libwww-perl and Python expect. Defaults to `false`. It does not apply to JSON.
        dot_local, get get_dot_local: bool;
        /// Sets whether `cookies.txt` marks the lines of `HttpOnly` cookies with `#HttpOnly_`. Defaults to `true`.
        /// Without the mark scripts may read the cookie wherever the file is used; wget, which treats marked lines as
        /// comments, then sends it.
        http_only_prefix, get get_http_only_prefix: bool;
        /// Sets how many bytes the file may have. Defaults to 256 MiB, as for reading. Cookies that do not fit are
        /// skipped.
        max_bytes, get get_max_bytes: u64;
        /// Sets how many bytes a line may have, or one cookie in JSON. Defaults to 1 MiB, as for reading. A
        /// cookie that needs a longer one is skipped.
        max_line, get get_max_line: usize;
    }

    /// Fixes the time at which cookies count as expired. Without it a [`FileCookieJar`](super::FileCookieJar) uses
    /// its jar's clock, and the functions treat no cookie as expired.
    #[must_use]
    pub fn at(mut self, now: OffsetDateTime) -> Self {
        self.now = Some(now);
        self
    }

    /// Returns the time that [`at`](Self::at) fixed.
    #[must_use]
    pub fn get_now(&self) -> Option<OffsetDateTime> {
        self.now
    }

    /// Names the page that a driver shows when it loads Selenium's JSON: of the host-only cookies, only those of its
    /// host are written. A URL without a host counts as no URL.
    #[must_use]
    pub fn of_url(mut self, url: &Url) -> Self {
        self.url = page(url);
        self
    }

    /// Returns the URL that [`of_url`](Self::of_url) named, without user, password, query and fragment.
    #[must_use]
    pub fn get_url(&self) -> Option<&Url> {
        self.url.as_ref()
    }

    /// Whether a line fits into a file that has `room` bytes left. Its line break and comma count.
    pub(crate) fn check_room(&self, line: usize, room: u64) -> Result<(), Unwritable> {
        if line > self.max_line {
            return Err(Unwritable::TooLong);
        }
        if line as u64 > room {
            return Err(Unwritable::FileFull);
        }
        Ok(())
    }
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Options of [`FileCookieJar::load_with`] and [`revert_with`].
///
/// Any [`ReadOptions`] convert to it if no other option is needed.
///
/// [`FileCookieJar::load_with`]: crate::file::FileCookieJar::load_with
/// [`revert_with`]: crate::file::FileCookieJar::revert_with
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadOptions {
    pub(crate) read: ReadOptions,
    pub(crate) filename: Option<PathBuf>,
    pub(crate) import: ImportOptions,
}

impl LoadOptions {
    /// Returns the defaults: the jar's own file, Python's defaults; the policy is not asked.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    options! {
        /// Sets how the file is read. Defaults to [`ReadOptions::new`].
        read: ReadOptions;
        /// Sets how the jar imports the cookies. Defaults to [`ImportOptions::new`]. A revert keeps no cookie.
        import: ImportOptions;
    }

    /// Names a file other than the jar's own.
    #[must_use]
    pub fn filename(mut self, filename: impl Into<PathBuf>) -> Self {
        self.filename = Some(filename.into());
        self
    }

    /// Sets whether a cookie of the jar stays if the file has the same one; see
    /// [`ImportOptions::keep_present`].
    #[must_use]
    pub fn keep_present(mut self, yes: bool) -> Self {
        self.import = self.import.keep_present(yes);
        self
    }

    /// Sets whether the jar's policy is asked about each cookie; see [`ImportOptions::ask_policy`].
    #[must_use]
    pub fn ask_policy(mut self, yes: bool) -> Self {
        self.import = self.import.ask_policy(yes);
        self
    }

    /// Sets whether the limits of the jar's policy apply; see [`ImportOptions::limited`].
    #[must_use]
    pub fn limited(mut self, yes: bool) -> Self {
        self.import = self.import.limited(yes);
        self
    }
}

impl From<ReadOptions> for LoadOptions {
    fn from(read: ReadOptions) -> Self {
        Self::new().read(read)
    }
}

/// Options of [`FileCookieJar::save_with`].
///
/// Any [`WriteOptions`] convert to it if no other option is needed.
///
/// [`FileCookieJar::save_with`]: crate::file::FileCookieJar::save_with
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaveOptions {
    pub(crate) write: WriteOptions,
    pub(crate) filename: Option<PathBuf>,
    pub(crate) any_owner: bool,
}

impl SaveOptions {
    /// Returns the defaults: the jar's own file and Python's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    options! {
        /// Sets how the file is written. Defaults to [`WriteOptions::new`].
        write: WriteOptions;
        /// Sets whether a file of another user is replaced by one of ours. Defaults to `false`: it is an error,
        /// except for root, which keeps the owner. Systems other than Unix do not check owners.
        any_owner: bool;
    }

    /// Names a file other than the jar's own.
    #[must_use]
    pub fn filename(mut self, filename: impl Into<PathBuf>) -> Self {
        self.filename = Some(filename.into());
        self
    }
}

impl From<WriteOptions> for SaveOptions {
    fn from(write: WriteOptions) -> Self {
        Self::new().write(write)
    }
}

impl From<&WriteOptions> for SaveOptions {
    fn from(write: &WriteOptions) -> Self {
        write.clone().into()
    }
}
