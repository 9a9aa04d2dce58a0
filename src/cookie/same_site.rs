//! The values of `SameSite`.

use std::fmt;
use std::str::FromStr;

use crate::octets::is_word;

/// The `SameSite` attribute (RFC 6265bis, section 4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SameSite {
    /// Sent within the site and on top-level navigations from other sites.
    Lax,
    /// Sent from every site.
    None,
    /// Sent within the site only.
    Strict,
}

impl SameSite {
    pub(super) fn from_bytes(text: &[u8]) -> Option<Self> {
        match text.len() {
            3 if is_word(text, b"Lax") => Some(Self::Lax),
            4 if is_word(text, b"None") => Some(Self::None),
            6 if is_word(text, b"Strict") => Some(Self::Strict),
            _ => None,
        }
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Lax => "Lax",
            Self::None => "None",
            Self::Strict => "Strict",
        }
    }
}

impl fmt::Display for SameSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// Parses a value in any case.
///
/// ```
/// use cookiejar::SameSite;
///
/// assert_eq!("strict".parse(), Ok(SameSite::Strict));
/// assert_eq!(SameSite::Strict.to_string(), "Strict");
/// assert!("yes".parse::<SameSite>().is_err());
/// ```
impl FromStr for SameSite {
    type Err = SameSiteError;

    fn from_str(text: &str) -> Result<Self, SameSiteError> {
        Self::from_bytes(text.as_bytes()).ok_or(SameSiteError)
    }
}

/// The text is not a value of `SameSite`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value of SameSite is not Lax, None or Strict")]
#[non_exhaustive]
pub struct SameSiteError;
