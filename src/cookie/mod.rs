//! The [`Cookie`], one record for every protocol and dialect.
//!
//! It knows no policy, no jar and no clock: [`is_expired`](Cookie::is_expired) is told the time.

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
use display::Shown;
pub(crate) use flags::Flags;
pub use id::CookieId;
pub(crate) use pack::Fields;
pub(crate) use packed::{Entry, Part};
#[cfg(feature = "json")]
pub(crate) use row::{Row, RowError};
pub use same_site::{SameSite, SameSiteError};

/// A cookie: what a server said, and what the jar noted down.
///
/// Cookies come out of response headers, out of files, or from [`Cookie::builder`]; all of them
/// passed the same checks, so that none holds a line break or NUL, and each has a domain and a
/// path.
///
/// Texts are texts: a part that is not UTF-8 is read as ISO-8859-1, as Python does, and goes back
/// out as the very bytes that came in. What makes a cookie the same cookie is bytes, too: the name
/// `é` sent as `E9` and as `C3 A9` are two names. [`name_bytes`](Self::name_bytes) and
/// [`value_bytes`](Self::value_bytes) show them.
///
/// Two cookies are equal if all is equal but the time at which they were last sent.
///
/// ```
/// use cookiejar::Cookie;
///
/// let cookie = Cookie::builder("sid", "31d4d96e").domain(".acme.com").secure(true).build()?;
/// assert_eq!(cookie.name(), "sid");
/// assert_eq!(cookie.value(), Some("31d4d96e"));
/// assert_eq!(cookie.to_string(), "<Cookie sid for .acme.com/>");
/// # Ok::<(), cookiejar::Rejection>(())
/// ```
pub struct Cookie {
    text: Box<str>,
    ends: Ends,
    /// Seconds since the epoch, or [`NEVER`].
    expires: i64,
    /// Seconds since the epoch, or [`UNKNOWN`].
    created: i64,
    /// Orders the cookies that were created within one second.
    sequence: u64,
    /// Seconds since the epoch, 0 until the cookie is sent.
    last_access: AtomicU32,
    version: u32,
    flags: Flags,
}

/// Where the parts of the text end. Behind the path stand the entries of the rare parts; the block may go on
/// behind the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Ends {
    name: u32,
    value: u32,
    domain: u32,
    path: u32,
    text: u32,
}

/// The expiry time of a cookie that has none.
pub(crate) const NEVER: i64 = i64::MAX;
/// The creation time of a cookie that no jar has seen yet.
pub(crate) const UNKNOWN: i64 = i64::MIN;

/// Orders cookies as they are sent: by the length of the path, the time of creation, and the order
/// within one second.
pub(crate) type SendingKey = (Reverse<u32>, i64, u64);

/// Orders cookies by their last use: its time, whether it was sent, and the order of creation.
pub(crate) type Used = (i64, bool, (i64, u64));

/// What Python's `Cookie` has, by Python's names.
impl Cookie {
    /// The version: 0 for a Netscape cookie, 1 for one by RFC 2965 or RFC 2109.
    #[inline]
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The name; empty for a nameless cookie, whose value goes out alone (RFC 6265bis, section 5.6).
    #[inline]
    #[must_use]
    pub fn name(&self) -> &str {
        self.name_part().text
    }

    /// The value with its quotes, if it has any, or `None` for a lone name without `=`.
    #[inline]
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value_part().map(|part| part.text)
    }

    /// The ports to which the cookie goes back, as a list with commas, or `None` for all. See
    /// [`port_specified`](Self::port_specified).
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

    /// Whether the server said which ports; it may also say `Port` alone, for the one of the
    /// request.
    #[inline]
    #[must_use]
    pub fn port_specified(&self) -> bool {
        self.flags.has(Flags::PORT_SPECIFIED)
    }

    /// The domain in lower-case ASCII. With a leading dot it came with a `Domain` attribute,
    /// without one it is the request-host that set the cookie.
    #[inline]
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.text[self.ends.value as usize..self.ends.domain as usize]
    }

    /// Whether the server said the domain, which the leading dot of [`domain`](Self::domain) shows.
    #[inline]
    #[must_use]
    pub fn domain_specified(&self) -> bool {
        self.text.as_bytes().get(self.ends.value as usize) == Some(&b'.')
    }

    /// Whether the `Domain` attribute itself began with a dot, which decides on the `$Domain` that
    /// goes back (RFC 2965, section 3.3.4).
    #[must_use]
    pub fn domain_initial_dot(&self) -> bool {
        self.flags.has(Flags::DOMAIN_INITIAL_DOT)
    }

    /// The path, which begins with a slash.
    #[inline]
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_part().text
    }

    /// Whether the server said the path.
    #[inline]
    #[must_use]
    pub fn path_specified(&self) -> bool {
        self.flags.has(Flags::PATH_SPECIFIED)
    }

    /// Whether the cookie goes back over secure protocols only.
    #[inline]
    #[must_use]
    pub fn secure(&self) -> bool {
        self.flags.has(Flags::SECURE)
    }

    /// When the cookie expires, to the second, or `None` for a cookie without a date.
    #[must_use]
    pub fn expires(&self) -> Option<OffsetDateTime> {
        self.expires_seconds().map(date_time)
    }

    /// Whether this is a *session cookie*, which ends with the program: it has neither `Max-Age`
    /// nor `Expires`, or it has a `Discard`.
    #[inline]
    #[must_use]
    pub fn discard(&self) -> bool {
        self.flags.has(Flags::DISCARD)
    }

    /// The server's comment on what the cookie is for.
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

    /// The URL of such a comment.
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

    /// Whether the cookie came in a `Set-Cookie` with a `Version` of 1, as RFC 2109 has it,
    /// whatever became of its version.
    #[must_use]
    pub fn rfc2109(&self) -> bool {
        self.flags.has(Flags::RFC2109)
    }

    /// Whether there is an attribute that Python does not know, such as `HttpOnly`, whatever its
    /// case.
    #[must_use]
    pub fn has_nonstandard_attr(&self, name: &str) -> bool {
        self.last_attr(name).is_some()
    }

    /// The value of such an attribute; the last one counts. `None` if it is absent or has no value.
    #[doc(alias = "get_nonstandard_attr")]
    #[must_use]
    pub fn nonstandard_attr(&self, name: &str) -> Option<&str> {
        let (_, value) = self.last_attr(name)?;
        value.map(|part| part.text)
    }

    /// All attributes that Python does not know, as they came: names and values in order.
    pub fn nonstandard_attrs(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.entries().filter_map(|entry| match entry {
            Entry::Attribute(name, value) => Some((name.text, value.map(|part| part.text))),
            _ => None,
        })
    }

    /// Whether the cookie's time is over at `now`. One that expires in this very second is expired.
    #[must_use]
    pub fn is_expired(&self, now: OffsetDateTime) -> bool {
        self.is_expired_at(now.unix_timestamp())
    }
}

