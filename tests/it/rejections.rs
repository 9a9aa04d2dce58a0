//! Every rule that can reject or withhold, triggered through the public API and asserted by name.

use crate::common;

use std::collections::BTreeSet;

use common::{NOW, Wrapper, built, jar_with, policy, request, suffixes};
use cookiejar::policy::{
    AcceptAllPolicy, DomainList, Limits, PublicSuffixes, StrictNsDomain, return_ok_fn,
};
use cookiejar::{
    BrowserPolicy, Cookie, CookieBuilder, CookiePolicy, DefaultCookiePolicy, PolicyExt, Provenance,
    Rejection, RequestContext, set_ok_fn,
};
use time::Duration;

const NO: Rejection = Rejection::Custom(&"no");

type AnyPolicy = Box<dyn CookiePolicy>;

/// Each table runs with its policies as they are, and with each of them in a minimal wrapper that
/// compiles: a wrapper loses no protection.
const FORMS: [fn(AnyPolicy) -> AnyPolicy; 2] =
    [|policy| policy, |policy| Box::new(Wrapper(policy))];

/// A policy, the request's URL, the response's fields, and the rule that rejects the last cookie.
type ResponseRow = (
    AnyPolicy,
    &'static str,
    &'static [(&'static str, &'static str)],
    Rejection,
);

