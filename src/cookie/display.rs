//! How a cookie is shown: without its value, which may be a secret, unless the caller asks for it.

use std::fmt;

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
        write!(f, "<Cookie {}", cookie.name())?;
        if let (true, Some(value)) = (with_value, cookie.value()) {
            write!(f, "={value}")?;
        }
        write!(f, " for {}", cookie.domain())?;
        if let Some(port) = cookie.port() {
            write!(f, ":{port}")?;
        }
        write!(f, "{}>", cookie.path())
    }
}
