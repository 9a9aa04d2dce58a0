//! A value is in no `Debug`, no `Display`, no error, no report and no panic: the same marker goes through everything.
#![cfg(all(
    feature = "json",
    feature = "persist",
    feature = "psl",
    feature = "http"
))]

use crate::common;

use std::fmt::{Debug, Display};
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use common::{NOW, built, policy, request, url};
use cookiejar::client::CookieOptions;
use cookiejar::file::{
    LoadOptions, ReadOptions, WriteOptions, cookies_txt, har, header_dump, json, lwp, read_any,
};
use cookiejar::jar::{CookieChange, ImportOptions};
use cookiejar::persist::engine::{Engine as _, SessionBatch};
use cookiejar::persist::{PersistOptions, PersistentCookieJar, PersistentCookieSessions};
use cookiejar::redirect::{Hop, Redirect, RedirectRules};
use cookiejar::sessions::GivenCookie;
use cookiejar::testing::{MemoryEngine, TestJar};
use cookiejar::{
    BrowserPolicy, Cookie, CookieJar, CookieSessions, MozillaCookieJar, RequestCookies,
    SharedCookieJar,
};

const MARKER: &str = "m4rk3rV4lue";

/// All that was shown, with the place.
#[derive(Default)]
struct Shown(Vec<(&'static str, String)>);

impl Shown {
    fn debug(&mut self, place: &'static str, value: &dyn Debug) {
        self.0.push((place, format!("{value:?} {value:#?}")));
    }

    fn text(&mut self, place: &'static str, value: &dyn Display) {
        self.0.push((place, value.to_string()));
    }

    fn both<T: Debug + Display>(&mut self, place: &'static str, value: &T) {
        self.debug(place, value);
        self.text(place, value);
    }

    fn error(&mut self, place: &'static str, error: &dyn std::error::Error) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.debug(place, &error);
            self.text(place, &error);
            next = error.source();
        }
    }

    /// The message of a panic.
    fn panic(&mut self, place: &'static str, work: impl FnOnce()) {
        let panic = catch_unwind(AssertUnwindSafe(work)).expect_err(place);
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        self.0.push((place, said.expect("a message")));
    }

    #[track_caller]
    fn assert_no_marker(&self) {
        let digits = format!("{:?}", MARKER.as_bytes());
        let digits = digits.trim_matches(['[', ']']);
        for (place, text) in &self.0 {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let found =
                line.contains(MARKER) || line.contains(digits) || line.contains(&digits[..20]);
            assert!(!found, "{place}: {line}");
            assert!(!text.is_empty(), "{place} shows nothing");
        }
    }
}

fn cookie() -> Cookie {
    built(
        Cookie::builder("sid", MARKER)
            .domain("acme.com")
            .max_age(time::Duration::DAY),
    )
}

fn field() -> String {
    format!("sid={MARKER}; Max-Age=60")
}

#[test]
fn jars_cookies_and_reports_show_no_value() {
    let mut shown = Shown::default();
    let acme = url("https://acme.com/");
    let cookie = cookie();
    shown.both("a cookie", &cookie);
    shown.debug("its id", &cookie.id());
    shown.debug(
        "a builder",
        &Cookie::builder("sid", MARKER).domain("acme.com"),
    );
    shown.debug("its builder", &cookie.to_builder());

    let mut jar = CookieJar::with_policy(policy());
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    jar.add_change_sink(Arc::new(move |change: &CookieChange<'_>| {
        sink.lock()
            .expect("a lock")
            .push(format!("{change:?} {change:#?}"));
    }));
    let pairs = [
        ("Set-Cookie", field()),
        ("Set-Cookie", format!("sid={MARKER}; Domain=com")),
        ("Set-Cookie", format!("={MARKER}")),
        ("Set-Cookie", format!("a\u{1}={MARKER}")),
        ("Set-Cookie", MARKER.to_owned()),
    ];
    let mut outcomes = Vec::new();
    jar.extract_cookies_with(&pairs[..4], &acme, |outcome| {
        outcomes.push(format!("{outcome:?}"));
    });
    for outcome in outcomes {
        shown.0.push(("an outcome", outcome));
    }
    let report = jar.extract_cookies(&pairs[..4], &acme);
    shown.both("a report", &report);
    for rejected in &report.rejected {
        shown.both("a rejection", rejected);
    }
    shown.debug("a jar", &jar);
    let import = jar.import([cookie.clone()], &ImportOptions::new().keep_present(true));
    shown.both("an import", &import);
    for explanation in jar.explain(request("http://acme.com/x")) {
        shown.both("an explanation", &explanation);
    }
    shown.debug("a header", &jar.cookie_header(&acme).expect("a header"));
    let mut http = http::Request::get("https://acme.com/")
        .body(())
        .expect("a request");
    jar.add_cookie_header(&mut http);
    shown.debug("a request of `http`", &http);
    shown.debug("an iterator", &jar.iter());
    for change in told.lock().expect("a lock").drain(..) {
        shown.0.push(("a change", change));
    }
    if let Err(error) = jar.remove(("acme.com", "/", MARKER)) {
        shown.both("not found", &error);
    }

    // To browsers, the last one is a value without a name.
    let shared = SharedCookieJar::with_policy(BrowserPolicy::new());
    let mut changes = shared.changes(NonZeroUsize::new(10).expect("not zero"));
    shared.extract_cookies(&pairs, &acme);
    shown.debug("a shared jar", &shared);
    shown.debug("a queue", &changes);
    shown.debug("what it has", &changes.try_next());
    shown.debug("options of a client", &CookieOptions::new().jar(shared));

    let sessions = CookieSessions::<&str>::with_policy(BrowserPolicy::new());
    sessions.process_response(&"anna", &pairs, &acme);
    shown.debug("sessions", &sessions);
    shown.debug("saved sessions", &sessions.snapshot());
    let given = GivenCookie::new("sid", MARKER).domain("acme.com");
    shown.debug("a given cookie", &given);
    shown.debug(
        "cookies of a request",
        &RequestCookies::new(&"anna")
            .cookie(given)
            .cookies([("b", MARKER)]),
    );

    let headers = vec![("Cookie".to_owned(), format!("sid={MARKER}").into_bytes())];
    let hop = Hop::new(acme.clone(), "GET", &headers);
    shown.debug("a hop", &hop);
    let redirect = Redirect::new(302, &[("Location", "/b")]).expect("a redirect");
    shown.debug("a redirect", &redirect);
    let mut next = headers.clone();
    shown.debug(
        "the next hop",
        &RedirectRules::new()
            .follow(&hop, redirect, &mut next)
            .expect("a hop"),
    );
    for text in [
        format!("a={MARKER};x"),
        format!(";{MARKER}"),
        format!("={MARKER}"),
    ] {
        if let Err(error) = Cookie::parse(&text, &acme) {
            shown.both("a rejected text", &error);
        }
    }
    shown.assert_no_marker();
}

