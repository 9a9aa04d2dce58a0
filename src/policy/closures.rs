//! Policies made from one closure, and policies whose verdict a closure changes.

use std::fmt;

use super::questions::{agree_to, pass_on};
use super::{CookiePolicy, Settings};
use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// Returns a policy that calls a closure when a cookie is set and accepts everything else; combine it with
/// [`PolicyExt::and`](super::PolicyExt::and).
pub fn set_ok_fn<F>(rule: F) -> SetOkFn<F>
where
    F: Fn(&Cookie, &RequestContext<'_>) -> Result<(), Rejection> + Send + Sync,
{
    SetOkFn {
        rule,
        settings: Settings::new(),
    }
}

/// Returns a policy that calls a closure when a cookie is returned and accepts everything else; combine it with
/// [`PolicyExt::and`](super::PolicyExt::and).
pub fn return_ok_fn<F>(rule: F) -> ReturnOkFn<F>
where
    F: Fn(&Cookie, &RequestContext<'_>) -> Result<(), Rejection> + Send + Sync,
{
    ReturnOkFn {
        rule,
        settings: Settings::new(),
    }
}

/// The policy that [`set_ok_fn`] makes.
#[derive(Clone)]
pub struct SetOkFn<F> {
    rule: F,
    settings: Settings,
}

/// The policy that [`return_ok_fn`] makes.
#[derive(Clone)]
pub struct ReturnOkFn<F> {
    rule: F,
    settings: Settings,
}

impl<F> CookiePolicy for SetOkFn<F>
where
    F: Fn(&Cookie, &RequestContext<'_>) -> Result<(), Rejection> + Send + Sync,
{
    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        (self.rule)(cookie, request)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    agree_to!(
        return_ok,
        domain_return_ok,
        path_return_ok,
        prepare,
        replace_ok
    );
}

impl<F> CookiePolicy for ReturnOkFn<F>
where
    F: Fn(&Cookie, &RequestContext<'_>) -> Result<(), Rejection> + Send + Sync,
{
    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        (self.rule)(cookie, request)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    agree_to!(
        set_ok,
        domain_return_ok,
        path_return_ok,
        prepare,
        replace_ok
    );
}

/// A policy with another verdict when a cookie is set; made by
/// [`PolicyExt::map_set_ok`](super::PolicyExt::map_set_ok).
#[derive(Clone)]
pub struct MapSetOk<P, F> {
    policy: P,
    verdict: F,
}

/// A policy with another verdict when a cookie is returned; made by
/// [`PolicyExt::map_return_ok`](super::PolicyExt::map_return_ok).
#[derive(Clone)]
pub struct MapReturnOk<P, F> {
    policy: P,
    verdict: F,
}

macro_rules! maps {
    ($($map:ident: $question:ident, $($other:ident),+;)+) => {$(
        impl<P, F> $map<P, F> {
            pub(super) fn new(policy: P, verdict: F) -> Self {
                Self { policy, verdict }
            }

            /// Returns the inner policy.
            #[must_use]
            pub fn inner(&self) -> &P {
                &self.policy
            }

            /// Returns the inner policy, for changing it while it is in use.
            pub fn inner_mut(&mut self) -> &mut P {
                &mut self.policy
            }
        }

        impl<P, F> CookiePolicy for $map<P, F>
        where
            P: CookiePolicy,
            F: Fn(Result<(), Rejection>, &Cookie, &RequestContext<'_>) -> Result<(), Rejection>
                + Send
                + Sync,
        {
            fn $question(
                &self,
                cookie: &Cookie,
                request: &RequestContext<'_>,
            ) -> Result<(), Rejection> {
                (self.verdict)(self.policy.$question(cookie, request), cookie, request)
            }

            pass_on!(this => this.policy; $($other),+);
        }

        impl<P: fmt::Debug, F> fmt::Debug for $map<P, F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($map)).field(&self.policy).finish_non_exhaustive()
            }
        }
    )+};
}

maps! {
    MapSetOk: set_ok, return_ok, domain_return_ok, path_return_ok, prepare, replace_ok, settings;
    MapReturnOk: return_ok, set_ok, domain_return_ok, path_return_ok, prepare, replace_ok, settings;
}

impl<F> fmt::Debug for SetOkFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetOkFn").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for ReturnOkFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReturnOkFn").finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/closures.rs"]
mod tests;
