//! What no handler matched: 405 where the path has other methods, else 404.
//!
//! actix's method macros answer 404 for both; the document knows which paths there are.

use actix_web::{HttpRequest, web::Data};

use super::answer::Answer;
use crate::{
    app::App,
    error::{ApiError, Code},
};

/// Answers a request that no handler took.
///
/// # Errors
/// 405, else 404.
pub async fn unmatched(app: Data<App>, request: HttpRequest) -> Answer {
    match app.document.methods(request.path()) {
        Some(allow) => Err(ApiError { allow: Some(allow), ..ApiError::new(Code::MethodNotAllowed) }),
        None => Err(ApiError::not_found()),
    }
}
