//! The storage state of Playwright, with the parts that are not cookies.

use std::fmt;
use std::io::{self, Read, Write};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Program, write_array};
use crate::cookie::Cookie;
use crate::file::error::{LoadError, LoadErrorKind};
use crate::file::format::CookieFormat;
use crate::file::json;
use crate::file::options::{ReadOptions, WriteOptions};
use crate::file::report::{Reading, WriteReport};

/// The storage state of Playwright, with the `origins` (which are not cookies) of an existing one.
///
/// ```
/// use cookiejar::file::json::StorageState;
/// use cookiejar::file::{ReadOptions, WriteOptions};
/// use cookiejar::CookieJar;
/// use cookiejar::file::FileCookieJar;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("state.json");
/// # std::fs::write(&path, r#"{"cookies":[],"origins":[{"origin":"https://acme.com","localStorage":[]}]}"#)?;
/// let state = StorageState::with_origins_of(std::fs::File::open(&path)?, &ReadOptions::new())?;
/// let mut cookies = FileCookieJar::with_format(CookieJar::new(), state);
/// cookies.set_filename(Some(path.clone()));
/// cookies.load()?;
/// cookies.save()?;
/// assert!(std::fs::read_to_string(path)?.contains(r#""origins":[{"origin":"https://acme.com","localStorage":[]}]"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct StorageState {
    origins: Box<str>,
}

impl StorageState {
    /// Returns a state without origins.
    #[must_use]
    pub fn new() -> Self {
        Self {
            origins: "[]".into(),
        }
    }

    /// Returns a state with the origins of the one that is read. Its cookies are ignored.
    ///
    /// # Errors
    ///
    /// - any error of the reader
    /// - input that is not a JSON object, or whose `origins` are not an array
    /// - a file beyond its limit
    pub fn with_origins_of(reader: impl Read, options: &ReadOptions) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct State<'a> {
            #[serde(borrow, default)]
            origins: Option<&'a RawValue>,
        }
        let mut text = String::new();
        let limit = options.max_bytes.saturating_add(1);
        let length = reader.take(limit).read_to_string(&mut text)?;
        if length as u64 > options.max_bytes {
            return Err(LoadErrorKind::TooLong.into());
        }
        let text = text.trim_start_matches('\u{feff}').trim_ascii_start();
        if text.starts_with('[') {
            // serde would accept an array as an object without keys.
            return Err(LoadErrorKind::NotThisFormat.into());
        }
        let state = serde_json::from_str::<State<'_>>(text).map_err(|error| {
            let kind = if error.is_data() {
                LoadErrorKind::NotThisFormat
            } else {
                LoadErrorKind::Syntax
            };
            LoadError::at(error.line().max(1) as u64, kind)
        })?;
        match state.origins.map(RawValue::get) {
            None | Some("null") => Ok(Self::new()),
            Some(origins) if origins.starts_with('[') => Ok(Self {
                origins: origins.into(),
            }),
            Some(_) => Err(LoadErrorKind::NotThisFormat.into()),
        }
    }

    pub(super) fn write_cookies<'c>(
        &self,
        writer: impl Write,
        cookies: impl IntoIterator<Item = &'c Cookie>,
        options: &WriteOptions,
    ) -> io::Result<WriteReport> {
        let end = format!("\n],\"origins\":{}}}\n", self.origins);
        let frame = ("{\"cookies\":[", &*end);
        write_array(writer, cookies, Program::Playwright, options, frame)
    }
}

impl Default for StorageState {
    fn default() -> Self {
        Self::new()
    }
}

/// Omits the origins, which can hold secrets.
impl fmt::Debug for StorageState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StorageState").finish_non_exhaustive()
    }
}

impl CookieFormat for StorageState {
    fn read(&self, reader: &mut dyn Read, options: &ReadOptions) -> Result<Reading, LoadError> {
        json::read(reader, options)
    }

    fn write(
        &self,
        writer: &mut dyn Write,
        cookies: &mut dyn Iterator<Item = &Cookie>,
        options: &WriteOptions,
    ) -> io::Result<WriteReport> {
        self.write_cookies(writer, cookies, options)
    }
}
