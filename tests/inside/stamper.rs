use std::time::Duration;

use proptest::prelude::*;

use super::*;

#[test]
fn stamps_rise_whatever_the_clock_does() {
    let stamper = Stamper::default();
    let mut last = Stamp::default();
    for local in [5_000, 5_000, 4_000, 0, 5_001, 6_000] {
        let stamp = stamper.stamp(local);
        assert!(stamp > last, "{local}");
        last = stamp;
    }
    assert_eq!(last, Stamp::at(6_000));
}

#[test]
fn the_next_stamp_is_greater_than_the_orders_of_the_call_before() {
    let stamper = Stamper::default();
    let stamp = stamper.stamp(1);
    let orders = [(); 3].map(|()| stamper.numbers().fetch_add(1, Ordering::Relaxed));
    assert_eq!(orders, [0, 1, 2].map(|place| stamp.get() + place));
    assert!(stamper.stamp(1).get() > orders[2]);
}

#[test]
fn what_was_seen_is_older_than_what_comes() {
    let stamper = Stamper::default();
    stamper.see(Stamp::at(90_000));
    assert!(stamper.stamp(10) > Stamp::at(90_000));
    stamper.see(Stamp::at(50_000));
    assert!(stamper.stamp(10) > Stamp::at(90_000));
}

#[test]
fn the_servers_clock_counts() {
    let stamper = Stamper::default();
    stamper.set_clock(100_000, 40_000);
    assert_eq!(stamper.stamp(41_000), Stamp::at(101_000));
    let first = stamper.fall_back(30_000, 40_000, Stamp::at(20_000));
    assert_eq!(first, Stamp::at(30_000));
    assert!(stamper.stamp(40_000) > first);
    assert_eq!(stamper.stamp(41_000), Stamp::at(31_000));
    let first = stamper.fall_back(30_000, 40_000, Stamp::at(70_000));
    assert_eq!(first.get(), Stamp::at(70_000).get() + 1);
}

#[test]
fn a_clock_that_was_set_is_noticed() {
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    let mut watch = ClockWatch::new(1_000_000, start);
    // The clock, the monotonic one, and whether they have diverged since the row before.
    let rows = [
        (1_000_000, 0, false),
        (1_060_000, 60_000, false),
        (1_061_900, 61_000, false), // a little faster
        (1_064_000, 62_000, true),  // a step
        (1_065_000, 63_000, false),
        (1_064_900, 65_000, true), // a step back
        (4_664_900, 65_000, true), // an hour of sleep
        (4_664_950, 65_050, false),
        (4_666_950, 66_050, false), // by a second exactly
        (4_668_951, 67_050, true),
    ];
    for (millis, monotonic, parted) in rows {
        assert_eq!(watch.has_parted(millis, at(monotonic)), parted, "{millis}");
    }
}

proptest! {
    #[test]
    fn no_number_overflows(last: u64, local: u64, clock: u64) {
        let stamper = Stamper::default();
        stamper.see(Stamp::new(last));
        stamper.set_clock(clock, local);
        let stamp = stamper.stamp(local);
        prop_assert!(stamp > Stamp::new(last) || last == u64::MAX);
    }
}
