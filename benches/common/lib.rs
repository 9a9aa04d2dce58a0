//! The parts that the benches share: the data, Python, and figures with their table.

#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    reason = "only the benches use it"
)]

pub mod data;
pub mod python;
pub mod table;
