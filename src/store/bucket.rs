//! The cookies of one bare domain.

use std::borrow::Cow;
use std::slice;
use std::sync::Arc;

use super::indexed::IndexedCookies;
use super::{CookieChange, Sink, is_of};
use crate::cookie::{Cookie, CookieId, NEVER};
use crate::path;
use crate::public_suffix::{NO_ID, PublicSuffixes};
use crate::request::RequestContext;

/// The cookies of a bare domain, partitioned or not, with or without a leading dot in their domain, in the
/// order in which they are sent.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    key: Arc<str>,
    /// Where the site begins in the key, under which the cookies are counted.
    below: u16,
    /// Whether the site is a registrable domain.
    is_registrable: bool,
    /// Whether a Secure cookie was stored.
    has_secure: bool,
    /// The list by which that is the site; see [`PublicSuffixes::id`].
    list: u32,
    /// When the bucket is next swept of expired cookies, or [`NEVER`]; no cookie in it expires earlier.
    due: i64,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Few(Vec<Cookie>),
    Indexed(Box<IndexedCookies>),
}

enum Cookies<'s, Indexed> {
    Few(slice::Iter<'s, Cookie>),
    Indexed(Indexed),
}

impl<'s, Indexed: Iterator<Item = &'s Cookie>> Iterator for Cookies<'s, Indexed> {
    type Item = &'s Cookie;

    #[inline]
    fn next(&mut self) -> Option<&'s Cookie> {
        match self {
            Self::Few(cookies) => cookies.next(),
            Self::Indexed(cookies) => cookies.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(cookies) => cookies.size_hint(),
            Self::Indexed(cookies) => cookies.size_hint(),
        }
    }
}

/// Separates the domain from the partition in a key; no domain contains it.
const BEFORE_PARTITION: char = '\0';

/// Each partition has separate buckets, so that no look-up and no count mixes them.
#[inline]
pub(crate) fn key_of<'d>(domain: &'d str, partition: Option<&str>) -> Cow<'d, str> {
    match partition {
        None => Cow::Borrowed(domain),
        Some(partition) => Cow::Owned(format!("{domain}{BEFORE_PARTITION}{partition}")),
    }
}

/// Most sites have a handful of cookies: up to this number, capacity grows by one at a time.
const HANDFUL: usize = 8;

const MANY: usize = 256;

const SWEPT_COOKIES: usize = 64;

impl Bucket {
    pub(super) fn new(key: &str, bare: &str, suffixes: &PublicSuffixes) -> Self {
        let registrable = suffixes.registrable_domain(bare);
        let below = bare.len() - registrable.unwrap_or(bare).len();
        Self {
            key: key.into(),
            below: u16::try_from(below).unwrap_or_default(),
            is_registrable: registrable.is_some(),
            has_secure: false,
            list: suffixes.id(),
            due: NEVER,
            content: Content::Few(Vec::new()),
        }
    }

    #[inline]
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn shared_key(&self) -> Arc<str> {
        Arc::clone(&self.key)
    }

    /// An equal key may be that of a bucket that this one replaced.
    #[inline]
    pub(super) fn has_key(&self, key: &Arc<str>) -> bool {
        Arc::ptr_eq(&self.key, key)
    }

    #[cfg(feature = "persist")]
    pub(crate) fn domain(&self) -> &str {
        let end = memchr::memchr(0, self.key.as_bytes());
        &self.key[..end.unwrap_or(self.key.len())]
    }

    #[inline]
    pub(crate) fn partition(&self) -> Option<&str> {
        self.key.split_once(BEFORE_PARTITION).map(|(_, key)| key)
    }

    /// The site by the list that was in use when the bucket was created: limits count the cookies under it.
    #[inline]
    pub(super) fn site(&self) -> &str {
        &self.key[self.below as usize..]
    }

