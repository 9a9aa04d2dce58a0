use super::*;

#[test]
fn hosts_become_canonical() {
    let rows = [
        ("www.acme.com", Some("www.acme.com")),
        ("WWW.Acme.COM", Some("www.acme.com")),
        ("acme.com.", Some("acme.com.")), // another host
        ("bücher.example", Some("xn--bcher-kva.example")),
        ("my_host", Some("my_host")),
        ("127.0.0.1", Some("127.0.0.1")),
        ("0x7f.1", Some("127.0.0.1")),
        ("[::1]", Some("[::1]")),
        ("::1", Some("[::1]")),
        ("[0:0::1]", Some("[::1]")),
        ("", None),
        ("a b", None),
        ("foo.123", None), // the URL standard: a number at the end is IPv4 or nothing
        ("1.2.3", Some("1.2.0.3")),
        ("127.1", Some("127.0.0.1")),
        ("[::g]", None),
        ("[0:0:0:0:0:FFFF:7F00:1]", Some("[::ffff:7f00:1]")),
        ("::ffff:127.0.0.1", Some("[::ffff:7f00:1]")),
        ("r3---sn.acme.com", Some("r3---sn.acme.com")),
        ("xn--a", None), // no Punycode
        (".acme.com", None),
        ("x..acme.com", None),
        ("acme.com..", None),
        (".", None),
        ("acme.com:80", None),
    ];
    for (host, expected) in rows {
        assert_eq!(canonical_host(host).as_deref(), expected, "{host}");
    }
    assert!(matches!(canonical_host("acme.com"), Some(Cow::Borrowed(_))));
}

#[test]
fn a_host_has_at_most_253_octets() {
    let host = |len: usize| "a.".repeat(len / 2) + &"b".repeat(len % 2);
    for (len, dot, is_host) in [
        (253, "", true),
        (253, ".", true),
        (255, "", false),
        (255, ".", false),
        (LONGEST_SPELLING + 1, "", false),
    ] {
        let name = host(len) + dot;
        assert_eq!(canonical_host(&name).is_some(), is_host, "{len} {dot}");
        assert_eq!(labels(&name) != Labels::Unsound, is_host, "{len} {dot}");
        assert_eq!(canonical_host(&name.to_uppercase()).is_some(), is_host);
    }
    // 254 octets, the last of which is the dot of the root.
    assert_eq!(labels(&host(254)), Labels::Others);
    assert_eq!(labels(&(host(252) + "aa")), Labels::Unsound);
}

#[test]
fn domain_attributes_become_canonical() {
    // text without its leading dot, domain
    let rows: &[(&[u8], Result<&str, Rejection>)] = &[
        (b"acme.com", Ok("acme.com")),
        (b"ACME.com", Ok("acme.com")),
        (b"acme.com.", Ok("acme.com.")),
        (b"localhost", Ok("localhost")),
        (b"a_b", Ok("a_b")),
        ("Bücher.example".as_bytes(), Ok("xn--bcher-kva.example")),
        (b"1.2.3.4", Ok("1.2.3.4")),
        (b"1.2.3", Ok("1.2.0.3")),
        (b"127.1", Ok("127.0.0.1")),
        (b"0x7F000001", Ok("127.0.0.1")),
        (b"::1", Ok("[::1]")),
        (b"[0:0::1]", Ok("[::1]")),
        (b"::FFFF:1.2.3.4", Ok("[::ffff:102:304]")),
        (b"", Err(Rejection::InvalidDomain)),
        (b".", Err(Rejection::InvalidDomain)),
        (b".acme.com", Err(Rejection::InvalidDomain)),
        (b"acme..com", Err(Rejection::InvalidDomain)),
        (b"acme.com..", Err(Rejection::InvalidDomain)),
        (b"acme.com:80", Err(Rejection::InvalidDomain)),
        (b"[::1]:80", Err(Rejection::InvalidDomain)),
        (b"*.acme.com", Err(Rejection::InvalidDomain)),
        (b"%61cme.com", Err(Rejection::InvalidDomain)),
        (b"foo.123", Err(Rejection::InvalidDomain)),
        (b"1.2.3.4.5", Err(Rejection::InvalidDomain)),
        (b"a b", Err(Rejection::InvalidDomain)),
        (b"a\tb", Err(Rejection::InvalidDomain)),
        (b"a=b", Err(Rejection::InvalidDomain)),
        (b"acme.com/x", Err(Rejection::InvalidDomain)),
        (b"xn--a", Err(Rejection::InvalidDomain)),
        (b"\xff.com", Err(Rejection::InvalidDomain)),
    ];
    for (text, expected) in rows {
        let shown = String::from_utf8_lossy(text);
        assert_eq!(Domain::parse(text).name(), *expected, "{shown}");
        let dotted = [b".", *text].concat();
        let (domain, is_dotted) = Domain::parse_dotted(Cow::Owned(dotted));
        assert_eq!((domain.name(), is_dotted), (*expected, true), "{shown}");
    }
    assert!(matches!(
        Domain::parse(b"acme.com"),
        Domain::Name(Cow::Borrowed(_))
    ));
    assert_eq!(
        Domain::from_host("a*b").name(),
        Err(Rejection::InvalidDomain)
    );
    assert_eq!(Domain::default().name(), Err(Rejection::MissingDomain));
}

