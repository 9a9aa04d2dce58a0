//! Properties of every file: it can be read back, it gives the same headers, its prefixes are whole or
//! rejected, and it contains only cookies of the jar.
#![cfg(feature = "psl")]

use std::io::{self, Read};
use std::path::Path;

use cookiejar::file::{
    LoadError, ReadOptions, Reading, Source, WriteOptions, WriteReport, cookies_txt, lwp, read_any,
};
use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

const NOW: OffsetDateTime = datetime!(2026-11-21 8:00 UTC);

/// A format with its two functions.
struct Format {
    name: &'static str,
    source: Source,
    read: fn(&[u8], &ReadOptions) -> Result<Reading, LoadError>,
    write: fn(&mut Vec<u8>, &[Cookie], &WriteOptions) -> io::Result<WriteReport>,
}

const FORMATS: &[Format] = &[
    Format {
        name: "cookies.txt",
        source: Source::CookiesTxt,
        read: |file, options| cookies_txt::read(file, options),
        write: |file, cookies, options| cookies_txt::write(file, cookies, options),
    },
    Format {
        name: "LWP",
        source: Source::Lwp,
        read: |file, options| lwp::read(file, options),
        write: |file, cookies, options| lwp::write(file, cookies, options),
    },
    #[cfg(feature = "json")]
    Format {
        name: "JSON",
        source: Source::Json,
        read: |file, options| cookiejar::file::json::read(file, options),
        write: |file, cookies, options| cookiejar::file::json::write(file, cookies, options),
    },
];

impl Format {
    fn write(&self, cookies: &[Cookie]) -> (Vec<u8>, WriteReport) {
        let mut file = Vec::new();
        let options = WriteOptions::new()
            .ignore_discard(true)
            .ignore_expires(true);
        let report = (self.write)(&mut file, cookies, &options).expect("written to memory");
        (file, report)
    }

    /// Everything that is written can be read back.
    fn read(&self, file: &[u8]) -> Vec<Cookie> {
        let options = ReadOptions::new().ignore_discard(true).ignore_expires(true);
        let reading = (self.read)(file, &options).expect("a good file");
        assert_eq!(reading.report.skipped, [], "{}", self.name);
        reading.cookies
    }

    /// The cookie as it is after the losses that the format's page lists.
    fn reduced(&self, cookie: &Cookie) -> String {
        let identity = format!(
            "{:?} {:?} {:?} {:?}",
            cookie.domain(),
            cookie.path_bytes(),
            cookie.name_bytes(),
            cookie.value_bytes()
        );
        let expires = cookie.expires().map(OffsetDateTime::unix_timestamp);
        let basic = format!("{identity} {} {expires:?}", cookie.secure());
        if self.name == "cookies.txt" {
            let expires = if expires == Some(0) { Some(1) } else { expires };
            let basic = format!("{identity} {} {expires:?}", cookie.secure());
            let port = cookie.port().filter(|ports| !ports.is_empty());
            return format!("{basic} {} {port:?}", cookie.http_only());
        }
        let attributes: Vec<_> = cookie
            .nonstandard_attrs()
            .filter(|(name, _)| self.name == "JSON" || is_word(name))
            .collect();
        format!(
            "{basic} {:?} {:?} {:?} {:?} {:?} {attributes:?}",
            (
                cookie.version(),
                cookie.discard(),
                cookie.domain_initial_dot()
            ),
            (cookie.port(), cookie.port_specified()),
            cookie.path_specified(),
            cookie.comment(),
            cookie.comment_url(),
        )
    }
}

/// The texts that LWP treats as names of attributes.
fn is_word(name: &str) -> bool {
    const OWN: [&str; 3] = ["port_spec", "Domain", "expires"];
    !OWN.contains(&name)
        && !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"=;,".contains(&byte))
}

#[cfg(feature = "json")]
const PROGRAMS: [cookiejar::file::json::Program; 5] = {
    use cookiejar::file::json::Program;
    [
        Program::CookieStore,
        Program::Extension,
        Program::Playwright,
        Program::Puppeteer,
        Program::Selenium,
    ]
};

/// The format that a program's file is recognized as: browser drivers share one kind of array.
#[cfg(feature = "json")]
fn source_of(program: cookiejar::file::json::Program) -> Source {
    use cookiejar::file::json::Program;

    match program {
        Program::CookieStore => Source::CookieStore,
        Program::Playwright => Source::StorageState,
        _ => Source::BrowserExport,
    }
}