/// What came after Python's.
impl Cookie {
    /// Begins to make a cookie by hand.
    ///
    /// Bytes do as well as text. Without more said it is a Netscape session cookie for all paths,
    /// and only the domain is missing.
    pub fn builder<'a>(
        name: &'a (impl AsRef<[u8]> + ?Sized),
        value: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> CookieBuilder<'a> {
        CookieBuilder::new(name.as_ref(), value.as_ref())
    }

    /// The name as the bytes that came.
    #[must_use]
    pub fn name_bytes(&self) -> Cow<'_, [u8]> {
        self.name_part().bytes()
    }

    /// The value as the bytes that came.
    #[must_use]
    pub fn value_bytes(&self) -> Option<Cow<'_, [u8]>> {
        self.value_part().map(Part::bytes)
    }

    /// The path as bytes.
    #[must_use]
    pub fn path_bytes(&self) -> Cow<'_, [u8]> {
        self.path_part().bytes()
    }

    /// Whether the cookie came without a `Domain` attribute and belongs to one host alone.
    #[inline]
    #[must_use]
    pub fn host_only(&self) -> bool {
        !self.domain_specified()
    }

    /// Whether scripts are kept from the cookie (RFC 6265, section 4.1.2.6).
    #[must_use]
    pub fn http_only(&self) -> bool {
        self.flags.has(Flags::HTTP_ONLY)
    }

    /// The `SameSite` attribute, if it has one of the values that there are.
    #[must_use]
    pub fn same_site(&self) -> Option<SameSite> {
        self.flags.same_site()
    }

    /// Whether the cookie asked for a jar of its own per top-level site (`Partitioned`).
    #[must_use]
    pub fn partitioned(&self) -> bool {
        self.has_nonstandard_attr("Partitioned")
    }

    /// The key of the partition in which the cookie is kept: the top-level site under which it was
    /// set, as the client named it. `None` for the usual cookie, which is in no partition.
    ///
    /// The key is part of what makes a cookie the same cookie, and a cookie in a partition goes
    /// back to requests of that partition only.
    #[inline]
    #[must_use]
    pub fn partition_key(&self) -> Option<&str> {
        if !self.flags.has(Flags::HAS_PARTITION) {
            return None;
        }
        self.find_partition_key()
    }

    /// Whether storing this cookie would replace `stored`: domain, path, name and partition are
    /// the same.
    #[inline]
    #[must_use]
    pub fn is_namesake_of(&self, stored: &Self) -> bool {
        self.may_be_namesake_of(stored)
            && self.has_name_of(stored)
            && self.has_place_of(stored)
            && self.partition_key() == stored.partition_key()
    }

    /// When a jar first stored the cookie; overwriting keeps it. `None` for a cookie in no jar.
    #[must_use]
    pub fn creation_time(&self) -> Option<OffsetDateTime> {
        (self.created != UNKNOWN).then(|| date_time(self.created))
    }

    /// When the cookie was last sent, to the second; `None` if never.
    #[must_use]
    pub fn last_access_time(&self) -> Option<OffsetDateTime> {
        match self.last_access_seconds() {
            0 => None,
            seconds => Some(date_time(i64::from(seconds))),
        }
    }

    /// A [`Display`](fmt::Display) with the value in it: Python's `<Cookie name=value for
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
