//! What the rules look at in a request, computed once.
//!
//! It knows no cookie, no policy and no clock. Everything is canonical when it leaves this module,
//! so that no rule lower-cases, splits or escapes anything.

use std::borrow::Cow;

use time::OffsetDateTime;
use url::Url;

use crate::{clock, domain, path};

mod facts;

use facts::Facts;

/// A request as cookies see it: where it goes, and who asked for it.
///
/// It is always that of the target URL, never of a proxy. Unless told otherwise the request is
/// verifiable, and its origin host is its own request-host; it is the user's own, so that it counts
/// as same-site ([what that means](Self#what-browsers-know-of-a-request)). Anything that can be turned into a
/// context is taken where one is asked for, `&Url` above all:
///
/// ```
/// use cookiejar::RequestContext;
/// use url::Url;
///
/// let url = Url::parse("https://www.acme.com/shop/cart")?;
/// let image = RequestContext::from(&url).unverifiable(true).origin_host("news.example");
/// assert_eq!(image.host(), "www.acme.com");
/// assert_eq!(image.port(), 443);
/// assert!(image.is_third_party());
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext<'a> {
    scheme: Cow<'a, str>,
    host: Cow<'a, str>,
    /// The effective host name of a host without dots; every other host is its own.
    local_name: Option<Cow<'a, str>>,
    port: u16,
    path: Cow<'a, str>,
    /// Python's form of the path, where it is another one.
    escaped_path: Option<Cow<'a, str>>,
    unverifiable: bool,
    origin_host: Option<Cow<'a, str>>,
    facts: Facts<'a>,
    now: Option<i64>,
}

impl<'a> RequestContext<'a> {
    /// A request by its parts, for clients that do not speak [`Url`].
    ///
    /// The host may be a name in any case or script or an IP address, IPv6 with or without
    /// brackets. One that is no host at all, or begins with a dot, counts as none: such a request
    /// has no cookies and gets none. Without a port it is the scheme's default, 443 for `https` and `wss` and 80 for all
    /// others. A query is no part of the path.
    #[must_use]
    pub fn new(
        scheme: &'a str,
        host: &'a str,
        port: impl Into<Option<u16>>,
        path: &'a str,
    ) -> Self {
        let host = domain::canonical_host(host).unwrap_or_default();
        let end = path.find(['?', '#']).unwrap_or(path.len());
        Self::assemble(lower_case(scheme), host, port.into(), rooted(&path[..end]))
    }

    /// A context without a target: what a caller has to say of many requests, or of one whose URL only the
    /// client will know. The adapters of clients, and [`Hop::with_context`](crate::redirect::Hop::with_context), take
    /// such a context and put the target of each request in.
    ///
    /// ```
    /// use cookiejar::RequestContext;
    ///
    /// let of_a_page = RequestContext::untargeted().unverifiable(true).origin_host("news.example");
    /// assert!(!of_a_page.has_host());
    /// ```
    #[must_use]
    pub fn untargeted() -> Self {
        Self::new("", "", None, "")
    }

    /// This target and method, asked for as `other` was: by whom, and when. The target and the
    /// method of `other` do not count.
    ///
    /// ```
    /// use cookiejar::RequestContext;
    /// use url::Url;
    ///
    /// let of_a_page = RequestContext::untargeted().unverifiable(true).origin_host("news.example");
    /// let url = Url::parse("https://ads.example/banner")?;
    /// let banner = RequestContext::from(&url).with_facts_of(&of_a_page);
    /// assert_eq!((banner.host(), banner.origin()), ("ads.example", "news.example"));
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn with_facts_of(self, other: &'a RequestContext<'_>) -> Self {
        // Every field of a context is either part of the target or a fact.
        let Self {
            scheme,
            host,
            local_name,
            port,
            path,
            escaped_path,
            unverifiable: _,
            origin_host: _,
            facts: own,
            now: _,
        } = self;
        let RequestContext {
            unverifiable,
            origin_host,
            facts,
            now,
            ..
        } = RequestContext::from(other);
        Self {
            scheme,
            host,
            local_name,
            port,
            path,
            escaped_path,
            unverifiable,
            origin_host,
            facts: facts.with_method_of(&own),
            now,
        }
    }

    fn assemble(
        scheme: Cow<'a, str>,
        host: Cow<'a, str>,
        port: Option<u16>,
        path: Cow<'a, str>,
    ) -> Self {
        // The URL standard lets them through; a cookie of such a host would look like one with a
        // `Domain`, which goes to hosts that never set it.
        let host = if host.starts_with('.') {
            Cow::Borrowed("")
        } else {
            host
        };
        Self {
            local_name: domain::is_dotless(&host)
                .then(|| Cow::Owned([&host, domain::LOCAL].concat())),
            port: port.unwrap_or_else(|| default_port(&scheme)),
            escaped_path: path::escape(path.as_bytes()).map(Cow::Owned),
            unverifiable: false,
            origin_host: None,
            facts: Facts::default(),
            now: None,
            scheme,
            host,
            path,
        }
    }

