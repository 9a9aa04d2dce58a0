//! How fast the jar is: every workload beside its floor and its peers, in one run, and a table of
//! them at the end.
//!
//! ```text
//! cargo bench                   all workloads
//! cargo bench -- W2             those with that in their name
//! COOKIEJAR_BENCH_MACHINE='a laptop with eight cores' cargo bench
//!                               writes the table to `benches/RESULTS.md` and the plot to
//!                               `benches/lookup.svg`, too, and that there
//! PYTHON=python3.13 cargo bench
//!                               another Python than `python3` for the column of `http.cookiejar`
//! ```
//!
//! A workload is a module with a function `run`, and stands in the list in `main`. What is timed is
//! what users call, with URLs that were parsed before. Data comes from seeds. Each subject's answer
//! is checked before it is timed. Subjects take turns, and a figure is the median of theirs.

use crate::harness::Harness;
use crate::report::Report;

mod block_list;
mod cpu;
mod data;
mod floor;
mod growth;
mod harness;
mod memory;
mod plot;
mod python;
mod report;
mod subject;
mod table;
mod w1;
mod w2;
mod w3;
mod w4;
mod w5;
mod w6;
mod w7;
mod w8;

/// Names the machine, and with that asks for the results to be written down.
const MACHINE: &str = "COOKIEJAR_BENCH_MACHINE";

fn main() {
    floor::check_dates();
    let mut harness = Harness::from_args();
    let mut report = Report::default();
    let workloads = [
        w1::run,
        block_list::run,
        w2::run,
        w3::run,
        w4::run,
        w5::run,
        w6::run,
        w7::run,
        w8::run,
        growth::run,
    ];
    for workload in workloads {
        workload(&mut harness, &mut report);
    }
    if harness.is_test() {
        return;
    }
    if let Ok(machine) = std::env::var(MACHINE) {
        if harness.is_whole() && report.lacks().is_empty() {
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
