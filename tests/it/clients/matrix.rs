//! Properties of every client: the possible redirects and error responses, as a table.

use cookiejar::SharedCookieJar;
use url::Url;

use super::site::{Answer, Seen, Site, answer_once};

/// A client with our jar.
pub(crate) struct Subject {
    pub(crate) jar: SharedCookieJar,
    /// Follows a request to its end; returns the status of the last response and its text, if known.
    pub(crate) send: Send,
    pub(crate) hand: Hand,
    /// Whether it lets the jar see the status.
    pub(crate) shows_status: bool,
}

/// The hops to which a client sends a `Cookie` header set by hand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// The first hop.
    First,
    /// The hops before which no redirect led to another origin.
    SameOrigin,
    /// The hops to which no redirect led from another origin: the header that reqwest removes at such a hop is back
    /// at the next, which leaks it to the other host. A version that fixes this fails here.
    SameAsBefore,
}

pub(crate) type Send = Box<dyn Fn(Ask<'_>) -> (u16, String)>;

/// A request: with a form it is a `POST`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ask<'a> {
    pub(crate) url: &'a str,
    /// A `Cookie` header set by hand.
    pub(crate) hand: Option<&'a str>,
    pub(crate) form: Option<&'a str>,
}

impl Subject {
    pub(crate) fn get(&self, url: &str) -> u16 {
        let ask = Ask {
            url,
            ..Ask::default()
        };
        (self.send)(ask).0
    }
}

pub(crate) type Make = fn(&Site, SharedCookieJar) -> Subject;

/// All checks.
pub(crate) fn check(make: Make) {
    let site = Site::start();
    redirects(&site, make);
    errors(&site, make);
    proxies_and_interim_answers(&site, make);
    any_bytes(&site, make);
}

/// Redirects of five kinds, in chains of one to three and back.
fn redirects(site: &Site, make: Make) {
    let Site {
        port,
        other_port,
        https_port,
        ..
    } = site;
    // from, to
    let kinds = [
        (
            format!("http://127.0.0.1:{port}"),
            format!("http://127.0.0.1:{port}"),
        ), // same host
        (
            format!("http://127.0.0.1:{port}"),
            format!("http://localhost:{port}"),
        ), // other host
        (
            format!("http://127.0.0.1:{port}"),
            format!("http://127.0.0.1:{other_port}"),
        ), // other port
        (
            format!("https://localhost:{https_port}"),
            format!("http://localhost:{port}"),
        ),
        (
            format!("http://localhost:{port}"),
            format!("https://localhost:{https_port}"),
        ),
    ];
    for (from, to) in &kinds {
        for hops in 1..=3 {
            for back in [false, true] {
                for hand in [None, Some("hand=1")] {
                    let mut origins = vec![from.as_str()];
                    origins.extend(std::iter::repeat_n(to.as_str(), hops));
                    origins.extend(back.then_some(from.as_str()));
                    chain(site, &make(site, SharedCookieJar::new()), &origins, hand);
                }
            }
        }
    }
}

/// One chain of redirects: every hop sets cookies, and receives its own.
fn chain(site: &Site, subject: &Subject, origins: &[&str], hand: Option<&str>) {
    let urls: Vec<String> = origins
        .iter()
        .enumerate()
        .map(|(hop, origin)| format!("{origin}/hop/{hop}"))
        .collect();
    site.answers(urls.iter().enumerate().map(|(hop, _)| {
        let answer = match urls.get(hop + 1) {
            Some(next) => Answer::redirect(302, next),
            None => Answer::status(200),
        };
        let cookies = [
            format!("d{hop}={hop}"), // its path is /hop
            format!("h{hop}={hop}; Path=/"),
            format!("s{hop}={hop}; Path=/; Secure"),
            format!("p{hop}={hop}; Path=/hop/{hop}"), // sent to no other hop
        ];
        let answer = cookies.into_iter().fold(answer, Answer::cookie);
        (format!("/hop/{hop}"), answer)
    }));
    let first = Ask {
        url: &urls[0],
        hand,
        form: None,
    };
    assert_eq!((subject.send)(first).0, 200, "{origins:?}");

    let urls: Vec<Url> = urls
        .iter()
        .map(|url| Url::parse(url).expect("a URL"))
        .collect();
    let seen = site.seen();
    assert_eq!(seen.len(), urls.len(), "{origins:?}");
    for (hop, seen) in seen.iter().enumerate() {
        let by_hand = hand.filter(|_| keeps_hand(subject, &urls[..=hop]));
        let expected = by_hand.map_or_else(|| expected_cookie(&urls[..=hop]), str::to_owned);
        assert_eq!(
            seen.cookie(),
            expected,
            "hop {hop} of {origins:?}, by hand: {hand:?}"
        );
    }
    for (hop, url) in urls.iter().enumerate() {
        let host = url.host_str().expect("a host");
        let paths = [("d", "/hop"), ("h", "/"), ("s", "/"), ("p", url.path())];
        for (name, path) in paths {
            let stored = subject.jar.get((host, path, &format!("{name}{hop}")));
            assert!(stored.is_some(), "{name}{hop} of {origins:?}");
        }
    }
    assert_eq!(subject.jar.len(), 4 * urls.len(), "{origins:?}");
}

