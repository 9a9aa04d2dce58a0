//! Step 3: where cookies are kept, by domain, path and name.
//!
//! It knows no policy and no clock: it is told what to keep, how many, and what time it is. Nothing
//! here goes through the whole store but what is asked for the whole.
//!
//! A [`Bucket`] holds the cookies of one bare domain, the dotted and the undotted together, in the
//! order in which they are sent; those of a partition have buckets of their own. Beside the table of
//! buckets stand two indexes: the earliest expiry of each bucket, so that cookies whose time is over
//! are found without a walk, and the count of cookies of each site. A store of a few buckets goes
//! through them, and has no indexes.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::cookie::{Cookie, CookieId, NEVER, UNKNOWN};
use crate::domain;
use crate::public_suffix::PublicSuffixes;
use crate::settings::{Limits, Settings};

mod bucket;
mod event;
mod evict;
mod groups;
mod indexed;
mod of_site;
mod overlaid;
mod ranking;
mod sites;

pub(crate) use bucket::{Bucket, key_of};
pub(crate) use event::Sink;
pub use event::{ChangeCause, ChangeOrigin, CookieChange};
pub(crate) use evict::evict_surplus;
use overlaid::SecureNames;
use sites::Sites;

/// The key of the bucket in which the cookie of an id is, if it is stored.
fn bucket_key<'i>(id: &'i CookieId<'_>) -> Cow<'i, str> {
    key_of(domain::undotted(id.domain()), id.partition())
}

/// Whether an id is that of a cookie in its bucket.
fn is_of(id: &CookieId<'_>, cookie: &Cookie) -> bool {
    cookie.name_part().is(id.name())
        && cookie.path_part().is(id.path())
        && cookie.domain() == id.domain()
}

/// On what terms a cookie is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// Seconds since the epoch.
    pub(crate) now: i64,
    pub(crate) suffixes: &'a PublicSuffixes,
    pub(crate) limits: Limits,
    /// Where so many cookies may be stored that ranking their sites would take long once there are too
    /// many: how many cookies a site may have to count as no fuller than others.
    ranked: Option<usize>,
    /// Gives the next number in the order of creation.
    pub(crate) numbers: &'a AtomicU64,
    /// The cookie in whose place a new one comes to stand, although it was stored under another domain.
    displaced: Option<&'a Cookie>,
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
        }
    }

    pub(crate) fn in_place_of<'t>(&self, displaced: Option<&'t Cookie>) -> Terms<'t>
    where
        'a: 't,
    {
        Terms { displaced, ..*self }
    }

    pub(crate) fn without_limits(self) -> Self {
        Self {
            limits: Limits::none(),
            ..self
        }
    }
}

/// How many buckets a write frees from cookies whose time is over, beside its own work.
const SWEPT_BUCKETS: usize = 2;

/// Up to how many buckets are gone through for what the indexes would tell. A crawler has a store for
/// each of 100,000 sessions, and most of them know a handful of hosts (bench `sessions`).
const FEW: usize = 7;

#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    buckets: HashTable<Slot>,
    /// Host names are chosen by attackers, so that the hash has a random key.
    hasher: RandomState,
    /// There once the buckets were more than a few.
    indexes: Option<Box<Indexes>>,
    len: usize,
}

/// What is known of all buckets together.
#[derive(Debug, Clone, Default)]
struct Indexes {
    /// The earliest expiry of each bucket that has one, as far as the bucket knows.
    expiries: BTreeSet<(i64, Arc<str>)>,
    sites: Sites,
    /// There once a site had very many cookies.
    secure_names: Option<Box<SecureNames>>,
}

/// The hash of a domain beside its bucket, so that a look-up touches only the bucket that it finds.
#[derive(Debug, Clone)]
struct Slot {
    hash: u64,
    bucket: Box<Bucket>,
}

impl Store {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many bare domains have cookies.
    pub(crate) fn domains(&self) -> usize {
        self.buckets.len()
    }

    /// The bucket of a key, such as a bare domain.
    #[inline]
    pub(crate) fn bucket(&self, key: &str) -> Option<&Bucket> {
        let hash = self.hasher.hash_one(key);
        let slot = self.buckets.find(hash, |slot| slot.is(hash, key))?;
        Some(&slot.bucket)
    }

