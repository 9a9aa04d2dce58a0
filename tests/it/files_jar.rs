//! The jar with a filename: load, revert and save, and what they leave unchanged.
#![cfg(feature = "psl")]

use std::fs;
use std::io;
use std::path::PathBuf;

use cookiejar::file::FileCookieJar;
use cookiejar::file::{
    CookieFormat, LoadError, LoadErrorKind, LoadOptions, MissingFilename, ReadOptions, SaveError,
    SaveOptions, SaveStep, Unwritable, WriteOptions,
};
use cookiejar::{
    BrowserPolicy, Cookie, CookieJar, LwpCookieJar, MozillaCookieJar, Rejection, SharedCookieJar,
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
    let cookies = MozillaCookieJar::new(&path);
    cookies.jar().set_clock(|| NOW);
    cookies.jar().set_cookie(cookie("a", "present", "acme.com"));
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

fn pairs<F>(cookies: &FileCookieJar<F>) -> Vec<String> {
    let pair = |cookie: &Cookie| format!("{}={}", cookie.name(), cookie.value().unwrap_or("?"));
    cookies.jar().snapshot().iter().map(pair).collect()
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
        cookies, _folder, ..
    } = fixture(FILE);
    let loaded = cookies.load().expect("loaded");
    assert_eq!(pairs(&cookies), ["a=loaded"]);
    assert_eq!((loaded.import.replaced, loaded.import.yielded), (1, 0));
    assert_eq!((loaded.report.expired, loaded.report.session), (1, 1));

    let Fixture {
        cookies, _folder, ..
    } = fixture(FILE);
    let options = ReadOptions::new().ignore_discard(true).ignore_expires(true);
    let loaded = cookies
        .load_with(LoadOptions::from(options).keep_present(true))
        .expect("loaded");
    assert_eq!(pairs(&cookies), ["a=present", "expired=1", "session=1"]);
    assert_eq!((loaded.import.stored, loaded.import.yielded), (2, 1));
}

#[test]
fn an_expired_cookie_that_is_loaded_deletes_nothing_and_is_not_sent() {
    let Fixture {
        cookies, _folder, ..
    } = fixture("acme.com\tFALSE\t/\tFALSE\t1\ta\texpired\n");
    cookies.jar().set_cookie(cookie("b", "1", "acme.com"));
    cookies
        .load_with(ReadOptions::new().ignore_expires(true))
        .expect("loaded");
    assert_eq!(pairs(&cookies), ["a=expired", "b=1"]);
    let header = cookies
        .jar()
        .cookie_header(&Url::parse("http://acme.com/").expect("a URL"));
    assert_eq!(header.expect("a header"), "b=1");
    let created = cookies
        .jar()
        .snapshot()
        .first()
        .and_then(Cookie::creation_time);
    assert_eq!(created, Some(NOW));
}

