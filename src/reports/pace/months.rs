//! The months of either calendar.

use chrono::{Datelike, NaiveDate};

use crate::{http::export::Calendar, persian};

/// A month of either calendar.
pub struct Month {
    /// Its name, such as `2026-11` or `1405-08`.
    pub name: String,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
}

/// The months that hold these two days and all between.
pub fn months(first: NaiveDate, last: NaiveDate, calendar: Calendar) -> Vec<Month> {
    let (mut year, mut month) = match calendar {
        Calendar::Gregorian => (first.year(), first.month()),
        Calendar::Jalali => {
            let (year, month, _) = persian::to_jalali(first);
            (year, month)
        }
    };
    let begin = |year: i32, month: u32| match calendar {
        Calendar::Gregorian => NaiveDate::from_ymd_opt(year, month, 1),
        Calendar::Jalali => persian::from_jalali(year, month, 1),
    };
    let mut months = Vec::new();
    while let Some(starts_on) = begin(year, month).filter(|starts| *starts <= last) {
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let Some(ends_on) = begin(next.0, next.1).and_then(|next| next.pred_opt()) else { break };
        months.push(Month { name: format!("{year:04}-{month:02}"), starts_on, ends_on });
        (year, month) = next;
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_of_both_calendars_fill_the_time_between() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let names =
            |calendar| months(day("2026-11-22"), day("2027-03-21"), calendar).into_iter().map(|month| month.name).collect::<Vec<_>>();
        assert_eq!(names(Calendar::Gregorian), ["2026-11", "2026-12", "2027-01", "2027-02", "2027-03"]);
        assert_eq!(names(Calendar::Jalali), ["1405-09", "1405-10", "1405-11", "1405-12", "1406-01"]);
        let all = months(day("2020-01-31"), day("2029-02-01"), Calendar::Jalali);
        assert!(all.windows(2).all(|pair| pair[0].ends_on.succ_opt() == Some(pair[1].starts_on)));
    }
}
