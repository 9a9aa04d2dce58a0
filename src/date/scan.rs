//! The parts of dates: each function matches its part at the start of the input and returns the rest.

use std::ops::RangeInclusive;

/// Parses an offset into seconds: one or two digits are hours, two more are minutes.
///
/// Hours and minutes are unlimited (CPython: `offset_from_tz_string`).
pub(super) fn numeric_offset(input: &[u8], digits: RangeInclusive<usize>) -> Option<(i64, &[u8])> {
    let (sign, text) = sign(input);
    let (value, rest) = number(text, digits)?;
    let (hours, minutes) = match text.len() - rest.len() {
        ..=2 => (value, 0),
        _ => (value / 100, value % 100),
    };
    Some((sign * i64::from(hours * 3600 + minutes * 60), rest))
}

pub(super) fn sign(input: &[u8]) -> (i64, &[u8]) {
    match input {
        [b'-', text @ ..] => (-1, text),
        [b'+', text @ ..] => (1, text),
        _ => (1, input),
    }
}

pub(super) fn month_name(word: &[u8]) -> Option<u32> {
    month_number(*word.first_chunk()?)
}

pub(super) fn month_number(name: [u8; 3]) -> Option<u32> {
    match &name.map(|byte| byte.to_ascii_lowercase()) {
        b"jan" => Some(1),
        b"feb" => Some(2),
        b"mar" => Some(3),
        b"apr" => Some(4),
        b"may" => Some(5),
        b"jun" => Some(6),
        b"jul" => Some(7),
        b"aug" => Some(8),
        b"sep" => Some(9),
        b"oct" => Some(10),
        b"nov" => Some(11),
        b"dec" => Some(12),
        _ => None,
    }
}

/// Returns the year that a server means, by value: two digits pivot at 70, and three or five digits are not a
/// year.
///
/// CPython instead moves years below 1000 to within fifty years of today, but then the same bytes would mean
/// another date in another year.
pub(super) fn full_year(year: u32) -> Option<u32> {
    match year {
        0..=69 => Some(year + 2000),
        70..=99 => Some(year + 1900),
        1000..=9999 => Some(year),
        _ => None,
    }
}

/// Parses a number of `digits` digits, greedily.
///
/// Further digits are left unread. A number too large for the type is clamped.
pub(super) fn number(input: &[u8], digits: RangeInclusive<usize>) -> Option<(u32, &[u8])> {
    let most = input.len().min(*digits.end());
    let (mut value, mut taken) = (0_u32, 0);
    for byte in input
        .iter()
        .take(most)
        .take_while(|byte| byte.is_ascii_digit())
    {
        value = value
            .saturating_mul(10)
            .saturating_add(u32::from(byte - b'0'));
        taken += 1;
    }
    digits
        .contains(&taken)
        .then(|| (value, input.split_at(taken).1))
}

pub(super) fn two_digits(tens: u8, ones: u8) -> u32 {
    u32::from(tens & 0x0F) * 10 + u32::from(ones & 0x0F)
}

pub(super) fn space(input: &[u8]) -> Option<&[u8]> {
    is_space(*input.first()?).then(|| skip_space(input))
}

pub(super) fn skip_space(input: &[u8]) -> &[u8] {
    span(input, is_space).1
}

pub(super) fn skip_date_separator(input: &[u8]) -> &[u8] {
    match input {
        [b'-' | b'/', text @ ..] => text,
        _ => input,
    }
}

pub(super) fn skip_colon(input: &[u8]) -> &[u8] {
    input.strip_prefix(b":").unwrap_or(input)
}

pub(super) fn span(input: &[u8], belongs: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = input.iter().position(|&byte| !belongs(byte));
    input.split_at(end.unwrap_or(input.len()))
}

pub(super) fn is_weekday(name: [u8; 3]) -> bool {
    matches!(
        &name.map(|byte| byte.to_ascii_lowercase()),
        b"sun" | b"mon" | b"tue" | b"wed" | b"thu" | b"fri" | b"sat"
    )
}

/// `WSP` of [`parse_http_date`], which is what `\s` means to CPython's expressions.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `delimiter` of RFC 6265bis, section 5.1.1; colons and bytes above ASCII are not delimiters.
pub(super) fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}
