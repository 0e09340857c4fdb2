//! From cells to typed values, by the same field types that bodies have, so that the two can never disagree.

use chrono::Datelike;

use super::{
    dataset::column_of,
    file::{Given, Record, Wanted},
};
use crate::{
    db::TextEnum,
    fault::{Fault, FaultCode},
    http::{
        export::Calendar,
        fields::{Code, Day, Email, Field, Line, Phone, Prose, Refusal, Whole, whole_of_json},
        patch::Patch,
    },
    persian,
};

/// A fault of a row, as the report keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// The field's name; none where it is of the row as a whole.
    pub column: Option<String>,
    /// The code of the fault.
    pub code: FaultCode,
    /// The arguments of its message.
    pub args: Vec<String>,
    /// What the cell held, cut to 500 characters.
    pub value: Option<String>,
}

/// How many characters of a value the report keeps.
const SHOWN: usize = 500;

/// A type that a cell can be read as.
pub trait Readable: Sized {
    /// Reads what is not empty.
    ///
    /// # Errors
    /// The one fault that it has.
    fn read(given: &Given, calendar: Calendar) -> Result<Self, Refusal>;
}

/// Reads text, and what a spreadsheet made of text that looks like a number or a date.
fn textual<T: Field>(given: &Given) -> Result<T, Refusal> {
    match given {
        // A line break at the end of a cell is no fault.
        Given::Text(text) => T::read_text(persian::trim(text)),
        Given::Integer(_) | Given::Number(_) => T::from_text(&given.shown().unwrap_or_default()),
        Given::Empty | Given::Numeral(_) | Given::Flag(_) | Given::Day(_) | Given::Other(_) => {
            Err((FaultCode::WrongType, vec!["text".into()]))
        }
    }
}

