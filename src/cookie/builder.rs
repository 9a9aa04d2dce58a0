//! Building and changing cookies by hand, with the same checks as all others.

use std::borrow::Cow;
use std::fmt;

use time::{Duration, OffsetDateTime};

use super::{Cookie, Fields, Flags, NEVER, SameSite};
use crate::clock::system_seconds;
use crate::date;
use crate::domain::Domain;
use crate::rejection::Rejection;

/// Builds a [`Cookie`]; created by [`Cookie::builder`], finished by [`build`](Self::build).
///
/// ```
/// use cookiejar::{Cookie, Rejection};
/// use time::macros::datetime;
///
/// let cookie = Cookie::builder("theme", "dark")
///     .domain("www.acme.com")
///     .path("/shop")
///     .expires(datetime!(2030-01-01 00:00 UTC))
///     .nonstandard_attr("SameSite", Some("Lax"))
///     .build()?;
/// assert!(cookie.host_only() && !cookie.discard());
///
/// let bad = Cookie::builder("theme", "dark; admin=1").domain("www.acme.com").build();
/// assert_eq!(bad, Err(Rejection::InvalidValue));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder makes nothing before `build`"]
pub struct CookieBuilder<'a> {
    fields: Fields<'a>,
}

/// Shows the name alone: the value may be a secret.
impl fmt::Debug for CookieBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieBuilder")
            .field("name", &String::from_utf8_lossy(&self.fields.name))
            .finish_non_exhaustive()
    }
}

impl<'a> CookieBuilder<'a> {
    pub(super) fn new(name: &'a [u8], value: &'a [u8]) -> Self {
        let fields = Fields {
            name: Cow::Borrowed(name),
            value: Some(Cow::Borrowed(value)),
            ..Fields::default()
        };
        Self { fields }
    }

    /// Removes the value and leaves a lone name, which is sent without `=`.
    pub fn without_value(mut self) -> Self {
        self.fields.value = None;
        self
    }

    /// Sets the version: 0 (the default) for a Netscape cookie, 1 for an RFC 2965 cookie.
    pub fn version(mut self, version: u32) -> Self {
        self.fields.version = version;
        self
    }

    /// Sets the domain: with a leading dot for a host and all hosts below it, without one for that host only. Names
    /// are converted to lower-case ASCII, and IP addresses to the form of the URL standard.
    pub fn domain(mut self, domain: &'a str) -> Self {
        self.fields.set_domain(domain);
        self
    }

    /// Sets whether the `Domain` attribute itself began with a dot. Defaults to whether the argument of
    /// [`domain`](Self::domain) did; call this after it.
    pub fn domain_initial_dot(mut self, yes: bool) -> Self {
        self.fields.flags.set(Flags::DOMAIN_INITIAL_DOT, yes);
        self
    }

    /// Sets the path in the form in which it is compared, and marks it as specified. Defaults to `/`,
    /// unspecified.
    pub fn path(mut self, path: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.fields.path = Cow::Borrowed(path.as_ref());
        self.path_specified(true)
    }

    /// Sets whether the server specified the path. Defaults to whether [`path`](Self::path) was called; call
    /// this after it.
    pub fn path_specified(mut self, yes: bool) -> Self {
        self.fields.flags.set(Flags::PATH_SPECIFIED, yes);
        self
    }

    /// Sets the ports to which the cookie is returned (RFC 2965), separated by commas, and marks them as specified.
    /// Defaults to all ports.
    pub fn port(mut self, ports: &'a str) -> Self {
        self.fields.rare().port = Some(Cow::Borrowed(ports.as_bytes()));
        self.port_specified(true)
    }

    /// Sets whether the server specified the ports. Defaults to whether [`port`](Self::port) was called; call
    /// this after it.
    pub fn port_specified(mut self, yes: bool) -> Self {
        self.fields.flags.set(Flags::PORT_SPECIFIED, yes);
        self
    }

    /// Sets whether the cookie is sent over secure protocols only. Defaults to `false`.
    pub fn secure(mut self, yes: bool) -> Self {
        self.fields.flags.set(Flags::SECURE, yes);
        self
    }

    /// Sets when the cookie expires, to the second. Defaults to never: a session cookie.
    pub fn expires(mut self, expires: OffsetDateTime) -> Self {
        self.fields.expires = expires.unix_timestamp();
        self
    }