/// Everything that decides to which URLs a cookie is sent and with what content, which no program loses.
#[cfg(feature = "json")]
fn wire(cookie: &Cookie) -> String {
    let pair = match (cookie.name(), cookie.value()) {
        ("", value) => value.unwrap_or_default().to_owned(),
        (name, None) => name.to_owned(),
        (name, Some(value)) => format!("{name}={value}"),
    };
    let expires = cookie.expires().filter(|_| !cookie.discard());
    // 0 and -1 would mean a session cookie.
    let expires = expires.map(|expires| expires.unix_timestamp().max(1));
    format!(
        "{pair:?} {} {:?} {} {} {:?} {expires:?} {:?}",
        cookie.domain(),
        cookie.path(),
        cookie.secure(),
        cookie.http_only(),
        cookie.same_site(),
        cookie.partition_key()
    )
}

/// Octets that servers send, and some that they should not send.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let nasty = prop::sample::select(&b" \t;,=\"\\#$&|\x01\x0b\x1f\x7f\x80\xa0\xc3\xa9\xff"[..]);
    let octet = prop_oneof![4 => prop::char::range('a', 'f').prop_map(|c| c as u8), 1 => nasty];
    vec(octet, 0..8)
}

fn text() -> impl Strategy<Value = String> {
    octets().prop_map(|octets| octets.into_iter().map(char::from).collect())
}

fn attribute_name() -> impl Strategy<Value = String> {
    const KNOWN: [&str; 7] = [
        "HttpOnly",
        "SameSite",
        "httponly",
        "port_spec",
        "Domain",
        "expires",
        "x",
    ];
    prop_oneof![
        prop::sample::select(&KNOWN[..]).prop_map(str::to_owned),
        text()
    ]
}

fn domain() -> impl Strategy<Value = &'static str> {
    const DOMAINS: [&str; 8] = [
        "acme.com",
        ".acme.com",
        "www.acme.com",
        "localhost",
        "foo",
        ".foo",
        "127.0.0.1",
        "[::1]",
    ];
    prop::sample::select(&DOMAINS[..])
}

fn expiry() -> impl Strategy<Value = Option<OffsetDateTime>> {
    let seconds = prop_oneof![
        4 => 1_800_000_000_i64..4_000_000_000,
        1 => -62_135_596_800_i64..=253_402_300_799,
        1 => Just(0),
    ];
    of(seconds.prop_map(|seconds| OffsetDateTime::from_unix_timestamp(seconds).expect("a date")))
}

prop_compose! {
    fn cookie()(
        (name, value) in (octets(), of(octets())),
        (domain, initial_dot) in (domain(), any::<bool>()),
        path in octets(),
        (path_specified, secure, discard) in any::<(bool, bool, bool)>(),
        version in prop::sample::select(&[0, 0, 0, 1, 9, 10, 123_456][..]),
        expires in expiry(),
        ports in of(prop::sample::select(&["80", "443,80", ""][..])),
        (comment, comment_url) in (of(octets()), of(octets())),
        attributes in vec((attribute_name(), of(text())), 0..3),
    ) -> Option<Cookie> {
        let path = [b"/", &*path].concat();
        let value_bytes = value.clone().unwrap_or_default();
        let mut builder = Cookie::builder(&name, &value_bytes)
            .domain(domain)
            .domain_initial_dot(initial_dot && domain.starts_with('.'))
            .path(&path)
            .path_specified(path_specified)
            .secure(secure)
            .discard(discard)
            .version(version);
        if value.is_none() {
            builder = builder.without_value();
        }
        if let Some(expires) = expires {
            builder = builder.expires(expires);
        }
        if let Some(ports) = ports {
            builder = builder.port(ports);
        }
        if let Some(comment) = &comment {
            builder = builder.comment(comment);
        }
        if let Some(url) = &comment_url {
            builder = builder.comment_url(url);
        }
        for (name, value) in &attributes {
            builder = builder.nonstandard_attr(name, value.as_deref());
        }
        builder.build().ok()
    }
}

fn cookies() -> impl Strategy<Value = Vec<Cookie>> {
    vec(cookie(), 0..8).prop_map(|cookies| cookies.into_iter().flatten().collect())
}

