//! How fast the jar is: every workload next to its floor and its peers, in one run, and a table of
//! them at the end.
//!
//! ```text
//! cargo bench -p cookiejar-benches
//!     all workloads, built as users build: in release, without LTO
//! cargo bench -p cookiejar-benches -- response
//!     those with that in their name, which starts with the name of the file
//! cargo bench -p cookiejar-benches --bench jar --profile thin-lto
//!     with thin LTO and one codegen unit; the next run without that profile has a column of it
//! COOKIEJAR_BENCH_MACHINE='a laptop with eight cores' cargo bench -p cookiejar-benches
//!     also writes the table to `RESULTS.md` and the plot to `lookup.svg`, with that name
//! PYTHON=python3.13 cargo bench -p cookiejar-benches
//!     uses another Python than `python3` for the column of `http.cookiejar`
//! ```
//!
//! A workload is a module with a function `run`, called from the list in `main`. The timed code is
//! what users call, with URLs that were parsed before. Data comes from seeds. Each subject's answer
//! is checked before it is timed. Subjects take turns, and a figure is the median of theirs.

use crate::harness::Harness;
use crate::report::Report;

mod block_list;
mod cpu;
mod databases;
mod domains;
mod expiry;
mod files;
mod floor;
mod growth;
mod harness;
mod header;
mod memory;
mod namesakes;
mod one_site;
mod other_runs;
mod plot;
mod report;
mod response;
mod sessions;
mod subject;
mod thin_lto;
mod threads;

/// Names the machine, and thereby requests that the results are written to files.
const MACHINE: &str = "COOKIEJAR_BENCH_MACHINE";

fn main() {
    floor::check_dates();
    let mut harness = Harness::from_args();
    let mut report = Report::default();
    let workloads = [
        header::run,
        block_list::run,
        response::run,
        domains::run,
        one_site::run,
        expiry::run,
        files::run,
        threads::run,
        sessions::run,
        databases::run,
        growth::run,
    ];
    for workload in workloads {
        workload(&mut harness, &mut report);
    }
    if harness.is_test() {
        return;
    }
    thin_lto::join(&harness, &mut report);
    if let Ok(machine) = std::env::var(MACHINE) {
        if harness.is_whole() && !thin_lto::is_on() && report.lacks().is_empty() {
            report.write_down(&machine);
        } else {
            println!("{MACHINE}: part of the results is not written down");
        }
    }
    for lack in report.lacks() {
        println!("not measured: {lack}");
    }
    if !report.table().is_empty() {
        print!("\n{}", report.table().plain());
    }
}
