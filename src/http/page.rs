//! Lists: one filter for rows, total and export; keyset pages with an opaque cursor (CONTRACT §1, "Lists").

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use deserr::Deserr;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    cursor::{self, Cursor, CursorKey},
    fields::Whole,
    query::{self, Flag, Number},
    shape::{self, Faults},
};
use crate::{
    auth::{Actor, Scope},
    db::{Conn, Id},
    error::{ApiError, Code},
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

    /// The row of an id, where there is one within the actor's reach.
    ///
    /// # Errors
    /// Those of the database.
    fn get_optional(conn: &mut Conn, actor: &Actor, id: Id) -> Result<Option<Self::Row>, ApiError> {
        match Self::find(conn, actor, id) {
            Err(error) if error.code == Code::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

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

    /// One row as it is answered.
    ///
    /// # Errors
    /// Those of the database.
    fn item(conn: &mut Conn, scope: &Scope, row: Self::Row) -> Result<Self::Item, ApiError> {
        Self::items(conn, scope, vec![row])?.pop().ok_or_else(ApiError::not_found)
    }

    /// A row that was just inserted, as it is answered.
    ///
    /// # Errors
    /// Those of the database.
    fn new_item(conn: &mut Conn, scope: &Scope, row: Self::Row) -> Result<Self::Item, ApiError> {
        Self::item(conn, scope, row)
    }
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
        let (key, id) = self.cut_at(rows, place)?;
        cursor::seal(key, id, self.binding)
    }

    /// As [`Self::cut_by`], giving the last row's place itself.
    pub fn cut_at<T, P>(&self, rows: &mut Vec<T>, place: impl FnOnce(&T) -> P) -> Option<P> {
        if rows.len() <= self.limit {
            return None;
        }
        rows.truncate(self.limit);
        rows.last().map(place)
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

/// The most items of a page.
pub const MOST_ITEMS: usize = 200;

/// How many items a page is to have.
pub type Limit = Number<Whole<1, 200>>;

/// The limit of a page, where none is asked for 50.
pub fn limit(asked: Option<Limit>) -> usize {
    asked.map_or(50, |Number(limit)| usize::try_from(limit.0).unwrap_or(MOST_ITEMS))
}

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Paging {
    #[deserr(default)]
    limit: Option<Limit>,
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
    let opened = cursor.map(|given| given.as_str().and_then(cursor::read).filter(fits));
    if matches!(opened, Some(None)) {
        faults.push(Fault::parameter("cursor", FaultCode::InvalidCursor));
    }
    let after = opened.flatten().map(|cursor| (cursor.k, cursor.i));
    let (paging, (sort, descending), binding) = (paging?, sort?, binding?);
    let limit = limit(paging.limit);
    let with_total = paging.with_total.is_some_and(|flag| flag.0);
    Some((filter?, PageRequest { limit, sort, descending, with_total, after, binding }))
}

/// The listed key that a `sort` names, and whether it runs downwards.
fn sort_of(sorts: &'static [&'static str], given: Option<&str>) -> Option<(&'static str, bool)> {
    let Some(given) = given else { return Some((sorts.first()?, false)) };
    let (name, descending) = given.strip_prefix('-').map_or((given, false), |name| (name, true));
    sorts.iter().find(|sort| **sort == name).map(|sort| (*sort, descending))
}
