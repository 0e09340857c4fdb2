//! Jalali (Solar Hijri) days, and days as people write them.
//!
//! A day is a `chrono::NaiveDate` everywhere; Jalali exists only where a file, a report or a
//! parameter asks for it.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use icu_calendar::cal::Persian;
use icu_calendar::{Date, types::RataDie};

use super::fold::code;

/// Jalali years whose periods are read. They and [`GREGORIAN_YEARS`] do not meet, so a year tells its calendar.
pub const JALALI_YEARS: RangeInclusive<i32> = 1300..=1500;

/// Gregorian years that are read.
pub const GREGORIAN_YEARS: RangeInclusive<i32> = 1900..=2199;

/// The first day of those years.
pub const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The last day of those years.
pub const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2199, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

const MONTHS: [&str; 12] = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];

/// The Jalali year, month (1..=12) and day (1..=31) of a day.
#[must_use]
pub fn to_jalali(date: NaiveDate) -> (i32, u32, u32) {
    let day = RataDie::new(i64::from(date.num_days_from_ce()));
    let jalali = Date::from_rata_die(day, Persian);
    (jalali.era_year().year, u32::from(jalali.month().ordinal), u32::from(jalali.day_of_month().0))
}

/// The day of a Jalali date, or `None` where the calendar has no such day (`1404-12-30`).
#[must_use]
pub fn from_jalali(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let jalali = jalali(year, month, day)?;
    let days = i32::try_from(jalali.to_rata_die().to_i64_date()).ok()?;
    NaiveDate::from_num_days_from_ce_opt(days)
}

fn jalali(year: i32, month: u32, day: u32) -> Option<Date<Persian>> {
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    Date::try_new_persian(year, month, day).ok()
}

