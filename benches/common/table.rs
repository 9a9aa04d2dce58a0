//! The table at the end: the measured figures next to the floor, the peers and the bar.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::time::Duration;

/// All rows.
#[derive(Debug, Default)]
pub struct Table(Vec<Row>);

/// One workload at one size.
#[derive(Debug, Clone)]
pub struct Row {
    workload: String,
    ours: Figure,
    floor: Option<Figure>,
    peers: Vec<(String, Figure)>,
    python: Option<Figure>,
    bars: Vec<Bar>,
    /// The cell of the column of that build.
    thin_lto: String,
}

/// A number with its unit.
#[derive(Debug, Clone, Copy)]
pub enum Figure {
    Bytes(f64),
    Nanoseconds(f64),
    /// Calls per second: the only unit of which more is better.
    PerSecond(f64),
    /// One figure divided by another.
    Ratio(f64),
}

/// The bar, and whether it was reached.
#[derive(Debug, Clone)]
struct Bar {
    text: String,
    met: bool,
}

impl Row {
    pub fn new(workload: impl Into<String>, ours: Figure) -> Self {
        Self {
            workload: workload.into(),
            ours,
            floor: None,
            peers: Vec::new(),
            python: None,
            bars: Vec::new(),
            thin_lto: String::new(),
        }
    }

    #[must_use]
    pub fn floor(mut self, floor: Option<Figure>) -> Self {
        self.floor = floor;
        self
    }

    /// A peer; the best one is shown first.
    #[must_use]
    pub fn peer(mut self, name: &str, figure: Option<Figure>) -> Self {
        self.peers
            .extend(figure.map(|figure| (name.to_owned(), figure)));
        self.peers.sort_by(|a, b| a.1.cost().total_cmp(&b.1.cost()));
        self
    }

    /// Python's `http.cookiejar`.
    #[must_use]
    pub fn python(mut self, figure: Option<Figure>) -> Self {
        self.python = figure;
        self
    }

    /// Sets the bar as a multiple of the floor, at most.
    #[must_use]
    pub fn at_most_floors(self, times: f64) -> Self {
        match self.floor {
            Some(floor) => {
                let met = self.ours.times_as_costly_as(floor) <= times;
                self.bar(format!("<= {times} x floor"), met)
            }
            None => self,
        }
    }

    /// Sets the bar as a factor by which a peer is slower, at least.
    #[must_use]
    pub fn faster_than(self, peer: &str, times: f64) -> Self {
        match self.peers.iter().find(|(name, _)| name == peer) {
            Some((_, figure)) => {
                let met = figure.times_as_costly_as(self.ours) >= times;
                self.bar(format!(">= {times} x faster than {peer}"), met)
            }
            None => self,
        }
    }

    /// At most this.
    #[must_use]
    pub fn at_most(self, limit: Figure) -> Self {
        let met = self.ours.number() <= limit.number();
        self.bar(format!("<= {limit}"), met)
    }

    /// Sets the bar as a multiple of another row's figure, at most.
    #[must_use]
    pub fn at_most_times(self, times: f64, what: &str, figure: Figure) -> Self {
        let met = self.ours.number() <= times * figure.number();
        self.bar(format!("<= {times} x {what} ({figure})"), met)
    }

    /// Sets the bar as a multiple of another figure, at least.
    #[must_use]
    pub fn at_least_times(self, times: f64, what: &str, figure: Figure) -> Self {
        let met = self.ours.number() >= times * figure.number();
        self.bar(format!(">= {times} x {what} ({figure})"), met)
    }

    fn bar(mut self, text: String, met: bool) -> Self {
        self.bars.push(Bar { text, met });
        self
    }

    fn cells(&self) -> [String; COLUMNS] {
        let best = self.peers.first().map(|(_, figure)| *figure);
        let bars: Vec<_> = self.bars.iter().map(|bar| bar.text.as_str()).collect();
        [
            self.workload.clone(),
            self.ours.to_string(),
            cell(self.floor),
            cell(self.over_floor()),
            self.thin_lto.clone(),
            self.peers_cell(),
            cell(best.map(|best| best.over(self.ours))),
            cell(self.python),
            bars.join(", "),
            self.met_cell().to_owned(),
        ]
    }

    fn over_floor(&self) -> Option<Figure> {
        self.floor.map(|floor| self.ours.over(floor))
    }

    /// Bytes are the same in each build.
    fn depends_on_build(&self) -> bool {
        !matches!(self.ours, Figure::Bytes(_))
    }

    fn peers_cell(&self) -> String {
        let peers: Vec<_> = self
            .peers
            .iter()
            .map(|(name, figure)| format!("{name} {figure}"))
            .collect();
        peers.join(", ")
    }

