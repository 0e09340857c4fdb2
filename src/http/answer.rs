//! Finished answers: status, headers and bytes, which a transaction can render and a record can keep.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};

use super::{
    conditional,
    memory::Remembered,
    page::{List, Page},
    resource::Resource,
};
use crate::{
    app::App,
    auth::{Caller, Scope},
    db::{Conn, Id},
    error::ApiError,
    tx::Tx,
};

/// What a handler gives.
pub type Answer = Result<HttpResponse, ApiError>;

/// A finished answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body; JSON unless empty.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// Whether the body is kept sealed where it is kept, since it holds a secret.
    #[serde(default)]
    pub confidential: bool,
}

impl Reply {
    /// JSON with a status.
    ///
    /// # Errors
    /// `internal` where the value is not JSON, which no type of ours is.
    pub fn json(status: u16, value: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_vec(value).map_err(ApiError::internal)?;
        Ok(Self { status, headers: Vec::new(), body, confidential: false })
    }

    /// An item with its version and digest as ETag.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub fn item(status: u16, version: i32, item: &impl Serialize) -> Result<Self, ApiError> {
        let mut reply = Self::json(status, item)?;
        reply.headers.push(("etag".into(), conditional::item_tag(version, &reply.body)));
        Ok(reply)
    }

    /// A new item: 201 with its address.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub fn created(location: String, version: i32, item: &impl Serialize) -> Result<Self, ApiError> {
        let mut reply = Self::item(201, version, item)?;
        reply.headers.push(("location".into(), location));
        Ok(reply)
    }

    /// 204.
    pub const fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: Vec::new(), confidential: false }
    }
}

impl From<Reply> for HttpResponse {
    fn from(reply: Reply) -> Self {
        let mut answer = HttpResponseBuilder::new(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK));
        if reply.confidential {
            answer.insert_header((header::CACHE_CONTROL, "no-store"));
        }
        for (name, value) in reply.headers {
            answer.insert_header((name, value));
        }
        if reply.body.is_empty() {
            return answer.finish();
        }
        answer.content_type("application/json").body(reply.body)
    }
}

/// JSON with a digest as ETag, for reads without a version.
///
/// # Errors
/// As [`Reply::json`].
pub fn tagged(value: &impl Serialize) -> Result<Reply, ApiError> {
    let mut reply = Reply::json(200, value)?;
    reply.headers.push(("etag".into(), conditional::tag(&reply.body)));
    Ok(reply)
}

/// A row as a write answers it: 200, or 201 with its address.
///
/// # Errors
/// Those of the database.
pub fn reply<R: Resource>(tx: &mut Tx<'_>, status: u16, row: R::Row) -> Result<Reply, ApiError> {
    let (id, version) = R::identity(&row);
    let (conn, scope) = tx.split();
    if status == 201 {
        return Reply::created(format!("{}/{id}", R::PATH), version, &R::new_item(conn, scope, row)?);
    }
    let item = R::item(conn, scope, row)?;
    Reply::item(status, version, &item)
}

/// One item.
///
/// # Errors
/// `not_found` beyond the caller's reach.
pub async fn item<R: Resource>(app: &App, who: &Caller, id: Id) -> Answer {
    let scope = who.scope(app);
    let reply = app
        .db
        .read(move |conn| {
            let row = R::find(conn, &scope.actor, id)?;
            let (_, version) = R::identity(&row);
            let item = R::item(conn, &scope, row)?;
            Reply::item(200, version, &item)
        })
        .await?;
    Ok(reply.into())
}

/// A page of a list: rows, their derived figures and, where asked for, the total; from memory where nothing has changed.
///
/// # Errors
/// Those of the database.
pub async fn page<L: Resource, P: Page<L::Item> + 'static>(app: &App, who: &Caller, request: &HttpRequest, list: List<L>) -> Answer {
    let (scope, memory, address) = (who.scope(app), Arc::clone(&app.memory), request.uri().to_string());
    let found = app
        .db
        .read(move |conn| {
            let work = |conn: &mut Conn| read_page::<L, P>(conn, &scope, &list);
            if L::IS_REMEMBERED { memory.read(conn, &scope, &address, work) } else { work(conn) }
        })
        .await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, conditional::tag(&found.body)));
    if let Some(cursor) = &found.next {
        response.insert_header((header::LINK, link(request, cursor)));
    }
    Ok(response.content_type("application/json").body(found.body))
}

fn read_page<L: Resource, P: Page<L::Item>>(conn: &mut Conn, scope: &Scope, list: &List<L>) -> Result<Remembered, ApiError> {
    let mut rows = L::rows(conn, scope, &list.filter, &list.page)?;
    let total = if list.page.with_total { Some(L::total(conn, scope, &list.filter)?) } else { None };
    let next = list.page.cut::<L>(&mut rows);
    let items = L::items(conn, scope, rows)?;
    Remembered::json(&P::new(items, next.clone(), total), next)
}

/// `Link: <…>; rel="next"` (RFC 8288): the same request with the next cursor.
pub fn link(request: &HttpRequest, cursor: &str) -> String {
    let kept = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<&str> = kept.collect();
    let joint = if query.is_empty() { "" } else { "&" };
    format!("<{}?{}{joint}cursor={cursor}>; rel=\"next\"", request.path(), query.join("&"))
}
