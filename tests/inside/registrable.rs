use super::*;

#[test]
fn each_list_has_its_own_answer() {
    let list = |rules| PublicSuffixes::parse(rules).expect("a list");
    let (short, long) = (list("com"), list("com\nacme.com"));
    let request = RequestContext::new("http", "a.www.acme.com", None, "/");
    for _ in 0..2 {
        for (list, expected) in [
            (&short, "acme.com"),
            (&long, "www.acme.com"),
            (&long.clone(), "www.acme.com"),
            (&PublicSuffixes::none(), "acme.com"),
        ] {
            assert_eq!(request.registrable_domain(list), Some(expected));
            assert_eq!(request.clone().registrable_domain(list), Some(expected));
        }
    }
    for host in ["com", "foo", "1.2.3.4", ""] {
        let request = RequestContext::new("http", host, None, "/");
        assert_eq!(request.registrable_domain(&short), None, "{host}");
        assert_eq!(request.registrable_domain(&short), None, "{host}, again");
    }
}

#[test]
fn an_answer_is_no_part_of_a_request() {
    let request = || RequestContext::new("http", "www.acme.com", None, "/");
    let asked = request();
    let list = PublicSuffixes::parse("com").expect("a list");
    assert_eq!(asked.registrable_domain(&list), Some("acme.com"));
    assert_eq!(asked, request());
}

#[test]
fn a_list_is_asked_once() {
    let list = PublicSuffixes::parse("com").expect("a list");
    let request = RequestContext::new("http", "www.acme.com", None, "/");
    request.registrable.keep(list.id(), "com".len());
    assert_eq!(
        request.registrable_domain(&list),
        Some("com"),
        "what was kept"
    );
}
