//! The report of an import, as it is kept: a batch of rows in a row of the database, faults as code and arguments, so that
//! each reader has the messages in their own language.

use serde::{Deserialize, Serialize};

use super::{
    cell::CellFault,
    dto::{ImportRow, ImportRowError, RowOutcome},
    file::Unreadable,
};
use crate::{
    error::ApiError,
    fault::{Fault, FaultCode},
};

/// One row's part of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file.
    pub row: u32,
    /// Its code or username, as given.
    pub code: Option<String>,
    /// Its outcome.
    pub outcome: RowOutcome,
    /// All its faults.
    pub faults: Vec<CellFault>,
}

/// How many rows had which outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// New things.
    pub created: i64,
    /// Changed things.
    pub updated: i64,
    /// Things that were there already.
    pub unchanged: i64,
    /// Refused rows.
    pub rejected: i64,
}

impl Counts {
    /// Counts one row more.
    pub const fn add(&mut self, outcome: RowOutcome) {
        match outcome {
            RowOutcome::Created => self.created += 1,
            RowOutcome::Updated => self.updated += 1,
            RowOutcome::Unchanged => self.unchanged += 1,
            RowOutcome::Rejected => self.rejected += 1,
        }
    }

    /// The sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            created: self.created + other.created,
            updated: self.updated + other.updated,
            unchanged: self.unchanged + other.unchanged,
            rejected: self.rejected + other.rejected,
        }
    }

    /// All rows.
    pub const fn total(self) -> i64 {
        self.created + self.updated + self.unchanged + self.rejected
    }

    /// The number of rows with an outcome.
    pub const fn of(self, outcome: RowOutcome) -> i64 {
        match outcome {
            RowOutcome::Created => self.created,
            RowOutcome::Updated => self.updated,
            RowOutcome::Unchanged => self.unchanged,
            RowOutcome::Rejected => self.rejected,
        }
    }
}

/// A line as JSON: row, code, outcome, faults.
#[derive(Serialize, Deserialize)]
struct Stored(u32, Option<String>, RowOutcome, #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<StoredFault>);

/// A fault as JSON: column, code, arguments, value.
#[derive(Serialize, Deserialize)]
struct StoredFault(Option<String>, String, Vec<String>, Option<String>);

/// A batch of lines as it is kept.
///
/// # Errors
/// `internal` alone.
pub fn encode(lines: Vec<Line>) -> Result<String, ApiError> {
    let fault = |fault: CellFault| StoredFault(fault.column, fault.code.as_str().to_owned(), fault.args, fault.value);
    let stored: Vec<Stored> =
        lines.into_iter().map(|line| Stored(line.row, line.code, line.outcome, line.faults.into_iter().map(fault).collect())).collect();
    serde_json::to_string(&stored).map_err(ApiError::internal)
}

/// The rows of a batch as they are answered.
///
/// # Errors
/// `internal` where the stored text is not ours.
pub fn decode(stored: &str, english: bool) -> Result<Vec<ImportRow>, ApiError> {
    let lines: Vec<Stored> = serde_json::from_str(stored).map_err(ApiError::internal)?;
    let error = |StoredFault(column, word, args, value): StoredFault| {
        let message = message(&word, &args, english);
        ImportRowError { column, code: word, message, value }
    };
    let row = |Stored(row, code, outcome, faults): Stored| ImportRow {
        row: i64::from(row),
        code,
        outcome,
        errors: faults.into_iter().map(error).collect(),
    };
    Ok(lines.into_iter().map(row).collect())
}

/// The message of a stored fault.
pub fn message(word: &str, args: &[String], english: bool) -> String {
    match FaultCode::of(word) {
        Some(code) => Fault::of("", (code, args.iter().map(|arg| told(code, arg, english)).collect())).message(english),
        None => word.to_owned(),
    }
}

/// An argument as the message shows it; the reason why a file can't be read is stored as a word and spelt out here.
fn told(code: FaultCode, arg: &str, english: bool) -> String {
    let reason = Unreadable::parse(arg).filter(|_| code == FaultCode::UnreadableFile);
    let Some([persian, in_english]) = reason.map(Unreadable::texts) else { return arg.to_owned() };
    (if english { in_english } else { persian }).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_as_it_was_kept() {
        let fault = CellFault {
            column: Some("weight".into()),
            code: FaultCode::OutOfRange,
            args: vec!["1".into(), "100".into()],
            value: Some("۱۰۱".into()),
        };
        let lines = vec![
            Line { row: 1, code: Some("A".into()), outcome: RowOutcome::Created, faults: vec![] },
            Line { row: 3, code: None, outcome: RowOutcome::Rejected, faults: vec![fault] },
        ];
        let rows = decode(&encode(lines).expect("text"), true).expect("rows");
        assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(rows[1].errors[0].message, "Outside the range 1 to 100.");
        assert_eq!(rows[1].errors[0].value.as_deref(), Some("۱۰۱"));
    }
}
