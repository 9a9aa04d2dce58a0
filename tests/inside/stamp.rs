use super::*;

#[test]
fn signed_writers_have_the_order_of_writers() {
    const HALF: u64 = 1 << 63;
    let numbers = [0, 1, 7, HALF - 1, HALF, HALF + 1, u64::MAX - 1, u64::MAX];
    for (a, b) in numbers.iter().flat_map(|a| numbers.map(|b| (*a, b))) {
        let (a, b) = (WriterId::new(a), WriterId::new(b));
        assert_eq!(a.cmp(&b), a.to_signed().cmp(&b.to_signed()));
        assert_eq!(WriterId::from_signed(a.to_signed()), a);
    }
}

#[test]
fn a_writer_is_shown_as_sixteen_hexadecimal_digits() {
    assert_eq!(WriterId::new(0x2a).to_string(), "000000000000002a");
}
