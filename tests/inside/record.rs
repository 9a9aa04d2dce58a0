use proptest::prelude::*;
use time::OffsetDateTime;

use super::*;
use crate::date;
use crate::policy::AcceptAllPolicy;
use crate::{CookieJar, Provenance, RequestContext};

fn cookie() -> impl Strategy<Value = Cookie> {
    let bytes = || {
        prop::collection::vec(
            prop::sample::select(b"ab \"\\%;\xe9\xff\xc3\xa9".as_slice()),
            0..6,
        )
    };
    let flags = prop::collection::vec(any::<bool>(), 8);
    let times = (
        prop::option::of(0..=date::END_OF_9999),
        prop::option::of(0..2_000_000_000_i64),
        prop::option::of(prop::sample::select(vec!["https://a.example", "k\u{e9}"])),
    );
    let parts = (bytes(), bytes(), bytes(), flags, times);
    parts.prop_filter_map("not a cookie", |(name, value, path, flags, times)| {
        let (expires, created, partition) = times;
        let (name, path) = ([b"n", &name[..]].concat(), [b"/", &path[..]].concat());
        let mut builder = Cookie::builder(&name, &value)
            .domain(if flags[0] { "acme.com" } else { ".acme.com" })
            .path(&path)
            .secure(flags[1])
            .http_only(flags[2])
            .rfc2109(flags[3])
            .discard(flags[4])
            .version(u32::from(flags[5]));
        if flags[6] {
            builder = builder.port("80,81").comment(&value);
        }
        if flags[7] {
            builder = builder.without_value();
        }
        if let Some(key) = partition {
            builder = builder.partition_key(key);
        }
        let time = |seconds| OffsetDateTime::from_unix_timestamp(seconds).expect("a time");
        if let Some(expires) = expires {
            builder = builder.expires(time(expires));
        }
        if let Some(created) = created {
            builder = builder.creation_time(time(created));
        }
        builder.build().ok()
    })
}

proptest! {
    #[test]
    fn records_give_the_cookies_that_went_in(cookie in cookie(), order: u64) {
        let mut cookie = cookie;
        if let Some(created) = cookie.created_seconds() {
            cookie.stamp_creation(created, order);
        }
        let (identity, record) = (identity(&cookie), encode(&cookie));
        let back = decode(&identity, &record.bytes).expect("a cookie");
        prop_assert_eq!(back.creation_key(), cookie.creation_key());
        prop_assert_eq!(record.expires, cookie.expires_seconds());
        prop_assert_eq!(&back, &cookie);
        let parsed = parse(&identity).expect("an identity");
        prop_assert_eq!(parsed, cookie.id());
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, identity: Vec<u8>) {
        let _ = decode(&identity, &bytes);
        let _ = parse(&identity);
    }
}

#[test]
fn a_record_leaves_out_what_its_identity_says() {
    let cookie = Cookie::builder(b"caf\xe9", "1")
        .domain(".acme.com")
        .path("/a")
        .secure(true)
        .partition_key("https://top.example")
        .build()
        .expect("a cookie");
    let record = encode(&cookie);
    let expected =
        r#"{"value":"1","domain_initial_dot":true,"path_specified":true,"secure":true,"order":0}"#;
    assert_eq!(std::str::from_utf8(&record.bytes), Ok(expected));
    let back = decode(&identity(&cookie), &record.bytes);
    assert_eq!(back, Ok(cookie));
}

#[test]
fn a_record_is_a_strangers() {
    let id = b"acme.com\0/\0a";
    let good = r#"{"value":"1","order":7,"to come":[1]}"#;
    let cookie = decode(id, good.as_bytes()).expect("unknown fields are ignored");
    assert_eq!(cookie.creation_key().1, 7);
    // A record may repeat what its identity says.
    let good =
        r#"{"name":"a","value":"1","domain":"acme.com","host_only":true,"path":"/","order":7}"#;
    assert_eq!(decode(id, good.as_bytes()).as_ref(), Ok(&cookie));
    let rows: &[(&str, RowError)] = &[
        ("", RowError::Field),
        ("[]", RowError::Field),
        (&good.replace("\"1\"", "1"), RowError::Field),
        // Another cookie's.
        (&good.replace("\"a\"", "\"b\""), RowError::Field),
        (&good.replace("acme", "evil"), RowError::Field),
        (&good.replace("true", "false"), RowError::Field),
        (&good.replace(r#""host_only":true,"#, ""), RowError::Field),
        (
            &good.replace("order", "partition\":\"k\",\"order"),
            RowError::Field,
        ),
        (
            &good.replace("\"1\"", "\"1\\n\""),
            RowError::Rejected(crate::Rejection::ForbiddenOctet),
        ),
    ];
    for (record, error) in rows {
        assert_eq!(decode(id, record.as_bytes()), Err(*error), "{record}");
    }
    assert_eq!(decode(id, b"\xff"), Err(RowError::Field));
    // An identity that no cookie has: not canonical, and no host.
    let found = |identity: &[u8]| decode(identity, br#"{"value":"1"}"#);
    assert_eq!(found(b"Acme.com\0/\0a"), Err(RowError::Field));
    assert_eq!(found(b"acme.com\0/"), Err(RowError::Field));
    let rejected = |reason| Err(RowError::Rejected(reason));
    assert_eq!(
        found(b"a b\0/\0a"),
        rejected(crate::Rejection::InvalidDomain)
    );
    assert_eq!(
        found(b"acme.com\0x\0a"),
        rejected(crate::Rejection::InvalidPath)
    );
    assert_eq!(
        found(b"acme.com\0/\0a=b"),
        rejected(crate::Rejection::InvalidName)
    );
    assert!(parse(b"a\0b").is_none());
}

#[test]
fn a_record_says_when_its_cookie_was_last_sent_if_it_ever_was() {
    let sent_at = OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a time");
    let mut jar = CookieJar::with_policy(AcceptAllPolicy::new());
    let url = url::Url::parse("https://acme.com/").expect("a URL");
    jar.extract_cookies(&[("Set-Cookie", "a=1")], &url);
    let record = |jar: &CookieJar<_>| encode(jar.iter().next().expect("a cookie"));
    assert_eq!(record(&jar).last_access, None);
    let provenance = Provenance::new().at(sent_at);
    jar.cookie_header(RequestContext::from(&url).caused_by(provenance));
    assert_eq!(record(&jar).last_access, Some(1_800_000_000));
}

#[test]
fn a_record_shows_the_length_of_its_bytes_and_not_the_bytes() {
    let record = Record {
        bytes: b"secret".as_slice().into(),
        created: Some(7),
        ..Record::default()
    };
    let shown = format!("{record:?}");
    let expected = "Record { bytes: 6, created: Some(7), expires: None, last_access: None }";
    assert_eq!(shown, expected);
}
