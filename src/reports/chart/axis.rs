//! The axis of time that `pace` and `timeline` share: months, and the line of the report's day.

use chrono::NaiveDate;

use super::{
    canvas::{Anchor, Canvas, SMALL, TextStyle},
    paint::{GRID, VERMILION},
    room::taken,
    words::Words,
};

/// The least room from one month's name to the next.
const ROOM: f64 = 52.0;
/// Between a month's line and its name, and between its name and the next one's.
const GAP: f64 = 3.0;
/// Up to so many months, each has its line; beyond that, only those that are named.
const LINES: usize = 48;

/// Days laid out between two places.
pub struct Axis {
    first: NaiveDate,
    last: NaiveDate,
    from: f64,
    to: f64,
}

/// A month on the axis.
#[derive(Debug)]
struct Month {
    x: f64,
    year: i32,
    name: &'static str,
    /// Where its name ends, if there is room for it.
    named_until: Option<f64>,
}

impl Axis {
    /// An axis from a first to a last day.
    pub fn new(first: NaiveDate, last: NaiveDate, from: f64, to: f64) -> Self {
        Self { first, last: last.max(first), from, to }
    }

    /// Where a day lies; what lies beyond is put at the end.
    pub fn at(&self, day: NaiveDate) -> f64 {
        let days = |until: NaiveDate| f64::from(i32::try_from((until - self.first).num_days()).unwrap_or(0));
        let share = days(day.clamp(self.first, self.last)) / days(self.last).max(1.0);
        self.from + (self.to - self.from) * share
    }

    /// Lines and names of months, as many as there is room for; the year below the first of each.
    pub fn months(&self, canvas: &mut Canvas, words: &Words, top: f64, bottom: f64) {
        let months = self.laid_out(words);
        let all_lined = months.len() <= LINES;
        let mut year = None;
        for month in months.iter().filter(|month| all_lined || month.named_until.is_some()) {
            canvas.line((month.x, top), (month.x, bottom), GRID, None);
            if month.named_until.is_none() {
                continue;
            }
            canvas.text(month.x + GAP, top - 4.0, SMALL, month.name);
            if year.replace(month.year) != Some(month.year) {
                canvas.text(month.x + GAP, top - 18.0, TextStyle { bold: true, ..SMALL }, &words.digits(&month.year.to_string()));
            }
        }
    }

    /// The months between the two days, and which of them have room for their names.
    fn laid_out(&self, words: &Words) -> Vec<Month> {
        let mut months = Vec::new();
        let (mut before, mut free) = (None, self.from);
        for day in self.first.iter_days().take_while(|day| *day <= self.last) {
            let (year, month) = words.month_of(day);
            if before.replace((year, month)) == Some((year, month)) {
                continue;
            }
            let (x, name) = (self.at(day), words.month(month));
            let end = x + GAP + taken(name, SMALL.size);
            let named_until = (x >= free && end <= self.to).then_some(end);
            if named_until.is_some() {
                free = (x + ROOM).max(end + GAP);
            }
            months.push(Month { x, year, name, named_until });
        }
        months
    }

    /// The line of the report's day, where it lies within.
    pub fn today(&self, canvas: &mut Canvas, words: &Words, day: NaiveDate, top: f64, bottom: f64) {
        if day < self.first || day > self.last {
            return;
        }
        let x = self.at(day);
        canvas.thick_line((x, top), (x, bottom), VERMILION, 1.6, Some("6 3"));
        let style = TextStyle { anchor: Anchor::Middle, colour: VERMILION, bold: true, ..SMALL };
        canvas.text(x.clamp(self.from + 40.0, self.to - 40.0), bottom + 14.0, style, &words.day(day));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{export::Calendar, language::Language};

    #[test]
    fn names_of_months_keep_off_one_another_and_stay_on_the_sheet() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let spans =
            [("2025-12-22", "2027-09-22"), ("2026-03-21", "2026-09-22"), ("2026-11-27", "2026-11-27"), ("1900-01-01", "2199-12-31")];
        for (first, last) in spans {
            for language in [Language::Persian, Language::English] {
                for calendar in [Calendar::Gregorian, Calendar::Jalali] {
                    let words = Words::new(language, calendar, day(first));
                    let months = Axis::new(day(first), day(last), 70.0, 776.0).laid_out(&words);
                    let named: Vec<_> = months.iter().filter_map(|month| Some((month.x, month.named_until?))).collect();
                    assert!(!named.is_empty() && named.len() < 16, "{named:?}");
                    assert!(named.windows(2).all(|pair| pair[0].1 < pair[1].0), "{named:?}");
                    assert!(named.iter().all(|(_, end)| *end <= 776.0), "{named:?}");
                }
            }
        }
    }
}
