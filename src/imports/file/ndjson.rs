//! NDJSON: an object a line, with the columns' names; what is absent stays, null clears.

use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

use super::{FileFault, Given, Record, Source, Trouble, Wanted, source::server_error};
use crate::{fault::FaultCode, http::shape};

/// The longest line, in bytes.
const LONGEST: u64 = 1 << 20;

/// Opens NDJSON; its lines are judged as they are read.
pub(super) fn open(source: Source<'_>, wanted: Wanted) -> impl Iterator<Item = Result<Record, Trouble>> {
    Lines { source: BufReader::with_capacity(64 << 10, source), wanted, line: Vec::new(), row: 0 }
}

struct Lines<R> {
    source: BufReader<R>,
    wanted: Wanted,
    line: Vec<u8>,
    row: u32,
}

impl<R: Read> Lines<R> {
    fn record(&mut self) -> Result<Option<Record>, Trouble> {
        loop {
            self.line.clear();
            let count = self.source.by_ref().take(LONGEST + 1).read_until(b'\n', &mut self.line).map_err(server_error)?;
            if count == 0 {
                return Ok(None);
            }
            self.row += 1;
            if u64::try_from(count).is_ok_and(|count| count > LONGEST) {
                return Err(FileFault::unreadable(format!("a line longer than {LONGEST} bytes"), Some(self.row)).into());
            }
            let line = if self.row == 1 { self.line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.line) } else { &self.line };
            if !line.trim_ascii().is_empty() {
                return self.judged(line).map(Some);
            }
        }
    }

    fn judged(&self, line: &[u8]) -> Result<Record, Trouble> {
        let mut cells = vec![None; self.wanted.width()];
        let Ok(Value::Object(fields)) = shape::parse(line) else {
            return Ok(Record { row: self.row, cells, fault: Some((FaultCode::MalformedRow, Vec::new())) });
        };
        for (name, value) in fields {
            let place = self.wanted.place(&name).map_err(|fault| FileFault { row: Some(self.row), ..fault })?;
            let Some(slot) = place.and_then(|place| cells.get_mut(place)) else { continue };
            if slot.replace(given(value)).is_some() {
                return Err(FileFault { row: Some(self.row), ..FileFault::new(FaultCode::DuplicateColumn, name) }.into());
            }
        }
        Ok(Record { row: self.row, cells, fault: None })
    }
}

fn given(value: Value) -> Given {
    match value {
        Value::Null => Given::Empty,
        Value::Bool(flag) => Given::Flag(flag),
        Value::String(text) => Given::Text(text),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Given::Integer(whole),
            (None, Some(number)) => Given::Number(number),
            (None, None) => Given::Other(number.to_string()),
        },
        Value::Array(_) | Value::Object(_) => Given::Other(value.to_string()),
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Record, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        self.record().transpose()
    }
}
