//! Which cookies are rejected for their length, and which are evicted or withheld: when a site has too many, and when
//! a header is full.

use crate::common;

use std::sync::Arc;

use common::{NOW, built, header, jar_with, names, policy, request, suffixes, url};
use cookiejar::jar::{ChangeCause, Heard, ImportOptions};
use cookiejar::policy::Limits;
use cookiejar::{
    BrowserPolicy, Cookie, CookieJar, CookiePolicy, DefaultCookiePolicy, Rejection, RequestContext,
    SharedCookieJar,
};
use time::Duration;

const STEP: Duration = Duration::milliseconds(1001);

fn site_limits(site_cookies: usize, kept: usize) -> DefaultCookiePolicy {
    let mut limits = Limits::none();
    limits.site_cookies = site_cookies;
    limits.site_cookies_kept = kept;
    policy().limits(limits)
}

/// A cookie as `name domain [secure] [short]`, on a separate path so that it can be sent alone;
/// a short one expires after a minute.
#[track_caller]
fn cookie(spec: &str) -> Cookie {
    let mut words = spec.split(' ');
    let (name, domain) = (
        words.next().expect("a name"),
        words.next().expect("a domain"),
    );
    let path = format!("/{name}");
    let has = |word| spec.split(' ').skip(2).any(|other| other == word);
    let mut builder = Cookie::builder(name, "x").domain(domain).path(&path);
    if has("short") {
        builder = builder.expires(NOW + Duration::minutes(1));
    }
    built(builder.secure(has("secure")))
}

/// Creates cookies one after the other, then sends those that are marked `sent` one after the
/// other, then stores the last one two minutes later within the limits of the site; returns the
/// names that are left.
#[track_caller]
fn left(cookies: &[&str], limit: usize, kept: usize) -> String {
    let (last, stored) = cookies.split_last().expect("a cookie");
    let (mut jar, clock) = jar_with(site_limits(limit, kept));
    for spec in stored {
        assert_eq!(
            jar.set_cookie(cookie(spec)),
            Some(ChangeCause::Stored),
            "{spec}"
        );
        clock.advance(STEP);
    }
    for spec in stored.iter().filter(|spec| spec.ends_with("sent")) {
        let cookie = cookie(spec);
        let host = cookie.domain().trim_start_matches('.');
        let sent = header(&jar, &format!("https://{host}{}", cookie.path()));
        assert_eq!(sent, format!("{}=x", cookie.name()));
        clock.advance(STEP);
    }
    clock.set(NOW + Duration::minutes(2));
    let last = cookie(last);
    let from = format!("https://{}/", last.domain().trim_start_matches('.'));
    assert_eq!(
        jar.set_cookie_if_ok(last, &url(&from)),
        Ok(Some(ChangeCause::Stored))
    );
    assert_eq!(jar.len(), jar.iter().len());
    names(&jar)
}

