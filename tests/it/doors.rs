//! Cookies that are well formed, and that a policy must reject: through every door that asks one, with the reason;
//! and through every door that asks none, where no other site may get them.
#![cfg(all(feature = "cookie-0_18", feature = "json", feature = "psl"))]

use crate::common;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
#[cfg(feature = "persist")]
use std::time::{Duration, Instant};

use common::{NOW, built, jar_with, policy, request, suffixes, url};
use cookiejar::client::cookie_0_18::from_cookie;
use cookiejar::file::{
    CookieFormat, FileCookieJar, LoadError, ReadOptions, Reading, Reason, WriteOptions, har,
    header_dump,
};
use cookiejar::jar::{Heard, ImportOptions};
use cookiejar::policy::{AcceptAllPolicy, Dialect};
use cookiejar::sessions::GivenCookie;
use cookiejar::{
    BrowserPolicy, Cookie, CookiePolicy, CookieSessions, ExtractReport, JsonCookieJar,
    LwpCookieJar, MozillaCookieJar, Rejection, RequestCookies, SharedCookieJar,
};
use serde_json::json;

const AT: &str = "https://www.acme.com/shop/cart";

type Policy = Arc<dyn CookiePolicy>;

fn policies() -> [Policy; 2] {
    [
        Arc::new(policy()),
        Arc::new(BrowserPolicy::with_suffixes(suffixes())),
    ]
}

