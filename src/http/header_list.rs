//! Headers that are lists of weighted members, as `Accept` and `Accept-Language` (RFC 9110 §5.6.1, §12.4.2).

use actix_web::http::header::{HeaderMap, HeaderName};

/// The members of a header, in lower case and without other parameters than their weight, which is 1 where none is given.
pub fn weighted(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = (String, f32)> {
    let members = headers.get_all(name).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    members.map(str::trim).filter(|member| !member.is_empty()).map(|member| {
        let mut pieces = member.split(';').map(|piece| piece.trim().to_ascii_lowercase());
        let named = pieces.next().unwrap_or_default();
        let weight = pieces.find_map(|piece| piece.strip_prefix("q=")?.trim().parse().ok()).unwrap_or(1.0);
        (named, weight)
    })
}
