//! The page of a list that a request asks for: keyset pages with an opaque cursor (CONTRACT §1, "Lists").

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use deserr::Deserr;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    cursor::{self, Cursor, CursorKey},
    fields::Whole,
    query::{self, Flag, Number},
    resource::Resource,
    shape::{self, Faults},
};
use crate::{
    db::Id,
    error::ApiError,
    fault::{Fault, FaultCode},
};

/// Which page of a list.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Rows on a page, 1..200.
    pub limit: usize,
    /// One of the listing's sort keys.
    pub sort: &'static str,
    /// Whether the order is descending.
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

    /// Cuts off the extra row; gives the cursor of the next page where there was one.
    pub fn cut<L: Resource>(&self, rows: &mut Vec<L::Row>) -> Option<String> {
        self.cut_by(rows, |row| (L::key(row, self.sort), L::identity(row).0))
    }

    /// The same for rows whose sort key and id `place` gives.
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
            /// What to send as `cursor` for the next page; null on the last page.
            #[schema(min_length = 1, max_length = 4096, pattern = "^[A-Za-z0-9_-]+$")]
            pub next_cursor: Option<String>,
            /// How many items match the filter on all pages together; only with `with_total=true`.
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
pub const MAX_PAGE_ITEMS: usize = 200;

/// How many items a page is to have.
pub type Limit = Number<Whole<1, 200>>;

/// The limit of a page: what was asked for, else 50.
pub fn limit(asked: Option<Limit>) -> usize {
    asked.map_or(50, |Number(limit)| usize::try_from(limit.0).unwrap_or(MAX_PAGE_ITEMS))
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
    /// The filter of the rows.
    pub filter: L::Filter,
    /// The page of them that is asked for.
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
    // Judged by itself, so that a fault of another parameter does not hide its own.
    let sort = sort_of(sorts, paging.remove("sort").as_ref().and_then(serde_json::Value::as_str));
    if sort.is_none() {
        faults.push(Fault::parameter("sort", FaultCode::NotOneOf).with(sorts.join(", ")));
    }
    let cursor = paging.remove("cursor");
    let paging = shape::parameters::<Paging>(paging).map_err(|more| faults.extend(more)).ok();
    let filter = shape::parameters::<F>(rest).map_err(|more| faults.extend(more)).ok();
    // A malformed cursor is found even where the sort is wrong.
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

/// The name in a `sort`, and whether a `-` before it makes it descending.
pub fn direction(given: &str) -> (&str, bool) {
    given.strip_prefix('-').map_or((given, false), |name| (name, true))
}

/// The listed key that a `sort` names, and whether it is descending.
fn sort_of(sorts: &'static [&'static str], given: Option<&str>) -> Option<(&'static str, bool)> {
    let Some(given) = given else { return Some((sorts.first()?, false)) };
    let (name, descending) = direction(given);
    sorts.iter().find(|sort| **sort == name).map(|sort| (*sort, descending))
}
