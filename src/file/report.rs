//! The reports of reading and writing.

use std::fmt;

use crate::cookie::Cookie;
use crate::jar::ImportReport;
use crate::rejection::Rejection;

/// What a reader returns.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The cookies, in the order of the file.
    pub cookies: Vec<Cookie>,
    /// What was not read, and why.
    pub report: ReadReport,
}

impl Reading {
    /// Creates a reading without cookies, for formats of your own.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self {
            cookies: Vec::new(),
            report: ReadReport {
                source,
                skipped: Vec::new(),
                session: 0,
                expired: 0,
                other_containers: 0,
                unterminated: None,
            },
        }
    }
}

/// What a reader skipped, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadReport {
    /// The format the file was recognized as.
    pub source: Source,
    /// The lines that are not cookies, in the order of the file.
    pub skipped: Vec<Skipped>,
    /// Session cookies skipped because [`ignore_discard`](crate::file::ReadOptions::ignore_discard) was not set.
    pub session: usize,
    /// Expired cookies skipped because [`ignore_expires`](crate::file::ReadOptions::ignore_expires) was not set.
    pub expired: usize,
    /// How many cookies of Firefox, or in JSON of any browser, were skipped because [`ReadOptions::containers`] did not
    /// include their container.
    ///
    /// [`ReadOptions::containers`]: crate::file::ReadOptions::containers
    pub other_containers: usize,
    /// The last line, if it was read although it has no line break. A truncated file can end like this, with a last
    /// cookie that is too short.
    pub unterminated: Option<u64>,
}

/// Shows the format, the counts of cookies that the options skipped, and each skipped line.
impl fmt::Display for ReadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            skipped,
            session,
            expired,
            other_containers,
            unterminated,
        } = self;
        write!(f, "{source}")?;
        write_unwanted(f, *session, *expired)?;
        if *other_containers > 0 {
            write!(f, ", {other_containers} of other containers skipped")?;
        }
        if let Some(line) = unterminated {
            write!(f, "\nline {line}: read, although it has no line break")?;
        }
        skipped.iter().try_for_each(|one| write!(f, "\n{one}"))
    }
}

fn write_unwanted(f: &mut fmt::Formatter<'_>, session: usize, expired: usize) -> fmt::Result {
    for (count, kind) in [(session, "session"), (expired, "expired")] {
        let plural = if count == 1 { "" } else { "s" };
        if count > 0 {
            write!(f, ", {count} {kind} cookie{plural} skipped")?;
        }
    }
    Ok(())
}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A JSON array of cookies, as written by browser extensions, Puppeteer and Selenium.
    BrowserExport,
    /// A JSON array by the crate `cookie_store`.
    CookieStore,
    /// Lines of JSON by the crate `cookie_store`.
    CookieStoreLines,
    /// `cookies.txt`.
    CookiesTxt,
    /// Only white space, or an empty JSON array: valid in several formats, without cookies.
    Empty,
    /// The database of Firefox.
    Firefox,
    /// A JSON array by Guzzle.
    Guzzle,
    /// An HTTP archive.
    Har,
    /// A dump of response headers.
    HeaderDump,
    /// The JSON of this library.
    Json,
    /// The format of libwww-perl.
    Lwp,
    /// A format of your own.
    Other,
    /// The storage state of Playwright, or another JSON object with an array of `cookies`.
    StorageState,
    /// The JSON of tough-cookie and its file stores.
    ToughCookie,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BrowserExport => "a browser export",
            Self::CookieStore => "a cookie_store array",
            Self::CookieStoreLines => "cookie_store lines",
            Self::CookiesTxt => "cookies.txt",
            Self::Empty => "an empty file",
            Self::Firefox => "a Firefox database",
            Self::Guzzle => "a Guzzle array",
            Self::Har => "an HTTP archive",
            Self::HeaderDump => "a header dump",
            Self::Json => "cookiejar JSON",
            Self::Lwp => "an LWP file",
            Self::Other => "a format of its own",
            Self::StorageState => "a storage state",
            Self::ToughCookie => "a tough-cookie store",
        })
    }
}

