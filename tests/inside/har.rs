use super::*;

/// The cookies, and the lines skipped with their reasons.
fn shown(archive: &str, options: &ReadOptions) -> (Vec<String>, Vec<(u64, Reason)>) {
    let options = options.clone().ignore_discard(true);
    let reading = read(archive.as_bytes(), &options).expect("an archive");
    let show = |cookie: &Cookie| {
        let expires = cookie
            .expires_seconds()
            .map_or(String::new(), |seconds| format!(" {seconds}"));
        let secure = if cookie.secure() { " S" } else { "" };
        format!("{}{expires}{secure}", cookie.display_with_value())
    };
    let skipped = reading.report.skipped.iter();
    (
        reading.cookies.iter().map(show).collect(),
        skipped.map(|left| (left.line, left.reason)).collect(),
    )
}

fn entry(time: &str, url: &str, request: &str, fields: &[&str]) -> String {
    let header = |field: &&str| format!(r#"{{"value":"{field}","name":"Set-Cookie","x":[{{}}]}}"#);
    let fields: String = fields
        .iter()
        .map(header)
        .map(|header| header + ",\n")
        .collect();
    format!(
        r#"{{"response":{{"content":{{"text":"Set-Cookie: x=1"}},"headers":[{fields}{{"name":"a","value":"b"}}],"status":200}},
"cache":{{}},"request":{{"method":"GET","url":"{url}",{request},"x":1}},"startedDateTime":"{time}"}}"#
    )
}

fn archive(entries: &[String]) -> String {
    let entries = entries.join(",\n");
    format!("{{\"log\":{{\"version\":\"1.2\",\"pages\":[],\"entries\":[\n{entries}\n]}}}}\n")
}

const NONE: &str = r#""cookies":[]"#;

#[test]
fn responses_are_judged_for_their_url_and_time() {
    let file = archive(&[
        entry(
            "1970-01-01T00:01:40.500Z",
            "https://www.acme.com/x/y",
            NONE,
            &[
                "a=1; Max-Age=60",
                "b=1; Domain=acme.com; Path=/; Secure",
                "c=1; Domain=com",
                "d=1",
            ],
        ),
        entry(
            "1970-01-01T00:01:41Z",
            "http://www.acme.com/x/",
            NONE,
            &[
                "b=2; Domain=acme.com; Path=/",
                "d=; Max-Age=0\\ne=1; Path=/",
                "f=1; Secure; Partitioned",
            ],
        ),
        entry("soon", "http://www.acme.com/x/", NONE, &["g=1"]),
        entry("1970-01-01T00:01:41Z", "nowhere", NONE, &["h=1"]),
    ]);
    let rejected = |line, reason| (line, Reason::Rejected(reason));
    assert_eq!(
        shown(&file, &ReadOptions::new()),
        (
            [
                "<Cookie a=1 for www.acme.com/x> 160",
                "<Cookie b=1 for .acme.com/> S",
                "<Cookie e=1 for www.acme.com/>"
            ]
            .map(str::to_owned)
            .to_vec(),
            vec![
                rejected(4, Rejection::PublicSuffix),
                rejected(8, Rejection::OverlaysSecure),
                (10, Reason::Partitioned),
                (13, Reason::Field),
                (16, Reason::Field),
            ]
        )
    );
}

