//! The jar of `ureq` 3 (feature `ureq-3`).
//!
//! ureq has no hook for a foreign jar: its middleware sees only the first request and the last response of a
//! chain of redirects, and its errors for 4xx and 5xx responses have no headers. A [`CookieAgent`] therefore
//! follows redirects itself, as ureq would, and asks the jar at every hop.
//!
//! ```no_run
//! use cookiejar::SharedCookieJar;
//! use cookiejar::client::ureq_3::CookieAgent;
//! use http::Request;
//! use ureq::Agent;
//!
//! let agent = CookieAgent::new(Agent::new_with_defaults(), SharedCookieJar::new());
//! let request = Request::post("https://acme.com/login").body("user=ann&password=secret")?;
//! let response = agent.run(request)?;
//! println!("{} {}", response.status(), agent.jar().len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`agent`] creates a ureq agent whose requests all go through the jar:
//!
//! ```no_run
//! # use cookiejar::{SharedCookieJar, client::ureq_3};
//! let jar = SharedCookieJar::new();
//! let agent = ureq_3::agent(jar.clone(), |config| config.user_agent("shopper/1.0").https_only(true));
//! agent.post("https://acme.com/login").send_form([("user", "ann"), ("password", "secret")])?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Settings
//!
//! Every setting of the agent or configuration applies at every hop, except that `max_redirects`,
//! `max_redirects_will_error`, `redirect_auth_headers`, `http_status_as_error` and `timeout_global` apply to the chain
//! as a whole. ureq does not expose what was configured on a single request, so these five are ignored there.
//!
//! # Differences from ureq
//!
//! - `save_redirect_history` yields only the last hop.
//! - Headers that describe the body, such as `Content-Type`, are dropped with the body; ureq keeps sending
//!   them.
//! - `Proxy-Authorization` is treated like `Authorization`.
//! - A `Location` is resolved as in browsers; one that is not an http URL is [`Error::BadUri`], and a redirect
//!   without one is [`Error::Other`].
//!
//! Leave ureq's own feature `cookies` off: it would add a second `Cookie` header.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use ::http::{Request, Response, StatusCode, Uri, request};
use ureq::config::{Config, ConfigBuilder, RedirectAuthHeaders};
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::typestate::AgentScope;
use ureq::{Agent, AsSendBody, Body, Error, SendBody, Timeout};
use url::Url;

use super::CookieOptions;
use crate::redirect::{Credentials, Hop, Redirect, RedirectError, RedirectRules};
use crate::request::RequestContext;
use crate::shared::SharedCookieJar;

/// An agent with a jar; see the [module](self). Clones share both.
#[derive(Debug, Clone)]
pub struct CookieAgent {
    agent: Agent,
    jar: SharedCookieJar,
    options: CookieOptions,
}

impl CookieAgent {
    /// Creates an agent that sends requests with `agent` and cookies with `jar`.
    #[must_use]
    pub fn new(agent: Agent, jar: SharedCookieJar) -> Self {
        Self {
            agent,
            jar,
            options: CookieOptions::new(),
        }
    }

    /// Sets the options of all requests without options among their extensions. Defaults to
    /// [`CookieOptions::new`].
    #[must_use]
    pub fn options(mut self, options: CookieOptions) -> Self {
        self.options = options;
        self
    }

    /// Returns the jar.
    #[must_use]
    pub fn jar(&self) -> &SharedCookieJar {
        &self.jar
    }

    /// Returns the agent.
    #[must_use]
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Sends a request and follows its redirects like [`Agent::run`], with the cookies of the jar at every hop.
    ///
    /// # Errors
    ///
    /// Those of [`Agent::run`]. The cookies of a response that ureq turns into an error are stored first.
    pub fn run(&self, request: Request<impl AsSendBody>) -> Result<Response<Body>, Error> {
        let (parts, body) = request.into_parts();
        let mut walk = Walk::new(self, parts)?;
        let mut response = walk.send(body)?;
        while walk.goes_on_after(&response)? {
            discard(response);
            response = walk.send(())?;
        }
        let status = response.status();
        let is_error = status.is_client_error() || status.is_server_error();
        if is_error && self.agent.config().http_status_as_error() {
            return Err(Error::StatusCode(status.as_u16()));
        }
        Ok(response)
    }
}

