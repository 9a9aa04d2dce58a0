//! ureq: our agent, and our agent against ureq's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cookiejar::client::CookieOptions;
use cookiejar::client::ureq_3::{self, CookieAgent};
use cookiejar::{DefaultCookiePolicy, SharedCookieJar};
use http::Request;
use ureq::config::{Config, ConfigBuilder, RedirectAuthHeaders};
use ureq::middleware::MiddlewareNext;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::{Agent, Error, ResponseExt, SendBody};

use super::matrix::{self, Ask, Hand, Subject};
use super::proxy::Proxy;
use super::site::{Answer, Seen, Site};

pub(crate) fn config(site: &Site) -> ConfigBuilder<AgentScope> {
    direct_to(site, Agent::config_builder())
}

/// Trusts the site's certificate, and ignores the proxy settings of this machine.
fn direct_to(site: &Site, config: ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope> {
    let roots = RootCerts::new_with_certs(&[Certificate::from_der(&site.certificate).to_owned()]);
    config
        .proxy(None)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
}

fn request(ask: Ask<'_>) -> Request<String> {
    let mut request = Request::builder().uri(ask.url);
    if let Some(cookie) = ask.hand {
        request = request.header("Cookie", cookie);
    }
    if ask.form.is_some() {
        let form = "application/x-www-form-urlencoded";
        request = request.method("POST").header("Content-Type", form);
    }
    request
        .body(ask.form.unwrap_or_default().to_owned())
        .expect("a request")
}

fn of_agent(jar: SharedCookieJar, agent: CookieAgent) -> Subject {
    Subject {
        jar,
        hand: Hand::First,
        shows_status: true,
        send: Box::new(move |ask: Ask<'_>| {
            let (parts, body) = request(ask).into_parts();
            let answer = match ask.form {
                Some(_) => agent.run(Request::from_parts(parts, body)),
                None => agent.run(Request::from_parts(parts, ())),
            };
            told(answer)
        }),
    }
}

fn told(answer: Result<http::Response<ureq::Body>, Error>) -> (u16, String) {
    match answer {
        Ok(mut response) => {
            let text = response.body_mut().read_to_string().expect("a text");
            (response.status().as_u16(), text)
        }
        Err(Error::StatusCode(status)) => (status, String::new()),
        Err(error) => panic!("{error}"),
    }
}

fn direct(site: &Site, jar: SharedCookieJar) -> Subject {
    let agent = CookieAgent::new(config(site).build().new_agent(), jar.clone());
    of_agent(jar, agent)
}

/// The same through ureq's own API.
fn by_ureqs_face(site: &Site, jar: SharedCookieJar) -> Subject {
    let agent = ureq_3::agent(jar.clone(), |config| direct_to(site, config));
    Subject {
        send: Box::new(move |ask: Ask<'_>| {
            let hand = ask.hand.map(|cookie| ("Cookie", cookie));
            told(match ask.form {
                Some(form) => {
                    let pairs = url::form_urlencoded::parse(form.as_bytes());
                    agent.post(ask.url).send_form(pairs)
                }
                None => hand
                    .into_iter()
                    .fold(agent.get(ask.url), |request, (name, value)| {
                        request.header(name, value)
                    })
                    .call(),
            })
        }),
        ..direct(site, jar)
    }
}

#[test]
fn the_agent() {
    matrix::check(direct);
}

#[test]
fn ureqs_own_face() {
    matrix::check(by_ureqs_face);
}

#[test]
fn a_real_application() {
    super::real_app::log_in_post_and_log_out(direct);
}

#[test]
fn a_real_application_by_ureqs_own_face() {
    super::real_app::log_in_post_and_log_out(by_ureqs_face);
}

/// The requests that the server received, and the result: `Ok` with status and URL, or the error's text.
type Outcome = (Vec<Seen>, Result<(u16, String), String>);

fn outcome(site: &Site, answer: Result<http::Response<ureq::Body>, Error>) -> Outcome {
    let answer =
        answer.map(|response| (response.status().as_u16(), response.get_uri().to_string()));
    (site.seen(), answer.map_err(|error| error.to_string()))
}

