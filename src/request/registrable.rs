//! The registrable domain of the request-host, cached after the first look-up.
//!
//! Looking it up costs more than everything else that policies check.

use std::sync::atomic::{AtomicU64, Ordering};

use super::RequestContext;
use crate::public_suffix::PublicSuffixes;

/// The result from one list: its id, and the length of the registrable domain, or 0 for none. Everything is 0
/// before the first look-up.
#[derive(Debug, Default)]
pub(super) struct Registrable(AtomicU64);

impl Registrable {
    #[inline]
    fn len_by(&self, list: u32) -> Option<usize> {
        let kept = self.0.load(Ordering::Relaxed);
        let (of, len) = (kept >> 32, kept & u64::from(u32::MAX));
        (of == u64::from(list) && of > 0).then(|| usize::try_from(len).unwrap_or_default())
    }

    fn keep(&self, list: u32, len: usize) {
        if let Ok(len) = u32::try_from(len) {
            let answer = u64::from(list) << 32 | u64::from(len);
            self.0.store(answer, Ordering::Relaxed);
        }
    }
}

/// A copy has the same host.
impl Clone for Registrable {
    fn clone(&self) -> Self {
        Self(AtomicU64::new(self.0.load(Ordering::Relaxed)))
    }
}

/// The cache is not part of a request's identity.
impl PartialEq for Registrable {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Registrable {}

impl RequestContext<'_> {
    #[inline]
    pub(crate) fn registrable_domain(&self, list: &PublicSuffixes) -> Option<&str> {
        let (host, len) = (self.host(), self.registrable_len(list));
        (len > 0).then(|| &host[host.len() - len..])
    }

    #[inline]
    pub(crate) fn keep_registrable(&self, list: u32, len: usize) {
        self.registrable.keep(list, len);
    }

    #[inline]
    pub(crate) fn registrable_len(&self, list: &PublicSuffixes) -> usize {
        let id = list.id();
        self.registrable.len_by(id).unwrap_or_else(|| {
            let len = list.registrable_domain(self.host()).map_or(0, str::len);
            self.registrable.keep(id, len);
            len
        })
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/registrable.rs"]
mod tests;
