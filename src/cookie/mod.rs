//! The [`Cookie`], one record for every protocol and dialect.
//!
//! It knows no policy, no jar and no clock.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;
use std::sync::atomic::AtomicU32;

use time::OffsetDateTime;

use crate::clock::date_time;

mod builder;
mod display;
mod flags;
mod id;
pub(crate) mod pack;
pub(crate) mod packed;
mod record;
#[cfg(feature = "json")]
mod row;
mod same_site;
mod spare;

pub use builder::CookieBuilder;
pub(crate) use display::Readable;
use display::Shown;
pub(crate) use flags::Flags;
pub use id::CookieId;
pub(crate) use pack::Fields;
pub(crate) use packed::{Entry, Part};
#[cfg(feature = "json")]
pub(crate) use row::{Row, RowError};
pub use same_site::{SameSite, SameSiteError};

/// A cookie: what a server sent, and what the jar recorded.
///
/// Cookies of all sources pass the same checks: no cookie contains a line break or NUL, and every cookie has a domain
/// and a path.
///
/// Parts are text. A part that is not UTF-8 is read as ISO-8859-1, as in Python, and is sent back as the bytes
/// that were received. Identity is over bytes: the name `é` sent as `E9` and as `C3 A9` is two names.
/// [`name_bytes`](Self::name_bytes) and [`value_bytes`](Self::value_bytes) return them.
///
/// Two cookies are equal if everything but the time of last access is equal.
///
/// ```
/// use cookiejar::Cookie;
///
/// let cookie = Cookie::builder("sid", "31d4d96e").domain(".acme.com").secure(true).build()?;
/// assert_eq!(cookie.name(), "sid");
/// assert_eq!(cookie.value(), Some("31d4d96e"));
/// assert_eq!(cookie.to_string(), "<Cookie sid for .acme.com/>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Cookie {
    text: Box<str>,
    ends: Ends,
    /// Seconds since the epoch, or [`NEVER`].
    expires: i64,
    /// Seconds since the epoch, or [`UNKNOWN`].
    created: i64,
    /// Orders cookies created within one second.
    sequence: u64,
    /// Seconds since the epoch; 0 if the cookie was never sent.
    last_access: AtomicU32,
    version: u32,
    flags: Flags,
}

/// Where the parts of the text end. The entries of the rare parts follow the path; the block may be longer than the
/// text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Ends {
    name: u32,
    value: u32,
    domain: u32,
    path: u32,
    text: u32,
}

pub(crate) const NEVER: i64 = i64::MAX;
pub(crate) const UNKNOWN: i64 = i64::MIN;

pub(crate) type SendingKey = (Reverse<u32>, i64, u64);

pub(crate) type Used = (i64, bool, (i64, u64));

/// The attributes of Python's `Cookie`, by Python's names.
impl Cookie {
    /// Returns the version: 0 for a Netscape cookie, 1 for an RFC 2965 or RFC 2109 cookie.
    #[inline]
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns the name; it is empty for a nameless cookie, whose value is sent alone (RFC 6265bis, section
    /// 5.6).
    #[inline]
    #[must_use]
    pub fn name(&self) -> &str {
        self.name_part().text
    }

    /// Returns the value, including any quotes, or `None` for a lone name without `=`.
    #[inline]
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value_part().map(|part| part.text)
    }

    /// Returns the ports to which the cookie is returned, separated by commas, or `None` for all.
    #[inline]
    #[must_use]
    pub fn port(&self) -> Option<&str> {
        if !self.flags.has(Flags::HAS_PORT) {
            return None;
        }
        self.find(|entry| {
            if let Entry::Port(part) = entry {
                Some(part.text)
            } else {
                None
            }
        })
    }

    /// Returns `true` if the server listed ports. A bare `Port` means the port of the request.
    #[inline]
    #[must_use]
    pub fn port_specified(&self) -> bool {
        self.flags.has(Flags::PORT_SPECIFIED)
    }

