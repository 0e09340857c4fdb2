//! What no handler matched: 405 where the path has other methods, else 404.
//!
//! actix's method macros answer 404 for both; the document knows which paths there are.

use actix_web::{HttpRequest, web::Data};

use super::answer::Answer;
use crate::{
    app::App,
    error::{ApiError, ProblemCode},
};

/// Answers a request that no handler took.
///
/// # Errors
/// 405, else 404.
pub async fn unmatched(request: HttpRequest) -> Answer {
    Err(missing(&request))
}

/// Answers a method other than GET at a path that the document does not list.
///
/// # Errors
/// 405.
pub async fn only_read() -> Answer {
    Err(ApiError { allow: Some("GET, HEAD".to_owned()), ..ApiError::new(ProblemCode::MethodNotAllowed) })
}

/// Why there is nothing for this request: 405 where the path has other methods, else 404. A path such as `/agencies/export`
/// matches that of an item too, but has methods of its own.
pub fn missing(request: &HttpRequest) -> ApiError {
    misplaced(request).unwrap_or_else(ApiError::not_found)
}

/// 405 where the path has other methods.
pub fn misplaced(request: &HttpRequest) -> Option<ApiError> {
    let app = request.app_data::<Data<App>>()?;
    let allow = &app.document.path(request.match_info().as_str())?.methods;
    let is_allowed = allow.split(", ").any(|method| method == request.method().as_str());
    (!is_allowed).then(|| ApiError { allow: Some(allow.clone()), ..ApiError::new(ProblemCode::MethodNotAllowed) })
}
