//! The small calls of the interface: getters, defaults, other forms of a call, and what `Debug` shows.
#![cfg(all(
    feature = "cookie-0_18",
    feature = "http",
    feature = "json",
    feature = "persist",
    feature = "psl"
))]

use crate::common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use common::{NOW, built, names, policy, request, suffixes, url};
use cookiejar::client::CookieOptions;
use cookiejar::file::json::StorageState;
use cookiejar::file::{
    self, CookieFormat, CookiesTxt, FileCookieJar, LoadErrorKind, ReadOptions, SyncOptions,
    WriteOptions, json,
};
use cookiejar::headers::Merge;
use cookiejar::jar::ChangeCause;
use cookiejar::persist::PersistOptions;
use cookiejar::persist::engine::{Engine, History};
use cookiejar::policy::{
    AcceptAllPolicy, Existing, Limits, PolicyExt, Protocols, PublicSuffixes, Settings,
    return_ok_fn, set_ok_fn,
};
use cookiejar::redirect::RedirectRules;
use cookiejar::testing::{MemoryEngine, TestJar};
use cookiejar::{
    BrowserPolicy, Cookie, CookieHeader, CookieJar, CookiePolicy, CookieSessions,
    DefaultCookiePolicy, MozillaCookieJar, Rejection, RequestContext, SameSite, SharedCookieJar,
};

const AT: &str = "https://acme.com/";

fn cookie(name: &str) -> Cookie {
    built(Cookie::builder(name, "1").domain("acme.com"))
}

#[test]
fn a_shared_jar_has_every_call_of_the_plain_one() {
    let jar = SharedCookieJar::with_policy(policy());
    let response = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=1; Domain=com")];
    let mut told = Vec::new();
    let report = jar.extract_cookies_with(&response, request(AT), |field| {
        told.push((field.name.to_vec(), field.outcome.err()));
    });
    let expected = [
        (b"a".to_vec(), None),
        (b"b".to_vec(), Some(Rejection::PublicSuffix)),
    ];
    assert_eq!(told, expected);
    assert_eq!((report.stored, report.rejected.len()), (1, 1));

    // Reading decides nothing and stores nothing.
    let read = jar.make_cookies(&[("Set-Cookie", "c=1; Max-Age=-1")], request(AT));
    assert_eq!((names(&read).as_str(), jar.len()), ("c", 1));

    let mut outgoing = http::Request::get(AT).body(()).expect("a request");
    jar.add_cookie_header(&mut outgoing);
    assert_eq!(outgoing.headers()["cookie"], "a=1");
    let (mut parts, ()) = outgoing.into_parts();
    parts.headers.clear();
    parts
        .headers
        .insert("cookie", http::HeaderValue::from_static("own=1"));
    jar.merge_cookie_header(&mut parts, request(AT), Merge::Append);
    assert_eq!(parts.headers["cookie"], "own=1; a=1");
}

#[test]
fn a_jar_is_empty_until_it_has_a_cookie() {
    let (mut jar, shared) = (
        CookieJar::with_policy(policy()),
        SharedCookieJar::with_policy(policy()),
    );
    assert!(jar.is_empty() && shared.is_empty());
    jar.set_cookie(cookie("a"));
    shared.set_cookie(cookie("a"));
    assert!(!jar.is_empty() && !shared.is_empty());
}

#[test]
fn a_header_becomes_its_octets() {
    let jar = SharedCookieJar::with_policy(policy());
    jar.set_cookie(cookie("a"));
    let header: CookieHeader = jar.cookie_header(request(AT)).expect("a cookie");
    assert_eq!(Vec::<u8>::from(header), b"a=1");
}

