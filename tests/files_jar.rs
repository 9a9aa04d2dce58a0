//! The jar with a filename: load, revert and save, and what they leave alone.
#![cfg(feature = "psl")]

use std::fs;
use std::io;
use std::path::PathBuf;

use cookiejar::file::{
    CookieFormat, LoadError, LoadErrorKind, LoadOptions, MissingFilename, ReadOptions, SaveError,
    SaveOptions, WriteOptions,
};
use cookiejar::{
    BrowserPolicy, Cookie, CookieJar, FileCookieJar, LwpCookieJar, MozillaCookieJar, Rejection,
};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

const NOW: OffsetDateTime = datetime!(2026-11-21 8:00 UTC);

const FILE: &str = "# Netscape HTTP Cookie File\n\
    acme.com\tFALSE\t/\tFALSE\t1893456000\ta\tloaded\n\
    acme.com\tFALSE\t/\tFALSE\t1\texpired\t1\n\
    acme.com\tFALSE\t/\tFALSE\t0\tsession\t1\n";

struct Fixture {
    _folder: tempfile::TempDir,
    path: PathBuf,
    cookies: MozillaCookieJar,
}

/// A jar that has a cookie `a`, and a file.
fn fixture(file: &str) -> Fixture {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies.txt");
    fs::write(&path, file).expect("a file");
    let mut cookies = MozillaCookieJar::new(&path);
    cookies.jar_mut().set_clock(|| NOW);
    cookies
        .jar_mut()
        .set_cookie(cookie("a", "present", "acme.com"));
    Fixture {
        _folder: folder,
        path,
        cookies,
    }
}

fn cookie(name: &str, value: &str, domain: &str) -> Cookie {
    let cookie = Cookie::builder(name, value).domain(domain);
    cookie
        .expires(datetime!(2030-01-01 0:00 UTC))
        .build()
        .expect("a cookie")
}

fn pairs<F, P>(cookies: &FileCookieJar<F, P>) -> Vec<String> {
    let pair = |cookie: &Cookie| format!("{}={}", cookie.name(), cookie.value().unwrap_or("?"));
    cookies.jar().iter().map(pair).collect()
}

#[test]
fn nothing_is_read_before_load() {
    let fixture = fixture(FILE);
    assert_eq!(pairs(&fixture.cookies), ["a=present"]);
    assert_eq!(fixture.cookies.filename(), Some(&*fixture.path));
}

#[test]
fn a_loaded_cookie_replaces_its_namesake_or_yields_to_it() {
    let Fixture {
        mut cookies,
        _folder,
        ..
    } = fixture(FILE);
    let loaded = cookies.load().expect("loaded");
    assert_eq!(pairs(&cookies), ["a=loaded"]);
    assert_eq!((loaded.account.replaced, loaded.yielded), (1, 0));
    assert_eq!((loaded.report.expired, loaded.report.session), (1, 1));

    let Fixture {
        mut cookies,
        _folder,
        ..
    } = fixture(FILE);
    let options = ReadOptions::new().ignore_discard(true).ignore_expires(true);
    let loaded = cookies
        .load_with(LoadOptions::from(options).keep_present(true))
        .expect("loaded");
    assert_eq!(pairs(&cookies), ["a=present", "expired=1", "session=1"]);
    assert_eq!((loaded.account.stored, loaded.yielded), (2, 1));
}

#[test]
fn an_expired_cookie_that_is_loaded_deletes_nothing_and_is_not_sent() {
    let Fixture {
        mut cookies,
        _folder,
        ..
    } = fixture("acme.com\tFALSE\t/\tFALSE\t1\ta\texpired\n");
    cookies.jar_mut().set_cookie(cookie("b", "1", "acme.com"));
    cookies
        .load_with(ReadOptions::new().ignore_expires(true))
        .expect("loaded");
    assert_eq!(pairs(&cookies), ["a=expired", "b=1"]);
    let header = cookies
        .jar()
        .cookie_header(&Url::parse("http://acme.com/").expect("a URL"));
    assert_eq!(header.expect("a header"), "b=1");
    let created = cookies.jar().iter().next().and_then(Cookie::creation_time);
    assert_eq!(created, Some(NOW));
}

