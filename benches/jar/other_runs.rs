//! Figures that another run has left in the folder that cargo gives to benches in the target directory: those
//! of the bench `footprint`, and those with thin LTO.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// Older files belong to other code.
const STALE: Duration = Duration::from_secs(6 * 3_600);

/// The figures that another run has recently left in this file.
pub(crate) fn figures(name: &str) -> Option<String> {
    let file = place(name);
    let age = fs::metadata(&file).ok()?.modified().ok()?.elapsed();
    if age.is_ok_and(|age| age > STALE) {
        return None;
    }
    fs::read_to_string(file).ok()
}

/// Saves figures for another run.
pub(crate) fn leave(name: &str, figures: &str) {
    fs::write(place(name), figures).expect("the target directory can be written to");
}

fn place(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}
