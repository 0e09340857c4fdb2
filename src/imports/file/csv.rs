//! CSV as offices send it: a byte order mark, `,` `;` or tab, CRLF, quoted newlines, blank rows.

use std::io::{Cursor, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{
    CellValue, FileColumns, FileFault, MAX_LINES, ReadError, Record, Source, Unreadable,
    columns::{Target, arranged},
    marked::{BlankLineMarker, MARK},
    source::trouble,
    too_many_rows,
};
use crate::fault::FaultCode;

/// How much of the file is looked at for its heading, in bytes.
const HEADING_BYTES: u64 = 64 << 10;
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Opens CSV: tells its separator by the heading, and judges the heading.
pub(super) fn open(mut source: Source<'_>, columns: FileColumns) -> Result<impl Iterator<Item = Result<Record, ReadError>>, ReadError> {
    let mut head = Vec::new();
    source.by_ref().take(HEADING_BYTES).read_to_end(&mut head).map_err(trouble)?;
    if super::is_utf16(&head) {
        return Err(FileFault::unreadable(Unreadable::Utf16, None).into());
    }
    let text = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&head).to_vec();
    let separator = separator(&text, &columns);
    let mut table = Table {
        reader: reader(Cursor::new(text).chain(source), separator),
        layout: Vec::new(),
        width: columns.width(),
        row: 0,
        is_misquoted: false,
    };
    let heading = loop {
        match table.next_record()? {
            None => break ByteRecord::new(),
            Some(record) if is_blank(&record) => {}
            Some(record) => break record,
        }
    };
    if table.is_misquoted {
        return Err(FileFault::unreadable(Unreadable::Misquoted, None).into());
    }
    let names = texts(&heading).ok_or_else(|| FileFault::unreadable(Unreadable::Encoding, None))?;
    table.layout = columns.layout(names.into_iter())?;
    table.row = 0;
    Ok(table)
}

fn reader<R: Read>(source: R, separator: u8) -> Reader<BlankLineMarker<R>> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(BlankLineMarker::new(source, separator))
}

/// The separator with which most headings are known, or else most are told apart.
fn separator(head: &[u8], columns: &FileColumns) -> u8 {
    let score = |separator: &u8| {
        let first = reader(head, *separator).into_byte_records().filter_map(Result::ok).find(|record| !is_blank(record));
        let names = first.as_ref().and_then(texts).unwrap_or_default();
        // Where there is nothing but separators, it is what separates.
        (columns.known(names.iter().copied()), if first.is_none() { usize::MAX } else { names.len() })
    };
    // The last of equals wins `max_by_key`; the comma is to win.
    SEPARATORS.iter().rev().copied().max_by_key(score).unwrap_or(b',')
}

fn texts(record: &ByteRecord) -> Option<Vec<&str>> {
    record.iter().map(|field| std::str::from_utf8(field).ok()).collect()
}

fn is_blank(record: &ByteRecord) -> bool {
    record.iter().all(|field| field == [MARK] || std::str::from_utf8(field).is_ok_and(super::is_blank))
}

struct Table<R> {
    reader: Reader<BlankLineMarker<R>>,
    layout: Vec<Target>,
    width: usize,
    row: u32,
    /// Whether text stands behind a closing quote in the last record.
    is_misquoted: bool,
}

impl<R: Read> Table<R> {
    fn next_record(&mut self) -> Result<Option<ByteRecord>, ReadError> {
        let mut record = ByteRecord::new();
        // The heading is no row.
        let row = (!self.layout.is_empty()).then_some(self.row + 1);
        let there = self.reader.read_byte_record(&mut record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(_) if self.reader.get_ref().is_too_long() => FileFault::unreadable(Unreadable::LongLine, row).into(),
            csv::ErrorKind::Io(error) => trouble(error),
            _ => FileFault::unreadable(Unreadable::NoCsv, row).into(),
        })?;
        if there && self.reader.get_ref().ends_quoted() {
            return Err(FileFault::unreadable(Unreadable::OpenQuote, row).into());
        }
        let end = self.reader.position().byte();
        self.is_misquoted = self.reader.get_mut().is_misquoted_before(end);
        self.row += u32::from(there);
        if self.row > MAX_LINES {
            return Err(too_many_rows());
        }
        Ok(there.then_some(record))
    }

    fn row(&mut self) -> Result<Option<Record>, ReadError> {
        while let Some(record) = self.next_record()? {
            if is_blank(&record) {
                continue;
            }
            if self.is_misquoted {
                // Its cells may hold what was meant to be rows of their own.
                let cells = vec![None; self.width];
                return Ok(Some(Record { row: self.row, cells, fault: Some((FaultCode::Misquoted, Vec::new())) }));
            }
            let texts = texts(&record).ok_or_else(|| FileFault::unreadable(Unreadable::Encoding, Some(self.row)))?;
            let given = texts.into_iter().map(CellValue::of_cell).collect();
            return Ok(Some(arranged(self.row, &self.layout, self.width, given)));
        }
        Ok(None)
    }
}

impl<R: Read> Iterator for Table<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let records = reader(text.as_bytes(), b',').into_byte_records();
        records.map(|record| record.expect("a record").iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect()).collect()
    }

    #[test]
    fn a_blank_line_is_a_row_whatever_ends_it() {
        for text in ["a\n\nb\n", "a\r\n\r\nb\r\n", "a\r\rb"] {
            assert_eq!(rows(text), [["a"], ["\u{1e}"], ["b"]], "{text:?}");
        }
        assert_eq!(rows("\n\na\r\n"), [["\u{1e}"], ["\u{1e}"], ["a"]]);
        assert_eq!(rows("a\r\nb\r\nc"), [["a"], ["b"], ["c"]]);
    }

    #[test]
    fn a_newline_in_quotes_is_no_row() {
        assert_eq!(rows("\"a\n\n\"\"b\",c\n\n1\" 2,\"\"\nd\n"), [vec!["a\n\n\"b", "c"], vec!["\u{1e}"], vec!["1\" 2", ""], vec!["d"]]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_found() {
        let mut table =
            Table { reader: reader("a\n\"b\nc".as_bytes(), b','), layout: vec![Target::Ignored], width: 0, row: 0, is_misquoted: false };
        assert!(table.next_record().expect("the first").is_some());
        assert!(matches!(table.next_record(), Err(ReadError::File(FileFault { row: Some(2), .. }))));
    }
}
