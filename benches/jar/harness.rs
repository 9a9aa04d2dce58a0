//! Times things with criterion, and gives back the medians.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use criterion::{Bencher, Criterion, SamplingMode};

use crate::cpu::CpuTime;

/// Criterion, and what a table needs to know of the run.
pub(crate) struct Harness {
    criterion: Criterion<CpuTime>,
    filter: Option<String>,
    /// Without `--bench` (`cargo test --benches`) everything runs once, at its smallest size.
    is_test: bool,
    started: SystemTime,
}

/// How much time a routine takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// Micro-seconds at most.
    Fast,
    /// So long that ten times are enough.
    Slow,
}

impl Harness {
    /// Takes the arguments that `cargo bench` passes on: criterion's, and a part of the name of the
    /// workloads that are to run.
    pub(crate) fn from_args() -> Self {
        let is_test = !std::env::args().any(|argument| argument == "--bench");
        let criterion = Criterion::default()
            .with_measurement(CpuTime)
            .without_plots()
            .output_directory(&output_directory())
            .nresamples(5_000)
            .configure_from_args();
        Self {
            criterion,
            filter: std::env::args()
                .skip(1)
                .find(|argument| !argument.starts_with('-')),
            is_test,
            started: SystemTime::now(),
        }
    }

    /// Whether anything of this workload is to run, so that its data is needed.
    pub(crate) fn wants(&self, workload: &str) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| workload.contains(filter) || filter.contains(workload))
    }

    pub(crate) fn is_test(&self) -> bool {
        self.is_test
    }

    /// Whether all workloads run, each in full.
    pub(crate) fn is_whole(&self) -> bool {
        self.filter.is_none() && !self.is_test
    }

    /// The sizes at which a workload runs.
    pub(crate) fn sizes(&self, all: &'static [usize]) -> &'static [usize] {
        if self.is_test { &all[..1] } else { all }
    }

    /// Times a routine, and gives the median in nanoseconds if it was measured now.
    ///
    /// `workload` names the size, `subject` who does it.
    pub(crate) fn time(
        &mut self,
        workload: &str,
        subject: &str,
        pace: Pace,
        routine: impl FnMut(&mut Bencher<'_, CpuTime>),
    ) -> Option<f64> {
        let mut group = self.criterion.benchmark_group(workload);
        match pace {
            // A sample of a millisecond or two mostly lies between two interruptions by other work.
            Pace::Fast => group
                .sample_size(200)
                .warm_up_time(Duration::from_millis(150))
                .measurement_time(Duration::from_millis(400)),
            Pace::Slow => group
                .sample_size(10)
                .sampling_mode(SamplingMode::Flat)
                .warm_up_time(Duration::from_millis(200))
                .measurement_time(Duration::from_millis(1_500)),
        };
        group.bench_function(subject, routine);
        group.finish();
        self.median(workload, subject)
    }

    fn median(&self, workload: &str, subject: &str) -> Option<f64> {
        let file = output_directory()
            .join(workload)
            .join(subject)
            .join("new/estimates.json");
        let written = std::fs::metadata(&file).ok()?.modified().ok()?;
        if written < self.started {
            return None;
        }
        let estimates: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        estimates["median"]["point_estimate"].as_f64()
    }
}

/// A folder in the target directory that cargo gives to benches.
fn output_directory() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("criterion")
}