    /// Returns the domain in lower-case ASCII. With a leading dot, it came from a `Domain` attribute; without one, it
    /// is the request-host that set the cookie.
    #[inline]
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.text[self.ends.value as usize..self.ends.domain as usize]
    }

    /// Returns `true` if the server sent a `Domain` attribute, which the leading dot of
    /// [`domain`](Self::domain) marks.
    #[inline]
    #[must_use]
    pub fn domain_specified(&self) -> bool {
        self.text.as_bytes().get(self.ends.value as usize) == Some(&b'.')
    }

    /// Returns `true` if the `Domain` attribute itself began with a dot, which determines `$Domain` (RFC 2965,
    /// section 3.3.4).
    #[must_use]
    pub fn domain_initial_dot(&self) -> bool {
        self.flags.has(Flags::DOMAIN_INITIAL_DOT)
    }

    /// Returns the path, which begins with a slash.
    #[inline]
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_part().text
    }

    /// Returns `true` if the server sent the path.
    #[inline]
    #[must_use]
    pub fn path_specified(&self) -> bool {
        self.flags.has(Flags::PATH_SPECIFIED)
    }

    /// Returns `true` if the cookie is returned over secure protocols only.
    #[inline]
    #[must_use]
    pub fn secure(&self) -> bool {
        self.flags.has(Flags::SECURE)
    }

    /// Returns when the cookie expires, to the second, or `None` for a cookie without an expiry time.
    #[must_use]
    pub fn expires(&self) -> Option<OffsetDateTime> {
        self.expires_seconds().map(date_time)
    }

    /// Returns `true` for a *session cookie*, which ends with the program: it has neither `Max-Age` nor
    /// `Expires`, or it has `Discard`.
    #[inline]
    #[must_use]
    pub fn discard(&self) -> bool {
        self.flags.has(Flags::DISCARD)
    }

    /// Returns the server's comment on the purpose of the cookie.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        self.find(|entry| {
            if let Entry::Comment(part) = entry {
                Some(part.text)
            } else {
                None
            }
        })
    }

    /// Returns the URL of the comment.
    #[must_use]
    pub fn comment_url(&self) -> Option<&str> {
        self.find(|entry| {
            if let Entry::CommentUrl(part) = entry {
                Some(part.text)
            } else {
                None
            }
        })
    }

    /// Returns `true` if the cookie came in a `Set-Cookie` with `Version=1` (RFC 2109), even if its version has
    /// changed since.
    #[must_use]
    pub fn rfc2109(&self) -> bool {
        self.flags.has(Flags::RFC2109)
    }

    /// Returns `true` if the cookie has this attribute, in any case, such as `HttpOnly`, among those that
    /// Python does not know.
    #[must_use]
    pub fn has_nonstandard_attr(&self, name: &str) -> bool {
        self.last_attr(name).is_some()
    }

    /// Returns the value of such an attribute, the last one if there are several, or `None` if it is absent or has no
    /// value.
    #[doc(alias = "get_nonstandard_attr")]
    #[must_use]
    pub fn nonstandard_attr(&self, name: &str) -> Option<&str> {
        let (_, value) = self.last_attr(name)?;
        value.map(|part| part.text)
    }

    /// Iterates over all attributes that Python does not know, as received: names and values, in order.
    pub fn nonstandard_attrs(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.entries().filter_map(|entry| match entry {
            Entry::Attribute(name, value) => Some((name.text, value.map(|part| part.text))),
            _ => None,
        })
    }

    /// Returns `true` if the cookie has expired at `now`. A cookie whose expiry time is exactly `now` has expired.
    #[must_use]
    pub fn is_expired(&self, now: OffsetDateTime) -> bool {
        self.is_expired_at(now.unix_timestamp())
    }
}

