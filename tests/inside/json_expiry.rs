use super::*;
use serde_json::json;

#[test]
fn forms_with_their_verdicts() {
    let new_year = Ok(1_893_456_000);
    let rows = [
        (json!(1_893_456_000), new_year),
        (json!(1_893_456_000.75), new_year),
        (json!(1_893_456_000_123_u64), new_year), // milliseconds
        (json!("1893456000"), new_year),
        (json!(" 1893456000.75 "), new_year),
        (json!("1893456000123"), new_year),
        (json!("2030-01-01T00:00:00.000Z"), new_year),
        (json!("2030-01-01T01:00:00.5+01:00"), new_year),
        (json!("2030-01-01 00:00:00"), new_year),
        (json!("2030-01-01"), new_year),
        (json!("Tue, 01 Jan 2030 00:00:00 GMT"), new_year),
        (json!("20300101"), Ok(20_300_101)), // digits are a number
        (json!("1970-01-01"), Ok(0)),        // a date is no number
        (json!("Thu, 01 Jan 1970 00:00:00 GMT"), Ok(0)),
        (json!("1969-12-31T23:59:59Z"), Ok(-1)),
        (json!(""), Ok(NEVER)),
        (json!(" "), Ok(NEVER)),
        (json!("Session"), Ok(NEVER)),
        (json!("Infinity"), Ok(NEVER)),
        (json!(null), Ok(NEVER)),
        (json!(-2), Ok(-2)),
        (json!("1969-12-31T00:00:00Z"), Ok(-86_400)),
        (json!(1e300), Ok(date::END_OF_9999)),
        (json!("9999-12-31T23:59:59-05:00"), Ok(date::END_OF_9999)),
        (json!("2030-02-31T00:00:00Z"), Err(Reason::Expiry)),
        (json!("soon"), Err(Reason::Expiry)),
        (json!(true), Err(Reason::Expiry)),
        (json!([1_893_456_000]), Err(Reason::Expiry)),
        (json!({"seconds": 1}), Err(Reason::Expiry)),
    ];
    for (value, expected) in rows {
        let object = Object::from_iter([("expires".to_owned(), value.clone())]);
        for session in [&[-1, 0][..], &[]] {
            let found = parse(&object, &["expiry", "expires"], session);
            assert_eq!(found, expected, "{value}");
        }
    }
    assert_eq!(parse(&Object::new(), &["expires"], &[]), Ok(NEVER));
    for (value, seconds) in [
        (json!(0), 0),
        (json!(-1), -1),
        (json!("0"), 0),
        (json!("-1"), -1),
    ] {
        let object = Object::from_iter([("expires".to_owned(), value)]);
        assert_eq!(parse(&object, &["expires"], &[-1, 0]), Ok(NEVER));
        assert_eq!(parse(&object, &["expires"], &[]), Ok(seconds));
    }
}