/// The headers of a jar with these cookies for every host and path of theirs. Control octets are allowed: most
/// formats lose the attributes that contain them.
fn answers(cookies: &[Cookie], asked: &[Cookie]) -> Vec<Option<Vec<u8>>> {
    let policy = DefaultCookiePolicy::new().reject_control_characters(false);
    let mut jar = CookieJar::with_policy(policy);
    jar.set_clock(|| NOW);
    jar.extend(cookies.iter().cloned());
    let ask = |cookie: &Cookie| {
        let host = cookie.domain().trim_start_matches('.');
        let mut url = Url::parse(&format!("https://{host}/")).expect("a URL");
        url.set_path(cookie.path());
        jar.cookie_header(&url)
            .map(cookiejar::CookieHeader::into_bytes)
    };
    asked.iter().map(ask).collect()
}

proptest! {
    #[test]
    fn files_come_back_byte_for_byte(cookies in cookies()) {
        for format in FORMATS {
            let (file, _) = format.write(&cookies);
            let (again, report) = format.write(&format.read(&file));
            prop_assert_eq!(file.escape_ascii().to_string(), again.escape_ascii().to_string());
            prop_assert_eq!(report.skipped, []);
        }
    }

    #[test]
    fn what_is_written_is_recognized(cookies in cookies()) {
        for format in FORMATS {
            let (file, _) = format.write(&cookies);
            let options = ReadOptions::new().ignore_discard(true).ignore_expires(true);
            let reading = read_any(&*file, &options).expect("a file of ours");
            prop_assert_eq!(reading.report.source, format.source, "{}", format.name);
            prop_assert_eq!(reading.cookies, format.read(&file), "{}", format.name);
        }
    }

    #[cfg(feature = "json")]
    #[test]
    fn what_is_written_for_programs_is_recognized(cookies in cookies(), programs in Just(PROGRAMS)) {
        let page = Url::parse("https://localhost/").expect("a URL");
        for program in programs {
            let options = WriteOptions::new().ignore_discard(true).ignore_expires(true).of_url(&page);
            let mut file = Vec::new();
            let report = cookiejar::file::json::write_for(&mut file, &cookies, program, &options).expect("written");
            let options = ReadOptions::new().ignore_discard(true).ignore_expires(true).of_url(&page);
            let reading = read_any(&*file, &options).expect("a file of ours");
            let is_empty_array = report.written == 0 && program != cookiejar::file::json::Program::Playwright;
            let expected = if is_empty_array { Source::Empty } else { source_of(program) };
            prop_assert_eq!(reading.report.source, expected, "{:?}", program);
            prop_assert_eq!(reading.cookies.len(), report.written, "{:?}", program);
        }
    }

    #[test]
    fn nothing_is_lost_but_what_is_said(cookies in cookies()) {
        for format in FORMATS {
            let (file, report) = format.write(&cookies);
            let skipped: Vec<_> = report.skipped.iter().map(cookiejar::file::NotWritten::cookie).collect();
            let kept = cookies.iter().filter(|cookie| !skipped.contains(&&*cookie.to_string()));
            let kept: Vec<_> = kept.map(|cookie| format.reduced(cookie)).collect();
            let read = format.read(&file);
            let read: Vec<_> = read
                .iter()
                .filter(|cookie| !skipped.contains(&&*cookie.to_string()))
                .map(|cookie| format.reduced(cookie))
                .collect();
            prop_assert_eq!(read, kept, "{}", format.name);
        }
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_is_the_identity(cookies in cookies(), created in 0_i64..4_000_000_000) {
        let created = OffsetDateTime::from_unix_timestamp(created).expect("a date");
        let mut jar = CookieJar::new();
        jar.set_clock(move || created);
        jar.extend(cookies);
        let stored: Vec<_> = jar.iter().cloned().collect();
        let format = &FORMATS[2];
        let (file, report) = format.write(&stored);
        prop_assert_eq!(report.skipped, []);
        prop_assert_eq!(format.read(&file), stored);
    }

    #[cfg(feature = "json")]
    #[test]
    fn programs_lose_nothing_but_what_is_said(
        cookies in cookies(),
        key in prop::sample::select(&["https://acme.com", "https://shop.example?hasCrossSiteAncestor=false", "shop.example"][..]),
        programs in Just(PROGRAMS),
    ) {
        use cookiejar::file::json;

        // Each cookie as it is, and again in a partition.
        let in_partition = |cookie: &Cookie| {
            let mut cookie = cookie.clone();
            cookie.set_partition_key(Some(key)).expect("a key");
            cookie
        };
        let cookies: Vec<_> = cookies.iter().flat_map(|cookie| [cookie.clone(), in_partition(cookie)]).collect();
        let page = Url::parse("https://localhost/").expect("a URL");
        for program in programs {
            let options = WriteOptions::new().ignore_discard(true).ignore_expires(true).of_url(&page);
            let mut kept = Vec::new();
            for cookie in &cookies {
                let mut file = Vec::new();
                let report = json::write_for(&mut file, [cookie], program, &options).expect("written");
                if report.skipped.is_empty() {
                    kept.push(cookie);
                }
            }
            let mut file = Vec::new();
            json::write_for(&mut file, &cookies, program, &options).expect("written");
            let options = ReadOptions::new().ignore_discard(true).ignore_expires(true).of_url(&page);
            let reading = json::read(&*file, &options).expect("a file");
            prop_assert_eq!(&reading.report.skipped, &[], "{:?}", program);
            let read: Vec<_> = reading.cookies.iter().map(wire).collect();
            let kept: Vec<_> = kept.into_iter().map(wire).collect();
            prop_assert_eq!(read, kept, "{:?}", program);
        }
    }

    #[test]
    fn requests_are_answered_as_before(cookies in cookies()) {
        for format in FORMATS {
            // The losses that a header shows: cookies.txt turns all cookies into Netscape cookies.
            let tells = |cookie: &Cookie| format.name != "cookies.txt" || cookie.version() == 0;
            let mut jar = CookieJar::new();
            jar.set_clock(|| NOW);
            jar.extend(cookies.iter().filter(|cookie| tells(cookie)).cloned());
            let stored: Vec<_> = jar.iter().cloned().collect();
            let (_, report) = format.write(&stored);
            let skipped: Vec<_> = report.skipped.iter().map(cookiejar::file::NotWritten::cookie).collect();
            let written: Vec<_> = stored.into_iter().filter(|cookie| !skipped.contains(&&*cookie.to_string())).collect();
            let (file, _) = format.write(&written);
            prop_assert_eq!(answers(&format.read(&file), &written), answers(&written, &written), "{}", format.name);
        }
    }

    #[test]
    fn no_octets_are_too_odd_to_read(
        octets in vec(any::<u8>(), 0..200),
        lines in vec(prop_oneof![
            Just("# Netscape HTTP Cookie File\n"), Just("#LWP-Cookies-2.0\n"), Just("Set-Cookie3: "),
            Just("a=\"\\"), Just("; path=\"/\"; domain=a.b\n"), Just("\t"), Just("acme.com\tTRUE\t/\t"),
            Just("FALSE\t0\ta\tb\n"), Just("#HttpOnly_"), Just("{\"cookies\":["), Just("{\"name\":\"a\","),
            Just("{\"a.b\":{\"/\":{\"a\":"), Just("{\"key\":\"a\","), Just("\"maxAge\":1e999,"), Just("\"expires\":\"9999-12-31T23:59:59-23:59\""),
            Just("\"raw_cookie\":\""), Just("{\"latin1\":"), Just("]}"), Just("\r"), Just("\0"),
        ], 0..12),
    ) {
        let options = ReadOptions::new().ignore_discard(true).ignore_expires(true);
        let file = [lines.concat().as_bytes(), &octets].concat();
        for format in FORMATS {
            for file in [&file, &octets] {
                for options in [options.clone(), options.clone().strict(true).python_form(true), options.clone().unterminated(false)] {
                    if let Ok(reading) = (format.read)(file, &options) {
                        format.write(&reading.cookies);
                    }
                }
            }
        }
        let _ = cookies_txt::parse_line(&octets);
        for file in [&file, &octets] {
            let _ = read_any(&**file, &options);
        }
    }

    #[test]
    fn no_record_is_too_odd_to_read(
        octets in vec(any::<u8>(), 0..100),
        parts in vec(prop_oneof![
            Just("HTTP/1.1 200 OK\r\n"), Just("HTTP/1.1 302\n"), Just("Location: //a.b/\n"), Just("Set-Cookie: a=1"),
            Just("; Max-Age=60"), Just("; Domain=a.b; Path=/"), Just("Date: Tue, 01 Jan 2030 00:00:00 GMT"), Just("\n"), Just("\n\n"),
            Just("{\"log\":{\"entries\":["), Just("{\"startedDateTime\":\"2030-01-01T00:00:00Z\","), Just("\"request\":{\"url\":\"https://a.b/\""),
            Just(",\"cookies\":[{\"name\":\"a\",\"value\":\"1\"}]"), Just("},"), Just("\"response\":{\"headers\":["),
            Just("{\"name\":\"Set-Cookie\",\"value\":\"a=1\"}"), Just("]"), Just("}"), Just("1"), Just(","),
        ], 0..16),
    ) {
        let url = Url::parse("https://acme.com/x").expect("a URL");
        let options = ReadOptions::new().ignore_discard(true).ignore_expires(true).requests(true);
        let file = [parts.concat().as_bytes(), &octets].concat();
        for file in [&file[..], parts.concat().as_bytes()] {
            for options in [options.clone(), options.clone().of_url(&url), options.clone().of_url(&url).strict(true)] {
                let _ = read_any(file, &options);
                let _ = cookiejar::file::header_dump::read(file, &options);
                #[cfg(feature = "json")]
                let _ = cookiejar::file::har::read(file, &options);
            }
        }
    }
}

proptest! {
    // Each case reads some thousand files.
    #![proptest_config(ProptestConfig::with_cases(cookiejar_tests::share!("files cut at each octet", 8, of 32)))]

    /// Files written by this crate; for others see `what_others_write_loses_its_last_cookie_at_most`.
    #[test]
    fn every_prefix_is_whole_cookies_or_an_error(cookies in cookies()) {
        for format in FORMATS {
            let (file, _) = format.write(&cookies);
            let whole = format.read(&file);
            let options = ReadOptions::new().ignore_discard(true).ignore_expires(true);
            for end in 0..file.len() {
                if let Ok(reading) = (format.read)(&file[..end], &options) {
                    let count = reading.cookies.len();
                    prop_assert_eq!(&reading.cookies[..], &whole[..count], "{} {}", format.name, end);
                }
            }
        }
    }
}

/// A file of another program may lack a final line break, so its last line may be truncated.
#[test]
fn what_others_write_loses_its_last_cookie_at_most() {
    let options = ReadOptions::new().ignore_discard(true).ignore_expires(true);
    let names = [
        "curl",
        "wget",
        "python-mozilla",
        "perl-netscape",
        "python-lwp",
        "perl-lwp",
    ];
    for name in names {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/written");
        let file = std::fs::read(folder.join(name)).expect("a file");
        let format = &FORMATS[usize::from(name.ends_with("lwp"))];
        let whole = format.read(&file);
        let mut shorter = 0;
        for end in 0..file.len() {
            let Ok(reading) = (format.read)(&file[..end], &options) else {
                continue;
            };
            let count = reading.cookies.len();
            let sure = count - usize::from(reading.report.unterminated.is_some());
            assert_eq!(reading.cookies[..sure], whole[..sure], "{name} {end}");
            shorter += usize::from(reading.cookies[sure..] != whole[sure..count]);
            let careful = options.clone().unterminated(false);
            let reading = (format.read)(&file[..end], &careful).expect("the same file");
            assert_eq!(reading.cookies, whole[..sure], "{name} {end}");
        }
        // In LWP the version at the end shows that a line is whole.
        assert_eq!(shorter > 0, format.name == "cookies.txt", "{name}");
    }
}

/// A reader that fails after some octets.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        self.0.read(out)
    }
}

#[test]
fn a_reader_s_error_is_the_error() {
    let cookie = Cookie::builder("a", "1")
        .domain("acme.com")
        .build()
        .expect("a cookie");
    for format in FORMATS {
        let (file, _) = format.write(std::slice::from_ref(&cookie));
        let options = ReadOptions::new();
        let error = match format.name {
            "cookies.txt" => cookies_txt::read(Broken(&file), &options),
            "LWP" => lwp::read(Broken(&file), &options),
            #[cfg(feature = "json")]
            _ => cookiejar::file::json::read(Broken(&file[..file.len() - 4]), &options),
            #[cfg(not(feature = "json"))]
            _ => continue,
        };
        let error = io::Error::from(error.expect_err("a broken reader"));
        assert_eq!(
            error.kind(),
            io::ErrorKind::ConnectionReset,
            "{}",
            format.name
        );
    }
}
