//! What a policy can see of the jar when a cookie is set.

use std::fmt;

use crate::cookie::Cookie;
use crate::settings::Which;

/// The stored cookies that a new one would replace or shadow; see
/// [`CookiePolicy::replace_ok`](super::CookiePolicy::replace_ok).
///
/// They have the same name and partition, have not expired, have the new cookie's domain or one above or below it, and
/// have a path that the new cookie's path path-matches. They are searched within the new cookie's site and under the
/// names of the request-host and above it, and only when a method asks.
///
/// ```
/// use cookiejar::Cookie;
/// use cookiejar::policy::Existing;
///
/// let stored = [Cookie::builder("sid", "31d4").domain("acme.com").secure(true).build()?];
/// assert!(Existing::from(&stored[..]).any(Cookie::secure));
/// assert!(!Existing::default().any(|_| true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Existing<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    List(&'a [Cookie]),
    Lazy(&'a Look<'a>),
}

type Look<'a> = dyn Fn(Which, &mut dyn FnMut(&Cookie) -> bool) -> bool + 'a;

impl<'a> Existing<'a> {
    pub(crate) fn lazy(look: &'a Look<'a>) -> Self {
        Self(Source::Lazy(look))
    }

    /// Returns `true` if any of the cookies matches. Visits them in no particular order, up to the first match.
    ///
    /// Each call looks them up again; the cost grows with the cookies of the site.
    pub fn any(&self, mut is_such: impl FnMut(&Cookie) -> bool) -> bool {
        match self.0 {
            Source::List(cookies) => cookies.iter().any(is_such),
            Source::Lazy(look) => look(Which::All, &mut is_such),
        }
    }

    /// Returns `true` if any of the cookies is Secure. It looks them up by name, so the cost does not grow with
    /// the cookies of the site.
    #[must_use]
    pub fn any_secure(&self) -> bool {
        match self.0 {
            Source::List(cookies) => cookies.iter().any(Cookie::secure),
            Source::Lazy(look) => look(Which::Secure, &mut Cookie::secure),
        }
    }

    /// Returns `true` if `cookie`, the new one, would replace one that matches. Looks that one up by name, as
    /// [`any_secure`](Self::any_secure) does.
    pub fn any_namesake(&self, cookie: &Cookie, mut is_such: impl FnMut(&Cookie) -> bool) -> bool {
        let mut is_such = |stored: &Cookie| cookie.is_namesake_of(stored) && is_such(stored);
        match self.0 {
            Source::List(cookies) => cookies.iter().any(is_such),
            Source::Lazy(look) => look(Which::Namesake, &mut is_such),
        }
    }
}

/// No cookies.
impl Default for Existing<'_> {
    fn default() -> Self {
        Self(Source::List(&[]))
    }
}

impl<'a> From<&'a [Cookie]> for Existing<'a> {
    fn from(cookies: &'a [Cookie]) -> Self {
        Self(Source::List(cookies))
    }
}

impl fmt::Debug for Existing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Existing").finish_non_exhaustive()
    }
}
