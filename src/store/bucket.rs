//! The cookies of one bare domain.

use std::sync::Arc;

use super::Identity;
use crate::cookie::{Cookie, NEVER};

/// The cookies of a bare domain, those with a leading dot in their domain and those without
/// together, in the order in which they are sent.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    domain: Arc<str>,
    /// How much of the end of the domain is the site under which its cookies are counted.
    site_len: usize,
    cookies: Vec<Cookie>,
    /// When the bucket is to be looked at for cookies whose time is over, or [`NEVER`]; no cookie
    /// in it expires earlier.
    due: i64,
}

impl Bucket {
    pub(super) fn new(domain: &str, site: &str) -> Self {
        Self {
            domain: domain.into(),
            site_len: site.len(),
            cookies: Vec::new(),
            due: NEVER,
        }
    }

    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    pub(super) fn shared_domain(&self) -> Arc<str> {
        Arc::clone(&self.domain)
    }

    /// The registrable domain, as it was when the bucket was made.
    pub(super) fn site(&self) -> &str {
        &self.domain[self.domain.len() - self.site_len..]
    }

    pub(crate) fn cookies(&self) -> &[Cookie] {
        &self.cookies
    }

    pub(super) fn into_cookies(self) -> Vec<Cookie> {
        self.cookies
    }

    pub(super) fn len(&self) -> usize {
        self.cookies.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    pub(super) fn due(&self) -> i64 {
        self.due
    }

    pub(super) fn set_due(&mut self, due: i64) {
        self.due = due;
    }

    pub(super) fn earliest_expiry(&self) -> i64 {
        self.cookies
            .iter()
            .map(Cookie::expiry_key)
            .min()
            .unwrap_or(NEVER)
    }

    pub(super) fn get(&self, identity: Identity<'_>) -> Option<&Cookie> {
        self.cookies.iter().find(|cookie| identity.is_of(cookie))
    }

    /// The cookie that `cookie` would replace.
    pub(super) fn namesake_mut(&mut self, cookie: &Cookie) -> Option<&mut Cookie> {
        self.cookies
            .iter_mut()
            .find(|stored| cookie.is_namesake_of(stored))
    }

    /// Puts a new cookie into its place in the order.
    pub(super) fn insert(&mut self, cookie: Cookie) {
        let key = cookie.sending_key();
        let place = self
            .cookies
            .partition_point(|stored| stored.sending_key() < key);
        // Most sites have a handful of cookies: no room for more than these.
        if self.cookies.len() == self.cookies.capacity() {
            self.cookies.reserve_exact(1 + self.cookies.len() / 2);
        }
        self.cookies.insert(place, cookie);
    }

    pub(super) fn remove(&mut self, identity: Identity<'_>) -> Option<Cookie> {
        let place = self
            .cookies
            .iter()
            .position(|cookie| identity.is_of(cookie))?;
        Some(self.cookies.remove(place))
    }

    /// Keeps the cookies for which `keep` is true, and tells how many went.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Cookie) -> bool) -> usize {
        let before = self.cookies.len();
        self.cookies.retain(keep);
        if self.cookies.len() * 4 < self.cookies.capacity() {
            self.cookies.shrink_to(self.cookies.len() * 2);
        }
        before - self.cookies.len()
    }
}
