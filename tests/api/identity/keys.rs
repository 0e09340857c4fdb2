use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use jsonwebtoken::{Algorithm, Header};
use reqwest::Method;
use serde_json::Value;

use super::{bearer, log_in, somebody};
use crate::support::{
    TestApp, on_both,
    watch::{grown, on_each},
};

async fn published(app: &TestApp) -> Vec<Value> {
    let answer = app.anonymous().at(Method::GET, "/.well-known/jwks.json").await.is(200);
    answer.json["keys"].as_array().expect("keys").clone()
}

fn kid(token: &Value) -> String {
    let header = token.as_str().and_then(|token| token.split('.').next()).expect("a token");
    let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON");
    header["kid"].as_str().expect("a kid").to_owned()
}

on_both! {
    async fn anybody_can_verify_a_token_with_the_published_keys(app: TestApp) {
        let token = app.viewer().await.token.expect("a token");
        let keys = published(&app).await;
        let key = keys.iter().find(|key| key["kid"] == kid(&Value::from(token.clone()))).expect("the key is published");
        assert_eq!((&key["kty"], &key["crv"], &key["alg"], &key["use"]), (&"OKP".into(), &"Ed25519".into(), &"EdDSA".into(), &"sig".into()));
        assert!(keys.iter().all(|key| key.get("d").is_none()));
        let public: [u8; 32] = BASE64_URL_SAFE_NO_PAD.decode(key["x"].as_str().expect("x")).expect("base64url").try_into().expect("32 bytes");
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let signature = Signature::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url")).expect("a signature");
        VerifyingKey::from_bytes(&public).expect("a key").verify_strict(signed.as_bytes(), &signature).expect("the signature holds");
    }

    async fn a_new_key_is_published_before_it_signs_and_old_tokens_stay_good(app: TestApp) {
        let user = somebody(&app).await;
        let before = log_in(&app, &user).await;
        let there = app.another_server(&[]).await;
        let new = app.rotate_keys().await;
        app.clock.advance(6);
        let known: BTreeSet<_> = published(&app).await.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect();
        assert!(known.contains(&new) && known.contains(&kid(&before.json["access_token"])));
        assert_ne!(kid(&log_in(&app, &user).await.json["access_token"]), new, "not every server knows it yet");
        app.clock.advance(5);
        let after = log_in(&app, &user).await;
        assert_eq!(kid(&after.json["access_token"]), new);
        for pair in [&before, &after] {
            bearer(&app, pair).get("/me").await.is(200);
            bearer(&app, pair).at_server(&there).get("/me").await.is(200);
        }
    }
}

/// As after a theft: the other server has signed nothing since, and has met no token of the new key. In a database of its own, since keys
/// are all provinces'.
async fn a_key_that_was_replaced_is_good_for_what_it_has_signed_alone(app: &TestApp) {
    let user = somebody(app).await;
    let pair = log_in(app, &user).await;
    let there = app.another_server(&[]).await;
    let token = pair.json["access_token"].as_str().expect("a token").to_owned();
    let own = kid(&pair.json["access_token"]);
    let forged = || {
        let keys = app.app.auth.keys.known();
        let key = keys.iter().find(|key| key.kid == own).expect("the old key");
        let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("a payload")).expect("base64url");
        let mut claims: Value = serde_json::from_slice(&payload).expect("JSON");
        let now = app.app.world.now().utc().timestamp();
        (claims["iat"], claims["exp"]) = (now.into(), (now + 900).into());
        let header = Header { typ: Some("at+jwt".into()), kid: Some(own.clone()), ..Header::new(Algorithm::EdDSA) };
        app.anonymous().with_token(&jsonwebtoken::encode(&header, &claims, &key.encoding).expect("a token")).at_server(&there)
    };
    forged().get("/me").await.is(200);
    app.rotate_keys().await;
    app.clock.advance(900);
    forged().get("/me").await.is(200);
    app.clock.advance(80);
    forged().get("/me").await.refused(401, "invalid_token");
}

on_each!(grown: a_key_that_was_replaced_is_good_for_what_it_has_signed_alone);
