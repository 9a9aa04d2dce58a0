use super::*;

#[track_caller]
fn context(url: &str) -> RequestContext<'static> {
    RequestContext::from(&Url::parse(url).expect("a URL")).into_owned()
}

#[test]
fn a_url_in_all_its_parts() {
    // url, host, effective host, port, path
    let rows = [
        ("http://acme.com", "acme.com", "acme.com", 80, "/"),
        (
            "https://ACME.com:8443/a?b#c",
            "acme.com",
            "acme.com",
            8443,
            "/a",
        ),
        ("wss://acme.com/", "acme.com", "acme.com", 443, "/"),
        ("ws://acme.com/", "acme.com", "acme.com", 80, "/"),
        ("http://user:pw@acme.com/", "acme.com", "acme.com", 80, "/"), // user info is not part of it
        ("http://localhost/", "localhost", "localhost.local", 80, "/"),
        (
            "http://127.0.0.1:3000/",
            "127.0.0.1",
            "127.0.0.1",
            3000,
            "/",
        ),
        ("http://[::1]:3000/", "[::1]", "[::1]", 3000, "/"), // not a `.local` host
        ("http://acme.com./", "acme.com.", "acme.com.", 80, "/"), // another host
        (
            "http://bücher.example/",
            "xn--bcher-kva.example",
            "xn--bcher-kva.example",
            80,
            "/",
        ),
        ("foo://ACME.com/a", "acme.com", "acme.com", 80, "/a"), // not canonical in the URL itself
    ];
    for (url, host, effective, port, path) in rows {
        let context = context(url);
        assert_eq!(context.host(), host, "{url}");
        assert_eq!(context.effective_host(), effective, "{url}");
        assert_eq!(context.port(), port, "{url}");
        assert_eq!(context.path(), path, "{url}");
    }
}

#[test]
fn urls_without_a_host() {
    for url in [
        "file:///etc/hosts",
        "data:,x",
        "mailto:a@b.example",
        "about:blank",
        "http://./",
        "http://.acme.com/", // otherwise its own cookies would belong to the domain acme.com
        "foo://.acme.com/",
    ] {
        assert!(!context(url).has_host(), "{url}");
    }
}

#[test]
fn parts_mean_what_a_url_means() {
    let parts = RequestContext::new("HTTPS", "Www.Acme.com", 8443, "/a?q");
    assert_eq!(parts, context("https://www.acme.com:8443/a?q"));
    assert_eq!(RequestContext::new("http", "::1", None, "").host(), "[::1]");
    assert_eq!(
        RequestContext::new("http", "acme.com", None, "a").path(),
        "/a"
    );
    assert!(!RequestContext::new("http", "a b", None, "/").has_host());
}

#[test]
fn the_escaped_path_is_the_path_where_nothing_changes() {
    let clean = context("http://acme.com/a/b");
    assert_eq!(clean.escaped_path(), "/a/b");
    assert!(clean.escaped_path.is_none());
    assert_eq!(
        context("http://acme.com/a[%c3%a9").escaped_path(),
        "/a%5B%C3%A9"
    );
}

#[test]
fn methods_are_safe_by_their_very_names() {
    let context = |method| RequestContext::new("https", "acme.com", None, "/").method(method);
    for safe in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        assert!(context(safe).has_safe_method(), "{safe}");
    }
    for other in ["POST", "PUT", "DELETE", "PATCH", "get", "", "X"] {
        assert!(!context(other).has_safe_method(), "{other}");
    }
    #[cfg(feature = "http")]
    {
        let post = http::Request::post("https://acme.com/")
            .body(())
            .expect("a request");
        assert!(!RequestContext::from(&post).has_safe_method());
    }
}

#[test]
fn borrowing_and_owning_change_nothing() {
    let context = context("http://localhost/a%c3").method("POST").caused_by(
        Provenance::new()
            .unverifiable(true)
            .origin_host("b.example"),
    );
    assert_eq!(RequestContext::from(&context), context);
    assert_eq!(RequestContext::from(&context).into_owned(), context);
}

#[cfg(feature = "http")]
#[test]
fn requests_and_uris() {
    use http::{Request, Uri};

    let uri: Uri = "https://user@WWW.acme.com:8443/a?b".parse().expect("a URI");
    assert_eq!(
        RequestContext::from(&uri),
        context("https://www.acme.com:8443/a")
    );
    assert!(!RequestContext::from(&Uri::from_static("/a")).has_host());

    // Host header, scheme, expected URL; an unusable header gives no host
    let rows = [
        ("acme.com", "http", Some("http://acme.com/a")),
        ("acme.com:8080", "http", Some("http://acme.com:8080/a")),
        ("[::1]:8080", "https", Some("https://[::1]:8080/a")),
        ("[::1]", "https", Some("https://[::1]/a")),
        ("acme.com:", "https", Some("https://acme.com/a")),
        ("acme.com:x", "https", None),
        ("acme.com:+80", "http", None), // a sign is not a digit
        ("acme.com:-80", "http", None),
        ("acme.com:80 ", "http", Some("http://acme.com/a")),
        ("acme.com: 80", "http", None),
        ("acme.com:65535", "http", Some("http://acme.com:65535/a")),
        ("acme.com:65536", "http", None),
        ("acme.com:99999", "http", None),
        ("acme.com:00080", "http", Some("http://acme.com/a")),
        ("[::1]:+80", "http", None),
        ("user@acme.com", "https", None),
    ];
    for (host, scheme, url) in rows {
        let request = Request::get("/a")
            .header("host", host)
            .body(())
            .expect("a request");
        let found = RequestContext::from_request(request.uri(), request.headers(), scheme);
        match url {
            Some(url) => assert_eq!(found, context(url), "{host}"),
            None => assert!(!found.has_host(), "{host}"),
        }
    }
}

#[cfg(feature = "http")]
#[test]
fn a_uri_whose_port_is_none_has_no_host() {
    for text in [
        "http://acme.com:99999/",
        "http://acme.com:65536/",
        "http://acme.com:+80/",
        "http://u@[::1]:99999/",
    ] {
        // If the parser of `http` accepts it, a default port would be another server's.
        let Ok(uri) = text.parse::<http::Uri>() else {
            continue;
        };
        assert!(!RequestContext::from(&uri).has_host(), "{text}");
        let request = http::Request::get(uri)
            .header("host", "acme.com")
            .body(())
            .expect("a request");
        assert!(!RequestContext::from(&request).has_host(), "{text}");
    }
    let uri = http::Uri::from_static("http://user:8@acme.com:81/");
    assert_eq!(RequestContext::from(&uri), context("http://acme.com:81/"));
}
