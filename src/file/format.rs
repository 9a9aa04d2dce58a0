//! The formats as types, so that a [`FileCookieJar`](super::FileCookieJar) can have one.

use std::io::{self, Read, Write};

#[cfg(feature = "json")]
use super::json;
use super::{LoadError, ReadOptions, Reading, WriteOptions, WriteReport, cookies_txt, lwp};
use crate::cookie::Cookie;

/// A file format, for [`FileCookieJar`](super::FileCookieJar).
///
/// # For implementors
///
/// - Read to the end before returning, and return an error if the file is incomplete. Skip what is not a cookie, and
///   report it without its value.
/// - Skip session and expired cookies unless the options say otherwise.
/// - Write the cookies in the order of the iterator, which is that of their creation.
///
/// ```
/// use std::io::{self, Read, Write};
///
/// use cookiejar::Cookie;
/// use cookiejar::file::{CookieFormat, LoadError, ReadOptions, Reading, WriteOptions, WriteReport, lwp};
///
/// /// LWP files with a word at their head.
/// #[derive(Debug)]
/// struct Signed(&'static str);
///
/// impl CookieFormat for Signed {
///     fn read(&self, reader: &mut dyn Read, options: &ReadOptions) -> Result<Reading, LoadError> {
///         let mut head = vec![0; self.0.len()];
///         reader.read_exact(&mut head)?;
///         if head != self.0.as_bytes() {
///             return Err(io::Error::from(io::ErrorKind::InvalidData).into());
///         }
///         lwp::read(reader, options)
///     }
///
///     fn write(
///         &self,
///         writer: &mut dyn Write,
///         cookies: &mut dyn Iterator<Item = &Cookie>,
///         options: &WriteOptions,
///     ) -> io::Result<WriteReport> {
///         writer.write_all(self.0.as_bytes())?;
///         lwp::write(writer, cookies, options)
///     }
/// }
/// ```
pub trait CookieFormat {
    /// Reads a file of this format.
    ///
    /// # Errors
    ///
    /// Faults that make the whole file unreadable.
    fn read(&self, reader: &mut dyn Read, options: &ReadOptions) -> Result<Reading, LoadError>;

    /// Writes a file of this format.
    ///
    /// # Errors
    ///
    /// Any error of the writer.
    fn write(
        &self,
        writer: &mut dyn Write,
        cookies: &mut dyn Iterator<Item = &Cookie>,
        options: &WriteOptions,
    ) -> io::Result<WriteReport>;
}

macro_rules! formats {
    ($($(#[$meta:meta])* $name:ident => $module:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct $name;

        $(#[$meta])*
        impl CookieFormat for $name {
            fn read(
                &self,
                reader: &mut dyn Read,
                options: &ReadOptions,
            ) -> Result<Reading, LoadError> {
                $module::read(reader, options)
            }

            fn write(
                &self,
                writer: &mut dyn Write,
                cookies: &mut dyn Iterator<Item = &Cookie>,
                options: &WriteOptions,
            ) -> io::Result<WriteReport> {
                $module::write(writer, cookies, options)
            }
        }
    )+};
}

formats! {
    /// The format of [`cookies_txt`].
    CookiesTxt => cookies_txt;
    /// The format of [`lwp`].
    Lwp => lwp;
}

#[cfg(feature = "json")]
formats! {
    /// The format of [`json`].
    Json => json;
}
