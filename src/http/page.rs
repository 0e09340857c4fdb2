//! Lists: one filter for rows, total and export; keyset pages with an opaque cursor (CONTRACT §1, "Lists").

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{Datelike, NaiveDate};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    fields::Whole,
    query::{self, Flag, Number},
    shape::{self, Faults},
};
use crate::{
    auth::{Actor, Scope},
    db::{Conn, Id, Timestamp},
    error::ApiError,
    fault::{Fault, FaultCode},
};

/// What a resource gives so that it can be read: one by one, listed, counted and exported, all within one reach.
pub trait Resource: 'static {
    /// The query parameters.
    type Filter: Deserr<Faults> + Clone + Send + 'static;
    /// A row of the database.
    type Row: Send + 'static;
    /// A row as it is answered.
    type Item: Serialize;
    /// The address of the list.
    const PATH: &'static str;
    /// The sort keys; the first is the default.
    const SORTS: &'static [&'static str];
    /// Whether a page of it changes with the day and with changes of the register alone, and is the same for all who have one reach.
    const IS_REMEMBERED: bool = false;

    /// The row of an id, within the actor's reach.
    ///
    /// # Errors
    /// `not_found`.
    fn find(conn: &mut Conn, actor: &Actor, id: Id) -> Result<Self::Row, ApiError>;

    /// The row's id and version; an event, which has none, is always of version 1.
    fn identity(row: &Self::Row) -> (Id, i32);

    /// The rows of a page and one more, where there is one.
    ///
    /// # Errors
    /// Those of the database.
    fn rows(conn: &mut Conn, scope: &Scope, filter: &Self::Filter, page: &PageRequest) -> Result<Vec<Self::Row>, ApiError>;

    /// How many rows the filter has.
    ///
    /// # Errors
    /// Those of the database.
    fn total(conn: &mut Conn, scope: &Scope, filter: &Self::Filter) -> Result<i64, ApiError>;

    /// The row's value of a sort key, for the cursor.
    fn key(row: &Self::Row, sort: &str) -> String;

    /// The rows as they are answered, with a fixed number of statements.
    ///
    /// # Errors
    /// Those of the database.
    fn items(conn: &mut Conn, scope: &Scope, rows: Vec<Self::Row>) -> Result<Vec<Self::Item>, ApiError>;

    /// A row that was just inserted, as it is answered.
    ///
    /// # Errors
    /// Those of the database.
    fn new_item(conn: &mut Conn, scope: &Scope, row: Self::Row) -> Result<Self::Item, ApiError> {
        Self::items(conn, scope, vec![row])?.pop().ok_or_else(ApiError::not_found)
    }
}

/// A value that a cursor holds.
pub trait CursorKey: Sized {
    /// As text.
    fn encode(&self) -> String;
    /// From text; `None` where it is none of ours.
    fn decode(text: &str) -> Option<Self>;
}

macro_rules! cursor_key_by_text {
    ($($type:ty),+) => {$(
        impl CursorKey for $type {
            fn encode(&self) -> String { self.to_string() }
            fn decode(text: &str) -> Option<Self> { text.parse().ok() }
        }
    )+};
}
cursor_key_by_text!(i32, i64);

impl CursorKey for String {
    fn encode(&self) -> String {
        self.clone()
    }
    /// Without what no column holds.
    fn decode(text: &str) -> Option<Self> {
        (!text.chars().any(char::is_control)).then(|| text.to_owned())
    }
}

impl CursorKey for NaiveDate {
    fn encode(&self) -> String {
        self.to_string()
    }
    /// Of four digits, which both databases take.
    fn decode(text: &str) -> Option<Self> {
        text.parse().ok().filter(|day: &Self| (1900..=9999).contains(&day.year()))
    }
}

impl CursorKey for Timestamp {
    fn encode(&self) -> String {
        self.micros().to_string()
    }
    fn decode(text: &str) -> Option<Self> {
        Self::from_micros(text.parse().ok()?).filter(|at| (1900..=9999).contains(&at.utc().year()))
    }
}

impl CursorKey for Vec<u8> {
    fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self)
    }
    fn decode(text: &str) -> Option<Self> {
        BASE64_URL_SAFE_NO_PAD.decode(text).ok()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    /// Filter and sort that it came from.
    f: u64,
    /// The last row's sort key.
    k: String,
    /// The last row's id.
    i: Id,
}

