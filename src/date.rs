//! Reads and writes the date forms that servers and files use.
//!
//! It knows no clock and no cookie: a date is a number of seconds since 1970-01-01T00:00:00Z, and
//! whether that is past or to come is for others to say.

use std::ops::RangeInclusive;

/// 9999-12-31T23:59:59Z, the last second that the four digits of a year can write.
pub(crate) const END_OF_9999: i64 = 253_402_300_799;

/// 0001-01-01T00:00:00Z, the first second that [`write_iso_date`] writes.
const START_OF_0001: i64 = -62_135_596_800;

/// Reads the `Expires` value of a server: CPython's forms, and where these fail those of browsers.
///
/// ```text
/// Wed, 09 Feb 1994 22:23:32 GMT          HTTP
/// Tuesday, 08-Feb-94 14:15:29 GMT        RFC 850
/// 08-Feb-1994 14:15:29 +0100             no weekday, a numeric zone
/// 3 02 1994                              a month in digits, no clock
/// Wed Feb  9 22:23:32 1994               asctime, by the browsers' rules
/// ```
///
/// A time zone counts where CPython's form is met; the browsers' rules overlook it. The zone may
/// carry a date of the year 9999 past [`END_OF_9999`], by less than five days.
pub(crate) fn parse_server_date(text: &[u8]) -> Option<i64> {
    parse_strict_date(text)
        .or_else(|| parse_http_date(text))
        .or_else(|| parse_cookie_date(text))
}

/// Reads a cookie-date as browsers do: RFC 6265bis, section 5.1.1.
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
/// The first token that fits a production takes it, even when its value turns out to be out of
/// range; time zones and weekdays fit none. No date of this form is after [`END_OF_9999`].
pub(crate) fn parse_cookie_date(text: &[u8]) -> Option<i64> {
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
    let clock = clock?;
    if date.year < 1601 || clock.hour > 23 || clock.second > 59 {
        return None;
    }
    seconds_since_epoch(date, clock, 0)
}