    #[inline]
    pub(crate) fn buckets(&self) -> impl Iterator<Item = &Bucket> {
        self.buckets.iter().map(|slot| &*slot.bucket)
    }

    pub(crate) fn get(&self, id: &CookieId<'_>) -> Option<&Cookie> {
        self.bucket(&bucket_key(id))?.get(id)
    }

    /// All cookies in the order of their creation.
    pub(crate) fn in_creation_order(&self) -> Vec<&Cookie> {
        let mut cookies: Vec<_> = self.buckets().flat_map(Bucket::cookies).collect();
        // With the keys beside the cookies, a sort of 100,000 does not wait for memory.
        cookies.sort_by_cached_key(|cookie| cookie.creation_key());
        cookies
    }

    /// Stores a cookie, or deletes its namesake if it is expired, and returns what that was: nothing if an
    /// expired one has no namesake. Where its site has too many cookies after that, as many are kept as the
    /// limits say; see [`Limits`]. Whether all sites together have too many is a question of its own:
    /// [`evict_surplus`].
    #[inline]
    pub(crate) fn set(
        &mut self,
        cookie: Cookie,
        terms: &Terms<'_>,
        sink: &mut impl Sink,
    ) -> Option<ChangeCause> {
        let now = terms.now;
        self.sweep(now, sink);
        if cookie.is_expired_at(now) {
            return self.remove_namesake(&cookie, now, sink);
        }
        let stamp = |cookie: &mut Cookie, _: &Bucket| match terms.displaced {
            Some(displaced) => cookie.stand_in_for(displaced),
            None => cookie.stamp_creation(now, terms.numbers.fetch_add(1, Ordering::Relaxed)),
        };
        let (cause, crowded) = self.put(cookie, terms, stamp, sink);
        self.keep_secure_names();
        if let Some(site) = crowded
            && self.site_len(&site) > terms.limits.site_cookies
        {
            self.evict(&site, terms, sink);
        }
        if let Some(small) = terms.ranked
            && self.len >= evict::RANKED_FROM
        {
            self.keep_ranking(small);
        }
        Some(cause)
    }

    /// Deletes the namesake of an expired cookie. One that has expired itself counts as none.
    fn remove_namesake(
        &mut self,
        cookie: &Cookie,
        now: i64,
        sink: &mut impl Sink,
    ) -> Option<ChangeCause> {
        let gone = self.take(&cookie.id())?;
        let was_expired = gone.is_expired_at(now);
        let cause = if was_expired {
            ChangeCause::Expired
        } else {
            ChangeCause::Removed
        };
        sink.changed(&CookieChange::new(cause, &gone));
        (!was_expired).then_some(cause)
    }

    /// Takes a change over from another jar as it is: the cookie keeps the time and number of its creation,
    /// no limit binds, and nothing is swept.
    pub(crate) fn apply(
        &mut self,
        change: &CookieChange<'_>,
        terms: &Terms<'_>,
        sink: &mut impl Sink,
    ) {
        let gone = self.take(&change.cookie.id());
        let told = |cause, cookie| CookieChange {
            origin: change.origin,
            ..CookieChange::new(cause, cookie)
        };
        if change.cause.is_present() {
            let mut applied = Applied {
                previous: gone,
                origin: change.origin,
                sink,
            };
            self.put_back(change.cookie.clone().into_owned(), terms, &mut applied);
        } else if let Some(gone) = &gone {
            sink.changed(&told(change.cause, gone));
        }
    }

    /// Stores a cookie that was in a jar before, with the time and number of its creation. It must have no
    /// namesake.
    pub(crate) fn put_back(&mut self, cookie: Cookie, terms: &Terms<'_>, sink: &mut impl Sink) {
        let numbers = terms.numbers;
        let stamp = |cookie: &mut Cookie, bucket: &Bucket| {
            let (created, number) = cookie.creation_key();
            if created == UNKNOWN || bucket.has_sending_key(cookie) {
                cookie.stamp_creation(terms.now, numbers.fetch_add(1, Ordering::Relaxed));
            } else {
                numbers.fetch_max(number.saturating_add(1), Ordering::Relaxed);
            }
        };
        // At the beginning of time no cookie has expired.
        let terms = Terms {
            now: i64::MIN,
            ..*terms
        };
        self.put(cookie, &terms, stamp, sink);
        self.keep_secure_names();
    }

