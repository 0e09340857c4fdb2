//! Mandates: one manager a neighbourhood on any day, and what stays of one that has begun.

use std::future::IntoFuture;

use futures_util::future::join_all;
use mahalleh::policy::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both};

/// A user who can be appointed, and a place.
async fn parties(app: &TestApp) -> (Client, String, String) {
    let manager = app.manager(&[]).await.user_id.expect("a user").to_string();
    (app.province().await, manager, app.neighborhood().make().await.id())
}

fn body(user: &str, place: &str, from: &str, to: Value) -> Value {
    json!({"user_id": user, "neighborhood_id": place, "order_no": "۱۴۰۵/۱۲", "valid_from": from, "valid_to": to})
}

on_both! {
    async fn no_two_manage_a_place_on_one_day(app: TestApp) {
        let (office, user, place) = parties(&app).await;
        office.post("/mandates", body(&user, &place, "2026-03-01", json!("2026-06-30"))).await.is(201);
        for (from, to) in [
            ("2026-06-30", json!(null)), ("2026-01-01", json!("2026-03-01")), ("2026-04-01", json!("2026-04-01")), ("2026-01-01", json!(null)), ("2026-03-01", json!("2026-06-30")),
        ] {
            office.post("/mandates", body(&user, &place, from, to)).await.refused(409, "overlapping_mandate");
        }
        office.post("/mandates", body(&user, &place, "2026-01-01", json!("2026-02-28"))).await.is(201);
        let open = office.post("/mandates", body(&user, &place, "2026-07-01", json!(null))).await.is(201);
        office.post("/mandates", body(&user, &place, "2030-01-01", json!(null))).await.refused(409, "overlapping_mandate");
        // Another place is free, and the same one is once the open one has an end.
        let other = app.neighborhood().make().await.id();
        office.post("/mandates", body(&user, &other, "2026-07-01", json!(null))).await.is(201);
        let path = format!("/mandates/{}", open.id());
        office.patch(&path, json!({"valid_to": "2026-12-31"}), 1).await.is(200);
        office.post("/mandates", body(&user, &place, "2027-01-01", json!(null))).await.is(201);
        office.patch(&path, json!({"valid_to": null}), 2).await.refused(409, "overlapping_mandate");
        office.patch(&path, json!({"valid_to": "2027-01-01"}), 2).await.refused(409, "overlapping_mandate");
    }

    async fn no_two_manage_a_place_also_when_eight_are_appointed_at_once(app: TestApp) {
        let (office, user, place) = parties(&app).await;
        let answers = join_all((1..=8).map(|day| {
            let body = body(&user, &place, &format!("2027-01-0{day}"), json!(null));
            let office = &office;
            async move { office.post("/mandates", body).await }
        })).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.refused(409, "overlapping_mandate");
        }
    }

    async fn two_that_change_places_do_not_wait_for_each_other(app: TestApp) {
        let (office, user, place) = parties(&app).await;
        let other = app.neighborhood().make().await.id();
        let one = office.post("/mandates", body(&user, &place, "2030-01-01", json!("2030-12-31"))).await.is(201).id();
        let two = office.post("/mandates", body(&user, &other, "2031-01-01", json!("2031-12-31"))).await.is(201).id();
        for round in 1..=6 {
            let (here, there) = if round % 2 == 1 { (&other, &place) } else { (&place, &other) };
            let to = |id: &str, place: &str| office.patch(&format!("/mandates/{id}"), json!({"neighborhood_id": place}), round).into_future();
            for answer in join_all([to(&one, here), to(&two, there)]).await {
                assert_eq!(answer.status, 200, "{}", answer.text());
            }
        }
    }

    async fn many_may_change_whatever_version_there_is_at_once(app: TestApp) {
        let (office, user, place) = parties(&app).await;
        let path = format!("/mandates/{}", office.post("/mandates", body(&user, &place, "2030-01-01", json!(null))).await.is(201).id());
        let any = |number: i64| office.request(Method::PATCH, &path).json(json!({"order_no": number.to_string()})).header("if-match", "*").into_future();
        for answer in join_all((0..8).map(any)).await {
            answer.is(200);
        }
        assert_eq!(office.get(&path).await.version(), 9);
    }

    async fn a_mandate_is_for_an_active_manager_and_an_open_place(app: TestApp) {
        let (office, user, place) = parties(&app).await;
        office.post("/mandates", json!({})).await.refused(422, "validation_failed")
            .with_errors(&[("/user_id", "required"), ("/neighborhood_id", "required"), ("/order_no", "required"), ("/valid_from", "required")]);
        office.post("/mandates", body(&user, &place, "2026-12-02", json!("2026-12-01"))).await.refused(422, "validation_failed").with_errors(&[("/valid_to", "dates_out_of_order")]);
        let nobody = "01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f50";
        office.post("/mandates", body(nobody, nobody, "2026-12-02", json!("2026-12-01"))).await.refused(422, "validation_failed")
            .with_errors(&[("/user_id", "unknown_reference"), ("/neighborhood_id", "unknown_reference"), ("/valid_to", "dates_out_of_order")]);
        let viewer = app.user(Role::Viewer, None).await.user_id.expect("a user").to_string();
        office.post("/mandates", body(&viewer, &place, "2026-12-01", json!(null))).await.refused(422, "validation_failed").with_errors(&[("/user_id", "not_a_manager")]);
        office.patch(&format!("/users/{user}"), json!({"active": false}), 1).await.is(200);
        office.patch(&format!("/neighborhoods/{place}"), json!({"closed_on": "2026-11-01"}), 1).await.is(200);
        office.post("/mandates", body(&user, &place, "2026-12-01", json!(null))).await.refused(422, "validation_failed")
            .with_errors(&[("/user_id", "inactive_reference"), ("/neighborhood_id", "inactive_reference")]);
    }

    async fn of_one_that_has_begun_only_its_end_and_number_change(app: TestApp) {
        let (office, user, place) = parties(&app).await;
        let begun = format!("/mandates/{}", office.post("/mandates", body(&user, &place, "2026-11-22", json!("2026-11-30"))).await.is(201).id());
        let other = app.neighborhood().make().await.id();
        let another = app.manager(&[]).await.user_id.expect("a user").to_string();
        let change = json!({"user_id": another, "neighborhood_id": other, "valid_from": "2026-11-23", "order_no": "2"});
        office.patch(&begun, change.clone(), 1).await.refused(409, "frozen").with_errors(&[("/neighborhood_id", "frozen"), ("/user_id", "frozen"), ("/valid_from", "frozen")]);
        office.patch(&begun, json!({"order_no": "2", "valid_to": null}), 1).await.is(200);
        office.delete(&begun, 2).await.refused(409, "in_use");
        let coming = format!("/mandates/{}", office.post("/mandates", body(&user, &other, "2026-12-01", json!(null))).await.is(201).id());
        office.patch(&coming, crate::support::programme::merged(change, json!({"valid_from": "2026-12-05"})), 1).await.is(200);
        office.delete(&coming, 2).await.is(204);
    }

    async fn a_mandate_counts_from_its_first_day_in_tehran_to_its_last(app: TestApp) {
        let (office, user, place) = parties(&app).await;
        office.post("/mandates", body(&user, &place, "2026-11-23", json!("2026-11-24"))).await.is(201);
        let path = format!("/neighborhoods/{place}");
        let manager = |office: Client| { let path = path.clone(); async move { office.get(&path).await.is(200).json["manager"]["user_id"].clone() } };
        assert_eq!(manager(office.clone()).await, Value::Null);
        // Midnight in Tehran is 20:30 UTC.
        app.clock.advance(12 * 3600 + 29 * 60 + 59);
        let office = app.again(&office).await;
        assert_eq!(manager(office.clone()).await, Value::Null);
        app.clock.advance(1);
        assert_eq!(manager(office.clone()).await, json!(user));
        app.clock.advance(2 * 24 * 3600 - 1);
        let office = app.again(&office).await;
        assert_eq!(manager(office.clone()).await, json!(user));
        app.clock.advance(1);
        assert_eq!(manager(office).await, Value::Null);
    }
}
