use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn the_province_adds_a_neighborhood(app: TestApp) {
        let office = app.province().await;
        let body = json!({"code": "niroogah", "name": " نیروگاه ", "name_en": "Niroogah", "county": "قم", "city": "قم", "population": 42000});
        let made = office.post("/neighborhoods", body).await.is(201);
        assert_eq!(made.header("location"), Some(format!("/api/v1/neighborhoods/{}", made.id()).as_str()));
        assert_eq!(made.json["name"], "نیروگاه");
        assert_eq!(made.json["households"], json!(null));
        assert_eq!(made.json["designation"], "none");
        assert_eq!(made.version(), 1);
        assert_eq!(made.json["created_at"], "2026-11-22T08:00:00.000000Z");
        let read = office.get(&format!("/neighborhoods/{}", made.id())).await.is(200);
        assert_eq!(read.json, made.json);
        assert_eq!(read.header("etag"), made.header("etag"));
    }
}

on_both! {
    async fn nobody_but_the_province_adds_one(app: TestApp) {
        let place = app.neighborhood().make().await.id();
        for client in [app.viewer().await, app.agency("education").await, app.manager(&[&place]).await] {
            client.post("/neighborhoods", app.neighborhood().body()).await.refused(403, "forbidden");
        }
        app.anonymous().post("/neighborhoods", app.neighborhood().body()).await.refused(401, "unauthenticated");
        assert_eq!(app.province().await.get("/neighborhoods").await.items().len(), 1);
    }

    async fn another_province_sees_nothing_of_it(app: TestApp) {
        let place = app.neighborhood().coded("same").make().await;
        let other = app.another_province().await;
        let theirs = other.province().await;
        theirs.get(&format!("/neighborhoods/{}", place.id())).await.refused(404, "not_found");
        theirs.patch(&format!("/neighborhoods/{}", place.id()), json!({"population": 1}), 1).await.refused(404, "not_found");
        theirs.delete(&format!("/neighborhoods/{}", place.id()), 1).await.refused(404, "not_found");
        assert_eq!(theirs.get("/neighborhoods?with_total=true").await.json["total"], 0);
        assert_eq!(theirs.get("/neighborhoods?q=same").await.items().len(), 0);
        assert_eq!(theirs.get("/neighborhoods/export?format=ndjson").await.is(200).text(), "");
        // The same code is free in another province.
        other.neighborhood().coded("same").make().await;
    }

    async fn what_was_done_is_recorded(app: TestApp) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use mahalleh::db::{Id, schema::events::dsl};
        let office = app.province().await;
        let made = office.post("/neighborhoods", app.neighborhood().coded("x").named("ایکس").body()).header("x-request-id", "asked-1").await.is(201);
        let path = format!("/neighborhoods/{}", made.id());
        office.patch(&path, json!({"population": 7}), 1).await.is(200);
        office.delete(&path, 2).await.is(204);
        let id = Id::parse(&made.id());
        let events = app
            .read(move |conn| {
                let columns = (dsl::action, dsl::version, dsl::changes, dsl::actor_username, dsl::request_id);
                Ok(dsl::events.filter(dsl::resource_id.eq(id)).order(dsl::intake).select(columns).load::<(String, Option<i32>, String, Option<String>, Option<String>)>(conn)?)
            })
            .await;
        let told: Vec<_> = events.iter().map(|event| (event.0.as_str(), event.1)).collect();
        assert_eq!(told, [("created", Some(1)), ("updated", Some(2)), ("deleted", Some(2))]);
        assert_eq!(events[0].4.as_deref(), Some("asked-1"));
        assert_eq!(events[1].2, r#"[{"after":7,"before":null,"field":"population"}]"#);
        assert!(events.iter().all(|event| event.3.as_deref() == Some(office.username.as_str())));
    }
}
