//! W3: 100, 10,000 and 100,000 domains with 5 cookies each. The header for a known and for an
//! unknown host, and filling the jar; what it holds in memory is measured by the bench `footprint`.

use std::hint::black_box;
use std::time::Duration;

use cookie_store::CookieStore;
use cpu_time::ThreadTime;
use url::Url;

use crate::data::{self, Response, Rng, SITE_COOKIES};
use crate::floor::Floor;
use crate::harness::{Harness, Pace};
use crate::subject::{self, Ours, OursDyn, Subject};
use crate::table::{Figure, Row, Table};

pub(crate) fn run(harness: &mut Harness, table: &mut Table) {
    if harness.wants("W3 known host") || harness.wants("W3 unknown host") {
        look_ups(harness, table);
    }
    if harness.wants("W3 fill") {
        fills(harness, table);
    }
}

fn look_ups(harness: &mut Harness, table: &mut Table) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut smallest = None;
    for &sites in harness.sizes(&[100, 10_000, 100_000]) {
        let data = LookUps::new(sites);
        let floor = time_look_ups::<Floor>(harness, &data);
        let peer = time_look_ups::<CookieStore>(harness, &data);
        let ours = time_look_ups::<Ours>(harness, &data);
        let dynamic = time_look_ups::<OursDyn>(harness, &data);
        if let Some(ours) = ours.known {
            let row = Row::new(data.known_workload(), ours)
                .floor(floor.known)
                .peer(CookieStore::NAME, peer.known);
            known.push(row.at_most_floors(3.0));
        }
        if let Some(ours) = dynamic.known {
            let row = Row::new(format!("{} with a dyn policy", data.known_workload()), ours)
                .floor(floor.known);
            known.push(row.at_most_floors(3.0));
        }
        if let Some(ours) = ours.unknown {
            let smallest = *smallest.get_or_insert(ours.number());
            let row = Row::new(data.unknown_workload(), ours)
                .floor(floor.unknown)
                .peer(CookieStore::NAME, peer.unknown);
            unknown.push(
                row.at_most_floors(2.0)
                    .at_most_times(FLAT, "100 domains", smallest),
            );
        }
    }
    for row in known.into_iter().chain(unknown) {
        table.add(row);
    }
}

/// What counts as flat in the size: a table of 100,000 slots misses the caches, one of 100 does
/// not.
const FLAT: f64 = 1.5;

/// The jar's contents, and where to look, in random order: cache misses are the point.
struct LookUps {
    sites: usize,
    responses: Vec<Response>,
    known: Vec<Url>,
    unknown: Vec<Url>,
}

impl LookUps {
    fn new(sites: usize) -> Self {
        let mut order: Vec<_> = (0..sites).collect();
        Rng::new(33).shuffle(&mut order);
        Self {
            sites,
            responses: data::site_responses(sites),
            known: order.iter().map(|&site| data::known_url(site)).collect(),
            unknown: order.iter().map(|&site| data::unknown_url(site)).collect(),
        }
    }

    fn known_workload(&self) -> String {
        format!("W3 known host, {} domains", self.sites)
    }

    fn unknown_workload(&self) -> String {
        format!("W3 unknown host, {} domains", self.sites)
    }

    fn check(&self, subject: &impl Subject) {
        // The scan of some peers is too slow for all of them.
        for site in (0..self.sites).step_by(1 + self.sites / 100) {
            let header = self.responses[site].cookie_header();
            subject::check(subject, &data::known_url(site), Some(&header));
            subject::check(subject, &data::unknown_url(site), None);
        }
    }
}

struct LookUpTimes {
    known: Option<Figure>,
    unknown: Option<Figure>,
}

fn time_look_ups<S: Subject>(harness: &mut Harness, data: &LookUps) -> LookUpTimes {
    let jar: S = subject::filled(&data.responses);
    data.check(&jar);
    let is_scan = S::NAME == CookieStore::NAME && data.sites > 1_000;
    let pace = if is_scan { Pace::Slow } else { Pace::Fast };
    let mut time = |workload: String, urls: &[Url]| {
        let mut urls = urls.iter().cycle();
        let median = harness.time(&workload, S::NAME, pace, |bencher| {
            bencher.iter(|| urls.next().map(|url| jar.header(black_box(url))));
        });
        median.map(Figure::Nanoseconds)
    };
    LookUpTimes {
        known: time(data.known_workload(), &data.known),
        unknown: time(data.unknown_workload(), &data.unknown),
    }
}

fn fills(harness: &mut Harness, table: &mut Table) {
    for &sites in harness.sizes(&[1_000, 10_000, 100_000]) {
        let responses = data::site_responses(sites);
        let workload = format!("W3 fill, {sites} domains, per cookie");
        let floor = time_fill::<Floor>(harness, &workload, &responses);
        let peer = time_fill::<CookieStore>(harness, &workload, &responses);
        if let Some(ours) = time_fill::<Ours>(harness, &workload, &responses) {
            let row = Row::new(workload, ours)
                .floor(floor)
                .peer(CookieStore::NAME, peer);
            table.add(row.at_most(Figure::Nanoseconds(650.0)));
        }
    }
}

fn time_fill<S: Subject>(
    harness: &mut Harness,
    workload: &str,
    responses: &[Response],
) -> Option<Figure> {
    let pace = if responses.len() > 1_000 {
        Pace::Slow
    } else {
        Pace::Fast
    };
    let median = harness.time(workload, S::NAME, pace, |bencher| {
        bencher.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            for _ in 0..times {
                let start = ThreadTime::now();
                let jar: S = subject::filled(black_box(responses));
                spent += start.elapsed();
                // Giving the memory back is not part of it.
                drop(black_box(jar));
            }
            spent
        });
    });
    let cookies = u32::try_from(responses.len() * SITE_COOKIES).expect("a million at most");
    median.map(|whole| Figure::Nanoseconds(whole / f64::from(cookies)))
}
