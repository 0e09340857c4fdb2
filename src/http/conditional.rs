//! ETag, If-None-Match and If-Match (RFC 9110 §13; CONTRACT §1, "Concurrency").

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{ETAG, HeaderMap, IF_MATCH, IF_NONE_MATCH},
};
use std::future::{Ready, ready};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{ApiError, ProblemCode};

/// The ETag of an item: its version and a digest of the answer, since derived fields change with children and the day.
pub fn item_etag(version: i32, body: &[u8]) -> String {
    format!("\"{version}-{:016x}\"", xxh3_64(body))
}

/// The ETag of an answer that has no version.
pub fn etag(body: &[u8]) -> String {
    format!("\"{:016x}\"", xxh3_64(body))
}

/// Whether the client's If-None-Match names the answer's ETag (weak comparison).
pub fn is_unchanged(request: &HeaderMap, response: &HeaderMap) -> bool {
    response.get(ETAG).and_then(|value| value.to_str().ok()).is_some_and(|current| named(request, current).is_some())
}

/// The tag by which the client's If-None-Match names this ETag (weak comparison), as the client has it; none where it does not.
pub fn named<'a>(request: &'a HeaderMap, current: &'a str) -> Option<&'a str> {
    let mut values = request.get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    values.find_map(|value| match value.trim() {
        "*" => Some(current),
        list => tags(list).find(|known| opaque(known) == opaque(current)),
    })
}

/// The members of a list of tags, each as it was sent; a tag in quotes may hold commas (RFC 9110 §8.8.3).
fn tags(list: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let ends = move |character| {
        is_quoted ^= character == '"';
        character == ',' && !is_quoted
    };
    list.split(ends).map(str::trim)
}

/// A tag without the mark of a weak one.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The versions that If-Match names; only they count, not the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: any version.
    Any,
    /// These versions.
    Versions(Vec<i32>),
}

impl IfMatch {
    /// If-Match of a request, where it was sent; what is not ASCII is no tag of ours.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let mut values = request.headers().get_all(IF_MATCH).map(|value| value.to_str().unwrap_or_default()).peekable();
        values.peek()?;
        let mut versions = Vec::new();
        for tag in values.flat_map(tags) {
            if tag == "*" {
                return Some(Self::Any);
            }
            let bare = opaque(tag).trim_matches('"');
            versions.extend(bare.split('-').next().and_then(|version| version.parse::<i32>().ok()));
        }
        Some(Self::Versions(versions))
    }

    /// Refuses a version that the client has not seen.
    ///
    /// # Errors
    /// 412 `stale_version` with the version now.
    pub fn check(&self, current: i32) -> Result<(), ApiError> {
        match self {
            Self::Versions(versions) if !versions.contains(&current) => {
                Err(ApiError { current_version: Some(current), ..ApiError::new(ProblemCode::StaleVersion) })
            }
            _ => Ok(()),
        }
    }
}

/// If-Match of a request that must carry it.
#[derive(Debug)]
pub struct RequiredIfMatch(pub IfMatch);

impl FromRequest for RequiredIfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(IfMatch::of(request).map(Self).ok_or_else(|| ApiError::new(ProblemCode::PreconditionRequired)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_tag_may_hold_commas_and_stars() {
        let names = |value: &str, current: &str| {
            let request = TestRequest::default().insert_header((IF_NONE_MATCH, value)).to_http_request();
            named(request.headers(), current).map(str::to_owned)
        };
        assert_eq!(names(r#""x", W/"y" ,"z""#, "\"y\"").as_deref(), Some("W/\"y\""));
        assert_eq!(names(" * ", "\"y\"").as_deref(), Some("\"y\""));
        for other in [r#""x,*,y""#, r#""x, "y"", "#, "", "y", r#""Y""#, "\"x,\"y\",\""] {
            assert_eq!(names(other, "\"y\""), None, "{other}");
        }
    }

    #[test]
    fn only_the_version_of_if_match_counts() {
        let sent = |value: &str| IfMatch::of(&TestRequest::default().insert_header((IF_MATCH, value)).to_http_request());
        assert_eq!(sent(r#""3-0123456789abcdef""#), Some(IfMatch::Versions(vec![3])));
        assert_eq!(sent(r#""3""#), Some(IfMatch::Versions(vec![3])));
        assert_eq!(sent(r#"W/"3", "4""#), Some(IfMatch::Versions(vec![3, 4])));
        assert_eq!(sent("*"), Some(IfMatch::Any));
        assert_eq!(sent("nonsense"), Some(IfMatch::Versions(vec![])));
        assert_eq!(IfMatch::of(&TestRequest::default().to_http_request()), None);
    }
}
