//! Dates from servers and files, and the times that they mean.

use super::calendar::*;
use super::iso::*;
use super::*;

#[test]
fn dates_as_servers_send_them() {
    assert_dates(
        parse_server_date,
        &[
            (b"Wed, 09 Feb 1994 22:23:32 GMT", Some(760_832_612)), // RFC 9110: IMF-fixdate
            (b"Wed, 09-Feb-1994 22:23:32 GMT", Some(760_832_612)), // the Netscape form
            (b"Wednesday, 09-Feb-94 22:23:32 GMT", Some(760_832_612)), // RFC 850
            (b"Wednesday, 09-Feb-1994 22:23:32 GMT", Some(760_832_612)), // with a four-digit year
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
            (b"16 Septembre 2001", Some(1_000_598_400)), // a word that starts like a month
            (b"3 02 1994", Some(760_233_600)),           // a month in digits
            (b"3-000012-1994", Some(786_412_800)),       // with any number of leading zeros
            (b"3 13 1994", None),                        // no month
            (b"3 0 1994", None),                         // no month
            (b"3 4294967297 1994", None),                // no month, even where 32 bits overflow
            (b"3 Fez 1994", None),                       // no month
            (b"Wed, 09 Fez 1994 22:23:32 GMT", None),    // no month in the strict form
            (b"Sxx, 09 Feb 1994 24:00:00 GMT", Some(760_838_400)), // CPython: any S
            (b"Sxx, 09-Feb-1994 24:00:00 GMT", None),    // not with hyphens
            (b"Axx, 09 Feb 1994 24:00:00 GMT", None),    // the wrong initial
            (b"Axx, 09 Feb 1994 22:23:32 GMT", Some(760_832_612)), // browsers accept it
            (b"Wed, 09 Feb-1994 22:23:32 GMT", Some(760_832_612)), // mixed separators
            (b"  Wed, 09 Feb 1994 22:23:32 GMT \n", Some(760_832_612)), // white space around
            (b"\x0b\r9 Feb 1994\x0c", Some(760_752_000)), // of other kinds
            (b"09\t\r\nFeb  1994   22:23:32\tGMT", Some(760_832_612)), // and between the parts
            (b"09 -Feb 1994", None),                     // but not next to a hyphen
            (b"09_Feb_1994", None),                      // an underscore is part of a word
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
            (b"9 Feb 1994 22:23:32 +1", Some(760_832_612)),    // not a zone, but browsers accept it
            (b"9 Feb 1994 22:23:32 +01000", Some(760_832_612)), // nor are five digits
            (b"9 Feb 1994 22:23:32 +01:00", Some(760_832_612)), // nor is a colon
            (b"9 Feb 1994 22:23 +01:00", None),                // browsers require seconds
            (b"9 Feb 1994 22:23:32 EST", Some(760_832_612)),   // unknown, so browsers' rules
            (b"9 Feb 1994 22:23 EST", None),                   // browsers require seconds
            (b"9 Feb 1994 10:23 AM", None),                    // not a zone either
            (b"9 Feb 1994 22:23 +0100 (CET)", Some(760_828_980)), // a name in parentheses
            (b"9 Feb 1994 22:23 (UTC) ", Some(760_832_580)),   // and alone
            (b"9 Feb 1994 22:23 ()", None),                    // which is a word
            (b"9 Feb 1994 22:23 (C ET)", None),                // one word
            (b"9 Feb 1994 +0100", Some(760_748_400)),          // a zone without a clock
            (b"9 Feb 1994 0100", Some(760_748_400)),           // not a clock
            (b"1 2 1994 1:2345", Some(759_903_780)),           // 1:23 and zone 45: CPython
            (b"1 2 1994 1:23:4567", Some(759_824_625)),        // 1:23:45 and zone 67: CPython
            (b"1 2 1994 1:2", None),                           // no minutes
            (b"9 Feb 1994 24:00:00 GMT", Some(760_838_400)),   // the next day's midnight
            (b"9 Feb 1994 24:59:61 GMT", Some(760_842_001)),   // the last that CPython reads
            (b"9 Feb 1994 25:00:00 GMT", None),                // no hour
            (b"9 Feb 1994 22:60:00 GMT", None),                // no minute
            (b"30 Jun 1997 23:59:60 GMT", Some(867_715_200)),  // a leap second
            (b"30 Jun 1997 23:59:62 GMT", None),               // no second
            (b"Mon, 30 Jun 1997 23:59:61 GMT", Some(867_715_201)), // strict
            (b"Mon, 30 Jun 1997 23:59:62 GMT", None),          // strict: no second
            (b"31 Dec 9999 23:59:59 -0100", Some(253_402_304_399)), // past END_OF_9999
            (b"Wed, 09 Feb 1994 22:23:32 GMT; junk", Some(760_832_612)), // the rest is junk
            (b"Wed, 09 Feb 1994 22:23:32 GMT\xe9", Some(760_832_612)), // any junk
            (b"Wed, 09 Feb 1994 22:23 junk", None),            // but browsers require seconds
        ],
    );
}

