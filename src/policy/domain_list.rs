//! A block list or an allow list on top of any policy.

use super::domain_set::DomainSet;
use super::questions::agree_to;
use super::{CookiePolicy, Settings};
use crate::cookie::{Cookie, Readable};
use crate::domain;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// A list of domains for [`PolicyExt::and`](super::PolicyExt::and): it rejects cookies of these domains, or of
/// all others, both when they are set and when they are returned. It does nothing else.
///
/// On a block list, a pattern `ads.example` rejects the cookies of that host and those with that `Domain`; on
/// an allow list, it allows those of that host. A pattern `.ads.example`, on either list, matches the domain
/// and everything below it, but not the host-only cookies of `ads.example`. [`block_sites`](Self::block_sites)
/// takes names and matches each name and everything below it. An IP address matches as a whole. A block list ignores a
/// dot at the end of a pattern or a host. The cost of a request does not depend on the number of patterns.
///
/// [`DefaultCookiePolicy`](super::DefaultCookiePolicy) has lists of its own, which are Python's: they accept
/// any text, and a text that no domain can equal has no effect.
///
/// ```
/// use cookiejar::policy::DomainList;
/// use cookiejar::{BrowserPolicy, CookieJar, PolicyExt, Rejection};
/// use url::Url;
///
/// let policy = BrowserPolicy::new().and(DomainList::block(["ads.example", ".ads.example"])?);
/// let mut jar = CookieJar::with_policy(policy);
/// let report = jar.extract_cookies(&[("Set-Cookie", "a=1")], &Url::parse("https://x.ads.example/")?);
/// assert_eq!(report.rejected[0].reason, Rejection::BlockedDomain);
///
/// let wrong = DomainList::block(["*.ads.example"]).unwrap_err();
/// assert_eq!(wrong.to_string(), "no domain of a cookie can equal the pattern `*.ads.example`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// To change the list of a jar that is in use, see [`And::modify`](super::And::modify).
#[derive(Debug, Clone)]
pub struct DomainList {
    domains: DomainSet,
    kind: Kind,
    settings: Settings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Allow,
    Block,
}

/// The error for a pattern of a [`DomainList`] that cannot equal any domain of a cookie.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no domain of a cookie can equal the pattern `{}`", Readable(pattern))]
pub struct PatternError {
    pattern: Box<str>,
}

impl PatternError {
    /// Returns the pattern as given.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }
}

impl DomainList {
    /// Rejects the cookies of these domains with [`Rejection::BlockedDomain`].
    ///
    /// # Errors
    ///
    /// Returns the first pattern that cannot equal any domain, such as `*.ads.example`, `ads.example:80`, a URL, or
    /// an empty text.
    pub fn block<D: AsRef<str>>(
        patterns: impl IntoIterator<Item = D>,
    ) -> Result<Self, PatternError> {
        Self::new(Kind::Block, patterns, |domain, dotted| {
            [Some((domain, dotted)), None]
        })
    }

    /// Rejects the cookies of these names and everything below them with [`Rejection::BlockedDomain`]. A
    /// leading dot is ignored.
    ///
    /// # Errors
    ///
    /// Those of [`block`](Self::block).
    pub fn block_sites<D: AsRef<str>>(
        names: impl IntoIterator<Item = D>,
    ) -> Result<Self, PatternError> {
        Self::new(Kind::Block, names, |domain, _| {
            [Some((domain, false)), Some((domain, true))]
        })
    }

    /// Rejects the cookies of all other domains with [`Rejection::DomainNotAllowed`]. An empty list allows
    /// nothing.
    ///
    /// # Errors
    ///
    /// Those of [`block`](Self::block).
    ///
    /// ```
    /// use cookiejar::policy::DomainList;
    /// use cookiejar::{CookiePolicy, Rejection, RequestContext};
    ///
    /// let list = DomainList::allow(["acme.com", ".acme.com"])?;
    /// let request = RequestContext::new("https", "www.acme.com", None, "/");
    /// assert_eq!(list.domain_return_ok("www.acme.com", &request), Ok(()));
    /// assert_eq!(list.domain_return_ok("other.example", &request), Err(Rejection::DomainNotAllowed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn allow<D: AsRef<str>>(
        patterns: impl IntoIterator<Item = D>,
    ) -> Result<Self, PatternError> {
        Self::new(Kind::Allow, patterns, |domain, dotted| {
            [Some((domain, dotted)), None]
        })
    }

    /// Iterates over the patterns, in canonical form and in no particular order.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.domains.iter()
    }

    fn new<D: AsRef<str>>(
        kind: Kind,
        patterns: impl IntoIterator<Item = D>,
        entries: impl Fn(&str, bool) -> [Option<(&str, bool)>; 2],
    ) -> Result<Self, PatternError> {
        let mut written = Vec::new();
        for pattern in patterns {
            let (domain, dotted) = parse(kind, pattern.as_ref())?;
            for (domain, dotted) in entries(&domain, dotted).into_iter().flatten() {
                written.push([if dotted { "." } else { "" }, domain].concat());
            }
        }
        Ok(Self {
            domains: DomainSet::new(written),
            kind,
            settings: Settings::new(),
        })
    }

    fn domain_ok(&self, domain: &str) -> Result<(), Rejection> {
        match self.kind {
            Kind::Allow if !self.domains.allows(domain) => Err(Rejection::DomainNotAllowed),
            // No pattern of a block list has a dot at its end.
            Kind::Block
                if self
                    .domains
                    .blocks(domain.strip_suffix('.').unwrap_or(domain)) =>
            {
                Err(Rejection::BlockedDomain)
            }
            _ => Ok(()),
        }
    }
}

fn parse(kind: Kind, pattern: &str) -> Result<(String, bool), PatternError> {
    let bare = domain::undotted(pattern);
    let Some(domain) = domain::canonical_domain(bare) else {
        let pattern = pattern.into();
        return Err(PatternError { pattern });
    };
    let name = match kind {
        Kind::Block => domain.strip_suffix('.').unwrap_or(&domain),
        Kind::Allow => &domain,
    };
    let dotted = bare.len() < pattern.len() && !domain::is_ip_address(name);
    Ok((name.to_owned(), dotted))
}

impl CookiePolicy for DomainList {
    fn set_ok(&self, cookie: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.domain_ok(cookie.domain())
    }

    fn domain_return_ok(&self, domain: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.domain_ok(domain)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    agree_to!(return_ok, path_return_ok, prepare, replace_ok);
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/domain_list.rs"]
mod tests;
