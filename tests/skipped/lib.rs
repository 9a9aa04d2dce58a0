//! The list of what a test run has skipped, and why.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Records what is skipped and why, for the list at the end of the run.
#[macro_export]
macro_rules! skip {
    ($($what:tt)+) => {
        $crate::note(env!("CARGO_TARGET_TMPDIR"), &format!($($what)+))
    };
}

/// The length of a long run: all of it if everything is requested, otherwise a part, which is recorded.
#[macro_export]
macro_rules! share {
    ($what:literal, $part:expr, of $all:expr) => {
        if $crate::is_thorough() {
            $all
        } else {
            $crate::skip!("{}: {} of {}", $what, $part, $all);
            $part
        }
    };
}

/// The variable that requests everything: long runs in full, and the tests that download something.
pub const THOROUGH: &str = "COOKIEJAR_THOROUGH";

/// Whether everything is requested.
#[must_use]
pub fn is_thorough() -> bool {
    std::env::var_os(THOROUGH).is_some()
}

/// The address of a test's server, from the variable that `.ci/servers` sets. Without it, the test is skipped, and
/// recorded.
///
/// # Panics
///
/// If there is no server although everything is requested.
#[macro_export]
macro_rules! server {
    ($variable:literal, $what:literal) => {
        match ::std::env::var($variable) {
            Ok(address) => address,
            Err(_) => {
                assert!(
                    !$crate::is_thorough(),
                    "{} is not set: run .ci/servers",
                    $variable
                );
                $crate::skip!("{}: {} is not set (.ci/servers sets it)", $what, $variable);
                return;
            }
        }
    };
}

/// Records a line, for [`skip`].
///
/// # Panics
///
/// If the folder cannot be written to.
pub fn note(folder: &str, line: &str) {
    let file = file(Path::new(folder));
    let opened = OpenOptions::new().create(true).append(true).open(file);
    let mut file = opened.expect("the target directory can be written to");
    writeln!(file, "{line}").expect("the target directory can be written to");
}

/// The lines that this run has recorded, each once; removes the records.
#[must_use]
pub fn take(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(folder);
    let noted = fs::read_to_string(file(folder)).unwrap_or_default();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().extension() == Some(OsStr::new("skipped")) {
            let _ = fs::remove_file(entry.path());
        }
    }
    noted.lines().map(str::to_owned).collect()
}

/// Lets a program that a test starts record lines in the list of the test's own run.
pub fn share_list(child: &mut Command) -> &mut Command {
    child.env(RUN, run())
}

const RUN: &str = "COOKIEJAR_RUN";

fn file(folder: &Path) -> PathBuf {
    folder.join(format!("{}.skipped", run()))
}

/// All tests of a run are children of one process, which is cargo.
fn run() -> String {
    #[cfg(unix)]
    let parent = std::os::unix::process::parent_id().to_string();
    #[cfg(not(unix))]
    let parent = "run".to_owned();
    std::env::var(RUN).unwrap_or(parent)
}