/// A line that was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// The line, counted from 1; in JSON the one in which the cookie begins.
    pub line: u64,
    /// The reason.
    pub reason: Reason,
}

impl Skipped {
    /// Creates a skipped line, for formats of your own.
    #[must_use]
    pub fn new(line: u64, reason: Reason) -> Self {
        Self { line, reason }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// Why a line was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// In LWP, two pairs without a semicolon between them, a key of the format twice, or a comma.
    #[error("the line may be more than one cookie")]
    Ambiguous,
    /// In `cookies.txt`, a number of columns that no accepted variant has.
    #[error("7 columns expected, {0} found")]
    Columns(usize),
    /// In strict reading of `cookies.txt`, a flag that disagrees with the dot before the domain.
    #[error("the flag disagrees with the dot of the domain")]
    DotAndFlag,
    /// The expiry is not a number.
    #[error("the expiry is no number")]
    Expiry,
    /// In JSON, a field is missing or has the wrong type.
    #[error("a field is missing or of another type")]
    Field,
    /// In `cookies.txt`, a flag that is neither `TRUE` nor `FALSE`.
    #[error("a flag is neither TRUE nor FALSE")]
    Flag,
    /// The cookie is in a partition that [`Partitions`](crate::file::Partitions) skips, or that no request can name.
    #[error("the cookie is in a partition")]
    Partitioned,
    /// In a header dump, a line that is not a field.
    #[error("not a header field")]
    HeaderField,
    /// In strict reading of LWP, a `port_spec` without a port.
    #[error("port_spec without a port")]
    Port,
    /// The cookie breaks a rule for all cookies, or one that a policy applies to it.
    #[error("{0}")]
    Rejected(#[from] Rejection),
    /// The line, in JSON the cookie, is longer than
    /// [`ReadOptions::max_line`](crate::file::ReadOptions::max_line).
    #[error("the line is longer than allowed")]
    TooLong,
    /// The URL of the request is longer than 64 KiB, or, in a header dump, a `Location` before it cannot be read or leads
    /// to another site ([`ReadOptions::trust_redirects`](crate::file::ReadOptions::trust_redirects)). Or
    /// [`ReadOptions::of_url`](crate::file::ReadOptions::of_url) names no URL, and the cookie is that of a response or
    /// lacks `Domain` or `Path`.
    #[error("the URL of the request is not known")]
    UnknownUrl,
    /// The last line has no line break and is incomplete, or the options skip such lines: the file may be truncated.
    #[error("the last line has no line break and may be torn")]
    Unterminated,
    /// In LWP, a line that is neither a comment nor a `Set-Cookie3` line.
    #[error("not a Set-Cookie3 line")]
    Word,
}

#[cfg(feature = "json")]
impl From<crate::cookie::RowError> for Reason {
    fn from(error: crate::cookie::RowError) -> Self {
        match error {
            crate::cookie::RowError::Field => Self::Field,
            crate::cookie::RowError::Rejected(reason) => Self::Rejected(reason),
        }
    }
}

/// What a writer wrote and skipped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteReport {
    /// Cookies written.
    pub written: usize,
    /// Session cookies skipped because [`ignore_discard`](crate::file::WriteOptions::ignore_discard) was not set.
    pub session: usize,
    /// Expired cookies skipped because [`ignore_expires`](crate::file::WriteOptions::ignore_expires) was not set.
    pub expired: usize,
    /// Cookies that the format cannot carry, or that did not fit.
    pub skipped: Vec<NotWritten>,
}

/// Shows the counts, and each cookie that the format cannot carry.
impl fmt::Display for WriteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} written", self.written)?;
        write_unwanted(f, self.session, self.expired)?;
        self.skipped.iter().try_for_each(|one| write!(f, "\n{one}"))
    }
}

