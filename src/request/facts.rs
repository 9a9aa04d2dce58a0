//! What browsers know of a request beside its URL: who caused it, and how.
//!
//! These are facts. Whether they make a request a cross-site one is for a policy to say, which
//! alone knows the public suffixes.

use std::borrow::Cow;

use url::Url;

use super::{RequestContext, lower_case};
use crate::domain;

/// All that is false and absent unless somebody said it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Facts<'a> {
    initiator: Option<Initiator<'a>>,
    partition: Option<Cow<'a, str>>,
    top_level_navigation: bool,
    unsafe_method: bool,
    by_the_user: bool,
    from_script: bool,
}

/// The origin of the page that caused the request, without its port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Initiator<'a> {
    scheme: Cow<'a, str>,
    host: Cow<'a, str>,
}

impl Facts<'_> {
    pub(super) fn into_owned(self) -> Facts<'static> {
        Facts {
            initiator: self.initiator.map(|initiator| Initiator {
                scheme: Cow::Owned(initiator.scheme.into_owned()),
                host: Cow::Owned(initiator.host.into_owned()),
            }),
            partition: self.partition.map(|key| Cow::Owned(key.into_owned())),
            ..self
        }
    }

    /// The same facts of a request whose method is that of another one's.
    pub(super) fn with_method_of(self, request: &Facts<'_>) -> Self {
        Self {
            unsafe_method: request.unsafe_method,
            ..self
        }
    }

    pub(super) fn borrowed(&self) -> Facts<'_> {
        Facts {
            initiator: self.initiator.as_ref().map(|initiator| Initiator {
                scheme: Cow::Borrowed(&initiator.scheme),
                host: Cow::Borrowed(&initiator.host),
            }),
            partition: self.partition.as_deref().map(Cow::Borrowed),
            ..*self
        }
    }
}

