//! What a jar holds in memory: measured by the bench `footprint`, in a process of its own, because
//! counting each allocation would slow down all that is timed here.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::harness::Harness;
use crate::table::{Figure, Row, Table};

/// What is as old as this is of another run.
const STALE: Duration = Duration::from_secs(3_600);

/// Workloads by how their names begin, and how many bytes there may be.
const BARS: [(&str, f64); 2] = [("W3 memory", 250.0), ("growth: memory", 8.0 * 1_048_576.0)];

pub(crate) fn run(harness: &mut Harness, table: &mut Table) {
    let measured = measured().unwrap_or_default();
    let mut lines: Vec<_> = measured.lines().filter_map(Line::read).collect();
    lines.retain(|line| harness.wants(line.workload));
    for ours in lines.iter().filter(|line| line.subject == "cookiejar") {
        let of = |subject: &str| {
            let mut same = lines.iter().filter(|line| line.workload == ours.workload);
            same.find(|line| line.subject == subject)
                .map(|line| line.bytes)
        };
        let row = Row::new(ours.workload, ours.bytes)
            .floor(of("floor"))
            .peer("cookie_store", of("cookie_store"));
        let bar = BARS
            .iter()
            .find(|(start, _)| ours.workload.starts_with(start));
        table.add(match bar {
            Some((_, bytes)) => row.at_most(Figure::Bytes(*bytes)),
            None => row,
        });
    }
}

/// The lines that `footprint` has left in the folder in the target directory that cargo gives to
/// benches, if it did so lately.
fn measured() -> Option<String> {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("footprint.tsv");
    let age = fs::metadata(&file).ok()?.modified().ok()?.elapsed();
    if age.is_ok_and(|age| age > STALE) {
        return None;
    }
    fs::read_to_string(file).ok()
}

struct Line<'a> {
    workload: &'a str,
    subject: &'a str,
    bytes: Figure,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let mut cells = line.split('\t');
        Some(Self {
            workload: cells.next()?,
            subject: cells.next()?,
            bytes: Figure::Bytes(cells.next()?.parse().ok()?),
        })
    }
}
