//! Reads a file of any format as rows of cells; what is ambiguous is reported, never guessed.

mod columns;
mod csv;
mod fault;
mod marked;
mod ndjson;
mod source;
mod xlsx;

use chrono::NaiveDate;

use crate::{
    db::text_enum,
    fault::FaultCode,
    http::{
        export::{XLSX, undefused},
        fields::field_from_json,
    },
    persian,
};

pub use columns::FileColumns;
pub use fault::{FileFault, ReadError, Unreadable};
pub use source::{CHUNK, Source};

text_enum! {
    /// The format of a file.
    #[expect(missing_docs, reason = "the words speak")]
    pub enum FileFormat {
        Csv = "csv",
        Ndjson = "ndjson",
        Xlsx = "xlsx",
    }
}

field_from_json!(FileFormat);

impl FileFormat {
    /// The format of a media type, where it tells.
    pub fn of_media_type(essence: &str) -> Option<Self> {
        match essence {
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" => Some(Self::Ndjson),
            XLSX => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The format that a file's name ends with.
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        match ending.as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    /// Nothing, which clears the field.
    Empty,
    /// Text, not yet trimmed.
    Text(String),
    /// A number of a spreadsheet that is not whole, or too large to be exact.
    Number(f64),
    /// A whole number of a spreadsheet, which may have been meant as text.
    Integer(i64),
    /// A number of JSON, which can't have been meant as text.
    Numeral(serde_json::Number),
    /// True or false.
    Flag(bool),
    /// A spreadsheet's own date.
    Day(NaiveDate),
    /// What no field can be: an array, an object, a formula's error, a date with a time of day.
    Other(String),
}

impl CellValue {
    /// Text of a cell, as a spreadsheet or CSV has it: blank is nothing, and the `'` that an export put before what
    /// looks like a formula is taken off (CONTRACT §1, "Exports").
    fn of_cell(text: &str) -> Self {
        if is_blank(text) {
            return Self::Empty;
        }
        Self::Text(undefused(persian::trim(text)).to_owned())
    }

    /// The value as the report shows it.
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Empty => None,
            Self::Text(text) | Self::Other(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Numeral(number) => Some(number.to_string()),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Day(day) => Some(day.to_string()),
        }
    }
}

/// Whether a text holds nothing but blanks.
fn is_blank(text: &str) -> bool {
    persian::trim(text).is_empty()
}

/// Whether a file begins as UTF-16 does: with its mark, or with the NUL that its first ASCII letter has beside it.
fn is_utf16(head: &[u8]) -> bool {
    head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.iter().take(2).any(|byte| *byte == 0)
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Counted from 1 for the first after the heading, blank ones too.
    pub row: u32,
    /// One for each of the dataset's columns; none where the file lacks the column.
    pub cells: Vec<Option<CellValue>>,
    /// Why the row as a whole cannot be read.
    pub fault: Option<(FaultCode, Vec<String>)>,
}

impl Record {
    /// How long its texts are together, in bytes.
    pub fn length(&self) -> usize {
        let of = |cell: &CellValue| if let CellValue::Text(text) | CellValue::Other(text) = cell { text.len() } else { 0 };
        self.cells.iter().flatten().map(of).sum()
    }
}

/// The most rows of a file: what is known of each is held in memory, and its report is kept.
const MAX_ROWS: u32 = 2_000_000;

/// The most lines of text, blank ones too.
const MAX_LINES: u32 = 2 * MAX_ROWS;

fn too_many_rows() -> ReadError {
    FileFault::new(FaultCode::FileTooLarge, format!("{MAX_ROWS} rows")).into()
}

/// The longest row of text, in bytes.
const MAX_ROW_BYTES: u64 = 1 << 20;

/// Reads a file row by row, as it stands; blank rows are counted and left out. `take` gives `false` to end.
///
/// # Errors
/// What is wrong with the file as a whole, or with the database that it is read from.
pub fn each(format: FileFormat, source: Source<'_>, columns: FileColumns, take: &mut dyn FnMut(Record) -> bool) -> Result<(), ReadError> {
    let (mut rows, mut too_many) = (0, false);
    let counted = &mut |record| {
        rows += 1;
        too_many = rows > MAX_ROWS;
        !too_many && take(record)
    };
    match format {
        FileFormat::Csv => all(csv::open(source, columns)?, counted),
        FileFormat::Ndjson => all(ndjson::open(source, columns), counted),
        FileFormat::Xlsx => xlsx::each(source, columns, counted),
    }?;
    if too_many { Err(too_many_rows()) } else { Ok(()) }
}

fn all(rows: impl Iterator<Item = Result<Record, ReadError>>, take: &mut dyn FnMut(Record) -> bool) -> Result<(), ReadError> {
    for record in rows {
        if !take(record?) {
            break;
        }
    }
    Ok(())
}
