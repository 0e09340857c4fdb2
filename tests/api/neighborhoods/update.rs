use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn the_province_changes_every_field(app: TestApp) {
        let office = app.province().await;
        let path = format!("/neighborhoods/{}", app.neighborhood().make().await.id());
        let body = json!({
            "code": "new", "name": "نو", "name_en": "New", "county": "کاشان", "city": "کاشان", "district": "۲", "population": 1, "households": 2,
            "profile_as_of": "2026-03-20", "location": {"type": "Point", "coordinates": [50.87, 34.64]}, "designation": "model",
            "designated_on": "2026-01-01", "closed_on": "2027-01-01",
            "boundary": {"type": "Polygon", "coordinates": [[[50.0, 34.0], [51.0, 34.0], [51.0, 35.0], [50.0, 34.0]]]},
        });
        app.clock.advance(90);
        let changed = office.patch(&path, body.clone(), 1).await.is(200);
        for (field, value) in body.as_object().expect("an object") {
            assert_eq!(&changed.json[field], value, "{field}");
        }
        assert_eq!((&changed.json["created_at"], &changed.json["updated_at"]), (&json!("2026-11-22T08:00:00.000000Z"), &json!("2026-11-22T08:01:30.000000Z")));
        assert_eq!(office.get("/neighborhoods?city=کاشان&district=2&q=new").await.items().len(), 1);
    }

    async fn a_manager_keeps_the_profile_of_his_own_place(app: TestApp) {
        let (own, other) = (app.neighborhood().make().await.id(), app.neighborhood().make().await.id());
        let manager = app.manager(&[&own]).await;
        let path = format!("/neighborhoods/{own}");
        let profile = json!({"population": 1, "households": 1, "profile_as_of": "2026-11-01", "location": {"type": "Point", "coordinates": [50, 34]}});
        let changed = manager.patch(&path, profile, 1).await.is(200);
        let mine = json!({"user_id": manager.user_id, "display_name": format!("آقای {}", manager.username), "mandate_id": changed.json["manager"]["mandate_id"]});
        assert_eq!(changed.json["manager"], mine);
        let refused = manager.patch(&path, json!({"name": "نو", "population": 2, "designation": "model"}), 2).await.refused(403, "forbidden_field");
        refused.with_errors(&[("/name", "forbidden_field"), ("/designation", "forbidden_field")]);
        // What he sends back unchanged is no change.
        manager.patch(&path, json!({"name": changed.json["name"], "population": 3}), 2).await.is(200);
        manager.patch(&format!("/neighborhoods/{other}"), json!({"population": 1}), 1).await.refused(403, "forbidden");
        manager.delete(&path, 3).await.refused(403, "forbidden");
        assert_eq!(app.viewer().await.get(&format!("/neighborhoods/{other}")).await.json["manager"], json!(null));
    }

    async fn a_mandate_that_is_over_gives_no_right(app: TestApp) {
        let place = app.neighborhood().make().await.id();
        let manager = app.manager(&[]).await;
        let today = app.app.world.today();
        app.mandate(manager.user_id.expect("a user"), &place, today - chrono::Days::new(9), Some(today - chrono::Days::new(1))).await;
        manager.patch(&format!("/neighborhoods/{place}"), json!({"population": 1}), 1).await.refused(403, "forbidden");
        let last = app.manager(&[]).await;
        app.mandate(last.user_id.expect("a user"), &place, today, Some(today)).await;
        last.patch(&format!("/neighborhoods/{place}"), json!({"population": 1}), 1).await.is(200);
    }

    async fn a_code_that_is_taken_is_refused(app: TestApp) {
        app.neighborhood().coded("taken").make().await;
        let path = format!("/neighborhoods/{}", app.neighborhood().coded("own").make().await.id());
        let office = app.province().await;
        office.patch(&path, json!({"code": "TAKEN"}), 1).await.refused(409, "already_exists").with_errors(&[("/code", "already_exists")]);
        assert_eq!(office.patch(&path, json!({"code": "OWN"}), 1).await.is(200).json["code"], "OWN");
    }
}
