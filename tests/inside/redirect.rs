use super::*;
use crate::request::{Provenance, RequestContext};

type Headers = Vec<(String, Vec<u8>)>;

fn url(url: &str) -> Url {
    Url::parse(url).expect("a URL")
}

fn headers(fields: &[(&str, &str)]) -> Headers {
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.as_bytes().to_vec());
    fields.iter().map(owned).collect()
}

fn names(headers: &Headers) -> Vec<&str> {
    headers.iter().map(|(name, _)| name.as_str()).collect()
}

/// The target of `location` from `from` with status 302.
fn followed(from: &str, location: &[u8]) -> Result<String, RedirectError> {
    let hop = Hop::new(url(from), "GET", &Headers::new());
    let response = [("Location", location)];
    let redirect = Redirect::new(302, &response).expect("a redirect");
    let next = RedirectRules::new().follow(&hop, redirect, &mut Headers::new())?;
    Ok(next.url().to_string())
}

#[track_caller]
fn next(rules: &RedirectRules, hop: &Hop, to: &str, headers: &mut Headers) -> Hop {
    let response = [("Location", to)];
    let redirect = Redirect::new(302, &response).expect("a redirect");
    rules.follow(hop, redirect, headers).expect("a next hop")
}

#[test]
fn locations_are_resolved_against_the_url_of_the_hop() {
    let from = "https://acme.com/a/b?c";
    // location, next URL
    let rows: &[(&[u8], Result<&str, RedirectError>)] = &[
        (b"/x", Ok("https://acme.com/x")),
        (b"x", Ok("https://acme.com/a/x")),
        (b"../x", Ok("https://acme.com/x")),
        (b"?x", Ok("https://acme.com/a/b?x")),
        (b"", Ok("https://acme.com/a/b?c")),
        (b"//other.org/x", Ok("https://other.org/x")),
        (b"http://Other.ORG:80", Ok("http://other.org/")),
        (b" /x ", Ok("https://acme.com/x")), // browsers trim
        ("/\u{fc}".as_bytes(), Ok("https://acme.com/%C3%BC")), // UTF-8, unescaped
        (b"/\xfc", Ok("https://acme.com/%FC")), // not UTF-8
        (b"http://\xfc.org/", Err(RedirectError::InvalidLocation)),
        (b"http://", Err(RedirectError::InvalidLocation)),
        (
            b"https://acme.com:99999/",
            Err(RedirectError::InvalidLocation),
        ),
        (b"ftp://acme.com/", Err(RedirectError::UnsupportedScheme)),
        (
            b"javascript:alert(1)",
            Err(RedirectError::UnsupportedScheme),
        ),
        (b"file:///etc/passwd", Err(RedirectError::UnsupportedScheme)),
    ];
    for (location, expected) in rows {
        let found = followed(from, location);
        assert_eq!(
            found.as_deref(),
            expected.as_deref(),
            "{}",
            location.escape_ascii()
        );
    }
}

#[test]
fn only_five_statuses_with_a_location_are_redirects() {
    for status in [301, 302, 303, 307, 308] {
        assert!(
            Redirect::new(status, &[("location", "/")]).is_some(),
            "{status}"
        );
        assert_eq!(
            Redirect::new(status, &[("Set-Cookie", "a=1")]),
            None,
            "{status}"
        );
    }
    for status in [200, 201, 300, 304, 305, 306, 401, 407, 500] {
        assert_eq!(
            Redirect::new(status, &[("Location", "/")]),
            None,
            "{status}"
        );
    }
}

