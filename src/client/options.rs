//! What a caller has to say of one request, for the clients whose requests can carry it.

use ::http::{Method, Request};

use crate::message::Merge;
use crate::request::RequestContext;
use crate::shared::SharedCookieJar;

/// What an adapter does with a request: whether it goes through the jar, and what the jar is told of it.
///
/// An adapter has options for all its requests. A request that carries others among its extensions goes by
/// those:
///
/// ```
/// use cookiejar::RequestContext;
/// use cookiejar::client::CookieOptions;
/// use http::Request;
///
/// let banner = Request::get("https://ads.example/banner")
///     .extension(CookieOptions::new().context(
///         RequestContext::untargeted().unverifiable(true).origin_host("news.example"),
///     ))
///     .body(())?;
/// let anonymous = Request::get("https://acme.com/").extension(CookieOptions::without_jar()).body(())?;
/// # Ok::<(), http::Error>(())
/// ```
///
/// A `CONNECT` request is a proxy's and never goes through the jar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieOptions {
    context: RequestContext<'static>,
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
            context: RequestContext::untargeted(),
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

    /// Sets what the URL of the request does not say; the target of `context` does not count. Defaults to
    /// [`RequestContext::untargeted`].
    #[must_use]
    pub fn context(mut self, context: RequestContext<'static>) -> Self {
        self.context = context;
        self
    }

    /// Sets what becomes of a `Cookie` header that the request has already. Defaults to [`Merge::Keep`]: it
    /// stays, and the jar adds nothing.
    #[must_use]
    pub fn merge(mut self, merge: Merge) -> Self {
        self.merge = merge;
        self
    }

    /// Sets whether the cookies of the jar are sent. Defaults to `true`.
    #[must_use]
    pub fn send(mut self, yes: bool) -> Self {
        self.send = yes;
        self
    }

    /// Sets whether the cookies of the response are stored. Defaults to `true`.
    #[must_use]
    pub fn store(mut self, yes: bool) -> Self {
        self.store = yes;
        self
    }

    /// The options of a request: its own, or those for all.
    pub(super) fn of<B>(request: &Request<B>, for_all: &Self) -> Self {
        if request.method() == Method::CONNECT {
            return Self::without_jar();
        }
        request.extensions().get().unwrap_or(for_all).clone()
    }

    /// What the URL does not say.
    pub(super) fn facts(&self) -> &RequestContext<'static> {
        &self.context
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
