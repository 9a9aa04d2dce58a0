//! Merging of one cookie, against a slow and obvious model that writes a log.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

#[test]
fn every_case_has_its_outcome() {
    use InFile as F;
    use InJar as J;
    use Side::{Absent, Private, Shared};

    let last = |ours, theirs| Last { ours, theirs };
    let (none, one) = (Last::default(), last(Shared(1), Shared(1)));
    let rows = [
        (none, Absent, Absent, J::Stays, F::Stays),
        (none, Shared(1), Absent, J::Stays, F::Ours), // new in the jar
        (none, Absent, Shared(1), J::Theirs, F::Stays), // new in the file
        (none, Shared(1), Shared(1), J::Stays, F::Stays), // the same on both sides
        (none, Shared(1), Shared(2), J::Stays, F::Ours), // new on both sides
        (none, Private(1), Absent, J::Stays, F::Goes), // a session cookie of the jar only
        (none, Absent, Private(1), J::Goes, F::Stays), // a session cookie of the file only
        (none, Private(1), Shared(2), J::Stays, F::Stays), // both keep their own
        (none, Shared(1), Private(2), J::Stays, F::Ours),
        (one, Shared(1), Shared(1), J::Stays, F::Stays),
        (one, Shared(2), Shared(1), J::Stays, F::Ours), // the jar changed it
        (one, Shared(1), Shared(2), J::Theirs, F::Stays), // the file changed it
        (one, Shared(2), Shared(3), J::Stays, F::Ours), // both did
        (one, Absent, Shared(1), J::Stays, F::Goes),    // the jar deleted it
        (one, Shared(1), Absent, J::Goes, F::Stays),    // the file did
        (one, Absent, Absent, J::Stays, F::Stays),      // both did
        (one, Absent, Shared(2), J::Stays, F::Goes),    // the jar deleted what the file changed
        (one, Shared(2), Absent, J::Stays, F::Ours),    // the jar changed what the file deleted
        (one, Private(2), Shared(1), J::Stays, F::Goes), // the jar made it a session cookie
        (one, Shared(1), Private(2), J::Goes, F::Stays), // the file did
        (
            last(Shared(1), Shared(2)),
            Shared(1),
            Shared(2),
            J::Stays,
            F::Stays,
        ), // the format loses something
        (
            last(Shared(1), Absent),
            Shared(1),
            Absent,
            J::Stays,
            F::Stays,
        ), // the format cannot carry it
        (
            last(Absent, Shared(1)),
            Absent,
            Shared(1),
            J::Stays,
            F::Stays,
        ), // the jar did not store it
        (
            last(Private(1), Absent),
            Shared(1),
            Absent,
            J::Stays,
            F::Ours,
        ), // now it may be written
        (
            last(Absent, Private(1)),
            Absent,
            Shared(1),
            J::Theirs,
            F::Stays,
        ), // now it may be read
        (one, Private(1), Shared(1), J::Stays, F::Stays), // now it may not be written, and stays
    ];
    for (last, ours, theirs, in_jar, in_file) in rows {
        assert_eq!(
            merge(last, ours, theirs),
            (in_jar, in_file),
            "{last:?} {ours:?} {theirs:?}"
        );
    }
}

/// A program's change of the cookie.
#[derive(Debug, Clone, Copy)]
enum Step {
    Set,
    Delete,
    Sync,
}

/// A program with its jar: the cookie, what both sides had, and whether the program has changed it since.
#[derive(Default, Clone)]
struct Program {
    cookie: Option<u64>,
    last: Last,
    has_changed: bool,
}

fn side(cookie: Option<u64>) -> Side {
    cookie.map_or(Side::Absent, Side::Shared)
}

proptest! {
    /// The obvious model: a program that has changed the cookie since its last sync writes its own state, and all
    /// others read the state that was written last.
    #[test]
    fn programs_agree_with_a_log(
        steps in vec((0..4_usize, prop::sample::select(&[Step::Set, Step::Delete, Step::Sync, Step::Sync][..])), 0..60),
    ) {
        let mut programs = vec![Program::default(); 4];
        let (mut file, mut written, mut value) = (None, None, 0);
        for (who, step) in steps {
            let program = &mut programs[who];
            match step {
                Step::Set => {
                    value += 1;
                    (program.cookie, program.has_changed) = (Some(value), true);
                }
                Step::Delete => {
                    program.has_changed |= program.cookie.is_some();
                    program.cookie = None;
                }
                Step::Sync => {
                    // A cookie that was set and deleted again since the last sync has not changed.
                    let is_as_before = program.cookie.is_none() && program.last.ours == Side::Absent;
                    if program.has_changed && !is_as_before {
                        written = program.cookie;
                    }
                    let (in_jar, in_file) = merge(program.last, side(program.cookie), side(file));
                    match in_file {
                        InFile::Goes => file = None,
                        InFile::Ours => file = program.cookie,
                        InFile::Stays => {}
                    }
                    match in_jar {
                        InJar::Goes => program.cookie = None,
                        InJar::Theirs => program.cookie = file,
                        InJar::Stays => {}
                    }
                    program.last = Last { ours: side(program.cookie), theirs: side(file) };
                    program.has_changed = false;
                    prop_assert_eq!(file, written);
                    prop_assert_eq!(program.cookie, written);
                }
            }
        }
    }

    #[test]
    fn what_has_just_met_has_nothing_to_merge(
        (ours, theirs, last) in (side_of(), side_of(), (side_of(), side_of())),
    ) {
        let (in_jar, in_file) = merge(Last { ours: last.0, theirs: last.1 }, ours, theirs);
        let jar = match in_jar {
            InJar::Goes => Side::Absent,
            InJar::Stays => ours,
            InJar::Theirs => theirs,
        };
        let file = match in_file {
            InFile::Goes => Side::Absent,
            InFile::Ours => ours,
            InFile::Stays => theirs,
        };
        let met = Last { ours: jar, theirs: file };
        prop_assert_eq!(merge(met, jar, file), (InJar::Stays, InFile::Stays));
    }
}

fn side_of() -> impl Strategy<Value = Side> {
    prop_oneof![
        Just(Side::Absent),
        (0..3_u64).prop_map(Side::Private),
        (0..3_u64).prop_map(Side::Shared),
    ]
}
