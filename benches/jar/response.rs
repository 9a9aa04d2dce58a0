//! One response with 3 `Set-Cookie` headers, stored by a jar that has these cookies already.

use std::hint::black_box;

use cookie_store::CookieStore;
use cookiejar::{BrowserPolicy, CookieJar};
use cookiejar_benches::data::{self, Response};
use cookiejar_benches::python;
use cookiejar_benches::table::{Figure, Row};
use serde_json::json;
use url::Url;

use crate::floor::Floor;
use crate::harness::{Harness, Pace, ROUNDS};
use crate::header;
use crate::report::Report;
use crate::subject::{self, Ours, OursDyn, Subject};

const WORKLOAD: &str = "response with 3 cookies that are there";
const SAME: &str = "response with 3 cookies that are there, the same again";
const HTTP: &str = "response over http with 3 cookies that are there";

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    new_values(harness, report);
    the_same(harness, report);
    over_http(harness, report);
}

fn new_values(harness: &mut Harness, report: &mut Report) {
    if !harness.wants(WORKLOAD) {
        return;
    }
    let rounds = &Rounds::new();
    let [floor, ours, dynamic, browser, peer] = harness.medians(
        ROUNDS,
        [
            &mut |harness| rounds.time::<Floor>(harness, WORKLOAD),
            &mut |harness| rounds.time::<Ours>(harness, WORKLOAD),
            &mut |harness| rounds.time::<OursDyn>(harness, WORKLOAD),
            &mut |harness| rounds.time::<Browser>(harness, WORKLOAD),
            &mut |harness| rounds.time::<CookieStore>(harness, WORKLOAD),
        ],
    );
    let row = |workload, ours| Row::new(workload, ours).floor(floor);
    if let Some(ours) = ours {
        let row = row(WORKLOAD, ours)
            .at_most_floors(2.7)
            .peer(CookieStore::NAME, peer)
            .python(python(harness))
            .faster_than(CookieStore::NAME, 4.0);
        report.add(row);
    }
    if let Some(ours) = dynamic {
        report.add(row("response with a dyn policy", ours).at_most_floors(2.7));
    }
    if let (Some(ours), Some(browser)) = (ours, browser) {
        let row = row("response with BrowserPolicy", browser);
        report.add(row.at_most_times(1.15, DEFAULT, ours));
    }
}

fn the_same(harness: &mut Harness, report: &mut Report) {
    if !harness.wants(SAME) {
        return;
    }
    let rounds = &Rounds::new().first();
    let [floor, ours, dynamic] = harness.medians(
        ROUNDS,
        [
            &mut |harness| rounds.time::<Floor>(harness, SAME),
            &mut |harness| rounds.time::<Ours>(harness, SAME),
            &mut |harness| rounds.time::<OursDyn>(harness, SAME),
        ],
    );
    let names = [SAME.to_owned(), format!("{SAME}, with a dyn policy")];
    for (name, ours) in names.into_iter().zip([ours, dynamic]) {
        let row = ours.map(|ours| Row::new(name, ours).floor(floor).at_most_floors(2.0));
        if let Some(row) = row {
            report.add(row);
        }
    }
}

fn over_http(harness: &mut Harness, report: &mut Report) {
    if !harness.wants(HTTP) {
        return;
    }
    let rounds = &Rounds::new().over_http();
    let [ours, browser] = harness.medians(
        ROUNDS,
        [
            &mut |harness| rounds.time::<Ours>(harness, HTTP),
            &mut |harness| rounds.time::<Browser>(harness, HTTP),
        ],
    );
    if let (Some(ours), Some(browser)) = (ours, browser) {
        let row = Row::new("response over http with BrowserPolicy", browser);
        report.add(row.at_most_times(1.3, DEFAULT, ours));
    }
}

/// This crate with the rules of browsers.
type Browser = CookieJar<BrowserPolicy>;

const DEFAULT: &str = "the default policy";

/// The contents of a jar, and the responses that it takes in turn.
struct Rounds {
    fill: Vec<Response>,
    turns: Vec<(Response, String)>,
    request: Url,
}

impl Rounds {
    fn new() -> Self {
        Self {
            fill: header::responses().into(),
            turns: rounds().into(),
            request: header::request(),
        }
    }

    /// Only the first response, again and again.
    fn first(mut self) -> Self {
        self.turns.truncate(1);
        self
    }

    /// The same without TLS, and so without Secure cookies.
    fn over_http(self) -> Self {
        let plain = |text: &str| text.replace("https:", "http:");
        let response = |response: &Response| {
            let fields = response.fields();
            let fields =
                fields.map(|field| field.replace("; Secure", "").replace("; SameSite=None", ""));
            Response::new(&plain(response.url.as_str()), fields)
        };
        let turns = self.turns.iter();
        Self {
            fill: self.fill.iter().map(response).collect(),
            turns: turns
                .map(|(round, header)| (response(round), header.clone()))
                .collect(),
            request: data::url(&plain(self.request.as_str())),
        }
    }

    fn time<S: Subject>(&self, harness: &mut Harness, workload: &str) -> Option<Figure> {
        let mut jar: S = subject::filled(&self.fill);
        for (response, header) in &self.turns {
            jar.take(response);
            subject::check(&jar, &self.request, Some(header));
        }
        let mut responses = self.turns.iter().map(|(response, _)| response).cycle();
        harness.time(workload, S::NAME, Pace::Fast, |bencher| {
            bencher.iter(|| {
                responses
                    .next()
                    .map(|response| jar.take(black_box(response)))
            });
        })
    }
}

fn python(harness: &Harness) -> Option<Figure> {
    let rounds = rounds().map(|(response, header)| (response, (header::request(), Some(header))));
    let (responses, requests): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
    let task = json!({
        "task": "responses",
        "fill": python::responses(&header::responses()),
        "responses": python::responses(&responses),
        "requests": python::requests(&requests),
    });
    harness.python()?.measure(&task).time("response")
}

/// Two responses that take turns, as on a site that renews its session, and the header after
/// each of them.
pub(crate) fn rounds() -> [(Response, String); 2] {
    ["31d4d96e407aad42", "e06c5b8f2a917d30"].map(|sid| {
        let response = Response::new(
            "https://www.acme.com/account/orders",
            [
                format!("sid={sid}; Path=/; Secure; HttpOnly; SameSite=Lax"),
                format!("csrftoken={}; Path=/account; Expires=Sun, 01 Jul 2040 12:34:56 GMT; Secure; SameSite=Strict", &sid[..10]),
                "consent=yes; Domain=acme.com; Path=/; Max-Age=31536000; SameSite=Lax".to_owned(),
            ],
        );
        let header = header::HEADER
            .replace("9b1a2f0c77", &sid[..10])
            .replace("sid=31d4d96e407aad42", &format!("sid={sid}"));
        (response, header)
    })
}