#[test]
fn methods_by_status() {
    let strict = RedirectRules::new();
    let all = RedirectRules::new().all_become_get(true);
    // status, method, next method, the same with `all_become_get`, body dropped
    let rows = [
        (301, "GET", "GET", "GET", false),
        (301, "HEAD", "HEAD", "HEAD", false),
        (301, "POST", "GET", "GET", true),
        (302, "POST", "GET", "GET", true),
        (302, "PUT", "PUT", "GET", false),
        (302, "DELETE", "DELETE", "GET", false),
        (303, "POST", "GET", "GET", true),
        (303, "PUT", "GET", "GET", true),
        (303, "HEAD", "HEAD", "HEAD", true),
        (307, "POST", "POST", "POST", false),
        (307, "GET", "GET", "GET", false),
        (308, "PUT", "PUT", "PUT", false),
    ];
    for (status, method, by_default, with_all, dropped) in rows {
        let case = format!("{status} {method}");
        let hop = Hop::new(url("http://acme.com/"), method, &Headers::new());
        let response = [("Location", "/next")];
        let redirect = Redirect::new(status, &response).expect("a redirect");
        let mut fields = headers(&[("Content-Type", "text/plain"), ("content-length", "3")]);
        let next = strict.follow(&hop, redirect, &mut fields).expect(&case);
        assert_eq!(next.method(), by_default, "{case}");
        assert_eq!(
            (next.body_dropped(), fields.is_empty()),
            (dropped, dropped),
            "{case}"
        );
        let next = all.follow(&hop, redirect, &mut fields).expect(&case);
        assert_eq!(next.method(), with_all, "{case}");
    }
}

#[test]
fn a_body_that_is_sent_once_only() {
    let rules = RedirectRules::new().resend_body(false);
    let response = [("Location", "/next")];
    for method in ["POST", "PUT", "PATCH", "DELETE", "GET", "OPTIONS"] {
        let hop = Hop::new(url("http://acme.com/"), method, &Headers::new());
        let follow = |status| {
            let redirect = Redirect::new(status, &response).expect("a redirect");
            rules.follow(&hop, redirect, &mut Headers::new())
        };
        let rejected = matches!(method, "POST" | "PUT" | "PATCH" | "DELETE");
        assert_eq!(
            follow(307) == Err(RedirectError::BodyNotResent),
            rejected,
            "{method}"
        );
        assert_eq!(
            follow(308) == Err(RedirectError::BodyNotResent),
            rejected,
            "{method}"
        );
        assert!(follow(302).is_ok(), "{method}");
    }
}

#[test]
fn a_dropped_body_does_not_come_back() {
    let rules = RedirectRules::new();
    let mut fields = Headers::new();
    let hop = Hop::new(url("http://acme.com/"), "POST", &fields);
    let hop = next(&rules, &hop, "/a", &mut fields);
    let hop = next(&rules, &hop, "/b", &mut fields);
    assert_eq!((hop.method(), hop.body_dropped()), ("GET", true));
}

#[test]
fn headers_by_where_the_redirect_leads() {
    let by_hand = [
        ("cookie", "hand=1"),
        ("Cookie2", "$Version=1"),
        ("Authorization", "Basic x"),
        ("proxy-authorization", "Basic y"),
        ("host", "front.example"),
        ("Accept", "*/*"),
    ];
    let from = "http://acme.com/";
    let all = [
        "Authorization",
        "proxy-authorization",
        "host",
        "Accept",
        "Cookie",
        "Cookie2",
    ];
    // to, the names that are kept
    let rows: &[(&str, &[&str])] = &[
        ("http://acme.com/x", &all),
        ("http://ACME.com:80/", &all),
        ("http://acme.com:8080/", &["Accept"]), // another port
        ("https://acme.com/", &["Accept"]),     // another scheme
        ("https://acme.com:80/", &["Accept"]),
        ("http://www.acme.com/", &["Accept"]), // another host
        ("http://acme.com./", &["Accept"]),
    ];
    for (to, expected) in rows {
        let mut fields = headers(&by_hand);
        let hop = Hop::new(url(from), "GET", &fields);
        next(&RedirectRules::new(), &hop, to, &mut fields);
        assert_eq!(names(&fields), *expected, "{to}");
    }
}

