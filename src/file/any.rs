//! Files of any format.
//!
//! It knows no cookies.

use std::io::Read;

use super::error::{LoadError, LoadErrorKind};
#[cfg(feature = "json")]
use super::json;
use super::lines::without_mark;
use super::options::ReadOptions;
use super::report::{Reading, Source};
use super::{cookies_txt, header_dump, lwp};
use crate::policy::CookiePolicy;
#[cfg(feature = "psl")]
use crate::policy::{BrowserPolicy, DefaultCookiePolicy};

const HEAD: u64 = 1 << 16;

const LOOKED_FOR: &[Source] = &[
    Source::CookiesTxt,
    Source::Lwp,
    Source::HeaderDump,
    #[cfg(feature = "json")]
    Source::Json,
    #[cfg(feature = "json")]
    Source::StorageState,
    #[cfg(feature = "json")]
    Source::BrowserExport,
    #[cfg(feature = "json")]
    Source::CookieStore,
    #[cfg(feature = "json")]
    Source::CookieStoreLines,
    #[cfg(feature = "json")]
    Source::ToughCookie,
    #[cfg(feature = "json")]
    Source::Guzzle,
    #[cfg(feature = "json")]
    Source::Har,
];

/// Reads a file of any format that this crate reads, and reports the format in
/// [`ReadReport::source`](super::ReadReport::source).
///
/// The first 64 KiB decide the format:
///
/// | what the file begins with | read as |
/// |---|---|
/// | the magic line of [`cookies_txt`](super::cookies_txt), or comments and then a cookie of that format | `cookies.txt` |
/// | the magic line of [`lwp`](super::lwp), or comments and then a `Set-Cookie3` line | LWP |
/// | a status line, or header fields including a `Set-Cookie` | a [header dump](super::header_dump), judged by [`DefaultCookiePolicy`](crate::DefaultCookiePolicy) |
/// | an object, or an array of objects (feature `json`) | the kind of JSON that its keys indicate |
/// | an object with the entries of an archive under `log` (feature `json`) | an HTTP archive, judged by [`BrowserPolicy`](crate::BrowserPolicy) |
/// | nothing, or white space only | [`Source::Empty`], without cookies |
///
/// # Errors
///
/// - any error of the reader
/// - a file of another format: [`LoadErrorKind::Unrecognized`] lists the formats that were tried
/// - a file that matches several formats, for example with the magic line of one and cookies of another, or with the keys
///   of several programs in the first cookie of a JSON array: [`LoadErrorKind::Ambiguous`] lists those
/// - any error of the format's own reader
///
/// ```
/// use cookiejar::file::{self, LoadErrorKind, ReadOptions, Source};
///
/// let options = ReadOptions::new().ignore_discard(true);
/// let pasted = "www.acme.com\tFALSE\t/\tTRUE\t0\tsid\t31d4\n";
/// let reading = file::read_any(pasted.as_bytes(), &options)?;
/// assert_eq!(reading.report.source, Source::CookiesTxt);
/// assert_eq!(reading.cookies[0].name(), "sid");
///
/// let error = file::read_any(&b"<html>"[..], &options).expect_err("no cookies");
/// assert!(matches!(error.kind(), LoadErrorKind::Unrecognized { looked_for, .. } if looked_for.contains(&Source::Lwp)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "psl")]
pub fn read_any(reader: impl Read, options: &ReadOptions) -> Result<Reading, LoadError> {
    let judges = (DefaultCookiePolicy::new(), BrowserPolicy::new());
    read_judged(reader, judges, options)
}

/// Reads a file of any format as `read_any` does, with a policy of your own for header dumps and HTTP archives.
///
/// # Errors
///
/// Those of `read_any`.
pub fn read_any_with(
    reader: impl Read,
    policy: impl CookiePolicy,
    options: &ReadOptions,
) -> Result<Reading, LoadError> {
    read_judged(reader, (&policy, &policy), options)
}

fn read_judged(
    mut reader: impl Read,
    judges: (impl CookiePolicy, impl CookiePolicy),
    options: &ReadOptions,
) -> Result<Reading, LoadError> {
    let mut head = Vec::new();
    reader.by_ref().take(HEAD).read_to_end(&mut head)?;
    let family = recognize(&head, options)?;
    let whole = head.chain(reader);
    match family {
        Family::CookiesTxt => cookies_txt::read(whole, options),
        Family::Empty => Ok(Reading::new(Source::Empty)),
        Family::HeaderDump => header_dump::read_with(whole, judges.0, options),
        #[cfg(feature = "json")]
        Family::Json => json::read_any(whole, judges.1, options)
            .map_err(|error| error.or_unrecognized(LOOKED_FOR)),
        Family::Lwp => lwp::read(whole, options),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    CookiesTxt,
    Empty,
    HeaderDump,
    #[cfg(feature = "json")]
    Json,
    Lwp,
}

fn recognize(head: &[u8], options: &ReadOptions) -> Result<Family, LoadError> {
    type Recognizer = (Family, Source, fn(&[u8]) -> bool);
    const FAMILIES: &[Recognizer] = &[
        (
            Family::CookiesTxt,
            Source::CookiesTxt,
            cookies_txt::recognizes,
        ),
        (Family::Lwp, Source::Lwp, lwp::recognizes),
        (
            Family::HeaderDump,
            Source::HeaderDump,
            header_dump::recognizes,
        ),
        #[cfg(feature = "json")]
        (Family::Json, Source::Json, json::recognizes),
    ];
    let is_whole = (head.len() as u64) < HEAD;
    if is_whole && !options.strict && without_mark(head).trim_ascii().is_empty() {
        return Ok(Family::Empty);
    }
    let takers: Vec<_> = FAMILIES.iter().filter(|(.., takes)| takes(head)).collect();
    match takers.as_slice() {
        [(family, ..)] => Ok(*family),
        [] => Err(LoadErrorKind::Unrecognized {
            looked_for: LOOKED_FOR,
        }
        .into()),
        several => {
            let candidates = several.iter().map(|(_, source, _)| *source).collect();
            Err(LoadErrorKind::Ambiguous { candidates }.into())
        }
    }
}