#[test]
fn revert_replaces_all_and_on_failure_nothing() {
    let Fixture {
        mut cookies,
        path,
        _folder,
    } = fixture(FILE);
    cookies.jar_mut().set_cookie(cookie("b", "1", "acme.com"));
    cookies.revert().expect("reverted");
    assert_eq!(pairs(&cookies), ["a=loaded"]);

    cookies.jar_mut().set_cookie(cookie("b", "1", "acme.com"));
    fs::write(&path, format!("{FILE}oops\n")).expect("written");
    let strict = ReadOptions::new().strict(true);
    for result in [
        cookies.revert_with(strict.clone()),
        cookies.load_with(strict),
    ] {
        let error = result.expect_err("a bad line");
        assert!(matches!(error.kind(), LoadErrorKind::Line(_)));
        assert_eq!((error.file(), error.line()), (Some(&*path), Some(5)));
    }
    fs::remove_file(&path).expect("removed");
    let error = io::Error::from(cookies.revert().expect_err("no file"));
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert_eq!(pairs(&cookies), ["a=loaded", "b=1"]);
}

#[test]
fn the_policy_is_asked_by_choice() {
    let file = "# HTTP Cookie File\n\
        .acme.com\tTRUE\t/\tFALSE\t0\tfine\t1\n\
        .acme.com\tTRUE\t/deep\tTRUE\t0\tdeep\t1\n\
        localhost\tFALSE\t/\tFALSE\t0\tlocal\t1\n\
        .localhost\tTRUE\t/\tFALSE\t0\tbelow\t1\n\
        .local\tTRUE\t/\tFALSE\t0\tdotlocal\t1\n\
        127.0.0.1\tFALSE\t/\tFALSE\t0\tip\t1\n\
        .127.0.0.1\tTRUE\t/\tFALSE\t0\tip2\t1\n\
        [::1]\tFALSE\t/\tFALSE\t0\tip6\t1\n\
        com\tFALSE\t/\tFALSE\t0\town\t1\n\
        acme.com:8000\tFALSE\t/\tFALSE\t0\tport\t1\n\
        .com\tTRUE\t/\tFALSE\t0\tsuffix1\t1\n\
        .co.uk\tTRUE\t/\tFALSE\t0\tsuffix2\t1\n\
        acme.com\tFALSE\t/\tFALSE\t0\tcontrol\t\x01\n";
    let Fixture {
        mut cookies,
        _folder,
        ..
    } = fixture(file);
    let read = ReadOptions::new().ignore_discard(true);
    let loaded = cookies.load_with(read.clone()).expect("loaded");
    assert_eq!(
        (loaded.account.stored, loaded.account.refused.len()),
        (13, 0)
    );

    let options = LoadOptions::from(read).ask_policy(true);
    let loaded = cookies.revert_with(options).expect("reverted");
    let refused: Vec<_> = loaded
        .account
        .refused
        .iter()
        .map(|r| (r.name(), r.reason))
        .collect();
    assert_eq!(
        refused,
        [
            ("suffix1", Rejection::PublicSuffix),
            ("suffix2", Rejection::PublicSuffix),
            ("control", Rejection::ControlCharacter)
        ]
    );
    assert_eq!(cookies.jar().len(), 10);
    // What is nobody's to share has become host-only; hosts without dots share `.local`.
    for (domain, name) in [
        ("localhost", "below"),
        ("127.0.0.1", "ip2"),
        (".local", "dotlocal"),
    ] {
        assert!(cookies.jar().get(domain, "/", name).is_some(), "{name}");
    }
}