#[test]
fn credentials_by_their_rule() {
    use Credentials::{Never, SameHost, SameOrigin};
    // from, to, never, same host, same origin
    let rows = [
        ("http://a.com/", "http://a.com/x", false, true, true),
        ("http://a.com/", "https://a.com/", false, true, false),
        ("https://a.com/", "http://a.com/", false, false, false),
        ("https://a.com/", "https://a.com:8443/", false, true, false),
        ("https://a.com/", "https://b.com/", false, false, false),
    ];
    for (from, to, never, same_host, same_origin) in rows {
        for (rule, stays) in [
            (Never, never),
            (SameHost, same_host),
            (SameOrigin, same_origin),
        ] {
            let mut fields = headers(&[("Authorization", "Basic x")]);
            let hop = Hop::new(url(from), "GET", &fields);
            next(
                &RedirectRules::new().credentials(rule),
                &hop,
                to,
                &mut fields,
            );
            assert_eq!(!fields.is_empty(), stays, "{from} {to} {rule:?}");
        }
    }
}

#[test]
fn what_the_jar_wrote_goes_and_what_the_hand_wrote_stays() {
    let rules = RedirectRules::new();
    let mut fields = headers(&[("Cookie", "hand=1")]);
    let hop = Hop::new(url("http://acme.com/"), "GET", &fields);
    // The jar appended to it.
    fields = headers(&[("Cookie", "hand=1; jar=2"), ("Cookie2", "$Version=\"1\"")]);
    let hop = next(&rules, &hop, "/same", &mut fields);
    assert_eq!(fields, headers(&[("Cookie", "hand=1")]));
    // It is not restored with the host.
    let hop = next(&rules, &hop, "http://other.org/", &mut fields);
    assert_eq!(fields, []);
    next(&rules, &hop, "http://acme.com/", &mut fields);
    assert_eq!(fields, []);

    let never = RedirectRules::new().keep_cookie(false);
    let mut fields = headers(&[("Cookie", "hand=1")]);
    let hop = Hop::new(url("http://acme.com/"), "GET", &fields);
    next(&never, &hop, "/same", &mut fields);
    assert_eq!(fields, []);
}

#[test]
fn a_redirected_hop_is_an_unverifiable_transaction_of_the_first_host() {
    let rules = RedirectRules::new();
    let first = Hop::new(url("http://www.acme.com/"), "GET", &Headers::new());
    assert!(!first.context().is_unverifiable());
    let second = next(&rules, &first, "http://shop.acme.com/", &mut Headers::new());
    let third = next(&rules, &second, "http://other.org/", &mut Headers::new());
    for hop in [&second, &third] {
        assert!(hop.context().is_unverifiable());
        assert_eq!(hop.context().origin(), "www.acme.com");
    }
    assert!(!second.context().is_third_party() && third.context().is_third_party());
    assert_eq!(
        (third.redirects(), third.context().host()),
        (2, "other.org")
    );

    let off = RedirectRules::new().unverifiable(false);
    let second = next(&off, &first, "http://other.org/", &mut Headers::new());
    assert_eq!(
        second.context(),
        RequestContext::from(&url("http://other.org/"))
    );
}

#[test]
fn what_the_caller_said_of_the_first_request_holds_for_all() {
    let of_a_page = Provenance::new()
        .unverifiable(true)
        .origin_host("news.example")
        .at(time::OffsetDateTime::UNIX_EPOCH);
    let first = Hop::new(url("http://ads.example/"), "GET", &Headers::new()).caused_by(&of_a_page);
    for rules in [
        RedirectRules::new(),
        RedirectRules::new().unverifiable(false),
    ] {
        let second = next(&rules, &first, "http://track.example/", &mut Headers::new());
        let expected = url("http://track.example/");
        let expected = RequestContext::from(&expected).caused_by(&of_a_page);
        assert_eq!(second.context(), expected);
    }
}