#[expect(clippy::too_many_lines, reason = "a table")]
#[test]
fn the_order_of_eviction() {
    // cookies in the order of creation, the last one exceeding the limit; kept; left
    let rows: [(&[&str], usize, &str); 17] = [
        // after the expired ones (see below) those that are not Secure
        (
            &[
                "a acme.com secure",
                "b acme.com sent",
                "c acme.com secure",
                "n acme.com secure",
            ],
            3,
            "a c n",
        ),
        // among these the least recently sent; a cookie that was never sent counts from its creation
        (
            &["a acme.com sent", "b acme.com", "c acme.com", "n acme.com"],
            3,
            "a c n",
        ),
        (
            &[
                "a acme.com sent",
                "b acme.com sent",
                "c acme.com",
                "n acme.com",
            ],
            2,
            "b n", // c first, then a, which was sent before b
        ),
        // then the oldest
        (
            &["a acme.com", "b www.acme.com", "c .acme.com", "n acme.com"],
            2,
            "c n",
        ),
        // the new one has no privilege: it is evicted if it is the only one without Secure
        (
            &["a acme.com secure", "b acme.com secure", "n acme.com"],
            2,
            "a b",
        ),
        // those of the fullest group before all others
        (
            &[
                "a acme.com secure",
                "b www.acme.com secure",
                "c www.acme.com secure",
                "n .acme.com secure",
            ],
            3,
            "a c n",
        ),
        (
            &[
                "a .acme.com secure",
                "b acme.com secure",
                "c acme.com secure",
                "n www.acme.com secure",
            ],
            3,
            "a c n", // the site's domain cookies form a separate group from those of its host
        ),
        (
            &[
                "a acme.com secure",
                "b www.acme.com secure",
                "c www.acme.com secure",
                "n www.acme.com secure",
            ],
            2,
            "a n", // the fullest, again and again
        ),
        (
            &[
                "a www.acme.com secure",
                "b www.acme.com secure",
                "c acme.com secure",
                "d acme.com secure",
                "n acme.com secure",
            ],
            3,
            "b d n", // acme.com has three: c. Both have two now, and www was used less recently: a
        ),
        // within that the least recently sent
        (
            &[
                "a www.acme.com secure sent",
                "b www.acme.com secure",
                "c acme.com secure",
                "n .acme.com secure",
            ],
            3,
            "a c n",
        ),
        // among groups that are equally full one of the group used least recently, Secure or not
        (
            &[
                "a www.acme.com secure",
                "b www.acme.com secure",
                "c acme.com sent",
                "n acme.com secure",
            ],
            3,
            "b c n",
        ),
        (
            &[
                "a www.acme.com sent",
                "b acme.com secure sent",
                "c www.acme.com",
                "n acme.com secure",
            ],
            3,
            "a b n", // both groups were used at the end: www when `c` was stored, before `b` was sent
        ),
        // a label below the site counts together with all hosts below it, and with their domain cookies
        (
            &[
                "a x.evil.acme.com secure",
                "b acme.com",
                "c .evil.acme.com",
                "d y.x.evil.acme.com secure",
                "n www.acme.com",
            ],
            3,
            "b d n",
        ),
        // other sites do not count
        (
            &["x b.example", "y b.example", "a acme.com", "n acme.com"],
            1,
            "x y a n",
        ),
        (&["a 1.2.3.4", "b localhost", "n acme.com"], 1, "a b n"),
        // a public suffix is a separate site
        (&["a one.co.uk", "b co.uk", "n two.co.uk"], 1, "a b n"),
        // everything is evicted if nothing may stay
        (&["a acme.com", "n acme.com"], 0, ""),
    ];
    for (cookies, kept, expected) in rows {
        assert_eq!(
            left(cookies, cookies.len() - 1, kept),
            expected,
            "{cookies:?}"
        );
    }
}

#[test]
fn expired_cookies_make_way_first() {
    // Of four domains with expired cookies, the sweep of one write frees two.
    let cookies = [
        "a acme.com",
        "b acme.com secure short sent",
        "c www.acme.com secure short",
        "d x.acme.com secure short",
        "e y.acme.com secure short",
        "n acme.com",
    ];
    assert_eq!(left(&cookies, 5, 2), "a d e n", "not too many any more");
    assert_eq!(left(&cookies, 3, 2), "a n", "though these are not Secure");
}

#[test]
fn a_site_may_have_180_and_goes_down_to_150() {
    let (mut jar, _) = jar_with(policy());
    let hosts = ["acme.com", "www.acme.com", "shop.acme.com"];
    for index in 0..180 {
        let host = hosts[index % hosts.len()];
        let field = format!("n{index}=1");
        let url = url(&format!("http://{host}/"));
        let report = jar.extract_cookies(&[("Set-Cookie", field)], &url);
        assert_eq!((report.stored, report.evicted), (1, 0));
    }
    let other = jar.extract_cookies(&[("Set-Cookie", "a=1")], &url("http://b.example/"));
    assert_eq!((other.stored, other.evicted), (1, 0));
    let again = jar.extract_cookies(&[("Set-Cookie", "n0=2")], &url("http://acme.com/"));
    assert_eq!(
        (again.replaced, again.evicted),
        (1, 0),
        "a replaced cookie does not count twice"
    );
    let one_more = jar.extract_cookies(&[("Set-Cookie", "m=1")], &url("http://acme.com/"));
    assert_eq!((one_more.stored, one_more.evicted), (1, 31));
    assert_eq!(jar.len(), 151);
}