#[test]
fn policies_give_back_what_they_are_made_of() {
    let mut mapped = policy().map_set_ok(|verdict, _, _| verdict);
    mapped.inner_mut().set_blocked_domains(["acme.com"]);
    assert!(mapped.inner().is_blocked("acme.com"));
    assert!(format!("{mapped:?}").starts_with("MapSetOk(DefaultCookiePolicy"));
    let mut mapped = policy().map_return_ok(|verdict, _, _| verdict);
    mapped.inner_mut().set_blocked_domains(["acme.com"]);
    assert!(mapped.inner().is_blocked("acme.com"));
    assert!(format!("{mapped:?}").starts_with("MapReturnOk(DefaultCookiePolicy"));

    let both = AcceptAllPolicy::new().and(set_ok_fn(|_, _| Err(Rejection::Custom(&"no"))));
    let (first, second) = both.into_parts();
    assert_eq!(first.set_ok(&cookie("a"), &request(AT)), Ok(()));
    let verdict = second.set_ok(&cookie("a"), &request(AT));
    assert_eq!(verdict, Err(Rejection::Custom(&"no")));
    assert_eq!(format!("{second:?}"), "SetOkFn { .. }");
    let never = return_ok_fn(|_, _| Err(Rejection::Custom(&"no")));
    assert_eq!(format!("{never:?}"), "ReturnOkFn { .. }");

    let allowed = policy().allow_domains(["acme.com", "ACME.org"]);
    let mut allowed: Vec<_> = allowed.allowed_domains().expect("a list").collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["acme.com", "acme.org"]);
    assert!(policy().allowed_domains().is_none());
}

/// Stores a cookie only if it overlays no other.
struct OnlyOne(DefaultCookiePolicy);

impl CookiePolicy for OnlyOne {
    fn replace_ok(
        &self,
        _: &Cookie,
        stored: Existing<'_>,
        _: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        let is_full = stored.any(|_| true);
        (!is_full)
            .then_some(())
            .ok_or(Rejection::Custom(&"one is enough"))
    }

    fn set_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.set_ok(cookie, request)
    }

    fn return_ok(&self, cookie: &Cookie, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.return_ok(cookie, request)
    }

    fn domain_return_ok(
        &self,
        domain: &str,
        request: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.0.domain_return_ok(domain, request)
    }

    fn path_return_ok(&self, path: &str, request: &RequestContext<'_>) -> Result<(), Rejection> {
        self.0.path_return_ok(path, request)
    }

    fn prepare(&self, cookie: &mut Cookie, request: &RequestContext<'_>) {
        self.0.prepare(cookie, request);
    }

    fn settings(&self) -> &Settings {
        self.0.settings()
    }
}

#[test]
fn a_list_of_cookies_answers_as_a_jar_does() {
    let secure = built(Cookie::builder("b", "1").domain("acme.com").secure(true));
    let cookies = [cookie("a"), secure.clone()];
    let existing = Existing::from(&cookies[..]);
    assert!(existing.any(|cookie| cookie.name() == "b"));
    assert!(!existing.any(|cookie| cookie.name() == "c"));
    assert!(existing.any_secure());
    assert!(existing.any_namesake(&secure, Cookie::secure));
    assert!(!existing.any_namesake(&cookie("a"), Cookie::secure));
    assert!(!Existing::from(&cookies[..1]).any_secure());
    assert!(!Existing::default().any(|_| true));
    assert_eq!(format!("{existing:?}"), "Existing { .. }");

    let mut jar = CookieJar::with_policy(OnlyOne(policy()));
    assert!(jar.set_cookie_str("a=1", request(AT)).is_ok());
    let second = jar.set_cookie_str("a=1; Path=/x", request("https://acme.com/x"));
    assert_eq!(second, Err(Rejection::Custom(&"one is enough")));
}

#[test]
fn a_list_says_where_it_is_from() {
    let shown = |list: &PublicSuffixes| format!("{list:?}");
    assert_eq!(shown(&PublicSuffixes::none()), "PublicSuffixes::none()");
    assert_eq!(
        shown(&PublicSuffixes::built_in()),
        "PublicSuffixes::built_in()"
    );
    assert_eq!(shown(&suffixes()), "PublicSuffixes(loaded)");
    let text = "// ===BEGIN ICANN DOMAINS===\ncom\n// ===END ICANN DOMAINS===\n";
    let list = PublicSuffixes::parse(text).expect("a list with sections");
    assert_eq!(list.registrable_domain("www.acme.com"), Some("acme.com"));
}

#[test]
fn causes_are_words() {
    let causes = [
        (ChangeCause::Cleared, "cleared"),
        (ChangeCause::Evicted, "evicted"),
        (ChangeCause::Expired, "expired"),
        (ChangeCause::Removed, "removed"),
        (ChangeCause::Replaced, "replaced"),
        (ChangeCause::Stored, "stored"),
    ];
    for (cause, word) in causes {
        assert_eq!(format!("{cause:>8}"), format!("{word:>8}"));
        assert_eq!(cause.is_present(), ["replaced", "stored"].contains(&word));
    }
}

