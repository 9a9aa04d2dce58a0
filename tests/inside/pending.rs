//! Pending changes at the stamps that decide: the floor, and the clear.

use super::super::recent_stamps::RecentStamps;
use super::*;

fn stamp(number: u64) -> Stamp {
    Stamp::new(number)
}

fn cookie(name: &str) -> Cookie {
    let cookie = Cookie::builder(name, "1").domain("acme.com").build();
    cookie.expect("a cookie")
}

/// The stamps of the entries of the next batch, and that of its clear.
fn collected(pending: &mut Pending) -> (Vec<u64>, Option<u64>) {
    let (part, _) = pending.collect(&"=anna".into(), WriterId::new(1), 100);
    let mut entries: Vec<_> = part.entries.iter().map(|entry| entry.stamp.get()).collect();
    entries.sort_unstable();
    (entries, part.cleared.map(Stamp::get))
}

#[test]
fn entries_below_the_floor_are_given_up_and_those_at_it_are_written() {
    let mut pending = Pending::default();
    for (name, number) in [("a", 9), ("b", 10), ("c", 11)] {
        pending.set(&cookie(name), stamp(number));
    }
    let (part, _) = pending.collect(&"=anna".into(), WriterId::new(1), 100);
    assert_eq!(pending.acknowledge(&part, Version::new(1), stamp(10)), 1);
    assert_eq!(pending.len(), 2);
    assert!(!pending.is_waiting(), "both are written");
    let passed = pending.pass(Version::new(1));
    let mut passed: Vec<_> = passed.iter().map(|change| change.stamp.get()).collect();
    passed.sort_unstable();
    assert_eq!(passed, [10, 11]);
}

#[test]
fn a_session_that_is_written_whole_has_its_last_clear_if_it_was_ever_cleared() {
    let mut recent = RecentStamps::default();
    recent.note_old(stamp(20));
    let whole = |pending: &mut Pending| {
        pending.write_whole(vec![Arc::new(cookie("a"))], recent.of_session("=anna"));
        collected(pending)
    };
    assert_eq!(whole(&mut Pending::default()), (vec![20], None));

    let mut cleared = Pending::default();
    cleared.drop_below(stamp(5));
    assert_eq!(whole(&mut cleared), (vec![20], Some(5)));

    // A clear with the stamp of a cookie does not remove it, and a later clear does.
    let mut at_once = Pending::default();
    at_once.drop_below(stamp(20));
    assert_eq!(whole(&mut at_once), (vec![20], Some(20)));
    let mut later = Pending::default();
    later.drop_below(stamp(21));
    assert_eq!(whole(&mut later), (vec![], Some(21)));

    // A clear that is pending is queued only once.
    let mut pending = Pending::default();
    pending.clear(stamp(7), true);
    assert_eq!(whole(&mut pending), (vec![20], Some(7)));
    let (part, _) = pending.collect(&"=anna".into(), WriterId::new(1), 100);
    assert!(part.ended, "it still ends the session");
}

#[test]
fn what_is_under_way_when_the_session_is_lost_is_sent_again() {
    let mut pending = Pending::default();
    pending.clear(stamp(8), false);
    pending.set(&cookie("a"), stamp(9));
    let collect = |pending: &mut Pending| pending.collect(&"=anna".into(), WriterId::new(1), 100).0;
    let before = collect(&mut pending);
    pending.unwrite();
    pending.acknowledge(&before, Version::new(1), Stamp::default());
    assert!(pending.is_waiting(), "it may be what was lost");

    let again = collect(&mut pending);
    assert_eq!((again.entries.len(), again.cleared), (1, Some(stamp(8))));
    pending.acknowledge(&again, Version::new(2), Stamp::default());
    assert!(!pending.is_waiting());
}

#[test]
fn a_clear_that_the_database_has_lost_is_repeated_unless_it_is_below_the_floor() {
    let lost = |floor| {
        let mut pending = Pending::default();
        pending.drop_below(stamp(10));
        let is_queued = pending.unwrite_lost(Version::new(1), stamp(floor), None, |_| None);
        (
            is_queued,
            collected(&mut pending).1,
            pending.cleared().get(),
        )
    };
    assert_eq!(lost(10), (true, Some(10), 10));
    // A cookie that the database has kept may be older than such a clear, and stays.
    assert_eq!(lost(11), (false, None, 0));
}
