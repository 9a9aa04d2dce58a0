//! A name for every rule that can reject or withhold a cookie.
//!
//! It knows what was decided, not how.

/// Why a cookie was not stored, not sent, or not created.
///
/// The report of [`extract_cookies`](crate::CookieJar::extract_cookies) has one for each rejected cookie,
/// [`explain`](crate::CookieJar::explain) one for each cookie that is withheld.
///
/// ```
/// use cookiejar::{CookieJar, Rejection};
/// use url::Url;
///
/// let url = Url::parse("https://www.acme.com/")?;
/// let mut jar = CookieJar::new();
/// let report = jar.extract_cookies(&[("Set-Cookie", "sid=1; Domain=evil.example")], &url);
/// assert_eq!(report.rejected[0].reason, Rejection::DomainMismatch);
/// assert_eq!(report.rejected[0].reason.to_string(), "the request-host is not within the cookie's domain");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// An attribute that needs a value, such as `Domain`, `Path` or `Version`, has none (CPython:
    /// `_normalized_cookie_tuples`).
    #[error("an attribute that needs a value has none")]
    AttributeWithoutValue,
    /// The cookie's domain is on the block list, or below an entry of it.
    #[error("the cookie's domain is blocked")]
    BlockedDomain,
    /// The name, the value or an attribute holds a control octet other than TAB.
    #[error("a control character in the name, the value or an attribute")]
    ControlCharacter,
    /// The whole cookie has more bytes than [`Limits::cookie_bytes`](crate::policy::Limits::cookie_bytes).
    #[error("the cookie is longer than allowed")]
    CookieTooLong,
    /// With `strict_domain`: the domain is a second-level name such as `co` under a country's name.
    #[error("the domain is a second-level name under a country code")]
    CountrySecondLevel,
    /// A `SameSite` cookie came in a cross-site response that was not a top-level navigation (RFC 6265bis,
    /// section 5.7, step 18).
    #[error("a SameSite cookie in a cross-site response")]
    CrossSiteResponse,
    /// A user's own policy rejected the cookie, with its own text: `Rejection::Custom(&"no trackers")`.
    ///
    /// The double reference keeps a verdict within two registers.
    #[error("{0}")]
    Custom(&'static &'static str),
    /// With `strict_ns_set_initial_dollar`: the name of a Netscape cookie begins with `$`.
    #[error("the name begins with a dollar sign")]
    DollarName,
    /// The request-host is neither the cookie's domain nor below it.
    #[error("the request-host is not within the cookie's domain")]
    DomainMismatch,
    /// The cookie's domain is not on the allow list.
    #[error("the cookie's domain is not among the allowed ones")]
    DomainNotAllowed,
    /// The `Domain` attribute holds a character that is not ASCII (RFC 6265bis, section 5.7, step
    /// 8).
    #[error("the Domain attribute is not ASCII")]
    DomainNotAscii,
    /// The effective host name does not domain-match the domain, as defined in RFC 2965, section 1.
    #[error("the effective host name does not domain-match the cookie's domain")]
    DomainNotMatched,
    /// The domain has no embedded dot, and the host is not a local one.
    #[error("the domain has no embedded dot")]
    DomainWithoutDot,
    /// The name and the value are both empty (RFC 6265bis, section 5.7, step 2).
    #[error("the name and the value are empty")]
    EmptyPair,
    /// The cookie has expired.
    #[error("the cookie has expired")]
    Expired,
    /// The header field has more bytes than [`Limits::field_bytes`](crate::policy::Limits::field_bytes), and was not
    /// read.
    #[error("the header field is longer than allowed")]
    FieldTooLong,
    /// The cookie has CR, LF or NUL, which no header and no file can hold.
    #[error("a line break or NUL in the name, the value or an attribute")]
    ForbiddenOctet,
    /// The `Cookie` header is full: it has reached its limit of cookies or of bytes.
    #[error("the Cookie header is full")]
    HeaderFull,
    /// The name begins with `__Host-Http-`, and the cookie is not `HttpOnly` (layered cookies draft,
    /// section 5.4.3).
    #[error("a __Host-Http- cookie that is not HttpOnly")]
    HostHttpPrefix,
    /// The cookie was set without a `Domain` attribute and is sent only to its own host.
    #[error("the cookie belongs to another host alone")]
    HostOnly,
    /// The name begins with `__Host-`, and the cookie is not Secure, has a `Domain`, or has a path other than
    /// `/`; a server must also have set that path explicitly (RFC 6265bis, section 5.7, step 21).
    #[error("a __Host- cookie that is not Secure, host-only and for all paths")]
    HostPrefix,
    /// The host has labels between its own name and the domain (RFC 2965, section 3.3.2).
    #[error("the host's name before the domain contains a dot")]
    HostPrefixWithDot,
    /// The cookie is `HttpOnly`, and a non-HTTP API sets or reads it (RFC 6265bis, section 5.7, step 15, and
    /// section 5.8.3).
    #[error("the cookie is HttpOnly and the API is not HTTP")]
    HttpOnly,
    /// The name begins with `__Http-`, and the cookie is not Secure and `HttpOnly` (layered cookies
    /// draft, section 5.4.3).
    #[error("a __Http- cookie that is not Secure and HttpOnly")]
    HttpPrefix,
    /// The response is interim (1xx) or a proxy's (407); its cookies are not the site's.
    #[error("the response is an interim or a proxy's answer")]
    IgnoredStatus,
    /// The cookie is Secure, and the scheme of the request is not.
    #[error("the cookie is Secure and the request is not")]
    InsecureRequest,
    /// No host can equal the domain: it is empty or a single dot, has characters that no host name has, has an
    /// empty label or more than 253 octets, or ends in a number without being an IPv4 address.
    #[error("the domain is no host name")]
    InvalidDomain,
    /// `Max-Age` is not a number.
    #[error("Max-Age is no number")]
    InvalidMaxAge,
    /// The name would be misread: it contains `;` or `=`, begins or ends with a blank, or contains `,` in a
    /// cookie with a version above 0.
    #[error("the name would be read as something else")]
    InvalidName,
    /// The path does not begin with a slash.
    #[error("the path does not begin with a slash")]
    InvalidPath,
    /// A port in `Port` is not a number.
    #[error("Port is no list of numbers")]
    InvalidPort,
    /// The value contains `;`, which can be quoted only in a cookie with a version above 0.
    #[error("the value holds a semicolon")]
    InvalidValue,
    /// `Version` is not a number in ASCII digits.
    #[error("Version is no number")]
    InvalidVersion,
    /// A cookie made by hand, or read from a file, has no domain.
    #[error("the domain is missing")]
    MissingDomain,
    /// The field has no name before the first `=` or `;`.
    #[error("the cookie has no name")]
    MissingName,
    /// A `Set-Cookie2` cookie has no `Version` (RFC 2965, section 3.2.2).
    #[error("the Version attribute is missing")]
    MissingVersion,
    /// Name and value together have more than 4,096 bytes (RFC 6265bis, section 5.7, step 4).
    #[error("the name and the value exceed 4,096 bytes")]
    NameValueTooLong,
    /// The cookie has no name, and its value contains `=`, so it would be read as another cookie.
    #[error("a nameless cookie that could pass for a name and a value")]
    NamelessPair,
    /// The cookie has no name, and its value begins, ignoring case, like the name of a prefixed cookie (RFC
    /// 6265bis, section 5.7, step 22).
    #[error("a nameless cookie that could pass for a prefixed one")]
    NamelessPrefix,
    /// Netscape cookies are switched off.
    #[error("Netscape cookies are switched off")]
    NetscapeOff,
    /// The URL has no host, and therefore no cookies.
    #[error("the request has no host")]
    NoHost,
    /// With `strict_ns_domain` `non_domain`: another host set the cookie without `Domain`.
    #[error("the cookie came without Domain, from another host")]
    NotSameHost,
    /// The cookie is in a partition, and the request is not in the same one.
    #[error("the cookie is in another partition")]
    OtherPartition,
    /// An insecure response would overlay a stored Secure cookie (RFC 6265bis, section 5.7, step 16).
    #[error("an insecure response would overlay a Secure cookie")]
    OverlaysSecure,
    /// A non-HTTP API would overwrite a stored `HttpOnly` cookie (RFC 6265bis, section 5.7, step 23).
    #[error("an API that is not HTTP would overwrite an HttpOnly cookie")]
    OverwritesHttpOnly,
    /// Name and value together are longer than a `Cookie` header may be.
    #[error("the name and the value are too long to be sent")]
    PairTooLong,
    /// The cookie is `Partitioned` but not Secure (CHIPS).
    #[error("the cookie is Partitioned and not Secure")]
    PartitionedInsecure,
    /// The request's path is neither the cookie's path nor below it.
    #[error("the request's path does not path-match the cookie's")]
    PathMismatch,
    /// The request's port is not among the cookie's.
    #[error("the request's port is not among the cookie's")]
    PortMismatch,
    /// The domain cannot be shared: it is a public suffix, under which anyone can register a host, or it is
    /// above the request-host's registrable domain. Single-label names count as suffixes.
    #[error("the domain is a public suffix or above one")]
    PublicSuffix,
    /// RFC 2965 cookies are switched off.
    #[error("RFC 2965 cookies are switched off")]
    Rfc2965Off,
    /// The cookie has no `SameSite`, which counts as `Lax`, and `Lax` does not allow this cross-site request
    /// (RFC 6265bis, section 5.8.3).
    #[error("a cookie without SameSite and a cross-site request")]
    SameSiteDefault,
    /// The cookie is `SameSite=Lax`, and the request is cross-site and not a top-level navigation with a safe
    /// method (RFC 6265bis, section 5.8.3).
    #[error("a SameSite=Lax cookie and a cross-site request")]
    SameSiteLax,
    /// The cookie is `SameSite=None` but not Secure (RFC 6265bis, section 5.7, step 19).
    #[error("the cookie is SameSite=None and not Secure")]
    SameSiteNoneInsecure,
    /// The cookie is `SameSite=Strict`, and the request is cross-site (RFC 6265bis, section 5.8.3).
    #[error("a SameSite=Strict cookie and a cross-site request")]
    SameSiteStrict,
    /// The name begins with `__Secure-`, and the cookie is not Secure (RFC 6265bis, section 5.7, step
    /// 20).
    #[error("a __Secure- cookie that is not Secure")]
    SecurePrefix,
    /// The same response sets the cookie in `Set-Cookie2`, which takes precedence (RFC 2965, section 9.1).
    #[error("the response has the same cookie in Set-Cookie2")]
    SupersededBySetCookie2,
    /// The request is an unverifiable transaction of another site (RFC 2965, section 3.3.6).
    #[error("a third-party cookie in an unverifiable transaction")]
    ThirdParty,
    /// The text of a cookie is longer than 4 GiB.
    #[error("the cookie is longer than 4 GiB")]
    TooLong,
}

#[cfg(all(test, feature = "inside"))]
#[path = "../tests/inside/rejection.rs"]
mod tests;
