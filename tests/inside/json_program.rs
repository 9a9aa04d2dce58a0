use super::*;
use crate::cookie::CookieBuilder;
use crate::file::LoadErrorKind;

const ALL: [Program; 5] = [
    Program::CookieStore,
    Program::Extension,
    Program::Playwright,
    Program::Puppeteer,
    Program::Selenium,
];

fn built(builder: CookieBuilder<'_>) -> Cookie {
    builder.build().expect("a cookie")
}

/// The line of a cookie, or the reason why it was skipped.
fn line(cookie: &Cookie, program: Program, options: &WriteOptions) -> Result<String, Unwritable> {
    let mut file = Vec::new();
    let report = write_for(&mut file, [cookie], program, options).expect("written");
    match report.skipped.first() {
        Some(skipped) => Err(skipped.reason),
        None => Ok(String::from_utf8(file)
            .expect("UTF-8")
            .lines()
            .nth(1)
            .expect("a line")
            .to_owned()),
    }
}

#[test]
fn cookies_as_each_program_has_them() {
    let cookie = built(
        Cookie::builder("sid", "31\"d4")
            .domain(".acme.com")
            .path("/x")
            .secure(true)
            .expires(time::macros::datetime!(2030-01-01 0:00 UTC))
            .nonstandard_attr("HttpOnly", None)
            .nonstandard_attr("SameSite", Some("none"))
            .nonstandard_attr("Priority", Some("High")),
    );
    let expected = [
        r#"{"raw_cookie":"sid=31\"d4; HttpOnly; SameSite=None; Secure; Path=/x; Domain=acme.com","path":["/x",true],"domain":{"Suffix":"acme.com"},"expires":{"AtUtc":"2030-01-01T00:00:00Z"}}"#,
        r#"{"domain":".acme.com","expirationDate":1893456000,"hostOnly":false,"httpOnly":true,"name":"sid","path":"/x","sameSite":"no_restriction","secure":true,"session":false,"storeId":"0","value":"31\"d4"}"#,
        r#"{"name":"sid","value":"31\"d4","domain":".acme.com","path":"/x","expires":1893456000,"httpOnly":true,"secure":true,"sameSite":"None"}"#,
        r#"{"name":"sid","value":"31\"d4","domain":".acme.com","path":"/x","expires":1893456000,"httpOnly":true,"secure":true,"sameSite":"None"}"#,
        r#"{"name":"sid","value":"31\"d4","path":"/x","domain":".acme.com","secure":true,"httpOnly":true,"expiry":1893456000,"sameSite":"None"}"#,
    ];
    for (program, expected) in ALL.into_iter().zip(expected) {
        assert_eq!(
            line(&cookie, program, &WriteOptions::new()),
            Ok(expected.into()),
            "{program:?}"
        );
    }
    let session = built(Cookie::builder("a", "1").domain("acme.com"));
    let expected = [
        Ok(
            r#"{"raw_cookie":"a=1; Path=/","path":["/",false],"domain":{"HostOnly":"acme.com"},"expires":"SessionEnd"}"#,
        ),
        Ok(
            r#"{"domain":"acme.com","hostOnly":true,"httpOnly":false,"name":"a","path":"/","sameSite":"unspecified","secure":false,"session":true,"storeId":"0","value":"1"}"#,
        ),
        Ok(
            r#"{"name":"a","value":"1","domain":"acme.com","path":"/","expires":-1,"httpOnly":false,"secure":false}"#,
        ),
        Ok(
            r#"{"name":"a","value":"1","domain":"acme.com","path":"/","expires":-1,"httpOnly":false,"secure":false}"#,
        ),
        Err(Unwritable::HostOnly),
    ];
    let options = WriteOptions::new().ignore_discard(true);
    for (program, expected) in ALL.into_iter().zip(expected) {
        assert_eq!(
            line(&session, program, &options),
            expected.map(str::to_owned),
            "{program:?}"
        );
    }
    let page = url::Url::parse("https://u:p@acme.com/x?y").expect("a URL");
    assert_eq!(
        line(&session, Program::Selenium, &options.of_url(&page)).as_deref(),
        Ok(r#"{"name":"a","value":"1","path":"/","secure":false,"httpOnly":false}"#)
    );
}

#[test]
fn partitions_as_each_program_has_them() {
    let keyed = |key| {
        built(
            Cookie::builder("a", "1")
                .domain(".chat.example")
                .secure(true)
                .partition_key(key),
        )
    };
    let options = WriteOptions::new().ignore_discard(true);
    let has = |key, program, part: &str| {
        let line = line(&keyed(key), program, &options).expect("a line");
        assert!(line.contains(part), "{line}");
    };
    let (usual, odd) = (
        "https://shop.example",
        "https://shop.example?hasCrossSiteAncestor=false",
    );
    has(
        usual,
        Program::Extension,
        r#""partitionKey":{"topLevelSite":"https://shop.example","hasCrossSiteAncestor":true}"#,
    );
    has(
        odd,
        Program::Extension,
        r#""partitionKey":{"topLevelSite":"https://shop.example","hasCrossSiteAncestor":false}"#,
    );
    has(
        "https://chat.example",
        Program::Extension,
        r#""hasCrossSiteAncestor":false"#,
    );
    has(
        "shop.example",
        Program::Extension,
        r#""firstPartyDomain":"shop.example""#,
    );
    has(
        usual,
        Program::Playwright,
        r#""partitionKey":"https://shop.example","_crHasCrossSiteAncestor":true"#,
    );
    has(
        odd,
        Program::Puppeteer,
        r#""partitionKey":{"sourceOrigin":"https://shop.example","topLevelSite":"https://shop.example","hasCrossSiteAncestor":false}"#,
    );
    for (key, program) in [
        (usual, Program::CookieStore),
        (usual, Program::Selenium),
        ("shop.example", Program::Playwright),
        ("shop.example", Program::Puppeteer),
    ] {
        assert_eq!(
            line(&keyed(key), program, &options),
            Err(Unwritable::Partitioned),
            "{program:?}"
        );
    }
}

#[test]
fn what_no_program_can_carry_is_said() {
    let of_acme = |name: &'static [u8], value: &'static [u8]| {
        Cookie::builder(name, value).domain(".acme.com")
    };
    let all = |reason| [Err(reason); 3];
    let driven = |reason: Unwritable| [Ok(()), Ok(()), Err(reason)];
    // For cookie_store, for extensions, and for browser drivers.
    let rows = [
        (built(of_acme(b"a", b"\xe9")), all(Unwritable::Text)),
        (built(of_acme(b"\xe9", b"1")), all(Unwritable::Text)),
        (
            built(of_acme(b"a", b"1").path(b"/\xe9")),
            all(Unwritable::Text),
        ),
        (built(of_acme(b"a", b"1").port("80")), all(Unwritable::Port)),
        (
            built(of_acme(b"a", b"1;2").version(1)),
            all(Unwritable::Semicolon),
        ),
        (
            built(of_acme(b"a", b" 1")),
            [Err(Unwritable::Blank), Ok(()), Err(Unwritable::Blank)],
        ),
        (
            built(of_acme(b"a", b"").without_value()),
            [Err(Unwritable::Nameless), Ok(()), Ok(())],
        ),
        (
            built(of_acme(b"", b"1")),
            [Err(Unwritable::Nameless), Ok(()), Ok(())],
        ),
        (built(of_acme(b"a", b"1\t2")), driven(Unwritable::Control)),
        (
            built(of_acme(b"a", b"1").path("/;")),
            driven(Unwritable::Semicolon),
        ),
        (
            built(of_acme(b"a", b"1").path(&"/x".repeat(600))),
            driven(Unwritable::TooLong),
        ),
        (
            built(of_acme(b"a", &[b'x'; 4096])),
            driven(Unwritable::Rejected(Rejection::NameValueTooLong)),
        ),
        (
            built(of_acme(b"__Host-a", b"1").secure(true)),
            driven(Unwritable::Rejected(Rejection::HostPrefix)),
        ),
        (
            built(of_acme(b"__Secure-a", b"1")),
            driven(Unwritable::Rejected(Rejection::SecurePrefix)),
        ),
        (
            built(of_acme(b"__Secure-a", b"").without_value().secure(true)),
            all(Unwritable::Rejected(Rejection::NamelessPrefix)),
        ),
        (
            built(of_acme(b"a", b"1").nonstandard_attr("SameSite", Some("None"))),
            driven(Unwritable::Rejected(Rejection::SameSiteNoneInsecure)),
        ),
    ];
    let options = WriteOptions::new().ignore_discard(true);
    for (cookie, [stored, extension, driven]) in rows {
        for program in ALL {
            let expected = match program {
                Program::CookieStore => stored,
                Program::Extension => extension,
                _ => driven,
            };
            let written = line(&cookie, program, &options).map(drop);
            assert_eq!(written, expected, "{cookie} {program:?}");
        }
    }
}

#[test]
fn origins_are_kept_as_they_are() {
    let options = ReadOptions::new();
    let state = |text: &str| StorageState::with_origins_of(text.as_bytes(), &options);
    for (text, origins) in [
        (
            r#"{"cookies":[],"origins":[ {"origin":"x","n":1.0} ]}"#,
            r#"[ {"origin":"x","n":1.0} ]"#,
        ),
        (r#"{"origins":null}"#, "[]"),
        ("\u{feff}{}", "[]"),
    ] {
        let mut file = Vec::new();
        let report =
            state(text)
                .expect("a state")
                .write(&mut file, &mut [].iter(), &WriteOptions::new());
        assert_eq!(report.expect("written").written, 0);
        assert_eq!(
            String::from_utf8(file).expect("UTF-8"),
            format!("{{\"cookies\":[\n],\"origins\":{origins}}}\n")
        );
    }
    for (text, error) in [
        ("[]", "not a file of this format"),
        (r#"{"origins":{}}"#, "not a file of this format"),
        (r#"{"origins":["#, "line 1: not well-formed"),
    ] {
        assert_eq!(
            state(text).expect_err("no state").to_string(),
            error,
            "{text}"
        );
    }
    let error = StorageState::with_origins_of(&b"{      }"[..], &options.clone().max_bytes(5));
    assert!(matches!(
        error.expect_err("too long").kind(),
        LoadErrorKind::TooLong
    ));
}
