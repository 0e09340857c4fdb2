//! Exports: the list's own pages, one after the other, through a bounded channel (DESIGN §4, decision 11).

mod cell;
mod column;
mod pieces;
mod stream;
mod text;
mod xlsx;

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use deserr::Deserr;
use serde_json::{Map, Value};

pub use cell::{Cell, defused, undefused, written};
pub use column::{Column, called};
pub use stream::{Sheets, stream};
pub use text::csv_line;
pub use xlsx::{WHOLE, refuse_too_many, serial};

use super::{
    fields::field_from_json,
    page::{List, MAX_PAGE_ITEMS},
    query::{self, Flag},
    resource::Resource,
    shape::{self, Faults},
};
use crate::{
    auth::Scope,
    db::{Conn, text_enum},
    error::ApiError,
    fault::{Fault, FaultCode},
};

/// The media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
text_enum! {
    /// The format of an export.
    #[expect(missing_docs, reason = "the words speak")]
    pub enum Format {
        Csv = "csv",
        Xlsx = "xlsx",
        Ndjson = "ndjson",
        Geojson = "geojson",
    }
}

text_enum! {
    /// The format of a file that is one table: a report, or a template of an import.
    #[derive(Default)]
    pub enum TableFormat {
        /// Comma-separated values.
        #[default]
        Csv = "csv",
        /// A spreadsheet.
        Xlsx = "xlsx",
    }
}

text_enum! {
    /// The calendar of an export's dates.
    #[expect(missing_docs, reason = "the words speak")]
    pub enum Calendar {
        Gregorian = "gregorian",
        Jalali = "jalali",
    }
}

field_from_json!(Format, TableFormat, Calendar);

impl Format {
    /// The media type of a file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => XLSX,
            Self::Ndjson => "application/x-ndjson",
            Self::Geojson => "application/geo+json",
        }
    }
}

impl TableFormat {
    /// The media type of a file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => XLSX,
        }
    }
}

/// What a resource gives so that it can be exported.
pub trait Exporting: Resource {
    /// The plural in Persian; the sheet's name.
    const SHEET: &'static str;
    /// The columns: those of the import first, then what can only be read (CONTRACT §4).
    const COLUMNS: &'static [Column];

    /// The rows' cells, in the order of the columns, with a fixed number of statements.
    ///
    /// # Errors
    /// Those of the database.
    fn cells(conn: &mut Conn, scope: &Scope, items: Vec<Self::Item>) -> Result<Vec<Vec<Cell>>, ApiError>;

    /// The row as a GeoJSON Feature's geometry.
    fn geometry(_cells: &[Cell]) -> Value {
        Value::Null
    }
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Options {
    #[deserr(default)]
    format: Option<Format>,
    #[deserr(default)]
    calendar: Option<Calendar>,
    #[deserr(default)]
    bom: Option<Flag>,
}

/// The filter, order and form of an export.
pub struct Export<E: Exporting> {
    list: List<E>,
    format: Format,
    calendar: Calendar,
    bom: bool,
    query: String,
}

impl<E: Exporting> FromRequest for Export<E> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl<E: Exporting> Export<E> {
    fn read(request: &HttpRequest) -> Result<Self, ApiError> {
        let (mut pairs, mut faults) = query::pairs(request.query_string());
        let mut take = |names: &[&str]| -> Map<String, Value> { names.iter().filter_map(|name| pairs.remove_entry(*name)).collect() };
        let (options, sort) = (take(&["format", "calendar", "bom"]), take(&["sort"]));
        let options = shape::parameters::<Options>(options).map_err(|more| faults.extend(more)).ok();
        let list = List::<E>::judge(request.path(), sort, pairs, &mut faults);
        let format = options.as_ref().and_then(|options| options.format).unwrap_or(Format::Csv);
        if format == Format::Geojson && !E::HAS_MAP {
            faults.push(Fault::parameter("format", FaultCode::NotOneOf).with("csv, xlsx, ndjson"));
        }
        match (options, list) {
            (Some(options), Some(mut list)) if faults.is_empty() => {
                list.page.limit = MAX_PAGE_ITEMS;
                let calendar = options.calendar.unwrap_or(Calendar::Gregorian);
                let bom = options.bom.is_some_and(|flag| flag.0);
                Ok(Self { list, format, calendar, bom, query: request.query_string().to_owned() })
            }
            _ => Err(ApiError::parameters(faults)),
        }
    }
}
