//! JSON: our format and those of other programs, with the verdicts of odd fields.

use super::*;
use crate::file::Partitions;
use crate::file::report::{Reason, Source};

fn all() -> ReadOptions {
    ReadOptions::new().ignore_discard(true).ignore_expires(true)
}

/// The kind, the cookies, and the lines skipped with their reasons.
type Shown = (Source, Vec<String>, Vec<(u64, Reason)>);

fn shown(file: &str) -> Result<Shown, String> {
    let reading = read(file.as_bytes(), &all()).map_err(|error| error.to_string())?;
    let show = |cookie: &Cookie| {
        let attributes: Vec<_> = cookie
            .nonstandard_attrs()
            .map(|(name, value)| format!(" {name}={}", value.unwrap_or_default()))
            .collect();
        format!(
            "{} {} {}{}",
            cookie.display_with_value(),
            cookie.expires_seconds().unwrap_or(0),
            if cookie.secure() { "S" } else { "-" },
            attributes.concat()
        )
    };
    let skipped = reading.report.skipped.iter();
    Ok((
        reading.report.source,
        reading.cookies.iter().map(show).collect(),
        skipped.map(|left| (left.line, left.reason)).collect(),
    ))
}

#[test]
fn a_whole_cookie_is_written_and_comes_back() {
    let cookie = Cookie::builder("s\u{e9}d", b"\xff\"\\")
        .domain(".acme.com")
        .domain_initial_dot(false)
        .path("/x")
        .port("80")
        .port_specified(false)
        .secure(true)
        .expires(time::macros::datetime!(2030-01-01 0:00 UTC))
        .discard(true)
        .comment("c")
        .comment_url("u")
        .rfc2109(true)
        .nonstandard_attr("SameSite", Some("Lax"))
        .nonstandard_attr("HttpOnly", None)
        .nonstandard_attr("x", Some(""))
        .version(1)
        .creation_time(time::macros::datetime!(2026-11-21 8:00 UTC))
        .build()
        .expect("a cookie");
    cookie.note_access(1_800_000_000);
    let mut file = Vec::new();
    let options = WriteOptions::new().ignore_discard(true);
    write(&mut file, [&cookie], &options).expect("written");
    let record = r#"{"name":"séd","value":{"latin1":"ÿ\"\\"},"domain":"acme.com","host_only":false,"path":"/x","path_specified":true,"port":"80","version":1,"secure":true,"expires":1893456000,"discard":true,"comment":"c","comment_url":"u","rfc2109":true,"created":1795248000,"last_access":1800000000,"attributes":[["SameSite","Lax"],["HttpOnly"],["x",""]]}"#;
    assert_eq!(
        String::from_utf8(file.clone()).expect("UTF-8"),
        format!("{{\"format\":\"cookiejar\",\"version\":1,\"cookies\":[\n{record}\n]}}\n")
    );
    let reading = read(&*file, &all()).expect("a file");
    let [read] = reading.cookies.as_slice() else {
        panic!("one cookie");
    };
    assert_eq!(read, &cookie);
    assert_eq!(read.last_access_time(), cookie.last_access_time());
    assert_eq!(reading.report.source, Source::Json);
}

