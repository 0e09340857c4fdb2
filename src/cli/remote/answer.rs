//! How commands read the answers of a server.

use std::{io::Read, time::Duration};

use serde_json::Value;
use ureq::{
    Body,
    http::{HeaderMap, Response, header},
};

use crate::cli::Failure;

/// The most that is read of an answer that is no file.
const MAX_ANSWER: u64 = 64 << 20;

/// How long to wait before the request is sent again; none where that would not help.
pub(super) fn pause(answer: &Result<Response<Body>, ureq::Error>) -> Option<Duration> {
    let moment = Duration::from_secs(1);
    match answer {
        Err(ureq::Error::Io(error)) => (!is_upload_error(error)).then_some(moment),
        Err(error) => {
            matches!(error, ureq::Error::ConnectionFailed | ureq::Error::HostNotFound | ureq::Error::Timeout(_)).then_some(moment)
        }
        Ok(response) => {
            let asked = header_text(response.headers(), header::RETRY_AFTER.as_str()).and_then(|text| text.parse().ok());
            let asked = asked.map(|seconds: u64| Duration::from_secs(seconds.max(1)));
            match response.status().as_u16() {
                // The first attempt under the same key is still under way.
                409 => asked,
                429 | 502..=504 => Some(asked.unwrap_or(moment)),
                _ => None,
            }
        }
    }
}

/// A failure of the file that is being sent, told apart from failures of the connection.
#[derive(Debug)]
pub(in crate::cli) struct UploadError(pub String);

impl std::fmt::Display for UploadError {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for UploadError {}

impl From<UploadError> for std::io::Error {
    fn from(error: UploadError) -> Self {
        Self::other(error)
    }
}

pub(super) fn is_upload_error(error: &std::io::Error) -> bool {
    error.get_ref().and_then(|cause| cause.downcast_ref::<UploadError>()).is_some()
}

pub(super) fn parsed(response: Response<Body>) -> Result<Value, Failure> {
    let text = text(response);
    serde_json::from_str(&text).map_err(|error| Failure::broken(&format!("The server's answer is no JSON; is it a Mahalleh? ({error})")))
}

/// The value of a header.
pub(in crate::cli) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub(super) fn text(response: Response<Body>) -> String {
    let mut bytes = Vec::new();
    // A longer answer is cut; it is then no JSON, and is shown as it is.
    drop(response.into_body().into_reader().take(MAX_ANSWER).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A problem document (RFC 9457) as lines for people.
pub(super) fn problem(status: u16, answer: &str) -> String {
    let document: Value = serde_json::from_str(answer).unwrap_or_default();
    let word = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(description) = word(&document, "error_description") {
        // An error of the token endpoint (RFC 6749 §5.2).
        return format!("{description} ({status})");
    }
    let Some(title) = word(&document, "title") else {
        let shown: String = answer.chars().filter(|letter| !letter.is_control()).take(200).collect();
        return if shown.is_empty() {
            format!("The server answers {status} and nothing else; is it a Mahalleh?")
        } else {
            format!("The server answers {status}: {shown}")
        };
    };
    let mut lines = format!("{title} ({status})");
    if let Some(detail) = word(&document, "detail") {
        lines = format!("{lines}: {detail}");
    }
    for fault in document.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let place = word(fault, "parameter").or_else(|| word(fault, "pointer")).unwrap_or_default();
        lines = format!("{lines}\n  {place}: {}", word(fault, "message").unwrap_or_default());
    }
    match word(&document, "request_id") {
        Some(id) => format!("{lines}\n  request_id: {id}"),
        None => lines,
    }
}

/// The language of the server's texts: Persian where the system's is.
pub(super) fn language() -> &'static str {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if set.is_some_and(|language| language.starts_with("fa")) { "fa" } else { "en" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_with_all_its_faults() {
        let answer = r#"{"title": "T", "detail": "D.", "errors": [{"parameter": "sort", "message": "M."}, {"pointer": "/a", "message": "N."}], "request_id": "r"}"#;
        assert_eq!(problem(400, answer), "T (400): D.\n  sort: M.\n  /a: N.\n  request_id: r");
        assert_eq!(problem(502, "<html>\n"), "The server answers 502: <html>");
        assert_eq!(problem(404, ""), "The server answers 404 and nothing else; is it a Mahalleh?");
    }
}
