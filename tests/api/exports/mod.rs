//! Exports: their columns by the contract, spreadsheets cell by cell, and as LibreOffice opens them.

mod columns;
mod office;
mod xlsx;

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};

use crate::support::Answer;

pub const SHEET_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The name of the only sheet, and its rows.
#[track_caller]
pub fn sheet(answer: &Answer) -> (String, Vec<Vec<Data>>) {
    let mut book = Xlsx::new(Cursor::new(answer.body.clone())).expect("a spreadsheet");
    let [name] = book.sheet_names().try_into().expect("one sheet");
    let range = book.worksheet_range(&name).expect("its cells");
    (name, range.rows().map(<[Data]>::to_vec).collect())
}

/// A part of the file, as XML.
#[track_caller]
pub fn part(answer: &Answer, name: &str) -> String {
    let mut parts = zip::ZipArchive::new(Cursor::new(answer.body.clone())).expect("a zip");
    let mut text = String::new();
    parts.by_name(name).expect("the part").read_to_string(&mut text).expect("UTF-8");
    text
}
