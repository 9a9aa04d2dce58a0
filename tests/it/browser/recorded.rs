//! A recorded session of Chromium, compared with our answers.
//!
//! `record.py` made `recording.jsonl`. A case in which Chromium differs is listed in
//! [`DIFFERENCES`] with the reason; a listed case that does not differ fails, too.

use std::collections::BTreeMap;

use cookiejar::{BrowserPolicy, CookieJar};
use serde_json::Value;
use time::OffsetDateTime;

use super::context;

/// The cases in which this crate and Chromium differ on purpose, and why.
const DIFFERENCES: &[(&str, &[&str])] = &[
    (
        "Chromium rejects a TAB within a name or a value; the draft lets it pass (section 5.6, step 1)",
        &["parse 41", "parse 42", "script 16"],
    ),
    (
        "the last `Max-Age` or `Expires` that can be read counts (sections 5.6.1 and 5.6.2); in Chromium the \
         last one, readable or not",
        &["lifetime 23", "lifetime 31"],
    ),
    (
        "a year before 1601 makes a date unreadable (section 5.1.1, step 5); in Chromium it is past",
        &["lifetime 65"],
    ),
    (
        "a day of the month may have letters behind it (section 5.1.1, step 1); not in Chromium",
        &["lifetime 75"],
    ),
    (
        "`Domain=.` is an empty domain, hence none (section 5.6.3); Chromium rejects the cookie",
        &["domain 28", "domain 29", "domain 30"],
    ),
    (
        "a Domain that is not ASCII rejects the cookie (section 5.7, step 8); Chromium converts it",
        &["suffix 15"],
    ),
    (
        "Chromium escapes `|` in the path of a URL; the URL standard does not",
        &["path 48"],
    ),
    (
        "a cookie that is overwritten keeps its place (section 5.7, step 23.3); in Chromium only if its \
         value stays the same",
        &[
            "order 3",
            "order 4",
            "mixture 42",
            "mixture 78",
            "mixture 113",
        ],
    ),
];

/// The bytes that a text of the recording represents.
fn bytes(text: &Value) -> Vec<u8> {
    let chars = text.as_str().expect("a text").chars();
    chars
        .map(|c| u8::try_from(c).expect("ISO-8859-1"))
        .collect()
}

/// A jar at the time of the recording.
fn jar_at(now: OffsetDateTime) -> CookieJar<BrowserPolicy> {
    let mut jar = CookieJar::with_policy(BrowserPolicy::new());
    jar.set_clock(move || now);
    jar
}

/// Plays a case; returns the first exchange in which another header is sent, if any.
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