    /// Puts a cookie into its bucket, and returns its site if that may have too many now. `stamp` gives a
    /// new cookie its place in the order of creation.
    #[inline]
    fn put(
        &mut self,
        cookie: Cookie,
        terms: &Terms<'_>,
        stamp: impl FnOnce(&mut Cookie, &Bucket),
        sink: &mut impl Sink,
    ) -> (ChangeCause, Option<Box<str>>) {
        if self.buckets.len() >= FEW {
            self.index();
        }
        let Self {
            buckets,
            hasher,
            indexes,
            len,
        } = self;
        let mut indexes = indexes.as_deref_mut();
        let &Terms {
            now,
            suffixes,
            limits,
            ..
        } = terms;
        let bare = domain::undotted(cookie.domain());
        let key = key_of(bare, cookie.partition_key());
        let hash = hasher.hash_one(&*key);
        let entry = buckets.entry(hash, |slot| slot.is(hash, &key), |slot| slot.hash);
        let bucket = match entry {
            Entry::Occupied(slot) => &mut slot.into_mut().bucket,
            Entry::Vacant(slot) => {
                let site = &key[bare.len() - suffixes.site(bare).len()..];
                let bucket = Box::new(Bucket::new(&key, site));
                if let Some(Indexes { sites, .. }) = &mut indexes {
                    sites.join(&bucket);
                }
                &mut slot.insert(Slot { hash, bucket }).into_mut().bucket
            }
        };
        if let Some(names) = indexes
            .as_deref_mut()
            .and_then(|all| all.secure_names.as_mut())
            && cookie.secure()
        {
            let hash = names.hash_of(&cookie);
            names.note(hash, &key);
        }
        let due = bucket.due().min(cookie.expiry_key());
        register(indexes.as_deref_mut(), bucket, due);
        let Some((mut cookie, expired)) = bucket.replace(cookie, now, sink) else {
            return (ChangeCause::Replaced, None);
        };
        let gone = usize::from(expired.is_some());
        *len = *len + 1 - gone;
        stamp(&mut cookie, bucket);
        let used = cookie.used();
        let crowded = match indexes {
            Some(Indexes { sites, .. }) => {
                sites.take(bucket.site(), gone);
                sites.add(bucket.site(), used) > limits.site_cookies
            }
            // No site has more cookies than all sites together.
            None => *len > limits.site_cookies,
        };
        let site = crowded.then(|| bucket.site().into());
        // All is counted: a sink that panics finds the store whole.
        let stored = bucket.insert(cookie);
        if let Some(expired) = &expired {
            sink.changed(&CookieChange::new(ChangeCause::Expired, expired));
        }
        sink.changed(&CookieChange::new(ChangeCause::Stored, stored));
        (ChangeCause::Stored, site)
    }

    /// Makes the indexes, unless they are there.
    fn index(&mut self) -> &mut Indexes {
        let Self {
            buckets, indexes, ..
        } = self;
        indexes.get_or_insert_with(|| {
            let buckets = buckets.iter().map(|slot| &*slot.bucket);
            Box::new(Indexes::from_buckets(buckets))
        })
    }

    /// How many cookies a site has.
    fn site_len(&self, site: &str) -> usize {
        match &self.indexes {
            Some(indexes) => indexes.sites.cookies(site),
            None => self
                .site_buckets(Cow::Borrowed(site))
                .map(Bucket::len)
                .sum(),
        }
    }

    /// The buckets that a site's cookies are in: by the index, or found by going through the few that
    /// there are.
    fn site_buckets<'s>(&'s self, site: Cow<'s, str>) -> impl Iterator<Item = &'s Bucket> {
        let indexed = self.indexes.as_deref();
        let keys = indexed.into_iter().flat_map({
            let site = site.clone();
            move |indexes| indexes.sites.buckets(&site)
        });
        let walked = indexed
            .is_none()
            .then(|| self.buckets().filter(move |bucket| bucket.site() == site));
        keys.filter_map(|key| self.bucket(key))
            .chain(walked.into_iter().flatten())
    }