#[test]
fn days_and_years_of_a_server() {
    assert_dates(
        parse_server_date,
        &[
            (b"Thu, 29 Feb 1996 00:00:00 GMT", Some(825_552_000)), // a leap year
            (b"Wed, 29 Feb 1995 00:00:00 GMT", None),              // not a leap year
            (b"Tue, 29 Feb 2000 00:00:00 GMT", Some(951_782_400)), // a leap year
            (b"Mon, 29-Feb-2100 00:00:00 GMT", None),              // not a leap year
            (b"29 Feb 04", Some(1_078_012_800)),                   // 2004 is a leap year
            (b"29 Feb 03", None),                                  // 2003 is not a leap year
            (b"30 Feb 1996", None),                                // no such day
            (b"31 Apr 1994 00:00:00", None),                       // no such day
            (b"Sun, 31 Apr 1994 00:00:00 GMT", None),              // no such day in the strict form
            (b"31 Dec 1994", Some(788_832_000)),                   // the last
            (b"32 Dec 1994", None),                                // no such day
            (b"0 Dec 1994", None),                                 // no such day
            (b"001 Dec 1994", None),                               // three digits are no day
            (b"1 Jan 69", Some(3_124_224_000)),                    // 2069
            (b"1 Jan 70", Some(0)),                                // 1970
            (b"1 Jan 99", Some(915_148_800)),                      // 1999
            (b"1 Jan 0", Some(946_684_800)),                       // 2000
            (b"1 Jan 0069", Some(3_124_224_000)),                  // by value: 2069
            (b"Thu, 01 Jan 0070 00:00:00 GMT", Some(0)),           // by value: 1970
            (b"1 Jan 100", None),                                  // no year
            (b"1 Jan 999", None),                                  // no year
            (b"Thu, 01 Jan 0999 00:00:00 GMT", None),              // no year in the strict form
            (b"1 Jan 1000", Some(-30_610_224_000)),                // the first whole year
            (b"1 Jan 1600 00:00:00", Some(-11_676_096_000)),       // not as browsers
            (b"1 Jan 9999", Some(253_370_764_800)),                // the last year
            (b"1 Jan 10000", None),                                // no year
            (b"1 Jan 10000 00:00:00", None),                       // no year for browsers either
            (b"1 Jan 00001994", Some(757_382_400)),                // zeros before it
            (b"1 Jan 4294969290", None),                           // no year, nor 1994 by overflow
            (b"Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),           // the epoch
            (b"Wed, 31 Dec 1969 23:59:59 GMT", Some(-1)),          // the second before
            (b"1 Jan 1970 00:00:00 +0100", Some(-3600)),           // an hour before
            (b"28 Feb 1900", Some(-2_203_977_600)),                // long before the epoch
            (b"", None),
            (b" ", None),
            (b"Wed, ", None),
            (b"0", None),  // what some servers send for a session
            (b"-1", None), // the same
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
            (b"1994 Feb 9 22:23:32", Some(760_832_612)), // four digits are not a day
            (b"Feb 9 94 22:23:32", Some(760_832_612)),
            (b"94 Feb 9 22:23:32", None), // 94 is the day; 9 is not a year
            (b"22:23:32 9 1994 Febuary", Some(760_832_612)), // any order
            (b"9 10 Feb 22:23:32", Some(1_265_754_212)), // the second number is the year 2010
            (b"9 9 Feb 1994 22:23:32", Some(760_832_612)), // a lone digit is not a year
            (b"9th Feb 1994AD 22:23:32pm", Some(760_832_612)), // only digits count
            (b"9 Feb 1994 2:3:2", Some(760_759_382)), // one digit each
            (b"9 Feb 1994 22:23:32:59", Some(760_832_612)), // a colon ends the seconds
            (b"009 Feb 1994 22:23:32", None), // three digits are not a day
            (b"9 Feb 1994 022:23:32", None), // three digits are not an hour
            (b"9 Feb 1994 22:23:320", None), // nor seconds
            (b"9 Feb 1994 22:23", None),  // the seconds are missing
            (b"Feb 1994 22:23:32", None), // the day is missing
            (b"9 1994 22:23:32", None),   // the month is missing
            (b"9 Feb 22:23:32", None),    // the year is missing
            (b"9 Feb 19941 22:23:32", None), // five digits are not a year
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
            (b"9 Feb 1994 25:00:00 22:23:32", None), // the first clock counts, valid or not
            (b"Tue!#01&Jan<2019?00:24:20}GMT", Some(1_546_302_260)), // every delimiter delimits
            (b"09\x7fFeb 1994 22:23:32", None), // an octet that is not a delimiter
            (b"\x0009 Feb 1994 22:23:32", None), // another
            (b"\xe909 Feb 1994 22:23:32", None), // and another
            (b"09\n Feb 1994 22:23:32", Some(760_832_612)), // still a non-digit
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
            (b"Sun, 06 Nov 1994 08:49:37 -0800", Some(784_111_777)), // zones are ignored
            (
                b"Sun Nov 06 1994 08:49:37 GMT+0100 (CET)",
                Some(784_111_777),
            ), // JavaScript's toString
            (b"1994/Nov/06 08:49:37", Some(784_111_777)), // a year of four digits is not a day
            (b"Sun, 06 November 1994 08:49:37 GMT", Some(784_111_777)), // long names
            (b"Sun,06Nov1994 08:49:37 GMT", None),        // one token of day and month and year
            (b"Sun, 06 Nov 1994 08:49:37 AM", Some(784_111_777)),
            (b"Sun, 06 Nov 1994 08:49:37.250 GMT", Some(784_111_777)), // a fraction
            (b"\"Sun, 06 Nov 1994 08:49:37 GMT\"", Some(784_111_777)), // quotes delimit
            (b"Sun, 06 Nov 1994 08:49 GMT", None),                     // no seconds
            (b"Sun, 06 Nov 1994", None),                               // no time
            (b"1994-11-06T08:49:37Z", None),                           // ISO 8601
            (b"1994-11-06 08:49:37", None),                            // months have names
            (b"06/11/1994 08:49:37", None),                            // the same
            (b"784111777", None),                                      // seconds since the epoch
            (b"0", None),
            (b"-1", None),
            (b"Thu, 01 Jan 1970 00:00:00 GMT", Some(0)), // how cookies are deleted
            (b"Thu, 01-Jan-70 00:00:01 GMT", Some(1)),   // the same
            (b"Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799)), // how they are kept
            (b"Tue, 19 Jan 2038 03:14:07 GMT", Some(2_147_483_647)), // the same
            (b"Mon, 01 Jan 10000 00:00:00 GMT", None),   // five digits are not a year
            (b"Thu, 29 Feb 2024 12:00:00 GMT", Some(1_709_208_000)), // a leap year
            (b"Wed, 29 Feb 2023 12:00:00 GMT", None),    // not a leap year
            (b"Tue, 29 Feb 2000 12:00:00 GMT", Some(951_825_600)), // a leap year
            (b"Thu, 29 Feb 1900 12:00:00 GMT", None),    // not a leap year
            (b"Sat, 09 Nov 2024 9:12:40 GMT", Some(1_731_143_560)),
            (b"Sun, 06 Nov 1994 8:9:7 GMT", Some(784_109_347)),
            (b"Foo, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)), // weekdays are ignored
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
            (b"1994-02-03 14:15:29", Some(760_284_929)),  // no zone
            (b"1994-02-03", Some(760_233_600)),           // a day
            (b"1994-02-03T14:15:29", Some(760_284_929)),  // T
            (b"19940203t141529z", Some(760_284_929)),     // compact, lower case
            (b"19940203t141529", Some(760_284_929)),      // without a zone
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
            (b"1994-02-03T14152", Some(760_277_700)),     // 14:15, and a zone of 2 hours: CPython
            (b"1994-02-03T141", Some(760_239_660)),       // 1:41
            (b"1994-02-03T141529:30", Some(760_178_700)), // 14:15, and a zone of 29:30: CPython
            (b"199411-05:12", None), // 1994, 11, 0: the first split counts, valid or not
            (b"1994-00-03", None),   // no month
            (b"1994-13-03", None),   // no month
            (b"1994-02-30", None),   // no such day
            (b"2000-02-29", Some(951_782_400)), // a leap day
            (b"1900-02-29", None),   // not a leap day
            (b"1994-02-03 24:00:00", Some(760_320_000)), // the next day's midnight
            (b"1994-02-03 25:00:00", None), // no hour
            (b"1994-02-03 23:59:61", Some(760_320_001)), // leap seconds
            (b"1969-12-31 23:59:59Z", Some(-1)), // before the epoch
            (b"0094-01-01", Some(-59_200_761_600)), // the year as written
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
        assert_cut_is_the_long_way_of_browsers(text.as_bytes());
        readable += u32::from(loose.is_some());
    }
    assert!(readable > 5_000, "{readable} dates were readable");
}

#[track_caller]
fn assert_cut_is_the_long_way_of_browsers(text: &[u8]) {
    let tokens = cookie_date::date_by_tokens(text).and_then(cookie_date::seconds);
    assert_eq!(parse_cookie_date(text), tokens, "{}", text.escape_ascii());
}

/// A weekday that starts like a month is one of the tokens.
#[test]
fn a_month_where_the_weekday_stands_is_the_month_of_browsers() {
    let text = b"Sep, 02 Jan 2001 03:04:05 GMT";
    assert_eq!(parse_cookie_date(text), Some(999_399_845));
    assert_cut_is_the_long_way_of_browsers(text);
}

#[test]
fn each_month_of_the_loose_forms_has_its_name_in_either_case() {
    let names = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    for (number, name) in (1..).zip(names) {
        let expected = parse_iso_date(format!("2001-{number:02}-02 03:04:05Z").as_bytes());
        assert!(expected.is_some(), "{name}");
        for name in [name.to_owned(), name.to_ascii_uppercase()] {
            let date = format!("02 {name} 2001 3:04:05");
            assert_eq!(parse_server_date(date.as_bytes()), expected, "{date}");
            assert_eq!(parse_cookie_date(date.as_bytes()), expected, "{date}");
        }
    }
}

#[test]
fn a_strict_date_with_one_byte_changed_is_read_as_the_loose_forms_read_it() {
    for text in [
        b"Tue, 02 Jan 2001 03:04:05 GMT",
        b"Tue, 02-Jan-2001 03:04:05 GMT",
    ] {
        for place in 0..text.len() {
            for byte in 0..=u8::MAX {
                let mut changed = *text;
                changed[place] = byte;
                assert_cut_is_the_long_way_of_browsers(&changed);
                if place < 4 {
                    continue; // CPython takes any word for a weekday
                }
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
        (START_OF_0001 - 1, "0001-01-01 00:00:00Z"), // the nearest time that can be written
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

/// A reader that rescanned each run for every one of its bytes would take 10^10 steps.
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
    const PARTS: &[u8] = b"0123456789012345678901234567890123 ::--//,.+()JanFebMarGMTZsun\t\n\xE9";
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

/// Compares the result of a reader for each text with the expected one.
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

#[test]
fn one_or_two_digits_of_an_offset_are_hours_whatever_follows() {
    // input, seconds and rest
    let rows: [(&[u8], _); 6] = [
        (b"1", Some((3_600, &b""[..]))),
        (b"+02 x", Some((7_200, b" x"))),
        (b"-0230", Some((-9_000, b""))),
        (b"+130 x", Some((5_400, b" x"))),
        (b"-01:30", Some((-3_600, b":30"))),
        (b"x", None),
    ];
    for (input, expected) in rows {
        assert_eq!(
            scan::numeric_offset(input, 1..=4),
            expected,
            "{}",
            input.escape_ascii()
        );
    }
}
