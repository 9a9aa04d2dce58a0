//! Sessions: isolation, requests and responses, idle sessions, saving, disabling.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cookiejar::headers::Merge;
use cookiejar::jar::{Clock, CookieChange, Heard, ManualClock};
use cookiejar::sessions::{GivenCookie, SavedSession, SessionChange, SessionChanges};
use cookiejar::{
    Cookie, CookieSessions, DefaultCookiePolicy, Rejection, RequestCookies, SharedCookieJar,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use url::Url;

const NOW: OffsetDateTime = datetime!(2026-11-21 08:00 UTC);

type Headers = Vec<(String, Vec<u8>)>;
type Sessions = CookieSessions<&'static str>;

fn url(url: &str) -> Url {
    Url::parse(url).expect("a URL")
}

fn sessions() -> (Sessions, ManualClock) {
    let clock = ManualClock::new(NOW);
    let sessions = Sessions::new();
    sessions.set_clock(clock.clone());
    (sessions, clock)
}

/// The `Cookie` header of a request, or an empty string without one.
#[track_caller]
fn sent(sessions: &Sessions, cookies: &RequestCookies<'_, &'static str>, to: &str) -> String {
    let mut headers = Headers::new();
    sessions.process_request(cookies, &mut headers, &url(to));
    header(&headers)
}

#[track_caller]
fn header(headers: &Headers) -> String {
    let fields: Vec<_> = headers
        .iter()
        .filter(|(name, _)| name == "Cookie")
        .collect();
    assert!(fields.len() <= 1, "{} Cookie headers", fields.len());
    let field = fields.first().map(|(_, value)| value.clone());
    String::from_utf8(field.unwrap_or_default()).expect("UTF-8")
}

/// A server that starts a session for each client at its first request and checks whether another client's
/// cookie ever arrives.
#[derive(Default)]
struct Server {
    known: Mutex<HashSet<String>>,
}

impl Server {
    /// Answers a request of `client` with the `Cookie` header, its `n`th one.
    fn answer(&self, client: usize, n: usize, cookie: &str) -> [(&'static str, String); 2] {
        let own = [
            format!("sid=of-{client}"),
            format!("step=of-{client}-{}", n.saturating_sub(1)),
        ];
        let got: Vec<_> = cookie.split("; ").filter(|pair| !pair.is_empty()).collect();
        if n == 0 {
            assert_eq!(
                got, [""; 0],
                "client {client} came with cookies of other clients"
            );
        } else {
            assert_eq!(got, own, "client {client}, request {n}");
        }
        self.known.lock().expect("no panic").insert(own[0].clone());
        [
            ("Set-Cookie", format!("sid=of-{client}; Path=/")),
            ("Set-Cookie", format!("step=of-{client}-{n}; Path=/")),
        ]
    }
}

#[test]
fn no_cookie_crosses_a_thousand_sessions_on_threads() {
    const CLIENTS: usize = 1_000;
    const THREADS: usize = 8;
    let server = Server::default();
    let sessions: CookieSessions<usize> = CookieSessions::new();
    let jars: Vec<SharedCookieJar> = (0..CLIENTS).map(|client| sessions.jar(&client)).collect();
    let url = url("http://shop.example/");
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (server, jars, url) = (&server, &jars, &url);
            scope.spawn(move || {
                for n in 0..10 {
                    for client in (thread..CLIENTS).step_by(THREADS) {
                        let header = jars[client].cookie_header(url);
                        let header = header.as_ref().map_or("", |h| h.to_str().expect("UTF-8"));
                        let response = server.answer(client, n, header);
                        jars[client].extract_cookies(&response, url);
                    }
                }
            });
        }
    });
    assert_eq!(server.known.lock().expect("no panic").len(), CLIENTS);
    assert!(sessions.iter().all(|(_, jar)| jar.len() == 2));
}

#[test]
fn no_cookie_crosses_sessions_that_take_turns() {
    let server = Server::default();
    let sessions: CookieSessions<usize> = CookieSessions::new();
    let url = url("http://shop.example/");
    for n in 0..5 {
        for client in (0..1_000).rev() {
            // One of them is the session of requests without a key.
            let key = Some(&client).filter(|client| **client != 500);
            let mut headers = Headers::new();
            sessions.process_request(key, &mut headers, &url);
            let response = server.answer(client, n, &header(&headers));
            sessions.process_response(key, &response, &url);
        }
    }
    assert_eq!(sessions.len(), 1_000);
}

#[test]
fn one_jar_a_key() {
    let (sessions, _) = sessions();
    let to = url("https://acme.com/");
    sessions
        .jar(&"anna")
        .extract_cookies(&[("Set-Cookie", "a=1")], &to);
    assert_eq!(sessions.jar(&"anna").len(), 1);
    assert_eq!(sessions.jar(&"bert").len(), 0);
    assert_eq!(sessions.jar(None).len(), 0);
    assert_eq!(sessions.len(), 3);
    assert!(sessions.get(&"carl").is_none() && sessions.get(&"bert").is_some());
    let keys: Vec<_> = sessions.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, [Some("anna"), Some("bert"), None]);
}

