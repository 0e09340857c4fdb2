//! Pages of what is counted through and has no id of its own: a row number is the key.

use actix_web::HttpRequest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    fields::Whole,
    query::{self, Flag, Number},
    shape::{self, Faults},
};
use crate::{
    error::ApiError,
    fault::{Fault, FaultCode},
};

#[derive(Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Paging {
    #[deserr(default)]
    limit: Option<Number<Whole<1, 200>>>,
    #[deserr(default)]
    cursor: Option<String>,
    #[deserr(default)]
    with_total: Option<Flag>,
    #[deserr(default)]
    sort: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    /// Path and filter that it came from.
    f: u64,
    /// The last row.
    r: i64,
}

/// The filter and page of a request.
#[derive(Debug, Clone)]
pub struct RowPage<F> {
    /// Which rows.
    pub filter: F,
    /// After which row; before which one where it runs downwards.
    pub after: Option<i64>,
    /// Whether it runs downwards.
    pub descending: bool,
    /// How many, 1..200.
    pub limit: usize,
    /// Whether the total is asked for.
    pub with_total: bool,
    binding: u64,
}

impl<F> RowPage<F> {
    /// Whether a row lies beyond the page before.
    pub fn is_beyond(&self, row: i64) -> bool {
        self.after.is_none_or(|after| if self.descending { row < after } else { row > after })
    }

    /// Cuts what does not belong on the page, and makes a cursor where there was more.
    pub fn cut<T>(&self, rows: &mut Vec<T>, number: impl Fn(&T) -> i64) -> Option<String> {
        if rows.len() <= self.limit {
            return None;
        }
        rows.truncate(self.limit);
        let cursor = Cursor { f: self.binding, r: number(rows.last()?) };
        Some(BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).ok()?))
    }
}

/// Reads filter and page, all faults at once.
///
/// # Errors
/// 400 `invalid_parameter`.
pub fn read<F: Deserr<Faults>>(request: &HttpRequest) -> Result<RowPage<F>, ApiError> {
    let (mut pairs, mut faults) = query::pairs(request.query_string());
    let paging = ["limit", "cursor", "with_total", "sort"].into_iter().filter_map(|name| pairs.remove_entry(name)).collect();
    let bound = serde_json::to_string(&pairs).unwrap_or_default();
    let paging = shape::parameters::<Paging>(paging).map_err(|more| faults.extend(more)).ok();
    let sort = paging.as_ref().and_then(|paging| paging.sort.as_deref()).unwrap_or("row");
    let descending = sort == "-row";
    if !descending && sort != "row" {
        faults.push(Fault::parameter("sort", FaultCode::NotOneOf).with("row"));
    }
    let binding = xxh3_64(format!("{}\n{descending}\n{bound}", request.path()).as_bytes());
    let filter = shape::parameters::<F>(pairs).map_err(|more| faults.extend(more)).ok();
    let cursor = paging.as_ref().and_then(|paging| paging.cursor.as_deref());
    let after = cursor.and_then(|cursor| open(cursor, binding));
    if cursor.is_some() && after.is_none() {
        faults.push(Fault::parameter("cursor", FaultCode::InvalidCursor));
    }
    match (paging, filter) {
        (Some(paging), Some(filter)) if faults.is_empty() => {
            let limit = paging.limit.map_or(50, |Number(limit)| usize::try_from(limit.0).unwrap_or(50));
            Ok(RowPage { filter, after, descending, limit, with_total: paging.with_total.is_some_and(|flag| flag.0), binding })
        }
        _ => Err(ApiError::parameters(faults)),
    }
}

fn open(text: &str, binding: u64) -> Option<i64> {
    let cursor: Cursor = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    (cursor.f == binding).then_some(cursor.r)
}
