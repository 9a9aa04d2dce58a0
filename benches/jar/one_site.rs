//! One site with 150 cookies over 15 paths, 50 of which match.

use std::hint::black_box;

use cookie_store::CookieStore;
use cookiejar::{BrowserPolicy, CookieJar};
use cookiejar_benches::data::{self, Response, Rng};
use cookiejar_benches::table::{Figure, Row};
use url::Url;

use crate::floor::Floor;
use crate::harness::{Harness, Pace, ROUNDS};
use crate::report::Report;
use crate::subject::{self, Ours, OursDyn, Subject};

const WORKLOAD: &str = "one site with 150 cookies";

pub(crate) fn run(harness: &mut Harness, report: &mut Report) {
    if !harness.wants(WORKLOAD) {
        return;
    }
    let [floor, ours, dynamic, browser, peer] = harness.medians(
        ROUNDS,
        [
            &mut time::<Floor>,
            &mut time::<Ours>,
            &mut time::<OursDyn>,
            &mut time::<CookieJar<BrowserPolicy>>,
            &mut time::<CookieStore>,
        ],
    );
    if let Some(ours) = ours {
        let row = row(WORKLOAD, ours, floor)
            .peer("cookie_store (unsorted)", peer)
            .python(python(harness));
        report.add(row);
    }
    if let Some(ours) = dynamic {
        report.add(row("one site with a dyn policy", ours, floor));
    }
    if let (Some(ours), Some(browser)) = (ours, browser) {
        let row = Row::new("one site with BrowserPolicy", browser).floor(floor);
        report.add(row.at_most_times(1.15, "the default policy", ours));
    }
}

fn row(workload: &str, ours: Figure, floor: Option<Figure>) -> Row {
    Row::new(workload, ours).floor(floor).at_most_floors(1.8)
}

fn time<S: Subject>(harness: &mut Harness) -> Option<Figure> {
    let site = Site::new();
    let jar: S = subject::filled(&[site.response]);
    subject::check(&jar, &site.request, Some(&site.header));
    harness.time(WORKLOAD, S::NAME, Pace::Fast, |bencher| {
        bencher.iter(|| jar.header(black_box(&site.request)));
    })
}

fn python(harness: &Harness) -> Option<Figure> {
    let site = Site::new();
    let requests = vec![(site.request, Some(site.header))];
    harness
        .python()?
        .headers(&[site.response], &[("header", requests)])
        .time("header")
}

struct Site {
    response: Response,
    request: Url,
    header: String,
}

impl Site {
    /// Ten cookies for each path, in random order.
    fn new() -> Self {
        const IN_REACH: [&str; 5] = [
            "/",
            "/shop",
            "/shop/cart",
            "/shop/cart/items",
            "/shop/cart/items/edit",
        ];
        const OTHERS: [&str; 10] = [
            "/account",
            "/account/orders",
            "/admin",
            "/blog",
            "/help",
            "/news",
            "/shop/cart/check",
            "/shop/search",
            "/shopping",
            "/static",
        ];
        let mut rng = Rng::new(4);
        let paths = IN_REACH.iter().chain(&OTHERS);
        let mut cookies: Vec<_> = paths
            .flat_map(|path| (0..10).map(move |number| (*path, number)))
            .map(|(path, number)| {
                let field = format!("pref_{number}={}; Path={path}; Secure", rng.hex(12));
                (path, field)
            })
            .collect();
        rng.shuffle(&mut cookies);
        let respond = |cookies: &[(&str, String)]| {
            let fields = cookies.iter().map(|(_, field)| field.as_str());
            Response::new("https://www.acme.com/", fields)
        };
        let response = respond(&cookies);
        cookies.retain(|(path, _)| IN_REACH.contains(path));
        assert_eq!(cookies.len(), 50);
        Self {
            response,
            request: data::url("https://www.acme.com/shop/cart/items/edit"),
            header: respond(&cookies).cookie_header(),
        }
    }
}