#[test]
fn dropping() {
    let (sessions, _) = sessions();
    for key in [Some(&"anna"), Some(&"bert"), Some(&"carl"), None] {
        sessions.jar(key);
    }
    assert!(sessions.remove(&"anna").is_some() && sessions.remove(&"anna").is_none());
    assert!(sessions.remove(None).is_some() && sessions.remove(None).is_none());
    assert_eq!(sessions.retain(|key, _| key == Some(&"carl")), 1);
    assert_eq!(sessions.len(), 1);
    sessions.clear();
    assert!(sessions.is_empty());
}

#[test]
fn idle_sessions_end() {
    let (sessions, clock) = sessions();
    let half_an_hour = Duration::minutes(30);
    sessions.jar(&"first");
    sessions.jar(None);
    let held = sessions.jar(&"held");
    clock.advance(Duration::minutes(20));
    sessions.process_response(&"busy", &[("Set-Cookie", "a=1")], &url("https://acme.com/"));
    assert_eq!(sessions.remove_idle(half_an_hour), []);
    clock.advance(Duration::minutes(10));
    assert_eq!(
        sessions.remove_idle(half_an_hour),
        [],
        "30 minutes are not longer than 30"
    );
    clock.advance(Duration::seconds(1));
    assert_eq!(sessions.remove_idle(half_an_hour), [Some("first"), None]);
    clock.advance(Duration::HOUR);
    assert_eq!(sessions.remove_idle(half_an_hour), [Some("busy")]);
    // Its holder dropped it only now.
    drop(held);
    assert_eq!(sessions.remove_idle(half_an_hour), []);
    clock.advance(Duration::HOUR);
    assert_eq!(sessions.remove_idle(half_an_hour), [Some("held")]);
    assert!(sessions.is_empty());
}

#[test]
fn do_not_merge_in_each_direction() {
    let site = url("https://acme.com/");
    // send, receive; what is sent, how many are stored
    let rows = [
        (true, true, "old=1", 2),
        (true, false, "old=1", 1),
        (false, true, "", 2),
        (false, false, "", 1),
    ];
    for (send, receive, expected, stored) in rows {
        let (sessions, _) = sessions();
        sessions.process_response(&"anna", &[("Set-Cookie", "old=1")], &site);
        let cookies = RequestCookies::new(&"anna").send(send).receive(receive);
        assert_eq!(
            sent(&sessions, &cookies, site.as_str()),
            expected,
            "{cookies:?}"
        );
        sessions.process_response(&cookies, &[("Set-Cookie", "new=2")], &site);
        assert_eq!(sessions.jar(&"anna").len(), stored, "{cookies:?}");
    }
}

#[test]
fn do_not_merge_leaves_the_request_as_it_is() {
    let (sessions, _) = sessions();
    let to = url("https://acme.com/");
    sessions.process_response(&"anna", &[("Set-Cookie", "old=1")], &to);
    let apart = RequestCookies::new(&"anna").do_not_merge();
    let mut headers: Headers = vec![("Cookie".into(), b"mine=1".to_vec())];
    sessions.process_request(&apart, &mut headers, &to);
    assert_eq!(header(&headers), "mine=1");
    // Given cookies are sent with this request only.
    assert_eq!(
        sent(
            &sessions,
            &apart.clone().cookie(("given", "1")),
            to.as_str()
        ),
        "given=1"
    );
    assert_eq!(
        sent(&sessions, &RequestCookies::new(&"anna"), to.as_str()),
        "old=1"
    );
    assert_eq!(sessions.len(), 1);
}

#[test]
fn the_own_header() {
    // merge, cookies in the session; what is sent
    let rows = [
        (Merge::Replace, true, "sid=1"),
        (Merge::Replace, false, ""), // like Scrapy
        (Merge::Keep, true, "mine=1"),
        (Merge::Keep, false, "mine=1"),
        (Merge::Append, true, "mine=1; sid=1"),
        (Merge::Append, false, "mine=1"),
    ];
    for (merge, has_cookies, expected) in rows {
        let (sessions, _) = sessions();
        let to = url("https://acme.com/");
        if has_cookies {
            sessions.process_response(&"anna", &[("Set-Cookie", "sid=1")], &to);
        }
        let mut headers: Headers = vec![("cookie".into(), b"mine=1".to_vec())];
        let cookies = RequestCookies::new(&"anna").merge(merge);
        sessions.process_request(&cookies, &mut headers, &to);
        for (name, _) in &mut headers {
            *name = "Cookie".to_owned();
        }
        assert_eq!(header(&headers), expected, "{merge:?} {has_cookies}");
    }
}

