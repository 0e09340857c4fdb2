//! A value of an exported row, and how it is written as text.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::Calendar;
use crate::{db::Timestamp, persian};

/// One value of an exported row.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names speak")]
pub enum Cell {
    Empty,
    Text(String),
    Integer(i64),
    Number(f64),
    Flag(bool),
    Day(NaiveDate),
    Instant(Timestamp),
    Json(Value),
}

macro_rules! cell_from {
    ($($type:ty => $make:expr),+ $(,)?) => {$(
        impl From<$type> for Cell {
            fn from(value: $type) -> Self { $make(value) }
        }
    )+};
}
cell_from!(
    String => Self::Text, &str => |text: &str| Self::Text(text.to_owned()), i64 => Self::Integer, i32 => |number| Self::Integer(i64::from(number)),
    f64 => Self::Number, bool => Self::Flag, NaiveDate => Self::Day, Timestamp => Self::Instant,
    crate::db::Id => |id: crate::db::Id| Self::Text(id.to_string()),
);

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl Cell {
    /// As text in CSV and in a spreadsheet's text cells.
    pub fn text(&self, calendar: Calendar) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => defused(text),
            Self::Integer(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Day(day) => written(*day, calendar),
            Self::Instant(at) => at.to_string(),
            Self::Json(value) => defused(&value.to_string()),
        }
    }

    pub(super) fn json(&self, calendar: Calendar) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Text(text) => json!(text),
            Self::Integer(number) => json!(number),
            Self::Number(number) => json!(number),
            Self::Flag(flag) => json!(flag),
            Self::Day(day) => json!(written(*day, calendar)),
            Self::Instant(at) => json!(at.to_string()),
            Self::Json(value) => value.clone(),
        }
    }
}

/// A day in a calendar.
pub fn written(day: NaiveDate, calendar: Calendar) -> String {
    match calendar {
        Calendar::Gregorian => day.to_string(),
        Calendar::Jalali => persian::format_jalali(day),
    }
}

/// Whether a spreadsheet would take text for a formula, or it was such before it was defused: `^'*[=+\-@\t\r]` (CONTRACT §1, "Exports").
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Text that a spreadsheet would take for a formula gets a `'` before it.
pub fn defused(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text that [`defused`] was given.
pub fn undefused(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_defused() {
        for (text, cell) in
            [("=1+1", "'=1+1"), ("'=x", "''=x"), ("-5", "'-5"), ("@a", "'@a"), ("a=b", "a=b"), ("'quoted'", "'quoted'"), ("", "")]
        {
            assert_eq!(Cell::from(text).text(Calendar::Gregorian), cell);
            assert_eq!(undefused(cell), text);
        }
        assert_eq!(Cell::from(-5_i64).text(Calendar::Gregorian), "-5");
    }
}
