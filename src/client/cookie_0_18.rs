//! Conversions to and from the `Cookie` of the `cookie` crate 0.18 (feature `cookie-0_18`).
//!
//! `TryFrom<&cookiejar::Cookie>` returns what a server would have set; the reverse, [`from_cookie`], needs the request
//! that the cookie answers.
//!
//! | to `cookie::Cookie` | back |
//! |---|---|
//! | a host-only cookie has no domain | no domain makes a host-only cookie of the request's host |
//! | a lone name without `=` gets an empty value | an empty value stays an empty value |
//! | bytes that are not UTF-8 become the ISO-8859-1 characters that they stand for | text becomes UTF-8 |
//! | version, port, comment, `Discard` with a date, other attributes, and the times of creation and of last access are lost | percent-encoding is left as it is |

use ::cookie_0_18::{Cookie as Foreign, SameSite as ForeignSameSite};
use time::{Duration, OffsetDateTime};

use crate::clock::JarClock;
use crate::cookie::{Cookie, SameSite};
use crate::path;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// Returns what a server sets for a client to have this cookie; the [module](crate::client::cookie_0_18) lists what
/// is lost.
///
/// ```
/// use cookiejar::Cookie;
///
/// let cookie = Cookie::builder("sid", "31d4").domain(".acme.com").secure(true).http_only(true).build()?;
/// let foreign = cookie_0_18::Cookie::try_from(&cookie)?;
/// assert_eq!(foreign.to_string(), "sid=31d4; HttpOnly; Secure; Path=/; Domain=acme.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// - [`Rejection::InvalidValue`]: a value with `;`, which a cookie with a version above 0 may have
/// - [`Rejection::InvalidPath`]: a path with `;`
///
/// In a `Set-Cookie`, the text after the `;` would be an attribute.
impl TryFrom<&Cookie> for Foreign<'static> {
    type Error = Rejection;

    fn try_from(cookie: &Cookie) -> Result<Self, Rejection> {
        if cookie.value().is_some_and(|value| value.contains(';')) {
            return Err(Rejection::InvalidValue);
        }
        if cookie.path().contains(';') {
            return Err(Rejection::InvalidPath);
        }
        let name_and_value = (
            cookie.name().to_owned(),
            cookie.value().unwrap_or_default().to_owned(),
        );
        let mut foreign = Foreign::build(name_and_value)
            .path(cookie.path().to_owned())
            .build();
        if cookie.domain_specified() {
            foreign.set_domain(cookie.domain().trim_start_matches('.').to_owned());
        }
        if let Some(expires) = cookie.expires() {
            foreign.set_expires(expires);
        }
        foreign.set_secure(cookie.secure().then_some(true));
        foreign.set_http_only(cookie.http_only().then_some(true));
        foreign.set_partitioned(cookie.partitioned().then_some(true));
        foreign.set_same_site(cookie.same_site().map(|same_site| match same_site {
            SameSite::Lax => ForeignSameSite::Lax,
            SameSite::None => ForeignSameSite::None,
            SameSite::Strict => ForeignSameSite::Strict,
        }));
        Ok(foreign)
    }
}

/// Returns the cookie that `foreign` would be in a response to `request`. It asks no policy: pass the cookie to
/// [`set_cookie_if_ok`](crate::CookieJar::set_cookie_if_ok) to have it judged like a received one.
///
/// Without a `Domain` it is host-only, and without a `Path` that begins with a slash it has the default path.
/// `Max-Age` takes precedence over `Expires`, and counts from the time of the request's context, or else from
/// now.
///
/// ```
/// use cookiejar::CookieJar;
/// use cookiejar::client::cookie_0_18::from_cookie;
/// use url::Url;
///
/// let url = Url::parse("https://www.acme.com/")?;
/// let foreign = cookie_0_18::Cookie::parse("sid=31d4; Domain=acme.com; Secure")?;
/// let mut jar = CookieJar::new();
/// jar.set_cookie_if_ok(from_cookie(&foreign, &url)?, &url)?;
/// assert_eq!(jar.cookie_header(&url).expect("a cookie"), "sid=31d4");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// - [`Rejection::NoHost`]: a request without a valid host
/// - [`Rejection::MissingName`]: an empty name, which the `cookie` crate never parses but allows to build
/// - those of [`CookieBuilder::build`](crate::CookieBuilder::build)
pub fn from_cookie<'r>(
    foreign: &Foreign<'_>,
    request: impl Into<RequestContext<'r>>,
) -> Result<Cookie, Rejection> {
    let request = request.into();
    if !request.has_host() {
        return Err(Rejection::NoHost);
    }
    if foreign.name().is_empty() {
        return Err(Rejection::MissingName);
    }
    let domain = match foreign.domain() {
        Some(domain) => format!(".{domain}"),
        None => request.host().to_owned(),
    };
    let mut builder = Cookie::builder(foreign.name(), foreign.value())
        .domain(&domain)
        .secure(foreign.secure() == Some(true))
        .http_only(foreign.http_only() == Some(true));
    builder = match foreign.path().filter(|path| path.starts_with('/')) {
        Some(path) => builder.path(path),
        None => builder
            .path(path::default_path(request.escaped_path(), false))
            .path_specified(false),
    };
    if let Some(expires) = expires(foreign, &request) {
        builder = builder.expires(expires);
    }
    if let Some(same_site) = foreign.same_site() {
        builder = builder.nonstandard_attr("SameSite", Some(name_of(same_site)));
    }
    if foreign.partitioned() == Some(true) {
        builder = builder.nonstandard_attr("Partitioned", None);
    }
    builder.build()
}

fn name_of(same_site: ForeignSameSite) -> &'static str {
    match same_site {
        ForeignSameSite::Strict => "Strict",
        ForeignSameSite::Lax => "Lax",
        ForeignSameSite::None => "None",
    }
}

fn expires(foreign: &Foreign<'_>, request: &RequestContext<'_>) -> Option<OffsetDateTime> {
    let Some(max_age) = foreign.max_age() else {
        return foreign.expires_datetime();
    };
    let now = request
        .now_seconds()
        .unwrap_or_else(|| JarClock::default().seconds());
    let seconds = now.saturating_add(max_age.max(Duration::ZERO).whole_seconds());
    Some(crate::clock::date_time(seconds))
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/cookie_0_18.rs"]
mod tests;