/// The policy is asked as if the page of the partition had asked for the cookie's host.
#[cfg(feature = "json")]
#[test]
fn a_partitioned_cookie_is_judged_in_its_partition() {
    use cookiejar::{BrowserPolicy, CookieJar, JsonCookieJar, Provenance, RequestContext};

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.json");
    let cookie =
        |rest: &str| format!(r#"{{"name":"a","value":"1","domain":"chat.example",{rest}}}"#);
    let key = |site: &str| format!(r#""partitionKey":"https://{site}.example""#);
    let state = format!(
        r#"{{"cookies":[{},{},{}]}}"#,
        cookie(&format!(r#""secure":true,{}"#, key("shop"))),
        cookie(&format!(r#""secure":true,{}"#, key("blog"))),
        cookie(&key("insecure")),
    );
    fs::write(&path, state).expect("written");
    let mut cookies = JsonCookieJar::with_jar(CookieJar::with_policy(BrowserPolicy::new()));
    let options = LoadOptions::from(ReadOptions::new().ignore_discard(true));
    let loaded = cookies
        .load_with(options.filename(&path).ask_policy(true))
        .expect("loaded");
    let refused = loaded.account.refused.iter().map(|refused| refused.reason);
    assert_eq!(
        refused.collect::<Vec<_>>(),
        [Rejection::PartitionedInsecure]
    );
    let chat = Url::parse("https://chat.example/").expect("a URL");
    let sent = |context: RequestContext<'_>| cookies.jar().cookie_header(context).is_some();
    assert!(!sent(RequestContext::from(&chat)));
    for (site, is_sent) in [("shop", true), ("blog", true), ("insecure", false)] {
        let key = format!("https://{site}.example");
        assert_eq!(
            sent(RequestContext::from(&chat).caused_by(Provenance::new().partition_key(&key))),
            is_sent,
            "{site}"
        );
    }
}

#[test]
fn limits_bind_by_choice() {
    let line = |number| format!("acme.com\tFALSE\t/\tFALSE\t0\tn{number}\t1\n");
    let lines = (0..200).map(line).collect::<Vec<_>>().concat();
    let long = format!(
        "acme.com\tFALSE\t/\tFALSE\t0\tlong\t{}\n",
        "x".repeat(9_000)
    );
    let Fixture {
        mut cookies,
        _folder,
        ..
    } = fixture(&format!("{lines}{long}"));
    let read = ReadOptions::new().ignore_discard(true);
    cookies.revert_with(read.clone()).expect("reverted");
    assert_eq!(cookies.jar().len(), 201);
    let loaded = cookies
        .revert_with(LoadOptions::from(read).limited(true))
        .expect("reverted");
    assert_eq!(loaded.account.refused[0].reason, Rejection::PairTooLong);
    assert!(cookies.jar().len() <= 180 && loaded.account.evicted > 0);
}

#[test]
fn a_filename_is_needed_once() {
    let Fixture {
        path,
        mut cookies,
        _folder,
    } = fixture(FILE);
    cookies.set_filename(None);
    let kind = |error: LoadError| {
        matches!(
            error.kind(),
            LoadErrorKind::MissingFilename(MissingFilename { .. })
        )
    };
    assert!(cookies.load().is_err_and(kind));
    assert!(cookies.revert().is_err_and(kind));
    assert!(matches!(cookies.save(), Err(SaveError::MissingFilename(_))));
    cookies
        .load_with(LoadOptions::new().filename(&path))
        .expect("loaded");
    let other = path.with_extension("lwp");
    let mut lwp = LwpCookieJar::with_jar(cookies.into_jar());
    lwp.save_with(SaveOptions::new().filename(&other))
        .expect("saved");
    lwp.set_filename(Some(other));
    lwp.revert().expect("reverted");
    assert_eq!(pairs(&lwp), ["a=loaded"]);
}

#[test]
fn save_leaves_out_what_python_leaves_out() {
    let Fixture {
        path,
        mut cookies,
        _folder,
    } = fixture(FILE);
    let everything = ReadOptions::new().ignore_discard(true).ignore_expires(true);
    cookies.load_with(everything).expect("loaded");
    let report = cookies.save().expect("saved").report;
    assert_eq!((report.written, report.session, report.expired), (1, 1, 1));
    let options = WriteOptions::new()
        .ignore_discard(true)
        .ignore_expires(true);
    let saved = cookies.save_with(options).expect("saved");
    assert_eq!((saved.report.written, saved.durable), (3, true));
    assert_eq!(
        fs::read_to_string(path).expect("the file").lines().count(),
        6
    );
}

#[cfg(feature = "json")]
#[test]
fn json_keeps_creation_and_last_access_through_a_jar() {
    use cookiejar::{CookieJar, JsonCookieJar};

    let folder = tempfile::tempdir().expect("a folder");
    let clock = cookiejar::ManualClock::new(NOW);
    let url = Url::parse("http://www.acme.com/").expect("a URL");
    let mut jar = CookieJar::new();
    jar.set_clock(clock.clone());
    // Three in one second: their order is the order of their creation.
    jar.extract_cookies(
        &[
            ("Set-Cookie", "b=1"),
            ("Set-Cookie", "a=2"),
            ("Set-Cookie", "c=\"3\"; SameSite=Lax"),
        ],
        &url,
    );
    clock.advance(time::Duration::seconds(5));
    let before = jar.cookie_header(&url);
    let mut saved = JsonCookieJar::with_jar(jar);
    saved.set_filename(Some(folder.path().join("jar.json")));
    saved
        .save_with(WriteOptions::new().ignore_discard(true))
        .expect("saved");

    clock.advance(time::Duration::hours(1));
    let mut loaded = saved.clone();
    loaded
        .revert_with(ReadOptions::new().ignore_discard(true))
        .expect("reverted");
    let stamps = |cookies: &JsonCookieJar| -> Vec<_> {
        let stamp = |cookie: &Cookie| (cookie.clone(), cookie.last_access_time());
        cookies.jar().iter().map(stamp).collect()
    };
    assert_eq!(stamps(&loaded), stamps(&saved));
    assert_eq!(loaded.jar().cookie_header(&url), before);
}

/// The cookies of a jar, in the order of creation.
fn stored<F, P>(cookies: &FileCookieJar<F, P>) -> Vec<String> {
    let shown = |cookie: &Cookie| {
        let value = cookie.value().unwrap_or("?");
        format!("{} {}={value}", cookie.domain(), cookie.name())
    };
    cookies.jar().iter().map(shown).collect()
}

#[test]
fn a_loaded_effective_name_takes_the_place_of_the_host_without_dots() {
    const BOTH: &str = "# HTTP Cookie File\n\
        localhost.local\tFALSE\t/\tFALSE\t0\ta\tloaded\n\
        localhost.local\tFALSE\t/x\tFALSE\t0\tb\tdeep\n\
        localhost\tFALSE\t/\tFALSE\t0\tc\town\n\
        localhost.local\tFALSE\t/\tFALSE\t0\tc\teffective\n";
    let present = |cookies: &mut MozillaCookieJar| {
        for name in ["a", "b"] {
            cookies
                .jar_mut()
                .set_cookie(cookie(name, "present", "localhost"));
        }
    };
    let read = ReadOptions::new().ignore_discard(true);
    let mut fixture = fixture(BOTH);
    present(&mut fixture.cookies);
    let loaded = fixture.cookies.load_with(read.clone()).expect("loaded");
    assert_eq!(loaded.yielded, 0);
    let expected = [
        "acme.com a=present",
        "localhost.local a=loaded", // in its place
        "localhost b=present",      // another path
        "localhost.local b=deep",
        "localhost c=own", // the file has both
        "localhost.local c=effective",
    ];
    assert_eq!(stored(&fixture.cookies), expected);

    let options = LoadOptions::from(read).keep_present(true);
    fixture.cookies.jar_mut().clear();
    present(&mut fixture.cookies);
    let loaded = fixture.cookies.load_with(options).expect("loaded");
    assert_eq!(loaded.yielded, 1);
    assert_eq!(stored(&fixture.cookies)[0], "localhost a=present");
}

#[test]
fn browsers_have_no_effective_names_in_files_either() {
    let file = "# HTTP Cookie File\nlocalhost.local\tFALSE\t/\tFALSE\t0\ta\tloaded\n";
    let Fixture { path, _folder, .. } = fixture(file);
    let mut jar = CookieJar::with_policy(BrowserPolicy::new());
    jar.set_cookie(cookie("a", "present", "localhost"));
    let mut cookies = MozillaCookieJar::with_jar(jar);
    let read = ReadOptions::new().ignore_discard(true);
    cookies
        .load_with(LoadOptions::from(read).filename(path))
        .expect("loaded");
    assert_eq!(
        stored(&cookies),
        ["localhost a=present", "localhost.local a=loaded"]
    );
}

#[test]
fn saving_in_python_s_form_and_loading_doubles_nothing() {
    fn trip<F: CookieFormat>(mut cookies: FileCookieJar<F>) {
        let localhost = Url::parse("http://localhost/").expect("a URL");
        let jar = cookies.jar_mut();
        let fields = ["a=1; Max-Age=99", "b=2; Path=/x; Max-Age=99"];
        jar.extract_cookies(&fields.map(|field| ("Set-Cookie", field)), &localhost);
        for round in 1..4 {
            let options = SaveOptions::from(WriteOptions::new().python_form(true));
            cookies.save_with(options).expect("saved");
            cookies
                .load_with(ReadOptions::new().python_form(true))
                .expect("loaded");
            assert_eq!(cookies.jar().len(), 2, "round {round}");
            let header = cookies.jar().cookie_header(&localhost);
            assert_eq!(header.expect("a cookie"), *format!("a={round}"));
            let next = format!("a={}; Max-Age=99", round + 1);
            cookies
                .jar_mut()
                .extract_cookies(&[("Set-Cookie", next)], &localhost);
            assert_eq!(cookies.jar().len(), 2, "round {round}, set again");
        }
        cookies
            .jar_mut()
            .extract_cookies(&[("Set-Cookie", "a=; Max-Age=0")], &localhost);
        assert_eq!(cookies.jar().cookie_header(&localhost), None);
    }
    let folder = tempfile::tempdir().expect("a folder");
    trip(MozillaCookieJar::new(folder.path().join("cookies.txt")));
    trip(LwpCookieJar::new(folder.path().join("cookies.lwp")));
}
