//! White space and numbers as Python reads them in a file.
//!
//! It knows no format.

/// Removes leading white space (Python: `str.lstrip`); if the text is not UTF-8, only that of ASCII.
pub(super) fn trim_start(text: &[u8]) -> &[u8] {
    if text.first().is_some_and(u8::is_ascii_graphic) {
        return text;
    }
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

#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/python_text.rs"]
mod tests;