/// Which page of a list.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Rows on a page, 1..200.
    pub limit: usize,
    /// One of the listing's sort keys.
    pub sort: &'static str,
    /// Whether it runs downwards.
    pub descending: bool,
    /// Whether the total is asked for.
    pub with_total: bool,
    /// The sort key and id of the last row of the page before.
    pub after: Option<(String, Id)>,
    binding: u64,
}

impl PageRequest {
    /// Rows to load: one more than the page holds tells whether there is a next one.
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX - 1) + 1
    }

    /// The cursor's key as the column has it.
    ///
    /// # Errors
    /// 400 `invalid_cursor` where the cursor is not of this sort.
    pub fn after_key<T: CursorKey>(&self) -> Result<Option<(T, Id)>, ApiError> {
        let Some((key, id)) = &self.after else { return Ok(None) };
        T::decode(key)
            .map(|key| Some((key, *id)))
            .ok_or_else(|| ApiError::parameters(vec![Fault::parameter("cursor", FaultCode::InvalidCursor)]))
    }

    /// Cuts the row too many off, and makes a cursor where there was one.
    pub fn cut<L: Resource>(&self, rows: &mut Vec<L::Row>) -> Option<String> {
        self.cut_by(rows, |row| (L::key(row, self.sort), L::identity(row).0))
    }

    /// The same of rows whose sort key and id `place` tells.
    pub fn cut_by<T>(&self, rows: &mut Vec<T>, place: impl FnOnce(&T) -> (String, Id)) -> Option<String> {
        if rows.len() <= self.limit {
            return None;
        }
        rows.truncate(self.limit);
        let (key, id) = place(rows.last()?);
        seal_cursor(key, id, self.binding)
    }
}

/// Adds the keyset condition, the order and the limit of a page to a boxed query.
macro_rules! keyset {
    ($query:expr, $page:expr, $type:ty, $column:expr, $id:expr) => {{
        let (query, page) = ($query, $page);
        let after = page.after_key::<$type>()?;
        let query = if page.descending {
            let query = match after {
                Some((key, id)) => query.filter($column.le(key.clone()).and($column.lt(key).or($id.lt(id)))),
                None => query,
            };
            query.order(($column.desc(), $id.desc()))
        } else {
            let query = match after {
                Some((key, id)) => query.filter($column.ge(key.clone()).and($column.gt(key).or($id.gt(id)))),
                None => query,
            };
            query.order(($column.asc(), $id.asc()))
        };
        $crate::db::limited(query, page.fetch())
    }};
}
pub(crate) use keyset;

/// The named page of a resource (CONTRACT §7).
macro_rules! page_of {
    ($name:ident, $item:ty) => {
        #[doc = concat!("A page of a list of ", stringify!($item), ".")]
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        #[schema(description = concat!("A page of a list of ", stringify!($item), "."))]
        pub struct $name {
            /// The items, in the order asked for.
            #[schema(max_items = 200)]
            pub items: Vec<$item>,
            /// For the parameter `cursor` of the next page; null on the last.
            #[schema(min_length = 1, max_length = 4096, pattern = "^[A-Za-z0-9_-]+$")]
            pub next_cursor: Option<String>,
            /// How many items the whole filter has; only with `with_total=true`.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, required = false, nullable = false)]
            pub total: Option<i64>,
        }

        impl $crate::http::page::Page<$item> for $name {
            fn new(items: Vec<$item>, next_cursor: Option<String>, total: Option<i64>) -> Self {
                Self { items, next_cursor, total }
            }
        }
    };
}
pub(crate) use page_of;

/// A page type that `page_of!` made.
pub trait Page<T>: Serialize {
    /// The page of these items.
    fn new(items: Vec<T>, next_cursor: Option<String>, total: Option<i64>) -> Self;
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Paging {
    #[deserr(default)]
    limit: Option<Number<Whole<1, 200>>>,
    #[deserr(default)]
    with_total: Option<Flag>,
}

/// The filter and page of a list request.
#[derive(Debug, Clone)]
pub struct List<L: Resource> {
    /// Which rows.
    pub filter: L::Filter,
    /// Which of them now.
    pub page: PageRequest,
}

impl<L: Resource> FromRequest for List<L> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl<L: Resource> List<L> {
    fn read(request: &HttpRequest) -> Result<Self, ApiError> {
        read(request, L::SORTS).map(|(filter, page)| Self { filter, page })
    }

