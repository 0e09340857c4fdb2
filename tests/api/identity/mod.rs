//! Who is calling (CONTRACT §2).

mod keys;
mod login;
mod me;
mod password;
mod refresh;
mod revocation;
mod tokens;

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const PASSWORD: &str = "a-long-enough-secret";

/// A new viewer who has a password.
async fn somebody(app: &TestApp) -> Client {
    let viewer = app.viewer().await;
    app.set_password(viewer.user_id.expect("a user"), PASSWORD).await;
    viewer
}

fn credentials(app: &TestApp, username: &str, password: &str) -> Value {
    json!({"username": username, "password": password, "province": app.code})
}

async fn log_in(app: &TestApp, client: &Client) -> Answer {
    app.anonymous().post("/auth/login", credentials(app, &client.username, PASSWORD)).await.is(200)
}

async fn refresh(app: &TestApp, token: &Value) -> Answer {
    app.anonymous().post("/auth/refresh", json!({"refresh_token": token})).await
}

/// Somebody with the access token of an answer.
fn bearer(app: &TestApp, pair: &Answer) -> Client {
    app.anonymous().with_token(pair.json["access_token"].as_str().expect("a token"))
}