#[test]
fn what_is_longer_than_a_host_has_nothing_above_it() {
    let long = "a.".repeat(100_000);
    assert_eq!(suffixes(&long).count(), 1);
    assert_eq!(suffixes(&"a.".repeat(126)).count(), 126);
}

#[test]
fn ip_addresses_are_known_by_their_end() {
    for ip in ["127.0.0.1", "[::1]", "1.2.3.4"] {
        assert!(is_ip_address(ip), "{ip}");
    }
    for name in [
        "acme.com",
        "a1",
        "acme.com2",
        "",
        "localhost",
        "1.2.3.4.in-addr.arpa",
    ] {
        assert!(!is_ip_address(name), "{name}");
    }
}

#[test]
fn loopback_hosts() {
    for host in [
        "localhost",
        "localhost.",
        "www.localhost",
        "127.0.0.1",
        "127.255.0.9",
        "[::1]",
    ] {
        assert!(is_loopback(host), "{host}");
    }
    for host in [
        "",
        "notlocalhost",
        "localhost.com",
        "128.0.0.1",
        "127.acme.com",
        "[::2]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
    ] {
        assert!(!is_loopback(host), "{host}");
    }
}

#[test]
fn within_is_at_the_boundary_of_a_label() {
    let rows = [
        ("www.acme.com", "acme.com", true),
        ("acme.com", "acme.com", true),
        ("xacme.com", "acme.com", false),
        ("acme.com", "www.acme.com", false),
        ("1.2.3.4", "1.2.3.4", true),
        ("1.2.3.4", "3.4", false), // an address is matched whole
        ("acme.com", "", false),
        ("acme.com.", "acme.com", false),
    ];
    for (host, domain, expected) in rows {
        assert_eq!(is_within(host, domain), expected, "{host} {domain}");
    }
}

#[test]
fn domain_match_as_rfc2965_has_it() {
    let rows = [
        ("x.y.com", ".y.com", true),
        ("x.y.com", "y.com", false),
        ("y.com", ".y.com", false), // N must not be empty
        ("y.com", "y.com", true),
        ("a.b.c.com", ".c.com", true),
        (".c.com", "a.b.c.com", false), // not symmetric
        ("1.2.3.4", "1.2.3.4", true),
        ("1.2.3.4", ".3.4", false),
        ("foo.local", ".local", true),
        ("x.y.com.evil.net", ".y.com", false), // anchored at the end
        (".x.y.com", ".y.com", false),         // A is not a host name
        ("x.y.com.", ".y.com.", false),
        ("x..y.com", "..y.com", false), // B' is not a host name
    ];
    for (a, b, expected) in rows {
        assert_eq!(domain_match(a, b), expected, "{a} {b}");
    }
}

#[test]
fn reach_as_rfc2965_has_it() {
    let rows = [
        ("www.acme.com", ".acme.com"),
        ("acme.com", "acme.com"),
        ("acme.local", ".local"),
        ("foo", "foo"),
        ("1.2.3.4", "1.2.3.4"),
        ("www.acme.com.", "www.acme.com."),
        ("", ""),
    ];
    for (host, expected) in rows {
        assert_eq!(reach(host), expected, "{host}");
    }
}

#[test]
fn suffixes_go_up_to_the_last_label() {
    assert_eq!(suffixes("a.b.c").collect::<Vec<_>>(), ["a.b.c", "b.c", "c"]);
    assert_eq!(suffixes("foo").collect::<Vec<_>>(), ["foo"]);
    assert_eq!(suffixes("1.2.3.4").collect::<Vec<_>>(), ["1.2.3.4"]);
    assert_eq!(suffixes("a.b.").collect::<Vec<_>>(), ["a.b.", "b."]);
    assert_eq!(suffixes("").count(), 0);
}

#[test]
fn a_name_that_is_spelled_too_long_is_no_host_and_no_domain_however_short_it_is() {
    // IDNA ignores soft hyphens.
    let spelled = |len: usize| format!("{}ab.com", "\u{ad}".repeat((len - 6) / 2));
    let (longest, longer) = (spelled(LONGEST_SPELLING), spelled(LONGEST_SPELLING + 2));
    assert_eq!(longest.len(), LONGEST_SPELLING);
    for canonical in [canonical_host, canonical_domain] {
        assert_eq!(canonical(&longest).as_deref(), Some("ab.com"));
        assert_eq!(canonical(&longer), None);
    }
}