/// Runs a request with ureq's own agent and with our agent of the same configuration.
fn both(
    site: &Site,
    config: &Config,
    method: &str,
    url: &str,
    body: Option<&str>,
) -> (Outcome, Outcome) {
    let request = || {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header("Authorization", "Basic x");
        request.header("Content-Type", "text/plain")
    };
    let agent = config.new_agent();
    let cookies = CookieAgent::new(config.new_agent(), SharedCookieJar::new());
    let (theirs, ours) = match body {
        Some(body) => {
            let theirs = outcome(site, agent.run(request().body(body).expect("a request")));
            (
                theirs,
                outcome(site, cookies.run(request().body(body).expect("a request"))),
            )
        }
        None => {
            let theirs = outcome(site, agent.run(request().body(()).expect("a request")));
            (
                theirs,
                outcome(site, cookies.run(request().body(()).expect("a request"))),
            )
        }
    };
    (theirs, ours)
}

/// The one intended difference: the headers that describe a body are dropped with it.
fn without_content_type((seen, answer): Outcome) -> Outcome {
    let seen = seen.into_iter().map(|seen| Seen {
        content_type: false,
        ..seen
    });
    (seen.collect(), answer)
}

#[test]
fn methods_bodies_headers_and_errors_are_ureqs() {
    let site = Site::start();
    let to_localhost = format!("http://localhost:{}/next", site.port);
    let statuses = [
        200, 301, 303, 307, 407, 300, 302, 304, 305, 308, 401, 404, 500,
    ];
    let count = cookiejar_tests::share!("statuses compared with ureq's", 5, of statuses.len());
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let configs = [
        config(&site).build(),
        config(&site)
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .build(),
        config(&site)
            .max_redirects(0)
            .http_status_as_error(false)
            .build(),
    ];
    for config in &configs {
        for &status in &statuses[..count] {
            for method in methods {
                for location in ["/next", "next?x", &to_localhost] {
                    for body in [None, Some("abc")] {
                        let case = format!("{status} {method} {location} {body:?} {config:?}");
                        if body.is_some() && matches!(method, "GET" | "HEAD" | "OPTIONS" | "DELETE")
                        {
                            continue;
                        }
                        site.answers([("/", Answer::redirect(status, location))]);
                        let (theirs, ours) = both(&site, config, method, &site.url("/"), body);
                        assert_eq!(
                            without_content_type(theirs),
                            without_content_type(ours),
                            "{case}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn limits_are_ureqs() {
    let site = Site::start();
    let endless = (0..20).map(|hop| {
        (
            format!("/{hop}"),
            Answer::redirect(302, format!("/{}", hop + 1)),
        )
    });
    for limit in [0, 1, 3, 10] {
        for error in [false, true] {
            let config = config(&site)
                .max_redirects(limit)
                .max_redirects_will_error(error)
                .build();
            site.answers(endless.clone());
            let (theirs, ours) = both(&site, &config, "GET", &site.url("/0"), None);
            assert_eq!(theirs, ours, "{limit} {error}");
            // To ureq, a loop is a chain like any other.
            site.answers([("/0", Answer::redirect(302, "/0"))]);
            let (theirs, ours) = both(&site, &config, "GET", &site.url("/0"), None);
            assert_eq!(theirs, ours, "{limit} {error}");
        }
    }
}

#[test]
fn redirects_to_nowhere() {
    let site = Site::start();
    let agent = CookieAgent::new(config(&site).build().new_agent(), SharedCookieJar::new());
    let run = |answer| {
        site.answers([("/", answer)]);
        let request = Request::get(site.url("/")).body(()).expect("a request");
        agent
            .run(request)
            .map(|response| response.status())
            .expect_err("an error")
    };
    assert!(matches!(
        run(Answer::status(302).cookie("a=1")),
        Error::Other(_)
    ));
    assert!(matches!(
        run(Answer::redirect(302, "ftp://acme.com/")),
        Error::BadUri(_)
    ));
    assert!(matches!(
        run(Answer::redirect(302, "http://[/")),
        Error::BadUri(_)
    ));
    assert_eq!(agent.jar().len(), 1); // stored before the error
    let relative = Request::get("/path").body(()).expect("a request");
    assert!(matches!(agent.run(relative), Err(Error::BadUri(_))));
}

#[test]
fn https_only_holds_at_every_hop() {
    let site = Site::start();
    site.answers([("/", Answer::redirect(302, site.url("/plain")))]);
    let agent = config(&site).https_only(true).build().new_agent();
    let agent = CookieAgent::new(agent, SharedCookieJar::new());
    let url = format!("https://localhost:{}/", site.https_port);
    let request = Request::get(url).body(()).expect("a request");
    assert!(matches!(
        agent.run(request),
        Err(Error::RequireHttpsOnly(_))
    ));
    assert_eq!(site.seen().len(), 1);
}

#[test]
fn one_timeout_for_the_whole_chain() {
    let site = Site::start();
    let config = |limit| {
        let config = config(&site).max_redirects(u32::MAX);
        config.timeout_global(Some(limit)).build().new_agent()
    };
    let run = |limit| {
        let agent = CookieAgent::new(config(limit), SharedCookieJar::new());
        let request = Request::get(site.url("/")).body(()).expect("a request");
        agent.run(request).map(|response| response.status())
    };
    // Two hops, each within the limit by itself.
    let slow = Duration::from_millis(300);
    site.answers([
        ("/", Answer::redirect(302, "/slow").after(slow)),
        ("/slow", Answer::status(200).after(slow)),
    ]);
    let limit = slow + slow / 2;
    assert!(matches!(run(limit), Err(Error::Timeout(_))));
    // Endless quick ones.
    site.answers([("/", Answer::redirect(302, "/"))]);
    assert!(matches!(run(limit), Err(Error::Timeout(_))));
}

#[test]
fn what_a_request_is_configured_with_goes_on_with_it() {
    let site = Site::start();
    site.answers([("/", Answer::redirect(302, site.url("/plain")))]);
    let agent = CookieAgent::new(config(&site).build().new_agent(), SharedCookieJar::new());
    let url = format!("https://localhost:{}/", site.https_port);
    let request = Request::get(url).body(()).expect("a request");
    let request = agent
        .agent()
        .configure_request(request)
        .https_only(true)
        .build();
    assert!(matches!(
        agent.run(request),
        Err(Error::RequireHttpsOnly(_))
    ));
}

/// A body that was passed to ureq's own API, and the `GET` after it.
#[test]
fn a_post_by_ureqs_own_face_leaves_no_trace_in_the_next_hop() {
    let site = Site::start();
    let agent = ureq_3::agent(SharedCookieJar::new(), |config| direct_to(&site, config));
    site.answers([("/", Answer::redirect(302, "/next"))]);
    let request = Request::post(site.url("/")).body("abc").expect("a request");
    assert_eq!(told(agent.run(request)).0, 200);
    let seen = site.seen();
    assert!(seen[0].framed && !seen[1].framed);
    assert_eq!(
        (seen[0].method.as_str(), &*seen[0].body),
        ("POST", &b"abc"[..])
    );
    assert_eq!((seen[1].method.as_str(), &*seen[1].body), ("GET", &b""[..]));
}

#[test]
fn options_and_unverifiable_hops() {
    let site = Site::start();
    let to_localhost = format!("http://localhost:{}/", site.port);
    let strict = DefaultCookiePolicy::new().strict_ns_unverifiable(true);
    let jar = SharedCookieJar::with_policy(strict);
    let agent = CookieAgent::new(config(&site).build().new_agent(), jar);
    site.answers([
        (
            "/out",
            Answer::redirect(302, &to_localhost).cookie("first=1; Path=/"),
        ),
        ("/", Answer::status(200).cookie("third=1")),
    ]);
    let out = Request::get(site.url("/out"));
    agent
        .run(out.body(()).expect("a request"))
        .expect("an answer");
    assert_eq!(agent.jar().len(), 1); // the second host is a third party

    let out = Request::get(site.url("/out")).extension(CookieOptions::without_jar());
    agent
        .run(out.body(()).expect("a request"))
        .expect("an answer");
    assert!(site.seen().iter().all(|seen| seen.cookies.is_empty()));
}

/// Gets a URL in one of the two forms.
type Get = Box<dyn Fn(&str) -> Result<http::Response<ureq::Body>, Error>>;

/// Both forms, with the same configuration.
fn both_forms(
    jar: &SharedCookieJar,
    configure: impl Fn(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>,
) -> [Get; 2] {
    let face = ureq_3::agent(jar.clone(), &configure);
    let own = configure(Agent::config_builder()).build().new_agent();
    let own = CookieAgent::new(own, jar.clone());
    [
        Box::new(move |url| face.get(url).call()),
        Box::new(move |url| own.run(Request::get(url).body(()).expect("a request"))),
    ]
}

#[test]
fn no_byte_goes_past_the_proxy() {
    let beyond = Proxy::listen();
    let jar = SharedCookieJar::new();
    let proxy = Proxy::start(|head| match head.path.as_str() {
        "/login" => "302 Found\r\nLocation: /next\r\nSet-Cookie: sid=31d4; Path=/".into(),
        "/next" => "200 OK\r\nSet-Cookie: seen=1; Path=/".into(),
        path => panic!("{path} was not asked for"),
    });
    let forms = both_forms(&jar, |config| {
        config
            .proxy(Some(proxy.for_ureq()))
            .user_agent("shopper/1.0")
    });
    for get in forms {
        jar.clear();
        let response = get(&beyond.url("/login")).expect("an answer");
        assert_eq!(response.status(), 200);
        let heads = proxy.heads();
        let asked: Vec<_> = heads
            .iter()
            .map(|head| (&*head.path, &*head.cookie))
            .collect();
        assert_eq!(asked, [("/login", ""), ("/next", "sid=31d4")]);
        assert!(heads.iter().all(|head| head.user_agent == "shopper/1.0"));
        assert_eq!(jar.len(), 2);
        assert_eq!(beyond.connections(), 0, "past the proxy");
    }
}

#[test]
fn https_only_lets_no_plain_byte_out_by_a_proxy_or_past_it() {
    let site = Site::start();
    let beyond = Proxy::listen();
    let plain = beyond.url("/plain");
    let proxy = Proxy::start(|_| panic!("a plain request"));
    let forms = both_forms(&SharedCookieJar::new(), |config| {
        direct_to(&site, config)
            .proxy(Some(proxy.for_ureq()))
            .https_only(true)
    });
    for get in forms {
        // Plain from the start: no request at all.
        assert!(matches!(get(&plain), Err(Error::RequireHttpsOnly(_))));
        assert_eq!((proxy.heads().len(), proxy.tunnels()), (0, vec![]));
        // By a redirect: only the first hop, through the proxy.
        site.answers([("/", Answer::redirect(302, &plain))]);
        let secure = format!("https://localhost:{}/", site.https_port);
        assert!(matches!(get(&secure), Err(Error::RequireHttpsOnly(_))));
        assert_eq!(site.seen().len(), 1);
        let tunnel = format!("localhost:{}", site.https_port);
        assert_eq!((proxy.heads().len(), proxy.tunnels()), (0, vec![tunnel]));
        assert_eq!(beyond.connections(), 0, "past the proxy");
    }
}

#[test]
fn every_setting_of_the_one_configuration_counts() {
    let site = Site::start();
    let counted = Arc::new(AtomicUsize::new(0));
    let count = {
        let counted = Arc::clone(&counted);
        move |request: Request<SendBody<'_>>, next: MiddlewareNext<'_>| {
            counted.fetch_add(1, Ordering::Relaxed);
            next.handle(request)
        }
    };
    let endless = || site.answers([("/", Answer::redirect(302, "/"))]);
    let forms = both_forms(&SharedCookieJar::new(), |config| {
        direct_to(&site, config)
            .max_redirects(2)
            .middleware(count.clone())
    });
    for get in forms {
        endless();
        assert!(matches!(get(&site.url("/")), Err(Error::TooManyRedirects)));
        assert_eq!(site.seen().len(), 3);
        assert_eq!(counted.swap(0, Ordering::Relaxed), 3, "once a hop");
    }
    let forms = both_forms(&SharedCookieJar::new(), |config| {
        direct_to(&site, config)
            .max_redirects(2)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
    });
    for get in forms {
        endless();
        assert_eq!(get(&site.url("/")).expect("an answer").status(), 302);
        site.answers([("/", Answer::status(404))]);
        assert_eq!(get(&site.url("/")).expect("an answer").status(), 404);
    }
    let limit = Duration::from_millis(200);
    let forms = both_forms(&SharedCookieJar::new(), |config| {
        direct_to(&site, config).timeout_global(Some(limit))
    });
    for get in forms {
        site.answers([("/", Answer::status(200).after(limit * 20))]);
        assert!(matches!(get(&site.url("/")), Err(Error::Timeout(_))));
    }
    // A certificate that the configuration does not trust.
    let other = Site::start();
    let forms = both_forms(&SharedCookieJar::new(), |config| direct_to(&other, config));
    for get in forms {
        site.answers([("/", Answer::status(200))]);
        let secure = format!("https://localhost:{}/", site.https_port);
        assert!(get(&secure).is_err());
        assert!(site.seen().is_empty());
    }
}

#[test]
fn options_reach_ureqs_own_face() {
    let site = Site::start();
    let jar = SharedCookieJar::new();
    let agent = ureq_3::agent_with(jar.clone(), CookieOptions::without_jar(), |config| {
        direct_to(&site, config)
    });
    site.answers([("/", Answer::status(200).cookie("a=1"))]);
    agent.get(site.url("/")).call().expect("an answer");
    assert!(jar.is_empty());
    let stores = CookieOptions::new();
    let request = agent.get(site.url("/")).extension(stores);
    request.call().expect("an answer");
    assert_eq!(jar.len(), 1);
}
