//! Changes persisted per second, from the response to the file: responses of 3 cookies over 40,000 sessions.

use std::time::Duration;

use cookiejar::persist::PersistOptions;
use cookiejar_benches::data::{self, Rng};
use cookiejar_benches::table::{Figure, Row};

use super::floor::{Bare, Session};
use super::place::{KINDS, Place};
use super::{RUNS, Sessions, response, wall};
use crate::harness::Harness;
use crate::report::Report;

const LINGER: Duration = Duration::from_millis(50);

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    let count = if harness.is_test() { 100 } else { 40_000 };
    let [sqlite, redis, postgres] = KINDS;
    let rows = [
        (sqlite, false, ""),
        (sqlite, true, ", synchronous FULL"),
        (redis, false, ""),
        (postgres, false, ""),
    ];
    for (kind, full, how) in rows {
        let workload = kind.workload(&format!("changes persisted{how}"));
        if !harness.wants(&workload) {
            continue;
        }
        let (Some(place), Some(bare)) = (kind.place(), kind.place()) else {
            continue;
        };
        let (ours, floor) = (Ours::new(place, count, full), Floor::new(bare, count, full));
        let (mut ours, mut floor) = (ours, floor);
        let [ours, floor] = harness.medians(
            RUNS,
            [&mut |_| Some(ours.rate()), &mut |_| Some(floor.rate())],
        );
        if let (Some(ours), Some(floor)) = (ours, floor) {
            let row = Row::new(workload, ours).floor(Some(floor));
            report.add(row.at_least_times(0.7, "a bare loop", floor));
        }
    }
}

fn per_second(sessions: u32, time: Duration) -> Figure {
    Figure::PerSecond(3.0 * f64::from(sessions) / time.as_secs_f64())
}

struct Ours {
    _place: Place,
    sessions: Sessions,
    count: u32,
    rng: Rng,
}

impl Ours {
    fn new(place: Place, count: u32, full: bool) -> Self {
        let sessions = place.open(full, PersistOptions::new().linger(LINGER));
        let keys: Vec<_> = (0..count).collect();
        sessions
            .load(keys.iter().map(Some))
            .wait()
            .expect("they are loaded");
        let mut ours = Self {
            _place: place,
            sessions,
            count,
            rng: Rng::new(11),
        };
        ours.rate(); // so that the cookies are there
        ours
    }

    fn rate(&mut self) -> Figure {
        let url = data::url("https://www.acme.com/account");
        let mut keys: Vec<_> = (0..self.count).collect();
        self.rng.shuffle(&mut keys);
        let (sessions, rng) = (&self.sessions, &mut self.rng);
        let (time, flushed) = wall(|| {
            for key in &keys {
                let jar = sessions.get(key).expect("it is in memory");
                jar.extract_cookies(&response(rng), &url);
            }
            sessions.flush().wait()
        });
        flushed.expect("it is written");
        per_second(self.count, time)
    }
}

struct Floor {
    _place: Place,
    bare: Bare,
    count: u32,
    rng: Rng,
    stamp: i64,
}

impl Floor {
    fn new(place: Place, count: u32, full: bool) -> Self {
        let bare = Bare::open(&place, full);
        let mut floor = Self {
            _place: place,
            bare,
            count,
            rng: Rng::new(11),
            stamp: 0,
        };
        floor.rate();
        floor
    }

    fn rate(&mut self) -> Figure {
        let mut keys: Vec<_> = (0..self.count).collect();
        self.rng.shuffle(&mut keys);
        let row = |name: &str, value: String, more: &str| {
            let identity = format!("www.acme.com\0/\0{name}").into_bytes();
            let record = format!(
                r#"{{"value":"{value}","path_specified":true,{more},"created":1763712000,"order":117000000000000000}}"#
            );
            (identity, record.into_bytes())
        };
        let sessions = keys.iter().map(|key| Session {
            name: format!("={key}"),
            rows: vec![
                row(
                    "sessionid",
                    self.rng.hex(32),
                    r#""secure":true,"attributes":[["HttpOnly"]]"#,
                ),
                row(
                    "csrftoken",
                    self.rng.hex(16),
                    r#""expires":1795161600,"attributes":[["SameSite","Lax"]]"#,
                ),
                row("seen", self.rng.hex(8), r#""expires":1795248000"#),
            ],
        });
        let sessions: Vec<_> = sessions.collect();
        self.stamp += 1;
        let (time, ()) = wall(|| self.bare.store(&sessions, self.stamp));
        per_second(self.count, time)
    }
}
