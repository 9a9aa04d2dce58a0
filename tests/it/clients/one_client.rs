//! One client for many sessions: a request carries the jar of its session.

use cookiejar::client::CookieOptions;
use cookiejar::{CookieSessions, SharedCookieJar};
use http::Request;

use super::site::{Answer, Seen, Site};

/// Logs in two sessions by turns, and requests a page without a session.
fn ask(site: &Site, mut send: impl FnMut(Request<()>)) {
    let sessions = CookieSessions::new();
    let log_in = |cookie: &str| Answer::status(200).cookie(cookie);
    site.answers([
        ("/anna", log_in("sid=anna; Path=/")),
        ("/bert", log_in("sid=bert; Path=/")),
        ("/", Answer::status(200)),
    ]);
    for (key, login) in [("anna", "/anna"), ("bert", "/bert")] {
        let options = CookieOptions::new().jar(sessions.jar(&key));
        for path in [login, "/"] {
            let request = Request::get(site.url(path)).extension(options.clone());
            send(request.body(()).expect("a request"));
        }
    }
    send(Request::get(site.url("/")).body(()).expect("a request"));
    let seen: Vec<_> = site.seen().iter().map(Seen::cookie).collect();
    assert_eq!(seen, ["", "sid=anna", "", "sid=bert", ""]);
    assert_eq!(sessions.jar(&"anna").len(), 1);
}

#[cfg(feature = "tower")]
#[test]
fn through_tower() {
    use cookiejar::client::tower::CookieLayer;
    use tower::{Layer, ServiceExt};

    let (site, own) = (Site::start(), SharedCookieJar::new());
    let service = CookieLayer::new(own.clone()).layer(super::of_tower::hyper(&site));
    let runtime = super::of_tower::runtime();
    ask(&site, |request| {
        let request = request.map(|()| http_body_util::Full::default());
        let answer = service.clone().oneshot(request);
        runtime.block_on(answer).expect("an answer");
    });
    assert!(own.is_empty());
}

#[cfg(feature = "ureq-3")]
#[test]
fn through_ureq() {
    use cookiejar::client::ureq_3::CookieAgent;

    let (site, own) = (Site::start(), SharedCookieJar::new());
    let agent = super::of_ureq::config(&site).build().new_agent();
    let agent = CookieAgent::new(agent, own.clone());
    ask(&site, |request| {
        agent.run(request).expect("an answer");
    });
    assert!(own.is_empty());
}
