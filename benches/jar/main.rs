//! How fast the jar is: every workload beside its floor and its peers, in one run, and a table of
//! them at the end.
//!
//! ```text
//! cargo bench                        all workloads
//! cargo bench --bench jar -- W2      those with that in their name
//! COOKIEJAR_BENCH_MACHINE='a laptop with eight cores' cargo bench
//!                                    writes the table to `benches/RESULTS.md`, too, and that there
//! ```
//!
//! A workload is a module with a function `run`, and stands in the list in `main`. What is timed is
//! what users call, with URLs that were parsed before. Data comes from seeds. Each subject's answer
//! is checked before it is timed.

use std::fs;
use std::path::Path;

use time::OffsetDateTime;

use crate::harness::Harness;
use crate::table::Table;

mod block_list;
mod cpu;
mod data;
mod floor;
mod growth;
mod harness;
mod memory;
mod subject;
mod table;
mod w1;
mod w2;
mod w3;
mod w4;
mod w5;

/// Names the machine, and with that asks for the results to be written down.
const MACHINE: &str = "COOKIEJAR_BENCH_MACHINE";

fn main() {
    floor::check_dates();
    let mut harness = Harness::from_args();
    let mut table = Table::default();
    let workloads = [
        w1::run,
        block_list::run,
        w2::run,
        w3::run,
        memory::run,
        w4::run,
        w5::run,
        growth::run,
    ];
    for workload in workloads {
        workload(&mut harness, &mut table);
    }
    if !table.is_empty() && !harness.is_test() {
        println!("\n{}", table.plain());
    }
    match std::env::var(MACHINE) {
        Ok(machine) if harness.is_whole() => write_down(&machine, &table),
        Ok(_) => eprintln!("{MACHINE}: part of the results is not written down"),
        Err(_) => {}
    }
}

fn write_down(machine: &str, table: &Table) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/RESULTS.md");
    let text = format!(
        "# Results\n\n\
         The table of `cargo bench` of {}, on {machine}. The bench `jar` says what is measured.\n\n{}",
        OffsetDateTime::now_utc().date(),
        table.markdown(),
    );
    fs::write(file, text).expect("the results can be written down");
}