    /// Removes a cookie for this cause.
    pub(crate) fn remove(
        &mut self,
        id: &CookieId<'_>,
        cause: ChangeCause,
        sink: &mut impl Sink,
    ) -> Option<Cookie> {
        let gone = self.take(id)?;
        sink.changed(&CookieChange::new(cause, &gone));
        Some(gone)
    }

    /// Removes a cookie and leaves it to the caller to tell of it.
    fn take(&mut self, id: &CookieId<'_>) -> Option<Cookie> {
        self.change_bucket(&bucket_key(id), |bucket| bucket.remove(id))
            .flatten()
    }

    /// Keeps the cookies of a bare domain for which `keep` is true, and returns how many went for this cause.
    pub(crate) fn retain_in(
        &mut self,
        domain: &str,
        keep: impl FnMut(&Cookie) -> bool,
        cause: ChangeCause,
        sink: &mut impl Sink,
    ) -> usize {
        // All is asked before anything is changed: a `keep` that panics finds the store whole.
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

    /// Clears the cookies of this very stored domain that are `of` some kind, and returns how many.
    pub(crate) fn clear_where(
        &mut self,
        domain: &str,
        of: impl Fn(&Cookie) -> bool,
        sink: &mut impl Sink,
    ) -> usize {
        let kept = |cookie: &Cookie| cookie.domain() != domain || !of(cookie);
        self.retain_in(domain::undotted(domain), kept, ChangeCause::Cleared, sink)
    }

    /// Keeps the cookies for which `keep` is true, and returns how many were cleared. Cookies are shown in no
    /// particular order.
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

    /// Removes all cookies that have expired, and returns how many.
    pub(crate) fn remove_expired(&mut self, now: i64, sink: &mut impl Sink) -> usize {
        let mut gone = 0;
        while let Some(domain) = self.first_due(now) {
            gone += self.sweep_bucket(&domain, now, sink);
        }
        gone
    }

    pub(crate) fn clear(&mut self, sink: &mut impl Sink) {
        for slot in self.take_buckets() {
            for cookie in slot.bucket.into_cookies() {
                sink.changed(&CookieChange::new(ChangeCause::Cleared, &cookie));
            }
        }
    }

    /// Clears all cookies, and returns them in the order of their creation.
    pub(crate) fn take_all(&mut self, sink: &mut impl Sink) -> Vec<Cookie> {
        let cookies = in_order(self.take_buckets());
        tell_gone(&cookies, ChangeCause::Cleared, sink);
        cookies
    }

    /// All cookies in the order of their creation.
    pub(crate) fn into_cookies(self) -> Vec<Cookie> {
        in_order(self.buckets)
    }

    /// Leaves an empty store.
    fn take_buckets(&mut self) -> HashTable<Slot> {
        let empty = Self {
            hasher: self.hasher.clone(),
            ..Self::default()
        };
        std::mem::replace(self, empty).buckets
    }

    /// Removes some cookies that have expired, earliest first.
    #[inline]
    fn sweep(&mut self, now: i64, sink: &mut impl Sink) {
        for _ in 0..SWEPT_BUCKETS {
            let Some(domain) = self.first_due(now) else {
                return;
            };
            self.sweep_bucket(&domain, now, sink);
        }
    }

    /// The domain of the bucket with the earliest expiry, if that is over.
    #[inline]
    fn first_due(&self, now: i64) -> Option<Arc<str>> {
        if let Some(indexes) = &self.indexes {
            let (due, domain) = indexes.expiries.first()?;
            return (*due <= now).then(|| Arc::clone(domain));
        }
        // Of several that are due at once the first in the order of text, as the index has it.
        let due = self.buckets().filter(|bucket| bucket.due() <= now);
        due.min_by(|a, b| (a.due(), a.key()).cmp(&(b.due(), b.key())))
            .map(Bucket::shared_key)
    }

    /// Frees a bucket from some cookies whose time is over, and learns when it is to be looked at again.
    fn sweep_bucket(&mut self, domain: &str, now: i64, sink: &mut impl Sink) -> usize {
        let gone = self.change_bucket(domain, |bucket| bucket.sweep(now));
        let hash = self.hasher.hash_one(domain);
        if let Some(slot) = self.buckets.find_mut(hash, |slot| slot.is(hash, domain)) {
            let earliest = slot.bucket.earliest_expiry();
            register(self.indexes.as_deref_mut(), &mut slot.bucket, earliest);
        }
        tell_gone(&gone.unwrap_or_default(), ChangeCause::Expired, sink)
    }

    /// Changes the bucket of a bare domain, and mends the indexes after that; an empty bucket goes.
    /// When the bucket is due stays as it is: too early at worst, which the next sweep finds out.
    fn change_bucket<T>(
        &mut self,
        domain: &str,
        change: impl FnOnce(&mut Bucket) -> T,
    ) -> Option<T> {
        let Self {
            buckets,
            hasher,
            indexes,
            len,
        } = self;
        let hash = hasher.hash_one(domain);
        let mut slot = buckets
            .find_entry(hash, |slot| slot.is(hash, domain))
            .ok()?;
        let bucket = &mut slot.get_mut().bucket;
        let before = bucket.len();
        let result = change(bucket);
        let gone = before - bucket.len();
        *len -= gone;
        if let Some(Indexes { sites, .. }) = indexes.as_deref_mut() {
            sites.take(bucket.site(), gone);
        }
        if bucket.is_empty() {
            register(indexes.as_deref_mut(), bucket, NEVER);
            if let Some(Indexes { sites, .. }) = indexes.as_deref_mut() {
                sites.leave(bucket);
            }
            slot.remove();
            shrink(buckets, |slot| slot.hash);
            // Not as soon as there are few: a store must not build its indexes again and again.
            if buckets.len() <= FEW / 2 {
                *indexes = None;
            }
        }
        Some(result)
    }
}

impl Slot {
    #[inline]
    fn is(&self, hash: u64, key: &str) -> bool {
        self.hash == hash && self.bucket.key() == key
    }
}

impl Indexes {
    fn from_buckets<'a>(buckets: impl Iterator<Item = &'a Bucket>) -> Self {
        let mut indexes = Self::default();
        for bucket in buckets {
            if bucket.due() != NEVER {
                indexes.expiries.insert((bucket.due(), bucket.shared_key()));
            }
            indexes.sites.join(bucket);
        }
        indexes
    }
}

