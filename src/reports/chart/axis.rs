//! The axis of time that `pace` and `timeline` share: months, and the line of the report's day.

use chrono::NaiveDate;

use super::{
    canvas::{Canvas, GRID, Hang, Pen, SMALL, VERMILION},
    words::Words,
};

/// The least room for a month's name.
const ROOM: f64 = 52.0;

/// Days laid out between two places.
pub struct Axis {
    first: NaiveDate,
    last: NaiveDate,
    from: f64,
    to: f64,
}

impl Axis {
    /// From a first to a last day.
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
        let mut starts = Vec::new();
        let mut before = None;
        for day in self.first.iter_days().take_while(|day| *day <= self.last) {
            let month = words.month_of(day);
            if before.replace(month) != Some(month) {
                starts.push((day, month));
            }
        }
        let mut free = self.from - ROOM;
        let mut year = None;
        for (day, (of, month)) in starts {
            let x = self.at(day);
            canvas.line((x, top), (x, bottom), GRID, None);
            if x - free < ROOM || self.to - x < ROOM / 2.0 {
                continue;
            }
            free = x;
            canvas.text(x + 3.0, top - 4.0, SMALL, words.month(month));
            if year.replace(of) != Some(of) {
                canvas.text(x + 3.0, top - 18.0, Pen { bold: true, ..SMALL }, &words.digits(&of.to_string()));
            }
        }
    }

    /// The line of the report's day, where it lies within.
    pub fn today(&self, canvas: &mut Canvas, words: &Words, day: NaiveDate, top: f64, bottom: f64) {
        if day < self.first || day > self.last {
            return;
        }
        let x = self.at(day);
        canvas.thick_line((x, top), (x, bottom), VERMILION, 1.6, Some("6 3"));
        let pen = Pen { hang: Hang::Middle, colour: VERMILION, bold: true, ..SMALL };
        canvas.text(x.clamp(self.from + 40.0, self.to - 40.0), bottom + 14.0, pen, &words.day(day));
    }
}
