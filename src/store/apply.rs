//! Stores cookies from another jar: they keep their creation time and number, and limits do not apply.

use std::sync::atomic::Ordering;

use super::{Bucket, ChangeCause, ChangeOrigin, CookieChange, Sink, Store, Terms};
use crate::cookie::{Cookie, UNKNOWN};

impl Store {
    pub(crate) fn apply(
        &mut self,
        change: &CookieChange<'_>,
        terms: &Terms<'_>,
        sink: &mut impl Sink,
    ) {
        let gone = self.take(&change.cookie.id());
        let was_expired = gone
            .as_ref()
            .is_some_and(|gone| gone.is_expired_at(terms.now));
        if let Some(gone) = &gone
            && (was_expired || !change.cause.is_present())
        {
            let cause = if was_expired {
                ChangeCause::Expired
            } else {
                change.cause
            };
            sink.changed(&CookieChange {
                origin: change.origin,
                ..CookieChange::new(cause, gone)
            });
        }
        if change.cause.is_present() {
            let mut applied = Applied {
                previous: gone.filter(|_| !was_expired),
                origin: change.origin,
                sink,
            };
            self.put_back(change.cookie.clone().into_owned(), terms, &mut applied);
        }
    }

    /// The store must not have a namesake of the cookie.
    pub(crate) fn put_back(&mut self, cookie: Cookie, terms: &Terms<'_>, sink: &mut impl Sink) {
        let &Terms {
            numbers,
            shares_numbers,
            ..
        } = terms;
        let stamp = |cookie: &mut Cookie, bucket: &Bucket| {
            let (created, number) = cookie.creation_key();
            if created == UNKNOWN || bucket.is_taken(cookie, shares_numbers) {
                cookie.stamp_creation(terms.now, numbers.fetch_add(1, Ordering::Relaxed));
            } else {
                numbers.fetch_max(number.saturating_add(1), Ordering::Relaxed);
            }
        };
        // At the earliest time no cookie has expired.
        let terms = Terms {
            now: i64::MIN,
            ..*terms
        };
        self.put(cookie, &terms, stamp, sink);
        self.keep_secure_names();
    }
}

struct Applied<'a, S> {
    previous: Option<Cookie>,
    origin: ChangeOrigin,
    sink: &'a mut S,
}

impl<S: Sink> Sink for Applied<'_, S> {
    fn changed(&mut self, change: &CookieChange<'_>) {
        let change = match &self.previous {
            Some(previous) => CookieChange::replaced(previous, &change.cookie),
            None => CookieChange::new(change.cause, &change.cookie),
        };
        self.sink.changed(&CookieChange {
            origin: self.origin,
            ..change
        });
    }
}
