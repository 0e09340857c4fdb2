//! Exports: the list's own pages, one after the other, through a bounded channel (DESIGN §4, decision 11).

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::header::{CONTENT_DISPOSITION, VARY},
    rt,
    web::{Bytes, Data},
};
use chrono::NaiveDate;
use deserr::Deserr;
use futures_util::stream;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::{
    answer::Answer,
    fields::field_from_json,
    page::{List, Resource},
    query::{self, Flag},
    shape::{self, Faults},
};
use crate::{
    app::App,
    auth::{Caller, accepts},
    db::{Timestamp, types::text_enum},
    error::ApiError,
    events::{self, Changes, Deed, Subject},
    persian,
    tx::Tx,
};

text_enum! {
    /// The format of an export.
    #[allow(missing_docs, reason = "the words speak")]
    pub enum Format {
        Csv = "csv",
        Ndjson = "ndjson",
        Geojson = "geojson",
    }
}

text_enum! {
    /// The calendar of an export's dates.
    #[allow(missing_docs, reason = "the words speak")]
    pub enum Calendar {
        Gregorian = "gregorian",
        Jalali = "jalali",
    }
}

field_from_json!(Format, Calendar);

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Ndjson => "application/x-ndjson",
            Self::Geojson => "application/geo+json",
        }
    }
}

/// One value of an exported row.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names speak")]
pub enum Cell {
    Empty,
    Text(String),
    Integer(i64),
    Number(f64),
    Flag(bool),
    Day(NaiveDate),
    Instant(Timestamp),
    Json(Value),
}

macro_rules! cell_from {
    ($($type:ty => $make:expr),+ $(,)?) => {$(
        impl From<$type> for Cell {
            fn from(value: $type) -> Self { $make(value) }
        }
    )+};
}
cell_from!(
    String => Self::Text, &str => |text: &str| Self::Text(text.to_owned()), i64 => Self::Integer, i32 => |number| Self::Integer(i64::from(number)),
    f64 => Self::Number, bool => Self::Flag, NaiveDate => Self::Day, Timestamp => Self::Instant,
    crate::db::Id => |id: crate::db::Id| Self::Text(id.to_string()),
);

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl Cell {
    /// A day in a calendar.
    pub fn day(day: NaiveDate, calendar: Calendar) -> String {
        match calendar {
            Calendar::Gregorian => day.to_string(),
            Calendar::Jalali => persian::format_jalali(day),
        }
    }

    /// As a cell of CSV; text that a spreadsheet would take for a formula is defused (CONTRACT §1, "Exports").
    pub fn csv(&self, calendar: Calendar) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => defused(text),
            Self::Integer(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Day(day) => Self::day(*day, calendar),
            Self::Instant(at) => at.to_string(),
            Self::Json(value) => defused(&value.to_string()),
        }
    }

    fn json(&self, calendar: Calendar) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Text(text) => json!(text),
            Self::Integer(number) => json!(number),
            Self::Number(number) => json!(number),
            Self::Flag(flag) => json!(flag),
            Self::Day(day) => json!(Self::day(*day, calendar)),
            Self::Instant(at) => json!(at.to_string()),
            Self::Json(value) => value.clone(),
        }
    }
}

/// Puts a `'` before what matches `^'*[=+\-@\t\r]`.
fn defused(text: &str) -> String {
    if text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// What a resource gives so that it can be exported.
pub trait Exporting: Resource {
    /// The plural, as in the path; the file's name.
    const NAME: &'static str;
    /// The singular, as in events.
    const KIND: &'static str;
    /// The columns: those of the import first, then what can only be read (CONTRACT §4).
    const COLUMNS: &'static [&'static str];
    /// Whether it has a GeoJSON form.
    const ON_MAP: bool = false;

    /// The rows' cells, in the order of the columns, with a fixed number of statements.
    ///
    /// # Errors
    /// Those of the database.
    fn cells(conn: &mut crate::db::Conn, scope: &crate::auth::Scope, items: Vec<Self::Item>) -> Result<Vec<Vec<Cell>>, ApiError>;

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
        if format == Format::Geojson && !E::ON_MAP {
            faults.push(crate::fault::Fault::parameter("format", crate::fault::FaultCode::NotOneOf).with("csv, ndjson"));
        }
        match (options, list) {
            (Some(options), Some(mut list)) if faults.is_empty() => {
                list.page.limit = 200;
                let calendar = options.calendar.unwrap_or(Calendar::Gregorian);
                let bom = options.bom.is_some_and(|flag| flag.0);
                Ok(Self { list, format, calendar, bom, query: request.query_string().to_owned() })
            }
            _ => Err(ApiError::parameters(faults)),
        }
    }

    /// What stands before the first row.
    fn head(&self) -> Result<Vec<u8>, ApiError> {
        match self.format {
            Format::Csv => {
                let mut head = if self.bom { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
                head.extend(csv_line(E::COLUMNS.iter().copied())?);
                Ok(head)
            }
            Format::Ndjson => Ok(Vec::new()),
            Format::Geojson => Ok(br#"{"type":"FeatureCollection","features":["#.to_vec()),
        }
    }

    /// One row; `first` is for what separates rows.
    fn row(&self, cells: &[Cell], first: bool) -> Result<Vec<u8>, ApiError> {
        let object = || -> Map<String, Value> {
            E::COLUMNS.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), cell.json(self.calendar))).collect()
        };
        match self.format {
            Format::Csv => csv_line(cells.iter().map(|cell| cell.csv(self.calendar))),
            Format::Ndjson => Ok(format!("{}\n", Value::Object(object())).into_bytes()),
            Format::Geojson => {
                let feature = json!({"type": "Feature", "id": object().get("id"), "geometry": E::geometry(cells), "properties": object()});
                Ok(format!("{}{feature}", if first { "" } else { "," }).into_bytes())
            }
        }
    }

    const fn tail(&self) -> &'static [u8] {
        match self.format {
            Format::Csv | Format::Ndjson => b"",
            Format::Geojson => b"]}",
        }
    }
}