    /// Sets how long the cookie lives from now on, by the system clock, in whole seconds. The later call of this and
    /// [`expires`](Self::expires) wins. A cookie that lives less than a second has expired.
    pub fn max_age(mut self, age: Duration) -> Self {
        let expires = system_seconds().saturating_add(age.whole_seconds());
        self.fields.expires = expires.min(date::END_OF_9999);
        self
    }

    /// Sets whether the cookie ends with the session although it has an expiry time. Defaults to `false`; a
    /// cookie without an expiry time always does.
    pub fn discard(mut self, yes: bool) -> Self {
        self.fields.flags.set(Flags::DISCARD, yes);
        self
    }

    /// Sets the comment.
    pub fn comment(mut self, comment: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.fields.rare().comment = Some(Cow::Borrowed(comment.as_ref()));
        self
    }

    /// Sets the URL of the comment.
    pub fn comment_url(mut self, url: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.fields.rare().comment_url = Some(Cow::Borrowed(url.as_ref()));
        self
    }

    /// Sets whether the cookie was received as an RFC 2109 cookie. Defaults to `false`.
    pub fn rfc2109(mut self, yes: bool) -> Self {
        self.fields.flags.set(Flags::RFC2109, yes);
        self
    }

    /// Adds or removes `HttpOnly`. Defaults to `false`.
    pub fn http_only(self, yes: bool) -> Self {
        self.flag_attr("HttpOnly", yes)
    }

    fn flag_attr(mut self, name: &'static str, yes: bool) -> Self {
        self.fields.remove_attr(name);
        if yes {
            self.nonstandard_attr(name, None)
        } else {
            self
        }
    }

    /// Sets the `SameSite` attribute. Defaults to no attribute.
    pub fn same_site(self, same_site: SameSite) -> Self {
        self.nonstandard_attr("SameSite", Some(same_site.text()))
    }

    /// Adds or removes `Partitioned`. Defaults to `false`. The partition itself is
    /// [`partition_key`](Self::partition_key).
    pub fn partitioned(self, yes: bool) -> Self {
        self.flag_attr("Partitioned", yes)
    }

    /// Adds an attribute that Python does not know, replacing one with the same name.
    pub fn nonstandard_attr(mut self, name: &'a str, value: Option<&'a str>) -> Self {
        self.fields.set_attr(name, value);
        self
    }

    /// Sets the key of the cookie's partition. Defaults to no partition.
    pub fn partition_key(mut self, key: &'a str) -> Self {
        self.fields.rare().partition = Some(Cow::Borrowed(key.as_bytes()));
        self
    }

    /// Sets when the cookie was created. By default a jar sets it when it stores the cookie.
    pub fn creation_time(mut self, created: OffsetDateTime) -> Self {
        self.fields.created = created.unix_timestamp();
        self
    }

    /// Builds the cookie.
    ///
    /// # Errors
    ///
    /// - [`Rejection::MissingName`]: neither a name nor [a value](Self::without_value)
    /// - [`Rejection::EmptyPair`]: an empty name and an empty value
    /// - [`Rejection::InvalidName`]: the name contains `;` or `=`, or begins or ends with a blank; for a
    ///   [version](Self::version) above 0, also if it contains `,`
    /// - [`Rejection::InvalidValue`]: `;` in the value, unless the version is above 0
    /// - [`Rejection::NamelessPair`]: `=` in the value of a cookie without a name
    /// - [`Rejection::NamelessPrefix`]: a value without a name that begins with `__Host-`, `__Secure-` or
    ///   `__Http-`
    /// - [`Rejection::MissingDomain`]: no domain
    /// - [`Rejection::InvalidDomain`]: a domain that cannot equal any host
    /// - [`Rejection::InvalidPath`]: a path that does not begin with a slash
    /// - [`Rejection::ForbiddenOctet`]: CR, LF or NUL anywhere
    /// - [`Rejection::TooLong`]: more than 4 GiB of text
    pub fn build(self) -> Result<Cookie, Rejection> {
        self.fields.pack()
    }
}

impl<'a> Fields<'a> {
    fn remove_attr(&mut self, name: &str) {
        self.attributes
            .retain(|(key, _)| !key.eq_ignore_ascii_case(name.as_bytes()));
    }

    fn set_attr(&mut self, name: &'a str, value: Option<&'a str>) {
        self.remove_attr(name);
        let value = value.map(|value| Cow::Borrowed(value.as_bytes()));
        self.attributes
            .push((Cow::Borrowed(name.as_bytes()), value));
    }

