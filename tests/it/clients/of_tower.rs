//! tower, with hyper-util's client below and tower-http's redirects above.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use cookiejar::client::CookieOptions;
use cookiejar::client::tower::{CookieLayer, CookieService};
use cookiejar::headers::Merge;
use cookiejar::{DefaultCookiePolicy, Provenance, SharedCookieJar};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_http::follow_redirect::policy::{And, FilterCredentials, Limited, PolicyExt};

use super::matrix::{self, Ask, Hand, Subject};
use super::site::{Answer, Seen, Site};

pub(crate) type Hyper = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

pub(crate) fn hyper(site: &Site) -> Hyper {
    let mut roots = RootCertStore::empty();
    roots.add(site.certificate.clone()).expect("a certificate");
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .build();
    Client::builder(TokioExecutor::new()).build(connector)
}

fn request(ask: Ask<'_>) -> Request<Full<Bytes>> {
    let mut request = Request::builder().uri(ask.url);
    if let Some(cookie) = ask.hand {
        request = request.header("Cookie", cookie);
    }
    if ask.form.is_some() {
        let form = "application/x-www-form-urlencoded";
        request = request.method(Method::POST).header("Content-Type", form);
    }
    let body = ask.form.unwrap_or_default().to_owned();
    request.body(Full::from(body)).expect("a request")
}

fn get(url: &str) -> Request<Full<Bytes>> {
    request(Ask {
        url,
        ..Ask::default()
    })
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

fn tower(site: &Site, jar: SharedCookieJar) -> Subject {
    let service = ServiceBuilder::new()
        .layer(FollowRedirectLayer::new())
        .layer(CookieLayer::new(jar.clone()))
        .service(hyper(site));
    let runtime = runtime();
    Subject {
        jar,
        hand: Hand::SameOrigin,
        shows_status: true,
        send: Box::new(move |ask: Ask<'_>| {
            runtime.block_on(async {
                let response = service
                    .clone()
                    .oneshot(request(ask))
                    .await
                    .expect("an answer");
                let status = response.status().as_u16();
                let body = response
                    .into_body()
                    .collect()
                    .await
                    .expect("a body")
                    .to_bytes();
                (status, String::from_utf8_lossy(&body).into_owned())
            })
        }),
    }
}

#[test]
fn the_layer_under_redirects() {
    matrix::check(tower);
}

#[test]
fn a_real_application() {
    super::real_app::log_in_post_and_log_out(tower);
}

/// One client below all, one jar per session: no cookie crosses sessions.
#[test]
fn a_thousand_sessions_at_once() {
    let site = Site::start();
    let client = hyper(&site);
    runtime().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        let limit = Arc::new(tokio::sync::Semaphore::new(200)); // sockets
        for id in 0..1000 {
            let layer = CookieLayer::default();
            let service = ServiceBuilder::new()
                .layer(FollowRedirectLayer::new())
                .layer(layer.clone())
                .service(client.clone());
            let login = site.url(&format!("/login/{id}"));
            let page = site.url(&format!("/page/{id}"));
            let limit = Arc::clone(&limit);
            tasks.spawn(async move {
                for url in [&login, &page, &page, &login, &page] {
                    let _permit = limit.acquire().await.expect("a permit");
                    let response = service.clone().oneshot(get(url)).await.expect("an answer");
                    assert_eq!(response.status(), 200, "session {id}");
                    response.into_body().collect().await.expect("a body");
                }
                let cookies = layer.jar().snapshot();
                assert_eq!(cookies.len(), 1);
                assert_eq!(cookies[0].value(), Some(id.to_string().as_str()));
            });
        }
        let mut done = 0;
        while let Some(task) = tasks.join_next().await {
            task.expect("a session that kept its cookies");
            done += 1;
        }
        assert_eq!(done, 1000);
    });
}

/// The options of a request, with the response's `Set-Cookie`.
fn with_options(
    site: &Site,
    jar: &SharedCookieJar,
    options: CookieOptions,
    hand: Option<&str>,
) -> String {
    let service = CookieService::new(hyper(site), jar.clone());
    let url = site.url("/");
    let mut request = request(Ask {
        url: &url,
        hand,
        form: None,
    });
    request.extensions_mut().insert(options);
    runtime()
        .block_on(service.oneshot(request))
        .expect("an answer");
    site.seen()[0].cookie()
}

#[test]
fn a_request_that_is_kept_out_of_the_jar() {
    let site = Site::start();
    // options, Cookie sent, cookies stored at the end
    let rows = [
        (CookieOptions::new(), "old=1", 2),
        (CookieOptions::without_jar(), "", 1),
        (CookieOptions::new().send(false), "", 2),
        (CookieOptions::new().store(false), "old=1", 1),
    ];
    for (options, sent, stored) in rows {
        site.answers([("/", Answer::status(200).cookie("new=1"))]);
        let jar = SharedCookieJar::new();
        let url = site.url("/").parse::<url::Url>().expect("a URL");
        jar.extract_cookies(&[("Set-Cookie", "old=1")], &url);
        let case = format!("{options:?}");
        assert_eq!(with_options(&site, &jar, options, None), sent, "{case}");
        assert_eq!(jar.len(), stored, "{case}");
    }
}

