//! The fuzz target of the machines behind a database, over its stored inputs.

use std::fs;
use std::path::Path;

use super::fuzzed::persisted;

fn inputs(folder: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let entries = fs::read_dir(root.join(folder)).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths.collect();
    paths.sort();
    let read = |path| fs::read(path).expect("an input");
    paths.iter().map(read).collect()
}

#[test]
fn every_stored_input_keeps_the_invariants() {
    let seeds = inputs("seeds/persisted");
    assert!(!seeds.is_empty(), "no seeds");
    for input in seeds.into_iter().chain(inputs("found/persisted")) {
        println!("{}", input.escape_ascii());
        persisted(&input);
    }
    persisted(&[]);
}
