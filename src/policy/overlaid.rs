//! What a policy gets to see of the jar when a cookie is set.

use std::fmt;

use crate::cookie::Cookie;

/// The stored cookies that a server could take a new one for; see
/// [`CookiePolicy::replace_ok`](super::CookiePolicy::replace_ok).
///
/// These are the cookies of the same name and partition whose time is not over, whose domain is the
/// new cookie's, or above or below it, and whose path the new cookie's path path-matches: the one that
/// it would replace is among them. They are looked for within the new cookie's site only, and not
/// before somebody asks.
///
/// ```
/// use cookiejar::{Cookie, Overlaid};
///
/// let stored = [Cookie::builder("sid", "31d4").domain("acme.com").secure(true).build()?];
/// assert!(Overlaid::from(&stored[..]).iter().any(Cookie::secure));
/// assert_eq!(Overlaid::default().iter().count(), 0);
/// # Ok::<(), cookiejar::Rejection>(())
/// ```
#[derive(Clone, Copy)]
pub struct Overlaid<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    List(&'a [Cookie]),
    Lazy(&'a Look<'a>),
}

/// Looks the cookies up.
type Look<'a> = dyn Fn() -> Box<dyn Iterator<Item = &'a Cookie> + 'a> + 'a;

impl<'a> Overlaid<'a> {
    pub(crate) fn lazy(look: &'a Look<'a>) -> Self {
        Self(Source::Lazy(look))
    }

    /// The cookies, in no particular order. Each call looks them up, at a cost for each cookie of
    /// the site.
    pub fn iter(&self) -> impl Iterator<Item = &'a Cookie> + use<'a> {
        let (list, found) = match self.0 {
            Source::List(cookies) => (Some(cookies), None),
            Source::Lazy(look) => (None, Some(look())),
        };
        let list = list.into_iter().flatten();
        list.chain(found.into_iter().flatten())
    }
}

/// None.
impl Default for Overlaid<'_> {
    fn default() -> Self {
        Self(Source::List(&[]))
    }
}

impl<'a> From<&'a [Cookie]> for Overlaid<'a> {
    /// These cookies, for use outside a jar.
    fn from(cookies: &'a [Cookie]) -> Self {
        Self(Source::List(cookies))
    }
}

impl fmt::Debug for Overlaid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlaid").finish_non_exhaustive()
    }
}
