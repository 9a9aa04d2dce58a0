//! On what terms a call stores cookies.

use std::sync::atomic::AtomicU64;

use super::evict;
use crate::cookie::Cookie;
use crate::public_suffix::PublicSuffixes;
use crate::settings::{Limits, Settings};

/// On what terms a cookie is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// Seconds since the epoch.
    pub(crate) now: i64,
    pub(crate) suffixes: &'a PublicSuffixes,
    pub(crate) limits: Limits,
    /// Where so many cookies may be stored that ranking their sites would take long once there are too
    /// many: how many cookies a site may have to count as no fuller than others.
    pub(super) ranked: Option<usize>,
    /// Gives the next number in the order of creation.
    pub(crate) numbers: &'a AtomicU64,
    /// The cookie in whose place a new one comes to stand, although it was stored under another domain.
    pub(super) displaced: Option<&'a Cookie>,
    /// A cookie that comes back keeps its number, even if another one has it.
    pub(super) shares_numbers: bool,
}

impl<'a> Terms<'a> {
    pub(crate) fn new(settings: &'a Settings, now: i64, numbers: &'a AtomicU64) -> Self {
        Self {
            now,
            suffixes: &settings.suffixes,
            limits: settings.limits,
            ranked: evict::ranked_early(&settings.limits),
            numbers,
            displaced: None,
            shares_numbers: false,
        }
    }

    pub(crate) fn in_place_of<'t>(&self, displaced: Option<&'t Cookie>) -> Terms<'t>
    where
        'a: 't,
    {
        Terms { displaced, ..*self }
    }

    /// Cookies come from a database, whose numbers several processes give.
    #[cfg(feature = "persist")]
    pub(crate) fn with_shared_numbers(self) -> Self {
        Self {
            shares_numbers: true,
            ..self
        }
    }

    pub(crate) fn without_limits(self) -> Self {
        Self {
            limits: Limits::none(),
            ..self
        }
    }
}