/// A cookie that was skipped because the format cannot carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotWritten {
    cookie: Box<str>,
    /// The reason.
    pub reason: Unwritable,
}

impl NotWritten {
    /// Creates a skipped cookie, for formats of your own.
    #[must_use]
    pub fn new(cookie: &Cookie, reason: Unwritable) -> Self {
        Self {
            cookie: cookie.to_string().into(),
            reason,
        }
    }

    /// Returns the cookie without its value, as its [`Display`](fmt::Display) shows it.
    #[must_use]
    pub fn cookie(&self) -> &str {
        &self.cookie
    }
}

/// Shows the cookie without its value, and the reason.
impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.cookie, self.reason)
    }
}

/// Why a format cannot carry a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unwritable {
    /// In JSON for `cookie_store` and for programs that drive browsers, a leading or trailing blank in the value, which
    /// their readers strip or reject; in JSON for `cookie_store`, in the name, too.
    #[error("a blank at an end of the name or the value")]
    Blank,
    /// In JSON for programs that drive browsers, a tab or another control octet.
    #[error("a tab or another control octet")]
    Control,
    /// In `cookies.txt`, a domain that would be read as a comment.
    #[error("the domain would be read as a comment")]
    Domain,
    /// In the forms of Python and libwww-perl, a cookie of `foo.local` if one of `foo` with the same name and path is
    /// written, too: both would be written under `foo.local`.
    #[error("the host without dots has the same cookie")]
    DotlessHost,
    /// The file would be longer than [`WriteOptions::max_bytes`](crate::file::WriteOptions::max_bytes).
    #[error("the file would be longer than allowed")]
    FileFull,
    /// In JSON for Selenium, a host-only cookie of a host other than the page's: a driver would send it to all
    /// subdomains, too.
    #[error("a host-only cookie of another page")]
    HostOnly,
    /// In LWP, a name that is not a word: it is empty or has a blank, a control octet, `=`, `;` or `,`.
    #[error("the name is no word")]
    Name,
    /// In `cookies.txt`, a value without a name, which would be read as a name without a value; in JSON for
    /// `cookie_store`, that and a name without a value.
    #[error("a value without a name")]
    Nameless,
    /// A cookie in a partition, which the format cannot express: it would be read as a cookie outside all partitions.
    #[error("a cookie in a partition")]
    Partitioned,
    /// In JSON for other programs, a cookie that is bound to ports; in `cookies.txt`, to others than one of a host.
    #[error("a cookie that is bound to ports")]
    Port,
    /// In JSON for programs that drive browsers, a cookie that a browser rejects.
    #[error("{0}")]
    Rejected(#[from] Rejection),
    /// In `cookies.txt` and JSON for other programs, a semicolon in the value, which only a cookie of a version above
    /// 0 may have.
    #[error("a semicolon in the value")]
    Semicolon,
    /// In `cookies.txt`, a tab.
    #[error("a tab in the name, the value or the path")]
    Tab,
    /// In JSON for other programs, octets that are not UTF-8.
    #[error("octets that are not UTF-8")]
    Text,
    /// The line would be longer than [`WriteOptions::max_line`](crate::file::WriteOptions::max_line).
    #[error("the line would be longer than allowed")]
    TooLong,
}

/// What [`load`](crate::file::FileCookieJar::load) and [`revert`](crate::file::FileCookieJar::revert)
/// did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// What happened to the cookies in the jar.
    pub import: ImportReport,
    /// The reader's report.
    pub report: ReadReport,
}

/// What [`save`](crate::file::FileCookieJar::save) did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The writer's report.
    pub report: WriteReport,
    /// Whether the new name of the file is on disk, too. If not, the new file exists, but the old one may return
    /// after a power failure. Only Unix can sync a folder: this is `false` on other systems.
    pub durable: bool,
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.report, self.import)
    }
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}