    fn set_domain(&mut self, domain: &'a str) {
        (self.domain, self.dotted) = Domain::parse_dotted(Cow::Borrowed(domain.as_bytes()));
        self.flags.set(Flags::DOMAIN_INITIAL_DOT, self.dotted);
    }
}

impl Cookie {
    /// Returns a builder with everything this cookie has, for building another one.
    ///
    /// ```
    /// # use cookiejar::Cookie;
    /// let cookie = Cookie::builder("a", "1").domain("acme.com").build()?;
    /// let other = cookie.to_builder().domain(".acme.com").port("8080").build()?;
    /// assert_eq!((other.value(), other.domain()), (Some("1"), ".acme.com"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_builder(&self) -> CookieBuilder<'_> {
        CookieBuilder {
            fields: Fields::from(self),
        }
    }
}

/// Setters. After an error the cookie is unchanged; the errors are those of [`CookieBuilder::build`].
impl Cookie {
    /// Sets the value.
    ///
    /// # Errors
    ///
    /// Returns an error if the value contains CR, LF, NUL or, in a cookie of version 0, `;`, or if a cookie
    /// without a name cannot have it.
    pub fn set_value(&mut self, value: impl AsRef<[u8]>) -> Result<(), Rejection> {
        *self = self.changed(|fields| fields.value = Some(Cow::Borrowed(value.as_ref())))?;
        Ok(())
    }

    /// Sets the domain, like [`CookieBuilder::domain`].
    ///
    /// # Errors
    ///
    /// Returns an error if the domain cannot equal any host.
    pub fn set_domain(&mut self, domain: &str) -> Result<(), Rejection> {
        *self = self.changed(|fields| fields.set_domain(domain))?;
        Ok(())
    }

    /// Sets the path.
    ///
    /// # Errors
    ///
    /// Returns an error if the path does not begin with a slash, or contains CR, LF or NUL.
    pub fn set_path(&mut self, path: impl AsRef<[u8]>) -> Result<(), Rejection> {
        *self = self.changed(|fields| fields.path = Cow::Borrowed(path.as_ref()))?;
        Ok(())
    }

    /// Sets an attribute that Python does not know, replacing all with the same name.
    ///
    /// # Errors
    ///
    /// Returns an error if the name or the value contains CR, LF or NUL.
    pub fn set_nonstandard_attr(
        &mut self,
        name: &str,
        value: Option<&str>,
    ) -> Result<(), Rejection> {
        *self = self.changed(|fields| fields.set_attr(name, value))?;
        Ok(())
    }

    /// Sets the key of the cookie's partition, or removes the cookie from its partition.
    ///
    /// # Errors
    ///
    /// Returns an error if the key contains CR, LF or NUL.
    pub fn set_partition_key(&mut self, key: Option<&str>) -> Result<(), Rejection> {
        let key = key.map(|key| Cow::Borrowed(key.as_bytes()));
        *self = self.changed(|fields| fields.rare().partition = key)?;
        Ok(())
    }

    /// Sets when the cookie expires. `None` makes it a session cookie. A date leaves [`discard`](Self::discard)
    /// as [`set_discard`](Self::set_discard) set it, but also clears `discard` if it was only implied by the
    /// missing date.
    pub fn set_expires(&mut self, expires: Option<OffsetDateTime>) {
        let was_dateless = self.expires == NEVER;
        self.expires = expires.map_or(NEVER, OffsetDateTime::unix_timestamp);
        if was_dateless || self.expires == NEVER {
            self.flags.set(Flags::DISCARD, self.expires == NEVER);
        }
    }

    /// Sets whether the cookie ends with the session. A cookie without an expiry time always does.
    pub fn set_discard(&mut self, yes: bool) {
        self.flags.set(Flags::DISCARD, yes || self.expires == NEVER);
    }

    /// Sets whether the cookie is sent over secure protocols only.
    pub fn set_secure(&mut self, yes: bool) {
        self.flags.set(Flags::SECURE, yes);
    }

    /// Sets the version.
    ///
    /// # Errors
    ///
    /// Returns an error if a cookie of that version cannot have this name or value, such as a value with `;` in
    /// version 0.
    pub fn set_version(&mut self, version: u32) -> Result<(), Rejection> {
        *self = self.changed(|fields| fields.version = version)?;
        Ok(())
    }

    fn changed<'a>(&'a self, change: impl FnOnce(&mut Fields<'a>)) -> Result<Self, Rejection> {
        let mut fields = Fields::from(self);
        change(&mut fields);
        Ok(Self {
            sequence: self.sequence,
            ..fields.pack()?
        })
    }
}
