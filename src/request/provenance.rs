//! Who caused a request, from where and when.
//!
//! These are facts. A policy, which knows the public suffixes, decides whether they make a request cross-site.

use std::borrow::Cow;

use time::OffsetDateTime;
use url::Url;

use super::{RequestContext, lower_case};
use crate::{clock, domain};

/// Who caused a request, from where and when. [`RequestContext::caused_by`] adds it to a context.
///
/// Everything is false or absent by default: the request is the user's own, it is verifiable, and it counts as
/// same-site, so that every cookie may be sent with it.
///
/// That is right for a client that is not a browser and decides itself which URLs it requests, because no page can
/// forge a request. A program that is logged in somewhere and fetches URLs that others chose should name the page as
/// the [`initiator`](Self::initiator).
///
/// ```
/// use cookiejar::policy::PublicSuffixes;
/// use cookiejar::{BrowserPolicy, CookieJar, Provenance, RequestContext};
/// use url::Url;
///
/// let bank = Url::parse("https://bank.example/transfer")?;
/// let mut jar = CookieJar::with_policy(BrowserPolicy::with_suffixes(PublicSuffixes::parse("example")?));
/// jar.extract_cookies(&[("Set-Cookie", "sid=31d4; Secure; SameSite=Strict")], &bank);
/// assert!(jar.cookie_header(&bank).is_some());
///
/// let page = Url::parse("https://evil.example/page")?;
/// let from_page = RequestContext::from(&bank).caused_by(Provenance::new().initiator(&page));
/// assert!(jar.cookie_header(from_page).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance<'a> {
    pub(super) unverifiable: bool,
    pub(super) origin_host: Option<Cow<'a, str>>,
    initiator: Option<Initiator<'a>>,
    partition: Option<Cow<'a, str>>,
    top_level_navigation: bool,
    by_the_user: bool,
    from_script: bool,
    pub(super) now: Option<i64>,
}

/// The origin of the page that caused the request, without its port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Initiator<'a> {
    scheme: Cow<'a, str>,
    host: Cow<'a, str>,
}

impl<'a> Provenance<'a> {
    /// Returns the default: the user's own request, made now.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether the transaction is *unverifiable*: the user could not approve its URL, as with an image of
    /// a page or a redirect (RFC 2965, section 3.3.6). Defaults to `false`.
    #[must_use]
    pub fn unverifiable(mut self, yes: bool) -> Self {
        self.unverifiable = yes;
        self
    }

    /// Sets the request-host of the *origin transaction*: the request by the user that led to this one (Python:
    /// `origin_req_host`). Defaults to the request's own host. A text that is not a host differs from every
    /// host.
    #[must_use]
    pub fn origin_host(mut self, host: &'a str) -> Self {
        self.origin_host = Some(domain::canonical_host(host).unwrap_or_default());
        self
    }

    /// Sets the page that caused the request, through a link, form, image or script (RFC 6265bis, section 5.2: the
    /// *site for cookies* of the request's client). Defaults to none: the request counts as same-site.
    ///
    /// For a document in a frame, the page is the one in the address bar if every document in between is of its
    /// site; otherwise use an origin without a site, such as that of `data:,`. A redirect does not change who
    /// caused a request.
    #[must_use]
    pub fn initiator(self, page: &'a Url) -> Self {
        self.initiator_parts(page.scheme(), page.host_str().unwrap_or_default())
    }

    /// Sets the page that caused the request by its scheme and host; see [`initiator`](Self::initiator). A text
    /// that is not a host differs from every site.
    #[must_use]
    pub fn initiator_parts(mut self, scheme: &'a str, host: &'a str) -> Self {
        self.initiator = Some(Initiator {
            scheme: lower_case(scheme),
            host: domain::canonical_host(host).unwrap_or_default(),
        });
        self
    }

    /// Sets whether the request loads the page in the address bar, as opposed to a part of a page or a document
    /// in a frame. Defaults to `false`. It only matters together with an [`initiator`](Self::initiator).
    #[must_use]
    pub fn top_level_navigation(mut self, yes: bool) -> Self {
        self.top_level_navigation = yes;
        self
    }

    /// Sets whether the user made the request even though it has an [`initiator`](Self::initiator), such as by a
    /// bookmark; it then counts as same-site. Defaults to `false`.
    ///
    /// A reload has the provenance of the request it repeats (RFC 6265bis, section 5.2).
    #[must_use]
    pub fn by_the_user(mut self, yes: bool) -> Self {
        self.by_the_user = yes;
        self
    }

    /// Sets whether a non-HTTP API sets and reads the cookies, such as `document.cookie` in scripts (RFC
    /// 6265bis, section 5.8.2). Defaults to `false`.
    #[must_use]
    pub fn from_script(mut self, yes: bool) -> Self {
        self.from_script = yes;
        self
    }

    /// Sets the partition of the request: the site of the page in the address bar, such as `https://acme.com`,
    /// under which `Partitioned` cookies are kept (CHIPS). Defaults to none: `Partitioned` cookies are then
    /// kept like all others.
    ///
    /// Keys are compared as text. The module `file::json` has the keys of cookies that come from a browser. A frame of
    /// the page's own site inside a frame of another site is in a separate partition,
    /// `https://acme.com?hasCrossSiteAncestor=true`.
    #[must_use]
    pub fn partition_key(mut self, key: &'a str) -> Self {
        self.partition = Some(Cow::Borrowed(key));
        self
    }

