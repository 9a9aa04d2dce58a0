//! Common tasks on a shared jar, one line per call.

use super::SharedCookieJar;
use crate::cookie::Cookie;
use crate::jar::calls::{self, Jar};
use crate::jar::{
    Amendment, ChangeCause, ExtractReport, Import, ImportOptions, ImportReport, NotFound,
};
use crate::rejection::Rejection;
use crate::request::RequestContext;

/// Cookies by name, cookies from text, all cookies of a host or a site. The methods of the same names of
/// [`CookieJar`](crate::CookieJar) have the details.
impl SharedCookieJar {
    /// Returns a copy of the first cookie with that name that a request would send.
    #[must_use]
    pub fn cookie_for<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
        name: impl AsRef<[u8]>,
    ) -> Option<Cookie> {
        self.call().look_up(request.into(), |lookup| {
            lookup.named(name.as_ref()).cloned()
        })
    }

    /// Returns the value of the cookie that [`cookie_for`](Self::cookie_for) finds.
    #[must_use]
    pub fn value_for<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
        name: impl AsRef<[u8]>,
    ) -> Option<String> {
        self.call().look_up(request.into(), |lookup| {
            let cookie = lookup.named(name.as_ref())?;
            Some(cookie.value().unwrap_or_default().to_owned())
        })
    }

    /// Removes the cookie that [`cookie_for`](Self::cookie_for) finds.
    ///
    /// # Errors
    ///
    /// If the request would send no cookie with that name.
    pub fn remove_for<'r>(
        &self,
        request: impl Into<RequestContext<'r>>,
        name: impl AsRef<[u8]>,
    ) -> Result<Cookie, NotFound> {
        calls::remove_for(&mut self.call(), request.into(), name.as_ref())
    }

    /// Stores the cookie that a text describes, if the policy accepts it.
    ///
    /// # Errors
    ///
    /// The rule that rejects the cookie, or the reason why the text cannot be read. The jar is then unchanged.
    pub fn set_cookie_str<'r>(
        &self,
        text: impl AsRef<[u8]>,
        request: impl Into<RequestContext<'r>>,
    ) -> Result<Option<ChangeCause>, Rejection> {
        calls::set_cookie_str(&mut self.call(), text.as_ref(), request.into())
    }

    /// Stores the cookies of a `Cookie` header that was copied from elsewhere.
    pub fn insert_pairs<'r>(
        &self,
        pairs: impl AsRef<[u8]>,
        request: impl Into<RequestContext<'r>>,
    ) -> ExtractReport {
        calls::insert_pairs(&mut self.call(), pairs.as_ref(), request.into())
    }

    /// Stores cookies that no response set.
    pub fn import(
        &self,
        cookies: impl IntoIterator<Item = Cookie>,
        options: &ImportOptions,
    ) -> ImportReport {
        let cookies = cookies.into_iter().collect();
        calls::import(&mut self.call(), cookies, options.into())
    }

    pub(crate) fn amend<'d, D, T>(
        &self,
        domains: impl Iterator<Item = &'d str>,
        now: i64,
        decide: impl FnOnce(&[&Cookie]) -> (Amendment, D),
        look: impl FnOnce(&[&Cookie], D) -> T,
    ) -> (ImportReport, usize, T) {
        calls::amend(&mut self.call(), domains, now, decide, look)
    }

    pub(crate) fn import_as(&self, cookies: Vec<Cookie>, how: Import<'_>) -> ImportReport {
        calls::import(&mut self.call(), cookies, how)
    }

    /// Returns copies of the cookies of a host's site.
    #[must_use]
    pub fn cookies_of_site(&self, host: &str) -> Vec<Cookie> {
        let _asking = self.inner.enter();
        // A site is in one shard: that of its host.
        let part = self
            .inner
            .read(self.inner.shard_of(&calls::canonical(host)));
        let cookies = calls::of_site(&*part.rules.policy, part.shelf.store(), host);
        cookies.into_iter().cloned().collect()
    }

    /// Removes the cookies of a host, and returns their number.
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_host(&self, host: &str) -> Result<usize, NotFound> {
        calls::clear_host(&mut self.call(), host)
    }

    /// Removes the cookies of a host's site, and returns their number.
    ///
    /// # Errors
    ///
    /// If no cookie was removed.
    pub fn clear_site(&self, host: &str) -> Result<usize, NotFound> {
        calls::clear_site(&mut self.call(), host)
    }
}