#[test]
fn requests_are_read_by_choice() {
    let chrome = r#""cookies":[{"name":"a","value":"2","domain":"www.acme.com","path":"/"},
        {"name":"b","value":"1","domain":".acme.com","path":"/x","expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"secure":true,"sameSite":"Lax"},
        {"name":"x","value":"1","domain":"other.example","path":"/"}]"#;
    let firefox =
        r#""headers":[{"name":"Cookie","value":"z=1"}],"cookies":[{"name":"c","value":"1"}]"#;
    let proxy = r#""headers":[{"name":"cookie","value":"c=1; d=2;; e"}]"#;
    let at = "2026-11-21T08:00:00Z";
    let file = archive(&[
        entry(at, "https://www.acme.com/", NONE, &["a=1"]),
        entry(at, "https://www.acme.com/x", chrome, &[]),
        entry(at, "https://www.acme.com/x", firefox, &[]),
        entry(at, "https://www.acme.com/", proxy, &[]),
    ]);
    assert_eq!(
        shown(&file, &ReadOptions::new()),
        (vec!["<Cookie a=1 for www.acme.com/>".into()], vec![])
    );
    let (cookies, skipped) = shown(&file, &ReadOptions::new().requests(true));
    assert_eq!(
        cookies,
        [
            "<Cookie a=2 for www.acme.com/>",
            "<Cookie b=1 for .acme.com/x> 1829808000 S", // 400 days
            "<Cookie c=1 for www.acme.com/> S",
            "<Cookie d=2 for www.acme.com/> S",
            "<Cookie e for www.acme.com/> S",
        ]
    );
    let reasons: Vec<_> = skipped.into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, [Reason::Rejected(Rejection::DomainMismatch)]);
}

#[test]
fn what_is_no_archive_is_an_error() {
    let error = |file: &str, options: &ReadOptions| {
        let error = read(file.as_bytes(), options).expect_err("no archive");
        error.to_string()
    };
    let options = ReadOptions::new();
    for file in ["{}", r#"{"log":{}}"#, r#"{"cookies":[]}"#] {
        assert_eq!(error(file, &options), "not a file of this format", "{file}");
    }
    for file in [
        "[]",
        "3",
        r#"{"log":{"entries":[{"request":{"url":"#,
        "{} {}",
    ] {
        assert_eq!(error(file, &options), "line 1: not well-formed", "{file}");
    }
    assert!(read(&b" \n"[..], &options).is_ok());
    assert_eq!(
        error("", &options.clone().strict(true)),
        "not a file of this format"
    );
    let at = "2026-11-21T08:00:00Z";
    let file = archive(&[entry(at, "https://acme.com/", NONE, &["a=1; Domain=com"])]);
    let strict = options.strict(true);
    assert_eq!(
        error(&file, &strict),
        "line 2: the domain is a public suffix or above one"
    );
}

#[test]
fn bodies_of_any_length_are_passed_over_and_fields_are_not() {
    let options = ReadOptions::new().max_line(200);
    let at = "2026-11-21T08:00:00Z";
    let long = "x".repeat(1_000);
    let file = archive(&[entry(at, "https://acme.com/", NONE, &["a=1"])]);
    let body = file.replace("Set-Cookie: x=1", &long);
    assert_eq!(shown(&body, &options).0.len(), 1);
    let many = vec!["a=1; Path=/x; Domain=acme.com"; 10];
    let (cookies, skipped) = shown(&file.replace("a=1", &long), &options);
    assert_eq!((cookies.len(), skipped), (0, vec![(2, Reason::TooLong)]));
    let many = archive(&[entry(at, "https://acme.com/", NONE, &many)]);
    let (cookies, skipped) = shown(&many, &options);
    assert_eq!(cookies.len(), 1);
    assert!(skipped.len() == 4 && skipped.iter().all(|left| left.1 == Reason::TooLong));
}

#[test]
fn cookies_of_a_url_longer_than_64_kib_are_skipped() {
    let begin = "https://acme.com/";
    for (len, verdict) in [
        (64 << 10, (1, vec![])),
        ((64 << 10) + 1, (0, vec![(2, Reason::UnknownUrl)])),
    ] {
        let long = format!("{begin}{}", "x".repeat(len - begin.len()));
        let file = archive(&[entry("2026-11-21T08:00:00Z", &long, NONE, &["a=1"])]);
        let (cookies, skipped) = shown(&file, &ReadOptions::new());
        assert_eq!((cookies.len(), skipped), verdict, "{len}");
    }
}