    /// Fixes the time of the request. Defaults to the time of the jar's clock.
    #[must_use]
    pub fn at(mut self, now: OffsetDateTime) -> Self {
        self.now = Some(now.unix_timestamp());
        self
    }

    /// A navigation to a page of another site leaves the partition for one of the page's host. Without a suffix list, the
    /// site is that of the key.
    pub(crate) fn redirected_to(mut self, page: &Url) -> Self {
        let leaves = |key: &Cow<'_, str>| self.top_level_navigation && !is_key_of(page, key);
        if self.partition.as_ref().is_some_and(leaves) {
            let host = page.host_str().unwrap_or_default();
            self.partition = Some(format!("{}://{host}", page.scheme()).into());
        }
        self
    }

    /// Returns the same provenance with owned strings.
    #[must_use]
    pub fn into_owned(self) -> Provenance<'static> {
        fn own(text: Cow<'_, str>) -> Cow<'static, str> {
            Cow::Owned(text.into_owned())
        }
        Provenance {
            origin_host: self.origin_host.map(own),
            initiator: self.initiator.map(|initiator| Initiator {
                scheme: own(initiator.scheme),
                host: own(initiator.host),
            }),
            partition: self.partition.map(own),
            ..self
        }
    }
}

impl<'a> From<&'a Provenance<'_>> for Provenance<'a> {
    fn from(provenance: &'a Provenance<'_>) -> Self {
        Self {
            origin_host: provenance.origin_host.as_deref().map(Cow::Borrowed),
            initiator: provenance.initiator.as_ref().map(|initiator| Initiator {
                scheme: Cow::Borrowed(&initiator.scheme),
                host: Cow::Borrowed(&initiator.host),
            }),
            partition: provenance.partition.as_deref().map(Cow::Borrowed),
            ..*provenance
        }
    }
}

fn is_key_of(page: &Url, key: &str) -> bool {
    let hosts = |site: &Url| {
        let (site, host) = (site.host_str()?, page.host_str()?);
        Some(domain::is_within(host, site))
    };
    Url::parse(key).is_ok_and(|site| site.scheme() == page.scheme() && hosts(&site) == Some(true))
}

/// The facts of the context's [`Provenance`].
impl RequestContext<'_> {
    /// Returns `true` if the transaction is unverifiable; see [`Provenance::unverifiable`].
    #[inline]
    #[must_use]
    pub fn is_unverifiable(&self) -> bool {
        self.provenance.unverifiable
    }

    /// Returns the request-host of the origin transaction; see [`Provenance::origin_host`].
    #[must_use]
    pub fn origin(&self) -> &str {
        self.provenance.origin_host.as_deref().unwrap_or(&self.host)
    }

    /// Returns `true` if the request-host does not domain-match the reach of the origin host (RFC 2965, section
    /// 3.3.6; CPython: `is_third_party`).
    ///
    /// `www.acme.com` is a third party to `acme.com`.
    #[must_use]
    pub fn is_third_party(&self) -> bool {
        !domain::domain_match(&self.host, domain::reach(self.origin()))
    }

    /// Returns `true` if the request has an initiator; see [`Provenance::initiator`].
    #[must_use]
    pub fn has_initiator(&self) -> bool {
        self.provenance.initiator.is_some()
    }

    /// Returns the scheme of the initiator, in lower case.
    #[must_use]
    pub fn initiator_scheme(&self) -> Option<&str> {
        Some(&self.provenance.initiator.as_ref()?.scheme)
    }

    /// Returns the host of the initiator in lower-case ASCII; it is empty for an initiator without a host.
    #[must_use]
    pub fn initiator_host(&self) -> Option<&str> {
        Some(&self.provenance.initiator.as_ref()?.host)
    }

    /// Returns `true` if the request is a top-level navigation; see [`Provenance::top_level_navigation`].
    #[must_use]
    pub fn is_top_level_navigation(&self) -> bool {
        self.provenance.top_level_navigation
    }

    /// Returns `true` if the user made the request; see [`Provenance::by_the_user`].
    #[must_use]
    pub fn is_by_the_user(&self) -> bool {
        self.provenance.by_the_user
    }

    /// Returns `true` if a non-HTTP API sets or reads the cookies; see [`Provenance::from_script`].
    #[must_use]
    pub fn is_from_script(&self) -> bool {
        self.provenance.from_script
    }

    /// Returns the key of the partition; see [`Provenance::partition_key`].
    #[must_use]
    pub fn partition(&self) -> Option<&str> {
        self.provenance.partition.as_deref()
    }

    /// Returns the time at which the rules judge. A jar fills it in before it asks a policy; elsewhere it is
    /// `None` unless [`Provenance::at`] fixed it.
    #[must_use]
    pub fn now(&self) -> Option<OffsetDateTime> {
        self.provenance.now.map(clock::date_time)
    }

    #[inline]
    pub(crate) fn now_seconds(&self) -> Option<i64> {
        self.provenance.now
    }

    #[inline]
    pub(crate) fn at_seconds(mut self, now: i64) -> Self {
        self.fix_seconds(now);
        self
    }

    #[inline]
    pub(crate) fn fix_seconds(&mut self, now: i64) {
        self.provenance.now = Some(now);
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/provenance.rs"]
mod tests;
