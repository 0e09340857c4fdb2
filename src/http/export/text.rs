//! The formats that are text, row after row: CSV, NDJSON, GeoJSON.

use serde_json::{Map, Value, json};

use super::{Cell, Export, Exporting, Format};
use crate::error::ApiError;

impl<E: Exporting> Export<E> {
    /// What stands before the first row.
    pub(super) fn head(&self) -> Result<Vec<u8>, ApiError> {
        match self.format {
            Format::Csv => {
                let mut head = if self.bom { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
                head.extend(csv_line(E::COLUMNS.iter().map(|column| column.name))?);
                Ok(head)
            }
            Format::Geojson => Ok(br#"{"type":"FeatureCollection","features":["#.to_vec()),
            Format::Ndjson | Format::Xlsx => Ok(Vec::new()),
        }
    }

    /// One row; the `first` has no separator before it.
    pub(super) fn row(&self, cells: &[Cell], first: bool) -> Result<Vec<u8>, ApiError> {
        let object = || -> Map<String, Value> {
            E::COLUMNS.iter().zip(cells).map(|(column, cell)| (column.name.to_owned(), cell.json(self.calendar))).collect()
        };
        match self.format {
            Format::Csv => csv_line(cells.iter().map(|cell| cell.text(self.calendar))),
            Format::Ndjson => Ok(format!("{}\n", Value::Object(object())).into_bytes()),
            Format::Geojson => {
                let properties = object();
                let id = properties.get("id").cloned();
                let feature = json!({"type": "Feature", "id": id, "geometry": E::geometry(cells), "properties": properties});
                Ok(format!("{}{feature}", if first { "" } else { "," }).into_bytes())
            }
            Format::Xlsx => Ok(Vec::new()),
        }
    }

    /// What stands after the last row.
    pub(super) const fn tail(&self) -> &'static [u8] {
        match self.format {
            Format::Csv | Format::Ndjson | Format::Xlsx => b"",
            Format::Geojson => b"]}",
        }
    }
}

/// A line of CSV (RFC 4180).
///
/// # Errors
/// `internal`, which writing to memory does not give.
pub fn csv_line<T: AsRef<[u8]>>(cells: impl Iterator<Item = T>) -> Result<Vec<u8>, ApiError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells).map_err(ApiError::internal)?;
    writer.into_inner().map_err(ApiError::internal)
}