    /// Sets whether the transaction is *unverifiable*: one whose URL the user had no option to
    /// approve, such as an image of a page or a redirect (RFC 2965, section 3.3.6). Defaults to
    /// `false`.
    #[must_use]
    pub fn unverifiable(mut self, yes: bool) -> Self {
        self.unverifiable = yes;
        self
    }

    /// Sets the request-host of the *origin transaction*: the one that the user asked for, which
    /// led to this (Python: `origin_req_host`). Defaults to the request's own host. A text that is
    /// no host is another host than all others.
    #[must_use]
    pub fn origin_host(mut self, host: &'a str) -> Self {
        self.origin_host = Some(domain::canonical_host(host).unwrap_or_default());
        self
    }

    /// Fixes the time at which the jar answers, in place of its clock's.
    #[must_use]
    pub fn at(mut self, now: OffsetDateTime) -> Self {
        self.now = Some(now.unix_timestamp());
        self
    }

    #[inline]
    pub(crate) fn at_seconds(mut self, now: i64) -> Self {
        self.now = Some(now);
        self
    }

    /// The scheme, in lower case.
    #[inline]
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The *request-host* (RFC 2965, section 1) in lower-case ASCII, without port and user info, an
    /// IPv6 address in brackets; empty where the URL has none.
    #[inline]
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether there is a request-host at all. A request without one has no cookies.
    #[inline]
    #[must_use]
    pub fn has_host(&self) -> bool {
        !self.host.is_empty()
    }

    /// The *effective host name*: the request-host, with `.local` behind a name without dots (RFC
    /// 2965, section 1). It is used in matching only; cookies are stored under the request-host.
    #[inline]
    #[must_use]
    pub fn effective_host(&self) -> &str {
        self.local_name.as_deref().unwrap_or(&self.host)
    }

    /// Whether the request-host is an IPv4 or IPv6 address.
    #[inline]
    #[must_use]
    pub fn is_ip_address(&self) -> bool {
        domain::is_ip_address(&self.host)
    }

    /// Whether the request-host is this very machine by its name or address: `localhost`, a name
    /// below it, an address in `127.0.0.0/8`, or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        domain::is_loopback(&self.host)
    }

    /// The port: the URL's own, or the scheme's default.
    #[inline]
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path as it came, beginning with a slash.
    #[inline]
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path as Python compares it, with everything escaped that has to be and all escapes in
    /// upper case (CPython: `request_path`); the same text as [`path`](Self::path) where nothing
    /// changes.
    #[inline]
    #[must_use]
    pub fn escaped_path(&self) -> &str {
        self.escaped_path.as_deref().unwrap_or(&self.path)
    }

    /// Whether the transaction is unverifiable; see [`unverifiable`](Self::unverifiable).
    #[inline]
    #[must_use]
    pub fn is_unverifiable(&self) -> bool {
        self.unverifiable
    }

    /// The request-host of the origin transaction; see [`origin_host`](Self::origin_host).
    #[must_use]
    pub fn origin(&self) -> &str {
        self.origin_host.as_deref().unwrap_or(&self.host)
    }

    /// Whether the request-host does not domain-match the reach of the origin's (RFC 2965, section
    /// 3.3.6; CPython: `is_third_party`).
    ///
    /// By that definition `www.acme.com` is a third party to `acme.com`, whose reach is itself
    /// alone.
    #[must_use]
    pub fn is_third_party(&self) -> bool {
        !domain::domain_match(&self.host, domain::reach(self.origin()))
    }

    /// The time at which the rules judge. A jar fills it in before it asks a policy; `None`
    /// elsewhere, unless it was fixed with [`at`](Self::at).
    #[must_use]
    pub fn now(&self) -> Option<OffsetDateTime> {
        self.now.map(clock::date_time)
    }

    #[inline]
    pub(crate) fn now_seconds(&self) -> Option<i64> {
        self.now
    }

    /// The same context with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> RequestContext<'static> {
        fn own(text: Cow<'_, str>) -> Cow<'static, str> {
            Cow::Owned(text.into_owned())
        }
        RequestContext {
            scheme: own(self.scheme),
            host: own(self.host),
            local_name: self.local_name.map(own),
            port: self.port,
            path: own(self.path),
            escaped_path: self.escaped_path.map(own),
            unverifiable: self.unverifiable,
            origin_host: self.origin_host.map(own),
            facts: self.facts.into_owned(),
            now: self.now,
        }
    }
}