#[test]
fn revert_replaces_all_and_on_failure_nothing() {
    let Fixture {
        cookies,
        path,
        _folder,
    } = fixture(FILE);
    cookies.jar().set_cookie(cookie("b", "1", "acme.com"));
    cookies.revert().expect("reverted");
    assert_eq!(pairs(&cookies), ["a=loaded"]);

    cookies.jar().set_cookie(cookie("b", "1", "acme.com"));
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
        cookies, _folder, ..
    } = fixture(file);
    let read = ReadOptions::new().ignore_discard(true);
    let loaded = cookies.load_with(read.clone()).expect("loaded");
    assert_eq!(
        (loaded.import.stored, loaded.import.rejected.len()),
        (13, 0)
    );

    let options = LoadOptions::from(read).ask_policy(true);
    let loaded = cookies.revert_with(options).expect("reverted");
    let rejected: Vec<_> = loaded
        .import
        .rejected
        .iter()
        .map(|r| (r.name(), r.reason))
        .collect();
    assert_eq!(
        rejected,
        [
            ("suffix1", Rejection::PublicSuffix),
            ("suffix2", Rejection::PublicSuffix),
            ("control", Rejection::ControlCharacter)
        ]
    );
    assert_eq!(cookies.jar().len(), 10);
    // A domain that cannot be shared has become host-only; hosts without dots share `.local`.
    for (domain, name) in [
        ("localhost", "below"),
        ("127.0.0.1", "ip2"),
        (".local", "dotlocal"),
    ] {
        assert!(cookies.jar().get((domain, "/", name)).is_some(), "{name}");
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
    let cookies = JsonCookieJar::with_jar(CookieJar::with_policy(BrowserPolicy::new()));
    let options = LoadOptions::from(ReadOptions::new().ignore_discard(true));
    let loaded = cookies
        .load_with(options.filename(&path).ask_policy(true))
        .expect("loaded");
    let rejected = loaded
        .import
        .rejected
        .iter()
        .map(|rejected| rejected.reason);
    assert_eq!(
        rejected.collect::<Vec<_>>(),
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
        cookies, _folder, ..
    } = fixture(&format!("{lines}{long}"));
    let read = ReadOptions::new().ignore_discard(true);
    cookies.revert_with(read.clone()).expect("reverted");
    assert_eq!(cookies.jar().len(), 201);
    let loaded = cookies
        .revert_with(LoadOptions::from(read).limited(true))
        .expect("reverted");
    assert_eq!(loaded.import.rejected[0].reason, Rejection::PairTooLong);
    assert!(cookies.jar().len() <= 180 && loaded.import.evicted > 0);
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
    let mut lwp = LwpCookieJar::with_jar(cookies.jar());
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
        cookies,
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
    let clock = cookiejar::jar::ManualClock::new(NOW);
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
    // A separate jar, with the same clock.
    let mut loaded = JsonCookieJar::with_jar(saved.jar().fork());
    loaded.set_filename(saved.filename().map(Into::into));
    loaded
        .revert_with(ReadOptions::new().ignore_discard(true))
        .expect("reverted");
    let stamps = |cookies: &JsonCookieJar| -> Vec<_> {
        let stamp = |cookie: &Cookie| (cookie.clone(), cookie.last_access_time());
        cookies.jar().snapshot().iter().map(stamp).collect()
    };
    assert_eq!(stamps(&loaded), stamps(&saved));
    assert_eq!(loaded.jar().cookie_header(&url), before);
}

/// The cookies of a jar, in the order of creation.
fn stored<F>(cookies: &FileCookieJar<F>) -> Vec<String> {
    let shown = |cookie: &Cookie| {
        let value = cookie.value().unwrap_or("?");
        format!("{} {}={value}", cookie.domain(), cookie.name())
    };
    cookies.jar().snapshot().iter().map(shown).collect()
}

#[test]
fn a_loaded_effective_name_takes_the_place_of_the_host_without_dots() {
    const BOTH: &str = "# HTTP Cookie File\n\
        localhost.local\tFALSE\t/\tFALSE\t0\ta\tloaded\n\
        localhost.local\tFALSE\t/x\tFALSE\t0\tb\tdeep\n\
        localhost\tFALSE\t/\tFALSE\t0\tc\town\n\
        localhost.local\tFALSE\t/\tFALSE\t0\tc\teffective\n";
    let present = |cookies: &MozillaCookieJar| {
        for name in ["a", "b"] {
            cookies
                .jar()
                .set_cookie(cookie(name, "present", "localhost"));
        }
    };
    let read = ReadOptions::new().ignore_discard(true);
    let fixture = fixture(BOTH);
    present(&fixture.cookies);
    let loaded = fixture.cookies.load_with(read.clone()).expect("loaded");
    assert_eq!(loaded.import.yielded, 0);
    let expected = [
        "acme.com a=present",
        "localhost.local a=loaded", // replaced
        "localhost b=present",      // another path
        "localhost.local b=deep",
        "localhost c=own", // the file has both
        "localhost.local c=effective",
    ];
    assert_eq!(stored(&fixture.cookies), expected);

    let options = LoadOptions::from(read).keep_present(true);
    fixture.cookies.jar().clear();
    present(&fixture.cookies);
    let loaded = fixture.cookies.load_with(options).expect("loaded");
    assert_eq!(loaded.import.yielded, 1);
    assert_eq!(stored(&fixture.cookies)[0], "localhost a=present");
}

