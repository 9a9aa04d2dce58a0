//! The crate against Python's `http.cookiejar`, the reference for `DefaultCookiePolicy`.
//!
//! An *exchange* is a policy and a list of responses, requests and edits. `oracle/` plays it twice in
//! Python: `plain`, as Python is, and `mended`, with the rulings in which we differ from Python. The crate
//! must answer as `mended` does, to the letter; where the two differ, the rulings say why, and a ruling
//! that never applies fails the run.
//!
//! - The table of cases is checked in with its answers and always runs.
//! - The generator runs live against Python if `python3` is installed: 20,000 exchanges, or as many as
//!   the environment variable `COOKIEJAR_EXCHANGES` says, from the seed `COOKIEJAR_SEED`. A million:
//!
//! ```sh
//! COOKIEJAR_EXCHANGES=1000000 cargo test --release --test differential -- --nocapture
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use cookiejar::jar::ManualClock;
use cookiejar::policy::{Limits, PublicSuffixes, StrictNsDomain};
use cookiejar::{Cookie, CookieJar, DefaultCookiePolicy, NotFound, Provenance, RequestContext};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};
use url::Url;

/// The rulings that a run must exercise; `mendings.py` describes each.
const RULINGS: [&str; 26] = [
    "block-list",
    "calls",
    "control-characters",
    "dates",
    "default-port",
    "deleting",
    "domain-match",
    "domain-shape",
    "dotless-hosts",
    "emptied-buckets",
    "expired-cookies",
    "host",
    "host-only",
    "httponly",
    "ip-addresses",
    "limits",
    "numbers",
    "one-bad-cookie",
    "one-cookie",
    "order",
    "path",
    "public-suffixes",
    "secure",
    "set-cookie2-off",
    "version-1-values",
    "white-space",
];

#[test]
fn the_table_of_cases() {
    let mut spoken = BTreeSet::new();
    let mut cases = 0;
    for line in include_str!("../oracle/cases.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        check(&case["exchange"], &case["mended"])
            .unwrap_or_else(|difference| panic!("{difference}"));
        spoken.extend(
            case["rulings"]
                .as_array()
                .expect("rulings")
                .iter()
                .map(text)
                .map(str::to_owned),
        );
        cases += 1;
    }
    assert!(cases >= 300, "{cases} cases");
    assert_every_ruling_spoke(&spoken);
    println!("{cases} cases, each answered as the table says");
}

#[test]
fn live_exchanges() {
    let count = cookiejar_tests::share!("new cases of Python's jar", 200, of 20_000);
    let count: u64 = number_from_env("COOKIEJAR_EXCHANGES", count);
    let seed: u64 = number_from_env("COOKIEJAR_SEED", 1);
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let share = count.div_ceil(workers);
    let oracles: Vec<_> = (0..workers)
        .map(|worker| {
            (
                worker * share,
                share.min(count.saturating_sub(worker * share)),
            )
        })
        .map_while(|(first, count)| Oracle::generate(seed, first, count))
        .collect();
    if oracles.is_empty() {
        cookiejar_tests::skip!("new cases of Python's jar: there is no python3");
        return;
    }
    let threads: Vec<_> = oracles
        .into_iter()
        .map(|oracle| std::thread::spawn(|| oracle.compare()))
        .collect();
    let runs = threads
        .into_iter()
        .map(|thread| thread.join().expect("a run"));
    let runs: Vec<Run> = runs
        .collect::<Result<_, _>>()
        .unwrap_or_else(|difference| panic!("{difference}"));
    let spoken: BTreeSet<_> = runs.iter().flat_map(|run| run.spoken.clone()).collect();
    let compared: u64 = runs.iter().map(|run| run.exchanges).sum();
    let differing: u64 = runs.iter().map(|run| run.differing).sum();
    assert_eq!(compared, count, "the generator fell short");
    println!(
        "{compared} exchanges, {differing} answered otherwise by Python as it is, 0 unexplained"
    );
    for run in &runs {
        println!("{:#}", run.summary);
    }
    if count >= 20_000 {
        assert_every_ruling_spoke(&spoken);
    }
}

