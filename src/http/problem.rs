//! The problem document (RFC 9457) that every refusal is answered with.

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{fields::Code, language::Language, shape::MAX_FAULTS};
use crate::{
    error::{ApiError, ProblemCode},
    fault::{Fault, Location},
};

/// A problem (RFC 9457): what was refused or failed, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// The address of a page that explains the code.
    #[serde(rename = "type")]
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^/problems/[a-z_]+$",
        format = "uri-reference",
        examples("/problems/validation_failed")
    )]
    pub kind: String,
    /// A short text, in the caller's language.
    #[schema(min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$", examples("Validation failed"))]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, examples(422))]
    pub status: i32,
    /// A sentence, in the caller's language.
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$",
        examples("One or more values are wrong; see errors.")
    )]
    pub detail: &'static str,
    /// The stable code.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("validation_failed"))]
    pub code: &'static str,
    /// The id of the request, as in the header `X-Request-Id`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", examples("01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f50"))]
    pub request_id: String,
    /// Every fault that was found; absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10000, required = false)]
    pub errors: Vec<ProblemError>,
    /// For `illegal_transition`: the statuses to which this caller may move the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Code>, max_items = 20, required = false)]
    pub allowed: Option<Vec<&'static str>>,
    /// For `stale_version`: the present version of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 2_147_483_647, required = false, nullable = false)]
    pub current_version: Option<i32>,
}

/// One fault of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemError {
    /// Where in the body the fault is, as a JSON pointer (RFC 6901); absent for a parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000, pattern = "^(/[^/]*)*$", required = false, nullable = false, examples("/due_on"))]
    pub pointer: Option<String>,
    /// The name of the query parameter or header with the fault; absent for the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$", required = false, nullable = false, examples("limit"))]
    pub parameter: Option<String>,
    /// The stable code of the fault.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("out_of_range"))]
    pub code: &'static str,
    /// A sentence, in the caller's language.
    #[schema(min_length = 1, max_length = 10000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$", examples("Outside the range 1 to 200."))]
    pub message: String,
}

/// Stands for a parameter's name that has nothing to print.
const NO_NAME: &str = "\"\"";

/// A name that the client made up, cut to what an answer may repeat.
fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(1000).collect()
}

impl ProblemError {
    fn new(fault: &Fault, language: Language) -> Self {
        let (pointer, parameter) = match &fault.at {
            Location::Pointer(pointer) => (Some(printable(pointer)), None),
            Location::Parameter(name) => (None, Some(printable(name))),
        };
        let parameter = parameter.map(|name| if name.is_empty() { NO_NAME.to_owned() } else { name });
        Self { pointer, parameter, code: fault.code.as_str(), message: fault.message(language.is_english()) }
    }
}

impl Problem {
    /// The document of an error.
    pub fn new(error: &ApiError, language: Language, request_id: &str) -> Self {
        let (status, word) = error.code.row();
        let [fa, en] = error.code.texts();
        let (title, detail) = if language.is_english() { en } else { fa };
        Self {
            kind: format!("/problems/{word}"),
            title,
            status: i32::from(status),
            detail,
            code: word,
            request_id: request_id.to_owned(),
            errors: error.faults.iter().take(MAX_FAULTS).map(|fault| ProblemError::new(fault, language)).collect(),
            allowed: error.allowed.clone(),
            current_version: error.current_version,
        }
    }

    /// The whole answer.
    pub fn response(error: &ApiError, language: Language, request_id: &str) -> HttpResponse {
        let mut answer = HttpResponseBuilder::new(error.status_code());
        answer.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        answer.insert_header((header::CONTENT_LANGUAGE, language.tag()));
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        if error.code == ProblemCode::InvalidToken {
            answer.insert_header((header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#));
        } else if error.status_code() == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = error.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(allow) = error.allow.as_deref().and_then(|methods| HeaderValue::from_str(methods).ok()) {
            answer.insert_header((header::ALLOW, allow));
        }
        answer.json(Self::new(error, language, request_id))
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// A bare answer; the middleware makes the document of it, since it knows the language and the request.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}
