//! What the rules need to know about a request, computed once.
//!
//! It knows no cookie, no policy and no clock. Everything is canonical when it leaves this module.

use std::borrow::Cow;

use url::Url;

use crate::domain::{self, Labels};
use crate::headers::RequestHeaders;
use crate::{octets, path};

mod provenance;
mod registrable;

pub use provenance::Provenance;
use registrable::Registrable;

/// A request as cookies see it: its target, and what caused it.
///
/// It always describes the target URL, never a proxy's. Unless a [`Provenance`] says otherwise, the request is the
/// user's own. Calls that need a context accept anything that converts to one, above all a `&Url`:
///
/// ```
/// use cookiejar::{Provenance, RequestContext};
/// use url::Url;
///
/// let url = Url::parse("https://www.acme.com/shop/cart")?;
/// let of_a_page = Provenance::new().unverifiable(true).origin_host("news.example");
/// let image = RequestContext::from(&url).caused_by(of_a_page);
/// assert_eq!(image.host(), "www.acme.com");
/// assert_eq!(image.port(), 443);
/// assert!(image.is_third_party());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext<'a> {
    scheme: Cow<'a, str>,
    host: Cow<'a, str>,
    local_name: Option<Cow<'a, str>>,
    registrable: Registrable,
    port: u16,
    path: Cow<'a, str>,
    escaped_path: Option<Cow<'a, str>>,
    unsafe_method: bool,
    provenance: Provenance<'a>,
}

/// A request that knows its own URL, as [`add_cookie_header`](crate::CookieJar::add_cookie_header) needs it.
pub trait OutgoingRequest: RequestHeaders {
    /// Returns the context of the request.
    fn request_context(&self) -> RequestContext<'_>;
}

impl<'a> RequestContext<'a> {
    /// Creates the context of a request from its parts, for clients that do not use [`Url`].
    ///
    /// The host may be a name in any script and letter case, or an IP address, IPv6 with or without brackets. Text that
    /// is not a host counts as no host: such a request neither sets nor gets cookies. A missing port is the scheme's
    /// default: 443 for `https` and `wss`, 80 for all others. The path must not include a query.
    #[must_use]
    pub fn new(
        scheme: &'a str,
        host: &'a str,
        port: impl Into<Option<u16>>,
        path: &'a str,
    ) -> Self {
        let host = domain::canonical_host(host).unwrap_or_default();
        let end = octets::position_of_either(path.as_bytes(), b'?', b'#');
        let end = end.unwrap_or(path.len());
        Self::assemble(lower_case(scheme), host, port.into(), rooted(&path[..end]))
    }

    /// Replaces the provenance. A time fixed earlier stays unless this provenance fixes another.
    #[must_use]
    pub fn caused_by(mut self, provenance: impl Into<Provenance<'a>>) -> Self {
        let earlier = self.provenance.now;
        self.provenance = provenance.into();
        self.provenance.now = self.provenance.now.or(earlier);
        self
    }

