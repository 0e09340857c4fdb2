//! A report as a file: CSV for programs, a workbook for people.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::{Report, Table, headings::heading, query::ReportQuery};
use crate::{
    error::ApiError,
    http::{
        export::{self, Calendar, Cell, WHOLE, csv_line, refuse_too_many},
        language::Language,
    },
};

/// CSV with the columns' names; the totals are no row of a thing, so they are left to the workbook.
///
/// # Errors
/// `internal`, which writing into memory does not give.
pub fn csv<R: Report>(table: &Table, query: &ReportQuery) -> Result<Vec<u8>, ApiError> {
    let mut file = if query.bom { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    file.extend(csv_line(R::COLUMNS.iter().copied())?);
    for row in &table.rows {
        file.extend(csv_line(row.iter().map(|cell| cell.text(query.calendar)))?);
    }
    Ok(file)
}

/// How cells look.
struct Looks {
    head: Format,
    total: Format,
    whole_total: Format,
    whole: Format,
    day: Format,
    wrapped: Format,
}

impl Looks {
    fn new(language: Language) -> Self {
        let total = Format::new().set_bold().set_border_top(FormatBorder::Medium);
        let align = if language.is_english() { FormatAlign::Left } else { FormatAlign::Right };
        Self {
            head: Format::new()
                .set_bold()
                .set_background_color("#1F4E79")
                .set_font_color("#FFFFFF")
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter)
                .set_border(FormatBorder::Thin),
            whole_total: total.clone().set_num_format(WHOLE),
            total,
            whole: Format::new().set_num_format(WHOLE),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            wrapped: Format::new().set_text_wrap().set_align(align).set_align(FormatAlign::Top),
        }
    }
}

/// A workbook: the report on its first sheet, what its figures mean on the second.
///
/// # Errors
/// 400 `too_many_rows` at `format`, where a sheet would be larger than Excel allows.
pub fn xlsx<R: Report>(table: &Table, query: &ReportQuery) -> Result<Vec<u8>, ApiError> {
    refuse_too_many(i64::try_from(table.rows.len() + usize::from(table.totals.is_some())).unwrap_or(i64::MAX))?;
    write::<R>(table, query).map_err(ApiError::internal)
}

fn write<R: Report>(table: &Table, query: &ReportQuery) -> Result<Vec<u8>, XlsxError> {
    let (looks, language) = (Looks::new(query.language), query.language);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(R::NAME)?.set_right_to_left(!language.is_english());
    for (column, name) in (0_u16..).zip(R::COLUMNS) {
        sheet.write_with_format(0, column, heading(name, language), &looks.head)?;
        sheet.set_column_width(column, width(name))?;
    }
    sheet.set_row_height(0, 32)?.set_freeze_panes(1, 0)?;
    let mut line = 0_u32;
    for row in &table.rows {
        line += 1;
        for ((column, cell), name) in (0_u16..).zip(row).zip(R::COLUMNS) {
            // A figure is called as on the sheet of definitions.
            let cell = if *name == "figure" { &Cell::from(heading(&cell.text(query.calendar), language)) } else { cell };
            put(sheet, line, column, cell, query.calendar, &looks)?;
        }
    }
    let last = u16::try_from(R::COLUMNS.len()).unwrap_or(1).saturating_sub(1);
    sheet.autofilter(0, 0, line, last)?;
    if let Some(totals) = &table.totals {
        line += 1;
        for (column, cell) in (0_u16..).zip(totals) {
            match (column, cell) {
                (0, _) => sheet.write_with_format(line, 0, heading("totals", language), &looks.total)?,
                (_, Cell::Integer(number)) => sheet.write_with_format(line, column, *number, &looks.whole_total)?,
                (_, Cell::Number(number)) => sheet.write_with_format(line, column, *number, &looks.total)?,
                _ => sheet.write_with_format(line, column, cell.text(query.calendar), &looks.total)?,
            };
        }
    }
    definitions(book.add_worksheet(), table, query, &looks)?;
    book.save_to_buffer()
}

/// One cell: numbers as numbers, days as days, or in Jalali as text, since a spreadsheet knows no such date.
fn put(sheet: &mut Worksheet, line: u32, column: u16, cell: &Cell, calendar: Calendar, looks: &Looks) -> Result<(), XlsxError> {
    match cell {
        Cell::Integer(number) => drop(sheet.write_with_format(line, column, *number, &looks.whole)?),
        Cell::Number(number) => drop(sheet.write(line, column, *number)?),
        Cell::Day(day) => match export::serial(*day).filter(|_| calendar == Calendar::Gregorian) {
            Some(number) => drop(sheet.write_number_with_format(line, column, number, &looks.day)?),
            None => drop(sheet.write(line, column, export::written(*day, calendar))?),
        },
        Cell::Empty => {}
        // Text that looks like a formula has a `'` before it, as in any export (CONTRACT §1).
        other => drop(sheet.write(line, column, other.text(calendar))?),
    }
    Ok(())
}

fn width(name: &str) -> f64 {
    match name {
        name if name.ends_with("_title") || name == "name" => 44.0,
        name if name.ends_with("_name") || name == "manager" || name == "resource_id" => 26.0,
        name if name.ends_with("_rial") => 20.0,
        _ => 14.0,
    }
}

/// The second sheet: the day, what was asked for, and each figure's sentence.
fn definitions(sheet: &mut Worksheet, table: &Table, query: &ReportQuery, looks: &Looks) -> Result<(), XlsxError> {
    let language = query.language;
    sheet.set_name(heading("definitions", language))?.set_right_to_left(!language.is_english());
    sheet.set_column_width(0, 28)?.set_column_width(1, 100)?;
    for (column, name) in [(0, "figure"), (1, "definition")] {
        sheet.write_with_format(0, column, heading(name, language), &looks.head)?;
    }
    let days = [("as_of", Some(table.as_of)), ("from", query.filter.from.map(|day| day.day)), ("to", query.filter.to.map(|day| day.day))];
    let mut facts: Vec<(&str, Cell)> = days.into_iter().filter_map(|(name, day)| Some((name, Cell::Day(day?)))).collect();
    for (name, value) in &query.given {
        match name.as_str() {
            "as_of" | "from" | "to" | "format" | "bom" => {}
            "days" => facts.push((name, query.extras.days.into())),
            _ => facts.push((name, value.as_str().unwrap_or_default().into())),
        }
    }
    let mut line = 0;
    for (name, cell) in &facts {
        line += 1;
        sheet.write(line, 0, heading(name, language))?;
        put(sheet, line, 1, cell, query.calendar, looks)?;
    }
    for (name, text) in &table.definition.0 {
        line += 1;
        sheet.write(line, 0, heading(name, language))?;
        sheet.write_with_format(line, 1, *text, &looks.wrapped)?;
    }
    Ok(())
}