#[test]
fn the_json_of_others_is_known() {
    let session = "<Cookie a=1 for acme.com/> 0 -".to_owned();
    let rows = [
        (
            r#"[{"name":"a","value":"1","domain":"acme.com","expires":-1,"httpOnly":true,"sameSite":"Lax","secure":true,"path":"/"}]"#,
            Source::BrowserExport,
            "<Cookie a=1 for acme.com/> 0 S HttpOnly= SameSite=Lax".to_owned(),
        ),
        (
            r#"[{"domain":".acme.com","expirationDate":1893456000.75,"hostOnly":false,"httpOnly":false,"name":"a","path":"/x","sameSite":"no_restriction","secure":false,"session":false,"storeId":"0","value":"1","id":1}]"#,
            Source::BrowserExport,
            "<Cookie a=1 for .acme.com/x> 1893456000 - SameSite=None".to_owned(),
        ),
        (
            r#"[{"domain":"acme.com","hostOnly":false,"name":"a","value":"1","sameSite":null,"session":true,"expirationDate":5}]"#,
            Source::BrowserExport,
            "<Cookie a=1 for .acme.com/> 0 -".to_owned(),
        ),
        (
            r#"[{"domain":"acme.com","name":"a","value":"1","expiry":1893456000123,"sameSite":"unspecified"}]"#,
            Source::BrowserExport,
            "<Cookie a=1 for acme.com/> 1893456000 -".to_owned(),
        ),
        (
            r#"[{"Host raw":"https://.acme.com/","Name raw":"a","Path raw":"/","Content raw":"1","Expires raw":"1893456000","Send for raw":"true","HTTP only raw":"true","SameSite raw":"strict","This domain only raw":"false"}]"#,
            Source::BrowserExport,
            "<Cookie a=1 for .acme.com/> 1893456000 S HttpOnly= SameSite=Strict".to_owned(),
        ),
        (
            r#"{"cookies":[{"name":"a","value":"1","domain":"acme.com","path":"/","expires":-1}],"origins":[{"origin":"x"}]}"#,
            Source::StorageState,
            session.clone(),
        ),
        (
            r#"{"url":"https://acme.com","version":"x","cookies":[{"name":"a","value":"1","domain":"acme.com"}]}"#,
            Source::StorageState,
            session.clone(),
        ),
        (
            r#"[{"raw_cookie":"a=1; SameSite=None; Secure; Path=/; Expires=Tue, 03 Aug 2100 00:38:37 GMT","path":["/",true],"domain":{"HostOnly":"acme.com"},"expires":{"AtUtc":"2100-08-03T00:38:37Z"}}]"#,
            Source::CookieStore,
            "<Cookie a=1 for acme.com/> 4120936717 S SameSite=None".to_owned(),
        ),
        (
            "{\"raw_cookie\":\"a=1; Domain=acme.com\",\"path\":[\"/x\",false],\"domain\":{\"Suffix\":\"acme.com\"},\"expires\":\"SessionEnd\"}\n",
            Source::CookieStoreLines,
            "<Cookie a=1 for .acme.com/x> 0 -".to_owned(),
        ),
        (
            r#"[{"key":"a","value":"1","expires":"2030-01-01T00:00:00.000Z","domain":"acme.com","path":"/x","secure":true,"httpOnly":true,"extensions":["Priority=High","Partitioned","SameSite=Strict"],"hostOnly":false,"creation":"2026-11-21T08:00:00.000Z","sameSite":"lax"}]"#,
            Source::ToughCookie,
            "<Cookie a=1 for .acme.com/x> 1893456000 S HttpOnly= SameSite=Lax Priority=High Partitioned=".to_owned(),
        ),
        (
            r#"{"version":"tough-cookie@4.1.3","storeType":"MemoryCookieStore","cookies":[{"value":"a","domain":"acme.com","maxAge":"Infinity"}]}"#,
            Source::ToughCookie,
            "<Cookie =a for acme.com/> 0 -".to_owned(),
        ),
        (
            r#"{"cookies":[{"key":"a","value":"1","domain":"acme.com","maxAge":60,"creation":"1970-01-02T00:00:00Z","expires":"2030-01-01"}]}"#,
            Source::ToughCookie,
            "<Cookie a=1 for acme.com/> 86460 -".to_owned(),
        ),
        (
            r#"{"acme.com":{"/":{"a":{"key":"a","value":"1","domain":"acme.com"}},"meta":{"b":{}}}}"#,
            Source::ToughCookie,
            "<Cookie a=1 for acme.com/> 0 -".to_owned(),
        ),
        (
            r#"{"acme.com":{},"localhost":{"/":{}},"jenkins":{"/":{"a":{"key":"a","value":"1","domain":"jenkins","maxAge":-1}}}}"#,
            Source::ToughCookie,
            "<Cookie a=1 for jenkins/> 1 -".to_owned(),
        ),
        (
            r#"[{"Name":"a","Value":"1","Domain":".acme.com","Path":"/","Max-Age":"60","Expires":1893456000,"Secure":true,"Discard":true,"HttpOnly":"1","SameSite":"Lax"}]"#,
            Source::Guzzle,
            "<Cookie a=1 for .acme.com/> 1893456000 S HttpOnly= SameSite=Lax".to_owned(),
        ),
        (
            r#"[{"Name":"a","Value":"1","Domain":"acme.com","Max-Age":"0","Expires":null,"Secure":"","HostOnly":false}]"#,
            Source::Guzzle,
            "<Cookie a=1 for .acme.com/> 1 -".to_owned(),
        ),
    ];
    for (file, source, cookie) in rows {
        assert_eq!(shown(file), Ok((source, vec![cookie], vec![])), "{file}");
    }
    assert_eq!(shown("[]"), Ok((Source::Empty, vec![], vec![])));
}