#[test]
fn browsers_have_no_effective_names_in_files_either() {
    let file = "# HTTP Cookie File\nlocalhost.local\tFALSE\t/\tFALSE\t0\ta\tloaded\n";
    let Fixture { path, _folder, .. } = fixture(file);
    let mut jar = CookieJar::with_policy(BrowserPolicy::new());
    jar.set_cookie(cookie("a", "present", "localhost"));
    let cookies = MozillaCookieJar::with_jar(jar);
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
    fn trip<F: CookieFormat>(cookies: &FileCookieJar<F>) {
        let localhost = Url::parse("http://localhost/").expect("a URL");
        let jar = cookies.jar();
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
                .jar()
                .extract_cookies(&[("Set-Cookie", next)], &localhost);
            assert_eq!(cookies.jar().len(), 2, "round {round}, set again");
        }
        cookies
            .jar()
            .extract_cookies(&[("Set-Cookie", "a=; Max-Age=0")], &localhost);
        assert_eq!(cookies.jar().cookie_header(&localhost), None);
    }
    let folder = tempfile::tempdir().expect("a folder");
    trip(&MozillaCookieJar::new(folder.path().join("cookies.txt")));
    trip(&LwpCookieJar::new(folder.path().join("cookies.lwp")));
}

/// Under a policy without effective names the jar has both names after loading; the file has the host's own cookie.
#[test]
fn a_file_in_python_s_form_has_the_cookie_of_a_host_without_dots_once() {
    fn trip<F: CookieFormat>(cookies: &FileCookieJar<F>) {
        let localhost = Url::parse("http://localhost/").expect("a URL");
        let python_form = || SaveOptions::from(WriteOptions::new().python_form(true));
        for round in 1..4 {
            let field = format!("sid={round}; Max-Age=999");
            let jar = cookies.jar();
            jar.extract_cookies(&[("Set-Cookie", field)], &localhost);
            let saved = cookies.save_with(python_form()).expect("saved");
            assert_eq!(saved.report.written, 1, "round {round}");
            let skipped: Vec<_> = saved
                .report
                .skipped
                .iter()
                .map(|left| left.reason)
                .collect();
            let expected = [Unwritable::DotlessHost];
            assert_eq!(skipped, expected[..usize::from(round > 1)], "round {round}");
            cookies.load().expect("loaded");
            let header = cookies.jar().cookie_header(&localhost).expect("a cookie");
            assert_eq!(header, *format!("sid={round}"));
            assert_eq!(cookies.jar().len(), 2);
        }
        // Without the host's own cookie, the other one is written.
        cookies
            .jar()
            .remove(("localhost", "/", "sid"))
            .expect("it is there");
        let saved = cookies.save_with(python_form()).expect("saved");
        assert_eq!((saved.report.written, saved.report.skipped.len()), (1, 0));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let jar = || SharedCookieJar::with_policy(BrowserPolicy::new());
    let mut cookies = MozillaCookieJar::with_jar(jar());
    cookies.set_filename(Some(folder.path().join("cookies.txt")));
    trip(&cookies);
    let mut cookies = LwpCookieJar::with_jar(jar());
    cookies.set_filename(Some(folder.path().join("cookies.lwp")));
    trip(&cookies);
}

#[test]
fn open_loads_the_file_if_it_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies.txt");
    let cookies = MozillaCookieJar::open(&path).expect("a jar");
    assert_eq!((cookies.loaded(), cookies.jar().len()), (None, 0));
    assert!(!path.exists());

    fs::write(&path, FILE).expect("a file");
    let cookies = MozillaCookieJar::open(&path).expect("a jar");
    let loaded = cookies.loaded().expect("a report");
    assert_eq!((loaded.import.stored, loaded.report.session), (1, 1));
    assert_eq!(
        (cookies.filename(), pairs(&cookies)),
        (Some(&*path), vec!["a=loaded".to_owned()])
    );

    fs::write(&path, "<html>\n").expect("a file");
    let error = MozillaCookieJar::open(&path).expect_err("no cookies");
    assert!(matches!(error.kind(), LoadErrorKind::NotThisFormat));
    // A folder does not count as a missing file.
    assert!(MozillaCookieJar::open(folder.path()).is_err());
}

