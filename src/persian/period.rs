//! Report periods: a year, a quarter or a month of either calendar, told apart by the year.

use chrono::NaiveDate;

use super::fold::code;
use super::jalali::{GREGORIAN_YEARS, JALALI_YEARS, digits, from_jalali};

/// The days of a period, both ends belonging to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day, never before the first.
    pub to: NaiveDate,
}

/// Reads `1404`, `1404-Q2` or `1404-07`: Jalali for years 1300..=1500, Gregorian for 1900..=2199.
///
/// Quarters are those of the calendar named (Jalali Q1 is spring). Digits of any kind are taken.
#[must_use]
pub fn parse_period(text: &str) -> Option<Period> {
    let text = code(text);
    let (year, rest) = match text.split_once('-') {
        Some((year, rest)) => (year, Some(rest)),
        None => (text.as_str(), None),
    };
    let year = i32::try_from(digits(year, 4..=4)?).ok()?;
    let (month, months) = match rest {
        None => (1, 12),
        Some(rest) => match rest.strip_prefix(['Q', 'q']) {
            Some(quarter) => (within(digits(quarter, 1..=1)?, 4)? * 3 - 2, 3),
            None => (within(digits(rest, 2..=2)?, 12)?, 1),
        },
    };
    let (next_year, next_month) = match month + months {
        13 => (year + 1, 1),
        next => (year, next),
    };
    Some(Period { from: first_day(year, year, month)?, to: first_day(year, next_year, next_month)?.pred_opt()? })
}

/// A number from 1 to `last`.
fn within(number: u32, last: u32) -> Option<u32> {
    (1..=last).contains(&number).then_some(number)
}

/// The first day of a month in the calendar that `told` belongs to.
fn first_day(told: i32, year: i32, month: u32) -> Option<NaiveDate> {
    if JALALI_YEARS.contains(&told) {
        from_jalali(year, month, 1)
    } else if GREGORIAN_YEARS.contains(&told) {
        NaiveDate::from_ymd_opt(year, month, 1)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn years_quarters_and_months() {
        for (text, from, to) in [
            ("1404", "2025-03-21", "2026-03-20"),
            ("1403", "2024-03-20", "2025-03-20"),
            ("۱۴۰۴-Q2", "2025-06-22", "2025-09-22"),
            ("1403-Q4", "2024-12-21", "2025-03-20"),
            ("1404-07", "2025-09-23", "2025-10-22"),
            ("1404-12", "2026-02-20", "2026-03-20"),
            (" ١٥٠٠ ", "2121-03-21", "2122-03-20"),
            ("2026", "2026-01-01", "2026-12-31"),
            ("2026-Q1", "2026-01-01", "2026-03-31"),
            ("2026-q4", "2026-10-01", "2026-12-31"),
            ("2028-02", "2028-02-01", "2028-02-29"),
            ("2199", "2199-01-01", "2199-12-31"),
        ] {
            let days = parse_period(text).map(|it| (it.from.to_string(), it.to.to_string()));
            assert_eq!(days, Some((from.to_owned(), to.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_period() {
        for text in [
            "",
            "140",
            "14040",
            "1404-",
            "1404-Q0",
            "1404-Q5",
            "1404-Q",
            "1404-Q11",
            "1404-00",
            "1404-13",
            "1404-7",
            "1404-07-01",
            "1404/07",
            "1299",
            "1501",
            "1899",
            "2200",
            "1700",
            "abcd",
            "-1404",
            "1404 Q2",
        ] {
            assert_eq!(parse_period(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn months_and_quarters_fill_the_year(year in prop_oneof![JALALI_YEARS, GREGORIAN_YEARS]) {
            for parts in [
                (1..=12).map(|m| format!("{year}-{m:02}")).collect::<Vec<_>>(),
                (1..=4).map(|q| format!("{year}-Q{q}")).collect(),
            ] {
                let mut next = parse_period(&year.to_string()).map(|it| it.from);
                for part in parts {
                    let period = parse_period(&part);
                    prop_assert_eq!(period.map(|it| it.from), next);
                    next = period.and_then(|it| it.to.succ_opt());
                }
                prop_assert_eq!(next.and_then(|it| it.pred_opt()), parse_period(&year.to_string()).map(|it| it.to));
            }
        }
    }
}