#[test]
fn a_cookie_without_a_domain_is_that_of_the_page() {
    let files = [
        r#"[{"name":"a","value":"1"}]"#,
        r#"[{"name":"a","value":"1","domain":null,"hostOnly":false}]"#,
        r#"{"cookies":[{"name":"a","value":"1","domain":""}]}"#,
        r#"[{"Name raw":"a","Content raw":"1","Expires raw":"0"}]"#,
        r#"[{"raw_cookie":"a=1","path":["/",false],"domain":"NotPresent","expires":"SessionEnd"}]"#,
    ];
    let at = |url: &str| all().of_url(&url::Url::parse(url).expect("a URL"));
    for file in files {
        let read = |options: &ReadOptions| {
            let reading = read(file.as_bytes(), options).expect("a file");
            let cookies: Vec<_> = reading.cookies.iter().map(Cookie::to_string).collect();
            (cookies.concat(), reading.report.skipped.len())
        };
        let rows = [
            (
                "https://u:p@Acme.com:8443/x?y",
                "<Cookie a for acme.com/>",
                0,
            ),
            ("http://[::1]/", "<Cookie a for [::1]/>", 0),
            ("data:,", "", 1),
        ];
        for (url, cookie, skipped) in rows {
            assert_eq!(read(&at(url)), (cookie.to_owned(), skipped), "{file} {url}");
        }
        assert_eq!(read(&all()).1, 1, "{file}");
    }
    let named = r#"[{"name":"a","value":"1","domain":".x.com"}]"#;
    let reading = read(named.as_bytes(), &at("https://acme.com/")).expect("a file");
    assert_eq!(reading.cookies[0].domain(), ".x.com");
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn partitions_with_their_keys() {
    let site = Some("https://shop.example");
    let odd_true = Ok(Some("https://shop.example?hasCrossSiteAncestor=true"));
    let odd_false = Ok(Some("https://shop.example?hasCrossSiteAncestor=false"));
    let rows = [
        (
            "chat.example",
            r#""partitionKey":"https://shop.example""#,
            Ok(site),
        ),
        (
            "shop.example",
            r#""partitionKey":"https://shop.example""#,
            Ok(site),
        ),
        (
            "chat.example",
            r#""partitionKey":"https://shop.example","_crHasCrossSiteAncestor":true"#,
            Ok(site),
        ),
        (
            "chat.example",
            r#""partitionKey":"https://shop.example","_crHasCrossSiteAncestor":false"#,
            odd_false,
        ),
        (
            "chat.example",
            r#""partitionKey":{"topLevelSite":"https://shop.example"}"#,
            Ok(site),
        ),
        (
            "chat.example",
            r#""partitionKey":{"topLevelSite":"https://shop.example","hasCrossSiteAncestor":true}"#,
            Ok(site),
        ),
        (
            "noshop.example",
            r#""partitionKey":{"sourceOrigin":"https://shop.example","hasCrossSiteAncestor":false}"#,
            odd_false,
        ),
        (
            ".www.Shop.example",
            r#""partitionKey":{"topLevelSite":"https://shop.example","hasCrossSiteAncestor":false}"#,
            Ok(site),
        ),
        (
            "shop.example",
            r#""partitionKey":{"topLevelSite":"https://shop.example","hasCrossSiteAncestor":true}"#,
            odd_true,
        ),
        (
            "chat.example",
            r#""firstPartyDomain":"shop.example""#,
            Ok(Some("shop.example")),
        ),
        (
            "chat.example",
            r#""firstPartyDomain":"","partitionKey":null"#,
            Ok(None),
        ),
        ("chat.example", r#""partitionKey":"""#, Ok(None)),
        ("chat.example", r#""partitionKey":{}"#, Err(Reason::Field)),
        (
            "chat.example",
            r#""partitionKey":{"topLevelSite":""}"#,
            Err(Reason::Field),
        ),
        ("chat.example", r#""partitionKey":[]"#, Err(Reason::Field)),
        (
            "chat.example",
            r#""partitionKey":{"topLevelSite":"x","hasCrossSiteAncestor":"true"}"#,
            Err(Reason::Field),
        ),
        (
            "chat.example",
            r#""partitionKeyOpaque":true"#,
            Err(Reason::Partitioned),
        ),
        (
            "chat.example",
            r#""partitionKey":"https://shop.example\n""#,
            Err(Reason::Rejected(crate::Rejection::ForbiddenOctet)),
        ),
    ];
    for (domain, partition, expected) in rows {
        let cookie = format!(r#"{{"name":"a","value":"1","domain":"{domain}",{partition}}}"#);
        for file in [format!("[{cookie}]"), format!("{{\"cookies\":[{cookie}]}}")] {
            let reading = read(file.as_bytes(), &all()).expect("a file");
            match expected {
                Ok(key) => {
                    let [cookie] = reading.cookies.as_slice() else {
                        panic!("{file}");
                    };
                    assert_eq!(cookie.partition_key(), key, "{file}");
                    assert_eq!(cookie.partitioned(), key.is_some(), "{file}");
                }
                Err(reason) => assert_eq!(reading.report.skipped[0].reason, reason, "{file}"),
            }
        }
    }
}

#[test]
fn the_reader_says_what_becomes_of_partitions() {
    let foreign = r#"[{"name":"a","value":"1","domain":"chat.example"},
        {"name":"a","value":"2","domain":"chat.example","partitionKey":"https://shop.example"},
        {"name":"a","value":"3","domain":"chat.example","partitionKey":"https://blog.example"}]"#;
    let reading = read(foreign.as_bytes(), &all()).expect("a file");
    let mut own = Vec::new();
    write(
        &mut own,
        &reading.cookies,
        &WriteOptions::new().ignore_discard(true),
    )
    .expect("written");
    for file in [foreign.as_bytes(), &own] {
        let read = |partitions| {
            let options = all().partitions(partitions).strict(true);
            let reading = read(file, &options).expect("a file");
            let shown = reading.cookies.iter().map(|cookie| {
                let key = cookie.partition_key().unwrap_or("none");
                assert_eq!(cookie.partitioned(), key != "none");
                format!("{} in {key}", cookie.value().unwrap_or_default())
            });
            let skipped = reading.report.skipped.iter();
            let skipped = skipped.map(|left| (left.line, left.reason)).collect();
            (shown.collect::<Vec<_>>(), skipped)
        };
        let (first, shop, blog) = (
            "1 in none",
            "2 in https://shop.example",
            "3 in https://blog.example",
        );
        let begin = if file.starts_with(b"[") { 2 } else { 3 };
        let skipped = vec![
            (begin, Reason::Partitioned),
            (begin + 1, Reason::Partitioned),
        ];
        let all_of = |cookies: &[&str]| cookies.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            read(Partitions::Keep),
            (all_of(&[first, shop, blog]), vec![])
        );
        assert_eq!(read(Partitions::Skip), (all_of(&[first]), skipped));
        let plain = Partitions::Plain("https://shop.example".into());
        assert_eq!(read(plain), (all_of(&[first, "2 in none", blog]), vec![]));
    }
}

#[test]
fn a_cookie_that_is_none_costs_itself() {
    let good = r#"{"name":"a","value":"1","domain":"acme.com"}"#;
    let file = format!(
        "\u{feff}[{good},\n{{\"name\":1}},\n3,\n {good},\n{{\"name\":\"b\",\"value\":\"1\",\"domain\":\"\"}}]"
    );
    let (_, cookies, skipped) = shown(&file).expect("a file");
    let no_domain = Reason::Rejected(crate::Rejection::InvalidDomain);
    assert_eq!(cookies.len(), 2);
    assert_eq!(
        skipped,
        [(2, Reason::Field), (3, Reason::Field), (5, no_domain)]
    );
    let ours = r#"{"format":"cookiejar","version":1,"cookies":[
        {"name":"a","value":"1","domain":"acme.com","host_only":true,"path":"/","to come":[]},
        {"name":"a","value":"1","domain":"acme.com","path":"/"},
        {"name":{"latin1":"€"},"domain":"acme.com","host_only":true,"path":"/"},
        {"name":"a","domain":"acme.com","host_only":true,"path":"/","attributes":[[]]}]}"#;
    let (_, cookies, skipped) = shown(ours).expect("a file");
    assert_eq!(cookies.len(), 1);
    assert_eq!(
        skipped,
        [(3, Reason::Field), (4, Reason::Field), (5, Reason::Field)]
    );
}

#[test]
fn what_is_no_such_file_is_an_error_without_a_value() {
    let rows = [
        ("3", "line 1: not a file of this format"),
        ("\"secret\"", "line 1: not a file of this format"),
        ("null", "line 1: not a file of this format"),
        (
            r#"{"acme.com":{"x":{"y":{"key":"a"}}}}"#,
            "line 1: not a file of this format",
        ),
        (
            r#"{"jenkins":{"/":{"a":{"key":"a"}}}}"#,
            "line 1: not a file of this format",
        ),
        (
            r#"{"a.b":"/","c.d":["/"],"e.f":1,"g.h":null}"#,
            "line 1: not a file of this format",
        ),
        ("{}", "line 1: not a file of this format"),
        ("[3]", "line 1: not a file of this format"),
        ("{\"cookies\":\"secret\"}", "line 1: not well-formed"),
        (
            "[{\"name\":\"a\"},\n{\"name\":\"secret",
            "line 2: not well-formed",
        ),
        ("[] []", "line 1: not well-formed"),
        (
            "{\"format\":\"cookiejar\",\"version\":2,\"cookies\":[]}",
            "line 1: a version that is not known",
        ),
        (
            "{\"format\":\"cookiejar\",\"cookies\":[]}",
            "line 1: a version that is not known",
        ),
        ("\0\0", "line 1: not well-formed"),
    ];
    for (file, expected) in rows {
        assert_eq!(shown(file), Err(expected.to_owned()), "{file}");
    }
}

#[test]
fn an_empty_file_has_no_cookies() {
    for file in ["", "\u{feff}", " \r\n\t"] {
        assert_eq!(shown(file), Ok((Source::Empty, vec![], vec![])), "{file:?}");
        let error = read(file.as_bytes(), &all().strict(true)).expect_err("no file");
        assert_eq!(error.to_string(), "not a file of this format", "{file:?}");
    }
}

#[test]
fn a_cookie_that_is_too_long_costs_itself() {
    let good = r#"{"name":"a","value":"1","domain":"acme.com","host_only":true,"path":"/"}"#;
    let options = all().max_line(good.len());
    let skipped = |file: &str| {
        let reading = read(file.as_bytes(), &options).expect("a file");
        let skipped = reading.report.skipped.iter();
        let lines: Vec<_> = skipped.map(|left| (left.line, left.reason)).collect();
        (reading.cookies.len(), lines)
    };
    let too_long = |line| vec![(line, Reason::TooLong)];
    let long = [
        good.replace('1', "12"),
        good.replace('1', &"x\\\"y\\\\z\\u00e9\\n".repeat(50_000)),
        good.replace("\"1\"", &["[", &"[{}],".repeat(50), "1]"].concat()),
        format!("\"{}\"", good.replace('"', "'")),
        ["{", &"\"x\":1,".repeat(50), &good[1..]].concat(),
    ];
    for long in &long {
        for file in [
            format!("[{good},\n{long},\n{good}]"),
            format!(
                "{{\"format\":\"cookiejar\",\"version\":1,\"cookies\":[{good},\n{long} ,{good}]}}"
            ),
        ] {
            assert_eq!(skipped(&file), (2, too_long(2)), "{file}");
        }
        assert_eq!(skipped(&format!("[{long},{good}]")), (1, too_long(1)));
    }
    let line = |value: &str| {
        let rest = r#""path":["/",true],"domain":{"HostOnly":"a.de"},"expires":"SessionEnd","x":0"#;
        format!("{{\"raw_cookie\":\"a={value}\",{rest}}}\n")
    };
    let lines = [line("1"), line(&"x".repeat(good.len())), line("2")].concat();
    assert_eq!(skipped(&lines), (2, too_long(2)));
    let spaced = lines
        .replace("true]", "true  ] ")
        .replace("\"SessionEnd\"", " 3 ");
    let fields = [1, 3].map(|line| (line, Reason::Field));
    assert_eq!(
        skipped(&spaced),
        (0, vec![fields[0], (2, Reason::TooLong), fields[1]])
    );
}

#[test]
fn the_writer_skips_what_the_reader_would() {
    let cookie = |value: &str| {
        let cookie = Cookie::builder("a", value).domain("acme.com").build();
        cookie.expect("a cookie")
    };
    let long = cookie(&"\x01".repeat(200));
    let good = cookie("1");
    let options = WriteOptions::new().ignore_discard(true).max_line(1_000);
    for cookies in [
        [&long, &good, &good],
        [&good, &long, &good],
        [&good, &good, &long],
    ] {
        let mut file = Vec::new();
        let report = write(&mut file, cookies, &options).expect("written");
        assert_eq!((report.written, report.skipped.len()), (2, 1));
        assert_eq!(report.skipped[0].reason, super::super::Unwritable::TooLong);
        assert_eq!(read(&*file, &all()).expect("a file").cookies.len(), 2);
        // Exactly enough room for all of it, and one octet less.
        let len = file.len() as u64;
        for (room, written) in [(len, 2), (len - 1, 1)] {
            let mut file = Vec::new();
            let options = options.clone().max_bytes(room);
            let report = write(&mut file, cookies, &options).expect("written");
            assert_eq!(report.written, written);
            let reading = read(&*file, &all().max_bytes(room)).expect("a file");
            assert_eq!(reading.cookies.len(), written);
        }
    }
}

#[test]
fn limits_end_the_reading() {
    let error = |file: &str, options: &ReadOptions| {
        let error = read(file.as_bytes(), options).expect_err("too long");
        error.to_string()
    };
    let long = format!("[{{\"name\":\"{}\"}}]", "x".repeat(100));
    assert_eq!(
        error(&long, &all().max_line(50).strict(true)),
        "line 1: the line is longer than allowed"
    );
    let blanks = format!("[{}]", " ".repeat(100));
    assert_eq!(
        error(&blanks, &all().max_line(50)),
        "line 1: the line is longer than allowed"
    );
    let deep = ["{\"origins\":", &"[".repeat(1_000), &"]".repeat(1_000), "}"].concat();
    assert_eq!(error(&deep, &all()), "line 1: not well-formed");
    assert_eq!(
        error(&long, &all().max_bytes(50)),
        "line 1: the file is longer than allowed"
    );
    let store = format!(
        "{{\"acme.com\":{{\"/\":{{\"a\":{{\"key\":\"{}\"}}}}}}}}",
        "x".repeat(100)
    );
    assert_eq!(
        error(&store, &all().max_line(50).strict(true)),
        "line 1: the line is longer than allowed"
    );
    let ignored = format!("{{\"origins\":[\"{}\"],\"cookies\":[]}}", "x".repeat(100));
    assert!(read(ignored.as_bytes(), &all().max_line(50)).is_ok());
}

/// Hands out one octet at a time, so that no element is whole in a buffer and the parser receives all of it.
struct Trickle<'f>(&'f [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len().min(1);
        self.0.read(&mut out[..len])
    }
}