/// A cookie, and why the default policy and that of browsers reject it.
struct Bad {
    pair: (&'static str, String),
    attributes: String,
    reasons: [Option<Rejection>; 2],
}

fn bad(name: &'static str, attributes: &str, reasons: [Option<Rejection>; 2]) -> Bad {
    Bad {
        pair: (name, "1".to_owned()),
        attributes: attributes.to_owned(),
        reasons,
    }
}

fn long(
    name: &'static str,
    length: usize,
    attributes: &str,
    reasons: [Option<Rejection>; 2],
) -> Bad {
    Bad {
        pair: (name, "x".repeat(length)),
        attributes: attributes.to_owned(),
        reasons,
    }
}

fn all_bad() -> Vec<Bad> {
    use Rejection as R;
    let both = |reason| [Some(reason), Some(reason)];
    let browsers = |reason| [None, Some(reason)];
    vec![
        bad("a", "Domain=evil.example", both(R::DomainMismatch)),
        bad("a", "Domain=shop.acme.com", both(R::DomainMismatch)),
        bad("a", "Domain=x.www.acme.com", both(R::DomainMismatch)),
        bad("a", "Domain=cme.com", both(R::DomainMismatch)),
        bad("a", "Domain=acme.com.", both(R::DomainMismatch)),
        bad("a", "Domain=1.2.3.4", both(R::DomainMismatch)),
        bad(
            "a",
            "Domain=[::1]",
            [Some(R::DomainWithoutDot), Some(R::DomainMismatch)],
        ),
        bad("a", "Domain=com", both(R::PublicSuffix)),
        bad("a", "Domain=uk", both(R::PublicSuffix)),
        bad("a", "Domain=co.uk", both(R::PublicSuffix)),
        bad("a", "Domain=github.io", both(R::PublicSuffix)),
        bad(
            "a",
            "Domain=local",
            [Some(R::DomainWithoutDot), Some(R::DomainMismatch)],
        ),
        bad(
            "a",
            "Domain=localhost",
            [Some(R::DomainWithoutDot), Some(R::DomainMismatch)],
        ),
        bad("__Host-a", "Path=/", browsers(R::HostPrefix)),
        bad(
            "__host-A",
            "Secure; Path=/; Domain=acme.com",
            browsers(R::HostPrefix),
        ),
        bad("__Host-a", "Secure; Path=/shop", browsers(R::HostPrefix)),
        bad("__SECURE-a", "Path=/", browsers(R::SecurePrefix)),
        bad("__Http-a", "Secure; Path=/", browsers(R::HttpPrefix)),
        bad(
            "__Host-Http-a",
            "Secure; Path=/",
            browsers(R::HostHttpPrefix),
        ),
        bad("a", "Partitioned; Path=/", browsers(R::PartitionedInsecure)),
        bad(
            "a",
            "SameSite=None; Path=/",
            browsers(R::SameSiteNoneInsecure),
        ),
        bad("a\u{1}", "Path=/", both(R::ControlCharacter)),
        long("a", 4_096, "Path=/", browsers(R::NameValueTooLong)),
        long(
            "a",
            8_190,
            "Path=/",
            [Some(R::PairTooLong), Some(R::NameValueTooLong)],
        ),
        bad(
            "a",
            &format!("Path=/; x={}", "x".repeat(12_300)),
            both(R::CookieTooLong),
        ),
        bad(
            "a",
            &format!("Path=/; x={}", "x".repeat(70_000)),
            both(R::FieldTooLong),
        ),
    ]
}

/// The cookie as a builder makes it; `None` if a header alone can say it.
fn as_built(bad: &Bad) -> Cookie {
    let (name, value) = &bad.pair;
    let domain = bad
        .attributes
        .split("; ")
        .find_map(|attribute| attribute.strip_prefix("Domain="));
    let domain = domain.map_or_else(|| "www.acme.com".to_owned(), |domain| format!(".{domain}"));
    let mut builder = Cookie::builder(*name, value.as_str()).domain(&domain);
    builder = builder.path("/").path_specified(true);
    for attribute in bad.attributes.split("; ") {
        let (key, text) = attribute.split_once('=').unwrap_or((attribute, ""));
        builder = match key {
            "Domain" | "" => builder,
            "Path" => builder.path(text),
            "Secure" => builder.secure(true),
            key if text.is_empty() => builder.nonstandard_attr(key, None::<&str>),
            key => builder.nonstandard_attr(key, Some(text)),
        };
    }
    built(builder)
}

fn text(bad: &Bad) -> String {
    let (name, value) = &bad.pair;
    format!("{name}={value}; {}", bad.attributes)
}

/// Whether a `Set-Cookie` says it: browsers ignore an attribute of more than 1,024 octets (RFC 6265bis, section 5.6).
fn is_said(policy: &Policy, bad: &Bad) -> bool {
    let ignored = 1_024..60_000;
    policy.settings().get_dialect() == Dialect::Python || !ignored.contains(&bad.attributes.len())
}

fn first(report: &ExtractReport) -> Result<(), Rejection> {
    report
        .rejected
        .first()
        .map_or(Ok(()), |rejected| Err(rejected.reason))
}

/// What a reader of responses says of its only cookie.
fn first_read(reading: Result<Reading, LoadError>) -> Result<(), Rejection> {
    let reading = reading.expect("it is read");
    let skipped = reading.report.skipped.first().map(|skipped| skipped.reason);
    match skipped {
        None => {
            assert_eq!(reading.cookies.len(), 1);
            Ok(())
        }
        Some(Reason::Rejected(reason)) => Err(reason),
        Some(reason) => panic!("{reason}"),
    }
}

/// A door that asks the policy.
type Judged = fn(Policy, &Bad) -> Option<Result<(), Rejection>>;

const JUDGED: &[(&str, Judged)] = &[
    ("Set-Cookie", |policy, bad| {
        let said = is_said(&policy, bad);
        let (mut jar, _) = jar_with(policy);
        let report = jar.extract_cookies(&[("Set-Cookie", text(bad))], request(AT));
        assert_eq!(jar.len(), report.stored);
        said.then(|| first(&report))
    }),
    ("Set-Cookie of a shared jar", |policy, bad| {
        let said = is_said(&policy, bad);
        let jar = SharedCookieJar::with_policy(policy);
        let report = jar.extract_cookies(&[("Set-Cookie", text(bad))], request(AT));
        assert_eq!(jar.len(), report.stored);
        said.then(|| first(&report))
    }),
    ("Set-Cookie in a header dump", |policy, bad| {
        // A reader skips partitioned cookies unless asked.
        let said = is_said(&policy, bad) && !bad.attributes.contains("Partitioned");
        let dump = format!("Set-Cookie: {}\n", text(bad));
        let options = ReadOptions::new().ignore_discard(true).at(NOW);
        let options = options.of_url(&url(AT));
        said.then(|| first_read(header_dump::read_with(dump.as_bytes(), policy, &options)))
    }),
    ("Set-Cookie in an archive", |policy, bad| {
        let said = is_said(&policy, bad) && !bad.attributes.contains("Partitioned");
        let archive = json!({"log": {"entries": [{
            "startedDateTime": "2026-11-21T08:00:00Z",
            "request": {"method": "GET", "url": AT},
            "response": {"status": 200, "headers": [{"name": "Set-Cookie", "value": text(bad)}]},
        }]}});
        let options = ReadOptions::new().ignore_discard(true).at(NOW);
        let archive = archive.to_string();
        said.then(|| first_read(har::read_with(archive.as_bytes(), policy, &options)))
    }),
    ("set_cookie_str", |policy, bad| {
        let said = is_said(&policy, bad);
        let (mut jar, _) = jar_with(policy);
        said.then(|| jar.set_cookie_str(text(bad), request(AT)).map(|_| ()))
    }),
    ("set_cookie_if_ok", |policy, bad| {
        let (mut jar, _) = jar_with(policy);
        let is_cookie = bad.attributes.len() < 60_000;
        is_cookie.then(|| jar.set_cookie_if_ok(as_built(bad), request(AT)).map(|_| ()))
    }),
    ("process_response", |policy, bad| {
        let said = is_said(&policy, bad);
        let sessions = CookieSessions::<&str>::with_policy(policy);
        let report = sessions.process_response(&"anna", &[("Set-Cookie", text(bad))], request(AT));
        said.then(|| first(&report))
    }),
    ("GivenCookie", |policy, bad| {
        // It is Secure over https, and has no other attributes.
        let others = ["Secure", "SameSite", "Partitioned", "x="];
        let simple = !others.iter().any(|other| bad.attributes.contains(other))
            && !bad.pair.0.starts_with("__");
        let (name, value) = &bad.pair;
        let mut cookie = GivenCookie::new(*name, value.as_str()).path("/");
        if let Some(domain) = bad.attributes.strip_prefix("Domain=") {
            cookie = cookie.domain(domain);
        }
        let sessions = CookieSessions::<&str>::with_policy(policy);
        let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
        let cookies = RequestCookies::new(&"anna").cookie(cookie);
        let report = sessions.process_request(&cookies, &mut headers, request(AT));
        simple.then(|| first(&report))
    }),
    ("crate cookie", |policy, bad| {
        let foreign = cookie_0_18::Cookie::parse(text(bad)).ok()?;
        let cookie = from_cookie(&foreign, request(AT));
        let (mut jar, _) = jar_with(policy);
        let kept = !bad.attributes.contains("; x=");
        kept.then(|| jar.set_cookie_if_ok(cookie?, request(AT)).map(|_| ()))
    }),
    ("insert_pairs", |policy, bad| {
        // A `Cookie` header has no attributes.
        let (name, value) = &bad.pair;
        let plain = ["Path=/", ""].contains(&&*bad.attributes) && !name.starts_with("__");
        let (mut jar, _) = jar_with(policy);
        let report = jar.insert_pairs(format!("{name}={value}"), request(AT));
        plain.then(|| first(&report))
    }),
];

#[test]
fn a_policy_rejects_at_every_door_for_the_same_reason() {
    let (mut wrong, mut doors) = (Vec::new(), 0);
    for bad in all_bad() {
        for (policy, reason) in policies().into_iter().zip(bad.reasons) {
            let mut asked = 0;
            for (door, enter) in JUDGED {
                let Some(entered) = enter(Arc::clone(&policy), &bad) else {
                    continue;
                };
                asked += 1;
                if entered != reason.map_or(Ok(()), Err) {
                    let shown: String = text(&bad).chars().take(60).collect();
                    wrong.push(format!(
                        "{door}: {shown:?}: {entered:?} instead of {reason:?}"
                    ));
                }
            }
            let shown: String = text(&bad).chars().take(60).collect();
            assert!(asked >= 1, "{shown}: {asked} doors");
            doors += asked;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(doors >= 250, "{doors} questions");
}

/// A door that asks no policy.
type Unchecked = fn(Policy, Cookie) -> SharedCookieJar;

const UNCHECKED: &[(&str, Unchecked)] = &[
    ("set_cookie", |policy, cookie| {
        let jar = SharedCookieJar::with_policy(policy);
        jar.set_cookie(cookie);
        jar
    }),
    ("extend", |policy, cookie| {
        let mut jar = SharedCookieJar::with_policy(policy);
        jar.extend([cookie]);
        jar
    }),
    ("import", |policy, cookie| {
        let jar = SharedCookieJar::with_policy(policy);
        jar.import([cookie], &ImportOptions::new());
        jar
    }),
    ("apply", |policy, cookie| {
        let (from, jar) = (
            SharedCookieJar::with_policy(AcceptAllPolicy::new()),
            SharedCookieJar::with_policy(policy),
        );
        let mut changes = from.changes(NonZeroUsize::MIN);
        from.set_cookie(cookie);
        let Some(Heard::Change(change)) = changes.try_next() else {
            panic!("no change");
        };
        jar.apply(&change.remote());
        jar
    }),
    ("cookies.txt", |policy, cookie| {
        loaded(policy, cookie, MozillaCookieJar::new)
    }),
    ("LWP", |policy, cookie| {
        loaded(policy, cookie, LwpCookieJar::new)
    }),
    ("JSON", |policy, cookie| {
        loaded(policy, cookie, JsonCookieJar::new)
    }),
    #[cfg(feature = "serde")]
    ("serde", |policy, cookie| {
        let text = serde_json::to_string(&cookie).expect("it is written");
        let jar = SharedCookieJar::with_policy(policy);
        jar.set_cookie(serde_json::from_str(&text).expect("it is read"));
        jar
    }),
    #[cfg(feature = "persist")]
    ("a database", |policy, cookie| {
        let engine = cookiejar::testing::MemoryEngine::new();
        let from = in_database(&engine, Arc::new(AcceptAllPolicy::new()));
        from.jar().set_cookie(cookie);
        from.close().expect("it is stored");
        in_database(&engine, policy).jar()
    }),
    #[cfg(feature = "persist")]
    ("another process", |policy, cookie| {
        let engine = cookiejar::testing::MemoryEngine::new();
        let to = in_database(&engine, policy);
        let from = in_database(&engine, Arc::new(AcceptAllPolicy::new()));
        from.jar().set_cookie(cookie);
        from.close().expect("it is stored");
        let end = Instant::now() + Duration::from_secs(60);
        while to.jar().is_empty() {
            assert!(Instant::now() < end, "the change does not arrive");
            std::thread::sleep(Duration::from_millis(1));
        }
        to.jar()
    }),
];

#[cfg(feature = "persist")]
fn in_database(
    engine: &cookiejar::testing::MemoryEngine,
    policy: Policy,
) -> cookiejar::persist::PersistentCookieJar {
    let options = cookiejar::persist::PersistOptions::with_policy(policy)
        .linger(Duration::ZERO)
        .session_cookies(true);
    cookiejar::persist::PersistentCookieJar::with(engine.clone(), options).expect("it opens")
}

/// The jar that loads the cookie from a file of a jar without rules.
fn loaded<F: CookieFormat + Clone>(
    policy: Policy,
    cookie: Cookie,
    new: impl Fn(PathBuf) -> FileCookieJar<F>,
) -> SharedCookieJar {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies");
    let from = new(path.clone());
    from.jar().set_policy(Arc::new(AcceptAllPolicy::new()));
    from.jar().set_cookie(cookie);
    from.save_with(WriteOptions::new().ignore_discard(true))
        .expect("it is saved");
    let to = new(path);
    to.jar().set_policy(policy);
    to.load_with(ReadOptions::new().ignore_discard(true))
        .expect("it is loaded");
    to.jar()
}

#[test]
fn a_cookie_that_no_policy_was_asked_about_reaches_no_other_site() {
    let others = [
        "evil.example",
        "x.evil.example",
        "acme.com",
        "shop.acme.com",
        "x.www.acme.com",
        "cme.com",
        "acme.com.",
        "1.2.3.4",
        "5.1.2.3.4",
        "[::1]",
        "com",
        "other.com",
        "uk",
        "other.uk",
        "co.uk",
        "other.co.uk",
        "github.io",
        "other.github.io",
        "local",
        "x.local",
        "localhost",
        "x.localhost",
        "foo",
        "www.acme.com.evil.example",
    ];
    for bad in all_bad() {
        if bad.attributes.len() > 60_000 {
            continue;
        }
        let cookie = as_built(&bad);
        let domain = cookie.domain().trim_start_matches('.').to_owned();
        let is_shared = suffixes().registrable_domain(&domain).is_some();
        for policy in policies() {
            for (door, enter) in UNCHECKED {
                let jar = enter(Arc::clone(&policy), cookie.clone());
                for host in others {
                    let Ok(url) = url::Url::parse(&format!("https://{host}/")) else {
                        continue;
                    };
                    let host = url.host_str().expect("a host");
                    let below = host
                        .strip_suffix(&domain)
                        .is_some_and(|above| above.ends_with('.'));
                    let among_dotless = domain == "local" && !host.contains('.');
                    let shares = !cookie.host_only() && ((below && is_shared) || among_dotless);
                    let may = host == domain || shares;
                    let sent = jar.cookie_header(&url).is_some();
                    assert!(may || !sent, "{door}: {cookie} was sent to {host}");
                }
            }
        }
    }
}

#[test]
fn what_breaks_a_promise_of_browsers_is_not_sent_whatever_door_it_came_by() {
    let browsers = || -> Policy { Arc::new(BrowserPolicy::with_suffixes(suffixes())) };
    for bad in all_bad() {
        let Some(reason) = bad.reasons[1] else {
            continue;
        };
        let kept = [
            Rejection::HostPrefix,
            Rejection::SecurePrefix,
            Rejection::HttpPrefix,
            Rejection::HostHttpPrefix,
            Rejection::ControlCharacter,
        ];
        if !kept.contains(&reason) {
            continue;
        }
        let cookie = as_built(&bad);
        for (door, enter) in UNCHECKED {
            if *door == "cookies.txt" && reason == Rejection::HostHttpPrefix {
                continue;
            }
            let jar = enter(browsers(), cookie.clone());
            let explained = jar.explain(request(AT));
            let verdicts: Vec<_> = explained
                .iter()
                .map(|explanation| explanation.verdict)
                .collect();
            // LWP has no word for a name with a control octet.
            assert!(
                verdicts == [Err(reason)] || jar.is_empty(),
                "{door}: {cookie}: {verdicts:?}"
            );
            assert!(jar.cookie_header(request(AT)).is_none(), "{door}: {cookie}");
        }
    }
}
