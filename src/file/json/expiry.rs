//! Expiry times of cookies from other programs; the table of verdicts is in `json/mod.rs`.

use serde_json::Value;

use super::foreign::Object;
use crate::cookie::NEVER;
use crate::date;
use crate::file::cookies_txt::{parse_expiry, whole_seconds};
use crate::file::report::Reason;

pub(super) fn parse(object: &Object, keys: &[&str]) -> Result<i64, Reason> {
    let mut found = keys.iter().filter_map(|key| object.get(*key));
    let value = found.find(|value| !value.is_null());
    value.map_or(Ok(NEVER), read)
}

/// Seconds or milliseconds, as a number or as text, or a date; 0 and -1 mean a session cookie.
fn read(value: &Value) -> Result<i64, Reason> {
    let seconds = match value {
        Value::Number(number) => number.as_f64().map(whole_seconds),
        Value::String(text) => read_text(text),
        _ => None,
    };
    match seconds.ok_or(Reason::Expiry)? {
        -1 | 0 | NEVER => Ok(NEVER),
        seconds => Ok(seconds.min(date::END_OF_9999)),
    }
}

fn read_text(text: &str) -> Option<i64> {
    const SESSION: [&str; 3] = ["Session", "SessionEnd", "Infinity"];
    let text = text.trim_ascii();
    if SESSION.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Some(NEVER);
    }
    let bytes = text.as_bytes();
    parse_expiry(bytes)
        .or_else(|| date::parse_iso_date(bytes))
        .or_else(|| date::parse_server_date(bytes))
}

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/json_expiry.rs"]
mod tests;