/// Reads the date of an LWP file: ISO 8601 as CPython's `iso2time` understands it.
///
/// ```text
/// iso-date = 4DIGIT [ sep ] 1*2DIGIT [ sep ] 1*2DIGIT [ clock ] *WSP [ zone *WSP ]
/// sep      = "-" / "/"
/// clock    = ( 1*WSP / "-" / ":" / "T" ) 1*2DIGIT [ ":" ] 2DIGIT [ [ ":" ] 2DIGIT [ fraction ] ]
/// fraction = "." *DIGIT
/// zone     = "Z" / [ "+" / "-" ] 1*2DIGIT [ ":" ] [ 2DIGIT ]
/// ```
///
/// Unlike in CPython, the year is taken as written (CPython moves 0094 to 1994), a day that does
/// not exist is unreadable, dates before 1970 are readable, and a fraction of a second, on which
/// CPython raises an exception, is dropped.
pub(crate) fn parse_iso_date(text: &[u8]) -> Option<i64> {
    let (year, text) = number(skip_space(text), 4..=4)?;
    let text = skip_date_separator(text);
    // A run of digits can be split in several ways. As in CPython's expression the long fields are
    // tried first, and the first split that reaches the end counts, be its values good or not.
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
/// What lies outside the years 0001 to 9999 becomes the nearest second within.
pub(crate) fn write_iso_date(seconds: i64) -> String {
    let seconds = seconds.clamp(START_OF_0001, END_OF_9999);
    let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

/// Reads the one form that nearly all servers send, at fixed places in 29 bytes.
///
/// ```text
/// strict-date = weekday ", " 2DIGIT SP month SP 4DIGIT SP time " GMT"
///             / weekday ", " 2DIGIT "-" month "-" 4DIGIT SP time " GMT"
/// time        = 2DIGIT ":" 2DIGIT ":" 2DIGIT
/// ```
///
/// Between spaces CPython takes any word for a weekday, if its initial is right. With hyphens this
/// is only a short cut through [`parse_http_date`], which knows its weekdays.
fn parse_strict_date(text: &[u8]) -> Option<i64> {
    let text: &[u8; 29] = text.try_into().ok()?;
    let has_date = is_between(
        text.first_chunk()?,
        b"Aaa, 00 Aaa 0000",
        b"Zzz, 99-Zzz-9999",
    );
    let has_time = is_between(text.last_chunk()?, b"000 00:00:00 GMT", b"999 99:99:99 GMT");
    if !(has_date && has_time) {
        return None;
    }
    #[rustfmt::skip]
    let &[
        w1, w2, w3, _, _, d1, d2, before, m1, m2, m3, after, y1, y2, y3, y4, _,
        h1, h2, _, i1, i2, _, s1, s2, ..
    ] = text;
    let has_weekday = match (before, after) {
        (b' ', b' ') => matches!(w1, b'S' | b'M' | b'T' | b'W' | b'F'),
        (b'-', b'-') => is_weekday([w1, w2, w3]),
        _ => false,
    };
    if !has_weekday {
        return None;
    }
    let date = Date {
        year: full_year(two_digits(y1, y2) * 100 + two_digits(y3, y4))?,
        month: month_number([m1, m2, m3])?,
        day: two_digits(d1, d2),
    };
    let clock = Clock::new(two_digits(h1, h2), two_digits(i1, i2), two_digits(s1, s2));
    seconds_since_epoch(date, clock, 0)
}

/// Whether each byte lies between those at its place in the two bounds.
///
/// It looks at the answer once for all of them, so that the compiler can use vector instructions:
/// with a branch a byte the strict form took 20 ns, and 14 ns without.
#[allow(clippy::needless_bitwise_bool, reason = "`&&` would be the branches")]
fn is_between(bytes: &[u8; 16], least: &[u8; 16], most: &[u8; 16]) -> bool {
    let bounds = least.iter().zip(most);
    bytes
        .iter()
        .zip(bounds)
        .fold(true, |all, (byte, (least, most))| {
            all & (least <= byte) & (byte <= most)
        })
}

/// Reads the loose form of CPython's `http2time`.
///
/// ```text
/// http-date = *WSP [ weekday ] 1*2DIGIT sep month sep year [ clock ]
///             *WSP [ zone *WSP ] [ "(" 1*word ")" *WSP ]
/// sep       = 1*WSP / "-" / "/"
/// word      = ALPHA / DIGIT / "_"
/// WSP       = SP / HTAB / LF / VT / FF / CR
/// ```
///
/// No two parts can claim the same byte in a date that is readable, so that taking each part as
/// long as it goes finds what CPython's expression finds by trying.
///
/// Unlike in CPython, long month names are readable, the century of a two-digit year does not
/// depend on today, a day that does not exist is unreadable, dates before 1970 are readable, and
/// `1_1` is no number of a month.
fn parse_http_date(text: &[u8]) -> Option<i64> {
    let text = skip_weekday(skip_space(text));
    let (day, text) = number(text, 1..=2)?;
    let (month, text) = month_word(separator(text)?)?;
    let (year, text) = number(separator(text)?, 1..=usize::MAX)?;
    let (clock, text) = http_clock(text).unwrap_or((Clock::MIDNIGHT, text));
    let (offset, text) = http_zone(skip_space(text))?;
    let text = skip_space(skip_zone_name(skip_space(text)));
    if !text.is_empty() {
        return None;
    }
    let date = Date {
        year: full_year(year)?,
        month,
        day,
    };
    seconds_since_epoch(date, clock, offset)
}

/// Skips `[ ( "Sun" / "Mon" / ... ) *ALPHA [ "," ] *WSP ]`, in any case.
fn skip_weekday(input: &[u8]) -> &[u8] {
    match input.first_chunk() {
        Some(&initials) if is_weekday(initials) => {
            let (_, text) = span(input, |byte| byte.is_ascii_alphabetic());
            skip_space(text.strip_prefix(b",").unwrap_or(text))
        }
        _ => input,
    }
}

/// What stands between day, month and year: `1*WSP / "-" / "/"`.
fn separator(input: &[u8]) -> Option<&[u8]> {
    match input.first()? {
        b'-' | b'/' => Some(skip_date_separator(input)),
        _ => space(input),
    }
}

/// A month as a word that begins with its name, or as digits of any number.
fn month_word(input: &[u8]) -> Option<(u32, &[u8])> {
    let (word, text) = span(input, is_word_byte);
    let month = month_name(word).or_else(|| match number(word, 1..=usize::MAX)? {
        (month, []) => Some(month),
        _ => None,
    })?;
    Some((month, text))
}

/// `( 1*WSP / ":" ) 1*2DIGIT ":" 2DIGIT [ ":" 2DIGIT ]`
fn http_clock(input: &[u8]) -> Option<(Clock, &[u8])> {
    let text = input.strip_prefix(b":").or_else(|| space(input))?;
    let (hour, text) = number(text, 1..=2)?;
    let (minute, text) = number(text.strip_prefix(b":")?, 2..=2)?;
    let (second, text) = text
        .strip_prefix(b":")
        .and_then(|text| number(text, 2..=2))
        .unwrap_or((0, text));
    Some((Clock::new(hour, minute, second), text))
}

/// `[ "GMT" / "UTC" / "UT" / "Z" / [ "+" / "-" ] 2*4DIGIT ]`, in any case; no other word will do.
///
/// CPython rules out `AM` and `PM` beforehand; here they are words like others.
fn http_zone(input: &[u8]) -> Option<(i64, &[u8])> {
    const UTC_NAMES: [&[u8]; 4] = [b"GMT", b"UTC", b"UT", b"Z"];
    match input.first() {
        None | Some(b'(') => Some((0, input)),
        Some(byte) if byte.is_ascii_alphabetic() => {
            let (name, text) = span(input, |byte| byte.is_ascii_alphabetic());
            let is_utc = UTC_NAMES.iter().any(|utc| name.eq_ignore_ascii_case(utc));
            is_utc.then_some((0, text))
        }
        Some(_) => numeric_offset(input, 2..=4),
    }
}

/// Skips `[ "(" 1*word ")" ]`, the name that some programs write after the offset.
fn skip_zone_name(input: &[u8]) -> &[u8] {
    let Some(text) = input.strip_prefix(b"(") else {
        return input;
    };
    match span(text, is_word_byte) {
        ([_, ..], [b')', rest @ ..]) => rest,
        _ => input,
    }
}

/// A date-token as time: `1*2DIGIT ":" 1*2DIGIT ":" 1*2DIGIT [ non-digit *OCTET ]`
fn clock_token(token: &[u8]) -> Option<Clock> {
    let (hour, rest) = number(token, 1..=2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 1..=2)?;
    let second = number_token(rest.strip_prefix(b":")?, 1..=2)?;
    Some(Clock::new(hour, minute, second))
}

/// A date-token as day-of-month or year: so many digits, then `[ non-digit *OCTET ]`.
fn number_token(token: &[u8], digits: RangeInclusive<usize>) -> Option<u32> {
    match number(token, digits)? {
        (_, [b'0'..=b'9', ..]) => None,
        (value, _) => Some(value),
    }
}

/// The clock and the zone of an ISO date, each of which may be absent, up to the end of the text.
fn iso_time(input: &[u8]) -> Option<(Clock, i64)> {
    [(2, true), (2, false), (1, true), (1, false)]
        .into_iter()
        .find_map(|(hour_digits, with_second)| {
            let (clock, text) = iso_clock(input, hour_digits, with_second)?;
            Some((clock, iso_zone(text)?))
        })
        .or_else(|| Some((Clock::MIDNIGHT, iso_zone(input)?)))
}

/// `( 1*WSP / "-" / ":" / "T" ) 1*2DIGIT [ ":" ] 2DIGIT [ [ ":" ] 2DIGIT [ "." *DIGIT ] ]`
fn iso_clock(input: &[u8], hour_digits: usize, with_second: bool) -> Option<(Clock, &[u8])> {
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
fn iso_zone(input: &[u8]) -> Option<i64> {
    let (offset, text) = match skip_space(input) {
        [] => (0, &[][..]),
        [b'Z' | b'z', text @ ..] => (0, text),
        text => iso_offset(text)?,
    };
    skip_space(text).is_empty().then_some(offset)
}

/// `[ "+" / "-" ] 1*2DIGIT [ ":" ] [ 2DIGIT ]`
fn iso_offset(input: &[u8]) -> Option<(i64, &[u8])> {
    let (sign, text) = sign(input);
    let (hours, text) = number(text, 1..=2)?;
    let Some(text) = text.strip_prefix(b":") else {
        return numeric_offset(input, 1..=4);
    };
    let (minutes, text) = number(text, 2..=2).unwrap_or((0, text));
    Some((sign * i64::from(hours * 3600 + minutes * 60), text))
}

/// An offset in seconds from so many digits: one or two are hours, two more are minutes.
///
/// Hours and minutes have no limit of their own: CPython, `offset_from_tz_string`.
fn numeric_offset(input: &[u8], digits: RangeInclusive<usize>) -> Option<(i64, &[u8])> {
    let (sign, text) = sign(input);
    let (value, rest) = number(text, digits)?;
    let (hours, minutes) = match text.len() - rest.len() {
        ..=2 => (value, 0),
        _ => (value / 100, value % 100),
    };
    Some((sign * i64::from(hours * 3600 + minutes * 60), rest))
}

/// `[ "+" / "-" ]` as a factor.
fn sign(input: &[u8]) -> (i64, &[u8]) {
    match input {
        [b'-', text @ ..] => (-1, text),
        [b'+', text @ ..] => (1, text),
        _ => (1, input),
    }
}

/// The month that a word begins with, in any case.
fn month_name(word: &[u8]) -> Option<u32> {
    month_number(*word.first_chunk()?)
}

/// The month of a three-letter name, in any case.
fn month_number(name: [u8; 3]) -> Option<u32> {
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

/// The year that a server means, by value: two digits pivot at 70, three or five are no year.
///
/// CPython moves years below 1000 to within fifty years of today instead; but then the same bytes
/// would mean another date in another year.
fn full_year(year: u32) -> Option<u32> {
    match year {
        0..=69 => Some(year + 2000),
        70..=99 => Some(year + 1900),
        1000..=9999 => Some(year),
        _ => None,
    }
}

/// Takes a number of so many digits, as many as there are up to the most.
///
/// Digits above the most are left. A number too great for the type becomes the greatest.
fn number(input: &[u8], digits: RangeInclusive<usize>) -> Option<(u32, &[u8])> {
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

/// The value of two bytes that are known to be digits.
fn two_digits(tens: u8, ones: u8) -> u32 {
    u32::from(tens & 0x0F) * 10 + u32::from(ones & 0x0F)
}

/// Takes one white space or more.
fn space(input: &[u8]) -> Option<&[u8]> {
    is_space(*input.first()?).then(|| skip_space(input))
}

/// Skips white space.
fn skip_space(input: &[u8]) -> &[u8] {
    span(input, is_space).1
}

/// Skips one `-` or `/`.
fn skip_date_separator(input: &[u8]) -> &[u8] {
    match input {
        [b'-' | b'/', text @ ..] => text,
        _ => input,
    }
}

/// Skips one `:`.
fn skip_colon(input: &[u8]) -> &[u8] {
    input.strip_prefix(b":").unwrap_or(input)
}

/// Parts the input behind the longest run of such bytes.
fn span(input: &[u8], belongs: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = input.iter().position(|&byte| !belongs(byte));
    input.split_at(end.unwrap_or(input.len()))
}

/// Whether these are the first letters of a weekday, in any case.
fn is_weekday(name: [u8; 3]) -> bool {
    matches!(
        &name.map(|byte| byte.to_ascii_lowercase()),
        b"sun" | b"mon" | b"tue" | b"wed" | b"thu" | b"fri" | b"sat"
    )
}

/// `WSP` of [`parse_http_date`], which is what `\s` means to CPython's expressions.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

/// `ALPHA / DIGIT / "_"`
fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `delimiter` of RFC 6265bis, section 5.1.1; neither a colon nor a byte above ASCII is one.
fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}

/// The seconds since the epoch, if there is such a day and such a time.
///
/// The offset is that of the zone: the seconds by which its clocks are ahead of UTC.
fn seconds_since_epoch(date: Date, clock: Clock, offset: i64) -> Option<i64> {
    Some(date.days()? * SECONDS_PER_DAY + clock.seconds()? - offset)
}

/// Hour, minute and second as written.
#[derive(Clone, Copy)]
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
}

impl Clock {
    /// The time of a date without one.
    const MIDNIGHT: Self = Self::new(0, 0, 0);

    /// The fields as they are read, be there such a time or not.
    const fn new(hour: u32, minute: u32, second: u32) -> Self {
        Self {
            hour,
            minute,
            second,
        }
    }

    /// The seconds since midnight. 24:00:00 and leap seconds run into what follows, as in CPython.
    fn seconds(self) -> Option<i64> {
        let exists = self.hour <= 24 && self.minute <= 59 && self.second <= 61;
        exists.then(|| i64::from(self.hour * 3600 + self.minute * 60 + self.second))
    }
}

/// Year, month and day as written, in the proleptic Gregorian calendar.
#[derive(Clone, Copy)]
struct Date {
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    /// The days since 1970-01-01, if the calendar has this day in a year from 1 to 9999.
    fn days(self) -> Option<i64> {
        let Self { year, month, day } = self;
        if !(1..=9999).contains(&year) || !(1..=days_in_month(year, month)?).contains(&day) {
            return None;
        }
        // Years that begin in March have their leap day at the end.
        let (year, month) = if month < 3 {
            (year - 1, month + 9)
        } else {
            (year, month - 3)
        };
        let leap_days = year / 4 - year / 100 + year / 400;
        // March to July and August to December are 153 days each, in months of 31, 30, 31, 30, 31.
        let days_before_month = (153 * month + 2) / 5;
        let days = year * 365 + leap_days + days_before_month + day - 1;
        Some(i64::from(days) - EPOCH_FROM_MARCH_0000)
    }
}

/// Year, month and day of a day that is counted from 1970-01-01, from the year 0 on.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_FROM_MARCH_0000;
    let (cycle, day) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    // The last century of a cycle and the last year of four are a day longer than the others.
    let century = (day / DAYS_IN_100_YEARS).min(3);
    let day = day - century * DAYS_IN_100_YEARS;
    let (olympiad, day) = (day / DAYS_IN_4_YEARS, day % DAYS_IN_4_YEARS);
    let year = (day / 365).min(3);
    let day = day - year * 365;
    let year = cycle * 400 + century * 100 + olympiad * 4 + year;
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    match month {
        ..=9 => (year, month + 3, day),
        _ => (year + 1, month - 9, day),
    }
}

/// Whether the year has a 29 February.
fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// The length of a month, or none if there is no such month.
fn days_in_month(year: u32, month: u32) -> Option<u32> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if is_leap(year) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

const SECONDS_PER_DAY: i64 = 86_400;
const DAYS_IN_4_YEARS: i64 = 1_461;
const DAYS_IN_100_YEARS: i64 = 36_524;
const DAYS_IN_400_YEARS: i64 = 146_097;

/// The days from 0000-03-01 to 1970-01-01.
const EPOCH_FROM_MARCH_0000: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_servers_send_them() {
        assert_dates(
            parse_server_date,
            &[
                (b"Wed, 09 Feb 1994 22:23:32 GMT", Some(760_832_612)), // RFC 9110: IMF-fixdate
                (b"Wed, 09-Feb-1994 22:23:32 GMT", Some(760_832_612)), // the Netscape form
                (b"Wednesday, 09-Feb-94 22:23:32 GMT", Some(760_832_612)), // RFC 850
                (b"Wednesday, 09-Feb-1994 22:23:32 GMT", Some(760_832_612)), // with a whole year
                (b"Wed Feb  9 22:23:32 1994", Some(760_832_612)),      // asctime
                (
                    b"Wed Feb 09 1994 22:23:32 GMT+0000 (Coordinated Universal Time)",
                    Some(760_832_612),
                ), // JavaScript: Date.toString()
                (
                    b"Wed Feb 09 1994 22:23:32 GMT+0100 (CET)",
                    Some(760_832_612),
                ), // the browsers' rules know no zone
                (b"Thu, 01-Jan-1970 00:00:10 GMT", Some(10)),          // how many servers delete
                (b"Mon, 01-Jan-0001 00:00:00 GMT", Some(978_307_200)), // .NET MinValue, 2001
                (b"Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799)), // .NET MaxValue
                (b"Tue, 19 Jan 2038 03:14:08 GMT", Some(2_147_483_648)), // past 31 bits
                (b"09 Feb 1994 22:23:32 GMT", Some(760_832_612)),      // no weekday
                (b"09-Feb-94 22:23:32 GMT", Some(760_832_612)),        // RFC 850 without weekday
                (b"08/Feb/94 14:15:29", Some(760_716_929)),            // slashes
                (b"Wed, 09 feb 1994 22:23:32 gmt", Some(760_832_612)), // lower case
                (b"WED, 09 FEB 1994 22:23:32 GMT", Some(760_832_612)), // upper case
                (b"wednesday 9 february 1994 22:23", Some(760_832_580)), // long names, no seconds
                (b"Wed,09 Feb 1994 22:23:32 GMT", Some(760_832_612)),  // no space after the comma
                (b"Wed 09 Feb 1994 22:23:32 GMT", Some(760_832_612)),  // no comma
                (b"Wed09 Feb 1994 22:23:32 GMT", Some(760_832_612)),   // neither
                (b"Fri, 9 Nov 2001 01:02:03 GMT", Some(1_005_267_723)), // a one-digit day
                (b"Fri, 09 Nov 2001 9:12:40 GMT", Some(1_005_297_160)), // a one-digit hour
                (b"Sun, 16 Sept 2001 01:02:03 GMT", Some(1_000_602_123)), // Sept
                (b"16 Septembre 2001", Some(1_000_598_400)), // a word that begins as a month does
                (b"3 02 1994", Some(760_233_600)),           // a month in digits
                (b"3-000012-1994", Some(786_412_800)),       // with as many zeros as it likes
                (b"3 13 1994", None),                        // no month
                (b"3 0 1994", None),                         // no month
                (b"3 4294967297 1994", None), // no month, even where 32 bits overflow
                (b"3 Fez 1994", None),        // no month
                (b"Wed, 09 Fez 1994 22:23:32 GMT", None), // no month in the strict form
                (b"Sxx, 09 Feb 1994 24:00:00 GMT", Some(760_838_400)), // CPython: any S
                (b"Sxx, 09-Feb-1994 24:00:00 GMT", None), // not with hyphens
                (b"Axx, 09 Feb 1994 24:00:00 GMT", None), // the wrong initial
                (b"Axx, 09 Feb 1994 22:23:32 GMT", Some(760_832_612)), // which browsers do not mind
                (b"Wed, 09 Feb-1994 22:23:32 GMT", Some(760_832_612)), // mixed separators
                (b"  Wed, 09 Feb 1994 22:23:32 GMT \n", Some(760_832_612)), // white space around
                (b"\x0b\r9 Feb 1994\x0c", Some(760_752_000)), // of other kinds
                (b"09\t\r\nFeb  1994   22:23:32\tGMT", Some(760_832_612)), // and between the parts
                (b"09 -Feb 1994", None),      // but not beside a hyphen
                (b"09_Feb_1994", None),       // an underscore is part of a word
            ],
        );
    }

    #[test]
    fn the_clock_and_the_zone_of_a_server() {
        assert_dates(
            parse_server_date,
            &[
                (b"9 Feb 1994", Some(760_752_000)),           // midnight
                (b"9 Feb 1994:22:23:32", Some(760_832_612)),  // a colon before the clock
                (b"9 Feb 1994 22:23", Some(760_832_580)),     // no seconds
                (b"9 Feb 1994 22:23:32", Some(760_832_612)),  // no zone is UTC
                (b"9 Feb 1994 22:23 gmt", Some(760_832_580)), // unreadable to browsers
                (b"9 Feb 1994 22:23 UTC", Some(760_832_580)),
                (b"9 Feb 1994 22:23 ut", Some(760_832_580)),
                (b"9 Feb 1994 22:23 Z", Some(760_832_580)),
                (b"9 Feb 1994 22:23Z", Some(760_832_580)), // no space needed
                (b"9 Feb 1994 22:23 +0000", Some(760_832_580)),
                (b"9 Feb 1994 22:23:32 +0100", Some(760_829_012)), // an hour earlier
                (b"9 Feb 1994 22:23:32 -0830", Some(760_863_212)), // eight hours and a half later
                (b"9 Feb 1994 22:23:32 0100", Some(760_829_012)),  // no sign is plus
                (b"9 Feb 1994 22:23:32 -08", Some(760_861_412)),   // hours
                (b"9 Feb 1994 22:23:32 +530", Some(760_812_812)),  // hours and minutes
                (b"9 Feb 1994 22:23:32-9999", Some(761_194_952)),  // no limits: CPython
                (b"9 Feb 1994 22:23:32 +1", Some(760_832_612)), // no zone, but browsers do not mind
                (b"9 Feb 1994 22:23:32 +01000", Some(760_832_612)), // nor are five
                (b"9 Feb 1994 22:23:32 +01:00", Some(760_832_612)), // nor a colon
                (b"9 Feb 1994 22:23 +01:00", None),             // and browsers want seconds
                (b"9 Feb 1994 22:23:32 EST", Some(760_832_612)), // unknown, so browsers' rules
                (b"9 Feb 1994 22:23 EST", None),                // and they want seconds
                (b"9 Feb 1994 10:23 AM", None),                 // nor is this a zone
                (b"9 Feb 1994 22:23 +0100 (CET)", Some(760_828_980)), // a name in parentheses
                (b"9 Feb 1994 22:23 (UTC) ", Some(760_832_580)), // and alone
                (b"9 Feb 1994 22:23 ()", None),                 // which is a word
                (b"9 Feb 1994 22:23 (C ET)", None),             // one word
                (b"9 Feb 1994 +0100", Some(760_748_400)),       // a zone without a clock
                (b"9 Feb 1994 0100", Some(760_748_400)),        // not a clock
                (b"1 2 1994 1:2345", Some(759_903_780)),        // 1:23 and zone 45: CPython
                (b"1 2 1994 1:23:4567", Some(759_824_625)),     // 1:23:45 and zone 67: CPython
                (b"1 2 1994 1:2", None),                        // no minutes
                (b"9 Feb 1994 24:00:00 GMT", Some(760_838_400)), // the next day's midnight
                (b"9 Feb 1994 24:59:61 GMT", Some(760_842_001)), // the last that CPython reads
                (b"9 Feb 1994 25:00:00 GMT", None),             // no hour
                (b"9 Feb 1994 22:60:00 GMT", None),             // no minute
                (b"30 Jun 1997 23:59:60 GMT", Some(867_715_200)), // a leap second
                (b"30 Jun 1997 23:59:62 GMT", None),            // no second
                (b"Mon, 30 Jun 1997 23:59:61 GMT", Some(867_715_201)), // strict
                (b"Mon, 30 Jun 1997 23:59:62 GMT", None),       // strict: no second
                (b"31 Dec 9999 23:59:59 -0100", Some(253_402_304_399)), // past END_OF_9999
                (b"Wed, 09 Feb 1994 22:23:32 GMT; junk", Some(760_832_612)), // the rest is junk
                (b"Wed, 09 Feb 1994 22:23:32 GMT\xe9", Some(760_832_612)), // whatever it is
                (b"Wed, 09 Feb 1994 22:23 junk", None),         // but they want seconds
            ],
        );
    }

    #[test]
    fn days_and_years_of_a_server() {
        assert_dates(
            parse_server_date,
            &[
                (b"Thu, 29 Feb 1996 00:00:00 GMT", Some(825_552_000)), // a leap year
                (b"Wed, 29 Feb 1995 00:00:00 GMT", None),              // none
                (b"Tue, 29 Feb 2000 00:00:00 GMT", Some(951_782_400)), // a leap year
                (b"Mon, 29-Feb-2100 00:00:00 GMT", None),              // none
                (b"29 Feb 04", Some(1_078_012_800)),                   // 2004 is a leap year
                (b"29 Feb 03", None),                                  // 2003 is none
                (b"30 Feb 1996", None),                                // no such day
                (b"31 Apr 1994 00:00:00", None),                       // no such day
                (b"Sun, 31 Apr 1994 00:00:00 GMT", None), // no such day in the strict form
                (b"31 Dec 1994", Some(788_832_000)),      // the last
                (b"32 Dec 1994", None),                   // no such day
                (b"0 Dec 1994", None),                    // no such day
                (b"001 Dec 1994", None),                  // three digits are no day
                (b"1 Jan 69", Some(3_124_224_000)),       // 2069
                (b"1 Jan 70", Some(0)),                   // 1970
                (b"1 Jan 99", Some(915_148_800)),         // 1999
                (b"1 Jan 0", Some(946_684_800)),          // 2000
                (b"1 Jan 0069", Some(3_124_224_000)),     // by value: 2069
                (b"Thu, 01 Jan 0070 00:00:00 GMT", Some(0)), // by value: 1970
                (b"1 Jan 100", None),                     // no year
                (b"1 Jan 999", None),                     // no year
                (b"Thu, 01 Jan 0999 00:00:00 GMT", None), // no year in the strict form
                (b"1 Jan 1000", Some(-30_610_224_000)),   // the first whole year
                (b"1 Jan 1600 00:00:00", Some(-11_676_096_000)), // not as browsers
                (b"1 Jan 9999", Some(253_370_764_800)),   // the last year
                (b"1 Jan 10000", None),                   // no year
                (b"1 Jan 10000 00:00:00", None),          // no year for browsers either
                (b"1 Jan 00001994", Some(757_382_400)),   // zeros before it
                (b"1 Jan 4294969290", None),              // no year, nor 1994 by overflow
                (b"Thu, 01 Jan 1970 00:00:00 GMT", Some(0)), // the epoch
                (b"Wed, 31 Dec 1969 23:59:59 GMT", Some(-1)), // the second before
                (b"1 Jan 1970 00:00:00 +0100", Some(-3600)), // an hour before
                (b"28 Feb 1900", Some(-2_203_977_600)),   // long before
                (b"", None),
                (b" ", None),
                (b"Wed, ", None),
                (b"0", None),  // what some servers send for a session
                (b"-1", None), // likewise
                (b"never", None),
                (b"Feb 1994", None),
                (b"1994-02-09T22:23:32Z", None), // ISO is not among the forms of servers
            ],
        );
    }

    #[test]
    fn cookie_dates_as_browsers_read_them() {
        assert_dates(
            parse_cookie_date,
            &[
                (b"Wed, 09 Feb 1994 22:23:32 GMT", Some(760_832_612)),
                (b"1994 Feb 9 22:23:32", Some(760_832_612)), // four digits are no day
                (b"Feb 9 94 22:23:32", Some(760_832_612)),
                (b"94 Feb 9 22:23:32", None), // 94 is the day, 9 no year
                (b"22:23:32 9 1994 Febuary", Some(760_832_612)), // any order
                (b"9 10 Feb 22:23:32", Some(1_265_754_212)), // the second number is the year 2010
                (b"9 9 Feb 1994 22:23:32", Some(760_832_612)), // a lone digit is no year
                (b"9th Feb 1994AD 22:23:32pm", Some(760_832_612)), // only digits count
                (b"9 Feb 1994 2:3:2", Some(760_759_382)), // one digit each
                (b"9 Feb 1994 22:23:32:59", Some(760_832_612)), // a colon ends the seconds
                (b"009 Feb 1994 22:23:32", None), // three digits are no day
                (b"9 Feb 1994 022:23:32", None), // three digits are no hour
                (b"9 Feb 1994 22:23:320", None), // nor seconds
                (b"9 Feb 1994 22:23", None),  // the seconds are missing
                (b"Feb 1994 22:23:32", None), // the day is missing
                (b"9 1994 22:23:32", None),   // the month is missing
                (b"9 Feb 22:23:32", None),    // the year is missing
                (b"9 Feb 19941 22:23:32", None), // five digits are no year
                (b"9 Feb 199 22:23:32", None), // before 1601
                (b"9 Feb 1600 22:23:32", None), // before 1601
                (b"1 Jan 1601 00:00:00", Some(-11_644_473_600)), // the first that can be read
                (b"31 Dec 9999 23:59:59", Some(253_402_300_799)), // and the last
                (b"9 Feb 69 22:23:32", Some(3_127_674_212)), // 2069
                (b"9 Feb 70 22:23:32", Some(3_450_212)), // 1970
                (b"9 Feb 1994 24:00:00", None), // no hour
                (b"9 Feb 1994 22:60:00", None), // no minute
                (b"9 Feb 1994 22:23:60", None), // leap seconds cannot be represented
                (b"31 Apr 1994 22:23:32", None), // no such day
                (b"0 Feb 1994 22:23:32", None), // no such day
                (b"9 Feb 1994 25:00:00 22:23:32", None), // the first clock counts, good or not
                (b"Tue!#01&Jan<2019?00:24:20}GMT", Some(1_546_302_260)), // every delimiter delimits
                (b"09\x7fFeb 1994 22:23:32", None), // a byte that is none
                (b"\x0009 Feb 1994 22:23:32", None), // another
                (b"\xe909 Feb 1994 22:23:32", None), // and another
                (b"09\n Feb 1994 22:23:32", Some(760_832_612)), // a non-digit all the same
                (b"", None),
            ],
        );
    }

    #[test]
    fn cookie_dates_as_servers_send_them() {
        assert_dates(
            parse_cookie_date,
            &[
                (b"Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)), // RFC 9110
                (b"Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)), // RFC 850
                (b"Sun Nov  6 08:49:37 1994", Some(784_111_777)),      // asctime
                (b"Sun, 06-Nov-1994 08:49:37 GMT", Some(784_111_777)), // the Netscape form
                (b"06 Nov 1994 08:49:37", Some(784_111_777)),
                (b"6-nov-1994 8:49:37 gmt", Some(784_111_777)), // any case, one digit
                (b"Sun, 06 Nov 1994 08:49:37 UTC", Some(784_111_777)),
                (b"Sun, 06 Nov 1994 08:49:37 +0000", Some(784_111_777)),
                (b"Sun, 06 Nov 1994 08:49:37 -0800", Some(784_111_777)), // zones are overlooked
                (
                    b"Sun Nov 06 1994 08:49:37 GMT+0100 (CET)",
                    Some(784_111_777),
                ), // JavaScript's toString
                (b"1994/Nov/06 08:49:37", Some(784_111_777)), // a year of four digits is no day
                (b"Sun, 06 November 1994 08:49:37 GMT", Some(784_111_777)), // long names
                (b"Sun,06Nov1994 08:49:37 GMT", None),        // one token of day and month and year
                (b"Sun, 06 Nov 1994 08:49:37 AM", Some(784_111_777)),
                (b"Sun, 06 Nov 1994 08:49:37.250 GMT", Some(784_111_777)), // a fraction
                (b"\"Sun, 06 Nov 1994 08:49:37 GMT\"", Some(784_111_777)), // quotes delimit
                (b"Sun, 06 Nov 1994 08:49 GMT", None),                     // no seconds
                (b"Sun, 06 Nov 1994", None),                               // no time
                (b"1994-11-06T08:49:37Z", None),                           // ISO 8601
                (b"1994-11-06 08:49:37", None),                            // months have names
                (b"06/11/1994 08:49:37", None),                            // likewise
                (b"784111777", None), // seconds since the epoch
                (b"0", None),
                (b"-1", None),
                (b"Thu, 01 Jan 1970 00:00:00 GMT", Some(0)), // how cookies are deleted
                (b"Thu, 01-Jan-70 00:00:01 GMT", Some(1)),   // likewise
                (b"Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799)), // how they are kept
                (b"Tue, 19 Jan 2038 03:14:07 GMT", Some(2_147_483_647)), // likewise
                (b"Mon, 01 Jan 10000 00:00:00 GMT", None),   // five digits are no year
                (b"Thu, 29 Feb 2024 12:00:00 GMT", Some(1_709_208_000)), // a leap year
                (b"Wed, 29 Feb 2023 12:00:00 GMT", None),    // none
                (b"Tue, 29 Feb 2000 12:00:00 GMT", Some(951_825_600)), // a leap year
                (b"Thu, 29 Feb 1900 12:00:00 GMT", None),    // none
                (b"Sat, 09 Nov 2024 9:12:40 GMT", Some(1_731_143_560)),
                (b"Sun, 06 Nov 1994 8:9:7 GMT", Some(784_109_347)),
                (b"Foo, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)), // weekdays are overlooked
                (b"Sun, 06 Foo 1994 08:49:37 GMT", None),              // no month
                (b"Sun, 06 Nov 1994 24:00:00 GMT", None),              // no hour
                (b"Sun, 32 Nov 1994 08:49:37 GMT", None),              // no day
                (b"session", None),
            ],
        );
    }

    #[test]
    fn iso_dates() {
        assert_dates(
            parse_iso_date,
            &[
                (b"1994-11-24 08:49:37Z", Some(785_666_977)), // as Python and Perl write it
                (b"1994-02-03 14:15:29 -0100", Some(760_288_529)), // a zone
                (b"1994-02-03 14:15:29", Some(760_284_929)),  // none
                (b"1994-02-03", Some(760_233_600)),           // a day
                (b"1994-02-03T14:15:29", Some(760_284_929)),  // T
                (b"19940203t141529z", Some(760_284_929)),     // compact, lower case
                (b"19940203", Some(760_233_600)),             // compact
                (b"1994/2/3", Some(760_233_600)),             // one digit each
                (b"1994-02-03-14:15", Some(760_284_900)),     // a hyphen before the clock
                (b"1994-02-03:14:15", Some(760_284_900)),     // a colon
                (b"1994-02-03 -01", Some(760_237_200)),       // a zone alone
                (b"1994-02-03 14:15:29 +05:30", Some(760_265_129)), // a zone with a colon
                (b"1994-02-03 14:15:29 +5", Some(760_266_929)), // of one digit
                (b"1994-02-03 14:15:29 +5:", Some(760_266_929)), // and a colon
                (b"1994-02-03 14:15:29 530", Some(760_265_129)), // of three digits, without a sign
                (b"1994-02-03 14:15:29 +5::30", None),        // two colons
                (b"1994-02-03 14:15:29 +12345", None),        // five digits
                (b"1994-02-03 14:15:29 GMT", None),           // no such zone here
                (b"1994-02-03 14:15:29.999Z", Some(760_284_929)), // a fraction is dropped
                (b"1994-02-03 14:15:29.", Some(760_284_929)), // also an empty one
                (b"  1994-02-03 14:15:29 Z ", Some(760_284_929)), // white space around
                (b"1994-02-03 14:15:29Zx", None),             // junk
                (b"199411", Some(757_382_400)),               // as 1994, 1, 1: CPython
                (b"1994111", Some(783_648_000)),              // as 1994, 11, 1: CPython
                (b"1994-02-03T14152", Some(760_277_700)), // 14:15, and a zone of 2 hours: CPython
                (b"1994-02-03T141", Some(760_239_660)),   // 1:41
                (b"1994-02-03T141529:30", Some(760_178_700)), // 14:15, and a zone of 29:30: CPython
                (b"199411-05:12", None), // 1994, 11, 0: the first split counts, good or not
                (b"1994-00-03", None),   // no month
                (b"1994-13-03", None),   // no month
                (b"1994-02-30", None),   // no such day
                (b"2000-02-29", Some(951_782_400)), // a leap day
                (b"1900-02-29", None),   // none
                (b"1994-02-03 24:00:00", Some(760_320_000)), // the next day's midnight
                (b"1994-02-03 25:00:00", None), // no hour
                (b"1994-02-03 23:59:61", Some(760_320_001)), // leap seconds
                (b"1969-12-31 23:59:59Z", Some(-1)), // before the epoch
                (b"0094-01-01", Some(-59_200_761_600)), // the year as it stands
                (b"0001-01-01 00:00:00Z", Some(-62_135_596_800)), // the first second
                (b"0000-12-31", None),   // no year 0
                (b"9999-12-31 23:59:59Z", Some(253_402_300_799)), // the last second
                (b"19941-01-01", Some(757_386_000)), // 1994, 1, 01, and a zone of -1: CPython
                (b"994-01-01", None),    // three digits
                (b"", None),
                (b"1994", None), // a year
            ],
        );
    }

    #[test]
    fn the_strict_form_is_a_short_cut_through_the_loose_one() {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let mut readable = 0;
        for _ in 0..20_000 {
            let weekday = random.pick(&["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]);
            let month = random.pick(&["Jan", "Feb", "Apr", "Jun", "Sep", "Dec", "Fez"]);
            let separator = random.pick(&[" ", "-"]);
            let (day, year) = (
                random.below(34),
                random.below(4) * 1000 + random.below(1000),
            );
            let (hour, minute, second) = (random.below(26), random.below(61), random.below(63));
            let text = format!(
                "{weekday}, {day:02}{separator}{month}{separator}{year:04} \
                 {hour:02}:{minute:02}:{second:02} GMT"
            );
            let loose = parse_http_date(text.as_bytes());
            assert_eq!(parse_strict_date(text.as_bytes()), loose, "{text}");
            readable += u32::from(loose.is_some());
        }
        assert!(readable > 5_000, "{readable} dates were readable");
    }

    #[test]
    fn a_strict_date_with_one_byte_changed_is_read_as_the_loose_forms_read_it() {
        for text in [
            b"Tue, 02 Jan 2001 03:04:05 GMT",
            b"Tue, 02-Jan-2001 03:04:05 GMT",
        ] {
            for place in 4..text.len() {
                for byte in 0..=u8::MAX {
                    let mut changed = *text;
                    changed[place] = byte;
                    let strict = parse_strict_date(&changed);
                    assert!(
                        strict.is_none() || strict == parse_http_date(&changed),
                        "{:?}",
                        changed.escape_ascii().to_string()
                    );
                }
            }
        }
    }

    #[test]
    fn every_day_of_the_calendar_has_its_number() {
        let (mut year, mut month, mut day) = (1, 1, 1);
        for days in START_OF_0001 / SECONDS_PER_DAY..=END_OF_9999 / SECONDS_PER_DAY {
            assert_eq!(Date { year, month, day }.days(), Some(days));
            let date = (i64::from(year), i64::from(month), i64::from(day));
            assert_eq!(civil_from_days(days), date);
            day += 1;
            if Some(day) > days_in_month(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!((year, month, day), (10_000, 1, 1));
    }

    #[test]
    fn iso_dates_are_written_as_cpython_writes_them() {
        for (seconds, text) in [
            (785_666_977, "1994-11-24 08:49:37Z"),
            (0, "1970-01-01 00:00:00Z"),
            (-1, "1969-12-31 23:59:59Z"),
            (951_782_400, "2000-02-29 00:00:00Z"),
            (951_868_799, "2000-02-29 23:59:59Z"),
            (-2_203_891_200, "1900-03-01 00:00:00Z"),
            (START_OF_0001, "0001-01-01 00:00:00Z"),
            (START_OF_0001 - 1, "0001-01-01 00:00:00Z"), // the nearest that can be written
            (i64::MIN, "0001-01-01 00:00:00Z"),
            (END_OF_9999, "9999-12-31 23:59:59Z"),
            (END_OF_9999 + 1, "9999-12-31 23:59:59Z"),
            (i64::MAX, "9999-12-31 23:59:59Z"),
        ] {
            assert_eq!(write_iso_date(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut random = Random(0x2545_F491_4F6C_DD1D);
        for _ in 0..20_000 {
            let seconds = START_OF_0001 + random.below(END_OF_9999 - START_OF_0001 + 1);
            let text = write_iso_date(seconds);
            assert_eq!(parse_iso_date(text.as_bytes()), Some(seconds), "{text}");
        }
    }

    /// A reader that went over each run again for every byte of it would take 10^10 steps.
    #[test]
    fn long_runs_are_read_in_linear_time() {
        let spaces = " ".repeat(100_000);
        let zeros = "0".repeat(100_000);
        let words = "a1 ".repeat(100_000);

        let server = format!("{spaces}Wed,{spaces}9{spaces}Feb{spaces}1994{spaces}22:23{spaces}Z");
        assert_eq!(parse_server_date(server.as_bytes()), Some(760_832_580));
        let server = format!("9 {zeros}2 {zeros}1994");
        assert_eq!(parse_server_date(server.as_bytes()), Some(760_752_000));
        let cookie = format!("{words}9 {words}Feb{spaces}1994{words}22:23:32{zeros}");
        assert_eq!(parse_cookie_date(cookie.as_bytes()), None);
        let cookie = format!("{words}9 {words}Feb{spaces}1994 {words}22:23:32 {zeros}");
        assert_eq!(parse_cookie_date(cookie.as_bytes()), Some(760_832_612));
        let iso = format!("{spaces}1994-2-9{spaces}22:23:32.{zeros}{spaces}Z{spaces}");
        assert_eq!(parse_iso_date(iso.as_bytes()), Some(760_832_612));
        let iso = format!("19940209{spaces}222332{spaces}x");
        assert_eq!(parse_iso_date(iso.as_bytes()), None);
    }

    #[test]
    fn no_bytes_cause_a_panic_or_a_date_out_of_range() {
        const PARTS: &[u8] =
            b"0123456789012345678901234567890123 ::--//,.+()JanFebMarGMTZsun\t\n\xE9";
        const MARGIN: i64 = 5 * SECONDS_PER_DAY;
        let mut random = Random(0xD1B5_4A32_D192_ED03);
        let mut readable = 0;
        for turn in 0..200_000 {
            let parts = if turn % 8 == 0 { None } else { Some(PARTS) };
            let text: Vec<u8> = (0..random.below(32))
                .map(|_| match parts {
                    Some(parts) => random.pick(parts),
                    None => random.next().to_le_bytes()[0],
                })
                .collect();
            for date in [parse_server_date(&text), parse_iso_date(&text)]
                .into_iter()
                .flatten()
            {
                let range = START_OF_0001 - MARGIN..=END_OF_9999 + MARGIN;
                assert!(
                    range.contains(&date),
                    "{:?}",
                    text.escape_ascii().to_string()
                );
                readable += 1;
            }
            if let Some(date) = parse_cookie_date(&text) {
                let range = -11_644_473_600..=END_OF_9999; // from 1601
                assert!(
                    range.contains(&date),
                    "{:?}",
                    text.escape_ascii().to_string()
                );
            }
        }
        assert!(readable > 100, "{readable} dates were readable");
    }

    /// Compares what a reader makes of each text with what it should.
    #[track_caller]
    fn assert_dates(read: fn(&[u8]) -> Option<i64>, rows: &[(&[u8], Option<i64>)]) {
        for &(text, expected) in rows {
            assert_eq!(
                read(text),
                expected,
                "{:?}",
                text.escape_ascii().to_string()
            );
        }
    }

    /// Marsaglia's xorshift: the same bytes in every run.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn below(&mut self, limit: i64) -> i64 {
            i64::try_from(self.next() >> 1).expect("63 bits") % limit
        }

        fn pick<T: Copy>(&mut self, from: &[T]) -> T {
            let index = self.below(i64::try_from(from.len()).expect("a short list"));
            from[usize::try_from(index).expect("an index")]
        }
    }
}
