//! Removes expired cookies, and tracks when each bucket is due.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::Arc;

use super::clear::tell_gone;
use super::{Bucket, ChangeCause, Indexes, Sink, Store};
use crate::cookie::NEVER;

/// Buckets swept of expired cookies per write, on top of the write itself.
const SWEPT_BUCKETS: usize = 2;

#[derive(Debug, Clone, Default)]
pub(super) struct Expiries {
    order: BTreeSet<(i64, Arc<str>)>,
    /// The last change, which `order` does not have yet: most cookies of a response change the same bucket (bench
    /// `domains`, filling).
    last: Option<Change>,
}

#[derive(Debug, Clone)]
struct Change {
    key: Arc<str>,
    before: i64,
    due: i64,
}

impl Expiries {
    pub(super) fn insert(&mut self, bucket: &Bucket) {
        self.order.insert((bucket.due(), bucket.shared_key()));
    }

    pub(super) fn change(&mut self, bucket: &Bucket, due: i64) {
        match &mut self.last {
            Some(last) if bucket.has_key(&last.key) => last.due = due,
            _ => {
                self.settle();
                self.last = Some(Change {
                    key: bucket.shared_key(),
                    before: bucket.due(),
                    due,
                });
            }
        }
    }

    fn settle(&mut self) {
        let Some(Change { key, before, due }) = self.last.take() else {
            return;
        };
        let mut place = (before, key);
        if before != NEVER {
            self.order.remove(&place);
        }
        if due != NEVER {
            place.0 = due;
            self.order.insert(place);
        }
    }

    fn first(&mut self) -> Option<&(i64, Arc<str>)> {
        self.settle();
        self.order.first()
    }

    #[cfg(test)]
    pub(super) fn settled(&self) -> BTreeSet<(i64, Arc<str>)> {
        let mut expiries = self.clone();
        expiries.settle();
        expiries.order
    }
}

impl Store {
    pub(crate) fn remove_expired(&mut self, now: i64, sink: &mut impl Sink) -> usize {
        let mut gone = 0;
        while let Some(domain) = self.first_due(now) {
            gone += self.sweep_bucket(&domain, now, sink);
        }
        gone
    }

    #[inline]
    pub(super) fn sweep(&mut self, now: i64, sink: &mut impl Sink) {
        if now < self.due {
            return;
        }
        for _ in 0..SWEPT_BUCKETS {
            let Some(domain) = self.first_due(now) else {
                self.due = self.next_due();
                return;
            };
            self.sweep_bucket(&domain, now, sink);
        }
    }

    fn next_due(&mut self) -> i64 {
        match &mut self.indexes {
            Some(indexes) => indexes.expiries.first().map_or(NEVER, |(due, _)| *due),
            None => self.buckets().map(Bucket::due).min().unwrap_or(NEVER),
        }
    }

    #[inline]
    pub(super) fn first_due(&mut self, now: i64) -> Option<Arc<str>> {
        if let Some(indexes) = &mut self.indexes {
            let (due, domain) = indexes.expiries.first()?;
            return (*due <= now).then(|| Arc::clone(domain));
        }
        // Of several that are due at once, the first key in byte order, as in the index.
        let due = self.buckets().filter(|bucket| bucket.due() <= now);
        due.min_by(|a, b| (a.due(), a.key()).cmp(&(b.due(), b.key())))
            .map(Bucket::shared_key)
    }

    pub(super) fn sweep_bucket(&mut self, domain: &str, now: i64, sink: &mut impl Sink) -> usize {
        let gone = self.change_bucket(domain, |bucket| bucket.sweep(now));
        let hash = self.hasher.hash_one(domain);
        if let Some(slot) = self.buckets.find_mut(hash, |slot| slot.is(hash, domain)) {
            let earliest = slot.bucket.earliest_expiry();
            register(self.indexes.as_deref_mut(), &mut slot.bucket, earliest);
        }
        tell_gone(&gone.unwrap_or_default(), ChangeCause::Expired, sink)
    }
}

#[inline]
pub(super) fn register(indexes: Option<&mut Indexes>, bucket: &mut Bucket, due: i64) {
    if due != bucket.due() {
        register_anew(indexes, bucket, due);
    }
}

fn register_anew(indexes: Option<&mut Indexes>, bucket: &mut Bucket, due: i64) {
    if let Some(indexes) = indexes {
        indexes.expiries.change(bucket, due);
    }
    bucket.set_due(due);
}
