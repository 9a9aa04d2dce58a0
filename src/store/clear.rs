//! Clears some cookies of a domain, or all cookies.

use hashbrown::HashTable;

use super::{Bucket, ChangeCause, CookieChange, Sink, Slot, Store};
use crate::cookie::Cookie;
use crate::domain;

impl Store {
    pub(crate) fn retain_in(
        &mut self,
        domain: &str,
        keep: impl FnMut(&Cookie) -> bool,
        cause: ChangeCause,
        sink: &mut impl Sink,
    ) -> usize {
        // Calls `keep` for all cookies before any change, so that a panic leaves the store consistent.
        let Some(bucket) = self.bucket(domain) else {
            return 0;
        };
        let mut kept = bucket.cookies().map(keep).collect::<Vec<_>>().into_iter();
        if kept.as_slice().iter().all(|&kept| kept) {
            return 0;
        }
        let keep = |_: &Cookie| kept.next().unwrap_or(true);
        let gone = self.change_bucket(domain, |bucket| bucket.retain(keep));
        tell_gone(&gone.unwrap_or_default(), cause, sink)
    }

    pub(crate) fn clear_where(
        &mut self,
        domain: &str,
        of: impl Fn(&Cookie) -> bool,
        sink: &mut impl Sink,
    ) -> usize {
        let kept = |cookie: &Cookie| cookie.domain() != domain || !of(cookie);
        self.retain_in(domain::undotted(domain), kept, ChangeCause::Cleared, sink)
    }

    pub(crate) fn retain(
        &mut self,
        mut keep: impl FnMut(&Cookie) -> bool,
        sink: &mut impl Sink,
    ) -> usize {
        let domains: Vec<_> = self.buckets().map(Bucket::shared_key).collect();
        domains
            .iter()
            .map(|domain| self.retain_in(domain, &mut keep, ChangeCause::Cleared, sink))
            .sum()
    }

    pub(crate) fn clear(&mut self, sink: &mut impl Sink) {
        for slot in self.take_buckets() {
            for cookie in slot.bucket.into_cookies() {
                sink.changed(&CookieChange::new(ChangeCause::Cleared, &cookie));
            }
        }
    }

    pub(crate) fn take_all(&mut self, sink: &mut impl Sink) -> Vec<Cookie> {
        let cookies = in_order(self.take_buckets());
        tell_gone(&cookies, ChangeCause::Cleared, sink);
        cookies
    }

    pub(crate) fn into_cookies(self) -> Vec<Cookie> {
        in_order(self.buckets)
    }

    fn take_buckets(&mut self) -> HashTable<Slot> {
        let empty = Self {
            hasher: self.hasher.clone(),
            ..Self::default()
        };
        std::mem::replace(self, empty).buckets
    }
}

fn in_order(buckets: HashTable<Slot>) -> Vec<Cookie> {
    let cookies = buckets.into_iter();
    let mut cookies: Vec<_> = cookies
        .flat_map(|slot| slot.bucket.into_cookies())
        .collect();
    cookies.sort_unstable_by_key(Cookie::creation_key);
    cookies
}

pub(super) fn tell_gone(gone: &[Cookie], cause: ChangeCause, sink: &mut impl Sink) -> usize {
    for cookie in gone {
        sink.changed(&CookieChange::new(cause, cookie));
    }
    gone.len()
}