    /// Sets the method of the request. Defaults to `GET`; the context of an `http::Request` knows it. The rules only
    /// check whether it is *safe* (RFC 9110, section 9.2.1).
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.unsafe_method = !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
        self
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "bench `domains`, an unknown host: 4 % of the instructions were the call"
    )]
    fn assemble(
        scheme: Cow<'a, str>,
        host: Cow<'a, str>,
        port: Option<u16>,
        path: Cow<'a, str>,
    ) -> Self {
        let labels = domain::labels(&host);
        let host = match labels {
            Labels::Unsound => Cow::Borrowed(""),
            Labels::One | Labels::Others => host,
        };
        Self {
            local_name: (labels == Labels::One)
                .then(|| Cow::Owned([&host, domain::LOCAL].concat())),
            registrable: Registrable::default(),
            port: port.unwrap_or_else(|| default_port(&scheme)),
            escaped_path: path::escape(path.as_bytes()).map(Cow::Owned),
            unsafe_method: false,
            provenance: Provenance::new(),
            scheme,
            host,
            path,
        }
    }

    /// Returns the scheme, in lower case.
    #[inline]
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Returns the *request-host* (RFC 2965, section 1) in lower-case ASCII, without port and user info, IPv6
    /// addresses in brackets; it is empty if the URL has no host.
    #[inline]
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns `true` if the request has a request-host. A request without one has no cookies.
    #[inline]
    #[must_use]
    pub fn has_host(&self) -> bool {
        !self.host.is_empty()
    }

    /// Returns the *effective host name*: the request-host, with `.local` appended to a name without dots (RFC
    /// 2965, section 1). It is used for matching only; cookies are stored under the request-host.
    #[inline]
    #[must_use]
    pub fn effective_host(&self) -> &str {
        self.local_name.as_deref().unwrap_or(&self.host)
    }

    #[inline]
    pub(crate) fn local_name(&self) -> Option<&str> {
        self.local_name.as_deref()
    }

    /// Returns `true` if the request-host is an IPv4 or IPv6 address.
    #[inline]
    #[must_use]
    pub fn is_ip_address(&self) -> bool {
        domain::is_ip_address(&self.host)
    }

    /// Returns `true` if the request-host is the local machine: `localhost`, a name below it, an address in
    /// `127.0.0.0/8`, or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        domain::is_loopback(&self.host)
    }

    /// Returns the port: the URL's own, or the scheme's default.
    #[inline]
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the path as received, beginning with a slash.
    #[inline]
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the path as Python compares it, escaped where necessary, with upper-case escapes (CPython:
    /// `request_path`).
    #[inline]
    #[must_use]
    pub fn escaped_path(&self) -> &str {
        self.escaped_path.as_deref().unwrap_or(&self.path)
    }

    /// Returns `true` if the method of the request is safe; see [`method`](Self::method).
    #[must_use]
    pub fn has_safe_method(&self) -> bool {
        !self.unsafe_method
    }

    /// Returns the same context with owned strings.
    #[must_use]
    pub fn into_owned(self) -> RequestContext<'static> {
        fn own(text: Cow<'_, str>) -> Cow<'static, str> {
            Cow::Owned(text.into_owned())
        }
        RequestContext {
            scheme: own(self.scheme),
            host: own(self.host),
            local_name: self.local_name.map(own),
            registrable: self.registrable,
            port: self.port,
            path: own(self.path),
            escaped_path: self.escaped_path.map(own),
            unsafe_method: self.unsafe_method,
            provenance: self.provenance.into_owned(),
        }
    }
}

impl<'a> From<&'a RequestContext<'_>> for RequestContext<'a> {
    fn from(context: &'a RequestContext<'_>) -> Self {
        #[expect(clippy::ptr_arg, reason = "it is mapped over options of them")]
        fn borrow<'a>(text: &'a Cow<'_, str>) -> Cow<'a, str> {
            Cow::Borrowed(text)
        }
        Self {
            scheme: borrow(&context.scheme),
            host: borrow(&context.host),
            local_name: context.local_name.as_ref().map(borrow),
            registrable: context.registrable.clone(),
            port: context.port,
            path: borrow(&context.path),
            escaped_path: context.escaped_path.as_ref().map(borrow),
            unsafe_method: context.unsafe_method,
            provenance: Provenance::from(&context.provenance),
        }
    }
}

impl<'a> From<&'a Url> for RequestContext<'a> {
    fn from(url: &'a Url) -> Self {
        let scheme = Cow::Borrowed(url.scheme());
        let host = url.host_str().unwrap_or_default();
        // The URL parser makes only the hosts of special schemes canonical.
        let host = match scheme.as_ref() {
            "http" | "https" | "ws" | "wss" => Cow::Borrowed(host),
            _ => domain::canonical_host(host).unwrap_or_default(),
        };
        Self::assemble(scheme, host, url.port(), rooted(url.path()))
    }
}

