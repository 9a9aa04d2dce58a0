//! The memory of jars: measured by the bench `footprint`, in a separate process, because
//! counting each allocation would slow down everything that is timed here.

use cookiejar_benches::table::{Figure, Row};

use crate::harness::Harness;
use crate::other_runs;
use crate::report::Report;

/// The rows of the workloads whose names start like this, and the maximum number of bytes.
pub(crate) fn rows(harness: &Harness, report: &mut Report, kind: &str, limit: Figure) {
    let measured = other_runs::figures("footprint.tsv").unwrap_or_default();
    let mut lines: Vec<_> = measured.lines().filter_map(Line::read).collect();
    lines.retain(|line| line.workload.starts_with(kind) && harness.wants(line.workload));
    if lines.is_empty() && harness.is_whole() {
        report.lack(format!(
            "{kind}: the bench `footprint` has not run before this"
        ));
    }
    for ours in lines.iter().filter(|line| line.subject == "cookiejar") {
        let of = |subject: &str| {
            let mut same = lines.iter().filter(|line| line.workload == ours.workload);
            same.find(|line| line.subject == subject)
                .map(|line| line.bytes)
        };
        let row = Row::new(ours.workload, ours.bytes)
            .floor(of("floor"))
            .peer("cookie_store", of("cookie_store"))
            .python(of("Python"));
        report.add(row.at_most(limit));
    }
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
