//! The name of every rule that can say no.
//!
//! It knows what was decided, not how: each variant is one rule, its message one sentence.

/// Why a cookie was not accepted, not sent, or not made.
///
/// The reason is a value: the report of [`extract_cookies`](crate::CookieJar::extract_cookies)
/// carries one for each refused cookie, [`explain`](crate::CookieJar::explain) one for each cookie
/// that stays home, and a test can compare it.
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
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// `Domain`, `Path`, `Version` or another attribute that lives by its value came without one
    /// (CPython: `_normalized_cookie_tuples`).
    #[error("an attribute that needs a value has none")]
    AttributeWithoutValue,
    /// The cookie's domain is on the block list, or below an entry of it.
    #[error("the cookie's domain is blocked")]
    BlockedDomain,
    /// The name, the value or an attribute holds a control octet other than TAB.
    #[error("a control character in the name, the value or an attribute")]
    ControlCharacter,
    /// The cookie has more bytes altogether than [`Limits::cookie_bytes`](crate::policy::Limits::cookie_bytes).
    #[error("the cookie is longer than allowed")]
    CookieTooLong,
    /// With `strict_domain`: the domain is a second-level name such as `co` under a country's name.
    #[error("the domain is a second-level name under a country code")]
    CountrySecondLevel,
    /// A `SameSite` cookie came with a cross-site response that was no top-level navigation (RFC
    /// 6265bis, section 5.7, step 18).
    #[error("a SameSite cookie in a cross-site response")]
    CrossSiteResponse,
    /// A policy of the user's own said no, in its own words: `Rejection::Custom(&"no trackers")`.
    ///
    /// The reference to a reference keeps a verdict within two registers.
    #[error("{0}")]
    Custom(&'static &'static str),
    /// With `strict_ns_set_initial_dollar`: the name of a Netscape cookie begins with `$`.
    #[error("the name begins with a dollar sign")]
    DollarName,
    /// The request-host is neither the cookie's domain nor below it.
    #[error("the request-host is not within the cookie's domain")]
    DomainMismatch,
    /// There is an allow list, and the cookie's domain is not on it.
    #[error("the cookie's domain is not among the allowed ones")]
    DomainNotAllowed,
    /// The `Domain` attribute holds a character that is not ASCII (RFC 6265bis, section 5.7, step
    /// 8).
    #[error("the Domain attribute is not ASCII")]
    DomainNotAscii,
    /// The effective host name does not domain-match the domain, as RFC 2965 section 1 has it.
    #[error("the effective host name does not domain-match the cookie's domain")]
    DomainNotMatched,
    /// The domain has no dot inside, and the host is no local one.
    #[error("the domain has no embedded dot")]
    DomainWithoutDot,
    /// The name and the value are both empty (RFC 6265bis, section 5.7, step 2).
    #[error("the name and the value are empty")]
    EmptyPair,
    /// The cookie's time is over.
    #[error("the cookie has expired")]
    Expired,
    /// The header field has more bytes than [`Limits::field_bytes`](crate::policy::Limits::field_bytes), and was not
    /// read.
    #[error("the header field is longer than allowed")]
    FieldTooLong,
    /// CR, LF or NUL, which can stand in no header and in no file.
    #[error("a line break or NUL in the name, the value or an attribute")]
    ForbiddenOctet,
    /// The `Cookie` header is full: it holds no more cookies, or no more bytes.
    #[error("the Cookie header is full")]
    HeaderFull,
    /// The name begins with `__Host-Http-`, and the cookie is not `HttpOnly` (layered cookies draft,
    /// section 5.4.3).
    #[error("a __Host-Http- cookie that is not HttpOnly")]
    HostHttpPrefix,
    /// The cookie came without a `Domain` attribute and goes back to its own host only.
    #[error("the cookie belongs to another host alone")]
    HostOnly,
    /// The name begins with `__Host-`, and the cookie is not Secure, has a `Domain`, or has another
    /// path than `/`; one that a server sets has to say that path (RFC 6265bis, section 5.7, step 21).
    #[error("a __Host- cookie that is not Secure, host-only and for all paths")]
    HostPrefix,
    /// The host has labels between its own name and the domain (RFC 2965, section 3.3.2).
    #[error("the host's name before the domain contains a dot")]
    HostPrefixWithDot,
    /// An `HttpOnly` cookie, and the API that sets or reads it is not HTTP (RFC 6265bis, section 5.7,
    /// step 15, and section 5.8.3).
    #[error("the cookie is HttpOnly and the API is not HTTP")]
    HttpOnly,
    /// The name begins with `__Http-`, and the cookie is not Secure and `HttpOnly` (layered cookies
    /// draft, section 5.4.3).
    #[error("a __Http- cookie that is not Secure and HttpOnly")]
    HttpPrefix,
    /// The response is an interim one (1xx) or a proxy's (407), whose cookies are not the site's.
    #[error("the response is an interim or a proxy's answer")]
    IgnoredStatus,
    /// A `Secure` cookie, and the scheme of the request is not a secure one.
    #[error("the cookie is Secure and the request is not")]
    InsecureRequest,
    /// The domain can equal no host: it is empty, a single dot, holds characters that no host name
    /// has, has an empty label or more than 253 octets, or ends in a number and is no IPv4 address.
    #[error("the domain is no host name")]
    InvalidDomain,
    /// `Max-Age` is no number.
    #[error("Max-Age is no number")]
    InvalidMaxAge,
    /// The name would be read as something else: it holds `;` or `=`, has a blank at an end, or
    /// holds `,` in a cookie of a version above 0.
    #[error("the name would be read as something else")]
    InvalidName,
    /// The path of a cookie begins with a slash.
    #[error("the path does not begin with a slash")]
    InvalidPath,
    /// A port of `Port` is no number.
    #[error("Port is no list of numbers")]
    InvalidPort,
    /// The value holds `;`, which only a cookie of a version above 0 can quote.
    #[error("the value holds a semicolon")]
    InvalidValue,
    /// `Version` is not made of ASCII digits.
    #[error("Version is no number")]
    InvalidVersion,
    /// A cookie made by hand, or read from a file, for which no domain was said.
    #[error("the domain is missing")]
    MissingDomain,
    /// There is no name before the first `=` or `;`.
    #[error("the cookie has no name")]
    MissingName,
    /// A `Set-Cookie2` cookie without `Version` (RFC 2965, section 3.2.2).
    #[error("the Version attribute is missing")]
    MissingVersion,
    /// Name and value have more than 4,096 bytes together (RFC 6265bis, section 5.7, step 4).
    #[error("the name and the value exceed 4,096 bytes")]
    NameValueTooLong,
    /// The cookie has no name, and its value holds a `=`, so that it could pass for another cookie.
    #[error("a nameless cookie that could pass for a name and a value")]
    NamelessPair,
    /// The cookie has no name, and its value begins as the name of a prefixed cookie does, in any case
    /// (RFC 6265bis, section 5.7, step 22).
    #[error("a nameless cookie that could pass for a prefixed one")]
    NamelessPrefix,
    /// Netscape cookies are switched off.
    #[error("Netscape cookies are switched off")]
    NetscapeOff,
    /// The URL has no host, hence no cookies.
    #[error("the request has no host")]
    NoHost,
    /// With `strict_ns_domain` `non_domain`: the cookie came without `Domain`, from another host.
    #[error("the cookie came without Domain, from another host")]
    NotSameHost,
    /// The cookie is kept in a partition, and the request is not of that one.
    #[error("the cookie is in another partition")]
    OtherPartition,
    /// An insecure response would overlay a stored Secure cookie (RFC 6265bis, section 5.7, step 16).
    #[error("an insecure response would overlay a Secure cookie")]
    OverlaysSecure,
    /// An API that is not HTTP would overwrite a stored `HttpOnly` cookie (RFC 6265bis, section 5.7,
    /// step 23).
    #[error("an API that is not HTTP would overwrite an HttpOnly cookie")]
    OverwritesHttpOnly,
    /// Name and value are longer together than any `Cookie` header may be.
    #[error("the name and the value are too long to be sent")]
    PairTooLong,
    /// A `Partitioned` cookie that is not Secure (CHIPS).
    #[error("the cookie is Partitioned and not Secure")]
    PartitionedInsecure,
    /// The request's path is not the cookie's, nor below it.
    #[error("the request's path does not path-match the cookie's")]
    PathMismatch,
    /// The request's port is not among the cookie's.
    #[error("the request's port is not among the cookie's")]
    PortMismatch,
    /// The domain is nobody's to share: a public suffix, under which anybody can have a host, or above the
    /// request-host's own. Names of a single label count as suffixes.
    #[error("the domain is a public suffix or above one")]
    PublicSuffix,
    /// RFC 2965 cookies are switched off.
    #[error("RFC 2965 cookies are switched off")]
    Rfc2965Off,
    /// A cookie without `SameSite`, which counts as `Lax`, and the request is a cross-site one that
    /// `Lax` does not let pass (RFC 6265bis, section 5.8.3).
    #[error("a cookie without SameSite and a cross-site request")]
    SameSiteDefault,
    /// A `SameSite=Lax` cookie, and the request is a cross-site one other than a top-level navigation
    /// with a safe method (RFC 6265bis, section 5.8.3).
    #[error("a SameSite=Lax cookie and a cross-site request")]
    SameSiteLax,
    /// A `SameSite=None` cookie that is not Secure (RFC 6265bis, section 5.7, step 19).
    #[error("the cookie is SameSite=None and not Secure")]
    SameSiteNoneInsecure,
    /// A `SameSite=Strict` cookie, and the request is a cross-site one (RFC 6265bis, section 5.8.3).
    #[error("a SameSite=Strict cookie and a cross-site request")]
    SameSiteStrict,
    /// The name begins with `__Secure-`, and the cookie is not Secure (RFC 6265bis, section 5.7, step
    /// 20).
    #[error("a __Secure- cookie that is not Secure")]
    SecurePrefix,
    /// The response has the same cookie in `Set-Cookie2`, which wins (RFC 2965, section 9.1).
    #[error("the response has the same cookie in Set-Cookie2")]
    SupersededBySetCookie2,
    /// The request is an unverifiable transaction of another site (RFC 2965, section 3.3.6).
    #[error("a third-party cookie in an unverifiable transaction")]
    ThirdParty,
    /// The text of a cookie is longer than 4 GiB.
    #[error("the cookie is longer than 4 GiB")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_two_registers() {
        let two = 2 * size_of::<usize>();
        assert_eq!(size_of::<Result<(), Rejection>>(), two);
        assert_eq!(size_of::<Rejection>(), two);
    }

    #[test]
    fn custom_reasons_are_compared_by_their_words() {
        let words = String::from("no trackers").leak();
        let leaked: &'static &'static str = Box::leak(Box::new(&*words));
        assert_eq!(Rejection::Custom(leaked), Rejection::Custom(&"no trackers"));
        assert_eq!(Rejection::Custom(leaked).to_string(), "no trackers");
    }
}
