//! Macros for policies that answer only some of the seven questions themselves.

macro_rules! agree_to {
    ($($question:ident),+ $(,)?) => {
        $($crate::policy::questions::agree_to!(@$question);)+
    };
    (@set_ok) => {
        fn set_ok(
            &self,
            _: &$crate::cookie::Cookie,
            _: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            Ok(())
        }
    };
    (@return_ok) => {
        fn return_ok(
            &self,
            _: &$crate::cookie::Cookie,
            _: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            Ok(())
        }
    };
    (@domain_return_ok) => {
        fn domain_return_ok(
            &self,
            _: &str,
            _: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            Ok(())
        }
    };
    (@path_return_ok) => {
        fn path_return_ok(
            &self,
            _: &str,
            _: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            Ok(())
        }
    };
    (@prepare) => {
        fn prepare(&self, _: &mut $crate::cookie::Cookie, _: &$crate::request::RequestContext<'_>) {}
    };
    (@replace_ok) => {
        fn replace_ok(
            &self,
            _: &$crate::cookie::Cookie,
            _: $crate::policy::Existing<'_>,
            _: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            Ok(())
        }
    };
}

macro_rules! pass_on {
    ($this:ident => $inner:expr; $($question:ident),+ $(,)?) => {
        $($crate::policy::questions::pass_on!(@$question $this => $inner);)+
    };
    (@set_ok $this:ident => $inner:expr) => {
        #[inline]
        fn set_ok(
            &self,
            cookie: &$crate::cookie::Cookie,
            request: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            let $this = self;
            $inner.set_ok(cookie, request)
        }
    };
    (@return_ok $this:ident => $inner:expr) => {
        #[inline]
        fn return_ok(
            &self,
            cookie: &$crate::cookie::Cookie,
            request: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            let $this = self;
            $inner.return_ok(cookie, request)
        }
    };
    (@domain_return_ok $this:ident => $inner:expr) => {
        #[inline]
        fn domain_return_ok(
            &self,
            domain: &str,
            request: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            let $this = self;
            $inner.domain_return_ok(domain, request)
        }
    };
    (@path_return_ok $this:ident => $inner:expr) => {
        #[inline]
        fn path_return_ok(
            &self,
            path: &str,
            request: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            let $this = self;
            $inner.path_return_ok(path, request)
        }
    };
    (@prepare $this:ident => $inner:expr) => {
        #[inline]
        fn prepare(
            &self,
            cookie: &mut $crate::cookie::Cookie,
            request: &$crate::request::RequestContext<'_>,
        ) {
            let $this = self;
            $inner.prepare(cookie, request);
        }
    };
    (@replace_ok $this:ident => $inner:expr) => {
        #[inline]
        fn replace_ok(
            &self,
            cookie: &$crate::cookie::Cookie,
            stored: $crate::policy::Existing<'_>,
            request: &$crate::request::RequestContext<'_>,
        ) -> Result<(), $crate::rejection::Rejection> {
            let $this = self;
            $inner.replace_ok(cookie, stored, request)
        }
    };
    (@settings $this:ident => $inner:expr) => {
        #[inline]
        fn settings(&self) -> &$crate::policy::Settings {
            let $this = self;
            $inner.settings()
        }
    };
}

pub(super) use {agree_to, pass_on};
