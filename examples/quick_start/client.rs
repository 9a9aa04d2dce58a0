//! The client: hyper's, which has neither cookies nor redirects, with a jar and the rules of redirects.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{COOKIE, HeaderMap, LOCATION};
use axum::http::{Request, Response, StatusCode};
use cookiejar::jar::ChangeCause;
use cookiejar::redirect::{Hop, Redirect, RedirectRules};
use cookiejar::{Cookie, CookieJar, ExtractReport, Rejection};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use url::Url;

/// How long a server may take for the head of its response.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Client {
    http: hyper_util::client::legacy::Client<HttpConnector<Resolver>, Body>,
    jar: CookieJar,
    redirects: RedirectRules,
}

/// One hop: the request, the response, and what the jar did with it.
pub(crate) struct Visit {
    pub(crate) method: String,
    pub(crate) url: Url,
    /// The `Cookie` header as it was sent.
    pub(crate) sent: Option<String>,
    /// The names of the cookies in it.
    pub(crate) sent_names: Vec<String>,
    /// The cookies of domains in reach that were withheld, and why.
    pub(crate) withheld: Vec<(String, Rejection)>,
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    /// The `Cookie` header that the story's server received.
    pub(crate) seen: Option<String>,
    /// Each cookie that the server set.
    pub(crate) set: Vec<SetCookie>,
    pub(crate) report: ExtractReport,
}

/// A `Set-Cookie` field, and the jar's verdict on it.
pub(crate) struct SetCookie {
    pub(crate) field: String,
    /// The cookie, if the field has one.
    pub(crate) cookie: Option<Cookie>,
    pub(crate) outcome: Result<Option<ChangeCause>, Rejection>,
}

impl Client {
    pub(crate) fn new(jar: CookieJar, all_hosts_are: Option<SocketAddr>) -> Self {
        let connector = HttpConnector::new_with_resolver(Resolver { all_hosts_are });
        let http =
            hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        Self {
            http,
            jar,
            redirects: RedirectRules::new(),
        }
    }

    pub(crate) fn jar(&self) -> &CookieJar {
        &self.jar
    }

    /// Requests a URL and follows its redirects; `tell` gets each hop as it happens.
    pub(crate) async fn open(
        &mut self,
        method: &str,
        url: Url,
        mut tell: impl FnMut(&Visit),
    ) -> Result<Vec<Visit>, Box<dyn Error>> {
        let mut visits = Vec::new();
        let mut headers = HeaderMap::new();
        let mut hop = Hop::new(url, method, &headers);
        loop {
            let (visit, response) = self.visit(&hop, &mut headers).await?;
            tell(&visit);
            visits.push(visit);
            let Some(redirect) = Redirect::new(response.status().as_u16(), &response) else {
                return Ok(visits);
            };
            hop = self.redirects.follow(&hop, redirect, &mut headers)?;
            if hop.url().scheme() == "https" {
                return Err(
                    format!("stopped before {}: this example has no TLS", hop.url()).into(),
                );
            }
        }
    }

    /// One request and its response. Two calls: the jar adds its cookies before, and stores those of the
    /// response afterwards, both with the URL of this hop.
    async fn visit(
        &mut self,
        hop: &Hop,
        headers: &mut HeaderMap,
    ) -> Result<(Visit, Response<()>), Box<dyn Error>> {
        let sent_names = names(self.jar.cookies_for(hop.context()));
        let withheld = self.withheld_from(hop);
        self.jar.add_cookie_header_to(headers, hop.context());
        let cookie = text(headers, COOKIE.as_str());

        let response = self.send(hop, headers.clone()).await?;

        let mut set = Vec::new();
        let report = self
            .jar
            .extract_cookies_with(&response, hop.context(), |outcome| {
                set.push(SetCookie {
                    field: printable(outcome.field),
                    cookie: outcome.cookie.cloned(),
                    outcome: outcome.outcome,
                });
            });
        let visit = Visit {
            method: hop.method().to_owned(),
            url: hop.url().clone(),
            sent: cookie,
            sent_names,
            withheld,
            status: response.status(),
            location: text(response.headers(), LOCATION.as_str()),
            seen: text(response.headers(), "cookies-seen"),
            set,
            report,
        };
        Ok((visit, response))
    }

    /// The jar's own explanation of what it withholds.
    fn withheld_from(&self, hop: &Hop) -> Vec<(String, Rejection)> {
        let explained = self.jar.explain(hop.context());
        let withheld = explained
            .iter()
            .filter_map(|explanation| Some((explanation.cookie, explanation.verdict.err()?)));
        withheld
            .map(|(cookie, reason)| (cookie.name().to_owned(), reason))
            .collect()
    }

    async fn send(&self, hop: &Hop, headers: HeaderMap) -> Result<Response<()>, Box<dyn Error>> {
        let url = hop.url();
        let mut request = Request::builder()
            .method(hop.method())
            .uri(url.as_str())
            .body(Body::empty())?;
        *request.headers_mut() = headers;
        let response = tokio::time::timeout(PATIENCE, self.http.request(request))
            .await
            .map_err(|_| format!("{url}: no answer"))?
            .map_err(|error| format!("{url}: {}", root_cause(&error)))?;
        Ok(response.map(drop))
    }
}

impl SetCookie {
    pub(crate) fn name(&self) -> &str {
        self.field.split(['=', ';']).next().unwrap_or_default()
    }
}

fn names(cookies: Vec<&Cookie>) -> Vec<String> {
    cookies
        .into_iter()
        .map(|cookie| cookie.name().to_owned())
        .collect()
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| printable(value.as_bytes()))
}

/// Replaces control characters, which a terminal would obey.
fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(char::is_control, "?")
}

fn root_cause<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error.source().map_or(error, root_cause)
}

/// Resolves host names: to one address for the story, otherwise as the system does.
#[derive(Clone)]
struct Resolver {
    all_hosts_are: Option<SocketAddr>,
}

impl tower_service::Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let made_up = self.all_hosts_are;
        Box::pin(async move {
            let addresses = match made_up {
                Some(address) => vec![address],
                // Port 0 means the port of the URL.
                None => tokio::net::lookup_host((name.as_str(), 0)).await?.collect(),
            };
            Ok(addresses.into_iter())
        })
    }
}