    fn met_cell(&self) -> &'static str {
        match self.bars.as_slice() {
            [] => "",
            bars if bars.iter().all(|bar| bar.met) => "met",
            _ => "NOT MET",
        }
    }
}

fn cell(figure: Option<Figure>) -> String {
    figure.map_or_else(String::new, |figure| figure.to_string())
}

const COLUMNS: usize = 10;

const HEADINGS: [&str; COLUMNS] = [
    "workload",
    "ours",
    "floor",
    "ours / floor",
    "thin LTO",
    "peers, the best first",
    "best peer / ours",
    "Python",
    "bar",
    "met",
];

impl Table {
    pub fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The part that another run adopts: the name of each row, and its figure with the ratio to the floor in brackets.
    pub fn figures(&self) -> String {
        let mut lines = String::new();
        for row in self.0.iter().filter(|row| row.depends_on_build()) {
            let ratio = row.over_floor().map(|ratio| format!(" ({ratio})"));
            let ratio = ratio.unwrap_or_default();
            let _ = writeln!(lines, "{}\t{}{ratio}", row.workload, row.ours);
        }
        lines
    }

    /// Adopts the figures of another run, and returns the number of rows that it lacks.
    pub fn join_thin_lto(&mut self, figures: &str) -> usize {
        let figures: HashMap<_, _> = figures
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .collect();
        for row in &mut self.0 {
            let figure = figures.get(row.workload.as_str());
            row.thin_lto = figure.map_or_else(String::new, |figure| (*figure).to_owned());
        }
        let rows = self.0.iter().filter(|row| row.depends_on_build());
        rows.filter(|row| row.thin_lto.is_empty()).count()
    }

    /// With spaces between the columns, for the terminal.
    pub fn plain(&self) -> String {
        self.lines("  ", "", "")
    }

    pub fn markdown(&self) -> String {
        self.lines(" | ", "| ", " |")
    }

    fn lines(&self, between: &str, before: &str, behind: &str) -> String {
        let rows: Vec<_> = self.0.iter().map(Row::cells).collect();
        let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.fold(HEADINGS[column].len(), usize::max)
        });
        let rule = widths.map(|width| "-".repeat(width));
        let headings = HEADINGS.map(str::to_owned);
        let mut out = String::new();
        for row in [&headings, &rule].into_iter().chain(&rows) {
            let cells: Vec<_> = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            let line = format!("{before}{}{behind}", cells.join(between));
            let _ = writeln!(out, "{}", line.trim_end());
        }
        out
    }
}

impl Figure {
    pub fn nanoseconds(time: Duration) -> Self {
        Self::Nanoseconds(time.as_secs_f64() * 1e9)
    }

    /// The median: the upper of two middle figures, `None` without figures.
    pub fn median(figures: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut figures: Vec<_> = figures.into_iter().collect();
        figures.sort_by(|a, b| a.number().total_cmp(&b.number()));
        figures.get(figures.len() / 2).copied()
    }

    pub fn number(self) -> f64 {
        match self {
            Self::Bytes(number)
            | Self::Nanoseconds(number)
            | Self::PerSecond(number)
            | Self::Ratio(number) => number,
        }
    }

    /// The number, or its inverse if more is better.
    fn cost(self) -> f64 {
        match self {
            Self::PerSecond(number) => 1.0 / number,
            _ => self.number(),
        }
    }

    fn times_as_costly_as(self, other: Self) -> f64 {
        self.cost() / other.cost()
    }

    fn over(self, other: Self) -> Self {
        Self::Ratio(self.times_as_costly_as(other))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Bytes(bytes) if bytes < 1e5 => write!(f, "{bytes:.0} B"),
            Self::Bytes(bytes) => write!(f, "{:.1} MiB", bytes / 1_048_576.0),
            Self::Nanoseconds(ns) if ns < 1e3 => write!(f, "{ns:.0} ns"),
            Self::Nanoseconds(ns) if ns < 1e6 => write!(f, "{:.2} µs", ns / 1e3),
            Self::Nanoseconds(ns) => write!(f, "{:.2} ms", ns / 1e6),
            Self::PerSecond(calls) if calls < 1e3 => write!(f, "{calls:.0} /s"),
            Self::PerSecond(calls) if calls < 1e6 => write!(f, "{:.2} k/s", calls / 1e3),
            Self::PerSecond(calls) => write!(f, "{:.2} M/s", calls / 1e6),
            Self::Ratio(ratio) if ratio < 100.0 => write!(f, "{ratio:.2}"),
            Self::Ratio(ratio) => write!(f, "{ratio:.0}"),
        }
    }
}
