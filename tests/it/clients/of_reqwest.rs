//! reqwest, async and blocking.

use std::sync::Arc;

use cookiejar::client::reqwest_0_13::ProvenanceJar;
use cookiejar::{DefaultCookiePolicy, Provenance, SharedCookieJar};
use http::HeaderValue;
use reqwest::cookie::CookieStore;
use reqwest::tls::Certificate;
use reqwest::{blocking, redirect};
use url::Url;

use super::matrix::{self, Ask, Hand, Subject};
use super::site::{Answer, Seen, Site};

/// With a form it is a `POST`.
macro_rules! request {
    ($client:expr, $ask:expr) => {{
        let request = match $ask.form {
            Some(form) => $client
                .post($ask.url)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(form.to_owned()),
            None => $client.get($ask.url),
        };
        match $ask.hand {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        }
    }};
}

fn blocking(site: &Site, jar: SharedCookieJar) -> Subject {
    let client = blocking::Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_der(&site.certificate).expect("a certificate")])
        .cookie_provider(Arc::new(jar.clone()))
        .build()
        .expect("a client");
    Subject {
        jar,
        hand: Hand::SameAsBefore,
        shows_status: false,
        send: Box::new(move |ask: Ask<'_>| {
            let response = request!(client, ask).send().expect("an answer");
            (response.status().as_u16(), response.text().expect("a text"))
        }),
    }
}

fn asynchronous(site: &Site, jar: SharedCookieJar) -> Subject {
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_der(&site.certificate).expect("a certificate")])
        .cookie_provider(Arc::new(jar.clone()))
        .build()
        .expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    Subject {
        jar,
        hand: Hand::SameAsBefore,
        shows_status: false,
        send: Box::new(move |ask: Ask<'_>| {
            runtime.block_on(async {
                let response = request!(client, ask).send().await.expect("an answer");
                let status = response.status().as_u16();
                (status, response.text().await.expect("a text"))
            })
        }),
    }
}

#[test]
fn the_blocking_client() {
    matrix::check(blocking);
}

#[test]
fn the_async_client() {
    matrix::check(asynchronous);
}

#[test]
fn a_real_application() {
    super::real_app::log_in_post_and_log_out(blocking);
}

#[test]
fn header_values_are_sensitive() {
    let jar = SharedCookieJar::new();
    let url = Url::parse("https://acme.com/").expect("a URL");
    let fields = [
        HeaderValue::from_static("sid=31d4"),
        HeaderValue::from_static("="),
    ];
    jar.set_cookies(&mut fields.iter(), &url);
    let header = jar.cookies(&url).expect("a header");
    assert_eq!(header, "sid=31d4");
    assert!(header.is_sensitive());
    assert_eq!(
        jar.cookies(&Url::parse("https://other.org/").expect("a URL")),
        None
    );
}

#[test]
fn a_cookie_that_no_header_value_can_hold_costs_itself_only() {
    let jar = SharedCookieJar::with_policy(DefaultCookiePolicy::python());
    let url = Url::parse("https://acme.com/").expect("a URL");
    jar.extract_cookies(&[("Set-Cookie", "a=\x01"), ("Set-Cookie", "b=2")], &url);
    assert_eq!(jar.len(), 2);
    assert_eq!(jar.cookies(&url).expect("a header"), "b=2");
}

#[test]
fn a_context_that_is_fixed_once() {
    let strict = DefaultCookiePolicy::new().strict_ns_unverifiable(true);
    let jar = SharedCookieJar::with_policy(strict);
    let of_a_page = Provenance::new()
        .unverifiable(true)
        .origin_host("127.0.0.1");
    let site = Site::start();
    let to_localhost = format!("http://localhost:{}/", site.port);
    site.answers([
        (
            "/page",
            Answer::redirect(302, &to_localhost).cookie("first=1; Path=/"),
        ),
        ("/", Answer::status(200).cookie("third=1")),
    ]);
    let client = blocking::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::limited(3))
        .cookie_provider(Arc::new(ProvenanceJar::new(jar.clone(), of_a_page)))
        .build()
        .expect("a client");
    for _ in 0..2 {
        client.get(site.url("/page")).send().expect("an answer");
    }
    let cookies: Vec<_> = site.seen().iter().map(Seen::cookie).collect();
    assert_eq!(cookies, ["", "", "first=1", ""]);
    assert_eq!(jar.len(), 1);
}

/// A client without a cookie provider passes its responses to the jar itself.
#[test]
fn a_response_has_headers_and_its_status() {
    let url = Url::parse("https://acme.com/").expect("a URL");
    for (status, stored) in [(200, 1), (404, 1), (407, 0)] {
        let response = http::Response::builder()
            .status(status)
            .header("Set-Cookie", "sid=31d4")
            .body("")
            .expect("a response");
        let jar = SharedCookieJar::new();
        let report = jar.extract_cookies(&reqwest::Response::from(response), &url);
        assert_eq!(report.stored, stored, "{status}");
    }
}
