//! How a cookie is displayed.

use std::fmt::{self, Write};

use super::Cookie;
use crate::date;

/// Shows everything but the value, which may be a secret.
impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expires = self.expires_seconds().map(date::write_iso_date);
        f.debug_struct("Cookie")
            .field("version", &self.version)
            .field("name", &self.name())
            .field("domain", &self.domain())
            .field("path", &self.path())
            .field("port", &self.port())
            .field("secure", &self.secure())
            .field("expires", &expires)
            .field("discard", &self.discard())
            .field("partition_key", &self.partition_key())
            .field("rfc2109", &self.rfc2109())
            .field(
                "nonstandard_attrs",
                &self
                    .nonstandard_attrs()
                    .map(|(name, _)| name)
                    .collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

/// `<Cookie name for domain:port/path>`, without the value, which may be a secret.
impl fmt::Display for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown {
            cookie: self,
            with_value: false,
        }
        .fmt(f)
    }
}

pub(super) struct Shown<'a> {
    pub(super) cookie: &'a Cookie,
    pub(super) with_value: bool,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cookie, with_value } = self;
        write!(f, "<Cookie {}", Readable(cookie.name()))?;
        if let (true, Some(value)) = (with_value, cookie.value()) {
            write!(f, "={}", Readable(value))?;
        }
        write!(f, " for {}", Readable(cookie.domain()))?;
        if let Some(port) = cookie.port() {
            write!(f, ":{}", Readable(port))?;
        }
        write!(f, "{}>", Readable(cookie.path()))
    }
}

/// A server's text, for people: control characters, and characters that are invisible or change the writing
/// direction, are escaped, so that no server can control a terminal.
pub(crate) struct Readable<'a>(pub(crate) &'a str);

impl fmt::Display for Readable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            ' '..='~' => f.write_char(c),
            _ => write!(f, "{}", c.escape_debug()),
        })
    }
}
