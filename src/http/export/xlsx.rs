//! A spreadsheet: written row by row into a temporary file, so that its size does not count in memory.

use std::{
    fs::File,
    io::{Seek, SeekFrom},
};

use chrono::NaiveDate;
use rust_xlsxwriter::{
    ColNum, Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, RowNum, Workbook, Worksheet, XlsxError,
};
use tokio::sync::mpsc;

use super::{Calendar, Cell, Column};
use crate::{
    db::Timestamp,
    error::ApiError,
    fault::{Fault, FaultCode},
};

/// The rows of data that a sheet holds under its headings.
pub const MAX_ROWS: i64 = 1_048_575;

/// The UTF-16 units that a cell holds.
const MAX_TEXT: usize = 32_767;

/// What stands in the place of a text that no cell can hold: a boundary, or the changes of an event.
const TOO_LONG: &str = "(بلندتر از گنجایش یک خانه؛ در CSV یا NDJSON ببینید)";

/// Beyond about this much text the zip needs its large form, which not every program reads.
const LARGE: usize = 1 << 30;

/// The widest that a column is made, in characters.
const WIDEST: usize = 48;

/// How whole numbers look: with all their digits, where a spreadsheet would write great sums of rials as powers of ten.
pub const WHOLE: &str = "0";

/// What a spreadsheet is made of.
pub(super) struct Plan {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub calendar: Calendar,
    pub made_at: Timestamp,
}

/// Rows for the sheet; `None` after the last. A channel that ends without it means that nobody waits for the file.
pub(super) type Rows = mpsc::Receiver<Option<Vec<Vec<Cell>>>>;

/// Refuses what no sheet can hold.
///
/// # Errors
/// 400 at `format`.
pub fn refuse_too_many(rows: i64) -> Result<(), ApiError> {
    if rows <= MAX_ROWS {
        return Ok(());
    }
    Err(ApiError::parameters(vec![Fault::parameter("format", FaultCode::TooManyRows).with(rows).with(MAX_ROWS)]))
}

/// Makes the file; `None` where it was given up. Blocks for as long as rows come.
///
/// # Errors
/// Where the temporary folder takes no more, or there are too many rows.
pub(super) fn make(plan: &Plan, mut rows: Rows) -> Result<Option<File>, ApiError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made_at(plan.made_at)?));
    let worksheet = workbook.add_worksheet_with_constant_memory().map_err(ApiError::unavailable)?;
    let mut sheet = Sheet::begin(worksheet, plan).map_err(ApiError::internal)?;
    loop {
        match rows.blocking_recv() {
            None => return Ok(None),
            Some(None) => break,
            Some(Some(page)) => page.iter().try_for_each(|cells| sheet.row(cells)).map_err(ApiError::internal)?,
        }
    }
    let written = sheet.written;
    sheet.end().map_err(ApiError::internal)?;
    let mut file = tempfile::tempfile().map_err(ApiError::unavailable)?;
    workbook.use_zip_large_file(written > LARGE).save_to_writer(&mut file).map_err(ApiError::unavailable)?;
    file.seek(SeekFrom::Start(0)).map_err(ApiError::unavailable)?;
    Ok(Some(file))
}

fn made_at(at: Timestamp) -> Result<ExcelDateTime, ApiError> {
    ExcelDateTime::from_timestamp(at.micros().div_euclid(1_000_000)).map_err(ApiError::internal)
}

/// A sheet under way.
struct Sheet<'a> {
    worksheet: &'a mut Worksheet,
    columns: &'static [Column],
    calendar: Calendar,
    next: RowNum,
    /// The longest text of each column so far, in characters.
    widths: Vec<usize>,
    /// Bytes of text so far.
    written: usize,
    text: Format,
    day: Format,
    whole: Format,
}

