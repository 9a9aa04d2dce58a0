//! Policies made of one closure.

use std::fmt;

use super::{CookiePolicy, Settings};
use crate::cookie::Cookie;
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// A policy that asks a closure when a cookie is set and agrees to all else, to stand behind
/// [`CookiePolicy::and`].
pub fn set_ok_fn<F>(rule: F) -> SetOkFn<F>
where
    F: Fn(&Cookie, &RequestContext<'_>) -> Result<(), Rejection> + Send + Sync,
{
    SetOkFn {
        rule,
        settings: Settings::new(),
    }
}

/// A policy that asks a closure when a cookie is returned and agrees to all else, to stand behind
/// [`CookiePolicy::and`].
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
    pub(super) rule: F,
    pub(super) settings: Settings,
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

    fn return_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn domain_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn path_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl<F> CookiePolicy for ReturnOkFn<F>
where
    F: Fn(&Cookie, &RequestContext<'_>) -> Result<(), Rejection> + Send + Sync,
{
    fn set_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        (self.rule)(cookie, request)
    }

    fn domain_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn path_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::AcceptAllPolicy;

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
    fn each_closure_speaks_to_its_own_question() {
        let setting = set_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
        assert_eq!(setting.may_return(&cookie(), &request()), Ok(()));
        let returning = return_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
        assert_eq!(returning.set_ok(&cookie(), &request()), Ok(()));
        assert_eq!(
            AcceptAllPolicy::new()
                .and(returning)
                .may_return(&cookie(), &request()),
            Err(NO)
        );
    }
}