#[test]
fn a_default_is_what_new_makes() {
    macro_rules! same {
        ($($type:ty),+) => {$(
            assert_eq!(format!("{:?}", <$type>::default()), format!("{:?}", <$type>::new()));
        )+};
    }
    same!(
        BrowserPolicy,
        CookieOptions,
        CookieSessions<String>,
        DefaultCookiePolicy,
        Limits,
        PersistOptions,
        Protocols,
        RedirectRules,
        ReadOptions,
        Settings,
        StorageState,
        SyncOptions,
        WriteOptions
    );
}

#[test]
fn options_return_what_was_set() {
    let page = url("https://anna:secret@acme.com/a?b#c");
    let bare = url("https://acme.com/a");
    assert_eq!(ReadOptions::new().of_url(&page).get_url(), Some(&bare));
    assert_eq!(WriteOptions::new().of_url(&page).get_url(), Some(&bare));
    let no_host = ReadOptions::new().of_url(&url("data:x"));
    assert_eq!(no_host.get_url(), None);
    assert_eq!(WriteOptions::new().get_now(), None);
    assert_eq!(WriteOptions::new().at(NOW).get_now(), Some(NOW));
    let sessions = CookieSessions::<String>::with_policy(BrowserPolicy::new());
    assert_eq!(
        sessions.policy().settings().get_dialect(),
        BrowserPolicy::new().settings().get_dialect()
    );
}

#[test]
fn an_expiry_time_ends_what_only_its_absence_implied() {
    let mut cookie = cookie("a");
    assert!(cookie.discard());
    cookie.set_expires(Some(NOW));
    assert_eq!((cookie.expires(), cookie.discard()), (Some(NOW), false));
    cookie.set_discard(true);
    cookie.set_expires(Some(NOW));
    assert!(cookie.discard(), "it was set by hand");
    cookie.set_expires(None);
    assert_eq!((cookie.expires(), cookie.discard()), (None, true));
    cookie.set_discard(false);
    assert!(cookie.discard(), "without a time it ends with the session");
}

#[test]
fn cookies_are_saved_without_a_jar() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies.txt");
    let options = WriteOptions::new().ignore_discard(true);
    let saved = file::save(&path, &CookiesTxt, &[cookie("a")], options).expect("saved");
    assert_eq!(saved.report.written, 1);
    let options = ReadOptions::new().ignore_discard(true);
    let loaded = file::load(&path, &CookiesTxt, &options).expect("loaded");
    assert_eq!(names(&loaded.cookies), "a");
}

#[test]
fn a_clone_of_a_file_jar_shares_the_jar_and_has_a_name_of_its_own() {
    let first = MozillaCookieJar::new("first.txt");
    let mut second = first.clone();
    second.set_filename(Some("second.txt".into()));
    second.jar().set_cookie(cookie("a"));
    assert_eq!(first.jar().len(), 1);
    assert_eq!(
        first.filename().map(std::path::Path::to_path_buf),
        Some("first.txt".into())
    );
}