    pub(super) fn judge(
        path: &str,
        paging: serde_json::Map<String, serde_json::Value>,
        rest: serde_json::Map<String, serde_json::Value>,
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        judge(L::SORTS, path, paging, rest, faults).map(|(filter, page)| Self { filter, page })
    }
}

/// The filter and page that a request asks for, of rows with these sort keys.
///
/// # Errors
/// 400 `invalid_parameter` with all faults.
pub fn read<F: Deserr<Faults>>(request: &HttpRequest, sorts: &'static [&'static str]) -> Result<(F, PageRequest), ApiError> {
    let (mut pairs, mut faults) = query::pairs(request.query_string());
    let paging = ["limit", "cursor", "sort", "with_total"].into_iter().filter_map(|name| pairs.remove_entry(name)).collect();
    let asked = judge(sorts, request.path(), paging, pairs, &mut faults);
    asked.filter(|_| faults.is_empty()).ok_or_else(|| ApiError::parameters(faults))
}

fn judge<F: Deserr<Faults>>(
    sorts: &'static [&'static str],
    path: &str,
    mut paging: serde_json::Map<String, serde_json::Value>,
    rest: serde_json::Map<String, serde_json::Value>,
    faults: &mut Vec<Fault>,
) -> Option<(F, PageRequest)> {
    let bound = serde_json::to_string(&rest).unwrap_or_default();
    // By itself, so that a fault in another parameter hides none of its own.
    let sort = sort_of(sorts, paging.remove("sort").as_ref().and_then(serde_json::Value::as_str));
    if sort.is_none() {
        faults.push(Fault::parameter("sort", FaultCode::NotOneOf).with(sorts.join(", ")));
    }
    let cursor = paging.remove("cursor");
    let paging = shape::parameters::<Paging>(paging).map_err(|more| faults.extend(more)).ok();
    let filter = shape::parameters::<F>(rest).map_err(|more| faults.extend(more)).ok();
    // One that is none at all shows without a sort.
    let binding = sort.map(|(sort, descending)| xxh3_64(format!("{path}\n{sort}\n{descending}\n{bound}").as_bytes()));
    let fits = |cursor: &Cursor| binding.is_none_or(|binding| cursor.f == binding);
    let opened = cursor.map(|given| given.as_str().and_then(read_cursor).filter(fits));
    if matches!(opened, Some(None)) {
        faults.push(Fault::parameter("cursor", FaultCode::InvalidCursor));
    }
    let after = opened.flatten().map(|cursor| (cursor.k, cursor.i));
    let (paging, (sort, descending), binding) = (paging?, sort?, binding?);
    let limit = paging.limit.map_or(50, |Number(limit)| usize::try_from(limit.0).unwrap_or(50));
    let with_total = paging.with_total.is_some_and(|flag| flag.0);
    Some((filter?, PageRequest { limit, sort, descending, with_total, after, binding }))
}

/// The listed key that a `sort` names, and whether it runs downwards.
fn sort_of(sorts: &'static [&'static str], given: Option<&str>) -> Option<(&'static str, bool)> {
    let Some(given) = given else { return Some((sorts.first()?, false)) };
    let (name, descending) = given.strip_prefix('-').map_or((given, false), |name| (name, true));
    sorts.iter().find(|sort| **sort == name).map(|sort| (*sort, descending))
}

/// What the cursors of a list without sort keys are bound to: where it is, and its filter.
pub fn binding(path: &str, filter: &serde_json::Map<String, serde_json::Value>) -> u64 {
    xxh3_64(format!("{path}\n{}", serde_json::to_string(filter).unwrap_or_default()).as_bytes())
}

/// The cursor after the row of this key and id.
pub fn seal_cursor(key: String, id: Id, binding: u64) -> Option<String> {
    let cursor = serde_json::to_vec(&Cursor { f: binding, k: key, i: id }).ok()?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(cursor))
}

/// The key and id of the row that a cursor stands after; `None` where it was bound to something else.
pub fn open_cursor(text: &str, binding: u64) -> Option<(String, Id)> {
    read_cursor(text).filter(|cursor| cursor.f == binding).map(|cursor| (cursor.k, cursor.i))
}

fn read_cursor(text: &str) -> Option<Cursor> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
