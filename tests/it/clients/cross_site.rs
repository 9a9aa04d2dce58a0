//! A page of another site posts a form: the `SameSite=Lax` cookie is withheld, whichever client sends the request.

use cookiejar::client::CookieOptions;
use cookiejar::redirect::{Hop, Redirect, RedirectRules};
use cookiejar::{BrowserPolicy, Provenance, RequestContext, SharedCookieJar};
use http::{Method, Request};
use url::Url;

use super::site::{Answer, Site};

/// A jar with a `Lax` cookie of the site, which is older than the two minutes of "Lax-allowing-unsafe" by
/// its policy.
fn jar(site: &Site) -> SharedCookieJar {
    let jar = SharedCookieJar::with_policy(BrowserPolicy::new().lax_allows_unsafe(false));
    let url = Url::parse(&site.url("/")).expect("a URL");
    jar.extract_cookies(&[("Set-Cookie", "sid=31d4; SameSite=Lax; Path=/")], &url);
    jar
}

fn linked() -> Provenance<'static> {
    Provenance::new()
        .initiator_parts("https", "evil.example")
        .top_level_navigation(true)
}

/// The `Cookie` headers that the site received for: a link, another site's form, its own form.
const SEEN: [&str; 3] = ["sid=31d4", "", "sid=31d4"];

/// Sends requests by a link of another site, by its form, and by a form of the site itself, whose options are empty.
fn ask(site: &Site, mut send: impl FnMut(Request<()>)) -> Vec<String> {
    site.answers([("/", Answer::status(200))]);
    let options = [
        (Method::GET, CookieOptions::new().caused_by(linked())),
        (Method::POST, CookieOptions::new().caused_by(linked())),
        (Method::POST, CookieOptions::new()),
    ];
    for (method, options) in options {
        let request = Request::builder()
            .method(method)
            .uri(site.url("/"))
            .extension(options)
            .body(())
            .expect("a request");
        send(request);
    }
    let seen = site.seen();
    seen.iter().map(super::site::Seen::cookie).collect()
}

#[cfg(feature = "tower")]
#[test]
fn through_tower() {
    use cookiejar::client::tower::CookieLayer;
    use tower::{Layer, ServiceExt};

    let site = Site::start();
    let service = CookieLayer::new(jar(&site)).layer(super::of_tower::hyper(&site));
    let runtime = super::of_tower::runtime();
    let seen = ask(&site, |request| {
        let request = request.map(|()| http_body_util::Full::default());
        let answer = service.clone().oneshot(request);
        runtime.block_on(answer).expect("an answer");
    });
    assert_eq!(seen, SEEN);
}

#[cfg(feature = "ureq-3")]
#[test]
fn through_ureq() {
    use cookiejar::client::ureq_3::CookieAgent;

    let site = Site::start();
    let agent = super::of_ureq::config(&site).build().new_agent();
    let agent = CookieAgent::new(agent, jar(&site));
    let seen = ask(&site, |request| {
        agent.run(request).expect("an answer");
    });
    assert_eq!(seen, SEEN);
}

#[test]
fn from_hop_to_hop() {
    let site = Site::start();
    let (jar, url) = (jar(&site), Url::parse(&site.url("/form")).expect("a URL"));
    let headers = Vec::<(String, Vec<u8>)>::new();
    let answer = [("Location", "/")];
    for (provenance, method, sent) in [
        (linked(), "GET", true),
        (linked(), "POST", false),
        (Provenance::new(), "POST", true), // the user's own
    ] {
        let hop = Hop::new(url.clone(), method, &headers).caused_by(&provenance);
        assert_eq!(jar.cookie_header(hop.context()).is_some(), sent, "{method}");
        let redirect = Redirect::new(307, &answer).expect("a redirect");
        let next = RedirectRules::new().follow(&hop, redirect, &mut headers.clone());
        let next = next.expect("a hop");
        assert_eq!(
            jar.cookie_header(next.context()).is_some(),
            sent,
            "{method}"
        );
    }
}

#[test]
fn a_provenance_never_makes_a_method_safe() {
    let post = Request::post("https://acme.com/")
        .body(())
        .expect("a request");
    for provenance in [Provenance::new(), linked()] {
        assert!(
            !RequestContext::from(&post)
                .caused_by(provenance)
                .has_safe_method()
        );
    }
}
