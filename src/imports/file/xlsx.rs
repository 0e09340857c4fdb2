//! XLSX: reads the first worksheet cell by cell, with numbers stored as text, real dates and absent rows.

mod bounds;

use std::io::{Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxCellFormulaMetadataRecord, XlsxError};
use chrono::NaiveDate;

use super::{
    CellValue, FileColumns, FileFault, MAX_ROW_BYTES, ReadError, Record, Source, Unreadable,
    columns::{Target, arranged},
    source::trouble,
};
use crate::{fault::FaultCode, http::fields::whole};

/// The largest workbook, in bytes; it is held in memory.
const MAX_WORKBOOK_BYTES: u64 = 64 << 20;
/// The most cells of a row; no sheet has more columns.
const COLUMNS: usize = 1 << 14;
/// The most rows of a sheet.
const MAX_SHEET_ROWS: u32 = 1 << 20;

/// Reads a workbook's first worksheet, whatever charts stand before it; `take` gives `false` to end.
pub(super) fn each(source: Source<'_>, columns: FileColumns, take: &mut dyn FnMut(Record) -> bool) -> Result<(), ReadError> {
    let mut packed = Vec::new();
    let size = source.take(MAX_WORKBOOK_BYTES + 1).read_to_end(&mut packed).map_err(trouble)?;
    if u64::try_from(size).is_ok_and(|size| size > MAX_WORKBOOK_BYTES) {
        return Err(too_large(MAX_WORKBOOK_BYTES));
    }
    bounds::check(&packed)?;
    let mut book = Xlsx::new(Cursor::new(packed)).map_err(broken)?;
    let mut sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let name = sheets.next().map(|sheet| sheet.name.clone()).ok_or_else(|| broken("no sheet"))?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
    let mut sheet = Sheet { columns, layout: Vec::new(), heading: None, at: 0, given: Vec::new(), cells: 0, length: 0 };
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|error| unread(sheet.row(), error))? {
        let (row, _) = cell.pos;
        if row < sheet.at || row >= MAX_SHEET_ROWS {
            return Err(broken_at(sheet.row(), "the rows are not in order, or more than a sheet has"));
        }
        if row != sheet.at {
            if let Some(record) = sheet.finish()?
                && !take(record)
            {
                return Ok(());
            }
            sheet.at = row;
        }
        sheet.put(&cell)?;
    }
    let last = sheet.finish()?;
    if sheet.heading.is_none() {
        return Err(FileFault::bare(FaultCode::EmptyFile).into());
    }
    if let Some(record) = last {
        take(record);
    }
    Ok(())
}

fn broken(error: impl ToString) -> ReadError {
    broken_at(None, error)
}

/// What stops the reading at a cell; which one it is the library does not say.
fn unread(row: Option<u32>, error: XlsxError) -> ReadError {
    match error {
        XlsxError::CellError(_) => FileFault::unreadable(Unreadable::CellError, row).into(),
        error => broken_at(row, error),
    }
}

fn broken_at(row: Option<u32>, error: impl ToString) -> ReadError {
    tracing::debug!(error = error.to_string(), "a workbook can't be read");
    FileFault::unreadable(Unreadable::NoWorkbook, row).into()
}

fn too_large(limit: u64) -> ReadError {
    FileFault::new(FaultCode::FileTooLarge, format!("{} MiB", limit >> 20)).into()
}

struct Sheet {
    columns: FileColumns,
    layout: Vec<Target>,
    /// The number of the row with the headings: the first that is not blank.
    heading: Option<u32>,
    at: u32,
    given: Vec<CellValue>,
    /// How many cells the row has had.
    cells: usize,
    /// How long their texts are together, in bytes. A text that stands in the workbook once may stand in any number of cells.
    length: usize,
}