    /// The site by the list in use.
    #[inline]
    pub(super) fn site_by(&self, suffixes: &PublicSuffixes) -> &str {
        if self.list == suffixes.id() && self.list != NO_ID {
            return self.site();
        }
        let bare = self.bare();
        &self.key[bare.len() - suffixes.site(bare).len()..]
    }

    pub(super) fn list(&self) -> u32 {
        self.list
    }

    pub(super) fn label(&self) -> Option<&str> {
        let below = self.key[..self.below as usize].strip_suffix('.')?;
        Some(below.rfind('.').map_or(below, |dot| &below[dot + 1..]))
    }

    /// Saves the search of a list (bench `header`).
    #[inline]
    pub(crate) fn teach(&self, request: &RequestContext<'_>) {
        if self.is_registrable {
            let len = request.host().len() - self.below as usize;
            request.keep_registrable(self.list, len);
        }
    }

    #[inline]
    pub(crate) fn slices(&self) -> impl Iterator<Item = &[Cookie]> {
        let (few, indexed) = match &self.content {
            Content::Few(few) => (&**few, None),
            Content::Indexed(indexed) => (&[][..], Some(indexed)),
        };
        let indexed = indexed.into_iter().flat_map(|indexed| indexed.cookies());
        std::iter::once(few).chain(indexed.map(slice::from_ref))
    }

    #[inline]
    pub(crate) fn cookies(&self) -> impl Iterator<Item = &Cookie> {
        match &self.content {
            Content::Few(few) => Cookies::Few(few.iter()),
            Content::Indexed(indexed) => Cookies::Indexed(indexed.cookies()),
        }
    }

