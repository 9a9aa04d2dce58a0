//! The terms on which a call stores cookies.

use std::sync::atomic::AtomicU64;

use super::evict;
use crate::cookie::Cookie;
use crate::public_suffix::PublicSuffixes;
use crate::settings::{Limits, Settings};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) now: i64,
    pub(crate) suffixes: &'a PublicSuffixes,
    pub(crate) limits: Limits,
    /// The number of cookies up to which a site counts as small, if the jar is large enough to rank its sites
    /// before it is full.
    pub(super) ranked: Option<usize>,
    pub(crate) numbers: &'a AtomicU64,
    /// The cookie that a new one replaces although it was stored under another domain.
    pub(super) displaced: Option<&'a Cookie>,
    /// Whether a restored cookie keeps its number even if another cookie has the same one.
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

    /// For cookies from a database, whose numbers several processes assign.
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
