//! What is fuzzed: one function a target, from bytes to asserted invariants.
//!
//! The targets run in two ways. `cargo fuzz` looks for new inputs, on a nightly toolchain:
//!
//! ```text
//! cargo install cargo-fuzz
//! cargo +nightly fuzz build --sanitizer none
//! cargo +nightly fuzz run --sanitizer none headers fuzz/corpus/headers fuzz/seeds/headers -- \
//!     -dict=fuzz/dictionaries/headers -max_len=4096 -runs=10000000
//! ```
//!
//! The crate has no unsafe code, so it needs no sanitizer. `seeds/` has inputs to begin with, and `found/` those that
//! have once broken an invariant. Ordinary tests replay both on stable:
//!
//! ```text
//! cargo test -p cookiejar-tests --all-features --test it fuzz::
//! cargo test -p cookiejar-tests --all-features --test inside replay::
//! ```
#![forbid(unsafe_code)]

mod batches;
mod bytes;
mod checks;
mod dates;
mod headers;
mod hosts;
mod jars;
mod merges;
mod readers;
mod records;
mod redirects;
mod world;
mod writers;

pub use batches::batches;
pub use dates::dates;
pub use headers::headers;
pub use hosts::hosts;
pub use jars::jars;
pub use merges::merges;
pub use readers::readers;
pub use records::records;
pub use redirects::redirects;
pub use writers::writers;

/// The name of a target, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets but `persisted`, which is a module of the crate.
pub const TARGETS: [Target; 10] = [
    ("batches", batches),
    ("dates", dates),
    ("headers", headers),
    ("hosts", hosts),
    ("jars", jars),
    ("merges", merges),
    ("readers", readers),
    ("records", records),
    ("redirects", redirects),
    ("writers", writers),
];