#[test]
fn a_state_without_origins_is_a_format_as_any_other() {
    let state = StorageState::new();
    assert_eq!(format!("{state:?}"), "StorageState { .. }");
    let mut file = Vec::new();
    let options = WriteOptions::new().ignore_discard(true);
    CookieFormat::write(&state, &mut file, &mut [cookie("a")].iter(), &options).expect("written");
    assert!(file.ends_with(b"\"origins\":[]}\n"));
    let options = ReadOptions::new().ignore_discard(true);
    let reading = CookieFormat::read(&state, &mut &*file, &options).expect("read");
    assert_eq!(names(&reading.cookies), "a");
    let kinds = [
        (r#"{"origins":{}}"#, LoadErrorKind::NotThisFormat),
        (r#"{"origins":[]"#, LoadErrorKind::Syntax),
        ("5", LoadErrorKind::NotThisFormat),
        ("[]", LoadErrorKind::NotThisFormat),
    ];
    for (text, kind) in kinds {
        let error = StorageState::with_origins_of(text.as_bytes(), &options).expect_err(text);
        assert_eq!(format!("{:?}", error.kind()), format!("{kind:?}"), "{text}");
    }
    assert!(StorageState::with_origins_of(&br#"{"origins":null}"#[..], &options).is_ok());
    drop(FileCookieJar::with_format(CookieJar::new(), state));
    assert!(json::read(&b"{}"[..], &options).is_err());
}

#[test]
fn engines_in_boxes_are_engines() {
    let engine = MemoryEngine::new();
    let boxed: Box<dyn Engine> = Box::new(engine.clone());
    let shared: Arc<dyn Engine> = Arc::new(engine);
    assert!(boxed.connect("default").is_ok() && shared.connect("default").is_ok());
    assert_eq!(History::new(b"h1").id(), b"h1");
}

#[test]
fn the_crate_cookie_knows_every_same_site() {
    for same_site in [SameSite::Lax, SameSite::None, SameSite::Strict] {
        let ours = built(
            Cookie::builder("a", "1")
                .domain("acme.com")
                .same_site(same_site),
        );
        let foreign = cookie_0_18::Cookie::try_from(&ours).expect("a cookie");
        assert_eq!(
            foreign.same_site().map(|foreign| foreign.to_string()),
            Some(format!("{same_site:?}"))
        );
        let back = cookiejar::client::cookie_0_18::from_cookie(&foreign, request(AT));
        assert_eq!(
            back.expect("a cookie").same_site(),
            Some(same_site),
            "{same_site:?}"
        );
    }
}

#[test]
fn a_test_jar_shows_its_jar_and_says_what_is_wrong() {
    let mut jar = TestJar::new(AT);
    jar.jar_mut().set_cookie(cookie("a"));
    assert_eq!(jar.jar().len(), 1);
    assert_eq!(jar.cookie_header("/"), "a=1");
    assert_eq!(jar.cookie_header("https://other.example/"), "");
    let found = jar.expect("a").on("/");
    assert_eq!(found.cookie().name(), "a");
    assert_eq!(format!("{found:?}"), format!("Found({:?})", found.cookie()));
    let said = |call: &dyn Fn()| {
        let panic = catch_unwind(AssertUnwindSafe(call)).expect_err("a panic");
        panic
            .downcast::<String>()
            .map_or_else(|_| String::new(), |text| *text)
    };
    let text = said(&|| drop(jar.url("https://[")));
    assert!(
        text.starts_with("`https://[` is no path and no URL"),
        "{text}"
    );
    let text = said(&|| drop(TestJar::new("acme")));
    assert!(text.contains("is a URL, not `acme`"), "{text}");
    jar.jar_mut().set_cookie(built(
        Cookie::builder("b", "1")
            .domain("acme.com")
            .same_site(SameSite::Lax),
    ));
    let text = said(&|| _ = jar.expect("b").on("/").same_site(SameSite::Strict));
    assert!(text.contains("SameSite=Strict, found Lax"), "{text}");
}

#[cfg(feature = "tower")]
#[test]
fn a_service_gives_back_its_client() {
    use cookiejar::client::tower::{CookieLayer, CookieService};
    use tower_layer::Layer as _;

    let jar = SharedCookieJar::new();
    let layer = CookieLayer::new(jar.clone()).options(CookieOptions::without_jar());
    let mut service: CookieService<u8> = layer.layer(1);
    *service.get_mut() += 1;
    assert_eq!((*service.get_ref(), service.into_inner()), (2, 2));
    layer.jar().set_cookie(cookie("a"));
    assert_eq!(jar.len(), 1);
}

#[cfg(feature = "redis-1")]
#[test]
fn a_url_that_redis_cannot_use_is_an_error_at_once() {
    use cookiejar::persist::engine::EngineError;
    use cookiejar::persist::redis::Redis;

    for url in ["acme.com", "rediss://acme.com"] {
        let error = Redis::url(url).expect_err(url);
        assert!(matches!(error, EngineError::Fatal(_)), "{url}: {error}");
        let cause = std::error::Error::source(&error).expect("a cause");
        let said = cause.to_string();
        assert!(said.starts_with("not a URL of a Redis server"), "{said}");
    }
}
