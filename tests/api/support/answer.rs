//! An answer, and what a test may expect of it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Null where the body is not JSON.
    pub json: Value,
}

impl Answer {
    /// Expects a status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text());
        self
    }

    /// Expects a problem document (CONTRACT §1, "Errors") with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let answer = self.is(status);
        let problem = &answer.json;
        assert_eq!(problem["code"], code, "{}: {}", answer.request, answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.request);
        assert_eq!(problem["type"], format!("/problems/{code}"), "{}", answer.request);
        assert_eq!(problem["status"], status, "{}", answer.request);
        assert_eq!(problem["request_id"].as_str(), answer.header("x-request-id"), "{}", answer.request);
        assert!(problem["title"].as_str().is_some_and(|text| !text.is_empty()), "{}", answer.text());
        assert!(problem["detail"].as_str().is_some_and(|text| !text.is_empty()), "{}", answer.text());
        assert!(matches!(answer.header("content-language"), Some("fa" | "en")), "{}", answer.request);
        answer
    }

    /// Place and code of every fault, sorted.
    #[track_caller]
    pub fn errors(&self) -> Vec<(String, String)> {
        let entries = self.json["errors"].as_array().unwrap_or_else(|| panic!("{}: no errors in {}", self.request, self.text()));
        let mut errors: Vec<_> = entries
            .iter()
            .map(|entry| {
                let place = entry["pointer"].as_str().or(entry["parameter"].as_str()).expect("a place");
                assert!(entry["message"].as_str().is_some_and(|text| !text.is_empty()), "{entry}");
                (place.to_owned(), entry["code"].as_str().expect("a code").to_owned())
            })
            .collect();
        errors.sort();
        errors
    }

    /// Expects exactly these faults, in any order.
    #[track_caller]
    pub fn with_errors(self, expected: &[(&str, &str)]) -> Self {
        let mut expected: Vec<_> = expected.iter().map(|(place, code)| ((*place).to_owned(), (*code).to_owned())).collect();
        expected.sort();
        assert_eq!(self.errors(), expected, "{}", self.request);
        self
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The values of a header that stands several times, joined.
    pub fn all_of(&self, name: &str) -> String {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(", ")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The id of the item.
    #[track_caller]
    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap_or_else(|| panic!("{}: no id in {}", self.request, self.text())).to_owned()
    }

    /// The version of the item.
    #[track_caller]
    pub fn version(&self) -> i64 {
        self.json["version"].as_i64().unwrap_or_else(|| panic!("{}: no version in {}", self.request, self.text()))
    }

    /// The items of a page.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.json["items"].as_array().unwrap_or_else(|| panic!("{}: no items in {}", self.request, self.text()))
    }

    /// One text field of every item of a page.
    #[track_caller]
    pub fn each(&self, field: &str) -> Vec<String> {
        self.items().iter().map(|item| item[field].as_str().expect("text").to_owned()).collect()
    }
}