fn number_from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

#[track_caller]
fn assert_every_ruling_spoke(spoken: &BTreeSet<String>) {
    let silent: Vec<_> = RULINGS
        .iter()
        .filter(|ruling| !spoken.contains(**ruling))
        .collect();
    assert!(
        silent.is_empty(),
        "rulings that show no difference any more: {silent:?}"
    );
    let unknown: Vec<_> = spoken
        .iter()
        .filter(|name| !RULINGS.contains(&name.as_str()))
        .collect();
    assert!(
        unknown.is_empty(),
        "differences by rulings that are on no list: {unknown:?}"
    );
}

/// A Python that generates exchanges and plays them.
struct Oracle(Child);

/// The results of its exchanges.
struct Run {
    exchanges: u64,
    differing: u64,
    spoken: BTreeSet<String>,
    summary: Value,
}

impl Oracle {
    fn generate(seed: u64, first: u64, count: u64) -> Option<Self> {
        Command::new("python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/oracle.py"))
            .args(["generate", "--attribute", "300"])
            .args(["--seed", &seed.to_string()])
            .args(["--first", &first.to_string()])
            .args(["--count", &count.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .ok()
            .map(Self)
    }

    fn compare(mut self) -> Result<Run, String> {
        let mut run = Run {
            exchanges: 0,
            differing: 0,
            spoken: BTreeSet::new(),
            summary: Value::Null,
        };
        let output = BufReader::new(self.0.stdout.take().expect("its output"));
        for line in output.lines() {
            let line: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
            if let Some(summary) = line.get("summary") {
                run.summary = summary.clone();
                continue;
            }
            check(&line["exchange"], &line["mended"])?;
            run.exchanges += 1;
            run.differing += u64::from(line["differs"] == true);
            run.spoken
                .extend(list(&line["rulings"]).map(text).map(str::to_owned));
        }
        assert!(
            self.0.wait().expect("an end").success(),
            "the oracle failed"
        );
        Ok(run)
    }
}

/// Plays an exchange and compares; reports a difference in a few lines.
fn check(exchange: &Value, expected: &Value) -> Result<(), String> {
    let answers = Player::new(exchange).play(exchange);
    let expected = with_texts(expected);
    if answers == expected {
        return Ok(());
    }
    let steps = list(&answers["steps"])
        .zip(list(&expected["steps"]))
        .enumerate();
    let told = steps
        .filter(|(_, (ours, theirs))| ours != theirs)
        .map(|(index, (ours, theirs))| format!("step {index}: ours {ours}\n  expected {theirs}"));
    let told: Vec<_> = told.collect();
    let (ours, theirs) = (&answers["jar"], &expected["jar"]);
    Err(format!(
        "exchange: {exchange}\n{}\njar: ours {ours}\n  expected {theirs}",
        told.join("\n")
    ))
}

/// Plays an exchange with a jar of ours.
struct Player {
    jar: CookieJar,
    clock: ManualClock,
    suffixes: PublicSuffixes,
    has_guards: bool,
}

impl Player {
    fn new(exchange: &Value) -> Self {
        let rules: Vec<_> = list(&exchange["suffixes"]).map(text).collect();
        let suffixes = if rules.is_empty() {
            PublicSuffixes::none()
        } else {
            PublicSuffixes::parse(&rules.join("\n")).expect("suffixes")
        };
        let now = exchange["now"].as_i64().expect("a time");
        let clock = ManualClock::new(OffsetDateTime::from_unix_timestamp(now).expect("a time"));
        let has_guards = match text(&exchange["form"]) {
            "new" => true,
            "python" => false,
            form => panic!("no form {form}"),
        };
        let mut jar = CookieJar::with_policy(policy(&exchange["policy"], &suffixes, has_guards));
        jar.set_clock(clock.clone());
        Self {
            jar,
            clock,
            suffixes,
            has_guards,
        }
    }