impl<'a> Sheet<'a> {
    fn begin(worksheet: &'a mut Worksheet, plan: &Plan) -> Result<Self, XlsxError> {
        worksheet.set_name(plan.name)?.set_right_to_left(true).set_freeze_panes(1, 0)?;
        let head = Format::new()
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_background_color(Color::RGB(0x00DD_E8F0))
            .set_border_bottom(FormatBorder::Thin);
        for (at, column) in (0..).zip(plan.columns) {
            worksheet.write_string_with_format(0, at, column.heading, &head)?;
        }
        // Room for the button of the filter beside the heading.
        let widths = plan.columns.iter().map(|column| column.heading.chars().count() + 4).collect();
        // As text, so that a code such as 007 stays one where somebody edits the cell.
        let (text, day) = (Format::new().set_num_format("@"), Format::new().set_num_format("yyyy-mm-dd"));
        let whole = Format::new().set_num_format(WHOLE);
        Ok(Self { worksheet, columns: plan.columns, calendar: plan.calendar, next: 1, widths, written: 0, text, day, whole })
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        for (at, cell) in (0..).zip(cells) {
            let shown = self.cell(at, cell)?;
            if let Some(width) = self.widths.get_mut(usize::from(at)) {
                *width = shown.min(WIDEST).max(*width);
            }
        }
        self.next += 1;
        Ok(())
    }

    /// Writes a cell and says how many characters it shows.
    fn cell(&mut self, at: ColNum, cell: &Cell) -> Result<usize, XlsxError> {
        let row = self.next;
        match cell {
            Cell::Empty => return Ok(0),
            Cell::Integer(number) => self.worksheet.write_with_format(row, at, *number, &self.whole)?,
            Cell::Number(number) => self.worksheet.write(row, at, *number)?,
            Cell::Flag(flag) => self.worksheet.write_boolean(row, at, *flag)?,
            Cell::Day(day) if self.calendar == Calendar::Gregorian => match serial(*day) {
                Some(number) => self.worksheet.write_number_with_format(row, at, number, &self.day)?,
                None => self.worksheet.write_string_with_format(row, at, day.to_string(), &self.text)?,
            },
            Cell::Text(_) | Cell::Json(_) | Cell::Instant(_) | Cell::Day(_) => {
                let mut text = cell.text(self.calendar);
                if text.len() > MAX_TEXT && text.encode_utf16().count() > MAX_TEXT {
                    TOO_LONG.clone_into(&mut text);
                }
                self.written += text.len();
                let shown = text.chars().take(WIDEST).take_while(|letter| *letter != '\n').count();
                self.worksheet.write_string_with_format(row, at, text, &self.text)?;
                return Ok(shown + 2);
            }
        };
        Ok(12)
    }

    fn end(self) -> Result<(), XlsxError> {
        let last = ColNum::try_from(self.columns.len().saturating_sub(1)).unwrap_or(ColNum::MAX);
        self.worksheet.autofilter(0, 0, self.next - 1, last)?;
        for (at, width) in (0..).zip(&self.widths) {
            self.worksheet.set_column_width(at, u32::try_from(*width).unwrap_or(12))?;
        }
        Ok(())
    }
}

/// The number of a day in spreadsheets; none before March 1900, where programs disagree because some take 1900 for a leap
/// year. Such days are written as text.
pub fn serial(day: NaiveDate) -> Option<f64> {
    let days = (day - NaiveDate::from_ymd_opt(1899, 12, 30)?).num_days();
    i32::try_from(days).ok().filter(|days| *days > 60).map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbered_as_spreadsheets_do() {
        let number = |year, month, day| serial(NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default());
        assert_eq!(number(2026, 11, 22), Some(46_348.0));
        assert_eq!((number(1900, 3, 1), number(1900, 2, 28)), (Some(61.0), None));
    }

    #[test]
    fn what_no_sheet_holds_is_refused() {
        assert_eq!(refuse_too_many(MAX_ROWS), Ok(()));
        let expected = Fault::parameter("format", FaultCode::TooManyRows).with(1_048_576).with(1_048_575);
        assert_eq!(refuse_too_many(MAX_ROWS + 1), Err(ApiError::parameters(vec![expected])));
    }
}
