use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::*;

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

on_both! {
    async fn a_secret_is_exchanged_for_a_token_in_the_body_or_by_basic(app: TestApp) {
        let agency = app.agency_of("education").await.to_string();
        let made = make(&app.province().await, json!({"name": "انبار", "role": "agency", "agency_id": agency})).await;
        let (id, secret) = (text(&made, "client_id"), text(&made, "client_secret"));
        let given = ask_as(&app, &made).await.is(200);
        assert_eq!((given.header("cache-control"), given.header("pragma")), (Some("no-store"), Some("no-cache")));
        assert_eq!((&given.json["token_type"], &given.json["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert_eq!(given.json.as_object().expect("an object").len(), 3, "no refresh token: {}", given.text());
        let claims = claims(text(&given, "access_token"));
        for (claim, value) in [("sub", json!(id)), ("client_id", json!(id)), ("role", json!("agency")), ("agency_id", json!(agency)), ("province", json!(app.code)), ("iss", json!("mahalleh")), ("aud", json!("mahalleh"))] {
            assert_eq!(claims[claim], value, "{claim}");
        }
        assert!(claims["sid"].is_string() && claims["jti"].is_string() && claims["exp"].as_i64() == claims["iat"].as_i64().map(|iat| iat + 900));
        let by_basic = app.anonymous().at(Method::POST, "/api/v1/oauth/token").header("authorization", &basic(id, secret));
        let by_basic = by_basic.body(FORM, "grant_type=client_credentials").await.is(200);
        app.anonymous().with_token(text(&by_basic, "access_token")).get("/me").await.is(200);
        // What RFC 6749 says must be overlooked.
        ask(&app, &format!("{}&audience=x&scope=", form_of(id, secret))).await.is(200);
    }

    async fn what_is_wrong_is_told_as_the_rfc_has_it(app: TestApp) {
        let made = make(&app.province().await, json!({"name": "الف", "role": "viewer"})).await;
        let (id, secret) = (text(&made, "client_id").to_owned(), text(&made, "client_secret").to_owned());
        let sound = form_of(&id, &secret);
        let post = |path: &str| app.anonymous().at(Method::POST, path);
        for (form, status, error) in [
            (String::new(), 400, "invalid_request"),
            (format!("client_id={id}&client_secret={secret}"), 400, "invalid_request"),
            (sound.replace("client_credentials", "password"), 400, "unsupported_grant_type"),
            (format!("{sound}&scope=all"), 400, "invalid_scope"),
            (format!("{sound}&client_id={id}"), 400, "invalid_request"),
            (format!("grant_type=client_credentials&client_secret={secret}"), 400, "invalid_request"),
            ("grant_type=client_credentials&client_id=%ff".to_owned(), 400, "invalid_request"),
            ("grant_type=client_credentials".to_owned(), 401, "invalid_client"),
            (form_of(&id, "mhs_wrong"), 401, "invalid_client"),
            (form_of(&app.app.world.new_id().to_string(), &secret), 401, "invalid_client"),
            (form_of("nobody", &secret), 401, "invalid_client"),
        ] {
            refused(ask(&app, &form).await, status, error);
        }
        refused(post("/api/v1/oauth/token").header("authorization", &basic(&id, &secret)).body(FORM, sound.clone()).await, 400, "invalid_request");
        for header in [basic(&id, "wrong"), "Basic ?".to_owned(), "Bearer x".to_owned()] {
            refused(post("/api/v1/oauth/token").header("authorization", &header).body(FORM, "grant_type=client_credentials").await, 401, "invalid_client");
        }
        refused(post("/api/v1/oauth/token").json(json!({"grant_type": "client_credentials"})).await, 400, "invalid_request");
        refused(post("/api/v1/oauth/token?grant_type=client_credentials").body(FORM, sound).await, 400, "invalid_request");
        post("/api/v1/oauth/token").body(FORM, "x".repeat(2 << 20)).await.refused(413, "payload_too_large");
        // It does not come as far as the RFC.
        let long = post("/api/v1/oauth/token").header("x-request-id", &"a".repeat(10_000)).body(FORM, form_of(&id, &secret)).await;
        long.refused(400, "invalid_parameter").with_errors(&[("x-request-id", "too_long")]);
        app.anonymous().at(Method::GET, "/api/v1/oauth/token").await.refused(405, "method_not_allowed");
    }

    async fn after_ten_failures_a_client_has_to_wait(app: TestApp) {
        let made = make(&app.province().await, json!({"name": "الف", "role": "viewer"})).await;
        for _ in 0..10 {
            refused(ask(&app, &form_of(text(&made, "client_id"), "wrong")).await, 401, "invalid_client");
        }
        let wait = ask_as(&app, &made).await.refused(429, "too_many_requests");
        assert!(wait.header("retry-after").is_some());
        // Another spelling is the same client.
        ask(&app, &form_of(&text(&made, "client_id").to_uppercase(), text(&made, "client_secret"))).await.refused(429, "too_many_requests");
        app.clock.advance(15 * 60 + 1);
        ask_as(&app, &made).await.is(200);
    }

    async fn what_ends_a_client_ends_its_tokens_within_ten_seconds(app: TestApp) {
        let office = app.province().await;
        let there = app.another_server(&[]).await;
        let (education, sport) = (app.agency_of("education").await.to_string(), app.agency_of("sport").await.to_string());
        for patch in [json!({"active": false}), json!({"valid_to": "2026-11-21"}), json!({"role": "viewer", "agency_id": null}), json!({"agency_id": sport})] {
            let made = make(&office, json!({"name": "الف", "role": "agency", "agency_id": education, "valid_to": "2026-11-22"})).await;
            let machine = enter(&app, &made).await;
            machine.at_server(&there).get("/me").await.is(200);
            let usable = patch.get("active").is_none() && patch.get("valid_to").is_none();
            office.patch(&format!("/clients/{}", made.id()), patch, 1).await.is(200);
            machine.get("/me").await.refused(401, "invalid_token");
            app.clock.advance(9);
            machine.at_server(&there).get("/me").await.refused(401, "invalid_token");
            let again = ask_as(&app, &made).await;
            if usable { again.is(200); } else { refused(again, 401, "invalid_client") }
        }
    }

    async fn what_is_undone_brings_no_token_back(app: TestApp) {
        let office = app.province().await;
        let (education, sport) = (app.agency_of("education").await.to_string(), app.agency_of("sport").await.to_string());
        let made = make(&office, json!({"name": "الف", "role": "agency", "agency_id": education})).await;
        let path = format!("/clients/{}", made.id());
        let changes = [(json!({"active": false}), json!({"active": true})), (json!({"agency_id": sport}), json!({"agency_id": education}))];
        for (version, (there, back)) in (1..).step_by(2).zip(changes) {
            let machine = enter(&app, &made).await;
            machine.get("/me").await.is(200);
            office.patch(&path, there, version).await.is(200);
            office.patch(&path, back, version + 1).await.is(200);
            machine.get("/me").await.refused(401, "invalid_token");
            // The secret is the same.
            enter(&app, &made).await.get("/me").await.is(200);
        }
        // A change of its name ends nothing.
        let machine = enter(&app, &made).await;
        office.patch(&path, json!({"name": "ب"}), 5).await.is(200);
        machine.get("/me").await.is(200);
    }

    async fn a_client_ends_with_its_last_day_in_tehran(app: TestApp) {
        let made = make(&app.province().await, json!({"name": "الف", "role": "viewer", "valid_to": "2026-11-22"})).await;
        let machine = enter(&app, &made).await;
        // 11:30 in Tehran; the day ends after twelve and a half hours.
        app.clock.advance(12 * 3600 + 29 * 60);
        let late = enter(&app, &made).await;
        late.get("/me").await.is(200);
        app.clock.advance(60);
        late.get("/me").await.refused(401, "invalid_token");
        machine.get("/me").await.refused(401, "invalid_token");
        refused(ask_as(&app, &made).await, 401, "invalid_client");
    }

    async fn a_new_secret_and_the_one_before_are_good_side_by_side(app: TestApp) {
        let office = app.province().await;
        let first = make(&office, json!({"name": "الف", "role": "viewer"})).await;
        let secrets = format!("/clients/{}/secrets", first.id());
        let old = enter(&app, &first).await;
        let second = office.post(&secrets, json!({"overlap_hours": 1})).await.is(201);
        assert_eq!(second.header("location"), Some(format!("/api/v1/clients/{}", first.id()).as_str()));
        assert_ne!(second.json["client_secret"], first.json["client_secret"]);
        assert_eq!((&second.json["version"], second.json["secrets"].as_array().map(Vec::len)), (&json!(1), Some(2)));
        ask_as(&app, &first).await.is(200);
        ask_as(&app, &second).await.is(200);
        old.get("/me").await.is(200);
        app.clock.advance(3590);
        let last = enter(&app, &first).await;
        last.get("/me").await.is(200);
        app.clock.advance(10);
        refused(ask_as(&app, &first).await, 401, "invalid_client");
        last.get("/me").await.refused(401, "invalid_token");
        let office = app.again(&office).await;
        // One that has leaked ends at once, and its tokens with it.
        let leaked = enter(&app, &second).await;
        let third = office.post(&secrets, json!({"overlap_hours": 0})).await.is(201);
        refused(ask_as(&app, &second).await, 401, "invalid_client");
        leaked.get("/me").await.refused(401, "invalid_token");
        assert_eq!(third.json["secrets"].as_array().map(Vec::len), Some(1));
        ask_as(&app, &third).await.is(200);
        // By default a day; never more than two.
        let fourth = office.post(&secrets, json!({})).await.is(201);
        assert_eq!(fourth.json["secrets"][0]["expires_at"], json!(app.app.world.now().plus_seconds(24 * 3600).to_string()));
        office.post(&secrets, json!({})).await.is(201);
        refused(ask_as(&app, &third).await, 401, "invalid_client");
        office.post(&secrets, json!({"overlap_hours": 169})).await.refused(422, "validation_failed").with_errors(&[("/overlap_hours", "out_of_range")]);
        office.post(&format!("/clients/{}/secrets", app.app.world.new_id()), json!({})).await.refused(404, "not_found");
    }

    async fn the_metadata_leads_to_the_endpoint(app: TestApp) {
        let read = app.anonymous().at(Method::GET, "/.well-known/oauth-authorization-server").await.is(200);
        let endpoint = text(&read, "token_endpoint");
        let path = endpoint.strip_prefix(text(&read, "issuer")).expect("an endpoint of the issuer");
        refused(app.anonymous().at(Method::POST, path).body(FORM, "").await, 400, "invalid_request");
        assert_eq!(read.json["grant_types_supported"], json!(["client_credentials"]));
        assert_eq!(read.json["response_types_supported"], json!([]));
        let keys = text(&read, "jwks_uri").strip_prefix(text(&read, "issuer")).expect("keys of the issuer").to_owned();
        app.anonymous().at(Method::GET, &keys).await.is(200);
        let named = app.another_server(&["--issuer", "https://mahalleh.example.org/"]).await;
        let read = named.at(Method::GET, "/.well-known/oauth-authorization-server").await.is(200);
        assert_eq!(read.json["token_endpoint"], "https://mahalleh.example.org/api/v1/oauth/token");
        assert_eq!(read.json["issuer"], "https://mahalleh.example.org/", "as in the tokens");
        // Who is no trusted proxy does not say where we are.
        let read = app.anonymous().at(Method::GET, "/.well-known/oauth-authorization-server").header("x-forwarded-host", "evil.example").await.is(200);
        assert!(!read.text().contains("evil.example"));
    }
}