#[test]
fn what_becomes_of_a_header_set_by_hand() {
    let site = Site::start();
    site.answers([("/", Answer::status(200))]);
    let jar = SharedCookieJar::new();
    let url = site.url("/").parse::<url::Url>().expect("a URL");
    jar.extract_cookies(&[("Set-Cookie", "jar=1")], &url);
    let rows = [
        (Merge::Keep, "hand=1"),
        (Merge::Append, "hand=1; jar=1"),
        (Merge::Replace, "jar=1"),
    ];
    for (merge, sent) in rows {
        let options = CookieOptions::new().merge(merge);
        assert_eq!(
            with_options(&site, &jar, options, Some("hand=1")),
            sent,
            "{merge:?}"
        );
    }
}

/// The module's own examples of options that survive a redirect to another origin.
#[test]
fn options_that_go_on_with_the_redirects() {
    let site = Site::start();
    let to_localhost = format!("http://localhost:{}/", site.port);
    let keep_options = FilterCredentials::new().allow_extension::<CookieOptions>();
    let policy: And<Limited, FilterCredentials> = Limited::default().and::<_, (), ()>(keep_options);
    let runtime = runtime();
    // whether the redirect policy keeps the options, the cookies of the second host
    for (keeps, second) in [(false, "b=1"), (true, "")] {
        let jar = SharedCookieJar::new();
        let host = to_localhost.parse::<url::Url>().expect("a URL");
        jar.extract_cookies(&[("Set-Cookie", "b=1")], &host);
        site.answers([("/out", Answer::redirect(302, &to_localhost))]);
        let policy = if keeps {
            policy.clone()
        } else {
            And::default()
        };
        let service = ServiceBuilder::new()
            .layer(FollowRedirectLayer::with_policy(policy))
            .layer(CookieLayer::new(jar))
            .service(hyper(&site));
        let mut request = get(&site.url("/out"));
        request
            .extensions_mut()
            .insert(CookieOptions::without_jar());
        runtime
            .block_on(service.oneshot(request))
            .expect("an answer");
        let cookies: Vec<_> = site.seen().iter().map(Seen::cookie).collect();
        assert_eq!(cookies, ["", second], "{keeps}");
    }

    // Redirected hops are unverifiable transactions of the first host.
    let jar = SharedCookieJar::with_policy(DefaultCookiePolicy::new().strict_ns_unverifiable(true));
    let service = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(policy))
        .layer(CookieLayer::new(jar.clone()))
        .service(hyper(&site));
    site.answers([
        (
            "/out",
            Answer::redirect(302, &to_localhost).cookie("first=1"),
        ),
        ("/", Answer::status(200).cookie("third=1")),
    ]);
    let mut request = get(&site.url("/out"));
    let of_this_host = Provenance::new()
        .unverifiable(true)
        .origin_host("127.0.0.1");
    request
        .extensions_mut()
        .insert(CookieOptions::new().caused_by(of_this_host));
    runtime
        .block_on(service.oneshot(request))
        .expect("an answer");
    let names: Vec<_> = jar
        .snapshot()
        .iter()
        .map(|cookie| cookie.name().to_owned())
        .collect();
    assert_eq!(names, ["first"]);
}

/// `CONNECT` is for the proxy: the site's cookies are neither sent nor stored.
#[tokio::test]
async fn a_tunnel_is_no_business_of_the_jar() {
    let jar = SharedCookieJar::new();
    let url = url::Url::parse("http://acme.com/").expect("a URL");
    jar.extract_cookies(&[("Set-Cookie", "a=1; Path=/")], &url);
    let proxy = tower::service_fn(async |request: Request<()>| {
        assert!(!request.headers().contains_key("Cookie"));
        Response::builder().header("Set-Cookie", "proxy=1").body(())
    });
    let service = CookieService::new(proxy, jar.clone());
    let connect = Request::builder()
        .method(Method::CONNECT)
        .uri("acme.com:80")
        .body(());
    service
        .oneshot(connect.expect("a request"))
        .await
        .expect("an answer");
    assert_eq!(jar.len(), 1);
}

/// A service whose clones are not ready: the polled one must be the called one.
struct ReadyOnce(bool);

impl Clone for ReadyOnce {
    fn clone(&self) -> Self {
        Self(false)
    }
}

impl Service<Request<()>> for ReadyOnce {
    type Response = Response<()>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0 = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(std::mem::take(&mut self.0), "called before it was ready");
        std::future::ready(Ok(Response::new(())))
    }
}

#[tokio::test]
async fn the_service_that_is_ready_is_the_one_that_is_called() {
    let mut service = CookieService::new(ReadyOnce(false), SharedCookieJar::new());
    for _ in 0..3 {
        let request = Request::get("http://acme.com/")
            .body(())
            .expect("a request");
        let ready = service.ready().await.expect("readiness");
        ready.call(request).await.expect("an answer");
    }
    assert!(service.jar().is_empty() && !service.get_ref().0);
}

#[test]
fn futures_and_services_are_send() {
    fn is_send<T: Send>(_: &T) {}
    let site = Site::start();
    let mut service = CookieService::new(hyper(&site), SharedCookieJar::new());
    is_send(&service);
    runtime().block_on(async { is_send(&service.call(get(&site.url("/")))) });
}
