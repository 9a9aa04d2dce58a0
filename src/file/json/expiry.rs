//! Expiry times of cookies from other programs; the table of verdicts is in `json/mod.rs`.

use serde_json::Value;

use super::foreign::Object;
use crate::cookie::NEVER;
use crate::date;
use crate::file::cookies_txt::{parse_seconds, whole_seconds};
use crate::file::report::Reason;

/// Seconds or milliseconds, as a number or as text, or a date. `session` has the numbers that mean a session cookie; as
/// a date, the same time is long over.
pub(super) fn parse(object: &Object, keys: &[&str], session: &[i64]) -> Result<i64, Reason> {
    let mut found = keys.iter().filter_map(|key| object.get(*key));
    let value = found.find(|value| !value.is_null());
    let read = |value| read(value, session).ok_or(Reason::Expiry);
    value.map_or(Ok(NEVER), read)
}

fn read(value: &Value, session: &[i64]) -> Option<i64> {
    const SESSION: [&str; 4] = ["", "Session", "SessionEnd", "Infinity"];
    let from_number = |seconds| {
        if session.contains(&seconds) {
            NEVER
        } else {
            seconds
        }
    };
    let text = match value {
        Value::Number(number) => return number.as_f64().map(whole_seconds).map(from_number),
        Value::String(text) => text.trim_ascii(),
        _ => return None,
    };
    if SESSION.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Some(NEVER);
    }
    let number = parse_seconds(text.as_bytes()).map(from_number);
    number.or_else(|| read_date(text.as_bytes()))
}

fn read_date(text: &[u8]) -> Option<i64> {
    let seconds = date::parse_iso_date(text).or_else(|| date::parse_server_date(text))?;
    Some(seconds.min(date::END_OF_9999))
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/json_expiry.rs"]
mod tests;
