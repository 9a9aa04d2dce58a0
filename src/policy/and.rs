//! A policy and a stricter one on top of it.

use super::{CookiePolicy, DomainScope, Overlaid, Settings};
use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// Two policies that must both agree; made by [`CookiePolicy::and`].
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

    /// The two policies, to change one and to combine them again.
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
        stored: Overlaid<'_>,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.first.replace_ok(cookie, stored, request)?;
        self.second.replace_ok(cookie, stored, request)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::policy::{
        AcceptAllPolicy, DefaultCookiePolicy, Limits, Protocols, SetOkFn, set_ok_fn,
    };
    use crate::public_suffix::PublicSuffixes;

    const NO: Rejection = Rejection::Custom("no");

    fn cookie() -> Cookie {
        Cookie::builder("a", "b")
            .domain("acme.com")
            .build()
            .expect("a cookie")
    }

    fn request() -> RequestContext<'static> {
        RequestContext::new("http", "acme.com", None, "/")
    }

    #[test]
    fn the_second_is_asked_only_if_the_first_agrees() {
        let asked = AtomicUsize::new(0);
        let counting = set_ok_fn(|_: &Cookie, _: &RequestContext<'_>| {
            asked.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        let refusing = set_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
        assert_eq!(
            refusing.and(&counting).set_ok(&cookie(), &request()),
            Err(NO)
        );
        assert_eq!(asked.load(Ordering::Relaxed), 0);
        assert_eq!(
            AcceptAllPolicy::new()
                .and(&counting)
                .set_ok(&cookie(), &request()),
            Ok(())
        );
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn settings_become_narrower() {
        let suffixes = PublicSuffixes::parse("com").expect("a list");
        let default = DefaultCookiePolicy::with_suffixes(suffixes).rfc2965(true);
        let tight = SetOkFn {
            rule: |_: &Cookie, _: &RequestContext<'_>| Ok(()),
            settings: Settings::new().limits(Limits {
                header_bytes: 10,
                ..Limits::none()
            }),
        };
        let both = default.and(tight);
        let settings = both.settings();
        assert_eq!(
            settings.protocols,
            Protocols {
                rfc2965: true,
                ..Protocols::new()
            }
        );
        assert_eq!(settings.domain_scope, DomainScope::HostSuffixes);
        assert_eq!(
            settings.limits,
            Limits {
                header_bytes: 10,
                ..Limits::new()
            }
        );
        assert!(!settings.suffixes.is_none());
    }
}