/// A line of CSV (RFC 4180).
///
/// # Errors
/// `internal`, which memory does not give.
pub fn csv_line<T: AsRef<[u8]>>(cells: impl Iterator<Item = T>) -> Result<Vec<u8>, ApiError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells).map_err(ApiError::internal)?;
    writer.into_inner().map_err(ApiError::internal)
}

/// Streams an export. The event at its end says how many rows there were, and whether all were sent.
///
/// # Errors
/// 406 where the client does not take the format.
pub fn stream<E: Exporting>(app: &Data<App>, who: Caller, request: &HttpRequest, export: Export<E>) -> Answer {
    accepts(request, &[export.format.media_type(), "application/problem+json"])?;
    let (sender, receiver) = mpsc::channel::<Result<Bytes, ApiError>>(4);
    let name = format!("attachment; filename*=UTF-8''{}.{}", E::NAME, export.format.as_str());
    let media_type = export.format.media_type();
    rt::spawn(run(app.clone(), who, export, sender));
    let body = stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|chunk| (chunk, receiver)) });
    let content_type = if media_type == "text/csv" { "text/csv; charset=utf-8" } else { media_type };
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((CONTENT_DISPOSITION, name))
        .append_header((VARY, "Accept"))
        .streaming(body))
}

async fn run<E: Exporting>(app: Data<App>, who: Caller, export: Export<E>, sender: mpsc::Sender<Result<Bytes, ApiError>>) {
    let export = Arc::new(export);
    let mut rows = 0_usize;
    let complete = match walk(&app, &who, &export, &sender, &mut rows).await {
        Ok(complete) => complete,
        Err(error) => {
            tracing::error!(%error, "an export broke off");
            drop(sender.send(Err(error)).await);
            false
        }
    };
    let (format, query) = (export.format, export.query.clone());
    let (actor, world) = (Arc::clone(&who.actor), app.world.clone());
    let recorded = app
        .db
        .write(move |conn| {
            let mut tx = Tx::new(conn, actor, &world, Some(who.request_id));
            let summary = json!({"format": format.as_str(), "query": query, "rows": rows, "complete": complete});
            let changes = Changes::created(&summary)?;
            events::record(&mut tx, Deed::Exported, &Subject::kind(E::KIND), &changes, None)
        })
        .await;
    if let Err(error) = recorded {
        tracing::error!(%error, "an export was not recorded");
    }
}

/// Sends page after page; `false` where the client hung up.
async fn walk<E: Exporting>(
    app: &App,
    who: &Caller,
    export: &Arc<Export<E>>,
    sender: &mpsc::Sender<Result<Bytes, ApiError>>,
    sent: &mut usize,
) -> Result<bool, ApiError> {
    let mut page = export.list.page.clone();
    let mut chunk = export.head()?;
    loop {
        let (scope, filter, wanted) = (who.scope(app), export.list.filter.clone(), page.clone());
        let (records, last) = app
            .db
            .read(move |conn| {
                let mut rows = E::rows(conn, &scope, &filter, &wanted)?;
                let more = rows.len() > wanted.limit;
                rows.truncate(wanted.limit);
                let last = rows.last().filter(|_| more).map(|row| (E::key(row, wanted.sort), E::identity(row).0));
                let items = E::items(conn, &scope, rows)?;
                Ok((E::cells(conn, &scope, items)?, last))
            })
            .await?;
        for cells in records {
            chunk.extend(export.row(&cells, *sent == 0)?);
            *sent += 1;
        }
        if last.is_none() {
            chunk.extend(export.tail());
        }
        if sender.send(Ok(Bytes::from(std::mem::take(&mut chunk)))).await.is_err() {
            return Ok(false);
        }
        match last {
            Some(after) => page.after = Some(after),
            None => return Ok(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_defused() {
        for (text, cell) in
            [("=1+1", "'=1+1"), ("'=x", "''=x"), ("-5", "'-5"), ("@a", "'@a"), ("a=b", "a=b"), ("'quoted'", "'quoted'"), ("", "")]
        {
            assert_eq!(Cell::from(text).csv(Calendar::Gregorian), cell);
        }
        assert_eq!(Cell::from(-5_i64).csv(Calendar::Gregorian), "-5");
    }
}
