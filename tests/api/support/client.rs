//! A client with a role: `app.viewer().await.get("/neighborhoods").await.is(200)`.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::{Duration, Instant};

use mahalleh::db::Id;
use reqwest::{Method, header};
use serde_json::Value;

use super::{Answer, named};

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Client {
    pub(super) http: reqwest::Client,
    pub(super) base: String,
    /// The access token; none for somebody who has not logged in.
    pub token: Option<String>,
    /// The user's id; none for somebody who has not logged in.
    pub user_id: Option<Id>,
    pub username: String,
}

impl Client {
    /// Reads from a path below `/api/v1`.
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// The exports that the caller sees, once one is there: its event is written when the last row has been sent.
    pub async fn exports(&self) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let events = self.get("/events?action=exported").await.is(200).items().to_vec();
            if !events.is_empty() {
                return events;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "no event of an export");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Creates.
    pub fn post(&self, path: &str, body: Value) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// Changes the version that was read.
    pub fn patch(&self, path: &str, body: Value, version: i64) -> Request {
        self.request(Method::PATCH, path).json(body).header("if-match", &format!("\"{version}\""))
    }

    /// Removes the version that was read.
    pub fn delete(&self, path: &str, version: i64) -> Request {
        self.request(Method::DELETE, path).header("if-match", &format!("\"{version}\""))
    }

    /// Any request, to a path below `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> Request {
        self.at(method, &format!("/api/v1{path}"))
    }

    /// Any request, to any path.
    pub fn at(&self, method: Method, path: &str) -> Request {
        let mut builder = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            builder = builder.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        Request { builder, name: format!("{method} {path}") }
    }

    /// The server's host and port, for what is not sent as a request.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// The same caller at another server.
    pub fn at_server(&self, other: &Self) -> Self {
        Self { base: other.base.clone(), ..self.clone() }
    }

    /// Somebody with this token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }
}

/// A request that is sent when it is awaited.
#[must_use = "a request is sent when it is awaited"]
pub struct Request {
    builder: reqwest::RequestBuilder,
    name: String,
}

impl Request {
    /// With one more header.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// With a JSON body.
    pub fn json(self, body: Value) -> Self {
        Self { builder: self.builder.json(&body), ..self }
    }

    /// With exactly these bytes as its body.
    pub fn body(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self { builder: self.builder.header(header::CONTENT_TYPE, media_type).body(body), ..self }
    }

    /// With a form.
    pub fn form(self, form: reqwest::multipart::Form) -> Self {
        Self { builder: self.builder.multipart(form), ..self }
    }

    /// With an Idempotency-Key.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With answers in English.
    pub fn in_english(self) -> Self {
        self.header("accept-language", "en")
    }
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let response = self.builder.send().await.unwrap_or_else(|error| panic!("{}: {error:?}", self.name));
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = response.bytes().await.unwrap_or_else(|error| panic!("{}: {error:?}", self.name)).to_vec();
            let json = serde_json::from_slice(&body).unwrap_or_default();
            let answer = Answer { request: self.name, status, headers, body, json };
            named::hold(&answer);
            answer
        })
    }
}