/// The cookies of a jar, each as `name domain path length-of-value`; the header that fits is shown
/// by its names.
#[track_caller]
fn fitting(limits: Limits, cookies: &[(&str, &str, &str, usize)]) -> String {
    let (mut jar, _) = jar_with(policy().limits(limits));
    for (name, domain, path, len) in cookies {
        let value = "v".repeat(*len);
        let builder = Cookie::builder(*name, &value).domain(domain).path(*path);
        jar.set_cookie(built(builder));
    }
    let request = request("http://acme.com/x/y");
    let header = jar.cookie_header(&request);
    let bytes = header.as_ref().map_or(0, |header| header.as_bytes().len());
    assert!(bytes <= limits.header_bytes, "{bytes} bytes");
    let sent = names(jar.cookies_for(&request));
    explained_alike(&jar, &sent, cookies.len());
    let pairs = header.as_ref().map_or(0, |header| {
        header.as_bytes().split(|&byte| byte == b';').count()
    });
    assert_eq!(pairs, sent.split_whitespace().count());
    sent
}

/// The sent cookies are explained as sent, in the same order, and the rest as left out.
#[track_caller]
fn explained_alike(jar: &CookieJar, sent: &str, all: usize) {
    let explained = jar.explain(request("http://acme.com/x/y"));
    assert_eq!(explained.len(), all);
    let (kept, out): (Vec<_>, Vec<_>) = explained.into_iter().partition(|e| e.verdict.is_ok());
    assert_eq!(names(kept.iter().map(|e| e.cookie)), sent);
    assert!(out.iter().all(|e| e.verdict == Err(Rejection::HeaderFull)));
}

