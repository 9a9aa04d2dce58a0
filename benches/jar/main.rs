//! How fast the jar is: every workload beside its floor and its peers, in one run, and a table of
//! them at the end.
//!
//! `cargo bench` runs all, `cargo bench --bench jar -- W2` the workloads with that in their name.

use crate::harness::Harness;
use crate::table::Table;

mod data;
mod floor;
mod harness;
mod subject;
mod table;
mod w1;
mod w2;
mod w3;

fn main() {
    floor::check_dates();
    let mut harness = Harness::from_args();
    let mut table = Table::default();
    for workload in [w1::run, w2::run, w3::run] {
        workload(&mut harness, &mut table);
    }
    if !table.is_empty() {
        println!("\n{}", table.plain());
    }
}