/// The `Cookie` header for the last of these URLs: the cookies of the hops before it on its host, longest path first,
/// in the order of creation, Secure ones over https.
fn expected_cookie(urls: &[Url]) -> String {
    let (last, before) = urls.split_last().expect("a URL");
    let hops = before
        .iter()
        .enumerate()
        .filter(|(_, url)| url.host() == last.host());
    let hops: Vec<_> = hops.map(|(hop, _)| hop).collect();
    let mut pairs: Vec<_> = hops.iter().map(|hop| format!("d{hop}={hop}")).collect();
    for hop in &hops {
        pairs.push(format!("h{hop}={hop}"));
        if last.scheme() == "https" {
            pairs.push(format!("s{hop}={hop}"));
        }
    }
    pairs.join("; ")
}

/// Whether a header set by hand for the first of these URLs is sent to the last.
fn keeps_hand(subject: &Subject, urls: &[Url]) -> bool {
    let mut steps = urls
        .windows(2)
        .map(|two| two[0].origin() == two[1].origin());
    match subject.hand {
        Hand::First => urls.len() == 1,
        Hand::SameOrigin => steps.all(|same| same),
        Hand::SameAsBefore => steps.next_back().unwrap_or(true),
    }
}

/// The cookies of error responses are stored, also after a redirect.
fn errors(site: &Site, make: Make) {
    for status in [401, 404, 500] {
        let subject = make(site, SharedCookieJar::new());
        site.answers([
            ("/error", Answer::status(status).cookie("e=1; Path=/")),
            (
                "/to-error",
                Answer::redirect(302, "/error").cookie("r=1; Path=/"),
            ),
        ]);
        assert_eq!(subject.get(&site.url("/error")), status);
        assert_eq!(subject.get(&site.url("/to-error")), status);
        subject.get(&site.url("/"));
        let cookies: Vec<_> = site.seen().iter().map(Seen::cookie).collect();
        assert_eq!(cookies, ["", "e=1", "e=1; r=1", "e=1; r=1"], "{status}");
    }
}

/// A response that is not the site's own stores nothing.
fn proxies_and_interim_answers(site: &Site, make: Make) {
    let subject = make(site, SharedCookieJar::new());
    site.answers([("/", Answer::status(407).cookie("proxy=1"))]);
    assert_eq!(subject.get(&site.url("/")), 407);
    assert_eq!(subject.jar.is_empty(), subject.shows_status, "407");

    let subject = make(site, SharedCookieJar::new());
    let url = answer_once(
        b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: early=1\r\n\r\n\
        HTTP/1.1 200 OK\r\nSet-Cookie: late=1\r\nContent-Length: 0\r\n\r\n",
    );
    subject.get(&url);
    let names: Vec<_> = subject
        .jar
        .snapshot()
        .iter()
        .map(|cookie| cookie.name().to_owned())
        .collect();
    assert!(!names.contains(&"early".to_owned()), "{names:?}");
}

/// Bytes that are not UTF-8 are sent back unchanged.
fn any_bytes(site: &Site, make: Make) {
    let subject = make(site, SharedCookieJar::new());
    site.answers([(
        "/set",
        Answer::status(200).cookie(b"n\xe9=\xff\x80; Path=/"),
    )]);
    subject.get(&site.url("/set"));
    subject.get(&site.url("/"));
    let seen = site.seen();
    assert_eq!(seen[1].cookies, [b"n\xe9=\xff\x80"]);
}
