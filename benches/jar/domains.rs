//! From 100 to a million domains with 5 cookies each. The header for a known and for an unknown
//! host, filling the jar, and its memory.

use std::hint::black_box;

use cookie_store::CookieStore;
use cookiejar::{BrowserPolicy, CookieJar};
use cookiejar_benches::data::{self, Response, Rng, SITE_COOKIES};
use cookiejar_benches::table::{Figure, Row};
use url::Url;

use crate::floor::Floor;
use crate::harness::{Harness, Pace, ROUNDS, single};
use crate::memory;
use crate::plot::{Host, Point};
use crate::report::Report;
use crate::subject::{self, Ours, OursDyn, Subject};

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    if harness.wants("domains, known host") || harness.wants("domains, unknown host") {
        look_ups(harness, report);
    }
    if harness.wants("domains, filling") {
        fills(harness, report);
    }
    memory::rows(harness, report, "domains, memory", Figure::Bytes(200.0));
}

fn look_ups(harness: &mut Harness, report: &mut Report) {
    let sizes = harness.sizes(&[100, 1_000, 10_000, 100_000, 1_000_000]);
    let measured: Vec<_> = sizes
        .iter()
        .map(|&sites| LookUps::new(sites).measure(harness))
        .collect();
    for host in [Host::Known, Host::Unknown] {
        let smallest = measured.first().and_then(|size| size.ours.of(host));
        for size in &measured {
            report.add_points(size.points(host));
            size.rows(host, smallest)
                .into_iter()
                .for_each(|row| report.add(row));
        }
    }
}

/// The ratio that counts as flat in the size: a table of 100,000 slots misses the caches, one of 100 does
/// not.
const FLAT: f64 = 1.5;

/// The others are for the plot.
const SIZES_WITH_BARS: [usize; 3] = [100, 10_000, 100_000];

/// Above this number of domains, the peers take too much time and memory.
const MOST_FOR_PEERS: usize = 100_000;

/// The jar's contents, and the URLs to look up, in random order: cache misses are the point.
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
        order.truncate(100_000);
        Self {
            sites,
            responses: data::site_responses(sites),
            known: order.iter().map(|&site| data::known_url(site)).collect(),
            unknown: order.iter().map(|&site| data::unknown_url(site)).collect(),
        }
    }

    fn measure(&self, harness: &mut Harness) -> Size {
        let turns = harness.in_turns(
            ROUNDS,
            [
                &mut |harness| self.time::<Floor>(harness),
                &mut |harness| self.time::<Ours>(harness),
                &mut |harness| self.time::<OursDyn>(harness),
                &mut |harness| self.time::<CookieJar<BrowserPolicy>>(harness),
            ],
        );
        let [floor, ours, dynamic, browser] = turns.map(|turns| LookUpTimes::median(&turns));
        let (mut peers, mut python) = (Vec::new(), LookUpTimes::default());
        if self.sites <= MOST_FOR_PEERS {
            let turns = harness.in_turns(
                if self.sites > 10_000 { 1 } else { 3 },
                [
                    &mut |harness| self.time::<CookieStore>(harness),
                    &mut |harness| self.time::<reqwest::cookie::Jar>(harness),
                ],
            );
            let names = [CookieStore::NAME, reqwest::cookie::Jar::NAME];
            let times = turns.map(|turns| LookUpTimes::median(&turns));
            peers.extend(names.into_iter().zip(times));
            python = self.time_python(harness);
        }
        Size {
            sites: self.sites,
            floor,
            ours,
            dynamic,
            browser,
            peers,
            python,
        }
    }

    fn time<S: Subject>(&self, harness: &mut Harness) -> LookUpTimes {
        let jar: S = subject::filled(&self.responses);
        self.check(&jar);
        // The peers scan the whole jar.
        let pace = if S::SCANS && self.sites > 1_000 {
            Pace::Slow
        } else {
            Pace::Fast
        };
        let mut time = |host: Host, urls: &[Url]| {
            let mut urls = urls.iter().cycle();
            harness.time(&workload(host, self.sites), S::NAME, pace, |bencher| {
                bencher.iter(|| urls.next().map(|url| jar.header(black_box(url))));
            })
        };
        LookUpTimes {
            known: time(Host::Known, &self.known),
            unknown: time(Host::Unknown, &self.unknown),
        }
    }

    fn check(&self, subject: &impl Subject) {
        for site in self.some_sites(100) {
            let header = self.responses[site].cookie_header();
            subject::check(subject, &data::known_url(site), Some(&header));
            subject::check(subject, &data::unknown_url(site), None);
        }
    }

    fn some_sites(&self, count: usize) -> impl Iterator<Item = usize> {
        (0..self.sites).step_by(self.sites.div_ceil(count))
    }

    fn time_python(&self, harness: &Harness) -> LookUpTimes {
        let Some(python) = harness.python() else {
            return LookUpTimes::default();
        };
        // A look-up among 100,000 domains takes a second.
        let sites = self.some_sites(if self.sites > 10_000 { 2 } else { 5 });
        let (known, unknown) = sites
            .map(|site| {
                let header = self.responses[site].cookie_header();
                let known = (data::known_url(site), Some(header));
                (known, (data::unknown_url(site), None))
            })
            .unzip();
        let measured = python.headers(&self.responses, &[("known", known), ("unknown", unknown)]);
        LookUpTimes {
            known: measured.time("known"),
            unknown: measured.time("unknown"),
        }
    }
}

