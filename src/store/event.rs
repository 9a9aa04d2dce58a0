//! The changes that a store reports: each once, in the order in which they happen.
//!
//! It knows no listener. A call hands the store one [`Sink`]; whoever wants to hear of the call, its report,
//! the log, the listeners of a jar, stands behind that one, because a pair of sinks is a sink.

use std::borrow::Cow;
use std::fmt;

use crate::cookie::Cookie;

/// A change of what a jar holds.
///
/// The cookie is borrowed from the jar, so that a change that nobody copies costs nothing;
/// [`into_owned`](Self::into_owned) copies it.
///
/// ```
/// use cookiejar::jar::{ChangeCause, CookieChange};
///
/// /// How many cookies a jar has more after a change.
/// fn growth(change: &CookieChange<'_>) -> isize {
///     match change.cause {
///         ChangeCause::Stored => 1,
///         ChangeCause::Replaced => 0,
///         _ => -1,
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CookieChange<'c> {
    /// Why it changed.
    pub cause: ChangeCause,
    /// The cookie as it is in the jar now, or as it was when it went.
    pub cookie: Cow<'c, Cookie>,
    /// The cookie that this one replaced.
    pub previous: Option<Cow<'c, Cookie>>,
    /// Who made the change.
    pub origin: ChangeOrigin,
}

/// Why what a jar holds has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeCause {
    /// The program took the cookie out: `remove`, `clear` and its kin, `retain`, `drain`, or the `revert` of a
    /// file.
    Cleared,
    /// The cookie made way, because its site had too many or all sites together.
    Evicted,
    /// The cookie had expired and was swept out.
    Expired,
    /// Its server deleted the cookie by setting an expired one, or a new one took its place under another domain.
    Removed,
    /// The cookie replaced the one of the same partition, domain, path and name, whose creation time it keeps.
    Replaced,
    /// The cookie is new.
    Stored,
}

impl ChangeCause {
    /// Returns `true` if the cookie is in the jar after the change.
    #[must_use]
    pub fn is_present(self) -> bool {
        matches!(self, Self::Replaced | Self::Stored)
    }
}

/// The cause as a word in lower case.
impl fmt::Display for ChangeCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cleared => "cleared",
            Self::Evicted => "evicted",
            Self::Expired => "expired",
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::Stored => "stored",
        })
    }
}

/// Who made a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ChangeOrigin {
    /// This process.
    #[default]
    Local,
    /// Another process, whose change this one has taken over.
    Remote,
}

impl<'c> CookieChange<'c> {
    /// A cookie that came or went, without one that it replaced.
    #[inline]
    pub(crate) fn new(cause: ChangeCause, cookie: &'c Cookie) -> Self {
        Self {
            cause,
            cookie: Cow::Borrowed(cookie),
            previous: None,
            origin: ChangeOrigin::Local,
        }
    }

    #[inline]
    pub(crate) fn replaced(previous: &'c Cookie, cookie: &'c Cookie) -> Self {
        Self {
            previous: Some(Cow::Borrowed(previous)),
            ..Self::new(ChangeCause::Replaced, cookie)
        }
    }

    /// The same change as one that another process made.
    #[must_use]
    pub fn remote(self) -> Self {
        Self {
            origin: ChangeOrigin::Remote,
            ..self
        }
    }

    /// Returns `true` if a cookie was replaced by one that differs from it in nothing.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.previous.as_ref() == Some(&self.cookie)
    }

    /// The number of the cookie in the order in which the jar's cookies were created. A cookie that replaces
    /// another keeps its number.
    #[must_use]
    pub fn creation_number(&self) -> u64 {
        self.cookie.creation_key().1
    }

    /// The change with copies of its cookies.
    #[must_use]
    pub fn into_owned(self) -> CookieChange<'static> {
        CookieChange {
            cause: self.cause,
            cookie: Cow::Owned(self.cookie.into_owned()),
            previous: self.previous.map(|cookie| Cow::Owned(cookie.into_owned())),
            origin: self.origin,
        }
    }
}

/// Hears of every change that a call makes.
pub(crate) trait Sink {
    /// The store is whole when it tells: a sink that panics finds it so, and leaves it so.
    fn changed(&mut self, change: &CookieChange<'_>);
}

/// Ignores all changes.
impl Sink for () {
    #[inline]
    fn changed(&mut self, _: &CookieChange<'_>) {}
}

/// A sink that may not be there.
#[cfg(feature = "persist")]
impl<S: Sink> Sink for Option<S> {
    #[inline]
    fn changed(&mut self, change: &CookieChange<'_>) {
        if let Some(sink) = self {
            sink.changed(change);
        }
    }
}

/// Two sinks, which hear of each change one after the other.
impl<A: Sink, B: Sink> Sink for (A, B) {
    #[inline]
    fn changed(&mut self, change: &CookieChange<'_>) {
        self.0.changed(change);
        self.1.changed(change);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    #[inline]
    fn changed(&mut self, change: &CookieChange<'_>) {
        (**self).changed(change);
    }
}
