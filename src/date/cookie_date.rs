//! The cookie-date of browsers.

use std::ops::RangeInclusive;

use super::calendar::{Clock, Date, seconds_since_epoch};
use super::http::StrictDate;
use super::scan::{full_year, is_delimiter, is_weekday, month_name, number};

/// Parses a cookie-date as browsers do: RFC 6265bis, section 5.1.1.
///
/// ```text
/// cookie-date     = *delimiter date-token-list *delimiter
/// date-token-list = date-token *( 1*delimiter date-token )
/// date-token      = 1*non-delimiter
/// time            = 1*2DIGIT ":" 1*2DIGIT ":" 1*2DIGIT [ non-digit *OCTET ]
/// day-of-month    = 1*2DIGIT [ non-digit *OCTET ]
/// month           = ( "jan" / "feb" / ... / "dec" ) *OCTET
/// year            = 2*4DIGIT [ non-digit *OCTET ]
/// ```
///
/// > Process each date-token sequentially in the order the date-tokens appear in the cookie-date
///
/// The first token that fits a production is used, even if its value turns out to be out of range. Time zones
/// and weekdays fit none. No date of this form is after [`END_OF_9999`].
pub(crate) fn parse_cookie_date(text: &[u8]) -> Option<i64> {
    seconds(usual_date(text).or_else(|| date_by_tokens(text))?)
}

pub(super) fn seconds((date, clock): (Date, Clock)) -> Option<i64> {
    if date.year < 1601 || clock.hour > 23 || clock.second > 59 {
        return None;
    }
    seconds_since_epoch(date, clock, 0)
}

/// The form that nearly all servers send, in 180 instructions instead of the 1,100 of the tokens (bench
/// `response`, rules of browsers). The weekday must be a real one, because a month in its place would count as
/// the month.
fn usual_date(text: &[u8]) -> Option<(Date, Clock)> {
    let StrictDate {
        weekday,
        date,
        clock,
        ..
    } = StrictDate::parse(text)?;
    is_weekday(weekday).then_some((date, clock))
}

pub(super) fn date_by_tokens(text: &[u8]) -> Option<(Date, Clock)> {
    let (mut clock, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|&byte| is_delimiter(byte)) {
        if clock.is_none()
            && let Some(found) = clock_token(token)
        {
            clock = Some(found);
        } else if day.is_none()
            && let Some(found) = number_token(token, 1..=2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_name(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number_token(token, 2..=4)
        {
            year = Some(found);
        }
    }
    let date = Date {
        year: full_year(year?)?,
        month: month?,
        day: day?,
    };
    Some((date, clock?))
}

/// A date-token as time: `1*2DIGIT ":" 1*2DIGIT ":" 1*2DIGIT [ non-digit *OCTET ]`
pub(super) fn clock_token(token: &[u8]) -> Option<Clock> {
    let (hour, rest) = number(token, 1..=2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 1..=2)?;
    let second = number_token(rest.strip_prefix(b":")?, 1..=2)?;
    Some(Clock::new(hour, minute, second))
}

/// A date-token as day-of-month or year: `digits` digits, then `[ non-digit *OCTET ]`.
pub(super) fn number_token(token: &[u8], digits: RangeInclusive<usize>) -> Option<u32> {
    match number(token, digits)? {
        (_, [b'0'..=b'9', ..]) => None,
        (value, _) => Some(value),
    }
}