/// Later additions.
impl Cookie {
    /// Starts building a cookie.
    ///
    /// Names and values may be text or bytes. By default it is a Netscape session cookie for all paths; only the domain
    /// is required.
    pub fn builder<'a>(
        name: &'a (impl AsRef<[u8]> + ?Sized),
        value: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> CookieBuilder<'a> {
        CookieBuilder::new(name.as_ref(), value.as_ref())
    }

    /// Returns the name as the bytes that were received.
    #[must_use]
    pub fn name_bytes(&self) -> Cow<'_, [u8]> {
        self.name_part().bytes()
    }

    /// Returns the value as the bytes that were received.
    #[must_use]
    pub fn value_bytes(&self) -> Option<Cow<'_, [u8]>> {
        self.value_part().map(Part::bytes)
    }

    /// Returns the path as bytes.
    #[must_use]
    pub fn path_bytes(&self) -> Cow<'_, [u8]> {
        self.path_part().bytes()
    }

    /// Returns `true` if the cookie came without a `Domain` attribute and belongs to one host only.
    #[inline]
    #[must_use]
    pub fn host_only(&self) -> bool {
        !self.domain_specified()
    }

    /// Returns `true` if scripts cannot see the cookie (RFC 6265, section 4.1.2.6).
    #[must_use]
    pub fn http_only(&self) -> bool {
        self.flags.has(Flags::HTTP_ONLY)
    }

    /// Returns the `SameSite` attribute, if it has a known value.
    #[must_use]
    pub fn same_site(&self) -> Option<SameSite> {
        self.flags.same_site()
    }

    /// Returns `true` if the cookie asked for a partition of its own for each top-level site (`Partitioned`).
    #[must_use]
    pub fn partitioned(&self) -> bool {
        self.flags.has(Flags::PARTITIONED)
    }

    /// Returns the key of the cookie's partition: the top-level site under which it was set, as the client named it.
    ///
    /// It is part of the cookie's identity, and the cookie is returned only to requests in that partition.
    #[inline]
    #[must_use]
    pub fn partition_key(&self) -> Option<&str> {
        if !self.flags.has(Flags::HAS_PARTITION) {
            return None;
        }
        self.find_partition_key()
    }

    /// Returns `true` if storing this cookie would replace `stored`: domain, path, name and partition are
    /// equal.
    #[inline]
    #[must_use]
    pub fn is_namesake_of(&self, stored: &Self) -> bool {
        self.may_be_namesake_of(stored)
            && self.has_name_of(stored)
            && self.has_place_of(stored)
            && self.partition_key() == stored.partition_key()
    }

    /// Returns when a jar first stored the cookie; overwriting keeps that time. `None` if no jar has stored it.
    #[must_use]
    pub fn creation_time(&self) -> Option<OffsetDateTime> {
        (self.created != UNKNOWN).then(|| date_time(self.created))
    }

    /// Returns when the cookie was last sent, to the second, or `None` if never.
    #[must_use]
    pub fn last_access_time(&self) -> Option<OffsetDateTime> {
        match self.last_access_seconds() {
            0 => None,
            seconds => Some(date_time(i64::from(seconds))),
        }
    }

    /// Returns a [`Display`](fmt::Display) that shows the value: Python's `<Cookie name=value for
    /// domain:port/path>`.
    pub fn display_with_value(&self) -> impl fmt::Display {
        Shown {
            cookie: self,
            with_value: true,
        }
    }
}

impl Clone for Cookie {
    fn clone(&self) -> Self {
        Self {
            text: self.packed().into(),
            last_access: AtomicU32::new(self.last_access_seconds()),
            ..*self
        }
    }
}

impl PartialEq for Cookie {
    fn eq(&self, other: &Self) -> bool {
        self.packed() == other.packed()
            && self.ends == other.ends
            && self.expires == other.expires
            && self.created == other.created
            && self.version == other.version
            && self.flags == other.flags
    }
}

impl Eq for Cookie {}
