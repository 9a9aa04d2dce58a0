//! The table at the end: what was measured, beside the floor, the peers and the bar.

use std::fmt::{self, Write as _};

/// All rows.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

/// One workload at one size.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    workload: String,
    ours: Figure,
    floor: Option<Figure>,
    peers: Vec<(String, Figure)>,
    bars: Vec<Bar>,
}

/// A number with its unit.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Figure {
    Nanoseconds(f64),
    Bytes(f64),
    /// One figure divided by another one.
    Ratio(f64),
}

/// What is to be reached, and whether it was.
#[derive(Debug, Clone)]
struct Bar {
    text: String,
    met: bool,
}

impl Row {
    pub(crate) fn new(workload: impl Into<String>, ours: Figure) -> Self {
        Self {
            workload: workload.into(),
            ours,
            floor: None,
            peers: Vec::new(),
            bars: Vec::new(),
        }
    }

    #[must_use]
    pub(crate) fn floor(mut self, floor: Option<Figure>) -> Self {
        self.floor = floor;
        self
    }

    /// A peer; the fastest one is shown first.
    #[must_use]
    pub(crate) fn peer(mut self, name: &str, figure: Option<Figure>) -> Self {
        self.peers
            .extend(figure.map(|figure| (name.to_owned(), figure)));
        self.peers
            .sort_by(|a, b| a.1.number().total_cmp(&b.1.number()));
        self
    }

    /// At most so many times the floor.
    #[must_use]
    pub(crate) fn at_most_floors(self, times: f64) -> Self {
        match self.floor {
            Some(floor) => {
                let met = self.ours.number() <= times * floor.number();
                self.bar(format!("<= {times} x floor"), met)
            }
            None => self,
        }
    }

    /// So many times faster than a peer.
    #[must_use]
    pub(crate) fn faster_than(self, peer: &str, times: f64) -> Self {
        match self.peers.iter().find(|(name, _)| name == peer) {
            Some((_, figure)) => {
                let met = self.ours.number() * times <= figure.number();
                self.bar(format!(">= {times} x faster than {peer}"), met)
            }
            None => self,
        }
    }

    /// At most this.
    #[must_use]
    pub(crate) fn at_most(self, limit: Figure) -> Self {
        let met = self.ours.number() <= limit.number();
        self.bar(format!("<= {limit}"), met)
    }

    /// At most so many times another row's figure.
    #[must_use]
    pub(crate) fn at_most_times(self, times: f64, what: &str, figure: f64) -> Self {
        let met = self.ours.number() <= times * figure;
        self.bar(format!("<= {times} x {what}"), met)
    }

    fn bar(mut self, text: String, met: bool) -> Self {
        self.bars.push(Bar { text, met });
        self
    }

    fn cells(&self) -> [String; 8] {
        let ratio = |of: f64| format!("{of:.2}");
        let (best, best_ratio) = match self.peers.first() {
            Some((_, figure)) => (
                self.peers_cell(),
                ratio(figure.number() / self.ours.number()),
            ),
            None => (String::new(), String::new()),
        };
        let met = match self.bars.as_slice() {
            [] => "",
            bars if bars.iter().all(|bar| bar.met) => "met",
            _ => "NOT MET",
        };
        let bars: Vec<_> = self.bars.iter().map(|bar| bar.text.as_str()).collect();
        [
            self.workload.clone(),
            self.ours.to_string(),
            self.floor
                .map_or_else(String::new, |floor| floor.to_string()),
            self.floor.map_or_else(String::new, |floor| {
                ratio(self.ours.number() / floor.number())
            }),
            best,
            best_ratio,
            bars.join(", "),
            met.to_owned(),
        ]
    }

    fn peers_cell(&self) -> String {
        let peers: Vec<_> = self
            .peers
            .iter()
            .map(|(name, figure)| format!("{name} {figure}"))
            .collect();
        peers.join(", ")
    }
}

const HEADINGS: [&str; 8] = [
    "workload",
    "ours",
    "floor",
    "ours / floor",
    "peers, the best first",
    "best peer / ours",
    "bar",
    "met",
];

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With blanks between the columns, for the terminal.
    pub(crate) fn plain(&self) -> String {
        self.lines("  ", "", "")
    }

    pub(crate) fn markdown(&self) -> String {
        self.lines(" | ", "| ", " |")
    }

    fn lines(&self, between: &str, before: &str, behind: &str) -> String {
        let rows: Vec<_> = self.0.iter().map(Row::cells).collect();
        let widths: [usize; 8] = std::array::from_fn(|column| {
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
    pub(crate) fn number(self) -> f64 {
        match self {
            Self::Nanoseconds(number) | Self::Bytes(number) | Self::Ratio(number) => number,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Bytes(bytes) if bytes < 1e5 => write!(f, "{bytes:.0} B"),
            Self::Bytes(bytes) => write!(f, "{:.1} MiB", bytes / 1_048_576.0),
            Self::Ratio(ratio) => write!(f, "{ratio:.2}"),
            Self::Nanoseconds(ns) if ns < 1e3 => write!(f, "{ns:.0} ns"),
            Self::Nanoseconds(ns) if ns < 1e6 => write!(f, "{:.2} µs", ns / 1e3),
            Self::Nanoseconds(ns) => write!(f, "{:.2} ms", ns / 1e6),
        }
    }
}