/// Creates a ureq agent whose requests go through `jar` at every hop. Its own methods work as without a jar.
///
/// `configure` receives a new configuration and returns the one to use. It is called twice, because the agent
/// and the one that sends each hop must be configured alike. Middleware that it adds sees each hop, with its
/// cookies.
///
/// For an agent with its own resolver or connector, use [`CookieAgent::new`].
#[must_use]
pub fn agent(
    jar: SharedCookieJar,
    configure: impl Fn(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>,
) -> Agent {
    agent_with(jar, CookieOptions::new(), configure)
}

/// Like [`agent`], with the options of all requests without options among their extensions.
#[must_use]
pub fn agent_with(
    jar: SharedCookieJar,
    options: CookieOptions,
    configure: impl Fn(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>,
) -> Agent {
    let sends = configure(Agent::config_builder()).build().new_agent();
    let hops = EachHop(CookieAgent::new(sends, jar).options(options));
    // The first middleware forwards nothing: those that `configure` adds only run in `sends`.
    configure(Agent::config_builder().middleware(hops))
        .build()
        .new_agent()
}

/// Only [`agent_with`] creates it: the settings of the surrounding agent have no effect.
struct EachHop(CookieAgent);

impl Middleware for EachHop {
    fn handle(
        &self,
        request: Request<SendBody<'_>>,
        _: MiddlewareNext<'_>,
    ) -> Result<Response<Body>, Error> {
        self.0.run(request)
    }
}

struct Walk<'a> {
    agent: &'a CookieAgent,
    options: CookieOptions,
    rules: RedirectRules,
    hop: Hop,
    request: Request<()>,
    deadline: Option<Instant>,
}

impl<'a> Walk<'a> {
    fn new(agent: &'a CookieAgent, parts: request::Parts) -> Result<Self, Error> {
        let request = Request::from_parts(parts, ());
        let uri = request.uri().to_string();
        let url = Url::parse(&uri).map_err(|_| Error::BadUri(uri))?;
        let options = CookieOptions::from_request(&request, &agent.options);
        let config = agent.agent.config();
        let timeout = config.timeouts().global;
        Ok(Self {
            agent,
            rules: rules_of(config),
            hop: Hop::new(url, request.method().as_str(), request.headers())
                .caused_by(options.provenance()),
            deadline: timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
            options,
            request,
        })
    }

    fn send(&self, body: impl AsSendBody) -> Result<Response<Body>, Error> {
        let CookieAgent { agent, jar, .. } = self.agent;
        let jar = self.options.jar_or(jar);
        let (parts, ()) = self.request.clone().into_parts();
        let mut request = Request::from_parts(parts, body);
        // The URI is what is sent; the hop may spell it differently.
        let context = RequestContext::from(&self.request).caused_by(self.hop.provenance());
        self.options.add_cookies(jar, &mut request, &context);
        let mut config = agent
            .configure_request(request)
            .max_redirects(0)
            .http_status_as_error(false);
        if let Some(remaining) = self.remaining()? {
            config = config.timeout_global(Some(remaining));
        }
        let response = agent.run(config.build())?;
        if self.options.stores() {
            jar.extract_cookies(&response, &context);
        }
        Ok(response)
    }

    fn remaining(&self) -> Result<Option<Duration>, Error> {
        let Some(deadline) = self.deadline else {
            return Ok(None);
        };
        match deadline.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(Error::Timeout(Timeout::Global)),
            remaining => Ok(Some(remaining)),
        }
    }

    fn goes_on_after(&mut self, response: &Response<Body>) -> Result<bool, Error> {
        let Some(status) = redirect_status(response.status()) else {
            return Ok(false);
        };
        let config = self.agent.agent.config();
        if config.max_redirects() == 0 {
            return Ok(false);
        }
        let Some(redirect) = Redirect::new(status, response.headers()) else {
            return Err(Error::Other("a redirect without a Location".into()));
        };
        match self
            .rules
            .follow(&self.hop, redirect, self.request.headers_mut())
        {
            Ok(next) => self.go_to(next)?,
            Err(RedirectError::TooMany) if !config.max_redirects_will_error() => return Ok(false),
            Err(error) => return Err(ureq_error(error, response)),
        }
        Ok(true)
    }

    fn go_to(&mut self, next: Hop) -> Result<(), Error> {
        let bad_uri = |_| Error::BadUri(next.url().to_string());
        *self.request.uri_mut() = Uri::try_from(next.url().as_str()).map_err(bad_uri)?;
        *self.request.method_mut() = next.method().parse().unwrap_or_default();
        self.hop = next;
        Ok(())
    }
}

/// ureq's rules for redirects: a body is sent once, every method but `GET` and `HEAD` becomes `GET`, and a `Cookie`
/// set by hand is not forwarded.
fn rules_of(config: &Config) -> RedirectRules {
    let limit = usize::try_from(config.max_redirects()).unwrap_or(usize::MAX);
    RedirectRules::new()
        .limit(limit)
        .repeats(usize::MAX)
        .all_become_get(true)
        .resend_body(false)
        .keep_cookie(false)
        .credentials(match config.redirect_auth_headers() {
            RedirectAuthHeaders::SameHost => Credentials::SameHost,
            _ => Credentials::Never,
        })
}

/// ureq treats every 3xx status but 304 as a redirect, unknown ones like 302.
fn redirect_status(status: StatusCode) -> Option<u16> {
    match status.as_u16() {
        304 => None,
        known @ (301..=303 | 307 | 308) => Some(known),
        300..=399 => Some(302),
        _ => None,
    }
}

fn ureq_error(error: RedirectError, response: &Response<Body>) -> Error {
    let location = || {
        let location = response.headers().get("Location");
        location.map_or(String::new(), |value| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        })
    };
    match error {
        RedirectError::BodyNotResent => Error::RedirectFailed,
        RedirectError::InvalidLocation | RedirectError::UnsupportedScheme => {
            Error::BadUri(location())
        }
        RedirectError::Loop | RedirectError::TooMany => Error::TooManyRedirects,
    }
}

/// Lets the connection be reused. Reading a longer body costs more than a new connection.
fn discard(mut response: Response<Body>) {
    const LIMIT: u64 = 64 * 1024;
    let mut body = response.body_mut().as_reader().take(LIMIT);
    let _ = io::copy(&mut body, &mut io::sink());
}