    pub(super) fn into_cookies(self) -> impl Iterator<Item = Cookie> {
        let (few, indexed) = match self.content {
            Content::Few(few) => (few, None),
            Content::Indexed(indexed) => (Vec::new(), Some(indexed)),
        };
        let indexed = indexed.into_iter();
        few.into_iter()
            .chain(indexed.flat_map(|indexed| indexed.into_cookies()))
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        match &self.content {
            Content::Few(few) => few.len(),
            Content::Indexed(indexed) => indexed.len(),
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(super) fn due(&self) -> i64 {
        self.due
    }

    #[inline]
    pub(super) fn may_have_secure(&self) -> bool {
        self.has_secure
    }

    #[inline]
    pub(super) fn note_secure(&mut self) {
        self.has_secure = true;
    }

    #[inline]
    pub(super) fn set_due(&mut self, due: i64) {
        self.due = due;
    }

    pub(super) fn earliest_expiry(&self) -> i64 {
        match &self.content {
            Content::Few(few) => few.iter().map(Cookie::expiry_key).min().unwrap_or(NEVER),
            Content::Indexed(indexed) => indexed.earliest_expiry(),
        }
    }

    pub(super) fn bare(&self) -> &str {
        self.key
            .split_once(BEFORE_PARTITION)
            .map_or(&self.key, |(bare, _)| bare)
    }

    pub(super) fn any_overlaid(
        &self,
        cookie: &Cookie,
        is_such: &mut dyn FnMut(&Cookie) -> bool,
    ) -> bool {
        let path = cookie.path_bytes();
        let prefixes = path::prefixes(&path);
        // A path may have more prefixes than there are cookies.
        if matches!(self.content, Content::Few(_)) || path.len() > self.len() {
            let mut overlaid = self.cookies().filter(|stored| cookie.overlays(stored));
            return overlaid.any(is_such);
        }
        let name = cookie.name_bytes();
        prefixes.into_iter().any(|path| {
            let mut overlaid = |stored: &Cookie| cookie.overlays(stored) && is_such(stored);
            self.any_of(&name, path, &mut overlaid)
        })
    }

    pub(super) fn any_of(
        &self,
        name: &[u8],
        path: &[u8],
        is_such: &mut dyn FnMut(&Cookie) -> bool,
    ) -> bool {
        let dotted = format!(".{}", self.bare());
        [self.bare(), &dotted].into_iter().any(|domain| {
            let id = CookieId::from_parts(self.partition(), domain, path, name);
            self.get(&id).is_some_and(&mut *is_such)
        })
    }

    pub(super) fn get(&self, id: &CookieId<'_>) -> Option<&Cookie> {
        match &self.content {
            Content::Few(few) => few.iter().find(|cookie| is_of(id, cookie)),
            Content::Indexed(indexed) => indexed.get(id),
        }
    }

    /// If there is no such cookie or it has expired, returns `cookie` and the removed expired one.
    #[inline]
    pub(super) fn replace(
        &mut self,
        cookie: Cookie,
        now: i64,
        sink: &mut impl Sink,
    ) -> Option<(Cookie, Option<Cookie>)> {
        let few = match &mut self.content {
            Content::Few(few) => few,
            Content::Indexed(indexed) => return indexed.replace(cookie, now, sink),
        };
        let namesake = |(_, stored): &(usize, &mut Cookie)| cookie.is_namesake_of(stored);
        match few.iter_mut().enumerate().find(namesake) {
            Some((place, stored)) if stored.is_expired_at(now) => {
                let expired = few.remove(place);
                Some((cookie, Some(expired)))
            }
            Some((_, stored)) => {
                let previous = stored.overwrite_with(cookie);
                sink.changed(&CookieChange::replaced(&previous, stored));
                previous.recycle();
                None
            }
            None => Some((cookie, None)),
        }
    }

    /// In the index two cookies never share a position.
    pub(super) fn is_taken(&self, cookie: &Cookie, shares_numbers: bool) -> bool {
        let key = cookie.sending_key();
        match &self.content {
            Content::Few(_) if shares_numbers => false,
            Content::Few(few) => few.iter().any(|stored| stored.sending_key() == key),
            Content::Indexed(indexed) => indexed.has_sending_key(key),
        }
    }

    pub(super) fn insert(&mut self, cookie: Cookie) -> &Cookie {
        if matches!(&self.content, Content::Few(few) if few.len() >= MANY) {
            self.become_many();
        }
        match &mut self.content {
            Content::Few(few) => insert_in_order(few, cookie),
            Content::Indexed(indexed) => indexed.insert(cookie),
        }
    }

    /// Cookies that share a number stay in order.
    fn become_many(&mut self) {
        if let Content::Few(few) = &mut self.content {
            let mut indexed = Box::<IndexedCookies>::default();
            for cookie in std::mem::take(few) {
                indexed.insert(cookie);
            }
            self.content = Content::Indexed(indexed);
        }
    }

    pub(super) fn remove(&mut self, id: &CookieId<'_>) -> Option<Cookie> {
        match &mut self.content {
            Content::Few(few) => {
                let place = few.iter().position(|cookie| is_of(id, cookie))?;
                Some(few.remove(place))
            }
            Content::Indexed(indexed) => indexed.remove(id),
        }
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Cookie) -> bool) -> Vec<Cookie> {
        let few = match &mut self.content {
            Content::Few(few) => few,
            Content::Indexed(indexed) => return indexed.retain(keep),
        };
        let gone = few.extract_if(.., |cookie| !keep(cookie)).collect();
        if few.len() * 4 < few.capacity() {
            few.shrink_to(few.len() * 2);
        }
        gone
    }

    pub(super) fn sweep(&mut self, now: i64) -> Vec<Cookie> {
        match &mut self.content {
            Content::Few(_) => self.retain(|cookie| !cookie.is_expired_at(now)),
            Content::Indexed(indexed) => indexed.sweep(now, SWEPT_COOKIES),
        }
    }
}

fn insert_in_order(few: &mut Vec<Cookie>, cookie: Cookie) -> &Cookie {
    let place = few.partition_point(|stored| stored.cmp_sending(&cookie).is_lt());
    if few.len() == few.capacity() {
        let more = match few.len() {
            0..HANDFUL => 1,
            len => len / 2,
        };
        few.reserve_exact(more);
    }
    few.insert(place, cookie);
    &few[place]
}