#[test]
fn given_cookies_are_judged_and_stored() {
    let (sessions, _) = sessions();
    let to = url("https://www.acme.com/shop/cart");
    let cookies = RequestCookies::new(&"anna")
        .cookies([("a", "1"), ("b", "2; Domain=evil.example; Path=/evil")])
        .cookie(GivenCookie::new("c", "3").domain("acme.com").path("/"))
        .cookie(GivenCookie::new("d", "4").domain("evil.example"))
        .cookie(GivenCookie::new("e", "5").domain("com"))
        .cookie(GivenCookie::new("f", "6\r\nX: y"))
        .cookie(GivenCookie::new("g", "7").path("/other"));
    let account = sessions.process_request(&cookies, &mut Headers::new(), &to);
    assert_eq!(account.stored, 3);
    let rejected: Vec<_> = account
        .rejected
        .iter()
        .map(|r| (r.name(), r.reason))
        .collect();
    let expected = [
        ("b", Rejection::InvalidValue), // a value cannot add an attribute or another cookie
        ("d", Rejection::DomainMismatch),
        ("e", Rejection::PublicSuffix),
        ("f", Rejection::ForbiddenOctet),
    ];
    assert_eq!(rejected, expected);

    let jar = sessions.jar(&"anna");
    let a = jar
        .get(("www.acme.com", "/shop", "a"))
        .expect("below the folder of the request");
    assert!(a.host_only() && a.secure() && !a.path_specified() && a.discard());
    let c = jar.get((".acme.com", "/", "c")).expect("of the domain");
    assert!(c.path_specified() && c.domain_specified() && !c.domain_initial_dot());
    assert!(jar.get(("www.acme.com", "/other", "g")).is_some());
}

#[test]
fn given_cookies_are_what_the_server_would_have_set() {
    let hosts = [
        "http://localhost:3000/a/b",
        "http://127.0.0.1/",
        "https://[::1]/x/",
        "http://acme.com/é/y",
    ];
    for host in hosts {
        let to = url(host);
        let name = to.host_str().expect("a host").to_owned();
        for domain in [None, Some(name.as_str())] {
            for path in [None, Some("/"), Some("/p é"), Some("relative"), Some("")] {
                let (sessions, _) = sessions();
                let mut field = "n=v".to_owned();
                let mut given = GivenCookie::new("n", "v").secure(false);
                if let Some(domain) = domain {
                    field = format!("{field}; Domain={domain}");
                    given = given.domain(domain);
                }
                if let Some(path) = path {
                    field = format!("{field}; Path={path}");
                    given = given.path(path);
                }
                sessions.process_response(&"theirs", &[("Set-Cookie", &field)], &to);
                let ours = RequestCookies::new(&"ours").cookie(given);
                sessions.process_request(&ours, &mut Headers::new(), &to);
                let (ours, theirs) = (sessions.jar(&"ours"), sessions.jar(&"theirs"));
                assert_eq!(ours.snapshot(), theirs.snapshot(), "{field} from {host}");
                assert_eq!(ours.len(), 1, "{field} from {host}");
            }
        }
    }
}

#[test]
fn a_given_cookie_is_secure_where_the_request_is() {
    // request, secure as given; secure as stored
    let rows = [
        ("https://acme.com/", None, true),
        ("http://acme.com/", None, false),
        ("https://acme.com/", Some(false), false),
        ("http://localhost/", Some(true), true),
    ];
    for (to, secure, expected) in rows {
        let (sessions, _) = sessions();
        let mut given = GivenCookie::new("a", "1");
        if let Some(secure) = secure {
            given = given.secure(secure);
        }
        let cookies = RequestCookies::new(None).cookie(given);
        sessions.process_request(&cookies, &mut Headers::new(), &url(to));
        let stored = sessions.jar(None).snapshot();
        assert_eq!(stored[0].secure(), expected, "{to} {secure:?}");
    }
}

#[test]
fn the_whole_can_be_switched_off() {
    let (sessions, _) = sessions();
    let to = url("https://acme.com/");
    sessions.process_response(&"anna", &[("Set-Cookie", "sid=1")], &to);
    assert!(sessions.is_enabled());
    sessions.set_enabled(false);
    let mut headers: Headers = vec![("Cookie".into(), b"mine=1".to_vec())];
    let account = sessions.process_request(
        RequestCookies::new(&"anna").cookie(("a", "1")),
        &mut headers,
        &to,
    );
    assert_eq!((header(&headers).as_str(), account.stored), ("mine=1", 0));
    sessions.process_response(&"bert", &[("Set-Cookie", "sid=2")], &to);
    assert_eq!(sessions.len(), 1);
    sessions.set_enabled(true);
    assert_eq!(
        sent(&sessions, &RequestCookies::new(&"anna"), to.as_str()),
        "sid=1"
    );
}

#[test]
fn a_policy_is_replaced_for_all() {
    let (sessions, _) = sessions();
    let to = url("https://ads.example/");
    let before = sessions.jar(&"before");
    sessions.process_response(None, &[("Set-Cookie", "a=1")], &to);
    let blocks = DefaultCookiePolicy::new().block_domains(["ads.example"]);
    let old = sessions.set_policy(Arc::new(blocks));
    for key in [Some(&"before"), Some(&"after"), None] {
        let account = sessions.process_response(key, &[("Set-Cookie", "b=2")], &to);
        assert_eq!(
            account.rejected[0].reason,
            Rejection::BlockedDomain,
            "{key:?}"
        );
        assert_eq!(sent(&sessions, &RequestCookies::new(key), to.as_str()), "");
    }
    sessions.set_policy(old);
    assert_eq!(
        sent(&sessions, &RequestCookies::new(None), to.as_str()),
        "a=1"
    );
    assert_eq!(
        before.extract_cookies(&[("Set-Cookie", "b=2")], &to).stored,
        1
    );
}

