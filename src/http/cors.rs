//! What pages of other origins may do in a browser (CONTRACT §1).

use actix_cors::{Cors, CorsError};
use actix_web::http::header;

use super::idempotency;
use crate::fault::{Fault, FaultCode};

const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "PATCH", "DELETE"];

/// What a request may carry; the last three are what tracing in a browser adds.
const HEADERS: [&str; 12] = [
    "authorization",
    "content-type",
    "accept",
    "accept-language",
    "if-match",
    "if-none-match",
    "idempotency-key",
    "prefer",
    "x-request-id",
    "traceparent",
    "tracestate",
    "baggage",
];

/// What a page may read of an answer.
const EXPOSED: [&str; 10] = [
    "etag",
    "link",
    "location",
    "x-request-id",
    "retry-after",
    "ratelimit",
    "ratelimit-policy",
    "content-disposition",
    idempotency::REPLAYED,
    "preference-applied",
];

/// The middleware for these origins; `*` is any.
pub fn cors(origins: &[String]) -> Cors {
    let open = Cors::default()
        .allowed_methods(METHODS)
        .allowed_headers(HEADERS)
        .expose_headers(EXPOSED)
        .block_on_origin_mismatch(false)
        .max_age(3600);
    if origins.iter().any(|origin| origin == "*") {
        return open.allow_any_origin();
    }
    origins.iter().filter(|origin| !origin.is_empty()).fold(open, |cors, origin| cors.allowed_origin(origin))
}

/// Why a browser that asked first is refused.
pub fn fault(error: &CorsError) -> Fault {
    let (asked, allowed) = match error {
        CorsError::MissingRequestMethod | CorsError::BadRequestMethod | CorsError::MethodNotAllowed => {
            (header::ACCESS_CONTROL_REQUEST_METHOD, METHODS.join(", "))
        }
        CorsError::BadRequestHeaders | CorsError::HeadersNotAllowed => (header::ACCESS_CONTROL_REQUEST_HEADERS, HEADERS.join(", ")),
        _ => (header::ORIGIN, "MAHALLEH_CORS_ORIGINS".to_owned()),
    };
    Fault::parameter(asked.as_str(), FaultCode::NotOneOf).with(allowed)
}
