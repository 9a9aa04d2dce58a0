use super::*;

#[test]
fn what_an_entry_means() {
    // entry, stored domain, blocked, allowed
    let rows = [
        ("ads.com", "ads.com", true, true),
        ("ads.com", ".ads.com", true, false), // the allow list is Python's
        ("ads.com", "x.ads.com", false, false),
        (".ads.com", "ads.com", false, false), // never the host alone
        (".ads.com", ".ads.com", true, true),
        (".ads.com", "x.ads.com", true, true),
        (".ads.com", ".y.x.ads.com", true, true),
        (".ads.com", "badads.com", false, false),
        (".ADS.com", "x.ads.com", true, true),
        (
            ".b\u{fc}cher.example",
            "x.xn--bcher-kva.example",
            true,
            true,
        ),
        ("1.2.3.4", "1.2.3.4", true, true),
        ("1.2.3.4", ".1.2.3.4", true, false),
        (".3.4", "1.2.3.4", false, false), // an address is matched whole
        ("127.1", "127.0.0.1", true, true), // in any spelling
        ("::1", "[::1]", true, true),
        (".[0:0:0::1]", ".[::1]", true, true),
        ("[::FFFF:1.2.3.4]", "[::ffff:102:304]", true, true),
        ("*.ads.com", "x.ads.com", false, false), // neither a host nor a pattern
        ("foo", "foo", true, true),
        ("foo.local", "foo", true, true), // the effective host name
        (".local", "foo", true, true),
        (".com", "ads.com", true, true),
    ];
    for (entry, domain, blocked, allowed) in rows {
        let list = DomainSet::new([entry]);
        assert_eq!(list.blocks(domain), blocked, "{entry} blocks {domain}");
        assert_eq!(list.allows(domain), allowed, "{entry} allows {domain}");
    }
}

#[test]
fn an_empty_list_has_nothing() {
    assert!(!DomainSet::default().blocks("ads.com"));
    assert!(!DomainSet::default().allows("ads.com"));
}
