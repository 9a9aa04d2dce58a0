//! Reads and writes the date forms that servers and files use.
//!
//! It knows no clock and no cookie: a date is a number of seconds since the epoch.

mod calendar;
mod cookie_date;
mod http;
mod iso;
mod scan;
#[cfg(all(test, feature = "inside"))]
#[path = "../../tests/inside/date.rs"]
mod tests;

pub(crate) use cookie_date::parse_cookie_date;
use http::{parse_http_date, parse_strict_date};
pub(crate) use iso::{parse_iso_date, write_iso_date};

/// 9999-12-31T23:59:59Z, the last second with a four-digit year.
pub(crate) const END_OF_9999: i64 = 253_402_300_799;

/// Parses the `Expires` value of a server: by CPython's forms, or else by that of browsers.
///
/// ```text
/// Wed, 09 Feb 1994 22:23:32 GMT          HTTP
/// Tuesday, 08-Feb-94 14:15:29 GMT        RFC 850
/// 08-Feb-1994 14:15:29 +0100             no weekday, a numeric zone
/// 3 02 1994                              a month in digits, no clock
/// Wed Feb  9 22:23:32 1994               asctime, by the browsers' rules
/// ```
///
/// A time zone counts in CPython's forms; the form of browsers ignores it. The zone may move a date of the year
/// 9999 past [`END_OF_9999`], by less than five days.
pub(crate) fn parse_server_date(text: &[u8]) -> Option<i64> {
    parse_strict_date(text)
        .or_else(|| parse_http_date(text))
        .or_else(|| parse_cookie_date(text))
}
