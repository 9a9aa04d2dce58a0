//! Which stamp a cookie is written with again.

use super::*;

/// How long stamps are kept, in milliseconds.
const KEPT: u64 = 100;

fn stamp(number: u64) -> Stamp {
    Stamp::new(number)
}

/// The stamps of Anna's cookies `a` and `b`, and of Bert's `a`.
fn stamps(recent: &RecentStamps) -> [u64; 3] {
    let get = |session, cookie: &[u8]| recent.of_session(session).get(cookie).get();
    [get("=anna", b"a"), get("=anna", b"b"), get("=bert", b"a")]
}

#[test]
fn a_recent_cookie_has_its_own_stamp_and_others_the_greatest_forgotten_one() {
    let (anna, bert): (Arc<str>, Arc<str>) = ("=anna".into(), "=bert".into());
    let (a, b): (Arc<[u8]>, Arc<[u8]>) = (b"a"[..].into(), b"b"[..].into());
    let mut recent = RecentStamps::default();
    assert_eq!(stamps(&recent), [0, 0, 0]);
    recent.note_old(stamp(3));
    assert_eq!(stamps(&recent), [3, 3, 3]);

    recent.note(1_000, &anna, &a, stamp(7));
    recent.note(1_050, &anna, &b, stamp(5));
    recent.note(1_060, &anna, &b, stamp(4));
    recent.note(1_070, &bert, &a, stamp(6));
    recent.note(1_080, &anna, &a, stamp(9));
    assert_eq!(stamps(&recent), [9, 5, 6]);
    recent.note_old(stamp(2));
    assert_eq!(recent.of_session("=carl").get(b"a"), stamp(3));

    // What was noted exactly that long ago is kept.
    recent.forget_old(1_100, KEPT);
    assert_eq!(recent.of_session("=carl").get(b"a"), stamp(3));
    // The older of two notes is forgotten, and the cookie keeps the later stamp.
    recent.forget_old(1_101, KEPT);
    assert_eq!(stamps(&recent), [9, 5, 6]);
    assert_eq!(recent.of_session("=carl").get(b"a"), stamp(7));
    recent.forget_old(1_151, KEPT);
    assert_eq!(stamps(&recent), [9, 7, 6]);
    // The clock was set back.
    recent.forget_old(1_000, KEPT);
    assert_eq!(stamps(&recent), [9, 9, 9]);
    let capacities = (recent.sessions.capacity(), recent.order.capacity());
    assert_eq!(capacities, (0, 0));
}
