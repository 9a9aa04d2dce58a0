use super::*;

fn list() -> PublicSuffixes {
    PublicSuffixes::parse("com\nco.uk\nuk\ngithub.io\n*.ck\n!www.ck\n").expect("a good list")
}

#[test]
fn known_suffixes_and_no_others() {
    let list = list();
    for suffix in ["com", "co.uk", "uk", "github.io", "com.", "x.ck"] {
        assert!(list.is_public_suffix(suffix), "{suffix}");
    }
    for name in [
        "acme.com",
        "intranet",
        "www.ck",
        "io",
        "",
        "acme.github.io",
        "1.2.3.4",
    ] {
        assert!(!list.is_public_suffix(name), "{name}");
    }
}

#[test]
fn registrable_domains() {
    let list = list();
    let rows = [
        ("www.acme.com", Some("acme.com")),
        ("acme.com", Some("acme.com")),
        ("a.b.acme.co.uk", Some("acme.co.uk")),
        ("acme.com.", Some("acme.com.")),
        ("www.acme.com.", Some("acme.com.")),
        ("x.github.io", Some("x.github.io")),
        ("a.www.ck", Some("www.ck")),
        ("host.corp.intranet", Some("corp.intranet")), // unlisted: by the rule `*`
        ("com", None),
        ("foo", None),
        ("1.2.3.4", None),
        ("[::1]", None),
        ("", None),
        (".com", None),
        ("..", None),
    ];
    for (name, expected) in rows {
        assert_eq!(list.registrable_domain(name), expected, "{name}");
    }
    assert_eq!(
        PublicSuffixes::none().registrable_domain("a.b.co.uk"),
        Some("co.uk")
    );
}

#[test]
fn an_empty_list_is_noticed() {
    for empty in ["", "\n", "// only a comment\n"] {
        assert!(PublicSuffixes::parse(empty).is_err(), "{empty:?}");
    }
    assert!(PublicSuffixes::from_list(publicsuffix::List::new()).is_err());
}

#[cfg(feature = "psl")]
#[test]
fn the_built_in_list_is_there() {
    let list = PublicSuffixes::built_in();
    assert!(list.is_public_suffix("co.uk") && list.is_public_suffix("github.io"));
    assert!(!list.is_public_suffix("localhost") && !list.is_public_suffix("corp.internal"));
}
