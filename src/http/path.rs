//! An id in the path; a malformed one is answered 404 (CONTRACT §1).

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::{fallback, query};
use crate::{db::Id, error::ApiError};

/// The `{id}` of a path; operations on one thing have no query parameters.
#[derive(Debug, Clone, Copy)]
pub struct PathId(pub Id);

impl FromRequest for PathId {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(Id::parse).map(Self).ok_or_else(|| fallback::missing(request));
        ready(id.and_then(|id| query::none(request.query_string()).map(|()| id)))
    }
}
