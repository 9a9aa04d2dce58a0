//! The changes that a store reports: each once, in the order in which they happen.
//!
//! It knows no listener: a call passes one [`Sink`]. A pair of sinks is a sink.

use std::borrow::Cow;
use std::fmt;

use crate::cookie::Cookie;

/// A change to the contents of a jar.
///
/// The cookie is borrowed from the jar; [`into_owned`](Self::into_owned) copies it.
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
    /// Why the jar changed.
    pub cause: ChangeCause,
    /// The cookie as it is in the jar now, or as it was when it was removed.
    pub cookie: Cow<'c, Cookie>,
    /// The cookie that this one replaced.
    pub previous: Option<Cow<'c, Cookie>>,
    /// Who made the change.
    pub origin: ChangeOrigin,
}

/// Why the contents of a jar changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeCause {
    /// The program removed the cookie: by `remove`, the `clear` methods, `retain`, `drain`, or the `revert` of
    /// a file.
    Cleared,
    /// The cookie was removed because its site, or the whole jar, had too many.
    Evicted,
    /// The cookie had expired.
    Expired,
    /// Its server deleted the cookie by setting an expired one, or a new one replaced it under another domain.
    Removed,
    /// The cookie replaced the one with the same partition, domain, path and name, and keeps its creation time.
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
    /// Another process, whose change this one applied.
    Remote,
}

impl<'c> CookieChange<'c> {
    /// A cookie that was stored or removed, without one that it replaced.
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

    /// Marks the change as made by another process.
    #[must_use]
    pub fn remote(self) -> Self {
        Self {
            origin: ChangeOrigin::Remote,
            ..self
        }
    }

    /// Returns `true` if a cookie was replaced by an identical one.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.previous.as_ref() == Some(&self.cookie)
    }

    /// Returns the cookie's place in the order of creation, which one that replaces it keeps.
    #[must_use]
    pub fn creation_number(&self) -> u64 {
        self.cookie.creation_key().1
    }

    /// Returns the change with its cookies copied.
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

pub(crate) trait Sink {
    fn changed(&mut self, change: &CookieChange<'_>);
}

impl Sink for () {
    #[inline]
    fn changed(&mut self, _: &CookieChange<'_>) {}
}

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
