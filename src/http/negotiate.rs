//! The media types that a client takes, by `Accept` (RFC 9110 §12.5.1).

use actix_web::{HttpRequest, http::header::ACCEPT};

use crate::error::{ApiError, ProblemCode};

/// 406 where the client takes no JSON.
///
/// # Errors
/// `not_acceptable`.
pub fn accepts_json(request: &HttpRequest) -> Result<(), ApiError> {
    accepts(request, &["application/json", "application/problem+json"])
}

/// 406 where the client takes none of these media types.
///
/// # Errors
/// `not_acceptable`.
pub fn accepts(request: &HttpRequest, served: &[&str]) -> Result<(), ApiError> {
    let mut wishes = request
        .headers()
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter(|wish| !wish.trim().is_empty())
        .peekable();
    if wishes.peek().is_none() {
        return Ok(());
    }
    let takes = |wish: &str| {
        let mut pieces = wish.split(';').map(str::trim);
        let range = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let refused = pieces.any(|piece| matches!(piece, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        let fits = |media: &&str| {
            range == "*/*" || range == **media || range.strip_suffix("/*").is_some_and(|kind| media.split('/').next() == Some(kind))
        };
        !refused && served.iter().any(fits)
    };
    if wishes.any(takes) { Ok(()) } else { Err(ApiError::new(ProblemCode::NotAcceptable)) }
}