#[test]
fn files_and_their_errors_show_no_value() {
    let mut shown = Shown::default();
    let line =
        |expiry: &str, value: &str| format!("acme.com\tFALSE\t/\tFALSE\t{expiry}\tsid\t{value}\n");
    let magic = "# Netscape HTTP Cookie File\n";
    let secret = |text: &str| text.replace("MARKER", MARKER);
    let texts = [
        format!("{magic}{}", line("soon", MARKER)),
        format!("{magic}{}", line("0", &format!("{MARKER};x"))),
        format!("{magic}acme.com\tTRUE\t{MARKER}\n"),
        format!("{magic}{MARKER}\n"),
        MARKER.to_owned(),
        secret("#LWP-Cookies-2.0\nSet-Cookie3: sid=MARKER; path=\"/\"; version=0\n"),
        secret(
            "#LWP-Cookies-2.0\nSet-Cookie3: sid=\"MARKER;x\"; path=\"/\"; domain=\"acme.com\"; version=MARKER\n",
        ),
        secret("#LWP-Cookies-2.0\nMARKER\n"),
        secret(r#"{"format":"cookiejar","version":1,"cookies":[{"name":"sid","value":"MARKER"}]}"#),
        secret(
            r#"{"format":"cookiejar","version":1,"cookies":[{"name":"sid","value":"MARKER","domain":5}]}"#,
        ),
        secret(r#"{"format":"cookiejar","version":1,"cookies":[{"name":"sid","value":"MARKER"#),
        secret(r#"{"format":"cookiejar","version":99,"cookies":["MARKER"]}"#),
        secret(
            r#"[{"name":"sid","value":"MARKER","domain":"acme.com","expirationDate":"MARKER"}]"#,
        ),
        secret(r#"[{"name":"sid","value":"MARKER",}]"#),
        secret(
            r#"[{"raw_cookie":"sid=MARKER; Path=/","path":["MARKER"],"domain":"MARKER","expires":"MARKER"}]"#,
        ),
        secret(r#"[{"key":"sid","value":"MARKER","expires":"MARKER","domain":"acme.com"}]"#),
        secret(
            r#"{"log":{"entries":[{"request":{"url":"MARKER","cookies":[{"name":"sid","value":"MARKER"}]},"response":{"headers":[{"name":"Set-Cookie","value":"sid=MARKER; Domain=com"}]}}]}}"#,
        ),
        secret("HTTP/2 200\r\nset-cookie: sid=MARKER; Domain=com\r\nMARKER\r\n\r\n"),
        secret("HTTP/2 200\r\nset-cookie: sid=MARKER\r\n"),
    ];
    for text in &texts {
        for options in [
            ReadOptions::new(),
            ReadOptions::new().strict(true),
            ReadOptions::new().max_line(20),
        ] {
            let options = options.ignore_discard(true);
            let readings = [
                cookies_txt::read(text.as_bytes(), &options),
                lwp::read(text.as_bytes(), &options),
                json::read(text.as_bytes(), &options),
                har::read(text.as_bytes(), &options),
                header_dump::read(text.as_bytes(), &options),
                read_any(text.as_bytes(), &options),
            ];
            for reading in readings {
                match reading {
                    Ok(reading) => {
                        shown.debug("a reading", &reading);
                        shown.both("a report", &reading.report);
                    }
                    Err(error) => shown.error("an error of reading", &error),
                }
            }
        }
    }

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies.txt");
    let jar = MozillaCookieJar::new(&path);
    jar.jar().set_cookie(cookie());
    let value = format!("{MARKER}\tx");
    let tab = built(Cookie::builder("tab", &value).domain("acme.com"));
    jar.jar().set_cookie(tab);
    shown.debug("a jar with a file", &jar);
    let saved = jar
        .save_with(WriteOptions::new().ignore_discard(true))
        .expect("it is saved");
    shown.both("what was saved", &saved);
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(line("soon", MARKER).as_bytes()))
        .expect("a line more");
    shown.both("what was loaded", &jar.load().expect("it is loaded"));
    shown.both("what was synced", &jar.sync().expect("it is synced"));
    std::fs::write(&path, format!("{magic}{}", line("soon", MARKER))).expect("a file");
    let strict = LoadOptions::new().read(ReadOptions::new().strict(true));
    shown.error(
        "an error of loading",
        &jar.load_with(strict).expect_err("an error"),
    );
    let nowhere = MozillaCookieJar::new(folder.path().join("no/such/folder"));
    nowhere.jar().set_cookie(cookie());
    shown.error("an error of saving", &nowhere.save().expect_err("an error"));
    shown.assert_no_marker();
}

#[test]
fn databases_show_no_value() {
    let mut shown = Shown::default();
    let told = Arc::new(Mutex::new(Vec::new()));
    let errors = Arc::clone(&told);
    let engine = MemoryEngine::new();
    let options = || {
        let errors = Arc::clone(&errors);
        PersistOptions::new().on_error(move |error| {
            errors
                .lock()
                .expect("a lock")
                .push(format!("{error} {error:?}"));
        })
    };
    let acme = url("https://acme.com/");
    let persistent = PersistentCookieJar::with(engine.clone(), options().session_cookies(true))
        .expect("it opens");
    persistent
        .jar()
        .extract_cookies(&[("Set-Cookie", field())], &acme);
    persistent.flush().wait().expect("it is written");
    shown.debug("a persistent jar", &persistent);
    shown.debug("its status", &persistent.status());
    shown.debug("options", &options());
    let sessions =
        PersistentCookieSessions::<String>::open(engine.clone(), options()).expect("it opens");
    let anna = "anna".to_owned();
    sessions
        .process_response(&anna, &[("Set-Cookie", field())], &acme)
        .expect("it is stored");
    sessions.flush().wait().expect("it is written");
    shown.debug("sessions", &sessions);
    for session in sessions.snapshot() {
        shown.debug("a session", &session.expect("a session"));
    }
    let mut database = engine.connect("default").expect("it connects");
    let loaded = database.load(&["=anna"]).expect("loading").value;
    shown.debug("what an engine has", &loaded);
    let mut entries = loaded
        .sessions
        .into_iter()
        .flatten()
        .flat_map(|session| session.entries)
        .collect::<Vec<_>>();
    shown.debug("entries", &entries);
    for entry in &mut entries {
        entry.stamp = cookiejar::persist::engine::Stamp::new(entry.stamp.get() + 1);
        let record = entry.record.as_mut().expect("a record");
        record.bytes = format!(r#"{{"value":"{MARKER}","secure":"{MARKER}"}}"#)
            .into_bytes()
            .into();
    }
    let batch = [SessionBatch {
        session: "=anna",
        entries: &entries,
        ..SessionBatch::default()
    }];
    shown.debug("a batch", &batch);
    database.apply(&batch).expect("it is stored");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while sessions.status().skipped == 0 {
        assert!(std::time::Instant::now() < end, "it is read");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    shown.debug("a status with an error", &sessions.status());
    shown.error(
        "the error",
        &sessions.status().last_error.expect("an error"),
    );
    engine.set_down(true);
    shown.debug("an engine", &engine);
    for error in told.lock().expect("a lock").drain(..) {
        shown.0.push(("a reported error", error));
    }
    shown.assert_no_marker();
}

#[test]
fn assertions_that_fail_show_no_value_but_the_one_they_are_about() {
    let mut shown = Shown::default();
    let mut jar = TestJar::with_policy("https://acme.com", BrowserPolicy::new()).at(NOW);
    let response = [
        ("Set-Cookie", field()),
        ("Set-Cookie", format!("ad={MARKER}; Domain=com")),
    ];
    jar.extract_cookies(&response, "/");
    shown.debug("a test jar", &jar);
    shown.panic("expect", || _ = jar.expect("none").on("/"));
    shown.panic("expect_none", || drop(jar.expect_none("sid").on("/")));
    shown.panic("expect_rejected", || drop(jar.expect_rejected("sid")));
    shown.panic("because", || {
        jar.expect_rejected("ad")
            .because(cookiejar::Rejection::Expired);
    });
    shown.panic("secure", || _ = jar.expect("sid").on("/").secure());
    shown.panic("path", || _ = jar.expect("sid").on("/").path("/x"));
    shown.assert_no_marker();
}

/// The errors of `serde_json` quote what they found.
#[cfg(feature = "serde")]
#[test]
fn errors_of_serde_show_no_value() {
    let rest = r#""domain":"acme.com","host_only":true,"path":"/""#;
    let records = [
        format!(r#"{{"name":"sid","value":8675309424242,{rest}}}"#),
        format!(r#"{{"name":"sid","value":{{"latin1":8675309424242}},{rest}}}"#),
        format!(r#"{{"name":"sid","value":"x",{rest},"secure":"8675309424242"}}"#),
        format!(r#"{{"name":"sid","value":"x",{rest},"attributes":["8675309424242"]}}"#),
        r#"{"name":"sid","value":"x","domain":"acme.com","host_only":"8675309424242","path":"/"}"#
            .to_owned(),
        r#""sid=8675309424242""#.to_owned(),
    ];
    let mut leaks = Vec::new();
    for record in records {
        let error = serde_json::from_str::<cookiejar::Cookie>(&record).expect_err("not a cookie");
        if format!("{error} {error:?}").contains("8675309424242") {
            leaks.push(error.to_string());
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}