    fn play(&mut self, exchange: &Value) -> Value {
        let steps: Vec<_> = list(&exchange["steps"])
            .map(|step| self.step(step))
            .collect();
        let mut jar: Vec<_> = self.unexpired().map(record).collect();
        jar.sort_by_key(|record| {
            ["domain", "path", "name"].map(|key| text(&record[key]).to_owned())
        });
        json!({ "steps": steps, "jar": jar })
    }

    fn step(&mut self, step: &Value) -> Value {
        let of = |key: &str| text(&step[key]);
        match of("do") {
            "response" => {
                let url = url(step);
                self.jar
                    .extract_cookies(&headers(step), context(step, &url));
                let mut jar: Vec<_> = self.unexpired().map(identity).collect();
                jar.sort();
                json!({ "jar": jar })
            }
            "request" => {
                let url = url(step);
                let mut headers = headers(step);
                let before = headers.len();
                self.jar
                    .add_cookie_header_to(&mut headers, context(step, &url));
                let added = |name| headers[before..].iter().find(|(field, _)| field == name);
                json!({
                    "cookie": added("Cookie").map(|(_, value)| latin1(value)),
                    "cookie2": added("Cookie2").map(|(_, value)| latin1(value)),
                })
            }
            "clear" => {
                self.jar.clear();
                json!("ok")
            }
            "clear_domain" => outcome(&self.jar.clear_domain(of("domain"))),
            "clear_path" => outcome(&self.jar.clear_path(of("domain"), of("path"))),
            "remove" => outcome(
                &self
                    .jar
                    .remove((of("domain"), of("path"), &bytes(of("name")))),
            ),
            "clear_session_cookies" => {
                self.jar.clear_session_cookies();
                Value::Null
            }
            "clear_expired_cookies" => {
                self.jar.clear_expired_cookies();
                Value::Null
            }
            "advance" => {
                self.clock.advance(Duration::seconds(
                    step["seconds"].as_i64().expect("seconds"),
                ));
                Value::Null
            }
            "set_policy" => {
                self.jar
                    .set_policy(policy(&step["policy"], &self.suffixes, self.has_guards));
                Value::Null
            }
            other => panic!("no step {other}"),
        }
    }

