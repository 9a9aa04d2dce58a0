//! The dates of LWP files.

use super::END_OF_9999;
use super::calendar::{Clock, Date, SECONDS_PER_DAY, civil_from_days, seconds_since_epoch};
use super::scan::{
    number, numeric_offset, sign, skip_colon, skip_date_separator, skip_space, space, span,
};

/// Parses the date of an LWP file: ISO 8601 as CPython's `iso2time` understands it.
///
/// ```text
/// iso-date = 4DIGIT [ sep ] 1*2DIGIT [ sep ] 1*2DIGIT [ clock ] *WSP [ zone *WSP ]
/// sep      = "-" / "/"
/// clock    = ( 1*WSP / "-" / ":" / "T" ) 1*2DIGIT [ ":" ] 2DIGIT [ [ ":" ] 2DIGIT [ fraction ] ]
/// fraction = "." *DIGIT
/// zone     = "Z" / [ "+" / "-" ] 1*2DIGIT [ ":" ] [ 2DIGIT ]
/// ```
///
/// Unlike in CPython, the year is taken as written (CPython moves 0094 to 1994), a day that does not exist is
/// unreadable, dates before 1970 are readable, and a fraction of a second, for which CPython raises an
/// exception, is ignored.
pub(crate) fn parse_iso_date(text: &[u8]) -> Option<i64> {
    let (year, text) = number(skip_space(text), 4..=4)?;
    let text = skip_date_separator(text);
    // A run of digits can be split in several ways. As in CPython's expression, long fields are tried first,
    // and the first split that reaches the end counts, whether its values are valid or not.
    let (date, (clock, offset)) =
        [(2, 2), (2, 1), (1, 2), (1, 1)]
            .into_iter()
            .find_map(|(month_digits, day_digits)| {
                let (month, text) = number(text, month_digits..=month_digits)?;
                let (day, text) = number(skip_date_separator(text), day_digits..=day_digits)?;
                Some((Date { year, month, day }, iso_time(text)?))
            })?;
    seconds_since_epoch(date, clock, offset)
}

/// Writes `1994-11-24 08:49:37Z`, the form of LWP files. CPython: `time2isoz`.
///
/// Times outside the years 0001 to 9999 are clamped.
pub(crate) fn write_iso_date(seconds: i64) -> String {
    let seconds = seconds.clamp(START_OF_0001, END_OF_9999);
    let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

/// The clock and the zone of an ISO date, both optional, up to the end of the text.
pub(super) fn iso_time(input: &[u8]) -> Option<(Clock, i64)> {
    [(2, true), (2, false), (1, true), (1, false)]
        .into_iter()
        .find_map(|(hour_digits, with_second)| {
            let (clock, text) = iso_clock(input, hour_digits, with_second)?;
            Some((clock, iso_zone(text)?))
        })
        .or_else(|| Some((Clock::MIDNIGHT, iso_zone(input)?)))
}

/// `( 1*WSP / "-" / ":" / "T" ) 1*2DIGIT [ ":" ] 2DIGIT [ [ ":" ] 2DIGIT [ "." *DIGIT ] ]`
pub(super) fn iso_clock(
    input: &[u8],
    hour_digits: usize,
    with_second: bool,
) -> Option<(Clock, &[u8])> {
    let text = match input {
        [b'-' | b':' | b'T' | b't', text @ ..] => text,
        _ => space(input)?,
    };
    let (hour, text) = number(text, hour_digits..=hour_digits)?;
    let (minute, text) = number(skip_colon(text), 2..=2)?;
    if !with_second {
        return Some((Clock::new(hour, minute, 0), text));
    }
    let (second, text) = number(skip_colon(text), 2..=2)?;
    let text = match text.strip_prefix(b".") {
        Some(fraction) => span(fraction, |byte| byte.is_ascii_digit()).1,
        None => text,
    };
    Some((Clock::new(hour, minute, second), text))
}

/// `*WSP [ ( "Z" / [ "+" / "-" ] 1*2DIGIT [ ":" ] [ 2DIGIT ] ) *WSP ]`, up to the end of the text.
pub(super) fn iso_zone(input: &[u8]) -> Option<i64> {
    let (offset, text) = match skip_space(input) {
        [] => (0, &[][..]),
        [b'Z' | b'z', text @ ..] => (0, text),
        text => iso_offset(text)?,
    };
    skip_space(text).is_empty().then_some(offset)
}

/// `[ "+" / "-" ] 1*2DIGIT [ ":" ] [ 2DIGIT ]`
pub(super) fn iso_offset(input: &[u8]) -> Option<(i64, &[u8])> {
    let (sign, text) = sign(input);
    let (hours, text) = number(text, 1..=2)?;
    let Some(text) = text.strip_prefix(b":") else {
        return numeric_offset(input, 1..=4);
    };
    let (minutes, text) = number(text, 2..=2).unwrap_or((0, text));
    Some((sign * i64::from(hours * 3600 + minutes * 60), text))
}

/// 0001-01-01T00:00:00Z, the first second that [`write_iso_date`] writes.
pub(super) const START_OF_0001: i64 = -62_135_596_800;
