//! White space and numbers as Python reads them in a file.
//!
//! It knows no format.

/// Removes leading white space (Python: `str.lstrip`); if the text is not UTF-8, only that of ASCII.
pub(super) fn trim_start(text: &[u8]) -> &[u8] {
    let is_space = |c: char| c.is_whitespace() || matches!(c, '\x1c'..='\x1f');
    match std::str::from_utf8(text) {
        Ok(text) => text.trim_start_matches(is_space).as_bytes(),
        Err(_) => text.trim_ascii_start(),
    }
}

/// Parses a finite number (Python: `int(float(text))`, which fails for all others).
///
/// ```text
/// number = *WSP [ "+" / "-" ] ( digits [ "." [ digits ] ] / "." digits ) [ "e" [ "+" / "-" ] digits ] *WSP
/// digits = 1*DIGIT *( "_" 1*DIGIT )
/// ```
pub(super) fn float(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let is_number = |byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E' | b'_');
    let stands_alone = |window: &[u8]| match window {
        [before, b'_', after] => !before.is_ascii_digit() || !after.is_ascii_digit(),
        _ => false,
    };
    if !text.bytes().all(is_number)
        || text.starts_with('_')
        || text.ends_with('_')
        || text.as_bytes().windows(3).any(stands_alone)
    {
        return None;
    }
    let number: f64 = text.replace('_', "").parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
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
            "", " ", "1__0", "_1", "1_", "1_.0", "1._0", "_", "1e999", "inf", "nan", "0x1",
            "\x1c5", "e5", "+-5",
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
}
