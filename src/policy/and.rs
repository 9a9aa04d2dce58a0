//! A policy with a stricter one on top of it.

use super::{CookiePolicy, DomainScope, Existing, Settings};
use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// Accepts what both policies accept; made by [`PolicyExt::and`](super::PolicyExt::and).
#[derive(Debug, Clone)]
pub struct And<A, B> {
    first: A,
    second: B,
    settings: Settings,
}

impl<A: CookiePolicy, B: CookiePolicy> And<A, B> {
    pub(super) fn new(first: A, second: B) -> Self {
        let settings = narrower(first.settings(), second.settings());
        Self {
            first,
            second,
            settings,
        }
    }

    /// Changes the two policies while they are in use, and merges their settings again.
    ///
    /// ```
    /// use cookiejar::policy::DomainList;
    /// use cookiejar::{CookieJar, DefaultCookiePolicy, PolicyExt};
    ///
    /// let policy = DefaultCookiePolicy::new().and(DomainList::block_sites(["ads.example"])?);
    /// let mut jar = CookieJar::with_policy(policy);
    /// let longer = DomainList::block_sites(["ads.example", "more-ads.example"])?;
    /// jar.policy_mut().modify(|policy, list| {
    ///     policy.set_rfc2965(true);
    ///     *list = longer;
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn modify<R>(&mut self, change: impl FnOnce(&mut A, &mut B) -> R) -> R {
        let result = change(&mut self.first, &mut self.second);
        self.settings = narrower(self.first.settings(), self.second.settings());
        result
    }

    /// Returns the two policies, for example to change one and combine them again.
    #[must_use]
    pub fn into_parts(self) -> (A, B) {
        (self.first, self.second)
    }
}

fn narrower(first: &Settings, second: &Settings) -> Settings {
    let promises = [first.domain_scope, second.domain_scope].contains(&DomainScope::HostSuffixes);
    let suffixes = if first.suffixes.is_none() {
        &second.suffixes
    } else {
        &first.suffixes
    };
    Settings {
        protocols: first.protocols,
        dialect: first.dialect,
        limits: first.limits.min(second.limits),
        domain_scope: if promises {
            DomainScope::HostSuffixes
        } else {
            DomainScope::All
        },
        suffixes: suffixes.clone(),
    }
}

impl<A: CookiePolicy, B: CookiePolicy> CookiePolicy for And<A, B> {
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.first.set_ok(cookie, request)?;
        self.second.set_ok(cookie, request)
    }

    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.first.return_ok(cookie, request)?;
        self.second.return_ok(cookie, request)
    }

    fn domain_return_ok(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.first.domain_return_ok(domain, request)?;
        self.second.domain_return_ok(domain, request)
    }

    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.first.path_return_ok(path, request)?;
        self.second.path_return_ok(path, request)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        self.first.prepare(cookie, request);
        self.second.prepare(cookie, request);
    }

    fn replace_ok(
        &self,
        cookie: &Cookie,
        stored: Existing<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.first.replace_ok(cookie, stored, request)?;
        self.second.replace_ok(cookie, stored, request)
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/and.rs"]
mod tests;