#[test]
fn saved_and_restored() {
    let (before, clock) = sessions();
    let to = url("https://acme.com/");
    before.process_response(
        &"anna",
        &[
            ("Set-Cookie", "sid=1"), // a session cookie
            ("Set-Cookie", "short=1; Max-Age=60"),
            ("Set-Cookie", "long=1; Max-Age=6000"),
        ],
        &to,
    );
    clock.advance(Duration::minutes(2));
    before.process_response(None, &[("Set-Cookie", "sid=none")], &to);
    before.jar(&"empty");
    let saved = before.snapshot();
    let keys: Vec<_> = saved.iter().map(|session| session.key).collect();
    assert_eq!(keys, [Some("anna"), None, Some("empty")]);
    assert_eq!(saved[0].last_used, NOW);
    assert_eq!(saved[0].cookies.len(), 2, "what has expired is not saved");

    let (after, clock) = sessions();
    clock.set(NOW + Duration::HOUR);
    after.restore(saved.clone());
    assert_eq!(
        sent(&after, &RequestCookies::new(&"anna"), to.as_str()),
        "sid=1; long=1"
    );
    assert_eq!(
        sent(&after, &RequestCookies::new(None), to.as_str()),
        "sid=none"
    );
    let jar = after.jar(&"anna");
    assert_eq!(
        jar.get(("acme.com", "/", "sid")),
        before.jar(&"anna").get(("acme.com", "/", "sid"))
    );
    assert_eq!(
        jar.get(("acme.com", "/", "sid"))
            .and_then(|sid| sid.creation_time()),
        Some(NOW)
    );
    drop(jar);

    // Restoring does not count as use: `empty` is as idle as it was.
    assert_eq!(after.remove_idle(Duration::minutes(30)), [Some("empty")]);
}

#[test]
fn restoring_beside_what_there_is() {
    let (sessions, clock) = sessions();
    let to = url("https://acme.com/");
    sessions.process_response(
        &"anna",
        &[("Set-Cookie", "a=live"), ("Set-Cookie", "b=live")],
        &to,
    );
    let cookie = |name| {
        Cookie::builder(name, "saved")
            .domain("acme.com")
            .build()
            .expect("a cookie")
    };
    let expired = Cookie::builder("b", "saved")
        .domain("acme.com")
        .expires(NOW - Duration::SECOND);
    let expired = expired.build().expect("a cookie");
    let saved = SavedSession::new(
        Some("anna"),
        NOW - Duration::DAY,
        [cookie("a"), cookie("c"), expired],
    );
    sessions.restore([saved]);
    // A saved cookie replaces the present one; an expired one removes nothing.
    assert_eq!(
        sent(&sessions, &RequestCookies::new(&"anna"), to.as_str()),
        "a=saved; b=live; c=saved"
    );
    assert_eq!(
        sessions.remove_idle(Duration::HOUR),
        [],
        "it was used since"
    );
    assert_eq!(clock.now(), NOW);
}

#[test]
fn nothing_shows_a_value() {
    let (sessions, _) = sessions();
    let cookies = RequestCookies::new(&"anna").cookie(("name", "secret"));
    sessions.process_request(&cookies, &mut Headers::new(), &url("https://acme.com/"));
    let shown = format!("{cookies:?} {sessions:?} {:?}", sessions.snapshot());
    assert!(
        shown.contains("name") && !shown.contains("secret"),
        "{shown}"
    );
}

#[cfg(feature = "json")]
mod files {
    use std::path::PathBuf;
    use std::{fs, io};

    use cookiejar::file::{LoadError, LoadErrorKind, Reason};

    use super::*;

    type Sessions = CookieSessions<String>;

    /// Sessions at the time `NOW`, and a file for them.
    fn sessions() -> (Sessions, PathBuf, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let sessions = Sessions::new();
        sessions.set_clock(ManualClock::new(NOW));
        (sessions, folder.path().join("sessions.json"), folder)
    }

    #[track_caller]
    fn rejected(sessions: &Sessions, text: &str, file: &PathBuf) -> LoadError {
        fs::write(file, text).expect("written");
        let before = sessions.snapshot();
        let error = sessions.load(file).expect_err("broken");
        assert_eq!(sessions.snapshot(), before, "{text}");
        assert_eq!(error.file(), Some(file.as_path()));
        error
    }