#[test]
fn a_navigation_to_another_site_leaves_the_partition() {
    // key, a navigation, where it leads, stays in the partition; else it is in one of its own host
    for (key, navigation, to, stays) in [
        ("https://acme.com", true, "https://acme.com/b", true),
        ("https://acme.com", true, "https://www.acme.com/b", true),
        (
            "https://acme.com?hasCrossSiteAncestor=true",
            true,
            "https://acme.com/b",
            true,
        ),
        ("https://acme.com", true, "https://other.example/", false),
        ("https://acme.com", true, "https://badacme.com/", false),
        ("https://acme.com", true, "http://acme.com/", false),
        ("acme.com", true, "https://acme.com/b", false),
        ("https://acme.com", false, "https://other.example/", true), // in a frame of that page
    ] {
        let provenance = Provenance::new()
            .partition_key(key)
            .top_level_navigation(navigation);
        let hop = Hop::new(url("https://acme.com/a"), "GET", &headers(&[])).caused_by(provenance);
        let host = url(to);
        let own = format!("{}://{}", host.scheme(), host.host_str().expect("a host"));
        for rules in [
            RedirectRules::new(),
            RedirectRules::new().unverifiable(false),
        ] {
            let hop = next(&rules, &hop, to, &mut headers(&[]));
            assert_eq!(
                hop.context().partition(),
                Some(if stays { key } else { &own }),
                "{key} {to}"
            );
        }
    }
}

#[test]
fn chains_end() {
    let response = [("Location", "/")];
    let redirect = Redirect::new(302, &response).expect("a redirect");
    let chain = |rules: &RedirectRules, locations: &mut dyn FnMut(usize) -> String| {
        let mut hop = Hop::new(url("http://acme.com/"), "GET", &Headers::new());
        loop {
            let response = [("Location", locations(hop.redirects()))];
            let redirect = Redirect::new(302, &response).expect("a redirect");
            match rules.follow(&hop, redirect, &mut Headers::new()) {
                Ok(next) => hop = next,
                Err(error) => return (hop.redirects(), error),
            }
        }
    };
    let rules = RedirectRules::new();
    let mut forward = |n| format!("/{n}");
    assert_eq!(chain(&rules, &mut forward), (10, RedirectError::TooMany));
    assert_eq!(
        chain(&rules.clone().limit(3), &mut forward),
        (3, RedirectError::TooMany)
    );
    let mut to_itself = |_| "/".to_owned();
    assert_eq!(chain(&rules, &mut to_itself), (3, RedirectError::Loop));
    assert_eq!(
        chain(&rules.clone().repeats(100), &mut to_itself),
        (10, RedirectError::TooMany)
    );

    // An error leaves the headers unchanged.
    let mut fields = headers(&[("Cookie", "a=1"), ("Authorization", "x")]);
    let hop = Hop::new(url("http://other.org/"), "GET", &fields);
    let none = RedirectRules::new().limit(0);
    assert_eq!(
        none.follow(&hop, redirect, &mut fields),
        Err(RedirectError::TooMany)
    );
    assert_eq!(names(&fields), ["Cookie", "Authorization"]);
}

#[test]
fn debug_shows_no_secret() {
    let secret = "https://ann:hunter2@acme.com:8443/login?token=s3cret#s3cret";
    let by_hand = headers(&[("Cookie", "sid=s3cret")]);
    let hop = Hop::new(url(secret), "GET", &by_hand);
    let location = "https://bob:hunter2@acme.com:8443/next?token=s3cret";
    let response = [("Location", location)];
    let redirect = Redirect::new(302, &response).expect("a redirect");
    let after = next(&RedirectRules::new(), &hop, location, &mut headers(&[]));
    let shown = format!("{hop:?}\n{redirect:?}\n{after:?}\n{after:#?}");
    for secret in [
        "hunter2",
        "s3cret",
        "token",
        "ann",
        "bob",
        &format!("{:?}", location.as_bytes()),
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    for told in [
        "https://acme.com:8443/login",
        "https://acme.com:8443/next",
        "GET",
        "302",
    ] {
        assert!(shown.contains(told), "{told} not in {shown}");
    }
}
