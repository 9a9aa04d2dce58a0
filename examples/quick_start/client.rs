//! The client: hyper's, which knows no cookies and follows no redirects, and a jar beside it.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::header::{COOKIE, HeaderMap, LOCATION};
use axum::http::{Request, Response, StatusCode};
use cookiejar::jar::ChangeCause;
use cookiejar::{Cookie, CookieJar, ExtractReport, Rejection};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use url::Url;

/// How long a server may take for the head of its answer.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Client {
    http: hyper_util::client::legacy::Client<HttpConnector<Resolver>, String>,
    jar: CookieJar,
}

/// One hop: what went out, what came back, and what the jar said to it.
pub(crate) struct Visit {
    pub(crate) method: String,
    pub(crate) url: Url,
    /// The `Cookie` header as it was sent.
    pub(crate) sent: Option<String>,
    /// The names of the cookies in it.
    pub(crate) sent_names: Vec<String>,
    /// The cookies that stayed in the jar although their domain is in reach, and why.
    pub(crate) withheld: Vec<(String, Rejection)>,
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    /// The `Cookie` header as the story's server saw it.
    pub(crate) seen: Option<String>,
    /// Each cookie that the server set.
    pub(crate) set: Vec<SetCookie>,
    pub(crate) report: ExtractReport,
}

/// A `Set-Cookie` field, and what became of it.
pub(crate) struct SetCookie {
    pub(crate) field: String,
    /// What the field says, if it can be read.
    pub(crate) cookie: Option<Cookie>,
    pub(crate) outcome: Result<Option<ChangeCause>, Rejection>,
}

impl Client {
    pub(crate) fn new(jar: CookieJar, all_hosts_are: Option<SocketAddr>) -> Self {
        let connector = HttpConnector::new_with_resolver(Resolver { all_hosts_are });
        let http =
            hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        Self { http, jar }
    }

    pub(crate) fn jar(&self) -> &CookieJar {
        &self.jar
    }

    /// One request and its answer. The jar is asked before the one and told of the other, both
    /// times with the URL of this very hop.
    pub(crate) async fn visit(&mut self, method: &str, url: &Url) -> Result<Visit, Box<dyn Error>> {
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .body(String::new())?;
        let sent_names = names(self.jar.cookies_for(url));
        let withheld = self.withheld_from(url);

        self.jar.add_cookie_header(&mut request); // the first call: the jar's cookies go out
        let sent = text(request.headers(), COOKIE.as_str());
        let answer = self.http.request(request);
        let response = tokio::time::timeout(PATIENCE, answer)
            .await
            .map_err(|_| format!("{url}: no answer"))?
            .map_err(|error| format!("{url}: {}", root_cause(&error)))?;

        let (fields, report) = self.take_in(&response, url);

        Ok(Visit {
            method: method.to_owned(),
            url: url.clone(),
            sent,
            sent_names,
            withheld,
            status: response.status(),
            location: text(response.headers(), LOCATION.as_str()),
            seen: text(response.headers(), "cookies-seen"),
            set: fields,
            report,
        })
    }

    /// The jar's own explanation of what it will not send.
    fn withheld_from(&self, url: &Url) -> Vec<(String, Rejection)> {
        let explained = self.jar.explain(url);
        let withheld = explained
            .iter()
            .filter_map(|explanation| Some((explanation.cookie, explanation.verdict.err()?)));
        withheld
            .map(|(cookie, reason)| (cookie.name().to_owned(), reason))
            .collect()
    }

    /// Gives the response to the jar, and notes what it says to each field.
    fn take_in<B>(&mut self, response: &Response<B>, url: &Url) -> (Vec<SetCookie>, ExtractReport) {
        let mut fields = Vec::new();
        let report = self.jar.extract_cookies_with(response, url, |outcome| {
            fields.push(SetCookie {
                field: printable(outcome.field),
                cookie: outcome.cookie.cloned(),
                outcome: outcome.outcome,
            });
        });
        (fields, report)
    }
}

impl SetCookie {
    pub(crate) fn name(&self) -> &str {
        self.field.split(['=', ';']).next().unwrap_or_default()
    }
}

impl Visit {
    /// Where the answer sends the client, and by which method.
    pub(crate) fn redirect(&self) -> Option<(String, Url)> {
        let method = match self.status.as_u16() {
            301 | 302 if self.method == "POST" => "GET",
            303 => "GET",
            301 | 302 | 307 | 308 => &self.method,
            _ => return None,
        };
        let target = self.url.join(self.location.as_deref()?).ok()?;
        Some((method.to_owned(), target))
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

/// Bytes as text that does nothing to a terminal.
fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(char::is_control, "?")
}

fn root_cause<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error.source().map_or(error, root_cause)
}

/// Finds the hosts of URLs: all at one address for the story, otherwise as the system does.
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
                // Port 0 leaves the choice to the URL.
                None => tokio::net::lookup_host((name.as_str(), 0)).await?.collect(),
            };
            Ok(addresses.into_iter())
        })
    }
}