#[test]
fn what_bypasses_the_parser_is_read_as_if_it_did_not() {
    let kinds = [
        r#"{"format":"cookiejar","version":1,"cookies":[
{"name":"a","value":"\u00e9\"","domain":"acme.com","host_only":true,"path":"/","x":[{"y":[]}]},
{"name":"b",
"domain":"acme.com","host_only":true,"path":"/","attributes":[["SameSite","Lax"],["x"]]}
]}
"#,
        r#"[{"key":"a","value":"1",
"domain":"acme.com"}, [1,{}], "x", 7, null]"#,
        r#"{"cookies":[{"name":"a","value":"1","domain":"acme.com","path":"/","expires":-1}],"origins":[]}"#,
    ];
    let assert_same = |text: &[u8], options: &ReadOptions| {
        let whole = read(text, options).map_err(|error| error.to_string());
        let trickle = read(Trickle(text), options).map_err(|error| error.to_string());
        assert_eq!(whole, trickle, "{}", String::from_utf8_lossy(text));
    };
    for kind in kinds {
        let text = kind.as_bytes();
        for place in 0..text.len() {
            assert_same(&text[..place], &all());
            assert_same(text, &all().max_line(place));
            assert_same(text, &all().max_bytes(place as u64));
            for octet in *b"{}[]\",\\1 \n\x01\xe9" {
                let mut text = text.to_vec();
                text[place] = octet;
                assert_same(&text, &all());
            }
        }
    }
    for depth in 250..260 {
        let nested = ["[".repeat(depth), "]".repeat(depth)].concat();
        assert_same(kinds[0].replace("{\"y\":[]}", &nested).as_bytes(), &all());
    }
}