/// # What browsers know of a request
///
/// [`BrowserPolicy`](crate::BrowserPolicy) asks who caused a request before it sends a `SameSite`
/// cookie. A context that names no [`initiator`](Self::initiator) is the user's own: it counts as
/// same-site, so that every cookie may go with it.
///
/// For a client that is no browser this is the truth, as long as the program itself decides which
/// URLs it asks for: there is no page of a stranger that could forge a request. A program that
/// fetches what strangers name, such as a crawler that follows links or a preview of a message's
/// pictures, and that is logged in somewhere, should name the page as the initiator.
///
/// ```
/// use cookiejar::{BrowserPolicy, CookieJar, PublicSuffixes, RequestContext};
/// use url::Url;
///
/// let bank = Url::parse("https://bank.example/transfer")?;
/// let mut jar = CookieJar::with_policy(BrowserPolicy::with_suffixes(PublicSuffixes::parse("example")?));
/// jar.extract_cookies(&[("Set-Cookie", "sid=31d4; Secure; SameSite=Strict")], &bank);
/// assert!(jar.cookie_header(&bank).is_some());
///
/// let page = Url::parse("https://evil.example/page")?;
/// let from_page = RequestContext::from(&bank).initiator(&page);
/// assert!(jar.cookie_header(from_page).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<'a> RequestContext<'a> {
    /// Names the page that caused the request: the one whose link, form, picture or script it is
    /// (RFC 6265bis, section 5.2: the *site for cookies* of the request's client). Defaults to none:
    /// the request is the user's own, and counts as same-site.
    ///
    /// For a document in a frame, the page is the one in the address bar if all documents in between
    /// are of its site; otherwise use an origin that is no site, such as that of `data:,`. A redirect
    /// does not change who caused a request.
    #[must_use]
    pub fn initiator(self, page: &'a Url) -> Self {
        self.initiator_parts(page.scheme(), page.host_str().unwrap_or_default())
    }

    /// Names the page that caused the request by its scheme and host; see
    /// [`initiator`](Self::initiator). A text that is no host is another site than all others.
    #[must_use]
    pub fn initiator_parts(mut self, scheme: &'a str, host: &'a str) -> Self {
        self.facts.initiator = Some(Initiator {
            scheme: lower_case(scheme),
            host: domain::canonical_host(host).unwrap_or_default(),
        });
        self
    }

    /// Sets whether the request loads the page itself, the one in the address bar, and not a part of
    /// a page or the document of a frame. Defaults to `false`. It makes no difference where there is
    /// no [`initiator`](Self::initiator).
    #[must_use]
    pub fn top_level_navigation(mut self, yes: bool) -> Self {
        self.facts.top_level_navigation = yes;
        self
    }

    /// Names the method of the request. Defaults to `GET`; the context of an `http::Request` knows
    /// it. Only whether it is *safe* is looked at (RFC 9110, section 9.2.1): `GET`, `HEAD`,
    /// `OPTIONS` and `TRACE` are.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.facts.unsafe_method = !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
        self
    }

    /// Sets whether the user made the request although it has an [`initiator`](Self::initiator): a
    /// URL typed into the address bar or chosen among the bookmarks while a page was shown. Such a
    /// request counts as same-site. Defaults to `false`.
    ///
    /// A reload counts as what was reloaded (RFC 6265bis, section 5.2): say again what was said of
    /// the first request.
    #[must_use]
    pub fn by_the_user(mut self, yes: bool) -> Self {
        self.facts.by_the_user = yes;
        self
    }

    /// Sets whether cookies are set and read by an API that is not HTTP, such as the
    /// `document.cookie` of scripts (RFC 6265bis, section 5.8.2). Defaults to `false`.
    #[must_use]
    pub fn from_script(mut self, yes: bool) -> Self {
        self.facts.from_script = yes;
        self
    }

    /// Names the partition of the request: the site of the page in the address bar, such as
    /// `https://acme.com`, under which `Partitioned` cookies are kept (CHIPS). Defaults to none:
    /// `Partitioned` cookies are then kept as all others.
    ///
    /// The key is compared as it is: a client should form it in one way.
    #[must_use]
    pub fn partition_key(mut self, key: &'a str) -> Self {
        self.facts.partition = Some(Cow::Borrowed(key));
        self
    }

    /// Whether there is an initiator; see [`initiator`](Self::initiator).
    #[must_use]
    pub fn has_initiator(&self) -> bool {
        self.facts.initiator.is_some()
    }

    /// The scheme of the initiator, in lower case.
    #[must_use]
    pub fn initiator_scheme(&self) -> Option<&str> {
        Some(&self.facts.initiator.as_ref()?.scheme)
    }

    /// The host of the initiator in lower-case ASCII; empty for one that has none.
    #[must_use]
    pub fn initiator_host(&self) -> Option<&str> {
        Some(&self.facts.initiator.as_ref()?.host)
    }

    /// Whether the request is a top-level navigation; see
    /// [`top_level_navigation`](Self::top_level_navigation).
    #[must_use]
    pub fn is_top_level_navigation(&self) -> bool {
        self.facts.top_level_navigation
    }

    /// Whether the method of the request is safe; see [`method`](Self::method).
    #[must_use]
    pub fn has_safe_method(&self) -> bool {
        !self.facts.unsafe_method
    }

    /// Whether the user made the request; see [`by_the_user`](Self::by_the_user).
    #[must_use]
    pub fn is_by_the_user(&self) -> bool {
        self.facts.by_the_user
    }

    /// Whether an API that is not HTTP asks; see [`from_script`](Self::from_script).
    #[must_use]
    pub fn is_from_script(&self) -> bool {
        self.facts.from_script
    }

    /// The key of the partition; see [`partition_key`](Self::partition_key).
    #[must_use]
    pub fn partition(&self) -> Option<&str> {
        self.facts.partition.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_unless_it_was_said() {
        let context = RequestContext::new("https", "acme.com", None, "/");
        assert!(!context.has_initiator() && context.has_safe_method());
        assert!(!context.is_top_level_navigation() && !context.is_by_the_user());
        assert!(!context.is_from_script());
        assert_eq!(
            (context.initiator_host(), context.partition()),
            (None, None)
        );
    }

    #[test]
    fn an_initiator_is_canonical() {
        let context = RequestContext::new("https", "acme.com", None, "/");
        let page = Url::parse("HTTPS://Www.B\u{fc}cher.Example:8443/x").expect("a URL");
        let by_url = context.clone().initiator(&page);
        let by_parts = context
            .clone()
            .initiator_parts("HTTPS", "www.b\u{fc}cher.example");
        assert_eq!(by_url, by_parts);
        assert_eq!(by_url.initiator_scheme(), Some("https"));
        assert_eq!(by_url.initiator_host(), Some("www.xn--bcher-kva.example"));
        let opaque = Url::parse("data:,").expect("a URL");
        assert_eq!(context.initiator(&opaque).initiator_host(), Some(""));
    }

    #[test]
    fn methods_are_safe_by_their_very_names() {
        let context = |method| RequestContext::new("https", "acme.com", None, "/").method(method);
        for safe in ["GET", "HEAD", "OPTIONS", "TRACE"] {
            assert!(context(safe).has_safe_method(), "{safe}");
        }
        for other in ["POST", "PUT", "DELETE", "PATCH", "get", "", "X"] {
            assert!(!context(other).has_safe_method(), "{other}");
        }
        #[cfg(feature = "http")]
        {
            let post = http::Request::post("https://acme.com/")
                .body(())
                .expect("a request");
            assert!(!RequestContext::from(&post).has_safe_method());
        }
    }
}
