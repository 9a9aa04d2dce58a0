//! The fuzz target of the machines behind a database, over its stored inputs, and over programs of dice.
//!
//! `PROGRAMS=1000000 cargo test --release -p cookiejar-tests --features persist --test inside replay` runs a
//! million.

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

/// xorshift64*: what a seed determines.
fn octets(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_be_bytes()[0]
    })
}

/// Programs by number, before the records of a stored input.
#[test]
fn programs_of_dice_keep_the_invariants() {
    let programs = std::env::var("PROGRAMS").ok();
    let programs = programs.map_or(500, |text| text.parse().expect("a number"));
    let seeds = inputs("seeds/persisted");
    for number in 0..programs {
        let mut dice = octets(number);
        let len = usize::from(dice.next().expect("endless")) * 2;
        let mut input: Vec<_> = dice.take(len).collect();
        // An empty line would end the program.
        for octet in &mut input {
            *octet ^= u8::from(*octet == b'\n');
        }
        let seed = &seeds[usize::try_from(number).expect("small") % seeds.len()];
        input.extend_from_slice(seed);
        let result = std::panic::catch_unwind(|| persisted(&input));
        assert!(result.is_ok(), "{number}: {}", input.escape_ascii());
    }
}