impl Sheet {
    fn put(&mut self, cell: &XlsxCellFormulaMetadataRecord<'_>) -> Result<(), ReadError> {
        self.cells += 1;
        self.length += length(&cell.value);
        if self.cells > COLUMNS {
            return Err(broken_at(self.row(), "more cells in a row than columns in a sheet"));
        }
        if u64::try_from(self.length).is_ok_and(|length| length > MAX_ROW_BYTES) {
            return Err(FileFault::unreadable(Unreadable::LongLine, self.row()).into());
        }
        let value = match &cell.value {
            // It has no value before a program has worked it out, and is not empty.
            DataRef::Empty if cell.formula.is_some() => CellValue::Other("formula".to_owned()),
            value => given(value),
        };
        let column = usize::try_from(cell.pos.1).unwrap_or(usize::MAX);
        if value == CellValue::Empty || column >= COLUMNS {
            return Ok(());
        }
        if self.given.len() <= column {
            self.given.resize(column + 1, CellValue::Empty);
        }
        match self.given.get_mut(column) {
            Some(slot @ CellValue::Empty) => *slot = value,
            _ => return Err(broken_at(self.row(), "a cell stands twice")),
        }
        Ok(())
    }

    /// The number of the row that is being read; none before the heading has ended.
    fn row(&self) -> Option<u32> {
        self.heading.map(|heading| self.at.saturating_sub(heading).max(1))
    }

    /// Ends the row: it is the heading, or a record, or blank.
    fn finish(&mut self) -> Result<Option<Record>, ReadError> {
        let mut given = std::mem::take(&mut self.given);
        (self.cells, self.length) = (0, 0);
        if given.iter().all(|cell| *cell == CellValue::Empty) {
            return Ok(None);
        }
        let Some(heading) = self.heading else {
            let names: Vec<String> = given.iter().map(|cell| cell.shown().unwrap_or_default()).collect();
            self.layout = self.columns.layout(names.iter().map(String::as_str))?;
            self.heading = Some(self.at);
            return Ok(None);
        };
        let width = given.len().max(self.layout.len());
        given.resize(width, CellValue::Empty);
        Ok(Some(arranged(self.at.saturating_sub(heading), &self.layout, self.columns.width(), given)))
    }
}

/// The length of a cell's text, in bytes.
const fn length(value: &DataRef<'_>) -> usize {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.len(),
        DataRef::SharedString(text) => text.len(),
        _ => 0,
    }
}

fn given(value: &DataRef<'_>) -> CellValue {
    match value {
        DataRef::Empty => CellValue::Empty,
        DataRef::Int(number) => CellValue::Integer(*number),
        DataRef::Float(number) => whole(*number).map_or(CellValue::Number(*number), CellValue::Integer),
        DataRef::String(text) => CellValue::of_cell(text),
        DataRef::SharedString(text) => CellValue::of_cell(text),
        DataRef::Bool(flag) => CellValue::Flag(*flag),
        DataRef::DateTime(at) => day(at),
        DataRef::DateTimeIso(text) => iso_day(text).map_or_else(|| CellValue::Other(text.clone()), CellValue::Day),
        DataRef::DurationIso(text) => CellValue::Other(text.clone()),
        DataRef::Error(error) => CellValue::Other(error.to_string()),
    }
}

/// The day of a cell whose type is an ISO date, which is always Gregorian; none where it has a time of day.
fn iso_day(text: &str) -> Option<NaiveDate> {
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    let midnight = time.trim_end_matches('Z').chars().all(|letter| matches!(letter, '0' | ':' | '.'));
    day.parse().ok().filter(|_| midnight)
}

/// Year and month from which on spreadsheets agree: those that count from 1900 differ by one on the days before, and a Jalali year would
/// lie far before it.
const FIRST_SURE: (u16, u8) = (1900, 3);

fn day(at: &ExcelDateTime) -> CellValue {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let date = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day));
    match date.filter(|_| (year, month) >= FIRST_SURE) {
        Some(date) if at.is_datetime() && (hour, minute, second, milli) == (0, 0, 0, 0) => CellValue::Day(date),
        _ => CellValue::Other(at.as_f64().to_string()),
    }
}
