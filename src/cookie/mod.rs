//! Step 2: the [`Cookie`], one record for every protocol and dialect.
//!
//! It knows no policy, no jar and no clock: [`is_expired`](Cookie::is_expired) is told the time.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use time::OffsetDateTime;

use crate::clock::date_time;
use crate::date;

mod builder;
mod fields;
mod from_header;
mod text;

pub use builder::CookieBuilder;
pub(crate) use fields::Fields;
pub(crate) use from_header::make_cookie;
pub(crate) use text::{Entry, Part};

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

/// Where the parts of the text end. Behind the path stand the entries of the rare parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    name: u32,
    value: u32,
    domain: u32,
    path: u32,
}

/// The expiry time of a cookie that has none.
pub(crate) const NEVER: i64 = i64::MAX;
/// The creation time of a cookie that no jar has seen yet.
pub(crate) const UNKNOWN: i64 = i64::MIN;

/// Facts that are yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(u16);

impl Flags {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const DISCARD: Self = Self(1);
    pub(crate) const DOMAIN_INITIAL_DOT: Self = Self(1 << 1);
    pub(crate) const PATH_SPECIFIED: Self = Self(1 << 2);
    pub(crate) const PORT_SPECIFIED: Self = Self(1 << 3);
    pub(crate) const RFC2109: Self = Self(1 << 4);
    pub(crate) const SECURE: Self = Self(1 << 5);
    /// All of the above: what is given; those below are derived from the text.
    pub(crate) const GIVEN: Self = Self((1 << 6) - 1);
    /// Some part has a control octet other than TAB.
    pub(crate) const CONTROL: Self = Self(1 << 6);
    const HAS_VALUE: Self = Self(1 << 7);
    const NAME_LATIN1: Self = Self(1 << 8);
    const VALUE_LATIN1: Self = Self(1 << 9);
    const PATH_LATIN1: Self = Self(1 << 10);
    /// Spares the look behind the path that nearly no cookie needs.
    const HAS_PORT: Self = Self(1 << 11);

    pub(crate) fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    pub(crate) fn set(&mut self, flag: Self, yes: bool) {
        if yes {
            self.0 |= flag.0;
        } else {
            self.0 &= !flag.0;
        }
    }
}

impl std::ops::BitAnd for Flags {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The `SameSite` attribute (RFC 6265bis, section 4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SameSite {
    /// Sent on top-level navigations from other sites, too.
    Lax,
    /// Sent from everywhere.
    None,
    /// Sent from the site itself only.
    Strict,
}

/// What Python's `Cookie` has, by Python's names.
impl Cookie {
    /// The version: 0 for a Netscape cookie, 1 for one by RFC 2965 or RFC 2109.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name_part().text
    }

    /// The value with its quotes, if it has any, or `None` for a lone name without `=`.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value_part().map(|part| part.text)
    }

    /// The ports to which the cookie goes back, as a list with commas, or `None` for all. See
    /// [`port_specified`](Self::port_specified).
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
    #[must_use]
    pub fn port_specified(&self) -> bool {
        self.flags.has(Flags::PORT_SPECIFIED)
    }

