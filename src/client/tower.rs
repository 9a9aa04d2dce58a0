//! The cookie layer for HTTP clients made of `tower` services (feature `tower`).
//!
//! [`CookieLayer`] corresponds to Python's `HTTPCookieProcessor`. It works over any `Service<http::Request<B>>` that
//! returns an `http::Response`, such as hyper-util's client.
//!
//! # Position in the stack
//!
//! It belongs next to the client, *inside* any layer that follows redirects or retries. Each hop is then a separate
//! request, and the cookies of every response are stored. Outside of a redirect layer, one header would be sent to all
//! hosts.
//!
//! ```
//! use cookiejar::client::tower::CookieLayer;
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt};
//! use tower_http::follow_redirect::FollowRedirectLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // In place of hyper-util's client: a server that logs in whoever asks, and then greets them.
//! let client = tower::service_fn(async |request: Request<String>| {
//!     let response = match request.headers().get("Cookie") {
//!         Some(_) => Response::builder(),
//!         None => Response::builder().status(303).header("Location", "/hello").header("Set-Cookie", "sid=31d4"),
//!     };
//!     response.body(String::new())
//! });
//!
//! let cookies = CookieLayer::default();
//! let service = ServiceBuilder::new()
//!     .layer(FollowRedirectLayer::new())
//!     .layer(cookies.clone())
//!     .service(client);
//! let response = service.oneshot(Request::get("https://acme.com/").body(String::new())?).await?;
//! assert_eq!(response.status(), 200);
//! assert!(cookies.jar().get(("acme.com", "/", "sid")).is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # One request
//!
//! A request with [`CookieOptions`] among its extensions uses those. tower-http's redirect layer drops all extensions
//! when a redirect leads to another origin, unless told to keep a type. A request that is [kept out of the
//! jar](CookieOptions::without_jar) would then use the jar at the next host.
//!
//! Redirected hops can also be marked as unverifiable transactions of the first host, as in Python: a first request
//! to the origin's own host is never a third party's.
//!
//! ```
//! use cookiejar::Provenance;
//! use cookiejar::client::{CookieOptions, tower::CookieLayer};
//! use http::Request;
//! use tower::ServiceBuilder;
//! use tower_http::follow_redirect::FollowRedirectLayer;
//! use tower_http::follow_redirect::policy::{And, FilterCredentials, Limited, PolicyExt};
//!
//! let keep_options = FilterCredentials::new().allow_extension::<CookieOptions>();
//! let policy: And<Limited, FilterCredentials> = Limited::default().and::<_, (), ()>(keep_options);
//! let stack = ServiceBuilder::new()
//!     .map_request(|mut request: Request<String>| {
//!         let host = request.uri().host().unwrap_or_default().to_owned();
//!         let of_this_host = Provenance::new().unverifiable(true).origin_host(&host);
//!         request.extensions_mut().insert(CookieOptions::new().caused_by(of_this_host));
//!         request
//!     })
//!     .layer(FollowRedirectLayer::with_policy(policy))
//!     .layer(CookieLayer::default());
//! # let _ = stack;
//! ```

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::CookieOptions;
use crate::request::RequestContext;
use crate::shared::SharedCookieJar;

/// Adds a jar to a client; see the [module](self).
#[derive(Debug, Clone)]
#[cfg_attr(feature = "psl", derive(Default))]
pub struct CookieLayer {
    jar: SharedCookieJar,
    options: CookieOptions,
}

impl CookieLayer {
    /// Creates a layer with this jar. [`CookieLayer::default`] creates a jar of its own.
    #[must_use]
    pub fn new(jar: SharedCookieJar) -> Self {
        Self {
            jar,
            options: CookieOptions::new(),
        }
    }

    /// Sets the options of all requests without their own. Defaults to [`CookieOptions::new`].
    #[must_use]
    pub fn options(mut self, options: CookieOptions) -> Self {
        self.options = options;
        self
    }

    /// Returns the jar, which all services of this layer share.
    #[must_use]
    pub fn jar(&self) -> &SharedCookieJar {
        &self.jar
    }
}

impl<S> Layer<S> for CookieLayer {
    type Service = CookieService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CookieService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A client with a jar; see the [module](self).
#[derive(Debug, Clone)]
pub struct CookieService<S> {
    inner: S,
    layer: CookieLayer,
}

impl<S> CookieService<S> {
    /// Creates a service that adds `jar` to `inner`.
    #[must_use]
    pub fn new(inner: S, jar: SharedCookieJar) -> Self {
        CookieLayer::new(jar).layer(inner)
    }

    /// Returns the jar.
    #[must_use]
    pub fn jar(&self) -> &SharedCookieJar {
        self.layer.jar()
    }

    /// Returns the client.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns the client, to change it.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the client without the jar.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B, R> Service<Request<B>> for CookieService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    /// The client is called here, not in the future, so that it is the one that reported ready and not a clone.
    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let CookieLayer { jar, options } = &self.layer;
        let options = CookieOptions::from_request(&request, options);
        let context = RequestContext::from(&request)
            .caused_by(options.provenance())
            .into_owned();
        let jar = options.jar_or(jar);
        options.add_cookies(jar, &mut request, &context);
        ResponseFuture {
            answer: self.inner.call(request),
            jar: options.stores().then(|| jar.clone()),
            context,
        }
    }
}

pin_project! {
    /// The response of a [`CookieService`], whose cookies are stored when it arrives. It holds no lock while it
    /// waits.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        answer: F,
        jar: Option<SharedCookieJar>,
        context: RequestContext<'static>,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.answer.poll(cx))?;
        if let Some(jar) = this.jar {
            jar.extract_cookies(&response, &*this.context);
        }
        Poll::Ready(Ok(response))
    }
}
