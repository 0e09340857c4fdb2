use std::future::IntoFuture;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use futures_util::future::join_all;
use mahalleh::db::schema::{client_secrets, idempotency_keys};

use super::*;
use crate::support::watch::{grown, on_each};

on_both! {
    async fn the_secret_is_shown_once(app: TestApp) {
        let office = app.province().await;
        let made = make(&office, json!({"name": "  سامانهٔ آمار ", "role": "viewer"})).await;
        let secret = text(&made, "client_secret").to_owned();
        assert_eq!((&made.json["name"], &made.json["active"], &made.json["valid_to"]), (&json!("سامانهٔ آمار"), &json!(true), &json!(null)));
        assert_eq!((made.json["client_id"].as_str(), made.header("cache-control")), (Some(made.id().as_str()), Some("no-store")));
        let path = format!("/clients/{}", made.id());
        assert_eq!(made.header("location"), Some(format!("/api/v1{path}").as_str()));
        assert_eq!(office.get(&path).await.is(200).json["client_secret"], Value::Null);
        office.patch(&path, json!({"name": "دیگر"}), 1).await.is(200);
        for place in ["/clients", &path, "/events?resource_type=client"] {
            assert!(!office.get(place).await.is(200).text().contains(&secret), "{place}");
        }
        let province = app.province_id;
        let kept: Vec<Vec<u8>> = app.read(move |conn| Ok(client_secrets::table.filter(client_secrets::province_id.eq(province)).select(client_secrets::secret_hash).load(conn)?)).await;
        assert!(kept.iter().all(|hash| hash.len() == 32), "hashes alone are kept");
    }

    async fn a_repeated_creation_shows_the_same_secret_which_is_kept_sealed(app: TestApp) {
        let office = app.province().await;
        let body = json!({"name": "الف", "role": "viewer"});
        let made = office.post("/clients", body.clone()).key("one").await.is(201);
        let again = office.post("/clients", body).key("one").await.is(201);
        assert_eq!((&again.body, again.header("idempotent-replayed")), (&made.body, Some("true")));
        ask_as(&app, &again).await.is(200);
        let (province, secret) = (app.province_id, text(&made, "client_secret").to_owned());
        let kept: Vec<Vec<u8>> = app.read(move |conn| Ok(idempotency_keys::table.filter(idempotency_keys::province_id.eq(province)).select(idempotency_keys::body).load(conn)?)).await;
        assert_eq!(kept.len(), 1);
        assert!(!kept.iter().any(|body| body.windows(secret.len()).any(|part| part == secret.as_bytes())), "the secret is not kept as it is");
    }

    async fn role_and_reach_go_together(app: TestApp) {
        let office = app.province().await;
        let (agency, place) = (app.agency_of("education").await.to_string(), app.neighborhood().make().await.id());
        let nothing = app.app.world.new_id().to_string();
        for (body, errors) in [
            (json!({}), &[("/name", "required"), ("/role", "required")][..]),
            (json!({"name": "الف", "role": "king"}), &[("/role", "not_one_of")]),
            (json!({"name": "الف", "role": "agency"}), &[("/agency_id", "required")]),
            (json!({"name": "الف", "role": "neighborhood_manager", "neighborhood_ids": []}), &[("/neighborhood_ids", "required")]),
            (json!({"name": "الف", "role": "viewer", "agency_id": agency, "neighborhood_ids": [place]}), &[("/agency_id", "agency_not_allowed"), ("/neighborhood_ids", "neighborhoods_not_allowed")]),
            (json!({"name": "الف", "role": "agency", "agency_id": nothing}), &[("/agency_id", "unknown_reference")]),
            (json!({"name": "الف", "role": "neighborhood_manager", "neighborhood_ids": [place, nothing]}), &[("/neighborhood_ids/1", "unknown_reference")]),
            (json!({"name": "الف", "role": "neighborhood_manager", "neighborhood_ids": ["x"]}), &[("/neighborhood_ids/0", "invalid_format")]),
            (json!({"name": "الف", "role": "viewer", "secret": "x"}), &[("/secret", "unknown_field")]),
        ] {
            office.post("/clients", body).await.refused(422, "validation_failed").with_errors(errors);
        }
        let made = make(&office, json!({"name": "الف", "role": "neighborhood_manager", "neighborhood_ids": [place, place]})).await;
        assert_eq!(made.json["neighborhood_ids"], json!([place]));
        let closed = app.neighborhood().make().await.id();
        office.patch(&format!("/neighborhoods/{closed}"), json!({"closed_on": "2026-11-01"}), 1).await.is(200);
        let path = format!("/clients/{}", made.id());
        office.patch(&path, json!({"neighborhood_ids": [place, closed]}), 1).await.refused(422, "validation_failed").with_errors(&[("/neighborhood_ids/1", "inactive_reference")]);
        // What a client reaches is in use.
        office.delete(&format!("/neighborhoods/{place}"), 1).await.refused(409, "in_use");
    }

    async fn of_many_who_change_or_remove_a_client_at_once_one_does(app: TestApp) {
        let office = app.province().await;
        for _ in 0..4 {
            let path = format!("/clients/{}", make(&office, json!({"name": "الف", "role": "viewer"})).await.id());
            let change = |number: i64| office.patch(&path, json!({"name": number.to_string()}), 1).into_future();
            let mut answers = join_all((0..6).map(change)).await;
            answers.sort_by_key(|answer| answer.status);
            assert_eq!(answers.remove(0).status, 200);
            for answer in answers {
                assert_eq!(answer.refused(412, "stale_version").json["current_version"], 2);
            }
            // Any version will do, for each after the other.
            let any = |number: i64| office.request(Method::PATCH, &path).json(json!({"name": format!("n{number}")})).header("if-match", "*").into_future();
            assert!(join_all((0..6).map(any)).await.iter().all(|answer| answer.status == 200));
            let mut done = 0;
            for answer in join_all((0..8).map(|n| if n % 2 == 0 { office.delete(&path, 8).into_future() } else { office.patch(&path, json!({"name": "x"}), 8).into_future() })).await {
                match answer.status {
                    200 | 204 => done += 1,
                    404 => drop(answer.refused(404, "not_found")),
                    _ => drop(answer.refused(412, "stale_version")),
                }
            }
            assert_eq!(done, 1);
        }
    }

    async fn who_ends_a_client_and_who_uses_it_do_not_trip_each_other(app: TestApp) {
        let office = app.province().await;
        for _ in 0..4 {
            let place = app.neighborhood().make().await.id();
            let body = json!({"name": "الف", "role": "neighborhood_manager", "neighborhood_ids": [place]});
            let (made, gone) = tokio::join!(office.post("/clients", body.clone()), office.delete(&format!("/neighborhoods/{place}"), 1));
            match made.status {
                201 => drop(gone.refused(409, "in_use")),
                _ => drop((made.refused(422, "validation_failed"), gone.is(204))),
            }
            // Who keeps a place does not let go of it for a moment.
            let place = app.neighborhood().make().await.id();
            let client = make(&office, json!({"name": "پ", "role": "neighborhood_manager", "neighborhood_ids": [place]})).await;
            let renamed = office.patch(&format!("/clients/{}", client.id()), json!({"name": "ت"}), 1);
            let (renamed, gone) = tokio::join!(renamed, office.delete(&format!("/neighborhoods/{place}"), 1));
            drop((renamed.is(200), gone.refused(409, "in_use")));
            let client = make(&office, json!({"name": "ب", "role": "viewer"})).await;
            let path = format!("/clients/{}", client.id());
            let secret = || office.post(&format!("{path}/secrets"), json!({"overlap_hours": 1}));
            let (one, two, token, removed) = tokio::join!(secret(), secret(), ask_as(&app, &client), office.delete(&path, 1));
            assert!([201, 404].contains(&one.status) && [201, 404].contains(&two.status), "{} {}", one.text(), two.text());
            // Whoever came first has it his way: a client that has logged in stays.
            assert!(matches!((token.status, removed.status), (200, 409) | (401, 204)), "{} {}", token.text(), removed.text());
        }
    }

    async fn clients_are_changed_listed_and_removed_as_all_things_are(app: TestApp) {
        let office = app.province().await;
        let agency = app.agency_of("education").await.to_string();
        for (name, body) in [("گ", json!({"role": "viewer"})), ("پ", json!({"role": "agency", "agency_id": agency})), ("آ", json!({"role": "province", "active": false}))] {
            make(&office, crate::support::programme::merged(body, json!({"name": name}))).await;
            app.clock.advance(1);
        }
        let names = |query: &'static str| { let office = &office; async move { office.get(&format!("/clients?{query}")).await.is(200).each("name") } };
        assert_eq!(names("").await, ["آ", "پ", "گ"]);
        assert_eq!(names("sort=-name").await, ["گ", "پ", "آ"]);
        assert_eq!(names("sort=updated_at").await, ["گ", "پ", "آ"]);
        assert_eq!(names("role=viewer,agency").await, ["پ", "گ"]);
        assert_eq!(names("active=false").await, ["آ"]);
        assert_eq!(office.get(&format!("/clients?agency_id={agency}&with_total=true")).await.json["total"], 1);
        let first = office.get("/clients?limit=1").await.is(200);
        let next = first.json["next_cursor"].as_str().expect("a page more");
        assert_eq!(office.get(&format!("/clients?limit=1&cursor={next}")).await.each("name"), ["پ"]);
        let path = format!("/clients/{}", first.each("id")[0]);
        office.patch(&path, json!({"name": "آ"}), 1).await.is(200);
        office.patch(&path, json!({"name": "ب"}), 2).await.refused(412, "stale_version");
        assert_eq!(office.patch(&path, json!({"name": "ب", "valid_to": "2027-01-01"}), 1).await.is(200).version(), 2);
        let told = office.get("/events?resource_type=client&action=updated").await;
        assert_eq!(told.items()[0]["changes"], json!([{"field": "name", "before": "آ", "after": "ب"}, {"field": "valid_to", "before": null, "after": "2027-01-01"}]));
        office.request(Method::DELETE, &path).await.refused(428, "precondition_required");
        office.delete(&path, 2).await.is(204);
        office.get(&path).await.refused(404, "not_found");
        // One that has logged in has left its mark.
        let used = make(&office, json!({"name": "ت", "role": "viewer"})).await;
        enter(&app, &used).await;
        office.delete(&format!("/clients/{}", used.id()), 1).await.refused(409, "in_use");
        let other = app.another_province().await;
        other.province().await.get(&format!("/clients/{}", used.id())).await.refused(404, "not_found");
    }
}

/// In a database of its own: what is old is forgotten for all provinces.
async fn an_expired_secret_is_forgotten(app: &TestApp) {
    let office = app.province().await;
    let made = make(&office, json!({"name": "الف", "role": "viewer"})).await;
    office.post(&format!("/clients/{}/secrets", made.id()), json!({"overlap_hours": 1})).await.is(201);
    let secrets = async |after: i64| {
        let then = app.app.world.now().plus_seconds(after);
        app.write(move |conn| mahalleh::auth::delete_expired(conn, then)).await;
        office.get(&format!("/clients/{}", made.id())).await.is(200).json["secrets"].as_array().map(Vec::len)
    };
    assert_eq!((secrets(3599).await, secrets(3600).await), (Some(2), Some(1)));
}

on_each!(grown: an_expired_secret_is_forgotten);