    #[test]
    fn a_round_trip_loses_nothing() {
        let (before, file, _folder) = sessions();
        let to = url("https://acme.com/");
        let anna = "anna".to_owned();
        let response = [
            ("Set-Cookie", &b"sid=1; HttpOnly; SameSite=Lax"[..]),
            ("Set-Cookie", b"long=1; Max-Age=6000; Secure"),
            ("Set-Cookie", b"octets=\xe9\xff"),
        ];
        before.process_response(&anna, &response, &to);
        before.process_response(None, &[("Set-Cookie", "sid=none")], &to);
        let apart = Cookie::builder("sid", "apart")
            .domain("acme.com")
            .secure(true)
            .partition_key("https://embedder.example");
        let apart = SavedSession::new(
            Some("\"bert\"\n\u{e9}".to_owned()),
            NOW - Duration::DAY,
            [apart.build().expect("a cookie")],
        );
        before.restore([apart]);
        before.jar(&"empty".to_owned());

        let saved = before.save(&file).expect("saved");
        assert_eq!((saved.report.written, saved.report.skipped.len()), (5, 0));
        let (after, ..) = self::sessions();
        let report = after.load(&file).expect("loaded");
        assert_eq!((report.skipped.len(), report.expired), (0, 0));
        assert_eq!(after.snapshot(), before.snapshot());
        let text = fs::read_to_string(&file).expect("the file");
        assert!(
            text.contains("\"session\":null,\"last_used\":1795248000,"),
            "{text}"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).expect("the file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }

        let later = ManualClock::new(NOW + Duration::DAY);
        let after = Sessions::new();
        after.set_clock(later);
        assert_eq!(after.load(&file).expect("loaded").expired, 1);
    }

    #[test]
    fn no_sessions_at_all() {
        let (sessions, file, _folder) = sessions();
        sessions.save(&file).expect("saved");
        sessions.load(&file).expect("loaded");
        assert!(sessions.is_empty());
    }

    #[test]
    fn a_bad_cookie_costs_itself_only() {
        let (sessions, file, _folder) = sessions();
        let text = r#"{"format":"cookiejar-sessions","version":1,"sessions":[
            {"session":"anna","last_used":0,"cookies":[
                {"name":"a","domain":"acme.com","host_only":true,"path":"/"},
                {"name":"b"}]},
            {"session":null,"last_used":0,"cookies":[
                3, {"name":"c","domain":"acme.com","host_only":true,"path":"/"}]}]}"#;
        fs::write(&file, text).expect("written");
        let report = sessions.load(&file).expect("loaded");
        let skipped: Vec<_> = report.skipped.iter().map(|l| (l.line, l.reason)).collect();
        assert_eq!(skipped, [(4, Reason::Field), (6, Reason::Field)]);
        assert_eq!(sessions.jar(&"anna".to_owned()).len(), 1);
        assert_eq!(sessions.jar(None).len(), 1);
    }

    #[test]
    fn a_broken_file_changes_nothing() {
        let (sessions, file, _folder) = sessions();
        let to = url("https://acme.com/");
        sessions.process_response(None, &[("Set-Cookie", "sid=1")], &to);
        let document = |sessions: &str| {
            format!("{{\"format\":\"cookiejar-sessions\",\"version\":1,\n\"sessions\":{sessions}}}")
        };
        let bert = r#"{"session":"bert","last_used":0,"cookies":[]}"#;
        let rows = [
            (String::new(), "line 1: not well-formed"),
            (document(&format!("[{bert},")), "line 2: not well-formed"),
            (
                document(&format!("[{bert}]")) + "x",
                "line 2: not well-formed",
            ),
            ("[]".to_owned(), "line 1: not a file of this format"),
            (
                document(&format!("[{bert}, {{}}]")),
                "line 2: not a file of this format",
            ),
            // No session, which is not the session of requests without a key; a key of another type.
            (
                document(r#"[{"last_used":0,"cookies":[]}]"#),
                "line 2: not a file of this format",
            ),
            (
                document(r#"[{"session":3,"last_used":0,"cookies":[]}]"#),
                "line 2: not a file of this format",
            ),
            (
                r#"{"format":"cookiejar","version":1,"cookies":[]}"#.to_owned(),
                "not a file of this format",
            ),
            (
                r#"{"format":"cookiejar-sessions","version":2}"#.to_owned(),
                "a version that is not known",
            ),
        ];
        for (text, expected) in rows {
            let error = rejected(&sessions, &text, &file).to_string();
            assert_eq!(error, format!("{}: {expected}", file.display()), "{text}");
        }
    }

    #[test]
    fn a_missing_file_is_not_found() {
        let (sessions, file, _folder) = sessions();
        let error = sessions.load(&file).expect_err("no such file");
        assert!(matches!(error.kind(), LoadErrorKind::Io(_)));
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn no_key_becomes_the_session_of_all_who_name_none() {
        let (_, file, _folder) = sessions();
        let sessions: CookieSessions<Option<u32>> = CookieSessions::new();
        sessions.jar(&None::<u32>);
        let error = sessions.save(&file).expect_err("a key that is null");
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::InvalidInput);
        assert!(!file.exists());
    }

    /// Part of the key is not in the file.
    #[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
    struct Partial {
        user: String,
        #[serde(skip)]
        tenant: u32,
    }

    #[test]
    fn sessions_whose_keys_have_one_text_are_not_saved_as_one() {
        let (_, file, _folder) = sessions();
        let sessions: CookieSessions<Partial> = CookieSessions::new();
        let to = url("https://acme.com/");
        for (tenant, field) in [(1, "a=1"), (2, "b=2")] {
            let user = "anna".to_owned();
            let key = Partial { user, tenant };
            sessions.process_response(&key, &[("Set-Cookie", field)], &to);
        }
        let error = sessions.save(&file).expect_err("two keys with one text");
        let text = error.to_string();
        assert!(
            text.ends_with("the keys of two sessions have the same text"),
            "{text}"
        );
        assert!(!text.contains("anna"));
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::InvalidInput);
        assert!(!file.exists());
    }

    #[test]
    fn a_file_with_one_key_twice_is_not_read() {
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Deserialize)]
        struct User {
            user: String,
        }
        let document = |keys: [&str; 3]| {
            let session = |key| {
                format!(
                    "{{\"session\":{key},\"last_used\":0,\"cookies\":[\n{{\"name\":\"a\",\"domain\":\"acme.com\",\"host_only\":true,\"path\":\"/\"}}]}}"
                )
            };
            let all = keys.map(session).join(",\n");
            format!("{{\"format\":\"cookiejar-sessions\",\"version\":1,\"sessions\":[\n{all}]}}")
        };
        let (sessions, file, _folder) = sessions();
        for keys in [
            [r#""anna""#, r#""anna""#, r#""bert""#],
            [r#""anna""#, r#""bert""#, r#""\u0061nna""#],
            ["null", r#""anna""#, "null"],
        ] {
            let error = rejected(&sessions, &document(keys), &file);
            assert!(
                matches!(error.kind(), LoadErrorKind::DuplicateSession),
                "{error}"
            );
            let text = error.to_string();
            assert!(text.ends_with(": a session is in it twice"), "{text}");
        }
        let partial: CookieSessions<User> = CookieSessions::new();
        let keys = [
            r#"{"user":"anna","tenant":1}"#,
            "null",
            r#"{"user":"anna","tenant":2}"#,
        ];
        fs::write(&file, document(keys)).expect("written");
        let error = partial.load(&file).expect_err("one key twice");
        assert!(
            matches!(error.kind(), LoadErrorKind::DuplicateSession),
            "{error}"
        );
        assert!(partial.is_empty());
    }
}

#[cfg(feature = "json")]
#[test]
fn what_is_saved_can_be_loaded_with_the_same_limits() {
    use cookiejar::file::{LoadErrorKind, ReadOptions, Reason, Unwritable, WriteOptions};

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sessions.json");
    let url = Url::parse("https://acme.com/").expect("a URL");
    let sessions: CookieSessions<u32> = CookieSessions::new();
    for key in 0..10 {
        let value = format!("a={}; Path=/x", "v".repeat(400));
        let response = [("Set-Cookie", value.as_str()), ("Set-Cookie", "b=1")];
        sessions.process_response(&key, &response, &url);
    }
    let whole = sessions.save(&file).expect("saved");
    assert_eq!(whole.report.written, 20);
    let len = std::fs::metadata(&file).expect("a file").len();
    for max_bytes in [len, len - 1, len / 2, 1_000] {
        let options = WriteOptions::new().max_bytes(max_bytes);
        let report = sessions.save_with(&file, &options).expect("saved").report;
        let reasons = report.skipped.iter().map(|left| left.reason);
        assert!(reasons.clone().all(|reason| reason == Unwritable::FileFull));
        assert_eq!(report.written + reasons.len(), 20);
        assert_eq!(reasons.len() == 0, max_bytes == len);
        let loaded: CookieSessions<u32> = CookieSessions::new();
        let options = ReadOptions::new().max_bytes(max_bytes);
        loaded.load_with(&file, &options).expect("loaded");
        let count: usize = loaded.iter().map(|(_, jar)| jar.len()).sum();
        assert_eq!((count, loaded.len()), (report.written, 10));
    }
    let options = WriteOptions::new().max_bytes(300);
    let error = sessions
        .save_with(&file, &options)
        .expect_err("no room for the keys");
    let kind = std::io::Error::from(error).kind();
    assert_eq!(kind, std::io::ErrorKind::FileTooLarge);

    let short = WriteOptions::new().max_line(300);
    let report = sessions.save_with(&file, &short).expect("saved").report;
    assert_eq!(
        (report.written, report.skipped[0].reason),
        (10, Unwritable::TooLong)
    );
    sessions.save(&file).expect("saved");
    let loaded: CookieSessions<u32> = CookieSessions::new();
    let options = ReadOptions::new().max_line(300);
    let report = loaded.load_with(&file, &options).expect("loaded");
    assert_eq!(
        (report.skipped.len(), report.skipped[0].reason),
        (10, Reason::TooLong)
    );
    let error = loaded
        .load_with(&file, &options.clone().strict(true))
        .expect_err("strict");
    assert!(matches!(error.kind(), LoadErrorKind::Line(Reason::TooLong)));
    let error = loaded
        .load_with(&file, &options.max_bytes(300))
        .expect_err("too long");
    assert!(matches!(error.kind(), LoadErrorKind::TooLong));
}

/// Every call takes `&self`, and clones share: no task needs its own lock.
#[test]
fn clones_share_the_sessions_among_threads() {
    const SESSIONS: u32 = 200;
    let sessions = CookieSessions::<u32>::new();
    let url = url("https://acme.com/");
    let threads: Vec<_> = (0..4_u32)
        .map(|thread| {
            let (sessions, url) = (sessions.clone(), url.clone());
            std::thread::spawn(move || {
                for session in 0..SESSIONS {
                    let field = format!("of{thread}={session}");
                    sessions.process_response(&session, &[("Set-Cookie", field)], &url);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
    assert_eq!(sessions.len(), SESSIONS as usize);
    for (key, jar) in sessions.iter() {
        let own = key.expect("a key").to_string();
        let cookies = jar.snapshot();
        assert_eq!(cookies.len(), 4);
        assert!(cookies.iter().all(|cookie| cookie.value() == Some(&*own)));
    }
}

/// A session that is created while the policy is replaced gets the new one, whichever happens first.
#[test]
fn a_new_policy_reaches_sessions_made_meanwhile() {
    let url = url("https://ads.example/");
    for _ in 0..50 {
        let sessions = CookieSessions::<u32>::new();
        let makes = std::thread::spawn({
            let sessions = sessions.clone();
            move || (0..100).for_each(|key| drop(sessions.jar(&key)))
        });
        let blocks = DefaultCookiePolicy::new().block_domains(["ads.example"]);
        sessions.set_policy(Arc::new(blocks));
        makes.join().expect("no panic");
        for (_, jar) in sessions.iter() {
            assert_eq!(
                jar.extract_cookies(&[("Set-Cookie", "a=1")], &url).stored,
                0
            );
        }
    }
}

/// The changes of all sessions, each with its key.
fn heard(changes: &mut SessionChanges<&'static str>) -> Vec<String> {
    std::iter::from_fn(|| changes.try_next())
        .map(|heard| match heard {
            Heard::Change(SessionChange { key, change, .. }) => {
                let key = key.unwrap_or("-");
                format!("{key}: {} {}", change.cookie.name(), change.cause)
            }
            Heard::Missed(number) => format!("missed {number}"),
        })
        .collect()
}

#[test]
fn the_changes_of_all_sessions_are_heard_with_their_keys() {
    let (sessions, clock) = sessions();
    let acme = url("https://acme.com/");
    let set = |session: Option<&'static str>, field| {
        sessions.process_response(session.as_ref(), &[("Set-Cookie", field)], &acme);
    };
    set(Some("anna"), "old=1; Max-Age=60");
    let mut changes = sessions.changes(5.try_into().expect("not zero"));
    assert_eq!(heard(&mut changes), [""; 0]);

    // An existing session, a future one, and the one of requests without a key.
    set(Some("anna"), "a=1");
    set(Some("bert"), "b=1");
    set(None, "c=1");
    let expected = ["anna: a stored", "bert: b stored", "-: c stored"];
    assert_eq!(heard(&mut changes), expected);

    // A jar that is still held reports changes after its session has ended; a new session of its key is another jar.
    let jar = sessions.remove(&"bert").expect("a session");
    jar.extract_cookies(&[("Set-Cookie", "b=2")], &acme);
    set(Some("bert"), "b=3");
    assert_eq!(heard(&mut changes), ["bert: b replaced", "bert: b stored"]);

    // Restoring sessions is reported, and so are sweeps.
    clock.advance(Duration::minutes(2));
    let saved = Cookie::builder("s", "1").domain("acme.com").build();
    let saved = SavedSession::new(Some("carl"), NOW, [saved.expect("a cookie")]);
    sessions.restore([saved]);
    set(Some("anna"), "a=1");
    let expected = ["carl: s stored", "anna: old expired", "anna: a replaced"];
    assert_eq!(heard(&mut changes), expected);

    // Cookies that are given with a request but kept out of the jar do not change a session.
    let apart = RequestCookies::new(&"anna")
        .send(false)
        .cookie(GivenCookie::new("g", "1"));
    assert_eq!(sent(&sessions, &apart, "https://acme.com/"), "g=1");
    assert_eq!(heard(&mut changes), [""; 0]);

    // The oldest changes of all sessions are dropped.
    for number in 0..7 {
        set(
            Some(["anna", "bert"][number % 2]),
            ["x=1", "y=1"][number % 2],
        );
    }
    assert_eq!(heard(&mut changes)[..2], ["missed 2", "anna: x replaced"]);

    // The queue ends with the last jar.
    drop(sessions);
    set_in(&jar, "b=4");
    assert_eq!(heard(&mut changes), ["bert: b replaced"]);
    drop(jar);
    assert_eq!(
        changes.next_within(std::time::Duration::from_secs(60)),
        None
    );
}

fn set_in(jar: &SharedCookieJar, field: &str) {
    jar.extract_cookies(&[("Set-Cookie", field)], &url("https://acme.com/"));
}

#[test]
fn a_queue_of_sessions_that_nobody_reads_is_let_go() {
    let (sessions, _) = sessions();
    let jar = sessions.jar(&"anna");
    for _ in 0..3 {
        drop(sessions.changes(5.try_into().expect("not zero")));
    }
    let mut changes = sessions.changes(5.try_into().expect("not zero"));
    set_in(&jar, "a=1");
    set_in(&sessions.jar(&"bert"), "b=1");
    assert_eq!(heard(&mut changes), ["anna: a stored", "bert: b stored"]);
}

#[test]
fn a_queue_that_is_dropped_keeps_no_change_and_no_key() {
    let key: Arc<str> = "anna".into();
    let sessions = CookieSessions::<Arc<str>>::new();
    let jar = sessions.jar(&key);
    let without = Arc::strong_count(&key);
    let changes = sessions.changes(5.try_into().expect("not zero"));
    set_in(&jar, "a=1");
    set_in(&jar, "b=2");
    let waiting = Arc::strong_count(&key);
    drop(changes);
    assert_eq!(waiting - Arc::strong_count(&key), 2, "its unread changes");
    let _live = sessions.changes(5.try_into().expect("not zero"));
    assert_eq!(
        Arc::strong_count(&key),
        without + 1,
        "its place goes to the next"
    );
}

/// A sink is added while sessions are created: each of them has it once, whichever happens first.
#[test]
fn a_sink_reaches_sessions_made_meanwhile_and_each_once() {
    for _ in 0..50 {
        let sessions = CookieSessions::<u32>::new();
        let makes = std::thread::spawn({
            let sessions = sessions.clone();
            move || (0..100).for_each(|key| drop(sessions.jar(&key)))
        });
        let number = Arc::new(AtomicUsize::new(0));
        sessions.add_change_sink(Arc::new({
            let number = Arc::clone(&number);
            move |_: &CookieChange<'_>| _ = number.fetch_add(1, Ordering::Relaxed)
        }));
        let mut changes = sessions.changes(1_000.try_into().expect("not zero"));
        makes.join().expect("no panic");
        for (_, jar) in sessions.iter() {
            set_in(&jar, "a=1");
        }
        assert_eq!(number.load(Ordering::Relaxed), 100);
        let mut keys: Vec<_> = std::iter::from_fn(|| changes.try_next())
            .map(|heard| match heard {
                Heard::Change(SessionChange { key, .. }) => key.expect("a key"),
                Heard::Missed(number) => panic!("{number} missed"),
            })
            .collect();
        keys.sort_unstable();
        assert!(keys.into_iter().eq(0..100));
    }
}

/// A jar that was given its own policy gets the one of all sessions as before, and keeps its clock.
#[test]
fn a_jar_with_a_clock_of_its_own_keeps_it_when_the_policy_is_replaced() {
    let (sessions, _) = sessions();
    let jar = sessions.jar(&"anna");
    let own = ManualClock::new(NOW + Duration::days(1));
    jar.set_clock(own);
    let blocks = DefaultCookiePolicy::new().block_domains(["ads.example"]);
    sessions.set_policy(Arc::new(blocks));
    set_in(&jar, "a=1");
    let created = jar.snapshot()[0].creation_time();
    assert_eq!(created, Some(NOW + Duration::days(1)));
    let ads = url("https://ads.example/");
    let report = jar.extract_cookies(&[("Set-Cookie", "a=1")], &ads);
    assert_eq!(report.rejected[0].reason, Rejection::BlockedDomain);
}

/// The closure may use the sessions and the jars that it is shown.
#[test]
fn no_lock_is_held_while_a_closure_works() {
    let sessions = CookieSessions::<u32>::new();
    for key in 0..20 {
        sessions.jar(&key);
    }
    let ended = sessions.retain(|key, jar| {
        jar.clear();
        sessions.jar(&100);
        key.is_some_and(|key| sessions.get(key).is_some() && key % 2 == 0)
    });
    assert_eq!((ended, sessions.len()), (10, 11));
}

/// Cookies evicted for given cookies are in the report.
#[test]
fn given_cookies_that_make_way_are_counted() {
    let mut limits = cookiejar::policy::Limits::new();
    limits.site_cookies = 2;
    limits.site_cookies_kept = 2;
    let policy = DefaultCookiePolicy::new().limits(limits);
    let sessions = CookieSessions::<u32>::with_policy(policy);
    let given = ["a", "b", "c", "d", "e"].map(|name| (name, "1"));
    let cookies = RequestCookies::new(&7).cookies(given);
    let mut headers = Headers::new();
    let report = sessions.process_request(&cookies, &mut headers, &url("https://acme.com/"));
    assert_eq!((report.stored, report.evicted), (5, 3));
    assert_eq!(sessions.jar(&7).len(), 2);
}

#[cfg(feature = "json")]
#[test]
fn a_file_of_sessions_is_read_under_any_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sessions.json");
    let sessions: CookieSessions<String> = CookieSessions::new();
    let anna = "anna".to_owned();
    let site = Url::parse("https://acme.com/").expect("a URL");
    sessions.process_response(&anna, &[("Set-Cookie", "a=1")], &site);
    sessions.save(&path).expect("saved");
    let all = cookiejar::file::ReadOptions::new().max_bytes(u64::MAX);
    let after: CookieSessions<String> = CookieSessions::new();
    after.load_with(&path, &all).expect("loaded");
    assert_eq!(after.jar(&anna).len(), 1);
}
