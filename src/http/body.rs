//! Bodies: media type, size, JSON, precondition and shape, refused in this order (CONTRACT §1, "Order").

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    web::{Bytes, BytesMut, Data},
};
use deserr::Deserr;
use futures_util::StreamExt;
use serde_json::Value;

use super::{
    conditional::IfMatch,
    idempotency::IdempotencyKey,
    query,
    shape::{self, Faults},
};
use crate::{
    app::App,
    error::{ApiError, ProblemCode},
};

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// The JSON body of a POST, which has no query parameters.
#[derive(Debug)]
pub struct Body<T> {
    /// What was sent.
    pub value: T,
    /// If-Match, which a transition honours; any version where it is not sent.
    pub if_match: IfMatch,
    /// The Idempotency-Key and what it stands for.
    pub key: IdempotencyKey,
}

/// The merge patch of a PATCH (RFC 7396), with the version that it is meant for.
#[derive(Debug)]
pub struct PatchBody<T> {
    /// What was sent.
    pub patch: T,
    /// If-Match.
    pub if_match: IfMatch,
}

impl<T: Deserr<Faults> + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (key, ()) = IdempotencyKey::beside(&request, query::none(request.query_string()))?;
            let bytes = read(&request, &mut payload, &["application/json"]).await?;
            let value = shape::parse(&bytes)?;
            Ok(Self {
                value: shape::body(value)?,
                if_match: IfMatch::of(&request).unwrap_or(IfMatch::Any),
                key: key.bind(&request, &bytes),
            })
        })
    }
}

impl<T: Deserr<Faults> + 'static> FromRequest for PatchBody<T> {
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = read(&request, &mut payload, &["application/json", "application/merge-patch+json"]).await?;
            let value: Value = shape::parse(&bytes)?;
            let if_match = IfMatch::of(&request).ok_or_else(|| ApiError::new(ProblemCode::PreconditionRequired))?;
            Ok(Self { patch: shape::body(value)?, if_match })
        })
    }
}

/// Whether the body is compressed, which this server does not undo (RFC 9110 §8.4).
pub fn is_encoded(request: &HttpRequest) -> bool {
    let codings = request.headers().get_all(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("unreadable"));
    codings.flat_map(|value| value.split(',')).any(|coding| !matches!(coding.trim().to_ascii_lowercase().as_str(), "" | "identity"))
}

/// The media type of the body, in lower case and without parameters.
pub fn media_type(request: &HttpRequest) -> String {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// 413 where the client announces more bytes than the limit.
///
/// # Errors
/// `payload_too_large`.
pub fn refuse_announced(request: &HttpRequest, limit: usize) -> Result<(), ApiError> {
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) { Err(ApiError::new(ProblemCode::PayloadTooLarge)) } else { Ok(()) }
}

/// The body's bytes, where it is of one of these media types and within the limit.
///
/// # Errors
/// 415, 413, and 400 where the connection breaks off.
pub async fn read(request: &HttpRequest, payload: &mut Payload, media_types: &[&str]) -> Result<Bytes, ApiError> {
    if !media_types.contains(&media_type(request).as_str()) || is_encoded(request) {
        return Err(ApiError::new(ProblemCode::UnsupportedMediaType));
    }
    let limit = request.app_data::<Data<App>>().map_or(1 << 20, |app| app.config.body_limit);
    refuse_announced(request, limit)?;
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| ApiError::malformed("a whole body", error))?;
        if bytes.len().saturating_add(chunk.len()) > limit {
            return Err(ApiError::new(ProblemCode::PayloadTooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}