fn workload(host: Host, sites: usize) -> String {
    format!("domains, {host} host among {sites}")
}

#[derive(Clone, Copy, Default)]
struct LookUpTimes {
    known: Option<Figure>,
    unknown: Option<Figure>,
}

impl LookUpTimes {
    fn of(self, host: Host) -> Option<Figure> {
        match host {
            Host::Known => self.known,
            Host::Unknown => self.unknown,
        }
    }

    fn median(turns: &[Self]) -> Self {
        let of = |host| Figure::median(turns.iter().filter_map(|times| times.of(host)));
        Self {
            known: of(Host::Known),
            unknown: of(Host::Unknown),
        }
    }
}

/// The figures of one size.
struct Size {
    sites: usize,
    floor: LookUpTimes,
    ours: LookUpTimes,
    dynamic: LookUpTimes,
    browser: LookUpTimes,
    peers: Vec<(&'static str, LookUpTimes)>,
    python: LookUpTimes,
}

impl Size {
    fn points(&self, host: Host) -> impl Iterator<Item = Point> {
        let jars = [
            (Ours::NAME, self.ours),
            (Floor::NAME, self.floor),
            ("Python", self.python),
        ];
        let sites = self.sites;
        jars.into_iter()
            .chain(self.peers.clone())
            .filter_map(move |(jar, times)| {
                Some(Point {
                    host,
                    jar,
                    domains: sites,
                    time: times.of(host)?,
                })
            })
    }

    fn rows(&self, host: Host, smallest: Option<Figure>) -> Vec<Row> {
        let (workload, floor) = (workload(host, self.sites), self.floor.of(host));
        let has_bars = SIZES_WITH_BARS.contains(&self.sites);
        let bars = |row: Row| match host {
            _ if !has_bars => row,
            Host::Known => row.at_most_floors(match self.sites {
                100 => 2.2,
                10_000 => 3.0,
                _ => 2.5,
            }),
            Host::Unknown => {
                let row = row.at_most_floors(1.6);
                match smallest {
                    Some(smallest) => row.at_most_times(FLAT, "among 100", smallest),
                    None => row,
                }
            }
        };
        let dynamic =
            self.dynamic.of(host).filter(|_| has_bars).map(|ours| {
                bars(Row::new(format!("{workload} with a dyn policy"), ours).floor(floor))
            });
        let times = self.ours.of(host).zip(self.browser.of(host));
        let browser = times.filter(|_| has_bars).map(|(ours, browser)| {
            let row = Row::new(format!("{workload} with BrowserPolicy"), browser).floor(floor);
            row.at_most_times(1.15, "the default policy", ours)
        });
        let ours = self.ours.of(host).map(|ours| {
            let row = Row::new(workload, ours)
                .floor(floor)
                .python(self.python.of(host));
            let peers = self.peers.iter();
            bars(peers.fold(row, |row, (name, times)| row.peer(name, times.of(host))))
        });
        ours.into_iter().chain(dynamic).chain(browser).collect()
    }
}

fn fills(harness: &mut Harness, report: &mut Report) {
    for &sites in harness.sizes(&[1_000, 10_000, 100_000]) {
        let responses = data::site_responses(sites);
        let [floor, ours, peer] = harness.medians(
            (500_000 / sites).clamp(5, 50),
            [
                &mut |_| time_fill::<Floor>(&responses),
                &mut |_| time_fill::<Ours>(&responses),
                &mut |_| time_fill::<CookieStore>(&responses),
            ],
        );
        let python = harness
            .python()
            .map(|python| python.headers(&responses, &[]));
        if let Some(ours) = ours {
            let row = Row::new(format!("domains, filling with {sites}, per cookie"), ours)
                .floor(floor)
                .peer(CookieStore::NAME, peer)
                .python(python.and_then(|python| python.time("fill")));
            report.add(row.at_most_floors(2.2));
        }
    }
}

fn time_fill<S: Subject>(responses: &[Response]) -> Figure {
    let whole = single(|| subject::filled::<S>(black_box(responses)));
    let cookies = u32::try_from(responses.len() * SITE_COOKIES).expect("a million at most");
    Figure::Nanoseconds(whole.number() / f64::from(cookies))
}
