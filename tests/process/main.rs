//! The tests that need a separate process: they count allocations, look at the memory of the process, are
//! killed, or capture the log.

use std::alloc::System;
use std::env;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

mod allocations;
#[path = "../common/mod.rs"]
mod common;
#[cfg(all(feature = "psl", feature = "sqlite-system"))]
mod databases;
mod files_crash;
mod files_limits;
mod files_sync;
mod firefox;
#[cfg(all(feature = "psl", feature = "tracing"))]
mod logs;
mod memory;
mod reading;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Held by the tests that depend on time, and by the memory tests, which would slow them down.
fn quiet() -> MutexGuard<'static, ()> {
    static QUIET: Mutex<()> = Mutex::new(());
    QUIET.lock().unwrap_or_else(PoisonError::into_inner)
}

const ALONE: &str = "COOKIEJAR_ALONE";

/// Runs the test of this name alone in another process, unless this is that process: nothing else allocates
/// memory there.
#[track_caller]
fn ran_alone(test: &str) -> bool {
    if env::var_os(ALONE).is_some() {
        // The harness allocates, too, until it waits for the test.
        thread::sleep(Duration::from_millis(100));
        return false;
    }
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    cookiejar_tests::share_list(&mut command).env(ALONE, "1");
    let output = command.output().expect("a child");
    let told = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{error}");
    assert!(told.contains("1 passed"), "no test {test}");
    true
}
