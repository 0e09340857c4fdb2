//! Finished answers: status, headers and bytes, which a transaction can render and a record can keep.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use super::{
    answer_cache::CachedAnswer,
    coding::Coding,
    conditional,
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
    /// Whether the body holds a secret: it is stored encrypted, and no cache may keep it.
    #[serde(default)]
    pub confidential: bool,
}

impl Reply {
    /// JSON with a status.
    ///
    /// # Errors
    /// `internal` where the value cannot be written as JSON, which every type here can.
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
        reply.headers.push(("etag".into(), conditional::item_etag(version, &reply.body)));
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

    /// JSON with a digest as ETag, for reads without a version.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub fn tagged(value: &impl Serialize) -> Result<Self, ApiError> {
        let mut reply = Self::json(200, value)?;
        reply.headers.push(("etag".into(), conditional::etag(&reply.body)));
        Ok(reply)
    }

    /// 204.
    pub const fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: Vec::new(), confidential: false }
    }
}

impl From<Reply> for HttpResponse {
    fn from(reply: Reply) -> Self {
        let mut answer = HttpResponseBuilder::new(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
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

/// A row that was just inserted: 201 with its address.
///
/// # Errors
/// Those of the database.
pub fn created<R: Resource>(tx: &mut Tx<'_>, row: R::Row) -> Result<Reply, ApiError> {
    let (id, version) = R::identity(&row);
    let (conn, scope) = tx.split();
    Reply::created(format!("{}/{id}", R::PATH), version, &R::new_item(conn, scope, row)?)
}

/// A row that was just changed.
///
/// # Errors
/// Those of the database.
pub fn changed<R: Resource>(tx: &mut Tx<'_>, row: R::Row) -> Result<Reply, ApiError> {
    let (conn, scope) = tx.split();
    as_it_is::<R>(conn, scope, row)
}

fn as_it_is<R: Resource>(conn: &mut Conn, scope: &Scope, row: R::Row) -> Result<Reply, ApiError> {
    let (_, version) = R::identity(&row);
    Reply::item(200, version, &R::item(conn, scope, row)?)
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
            as_it_is::<R>(conn, &scope, row)
        })
        .await?;
    Ok(reply.into())
}

/// A page of a list: rows, their derived figures and, where asked for, the total; from memory where nothing has changed.
///
/// # Errors
/// Those of the database.
pub async fn page<L: Resource, P: Page<L::Item> + 'static>(app: &App, who: &Caller, request: &HttpRequest, list: List<L>) -> Answer {
    let (scope, memory, address) = (who.scope(app), Arc::clone(&app.answers), request.uri().to_string());
    let coding = Coding::of(request);
    let found = app
        .db
        .read(move |conn| {
            let work = |conn: &mut Conn| read_page::<L, P>(conn, &scope, &list);
            if L::IS_CACHED { memory.read(conn, &scope, &address, coding, work) } else { work(conn) }
        })
        .await?;
    Ok(whole(request, found, "application/json"))
}

/// A whole answer, which the server may remember, in its coding. The ETag of what is compressed is weak, since it names the same in
/// either form (RFC 9110 §8.8.1).
pub fn whole(request: &HttpRequest, found: CachedAnswer, media_type: &str) -> HttpResponse {
    let mut response = match found.coding {
        Coding::Identity => tagged(&found.tag),
        Coding::Gzip => tagged(&format!("W/{}", found.tag)),
    };
    if found.coding != Coding::Identity {
        response.insert_header((header::CONTENT_ENCODING, found.coding.as_str()));
    }
    if let Some(cursor) = &found.next {
        response.insert_header((header::LINK, link(request, cursor)));
    }
    response.content_type(media_type).body(found.body)
}

/// The head of an answer that comes as it is or compressed, as the client takes it.
pub fn tagged(tag: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, tag)).append_header((header::VARY, "Accept-Encoding"));
    response
}

fn read_page<L: Resource, P: Page<L::Item>>(conn: &mut Conn, scope: &Scope, list: &List<L>) -> Result<CachedAnswer, ApiError> {
    let (mut rows, total) = L::page(conn, scope, &list.filter, &list.page)?;
    let next = list.page.cut::<L>(&mut rows);
    let items = L::items(conn, scope, rows)?;
    CachedAnswer::json(&P::new(items, next.clone(), total), next)
}

/// The head of a file to be kept under a name; its media type depends on what the request takes.
pub fn attachment(media_type: &str, name: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    let charset = if media_type.starts_with("text/") { "; charset=utf-8" } else { "" };
    response
        .content_type(format!("{media_type}{charset}"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")))
        .append_header((header::VARY, "Accept"));
    response
}

/// `Link: <…>; rel="next"` (RFC 8288): the same request with the next cursor.
pub fn link(request: &HttpRequest, cursor: &str) -> String {
    let is_cursor = |pair: &str| percent_decode_str(pair.split('=').next().unwrap_or_default()).eq(b"cursor".iter().copied());
    let kept = request.query_string().split('&').filter(|pair| !pair.is_empty() && !is_cursor(pair));
    let query: Vec<&str> = kept.collect();
    let joint = if query.is_empty() { "" } else { "&" };
    format!("<{}?{}{joint}cursor={cursor}>; rel=\"next\"", request.path(), query.join("&"))
}
