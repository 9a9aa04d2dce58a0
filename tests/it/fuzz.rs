//! The fuzz targets, over their stored inputs: those they begin with, and those that have once broken an invariant.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "it is a library of its own")]
mod targets;

/// Runs each input of a folder; the last one that is shown is the one that fails.
fn replay(target: &str, run: fn(&[u8]), folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let mut count = 0;
    for entry in entries {
        let path = entry.expect("an entry").path();
        println!("{target}: {}", path.display());
        run(&fs::read(&path).expect("an input"));
        count += 1;
    }
    count
}

#[test]
fn every_stored_input_keeps_the_invariants() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    for (target, run) in targets::TARGETS {
        let seeds = replay(target, run, &root.join("seeds").join(target));
        assert!(seeds > 0, "{target} has no seeds");
        replay(target, run, &root.join("found").join(target));
        run(&[]);
    }
}

/// Each folder belongs to a target, so that no input is forgotten.
#[test]
fn every_stored_input_belongs_to_a_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    for folder in ["seeds", "found"] {
        for entry in fs::read_dir(root.join(folder)).into_iter().flatten() {
            let name = entry.expect("an entry").file_name();
            let is_own = targets::TARGETS.iter().any(|(target, _)| name == *target);
            // A test of the crate replays this one (`tests/inside/fuzzed.rs`).
            assert!(is_own || name == "persisted", "{folder}/{}", name.display());
        }
    }
}