    fn unexpired(&self) -> impl Iterator<Item = &Cookie> {
        let now = cookiejar::jar::Clock::now(&self.clock);
        self.jar
            .iter()
            .filter(move |cookie| !cookie.is_expired(now))
    }
}

fn outcome<T>(result: &Result<T, NotFound>) -> Value {
    json!(if result.is_ok() { "ok" } else { "not found" })
}

fn url(step: &Value) -> Url {
    Url::parse(text(&step["url"])).expect("a URL")
}

fn context<'a>(step: &'a Value, url: &'a Url) -> RequestContext<'a> {
    let provenance = Provenance::new().unverifiable(step["unverifiable"] == true);
    let provenance = match step.get("origin").and_then(Value::as_str) {
        Some(origin) => provenance.origin_host(origin),
        None => provenance,
    };
    RequestContext::from(url).caused_by(provenance)
}

fn headers(step: &Value) -> Vec<(String, Vec<u8>)> {
    let pairs = step.get("headers").map(list).into_iter().flatten();
    pairs
        .map(|pair| (text(&pair[0]).to_owned(), bytes(text(&pair[1]))))
        .collect()
}

fn policy(flags: &Value, suffixes: &PublicSuffixes, has_guards: bool) -> DefaultCookiePolicy {
    let mut policy = if has_guards {
        DefaultCookiePolicy::with_suffixes(suffixes.clone())
    } else {
        DefaultCookiePolicy::python()
    };
    for (flag, value) in flags.as_object().into_iter().flatten() {
        let yes = value == true;
        let texts = || list(value).map(text);
        match flag.as_str() {
            "netscape" => policy.set_netscape(yes),
            "rfc2965" => policy.set_rfc2965(yes),
            "rfc2109_as_netscape" => policy.set_rfc2109_as_netscape(value.as_bool()),
            "hide_cookie2" => policy.set_hide_cookie2(yes),
            "strict_domain" => policy.set_strict_domain(yes),
            "strict_rfc2965_unverifiable" => policy.set_strict_rfc2965_unverifiable(yes),
            "strict_ns_unverifiable" => policy.set_strict_ns_unverifiable(yes),
            "strict_ns_domain" => policy.set_strict_ns_domain(strict_ns_domain(value)),
            "strict_ns_set_initial_dollar" => policy.set_strict_ns_set_initial_dollar(yes),
            "strict_ns_set_path" => policy.set_strict_ns_set_path(yes),
            "secure_protocols" => policy.set_secure_protocols(texts()),
            "blocked_domains" => policy.set_blocked_domains(texts()),
            "allowed_domains" if value.is_null() => policy.allow_all_domains(),
            "allowed_domains" => policy.set_allowed_domains(texts()),
            other => panic!("no flag {other}"),
        }
    }
    if !has_guards {
        policy.set_limits(Limits::none());
    }
    policy
}

/// Python's bits: 1 no dots, 2 non-domain, 4 RFC 2965 match.
fn strict_ns_domain(bits: &Value) -> StrictNsDomain {
    let bits = bits.as_u64().expect("bits");
    let mut strict = StrictNsDomain::LIBERAL;
    strict.no_dots = bits & 1 != 0;
    strict.non_domain = bits & 2 != 0;
    strict.rfc2965_match = bits & 4 != 0;
    strict
}

fn identity(cookie: &Cookie) -> [String; 3] {
    [
        cookie.domain().to_owned(),
        cookie.path().to_owned(),
        latin1(&cookie.name_bytes()),
    ]
}

fn record(cookie: &Cookie) -> Value {
    let rest: BTreeMap<_, _> = cookie.nonstandard_attrs().collect();
    json!({
        "domain": cookie.domain(),
        "path": cookie.path(),
        "name": latin1(&cookie.name_bytes()),
        "value": cookie.value_bytes().map(|value| latin1(&value)),
        "version": cookie.version(),
        "port": cookie.port(),
        "port_specified": cookie.port_specified(),
        "domain_specified": cookie.domain_specified(),
        "domain_initial_dot": cookie.domain_initial_dot(),
        "path_specified": cookie.path_specified(),
        "secure": cookie.secure(),
        "expires": cookie.expires().map(OffsetDateTime::unix_timestamp),
        "discard": cookie.discard(),
        "comment": cookie.comment(),
        "comment_url": cookie.comment_url(),
        "rfc2109": cookie.rfc2109(),
        "rest": rest,
        "http_only": cookie.http_only(),
    })
}

/// Python shows all bytes as ISO-8859-1, we show UTF-8 as text: converts the records of `expected` to our form,
/// if the crate does not show bytes.
fn with_texts(expected: &Value) -> Value {
    let mut expected = expected.clone();
    for record in expected["jar"].as_array_mut().expect("a jar") {
        for key in ["comment", "comment_url", "port"] {
            if let Value::String(shown) = &mut record[key] {
                *shown = as_text(shown);
            }
        }
        let rest = record["rest"].as_object().expect("a dict");
        record["rest"] = Value::Object(rest.iter().map(text_entry).collect::<Map<_, _>>());
    }
    expected
}

fn text_entry((key, value): (&String, &Value)) -> (String, Value) {
    (
        as_text(key),
        value
            .as_str()
            .map_or(Value::Null, |value| json!(as_text(value))),
    )
}

fn as_text(latin1: &str) -> String {
    String::from_utf8(bytes(latin1)).unwrap_or_else(|_| latin1.to_owned())
}

/// The bytes that the code points of an exchange represent.
fn bytes(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(c).expect("a byte"))
        .collect()
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}