/// A policy, a cookie in its jar, a request, and the rule that withholds the cookie.
type RequestRow = (AnyPolicy, Cookie, RequestContext<'static>, Rejection);

fn without_suffixes() -> DefaultCookiePolicy {
    DefaultCookiePolicy::with_suffixes(PublicSuffixes::none())
}

fn strict_ns_domain(set: impl Fn(&mut StrictNsDomain)) -> DefaultCookiePolicy {
    let mut strict = StrictNsDomain::LIBERAL;
    set(&mut strict);
    policy().strict_ns_domain(strict)
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn refused_responses() -> Vec<ResponseRow> {
    let acme = "http://www.acme.com/shop/cart";
    let no = set_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
    let mut rows: Vec<ResponseRow> = Vec::new();
    let mut row = |policy: AnyPolicy, url, fields, rule| rows.push((policy, url, fields, rule));

    // Fields that cannot be parsed, whatever the policy.
    for (fields, rule) in [
        (
            &[("Set-Cookie", "a=b; Domain")],
            Rejection::AttributeWithoutValue,
        ),
        (
            &[("Set-Cookie", "a=b; Path")],
            Rejection::AttributeWithoutValue,
        ),
        (
            &[("Set-Cookie", "a=b; Max-Age")],
            Rejection::AttributeWithoutValue,
        ),
        (
            &[("Set-Cookie", "a=b; Version")],
            Rejection::AttributeWithoutValue,
        ),
        (&[("Set-Cookie", "a=b\rc")], Rejection::ForbiddenOctet),
        (&[("Set-Cookie", "a=b; c=\0")], Rejection::ForbiddenOctet), // an attribute that is not kept
        (&[("Set-Cookie", "a=b; Domain=")], Rejection::InvalidDomain),
        (&[("Set-Cookie", "a=b; Domain=.")], Rejection::InvalidDomain),
        (
            &[("Set-Cookie", "a=b; Domain=acme.com/x")],
            Rejection::InvalidDomain,
        ),
        (
            &[("Set-Cookie", "a=b; Max-Age=1.5")],
            Rejection::InvalidMaxAge,
        ),
        (&[("Set-Cookie", "a=b; Max-Age=")], Rejection::InvalidMaxAge),
        (
            &[("Set-Cookie", "a=b; Version=-1")],
            Rejection::InvalidVersion,
        ),
        (
            &[("Set-Cookie", "a=b; Version=\u{661}")],
            Rejection::InvalidVersion,
        ), // a digit, but not of ASCII
        (&[("Set-Cookie", "=b")], Rejection::MissingName),
        (&[("Set-Cookie", "")], Rejection::MissingName),
        (&[("Set-Cookie2", "a=b")], Rejection::MissingVersion),
    ] {
        row(Box::new(AcceptAllPolicy::new()), acme, fields, rule);
    }

    // Rejected by the default policy.
    for (fields, rule) in [
        (&[("Set-Cookie", "a=\x01")], Rejection::ControlCharacter),
        (
            &[("Set-Cookie", "a=b; c=\x7f")],
            Rejection::ControlCharacter,
        ),
        (
            &[("Set-Cookie", "a=b; Domain=evil.example")],
            Rejection::DomainMismatch,
        ),
        (
            &[("Set-Cookie", "a=b; Domain=x.www.acme.com")],
            Rejection::DomainMismatch,
        ),
        (
            &[("Set-Cookie", "a=b; Domain=cme.com")],
            Rejection::DomainMismatch,
        ), // not at a label boundary
        (&[("Set-Cookie", "a=b; Port=\"x\"")], Rejection::InvalidPort),
        (&[("Set-Cookie", "a=b; Port=8080")], Rejection::PortMismatch),
        (
            &[("Set-Cookie", "a=b; Domain=com")],
            Rejection::PublicSuffix,
        ),
        (
            &[("Set-Cookie", "a=b; Domain=com.")],
            Rejection::PublicSuffix,
        ), // a trailing dot is not a loophole
    ] {
        row(Box::new(policy()), acme, fields, rule);
    }

    // Rejected only with a flag, a list or the other protocol.
    let a = &[("Set-Cookie", "a=b")];
    let of_acme = &[("Set-Cookie", "a=b; Domain=acme.com")];
    let version_1 = &[("Set-Cookie2", "a=b; Version=1; Path=\"/elsewhere\"")];
    row(
        Box::new(policy().block_domains(["www.acme.com"])),
        acme,
        a,
        Rejection::BlockedDomain,
    );
    row(
        Box::new(policy().allow_domains(["acme.com"])),
        acme,
        a,
        Rejection::DomainNotAllowed,
    );
    row(
        Box::new(policy().and(DomainList::block_sites(["acme.com"]).expect("a list"))),
        acme,
        a,
        Rejection::BlockedDomain,
    );
    row(
        Box::new(policy().and(DomainList::allow(["acme.com"]).expect("a list"))),
        acme,
        a,
        Rejection::DomainNotAllowed,
    );
    row(
        Box::new(without_suffixes().strict_domain(true)),
        "http://www.co.uk/",
        &[("Set-Cookie", "a=b; Domain=co.uk")],
        Rejection::CountrySecondLevel,
    );
    row(Box::new(policy().and(no)), acme, a, NO);
    row(
        Box::new(policy().strict_ns_set_initial_dollar(true)),
        acme,
        &[("Set-Cookie", "$a=b")],
        Rejection::DollarName,
    );
    row(
        Box::new(strict_ns_domain(|strict| strict.rfc2965_match = true)),
        "http://acme.com/",
        of_acme, // the host itself is not below `.acme.com`
        Rejection::DomainNotMatched,
    );
    row(
        Box::new(without_suffixes()),
        acme,
        &[("Set-Cookie", "a=b; Domain=com")],
        Rejection::DomainWithoutDot,
    );
    row(
        Box::new(strict_ns_domain(|strict| strict.no_dots = true)),
        "http://a.b.acme.com/",
        of_acme,
        Rejection::HostPrefixWithDot,
    );
    row(
        Box::new(policy().rfc2965(true).netscape(false)),
        acme,
        &[("Set-Cookie2", "a=b; Version=0")],
        Rejection::NetscapeOff,
    );
    row(
        Box::new(policy()),
        "file:///etc/hosts",
        a,
        Rejection::NoHost,
    );
    row(
        Box::new(policy().rfc2965(true)),
        acme,
        version_1,
        Rejection::PathMismatch,
    );
    row(
        Box::new(policy().strict_ns_set_path(true)),
        acme,
        &[("Set-Cookie", "a=b; Path=/elsewhere")],
        Rejection::PathMismatch,
    );
    row(
        Box::new(policy().rfc2109_as_netscape(Some(false))),
        acme,
        &[("Set-Cookie", "a=b; Version=1")],
        Rejection::Rfc2965Off,
    );
    row(
        Box::new(policy().rfc2965(true)),
        acme,
        &[
            ("Set-Cookie", "a=old; Path=/shop"),
            ("Set-Cookie2", "a=new; Version=1; Path=\"/shop\""),
        ],
        Rejection::SupersededBySetCookie2,
    );
    rows
}

#[test]
fn responses_are_refused_by_name() {
    for form in FORMS {
        for (policy, url, fields, rule) in refused_responses() {
            let (mut jar, _) = jar_with(form(policy));
            let report = jar.extract_cookies(fields, request(url));
            let reasons: Vec<_> = report
                .rejected
                .iter()
                .map(|rejected| rejected.reason)
                .collect();
            assert_eq!(reasons, [rule], "{fields:?}");
            assert_eq!(report.stored, fields.len() - 1, "{fields:?}");
        }
    }
}

/// Responses that a table of string literals cannot express.
fn refused_otherwise() -> Vec<(Rejection, Rejection)> {
    let acme = || request("http://www.acme.com/");
    let response = |status, field| {
        let response = Answer { status, field };
        let (mut jar, _) = jar_with(policy());
        let report = jar.extract_cookies(&response, acme());
        report.rejected.first().map(|rejected| rejected.reason)
    };
    let long = |len| response(200, format!("a={}", "b".repeat(len)));
    assert_eq!(long(8_188), None, "8,190 bytes with the name and the `=`");
    assert_eq!(response(200, "a=b".into()), None);
    let mut rows = vec![(
        Rejection::PairTooLong,
        long(8_189).expect("a pair too long"),
    )];
    // Beside the path there are `a=b` and `www.acme.com`.
    let long_path = |len: usize| response(200, format!("a=b; Path=/{}", "c".repeat(len - 1)));
    assert_eq!(long_path(12_288 - 15), None);
    rows.push((
        Rejection::CookieTooLong,
        long_path(12_289 - 15).expect("a cookie too long"),
    ));
    let long_field = |len: usize| response(200, format!("a=b; c={}", "d".repeat(len - 7)));
    assert_eq!(long_field(65_536), Some(Rejection::CookieTooLong));
    rows.push((
        Rejection::FieldTooLong,
        long_field(65_537).expect("a field too long"),
    ));
    for status in [100, 103, 199, 407] {
        rows.push((
            Rejection::IgnoredStatus,
            response(status, "a=b".into()).expect("an answer that does not count"),
        ));
    }
    let image = acme().caused_by(
        Provenance::new()
            .unverifiable(true)
            .origin_host("news.example"),
    );
    let (mut jar, _) = jar_with(policy().strict_ns_unverifiable(true));
    let report = jar.extract_cookies(&[("Set-Cookie", "a=b")], image);
    rows.push((Rejection::ThirdParty, report.rejected[0].reason));
    rows
}

struct Answer {
    status: u16,
    field: String,
}

impl cookiejar::headers::HeaderFields for Answer {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        (name == "Set-Cookie")
            .then_some(self.field.as_bytes())
            .into_iter()
    }
}

impl cookiejar::headers::ResponseHeaders for Answer {
    fn status(&self) -> Option<u16> {
        Some(self.status)
    }
}

#[test]
fn answers_are_refused_by_name() {
    for (expected, found) in refused_otherwise() {
        assert_eq!(found, expected);
    }
}

/// A cookie that cannot be built, and why.
fn unbuildable() -> Vec<(CookieBuilder<'static>, Rejection)> {
    let at_acme =
        |name: &'static str, value: &'static str| Cookie::builder(name, value).domain("acme.com");
    vec![
        (at_acme("", "").without_value(), Rejection::MissingName),
        (at_acme("a;b", "c"), Rejection::InvalidName),
        (at_acme("a=b", "c"), Rejection::InvalidName),
        (at_acme("a ", "b"), Rejection::InvalidName),
        (at_acme("a,b", "c").version(1), Rejection::InvalidName),
        (at_acme("a", "b; c=d"), Rejection::InvalidValue),
        (at_acme("", "a=b"), Rejection::NamelessPair),
        (at_acme("", "__host-a"), Rejection::NamelessPrefix),
        (Cookie::builder("a", "b"), Rejection::MissingDomain),
        (at_acme("a", "b").domain("x..de"), Rejection::InvalidDomain),
        (at_acme("a", "b").domain("a b"), Rejection::InvalidDomain),
        (at_acme("a", "b").path("shop"), Rejection::InvalidPath),
        (at_acme("a", "b").path(""), Rejection::InvalidPath),
        (at_acme("a\n", "b"), Rejection::ForbiddenOctet),
        (at_acme("a", "b").comment("\r"), Rejection::ForbiddenOctet),
        (
            at_acme("a", "b").comment_url("\0"),
            Rejection::ForbiddenOctet,
        ),
        (at_acme("a", "b").port("80\n"), Rejection::ForbiddenOctet),
        (at_acme("a", "b").path("/\n"), Rejection::ForbiddenOctet),
        (
            at_acme("a", "b").nonstandard_attr("x\n", None),
            Rejection::ForbiddenOctet,
        ),
        (
            at_acme("a", "b").nonstandard_attr("x", Some("\0")),
            Rejection::ForbiddenOctet,
        ),
    ]
}

#[test]
fn cookies_that_nobody_can_make() {
    for (builder, rule) in unbuildable() {
        assert_eq!(builder.clone().build(), Err(rule), "{builder:?}");
    }
}

/// A cookie made by hand that its policy rejects.
fn refused_by_hand() -> Vec<RequestRow> {
    let acme = || request("http://www.acme.com/");
    let cookie = |domain| built(Cookie::builder("a", "b").domain(domain));
    let version_1 = built(Cookie::builder("a", "b").domain("www.acme.com").version(1));
    vec![
        (
            Box::new(policy()),
            cookie("other.example"),
            acme(),
            Rejection::DomainMismatch,
        ),
        (
            Box::new(policy().netscape(false)),
            cookie("www.acme.com"),
            acme(),
            Rejection::NetscapeOff,
        ),
        (Box::new(policy()), version_1, acme(), Rejection::Rfc2965Off),
        (
            Box::new(AcceptAllPolicy::new()),
            cookie("www.acme.com"),
            request("about:blank"),
            Rejection::NoHost,
        ),
    ]
}

#[test]
fn cookies_made_by_hand_are_refused_by_name() {
    for form in FORMS {
        for (policy, cookie, request, rule) in refused_by_hand() {
            let (mut jar, _) = jar_with(form(policy));
            assert_eq!(
                jar.set_cookie_if_ok(cookie.clone(), &request),
                Err(rule),
                "{cookie:?}"
            );
            assert!(jar.is_empty(), "{cookie:?}");
        }
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn withheld() -> Vec<RequestRow> {
    let acme = || request("http://www.acme.com/shop");
    let named = |domain| Cookie::builder("a", "b").domain(domain);
    let own = || named("www.acme.com");
    let no = return_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
    let mut full = Limits::new();
    full.header_bytes = 2;
    let mut none = Limits::new();
    none.header_cookies = 0;
    let mut rows: Vec<RequestRow> = Vec::new();
    let mut row = |policy: AnyPolicy, cookie, request, rule| {
        rows.push((policy, built(cookie), request, rule));
    };

    row(
        Box::new(policy().block_domains(["www.acme.com"])),
        own(),
        acme(),
        Rejection::BlockedDomain,
    );
    row(
        Box::new(policy().allow_domains(["acme.com"])),
        own(),
        acme(),
        Rejection::DomainNotAllowed,
    );
    row(
        Box::new(policy().and(DomainList::block_sites(["acme.com"]).expect("a list"))),
        own(),
        acme(),
        Rejection::BlockedDomain,
    );
    row(
        Box::new(policy().and(DomainList::allow(["acme.com"]).expect("a list"))),
        own(),
        acme(),
        Rejection::DomainNotAllowed,
    );
    row(Box::new(policy().and(no)), own(), acme(), NO);
    row(
        Box::new(DefaultCookiePolicy::python().rfc2965(true)),
        named("acme.com").version(1), // below the host that set it, which RFC 2965 excludes
        acme(),
        Rejection::DomainNotMatched,
    );
    row(
        Box::new(policy()),
        own().expires(NOW + Duration::seconds(5)),
        acme().caused_by(Provenance::new().at(NOW + Duration::seconds(5))),
        Rejection::Expired,
    );
    row(
        Box::new(policy().limits(full)),
        own(),
        acme(),
        Rejection::HeaderFull,
    );
    row(
        Box::new(policy().limits(none)),
        own(),
        acme(),
        Rejection::HeaderFull,
    );
    row(
        Box::new(policy()),
        named("acme.com"),
        acme(),
        Rejection::HostOnly,
    );
    row(
        Box::new(policy()),
        own().secure(true),
        acme(),
        Rejection::InsecureRequest,
    );
    row(
        Box::new(policy().secure_protocols(["http"])),
        own().secure(true),
        request("https://www.acme.com/"),
        Rejection::InsecureRequest,
    );
    row(
        Box::new(policy().netscape(false)),
        own(),
        acme(),
        Rejection::NetscapeOff,
    );
    row(
        Box::new(strict_ns_domain(|strict| strict.non_domain = true).host_only(false)),
        named("acme.com"),
        acme(),
        Rejection::NotSameHost,
    );
    row(
        Box::new(policy()),
        own().path("/shopping"),
        acme(),
        Rejection::PathMismatch,
    );
    row(
        Box::new(policy()),
        own().port("8080,443"),
        acme(),
        Rejection::PortMismatch,
    );
    row(
        Box::new(policy()),
        own().version(1),
        acme(),
        Rejection::Rfc2965Off,
    );
    row(
        Box::new(policy().rfc2965(true)),
        own().version(1), // strict_rfc2965_unverifiable is on by default
        acme().caused_by(
            Provenance::new()
                .unverifiable(true)
                .origin_host("news.example"),
        ),
        Rejection::ThirdParty,
    );
    rows
}

#[test]
fn cookies_are_withheld_by_name() {
    for form in FORMS {
        for (policy, cookie, request, rule) in withheld() {
            let (mut jar, _) = jar_with(form(policy));
            jar.set_cookie(cookie.clone());
            let verdicts: Vec<_> = jar.explain(&request).iter().map(|e| e.verdict).collect();
            assert_eq!(verdicts, [Err(rule)], "{cookie:?}");
            assert_eq!(jar.cookie_header(&request), None, "{cookie:?}");
        }
    }
}

/// A request, as a browser would describe it: `by` is the requesting page, and `script` its `document.cookie`.
fn browsed(url: &str, by: Option<&str>, script: bool) -> RequestContext<'static> {
    let provenance = Provenance::new().from_script(script);
    let page = by.map(common::url);
    let provenance = match &page {
        Some(page) => provenance.initiator(page),
        None => provenance,
    };
    request(url).caused_by(provenance.into_owned())
}

const ACME: &str = "https://www.acme.com/shop";
const PLAIN: &str = "http://www.acme.com/shop";
const EVIL: Option<&str> = Some("https://evil.example/");

/// What is stored, the request, the field, and the rule of `BrowserPolicy` that rejects it.
type BrowserRow = (
    &'static str,
    RequestContext<'static>,
    &'static str,
    Rejection,
);

fn refused_by_browsers() -> Vec<BrowserRow> {
    let own = || browsed(ACME, None, false);
    let plain = || browsed(PLAIN, None, false);
    let script = || browsed(ACME, None, true);
    let foreign = || browsed(ACME, EVIL, false);
    vec![
        ("", own(), "a=\x01", Rejection::ControlCharacter),
        ("", own(), "=", Rejection::EmptyPair),
        ("", own(), "a=1; Domain=com", Rejection::PublicSuffix),
        (
            "",
            own(),
            "a=1; Domain=other.example",
            Rejection::DomainMismatch,
        ),
        (
            "",
            own(),
            "a=1; SameSite=None",
            Rejection::SameSiteNoneInsecure,
        ),
        ("", own(), "__Secure-a=1", Rejection::SecurePrefix),
        ("", own(), "__Host-a=1; Secure", Rejection::HostPrefix),
        ("", own(), "__Http-a=1; Secure", Rejection::HttpPrefix),
        (
            "",
            own(),
            "a=1; Partitioned",
            Rejection::PartitionedInsecure,
        ),
        ("", plain(), "a=1; Secure", Rejection::InsecureRequest),
        ("", script(), "a=1; HttpOnly", Rejection::HttpOnly),
        (
            "",
            foreign(),
            "a=1; SameSite=Lax",
            Rejection::CrossSiteResponse,
        ),
        ("", foreign(), "a=1", Rejection::CrossSiteResponse),
        ("a=0; Secure", plain(), "a=1", Rejection::OverlaysSecure),
        (
            "a=0; Secure; Domain=acme.com",
            plain(),
            "a=1",
            Rejection::OverlaysSecure,
        ),
        (
            "a=0; Secure",
            plain(),
            "a=1; Max-Age=0",
            Rejection::OverlaysSecure,
        ),
        (
            "a=0; HttpOnly",
            script(),
            "a=1",
            Rejection::OverwritesHttpOnly,
        ),
        (
            "a=0; HttpOnly",
            script(),
            "a=1; Max-Age=0",
            Rejection::OverwritesHttpOnly,
        ),
    ]
}

#[test]
fn browsers_rules_survive_a_wrapper() {
    for form in FORMS {
        for (stored, request, field, rule) in refused_by_browsers() {
            let policy = BrowserPolicy::with_suffixes(suffixes());
            let (mut jar, _) = jar_with(form(Box::new(policy)));
            if !stored.is_empty() {
                let report =
                    jar.extract_cookies(&[("Set-Cookie", stored)], browsed(ACME, None, false));
                assert_eq!(report.stored, 1, "{stored}");
            }
            let report = jar.extract_cookies(&[("Set-Cookie", field)], &request);
            let reasons: Vec<_> = report
                .rejected
                .iter()
                .map(|rejected| rejected.reason)
                .collect();
            assert_eq!(reasons, [rule], "{stored} then {field}");
            assert_eq!(jar.len(), usize::from(!stored.is_empty()), "{field}");
        }
    }
}

/// What is stored, the request, and the rule of `BrowserPolicy` that withholds it.
#[test]
fn browsers_withhold_through_a_wrapper() {
    let own = || browsed(ACME, None, false);
    for form in FORMS {
        for (stored, request, rule) in [
            (
                "a=1; Secure",
                browsed(PLAIN, None, false),
                Rejection::InsecureRequest,
            ),
            (
                "a=1; HttpOnly",
                browsed(ACME, None, true),
                Rejection::HttpOnly,
            ),
            ("a=1; Path=/cart", own(), Rejection::PathMismatch),
            (
                "a=1",
                browsed("https://x.www.acme.com/", None, false),
                Rejection::HostOnly,
            ),
            (
                "a=1; SameSite=Strict",
                browsed(ACME, EVIL, false),
                Rejection::SameSiteStrict,
            ),
            (
                "a=1; SameSite=Lax",
                browsed(ACME, EVIL, false),
                Rejection::SameSiteLax,
            ),
            (
                "a=1",
                browsed(ACME, EVIL, false),
                Rejection::SameSiteDefault,
            ),
        ] {
            let policy = BrowserPolicy::with_suffixes(suffixes());
            let (mut jar, _) = jar_with(form(Box::new(policy)));
            jar.extract_cookies(&[("Set-Cookie", stored)], own());
            let verdicts: Vec<_> = jar.explain(&request).iter().map(|e| e.verdict).collect();
            assert_eq!(verdicts, [Err(rule)], "{stored}");
        }
    }
}

/// A policy's change to a cookie before it judges it.
#[test]
fn a_wrapper_prepares_what_its_policy_prepares() {
    for form in FORMS {
        let (mut jar, _) = jar_with(form(Box::new(BrowserPolicy::with_suffixes(suffixes()))));
        let fields = [
            ("Set-Cookie", "long=1; Max-Age=999999999"),
            ("Set-Cookie", "own=1; Domain=github.io"),
            ("Set-Cookie", "part=1; Secure; Partitioned"),
        ];
        let request = request("https://github.io/").caused_by(
            Provenance::new()
                .partition_key("https://top.example")
                .at(NOW),
        );
        assert_eq!(jar.extract_cookies(&fields, &request).stored, 3);
        let found = |name: &str| {
            jar.iter()
                .find(|cookie| cookie.name() == name)
                .expect("a cookie")
        };
        assert_eq!(found("long").expires(), Some(NOW + Duration::days(400)));
        assert_eq!(found("own").domain(), "github.io");
        assert_eq!(found("part").partition_key(), Some("https://top.example"));

        let (mut jar, _) = jar_with(form(Box::new(policy())));
        jar.extract_cookies(&[("Set-Cookie", "own=1; Domain=github.io")], &request);
        assert!(jar.iter().all(Cookie::host_only));
    }
}

/// A wrapper can forget to forward a provided method. The only one is the jar's own: it asks the questions of its policy
/// for many cookies, and [`browsers_withhold_through_a_wrapper`] shows that a wrapper without it loses nothing.
#[test]
fn a_policy_has_exactly_seven_methods_to_implement() {
    let source = include_str!("../../src/policy/mod.rs");
    let (_, body) = source
        .split_once("pub trait CookiePolicy: Downcast + Send + Sync {\n")
        .expect("the trait is there");
    let (body, _) = body.split_once("\n}\n").expect("the trait ends");
    let (required, provided) = body
        .split_once("    #[doc(hidden)]\n    fn return_ok_all")
        .expect("the jar's own method is hidden and the last");
    let declared = |code: &str| {
        let mut lines = code.lines().map(str::trim);
        let lines = lines.by_ref().filter(|line| !line.starts_with("//"));
        let code: Vec<_> = lines.collect();
        (
            code.iter().filter(|line| line.starts_with("fn ")).count(),
            code.join("").contains('{'),
        )
    };
    assert_eq!(declared(required), (7, false), "a method with a body");
    assert_eq!(declared(provided).0, 0, "a method after it");
}

/// The rules that no test of a reasonable size triggers, and why.
const UNPROVOKED: [(&str, &str); 1] = [("TooLong", "a cookie of more than 4 GiB")];

/// The names of all variants, from the source: a new one without a row is detected.
fn variants() -> BTreeSet<String> {
    let source = include_str!("../../src/rejection.rs");
    let (_, body) = source
        .split_once("pub enum Rejection {")
        .expect("the enum is there");
    let (body, _) = body.split_once("\n}").expect("the enum ends");
    let variant = |line: &str| {
        let name = line.trim().trim_end_matches(',');
        let name = name.split('(').next().unwrap_or(name);
        let is_name = name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_name.then(|| name.to_owned())
    };
    body.lines().filter_map(variant).collect()
}

/// The names asserted by the tables of `browser/`, where each row cites a step of the draft.
fn of_browsers() -> BTreeSet<String> {
    let tables = concat!(
        include_str!("browser/storage.rs"),
        include_str!("browser/retrieval.rs")
    );
    let words = tables.split(|c: char| !c.is_ascii_alphanumeric());
    let known = variants();
    words
        .filter(|word| known.contains(*word))
        .map(str::to_owned)
        .collect()
}

/// The name of a variant, as `Debug` shows it.
fn name_of(rejection: Rejection) -> String {
    let shown = format!("{rejection:?}");
    shown.split('(').next().unwrap_or(&shown).to_owned()
}

#[test]
fn every_variant_is_provoked() {
    let tables = [
        refused_responses().iter().map(|row| row.3).collect(),
        refused_otherwise().iter().map(|row| row.0).collect(),
        unbuildable().iter().map(|row| row.1).collect(),
        refused_by_hand().iter().map(|row| row.3).collect(),
        withheld().iter().map(|row| row.3).collect::<Vec<_>>(),
    ];
    let provoked: BTreeSet<_> = tables.into_iter().flatten().map(name_of).collect();
    let provoked: BTreeSet<_> = provoked.union(&of_browsers()).cloned().collect();
    let excused: BTreeSet<_> = UNPROVOKED
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert!(
        provoked.is_disjoint(&excused),
        "an excuse for a rejection that was provoked"
    );
    let accounted: BTreeSet<_> = provoked.union(&excused).cloned().collect();
    assert_eq!(accounted, variants());
}

#[test]
fn reasons_are_sentences_without_an_end() {
    let shown = Rejection::HostOnly.to_string();
    assert_eq!(shown, "the cookie belongs to another host alone");
    assert_eq!(NO.to_string(), "no");
    // A short list without the names that the tests reject would make rows pass by accident.
    assert!(suffixes().is_public_suffix("com") && !suffixes().is_public_suffix("acme.com"));
}
