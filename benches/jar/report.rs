//! The results of a run: the table, and the points of the plot.

use std::fs;
use std::path::Path;

use cookiejar_benches::table::{Row, Table};
use time::OffsetDateTime;

use crate::plot::{self, Point};

/// Both, as they arrive.
#[derive(Debug, Default)]
pub(crate) struct Report {
    table: Table,
    points: Vec<Point>,
    lacks: Vec<String>,
}

impl Report {
    pub(crate) fn add(&mut self, row: Row) {
        self.table.add(row);
    }

    pub(crate) fn add_points(&mut self, points: impl IntoIterator<Item = Point>) {
        self.points.extend(points);
    }

    /// Fills the column of the build with thin LTO, and returns the number of rows that lack it.
    pub(crate) fn join_thin_lto(&mut self, figures: &str) -> usize {
        self.table.join_thin_lto(figures)
    }

    /// Notes that something could not be measured, so that the results are not written to files.
    pub(crate) fn lack(&mut self, what: String) {
        self.lacks.push(what);
    }

    pub(crate) fn lacks(&self) -> &[String] {
        &self.lacks
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// Writes `RESULTS.md` and `lookup.svg`, which name the machine and the day.
    pub(crate) fn write_down(&self, machine: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let measured = format!("{machine}, {}", OffsetDateTime::now_utc().date());
        fs::write(folder.join("RESULTS.md"), self.markdown(&measured))
            .expect("the results can be written down");
        plot::draw(&folder.join(PLOT), &self.points, &measured);
    }

    fn markdown(&self, measured: &str) -> String {
        format!(
            "# Results\n\n\
             What `cargo bench -p cookiejar-benches` has found on {measured}, built as users build: in \
             release, without LTO. The column \"thin LTO\" is the same with thin LTO and one codegen unit, with \
             ours / floor of that build in brackets. Times are medians. The floor is the least that \
             a program has to do for the same answer, without rules and without a policy; `jar/main.rs` \
             says how things are measured, and each workload's file what it is.\n\n\
             ![The time of a look-up by the number of domains]({PLOT})\n\n{}",
            self.table.markdown()
        )
    }
}

const PLOT: &str = "lookup.svg";
