use super::*;

#[test]
fn patterns_that_no_domain_can_equal() {
    for pattern in [
        "",
        ".",
        "..",
        "..ads.example",
        "*.ads.example",
        "ads.*",
        "ads..example",
        "ads.example..",
        "ads.example:80",
        "http://ads.example",
        "ads.example/x",
        "user@ads.example",
        "a b.example",
        " ads.example",
        "1.2.3",
        "foo.123",
        "[::1",
        "a\nb",
    ] {
        // `1.2.3` is an address in the URL standard, and is converted to its canonical form.
        let expected = (pattern == "1.2.3").then_some("1.2.0.3");
        for list in [
            DomainList::block([pattern]),
            DomainList::allow([pattern]),
            DomainList::block_sites([pattern]),
        ] {
            match (list, expected) {
                (Ok(list), Some(found)) => {
                    assert!(list.patterns().any(|pattern| pattern == found), "{list:?}");
                }
                (list, _) => {
                    let error = list.expect_err(pattern);
                    assert_eq!(error.pattern(), pattern);
                }
            }
        }
    }
    let error = DomainList::block(["ads.example", "*.x", "also bad"]).expect_err("two bad ones");
    assert_eq!(error.pattern(), "*.x");
}

#[test]
fn patterns_become_canonical() {
    // pattern, as it is kept
    for (pattern, kept) in [
        ("ads.example", "ads.example"),
        (".ADS.example", ".ads.example"),
        ("b\u{fc}cher.example", "xn--bcher-kva.example"),
        ("127.1", "127.0.0.1"),
        ("[0:0::1]", "[::1]"),
        ("::1", "[::1]"),
        ("localhost", "localhost"),
        (".local", ".local"),
        (".127.0.0.1", "127.0.0.1"), // no address has names below it
        ("ads.example.", "ads.example"),
    ] {
        let list = DomainList::block([pattern]).expect(pattern);
        assert_eq!(list.patterns().collect::<Vec<_>>(), [kept], "{pattern}");
    }
    let list = DomainList::allow(["ads.example."]).expect("a host of its own");
    assert_eq!(list.patterns().collect::<Vec<_>>(), ["ads.example."]);
}

#[test]
fn a_host_with_a_dot_at_its_end_is_blocked_with_the_one_without() {
    let request = RequestContext::new("https", "x.ads.example.", None, "/");
    for list in [
        DomainList::block([".ads.example"]),
        DomainList::block_sites(["ads.example"]),
        DomainList::block_sites(["ads.example."]),
    ] {
        let list = list.expect("a list");
        for domain in ["x.ads.example.", ".x.ads.example.", ".ads.example."] {
            let verdict = list.domain_return_ok(domain, &request);
            assert_eq!(verdict, Err(Rejection::BlockedDomain), "{domain}");
        }
        assert_eq!(list.domain_return_ok("bads.example.", &request), Ok(()));
    }
    let allowed = DomainList::allow([".ads.example"]).expect("a list");
    let verdict = allowed.domain_return_ok("x.ads.example.", &request);
    assert_eq!(verdict, Err(Rejection::DomainNotAllowed));
}

#[test]
fn the_error_of_a_pattern_controls_no_terminal() {
    let error = DomainList::block(["\u{1b}]0;x\u{7}"]).expect_err("no domain");
    assert_eq!(
        error.to_string(),
        r"no domain of a cookie can equal the pattern `\u{1b}]0;x\u{7}`"
    );
}

#[test]
fn each_kind_speaks_to_setting_and_returning() {
    let request = RequestContext::new("https", "www.acme.com", None, "/");
    // stored domain, blocked, blocked with all below, not allowed
    let rows = [
        ("acme.com", true, true, false),
        (".acme.com", true, true, true), // the allow list is Python's
        ("www.acme.com", false, true, true),
        ("other.example", false, false, true),
    ];
    let lists = [
        (DomainList::block(["acme.com"]), Rejection::BlockedDomain),
        (
            DomainList::block_sites([".acme.com"]),
            Rejection::BlockedDomain,
        ),
        (DomainList::allow(["acme.com"]), Rejection::DomainNotAllowed),
    ];
    for (domain, block, sites, allow) in rows {
        let cookie = Cookie::builder("a", "1")
            .domain(domain)
            .build()
            .expect("a cookie");
        for ((list, reason), says_no) in lists.iter().zip([block, sites, allow]) {
            let list = list.as_ref().expect("a list");
            let expected = if says_no { Err(*reason) } else { Ok(()) };
            assert_eq!(
                list.set_ok(&cookie, &request),
                expected,
                "{domain} {list:?}"
            );
            assert_eq!(
                list.domain_return_ok(domain, &request),
                expected,
                "{domain} {list:?}"
            );
            // The policy was already asked about the domain.
            assert_eq!(list.return_ok(&cookie, &request), Ok(()));
        }
    }
    let nothing = DomainList::allow::<&str>([]).expect("a list");
    assert_eq!(
        nothing.domain_return_ok("acme.com", &request),
        Err(Rejection::DomainNotAllowed)
    );
}