#[test]
fn the_jar_of_a_file_is_a_handle() {
    let Fixture {
        cookies,
        _folder,
        path,
    } = fixture(FILE);
    let jar = cookies.jar();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (jar, cookies) = (jar.clone(), &cookies);
            scope.spawn(move || {
                for number in 0..20 {
                    jar.set_cookie(cookie(&format!("t{thread}n{number}"), "1", "acme.com"));
                    cookies.save().expect("saved");
                }
            });
        }
    });
    drop(cookies);
    assert_eq!(jar.len(), 81);
    let reopened = MozillaCookieJar::open(&path).expect("a jar");
    let written = reopened.jar().len();
    assert!((21..=81).contains(&written), "{written}"); // at least all saves of one thread
}

#[test]
fn nobody_sees_a_jar_that_is_half_reverted() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let Fixture {
        cookies,
        _folder,
        path,
    } = fixture(FILE);
    let line = |number| format!("h{number}.example\tFALSE\t/\tFALSE\t1893456000\ta\t1\n");
    fs::write(&path, (0..200).map(line).collect::<String>()).expect("a file");
    cookies.revert().expect("reverted");
    let (jar, done) = (cookies.jar(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let first = Url::parse("http://h7.example/").expect("a URL");
            while !done.load(Ordering::Relaxed) {
                assert!(jar.cookie_header(&first).is_some());
            }
        });
        for _ in 0..50 {
            cookies.revert().expect("reverted");
        }
        done.store(true, Ordering::Relaxed);
        looking.join().expect("always there");
    });
    assert_eq!(cookies.jar().len(), 200);
}

/// A format that cannot be written.
#[derive(Debug, Default)]
struct Broken;

impl cookiejar::file::CookieFormat for Broken {
    fn read(
        &self,
        _: &mut dyn io::Read,
        _: &ReadOptions,
    ) -> Result<cookiejar::file::Reading, LoadError> {
        Err(io::Error::other("unreadable").into())
    }

    fn write(
        &self,
        writer: &mut dyn io::Write,
        _: &mut dyn Iterator<Item = &Cookie>,
        _: &WriteOptions,
    ) -> io::Result<cookiejar::file::WriteReport> {
        writer.write_all(b"half")?;
        Err(io::Error::other("unwritable"))
    }
}

#[test]
fn a_format_that_fails_leaves_jar_and_file_as_they_were() {
    let Fixture {
        cookies,
        path,
        _folder,
    } = fixture(FILE);
    let mut broken = FileCookieJar::with_format(cookies.jar(), Broken);
    broken.set_filename(Some(path.clone()));
    let error = broken.save().expect_err("unwritable");
    assert!(
        matches!(
            error,
            SaveError::Io {
                step: SaveStep::Write,
                ..
            }
        ),
        "{error}"
    );
    let error = broken.revert().expect_err("unreadable");
    assert!(matches!(error.kind(), LoadErrorKind::Io(_)), "{error}");
    assert_eq!(fs::read_to_string(&path).expect("the file"), FILE);
    assert_eq!(
        fs::read_dir(path.parent().expect("a folder"))
            .expect("a folder")
            .count(),
        1
    );
    assert_eq!(pairs(&broken), ["a=present"]);
}

#[test]
fn a_file_is_loaded_without_a_jar() {
    use cookiejar::file::{self, CookiesTxt, Lwp};

    let Fixture { path, _folder, .. } = fixture(FILE);
    let reading = file::load(&path, &CookiesTxt, &ReadOptions::new().at(NOW)).expect("cookies");
    assert_eq!((reading.cookies.len(), reading.report.expired), (1, 1));
    let error = file::load(&path, &Lwp, &ReadOptions::new()).expect_err("another format");
    assert_eq!(error.file(), Some(&*path));
    let error =
        file::load(&path, &CookiesTxt, &ReadOptions::new().max_bytes(10)).expect_err("too long");
    assert!(matches!(error.kind(), LoadErrorKind::TooLong));
}
