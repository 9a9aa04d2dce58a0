//! One response with 3 `Set-Cookie` headers, stored by a jar that has these cookies already.

use std::hint::black_box;

use cookie_store::CookieStore;
use cookiejar_benches::data::Response;
use cookiejar_benches::python;
use cookiejar_benches::table::{Figure, Row};
use serde_json::json;

use crate::floor::Floor;
use crate::harness::{Harness, Pace, ROUNDS};
use crate::header;
use crate::report::Report;
use crate::subject::{self, Ours, OursDyn, Subject};

const WORKLOAD: &str = "response with 3 cookies that are there";

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    if !harness.wants(WORKLOAD) {
        return;
    }
    let [floor, ours, dynamic, peer] = harness.medians(
        ROUNDS,
        [
            &mut time::<Floor>,
            &mut time::<Ours>,
            &mut time::<OursDyn>,
            &mut time::<CookieStore>,
        ],
    );
    if let Some(ours) = ours {
        let row = row(WORKLOAD, ours, floor)
            .peer(CookieStore::NAME, peer)
            .python(python(harness))
            .faster_than(CookieStore::NAME, 3.0);
        report.add(row);
    }
    if let Some(ours) = dynamic {
        report.add(row("response with a dyn policy", ours, floor));
    }
}

fn row(workload: &str, ours: Figure, floor: Option<Figure>) -> Row {
    Row::new(workload, ours).floor(floor).at_most_floors(3.0)
}

fn time<S: Subject>(harness: &mut Harness) -> Option<Figure> {
    let mut jar: S = subject::filled(&header::responses());
    let rounds = rounds();
    for (response, header) in &rounds {
        jar.take(response);
        subject::check(&jar, &header::request(), Some(header));
    }
    let mut responses = rounds.iter().map(|(response, _)| response).cycle();
    harness.time(WORKLOAD, S::NAME, Pace::Fast, |bencher| {
        bencher.iter(|| {
            responses
                .next()
                .map(|response| jar.take(black_box(response)))
        });
    })
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
