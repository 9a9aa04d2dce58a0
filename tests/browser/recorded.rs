//! A recorded session of Chromium, compared with our answers.
//!
//! `record.py` made `recording.jsonl`. Where Chromium goes its own way, the case stands in
//! [`DIFFERENCES`] with the reason; one that stands there and does not differ fails, too.

use std::collections::BTreeMap;

use cookiejar::{BrowserPolicy, CookieJar};
use serde_json::Value;
use time::OffsetDateTime;

use super::context;

/// The cases in which we and Chromium differ on purpose, and why.
const DIFFERENCES: &[(&str, &[&str])] = &[];

/// The bytes for which a text of the recording stands.
fn bytes(text: &Value) -> Vec<u8> {
    let chars = text.as_str().expect("a text").chars();
    chars
        .map(|c| u8::try_from(c).expect("ISO-8859-1"))
        .collect()
}

/// A jar that treats the loopback as Chromium does, at the time of the recording.
fn jar_at(now: OffsetDateTime) -> CookieJar<BrowserPolicy> {
    let mut jar = CookieJar::with_policy(BrowserPolicy::for_tests());
    jar.set_clock(move || now);
    jar
}

/// Plays a case; the first exchange in which another header goes out, if there is one.
fn difference(case: &Value, now: OffsetDateTime) -> Option<String> {
    let mut jar = jar_at(now);
    for exchange in case["exchanges"].as_array().expect("exchanges") {
        let request = exchange["request"].as_str().expect("a request");
        let context = context(request);
        if let Some(theirs) = exchange.get("sent") {
            let ours = jar.cookie_header(&context);
            let ours = ours.map_or_else(Vec::new, cookiejar::CookieHeader::into_bytes);
            if ours != bytes(theirs) {
                let ours = String::from_utf8_lossy(&ours);
                return Some(format!(
                    "{request}\n  ours   {ours:.200}\n  theirs {theirs:.200}"
                ));
            }
        }
        if let Some(fields) = exchange.get("set") {
            let fields = fields.as_array().expect("fields").iter();
            let fields: Vec<_> = fields.map(|field| ("Set-Cookie", bytes(field))).collect();
            jar.extract_cookies(&fields, &context);
        }
    }
    None
}

#[test]
fn chromium_answers_as_we_do() {
    let mut lines = include_str!("recording.jsonl").lines();
    let mut line = || -> Option<Value> {
        lines
            .next()
            .map(|line| serde_json::from_str(line).expect("JSON"))
    };
    let head = line().expect("a first line");
    let now = OffsetDateTime::from_unix_timestamp(head["now"].as_i64().expect("a time"));
    let now = now.expect("a time");
    let mut known: BTreeMap<&str, &str> = DIFFERENCES
        .iter()
        .flat_map(|(reason, names)| names.iter().map(move |name| (*name, *reason)))
        .collect();
    let (mut cases, mut faults) = (0, Vec::new());
    while let Some(case) = line() {
        cases += 1;
        let name = case["name"].as_str().expect("a name");
        match (difference(&case, now), known.remove(name)) {
            (None, Some(reason)) => faults.push(format!("{name} does not differ: {reason}")),
            (Some(difference), None) => {
                let set = &case["exchanges"][0]["set"];
                faults.push(format!("{name} {set:.200}: {difference}"));
            }
            _ => {}
        }
    }
    faults.extend(
        known
            .keys()
            .map(|name| format!("{name} is not in the recording")),
    );
    assert!(
        faults.is_empty(),
        "{} of {cases}:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(cases >= 300, "{cases} cases");
}
