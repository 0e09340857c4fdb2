//! From a cell to a typed value, by the same field types that bodies have, so that the two can never disagree.

use chrono::Datelike;

use super::file::CellValue;
use crate::{
    db::TextEnum,
    fault::FaultCode,
    http::{
        export::Calendar,
        fields::{Code, Day, Email, Field, Line, Phone, Prose, Refusal, Whole, whole_of_json},
    },
    persian,
};

/// A type that a cell can be read as.
pub trait Readable: Sized {
    /// Reads what is not empty.
    ///
    /// # Errors
    /// The one fault that it has.
    fn read(given: &CellValue, calendar: Calendar) -> Result<Self, Refusal>;
}

/// A spreadsheet keeps fifteen digits; which ones a longer number has lost is not to be guessed.
const LOSSY: u64 = 10_u64.pow(15);

/// Reads text, and what a spreadsheet made of text that looks like a number or a date.
fn textual<T: Field>(given: &CellValue) -> Result<T, Refusal> {
    match given {
        // A line break at the end of a cell is no fault.
        CellValue::Text(text) => T::read_text(persian::trim(text)),
        CellValue::Integer(number) if number.unsigned_abs() < LOSSY => T::from_text(&number.to_string()),
        CellValue::Number(number) if number.fract() != 0.0 => T::from_text(&number.to_string()),
        CellValue::Empty
        | CellValue::Integer(_)
        | CellValue::Number(_)
        | CellValue::Numeral(_)
        | CellValue::Flag(_)
        | CellValue::Day(_)
        | CellValue::Other(_) => Err((FaultCode::WrongType, vec!["text".into()])),
    }
}

macro_rules! textual {
    ($($(#[generic($($generic:tt)*)])? $type:ty),+ $(,)?) => {$(
        impl $(<$($generic)*>)? Readable for $type {
            fn read(given: &CellValue, _: Calendar) -> Result<Self, Refusal> { textual(given) }
        }
    )+};
}
textual!(Code, #[generic(const MAX: usize)] Line<MAX>, #[generic(const MAX: usize)] Prose<MAX>, Email, Phone);

impl<const MIN: i64, const MAX: i64> Readable for Whole<MIN, MAX> {
    fn read(given: &CellValue, _: Calendar) -> Result<Self, Refusal> {
        match given {
            CellValue::Integer(number) => Self::from_number(*number),
            CellValue::Numeral(number) => match number.as_i64() {
                Some(whole) => Self::from_number(whole),
                None => match number.as_f64().and_then(whole_of_json) {
                    Some(whole) => Self::from_number(whole),
                    None => Err((FaultCode::WrongType, vec!["integer".into()])),
                },
            },
            CellValue::Text(text) => Self::from_text(&persian::code(text)),
            _ => Err((FaultCode::WrongType, vec!["integer".into()])),
        }
    }
}

impl Readable for Day {
    /// Reads text by the file's calendar; a spreadsheet's own date needs none.
    fn read(given: &CellValue, calendar: Calendar) -> Result<Self, Refusal> {
        let read = match (given, calendar) {
            (CellValue::Day(day), _) => Some(*day).filter(|day| persian::GREGORIAN_YEARS.contains(&day.year())),
            (CellValue::Text(text), Calendar::Gregorian) => persian::parse_gregorian_cell(text),
            (CellValue::Text(text), Calendar::Jalali) => persian::parse_jalali(text),
            _ => None,
        };
        if matches!(given, CellValue::Numeral(_) | CellValue::Flag(_)) {
            return Err((FaultCode::WrongType, vec!["string".into()]));
        }
        let expected = match (given, calendar) {
            (CellValue::Day(_), _) => "1900..2199",
            // The commonest slip: the calendar of the file was not told.
            (CellValue::Text(text), Calendar::Gregorian) if persian::parse_jalali(text).is_some() => {
                "YYYY-MM-DD, 1900..2199 / calendar=jalali"
            }
            (_, Calendar::Gregorian) => "YYYY-MM-DD, 1900..2199",
            (_, Calendar::Jalali) => "YYYY-MM-DD, 1278..1578",
        };
        read.map(Self).ok_or_else(|| (FaultCode::InvalidFormat, vec![expected.into()]))
    }
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YesNo(pub bool);

impl Readable for YesNo {
    fn read(given: &CellValue, _: Calendar) -> Result<Self, Refusal> {
        let key = match given {
            CellValue::Flag(flag) => return Ok(Self(*flag)),
            CellValue::Text(text) => persian::search_key(text),
            CellValue::Numeral(_) => return Err((FaultCode::WrongType, vec!["boolean".into()])),
            _ => String::new(),
        };
        match key.as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            key if key == persian::search_key("بله") => Ok(Self(true)),
            key if key == persian::search_key("خیر") => Ok(Self(false)),
            _ => Err((FaultCode::NotOneOf, vec!["true, false, بله, خیر".into()])),
        }
    }
}

/// A word of a closed list that offices write in Persian (CONTRACT §4).
pub trait Spoken: TextEnum {
    /// Every value with its Persian name.
    const NAMES: &'static [(Self, &'static str)];
}

