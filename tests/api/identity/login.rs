use std::future::IntoFuture;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use diesel::{ExpressionMethods, RunQueryDsl};
use mahalleh::db::schema::login_failures;
use serde_json::{Value, json};

use super::{PASSWORD, bearer, credentials, log_in, somebody};
use crate::support::on_both;

fn part(token: &str, number: usize) -> Value {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(number).expect("three parts")).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

on_both! {
    async fn name_and_password_give_a_pair_of_tokens(app: TestApp) {
        let user = somebody(&app).await;
        let pair = log_in(&app, &user).await;
        assert_eq!(pair.json["token_type"], "Bearer");
        assert_eq!(pair.json["expires_in"], 900);
        assert!(pair.json["refresh_expires_in"].as_i64() > Some(900));
        assert_eq!(pair.header("cache-control"), Some("no-store"));
        let me = bearer(&app, &pair).get("/me").await.is(200);
        assert_eq!(pair.json["user"], me.json);
        assert_eq!(me.json["username"], user.username.as_str());
    }

    async fn the_token_is_an_ed25519_jwt_with_the_claims_of_the_contract(app: TestApp) {
        let staff = app.agency("education").await;
        app.set_password(staff.user_id.expect("a user"), PASSWORD).await;
        let pair = log_in(&app, &staff).await;
        let token = pair.json["access_token"].as_str().expect("a token");
        let (header, claims) = (part(token, 0), part(token, 1));
        assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
        assert!(header["kid"].is_string());
        assert_eq!(claims["iss"], "mahalleh");
        assert_eq!(claims["aud"], "mahalleh");
        assert_eq!(claims["sub"], pair.json["user"]["user_id"]);
        assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|iat| iat + 900));
        assert_eq!(claims["province"], app.code.as_str());
        assert_eq!(claims["role"], "agency");
        assert_eq!(claims["agency_id"], pair.json["user"]["agency_id"]);
        assert!(claims["jti"].is_string() && claims["sid"].is_string());
        let viewer = somebody(&app).await;
        let pair = log_in(&app, &viewer).await;
        assert_eq!(part(pair.json["access_token"].as_str().expect("a token"), 1).get("agency_id"), None);
    }

    async fn the_name_and_the_province_are_taken_in_any_case(app: TestApp) {
        let user = somebody(&app).await;
        let body = json!({"username": user.username.to_uppercase(), "password": PASSWORD, "province": app.code.to_uppercase()});
        app.anonymous().post("/auth/login", body).await.is(200);
    }

    async fn a_wrong_name_and_a_wrong_password_look_the_same(app: TestApp) {
        let user = somebody(&app).await;
        let wrong_password = app.anonymous().post("/auth/login", credentials(&app, &user.username, "not-the-password")).await;
        let wrong_name = app.anonymous().post("/auth/login", credentials(&app, "nobody-at-all", PASSWORD)).await;
        let body = json!({"username": user.username, "password": PASSWORD, "province": "no-such-province"});
        let wrong_province = app.anonymous().post("/auth/login", body).await;
        let unpassworded = app.viewer().await;
        let no_password = app.anonymous().post("/auth/login", credentials(&app, &unpassworded.username, PASSWORD)).await;
        let [one, others @ ..] = [wrong_password, wrong_name, wrong_province, no_password].map(|answer| {
            let mut problem = answer.refused(401, "invalid_credentials").json;
            problem["request_id"] = json!(null);
            problem
        });
        assert_eq!(others, [one.clone(), one.clone(), one]);
    }

    async fn somebody_made_inactive_cannot_log_in(app: TestApp) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use mahalleh::db::schema::users;
        let user = somebody(&app).await;
        let id = user.user_id.expect("a user");
        app.write(move |conn| Ok(diesel::update(users::table.filter(users::id.eq(id))).set(users::active.eq(false)).execute(conn)?)).await;
        app.anonymous().post("/auth/login", credentials(&app, &user.username, PASSWORD)).await.refused(401, "invalid_credentials");
    }

    async fn the_province_must_be_named_where_there_are_several(app: TestApp) {
        use mahalleh::provinces;
        let (world, code) = (app.app.world.clone(), format!("{}-b", app.code));
        app.write(move |conn| provinces::add(conn, &world, &code, "دیگر", "Other")).await;
        let body = json!({"username": "province", "password": PASSWORD});
        app.anonymous().post("/auth/login", body).await.refused(422, "validation_failed").with_errors(&[("/province", "required")]);
    }

    async fn after_ten_failures_for_a_name_the_eleventh_waits(app: TestApp) {
        let user = somebody(&app).await;
        let wrong = || app.anonymous().post("/auth/login", credentials(&app, &user.username, "not-the-password"));
        for _ in 0..10 {
            wrong().await.refused(401, "invalid_credentials");
        }
        let refused = wrong().await.refused(429, "too_many_requests");
        let seconds: i64 = refused.header("retry-after").expect("Retry-After").parse().expect("seconds");
        assert!((1..=901).contains(&seconds), "{seconds}");
        // The right password helps as little, and another name is free.
        app.anonymous().post("/auth/login", credentials(&app, &user.username, PASSWORD)).await.refused(429, "too_many_requests");
        log_in(&app, &somebody(&app).await).await;
        app.clock.advance(seconds);
        log_in(&app, &user).await;
    }

    async fn those_who_know_it_may_come_at_once_and_those_who_guess_have_ten_tries(app: TestApp) {
        let user = somebody(&app).await;
        let at_once = async |count: usize, password: &'static str| {
            let tries = (0..count).map(|_| app.anonymous().post("/auth/login", credentials(&app, &user.username, password)).into_future());
            let answers = futures_util::future::join_all(tries).await;
            answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
        };
        assert_eq!(at_once(12, PASSWORD).await, [200; 12]);
        let wrong = at_once(14, "not-the-password").await;
        assert_eq!((wrong.iter().filter(|status| **status == 401).count(), wrong.iter().filter(|status| **status == 429).count()), (10, 4), "{wrong:?}");
    }

    async fn who_tries_many_names_from_one_address_holds_up_nobody_elsewhere(app: TestApp) {
        let user = somebody(&app).await;
        let behind = app.another_server(&["--trusted-proxies", "127.0.0.1"]).await;
        let from = async |address: &str, name: &str, password: &'static str| {
            let request = behind.request(reqwest::Method::POST, "/auth/login").header("x-forwarded-for", address);
            request.json(credentials(&app, name, password)).await.status
        };
        let tried = std::cell::Cell::new(0);
        let guess = async |number: usize| {
            assert_eq!(from("203.0.113.7", &format!("name-{number}"), "not-the-password").await, 401);
            tried.set(tried.get() + 1);
        };
        let meanwhile = async {
            while tried.get() == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            assert_eq!(from("203.0.113.8", &user.username, PASSWORD).await, 200);
            tried.get()
        };
        let ((), before) = tokio::join!(async { drop(futures_util::future::join_all((0..60).map(guess)).await) }, meanwhile);
        assert!(before < 20, "{before} of sixty were judged first");
    }

    async fn failures_are_counted_by_the_address_that_a_trusted_proxy_tells(app: TestApp) {
        let user = somebody(&app).await;
        let behind = app.another_server(&["--trusted-proxies", "127.0.0.1"]).await;
        let from = |address: &'static str, password| {
            let body = credentials(&app, &user.username, password);
            behind.request(reqwest::Method::POST, "/auth/login").header("x-forwarded-for", address).json(body)
        };
        from("203.0.113.1", "not-the-password").await.refused(401, "invalid_credentials");
        app.clock.advance(600);
        for _ in 0..10 {
            from("203.0.113.2", "not-the-password").await.refused(401, "invalid_credentials");
        }
        // Until the oldest failure from this address no longer counts, not that from the other.
        let refused = from("203.0.113.2", PASSWORD).await.refused(429, "too_many_requests");
        assert_eq!(refused.header("retry-after"), Some("901"));
        from("203.0.113.1", PASSWORD).await.is(200);
    }

    async fn five_hundred_failures_from_anywhere_make_the_name_wait(app: TestApp) {
        let user = somebody(&app).await;
        let behind = app.another_server(&["--trusted-proxies", "127.0.0.1"]).await;
        let from = |address: &str, password: &str| {
            let request = behind.request(reqwest::Method::POST, "/auth/login").header("x-forwarded-for", address);
            request.json(credentials(&app, &user.username, password))
        };
        from("203.0.113.1", "not-the-password").await.refused(401, "invalid_credentials");
        let (world, name) = (app.app.world.clone(), format!("{}/{}", app.province_id, user.username));
        // As many more as leave one: a password is not judged 500 times here.
        app.write(move |conn| {
            use login_failures::{address, at, id, name as of};
            for number in 0..498 {
                let failure = (id.eq(world.new_id()), of.eq(&name), address.eq(format!("address {number}")), at.eq(world.now()));
                diesel::insert_into(login_failures::table).values(failure).execute(conn)?;
            }
            Ok(())
        })
        .await;
        from("203.0.113.2", "not-the-password").await.refused(401, "invalid_credentials");
        from("203.0.113.3", PASSWORD).await.refused(429, "too_many_requests");
        log_in(&app, &somebody(&app).await).await;
        app.clock.advance(15 * 60 + 1);
        from("203.0.113.3", PASSWORD).await.is(200);
    }

    async fn a_success_forgets_the_failures_before_it(app: TestApp) {
        let user = somebody(&app).await;
        for _ in 0..2 {
            for _ in 0..9 {
                app.anonymous().post("/auth/login", credentials(&app, &user.username, "not-the-password")).await.refused(401, "invalid_credentials");
            }
            log_in(&app, &user).await;
        }
    }

    async fn what_is_missing_or_too_much_is_named(app: TestApp) {
        let client = app.anonymous();
        let answer = client.post("/auth/login", json!({"password": 5, "remember": true})).await.refused(422, "validation_failed");
        answer.with_errors(&[("/password", "wrong_type"), ("/remember", "unknown_field"), ("/username", "required")]);
    }
}
