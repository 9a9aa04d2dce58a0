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

fn identity(name: &str) -> Arc<[u8]> {
    record::identity(&cookie(name))
}

#[test]
fn a_clear_removes_what_was_pending_and_a_later_one_of_another_process_removes_the_clear() {
    let mut pending = Pending::default();
    assert!(pending.is_at_rest());
    pending.set(&cookie("a"), stamp(5));
    pending.clear(stamp(6), false);
    assert_eq!(collected(&mut pending), (vec![], Some(6)));

    pending.set(&cookie("b"), stamp(7));
    pending.drop_below(stamp(6));
    assert_eq!(collected(&mut pending), (vec![7], Some(6)), "it is its own");
    pending.drop_below(stamp(7));
    assert_eq!(collected(&mut pending), (vec![7], None));
    pending.drop_below(stamp(8));
    assert_eq!(pending.len(), 0);
    assert!(!pending.is_at_rest(), "what comes is after the clear");
}

#[test]
fn a_batch_that_is_full_ends_between_two_calls() {
    let mut pending = Pending::default();
    for (name, number) in [("a", 1), ("b", 2), ("c", 2), ("d", 3)] {
        pending.set(&cookie(name), stamp(number));
    }
    let mut collect = |at_most| {
        let (part, is_cut) = pending.collect(&"=anna".into(), WriterId::new(1), at_most);
        let mut stamps: Vec<_> = part.entries.iter().map(|entry| entry.stamp.get()).collect();
        stamps.sort_unstable();
        (stamps, is_cut)
    };
    assert_eq!(collect(4), (vec![1, 2, 2, 3], false));
    assert_eq!(collect(3), (vec![1, 2, 2], true));
    assert_eq!(collect(2), (vec![1], true));
    assert_eq!(collect(1), (vec![1], true));

    let mut pending = Pending::default();
    pending.set(&cookie("a"), stamp(1));
    pending.set(&cookie("b"), stamp(1));
    let (part, is_cut) = pending.collect(&"=anna".into(), WriterId::new(1), 1);
    assert_eq!((part.entries.len(), is_cut), (1, true), "a call of two");
}

#[test]
fn of_two_entries_the_one_with_the_greater_stamp_and_then_writer_stays() {
    let admits = |number, writer| {
        let mut pending = Pending::default();
        pending.set(&cookie("a"), stamp(5));
        pending.collect(&"=anna".into(), WriterId::new(2), 100);
        let key = (stamp(number), WriterId::new(writer));
        (pending.admits(&identity("a"), key), pending.len())
    };
    assert_eq!(admits(4, 9), (false, 1));
    assert_eq!(admits(5, 1), (false, 1));
    assert_eq!(admits(5, 2), (true, 1), "it is what is pending");
    assert_eq!(admits(5, 3), (true, 0));
    assert_eq!(admits(6, 1), (true, 0));
}

#[test]
fn an_older_deletion_is_repeated_unless_its_cookie_has_a_pending_change() {
    let mut pending = Pending::default();
    pending.set(&cookie("a"), stamp(5));
    pending.delete_if_absent(identity("a"), stamp(4));
    assert_eq!(collected(&mut pending), (vec![5], None));
    pending.delete_if_absent(identity("b"), stamp(4));
    assert_eq!(collected(&mut pending), (vec![4, 5], None));
    pending.drop_below(stamp(5));
    pending.delete_if_absent(identity("c"), stamp(4));
    assert_eq!(collected(&mut pending), (vec![5], None));
}

#[test]
fn what_is_given_up_is_what_was_sent_and_nothing_later() {
    let mut pending = Pending::default();
    pending.set(&cookie("a"), stamp(5));
    let (part, _) = pending.collect(&"=anna".into(), WriterId::new(1), 100);
    pending.set(&cookie("a"), stamp(6));
    pending.set(&cookie("b"), stamp(6));
    assert_eq!(pending.give_up(&part), 0);
    assert_eq!(collected(&mut pending), (vec![6, 6], None));
}

#[test]
fn of_what_is_written_only_what_the_database_has_lost_is_queued_again() {
    let mut pending = Pending::default();
    for (name, number) in [("a", 10), ("b", 11), ("c", 12), ("d", 13)] {
        pending.set(&cookie(name), stamp(number));
        let (part, _) = pending.collect(&"=anna".into(), WriterId::new(1), 100);
        pending.acknowledge(&part, Version::new(number), Stamp::default());
    }
    // Loaded as of version 12: `a` is there, `b` is older there, `c` is not there, and `d` cannot be yet.
    let (a, b) = (identity("a"), identity("b"));
    let loaded = |identity: &Arc<[u8]>| {
        let number = [(&a, 10), (&b, 9)]
            .into_iter()
            .find(|(of, _)| *of == identity);
        number.map(|(_, number)| (stamp(number), WriterId::new(1)))
    };
    let mut lost = |floor| {
        let is_queued = pending.unwrite_lost(Version::new(12), stamp(floor), None, loaded);
        (is_queued, collected(&mut pending).0, pending.len())
    };
    assert_eq!(lost(11), (true, vec![11, 12], 4));
    assert_eq!(
        lost(14),
        (false, vec![11, 12], 4),
        "they are not written yet"
    );
}

#[test]
fn a_clear_that_the_database_has_or_that_is_not_sent_is_not_repeated() {
    let mut known = Pending::default();
    known.drop_below(stamp(5));
    let none = |_: &Arc<[u8]>| None;
    assert!(!known.unwrite_lost(Version::new(1), stamp(0), Some(stamp(5)), none));
    assert_eq!(collected(&mut known).1, None);

    let mut unsent = Pending::default();
    unsent.clear(stamp(7), true);
    assert!(!unsent.unwrite_lost(Version::new(1), stamp(0), None, none));
    let (part, _) = unsent.collect(&"=anna".into(), WriterId::new(1), 100);
    assert_eq!((part.cleared, part.ended), (Some(stamp(7)), true));
}

#[test]
fn a_clear_is_given_up_only_if_it_is_the_one_that_was_sent_or_is_old_and_unwritten() {
    let sent = |pending: &mut Pending| pending.collect(&"=anna".into(), WriterId::new(1), 100).0;
    let mut pending = Pending::default();
    pending.clear(stamp(6), false);
    let part = sent(&mut pending);
    assert_eq!(pending.give_up(&part), 1);
    assert_eq!((pending.len(), pending.cleared()), (0, stamp(0)));

    pending.clear(stamp(7), false);
    assert_eq!(pending.give_up(&part), 0, "a later one");
    assert_eq!(pending.give_up_to(stamp(6)), 0, "it is not as old");
    assert_eq!(pending.give_up_to(stamp(7)), 1);
    assert_eq!((pending.len(), pending.cleared()), (0, stamp(0)));

    pending.clear(stamp(8), false);
    let part = sent(&mut pending);
    pending.acknowledge(&part, Version::new(1), Stamp::default());
    assert_eq!(pending.give_up_to(stamp(9)), 0, "it is written");
    assert_eq!(pending.cleared(), stamp(8));
}
