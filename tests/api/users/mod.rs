//! Accounts: what must hold of them, and that somebody always leads the register.

use futures_util::future::join_all;
use mahalleh::policy::Role;
use serde_json::{Value, json};

use crate::support::{Client, on_both};

fn path(client: &Client) -> String {
    format!("/users/{}", client.user_id.expect("a user"))
}

on_both! {
    async fn a_new_user_is_judged_whole(app: TestApp) {
        let office = app.province().await;
        let agency = app.agency_of("sport").await.to_string();
        office.post("/users", json!({})).await.refused(422, "validation_failed")
            .with_errors(&[("/username", "required"), ("/display_name", "required"), ("/role", "required")]);
        let body = |more: Value| crate::support::programme::merged(json!({"username": "reza", "display_name": "رضا", "role": "viewer"}), more);
        for (more, pointer, code) in [
            (json!({"role": "agency"}), "/agency_id", "required"),
            (json!({"agency_id": agency}), "/agency_id", "agency_not_allowed"),
            (json!({"role": "governor"}), "/role", "not_one_of"),
            (json!({"password": "short"}), "/password", "too_short"),
            (json!({"password": "1234567890"}), "/password", "weak_password"),
            (json!({"password_hash": "x"}), "/password_hash", "unknown_field"),
            (json!({"role": "agency", "agency_id": "01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f50"}), "/agency_id", "unknown_reference"),
        ] {
            office.post("/users", body(more)).await.refused(422, "validation_failed").with_errors(&[(pointer, code)]);
        }
        let made = office.post("/users", body(json!({"username": "Reza", "password": "a-good-long-secret"}))).await.is(201);
        assert!(made.json["password"].is_null() && !made.text().contains("a-good-long-secret") && !made.text().contains("argon2"));
        assert_eq!((&made.json["active"], &made.json["agency_id"]), (&json!(true), &Value::Null));
        office.post("/users", body(json!({"username": "REZA"}))).await.refused(409, "already_exists").with_errors(&[("/username", "already_exists")]);
        let of_agency = office.post("/users", body(json!({"username": "gym", "role": "agency", "agency_id": agency}))).await.is(201);
        let of_agency = format!("/users/{}", of_agency.id());
        office.patch(&of_agency, json!({"agency_id": null}), 1).await.refused(422, "validation_failed").with_errors(&[("/agency_id", "required")]);
        office.patch(&of_agency, json!({"role": "viewer"}), 1).await.refused(422, "validation_failed").with_errors(&[("/agency_id", "agency_not_allowed")]);
        office.patch(&of_agency, json!({"role": "viewer", "agency_id": null}), 1).await.is(200);
    }

    async fn a_user_without_a_password_can_not_log_in_until_he_is_given_one(app: TestApp) {
        let office = app.province().await;
        let made = office.post("/users", json!({"username": "reza", "display_name": "رضا", "role": "viewer"})).await.is(201);
        let login = |password: &str| app.anonymous().post("/auth/login", json!({"username": "reza", "password": password, "province": app.code}));
        login("a-good-long-secret").await.refused(401, "invalid_credentials");
        office.patch(&format!("/users/{}", made.id()), json!({"password": "a-good-long-secret"}), 1).await.is(200);
        assert_eq!(login("a-good-long-secret").await.is(200).json["user"]["must_change_password"], true);
    }

    async fn somebody_always_leads_the_register(app: TestApp) {
        let office = app.province().await;
        for change in [json!({"active": false}), json!({"role": "viewer"}), json!({"role": "viewer", "active": false})] {
            office.patch(&path(&office), change, 1).await.refused(409, "last_administrator");
        }
        office.delete(&path(&office), 1).await.refused(409, "last_administrator");
        // One who can't log in does not count, and may himself be disabled.
        let locked_out = json!({"username": "reza", "display_name": "رضا", "role": "province"});
        let locked_out = format!("/users/{}", office.post("/users", locked_out).await.is(201).id());
        office.patch(&path(&office), json!({"active": false}), 1).await.refused(409, "last_administrator");
        office.patch(&locked_out, json!({"active": false}), 1).await.is(200);
        // Nor does an inactive one; one who is active and has a password does.
        let second = app.user(Role::Province, None).await;
        office.patch(&path(&second), json!({"active": false}), 1).await.is(200);
        office.patch(&path(&office), json!({"active": false}), 1).await.refused(409, "last_administrator");
        office.patch(&path(&second), json!({"active": true}), 2).await.is(200);
        office.patch(&path(&office), json!({"role": "viewer"}), 1).await.is(200);
        office.get("/me").await.refused(401, "invalid_token");
    }

    async fn of_eight_who_leave_at_once_one_stays(app: TestApp) {
        let mut all = vec![app.province().await];
        for _ in 0..7 {
            all.push(app.user(Role::Province, None).await);
        }
        let answers = join_all(all.iter().map(|who| async move { who.patch(&path(who), json!({"active": false}), 1).await })).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 7);
        for refused in answers.into_iter().filter(|answer| answer.status != 200) {
            refused.refused(409, "last_administrator");
        }
    }

    async fn who_has_done_something_stays(app: TestApp) {
        let office = app.province().await;
        let made = office.post("/users", json!({"username": "reza", "display_name": "رضا", "role": "viewer"})).await.is(201);
        office.delete(&format!("/users/{}", made.id()), 1).await.is(204);
        let place = app.neighborhood().make().await.id();
        let manager = app.manager(&[&place]).await;
        office.delete(&path(&manager), 1).await.refused(409, "in_use");
        let second = app.user(Role::Province, None).await;
        second.post("/domains", json!({"code": "x", "name": "نام"})).await.is(201);
        office.delete(&path(&second), 1).await.refused(409, "in_use");
    }

    async fn an_inactive_user_keeps_nothing(app: TestApp) {
        let (office, viewer) = (app.province().await, app.viewer().await);
        viewer.get("/me").await.is(200);
        office.patch(&path(&viewer), json!({"active": false}), 1).await.is(200);
        viewer.get("/neighborhoods").await.refused(401, "invalid_token");
    }
}
