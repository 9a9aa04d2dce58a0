use super::*;
use crate::octets::EIGHT;

fn assert_plain_split(field: &[u8]) {
    let plain = field.split(|&byte| byte == b';').map(|piece| {
        let mut halves = piece.splitn(2, |&byte| byte == b'=');
        (halves.next().map(trim), halves.next().map(trim))
    });
    let pieces = Pieces::new(field).map(|(key, value)| (Some(key), value));
    assert!(pieces.eq(plain), "{}", field.escape_ascii());
}

/// Equals splitting at each mark in turn, wherever a word ends: tries all fields of five octets, including the
/// neighbors of the marks and octets that differ from marks in the highest bit, at all positions in a word.
#[test]
fn pieces_are_those_of_a_plain_split() {
    const OCTETS: [u8; 9] = *b";= \ta:<\xbb\xbd";
    for number in 0..9_usize.pow(5) {
        let octet = |place| OCTETS[number / 9_usize.pow(place) % 9];
        let octets: [u8; 5] = [0, 1, 2, 3, 4].map(octet);
        let before = number % EIGHT;
        let mut field = vec![b'a'; before];
        field.extend(octets);
        assert_plain_split(&field);
        field.extend([b';'; EIGHT]);
        field.extend(octets);
        assert_plain_split(&field);
    }
}
