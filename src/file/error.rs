//! Why a file cannot be loaded or saved. No error holds a value of a cookie.

use std::io;
use std::path::{Path, PathBuf};

use super::report::{Reason, Source};

/// A jar without a filename was loaded or saved without naming a file (Python: `MISSING_FILENAME_TEXT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a filename was not supplied (nor was the jar made with one)")]
#[non_exhaustive]
pub struct MissingFilename;

/// A file that could not be loaded: which, where, and why.
///
/// ```
/// use cookiejar::file::{LoadErrorKind, ReadOptions, cookies_txt};
///
/// let error = cookies_txt::read(&b"<html>\n"[..], &ReadOptions::new()).expect_err("no cookies");
/// assert!(matches!(error.kind(), LoadErrorKind::NotThisFormat));
/// assert_eq!(error.to_string(), "line 1: not a file of this format");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{}{kind}", self.place())]
pub struct LoadError {
    file: Option<PathBuf>,
    line: Option<u64>,
    #[source]
    kind: LoadErrorKind,
}

/// Why a file could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadErrorKind {
    /// [`read_any`](crate::file::read_any_with) found signs of several formats. Reading the file as one of them
    /// resolves it.
    #[error("the format is ambiguous: {}", alternatives(candidates))]
    #[non_exhaustive]
    Ambiguous {
        /// The formats that match.
        candidates: Vec<Source>,
    },
    /// A file of sessions has one session twice: read as one, it would have the cookies of both.
    #[error("a session is in it twice")]
    DuplicateSession,
    /// Reading failed, or the file does not exist.
    #[error("{0}")]
    Io(io::Error),
    /// In strict reading, the first line that would otherwise be skipped.
    #[error("{0}")]
    Line(Reason),
    /// In JSON, something other than a cookie, such as a key or the blanks between two cookies, is longer than
    /// [`ReadOptions::max_line`](crate::file::ReadOptions::max_line).
    #[error("the line is longer than allowed")]
    LineTooLong,
    /// No file was named.
    #[error(transparent)]
    MissingFilename(MissingFilename),
    /// The file has no magic line, and its first line is not a cookie; in strict reading, it has no magic line. In
    /// JSON, the file has nothing that can hold cookies.
    #[error("not a file of this format")]
    NotThisFormat,
    /// Not valid JSON: malformed or truncated.
    #[error("not well-formed")]
    Syntax,
    /// The file is longer than [`ReadOptions::max_bytes`](crate::file::ReadOptions::max_bytes).
    #[error("the file is longer than allowed")]
    TooLong,
    /// More lines were skipped than
    /// [`ReadOptions::max_skipped`](crate::file::ReadOptions::max_skipped).
    #[error("too many lines are no cookies")]
    TooManySkipped,
    /// [`read_any`](crate::file::read_any_with) recognized no format.
    #[error("not a known format; looked for {}", alternatives(looked_for))]
    #[non_exhaustive]
    Unrecognized {
        /// The formats that were tried.
        looked_for: &'static [Source],
    },
    /// The file has a version that this library does not support.
    #[error("a version that is not known")]
    UnknownVersion,
}

impl LoadError {
    pub(super) fn new(kind: LoadErrorKind) -> Self {
        Self {
            file: None,
            line: None,
            kind,
        }
    }

    pub(crate) fn at(line: u64, kind: LoadErrorKind) -> Self {
        Self {
            line: Some(line),
            ..Self::new(kind)
        }
    }

    pub(crate) fn in_file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// The same, if the format was detected rather than named.
    #[cfg(feature = "json")]
    pub(super) fn or_unrecognized(mut self, looked_for: &'static [Source]) -> Self {
        if matches!(self.kind, LoadErrorKind::NotThisFormat) {
            self.kind = LoadErrorKind::Unrecognized { looked_for };
        }
        self
    }

    pub(super) fn is_not_found(&self) -> bool {
        matches!(&self.kind, LoadErrorKind::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// The file, if one was named.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The line, counted from 1, if the error is in one.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// The reason.
    #[must_use]
    pub fn kind(&self) -> &LoadErrorKind {
        &self.kind
    }

    fn place(&self) -> String {
        let file = self
            .file
            .as_ref()
            .map(|file| format!("{}: ", file.display()));
        let line = self.line.map(|line| format!("line {line}: "));
        [file, line].into_iter().flatten().collect()
    }
}

/// `a, b or c`.
fn alternatives(sources: &[Source]) -> String {
    let names: Vec<_> = sources.iter().map(Source::to_string).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// An error of a reader, for formats of your own.
impl From<io::Error> for LoadError {
    fn from(error: io::Error) -> Self {
        Self::new(LoadErrorKind::Io(error))
    }
}

/// For formats of your own.
impl From<LoadErrorKind> for LoadError {
    fn from(kind: LoadErrorKind) -> Self {
        Self::new(kind)
    }
}

impl From<MissingFilename> for LoadError {
    fn from(missing: MissingFilename) -> Self {
        Self::new(LoadErrorKind::MissingFilename(missing))
    }
}

/// Keeps the [`ErrorKind`](io::ErrorKind) of a reader's error, so that a missing file is `NotFound`; a file of
/// another format is `InvalidData`.
impl From<LoadError> for io::Error {
    fn from(error: LoadError) -> Self {
        let kind = match &error.kind {
            LoadErrorKind::Io(io) => io.kind(),
            LoadErrorKind::MissingFilename(_) => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}

/// A file that could not be saved: which, and why. The file is then unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// No file was named.
    #[error(transparent)]
    MissingFilename(#[from] MissingFilename),
    /// A step of saving failed.
    #[error("{}: {step}: {source}", file.display())]
    #[non_exhaustive]
    Io {
        /// The file that was to be replaced.
        file: PathBuf,
        /// The step.
        step: SaveStep,
        /// The reason.
        source: io::Error,
    },
}

/// A step of saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SaveStep {
    /// Finding the file behind symbolic links.
    #[error("finding the file")]
    Find,
    /// Creating a temporary file in the same folder.
    #[error("making a temporary file")]
    Create,
    /// Writing the temporary file.
    #[error("writing the temporary file")]
    Write,
    /// Syncing the temporary file to disk (fsync).
    #[error("syncing the temporary file")]
    Sync,
    /// Renaming the temporary file to the file's name.
    #[error("renaming the temporary file")]
    Rename,
}

/// Keeps the [`ErrorKind`](io::ErrorKind).
impl From<SaveError> for io::Error {
    fn from(error: SaveError) -> Self {
        let kind = match &error {
            SaveError::MissingFilename(_) => io::ErrorKind::InvalidInput,
            SaveError::Io { source, .. } => source.kind(),
        };
        Self::new(kind, error)
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/load_error.rs"]
mod tests;
