use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{log_in, somebody};
use crate::support::{Client, TestApp, on_both};

/// What a sound token of this user would say.
fn claims(app: &TestApp, user: &Client) -> Value {
    let token = user.token.as_deref().expect("a token");
    let part = token.split('.').nth(1).expect("three parts");
    let mut claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON");
    claims["jti"] = json!(app.app.world.new_id());
    claims
}

/// The header of a sound token.
fn header(app: &TestApp) -> Header {
    let kid = app.app.auth.keys.known().last().map(|key| key.kid.clone());
    Header { typ: Some("at+jwt".into()), kid, ..Header::new(Algorithm::EdDSA) }
}

/// A token with these parts, signed by the server's own key.
fn signed(app: &TestApp, header: &Header, claims: &Value) -> String {
    let keys = app.app.auth.keys.known();
    jsonwebtoken::encode(header, claims, &keys.last().expect("a key").encoding).expect("a token")
}

/// The same, with whatever stands in the header.
fn signed_raw(app: &TestApp, header: &Value, claims: &Value) -> String {
    let token = signed(app, &self::header(app), claims);
    let signature = token.rsplit('.').next().expect("three parts").to_owned();
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

async fn is_refused(user: &Client, token: &str) {
    let answer = user.with_token(token).get("/me").await.refused(401, "invalid_token");
    assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#));
}

on_both! {
    async fn a_token_of_ours_is_taken(app: TestApp) {
        let user = app.viewer().await;
        user.with_token(&signed(&app, &header(&app), &claims(&app, &user))).get("/me").await.is(200);
    }

    async fn no_token_is_another_refusal_than_a_bad_one(app: TestApp) {
        let answer = app.anonymous().get("/neighborhoods").await.refused(401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        is_refused(&app.anonymous(), "nonsense").await;
        is_refused(&app.anonymous(), "a.b.c").await;
        is_refused(&app.anonymous(), &"x".repeat(5000)).await;
        let basic = app.anonymous().get("/me").header("authorization", "Basic cHJvdmluY2U6eA==").await;
        basic.refused(401, "invalid_token");
    }

    async fn an_algorithm_that_is_not_ours_is_refused(app: TestApp) {
        let user = app.viewer().await;
        let (claims, keys) = (claims(&app, &user), app.app.auth.keys.known());
        let key = keys.last().expect("a key");
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        for alg in ["none", "None", "NONE", ""] {
            let header = json!({"alg": alg, "typ": "at+jwt", "kid": key.kid});
            is_refused(&user, &format!("{}.{}.", part(&header), part(&claims))).await;
            is_refused(&user, &signed_raw(&app, &header, &claims)).await;
        }
        // The public key taken for the secret of a symmetric algorithm.
        for secret in [key.public.clone(), BASE64_URL_SAFE_NO_PAD.encode(&key.public).into_bytes()] {
            let header = Header { alg: Algorithm::HS256, ..header(&app) };
            is_refused(&user, &jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&secret)).expect("a token")).await;
        }
    }

    async fn a_key_that_is_not_ours_is_refused(app: TestApp) {
        use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
        let user = app.viewer().await;
        let claims = claims(&app, &user);
        is_refused(&user, &signed(&app, &Header { kid: None, ..header(&app) }, &claims)).await;
        is_refused(&user, &signed(&app, &Header { kid: Some("unknown".into()), ..header(&app) }, &claims)).await;
        let theirs = SigningKey::from_bytes(&app.app.world.random_bytes::<32>()).to_pkcs8_der().expect("a key");
        is_refused(&user, &jsonwebtoken::encode(&header(&app), &claims, &EncodingKey::from_ed_der(theirs.as_bytes())).expect("a token")).await;
    }

    async fn another_type_issuer_or_audience_is_refused(app: TestApp) {
        let user = app.viewer().await;
        for typ in [None, Some("JWT".to_owned()), Some("id+jwt".to_owned())] {
            is_refused(&user, &signed(&app, &Header { typ, ..header(&app) }, &claims(&app, &user))).await;
        }
        is_refused(&user, &signed(&app, &Header { crit: Some(vec!["b64".into()]), ..header(&app) }, &claims(&app, &user))).await;
        for (claim, value) in [
            ("iss", json!("another")), ("aud", json!("another")), ("iss", json!(null)), ("aud", json!(null)), ("sub", json!("x")), ("exp", json!("soon")),
            ("role", json!("province")), ("role", json!("king")), ("province", json!("another")), ("sid", json!(app.app.world.new_id())),
        ] {
            let mut claims = claims(&app, &user);
            claims[claim] = value;
            is_refused(&user, &signed(&app, &header(&app), &claims)).await;
        }
        for claim in ["iss", "aud", "sub", "exp", "sid", "province", "role"] {
            let mut claims = claims(&app, &user);
            claims.as_object_mut().expect("an object").remove(claim);
            is_refused(&user, &signed(&app, &header(&app), &claims)).await;
        }
    }

    async fn a_changed_token_is_refused(app: TestApp) {
        let user = app.viewer().await;
        let token = user.token.clone().expect("a token");
        let mut other = claims(&app, &user);
        other["role"] = json!("province");
        let parts: Vec<&str> = token.split('.').collect();
        let forged = BASE64_URL_SAFE_NO_PAD.encode(other.to_string());
        is_refused(&user, &format!("{}.{forged}.{}", parts[0], parts[2])).await;
        is_refused(&user, &format!("{}.{}.", parts[0], parts[1])).await;
    }

    async fn a_token_lives_fifteen_minutes(app: TestApp) {
        let user = app.viewer().await;
        app.clock.advance(899);
        user.get("/me").await.is(200);
        app.clock.advance(1);
        is_refused(&user, user.token.as_deref().expect("a token")).await;
    }

    async fn a_refresh_token_is_no_access_token(app: TestApp) {
        let pair = log_in(&app, &somebody(&app).await).await;
        is_refused(&app.anonymous(), pair.json["refresh_token"].as_str().expect("a token")).await;
    }

    async fn the_scheme_is_taken_in_any_case(app: TestApp) {
        let user = app.viewer().await;
        let token = user.token.clone().expect("a token");
        app.anonymous().get("/me").header("authorization", &format!("bearer {token}")).await.is(200);
    }

    async fn a_token_of_another_province_reaches_nothing_of_ours(app: TestApp) {
        use mahalleh::{db::schema::users, provinces};
        use diesel::{ExpressionMethods, RunQueryDsl, QueryDsl};
        let place = app.neighborhood().make().await;
        let user = app.viewer().await;
        let (world, code) = (app.app.world.clone(), format!("{}-x", app.code));
        let named = code.clone();
        app.write(move |conn| provinces::add(conn, &world, &named, "دیگر", "Other")).await;
        let mut other = claims(&app, &user);
        other["province"] = json!(code);
        // The user is not of that province, whatever a token of ours says.
        is_refused(&user, &signed(&app, &header(&app), &other)).await;
        let id = user.user_id.expect("a user");
        let found: i64 = app.read(move |conn| Ok(users::table.filter(users::id.eq(id)).count().get_result(conn)?)).await;
        assert_eq!(found, 1);
        user.get(&format!("/neighborhoods/{}", place.id())).await.is(200);
    }
}
