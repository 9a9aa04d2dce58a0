//! Options of one request, for clients whose requests can carry them.

use ::http::{Method, Request};

use crate::headers::Merge;
use crate::options::options;
use crate::request::{Provenance, RequestContext};
use crate::shared::SharedCookieJar;

/// What an adapter does with a request: whether it goes through a jar, which one, and what the jar knows about
/// it.
///
/// An adapter has options for all its requests. A request with other options among its extensions uses those
/// instead:
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A `CONNECT` request is meant for a proxy and never uses the jar.
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
    /// Returns the defaults.
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

    /// Returns options that keep a request and its response out of the jar.
    #[must_use]
    pub fn without_jar() -> Self {
        Self::new().send(false).store(false)
    }

    /// Sets the jar of the request, so that one client serves many sessions. Defaults to the client's own jar.
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
        /// Sets what happens to a `Cookie` header that the request already has. Defaults to [`Merge::Keep`].
        merge: Merge;
        /// Sets whether the cookies of the jar are sent. Defaults to `true`.
        send: bool;
        /// Sets whether the cookies of the response are stored. Defaults to `true`.
        store: bool;
    }

    pub(super) fn from_request<B>(request: &Request<B>, for_all: &Self) -> Self {
        if request.method() == Method::CONNECT {
            return Self::without_jar();
        }
        request.extensions().get().unwrap_or(for_all).clone()
    }

    pub(super) fn jar_or<'j>(&'j self, clients: &'j SharedCookieJar) -> &'j SharedCookieJar {
        self.jar.as_ref().unwrap_or(clients)
    }

    pub(super) fn provenance(&self) -> &Provenance<'static> {
        &self.provenance
    }

    pub(super) fn stores(&self) -> bool {
        self.store
    }

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
