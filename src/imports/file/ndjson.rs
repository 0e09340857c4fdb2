//! NDJSON: an object a line, with the columns' names; what is absent stays, null clears.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read},
};

use serde_json::{Map, Value};

use super::{
    CellValue, FileColumns, FileFault, MAX_LINES, MAX_ROW_BYTES, ReadError, Record, Source, Unreadable, columns::Target, source::trouble,
    too_many_rows,
};
use crate::{fault::FaultCode, http::shape};

/// The most spellings of names that are remembered.
const MAX_SPELLINGS: usize = 256;

/// Opens NDJSON; its lines are judged as they are read.
pub(super) fn open(source: Source<'_>, columns: FileColumns) -> impl Iterator<Item = Result<Record, ReadError>> {
    Lines { source: BufReader::with_capacity(64 << 10, source), columns, targets: HashMap::new(), line: Vec::new(), row: 0, begun: false }
}

struct Lines<R> {
    source: BufReader<R>,
    columns: FileColumns,
    /// The column of each name as it is spelt, so that a name is folded once a file and not once a line.
    targets: HashMap<String, Target>,
    line: Vec<u8>,
    row: u32,
    /// Whether there was a line with something in it.
    begun: bool,
}

impl<R: Read> Lines<R> {
    fn record(&mut self) -> Result<Option<Record>, ReadError> {
        loop {
            self.line.clear();
            let count = self.source.by_ref().take(MAX_ROW_BYTES + 1).read_until(b'\n', &mut self.line).map_err(trouble)?;
            if count == 0 {
                return Ok(None);
            }
            self.row += 1;
            if self.row > MAX_LINES {
                return Err(too_many_rows());
            }
            if u64::try_from(count).is_ok_and(|count| count > MAX_ROW_BYTES) {
                return Err(FileFault::unreadable(Unreadable::LongLine, Some(self.row)).into());
            }
            let line = if self.row == 1 { self.line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.line) } else { &self.line };
            if self.row == 1 && super::is_utf16(line) {
                return Err(FileFault::unreadable(Unreadable::Utf16, Some(self.row)).into());
            }
            let line = line.trim_ascii();
            if !line.is_empty() {
                // A broken object is a broken row; a file that does not begin with one is something else.
                if !std::mem::replace(&mut self.begun, true) && !line.starts_with(b"{") {
                    return Err(FileFault::unreadable(Unreadable::NoNdjson, Some(self.row)).into());
                }
                let fields = match shape::parse(line) {
                    Ok(Value::Object(fields)) => Some(fields),
                    Err(_) if std::str::from_utf8(line).is_err() => {
                        return Err(FileFault::unreadable(Unreadable::Encoding, Some(self.row)).into());
                    }
                    _ => None,
                };
                return self.judged(fields).map(Some);
            }
        }
    }

    fn judged(&mut self, fields: Option<Map<String, Value>>) -> Result<Record, ReadError> {
        let mut cells = vec![None; self.columns.width()];
        let Some(fields) = fields else {
            return Ok(Record { row: self.row, cells, fault: Some((FaultCode::MalformedRow, Vec::new())) });
        };
        for (name, value) in fields {
            let Target::Column(number) = self.target(&name)? else { continue };
            let Some(slot) = cells.get_mut(number) else { continue };
            if slot.replace(given(value)).is_some() {
                return Err(FileFault { row: Some(self.row), ..FileFault::new(FaultCode::DuplicateColumn, name) }.into());
            }
        }
        Ok(Record { row: self.row, cells, fault: None })
    }

    fn target(&mut self, name: &str) -> Result<Target, FileFault> {
        if let Some(target) = self.targets.get(name) {
            return Ok(*target);
        }
        let unknown = || FileFault { row: Some(self.row), ..FileFault::new(FaultCode::UnknownColumn, name.trim()) };
        let target = self.columns.target(name).ok_or_else(unknown)?;
        // A file that spells its names anew in every line does not fill the memory.
        if self.targets.len() < MAX_SPELLINGS {
            self.targets.insert(name.to_owned(), target);
        }
        Ok(target)
    }
}

fn given(value: Value) -> CellValue {
    match value {
        Value::Null => CellValue::Empty,
        Value::Bool(flag) => CellValue::Flag(flag),
        Value::String(text) => CellValue::Text(text),
        Value::Number(number) => CellValue::Numeral(number),
        Value::Array(_) | Value::Object(_) => CellValue::Other(value.to_string()),
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.record().transpose()
    }
}