/// Limits, cookies, and the names that are sent, in order.
type HeaderRow<'a> = (Limits, &'a [(&'a str, &'a str, &'a str, usize)], &'a str);

#[test]
fn the_order_in_which_a_header_is_filled() {
    let limits = |cookies, bytes| {
        let mut limits = Limits::none();
        limits.header_cookies = cookies;
        limits.header_bytes = bytes;
        limits
    };
    let many = usize::MAX;
    let (own, all) = ("acme.com", ".acme.com");
    let rows: [HeaderRow<'_>; 13] = [
        (
            limits(many, many),
            &[("a", all, "/x", 1), ("b", own, "/", 1)],
            "a b",
        ), // room for all
        (
            limits(1, many),
            &[("a", all, "/x", 1), ("b", own, "/", 1)],
            "b",
        ), // the host's own first
        (
            limits(1, many),
            &[("a", own, "/", 1), ("b", own, "/x", 1)],
            "b",
        ), // then the longest path
        (
            limits(1, many),
            &[("a", own, "/", 1), ("b", own, "/", 1)],
            "a",
        ), // then the earliest
        (
            limits(2, many),
            &[
                ("a", all, "/x/y", 1),
                ("b", own, "/", 1),
                ("c", all, "/x", 1),
            ],
            "a b", // kept: b, then a; sent: in the usual order
        ),
        (limits(0, many), &[("a", own, "/", 1)], ""),
        (
            limits(many, 8),
            &[("a", own, "/", 1), ("b", own, "/", 1)],
            "a b",
        ), // `a=v; b=v` fits to the byte
        (
            limits(many, 7),
            &[("a", own, "/", 1), ("b", own, "/", 1)],
            "a",
        ),
        (limits(many, 3), &[("a", own, "/", 1)], "a"),
        (limits(many, 2), &[("a", own, "/", 1)], ""),
        (
            limits(many, 8),
            &[("a", own, "/", 1), ("b", own, "/", 9), ("c", own, "/", 1)],
            "a c", // one that does not fit is withheld
        ),
        (
            limits(many, 20),
            &[
                ("a", all, "/x/y", 15),
                ("b", own, "/", 1),
                ("c", own, "/x", 1),
            ],
            "c b", // the domain's cookie has the longest path and does not fit
        ),
        (
            limits(2, 20),
            &[("a", own, "/", 30), ("b", own, "/", 1), ("c", own, "/", 1)],
            "b c",
        ),
    ];
    for (limits, cookies, expected) in rows {
        assert_eq!(fitting(limits, cookies), expected, "{cookies:?}");
    }
}

#[test]
fn attributes_of_version_1_count() {
    let (mut jar, _) = jar_with(policy().rfc2965(true));
    for name in ["a", "b"] {
        let cookie = Cookie::builder(name, "1")
            .version(1)
            .domain("acme.com")
            .path("/");
        jar.set_cookie(built(cookie));
    }
    let whole = "$Version=1; a=1; $Path=\"/\"; b=1; $Path=\"/\"";
    assert_eq!(header(&jar, "http://acme.com/"), whole);
    for bytes in 0..=whole.len() {
        let mut limits = Limits::new();
        limits.header_bytes = bytes;
        jar.policy_mut().set_limits(limits);
        let cut = header(&jar, "http://acme.com/");
        assert!(cut.len() <= bytes, "{cut}");
        assert_eq!(cut == whole, bytes == whole.len(), "{bytes}");
        assert_eq!(
            cut.is_empty(),
            bytes < "$Version=1; a=1; $Path=\"/\"".len(),
            "{bytes}"
        );
    }
}

#[test]
fn the_header_of_a_full_site() {
    let (mut jar, _) = jar_with(policy());
    jar.extend((0..300).map(|index| {
        let name = format!("n{index}");
        let value = "v".repeat(index);
        built(Cookie::builder(&name, &value).domain("acme.com"))
    }));
    let acme = url("http://acme.com/");
    let sent = jar.cookies_for(&acme);
    let bytes = jar
        .cookie_header(&acme)
        .map_or(0, |header| header.as_bytes().len());
    assert!(
        sent.len() <= 150 && bytes <= 8_190,
        "{} {bytes}",
        sent.len()
    );
    assert!(bytes > 8_000, "it is filled: {bytes}");
    jar.policy_mut().set_limits(Limits::none());
    assert_eq!(jar.cookies_for(&acme).len(), 300);
}

#[test]
fn a_field_of_exactly_the_limit_is_read_at_every_door() {
    const AT_LIMIT: &str = "a=12345678; Version=1";
    let mut limits = Limits::none();
    limits.field_bytes = AT_LIMIT.len();
    let limited = || jar_with(policy().rfc2965(true).limits(limits)).0;
    let page = url("https://www.acme.com/");
    let too_long = format!("{AT_LIMIT}0");
    for name in ["Set-Cookie", "Set-Cookie2"] {
        assert_eq!(
            limited().extract_cookies(&[(name, AT_LIMIT)], &page).stored,
            1,
            "{name}"
        );
        let report = limited().extract_cookies(&[(name, &too_long)], &page);
        assert_eq!(report.rejected[0].reason, Rejection::FieldTooLong, "{name}");
    }
    assert!(limited().set_cookie_str(AT_LIMIT, &page).is_ok());
    let report = limited().set_cookie_str(&too_long, &page);
    assert_eq!(report, Err(Rejection::FieldTooLong));
    assert_eq!(limited().insert_pairs(AT_LIMIT, &page).stored, 2);
    let report = limited().insert_pairs(&too_long, &page);
    assert_eq!(report.rejected[0].reason, Rejection::FieldTooLong);
}

#[test]
fn imported_cookies_are_evicted_down_to_the_total_limit() {
    let mut limits = Limits::none();
    limits.total_cookies = 10;
    limits.total_cookies_kept = 8;
    let (mut jar, _) = jar_with(policy().limits(limits));
    let cookies = (0..11).map(|number| cookie(&format!("c{number} site{number}.com")));
    jar.import(cookies, &ImportOptions::new().limited(true));
    assert_eq!(jar.len(), 8);
}

#[test]
fn a_full_jar_loses_nothing_else_when_the_expired_are_enough() {
    let mut limits = Limits::none();
    limits.total_cookies = 20;
    limits.total_cookies_kept = 5;
    let (mut jar, clock) = jar_with(policy().limits(limits));
    jar.extend((0..15).map(|number| cookie(&format!("s{number} short{number}.com short"))));
    let long = |numbers: std::ops::Range<u8>| {
        numbers.map(|number| cookie(&format!("l{number} long{number}.com")))
    };
    jar.extend(long(0..5));
    clock.advance(Duration::minutes(2));
    let report = jar.import(long(5..11), &ImportOptions::new().limited(true));
    assert_eq!((report.stored, report.evicted, jar.len()), (6, 0, 20));
    let kept = jar.iter().filter(|cookie| cookie.name().starts_with('l'));
    assert_eq!(kept.count(), 11);
}

type Door<'d> = &'d dyn Fn(&SharedCookieJar, u8);

#[test]
fn a_shared_jar_counts_what_is_set_and_applied_towards_its_total() {
    let mut limits = Limits::none();
    limits.total_cookies = 10;
    limits.total_cookies_kept = 8;
    let acme = url("http://acme.com/");
    let respond = |jar: &SharedCookieJar| jar.extract_cookies(&[("Set-Cookie", "first=1")], &acme);
    let change = |number: u8| {
        let jar = SharedCookieJar::new();
        let mut changes = jar.changes(std::num::NonZeroUsize::MIN);
        jar.set_cookie(cookie(&format!("c{number} acme.com")));
        match changes.try_next() {
            Some(Heard::Change(change)) => change.remote(),
            other => panic!("{other:?}"),
        }
    };
    let doors: [Door<'_>; 2] = [
        &|jar, number| _ = jar.set_cookie(cookie(&format!("c{number} acme.com"))),
        &|jar, number| jar.apply(&change(number)),
    ];
    for door in doors {
        let jar = SharedCookieJar::with_policy(policy().limits(limits));
        respond(&jar);
        (0..12).for_each(|number| door(&jar, number));
        assert_eq!(jar.len(), 13, "without a limit");
        jar.extract_cookies(&[("Set-Cookie", "last=1")], &acme);
        assert_eq!(jar.len(), 8);
    }
}

#[test]
fn a_site_at_its_limit_loses_nothing() {
    let (mut jar, clock) = jar_with(site_limits(3, 2));
    jar.set_cookie(cookie("a acme.com short"));
    clock.advance(Duration::minutes(2));
    let import = |jar: &mut CookieJar, names: &[&str]| {
        let cookies = names.iter().map(|name| cookie(&format!("{name} acme.com")));
        jar.import(cookies, &ImportOptions::new().limited(true))
    };
    import(&mut jar, &["b", "c"]);
    assert_eq!(names(jar.iter()), "a b c");
    import(&mut jar, &["d"]);
    assert_eq!(names(jar.iter()), "b c d", "the expired one is enough");
}

/// The reason for rejecting a field of a response to a request for a page in the folder `path`.
fn rejected_below(policy: &Arc<dyn CookiePolicy>, path: &str, field: &str) -> Option<Rejection> {
    let page = format!("{path}/x");
    let request = RequestContext::new("https", "acme.com", None, &page);
    let mut jar = CookieJar::with_policy(Arc::clone(policy));
    let report = jar.extract_cookies(&[("Set-Cookie", field)], request);
    report.rejected.first().map(|rejected| rejected.reason)
}

#[test]
fn a_default_path_of_any_length_changes_no_other_rule() {
    let policies: [Arc<dyn CookiePolicy>; 2] = [
        Arc::new(policy()),
        Arc::new(BrowserPolicy::with_suffixes(suffixes())),
    ];
    let long = format!("a={}", "b".repeat(8_189));
    let fields = [
        ("a=1; Path=/", None),
        ("a=1; Domain=com", Some(Rejection::PublicSuffix)),
        ("a=1; Domain=news.example", Some(Rejection::DomainMismatch)),
        ("a=\x001", Some(Rejection::ForbiddenOctet)),
    ];
    // Beside the path there are `a=1` and `acme.com`; an é has two octets.
    let most = 12_288 - 11;
    let too_long = Some(Rejection::CookieTooLong);
    for (policy, pair_too_long) in policies
        .iter()
        .zip([Rejection::PairTooLong, Rejection::NameValueTooLong])
    {
        for (path, alone) in [
            (format!("/{}", "p".repeat(most - 1)), None),
            (format!("/{}", "p".repeat(most)), too_long),
            (format!("/{}", "p".repeat(99_999)), too_long),
            (format!("/{}", "é".repeat(50_000)), too_long),
            (format!("/p{}", "é".repeat(50_000)), too_long),
        ] {
            let reason = |field: &str| rejected_below(policy, &path, field);
            assert_eq!(reason("a=1"), alone, "{}", path.len());
            assert_eq!(reason(&long), Some(pair_too_long), "{}", path.len());
            for (field, expected) in fields {
                assert_eq!(reason(field), expected, "{field} {}", path.len());
            }
        }
    }
}

#[test]
fn a_default_path_is_whole_wherever_it_is_kept() {
    let page = format!("/{}/", "p".repeat(99_998));
    let request = RequestContext::new("https", "acme.com", None, &page);
    let (mut jar, _) = jar_with(policy().limits(Limits::none()));
    let fields = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=1; Version=1")];
    jar.extract_cookies(&fields, &request);
    let lengths: Vec<_> = jar.iter().map(|cookie| cookie.path().len()).collect();
    assert_eq!(lengths, [99_999, 100_000]);
    let (jar, _) = jar_with(policy());
    let made = jar.make_cookies(&fields, &request);
    assert_eq!(
        made.iter()
            .map(|cookie| cookie.path().len())
            .collect::<Vec<_>>(),
        lengths
    );
}