/// The cookies of buckets in the order of their creation.
fn in_order(buckets: HashTable<Slot>) -> Vec<Cookie> {
    let cookies = buckets.into_iter();
    let mut cookies: Vec<_> = cookies
        .flat_map(|slot| slot.bucket.into_cookies())
        .collect();
    cookies.sort_unstable_by_key(Cookie::creation_key);
    cookies
}

/// Reports cookies that were removed, and returns their number.
fn tell_gone(gone: &[Cookie], cause: ChangeCause, sink: &mut impl Sink) -> usize {
    for cookie in gone {
        sink.changed(&CookieChange::new(cause, cookie));
    }
    gone.len()
}

/// Makes one change of a removal and a return: the cookie that comes back replaces the one that went.
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

/// Notes when a bucket is due.
#[inline]
fn register(indexes: Option<&mut Indexes>, bucket: &mut Bucket, due: i64) {
    if due != bucket.due() {
        register_anew(indexes, bucket, due);
    }
}

fn register_anew(indexes: Option<&mut Indexes>, bucket: &mut Bucket, due: i64) {
    if let Some(indexes) = indexes {
        let expiries = &mut indexes.expiries;
        if bucket.due() != NEVER {
            expiries.remove(&(bucket.due(), bucket.shared_key()));
        }
        if due != NEVER {
            expiries.insert((due, bucket.shared_key()));
        }
    }
    bucket.set_due(due);
}

/// Gives memory back when a table has become much too large.
fn shrink<T>(table: &mut HashTable<T>, hash: impl Fn(&T) -> u64) {
    if table.len() * 8 < table.capacity() {
        table.shrink_to(table.len() * 2, hash);
    }
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/store.rs"]
mod tests;
