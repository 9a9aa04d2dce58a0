//! Conversion from dates to seconds, and back.

/// `None` if the date or the time does not exist. The offset is that of the zone: the seconds by which it is ahead of
/// UTC.
pub(super) fn seconds_since_epoch(date: Date, clock: Clock, offset: i64) -> Option<i64> {
    Some(date.days()? * SECONDS_PER_DAY + clock.seconds()? - offset)
}

#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
}

impl Clock {
    pub(super) const MIDNIGHT: Self = Self::new(0, 0, 0);

    /// Takes the fields as written; they may not denote a real time.
    pub(super) const fn new(hour: u32, minute: u32, second: u32) -> Self {
        Self {
            hour,
            minute,
            second,
        }
    }

    /// 24:00:00 and leap seconds run over into the next period, as in CPython.
    pub(super) fn seconds(self) -> Option<i64> {
        let exists = self.hour <= 24 && self.minute <= 59 && self.second <= 61;
        exists.then(|| i64::from(self.hour * 3600 + self.minute * 60 + self.second))
    }
}

#[derive(Clone, Copy)]
pub(super) struct Date {
    pub(super) year: u32,
    pub(super) month: u32,
    pub(super) day: u32,
}

impl Date {
    /// `None` unless the calendar has the day, in a year from 1 to 9999.
    pub(super) fn days(self) -> Option<i64> {
        let Self { year, month, day } = self;
        if !(1..=9999).contains(&year) || !(1..=days_in_month(year, month)?).contains(&day) {
            return None;
        }
        // Years starting in March have their leap day at the end.
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

/// Returns year, month and day of a day counted from 1970-01-01, from year 0 on.
pub(super) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_FROM_MARCH_0000;
    let (cycle, day) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    // The last century of a cycle and the last of four years are one day longer than the others.
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

pub(super) fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

pub(super) fn days_in_month(year: u32, month: u32) -> Option<u32> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if is_leap(year) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

pub(super) const SECONDS_PER_DAY: i64 = 86_400;

pub(super) const DAYS_IN_4_YEARS: i64 = 1_461;

pub(super) const DAYS_IN_100_YEARS: i64 = 36_524;

pub(super) const DAYS_IN_400_YEARS: i64 = 146_097;

pub(super) const EPOCH_FROM_MARCH_0000: i64 = 719_468;