#[cfg(feature = "http")]
mod http_types {
    use http::header::HOST;
    use http::request::Parts;
    use http::uri::Authority;
    use http::{HeaderMap, Request, Uri};

    use super::RequestContext;
    use crate::octets;

    impl<'a> From<&'a Uri> for RequestContext<'a> {
        /// The context of a request for `uri`. The scheme defaults to `http`; without an authority, the request
        /// has no host.
        fn from(uri: &'a Uri) -> Self {
            of_target(
                uri,
                uri.authority().and_then(Target::from_authority),
                "http",
            )
        }
    }

    impl<'a, B> From<&'a Request<B>> for RequestContext<'a> {
        /// The context of `request`; see [`RequestContext::from_request`] for what its target leaves open.
        fn from(request: &'a Request<B>) -> Self {
            Self::from_request(request.uri(), request.headers(), "http")
                .method(request.method().as_str())
        }
    }

    impl<'a> From<&'a Parts> for RequestContext<'a> {
        fn from(parts: &'a Parts) -> Self {
            Self::from_request(&parts.uri, &parts.headers, "http").method(parts.method.as_str())
        }
    }

    impl<'a> RequestContext<'a> {
        /// The context of a request whose target may be in origin-form, as servers see it: without
        /// an authority in `uri` the host and port are those of the `Host` header, and the scheme
        /// is the caller's.
        #[must_use]
        pub fn from_request(uri: &'a Uri, headers: &'a HeaderMap, scheme: &'a str) -> Self {
            let target = match uri.authority() {
                Some(authority) => Target::from_authority(authority),
                None => headers
                    .get(HOST)
                    .and_then(|host| Target::parse(host.to_str().ok()?)),
            };
            of_target(uri, target, scheme)
        }
    }

    fn of_target<'a>(
        uri: &'a Uri,
        target: Option<Target<'a>>,
        scheme: &'a str,
    ) -> RequestContext<'a> {
        let target = target.unwrap_or(Target {
            host: "",
            port: None,
        });
        let scheme = uri.scheme_str().unwrap_or(scheme);
        RequestContext::new(scheme, target.host, target.port, uri.path())
    }

    struct Target<'a> {
        host: &'a str,
        port: Option<u16>,
    }

    impl<'a> Target<'a> {
        /// The authority without its user info.
        fn from_authority(authority: &'a Authority) -> Option<Self> {
            let text = authority.as_str();
            // Nearly all are a host alone (bench `header, added to a request`).
            if octets::position_of_either(text.as_bytes(), b'@', b':').is_none() {
                return Some(Self {
                    host: text,
                    port: None,
                });
            }
            Self::parse(text.rsplit_once('@').map_or(text, |(_, target)| target))
        }

        /// A `Host` header is `uri-host [ ":" port ]` (RFC 9110, section 7.2); anything else is not
        /// one.
        fn parse(host: &'a str) -> Option<Self> {
            let host = host.trim_matches([' ', '\t']);
            let (name, port) = match host.rsplit_once(':') {
                Some((name, port)) if !port.contains(']') => (name, port),
                _ => (host, ""),
            };
            let port = match port {
                "" => None,
                port => Some(parse_port(port)?),
            };
            Some(Self { host: name, port })
        }
    }

    /// `port = *DIGIT` (RFC 3986, section 3.2.3), up to 65535; a sign is not a digit.
    fn parse_port(port: &str) -> Option<u16> {
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| port.parse().ok()).flatten()
    }
}

/// 443 for https and wss, 80 for all others.
fn default_port(scheme: &str) -> u16 {
    if matches!(scheme, "https" | "wss") {
        443
    } else {
        80
    }
}

fn rooted(path: &str) -> Cow<'_, str> {
    match path.as_bytes().first() {
        Some(b'/') => Cow::Borrowed(path),
        Some(_) => Cow::Owned(format!("/{path}")),
        None => Cow::Borrowed("/"),
    }
}

fn lower_case(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/request.rs"]
mod tests;