    /// The domain in lower-case ASCII. With a leading dot it came with a `Domain` attribute,
    /// without one it is the request-host that set the cookie.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.text[self.ends.value as usize..self.ends.domain as usize]
    }

    /// Whether the server said the domain, which the leading dot of [`domain`](Self::domain) shows.
    #[must_use]
    pub fn domain_specified(&self) -> bool {
        self.domain().starts_with('.')
    }

    /// Whether the `Domain` attribute itself began with a dot, which decides on the `$Domain` that
    /// goes back (RFC 2965, section 3.3.4).
    #[must_use]
    pub fn domain_initial_dot(&self) -> bool {
        self.flags.has(Flags::DOMAIN_INITIAL_DOT)
    }

    /// The path, which begins with a slash.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_part().text
    }

    /// Whether the server said the path.
    #[must_use]
    pub fn path_specified(&self) -> bool {
        self.flags.has(Flags::PATH_SPECIFIED)
    }

    /// Whether the cookie goes back over secure protocols only.
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
    #[must_use]
    pub fn host_only(&self) -> bool {
        !self.domain_specified()
    }

    /// Whether scripts are kept from the cookie (RFC 6265, section 4.1.2.6).
    #[must_use]
    pub fn http_only(&self) -> bool {
        self.has_nonstandard_attr("HttpOnly")
    }

    /// The `SameSite` attribute, if it has one of the values that there are.
    #[must_use]
    pub fn same_site(&self) -> Option<SameSite> {
        let value = self.nonstandard_attr("SameSite")?;
        let known = [
            ("strict", SameSite::Strict),
            ("lax", SameSite::Lax),
            ("none", SameSite::None),
        ];
        known
            .into_iter()
            .find_map(|(name, same_site)| value.eq_ignore_ascii_case(name).then_some(same_site))
    }

    /// Whether the cookie asked for a jar of its own per top-level site (`Partitioned`).
    #[must_use]
    pub fn partitioned(&self) -> bool {
        self.has_nonstandard_attr("Partitioned")
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

/// What the crate sees.
impl Cookie {
    pub(crate) fn name_part(&self) -> Part<'_> {
        let text = &self.text[..self.ends.name as usize];
        Part {
            text,
            latin1: self.flags.has(Flags::NAME_LATIN1),
        }
    }

    pub(crate) fn value_part(&self) -> Option<Part<'_>> {
        let text = &self.text[self.ends.name as usize..self.ends.value as usize];
        let latin1 = self.flags.has(Flags::VALUE_LATIN1);
        self.flags
            .has(Flags::HAS_VALUE)
            .then_some(Part { text, latin1 })
    }

    pub(crate) fn path_part(&self) -> Part<'_> {
        let text = &self.text[self.ends.domain as usize..self.ends.path as usize];
        Part {
            text,
            latin1: self.flags.has(Flags::PATH_LATIN1),
        }
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = Entry<'_>> {
        text::entries(&self.text[self.ends.path as usize..])
    }

    fn find<'a, T>(&'a self, part: impl FnMut(Entry<'a>) -> Option<T>) -> Option<T> {
        self.entries().find_map(part)
    }

    fn last_attr(&self, name: &str) -> Option<(Part<'_>, Option<Part<'_>>)> {
        self.entries().rev().find_map(|entry| match entry {
            Entry::Attribute(key, value) if key.text.eq_ignore_ascii_case(name) => {
                Some((key, value))
            }
            _ => None,
        })
    }

    /// Whether storing this cookie would replace `stored`: same name, path and domain, in bytes.
    pub(crate) fn is_namesake_of(&self, stored: &Self) -> bool {
        self.name_part() == stored.name_part()
            && self.path_part() == stored.path_part()
            && self.domain() == stored.domain()
    }

    /// Whether some part has a control octet other than TAB.
    pub(crate) fn has_control_octets(&self) -> bool {
        self.flags.has(Flags::CONTROL)
    }

    /// How many bytes the name, the value and the `=` between them have.
    pub(crate) fn pair_len(&self) -> usize {
        self.name_part().byte_len() + self.value_part().map_or(0, |value| 1 + value.byte_len())
    }

    pub(crate) fn expires_seconds(&self) -> Option<i64> {
        (self.expires != NEVER).then_some(self.expires)
    }

    /// The expiry time, or [`NEVER`]: the key of whatever is ordered by it.
    pub(crate) fn expiry_key(&self) -> i64 {
        self.expires
    }

    pub(crate) fn is_expired_at(&self, now: i64) -> bool {
        self.expires != NEVER && self.expires <= now
    }

    /// The order in which cookies were created.
    pub(crate) fn creation_key(&self) -> (i64, u64) {
        (self.created, self.sequence)
    }

    /// The one order in which cookies are sent: longest path first, then earliest created first
    /// (RFC 6265, section 5.4).
    pub(crate) fn sending_key(&self) -> (std::cmp::Reverse<u32>, i64, u64) {
        (
            std::cmp::Reverse(self.ends.path - self.ends.domain),
            self.created,
            self.sequence,
        )
    }

    /// Gives the cookie its place in the order of creation; a time that it has already stays.
    pub(crate) fn note_creation(&mut self, now: i64, sequence: u64) {
        if self.created == UNKNOWN {
            self.created = now;
        }
        self.sequence = sequence;
    }

    /// Takes over the place of the cookie that this one replaces.
    pub(crate) fn inherit_creation(&mut self, old: &Self) {
        self.created = old.created;
        self.sequence = old.sequence;
    }

    pub(crate) fn last_access_seconds(&self) -> u32 {
        self.last_access.load(Ordering::Relaxed)
    }

    /// When the cookie was last sent, or else created: the key of "least recently sent".
    pub(crate) fn recency(&self) -> i64 {
        match self.last_access_seconds() {
            0 => self.created,
            seconds => i64::from(seconds),
        }
    }

    /// Stamps the cookie as sent. The stamp is relaxed: it is no part of any answer, only of the
    /// order in which cookies make way for others.
    pub(crate) fn note_access(&self, now: i64) {
        let seconds = u32::try_from(now.max(0)).unwrap_or(u32::MAX);
        self.last_access.store(seconds, Ordering::Relaxed);
    }

    /// The downgrade of RFC 2109 cookies (CPython: `_process_rfc2109_cookies`).
    pub(crate) fn mark_rfc2109(&mut self, as_netscape: bool) {
        if self.version == 1 {
            self.flags.set(Flags::RFC2109, true);
            self.version = u32::from(!as_netscape);
        }
    }
}

impl Clone for Cookie {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            last_access: AtomicU32::new(self.last_access_seconds()),
            ..*self
        }
    }
}

impl PartialEq for Cookie {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && self.ends == other.ends
            && self.expires == other.expires
            && self.created == other.created
            && self.version == other.version
            && self.flags == other.flags
    }
}

impl Eq for Cookie {}

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

struct Shown<'a> {
    cookie: &'a Cookie,
    with_value: bool,
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
