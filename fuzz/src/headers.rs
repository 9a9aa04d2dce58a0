//! Responses, in both dialects and over several policies, and requests after them.

use cookiejar::jar::Rejected;
use cookiejar::policy::Dialect;
use cookiejar::{Cookie, Provenance, Rejection, RequestContext};

use super::bytes::{Bytes, split};
use super::checks::{check_cookie, check_limits, check_request, request};
use super::world::{HOSTS, NOW, PlainJar, Rules, at, jars, rules};

/// Three octets choose the policy and the request, the host, and facts about the request; after a line break come the
/// fields, separated by empty lines. A field that begins with `2:` is a `Set-Cookie2`. With a digit as the first octet,
/// there are all the requests.
pub fn headers(data: &[u8]) {
    let mut input = Bytes::new(data);
    let choice = input.byte();
    let (rules, all) = (rules(usize::from(choice)), choice >> 3 == b'0' >> 3);
    let is_chosen = |bit: u8, number: u8| all || choice >> bit & 1 == number;
    let host = input.pick(&HOSTS);
    let facts = input.byte();
    input.byte();
    let fields = fields(input.rest());
    let (mut plain, shared, clock) = jars(&rules.policy);
    for (number, (scheme, path)) in [(0, ("https", "/a/b")), (1, ("http", "/"))] {
        if !is_chosen(3, number) {
            continue;
        }
        let request = request(scheme, host, path, provenance(facts), at(NOW));
        let made = plain.make_cookies(&fields, &request);
        made.iter().for_each(check_cookie);
        read_alone(&fields, &request, &made);
        let report = plain.extract_cookies(&fields, &request);
        assert_eq!(report, shared.extract_cookies(&fields, &request));
        check_stored(&plain, rules, &report.rejected, &made);
        assert!(shared.snapshot().iter().eq(plain.iter()));
    }
    for (number, seconds) in [(0, 0), (1, 90)] {
        let now = at(NOW + seconds);
        clock.set(now);
        let targets = [
            ("https", host, "/a/b/c"),
            ("https", "www.acme.com", "/a/b/c"),
            ("https", "foo.local", "/a/b/c"),
            ("http", host, "/"),
        ];
        for (target, (scheme, to, path)) in (0..).zip(targets) {
            if all || (is_chosen(4, number) && choice >> 5 & 3 == target) {
                let request = request(scheme, to, path, provenance(facts), now);
                check_request(&plain, &shared, rules, &request);
            }
        }
    }
}

fn fields(text: &[u8]) -> Vec<(&'static str, &[u8])> {
    let fields = split(text, b"\n\n").into_iter();
    let named = fields.map(|field| match field.strip_prefix(b"2:") {
        Some(field) => ("Set-Cookie2", field),
        None => ("Set-Cookie", field),
    });
    named.collect()
}

fn provenance(facts: u8) -> Provenance<'static> {
    let has = |bit: u8| facts & 1 << bit != 0;
    let mut provenance = Provenance::new()
        .unverifiable(has(0))
        .from_script(has(1))
        .top_level_navigation(has(2));
    if has(3) {
        provenance = provenance.initiator_parts("https", HOSTS[usize::from(facts >> 4)]);
    }
    if has(0) {
        provenance = provenance.origin_host(HOSTS[usize::from(facts >> 4)]);
    }
    if has(4) {
        provenance = provenance.partition_key("https://shop.example");
    }
    provenance
}

/// Each field alone, in both dialects, at a door without a jar.
fn read_alone(fields: &[(&str, &[u8])], request: &RequestContext<'_>, checked: &[Cookie]) {
    for (_, field) in fields {
        for dialect in [Dialect::Python, Dialect::Rfc6265bis] {
            if let Ok(cookie) = Cookie::parse_as(dialect, field, request) {
                check_others(&[cookie], checked);
            }
        }
    }
}

/// Checks the cookies that are not among those that have been checked.
fn check_others(cookies: &[Cookie], checked: &[Cookie]) {
    let others = cookies.iter().filter(|cookie| !checked.contains(cookie));
    others.for_each(check_cookie);
}

fn check_stored(jar: &PlainJar, rules: &Rules, rejected: &[Rejected], checked: &[Cookie]) {
    let cookies: Vec<_> = jar.iter().cloned().collect();
    check_others(&cookies, checked);
    check_limits(&cookies, rules);
    let known = |rejected: &Rejected| !matches!(rejected.reason, Rejection::Custom(_));
    assert!(rejected.iter().all(known));
}
