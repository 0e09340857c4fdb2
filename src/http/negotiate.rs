//! The media types that a client takes, by `Accept` (RFC 9110 §12.5.1).

use actix_web::{HttpRequest, http::header::ACCEPT};

use super::header_list::weighted;
use crate::error::{ApiError, ProblemCode};

/// 406 where the client takes no JSON.
///
/// # Errors
/// `not_acceptable`.
pub fn accepts_json(request: &HttpRequest) -> Result<(), ApiError> {
    accepts(request, &["application/json", "application/problem+json"])
}

/// 406 where the client takes none of these media types, or refuses the first of them, which is that of a success, by name.
///
/// # Errors
/// `not_acceptable`.
pub fn accepts(request: &HttpRequest, served: &[&str]) -> Result<(), ApiError> {
    let ranges: Vec<(String, f32)> = weighted(request.headers(), ACCEPT).collect();
    let is_refused = |media: &str| ranges.iter().any(|(range, weight)| range == media && *weight <= 0.0);
    let takes = |media: &&str| weight(&ranges, media) > 0.0;
    if ranges.is_empty() || (served.iter().any(takes) && !served.first().is_some_and(|success| is_refused(success))) {
        Ok(())
    } else {
        Err(ApiError::new(ProblemCode::NotAcceptable))
    }
}

/// The weight of a media type by the most specific range that holds it, 0 where none does.
fn weight(ranges: &[(String, f32)], media: &str) -> f32 {
    let of_kind = media.split_once('/').map(|(kind, _)| format!("{kind}/*")).unwrap_or_default();
    let named = |wanted: &str| ranges.iter().find(|(range, _)| range == wanted).map(|(_, weight)| *weight);
    [media, &of_kind, "*/*"].into_iter().find_map(named).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_most_specific_range_decides() {
        let takes = |accept: &str| accepts_json(&TestRequest::default().insert_header((ACCEPT, accept)).to_http_request()).is_ok();
        for accept in ["", "*/*", "text/html, application/*;q=0.5", "APPLICATION/JSON", "text/*;q=0, */*;q=0.1", "application/problem+json"]
        {
            assert!(takes(accept), "{accept}");
        }
        for accept in ["text/html", "application/json;q=0", "application/json; Q=0.000, */*", "application/*;q=0, */*", "*/*;q=0"] {
            assert!(!takes(accept), "{accept}");
        }
    }
}
