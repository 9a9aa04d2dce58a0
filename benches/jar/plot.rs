//! The plot: the time of a look-up by the number of domains, ours and the peers'.

use std::fmt;
use std::path::Path;

use cookiejar_benches::table::Figure;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// One timed look-up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub(crate) host: Host,
    pub(crate) jar: &'static str,
    pub(crate) domains: usize,
    pub(crate) time: Figure,
}

/// Whether the jar has cookies for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    Known,
    Unknown,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known => "known",
            Self::Unknown => "unknown",
        })
    }
}

/// The subjects shown, in colors that color-blind readers can distinguish, and their widths; the most important one
/// is drawn last. `reqwest` wraps a `cookie_store`, so its line appears behind that one.
const JARS: [(&str, RGBColor, u32); 5] = [
    ("Python", RGBColor(0, 158, 115), 2),
    ("reqwest", RGBColor(86, 180, 233), 6),
    ("cookie_store", RGBColor(0, 114, 178), 2),
    ("floor", RGBColor(120, 120, 120), 2),
    ("cookiejar", RGBColor(213, 94, 0), 4),
];

const SIZE: (u32, u32) = (1_000, 540);
const FONT: &str = "sans-serif";

/// On white, which is visible on any page.
pub(crate) fn draw(file: &Path, points: &[Point], measured: &str) {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE).expect(DRAWN);
    let (head, body) = area.split_vertically(90);
    heading(&head, measured);
    for (area, host) in body
        .split_evenly((1, 2))
        .iter()
        .zip([Host::Known, Host::Unknown])
    {
        let points: Vec<_> = points.iter().filter(|point| point.host == host).collect();
        panel(area, host, &points);
    }
    area.present().expect(DRAWN);
}

const DRAWN: &str = "the target can be written to";

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// The title, the machine, and a legend of the colors in a separate line.
fn heading(area: &Area<'_>, measured: &str) {
    let line = |text: &str, size: u32, y: i32| {
        let style = (FONT, size).into_font().color(&BLACK);
        let style = style.pos(Pos::new(HPos::Center, VPos::Center));
        let middle = i32::try_from(SIZE.0 / 2).expect("a small number");
        area.draw_text(text, &style, (middle, y)).expect(DRAWN);
    };
    line(
        "The Cookie header for one request, by the number of domains in the jar",
        20,
        20,
    );
    line(
        &format!("5 cookies a domain; median times; {measured}"),
        14,
        44,
    );
    for ((jar, color, width), x) in JARS.iter().rev().zip((180..).step_by(140)) {
        let style = color.stroke_width(*width);
        let stroke = PathElement::new([(x, 72), (x + 28, 72)], style);
        area.draw(&stroke).expect(DRAWN);
        let style = (FONT, 15).into_font().color(&BLACK);
        let style = style.pos(Pos::new(HPos::Left, VPos::Center));
        area.draw_text(jar, &style, (x + 36, 72)).expect(DRAWN);
    }
}

/// From 10 ns to 2 s, the same for both, so that they can be compared.
const TIMES: std::ops::Range<f64> = 10.0..2e9;

fn panel(area: &Area<'_>, host: Host, points: &[&Point]) {
    let mut chart = ChartBuilder::on(area)
        .caption(format!("{host} host"), (FONT, 17))
        .margin(12)
        .margin_right(40)
        .x_label_area_size(46)
        .y_label_area_size(70)
        .build_cartesian_2d((80.0..1.2e6).log_scale(), TIMES.log_scale())
        .expect(DRAWN);
    chart
        .configure_mesh()
        .x_desc("domains in the jar")
        .y_desc("time of a look-up")
        .label_style((FONT, 14))
        .axis_desc_style((FONT, 15))
        .x_label_formatter(&|domains| grouped(*domains))
        .y_label_formatter(&|time| short(*time))
        .bold_line_style(RGBColor(215, 215, 215))
        .light_line_style(WHITE)
        .draw()
        .expect(DRAWN);
    for (jar, color, width) in JARS {
        let line: Vec<_> = points
            .iter()
            .filter(|point| point.jar == jar)
            .map(|point| (count(point.domains), point.time.number()))
            .collect();
        let dots = line
            .iter()
            .map(|place| Circle::new(*place, width + 1, color.filled()));
        chart.draw_series(dots).expect(DRAWN);
        chart
            .draw_series(LineSeries::new(line, color.stroke_width(width)))
            .expect(DRAWN);
    }
}

fn count(domains: usize) -> f64 {
    f64::from(u32::try_from(domains).expect("a million at most"))
}

/// `10,000`.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `10 µs`.
fn short(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.0} ns"),
        1e3..1e6 => format!("{:.0} µs", nanoseconds / 1e3),
        1e6..1e9 => format!("{:.0} ms", nanoseconds / 1e6),
        _ => format!("{:.0} s", nanoseconds / 1e9),
    }
}