impl<'a> From<&'a RequestContext<'_>> for RequestContext<'a> {
    /// The same context, borrowed.
    fn from(context: &'a RequestContext<'_>) -> Self {
        #[expect(clippy::ptr_arg, reason = "it is mapped over options of them")]
        fn borrow<'a>(text: &'a Cow<'_, str>) -> Cow<'a, str> {
            Cow::Borrowed(text)
        }
        Self {
            scheme: borrow(&context.scheme),
            host: borrow(&context.host),
            local_name: context.local_name.as_ref().map(borrow),
            port: context.port,
            path: borrow(&context.path),
            escaped_path: context.escaped_path.as_ref().map(borrow),
            unverifiable: context.unverifiable,
            origin_host: context.origin_host.as_ref().map(borrow),
            facts: context.facts.borrowed(),
            now: context.now,
        }
    }
}

impl<'a> From<&'a Url> for RequestContext<'a> {
    /// The context of a request for `url`.
    fn from(url: &'a Url) -> Self {
        let scheme = Cow::Borrowed(url.scheme());
        let host = url.host_str().unwrap_or_default();
        // Only the hosts of special schemes leave the parser in canonical form.
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

    impl<'a> From<&'a Uri> for RequestContext<'a> {
        /// The context of a request for `uri`. Without a scheme it is `http`; without an authority
        /// there is no host.
        fn from(uri: &'a Uri) -> Self {
            of_target(uri, uri.authority().map(Target::of), "http")
        }
    }

    impl<'a, B> From<&'a Request<B>> for RequestContext<'a> {
        /// The context of `request`; see [`RequestContext::of_request`] for what its target does
        /// not say.
        fn from(request: &'a Request<B>) -> Self {
            Self::of_request(request.uri(), request.headers(), "http")
                .method(request.method().as_str())
        }
    }

    impl<'a> From<&'a Parts> for RequestContext<'a> {
        /// The context of a request by its `parts`, as of the request.
        fn from(parts: &'a Parts) -> Self {
            Self::of_request(&parts.uri, &parts.headers, "http").method(parts.method.as_str())
        }
    }

    impl<'a> RequestContext<'a> {
        /// The context of a request whose target may be in origin-form, as servers see it: without
        /// an authority in `uri` the host and port are those of the `Host` header, and the scheme
        /// is the caller's.
        #[must_use]
        pub fn of_request(uri: &'a Uri, headers: &'a HeaderMap, scheme: &'a str) -> Self {
            let authority = uri.authority().map(Target::of).or_else(|| {
                let host = headers.get(HOST)?.to_str().ok()?;
                Target::parse(host)
            });
            of_target(uri, authority, scheme)
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

    /// Host and port of an authority, in either of the places where a request has one.
    struct Target<'a> {
        host: &'a str,
        port: Option<u16>,
    }

    impl<'a> Target<'a> {
        fn of(authority: &'a Authority) -> Self {
            Self {
                host: authority.host(),
                port: authority.port_u16(),
            }
        }

        /// A `Host` header is `uri-host [ ":" port ]` (RFC 9110, section 7.2); one with anything
        /// else is none.
        fn parse(host: &'a str) -> Option<Self> {
            let host = host.trim_matches([' ', '\t']);
            let (name, port) = match host.rsplit_once(':') {
                Some((name, port)) if !port.contains(']') => (name, port),
                _ => (host, ""),
            };
            let port = if port.is_empty() {
                None
            } else {
                Some(port.parse().ok()?)
            };
            Some(Self { host: name, port })
        }
    }
}

/// 443 for https and wss, 80 for the others.
fn default_port(scheme: &str) -> u16 {
    if matches!(scheme, "https" | "wss") {
        443
    } else {
        80
    }
}

