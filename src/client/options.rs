//! What a caller has to say of one request, for the clients whose requests can carry it.

use ::http::{Method, Request};

use crate::headers::Merge;
use crate::options::options;
use crate::request::{Provenance, RequestContext};
use crate::shared::SharedCookieJar;

/// What an adapter does with a request: whether it goes through the jar, and what the jar is told of it.
///
/// An adapter has options for all its requests. A request that carries others among its extensions goes by
/// those:
///
/// ```
/// use cookiejar::Provenance;
/// use cookiejar::client::CookieOptions;
/// use http::Request;
///
/// let banner = Request::get("https://ads.example/banner")
///     .extension(CookieOptions::new().caused_by(
///         Provenance::new().unverifiable(true).origin_host("news.example"),
///     ))
///     .body(())?;
/// let anonymous = Request::get("https://acme.com/").extension(CookieOptions::without_jar()).body(())?;
/// # Ok::<(), http::Error>(())
/// ```
///
/// A `CONNECT` request is a proxy's and never goes through the jar.
#[derive(Debug, Clone)]
pub struct CookieOptions {
    jar: Option<SharedCookieJar>,
    provenance: Provenance<'static>,
    merge: Merge,
    send: bool,
    store: bool,
}

impl Default for CookieOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl CookieOptions {
    /// The defaults: the jar's cookies are sent and those of the response stored, and the request is the
    /// user's own.
    #[must_use]
    pub fn new() -> Self {
        Self {
            jar: None,
            provenance: Provenance::new(),
            merge: Merge::Keep,
            send: true,
            store: true,
        }
    }

    /// For a request that is kept out of the jar: nothing is sent, and nothing stored.
    #[must_use]
    pub fn without_jar() -> Self {
        Self::new().send(false).store(false)
    }

    /// Sets the jar of the request, so that one client serves many sessions. Defaults to the client's own jar.
    ///
    /// ```
    /// use cookiejar::CookieSessions;
    /// use cookiejar::client::CookieOptions;
    /// use http::Request;
    ///
    /// let sessions = CookieSessions::new();
    /// let request = Request::get("https://acme.com/cart")
    ///     .extension(CookieOptions::new().jar(sessions.jar(&"anna")))
    ///     .body(())?;
    /// # Ok::<(), http::Error>(())
    /// ```
    #[must_use]
    pub fn jar(mut self, jar: SharedCookieJar) -> Self {
        self.jar = Some(jar);
        self
    }

    /// Sets who asked for the request, from where and when. Defaults to [`Provenance::new`].
    #[must_use]
    pub fn caused_by<'p>(mut self, provenance: impl Into<Provenance<'p>>) -> Self {
        self.provenance = provenance.into().into_owned();
        self
    }

    options! {
        /// Sets what becomes of a `Cookie` header that the request has already. Defaults to [`Merge::Keep`]: it
        /// stays, and the jar adds nothing.
        merge: Merge;
        /// Sets whether the cookies of the jar are sent. Defaults to `true`.
        send: bool;
        /// Sets whether the cookies of the response are stored. Defaults to `true`.
        store: bool;
    }

    /// The options of a request: its own, or those for all.
    pub(super) fn from_request<B>(request: &Request<B>, for_all: &Self) -> Self {
        if request.method() == Method::CONNECT {
            return Self::without_jar();
        }
        request.extensions().get().unwrap_or(for_all).clone()
    }

    /// The jar of the request: its own, or the client's.
    pub(super) fn jar_or<'j>(&'j self, clients: &'j SharedCookieJar) -> &'j SharedCookieJar {
        self.jar.as_ref().unwrap_or(clients)
    }

    pub(super) fn provenance(&self) -> &Provenance<'static> {
        &self.provenance
    }

    /// Whether the cookies of the response are stored.
    pub(super) fn stores(&self) -> bool {
        self.store
    }

    /// Adds the cookies of the jar, if they are wanted.
    pub(super) fn add_cookies<B>(
        &self,
        jar: &SharedCookieJar,
        request: &mut Request<B>,
        context: &RequestContext<'_>,
    ) {
        if self.send {
            jar.merge_cookie_header(request, context, self.merge);
        }
    }
}
