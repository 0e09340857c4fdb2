use std::future::IntoFuture;

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use mahalleh::db::schema::{login_failures, users};
use serde_json::json;

use super::{PASSWORD, bearer, credentials, log_in, refresh, somebody};
use crate::support::{TestApp, on_both};

/// How many logins of a user count as failed.
async fn attempts(app: &TestApp, username: &str) -> i64 {
    let name = format!("{}/{username}", app.province_id);
    app.read(move |conn| Ok(login_failures::table.filter(login_failures::name.eq(name)).count().get_result(conn)?)).await
}

on_both! {
    async fn a_new_password_ends_the_other_sessions(app: TestApp) {
        let user = somebody(&app).await;
        let (here, there) = (log_in(&app, &user).await, log_in(&app, &user).await);
        let body = json!({"current_password": PASSWORD, "new_password": "quite-another-secret"});
        bearer(&app, &here).post("/me/password", body).await.is(204);
        bearer(&app, &here).get("/me").await.is(200);
        refresh(&app, &here.json["refresh_token"]).await.is(200);
        bearer(&app, &there).get("/me").await.refused(401, "invalid_token");
        refresh(&app, &there.json["refresh_token"]).await.is(401);
        app.anonymous().post("/auth/login", credentials(&app, &user.username, PASSWORD)).await.refused(401, "invalid_credentials");
        app.anonymous().post("/auth/login", credentials(&app, &user.username, "quite-another-secret")).await.is(200);
    }

    async fn a_login_that_is_under_way_with_the_old_password_is_refused(app: TestApp) {
        let (office, user) = (app.province().await, somebody(&app).await);
        let id = user.user_id.expect("a user");
        let gate = &app.app.auth.gate;
        let all = u32::try_from(gate.available_permits()).expect("a few");
        for (password, deactivated) in [(PASSWORD, false), ("quite-another-secret", true)] {
            // It has read what there was, and waits for its turn to check it.
            let (held, before) = (gate.acquire_many(all).await.expect("it is open"), attempts(&app, &user.username).await);
            let login = actix_web::rt::spawn(app.anonymous().post("/auth/login", credentials(&app, &user.username, password)).into_future());
            // When it reads the hash it counts as failed.
            while attempts(&app, &user.username).await == before {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            if deactivated {
                office.patch(&format!("/users/{id}"), json!({"active": false}), 1).await.is(200);
            } else {
                app.set_password(id, "quite-another-secret").await;
            }
            drop(held);
            login.await.expect("it ends").refused(401, "invalid_credentials");
        }
    }

    async fn a_login_waits_for_a_change_of_its_user_that_is_not_committed(app: TestApp) {
        let (user, (begun, began)) = (somebody(&app).await, tokio::sync::oneshot::channel());
        let (id, province) = (user.user_id.expect("a user"), app.province_id);
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let change = app.app.db.write(move |conn| {
            let row = users::table.filter(users::province_id.eq(province).and(users::id.eq(id)));
            diesel::update(row).set(users::active.eq(false)).execute(conn)?;
            begun.send(()).ok();
            ended.recv().ok();
            Ok(())
        });
        let meanwhile = async {
            began.await.expect("it has begun");
            let login = actix_web::rt::spawn(app.anonymous().post("/auth/login", credentials(&app, &user.username, PASSWORD)).into_future());
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            assert!(!login.is_finished(), "the change is not committed");
            end.send(()).expect("it waits");
            login.await.expect("it ends")
        };
        let (changed, answer) = tokio::join!(change, meanwhile);
        changed.expect("a change");
        answer.refused(401, "invalid_credentials");
    }

    async fn who_comes_while_too_many_are_checked_has_not_failed(app: TestApp) {
        let (user, gate) = (somebody(&app).await, &app.app.auth.gate);
        let held = gate.acquire_many(u32::try_from(gate.available_permits()).expect("a few")).await.expect("it is open");
        app.anonymous().post("/auth/login", credentials(&app, &user.username, PASSWORD)).await.refused(503, "busy");
        drop(held);
        // One more would be one too many, had that one counted.
        for _ in 0..9 {
            app.anonymous().post("/auth/login", credentials(&app, &user.username, "not-the-password")).await.refused(401, "invalid_credentials");
        }
        app.anonymous().post("/auth/login", credentials(&app, &user.username, PASSWORD)).await.is(200);
    }

    async fn the_old_password_must_be_known(app: TestApp) {
        let user = somebody(&app).await;
        let body = json!({"current_password": "not\u{0}a-password", "new_password": "quite-another-secret"});
        user.post("/me/password", body).await.refused(422, "validation_failed").with_errors(&[("/current_password", "invalid_text")]);
        let body = json!({"current_password": "not-the-password", "new_password": "quite-another-secret"});
        user.post("/me/password", body).await.refused(401, "invalid_credentials");
        log_in(&app, &user).await;
    }

    async fn a_change_that_is_sent_again_under_its_key_is_answered_again(app: TestApp) {
        let user = somebody(&app).await;
        let body = json!({"current_password": PASSWORD, "new_password": "quite-another-secret"});
        let change = async |new: &str| {
            let mut body = body.clone();
            body["new_password"] = new.into();
            user.post("/me/password", body).header("idempotency-key", "change-1").await
        };
        change("quite-another-secret").await.is(204);
        let again = change("quite-another-secret").await.is(204);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        change("and-yet-another-one").await.refused(422, "idempotency_key_reused");
        user.post("/me/password", body.clone()).await.refused(401, "invalid_credentials");
    }

    async fn a_short_or_common_password_is_refused(app: TestApp) {
        let user = somebody(&app).await;
        for (password, code) in [("ninechars", "too_short"), ("password123", "weak_password"), ("PASSWORD123", "weak_password"), ("۱۲۳۴۵۶۷۸۹۰", "weak_password"), ("aaaaaaaaaaaa", "weak_password"), ("tab\tin-the-midst", "invalid_text")] {
            let body = json!({"current_password": PASSWORD, "new_password": password});
            user.post("/me/password", body).await.refused(422, "validation_failed").with_errors(&[("/new_password", code)]);
        }
        // Characters count, not bytes.
        user.post("/me/password", json!({"current_password": PASSWORD, "new_password": "گذرواژه‌ها"})).await.is(204);
    }

    async fn a_password_that_somebody_else_chose_is_to_be_changed(app: TestApp) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use mahalleh::db::schema::users;
        let user = somebody(&app).await;
        let id = user.user_id.expect("a user");
        app.write(move |conn| Ok(diesel::update(users::table.filter(users::id.eq(id))).set(users::must_change_password.eq(true)).execute(conn)?)).await;
        assert_eq!(user.get("/me").await.json["must_change_password"], true);
        let office = app.province().await;
        let seen = async || office.get(&format!("/users/{id}")).await.is(200).json;
        let before = seen().await;
        user.post("/me/password", json!({"current_password": PASSWORD, "new_password": "quite-another-secret"})).await.is(204);
        assert_eq!(user.get("/me").await.json["must_change_password"], false);
        let after = seen().await;
        assert_eq!((&after["must_change_password"], after["version"].as_i64()), (&false.into(), before["version"].as_i64().map(|version| version + 1)));
        user.post("/me/password", json!({"current_password": "quite-another-secret", "new_password": "a-third-secret"})).await.is(204);
        assert_eq!(seen().await["version"], after["version"], "nothing that is seen of him has changed");
    }
}