/// The day as `1405-02-31`: the form of exports and reports with `calendar=jalali`.
#[must_use]
pub fn format_jalali(date: NaiveDate) -> String {
    let (year, month, day) = to_jalali(date);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads a Jalali date as people write it: `1405/02/31`, `۱۴۰۵-۲-۳۱`; the days of [`GREGORIAN_YEARS`],
/// which are those of 1278 to 1578, so that each day that is written is read again.
#[must_use]
pub fn parse_jalali(text: &str) -> Option<NaiveDate> {
    let (year, month, day) = parts(text)?;
    from_jalali(year, month, day).filter(|day| GREGORIAN_YEARS.contains(&day.year()))
}

/// Reads exactly `YYYY-MM-DD` in ASCII, the form of JSON and parameters; years [`GREGORIAN_YEARS`].
#[must_use]
pub fn parse_gregorian(text: &str) -> Option<NaiveDate> {
    let exact = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if exact && text.len() == 10 { parse_gregorian_cell(text) } else { None }
}

/// Reads a Gregorian date from a file's cell: as [`parse_gregorian`], and also with `/`, one-digit
/// parts, Persian or Arabic digits and blanks at the ends.
#[must_use]
pub fn parse_gregorian_cell(text: &str) -> Option<NaiveDate> {
    let (year, month, day) = parts(text)?;
    if GREGORIAN_YEARS.contains(&year) { NaiveDate::from_ymd_opt(year, month, day) } else { None }
}

/// Year, month and day of `Y-M-D` or `Y/M/D` in any digits; the numbers are not judged.
fn parts(text: &str) -> Option<(i32, u32, u32)> {
    let text = code(text);
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let year = digits(parts.next()?, 4..=4)?;
    let month = digits(parts.next()?, 1..=2)?;
    let day = digits(parts.next()?, 1..=2)?;
    match parts.next() {
        None => Some((i32::try_from(year).ok()?, month, day)),
        Some(_) => None,
    }
}

/// A number written in so many ASCII digits and nothing else, no sign either.
pub(super) fn digits(text: &str, count: RangeInclusive<usize>) -> Option<u32> {
    let written = count.contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    if written { text.parse().ok() } else { None }
}

/// The Persian name of a Jalali month (1..=12).
#[must_use]
pub fn month_name(month: u32) -> Option<&'static str> {
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    MONTHS.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, month, day)
    }

    fn month_length(year: i32, month: u32) -> u32 {
        jalali(year, month, 1).map_or(0, |first| u32::from(first.days_in_month()))
    }

    #[test]
    fn known_days() {
        for (jalali, gregorian) in [
            ((1404, 1, 1), day(2025, 3, 21)),
            ((1403, 12, 30), day(2025, 3, 20)),
            ((1405, 1, 1), day(2026, 3, 21)),
            ((1357, 11, 22), day(1979, 2, 11)),
            ((1300, 1, 1), day(1921, 3, 21)),
            ((1408, 12, 30), day(2030, 3, 20)),
        ] {
            let (y, m, d) = jalali;
            assert_eq!(from_jalali(y, m, d), gregorian);
            assert_eq!(gregorian.map(to_jalali), Some(jalali));
        }
        for (y, m, d) in [(1404, 12, 30), (1404, 0, 1), (1404, 13, 1), (1404, 7, 31), (1404, 1, 0), (1404, 257, 1)] {
            assert_eq!(from_jalali(y, m, d), None);
        }
    }

    #[test]
    fn every_day_of_two_centuries_comes_back() {
        let mut expected = from_jalali(1300, 1, 1);
        for year in JALALI_YEARS {
            for month in 1..=12 {
                for d in 1..=month_length(year, month) {
                    let date = from_jalali(year, month, d);
                    assert!(date.is_some() && date == expected, "{year}-{month}-{d}");
                    assert_eq!(date.map(to_jalali), Some((year, month, d)));
                    assert_eq!(date.and_then(|it| parse_jalali(&format_jalali(it))), date);
                    expected = date.and_then(|it| it.succ_opt());
                }
            }
        }
        assert_eq!(expected.map(to_jalali), Some((1501, 1, 1)));
    }

    #[test]
    fn jalali_dates_as_written() {
        let date = day(2026, 5, 21);
        for text in ["1405/02/31", "1405-2-31", "۱۴۰۵-۲-۳۱", " ١٤٠٥/٠٢/٣١\u{200F}", "\u{202B}۱۴۰۵/۰۲/۳۱\u{202C}"] {
            assert_eq!(parse_jalali(text), date, "{text}");
        }
        assert_eq!(date.map(format_jalali).as_deref(), Some("1405-02-31"));
        let short = " 1405 1405-02 05-02-31 1405--31 1405-002-31";
        let outside = "1405-02-32 1404-12-30 1278-10-10 1578-10-11 2026-05-21";
        let malformed = "1405-02/31 1405-02-31-1 +405-02-31 1405\u{00A0}02\u{00A0}31";
        for text in [short, outside, malformed].iter().flat_map(|it| it.split(' ')) {
            assert_eq!(parse_jalali(text), None, "{text}");
        }
    }

    #[test]
    fn gregorian_dates_strict_and_from_cells() {
        let date = day(2026, 2, 5);
        assert_eq!(parse_gregorian("2026-02-05"), date);
        for text in ["2026/02/05", "2026-2-5", "۲۰۲۶-۰۲-۰۵", " 2026/2/05 "] {
            assert_eq!(parse_gregorian(text), None, "{text}");
            assert_eq!(parse_gregorian_cell(text), date, "{text}");
        }
        for text in ["2026-02-30", "1899-12-31", "2200-01-01", "1405-02-05", "2026-02-05T", "2026-02-", "", "2026-0a-05"] {
            assert_eq!(parse_gregorian(text), None, "{text}");
            assert_eq!(parse_gregorian_cell(text), None, "{text}");
        }
    }

    #[test]
    fn month_names() {
        assert_eq!(month_name(1), Some("فروردین"));
        assert_eq!(month_name(12), Some("اسفند"));
        assert_eq!((month_name(0), month_name(13)), (None, None));
    }
}
