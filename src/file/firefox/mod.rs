//! Cookies of Firefox, read from the `cookies.sqlite` of a profile, never written.
//!
//! The caller names the file: profiles are not searched for. Firefox may be running. The database and its write-ahead
//! log are copied into a private temporary folder, so Firefox does not wait, and its latest cookies are included.
//! Session cookies are not in that file.
//!
//! | in the table `moz_cookies` | verdict |
//! |---|---|
//! | `host` with a leading dot | a `Domain` cookie; without the dot, host-only |
//! | `expiry` | seconds if `user_version` is below 16, else milliseconds |
//! | `creationTime`, `lastAccessed` | kept, in whole seconds. Cookies are in the order of `creationTime`, in which Firefox sends them |
//! | `sameSite` 1, 2 | `Lax`, `Strict`; below 15 `rawSameSite` counts if present |
//! | `sameSite` 0 | `None`; below 15 no attribute, because both were written as 0 |
//! | `sameSite` 256 | no attribute |
//! | `originAttributes` with a `partitionKey` of `(https,shop.example)` | in the partition `https://shop.example`; [`ReadOptions::partitions`] skips such cookies or makes them plain |
//! | the same with `(https,shop.example,f)`, a frame of the shop in a frame of another site in a page of the shop | `https://shop.example?hasCrossSiteAncestor=true` |
//! | with a `firstPartyDomain` | in the partition of that domain |
//! | with a `userContextId` | in a container: counted and skipped unless [`ReadOptions::containers`] asks for it |
//! | with another attribute, or a `partitionKey` in another form | skipped: no request can name it |
//! | a row of another type, or one that is not a valid cookie | skipped and reported; its "line" is its position in the table, counted from 1 |
//! | a row whose texts together are longer than [`ReadOptions::max_line`] | skipped |
//! | no table `moz_cookies`, or one without Firefox's columns | not a file of this format |
//! | an empty file | no cookies; strict reading rejects it |
//!
//! Firefox treats a cookie without `SameSite` as one with `None`, so a jar that should send what Firefox sends needs
//! a policy with [`BrowserPolicy::lax_by_default`] off, or the default policy.
//!
//! [`BrowserPolicy::lax_by_default`]: crate::BrowserPolicy::lax_by_default
//!
//! A damaged or hostile database costs memory and time in proportion to the size of the file;
//! [`ReadOptions::max_bytes`] limits the database and the log together.

#[cfg(feature = "psl")]
use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::collector::Collector;
use super::error::{LoadError, LoadErrorKind};
use super::options::ReadOptions;
use super::report::{Reading, Source};
#[cfg(feature = "psl")]
use super::target;
use crate::cookie::Readable;

mod copy;
mod origin;
mod row;
mod table;

use copy::PrivateCopy;
use table::Table;

/// Reads the `cookies.sqlite` of a profile.
///
/// # Errors
///
/// - a file that cannot be read or copied, or that changes too often while it is copied
/// - a database without Firefox's table
/// - a damaged database
/// - a file beyond its limit
/// - in strict reading, the first cookie that would be skipped
///
/// ```no_run
/// use cookiejar::CookieJar;
/// use cookiejar::file::{ReadOptions, firefox};
///
/// let reading = firefox::read("profile/cookies.sqlite", &ReadOptions::new())?;
/// let mut jar = CookieJar::new();
/// jar.extend(reading.cookies);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(file: impl AsRef<Path>, options: &ReadOptions) -> Result<Reading, LoadError> {
    let file = file.as_ref();
    read_copy(file, options).map_err(|error| error.in_file(file))
}

#[cfg(feature = "psl")]
pub(super) fn recognizes(file: &Path) -> bool {
    let mut magic = [0; 16];
    let read = target::open_regular(file).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == *b"SQLite format 3\0"
}

fn read_copy(file: &Path, options: &ReadOptions) -> Result<Reading, LoadError> {
    let copy = PrivateCopy::make(file, options.max_bytes)?;
    if copy.bytes() == 0 && !options.strict {
        return Ok(Reading::new(Source::Empty));
    }
    let connection = open(&copy).map_err(load_error)?;
    let table = Table::find(&connection)?.ok_or(LoadErrorKind::NotThisFormat)?;
    let mut collector = Collector::new(Source::Firefox, options);
    table.read(copy.bytes(), options, &mut collector)?;
    Ok(collector.reading)
}

/// The copy is untrusted: its schema may not call functions, and a damaged page is detected when it is read. SQLite
/// writes to it, because it applies the log.
fn open(copy: &PrivateCopy) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy.database(), flags)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// SQLite's texts show no values of rows.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes it so")]
fn load_error(error: rusqlite::Error) -> LoadError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => LoadErrorKind::NotThisFormat.into(),
        Some(ErrorCode::DatabaseCorrupt) => LoadErrorKind::Syntax.into(),
        _ => {
            let text = Readable(&error.to_string()).to_string();
            LoadErrorKind::Io(std::io::Error::other(text)).into()
        }
    }
}
