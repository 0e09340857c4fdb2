//! Service accounts: who makes them, how they get tokens, and what they may do with them.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, on_both};

mod items;
mod rights;
mod tokens;

const FORM: &str = "application/x-www-form-urlencoded";

/// A new service account, as its answer shows it.
async fn make(office: &Client, body: Value) -> Answer {
    office.post("/clients", body).await.is(201)
}

/// Asks for a token with this form.
async fn ask(app: &TestApp, form: &str) -> Answer {
    app.anonymous().at(Method::POST, "/api/v1/oauth/token").body(FORM, form.to_owned()).await
}

fn form_of(client: &str, secret: &str) -> String {
    format!("grant_type=client_credentials&client_id={client}&client_secret={secret}")
}

fn text<'a>(made: &'a Answer, field: &str) -> &'a str {
    made.json[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", made.text()))
}

/// Asks for a token with what the answer that made the account shows.
async fn ask_as(app: &TestApp, made: &Answer) -> Answer {
    ask(app, &form_of(text(made, "client_id"), text(made, "client_secret"))).await
}

/// The service account with a token.
async fn enter(app: &TestApp, made: &Answer) -> Client {
    app.anonymous().with_token(text(&ask_as(app, made).await.is(200), "access_token"))
}

/// A refusal as RFC 6749 §5.2 has it.
#[track_caller]
fn refused(answer: Answer, status: u16, error: &str) {
    let answer = answer.is(status);
    assert_eq!(answer.json["error"], error, "{}", answer.text());
    assert!(
        answer.json["error_description"].as_str().is_some_and(|text| text.is_ascii() && !text.contains(['"', '\\'])),
        "{}",
        answer.text()
    );
    assert_eq!(answer.json.as_object().map(|fields| fields.len()), Some(2), "{}", answer.text());
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), (Some("application/json"), Some("no-store")));
    assert_eq!(answer.header("www-authenticate"), (status == 401).then_some(r#"Basic realm="mahalleh""#));
}

fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{client}:{secret}")))
}