macro_rules! textual {
    ($($(#[generic($($generic:tt)*)])? $type:ty),+ $(,)?) => {$(
        impl $(<$($generic)*>)? Readable for $type {
            fn read(given: &Given, _: Calendar) -> Result<Self, Refusal> { textual(given) }
        }
    )+};
}
textual!(Code, #[generic(const MAX: usize)] Line<MAX>, #[generic(const MAX: usize)] Prose<MAX>, Email, Phone);

impl<const MIN: i64, const MAX: i64> Readable for Whole<MIN, MAX> {
    fn read(given: &Given, _: Calendar) -> Result<Self, Refusal> {
        match given {
            Given::Integer(number) => Self::from_number(*number),
            Given::Numeral(number) => match number.as_i64() {
                Some(whole) => Self::from_number(whole),
                None => match number.as_f64().and_then(whole_of_json) {
                    Some(whole) => Self::from_number(whole),
                    None => Err((FaultCode::WrongType, vec!["integer".into()])),
                },
            },
            Given::Text(text) => Self::from_text(&persian::code(text)),
            _ => Err((FaultCode::WrongType, vec!["integer".into()])),
        }
    }
}

impl Readable for Day {
    /// Reads text by the file's calendar; a spreadsheet's own date needs none.
    fn read(given: &Given, calendar: Calendar) -> Result<Self, Refusal> {
        let read = match (given, calendar) {
            (Given::Day(day), _) => Some(*day).filter(|day| persian::GREGORIAN_YEARS.contains(&day.year())),
            (Given::Text(text), Calendar::Gregorian) => persian::parse_gregorian_cell(text),
            (Given::Text(text), Calendar::Jalali) => persian::parse_jalali(text),
            _ => None,
        };
        if matches!(given, Given::Numeral(_) | Given::Flag(_)) {
            return Err((FaultCode::WrongType, vec!["string".into()]));
        }
        let expected = match (given, calendar) {
            (Given::Day(_), _) => "1900..2199",
            // The commonest slip: the calendar of the file was not told.
            (Given::Text(text), Calendar::Gregorian) if persian::parse_jalali(text).is_some() => "YYYY-MM-DD, 1900..2199 / calendar=jalali",
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
    fn read(given: &Given, _: Calendar) -> Result<Self, Refusal> {
        let key = match given {
            Given::Flag(flag) => return Ok(Self(*flag)),
            Given::Text(text) => persian::search_key(text),
            Given::Numeral(_) => return Err((FaultCode::WrongType, vec!["boolean".into()])),
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
    fn read(given: &Given, _: Calendar) -> Result<Self, Refusal> {
        let expected = || {
            let names = T::NAMES.iter().map(|(_, name)| *name);
            (FaultCode::NotOneOf, vec![T::WORDS.iter().copied().chain(names).collect::<Vec<_>>().join(", ")])
        };
        let text = match given {
            Given::Text(text) => text,
            Given::Numeral(_) | Given::Flag(_) => return Err((FaultCode::WrongType, vec!["string".into()])),
            _ => return Err(expected()),
        };
        let key = persian::search_key(text);
        let named = || T::NAMES.iter().find(|(_, name)| persian::search_key(name) == key).map(|(value, _)| *value);
        T::of_word(&key).or_else(named).map(Self).ok_or_else(expected)
    }
}

/// The cells of a row, from which a dataset takes its values; faults gather in it.
#[derive(Debug)]
pub struct Cells {
    wanted: Wanted,
    given: Vec<Option<Given>>,
    calendar: Calendar,
    faults: Vec<CellFault>,
    missing: Vec<&'static str>,
    unreadable: bool,
}

impl Cells {
    /// The cells of a record.
    pub fn new(wanted: Wanted, record: Record, calendar: Calendar) -> Self {
        let whole = |(code, args)| CellFault { column: None, code, args, value: None };
        let unreadable = record.fault.is_some();
        let faults = record.fault.map(whole).into_iter().collect();
        Self { wanted, given: record.cells, calendar, faults, missing: Vec::new(), unreadable }
    }

    /// What stands in a column; none where the file does not have it.
    pub fn given(&self, name: &str) -> Option<&Given> {
        let number = self.wanted.columns.iter().position(|column| column.name == name)?;
        self.given.get(number)?.as_ref()
    }

    /// What stands in a column, as the report shows it.
    pub fn shown(&self, name: &str) -> Option<String> {
        // No text of an answer holds a NUL, nor can PostgreSQL.
        let visible = |letter| if letter == '\0' { char::REPLACEMENT_CHARACTER } else { letter };
        self.given(name)?.shown().map(|text| text.chars().take(SHOWN).map(visible).collect())
    }

    /// Adds a fault of a column.
    pub fn fault(&mut self, name: &str, (code, args): Refusal) {
        let value = self.shown(name);
        self.faults.push(CellFault { column: Some(name.to_owned()), code, args, value });
    }

    /// Whether the row as a whole can't be read.
    pub const fn is_unreadable(&self) -> bool {
        self.unreadable
    }

    /// All faults: of shape, with what a new row lacks, and of rules and references. A cell that can't be read has that fault
    /// alone.
    pub fn into_faults(mut self, is_new: bool, found: Vec<Fault>) -> Vec<CellFault> {
        if is_new {
            for name in std::mem::take(&mut self.missing) {
                self.fault(name, (FaultCode::Required, Vec::new()));
            }
        }
        let misread: Vec<Option<String>> = self.faults.iter().map(|fault| fault.column.clone()).collect();
        let unread = |name: &str| misread.iter().flatten().any(|column| column == name);
        for fault in found {
            let column = column_of(fault.place());
            if column.as_deref().is_none_or(|name| !unread(name)) && !depends_on(&fault).iter().any(|name| unread(name)) {
                let value = column.as_deref().and_then(|name| self.shown(name));
                self.faults.push(CellFault { column, code: fault.code, args: fault.args, value });
            }
        }
        self.faults
    }

    /// What a column says: nothing where it is absent, that the field is to be cleared where its cell is empty, or else a value.
    fn read<T: Readable>(&mut self, name: &'static str) -> Patch<Option<T>> {
        match self.given(name) {
            None => Patch::Leave,
            Some(Given::Empty) => Patch::Set(None),
            Some(given) => match T::read(given, self.calendar) {
                Ok(value) => Patch::Set(Some(value)),
                Err(refusal) => {
                    self.fault(name, refusal);
                    Patch::Leave
                }
            },
        }
    }

    /// A value that a new row needs and that can't be cleared.
    pub fn required<T: Readable>(&mut self, name: &'static str) -> Patch<T> {
        if self.given(name).is_none() {
            if self.wanted.key.contains(&name) && !self.unreadable {
                // Only a line of NDJSON can lack a key; other formats have it in the heading. Without it the row is neither new nor known.
                self.fault(name, (FaultCode::Required, Vec::new()));
            } else {
                self.missing.push(name);
            }
        }
        match self.read(name) {
            Patch::Leave => Patch::Leave,
            Patch::Set(Some(value)) => Patch::Set(value),
            Patch::Set(None) => {
                self.fault(name, (FaultCode::Required, Vec::new()));
                Patch::Leave
            }
        }
    }

    /// A value that an empty cell clears.
    pub fn optional<T: Readable>(&mut self, name: &'static str) -> Patch<Option<T>> {
        self.read(name)
    }

    /// A value that an empty cell sets to the default of a new row.
    pub fn or<T: Readable>(&mut self, name: &'static str, default: T) -> Patch<T> {
        self.read(name).map(|value| value.unwrap_or(default))
    }
}

/// The columns that a rule across fields looks at: where one of them can't be read, the rule says nothing.
fn depends_on(fault: &Fault) -> &'static [&'static str] {
    match (fault.code, fault.place()) {
        (FaultCode::DatesOutOfOrder, _) => &["starts_on", "due_on"],
        (FaultCode::LeadPartOfOtherAgency, _) => &["part", "agency_code"],
        (FaultCode::AgencyNotAllowed | FaultCode::Required, "/agency_id") => &["role"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn day(text: &str, calendar: Calendar) -> Option<String> {
        Day::read(&Given::Text(text.into()), calendar).ok().map(|day| day.0.to_string())
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
        let real = Given::Day(NaiveDate::from_ymd_opt(2026, 5, 21).expect("a day"));
        assert!(Day::read(&real, Calendar::Jalali).is_ok());
        assert!(Day::read(&Given::Integer(45_000), Calendar::Gregorian).is_err());
    }

    #[test]
    fn numbers_come_as_offices_write_them() {
        let weight = |given: Given| Whole::<1, 100>::read(&given, Calendar::Gregorian).map(|number| number.0);
        assert_eq!(weight(Given::Text(" ۴٠ ".into())), Ok(40));
        assert_eq!(weight(Given::Integer(40)), Ok(40));
        for bad in [Given::Number(4.5), Given::Text("4,0".into()), Given::Text("چهل".into()), Given::Flag(true), Given::Integer(101)] {
            assert!(weight(bad.clone()).is_err(), "{bad:?}");
        }
        assert_eq!(Code::read(&Given::Integer(7), Calendar::Gregorian), Ok(Code("7".into())));
    }

    #[test]
    fn yes_and_no_in_two_languages() {
        for (text, flag) in [("بله", true), ("خير", false), ("TRUE", true), ("false", false)] {
            assert_eq!(YesNo::read(&Given::Text(text.into()), Calendar::Gregorian), Ok(YesNo(flag)), "{text}");
        }
        assert!(YesNo::read(&Given::Integer(1), Calendar::Gregorian).is_err());
    }
}
