use super::*;

#[test]
fn python_s_text_is_turned_and_turned_back() {
    let turned = |bytes: &'static [u8]| to_python(Cow::Borrowed(bytes)).into_owned();
    assert_eq!(turned(b"\xe9"), "é".as_bytes());
    assert_eq!(turned("é".as_bytes()), "Ã©".as_bytes());
    for bytes in [&b"abc"[..], b"\xe9", "é".as_bytes(), b"\xff\x80a"] {
        let there = to_python(Cow::Borrowed(bytes));
        assert_eq!(from_python(there), bytes);
    }
    let not_a_header = "€".as_bytes();
    assert_eq!(from_python(Cow::Borrowed(not_a_header)), not_a_header);
}
