//! The cells of a row, from which a dataset takes its values one by one, and the faults that gather meanwhile.

use super::{
    dataset::{Dataset, column_of},
    file::{CellValue, FileColumns, Record},
    readable::Readable,
};
use crate::{
    fault::{Fault, FaultCode},
    http::{export::Calendar, fields::Refusal, patch::Patch},
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
const MAX_SHOWN: usize = 500;

/// The cells of a row, from which a dataset takes its values; faults gather in it.
#[derive(Debug)]
pub struct Cells {
    columns: FileColumns,
    given: Vec<Option<CellValue>>,
    calendar: Calendar,
    faults: Vec<CellFault>,
    missing: Vec<&'static str>,
    unreadable: bool,
}

impl Cells {
    /// The cells of a record.
    pub fn new(columns: FileColumns, record: Record, calendar: Calendar) -> Self {
        let whole = |(code, args)| CellFault { column: None, code, args, value: None };
        let unreadable = record.fault.is_some();
        let faults = record.fault.map(whole).into_iter().collect();
        Self { columns, given: record.cells, calendar, faults, missing: Vec::new(), unreadable }
    }

    /// What stands in a column; none where the file does not have it.
    pub fn given(&self, name: &str) -> Option<&CellValue> {
        let number = self.columns.all.iter().position(|column| column.name == name)?;
        self.given.get(number)?.as_ref()
    }

    /// What stands in a column, as the report shows it.
    pub fn shown(&self, name: &str) -> Option<String> {
        // No text of an answer holds a NUL, nor can PostgreSQL.
        let visible = |letter| if letter == '\0' { char::REPLACEMENT_CHARACTER } else { letter };
        self.given(name)?.shown().map(|text| text.chars().take(MAX_SHOWN).map(visible).collect())
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
    pub fn into_faults<D: Dataset>(mut self, is_new: bool, found: Vec<Fault>) -> Vec<CellFault> {
        if is_new {
            for name in std::mem::take(&mut self.missing) {
                self.fault(name, (FaultCode::Required, Vec::new()));
            }
        }
        let misread: Vec<Option<String>> = self.faults.iter().map(|fault| fault.column.clone()).collect();
        let unread = |name: &str| misread.iter().flatten().any(|column| column == name);
        for fault in found {
            let column = column_of(fault.location());
            if column.as_deref().is_none_or(|name| !unread(name)) && !D::depends_on(&fault).iter().any(|name| unread(name)) {
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
            Some(CellValue::Empty) => Patch::Set(None),
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
            if self.columns.key.contains(&name) && !self.unreadable {
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