/// A coded value, given by its word or its Persian name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coded<T>(pub T);

impl<T: Spoken> Readable for Coded<T> {
    fn read(given: &CellValue, _: Calendar) -> Result<Self, Refusal> {
        let expected = || {
            let names = T::NAMES.iter().map(|(_, name)| *name);
            (FaultCode::NotOneOf, vec![T::WORDS.iter().copied().chain(names).collect::<Vec<_>>().join(", ")])
        };
        let text = match given {
            CellValue::Text(text) => text,
            CellValue::Numeral(_) | CellValue::Flag(_) => return Err((FaultCode::WrongType, vec!["string".into()])),
            _ => return Err(expected()),
        };
        let key = persian::search_key(text);
        let named = || T::NAMES.iter().find(|(_, name)| persian::search_key(name) == key).map(|(value, _)| *value);
        T::parse(&key).or_else(named).map(Self).ok_or_else(expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn day(text: &str, calendar: Calendar) -> Option<String> {
        Day::read(&CellValue::Text(text.into()), calendar).ok().map(|day| day.0.to_string())
    }

    #[test]
    fn dates_are_of_the_files_calendar_and_never_guessed() {
        for text in ["1405/02/31", "۱۴۰۵-۲-۳۱", " ۱۴۰۵/۰۲/۳۱ "] {
            assert_eq!(day(text, Calendar::Jalali).as_deref(), Some("2026-05-21"), "{text}");
            assert_eq!(day(text, Calendar::Gregorian), None, "{text}");
        }
        for text in ["2026-05-21", "31/02/1405", "1405-02", "1405-02-32", "05/02/31"] {
            assert_eq!(day(text, Calendar::Jalali), None, "{text}");
        }
        assert_eq!(day("2026/5/1", Calendar::Gregorian).as_deref(), Some("2026-05-01"));
        let real = CellValue::Day(NaiveDate::from_ymd_opt(2026, 5, 21).expect("a day"));
        assert!(Day::read(&real, Calendar::Jalali).is_ok());
        assert!(Day::read(&CellValue::Integer(45_000), Calendar::Gregorian).is_err());
    }

    #[test]
    fn numbers_come_as_offices_write_them() {
        let weight = |given: CellValue| Whole::<1, 100>::read(&given, Calendar::Gregorian).map(|number| number.0);
        assert_eq!(weight(CellValue::Text(" ۴٠ ".into())), Ok(40));
        assert_eq!(weight(CellValue::Integer(40)), Ok(40));
        for bad in [
            CellValue::Number(4.5),
            CellValue::Text("4,0".into()),
            CellValue::Text("چهل".into()),
            CellValue::Flag(true),
            CellValue::Integer(101),
        ] {
            assert!(weight(bad.clone()).is_err(), "{bad:?}");
        }
        assert_eq!(Code::read(&CellValue::Integer(7), Calendar::Gregorian), Ok(Code("7".into())));
    }

    #[test]
    fn yes_and_no_in_two_languages() {
        for (text, flag) in [("بله", true), ("خير", false), ("TRUE", true), ("false", false)] {
            assert_eq!(YesNo::read(&CellValue::Text(text.into()), Calendar::Gregorian), Ok(YesNo(flag)), "{text}");
        }
        assert!(YesNo::read(&CellValue::Integer(1), Calendar::Gregorian).is_err());
    }
}
