//! The column of the build with thin LTO and one codegen unit: a separate run, with the profile `thin-lto`,
//! leaves its figures to the run of the build that users have.

use std::env;

use crate::harness::Harness;
use crate::other_runs;
use crate::report::Report;

const PROFILE: &str = "thin-lto";
const FILE: &str = "thin-lto.tsv";

/// Whether this program is built with that profile: cargo puts it into `thin-lto/deps`.
pub(crate) fn is_on() -> bool {
    let program = env::current_exe().unwrap_or_default();
    let folder = program.ancestors().nth(2);
    folder.is_some_and(|folder| folder.ends_with(PROFILE))
}

/// Saves the figures of this run, or adopts those that a run with that profile has saved.
pub(crate) fn join(harness: &Harness, report: &mut Report) {
    if is_on() {
        other_runs::leave(FILE, &report.table().figures());
        return;
    }
    let figures = other_runs::figures(FILE);
    if harness.is_whole() && figures.is_none() {
        report.lack("the column with thin LTO".to_owned());
    }
    let lacks = report.join_thin_lto(&figures.unwrap_or_default());
    if harness.is_whole() && lacks > 0 {
        println!("{lacks} rows were not measured with thin LTO");
    }
}
