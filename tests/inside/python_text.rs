use super::*;

#[test]
fn numbers_are_python_s() {
    let numbers = [
        ("5", 5.0),
        (" +5.5\u{a0}", 5.5),
        ("\u{b}1_0", 10.0),
        ("1e1_0", 1e10),
        (".5", 0.5),
        ("5.", 5.0),
    ];
    for (text, number) in numbers {
        assert_eq!(float(text.as_bytes()), Some(number), "{text:?}");
    }
    for text in [
        "", " ", "1__0", "_1", "1_", "1_.0", "1._0", "_", "1e999", "inf", "nan", "0x1", "\x1c5",
        "e5", "+-5",
    ] {
        assert_eq!(float(text.as_bytes()), None, "{text:?}");
    }
}

#[test]
fn white_space_is_that_of_unicode() {
    let rows = [
        (" \t\u{b}\u{1c}\u{85}\u{a0}\u{3000}# x", "# x"),
        ("\u{200b}# x", "\u{200b}# x"),
    ];
    for (text, trimmed) in rows {
        assert_eq!(trim_start(text.as_bytes()), trimmed.as_bytes());
    }
    assert_eq!(trim_start(b" \xa0#"), b"\xa0#");
}
