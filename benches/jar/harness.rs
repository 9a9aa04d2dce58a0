//! Measures with criterion, lets subjects take turns, and returns the medians.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use cookiejar_benches::python::Python;
use cookiejar_benches::table::Figure;
use cpu_time::ThreadTime;
use criterion::{Bencher, Criterion, SamplingMode};

use crate::cpu::CpuTime;
use crate::thin_lto;

/// Criterion, and what a table needs to know about the run.
pub(crate) struct Harness {
    criterion: Criterion<CpuTime>,
    filter: Option<String>,
    /// Without `--bench` (`cargo test --benches`) everything runs once, at its smallest size.
    is_test: bool,
    started: SystemTime,
    round: usize,
    python: Option<Python>,
}

/// How much time a routine takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// At most microseconds.
    Fast,
    /// So long that ten runs are enough.
    Slow,
}

/// A subject of a measurement.
pub(crate) type Subject<'a, T> = &'a mut dyn FnMut(&mut Harness) -> T;

impl Harness {
    /// Takes the arguments that `cargo bench` passes on: criterion's, and a part of the names of the
    /// workloads to run.
    pub(crate) fn from_args() -> Self {
        let is_test = !std::env::args().any(|argument| argument == "--bench");
        let criterion = Criterion::default()
            .with_measurement(CpuTime)
            .without_plots()
            .output_directory(&output_directory())
            .nresamples(2_000)
            .configure_from_args();
        Self {
            criterion,
            filter: std::env::args()
                .skip(1)
                .find(|argument| !argument.starts_with('-')),
            is_test,
            started: SystemTime::now(),
            round: 0,
            python: Python::find(is_test).filter(|_| !thin_lto::is_on()),
        }
    }

    /// Whether anything of this workload will run, so that its data is needed.
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

    /// Python's jar, where there is a Python.
    pub(crate) fn python(&self) -> Option<&Python> {
        self.python.as_ref()
    }

    /// The median of each subject's figures, in some rounds of turns.
    pub(crate) fn medians<T: Into<Option<Figure>>, const N: usize>(
        &mut self,
        rounds: usize,
        subjects: [Subject<'_, T>; N],
    ) -> [Option<Figure>; N] {
        self.in_turns(rounds, subjects)
            .map(|figures| Figure::median(figures.into_iter().filter_map(Into::into)))
    }

    /// The figures of each subject in every round.
    ///
    /// Subjects that take turns are equally affected by other work of the machine; and if each builds
    /// its jar anew in its turn, no subject always has a lucky layout in memory.
    pub(crate) fn in_turns<T, const N: usize>(
        &mut self,
        rounds: usize,
        mut subjects: [Subject<'_, T>; N],
    ) -> [Vec<T>; N] {
        let mut said = [const { Vec::new() }; N];
        for round in 0..if self.is_test { 1 } else { rounds } {
            self.round = round;
            for (subject, said) in subjects.iter_mut().zip(&mut said) {
                said.push(subject(self));
            }
        }
        self.round = 0;
        said
    }

    /// Times a routine, and returns the median if it was measured now.
    ///
    /// `workload` names the size, `subject` the jar.
    pub(crate) fn time(
        &mut self,
        workload: &str,
        subject: &str,
        pace: Pace,
        routine: impl FnMut(&mut Bencher<'_, CpuTime>),
    ) -> Option<Figure> {
        let turn = format!("{subject}, turn {}", self.round + 1);
        let mut group = self.criterion.benchmark_group(workload);
        match pace {
            // A sample of a millisecond or two mostly fits between two interruptions by other work.
            Pace::Fast => group
                .sample_size(100)
                .warm_up_time(Duration::from_millis(60))
                .measurement_time(Duration::from_millis(150)),
            Pace::Slow => group
                .sample_size(10)
                .sampling_mode(SamplingMode::Flat)
                .warm_up_time(Duration::from_millis(100))
                .measurement_time(Duration::from_millis(500)),
        };
        group.bench_function(&turn, routine);
        group.finish();
        self.median(workload, &turn).map(Figure::Nanoseconds)
    }

    fn median(&self, workload: &str, turn: &str) -> Option<f64> {
        let file = output_directory()
            .join(workload)
            .join(turn)
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

/// The number of rounds for routines that take microseconds, and for those so long that a turn is one
/// run.
pub(crate) const ROUNDS: usize = 5;
pub(crate) const SINGLE_RUNS: usize = 11;

/// One run of something, without the time for freeing its result.
pub(crate) fn single<T>(run: impl FnOnce() -> T) -> Figure {
    let start = ThreadTime::now();
    let result = std::hint::black_box(run());
    let spent = start.elapsed();
    drop(result);
    Figure::nanoseconds(spent)
}

/// A folder in the target directory that cargo gives to benches.
fn output_directory() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("criterion")
}