/// A path with the slash at its beginning that some absolute URIs lack.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn context(url: &str) -> RequestContext<'static> {
        RequestContext::from(&Url::parse(url).expect("a URL")).into_owned()
    }

    #[test]
    fn a_url_in_all_its_parts() {
        // url, host, effective host, port, path
        let rows = [
            ("http://acme.com", "acme.com", "acme.com", 80, "/"),
            (
                "https://ACME.com:8443/a?b#c",
                "acme.com",
                "acme.com",
                8443,
                "/a",
            ),
            ("wss://acme.com/", "acme.com", "acme.com", 443, "/"),
            ("ws://acme.com/", "acme.com", "acme.com", 80, "/"),
            ("http://user:pw@acme.com/", "acme.com", "acme.com", 80, "/"), // user info is no part of it
            ("http://localhost/", "localhost", "localhost.local", 80, "/"),
            (
                "http://127.0.0.1:3000/",
                "127.0.0.1",
                "127.0.0.1",
                3000,
                "/",
            ),
            ("http://[::1]:3000/", "[::1]", "[::1]", 3000, "/"), // no `.local` host
            ("http://acme.com./", "acme.com.", "acme.com.", 80, "/"), // another host
            (
                "http://bücher.example/",
                "xn--bcher-kva.example",
                "xn--bcher-kva.example",
                80,
                "/",
            ),
            ("foo://ACME.com/a", "acme.com", "acme.com", 80, "/a"), // not canonical in the URL itself
        ];
        for (url, host, effective, port, path) in rows {
            let context = context(url);
            assert_eq!(context.host(), host, "{url}");
            assert_eq!(context.effective_host(), effective, "{url}");
            assert_eq!(context.port(), port, "{url}");
            assert_eq!(context.path(), path, "{url}");
        }
    }

    #[test]
    fn urls_without_a_host() {
        for url in [
            "file:///etc/hosts",
            "data:,x",
            "mailto:a@b.example",
            "about:blank",
            "http://./",
            "http://.acme.com/", // else its own cookies would be those of the domain acme.com
            "foo://.acme.com/",
        ] {
            assert!(!context(url).has_host(), "{url}");
        }
    }

    #[test]
    fn parts_mean_what_a_url_means() {
        let parts = RequestContext::new("HTTPS", "Www.Acme.com", 8443, "/a?q");
        assert_eq!(parts, context("https://www.acme.com:8443/a?q"));
        assert_eq!(RequestContext::new("http", "::1", None, "").host(), "[::1]");
        assert_eq!(
            RequestContext::new("http", "acme.com", None, "a").path(),
            "/a"
        );
        assert!(!RequestContext::new("http", "a b", None, "/").has_host());
    }

    #[test]
    fn the_escaped_path_is_the_path_where_nothing_changes() {
        let clean = context("http://acme.com/a/b");
        assert_eq!(clean.escaped_path(), "/a/b");
        assert!(clean.escaped_path.is_none());
        assert_eq!(
            context("http://acme.com/a[%c3%a9").escaped_path(),
            "/a%5B%C3%A9"
        );
    }

    #[test]
    fn third_parties() {
        // host, origin, third party
        let rows = [
            ("www.acme.com", "www.acme.com", false),
            ("shop.acme.com", "www.acme.com", false), // within the reach .acme.com
            ("www.acme.com", "acme.com", true),       // the reach of acme.com is acme.com
            ("acme.com", "www.acme.com", true),
            ("acme.com", "evil.example", true),
            ("1.2.3.4", "1.2.3.4", false),
            ("5.2.3.4", "1.2.3.4", true),
            ("foo", "foo", false),
            ("acme.com", "a b", true), // an origin that is no host
        ];
        for (host, origin, third) in rows {
            let context = RequestContext::new("http", host, None, "/").origin_host(origin);
            assert_eq!(context.is_third_party(), third, "{host} {origin}");
        }
        assert!(!context("http://acme.com/").is_third_party());
    }

    #[test]
    fn borrowing_and_owning_change_nothing() {
        let context = context("http://localhost/a%c3")
            .unverifiable(true)
            .origin_host("b.example")
            .initiator_parts("https", "c.example")
            .method("POST")
            .partition_key("https://d.example");
        assert_eq!(RequestContext::from(&context), context);
        assert_eq!(RequestContext::from(&context).into_owned(), context);
    }

    #[cfg(feature = "http")]
    #[test]
    fn requests_and_uris() {
        use http::{Request, Uri};

        let uri: Uri = "https://user@WWW.acme.com:8443/a?b".parse().expect("a URI");
        assert_eq!(
            RequestContext::from(&uri),
            context("https://www.acme.com:8443/a")
        );
        assert!(!RequestContext::from(&Uri::from_static("/a")).has_host());

        // Host header, scheme, expected URL; an unusable header is no host
        let rows = [
            ("acme.com", "http", Some("http://acme.com/a")),
            ("acme.com:8080", "http", Some("http://acme.com:8080/a")),
            ("[::1]:8080", "https", Some("https://[::1]:8080/a")),
            ("[::1]", "https", Some("https://[::1]/a")),
            ("acme.com:", "https", Some("https://acme.com/a")),
            ("acme.com:x", "https", None),
            ("user@acme.com", "https", None),
        ];
        for (host, scheme, url) in rows {
            let request = Request::get("/a")
                .header("host", host)
                .body(())
                .expect("a request");
            let found = RequestContext::of_request(request.uri(), request.headers(), scheme);
            match url {
                Some(url) => assert_eq!(found, context(url), "{host}"),
                None => assert!(!found.has_host(), "{host}"),
            }
        }
    }
}
